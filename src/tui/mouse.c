/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mouse: what a key does, at the place that is pointed to. */
#include "state.h"

/** Rows the wheel moves. */
#define WHEEL 3

static bool in_rect(const struct rect *r, unsigned x, unsigned y)
{
	return x >= r->x && x - r->x < r->w && y >= r->y && y - r->y < r->h;
}

static enum tui_result click_grid(struct tui *t, const struct mouse *m, const struct rect *r)
{
	struct place *p = here(t);
	u64 at, cell = tui_grid_shape(t).pages_per_cell * page_size(t);
	bool again;

	if (!tui_grid_hit(t, m->x - r->x, m->y - r->y, &at))
		return TUI_NONE;
	again = p->at >= at && p->at - at < cell;
	p->at = at;
	return m->what == MOUSE_DOUBLE || again ? state_in(t) : TUI_WANT;
}

static enum tui_result click_heading(struct tui *t, const struct rect *r, unsigned x)
{
	int column = list_column_at(t, r->w, x - r->x);

	if (column < 0)
		return TUI_NONE;
	chooser_sort(t, (unsigned)column);
	return TUI_WANT;
}

static enum tui_result click_changes(struct tui *t, const struct mouse *m, unsigned y)
{
	size_t row = (t->show_runs ? t->run_top : t->change_top) + y - 1;
	size_t cur = t->show_runs ? t->run_cur : t->change_cur;

	if (!y || row >= (t->show_runs ? t->nruns : t->changes.n))
		return TUI_NONE;
	change_list_select(t, row);
	return m->what == MOUSE_DOUBLE || cur == row ? change_list_in(t) : TUI_DRAW;
}

/** A click selects; one on what is selected, or a double click, goes in. */
static enum tui_result click_main(struct tui *t, const struct mouse *m, const struct rect *r)
{
	unsigned level = here(t)->level, y = m->y - r->y;
	size_t row = here(t)->top + y - 1, cur = t->cur;

	/* Details in place of the list: its rows are not to be seen. */
	if (!tui_ready(t) || (t->show_detail && !tui_panes(t).detail.w))
		return TUI_NONE;
	if (t->show_changes)
		return click_changes(t, m, y);
	if (level == LEVEL_PAGE)
		return TUI_NONE;
	if (level == LEVEL_GRID)
		return click_grid(t, m, r);
	if (!y)
		return click_heading(t, r, m->x);
	if (row >= t->nitems)
		return TUI_NONE;
	state_select(t, row);
	return m->what == MOUSE_DOUBLE || cur == row ? state_in(t) : TUI_WANT;
}

/** The breadcrumb: out to the level that is pointed to. */
static enum tui_result click_title(struct tui *t, const struct rect *r, unsigned x)
{
	unsigned depth = title_depth_at(t, r->w, x - r->x);

	if (!depth || depth > t->depth)
		return TUI_NONE;
	t->show_changes = t->show_phys = t->show_bytes = false;
	if (depth == t->depth)
		return TUI_WANT;
	state_leave(t, depth);
	return TUI_WANT;
}

static enum tui_result click_minimap(struct tui *t, const struct mouse *m, const struct rect *r)
{
	if (!tui_ready(t) || here(t)->level == LEVEL_PICKER)
		return TUI_NONE;
	tui_goto(t, minimap_address(t, r->h, m->y - r->y));
	return TUI_WANT;
}

/** While something is open over the panes: a row of it, or elsewhere to close it. */
static enum tui_result click_overlay(struct tui *t, const struct mouse *m, const struct rect *r)
{
	u8 list[CHOOSER_MAX];
	size_t y = m->y - r->y, top = popup_top(t, r->h);

	if (!t->show_help && in_rect(r, m->x, m->y) && y && top + y <= tui_chooser(t, list))
		return chooser_take(t, top + y - 1);
	t->show_help = t->show_sort = t->show_columns = false;
	return TUI_DRAW;
}

static enum tui_result wheel(struct tui *t, bool up)
{
	if (t->show_help) {
		t->help_top = up ? t->help_top - MIN(t->help_top, WHEEL)
				 : MIN(t->help_top + WHEEL, tui_help_last(t));
		return TUI_DRAW;
	}
	if (t->show_sort || t->show_columns)
		return chooser_key(t, up ? KEYS_UP : KEYS_DOWN);
	if (!t->show_changes)
		return state_move(t, up ? -WHEEL : WHEEL);
	for (unsigned i = 0; i < WHEEL; i++)
		change_list_key(t, up ? ACT_UP : ACT_DOWN);
	return TUI_DRAW;
}

enum tui_result tui_mouse(struct tui *t, const struct mouse *m)
{
	bool open = t->show_help || t->show_sort || t->show_columns;
	struct tui_layout l = tui_panes(t);
	int key;

	if (l.too_small || m->what == MOUSE_RELEASE || t->prompt != PROMPT_NONE)
		return TUI_NONE;
	if (m->what == MOUSE_WHEEL_UP || m->what == MOUSE_WHEEL_DOWN)
		return wheel(t, m->what == MOUSE_WHEEL_UP);
	if (m->what == MOUSE_DRAG)
		return in_rect(&l.minimap, m->x, m->y) && !open ? click_minimap(t, m, &l.minimap)
								: TUI_NONE;
	buf_clear(&t->message);
	if (open)
		return click_overlay(t, m, &l.main);
	if (in_rect(&l.minimap, m->x, m->y))
		return click_minimap(t, m, &l.minimap);
	if (in_rect(&l.main, m->x, m->y))
		return click_main(t, m, &l.main);
	if (in_rect(&l.title, m->x, m->y))
		return click_title(t, &l.title, m->x);
	if (!in_rect(&l.menu, m->x, m->y))
		return TUI_NONE;
	key = menu_key_at(t, l.menu.w, m->x - l.menu.x);
	return key ? tui_key(t, key) : TUI_NONE;
}
