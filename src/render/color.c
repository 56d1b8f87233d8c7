/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "color.h"

#include <stdio.h>
#include <string.h>

#define B PAINT_BOLD
#define D PAINT_DIM
#define U PAINT_UNDERLINE

/* --- hues ------------------------------------------------------------------------------------- */

/** In a table of hues: a colour that goes with bold; the terminal's own, dim. */
#define BOLD	256
#define OWN_DIM (-2)

/**
 * For 256, 16 and 8 colours, each on either background, a dark one, a light one. The 256 are those
 * of xterm: 16 + 36 r + 6 g + b, 232 to 255 greys. The 16 and 8 are whatever the terminal makes of
 * them; there bold tells hues apart that share a number.
 */
static const int16_t hues[HUE_N][3][GROUND_N] = {
	[HUE_OWN] = { { -1, -1, -1 }, { -1, -1, -1 }, { -1, -1, -1 } },
	[HUE_GREY] = { { 243, 243, 245 }, { 8, 8, 8 }, { -1, OWN_DIM, OWN_DIM } },
	[HUE_ORANGE] = { { 208, 214, 166 }, { 3, 3, 3 }, { 3, 3, 3 } },
	[HUE_SKY] = { { 39, 45, 31 }, { 12, 6, 12 }, { 4, 6, 6 } },
	[HUE_BLUE] = { { 27, 99, 17 }, { 4, 12, 4 }, { 4, 4 | BOLD, 4 } },
	[HUE_PURPLE] = { { 127, 97, 128 }, { 5, 5, 5 }, { 5, 5, 5 } },
	[HUE_CYAN] = { { 37, 195, 23 }, { 6, 14, 6 }, { 6, 6 | BOLD, 6 | BOLD } },
	[HUE_YELLOW] = { { 143, 229, 137 }, { 11, 11, 3 | BOLD }, { 3, 3 | BOLD, 3 | BOLD } },
	[HUE_GREEN] = { { 108, 35, 22 }, { 2, 2, 2 }, { 2, 2, 2 } },
	[HUE_RED] = { { 160, 160, 125 }, { 1, 9, 1 }, { 1, 1 | BOLD, 1 } },
	[HUE_NOTE] = { { 37, 45, 31 }, { 6, 6, 12 }, { 6, 6, 6 } },
	[HUE_WHITE] = { { -1, 254, 16 }, { -1, 15, 0 }, { -1, 7, 0 } },
	[HUE_HEAT] = { { -1, 242, 246 }, { -1, 8, 8 }, { -1, OWN_DIM, OWN_DIM } },
	[HUE_HEAT + 1] = { { -1, 67, 67 }, { -1, 4, 6 }, { -1, 4, 6 } },
	[HUE_HEAT + 2] = { { -1, 73, 25 }, { -1, 6, 12 }, { -1, 6, 5 } },
	[HUE_HEAT + 3] = { { -1, 179, 18 }, { -1, 3, 4 }, { -1, 3, 4 } },
	[HUE_HEAT + 4] = { { -1, 229, 16 }, { -1, 11, 0 | BOLD }, { -1, 3 | BOLD, 0 | BOLD } },
};

/* --- styles ----------------------------------------------------------------------------------- */

const struct style_look style_looks[STYLE_N] = {
	[STYLE_DIM] = { HUE_GREY, 0, D },
	[STYLE_BOLD] = { HUE_OWN, B, B },
	[STYLE_FRAME] = { HUE_GREY, 0, D },
	[STYLE_WARN] = { HUE_RED, B, B },
	[STYLE_NOTE] = { HUE_NOTE, 0, 0 },
	[STYLE_LOCATED] = { HUE_OWN, B | PAINT_REVERSE, B | PAINT_REVERSE },

	[STYLE_CONF + CONF_EXACT] = { HUE_GREEN, 0, 0 },
	[STYLE_CONF + CONF_DERIVED] = { HUE_NOTE, 0, 0 },
	[STYLE_CONF + CONF_DEFAULT] = { HUE_YELLOW, 0, 0 },
	[STYLE_CONF + CONF_BOUNDS] = { HUE_ORANGE, 0, 0 },
	[STYLE_CONF + CONF_UNKNOWN] = { HUE_RED, 0, 0 },

	[STYLE_STATE + PS_ABSENT] = { HUE_GREY, 0, D },
	[STYLE_STATE + PS_ANON] = { HUE_ORANGE, 0, B },
	[STYLE_STATE + PS_FILE] = { HUE_SKY, 0, 0 },
	[STYLE_STATE + PS_FILE_DIRTY] = { HUE_BLUE, 0, 0 },
	[STYLE_STATE + PS_SHARED] = { HUE_PURPLE, 0, 0 },
	[STYLE_STATE + PS_ZERO] = { HUE_CYAN, 0, D },
	[STYLE_STATE + PS_HUGE] = { HUE_YELLOW, 0, B },
	[STYLE_STATE + PS_PRESENT] = { HUE_GREEN, 0, 0 },
	[STYLE_STATE + PS_SWAPPED] = { HUE_RED, 0, U },
	/* Neither holds memory: no hue of their own, set off from absent pages. */
	[STYLE_STATE + PS_GUARD] = { HUE_GREY, U, U | D },
	[STYLE_STATE + PS_OTHER] = { HUE_RED, B | U, B | U },

	[STYLE_KIND + OBJ_EXE] = { HUE_GREEN, B, B },
	[STYLE_KIND + OBJ_INTERP] = { HUE_SKY, 0, 0 },
	[STYLE_KIND + OBJ_LIB] = { HUE_SKY, 0, 0 },
	[STYLE_KIND + OBJ_FILE] = { HUE_BLUE, 0, 0 },
	[STYLE_KIND + OBJ_MEMFD] = { HUE_PURPLE, 0, 0 },
	[STYLE_KIND + OBJ_SYSV] = { HUE_PURPLE, 0, 0 },
	[STYLE_KIND + OBJ_SHM] = { HUE_PURPLE, 0, 0 },
	[STYLE_KIND + OBJ_HUGETLB] = { HUE_YELLOW, 0, 0 },
	[STYLE_KIND + OBJ_DEVICE] = { HUE_PURPLE, 0, 0 },
	[STYLE_KIND + OBJ_HEAP] = { HUE_ORANGE, B, B },
	[STYLE_KIND + OBJ_STACK] = { HUE_YELLOW, B, B },
	[STYLE_KIND + OBJ_THREAD_STACK] = { HUE_YELLOW, 0, 0 },
	[STYLE_KIND + OBJ_SHADOW_STACK] = { HUE_YELLOW, 0, 0 },
	[STYLE_KIND + OBJ_ANON] = { HUE_ORANGE, 0, 0 },
	[STYLE_KIND + OBJ_NAMED_ANON] = { HUE_ORANGE, 0, 0 },
	[STYLE_KIND + OBJ_VDSO] = { HUE_CYAN, 0, 0 },
	[STYLE_KIND + OBJ_VSYSCALL] = { HUE_CYAN, 0, 0 },
	[STYLE_KIND + OBJ_GUARD] = { HUE_GREY, 0, D },
	[STYLE_KIND + OBJ_RESERVED] = { HUE_GREY, 0, D },
	[STYLE_KIND + OBJ_IO_URING] = { HUE_PURPLE, 0, 0 },
	[STYLE_KIND + OBJ_UPROBES] = { HUE_CYAN, 0, 0 },
	[STYLE_KIND + OBJ_SECRETMEM] = { HUE_PURPLE, 0, 0 },
};

struct paint look_paint(const struct style_look *look, unsigned colors, enum ground ground)
{
	int16_t v;

	if (colors < 8)
		return (struct paint){ PAINT_OWN, PAINT_OWN, look->mono };
	v = hues[look->hue][colors >= 256 ? 0 : colors >= 16 ? 1 : 2][ground];
	if (v == OWN_DIM)
		return (struct paint){ PAINT_OWN, PAINT_OWN, look->attr | D };
	if (v >= BOLD)
		return (struct paint){ v - BOLD, PAINT_OWN, look->attr | B };
	return (struct paint){ v, PAINT_OWN, look->attr };
}

/* --- as a text has it ------------------------------------------------------------------------- */

/**
 * Each sequence begins with a reset, so that none inherits from the one before it. The first eight
 * colours have numbers of their own, the next eight those of aixterm.
 */
static int sgr_text(char *to, size_t len, struct paint p, unsigned colors)
{
	char color[16] = "";

	if (p.fg != PAINT_OWN && colors >= 256)
		snprintf(color, sizeof(color), ";38;5;%d", p.fg);
	else if (p.fg != PAINT_OWN)
		snprintf(color, sizeof(color), ";%d", p.fg < 8 ? 30 + p.fg : 82 + p.fg);
	return snprintf(to, len, "\033[0%s%s%s%s%sm", p.attr & B ? ";1" : "",
			p.attr & D ? ";2" : "", p.attr & U ? ";4" : "",
			p.attr & PAINT_REVERSE ? ";7" : "", color);
}

void theme_init(struct theme *t, unsigned colors)
{
	memset(t, 0, sizeof(*t));
	for (unsigned i = 0; i < STYLE_N && colors; i++) {
		struct paint p = look_paint(&style_looks[i], colors, GROUND_EITHER);

		t->style[i].len = (u8)sgr_text(t->style[i].sgr, sizeof(t->style[i].sgr), p, colors);
	}
}
