/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * TABLES of views that are lists (vmalloc areas, slab caches, page-table ranges, zones): columns
 * with headings, aligned to the view's width through libsmartcols. Without the library the cells
 * are separated by tabs. Not for lists of 100,000 rows and more.
 */
#ifndef PROCMAP_TABLE_H
#define PROCMAP_TABLE_H

#include "render.h"

struct table;

enum table_flags {
	TABLE_RIGHT = 1, /**< numbers */
	TABLE_TRUNC = 2, /**< may be cut when the lines do not fit */
	TABLE_WRAP = 4,	 /**< may be wrapped when the lines do not fit */
};

struct table *table_new(const struct view_opts *v, struct out *o);
void table_column(struct table *t, const char *name, unsigned flags);
/** Begins a row; cells are then given from left to right, missing ones stay empty. */
void table_row(struct table *t);
/** Text of our own. */
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Text from outside: escaped. */
void table_text(struct table *t, const char *bytes, size_t len);
/** A size as the view wants sizes; "?" when unknown. */
void table_size(struct table *t, struct fig bytes);
void table_number(struct table *t, struct fig n);
/** Prints and frees it. */
void table_end(struct table *t);

#endif
