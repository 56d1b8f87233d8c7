/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rows inside the kernel half: what a region holds, and the sections of a module. */
#include <stdlib.h>

#include "../model/kmap.h"
#include "tui.h"

/** A row whose address the kernel hides. */
#define NO_PLACE ((struct range){ 1, 0 })

static struct range region_range(const struct region *r)
{
	return (struct range){ r->first, r->last };
}

/** The region of the top level that the place is; NULL when there is none any more. */
static const struct region *region_of_place(const struct tui *t)
{
	const struct space *s = &t->snap->space;
	const struct place *at = tui_place(t);

	for (size_t i = 0; i < s->nregions; i++)
		if (!s->regions[i].depth && s->regions[i].first == at->r.first)
			return &s->regions[i];
	return NULL;
}

bool kernel_has_inside(const struct tui *t, u32 region)
{
	const struct space *s = &t->snap->space;
	const struct region *r = &s->regions[region];

	if (r->depth || r->conf >= CONF_BOUNDS)
		return false;
	return r->kind == KR_VMALLOC || r->kind == KR_MODULES || r->kind == KR_DIRECT_MAP ||
	       (region + 1 < s->nregions && s->regions[region + 1].depth);
}

bool kernel_item_is_unpurged(const struct kmap *m, const struct item *it)
{
	return m && it->kind == ITEM_AREA && !item_placed(it) &&
	       m->areas[it->index].kind == KAREA_UNPURGED;
}

/* --- what a region holds ---------------------------------------------------------------------- */

/** Adds the RAM whose frames lie behind a range of the direct map; false when there is none. */
static bool add_ram(struct tui *t, struct range r, struct fig phys)
{
	const struct kmap *m = t->snap->space.kmap;
	struct range behind = { phys.v, phys.v + (r.last - r.first) }, in;
	bool any = false;

	if (!m || !phys.have || behind.last < behind.first)
		return false;
	for (size_t i = 0; i < m->nframes; i++) {
		if (!range_intersect(m->frames[i].phys, behind, &in))
			continue;
		items_add(t, ITEM_RAM,
			  (struct range){ r.first + (in.first - behind.first),
					  r.first + (in.last - behind.first) },
			  (u32)i);
		any = true;
	}
	return any;
}

/**
 * Its parts, but for those that come one by one: what sums up modules and areas, and RAM. Where
 * the direct map is in pieces each of them says which frames it has.
 */
static void add_parts(struct tui *t, const struct region *top)
{
	const struct space *s = &t->snap->space;
	const struct kmap *m = s->kmap;
	size_t i = (size_t)(top - s->regions) + 1;

	if (top->kind == KR_DIRECT_MAP && (i == s->nregions || !s->regions[i].depth))
		add_ram(t, region_range(top), top->phys);
	for (; i < s->nregions && s->regions[i].depth; i++) {
		const struct region *r = &s->regions[i];

		if (m && ((r->kind == KR_AREAS && m->area_addr == KADDR_REAL) ||
			  (r->kind == KR_MODULE && m->module_addr == KADDR_REAL)))
			continue;
		if (r->kind == KR_DIRECT_MAP && add_ram(t, region_range(r), r->phys))
			continue;
		items_add(t, r->kind == KR_UNUSED ? ITEM_FREE : ITEM_REGION, region_range(r),
			  (u32)i);
	}
}

static void add_areas(struct tui *t, const struct region *top)
{
	const struct kmap *m = t->snap->space.kmap;
	struct range r = region_range(top);
	bool freed = false;

	for (size_t i = 0; i < m->nareas; i++) {
		const struct karea *a = &m->areas[i];

		if (m->area_addr != KADDR_REAL) {
			/* Nothing tells one that was freed from the next: one row is all of them.
			 */
			if (top->kind == KR_VMALLOC && !(freed && a->kind == KAREA_UNPURGED))
				items_add(t, ITEM_AREA, NO_PLACE, (u32)i);
			freed |= a->kind == KAREA_UNPURGED;
			continue;
		}
		/* The row of a module stands for the area its code is in. */
		if (a->first <= a->last && range_inside((struct range){ a->first, a->last }, r) &&
		    !kmap_module_in(m, a))
			items_add(t, ITEM_AREA, (struct range){ a->first, a->last }, (u32)i);
	}
}

/** Where a module's code ends: as read, else as far as it can reach at most. */
static u64 module_last(const struct kmap *m, size_t i, u64 limit)
{
	const struct kmodule *mod = &m->modules[i];
	u64 last = limit;

	if (mod->last_source)
		return MIN(mod->last, limit);
	if (i + 1 < m->nmodules && mod[1].addr > mod->addr)
		last = MIN(last, mod[1].addr - 1);
	if (mod->size && mod->size - 1 < last - mod->addr)
		last = mod->addr + (mod->size - 1);
	return last;
}

static void add_modules(struct tui *t, const struct region *top)
{
	const struct kmap *m = t->snap->space.kmap;
	struct range r = region_range(top);

	for (size_t i = 0; i < m->nmodules; i++) {
		u64 addr = m->modules[i].addr;

		if (m->module_addr != KADDR_REAL) {
			if (top->kind == KR_MODULES)
				items_add(t, ITEM_MODULE, NO_PLACE, (u32)i);
		} else if (range_has(r, addr)) {
			items_add(t, ITEM_MODULE, (struct range){ addr, module_last(m, i, r.last) },
				  (u32)i);
		}
	}
}

/**
 * From the highest address to the lowest; what has none last and in the order of its file, but
 * what is freed behind what is in use.
 */
static int by_address(const void *va, const void *vb, void *kmap)
{
	const struct item *a = va, *b = vb;

	if (item_placed(a) != item_placed(b))
		return item_placed(a) ? -1 : 1;
	if (kernel_item_is_unpurged(kmap, a) != kernel_item_is_unpurged(kmap, b))
		return kernel_item_is_unpurged(kmap, a) ? 1 : -1;
	if (!item_placed(a) || a->r.first == b->r.first)
		return a->index < b->index ? -1 : a->index > b->index;
	return a->r.first > b->r.first ? -1 : 1;
}

static void add_region(struct tui *t, const struct region *top)
{
	add_parts(t, top);
	if (t->snap->space.kmap) {
		add_areas(t, top);
		add_modules(t, top);
	}
	if (t->nitems)
		qsort_r(t->items, t->nitems, sizeof(*t->items), by_address, t->snap->space.kmap);
	else if (t->snap->kernel_inside)
		items_add(t, ITEM_REGION, region_range(top), (u32)(top - t->snap->space.regions));
}

/* --- the sections of a module ----------------------------------------------------------------- */

static const struct kmodule *module_of_place(const struct tui *t)
{
	const struct kmap *m = t->snap->space.kmap;
	const struct place *at = tui_place(t);

	if (!m)
		return NULL;
	if (at->index < m->nmodules &&
	    (at->r.first > at->r.last || m->modules[at->index].addr == at->r.first))
		return &m->modules[at->index];
	for (size_t i = 0; i < m->nmodules && at->r.first <= at->r.last; i++)
		if (m->modules[i].addr == at->r.first)
			return &m->modules[i];
	return NULL;
}

bool kernel_section_range(const struct snapshot *snap, u32 module, u32 section, struct range *ret)
{
	const struct kmap *m = snap->space.kmap;
	const struct kmodule *mod = &m->modules[module];
	u64 first = mod->sections[section].addr, last = UINT64_MAX;
	const struct karea *a = kmap_area_at(m, first);
	bool known = false;

	*ret = (struct range){ first, first };
	for (size_t i = section + 1; i < mod->nsections; i++)
		if (mod->sections[i].addr > first) {
			last = mod->sections[i].addr - 1;
			known = true;
			break;
		}
	if (mod->last_source && first >= mod->addr && first <= mod->last) {
		last = MIN(last, mod->last);
		known = true;
	} else if (a) {
		last = MIN(last, a->last);
		known = true;
	}
	/* Sections that follow may be in another piece of the module, far away. */
	if (!known || !mod->size || last - first >= mod->size)
		return false;
	ret->last = last;
	return true;
}

static void add_sections(struct tui *t)
{
	const struct kmodule *mod = module_of_place(t);
	u32 module;

	if (!mod)
		return;
	module = (u32)(mod - t->snap->space.kmap->modules);
	for (size_t i = mod->nsections; i-- > 0;) {
		struct range r;
		struct item *it;

		kernel_section_range(t->snap, module, (u32)i, &r);
		it = items_add(t, ITEM_SECTION, r, (u32)i);
		it->parent = module;
	}
}

void kernel_items(struct tui *t)
{
	const struct region *top;

	if (tui_place(t)->level == LEVEL_PART) {
		add_sections(t);
		return;
	}
	top = region_of_place(t);
	if (top)
		add_region(t, top);
}
