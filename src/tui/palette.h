/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What each style of a cell looks like: numbers only, no terminal. screen.c hands them to curses.
 *
 * Hues are chosen so that page states and series stay apart for normal sight, protanopia and
 * deuteranopia (tests/unit/palette.c computes it), on the background the theme is made for: a dark
 * or a light one, which stays the terminal's own.
 */
#ifndef PROCMAP_PALETTE_H
#define PROCMAP_PALETTE_H

#include "canvas.h"

enum paint_attr {
	PAINT_BOLD = 1,
	PAINT_DIM = 2,
	PAINT_UNDERLINE = 4,
	PAINT_REVERSE = 8,
};

/** The terminal's own colour. */
#define PAINT_OWN (-1)

struct paint {
	int16_t fg, bg; /**< 0 to 255 as xterm numbers them, or PAINT_OWN */
	u8 attr;	/**< enum paint_attr */
};

/**
 * The looks of a style (enum style, enum tui_style) with the attributes of its cell (enum
 * cell_attr). `colors` is 0, 8, 16 or 256; what lies between counts as the lower one.
 */
struct paint palette_paint(unsigned style, unsigned attr, unsigned colors, bool light);

#endif
