/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies inside the kernel half: kinds and groups of areas, gaps, and where modules and areas
 * become parts of regions, up to 6.3 and later.
 */
#include <stdlib.h>

#include "kernel/arch.h"
#include "kernel_sound.h"
#include "model/kmap.h"
#include "tap.h"

#define MODULES UINT64_C(0xffffffffc0000000)
#define VMALLOC UINT64_C(0xffffc90000000000)

static void init(struct space *s, const char *release)
{
	space_init(s);
	s->host.machine = xstrdup("x86_64");
	s->host.release = xstrdup(release);
	s->host.page_size = 4096;
	s->host.bits = 64;
	s->kmap = kmap_new();
}

/** A machine without KASLR whose regions are all at their defaults. */
static void plain(struct kfacts *k)
{
	*k = (struct kfacts){ .lockdown = LOCKDOWN_NONE };
	k->status[KSRC_KCORE].state = KSRC_ABSENT;
	k->status[KSRC_MODULES].state = KSRC_READ;
	k->mem.vmalloc_total_kib = FIG(UINT64_C(34359738367));
	k->cpu.la57 = k->cpu.pti = FIG(0);
	k->cpu.nx = FIG(1);
	k->loadflags = FIG(0);
	k->syms.text = k->syms.stext = FIG(UINT64_C(0xffffffff81000000));
	k->config.source = "config.gz";
	k->config.randomize_base = k->config.randomize_memory = FIG(1);
	k->config.kasan = FIG(0);
	k->config.modules = FIG(1);
}

static struct karea *area(struct space *s, u64 first, u64 size, enum karea_kind kind, u64 pages)
{
	struct karea *a = kmap_add_area(s->kmap);

	s->kmap->area_addr = KADDR_REAL;
	a->first = first;
	a->last = first + size - 1;
	a->size = size;
	a->kind = (u8)kind;
	a->pages = pages;
	a->have = pages ? KAREA_PAGES : 0;
	return a;
}

static struct kmodule *module(struct space *s, const char *name, u64 addr, u64 size)
{
	struct kmodule *m = kmap_add_module(s->kmap);

	s->kmap->module_addr = KADDR_REAL;
	m->name = xstrdup(name);
	m->addr = addr;
	m->size = size;
	m->state = KMODULE_LIVE;
	m->refs = FIG(0);
	return m;
}

static const struct region *part(const struct space *s, const char *name)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (s->regions[i].depth && !strcmp(s->regions[i].name, name))
			return &s->regions[i];
	return NULL;
}

static const struct region *top(const struct space *s, enum region_kind kind)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (!s->regions[i].depth && s->regions[i].kind == kind)
			return &s->regions[i];
	return NULL;
}

static void draw_up(struct space *s, struct kfacts *k)
{
	kernel_layout(k, s);
	kernel_inside(k, s, false);
}

static void test_kinds(void)
{
	static const struct {
		const char *function;
		enum karea_kind flags, want;
	} t[] = {
		{ "kernel_clone", KAREA_VMALLOC, KAREA_STACK },
		{ "dup_task_struct", KAREA_VMALLOC, KAREA_STACK },
		{ "copy_process.isra.0", KAREA_VMALLOC, KAREA_STACK },
		/* fork makes nothing else by vmalloc(), but a vmap() is no stack */
		{ "kernel_clone", KAREA_VMAP, KAREA_VMAP },
		{ "irq_init_percpu_irqstack", KAREA_VMAP, KAREA_IRQ_STACK },
		{ "load_module", KAREA_VMALLOC, KAREA_MODULE },
		{ "bpf_prog_pack_alloc", KAREA_VMALLOC, KAREA_BPF_TEXT },
		{ "bpf_jit_alloc_exec", KAREA_VMALLOC, KAREA_BPF_TEXT },
		{ "bpf_prog_alloc_no_stats", KAREA_VMALLOC, KAREA_BPF },
		{ "htab_map_alloc", KAREA_VMALLOC, KAREA_BPF },
		{ "arch_ftrace_update_trampoline", KAREA_VMALLOC, KAREA_CODE },
		{ "pcpu_get_vm_areas", KAREA_VMALLOC, KAREA_PERCPU },
		{ "bpf_prog_pack_alloc", KAREA_IOREMAP, KAREA_IOREMAP },
		{ "xfs_map_alloc_x", KAREA_VMALLOC, KAREA_VMALLOC },
		{ "foo_map_alloc [foo]", KAREA_VMALLOC, KAREA_BPF },
		{ "", KAREA_DMA, KAREA_DMA },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		if (!IS(karea_kind_of(t[i].flags, t[i].function), t[i].want))
			printf("# %s\n", t[i].function);
}

static void test_groups(void)
{
	const struct kmap *m;
	struct knode_pages nodes[4];
	struct karea *a;
	struct space s;

	init(&s, "6.18.0");
	a = area(&s, 0x1000, 0x2000, KAREA_VMALLOC, 1);
	a->function = 5;
	kmap_add_node(s.kmap, a, 1, 1);
	a = area(&s, 0x9000, 0x4000, KAREA_BPF, 3);
	a->function = 7;
	a = area(&s, 0x4000, 0x3000, KAREA_VMALLOC, 2);
	a->function = 5;
	kmap_add_node(s.kmap, a, 0, 1);
	kmap_add_node(s.kmap, a, 1, 1);
	area(&s, 0x20000, 0x100000, KAREA_UNPURGED, 0);
	kmap_finish(s.kmap);
	m = s.kmap;
	IS(m->ngroups, 3);
	IS(m->groups[0].function, 5);
	IS(m->groups[0].sum.bytes, 0x5000);
	IS(m->groups[0].sum.pages, 3);
	IS(m->groups[1].function, 7);
	/* much, but nobody's */
	IS(m->groups[2].kind, KAREA_UNPURGED);
	IS(kmap_group_nodes(m, &m->groups[0], nodes, 4), 2);
	IS(nodes[0].node, 0);
	IS(nodes[0].pages, 1);
	IS(nodes[1].pages, 2);
	/* sorted by address, each knows its group */
	IS(m->areas[1].first, 0x4000);
	IS(m->areas[1].group, 0);
	IS(m->areas[2].group, 1);
	IS(m->all.bytes, 0x9000);
	OK(kmap_area_at(m, 0x6fff) == &m->areas[1]);
	OK(!kmap_area_at(m, 0x7000));
	OK(!kmap_area_at(m, 0xfff));
	space_release(&s);
}

static void test_spread(void)
{
	struct kspread sp;
	struct space s;

	init(&s, "6.18.0");
	area(&s, 0x10000, 0x1000, KAREA_VMALLOC, 0);
	area(&s, 0x11000, 0x1000, KAREA_UNPURGED, 0);
	area(&s, 0x14000, 0x1000, KAREA_VMALLOC, 0);
	area(&s, 0x1a000, 0x2000, KAREA_VMALLOC, 0);
	area(&s, 0x1b000, 0x1000, KAREA_VMALLOC, 0);
	area(&s, 0x90000, 0x1000, KAREA_VMALLOC, 0);
	kmap_finish(s.kmap);
	OK(kmap_spread(s.kmap, range_of(0x10000, 0x20000), &sp));
	IS(sp.sum.count, 4);
	IS(sp.unpurged, 0x1000);
	IS(sp.lowest, 0x10000);
	IS(sp.highest, 0x1bfff);
	IS(sp.gaps, 2);
	IS(sp.gap_bytes, 0x2000 + 0x5000);
	IS(sp.largest, 0x5000);
	IS(sp.overlaps, 1);
	OK(!kmap_spread(s.kmap, range_of(0x20000, 0x30000), &sp));
	space_release(&s);
}

/** Up to 6.3 a module is one piece, and its size says where it ends. */
static void test_one_piece(void)
{
	const struct region *r;
	struct kfacts k;
	struct space s;

	init(&s, "6.1.0-50-amd64");
	plain(&k);
	module(&s, "ext4", MODULES + 0x100000, 0xf1000);
	module(&s, "jbd2", MODULES + 0x300000, 0x2d000)->refs = FIG(1);
	draw_up(&s, &k);
	OK(sound(&s));
	r = part(&s, "ext4");
	OK(r != NULL);
	IS(r->kind, KR_MODULE);
	IS(r->first, MODULES + 0x100000);
	IS(r->last, MODULES + 0x1f0fff);
	IS(r->conf, CONF_EXACT);
	IS_STR(r->source, "modules");
	IS_STR(r->note, "not used");
	IS_STR(part(&s, "jbd2")->note, "used 1");
	/* BPF code may lie between them: nobody said that it is unused */
	IS_STR(top(&s, KR_MODULES)->between, "between modules");
	OK(kmap_module_at(s.kmap, MODULES + 0x1f0fff) != NULL);
	OK(!kmap_module_at(s.kmap, MODULES + 0x1f1000));
	IS(s.nnotes, 0);
	space_release(&s);
}

/** Since 6.4 only the start of the code is known, unless the area it is in is listed. */
static void test_many_pieces(void)
{
	const struct region *r;
	struct kfacts k;
	struct space s;

	init(&s, "6.12.0");
	plain(&k);
	module(&s, "a", MODULES + 0x100000, 0x80000);
	module(&s, "b", MODULES + 0x140000, 0x20000);
	draw_up(&s, &k);
	OK(sound(&s));
	r = part(&s, "a");
	IS(r->conf, CONF_BOUNDS);
	/* no further than the next one */
	IS(r->last, MODULES + 0x13ffff);
	IS(r->size.v, 0x80000);
	IS(part(&s, "b")->last, MODULES + 0x15ffff);
	OK(!kmap_module_at(s.kmap, MODULES + 0x100000));
	space_release(&s);

	init(&s, "6.12.0");
	module(&s, "a", MODULES + 0x100000, 0x80000);
	module(&s, "b", MODULES + 0x140000, 0x20000);
	area(&s, MODULES + 0x100000, 0x11000, KAREA_MODULE, 0x10);
	area(&s, MODULES + 0x120000, 0x3000, KAREA_MODULE, 2);
	/* two modules share this one (execmem's cache) */
	area(&s, MODULES + 0x138000, 0x201000, KAREA_MODULE, 0x200);
	draw_up(&s, &k);
	OK(sound(&s));
	r = part(&s, "a");
	IS(r->conf, CONF_EXACT);
	IS_STR(r->source, "vmallocinfo");
	IS(r->last, MODULES + 0x10ffff);
	OK(strstr(r->note, "its code, 512 KiB in all") != NULL);
	r = part(&s, "b");
	OK(r && r->conf == CONF_BOUNDS);
	/* the data of a, which no row of its own stands for */
	r = part(&s, "modules");
	OK(r && r->kind == KR_AREAS && r->first == MODULES + 0x120000);
	OK(r && r->last == MODULES + 0x122fff);
	IS_STR(top(&s, KR_MODULES)->between, "between modules");
	space_release(&s);
}

/** Areas close to each other are a row; what was freed is none. */
static void test_clusters(void)
{
	const struct region *r;
	struct kfacts k;
	struct space s;
	size_t rows = 0;

	init(&s, "6.18.0");
	plain(&k);
	area(&s, VMALLOC, 0x5000, KAREA_STACK, 4);
	area(&s, VMALLOC + 0x8000, 0x5000, KAREA_STACK, 4);
	area(&s, VMALLOC + 0x10000, 0x2000, KAREA_BPF, 1);
	area(&s, VMALLOC + 0x4000000, 0x2000, KAREA_UNPURGED, 0);
	area(&s, VMALLOC + UINT64_C(0x1ffe00000000), 0x200000, KAREA_PERCPU, 0);
	draw_up(&s, &k);
	OK(sound(&s));
	for (size_t i = 0; i < s.nregions; i++)
		rows += s.regions[i].kind == KR_AREAS;
	IS(rows, 2);
	r = part(&s, "areas");
	IS(r->first, VMALLOC);
	IS(r->last, VMALLOC + 0x11fff);
	IS_STR(r->note, "3 areas: kernel stacks 40 KiB, BPF 8 KiB; 2 gaps of 24 KiB in all");
	r = part(&s, "per-CPU");
	IS(r->first, VMALLOC + UINT64_C(0x1ffe00000000));
	IS_STR(r->note, "1 area");
	space_release(&s);
}

/** Hundreds of gaps do not make hundreds of rows; modules outside of everything are told. */
static void test_limits(void)
{
	size_t rows = 0;
	struct kfacts k;
	struct space s;

	init(&s, "6.18.0");
	plain(&k);
	for (u64 i = 0; i < 500; i++)
		area(&s, VMALLOC + i * (64 * MIB + i * 4096), 0x2000, KAREA_VMALLOC, 1);
	module(&s, "stray", 0x1000, 4096);
	draw_up(&s, &k);
	OK(sound(&s));
	for (size_t i = 0; i < s.nregions; i++)
		rows += s.regions[i].kind == KR_AREAS;
	IS(rows, 8);
	IS(s.nnotes, 1);
	IS(s.notes[0].kind, NOTE_CONFLICT);
	IS_STR(s.notes[0].text, "1 module is in no region that is known here");
	space_release(&s);
}

static void test_figures(void)
{
	struct range ram[] = { { 0x1000, 0x9fbff }, { 0x100000, 0xfffffff } };
	struct kfacts k;
	struct space s;

	init(&s, "6.18.0");
	plain(&k);
	k.iomem.ram = ram;
	k.iomem.nram = 2;
	k.mem.managed_pages = FIG(100);
	k.mem.memmap_boot_pages = FIG(UINT64_MAX / 2);
	kernel_layout(&k, &s);
	kernel_inside(&k, &s, false);
	/* whole pages only */
	IS(s.kmap->nframes, 2);
	IS(s.kmap->frames[0].phys.last, 0x9efff);
	IS(s.kmap->frames[0].tally.first, 1);
	IS(s.kmap->frames[0].tally.last, 0x9e);
	IS(s.kmap->mem.ram.v, 0x9e000 + 0xff00000);
	IS(s.kmap->mem.managed.v, 409600);
	/* more than there can be is not known */
	OK(!s.kmap->mem.memmap_boot.have);
	OK(!s.kmap->mem.image.have);
	space_release(&s);
}

static void test_sections(void)
{
	struct kfacts k;
	struct space s;
	const struct region *r;

	init(&s, "6.18.0");
	plain(&k);
	k.iomem.have_code = k.iomem.have_bss = true;
	k.iomem.code = (struct range){ 0x1000000, 0x1ffffff };
	k.iomem.bss = (struct range){ 0x2000000, 0x20fffff };
	k.syms.nsections = 3;
	k.syms.sections[0] = (struct ksyms_section){ "small", FIG(UINT64_C(0xffffffff81000000)),
						     FIG(UINT64_C(0xffffffff81001000)) };
	k.syms.sections[1] = (struct ksyms_section){ "large", FIG(UINT64_C(0xffffffff81100000)),
						     FIG(UINT64_C(0xffffffff81200000)) };
	/* a border without its partner */
	k.syms.sections[2] =
		(struct ksyms_section){ "half", FIG(UINT64_C(0xffffffff81300000)), { 0, false } };
	kernel_layout(&k, &s);
	kernel_inside(&k, &s, false);
	r = part(&s, "text");
	OK(r && r->note);
	IS_STR(r ? r->note : NULL, "holds large 1 MiB");
	space_release(&s);
	init(&s, "6.18.0");
	kernel_layout(&k, &s);
	kernel_inside(&k, &s, true);
	r = part(&s, "text");
	IS_STR(r ? r->note : NULL, "holds large 1 MiB at +100000, small 4 KiB at +0");
	space_release(&s);
}

int main(void)
{
	test_kinds();
	test_groups();
	test_spread();
	test_one_piece();
	test_many_pieces();
	test_clusters();
	test_limits();
	test_figures();
	test_sections();
	return tap_done();
}
