/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * PAGE TABLES: the formats of the architectures and one walk over them. Pure: memory comes through
 * a callback, so that every format can be tested from made-up tables. Kernel and process alike.
 *
 * pt_format.c picks the format, pt_x86.c, pt_arm64.c, pt_riscv.c, pt_arm.c decode entries,
 * pt_swap.c what is not present, ptwalk.c walks, pt_apply.c tells the kernel half what it means.
 */
#ifndef PROCMAP_PTWALK_H
#define PROCMAP_PTWALK_H

#include "../model/ptes.h"
#include "../proc/ksrc.h"

/** Reads physical memory: all `len` bytes (0) or -errno. */
typedef int pt_read_fn(void *ctx, u64 pa, void *to, size_t len);

/** What an entry turns out to be. */
enum pt_kind {
	PT_KIND_NONE,  /**< empty */
	PT_KIND_TABLE, /**< leads to a table of the next lower level */
	PT_KIND_ENTRY, /**< maps memory, or is not present but not empty either */
};

/** Swap types that are no swap areas (include/linux/swap.h); `n` 0: none of the kind. */
struct pt_special {
	bool known; /**< else a type from `lowest` on may be either */
	u8 lowest;  /**< types below are swap areas, whatever the configuration */
	u8 hwpoison, n_hwpoison;
	u8 migration, n_migration; /**< read, then (with 3) read-exclusive, last write */
	u8 device, n_device;	   /**< write, read, exclusive */
	u8 marker, n_marker;
	u8 swapin_error, n_swapin_error;
};

/** How an entry that is not present holds a swap type and an offset. */
struct pt_swap {
	bool known;
	bool inverted; /**< x86, L1TF: the offset's bits are turned over */
	u8 type_shift, type_bits, offset_shift, offset_bits;
	u64 soft_dirty, uffd_wp, exclusive; /**< bits; 0: this kernel has none */
	/** Migration entries keep A and D above so many bits of PFN; 0: they keep none (6.1). */
	u8 pfn_bits;
	struct pt_special special;
};

/** How one kernel's page tables are laid out. Level 0 is the one whose entries map pages. */
struct pt_format {
	const char *machine; /**< static */
	u8 levels;	     /**< 2 to 5 */
	u8 entry_size;	     /**< 4 or 8 bytes */
	bool big_endian;
	u8 shift[PT_LEVELS_MAX]; /**< log2 of what an entry of this level covers */
	u8 bits[PT_LEVELS_MAX];	 /**< log2 of the entries of a table of this level */
	u8 huge_levels;		 /**< entries of levels up to this one may map memory */
	/** Addresses that translate: from 0 to low_last, and from high_first up (0: none there). */
	u64 low_last, high_first;
	u64 addr_mask; /**< bits of an entry that are a physical address */
	/**
	 * Decodes one entry. Of a table: pa, and in flags what of PT_ACCESS it lets through. Of an
	 * entry everything but va, size, level, raw, aliases. *e comes zeroed.
	 */
	enum pt_kind (*decode)(const struct pt_format *f, unsigned level, u64 va, u64 raw,
			       struct pt_entry *e);
	const char *const *level_names; /**< "PTE", "PMD", ...: the kernel's; by level */
	bool nx;			/**< no-execute is enforced */
	bool lpa2;			/**< arm64: 52-bit addresses with 4K and 16K pages */
	bool present_invalid_ng;	/**< arm64, 6.10: nG of an invalid entry means PROT_NONE */
	u64 soft_dirty, uffd_wp, special, saved_dirty; /**< bits of present entries; 0: none */
	u8 mem[8]; /**< enum pt_mem by index (PAT, MAIR, PBMT) */
	struct pt_swap swap;
};

/** The format of this machine in its present mode; false (with a note) where none is known. */
bool pt_format_for(const struct kfacts *k, struct space *s, struct pt_format *ret);

/** What a walk calls for each leaf, or entry that is not present but not zero either. Non-zero
 * stops the walk and is returned. */
typedef int pt_entry_fn(void *ctx, const struct pt_entry *e);
/** What it calls for each table it has read: the addresses it covers, its size. */
typedef void pt_table_fn(void *ctx, unsigned level, struct range covers, u64 bytes);

struct pt_walk {
	const struct pt_format *format;
	pt_read_fn *read;
	void *read_ctx;
	u64 root;	    /**< physical address of the top table */
	struct range range; /**< addresses to walk, sign-extended where the machine does */
	/** With it each lower table is entered once; further ones that point to it (ESPfix) are
	 * told as `aliases` of the first. */
	bool fold_aliases;
	/** After a table its entry above is read again: what changed meanwhile is left out. */
	bool verify;
	pt_entry_fn *fn;
	pt_table_fn *table; /**< NULL: nobody wants to know */
	void *ctx;
	struct pt_tables tables; /**< counted by the walk */
};

/** Walks; 0, what fn returned, or -errno when the top table cannot be read. */
int pt_walk(struct pt_walk *w);

/**
 * What the page tables say is true: permissions of regions and parts become exact where they are
 * uniform, `used` what is mapped, what is writable and executable is told, and what is mapped
 * outside every region becomes a row of its own. For ranges of a walk over the whole half. Nothing
 * is applied, and a conflict noted, when the tables do not lead to the running kernel's own text.
 */
void kernel_apply_ptes(const struct kfacts *k, struct space *s, const struct pt_ranges *r);

/* --- the formats, for pt_format.c and the tests ----------------------------------------------- */

/** x86: 5 and 4 levels, 3 (PAE) and 2. */
void pt_x86_format(struct pt_format *f, unsigned levels, bool bits64);
/** arm64 with pages of 2^page_shift bytes; `root_bits` of the address go through the tables. */
void pt_arm64_format(struct pt_format *f, unsigned page_shift, unsigned va_bits,
		     unsigned root_bits);
/** riscv64: sv39, sv48, sv57 have 3, 4, 5 levels. */
void pt_riscv64_format(struct pt_format *f, unsigned levels);
/** arm: long descriptors (LPAE), or the short ones of ARMv7 with TEX remapping. */
void pt_arm_format(struct pt_format *f, bool lpae);

/** pt_swap.c. Fills e from an entry that is not present and not zero; nothing but raw is known of
 * one whose encoding is not. */
void pt_swap_decode(const struct pt_format *f, u64 raw, struct pt_entry *e);
/** The types that kernels of this version and configuration use for other things. */
struct pt_special pt_special_for(const struct space *s, const struct kconfig *c);

/** Bits `low` to `high` of an entry, both inclusive. */
static inline u64 pt_mask(unsigned high, unsigned low)
{
	return (UINT64_MAX >> (63 - high)) & (UINT64_MAX << low);
}

#endif
