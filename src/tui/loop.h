/* SPDX-License-Identifier: GPL-2.0-or-later */
/** THE LOOP: moves keys, snapshots and pictures between the terminal, the state and the reading. */
#ifndef PROCMAP_LOOP_H
#define PROCMAP_LOOP_H

#include "tui.h"

/** What the loop needs from outside; main wires it, so that nothing here reads a kernel file. */
struct loop_ops {
	void *ctx;
	/** Readable when a snapshot, or progress, is there. */
	int fd;
	void (*want)(void *ctx, const struct want *w);
	/** The newest finished snapshot since the last call, NULL none; the loop frees it. */
	struct snapshot *(*take)(void *ctx);
	/** What is being read, "" nothing: for the status line. */
	const char *(*progress)(void *ctx);
	/** Stops a long read. */
	void (*cancel)(void *ctx);
	/**
	 * Writes to a new file, as text: with t->export_screen what tui_draw() draws, else the
	 * snapshot's map, filtered as the lists are. 0 or -errno.
	 */
	int (*export)(void *ctx, const struct tui *t, const struct snapshot *s, const char *name);
};

/**
 * Blocks the signals that the loop waits for, and has crashes give the terminal back. Before any
 * thread is started, so that none of them takes a signal that is the loop's.
 */
void loop_prepare(void);

/**
 * Undoes loop_prepare() for the signals that the loop waited for: they end the program again. After
 * screen_stop(); what follows may have to wait for a reader that is stuck in the kernel.
 */
void loop_release(void);

/**
 * Runs on the terminal that screen_start() has taken, until quit (0) or a signal (128 + its
 * number; SIGHUP when the terminal has gone). `tty` is the terminal's descriptor.
 */
int loop_run(struct tui *t, const struct loop_ops *ops, int tty);

#endif
