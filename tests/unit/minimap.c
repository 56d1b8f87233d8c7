/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of the minimap: falling, without overlap, everything in one of them. */
#include "tui/minimap.h"

#include <stdio.h>
#include <stdlib.h>

#include "make_space.h"
#include "tap.h"

static const struct line few[] = {
	{ 0x400000, 0x405000, "r-xp", 0, 8, 1, 7, "/bin/sh" },
	{ 0x1000000, 0x1021000, "rw-p", 0, 0, 0, 0, "[heap]" },
	{ 0x7f0000000000, 0x7f0000010000, "r-xp", 0, 8, 1, 8, "/lib/a.so" },
	{ 0x7f0000011000, 0x7f0000400000, "r-xp", 0, 8, 1, 9, "/lib/b.so" },
	{ 0x7ffd00000000, 0x7ffd00021000, "rw-p", 0, 0, 0, 0, "[stack]" },
};

static void add_kernel(struct space *s)
{
	static const struct {
		u64 first, last;
		enum region_kind kind;
		const char *name;
	} regions[] = {
		{ 0xffff800000000000, 0xffff87ffffffffff, KR_GUARD, "guard hole" },
		{ 0xffff880000000000, 0xffff887fffffffff, KR_LDT, "LDT remap" },
		{ 0xffff888000000000, 0xffffc87fffffffff, KR_DIRECT_MAP, "direct map" },
		{ 0xffffc88000000000, 0xffffc8ffffffffff, KR_UNUSED, "unused" },
		{ 0xffffc90000000000, 0xffffe8ffffffffff, KR_VMALLOC, "vmalloc" },
		{ 0xffffffff81000000, 0xffffffff82ffffff, KR_IMAGE, "kernel image" },
		{ 0xffffffffff600000, 0xffffffffff600fff, KR_VSYSCALL, "vsyscall" },
	};

	s->kernel = (struct range){ 0xffff800000000000, UINT64_MAX };
	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		struct region *r = space_add_region(s);

		r->first = regions[i].first;
		r->last = regions[i].last;
		r->kind = regions[i].kind;
		r->name = regions[i].name;
		r->conf = CONF_DEFAULT;
		r->source = "mm.rst";
	}
}

/** Falling, apart, and the line of every object has it. */
static bool sound(const struct space *s, const struct map_line *lines, unsigned h)
{
	u64 last = UINT64_MAX;
	bool any = false;

	for (unsigned y = 0; y < h; y++) {
		const struct map_line *l = &lines[y];

		if (l->r.first > l->r.last)
			continue;
		if (any ? l->r.last >= last : l->r.last > last)
			return false;
		last = l->r.first;
		any = true;
		if (l->kind == MAP_OBJECT && l->index >= s->nobjects)
			return false;
		if (l->kind == MAP_REGION && l->index >= s->nregions)
			return false;
	}
	return true;
}

static bool has(const struct map_line *lines, unsigned h, u64 addr)
{
	for (unsigned y = 0; y < h; y++)
		if (range_has(lines[y].r, addr))
			return true;
	return false;
}

static void test_sizes(void)
{
	struct map_line lines[120];
	struct space s;
	bool all = true, found = true, full = true;

	make_space(&s, few, ARRAY_SIZE(few));
	space_group(&s);
	add_kernel(&s);
	for (unsigned h = 1; h < ARRAY_SIZE(lines); h++)
		for (int kernel = 0; kernel < 2; kernel++) {
			minimap_lines(&s, h, kernel, lines);
			all &= sound(&s, lines, h);
			if (h < 16)
				continue;
			for (size_t i = 0; i < ARRAY_SIZE(few); i++)
				found &= has(lines, h, few[i].start);
			for (size_t i = 0; i < s.nregions; i++)
				found &= has(lines, h, s.regions[i].first);
			full &= lines[h - 1].kind == MAP_BOTTOM && lines[0].kind == MAP_TOP;
		}
	OK(all);
	OK(found);
	OK(full);
	space_release(&s);
}

/** Where there is room each object has a line of its own; else the closest share one. */
static void test_clusters(void)
{
	struct map_line lines[40];
	unsigned objects = 0, shared = 0;
	struct space s;

	make_space(&s, few, ARRAY_SIZE(few));
	space_group(&s);
	minimap_lines(&s, 40, false, lines);
	for (unsigned y = 0; y < 40; y++)
		if (lines[y].kind == MAP_OBJECT && lines[y].first) {
			objects++;
			shared += lines[y].count > 1;
		}
	OK(objects == 5 && !shared);
	OK(lines[0].kind == MAP_TOP && lines[0].size == 0x7fffffffefff + UINT64_C(1));
	OK(lines[1].kind == MAP_FREE && lines[1].r.last == s.user.last);
	objects = 0;
	minimap_lines(&s, 14, false, lines);
	for (unsigned y = 0; y < 14; y++)
		if (lines[y].kind == MAP_OBJECT && lines[y].first) {
			objects++;
			if (lines[y].count == 2)
				/* The two libraries, by the larger one. */
				shared += lines[y].r.last == 0x7f00003fffff && lines[y].index == 3;
		}
	OK(objects == 4 && shared == 1);
	space_release(&s);
}

static void test_heat(void)
{
	struct map_line lines[40];
	int8_t stack = 9, heap = 9, lib = 9;
	struct space s;

	make_space(&s, few, ARRAY_SIZE(few));
	s.have_scan = true;
	for (size_t i = 0; i < s.nvmas; i++)
		s.vmas[i].have |= VMA_HAVE_PAGES * (i != 3);
	s.vmas[1].pages.present = 0x21;
	s.vmas[4].pages.present = 2;
	space_group(&s);
	minimap_lines(&s, 40, false, lines);
	for (unsigned y = 0; y < 40; y++) {
		if (range_has(lines[y].r, few[4].start))
			stack = lines[y].heat;
		if (range_has(lines[y].r, few[1].start))
			heap = lines[y].heat;
		if (range_has(lines[y].r, few[3].start))
			lib = lines[y].heat;
	}
	/* Of the stack's line only two of 33 pages; of a library nobody looked at nothing. */
	OK(stack <= 1);
	OK(heap >= 0);
	OK(lib == HEAT_UNKNOWN);
	space_release(&s);
}

static void test_many(void)
{
	struct map_line lines[24];
	struct space s;
	unsigned objects = 0;
	u64 told = 0;

	make_space(&s, NULL, 0);
	for (u64 i = 0; i < 60000; i++)
		add_line(&s, &(struct line){ 0x10000 + i * 0x4000, 0x11000 + i * 0x4000, "rw-p", 0,
					     0, 0, 0, "" });
	space_group(&s);
	OK(s.nobjects == 60000);
	minimap_lines(&s, 24, false, lines);
	OK(sound(&s, lines, 24));
	for (unsigned y = 0; y < 24; y++)
		if (lines[y].kind == MAP_OBJECT && lines[y].first) {
			objects++;
			told += lines[y].count;
		}
	OK(objects > 1 && told == 60000);
	space_release(&s);
}

/** Nobody may see the user half: its line says so. */
static void test_denied(void)
{
	struct map_line lines[20];
	unsigned denied = 0;
	struct space s;

	make_space(&s, NULL, 0);
	s.no_user = USER_DENIED;
	add_kernel(&s);
	minimap_lines(&s, 20, true, lines);
	for (unsigned y = 0; y < 20; y++)
		denied += lines[y].kind == MAP_DENIED;
	OK(denied == 1 && lines[19].kind == MAP_BOTTOM);
	/* Nor is that of a kernel thread left out, or drawn as one gap. */
	s.no_user = USER_KTHREAD;
	minimap_lines(&s, 20, true, lines);
	OK(lines[18].kind == MAP_DENIED && lines[18].r.last == s.user.last);
	space_release(&s);
}

int main(void)
{
	test_sizes();
	test_clusters();
	test_heat();
	test_many();
	test_denied();
	return tap_done();
}
