/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "palette.h"

#define B PAINT_BOLD
#define D PAINT_DIM
#define U PAINT_UNDERLINE

/** Of enum tui_style, which begins where enum style ends. */
static const struct style_look looks[TSTYLE_N - STYLE_N] = {
	/* Their background is set by band(). */
	[TSTYLE_TITLE - STYLE_N] = { HUE_OWN, 0, PAINT_REVERSE },
	[TSTYLE_KEY - STYLE_N] = { HUE_OWN, B, PAINT_REVERSE | B },
	[TSTYLE_PROMPT - STYLE_N] = { HUE_OWN, B, B },
	[TSTYLE_NEW - STYLE_N] = { HUE_SKY, B, B },
	[TSTYLE_GONE - STYLE_N] = { HUE_ORANGE, U, U },

	[TSTYLE_HEAT - STYLE_N] = { HUE_HEAT, 0, D },
	[TSTYLE_HEAT + 1 - STYLE_N] = { HUE_HEAT + 1, 0, 0 },
	[TSTYLE_HEAT + 2 - STYLE_N] = { HUE_HEAT + 2, 0, 0 },
	[TSTYLE_HEAT + 3 - STYLE_N] = { HUE_HEAT + 3, 0, B },
	[TSTYLE_HEAT + 4 - STYLE_N] = { HUE_HEAT + 4, 0, B },

	[TSTYLE_SERIES - STYLE_N] = { HUE_SKY, 0, 0 },
	[TSTYLE_SERIES + 1 - STYLE_N] = { HUE_ORANGE, 0, 0 },
	[TSTYLE_SERIES + 2 - STYLE_N] = { HUE_GREEN, 0, 0 },
	[TSTYLE_SERIES + 3 - STYLE_N] = { HUE_YELLOW, 0, 0 },
	[TSTYLE_SERIES + 4 - STYLE_N] = { HUE_PURPLE, 0, 0 },
	[TSTYLE_SERIES + 5 - STYLE_N] = { HUE_RED, 0, 0 },
	[TSTYLE_SERIES + 6 - STYLE_N] = { HUE_BLUE, 0, 0 },
	[TSTYLE_SERIES + 7 - STYLE_N] = { HUE_WHITE, 0, 0 },
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

struct paint palette_paint(unsigned style, unsigned attr, unsigned colors, bool light)
{
	const struct style_look *look = style < STYLE_N	   ? &style_looks[style]
					: style < TSTYLE_N ? &looks[style - STYLE_N]
							   : &style_looks[STYLE_PLAIN];
	struct paint p = look_paint(look, colors, light ? GROUND_LIGHT : GROUND_DARK);

	if (colors >= 8 && (style == TSTYLE_TITLE || style == TSTYLE_KEY))
		p = band(style == TSTYLE_KEY, colors);
	/* One bar whatever stands in it: hues in reverse would be a patchwork. */
	if (attr & CELL_SELECTED)
		p = (struct paint){ PAINT_OWN, PAINT_OWN, PAINT_REVERSE | (p.attr & B) };
	if (attr & CELL_MATCH)
		p.attr |= U;
	return p;
}
