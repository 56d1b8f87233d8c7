/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * i386: lowmem, vmalloc (modules are loaded there, too) and, below the top, pkmap, LDT, cpu entry
 * area and fixmap. Each of these ends where the next begins, rounded to what an entry of the middle
 * page table maps, so VMALLOC_END places all but the fixmap
 * (arch/x86/include/asm/pgtable_32_areas.h, 6.1; pgtable_32_types.h before 5.13).
 */
#include "bits32.h"

#include <string.h>

/** __FIXADDR_TOP (arch/x86/mm/pgtable.c); index 0 of enum fixed_addresses is this page. */
#define FIXADDR_TOP UINT64_C(0xfffff000)
#define DOC	    "pgtable_32_areas.h"
/** CONFIG_PHYSICAL_START (arch/x86/Kconfig); KERNEL_IMAGE_SIZE (asm/page_32_types.h) bounds KASLR.
 */
#define IMAGE_AT "PAGE_OFFSET + 16 MiB, or with KASLR anywhere between that and + 512 MiB"

struct x86_32 {
	struct bits32 b;
	u64 pmd; /**< what an entry of the middle page table maps; 0 unknown */
	/** Above vmalloc; the lower ones are not had where the kernel is older than they are. */
	struct base pkmap, ldt, cea, cea_end, fixmap;
	u64 fixmap_end;
	struct low_part parts[4];
	size_t nparts;
};

/* --- PAE ---------------------------------------------------------------------------------------
 */

/** The direct map's page sizes have other names with it (arch_report_meminfo(),
 * mm/pat/set_memory.c). */
struct choice i386_pae(const struct kfacts *k, struct space *s)
{
	const struct kmeminfo *m = &k->mem;
	struct choice ret = { 0 };

	if (k->variant)
		return (struct choice){ true, k->variant->pae, DOC };
	if (k->kcore.vmcoreinfo && strstr(k->kcore.vmcoreinfo, "\nCONFIG_X86_PAE=y"))
		choice_take(s, &ret, true, "vmcoreinfo", "PAE");
	if (m->direct_2m.have != m->direct_4m.have)
		choice_take(s, &ret, m->direct_2m.have, "meminfo", "PAE");
	if (k->config.x86_pae.have)
		choice_take(s, &ret, k->config.x86_pae.v, "config", "PAE");
	return ret;
}

/* --- bases -------------------------------------------------------------------------------------
 */

/**
 * One segment is vmalloc, the others are RAM: with HIGHMEM a single one, all of lowmem
 * (kcore_ram_list(), fs/proc/kcore.c). Before 4.11 none had a physical address.
 */
static void bases_from_kcore(struct x86_32 *x)
{
	struct bits32 *b = &x->b;
	const struct kfacts *k = b->k;
	const struct fig *total = &k->mem.vmalloc_total_kib;
	u64 v;

	for (size_t i = 0; i < k->kcore.nsegments; i++) {
		const struct kcore_segment *g = &k->kcore.segments[i];
		bool vmalloc = total->have ? g->memsz == total->v * KIB : g->paddr == UINT64_MAX;
		u64 end = g->vaddr + g->memsz;

		if (!sane_32(g->vaddr) || !sane_32(end))
			continue;
		if (vmalloc) {
			base_take(b->s, &b->vmalloc, g->vaddr, CONF_EXACT, "kcore", "vmalloc");
			base_take(b->s, &b->vmalloc_end, end, CONF_EXACT, "kcore", "vmalloc's end");
		} else if (g->paddr < g->vaddr && sane_page_offset(g->vaddr - g->paddr)) {
			base_take(b->s, &b->page_offset, g->vaddr - g->paddr, CONF_EXACT, "kcore",
				  "lowmem");
			if (!g->paddr && b->highmem.have && b->highmem.yes)
				base_take(b->s, &b->high_memory, end, CONF_EXACT, "kcore",
					  "lowmem's end");
		}
	}
	/* The number is the width of an unsigned long, since 6.9. */
	if (vmcoreinfo_number(k, "NUMBER(VMALLOC_START)", &v) && sane_32(v))
		base_take(b->s, &b->vmalloc, v, CONF_EXACT, "vmcoreinfo", "vmalloc");
	if (k->memory.high_memory.have && sane_32(k->memory.high_memory.v))
		base_take(b->s, &b->high_memory, k->memory.high_memory.v, CONF_EXACT,
			  k->memory.source, "lowmem's end");
}

/** Lowmem begins at physical 0, so one symbol and its physical address tell PAGE_OFFSET. */
static void page_offset_from_text(struct bits32 *b)
{
	const struct kfacts *k = b->k;
	u64 v;

	if (!k->syms.text.have || !k->iomem.have_code)
		return;
	v = k->syms.text.v - k->iomem.code.first;
	if (k->syms.text.v > k->iomem.code.first && sane_page_offset(v))
		base_take(b->s, &b->page_offset, v, CONF_EXACT, "kallsyms", "lowmem");
	else
		space_note(b->s, NOTE_CONFLICT, "iomem", 0, NULL,
			   "the kernel's code at physical %llx does not fit _text at %08llx"
			   " (kallsyms)",
			   (unsigned long long)k->iomem.code.first,
			   (unsigned long long)k->syms.text.v);
}

static void find_bases(struct x86_32 *x)
{
	struct bits32 *b = &x->b;
	const struct kfacts *k = b->k;
	struct base po;

	b->phys = (struct base){ 0, true, CONF_EXACT, DOC };
	find_highmem(b);
	bases_from_kcore(x);
	bases_from_log(b);
	/* TASK_SIZE is PAGE_OFFSET (asm/page_32_types.h). */
	if (k->task_end.have && sane_page_offset(k->task_end.v))
		base_take(b->s, &b->page_offset, k->task_end.v, CONF_EXACT, "mmap probe", "lowmem");
	page_offset_from_text(b);
	/* A guess that several choices would fit contradicts nothing. */
	if (page_offset_32(k, b->s, I386_TEXT_MOST, &po) &&
	    (!b->page_offset.have || po.conf < CONF_DEFAULT))
		base_take(b->s, &b->page_offset, po.v, po.conf, po.source, "lowmem");
	lowmem_end(b);
	if (b->high_memory.have && b->high_memory.v + VMALLOC_OFFSET_32 < END_32)
		base_take(b->s, &b->vmalloc, b->high_memory.v + VMALLOC_OFFSET_32,
			  worse(CONF_DERIVED, b->high_memory.conf), b->high_memory.source,
			  "vmalloc");
	else if (b->vmalloc.have && b->vmalloc.v > VMALLOC_OFFSET_32)
		base_take(b->s, &b->high_memory, b->vmalloc.v - VMALLOC_OFFSET_32,
			  worse(CONF_DERIVED, b->vmalloc.conf), b->vmalloc.source, "lowmem's end");
	/* Now that vmalloc is known, its end is, too. */
	lowmem_end(b);
}

/* --- what lies above vmalloc ------------------------------------------------------------------
 */

/** The next region up starts where a middle entry does. */
static void stack_up(const struct x86_32 *x, struct base *to, u64 v, const char *what)
{
	const struct base *end = &x->b.vmalloc_end;

	if (v < FIXADDR_TOP && !(v % x->pmd))
		base_take(x->b.s, to, v, worse(CONF_DERIVED, end->conf), end->source, what);
}

/**
 * VMALLOC_END is two pages below pkmap, or, without HIGHMEM, below what follows: the LDT since
 * 4.19, the cpu entry area since 4.15, the fixmap before.
 */
static void find_top(struct x86_32 *x)
{
	struct space *s = x->b.s;
	bool have_ldt = release_at_least(s, 4, 19), have_cea = release_at_least(s, 4, 15);
	u64 at = x->b.vmalloc_end.v + 2 * PAGE_32;

	if (!x->b.vmalloc_end.have || !x->b.highmem.have || !x->pmd)
		return;
	if (x->b.highmem.yes) {
		stack_up(x, &x->pkmap, at, "pkmap");
		at += x->pmd;
	}
	if (have_ldt) {
		stack_up(x, &x->ldt, at, "the LDT remap");
		at += x->pmd;
	}
	if (have_cea)
		stack_up(x, &x->cea, at, "the cpu entry area");
	else if (!x->b.highmem.yes && at < FIXADDR_TOP)
		base_take(s, &x->fixmap, at, worse(CONF_DERIVED, x->b.vmalloc_end.conf),
			  x->b.vmalloc_end.source, "the fixmap");
	if (x->b.highmem.yes && x->b.vmalloc_end.conf < CONF_DEFAULT && !x->pkmap.have)
		space_note(s, NOTE_CONFLICT, x->b.vmalloc_end.source, 0, NULL,
			   "vmalloc ends at %08llx, which no pkmap of %s can follow (%s)",
			   (unsigned long long)x->b.vmalloc_end.v, size_words(x->pmd).t, DOC);
}

static void top_from_log(struct x86_32 *x)
{
	static const char log[] = "kernel log";
	const struct kbootmsg *m = &x->b.k->boot;
	struct space *s = x->b.s;
	struct range r;

	if (bootmsg_range(m, "pkmap", &r) && sane_32(r.first))
		base_take(s, &x->pkmap, r.first, CONF_EXACT, log, "pkmap");
	if (bootmsg_range(m, "cpu_entry", &r) && sane_32(r.first) && r.last < END_32) {
		base_take(s, &x->cea, r.first, CONF_EXACT, log, "the cpu entry area");
		base_take(s, &x->cea_end, r.last + 1, CONF_EXACT, log, "the cpu entry area's end");
	}
	if (bootmsg_range(m, "fixmap", &r) && sane_32(r.first) && r.last < END_32) {
		base_take(s, &x->fixmap, r.first, CONF_EXACT, log, "the fixmap");
		x->fixmap_end = r.last + 1;
	}
}

/** CPU_ENTRY_AREA_PAGES and the IDT's page; FIXADDR_SIZE. Their sizes need BTF. */
static void top_from_btf(struct x86_32 *x)
{
	const struct kfacts *k = x->b.k;
	const struct kbtf *t = &k->btf;
	u64 cpus = k->config.nr_cpus.v, each = (t->cpu_entry_area_size.v + PAGE_32 - 1) / PAGE_32;

	if (x->cea.have && t->cpu_entry_area_size.have && k->config.nr_cpus.have && cpus &&
	    cpus < 4096 && each && each < 4096)
		base_take(x->b.s, &x->cea_end, x->cea.v + (cpus * each + 1) * PAGE_32,
			  worse(CONF_DERIVED, x->cea.conf), "btf", "the cpu entry area's end");
	/* Hypervisors may lower FIXADDR_TOP as reserve_top= does, so this is never exact. */
	if (t->fix_permanent_end.have && t->fix_permanent_end.v > 0 &&
	    t->fix_permanent_end.v < 4096 && !k->cmdline.reserve_top)
		base_take(x->b.s, &x->fixmap, FIXADDR_TOP - t->fix_permanent_end.v * PAGE_32,
			  CONF_DERIVED, "btf", "the fixmap");
}

static void add_from(const struct x86_32 *x, enum region_kind kind, const struct base *b, u64 size,
		     const char *name, const char *note)
{
	if (b->have && size)
		region_note(layout_add(x->b.s, kind, range_of(b->v, MIN(b->v + size, END_32)),
				       b->conf, name, b->source),
			    "%s", note);
}

static void add_cpu_entry(const struct x86_32 *x)
{
	struct space *s = x->b.s;
	u64 end = x->fixmap.have && x->fixmap.v > x->cea.v ? x->fixmap.v : FIXADDR_TOP;
	struct region *r;

	if (!x->cea.have)
		return;
	if (x->cea_end.have && x->cea_end.v > x->cea.v) {
		layout_add(s, KR_CPU_ENTRY, range_of(x->cea.v, x->cea_end.v),
			   worse(x->cea.conf, x->cea_end.conf), "cpu entry area",
			   x->cea_end.source);
		return;
	}
	if (x->cea.v >= end)
		return;
	r = layout_add(s, KR_CPU_ENTRY, range_of(x->cea.v, end), CONF_BOUNDS, "cpu entry area",
		       x->cea.source);
	if (r)
		r->order = 1;
	region_note(r, "starts here (%s), its end is not known", conf_name(x->cea.conf));
}

static void add_fixmap(const struct x86_32 *x)
{
	const struct bits32 *b = &x->b;
	u64 low = x->cea_end.have	? x->cea_end.v
		  : x->cea.have		? x->cea.v + PAGE_32
		  : x->ldt.have		? x->ldt.v
		  : x->pkmap.have	? x->pkmap.v
		  : b->vmalloc_end.have ? b->vmalloc_end.v
					: b->page_offset.v;
	struct region *r;

	if (x->fixmap.have && x->fixmap.v < x->fixmap_end) {
		layout_add(b->s, KR_FIXMAP, range_of(x->fixmap.v, x->fixmap_end), x->fixmap.conf,
			   "fixmap", x->fixmap.source);
		return;
	}
	if (low >= FIXADDR_TOP)
		return;
	r = layout_add(b->s, KR_FIXMAP, range_of(low, FIXADDR_TOP), CONF_BOUNDS, "fixmap", b->doc);
	if (r)
		r->order = 2;
	region_note(r, "ends at fffff000%s",
		    b->k->cmdline.reserve_top ? " or, by reserve_top=, below" : "");
}

static void add_ldt(const struct x86_32 *x)
{
	const struct fig *pti = &x->b.k->cpu.pti;

	add_from(x, KR_LDT, &x->ldt, x->pmd, "LDT remap",
		 pti->have && !pti->v ? "reserved, not used without KPTI"
				      : "a process's own LDT, under KPTI");
}

/* --- image -------------------------------------------------------------------------------------
 */

static void find_image(struct x86_32 *x)
{
	const struct kiomem *m = &x->b.k->iomem;
	const struct {
		bool have;
		struct range r;
		const char *name;
		u8 perms;
	} parts[] = { { m->have_code, m->code, "kernel text", PERM_R | PERM_X },
		      { m->have_rodata, m->rodata, "kernel rodata", PERM_R },
		      { m->have_data, m->data, "kernel data", PERM_R | PERM_W },
		      { m->have_bss, m->bss, "kernel bss", PERM_R | PERM_W } };
	u64 after = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!parts[i].have || parts[i].r.first < after ||
		    parts[i].r.last >= END_32 - x->b.page_offset.v)
			continue;
		x->parts[x->nparts++] = low_part(&x->b, parts[i].r, parts[i].name, parts[i].perms);
		after = parts[i].r.last + 1;
	}
}

/* --- all of it -----------------------------------------------------------------------------------
 */

/**
 * What the formulas give for NR_CPUS 8, the default of SMP kernels (arch/x86/Kconfig), with sizes
 * of fixmap and cpu entry area as a common configuration has them, and 128 MiB of
 * __VMALLOC_RESERVE.
 */
static void bases_of_variant(struct x86_32 *x, const struct kvariant *v)
{
	const struct base documented = { 0, true, CONF_DEFAULT, DOC };
	const u64 all_fixmap = 0xffbfe000, permanent = 0xfff14000, cea_size = 313 * PAGE_32;
	struct bits32 *b = &x->b;
	u64 at;

	x->fixmap = b->page_offset = b->phys = b->high_memory = b->vmalloc = b->vmalloc_end =
		documented;
	b->highmem = (struct choice){ true, v->highmem, DOC };
	b->page_offset.v = v->page_offset;
	if (release_at_least(b->s, 4, 15)) {
		x->fixmap.v = all_fixmap;
		at = (all_fixmap - cea_size) / x->pmd * x->pmd;
		x->cea_end = documented;
		x->cea_end.v = at + cea_size;
		at -= release_at_least(b->s, 4, 19) ? x->pmd : 0;
		at -= v->highmem ? x->pmd : 0;
	} else {
		x->fixmap.v = at = permanent;
		if (v->highmem)
			at = (at - x->pmd - PAGE_32) / x->pmd * x->pmd;
	}
	b->vmalloc_end.v = at - 2 * PAGE_32;
	b->high_memory.v = b->vmalloc_end.v - 128 * MIB;
	b->vmalloc.v = b->high_memory.v + VMALLOC_OFFSET_32;
}

/** LOAD_PHYSICAL_ADDR (asm/page_types.h) is where the image lies without KASLR. */
static void facts(const struct x86_32 *x)
{
	const struct kfacts *k = x->b.k;
	const struct kconfig *c = &k->config;
	const struct fig *pti = &k->cpu.pti;
	u64 start = c->physical_start.v, align = c->physical_align.v, code = k->iomem.code.first;

	if (k->iomem.have_code && c->physical_start.have && c->physical_align.have && align &&
	    start < END_32 && align < END_32) {
		start = (start + align - 1) / align * align;
		if (code >= start)
			space_add_fact(x->b.s, "iomem",
				       "kernel image at physical %llx: KASLR offset %#llx",
				       (unsigned long long)code,
				       (unsigned long long)(code - start));
	}
	if (pti->have && pti->v)
		space_add_fact(
			x->b.s, "cpuinfo",
			"KPTI is on: in user mode only entry code, cpu entry area and LDT are"
			" mapped");
	else if (pti->have)
		space_add_fact(x->b.s, "cpuinfo",
			       "KPTI is off%s: the whole half is mapped in user mode, too",
			       k->cmdline.nopti ? " (command line)" : "");
}

static bool bases(struct x86_32 *x)
{
	struct bits32 *b = &x->b;

	b->wide = i386_pae(b->k, b->s);
	x->pmd = b->wide.have ? b->wide.yes ? 2 * MIB : 4 * MIB : 0;
	x->fixmap_end = FIXADDR_TOP;
	if (b->k->variant) {
		bases_of_variant(x, b->k->variant);
	} else {
		find_bases(x);
		top_from_log(x);
	}
	find_top(x);
	top_from_btf(x);
	return b->page_offset.have;
}

void i386_layout(const struct kfacts *k, struct space *s)
{
	struct x86_32 x = { .b = { .k = k,
				   .s = s,
				   .doc = DOC,
				   .image = IMAGE_AT,
				   .limit = FIXADDR_TOP,
				   .between = "tables, freed init" } };
	struct region *r;

	if (!release_at_least(s, 4, 4) && !k->boot.n) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "of i386 before Linux 4.4 is drawn from its boot messages only");
		return;
	}
	if (!bases(&x)) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "no source tells PAGE_OFFSET: not drawn");
		return;
	}
	if (!start_half(&x.b, x.b.page_offset.v))
		return;
	find_image(&x);
	add_lowmem(&x.b, x.parts, x.nparts, true);
	if (!x.nparts)
		add_image_32(&x.b, I386_TEXT_MOST);
	r = add_vmalloc(&x.b);
	if (!k->variant) {
		note_vmalloc(k, s, r);
		if (k->modules.count)
			region_note(r, "%llu module%s of %s among them",
				    (unsigned long long)k->modules.count,
				    k->modules.count == 1 ? "" : "s",
				    size_words(k->modules.bytes).t);
	} else {
		region_note(r, "modules, too");
	}
	add_from(&x, KR_PKMAP, &x.pkmap, x.pmd, "pkmap", "kmap() of high memory");
	add_ldt(&x);
	add_cpu_entry(&x);
	add_fixmap(&x);
	layout_finish(s, DOC);
	facts_32(&x.b, "PAE");
	if (!k->variant)
		facts(&x);
}
