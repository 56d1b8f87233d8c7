/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: the regions of the kernel half with 4 and 5 levels, from top to bottom of
 * Documentation/arch/x86/x86_64/mm.rst (6.18), and the facts that stand under them.
 */
#include "x86_64.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/** More RAM ranges than this are told by number only. */
#define RAM_PARTS_MAX 64

/** A place that is the same in every kernel of these versions. */
static struct region *fixed(const struct x86 *x, enum region_kind kind, u64 start, u64 size,
			    const char *name)
{
	return layout_add(x->s, kind, (struct range){ start, start + (size - 1) }, CONF_DEFAULT,
			  name, "mm.rst");
}

/* --- below the direct map ----------------------------------------------------------------------
 */

static void add_guard(const struct x86 *x)
{
	/* GUARD_HOLE_* (pgtable_64_types.h): 16 entries of the top table, always empty */
	struct region *r = fixed(x, KR_GUARD, x->def.half, x->levels == 5 ? 4096 * TIB : 8 * TIB,
				 "guard hole");

	region_note(r, "kept free for hypervisors");
}

static void add_ldt(const struct x86 *x)
{
	struct region *r = fixed(x, KR_LDT, x->def.ldt, x->def.ldt_size, "LDT remap");

	if (config_is(x->k->cpu.pti, true))
		region_note(r, "a process's own LDT, under KPTI");
	else if (x->k->cpu.pti.have)
		region_note(r, "reserved, not used without KPTI");
}

/* --- direct map ----------------------------------------------------------------------------------
 */

static void direct_map_notes(const struct x86 *x, struct region *r)
{
	if (!r)
		return;
	if (x->nram) {
		r->used = FIG(x->ram_bytes);
		region_note(r, "RAM in %zu range%s", x->nram, x->nram == 1 ? "" : "s");
	} else if (x->ram_end)
		region_note(r, "RAM ends at physical %llx (%s)", (unsigned long long)x->ram_end,
			    x->ram_end_source);
	/* RAM, and all of the first MiB, see direct_map_parts(). */
	note_direct_pages(x->k, x->s, r, x->nram ? x->ram_bytes + MIB : r->last - r->first + 1);
}

/**
 * What is mapped: RAM, and the first MiB whatever lies there (init_mem_mapping(),
 * arch/x86/mm/init.c).
 */
static void direct_map_parts(const struct x86 *x)
{
	const struct base *b = &x->direct;
	struct region *r = layout_add_part(x->s, KR_DIRECT_MAP, range_of(b->v, b->v + MIB), b->conf,
					   "first MiB", x->ram_source);

	region_note(r, "all of it mapped, RAM or not");
	if (r)
		r->phys = FIG(0);
	for (size_t i = 0; i < x->nram; i++) {
		struct range p = x->ram[i];

		if (p.last < MIB)
			continue;
		p.first = MAX(p.first, MIB);
		r = layout_add_part(x->s, KR_DIRECT_MAP,
				    (struct range){ b->v + p.first, b->v + p.last }, b->conf, "RAM",
				    x->ram_source);
		region_note(r, "physical %llx-%llx", (unsigned long long)p.first,
			    (unsigned long long)p.last);
		if (r)
			r->phys = FIG(p.first);
	}
}

static void add_direct_map(const struct x86 *x, const struct x86_intervals *i)
{
	const struct base *b = &x->direct;
	struct region *r;
	u64 end;

	if (!b->have) {
		r = layout_add(x->s, KR_DIRECT_MAP, i->direct, CONF_BOUNDS, "direct map of RAM",
			       "mm.rst");
		direct_map_notes(x, r);
		if (r && x->ram_end)
			r->size = FIG(x->ram_end);
		if (r)
			r->order = 1;
		return;
	}
	/* What there is RAM for; without knowing that, all that is reserved. */
	end = x->ram_end ? x->ram_end : MIN(x->def.direct_size, X86_CPU_ENTRY - b->v);
	r = layout_add(x->s, KR_DIRECT_MAP, range_of(b->v, b->v + end), b->conf,
		       "direct map of RAM", b->source);
	direct_map_notes(x, r);
	if (r && x->nram && x->nram <= RAM_PARTS_MAX)
		direct_map_parts(x);
	if (b->v == x->def.direct && x->region_kaslr == X86_KASLR_OFF && end < x->def.direct_size)
		layout_add(x->s, KR_UNUSED, range_of(b->v + end, b->v + x->def.direct_size),
			   CONF_DEFAULT, "direct map, no RAM", "mm.rst");
}

/* --- vmalloc -------------------------------------------------------------------------------------
 */

/** With KMSAN three quarters hold metadata of the first (pgtable_64_types.h, 6.1). */
static void add_kmsan(const struct x86 *x)
{
	static const char *const names[] = { "KMSAN shadow of vmalloc", "KMSAN origins of vmalloc",
					     "KMSAN metadata of modules" };
	u64 at = x->vmalloc.v;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		at += x->vmalloc_size;
		layout_add(x->s, KR_OTHER, range_of(at, at + x->vmalloc_size), x->vmalloc.conf,
			   names[i], x->vmalloc.source);
	}
}

static void add_vmalloc(const struct x86 *x, const struct x86_intervals *i)
{
	const struct base *b = &x->vmalloc;
	struct region *r;

	if (!b->have) {
		r = layout_add(x->s, KR_VMALLOC, i->vmalloc, CONF_BOUNDS, "vmalloc", "mm.rst");
		if (r) {
			r->size = FIG(x->vmalloc_size);
			r->order = 2;
		}
		note_vmalloc(x->k, x->s, r);
		return;
	}
	r = layout_add(x->s, KR_VMALLOC, range_of(b->v, b->v + x->vmalloc_size), b->conf, "vmalloc",
		       b->source);
	note_vmalloc(x->k, x->s, r);
	if (x->vmalloc_size < x->def.vmalloc_size)
		add_kmsan(x);
}

/* --- vmemmap -------------------------------------------------------------------------------------
 */

static void add_vmemmap(const struct x86 *x, const struct x86_intervals *i)
{
	const struct base *b = &x->vmemmap;
	u64 used = round_up(x->ram_end / X86_PAGE * x->page_struct, X86_PAGE);
	u64 end = used ? used : MIN(x->def.vmemmap_size, X86_CPU_ENTRY - b->v);
	struct region *r;

	if (config_is(x->k->config.vmemmap, false))
		return;
	if (!b->have) {
		r = layout_add(x->s, KR_VMEMMAP, i->vmemmap, CONF_BOUNDS, "vmemmap", "mm.rst");
		if (r && used)
			r->size = FIG(used);
		if (r)
			r->order = 3;
	} else {
		r = layout_add(x->s, KR_VMEMMAP, range_of(b->v, b->v + end), b->conf, "vmemmap",
			       b->source);
	}
	if (r && x->nram)
		r->used = FIG(x->ram_bytes / X86_PAGE * x->page_struct);
	region_note(r, "struct page of %llu bytes%s", (unsigned long long)x->page_struct,
		    x->page_struct_conf == CONF_DEFAULT ? " (default)" : "");
	if (b->have && b->v == x->def.vmemmap && x->region_kaslr == X86_KASLR_OFF &&
	    end < x->def.vmemmap_size)
		layout_add(x->s, KR_UNUSED, range_of(b->v + end, b->v + x->def.vmemmap_size),
			   CONF_DEFAULT, "vmemmap, no RAM", "mm.rst");
}

/* --- from KASAN to EFI -------------------------------------------------------------------------
 */

static void add_kasan(const struct x86 *x)
{
	struct region *r;

	if (!x->k->variant && !config_is(x->k->config.kasan, true))
		return;
	r = layout_add(x->s, KR_KASAN, range_of(x->def.kasan, x->def.kasan_end), CONF_DEFAULT,
		       "KASAN shadow", x->k->variant ? "mm.rst" : "config");
	region_note(r, "a byte for each 8 of the half%s",
		    x->k->variant ? ", with CONFIG_KASAN only" : "");
}

/** One slot of the top table since 6.2; before, an array from its start on. */
static void add_cpu_entry(const struct x86 *x)
{
	struct region *r = fixed(x, KR_CPU_ENTRY, X86_CPU_ENTRY, 512 * GIB, "cpu entry area");
	const struct fig *size = &x->k->btf.cpu_entry_area_size, *cpus = &x->k->mem.cpus;

	/* The IDT's page, then one area for each possible processor. */
	if (r && size->have && cpus->have && size->v < GIB) {
		r->used = FIG(X86_PAGE + cpus->v * size->v);
		region_note(r, "%llu possible CPU%s, %s each", (unsigned long long)cpus->v,
			    cpus->v == 1 ? "" : "s", size_told(x->s, size->v).t);
	}
	if (x->image_kaslr != X86_KASLR_OFF && release_at_least(x->s, 6, 2))
		region_note(r, "%s in it",
			    x->image_kaslr == X86_KASLR_ON ? "at random places"
							   : "places may be random");
}

static void add_espfix(const struct x86 *x)
{
	struct region *r = fixed(x, KR_ESPFIX, X86_ESPFIX, 512 * GIB, "ESPfix stacks");

	if (config_is(x->k->config.espfix, false))
		region_note(r, "reserved, not built in");
	else
		region_note(r, "a page for each CPU at a random place, seen 65536 times");
}

static void add_efi(const struct x86 *x)
{
	struct region *r = layout_add(x->s, KR_EFI, range_of(X86_EFI, X86_EFI_END), CONF_DEFAULT,
				      "EFI runtime services", "mm.rst");

	if (config_is(x->k->efi, false))
		region_note(r, "reserved, not booted through EFI");
	else
		region_note(r, "mapped only while EFI is called");
}

/* --- modules ------------------------------------------------------------------------------------
 */

static void add_modules(const struct x86 *x)
{
	struct region *r = layout_add(x->s, KR_MODULES, range_of(x->modules.v, x->modules_end),
				      x->modules.conf, "modules", x->modules.source);

	note_modules(x->k, r);
	if (x->k->variant)
		region_note(r, "from ffffffffc0000000 on with CONFIG_RANDOMIZE_BASE");
	else if (x->modules.conf == CONF_DEFAULT)
		region_note(r, "from ffffffffa0000000 if CONFIG_RANDOMIZE_BASE is off");
}

/* --- fixmap, vsyscall, the top ---------------------------------------------------------------- */

/**
 * Index i of enum fixed_addresses is the page FIXADDR_TOP - i * 4 KiB (asm/fixmap.h). With vsyscall
 * emulation built in, the indexes below VSYSCALL_PAGE are used by nothing.
 */
static void add_fixmap(const struct x86 *x)
{
	const struct kbtf *b = &x->k->btf;
	u64 top = X86_FIXADDR_TOP + X86_PAGE, start, boot;
	struct region *r;

	if (!b->fix_permanent_end.have || !b->fix_end.have || b->fix_permanent_end.v < 1 ||
	    b->fix_permanent_end.v > b->fix_end.v || b->fix_end.v > 2047) {
		r = layout_add(x->s, KR_FIXMAP, range_of(X86_MODULES_END, X86_VSYSCALL),
			       x->k->variant ? CONF_DEFAULT : CONF_BOUNDS, "fixmap", "mm.rst");
		if (x->k->variant)
			region_note(r, "in the upper part of this, as large as it needs to be");
		return;
	}
	start = X86_FIXADDR_TOP - b->fix_permanent_end.v * X86_PAGE;
	boot = X86_FIXADDR_TOP - b->fix_end.v * X86_PAGE;
	if (b->fix_vsyscall.have)
		top = X86_VSYSCALL;
	if (start >= top)
		return;
	if (boot < start) {
		r = layout_add(x->s, KR_FIXMAP, range_of(boot, start), CONF_EXACT,
			       "fixmap, boot part", "btf");
		region_note(r, "early ioremap, empty since the start");
	}
	r = layout_add(x->s, KR_FIXMAP, range_of(start, top), CONF_EXACT, "fixmap", "btf");
	region_note(r, "%llu permanent pages",
		    (unsigned long long)(b->fix_permanent_end.v -
					 (b->fix_vsyscall.have ? b->fix_vsyscall.v + 1 : 0)));
}

/** What the process's own maps say; only 64-bit ones list it. */
static const struct vma *vsyscall_of(const struct space *s)
{
	const struct vma *v = s->nvmas ? &s->vmas[s->nvmas - 1] : NULL;

	return v && v->first == X86_VSYSCALL ? v : NULL;
}

static void add_vsyscall(const struct x86 *x)
{
	const struct vma *v = vsyscall_of(x->s);
	bool asked = x->s->nvmas && x->s->proc.bits != 32;
	struct region *r;

	if (!v && config_is(x->k->config.vsyscall_emulation, false))
		return;
	r = layout_add(x->s, KR_VSYSCALL, range_of(X86_VSYSCALL, X86_VSYSCALL + X86_PAGE),
		       v ? CONF_EXACT : CONF_DEFAULT, "vsyscall", v ? "maps" : "mm.rst");
	if (v) {
		r->perms = v->perms & (PERM_R | PERM_W | PERM_X);
		r->perms_conf = CONF_DERIVED;
		/* xonly has no entry in the page tables: calls fault and are carried out. */
		region_note(r, v->perms & PERM_R ? "emulated, readable" : "emulated, not mapped");
	} else if (asked) {
		region_note(r, "not mapped in this process");
	} else if (x->k->cmdline.vsyscall == 'n') {
		region_note(r, "not mapped (vsyscall=none)");
	}
}

/* --- facts ---------------------------------------------------------------------------------------
 */

static void fact_levels(const struct x86 *x)
{
	const struct kmeminfo *m = &x->k->mem;
	const struct kcpu *c = &x->k->cpu;
	struct buf b = { 0 };

	if (m->vmalloc_total_kib.have)
		buf_addf(&b, ": VmallocTotal %llu kB", (unsigned long long)m->vmalloc_total_kib.v);
	if (c->la57.have)
		buf_addf(&b, "%s%sCPU flag la57", b.len ? ", " : ": ", c->la57.v ? "" : "no ");
	if (x->levels == 4 && c->virt_bits.have && c->virt_bits.v == 57)
		buf_addf(&b, " (the CPU could do 5%s)",
			 x->k->cmdline.no5lvl ? "; no5lvl on the command line" : "");
	space_add_fact(x->s, x->levels_source, "%u-level paging%s", x->levels, b.len ? b.p : "");
	buf_release(&b);
}

/** What was read of memory, or why there is nothing from kcore: the start of a sentence. */
static const char *kcore_words(const struct x86 *x)
{
	if (x->k->memory.source && strcmp(x->k->memory.source, "kcore"))
		return "memory is read through a BPF program";
	switch (x->k->status[KSRC_KCORE].state) {
	case KSRC_READ:
		return "/proc/kcore is read";
	case KSRC_ABSENT:
		return "/proc/kcore is absent";
	case KSRC_CLOSED:
		return x->k->status[KSRC_KCORE].err == ENOTSUP ? "/proc/kcore is not read"
							       : "/proc/kcore is closed";
	default:
		return "/proc/kcore says nothing";
	}
}

static void fact_kaslr(const struct x86 *x)
{
	const struct kfacts *k = x->k;
	struct buf why = { 0 };

	if (k->loadflags.have)
		buf_addf(&why, "the boot loader's KASLR flag is %s (loadflags 0x%02x)",
			 k->loadflags.v & KASLR_FLAG ? "set" : "clear", (unsigned)k->loadflags.v);
	else if (x->image_kaslr == X86_KASLR_OFF)
		buf_addf(&why, "KASLR is off (%s)", x->image_kaslr_source);
	else
		buf_addstr(&why, "KASLR may be on (no boot_params)");
	if (x->region_kaslr == X86_KASLR_OFF && x->image_kaslr != X86_KASLR_OFF)
		buf_addstr(&why, config_is(k->config.kasan, true)
					 ? ", but KASAN keeps the regions in place"
					 : ", but CONFIG_RANDOMIZE_MEMORY is off");
	space_add_fact(x->s, x->image_kaslr_source ? x->image_kaslr_source : "boot_params",
		       "%s; %s: %s", kcore_words(x), why.p,
		       x->direct.have && x->direct.conf == CONF_EXACT
			       ? !strcmp(x->direct.source, "kcore") ? "bases are read from kcore"
								    : "bases are read from it"
		       : x->region_kaslr == X86_KASLR_OFF ? "the documented default bases hold"
		       : x->region_kaslr == X86_KASLR_ON
			       ? "direct map, vmalloc and vmemmap are at random bases"
			       : "bases of direct map, vmalloc and vmemmap may be random");
	buf_release(&why);
}

static void fact_kpti(const struct x86 *x)
{
	const struct fig *pti = &x->k->cpu.pti;

	if (pti->have && pti->v)
		space_add_fact(x->s, "cpuinfo",
			       "KPTI is on: in user mode only entry code, cpu entry area, LDT and"
			       " ESPfix are mapped");
	else if (pti->have)
		space_add_fact(x->s, "cpuinfo",
			       "KPTI is off%s: the whole half is mapped in user mode, too",
			       x->k->cmdline.nopti ? " (command line)" : "");
}

/* --- all of it
 * ------------------------------------------------------------------------------------- */

void x86_64_layout(const struct kfacts *k, struct space *s)
{
	struct x86_intervals i;
	struct x86 x;

	/* The movable regions and KPTI came to lie as they do with 4.15. */
	if (!release_at_least(s, 4, 15)) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "of x86_64 before Linux 4.15 is not drawn");
		return;
	}
	if (!x86_bases(&x, k, s)) {
		space_note(s, NOTE_LIMIT, "kernel half", 0, NULL,
			   "neither meminfo nor cpuinfo tells the paging levels: not drawn");
		return;
	}
	i = x86_intervals(&x);
	add_guard(&x);
	add_ldt(&x);
	add_direct_map(&x, &i);
	add_vmalloc(&x, &i);
	add_vmemmap(&x, &i);
	add_kasan(&x);
	add_cpu_entry(&x);
	add_espfix(&x);
	add_efi(&x);
	x86_add_image(&x);
	add_modules(&x);
	add_fixmap(&x);
	add_vsyscall(&x);
	fixed(&x, KR_UNUSED, X86_LAST_HOLE, 2 * MIB, "last hole");
	layout_finish(s, "mm.rst");
	fact_levels(&x);
	if (!k->variant) {
		fact_kaslr(&x);
		fact_kpti(&x);
		facts_common(k, s);
	} else {
		space_add_fact(s, "mm.rst",
			       "KASLR moves direct map, vmalloc and vmemmap, in this order, between"
			       " %016llx and %016llx",
			       (unsigned long long)x.def.direct, (unsigned long long)X86_CPU_ENTRY);
	}
	x86_release(&x);
}
