/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page grid: the pages of a mapping in address order, line by line, lowest first. A cell is a
 * page or equally many pages.
 */
#include "grid.h"

#include <string.h>

#include "where.h"

/* --- its shape -------------------------------------------------------------------------------- */

static unsigned hex_digits(u64 v)
{
	unsigned n = 1;

	while (n < 16 && v >> 4 * n)
		n++;
	return n;
}

/** Lines around the cells: title and ruler above; without a pane of details the cell below. */
static void set_margins(struct grid_shape *g, const struct rect *pane, struct range r,
			bool has_detail)
{
	g->digits = hex_digits(r.last);
	/* Where it is narrow the digits that all have in common are left to the title. */
	if (pane->w < 60)
		g->digits = MAX(hex_digits(r.first ^ r.last), 4u);
	g->left = g->digits + 1;
	g->top = pane->h >= 8 ? 2 : pane->h >= 3;
	g->foot = has_detail ? 0 : pane->h >= 6 ? 2 : 0;
	g->h = MAX(pane->h - g->top - g->foot, 1u);
}

/** Cells of a line of so many columns: a round number, so that addresses rise by a round one. */
static unsigned round_cells(unsigned n)
{
	return n >= 64 ? n / 16 * 16 : n >= 8 ? n / 8 * 8 : MAX(n, 1u);
}

/** The screenful that has the selection; screens follow each other without overlap. */
static void set_shown(struct grid_shape *g, const struct place *p, u64 cell)
{
	u64 lines = (g->ncells + g->w - 1) / g->w, line = (p->at - p->r.first) / cell / g->w, span;

	if (lines <= g->h)
		return;
	line = MIN(line / g->h * g->h, lines - g->h);
	g->shown.first = p->r.first + line * g->w * cell;
	span = (u64)g->w * g->h * cell - 1;
	if (p->r.last - g->shown.first > span)
		g->shown.last = g->shown.first + span;
}

struct grid_shape tui_grid_shape(const struct tui *t)
{
	const struct place *p = tui_place(t);
	struct tui_layout l = tui_panes(t);
	u64 page = t->snap ? t->snap->space.host.page_size : 0, pages;
	struct grid_shape g = { .shown = p->r, .cols = 1 };
	unsigned room;

	if (l.too_small || !page || !l.main.w || !l.main.h)
		return g;
	set_margins(&g, &l.main, p->r, l.detail.w != 0);
	room = l.main.w - MIN(g.left, l.main.w - 1);
	g.w = round_cells(room);
	pages = (p->r.last - p->r.first) / page + 1;
	g.pages_per_cell = p->unit ? p->unit : 1;
	while (!p->unit && (pages - 1) / g.pages_per_cell >= (u64)g.w * g.h)
		g.pages_per_cell *= 2;
	g.ncells = (pages - 1) / g.pages_per_cell + 1;
	/* Few cells are wide ones. */
	if (room >= 16 && g.ncells <= (u64)round_cells(room / 2) * g.h) {
		g.cols = 2;
		g.w = round_cells(room / 2);
	}
	set_shown(&g, p, g.pages_per_cell * page);
	return g;
}

bool tui_grid_hit(const struct tui *t, unsigned x, unsigned y, u64 *ret)
{
	struct grid_shape g = tui_grid_shape(t);
	u64 n, cell;

	if (!g.ncells || x < g.left || y < g.top || y - g.top >= g.h ||
	    (x - g.left) / g.cols >= g.w)
		return false;
	cell = g.pages_per_cell * t->snap->space.host.page_size;
	n = (u64)(y - g.top) * g.w + (x - g.left) / g.cols;
	if (n > (g.shown.last - g.shown.first) / cell)
		return false;
	*ret = g.shown.first + n * cell;
	return true;
}

/* --- what stands around the cells ------------------------------------------------------------- */

/** Parts of the title as they stand, and which of them go first where there is no room. */
enum part {
	PART_RANGE,
	PART_CELL,
	PART_READING,
	PART_BY,
	PART_EVERY,
	PART_FROM,
	PART_RISING,
	PARTS
};

static const enum part part_goes[] = { PART_RISING, PART_FROM,	PART_EVERY,
				       PART_CELL,   PART_RANGE, PART_READING };

/** All parts one after the other; the colouring is never left out. */
static void join_parts(struct buf *out, struct buf parts[PARTS], unsigned w)
{
	for (size_t gone = 0;; gone++) {
		buf_clear(out);
		for (unsigned i = 0; i < PARTS; i++)
			if (parts[i].len)
				buf_addf(out, "%s%.*s", out->len ? "; " : "", (int)parts[i].len,
					 parts[i].p);
		if (out->len <= w || gone == ARRAY_SIZE(part_goes))
			return;
		buf_clear(&parts[part_goes[gone]]);
	}
}

static void put_title(const struct tui *t, const struct pane *p, const struct grid_shape *g,
		      bool reading)
{
	const struct grid *grid = &t->snap->grid;
	u64 page = t->snap->space.host.page_size;
	struct range all = tui_place(t)->r;
	struct buf b = { 0 }, parts[PARTS] = { 0 };
	char size[SIZE_TEXT_MAX];

	size_text(size, g->pages_per_cell * page);
	where_range(&parts[PART_RANGE], g->shown);
	buf_addf(&parts[PART_CELL], "cell: %llu page%s, %s", (unsigned long long)g->pages_per_cell,
		 g->pages_per_cell == 1 ? "" : "s", size);
	if (reading)
		buf_addstr(&parts[PART_READING], "reading");
	buf_addstr(&parts[PART_BY], "by ");
	grid_by_words(t, &parts[PART_BY]);
	if (!reading && grid->every > 1)
		buf_addf(&parts[PART_EVERY], "one page in %llu looked at",
			 (unsigned long long)grid->every);
	if (g->shown.first != all.first || g->shown.last != all.last)
		buf_addf(&parts[PART_FROM], "from %.3g%% on",
			 100.0 * (double)(g->shown.first - all.first) /
				 (double)(all.last - all.first));
	buf_addstr(&parts[PART_RISING], "rising right and down");
	join_parts(&b, parts, p->w);
	pane_text(p, 0, 0, p->w, STYLE_NOTE, b.p, b.len, ELIDE_END);
	for (unsigned i = 0; i < PARTS; i++)
		buf_release(&parts[i]);
	buf_release(&b);
}

/** What to add to the address of a line, above its cells. */
static void put_ruler(const struct pane *p, const struct grid_shape *g, u64 cell)
{
	unsigned step = 8;

	while (step * g->cols < hex_digits((u64)g->w * cell) + 2)
		step *= 2;
	for (unsigned i = 0; i < g->w; i += step)
		pane_printf(p, g->left + i * g->cols, 1, STYLE_DIM, "+%llx",
			    (unsigned long long)(i * cell));
}

/** Without a pane of details: the selected cell and the legend, a line each. */
static void put_foot(const struct tui *t, const struct pane *p, const struct grid_shape *g)
{
	struct pane line = pane_part(p, 0, g->top + g->h, p->w, 1);

	if (!g->foot)
		return;
	draw_cell_detail(t, &line);
	line = pane_part(p, 0, g->top + g->h + 1, p->w, 1);
	draw_grid_legend(t, &line);
}

/* --- drawing ---------------------------------------------------------------------------------- */

/** A block fills both columns of a wide cell, a letter stands in the first. */
static void put_cell(const struct pane *p, const struct grid_shape *g, unsigned x, unsigned y,
		     unsigned style, const char *text)
{
	pane_put(p, x, y, style, text);
	if (g->cols == 2 && (u8)*text >= 0x80 && strcmp(text, "·") != 0)
		pane_put(p, x + 1, y, style, text);
}

struct grid_drawing {
	const struct pane *p;
	const struct grid_shape *g;
	struct grid_scene scene;
	bool reading;
};

static void draw_line(struct grid_drawing *d, unsigned y, u64 line)
{
	const struct grid_shape *g = d->g;
	u64 cell = d->scene.cell, at = tui_place(d->scene.t)->at;
	u64 mask = g->digits < 16 ? (UINT64_C(1) << 4 * g->digits) - 1 : UINT64_MAX;

	pane_printf(d->p, 0, g->top + y, STYLE_DIM, "%0*llx", (int)g->digits,
		    (unsigned long long)(line & mask));
	for (unsigned i = 0; i < g->w && i <= (g->shown.last - line) / cell; i++) {
		u64 addr = line + i * cell;
		unsigned x = g->left + i * g->cols;
		const struct grid_cell *c = grid_cell(&d->scene, addr);
		bool selected = at >= addr && at - addr < cell;
		struct grid_look look = { " ", STYLE_PLAIN, 0 };

		if (c)
			look = grid_look(&d->scene, c, addr);
		if (c && selected)
			grid_letter(&d->scene, c, &look);
		put_cell(d->p, g, x, g->top + y, look.style, look.text);
		if (selected)
			pane_attr(d->p, x, g->top + y, g->cols, CELL_SELECTED);
		d->reading |= !c;
	}
}

static void draw_refused(const struct pane *p, const struct grid_shape *g, const char *why)
{
	struct pane rest = pane_part(p, g->left, g->top, p->w, g->h);
	size_t len = strlen(why), next;

	for (unsigned y = 1; len && y < rest.h; y++) {
		size_t n = text_wrap(why, len, rest.w, &next);

		pane_text(&rest, 0, y, rest.w, STYLE_WARN, why, n, ELIDE_END);
		why += next;
		len -= next;
	}
}

void draw_grid(const struct tui *t, const struct pane *p)
{
	struct grid_shape g = tui_grid_shape(t);
	struct grid_drawing d = { .p = p, .g = &g };
	bool refused;

	if (!g.ncells)
		return;
	refused = t->snap->grid.refused && !t->snap->grid.ncells;
	grid_scene_init(&d.scene, t, &g);
	for (unsigned y = 0; y < g.h; y++) {
		u64 by = (u64)y * g.w * d.scene.cell;

		if (by > g.shown.last - g.shown.first)
			break;
		draw_line(&d, y, g.shown.first + by);
	}
	if (g.top)
		put_title(t, p, &g, d.reading && !refused);
	if (g.top > 1)
		put_ruler(p, &g, d.scene.cell);
	if (refused)
		draw_refused(p, &g, t->snap->grid.refused);
	grid_scene_release(&d.scene);
	put_foot(t, p, &g);
}
