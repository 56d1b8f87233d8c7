/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hues that stay apart for normal sight, protanopia and deuteranopia (tests/unit/palette.c computes
 * it for page states), light enough for a dark terminal and dark enough for a white one: nothing
 * tells which of the two it is. tui/palette.c has a theme for each instead. Only SGR codes; "" is
 * the terminal's own colour.
 */
#include "color.h"

#include <string.h>

/** Parameters of an SGR sequence for 256, 16 and 8 colours. */
struct look {
	const char *c256, *c16, *c8;
};

#define DIM                                                                                        \
	{                                                                                          \
		"38;5;243", "90", ""                                                               \
	}
#define BOLD                                                                                       \
	{                                                                                          \
		"1", "1", "1"                                                                      \
	}
#define ORANGE                                                                                     \
	{                                                                                          \
		"38;5;208", "33", "33"                                                             \
	}
#define SKY                                                                                        \
	{                                                                                          \
		"38;5;39", "94", "34"                                                              \
	}
#define GREEN                                                                                      \
	{                                                                                          \
		"38;5;108", "32", "32"                                                             \
	}
#define YELLOW                                                                                     \
	{                                                                                          \
		"38;5;143", "93", "33"                                                             \
	}
#define BLUE                                                                                       \
	{                                                                                          \
		"38;5;27", "34", "34"                                                              \
	}
#define RED                                                                                        \
	{                                                                                          \
		"38;5;160", "31", "31"                                                             \
	}
#define PURPLE                                                                                     \
	{                                                                                          \
		"38;5;127", "35", "35"                                                             \
	}
#define CYAN                                                                                       \
	{                                                                                          \
		"38;5;37", "36", "36"                                                              \
	}
#define WARNING                                                                                    \
	{                                                                                          \
		"1;38;5;196", "1;91", "1;31"                                                       \
	}

static const struct look looks[STYLE_N] = {
	[STYLE_DIM] = DIM,
	[STYLE_BOLD] = BOLD,
	[STYLE_FRAME] = { "38;5;242", "90", "" },
	[STYLE_WARN] = WARNING,
	[STYLE_NOTE] = CYAN,
	[STYLE_LOCATED] = { "1;7", "1;7", "1;7" },

	[STYLE_CONF + CONF_EXACT] = GREEN,
	[STYLE_CONF + CONF_DERIVED] = CYAN,
	[STYLE_CONF + CONF_DEFAULT] = YELLOW,
	[STYLE_CONF + CONF_BOUNDS] = ORANGE,
	[STYLE_CONF + CONF_UNKNOWN] = RED,

	[STYLE_STATE + PS_ABSENT] = DIM,
	[STYLE_STATE + PS_ANON] = ORANGE,
	[STYLE_STATE + PS_FILE] = SKY,
	[STYLE_STATE + PS_FILE_DIRTY] = BLUE,
	[STYLE_STATE + PS_SHARED] = PURPLE,
	[STYLE_STATE + PS_ZERO] = CYAN,
	[STYLE_STATE + PS_HUGE] = YELLOW,
	[STYLE_STATE + PS_PRESENT] = GREEN,
	[STYLE_STATE + PS_SWAPPED] = RED,
	/* Neither holds memory: no hue of their own, as in the browser (tui/palette.c). */
	[STYLE_STATE + PS_GUARD] = { "4;38;5;243", "4;90", "4" },
	[STYLE_STATE + PS_OTHER] = { "1;4;38;5;160", "1;4;31", "1;4;31" },

	[STYLE_KIND + OBJ_EXE] = { "1;38;5;108", "1;32", "1;32" },
	[STYLE_KIND + OBJ_INTERP] = SKY,
	[STYLE_KIND + OBJ_LIB] = SKY,
	[STYLE_KIND + OBJ_FILE] = BLUE,
	[STYLE_KIND + OBJ_MEMFD] = PURPLE,
	[STYLE_KIND + OBJ_SYSV] = PURPLE,
	[STYLE_KIND + OBJ_SHM] = PURPLE,
	[STYLE_KIND + OBJ_HUGETLB] = YELLOW,
	[STYLE_KIND + OBJ_DEVICE] = PURPLE,
	[STYLE_KIND + OBJ_HEAP] = { "1;38;5;208", "1;33", "1;33" },
	[STYLE_KIND + OBJ_STACK] = { "1;38;5;143", "1;93", "1;33" },
	[STYLE_KIND + OBJ_THREAD_STACK] = YELLOW,
	[STYLE_KIND + OBJ_SHADOW_STACK] = YELLOW,
	[STYLE_KIND + OBJ_ANON] = ORANGE,
	[STYLE_KIND + OBJ_NAMED_ANON] = ORANGE,
	[STYLE_KIND + OBJ_VDSO] = CYAN,
	[STYLE_KIND + OBJ_VSYSCALL] = CYAN,
	[STYLE_KIND + OBJ_GUARD] = DIM,
	[STYLE_KIND + OBJ_RESERVED] = DIM,
	[STYLE_KIND + OBJ_IO_URING] = PURPLE,
	[STYLE_KIND + OBJ_UPROBES] = CYAN,
	[STYLE_KIND + OBJ_SECRETMEM] = PURPLE,
};

void theme_init(struct theme *t, unsigned colors)
{
	memset(t, 0, sizeof(*t));
	if (!colors)
		return;
	for (unsigned i = 0; i < STYLE_N; i++) {
		const struct look *l = &looks[i];
		const char *code = colors >= 256 ? l->c256 : colors >= 16 ? l->c16 : l->c8;
		char *p = t->style[i].sgr;

		/* Each begins with a reset, so that none inherits from the one before it. */
		p = stpcpy(p, "\033[0");
		if (code && *code) {
			*p++ = ';';
			p = stpcpy(p, code);
		}
		*p++ = 'm';
		t->style[i].len = (u8)(p - t->style[i].sgr);
	}
}
