/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * READERS of pages: PAGEMAP_SCAN, pagemap, kpageflags, kpagecount, kpagecgroup; for recorded trees
 * pages.txt. Nothing here costs a system call a page, and memory does not grow with the pages.
 */
#ifndef PROCMAP_PAGES_H
#define PROCMAP_PAGES_H

#include "proc.h"
#include "../model/expr.h"
#include "../model/pages.h"

/**
 * scan.c. Counts pages of every mapping (vma.pages) and fills the bars (space.slices) with bounded
 * PAGEMAP_SCAN calls; without the ioctl (before 6.7) by reading pagemap.
 * Sets space.have_scan and scan_usec. 0 or -errno (nothing filled, note added).
 */
int scan_read(struct piddir *d, struct space *s);

/** What to find out about each page beside its pagemap entry. */
enum walk_want {
	WALK_FLAGS = 1,	 /**< kpageflags */
	WALK_COUNT = 2,	 /**< kpagecount; skipped where pagemap says exclusive */
	WALK_CGROUP = 4, /**< kpagecgroup */
	WALK_EXACT = 8,	 /**< ask every page of a PMD-mapped unit, not only two of it */
	WALK_ABSENT =
		16, /**< deliver runs of non-present pages of the range too, as batches of n */
};

/** Which pages a walk delivers, and what it finds out about them. */
struct walk_opts {
	struct range range;
	const struct expr *filter; /**< only pages of mappings that meet it; NULL: of all */
	unsigned want;		   /**< enum walk_want */
	unsigned threads;	   /**< 1 or 2 */
};

/**
 * Walks the pages of the mappings of `s` that `o` names, in rising address order, by the plan of
 * the file's first comment. Stops early when the callback returns non-zero and returns that. -errno
 * when pagemap cannot be read; when only kpage files cannot, the records lack what they give and a
 * note says so.
 */
int page_walk(struct piddir *d, struct space *s, const struct walk_opts *o, page_walk_fn *fn,
	      void *ctx);

/** All frames of RAM in PFN order, the same records (no pagemap bits) without addresses; of a
 * recorded tree the flags that proc/frames.txt has, -ENOENT without it. */
int frame_walk(struct root *r, struct space *s, unsigned want, unsigned threads, page_walk_fn *fn,
	       void *ctx);

/**
 * ask.c. Fills flags, count and cgroup (may be NULL) of n records by the PFNs of their present
 * entries, as far as `want` says; flags index *sets, initialised by the caller, who releases it. 0,
 * or -errno when flags were wanted and cannot be read.
 */
int frames_ask(struct root *r, struct space *s, struct page_rec *rec, u64 *cgroup, size_t n,
	       unsigned want, struct flag_sets *sets);

/**
 * bytes.c. The contents of the page at `addr`, whose entry was `pm` when somebody decided that it
 * may be read: host.page_size bytes. -EAGAIN when it is not present, or another page, by now;
 * -ENODATA of a recorded tree; else why it cannot be read.
 */
int page_bytes_read(struct piddir *d, const struct space *s, u64 addr, u64 pm, u8 *to);

/** A range of PFNs, both ends included, and how much of it to read. */
struct frame_part {
	u64 first, last;
	u64 every; /**< one block of FRAME_BLOCK frames in so many; 0 or 1: all of them */
	u32 block; /**< frames of a block, a divisor of FRAME_BLOCK; 0: FRAME_BLOCK */
};

/** `n` consecutive frames with the same kpageflags word. Non-zero stops. */
typedef int frame_run_fn(void *ctx, u64 pfn, u64 n, u64 word);

/**
 * frames.c. kpageflags of the parts, which rise and do not overlap, in rising order, as runs of
 * equal words; in a recorded tree those of proc/frames.txt. About 70 ns a frame, whatever they
 * are; 1 MiB of memory, whatever their number. 0, what stopped it, or -errno (and a note).
 */
int frame_read(struct root *r, struct space *s, const struct frame_part *parts, size_t nparts,
	       unsigned threads, frame_run_fn *fn, void *ctx);

/**
 * kframes.c. The frames of s->kmap, all of them or a sample that takes 5 ms whatever the RAM's
 * size; sets frames_every. 0, also when there is nothing to read, or -errno (and a note).
 */
int kframes_read(struct root *r, struct space *s, bool all, unsigned threads);

/**
 * Which node and zone a frame is in (/proc/zoneinfo, /sys/devices/system/node), which swap area a
 * swap entry's type is (/proc/swaps, in order), which cgroup a memcg inode is. Fills s->places.
 */
int places_read(struct root *r, struct space *s, struct places *ret);

#endif
