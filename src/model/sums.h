/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SUMS over the mappings of a finished space, made once beside the reading, so that drawing a row
 * costs the same however many mappings it stands for. Where there are none they are added up when
 * asked for. Pure.
 */
#ifndef PROCMAP_SUMS_H
#define PROCMAP_SUMS_H

#include "space.h"

/** An object of so many mappings is summed up beforehand; smaller ones when asked. */
#define SUM_LEAST 16

struct object_sum {
	u32 object;
	u8 any, all; /**< enum perm: bits some, and all, of its mappings have */
	u8 nbar;     /**< 0: some mapping's pages were not looked at */
	u8 bar[SLICES_MAX];
	struct totals totals;
};

struct sums {
	struct object_sum *v; /**< rising objects */
	size_t n, cap;
	struct totals user; /**< of the user half */
	struct totals kind[OBJ_NKINDS];
	u64 map_count;	    /**< space_map_count() */
	struct gap largest; /**< space_largest_gap(), with have_largest */
	bool have_largest;
	struct headroom headroom[HEADROOM_N];
};

struct sums *sums_new(const struct space *s);
/** NULL is nothing to free. */
void sums_free(struct sums *sums);

/** Everything about one object; `sums` may be NULL, and must be of this space. */
void sums_object(const struct sums *sums, const struct space *s, u32 object,
		 struct object_sum *ret);
/** Its totals alone. */
struct totals sums_totals(const struct sums *sums, const struct space *s, u32 object);
/** Likewise the user half, and its kinds unless `kind` is NULL. */
struct totals sums_user(const struct sums *sums, const struct space *s, struct totals *kind);

/** space_map_count() and space_largest_gap() without going through all mappings. */
u64 sums_map_count(const struct sums *sums, const struct space *s);
bool sums_largest_gap(const struct sums *sums, const struct space *s, struct gap *ret);
/** Likewise space_headroom(). */
void sums_headroom(const struct sums *sums, const struct space *s,
		   struct headroom ret[static HEADROOM_N]);

/**
 * Slices [from, to) joined to one: the state that fills most, and how full it all is; where
 * nothing is filled, the highest state of those that fill nothing.
 */
u8 slices_join(const u8 *slice, size_t from, size_t to);

#endif
