/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Filling the cells of a page grid from what goes by of its pages: their states on one side, the
 * facts of each (entry, flags, count, cgroup) on the other. Pure.
 */
#ifndef PROCMAP_CELLS_H
#define PROCMAP_CELLS_H

#include "phys.h"
#include "snapshot.h"

struct cells {
	struct grid *g;
	const struct places *places; /**< for nodes; NULL: none */
	u32 page_size;
	u64 npages; /**< of the range */
	/** The cell whose states are being counted. Of frames nobody told of those that were not
	 * looked at; other pages are absent then. */
	size_t cell;
	u64 sum[MAX((int)PS_NSTATES, (int)FS_NSTATES)];
	size_t present; /**< the last cell that had a present page among its facts, + 1 */
};

/**
 * Lays out the cells of `r`: `unit` pages each, 0: the least power of two of which at most `max`
 * cells are needed. With more cells than `max` the grid ends early. False: there is nothing to
 * show, and g->refused says why.
 */
bool cells_begin(struct cells *c, struct grid *g, struct range r, u32 page_size, u64 unit,
		 size_t max);

/**
 * `n` pages from `addr` on are in that state (enum page_state, with g->frames enum frame_state);
 * addresses must not fall.
 */
void cells_state(struct cells *c, u64 addr, u64 n, unsigned st, bool copied);

/**
 * What a run of pages has, or of frames at those addresses; those must not fall, either. Absent
 * ones are of no interest.
 */
void cells_facts(struct cells *c, const struct page_run *run);

/** Forgets all states, and that pages were copied, to be told anew from the first page on. */
void cells_restart(struct cells *c);
/** Closes the last cell. */
void cells_end(struct cells *c);

#endif
