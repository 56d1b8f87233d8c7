/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a reading is made of, between the files of the watch. Each function fills its part of a
 * snapshot from a source that holds the process. They ask `stop` now and then: true ends a long
 * read with -ECANCELED.
 */
#ifndef PROCMAP_WATCH_PARTS_H
#define PROCMAP_WATCH_PARTS_H

#include "../model/snapshot.h"
#include "../source.h"

struct stopper {
	bool (*stop)(void *ctx);
	void *ctx;
};

/** Is it to end? */
static inline bool stopped(const struct stopper *stop)
{
	return stop && stop->stop(stop->ctx);
}

/**
 * States of all pages of the process's mappings, for marks and changes: one bounded scan, with
 * FILE only where a private mapping of a file may have copies.
 */
int watch_states(struct source *src, struct snapshot *s, const struct stopper *stop);

/** The grid that is wanted: of the process's pages, or of the kernel half. */
int watch_grid(struct source *src, struct snapshot *s, const struct want *w,
	       const struct stopper *stop);

/** The page that is wanted, its bytes only if they are. */
int watch_page(struct source *src, struct snapshot *s, const struct want *w);

/** The place that is wanted by a name: in the files that the mappings of *s are of, in the kernel.
 */
void watch_symbol(struct source *src, struct snapshot *s, const struct want *w,
		  const struct stopper *stop);

/**
 * All processes, for the picker. `old` (NULL: none) lends the pss that were read before; those of
 * w->pss are read anew, as long as `stop` does not say else.
 */
int watch_tasks(struct source *src, struct snapshot *s, const struct tasks *old,
		const struct want *w, const struct stopper *stop);

#endif
