/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read beside a target's mappings because it is on the screen: grid, page, states, tasks.
 */
#include "target_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Grids are read again after so many times their cost where only frames may have changed. */
#define GRID_TIMES 100

bool same_target(const struct want *a, const struct want *b)
{
	return a->pid == b->pid && a->kernel == b->kernel;
}

void copy_answers(struct want *to, const struct want *from)
{
	to->grid = from->grid;
	to->grid_cells = from->grid_cells;
	to->grid_unit = from->grid_unit;
	to->grid_flags = from->grid_flags;
	to->have_page = from->have_page;
	to->page = from->page;
	to->page_bytes = from->page_bytes;
	memcpy(to->symbol, from->symbol, sizeof(to->symbol));
	to->symbol_kernel = from->symbol_kernel;
	to->symbol_serial = from->symbol_serial;
}

/* --- the grid --------------------------------------------------------------------------------- */

static bool same_range(struct range a, struct range b)
{
	return a.first == b.first && a.last == b.last;
}

bool wants_grid(const struct want *w)
{
	return w->grid.first || w->grid.last;
}

static bool same_grid_want(const struct want *a, const struct want *b)
{
	return same_range(a->grid, b->grid) && a->grid_cells == b->grid_cells &&
	       a->grid_unit == b->grid_unit && a->grid_flags == b->grid_flags;
}

static bool same_page_want(const struct want *a, const struct want *b)
{
	return a->have_page == b->have_page && a->page == b->page && a->page_bytes == b->page_bytes;
}

static bool same_grid(const struct grid *a, const struct grid *b)
{
	return same_range(a->r, b->r) && a->pages_per_cell == b->pages_per_cell &&
	       a->every == b->every && a->large == b->large && a->frames == b->frames &&
	       a->ncells == b->ncells && a->refused == b->refused &&
	       (!a->ncells || !memcmp(a->cells, b->cells, a->ncells * sizeof(*a->cells)));
}

static bool grid_due(const struct target *t, bool ticked)
{
	u64 since = live_usec() - t->grid_at;

	if (!same_grid_want(&t->grid_want, &t->want))
		return true;
	if (t->grid_behind)
		return since >= MOVING_TIMES * t->grid_cost;
	/* Flags and counts of frames change without the process; so does the kernel. */
	return ticked &&
	       (t->want.grid_flags || !t->now->space.nvmas ||
		range_has(t->now->space.kernel, t->want.grid.first)) &&
	       since >= GRID_TIMES * t->grid_cost;
}

/** It was broken off: what was there of the same cells stays, else it is said. */
static void keep_grid(struct target *t, struct grid *old)
{
	struct grid *g = &t->now->grid;

	free(g->cells);
	*g = *old;
	if (same_grid_want(&t->grid_want, &t->want))
		return;
	*g = (struct grid){ .r = t->want.grid, .refused = "broken off: r reads it" };
	free(old->cells);
}

/** What `now` shows of the grid is what is wanted. True: it has changed. */
static bool answer_grid(struct target *t, bool ticked)
{
	struct stopper stop = { target_stopped, t };
	struct grid *g = &t->now->grid, old = *g;
	u64 begun = live_cpu_usec();
	bool changed = true, kept;

	if (!wants_grid(&t->want)) {
		free(g->cells);
		*g = (struct grid){ 0 };
		t->grid_want = t->want;
		return false;
	}
	t->grid_behind |= t->fresh;
	if (!grid_due(t, ticked))
		return false;
	*g = (struct grid){ 0 };
	if (!t->answering)
		step_begin(t, "pages", 0);
	kept = watch_grid(t->src, t->now, &t->want, &stop) == -ECANCELED;
	if (kept) {
		keep_grid(t, &old);
	} else {
		changed = !same_grid(&old, g);
		free(old.cells);
	}
	t->grid_want = t->want;
	t->grid_behind = kept && !g->refused;
	t->grid_at = live_usec();
	t->grid_cost = live_cpu_usec() - begun;
	return changed;
}

/* --- the page --------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_page(const struct page_detail *a, const struct page_detail *b)
{
	return a->addr == b->addr && a->have == b->have && a->refused == b->refused &&
	       a->pm == b->pm && a->have_flags == b->have_flags && a->flags == b->flags &&
	       a->count == b->count && a->cgroup == b->cgroup && a->have_cgroup == b->have_cgroup &&
	       a->direct.have == b->direct.have && a->direct.v == b->direct.v &&
	       a->image.have == b->image.have && a->image.v == b->image.v &&
	       same_text(a->pte, b->pte) && same_text(a->symbol, b->symbol) &&
	       same_text(a->begins, b->begins) && a->bytes_refused == b->bytes_refused &&
	       a->nbytes == b->nbytes && (!a->nbytes || !memcmp(a->bytes, b->bytes, a->nbytes));
}

/** The same of the page; one page is cheap enough for every tick. */
static bool answer_page(struct target *t, bool ticked)
{
	struct page_detail old;
	bool changed;

	if (same_page_want(&t->page_want, &t->want) && !(t->want.have_page && (ticked || t->fresh)))
		return false;
	t->page_want = t->want;
	/* The reader may keep what still holds of the one before. */
	page_detail_copy(&old, &t->now->page);
	watch_page(t->src, t->now, &t->want);
	changed = t->want.have_page && !same_page(&old, &t->now->page);
	page_detail_release(&old);
	return changed;
}

/** Once for each want. */
static bool answer_symbol(struct target *t)
{
	struct stopper stop = { target_stopped, t };

	if (!t->want.symbol[0] || t->now->symbol.serial == t->want.symbol_serial)
		return false;
	if (!t->answering)
		step_begin(t, "symbols", 0);
	watch_symbol(t->src, t->now, &t->want, &stop);
	return true;
}

/* --- names of places -------------------------------------------------------------------------- */

/** Has a page that is shown a cgroup whose name is not known? */
static bool lacks_cgroup(const struct snapshot *s)
{
	const struct grid *g = &s->grid;

	for (size_t i = 0; i < g->ncells; i++)
		if (g->cells[i].cgroup && !places_memcg(&s->places, g->cells[i].cgroup))
			return true;
	return s->page.cgroup && !places_memcg(&s->places, s->page.cgroup);
}

/** Groups are made while we look on: one that is unknown is looked for. */
static bool answer_places(struct target *t)
{
	struct places *p = &t->now->places;
	u64 begun = live_usec(), interval = t->want.interval_ms ? t->want.interval_ms * MSEC : SEC;
	size_t had = p->nmemcgs;

	if (!t->live || begun < t->places_due || !lacks_cgroup(t->now))
		return false;
	places_release(p);
	source_places(t->src, &t->now->space, p);
	/* What has no name in our part of the tree is not looked for all the time. */
	t->places_due = begun + MAX(interval, GRID_TIMES * (live_usec() - begun));
	return p->nmemcgs != had || !lacks_cgroup(t->now);
}

/* --- states, and all of it -------------------------------------------------------------------- */

/** As a rule they come with the reading itself, out of its scan: see reading_commit(). */
static bool answer_states(struct target *t)
{
	struct stopper stop = { target_stopped, t };
	struct page_states *p = &t->now->pages;

	/* Those of a process that has ended stay as they were. */
	if (t->answering || (t->want.page_states && (p->have || t->now->state == SNAP_ENDED)))
		return false;
	free(p->runs);
	*p = (struct page_states){ 0 };
	if (!t->want.page_states || !t->now->space.nvmas)
		return false;
	step_begin(t, "page states", 0);
	return !watch_states(t->src, t->now, &stop) && p->have;
}

/** True: there is something new to show. */
bool target_answer(struct target *t, bool ticked)
{
	bool changed = answer_states(t), alone = t->alone;

	/* No answer amid another. */
	t->alone = true;
	changed |= answer_grid(t, ticked);
	changed |= answer_page(t, ticked);
	changed |= answer_places(t);
	changed |= answer_symbol(t);
	t->alone = alone;
	if (!t->answering)
		t->fresh = false;
	return changed;
}

/* --- processes -------------------------------------------------------------------------------- */

void target_round_tasks(struct target *t, const struct want *was, bool ticked)
{
	struct stopper stop = { target_stopped, t };
	u64 begun = live_cpu_usec();
	struct snapshot *s;
	int err;

	/* What it costs to ask for the pss of whom is watch_tasks()'s to bound. */
	if (t->now && !ticked && t->want.serial == was->serial &&
	    !memcmp(t->want.pss, was->pss, sizeof(was->pss)))
		return;
	s = snapshot_new();
	s->state = SNAP_TASKS;
	step_begin(t, "processes", 0);
	err = watch_tasks(t->src, s, t->now ? &t->now->tasks : NULL, &t->want, &stop);
	if (err == -ECANCELED) {
		snapshot_free(s);
		return;
	}
	s->tasks_err = -err;
	s->usec = live_usec();
	t->moving_due = s->usec + MOVING_TIMES * (live_cpu_usec() - begun);
	snapshot_free(t->now);
	t->now = s;
	target_publish(t);
}
