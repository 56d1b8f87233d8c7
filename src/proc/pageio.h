/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the readers of pages share among themselves: scan.c, pagemap.c, kpage.c, pagetxt.c. Others
 * use pages.h.
 */
#ifndef PROCMAP_PAGEIO_H
#define PROCMAP_PAGEIO_H

#include "pages.h"

/** Entries one pread takes: 64 KiB; larger ones are no faster (the kernel walks 2 MiB at a time).
 */
#define IO_ENTRIES 8192
/** Empty entries cheaper to read through (4 ns each) than a second pread (0.8 us). */
#define HOLE_MAX 160

/* --- scan.c: PAGEMAP_SCAN ----------------------------------------------------------------- */

/** Categories of include/uapi/linux/fs.h; GUARD since 6.16. */
enum scan_category {
	SCAN_FILE = 4,
	SCAN_PRESENT = 8,
	SCAN_SWAPPED = 0x10,
	SCAN_PFNZERO = 0x20,
	SCAN_HUGE = 0x40,
	SCAN_GUARD = 0x100,
};

/** struct page_region of the kernel. */
struct scan_region {
	u64 start, end, categories;
};

/** Regions a call returns. With more than 512 the kernel may report ranges twice. */
#define SCAN_VEC 512

/** Walks ranges by bounded calls of the ioctl. */
struct scanner {
	int fd;
	u64 want;      /**< categories this kernel knows, of those we ask for */
	u64 next, end; /**< what is left of the range */
	size_t n, i;   /**< regions in vec, and how many were handed out */
	struct scan_region vec[SCAN_VEC];
};

/**
 * Asks the kernel which categories it knows. -ENOTTY, or what the ioctl said, when it lacks the
 * ioctl (before 6.7).
 */
int scanner_init(struct scanner *sc, int fd);
/** Starts over with [start, end), page aligned. */
void scanner_range(struct scanner *sc, u64 start, u64 end);
/** The next region with present or swapped pages. 1, 0 at the end, -errno. Starts always rise. */
int scanner_next(struct scanner *sc, struct scan_region *ret);

struct tally;
struct page_states;

/** Adds a region that a scan found to the counters and bars. 0 or -errno. */
int scan_tally(struct tally *t, const struct scanner *sc, const struct scan_region *reg);
/** states.c: the states of all pages of tally->s, and the tally, out of one scan. 0 or -errno. */
int states_scan(struct scanner *sc, struct tally *tally, const struct root *root,
		struct page_states *ret);

/** Reads `n` entries of pagemap from page number `page` on; returns how many there were, -errno. */
ssize_t pagemap_pread(int fd, u64 page, size_t n, u64 *entries);

/** Opens pagemap, with a note when it cannot be. */
int pagemap_open(struct piddir *d, struct space *s, int *ret);

/** False once the process is gone: its pagemap then ends at once, and a scan finds nothing. */
bool pagemap_alive(int fd, const struct space *s);

/**
 * A mapping that pagemap does not cover, because it lies beyond the user half: [vsyscall], and
 * [vectors] of 32-bit ARM.
 */
bool vma_beyond_user(const struct space *s, const struct vma *v);

/** Adds up what a scan finds, mapping by mapping, and draws the bars. */
struct tally {
	struct space *s;
	size_t next;	/**< mappings before it have been begun */
	struct vma *v;	/**< the one last begun, NULL: none */
	u64 npages;	/**< its pages */
	unsigned slice; /**< the slice `sum` belongs to */
	u64 sum[PS_NSTATES];
	enum page_state plain; /**< what a present page of `v` is, as far as that tells */
	bool mixed;	       /**< it does not: its entry does */
	bool no_guard; /**< guards cannot be told from swap: distrust it where smaps has none */
	bool no_swap;  /**< smaps says nothing of `v` is swapped */
};

void tally_begin(struct tally *t, struct space *s, bool no_guard);
/**
 * Pages from `addr` on, all in one state, in rising order; what no mapping has is left out. Of what
 * is present PS_FILE and PS_ANON are what its entry says, PS_PRESENT that nobody asked it; where
 * the mapping tells, that holds.
 */
void tally_add(struct tally *t, u64 addr, u64 npages, enum page_state st, bool huge);
void tally_end(struct tally *t);

/* --- kpage.c: kpageflags, kpagecount, kpagecgroup ------------------------------------------- */

enum kpage_file { KPAGE_FLAGS, KPAGE_COUNT, KPAGE_CGROUP, KPAGE_NFILES };

/** The three files, open; -1 where not wanted or closed to us. */
struct kpage_files {
	int fd[KPAGE_NFILES];
	int err; /**< why the last one could not be opened, 0: all could */
};

/** Opens what `want` (enum walk_want) asks for; notes what could not be. */
void kpage_open(struct kpage_files *f, struct root *r, struct space *s, unsigned want);
void kpage_close(struct kpage_files *f);

/** Most records one kpage_ask() takes: their index has 17 bits in a key. */
#define KPAGE_WINDOW (1u << 17)

/** Asks the files about windows of pages. One for each thread. */
struct kpage {
	const struct kpage_files *files;
	u64 *keys, *spare; /**< one key a run of PFNs; see kpage.c */
	size_t nkeys, cap;
	u64 *buf;	       /**< IO_ENTRIES */
	struct flag_sets sets; /**< what flags of all records so far index */
	u64 zero_pfn;	       /**< the zero page's once it was met, 0 before */
	struct page_rec zero;  /**< what it answered */
	u64 zero_cgroup;
	int err; /**< the first failed read, -errno */
};

void kpage_init(struct kpage *k, const struct kpage_files *files, size_t window);
void kpage_release(struct kpage *k);
/**
 * Fills flags, count and cgroup (may be NULL) of n records by their PFNs. `want` as for
 * page_walk(). Records that are not present, or masked, keep them unknown.
 */
void kpage_ask(struct kpage *k, struct page_rec *rec, u64 *cgroup, size_t n, unsigned want);

/** For tests: keys of records, sorted by PFN when that pays; returns the number of runs. */
size_t kpage_keys(struct kpage *k, struct page_rec *rec, u64 *cgroup, size_t n, unsigned want);
void kpage_sort(struct kpage *k);
#define KEY_PFN(key)	((key) >> 24)
#define KEY_LEN(key)	((unsigned)((key) >> 18 & 63) + 1)
#define KEY_SHARED(key) ((key) >> 17 & 1)
#define KEY_INDEX(key)	((u32)(key) & (KPAGE_WINDOW - 1))

/* --- pagemap.c ------------------------------------------------------------------------------ */

/** Delivers the pages a walk leaves out, when they were asked for. */
struct absent_fill {
	const struct space *s;
	u64 next; /**< first address not yet delivered */
	u64 last; /**< last address of the walk */
	size_t vma;
	bool asked;						  /**< WALK_ABSENT */
	bool (*skip)(const struct space *s, const struct vma *v); /**< unknown, not absent */
	const struct expr *filter;				  /**< NULL: none */
	page_walk_fn *fn;
	void *ctx;
};

/** Delivers what is absent below `addr`, then goes on behind it. */
int absent_upto(struct absent_fill *a, u64 addr, u64 resume);
/** Delivers the rest. */
int absent_rest(struct absent_fill *a);

/* --- pagetxt.c: pages.txt of a recorded tree -------------------------------------------------- */

/** One line; false when it is malformed. `run->vma` is not set. */
bool pagetxt_parse(const char *line, size_t len, u32 page_size, struct page_run *ret);
/** Where its text is: a file, or memory when `text` is not NULL. */
struct pagetxt_source {
	int fd;
	const char *text;
	size_t len;
};

/** scan_read() and page_walk() of a recorded tree. */
int pagetxt_scan(struct piddir *d, struct space *s);
int pagetxt_walk(struct piddir *d, struct space *s, const struct walk_opts *o, page_walk_fn *fn,
		 void *ctx);
int pagetxt_scan_source(const struct pagetxt_source *src, struct space *s);
int pagetxt_walk_source(const struct pagetxt_source *src, struct space *s,
			const struct walk_opts *o, page_walk_fn *fn, void *ctx);

#endif
