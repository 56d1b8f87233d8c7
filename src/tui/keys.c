/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include "tui.h"

#define AT(level) (1u << (level))
#define LISTS	  (AT(LEVEL_SPACE) | AT(LEVEL_HALF) | AT(LEVEL_OBJECT) | AT(LEVEL_PART))
#define INSIDE	  (LISTS | AT(LEVEL_GRID) | AT(LEVEL_PAGE))
#define ROWS	  (LISTS | AT(LEVEL_PICKER))

const struct key_def key_table[] = {
	{ KEYS_UP, ACT_UP, 0, "Up", NULL, "the row above" },
	{ 'k', ACT_UP, 0, "k", NULL, NULL },
	{ KEYS_DOWN, ACT_DOWN, 0, "Down", NULL, "the row below" },
	{ 'j', ACT_DOWN, 0, "j", NULL, NULL },
	{ KEYS_LEFT, ACT_LEFT, INSIDE, "Left", NULL, "in a list: back out; else the page before" },
	{ 'h', ACT_LEFT, INSIDE, "h", NULL, NULL },
	{ KEYS_RIGHT, ACT_RIGHT, INSIDE, "Right", NULL, "in a list: go in; else the page after" },
	{ 'l', ACT_RIGHT, INSIDE, "l", NULL, NULL },
	{ KEYS_PAGE_UP, ACT_PAGE_UP, 0, "PgUp", NULL, "a screen up" },
	{ 2, ACT_PAGE_UP, 0, "Ctrl-B", NULL, NULL },
	{ KEYS_PAGE_DOWN, ACT_PAGE_DOWN, 0, "PgDn", NULL, "a screen down" },
	{ 6, ACT_PAGE_DOWN, 0, "Ctrl-F", NULL, NULL },
	{ KEYS_HOME, ACT_TOP, 0, "Home", NULL, "the first row" },
	{ 'g', ACT_TOP, 0, "g", NULL, NULL },
	{ KEYS_END, ACT_BOTTOM, 0, "End", NULL, "the last row" },
	{ 'G', ACT_BOTTOM, 0, "G", NULL, NULL },
	{ KEYS_ENTER, ACT_IN, AT(LEVEL_PICKER), "Enter", "open", "show the selected process" },
	{ KEYS_ENTER, ACT_IN, INSIDE, "Enter", "in",
	  "go into the selected row: its mappings, its "
	  "pages, one page" },
	{ '+', ACT_IN, INSIDE, "+", NULL, "the same; among pages: fewer pages a cell" },
	{ KEYS_ESC, ACT_OUT, 0, "Esc", "back", "back out; closes what is open" },
	{ KEYS_BACKSPACE, ACT_OUT, 0, "Backspace", NULL, NULL },
	{ '-', ACT_SHRINK, INSIDE, "-", NULL, "the same; among pages: more pages a cell" },
	{ '/', ACT_SEARCH, INSIDE, "/", "find",
	  "find a text: in names, sections, kernel functions, also inside rows" },
	{ 'n', ACT_NEXT, INSIDE, "n", NULL, "find the next" },
	{ 'N', ACT_PREV, INSIDE, "N", NULL, "find the one before" },
	{ '/', ACT_SEARCH, AT(LEVEL_PICKER), "/", "filter",
	  "only processes with a text in name, user, PID (digits begin it)" },
	{ ':', ACT_GOTO, INSIDE, ":", "go to",
	  "go to an address, range a-b, heap, stack, name, pc, sp, pc:TID" },
	{ 'd', ACT_CHANGES, INSIDE, "d", "changes",
	  "what has changed since the mark: mappings, then their pages" },
	{ 'm', ACT_MARK, INSIDE, "m", "mark",
	  "remember this moment; what changes from here on "
	  "shows" },
	{ 'M', ACT_UNMARK, INSIDE, "M", NULL, "forget the mark" },
	{ 's', ACT_SORT, ROWS, "s", "sort", "choose what to sort by, or address order" },
	{ 'S', ACT_SORT_REVERSE, ROWS, "S", NULL, "sort the other way round" },
	{ 'f', ACT_FILTER, LISTS, "f", "filter",
	  "show only mappings that meet a test: rw-p, lib, pss > 10M" },
	{ 'f', ACT_FILTER, AT(LEVEL_PICKER), "f", NULL,
	  "among processes the same as /: a text, not a test" },
	{ 'F', ACT_UNFILTER, ROWS, "F", NULL, "remove the filter" },
	{ 'o', ACT_COLUMNS, ROWS, "o", "columns", "choose the columns" },
	{ 'c', ACT_GRID_BY, AT(LEVEL_GRID), "c", "colour",
	  "colour by state, flag, LRU list, node, map count, cgroup, change" },
	{ 'C', ACT_GRID_FLAG, AT(LEVEL_GRID), "C", NULL, "colour pages by the next frame flag" },
	{ 'p', ACT_PHYS, AT(LEVEL_GRID), "p", "phys", "where in RAM these pages are" },
	{ ']', ACT_FRAME_NEXT, AT(LEVEL_GRID), "]", NULL, "the page whose frame is next in RAM" },
	{ '[', ACT_FRAME_PREV, AT(LEVEL_GRID), "[", NULL, "the page whose frame is before in RAM" },
	{ KEYS_TAB, ACT_DETAIL_DOWN, ROWS | AT(LEVEL_GRID), "Tab", "details",
	  "more details of the selection, on a small screen in place of the list" },
	{ KEYS_BACKTAB, ACT_DETAIL_UP, ROWS | AT(LEVEL_GRID), "Shift-Tab", NULL,
	  "the details before" },
	{ 'b', ACT_BYTES, AT(LEVEL_GRID) | AT(LEVEL_PAGE), "b", "bytes",
	  "go to the page and read its bytes, if it is resident" },
	{ ' ', ACT_PAUSE, 0, "Space", "pause", "stop refreshing, and go on" },
	{ 'r', ACT_REFRESH, 0, "r", NULL, "read everything anew now" },
	{ '<', ACT_FASTER, 0, "<", NULL, "refresh more often" },
	{ '>', ACT_SLOWER, 0, ">", NULL, "refresh less often" },
	{ 'e', ACT_EXPORT, INSIDE, "e", NULL, "write the map as text to a file" },
	{ 'E', ACT_EXPORT_SCREEN, 0, "E", NULL, "write this screen as text to a file" },
	{ 'y', ACT_COPY, 0, "y", NULL, "copy the selected row to the clipboard" },
	{ 'P', ACT_PICKER, INSIDE, "P", NULL, "choose another process" },
	{ 't', ACT_THEME, 0, "t", NULL, "light or dark theme" },
	{ '?', ACT_HELP, 0, "?", "help", "this help" },
	{ 26, ACT_SUSPEND, 0, "Ctrl-Z", NULL, "suspend" },
	{ 'q', ACT_QUIT, 0, "q", "quit", "quit" },
};
const size_t nkeys = ARRAY_SIZE(key_table);

enum action key_action(int key, unsigned level)
{
	for (size_t i = 0; i < nkeys; i++)
		if (key_table[i].key == key &&
		    (!key_table[i].levels || key_table[i].levels >> level & 1))
			return key_table[i].action;
	return ACT_NONE;
}
