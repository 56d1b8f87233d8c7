/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A grid of cells that views draw into: what a terminal would show, without one. Text from outside
 * is escaped here. Whatever would fall outside the grid, or the pane, is cut off.
 */
#ifndef PROCMAP_CANVAS_H
#define PROCMAP_CANVAS_H

#include "../render/row.h"

/** Styles of the browser beside those of enum style, which cells use as well. */
enum tui_style {
	TSTYLE_TITLE = STYLE_N, /**< top line, menu line */
	TSTYLE_KEY,		/**< a key in the menu line */
	TSTYLE_PROMPT,
	TSTYLE_NEW,  /**< changed since the mark or the last refresh: new, grown */
	TSTYLE_GONE, /**< likewise: gone, shrunk */
	TSTYLE_HEAT, /**< + 0..4: how much of it is resident */
	TSTYLE_SERIES =
		TSTYLE_HEAT + 5, /**< + 0..7: nodes, counts, cgroups: told apart by colour */
	TSTYLE_N = TSTYLE_SERIES + 8
};

enum cell_attr {
	CELL_SELECTED = 1, /**< reverse video */
	CELL_MATCH = 2,	   /**< what a search has found: underlined */
};

struct cell {
	char text[14]; /**< one character and its combining ones, UTF-8, NUL-terminated; "" blank */
	u8 width;      /**< columns: 1 or 2; 0: the right half of the wide one before it */
	u8 attr;       /**< enum cell_attr */
	u16 style;     /**< enum style or enum tui_style */
};

struct canvas {
	unsigned w, h;
	struct cell *cells; /**< h rows of w; owned */
	bool ascii;	    /**< no byte above 0x7f */
	bool mono;	    /**< styles are not told apart: letters must */
	bool cursor;	    /**< the cursor is shown, at x, y */
	unsigned x, y;
};

/** A rectangle of a canvas; all coordinates given to the functions below are relative to it. */
struct pane {
	struct canvas *c;
	unsigned x, y, w, h;
};

void canvas_init(struct canvas *c, unsigned w, unsigned h, bool ascii, bool mono);
void canvas_release(struct canvas *c);
/** Changes the size; the contents are blank then. */
void canvas_resize(struct canvas *c, unsigned w, unsigned h);
void canvas_clear(struct canvas *c);
struct pane canvas_all(struct canvas *c);
/** A part of a pane, cut to what lies inside it. */
struct pane pane_part(const struct pane *p, unsigned x, unsigned y, unsigned w, unsigned h);

/** Text of our own (UTF-8); returns the columns it took. */
unsigned pane_put(const struct pane *p, unsigned x, unsigned y, unsigned style, const char *text);
unsigned pane_printf(const struct pane *p, unsigned x, unsigned y, unsigned style, const char *fmt,
		     ...) __attribute__((format(printf, 5, 6)));
/** Text from outside, escaped and elided to `cols` columns; returns the columns it took. */
unsigned pane_text(const struct pane *p, unsigned x, unsigned y, unsigned cols, unsigned style,
		   const char *bytes, size_t len, enum elide e);
/** Right-aligned so that it ends before column `end`. */
void pane_right(const struct pane *p, unsigned end, unsigned y, unsigned style, const char *text);
void pane_glyph(const struct pane *p, unsigned x, unsigned y, unsigned style, enum glyph g);
/** `n` columns of blanks in a style. */
void pane_fill(const struct pane *p, unsigned x, unsigned y, unsigned n, unsigned style);
/** Sets attributes on the cells of a line. */
void pane_attr(const struct pane *p, unsigned x, unsigned y, unsigned n, unsigned attr);

/** The grid as lines of text, trailing blanks cut: for tests and for the picture of a screen. */
void canvas_text(const struct canvas *c, struct buf *out);
/** The same shape, a letter a cell for its style and attributes, with a legend of those used. */
void canvas_styles(const struct canvas *c, struct buf *out);

#endif
