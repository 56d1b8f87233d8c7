/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Private to pages.c and kgrid.c: the grid of a range of the kernel half. */
#ifndef PROCMAP_WATCH_KGRID_H
#define PROCMAP_WATCH_KGRID_H

#include "parts.h"

/** s->grid of w->grid, which lies in the kernel half. As watch_grid(). */
int watch_grid_kernel(struct source *src, struct snapshot *s, const struct want *w,
		      const struct stopper *stop);

#endif
