/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --phys: physical memory drawn as the virtual half is, highest address first. RAM is a box for
 * each zone it lies in; the larger, the more lines its bar of frames has, each with the address
 * where it begins. What iomem lists inside stands between them at its own address.
 */
#include "phys_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- columns ------------------------------------------------------------------------------------
 */

/** Where the addresses of the map end: at what the CPU can address, or at what there is. */
static u64 top_of(const struct phys *p)
{
	u64 top = p->npieces ? p->pieces[p->npieces - 1].last : 0;

	if (p->phys_bits.have && p->phys_bits.v < 64)
		top = MAX(top, (UINT64_C(1) << p->phys_bits.v) - 1);
	return top;
}

static void phys_columns(struct view *v, u64 top)
{
	struct columns *c = &v->c;
	unsigned width = MAX(v->o->width, 20u), room, what;

	memset(c, 0, sizeof(*c));
	c->addr = c->user_addr = top >> 48 ? 16 : top >> 32 ? 12 : 8;
	c->frame = width >= 60 ? c->addr + 1 : 0;
	c->start = c->addr + (c->frame ? 3 : 1);
	c->right = width >= 100 ? width - 1 : 0;
	c->end = c->right ? c->right - 1 : width;
	room = c->end - c->start;
	c->short_form = v->o->bytes ? SIZE_BYTES : SIZE_SHORT;
	c->size_form = v->o->bytes ? SIZE_BYTES : room < 40 ? SIZE_SHORT : SIZE_LONG;
	c->size.w = v->o->bytes ? SIZE_BYTES_COLS : room < 40 ? SIZE_SHORT_COLS : SIZE_LONG_COLS;
	room -= MIN(room, c->size.w + 1);
	if (room >= 24) {
		c->perms.w = 11;
		room -= 12;
	}
	if (room >= 40) {
		c->bar.w = MIN(room - 24, 16u);
		room -= c->bar.w + 1;
	}
	what = MIN(room, 28u);
	c->what = (struct column){ c->start, what };
	c->size.x = c->start + what + 1;
	c->perms.x = c->size.x + c->size.w + 1;
	c->bar.x = c->perms.x + (c->perms.w ? c->perms.w + 1 : 0);
	c->facts.x = c->bar.x + (c->bar.w ? c->bar.w + 1 : 0);
	c->facts.w = c->end > c->facts.x ? c->end - c->facts.x : 0;
}

/* --- pieces of lines ----------------------------------------------------------------------------
 */

void zone_label(const struct phys *p, u32 zone, struct buf *b)
{
	const struct phys_zone *z = &p->zones[zone];
	const char *name = phys_text(p, z->name);

	buf_addf(b, "N%u ", z->node);
	buf_addescaped(b, name, strlen(name), true);
}

/** Bytes of a range; 2^64 of them, which only a made-up file has, are one too many to count. */
static u64 bytes_of(u64 first, u64 last)
{
	return last - first == UINT64_MAX ? UINT64_MAX : last - first + 1;
}

/** Name, size and the short word beside it. */
static void put_what(struct view *v, const char *name, unsigned indent, u64 size, const char *kind,
		     enum style st)
{
	struct row *r = &v->row;
	unsigned end = v->c.what.x + v->c.what.w;

	row_skip(r, indent);
	row_style(r, st);
	row_text(r, name, strlen(name), end > row_at(r) ? end - row_at(r) : 1, ELIDE_END);
	row_style(r, STYLE_PLAIN);
	put_size(v, v->c.size, size, v->c.size_form);
	if (v->c.perms.w && kind) {
		row_to(r, v->c.perms.x);
		row_style(r, STYLE_NOTE);
		row_text(r, kind, strlen(kind), v->c.perms.w, ELIDE_END);
		row_style(r, STYLE_PLAIN);
	}
}

/** A dotted line: nothing is there. */
static void hole_line(struct phys_view *pv, u64 first, u64 last, const char *what,
		      enum tile_box box, unsigned indent)
{
	struct view *v = &pv->v;

	row_style(&v->row, STYLE_DIM);
	line_start(v, first, v->c.addr, ' ');
	line_box(v, box);
	row_style(&v->row, STYLE_DIM);
	row_skip(&v->row, indent);
	row_glyph(&v->row, GLYPH_GAP);
	row_skip(&v->row, 1);
	row_str(&v->row, what);
	put_size(v, v->c.size, bytes_of(first, last), v->c.size_form);
	line_end(v);
}

/* --- resources ----------------------------------------------------------------------------------
 */

static bool child_shown(const struct phys_view *pv, const struct resource *r)
{
	return r->kind != RES_RAM && (pv->v.o->verbose || r->depth <= 1);
}

/** The children of a resource that are drawn, from the lowest; their indices in pv->list. */
static size_t children_of(struct phys_view *pv, u32 res, struct range in, size_t at)
{
	const struct phys *p = pv->p;
	u8 depth = p->resources[res].depth;

	for (size_t i = res + 1u; i < p->nresources && p->resources[i].depth > depth; i++) {
		const struct resource *r = &p->resources[i];

		if (r->parent != res || !child_shown(pv, r) || !range_has(in, r->first) ||
		    !range_overlaps(p->limit, (struct range){ r->first, r->last }))
			continue;
		GROW(pv->list, at, pv->cap_list);
		pv->list[at++] = (u32)i;
	}
	return at;
}

/**
 * A resource and what is inside of it, highest first; `box` is that of its last line. One that has
 * parts has no address: they do not start below it, and dotted lines tell what none of them takes.
 */
static void resource_rows(struct phys_view *pv, u32 res, struct range part, size_t at,
			  enum tile_box box, unsigned indent)
{
	const struct resource *r = &pv->p->resources[res];
	struct view *v = &pv->v;
	size_t end = children_of(pv, res, part, at);
	u64 lowest = end > at ? pv->p->resources[pv->list[at]].first : 0, above = part.last;
	bool top = !r->depth, boxed = top && end > at;
	bool rest = end > at && lowest > part.first;
	enum tile_box inside = boxed || !top ? TILE_BOX_IN : TILE_BOX_NONE;
	struct range gap;

	line_start(v, part.first, end > at ? 0 : v->c.addr, ' ');
	line_box(v, boxed ? TILE_BOX_TOP : end > at ? TILE_BOX_IN : box);
	put_what(v, phys_text(pv->p, r->name), indent, bytes_of(part.first, part.last),
		 top || r->kind != RES_MMIO ? resource_kind_name(r->kind) : NULL,
		 top ? STYLE_BOLD : STYLE_PLAIN);
	line_end(v);
	for (size_t i = end; i > at; i--) {
		const struct resource *c = &pv->p->resources[pv->list[i - 1]];
		bool last = i - 1 == at && !rest;

		if (c->last < above &&
		    range_intersect(pv->p->limit, (struct range){ c->last + 1, above }, &gap))
			hole_line(pv, gap.first, gap.last, "rest of it", inside,
				  top ? 0 : indent + 2);
		above = c->first - 1;
		resource_rows(pv, pv->list[i - 1],
			      (struct range){ c->first, MIN(c->last, part.last) }, end,
			      last && (boxed || box == TILE_BOX_LAST) ? TILE_BOX_LAST : inside,
			      top ? 0 : indent + 2);
	}
	if (rest)
		hole_line(pv, part.first, lowest - 1, "rest of it",
			  boxed || box == TILE_BOX_LAST ? TILE_BOX_LAST : inside,
			  top ? 0 : indent + 2);
}

/* --- RAM ----------------------------------------------------------------------------------------
 */

/** "~" where frames were sampled. */
static void add_pages(struct phys_view *pv, struct buf *b, const char *what, u64 pages, bool about)
{
	char t[SIZE_TEXT_MAX];

	buf_addf(b, "%s %s", what, about ? "~" : "");
	buf_add(b, t, format_size(t, pages * pv->p->page_size, pv->v.c.short_form));
}

/** What the frames of a piece are used for, most first. */
static void frame_facts(struct phys_view *pv, const struct piece *pc)
{
	const struct frame_tally *t = &pc->frames;
	bool about = t->seen < t->last - t->first + 1;
	u32 left = (1u << FS_NSTATES) - 1;
	struct buf *b = &pv->v.text;

	if (!pv->p->swept || !t->nslices)
		return;
	if (!t->seen) {
		fact(&pv->v, "frames ?", 8, STYLE_DIM, false);
		return;
	}
	for (unsigned k = 0; k < FS_NSTATES; k++) {
		unsigned best = FS_NSTATES;

		/* Free frames come first, whatever their number: everybody looks for them. */
		for (unsigned st = 0; st < FS_NSTATES && (left >> FS_FREE & 1) == 0; st++)
			if (left >> st & 1 && (best == FS_NSTATES || t->state[st] > t->state[best]))
				best = st;
		if (left >> FS_FREE & 1)
			best = FS_FREE;
		left &= ~(1u << best);
		if (!t->state[best])
			continue;
		buf_clear(b);
		add_pages(pv, b, frame_state_name((enum frame_state)best),
			  frame_tally_estimate(t, (enum frame_state)best), about);
		fact(&pv->v, b->p, b->len, best == FS_POISON ? STYLE_WARN : STYLE_NOTE,
		     best == FS_POISON);
	}
}

static void mine_fact(struct phys_view *pv, const struct piece *pc)
{
	struct buf *b = &pv->v.text;

	if (!pc->nmine)
		return;
	buf_clear(b);
	buf_addf(b, "pid %d", (int)pv->v.s->proc.pid);
	add_pages(pv, b, "", pc->nmine, false);
	fact(&pv->v, b->p, b->len, STYLE_BOLD, true);
}

/** What a piece of RAM is called, and the zone it lies in. */
static const char *ram_names(struct phys_view *pv, const struct piece *pc, struct buf *zone)
{
	const struct phys *p = pv->p;

	buf_clear(zone);
	if (pc->zone != NO_INDEX)
		zone_label(p, pc->zone, zone);
	else
		buf_addstr(zone, pc->overlap ? "zones mix" : "no zone");
	return pc->res == NO_INDEX ? "RAM and holes" : phys_text(p, p->resources[pc->res].name);
}

/** What RAM lies in where it is not at the top: "in CXL Window 0, region0". */
static void parents_fact(struct phys_view *pv, const struct piece *pc)
{
	const struct phys *p = pv->p;
	struct buf *b = &pv->v.text;
	u32 up = pc->res == NO_INDEX ? NO_INDEX : p->resources[pc->res].parent;

	if (up == NO_INDEX)
		return;
	buf_clear(b);
	buf_addstr(b, "in ");
	for (; up != NO_INDEX; up = p->resources[up].parent) {
		const char *name = phys_text(p, p->resources[up].name);

		buf_addescaped(b, name, strlen(name), true);
		if (p->resources[up].parent != NO_INDEX)
			buf_addstr(b, ", ");
	}
	fact(&pv->v, b->p, b->len, STYLE_DIM, false);
}

static u64 per_slice(const struct frame_tally *t)
{
	return t->nslices ? (t->last - t->first + 1) / t->nslices : 1;
}

/** Where line `k` of a bar of `of` lines begins. */
static u64 bar_line_start(const struct phys_view *pv, const struct piece *pc, unsigned k,
			  unsigned of)
{
	const struct frame_tally *t = &pc->frames;
	u64 frames = t->last - t->first + 1, from = t->nslices * k / of;

	if (!k)
		return pc->first;
	/* from * frames / nslices without overflow */
	return (t->first + frames / t->nslices * from + frames % t->nslices * from / t->nslices) *
	       pv->p->page_size;
}

/** Line `k` of a bar, and below it where the process has pages. */
static void bar_line(struct phys_view *pv, const struct piece *pc, unsigned k, unsigned of,
		     enum tile_box box)
{
	const struct frame_tally *t = &pc->frames;
	size_t from = t->nslices * k / of, to = t->nslices * (k + 1) / of;
	struct view *v = &pv->v;
	bool mine = false;
	unsigned w;

	for (size_t i = from; pc->mine && i < to; i++)
		mine |= pc->mine[i] != 0;
	line_start(v, bar_line_start(pv, pc, k, of), v->c.addr, ' ');
	line_box(v, mine && box == TILE_BOX_LAST ? TILE_BOX_IN : box);
	w = v->c.end > row_at(&v->row) ? v->c.end - row_at(&v->row) : 0;
	if (pv->p->swept) {
		bar_frames(v, t->slices + from, to - from, w);
	} else {
		row_style(&v->row, STYLE_DIM);
		row_str(&v->row, "frames ?");
	}
	line_end(v);
	if (!mine)
		return;
	line_start(v, 0, 0, ' ');
	line_box(v, box);
	bar_marks(v, pc->mine + from, to - from, per_slice(t), w);
	line_end(v);
}

/** What the zone itself says, where its frames cannot be read or its RAM is not known. */
static void zone_facts(struct phys_view *pv, const struct piece *pc)
{
	const struct phys_zone *z = pc->zone == NO_INDEX ? NULL : &pv->p->zones[pc->zone];
	struct buf *b = &pv->v.text;

	if (!z || (pc->kind == PIECE_RAM && pv->p->swept))
		return;
	if (z->present.have) {
		buf_clear(b);
		add_pages(pv, b, "zone: present", z->present.v, false);
		fact(&pv->v, b->p, b->len, STYLE_NOTE, false);
	}
	if (z->managed.have && z->free.have) {
		buf_clear(b);
		add_pages(pv, b, "managed", z->managed.v, false);
		fact(&pv->v, b->p, b->len, STYLE_NOTE, false);
		buf_clear(b);
		add_pages(pv, b, "free", z->free.v, false);
		fact(&pv->v, b->p, b->len, STYLE_NOTE, false);
	}
}

/** All facts of a piece of RAM; in narrow views the zone has no column of its own. */
static void ram_facts(struct phys_view *pv, const struct piece *pc, const struct buf *zone)
{
	if (!pv->v.c.perms.w)
		fact(&pv->v, zone->p, zone->len, STYLE_NOTE, true);
	mine_fact(pv, pc);
	frame_facts(pv, pc);
	zone_facts(pv, pc);
	parents_fact(pv, pc);
}

/** A piece that takes one line: its bar stands beside it. */
static void small_ram(struct phys_view *pv, const struct piece *pc)
{
	struct view *v = &pv->v;
	struct buf zone;
	const char *name;

	buf_init(&zone);
	name = ram_names(pv, pc, &zone);
	line_start(v, pc->first, v->c.addr, ' ');
	put_what(v, name, 0, bytes_of(pc->first, pc->last), zone.p, STYLE_BOLD);
	if (v->c.bar.w && pv->p->swept) {
		row_to(&v->row, v->c.bar.x);
		bar_frames(v, pc->frames.slices, pc->frames.nslices, v->c.bar.w);
	}
	facts_begin(v, TILE_BOX_NONE, 2);
	if (!pv->p->swept)
		v->row.want = MAX(v->row.col + 1, v->c.bar.x);
	ram_facts(pv, pc, &zone);
	line_end(v);
	buf_release(&zone);
}

static void big_ram(struct phys_view *pv, const struct piece *pc, unsigned bars, size_t nchildren)
{
	struct view *v = &pv->v;
	struct buf zone;
	const char *name;
	size_t i = nchildren;

	buf_init(&zone);
	name = ram_names(pv, pc, &zone);
	line_start(v, 0, 0, ' ');
	line_box(v, TILE_BOX_TOP);
	put_what(v, name, 0, bytes_of(pc->first, pc->last), zone.p, STYLE_BOLD);
	facts_begin(v, TILE_BOX_TOP, 3);
	v->row.want = MAX(v->row.col + 1, v->c.bar.x);
	ram_facts(pv, pc, &zone);
	line_end(v);
	for (unsigned k = bars; k-- > 0;) {
		u64 start = bar_line_start(pv, pc, k, bars);

		for (; i > 0 && pv->p->resources[pv->list[i - 1]].first >= start; i--) {
			const struct resource *c = &pv->p->resources[pv->list[i - 1]];

			resource_rows(pv, pv->list[i - 1], (struct range){ c->first, c->last },
				      nchildren, TILE_BOX_IN, 0);
		}
		bar_line(pv, pc, k, bars, k ? TILE_BOX_IN : TILE_BOX_LAST);
	}
	buf_release(&zone);
}

static void ram_rows(struct phys_view *pv, const struct piece *pc)
{
	unsigned lines = tile_lines(bytes_of(pc->first, pc->last));
	size_t n = pc->res == NO_INDEX
			   ? 0
			   : children_of(pv, pc->res, (struct range){ pc->first, pc->last }, 0);

	if (!pv->p->swept)
		lines = 1;
	if (pc->frames.nslices && (lines > 1 || n))
		big_ram(pv, pc, (unsigned)MIN(MAX(lines, 2u) - 1, pc->frames.nslices), n);
	else
		small_ram(pv, pc);
}

/* --- borders ------------------------------------------------------------------------------------
 */

/** A place where zones begin or end. */
struct border {
	u64 at;
	u32 zone;
	bool begins;
};

static int by_address(const void *a, const void *b)
{
	const struct border *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? 1 : -1;
	if (x->begins != y->begins)
		return x->begins ? -1 : 1;
	return (x->zone > y->zone) - (x->zone < y->zone);
}

/** All borders, the highest first. */
static void find_borders(struct phys_view *pv)
{
	const struct phys *p = pv->p;

	pv->borders = xcalloc(p->nzones * 2 + 1, sizeof(*pv->borders));
	for (size_t i = 0; i < p->nzones; i++) {
		u64 first, last;

		if (!zone_span(&p->zones[i], &first, &last) ||
		    last >= UINT64_MAX / p->page_size - 1)
			continue;
		pv->borders[pv->nborders++] = (struct border){ first * p->page_size, (u32)i, true };
		pv->borders[pv->nborders++] =
			(struct border){ (last + 1) * p->page_size, (u32)i, false };
	}
	if (pv->nborders)
		qsort(pv->borders, pv->nborders, sizeof(*pv->borders), by_address);
}

/** "N0 Normal above, N0 DMA32 below"; `narrow`: arrows for the words. Returns the columns. */
static unsigned border_words(struct phys_view *pv, size_t i, size_t n, bool narrow, bool draw)
{
	struct row *r = &pv->v.row;
	unsigned cols = 0;
	struct buf b;

	buf_init(&b);
	for (size_t k = i; k < i + n; k++) {
		const struct border *br = &pv->borders[k];
		bool more = k + 1 < i + n && pv->borders[k + 1].begins == br->begins;

		buf_clear(&b);
		zone_label(pv->p, br->zone, &b);
		if (more)
			buf_addch(&b, ',');
		else if (!narrow)
			buf_addstr(&b, br->begins ? " above" : " below");
		if (!more && !narrow && k + 1 < i + n)
			buf_addch(&b, ',');
		cols += (k > i) + (unsigned)b.len + (!more && narrow);
		if (!draw || row_at(r) + b.len + 1 > pv->v.c.end)
			continue;
		row_skip(r, k > i);
		row_ascii(r, b.p, b.len);
		if (!more && narrow)
			row_glyph(r, br->begins ? GLYPH_UP : GLYPH_DOWN);
	}
	buf_release(&b);
	return cols;
}

/** The borders at one address on one line; returns how many. */
static size_t border_line(struct phys_view *pv, size_t i)
{
	struct view *v = &pv->v;
	struct row *r = &v->row;
	u64 at = pv->borders[i].at;
	bool narrow;
	size_t n = 1;

	while (i + n < pv->nborders && pv->borders[i + n].at == at)
		n++;
	row_style(r, STYLE_FRAME);
	line_start(v, at, v->c.addr, ' ');
	row_style(r, STYLE_FRAME);
	row_line(r, GLYPH_DASH, row_at(r) + 2);
	row_skip(r, 1);
	row_style(r, STYLE_NOTE);
	narrow = row_at(r) + border_words(pv, i, n, false, false) > v->c.end;
	border_words(pv, i, n, narrow, true);
	row_style(r, STYLE_FRAME);
	row_skip(r, 1);
	row_line(r, GLYPH_DASH, MIN(v->c.end, v->c.start + 60));
	line_end(v);
	return n;
}

/** Draws the borders above `addr` that have not been drawn. */
static void borders_above(struct phys_view *pv, u64 addr)
{
	while (pv->border < pv->nborders && pv->borders[pv->border].at > addr) {
		u64 at = pv->borders[pv->border].at;

		/* A border is between the byte below it and its own. */
		if (at && (range_has(pv->p->limit, at) || range_has(pv->p->limit, at - 1)) &&
		    range_size(pv->p->limit) != 1)
			pv->border += border_line(pv, pv->border);
		else
			pv->border++;
	}
}

/* --- the map ------------------------------------------------------------------------------------
 */

static void map_top(struct phys_view *pv, u64 top)
{
	struct view *v = &pv->v;
	struct row *r = &v->row;
	char words[32];

	row_hex(r, top, v->c.addr);
	half_title(v, "PHYSICAL", (struct range){ 0, MIN(top, UINT64_MAX - 1) });
	if (pv->p->phys_bits.have) {
		snprintf(words, sizeof(words), "%u bits", (unsigned)pv->p->phys_bits.v);
		row_skip(r, 2);
		row_style(r, STYLE_NOTE);
		row_str(r, words);
	}
	row_style(r, STYLE_FRAME);
	row_skip(r, 1);
	if (v->c.frame)
		row_line(r, GLYPH_HALF_H, v->c.right ? v->c.right : v->c.end);
	if (v->c.right)
		row_glyph(r, GLYPH_HALF_TR);
	row_end(r);
}

static void map_end(struct phys_view *pv)
{
	struct view *v = &pv->v;

	if (!v->c.frame)
		return;
	row_hex(&v->row, 0, v->c.addr);
	row_style(&v->row, STYLE_FRAME);
	v->row.want = v->c.frame;
	row_glyph(&v->row, GLYPH_HALF_BL);
	row_line(&v->row, GLYPH_HALF_H, v->c.right ? v->c.right : v->c.end);
	if (v->c.right)
		row_glyph(&v->row, GLYPH_HALF_BR);
	row_end(&v->row);
}

static void piece_rows(struct phys_view *pv, const struct piece *pc)
{
	switch (pc->kind) {
	case PIECE_RAM:
	case PIECE_SPAN:
		ram_rows(pv, pc);
		break;
	case PIECE_HOLE:
		hole_line(pv, pc->first, pc->last,
			  pv->p->iomem == IOMEM_READ ? "hole" : "in no zone", TILE_BOX_NONE, 0);
		break;
	case PIECE_OTHER:
		resource_rows(pv, pc->res, (struct range){ pc->first, pc->last }, 0, TILE_BOX_NONE,
			      0);
		break;
	}
}

static void map_draw(struct phys_view *pv, u64 top)
{
	const struct phys *p = pv->p;

	if (!p->npieces) {
		row_style(&pv->v.row, STYLE_NOTE);
		row_str(&pv->v.row, "Nothing is known of this range.");
		row_end(&pv->v.row);
		return;
	}
	find_borders(pv);
	map_top(pv, top);
	for (size_t i = p->npieces; i-- > 0 && !pv->v.out->err;) {
		borders_above(pv, p->pieces[i].first);
		piece_rows(pv, &p->pieces[i]);
	}
	map_end(pv);
	free(pv->borders);
}

/* --- around the map -----------------------------------------------------------------------------
 */

static void memory_lines(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	const struct counters *m = &p->meminfo;
	struct fig cached = counters_get(p, m, "Cached"), buffers = counters_get(p, m, "Buffers");
	struct flow f;

	flow_begin(&f, &pv->v, "memory");
	flow_size(&f, "total", counters_get(p, m, "MemTotal"));
	flow_size(&f, "free", counters_get(p, m, "MemFree"));
	flow_size(&f, "available", counters_get(p, m, "MemAvailable"));
	flow_size(&f, "page cache (Cached + Buffers)",
		  (struct fig){ cached.v + buffers.v, cached.have && buffers.have });
	flow_size(&f, "anonymous", counters_get(p, m, "AnonPages"));
	flow_size(&f, "slab", counters_get(p, m, "Slab"));
	flow_size(&f, "page tables", counters_get(p, m, "PageTables"));
	flow_number(&f, "nodes", FIG(p->nnodes));
	flow_end(&f);
}

/** RAM that is in no zone's care: why the figures of meminfo and of the zones may be far apart. */
static void unmanaged_line(struct phys_view *pv)
{
	struct fig n = phys_unmanaged(pv->p);
	char t[SIZE_TEXT_MAX];
	struct flow f;
	struct buf b;

	if (!n.have)
		return;
	buf_init(&b);
	buf_add(&b, t, format_size(t, n.v, pv->v.o->bytes ? SIZE_BYTES : SIZE_LONG));
	buf_addstr(&b, " of RAM are managed by no zone (a balloon has them, or they were not handed"
		       " over after boot): meminfo may count them, see \"totals that must agree\"");
	flow_begin(&f, &pv->v, "unmanaged");
	flow_words(&f, b.p, b.len, STYLE_NOTE);
	flow_end(&f);
	buf_release(&b);
}

static void frames_line(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	u64 total = phys_frames(p), seen = 0;
	struct buf b;
	struct flow f;

	if (!p->swept)
		return;
	for (size_t i = 0; i < p->npieces; i++)
		seen += p->pieces[i].frames.seen;
	buf_init(&b);
	flow_begin(&f, &pv->v, "frames");
	flow_number(&f, "in the ranges", FIG(total));
	flow_number(&f, "read", FIG(seen));
	if (p->every > 1) {
		buf_addf(&b,
			 "sampled: blocks of %d frames, one in %llu of the large ranges; ~ marks "
			 "estimates (-v reads all, -A a part)",
			 FRAME_BLOCK, (unsigned long long)p->every);
		flow_item(&f, b.p, b.len, STYLE_NOTE);
	} else if (phys_partial(p)) {
		flow_str(&f, "the rest could not be read; ~ marks estimates", STYLE_NOTE);
	}
	flow_end(&f);
	buf_release(&b);
}

static void legend(struct phys_view *pv)
{
	static const char *const words[FS_NSTATES] = {
		[FS_NONE] = "no page, or no flag",
		[FS_FREE] = "free",
		[FS_ANON] = "anonymous",
		[FS_FILE] = "file",
		[FS_SHMEM] = "shared memory",
		[FS_HUGETLB] = "hugetlb",
		[FS_SLAB] = "slab",
		[FS_PGTABLE] = "page tables",
		[FS_KERNEL] = "no flag: kernel, per-CPU lists",
		[FS_RESERVED] = "reserved",
		[FS_OFFLINE] = "offline or in a balloon",
		[FS_POISON] = "poisoned",
	};
	static const char marks[] =
		"below a bar: the process has pages there; the fuller, half of them or more";
	struct view *v = &pv->v;
	struct flow f;

	if (!v->frame_states)
		return;
	flow_begin(&f, v, "frames");
	for (unsigned st = 0; st < FS_NSTATES; st++) {
		if (!(v->frame_states >> st & 1))
			continue;
		if (!f.first && row_at(&v->row) + 2 + 3 + strlen(words[st]) > v->o->width)
			flow_newline(&f);
		if (!f.first)
			row_skip(&v->row, 2);
		bar_frame_sample(v, (enum frame_state)st);
		row_skip(&v->row, 1);
		row_str(&v->row, words[st]);
		f.first = false;
	}
	if (pv->p->process.pages) {
		flow_newline(&f);
		bar_mark_sample(v);
		f.first = false;
		flow_words(&f, marks, sizeof(marks) - 1, STYLE_PLAIN);
	}
	if (v->frame_states >> FS_KERNEL & 1 && phys_unmanaged(pv->p).have) {
		flow_newline(&f);
		flow_size(&f, "no flag, too: of RAM that no zone manages", phys_unmanaged(pv->p));
	}
	flow_newline(&f);
	flow_str(
		&f,
		"A cell is an equal share of the line and what most of its used frames are; lowest "
		"address left.",
		STYLE_DIM);
	flow_end(&f);
}

void render_phys(const struct space *s, const struct phys *p, const struct view_opts *o,
		 struct out *out)
{
	struct phys_view pv = { .p = p };
	u64 top = top_of(p);

	view_init(&pv.v, s, o, out);
	phys_columns(&pv.v, top);
	title_draw(&pv.v);
	memory_lines(&pv);
	unmanaged_line(&pv);
	frames_line(&pv);
	row_end(&pv.v.row);
	map_draw(&pv, top);
	legend(&pv);
	phys_tables(&pv);
	row_end(&pv.v.row);
	/* The limit is one of physical addresses here. */
	if (o->filter)
		pv.v.filtered = expr_count(o->filter, s, RANGE_ALL);
	filter_draw(&pv.v, "; pages of others are left out");
	if (p->iomem == IOMEM_READ)
		root_draw(&pv.v, "physical addresses");
	notes_draw(&pv.v);
	free(pv.list);
	view_release(&pv.v);
}
