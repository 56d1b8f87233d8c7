/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of changes: a row a mapping; and, since a mark, a second level: which pages of one
 * mapping came, went, became private. From there the way leads to the page grid.
 */
#include <stdlib.h>

#include "state.h"

static size_t list_size(const struct tui *t)
{
	return t->show_runs ? t->nruns : t->changes.n;
}

static void scroll(size_t cur, size_t *top, size_t n, size_t rows)
{
	if (cur < *top)
		*top = cur;
	if (cur >= *top + rows)
		*top = cur - rows + 1;
	if (n <= rows)
		*top = 0;
	else
		*top = MIN(*top, n - rows);
}

/** The row of the change at the address, or of the nearest below. */
static size_t change_row_at(const struct tui *t, u64 addr)
{
	size_t n = t->changes.n, low = 0;

	for (size_t high = n; low < high;) {
		size_t mid = low + (high - low) / 2;

		if (t->changes.v[mid].r.first <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	low -= low != 0;
	if (!n || !t->change_order)
		return n ? n - 1 - low : 0;
	for (size_t row = 0; row < n; row++)
		if (t->change_order[row] == low)
			return row;
	return 0;
}

struct ranked {
	u64 amount;
	u32 index;
};

/** Most pages first; where as many, the higher address. */
static int by_amount(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->amount != y->amount)
		return x->amount > y->amount ? -1 : 1;
	return x->index > y->index ? -1 : x->index < y->index;
}

static void sort_changes(struct tui *t)
{
	size_t n = t->changes.n;
	struct ranked *v;

	free(t->change_order);
	t->change_order = NULL;
	if (!t->changes_by_amount || !n)
		return;
	v = xcalloc(n, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = (struct ranked){ change_amount(&t->changes.v[i]), (u32)i };
	qsort(v, n, sizeof(*v), by_amount);
	t->change_order = xcalloc(n, sizeof(*t->change_order));
	for (size_t i = 0; i < n; i++)
		t->change_order[i] = v[i].index;
	free(v);
}

static void find_runs(struct tui *t)
{
	const struct change *ch;

	free(t->runs);
	t->runs = NULL;
	t->nruns = 0;
	if (!t->show_runs || !t->mark || !t->snap)
		return;
	ch = changes_at(&t->changes, t->change_at);
	if (ch)
		t->runs_of = ch->r;
	t->nruns = changed_runs(t->mark, t->snap, t->runs_of, &t->runs);
}

void change_list_update(struct tui *t)
{
	u64 run = t->run_cur < t->nruns ? t->runs[t->run_cur].addr : 0;

	/* Rows are those of the changes there were before. */
	free(t->change_order);
	t->change_order = NULL;
	if (!t->show_changes)
		return;
	sort_changes(t);
	if (!t->mark)
		t->show_runs = false;
	t->change_cur = change_row_at(t, t->change_at);
	find_runs(t);
	for (t->run_cur = 0; t->run_cur + 1 < t->nruns && t->runs[t->run_cur].addr < run;)
		t->run_cur++;
	scroll(t->change_cur, &t->change_top, t->changes.n, tui_list_rows(t));
	scroll(t->run_cur, &t->run_top, t->nruns, tui_list_rows(t));
}

void change_list_open(struct tui *t)
{
	const struct place *p = here(t);

	t->show_changes = !t->show_changes;
	t->show_runs = false;
	t->change_top = t->run_cur = t->run_top = 0;
	/* From a mapping to what has changed of it; from the top of a list to the first of all. */
	t->change_at =
		p->level == LEVEL_GRID || p->level == LEVEL_PAGE || t->cur ? p->at : UINT64_MAX;
	change_list_update(t);
}

enum tui_result change_list_select(struct tui *t, size_t row)
{
	size_t n = list_size(t);

	if (!n)
		return TUI_DRAW;
	row = MIN(row, n - 1);
	if (t->show_runs) {
		t->run_cur = row;
		scroll(row, &t->run_top, n, tui_list_rows(t));
		return TUI_DRAW;
	}
	t->change_cur = row;
	t->change_at = tui_change(t, row)->r.first;
	scroll(row, &t->change_top, n, tui_list_rows(t));
	return TUI_DRAW;
}

/** The page in its grid, coloured by what changed. */
static enum tui_result go_to_page(struct tui *t, u64 addr)
{
	u32 v = space_find_vma(&t->snap->space, addr);

	if (v == NO_INDEX) {
		tui_message(t, "the mapping is gone, its pages with it");
		return TUI_DRAW;
	}
	tui_goto(t, addr);
	if (!state_push_grid(t, vma_range(&t->snap->space.vmas[v]), addr, false))
		return TUI_WANT;
	/* For this grid alone: of another one changes are not what was asked for. */
	t->grid_by_own = t->grid_by;
	t->grid_by_lent = true;
	t->grid_by = GRID_CHANGE;
	return TUI_WANT;
}

enum tui_result change_list_in(struct tui *t)
{
	const struct change *ch;

	if (!tui_ready(t) || !list_size(t))
		return TUI_DRAW;
	if (t->show_runs)
		return go_to_page(t, t->runs[t->run_cur].addr);
	ch = tui_change(t, t->change_cur);
	t->change_at = ch->r.first;
	if (t->mark && change_amount(ch)) {
		t->show_runs = true;
		t->run_cur = t->run_top = 0;
		find_runs(t);
		return TUI_DRAW;
	}
	if (ch->kind == CHANGE_GONE) {
		tui_message(t, "it is gone: there is nothing to go to");
		return TUI_DRAW;
	}
	tui_goto(t, ch->r.first);
	return TUI_WANT;
}

static enum tui_result list_out(struct tui *t)
{
	if (t->show_runs)
		t->show_runs = false;
	else
		t->show_changes = false;
	return TUI_WANT;
}

enum tui_result change_list_key(struct tui *t, enum action a)
{
	size_t cur = t->show_runs ? t->run_cur : t->change_cur, rows = tui_list_rows(t);

	switch (a) {
	case ACT_UP:
		return change_list_select(t, cur - (cur != 0));
	case ACT_DOWN:
		return change_list_select(t, cur + 1);
	case ACT_PAGE_UP:
		return change_list_select(t, cur - MIN(cur, rows));
	case ACT_PAGE_DOWN:
		return change_list_select(t, cur + rows);
	case ACT_TOP:
		return change_list_select(t, 0);
	case ACT_BOTTOM:
		return change_list_select(t, SIZE_MAX);
	case ACT_IN:
	case ACT_RIGHT:
		return change_list_in(t);
	case ACT_SORT:
		if (t->show_runs) {
			tui_message(t, "pages are listed by their addresses");
			return TUI_DRAW;
		}
		t->changes_by_amount = !t->changes_by_amount;
		change_list_update(t);
		tui_news(t, t->changes_by_amount ? "most pages first" : "by address");
		return TUI_DRAW;
	case ACT_OUT:
	case ACT_SHRINK:
	case ACT_LEFT:
		return list_out(t);
	default:
		return TUI_NONE;
	}
}
