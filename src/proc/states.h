/* SPDX-License-Identifier: GPL-2.0-or-later */
/** READER of the states of many pages at once, for marks and coarse grids: no frame is asked. */
#ifndef PROCMAP_PROC_STATES_H
#define PROCMAP_PROC_STATES_H

#include "pages.h"
#include "../model/snapshot.h"

/**
 * Appends the states of all pages of the mappings of `s` inside `range` to *ret: by bounded
 * PAGEMAP_SCAN calls, 11 ns a present page and 0.3 us a mapping, with FILE (38 to 170 ns a page)
 * over private mappings of files alone, where it tells copies apart; without the ioctl, and of a
 * recorded tree, by page_walk(). `stop` (may be NULL) is asked between calls: -ECANCELED. 0 or
 * -errno; *ret then has what came before.
 */
int states_read(struct piddir *d, struct space *s, struct range range, struct page_states *ret,
		bool (*stop)(void *ctx), void *ctx);

/**
 * scan_read(), and the states of all pages in *ret (empty; NULL: not wanted) out of the same scan;
 * without the ioctl, and of a recorded tree, they are read behind it. ret->have: they are there.
 */
int scan_read_states(struct piddir *d, struct space *s, struct page_states *ret);

#endif
