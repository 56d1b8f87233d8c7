/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --pages, --page-summary, --frames: whole lines. */
#include <stdio.h>

#include "view_lines.h"
#include "tap.h"

#define LINE(start)  line_at(text, (start), 0)
#define AFTER(start) line_after(text, (start))

/** uptodate, lru, mmap, anon, swapbacked. */
#define ANON_FLAGS                                                                                 \
	(UINT64_C(1) << KPF_UPTODATE | UINT64_C(1) << KPF_LRU | UINT64_C(1) << KPF_MMAP |          \
	 UINT64_C(1) << KPF_ANON | UINT64_C(1) << KPF_SWAPBACKED)

static struct zone zones[] = { { 1, 0xfff, 0, "DMA" },
			       { 0x1000, 0xfffff, 0, "DMA32" },
			       { 0x100000, 0x2000ff, 1, "Normal" } };
static char swap_path[] = "/swap\033file", cgroup_path[] = "/system.slice/redis";
static struct swap_area swaps[] = { { swap_path, 4096 } };
static struct memcg memcgs[] = { { 77, cgroup_path } };
static const struct places places = { zones, 3, swaps, 1, memcgs, 1 };

static char *pages_text(const struct space *s, const struct view_opts *v,
			const struct page_run *runs, size_t n)
{
	FILE *f = tmpfile();
	struct pages_view *pv;
	struct out o;

	if (!f)
		abort();
	out_init(&o, fileno(f));
	pv = pages_view_new(s, &places, v, &o);
	for (size_t i = 0; i < n; i++)
		IS(pages_view_run(pv, &runs[i]), 0);
	pages_view_end(pv);
	return read_back(&o, f);
}

static void test_runs(void)
{
	const u64 heap = 0x55d0e4f10000, text0 = 0x55d0c4a2c000;
	const struct page_run runs[] = {
		{ .addr = text0,
		  .n = 1,
		  .vma = 1,
		  .pm = PM_PRESENT | PM_FILE | 0x1234,
		  .have_flags = true,
		  .flags = UINT64_C(1) << KPF_UPTODATE | UINT64_C(1) << 50,
		  .count = 3 },
		{ .addr = text0 + 0x1000,
		  .n = 1,
		  .vma = 1,
		  .pm = PM_PRESENT | PM_EXCLUSIVE | 0xff0,
		  .have_flags = true,
		  .flags = 0,
		  .count = 1 },
		{ .addr = heap,
		  .n = 16,
		  .vma = 6,
		  .pm = PM_PRESENT | PM_EXCLUSIVE | 0x2000f8,
		  .have_flags = true,
		  .flags = ANON_FLAGS,
		  .count = 1,
		  .cgroup = 77 },
		{ .addr = heap + 0x10000,
		  .n = 3,
		  .vma = 6,
		  .pm = PM_SWAPPED | PM_SOFT_DIRTY | 0x1b2 << 5 | 0 },
		{ .addr = heap + 0x13000, .n = 1, .vma = 6, .pm = PM_SWAPPED | PM_GUARD | 0x9f },
		{ .addr = heap + 0x14000,
		  .n = 1,
		  .vma = 6,
		  .pm = PM_PRESENT,
		  .count = COUNT_UNKNOWN,
		  .cgroup = 0 },
		{ .addr = heap + 0x15000, .n = 12345678901, .vma = 6, .absent = true },
		{ .addr = heap + 0x16000,
		  .n = 1,
		  .vma = 6,
		  .pm = PM_PRESENT | 0x5000,
		  .have_flags = true,
		  .flags = ANON_FLAGS,
		  .count = 123456,
		  .cgroup = 99 },
	};
	struct view_opts v = view_defaults(100);
	struct space s;
	char *text;

	demo_space(&s, false);
	text = pages_text(&s, &v, runs, ARRAY_SIZE(runs));
	IS_STR(LINE("address"), "address             pages  state     fxcdw frames          count "
				"zone       flags, cgroup");
	IS_STR(LINE("000055d0c4a2c000-"),
	       "000055d0c4a2c000-000055d0c4ba0000  r-xp  1.5 MiB  /usr/bin/redis-server");
	IS_STR(LINE("000055d0c4a2c000 "),
	       "000055d0c4a2c000        1  file      f---- 1234          "
	       "      3 N0 DMA32   uptodate,bit50");
	IS_STR(LINE("000055d0c4a2d000"), "000055d0c4a2d000        1  present   -xc-- ff0           "
					 "      1 N0 DMA     -");
	IS_STR(LINE("000055d0e4f10000 "),
	       "000055d0e4f10000       16  anon      -x--- 2000f8-200107       1 N1 Normal  "
	       "uptodate,lru,mmap,anon,swapbacked  /system.slice/redis");
	IS_STR(LINE("000055d0e4f20000"), "000055d0e4f20000        3  swapped   ---d- swap0:1b2");
	IS_STR(LINE("000055d0e4f23000"), "000055d0e4f23000        1  guard     ----- -");
	IS_STR(LINE("000055d0e4f24000"), "000055d0e4f24000        1  present   ----- ?             "
					 "      ? ?          ?");
	IS_STR(LINE("000055d0e4f25000"), "000055d0e4f25000 12345678901  untouched");
	IS_STR(LINE("000055d0e4f26000"),
	       "000055d0e4f26000        1  anon      ----- 5000             123456 N0 DMA32   "
	       "uptodate,lru,mmap,anon,swapbacked  memcg inode 99");
	IS_STR(LINE("listed"), "listed     runs 8  pages 12345678925");
	IS_STR(LINE("swap areas"), "swap areas 0 /swap\\x1bfile");
	OK(strstr(text, "? where the kernel hides them (CAP_SYS_ADMIN opens it)"));
	IS_STR(LINE("counts"), "");
	free(text);

	/* Only where it is known is a count said to be no count. */
	s.host.average_counts = true;
	text = pages_text(&s, &v, runs, ARRAY_SIZE(runs));
	IS_STR(LINE("counts"), "counts     count and x are approximate: the kernel counts the "
			       "mappings of a large folio for all of");
	s.host.average_counts = false;
	free(text);

	/* Colours add nothing but themselves. */
	v.colors = 256;
	text = pages_text(&s, &v, runs, ARRAY_SIZE(runs));
	OK(strstr(text, "\033["));
	strip_sgr(text);
	IS_STR(LINE("000055d0e4f20000"), "000055d0e4f20000        3  swapped   ---d- swap0:1b2");
	free(text);
	space_release(&s);
}

/** More frames than the caches hold: a stale entry would give a wrong zone or flags. */
static void test_caches(void)
{
	struct view_opts v = view_defaults(100);
	struct page_run *runs = xcalloc(4000, sizeof(*runs));
	size_t wrong = 0;
	struct space s;
	char *text, want[128], addr[32];

	demo_space(&s, false);
	for (u64 i = 0; i < 4000; i++) {
		u64 pfn = 1 + i * 0x1fd;

		runs[i] = (struct page_run){ .addr = 0x7f4a00000000 + i * 4096,
					     .n = 1,
					     .vma = 7,
					     .pm = PM_PRESENT | pfn,
					     .have_flags = true,
					     .flags = (i * 7) & 0x1ff,
					     .count = 1 };
	}
	v.width = 200;
	{
		FILE *f = tmpfile();
		struct pages_view *pv;
		struct out o;

		if (!f)
			abort();
		out_init(&o, fileno(f));
		pv = pages_view_new(&s, &places, &v, &o);
		for (size_t i = 0; i < 4000; i++)
			pages_view_run(pv, &runs[i]);
		pages_view_end(pv);
		text = read_back(&o, f);
	}
	for (u64 i = 0; i < 4000; i += 37) {
		u64 pfn = 1 + i * 0x1fd;
		const char *line;

		snprintf(addr, sizeof(addr), "%016llx ",
			 (unsigned long long)(0x7f4a00000000 + i * 4096));
		snprintf(want, sizeof(want), " %llx ", (unsigned long long)pfn);
		line = LINE(addr);
		wrong += !strstr(line, want);
		snprintf(want, sizeof(want), " %s ",
			 pfn < 0x1000	   ? "N0 DMA"
			 : pfn < 0x100000  ? "N0 DMA32"
			 : pfn <= 0x2000ff ? "N1 Normal"
					   : "?");
		wrong += !strstr(line, want);
		wrong += !!strstr(line, "locked") != (int)((i * 7) & 1);
		wrong += !!strstr(line, "writeback") != (int)((i * 7) >> 8 & 1);
	}
	IS(wrong, 0);
	free(text);
	free(runs);
	space_release(&s);
}

static char *summary_text(const struct space *s, const struct view_opts *v,
			  const struct page_summary *p)
{
	FILE *f = tmpfile();
	struct out o;

	if (!f)
		abort();
	out_init(&o, fileno(f));
	render_page_summary(s, p, v, &o);
	return read_back(&o, f);
}

static void test_summary(void)
{
	struct view_opts v = view_defaults(100);
	struct page_summary p;
	struct space s;
	char *text;
	u32 a, b;

	demo_space(&s, false);
	page_summary_init(&p, &s, true);
	a = flag_sets_add(&p.sets, UINT64_C(1) << KPF_UPTODATE | UINT64_C(1) << 50);
	b = flag_sets_add(&p.sets, ANON_FLAGS);
	p.by_set = xcalloc(MAX(a, b) + 1, sizeof(*p.by_set));
	p.nby_set = MAX(a, b) + 1;
	p.by_set[a] = 44;
	p.by_set[b] = 46233;
	p.unknown = 3;
	p.mapped_total = 46280;
	p.swapped = 3;
	p.count_hist[1] = 46270;
	p.count_hist[2] = 10;
	p.vma[6].state[PS_ANON] = 153;
	p.vma[6].state[PS_SWAPPED] = 3;
	p.vma[1].state[PS_FILE] = 309;
	p.vma[1].state[PS_ANON] = 1;
	p.vma[1].copied = 1;
	text = summary_text(&s, &v, &p);
	IS_STR(LINE("flags"), "flags                  pages      size symbols and names");
	IS_STR(AFTER("flags"), "0000000000005828       46233 180.6 MiB UlMab_  "
			       "uptodate,lru,mmap,anon,swapbacked");
	IS_STR(LINE("0004000000000008"), "0004000000000008          44   176 KiB U____?  "
					 "uptodate,bit50");
	IS_STR(LINE("? "), "?                          3    12 KiB flags not readable");
	IS_STR(LINE("total"), "total                  46280 180.8 MiB");
	IS_STR(LINE("pages "), "pages      present 46280  swapped 3  guard 0  other 0");
	IS_STR(LINE("map count"), "map count  0: 0  1: 46270  2 to 7: 10  8 and more: 0");
	IS_STR(LINE("pages of"), "pages of each mapping, by state");
	IS_STR(LINE("mapping"),
	       "mapping                     anon       file    swapped     copied  "
	       "name");
	IS_STR(LINE("000055d0e4f10000"),
	       "000055d0e4f10000 rw-p        153                     3             [heap]");
	IS_STR(LINE("000055d0c4a2c000"), "000055d0c4a2c000 r-xp          1        309             "
					 "        1  /usr/bin/redis-server");
	IS_STR(LINE("00007f4a10000000"), "");
	free(text);

	p.vma[1].state[PS_PRESENT] = 7;
	text = summary_text(&s, &v, &p);
	OK(strstr(text, "\nmapping                     anon       file other present    swapped"));
	OK(strstr(text, "\n000055d0c4a2c000 r-xp          1        309             7     "));
	free(text);

	v.width = 60;
	text = summary_text(&s, &v, &p);
	IS_STR(AFTER("0000000000005828"), "    uptodate,lru,mmap,anon,swapbacked");
	OK(widest(text) <= 60);
	free(text);
	page_summary_release(&p);

	/* All RAM: no mappings. */
	page_summary_init(&p, &s, false);
	text = summary_text(&s, &v, &p);
	IS_STR(LINE("pages "), "pages      frames 0");
	IS_STR(LINE("total"), "total                      0       0 B");
	OK(!strstr(text, "mapping"));
	free(text);
	page_summary_release(&p);
	space_release(&s);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_runs();
	test_caches();
	test_summary();
	return tap_done();
}
