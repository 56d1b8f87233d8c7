/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What the tests of maps and smaps share: text in, a space and its problems out. */
#ifndef TEST_FEED_MAPS_H
#define TEST_FEED_MAPS_H

#include <string.h>

#include "proc/proc.h"
#include "tap.h"

static struct space sp;
static struct maps_problems pb;

/** Feeds `text` in pieces of `step` bytes (0: at once) to a parser of a new space `sp`. */
static inline void feed_bytes(const char *text, size_t len, size_t step, u32 page_size, u8 bits)
{
	struct maps_parser *p;

	space_release(&sp);
	space_init(&sp);
	sp.host.page_size = page_size;
	sp.host.bits = bits;
	p = maps_parser_new(&sp);
	for (size_t at = 0; at < len; at += step ? step : len) {
		size_t n = MIN(step ? step : len, len - at);
		/* A copy of its own size, so that a sanitizer sees a read past its end. */
		char *piece = xmalloc(n);

		memcpy(piece, text + at, n);
		maps_parser_feed(p, piece, n);
		free(piece);
	}
	pb = maps_parser_end(p);
}

static inline void feed(const char *text)
{
	feed_bytes(text, strlen(text), 0, 4096, 64);
}

static inline const char *name_of(size_t i)
{
	return i < sp.nvmas ? strtab_get(&sp.names, sp.vmas[i].name) : "no such mapping";
}

/** Are two spaces the same as far as maps and smaps tell? */
static inline bool same_space(const struct space *a, const struct space *b)
{
	if (a->nvmas != b->nvmas)
		return false;
	for (size_t i = 0; i < a->nvmas; i++) {
		const struct vma *v = &a->vmas[i], *w = &b->vmas[i];
		struct smaps_values x, y;

		space_smaps(a, v, &x);
		space_smaps(b, w, &y);
		if (v->first != w->first || v->last != w->last || v->offset != w->offset ||
		    v->inode != w->inode || v->major != w->major || v->minor != w->minor ||
		    v->perms != w->perms || v->have != w->have || v->vmflags != w->vmflags ||
		    strcmp(strtab_get(&a->names, v->name), strtab_get(&b->names, w->name)) ||
		    memcmp(&x, &y, sizeof(x)))
			return false;
	}
	return true;
}

#endif
