/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "keys.h"

#include "tui.h"

#define AT(level) (1u << (level))
#define LISTS	  (AT(LEVEL_SPACE) | AT(LEVEL_HALF) | AT(LEVEL_OBJECT) | AT(LEVEL_PART))
#define INSIDE	  (LISTS | AT(LEVEL_GRID) | AT(LEVEL_PAGE))
/** What is typed in the picker filters, so that no letter does anything else. */
#define PICKER	     PICKER_PLACES
#define UNTYPED	     (PICKER & ~AT(PICKER_TYPED))
#define CTRL(letter) ((letter)&31)

const struct key_def key_table[] = {
	{ KEYS_UP, ACT_UP, 0, "Up", NULL, "the row above" },
	{ 'k', ACT_UP, INSIDE, "k", NULL, NULL },
	{ KEYS_DOWN, ACT_DOWN, 0, "Down", NULL, "the row below" },
	{ 'j', ACT_DOWN, INSIDE, "j", NULL, NULL },
	{ KEYS_LEFT, ACT_LEFT, INSIDE, "Left", NULL, "in a list: back out; else the page before" },
	{ 'h', ACT_LEFT, INSIDE, "h", NULL, NULL },
	{ KEYS_RIGHT, ACT_RIGHT, INSIDE, "Right", NULL, "in a list: go in; else the page after" },
	{ 'l', ACT_RIGHT, INSIDE, "l", NULL, NULL },
	{ KEYS_PAGE_UP, ACT_PAGE_UP, 0, "PgUp", NULL, "a screen up" },
	{ CTRL('B'), ACT_PAGE_UP, 0, "Ctrl-B", NULL, NULL },
	{ KEYS_PAGE_DOWN, ACT_PAGE_DOWN, 0, "PgDn", NULL, "a screen down" },
	{ CTRL('F'), ACT_PAGE_DOWN, 0, "Ctrl-F", NULL, NULL },
	{ KEYS_HOME, ACT_TOP, 0, "Home", NULL, "the first row" },
	{ 'g', ACT_TOP, INSIDE, "g", NULL, NULL },
	{ KEYS_END, ACT_BOTTOM, 0, "End", NULL, "the last row" },
	{ 'G', ACT_BOTTOM, INSIDE, "G", NULL, NULL },
	{ KEYS_ENTER, ACT_IN, INSIDE, "Enter", "in",
	  "go into the selected row: its mappings, its "
	  "pages, one page" },
	{ '+', ACT_IN, INSIDE, "+", NULL, "the same; among pages: fewer pages a cell" },
	{ KEYS_ESC, ACT_OUT, INSIDE, "Esc", "back",
	  "ends a long reading; closes what is open; back out" },
	{ KEYS_BACKSPACE, ACT_OUT, INSIDE, "Backspace", NULL, NULL },
	{ '-', ACT_SHRINK, INSIDE, "-", NULL, "the same; among pages: more pages a cell" },
	{ '/', ACT_SEARCH, INSIDE, "/", "find",
	  "find a text: in names, sections, kernel functions, also inside rows" },
	{ 'n', ACT_NEXT, INSIDE, "n", NULL, "find the next" },
	{ 'N', ACT_PREV, INSIDE, "N", NULL, "find the one before" },
	{ ':', ACT_GOTO, INSIDE, ":", "go to",
	  "go to an address, range a-b, heap, stack, name, symbol, sp, pc:TID, pa:0xADDR, pfn:N" },
	{ 'd', ACT_CHANGES, INSIDE, "d", "changes",
	  "what has changed since the mark: mappings, then their pages" },
	{ 'm', ACT_MARK, INSIDE, "m", "mark",
	  "remember this moment; what changes from here on "
	  "shows" },
	{ 'M', ACT_UNMARK, INSIDE, "M", NULL, "forget the mark" },
	{ 's', ACT_SORT, LISTS, "s", "sort", "choose what to sort by, or address order" },
	{ 'S', ACT_SORT_REVERSE, LISTS, "S", NULL, "sort the other way round" },
	{ 'f', ACT_FILTER, LISTS, "f", "filter",
	  "show only mappings that meet a test: rw-p, lib, pss > 10M" },
	{ 'F', ACT_UNFILTER, LISTS, "F", NULL, "remove the filter" },
	{ 'o', ACT_COLUMNS, LISTS, "o", "columns", "choose the columns" },
	{ 'c', ACT_GRID_BY, AT(LEVEL_GRID), "c", "colour",
	  "colour by state, flag, LRU list, node, map count, cgroup, change" },
	{ 'C', ACT_GRID_FLAG, AT(LEVEL_GRID), "C", NULL, "colour pages by the next frame flag" },
	{ 'p', ACT_PHYS, AT(LEVEL_GRID), "p", "phys", "where in RAM these pages are" },
	{ 'p', ACT_PHYS, AT(LEVEL_PAGE), "p", NULL, "on one page: back to the grid, to show it" },
	{ ']', ACT_FRAME_NEXT, AT(LEVEL_GRID), "]", NULL, "the page whose frame is next in RAM" },
	{ '[', ACT_FRAME_PREV, AT(LEVEL_GRID), "[", NULL, "the page whose frame is before in RAM" },
	{ KEYS_TAB, ACT_DETAIL_DOWN, INSIDE, "Tab", "details",
	  "more details of the selection, on a small screen in place of the list" },
	{ KEYS_BACKTAB, ACT_DETAIL_UP, INSIDE, "Shift-Tab", NULL, "the details before" },
	{ 'b', ACT_BYTES, AT(LEVEL_GRID) | AT(LEVEL_PAGE), "b", "bytes",
	  "go to the page and read its bytes, if it is resident" },
	{ ' ', ACT_PAUSE, INSIDE, "Space", "pause", "stop refreshing, and go on" },
	{ 'r', ACT_REFRESH, INSIDE, "r", NULL, "read everything anew now" },
	{ '<', ACT_FASTER, INSIDE, "<", NULL, "refresh more often" },
	{ '>', ACT_SLOWER, INSIDE, ">", NULL, "refresh less often" },
	{ 'e', ACT_EXPORT, INSIDE, "e", NULL, "write the map as text to a file" },
	{ 'E', ACT_EXPORT_SCREEN, INSIDE, "E", NULL, "write this screen as text to a file" },
	{ 'y', ACT_COPY, INSIDE, "y", NULL, "copy the selected row to the clipboard" },
	{ 'P', ACT_PICKER, INSIDE, "P", NULL, "choose another process" },
	{ 't', ACT_THEME, INSIDE, "t", NULL, "light or dark theme" },
	{ '?', ACT_HELP, INSIDE | UNTYPED, "?", "help", "this help" },
	{ CTRL('Z'), ACT_SUSPEND, 0, "Ctrl-Z", NULL, "suspend" },
	{ 'q', ACT_QUIT, INSIDE, "q", "quit", "quit" },
	/* Most terminals send a signal instead, which does the same. */
	{ CTRL('C'), ACT_QUIT, INSIDE | AT(LEVEL_PICKER), "Ctrl-C", NULL, NULL },

	{ KEYS_ENTER, ACT_IN, PICKER, "Enter", "open", "open the selected process" },
	{ KEYS_TEXT, ACT_TYPE, PICKER, "letters", "filter",
	  "show only processes that have what is typed in name, user or PID" },
	{ KEYS_BACKSPACE, ACT_ERASE, PICKER, "Backspace", NULL,
	  "of what is typed the last character goes" },
	{ CTRL('W'), ACT_ERASE_WORD, PICKER, "Ctrl-W", NULL, "its last word goes" },
	{ CTRL('U'), ACT_ERASE_ALL, PICKER, "Ctrl-U", NULL, "all of it goes" },
	{ CTRL('P'), ACT_UP, PICKER, "Ctrl-P", NULL, "the process above" },
	{ CTRL('N'), ACT_DOWN, PICKER, "Ctrl-N", NULL, "the process below" },
	{ KEYS_LEFT, ACT_SORT_LEFT, PICKER, "Left", NULL, "sort by the column to the left" },
	{ KEYS_RIGHT, ACT_SORT_RIGHT, PICKER, "Right", "sort", "sort by the column to the right" },
	{ KEYS_TAB, ACT_SORT_REVERSE, PICKER, "Tab", "reverse", "sort the other way round" },
	{ CTRL('O'), ACT_COLUMNS, PICKER, "Ctrl-O", "columns", "choose the columns" },
	{ CTRL('D'), ACT_DETAIL_DOWN, PICKER, "Ctrl-D", "details",
	  "more details of the process, on a small screen in place of the list" },
	{ CTRL('S'), ACT_PAUSE, PICKER, "Ctrl-S", NULL, "stop refreshing, and go on" },
	{ CTRL('R'), ACT_REFRESH, PICKER, "Ctrl-R", NULL, "read everything anew now" },
	{ CTRL('E'), ACT_EXPORT_SCREEN, PICKER, "Ctrl-E", NULL,
	  "write this screen as text to a file" },
	{ CTRL('Y'), ACT_COPY, PICKER, "Ctrl-Y", NULL, "copy the selected row to the clipboard" },
	{ CTRL('T'), ACT_THEME, PICKER, "Ctrl-T", NULL, "light or dark theme" },
	{ KEYS_ESC, ACT_OUT, AT(PICKER_TYPED), "Esc", "clear", "show all processes again" },
	{ KEYS_ESC, ACT_OUT, AT(PICKER_BACK), "Esc", "back",
	  "if all are shown: back to the process looked at before" },
	{ KEYS_ESC, ACT_OUT, AT(LEVEL_PICKER), "Esc", "quit", "if there was none: quit" },
	{ CTRL('C'), ACT_QUIT, AT(PICKER_TYPED) | AT(PICKER_BACK), "Ctrl-C", "quit", "quit" },
};
const size_t nkeys = ARRAY_SIZE(key_table);

static bool is_there(const struct key_def *k, unsigned place)
{
	return !k->places || k->places >> place & 1;
}

enum action key_action(int key, unsigned place)
{
	enum action text = ACT_NONE;

	for (size_t i = 0; i < nkeys; i++) {
		const struct key_def *k = &key_table[i];

		if (!is_there(k, place))
			continue;
		if (k->key == key)
			return k->action;
		if (k->key == KEYS_TEXT && key_is_text(key))
			text = k->action;
	}
	return text;
}

const char *key_for(enum action action, unsigned place)
{
	for (size_t i = 0; i < nkeys; i++)
		if (key_table[i].action == action && is_there(&key_table[i], place))
			return key_table[i].name;
	return "";
}
