/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --ptes and --kernel-ptes: whole lines. */
#include <stdio.h>

#include "render/ptes.h"
#include "view_lines.h"
#include "tap.h"

#define LINE(start) line_at(text, (start), 0)

static const char *const names[] = { "PTE", "PMD", "PUD", "PGD" };
static char swap_path[] = "/swap\033file";
static struct swap_area swaps[] = { { swap_path, 4096 } };
static const struct places places = { .swaps = swaps, .nswaps = 1 };

/** A run of the demo's heap, 4 KiB entries. */
static struct pt_run heap_run(u64 at, u64 n, u32 flags)
{
	return (struct pt_run){ .e = { .va = 0x55d0e4f10000 + at,
				       .size = 4096,
				       .raw = 0xabc,
				       .flags = flags,
				       .mem = PT_MEM_WB },
				.n = n,
				.vma = 6 };
}

static char *ptes_text(const struct space *s, const struct view_opts *v, const struct pt_run *runs,
		       size_t n, const struct ptes_walked *w)
{
	FILE *f = tmpfile();
	struct ptes_view *pv;
	struct out o;

	if (!f)
		abort();
	out_init(&o, fileno(f));
	pv = ptes_view_new(s, &places, v, &o);
	for (size_t i = 0; i < n; i++)
		IS(ptes_view_run(pv, &runs[i]), 0);
	ptes_view_end(pv, w);
	return read_back(&o, f);
}

static void test_entries(void)
{
	struct pt_run runs[9];
	struct pt_spent spent[64] = { [3] = { { 2, 1 }, 12288 } };
	struct pt_merger m = { .entries = 20,
			       .runs = 9,
			       .present = { 65536, 0x200000 },
			       .absent = 4096,
			       .deposits = 1,
			       .objects = spent };
	struct pt_tables t = { .count = { 2, 1, 1, 1 }, .bytes = 20480, .changed = 1 };
	struct ptes_walked w = { &m, &t, names, 4, "bpf", 12345, true };
	struct view_opts v = view_defaults(140);
	struct space s;
	char *text;

	demo_space(&s, false);
	runs[0] =
		heap_run(0, 16, PT_PRESENT | PT_READ | PT_WRITE | PT_USER | PT_ACCESSED | PT_DIRTY);
	runs[0].e.pa = 0x1234000;
	runs[1] = heap_run(0x10000, 1, PT_PRESENT | PT_READ | PT_USER | PT_UFFD_WP | PT_SPECIAL);
	runs[1].fit = PT_FIT_NARROWER;
	runs[1].e.pkey = 13;
	runs[1].e.mem = PT_MEM_UC_MINUS;
	runs[2] = heap_run(0x11000, 3, PT_SWAP | PT_EXCLUSIVE | PT_SOFT_DIRTY);
	runs[2].e.swap_offset = 0x1b2;
	runs[3] = heap_run(0x14000, 1, PT_MIGRATION | PT_WRITE);
	runs[3].e.swap_offset = 0x77;
	runs[4] = heap_run(0x15000, 2, PT_MARKER);
	runs[4].e.swap_offset = PT_MARKER_GUARD;
	runs[5] = heap_run(0x17000, 1, PT_PROTNONE | PT_ACCESSED);
	runs[5].e.pa = 0x5000;
	runs[6] = heap_run(0x18000, 1, 0);
	runs[6].e.swap_type = 30;
	runs[7] = heap_run(0xf0000, 1, PT_PRESENT | PT_READ | PT_WRITE | PT_USER);
	runs[7].e.size = 0x200000;
	runs[7].e.pa = 0x40200000;
	runs[8] = heap_run(0x500000, 1, PT_PRESENT | PT_READ | PT_USER);
	runs[8].vma = NO_INDEX;
	text = ptes_text(&s, &v, runs, ARRAY_SIZE(runs), &w);
	IS_STR(LINE("address"), "address           entries  size  state     rwx   uadgswpcx memory "
				"key  frames, swap");
	IS_STR(LINE("000055d0e4f10000 "),
	       "000055d0e4f10000       16    4K  present   rw-   uad------ WB     0    1234-1243");
	IS_STR(LINE("000055d0e4f20000"),
	       "000055d0e4f20000        1    4K  present   r--<  u----wp-- UC-    13   0");
	IS_STR(LINE("000055d0e4f21000"), "000055d0e4f21000        3    4K  swapped   ---   "
					 "----s---x             swap0:1b2-1b4");
	IS_STR(LINE("000055d0e4f24000"), "000055d0e4f24000        1    4K  migrating ---   "
					 "---------             77 was writable");
	IS_STR(LINE("000055d0e4f25000"), "000055d0e4f25000        2    4K  marker    ---   "
					 "---------             guard");
	IS_STR(LINE("000055d0e4f27000"), "000055d0e4f27000        1    4K  protnone  ---   "
					 "-a-------             5");
	IS_STR(LINE("000055d0e4f28000"), "000055d0e4f28000        1    4K  ?         ---   "
					 "---------             raw abc type 1e offset 0");
	IS_STR(LINE("000055d0e5000000"), "000055d0e5000000        1    2M  present   rw-   "
					 "u-------- WB     0    40200-403ff");
	IS_STR(LINE("in no mapping"), "in no mapping");
	IS_STR(LINE("tables  "),
	       "tables     PGD 1  PUD 1  PMD 1  PTE 2  together 20 KiB  1 changed "
	       "while read, left out  read through bpf in 12.3 ms");
	OK(strstr(text, "\n     12 KiB  2 PTE 1 PMD  "));
	IS_STR(LINE("swap areas"), "swap areas 0 /swap\\x1bfile");
	free(text);
	/* The bits as they are, with -v. */
	v.verbose = true;
	text = ptes_text(&s, &v, runs, 1, &w);
	OK(strstr(text, " 1234-1243  raw abc\n"));
	free(text);
	space_release(&s);
}

static void test_ranges(void)
{
	static const u64 text_at = UINT64_C(0xffffffff81000000);
	struct pt_range v[] = {
		{ .first = text_at,
		  .last = text_at + 0x3fffff,
		  .page = 0x200000,
		  .pa = 0x1000000,
		  .flags = PT_PRESENT | PT_READ | PT_EXEC | PT_GLOBAL,
		  .mem = PT_MEM_WB,
		  .have_pa = true,
		  .contiguous = true },
		{ .first = text_at + 0x400000,
		  .last = text_at + 0x400fff,
		  .page = 4096,
		  .flags = PT_PRESENT | PT_READ | PT_WRITE | PT_EXEC | PT_USER,
		  .mem = PT_MEM_UC,
		  .have_pa = true },
		{ .first = text_at + 0x500000,
		  .last = text_at + 0x500fff,
		  .page = 4096,
		  .flags = PT_PRESENT | PT_READ,
		  .mem = PT_MEM_WB,
		  .repeats = 31,
		  .stride = 0x10000,
		  .aliases = 2047 },
	};
	struct pt_ranges r = { .v = v,
			       .n = ARRAY_SIZE(v),
			       .source = "kcore",
			       .level_names = names,
			       .levels = 4,
			       .tables = { .count = { 1, 1, 1, 1 }, .bytes = 16384 } };
	struct view_opts o = view_defaults(140);
	struct region *g;
	struct space s;
	struct out out;
	char *text;
	FILE *f = tmpfile();

	space_init(&s);
	s.host.bits = 64;
	s.host.page_size = 4096;
	s.kernel = (struct range){ UINT64_C(0xffff800000000000), UINT64_MAX };
	g = space_add_region(&s);
	*g = (struct region){ .first = text_at,
			      .last = text_at + 0x3fffff,
			      .kind = KR_IMAGE,
			      .name = "kernel image" };
	if (!f)
		abort();
	out_init(&out, fileno(f));
	render_kernel_ptes(&s, &r, &o, &out);
	text = read_back(&out, f);
	IS_STR(LINE("ffffffff81000000"), "ffffffff81000000-ffffffff81400000      4M    2M  r-x g-- "
					 "WB     001000000    -       kernel image");
	IS_STR(LINE("ffffffff81400000"), "ffffffff81400000-ffffffff81401000      4K    4K  rwx -u- "
					 "UC     -            W+X,OUT -");
	IS_STR(LINE("ffffffff81500000"),
	       "ffffffff81500000-ffffffff81501000      4K    4K  r-- --- "
	       "WB     ?            OUT     -  again 65535 times, every 64K");
	IS_STR(LINE("mapped"),
	       "mapped     ranges 3  together 4 MiB  by pages of 2M 4 MiB  by pages "
	       "of 4K 8 KiB");
	IS_STR(LINE("W+X"), "W+X        1 range, 4 KiB");
	IS_STR(LINE("OUT"), "OUT        2 ranges, 8 KiB");
	free(text);
	space_release(&s);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_entries();
	test_ranges();
	return tap_done();
}
