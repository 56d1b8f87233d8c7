/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: the regions of the kernel half. What lies where has changed with 5.4, 5.11, 5.17, 6.5 and
 * 6.9; the kernel image lies in the vmalloc area on all of them.
 */
#include "arm64.h"

/** A region whose place only the formula tells. */
static struct region *by_formula(const struct arm64 *a, enum region_kind kind, struct range r,
				 const char *name)
{
	if (!a->known.source || !r.last)
		return NULL;
	return layout_add(a->s, kind, r, a->known.conf, name, a->known.source);
}

/* --- linear map ---------------------------------------------------------------------------------
 */

/** PAGE_OFFSET and what depends on it alone, from figures that the kernel told itself. */
static const char *width_source(const struct arm64 *a)
{
	return a->known.va_actual.conf == CONF_EXACT ? a->known.va_actual.source : a->known.source;
}

static void add_linear(const struct arm64 *a)
{
	static const struct base unknown;
	struct region *r;

	if (a->known.source)
		r = layout_add(a->s, KR_DIRECT_MAP, a->p.linear, a->known.conf, "linear map of RAM",
			       width_source(a));
	else if (a->ram.n)
		r = layout_add(a->s, KR_DIRECT_MAP, linear_span(&a->ram), a->ram.conf,
			       "linear map of RAM", a->ram.source);
	else
		r = layout_between(a->s, KR_DIRECT_MAP, &unknown, &unknown, "linear map of RAM", 1);
	if (!r || a->k->variant)
		return;
	if (!a->phys_offset.have && a->k->iomem.nram && !a->ram.n)
		region_note(r, "RAM is somewhere in it: PHYS_OFFSET is not known");
	linear_parts(&a->ram, a->s, r);
}

/* --- KASAN, BPF, modules ------------------------------------------------------------------------
 */

static void add_kasan(const struct arm64 *a)
{
	struct region *r = by_formula(a, KR_KASAN, a->p.kasan, "KASAN shadow");

	if (r)
		region_note(r, "a byte for each %u of the half", 1u << a->known.m.kasan);
}

/** Is it known that KASLR moved nothing? */
static bool kaslr_is_off(const struct kfacts *k)
{
	u64 offset;

	if (vmcoreinfo_hex(k, "KERNELOFFSET", &offset))
		return !offset;
	return config_is(k->config.randomize_base, false) ||
	       (k->status[KSRC_CMDLINE].state == KSRC_READ && k->cmdline.nokaslr);
}

static void add_modules(const struct arm64 *a)
{
	const struct kmodules *m = &a->k->modules;
	struct region *r;

	by_formula(a, KR_OTHER, a->p.bpf, "BPF JIT code");
	r = layout_between(a->s, KR_MODULES, &a->modules, &a->modules_end, "modules", 2);
	if (!r || a->k->variant)
		return;
	/* With KASLR they are put near the image (arch/arm64/kernel/module.c, kaslr.c). */
	if (r->conf < CONF_BOUNDS && a->k->status[KSRC_MODULES].state == KSRC_READ && m->count &&
	    m->lowest > r->last)
		region_note(r,
			    "%llu module%s, all of them in vmalloc near the kernel image (KASLR)",
			    (unsigned long long)m->count, m->count == 1 ? "" : "s");
	else if (a->k->status[KSRC_MODULES].state == KSRC_ZEROS && m->count && !kaslr_is_off(a->k))
		region_note(r, "%llu module%s, here or (KASLR) in vmalloc near the kernel image",
			    (unsigned long long)m->count, m->count == 1 ? "" : "s");
	else
		note_modules(a->k, r);
}

/* --- vmalloc and the image in it ----------------------------------------------------------------
 */

/** A part of the image; perms as they are set once the kernel runs, 0 where they are mixed. */
static void image_part(const struct arm64 *a, u64 first, u64 end, enum conf conf,
		       const char *source, const char *name, u8 perms)
{
	struct region *r;

	if (first >= end)
		return;
	r = layout_add_part(a->s, KR_IMAGE_PART, range_of(first, end), conf, name, source);
	if (!r || !perms || a->k->cmdline.rodata_off)
		return;
	/* mark_rodata_ro(), map_kernel() (arch/arm64/mm/mmu.c); only page tables would prove it. */
	r->perms = perms;
	r->perms_conf = CONF_DEFAULT;
}

/** Text and rodata: one range in iomem; symbols have the border if all of them were read. */
static void image_code(const struct arm64 *a, struct range code, enum conf conf)
{
	const struct fig *etext = &a->k->syms.etext;
	u64 end = code.last + 1;

	if (etext->have && etext->v > code.first && etext->v < end) {
		image_part(a, code.first, etext->v, conf, "kallsyms", "kernel text",
			   PERM_R | PERM_X);
		image_part(a, etext->v, end, conf, "iomem", "kernel rodata", PERM_R);
	} else {
		image_part(a, code.first, end, conf, "iomem", "kernel text, rodata", 0);
	}
}

/** The image by its parts; false when iomem or its offset is not there. */
static bool image_parts(const struct arm64 *a)
{
	const struct kiomem *m = &a->k->iomem;
	const struct base *off = &a->voffset;
	struct range code, data;
	u64 edata = a->k->syms.edata.v;

	if (!off->have || !m->have_code || !m->have_data || m->data.first <= m->code.last)
		return false;
	code = (struct range){ m->code.first + off->v, m->code.last + off->v };
	data = (struct range){ m->data.first + off->v, m->data.last + off->v };
	if (code.first > code.last || data.last < code.last || data.last - code.first >= GIB ||
	    a->text.v > code.first || code.first - a->text.v >= 2 * MIB)
		return false;
	/* Since 5.11 what is below _stext is unmapped, and vmalloc takes it. */
	if (!release_at_least(a->s, 5, 11))
		image_part(a, a->text.v, code.first, MAX(a->text.conf, off->conf), off->source,
			   "kernel head", 0);
	image_code(a, code, off->conf);
	/* free_initmem() unmaps it. */
	image_part(a, code.last + 1, data.first, off->conf, "iomem", "kernel init, freed", 0);
	if (a->k->syms.edata.have && range_has(data, edata) && edata > data.first) {
		image_part(a, data.first, edata, off->conf, "kallsyms", "kernel data",
			   PERM_R | PERM_W);
		image_part(a, edata, data.last + 1, off->conf, "iomem", "kernel bss",
			   PERM_R | PERM_W);
	} else {
		image_part(a, data.first, data.last + 1, off->conf, "iomem", "kernel data, bss",
			   PERM_R | PERM_W);
	}
	if (a->image_end.have && a->image_end.conf <= off->conf)
		image_part(a, data.last + 1, a->image_end.v, a->image_end.conf, a->image_end.source,
			   "kernel, up to _end", 0);
	return true;
}

static void add_image(const struct arm64 *a, bool inside)
{
	const struct base *t = &a->text, *e = &a->image_end;
	struct region *r;

	if (!t->have || (inside && image_parts(a)))
		return;
	if (!e->have || e->v <= t->v) {
		space_note(a->s, NOTE_LIMIT, "kernel image", 0, NULL,
			   "begins at %016llx (%s); where it ends is not known",
			   (unsigned long long)t->v, t->source);
	} else if (inside) {
		image_part(a, t->v, e->v, MAX(t->conf, e->conf), t->source, "kernel image", 0);
	} else {
		r = layout_add(a->s, KR_IMAGE, range_of(t->v, e->v), MAX(t->conf, e->conf),
			       "kernel image", t->source);
		region_note(r, "inside vmalloc");
		image_parts(a);
	}
}

static void add_vmalloc(const struct arm64 *a)
{
	struct region *r =
		layout_between(a->s, KR_VMALLOC, &a->vmalloc, &a->vmalloc_end, "vmalloc", 3);
	bool firm = r && r->conf < CONF_BOUNDS;
	const struct fig *total = &a->k->mem.vmalloc_total_kib;

	if (!r)
		return;
	if (a->k->variant) {
		region_note(r, "the kernel image is at its start, or inside it with KASLR");
		return;
	}
	r->between = "areas, unused";
	if (!firm && total->have)
		r->size = FIG(total->v * KIB);
	note_vmalloc(a->k, a->s, r);
	if (firm && a->text.have && !range_has((struct range){ r->first, r->last }, a->text.v)) {
		space_note(a->s, NOTE_CONFLICT, a->text.source, 0, NULL,
			   "the kernel image at %016llx is not in vmalloc; it is left out",
			   (unsigned long long)a->text.v);
		return;
	}
	add_image(a, firm);
}

/* --- vmemmap and the top ------------------------------------------------------------------------
 */

static void add_vmemmap(const struct arm64 *a)
{
	struct region *r;

	if (config_is(a->k->config.vmemmap, false))
		return;
	r = layout_between(a->s, KR_VMEMMAP, &a->vmemmap, &a->vmemmap_end, "vmemmap", 4);
	if (!r || a->k->variant)
		return;
	if (a->ram.n && a->known.page_struct_exact)
		r->used = FIG(a->ram.bytes / a->s->host.page_size * a->known.m.page_struct);
	region_note(r, "struct page of %u bytes%s", a->known.m.page_struct,
		    a->known.page_struct_exact ? "" : " (default)");
}

/**
 * Index i of enum fixed_addresses is the page FIXADDR_TOP - i * PAGE_SIZE; the permanent ones come
 * first, the boot part below is for early ioremap (asm/fixmap.h).
 */
static void add_fixmap(const struct arm64 *a)
{
	const struct kbtf *b = &a->k->btf;
	u64 page = a->s->host.page_size, top = a->p.fixmap.last + 1, start, boot;
	struct region *r;

	if (!a->known.source)
		return;
	start = top - b->fix_permanent_end.v * page;
	boot = top - b->fix_end.v * page;
	if (!b->fix_permanent_end.have || !b->fix_end.have || !b->fix_permanent_end.v ||
	    b->fix_permanent_end.v > b->fix_end.v || b->fix_end.v > (32 * MIB) / page ||
	    boot < a->p.fixmap.first) {
		r = layout_add(a->s, KR_FIXMAP, a->p.fixmap, CONF_BOUNDS, "fixmap",
			       a->known.source);
		region_note(r, "ends at FIXADDR_TOP");
		return;
	}
	if (boot < start) {
		r = layout_add(a->s, KR_FIXMAP, range_of(boot, start),
			       MAX(a->known.conf, CONF_DERIVED), "fixmap, boot part", "btf");
		region_note(r, "early ioremap, empty since the start");
	}
	r = layout_add(a->s, KR_FIXMAP, range_of(start, top), MAX(a->known.conf, CONF_DERIVED),
		       "fixmap", "btf");
	region_note(r, "%llu permanent pages", (unsigned long long)b->fix_permanent_end.v);
}

/* --- facts --------------------------------------------------------------------------------------
 */

static void fact_layout(const struct arm64 *a)
{
	const struct arm64_known *n = &a->known;
	const struct fig *total = &a->k->mem.vmalloc_total_kib;
	struct buf b = { 0 };

	buf_addf(&b, "%u-bit addresses", (unsigned)n->va_actual.v);
	if (n->va_bits.have && n->va_bits.v != n->va_actual.v)
		buf_addf(&b, " (built for %u, which the CPU cannot do)", (unsigned)n->va_bits.v);
	buf_addf(&b, ", %u-level paging", a->s->host.levels);
	if (n->source)
		buf_addf(&b, ", layout of Linux %s", arm64_epoch_name(n->m.epoch));
	if (total->have && !a->k->variant)
		buf_addf(&b, ": VmallocTotal %llu kB", (unsigned long long)total->v);
	space_add_fact(a->s, n->source ? n->source : n->va_actual.source, "%s", b.p);
	buf_release(&b);
}

/** KASLR moves the image in vmalloc and, up to 6.14, RAM in the linear map; nothing else. */
static void fact_kaslr(const struct arm64 *a)
{
	const struct kfacts *k = a->k;
	u64 offset;

	if (vmcoreinfo_hex(k, "KERNELOFFSET", &offset))
		space_add_fact(a->s, "vmcoreinfo",
			       offset ? "KASLR is on: the image is %#llx above its link address"
				      : "KASLR is off: the image is at its link address",
			       (unsigned long long)offset);
	else if (kaslr_is_off(k))
		space_add_fact(a->s, k->cmdline.nokaslr ? "cmdline" : "config", "KASLR is off");
	else
		space_add_fact(a->s, "memory.h",
			       "KASLR may be on: it moves the image and what is in the linear map,"
			       " not the regions");
	if (a->phys_offset.have)
		space_add_fact(a->s, a->phys_offset.source,
			       "PHYS_OFFSET %#llx: physical address less this, plus PAGE_OFFSET, is"
			       " the address in the linear map",
			       (unsigned long long)a->phys_offset.v);
}

/* --- all of it ----------------------------------------------------------------------------------
 */

/** Between regions of a layout that is not known nothing is known to be unused. */
static void forget_gaps(struct space *s)
{
	for (size_t i = 0; i < s->nregions; i++) {
		struct region *r = &s->regions[i];

		if (r->kind != KR_UNUSED)
			continue;
		r->name = "not known";
		r->conf = CONF_UNKNOWN;
		r->source = "";
	}
}

void arm64_layout(const struct kfacts *k, struct space *s)
{
	struct arm64 a;

	/* The linear map and the image came apart with 4.6. */
	if (!release_at_least(s, 4, 6)) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "of arm64 before Linux 4.6 is not drawn");
		return;
	}
	if (!arm64_bases(&a, k, s)) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "nothing tells how wide addresses are: not drawn");
		arm64_release(&a);
		return;
	}
	add_linear(&a);
	add_kasan(&a);
	add_modules(&a);
	add_vmalloc(&a);
	add_vmemmap(&a);
	by_formula(&a, KR_OTHER, a.p.pci, "PCI I/O");
	add_fixmap(&a);
	layout_finish(s, "memory.h");
	if (!a.known.source)
		forget_gaps(s);
	fact_layout(&a);
	if (!k->variant) {
		fact_kaslr(&a);
		facts_common(k, s);
	}
	arm64_release(&a);
}
