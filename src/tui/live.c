/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from outside: targets, snapshots, marks; and what is to be read for the screen. */
#include <string.h>

#include "../model/kmap.h"
#include "state.h"

/** A mark without page states is taken when so many snapshots came without them. */
#define MARK_WAITS 3

/* --- targets ---------------------------------------------------------------------------------- */

static void at_space(struct tui *t)
{
	t->depth = 1;
	t->path[0] = (struct place){ .level = LEVEL_SPACE, .r = RANGE_ALL };
}

static void close_all(struct tui *t)
{
	t->show_changes = t->show_runs = t->show_phys = t->show_bytes = false;
	t->show_help = t->show_columns = t->show_sort = t->show_detail = false;
	t->prompt = PROMPT_NONE;
	t->have_found = false;
	t->symbol[0] = '\0';
	t->cur = 0;
}

void tui_target(struct tui *t, pid_t pid, bool kernel)
{
	close_all(t);
	t->pid = pid;
	t->kernel = kernel;
	t->picking = false;
	t->fresh = true;
	t->mark = NULL;
	t->marking = false;
	changes_release(&t->changes);
	buf_clear(&t->search);
	buf_clear(&t->typed);
	memset(t->left, 0, sizeof(t->left));
	at_space(t);
	if (!pid && !kernel)
		t->path[0].level = LEVEL_PICKER;
	items_build(t);
}

/**
 * What was asked of one process is not meant for another. What came with the command line is meant
 * for the first that is chosen.
 */
static void forget_asked(struct tui *t, pid_t next)
{
	if ((!t->pid && !t->kernel) || t->pid == next)
		return;
	expr_free(t->filter);
	t->filter = NULL;
	buf_clear(&t->filter_text);
	if (t->sort_picker) {
		t->other_sort = 0;
		t->other_up = false;
	} else {
		t->sort = 0;
		t->sort_up = false;
	}
}

enum tui_result live_choose(struct tui *t)
{
	bool marked = t->mark || t->marking;
	const struct item *it;
	pid_t pid, was = t->pid;

	if (!t->nitems)
		return TUI_NONE;
	it = &t->items[t->cur];
	pid = it->kind == ITEM_KERNEL ? 0 : t->snap->tasks.v[it->index].pid;
	forget_asked(t, pid);
	tui_target(t, pid, !pid);
	if (marked && was)
		tui_message(t, "the mark of process %d is lost: m sets one here", (int)was);
	else if (marked)
		tui_message(t, "the mark of the kernel alone is lost: m sets one here");
	return TUI_WANT;
}

enum tui_result live_pick(struct tui *t)
{
	if (here(t)->level == LEVEL_PICKER)
		return TUI_DRAW;
	memcpy(t->saved, t->path, sizeof(t->saved));
	t->saved_depth = t->depth;
	close_all(t);
	t->picking = true;
	buf_clear(&t->typed);
	t->depth = 1;
	t->path[0] = (struct place){ .level = LEVEL_PICKER, .r = RANGE_ALL };
	items_build(t);
	return TUI_WANT;
}

enum tui_result live_back(struct tui *t)
{
	t->picking = false;
	buf_clear(&t->typed);
	memcpy(t->path, t->saved, sizeof(t->path));
	t->depth = t->saved_depth;
	t->serial++;
	state_show(t);
	return TUI_WANT;
}

/** The first picture of a process: its user half, or the kernel's where it has none. */
static void start(struct tui *t)
{
	const struct space *s = &t->snap->space;
	bool user = s->nvmas != 0;

	t->fresh = false;
	at_space(t);
	t->cur = 0;
	state_show(t);
	if (user || s->nregions)
		state_push(t, (struct place){ .level = LEVEL_HALF,
					      .r = user ? s->user : s->kernel,
					      .kernel = !user,
					      .at = user ? state_first(t) : UINT64_MAX });
	if (s->no_user == USER_DENIED)
		tui_message(t, "its mappings may not be read%s%s%s", s->user_err ? ": " : "",
			    s->user_err ? strerror(s->user_err) : "",
			    s->nregions ? "; the kernel half is shown" : "");
	else if (!user && s->no_user == USER_KTHREAD)
		tui_message(t, "a kernel thread has no user half");
}

/* --- places follow what they show ------------------------------------------------------------- */

/** The mapping that is where the range is: at its end, at its start, or the highest inside it. */
static u32 vma_of(const struct space *s, struct range r)
{
	u32 v = space_find_vma(s, r.last);
	size_t i;

	if (v == NO_INDEX)
		v = space_find_vma(s, r.first);
	if (v != NO_INDEX)
		return v;
	i = space_lower_vma(s, r.last);
	return i && s->vmas[i - 1].last >= r.first ? (u32)i - 1 : NO_INDEX;
}

static bool follow_user(const struct tui *t, struct place *p)
{
	const struct space *s = &t->snap->space;
	const struct object *o;
	u32 v;

	if (p->level == LEVEL_GRID && p->part)
		return true;
	v = vma_of(s, p->r);
	if (v == NO_INDEX)
		return false;
	if (p->level == LEVEL_GRID) {
		p->r = vma_range(&s->vmas[v]);
		return true;
	}
	if (s->vmas[v].object == NO_INDEX)
		return false;
	o = &s->objects[s->vmas[v].object];
	p->r = (struct range){ s->vmas[o->vma].first, s->vmas[o->vma + o->nvmas - 1].last };
	return true;
}

/** Modules come and go, and their indexes with them: one is found again by where it is. */
static bool follow_module(const struct tui *t, struct place *p)
{
	const struct kmap *m = t->snap->space.kmap;

	if (m && p->r.first > p->r.last) /* its address is hidden: there is only its index */
		return p->index < m->nmodules;
	for (size_t i = 0; m && i < m->nmodules; i++)
		if (m->modules[i].addr == p->r.first) {
			p->index = (u32)i;
			return true;
		}
	return false;
}

static bool follow_kernel(const struct tui *t, struct place *p)
{
	const struct space *s = &t->snap->space;

	if (p->level == LEVEL_PART)
		return follow_module(t, p);
	if (p->level != LEVEL_OBJECT)
		return true;
	for (size_t i = 0; i < s->nregions; i++)
		if (!s->regions[i].depth && s->regions[i].first == p->r.first) {
			p->r.last = s->regions[i].last;
			return true;
		}
	return false;
}

static bool follow(struct tui *t, unsigned i)
{
	const struct space *s = &t->snap->space;
	struct place *p = &t->path[i];

	switch (p->level) {
	case LEVEL_HALF:
		p->r = p->kernel ? s->kernel : s->user;
		return true;
	case LEVEL_OBJECT:
	case LEVEL_PART:
	case LEVEL_GRID:
		return p->kernel ? follow_kernel(t, p) : follow_user(t, p);
	case LEVEL_PAGE:
		return i && range_has(t->path[i - 1].r, p->at);
	default:
		return true;
	}
}

/** Mappings grow, move into others, go: each place shows what is there now, or is left. */
static void follow_all(struct tui *t)
{
	u64 page = page_size(t);

	for (unsigned i = 0; i < t->depth; i++) {
		struct place *p = &t->path[i];

		if (!follow(t, i)) {
			t->depth = i;
			t->show_phys = t->show_bytes = false;
			tui_message(t, "what was shown is gone: it is not mapped any more");
			return;
		}
		if (p->level != LEVEL_GRID || !page)
			continue;
		p->at = MIN(MAX(p->at, p->r.first), p->r.last);
		p->at -= p->at % page;
	}
}

/* --- what is asked of processes --------------------------------------------------------------- */

/** Rows of the screen, then where figures that are read lazily sort them all others. */
static size_t asked_rows(const struct tui *t)
{
	size_t top = tui_place(t)->top,
	       shown = MIN(t->nitems - MIN(t->nitems, top), (size_t)tui_list_rows(t));

	return t->sort && column_is_lazy(&columns[t->sort - 1]) ? t->nitems : shown;
}

/** The process in the `k`th of them, NULL: there is nothing to be read of it. */
static const struct task *asked_task(const struct tui *t, size_t k)
{
	const struct item *it = &t->items[(tui_place(t)->top + k) % t->nitems];
	const struct task *task;

	if (it->kind != ITEM_TASK)
		return NULL;
	task = &t->snap->tasks.v[it->index];
	return task->kthread || task->err ? NULL : task;
}

/** Was it asked for in vain? Then it is asked for again as what was read is. */
static bool is_asked(const struct task *task)
{
	return task->pss.have || task->lazy_usec;
}

/** Is the first row selected of a list whose order is not known yet? */
static bool is_unsettled(const struct tui *t)
{
	if (tui_place(t)->level != LEVEL_PICKER || !tui_ready(t) || !t->sort ||
	    !column_is_lazy(&columns[t->sort - 1]) || t->cur != state_top(t))
		return false;
	for (size_t k = 0; k < t->nitems; k++) {
		const struct task *task = asked_task(t, k);

		if (task && !is_asked(task))
			return true;
	}
	return false;
}

/* --- snapshots -------------------------------------------------------------------------------- */

static void tasks_came(struct tui *t, bool first)
{
	size_t top = here(t)->top;

	/* Late, when a target was chosen meanwhile: its rows are of a snapshot that has gone. */
	if (here(t)->level != LEVEL_PICKER) {
		items_build(t);
		return;
	}
	state_rebuild(t);
	/* Processes pass each other all the time: that hides none of the first of them. */
	if (first || (!top && t->cur < tui_list_rows(t)))
		here(t)->top = 0;
	if (first)
		state_select(t, state_top(t));
}

/** Is a mark due? States of pages belong to it, but where there are none to be had. */
static bool mark_due(struct tui *t, const struct snapshot *s)
{
	if (!t->marking || s->state == SNAP_TASKS)
		return false;
	if (!s->pages.have && s->state == SNAP_LIVE && ++t->mark_waits < MARK_WAITS)
		return false;
	t->marking = false;
	return true;
}

enum tui_result tui_snapshot(struct tui *t, const struct snapshot *s)
{
	const struct snapshot *old = t->snap;
	bool same = old && old->state != SNAP_TASKS && s->state != SNAP_TASKS, first;
	bool unsettled = is_unsettled(t);

	t->snap = s;
	minimap_forget(t->map);
	if (s->state == SNAP_TASKS) {
		tasks_came(t, unsettled || !old || old->state != SNAP_TASKS);
		return TUI_WANT;
	}
	if (t->want_smaps && (s->smaps_usec != t->smaps_asked || s->state != SNAP_LIVE))
		t->want_smaps = false;
	/* A reading answered for another cell or page is the same one: its changes stay. */
	if (t->mark || !same || !s->usec || s->usec != old->usec)
		changes_find(t->mark ? t->mark : same ? old : NULL, s, &t->changes);
	if (here(t)->level == LEVEL_PICKER && t->picking) {
		items_build(t);
		return TUI_DRAW;
	}
	first = t->fresh || here(t)->level == LEVEL_PICKER;
	if (first) {
		start(t);
	} else {
		follow_all(t);
		state_rebuild(t);
	}
	change_list_update(t);
	if (t->symbol[0] && s->symbol.serial == t->symbol_serial)
		tui_goto_symbol(t, &s->symbol);
	if (mark_due(t, s))
		return TUI_MARK;
	return first ? TUI_WANT : TUI_DRAW;
}

/* --- marks ------------------------------------------------------------------------------------ */

enum tui_result live_mark(struct tui *t)
{
	if (t->snap && t->snap->state == SNAP_ENDED) {
		tui_message(t, "the process has ended: nothing can change any more");
		return TUI_DRAW;
	}
	t->marking = true;
	t->mark_waits = 0;
	t->serial++;
	tui_news(t, "marking: the states of all pages are being read");
	return TUI_WANT;
}

enum tui_result live_unmark(struct tui *t)
{
	t->marking = false;
	tui_set_mark(t, NULL);
	tui_news(t, "no mark: changes are told from one refresh to the next");
	return TUI_WANT;
}

enum tui_result live_cancel(struct tui *t)
{
	size_t len = t->progress.len;

	/* "smaps 40%" */
	while (len && strchr("0123456789% ", t->progress.p[len - 1]))
		len--;
	tui_news(t, "%.*s: broken off; what is shown was read before", (int)len, t->progress.p);
	buf_clear(&t->progress);
	t->symbol[0] = '\0';
	return TUI_CANCEL;
}

void tui_set_mark(struct tui *t, const struct snapshot *mark)
{
	t->mark = mark;
	t->marking = false;
	changes_find(mark, mark ? t->snap : NULL, &t->changes);
	state_rebuild(t);
	change_list_update(t);
	if (mark && mark->pages.have)
		tui_news(t, "marked: what changes from here on is shown, d lists it");
	else if (mark)
		tui_message(t, "marked, but not the pages: their states cannot be read");
}

/* --- what to read ----------------------------------------------------------------------------- */

/**
 * The processes whose pss was not read, in turns. The others are wanted too, as what was read of
 * them ages.
 */
static void want_pss(const struct tui *t, struct want *ret)
{
	size_t rows = asked_rows(t), n = 0, seen = 0, skip, lacking = 0, again = 0;

	for (size_t pass = 0; pass < 2; pass++) {
		skip = lacking > WANT_PSS_MAX ? (t->snap->seq * WANT_PSS_MAX) % lacking : 0;
		for (size_t k = 0; k < rows; k++) {
			const struct task *task = asked_task(t, k);

			if (!task)
				continue;
			if (is_asked(task)) {
				if (!pass && again < WANT_ROWS_MAX)
					ret->pss_again[again++] = task->pid;
				continue;
			}
			if (!pass)
				lacking++;
			else if (seen++ >= skip && n < WANT_PSS_MAX)
				ret->pss[n++] = task->pid;
		}
	}
}

static bool shows_kernel(const struct tui *t)
{
	for (unsigned i = 0; i < t->depth; i++)
		if (t->path[i].kernel)
			return true;
	return t->kernel;
}

static void want_grid(const struct tui *t, struct want *ret)
{
	struct grid_shape g = tui_grid_shape(t);
	u64 cell = g.pages_per_cell * page_size(t);

	if (!cell || !g.ncells)
		return;
	ret->grid = g.shown;
	ret->grid_unit = g.pages_per_cell;
	ret->grid_cells = (unsigned)((g.shown.last - g.shown.first) / cell + 1);
	ret->grid_flags = t->show_phys || (t->grid_by != GRID_STATE && t->grid_by != GRID_CHANGE);
}

void tui_want(const struct tui *t, struct want *ret)
{
	const struct place *p = tui_place(t);
	bool picker = p->level == LEVEL_PICKER && (t->picking || (!t->pid && !t->kernel));

	*ret = (struct want){ .interval_ms = t->paused ? 0 : t->interval_ms,
			      .pid = picker ? 0 : t->pid,
			      .kernel = !picker && t->kernel,
			      .serial = t->serial };
	if (picker) {
		if (tui_ready(t))
			want_pss(t, ret);
		return;
	}
	ret->smaps_now = t->want_smaps;
	memcpy(ret->symbol, t->symbol, sizeof(ret->symbol));
	ret->symbol_serial = t->symbol_serial;
	ret->symbol_kernel = t->symbol_kernel;
	ret->page_states = t->mark || t->marking || t->show_changes;
	ret->kernel_inside = shows_kernel(t);
	if (p->level == LEVEL_GRID && tui_ready(t))
		want_grid(t, ret);
	if (p->level == LEVEL_PAGE && tui_ready(t)) {
		/* Its neighbours come as a grid. */
		ret->grid = tui_page_neighbours(t);
		ret->grid_unit = 1;
		ret->grid_cells =
			(unsigned)((ret->grid.last - ret->grid.first) / MAX(page_size(t), 1u) + 1);
		ret->grid_flags = true;
		ret->have_page = true;
		ret->page = tui_page_meant(t);
		ret->page_bytes = t->show_bytes;
	}
}
