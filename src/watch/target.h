/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * WHAT IS READ WHEN: one target of a watch, its newest reading, and when each part of it is due.
 * Knows no thread: watch.c calls target_round() from its own.
 */
#ifndef PROCMAP_WATCH_TARGET_H
#define PROCMAP_WATCH_TARGET_H

#include "../model/snapshot.h"
#include "../source.h"

struct target;

/** What a target needs from whoever runs it; all are called from inside target_round(). */
struct target_ops {
	void *ctx;
	/** A finished snapshot; its owner from now on. */
	void (*publish)(void *ctx, struct snapshot *s);
	/** What is being read, "" nothing. */
	void (*progress)(void *ctx, const char *text);
	/** Is what is being read no longer wanted? */
	bool (*stop)(void *ctx);
	/** The newest want, if it changed since the last round began or this was last called. */
	bool (*newer)(void *ctx, struct want *ret);
};

struct target *target_new(struct source *src, const struct target_ops *ops);
void target_free(struct target *t);
/** Reads what is due, and what `want` asks for that the round before did not have. */
void target_round(struct target *t, const struct want *want);
/** When the next round is due (live_usec()); UINT64_MAX: when the want changes. */
u64 target_due(const struct target *t);

#endif
