/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States of pages, sets of flags, runs, summaries, places. */
#include <stdlib.h>
#include "model/pages.h"
#include "make_space.h"
#include "tap.h"

#define K(bit) (UINT64_C(1) << (bit))
#define PRES   PM_PRESENT

static const struct line lines[] = {
	{ 0x1000, 0x9000, "rw-p", 0, 0, 0, 0, "" },
	{ 0x10000, 0x18000, "r-xp", 0, 8, 1, 77, "/usr/lib/libc.so.6" },
	{ 0x20000, 0x28000, "rw-s", 0, 0, 1, 5, "/memfd:x (deleted)" },
	{ 0x30000, 0x38000, "rw-s", 0, 8, 1, 78, "/tmp/data" },
	{ 0x40000, 0x42000, "r-xp", 0, 0, 0, 0, "[vdso]" },
	{ 0x50000, 0x52000, "rw-p", 0, 0, 0, 0, "[stack]" },
	{ 0x60000, 0x62000, "rw-s", 0, 0, 5, 9, "/dev/fb0" },
	{ 0x70000, 0x72000, "rw-p", 0, 0, 0, 0, "[anon:pool]" },
};

enum { ANON, LIB, MEMFD, DATA, VDSO, STACK, DEV, POOL };

static struct space s;

static void test_names(void)
{
	IS_STR(kpf_name(KPF_LOCKED), "LOCKED");
	IS_STR(kpf_name(5), "LRU");
	IS_STR(kpf_name(22), "THP");
	IS_STR(kpf_name(23), "OFFLINE");
	IS_STR(kpf_name(24), "ZERO_PAGE");
	IS_STR(kpf_name(26), "PGTABLE");
	OK(!kpf_name(27));
	OK(!kpf_name(31));
	IS_STR(kpf_name(32), "RESERVED");
	IS_STR(kpf_name(33), "MLOCKED");
	IS_STR(kpf_name(34), "OWNER_2");
	IS_STR(kpf_name(42), "ARCH_3");
	OK(!kpf_name(43));
	OK(!kpf_name(63));
	OK(!kpf_name(64));
	OK(!kpf_name(4000));
}

static void test_flag_sets(void)
{
	struct flag_sets f;

	flag_sets_init(&f);
	IS(flag_sets_add(&f, 0), 0);
	IS(flag_sets_add(&f, UINT64_MAX), 1);
	IS(flag_sets_add(&f, 0), 0);
	for (u64 i = 0; i < 5000; i++)
		flag_sets_add(&f, i * i);
	/* 0 was there; the 4,999 other squares are new. */
	IS(f.n, 5001);
	IS(flag_sets_add(&f, 4999 * 4999), 5000);
	IS(f.words[1], UINT64_MAX);
	IS(f.words[2], 1);
	IS(flag_sets_add(&f, 49), 8);
	flag_sets_release(&f);
}

static enum page_state st(int vma, u64 pm)
{
	return page_state_of(&s, &s.vmas[vma], pm, false, 0);
}

static enum page_state stf(int vma, u64 pm, u64 flags)
{
	return page_state_of(&s, &s.vmas[vma], pm, true, flags);
}

static void test_states(void)
{
	const u64 swap = PM_SWAPPED | 3 << 5;

	IS(st(ANON, 0), PS_ABSENT);
	/* A soft-dirty mapping sets bit 55 of its empty entries. */
	IS(st(ANON, PM_SOFT_DIRTY), PS_ABSENT);
	IS(st(ANON, PRES | PM_EXCLUSIVE | 7), PS_ANON);
	/* Shared with a child, or the zero page: only flags tell. */
	IS(st(ANON, PRES | 7), PS_PRESENT);
	IS(stf(ANON, PRES | 7, K(KPF_ANON)), PS_ANON);
	IS(stf(ANON, PRES | 7, K(KPF_ZERO_PAGE)), PS_ZERO);
	IS(stf(ANON, PRES | 7, K(KPF_ZERO_PAGE) | K(KPF_THP)), PS_ZERO);
	IS(stf(LIB, PRES | PM_FILE, 0), PS_FILE);
	IS(stf(LIB, PRES | PM_FILE, K(KPF_DIRTY)), PS_FILE_DIRTY);
	IS(stf(DATA, PRES | PM_FILE, K(KPF_WRITEBACK)), PS_FILE_DIRTY);
	IS(stf(LIB, PRES | PM_EXCLUSIVE, K(KPF_ANON)), PS_ANON);
	IS(stf(MEMFD, PRES | PM_FILE, K(KPF_DIRTY)), PS_SHARED);
	IS(stf(MEMFD, PRES | PM_FILE, K(KPF_HUGE)), PS_HUGE);
	IS(stf(VDSO, PRES | PM_FILE, K(KPF_RESERVED)), PS_PRESENT);
	/* A frame without struct page, as drivers and [vvar] map them. */
	IS(stf(DEV, PRES | 7, 0), PS_PRESENT);
	IS(st(ANON, swap), PS_SWAPPED);
	IS(st(ANON, PM_SWAPPED), PS_SWAPPED);
	IS(st(ANON, PM_SWAPPED | PM_GUARD | 0x9f), PS_GUARD);
	/* 6.13 and 6.14 have guards but no bit for them. */
	IS(st(ANON, PM_SWAPPED | 0x9f), PS_GUARD);
	/* The marker of userfaultfd is not a guard, a migration entry not swap. */
	IS(st(ANON, PM_SWAPPED | 0x3f), PS_OTHER);
	IS(st(ANON, swap | PM_EXCLUSIVE), PS_OTHER);
	IS(st(ANON, swap | PM_FILE), PS_OTHER);
	IS(st(ANON, PM_SWAPPED | 5 << 5 | 26), PS_OTHER);
	IS(st(ANON, PM_SWAPPED | 5 << 5 | 20), PS_SWAPPED);
}

static void test_average(void)
{
	const u64 tail = K(KPF_COMPOUND_TAIL), head = K(KPF_COMPOUND_HEAD);

	OK(!count_is_average(&s, tail | K(KPF_THP)));
	s.host.average_counts = true;
	OK(count_is_average(&s, tail | K(KPF_THP)));
	OK(count_is_average(&s, head));
	OK(!count_is_average(&s, K(KPF_ANON)));
	OK(!count_is_average(&s, head | K(KPF_HUGE)));
	s.host.average_counts = false;
}

static void test_copied(void)
{
	OK(page_copied(&s.vmas[LIB], PRES | 7));
	OK(!page_copied(&s.vmas[LIB], PRES | PM_FILE | 7));
	OK(!page_copied(&s.vmas[LIB], PM_SWAPPED | 7));
	OK(!page_copied(&s.vmas[ANON], PRES | 7));
	OK(!page_copied(&s.vmas[DATA], PRES | 7));
}

static void rss_and_anon(int vma, u64 rss, u64 anon)
{
	const u8 fields[] = { SMAPS_RSS, SMAPS_ANONYMOUS };

	s.vmas[vma].schema = (u16)space_schema(&s, fields, 2);
	s.vmas[vma].smaps = (u32)s.smaps_bytes.len;
	s.vmas[vma].have |= VMA_HAVE_SMAPS;
	space_add_smaps_value(&s, rss);
	space_add_smaps_value(&s, anon);
}

static void test_present_state(void)
{
	IS(vma_present_state(&s, &s.vmas[ANON]), PS_ANON);
	IS(vma_present_state(&s, &s.vmas[STACK]), PS_ANON);
	IS(vma_present_state(&s, &s.vmas[POOL]), PS_ANON);
	IS(vma_present_state(&s, &s.vmas[MEMFD]), PS_SHARED);
	IS(vma_present_state(&s, &s.vmas[DATA]), PS_FILE);
	IS(vma_present_state(&s, &s.vmas[VDSO]), PS_PRESENT);
	IS(vma_present_state(&s, &s.vmas[DEV]), PS_PRESENT);
	/* A page of a private file mapping may be a copy, even where it is read-only now (RELRO).
	 */
	IS(vma_present_state(&s, &s.vmas[LIB]), PS_PRESENT);
	rss_and_anon(LIB, 16, 0);
	IS(vma_present_state(&s, &s.vmas[LIB]), PS_FILE);
	rss_and_anon(LIB, 16, 16);
	IS(vma_present_state(&s, &s.vmas[LIB]), PS_ANON);
	rss_and_anon(LIB, 16, 4);
	IS(vma_present_state(&s, &s.vmas[LIB]), PS_PRESENT);
	rss_and_anon(LIB, 0, 0);
	IS(vma_present_state(&s, &s.vmas[LIB]), PS_PRESENT);
}

static void test_pm_after(void)
{
	IS(pm_after(PRES | PM_EXCLUSIVE | 100, 5), PRES | PM_EXCLUSIVE | 105);
	IS(pm_after(PRES | PM_FILE, 5), PRES | PM_FILE);
	IS(pm_after(PM_SWAPPED | 9 << 5 | 1, 2), PM_SWAPPED | 11 << 5 | 1);
	IS(pm_after(PM_SWAPPED, 2), PM_SWAPPED);
	IS(pm_after(PM_SWAPPED | PM_GUARD | 0x9f, 2), PM_SWAPPED | PM_GUARD | 0x9f);
}

/* ---------------------------------------------------------------- runs */

static struct page_run runs[64];
static size_t nruns;

static int keep_run(void *ctx, const struct page_run *run)
{
	(void)ctx;
	runs[nruns++] = *run;
	return 0;
}

static void test_merger(void)
{
	struct flag_sets sets;
	struct run_merger m = { .space = &s, .emit = keep_run };
	u32 lru, thp;

	flag_sets_init(&sets);
	lru = flag_sets_add(&sets, K(KPF_LRU));
	thp = flag_sets_add(&sets, K(KPF_THP));
	{
		const struct page_rec rec[] = {
			{ PRES | 100, lru, 1 },		  { PRES | 101, lru, 1 }, /* one run */
			{ PRES | 102, lru, 2 },					  /* other count */
			{ PRES | 103, thp, 2 },					  /* other flags */
			{ PRES | 105, thp, 2 },					  /* PFN skips */
			{ PRES | PM_FILE | 106, thp, 2 },			  /* other bits */
		};
		const struct page_batch b = {
			.addr = 0x1000, .n = 6, .vma = 0, .rec = rec, .sets = &sets
		};

		IS(run_merger_feed(&m, &b), 0);
	}
	{
		/* Goes on where the batch before ended. */
		const struct page_rec rec[] = { { PRES | PM_FILE | 107, thp, 2 },
						{ PM_SWAPPED | 8 << 5, FLAGS_UNKNOWN,
						  COUNT_UNKNOWN } };
		const struct page_batch b = {
			.addr = 0x7000, .n = 2, .vma = 0, .rec = rec, .sets = &sets
		};

		run_merger_feed(&m, &b);
	}
	{
		const struct page_batch absent = {
			.addr = 0x10000, .n = 3, .vma = 1, .absent = true
		};
		const struct page_batch more = {
			.addr = 0x13000, .n = 5, .vma = 1, .absent = true
		};

		run_merger_feed(&m, &absent);
		run_merger_feed(&m, &more);
	}
	{
		const struct page_rec rec[] = { { PRES | 512, lru, 1 }, { PRES | 513, thp, 1 } };
		const struct page_batch unit = { .addr = 0x20000,
						 .n = 8,
						 .vma = 2,
						 .unit = true,
						 .huge = true,
						 .rec = rec,
						 .sets = &sets };

		run_merger_feed(&m, &unit);
	}
	/* The last one is still open. */
	IS(nruns, 8);
	run_merger_end(&m);
	run_merger_end(&m);
	IS(nruns, 9);
	IS(runs[0].addr, 0x1000);
	IS(runs[0].n, 2);
	IS(runs[0].pm, PRES | 100);
	IS(runs[0].flags, K(KPF_LRU));
	IS(runs[0].count, 1);
	IS(runs[1].n, 1);
	IS(runs[1].count, 2);
	IS(runs[2].flags, K(KPF_THP));
	IS(runs[3].pm, PRES | 105);
	IS(runs[4].addr, 0x6000);
	IS(runs[4].n, 2);
	IS(page_run_state(&s, &runs[4]), PS_PRESENT);
	IS(runs[5].addr, 0x8000);
	IS(runs[5].have_flags, 0);
	IS(runs[5].count, COUNT_UNKNOWN);
	IS(page_run_state(&s, &runs[5]), PS_SWAPPED);
	IS(runs[6].absent, 1);
	IS(runs[6].addr, 0x10000);
	IS(runs[6].n, 8);
	IS(page_run_state(&s, &runs[6]), PS_ABSENT);
	IS(runs[7].n, 1);
	IS(runs[8].n, 7);
	IS(runs[8].addr, 0x21000);
	IS(runs[8].pm, PRES | 513);
	IS(page_run_state(&s, &runs[8]), PS_HUGE);
	flag_sets_release(&sets);
}

/* Masked PFNs, guards, cgroups, and frames without addresses. */
static void test_merger_special(void)
{
	struct flag_sets sets;
	struct run_merger m = { .space = &s, .emit = keep_run };
	const u64 guard = PM_SWAPPED | PM_GUARD | 0x9f;
	u64 cgroup[] = { 1, 1, 2 };
	u32 id;

	flag_sets_init(&sets);
	id = flag_sets_add(&sets, K(KPF_BUDDY));
	nruns = 0;
	{
		const struct page_rec rec[] = {
			{ PRES, FLAGS_UNKNOWN, 1 },
			{ PRES, FLAGS_UNKNOWN, 1 },
			{ guard, FLAGS_UNKNOWN, COUNT_UNKNOWN },
			{ guard, FLAGS_UNKNOWN, COUNT_UNKNOWN },
		};
		const struct page_batch b = {
			.addr = 0x1000, .n = 4, .vma = 0, .rec = rec, .sets = &sets
		};

		run_merger_feed(&m, &b);
	}
	{
		const struct page_rec rec[] = { { 7, id, 0 }, { 8, id, 0 }, { 9, id, 0 } };
		const struct page_batch b = { .addr = 7,
					      .n = 3,
					      .vma = NO_INDEX,
					      .rec = rec,
					      .cgroup = cgroup,
					      .sets = &sets };

		run_merger_feed(&m, &b);
	}
	run_merger_end(&m);
	IS(nruns, 4);
	IS(runs[0].n, 2);
	IS(runs[1].n, 2);
	IS(runs[1].pm, guard);
	IS(page_run_state(&s, &runs[1]), PS_GUARD);
	IS(runs[2].addr, 7);
	IS(runs[2].n, 2);
	IS(runs[2].cgroup, 1);
	IS(runs[3].addr, 9);
	IS(runs[3].cgroup, 2);
	flag_sets_release(&sets);
}

static int stop_at_once(void *ctx, const struct page_run *run)
{
	(void)ctx;
	(void)run;
	return 42;
}

static void test_merger_stops(void)
{
	struct run_merger m = { .space = &s, .emit = stop_at_once };
	const struct page_batch a = { .addr = 0x1000, .n = 1, .vma = 0, .absent = true };
	const struct page_batch b = { .addr = 0x10000, .n = 1, .vma = 1, .absent = true };

	IS(run_merger_feed(&m, &a), 0);
	IS(run_merger_feed(&m, &b), 42);
}

/* ---------------------------------------------------------------- summary */

static u64 pages_of(const struct page_summary *p, u64 word)
{
	for (size_t id = 0; id < p->sets.n; id++)
		if (p->sets.words[id] == word)
			return p->by_set[id];
	return 0;
}

static void test_summary(void)
{
	struct flag_sets a, b;
	struct page_summary sum;
	struct page_summary_feed feed = { &sum, &s };

	page_summary_init(&sum, &s, true);
	flag_sets_init(&a);
	flag_sets_init(&b);
	/* The same ids mean different words in the two batches. */
	flag_sets_add(&a, K(KPF_ANON));
	flag_sets_add(&a, K(KPF_ZERO_PAGE));
	flag_sets_add(&b, K(KPF_ZERO_PAGE));
	flag_sets_add(&b, K(KPF_THP) | K(KPF_ANON));
	{
		const struct page_rec rec[] = {
			{ PRES | PM_EXCLUSIVE | 9, 0, 1 },
			{ PRES | PM_EXCLUSIVE | 30, 0, 1 },
			{ PRES | 4, 1, 0 },
			{ PRES | 12, 0, 7 },
			{ PRES | 13, 0, 8 },
			{ PM_SWAPPED | 5 << 5, FLAGS_UNKNOWN, COUNT_UNKNOWN },
			{ PM_SWAPPED | PM_GUARD | 0x9f, FLAGS_UNKNOWN, COUNT_UNKNOWN },
			{ PM_SWAPPED | 0x3f, FLAGS_UNKNOWN, COUNT_UNKNOWN },
		};
		const struct page_batch batch = {
			.addr = 0x1000, .n = 8, .vma = 0, .rec = rec, .sets = &a
		};

		IS(page_summary_add(&feed, &batch), 0);
	}
	{
		const struct page_rec rec[] = { { PRES | 4, 0, 0 },
						{ PRES | 7, FLAGS_UNKNOWN, COUNT_UNKNOWN } };
		const struct page_batch batch = {
			.addr = 0x10000, .n = 2, .vma = LIB, .rec = rec, .sets = &b
		};

		page_summary_add(&feed, &batch);
	}
	{
		const struct page_rec rec[] = { { PRES | 512, 1, 2 }, { PRES | 513, 1, 2 } };
		const struct page_batch batch = { .addr = 0x20000,
						  .n = 8,
						  .vma = MEMFD,
						  .unit = true,
						  .huge = true,
						  .rec = rec,
						  .sets = &b };
		const struct page_batch absent = {
			.addr = 0x30000, .n = 6, .vma = DATA, .absent = true
		};

		page_summary_add(&feed, &batch);
		page_summary_add(&feed, &absent);
	}
	IS(sum.sets.n, 3);
	IS(pages_of(&sum, K(KPF_ANON)), 4);
	IS(pages_of(&sum, K(KPF_ZERO_PAGE)), 2);
	IS(pages_of(&sum, K(KPF_THP) | K(KPF_ANON)), 8);
	IS(sum.mapped_total, 15);
	IS(sum.unknown, 1);
	IS(sum.swapped, 1);
	IS(sum.guard, 1);
	IS(sum.other, 1);
	IS(sum.count_hist[0], 2);
	IS(sum.count_hist[1], 2);
	IS(sum.count_hist[2], 9);
	IS(sum.count_hist[3], 1);
	IS(sum.count_unknown, 1);
	IS(sum.nvmas, s.nvmas);
	IS(sum.vma[0].state[PS_ANON], 4);
	IS(sum.vma[0].state[PS_ZERO], 1);
	IS(sum.vma[0].state[PS_SWAPPED], 1);
	IS(sum.vma[0].state[PS_GUARD], 1);
	IS(sum.vma[0].state[PS_OTHER], 1);
	IS(sum.vma[LIB].state[PS_ZERO], 1);
	IS(sum.vma[LIB].state[PS_PRESENT], 1);
	IS(sum.vma[LIB].copied, 2);
	IS(sum.vma[MEMFD].state[PS_HUGE], 8);
	IS(sum.vma[DATA].state[PS_ABSENT], 6);
	flag_sets_release(&a);
	flag_sets_release(&b);
	page_summary_release(&sum);
}

static void test_frames(void)
{
	struct flag_sets sets;
	struct page_summary sum;
	struct page_summary_feed feed = { &sum, &s };

	page_summary_init(&sum, &s, false);
	flag_sets_init(&sets);
	for (u64 i = 0; i < 40; i++)
		flag_sets_add(&sets, i << 1);
	for (u32 i = 0; i < 40; i++) {
		const struct page_rec rec[] = { { i * 2, i, 0 }, { i * 2 + 1, i, 1 } };
		const struct page_batch b = {
			.addr = i * 2, .n = 2, .vma = NO_INDEX, .rec = rec, .sets = &sets
		};

		page_summary_add(&feed, &b);
	}
	IS(sum.mapped_total, 80);
	IS(sum.sets.n, 40);
	IS(pages_of(&sum, 78), 2);
	IS(pages_of(&sum, 0), 2);
	IS(sum.count_hist[1], 40);
	OK(!sum.vma);
	flag_sets_release(&sets);
	page_summary_release(&sum);
}

/* ---------------------------------------------------------------- places */

static void test_places(void)
{
	struct zone zones[] = { { 1, 4095, 0, "DMA" },
				{ 4096, 99999, 0, "Normal" },
				{ 50000, 200000, 1, "Normal" } };
	struct swap_area areas[] = { { NULL, 400 }, { NULL, 400 } };
	struct memcg groups[] = { { 3, NULL }, { 9, NULL }, { 12, NULL } };
	struct places p = { zones, 3, areas, 2, groups, 3 };
	char a[] = "/a", b[] = "/b", c[] = "/c";
	const u64 in = PM_SWAPPED;

	groups[0].path = a;
	groups[1].path = b;
	groups[2].path = c;
	OK(places_zone(&p, 1) == &zones[0]);
	OK(places_zone(&p, 4095) == &zones[0]);
	OK(places_zone(&p, 4096) == &zones[1]);
	OK(!places_zone(&p, 0));
	/* Two nodes span it. */
	OK(!places_zone(&p, 60000));
	OK(places_zone(&p, 200000) == &zones[2]);
	OK(!places_zone(&p, 200001));
	IS_STR(places_memcg(&p, 3), "/a");
	IS_STR(places_memcg(&p, 9), "/b");
	IS_STR(places_memcg(&p, 12), "/c");
	OK(!places_memcg(&p, 0));
	OK(!places_memcg(&p, 13));
	OK(places_swap(&p, in | 7 << 5 | 1, 4096) == &areas[1]);
	OK(places_swap(&p, in | 7 << 5, 4096) == &areas[0]);
	OK(!places_swap(&p, in | 7 << 5 | 2, 4096));
	/* 400 KiB: offsets 1 to 100. */
	OK(places_swap(&p, in | 100 << 5, 4096) == &areas[0]);
	OK(!places_swap(&p, in | 101 << 5, 4096));
	/* Masked, guard, present. */
	OK(!places_swap(&p, in, 4096));
	OK(!places_swap(&p, in | PM_GUARD | 0x9f, 4096));
	OK(!places_swap(&p, PM_PRESENT | 7 << 5, 4096));
	/* There is but one area: the type does not matter. */
	p.nswaps = 1;
	OK(places_swap(&p, in | 7 << 5 | 3, 4096) == &areas[0]);
}

int main(void)
{
	make_space(&s, lines, ARRAY_SIZE(lines));
	test_names();
	test_flag_sets();
	test_states();
	test_average();
	test_copied();
	test_present_state();
	test_pm_after();
	test_merger();
	test_merger_special();
	test_merger_stops();
	test_summary();
	test_frames();
	test_places();
	space_release(&s);
	return tap_done();
}
