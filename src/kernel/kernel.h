/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * THE KERNEL HALF: what the sources say (struct kfacts, filled by proc/ksrc.h) -> regions of a
 * space. One file per architecture, one table that names them. Pure: no I/O, so every layout can
 * be tested from made-up facts.
 */
#ifndef PROCMAP_KERNEL_H
#define PROCMAP_KERNEL_H

#include "../model/space.h"
#include "../proc/ksrc.h"

/**
 * A documented layout (--layout): what of its machine and configuration decides where regions lie.
 * What a machine has no choice of holds its one value; 0 where a figure says nothing of it.
 *
 * With kfacts.variant set an architecture's layout() looks at no other fact: all regions are
 * CONF_DEFAULT and their source is the document ("mm.rst", "memory.rst", "vm-layout.rst", ...).
 * s->host (machine, page size, bits, release "X.Y") is that of the variant, s->user is set; so
 * release_at_least() holds for it, too.
 */
struct kvariant {
	const char *arch;    /**< static: the word of --layout: x86_64, i386, arm64, arm, riscv64 */
	const char *machine; /**< static: as uname -m says it: the key of the table of layout.c */
	u8 levels;	     /**< page-table levels */
	u8 va_bits;	     /**< width of an address as configured: arm64, riscv64 (39, 48, 57) */
	u32 page_size;
	u64 page_offset;       /**< 32 bits: PAGE_OFFSET, what VMSPLIT chooses */
	bool pae;	       /**< i386: PAE, arm: LPAE */
	bool highmem;	       /**< 32 bits: CONFIG_HIGHMEM */
	unsigned major, minor; /**< the version whose layout is meant; the latest unless told */
};

/**
 * Parses what --layout= was given: ARCH[,levels|VMSPLIT|VA_BITS|pagesize|...]..[,vX.Y]. False with
 * *why set (owned): what is wrong and what would be right.
 */
bool variant_parse(const char *text, struct kvariant *ret, char **why);
/** The i-th layout of --layout=list, each architecture with all its modes; false past the end. */
bool variant_nth(size_t i, struct kvariant *ret);
/** The argument of --layout that gives it: "arm64,48,4k"; owned. With `version` ",vX.Y" as well. */
char *variant_name(const struct kvariant *v, bool version);
/** All words that may follow an architecture, a sentence; owned. NULL past the last architecture.
 */
char *variant_words(size_t i);
/** Makes the empty space `s` that layout: host, user half, kernel half. */
void variant_layout(const struct kvariant *v, struct space *s);

/** Draws up the kernel half of `s` from the facts; adds facts and notes. Never fails: what is not
 * known becomes a region with conf bounds or unknown, or a note. */
void kernel_layout(const struct kfacts *k, struct space *s);
/**
 * inside.c. After it, where KSRC_INSIDE was asked for: puts the modules and areas of s->kmap into
 * the regions, as parts where their addresses are known, and prepares its frames and figures.
 * `all`: the parts of the image tell every section inside them, not the largest few.
 */
void kernel_inside(const struct kfacts *k, struct space *s, bool all);

struct explain;

/** translate.c. After kernel_layout(): what is mapped one to one, where struct page is. */
void kernel_translations(const struct kfacts *k, const struct space *s, struct explain *e);

#endif
