/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * THE TERMINAL: only screen.c and its neighbours screen_*.c know curses. It is restored on every
 * exit.
 */
#ifndef PROCMAP_SCREEN_H
#define PROCMAP_SCREEN_H

#include "canvas.h"
#include "keys.h"

/** Was it built with ncursesw? */
bool screen_available(void);
/**
 * Takes the terminal that `in` and `out` are open on; colours beyond `colors` are not used. Until
 * screen_stop() stderr is kept off it, and die() gives it back first. -ENOTTY; -ENOTSUP: TERM is
 * unset, unknown or too poor, or this was built without ncursesw.
 */
int screen_start(int in, int out, unsigned colors, bool light);
/** Gives it back, then prints what stderr has got in between. May be called twice. */
void screen_stop(void);
/** The same with nothing but async-signal-safe calls: for crashes, and from any thread. */
void screen_rescue(void);
/** Gives it back for a while (Ctrl-Z); takes it again, whatever was done to it in between. */
void screen_pause(void);
void screen_resume(void);

unsigned screen_width(void), screen_height(void);
/** Asks the terminal for its size: has it changed? */
bool screen_fit(void);
/** 0, 8, 16 or 256. */
unsigned screen_colors(void);
void screen_theme(bool light);
/** Brings what changed in the canvas to the terminal. */
void screen_show(const struct canvas *c);
/** The next event that is there already, without waiting. SCREEN_EOF: the terminal has gone. */
enum screen_event { SCREEN_NONE, SCREEN_KEY, SCREEN_MOUSE, SCREEN_PASTE, SCREEN_EOF };
enum screen_event screen_next(int *key, struct mouse *mouse);
/** SCREEN_PASTE: what was pasted, as code points, cut where it is endless; their number. */
size_t screen_pasted(const int **ret);
/**
 * Sends bytes to the clipboard of the terminal (OSC 52, as base64: none of them gets there raw);
 * false when there are more than terminals take.
 */
bool screen_clipboard(const char *bytes, size_t len);

#endif
