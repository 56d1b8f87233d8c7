/* SPDX-License-Identifier: GPL-2.0-or-later */
/** The two views of page tables: a process's entries, and what the kernel's map. */
#ifndef PROCMAP_RENDER_PTES_H
#define PROCMAP_RENDER_PTES_H

#include "render.h"
#include "../model/ptes.h"

/** --ptes: begin, one line a run, end. `p` gives the swap areas. */
struct ptes_view;
struct ptes_view *ptes_view_new(const struct space *s, const struct places *p,
				const struct view_opts *v, struct out *o);
/** A pt_run_fn; ctx is the struct ptes_view. Non-zero when the sink failed. */
int ptes_view_run(void *ctx, const struct pt_run *run);

/** What was walked, for the figures under the list. */
struct ptes_walked {
	const struct pt_merger *merger;
	const struct pt_tables *tables;
	const char *const *level_names; /**< by level */
	unsigned levels;
	const char *source; /**< static: "kcore", "bpf" */
	u64 usec;
	bool whole; /**< all of the user half, no filter: the sums can be compared with VmPTE */
};

void ptes_view_end(struct ptes_view *pv, const struct ptes_walked *w);

/** --kernel-ptes: the ranges that overlap v->limit, low to high, and what they come to. */
void render_kernel_ptes(const struct space *s, const struct pt_ranges *r, const struct view_opts *v,
			struct out *o);

#endif
