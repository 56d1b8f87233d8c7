/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page grid: its shape at all sizes, what its cells look like, frames in the order of RAM. */
#include <stdlib.h>
#include <string.h>

#include "render/bar.h"
#include "tap.h"
#include "tui/grid.h"

#define PAGE  4096u
#define START UINT64_C(0x7f0000000000)

static struct snapshot *snap;

static struct tui make(unsigned w, unsigned h, struct range r)
{
	struct tui t = { .w = w, .h = h, .snap = snap, .depth = 1 };

	t.path[0] = (struct place){ .level = LEVEL_GRID, .r = r, .at = r.first };
	return t;
}

static struct range pages(u64 first, u64 n)
{
	return (struct range){ first, first + (n * PAGE - 1) };
}

/** Fills the snapshot's grid with what the shape would ask for. */
static struct grid_cell *cells(const struct tui *t)
{
	struct grid_shape g = tui_grid_shape(t);
	struct grid *grid = &snap->grid;

	free(grid->cells);
	*grid = (struct grid){ .r = g.shown, .pages_per_cell = g.pages_per_cell, .every = 1 };
	grid->ncells = (g.shown.last - g.shown.first) / (g.pages_per_cell * PAGE) + 1;
	grid->cells = xcalloc(grid->ncells, sizeof(*grid->cells));
	for (size_t i = 0; i < grid->ncells; i++) {
		grid->cells[i].node = NO_INDEX;
		grid->cells[i].count = COUNT_UNKNOWN;
	}
	return grid->cells;
}

/* --- shape ------------------------------------------------------------------------------------ */

/** What must hold of any shape; the number of things that do not. */
static unsigned check_shape(const struct tui *t)
{
	struct grid_shape g = tui_grid_shape(t);
	struct tui_layout l = tui_layout(t->w, t->h);
	const struct place *p = tui_place(t);
	u64 cell = g.pages_per_cell * PAGE, n, at;
	unsigned bad = 0;

	bad += g.left + g.w * g.cols > l.main.w || g.top + g.h + g.foot > l.main.h;
	bad += !g.w || !g.h || !cell || (g.pages_per_cell & (g.pages_per_cell - 1));
	bad += !range_inside(g.shown, p->r) || !range_has(g.shown, p->at);
	bad += (g.shown.first - p->r.first) % cell != 0;
	n = (g.shown.last - g.shown.first) / cell + 1;
	bad += n > (u64)g.w * g.h;
	bad += !p->unit && !(g.shown.first == p->r.first && g.shown.last == p->r.last);
	bad += !p->unit && g.ncells != n;
	/* The cells that a click hits are those that are shown. */
	bad += !tui_grid_hit(t, g.left, g.top, &at) || at != g.shown.first;
	bad += g.left && tui_grid_hit(t, g.left - 1, g.top, &at);
	n--;
	bad += !tui_grid_hit(t, g.left + (unsigned)(n % g.w) * g.cols, g.top + (unsigned)(n / g.w),
			     &at) ||
	       at != g.shown.first + n * cell;
	return bad;
}

static void test_shape(void)
{
	static const struct {
		u64 first, n;
	} ranges[] = {
		{ START, 1 },
		{ START + 5 * PAGE, 7 },
		{ START, 1000 },
		{ START, 12345 },
		{ 0, UINT64_C(1) << 35 },
		{ UINT64_C(0xffffffffff600000), 1 },
		{ UINT64_C(0xffff800000000000), UINT64_C(1) << 35 },
	};
	unsigned bad = 0, zoomed = 0;

	for (unsigned w = 40; w < 220; w += 3)
		for (unsigned h = 10; h < 70; h += 7)
			for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
				struct tui t = make(w, h, pages(ranges[i].first, ranges[i].n));

				bad += check_shape(&t);
				t.path[0].unit = 1;
				zoomed += check_shape(&t);
				t.path[0].at = t.path[0].r.last - (PAGE - 1);
				zoomed += check_shape(&t);
				t.path[0].unit = 64;
				t.path[0].at = t.path[0].r.first + ranges[i].n / 64 / 2 * 64 * PAGE;
				zoomed += check_shape(&t);
			}
	IS(bad, 0);
	IS(zoomed, 0);
}

/** Within a screen the selection moves, not the screen. */
static void test_scroll(void)
{
	struct tui t = make(120, 40, pages(START, 1 << 20));
	struct grid_shape g, next;

	t.path[0].unit = 1;
	g = tui_grid_shape(&t);
	IS(g.shown.first, START);
	t.path[0].at = g.shown.last - (PAGE - 1);
	next = tui_grid_shape(&t);
	IS(next.shown.first, START);
	t.path[0].at += PAGE;
	next = tui_grid_shape(&t);
	IS(next.shown.first, START + (u64)g.w * g.h * PAGE);
	t.path[0].at = t.path[0].r.last - (PAGE - 1);
	next = tui_grid_shape(&t);
	IS(next.shown.last, t.path[0].r.last);
	IS((next.shown.last - next.shown.first + 1) / PAGE,
	   (u64)g.w * g.h - (g.w - (1 << 20) % g.w) % g.w);
}

/* --- looks ------------------------------------------------------------------------------------ */

static char look_at(const struct tui *t, size_t i)
{
	struct grid_shape g = tui_grid_shape(t);
	struct grid_scene s;
	struct grid_look l;

	grid_scene_init(&s, t, &g);
	l = grid_look(&s, &snap->grid.cells[i], g.shown.first + i * s.cell);
	grid_scene_release(&s);
	return l.text[0];
}

static void test_letters(void)
{
	struct tui t = make(80, 24, pages(START, 64));
	struct grid_cell *c = cells(&t);
	unsigned same = 0;

	t.mono = true;
	for (unsigned st = 0; st < PS_NSTATES; st++) {
		c[st].state = (u8)st;
		c[st].fill = st == PS_ABSENT || st == PS_GUARD ? 0 : 15;
	}
	for (unsigned a = 0; a < PS_NSTATES; a++)
		for (unsigned b = 0; b < a; b++)
			same += look_at(&t, a) == look_at(&t, b);
	IS(same, 0);
	IS(look_at(&t, PS_ANON), bar_state_look(PS_ANON)->ascii);
}

static void test_by(void)
{
	struct tui t = make(80, 24, pages(START, 64));
	struct grid_cell *c = cells(&t);

	t.ascii = true;
	for (unsigned i = 1; i < 8; i++)
		c[i] = (struct grid_cell){ .state = PS_ANON,
					   .fill = 15,
					   .node = i,
					   .count = i * 2 - 2,
					   .have_flags = true,
					   .flags = UINT64_C(1) << KPF_LRU,
					   .flags_all = UINT64_C(1) << KPF_LRU,
					   .cgroup = 100 + i % 2 };
	/* What is not known is '?', what has no page shows why. */
	c[8] = (struct grid_cell){
		.state = PS_ANON, .fill = 15, .node = NO_INDEX, .count = COUNT_UNKNOWN
	};
	c[9] = (struct grid_cell){
		.state = PS_SWAPPED, .fill = 15, .node = NO_INDEX, .count = COUNT_UNKNOWN
	};
	c[2].flags |= UINT64_C(1) << KPF_ACTIVE;
	c[2].flags_all |= UINT64_C(1) << KPF_ACTIVE;
	c[3].flags |= UINT64_C(1) << KPF_ACTIVE;
	c[4].flags |= UINT64_C(1) << KPF_UNEVICTABLE;
	c[5].flags = c[5].flags_all = 0;
	c[6].flags |= UINT64_C(1) << KPF_REFERENCED;

	for (unsigned by = GRID_FLAG; by < GRID_CHANGE; by++) {
		t.grid_by = (enum grid_by)by;
		IS(look_at(&t, 0), '.');
		IS(look_at(&t, 8), '?');
		IS(look_at(&t, 9), 'S');
	}
	t.grid_by = GRID_LRU;
	IS(look_at(&t, 1), 'i');
	IS(look_at(&t, 2), 'a');
	IS(look_at(&t, 3), 'x');
	IS(look_at(&t, 4), 'u');
	IS(look_at(&t, 5), '-');
	IS(look_at(&t, 6), 'I');
	t.grid_by = GRID_COUNT;
	IS(look_at(&t, 1), '0');
	IS(look_at(&t, 2), '2');
	IS(look_at(&t, 4), '6');
	IS(look_at(&t, 5), '+');
	t.grid_by = GRID_NODE;
	IS(look_at(&t, 7), '7');
	t.grid_by = GRID_CGROUP;
	IS(look_at(&t, 1), 'a');
	IS(look_at(&t, 2), 'b');
	IS(look_at(&t, 3), 'a');

	t.grid_by = GRID_STATE;
	tui_grid_next_flag(&t);
	IS(t.grid_by, GRID_FLAG);
	t.grid_flag = KPF_LRU;
	IS(look_at(&t, 1), '#');
	IS(look_at(&t, 5), '-');
	tui_grid_next_flag(&t);
	IS(t.grid_flag, KPF_ACTIVE);
	IS(look_at(&t, 3), '+');
	tui_grid_next_flag(&t);
	IS(t.grid_flag, KPF_UNEVICTABLE);
	tui_grid_next_flag(&t);
	IS(t.grid_flag, KPF_REFERENCED);
}

static void add_run(struct snapshot *s, u64 page, u32 n, enum page_state st, bool copied)
{
	struct page_states *p = &s->pages;

	GROW(p->runs, p->nruns, p->cap_runs);
	p->runs[p->nruns++] = (struct state_run){ START + page * PAGE, n, (u8)st, copied };
	p->have = true;
}

/** A cell of several pages tells what happened to most of those that changed. */
static void test_changes(void)
{
	struct snapshot *mark = snapshot_new();
	struct tui t = make(80, 24, pages(START, 64));

	mark->space.host.page_size = PAGE;
	t.ascii = true;
	t.grid_by = GRID_CHANGE;
	t.path[0].unit = 8;
	cells(&t);
	IS(look_at(&t, 0), '?');
	add_run(mark, 8, 8, PS_FILE, false);
	add_run(mark, 32, 1, PS_ANON, false);
	add_run(snap, 8, 3, PS_FILE, false);
	add_run(snap, 11, 1, PS_ANON, true);
	add_run(snap, 12, 4, PS_FILE, false);
	add_run(snap, 20, 14, PS_ANON, false);
	t.mark = mark;
	IS(look_at(&t, 0), '.');
	IS(look_at(&t, 1), 'c');
	IS(look_at(&t, 2), '+');
	IS(look_at(&t, 3), '+');
	IS(look_at(&t, 4), '+');
	IS(look_at(&t, 5), '.');
	snapshot_free(mark);
	free(snap->pages.runs);
	snap->pages = (struct page_states){ 0 };
}

/** A grid of another want shows nothing wrong. */
static void test_older(void)
{
	struct tui t = make(80, 24, pages(START, 4096));
	struct grid_shape g;
	struct grid_scene s;

	t.path[0].unit = 1;
	cells(&t);
	g = tui_grid_shape(&t);
	grid_scene_init(&s, &t, &g);
	OK(grid_cell(&s, START) == &snap->grid.cells[0]);
	OK(grid_cell(&s, START + PAGE) == &snap->grid.cells[1]);
	OK(!grid_cell(&s, START - PAGE));
	OK(!grid_cell(&s, snap->grid.r.last + 1));
	grid_scene_release(&s);
	t.path[0].unit = 4;
	g = tui_grid_shape(&t);
	grid_scene_init(&s, &t, &g);
	OK(!grid_cell(&s, START));
	grid_scene_release(&s);
	/* Cells of the same size that begin elsewhere hold other pages. */
	cells(&t);
	grid_scene_init(&s, &t, &g);
	OK(grid_cell(&s, START + 4 * PAGE) == &snap->grid.cells[1]);
	snap->grid.r.first += PAGE;
	OK(!grid_cell(&s, START + 4 * PAGE));
	grid_scene_release(&s);
	snap->grid.pages_per_cell = 0;
	grid_scene_init(&s, &t, &g);
	OK(!grid_cell(&s, START));
	grid_scene_release(&s);
}

/* --- frames ----------------------------------------------------------------------------------- */

static void test_frames(void)
{
	struct tui t = make(80, 24, pages(START, 64));
	struct grid_cell *c = cells(&t);
	static const u64 pfn[] = { 50, 0, 7, 51, 9 };
	u64 at;

	OK(!tui_next_frame(&t, 1, &at));
	for (unsigned i = 0; i < 5; i++)
		c[i].pm = pfn[i] ? PM_PRESENT | pfn[i] : 0;
	/* The first page has PFN 50: 51 is next, 9 is before. */
	OK(tui_next_frame(&t, 1, &at));
	IS(at, START + 3 * PAGE);
	OK(tui_next_frame(&t, -1, &at));
	IS(at, START + 4 * PAGE);
	t.path[0].at = START + 3 * PAGE;
	OK(!tui_next_frame(&t, 1, &at));
	t.path[0].at = START + 2 * PAGE;
	OK(!tui_next_frame(&t, -1, &at));
	/* From a page without a frame to the ends. */
	t.path[0].at = START + PAGE;
	OK(tui_next_frame(&t, 1, &at));
	IS(at, START + 2 * PAGE);
	OK(tui_next_frame(&t, -1, &at));
	IS(at, START + 3 * PAGE);
	/* Masked PFNs are no order. */
	for (unsigned i = 0; i < 5; i++)
		c[i].pm = PM_PRESENT;
	OK(!tui_next_frame(&t, 1, &at));
}

int main(void)
{
	snap = snapshot_new();
	snap->space.host.page_size = PAGE;
	test_shape();
	test_scroll();
	test_letters();
	test_by();
	test_changes();
	test_older();
	test_frames();
	snapshot_free(snap);
	return tap_done();
}
