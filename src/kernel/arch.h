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
	const char *machine; /**< as uname -m says */
	void (*layout)(const struct kfacts *k, struct space *s);
};

void x86_64_layout(const struct kfacts *k, struct space *s);

/** The user half of any machine: s->user, user_conf, user_source. In user_half.c. */
void user_half(const struct kfacts *k, struct space *s);

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
/** Appends to a region's note, after a "; " if there is one. `r` may be NULL. */
void region_note(struct region *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * Sorts the regions, drops one of two that cannot both be true (with a NOTE_CONFLICT), and fills
 * what is left of the half with KR_UNUSED of `source`.
 */
void layout_finish(struct space *s, const char *source);

/** A number of the VMCOREINFO note: "NUMBER(x)" (signed decimal or 0x), false if not there. */
bool vmcoreinfo_number(const struct kfacts *k, const char *key, u64 *ret);
/** The same for values that are hex without 0x: "SYMBOL(x)", "KERNELOFFSET". */
bool vmcoreinfo_hex(const struct kfacts *k, const char *key, u64 *ret);

/** Is the kernel at least this version? True when its release cannot be read: most are. */
bool release_at_least(const struct space *s, unsigned major, unsigned minor);

#endif
