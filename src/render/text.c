/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map view: columns, lines, facts, and the loop that draws one tile after the other. */
#include "view.h"

#include <string.h>

#include "../model/roles.h"

/**
 * Most mappings that get a right border. It costs a third of the text, and nobody sees the box of
 * more.
 */
#define FRAMED_MAX 4096

/* --- columns ------------------------------------------------------------------------------------
 */

/** Gives a column `w` of the `rest` columns that are free, and one blank before it. */
static bool take(unsigned *rest, struct column *c, unsigned w)
{
	if (*rest < w + 1)
		return false;
	*rest -= w + 1;
	c->w = w;
	return true;
}

/** Lets a column that exists grow to `w`. */
static void grow(unsigned *rest, struct column *c, unsigned w)
{
	unsigned more = c->w && c->w < w ? MIN(w - c->w, *rest) : 0;

	c->w += more;
	*rest -= more;
}

/** Hex digits of the largest file offset. */
static unsigned offset_digits(const struct space *s)
{
	u64 all = 1;

	for (size_t i = 0; i < s->nvmas; i++)
		all |= s->vmas[i].offset;
	return (67 - (unsigned)__builtin_clzll(all)) / 4;
}

/** Shares out the free columns, what matters most first. */
static void share_columns(struct view *v, unsigned rest)
{
	struct columns *c = &v->c;
	unsigned size = c->short_form == SIZE_BYTES ? 12 : SIZE_SHORT_COLS;
	bool figures = v->have_smaps || v->s->have_scan;

	if (figures)
		take(&rest, &c->rss, size);
	if (v->s->have_scan)
		take(&rest, &c->bar, 8);
	grow(&rest, &c->what, 16);
	take(&rest, &c->facts, 10);
	if (c->facts.w)
		take(&rest, &c->offset, MAX(offset_digits(v->s), 6));
	grow(&rest, &c->what, 20);
	if (c->offset.w && v->have_smaps && take(&rest, &c->pss, size) && v->have_swap &&
	    rest >= 24)
		take(&rest, &c->swap, size);
	grow(&rest, &c->bar, 12);
	grow(&rest, &c->what, 24);
	grow(&rest, &c->facts, 20);
	grow(&rest, &c->bar, 16);
	grow(&rest, &c->what, 32);
	grow(&rest, &c->facts, 24);
	grow(&rest, &c->bar, 32);
	grow(&rest, &c->what, 40);
	grow(&rest, &c->facts, rest + c->facts.w);
	if (!c->facts.w)
		grow(&rest, &c->what, rest + c->what.w);
}

/** Puts the columns side by side. */
static void place_columns(struct columns *c)
{
	struct column *order[] = { &c->what, &c->size, &c->perms, &c->offset, &c->rss,
				   &c->pss,  &c->swap, &c->bar,	  &c->facts };
	unsigned x = c->start;

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		order[i]->x = x;
		if (order[i]->w)
			x += order[i]->w + 1;
	}
}

void view_columns(struct view *v)
{
	struct columns *c = &v->c;
	const struct space *s = v->s;
	bool low = !s->nvmas || s->vmas[s->nvmas - 1].last <= UINT32_MAX;
	bool user32 = (s->no_user == USER_HERE && s->user.last <= UINT32_MAX) ||
		      (s->host.bits == 32 && low);
	/* A half that is not known draws nothing, so it needs no digits either. */
	bool kernel32 = s->kernel.last <= UINT32_MAX;
	unsigned width = MAX(v->o->width, 20u), room, size;

	memset(c, 0, sizeof(*c));
	c->user_addr = user32 ? 8 : 16;
	c->addr = (user32 && !v->o->kernel) || (user32 && kernel32) ? 8 : 16;
	if (width >= 60)
		c->frame = c->addr + 1;
	c->start = c->addr + (c->frame ? 3 : 1);
	if (width >= 100 && s->nvmas <= FRAMED_MAX)
		c->right = width - 1;
	c->end = c->right ? c->right - 1 : width;
	room = c->end - c->start;
	c->short_form = v->o->bytes ? SIZE_BYTES : SIZE_SHORT;
	c->size_form = v->o->bytes ? SIZE_BYTES : room < 40 ? SIZE_SHORT : SIZE_LONG;
	size = v->o->bytes ? SIZE_BYTES_COLS : room < 40 ? SIZE_SHORT_COLS : SIZE_LONG_COLS;
	c->what.w = 8;
	if (room >= 8 + 1 + size + 1 + 4) {
		c->size.w = size;
		c->perms.w = 4;
		share_columns(v, room - 8 - 1 - size - 1 - 4);
	} else if (room >= 4 + 1 + size) {
		c->size.w = size;
		c->what.w = room - 1 - size;
	} else {
		c->what.w = room;
	}
	place_columns(c);
}

/* --- lines --------------------------------------------------------------------------------------
 */

void line_start(struct view *v, u64 addr, unsigned digits, char mark)
{
	struct row *r = &v->row;

	if (digits) {
		row_to(r, v->c.addr - MIN(digits, v->c.addr));
		row_hex(r, addr, digits);
	}
	row_style(r, STYLE_PLAIN);
	if (mark != ' ') {
		row_skip(r, v->c.addr - row_at(r));
		row_style(r, STYLE_LOCATED);
		row_ascii(r, &mark, 1);
	}
	if (v->c.frame) {
		row_style(r, STYLE_FRAME);
		r->want = v->c.frame;
		row_glyph(r, GLYPH_HALF_V);
	}
	row_style(r, STYLE_PLAIN);
	r->want = v->c.start;
}

void line_end(struct view *v)
{
	struct row *r = &v->row;

	if (v->c.right) {
		row_style(r, STYLE_FRAME);
		r->want = MAX(v->c.right, r->col);
		row_glyph(r, GLYPH_HALF_V);
	}
	row_end(r);
	out_check(v->out);
}

void line_box(struct view *v, enum tile_box box)
{
	static const enum glyph glyph[] = { [TILE_BOX_TOP] = GLYPH_BOX_TOP,
					    [TILE_BOX_IN] = GLYPH_BOX_V,
					    [TILE_BOX_LAST] = GLYPH_BOX_END };

	if (box == TILE_BOX_NONE)
		return;
	row_style(&v->row, STYLE_FRAME);
	row_glyph(&v->row, glyph[box]);
	row_style(&v->row, STYLE_PLAIN);
	v->row.want = v->c.start + 2;
}

void user_line(struct view *v, const struct tile *t)
{
	bool kernel = t->r.first > v->s->user.last;

	line_start(v, t->r.first, kernel ? v->c.addr : v->c.user_addr, t->located ? '>' : ' ');
	line_box(v, t->box);
}

void put_size(struct view *v, struct column c, u64 bytes, enum size_form form)
{
	char t[SIZE_TEXT_MAX];

	if (c.w)
		row_right(&v->row, t, format_size(t, bytes, form), c.x + c.w);
}

void text_size(struct view *v, struct buf *b, u64 bytes)
{
	char t[SIZE_TEXT_MAX];

	buf_add(b, t, format_size(t, bytes, v->c.short_form));
}

/* --- facts --------------------------------------------------------------------------------------
 */

void facts_begin(struct view *v, enum tile_box box, unsigned spare)
{
	v->box = box;
	v->spare = spare;
	v->first_fact = true;
	v->row.want = MAX(v->row.col, v->c.facts.w ? v->c.facts.x : v->c.end);
}

/** Ends the line and begins one that continues the same row. */
static void fact_line(struct view *v)
{
	line_end(v);
	line_start(v, 0, 0, ' ');
	if (v->box == TILE_BOX_IN || v->box == TILE_BOX_TOP)
		line_box(v, TILE_BOX_IN);
	v->row.want = v->c.start + (v->c.end - v->c.start < 40 ? 2 : 4);
	v->first_fact = true;
}

void fact(struct view *v, const char *text, size_t len, enum style st, bool keep)
{
	struct row *r = &v->row;
	unsigned gap = v->first_fact ? (r->col && r->want <= r->col) : 2;

	if (row_at(r) + gap + len > v->c.end) {
		if (!keep && !v->spare)
			return;
		if (v->spare)
			v->spare--;
		fact_line(v);
		gap = 0;
	}
	row_skip(r, gap);
	row_style(r, st);
	row_text(r, text, len, MAX(v->c.end, row_at(r) + 4) - row_at(r), ELIDE_END);
	row_style(r, STYLE_PLAIN);
	v->first_fact = false;
}

void fact_long(struct view *v, const char *text, enum style st)
{
	struct row *r = &v->row;
	struct buf b;

	buf_init(&b);
	buf_addescaped(&b, text, strlen(text), r->ascii);
	for (size_t i = 0, n; i < b.len; i += n) {
		fact_line(v);
		n = text_fit(b.p + i, b.len - i, MAX(v->c.end, row_at(r) + 8) - row_at(r));
		n = n ? n : 1;
		row_style(r, st);
		row_raw(r, b.p + i, n, (unsigned)text_width(b.p + i, n));
		row_style(r, STYLE_PLAIN);
	}
	v->first_fact = false;
	buf_release(&b);
}

void fact_size(struct view *v, const char *label, u64 bytes, enum style st, bool keep)
{
	struct buf *b = &v->text;

	buf_clear(b);
	buf_addstr(b, label);
	buf_addch(b, ' ');
	text_size(v, b, bytes);
	fact(v, b->p, b->len, st, keep);
}

/* --- the view -----------------------------------------------------------------------------------
 */

/** VmFlags that say something the columns do not. */
static u64 notable_flags(const struct space *s)
{
	static const char letters[][3] = { "io", "pf", "dd", "dc", "wf", "um", "uw", "ui", "ur",
					   "sl", "dp", "mg", "hg", "nh", "ht", "sf", "ss", "ur" };
	u64 bits = 0;

	for (u32 i = 0; i < s->nvmflags; i++)
		for (size_t k = 0; k < ARRAY_SIZE(letters); k++)
			if (!memcmp(s->vmflag_names[i], letters[k], 2))
				bits |= UINT64_C(1) << i;
	return bits;
}

void view_init(struct view *v, const struct space *s, const struct view_opts *o, struct out *out)
{
	memset(v, 0, sizeof(*v));
	v->s = s;
	v->o = o;
	v->out = out;
	theme_init(&v->theme, o->colors);
	row_init(&v->row, &out->b, &v->theme, o->ascii);
	buf_init(&v->text);
	buf_init(&v->name);
	v->limit = o->limit;
	for (size_t i = 0; i < s->nvmas && !v->have_smaps; i++)
		v->have_smaps = s->vmas[i].have & VMA_HAVE_SMAPS;
	v->notable = notable_flags(s);
	if (o->user && s->no_user == USER_HERE)
		v->all = space_totals_if(s, o->limit, o->filter ? expr_test : NULL, o->filter,
					 v->kind);
	if (o->filter)
		v->filtered = expr_count(o->filter, s, o->limit);
	v->have_swap = v->all.swap.have && v->all.swap.v;
	view_columns(v);
}

void view_release(struct view *v)
{
	row_release(&v->row);
	buf_release(&v->text);
	buf_release(&v->name);
}

void half_title(struct view *v, const char *name, struct range half)
{
	struct row *r = &v->row;
	char size[SIZE_TEXT_MAX];

	row_style(r, STYLE_FRAME);
	if (v->c.frame) {
		r->want = v->c.frame;
		row_glyph(r, GLYPH_HALF_TL);
		row_glyph(r, GLYPH_HALF_H);
	}
	row_style(r, STYLE_BOLD);
	row_skip(r, 1);
	row_str(r, name);
	row_skip(r, 2);
	row_ascii(r, size, format_size(size, range_size(half), v->c.size_form));
}

/** The lower edge of a half. */
static void half_end(struct view *v, const struct tile *t)
{
	struct row *r = &v->row;

	if (!v->c.frame)
		return;
	row_to(r, v->c.addr - (t->kind == TILE_USER_END ? v->c.user_addr : v->c.addr));
	row_hex(r, t->r.first, t->kind == TILE_USER_END ? v->c.user_addr : v->c.addr);
	row_style(r, STYLE_FRAME);
	r->want = v->c.frame;
	row_glyph(r, GLYPH_HALF_BL);
	row_line(r, GLYPH_HALF_H, v->c.right ? v->c.right : v->c.end);
	if (v->c.right)
		row_glyph(r, GLYPH_HALF_BR);
	row_end(r);
	out_check(v->out);
}

static void add_plus(struct buf *b, u64 off)
{
	buf_addstr(b, "+0x");
	buf_addhex(b, off, 0);
}

/** ": .text+0x40, file offset 0x1040, …": where in its file an address lies. */
static void located_in_mapping(const struct space *s, const struct vma *m, u64 addr, struct buf *b)
{
	const struct image_section *sec;
	u64 off;

	buf_addstr(b, ": ");
	sec = addr_section(s, addr, &off);
	if (sec && sec->name) {
		buf_addescaped(b, sec->name, strlen(sec->name), true);
		add_plus(b, off);
		buf_addstr(b, ", ");
	}
	if (m->inode) {
		buf_addstr(b, "file offset 0x");
		buf_addhex(b, m->offset + (addr - m->first), 0);
		buf_addstr(b, ", ");
	}
	add_plus(b, addr - m->first);
	buf_addstr(b, " in the mapping below");
}

/** ": unmapped, 0x40 above the mapping below it": how far off a stray pointer is. */
static void located_in_gap(const struct space *s, u64 addr, struct buf *b)
{
	size_t above = space_lower_vma(s, addr), n = space_user_vmas(s);

	buf_addstr(b, ": unmapped");
	if (above > 0 && above <= n) {
		buf_addstr(b, ", 0x");
		buf_addhex(b, addr - s->vmas[above - 1].last - 1, 0);
		buf_addstr(b, " above what is mapped below");
	}
	if (above < n) {
		buf_addstr(b, ", 0x");
		buf_addhex(b, s->vmas[above].first - addr, 0);
		buf_addstr(b, " below what is above");
	}
}

/** The region, or the part of one, that is known to have the address. */
static void located_in_kernel(const struct space *s, u64 addr, struct buf *b)
{
	const struct region *best = NULL;

	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *g = &s->regions[i];

		if (g->first <= addr && addr <= g->last && g->conf != CONF_BOUNDS &&
		    g->kind != KR_HALF && (!best || g->depth >= best->depth))
			best = g;
	}
	if (!best)
		return;
	buf_addstr(b, ": ");
	add_plus(b, addr - best->first);
	buf_addstr(b, " in ");
	buf_addstr(b, best->name);
}

/** The line --locate asks for: where in the thing below it the address lies. */
static void located_line(struct view *v, const struct tile *t)
{
	const struct space *s = v->s;
	struct row *r = &v->row;
	u32 i = space_find_vma(s, t->r.first);
	bool user = s->no_user == USER_HERE && range_has(s->user, t->r.first);
	bool in_hole = !user && i == NO_INDEX && !range_has(s->kernel, t->r.first);
	struct buf *b = &v->text;

	v->located = true;
	if (in_hole) {
		/* Outside both boxes: no wall. */
		row_hex(r, t->r.first, v->c.addr);
		row_style(r, STYLE_LOCATED);
		row_str(r, ">");
		r->want = v->c.start;
	} else {
		line_start(v, t->r.first, t->r.first <= s->user.last ? v->c.user_addr : v->c.addr,
			   '>');
	}
	line_box(v, t->box);
	buf_clear(b);
	buf_addstr(b, "located");
	if (range_size(t->r) > 1) {
		buf_addch(b, ' ');
		text_size(v, b, range_size(t->r));
	}
	if (i != NO_INDEX)
		located_in_mapping(s, &s->vmas[i], t->r.first, b);
	else if (t->r.first <= s->user.last)
		located_in_gap(s, t->r.first, b);
	else
		located_in_kernel(s, t->r.first, b);
	row_style(r, STYLE_LOCATED);
	row_glyph(r, GLYPH_MARK);
	row_skip(r, 1);
	row_text(r, b->p, b->len, MAX(v->c.end, row_at(r) + 8) - row_at(r), ELIDE_END);
	if (!in_hole) {
		line_end(v);
		return;
	}
	row_end(r);
	out_check(v->out);
}

/** What nothing can be mapped at, so that a NULL pointer faults. */
static void null_trap(struct view *v, const struct tile *t)
{
	gap_start(v, t, "NULL trap");
	facts_begin(v, TILE_BOX_NONE, 0);
	v->row.want = v->c.perms.x;
	fact(v, "vm.mmap_min_addr", 16, STYLE_DIM, false);
	line_end(v);
}

static void draw(struct view *v, const struct tile *t)
{
	switch (t->kind) {
	case TILE_KERNEL_TOP:
		kernel_top(v, t);
		break;
	case TILE_REGION:
		kernel_region(v, t);
		break;
	case TILE_UNUSED:
		kernel_unused(v, t);
		break;
	case TILE_FACT:
		kernel_fact(v, t);
		break;
	case TILE_HOLE:
		kernel_hole(v, t);
		break;
	case TILE_KERNEL_END:
	case TILE_USER_END:
		half_end(v, t);
		break;
	case TILE_NO_USER:
		user_none(v);
		break;
	case TILE_USER_TOP:
		user_top(v, t);
		break;
	case TILE_GAP:
		user_gap(v, t);
		break;
	case TILE_NULL_TRAP:
		null_trap(v, t);
		break;
	case TILE_OBJECT:
		user_object(v, t);
		break;
	case TILE_STACK_PART:
		user_stack_part(v, t);
		break;
	case TILE_MARK:
		user_mark(v, t);
		break;
	case TILE_SKIPPED:
		skipped_rows(v);
		break;
	case TILE_LOCATED:
		located_line(v, t);
		break;
	case TILE_MAPPING:
		user_mapping(v, t);
		break;
	}
}

void render_map(const struct space *s, const struct view_opts *o, struct out *out)
{
	struct tile_opts to = { .user = o->user,
				.kernel = o->kernel,
				.all_marks = o->verbose,
				.limit = o->limit,
				.filter = o->filter,
				.have_locate = o->have_locate,
				.locate = o->locate };
	struct tiles tiles;
	struct tile t;
	struct view v;

	view_init(&v, s, o, out);
	header_draw(&v);
	tiles_init(&tiles, s, &to);
	v.limit = tiles.o.limit;
	while (!out->err && tiles_next(&tiles, &t))
		draw(&v, &t);
	footer_draw(&v);
	view_release(&v);
}
