/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The physical side of a machine: what its addresses are (iomem), how the kernel divides its RAM
 * (nodes, zones, orders, lists, pools) and what the frames are used for. The readers of src/proc/
 * fill it, views see it as const. Pure.
 *
 * Memory follows what is drawn, not the RAM: frames are counted while they go by, and what is
 * kept of them is counters and a fixed number of slices.
 */
#ifndef PROCMAP_MODEL_PHYS_H
#define PROCMAP_MODEL_PHYS_H

#include "pages.h"

/* ------------------------------------------------------------------ frames */

/** What a frame is used for, as far as its kpageflags tell. The order is that of the legend. */
enum frame_state {
	FS_NONE, /**< no page behind it, or outside of RAM */
	FS_FREE, /**< in the buddy allocator */
	FS_ANON,
	FS_FILE,  /**< page cache, buffers */
	FS_SHMEM, /**< shared memory, tmpfs */
	FS_HUGETLB,
	FS_SLAB,
	FS_PGTABLE,
	FS_KERNEL,   /**< no flag tells: the kernel's own use, or on a per-CPU list */
	FS_RESERVED, /**< never given to the allocator: kernel image, memmap, firmware */
	FS_OFFLINE,  /**< offline, or given to the host by a balloon */
	FS_POISON,   /**< hardware error */
	FS_NSTATES
};

/** "page tables". */
const char *frame_state_name(enum frame_state st);

/**
 * The state of a frame. `before` is that of the frame one lower, which the tail of a compound page
 * shares where the kernel gives tails no flags of their own (before 6.10). `ram`: known to be RAM.
 */
enum frame_state frame_state_of(u64 word, enum frame_state before, bool ram);

/**
 * Counts frames as they go by, in rising order: by state, by flag set, and in equal slices of a
 * range for a bar. A slice is packed as SLICE(state, fill): the state that most of the used frames
 * hold, and sixteenths of its frames that are used, neither free nor FS_NONE.
 */
struct frame_tally {
	u64 first, last; /**< PFNs of the range */
	bool ram;	 /**< FS_NONE is not possible for a word of 0 */
	u64 seen;	 /**< frames counted; less than the range when they were sampled */
	u64 state[FS_NSTATES];
	u8 *slices; /**< owned; NULL: none */
	size_t nslices;

	enum frame_state before; /**< of the frame last counted */
	size_t slice;		 /**< the slice being counted */
	u64 sum[FS_NSTATES];	 /**< its frames */
};

/** `nslices` 0: no bar; more than there are frames becomes one a frame. */
void frame_tally_init(struct frame_tally *t, u64 first, u64 last, size_t nslices, bool ram);
/** `n` frames from `pfn` on that have the same flags. What is outside of the range is left out. */
void frame_tally_add(struct frame_tally *t, u64 pfn, u64 n, u64 word);
/** Closes the last slice. Slices nobody counted in are SLICE(FS_NONE, 0). */
void frame_tally_end(struct frame_tally *t);
void frame_tally_release(struct frame_tally *t);
/** Frames of one state in the whole range: counted, or estimated where they were sampled. */
u64 frame_tally_estimate(const struct frame_tally *t, enum frame_state st);

/* ------------------------------------------------------------------ what the files say */

/** A named number of a file whose names differ by kernel (vmstat, meminfo, zoneinfo). */
struct counter {
	u32 name; /**< in phys.names */
	u64 v;	  /**< pages, events or, of meminfo, bytes (HugePages_*: pages) */
};

struct counters {
	struct counter *p; /**< in the file's order; owned */
	size_t n, cap;
};

/** What a range of physical addresses is, by the name iomem gives it. */
enum resource_kind {
	RES_RAM,
	RES_KERNEL,   /**< the kernel's image or a crash kernel's, inside RAM */
	RES_RESERVED, /**< kept from the allocator */
	RES_FIRMWARE, /**< ACPI tables and the like, ROMs */
	RES_PMEM,
	RES_MMIO, /**< buses and devices */
	RES_NKINDS
};

/** A line of /proc/iomem. */
struct resource {
	u64 first, last;
	u32 parent; /**< index; NO_INDEX at the top */
	u32 name;   /**< in phys.names */
	u8 depth;
	u8 kind; /**< enum resource_kind */
};

/** Most lines of iomem that are kept, and how deep they may nest. */
#define RESOURCES_MAX	   16384
#define RESOURCE_DEPTH_MAX 16

/** Orders of the buddy allocator: 11 on x86, up to 14 on arm64 with 64 KiB pages; some spare. */
#define ORDERS_MAX 20
/** Migrate types of pagetypeinfo: 6 in 6.18 with CMA and isolation. */
#define MIGRATE_MAX 8

/** A zone of a node: zoneinfo, buddyinfo, pagetypeinfo. Pages unless said otherwise. */
struct phys_zone {
	u32 node;
	u32 name; /**< in phys.names */
	struct fig free, boost, min, low, high, promo, spanned, present, managed, cma, start_pfn;
	u64 reserve[8]; /**< lowmem reserve against requests for each zone ("protection") */
	u8 nreserve;
	struct counters counters; /**< nr_*, numa_* */

	u64 cpus;      /**< per-CPU lists there are */
	u64 pcp, lag;  /**< pages on them; how far counters may lag behind: vm stats thresholds */
	u64 pcp_high;  /**< sum of what they may hold */
	u64 pcp_batch; /**< largest */

	u8 norders;	       /**< 0: buddyinfo has no line for it */
	u64 order[ORDERS_MAX]; /**< free blocks of each order */

	bool have_types;
	u64 type_free[MIGRATE_MAX][ORDERS_MAX]; /**< free blocks */
	u32 type_more[MIGRATE_MAX];		/**< bit per order: there are more (">100000") */
	struct fig type_blocks[MIGRATE_MAX];	/**< pageblocks of the type */
};

/** Most zones that are kept. */
#define ZONES_MAX 1024

struct phys_node {
	u32 id;
	struct counters stats;	 /**< per-node part of zoneinfo */
	struct counters meminfo; /**< its own, from sysfs; bytes */
	u32 cpulist;		 /**< "0-3", in phys.names; 0 unknown */
	u32 distance;		 /**< "10 20", in phys.names; 0 unknown */
};

/** A hugetlb pool of one page size. */
struct huge_pool {
	u64 page_size;					       /**< bytes */
	u32 node;					       /**< NO_INDEX: the whole system */
	struct fig total, free, reserved, surplus, overcommit; /**< pages; two of the system only */
};

struct swap_device {
	u32 path, type;	       /**< in phys.names */
	struct fig size, used; /**< bytes */
	struct fig priority;   /**< as two's complement */
};

/** A zram device that has a size. Bytes. */
struct zram_device {
	u32 name, algorithm; /**< in phys.names */
	struct fig disk, stored, compressed, used, limit, used_max;
};

struct zswap {
	struct fig enabled; /**< 0 or 1 */
	u32 compressor;
	struct fig max_percent;
};

/** A generation of the multi-generational LRU, of one memory cgroup on one node. */
struct lru_gen {
	u32 memcg; /**< its path, in phys.names */
	u32 node;
	u64 seq, age_ms, anon, file; /**< pages */
};

/** Most generations that are kept: 4 for each cgroup and node. */
#define LRU_GENS_MAX 16384

/** What became of iomem. */
enum iomem_state {
	IOMEM_UNREAD, /**< closed, absent or damaged: a note says why */
	IOMEM_ZEROS,  /**< names, but zeros for addresses: CAP_SYS_ADMIN is missing */
	IOMEM_READ,
};

/* ------------------------------------------------------------------ the map */

enum piece_kind {
	PIECE_RAM,
	PIECE_OTHER, /**< reserved, firmware, devices */
	PIECE_HOLE,  /**< nothing claims it */
	PIECE_SPAN,  /**< iomem is closed: what a zone spans, RAM and holes */
};

/** Most slices of a piece, and of all together. */
#define PIECE_SLICES 1024
#define PHYS_SLICES  65536

/** A part of physical memory that is one thing and in one zone. */
struct piece {
	u64 first, last;
	enum piece_kind kind;
	u32 res;		   /**< index in resources; NO_INDEX for holes and spans */
	u32 zone;		   /**< index in zones; NO_INDEX: none, or more than one */
	bool overlap;		   /**< more than one zone spans it (nodes that interleave) */
	bool cut;		   /**< the limit left a part of it out */
	struct frame_tally frames; /**< of RAM and spans */
	u64 every;		   /**< one block in so many was read; 0: none */
	u32 *mine;		   /**< pages of the process in each slice; owned, NULL */
	u64 nmine;
};

/** Where the process's pages are. A frame that it maps twice counts twice. */
struct phys_process {
	bool asked;
	u64 pages;     /**< present ones with a frame number */
	u64 zero;      /**< of the shared zero page: in no other figure */
	u64 masked;    /**< present, frame number hidden */
	u64 elsewhere; /**< in no piece: device memory, or beyond the limit */
	u64 *zone;     /**< per zone; owned */
	u64 no_zone;   /**< in a piece without a zone */
	u64 state[FS_NSTATES];
};

struct phys {
	u32 page_size;
	struct strtab names;
	enum iomem_state iomem;
	size_t dropped;		    /**< lines of iomem that contradict others or are too many */
	struct resource *resources; /**< as in the file: parents first, then rising */
	size_t nresources, cap_resources;
	struct phys_zone *zones; /**< as in zoneinfo */
	size_t nzones, cap_zones;
	struct phys_node *nodes;
	size_t nnodes, cap_nodes;
	u32 migrate[MIGRATE_MAX]; /**< names of the types, in phys.names */
	u8 nmigrate;
	struct fig pageblock; /**< pages of a pageblock */
	struct counters vmstat, meminfo;
	struct huge_pool *pools;
	size_t npools, cap_pools;
	struct swap_device *swaps;
	size_t nswaps, cap_swaps;
	struct zram_device *zrams;
	size_t nzrams, cap_zrams;
	struct zswap zswap;
	struct fig lru_enabled, lru_ttl_ms; /**< bits of lru_gen/enabled; milliseconds */
	struct lru_gen *gens;
	size_t ngens, cap_gens;
	bool gens_cut;
	struct fig phys_bits; /**< of the CPU */

	struct range limit;   /**< what the map covers */
	struct piece *pieces; /**< rising, apart */
	size_t npieces, cap_pieces;
	bool swept;	       /**< the frames were read, as many as there were */
	u64 every;	       /**< the largest of the pieces': 1 is all of them */
	struct flag_sets sets; /**< flag words met ... */
	u64 *by_set;	       /**< ... and frames of each */
	size_t nby_set;
	struct phys_process process;
};

void phys_init(struct phys *p, u32 page_size);
void phys_release(struct phys *p);

u32 phys_name(struct phys *p, const char *s, size_t len);
const char *phys_text(const struct phys *p, u32 name);
void counters_add(struct phys *p, struct counters *c, const char *name, size_t len, u64 v);
struct fig counters_get(const struct phys *p, const struct counters *c, const char *name);
/** The node, added if new; NULL when ZONES_MAX are in use. */
struct phys_node *phys_node(struct phys *p, u32 id);
/** The zone of a node with this name; NULL for none. */
struct phys_zone *phys_zone(struct phys *p, u32 node, const char *name, size_t len);
/** By what iomem calls it. */
enum resource_kind resource_kind_of(const char *name, size_t len);
const char *resource_kind_name(enum resource_kind k);
/** Free pages by the orders of buddyinfo, unknown without them. */
struct fig zone_buddy_free(const struct phys_zone *z);
/** The same in blocks of `order` and larger. */
struct fig zone_buddy_from(const struct phys_zone *z, unsigned order);
/**
 * Bytes of RAM that no zone manages, beyond what is reserved or offline; unknown where there is no
 * more than a boot usually keeps.
 */
struct fig phys_unmanaged(const struct phys *p);
/** PFNs the zone spans; false when it spans none, or numbers that make no sense. */
bool zone_span(const struct phys_zone *z, u64 *first, u64 *last);

/** Puts the pieces together from resources and zones, as far as `limit` reaches; needs phys_bits.
 */
void phys_layout(struct phys *p, struct range limit);

/** Most frames read unless asked for more: about a second; 64 GiB in pages of 4 KiB. */
#define FRAMES_WHOLE (UINT64_C(1) << 24)

/** Frames the pieces have to be read from: RAM, or spans. */
u64 phys_frames(const struct phys *p);
/** Once they are read: is there a piece of which some frames are missing? */
bool phys_partial(const struct phys *p);
/** Decides how much of each piece is read; `all`: everything. Returns the frames that are. */
u64 phys_plan(struct phys *p, bool all);

/** A consumer of runs of frames in rising order: counts them into the pieces. */
struct phys_sweep {
	struct phys *p;
	size_t i; /**< the piece of the run before */
	u64 word; /**< its word ... */
	u32 set;  /**< ... and the id of that */
};
void phys_sweep_begin(struct phys_sweep *w, struct phys *p);
/** A frame_run_fn; ctx is the struct phys_sweep. */
int phys_sweep_run(void *ctx, u64 pfn, u64 n, u64 word);
/** All was read: only now p->swept says so. */
void phys_sweep_end(struct phys_sweep *w);

void phys_mark_begin(struct phys *p);
/** A page_walk_fn; ctx is the struct phys. Marks where the process's pages are. */
int phys_mark_pages(void *ctx, const struct page_batch *b);

/** Index of the piece that has the frame, SIZE_MAX for none. */
size_t phys_find(const struct phys *p, u64 pfn);

/** Two figures that should be equal, in bytes. */
struct phys_check {
	const char *a, *b; /**< static: "MemFree", "free pages of all zones" */
	struct fig va, vb;
	const char *why; /**< static: what explains a difference */
};
#define PHYS_CHECKS 12
/** The checks that can be made with what was read, in a fixed order. */
size_t phys_checks(const struct phys *p, struct phys_check ret[static PHYS_CHECKS]);

#endif
