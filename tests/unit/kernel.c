/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel half from made-up facts: exact figures of the documented layouts, and what must hold
 * of any layout: sorted, no two firm regions overlap, the half covered to the byte, parts inside.
 */
#include "half64.h"

static void test_defaults(void)
{
	struct kfacts k;
	struct space s;
	const struct region *r;

	init(&s, "6.18.44-x");
	plain(&k);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(s.host.levels, 4);
	OK(s.host.nx && s.host.nx_known);
	IS(s.kernel.first, UINT64_C(0xffff800000000000));
	IS(s.kernel.last, UINT64_MAX);
	IS_REGION(find(&s, KR_GUARD, NULL), 0xffff800000000000, 0xffff87ffffffffff, CONF_DEFAULT,
		  "mm.rst");
	IS_REGION(find(&s, KR_LDT, NULL), 0xffff880000000000, 0xffff887fffffffff, CONF_DEFAULT,
		  "mm.rst");
	IS_REGION(find(&s, KR_DIRECT_MAP, "direct map of RAM"), 0xffff888000000000,
		  0xffff88863fffffff, CONF_DEFAULT, "boot_params");
	IS_REGION(find(&s, KR_UNUSED, "direct map, no RAM"), 0xffff888640000000, 0xffffc87fffffffff,
		  CONF_DEFAULT, "mm.rst");
	IS_REGION(find(&s, KR_VMALLOC, NULL), 0xffffc90000000000, 0xffffe8ffffffffff, CONF_DEFAULT,
		  "boot_params");
	IS_REGION(find(&s, KR_VMEMMAP, NULL), 0xffffea0000000000, 0xffffea0018ffffff, CONF_DEFAULT,
		  "boot_params");
	IS_REGION(find(&s, KR_CPU_ENTRY, NULL), 0xfffffe0000000000, 0xfffffe7fffffffff,
		  CONF_DEFAULT, "mm.rst");
	IS_REGION(find(&s, KR_ESPFIX, NULL), 0xffffff0000000000, 0xffffff7fffffffff, CONF_DEFAULT,
		  "mm.rst");
	IS_REGION(find(&s, KR_EFI, NULL), 0xffffffef00000000, 0xfffffffeffffffff, CONF_DEFAULT,
		  "mm.rst");
	IS_REGION(find(&s, KR_MODULES, NULL), 0xffffffffc0000000, 0xfffffffffeffffff, CONF_DERIVED,
		  "config");
	IS_REGION(find(&s, KR_FIXMAP, "fixmap"), 0xffffffffff57b000, 0xffffffffff5fffff, CONF_EXACT,
		  "btf");
	IS_REGION(find(&s, KR_FIXMAP, "fixmap, boot part"), 0xffffffffff1ff000, 0xffffffffff57afff,
		  CONF_EXACT, "btf");
	IS_REGION(find(&s, KR_VSYSCALL, NULL), 0xffffffffff600000, 0xffffffffff600fff, CONF_DEFAULT,
		  "mm.rst");
	IS_REGION(find(&s, KR_UNUSED, "last hole"), 0xffffffffffe00000, 0xffffffffffffffff,
		  CONF_DEFAULT, "mm.rst");
	OK(!find(&s, KR_KASAN, NULL));
	r = find(&s, KR_CPU_ENTRY, NULL);
	OK(r->used.have);
	IS(r->used.v, 4096 + 2 * 241664);
	OK(has_fact(&s, "/proc/kcore is absent"));
	OK(has_fact(&s, "flag is clear (loadflags 0x00)"));
	OK(has_fact(&s, "documented default bases hold"));
	IS(space_problems(&s), 0);
	space_release(&s);
	kfacts_release(&k);
}

/** meminfo's counters of the direct map's page sizes, and when they cannot be true. */
static void test_direct_pages(void)
{
	struct kfacts k;
	struct space s;

	init(&s, "6.18.44-x");
	plain(&k);
	k.mem.direct_4k = FIG(MIB);
	k.mem.direct_2m = FIG(3 * GIB - 2 * MIB);
	k.mem.direct_1g = FIG(21 * GIB);
	kernel_layout(&k, &s);
	IS_STR(find(&s, KR_DIRECT_MAP, "direct map of RAM")->note,
	       "RAM in 3 ranges; pages of 4K 1 MiB, 2M 3 GiB, 1G 21 GiB (meminfo)");
	space_release(&s);
	init(&s, "6.18.44-x");
	s.exact_sizes = true;
	k.mem.direct_2m = FIG(4 * GIB);
	kernel_layout(&k, &s);
	IS_STR(find(&s, KR_DIRECT_MAP, "direct map of RAM")->note,
	       "RAM in 3 ranges; pages of 4K 1048576, 2M 4294967296, 1G 22548578304 (meminfo,"
	       " whose counters do not fit)");
	space_release(&s);
	kfacts_release(&k);
}

static void test_ram_parts(void)
{
	struct kfacts k;
	struct space s;
	const struct region *r;

	init(&s, "6.18.44-x");
	plain(&k);
	kernel_layout(&k, &s);
	r = find(&s, KR_DIRECT_MAP, "direct map of RAM");
	/* 158 pages (the 159th is not whole), 3 GiB less 1 MiB, 21 GiB */
	IS(r->used.v, 158 * 4096 + (3 * GIB - MIB) + 21 * GIB);
	IS(r[1].depth, 1);
	IS_STR(r->note, "RAM in 3 ranges");
	IS_STR(r[1].name, "first MiB");
	IS(r[1].first, UINT64_C(0xffff888000000000));
	IS(r[1].last, UINT64_C(0xffff8880000fffff));
	IS(r[2].first, UINT64_C(0xffff888000100000));
	IS(r[2].last, UINT64_C(0xffff8880bfffffff));
	IS(r[3].first, UINT64_C(0xffff888100000000));
	IS(r[3].last, UINT64_C(0xffff88863fffffff));
	IS(r[4].depth, 0);
	r = find(&s, KR_VMEMMAP, NULL);
	IS(r->used.v, (158 * 4096 + (3 * GIB - MIB) + 21 * GIB) / 4096 * 64);
	space_release(&s);
	kfacts_release(&k);
}

/** Where modules begin when nothing but their own addresses tells. */
static void test_modules(void)
{
	struct kfacts k;
	struct space s;

	plain(&k);
	k.loadflags.have = k.config.randomize_base.have = k.config.modules.have = false;
	k.status[KSRC_MODULES].state = KSRC_READ;
	k.modules = (struct kmodules){ 2, 20480, UINT64_C(0xffffffffa0001000) };
	init(&s, "6.1.0");
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_MODULES, NULL), 0xffffffffa0000000, 0xfffffffffeffffff, CONF_DERIVED,
		  "modules");
	IS(find(&s, KR_MODULES, NULL)->used.v, 20480);
	IS_STR(find(&s, KR_MODULES, NULL)->note, "2 modules");
	space_release(&s);

	k.config.randomize_base = FIG(0);
	k.modules.lowest = UINT64_C(0xffffffffc0001000);
	init(&s, "6.1.0");
	kernel_layout(&k, &s);
	IS_REGION(find(&s, KR_MODULES, NULL), 0xffffffffa0000000, 0xfffffffffeffffff, CONF_DERIVED,
		  "config");
	space_release(&s);
	kfacts_release(&k);
}

/* --- KASLR on ------------------------------------------------------------------------------------
 */

/** The highest direct-map base of an interval: its end less the RAM it must hold. */
static u64 highest_base(struct kfacts *k, const char *release)
{
	const struct region *r;
	struct space s;
	u64 ret = 0;

	init(&s, release);
	kernel_layout(k, &s);
	OK(sound(&s));
	r = find(&s, KR_DIRECT_MAP, NULL);
	if (OK(r && r->conf == CONF_BOUNDS && r->size.have)) {
		IS(r->size.v, RAM_25_GIB);
		ret = r->last + 1 - r->size.v;
	}
	space_release(&s);
	return ret;
}

static void test_intervals(void)
{
	struct kfacts k;

	plain(&k);
	k.loadflags = FIG(0x83);
	k.config.zone_device = FIG(0);
	IS(highest_base(&k, "6.1.0"), UINT64_C(0xffffa10000000000));
	k.config.zone_device = FIG(1);
	IS(highest_base(&k, "6.19.0"), UINT64_C(0xffff8f5540000000));
	k.mem.vmalloc_total_kib = FIG(FIVE_KIB);
	k.cpu.la57 = FIG(1);
	IS(highest_base(&k, "6.19.0"), UINT64_C(0xff4a94aa80000000));
	k.config.zone_device = FIG(0);
	IS(highest_base(&k, "6.1.0"), UINT64_C(0xff4ffb5540000000));
	kfacts_release(&k);
}

static void test_kaslr_on(void)
{
	struct kfacts k;
	struct space s;
	const struct region *d, *v, *m;

	init(&s, "6.1.0-50-amd64");
	plain(&k);
	k.loadflags = FIG(0x03);
	/* ZONE_DEVICE in an older release: the rule may have been taken over, or not */
	kernel_layout(&k, &s);
	OK(sound(&s));
	d = find(&s, KR_DIRECT_MAP, NULL);
	v = find(&s, KR_VMALLOC, NULL);
	m = find(&s, KR_VMEMMAP, NULL);
	if (OK(d && v && m)) {
		IS(d->conf, CONF_BOUNDS);
		IS(d->first, UINT64_C(0xffff888000000000));
		IS(d->last, UINT64_C(0xffffa10000000000) + RAM_25_GIB - 1);
		IS(d->order, 1);
		/* 11 TiB for RAM and padding, 1 GiB between */
		IS(v->conf, CONF_BOUNDS);
		IS(v->first, UINT64_C(0xffff888000000000) + 11 * TIB + GIB);
		IS(v->size.v, 32 * TIB);
		IS(v->order, 2);
		/* base at most: reserve 64 TiB, two thirds of the 20.5 TiB of chance */
		/* 2/3 of 20.5 TiB is 13994.67 GiB: whole ones, and the 32 TiB themselves */
		IS(v->last, UINT64_C(0xffff888000000000) + 96 * TIB + 13995 * GIB - 1);
		IS(m->conf, CONF_BOUNDS);
		IS(m->first, UINT64_C(0xffff888000000000) + 43 * TIB + 2 * GIB);
		IS(m->last, UINT64_C(0xfffffdffffffffff));
		IS(m->size.v, RAM_25_GIB / 64);
		IS(m->order, 3);
	}
	OK(!find(&s, KR_UNUSED, "direct map, no RAM"));
	OK(has_fact(&s, "flag is set"));
	space_release(&s);

	/* one base known narrows the others */
	init(&s, "6.1.0-50-amd64");
	area(&k, UINT64_C(0xffffb0c000000000), UINT64_C(0xffffb0c000005000), false);
	area(&k, UINT64_C(0xffffd0bfffe00000), UINT64_C(0xffffd0c000000000), true);
	area(&k, UINT64_C(0xffffffffc0400000), UINT64_C(0xffffffffc0402000), false);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_VMALLOC, NULL), 0xffffb0c000000000, 0xffffd0bfffffffff, CONF_DERIVED,
		  "vmallocinfo");
	v = find(&s, KR_VMALLOC, NULL);
	IS_STR(v->note, "areas 2 MiB with guard pages (2)");
	OK(!v->used.have);
	d = find(&s, KR_DIRECT_MAP, NULL);
	m = find(&s, KR_VMEMMAP, NULL);
	IS(d->conf, CONF_BOUNDS);
	OK(d->last < v->first);
	IS(m->conf, CONF_BOUNDS);
	IS(m->first, UINT64_C(0xffffd0c000000000) + GIB);
	m = find(&s, KR_MODULES, NULL);
	IS(m->used.v, 0x2000);
	space_release(&s);
	kfacts_release(&k);
}

/** Nothing but the world-readable minimum. */
static void test_hidden(void)
{
	struct kfacts k = { 0 };
	struct space s;
	const struct region *r;

	init(&s, "6.12.0");
	k.mem.vmalloc_total_kib = FIG(FOUR_KIB);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(s.host.levels, 4);
	OK(!s.host.nx_known);
	r = find(&s, KR_DIRECT_MAP, NULL);
	if (OK(r)) {
		IS(r->conf, CONF_BOUNDS);
		OK(!r->size.have && !r->used.have);
	}
	IS(find(&s, KR_VMALLOC, NULL)->conf, CONF_BOUNDS);
	IS(find(&s, KR_VMEMMAP, NULL)->conf, CONF_BOUNDS);
	IS_REGION(find(&s, KR_IMAGE, NULL), 0xffffffff81000000, 0xffffffffbfffffff, CONF_BOUNDS,
		  "mm.rst");
	OK(!find(&s, KR_IMAGE, NULL)->size.have);
	IS_REGION(find(&s, KR_FIXMAP, NULL), 0xffffffffff000000, 0xffffffffff5fffff, CONF_BOUNDS,
		  "mm.rst");
	IS_REGION(find(&s, KR_MODULES, NULL), 0xffffffffc0000000, 0xfffffffffeffffff, CONF_DEFAULT,
		  "mm.rst");
	OK(has_fact(&s, "may be on"));
	space_release(&s);

	/* not even the levels: nothing is drawn, and that is said */
	init(&s, "6.12.0");
	k.mem.vmalloc_total_kib.have = false;
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	IS(s.host.levels, 0);
	OK(find_note(&s, NOTE_LIMIT, "kernel half"));
	space_release(&s);
}

static void test_kaslr_off_by_others(void)
{
	struct kfacts k;
	struct space s;

	/* KASAN keeps the regions where they are though the image moves */
	init(&s, "6.18.0");
	plain(&k);
	k.loadflags = FIG(0x03);
	k.config.kasan = FIG(1);
	k.syms.text = k.syms.stext = FIG(UINT64_C(0xffffffff9ea00000));
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_DIRECT_MAP, NULL), 0xffff888000000000, 0xffff88863fffffff,
		  CONF_DEFAULT, "config");
	IS_REGION(find(&s, KR_KASAN, NULL), 0xffffec0000000000, 0xfffffbffffffffff, CONF_DEFAULT,
		  "config");
	OK(has_fact(&s, "KASAN keeps the regions in place"));
	IS(space_problems(&s), 0);
	space_release(&s);

	init(&s, "6.18.0");
	k.config.kasan = FIG(0);
	k.loadflags.have = false;
	k.status[KSRC_CMDLINE].state = KSRC_READ;
	k.cmdline.nokaslr = true;
	k.syms.text.have = k.syms.stext.have = false;
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_VMALLOC, NULL), 0xffffc90000000000, 0xffffe8ffffffffff, CONF_DEFAULT,
		  "cmdline");
	IS_REGION(find(&s, KR_IMAGE, NULL), 0xffffffff81000000, 0xffffffff83c57fff, CONF_DEFAULT,
		  "cmdline");
	IS(find(&s, KR_IMAGE_PART, "text")->conf, CONF_DEFAULT);
	space_release(&s);
	kfacts_release(&k);
}

/* --- 5 levels ------------------------------------------------------------------------------------
 */

static void test_five_levels(void)
{
	struct kfacts k;
	struct space s;

	init(&s, "6.18.0");
	plain(&k);
	k.mem.vmalloc_total_kib = FIG(FIVE_KIB);
	k.cpu.la57 = FIG(1);
	k.config.kasan = FIG(1);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(s.host.levels, 5);
	IS(s.kernel.first, UINT64_C(0xff00000000000000));
	IS(s.user.last, UINT64_C(0xffffffffffefff));
	IS_REGION(find(&s, KR_GUARD, NULL), 0xff00000000000000, 0xff0fffffffffffff, CONF_DEFAULT,
		  "mm.rst");
	IS_REGION(find(&s, KR_LDT, NULL), 0xff10000000000000, 0xff10ffffffffffff, CONF_DEFAULT,
		  "mm.rst");
	IS_REGION(find(&s, KR_DIRECT_MAP, NULL), 0xff11000000000000, 0xff1100063fffffff,
		  CONF_DEFAULT, "boot_params");
	IS_REGION(find(&s, KR_UNUSED, "direct map, no RAM"), 0xff11000640000000, 0xff90ffffffffffff,
		  CONF_DEFAULT, "mm.rst");
	IS_REGION(find(&s, KR_VMALLOC, NULL), 0xffa0000000000000, 0xffd1ffffffffffff, CONF_DEFAULT,
		  "boot_params");
	IS_REGION(find(&s, KR_VMEMMAP, NULL), 0xffd4000000000000, 0xffd4000018ffffff, CONF_DEFAULT,
		  "boot_params");
	IS_REGION(find(&s, KR_KASAN, NULL), 0xffdffc0000000000, 0xfffffbffffffffff, CONF_DEFAULT,
		  "config");
	space_release(&s);
	kfacts_release(&k);
}

/* --- kcore
 * ---------------------------------------------------------------------------------------- */

/** As a Debian 12 guest lists it: text, vmalloc, modules, then RAM and vmemmap in pairs. */
static void debian_kcore(struct kfacts *k)
{
	segment(k, UINT64_C(0xffffffff94400000), 0x342c000, 0x16000000);
	segment(k, UINT64_C(0xffffcc5d00000000), UINT64_C(0x1fffffffffff), UINT64_MAX);
	segment(k, UINT64_C(0xffffffffc0000000), 0x3f000000, UINT64_MAX);
	segment(k, UINT64_C(0xffff8b2ac0001000), 0x9e000, 0x1000);
	segment(k, UINT64_C(0xfffff1e480000000), 0x3000, UINT64_MAX);
	segment(k, UINT64_C(0xffff8b2ac0100000), 0x1fee0000, 0x100000);
	segment(k, UINT64_C(0xfffff1e480004000), 0x7fb000, UINT64_MAX);
}

static void test_kcore(void)
{
	struct kfacts k;
	struct space s;

	init(&s, "6.1.0-50-amd64");
	plain(&k);
	k.loadflags = FIG(0x03);
	k.syms.text = k.syms.stext = FIG(UINT64_C(0xffffffff94400000));
	k.iomem.nram = 0;
	ram(&k, 0x1000, 0x9efff);
	ram(&k, 0x100000, 0x1ffdffff);
	debian_kcore(&k);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_DIRECT_MAP, NULL), 0xffff8b2ac0000000, 0xffff8b2adffdffff, CONF_EXACT,
		  "kcore");
	IS_REGION(find(&s, KR_VMALLOC, NULL), 0xffffcc5d00000000, 0xffffec5cffffffff, CONF_EXACT,
		  "kcore");
	IS_REGION(find(&s, KR_VMEMMAP, NULL), 0xfffff1e480000000, 0xfffff1e4807fffff, CONF_EXACT,
		  "kcore");
	IS_REGION(find(&s, KR_MODULES, NULL), 0xffffffffc0000000, 0xfffffffffeffffff, CONF_EXACT,
		  "kcore");
	IS_REGION(find(&s, KR_IMAGE, NULL), 0xffffffff94400000, 0xffffffff9782bfff, CONF_EXACT,
		  "kallsyms");
	IS(space_problems(&s), 0);
	space_release(&s);

	/* without symbols and iomem, kcore alone does */
	init(&s, "6.1.0-50-amd64");
	k.syms.text.have = k.syms.stext.have = false;
	k.iomem.nram = 0;
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_DIRECT_MAP, "direct map of RAM"), 0xffff8b2ac0000000,
		  0xffff8b2adffdffff, CONF_EXACT, "kcore");
	IS_REGION(find(&s, KR_DIRECT_MAP, "RAM"), 0xffff8b2ac0100000, 0xffff8b2adffdffff,
		  CONF_EXACT, "kcore");
	IS_REGION(find(&s, KR_IMAGE, NULL), 0xffffffff94400000, 0xffffffff9782bfff, CONF_EXACT,
		  "kcore");
	space_release(&s);

	/* VMCOREINFO says the same, or something else */
	init(&s, "6.12.0");
	k.kcore.vmcoreinfo = xstrdup("OSRELEASE=6.12.0\nNUMBER(VMALLOC_START)=0xffffcc5d00000000\n"
				     "SYMBOL(vmemmap)=fffff1e4c0000000\nNUMBER(phys_base)=-4096\n");
	kernel_layout(&k, &s);
	OK(sound(&s));
	OK(find_note(&s, NOTE_CONFLICT, "vmcoreinfo"));
	IS(space_problems(&s), 1);
	IS(find(&s, KR_VMEMMAP, NULL)->first, UINT64_C(0xfffff1e480000000));
	space_release(&s);
	kfacts_release(&k);
}

/* --- conflicts and hostile facts ------------------------------------------------------------- */

static void test_conflicts(void)
{
	struct kfacts k;
	struct space s;

	/* KASLR off, but kcore says otherwise: kcore is believed, and it is said */
	init(&s, "6.1.0");
	plain(&k);
	k.syms.text = k.syms.stext = FIG(UINT64_C(0xffffffff94400000));
	k.iomem.nram = 0;
	ram(&k, 0x100000, 0x1ffdffff);
	debian_kcore(&k);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(find(&s, KR_DIRECT_MAP, NULL)->first, UINT64_C(0xffff8b2ac0000000));
	OK(find_note(&s, NOTE_CONFLICT, "kcore"));
	OK(find_note(&s, NOTE_CONFLICT, "kallsyms"));
	space_release(&s);
	kfacts_release(&k);

	/* levels */
	init(&s, "6.1.0");
	plain(&k);
	k.cpu.la57 = FIG(1);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(s.host.levels, 4);
	OK(find_note(&s, NOTE_CONFLICT, "cpuinfo"));
	space_release(&s);

	/* areas that no vmalloc of 32 TiB can hold */
	init(&s, "6.1.0");
	k.cpu.la57 = FIG(0);
	area(&k, UINT64_C(0xffff900000000000), UINT64_C(0xffff900000002000), false);
	area(&k, UINT64_C(0xfffff00000000000), UINT64_C(0xfffff00000002000), false);
	kernel_layout(&k, &s);
	OK(sound(&s));
	OK(find_note(&s, NOTE_CONFLICT, "vmallocinfo"));
	IS(find(&s, KR_VMALLOC, NULL)->conf, CONF_DEFAULT);
	space_release(&s);
	kfacts_release(&k);
}

/** Facts that cannot be: nothing is invented from them, and the half stays sound. */
static void test_hostile(void)
{
	struct kfacts k;
	struct space s;

	init(&s, "6.1.0");
	plain(&k);
	k.iomem.nram = 0;
	ram(&k, 0, UINT64_MAX);
	k.syms.text = FIG(0x1234);
	k.iomem.bss = (struct range){ 5, UINT64_MAX };
	k.btf.page_size = FIG(UINT32_MAX);
	k.btf.cpu_entry_area_size = FIG(UINT32_MAX);
	k.btf.fix_permanent_end = FIG(UINT32_MAX);
	k.btf.fix_end = FIG(UINT32_MAX);
	k.mem.cpus = FIG(UINT64_MAX);
	k.config.physical_start = k.config.physical_align = FIG(UINT64_MAX);
	k.config.memory_padding = FIG(UINT64_MAX);
	k.loadflags = FIG(0xff);
	segment(&k, UINT64_MAX, 1, 0);
	segment(&k, 0, UINT64_MAX, UINT64_MAX - 5);
	segment(&k, UINT64_C(0xffff900000000000), 1, UINT64_MAX);
	segment(&k, UINT64_C(0xffff888000000000), UINT64_C(0x1fffffffffff), UINT64_MAX);
	segment(&k, UINT64_C(0xffffffff80000001), 1, UINT64_MAX);
	segment(&k, UINT64_C(0xffffffffbfffffff), UINT64_C(0x40000000), 1);
	kernel_layout(&k, &s);
	OK(sound(&s));
	OK(find_note(&s, NOTE_CONFLICT, "iomem"));
	OK(find_note(&s, NOTE_CONFLICT, "kallsyms"));
	IS(find(&s, KR_FIXMAP, NULL)->conf, CONF_BOUNDS);
	OK(!find(&s, KR_CPU_ENTRY, NULL)->used.have);
	space_release(&s);
	kfacts_release(&k);
}

/* --- vsyscall, versions, machines ----------------------------------------------------------------
 */

static void add_mapping(struct space *s, u64 first, u64 last, u8 perms, const char *name)
{
	struct vma *v = space_add_vma(s);

	v->first = first;
	v->last = last;
	v->perms = perms;
	v->name = strtab_add(&s->names, name, strlen(name));
}

static void test_vsyscall(void)
{
	struct kfacts k;
	struct space s;
	const struct region *r;

	plain(&k);
	init(&s, "6.18.0");
	s.proc.bits = 64;
	add_mapping(&s, 0x400000, 0x400fff, PERM_R, "/bin/x");
	add_mapping(&s, UINT64_C(0xffffffffff600000), UINT64_C(0xffffffffff600fff), PERM_X,
		    "[vsyscall]");
	kernel_layout(&k, &s);
	r = find(&s, KR_VSYSCALL, NULL);
	IS(r->conf, CONF_EXACT);
	IS_STR(r->source, "maps");
	IS(r->perms, PERM_X);
	IS(r->perms_conf, CONF_DERIVED);
	space_release(&s);

	init(&s, "6.18.0");
	s.proc.bits = 64;
	add_mapping(&s, 0x400000, 0x400fff, PERM_R, "/bin/x");
	kernel_layout(&k, &s);
	r = find(&s, KR_VSYSCALL, NULL);
	IS(r->conf, CONF_DEFAULT);
	IS(r->perms_conf, CONF_UNKNOWN);
	IS_STR(r->note, "not mapped in this process");
	space_release(&s);

	/* not built in: there is no such page, and the fixmap begins at its very top */
	init(&s, "6.18.0");
	k.config.vsyscall_emulation = FIG(0);
	k.btf.fix_vsyscall.have = false;
	k.btf.fix_permanent_end = FIG(132);
	kernel_layout(&k, &s);
	OK(sound(&s));
	OK(!find(&s, KR_VSYSCALL, NULL));
	IS_REGION(find(&s, KR_FIXMAP, "fixmap"), 0xffffffffff77b000, 0xffffffffff7fffff, CONF_EXACT,
		  "btf");
	space_release(&s);
	kfacts_release(&k);
}

static void test_versions(void)
{
	struct kfacts k;
	struct space s;

	plain(&k);
	init(&s, "4.18.0-147.el8");
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(find(&s, KR_DIRECT_MAP, NULL)->first, UINT64_C(0xffff880000000000));
	IS(find(&s, KR_LDT, NULL)->first, UINT64_C(0xfffffe8000000000));
	space_release(&s);
	init(&s, "4.9.0");
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	OK(find_note(&s, NOTE_LIMIT, "kernel half"));
	space_release(&s);
	kfacts_release(&k);
}

static void test_not_drawn(void)
{
	struct kfacts k = { 0 };
	struct space s;

	/* a kernel half that is not drawn is said once, and not with -u */
	init(&s, "6.1.0");
	free(s.host.machine);
	s.host.machine = xstrdup("s390x");
	kernel_layout(&k, &s);
	IS_STR(find_note(&s, NOTE_LIMIT, "kernel half")->text, "of s390x is not drawn yet");
	IS(s.nregions, 0);
	space_release(&s);
	init(&s, "6.1.0");
	k.user_only = true;
	kernel_layout(&k, &s);
	IS(s.nnotes, 0);
	IS(s.nregions, 0);
	space_release(&s);
}

int main(void)
{
	test_defaults();
	test_direct_pages();
	test_ram_parts();
	test_modules();
	test_intervals();
	test_kaslr_on();
	test_hidden();
	test_kaslr_off_by_others();
	test_five_levels();
	test_kcore();
	test_conflicts();
	test_hostile();
	test_vsyscall();
	test_versions();
	test_not_drawn();
	return tap_done();
}
