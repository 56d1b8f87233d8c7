/* SPDX-License-Identifier: GPL-2.0-or-later */
/** READER of all processes, for a picker: what is cheap of each, and what is dear of a few. */
#ifndef PROCMAP_PROC_TASKS_H
#define PROCMAP_PROC_TASKS_H

#include "proc.h"
#include "../model/snapshot.h"

/**
 * Appends every process of /proc to *t (initialised and empty), by rising PID: name, rss, threads,
 * uid, and whether its maps can be opened, 10 to 20 us each; the last, which is half of it, is
 * taken over from `old` (NULL: none) for what still has the same user and name. Users have no names
 * yet. `stop` may be NULL; -ECANCELED when it says so, else 0 or why /proc cannot be listed.
 */
int tasks_read(struct root *r, u32 page_size, struct tasks *t, const struct tasks *old,
	       bool (*stop)(void *ctx), void *ctx);
/** The process in a list that rises by PID; NULL. */
struct task *tasks_find(const struct tasks *t, pid_t pid);
/** The same one, and no other that got its number? */
bool task_same(const struct task *a, const struct task *b);

/**
 * Reads what grows with the process: pss (smaps_rollup, which walks its page tables and holds up
 * its mmap() meanwhile) and the number of its mappings. Sets lazy_usec and lazy_cost.
 */
void task_read_lazy(struct root *r, struct task *t);

#endif
