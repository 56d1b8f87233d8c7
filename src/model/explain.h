/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What an address, physical or virtual, a frame or a symbol of the kernel is (--explain). Readers
 * and the kernel room fill in what is known; here one side is worked out from the other. Pure.
 *
 * What is not known stays so, each answer by itself: nothing is guessed from a neighbour.
 */
#ifndef PROCMAP_MODEL_EXPLAIN_H
#define PROCMAP_MODEL_EXPLAIN_H

#include "kmap.h"
#include "ptes.h"

enum explain_form {
	EXPLAIN_ADDR,
	EXPLAIN_PHYS,
	EXPLAIN_PFN,
	EXPLAIN_SYMBOL,
};

/** What was asked for. */
struct explain_ask {
	enum explain_form form;
	u64 v;		  /**< address or PFN */
	const char *name; /**< symbol, not terminated: inside the text that was parsed */
	size_t len;
	u64 plus; /**< "SYMBOL+0x10" */
};

/**
 * "pa:0x1000", "pfn:1" (decimal, or hex after 0x), "0xffffffff81000000" or as many hex digits as an
 * address of `bits` has, else "SYMBOL" or "SYMBOL+0xOFFSET". False for what is none of these.
 */
bool explain_parse(const char *text, u8 bits, struct explain_ask *ret);

/** A number and how it is known. */
struct known {
	u64 v;
	bool have;
	enum conf conf;
	const char *source; /**< static */
};

/** A stretch of kernel addresses that is mapped to consecutive physical ones. */
struct kmapping {
	struct range va;
	u64 pa;
	bool image; /**< of the kernel image; else of the direct map */
	enum conf conf;
	const char *source; /**< static */
};

/** Symbols kept that stand at one address. */
#define EXPLAIN_ALIASES 4

/** The symbol at or below an address and the one above it. */
struct explain_symbol {
	u64 addr;		      /**< of those below */
	char *names[EXPLAIN_ALIASES]; /**< owned; bytes; in the file's order */
	size_t nnames;
	char *module; /**< owned, NULL: vmlinux itself */
	char type;    /**< letter of kallsyms */
	struct fig next;
	char *next_name; /**< owned */
};

/** What the files about frames say of one. */
struct explain_frame {
	bool asked; /**< there is a PFN, and it was looked up */
	struct fig flags, count, cgroup;
	char *cgroup_path; /**< owned, NULL unknown */
	char *zone;	   /**< owned, NULL unknown: "Normal" */
	u32 node;
};

/** One address and all that is known of it. */
struct explain_place {
	struct fig va;			  /**< the address asked for, or of the symbol */
	bool hidden;			  /**< a symbol whose address is shown as zero */
	struct known pa;		  /**< physical address */
	struct known direct, image, page; /**< addresses: direct map, image, struct page */
	bool no_direct, no_image; /**< where it is is known, and it does not have the address */
	struct known describes; /**< va lies in vmemmap: the PFN whose struct page it is part of */
	u32 resource;		/**< deepest line of iomem, index; NO_INDEX: none */
	struct explain_frame frame;
	struct explain_symbol symbol;
	struct pt_entry entry;	  /**< with have_entry: the kernel's own page-table entry */
	const char *entry_level;  /**< static: "PMD"; NULL: none was read */
	const char *entry_source; /**< static: "kcore", "bpf" */
};

/** Most places a symbol may have here; further ones are counted. */
#define EXPLAIN_PLACES 16

struct explain {
	struct explain_ask ask;
	struct kmapping *maps; /**< most trusted first */
	size_t nmaps, cap_maps;
	struct known vmemmap;	  /**< address of the struct page of PFN 0 */
	struct known page_struct; /**< its size */
	struct phys phys;	  /**< iomem */
	struct explain_place places[EXPLAIN_PLACES];
	size_t nplaces;
	u64 more; /**< addresses of the symbol that are not among them */
};

void explain_init(struct explain *e, u32 page_size);
void explain_release(struct explain *e);
void explain_add_map(struct explain *e, const struct kmapping *m);
/** Appends a place (empty); NULL when there are EXPLAIN_PLACES, and then it is counted. */
struct explain_place *explain_add_place(struct explain *e);

/** Works out the physical side of p->va and the addresses of p->pa; `s` has kmap, if it was read.
 */
void explain_translate(struct explain *e, const struct space *s, struct explain_place *p);

/**
 * A symbol `addr type name` of kallsyms, in any order: p->symbol becomes the nearest one at or
 * below p->va and what follows it.
 */
void explain_symbol_seen(struct explain_place *p, u64 addr, char type, const char *name, size_t len,
			 const char *module, size_t module_len);
/** Forgets a symbol that has nothing to do with the address: of another region, or far from it. */
void explain_symbol_check(const struct space *s, struct explain_place *p);

/** Where a kernel address lies. */
enum explain_half {
	HALF_KERNEL,
	HALF_USER,
	HALF_HOLE, /**< between the halves */
	HALF_UNKNOWN,
};
enum explain_half explain_half(const struct space *s, u64 va);
/** The region of the top that has the address, and the part in it (NO_INDEX: none). False: none
 * is known to; regions of unknown place may. */
bool explain_region(const struct space *s, u64 va, u32 *region, u32 *part);
/**
 * Forgets the notes of sources that were closed, absent or left out and that would add nothing to
 * what is told of the places.
 */
void explain_keep_notes(const struct explain *e, struct space *s);
/** Could the region lie there? Only those with CONF_BOUNDS. */
bool explain_may_lie(const struct region *r, u64 va);

#endif
