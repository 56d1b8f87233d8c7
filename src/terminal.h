/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What main asks of the terminal: its width, colours and character set, and a pager on it. */
#ifndef PROCMAP_TERMINAL_H
#define PROCMAP_TERMINAL_H

#include "cli.h"

/** Columns: --width, COLUMNS, the terminal's, else 100. At least 20. */
unsigned terminal_width(const struct options *o);

/** 0, 8, 16 or 256: --color, NO_COLOR, TERM, COLORTERM, and whether stdout is a terminal. */
unsigned terminal_colors(const struct options *o);

/** Only ASCII: --charset, else what the locale's character set says. */
bool terminal_ascii(const struct options *o);

/**
 * Starts a pager (PROCMAP_PAGER, PAGER, less) when stdout is a terminal and the options allow it.
 * *fd gets where output is to go: the pager's pipe, or stdout. Returns the pager's PID or 0.
 */
pid_t terminal_pager(const struct options *o, int *fd);

/** The terminal's descriptor to read keys from: stdin, else /dev/tty; -errno. */
int terminal_keyboard(void);

/** Creates a file that was not there, for the user alone; its descriptor or -errno. */
int terminal_new_file(const char *name);

/** Ends the output of a pager started above and waits for it. */
void terminal_pager_end(pid_t pager, int fd);

#endif
