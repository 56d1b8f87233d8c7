/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "palette.h"

/* --- hues ------------------------------------------------------------------------------------- */

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
	HUE_WHITE,
	/* From nothing resident to all of it: steps in brightness, not in hue alone. */
	HUE_HEAT,
	HUE_N = HUE_HEAT + 5
};

#define B PAINT_BOLD
#define D PAINT_DIM
#define U PAINT_UNDERLINE

/** In a table of hues: a colour that goes with bold; the terminal's own, dim. */
#define BOLD	256
#define OWN_DIM (-2)

/**
 * For 256, 16 and 8 colours, each on a dark and on a light background. The 256 are those of xterm:
 * 16 + 36 r + 6 g + b, 232 to 255 greys. The 16 and 8 are whatever the terminal makes of them;
 * there bold tells hues apart that share a number.
 */
static const int16_t hues[HUE_N][6] = {
	[HUE_OWN] = { -1, -1, -1, -1, -1, -1 },
	[HUE_GREY] = { 243, 245, 8, 8, OWN_DIM, OWN_DIM },
	[HUE_ORANGE] = { 214, 166, 3, 3, 3, 3 },
	[HUE_SKY] = { 45, 31, 6, 12, 6, 6 },
	[HUE_BLUE] = { 99, 17, 12, 4, 4 | BOLD, 4 },
	[HUE_PURPLE] = { 97, 128, 5, 5, 5, 5 },
	[HUE_CYAN] = { 195, 23, 14, 6, 6 | BOLD, 6 | BOLD },
	[HUE_YELLOW] = { 229, 137, 11, 3 | BOLD, 3 | BOLD, 3 | BOLD },
	[HUE_GREEN] = { 35, 22, 2, 2, 2, 2 },
	[HUE_RED] = { 160, 125, 9, 1, 1 | BOLD, 1 },
	[HUE_WHITE] = { 254, 16, 15, 0, 7, 0 },
	[HUE_HEAT] = { 242, 246, 8, 8, OWN_DIM, OWN_DIM },
	[HUE_HEAT + 1] = { 67, 67, 4, 6, 4, 6 },
	[HUE_HEAT + 2] = { 73, 25, 6, 12, 6, 5 },
	[HUE_HEAT + 3] = { 179, 18, 3, 4, 3, 4 },
	[HUE_HEAT + 4] = { 229, 16, 11, 0 | BOLD, 3 | BOLD, 0 | BOLD },
};

/* --- styles ----------------------------------------------------------------------------------- */

struct style_look {
	u8 hue;	 /**< enum hue */
	u8 attr; /**< with colours, beside those of the hue */
	u8 mono; /**< attributes without colours */
};

static const struct style_look styles[TSTYLE_N] = {
	[STYLE_DIM] = { HUE_GREY, 0, D },
	[STYLE_BOLD] = { HUE_OWN, B, B },
	[STYLE_FRAME] = { HUE_GREY, 0, D },
	[STYLE_WARN] = { HUE_RED, B, B },
	[STYLE_NOTE] = { HUE_SKY, 0, 0 },
	[STYLE_LOCATED] = { HUE_OWN, B | PAINT_REVERSE, B | PAINT_REVERSE },

	[STYLE_CONF + CONF_EXACT] = { HUE_GREEN, 0, 0 },
	[STYLE_CONF + CONF_DERIVED] = { HUE_SKY, 0, 0 },
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

	/* Their background is set by band(). */
	[TSTYLE_TITLE] = { HUE_OWN, 0, PAINT_REVERSE },
	[TSTYLE_KEY] = { HUE_OWN, B, PAINT_REVERSE | B },
	[TSTYLE_PROMPT] = { HUE_OWN, B, B },
	[TSTYLE_NEW] = { HUE_SKY, B, B },
	[TSTYLE_GONE] = { HUE_ORANGE, U, U },

	[TSTYLE_HEAT] = { HUE_HEAT, 0, D },
	[TSTYLE_HEAT + 1] = { HUE_HEAT + 1, 0, 0 },
	[TSTYLE_HEAT + 2] = { HUE_HEAT + 2, 0, 0 },
	[TSTYLE_HEAT + 3] = { HUE_HEAT + 3, 0, B },
	[TSTYLE_HEAT + 4] = { HUE_HEAT + 4, 0, B },

	[TSTYLE_SERIES] = { HUE_SKY, 0, 0 },
	[TSTYLE_SERIES + 1] = { HUE_ORANGE, 0, 0 },
	[TSTYLE_SERIES + 2] = { HUE_GREEN, 0, 0 },
	[TSTYLE_SERIES + 3] = { HUE_YELLOW, 0, 0 },
	[TSTYLE_SERIES + 4] = { HUE_PURPLE, 0, 0 },
	[TSTYLE_SERIES + 5] = { HUE_RED, 0, 0 },
	[TSTYLE_SERIES + 6] = { HUE_BLUE, 0, 0 },
	[TSTYLE_SERIES + 7] = { HUE_WHITE, 0, 0 },
};

/** The lines at the top and the bottom, and keys: light on blue in both themes. */
static struct paint band(bool key, unsigned colors)
{
	u8 bold = key ? B : 0;

	if (colors >= 256)
		return (struct paint){ key ? 229 : 255, 24, bold };
	if (colors >= 16)
		return (struct paint){ key ? 11 : 15, 4, bold };
	return (struct paint){ key ? 3 : 7, 4, B };
}

/** A hue, with `attr` beside what its entry asks for. */
static struct paint tinted(unsigned hue, u8 attr, unsigned colors, bool light)
{
	int16_t v = hues[hue][(colors >= 256 ? 0 : colors >= 16 ? 2 : 4) + light];

	if (v == OWN_DIM)
		return (struct paint){ PAINT_OWN, PAINT_OWN, attr | D };
	if (v >= BOLD)
		return (struct paint){ v - BOLD, PAINT_OWN, attr | B };
	return (struct paint){ v, PAINT_OWN, attr };
}

struct paint palette_paint(unsigned style, unsigned attr, unsigned colors, bool light)
{
	const struct style_look *look = &styles[style < TSTYLE_N ? style : STYLE_PLAIN];
	struct paint p = { PAINT_OWN, PAINT_OWN, look->mono };

	if (colors >= 8 && (style == TSTYLE_TITLE || style == TSTYLE_KEY))
		p = band(style == TSTYLE_KEY, colors);
	else if (colors >= 8)
		p = tinted(look->hue, look->attr, colors, light);
	/* One bar whatever stands in it: hues in reverse would be a patchwork. */
	if (attr & CELL_SELECTED)
		p = (struct paint){ PAINT_OWN, PAINT_OWN, PAINT_REVERSE | (p.attr & B) };
	if (attr & CELL_MATCH)
		p.attr |= U;
	return p;
}
