/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which pages' contents may be read, entries of page tables in words, and pages of recorded trees.
 */
#include <stdlib.h>

#include "made_tree.h"
#include "make_space.h"
#include "model/phys.h"
#include "model/ptes.h"
#include "tap.h"
#include "watch/page.h"

#define K(bit) (UINT64_C(1) << (bit))

static const char *refused(struct space *s, const char *flag, bool smaps, u64 pm, bool have_flags,
			   u64 flags)
{
	struct vma *v = &s->vmas[0];
	struct page_detail d = { .have = true, .pm = pm, .have_flags = have_flags, .flags = flags };

	v->have = smaps ? VMA_HAVE_SMAPS : 0;
	v->vmflags = smaps ? K(space_vmflag(s, "rd")) : 0;
	if (flag)
		v->vmflags |= K(space_vmflag(s, flag));
	return page_bytes_refused(s, v, &d);
}

static void rules(void)
{
	static const struct line lines[] = { { 0x1000, 0x2000, "rw-p", 0, 0, 0, 0, "" } };
	static const char *const forbidden[] = { "io", "pf", "um", "uw", "ui" };
	static const char *const harmless[] = { "wr", "gu", "de", "dd", "lo", "ht", "sd" };
	const u64 here = PM_PRESENT | 5;
	struct page_detail d = { .pm = here };
	struct space s;

	make_space(&s, lines, 1);
	OK(!refused(&s, NULL, true, here, false, 0));
	OK(!refused(&s, NULL, true, here, true, K(KPF_ANON)));
	for (size_t i = 0; i < ARRAY_SIZE(forbidden); i++)
		OK(refused(&s, forbidden[i], true, here, true, K(KPF_ANON)) != NULL);
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++)
		OK(!refused(&s, harmless[i], true, here, true, K(KPF_ANON)));
	/* Unknown is no leave. */
	OK(refused(&s, NULL, false, here, true, K(KPF_ANON)) != NULL);
	OK(page_bytes_refused(&s, NULL, &d) != NULL);
	/* What the flags of the frame warn of. */
	OK(refused(&s, NULL, true, here, true, K(KPF_HWPOISON)) != NULL);
	OK(refused(&s, NULL, true, here, true, K(KPF_NOPAGE)) != NULL);
	OK(refused(&s, NULL, true, here, true, K(KPF_OFFLINE)) != NULL);
	/* What is not there. */
	IS_STR(refused(&s, NULL, true, 0, false, 0), "not resident; reading would fault it in");
	IS_STR(refused(&s, NULL, true, PM_SOFT_DIRTY, false, 0),
	       "not resident; reading would fault it in");
	IS_STR(refused(&s, NULL, true, PM_SWAPPED | PM_GUARD, false, 0),
	       "a guard page: reading it would be a fault");
	IS_STR(refused(&s, NULL, true, PM_SWAPPED | 1 << 5, false, 0),
	       "swapped out; reading would bring it in");
	space_release(&s);
}

static const char *words(struct pt_entry e, const char *level)
{
	static struct buf b;

	buf_clear(&b);
	pt_entry_words(&b, &e, level);
	return b.p;
}

static void in_words(void)
{
	IS_STR(words((struct pt_entry){ .size = 4096,
					.raw = 0x8000000123456867,
					.pa = 0x123456000,
					.flags = PT_PRESENT | PT_READ | PT_WRITE | PT_USER |
						 PT_ACCESSED | PT_DIRTY,
					.mem = PT_MEM_WB },
		     "PTE"),
	       "PTE 8000000123456867, 4 KiB, rw-, user, accessed, dirty, physical 123456000, "
	       "memory type WB");
	IS_STR(words((struct pt_entry){ .size = 2 * MIB,
					.raw = 0xe3,
					.level = 1,
					.pa = 0x200000,
					.flags = PT_PRESENT | PT_READ | PT_EXEC | PT_GLOBAL,
					.mem = PT_MEM_UC,
					.pkey = 3 },
		     "PMD"),
	       "PMD e3, 2 MiB, r-x, global, physical 200000, memory type UC, protection key 3");
	IS_STR(words((struct pt_entry){ .size = 4096,
					.raw = 0x10,
					.flags = PT_SWAP | PT_EXCLUSIVE,
					.swap_type = 1,
					.swap_offset = 0x22 },
		     "PTE"),
	       "PTE 10, 4 KiB, not present, swapped out, exclusive, type 1, slot 34");
	IS_STR(words((struct pt_entry){ .size = 4096,
					.raw = 0x20,
					.flags = PT_MIGRATION | PT_WRITE,
					.swap_offset = 0xabc },
		     "PTE"),
	       "PTE 20, 4 KiB, not present, migrating, PFN abc, was writable");
	IS_STR(words((struct pt_entry){ .size = 4096,
					.raw = 0x30,
					.flags = PT_MARKER,
					.swap_offset = PT_MARKER_GUARD },
		     "PTE"),
	       "PTE 30, 4 KiB, not present, marker, guard");
	IS_STR(words((struct pt_entry){ .size = 4096,
					.raw = 0x40,
					.pa = 0x5000,
					.flags = PT_PROTNONE | PT_READ | PT_USER },
		     "PTE"),
	       "PTE 40, 4 KiB, r--, not present, access withheld (PROT_NONE or NUMA hinting), "
	       "user, physical 5000");
	IS_STR(words((struct pt_entry){ .size = 4096, .raw = 0x50 }, "PTE"),
	       "PTE 50, 4 KiB, not present");
}

/* --- a recorded tree -------------------------------------------------------------------------- */

static void make_tree(void)
{
	made_tree_new("x86_64");
	made_tree_text("proc/40/stat",
		       "40 (forty) S 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 5 4096000 9\n");
	made_tree_text("proc/40/maps", "10000-20000 rw-p 00000000 00:00 0 \n"
				       "20000-24000 r--p 00000000 08:01 7 /lib/x\n");
	/* Two anonymous pages, the zero page, a swapped one, a guard; a page of the file, a copy.
	 */
	made_tree_text("proc/40/pages.txt", "10000 2 8100000000000123 5828 1 77\n"
					    "12000 1 8000000000000005 1000000 900\n"
					    "14000 1 40000000000000e0 - -\n"
					    "15000 1 4400000000000000 - -\n"
					    "20000 1 a000000000000200 86c 3 78\n"
					    "21000 1 8100000000000300 5828 1 77\n");
	made_tree_text("proc/cpuinfo", "processor\t: 0\nflags\t\t: fpu nx lm\n"
				       "address sizes\t: 48 bits physical, 48 bits virtual\n");
	made_tree_text("proc/zoneinfo", "Node 0, zone   Normal\n  spanned  4096\n"
					"  start_pfn:           256\n");
}

static const struct page_detail *page_of(struct source *src, struct snapshot *s, u64 addr)
{
	struct want w = { .have_page = true, .page = addr, .page_bytes = true };

	IS(watch_page(src, s, &w), 0);
	return &s->page;
}

static void tree_pages(struct source *src, struct snapshot *s)
{
	const struct page_detail *d = page_of(src, s, 0x11008);

	OK(d->have && !d->refused && !d->in_kernel);
	IS(d->addr, 0x11008);
	IS(d->pm, PM_PRESENT | PM_EXCLUSIVE | 0x124);
	OK(d->have_flags);
	IS(d->flags, 0x5828);
	IS(d->count, 1);
	IS(d->cgroup, 77);
	OK(d->have_cgroup);
	OK(!d->direct.have && !d->pte && !d->symbol && !d->bytes && d->bytes_refused);
	d = page_of(src, s, 0x14000);
	IS(d->pm, PM_SWAPPED | 7 << 5);
	OK(!d->have_flags);
	IS(d->count, COUNT_UNKNOWN);
	IS_STR(d->bytes_refused, "swapped out; reading would bring it in");
	d = page_of(src, s, 0x13000);
	IS(d->pm, 0);
	d = page_of(src, s, 0x30000);
	OK(d->have);
	IS(d->pm, 0);
	IS_STR(d->bytes_refused, "no mapping has it");
}

static void tree_grid(struct source *src, struct snapshot *s)
{
	static const u8 want[16] = { PS_ANON, PS_ANON, PS_ZERO, PS_ABSENT, PS_SWAPPED, PS_GUARD };
	struct want w = { .grid = { 0x10000, 0x1ffff }, .grid_cells = 16 };
	const struct grid *g = &s->grid;

	for (int flags = 0; flags < 2; flags++) {
		w.grid_flags = flags;
		IS(watch_grid(src, s, &w, NULL), 0);
		IS(g->ncells, 16);
		for (size_t i = 0; i < g->ncells; i++)
			IS(g->cells[i].state, want[i]);
		IS(g->cells[1].pm, PM_PRESENT | PM_EXCLUSIVE | 0x124);
		OK(g->cells[0].have_flags == flags);
	}
	IS(g->cells[0].node, 0);
	IS(g->cells[0].flags, 0x5828);
	IS(g->cells[2].count, 900);
	/* The frame of the zero page is in no zone that was recorded. */
	IS(g->cells[2].node, NO_INDEX);
	w = (struct want){ .grid = { 0x20000, 0x23fff }, .grid_cells = 16 };
	IS(watch_grid(src, s, &w, NULL), 0);
	IS(g->cells[0].state, PS_FILE);
	IS(g->cells[0].copied, 0);
	IS(g->cells[1].state, PS_ANON);
	IS(g->cells[1].copied, 1);
	/* The kernel half: nothing of it was recorded. */
	w.grid = (struct range){ 0xffffc90000000000, 0xffffc900000fffff };
	IS(watch_grid(src, s, &w, NULL), 0);
	IS(g->ncells, 0);
	IS_STR(g->refused, "a recorded tree has no page tables");
}

static void tree_states(struct source *src, struct snapshot *s)
{
	static const struct state_run want[] = {
		{ 0x10000, 2, PS_ANON, 0 },    { 0x12000, 1, PS_ZERO, 0 },
		{ 0x14000, 1, PS_SWAPPED, 0 }, { 0x15000, 1, PS_GUARD, 0 },
		{ 0x20000, 1, PS_FILE, 0 },    { 0x21000, 1, PS_ANON, 1 },
	};

	IS(watch_states(src, s, NULL), 0);
	OK(s->pages.have);
	IS(s->pages.nruns, ARRAY_SIZE(want));
	for (size_t i = 0; i < s->pages.nruns && i < ARRAY_SIZE(want); i++) {
		IS(s->pages.runs[i].addr, want[i].addr);
		IS(s->pages.runs[i].n, want[i].n);
		IS(s->pages.runs[i].state, want[i].state);
		IS(s->pages.runs[i].copied, want[i].copied);
	}
}

static void tree(void)
{
	struct options o = { .root = made_tree };
	struct snapshot *s = snapshot_new();
	struct source *src;

	make_tree();
	if (source_open(&o, &src))
		made_tree_fail("source_open");
	IS(source_fill(src, 40, &s->space), STATUS_OK);
	IS(s->space.nvmas, 2);
	tree_pages(src, s);
	tree_grid(src, s);
	tree_states(src, s);
	source_close(src);
	/* Without recorded pages nothing is known, and that is said. */
	if (unlink(made_tree_path("proc/40/pages.txt")) || source_open(&o, &src))
		made_tree_fail("pages.txt");
	IS(source_fill(src, 40, &s->space), STATUS_OK);
	OK(watch_states(src, s, NULL) < 0);
	OK(!s->pages.have);
	OK(!page_of(src, s, 0x10000)->have);
	IS_STR(s->page.refused, "its pages were not recorded");
	IS(watch_grid(src, s, &(struct want){ .grid = { 0x10000, 0x1ffff }, .grid_cells = 4 },
		      NULL),
	   0);
	IS_STR(s->grid.refused, "its pages were not recorded");
	source_close(src);
	snapshot_free(s);
	made_tree_remove();
}

/* --- frames of a recorded direct map ---------------------------------------------------------- */

#define DIRECT UINT64_C(0xffff888000000000)

static void kernel_frames(struct source *src, struct snapshot *s)
{
	/* 16 MiB a cell; what tests/trees/x86_64-inside-made/proc/frames.txt has. */
	static const struct {
		u8 state, fill;
	} want[16] = { { FS_RESERVED, 1 }, { FS_RESERVED, 15 }, { FS_RESERVED, 15 },
		       { FS_FILE, 15 },	   { FS_FILE, 15 },	{ FS_ANON, 15 },
		       { FS_ANON, 15 },	   { FS_KERNEL, 15 },	{ FS_KERNEL, 15 },
		       { FS_FREE, 0 },	   { FS_FREE, 0 },	{ FS_FREE, 0 },
		       { FS_FREE, 0 },	   { FS_FREE, 0 },	{ FS_FREE, 0 },
		       { FS_FREE, 0 } };
	struct want w = { .grid = { DIRECT, DIRECT + 256 * MIB - 1 }, .grid_cells = 16 };
	const struct grid *g = &s->grid;

	IS(watch_grid(src, s, &w, NULL), 0);
	OK(g->frames && !g->refused);
	IS(g->ncells, 16);
	IS(g->every, 1);
	for (size_t i = 0; i < g->ncells; i++) {
		IS(g->cells[i].state, want[i].state);
		IS(g->cells[i].fill, want[i].fill);
	}
	/* Frame 0 was not recorded: nothing is known of it, 1 is reserved. */
	w.grid.last = DIRECT + 0xffff;
	IS(watch_grid(src, s, &w, NULL), 0);
	IS(g->cells[0].state, FS_NONE);
	OK(!g->cells[0].have_flags && !g->cells[0].pm);
	IS(g->cells[1].state, FS_RESERVED);
	IS(g->cells[1].pm, PM_PRESENT | 1);
	/* A part of the half that is not mapped one to one. */
	w.grid = (struct range){ 0xffffc90000000000, 0xffffc900000fffff };
	IS(watch_grid(src, s, &w, NULL), 0);
	OK(!g->ncells && g->refused);
}

static void kernel_pages(struct source *src, struct snapshot *s)
{
	const struct page_detail *d = page_of(src, s, DIRECT + 0x3500008);

	OK(d->have && d->in_kernel);
	IS(d->pm, PM_PRESENT | 0x3500);
	IS(d->flags, 0x28);
	IS(d->direct.v, DIRECT + 0x3500000);
	IS(d->direct_conf, CONF_DEFAULT);
	OK(!d->pte && !d->symbol && !d->bytes && d->bytes_refused);
	/* No kpagecgroup was recorded; that no bytes can be read is known before they are wanted.
	 */
	OK(!d->cgroup && !d->have_cgroup);
	IS(watch_page(src, s, &(struct want){ .have_page = true, .page = DIRECT + 0x3500008 }), 0);
	IS_STR(s->page.bytes_refused,
	       "kernel memory cannot be read: /proc/kcore or --bpf would open it");
	/* The image, at another address than its frames in the direct map. */
	d = page_of(src, s, UINT64_C(0xffffffff81000010));
	IS(d->pm, PM_PRESENT | 0x1000);
	IS(d->direct.v, DIRECT + 0x1000000);
	IS_STR(d->symbol, "_stext+0x10");
	d = page_of(src, s, UINT64_C(0xffffffff81000010));
	IS_STR(d->symbol, "_stext+0x10");
	/* Where nothing tells what is mapped there is no frame. */
	d = page_of(src, s, UINT64_C(0xffffc90000000000));
	OK(d->have && d->in_kernel && !d->pm && !d->pte && !d->have_flags && !d->direct.have);
	OK(!d->symbol);
}

static void kernel(void)
{
	char *dir = xasprintf("%s/tests/trees/x86_64-inside-made",
			      getenv("srcdir") ? getenv("srcdir") : ".");
	struct options o = { .root = dir };
	struct snapshot *s = snapshot_new();
	struct source *src;

	if (source_open(&o, &src)) {
		printf("Bail out! %s\n", dir);
		exit(1);
	}
	source_fill(src, 0, &s->space);
	kernel_frames(src, s);
	kernel_pages(src, s);
	source_close(src);
	snapshot_free(s);
	free(dir);
}

int main(void)
{
	rules();
	in_words();
	tree();
	kernel();
	return tap_done();
}
