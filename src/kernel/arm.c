/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * 32-bit arm: modules and pkmap below PAGE_OFFSET, where the branches of the kernel's text reach
 * them, lowmem, vmalloc up to a fixed address, and fixed places above it
 * (Documentation/arch/arm/memory.rst; arch/arm/include/asm/memory.h, fixmap.h, pgtable.h, 4.4 to
 * 6.12). LPAE moves nothing. There is no kcore, so lowmem's end comes from the zones.
 */
#include "bits32.h"

#define DOC "memory.rst"
/** TEXT_OFFSET (arch/arm/Makefile), which a few platforms set higher. */
#define IMAGE_AT "PAGE_OFFSET + 0x8000 (a few platforms: higher); arm has no KASLR"

#define VMALLOC_END UINT64_C(0xff800000)
#define FDT	    UINT64_C(0xff800000) /**< FDT_FIXED_BASE, since 5.10 */
#define GUARD	    UINT64_C(0xffc00000)
#define FIXMAP	    UINT64_C(0xffc80000) /**< since 5.10, before from the guard region on */
#define FIXMAP_END  UINT64_C(0xfff00000)
#define VECTORS	    UINT64_C(0xffff0000)
/** TASK_SIZE lies this far below PAGE_OFFSET, with a Thumb-2 kernel, too. */
#define BELOW (16 * MIB)
/** PMD_SIZE, 2 MiB with two levels and with three (pgtable-2level.h, pgtable-3level.h). */
#define PKMAP_SIZE (2 * MIB)

struct arm {
	struct bits32 b;
	struct choice thumb2; /**< the kernel's own instruction set */
	u64 kasan;	      /**< start of its shadow; 0: none */
	struct low_part parts[4];
	size_t nparts;
};

/* --- what kernel it is --------------------------------------------------------------------------
 */

/** Huge pages are there with LPAE only (HAVE_ARCH_HUGETLB..., arch/arm/Kconfig). */
static void find_lpae(struct bits32 *b)
{
	const struct kfacts *k = b->k;
	u64 last = k->iomem.nram ? k->iomem.ram[k->iomem.nram - 1].last : 0;

	if (k->config.arm_lpae.have)
		choice_take(b->s, &b->wide, k->config.arm_lpae.v, "config", "LPAE");
	if (k->mem.huge_page.have)
		choice_take(b->s, &b->wide, true, "meminfo", "LPAE");
	if (last >= END_32)
		choice_take(b->s, &b->wide, true, "iomem", "LPAE");
	/* The kernel that uses it does not start on a CPU without. */
	if (config_is(k->cpu.lpae, false))
		choice_take(b->s, &b->wide, false, "cpuinfo", "LPAE");
}

/** A Thumb-2 kernel has modules in the upper half only. */
static void find_thumb2(struct arm *x)
{
	const struct kfacts *k = x->b.k;
	u64 top = x->b.page_offset.v, lowest = k->modules.lowest;

	if (k->config.thumb2.have)
		choice_take(x->b.s, &x->thumb2, k->config.thumb2.v, "config", "THUMB2_KERNEL");
	if (k->status[KSRC_MODULES].state == KSRC_READ && k->modules.count &&
	    lowest >= top - BELOW && lowest < top - BELOW / 2)
		choice_take(x->b.s, &x->thumb2, false, "modules", "THUMB2_KERNEL");
}

/* --- bases -------------------------------------------------------------------------------------
 */

static void find_page_offset(struct arm *x)
{
	struct bits32 *b = &x->b;
	const struct kfacts *k = b->k;
	struct base po;

	bases_from_log(b);
	if (k->task_end.have && !x->kasan && sane_page_offset(k->task_end.v + BELOW))
		base_take(b->s, &b->page_offset, k->task_end.v + BELOW, CONF_DERIVED, "mmap probe",
			  "lowmem");
	if (page_offset_32(k, b->s, ARM_TEXT_MOST, &po) &&
	    (!b->page_offset.have || po.conf < CONF_DEFAULT))
		base_take(b->s, &b->page_offset, po.v, po.conf, po.source, "lowmem");
}

/**
 * PHYS_OFFSET, a multiple of 2 MiB: _text, which iomem gives the physical address of, is mapped
 * there plus a bit; kallsyms as a rule has only _stext, less than a section behind it
 * (arch/arm/kernel/vmlinux.lds.S). Else it is taken to be where RAM begins, as it mostly is.
 */
static void find_phys(struct bits32 *b)
{
	const struct kfacts *k = b->k;
	const struct fig *stext = &k->syms.stext, *text = &k->syms.text;
	const struct fig *start = &k->mem.zone_start;
	bool exact = text->have;
	u64 at = exact ? text->v : stext->v, phys;

	if (!b->page_offset.have)
		return;
	if (k->iomem.have_code && (exact || stext->have) && at >= b->page_offset.v) {
		/* Below 0 it wraps, and back when it is rounded up. */
		phys = k->iomem.code.first - (at - b->page_offset.v);
		if (!exact)
			phys += (2 * MIB - phys % (2 * MIB)) % (2 * MIB);
		if (phys <= k->iomem.code.first && k->iomem.code.first - phys < ARM_TEXT_MOST) {
			b->phys = (struct base){ phys, true, CONF_DERIVED, "kallsyms" };
			return;
		}
	}
	if (start->have)
		b->phys = (struct base){ start->v / (2 * MIB) * (2 * MIB), true, CONF_DEFAULT,
					 "zoneinfo" };
}

/** VMALLOC_START is rounded down to a multiple of the hole that is kept before it (pgtable.h). */
static u64 vmalloc_behind(u64 high_memory)
{
	return (high_memory + VMALLOC_OFFSET_32) / VMALLOC_OFFSET_32 * VMALLOC_OFFSET_32;
}

/** Of the end, which is the same in all kernels, and the size. */
static void find_vmalloc(struct bits32 *b)
{
	const struct fig *total = &b->k->mem.vmalloc_total_kib;
	u64 end = release_at_least(b->s, 4, 4) ? VMALLOC_END : VMALLOC_END - 8 * MIB, start;

	if (!total->have || !total->v || total->v >= (end - 0x40000000) / KIB)
		return;
	start = end - total->v * KIB;
	if (start % VMALLOC_OFFSET_32 == 0) {
		base_take(b->s, &b->vmalloc, start, CONF_DERIVED, "meminfo", "vmalloc");
		base_take(b->s, &b->vmalloc_end, end, CONF_DERIVED, "meminfo", "vmalloc's end");
	} else {
		space_note(b->s, NOTE_CONFLICT, "meminfo", 0, NULL,
			   "VmallocTotal is %llu kB, which no layout in " DOC " has",
			   (unsigned long long)total->v);
	}
}

/** What the zones say must fit what VmallocTotal says; where RAM starts was only assumed. */
static void check_high_memory(struct bits32 *b)
{
	struct base *high = &b->high_memory;

	if (!high->have || !b->vmalloc.have || vmalloc_behind(high->v) == b->vmalloc.v)
		return;
	if (high->conf < CONF_DEFAULT)
		space_note(b->s, NOTE_CONFLICT, "zoneinfo", 0, NULL,
			   "lowmem ends at %08llx (%s), which does not fit vmalloc at %08llx (%s)",
			   (unsigned long long)high->v, high->source,
			   (unsigned long long)b->vmalloc.v, b->vmalloc.source);
	high->have = false;
	if (b->phys.conf >= CONF_DEFAULT)
		b->phys.have = false;
}

static void find_bases(struct arm *x)
{
	struct bits32 *b = &x->b;

	x->kasan = arm_kasan_start(b->k);
	find_highmem(b);
	find_lpae(b);
	find_page_offset(x);
	find_thumb2(x);
	find_phys(b);
	find_vmalloc(b);
	lowmem_end(b);
	check_high_memory(b);
}

/** arm_lowmem_limit (arch/arm/mm/mmu.c): vmalloc has at least 240 MiB and the hole before it. */
static void bases_of_variant(struct arm *x, const struct kvariant *v)
{
	struct bits32 *b = &x->b;
	const struct base documented = { 0, true, CONF_DEFAULT, b->doc };

	b->wide = (struct choice){ true, v->pae, b->doc };
	b->highmem = (struct choice){ true, v->highmem, b->doc };
	x->thumb2 = (struct choice){ true, false, b->doc };
	b->page_offset = b->phys = b->high_memory = b->vmalloc = b->vmalloc_end = documented;
	b->page_offset.v = v->page_offset;
	b->high_memory.v = VMALLOC_END - 240 * MIB - VMALLOC_OFFSET_32;
	b->vmalloc.v = vmalloc_behind(b->high_memory.v);
	b->vmalloc_end.v = VMALLOC_END;
}

/* --- below PAGE_OFFSET --------------------------------------------------------------------------
 */

/** What the kernel printed at boot is better than what is documented or follows. */
static struct region *add_logged(const struct bits32 *b, enum region_kind kind, const char *name,
				 const char *logged, struct range r, enum conf conf,
				 const char *source)
{
	struct range told;

	if (bootmsg_range(&b->k->boot, logged, &told) && sane_32(told.first) &&
	    told.last < END_32) {
		r = told;
		conf = CONF_EXACT;
		source = "kernel log";
	}
	return layout_add(b->s, kind, r, conf, name, source);
}

static void add_modules(const struct arm *x)
{
	const struct bits32 *b = &x->b;
	u64 po = b->page_offset.v, end = po, start = po - BELOW;
	enum conf conf = worse(CONF_DERIVED, b->page_offset.conf);
	const char *source = b->page_offset.source;
	struct region *r;

	if (b->k->variant)
		conf = CONF_DEFAULT;
	if (x->thumb2.have && x->thumb2.yes)
		start = po - BELOW / 2;
	if (b->highmem.have && b->highmem.yes) {
		end = po - PKMAP_SIZE;
		r = add_logged(b, KR_PKMAP, "pkmap", "pkmap", range_of(end, po), conf, source);
		region_note(r, "kmap() of high memory");
	}
	if (x->kasan && x->kasan < start) {
		r = layout_add(b->s, KR_KASAN, range_of(x->kasan, start), CONF_DERIVED,
			       "KASAN shadow", "config");
		region_note(r, "a byte for each 8 of the kernel's");
	}
	/* Special kernels have another instruction set. */
	if (!x->thumb2.have || !b->highmem.have) {
		conf = worse(conf, CONF_DEFAULT);
		source = b->doc;
	}
	r = add_logged(b, KR_MODULES, "modules", "modules", range_of(start, end), conf, source);
	if (!b->k->variant)
		note_modules(b->k, r);
}

/* --- the fixed places ----------------------------------------------------------------------------
 */

static struct region *fixed(const struct bits32 *b, enum region_kind kind, u64 start, u64 end,
			    const char *name)
{
	return layout_add(b->s, kind, range_of(start, end), CONF_DEFAULT, name, b->doc);
}

static void add_fixmap(const struct bits32 *b)
{
	bool fdt = release_at_least(b->s, 5, 10);
	u64 section = b->wide.have && !b->wide.yes ? MIB : 2 * MIB;

	if (fdt) {
		region_note(fixed(b, KR_OTHER, FDT, FDT + 2 * section, "device tree"),
			    "as the firmware gave it, read-only; empty without one");
		fixed(b, KR_GUARD, GUARD, FIXMAP, "guard region");
	}
	add_logged(b, KR_FIXMAP, "fixmap", "fixmap", range_of(fdt ? FIXMAP : GUARD, FIXMAP_END),
		   CONF_DEFAULT, b->doc);
}

/** The gate page that maps lists in every process; its second page is the kernel's alone. */
static void add_vectors(const struct bits32 *b)
{
	const struct space *s = b->s;
	const struct vma *v = s->nvmas ? &s->vmas[s->nvmas - 1] : NULL;
	struct region *r;

	if (v && v->first != VECTORS)
		v = NULL;
	r = add_logged(b, KR_VECTORS, "vectors", v ? "" : "vector",
		       range_of(VECTORS, VECTORS + PAGE_32), v ? CONF_EXACT : CONF_DEFAULT,
		       v ? "maps" : b->doc);
	if (r && v) {
		r->perms = v->perms & (PERM_R | PERM_W | PERM_X);
		r->perms_conf = CONF_DERIVED;
		region_note(r, "seen by the process, with the kuser helpers");
	}
	/* early_trap_init(), arch/arm/kernel/traps.c, since 3.11 */
	r = fixed(b, KR_VECTORS, VECTORS + PAGE_32, VECTORS + 2 * PAGE_32, "vector stubs");
	region_note(r, "the kernel's alone");
}

/* --- all of it -----------------------------------------------------------------------------------
 */

/** Adds a part by its physical addresses; `perms` 0: unknown. */
static void add_part(struct arm *x, u64 first, u64 end, const char *name, u8 perms)
{
	u64 after = x->nparts ? x->parts[x->nparts - 1].physical : x->b.phys.v;

	if (first < after || first >= end || end - x->b.phys.v > GIB)
		return;
	x->parts[x->nparts] = low_part(&x->b, range_of(first, end), name, perms);
	x->parts[x->nparts++].perms_known &= perms != 0;
}

/** The physical address of a symbol inside iomem's code; 0 when it is not there. */
static u64 in_code(const struct arm *x, struct fig symbol)
{
	u64 pa = symbol.v - x->b.page_offset.v + x->b.phys.v;

	return symbol.have && range_has(x->b.k->iomem.code, pa) ? pa : 0;
}

/**
 * iomem's code runs from _text to __init_begin, so what stands before _stext and rodata are in it;
 * its data from _sdata to _end (request_standard_resources(), arch/arm/kernel/setup.c). What is
 * before _stext is not executed any more (nx_perms, arch/arm/mm/init.c).
 */
static void find_image(struct arm *x)
{
	const struct kfacts *k = x->b.k;
	const struct range *code = &k->iomem.code, *data = &k->iomem.data;
	u64 at = code->first, stext, etext;

	if (!x->b.phys.have)
		return;
	if (k->iomem.have_code) {
		stext = in_code(x, k->syms.stext);
		if (stext > at) {
			add_part(x, at, stext, "kernel head", PERM_R | PERM_W);
			at = stext;
		}
		etext = in_code(x, k->syms.etext);
		if (etext > at) {
			add_part(x, at, etext, "kernel text", PERM_R | PERM_X);
			add_part(x, etext, code->last + 1, "kernel rodata", PERM_R);
		} else {
			add_part(x, at, code->last + 1, "kernel text, rodata", 0);
		}
	}
	if (k->iomem.have_data)
		add_part(x, data->first, data->last + 1, "kernel data, bss", PERM_R | PERM_W);
}

void arm_layout(const struct kfacts *k, struct space *s)
{
	struct arm x = { .b = { .k = k,
				.s = s,
				.doc = DOC,
				.image = IMAGE_AT,
				.limit = VMALLOC_END,
				.between = "freed init" } };
	struct region *r;

	if (!release_at_least(s, 4, 4) && !k->boot.n) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "of arm before Linux 4.4 is drawn from its boot messages only");
		return;
	}
	if (k->variant)
		bases_of_variant(&x, k->variant);
	else
		find_bases(&x);
	if (!x.b.page_offset.have) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "no source tells PAGE_OFFSET: not drawn");
		return;
	}
	if (!start_half(&x.b, x.kasan ? x.kasan : x.b.page_offset.v - BELOW))
		return;
	add_modules(&x);
	find_image(&x);
	add_lowmem(&x.b, x.parts, x.nparts, false);
	if (!x.nparts)
		add_image_32(&x.b, ARM_TEXT_MOST);
	r = add_vmalloc(&x.b);
	if (!k->variant)
		note_vmalloc(k, s, r);
	add_fixmap(&x.b);
	add_vectors(&x.b);
	layout_finish(s, DOC);
	facts_32(&x.b, "LPAE");
}
