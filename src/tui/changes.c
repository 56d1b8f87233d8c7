/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `d`: what has changed since the mark, or the last refresh, a line a mapping; and which pages of
 * one of them. What selects and scrolls is in change_list.c: one line of heading, then rows.
 */
#include <string.h>

#include "../render/words.h"
#include "lines.h"
#include "list.h"
#include "tui.h"
#include "where.h"

/** From this width on addresses are shown with all their digits, as in the lists. */
#define ADDR_ALL 84
/** From this width on sizes are shown, and columns stand below each other. */
#define WIDE 60
/** A name that has less room than that is left out; one that has so much is content. */
#define NAME_LEAST 4
#define NAME_GOOD  12

static const char *change_words(enum change_kind kind)
{
	static const char *const words[] = {
		[CHANGE_NONE] = "",	  [CHANGE_NEW] = "new",	      [CHANGE_GONE] = "gone",
		[CHANGE_GROWN] = "grown", [CHANGE_SHRUNK] = "shrunk", [CHANGE_PERMS] = "remapped",
		[CHANGE_PAGES] = "pages",
	};

	return words[kind];
}

static unsigned change_style(enum change_kind kind)
{
	return kind == CHANGE_GONE || kind == CHANGE_SHRUNK ? TSTYLE_GONE
	       : kind == CHANGE_PAGES			    ? TSTYLE_SERIES + 3
							    : TSTYLE_NEW;
}

/** "3 m 12 s" of what was kept when the clock said `then`. */
static void add_age(struct buf *b, u64 then, u64 now)
{
	u64 s = now > then ? (now - then) / 1000000 : 0;

	if (s >= 3600)
		buf_addf(b, "%llu h %llu m", (unsigned long long)(s / 3600),
			 (unsigned long long)(s / 60 % 60));
	else if (s >= 60)
		buf_addf(b, "%llu m %llu s", (unsigned long long)(s / 60),
			 (unsigned long long)(s % 60));
	else
		buf_addf(b, "%llu s", (unsigned long long)s);
}

static void add_count(struct buf *b, const char *sep, const char *what, u64 n)
{
	if (n)
		buf_addf(b, "%s%llu %s", sep, (unsigned long long)n, what);
}

/** "1 came, 3 became private"; nothing when none did or nobody compared. */
static void add_pages(struct buf *b, const struct change *ch)
{
	size_t start = b->len;
	const struct {
		const char *what;
		u64 n;
	} figures[] = {
		{ "became private", ch->copied.v },
		{ "came", ch->came.v },
		{ "went", ch->went.v },
		{ "swapped out", ch->swapped.v },
		{ "swapped in", ch->swapped_in.v },
	};

	for (size_t i = 0; i < ARRAY_SIZE(figures); i++)
		add_count(b, b->len > start ? ", " : "", figures[i].what, figures[i].n);
}

/* --- mappings --------------------------------------------------------------------------------- */

static void add_since(struct buf *b, const struct tui *t)
{
	if (!t->mark) {
		buf_addstr(b, "since the last refresh");
		return;
	}
	buf_addstr(b, "since the mark, ");
	add_age(b, t->mark->usec, t->snap->usec);
}

/** Will more changes come by themselves? */
static bool is_live(const struct tui *t)
{
	return t->snap->state == SNAP_LIVE && !t->paused && !t->snap->space.host.recorded;
}

/** What happened to pages, or why that is not known. */
static void add_all_pages(struct buf *b, const struct tui *t)
{
	const struct changes *c = &t->changes;
	size_t start;

	if (c->have_pages && c->n) {
		buf_addstr(b, "; pages: ");
		start = b->len;
		add_pages(b, &c->all);
		if (b->len == start)
			buf_addstr(b, "as they were");
	} else if (!t->mark) {
		buf_addstr(b, "; m marks a moment to compare with, pages too");
	} else if (!c->have_pages) {
		buf_addstr(b, "; pages: ? (their states were not read)");
	}
}

/** Columns of the heading that says so and what m does. */
#define LIVE_WORDS 56

static void put_heading(const struct tui *t, const struct pane *p)
{
	const struct changes *c = &t->changes;
	struct buf b = { 0 };
	size_t since;

	if (c->n)
		buf_addf(&b, "%zu mapping%s changed ", c->n, c->n == 1 ? "" : "s");
	else
		buf_addstr(&b, "nothing has changed ");
	since = b.len - 1;
	add_since(&b, t);
	if (!c->n)
		buf_addstr(&b, is_live(t) ? ": this list is live" : "");
	add_all_pages(&b, t);
	/* What happened matters more than since when, and so does what can be done. */
	if (c->n && text_width(b.p, b.len) > p->w) {
		b.len = since;
		add_all_pages(&b, t);
	} else if (!t->mark && text_width(b.p, b.len) > p->w) {
		b.len = since;
		buf_addf(&b, "%s; m marks a moment",
			 is_live(t) && p->w >= LIVE_WORDS ? ": this list is live" : "");
	}
	pane_text(p, 0, 0, p->w, STYLE_BOLD, b.p, b.len, ELIDE_END);
	buf_release(&b);
}

static const char *change_name(const struct tui *t, const struct change *ch, size_t *len)
{
	const struct space *s = &t->snap->space;
	u32 v = ch->new_vma;
	const char *name;

	*len = 0;
	if (ch->new_vma == NO_INDEX) {
		name = *ch->name ? ch->name : object_kind_name((enum object_kind)ch->obj_kind);
		*len = strlen(name);
		return name;
	}
	if (v >= s->nvmas)
		return "";
	name = mapping_title(s, &s->vmas[v], len);
	if (!*len && s->vmas[v].object != NO_INDEX)
		name = object_title(s, &s->objects[s->vmas[v].object], len);
	return name;
}

/** The first address of a row, as in the lists. Returns where the next word stands. */
static unsigned put_address(const struct tui *t, const struct pane *p, unsigned y, u64 addr)
{
	bool all = p->w >= ADDR_ALL && t->snap->space.host.bits != 32;
	char text[24];

	list_address(text, addr, all ? 16 : list_address_cols(t), t->ascii);
	return pane_put(p, 0, y, STYLE_DIM, text) + 1;
}

/** Columns that what happened to pages takes in the rows on the screen. */
static unsigned pages_cols(const struct tui *t, unsigned rows)
{
	struct buf b = { 0 };
	unsigned most = 0;

	for (unsigned y = 0; y < rows && t->change_top + y < t->changes.n; y++) {
		add_pages(&b, tui_change(t, t->change_top + y));
		most = MAX(most, (unsigned)b.len);
		buf_clear(&b);
	}
	buf_release(&b);
	return most;
}

/** Columns from the left: address, what happened, size, pages (so many of them), name. */
static void put_change(const struct tui *t, const struct pane *p, unsigned y,
		       const struct change *ch, unsigned pages)
{
	unsigned x, room;
	char size[SIZE_TEXT_MAX];
	struct buf b = { 0 };
	const char *name;
	size_t len;

	size[format_size(size, range_size(ch->r), SIZE_SHORT)] = '\0';
	x = put_address(t, p, y, ch->r.first);
	pane_put(p, x, y, change_style(ch->kind), change_words(ch->kind));
	x += 9;
	if (p->w >= WIDE) {
		pane_right(p, x + 6, y, STYLE_PLAIN, size);
		x += 8;
	}
	add_pages(&b, ch);
	name = change_name(t, ch, &len);
	room = x < p->w ? p->w - x : 0;
	/* What happened comes first; of a path, in what that leaves, the end matters. */
	if (b.len && room)
		pane_text(p, x, y, room, STYLE_NOTE, b.p, b.len, ELIDE_END);
	/* Names stand below each other where there is room for that. */
	if (pages + 2 + NAME_GOOD > room)
		pages = (unsigned)b.len;
	x += pages ? pages + 2 : 0;
	if (len && x + MIN(len, NAME_LEAST) <= p->w)
		pane_text(p, x, y, p->w - x, STYLE_PLAIN, name, len, ELIDE_START);
	buf_release(&b);
}

/* --- pages of one of them --------------------------------------------------------------------- */

static void put_runs_heading(const struct tui *t, const struct pane *p)
{
	const struct change *ch = changes_at(&t->changes, t->runs_of.first);
	struct buf b = { 0 };
	size_t len = 0;
	const char *name = ch ? change_name(t, ch, &len) : "";

	buf_addf(&b, "pages of %llx ", (unsigned long long)t->runs_of.first);
	buf_add(&b, name, len);
	buf_addstr(&b, len ? ": " : "");
	if (ch)
		add_pages(&b, ch);
	else
		buf_addstr(&b, "no change any more");
	pane_text(p, 0, 0, p->w, STYLE_BOLD, b.p, b.len, ELIDE_MIDDLE);
	buf_release(&b);
}

/** Columns of what happened to a run of pages: "became private" is the longest of them. */
#define CHANGE_COLS 14u

static void put_run(const struct tui *t, const struct pane *p, unsigned y,
		    const struct changed_run *run)
{
	u64 page = t->snap->space.host.page_size;
	bool away = run->what == 'g' || run->what == 's';
	struct buf b = { 0 };
	char size[SIZE_TEXT_MAX];
	unsigned x, words;

	size[format_size(size, run->n * page, SIZE_SHORT)] = '\0';
	x = put_address(t, p, y, run->addr);
	buf_addf(&b, "%llu page%s", (unsigned long long)run->n, run->n == 1 ? "" : "s");
	if (p->w >= WIDE) {
		pane_right(p, x + 12, y, STYLE_PLAIN, b.p);
		pane_right(p, x + 19, y, STYLE_DIM, size);
		x += 21;
	} else {
		x += pane_put(p, x, y, STYLE_PLAIN, b.p) + 1;
	}
	words = pane_put(p, x, y, away ? TSTYLE_GONE : TSTYLE_NEW, where_change_words(run->what));
	x += (p->w >= WIDE ? MAX(words, CHANGE_COLS) : words) + 2;
	buf_clear(&b);
	where_words(&b, t->snap, (struct range){ run->addr, run->addr + (run->n * page - 1) });
	if (x < p->w)
		pane_text(p, x, y, p->w - x, STYLE_NOTE, b.p, b.len, ELIDE_END);
	buf_release(&b);
}

void draw_changes(const struct tui *t, const struct pane *p)
{
	size_t top = t->show_runs ? t->run_top : t->change_top;
	size_t cur = t->show_runs ? t->run_cur : t->change_cur;
	size_t n = t->show_runs ? t->nruns : t->changes.n;
	unsigned pages = 0;

	if (!t->snap)
		return;
	if (t->show_runs)
		put_runs_heading(t, p);
	else
		put_heading(t, p);
	if (!t->show_runs && p->h)
		pages = pages_cols(t, p->h - 1);
	for (unsigned y = 1; y < p->h && top + y - 1 < n; y++) {
		size_t row = top + y - 1;

		if (row == cur)
			pane_fill(p, 0, y, p->w, STYLE_PLAIN);
		if (t->show_runs)
			put_run(t, p, y, &t->runs[row]);
		else
			put_change(t, p, y, tui_change(t, row), pages);
		if (row == cur)
			pane_attr(p, 0, y, p->w, CELL_SELECTED);
	}
}

/* --- beside the list -------------------------------------------------------------------------- */

static void put_sums(struct lines *w, const struct tui *t, struct buf *b)
{
	const struct changes *c = &t->changes;

	add_since(b, t);
	lines_buf(w, "changes", b);
	for (unsigned k = CHANGE_NEW; k <= CHANGE_PAGES; k++)
		if (k == CHANGE_PAGES)
			add_count(b, b->len ? ", " : "", "with other pages alone", c->kinds[k]);
		else
			add_count(b, b->len ? ", " : "", change_words((enum change_kind)k),
				  c->kinds[k]);
	lines_buf(w, "mappings", b);
	if (c->have_pages)
		add_pages(b, &c->all);
	else
		buf_addstr(b, t->mark ? "? (their states were not read)"
				      : "are compared once m has marked a moment");
	lines_buf(w, "pages", b);
}

static void put_side(struct lines *w, const char *label, const struct space *s, u32 i,
		     struct buf *b)
{
	const struct vma *v;
	char size[SIZE_TEXT_MAX], perms[4];

	if (!s || i >= s->nvmas)
		return;
	v = &s->vmas[i];
	size_text(size, range_size(vma_range(v)));
	perms_letters(perms, v->perms);
	where_range(b, vma_range(v));
	buf_addf(b, "  %s  %.4s", size, perms);
	if (v->inode)
		buf_addf(b, "  offset %llx", (unsigned long long)v->offset);
	lines_buf(w, label, b);
}

static void put_selected(struct lines *w, const struct tui *t, const struct change *ch,
			 struct buf *b)
{
	size_t len;
	const char *name = change_name(t, ch, &len);

	w->y += w->y != 0;
	lines_put(w, "name", STYLE_BOLD, name, len);
	put_side(w, "before", t->mark ? &t->mark->space : NULL, ch->old_vma, b);
	put_side(w, "now", &t->snap->space, ch->new_vma, b);
	add_pages(b, ch);
	lines_buf(w, "its pages", b);
	/* As change_list_in() does it. */
	if (!t->show_runs && t->mark && change_amount(ch))
		buf_addstr(b, "Enter lists its pages");
	else if (ch->kind != CHANGE_GONE)
		buf_addstr(b, "Enter goes there");
	if (!t->show_runs && tui_place(t)->level < LEVEL_GRID)
		buf_addf(b, "%ss sorts by pages, or by address", b->len ? "; " : "");
	lines_buf(w, "", b);
}

void draw_change_detail(const struct tui *t, const struct pane *p)
{
	struct lines w = { p, 0, 11 };
	const struct change *ch = NULL;
	struct buf b = { 0 };

	if (t->show_runs)
		ch = changes_at(&t->changes, t->runs_of.first);
	else if (t->change_cur < t->changes.n)
		ch = tui_change(t, t->change_cur);
	/* Where there is little room the heading of the list has to do. */
	if (p->h >= 10 || !ch)
		put_sums(&w, t, &b);
	if (ch)
		put_selected(&w, t, ch, &b);
	buf_release(&b);
}
