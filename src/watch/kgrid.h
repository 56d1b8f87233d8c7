/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Private to pages.c and kgrid.c: the grid of a range of the kernel half. */
#ifndef PROCMAP_WATCH_KGRID_H
#define PROCMAP_WATCH_KGRID_H

#include "parts.h"

/** Where a range of the kernel half is mapped one to one, its first address and the frame there. */
struct linear {
	struct range va;
	u64 pfn;
};

/** The linear mapping that `addr` lies in, as far as it is known; false: none. */
bool linear_find(struct source *src, const struct space *s, u64 addr, struct linear *ret);

/** s->grid of w->grid, which lies in the kernel half. As watch_grid(). */
int watch_grid_kernel(struct source *src, struct snapshot *s, const struct want *w,
		      const struct stopper *stop);

#endif
