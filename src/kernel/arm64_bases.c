/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: where the regions of this kernel begin and end. The order of belief: VMCOREINFO, which has
 * nearly all since 5.18, and the segments of kcore, then kernel memory, then the formula that the
 * fingerprint chose. What was read from the kernel must agree with the formula; where it does not,
 * the formula is given up, for it would be wrong of the rest, too.
 */
#include "arm64.h"

static bool in_half(const struct arm64 *a, u64 v)
{
	return range_has(a->s->kernel, v);
}

/* --- VMCOREINFO, kernel memory ------------------------------------------------------------------
 */

static void from_vmcoreinfo(struct arm64 *a)
{
	/* arch/arm64/kernel/crash_core.c of 5.18, vmcore_info.c of 6.9 */
	const struct {
		const char *key, *what;
		struct base *to;
	} keys[] = {
		{ "NUMBER(MODULES_VADDR)", "modules", &a->modules },
		{ "NUMBER(MODULES_END)", "the modules' end", &a->modules_end },
		{ "NUMBER(VMALLOC_START)", "vmalloc", &a->vmalloc },
		{ "NUMBER(VMALLOC_END)", "the end of vmalloc", &a->vmalloc_end },
		{ "NUMBER(VMEMMAP_START)", "vmemmap", &a->vmemmap },
		{ "NUMBER(VMEMMAP_END)", "the end of vmemmap", &a->vmemmap_end },
	};
	u64 v;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (vmcoreinfo_number(a->k, keys[i].key, &v) && in_half(a, v))
			base_take(a->s, keys[i].to, v, CONF_EXACT, "vmcoreinfo", keys[i].what);
	/*
	 * Where the CPU does less than VA_BITS this is the start for the addresses it lacks, and
	 * since 6.9 vmalloc goes on into that.
	 */
	if (a->vmemmap.have && a->vmalloc_end.have && a->vmemmap.v < a->vmalloc_end.v)
		a->vmemmap.have = false;
	if (vmcoreinfo_number(a->k, "NUMBER(PHYS_OFFSET)", &v))
		base_take(a->s, &a->phys_offset, v, CONF_EXACT, "vmcoreinfo", "PHYS_OFFSET");
	if (vmcoreinfo_number(a->k, "NUMBER(kimage_voffset)", &v))
		base_take(a->s, &a->voffset, v, CONF_EXACT, "vmcoreinfo", "kimage_voffset");
}

static void from_memory(struct arm64 *a)
{
	const struct kmemory *m = &a->k->memory;

	if (m->vmalloc.have && in_half(a, m->vmalloc.v))
		base_take(a->s, &a->vmalloc, m->vmalloc.v, CONF_EXACT, m->source, "vmalloc");
	if (m->memstart.have)
		base_take(a->s, &a->phys_offset, m->memstart.v, CONF_EXACT, m->source,
			  "PHYS_OFFSET");
	else if (m->direct.have && a->known.source)
		base_take(a->s, &a->phys_offset, a->p.page_offset - m->direct.v, CONF_DERIVED,
			  m->source, "PHYS_OFFSET");
}

/* --- kcore --------------------------------------------------------------------------------------
 */

static void kcore_image(struct arm64 *a, const struct kcore_segment *g)
{
	if (g->memsz > GIB)
		return;
	base_take(a->s, &a->text, g->vaddr, CONF_EXACT, "kcore", "_text");
	base_take(a->s, &a->image_end, g->vaddr + g->memsz, CONF_EXACT, "kcore",
		  "the end of the image");
	base_take(a->s, &a->voffset, g->vaddr - g->paddr, CONF_EXACT, "kcore", "kimage_voffset");
}

/** vmalloc by its size; modules right below it. */
static void kcore_virtual(struct arm64 *a, const struct kcore_segment *g)
{
	const struct fig *total = &a->k->mem.vmalloc_total_kib;

	if (total->have && g->memsz / KIB == total->v && g->memsz % KIB == 0) {
		base_take(a->s, &a->vmalloc, g->vaddr, CONF_EXACT, "kcore", "vmalloc");
		base_take(a->s, &a->vmalloc_end, g->vaddr + g->memsz, CONF_EXACT, "kcore",
			  "the end of vmalloc");
	} else if (a->vmalloc.have && g->vaddr + g->memsz == a->vmalloc.v &&
		   (g->memsz == 128 * MIB || g->memsz == 2 * GIB)) {
		base_take(a->s, &a->modules, g->vaddr, CONF_EXACT, "kcore", "modules");
		base_take(a->s, &a->modules_end, g->vaddr + g->memsz, CONF_EXACT, "kcore",
			  "the modules' end");
	}
}

static void from_kcore(struct arm64 *a)
{
	const struct kcore *c = &a->k->kcore;
	bool paddrs = kcore_has_paddrs(c);

	for (size_t i = 0; i < c->nsegments; i++) {
		const struct kcore_segment *g = &c->segments[i];

		if (!range_inside(kcore_range(g), a->s->kernel))
			continue;
		if (g->paddr == UINT64_MAX)
			kcore_virtual(a, g);
		else if (paddrs && kcore_inside_another(c, g))
			kcore_image(a, g);
		else if (paddrs && (!a->known.source || range_inside(kcore_range(g), a->p.linear)))
			linear_add(&a->ram, a->s, kcore_range(g), g->paddr);
	}
	/* In file order the modules come after vmalloc, but nothing promises that. */
	for (size_t i = 0; i < c->nsegments && !a->modules.have; i++)
		if (c->segments[i].paddr == UINT64_MAX)
			kcore_virtual(a, &c->segments[i]);
	linear_sort(&a->ram, CONF_EXACT, "kcore");
	if (a->ram.n && a->known.source)
		base_take(a->s, &a->phys_offset,
			  a->p.page_offset + a->ram.p[0].pa - a->ram.p[0].va.first, CONF_DERIVED,
			  "kcore", "PHYS_OFFSET");
}

/** VA(pa) = (pa - PHYS_OFFSET) | PAGE_OFFSET (__phys_to_virt(), asm/memory.h). */
static void ram_from_iomem(struct arm64 *a)
{
	const struct kiomem *m = &a->k->iomem;

	if (a->ram.n || !a->phys_offset.have || !a->known.source)
		return;
	for (size_t i = 0; i < m->nram; i++) {
		struct range va = { (m->ram[i].first - a->phys_offset.v) | a->p.page_offset,
				    (m->ram[i].last - a->phys_offset.v) | a->p.page_offset };

		if (va.first <= va.last && range_inside(va, a->p.linear))
			linear_add(&a->ram, a->s, va, m->ram[i].first);
	}
	linear_sort(&a->ram, MAX(a->phys_offset.conf, CONF_DERIVED), "iomem");
}

/* --- the image ----------------------------------------------------------------------------------
 */

/** The address that iomem calls the start of the code: _stext since 5.11, before _text. */
static const struct fig *code_symbol(const struct arm64 *a)
{
	const struct ksyms *y = &a->k->syms;

	if (release_at_least(a->s, 5, 11))
		return &y->stext;
	return y->text.have ? &y->text : &y->stext;
}

static void find_image(struct arm64 *a)
{
	const struct ksyms *y = &a->k->syms;
	const struct kiomem *m = &a->k->iomem;
	const struct fig *code = code_symbol(a);
	u64 v;

	if (y->text.have && in_half(a, y->text.v))
		base_take(a->s, &a->text, y->text.v, CONF_EXACT, "kallsyms", "_text");
	if (m->have_code && code->have && in_half(a, code->v))
		base_take(a->s, &a->voffset, code->v - m->code.first, CONF_DERIVED, "iomem",
			  "kimage_voffset");
	/* What is below _stext is not mapped any more once the kernel runs (5.11). */
	if (!a->text.have && y->stext.have && in_half(a, y->stext.v))
		a->text = (struct base){ y->stext.v, true, CONF_EXACT, "kallsyms" };
	if (!a->text.have && vmcoreinfo_hex(a->k, "SYMBOL(_stext)", &v) && in_half(a, v))
		a->text = (struct base){ v, true, CONF_EXACT, "vmcoreinfo" };
	if (y->end.have && a->text.have && y->end.v > a->text.v && y->end.v - a->text.v < GIB)
		base_take(a->s, &a->image_end, y->end.v, CONF_EXACT, "kallsyms",
			  "the end of the image");
	/* Kernel data ends at _end. */
	if (a->voffset.have && m->have_data && a->text.have) {
		v = m->data.last + 1 + a->voffset.v;
		if (v > a->text.v && v - a->text.v < GIB && !a->image_end.have)
			a->image_end = (struct base){ v, true, a->voffset.conf, "iomem" };
	}
}

/* --- all of it ----------------------------------------------------------------------------------
 */

/** What was read and what the formula says must be the same; then the rest is by the formula. */
static void settle(struct arm64 *a)
{
	const struct arm64_places *p = &a->p;
	const struct {
		struct base *b;
		u64 v;
		const char *what;
	} places[] = {
		{ &a->modules, p->modules.first, "modules" },
		{ &a->modules_end, p->modules.last + 1, "the modules' end" },
		{ &a->vmalloc, p->vmalloc.first, "vmalloc" },
		{ &a->vmalloc_end, p->vmalloc.last + 1, "the end of vmalloc" },
		{ &a->vmemmap, p->vmemmap.first, "vmemmap" },
		{ &a->vmemmap_end, p->vmemmap.last + 1, "the end of vmemmap" },
	};
	bool agree = true;

	if (!a->known.source)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		agree &= !places[i].b->have || places[i].b->v == places[i].v;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (agree || places[i].b->have)
			base_take(a->s, places[i].b, places[i].v, a->known.conf, a->known.source,
				  places[i].what);
	if (!agree)
		a->known.source = NULL;
}

bool arm64_bases(struct arm64 *a, const struct kfacts *k, struct space *s)
{
	*a = (struct arm64){ .k = k, .s = s };
	if (!arm64_find_mode(k, s, s, &a->known))
		return false;
	if (a->known.source)
		arm64_places(&a->known.m, &a->p);
	s->kernel = (struct range){ -(UINT64_C(1) << a->known.va_actual.v), UINT64_MAX };
	s->host.levels = arm64_levels((unsigned)a->known.va_actual.v, a->known.m.page_shift);
	if (!k->variant) {
		from_vmcoreinfo(a);
		from_kcore(a);
		from_memory(a);
		if (a->vmalloc.have && k->mem.vmalloc_total_kib.have && !a->vmalloc_end.have &&
		    k->mem.vmalloc_total_kib.v < (UINT64_MAX - a->vmalloc.v) / KIB)
			base_take(s, &a->vmalloc_end,
				  a->vmalloc.v + k->mem.vmalloc_total_kib.v * KIB, a->vmalloc.conf,
				  a->vmalloc.source, "the end of vmalloc");
		find_image(a);
	}
	settle(a);
	ram_from_iomem(a);
	return true;
}

void arm64_release(struct arm64 *a)
{
	linear_release(&a->ram);
}
