/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Labelled lines, one below the other, wrapped to their pane: "flags   UPTODATE LRU ANON". */
#ifndef PROCMAP_LINES_H
#define PROCMAP_LINES_H

#include "canvas.h"

struct lines {
	const struct pane *p;
	unsigned y;	/**< where the next line goes */
	unsigned label; /**< columns of the labels */
};

/** Text from outside, or ours; nothing when it is empty or the pane is full. */
void lines_put(struct lines *w, const char *label, unsigned style, const char *text, size_t len);
/** What was collected in a buffer, which is empty then. */
void lines_buf(struct lines *w, const char *label, struct buf *b);

#endif
