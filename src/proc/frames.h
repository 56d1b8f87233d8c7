/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The parser behind frame_read() of a recorded tree, for tests. Others use pages.h.
 */
#ifndef PROCMAP_FRAMES_H
#define PROCMAP_FRAMES_H

#include "pages.h"

/**
 * Delivers what the text ("PFN COUNT FLAGS" in hex, a line a run, rising; # begins a comment) has
 * inside of the parts. *bad: lines that are none or that do not rise. 0 or what stopped it.
 */
int frames_txt_read(const char *text, size_t len, const struct frame_part *parts, size_t nparts,
		    frame_run_fn *fn, void *ctx, size_t *bad);

#endif
