/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole address range down one side: what is where, how much of it is resident, where we are.
 */
#include "minimap.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../render/words.h"
#include "list.h"

/** From how many columns on a line has its size, and its address. */
#define SIZE_COLS 18
#define ADDR_COLS 40
/** With fewer a line has no words; and a heat of one column up to SIZE_COLS. */
#define NAME_COLS 10

struct minimap *minimap_new(void)
{
	return xcalloc(1, sizeof(struct minimap));
}

void minimap_free(struct minimap *m)
{
	if (!m)
		return;
	free(m->lines);
	free(m);
}

void minimap_forget(struct minimap *m)
{
	if (m)
		m->snap = NULL;
}

/** The lines for a pane of that height; made anew only when what they show has changed. */
static const struct map_line *lines_of(const struct tui *t, unsigned h)
{
	struct minimap *m = t->map;
	bool kernel = tui_place(t)->kernel;

	if (m->snap == t->snap && m->h == h && m->kernel == kernel)
		return m->lines;
	m->lines = xreallocarray(m->lines, MAX(h, 1u), sizeof(*m->lines));
	minimap_lines(&t->snap->space, h, kernel, m->lines);
	m->snap = t->snap;
	m->h = h;
	m->kernel = kernel;
	return m->lines;
}

/* --- one line --------------------------------------------------------------------------------- */

struct map_pane {
	const struct tui *t;
	const struct pane *p;
	unsigned border, heat; /**< columns of the half's border, and that the heat takes */
	unsigned text;	       /**< where words begin */
	unsigned end;	       /**< where they end: the size comes after */
	unsigned own_y;	       /**< the highest line of the selection; UINT_MAX none */
	u32 own;	       /**< the object, or region, it is or lies in; NO_INDEX neither */
};

static void put_border(const struct map_pane *m, unsigned y, const struct map_line *l)
{
	bool top = l->kind == MAP_TOP;
	unsigned x = m->border;
	char size[SIZE_TEXT_MAX];

	pane_glyph(m->p, x, y, STYLE_FRAME, top ? GLYPH_HALF_TL : GLYPH_HALF_BL);
	for (unsigned i = x + 1; i < m->p->w; i++)
		pane_glyph(m->p, i, y, STYLE_FRAME, GLYPH_HALF_H);
	if (!top)
		return;
	if (m->p->w < NAME_COLS) {
		pane_put(m->p, x + 1, y, STYLE_BOLD, l->index ? "KERN" : "USER");
		return;
	}
	x += 2;
	x += pane_printf(m->p, x, y, STYLE_BOLD, " %s ", l->index ? "KERNEL" : "USER");
	size_text(size, l->size);
	if (x + strlen(size) + 1 < m->p->w)
		pane_printf(m->p, x, y, STYLE_FRAME, "%s ", size);
}

static void put_size(const struct map_pane *m, unsigned y, unsigned style, u64 bytes)
{
	char text[SIZE_TEXT_MAX];

	text[format_size(text, bytes, SIZE_SHORT)] = '\0';
	pane_right(m->p, m->p->w, y, style, text);
}

/** Of several that share the line: the one that counts most, and how many more there are. */
static void put_name(const struct map_pane *m, unsigned y, const struct map_line *l, unsigned style,
		     const char *name, size_t len)
{
	size_t dir = name_dir_len(name, len);
	unsigned x = m->text, room = m->end > x ? m->end - x : 0, more = 0;
	char plus[16] = "";

	if (l->count > 1)
		more = (unsigned)snprintf(plus, sizeof(plus), " +%u", l->count - 1);
	if (room < more + 4)
		more = 0;
	x += pane_text(m->p, x, y, room - more, style, name + dir, len - dir, ELIDE_END);
	if (more)
		pane_put(m->p, x, y, STYLE_DIM, plus);
}

/** `index`: the object or region that is named of those of the line. */
static void put_label(const struct map_pane *m, unsigned y, const struct map_line *l, u32 index)
{
	const struct space *s = &m->t->snap->space;
	const struct object *o;
	struct buf b = { 0 };
	const char *name;
	size_t len;

	if (l->kind == MAP_REGION) {
		name = s->regions[index].name;
		put_name(m, y, l, STYLE_PLAIN, name, strlen(name));
		return;
	}
	o = &s->objects[index];
	if (stack_title(&b, s, o)) {
		name = b.p;
		len = b.len;
	} else {
		name = object_title(s, o, &len);
	}
	put_name(m, y, l, STYLE_KIND + MIN(o->kind, OBJ_NKINDS - 1u), name, len);
	buf_release(&b);
}

static const char *const shades[] = { "·", "░", "▒", "▓", "█" };
static const char *const ascii_shades[] = { ".", "-", "+", "*", "#" };

void minimap_legend(struct buf *b, bool ascii)
{
	static const char *const words[] = { "nothing", "some", "an eighth", "a quarter",
					     "half or more" };

	for (unsigned i = 0; i <= HEAT_MOST; i++)
		buf_addf(b, "%s %s  ", ascii ? ascii_shades[i] : shades[i], words[i]);
	buf_addf(b, "resident or in use; %s here, %s selected", ascii ? "|" : "▐",
		 ascii ? ">" : "►");
}

static void put_heat(const struct map_pane *m, unsigned y, int heat)
{
	unsigned x = m->border + 1, end = MIN(x + m->heat, m->p->w);

	for (; heat >= 0 && x < end; x++)
		pane_put(m->p, x, y, TSTYLE_HEAT + (unsigned)heat,
			 m->p->c->ascii ? ascii_shades[heat] : shades[heat]);
}

static void put_empty(const struct map_pane *m, unsigned y, const struct map_line *l)
{
	char text[SIZE_TEXT_MAX];

	pane_glyph(m->p, m->border + m->heat, y, STYLE_DIM, GLYPH_GAP);
	if (!l->first || m->p->w < NAME_COLS)
		return;
	if (l->kind == MAP_HOLE)
		pane_put(m->p, m->text, y, STYLE_DIM, "hole");
	if (m->end < m->p->w) {
		put_size(m, y, STYLE_DIM, l->size);
	} else if (l->kind != MAP_HOLE) {
		text[format_size(text, l->size, SIZE_SHORT)] = '\0';
		pane_put(m->p, m->text, y, STYLE_DIM, text);
	}
}

static void put_address(const struct map_pane *m, unsigned y, const struct map_line *l)
{
	char hex[24];

	if (m->border < 8 || l->r.first > l->r.last || !l->first)
		return;
	list_address(hex, l->kind == MAP_HOLE ? l->r.first : l->start, m->border - 2, m->t->ascii);
	pane_put(m->p, 1, y, STYLE_DIM, hex);
}

/**
 * The line the arrow points at names what is selected, whatever shares the line with it. Where a
 * piece goes on, how many it has is not told again, nor right below it the same name.
 */
static void put_own(const struct map_pane *m, unsigned y, const struct map_line *l)
{
	struct map_line own = *l;

	if (!l->first)
		own.count = 1;
	if (m->own == NO_INDEX)
		pane_put(m->p, m->text, y, STYLE_DIM, l->kind == MAP_REGION ? "unused" : "gap");
	else if (!l->second || m->own != l->index)
		put_label(m, y, &own, m->own);
}

/** A half that could not be read is unknown; one that is not there is empty. */
static void put_denied(const struct map_pane *m, unsigned y)
{
	static const char *const words[] = {
		[USER_KTHREAD] = "none", [USER_ZOMBIE] = "gone",     [USER_DENIED] = "not read",
		[USER_GONE] = "gone",	 [USER_DOCUMENTED] = "none",
	};
	unsigned why = m->t->snap->space.no_user;

	if (why == USER_DENIED)
		pane_put(m->p, m->border + m->heat, y, STYLE_WARN, "?");
	if (m->p->w >= NAME_COLS && why < ARRAY_SIZE(words) && words[why] && m->p->w > m->text)
		pane_text(m->p, m->text, y, m->p->w - m->text, STYLE_WARN, words[why],
			  strlen(words[why]), ELIDE_END);
}

static void put_line(const struct map_pane *m, unsigned y, const struct map_line *l)
{
	put_address(m, y, l);
	switch ((enum map_kind)l->kind) {
	case MAP_NONE:
		return;
	case MAP_TOP:
	case MAP_BOTTOM:
		put_border(m, y, l);
		return;
	case MAP_HOLE:
		put_empty(m, y, l);
		return;
	case MAP_DENIED:
	case MAP_FREE:
	case MAP_REGION:
	case MAP_OBJECT:
		break;
	}
	pane_glyph(m->p, m->border, y, STYLE_FRAME, GLYPH_HALF_V);
	if (l->kind == MAP_DENIED) {
		put_denied(m, y);
		return;
	}
	if (l->kind == MAP_FREE) {
		put_empty(m, y, l);
		return;
	}
	put_heat(m, y, l->heat);
	if (y == m->own_y && !(l->first && l->index == m->own) && m->p->w >= NAME_COLS) {
		put_own(m, y, l);
		return;
	}
	if (l->first && m->p->w >= NAME_COLS)
		put_label(m, y, l, l->index);
	if (l->size && (m->end < m->p->w ? l->first : l->second && m->p->w >= NAME_COLS))
		put_size(m, y, STYLE_DIM, l->size);
}

/* --- all of them ------------------------------------------------------------------------------ */

/** What is selected: a row, a cell, a page. first > last: it has no address. */
static struct range selection(const struct tui *t)
{
	const struct place *p = tui_place(t);

	if (p->level < LEVEL_GRID)
		return t->nitems ? t->items[t->cur].r : (struct range){ 1, 0 };
	return (struct range){ p->at, p->at };
}

/** The object a row, a cell or a page is of; NO_INDEX none. */
static u32 own_object(const struct tui *t, struct range at)
{
	const struct space *s = &t->snap->space;
	u32 v;

	if (tui_place(t)->level < LEVEL_GRID && t->nitems && t->items[t->cur].kind == ITEM_OBJECT)
		return t->items[t->cur].index;
	v = space_find_vma(s, at.first);
	return v == NO_INDEX ? NO_INDEX : s->vmas[v].object;
}

/** The region it lies in, of those that parts belong to; NO_INDEX none. */
static u32 own_region(const struct tui *t, struct range at)
{
	const struct space *s = &t->snap->space;

	/* Intervals of what is not placed may overlap. */
	if (tui_place(t)->level == LEVEL_HALF && t->nitems && t->items[t->cur].kind == ITEM_REGION)
		return t->items[t->cur].index;
	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *r = &s->regions[i];

		if (!r->depth && r->kind != KR_UNUSED &&
		    range_inside(at, (struct range){ r->first, r->last }))
			return (u32)i;
	}
	return NO_INDEX;
}

/** Finds the line that is to name the selection. */
static void find_own(struct map_pane *m, const struct map_line *lines)
{
	struct range at = selection(m->t);
	unsigned y = 0;

	m->own_y = UINT_MAX;
	m->own = NO_INDEX;
	if (tui_place(m->t)->level <= LEVEL_SPACE || at.first > at.last)
		return;
	while (y < m->p->h &&
	       (lines[y].r.first > lines[y].r.last || !range_overlaps(lines[y].r, at)))
		y++;
	if (y == m->p->h || (lines[y].kind != MAP_OBJECT && lines[y].kind != MAP_REGION))
		return;
	m->own_y = y;
	m->own = lines[y].kind == MAP_OBJECT ? own_object(m->t, at) : own_region(m->t, at);
}

/** A line of the present place is marked at the left, that of the selection more so. */
static void put_marks(const struct map_pane *m, unsigned y, const struct map_line *l)
{
	const struct place *p = tui_place(m->t);
	struct range at = selection(m->t);

	if (l->r.first > l->r.last)
		return;
	if (at.first <= at.last && range_overlaps(l->r, at)) {
		pane_put(m->p, 0, y, STYLE_BOLD, m->p->c->ascii ? ">" : "►");
		/* Not its heat: turned round it would look like another. */
		if (m->p->w >= NAME_COLS)
			pane_attr(m->p, m->text - 1, y, m->p->w, CELL_SELECTED);
	} else if (p->level > LEVEL_SPACE && range_overlaps(l->r, p->r)) {
		pane_put(m->p, 0, y, STYLE_BOLD, m->p->c->ascii ? "|" : "▐");
	}
}

void draw_minimap(const struct tui *t, const struct pane *p)
{
	const struct map_line *lines = lines_of(t, p->h);
	struct map_pane m = { .t = t, .p = p, .border = 1, .end = p->w };

	if (p->w >= ADDR_COLS)
		m.border = 2 + (t->snap->space.host.bits == 32 ? 8 : 16);
	m.heat = p->w < NAME_COLS ? p->w - m.border - 2 : p->w < SIZE_COLS ? 1 : 2;
	m.text = m.border + m.heat + 2;
	if (p->w >= SIZE_COLS)
		m.end = p->w - 7;
	find_own(&m, lines);
	for (unsigned y = 0; y < p->h; y++) {
		put_line(&m, y, &lines[y]);
		put_marks(&m, y, &lines[y]);
	}
}

u64 minimap_address(const struct tui *t, unsigned h, unsigned y)
{
	const struct map_line *lines = lines_of(t, h), *l;
	const struct space *s = &t->snap->space;

	if (!h)
		return 0;
	l = &lines[MIN(y, h - 1)];
	if (l->kind == MAP_TOP)
		return l->index ? s->kernel.last : s->user.last;
	if (l->kind == MAP_OBJECT) {
		u64 first = s->vmas[s->objects[l->index].vma].first;

		return range_has(l->r, first) ? first : l->r.first;
	}
	if (l->kind == MAP_REGION && range_has(l->r, s->regions[l->index].first))
		return s->regions[l->index].first;
	if (l->kind == MAP_BOTTOM || l->kind == MAP_NONE)
		return l->index ? s->kernel.first : s->user.first;
	return l->r.first;
}
