/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the kernel half and of the hole below it. */
#include "view.h"

#include <stdio.h>
#include <string.h>

/** How we know, right-aligned: on this line, else on one of its own. */
static void put_known_by(struct view *v, const struct region *g, enum tile_box box)
{
	struct row *r = &v->row;
	struct buf *b = &v->text;
	unsigned most = v->c.end - v->c.start;

	buf_clear(b);
	region_known_by(b, g);
	if (r->col + 2 + b->len > v->c.end) {
		line_end(v);
		line_start(v, 0, 0, ' ');
		if (box == TILE_BOX_IN || box == TILE_BOX_TOP)
			line_box(v, TILE_BOX_IN);
	}
	row_to(r, v->c.end - (unsigned)MIN(b->len, most));
	row_style(r, g->kind == KR_UNUSED   ? STYLE_DIM
		     : g->kind == KR_MODULE ? STYLE_CONF
					    : STYLE_CONF + g->conf);
	row_text(r, b->p, b->len, most, ELIDE_END);
	row_style(r, STYLE_PLAIN);
}

void kernel_top(struct view *v, const struct tile *t)
{
	static const char caption[] = " known by ";
	struct row *r = &v->row;
	unsigned edge = v->c.right ? v->c.right : v->c.end;

	v->drew_kernel = true;
	row_hex(r, t->r.last, v->c.addr);
	half_title(v, "KERNEL", t->r);
	row_style(r, STYLE_FRAME);
	row_skip(r, 1);
	if (v->c.frame) {
		row_line(r, GLYPH_HALF_H, edge - (unsigned)sizeof(caption));
		row_style(r, STYLE_DIM);
		row_str(r, caption);
		row_style(r, STYLE_FRAME);
		row_line(r, GLYPH_HALF_H, edge);
	}
	if (v->c.right)
		row_glyph(r, GLYPH_HALF_TR);
	row_end(r);
	out_check(v->out);
}

/** "r-x", "?" when nobody knows; `*` after them where they are not read from page tables. */
static void put_perms(struct view *v, const struct region *g)
{
	char t[4] = { g->perms & PERM_R ? 'r' : '-', g->perms & PERM_W ? 'w' : '-',
		      g->perms & PERM_X ? 'x' : '-', '~' };

	if (!v->c.perms.w)
		return;
	row_to(&v->row, v->c.perms.x);
	if (g->perms_conf == CONF_UNKNOWN)
		row_str(&v->row, "?");
	else
		row_ascii(&v->row, t, g->perms_conf == CONF_EXACT ? 3 : 4);
}

/** What is used of it, and the region's note; wrapped below when there is no room beside. */
static void put_note(struct view *v, const struct region *g, unsigned reserve, enum tile_box box)
{
	struct row *r = &v->row;
	struct buf b;
	size_t i = 0;
	unsigned end = v->c.end > reserve ? v->c.end - reserve : 0;

	buf_init(&b);
	if (g->used.have) {
		char t[SIZE_TEXT_MAX];

		/* Long, as the sizes in the note are. */
		buf_add(&b, t, format_size(t, g->used.v, v->o->bytes ? SIZE_BYTES : SIZE_LONG));
		buf_addstr(&b, " used");
	}
	if (g->note && *g->note) {
		if (b.len)
			buf_addstr(&b, ", ");
		buf_addescaped(&b, g->note, strlen(g->note), r->ascii);
	}
	if (b.len) {
		row_to(r, v->c.perms.w ? v->c.perms.x + 5 : v->c.end);
		row_style(r, STYLE_NOTE);
		if (row_at(r) + text_width(b.p, b.len) <= end) {
			row_raw(r, b.p, b.len, (unsigned)text_width(b.p, b.len));
			i = b.len;
		}
		row_style(r, STYLE_PLAIN);
	}
	put_known_by(v, g, box);
	while (i < b.len) {
		unsigned x = v->c.start + 4;
		size_t next, n = text_wrap(b.p + i, b.len - i, MAX(v->c.end, x + 8) - x, &next);

		line_end(v);
		line_start(v, 0, 0, ' ');
		if (box == TILE_BOX_IN || box == TILE_BOX_TOP)
			line_box(v, TILE_BOX_IN);
		r->want = x;
		row_style(r, STYLE_NOTE);
		row_raw(r, b.p + i, n, (unsigned)text_width(b.p + i, n));
		row_style(r, STYLE_PLAIN);
		i += next;
	}
	buf_release(&b);
}

/** The interval that a region of unknown place lies in, on a line of its own. */
static void put_interval(struct view *v, const struct region *g)
{
	struct row *r = &v->row;
	struct buf *b = &v->text;

	line_end(v);
	line_start(v, 0, 0, ' ');
	r->want = v->c.start + 2;
	buf_clear(b);
	buf_addstr(b, "somewhere in ");
	buf_addhex(b, g->first, v->c.addr);
	buf_addch(b, '-');
	buf_addhex(b, g->last, v->c.addr);
	if (g->order) {
		unsigned n = 0;

		for (size_t i = 0; i < v->s->nregions; i++)
			n += v->s->regions[i].conf == CONF_BOUNDS && v->s->regions[i].order;
		buf_addf(b, ", %u of %u from below", g->order, n);
	}
	row_style(r, STYLE_CONF + CONF_BOUNDS);
	if (row_at(r) + b->len > v->c.end && v->c.end - v->c.start < 53) {
		/* Too narrow for both ends on a line. */
		row_str(r, "in ");
		row_hex(r, g->first, v->c.addr);
		row_style(r, STYLE_PLAIN);
		line_end(v);
		line_start(v, 0, 0, ' ');
		r->want = v->c.start + 2;
		row_style(r, STYLE_CONF + CONF_BOUNDS);
		row_str(r, "to ");
		row_hex(r, g->last, v->c.addr);
	} else {
		row_text(r, b->p, b->len, v->c.end - row_at(r), ELIDE_END);
	}
	row_style(r, STYLE_PLAIN);
}

void kernel_region(struct view *v, const struct tile *t)
{
	const struct region *g = &v->s->regions[t->index];
	struct row *r = &v->row;
	/* Where a module begins is known even if its end is not. */
	bool bounds = g->conf == CONF_BOUNDS && g->kind != KR_MODULE;
	bool top = t->box == TILE_BOX_TOP;
	struct fig size = g->conf == CONF_BOUNDS ? g->size : FIG(range_size(t->r));
	unsigned reserve, room;
	unsigned figures = v->c.size.w + 1 + (v->c.perms.w ? v->c.perms.w + 1 : 0);

	room = v->c.end - MIN(v->c.end, figures);
	/* The head of a box has no address: its parts, which start no lower, have theirs. */
	if (g->kind == KR_UNUSED)
		row_style(r, STYLE_DIM);
	line_start(v, g->first, top ? 0 : v->c.addr, t->located ? '>' : bounds ? '~' : ' ');
	line_box(v, t->box);
	if (g->kind == KR_UNUSED) {
		row_style(r, STYLE_DIM);
		row_glyph(r, GLYPH_GAP);
		row_skip(r, 1);
	} else {
		row_style(r, g->depth || bounds ? STYLE_PLAIN : STYLE_BOLD);
	}
	row_text(r, g->name, strlen(g->name), MAX(room, row_at(r) + 1) - row_at(r), ELIDE_END);
	if (g->kind != KR_UNUSED)
		row_style(r, STYLE_PLAIN);
	if (size.have)
		put_size(v, v->c.size, size.v, v->c.size_form);
	else if (v->c.size.w)
		row_right(r, "?", 1, v->c.size.x + v->c.size.w);
	if (g->kind != KR_UNUSED)
		put_perms(v, g);
	buf_clear(&v->text);
	region_known_by(&v->text, g);
	reserve = (unsigned)v->text.len + 2;
	put_note(v, g, reserve, t->box);
	if (bounds)
		put_interval(v, g);
	line_end(v);
	kernel_inside_rows(v, g, t->box);
}

void kernel_unused(struct view *v, const struct tile *t)
{
	const struct region *parent = t->index == NO_INDEX ? NULL : &v->s->regions[t->index];
	struct row *r = &v->row;

	row_style(r, STYLE_DIM);
	line_start(v, t->r.first, v->c.addr, t->located ? '>' : ' ');
	line_box(v, t->box);
	row_style(r, STYLE_DIM);
	row_glyph(r, GLYPH_GAP);
	row_skip(r, 1);
	row_str(r, parent && parent->between ? parent->between : "unused");
	put_size(v, v->c.size, range_size(t->r), v->c.size_form);
	line_end(v);
}

void kernel_fact(struct view *v, const struct tile *t)
{
	const struct kernel_fact *f = &v->s->facts[t->index];
	struct row *r = &v->row;
	struct buf b;
	size_t i = 0;

	buf_init(&b);
	buf_addescaped(&b, f->text, strlen(f->text), r->ascii);
	if (f->source && *f->source) {
		buf_addstr(&b, " (");
		buf_addstr(&b, f->source);
		buf_addch(&b, ')');
	}
	while (i < b.len) {
		unsigned x = v->c.start + 2;
		size_t next, n = text_wrap(b.p + i, b.len - i, MAX(v->c.end, x + 8) - x, &next);

		line_start(v, 0, 0, ' ');
		row_style(r, STYLE_NOTE);
		if (!i)
			row_glyph(r, GLYPH_BULLET);
		r->want = x;
		row_raw(r, b.p + i, n, (unsigned)text_width(b.p + i, n));
		line_end(v);
		i += next;
	}
	buf_release(&b);
}

void kernel_hole(struct view *v, const struct tile *t)
{
	const char *name = hole_words(v->s, t->r);
	char size[SIZE_TEXT_MAX];
	struct row *r = &v->row;
	struct buf *b = &v->text;

	row_style(r, STYLE_DIM);
	row_hex(r, t->r.first, v->c.addr);
	if (t->located) {
		row_style(r, STYLE_LOCATED);
		row_str(r, ">");
		row_style(r, STYLE_DIM);
	}
	r->want = v->c.start;
	row_glyph(r, GLYPH_GAP);
	row_skip(r, 1);
	buf_clear(b);
	if (v->o->bytes)
		buf_adddec(b, range_size(t->r));
	else if (t->hole != HOLE_BEYOND_TASK)
		hole_size(b, range_size(t->r));
	else
		buf_add(b, size, size_text(size, range_size(t->r)));
	if (row_at(r) + strlen(name) + 2 + b->len > v->c.end)
		name = *name == 'g' ? "guard" : "hole";
	row_str(r, name);
	row_skip(r, 2);
	row_ascii(r, b->p, b->len);
	row_end(r);
	out_check(v->out);
}
