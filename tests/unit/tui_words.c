/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the browser says of what is not known, and of figures that could be mistaken for others. */
#include <errno.h>
#include <locale.h>
#include <string.h>

#include "make_space.h"
#include "model/kmap.h"
#include "demo_stage.h"
#include "tui/columns.h"
#include "tui/facts.h"

static struct buf screen;

static void answer(const char *text)
{
	keys(text);
	key(KEYS_ENTER);
}

static bool shows(const char *text)
{
	buf_clear(&screen);
	if (stage_draw(&s))
		return false;
	canvas_text(&s.c, &screen);
	if (strstr(screen.p, text))
		return true;
	printf("# not there: %s\n%s", text, screen.p);
	return false;
}

static bool hides(const char *text)
{
	buf_clear(&screen);
	if (stage_draw(&s))
		return false;
	canvas_text(&s.c, &screen);
	return !strstr(screen.p, text);
}

/** A half that may not be read, or is not there: no figure of it is 0, no gap is in it. */
static void test_no_user(void)
{
	static const struct {
		enum no_user why;
		int err;
		const char *list, *map;
		bool held;
	} cases[] = {
		{ USER_DENIED, EACCES, "may not be read: refused although CAP_SYS_PTRACE is held",
		  "? not read", true },
		{ USER_DENIED, EACCES, "may not be read: needs CAP_SYS_PTRACE, or its owner",
		  "? not read", false },
		{ USER_DENIED, EIO, "could not be read", "? not read", false },
		{ USER_KTHREAD, 0, "a kernel thread has no user half", "none", false },
		{ USER_ZOMBIE, 0, "a zombie has no user half any more", "gone", false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct column_def *c = columns;
		struct space *space;
		unsigned figures = 0;

		start(80, 24);
		key(KEYS_ESC);
		space = &s.held->space;
		sums_free(s.held->sums);
		s.held->sums = NULL;
		space->nvmas = space->nobjects = 0;
		space->no_user = cases[i].why;
		space->user_err = cases[i].err;
		space->user_held = cases[i].held;
		s.silent = true;
		tui_snapshot(&s.t, s.held);
		key(KEYS_END);
		IS(s.t.items[s.t.cur].kind, ITEM_HALF);
		for (; c < columns + ncolumns; c++)
			figures += c->figure && c->halves == COLUMN_USER &&
				   c->figure(s.held, &s.t.items[s.t.cur]).have;
		IS(figures, 0);
		key(KEYS_ENTER);
		IS(tui_place(&s.t)->level, LEVEL_HALF);
		IS(s.t.nitems, 0);
		OK(shows(cases[i].list));
		OK(shows(cases[i].map));
		OK(shows("name       the user half"));
		end();
	}
}

/** The arrow's line names what is selected, not a larger neighbour. */
static void test_arrow(void)
{
	start(80, 24);
	answer(":[heap]");
	OK(shows("►║█ [hea… +1│"));
	answer("/memfd:");
	OK(shows("►║▒ memf… +5│"));
	end();
}

static void test_grid(void)
{
	start(80, 24);
	answer(":[heap]");
	key(KEYS_ENTER);
	OK(shows("│55d0e4f10000-55d0e4fb2000; cell: 1 page, 4 KiB; by state"));
	OK(shows("│pages: "));
	answer(":7f4a00000000");
	key(KEYS_ENTER);
	key('-');
	OK(shows("; cell: 4 pages, 16 KiB; by state"));
	OK(shows("│cells: "));
	end();
}

static void test_lists(void)
{
	start(120, 40);
	answer("fr-x");
	answer("/libc");
	OK(shows("filter     1 of 6 mappings meets it; figures are of the whole object"));
	key('F');
	OK(hides("meets it"));
	key('d');
	OK(shows(": this list is live; m marks a moment"));
	key(' ');
	OK(hides("this list is live"));
	end();
}

/** An offset is copied as it is shown. */
static void test_copy(void)
{
	start(120, 40);
	answer("/libc");
	key(KEYS_ENTER);
	key(KEYS_HOME);
	key(KEYS_DOWN);
	key('y');
	OK(strstr(s.t.copy.p, " offset 0x1d2000 ") != NULL);
	end();
}

/* --- the kernel half -------------------------------------------------------------------------- */

static struct region *add_region(struct space *space, enum region_kind kind, const char *name,
				 u64 first, u64 last)
{
	struct region *r = space_add_region(space);

	*r = (struct region){ .first = first,
			      .last = last,
			      .kind = kind,
			      .name = name,
			      .conf = CONF_EXACT,
			      .perms_conf = CONF_UNKNOWN };
	return r;
}

static void add_area(struct kmap *m, u64 first, u64 size, enum karea_kind kind)
{
	struct karea *a = kmap_add_area(m);

	a->first = first;
	a->last = first ? first + size - 1 : 0;
	a->size = size;
	a->kind = (u8)kind;
}

static const char *region_text(struct tui *t, u32 region)
{
	static char text[4096];
	struct facts f = { 0 };

	facts_region(&f, t, region);
	snprintf(text, sizeof(text), "%.*s", (int)f.text.len, f.text.p);
	facts_release(&f);
	return text;
}

/** Callers stand where their areas are known to be; else with vmalloc, and it is said. */
static void test_callers(void)
{
	for (int hidden = 0; hidden < 2; hidden++) {
		struct snapshot *snap = snapshot_new();
		struct space *space = &snap->space;
		struct tui t = { .snap = snap };
		struct kmap *m = kmap_new();

		add_region(space, KR_VMALLOC, "vmalloc", 0xffffc90000000000, 0xffffe8ffffffffff);
		add_region(space, KR_MODULES, "modules", 0xffffffffc0000000, 0xfffffffffeffffff);
		m->area_addr = hidden ? KADDR_ZEROS : KADDR_REAL;
		add_area(m, hidden ? 0 : 0xffffc90000000000, 0x5000, KAREA_STACK);
		add_area(m, hidden ? 0 : 0xffffffffc0000000, 0x3000, KAREA_MODULE);
		kmap_finish(m);
		space->kmap = m;
		OK(strstr(region_text(&t, 0), "20K  1 area  kernel stacks") != NULL);
		IS(strstr(region_text(&t, 0), "12K  1 area") != NULL, hidden);
		IS(strstr(region_text(&t, 0), "vmalloc and modules together:") != NULL, hidden);
		IS(strstr(region_text(&t, 1), "12K  1 area") != NULL, !hidden);
		IS(strstr(region_text(&t, 1), "20K") != NULL, 0);
		IS(strstr(region_text(&t, 1), "vmalloc lists those of both") != NULL, hidden);
		snapshot_free(snap);
	}
}

static const struct column_def *column(const char *name)
{
	for (size_t i = 0; i < ncolumns; i++)
		if (!strcmp(columns[i].name, name) && columns[i].halves & COLUMN_KERNEL)
			return &columns[i];
	return NULL;
}

/** "used" of the direct map is the RAM behind it; of RAM another column tells what is not free. */
static void test_direct_map(void)
{
	struct snapshot *snap = snapshot_new();
	struct space *space = &snap->space;
	struct item map = { .kind = ITEM_REGION, .r = { 0xffff888000000000, 0xffff88800fffffff } },
		    ram = { .kind = ITEM_RAM, .r = { 0xffff888000000000, 0xffff88800000ffff } };
	struct tui t = { .snap = snap };
	struct kmap *m = kmap_new();

	space->host.page_size = 4096;
	add_region(space, KR_DIRECT_MAP, "direct map", map.r.first, map.r.last)->used =
		FIG(0x10000);
	m->frames = xcalloc(1, sizeof(*m->frames));
	m->nframes = 1;
	m->frames_every = 1;
	m->frames[0].phys = (struct range){ 0, 0xffff };
	m->frames[0].tally.first = 0;
	m->frames[0].tally.last = 15;
	m->frames[0].tally.seen = 16;
	m->frames[0].tally.state[FS_FREE] = 6;
	m->frames[0].tally.state[FS_KERNEL] = 10;
	space->kmap = m;
	IS(column("used")->figure(snap, &map).v, 0x10000);
	OK(!column("used")->figure(snap, &ram).have);
	IS(column("not free")->figure(snap, &ram).v, 10 * 4096);
	OK(!column("not free")->figure(snap, &map).have);
	OK(strstr(region_text(&t, 0), "RAM behind it, free frames as well") != NULL);
	OK(!strstr(region_text(&t, 0), "not managed"));
	m->mem.total = FIG(3 * MIB);
	m->mem.managed = FIG(MIB);
	OK(strstr(region_text(&t, 0), "2 MiB of RAM not managed") != NULL);
	/* Of frames that were sampled it is an estimate, and of nothing else. */
	OK(!figure_is_estimate(column("not free"), snap, &ram));
	m->frames[0].tally.seen = 8;
	OK(figure_is_estimate(column("not free"), snap, &ram));
	OK(!figure_is_estimate(column("size"), snap, &ram));
	snapshot_free(snap);
}

/** A name that fits a region and what it leaves alike means the region. */
static void test_goto_hole(void)
{
	struct range hole = { 0xffff890000000000, 0xffffc87fffffffff };
	struct space *space;

	start(80, 24);
	space = &s.held->space;
	add_region(space, KR_UNUSED, "demo map, no RAM", hole.first, hole.last);
	OK(tui_goto_text(&s.t, "demo"));
	IS(s.t.found, hole.first);
	add_region(space, KR_OTHER, "demo map of RAM", 0xffff888000000000, 0xffff88800fffffff);
	add_region(space, KR_UNUSED, "demo map, no RAM", hole.first, hole.last);
	OK(tui_goto_text(&s.t, "demo"));
	IS(s.t.found, 0xffff888000000000);
}

int main(void)
{
	setlocale(LC_ALL, "C.UTF-8");
	test_no_user();
	test_arrow();
	test_grid();
	test_lists();
	test_copy();
	test_callers();
	test_direct_map();
	test_goto_hole();
	buf_release(&screen);
	return tap_done();
}
