/* SPDX-License-Identifier: GPL-2.0-or-later */
/** The one table of styles: what each part of a view looks like at each number of colours. */
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
