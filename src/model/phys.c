/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container of the physical side, and what follows from its figures alone. */
#include "phys.h"

#include <stdlib.h>
#include <string.h>

void phys_init(struct phys *p, u32 page_size)
{
	*p = (struct phys){ .page_size = page_size, .limit = RANGE_ALL };
	strtab_init(&p->names);
	flag_sets_init(&p->sets);
}

static void zone_release(struct phys_zone *z)
{
	free(z->counters.p);
}

static void node_release(struct phys_node *n)
{
	free(n->stats.p);
	free(n->meminfo.p);
}

void phys_release(struct phys *p)
{
	for (size_t i = 0; i < p->nzones; i++)
		zone_release(&p->zones[i]);
	for (size_t i = 0; i < p->nnodes; i++)
		node_release(&p->nodes[i]);
	for (size_t i = 0; i < p->npieces; i++) {
		frame_tally_release(&p->pieces[i].frames);
		free(p->pieces[i].mine);
	}
	free(p->resources);
	free(p->zones);
	free(p->nodes);
	free(p->vmstat.p);
	free(p->meminfo.p);
	free(p->pools);
	free(p->swaps);
	free(p->zrams);
	free(p->gens);
	free(p->pieces);
	free(p->by_set);
	free(p->process.zone);
	flag_sets_release(&p->sets);
	strtab_release(&p->names);
}

u32 phys_name(struct phys *p, const char *s, size_t len)
{
	/* Strings of the table hold any byte but NUL. */
	const char *nul = len ? memchr(s, '\0', len) : NULL;

	return strtab_add(&p->names, s, nul ? (size_t)(nul - s) : len);
}

const char *phys_text(const struct phys *p, u32 name)
{
	return strtab_get(&p->names, name);
}

void counters_add(struct phys *p, struct counters *c, const char *name, size_t len, u64 v)
{
	/* A kernel has some hundred; a file made up to be long is cut. */
	if (c->n == 4096)
		return;
	GROW(c->p, c->n, c->cap);
	c->p[c->n++] = (struct counter){ phys_name(p, name, len), v };
}

struct fig counters_get(const struct phys *p, const struct counters *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(phys_text(p, c->p[i].name), name))
			return FIG(c->p[i].v);
	return (struct fig){ 0 };
}

struct phys_node *phys_node(struct phys *p, u32 id)
{
	for (size_t i = 0; i < p->nnodes; i++)
		if (p->nodes[i].id == id)
			return &p->nodes[i];
	if (p->nnodes == ZONES_MAX)
		return NULL;
	GROW(p->nodes, p->nnodes, p->cap_nodes);
	p->nodes[p->nnodes] = (struct phys_node){ .id = id };
	return &p->nodes[p->nnodes++];
}

struct phys_zone *phys_zone(struct phys *p, u32 node, const char *name, size_t len)
{
	for (size_t i = 0; i < p->nzones; i++) {
		const char *own = phys_text(p, p->zones[i].name);

		if (p->zones[i].node == node && strlen(own) == len && !memcmp(own, name, len))
			return &p->zones[i];
	}
	return NULL;
}

/* ------------------------------------------------------------------ names of resources */

static bool has(const char *name, size_t len, const char *word)
{
	return memmem(name, len, word, strlen(word)) != NULL;
}

static bool starts(const char *name, size_t len, const char *word)
{
	return len >= strlen(word) && !memcmp(name, word, strlen(word));
}

enum resource_kind resource_kind_of(const char *name, size_t len)
{
	/* arch/x86/kernel/e820.c, kernel/resource.c, drivers/dax, drivers/nvdimm of 6.18 */
	if (starts(name, len, "System RAM"))
		return RES_RAM;
	if (starts(name, len, "Kernel ") || starts(name, len, "Crash kernel"))
		return RES_KERNEL;
	if (starts(name, len, "ACPI ") || has(name, len, "ROM"))
		return RES_FIRMWARE;
	if (starts(name, len, "Persistent Memory") || starts(name, len, "namespace"))
		return RES_PMEM;
	if (has(name, len, "eserved") || starts(name, len, "RAM buffer") ||
	    starts(name, len, "Unusable memory"))
		return RES_RESERVED;
	return RES_MMIO;
}

const char *resource_kind_name(enum resource_kind k)
{
	static const char *const kinds[RES_NKINDS] = {
		[RES_RAM] = "RAM",	     [RES_KERNEL] = "kernel", [RES_RESERVED] = "reserved",
		[RES_FIRMWARE] = "firmware", [RES_PMEM] = "pmem",     [RES_MMIO] = "MMIO",
	};

	return kinds[k];
}

/* ------------------------------------------------------------------ sums */

struct fig zone_buddy_free(const struct phys_zone *z)
{
	return zone_buddy_from(z, 0);
}

struct fig zone_buddy_from(const struct phys_zone *z, unsigned order)
{
	u64 sum = 0;

	if (!z->norders)
		return (struct fig){ 0 };
	for (unsigned i = order; i < z->norders; i++)
		sum += z->order[i] << i;
	return FIG(sum);
}

bool zone_span(const struct phys_zone *z, u64 *first, u64 *last)
{
	/* No machine has more than 2^52 bytes; 2^52 frames need no care about overflow below. */
	if (!z->spanned.have || !z->start_pfn.have || !z->spanned.v || z->spanned.v >> 52 ||
	    z->start_pfn.v >> 52)
		return false;
	*first = z->start_pfn.v;
	*last = z->start_pfn.v + (z->spanned.v - 1);
	return true;
}

/** The sum of one figure over all zones, in bytes; unknown when one of them lacks it. */
static struct fig sum_zones(const struct phys *p, size_t offset)
{
	struct fig sum = { 0, p->nzones != 0 };

	for (size_t i = 0; i < p->nzones; i++) {
		const struct fig *f =
			(const struct fig *)(const void *)((const char *)&p->zones[i] + offset);

		sum.have &= f->have;
		sum.v += f->v * p->page_size;
	}
	return sum;
}

static struct fig sum_buddy(const struct phys *p)
{
	struct fig sum = { 0, p->nzones != 0 };

	for (size_t i = 0; i < p->nzones; i++) {
		const struct phys_zone *z = &p->zones[i];
		struct fig f = zone_buddy_free(z);

		/* buddyinfo leaves out zones without pages. */
		sum.have &= f.have || (z->free.have && !z->free.v);
		sum.v += f.v * p->page_size;
	}
	return sum;
}

static struct fig sum_nodes(const struct phys *p, const char *name)
{
	struct fig sum = { 0, p->nnodes != 0 };

	for (size_t i = 0; i < p->nnodes; i++) {
		struct fig f = counters_get(p, &p->nodes[i].meminfo, name);

		sum.have &= f.have;
		sum.v += f.v;
	}
	return sum;
}

/** Frames of a state, all of them read and none left out; else unknown. */
static struct fig swept(const struct phys *p, enum frame_state st)
{
	struct fig sum = { 0, p->swept && !phys_partial(p) && p->iomem == IOMEM_READ };

	for (size_t i = 0; i < p->npieces; i++) {
		sum.have &= !p->pieces[i].cut;
		sum.v += p->pieces[i].frames.state[st] * p->page_size;
	}
	sum.have &= p->limit.first == 0 && p->limit.last == UINT64_MAX;
	return sum;
}

static struct fig sum_ram(const struct phys *p)
{
	struct fig sum = { 0, p->iomem == IOMEM_READ };

	for (size_t i = 0; i < p->nresources; i++)
		if (p->resources[i].kind == RES_RAM)
			sum.v += p->resources[i].last - p->resources[i].first + 1;
	return sum;
}

/**
 * How far the counters of zones and nodes may lag behind what is: each CPU keeps changes to itself
 * up to a threshold. In bytes.
 */
static u64 counters_lag(const struct phys *p)
{
	u64 lag = 0;

	for (size_t i = 0; i < p->nzones; i++)
		lag += p->zones[i].lag;
	return lag * p->page_size;
}

static struct fig sum_swaps(const struct phys *p)
{
	struct fig sum = { 0, p->nswaps != 0 };

	for (size_t i = 0; i < p->nswaps; i++)
		sum.v += p->swaps[i].size.v;
	return sum;
}

/** Frames that were read as `st`, in bytes; unknown when not all of the RAM was looked at. */
static struct fig read_as(const struct phys *p, enum frame_state st)
{
	u64 sum = 0;

	for (size_t i = 0; i < p->npieces; i++)
		if (p->pieces[i].frames.nslices)
			sum += frame_tally_estimate(&p->pieces[i].frames, st);
	return (struct fig){ sum * p->page_size,
			     p->swept && !p->limit.first && p->limit.last == UINT64_MAX };
}

/** One part in so many of RAM may be in no zone's care without being worth a word. */
#define UNMANAGED_SHARE 25
struct fig phys_unmanaged(const struct phys *p)
{
	struct fig managed = sum_zones(p, offsetof(struct phys_zone, managed));
	struct fig present = sum_zones(p, offsetof(struct phys_zone, present));
	struct fig total = counters_get(p, &p->meminfo, "MemTotal"), all = present;
	struct fig reserved = read_as(p, FS_RESERVED), offline = read_as(p, FS_OFFLINE);
	u64 apart = managed.v + (reserved.have ? reserved.v + offline.v : 0);

	/* What is reserved is not known: MemTotal leaves most of it out, too. */
	if (!reserved.have)
		all = total;
	if (!managed.have || !present.have || !all.have || all.v <= apart ||
	    all.v - apart <= present.v / UNMANAGED_SHARE)
		return (struct fig){ 0 };
	return FIG(all.v - apart);
}

/** Adds a check of two known figures; what is more than the lag of `counters` c.why explains. */
static void check(const struct phys *p, struct phys_check *ret, size_t *n, struct phys_check c,
		  bool counters)
{
	u64 more = MAX(c.va.v, c.vb.v) - MIN(c.va.v, c.vb.v);

	if (!c.va.have || !c.vb.have || *n == PHYS_CHECKS)
		return;
	if (counters && more <= counters_lag(p))
		c.why = "counters lag: each CPU keeps a few pages' changes to itself";
	ret[(*n)++] = c;
}

/** Frames against zones: all of them were read. */
static size_t frame_checks(const struct phys *p, struct phys_check ret[static PHYS_CHECKS],
			   size_t n)
{
	const struct counters *m = &p->meminfo;

	check(p, ret, &n,
	      (struct phys_check){ "free frames", "blocks of all orders", swept(p, FS_FREE),
				   sum_buddy(p), "memory changed hands between the readings" },
	      false);
	check(p, ret, &n,
	      (struct phys_check){ "slab frames", "Slab", swept(p, FS_SLAB),
				   counters_get(p, m, "Slab"),
				   "large kmalloc() counts as slab without the flag, and before "
				   "6.10 tails of slabs lack it" },
	      true);
	check(p, ret, &n,
	      (struct phys_check){ "page-table frames", "PageTables", swept(p, FS_PGTABLE),
				   counters_get(p, m, "PageTables"),
				   "newer kernels flag their own tables too, older ones none" },
	      true);
	check(p, ret, &n,
	      (struct phys_check){
		      "anonymous frames", "AnonPages", swept(p, FS_ANON),
		      counters_get(p, m, "AnonPages"),
		      "frames of the swap cache, frames being freed, changes meanwhile" },
	      true);
	return n;
}

size_t phys_checks(const struct phys *p, struct phys_check ret[static PHYS_CHECKS])
{
	static const char balloon[] = "only one of them leaves out what a balloon or hot-unplug "
				      "took, or is made up for a container";
	const struct counters *m = &p->meminfo;
	struct fig managed = sum_zones(p, offsetof(struct phys_zone, managed));
	struct fig present = sum_zones(p, offsetof(struct phys_zone, present));
	struct fig free = sum_zones(p, offsetof(struct phys_zone, free));
	const struct {
		struct phys_check c;
		bool counters;
	} all[] = {
		{ { "MemTotal", "managed by the zones", counters_get(p, m, "MemTotal"), managed,
		    balloon },
		  false },
		{ { "MemFree", "free in the zones", counters_get(p, m, "MemFree"), free, balloon },
		  true },
		{ { "free in the zones", "blocks of all orders", free, sum_buddy(p),
		    "memory changed hands between the readings" },
		  true },
		{ { "MemTotal of the nodes", "managed by the zones", sum_nodes(p, "MemTotal"),
		    managed, balloon },
		  false },
		{ { "MemFree of the nodes", "free in the zones", sum_nodes(p, "MemFree"), free,
		    "memory changed hands between the readings" },
		  true },
		{ { "System RAM in iomem", "present in the zones", sum_ram(p), present,
		    "zones have whole pages only; memory blocks may be offline" },
		  false },
		{ { "SwapTotal", "size of the swap areas", counters_get(p, m, "SwapTotal"),
		    sum_swaps(p), "an area came or went between the readings" },
		  false },
	};
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		check(p, ret, &n, all[i].c, all[i].counters);
	return frame_checks(p, ret, n);
}
