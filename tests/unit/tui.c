/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The browser's state: panes, keys, places, the selection, what is wanted. */
#include <locale.h>
#include <stdlib.h>

#include "demo_stage.h"
#include "tui/columns.h"

#define HEAP   0x55d0e4f10000
#define STACK  0x7ffcfb41b000
#define LIBC_R 0x7f4b20400000

static void mouse(unsigned what, unsigned x, unsigned y)
{
	struct mouse m = { .x = x, .y = y, .what = what };

	stage_do(&s, tui_mouse(&s.t, &m));
}

static void refresh(void)
{
	stage_do(&s, stage_read(&s));
}

static struct want want(void)
{
	struct want ret;

	tui_want(&s.t, &ret);
	return ret;
}

/** The first address of the selected row; 1 when there is none. */
static u64 row(void)
{
	return s.t.nitems ? s.t.items[s.t.cur].r.first : 1;
}

/* --- panes and keys --------------------------------------------------------------------------- */

static void test_layout(void)
{
	unsigned bad = 0;

	for (unsigned width = 0; width <= 250; width++)
		for (unsigned height = 0; height <= 80; height++) {
			const char *fault = layout_fault(width, height);

			if (fault && !bad++)
				printf("# %ux%u: %s\n", width, height, fault);
		}
	IS(bad, 0);
	IS_STR(layout_fault(1000, 500), NULL);
	OK(tui_layout(39, 10).too_small);
	OK(tui_layout(40, 9).too_small);
	OK(!tui_layout(40, 10).too_small);
	/* What there is room for is there. */
	OK(tui_layout(80, 24).detail.w && tui_layout(80, 24).minimap.w);
	OK(tui_layout(200, 60).detail.w && tui_layout(200, 60).detail.y == 1);
}

/** Every size draws soundly at every level. */
static void test_draw_sizes(void)
{
	static const char *const paths[] = { "", "\x1b", "G", ":heap",
					     ":7f4b20426000-7f4b20500000" };
	unsigned bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		start(80, 24);
		if (*paths[i] == ':') {
			keys(paths[i]);
			key(KEYS_ENTER);
			key(KEYS_ENTER);
		} else {
			key(*paths[i] == '\x1b' ? KEYS_ESC : *paths[i]);
		}
		for (unsigned width = 1; width <= 210; width += 7)
			for (unsigned height = 1; height <= 64; height += 3) {
				const char *fault;

				stage_resize(&s, width, height);
				fault = stage_draw(&s);
				if (fault && !bad++)
					printf("# %ux%u at level %d: %s\n", width, height,
					       tui_place(&s.t)->level, fault);
			}
		end();
	}
	IS(bad, 0);
}

static bool same_place(const struct key_def *a, const struct key_def *b)
{
	return !a->places || !b->places || (a->places & b->places);
}

static void test_key_table(void)
{
	unsigned twice = 0, unhelped = 0, wide = 0, lost = 0;

	for (size_t i = 0; i < nkeys; i++) {
		const struct key_def *k = &key_table[i];

		for (size_t j = 0; j < i; j++)
			twice += key_table[j].key == k->key && same_place(k, &key_table[j]);
		/* Without words of its own it is another key for what stands before it. */
		unhelped += !k->help && (!i || key_table[i - 1].action != k->action);
		unhelped += !k->name || !*k->name;
		/* The help gives it two lines of 80 columns. */
		if (k->help && text_width(k->help, strlen(k->help)) > 2 * (80 - 13) && ++wide)
			printf("# \"%s\" is too wide for the help\n", k->help);
		wide += k->menu && text_width(k->menu, strlen(k->menu)) > 9;
		for (unsigned place = 0; place < KEY_PLACES; place++)
			lost += (!k->places || k->places >> place & 1) &&
				key_action(k->key, place) != k->action;
	}
	IS(twice, 0);
	IS(unhelped, 0);
	IS(wide, 0);
	IS(lost, 0);
	IS(key_action(0x3b1, LEVEL_HALF), ACT_NONE);
	/* The ways out are everywhere. */
	for (unsigned place = 0; place < KEY_PLACES; place++) {
		bool picker = PICKER_PLACES >> place & 1;

		IS(key_action(picker ? 3 : 'q', place), ACT_QUIT);
		IS(key_action('?', place), place == PICKER_TYPED ? ACT_TYPE : ACT_HELP);
		IS(key_action(KEYS_ESC, place), ACT_OUT);
	}
}

static void test_column_table(void)
{
	unsigned bad = 0;

	OK(ncolumns <= 64);
	for (size_t i = 0; i < ncolumns; i++) {
		const struct column_def *c = &columns[i];

		bad += !c->name || !*c->name || !c->help || !*c->help || !c->levels;
		/* Without a width it is something to sort by. */
		bad += c->width && c->width < strlen(c->name);
		bad += c->kind == COLUMN_TEXT ? !c->text : !c->figure;
	}
	IS(bad, 0);
}

/* --- places ----------------------------------------------------------------------------------- */

static void test_places(void)
{
	start(100, 30);
	IS(s.t.depth, 2);
	IS(s.t.path[0].level, LEVEL_SPACE);
	IS(tui_place(&s.t)->level, LEVEL_HALF);
	OK(!tui_place(&s.t)->kernel);
	keys(":libc");
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_OBJECT);
	IS(tui_place(&s.t)->r.first, LIBC_R);
	IS(s.t.nitems, 6);
	key(KEYS_HOME);
	key(KEYS_DOWN);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	IS(tui_place(&s.t)->r.first, 0x7f4b205d2000);
	IS(s.t.depth, 4);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_PAGE);
	IS(tui_place(&s.t)->at, 0x7f4b205d2000);
	key(KEYS_RIGHT);
	IS(tui_place(&s.t)->at, 0x7f4b205d3000);
	/* Not beyond the mapping. */
	key(KEYS_RIGHT);
	IS(tui_place(&s.t)->at, 0x7f4b205d3000);
	key(KEYS_ESC);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	IS(tui_place(&s.t)->at, 0x7f4b205d3000);
	key(KEYS_ESC);
	IS(row(), 0x7f4b205d2000);
	key(KEYS_ESC);
	IS(tui_place(&s.t)->level, LEVEL_HALF);
	IS(row(), LIBC_R);
	key(KEYS_ESC);
	IS(tui_place(&s.t)->level, LEVEL_SPACE);
	IS(row(), 0);
	/* There is nothing outside of it. */
	key(KEYS_ESC);
	IS(s.t.depth, 1);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_HALF);
	end();
}

/** Going out selects what one came from, going in again finds it as it was. */
static void test_again(void)
{
	start(100, 30);
	/* At first the highest mapping of the process, not the gap above it. */
	IS(row(), STACK);
	keys(":heap");
	key(KEYS_ENTER);
	key(KEYS_ESC);
	IS(tui_place(&s.t)->level, LEVEL_SPACE);
	IS(row(), 0);
	key(KEYS_ENTER);
	IS(row(), HEAP);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	key(KEYS_RIGHT);
	key(KEYS_RIGHT);
	key(KEYS_ESC);
	IS(row(), HEAP);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->at, HEAP + 2 * 4096);
	/* A search into the other half: back out to that half. */
	keys("/vmalloc");
	key(KEYS_ENTER);
	OK(tui_place(&s.t)->kernel);
	key(KEYS_ESC);
	IS(tui_place(&s.t)->level, LEVEL_SPACE);
	IS(s.t.items[s.t.cur].index, 1);
	end();
}

static void test_kernel_half(void)
{
	start(100, 30);
	keys(":ffffffff81000000");
	key(KEYS_ENTER);
	OK(tui_place(&s.t)->kernel);
	end();
	start(100, 30);
	key(KEYS_ESC);
	key(KEYS_HOME);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_HALF);
	OK(tui_place(&s.t)->kernel);
	OK(s.t.nitems > 8);
	IS(row(), 0xffffffffff57b000);
	end();
}

/* --- the selection ---------------------------------------------------------------------------- */

static void select_heap(void)
{
	key(KEYS_HOME);
	while (row() != HEAP && s.t.cur + 1 < s.t.nitems)
		key(KEYS_DOWN);
	IS(row(), HEAP);
}

static void test_selection(void)
{
	size_t at;

	start(100, 30);
	select_heap();
	at = s.t.cur;
	/* Something new above it, and it is one row further down. */
	world_add_edit(&w, "map 7f6000000000-7f6000001000 rw-p [anon:new]");
	refresh();
	IS(row(), HEAP);
	IS(s.t.cur, at + 2);
	world_add_edit(&w, "unmap 7f6000000000");
	refresh();
	IS(row(), HEAP);
	IS(s.t.cur, at);
	/* It grows, and is the same row. */
	world_add_edit(&w, "move 55d0e4f10000 55d0e4f10000-55d0e4fc2000");
	refresh();
	IS(row(), HEAP);
	/* It goes: the nearest below it takes its place. */
	world_add_edit(&w, "unmap 55d0e4f10000");
	refresh();
	OK(range_has(s.t.items[s.t.cur].r, HEAP));
	IS(s.t.items[s.t.cur].kind, ITEM_GAP);
	end();
}

/** Chooses what to sort by, by its name. */
static void sort_by(const char *name)
{
	u8 offered[CHOOSER_MAX];
	size_t n;

	key('s');
	n = tui_chooser(&s.t, offered);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(offered[i] == SORT_ADDRESS ? "address" : columns[offered[i]].name,
			    name)) {
			key('a' + (int)i);
			break;
		}
	if (s.t.show_sort)
		key(KEYS_ESC);
}

static u64 figure_of_row(size_t i)
{
	struct fig f = columns[s.t.sort - 1].figure(s.t.snap, &s.t.items[i]);

	return f.have ? f.v : 0;
}

static void test_sort(void)
{
	bool falls = true;
	size_t objects;

	start(100, 30);
	select_heap();
	sort_by("rss");
	OK(s.t.sort != 0);
	for (size_t i = 1; i < s.t.nitems; i++)
		falls &= figure_of_row(i - 1) >= figure_of_row(i);
	OK(falls);
	IS(figure_of_row(0), 180 * MIB);
	/* No gaps among rows that are not in the order of addresses. */
	objects = s.t.nitems;
	IS(objects, s.t.snap->space.nobjects);
	select_heap();
	refresh();
	IS(row(), HEAP);
	key('S');
	IS(row(), HEAP);
	OK(figure_of_row(0) <= figure_of_row(1));
	sort_by("address");
	IS(s.t.sort, 0);
	IS(row(), HEAP);
	OK(s.t.nitems > objects);
	end();
}

static void test_filter(void)
{
	start(100, 30);
	select_heap();
	keys("fswapped > 0");
	key(KEYS_ENTER);
	IS(s.t.nitems, 1);
	IS(row(), HEAP);
	refresh();
	IS(s.t.nitems, 1);
	key('F');
	OK(s.t.nitems > 10);
	IS(row(), HEAP);
	/* What is not of the language changes nothing, and says where. */
	keys("fheap and bogus > 1");
	key(KEYS_ENTER);
	OK(!s.t.filter);
	OK(s.t.message.len || s.t.prompt == PROMPT_FILTER);
	key(KEYS_ESC);
	keys("fname ~ nosuchthing");
	key(KEYS_ENTER);
	IS(s.t.nitems, 0);
	key(KEYS_ENTER);
	key(KEYS_DOWN);
	key('y');
	IS_STR(stage_draw(&s), NULL);
	key('F');
	OK(s.t.nitems > 10);
	end();
}

static const char *message(void)
{
	return s.t.message.len ? s.t.message.p : "";
}

static void test_search(void)
{
	start(100, 30);
	keys("/redis-server");
	key(KEYS_ENTER);
	IS(row(), 0x55d0c4a00000);
	IS_STR(message(), "match 1 of 1: redis-server");
	keys("/.rodata");
	key(KEYS_ENTER);
	IS(row(), 0x7f4b205f6000);
	keys("/no such name anywhere");
	key(KEYS_ENTER);
	OK(s.t.message.len);
	IS(row(), 0x7f4b205f6000);
	end();
}

/** A grid that changes lead to is coloured by them, no other. */
static void test_lent_colours(void)
{
	start(100, 30);
	key('m');
	world_add_edit(&w, "pages 7f4b20426000 3 copied");
	refresh();
	key('d');
	key(KEYS_ENTER);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	IS(s.t.grid_by, GRID_CHANGE);
	keys(":heap");
	key(KEYS_ENTER);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	IS(s.t.grid_by, GRID_STATE);
	end();
}

/* --- what is wanted --------------------------------------------------------------------------- */

static void test_want(void)
{
	struct want v;

	start(100, 30);
	v = want();
	IS(v.pid, 4711);
	OK(!v.kernel && !v.have_page && !v.page_states && !v.kernel_inside);
	IS(v.grid.first | v.grid.last, 0);
	IS(v.interval_ms, s.t.interval_ms);
	key(' ');
	IS(want().interval_ms, 0);
	key(' ');
	IS(want().interval_ms, 1000);
	key('>');
	IS(want().interval_ms, 2000);
	key('<');
	key('<');
	IS(want().interval_ms, 500);
	v = want();
	key('r');
	OK(want().serial != v.serial);
	/* The grid of the heap, and as many cells as there is room for. */
	keys(":heap");
	key(KEYS_ENTER);
	if (tui_place(&s.t)->level != LEVEL_GRID)
		key(KEYS_ENTER);
	v = want();
	IS(v.grid.first, HEAP);
	IS(v.grid.last, 0x55d0e4fb1fff);
	OK(v.grid_cells >= 162);
	OK(!v.grid_flags);
	OK(!v.have_page);
	IS(s.t.snap->grid.ncells, 162);
	IS(s.t.snap->grid.cells[0].state, PS_ANON);
	key(KEYS_ENTER);
	v = want();
	OK(v.have_page && !v.page_bytes);
	IS(v.page, HEAP);
	IS(s.t.snap->page.addr, HEAP);
	key('b');
	OK(want().page_bytes);
	key(KEYS_RIGHT);
	IS(want().page, HEAP + 4096);
	end();
}

static void test_want_picker(void)
{
	start(100, 30);
	world_add_edit(&w, "task 4711 redis rss=4096 : redis-server");
	world_add_edit(&w, "task 12 root kthread=1 : kworker/0:1");
	world_add_edit(&w, "task 900 www rss=8192 err=13 : nginx");
	key('P');
	IS(want().pid, 0);
	OK(!want().kernel);
	IS(tui_place(&s.t)->level, LEVEL_PICKER);
	IS(s.t.snap->state, SNAP_TASKS);
	/* Back to where it was. */
	key(KEYS_ESC);
	IS(want().pid, 4711);
	IS(tui_place(&s.t)->level, LEVEL_HALF);
	key('P');
	/* A text that nothing has; Esc brings all rows back at once. */
	keys("zzz");
	IS(s.t.nitems, 0);
	IS(tui_key(&s.t, KEYS_ENTER), TUI_DRAW);
	IS(s.t.nitems, 0);
	key(KEYS_ESC);
	IS(s.t.nitems, 4);
	IS(tui_place(&s.t)->level, LEVEL_PICKER);
	keys("nginx");
	IS(s.t.nitems, 1);
	key(KEYS_ENTER);
	IS(want().pid, 900);
	end();
}

static u32 picked_pid(void)
{
	const struct item *it = &s.t.items[s.t.cur];

	return it->kind == ITEM_TASK ? (u32)s.t.snap->tasks.v[it->index].pid : 0;
}

/** Every letter filters; editing, choosing, sorting, leaving have keys of their own. */
static void test_picker_types(void)
{
	start(100, 30);
	world_add_edit(&w, "task 4711 redis rss=4096 : redis-server");
	world_add_edit(&w, "task 711 root rss=2048 : quux ?");
	world_add_edit(&w, "task 900 www rss=8192 err=13 : nginx");
	tui_target(&s.t, 0, false);
	stage_do(&s, TUI_WANT);
	IS(s.t.nitems, 4);
	/* By rss; the kernel above all. */
	IS(picked_pid(), 900);
	keys("q");
	OK(!s.quit);
	IS(s.t.nitems, 1);
	IS(picked_pid(), 711);
	keys("uux ?");
	OK(!s.t.show_help);
	IS_STR(s.t.typed.p, "quux ?");
	IS(s.t.nitems, 1);
	key('W' & 31);
	IS_STR(s.t.typed.p, "quux ");
	key('U' & 31);
	IS(s.t.nitems, 4);
	/* Both have these digits; one of them is the PID. */
	keys("711");
	IS(s.t.nitems, 2);
	IS(picked_pid(), 711);
	key(KEYS_UP);
	IS(picked_pid(), 4711);
	key(KEYS_BACKSPACE);
	key(KEYS_BACKSPACE);
	key(KEYS_BACKSPACE);
	key(KEYS_BACKSPACE);
	IS(s.t.nitems, 4);
	OK(!s.quit);
	key(0xfc);
	IS_STR(s.t.typed.p, "\xc3\xbc");
	key(KEYS_BACKSPACE);
	IS(s.t.typed.len, 0);
	key('?');
	OK(s.t.show_help);
	key(KEYS_ESC);
	/* Sorted by rss; pss, then back and on to name and user. */
	key(KEYS_RIGHT);
	IS_STR(columns[s.t.sort - 1].name, "pss");
	key(KEYS_LEFT);
	key(KEYS_LEFT);
	IS_STR(columns[s.t.sort - 1].name, "name");
	IS(s.t.items[1].r.first, 900);
	key(KEYS_TAB);
	IS(s.t.items[1].r.first, 4711);
	key(KEYS_LEFT);
	key(KEYS_LEFT);
	key(KEYS_LEFT);
	IS_STR(columns[s.t.sort - 1].name, "pid");
	keys("x");
	key(KEYS_ESC);
	OK(!s.quit);
	key(KEYS_ESC);
	OK(s.quit);
	end();
}

static void test_mark(void)
{
	start(100, 30);
	key('m');
	OK(s.t.mark != NULL);
	OK(s.t.mark && s.t.mark->pages.have);
	OK(want().page_states);
	IS(s.t.changes.n, 0);
	world_add_edit(&w, "pages 7f4b20426000 3 copied");
	world_add_edit(&w, "map 7f6000000000-7f6000001000 rw-p [anon:new]");
	refresh();
	IS(s.t.changes.n, 2);
	IS(s.t.changes.v[0].kind, CHANGE_PAGES);
	IS(s.t.changes.v[0].copied.v, 3);
	IS(s.t.changes.v[1].kind, CHANGE_NEW);
	/* They stay until the mark goes. */
	refresh();
	IS(s.t.changes.n, 2);
	key('M');
	OK(!s.t.mark);
	refresh();
	IS(s.t.changes.n, 0);
	end();
}

/* --- the minimap ------------------------------------------------------------------------------ */

/** The line of the minimap that is shown as selected; -1 none. */
static int selected_line(void)
{
	struct tui_layout l = tui_layout(s.t.w, s.t.h);

	for (unsigned y = 0; y < l.minimap.h; y++)
		for (unsigned x = 0; x < l.minimap.w; x++)
			if (s.c.cells[(l.minimap.y + y) * s.c.w + l.minimap.x + x].attr &
			    CELL_SELECTED)
				return (int)y;
	return -1;
}

/** Addresses fall from top to bottom, and each goes to the line it came from. */
static void test_minimap(void)
{
	struct tui_layout l;
	unsigned rising = 0, outside = 0;
	u64 before = UINT64_MAX;

	start(100, 40);
	l = tui_layout(100, 40);
	for (unsigned y = 0; y < l.minimap.h; y++) {
		u64 addr = minimap_address(&s.t, l.minimap.h, y);

		rising += addr > before;
		outside += !range_has(s.t.snap->space.user, addr) &&
			   !range_has(s.t.snap->space.kernel, addr) &&
			   addr - s.t.snap->space.user.last >
				   s.t.snap->space.kernel.first - s.t.snap->space.user.last;
		before = addr;
	}
	IS(rising, 0);
	IS(outside, 0);
	IS(minimap_address(&s.t, l.minimap.h, 10000),
	   minimap_address(&s.t, l.minimap.h, l.minimap.h - 1));
	OK(minimap_address(&s.t, 0, 0) != 1);
	/* A click goes there. */
	mouse(MOUSE_PRESS, l.minimap.x + 1, l.minimap.y + 3);
	OK(tui_place(&s.t)->kernel);
	IS_STR(stage_draw(&s), NULL);
	OK(selected_line() >= -1);
	mouse(MOUSE_PRESS, l.minimap.x + 1, l.minimap.y + l.minimap.h - 4);
	OK(!tui_place(&s.t)->kernel);
	end();
}

/* --- the mouse -------------------------------------------------------------------------------- */

static void test_mouse(void)
{
	struct tui_layout l = tui_layout(100, 30);
	size_t top;

	start(100, 30);
	mouse(MOUSE_PRESS, l.main.x + 2, l.main.y + 4);
	IS(s.t.cur, tui_place(&s.t)->top + 3);
	mouse(MOUSE_WHEEL_DOWN, l.main.x + 2, l.main.y + 4);
	OK(s.t.cur >= 3);
	key(KEYS_HOME);
	IS(s.t.cur, 0);
	top = tui_place(&s.t)->top;
	IS(top, 0);
	/* The stack, by a double click. */
	mouse(MOUSE_PRESS, l.main.x + 2, l.main.y + 2);
	IS(row(), STACK);
	mouse(MOUSE_DOUBLE, l.main.x + 2, l.main.y + 2);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	IS(tui_place(&s.t)->r.first, STACK);
	/* Nowhere: nothing. */
	mouse(MOUSE_PRESS, 5000, 5000);
	mouse(MOUSE_DRAG, 99, 29);
	mouse(MOUSE_RELEASE, 0, 0);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	end();
}

/* --- 65,000 rows ------------------------------------------------------------------------------ */

static void test_many(void)
{
	struct snapshot *many = snapshot_new();
	size_t n = 65000;

	start(100, 30);
	space_release(&many->space);
	make_space(&many->space, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		struct line line = { 0x10000000 + i * 0x3000,
				     0x10001000 + i * 0x3000,
				     i & 1 ? "rw-p" : "r--p",
				     0,
				     0,
				     0,
				     0,
				     "" };

		add_line(&many->space, &line);
	}
	many->space.proc.pid = many->space.proc.tid = 4711;
	space_group(&many->space);
	space_classify(&many->space);
	stage_give(&s, many);
	IS(s.t.nitems, 2 * n + 1);
	s.silent = true;
	key(KEYS_END);
	IS(s.t.cur, 2 * n);
	key(KEYS_UP);
	IS(row(), 0x10000000);
	for (int i = 0; i < 2000; i++) {
		key(i & 1 ? KEYS_PAGE_UP : KEYS_UP);
		if (stage_draw(&s))
			break;
	}
	end();
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_layout();
	test_draw_sizes();
	test_key_table();
	test_column_table();
	test_places();
	test_again();
	test_kernel_half();
	test_selection();
	test_sort();
	test_filter();
	test_search();
	test_lent_colours();
	test_want();
	test_want_picker();
	test_picker_types();
	test_mark();
	test_minimap();
	test_mouse();
	test_many();
	return tap_done();
}
