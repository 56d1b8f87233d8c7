/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The lines of the minimap: what each stands for. minimap_lines.c shares them out, minimap.c draws
 * them.
 */
#ifndef PROCMAP_MINIMAP_H
#define PROCMAP_MINIMAP_H

#include "tui.h"

enum map_kind {
	MAP_NONE,
	MAP_TOP,    /**< upper border of a half; index: 1 of the kernel's */
	MAP_BOTTOM, /**< lower border */
	MAP_HOLE,
	MAP_DENIED, /**< a user half that may not be read, or is not there: space.no_user */
	MAP_REGION, /**< index: in space.regions, the one that counts most of `count` */
	MAP_FREE,   /**< nothing is mapped there: gap, or unused part of the kernel half */
	MAP_OBJECT, /**< index: in space.objects, the largest of `count` neighbours */
};

/** How much of what is mapped in a line is resident. */
#define HEAT_UNKNOWN (-1)
#define HEAT_MOST    4

struct map_line {
	struct range r; /**< falling, without overlap; of borders first > last */
	u8 kind;	/**< enum map_kind */
	int8_t heat;	/**< 0 to HEAT_MOST, HEAT_UNKNOWN */
	bool first;	/**< of the lines of its piece */
	bool second;	/**< likewise */
	u32 index, count;
	u64 start; /**< lowest address of the whole piece */
	u64 size;  /**< its bytes; 0 not known */
};

/** The lines of a screen, kept from frame to frame. */
struct minimap {
	const struct snapshot *snap; /**< whose they are; NULL: of none */
	unsigned h;
	bool kernel;
	struct map_line *lines; /**< h; owned */
};

/** Fills h lines; those that are left over are MAP_NONE. `kernel`: that half gets more of them. */
void minimap_lines(const struct space *s, unsigned h, bool kernel, struct map_line *lines);

/** minimap.c: what its shades and marks mean. */
void minimap_legend(struct buf *b, bool ascii);

#endif
