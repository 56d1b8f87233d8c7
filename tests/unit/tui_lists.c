/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The browser's lists: what is asked of processes, what a list opens at, what goes with a mark. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "demo_stage.h"
#include "tui/columns.h"

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

static void change_edit(size_t i, const char *line)
{
	free(w.edits[i]);
	w.edits[i] = xstrdup(line);
}

/** Sorted by pss it is asked of all of them, and the largest are seen first as it becomes known. */
static void test_want_all_pss(void)
{
	char line[80];

	start(100, 14);
	for (int pid = 100; pid < 140; pid++) {
		snprintf(line, sizeof(line), "task %d root kthread=1 : kworker/%d", pid, pid);
		world_add_edit(&w, line);
	}
	world_add_edit(&w, "task 4711 redis rss=4096 : redis-server");
	world_add_edit(&w, "task 5000 www rss=8192 : nginx");
	key('P');
	key(KEYS_RIGHT);
	IS_STR(columns[s.t.sort - 1].name, "pss");
	IS(s.t.items[1].r.first, 100);
	IS(want().pss[0], 4711);
	IS(want().pss[1], 5000);
	change_edit(40, "task 4711 redis rss=4096 pss=100 : redis-server");
	refresh();
	IS(row(), 4711);
	IS(tui_place(&s.t)->top, 0);
	IS(want().pss[0], 5000);
	IS(want().pss_again[0], 4711);
	change_edit(41, "task 5000 www rss=8192 pss=900 : nginx");
	refresh();
	IS(row(), 5000);
	IS(tui_place(&s.t)->top, 0);
	IS(want().pss[0], 0);
	/* All are known: who is selected stays so. */
	change_edit(40, "task 4711 redis rss=4096 pss=1000 : redis-server");
	refresh();
	IS(s.t.items[1].r.first, 4711);
	IS(row(), 5000);
	end();
}

/** A list that is sorted opens at what is first in it; the halves are sorted as well. */
static void test_sorted_opens(void)
{
	unsigned rss = 0;

	start(100, 30);
	while (strcmp(columns[rss].name, "rss") != 0 || columns[rss].levels & 1)
		rss++;
	s.t.sort = rss + 1;
	key(KEYS_ESC);
	IS(s.t.items[0].kind, ITEM_HALF);
	IS(s.t.items[0].index, 0);
	IS(s.t.items[1].index, 1);
	IS(s.t.items[2].kind, ITEM_HOLE);
	memset(s.t.left, 0, sizeof(s.t.left));
	key(KEYS_ENTER);
	IS(s.t.cur, 0);
	while (s.t.snap->space.objects[s.t.items[s.t.cur].index].nvmas < 4)
		key(KEYS_DOWN);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_OBJECT);
	OK(s.t.nitems > 2);
	IS(s.t.cur, 0);
	/* Not the highest of them, where it would be by address. */
	OK(row() < tui_place(&s.t)->r.last - range_size(s.t.items[0].r));
	end();
}

/** A mark does not go with one to another process, which is said. */
static void test_mark_lost(void)
{
	start(100, 30);
	world_add_edit(&w, "task 4711 redis rss=4096 : redis-server");
	world_add_edit(&w, "task 900 www rss=8192 : nginx");
	key('m');
	OK(s.t.mark);
	key('P');
	OK(s.t.mark);
	key(KEYS_ESC);
	OK(s.t.mark);
	IS(s.t.message.len, 0);
	key('P');
	keys("nginx");
	key(KEYS_ENTER);
	OK(!s.t.mark);
	IS_STR(s.t.message.p, "the mark of process 4711 is lost: m sets one here");
	key('P');
	key(KEYS_ENTER);
	IS(s.t.message.len, 0);
	end();
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_want_all_pss();
	test_mark_lost();
	test_sorted_opens();
	return tap_done();
}
