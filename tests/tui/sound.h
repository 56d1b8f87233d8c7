/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What must be true of the browser whatever was pressed and whatever came: of its state, and of
 * every cell of the screen. Each returns NULL, or what is wrong (static).
 */
#ifndef TEST_SOUND_H
#define TEST_SOUND_H

#include <wchar.h>

#include "tui/tui.h"

/** The next code point of valid UTF-8; -1 where it is none. */
static inline int32_t code_point(const char **p)
{
	const uint8_t *s = (const uint8_t *)*p;
	unsigned n = s[0] < 0x80		   ? 1
		     : s[0] >= 0xc2 && s[0] < 0xe0 ? 2
		     : s[0] >= 0xe0 && s[0] < 0xf0 ? 3
		     : s[0] >= 0xf0 && s[0] < 0xf5 ? 4
						   : 0;
	int32_t c = n == 1 ? s[0] : s[0] & (0x7f >> n);

	for (unsigned i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return -1;
		c = c << 6 | (s[i] & 0x3f);
	}
	*p += n;
	return n ? c : -1;
}

static inline const char *cell_fault(const struct cell *c, bool ascii)
{
	const char *p = c->text;
	int cols = 0;

	if (!memchr(c->text, 0, sizeof(c->text)))
		return "the text of a cell does not end";
	while (*p) {
		int32_t u = code_point(&p);

		if (u < 0)
			return "the text of a cell is no UTF-8";
		if (u < 0x20 || (u >= 0x7f && u < 0xa0))
			return "a control character in a cell";
		if (u == 0x061c || (u >= 0x200b && u <= 0x200f) || (u >= 0x2028 && u <= 0x202e) ||
		    (u >= 0x2060 && u <= 0x206f) || u == 0xfeff)
			return "an invisible or reordering character in a cell";
		if (ascii && u > 0x7f)
			return "a character beyond ASCII";
		/* One that the locale does not know takes one column. */
		cols += u < 0x300 || wcwidth((wchar_t)u) < 0 ? 1 : wcwidth((wchar_t)u);
	}
	if (c->style >= TSTYLE_N)
		return "no such style";
	if (c->attr & ~(CELL_SELECTED | CELL_MATCH))
		return "no such attribute";
	if (*c->text && cols != c->width)
		return "the width of a cell is not that of its text";
	return NULL;
}

static inline const char *canvas_fault(const struct canvas *c)
{
	for (unsigned y = 0; y < c->h; y++) {
		const struct cell *row = c->cells + (size_t)y * c->w;
		unsigned cols = 0;

		for (unsigned x = 0; x < c->w; x++) {
			const char *fault = cell_fault(&row[x], c->ascii);

			if (fault)
				return fault;
			cols += row[x].width;
			if (row[x].width > 2)
				return "a cell of more than two columns";
			if (!row[x].width && (!x || row[x - 1].width != 2))
				return "a right half without a left";
			if (row[x].width == 2 && (x + 1 == c->w || row[x + 1].width))
				return "a left half without a right";
		}
		if (cols != c->w)
			return "the cells of a row are not as wide as the screen";
	}
	if (c->cursor && (c->x >= c->w || c->y >= c->h))
		return "the cursor is outside the screen";
	return NULL;
}

static inline const char *input_fault(const struct tui *t)
{
	if (t->input_at > t->input.len)
		return "the cursor is behind the text";
	if (t->input_at < t->input.len && (t->input.p[t->input_at] & 0xc0) == 0x80)
		return "the cursor is within a character";
	return NULL;
}

static inline const char *items_fault(const struct tui *t)
{
	const struct place *p = tui_place(t);

	if (t->nitems ? t->cur >= t->nitems : t->cur != 0)
		return "the selection is behind the last row";
	if (p->level < LEVEL_GRID && t->nitems && p->top >= t->nitems)
		return "scrolled behind the last row";
	for (size_t i = 0; i < t->nitems; i++) {
		const struct item *it = &t->items[i];

		bool may_hide = it->kind == ITEM_AREA || it->kind == ITEM_MODULE ||
				it->kind == ITEM_SECTION || it->kind == ITEM_KERNEL;

		if (!item_placed(it) && !may_hide)
			return "a row of no address";
	}
	return NULL;
}

static inline const char *tui_fault(const struct tui *t)
{
	const char *fault = t->prompt ? input_fault(t) : NULL;

	if (fault)
		return fault;
	if (t->depth < 1 || t->depth > LEVEL_N)
		return "the breadcrumb is too short or too long";
	for (unsigned i = 0; i < t->depth; i++) {
		const struct place *p = &t->path[i];

		if (p->level >= LEVEL_N)
			return "no such level";
		if (i && p->level <= t->path[i - 1].level)
			return "a level inside itself";
		if (p->level >= LEVEL_GRID && p->r.first > p->r.last)
			return "a grid or page of nothing";
		if (p->level >= LEVEL_GRID && !range_has(p->r, p->at))
			return "the selected cell is outside the grid";
	}
	return t->snap ? items_fault(t) : NULL;
}

static inline const char *want_fault(const struct tui *t)
{
	struct want w;

	tui_want(t, &w);
	if (w.grid.first > w.grid.last)
		return "a grid of nothing is wanted";
	if ((w.grid.first || w.grid.last) && !w.grid_cells)
		return "a grid of no cells is wanted";
	if (w.kernel && w.pid)
		return "a process and the kernel alone are wanted";
	for (size_t i = 0; i < WANT_PSS_MAX && w.pss[i]; i++)
		if (w.pss[i] < 0)
			return "the pss of no process is wanted";
	return NULL;
}

static inline bool rect_inside(const struct rect *r, unsigned w, unsigned h)
{
	return r->x <= w && r->w <= w - r->x && r->y <= h && r->h <= h - r->y;
}

static inline bool rects_overlap(const struct rect *a, const struct rect *b)
{
	if (!a->w || !a->h || !b->w || !b->h)
		return false;
	return a->x < b->x + b->w && b->x < a->x + a->w && a->y < b->y + b->h && b->y < a->y + a->h;
}

static inline const char *layout_fault(unsigned w, unsigned h)
{
	struct tui_layout l = tui_layout(w, h);
	const struct rect *all[] = { &l.title, &l.minimap, &l.main, &l.detail, &l.status, &l.menu };

	if (l.too_small)
		return w < 40 || h < 10 ? NULL : "a screen of 40x10 or more is no longer too small";
	if (w < 40 || h < 10)
		return "a screen below 40x10 is too small";
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		if (!rect_inside(all[i], w, h))
			return "a pane is outside the screen";
		for (size_t k = 0; k < i; k++)
			if (rects_overlap(all[i], all[k]))
				return "two panes overlap";
	}
	if (!l.main.w || l.main.h < 2 || l.title.w != w || l.status.w != w || l.menu.w != w)
		return "a pane that is needed is missing";
	return NULL;
}

#endif
