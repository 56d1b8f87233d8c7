/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What the files that know curses share. For screen.c and screen_*.c only. */
#ifndef PROCMAP_SCREEN_PARTS_H
#define PROCMAP_SCREEN_PARTS_H

#include "screen.h"

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <stdio.h>
#include <termios.h>

/** Of a pasted text no more is kept: answers are shorter. */
#define PASTE_MAX 4096
/** As many events as curses keeps (lib_mouse.c, EV_MAX, 6.4). */
#define MOUSE_EVENTS 8
/** Combinations of enum cell_attr. */
#define CELL_ATTRS (2 * CELL_MATCH)

/** What curses is told of a style. */
struct look {
	attr_t attrs;
	short pair;
};

/** The terminal, while it is ours. */
extern struct tty {
	volatile bool on; /**< the terminal is ours */
	SCREEN *screen;
	FILE *in, *out;
	WINDOW *keys; /**< a pad: reading a key from it draws nothing */
	struct termios shell;
	char reset[256]; /**< what gives the terminal back when curses cannot be asked */
	size_t nreset;
	int real_stderr, hidden_stderr; /**< -1: stderr is not the terminal */
	bool mouse;
	unsigned colors;
	unsigned w, h;
	struct cell *shown; /**< what curses was told last: h rows of w */
	struct look looks[TSTYLE_N][CELL_ATTRS];
	struct {
		short fg, bg;
	} pairs[64]; /**< as curses knows them; 0 is the terminal's own */
	short npairs;
	int cursor; /**< what curs_set() was told last */
	bool pasting;
	int paste[PASTE_MAX];
	size_t npaste;
	u64 paste_ms; /**< when the last of it came */
	struct {
		unsigned x, y;
		u64 ms;
	} press;		     /**< the last one */
	MEVENT events[MOUSE_EVENTS]; /**< of the mouse, not handed on yet; the latest first */
	size_t nevents;
} tty;

/** screen_cells.c: nothing that is on the screen counts as shown. */
void screen_forget(void);
/** screen_keys.c: keys and mouse as curses is to give them; the reports that it does not ask for.
 */
void screen_start_keys(void);
void screen_reports(bool on);
/** screen.c: has the terminal a capability that is a text? */
bool screen_capable(const char *name);
/** screen.c: bytes that are none of curses's business, behind all that it has written. */
void screen_send(const char *bytes, size_t len);

#endif
