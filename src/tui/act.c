/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each key does, but for those that move, go in and out: tui.c has them. */
#include "state.h"
#include "where.h"

/** Refresh intervals that < and > step through, milliseconds. */
static const unsigned intervals[] = { 200, 500, 1000, 2000, 5000, 10000, 30000 };

static enum tui_result step_interval(struct tui *t, int by)
{
	size_t i = 0;

	while (i + 1 < ARRAY_SIZE(intervals) && intervals[i] < t->interval_ms)
		i++;
	if (by < 0 && i > 0)
		i--;
	if (by > 0 && i + 1 < ARRAY_SIZE(intervals))
		i++;
	t->interval_ms = intervals[i];
	tui_news(t, "refresh every %g s%s", t->interval_ms / 1000.0,
		 t->paused ? ", once the pause ends" : "");
	return TUI_WANT;
}

static void copy_columns(struct tui *t, const struct item *it)
{
	for (size_t i = 0; i < ncolumns; i++) {
		struct buf text = { 0 };

		if (!column_here(&columns[i], here(t)) || !(t->columns >> i & 1) ||
		    (columns[i].figure && !column_applies(&columns[i], t->snap, it)))
			continue;
		buf_addf(&t->copy, " %s ", columns[i].name);
		if (columns[i].text) {
			columns[i].text(t->snap, it, &text);
			buf_addescaped(&t->copy, text.p ? text.p : "", text.len, false);
		} else {
			struct fig f = columns[i].figure(t->snap, it);

			buf_addf(&t->copy,
				 !f.have			 ? "?"
				 : columns[i].kind == COLUMN_HEX ? "0x%llx"
								 : "%llu",
				 (unsigned long long)f.v);
		}
		buf_release(&text);
	}
}

/** Address, figures in bytes, the name last: one line that a bug report can hold. */
static enum tui_result copy_row(struct tui *t)
{
	const struct item *it;
	struct buf name = { 0 };

	if (!tui_ready(t))
		return TUI_NONE;
	buf_clear(&t->copy);
	if (here(t)->level >= LEVEL_GRID) {
		buf_addhex(&t->copy, here(t)->at, 0);
		return TUI_COPY;
	}
	if (!t->nitems)
		return TUI_NONE;
	it = &t->items[t->cur];
	if (it->kind != ITEM_TASK && it->kind != ITEM_KERNEL && item_placed(it))
		where_range(&t->copy, it->r);
	copy_columns(t, it);
	item_name(t->snap, it, &name);
	buf_addch(&t->copy, ' ');
	buf_addescaped(&t->copy, name.p ? name.p : "", name.len, false);
	buf_release(&name);
	return TUI_COPY;
}

/** What `r` asks for: everything anew, smaps at once as well. */
static enum tui_result refresh(struct tui *t)
{
	t->serial++;
	t->want_smaps = true;
	t->smaps_asked = t->snap ? t->snap->smaps_usec : 0;
	return TUI_WANT;
}

static enum tui_result unfilter(struct tui *t)
{
	size_t at;

	if (!t->filter)
		return TUI_DRAW;
	tui_set_filter(t, "", &at);
	tui_news(t, "no filter: all rows are shown");
	return TUI_DRAW;
}

static enum tui_result next_grid_by(struct tui *t)
{
	t->grid_by = (enum grid_by)((t->grid_by + 1) % GRID_NBY);
	t->grid_by_lent = false;
	return TUI_WANT;
}

static enum tui_result next_flag(struct tui *t)
{
	if (!tui_ready(t))
		return TUI_NONE;
	tui_grid_next_flag(t);
	t->grid_by_lent = false;
	return TUI_WANT;
}

/** The page whose frame is the next one in RAM. */
static enum tui_result next_frame(struct tui *t, int by)
{
	u64 at;

	if (!tui_ready(t))
		return TUI_NONE;
	if (!tui_next_frame(t, by, &at)) {
		tui_message(t, by > 0 ? "no page here has a higher frame"
				      : "no page here has a lower frame");
		return TUI_DRAW;
	}
	here(t)->at = at;
	return TUI_WANT;
}

/** Keys that find, filter, sort. */
static enum tui_result act_find(struct tui *t, enum action a)
{
	switch (a) {
	case ACT_SEARCH:
		return prompt_ask(t, PROMPT_SEARCH, NULL);
	case ACT_NEXT:
	case ACT_PREV:
		if (!t->search.len)
			tui_message(t, "nothing to find yet: / asks for a text");
		else if (tui_ready(t))
			tui_search(t, a == ACT_PREV);
		return TUI_WANT;
	case ACT_GOTO:
		return prompt_ask(t, PROMPT_GOTO, NULL);
	case ACT_FILTER:
		return prompt_ask(t, PROMPT_FILTER, t->filter_text.p);
	case ACT_UNFILTER:
		return unfilter(t);
	case ACT_SORT:
		return chooser_open(t, true);
	case ACT_SORT_REVERSE:
		chooser_reverse(t);
		return TUI_WANT;
	case ACT_SORT_LEFT:
		return picker_sort(t, -1);
	case ACT_SORT_RIGHT:
		return picker_sort(t, 1);
	case ACT_COLUMNS:
		return chooser_open(t, false);
	default:
		return TUI_NONE;
	}
}

/** Keys of what is live, and of a process as a whole. */
static enum tui_result act_live(struct tui *t, enum action a)
{
	switch (a) {
	case ACT_MARK:
		return live_mark(t);
	case ACT_UNMARK:
		return live_unmark(t);
	case ACT_CHANGES:
		change_list_open(t);
		return TUI_WANT;
	case ACT_PAUSE:
		t->paused = !t->paused;
		return TUI_WANT;
	case ACT_REFRESH:
		return refresh(t);
	case ACT_FASTER:
		return step_interval(t, -1);
	case ACT_SLOWER:
		return step_interval(t, 1);
	case ACT_PICKER:
		return live_pick(t);
	default:
		return TUI_NONE;
	}
}

/** Further down in the details; where they have no pane they open over the list first. */
static enum tui_result next_details(struct tui *t, int by)
{
	size_t top;

	if (!tui_panes(t).detail.w && !t->show_detail) {
		t->show_detail = true;
		t->detail_top = 0;
		return TUI_DRAW;
	}
	top = t->detail_top;
	t->detail_top = detail_page(t, top, by);
	/* Those of a cell or a change stand in part of the pane. */
	if (t->detail_top == top && !top && here(t)->level < LEVEL_GRID && !t->show_changes)
		tui_news(t, "that is all that is known");
	return TUI_DRAW;
}

/** On a page its bytes come and go; from the grid they are gone to. */
static enum tui_result page_bytes(struct tui *t)
{
	if (here(t)->level == LEVEL_PAGE) {
		t->show_bytes = !t->show_bytes;
		t->bytes_top = BYTES_TOP_MEANT;
		return TUI_WANT;
	}
	if (!tui_ready(t) || state_page(t) == TUI_NONE)
		return TUI_NONE;
	t->show_bytes = true;
	t->bytes_top = BYTES_TOP_MEANT;
	return TUI_WANT;
}

/** It stands beside the grid: from a page that is gone back to. */
static enum tui_result phys(struct tui *t)
{
	bool page = here(t)->level == LEVEL_PAGE;

	if (page)
		state_leave(t, t->depth - 1);
	t->show_phys = page || !t->show_phys;
	return TUI_WANT;
}

static enum tui_result act_rest(struct tui *t, enum action a)
{
	switch (a) {
	case ACT_GRID_BY:
		return next_grid_by(t);
	case ACT_GRID_FLAG:
		return next_flag(t);
	case ACT_FRAME_PREV:
		return next_frame(t, -1);
	case ACT_FRAME_NEXT:
		return next_frame(t, 1);
	case ACT_PHYS:
		return phys(t);
	case ACT_BYTES:
		return page_bytes(t);
	case ACT_DETAIL_DOWN:
		return next_details(t, 1);
	case ACT_DETAIL_UP:
		return next_details(t, -1);
	case ACT_EXPORT:
		t->export_screen = false;
		return prompt_ask(t, PROMPT_EXPORT, "procmap.txt");
	case ACT_EXPORT_SCREEN:
		t->export_screen = true;
		return prompt_ask(t, PROMPT_EXPORT, "procmap-screen.txt");
	case ACT_COPY:
		return copy_row(t);
	case ACT_THEME:
		t->light = !t->light;
		return TUI_THEME;
	case ACT_HELP:
		t->show_help = true;
		t->help_top = 0;
		return TUI_DRAW;
	case ACT_SUSPEND:
		return TUI_SUSPEND;
	case ACT_QUIT:
		return TUI_QUIT;
	default:
		return TUI_NONE;
	}
}

enum tui_result state_act(struct tui *t, enum action a)
{
	enum tui_result r = TUI_NONE;

	if (t->show_changes)
		r = change_list_key(t, a);
	if (r == TUI_NONE)
		r = state_go(t, a);
	if (r == TUI_NONE)
		r = act_find(t, a);
	if (r == TUI_NONE)
		r = act_live(t, a);
	return r == TUI_NONE ? act_rest(t, a) : r;
}
