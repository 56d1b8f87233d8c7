/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters, bars and walks: of made-up pages, of a recorded tree, and of this very process. */
#include <endian.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include "made_tree.h"
#include "make_space.h"
#include "proc/pageio.h"
#include "proc/states.h"
#include "tap.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

static const struct line lines[] = {
	{ 0x10000, 0x14000, "rw-p", 0, 0, 0, 0, "" },
	{ 0x100000, 0x200000, "rw-p", 0, 0, 0, 0, "[heap]" },
	{ 0x200000, 0x202000, "r--s", 0, 8, 1, 7, "/tmp/data" },
	{ 0xffffffffff600000, 0xffffffffff601000, "--xp", 0, 0, 0, 0, "[vsyscall]" },
};

enum { SMALL, HEAP, DATA, VSYSCALL };

static unsigned slice_of(const struct space *s, int vma, unsigned i)
{
	return (u8)s->slices.p[s->vmas[vma].slices + i];
}

/* What its entry says of a page counts where the mapping cannot tell, and nowhere else. */
static void test_tally_mixed(void)
{
	static const struct line cow[] = { { 0x10000, 0x14000, "rw-p", 0, 8, 1, 7, "/tmp/cow" } };
	static const u8 fields[] = { SMAPS_RSS, SMAPS_ANONYMOUS };

	for (unsigned anon = 0; anon <= 8; anon += 4) {
		bool mixed = anon == 4;
		enum page_state all = anon ? PS_ANON : PS_FILE;
		struct tally t;
		struct space s;

		make_space(&s, cow, 1);
		set_smaps(&s, &s.vmas[0], fields, (const u64[]){ 8, anon }, 2);
		IS(vma_is_mixed(&s, &s.vmas[0]), mixed);
		tally_begin(&t, &s, false);
		tally_add(&t, 0x10000, 1, PS_FILE, false);
		tally_add(&t, 0x11000, 1, PS_ANON, false);
		tally_add(&t, 0x12000, 1, PS_ZERO, false);
		tally_add(&t, 0x13000, 1, PS_PRESENT, false);
		tally_end(&t);
		IS(s.vmas[0].pages.present, 4);
		IS(slice_of(&s, 0, 0), SLICE(mixed ? PS_FILE : all, 15));
		IS(slice_of(&s, 0, 1), SLICE(mixed ? PS_ANON : all, 15));
		IS(slice_of(&s, 0, 2), SLICE(PS_ZERO, 15));
		IS(slice_of(&s, 0, 3), SLICE(mixed ? PS_PRESENT : all, 15));
		space_release(&s);
	}
}

static void test_tally(void)
{
	struct tally t;
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	tally_begin(&t, &s, false);
	tally_add(&t, 0x11000, 1, PS_PRESENT, false);
	tally_add(&t, 0x13000, 1, PS_GUARD, false);
	/* Nothing is mapped between the two; the part before the heap is left out. */
	tally_add(&t, 0xf8000, 16, PS_PRESENT, false);
	tally_add(&t, 0x120000, 3, PS_SWAPPED, false);
	tally_add(&t, 0x123000, 1, PS_ZERO, false);
	/* Two mappings at once. */
	tally_add(&t, 0x1fe000, 3, PS_PRESENT, true);
	tally_end(&t);
	IS(s.vmas[SMALL].pages.present, 1);
	IS(s.vmas[SMALL].pages.guard, 1);
	IS(s.vmas[SMALL].pages.swapped, 0);
	IS(s.vmas[SMALL].pages.lowest, 0x11000);
	IS(s.vmas[SMALL].nslices, 4);
	IS(slice_of(&s, SMALL, 0), SLICE(PS_ABSENT, 0));
	IS(slice_of(&s, SMALL, 1), SLICE(PS_ANON, 15));
	IS(slice_of(&s, SMALL, 3), SLICE(PS_GUARD, 15));
	/* 256 pages in 64 slices of four. */
	IS(s.vmas[HEAP].nslices, 64);
	IS(s.vmas[HEAP].pages.present, 8 + 1 + 2);
	IS(s.vmas[HEAP].pages.swapped, 3);
	IS(s.vmas[HEAP].pages.zero, 1);
	IS(s.vmas[HEAP].pages.huge, 2);
	IS(s.vmas[HEAP].pages.lowest, 0x100000);
	IS(slice_of(&s, HEAP, 0), SLICE(PS_ANON, 15));
	IS(slice_of(&s, HEAP, 1), SLICE(PS_ANON, 15));
	IS(slice_of(&s, HEAP, 2), SLICE(PS_ABSENT, 0));
	IS(slice_of(&s, HEAP, 8), SLICE(PS_SWAPPED, 15));
	IS(slice_of(&s, HEAP, 9), SLICE(PS_ABSENT, 0));
	IS(slice_of(&s, HEAP, 63), SLICE(PS_HUGE, 8));
	IS(s.vmas[DATA].pages.present, 1);
	IS(slice_of(&s, DATA, 0), SLICE(PS_HUGE, 15));
	IS(slice_of(&s, DATA, 1), SLICE(PS_ABSENT, 0));
	IS(s.vmas[DATA].have & VMA_HAVE_PAGES, VMA_HAVE_PAGES);
	IS(s.vmas[VSYSCALL].have & VMA_HAVE_PAGES, 0);
	IS(s.vmas[VSYSCALL].slices, NO_INDEX);
	IS(s.slices.len, 4 + 64 + 2);
	/* Again, with nothing: all is forgotten. */
	tally_begin(&t, &s, false);
	tally_end(&t);
	IS(s.vmas[HEAP].pages.present, 0);
	IS(slice_of(&s, HEAP, 0), SLICE(PS_ABSENT, 0));
	IS(s.slices.len, 70);
	space_release(&s);
}

/* 100 pages in 64 slices: of one or two pages each; and a mapping of 64 TiB. */
static void test_uneven_slices(void)
{
	const struct line odd[] = { { 0x1000, 0x65000, "rw-p", 0, 0, 0, 0, "" },
				    { UINT64_C(1) << 45, UINT64_C(1) << 46, "---p", 0, 0, 0, 0,
				      "" } };
	struct tally t;
	struct space s;
	unsigned fills = 0;

	make_space(&s, odd, 2);
	tally_begin(&t, &s, false);
	for (u64 i = 0; i < 100; i++)
		tally_add(&t, 0x1000 + i * 0x1000, 1, i % 2 ? PS_ANON : PS_ZERO, false);
	tally_add(&t, UINT64_C(1) << 45, UINT64_C(1) << 26, PS_PRESENT, false);
	tally_end(&t);
	for (unsigned i = 0; i < 64; i++)
		fills += SLICE_FILL(slice_of(&s, 0, i)) == 15;
	IS(fills, 64);
	/* Pages 0 and 2 have a slice each, 1 goes with 2: a tie goes to what the legend has first.
	 */
	IS(slice_of(&s, 0, 0), SLICE(PS_ZERO, 15));
	IS(slice_of(&s, 0, 1), SLICE(PS_ANON, 15));
	IS(s.vmas[0].pages.present, 100);
	IS(s.vmas[0].pages.zero, 50);
	IS(s.vmas[1].pages.present, UINT64_C(1) << 26);
	/* 2^33 pages, 2^27 a slice: half of the first. */
	IS(slice_of(&s, 1, 0), SLICE(PS_ANON, 8));
	IS(slice_of(&s, 1, 1), SLICE(PS_ABSENT, 0));
	space_release(&s);
}

/* Where guards look like swap, a mapping whose smaps has no swap holds none. */
static void test_distrust(void)
{
	const u8 field = SMAPS_SWAP;
	struct tally t;
	struct space s;

	make_space(&s, lines, 2);
	for (int i = 0; i < 2; i++) {
		s.vmas[i].schema = (u16)space_schema(&s, &field, 1);
		s.vmas[i].smaps = (u32)s.smaps_bytes.len;
		s.vmas[i].have |= VMA_HAVE_SMAPS;
		space_add_smaps_value(&s, i ? 4 : 0);
	}
	tally_begin(&t, &s, true);
	tally_add(&t, 0x10000, 4, PS_SWAPPED, false);
	tally_add(&t, 0x100000, 4, PS_SWAPPED, false);
	tally_end(&t);
	IS(slice_of(&s, 0, 0), SLICE(PS_OTHER, 15));
	IS(slice_of(&s, 1, 0), SLICE(PS_SWAPPED, 15));
	IS(s.vmas[0].pages.swapped, 4);
	space_release(&s);
}

/* ---------------------------------------------------------------- pages.txt */

static bool parse(const char *line, struct page_run *run)
{
	return pagetxt_parse(line, strlen(line), 4096, run);
}

static void test_parse(void)
{
	static const char *const bad[] = {
		"",
		"1000",
		"1000 1",
		"1000 1 8000000000000001",
		"1000 1 8000000000000001 -",
		"1001 1 8000000000000001 - -",
		"1000 0 8000000000000001 - -",
		"1000 1 0 - -",
		"1000 1 0080000000000000 - -",
		"1000 x 8000000000000001 - -",
		"1000 1 8000000000000001 - - 5 huge x",
		"1000 1 8000000000000001 - - hugely",
		"1000 1 8000000000000001 - -5",
		"1000 1 8000000000000001 zz -",
		"1000 1 8000000000000001 - - hug",
		"- 1 8000000000000001 - -",
		"1000 - 8000000000000001 - -",
		"1000 1 - - -",
		"1000 -1 8000000000000001 - -",
		"ffffffffffffe000 3 8000000000000001 - -",
		"1000 99999999999999999999 8000000000000001 - -",
		"0 3 807ffffffffffffe - -",
		"10000000000000000 1 8000000000000001 - -",
		"1000 2 407fffffffffffe0 - -",
		"1000 1 8000000000000001 - - 5 5",
	};
	struct page_run run;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (parse(bad[i], &run))
			IS_STR(bad[i], "refused");
	OK(parse("7f4b207d0000 4 a10000000012f6a0 400000010086c 1 77 huge", &run));
	IS(run.addr, 0x7f4b207d0000);
	IS(run.n, 4);
	IS(run.pm, 0xa10000000012f6a0);
	IS(run.have_flags, 1);
	IS(run.flags, 0x400000010086c);
	IS(run.count, 1);
	IS(run.cgroup, 77);
	IS(run.huge, 1);
	OK(parse("  1000\t2 4000000000000000 - - ", &run));
	IS(run.have_flags, 0);
	IS(run.count, COUNT_UNKNOWN);
	IS(run.huge, 0);
	OK(parse("1000 2 8000000000000000 - 99999999999 -", &run));
	IS(run.count, COUNT_UNKNOWN - 1);
	OK(parse("1000 2 8000000000000000 - 1 huge", &run));
	IS(run.huge, 1);
	/* The last page of all, and the last PFNs. */
	OK(parse("fffffffffffff000 1 8000000000000001 - -", &run));
	OK(parse("0 2 807ffffffffffffe - -", &run));
}

static const char pages_txt[] =
	"# made for a test\n"
	"11000 1 8100000000000100 5828 1 9\n"
	"\n"
	"12000 2 440000000000009f - -\n"
	"100000 4 8100000000000200 5828 1 9\n"
	"100000 1 8100000000000900 5828 1 9\n" /* falls back: left out */
	"104000 2 8000000000000007 1000000 0\n"
	"rubbish\n"
	"110000 16 4000000000000340 - -\n"
	"1ff000 3 a000000000000400 86c 3 huge"; /* two mappings, no newline */

struct seen {
	struct page_run run[32];
	size_t n;
	bool order;
	u64 end;
};

static int see(void *ctx, const struct page_run *run)
{
	struct seen *seen = ctx;

	seen->order &= run->addr >= seen->end;
	seen->end = run->addr + run->n * 4096;
	if (seen->n < ARRAY_SIZE(seen->run))
		seen->run[seen->n++] = *run;
	return 0;
}

static int feed(void *ctx, const struct page_batch *b)
{
	return run_merger_feed(ctx, b);
}

static int walk(struct piddir *d, struct space *s, struct range r, unsigned want, unsigned threads,
		page_walk_fn *fn, void *ctx)
{
	const struct walk_opts o = { .range = r, .want = want, .threads = threads };

	return page_walk(d, s, &o, fn, ctx);
}

static void walk_text(struct space *s, struct range r, unsigned want, struct seen *seen)
{
	const struct pagetxt_source src = { -1, pages_txt, sizeof(pages_txt) - 1 };
	const struct walk_opts o = { .range = r, .want = want };
	struct run_merger m = { .space = s, .emit = see, .ctx = seen };

	*seen = (struct seen){ .order = true };
	IS(-pagetxt_walk_source(&src, s, &o, feed, &m), 0);
	run_merger_end(&m);
}

static void test_walk_text(void)
{
	struct seen w;
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	walk_text(&s, RANGE_ALL, WALK_FLAGS | WALK_COUNT | WALK_CGROUP, &w);
	OK(w.order);
	if (IS(w.n, 7)) {
		IS(w.run[0].addr, 0x11000);
		IS(w.run[0].flags, 0x5828);
		IS(w.run[0].cgroup, 9);
		IS(page_run_state(&s, &w.run[0]), PS_ANON);
		IS(page_run_state(&s, &w.run[1]), PS_GUARD);
		IS(w.run[1].n, 2);
		IS(w.run[2].n, 4);
		IS(PM_PFN(w.run[2].pm), 0x200);
		IS(page_run_state(&s, &w.run[3]), PS_ZERO);
		IS(w.run[4].n, 16);
		IS(page_run_state(&s, &w.run[4]), PS_SWAPPED);
		/* Cut at the border of two mappings; the PFNs go on. */
		IS(w.run[5].n, 1);
		IS(w.run[5].vma, HEAP);
		IS(w.run[5].count, 3);
		IS(w.run[6].addr, 0x200000);
		IS(w.run[6].n, 2);
		IS(PM_PFN(w.run[6].pm), 0x401);
		IS(page_run_state(&s, &w.run[6]), PS_HUGE);
	}
	if (IS(s.nnotes, 1)) {
		IS(s.notes[0].kind, NOTE_CONFLICT);
		IS_STR(s.notes[0].text, "2 malformed lines left out");
	}
	/* A part, of which nothing but the entries was asked, with what is not there. */
	walk_text(&s, (struct range){ 0x101123, 0x113fff }, WALK_ABSENT, &w);
	if (IS(w.n, 4)) {
		IS(w.run[0].addr, 0x101000);
		IS(w.run[0].n, 3);
		IS(PM_PFN(w.run[0].pm), 0x201);
		IS(w.run[0].have_flags, 0);
		IS(w.run[0].count, COUNT_UNKNOWN);
		IS(w.run[1].n, 2);
		IS(w.run[2].absent, 1);
		IS(w.run[2].addr, 0x106000);
		IS(w.run[2].n, 10);
		IS(w.run[3].n, 4);
		IS(PM_SWAP_OFF(w.run[3].pm), 26);
	}
	space_release(&s);
}

/* With WALK_ABSENT every page of every mapping comes once, but for those beyond the user half. */
static void test_absent(void)
{
	struct seen w;
	struct space s;
	u64 n = 0;

	make_space(&s, lines, ARRAY_SIZE(lines));
	walk_text(&s, RANGE_ALL, WALK_ABSENT, &w);
	OK(w.order);
	for (size_t i = 0; i < w.n; i++)
		n += w.run[i].n;
	IS(n, 4 + 256 + 2);
	IS(w.run[0].absent, 1);
	IS(w.run[0].addr, 0x10000);
	space_release(&s);
}

static void test_tree(void)
{
	struct piddir *d;
	struct root *r;
	struct space s;
	pid_t tgid;

	made_tree_new("x86_64");
	made_tree_text("proc/100/status", "Name:\tx\nTgid:\t100\nPid:\t100\n");
	made_tree_text("proc/100/pages.txt", pages_txt);
	make_space(&s, lines, ARRAY_SIZE(lines));
	if (IS(-root_tree(made_tree, &r), 0) && IS(-piddir_open(r, 100, &d, &tgid), 0)) {
		IS(-scan_read(d, &s), 0);
		OK(s.have_scan);
		IS(s.vmas[SMALL].pages.present, 1);
		IS(s.vmas[SMALL].pages.guard, 2);
		IS(s.vmas[HEAP].pages.present, 4 + 2 + 1);
		IS(s.vmas[HEAP].pages.zero, 2);
		IS(s.vmas[HEAP].pages.swapped, 16);
		IS(s.vmas[HEAP].pages.huge, 1);
		IS(s.vmas[DATA].pages.huge, 2);
		unlink(made_tree_path("proc/100/pages.txt"));
		IS(-scan_read(d, &s), ENOENT);
		OK(!s.have_scan);
		IS(s.vmas[HEAP].have & VMA_HAVE_PAGES, 0);
		IS(s.notes[s.nnotes - 1].kind, NOTE_ABSENT);
		IS_STR(s.notes[s.nnotes - 1].source, "pages.txt");
		piddir_close(d);
		root_free(r);
	}
	space_release(&s);
	made_tree_remove();
}

/* ---------------------------------------------------------------- this process */

#define PAGES 600
static char *here;

/* What page i of `here` is. */
static enum page_state expect(size_t i, bool guards)
{
	if (i % 7 == 3 && guards)
		return PS_GUARD;
	if (i >= 500)
		return PS_ABSENT;
	if (i < 300)
		return i % 3 ? PS_ANON : PS_ABSENT;
	return PS_ANON;
}

static bool map_here(void)
{
	bool guards = true;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	/* Nothing else beside it, so that it is a mapping of its own. */
	here = mmap(NULL, (PAGES + 2) * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (here == MAP_FAILED) {
		puts("Bail out! mmap");
		exit(1);
	}
	here += page;
	mprotect(here, PAGES * page, PROT_READ | PROT_WRITE);
	madvise(here, PAGES * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		if (expect(i, false) == PS_ANON)
			here[i * page] = 1;
	for (size_t i = 3; i < PAGES && guards; i += 7)
		guards = !madvise(here + i * page, page, MADV_GUARD_INSTALL);
	return guards;
}

struct live {
	u8 state[PAGES];
	size_t twice, outside;
	const struct space *s;
	u64 end;
};

static int see_live(void *ctx, const struct page_batch *b)
{
	struct live *l = ctx;
	u64 base = (u64)(uintptr_t)here, size = l->s->host.page_size;

	l->twice += b->addr < l->end;
	l->end = b->addr + b->n * size;
	for (size_t i = 0; i < b->n; i++) {
		u64 page = (b->addr + i * size - base) / size;

		if (b->addr + i * size < base || page >= PAGES)
			l->outside++;
		else if (b->absent)
			l->state[page] = PS_ABSENT;
		else if (b->rec[i].pm & PM_PRESENT)
			l->state[page] = PS_ANON;
		else
			l->state[page] = (u8)page_state_of(l->s, NULL, b->rec[i].pm, false, 0);
	}
	return 0;
}

static void test_live_walk(struct piddir *d, struct space *s, bool guards, unsigned want,
			   unsigned threads)
{
	u64 base = (u64)(uintptr_t)here;
	struct live l = { .s = s };
	size_t wrong = 0;

	memset(l.state, 255, sizeof(l.state));
	IS(-walk(d, s, range_of(base, base + PAGES * (u64)s->host.page_size), want, threads,
		 see_live, &l),
	   0);
	IS(l.twice, 0);
	IS(l.outside, 0);
	for (size_t i = 0; i < PAGES; i++) {
		enum page_state st = expect(i, guards);

		if (!(want & WALK_ABSENT) && st == PS_ABSENT)
			wrong += l.state[i] != 255;
		else
			wrong += l.state[i] != st;
	}
	IS(wrong, 0);
}

/* Small mappings, then a large one with holes of every size, dense and sparse, all in one area. */
#define AREA 40000

static size_t map_area(char *area, size_t page)
{
	static const size_t holes[] = { 1, 2, 3, 100, 159, 160, 161, 162, 400 };
	size_t at = 0, nvmas = 0;

	/* Between the small ones stays what can neither be read nor written. */
	for (size_t i = 0; i < ARRAY_SIZE(holes); i++) {
		size_t len = 1 + i * 3;

		mprotect(area + at * page, len * page, PROT_READ | PROT_WRITE);
		for (size_t k = 0; k < len; k += 1 + i % 3)
			area[(at + k) * page] = 1;
		at += len + holes[i];
		nvmas++;
	}
	mprotect(area + at * page, (AREA - at) * page, PROT_READ | PROT_WRITE);
	for (size_t k = 0; at < AREA; k++) {
		area[at * page] = 1;
		at += k < 200 ? holes[k % ARRAY_SIZE(holes)] : k < 12000 ? 1 : k < 14000 ? 3 : 200;
	}
	return nvmas + 1;
}

struct area_walk {
	u64 base;
	u32 page_size;
	u64 pm[AREA];
};

static int see_area(void *ctx, const struct page_batch *b)
{
	struct area_walk *w = ctx;

	for (size_t i = 0; i < b->n; i++) {
		size_t page = (size_t)((b->addr - w->base) / w->page_size + i);

		if (!b->absent && page < AREA)
			w->pm[page] = b->unit && i ? pm_after(b->rec[1].pm, i - 1) : b->rec[i].pm;
	}
	return 0;
}

static void test_live_area(struct piddir *d, struct space *s, char *area, const u64 *entries,
			   unsigned want, unsigned threads)
{
	u64 base = (u64)(uintptr_t)area, size = (u64)AREA * s->host.page_size;
	struct area_walk *w = xcalloc(1, sizeof(*w));
	size_t wrong = 0, there = 0;

	w->base = base;
	w->page_size = s->host.page_size;
	IS(-walk(d, s, range_of(base, base + size), want, threads, see_area, w), 0);
	for (size_t i = 0; i < AREA; i++) {
		wrong += w->pm[i] != (PM_HERE(entries[i]) ? entries[i] : 0);
		there += PM_HERE(entries[i]);
	}
	IS(wrong, 0);
	OK(there > 11000);
	free(w);
}

static void test_area(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, AREA * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 *entries = xcalloc(AREA, sizeof(*entries));
	size_t nvmas, found = 0, present = 0;
	struct root *r = root_live();
	struct piddir *d;
	struct space s;
	pid_t tgid;
	int fd;

	madvise(area, AREA * page, MADV_NOHUGEPAGE);
	nvmas = map_area(area, page);
	space_init(&s);
	if (!IS(-root_host(r, &s), 0) || !IS(-piddir_open(r, getpid(), &d, &tgid), 0) ||
	    !IS(-pagemap_open(d, &s, &fd), 0))
		return;
	IS(-maps_read(d, &s), 0);
	IS(pagemap_pread(fd, (u64)(uintptr_t)area / page, AREA, entries), AREA);
	close(fd);
	test_live_area(d, &s, area, entries, 0, 1);
	test_live_area(d, &s, area, entries, 0, 2);
	test_live_area(d, &s, area, entries, WALK_FLAGS | WALK_COUNT | WALK_EXACT | WALK_CGROUP, 2);
	IS(-scan_read(d, &s), 0);
	for (size_t i = 0; i < s.nvmas; i++) {
		if (s.vmas[i].first < (u64)(uintptr_t)area ||
		    s.vmas[i].last >= (u64)(uintptr_t)area + AREA * page)
			continue;
		found += s.vmas[i].perms & PERM_W ? 1 : 0;
		present += s.vmas[i].pages.present;
	}
	for (size_t i = 0; i < AREA; i++)
		present -= entries[i] >> 63;
	IS(found, nvmas);
	IS(present, 0);
	/* Once more, knowing the counters. */
	test_live_area(d, &s, area, entries, 0, 1);
	piddir_close(d);
	space_release(&s);
	root_free(r);
	free(entries);
	munmap(area, AREA * page);
}

static int stop(void *ctx, const struct page_batch *b)
{
	(void)b;
	++*(int *)ctx;
	return 7;
}

/* States read along with the counters, or behind them where there is no scan. */
static void test_states(struct piddir *d, struct space *s)
{
	struct page_states st = { 0 };
	u64 base = (u64)(uintptr_t)here, present = 0;

	IS(-scan_read_states(d, s, &st), 0);
	OK(st.have && s->have_scan);
	for (size_t i = 0; i < st.nruns; i++)
		if (st.runs[i].addr >= base &&
		    st.runs[i].addr < base + PAGES * (u64)s->host.page_size)
			present += st.runs[i].state == PS_ANON ? st.runs[i].n : 0;
	IS(present, s->vmas[space_find_vma(s, base)].pages.present);
	free(st.runs);
}

static void test_live(void)
{
	struct root *r = root_live();
	bool guards = map_here();
	u64 want_guards = 0, want_present = 0;
	struct piddir *d;
	struct space s;
	pid_t tgid;
	int calls = 0;
	u32 i;

	space_init(&s);
	if (!IS(-root_host(r, &s), 0) || !IS(-piddir_open(r, getpid(), &d, &tgid), 0))
		return;
	if (!guards)
		SKIP("no lightweight guards before Linux 6.13");
	IS(-maps_read(d, &s), 0);
	i = space_find_vma(&s, (u64)(uintptr_t)here);
	for (size_t k = 0; k < PAGES; k++) {
		want_guards += expect(k, guards) == PS_GUARD;
		want_present += expect(k, guards) == PS_ANON;
	}
	IS(-scan_read(d, &s), 0);
	if (OK(i != NO_INDEX)) {
		const struct vma *v = &s.vmas[i];
		u8 first = (u8)s.slices.p[v->slices], last = (u8)s.slices.p[v->slices + 63];

		IS(v->last - v->first + 1, PAGES * (u64)s.host.page_size);
		IS(v->pages.present, want_present);
		IS(v->pages.guard, want_guards);
		IS(v->pages.swapped, 0);
		IS(v->pages.lowest, v->first + s.host.page_size);
		IS(v->nslices, 64);
		/* Pages 0 to 8, of which 1, 2, 4, 5, 7, 8 and the guard 3 are there; 590 to 599. */
		IS(first, SLICE(PS_ANON, guards ? 13 : 11));
		IS(last, guards ? SLICE(PS_GUARD, 4) : SLICE(PS_ABSENT, 0));
		test_states(d, &s);
	}
	test_live_walk(d, &s, guards, 0, 1);
	test_live_walk(d, &s, guards, WALK_ABSENT, 2);
	test_live_walk(d, &s, guards,
		       WALK_FLAGS | WALK_COUNT | WALK_CGROUP | WALK_EXACT | WALK_ABSENT, 1);
	IS(walk(d, &s, RANGE_ALL, 0, 1, stop, &calls), 7);
	IS(calls, 1);
	munmap(here, PAGES * (size_t)s.host.page_size);
	piddir_close(d);
	space_release(&s);
	root_free(r);
}

/* More pages than two windows hold. They are the zero page, so they cost no memory. */
#define MANY ((size_t)140000)

struct many {
	u64 next, page_size;
	size_t bad;
};

static int see_many(void *ctx, const struct page_batch *b)
{
	struct many *m = ctx;

	m->bad += b->addr != m->next;
	for (size_t i = 0; i < b->n; i++)
		m->bad += (b->rec[i].pm & (PM_PRESENT | PM_FILE)) != PM_PRESENT;
	m->next = b->addr + b->n * m->page_size;
	return 0;
}

static void test_many(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	volatile char *p = mmap(NULL, MANY * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u64 base = (u64)(uintptr_t)p;
	struct root *r = root_live();
	struct piddir *d;
	struct space s;
	pid_t tgid;

	madvise((void *)(uintptr_t)p, MANY * page, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < MANY; i++)
		(void)p[i * page];
	space_init(&s);
	if (!IS(-root_host(r, &s), 0) || !IS(-piddir_open(r, getpid(), &d, &tgid), 0))
		return;
	IS(-maps_read(d, &s), 0);
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct many m = { .next = base, .page_size = page };

		IS(-walk(d, &s, range_of(base, base + MANY * page), WALK_FLAGS | WALK_COUNT,
			 threads, see_many, &m),
		   0);
		IS(m.bad, 0);
		IS(m.next, base + MANY * page);
		/* Known to be dense, it is read as one stretch that no window holds. */
		IS(-scan_read(d, &s), 0);
	}
	piddir_close(d);
	space_release(&s);
	root_free(r);
	munmap((void *)(uintptr_t)p, MANY * page);
}

/* From now on the kernel has no PAGEMAP_SCAN, as before 6.7. False: it cannot be hidden here. */
static bool hide_ioctl(void)
{
	const unsigned low = __BYTE_ORDER == __BIG_ENDIAN ? 4 : 0;
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_ioctl, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1]) + low),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, _IOWR('f', 16, u64[12]), 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOTTY),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { ARRAY_SIZE(code), code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

int main(void)
{
	test_tally();
	test_tally_mixed();
	test_uneven_slices();
	test_distrust();
	test_parse();
	test_walk_text();
	test_absent();
	test_tree();
	test_live();
	test_area();
	test_many();
	if (hide_ioctl()) {
		test_live();
		test_area();
		test_many();
	} else {
		SKIP("no seccomp filters here");
	}
	return tap_done();
}
