/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells of a page grid from states and facts, and runs of states kept for marks. */
#include <stdlib.h>

#include "make_space.h"
#include "model/cells.h"
#include "tap.h"

#define PAGE 4096
#define BASE UINT64_C(0x10000)

static struct grid grid;
static struct cells cells;

static bool begin(u64 npages, u64 unit, size_t max)
{
	free(grid.cells);
	grid = (struct grid){ 0 };
	return cells_begin(&cells, &grid, (struct range){ BASE, BASE + npages * PAGE - 1 }, PAGE,
			   unit, max);
}

static u64 at(u64 page)
{
	return BASE + page * PAGE;
}

static void shapes(void)
{
	static const struct {
		u64 npages, unit, max, per, ncells;
	} rows[] = {
		{ 1, 0, 100, 1, 1 },	 { 100, 0, 100, 1, 100 },  { 101, 0, 100, 2, 51 },
		{ 200, 0, 100, 2, 100 }, { 201, 0, 100, 4, 51 },   { 100, 4, 100, 4, 25 },
		{ 101, 4, 100, 4, 26 },	 { 1000, 4, 100, 4, 100 }, { 7, 0, 1, 8, 1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		OK(begin(rows[i].npages, rows[i].unit, rows[i].max));
		IS(grid.pages_per_cell, rows[i].per);
		IS(grid.ncells, rows[i].ncells);
		IS(grid.every, 1);
	}
	OK(!begin(5, 0, 0));
	OK(grid.refused != NULL);
	IS(grid.ncells, 0);
	/* All of 2^64, and its last page. */
	free(grid.cells);
	grid = (struct grid){ 0 };
	OK(cells_begin(&cells, &grid, RANGE_ALL, PAGE, 0, 1000));
	IS(grid.pages_per_cell, UINT64_C(1) << 43);
	IS(grid.ncells, 512);
	cells_state(&cells, UINT64_MAX - 4095, 1, PS_ANON, false);
	cells_end(&cells);
	IS(grid.cells[511].state, PS_ANON);
	IS(grid.cells[511].fill, 1);
}

static void states(void)
{
	begin(64, 16, 100);
	cells_state(&cells, at(0) - 4 * PAGE, 5, PS_FILE, false); /* four pages before the grid */
	cells_state(&cells, at(1), 2, PS_ANON, true);
	cells_state(&cells, at(15), 3, PS_SWAPPED, false); /* one here, two in the next */
	cells_state(&cells, at(18), 2, PS_ANON, false);
	cells_state(&cells, at(32), 1000, PS_SHARED, false); /* beyond its end */
	cells_end(&cells);
	IS(grid.cells[0].state, PS_ANON);
	IS(grid.cells[0].fill, 4);
	IS(grid.cells[0].copied, 1);
	/* Of two that are as many the one that comes first in the legend. */
	IS(grid.cells[1].state, PS_ANON);
	IS(grid.cells[1].fill, 4);
	IS(grid.cells[1].copied, 0);
	IS(grid.cells[2].state, PS_SHARED);
	IS(grid.cells[2].fill, 15);
	IS(grid.cells[3].state, PS_SHARED);
	/* The last cell has fewer pages; nothing said of a cell is nothing there. */
	begin(34, 16, 100);
	cells_state(&cells, at(32), 1, PS_ZERO, false);
	cells_end(&cells);
	IS(grid.cells[0].state, PS_ABSENT);
	IS(grid.cells[0].fill, 0);
	IS(grid.cells[2].state, PS_ZERO);
	IS(grid.cells[2].fill, 8);
	/* Told anew. */
	begin(2, 0, 2);
	cells_state(&cells, at(0), 2, PS_PRESENT, true);
	cells_restart(&cells);
	cells_state(&cells, at(1), 1, PS_ZERO, false);
	cells_end(&cells);
	IS(grid.cells[0].state, PS_ABSENT);
	IS(grid.cells[0].copied, 0);
	IS(grid.cells[1].state, PS_ZERO);
}

static void frames(void)
{
	begin(64, 32, 100);
	grid.frames = true;
	/* A sample: eight of 32, of which two are in use. */
	cells_state(&cells, at(8), 5, FS_FREE, false);
	cells_state(&cells, at(13), 1, FS_NONE, false);
	cells_state(&cells, at(14), 2, FS_SLAB, false);
	cells_state(&cells, at(40), 2, FS_NONE, false);
	cells_state(&cells, at(42), 3, FS_FREE, false);
	cells_end(&cells);
	IS(grid.cells[0].state, FS_SLAB);
	IS(grid.cells[0].fill, 4);
	IS(grid.cells[1].state, FS_FREE);
	IS(grid.cells[1].fill, 0);
}

static void facts(void)
{
	struct zone zones[] = { { 0x100, 0x1ff, 0, "DMA" }, { 0x200, 0xfff, 1, "Normal" } };
	struct places places = { .zones = zones, .nzones = 2 };
	struct page_run run = { .addr = at(0) - 2 * PAGE,
				.n = 6,
				.pm = PM_PRESENT | PM_EXCLUSIVE | 0x1fe,
				.count = 1,
				.have_flags = true,
				.flags = 0x28,
				.cgroup = 77 };

	begin(8, 2, 100);
	cells.places = &places;
	/* Its pages 2 to 5 are the first four of the grid: PFNs 200 to 203. */
	cells_facts(&cells, &run);
	IS(grid.cells[0].pm, PM_PRESENT | PM_EXCLUSIVE | 0x200);
	IS(grid.cells[1].pm, PM_PRESENT | PM_EXCLUSIVE | 0x202);
	IS(grid.cells[0].node, 1);
	IS(grid.cells[0].cgroup, 77);
	IS(grid.cells[0].exclusive, 1);
	IS(grid.cells[0].count, 1);
	OK(grid.cells[0].have_flags);
	IS(grid.cells[2].pm, 0);
	IS(grid.cells[2].node, NO_INDEX);
	IS(grid.cells[2].count, COUNT_UNKNOWN);
	/* A swapped page first, then one that is shared and one that is not. */
	cells_facts(&cells, &(struct page_run){ .addr = at(4),
						.n = 1,
						.pm = PM_SWAPPED | 9 << 5,
						.count = COUNT_UNKNOWN });
	IS(grid.cells[2].pm, PM_SWAPPED | 9 << 5);
	cells_facts(&cells, &(struct page_run){ .addr = at(5),
						.n = 2,
						.pm = PM_PRESENT | PM_FILE | 0x150,
						.count = 5,
						.have_flags = true,
						.flags = 0x30 });
	cells_facts(&cells, &(struct page_run){ .addr = at(7),
						.n = 1,
						.pm = PM_PRESENT | 0x700,
						.count = 1,
						.have_flags = true,
						.flags = 0x12 });
	IS(grid.cells[2].pm, PM_PRESENT | PM_FILE | 0x150);
	IS(grid.cells[2].node, 0);
	IS(grid.cells[2].exclusive, 0);
	IS(grid.cells[3].pm, PM_PRESENT | PM_FILE | 0x151);
	IS(grid.cells[3].count, 5);
	IS(grid.cells[3].exclusive, 0);
	IS(grid.cells[3].flags, 0x32);
	IS(grid.cells[3].flags_all, 0x10);
	/* What has no entry says nothing, what lies outside neither. */
	begin(2, 1, 2);
	cells_facts(&cells, &(struct page_run){ .addr = at(0), .n = 1, .absent = true });
	cells_facts(&cells, &(struct page_run){ .addr = at(9), .n = 1, .pm = PM_PRESENT | 1 });
	cells_facts(&cells, &(struct page_run){ .addr = at(1), .n = 1, .pm = PM_SOFT_DIRTY });
	IS(grid.cells[0].pm | grid.cells[1].pm, 0);
}

static void kept_states(void)
{
	struct page_states p = { 0 };

	page_states_add(&p, PAGE, at(0), 2, PS_ANON, false);
	page_states_add(&p, PAGE, at(2), 1, PS_ANON, false);
	page_states_add(&p, PAGE, at(3), 4, PS_ABSENT, false);
	page_states_add(&p, PAGE, at(7), 1, PS_ANON, false);
	page_states_add(&p, PAGE, at(8), 1, PS_ANON, true);
	page_states_add(&p, PAGE, at(9), 1, PS_FILE, false);
	page_states_add(&p, PAGE, at(10), 0, PS_FILE, false);
	IS(p.nruns, 4);
	IS(p.runs[0].addr, at(0));
	IS(p.runs[0].n, 3);
	IS(p.runs[1].addr, at(7));
	IS(p.runs[2].copied, 1);
	IS(p.runs[3].state, PS_FILE);
	/* A run's number has 32 bits. */
	page_states_add(&p, PAGE, at(10), UINT64_C(0x180000000), PS_FILE, false);
	IS(p.nruns, 5);
	IS(p.runs[3].n, UINT32_MAX);
	IS(p.runs[4].addr, at(9) + (u64)UINT32_MAX * PAGE);
	IS(p.runs[4].n, UINT64_C(0x180000001) - UINT32_MAX);
	free(p.runs);
}

static void plain_states(void)
{
	static const struct line lines[] = {
		{ 0x1000, 0x2000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x2000, 0x3000, "r-xp", 0, 8, 1, 9, "/bin/x" },
		{ 0x3000, 0x4000, "rw-s", 0, 0, 1, 5, "/dev/zero (deleted)" },
		{ 0x4000, 0x5000, "r--p", 0, 0, 0, 0, "[vvar]" },
	};
	struct space s;
	const struct vma *v;

	make_space(&s, lines, ARRAY_SIZE(lines));
	v = s.vmas;
	IS(page_state_plain(&s, &v[0], 0), PS_ABSENT);
	/* Shared after fork(): not exclusive, yet the mapping tells. */
	IS(page_state_plain(&s, &v[0], PM_PRESENT | 5), PS_ANON);
	IS(page_state_plain(&s, &v[1], PM_PRESENT | 5), PS_ANON);
	IS(page_state_plain(&s, &v[1], PM_PRESENT | PM_FILE | 5), PS_FILE);
	IS(page_state_plain(&s, &v[2], PM_PRESENT | PM_FILE | 5), PS_SHARED);
	IS(page_state_plain(&s, &v[3], PM_PRESENT), PS_PRESENT);
	IS(page_state_plain(&s, &v[0], PM_SWAPPED | 1 << 5), PS_SWAPPED);
	IS(page_state_plain(&s, &v[0], PM_SWAPPED | PM_GUARD), PS_GUARD);
	space_release(&s);
}

int main(void)
{
	shapes();
	states();
	frames();
	facts();
	kept_states();
	plain_states();
	free(grid.cells);
	return tap_done();
}
