/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * All arithmetic on address ranges. A range is inclusive at both ends, so the top of 2^64 needs
 * no special case; it is never empty. Addresses are u64 whatever the word size of the program.
 */
#ifndef PROCMAP_RANGE_H
#define PROCMAP_RANGE_H

#include "../util.h"

struct range {
	u64 first, last;
};

/** The whole 64-bit space. */
#define RANGE_ALL ((struct range){ 0, UINT64_MAX })

/** From a start and an exclusive end; end 0 means 2^64. start must be below end. */
static inline struct range range_of(u64 start, u64 end)
{
	return (struct range){ start, end - 1 };
}

/** Bytes in the range; 0 stands for 2^64 (only RANGE_ALL). */
static inline u64 range_size(struct range r)
{
	return r.last - r.first + 1;
}

static inline bool range_has(struct range r, u64 addr)
{
	return r.first <= addr && addr <= r.last;
}

static inline bool range_overlaps(struct range a, struct range b)
{
	return a.first <= b.last && b.first <= a.last;
}

/** Is `in` wholly inside `out`? */
static inline bool range_inside(struct range in, struct range out)
{
	return out.first <= in.first && in.last <= out.last;
}

/** The common part, in *ret; false (and *ret unchanged) when there is none. */
static inline bool range_intersect(struct range a, struct range b, struct range *ret)
{
	if (!range_overlaps(a, b))
		return false;
	*ret = (struct range){ MAX(a.first, b.first), MIN(a.last, b.last) };
	return true;
}

/** What lies strictly between two ranges, `low` below `high`; false when they touch or overlap. */
static inline bool range_between(struct range low, struct range high, struct range *ret)
{
	if (low.last >= high.first || low.last + 1 == high.first)
		return false;
	*ret = (struct range){ low.last + 1, high.first - 1 };
	return true;
}

#endif
