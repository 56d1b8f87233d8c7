/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cells.h"

#include <string.h>

/** No screen has more. */
#define CELLS_MAX (1u << 20)

static u64 first_page(const struct cells *c)
{
	return c->g->r.first / c->page_size;
}

bool cells_begin(struct cells *c, struct grid *g, struct range r, u32 page_size, u64 unit,
		 size_t max)
{
	u64 ncells;

	*c = (struct cells){ .g = g, .page_size = page_size };
	g->r = r;
	g->ncells = 0;
	if (!page_size || !max || r.last < r.first) {
		g->refused = "there is nothing to show";
		return false;
	}
	max = MIN(max, (size_t)CELLS_MAX);
	c->npages = r.last / page_size - r.first / page_size + 1;
	g->pages_per_cell = unit ? unit : 1;
	while (!unit && (c->npages - 1) / g->pages_per_cell >= max)
		g->pages_per_cell *= 2;
	ncells = (c->npages - 1) / g->pages_per_cell + 1;
	g->ncells = (size_t)MIN(ncells, (u64)max);
	c->npages = MIN(c->npages, g->ncells * g->pages_per_cell);
	g->cells = xcalloc(g->ncells, sizeof(*g->cells));
	for (size_t i = 0; i < g->ncells; i++)
		g->cells[i] = (struct grid_cell){ .node = NO_INDEX, .count = COUNT_UNKNOWN };
	g->every = 1;
	return true;
}

/* --- states ----------------------------------------------------------------------------------- */

/** Pages the cell stands for: the last one may have fewer. */
static u64 cell_pages(const struct cells *c, size_t i)
{
	return MIN(c->g->pages_per_cell, c->npages - i * c->g->pages_per_cell);
}

/**
 * The state that most of its pages have that are there at all (of frames: that are in use), as the
 * bars do it; where there is none, what the others are.
 */
static void close_cell(struct cells *c)
{
	const unsigned idle = c->g->frames ? FS_FREE + 1 : PS_ABSENT + 1;
	struct grid_cell *cell = &c->g->cells[c->cell];
	u64 here = 0, told = 0, all;
	unsigned most = 0;

	for (unsigned st = 0; st < ARRAY_SIZE(c->sum); st++) {
		bool better = c->sum[st] > c->sum[most] || (st >= idle && most < idle);

		told += c->sum[st];
		here += st >= idle ? c->sum[st] : 0;
		if (c->sum[st] && better)
			most = st;
	}
	all = c->g->frames ? told : cell_pages(c, c->cell);
	cell->state = (u8)most;
	cell->same = (u32)MIN(c->sum[most], (u64)UINT32_MAX);
	/* Sixteenths rounded up; 2^52 pages times 16 do not overflow. */
	if (here)
		cell->fill = (u8)MIN((here * 16 + all - 1) / all, (u64)15);
	memset(c->sum, 0, sizeof(c->sum));
}

/** The pages of a run that lie in the grid, from the number *page on; 0 none. */
static u64 clip(const struct cells *c, u64 addr, u64 n, u64 *page)
{
	u64 from = addr / c->page_size, first = first_page(c), end;

	end = n > UINT64_MAX - from ? UINT64_MAX : from + n;
	from = MAX(from, first);
	end = MIN(end, first + c->npages);
	*page = from - first;
	return end > from ? end - from : 0;
}

void cells_state(struct cells *c, u64 addr, u64 n, unsigned st, bool copied)
{
	u64 per = c->g->pages_per_cell, page;

	n = clip(c, addr, n, &page);
	while (n) {
		size_t i = (size_t)(page / per);
		u64 take = MIN(n, (i + 1) * per - page);

		if (i != c->cell) {
			close_cell(c);
			c->cell = i;
		}
		c->sum[st] += take;
		c->g->cells[i].copied |= copied;
		page += take;
		n -= take;
	}
}

void cells_restart(struct cells *c)
{
	for (size_t i = 0; i < c->g->ncells; i++) {
		c->g->cells[i].state = PS_ABSENT;
		c->g->cells[i].fill = 0;
		c->g->cells[i].same = 0;
		c->g->cells[i].copied = 0;
	}
	memset(c->sum, 0, sizeof(c->sum));
	c->cell = 0;
}

void cells_end(struct cells *c)
{
	close_cell(c);
}

/* --- facts ------------------------------------------------------------------------------------ */

static void add_flags(struct grid_cell *cell, u64 word)
{
	cell->flags |= word;
	cell->flags_all = cell->have_flags ? cell->flags_all & word : word;
	cell->have_flags = true;
}

/** The first present page of a cell. */
static void add_first(const struct cells *c, struct grid_cell *cell, const struct page_run *run,
		      u64 pm)
{
	const struct zone *zone =
		c->places && PM_PFN(pm) ? places_zone(c->places, PM_PFN(pm)) : NULL;

	cell->pm = pm;
	cell->cgroup = run->cgroup;
	cell->exclusive = true;
	if (zone)
		cell->node = zone->node;
}

static void add_present(struct grid_cell *cell, const struct page_run *run)
{
	if (!(run->pm & PM_EXCLUSIVE) && run->count != 1)
		cell->exclusive = false;
	if (run->count != COUNT_UNKNOWN)
		cell->count =
			cell->count == COUNT_UNKNOWN ? run->count : MAX(cell->count, run->count);
	if (run->have_flags)
		add_flags(cell, run->flags);
}

void cells_facts(struct cells *c, const struct page_run *run)
{
	u64 per = c->g->pages_per_cell, page, n = clip(c, run->addr, run->n, &page), take;
	/* Where in the run it is: the first may lie before the grid. */
	u64 at = first_page(c) + page - run->addr / c->page_size;

	if (run->absent || !PM_HERE(run->pm))
		return;
	for (; n; page += take, at += take, n -= take) {
		size_t i = (size_t)(page / per);
		struct grid_cell *cell = &c->g->cells[i];

		take = MIN(n, (i + 1) * per - page);
		if (run->pm & PM_PRESENT) {
			if (c->present != i + 1)
				add_first(c, cell, run, pm_after(run->pm, at));
			c->present = i + 1;
			add_present(cell, run);
		} else if (!cell->pm) {
			cell->pm = pm_after(run->pm, at);
		}
	}
}
