/* SPDX-License-Identifier: GPL-2.0-or-later */
/** The view of one address. */
#ifndef PROCMAP_RENDER_EXPLAIN_H
#define PROCMAP_RENDER_EXPLAIN_H

#include "../model/explain.h"
#include "render.h"

/** --explain: a block of labelled lines for each place. */
void render_explain(const struct space *s, const struct explain *e, const struct view_opts *o,
		    struct out *out);

#endif
