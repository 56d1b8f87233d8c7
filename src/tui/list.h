/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Where everything stands in the rows of a list: shared by list.c, list_row.c and clicks. */
#ifndef PROCMAP_LIST_H
#define PROCMAP_LIST_H

#include "columns.h"
#include "tui.h"

/** Most columns a list shows. */
#define LIST_COLUMNS 32

/** Columns of "access" where there is no room for what it needs. */
#define ACCESS_SHORT 6

struct list_layout {
	unsigned addr_w; /**< columns of the address, the first of a row; 0: none */
	unsigned name_x, name_w;
	struct list_column {
		u8 column; /**< index in columns[] */
		u8 w;
		unsigned x;
	} col[LIST_COLUMNS];
	size_t n;
	unsigned bar_x, bar_w;	 /**< w 0: none */
	unsigned note_x, note_w; /**< likewise */
	unsigned w;		 /**< of the rows: what the scroll bar leaves */
};

/** For the present place in a pane of that many columns. */
void list_layout(const struct tui *t, unsigned w, struct list_layout *ret);
/** list_row.c: everything right of the address. */
void list_row(const struct tui *t, const struct pane *p, const struct list_layout *l, unsigned y,
	      const struct item *it);
/** list_row.c: do rows have bars here? */
bool list_has_bars(const struct tui *t);

/**
 * An address in `w` columns: all its digits, else those that tell it from every other address of
 * the place, behind a mark that it was cut.
 */
void list_address(char ret[static 24], u64 addr, unsigned w, bool ascii);
/** Columns that takes where room is scarce. */
unsigned list_address_cols(const struct tui *t);

#endif
