/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What lies inside the regions of the kernel half: modules, areas of vmalloc, frames of RAM, and
 * what the kernel itself says its memory is spent on. Read only where the kernel is the target.
 *
 * Readers append areas and modules in the order of the files; kmap_finish() sorts and groups them.
 * Of an area or a module that is not placed the address is unknown, everything else holds.
 */
#ifndef PROCMAP_MODEL_KMAP_H
#define PROCMAP_MODEL_KMAP_H

#include <stdatomic.h>
#include "phys.h"

/** What the addresses of a file are. */
enum kaddr {
	KADDR_NONE,   /**< the file was not read */
	KADDR_REAL,   /**< addresses */
	KADDR_HASHED, /**< hashes, or a mix that nobody can tell apart */
	KADDR_ZEROS,  /**< hidden */
};

/* ------------------------------------------------------------------ vmalloc */

/** What an area is, by its flags and by who made it. The order is that of the lists. */
enum karea_kind {
	KAREA_VMALLOC,	 /**< vmalloc() by anyone else */
	KAREA_STACK,	 /**< stacks of tasks */
	KAREA_IRQ_STACK, /**< stacks of interrupts, per CPU */
	KAREA_MODULE,	 /**< code and data of modules */
	KAREA_BPF_TEXT,	 /**< compiled BPF programs */
	KAREA_BPF,	 /**< BPF programs and maps */
	KAREA_CODE,	 /**< other code made at run time: ftrace, kprobes */
	KAREA_PERCPU,	/**< chunks of the per-CPU allocator: room for addresses, and lists of it */
	KAREA_IOREMAP,	/**< registers and memory of devices; no RAM */
	KAREA_VMAP,	/**< pages that belong to somebody else */
	KAREA_DMA,	/**< dma-coherent */
	KAREA_USER,	/**< may be mapped by processes, too */
	KAREA_MAP_RAM,	/**< vm_map_ram(), no caller known */
	KAREA_UNPURGED, /**< freed; its page-table entries may still be cached */
	KAREA_NKINDS
};

/** "kernel stacks". */
const char *karea_kind_name(enum karea_kind k);

enum karea_have {
	KAREA_PAGES = 1,  /**< `pages` was printed: pages that vmalloc() itself allocated */
	KAREA_PHYS = 2,	  /**< `phys` was printed */
	KAREA_VPAGES = 4, /**< the list of its pages is in vmalloc as well */
};

/** Pages of an area on one NUMA node. */
struct knode_pages {
	u32 node;
	u64 pages;
};

/** One line of vmallocinfo. */
struct karea {
	u64 first, last; /**< only with KADDR_REAL; else 0 */
	u64 size;	 /**< bytes as printed, guard page included where there is one */
	u64 pages, phys; /**< see have */
	u32 caller;	 /**< "kernel_clone+0x94/0x3e0 [mod]", id in names; 0 none */
	u32 function;	 /**< the same without offset and size */
	u32 nodes;	 /**< where its node counts start in kmap.nodes */
	u32 group;	 /**< index in kmap.groups, set by kmap_finish() */
	u16 nnodes;
	u8 kind; /**< enum karea_kind */
	u8 have; /**< enum karea_have */
};

/** What areas add up to. */
struct karea_sum {
	u64 count, bytes;
	u64 pages;  /**< of those that print them */
	u64 backed; /**< bytes of the areas that print pages: the rest over them is guard pages */
};

/** Areas of one kind made by one function. */
struct kgroup {
	u32 function; /**< id in names; 0 none */
	u8 kind;
	struct karea_sum sum;
	u32 first, n; /**< its areas: kmap.by_group[first .. first + n) */
};

/* ------------------------------------------------------------------ modules */

enum kmodule_state {
	KMODULE_UNKNOWN,
	KMODULE_LIVE,
	KMODULE_LOADING,
	KMODULE_UNLOADING,
};

/** "Live". */
const char *kmodule_state_name(enum kmodule_state st);

struct ksection {
	u32 name; /**< ".text", id in names */
	u64 addr;
};

/** One line of /proc/modules, and what /sys/module has of it. */
struct kmodule {
	char *name;		 /**< owned; bytes */
	u64 size;		 /**< bytes as printed: all of its areas together */
	struct fig refs;	 /**< unknown where modules cannot be unloaded */
	u32 users;		 /**< "jbd2,mbcache": modules that use it, id in names; 0 none */
	u32 taints;		 /**< "OE", id in names; 0 none */
	u8 state;		 /**< enum kmodule_state */
	u64 addr;		 /**< where its code starts; 0: not shown */
	u64 last;		 /**< last byte from `addr` on that is its own; see last_source */
	const char *last_source; /**< static: "modules", "vmallocinfo"; NULL: not known */
	struct fig coresize, initsize;
	struct ksection *sections; /**< rising addresses; owned */
	size_t nsections, cap_sections;
};

/* ------------------------------------------------------------------ frames */

/** The frames of one stretch of RAM. */
struct kframes {
	struct range phys; /**< physical addresses, whole pages */
	struct frame_tally tally;
};

/* ------------------------------------------------------------------ all of it */

/** What the kernel says its memory is spent on, bytes: meminfo and vmstat. */
struct kmem_figures {
	struct fig total, free, vmalloc_used, vmalloc_total_kib, kernel_stack, page_tables,
		sec_page_tables, slab, slab_reclaimable, slab_unreclaimable, percpu;
	struct fig memmap, memmap_boot; /**< vmstat (6.11): struct page, made later and at boot */
	struct fig managed;		/**< zoneinfo: what the allocator was given */
	struct fig ram;			/**< sum of iomem's System RAM */
	struct fig image; /**< bytes from the first to the last of the kernel in iomem */
};

struct kmap {
	atomic_uint shares; /**< how many share it beside the first; see kmap_share() */
	enum kaddr area_addr, module_addr;

	struct karea *areas; /**< KADDR_REAL: rising addresses; else the order of the file */
	size_t nareas, cap_areas;
	struct knode_pages *nodes;
	size_t nnodes, cap_nodes;
	u64 dropped; /**< areas beyond KAREAS_MAX; the sums below have them */

	struct kgroup *groups; /**< most bytes first, KAREA_UNPURGED last */
	size_t ngroups, cap_groups;
	u32 *by_group; /**< indexes of areas, group after group */
	struct karea_sum kind[KAREA_NKINDS];
	struct karea_sum all; /**< all kinds but KAREA_UNPURGED */

	struct kmodule *modules; /**< rising addresses, without them the order of the file */
	size_t nmodules, cap_modules;
	u64 module_bytes;

	struct kframes *frames; /**< rising; owned */
	size_t nframes;
	u64 frames_every; /**< one frame in so many was looked at; 0: none was */

	struct kmem_figures mem;
};

/** Most areas that are kept one by one. */
#define KAREAS_MAX (1u << 17)
/** Most modules; a made-up file may not make the rows quadratic. */
#define KMODULES_MAX 4096

struct kmap *kmap_new(void);
/** One more owner of a kmap that no longer changes, in any thread; each calls kmap_free(). */
struct kmap *kmap_share(struct kmap *m);
/** NULL is nothing to free. */
void kmap_free(struct kmap *m);

/** Appends an area (zeroed); NULL beyond KAREAS_MAX: the caller counts it in `dropped`. */
struct karea *kmap_add_area(struct kmap *m);
void kmap_add_node(struct kmap *m, struct karea *a, u32 node, u64 pages);
struct kmodule *kmap_add_module(struct kmap *m);
void kmodule_add_section(struct kmodule *mod, u32 name, u64 addr);

/** What an area is: its kind by flags (KAREA_VMALLOC, _VMAP, _IOREMAP, _DMA, _USER) looked at more
 * closely by the name of the function that made it. */
enum karea_kind karea_kind_of(enum karea_kind by_flags, const char *function);

/** Sorts and groups what was appended, and adds it up. Once, after the readers. */
void kmap_finish(struct kmap *m);

/** The area that has the address, by bisection; NULL none, or addresses are not known. */
const struct karea *kmap_area_at(const struct kmap *m, u64 addr);
/** The module that is known to have the address; NULL none, or addresses are not known. */
const struct kmodule *kmap_module_at(const struct kmap *m, u64 addr);
/** The first module whose code begins in the area; NULL none. */
const struct kmodule *kmap_module_in(const struct kmap *m, const struct karea *a);
/** The section of a module that starts at or below the address; NULL none. */
const struct ksection *kmodule_section_at(const struct kmodule *mod, u64 addr);

/** What a group has inside a range; all of it where addresses are not known. */
struct karea_sum kmap_group_sum(const struct kmap *m, const struct kgroup *g, struct range r);

/** Pages by node of some areas of kmap.by_group: at most `max` nodes, rising; their number. */
size_t kmap_group_nodes(const struct kmap *m, const struct kgroup *g, struct knode_pages *ret,
			size_t max);

/** Areas inside a range and what is free between them (only with KADDR_REAL). */
struct kspread {
	struct karea_sum sum; /**< without KAREA_UNPURGED, which takes its place all the same */
	u64 unpurged;	      /**< bytes of those */
	u64 lowest, highest;  /**< first byte of the lowest, last of the highest */
	u64 gaps;	      /**< holes between the lowest and the highest */
	u64 gap_bytes, largest;
	u64 overlaps; /**< areas that start inside another: the file changed while it was read */
};
/** False when no area lies wholly in the range. */
bool kmap_spread(const struct kmap *m, struct range r, struct kspread *ret);

#endif
