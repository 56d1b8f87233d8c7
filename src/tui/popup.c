/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `s` and `o` open over the main pane: a letter and a row for each column there is. */
#include <string.h>

#include "columns.h"
#include "tui.h"

size_t popup_top(const struct tui *t, unsigned h)
{
	unsigned rows = h > 1 ? h - 1 : 1;

	return t->chooser_cur >= rows ? t->chooser_cur - rows + 1 : 0;
}

static void put_choice(const struct tui *t, const struct pane *p, unsigned y, size_t i, u8 what)
{
	bool on = t->show_sort ? (what == SORT_ADDRESS ? !t->sort : t->sort == what + 1u)
			       : t->columns >> what & 1;
	const char *name = what == SORT_ADDRESS ? "address" : columns[what].name;
	const char *help = what == SORT_ADDRESS ? "highest first" : columns[what].help;
	char letter[2] = { tui_chooser_letter(t, what), '\0' };

	pane_put(p, 1, y, TSTYLE_KEY, letter);
	if (!t->show_sort)
		pane_put(p, 3, y, on ? STYLE_BOLD : STYLE_DIM, on ? "[x]" : "[ ]");
	else if (on)
		pane_glyph(p, 4, y, STYLE_BOLD, t->sort_up ? GLYPH_UP : GLYPH_DOWN);
	pane_put(p, 7, y, on ? STYLE_BOLD : STYLE_PLAIN, name);
	if (p->w > 19)
		pane_text(p, 19, y, p->w - 19, STYLE_NOTE, help, strlen(help), ELIDE_END);
	if (i == t->chooser_cur)
		pane_attr(p, 0, y, p->w, CELL_SELECTED);
}

void draw_columns(const struct tui *t, const struct pane *p)
{
	static const char sort[] = "Sort by   Enter, a letter: sort (again: reverse)   Esc: leave";
	static const char show[] = "Columns   Space, a letter: on or off   Esc: leave";
	const char *title = t->show_sort ? sort : show;
	u8 list[CHOOSER_MAX];
	size_t n = tui_chooser(t, list), top = popup_top(t, p->h);

	pane_text(p, 1, 0, p->w, STYLE_BOLD, title, strlen(title), ELIDE_END);
	for (unsigned y = 1; y < p->h && top + y - 1 < n; y++)
		put_choice(t, p, y, top + y - 1, list[top + y - 1]);
	if (n - top > p->h - 1 && p->w > 8)
		pane_right(p, p->w, 0, STYLE_DIM, p->c->ascii ? " v" : " ↓");
}
