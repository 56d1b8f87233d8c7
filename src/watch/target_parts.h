/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files behind target.h share: target.c (when), reading.c (one reading
 * of a target), answer.c (what is read beside it). Nobody else includes it.
 */
#ifndef PROCMAP_WATCH_TARGET_PARTS_H
#define PROCMAP_WATCH_TARGET_PARTS_H

#include "../model/carry.h"
#include "parts.h"
#include "target.h"

#define MSEC UINT64_C(1000)
#define SEC  UINT64_C(1000000)

/** A part is read again after so many times what it cost, while the target moves. */
#define MOVING_TIMES 10
/** The same of what is compared while it rests. */
#define REST_TIMES 1000

struct target {
	struct source *src;
	struct target_ops ops;
	bool live;
	struct want want;

	struct snapshot *now; /**< the newest reading; NULL: none yet */
	bool have;	      /**< it has a space */
	u64 seq;
	pid_t tgid;
	struct identity id; /**< of the program in `now` */
	bool have_id;
	struct space kern; /**< the kernel half, which every reading takes over */
	struct note_span kern_notes;
	bool have_kern;
	bool kern_stale; /**< of the program before this one: in use till it is read again */

	bool behind;	   /**< something moved that has not been read yet */
	bool smaps_behind; /**< something was read that smaps was not read for yet */
	bool moving;	   /**< the rates shown last are not 0 */
	bool fresh;	   /**< `now` has mappings that grid, page and states are older than */

	/* live_usec() from which on each part may be read again. */
	u64 tick, moving_due, smaps_due, smaps_rest_due, maps_due, around_due;
	u64 smaps_cost; /**< of the last time; 0: never read */
	u64 smaps_read; /**< when that was */
	size_t without; /**< mappings that have no smaps values */

	struct page_states scanned; /**< of the reading under way, till it becomes `now` */

	struct want grid_want, page_want; /**< what grid and page in `now` answer */
	bool grid_behind;
	u64 grid_at, grid_cost;
	u64 places_due; /**< from which on cgroups may be looked for again */

	const char *step; /**< what is being read */
	u64 step_total, step_began, step_cpu, looked;
	int percent; /**< told last; -1 none */
	u64 told;
	bool answering; /**< something smaller, amid a longer reading */
	bool alone;	/**< what is read must be complete before anything is answered */
	bool deaf;	/**< what is read is not broken off */
};

/* --- target.c --- */

/** Hands over a copy of `now`. */
void target_publish(struct target *t);

/* --- reading.c --- */

void step_begin(struct target *t, const char *what, u64 total);
/** What it has cost so far: processor time, whoever else wants one. */
u64 step_cost(const struct target *t);
/** A root_step_fn over a target. */
bool target_step(void *ctx, u64 done);
/** For a struct stopper over a target. */
bool target_stopped(void *ctx);

/**
 * Reads the kernel half of *s, and keeps it for the readings to come. Broken off, it is what it
 * was, or the regions without what lies inside; now->kernel_cut says so.
 */
void reading_kernel(struct target *t, struct space *s);
/** The same, of what is shown. */
void reading_renew_kernel(struct target *t);
void reading_forget_kernel(struct target *t);

/** Makes *s what `now` shows; it is the target's from here on. */
void reading_commit(struct target *t, struct space *s);
/** Will smaps hardly delay what is read before it? */
bool reading_smaps_soon(const struct target *t, const struct space *s);
/** One reading of the process into `now`. 0, or -ECANCELED: `now` is as it was. */
int reading_refresh(struct target *t, bool smaps);
/** The last picture stays; of a process that ended before the first one what there is: *s. */
void reading_end(struct target *t, struct space *s);

/* --- answer.c --- */

bool same_target(const struct want *a, const struct want *b);
bool wants_grid(const struct want *w);
/** What a want asks for beside the mappings, from one to another. */
void copy_answers(struct want *to, const struct want *from);
/** Grid, page and states as they are wanted. True: there is something new to show. */
bool target_answer(struct target *t, bool ticked);
/** The list of processes. */
void target_round_tasks(struct target *t, const struct want *was, bool ticked);

#endif
