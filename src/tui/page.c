/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One page in full: what it is, where its frame is, what stands around it, its bytes. */
#include <string.h>

#include "../render/bar.h"
#include "lines.h"
#include "tui.h"
#include "where.h"

#define LABEL 12

static u64 page_size(const struct tui *t)
{
	return t->snap->space.host.page_size;
}

/** Its first byte: what is asked for may lie further on. */
static u64 page_of(const struct tui *t, const struct page_detail *d)
{
	return d->addr - d->addr % MAX(page_size(t), 1);
}

/* --- what it is ------------------------------------------------------------------------------- */

static void put_place(struct lines *w, const struct tui *t, const struct page_detail *d,
		      struct buf *b)
{
	const struct space *s = &t->snap->space;
	u32 i = space_find_vma(s, page_of(t, d));

	if (d->in_kernel || i == NO_INDEX) {
		where_kernel(b, s, page_of(t, d));
		lines_buf(w, "in", b);
		return;
	}
	if (*vma_name(s, &s->vmas[i]))
		buf_addstr(b, vma_name(s, &s->vmas[i]));
	else if (s->vmas[i].object != NO_INDEX)
		buf_addstr(b, object_kind_name(s->objects[s->vmas[i].object].kind));
	lines_buf(w, "in", b);
	if (s->vmas[i].inode)
		buf_addf(b, "0x%llx",
			 (unsigned long long)(s->vmas[i].offset +
					      (page_of(t, d) - s->vmas[i].first)));
	lines_buf(w, "file offset", b);
	where_sections(b, s, &s->vmas[i],
		       (struct range){ page_of(t, d), page_of(t, d) + (s->host.page_size - 1) });
	lines_buf(w, "section", b);
}

static void add_state(struct buf *b, const struct tui *t, const struct page_detail *d)
{
	const struct space *s = &t->snap->space;
	u32 i = space_find_vma(s, page_of(t, d));

	if (d->in_kernel || i == NO_INDEX)
		return;
	buf_addstr(b,
		   bar_state_words(page_state_of(s, &s->vmas[i], d->pm, d->have_flags, d->flags)));
	if (page_copied(&s->vmas[i], d->pm))
		buf_addstr(b, ": a private copy of the file's page");
}

static void put_entry(struct lines *w, const struct page_detail *d, struct buf *b)
{
	u64 pm = d->pm;

	if (pm & PM_PRESENT)
		buf_addf(b, "present%s%s", pm & PM_FILE ? ", file or shared" : ", anonymous",
			 pm & PM_EXCLUSIVE ? ", mapped once" : "");
	else if (pm & PM_GUARD)
		buf_addstr(b, "guard page (MADV_GUARD_INSTALL)");
	else if (pm & PM_SWAPPED)
		buf_addstr(b, "swapped, or another special entry");
	else
		buf_addstr(b, "neither present nor swapped");
	if (pm & PM_UFFD_WP)
		buf_addstr(b, ", write-protected by userfaultfd");
	if (pm & PM_SOFT_DIRTY)
		buf_addstr(b, ", soft-dirty");
	lines_buf(w, "pagemap", b);
}

static void put_pte(struct lines *w, const struct page_detail *d)
{
	static const char unknown[] = "? (kernel memory would tell: /proc/kcore, or --bpf)";

	lines_put(w, "page table", STYLE_PLAIN, d->pte ? d->pte : unknown,
		  strlen(d->pte ? d->pte : unknown));
}

/** A line a flag where there is room for it. */
static void put_flags(struct lines *w, const struct page_detail *d, unsigned rows, struct buf *b)
{
	unsigned n = 0, spare = 8;
	const char *label = "flags";

	if (!d->have_flags) {
		buf_addstr(b, "? (/proc/kpageflags needs root)");
		lines_buf(w, "flags", b);
		return;
	}
	for (unsigned i = 0; i < 64; i++)
		n += d->flags >> i & 1;
	if (!n)
		buf_addstr(b, "none");
	for (unsigned i = 0; i < 64; i++) {
		const char *name = kpf_name(i), *words = kpf_words(i);

		if (!(d->flags >> i & 1))
			continue;
		if (w->y + n + spare > rows) {
			buf_addf(b, b->len ? " " : "");
			if (name)
				buf_addstr(b, name);
			else
				buf_addf(b, "bit %u", i);
			continue;
		}
		if (name)
			buf_addf(b, "%-14s %s", name, words ? words : "");
		else
			buf_addf(b, "bit %u", i);
		lines_buf(w, label, b);
		label = "";
		n--;
	}
	lines_buf(w, label, b);
}

static void put_frame(struct lines *w, const struct tui *t, const struct page_detail *d,
		      unsigned rows, struct buf *b)
{
	const struct places *places = &t->snap->places;
	const struct zone *zone;
	u64 pfn = PM_PFN(d->pm);
	bool average;

	if (!(d->pm & PM_PRESENT))
		return;
	if (!pfn) {
		buf_addstr(b, "? (PFNs need CAP_SYS_ADMIN)");
		lines_buf(w, "frame", b);
		return;
	}
	zone = places_zone(places, pfn);
	buf_addf(b, "PFN 0x%llx, physical 0x%llx", (unsigned long long)pfn,
		 (unsigned long long)(pfn * page_size(t)));
	if (zone)
		buf_addf(b, ", node %u zone %s", zone->node, zone->name);
	lines_buf(w, "frame", b);
	if (d->direct.have)
		buf_addf(b, "%llx, %s (%s)", (unsigned long long)d->direct.v,
			 conf_name(d->direct_conf), d->direct_source ? d->direct_source : "?");
	else
		buf_addstr(b, "? (where it begins is not known)");
	lines_buf(w, "direct map", b);
	/* Whose own address it is has been said above. */
	if (d->image.have && d->image.v != page_of(t, d)) {
		buf_addf(b, "%llx, ", (unsigned long long)d->image.v);
		where_kernel(b, &t->snap->space, d->image.v);
		buf_addf(b, ", %s (%s)", conf_name(d->image_conf), d->image_source);
		lines_buf(w, "image", b);
	}
	average = d->have_flags && count_is_average(&t->snap->space, d->flags);
	if (d->count != COUNT_UNKNOWN)
		buf_addf(b, "%u time%s%s", d->count, d->count == 1 ? "" : "s",
			 average ? ", approximate: it is part of a large folio" : "");
	else
		buf_addstr(b, "?");
	lines_buf(w, "mapped", b);
	if (d->cgroup && places_memcg(places, d->cgroup))
		buf_addstr(b, places_memcg(places, d->cgroup));
	else if (d->cgroup)
		buf_addf(b, "? (inode %llu)", (unsigned long long)d->cgroup);
	else
		buf_addstr(b, d->have_cgroup ? "none" : "? (kpagecgroup is not readable)");
	lines_buf(w, "cgroup", b);
	put_flags(w, d, rows, b);
}

static void put_swap(struct lines *w, const struct tui *t, const struct page_detail *d,
		     struct buf *b)
{
	const struct swap_area *area;

	if (d->pm & PM_PRESENT || !(d->pm & PM_SWAPPED) || d->pm & PM_GUARD)
		return;
	if (!PM_PFN(d->pm)) {
		buf_addstr(b, "? (needs CAP_SYS_ADMIN)");
		lines_buf(w, "swap", b);
		return;
	}
	area = places_swap(&t->snap->places, d->pm, t->snap->space.host.page_size);
	buf_addf(b, "type %u, slot %llu", PM_SWAP_TYPE(d->pm),
		 (unsigned long long)PM_SWAP_OFF(d->pm));
	if (area) {
		buf_addstr(b, " in ");
		buf_addstr(b, area->path);
	}
	lines_buf(w, "swap", b);
}

/* --- what stands around it -------------------------------------------------------------------- */

/** Pages of each side that are shown. */
#define NEIGHBOURS 12

struct range tui_page_neighbours(const struct tui *t)
{
	const struct place *p = tui_place(t);
	struct range in = t->depth > 1 ? t->path[t->depth - 2].r : p->r;
	u64 side = NEIGHBOURS * page_size(t);

	if (!range_has(in, p->at))
		return p->r;
	return (struct range){ p->at - MIN(p->at - in.first, side),
			       p->r.last + MIN(in.last - MIN(p->r.last, in.last), side) };
}

static const struct grid_cell *neighbour(const struct tui *t, u64 addr)
{
	const struct grid *g = &t->snap->grid;

	if (!page_size(t) || !g->ncells || g->pages_per_cell != 1 || !range_has(g->r, addr))
		return NULL;
	return &g->cells[MIN((addr - g->r.first) / page_size(t), g->ncells - 1)];
}

static void add_neighbour(struct buf *b, const struct tui *t, u64 addr, u64 pfn, int side)
{
	const struct grid_cell *c = neighbour(t, addr);

	if (!c)
		return;
	buf_addf(b, "%s%s ", b->len ? "; " : "", side < 0 ? "before:" : "after:");
	buf_addstr(b, t->snap->grid.frames ? frame_state_name((enum frame_state)c->state)
					   : page_state_name((enum page_state)c->state));
	if (!pfn || !(c->pm & PM_PRESENT) || !PM_PFN(c->pm))
		return;
	if (PM_PFN(c->pm) == pfn + (u64)(int64_t)side)
		buf_addstr(b, side < 0 ? ", the frame before" : ", the frame after");
	else
		buf_addf(b, ", PFN 0x%llx", (unsigned long long)PM_PFN(c->pm));
}

static void put_neighbours(struct lines *w, const struct tui *t, const struct page_detail *d,
			   struct buf *b)
{
	struct range r = tui_page_neighbours(t);
	u64 page = page_size(t), pfn = d->pm & PM_PRESENT ? PM_PFN(d->pm) : 0;
	unsigned x = LABEL;

	if (!neighbour(t, page_of(t, d)) || w->y >= w->p->h)
		return;
	pane_put(w->p, 0, w->y, STYLE_DIM, "around it");
	for (u64 at = r.first; at >= r.first && at <= r.last; at += page, x++) {
		const struct grid_cell *c = neighbour(t, at);
		const struct bar_look *look;

		if (!c)
			continue;
		look = t->snap->grid.frames ? bar_frame_look(c->state) : bar_state_look(c->state);
		if (t->ascii || t->mono || at == page_of(t, d))
			pane_printf(w->p, x, w->y, look->style, "%c", look->ascii);
		else
			pane_put(w->p, x, w->y, look->style, look->full);
		if (at == page_of(t, d))
			pane_attr(w->p, x, w->y, 1, CELL_SELECTED);
	}
	w->y++;
	if (page_of(t, d) > r.first)
		add_neighbour(b, t, page_of(t, d) - page, pfn, -1);
	if (r.last - page_of(t, d) >= page)
		add_neighbour(b, t, page_of(t, d) + page, pfn, 1);
	lines_buf(w, "", b);
}

static void put_change(struct lines *w, const struct tui *t, const struct page_detail *d,
		       struct buf *b)
{
	char what;

	/* The mark has the states of a process's pages. */
	if (!t->mark || d->in_kernel)
		return;
	what = page_change(t->mark, t->snap, page_of(t, d));
	if (!t->mark->pages.have || !t->snap->pages.have)
		buf_addstr(b, "? (states of pages were not read)");
	else
		buf_addstr(b, what ? where_change_words(what) : "unchanged");
	lines_buf(w, "since mark", b);
}

/* --- its bytes -------------------------------------------------------------------------------- */

/** Lines above the bytes. */
#define BYTES_HEAD 2

/** How they are laid out in so many columns. */
struct dump {
	unsigned per;	/**< bytes a line */
	unsigned group; /**< that stand together */
	unsigned digits;
};

static struct dump dump_of(unsigned cols, size_t nbytes)
{
	struct dump d = { 16, 1, 1 };

	while (nbytes > 1 && (nbytes - 1) >> 4 * d.digits)
		d.digits++;
	if (cols < d.digits + 1 + 16 * 3 + 1 + 16)
		d.group = 2;
	if (cols < d.digits + 1 + 16 / 2 * 5 + 1 + 16)
		d.per = 8;
	return d;
}

/** Where byte `i` of a line stands. */
static unsigned dump_column(const struct dump *dump, size_t i)
{
	return dump->digits + 1 + (unsigned)(i * 2 + i / dump->group);
}

static void put_dump_line(const struct pane *p, unsigned y, const struct dump *dump, const u8 *at,
			  size_t offset, size_t n)
{
	unsigned text = dump->digits + 1 + dump->per / dump->group * (dump->group * 2 + 1) + 1;

	pane_printf(p, 0, y, STYLE_DIM, "%0*zx", (int)dump->digits, offset);
	for (unsigned i = 0; i < n; i++) {
		unsigned x = dump_column(dump, i);
		bool shown = at[i] >= ' ' && at[i] < 127;

		pane_printf(p, x, y, at[i] ? STYLE_PLAIN : STYLE_DIM, "%02x", at[i]);
		pane_printf(p, text + i, y, shown ? STYLE_NOTE : STYLE_DIM, "%c",
			    shown ? at[i] : '.');
	}
}

/** The first line of the dump that can stand at the top of `rows` lines. */
static size_t dump_top(size_t want, const struct dump *dump, size_t nbytes, unsigned rows)
{
	size_t lines = (nbytes + dump->per - 1) / dump->per;

	return lines <= rows ? 0 : MIN(want, lines - rows);
}

/** The line that is wanted at the top. */
static size_t bytes_top(const struct tui *t, const struct dump *dump)
{
	if (t->bytes_top != BYTES_TOP_MEANT)
		return t->bytes_top;
	return (size_t)(tui_page_meant(t) - tui_place(t)->at) / dump->per;
}

static void put_bytes(const struct tui *t, const struct pane *p, const struct page_detail *d)
{
	struct dump dump = dump_of(p->w, d->nbytes);
	unsigned rows = p->h > BYTES_HEAD ? p->h - BYTES_HEAD : 0;
	size_t meant = d->addr - page_of(t, d);
	size_t top = dump_top(bytes_top(t, &dump), &dump, d->nbytes, rows);
	u64 pfn = d->pm & PM_PRESENT ? PM_PFN(d->pm) : 0;
	struct buf b = { 0 };

	buf_addf(&b, "%llx", (unsigned long long)page_of(t, d));
	if (pfn)
		buf_addf(&b, "  PFN 0x%llx", (unsigned long long)pfn);
	buf_addstr(&b, "  ");
	where_words(&b, t->snap,
		    (struct range){ page_of(t, d), page_of(t, d) + (page_size(t) - 1) });
	pane_text(p, 0, 0, p->w, STYLE_BOLD, b.p, b.len, ELIDE_END);
	buf_clear(&b);
	buf_addf(&b, "bytes 0x%zx to 0x%zx of 0x%zx (PgUp, PgDn; b closes)", top * dump.per,
		 MIN((top + rows) * dump.per, d->nbytes), d->nbytes);
	pane_text(p, 0, 1, p->w, STYLE_NOTE, b.p, b.len, ELIDE_END);
	for (unsigned y = 0; y < rows && (top + y) * dump.per < d->nbytes; y++) {
		size_t at = (top + y) * dump.per;

		put_dump_line(p, BYTES_HEAD + y, &dump, d->bytes + at, at,
			      MIN(d->nbytes - at, dump.per));
		if (meant && meant / dump.per == top + y)
			pane_attr(p, dump_column(&dump, meant % dump.per), BYTES_HEAD + y, 2,
				  CELL_SELECTED);
	}
	buf_release(&b);
}

/** What `b` would do, or why it does not. */
static void put_bytes_line(struct lines *w, const struct tui *t, const struct page_detail *d)
{
	const char *words = "b reads them";

	if (d->bytes_refused)
		words = d->bytes_refused;
	else if (t->show_bytes)
		words = "reading";
	else if (!d->in_kernel && !(d->pm & PM_PRESENT))
		words = d->pm & PM_GUARD ? "a guard page: reading it would be a fault"
					 : "not resident; reading would fault it in";
	lines_put(w, "bytes", STYLE_NOTE, words, strlen(words));
}

/* --- all of it -------------------------------------------------------------------------------- */

static void put_page(struct lines *w, const struct tui *t, const struct page_detail *d,
		     unsigned rows)
{
	struct buf b = { 0 };

	put_place(w, t, d, &b);
	if (d->addr != page_of(t, d)) {
		buf_addf(&b, "%llx, +0x%llx in this page", (unsigned long long)d->addr,
			 (unsigned long long)(d->addr - page_of(t, d)));
		if (d->symbol)
			buf_addf(&b, ": %s", d->symbol);
		lines_buf(w, "asked for", &b);
	} else if (d->symbol) {
		lines_put(w, "symbol", STYLE_PLAIN, d->symbol, strlen(d->symbol));
	}
	if (d->begins)
		lines_put(w, "symbols", STYLE_PLAIN, d->begins, strlen(d->begins));
	add_state(&b, t, d);
	lines_buf(w, "state", &b);
	if (!d->in_kernel)
		put_entry(w, d, &b);
	put_change(w, t, d, &b);
	put_swap(w, t, d, &b);
	put_frame(w, t, d, rows, &b);
	put_pte(w, d);
	put_neighbours(w, t, d, &b);
	put_bytes_line(w, t, d);
	buf_release(&b);
}

/** More lines than a page ever has. */
#define FACTS_MAX 120

/** All that is known, on a canvas of its own as tall as it takes; the lines it took. */
static unsigned put_facts(const struct tui *t, struct canvas *c, unsigned w, unsigned rows)
{
	const struct page_detail *d = &t->snap->page;
	const struct place *at = tui_place(t);
	struct buf b = { 0 };
	struct pane all;
	struct lines l = { &all, 0, LABEL };

	canvas_init(c, w, FACTS_MAX, t->ascii, t->mono);
	all = canvas_all(c);
	buf_addf(&b, "%llx", (unsigned long long)at->at);
	lines_put(&l, "page", STYLE_BOLD, b.p, b.len);
	buf_release(&b);
	if (d->addr == tui_page_meant(t) && d->have)
		put_page(&l, t, d, rows);
	else if (d->addr == tui_page_meant(t) && d->refused)
		lines_put(&l, "", STYLE_WARN, d->refused, strlen(d->refused));
	else
		lines_put(&l, "", STYLE_NOTE, "reading", strlen("reading"));
	return l.y;
}

static bool shows_bytes(const struct tui *t)
{
	const struct page_detail *d = &t->snap->page;

	return t->show_bytes && d->addr == tui_page_meant(t) && d->have && d->bytes;
}

void draw_page(const struct tui *t, const struct pane *p)
{
	unsigned n, top, rows;
	struct canvas c;

	if (!t->snap || !p->w || !p->h)
		return;
	if (shows_bytes(t)) {
		put_bytes(t, p, &t->snap->page);
		return;
	}
	n = put_facts(t, &c, p->w, p->h);
	/* What does not fit is scrolled above a line that says so. */
	rows = n > p->h ? p->h - 1 : p->h;
	top = MIN(t->bytes_top == BYTES_TOP_MEANT ? 0 : t->bytes_top, n - MIN(rows, n));
	for (unsigned y = 0; y < rows && top + y < n; y++)
		memcpy(&p->c->cells[(size_t)(p->y + y) * p->c->w + p->x],
		       &c.cells[(size_t)(top + y) * c.w], p->w * sizeof(*c.cells));
	if (n > p->h)
		pane_printf(p, 0, rows, STYLE_NOTE, "lines %u to %u of %u: PgUp, PgDn", top + 1,
			    MIN(top + rows, n), n);
	canvas_release(&c);
}

/** Lines of facts beyond the pane. */
static unsigned facts_beyond(const struct tui *t, const struct rect *r)
{
	struct canvas c;
	unsigned n = put_facts(t, &c, r->w, r->h);

	canvas_release(&c);
	return n > r->h ? n - (r->h - 1) : 0;
}

bool tui_scroll_page(struct tui *t, int by)
{
	struct tui_layout l = tui_panes(t);
	unsigned rows, top, last;

	if (l.too_small || !t->snap || !l.main.w || l.main.h < 2)
		return false;
	if (shows_bytes(t)) {
		struct dump dump = dump_of(l.main.w, t->snap->page.nbytes);

		rows = l.main.h > BYTES_HEAD ? l.main.h - BYTES_HEAD : 1;
		last = (unsigned)dump_top(SIZE_MAX, &dump, t->snap->page.nbytes, rows);
		top = (unsigned)MIN(bytes_top(t, &dump), (size_t)last);
	} else {
		rows = l.main.h - 1;
		last = facts_beyond(t, &l.main);
		top = t->bytes_top == BYTES_TOP_MEANT ? 0 : MIN(t->bytes_top, last);
	}
	if (!last)
		return false;
	t->bytes_top = by < 0 ? top - MIN(top, rows) : MIN(top + rows, last);
	return true;
}
