/* SPDX-License-Identifier: GPL-2.0-or-later */
/** The views of the slab caches. */
#ifndef PROCMAP_RENDER_SLAB_H
#define PROCMAP_RENDER_SLAB_H

#include "../model/slab.h"
#include "render.h"

/** --slab: all caches, their sums, allocinfo. */
void render_slab(const struct space *s, const struct slab_info *i, const struct view_opts *o,
		 struct out *out);
/** --slab=CACHE: one of its slabs as a picture, and all that is known of it. */
void render_slab_cache(const struct space *s, const struct slab_info *i, const struct view_opts *o,
		       struct out *out);

/** The names of other caches merged into one, blanks between; replaces what `b` held. */
void slab_other_names(const struct slab_info *i, const struct slab_cache *c, struct buf *b);

#endif
