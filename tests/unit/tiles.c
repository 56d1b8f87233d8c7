/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Space -> tiles: order, completeness, gaps and holes, marks, limits, --locate. */
#include <stdlib.h>

#include "demo_space.h"
#include "render/tiles.h"
#include "tap.h"

#define MOST 512

static const struct tile_opts whole = { .user = true, .kernel = true, .limit = { 0, UINT64_MAX } };

static size_t walk(const struct space *s, const struct tile_opts *o, struct tile *ret)
{
	struct tiles t;
	size_t n = 0;

	tiles_init(&t, s, o);
	while (n < MOST && tiles_next(&t, &ret[n]))
		n++;
	return n;
}

/** Index of the i-th tile of a kind; SIZE_MAX for none. */
static size_t find(const struct tile *t, size_t n, enum tile_kind kind, size_t i)
{
	for (size_t k = 0; k < n; k++)
		if (t[k].kind == kind && !i--)
			return k;
	return SIZE_MAX;
}

static size_t count(const struct tile *t, size_t n, enum tile_kind kind)
{
	size_t c = 0;

	for (size_t k = 0; k < n; k++)
		c += t[k].kind == kind;
	return c;
}

static void test_whole(void)
{
	static struct tile t[MOST];
	struct space s;
	size_t n, next, mappings = 0, disorder = 0, wrong = 0;
	u64 told = 0, low = UINT64_MAX;

	demo_space(&s, false);
	n = walk(&s, &whole, t);
	next = s.nvmas;
	for (size_t i = 0; i < n; i++) {
		bool edge = t[i].kind == TILE_KERNEL_TOP || t[i].kind == TILE_USER_TOP ||
			    t[i].kind == TILE_FACT || t[i].kind == TILE_OBJECT ||
			    t[i].box == TILE_BOX_TOP;

		if (!edge) {
			disorder += t[i].r.first > low;
			low = t[i].r.first;
		}
		if (t[i].kind == TILE_MAPPING) {
			wrong += t[i].index != --next || t[i].r.first != s.vmas[next].first ||
				 t[i].r.last != s.vmas[next].last;
			mappings++;
		}
		if (t[i].kind == TILE_MAPPING || t[i].kind == TILE_GAP ||
		    t[i].kind == TILE_NULL_TRAP)
			told += range_size(t[i].r);
	}
	IS(disorder, 0);
	IS(wrong, 0);
	IS(mappings, 27);
	/* Mappings, gaps and the trap are the whole user half, nothing twice. */
	IS(told, 0x7ffffffff000);
	IS(count(t, n, TILE_REGION), 14);
	IS(count(t, n, TILE_FACT), 2);
	IS(count(t, n, TILE_STACK_PART), 5);
	IS(t[0].kind, TILE_KERNEL_TOP);
	IS(t[n - 1].kind, TILE_USER_END);
	IS(t[n - 2].kind, TILE_NULL_TRAP);
	IS(t[n - 2].r.last, 0xffff);
	space_release(&s);
}

static void test_boxes(void)
{
	static struct tile t[MOST];
	struct space s;
	size_t n, i;

	demo_space(&s, false);
	n = walk(&s, &whole, t);
	/* The stack: head, five parts, the mapping. */
	i = find(t, n, TILE_OBJECT, 0);
	IS(t[i].index, s.vmas[26].object);
	IS(t[i].box, TILE_BOX_TOP);
	IS_STR(t[i + 1].part.name, "environment strings");
	IS(t[i + 1].r.first, 0x7ffcfb43b1d1);
	IS(t[i + 1].box, TILE_BOX_IN);
	IS(t[i + 6].kind, TILE_MAPPING);
	IS(t[i + 6].box, TILE_BOX_LAST);
	/* ld.so: five mappings, the lowest ends the box. */
	i = find(t, n, TILE_OBJECT, 1);
	IS(t[i].r.first, 0x7f4b205f6000);
	IS(t[i].r.last, 0x7f4b20629fff);
	IS(t[i + 1].index, 25);
	IS(t[i + 1].box, TILE_BOX_IN);
	/* [heap] stands alone. */
	i = find(t, n, TILE_MAPPING, 20);
	IS(t[i].index, 6);
	IS(t[i].box, TILE_BOX_NONE);
	/* The kernel image: its head, then parts and what is unused between them. */
	i = find(t, n, TILE_REGION, 2);
	IS_STR(s.regions[t[i].index].name, "kernel image");
	IS(t[i].box, TILE_BOX_TOP);
	IS(t[i + 1].kind, TILE_UNUSED);
	IS(t[i + 1].r.first, 0xffffffff8327c140);
	IS(t[i + 1].r.last, 0xffffffff83dfffff);
	IS(t[i + 1].box, TILE_BOX_IN);
	IS_STR(s.regions[t[i + 6].index].name, "text");
	IS(t[i + 6].box, TILE_BOX_LAST);
	space_release(&s);
}

static void test_gaps(void)
{
	static struct tile t[MOST];
	struct space s;
	size_t n, i;

	demo_space(&s, false);
	n = walk(&s, &whole, t);
	/* Above the stack: nothing grows there. */
	i = find(t, n, TILE_GAP, 0);
	IS(t[i].r.first, 0x7ffcfb43c000);
	IS(t[i].r.last, 0x7fffffffefff);
	IS(t[i].gap.above, NO_INDEX);
	IS(t[i].gap.below, 26);
	IS(t[i].stack.limit, ROOM_NONE);
	IS(t[i].heap.limit, ROOM_NONE);
	/* Below it: the stack grows down to its rlimit. */
	i = find(t, n, TILE_GAP, 1);
	IS(t[i].stack.limit, ROOM_RLIMIT);
	IS(t[i].heap.limit, ROOM_NONE);
	OK(!t[i].stack.up);
	IS(t[i].stack.bytes, 8 * MIB - 132 * KIB);
	/* Above the heap. */
	for (i = 0; i < n && !(t[i].kind == TILE_GAP && t[i].gap.below == 6); i++)
		;
	IS(t[i].r.first, 0x55d0e4fb2000);
	OK(t[i].heap.up);
	IS(t[i].heap.limit, ROOM_NEXT_MAPPING);
	/* The lowest gap ends where the NULL trap begins. */
	i = find(t, n, TILE_GAP, count(t, n, TILE_GAP) - 1);
	IS(t[i].r.first, 0x10000);
	IS(t[i].gap.below, NO_INDEX);
	space_release(&s);
}

static void test_holes(void)
{
	static struct tile t[MOST];
	struct space s;
	size_t n, i;

	demo_space(&s, false);
	n = walk(&s, &whole, t);
	i = find(t, n, TILE_HOLE, 0);
	IS(t[i].hole, HOLE_NONCANONICAL);
	IS(t[i].r.first, 0x800000000000);
	IS(t[i].r.last, 0xffff7fffffffffff);
	IS(t[i + 1].hole, HOLE_BEYOND_TASK);
	IS(t[i + 1].r.first, 0x7ffffffff000);
	IS(range_size(t[i + 1].r), 4096);

	/* A 32-bit process on the same kernel, and five levels. */
	s.nvmas = 0;
	s.nmarks = 0;
	s.user.last = 0xffffdfff;
	n = walk(&s, &whole, t);
	i = find(t, n, TILE_HOLE, 1);
	IS(t[i].r.first, 0xffffe000);
	IS(t[i].r.last, 0x7fffffffffff);
	i = find(t, n, TILE_GAP, 0);
	IS(t[i].r.first, 0x10000);
	IS(t[i].r.last, 0xffffdfff);
	s.kernel.first = 0xff00000000000000;
	s.user.last = 0xfffffffffff000 - 1;
	n = walk(&s, &whole, t);
	i = find(t, n, TILE_HOLE, 0);
	IS(t[i].r.first, 0x100000000000000);
	IS(t[i].r.last, 0xfeffffffffffffff);
	IS(range_size(t[i + 1].r), 4096);

	/* Elsewhere nothing is known about canonical addresses. */
	free(s.host.machine);
	s.host.machine = xstrdup("aarch64");
	n = walk(&s, &whole, t);
	IS(count(t, n, TILE_HOLE), 1);
	IS(t[find(t, n, TILE_HOLE, 0)].hole, HOLE_BETWEEN);
	s.nvmas = ARRAY_SIZE(demo_vmas);
	space_release(&s);
}

static void test_bounds(void)
{
	static struct tile t[MOST];
	struct space s;
	size_t n, unused = 0;

	demo_space(&s, true);
	n = walk(&s, &whole, t);
	/* Where a region of unknown place may lie, nothing is called unused. */
	for (size_t i = 0; i < n; i++)
		if (t[i].kind == TILE_UNUSED)
			unused += range_overlaps(
				t[i].r, (struct range){ 0xffff888000000000, 0xfffffd557fffffff });
	IS(unused, 0);
	IS(count(t, n, TILE_REGION), 13);
	space_release(&s);
}

static void test_marks(void)
{
	static struct tile t[MOST];
	struct tile_opts o = whole;
	struct space s;
	size_t n, i;

	demo_space(&s, false);
	n = walk(&s, &whole, t);
	for (i = 0; i < n && !(t[i].kind == TILE_MARK && t[i].r.first == 0x55d0c4a3f560); i++)
		;
	OK(i < n);
	IS_STR(s.marks[t[i].index].name, "AT_ENTRY");
	IS(t[i].count, 1);
	IS(t[i].box, TILE_BOX_IN);
	IS(t[i + 1].kind, TILE_MAPPING);
	IS(t[i + 1].index, 1);
	/* start_code is where the mapping starts: no line of its own. */
	for (i = 0; i < n && !(t[i].kind == TILE_MARK && t[i].r.first == 0x55d0c4a2c000); i++)
		;
	IS(i, n);
	/* What the stack's parts say already comes only with all_marks: two at one address. */
	o.all_marks = true;
	n = walk(&s, &o, t);
	for (i = 0; i < n && !(t[i].kind == TILE_MARK && t[i].r.first == 0x7ffcfb43b1d1); i++)
		;
	IS(t[i].count, 2);
	space_release(&s);
}

static void test_limit(void)
{
	static struct tile t[MOST];
	struct tile_opts o = whole;
	struct space s;
	size_t n;

	demo_space(&s, false);
	/* The end of one mapping, the gap, the start of the next. */
	o.limit = (struct range){ 0x7f4b1c801fff, 0x7f4b1c900000 };
	n = walk(&s, &o, t);
	IS(n, 7);
	IS(t[0].kind, TILE_USER_TOP);
	IS(t[1].kind, TILE_SKIPPED);
	IS(t[1].r.first, s.vmas[12].last + 1);
	IS(t[1].r.last, 0x7fffffffefff);
	IS(t[2].kind, TILE_MAPPING);
	IS(t[2].index, 12);
	IS(t[3].kind, TILE_GAP);
	IS(t[3].r.first, 0x7f4b1c802000);
	IS(t[4].index, 11);
	IS(t[5].kind, TILE_SKIPPED);
	IS(t[5].r.first, 0);
	IS(t[5].r.last, s.vmas[11].first - 1);
	IS(t[6].kind, TILE_USER_END);
	/* A box of which one row is shown is closed by that row. */
	o.limit = (struct range){ 0x7f4b205f7000, 0x7f4b205f7000 };
	n = walk(&s, &o, t);
	IS(n, 6);
	IS(t[2].kind, TILE_OBJECT);
	IS(t[3].r.first, 0x7f4b205f7000);
	IS(t[3].box, TILE_BOX_LAST);
	/* Inside a gap: the gap alone. */
	o.limit = (struct range){ 0x10000000000, 0x10000000fff };
	n = walk(&s, &o, t);
	IS(n, 5);
	IS(t[2].kind, TILE_GAP);
	/* Inside the hole. */
	o.limit = (struct range){ 0x8000000000000, 0x8000000000fff };
	n = walk(&s, &o, t);
	IS(n, 1);
	IS(t[0].kind, TILE_HOLE);
	/* The top of the space. */
	o.limit = (struct range){ UINT64_MAX, UINT64_MAX };
	n = walk(&s, &o, t);
	IS(n, 6);
	IS(t[1].kind, TILE_UNUSED);
	IS(t[1].r.last, UINT64_MAX);
	space_release(&s);
}

static void test_locate(void)
{
	static struct tile t[MOST];
	struct tile_opts o = whole;
	struct space s;
	size_t n, i;

	demo_space(&s, false);
	o.have_locate = true;
	o.locate = (struct range){ 0x7f4b20511a80, 0x7f4b20511abf };
	n = walk(&s, &o, t);
	i = find(t, n, TILE_LOCATED, 0);
	IS(t[i].r.first, 0x7f4b20511a80);
	IS(t[i + 1].kind, TILE_MAPPING);
	IS(t[i + 1].index, 14);
	OK(t[i + 1].located);
	/* libc; above: gap, vdso, ld.so; below: gap, memfd, gap. */
	IS(count(t, n, TILE_OBJECT), 3);
	IS(count(t, n, TILE_GAP), 3);
	IS(t[find(t, n, TILE_MAPPING, 0)].index, 25);
	IS(t[find(t, n, TILE_MAPPING, count(t, n, TILE_MAPPING) - 1)].index, 12);
	IS(count(t, n, TILE_KERNEL_TOP), 0);
	/* In a part of the kernel image: inside its box, ahead of the part. */
	o.locate = (struct range){ 0xffffffff82400010, 0xffffffff82400010 };
	n = walk(&s, &o, t);
	i = find(t, n, TILE_LOCATED, 0);
	IS(t[i].box, TILE_BOX_IN);
	IS_STR(s.regions[t[i + 1].index].name, "rodata");
	/* In the non-canonical hole. */
	o.locate = (struct range){ 0x1234567890abcdef, 0x1234567890abcdef };
	n = walk(&s, &o, t);
	IS(n, 2);
	IS(t[0].kind, TILE_LOCATED);
	IS(t[1].kind, TILE_HOLE);
	/* In the NULL trap. */
	o.locate = (struct range){ 8, 8 };
	n = walk(&s, &o, t);
	i = find(t, n, TILE_LOCATED, 0);
	IS(t[i + 1].kind, TILE_NULL_TRAP);
	space_release(&s);
}

static void test_vsyscall(void)
{
	static const struct line gate = {
		0xffffffffff600000, 0xffffffffff601000, "--xp", 0, 0, 0, 0, "[vsyscall]"
	};
	static struct tile t[MOST];
	struct tile_opts o = whole;
	struct space s;
	size_t n, i;

	space_init(&s);
	demo_process(&s);
	demo_kernel(&s, false);
	add_line(&s, &demo_vmas[0].line);
	add_line(&s, &gate);
	IS(space_user_vmas(&s), 1);
	/* No region stands for it: a mapping of the kernel half, in its place. */
	n = walk(&s, &whole, t);
	i = find(t, n, TILE_MAPPING, 0);
	IS(t[i].r.first, 0xffffffffff600000);
	IS(count(t, n, TILE_MAPPING), 2);
	OK(find(t, n, TILE_KERNEL_END, 0) > i);
	/* Without the kernel half it stands above the user half. */
	o.kernel = false;
	n = walk(&s, &o, t);
	IS(t[0].kind, TILE_MAPPING);
	IS(t[0].r.first, 0xffffffffff600000);
	IS(t[1].kind, TILE_USER_TOP);
	/* A region stands for it. */
	demo_region(&s, 0xffffffffff600000, 0xffffffffff600fff, KR_VSYSCALL, CONF_EXACT, "maps",
		    "vsyscall");
	n = walk(&s, &whole, t);
	IS(count(t, n, TILE_MAPPING), 1);
	space_release(&s);
}

static void test_none(void)
{
	static const struct line zero = { 0, 0x1000, "r--p", 0, 0, 0, 0, "" };
	static struct tile t[MOST];
	struct space s;
	size_t n;

	space_init(&s);
	demo_process(&s);
	/* No mapping at all, no kernel half known. */
	n = walk(&s, &whole, t);
	IS(n, 4);
	IS(t[1].kind, TILE_GAP);
	IS(range_size(t[1].r), 0x7ffffffff000 - 0x10000);
	IS(t[2].kind, TILE_NULL_TRAP);
	/* A mapping at 0: no trap, no gap below it. */
	add_line(&s, &zero);
	n = walk(&s, &whole, t);
	IS(n, 4);
	IS(t[1].r.first, 0x1000);
	IS(t[2].kind, TILE_MAPPING);
	s.no_user = USER_ZOMBIE;
	n = walk(&s, &whole, t);
	IS(n, 1);
	IS(t[0].kind, TILE_NO_USER);
	s.no_user = USER_NOT_ASKED;
	IS(walk(&s, &whole, t), 0);
	space_release(&s);
}

static void test_lines(void)
{
	IS(tile_lines(4096), 1);
	IS(tile_lines(64 * MIB - 1), 1);
	IS(tile_lines(64 * MIB), 2);
	IS(tile_lines(GIB), 3);
	IS(tile_lines(64 * GIB), 4);
	IS(tile_lines(0), 4); /* 2^64 */
}

int main(void)
{
	test_whole();
	test_boxes();
	test_gaps();
	test_holes();
	test_bounds();
	test_marks();
	test_limit();
	test_locate();
	test_vsyscall();
	test_none();
	test_lines();
	return tap_done();
}
