/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals, gaps, room to grow, headroom. */
#include "tap.h"
#include "make_space.h"

static const struct line lines[] = {
	{ 0x400000, 0x402000, "r-xp", 0, 8, 1, 10, "/bin/x" },			      /* 0 */
	{ 0x500000, 0x510000, "rw-p", 0, 0, 0, 0, "[heap]" },			      /* 1 */
	{ 0x7f0000000000, 0x7f0000100000, "rw-p", 0, 0, 0, 0, "" },		      /* 2 */
	{ 0x7f0000100000, 0x7f0000200000, "rw-s", 0, 0, 1, 7, "/memfd:m (deleted)" }, /* 3 */
	{ 0x7ffffffde000, 0x7ffffffff000, "rw-p", 0, 0, 0, 0, "[stack]" },	      /* 4 */
	{ 0xffffffffff600000, 0xffffffffff601000, "--xp", 0, 0, 0, 0, "[vsyscall]" },
};

static const u8 fields[] = { SMAPS_RSS,	 SMAPS_PSS,	  SMAPS_ANONYMOUS,
			     SMAPS_SWAP, SMAPS_ANON_HUGE, SMAPS_SHMEM_PMD };

static void set_pages(struct vma *v, u64 present, u64 swapped, u64 guard, u64 zero)
{
	v->have |= VMA_HAVE_PAGES;
	v->pages = (struct page_counts){
		.present = present, .swapped = swapped, .guard = guard, .zero = zero
	};
}

static void make(struct space *s)
{
	static const u64 smaps[][6] = {
		{ 8, 4, 0, 0, 0, 0 },	  { 40, 40, 40, 16, 0, 0 }, { 512, 300, 512, 8, 256, 0 },
		{ 64, 32, 0, 100, 0, 4 }, { 12, 12, 12, 0, 0, 0 },  { 0, 0, 0, 0, 0, 0 },
	};

	make_space(s, lines, ARRAY_SIZE(lines));
	for (size_t i = 0; i < s->nvmas; i++)
		set_smaps(s, &s->vmas[i], fields, smaps[i], ARRAY_SIZE(fields));
	set_pages(&s->vmas[0], 2, 0, 0, 0);
	set_pages(&s->vmas[1], 10, 4, 0, 1);  /* 4 entries, 16 KiB: all in swap */
	set_pages(&s->vmas[2], 128, 5, 3, 0); /* 5 entries, 8 KiB: 3 are something else */
	set_pages(&s->vmas[3], 16, 1, 0, 0);  /* shared: the entry is no swap entry */
	set_pages(&s->vmas[4], 3, 0, 0, 0);
	s->proc.mmap_min_addr = FIG(65536);
	space_group(s);
	space_classify(s);
}

static struct totals sum_all(const struct space *s)
{
	struct totals kind[OBJ_NKINDS];

	return space_totals(s, RANGE_ALL, kind);
}

static void test_totals(void)
{
	struct totals t;
	struct space s;

	make(&s);
	t = sum_all(&s);
	IS(t.nvmas, 5);
	IS(t.size, 0x2000 + 0x10000 + 0x200000 + 0x21000);
	IS(t.rss.v, (8 + 40 + 512 + 64 + 12) * KIB);
	IS(t.pss.v, (4 + 40 + 300 + 32 + 12) * KIB);
	IS(t.swap.v, 124 * KIB);
	IS(t.anon.v, 564 * KIB);
	IS(t.huge.v, 260 * KIB);
	OK(t.rss.have && t.huge.have);
	OK(!t.private_dirty.have);
	IS(t.private_dirty.v, 0);
	IS(t.present.v, 159 * 4096);
	IS(t.guard.v, 3 * 4096);
	IS(t.zero.v, 4096);
	IS(t.swapped.v, (16 + 8 + 100) * KIB);
	IS(t.other.v, 4 * 4096);
	OK(t.other.have && t.untouched.have);
	/* per mapping: 0, 2, 120, 256 - 16 - 1 - 25, 30 pages */
	IS(t.untouched.v, (0 + 2 + 120 + 214 + 30) * 4096);
	IS(t.size, t.present.v + t.swapped.v + t.guard.v + t.other.v + t.untouched.v);

	t = object_totals(&s, &s.objects[s.vmas[2].object]);
	IS(t.nvmas, 1);
	IS(t.other.v, 3 * 4096);
	IS(t.swapped.v, 8 * KIB);

	/* One mapping without a figure, and the sum is not known. */
	s.vmas[2].have &= (u8)~VMA_HAVE_SMAPS;
	t = sum_all(&s);
	OK(!t.rss.have && !t.swap.have && !t.other.have);
	OK(t.present.have && t.swapped.have && t.untouched.have);
	IS(t.swapped.v, (16 + 20 + 100) * KIB);
	s.vmas[0].have &= (u8)~VMA_HAVE_PAGES;
	t = sum_all(&s);
	OK(!t.present.have && !t.untouched.have);
	IS(t.size, 0x2000 + 0x10000 + 0x200000 + 0x21000);
	space_release(&s);
}

static void test_totals_saturate(void)
{
	const u8 rss[] = { SMAPS_RSS };
	struct totals t, more;
	struct space s;
	struct vma *v;

	make_space(&s, NULL, 0);
	v = space_add_vma(&s);
	v->last = UINT64_MAX;
	set_smaps(&s, v, rss, (const u64[]){ UINT64_MAX / 2 }, 1);
	set_pages(v, UINT64_MAX, UINT64_MAX, 0, 0);
	totals_init(&t);
	totals_add(&t, &s, v);
	IS(t.size, UINT64_MAX);
	IS(t.rss.v, UINT64_MAX);
	IS(t.present.v, UINT64_MAX);
	IS(t.untouched.v, 0);
	more = t;
	totals_merge(&t, &more);
	IS(t.size, UINT64_MAX);
	IS(t.nvmas, 2);
	s.host.page_size = 0;
	totals_init(&t);
	totals_add(&t, &s, v);
	OK(!t.present.have);
	space_release(&s);
}

static void test_kinds(void)
{
	struct totals k[OBJ_NKINDS], all, sum;
	struct space s;

	make(&s);
	all = space_totals(&s, RANGE_ALL, k);
	IS(k[OBJ_MEMFD].size, MIB);
	IS(k[OBJ_ANON].size, MIB);
	IS(k[OBJ_HEAP].nvmas, 1);
	IS(k[OBJ_HEAP].rss.v, 40 * KIB);
	IS(k[OBJ_LIB].nvmas, 1);
	IS(k[OBJ_VSYSCALL].nvmas, 0);
	totals_init(&sum);
	for (size_t i = 0; i < OBJ_NKINDS; i++)
		if (k[i].nvmas)
			totals_merge(&sum, &k[i]);
	IS(sum.size, all.size);
	IS(sum.nvmas, all.nvmas);
	IS(sum.pss.v, all.pss.v);
	IS(sum.untouched.v, all.untouched.v);
	/* Whole mappings that overlap the limit: heap and the first anonymous page. */
	all = space_totals(&s, (struct range){ 0x50ffff, 0x7f0000000000 }, k);
	IS(all.nvmas, 2);
	IS(all.size, 0x10000 + MIB);
	IS(all.rss.v, (40 + 512) * KIB);
	space_release(&s);
}

/** Heaps do not meet it, of what has no name it is not known. */
static enum truth meets(const void *ctx, const struct space *s, const struct vma *v)
{
	(void)ctx;
	switch (s->objects[v->object].kind) {
	case OBJ_HEAP:
		return TRUTH_FALSE;
	case OBJ_ANON:
		return TRUTH_UNKNOWN;
	default:
		return TRUTH_TRUE;
	}
}

/** What may be part of a sum or not makes it unknown, unless it has nothing to add. */
static void test_maybe(void)
{
	struct totals k[OBJ_NKINDS], all;
	struct space s;

	make(&s);
	all = space_totals(&s, RANGE_ALL, k);
	OK(all.rss.have);
	OK(k[OBJ_ANON].zero.have);
	IS(k[OBJ_ANON].zero.v, 0);
	all = space_totals_if(&s, RANGE_ALL, meets, NULL, k);
	IS(k[OBJ_HEAP].nvmas, 0);
	IS(k[OBJ_HEAP].maybe, 0);
	IS(k[OBJ_ANON].nvmas, 0);
	IS(k[OBJ_ANON].maybe, 1);
	OK(!k[OBJ_ANON].rss.have);
	OK(k[OBJ_ANON].zero.have);
	OK(k[OBJ_LIB].rss.have);
	IS(all.maybe, 1);
	OK(!all.rss.have);
	space_release(&s);
}

static void is_gap(const struct space *s, size_t i, u64 first, u64 last, u32 below, u32 above)
{
	struct gap g = { { 0, 0 }, 0, 0 };

	if (!OK(space_gap_below(s, i, &g)))
		return;
	IS(g.r.first, first);
	IS(g.r.last, last);
	IS(g.below, below);
	IS(g.above, above);
}

static void test_gaps(void)
{
	struct space s;
	struct gap g;

	make(&s);
	is_gap(&s, 0, 0, 0x3fffff, NO_INDEX, 0);
	is_gap(&s, 1, 0x402000, 0x4fffff, 0, 1);
	is_gap(&s, 2, 0x510000, 0x7effffffffff, 1, 2);
	OK(!space_gap_below(&s, 3, &g)); /* they touch */
	is_gap(&s, 4, 0x7f0000200000, 0x7ffffffddfff, 3, 4);
	OK(!space_gap_below(&s, 5, &g));       /* vsyscall is not of this half */
	OK(!space_gap_below(&s, s.nvmas, &g)); /* the stack ends where the half does */
	OK(space_largest_gap(&s, &g));
	IS(g.r.first, 0x510000);
	IS(g.r.last, 0x7effffffffff);
	s.user.last = 0xffffffffffffff; /* 5-level */
	is_gap(&s, s.nvmas, 0x7ffffffff000, 0xffffffffffffff, 4, NO_INDEX);
	OK(!space_gap_below(&s, 5, &g));
	OK(space_largest_gap(&s, &g));
	IS(g.r.first, 0x7ffffffff000);
	s.user.last = 0x7ffffffdefff; /* inside the stack */
	OK(!space_gap_below(&s, s.nvmas, &g));
	is_gap(&s, 4, 0x7f0000200000, 0x7ffffffddfff, 3, 4);
	IS(sum_all(&s).nvmas, 5);
	s.user.last = 0; /* not known where it ends */
	OK(!space_gap_below(&s, s.nvmas, &g));
	is_gap(&s, 4, 0x7f0000200000, 0x7ffffffddfff, 3, 4);
	space_release(&s);
}

static void test_gap_edges(void)
{
	static const struct line low = { 0, 0x1000, "r--p", 0, 0, 0, 0, "" };
	static const struct line top = { 0xfffffffffffff000, 0, "rw-p", 0, 0, 0, 0, "" };
	struct space s;
	struct gap g;

	make_space(&s, &low, 1);
	OK(!space_gap_below(&s, 0, &g));
	is_gap(&s, 1, 0x1000, 0x7fffffffefff, 0, NO_INDEX);
	is_gap(&s, 999, 0x1000, 0x7fffffffefff, 0, NO_INDEX);
	space_release(&s);

	make_space(&s, &top, 1);
	s.user = RANGE_ALL;
	s.proc.mmap_min_addr = FIG(0x10000);
	OK(!space_gap_below(&s, 1, &g));
	is_gap(&s, 0, 0, 0xffffffffffffefff, NO_INDEX, 0);
	OK(space_largest_gap(&s, &g));
	IS(g.r.first, 0x10000);
	s.proc.mmap_min_addr = FIG(UINT64_MAX);
	OK(!space_largest_gap(&s, &g));
	space_release(&s);

	make_space(&s, NULL, 0);
	is_gap(&s, 0, 0, 0x7fffffffefff, NO_INDEX, NO_INDEX);
	s.user = RANGE_ALL;
	is_gap(&s, 0, 0, UINT64_MAX, NO_INDEX, NO_INDEX);
	space_release(&s);
}

static struct room heap_room(const struct space *s)
{
	struct gap g = { { 0, 0 }, 0, 0 };

	OK(space_gap_below(s, 2, &g));
	return space_heap_room(s, &g);
}

static struct room stack_room(const struct space *s)
{
	struct gap g = { { 0, 0 }, 0, 0 };

	OK(space_gap_below(s, 4, &g));
	return space_stack_room(s, &g);
}

static void add_status(struct space *s, const char *name, u64 kib)
{
	struct process *p = &s->proc;

	p->status = xreallocarray(p->status, p->nstatus + 1, sizeof(*p->status));
	p->status[p->nstatus++] = (struct status_line){ name_id(s, name), kib };
}

static void test_heap_room(void)
{
	struct space s;
	struct room r;

	make(&s);
	r = heap_room(&s);
	IS(r.limit, ROOM_NEXT_MAPPING);
	IS_STR(r.what, "next mapping");
	OK(r.up);
	IS(r.bytes, 0x7f0000000000 - 0x510000 - 4096);

	s.proc.rlimit_data = FIG(MIB);
	IS(heap_room(&s).limit, ROOM_NEXT_MAPPING); /* what is used of it is not known */
	s.proc.mm.start_brk = FIG(0x500000);
	s.proc.mm.start_data = FIG(0x401000);
	s.proc.mm.end_data = FIG(0x402000);
	r = heap_room(&s);
	IS(r.limit, ROOM_RLIMIT);
	IS_STR(r.what, "RLIMIT_DATA");
	IS(r.bytes, MIB - 0x10000 - 0x1000);
	add_status(&s, "VmData", 1000);
	IS(heap_room(&s).bytes, 24 * KIB);
	s.proc.rlimit_data = FIG(UINT64_C(1) << 62);
	IS(heap_room(&s).limit, ROOM_NEXT_MAPPING);
	s.proc.rlimit_data = FIG(MIB);
	add_status(&s, "VmSize", 3000);
	s.proc.rlimit_as = FIG(2000 * KIB);
	r = heap_room(&s);
	IS(r.bytes, 0);
	IS_STR(r.what, "RLIMIT_AS");
	s.proc.rlimit_as = FIG(UNLIMITED);
	s.proc.rlimit_data = FIG(UNLIMITED);
	IS(heap_room(&s).limit, ROOM_NEXT_MAPPING);
	space_release(&s);
}

static void test_stack_room(void)
{
	struct space s;
	struct room r;
	struct gap g;

	make(&s);
	r = stack_room(&s);
	IS(r.limit, ROOM_NONE); /* smaps is there and does not say that it grows */
	set_flag(&s, &s.vmas[4], "gd");
	r = stack_room(&s);
	OK(!r.up);
	IS(r.limit, ROOM_NEXT_MAPPING);
	IS_STR(r.what, "stack guard gap");
	IS(r.bytes, 0x7ffffffde000 - 0x7f0000200000 - 256 * 4096);
	s.proc.stack_guard_gap = FIG(8192);
	IS(stack_room(&s).bytes, 0x7ffffffde000 - 0x7f0000200000 - 8192);
	s.vmas[3].perms = PERM_SHARED;
	r = stack_room(&s);
	IS(r.bytes, 0x7ffffffde000 - 0x7f0000200000);
	IS_STR(r.what, "next mapping");
	s.proc.rlimit_stack = FIG(8 * MIB);
	r = stack_room(&s);
	IS(r.limit, ROOM_RLIMIT);
	IS(r.bytes, 8 * MIB - 0x21000);
	IS_STR(r.what, "RLIMIT_STACK");
	s.proc.rlimit_stack = FIG(4096); /* already beyond it */
	IS(stack_room(&s).bytes, 0);
	s.proc.rlimit_stack = FIG(UNLIMITED);
	s.vmas[4].have &= (u8)~VMA_HAVE_SMAPS;
	IS(stack_room(&s).limit, ROOM_NEXT_MAPPING); /* without smaps the name tells */
	OK(space_gap_below(&s, 1, &g));
	IS(space_stack_room(&s, &g).limit, ROOM_NONE);
	IS(space_heap_room(&s, &g).limit, ROOM_NONE);
	space_release(&s);
}

static void test_both_rooms(void)
{
	static const struct line two[] = {
		{ 0x500000, 0x510000, "rw-p", 0, 0, 0, 0, "[heap]" },
		{ 0x900000, 0x910000, "rw-p", 0, 0, 0, 0, "[stack]" },
	};
	struct space s;
	struct room r;
	struct gap g;

	make_space(&s, two, 2);
	space_group(&s);
	OK(space_gap_below(&s, 1, &g));
	r = space_heap_room(&s, &g);
	IS(r.bytes, 0x3f0000 - 0x1000 - 0x100000);
	IS_STR(r.what, "stack guard gap");
	r = space_stack_room(&s, &g);
	IS(r.bytes, 0x3f0000 - 0x100000);
	OK(!r.up && space_heap_room(&s, &g).up);
	/* Nothing above the heap, nothing below the stack. */
	OK(space_gap_below(&s, 2, &g));
	IS(space_stack_room(&s, &g).limit, ROOM_NONE);
	IS(space_heap_room(&s, &g).limit, ROOM_NONE);
	s.nvmas = 1;
	OK(space_gap_below(&s, 1, &g));
	r = space_heap_room(&s, &g);
	IS(r.limit, ROOM_SPACE_END);
	IS(r.bytes, 0x7ffffffff000 - 0x510000 - 4096);
	s.vmas[0] = s.vmas[1];
	s.proc.mmap_min_addr = FIG(0x10000);
	OK(space_gap_below(&s, 0, &g));
	r = space_stack_room(&s, &g);
	IS(r.limit, ROOM_SPACE_END);
	IS(r.bytes, 0x8f0000);
	space_release(&s);
}

static void test_headroom(void)
{
	struct headroom h[HEADROOM_N];
	struct space s;

	make(&s);
	IS(space_map_count(&s), 5);
	space_headroom(&s, h);
	OK(h[0].used.have && !h[0].limit.have);
	OK(!h[1].used.have && !h[5].limit.have);
	s.vmas[5].name = name_id(&s, "[vectors]"); /* of 32-bit arm */
	IS(space_map_count(&s), 5);
	s.user.last = UINT64_MAX; /* as with a 32-bit process on arm64: in its half, in its mm */
	IS(space_map_count(&s), 6);
	IS(sum_all(&s).nvmas, 6);
	s.user.last = 0; /* unknown */
	IS(space_map_count(&s), 5);
	IS(sum_all(&s).nvmas, 5);
	s.proc.max_map_count = FIG(65530);
	s.proc.rlimit_as = FIG(UNLIMITED);
	s.proc.rlimit_stack = FIG(8 * MIB);
	add_status(&s, "VmSize", 7);
	space_headroom(&s, h);
	IS_STR(h[0].name, "mappings");
	IS(h[0].used.v, 5);
	IS(h[0].limit.v, 65530);
	OK(!h[0].bytes);
	IS_STR(h[1].name, "RLIMIT_AS");
	IS(h[1].used.v, 7 * KIB);
	IS(h[1].limit.v, UNLIMITED);
	IS_STR(h[3].name, "RLIMIT_STACK");
	IS(h[3].used.v, 0x21000);
	IS(h[3].limit.v, 8 * MIB);
	OK(!space_status(&s, "VmLck").have);
	space_release(&s);
}

int main(void)
{
	test_totals();
	test_totals_saturate();
	test_kinds();
	test_maybe();
	test_gaps();
	test_gap_edges();
	test_heap_room();
	test_stack_room();
	test_both_rooms();
	test_headroom();
	return tap_done();
}
