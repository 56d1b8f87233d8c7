/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What opens over the panes: `s` chooses what to sort by, `o` the columns, `?` is the help. */
#include "state.h"

/** All there is to sort by; what can be shown is a part of it. */
static size_t all_choices(const struct tui *t, u8 ret[static CHOOSER_MAX])
{
	size_t n = 0;

	ret[n++] = SORT_ADDRESS;
	for (size_t i = 0; i < ncolumns && n < CHOOSER_MAX; i++)
		if (column_here(&columns[i], tui_place(t)))
			ret[n++] = (u8)i;
	return n;
}

size_t tui_chooser(const struct tui *t, u8 ret[static CHOOSER_MAX])
{
	u8 all[CHOOSER_MAX];
	size_t nall = all_choices(t, all), n = 0;

	for (size_t i = 0; i < nall; i++)
		if (t->show_sort || (all[i] != SORT_ADDRESS && columns[all[i]].width))
			ret[n++] = all[i];
	return n;
}

char tui_chooser_letter(const struct tui *t, u8 what)
{
	u8 all[CHOOSER_MAX];
	size_t n = all_choices(t, all), i = 0;

	while (i < n && all[i] != what)
		i++;
	return (char)('a' + i);
}

enum tui_result chooser_open(struct tui *t, bool sort)
{
	u8 list[CHOOSER_MAX];
	size_t n;

	t->show_sort = sort;
	t->show_columns = !sort;
	t->chooser_cur = 0;
	n = tui_chooser(t, list);
	for (size_t i = 0; sort && i < n; i++)
		if (t->sort && list[i] == t->sort - 1)
			t->chooser_cur = i;
	return TUI_DRAW;
}

/** Which columns are on and yet not there. */
static void say_no_room(struct tui *t)
{
	struct buf names = { 0 };
	size_t n = list_left_out(t, &names);

	if (n)
		tui_message(t, "no room for %zu column%s (%s): widen, or turn some off", n,
			    n == 1 ? "" : "s", names.p);
	buf_release(&names);
}

static void say_sorted(struct tui *t)
{
	const char *by = t->sort ? columns[t->sort - 1].name : "address";
	struct buf names = { 0 };

	/* What it is sorted by may have taken the place of another one. */
	if (t->sort && list_left_out(t, &names))
		tui_news(t, "sorted by %s%s; no room for %s", by,
			 t->sort_up ? ", smallest first" : "", names.p);
	else
		tui_news(t, "sorted by %s%s", by, t->sort_up ? ", smallest first" : "");
	buf_release(&names);
}

/** One that is turned on by hand is meant to be seen: it comes before those on from the start. */
static void toggle_column(struct tui *t, u8 column)
{
	u64 bit = UINT64_C(1) << column;

	t->columns ^= bit;
	t->chosen = t->columns & bit ? t->chosen | bit : t->chosen & ~bit;
	say_no_room(t);
}

/** Is the row selected that a list opens with? */
static bool not_moved(struct tui *t)
{
	const struct place *p = here(t);

	return t->cur == state_top(t) || (p->level == LEVEL_HALF && !p->kernel && tui_ready(t) &&
					  p->at_last == state_first(t));
}

void chooser_reverse(struct tui *t)
{
	bool first = not_moved(t);

	if (!t->sort) {
		tui_message(t, "in address order the highest is first: s sorts by something else");
		return;
	}
	t->sort_up = !t->sort_up;
	state_rebuild(t);
	/* Who has not gone down a list wants to see what is first now, not where that went. */
	if (first)
		state_select(t, state_top(t));
}

void chooser_sort(struct tui *t, unsigned what)
{
	bool first = not_moved(t);
	unsigned sort = what == SORT_ADDRESS ? 0 : what + 1;

	/* The same once more: the other way round. */
	t->sort_up = sort && sort == t->sort && !t->sort_up;
	t->sort = sort;
	state_rebuild(t);
	/* Back in address order what was found is seen among what lies around it. */
	if (first && sort)
		state_select(t, state_top(t));
	/* There the heading and the title say it: the line is the filter's. */
	if (here(t)->level != LEVEL_PICKER)
		say_sorted(t);
}

enum tui_result chooser_take(struct tui *t, size_t i)
{
	u8 list[CHOOSER_MAX];

	if (i >= tui_chooser(t, list))
		return TUI_DRAW;
	t->chooser_cur = i;
	if (t->show_columns) {
		toggle_column(t, list[i]);
		return TUI_DRAW;
	}
	t->show_sort = false;
	chooser_sort(t, list[i]);
	return TUI_WANT;
}

enum tui_result chooser_key(struct tui *t, int key)
{
	u8 list[CHOOSER_MAX];
	size_t n = tui_chooser(t, list);

	for (size_t i = 0; i < n; i++)
		if (key == tui_chooser_letter(t, list[i]))
			return chooser_take(t, i);
	if (key == KEYS_UP && t->chooser_cur)
		t->chooser_cur--;
	else if (key == KEYS_DOWN && t->chooser_cur + 1 < n)
		t->chooser_cur++;
	else if (key == KEYS_HOME)
		t->chooser_cur = 0;
	else if (key == KEYS_END && n)
		t->chooser_cur = n - 1;
	else if ((key == KEYS_ENTER && t->show_sort) || key == ' ')
		return chooser_take(t, t->chooser_cur);
	else if (key == KEYS_ESC || key == KEYS_BACKSPACE || key == KEYS_ENTER)
		t->show_sort = t->show_columns = false;
	else if (key != KEYS_UP && key != KEYS_DOWN)
		tui_message(t, "no such choice: a letter of the list, or Esc to leave");
	return TUI_DRAW;
}

enum tui_result help_key(struct tui *t, int key)
{
	struct rect r = tui_help_rect(t->w, t->h);
	/* The last line tells how much there is; one of those that were shown stays. */
	unsigned page = MAX(r.h, 3u) - 2;

	if (key == KEYS_DOWN || key == 'j')
		t->help_top++;
	else if (key == KEYS_UP || key == 'k')
		t->help_top -= t->help_top != 0;
	else if (key == KEYS_PAGE_DOWN || key == ' ')
		t->help_top += page;
	else if (key == KEYS_PAGE_UP)
		t->help_top -= MIN(t->help_top, page);
	else if (key == KEYS_HOME || key == 'g')
		t->help_top = 0;
	else if (key == KEYS_END || key == 'G')
		t->help_top = UINT32_MAX;
	else
		t->show_help = false;
	t->help_top = MIN(t->help_top, tui_help_last(t));
	return TUI_DRAW;
}
