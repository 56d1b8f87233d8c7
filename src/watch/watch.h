/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * READING BESIDE A VIEWER: a thread that owns the source, reads what is wanted at its interval and
 * hands over finished snapshots. No lock is held while it reads.
 */
#ifndef PROCMAP_WATCH_H
#define PROCMAP_WATCH_H

#include "../model/snapshot.h"
#include "../source.h"

struct watch;

/** Starts the thread; -errno. Capabilities must be set before. */
int watch_start(const struct options *o, struct watch **ret);
/** Cancels what is being read, waits for the thread, frees. */
void watch_stop(struct watch *w);
/** Readable (poll) when watch_take() or watch_progress() has something new. */
int watch_fd(const struct watch *w);
void watch_want(struct watch *w, const struct want *want);
struct snapshot *watch_take(struct watch *w);
/** "smaps 40%", "" when idle; static storage of the watch, valid until the next call. */
const char *watch_progress(struct watch *w);
void watch_cancel(struct watch *w);

#endif
