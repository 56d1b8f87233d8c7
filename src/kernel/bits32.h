/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Private to the architectures of 32 bits, i386 and arm: lowmem, the one direct map of as much RAM
 * as fits between PAGE_OFFSET and vmalloc, with the kernel image in it; what RAM is left is
 * HIGHMEM.
 */
#ifndef PROCMAP_KERNEL_BITS32_H
#define PROCMAP_KERNEL_BITS32_H

#include "arch.h"

#define PAGE_32 UINT64_C(0x1000)
#define END_32	UINT64_C(0x100000000)
/** VMALLOC_OFFSET, left empty between lowmem and vmalloc: 8 MiB on both (pgtable*.h). */
#define VMALLOC_OFFSET_32 (8 * MIB)

/** One of two, or nobody knows. */
struct choice {
	bool have, yes;
	const char *source; /**< static */
};

/** What both have; each embeds it. */
struct bits32 {
	const struct kfacts *k;
	struct space *s;
	const char *doc;     /**< the source of documented places */
	u64 limit;	     /**< neither lowmem nor vmalloc from here on */
	const char *image;   /**< where lowmem holds the image, by the documents */
	const char *between; /**< what RAM between parts of the image is called */
	struct base page_offset;
	struct base phys;	 /**< physical address of PAGE_OFFSET */
	struct base high_memory; /**< end of lowmem */
	struct base vmalloc, vmalloc_end;
	struct choice wide;    /**< PAE, LPAE: 3 levels */
	struct choice highmem; /**< CONFIG_HIGHMEM */
};

/** A part of the kernel image where it runs. */
struct low_part {
	struct range r;
	const char *name; /**< static */
	u8 perms;	  /**< PERM_*, the documented ones */
	bool perms_known;
	u64 physical;
	enum conf conf;
	const char *source; /**< static */
};

/** Says yes or no by a source; a contradiction is told (if `s` is given), the first stays. */
void choice_take(struct space *s, struct choice *c, bool yes, const char *source, const char *what);
/**
 * Sets s->kernel from `start` to the end of 32 bits, and the levels. False, with a note, when a
 * mapping of the process lies above it: one of the two is not true.
 */
bool start_half(const struct bits32 *b, u64 start);
/** Fills b->highmem. */
void find_highmem(struct bits32 *b);
/** Takes what the layout message of old kernels says: page_offset, high_memory, vmalloc. */
void bases_from_log(struct bits32 *b);
/** high_memory from zoneinfo; vmalloc_end from VmallocTotal; then what follows from the others. */
void lowmem_end(struct bits32 *b);
/** The part of the image between two physical addresses of iomem. */
struct low_part low_part(const struct bits32 *b, struct range pa, const char *name, u8 perms);
/**
 * Adds lowmem with its RAM and those parts of the image (rising), and the hole behind it.
 * `first_mib`: it is mapped whatever lies there.
 */
void add_lowmem(const struct bits32 *b, const struct low_part *parts, size_t n, bool first_mib);
/**
 * The kernel image where iomem does not tell its parts: only its start is known, or not even that.
 * Its text begins at most `most` above PAGE_OFFSET. Nothing for a documented layout.
 */
void add_image_32(const struct bits32 *b, u64 most);
/** vmalloc, or where it must lie. */
struct region *add_vmalloc(const struct bits32 *b);
/** The split, the levels, high memory, and what every architecture says. */
void facts_32(const struct bits32 *b, const char *wide_name);

/** The worse of two. */
static inline enum conf worse(enum conf a, enum conf b)
{
	return MAX(a, b);
}

static inline bool sane_32(u64 v)
{
	return v && v < END_32 && !(v % PAGE_32);
}

/** PAE in use? Contradictions are told if `s` is given. */
struct choice i386_pae(const struct kfacts *k, struct space *s);

/** Could it be PAGE_OFFSET? The lowest of VMSPLIT's choices is 40000000. */
static inline bool sane_page_offset(u64 v)
{
	return v >= 0x40000000 && v < 0xf8000000 && !(v % (16 * MIB));
}

/* --- both halves ------------------------------------------------------------------------------ */

/**
 * PAGE_OFFSET by what anybody may read: the configuration, else the highest choice of VMSPLIT
 * below the text that the process's mappings leave. `most`: how far above it the image may begin.
 * With several that may be it is CONF_DEFAULT.
 */
bool page_offset_32(const struct kfacts *k, const struct space *s, u64 most, struct base *ret);
/** How far above PAGE_OFFSET the text begins at most: with KASLR, and behind TEXT_OFFSET. */
#define I386_TEXT_MOST (512 * MIB)
#define ARM_TEXT_MOST  (64 * MIB)
/** arm: where KASAN's shadow starts, which then is the end of the user half; 0: no KASAN. */
u64 arm_kasan_start(const struct kfacts *k);
/** user_half.c. Last byte of the highest mapping that is the process's own; unknown: none. */
struct fig highest_mapping(const struct space *s);

#endif
