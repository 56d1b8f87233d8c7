/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The pages of a made target: runs of pages with known values, and what a reading of them gives:
 * cells of a grid, states, counters, one page in full.
 */
#ifndef TEST_MADE_PAGES_H
#define TEST_MADE_PAGES_H

#include <stdlib.h>
#include <string.h>

#include "model/snapshot.h"

/** Consecutive pages that are alike; their frames (or swap offsets) follow each other. */
struct made_run {
	u64 addr, n;
	u64 pm; /**< entry of the first page */
	u64 flags, cgroup;
	u32 count;
	u8 state; /**< enum page_state */
	bool copied;
};

struct made_pages {
	struct made_run *v; /**< rising, no overlap */
	size_t n, cap;
	u32 page_size;
};

static inline u64 made_end(const struct made_pages *m, const struct made_run *r)
{
	return r->addr + r->n * m->page_size;
}

/** The first run that ends above `addr`. */
static inline size_t made_find(const struct made_pages *m, u64 addr)
{
	size_t low = 0, high = m->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (made_end(m, &m->v[mid]) <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static inline void made_insert(struct made_pages *m, size_t at, struct made_run run)
{
	GROW(m->v, m->n, m->cap);
	memmove(&m->v[at + 1], &m->v[at], (m->n - at) * sizeof(*m->v));
	m->v[at] = run;
	m->n++;
}

/** Makes `addr` the start of a run if it lies within one; returns the first run from it on. */
static inline size_t made_split(struct made_pages *m, u64 addr)
{
	size_t i = made_find(m, addr);
	struct made_run low, high;

	if (i == m->n || m->v[i].addr >= addr)
		return i;
	low = high = m->v[i];
	low.n = (addr - low.addr) / m->page_size;
	high.addr = addr;
	high.n -= low.n;
	high.pm = pm_after(low.pm, low.n);
	m->v[i] = low;
	made_insert(m, i + 1, high);
	return i + 1;
}

/** Takes `n` pages at `addr` away. */
static inline void made_drop(struct made_pages *m, u64 addr, u64 n)
{
	size_t from = made_split(m, addr), to = made_split(m, addr + n * m->page_size);

	if (to > from)
		memmove(&m->v[from], &m->v[to], (m->n - to) * sizeof(*m->v));
	m->n -= to - from;
}

/** Puts a run there, whatever was there before. */
static inline void made_set(struct made_pages *m, struct made_run run)
{
	made_drop(m, run.addr, run.n);
	if (run.state != PS_ABSENT)
		made_insert(m, made_find(m, run.addr), run);
}

/* --- what a reading gives --------------------------------------------------------------------- */

static inline bool made_present(const struct made_run *r)
{
	return (r->pm & PM_PRESENT) != 0;
}

/** The part of run `r` in [from, end): its first page's entry, and how many pages. */
static inline u64 made_part(const struct made_pages *m, const struct made_run *r, u64 from, u64 end,
			    u64 *pm)
{
	u64 first = MAX(r->addr, from), last = MIN(made_end(m, r), end);

	*pm = pm_after(r->pm, (first - r->addr) / m->page_size);
	return (last - first) / m->page_size;
}

static inline void made_cell(const struct made_pages *m, const struct places *places, u64 addr,
			     u64 pages, bool with_flags, struct grid_cell *ret)
{
	u64 end = addr + pages * m->page_size, by_state[PS_NSTATES] = { 0 }, here = 0, pm;
	bool present = false;

	*ret = (struct grid_cell){ .node = NO_INDEX, .count = COUNT_UNKNOWN, .exclusive = 1 };
	ret->flags_all = with_flags ? UINT64_MAX : 0;
	for (size_t i = made_find(m, addr); i < m->n && m->v[i].addr < end; i++) {
		const struct made_run *r = &m->v[i];
		u64 n = made_part(m, r, addr, end, &pm);
		const struct zone *zone;

		here += n;
		by_state[r->state] += n;
		ret->copied |= r->copied;
		if (!ret->pm)
			ret->pm = pm;
		if (!made_present(r))
			continue;
		zone = places_zone(places, PM_PFN(pm));
		if (!present && zone && PM_PFN(pm))
			ret->node = zone->node;
		ret->exclusive &= (r->pm & PM_EXCLUSIVE) != 0;
		if (with_flags) {
			ret->have_flags = true;
			ret->flags |= r->flags;
			ret->flags_all &= r->flags;
			if (r->count != COUNT_UNKNOWN &&
			    (ret->count == COUNT_UNKNOWN || r->count > ret->count))
				ret->count = r->count;
			if (!present)
				ret->cgroup = r->cgroup;
		}
		present = true;
	}
	if (!present)
		ret->flags_all = 0;
	ret->exclusive &= present;
	/* Those that are there come first, as with cells.c. */
	by_state[PS_ABSENT] = here ? 0 : pages;
	for (unsigned st = 0; st < PS_NSTATES; st++)
		if (by_state[st] > by_state[ret->state])
			ret->state = (u8)st;
	ret->fill = (u8)((here * 15 + pages - 1) / pages);
	ret->same = (u32)by_state[ret->state];
}

/** The grid of a range in at most `cells` cells of `per_cell` pages. */
static inline void made_grid(const struct made_pages *m, const struct places *places,
			     struct range r, u64 per_cell, u64 cells, bool with_flags,
			     struct grid *ret)
{
	u64 pages = (r.last - r.first) / m->page_size + 1, at = r.first;

	free(ret->cells);
	*ret = (struct grid){ .r = r, .pages_per_cell = per_cell, .every = 1 };
	ret->ncells = (size_t)MIN((pages + per_cell - 1) / per_cell, cells);
	ret->cells = xcalloc(ret->ncells ? ret->ncells : 1, sizeof(*ret->cells));
	for (size_t i = 0; i < ret->ncells; i++, at += per_cell * m->page_size) {
		u64 left = (r.last - at) / m->page_size + 1;

		made_cell(m, places, at, MIN(per_cell, left), with_flags, &ret->cells[i]);
	}
}

static inline void made_states(const struct made_pages *m, struct page_states *ret)
{
	ret->nruns = 0;
	for (size_t i = 0; i < m->n; i++) {
		GROW(ret->runs, ret->nruns, ret->cap_runs);
		ret->runs[ret->nruns++] = (struct state_run){ .addr = m->v[i].addr,
							      .n = (u32)m->v[i].n,
							      .state = m->v[i].state,
							      .copied = m->v[i].copied };
	}
	ret->have = true;
}

/** The counters of a mapping. */
static inline void made_count(const struct made_pages *m, struct vma *v)
{
	struct page_counts *c = &v->pages;

	*c = (struct page_counts){ 0 };
	v->have |= VMA_HAVE_PAGES;
	for (size_t i = made_find(m, v->first); i < m->n && m->v[i].addr <= v->last; i++) {
		const struct made_run *r = &m->v[i];
		u64 pm, n = made_part(m, r, v->first, v->last + 1, &pm);

		if (r->state == PS_GUARD)
			c->guard += n;
		else if (!made_present(r))
			c->swapped += n;
		else
			c->present += n;
		c->zero += r->state == PS_ZERO ? n : 0;
		c->huge += r->state == PS_HUGE ? n : 0;
		if (!c->lowest)
			c->lowest = MAX(r->addr, v->first);
	}
}

/** One page, as far as the runs tell. */
static inline void made_page(const struct made_pages *m, u64 addr, struct page_detail *ret)
{
	size_t i = made_find(m, addr);

	ret->addr = addr;
	ret->have = true;
	ret->count = COUNT_UNKNOWN;
	if (i == m->n || m->v[i].addr > addr)
		return;
	ret->pm = pm_after(m->v[i].pm, (addr - m->v[i].addr) / m->page_size);
	if (!made_present(&m->v[i]))
		return;
	ret->have_flags = true;
	ret->flags = m->v[i].flags;
	ret->count = m->v[i].count;
	ret->cgroup = m->v[i].cgroup;
}

#endif
