/* SPDX-License-Identifier: GPL-2.0-or-later */
/** The looks of page and frame states, the same in the bars of all views, in legends and grids. */
#ifndef PROCMAP_BAR_H
#define PROCMAP_BAR_H

#include "../model/phys.h"

/**
 * Two glyphs a state, one column each: up to half of what a cell stands for is there, or more.
 * They tell the states apart without any colour; what is rare is a letter.
 */
struct bar_look {
	const char *half, *full;
	char ascii;
	u8 style; /**< enum style */
};

/** Of a state beyond the last: what PS_OTHER and FS_POISON look like. */
const struct bar_look *bar_state_look(unsigned state);
const struct bar_look *bar_frame_look(unsigned state);
/** What such a state is, in the words of the legend. */
const char *bar_state_words(unsigned state);

#endif
