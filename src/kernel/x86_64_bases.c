/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: how many levels, whether KASLR moved anything, and where the movable regions begin. The
 * order of belief: kcore's headers, kernel memory and VMCOREINFO, then (KASLR being off) the
 * documented defaults, then vmallocinfo; else an interval. What contradicts is said, the better
 * source kept.
 */
#include "x86_64.h"

#include <stdlib.h>
#include <string.h>

static const struct x86_defaults four_levels = {
	.half = UINT64_C(0xffff800000000000),
	.ldt = UINT64_C(0xffff880000000000),
	.ldt_size = 512 * GIB,
	.direct = UINT64_C(0xffff888000000000),
	.direct_size = 64 * TIB,
	.vmalloc = UINT64_C(0xffffc90000000000),
	.vmalloc_size = 32 * TIB,
	.vmemmap = UINT64_C(0xffffea0000000000),
	.vmemmap_size = TIB,
	.kasan = UINT64_C(0xffffec0000000000),
	.kasan_end = UINT64_C(0xfffffc0000000000),
	.max_ram = 64 * TIB,
};

static const struct x86_defaults five_levels = {
	.half = UINT64_C(0xff00000000000000),
	.ldt = UINT64_C(0xff10000000000000),
	.ldt_size = 256 * TIB,
	.direct = UINT64_C(0xff11000000000000),
	.direct_size = 32 * 1024 * TIB,
	.vmalloc = UINT64_C(0xffa0000000000000),
	.vmalloc_size = 12800 * TIB,
	.vmemmap = UINT64_C(0xffd4000000000000),
	.vmemmap_size = 512 * TIB,
	/* KASAN_SHADOW_OFFSET + (start of the half >> 3) (arch/x86/include/asm/kasan.h) */
	.kasan = UINT64_C(0xffdffc0000000000),
	.kasan_end = UINT64_C(0xfffffc0000000000),
	.max_ram = 4096 * TIB,
};

/* --- paging levels -----------------------------------------------------------------------------
 */

/** VMALLOC_END is inclusive here, so VmallocTotal is a KiB short; with KMSAN a quarter. */
static unsigned levels_by_vmalloc(const struct kfacts *k)
{
	if (!k->mem.vmalloc_total_kib.have)
		return 0;
	switch (k->mem.vmalloc_total_kib.v) {
	case UINT64_C(34359738367):
	case UINT64_C(8589934591):
		return 4;
	case UINT64_C(13743895347199):
	case UINT64_C(3435973836799):
		return 5;
	}
	return 0;
}

unsigned x86_64_levels(const struct kfacts *k, struct space *s, const char **source)
{
	unsigned by_vmalloc = levels_by_vmalloc(k);
	/* The flag, not "address sizes": those tell what the CPU could do. */
	unsigned by_flag = k->cpu.la57.have ? (k->cpu.la57.v ? 5 : 4) : 0;
	u64 l5;
	unsigned by_note = vmcoreinfo_number(k, "NUMBER(pgtable_l5_enabled)", &l5) ? l5 ? 5 : 4 : 0;

	if (k->variant) {
		*source = "mm.rst";
		return k->variant->levels;
	}
	if (s && by_vmalloc && by_flag && by_vmalloc != by_flag)
		space_note(s, NOTE_CONFLICT, "cpuinfo", 0, NULL,
			   "the la57 flag says %u paging levels, VmallocTotal (meminfo) says %u",
			   by_flag, by_vmalloc);
	if (s && by_vmalloc && by_note && by_vmalloc != by_note)
		space_note(s, NOTE_CONFLICT, "kcore", 0, NULL,
			   "VMCOREINFO says %u paging levels, VmallocTotal (meminfo) says %u",
			   by_note, by_vmalloc);
	/* VmallocTotal is computed from the layout in use; before 4.17 the flag was the CPU's. */
	*source = by_vmalloc ? "meminfo" : by_flag ? "cpuinfo" : "kcore";
	return by_vmalloc ? by_vmalloc : by_flag ? by_flag : by_note;
}

/* --- RAM ---------------------------------------------------------------------------------------
 */

/** Keeps the whole pages of ranges that physical addresses can have on this machine. */
static void add_ram(struct x86 *x, struct range r)
{
	u64 first, end;

	if (r.last >= x->def.max_ram || (x->nram && r.first <= x->ram[x->nram - 1].last))
		return;
	first = round_up(r.first, X86_PAGE);
	end = round_down(r.last + 1, X86_PAGE);
	if (first >= end)
		return;
	x->ram[x->nram++] = range_of(first, end);
	x->ram_bytes += end - first;
	x->ram_end = end;
}

static bool is_ram_segment(const struct kcore_segment *g)
{
	/* Up to 5.13 kcore may also list aliases of other pages in the cpu entry area. */
	return g->paddr != UINT64_MAX && g->vaddr < X86_CPU_ENTRY &&
	       g->memsz - 1 <= UINT64_MAX - g->paddr;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static void find_ram(struct x86 *x)
{
	const struct kfacts *k = x->k;
	size_t n = k->iomem.nram, max = MAX(n, k->kcore.nsegments), m = 0;
	struct range *seg = xcalloc(max, sizeof(*seg));

	x->ram = xcalloc(max, sizeof(*x->ram));
	for (size_t i = 0; i < n; i++)
		add_ram(x, k->iomem.ram[i]);
	x->ram_source = "iomem";
	if (!x->nram) {
		x->ram_source = "kcore";
		for (size_t i = 0; i < k->kcore.nsegments; i++) {
			const struct kcore_segment *g = &k->kcore.segments[i];

			if (is_ram_segment(g))
				seg[m++] = (struct range){ g->paddr, g->paddr + (g->memsz - 1) };
		}
		if (m)
			qsort(seg, m, sizeof(*seg), compare_ranges);
		for (size_t i = 0; i < m; i++)
			add_ram(x, seg[i]);
	}
	free(seg);
	x->ram_end_source = x->ram_source;
	/* Zones span all RAM, so their end is max_pfn even where the ranges are hidden. */
	if (!x->nram && k->mem.zone_end.have && k->mem.zone_end.v <= x->def.max_ram) {
		x->ram_end = k->mem.zone_end.v;
		x->ram_end_source = "zoneinfo";
	}
	if (!x->nram && k->iomem.nram)
		space_note(x->s, NOTE_CONFLICT, "iomem", 0, NULL,
			   "RAM beyond what this kernel can map; its RAM ranges are left out");
}

/* --- KASLR: on, off or unknown -------------------------------------------------------------- */

static void decide_kaslr(struct x86 *x)
{
	const struct kfacts *k = x->k;
	bool cmdline = k->status[KSRC_CMDLINE].state == KSRC_READ;

	if (k->variant) {
		x->image_kaslr = X86_KASLR_OFF;
		x->image_kaslr_source = "mm.rst";
	} else if (k->loadflags.have) {
		x->image_kaslr = k->loadflags.v & KASLR_FLAG ? X86_KASLR_ON : X86_KASLR_OFF;
		x->image_kaslr_source = "boot_params";
	} else if (k->config.randomize_base.have && !k->config.randomize_base.v) {
		x->image_kaslr = X86_KASLR_OFF;
		x->image_kaslr_source = "config";
	} else if (cmdline && k->cmdline.nokaslr) {
		x->image_kaslr = X86_KASLR_OFF;
		x->image_kaslr_source = "cmdline";
	}
	x->region_kaslr = x->image_kaslr;
	x->region_kaslr_source = x->image_kaslr_source;
	if (x->region_kaslr == X86_KASLR_OFF)
		return;
	/* kaslr_memory_enabled() (arch/x86/include/asm/kaslr.h, setup.h): never with KASAN */
	if ((k->config.kasan.have && k->config.kasan.v) ||
	    (k->config.randomize_memory.have && !k->config.randomize_memory.v)) {
		x->region_kaslr = X86_KASLR_OFF;
		x->region_kaslr_source = "config";
	} else if (!k->config.randomize_memory.have) {
		x->region_kaslr = X86_KASLR_UNKNOWN;
	}
}

/* --- bases -------------------------------------------------------------------------------------
 */

/** Could a region that KASLR moves begin here? */
static bool movable(const struct x86 *x, u64 v)
{
	return v >= x->def.direct && v < X86_CPU_ENTRY && v % GIB == 0;
}

/** A segment of kcore without a physical address: vmalloc, modules, vmemmap or the gate page. */
static void kcore_virtual(struct x86 *x, const struct kcore_segment *g, u64 ram_pfn)
{
	u64 v, size = x->vmalloc_size, noted, last = g->vaddr + (g->memsz - 1);

	if (g->vaddr >= X86_IMAGE) {
		/* KCORE_USER is one page at the vsyscall address. */
		if (g->vaddr > X86_IMAGE && last < X86_MODULES_END)
			x->kcore_modules = (struct range){ g->vaddr, last };
		return;
	}
	/* VMALLOC_END is inclusive, so the segment is a byte short. */
	if (g->memsz == size || g->memsz == size - 1 ||
	    (vmcoreinfo_number(x->k, "NUMBER(VMALLOC_START)", &noted) && noted == g->vaddr)) {
		if (movable(x, g->vaddr))
			base_take(x->s, &x->vmalloc, g->vaddr, CONF_EXACT, "kcore", "vmalloc");
		return;
	}
	/* vmemmap follows the RAM it describes; its page 0 lies that much lower. */
	v = g->vaddr - round_down(ram_pfn * x->page_struct, X86_PAGE);
	if (ram_pfn != UINT64_MAX && v <= g->vaddr && movable(x, v))
		base_take(x->s, &x->vmemmap, v, CONF_EXACT, "kcore", "vmemmap");
}

static void bases_from_kcore(struct x86 *x)
{
	const struct kfacts *k = x->k;
	u64 v, ram_pfn = UINT64_MAX;

	for (size_t i = 0; i < k->kcore.nsegments; i++) {
		const struct kcore_segment *g = &k->kcore.segments[i];

		if (g->vaddr < x->s->kernel.first)
			continue;
		if (is_ram_segment(g)) {
			ram_pfn = g->paddr / X86_PAGE;
			v = g->vaddr - g->paddr;
			if (v <= g->vaddr && movable(x, v))
				base_take(x->s, &x->direct, v, CONF_EXACT, "kcore", "direct map");
		} else if (g->paddr != UINT64_MAX) {
			if (x86_in_image_window(g->vaddr) && g->memsz <= GIB) {
				base_take(x->s, &x->text, g->vaddr, CONF_EXACT, "kcore", "_text");
				x->image_end = g->vaddr + g->memsz;
				x->image_end_conf = CONF_EXACT;
				x->image_end_source = "kcore";
			}
		} else {
			kcore_virtual(x, g, ram_pfn);
		}
	}
}

/** What was read from the kernel's own memory; to take a base that KASLR cannot make is refused. */
static void base_from_memory(struct x86 *x, struct base *b, const struct fig *v, const char *what)
{
	if (v->have && movable(x, v->v))
		base_take(x->s, b, v->v, CONF_EXACT, x->k->memory.source, what);
	else if (v->have)
		space_note(x->s, NOTE_CONFLICT, x->k->memory.source, 0, NULL,
			   "%s at %016llx is none of this kernel's places", what,
			   (unsigned long long)v->v);
}

static void bases_from_memory(struct x86 *x)
{
	const struct kfacts *k = x->k;
	u64 v;

	if (k->memory.source) {
		base_from_memory(x, &x->direct, &k->memory.direct, "direct map");
		base_from_memory(x, &x->vmalloc, &k->memory.vmalloc, "vmalloc");
		base_from_memory(x, &x->vmemmap, &k->memory.vmemmap, "vmemmap");
	}
	if (vmcoreinfo_number(k, "NUMBER(VMALLOC_START)", &v) && movable(x, v))
		base_take(x->s, &x->vmalloc, v, CONF_EXACT, "vmcoreinfo", "vmalloc");
	/* The value of vmemmap, not the address of a variable. */
	if (vmcoreinfo_hex(k, "SYMBOL(vmemmap)", &v) && movable(x, v))
		base_take(x->s, &x->vmemmap, v, CONF_EXACT, "vmcoreinfo", "vmemmap");
}

/**
 * Real addresses of areas: they are handed out from the start on, and chunks of the per-CPU
 * allocator from the end down, which then confirms it.
 */
static void vmalloc_from_areas(struct x86 *x)
{
	const struct kvmalloc *v = &x->k->vmalloc;
	u64 low = UINT64_MAX, high = 0, base;
	bool percpu = false;

	for (size_t i = 0; i < v->nareas; i++) {
		if (v->areas[i].first < x->def.direct || v->areas[i].last >= X86_CPU_ENTRY)
			continue;
		low = MIN(low, v->areas[i].first);
		high = MAX(high, v->areas[i].last);
		percpu |= v->areas[i].percpu;
	}
	if (low > high)
		return;
	base = round_down(low, GIB);
	if (high - base >= x->def.vmalloc_size ||
	    (percpu && round_up(high + 1, GIB) - x->def.vmalloc_size != base)) {
		space_note(x->s, NOTE_CONFLICT, "vmallocinfo", 0, NULL,
			   "areas from %016llx to %016llx do not fit a vmalloc of this kernel",
			   (unsigned long long)low, (unsigned long long)high);
		return;
	}
	base_take(x->s, &x->vmalloc, base, CONF_DERIVED, "vmallocinfo", "vmalloc");
}

static void default_base(struct x86 *x, struct base *b, u64 v)
{
	if (!b->have)
		*b = (struct base){ v, true, CONF_DEFAULT, x->region_kaslr_source };
	else if (b->v != v)
		/* Read from the kernel, so that is how it is; yet something is odd. */
		space_note(x->s, NOTE_CONFLICT, b->source, 0, NULL,
			   "%016llx is not the default %016llx, yet KASLR is off (%s)",
			   (unsigned long long)b->v, (unsigned long long)v, x->region_kaslr_source);
}

/* --- intervals ----------------------------------------------------------------------------------
 */

/** What kernel_randomize_memory() keeps for the direct map, in TiB: at least and at most. */
static void reserve_bounds(const struct x86 *x, u64 *low, u64 *high)
{
	const struct kconfig *c = &x->k->config;
	u64 max = x->def.max_ram / TIB;
	u64 ram = x->ram_end ? x->ram_end : x->k->mem.total.have ? x->k->mem.total.v : 0;
	bool p2p = c->pci_p2pdma.have && c->pci_p2pdma.v;
	bool zone = c->zone_device.have && c->zone_device.v;

	*low = MIN(round_up(ram, TIB) / TIB + (c->memory_padding.have ? c->memory_padding.v : 0),
		   max);
	*high = max;
	/*
	 * All of it for device memory: with PCI_P2PDMA since 6.17, with ZONE_DEVICE since 6.19,
	 * which stable kernels took over, so an older release does not prove the contrary.
	 */
	if ((p2p && release_at_least(x->s, 6, 17)) || (zone && release_at_least(x->s, 6, 19)))
		*low = max;
	else if (c->zone_device.have && !c->zone_device.v && x->ram_end && c->memory_padding.have)
		*high = *low;
}

/** Sum of the room that is left to chance when the direct map is given `reserve` TiB. */
static u64 entropy(const struct x86 *x, u64 reserve)
{
	u64 vmemmap = round_up(reserve * TIB / X86_PAGE * x->page_struct, TIB);
	u64 taken = reserve * TIB + x->def.vmalloc_size + vmemmap;
	u64 room = X86_CPU_ENTRY - x->def.direct;

	return taken < room ? room - taken : 0;
}

/**
 * kernel_randomize_memory() (arch/x86/mm/kaslr.c, 4.8 to 6.18): each of the three gets up to its
 * share of the entropy left, in steps of 1 GiB, behind the one before.
 */
struct x86_intervals x86_intervals(const struct x86 *x)
{
	u64 start = x->def.direct, end = X86_CPU_ENTRY, low, high, most;
	u64 used = x->ram_end ? x->ram_end : 0;
	struct x86_intervals i;

	reserve_bounds(x, &low, &high);
	/* The base is highest with the smallest reserve; an end that includes it, with the largest.
	 */
	most = used ? round_down(entropy(x, low) / 3, GIB) + used
		    : round_down(entropy(x, high) / 3, GIB) + high * TIB;
	i.direct = range_of(start, MIN(start + most, end));
	i.vmalloc.first = start + low * TIB + GIB;
	most = high * TIB + GIB + round_down(2 * entropy(x, high) / 3, GIB) + x->def.vmalloc_size;
	i.vmalloc.last = MIN(start + most, end) - 1;
	i.vmemmap = range_of(start + low * TIB + x->def.vmalloc_size + 2 * GIB, end);
	/* Neighbours that are known narrow it: a base is never below the end of the one before. */
	if (x->direct.have) {
		i.vmalloc.first = MAX(i.vmalloc.first, x->direct.v + low * TIB + GIB);
		i.vmemmap.first = MAX(i.vmemmap.first,
				      x->direct.v + low * TIB + x->def.vmalloc_size + 2 * GIB);
	}
	if (x->vmalloc.have) {
		i.direct.last = MIN(i.direct.last, x->vmalloc.v - 1);
		i.vmemmap.first = MAX(i.vmemmap.first, x->vmalloc.v + x->def.vmalloc_size + GIB);
	}
	if (x->vmemmap.have) {
		i.direct.last = MIN(i.direct.last, x->vmemmap.v - 1);
		i.vmalloc.last = MIN(i.vmalloc.last, x->vmemmap.v - 1);
	}
	return i;
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static void find_sizes(struct x86 *x)
{
	const struct kfacts *k = x->k;
	u64 v;

	x->vmalloc_size = x->def.vmalloc_size;
	/* KMSAN takes three of four parts for its metadata (pgtable_64_types.h, 6.1). */
	if (k->mem.vmalloc_total_kib.have &&
	    k->mem.vmalloc_total_kib.v == x->def.vmalloc_size / 4 / KIB - 1)
		x->vmalloc_size = x->def.vmalloc_size / 4;
	else if (k->mem.vmalloc_total_kib.have && !levels_by_vmalloc(k))
		space_note(x->s, NOTE_CONFLICT, "meminfo", 0, NULL,
			   "VmallocTotal is %llu kB, which no layout in mm.rst has",
			   (unsigned long long)k->mem.vmalloc_total_kib.v);
	x->page_struct = 64;
	x->page_struct_conf = CONF_DEFAULT;
	if (k->btf.page_size.have) {
		v = k->btf.page_size.v;
		x->page_struct_conf = CONF_EXACT;
	} else if (vmcoreinfo_number(k, "SIZE(page)", &v)) {
		x->page_struct_conf = CONF_EXACT;
	} else {
		return;
	}
	/* 32 to 256 bytes in every configuration; anything else is damage. */
	if (v >= 32 && v <= 256)
		x->page_struct = v;
	else
		x->page_struct_conf = CONF_DEFAULT;
}

bool x86_bases(struct x86 *x, const struct kfacts *k, struct space *s)
{
	const char *source;

	*x = (struct x86){ .k = k, .s = s };
	x->levels = x86_64_levels(k, s, &source);
	if (!x->levels)
		return false;
	x->def = x->levels == 5 ? five_levels : four_levels;
	/* Before the LDT remap moved below it (4.20, 4.19.y) the direct map began 0.5 TiB lower. */
	if (!release_at_least(s, 4, 19)) {
		x->def.direct = x->def.ldt;
		x->def.ldt = x->levels == 5 ? UINT64_C(0xff90000000000000)
					    : UINT64_C(0xfffffe8000000000);
	}
	s->host.levels = (u8)x->levels;
	s->kernel = (struct range){ x->def.half, UINT64_MAX };
	x->levels_source = source;
	find_ram(x);
	find_sizes(x);
	decide_kaslr(x);
	bases_from_kcore(x);
	bases_from_memory(x);
	vmalloc_from_areas(x);
	if (x->region_kaslr == X86_KASLR_OFF) {
		default_base(x, &x->direct, x->def.direct);
		default_base(x, &x->vmalloc, x->def.vmalloc);
		default_base(x, &x->vmemmap, x->def.vmemmap);
	}
	x86_find_image(x);
	return true;
}

void x86_release(struct x86 *x)
{
	free(x->ram);
	x->ram = NULL;
	x->nram = 0;
}
