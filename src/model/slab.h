/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The slab caches of the kernel: what slabinfo, /sys/kernel/slab, meminfo and allocinfo say of
 * them, what that comes to in bytes, and how one slab is cut into slots. Pure.
 *
 * Figures come from files that may be hostile: products saturate, contradictions are told.
 */
#ifndef PROCMAP_MODEL_SLAB_H
#define PROCMAP_MODEL_SLAB_H

#include "space.h"

/** A name below /sys/kernel/slab and the directory it leads to; its own where it is one. */
struct slab_name {
	u32 name, dir; /**< ids in slab_info.names */
};

/** A file of a cache's directory, as the kernel printed it, without the newline. */
struct slab_attr {
	u32 name, text; /**< ids in slab_info.names */
};

/** One cache. Merged caches are one: the others are names of the same directory. */
struct slab_cache {
	u32 name; /**< id in slab_info.names */
	u32 dir;  /**< its directory below /sys/kernel/slab, id; 0: not known */
	/** slabinfo. `used` counts what lies free in per-CPU slabs, too (mm/slub.c get_slabinfo()).
	 */
	u64 used, objects, slot, per_slab, pages, slabs;
	struct fig object_size; /**< bytes asked for, the most of all merged ones (sysfs) */
	struct fig reclaimable; /**< 0 or 1 (sysfs) */
};

/** A call site of allocinfo. */
struct alloc_site {
	u64 bytes, calls;
	u32 place;    /**< "mm/slub.c:2424", id */
	u32 module;   /**< id, 0: the kernel image */
	u32 function; /**< id, 0: not printed */
};

struct slab_info {
	struct strtab names;
	u32 page_size;
	u8 word; /**< bytes of a pointer: 8 or 4 */

	struct slab_cache *caches; /**< after slab_finish(): most bytes first */
	size_t ncaches, cap_caches;
	struct slab_name *links; /**< after slab_finish(): by directory, then name */
	size_t nlinks, cap_links;

	struct fig total, reclaimable,
		unreclaimable; /**< meminfo: Slab, SReclaimable, SUnreclaim */

	u32 chosen;		 /**< index of the one cache asked for, NO_INDEX: all of them */
	struct slab_attr *attrs; /**< all files of the chosen one, by name */
	size_t nattrs, cap_attrs;

	bool have_sites;
	struct alloc_site *sites; /**< after slab_finish(): most bytes first */
	size_t nsites, cap_sites;
};

/** Bounds for files that are no kernel's; a kernel has hundreds of caches, thousands of sites. */
#define SLAB_CACHES_MAX 65536
#define SLAB_SITES_MAX	(1u << 20)

void slab_init(struct slab_info *i);
void slab_release(struct slab_info *i);
struct slab_cache *slab_add_cache(struct slab_info *i);
void slab_add_link(struct slab_info *i, u32 name, u32 dir);
void slab_add_attr(struct slab_info *i, u32 name, u32 text);
struct alloc_site *slab_add_site(struct slab_info *i);
/** Finds each cache's directory; after it caches may be looked up by slab_find(). */
void slab_link(struct slab_info *i);
/** Sorts caches, links and sites for the views. Sets nothing else; `chosen` moves along. */
void slab_finish(struct slab_info *i);
/** The cache of that name, or the one it was merged with; NO_INDEX. After slab_link(). */
u32 slab_find(const struct slab_info *i, const char *name);
/** The names of a directory: links[*first .. *first + the number returned). After slab_finish(). */
size_t slab_names(const struct slab_info *i, u32 dir, size_t *first);

/**
 * Where the bytes of caches go: bytes = used objects + slack + free + tail. All of it saturates.
 */
struct slab_use {
	u64 bytes;	   /**< slabs, as if each had its usual number of pages */
	u64 used, objects; /**< objects */
	u64 free;	   /**< bytes of slots that are free */
	u64 tail;	   /**< bytes of slabs that are no slot */
	struct fig slack;  /**< bytes of used slots beyond their objects */
	struct fig waste;  /**< free + tail + slack */
	u64 caches, empty; /**< how many; those without a slab */
	/** Caches with slabs of fewer pages than usual (memory was short): `bytes` is too high. */
	u64 mixed;
};
struct slab_use slab_use(const struct slab_info *i, const struct slab_cache *c);
/** Of all caches with that `reclaimable`; have == false there: of those where it is not known. */
struct slab_use slab_sum(const struct slab_info *i, struct fig reclaimable);
/** Indices of the caches with most waste, the worst first, up to `most`; returns how many. */
size_t slab_most_waste(const struct slab_info *i, u32 *top, size_t most);
void slab_use_add(struct slab_use *to, const struct slab_use *more);

/* ------------------------------------------------------------------ one slot */

enum slot_kind {
	SLOT_OBJECT,
	SLOT_RED,  /**< red zone */
	SLOT_META, /**< free pointer, tracks */
	SLOT_PAD,
	SLOT_UNKNOWN, /**< object and the rest, not told apart */
	SLOT_TAIL,    /**< behind the last slot of a slab */
	SLOT_NKINDS
};

struct slot_part {
	u64 offset, size;
	const char *what; /**< static */
	u8 kind;	  /**< enum slot_kind */
	u8 conf;	  /**< enum conf of where it lies */
};
#define SLOT_PARTS 6

/**
 * What the chosen cache's slots consist of, rising and without gaps, by the kernel's own
 * calculation (mm/slub.c calculate_sizes(), 4.7 to 6.18). One SLOT_UNKNOWN without sysfs, none when
 * the figures contradict each other.
 */
size_t slab_slot_parts(const struct slab_info *i, struct slot_part parts[static SLOT_PARTS]);

/** How one slab of the chosen cache is drawn: `lines` of `cells`, each `scale` bytes. */
struct slab_picture {
	u64 bytes, scale, lines;
	unsigned cells;
};
/** `cells` a power of two. False when a slab makes no sense (more slots than fit, no slot). */
bool slab_picture(const struct slab_info *i, unsigned cells, struct slab_picture *ret);
/** What is in the middle of the cell that begins at this byte of the slab. */
enum slot_kind slab_cell(const struct slab_info *i, const struct slot_part *parts, size_t nparts,
			 u64 byte, u64 scale);
/** Does a slot begin in that cell? Then *slot is its number. */
bool slab_cell_begins(const struct slab_info *i, u64 byte, u64 scale, u64 *slot);

/* ------------------------------------------------------------------ allocinfo */

/** Sites of one module together. */
struct alloc_sum {
	u32 module;
	u64 bytes, calls, sites;
};
/** By module, most bytes first; free() the array. */
size_t slab_by_module(const struct slab_info *i, struct alloc_sum **ret);

#endif
