/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Page-table entries, and what they come to when equal neighbours are put together: runs of a
 * process's entries (--ptes), ranges of what the kernel maps (--kernel-ptes). Pure.
 */
#ifndef PROCMAP_PTES_H
#define PROCMAP_PTES_H

#include "expr.h"

/** Most levels of any machine's page tables. */
#define PT_LEVELS_MAX 5

/** What a decoded entry says. A bit that the architecture lacks is never set. */
enum pt_bit {
	PT_PRESENT = 1 << 0, /**< the hardware may use it */
	PT_READ = 1 << 1,
	PT_WRITE = 1 << 2,
	PT_EXEC = 1 << 3, /**< by the kernel (of a kernel entry), by the user (of a user entry) */
	PT_USER = 1 << 4,
	PT_ACCESSED = 1 << 5,
	PT_DIRTY = 1 << 6,
	PT_GLOBAL = 1 << 7,
	PT_SOFT_DIRTY = 1 << 8,
	PT_UFFD_WP = 1 << 9,
	PT_SPECIAL = 1 << 10,	/**< no struct page behind it, or none that may be touched */
	PT_CONT = 1 << 11,	/**< one of a contiguous block that the TLB may take as one */
	PT_SWAP = 1 << 12,	/**< not present: swap type and offset */
	PT_MIGRATION = 1 << 13, /**< not present: the page is being moved; PT_WRITE: was writable */
	PT_MARKER = 1 << 14,	/**< not present: guard, uffd, poison: enum pt_marker */
	PT_PROTNONE = 1 << 15,	/**< the page is there, access is not (PROT_NONE, NUMA hinting) */
	PT_EXCLUSIVE = 1 << 16, /**< swap: the anonymous page belonged to this mm alone */
	PT_HWPOISON = 1 << 17,	/**< not present: memory failure */
	PT_DEVICE = 1 << 18,	/**< not present: in the memory of a device, or lent to it */
	PT_SPLITTING =
		1 << 19, /**< huge and made invalid for a moment, while it is split or moved */
	PT_SAVED_DIRTY = 1 << 20, /**< dirty, kept in a software bit (x86); PT_DIRTY is set, too */
};

/** What access an entry gives. */
#define PT_ACCESS (PT_READ | PT_WRITE | PT_EXEC | PT_USER)
/** Is there a page behind it? Then pa is its address. */
#define PT_PAGE (PT_PRESENT | PT_PROTNONE | PT_SPLITTING)
/** Not present, its PFN in the place of a swap offset: pa is set from it. */
#define PT_PFN_ENTRY (PT_MIGRATION | PT_DEVICE | PT_HWPOISON)

/** swap_offset of a marker (include/linux/swapops.h, 6.13; poison "swapin error" before 6.6). */
enum pt_marker {
	PT_MARKER_UFFD_WP = 1,
	PT_MARKER_POISON = 2,
	PT_MARKER_GUARD = 4,
};

/** Memory types (PAT, MAIR, PBMT); what cannot be told is PT_MEM_UNKNOWN. */
enum pt_mem {
	PT_MEM_UNKNOWN,
	PT_MEM_WB,
	PT_MEM_WT,
	PT_MEM_WP,
	PT_MEM_WC,
	PT_MEM_UC_MINUS,
	PT_MEM_UC,
	PT_MEM_NC,     /**< arm, riscv: normal memory, not cached */
	PT_MEM_TAGGED, /**< arm64: write-back with tags (MTE) */
	PT_MEM_DEVICE,
	PT_MEM_PMA, /**< riscv: what the platform says of the address */
	PT_MEM_N
};

/** "WB", "UC-"; "?" for PT_MEM_UNKNOWN. At most six letters. */
const char *pt_mem_name(enum pt_mem m);

struct pt_entry {
	u64 va;	  /**< sign-extended */
	u64 size; /**< bytes it covers */
	u64 raw;
	u64 pa;	   /**< PT_PAGE and PT_PFN_ENTRY: physical address; else 0 */
	u32 flags; /**< enum pt_bit, those of the tables above applied (R, W, X, U) */
	u8 level;  /**< 0: a page */
	u8 mem;	   /**< enum pt_mem */
	u8 pkey;   /**< protection key, 0 where there is none */
	u8 swap_type;
	/** As pagemap gives it: of PT_SWAP a page of the area, of PT_PFN_ENTRY a PFN. */
	u64 swap_offset;
	u64 aliases; /**< how many more times this entry's table is reached (fold_aliases) */
};

/** Tables met on a walk. */
struct pt_tables {
	u64 count[PT_LEVELS_MAX]; /**< by level: [0] tables of PTEs */
	u64 bytes;
	u64 unreadable;	      /**< could not be read: what is below them is unknown */
	u64 unreadable_bytes; /**< addresses below those */
	u64 changed;	      /**< given to something else while they were read: left out */
	u64 loops;   /**< lead back to a table above, or to tables met too often: not followed */
	u64 aliased; /**< entries that lead to a table already listed (fold_aliases) */
};

/** ptes_words.c. Appends the entry in words; `level` is the kernel's name of its level. */
void pt_entry_words(struct buf *b, const struct pt_entry *e, const char *level);

/* --- ranges: what the kernel maps ------------------------------------------------------------- */

/** Bits that a range's entries have in common; A and D come and go and are left out. */
#define PT_RANGE_BITS (PT_PRESENT | PT_ACCESS | PT_GLOBAL | PT_CONT)

/** Present entries side by side with equal access, size and memory type. */
struct pt_range {
	u64 first, last;
	u64 page;    /**< bytes of one entry */
	u64 pa;	     /**< of the first, if `contiguous` */
	u64 aliases; /**< more times its table is reached */
	u64 repeats; /**< how often it comes again, `stride` apart, with the same pages */
	u64 stride;
	u32 flags; /**< PT_RANGE_BITS */
	u8 level, mem;
	bool have_pa;	 /**< the source tells physical addresses (a dump does not) */
	bool contiguous; /**< physically, from end to end; only with have_pa */
};

struct pt_ranges {
	struct pt_range *v; /**< rising, apart; owned */
	size_t n, cap;
	const char *source;		/**< static: "kcore", "bpf", "ptdump" */
	const char *const *level_names; /**< static: "PTE", ... by level; NULL: no walk */
	u8 levels;
	struct pt_tables tables;
	u64 usec;     /**< what the walk took */
	bool partial; /**< of a part of the half: what is missing says nothing */
	bool full;    /**< there were more than PT_RANGES_MAX */
};

/** Most ranges kept, far beyond any kernel's: crafted tables may repeat themselves. */
#define PT_RANGES_MAX (1u << 20)

void pt_ranges_release(struct pt_ranges *r);
/** Adds an entry, or what a dump says of many (page: the size of each), addresses rising. */
void pt_ranges_add(struct pt_ranges *r, const struct pt_range *one);
/** A pt_entry_fn; ctx is the struct pt_ranges. Entries that are not present are left out. */
int pt_ranges_entry(void *ctx, const struct pt_entry *e);
/** The first range that ends at or above `addr`; n if none does. */
size_t pt_ranges_lower(const struct pt_ranges *r, u64 addr);
/** "rwx". */
void pt_access_letters(char t[static 3], u32 flags);
/** Writable and executable at once. */
static inline bool pt_is_wx(u32 flags)
{
	return (flags & (PT_WRITE | PT_EXEC)) == (PT_WRITE | PT_EXEC);
}

/** The source of what only the page tables tell. */
#define PT_SOURCE "page tables"

/**
 * The first piece of `r` that lies in no region of the kernel half, or in one that is only unused
 * (or in a row made of such pieces); what may lie in the interval of a region is not counted.
 */
bool pt_range_outside(const struct space *s, struct range r, struct range *ret);
/** The region, or the part of one, that has `addr`; NULL for none, or what is only unused. */
const struct region *pt_region(const struct space *s, u64 addr);

/* --- runs: a process's entries ---------------------------------------------------------------- */

/** How an entry's access differs from its mapping's. */
enum pt_fit {
	PT_FIT_EQUAL,
	PT_FIT_NARROWER, /**< COW, never written, NUMA hinting: a fault will decide */
	PT_FIT_WIDER,	 /**< it changed between the two readings, or something is wrong */
};

/** Entries of one mapping side by side that are equal but for what counts on: PFN, offset. */
struct pt_run {
	struct pt_entry e; /**< the first of them */
	u64 n;
	u32 vma; /**< NO_INDEX: outside every mapping */
	enum pt_fit fit;
};

typedef int pt_run_fn(void *ctx, const struct pt_run *run);

/** Tables and entries by what they belong to. */
struct pt_spent {
	u64 tables[PT_LEVELS_MAX]; /**< that lie under this object alone */
	u64 bytes;		   /**< of those */
};

/** Puts entries together to runs; init with space, filter, emit and ctx only, end with _end(). */
struct pt_merger {
	const struct space *space;
	const struct expr
		*filter; /**< entries of other mappings, or of none, are left out; NULL: all */
	pt_run_fn *emit;
	void *ctx;
	struct pt_run run;
	bool open;
	size_t vma;		    /**< the first mapping that the entries have not passed */
	bool have_asked, asked_met; /**< of the filter: does mapping `asked` meet it? */
	u32 asked;
	/** What was merged. */
	u64 entries, runs, outside;
	/** Bytes of entries present by level, of those that are not, and by fit. */
	u64 present[PT_LEVELS_MAX], absent, narrower, wider;
	/** Huge pages of anonymous memory: each has a table of PTEs laid by (mm/huge_memory.c). */
	u64 deposits;
	struct pt_spent *objects; /**< by index of space.objects; owned, NULL before a table came */
	struct pt_spent shared;	  /**< under several objects at once */
	struct pt_spent empty;	  /**< under none */
};

/** A pt_entry_fn; ctx is the struct pt_merger. */
int pt_merger_entry(void *ctx, const struct pt_entry *e);
/** A pt_table_fn: counts a table for the object it lies under. */
void pt_merger_table(void *ctx, unsigned level, struct range covers, u64 bytes);
/** Emits the last run; 0 or what emit returned. */
int pt_merger_end(struct pt_merger *m);
/** Frees the counts of objects. */
void pt_merger_release(struct pt_merger *m);

#endif
