/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the cells of a grid look like, by what they are coloured by, and the legend of that. */
#include <stdlib.h>
#include <string.h>

#include "../render/bar.h"
#include "grid.h"
#include "where.h"

/** Keys of the legend: states come first, what other looks tell begins here. */
#define KEY_OTHER 16
#define KEYS	  64

/* --- the scene -------------------------------------------------------------------------------- */

/** The cgroups of the cells on the screen, in the order in which they are met. */
static void find_cgroups(struct grid_scene *s)
{
	for (size_t i = 0; i < s->g->ncells && s->ncgroups < GRID_CGROUPS; i++) {
		u64 id = s->g->cells[i].cgroup;
		size_t k = 0;

		while (k < s->ncgroups && s->cgroups[k] != id)
			k++;
		if (id && k == s->ncgroups)
			s->cgroups[s->ncgroups++] = id;
	}
}

void grid_scene_init(struct grid_scene *s, const struct tui *t, const struct grid_shape *shape)
{
	*s = (struct grid_scene){ .t = t,
				  .g = &t->snap->grid,
				  .cell = shape->pages_per_cell * t->snap->space.host.page_size,
				  .shown = shape->shown,
				  .letters = t->ascii || t->mono };
	if (t->grid_by == GRID_CGROUP)
		find_cgroups(s);
	if (t->grid_by == GRID_CHANGE && t->mark)
		s->nruns = changed_runs(t->mark, t->snap, shape->shown, &s->runs);
}

void grid_scene_release(struct grid_scene *s)
{
	free(s->runs);
}

const struct grid_cell *grid_cell(const struct grid_scene *s, u64 addr)
{
	const struct grid *g = s->g;
	u64 by = addr - g->r.first;

	if (!g->ncells || !s->cell || !range_has(g->r, addr) || by % s->cell ||
	    g->pages_per_cell * s->t->snap->space.host.page_size != s->cell)
		return NULL;
	return by / s->cell < g->ncells ? &g->cells[by / s->cell] : NULL;
}

/* --- looks ------------------------------------------------------------------------------------ */

static struct grid_look look(const char *text, unsigned style, unsigned key)
{
	struct grid_look l = { .style = style, .key = (u8)MIN(key, KEYS - 1u) };

	memcpy(l.text, text, MIN(strlen(text), sizeof(l.text) - 1));
	return l;
}

static struct grid_look other(char letter, unsigned style, unsigned key)
{
	return look((char[]){ letter, '\0' }, style, KEY_OTHER + key);
}

/** The last entries of each legend but that of states. */
enum { KEY_UNKNOWN = 46, KEY_NONE };

static struct grid_look unknown(void)
{
	return other('?', STYLE_DIM, KEY_UNKNOWN);
}

static const struct bar_look *state_look(const struct grid_scene *s, const struct grid_cell *c)
{
	return s->g->frames ? bar_frame_look(c->state) : bar_state_look(c->state);
}

static struct grid_look by_state(const struct grid_scene *s, const struct grid_cell *c)
{
	const struct bar_look *b = state_look(s, c);

	if (s->letters)
		return look((char[]){ b->ascii, '\0' }, b->style, c->state);
	return look(c->fill > 8 ? b->full : b->half, b->style, c->state);
}

static bool has_page(const struct grid_scene *s, const struct grid_cell *c)
{
	if (s->g->frames)
		return c->state != FS_NONE;
	return c->fill && c->state != PS_SWAPPED && c->state != PS_GUARD && c->state != PS_OTHER;
}

static struct grid_look by_flag(const struct grid_cell *c, unsigned bit)
{
	if (!c->have_flags)
		return unknown();
	if (!(c->flags >> bit & 1))
		return other('-', STYLE_DIM, KEY_NONE);
	return c->flags_all >> bit & 1 ? other('#', TSTYLE_SERIES, 0)
				       : other('+', TSTYLE_SERIES + 1, 1);
}

static struct grid_look by_lru(const struct grid_cell *c)
{
	bool referenced;

	if (!c->have_flags)
		return unknown();
	referenced = c->flags >> KPF_REFERENCED & 1;
	if (c->flags >> KPF_UNEVICTABLE & 1)
		return other('u', TSTYLE_SERIES + 3, 4);
	if (!(c->flags >> KPF_LRU & 1))
		return other('-', STYLE_DIM, KEY_NONE);
	if (!(c->flags >> KPF_ACTIVE & 1))
		return referenced ? other('I', TSTYLE_SERIES + 2, 2)
				  : other('i', TSTYLE_SERIES + 2, 3);
	if (!(c->flags_all >> KPF_ACTIVE & 1))
		return other('x', TSTYLE_SERIES + 4, 5);
	return referenced ? other('A', TSTYLE_SERIES + 1, 0) : other('a', TSTYLE_SERIES + 1, 1);
}

static struct grid_look by_node(const struct grid_cell *c)
{
	static const char digits[] = "0123456789abcdefghijklmnopqrst";

	if (c->node == NO_INDEX)
		return unknown();
	if (c->node >= sizeof(digits) - 1)
		return other('+', TSTYLE_SERIES + 7, sizeof(digits) - 1);
	return other(digits[c->node], TSTYLE_SERIES + c->node % 8, c->node);
}

static struct grid_look by_count(const struct grid_cell *c)
{
	if (c->count == COUNT_UNKNOWN)
		return unknown();
	if (c->count < 3)
		return other((char)('0' + c->count), TSTYLE_SERIES + c->count, c->count);
	if (c->count < 8)
		return other((char)('0' + c->count), TSTYLE_SERIES + 3, 3);
	return other('+', TSTYLE_SERIES + 5, 4);
}

static struct grid_look by_cgroup(const struct grid_scene *s, const struct grid_cell *c)
{
	size_t i = 0;

	if (!c->cgroup)
		return unknown();
	while (i < s->ncgroups && s->cgroups[i] != c->cgroup)
		i++;
	if (i == s->ncgroups)
		return other('+', STYLE_PLAIN, GRID_CGROUPS);
	return other((char)('a' + i), TSTYLE_SERIES + (unsigned)i % 8, (unsigned)i);
}

/** What happened to most of those pages of a cell to which anything did. */
static char cell_change(struct grid_scene *s, u64 addr)
{
	u64 page = s->t->snap->space.host.page_size, last = addr + (s->cell - 1), n[128] = { 0 };
	char most = 0;

	for (; s->run < s->nruns; s->run++) {
		const struct changed_run *r = &s->runs[s->run];
		u64 run_last = r->addr + (r->n * page - 1), from, to;

		if (run_last < addr)
			continue;
		if (r->addr > last)
			break;
		from = MAX(r->addr, addr);
		to = MIN(run_last, last);
		n[r->what & 127] += (to - from) / page + 1;
		if (n[r->what & 127] > n[most & 127] || !most)
			most = r->what;
		if (run_last > last)
			break;
	}
	return most;
}

static const struct change_look {
	char what, letter;
	unsigned style;
} change_looks[] = {
	{ 'n', '+', TSTYLE_NEW },	 { 'g', '-', TSTYLE_GONE },
	{ 'c', 'c', TSTYLE_SERIES + 5 }, { 's', 's', TSTYLE_SERIES + 3 },
	{ 'i', 'i', TSTYLE_SERIES + 2 },
};

static struct grid_look by_change(struct grid_scene *s, u64 addr)
{
	char what = cell_change(s, addr);

	if (!s->t->mark || !s->t->mark->pages.have || !s->t->snap->pages.have)
		return unknown();
	for (unsigned i = 0; i < ARRAY_SIZE(change_looks); i++)
		if (change_looks[i].what == what)
			return other(change_looks[i].letter, change_looks[i].style, i);
	return look(s->t->ascii ? "." : "·", STYLE_DIM, KEY_OTHER + KEY_NONE);
}

struct grid_look grid_look(struct grid_scene *s, const struct grid_cell *c, u64 addr)
{
	if (s->t->grid_by == GRID_CHANGE)
		return by_change(s, addr);
	if (s->t->grid_by == GRID_STATE || !has_page(s, c))
		return by_state(s, c);
	switch (s->t->grid_by) {
	case GRID_FLAG:
		return by_flag(c, s->t->grid_flag);
	case GRID_LRU:
		return by_lru(c);
	case GRID_NODE:
		return by_node(c);
	case GRID_COUNT:
		return by_count(c);
	default:
		return by_cgroup(s, c);
	}
}

void grid_letter(const struct grid_scene *s, const struct grid_cell *c, struct grid_look *look)
{
	if (look->key < KEY_OTHER && (u8)look->text[0] >= 0x80) {
		look->text[0] = state_look(s, c)->ascii;
		look->text[1] = '\0';
	}
}

/* --- in words --------------------------------------------------------------------------------- */

void grid_by_words(const struct tui *t, struct buf *out)
{
	static const char *const words[GRID_NBY] = {
		[GRID_STATE] = "state",
		[GRID_FLAG] = "frame flag ",
		[GRID_LRU] = "LRU list",
		[GRID_NODE] = "NUMA node",
		[GRID_COUNT] = "map count",
		[GRID_CGROUP] = "memory cgroup",
		[GRID_CHANGE] = "change since the mark",
	};

	buf_addstr(out, words[t->grid_by]);
	if (t->grid_by == GRID_FLAG && kpf_name(t->grid_flag))
		buf_addstr(out, kpf_name(t->grid_flag));
	else if (t->grid_by == GRID_FLAG)
		buf_addf(out, "%u", t->grid_flag);
}

void tui_grid_next_flag(struct tui *t)
{
	const struct grid *g = &t->snap->grid;
	u64 met = 0;

	if (t->grid_by != GRID_FLAG) {
		t->grid_by = GRID_FLAG;
		return;
	}
	for (size_t i = 0; i < g->ncells; i++)
		if (g->cells[i].have_flags)
			met |= g->cells[i].flags;
	/* While nothing is read any flag that has a name will do. */
	for (unsigned n = 0; n < 64; n++) {
		t->grid_flag = (t->grid_flag + 1) % 64;
		if (met ? met >> t->grid_flag & 1 : kpf_name(t->grid_flag) != NULL)
			return;
	}
}

static void cgroup_words(const struct grid_scene *s, size_t i, struct buf *out)
{
	const char *path =
		i < s->ncgroups ? places_memcg(&s->t->snap->places, s->cgroups[i]) : "others";

	if (path)
		buf_addstr(out, path);
	else
		buf_addf(out, "inode %llu", (unsigned long long)s->cgroups[i]);
}

/** What would tell. */
static const char *unknown_words(enum grid_by by)
{
	switch (by) {
	case GRID_NODE:
		return "unknown (PFNs need CAP_SYS_ADMIN)";
	case GRID_CGROUP:
		return "none, or unknown (kpagecgroup)";
	case GRID_CHANGE:
		return "not compared with a mark";
	default:
		return "unknown (kpageflags, kpagecount need root)";
	}
}

static void other_words(const struct grid_scene *s, unsigned key, struct buf *out)
{
	static const char *const flag[] = { "all have it", "some do" };
	static const char *const lru[] = { "active, used lately",   "active",
					   "inactive, used lately", "inactive",
					   "unevictable",	    "active and not" };
	static const char *const count[] = { "not mapped", "once", "twice", "3 to 7 times",
					     "8 and more" };
	enum grid_by by = s->t->grid_by;

	if (key == KEY_UNKNOWN)
		buf_addstr(out, unknown_words(by));
	else if (key == KEY_NONE)
		buf_addstr(out, by == GRID_FLAG	 ? "without it"
				: by == GRID_LRU ? "on no list"
						 : "unchanged");
	else if (by == GRID_FLAG)
		buf_addstr(out, flag[MIN(key, ARRAY_SIZE(flag) - 1)]);
	else if (by == GRID_LRU)
		buf_addstr(out, lru[MIN(key, ARRAY_SIZE(lru) - 1)]);
	else if (by == GRID_COUNT)
		buf_addstr(out, count[MIN(key, ARRAY_SIZE(count) - 1)]);
	else if (by == GRID_NODE)
		buf_addf(out, "node %u", key);
	else if (by == GRID_CHANGE)
		buf_addstr(out, where_change_words(
					change_looks[MIN(key, ARRAY_SIZE(change_looks) - 1)].what));
	else
		cgroup_words(s, key, out);
}

static void key_words(const struct grid_scene *s, unsigned key, struct buf *out)
{
	if (key >= KEY_OTHER)
		other_words(s, key - KEY_OTHER, out);
	else if (s->g->frames)
		buf_addstr(out, frame_state_name((enum frame_state)key));
	else
		buf_addstr(out, page_state_name((enum page_state)key));
}

/* --- the legend ------------------------------------------------------------------------------- */

/** Where the next entry goes. */
struct legend {
	const struct pane *p;
	unsigned x, y;
};

static void put_entry(struct legend *l, const struct grid_look *k, u64 n, const struct buf *words)
{
	char count[24];
	unsigned need;

	count[format_dec(count, n)] = '\0';
	need = 2 + (unsigned)text_width(words->p, words->len) + 1 + (unsigned)strlen(count);
	if (l->x && l->x + need > l->p->w) {
		l->x = 0;
		l->y++;
	}
	pane_put(l->p, l->x, l->y, k->style, k->text);
	l->x += 2;
	if (l->x < l->p->w)
		l->x += pane_text(l->p, l->x, l->y, l->p->w - l->x, STYLE_PLAIN, words->p,
				  words->len, ELIDE_START);
	l->x += 1 + pane_put(l->p, l->x + 1, l->y, STYLE_DIM, count) + 2;
}

/** How often each look is on the screen; how many cells that are there. */
static u64 count_looks(struct grid_scene *s, struct grid_look sample[KEYS], u64 n[KEYS])
{
	u64 cells = 0;

	for (u64 i = 0; i <= (s->shown.last - s->shown.first) / s->cell; i++) {
		u64 addr = s->shown.first + i * s->cell;
		const struct grid_cell *c = grid_cell(s, addr);
		struct grid_look l;

		if (!c)
			continue;
		l = grid_look(s, c, addr);
		/* Of the two glyphs a state may have that of the fuller cells is its sample. */
		if (!n[l.key]++ || c->fill > 8)
			sample[l.key] = l;
		cells++;
	}
	return cells;
}

unsigned draw_grid_legend(const struct tui *t, const struct pane *p)
{
	struct grid_shape shape = tui_grid_shape(t);
	struct grid_look sample[KEYS];
	u64 n[KEYS] = { 0 };
	struct legend l = { p, 0, 0 };
	struct grid_scene s;
	struct buf b = { 0 };

	if (!shape.ncells)
		return 0;
	grid_scene_init(&s, t, &shape);
	/* Of a cell of several pages it is not known how many are in the state it shows. */
	if (count_looks(&s, sample, n))
		l.x = 1 +
		      pane_put(p, 0, 0, STYLE_DIM, shape.pages_per_cell > 1 ? "cells:" : "pages:");
	for (unsigned k = 0; k < KEYS && l.y < p->h; k++) {
		if (!n[k])
			continue;
		key_words(&s, k, &b);
		put_entry(&l, &sample[k], n[k], &b);
		buf_clear(&b);
	}
	if (t->grid_by == GRID_CHANGE && !t->mark && l.y + 1 < p->h) {
		pane_put(p, 0, l.y + 1, STYLE_NOTE, "no mark is set: m sets one");
		l.y++;
	}
	buf_release(&b);
	grid_scene_release(&s);
	return MIN(l.y + (l.x != 0), p->h);
}
