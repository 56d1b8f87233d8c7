/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows of a list: what the present place shows, filtered, sorted, the selection found again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "columns.h"
#include "tui.h"

struct item *items_add(struct tui *t, enum item_kind kind, struct range r, u32 index)
{
	struct item *it;

	GROW(t->items, t->nitems, t->cap_items);
	it = &t->items[t->nitems++];
	*it = (struct item){ .kind = kind, .r = r, .index = index };
	return it;
}

/* --- what there is ---------------------------------------------------------------------------- */

static void add_space(struct tui *t)
{
	const struct space *s = &t->snap->space;
	bool kernel = s->kernel.last != 0, user = s->user.last != 0;
	struct range hole;

	if (kernel)
		items_add(t, ITEM_HALF, s->kernel, 1);
	if (kernel && user && range_between(s->user, s->kernel, &hole))
		items_add(t, ITEM_HOLE, hole, 0);
	if (user)
		items_add(t, ITEM_HALF, s->user, 0);
}

static void add_regions(struct tui *t)
{
	const struct space *s = &t->snap->space;

	for (size_t i = s->nregions; i-- > 0;) {
		const struct region *r = &s->regions[i];

		if (!r->depth)
			items_add(t, r->kind == KR_UNUSED ? ITEM_FREE : ITEM_REGION,
				  (struct range){ r->first, r->last }, (u32)i);
	}
}

static bool vma_matches(const struct tui *t, u32 i)
{
	return !t->filter || expr_match(t->filter, &t->snap->space, &t->snap->space.vmas[i]);
}

static bool object_matches(const struct tui *t, const struct object *o)
{
	for (u32 i = o->vma; t->filter && i < o->vma + o->nvmas; i++)
		if (vma_matches(t, i))
			return true;
	return !t->filter;
}

static struct range object_range(const struct space *s, const struct object *o)
{
	return (struct range){ s->vmas[o->vma].first, s->vmas[o->vma + o->nvmas - 1].last };
}

static void add_object(struct tui *t, u32 index)
{
	const struct space *s = &t->snap->space;
	const struct object *o = &s->objects[index];
	struct item *it;

	if (!object_matches(t, o))
		return;
	it = items_add(t, ITEM_OBJECT, object_range(s, o), index);
	if (t->filter)
		it->filtered = expr_count(t->filter, s, it->r);
}

static void add_objects(struct tui *t)
{
	const struct space *s = &t->snap->space;
	bool gaps = !t->sort && !t->filter, top;
	struct gap gap;

	/* Of a half that nobody read it cannot be said that nothing is mapped. */
	if (s->no_user != USER_HERE)
		return;
	top = gaps && space_gap_below(s, s->nvmas, &gap);
	for (size_t i = s->nobjects; i-- > 0;) {
		const struct object *o = &s->objects[i];

		/* vsyscall lies above the half, and so above the highest gap. */
		if (top && s->vmas[o->vma].first < gap.r.first) {
			items_add(t, ITEM_GAP, gap.r, NO_INDEX);
			top = false;
		}
		add_object(t, (u32)i);
		if (gaps && !top && space_gap_below(s, o->vma, &gap))
			items_add(t, ITEM_GAP, gap.r, o->vma);
	}
	if (top)
		items_add(t, ITEM_GAP, gap.r, NO_INDEX);
}

static void add_mappings(struct tui *t, struct range of)
{
	const struct space *s = &t->snap->space;
	size_t low = space_lower_vma(s, of.first), high = low;

	while (high < s->nvmas && s->vmas[high].first <= of.last)
		high++;
	while (high-- > low)
		if (vma_matches(t, (u32)high))
			items_add(t, ITEM_MAPPING, vma_range(&s->vmas[high]), (u32)high);
}

static void add_tasks(struct tui *t)
{
	const struct tasks *tasks = &t->snap->tasks;
	const char *want = t->typed.p;

	if (!want || !*want || strcasestr("kernel", want))
		items_add(t, ITEM_KERNEL, (struct range){ 0, 0 }, 0);
	for (size_t i = 0; i < tasks->n; i++) {
		const struct task *task = &tasks->v[i];
		char pid[16];

		snprintf(pid, sizeof(pid), "%d", task->pid);
		if (want && *want && !strcasestr(strtab_get(&tasks->names, task->name), want) &&
		    !strcasestr(strtab_get(&tasks->names, task->user), want) && !strstr(pid, want))
			continue;
		items_add(t, ITEM_TASK, (struct range){ (u64)task->pid, (u64)task->pid }, (u32)i);
	}
}

/* --- their order ------------------------------------------------------------------------------ */

struct sort_key {
	u64 v; /**< the figure, or where its text is in the buffer */
	bool have;
	size_t i; /**< keeps rows of equal figures in the order of their addresses */
};

struct sorter {
	const char *texts; /**< NULL: figures */
	bool up;
};

static int compare(const void *va, const void *vb, void *ctx)
{
	const struct sort_key *a = va, *b = vb;
	const struct sorter *by = ctx;
	int diff;

	/* What is unknown stands at the end, whichever way. */
	if (a->have != b->have)
		return a->have ? -1 : 1;
	if (a->have && by->texts) {
		diff = strcasecmp(by->texts + a->v, by->texts + b->v);
		if (diff)
			return by->up ? -diff : diff;
	} else if (a->have && a->v != b->v) {
		return (a->v < b->v) == by->up ? -1 : 1;
	}
	return a->i < b->i ? -1 : 1;
}

/** Texts, all in one buffer; from A to Z unless it is turned round. */
static void text_keys(const struct tui *t, const struct column_def *column, size_t from,
		      struct sort_key *keys, struct buf *texts)
{
	for (size_t i = from; i < t->nitems; i++) {
		size_t at = texts->len;

		column->text(t->snap, &t->items[i], texts);
		keys[i - from] = (struct sort_key){ at, texts->len > at, i };
		buf_addch(texts, '\0');
	}
}

/** Sorts the rows from `from` on. */
static void sort(struct tui *t, const struct column_def *column, size_t from)
{
	size_t n = t->nitems - from;
	struct sort_key *keys = xcalloc(n, sizeof(*keys));
	struct item *sorted = xcalloc(t->nitems, sizeof(*sorted));
	struct buf texts = { 0 };
	struct sorter by = { NULL, t->sort_up };

	for (size_t i = from; i < t->nitems && column->figure; i++) {
		struct fig f = column->figure(t->snap, &t->items[i]);

		keys[i - from] = (struct sort_key){ f.v, f.have, i };
	}
	if (!column->figure) {
		text_keys(t, column, from, keys, &texts);
		by.texts = texts.p;
	}
	qsort_r(keys, n, sizeof(*keys), compare, &by);
	for (size_t i = 0; i < from; i++)
		sorted[i] = t->items[i];
	for (size_t i = 0; i < n; i++)
		sorted[from + i] = t->items[keys[i].i];
	free(keys);
	free(t->items);
	buf_release(&texts);
	t->items = sorted;
	t->cap_items = t->nitems;
}

/** The picker has a sort of its own; the other one is kept while it is open. */
static void choose_sort(struct tui *t)
{
	bool picker = tui_place(t)->level == LEVEL_PICKER, up = t->sort_up;
	unsigned was = t->sort;

	if (picker == t->sort_picker)
		return;
	t->sort_picker = picker;
	t->sort = t->other_sort;
	t->sort_up = t->other_up;
	t->other_sort = was;
	t->other_up = up;
}

static void sort_rows(struct tui *t)
{
	const struct column_def *column = t->sort ? &columns[t->sort - 1] : NULL;
	size_t from = t->nitems && t->items[0].kind == ITEM_KERNEL;

	if (t->nitems > from && column && column_here(column, tui_place(t)))
		sort(t, column, from);
}

/* --- all together ----------------------------------------------------------------------------- */

static bool lists_mappings(const struct item *it)
{
	return it->kind == ITEM_OBJECT || it->kind == ITEM_MAPPING || it->kind == ITEM_GAP;
}

/** What has changed in any mapping of the row; of several changes the strongest. */
static void mark_changes(struct tui *t)
{
	static const u8 strength[] = {
		[CHANGE_NONE] = 0,   [CHANGE_NEW] = 5,	 [CHANGE_GONE] = 1,  [CHANGE_GROWN] = 4,
		[CHANGE_SHRUNK] = 3, [CHANGE_PERMS] = 6, [CHANGE_PAGES] = 2,
	};
	const struct changes *c = &t->changes;

	for (size_t i = 0; i < t->nitems && c->n; i++) {
		struct item *it = &t->items[i];

		if (!lists_mappings(it))
			continue;
		for (size_t k = changes_lower(c, it->r.first);
		     k < c->n && c->v[k].r.first <= it->r.last; k++)
			if ((it->kind == ITEM_GAP) == (c->v[k].kind == CHANGE_GONE) &&
			    strength[c->v[k].kind] > strength[it->change])
				it->change = (u8)c->v[k].kind;
	}
}

size_t items_find(const struct tui *t, u64 addr)
{
	size_t below = 0, above = 0;
	bool have_below = false, have_above = false;

	for (size_t i = 0; i < t->nitems; i++) {
		const struct range *r = &t->items[i].r;

		if (!item_placed(&t->items[i]))
			continue;
		if (range_has(*r, addr))
			return i;
		/* Rows go from high to low unless they are sorted: all must be looked at. */
		if (r->last < addr && (!have_below || r->last > t->items[below].r.last)) {
			below = i;
			have_below = true;
		}
		if (r->first > addr && (!have_above || r->first < t->items[above].r.first)) {
			above = i;
			have_above = true;
		}
	}
	return have_below ? below : above;
}

/** How well a row is the one that was selected: higher is better, 0 not at all. */
static unsigned likeness(const struct place *p, const struct item *it)
{
	bool kind = it->kind == p->at_kind;

	if (p->at > p->at_last || !item_placed(it))
		return p->at > p->at_last && kind && it->index == p->at_index ? 6 : 0;
	if (it->r.first == p->at && it->r.last == p->at_last && kind)
		return 6;
	/* It grew, shrank at one end, was split or merged. */
	if (range_has(it->r, p->at))
		return kind ? 5 : 3;
	if (range_has(it->r, p->at_last))
		return kind ? 4 : 2;
	return kind && range_overlaps(it->r, (struct range){ p->at, p->at_last }) ? 1 : 0;
}

static size_t find_selected(const struct tui *t)
{
	const struct place *p = tui_place(t);
	size_t best = 0;
	unsigned most = 0;

	for (size_t i = 0; i < t->nitems && most < 6; i++) {
		unsigned like = likeness(p, &t->items[i]);

		if (like > most) {
			most = like;
			best = i;
		}
	}
	return most ? best : items_find(t, p->at);
}

static void add_rows(struct tui *t)
{
	const struct place *at = tui_place(t);

	switch (at->level) {
	case LEVEL_PICKER:
		add_tasks(t);
		break;
	case LEVEL_SPACE:
		add_space(t);
		break;
	case LEVEL_HALF:
		if (at->kernel)
			add_regions(t);
		else
			add_objects(t);
		break;
	case LEVEL_OBJECT:
		if (at->kernel)
			kernel_items(t);
		else
			add_mappings(t, at->r);
		break;
	case LEVEL_PART:
		kernel_items(t);
		break;
	default:
		break;
	}
}

static void count_filtered(struct tui *t)
{
	const struct space *s = &t->snap->space;

	t->filtered = (struct expr_count){ 0 };
	if (t->filter && !tui_place(t)->kernel && s->no_user == USER_HERE)
		t->filtered = expr_count(t->filter, s, RANGE_ALL);
}

void items_build(struct tui *t)
{
	t->nitems = 0;
	t->cur = 0;
	choose_sort(t);
	if (!tui_ready(t))
		return;
	count_filtered(t);
	add_rows(t);
	sort_rows(t);
	mark_changes(t);
	t->cur = find_selected(t);
}

const char *items_empty(const struct tui *t)
{
	const struct place *p = tui_place(t);
	const struct space *s;

	if (!tui_ready(t))
		return "reading";
	s = &t->snap->space;
	if (p->level == LEVEL_PICKER && t->snap->tasks_err)
		return "the processes cannot be listed";
	if (p->level == LEVEL_PICKER)
		return t->typed.len ? "no name, user or PID has that in it"
				    : "no process can be seen";
	if (p->kernel)
		return t->snap->kernel_inside ? "what lies inside cannot be read"
		       : t->snap->kernel_cut  ? "broken off: r reads what lies inside"
					      : "reading what lies inside";
	/* First: of mappings that nobody read it is not known which meet a filter. */
	if (s->no_user == USER_DENIED && s->user_held)
		return "may not be read: refused although CAP_SYS_PTRACE is held";
	if (s->no_user == USER_DENIED && (s->user_err == EACCES || s->user_err == EPERM))
		return "may not be read: needs CAP_SYS_PTRACE, or its owner";
	if (s->no_user == USER_DENIED)
		return "could not be read";
	if (s->no_user == USER_KTHREAD)
		return "a kernel thread has no user half";
	if (s->no_user == USER_ZOMBIE)
		return "a zombie has no user half any more";
	if (s->no_user == USER_GONE)
		return "it ended before its mappings were read";
	if (t->filter)
		return t->filtered.unknown ? "no mapping is known to meet the filter; F removes it"
					   : "no mapping meets the filter; F removes it";
	return "nothing is mapped here";
}
