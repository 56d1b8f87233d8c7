/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --slab=CACHE: one slab to scale, pages cut into slots, and everything the files say of it. */
#include "slab.h"

#include <string.h>

#include "view.h"

/** What a cell of each kind looks like. The first cell of a slot has a border of its own. */
static const struct {
	const char *utf8;
	char ascii;
	const char *name;
	enum style style;
} looks[SLOT_NKINDS] = {
	[SLOT_OBJECT] = { "▒", '#', "object", STYLE_STATE + PS_ANON },
	[SLOT_RED] = { "╳", 'x', "red zone", STYLE_WARN },
	[SLOT_META] = { "▪", 'm', "metadata", STYLE_STATE + PS_SHARED },
	[SLOT_PAD] = { "·", '.', "padding", STYLE_DIM },
	[SLOT_UNKNOWN] = { "?", '?', "not told apart", STYLE_PLAIN },
	[SLOT_TAIL] = { "-", '-', "end of the slab, in no slot", STYLE_STATE + PS_SWAPPED },
};

/** Hex digits of the offsets at the left of the picture: enough for any slab of a kernel. */
#define OFFSET_DIGITS 6
#define CELLS_MAX     128

static void put_kind(struct row *r, enum slot_kind k)
{
	row_style(r, looks[k].style);
	if (r->ascii)
		row_raw(r, &looks[k].ascii, 1, 1);
	else
		row_raw(r, looks[k].utf8, strlen(looks[k].utf8), 1);
	row_style(r, STYLE_PLAIN);
}

/** A border, and the slot's number behind it as far as the next cells are free for it. */
static unsigned put_border(struct row *r, u64 slot, unsigned room)
{
	char t[24];
	unsigned n = format_dec(t, slot);

	row_style(r, STYLE_FRAME);
	row_glyph(r, GLYPH_BOX_V);
	row_style(r, STYLE_PLAIN);
	if (n >= room)
		return 1;
	row_ascii(r, t, n);
	return 1 + n;
}

/** Cells of the line from `at` on until the next slot begins. */
static unsigned cells_left(const struct slab_info *i, const struct slab_picture *p, u64 at,
			   unsigned have)
{
	u64 slot;
	unsigned n = 1;

	while (n < have && !slab_cell_begins(i, at + n * p->scale, p->scale, &slot))
		n++;
	return n;
}

static void picture_line(struct view *v, const struct slab_info *i, const struct slab_picture *p,
			 const struct slot_part *parts, size_t nparts, u64 from)
{
	struct row *r = &v->row;
	u64 slot;

	row_style(r, STYLE_DIM);
	row_hex(r, from, OFFSET_DIGITS);
	row_style(r, STYLE_PLAIN);
	row_skip(r, 1);
	row_glyph(r, from % i->page_size ? GLYPH_GAP : GLYPH_DASH);
	row_skip(r, 1);
	for (unsigned c = 0; c < p->cells && from + c * p->scale < p->bytes;) {
		u64 at = from + c * p->scale;

		if (slab_cell_begins(i, at, p->scale, &slot)) {
			/* A cell of what the slot holds must remain to be seen. */
			unsigned left = cells_left(i, p, at, p->cells - c);

			c += put_border(r, slot, left > 1 ? left - 1 : 0);
		} else {
			put_kind(r, slab_cell(i, parts, nparts, at, p->scale));
			c++;
		}
	}
	row_end(r);
	out_check(v->out);
}

static void legend(struct view *v, const struct slab_info *i, const struct slab_picture *p,
		   const struct slot_part *parts, size_t nparts)
{
	struct row *r = &v->row;
	u32 kinds = 0;
	struct buf *b = &v->text;
	char t[SIZE_TEXT_MAX];
	struct flow f;

	for (u64 at = 0; at < p->bytes; at += p->scale)
		kinds |= 1u << slab_cell(i, parts, nparts, at, p->scale);
	flow_begin(&f, v, "scale");
	buf_clear(b);
	size_text(t, p->scale);
	buf_addf(b, "%s a character", t);
	flow_item(&f, b->p, b->len, STYLE_PLAIN);
	row_skip(r, 2);
	row_glyph(r, GLYPH_BOX_V);
	row_str(r, " slot begins");
	for (unsigned k = 0; k < SLOT_NKINDS; k++) {
		if (!(kinds >> k & 1))
			continue;
		if (row_at(r) + 4 + strlen(looks[k].name) > v->o->width)
			flow_newline(&f);
		row_skip(r, f.first ? 0 : 2);
		put_kind(r, (enum slot_kind)k);
		row_skip(r, 1);
		row_str(r, looks[k].name);
		f.first = false;
	}
	flow_end(&f);
}

static void picture(struct view *v, const struct slab_info *i, const struct slot_part *parts,
		    size_t nparts)
{
	static const char none[] = "its figures contradict each other: no picture";
	unsigned cells = 8;
	struct slab_picture p;
	struct flow f;

	while (cells * 2 + OFFSET_DIGITS + 3 <= v->o->width && cells < CELLS_MAX)
		cells *= 2;
	if (!nparts || !slab_picture(i, cells, &p)) {
		flow_begin(&f, v, "slab");
		flow_words(&f, none, sizeof(none) - 1, STYLE_WARN);
		flow_end(&f);
		return;
	}
	row_end(&v->row);
	for (u64 k = 0; k < p.lines; k++)
		picture_line(v, i, &p, parts, nparts, k * p.scale * p.cells);
	row_end(&v->row);
	legend(v, i, &p, parts, nparts);
}

/* --- in words --------------------------------------------------------------------------------- */

/** Parts of a slot: offset, size, what. */
static void slot_lines(struct view *v, const struct slot_part *parts, size_t n)
{
	struct buf *b = &v->text;
	struct row *r = &v->row;
	struct flow f;

	for (size_t k = 0; k < n; k++) {
		const char *conf = conf_name((enum conf)parts[k].conf);

		flow_begin(&f, v, k ? "" : "slot");
		buf_clear(b);
		buf_addch(b, '+');
		buf_adddec(b, parts[k].offset);
		row_ascii(r, b->p, b->len);
		buf_clear(b);
		buf_adddec(b, parts[k].size);
		buf_addstr(b, " B");
		row_right(r, b->p, b->len, f.indent + 16);
		row_skip(r, 2);
		row_style(r, looks[parts[k].kind].style);
		row_str(r, parts[k].what);
		row_style(r, STYLE_PLAIN);
		row_skip(r, 2);
		row_style(r, STYLE_CONF + parts[k].conf);
		row_str(r, conf);
		row_style(r, STYLE_PLAIN);
		row_str(r, parts[k].conf == CONF_EXACT	   ? " (sysfs)"
			   : parts[k].conf == CONF_DERIVED ? " (mm/slub.c)"
							   : "");
		flow_end(&f);
	}
}

static void escaped_item(struct flow *f, const char *text, enum style st)
{
	struct buf *b = &f->v->text;

	buf_clear(b);
	buf_addescaped(b, text, strlen(text), f->v->row.ascii);
	flow_item(f, b->p ? b->p : "", b->len, st);
}

static void name_lines(struct view *v, const struct slab_info *i, const struct slab_cache *c)
{
	struct flow f;
	struct buf b;

	buf_init(&b);
	flow_begin(&f, v, "cache");
	escaped_item(&f, strtab_get(&i->names, c->name), STYLE_BOLD);
	flow_str(&f,
		 !c->reclaimable.have ? "reclaimable ?"
		 : c->reclaimable.v   ? "reclaimable"
				      : "not reclaimable",
		 STYLE_PLAIN);
	flow_end(&f);
	slab_other_names(i, c, &b);
	if (b.len) {
		struct buf e;

		buf_init(&e);
		buf_addescaped(&e, b.p, b.len, v->row.ascii);
		flow_begin(&f, v, "merged");
		flow_words(&f, e.p, e.len, STYLE_PLAIN);
		flow_end(&f);
		buf_release(&e);
	}
	buf_release(&b);
}

static void figures_lines(struct view *v, const struct slab_info *i, const struct slab_cache *c)
{
	struct slab_use u = slab_use(i, c);
	struct flow f;

	flow_begin(&f, v, "memory");
	flow_size(&f, u.mixed ? "at most" : "size", FIG(u.bytes));
	flow_number(&f, "slabs", FIG(c->slabs));
	flow_number(&f, "used", FIG(c->used));
	flow_number(&f, "free", FIG(c->objects > c->used ? c->objects - c->used : 0));
	flow_end(&f);
	flow_begin(&f, v, "waste");
	flow_size(&f, "all", u.waste);
	flow_size(&f, "free slots", FIG(u.free));
	flow_size(&f, "slots beyond objects", u.slack);
	flow_size(&f, "ends of slabs", FIG(u.tail));
	flow_end(&f);
	flow_begin(&f, v, "slab");
	flow_number(&f, "pages", FIG(c->pages));
	flow_number(&f, "slots", FIG(c->per_slab));
	flow_number(&f, "bytes a slot", FIG(c->slot));
	flow_number(&f, "bytes an object", c->object_size);
	flow_end(&f);
}

/** Every file of its directory, as it is. */
static void attr_lines(struct view *v, const struct slab_info *i)
{
	struct flow f;
	struct buf b;

	if (!i->nattrs)
		return;
	buf_init(&b);
	flow_begin(&f, v, "sysfs");
	for (size_t k = 0; k < i->nattrs; k++) {
		const char *name = strtab_get(&i->names, i->attrs[k].name);
		const char *text = strtab_get(&i->names, i->attrs[k].text);

		buf_clear(&b);
		buf_addstr(&b, name);
		buf_addch(&b, '=');
		buf_addstr(&b, text);
		escaped_item(&f, b.p, STYLE_PLAIN);
	}
	flow_end(&f);
	buf_release(&b);
}

void render_slab_cache(const struct space *s, const struct slab_info *i, const struct view_opts *o,
		       struct out *out)
{
	const struct slab_cache *c = &i->caches[i->chosen];
	struct slot_part parts[SLOT_PARTS];
	size_t n = slab_slot_parts(i, parts);
	struct view v;

	view_init(&v, s, o, out);
	title_draw(&v);
	row_end(&v.row);
	name_lines(&v, i, c);
	figures_lines(&v, i, c);
	slot_lines(&v, parts, n);
	picture(&v, i, parts, n);
	attr_lines(&v, i);
	notes_draw(&v);
	view_release(&v);
}
