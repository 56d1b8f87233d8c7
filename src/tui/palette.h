/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What each style of a cell looks like, on the background the theme is made for: a dark or a light
 * one, which stays the terminal's own. Hues, and the looks of what the text view has too, are those
 * of render/color.h. Numbers only, no terminal: screen_cells.c hands them to curses.
 */
#ifndef PROCMAP_PALETTE_H
#define PROCMAP_PALETTE_H

#include "canvas.h"

/**
 * The looks of a style (enum style, enum tui_style) with the attributes of its cell (enum
 * cell_attr). `colors` is 0, 8, 16 or 256; what lies between counts as the lower one.
 */
struct paint palette_paint(unsigned style, unsigned attr, unsigned colors, bool light);

#endif
