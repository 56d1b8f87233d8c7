/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells to the terminal: styles as curses knows them, and what has changed. */
#ifdef HAVE_NCURSES

#include "screen_parts.h"

#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "palette.h"

/* --- colours ---------------------------------------------------------------------------------- */

/** The number of a pair of colours; 0, the terminal's own, when there are no more. */
static short pair_of(short fg, short bg)
{
	short n = 1;

	if (fg == PAINT_OWN && bg == PAINT_OWN)
		return 0;
	for (; n <= tty.npairs; n++)
		if (tty.pairs[n].fg == fg && tty.pairs[n].bg == bg)
			return n;
	if (n >= (short)ARRAY_SIZE(tty.pairs) || n >= COLOR_PAIRS || init_pair(n, fg, bg) == ERR)
		return 0;
	tty.pairs[n].fg = fg;
	tty.pairs[n].bg = bg;
	return tty.npairs = n;
}

/** What curses calls a paint. */
static void look_of(struct paint p, struct look *ret)
{
	static const attr_t attrs[] = { A_BOLD, A_DIM, A_UNDERLINE, A_REVERSE };

	*ret = (struct look){ .pair = tty.colors ? pair_of(p.fg, p.bg) : 0 };
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (p.attr >> i & 1)
			ret->attrs |= attrs[i];
}

void screen_forget(void)
{
	memset(tty.shown, 0xff, (size_t)tty.w * tty.h * sizeof(*tty.shown));
}

void screen_theme(bool light)
{
	tty.npairs = 0;
	for (unsigned style = 0; style < TSTYLE_N; style++)
		for (unsigned attr = 0; attr < CELL_ATTRS; attr++)
			look_of(palette_paint(style, attr, tty.colors, light),
				&tty.looks[style][attr]);
	if (tty.shown)
		screen_forget();
}

/* --- cells ------------------------------------------------------------------------------------ */

/** One character of valid UTF-8 and the combining ones behind it; the count of wide ones. */
static unsigned widen(const char *text, wchar_t out[static CCHARW_MAX])
{
	const u8 *s = (const u8 *)text;
	unsigned n = 0, more;
	u32 c;

	while (*s && n < CCHARW_MAX) {
		more = *s < 0x80 ? 0 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
		c = more ? *s & (0x3fu >> more) : *s;
		for (s++; more && (*s & 0xc0) == 0x80; more--)
			c = c << 6 | (*s++ & 0x3f);
		out[n++] = (wchar_t)c;
	}
	return n;
}

/** What curses is to put there; a question mark for what the C library thinks of otherwise. */
static void make_cell(const struct cell *cell, cchar_t *ret)
{
	wchar_t text[CCHARW_MAX + 1] = { L' ' };
	unsigned style = cell->style < TSTYLE_N ? cell->style : STYLE_PLAIN, n;
	const struct look *look = &tty.looks[style][cell->attr % CELL_ATTRS];

	if (cell->text[0]) {
		n = widen(cell->text, text);
		text[n] = L'\0';
		if (!iswprint((wint_t)text[0]) || wcwidth(text[0]) != cell->width)
			wcscpy(text, L"?");
	}
	if (setcchar(ret, text, look->attrs, look->pair, NULL) != OK) {
		text[1] = L'\0';
		setcchar(ret, text, look->attrs, look->pair, NULL);
	}
}

static void show_row(const struct canvas *c, unsigned y)
{
	const struct cell *row = c->cells + (size_t)y * c->w;
	cchar_t cc;

	for (unsigned x = 0; x < c->w; x++) {
		if (!row[x].width && x)
			continue;
		make_cell(&row[x], &cc);
		/* The last cell of the last row: put there, though ERR comes back. */
		mvadd_wch((int)y, (int)x, &cc);
	}
}

void screen_show(const struct canvas *c)
{
	size_t bytes = c->w * sizeof(*c->cells);

	if (c->w != tty.w || c->h != tty.h)
		return;
	for (unsigned y = 0; y < c->h; y++) {
		struct cell *old = tty.shown + (size_t)y * c->w;

		if (!memcmp(old, c->cells + (size_t)y * c->w, bytes))
			continue;
		memcpy(old, c->cells + (size_t)y * c->w, bytes);
		show_row(c, y);
	}
	if (tty.cursor != c->cursor) {
		tty.cursor = c->cursor;
		curs_set(c->cursor);
	}
	move(c->cursor ? (int)c->y : (int)c->h - 1, c->cursor ? (int)c->x : (int)c->w - 1);
	refresh();
}

#endif
