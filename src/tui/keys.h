/* SPDX-License-Identifier: GPL-2.0-or-later */
/** ONE table of keys: what they do, where, and in which words; help, menu and man page read it. */
#ifndef PROCMAP_KEYS_H
#define PROCMAP_KEYS_H

#include "../util.h"

/** Keys that are no character; characters are their code points. */
enum key {
	KEYS_BASE = 0x110000, /**< above Unicode */
	KEYS_UP = KEYS_BASE,
	KEYS_DOWN,
	KEYS_LEFT,
	KEYS_RIGHT,
	KEYS_PAGE_UP,
	KEYS_PAGE_DOWN,
	KEYS_HOME,
	KEYS_END,
	KEYS_ENTER,
	KEYS_ESC,
	KEYS_BACKSPACE,
	KEYS_DELETE,
	KEYS_TAB,
	KEYS_BACKTAB,
	KEYS_TEXT, /**< in key_table[]: any character that has no line of its own there */
};

/** Is it a character, and none that controls? Surrogates are none. */
static inline bool key_is_text(int key)
{
	return key >= ' ' && key < KEYS_BASE && key != 127 && (key < 0xd800 || key > 0xdfff);
}

enum action {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_TOP,
	ACT_BOTTOM,
	ACT_IN,
	ACT_OUT,
	ACT_SEARCH,
	ACT_NEXT,
	ACT_PREV,
	ACT_GOTO,
	ACT_FILTER,
	ACT_SORT,
	ACT_SORT_REVERSE,
	ACT_COLUMNS,
	ACT_MARK,
	ACT_CHANGES,
	ACT_PAUSE,
	ACT_REFRESH,
	ACT_FASTER,
	ACT_SLOWER,
	ACT_GRID_BY,
	ACT_PHYS,
	ACT_FRAME_PREV,
	ACT_FRAME_NEXT,
	ACT_BYTES,
	ACT_EXPORT,
	ACT_EXPORT_SCREEN,
	ACT_COPY,
	ACT_PICKER,
	ACT_THEME,
	ACT_HELP,
	ACT_SUSPEND,
	ACT_QUIT,
	ACT_SHRINK,
	ACT_DETAIL_DOWN,
	ACT_DETAIL_UP,
	ACT_UNFILTER,
	ACT_UNMARK,
	ACT_GRID_FLAG,
	ACT_TYPE,  /**< the picker's filter: what was pressed goes into it */
	ACT_ERASE, /**< its last character goes */
	ACT_ERASE_WORD,
	ACT_ERASE_ALL,
	ACT_SORT_LEFT, /**< by the column left of the one that is sorted by */
	ACT_SORT_RIGHT,
};

struct key_def {
	int key;
	enum action action;
	u16 places;	  /**< bit per key place (tui.h) where it means something; 0: everywhere */
	const char *name; /**< "Enter", "PgUp", "/" */
	const char *menu; /**< one word for the menu line, NULL: not there */
	const char *help; /**< one line */
};

extern const struct key_def key_table[];
extern const size_t nkeys;

/** What a key does at a place: an enum level, or an enum picker_place. */
enum action key_action(int key, unsigned place);
/** The name of the first key that does it there; "" none does. */
const char *key_for(enum action action, unsigned place);

struct mouse {
	unsigned x, y;
	enum {
		MOUSE_PRESS,
		MOUSE_DRAG,
		MOUSE_RELEASE,
		MOUSE_DOUBLE,
		MOUSE_WHEEL_UP,
		MOUSE_WHEEL_DOWN
	} what;
};

#endif
