/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The selected cell of a grid in words: what its pages are and where. */
#include <stdlib.h>
#include <string.h>

#include "../model/kmap.h"
#include "grid.h"
#include "lines.h"
#include "where.h"

static void add_size(struct buf *b, u64 pages, u64 page)
{
	char size[SIZE_TEXT_MAX];

	size_text(size, pages * page);
	buf_addf(b, "%llu page%s, %s", (unsigned long long)pages, pages == 1 ? "" : "s", size);
}

/** In a cell of so few pages each of them counts. */
#define FEW 16

/** "anon"; of a cell of several pages "1 of 2 anon", "most anon, up to 12/16 there". */
static void add_state(struct buf *b, const struct grid *g, const struct grid_cell *c, u64 pages)
{
	const char *there = g->frames ? "used" : "there";
	bool few = g->every == 1 && pages <= FEW, many = g->pages_per_cell > 1;

	if (many && c->fill && few)
		buf_addf(b, "%u of %llu ", c->same, (unsigned long long)pages);
	buf_addf(b, "%s%s", many && c->fill && !few ? "most " : "",
		 g->frames ? frame_state_name((enum frame_state)c->state)
			   : page_state_name((enum page_state)c->state));
	/* It is rounded up, and 15 stands for all as well. */
	if (many && !few && c->fill == 15)
		buf_addf(b, ", more than 14/16 %s", there);
	else if (many && !few && c->fill)
		buf_addf(b, ", up to %u/16 %s", c->fill, there);
	if (c->copied)
		buf_addstr(b, many ? ", some copied from the file" : ", copied from the file");
}

static void add_frame(struct buf *b, const struct snapshot *snap, const struct grid_cell *c)
{
	u64 pfn = PM_PFN(c->pm);
	const struct zone *zone;

	if (!(c->pm & PM_PRESENT))
		return;
	if (!pfn) {
		buf_addstr(b, "? (PFNs need CAP_SYS_ADMIN)");
		return;
	}
	zone = places_zone(&snap->places, pfn);
	buf_addf(b, "PFN 0x%llx", (unsigned long long)pfn);
	if (snap->grid.pages_per_cell > 1)
		buf_addstr(b, " (the first)");
	if (zone)
		buf_addf(b, ", node %u zone %s", zone->node, zone->name);
	else if (c->node != NO_INDEX)
		buf_addf(b, ", node %u", c->node);
}

static void add_flags(struct buf *b, const struct grid_cell *c)
{
	u64 some = c->flags & ~c->flags_all;

	if (!c->have_flags)
		return;
	for (unsigned i = 0; i < 64; i++)
		if (c->flags_all >> i & 1)
			buf_addf(b, "%s%s", b->len ? " " : "", kpf_name(i) ? kpf_name(i) : "?");
	if (some) {
		buf_addf(b, "%ssome:", b->len ? "; " : "");
		for (unsigned i = 0; i < 64; i++)
			if (some >> i & 1)
				buf_addf(b, " %s", kpf_name(i) ? kpf_name(i) : "?");
	}
	if (!c->flags)
		buf_addstr(b, "none");
}

static void add_count(struct buf *b, const struct snapshot *snap, const struct grid_cell *c)
{
	const struct host *h = &snap->space.host;

	if (c->count != COUNT_UNKNOWN)
		buf_addf(b, "%s%u time%s", snap->grid.pages_per_cell > 1 ? "at most " : "",
			 c->count, c->count == 1 ? "" : "s");
	else if (c->exclusive && c->pm & PM_PRESENT)
		buf_addstr(b, "once");
	/* Without flags any page may be part of one. */
	if (b->len &&
	    (c->have_flags ? count_is_average(&snap->space, c->flags) : h->average_counts))
		buf_addstr(b, ", approximate: large folios are counted as a whole");
}

static void add_change(struct buf *b, const struct tui *t, struct range r)
{
	struct changed_run *runs = NULL;
	size_t n;

	/* The mark has the states of a process's pages. */
	if (!t->mark || tui_place(t)->kernel)
		return;
	n = changed_runs(t->mark, t->snap, r, &runs);
	for (size_t i = 0; i < n && b->len < 200; i++)
		buf_addf(b, "%s%llu %s", b->len ? ", " : "", (unsigned long long)runs[i].n,
			 where_change_words(runs[i].what));
	free(runs);
	if (!b->len)
		buf_addstr(b, t->mark->pages.have && t->snap->pages.have ? "none" : "?");
}

static u64 pages_in(const struct snapshot *snap, struct range r)
{
	return (r.last - r.first) / MAX(snap->space.host.page_size, 1u) + 1;
}

static void put_cell_lines(struct lines *w, const struct tui *t, const struct grid_cell *c,
			   struct range r)
{
	const struct snapshot *snap = t->snap;
	struct buf b = { 0 };

	add_state(&b, &snap->grid, c, pages_in(snap, r));
	lines_buf(w, "pages", &b);
	where_words(&b, snap, r);
	lines_buf(w, "place", &b);
	add_frame(&b, snap, c);
	lines_buf(w, "frame", &b);
	add_flags(&b, c);
	lines_buf(w, "flags", &b);
	add_count(&b, snap, c);
	lines_buf(w, "mapped", &b);
	if (c->cgroup && places_memcg(&snap->places, c->cgroup))
		buf_addstr(&b, places_memcg(&snap->places, c->cgroup));
	lines_buf(w, "cgroup", &b);
	add_change(&b, t, r);
	lines_buf(w, "since mark", &b);
	buf_release(&b);
}

/** All of it in one line, for screens that have no more. */
static void put_short(const struct tui *t, const struct pane *p, const struct grid_cell *c,
		      struct range r)
{
	struct buf b = { 0 };

	buf_addf(&b, "%llx ", (unsigned long long)r.first);
	if (c) {
		add_state(&b, &t->snap->grid, c, pages_in(t->snap, r));
		if (PM_PFN(c->pm) && c->pm & PM_PRESENT)
			buf_addf(&b, ", PFN 0x%llx", (unsigned long long)PM_PFN(c->pm));
		if (c->count != COUNT_UNKNOWN)
			buf_addf(&b, ", mapped %u", c->count);
	}
	pane_text(p, 0, 0, p->w, STYLE_PLAIN, b.p, b.len, ELIDE_END);
	buf_release(&b);
}

unsigned draw_cell_detail(const struct tui *t, const struct pane *p)
{
	struct grid_shape shape = tui_grid_shape(t);
	const struct place *at = tui_place(t);
	struct lines w = { p, 0, 11 };
	const struct grid_cell *c;
	struct grid_scene s;
	struct buf b = { 0 };
	struct range r;
	u64 page;

	if (!shape.ncells || !p->h)
		return 0;
	page = t->snap->space.host.page_size;
	grid_scene_init(&s, t, &shape);
	r.first = at->at - (at->at - at->r.first) % s.cell;
	r.last = at->r.last - r.first < s.cell ? at->r.last : r.first + (s.cell - 1);
	c = grid_cell(&s, r.first);
	if (p->h == 1) {
		put_short(t, p, c, r);
	} else {
		where_range(&b, r);
		buf_addstr(&b, "  ");
		add_size(&b, (r.last - r.first) / page + 1, page);
		lines_buf(&w, "cell", &b);
		if (c)
			put_cell_lines(&w, t, c, r);
	}
	buf_release(&b);
	grid_scene_release(&s);
	return p->h == 1 ? 1 : w.y;
}
