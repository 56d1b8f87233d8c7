/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The one table of looks: which hue and attributes each part of a view has, in the text and in the
 * browser (tui/palette.c adds its own parts), and what a hue is with 256, 16 and 8 colours. Numbers
 * only: no terminal.
 *
 * Hues are chosen so that page states and series stay apart for normal sight, protanopia and
 * deuteranopia (tests/unit/palette.c computes it) on the background they are for.
 */
#ifndef PROCMAP_COLOR_H
#define PROCMAP_COLOR_H

#include "../model/space.h"

/** Parts of a view that differ in looks. No style ever carries a meaning that text lacks. */
enum style {
	STYLE_PLAIN,
	STYLE_DIM,   /**< directories, gaps, column headings */
	STYLE_BOLD,  /**< names of objects, headings of the footer */
	STYLE_FRAME, /**< borders of the halves and boxes */
	STYLE_WARN,
	STYLE_NOTE,				     /**< facts about a row */
	STYLE_LOCATED,				     /**< what --locate points to */
	STYLE_CONF,				     /**< + enum conf */
	STYLE_STATE = STYLE_CONF + CONF_UNKNOWN + 1, /**< + enum page_state */
	STYLE_KIND = STYLE_STATE + PS_NSTATES,	     /**< + enum object_kind */
	STYLE_N = STYLE_KIND + OBJ_NKINDS
};

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

/** The background, which stays the terminal's own. Nothing tells a text which of the two it has. */
enum ground { GROUND_EITHER, GROUND_DARK, GROUND_LIGHT, GROUND_N };

enum hue {
	HUE_OWN,
	HUE_GREY,
	HUE_ORANGE,
	HUE_SKY,
	HUE_BLUE,
	HUE_PURPLE,
	HUE_CYAN,
	HUE_YELLOW,
	HUE_GREEN,
	HUE_RED,
	HUE_NOTE,
	/* Of the browser alone. */
	HUE_WHITE,
	HUE_HEAT, /**< + 0..4, from nothing resident to all of it: steps in brightness */
	HUE_N = HUE_HEAT + 5
};

struct style_look {
	u8 hue;	 /**< enum hue */
	u8 attr; /**< with colours, beside those of the hue */
	u8 mono; /**< attributes without colours */
};
extern const struct style_look style_looks[STYLE_N];

/** A look with `colors` 0, 8, 16 or 256; what lies between counts as the lower one. */
struct paint look_paint(const struct style_look *look, unsigned colors, enum ground ground);

/** The escape sequences of all styles for one number of colours; all empty with none. */
struct theme {
	struct {
		u8 len;
		char sgr[23];
	} style[STYLE_N];
};

/** `colors` is 0, 8, 16 or 256. */
void theme_init(struct theme *t, unsigned colors);

#endif
