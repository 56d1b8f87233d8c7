/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Of page.c: for pages.c and the tests. */
#ifndef PROCMAP_WATCH_PAGE_H
#define PROCMAP_WATCH_PAGE_H

#include "parts.h"

/**
 * Why the contents of the page are not to be read (static); NULL: they may be. `v` is its mapping,
 * NULL none; of `d` its entry and flags count.
 */
const char *page_bytes_refused(const struct space *s, const struct vma *v,
			       const struct page_detail *d);
/** Why a process's pagemap entries were not read, by the errno (negative) of it. Static. */
const char *page_entry_refused(int err);

#endif
