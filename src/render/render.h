/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * VIEWS: a const struct space -> text. Pure but for the sink they write to: no clock, no ioctl, no
 * environment. All text from outside is escaped here and nowhere else.
 */
#ifndef PROCMAP_RENDER_H
#define PROCMAP_RENDER_H

#include "../model/expr.h"
#include "../model/space.h"
#include "../model/pages.h"
#include "../model/phys.h"

/** A buffered file descriptor that remembers its first error (ENOSPC, EPIPE). */
struct out {
	int fd;
	struct buf b; /**< handed to write(2) at 64 KiB */
	int err;      /**< 0, or the first -errno; then nothing more is written */
};

void out_init(struct out *o, int fd);
/** Writes the buffer if it holds 64 KiB or more. */
void out_check(struct out *o);
/** Writes what is left; returns o->err. */
int out_end(struct out *o);

/** How a view is to look, all decided by main. */
struct view_opts {
	unsigned width;	 /**< columns, at least 20 */
	unsigned colors; /**< 0, 8, 16 or 256 */
	bool ascii;	 /**< no byte above 0x7f in the output */
	bool bytes;	 /**< exact byte counts instead of KiB/MiB */
	bool verbose;
	bool user, kernel;    /**< the halves to draw */
	bool running_as_root; /**< the footer then warns about kernel addresses */
	struct range limit;   /**< -A: only what overlaps it */
	bool have_locate;
	struct range locate;	   /**< --locate: mark it, show its surroundings */
	const struct expr *filter; /**< --filter: only mappings that meet it; NULL: all */
	const char *filter_text;
	const char *version; /**< "0.1.0" */
};

/** The default view: header, kernel half, hole, user half, footer. */
void render_map(const struct space *s, const struct view_opts *v, struct out *o);

/** --pages: begin, one line a run, end. `p` gives nodes, zones, swap areas, cgroups. */
struct pages_view;
struct pages_view *pages_view_new(const struct space *s, const struct places *p,
				  const struct view_opts *v, struct out *o);
/** A run_merger emit function; ctx is the struct pages_view. Non-zero when the sink failed. */
int pages_view_run(void *ctx, const struct page_run *run);
void pages_view_end(struct pages_view *pv);

/** --vmalloc: every area of s->kmap, then by caller and by kind. */
void render_vmalloc(const struct space *s, const struct view_opts *v, struct out *o);

/** --page-summary (per mapping totals after the flag table) and --frames. */
void render_page_summary(const struct space *s, const struct page_summary *p,
			 const struct view_opts *v, struct out *o);

/**
 * --layout=list: one row a documented layout, then sentences: what each architecture lets one
 * choose.
 */
struct layouts_view;
struct layouts_view *layouts_view_new(const struct view_opts *v, struct out *o);
void layouts_view_add(struct layouts_view *lv, const char *words, const struct space *s);
void layouts_view_end(struct layouts_view *lv, char *const *sentences, size_t n);

/** --phys: the map of physical memory, then its zones, orders, lists, pools and swap. */
void render_phys(const struct space *s, const struct phys *p, const struct view_opts *v,
		 struct out *out);

#endif
