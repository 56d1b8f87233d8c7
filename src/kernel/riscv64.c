/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv64 with sv39, sv48 and sv57: the kernel half as Documentation/arch/riscv/vm-layout.rst and
 * arch/riscv/include/asm/pgtable.h have it from 5.13 on. VMCOREINFO has nearly all since 6.2;
 * nothing is at random but the image.
 */
#include "arch.h"

#include <stdlib.h>

#define DOC "vm-layout.rst"

/* asm/pgtable.h, 6.12 */
#define LINK_ADDRESS	UINT64_C(0xffffffff80000000) /**< KERNEL_LINK_ADDR */
#define MODULES_LOWEST	(LINK_ADDRESS - 2 * GIB)     /**< MODULES_LOWEST_VADDR */
#define PAGE		UINT64_C(0x1000)
#define STRUCT_PAGE_MAX 64

struct riscv {
	const struct kfacts *k;
	struct space *s;
	struct base bits; /**< 39, 48, 57 */
	struct base page_offset, vmalloc, vmalloc_end, vmemmap, vmemmap_end;
	struct base modules, modules_end;
	struct base phys_base; /**< the physical address that PAGE_OFFSET maps */
	struct base text, image_end, voffset;
	struct linear ram;
};

/* --- the document -------------------------------------------------------------------------------
 */

/** PAGE_OFFSET; that of sv39 moved with 5.17 and 6.11. */
static u64 doc_page_offset(const struct space *s, u64 bits)
{
	if (bits == 57)
		return UINT64_C(0xff60000000000000);
	if (bits == 48)
		return UINT64_C(0xffffaf8000000000);
	if (release_at_least(s, 6, 11))
		return UINT64_C(0xffffffd600000000);
	return release_at_least(s, 5, 17) ? UINT64_C(0xffffffd800000000)
					  : UINT64_C(0xffffffe000000000);
}

/** VMALLOC_SIZE: half of KERN_VIRT_SIZE, which is half of the half. */
static u64 vmalloc_size(u64 bits)
{
	return UINT64_C(1) << (bits - 3);
}

/** VMEMMAP_SIZE, for a struct page of 64 bytes at most. */
static u64 vmemmap_size(u64 bits)
{
	return UINT64_C(1) << (bits - 12 - 1 + 6);
}

/* --- the sources --------------------------------------------------------------------------------
 */

static bool is_mode(u64 bits)
{
	return bits == 39 || bits == 48 || bits == 57;
}

/** The mode in use; base_take() tells of contradictions. */
static void find_bits(struct riscv *v)
{
	const struct fig *total = &v->k->mem.vmalloc_total_kib, *mmu = &v->k->cpu.riscv_va_bits;
	u64 bits;

	if (v->k->variant) {
		v->bits = (struct base){ v->k->variant->va_bits, true, CONF_DEFAULT, DOC };
		return;
	}
	if (vmcoreinfo_number(v->k, "NUMBER(VA_BITS)", &bits) && is_mode(bits))
		v->bits = (struct base){ bits, true, CONF_EXACT, "vmcoreinfo" };
	if (mmu->have && is_mode(mmu->v))
		base_take(v->s, &v->bits, mmu->v, CONF_EXACT, "cpuinfo", "the paging mode, sv");
	/* Half of the addresses are the user's. */
	for (bits = 39; bits <= 57; bits += 9)
		if (v->k->task_end.have && v->k->task_end.v == UINT64_C(1) << (bits - 1))
			base_take(v->s, &v->bits, bits, CONF_EXACT, "mmap probe",
				  "the paging mode, sv");
	for (bits = 39; bits <= 57 && total->have; bits += 9)
		/* A KiB short where VMALLOC_END was inclusive (before 5.17). */
		if (total->v == vmalloc_size(bits) / KIB ||
		    total->v == vmalloc_size(bits) / KIB - 1)
			base_take(v->s, &v->bits, bits, CONF_DERIVED, "meminfo",
				  "the paging mode, sv");
}

static bool in_half(const struct riscv *v, u64 addr)
{
	return range_has(v->s->kernel, addr);
}

static void from_vmcoreinfo(struct riscv *v)
{
	/* arch/riscv/kernel/crash_core.c of 6.2, vmcore_info.c of 6.9 */
	const struct {
		const char *key, *what;
		struct base *to;
	} keys[] = {
		{ "NUMBER(PAGE_OFFSET)", "PAGE_OFFSET", &v->page_offset },
		{ "NUMBER(VMALLOC_START)", "vmalloc", &v->vmalloc },
		{ "NUMBER(VMALLOC_END)", "the end of vmalloc", &v->vmalloc_end },
		{ "NUMBER(VMEMMAP_START)", "vmemmap", &v->vmemmap },
		{ "NUMBER(VMEMMAP_END)", "the end of vmemmap", &v->vmemmap_end },
		{ "NUMBER(MODULES_VADDR)", "modules", &v->modules },
		{ "NUMBER(MODULES_END)", "the modules' end", &v->modules_end },
	};
	u64 n;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (!vmcoreinfo_number(v->k, keys[i].key, &n) || !in_half(v, n))
			continue;
		/* VMALLOC_END is PAGE_OFFSET, or the byte before it up to 5.16. */
		if (keys[i].to == &v->vmalloc_end)
			n += n & 1;
		base_take(v->s, keys[i].to, n, CONF_EXACT, "vmcoreinfo", keys[i].what);
	}
	if (vmcoreinfo_number(v->k, "NUMBER(phys_ram_base)", &n))
		v->phys_base = (struct base){ n, true, CONF_EXACT, "vmcoreinfo" };
	if (vmcoreinfo_number(v->k, "NUMBER(va_kernel_pa_offset)", &n))
		v->voffset = (struct base){ n, true, CONF_EXACT, "vmcoreinfo" };
}

static void kcore_image(struct riscv *v, const struct kcore_segment *g)
{
	base_take(v->s, &v->text, g->vaddr, CONF_EXACT, "kcore", "_text");
	base_take(v->s, &v->image_end, g->vaddr + g->memsz, CONF_EXACT, "kcore",
		  "the end of the image");
	base_take(v->s, &v->voffset, g->vaddr - g->paddr, CONF_EXACT, "kcore",
		  "va_kernel_pa_offset");
}

static void kcore_virtual(struct riscv *v, const struct kcore_segment *g)
{
	u64 size = vmalloc_size(v->bits.v), end = g->vaddr + g->memsz;

	if (g->memsz == size || g->memsz == size - 1) {
		base_take(v->s, &v->vmalloc, g->vaddr, CONF_EXACT, "kcore", "vmalloc");
		base_take(v->s, &v->vmalloc_end, g->vaddr + size, CONF_EXACT, "kcore",
			  "the end of vmalloc");
	} else if (g->vaddr >= MODULES_LOWEST) {
		base_take(v->s, &v->modules, g->vaddr, CONF_EXACT, "kcore", "modules");
		base_take(v->s, &v->modules_end, end, CONF_EXACT, "kcore", "the modules' end");
	}
}

static void from_kcore(struct riscv *v)
{
	const struct kcore *c = &v->k->kcore;

	for (size_t i = 0; i < c->nsegments; i++) {
		const struct kcore_segment *g = &c->segments[i];

		if (!range_inside(kcore_range(g), v->s->kernel))
			continue;
		if (g->paddr == UINT64_MAX)
			kcore_virtual(v, g);
		else if (g->vaddr >= LINK_ADDRESS)
			kcore_image(v, g);
		else if (g->vaddr < MODULES_LOWEST)
			linear_add(&v->ram, v->s, kcore_range(g), g->paddr);
	}
	linear_sort(&v->ram, CONF_EXACT, "kcore");
}

static void from_memory(struct riscv *v)
{
	const struct kmemory *m = &v->k->memory;

	if (m->vmalloc.have && in_half(v, m->vmalloc.v))
		base_take(v->s, &v->vmalloc, m->vmalloc.v, CONF_EXACT, m->source, "vmalloc");
	if (m->direct.have && v->page_offset.have)
		base_take(v->s, &v->phys_base, v->page_offset.v - m->direct.v, CONF_EXACT,
			  m->source, "phys_ram_base");
}

/**
 * PAGE_OFFSET is the end of vmalloc, so each tells the other; so does the RAM, whose first byte is
 * at PAGE_OFFSET or, to keep the alignment of large pages, a little above.
 */
static void find_page_offset(struct riscv *v)
{
	u64 doc = doc_page_offset(v->s, v->bits.v), size = vmalloc_size(v->bits.v);

	if (v->vmalloc.have && !v->vmalloc_end.have)
		v->vmalloc_end = (struct base){ v->vmalloc.v + size, true, v->vmalloc.conf,
						v->vmalloc.source };
	if (!v->page_offset.have && v->vmalloc_end.have)
		v->page_offset = (struct base){ v->vmalloc_end.v, true, CONF_DERIVED,
						v->vmalloc_end.source };
	if (!v->page_offset.have) {
		v->page_offset = (struct base){ doc, true, CONF_DERIVED, v->bits.source };
		/* Releases tell which of the three sv39 has, and stable ones may differ. */
		if (v->bits.v == 39 || v->bits.conf == CONF_DEFAULT)
			v->page_offset = (struct base){ doc, true, CONF_DEFAULT, DOC };
	}
	if (v->ram.n && v->ram.p[0].va.first - v->page_offset.v >= vmalloc_size(v->bits.v) * 2 &&
	    v->page_offset.conf != CONF_EXACT) {
		space_note(v->s, NOTE_CONFLICT, "kcore", 0, NULL,
			   "RAM at %016llx is not behind PAGE_OFFSET %016llx (%s)",
			   (unsigned long long)v->ram.p[0].va.first,
			   (unsigned long long)v->page_offset.v, v->page_offset.source);
		v->page_offset.have = false;
	}
}

/** What lies below PAGE_OFFSET follows from it: vmalloc, vmemmap, PCI I/O, fixmap. */
static void chain(struct riscv *v)
{
	const struct base *po = &v->page_offset;
	enum conf conf = MAX(po->conf, v->bits.conf);
	u64 at = po->v - vmalloc_size(v->bits.v);

	conf = MAX(conf, CONF_DERIVED);
	if (!po->have)
		return;
	base_take(v->s, &v->vmalloc_end, po->v, conf, po->source, "the end of vmalloc");
	base_take(v->s, &v->vmalloc, at, conf, po->source, "vmalloc");
	base_take(v->s, &v->vmemmap_end, at, conf, po->source, "the end of vmemmap");
	base_take(v->s, &v->vmemmap, at - vmemmap_size(v->bits.v), conf, po->source, "vmemmap");
}

static void ram_from_iomem(struct riscv *v)
{
	const struct kiomem *m = &v->k->iomem;
	u64 off = v->page_offset.v - v->phys_base.v;

	if (v->ram.n || !v->phys_base.have || !v->page_offset.have)
		return;
	for (size_t i = 0; i < m->nram; i++) {
		struct range va = { m->ram[i].first + off, m->ram[i].last + off };

		if (m->ram[i].first >= v->phys_base.v && va.first <= va.last &&
		    va.last < MODULES_LOWEST)
			linear_add(&v->ram, v->s, va, m->ram[i].first);
	}
	linear_sort(&v->ram, MAX(CONF_DERIVED, v->page_offset.conf), "iomem");
}

static void find_image(struct riscv *v)
{
	const struct ksyms *y = &v->k->syms;
	const struct kiomem *m = &v->k->iomem;
	const struct fig *text = y->text.have ? &y->text : &y->stext;

	/* _text and _stext are the same, a page or more above _start (vmlinux.lds.S). */
	if (text->have && text->v >= LINK_ADDRESS)
		base_take(v->s, &v->text, text->v, CONF_EXACT, "kallsyms", "_text");
	else if (text->have)
		space_note(v->s, NOTE_CONFLICT, "kallsyms", 0, NULL,
			   "_text at %016llx is below the kernel image's window (" DOC ")",
			   (unsigned long long)text->v);
	if (v->text.have && m->have_code)
		base_take(v->s, &v->voffset, v->text.v - m->code.first, CONF_DERIVED, "iomem",
			  "va_kernel_pa_offset");
	if (y->end.have && v->text.have && y->end.v > v->text.v)
		base_take(v->s, &v->image_end, y->end.v, CONF_EXACT, "kallsyms",
			  "the end of the image");
	if (v->text.have && !v->image_end.have && m->have_bss && v->voffset.have &&
	    m->bss.last + 1 + v->voffset.v > v->text.v)
		v->image_end = (struct base){ m->bss.last + 1 + v->voffset.v, true, CONF_DERIVED,
					      "iomem" };
}

/* --- the regions --------------------------------------------------------------------------------
 */

static void add_linear(const struct riscv *v)
{
	const struct base *po = &v->page_offset;
	u64 end = po->v + vmalloc_size(v->bits.v) * 2;
	struct region *r;

	/* The document cuts it short where KASAN's shadow is kept for. */
	if (v->bits.v == 57)
		end = UINT64_C(0xffdf000000000000);
	if (po->have)
		r = layout_add(
			v->s, KR_DIRECT_MAP,
			range_of(po->v, end > po->v ? MIN(end, MODULES_LOWEST) : MODULES_LOWEST),
			MAX(po->conf, CONF_DERIVED), "linear map of RAM", po->source);
	else
		r = layout_between(v->s, KR_DIRECT_MAP, po, po, "linear map of RAM", 4);
	linear_parts(&v->ram, v->s, r);
}

static void add_vmalloc(const struct riscv *v)
{
	struct region *r =
		layout_between(v->s, KR_VMALLOC, &v->vmalloc, &v->vmalloc_end, "vmalloc", 3);

	if (!v->k->variant)
		note_vmalloc(v->k, v->s, r);
}

static void add_vmemmap(const struct riscv *v)
{
	const struct kbtf *b = &v->k->btf;
	struct region *r;

	if (config_is(v->k->config.vmemmap, false))
		return;
	r = layout_between(v->s, KR_VMEMMAP, &v->vmemmap, &v->vmemmap_end, "vmemmap", 2);
	if (!r || !b->page_size.have || b->page_size.v > STRUCT_PAGE_MAX)
		return;
	r->used = FIG(v->ram.bytes / PAGE * b->page_size.v);
	region_note(r, "struct page of %llu bytes", (unsigned long long)b->page_size.v);
}

/** PCI I/O ends where vmemmap begins, the fixmap where PCI I/O does; a large page, more for a
 * devicetree since 6.3. */
static void add_below_vmemmap(const struct riscv *v)
{
	const struct base *m = &v->vmemmap;
	enum conf conf = MAX(m->conf, CONF_DERIVED);
	u64 pci = m->v - 16 * MIB;
	struct region *r;

	if (!m->have)
		return;
	layout_add(v->s, KR_OTHER, range_of(pci, m->v), conf, "PCI I/O", m->source);
	if (v->k->variant || release_at_least(v->s, 6, 3)) {
		u64 size = release_at_least(v->s, 6, 3) ? 6 * MIB : 2 * MIB;

		layout_add(v->s, KR_FIXMAP, range_of(pci - size, pci), conf, "fixmap", m->source);
		return;
	}
	/* Stable kernels from 6.1 took the larger one over. */
	r = layout_add(v->s, KR_FIXMAP, range_of(pci - 6 * MIB, pci), CONF_BOUNDS, "fixmap",
		       m->source);
	region_note(r, "2 or 6 MiB below PCI I/O");
}

/** KASAN_SHADOW_START to _END (asm/kasan.h): an eighth of the half, below the modules. */
static void add_kasan(const struct riscv *v)
{
	u64 size = UINT64_C(1) << (v->bits.v - 1 - 3);
	u64 pgdir = UINT64_C(1) << (v->bits.v - 9), start = (MODULES_LOWEST - size) & -pgdir;
	struct region *r;

	if (!v->k->variant && !config_is(v->k->config.kasan, true))
		return;
	r = layout_add(v->s, KR_KASAN, range_of(start, MODULES_LOWEST), CONF_DEFAULT,
		       "KASAN shadow", v->k->variant ? DOC : "config");
	region_note(r, v->k->variant ? "only with CONFIG_KASAN" : "a byte for each 8 of the half");
}

static void add_modules(const struct riscv *v)
{
	struct base from = v->modules, to = v->modules_end;
	const struct base *t = &v->text, *e = &v->image_end;
	struct region *r;

	/* MODULES_VADDR is 2 GiB below the end of the image, MODULES_END its start. */
	if (!from.have && e->have)
		from = (struct base){ ((e->v + PAGE - 1) & -PAGE) - 2 * GIB, true,
				      MAX(e->conf, CONF_DERIVED), e->source };
	if (!from.have)
		from = (struct base){ MODULES_LOWEST, true, CONF_DEFAULT, DOC };
	if (!to.have)
		to = (struct base){ LINK_ADDRESS, true,
				    t->have && t->v - LINK_ADDRESS < 2 * MIB ? CONF_DERIVED
									     : CONF_DEFAULT,
				    t->have ? t->source : DOC };
	r = layout_between(v->s, KR_MODULES, &from, &to, "modules", 5);
	if (v->k->variant)
		region_note(r, "code of BPF in its last 128 MiB");
	else
		note_modules(v->k, r);
}

static void image_part(const struct riscv *v, bool have, struct range pa, const char *name,
		       u8 perms)
{
	struct range va = { pa.first + v->voffset.v, pa.last + v->voffset.v };
	struct region *r;

	if (!have || !v->voffset.have || va.first > va.last)
		return;
	r = layout_add_part(v->s, KR_IMAGE_PART, va, v->voffset.conf, name, "iomem");
	if (!r || v->k->cmdline.rodata_off)
		return;
	r->perms = perms;
	r->perms_conf = CONF_DEFAULT;
}

static void add_image(const struct riscv *v)
{
	const struct kiomem *m = &v->k->iomem;
	const struct base *t = &v->text, *e = &v->image_end;
	struct region *r;
	u64 first = t->v;

	if (!t->have || !e->have || e->v <= t->v) {
		r = layout_add(v->s, KR_IMAGE, (struct range){ LINK_ADDRESS, UINT64_MAX },
			       v->k->variant ? CONF_DEFAULT : CONF_BOUNDS, "kernel image", DOC);
		if (t->have)
			region_note(r, "_text is at %016llx", (unsigned long long)t->v);
		return;
	}
	/* It begins with _start, where the modules end. */
	if (v->modules_end.have && v->modules_end.v <= t->v && t->v - v->modules_end.v < 2 * MIB)
		first = v->modules_end.v;
	r = layout_add(v->s, KR_IMAGE, range_of(first, e->v), MAX(t->conf, e->conf), "kernel image",
		       t->source);
	if (!r)
		return;
	r->between = "tables, freed init";
	image_part(v, m->have_code, m->code, "text", PERM_R | PERM_X);
	image_part(v, m->have_rodata, m->rodata, "rodata", PERM_R);
	image_part(v, m->have_data, m->data, "data", PERM_R | PERM_W);
	image_part(v, m->have_bss, m->bss, "bss", PERM_R | PERM_W);
}

static void facts(const struct riscv *v)
{
	const struct kfacts *k = v->k;
	const struct fig *total = &k->mem.vmalloc_total_kib;
	u64 offset;

	if (total->have)
		space_add_fact(v->s, v->bits.source, "sv%u: %u-level paging, VmallocTotal %llu kB",
			       (unsigned)v->bits.v, v->s->host.levels,
			       (unsigned long long)total->v);
	else
		space_add_fact(v->s, v->bits.source, "sv%u: %u-level paging", (unsigned)v->bits.v,
			       v->s->host.levels);
	if (k->variant)
		return;
	if (vmcoreinfo_hex(k, "KERNELOFFSET", &offset))
		space_add_fact(v->s, "vmcoreinfo", "the image is %#llx above its link address",
			       (unsigned long long)offset);
	if (v->phys_base.have && v->page_offset.have)
		space_add_fact(v->s, v->phys_base.source,
			       "physical address less %#llx, plus PAGE_OFFSET %016llx, is the"
			       " address in the linear map",
			       (unsigned long long)v->phys_base.v,
			       (unsigned long long)v->page_offset.v);
	facts_common(k, v->s);
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static void bases(struct riscv *v)
{
	if (!v->k->variant) {
		from_vmcoreinfo(v);
		from_kcore(v);
		from_memory(v);
		find_image(v);
	}
	find_page_offset(v);
	chain(v);
	if (v->ram.n && v->page_offset.have)
		base_take(v->s, &v->phys_base,
			  v->ram.p[0].pa + v->page_offset.v - v->ram.p[0].va.first,
			  MAX(v->page_offset.conf, CONF_EXACT), "kcore", "phys_ram_base");
	ram_from_iomem(v);
}

void riscv64_layout(const struct kfacts *k, struct space *s)
{
	struct riscv v = { .k = k, .s = s };

	/* The image left the linear map with 5.13. */
	if (!release_at_least(s, 5, 13)) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "of riscv64 before Linux 5.13 is not drawn");
		return;
	}
	find_bits(&v);
	if (!v.bits.have) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "nothing tells the paging mode: not drawn");
		return;
	}
	s->kernel = (struct range){ -(UINT64_C(1) << (v.bits.v - 1)), UINT64_MAX };
	s->host.levels = v.bits.v == 39 ? 3 : v.bits.v == 48 ? 4 : 5;
	bases(&v);
	add_below_vmemmap(&v);
	add_vmemmap(&v);
	add_vmalloc(&v);
	add_linear(&v);
	add_kasan(&v);
	add_modules(&v);
	add_image(&v);
	layout_finish(s, DOC);
	facts(&v);
	linear_release(&v.ram);
}
