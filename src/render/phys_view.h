/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What the files of --phys share: phys.c draws the map, phys_tables.c what stands below it. */
#ifndef PROCMAP_PHYS_VIEW_H
#define PROCMAP_PHYS_VIEW_H

#include "view.h"

struct phys_view {
	struct view v;
	const struct phys *p;
	u32 *list; /**< scratch: resources about to be drawn, a level after the other; owned */
	size_t cap_list;
	struct border *borders; /**< of zones, the highest first */
	size_t nborders, border;
};

/** "N0 Normal". */
void zone_label(const struct phys *p, u32 zone, struct buf *b);

/** An empty line and a heading. */
void phys_heading(struct phys_view *pv, const char *text);

/** phys_pools.c: generations, pools, swap, counters, totals. */
void phys_pools(struct phys_view *pv);
/** All tables, each under its heading. */
void phys_tables(struct phys_view *pv);

#endif
