/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What fills the space: the live system or a recorded tree. Calls the readers in their order and
 * sees to it that one picture never mixes two processes.
 */
#ifndef PROCMAP_SOURCE_H
#define PROCMAP_SOURCE_H

#include "cli.h"
#include "model/snapshot.h"
#include "proc/kmem.h"
#include "proc/pages.h"

/** Exit statuses of the program; of several targets the highest counts. */
enum exit_status {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_NO_PROCESS = 3, /**< no such process, or a zombie */
	STATUS_NO_MAPS = 4,    /**< a target's maps could not be read */
};

struct source;

/** Opens the system or the tree that the options name; -errno. */
int source_open(const struct options *o, struct source **ret);
void source_close(struct source *src);

/**
 * Fills *s (already initialised) with process `pid`; 0 for the kernel alone. The status says what
 * became of it; with STATUS_NO_PROCESS and no_user == USER_HERE there is nothing to draw. The
 * process stays held for the walks below until the next call or source_close().
 */
enum exit_status source_fill(struct source *src, pid_t pid, struct space *s);

/** What the last source_fill() read from, for views that read more. All belong to the source. */
struct root *source_root(const struct source *src);
struct piddir *source_dir(const struct source *src);
const struct kfacts *source_facts(const struct source *src);
/** Kernel memory, NULL where there is none to read. */
struct kmem *source_kmem(const struct source *src);

/** page_walk() over the process held, and the places its pages are in. */
int source_walk_pages(struct source *src, struct space *s, struct range r, unsigned want,
		      page_walk_fn *fn, void *ctx);
/** The same of the mappings that meet --filter, where there is one. */
int source_walk_filtered(struct source *src, struct space *s, struct range r, unsigned want,
			 page_walk_fn *fn, void *ctx);
/** frame_walk() over all RAM. */
int source_walk_frames(struct source *src, struct space *s, unsigned want, page_walk_fn *fn,
		       void *ctx);
/** frame_read() of the system. */
int source_read_frames(struct source *src, struct space *s, const struct frame_part *parts,
		       size_t nparts, frame_run_fn *fn, void *ctx);
int source_places(struct source *src, struct space *s, struct places *ret);

/* --- source_refresh.c: one target again and again, part by part ------------------------------ */

/**
 * Lets go of what was held and holds process `pid`; *tgid gets its leader. -ESRCH there is none;
 * else its directory is closed to us.
 */
int source_hold(struct source *src, pid_t pid, pid_t *tgid);
/** Makes *s (not yet initialised) the space of a new reading: host, pid, tid. */
void source_begin(struct source *src, pid_t tgid, pid_t pid, struct space *s);
/**
 * The process held, its mappings (with `smaps` from smaps where that can be read) and its threads.
 * 0, also for kernel threads; -ESRCH it has ended; -ECANCELED a step said so; else why its mappings
 * are closed, which the space then says.
 */
int source_refresh_user(struct source *src, struct space *s, bool smaps);
/** Says in the space that its mappings are closed to us, and why. */
void source_deny(struct source *src, struct space *s, int err);
/**
 * The scan of its pages, unless the options forbid it: 0 or -errno. With `states` (empty; NULL:
 * not wanted) their states, too, out of the same scan; states->have when they are there.
 */
int source_refresh_pages(struct source *src, struct space *s, struct page_states *states);
/**
 * Groups, looks into files and around, classifies. What `old` (NULL: none) knows of files is taken
 * over, and unless `around` what it knows of limits and the cgroup.
 */
void source_refresh_details(struct source *src, struct space *s, const struct space *old,
			    bool around);
/**
 * The kernel half of `s`, with `inside` what lies in its regions, too. Both stay in use until the
 * next call: source_facts() and source_kmem() are theirs. -ECANCELED: a step said so, those two are
 * what they were before, and `s` is good for nothing.
 */
int source_refresh_kernel(struct source *src, struct space *s, bool inside);
/** statm and stat of the process held: 2 us. -ESRCH it has ended. */
int source_vitals(struct source *src, struct vitals *ret);
/** Who is held now: 0 or -errno. */
int source_identity(struct source *src, struct identity *ret);
bool source_same_identity(const struct identity *a, const struct identity *b);
/** Are mappings' smaps values there? */
bool source_have_smaps(const struct space *s);

/* --- source_ptes.c: page tables ----------------------------------------------------------- */

struct pt_ranges;
struct pt_walk;

/**
 * What the kernel's page tables map: through kernel memory, else from debugfs. *ret is set
 * whatever is returned: 0, -ENODATA where there is neither, else why.
 */
int source_kernel_ptes(struct source *src, struct space *s, struct pt_ranges *ret);
/** Tells the kernel half of `s` what they say; nothing where they cannot be read. 0 or -ECANCELED.
 */
int source_apply_ptes(struct source *src, struct space *s);
/** Prepares *w for the kernel's own page tables: the caller sets the rest. 0 or -ENODATA. */
int source_prepare_kernel_ptes(struct source *src, struct pt_walk *w);
/**
 * Prepares *w for the page tables of the process of `s`: the caller sets format, range, fn, table
 * and ctx, and walks. 0, -ENODATA without kernel memory, or as kmem_mm().
 */
int source_prepare_ptes(struct source *src, const struct space *s, struct pt_walk *w);

#endif
