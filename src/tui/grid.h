/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The page grid, between its files: where its cells are (grid.c), what they look like and what
 * that means (grid_look.c), the selected one in full (grid_detail.c).
 */
#ifndef PROCMAP_GRID_H
#define PROCMAP_GRID_H

#include "tui.h"

/** Most cgroups that have a letter of their own. */
#define GRID_CGROUPS 26

/** What looks are made from, gathered once for a draw. */
struct grid_scene {
	const struct tui *t;
	const struct grid *g; /**< of the snapshot; it may be that of an older want */
	u64 cell;	      /**< bytes a cell */
	struct range shown;
	bool letters; /**< no drawing characters: they would all be of one colour */
	u64 cgroups[GRID_CGROUPS];
	size_t ncgroups;
	struct changed_run *runs; /**< GRID_CHANGE: of the pages shown; owned */
	size_t nruns, run;	  /**< and where the last cell was found */
};

void grid_scene_init(struct grid_scene *s, const struct tui *t, const struct grid_shape *shape);
void grid_scene_release(struct grid_scene *s);

/** The cell of the snapshot for an address; NULL while it has not been read. */
const struct grid_cell *grid_cell(const struct grid_scene *s, u64 addr);

struct grid_look {
	char text[4]; /**< one column, UTF-8 */
	unsigned style;
	u8 key; /**< which line of the legend it is, see grid_look.c */
};

/** Addresses must not fall from call to call. */
struct grid_look grid_look(struct grid_scene *s, const struct grid_cell *c, u64 addr);
/** A block in reverse looks empty: what was drawn as one becomes its letter. */
void grid_letter(const struct grid_scene *s, const struct grid_cell *c, struct grid_look *look);

/** "page state", "frame flag DIRTY": what the looks are by. */
void grid_by_words(const struct tui *t, struct buf *out);
#endif
