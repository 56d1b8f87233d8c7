/* SPDX-License-Identifier: GPL-2.0-or-later */
/** For the unit test and the fuzz target of the kernel half: is a layout in itself right? */
#ifndef PROCMAP_KERNEL_SOUND_H
#define PROCMAP_KERNEL_SOUND_H

#include "model/space.h"

/**
 * Top regions rise, firm ones do not overlap, with the intervals they cover the half to the byte;
 * parts rise inside their region.
 */
static inline bool sound(const struct space *s)
{
	const struct region *top = NULL, *firm = NULL;
	u64 at = s->kernel.first;
	bool full = false;

	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *r = &s->regions[i];

		if (r->first > r->last || !r->name || !r->source || r->conf > CONF_UNKNOWN)
			return false;
		if (r->depth) {
			if (!top || r->first < top->first || r->last > top->last)
				return false;
			if (s->regions[i - 1].depth && s->regions[i - 1].last >= r->first)
				return false;
			continue;
		}
		if (top && r->first < top->first)
			return false;
		top = r;
		if (r->conf != CONF_BOUNDS) {
			if (firm && r->first <= firm->last)
				return false;
			firm = r;
		}
		/* An interval may reach to the end and firm ones still follow. */
		if (!full && r->first > at)
			return false;
		full |= r->last == s->kernel.last;
		if (!full && r->last >= at)
			at = r->last + 1;
	}
	return full;
}

#endif
