/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states of all pages of a target, and the grid of a range of them. */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>

#include "../model/cells.h"
#include "../proc/states.h"
#include "kgrid.h"
#include "page.h"

/**
 * Up to so many pages each entry is read though nobody asks for flags: 30 ns a page, 8 ms. Beyond,
 * only the scan is made (11 ns): a cell then stands for so many pages that one of them says little.
 */
#define ENTRIES_MAX (UINT64_C(1) << 18)

static int read_states(struct source *src, struct snapshot *s, struct range r,
		       struct page_states *ret, const struct stopper *stop)
{
	return states_read(source_dir(src), &s->space, r, ret, stop ? stop->stop : NULL,
			   stop ? stop->ctx : NULL);
}

int watch_states(struct source *src, struct snapshot *s, const struct stopper *stop)
{
	struct page_states *p = &s->pages;
	int err;

	p->nruns = 0;
	p->have = false;
	if (!source_dir(src))
		return -ESRCH;
	err = read_states(src, s, RANGE_ALL, p, stop);
	p->have = !err;
	return err;
}

/* --- the grid of a process -------------------------------------------------------------------- */

struct grid_walk {
	struct cells c;
	const struct space *space;
	const struct stopper *stop;
	bool flags;	/**< wanted: then states come from the walk as well */
	bool any_flags; /**< some page had them */
};

static int take_run(void *ctx, const struct page_run *run)
{
	struct grid_walk *w = ctx;
	const struct vma *v = &w->space->vmas[run->vma];
	enum page_state st;

	if (run->absent)
		return 0;
	cells_facts(&w->c, run);
	w->any_flags |= run->have_flags;
	if (!w->flags)
		return 0;
	st = page_run_state(w->space, run);
	cells_state(&w->c, run->addr, run->n, st, st != PS_ZERO && page_copied(v, run->pm));
	return 0;
}

static int take_batch(void *ctx, const struct page_batch *b)
{
	struct run_merger *m = ctx;
	struct grid_walk *w = m->ctx;

	return stopped(w->stop) ? -ECANCELED : run_merger_feed(m, b);
}

/** Entries, and with `flags` what the files about frames say, page by page. */
static int walk_pages(struct source *src, struct snapshot *s, struct grid_walk *w)
{
	unsigned want = w->flags ? WALK_FLAGS | WALK_COUNT | WALK_CGROUP : 0;
	struct run_merger m = { .space = &s->space, .emit = take_run, .ctx = w };
	int err = source_walk_pages(src, &s->space, s->grid.r, want, take_batch, &m);

	return err ? err : run_merger_end(&m);
}

/** What is where, without a look at any frame. */
static int scan_pages(struct source *src, struct snapshot *s, struct grid_walk *w)
{
	struct page_states p = { 0 };
	int err = read_states(src, s, s->grid.r, &p, w->stop);

	for (size_t i = 0; i < p.nruns && !err; i++)
		cells_state(&w->c, p.runs[i].addr, p.runs[i].n, p.runs[i].state, p.runs[i].copied);
	free(p.runs);
	return err;
}

static int fill_grid(struct source *src, struct snapshot *s, struct grid_walk *w)
{
	int err = 0;

	if (w->flags || !s->grid.large)
		err = walk_pages(src, s, w);
	if (err || w->any_flags)
		return err;
	/* Without flags of frames the scan knows more than the entries: the zero page. */
	cells_restart(&w->c);
	return scan_pages(src, s, w);
}

static int process_grid(struct source *src, struct snapshot *s, const struct want *want,
			const struct stopper *stop)
{
	struct grid_walk w = { .space = &s->space, .stop = stop, .flags = want->grid_flags };
	struct grid *g = &s->grid;
	int err;

	if (!source_dir(src) || !s->space.nvmas) {
		g->refused = s->space.no_user == USER_DENIED ? "its mappings are closed to us"
							     : "the process has no mappings";
		return 0;
	}
	if (!cells_begin(&w.c, g, want->grid, s->space.host.page_size, want->grid_unit,
			 want->grid_cells))
		return 0;
	w.c.places = &s->places;
	g->large = !want->grid_flags && w.c.npages > ENTRIES_MAX;
	err = fill_grid(src, s, &w);
	cells_end(&w.c);
	if (err == 0 || err == -ECANCELED)
		return err;
	g->refused = page_entry_refused(err);
	return 0;
}

int watch_grid(struct source *src, struct snapshot *s, const struct want *w,
	       const struct stopper *stop)
{
	const struct range kernel = s->space.kernel;
	struct grid *g = &s->grid;
	int err = 0;

	free(g->cells);
	*g = (struct grid){ 0 };
	if (!w->grid.first && !w->grid.last)
		return 0;
	g->r = w->grid;
	/* Nodes are told by frames, and those are asked for with the flags. */
	if (w->grid_flags && !s->places.nzones) {
		places_release(&s->places);
		source_places(src, &s->space, &s->places);
	}
	if (kernel.last && range_overlaps(kernel, w->grid))
		err = watch_grid_kernel(src, s, w, stop);
	else if (!kernel.last && s->space.user.last && w->grid.first > s->space.user.last)
		g->refused = "where the kernel half lies is not known";
	else
		err = process_grid(src, s, w, stop);
	if (!err && !g->refused)
		return 0;
	free(g->cells);
	g->cells = NULL;
	g->ncells = 0;
	return err;
}
