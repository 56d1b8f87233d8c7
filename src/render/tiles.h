/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Space -> rows, no printing: an iterator that walks the space from its highest address to its
 * lowest and yields one typed tile after the other. Starts of tiles never rise. Text and TUI draw
 * the same tiles, so they cannot disagree about what is there.
 */
#ifndef PROCMAP_TILES_H
#define PROCMAP_TILES_H

#include "../model/expr.h"
#include "../model/space.h"

enum tile_kind {
	TILE_KERNEL_TOP,
	TILE_REGION, /**< index: in space.regions; TILE_BOX_TOP if parts follow */
	TILE_UNUSED, /**< part of the kernel half that no region claims; index: whose parts leave it
		      */
	TILE_FACT,   /**< index: in space.facts */
	TILE_KERNEL_END,
	TILE_HOLE,    /**< between the halves; `hole` says which */
	TILE_NO_USER, /**< there is no user half; space.no_user says why */
	TILE_USER_TOP,
	TILE_GAP,
	TILE_NULL_TRAP, /**< nothing can be mapped below vm.mmap_min_addr */
	TILE_OBJECT,	/**< first line of a box; index: in space.objects */
	TILE_STACK_PART,
	TILE_MARK,    /**< index: in space.marks, count: how many at this address */
	TILE_LOCATED, /**< the address --locate asks for, inside the tile that comes next */
	TILE_MAPPING, /**< index: in space.vmas */
	TILE_USER_END,
	TILE_SKIPPED, /**< rows of the half that the limit leaves out, at one of its ends */
};

enum tile_hole {
	HOLE_NONCANONICAL, /**< addresses the paging mode cannot express */
	HOLE_BEYOND_TASK,  /**< canonical, but above the end of this process's half */
	HOLE_BETWEEN,	   /**< between the halves of a machine that has no such rule */
};

/** Where a tile stands in the box of its object or region. */
enum tile_box {
	TILE_BOX_NONE,
	TILE_BOX_TOP,
	TILE_BOX_IN,
	TILE_BOX_LAST,
};

struct tile {
	enum tile_kind kind;
	enum tile_box box;
	struct range r;
	u32 index, count;
	u8 lines;     /**< lines it may use, by the logarithm of its size: 1 to 4 */
	bool located; /**< overlaps the range --locate asks for */
	enum tile_hole hole;
	struct gap gap; /**< TILE_GAP */
	/** TILE_GAP: limit ROOM_NONE when no stack above, no heap below it grows into it. */
	struct room stack, heap;
	struct stack_part part;
};

/** What to walk. */
struct tile_opts {
	bool user, kernel;
	bool all_marks;		   /**< also those of threads and those the stack's parts repeat */
	struct range limit;	   /**< only tiles that overlap it */
	const struct expr *filter; /**< only mappings that meet it, and no gaps; NULL: all */
	bool have_locate;
	struct range locate; /**< limit is narrowed to three objects or gaps on each side of it */
};

/** The state of a walk. All fields are private. */
struct tiles {
	const struct space *s;
	struct tile_opts o;
	int stage;
	size_t i;      /**< user: mappings left; kernel: regions left */
	size_t nuser;  /**< mappings of the user half; above it lies vsyscall */
	size_t high;   /**< mappings left above the user half */
	size_t parent; /**< region whose parts are being walked, or SIZE_MAX */
	u64 floor;     /**< kernel: lowest address told so far */
	size_t fact;
	size_t mark;  /**< marks left */
	u32 object;   /**< whose box is open */
	u32 lowest;   /**< its lowest mapping that is drawn */
	u64 told;     /**< user: lowest address told so far */
	bool skipped; /**< those below the limit were told */
	struct stack_part parts[8];
	size_t npart, nparts;
	u32 parts_vma;
	bool located_done;
};

void tiles_init(struct tiles *t, const struct space *s, const struct tile_opts *o);
/** The next tile, lower than the one before; false at the end. */
bool tiles_next(struct tiles *t, struct tile *ret);

/** The last address below the non-canonical hole; 0 when paging has no such hole here. */
u64 canonical_last(const struct space *s);

/** Lines a tile of so many bytes may use: 1, from 64 MiB 2, from 1 GiB 3, from 64 GiB 4. */
unsigned tile_lines(u64 bytes);

#endif
