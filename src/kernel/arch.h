/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Private to this room: what an architecture's file gets from layout.c, and what it gives.
 *
 * An architecture sets s->kernel, s->host.levels and so on, adds its top regions in any order, each
 * followed by its parts, and leaves the rest to layout_finish(): sorting, gaps, contradictions.
 */
#ifndef PROCMAP_KERNEL_ARCH_H
#define PROCMAP_KERNEL_ARCH_H

#include "kernel.h"

/** One architecture; the table of them is in layout.c. */
struct arch {
	const char *machine; /**< as uname -m says; a pattern: "i?86" */
	void (*layout)(const struct kfacts *k, struct space *s);
};

void x86_64_layout(const struct kfacts *k, struct space *s);
void arm64_layout(const struct kfacts *k, struct space *s);
void riscv64_layout(const struct kfacts *k, struct space *s);
void i386_layout(const struct kfacts *k, struct space *s);
void arm_layout(const struct kfacts *k, struct space *s);

/** The user half of any machine: s->user, user_conf, user_source. In user_half.c. */
void user_half(const struct kfacts *k, struct space *s);

/** That of a documented layout. In variant.c. */
void variant_user_half(const struct kvariant *v, struct space *s);

/** A number that sources tell, most often where a region starts, and how it is known. */
struct base {
	u64 v;
	bool have;
	enum conf conf;
	const char *source; /**< static */
};

/** Takes it from a source; of two that differ the first stays, and both are told (NOTE_CONFLICT).
 * `what` names it in that note. */
void base_take(struct space *s, struct base *b, u64 v, enum conf conf, const char *source,
	       const char *what);

/** x86_64: 4 or 5, 0 unknown; adds a note when the sources disagree and `s` is given. */
unsigned x86_64_levels(const struct kfacts *k, struct space *s, const char **source);

/**
 * Adds a top region with permissions unknown; valid until the next call. What lies outside the
 * half is cut off; NULL when nothing is left.
 */
struct region *layout_add(struct space *s, enum region_kind kind, struct range r, enum conf conf,
			  const char *name, const char *source);
/** Adds a part of the region added last before it; NULL when it does not lie inside. */
struct region *layout_add_part(struct space *s, enum region_kind kind, struct range r,
			       enum conf conf, const char *name, const char *source);
/** A region between two figures; where one is not known it is an interval of rank `order` that
 * spans the half. */
struct region *layout_between(struct space *s, enum region_kind kind, const struct base *from,
			      const struct base *to, const char *name, u8 order);
/** Appends to a region's note, after a "; " if there is one. `r` may be NULL. */
void region_note(struct region *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- notes.c: the same words on every architecture ------------------------------------------ */

/** size_text() in place of a format argument: size_words(bytes).t */
struct size_words {
	char t[SIZE_TEXT_MAX];
};
struct size_words size_words(u64 bytes);
/** The same, or all of its digits where the space is to tell sizes exactly. */
struct size_words size_told(const struct space *s, u64 bytes);
/** Is a switch of the configuration known to be `on`? */
bool config_is(struct fig option, bool on);
/** The note of the vmalloc region; `used` is left to the page tables. `r` may be NULL. */
void note_vmalloc(const struct kfacts *k, const struct space *s, struct region *r);
/** The page sizes of the direct map by meminfo's counters; `most` bytes can be mapped there. */
void note_direct_pages(const struct kfacts *k, const struct space *s, struct region *r, u64 most);
/** Takes that back: something better is known. */
void drop_direct_pages(struct region *r);
/** Fills `used` and the note of the modules' region. `r` may be NULL. */
void note_modules(const struct kfacts *k, struct region *r);
/** Lockdown and kptr_restrict; what the kernel's memory is spent on. */
void facts_common(const struct kfacts *k, struct space *s);

/* --- linear.c: RAM in a linear map --------------------------------------------------------------
 */

/** The addresses of a segment of kcore. */
struct range kcore_range(const struct kcore_segment *g);
/** Does kcore tell physical addresses? Before 4.11 it had zeros for all. */
bool kcore_has_paddrs(const struct kcore *c);
/** Does it lie inside a segment without physical addresses, as an image in vmalloc does? */
bool kcore_inside_another(const struct kcore *c, const struct kcore_segment *g);

/** A range of RAM and where it is mapped. */
struct linear_ram {
	struct range va;
	u64 pa;
};

/** All of it. conf and source: how the addresses are known. */
struct linear {
	struct linear_ram *p; /**< owned */
	size_t n, cap;
	u64 bytes; /**< sum, once sorted */
	enum conf conf;
	const char *source;
};

/** Adds the whole pages of a range; linear_sort() then drops what overlaps. */
void linear_add(struct linear *l, const struct space *s, struct range va, u64 pa);
void linear_sort(struct linear *l, enum conf conf, const char *source);
/** From the first byte to the last; needs n. */
struct range linear_span(const struct linear *l);
/** `used`, note and parts of the region `r`, which was added last. `r` may be NULL. */
void linear_parts(const struct linear *l, struct space *s, struct region *r);
void linear_release(struct linear *l);

/* --- layout.c --------------------------------------------------------------------------------- */

/**
 * Sorts the regions, drops one of two that cannot both be true (with a NOTE_CONFLICT), and fills
 * what is left of the half with KR_UNUSED of `source`.
 */
void layout_finish(struct space *s, const char *source);

/** A number of the VMCOREINFO note: "NUMBER(x)" (signed decimal or 0x), false if not there. */
bool vmcoreinfo_number(const struct kfacts *k, const char *key, u64 *ret);
/** The same for values that are hex without 0x: "SYMBOL(x)", "KERNELOFFSET". */
bool vmcoreinfo_hex(const struct kfacts *k, const char *key, u64 *ret);

/** Is it the machine that a pattern of the table means? */
bool machine_is(const char *pattern, const char *machine);

/** Is the kernel at least this version? True when its release cannot be read: most are. */
bool release_at_least(const struct space *s, unsigned major, unsigned minor);

#endif
