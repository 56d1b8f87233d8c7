/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What the two views of page tables share. For ptes.c and ptes_kernel.c only. */
#ifndef PROCMAP_RENDER_PTES_PARTS_H
#define PROCMAP_RENDER_PTES_PARTS_H

#include "ptes.h"
#include "view.h"

/** "4K", "2M", in the short form of sizes; "?" for 0. */
void pt_put_size(struct row *r, u64 bytes, enum size_form form, unsigned end);
/** The paragraph "tables": how many of each level, their bytes, what went wrong with some. */
void pt_tables_draw(struct view *v, const struct pt_tables *t, const char *const *names,
		    unsigned levels, const char *source, u64 usec);

#endif
