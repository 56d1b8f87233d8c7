/* SPDX-License-Identifier: GPL-2.0-or-later */
/** The columns a list can show and be sorted by: ONE table. */
#ifndef PROCMAP_COLUMNS_H
#define PROCMAP_COLUMNS_H

#include "../model/snapshot.h"

struct item;

/** Where a column means something. */
enum column_half { COLUMN_USER = 1, COLUMN_KERNEL = 2, COLUMN_ANY = 3 };

enum column_kind { COLUMN_BYTES, COLUMN_NUMBER, COLUMN_HEX, COLUMN_TEXT };

struct column_def {
	const char *name; /**< heading, also what `s` and `o` show */
	const char *help;
	enum column_kind kind;
	u8 width; /**< 0: no column, only something to sort by */
	bool by_default;
	u8 levels; /**< bit per enum level that has it */
	u8 halves; /**< enum column_half */
	/** The figure of a row; of COLUMN_TEXT NULL, or a number that sorts as the text does. */
	struct fig (*figure)(const struct snapshot *s, const struct item *it);
	/** The text of a COLUMN_TEXT cell, bytes from outside or ours; may be NULL. */
	void (*text)(const struct snapshot *s, const struct item *it, struct buf *out);
};

extern const struct column_def columns[];
extern const size_t ncolumns;

struct place;
/** Does the list of this place have the column? */
bool column_here(const struct column_def *c, const struct place *p);
/** Can the row have the figure at all? Where it cannot there is nothing unknown about it. */
bool column_applies(const struct column_def *c, const struct snapshot *s, const struct item *it);
/** Is the figure an estimate, as not all frames were looked at? '~' stands before it. */
bool figure_is_estimate(const struct column_def *c, const struct snapshot *s,
			const struct item *it);
/** Is it read of the processes on the screen alone, unless it sorts them? */
bool column_is_lazy(const struct column_def *c);
/** The sums of a mapping, an object or the user half; nothing is known of other rows. */
struct totals item_totals(const struct snapshot *s, const struct item *it);
/** Bytes it takes; unknown where its end is. */
struct fig item_size(const struct snapshot *s, const struct item *it);
/** What a row is called: bytes from outside or ours. Of a file its whole path. */
void item_name(const struct snapshot *s, const struct item *it, struct buf *out);

#endif
