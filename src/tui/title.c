/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The top line: which process, the breadcrumb, and at the right what the list and the clock do. */
#include <stdio.h>
#include <string.h>

#include "../render/words.h"
#include "columns.h"
#include "tui.h"
#include "where.h"

/** The least that a name in the breadcrumb gets. */
#define CRUMB_MIN 6

/* --- the breadcrumb --------------------------------------------------------------------------- */

static void add_last_part(struct buf *out, const char *name, size_t len)
{
	size_t dir = name_dir_len(name, len);

	buf_add(out, name + dir, len - dir);
}

static void object_crumb(const struct space *s, u64 addr, struct buf *out)
{
	u32 v = space_find_vma(s, addr);
	const char *name;
	size_t len;

	if (v == NO_INDEX || s->vmas[v].object == NO_INDEX) {
		buf_addhex(out, addr, 0);
		return;
	}
	if (stack_title(out, s, &s->objects[s->vmas[v].object]))
		return;
	name = object_title(s, &s->objects[s->vmas[v].object], &len);
	add_last_part(out, name, len);
}

/** The largest section, or the role, of the mapping: the object stands before it. */
static void mapping_crumb(const struct space *s, u64 addr, struct buf *out)
{
	u32 v = space_find_vma(s, addr);
	size_t start = out->len;
	const char *blank;

	if (v == NO_INDEX) {
		buf_addhex(out, addr, 0);
		return;
	}
	mapping_words(out, s, &s->vmas[v]);
	blank = memchr(out->p + start, ' ', out->len - start);
	if (blank && s->vmas[v].role != ROLE_NONE)
		out->len = (size_t)(blank - out->p);
}

static void kernel_crumb(const struct space *s, const struct place *p, struct buf *out)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (s->regions[i].first == p->r.first && s->regions[i].last == p->r.last) {
			buf_addstr(out, s->regions[i].name);
			return;
		}
	buf_addhex(out, p->r.first, 0);
}

static void crumb(const struct tui *t, unsigned i, struct buf *out)
{
	const struct space *s = &t->snap->space;
	const struct place *p = &t->path[i];

	switch (p->level) {
	case LEVEL_SPACE:
		buf_addstr(out, "space");
		return;
	case LEVEL_HALF:
		buf_addstr(out, p->kernel ? "kernel half" : "user half");
		return;
	case LEVEL_OBJECT:
		if (p->kernel)
			kernel_crumb(s, p, out);
		else
			object_crumb(s, p->r.first, out);
		return;
	case LEVEL_PART:
		item_name(t->snap,
			  &(struct item){ .kind = ITEM_MODULE, .r = p->r, .index = p->index }, out);
		return;
	case LEVEL_GRID:
		if (p->part)
			where_range(out, p->r);
		else if (p->kernel)
			kernel_crumb(s, p, out);
		else if (i && t->path[i - 1].level == LEVEL_OBJECT)
			mapping_crumb(s, p->r.first, out);
		else
			object_crumb(s, p->r.first, out);
		return;
	case LEVEL_PAGE:
		buf_addf(out, "page %llx", (unsigned long long)p->at);
		return;
	default:
		return;
	}
}

/** A part of the line and the depth that a click on it leads to. */
struct part {
	unsigned x, w;
};

/** Where everything stands in the line. */
struct title {
	struct buf head; /**< "4711 redis-server (S)" */
	struct buf crumb[LEVEL_N];
	struct part part[LEVEL_N];
	unsigned from; /**< first of the breadcrumb that is shown */
	struct buf right;
};

static void title_release(struct title *l)
{
	buf_release(&l->head);
	buf_release(&l->right);
	for (unsigned i = 0; i < LEVEL_N; i++)
		buf_release(&l->crumb[i]);
}

/* --- what stands at the right ----------------------------------------------------------------- */

/** "live 1 s", "paused", "ended", "recorded". */
static void add_state(const struct tui *t, struct buf *b)
{
	if (t->snap->state == SNAP_ENDED)
		buf_addstr(b, "ended");
	else if (t->snap->space.host.recorded)
		buf_addstr(b, "recorded");
	else if (t->paused)
		buf_addstr(b, "paused");
	else
		buf_addf(b, "live %g s", t->interval_ms / 1000.0);
}

/** Is what is shown compared with the process again and again? */
static bool is_live(const struct tui *t)
{
	return t->snap->state != SNAP_ENDED && !t->snap->space.host.recorded && !t->paused;
}

/**
 * Of the time of the reading, "2026-11-21T22:30:12Z", what changes; of a picture that stands. What
 * is live is of now, though its last reading is as old as the last change.
 */
static void add_clock(const struct tui *t, struct buf *b)
{
	const char *time = t->snap->space.host.time, *hour = time ? strchr(time, 'T') : NULL;

	if (is_live(t))
		return;
	if (hour && strlen(hour) >= 9)
		buf_addf(b, "%.8s UTC  ", hour + 1);
}

static void add_list(const struct tui *t, unsigned filter, struct buf *b)
{
	const struct place *p = tui_place(t);

	if (p->level >= LEVEL_GRID)
		return;
	if (t->filter && filter) {
		buf_addstr(b, "filter ");
		text_elide(b, t->filter_text.p, t->filter_text.len, filter, ELIDE_END, t->ascii);
		buf_addstr(b, "  ");
	}
	if (t->sort && column_here(&columns[t->sort - 1], p))
		buf_addf(b, "by %s%s  ", columns[t->sort - 1].name,
			 t->ascii     ? (t->sort_up ? " ^" : " v")
			 : t->sort_up ? "↑"
				      : "↓");
}

/** As much as fits in `room` columns: state, then sort and filter, clock, kernel. */
static void fill_right(const struct tui *t, unsigned room, struct buf *b)
{
	const struct host *h = &t->snap->space.host;

	for (int detail = 4; detail >= 0; detail--) {
		buf_clear(b);
		if (detail > 3 && h->release)
			buf_addf(b, "Linux %s %s  ", h->release, h->machine ? h->machine : "");
		if (detail > 0)
			add_list(t, detail > 1 ? 40 : 12, b);
		if (detail > 2)
			add_clock(t, b);
		add_state(t, b);
		if (text_width(b->p, b->len) <= room)
			return;
	}
	buf_clear(b);
}

/* --- the line --------------------------------------------------------------------------------- */

static void fill_head(const struct tui *t, unsigned w, struct buf *b)
{
	const struct process *p = &t->snap->space.proc;
	const char *name = strtab_get(&t->snap->space.names, p->comm);

	if (t->kernel) {
		buf_addstr(b, "the kernel");
		return;
	}
	buf_addf(b, "%d ", (int)p->pid);
	text_elide(b, name, strlen(name), w < 60 ? 10 : 24, ELIDE_END, t->ascii);
	if (p->state && w >= 60)
		buf_addf(b, " (%c)", p->state);
}

static unsigned width(const struct buf *b)
{
	return b->len ? (unsigned)text_width(b->p, b->len) : 0;
}

/** Names in the breadcrumb are escaped here, and what is too long is cut. */
static void fill_crumbs(const struct tui *t, unsigned w, struct title *l)
{
	unsigned most = w > width(&l->head) + 7 ? w - width(&l->head) - 7 : 0;

	most = MAX(MIN(most, 32u), (unsigned)CRUMB_MIN);
	for (unsigned i = 0; i < t->depth; i++) {
		struct buf raw = { 0 };

		crumb(t, i, &raw);
		if (raw.len)
			text_elide(&l->crumb[i], raw.p, raw.len, most, ELIDE_MIDDLE, t->ascii);
		buf_release(&raw);
	}
}

/** Lays the line out: the innermost parts of the breadcrumb matter most. */
static void title_init(const struct tui *t, unsigned w, struct title *l)
{
	unsigned x, used, room;

	*l = (struct title){ .from = t->depth };
	fill_head(t, w, &l->head);
	fill_crumbs(t, w, l);
	used = width(&l->head) + 2;
	for (; l->from > 0; l->from--) {
		unsigned more = width(&l->crumb[l->from - 1]) + 3;

		/* What is left out leaves a mark. */
		if (l->from < t->depth && used + more + 14 > w)
			break;
		used += more;
	}
	room = w > used + 4 ? w - used - 4 : 0;
	fill_right(t, room, &l->right);
	x = width(&l->head) + (l->from ? 4 : 0);
	for (unsigned i = l->from; i < t->depth; i++) {
		l->part[i] = (struct part){ x + 3, width(&l->crumb[i]) };
		x += 3 + l->part[i].w;
	}
}

static void put_title(const struct tui *t, const struct pane *p, const struct title *l)
{
	const char *arrow = t->ascii ? " > " : " › ";
	unsigned x, end = p->w - MIN(p->w, width(&l->right) + (l->right.len ? 1 : 0));
	struct pane left = pane_part(p, 0, 0, end, 1);

	x = pane_put(&left, 0, 0, TSTYLE_KEY, l->head.p);
	if (l->from)
		pane_put(&left, x, 0, TSTYLE_TITLE, t->ascii ? " > .." : " › …");
	for (unsigned i = l->from; i < t->depth; i++) {
		pane_put(&left, l->part[i].x - 3, 0, TSTYLE_TITLE, arrow);
		if (l->crumb[i].len)
			pane_put(&left, l->part[i].x, 0,
				 i + 1 == t->depth ? TSTYLE_KEY : TSTYLE_TITLE, l->crumb[i].p);
	}
	if (l->right.len)
		pane_right(p, p->w, 0, TSTYLE_TITLE, l->right.p);
}

unsigned title_depth_at(const struct tui *t, unsigned w, unsigned x)
{
	unsigned ret = 0;
	struct title l;

	if (!tui_ready(t) || tui_place(t)->level == LEVEL_PICKER)
		return 0;
	title_init(t, w, &l);
	if (x < width(&l.head))
		ret = 1;
	for (unsigned i = l.from; i < t->depth; i++)
		if (x >= l.part[i].x && x - l.part[i].x < l.part[i].w)
			ret = i + 1;
	title_release(&l);
	return ret;
}

static void picker_title(const struct tui *t, const struct pane *p)
{
	unsigned x = pane_put(p, 0, 0, TSTYLE_KEY, "procmap");
	struct buf b = { 0 };

	if (x + 2 < p->w)
		pane_put(p, x, 0, TSTYLE_TITLE, ": choose a process");
	if (!tui_ready(t))
		return;
	add_list(t, 0, &b);
	add_state(t, &b);
	if (b.len + 26 < p->w)
		pane_right(p, p->w, 0, TSTYLE_TITLE, b.p);
	buf_release(&b);
}

void draw_title(const struct tui *t, const struct pane *p)
{
	struct title l;

	pane_fill(p, 0, 0, p->w, TSTYLE_TITLE);
	if (tui_place(t)->level == LEVEL_PICKER) {
		picker_title(t, p);
		return;
	}
	if (!tui_ready(t)) {
		pane_put(p, 0, 0, TSTYLE_TITLE, "procmap: reading");
		return;
	}
	title_init(t, p->w, &l);
	put_title(t, p, &l);
	title_release(&l);
}
