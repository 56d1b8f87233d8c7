/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * READERS of the physical side: iomem, zoneinfo, buddyinfo, pagetypeinfo, the nodes, hugetlb
 * pools, swap, zram, zswap, vmstat, the generations of the LRU. Each file has a parser of plain
 * bytes beside the function that opens it. What a kernel lacks stays unknown.
 */
#ifndef PROCMAP_PHYS_H
#define PROCMAP_PHYS_H

#include "../model/phys.h"
#include "pid_parse.h"
#include "proc.h"

/**
 * Reads all of it but the frames into *p (phys_init()ed). Zones, orders and meminfo are read once
 * more, twice at most, while they contradict each other. Notes say what is closed or missing.
 */
void phys_read(struct root *r, struct space *s, struct phys *p);

/* --- the parsers: pure, any bytes, never fail but by finding nothing ------------------------- */

/** phys_iomem.c. Sets p->iomem, p->resources and p->dropped; false when no line is one. */
bool phys_parse_iomem(struct phys *p, const char *text, size_t len);
/** phys_zones.c. Zones and the per-node counters. */
void phys_parse_zoneinfo(struct phys *p, const char *text, size_t len);
/** Orders of the zones that are known; the same again replaces them. */
void phys_parse_buddyinfo(struct phys *p, const char *text, size_t len);
void phys_parse_pagetypeinfo(struct phys *p, const char *text, size_t len);
/** Forgets zones and what the nodes have of zoneinfo, for a second read. */
void phys_forget_zones(struct phys *p);

/** phys_nodes.c. "name value" lines. */
void phys_parse_vmstat(struct phys *p, struct counters *c, const char *text, size_t len);
/** "MemTotal: 123 kB", "Node 0 MemTotal: 123 kB"; kB become bytes. */
void phys_parse_meminfo(struct phys *p, struct counters *c, const char *text, size_t len);
/** lru_gen of debugfs. */
void phys_parse_lru_gen(struct phys *p, const char *text, size_t len);
/** phys_swap.c. */
void phys_parse_swaps(struct phys *p, const char *text, size_t len);
/** mm_stat of a zram device. */
void phys_parse_zram(struct zram_device *z, const char *text, size_t len);

/** phys_zones.c. The next word of a line, up to a blank; cuts it off the line. */
bool phys_word(struct slice *line, struct slice *ret);
/** The same if that word is a decimal number, all of it; else the line stays. */
bool phys_number(struct slice *line, u64 *ret);

/** phys_nodes.c, phys_swap.c: what is in sysfs and debugfs. */
void phys_read_nodes(struct root *r, struct phys *p);
void phys_read_pools(struct root *r, struct phys *p);
void phys_read_lru_gen(struct root *r, struct phys *p);
void phys_read_swap(struct root *r, struct phys *p);

#endif
