/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is mapped one to one, and where the array of struct page is: for --explain. From the
 * segments of /proc/kcore, which give both addresses; from kernel memory; from the regions and
 * iomem where the machine's formula is simple. What none of them tells is left out.
 */
#include "arch.h"

#include <string.h>

#include "../model/explain.h"

static bool is_x86(const struct space *s)
{
	const char *m = s->host.machine;

	return m && (!strcmp(m, "x86_64") || (m[0] == 'i' && m[1] && !strcmp(m + 2, "86")));
}

/** The top region of a kind whose place is known; NULL. */
static const struct region *top_region(const struct space *s, enum region_kind kind)
{
	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *r = &s->regions[i];

		if (!r->depth && r->kind == kind && r->conf != CONF_BOUNDS &&
		    r->conf != CONF_UNKNOWN)
			return r;
	}
	return NULL;
}

/** Maps `va`, which begins at `pa`; what would wrap is left out. */
static void add(struct explain *e, struct range va, u64 pa, bool image, enum conf conf,
		const char *source)
{
	if (va.last - va.first <= UINT64_MAX - pa)
		explain_add_map(e, &(struct kmapping){ va, pa, image, conf, source });
}

static bool overlaps(const struct region *r, struct range va)
{
	return range_overlaps((struct range){ r->first, r->last }, va);
}

/** Where the image is: its region, or from its lowest part to its highest. */
static bool image_range(const struct space *s, struct range *ret, enum conf *conf,
			const char **source)
{
	bool found = false;

	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *r = &s->regions[i];

		if ((r->kind != KR_IMAGE && r->kind != KR_IMAGE_PART) || r->conf == CONF_BOUNDS ||
		    r->conf == CONF_UNKNOWN)
			continue;
		if (!found)
			*ret = (struct range){ r->first, r->last };
		*ret = (struct range){ MIN(ret->first, r->first), MAX(ret->last, r->last) };
		*conf = r->conf;
		*source = r->source;
		found = true;
	}
	return found;
}

/** Segments of RAM and of the kernel's text have a physical address (fs/proc/kcore.c, 4.11 on). */
static void add_segments(struct explain *e, const struct kfacts *k, const struct space *s)
{
	const struct region *direct = top_region(s, KR_DIRECT_MAP);
	struct range image;
	enum conf conf;
	const char *source;
	bool have_image = image_range(s, &image, &conf, &source);

	/* Older ones print 0 for all. */
	for (size_t i = 0; kcore_has_paddrs(&k->kcore) && i < k->kcore.nsegments; i++) {
		const struct kcore_segment *g = &k->kcore.segments[i];
		struct range va = { g->vaddr, g->vaddr + (g->memsz - 1) };

		if (g->paddr == UINT64_MAX || !g->memsz || va.last < va.first)
			continue;
		/* With 32 bits the image is a part of the direct map. */
		if (direct && overlaps(direct, va))
			add(e, va, g->paddr, false, CONF_EXACT, "kcore");
		else if (have_image && range_overlaps(image, va))
			add(e, va, g->paddr, true, CONF_EXACT, "kcore");
	}
}

/** The direct map by its base, as far as its region reaches. */
static void add_direct(struct explain *e, const struct kfacts *k, const struct space *s)
{
	const struct region *r = top_region(s, KR_DIRECT_MAP);
	struct range va;

	if (!r)
		return;
	va = (struct range){ r->first, r->last };
	/* The address of physical 0 may lie below the region, where RAM begins higher up. */
	if (k->memory.direct.have && k->memory.direct.v <= r->first)
		add(e, va, r->first - k->memory.direct.v, false, CONF_EXACT, k->memory.source);
	else if (is_x86(s))
		add(e, va, 0, false, r->conf, r->source);
}

/** What the machine's own layout says of its regions and their parts. */
static void add_regions(struct explain *e, const struct space *s)
{
	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *r = &s->regions[i];
		bool image = r->kind == KR_IMAGE || r->kind == KR_IMAGE_PART;

		if (r->phys.have && (image || r->kind == KR_DIRECT_MAP) && r->conf < CONF_BOUNDS)
			add(e, (struct range){ r->first, r->last }, r->phys.v, image, r->conf,
			    r->source);
	}
}

/** Start of the kernel map of x86_64, which phys_base refers to (page_64_types.h). */
#define START_KERNEL_MAP UINT64_C(0xffffffff80000000)

static void add_image(struct explain *e, const struct kfacts *k, const struct space *s)
{
	struct range va;
	enum conf conf;
	const char *source;
	u64 base;

	if (!image_range(s, &va, &conf, &source))
		return;
	if (k->memory.phys_base.have && va.first >= START_KERNEL_MAP)
		add(e, va, va.first - START_KERNEL_MAP + k->memory.phys_base.v, true, CONF_EXACT,
		    k->memory.source);
	else if (vmcoreinfo_number(k, "NUMBER(phys_base)", &base) && va.first >= START_KERNEL_MAP)
		add(e, va, va.first - START_KERNEL_MAP + base, true, CONF_EXACT, "vmcoreinfo");
	else if (vmcoreinfo_number(k, "NUMBER(kimage_voffset)", &base))
		add(e, va, va.first - base, true, CONF_EXACT, "vmcoreinfo");
	else if (is_x86(s) && k->iomem.have_code && k->syms.text.have && k->syms.text.v == va.first)
		/* "Kernel code" begins with _text (arch/x86/kernel/setup.c). */
		add(e, va, k->iomem.code.first, true, CONF_DERIVED, "kallsyms and iomem");
}

/** With 32 bits the image is a part of lowmem, which is one linear map. */
static void add_lowmem(struct explain *e, const struct space *s)
{
	const struct region *low = top_region(s, KR_DIRECT_MAP);
	struct range image;
	const char *source;
	enum conf conf;

	if (low && low->phys.have && image_range(s, &image, &conf, &source) &&
	    range_inside(image, (struct range){ low->first, low->last }))
		add(e, image, low->phys.v + (image.first - low->first), true, MAX(conf, low->conf),
		    source);
}

/** The struct page of PFN 0 on arm64: that of PHYS_OFFSET is the first (asm/pgtable.h). */
static bool arm64_memmap(const struct kfacts *k, const struct space *s, const struct region *r,
			 u64 page_struct, u64 *ret)
{
	u64 phys_offset;

	if (!s->host.machine || strcmp(s->host.machine, "aarch64") || !s->host.page_size ||
	    !vmcoreinfo_number(k, "NUMBER(PHYS_OFFSET)", &phys_offset))
		return false;
	/* It may be negative, where the tables are narrower than the kernel was built for. */
	*ret = r->first - (u64)((int64_t)phys_offset / (int64_t)s->host.page_size) * page_struct;
	return true;
}

static void find_memmap(struct explain *e, const struct kfacts *k, const struct space *s)
{
	const struct region *r = top_region(s, KR_VMEMMAP);
	u64 v;

	if (k->btf.page_size.have)
		e->page_struct = (struct known){ k->btf.page_size.v, true, CONF_EXACT, "btf" };
	else if (vmcoreinfo_number(k, "SIZE(page)", &v) && v)
		e->page_struct = (struct known){ v, true, CONF_EXACT, "vmcoreinfo" };
	else if (s->host.bits == 64)
		/* 64 bytes with every usual configuration (include/linux/mm_types.h, 6.18) */
		e->page_struct = (struct known){ 64, true, CONF_DEFAULT, "mm_types.h" };
	if (k->memory.vmemmap.have)
		e->vmemmap =
			(struct known){ k->memory.vmemmap.v, true, CONF_EXACT, k->memory.source };
	else if (r && is_x86(s))
		e->vmemmap = (struct known){ r->first, true, r->conf, r->source };
	else if (r && arm64_memmap(k, s, r, e->page_struct.v, &v))
		e->vmemmap = (struct known){ v, true, MAX(r->conf, CONF_DERIVED), r->source };
}

void kernel_translations(const struct kfacts *k, const struct space *s, struct explain *e)
{
	add_segments(e, k, s);
	add_image(e, k, s);
	add_direct(e, k, s);
	add_regions(e, s);
	if (s->host.bits == 32)
		add_lowmem(e, s);
	find_memmap(e, k, s);
}
