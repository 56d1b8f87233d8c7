/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Pages of the model: records a walk delivers, their states, runs of equal pages, counts by flag
 * set. Pure.
 */
#ifndef PROCMAP_MODEL_PAGES_H
#define PROCMAP_MODEL_PAGES_H

#include "space.h"

/** Frames of a block that is sampled: 2 MiB in pages of 4 KiB, and aligned to it. */
#define FRAME_BLOCK 512

/** Bits of a pagemap entry (Documentation/admin-guide/mm/pagemap.rst, fs/proc/task_mmu.c). */
#define PM_PFN(e)	((e) & ((UINT64_C(1) << 55) - 1)) /**< of a present entry; 0: masked */
#define PM_SWAP_TYPE(e) ((unsigned)((e)&31))		  /**< of a swapped entry */
#define PM_SWAP_OFF(e)	(((e) >> 5) & ((UINT64_C(1) << 50) - 1))
#define PM_SOFT_DIRTY	(UINT64_C(1) << 55)
#define PM_EXCLUSIVE	(UINT64_C(1) << 56)
#define PM_UFFD_WP	(UINT64_C(1) << 57)
#define PM_GUARD	(UINT64_C(1) << 58)
#define PM_FILE		(UINT64_C(1) << 61) /**< file page or shared anonymous */
#define PM_SWAPPED	(UINT64_C(1) << 62)
#define PM_PRESENT	(UINT64_C(1) << 63)
/** Is there an entry at all? Bit 55 alone is an empty one in a mapping that is soft-dirty. */
#define PM_HERE(e) (((e) & (PM_PRESENT | PM_SWAPPED)) != 0)

/** Bits of a kpageflags word (include/uapi/linux/kernel-page-flags.h and linux/…, 6.18). */
enum kpf {
	KPF_LOCKED,
	KPF_ERROR,
	KPF_REFERENCED,
	KPF_UPTODATE,
	KPF_DIRTY,
	KPF_LRU,
	KPF_ACTIVE,
	KPF_SLAB,
	KPF_WRITEBACK,
	KPF_RECLAIM,
	KPF_BUDDY,
	KPF_MMAP,
	KPF_ANON,
	KPF_SWAPCACHE,
	KPF_SWAPBACKED,
	KPF_COMPOUND_HEAD,
	KPF_COMPOUND_TAIL,
	KPF_HUGE,
	KPF_UNEVICTABLE,
	KPF_HWPOISON,
	KPF_NOPAGE,
	KPF_KSM,
	KPF_THP,
	KPF_OFFLINE,
	KPF_ZERO_PAGE,
	KPF_IDLE,
	KPF_PGTABLE,
	KPF_RESERVED = 32,
	KPF_MLOCKED,
	KPF_OWNER_2,
	KPF_PRIVATE,
	KPF_PRIVATE_2,
	KPF_OWNER_PRIVATE,
	KPF_ARCH,
	KPF_UNCACHED,
	KPF_SOFTDIRTY,
	KPF_ARCH_2,
	KPF_ARCH_3,
};

/** "LRU", or NULL for a bit without a name (print its number). */
const char *kpf_name(unsigned bit);
/** What it says of a page, in a few words; NULL for a bit without a name. */
const char *kpf_words(unsigned bit);

/**
 * The entry a page has that comes n pages after one with entry `pm` in the same run: the PFN, or
 * the swap offset, n higher; the same where it is masked or stands for no place (guards, markers).
 */
u64 pm_after(u64 pm, u64 n);

/** Figures a record may lack. */
#define FLAGS_UNKNOWN UINT32_MAX
#define COUNT_UNKNOWN UINT32_MAX

/** One page: 16 bytes. */
struct page_rec {
	u64 pm;	   /**< pagemap entry */
	u32 flags; /**< id in flag_sets, FLAGS_UNKNOWN if not asked for or not readable */
	u32 count; /**< map count, COUNT_UNKNOWN likewise; where PM_EXCLUSIVE, 1 without asking */
};

/** Every distinct kpageflags word seen, so that a page needs 4 bytes for it. */
struct flag_sets {
	u64 *words;
	size_t n, cap;
	u32 *slots; /**< open hash */
	size_t nslots;
};

void flag_sets_init(struct flag_sets *f);
void flag_sets_release(struct flag_sets *f);
u32 flag_sets_add(struct flag_sets *f, u64 word);

/** Consecutive pages of one mapping that a walk delivers at once. */
struct page_batch {
	u64 addr; /**< of the first page; for frame_walk() the PFN */
	size_t n; /**< pages */
	u32 vma;  /**< index of their mapping; NO_INDEX for frames */
	/**
	 * Asked once for all: rec[0] is the first page, rec[1] stands for every other one (its PFN,
	 * or swap offset, is that of rec[0] + 1, and so on). Otherwise rec has n records.
	 */
	bool unit;
	bool huge;   /**< mapped by a PMD or PUD entry, unit or not */
	bool absent; /**< none of the n pages has an entry; rec is NULL */
	const struct page_rec *rec;
	const u64 *cgroup;	      /**< memcg inode of each record, NULL unless WALK_CGROUP */
	const struct flag_sets *sets; /**< what rec[].flags index */
};

/** Non-zero stops the walk. */
typedef int page_walk_fn(void *ctx, const struct page_batch *batch);

struct page_run;

/**
 * What a present page of the mapping is as far as the mapping alone tells: PS_ANON, PS_SHARED,
 * PS_FILE, or PS_PRESENT where its pages differ or nobody looked (private file mappings: smaps).
 */
enum page_state vma_present_state(const struct space *s, const struct vma *v);
/** Has a private file mapping pages of the file beside copies of others? As smaps says. */
bool vma_is_mixed(const struct space *s, const struct vma *v);
/** What a page of the mapping is that is a file's or shared memory's (PM_FILE). */
enum page_state vma_file_state(const struct space *s, const struct vma *v);
/**
 * What the entry alone says of a page, without its frame's flags, as states of many pages are kept:
 * where page_state_of() has no more than PS_PRESENT, what the mapping tells.
 */
enum page_state page_state_plain(const struct space *s, const struct vma *v, u64 pm);
/** The state of a page; `flags` is its kpageflags word or 0 when unknown. */
enum page_state page_state_of(const struct space *s, const struct vma *v, u64 pm, bool have_flags,
			      u64 flags);
/** The state of a run of pages (page_walk(); not for the frames of frame_walk()). */
enum page_state page_run_state(const struct space *s, const struct page_run *run);
/** Present, private file mapping, yet not the file's page: copied on write. */
bool page_copied(const struct vma *v, u64 pm);
/**
 * Is the map count of a frame with these flags one of its folio, see host.average_counts? hugetlb
 * folios are mapped as a whole only: theirs is exact.
 */
bool count_is_average(const struct space *s, u64 flags);

/**
 * Where frames and swap entries are. /proc/swaps lists the areas in the order of their types but
 * leaves out the numbers that swapoff freed: with one area every entry is in it; with more, the
 * index is the type only while none was turned off. places_swap() knows the difference it can see.
 */
struct places {
	struct zone {
		u64 first_pfn, last_pfn;
		u32 node;
		char name[12];
	} * zones;
	size_t nzones;
	struct swap_area {
		char *path;
		u64 size_kib;
	} * swaps; /**< index = type in pagemap */
	size_t nswaps;
	struct memcg {
		u64 inode;
		char *path;
	} * memcgs; /**< sorted by inode */
	size_t nmemcgs;
};

void places_release(struct places *p);
/** NULL when no zone, or more than one, spans the frame. */
const struct zone *places_zone(const struct places *p, u64 pfn);
/** The area of a swap entry of pagemap; NULL when it is unknown or PFNs are masked. */
const struct swap_area *places_swap(const struct places *p, u64 pm, u32 page_size);
/** Path below the hierarchy's root ("/a/b"), NULL when the inode is unknown. */
const char *places_memcg(const struct places *p, u64 inode);

/** A run of pages in equal state whose PFNs (or swap offsets) follow each other. */
struct page_run {
	u64 addr;
	u64 n; /**< pages */
	u32 vma;
	bool absent;
	bool huge; /**< mapped by PMD or PUD entries */
	u64 pm;	   /**< entry of the first page */
	bool have_flags;
	u64 flags; /**< kpageflags word */
	u32 count;
	u64 cgroup; /**< 0 unknown or root */
};

/** Joins what a walk delivers into runs: feed batches, each finished run goes to `emit`. */
struct run_merger {
	const struct space *space;
	struct page_run run; /**< n == 0: none yet */
	int (*emit)(void *ctx, const struct page_run *run);
	void *ctx;
};
int run_merger_feed(struct run_merger *m, const struct page_batch *b);
int run_merger_end(struct run_merger *m);

/** Frames counted by flag set, like page-types, and per mapping by state. */
struct page_summary {
	struct flag_sets sets; /**< its own ids */
	u64 *by_set;	       /**< pages of each id */
	size_t nby_set;
	u64 unknown;	  /**< present pages whose flags were not readable */
	u64 mapped_total; /**< present pages; of frame_walk(): all frames */
	u64 swapped, guard, other;
	struct {
		u64 state[PS_NSTATES];
		u64 copied;
	} * vma; /**< per mapping, NULL for frames */
	size_t nvmas;
	u64 count_hist[4]; /**< map count 0, 1, 2 to 7, 8 and more */
	u64 count_unknown;
};

void page_summary_init(struct page_summary *p, const struct space *s, bool per_vma);
void page_summary_release(struct page_summary *p);
/** A page_walk_fn over a struct page_summary_feed. */
struct page_summary_feed {
	struct page_summary *sum;
	const struct space *space;
};
int page_summary_add(void *ctx, const struct page_batch *b);

#endif
