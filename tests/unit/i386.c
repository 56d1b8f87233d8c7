/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel half of i386 from made-up facts. */
#include "half32.h"

static char pae_note[] = "PAGESIZE=4096\nCONFIG_X86_PAE=y\n";

/** Debian 12's 686-pae kernel in a machine of 2 GiB, without kcore. */
static void plain(struct kfacts *k)
{
	*k = (struct kfacts){ .lockdown = LOCKDOWN_NONE };
	k->status[KSRC_KCORE] = (struct ksrc_status){ KSRC_ABSENT, 2 };
	k->mem.vmalloc_total_kib = FIG(122880);
	k->mem.total = FIG(2059932 * KIB);
	k->mem.high_total = FIG(1195912 * KIB);
	k->mem.direct_4k = FIG(10232 * KIB);
	k->mem.direct_2m = FIG(890880 * KIB);
	k->mem.zone_start = FIG(0x1000);
	k->mem.low_end = FIG(0x36ffe000);
	k->mem.zone_end = FIG(0x7ffe0000);
	k->cpu.la57 = k->cpu.pti = FIG(0);
	k->cpu.nx = FIG(1);
	k->syms.text = k->syms.stext = FIG(0xc5000000);
	add_ram_range(k, 0x1000, 0x9fbff);
	add_ram_range(k, 0x100000, 0x7ffdffff);
	k->iomem.code = (struct range){ 0x5000000, 0x5933eff };
	k->iomem.rodata = (struct range){ 0x5934000, 0x5c50fff };
	k->iomem.data = (struct range){ 0x5c52000, 0x5d8e67f };
	k->iomem.bss = (struct range){ 0x5e94000, 0x5f0afff };
	k->iomem.have_code = k->iomem.have_rodata = k->iomem.have_data = k->iomem.have_bss = true;
	k->config.source = "/boot/config";
	k->config.page_offset = FIG(0xc0000000);
	k->config.x86_pae = k->config.highmem = FIG(1);
	k->config.nr_cpus = FIG(32);
}

static void add_kcore(struct kfacts *k)
{
	static const struct kcore_segment segments[] = {
		{ 0xf77fe000, 0x7800000, UINT64_MAX, 0 },
		{ 0xc0000000, 0x36ffe000, 0, 0 },
	};

	k->kcore.segments = xcalloc(2, sizeof(*segments));
	memcpy(k->kcore.segments, segments, sizeof(segments));
	k->kcore.nsegments = 2;
	k->status[KSRC_KCORE].state = KSRC_READ;
}

static void test_kcore(void)
{
	struct kfacts k;
	struct space s;
	const struct region *r;

	init_half(&s, "i686", "6.1.0-50-686-pae");
	plain(&k);
	add_kcore(&k);
	k.kcore.vmcoreinfo = xstrdup(pae_note);
	draw_half(&k, &s);
	IS(s.user.last, 0xbfffffff);
	IS(s.kernel.first, 0xc0000000);
	IS(s.kernel.last, 0xffffffff);
	IS(s.host.levels, 3);
	OK(s.host.nx && s.host.nx_known);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf6ffdfff, CONF_EXACT, "kcore");
	r = find(&s, "lowmem");
	IS(r->used.v, 0x9e000 + 0x36ffe000 - 0x100000);
	IS_REGION(&s, "first MiB", 0xc0000000, 0xc00fffff, CONF_EXACT, "iomem");
	IS_REGION(&s, "RAM", 0xc0100000, 0xc4ffffff, CONF_EXACT, "iomem");
	IS_REGION(&s, "kernel text", 0xc5000000, 0xc5933eff, CONF_EXACT, "iomem");
	IS(find(&s, "kernel text")->perms, PERM_R | PERM_X);
	IS(find(&s, "kernel text")->perms_conf, CONF_DEFAULT);
	IS_REGION(&s, "kernel rodata", 0xc5934000, 0xc5c50fff, CONF_EXACT, "iomem");
	IS_REGION(&s, "kernel data", 0xc5c52000, 0xc5d8e67f, CONF_EXACT, "iomem");
	IS(find(&s, "kernel data")->perms, PERM_R | PERM_W);
	IS_REGION(&s, "tables, freed init", 0xc5c51000, 0xc5c51fff, CONF_DERIVED, "iomem");
	IS_REGION(&s, "kernel bss", 0xc5e94000, 0xc5f0afff, CONF_EXACT, "iomem");
	IS_REGION(&s, "guard hole", 0xf6ffe000, 0xf77fdfff, CONF_EXACT, "kcore");
	IS_REGION(&s, "vmalloc", 0xf77fe000, 0xfeffdfff, CONF_EXACT, "kcore");
	IS_REGION(&s, "pkmap", 0xff000000, 0xff1fffff, CONF_DERIVED, "kcore");
	IS_REGION(&s, "LDT remap", 0xff200000, 0xff3fffff, CONF_DERIVED, "kcore");
	/* how far it reaches is nowhere to be had */
	IS_REGION(&s, "cpu entry area", 0xff400000, 0xffffefff, CONF_BOUNDS, "kcore");
	IS_REGION(&s, "fixmap", 0xff401000, 0xffffefff, CONF_BOUNDS, "pgtable_32_areas.h");
	OK(has_fact(&s, "VMSPLIT_3G: PAGE_OFFSET c0000000, user half 3 GiB, kernel half 1 GiB"));
	OK(has_fact(&s, "3-level paging, PAE, entries of 8 bytes"));
	OK(has_fact(&s, "HIGHMEM: 1.1 GiB of RAM"));
	IS(s.nnotes, 0);
	kfacts_release(&k);
	space_release(&s);
}

/** Without kcore all of it follows from zoneinfo and VmallocTotal. */
static void test_derived(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "i686", "6.1.0");
	plain(&k);
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf6ffdfff, CONF_DERIVED, "zoneinfo");
	IS_REGION(&s, "kernel text", 0xc5000000, 0xc5933eff, CONF_EXACT, "iomem");
	IS_REGION(&s, "vmalloc", 0xf77fe000, 0xfeffdfff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "pkmap", 0xff000000, 0xff1fffff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "LDT remap", 0xff200000, 0xff3fffff, CONF_DERIVED, "meminfo");
	IS(s.nnotes, 0);
	space_release(&s);

	/* the probe of a program on that kernel tells PAGE_OFFSET itself */
	init_half(&s, "i686", "6.1.0");
	k.task_end = FIG(0xc0000000);
	k.syms.text = k.syms.stext = (struct fig){ 0 };
	draw_half(&k, &s);
	IS_REGION(&s, "kernel text", 0xc5000000, 0xc5933eff, CONF_EXACT, "iomem");
	space_release(&s);

	/* no privileges: zeros in iomem and kallsyms, no kcore; the image is somewhere */
	init_half(&s, "i586", "6.1.0");
	k.iomem.nram = 0;
	k.iomem.have_code = k.iomem.have_rodata = k.iomem.have_data = k.iomem.have_bss = false;
	draw_half(&k, &s);
	IS_REGION(&s, "kernel image", 0xc0000000, 0xdfffffff, CONF_BOUNDS, "pgtable_32_areas.h");
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf6ffdfff, CONF_DERIVED, "zoneinfo");
	IS_REGION(&s, "vmalloc", 0xf77fe000, 0xfeffdfff, CONF_DERIVED, "meminfo");
	space_release(&s);

	/* not even the zones: what starts where is told, not where it ends */
	init_half(&s, "i486", "6.1.0");
	k.mem.low_end = (struct fig){ 0 };
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xffffefff, CONF_BOUNDS, "mmap probe");
	OK(find(&s, "vmalloc")->conf == CONF_BOUNDS && find(&s, "vmalloc")->size.v == 120 * MIB);
	OK(!find(&s, "pkmap"));
	OK(!find(&s, "LDT remap"));
	kfacts_release(&k);
	space_release(&s);
}

/** Two levels: entries of 4 bytes, each of the upper table maps 4 MiB; no bit against execution. */
static void test_no_pae(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "i686", "6.1.0-50-686");
	plain(&k);
	k.mem.direct_2m = (struct fig){ 0 };
	k.mem.direct_4m = FIG(890880 * KIB);
	k.config.x86_pae = FIG(0);
	k.mem.low_end = FIG(0x367fe000);
	draw_half(&k, &s);
	IS(s.host.levels, 2);
	OK(s.host.nx_known && !s.host.nx);
	IS_REGION(&s, "vmalloc", 0xf6ffe000, 0xfe7fdfff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "pkmap", 0xfe800000, 0xfebfffff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "LDT remap", 0xfec00000, 0xfeffffff, CONF_DERIVED, "meminfo");
	IS(find(&s, "cpu entry area")->first, 0xff000000);
	IS(find(&s, "kernel rodata")->perms, PERM_R | PERM_X);
	OK(has_fact(&s, "2-level paging, no PAE, entries of 4 bytes"));
	space_release(&s);

	/* nobody tells: neither the levels nor what hangs on them */
	init_half(&s, "i686", "6.1.0");
	k.mem.direct_4m = k.config.x86_pae = (struct fig){ 0 };
	draw_half(&k, &s);
	IS(s.host.levels, 0);
	OK(!s.host.nx_known);
	OK(!find(&s, "pkmap") && !find(&s, "LDT remap") && !find(&s, "cpu entry area"));
	OK(find(&s, "fixmap")->conf == CONF_BOUNDS);
	IS(find(&s, "kernel text")->perms_conf, CONF_UNKNOWN);
	space_release(&s);

	/* pkmap of 2 MiB fits in between, one of 4 MiB does not */
	init_half(&s, "i686", "6.1.0");
	k.mem.direct_4m = FIG(890880 * KIB);
	k.mem.low_end = FIG(0x369fe000);
	draw_half(&k, &s);
	OK(!find(&s, "pkmap"));
	IS(count_notes(&s, NOTE_CONFLICT), 1);
	kfacts_release(&k);
	space_release(&s);
}

/** Other splits; a small machine; a kernel without HIGHMEM. */
static void test_splits(void)
{
	static const u64 offsets[] = { 0xc0000000, 0xb0000000, 0x80000000, 0x78000000, 0x40000000 };
	struct kfacts k;
	struct space s;

	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		init_half(&s, "i686", "6.1.0");
		plain(&k);
		k.config.page_offset = FIG(offsets[i]);
		k.config.highmem = FIG(0);
		k.mem.high_total = (struct fig){ 0 };
		k.syms.text = k.syms.stext = FIG(offsets[i] + 0x5000000);
		k.mem.low_end = FIG(0x10000000);
		k.mem.vmalloc_total_kib =
			FIG((0xff1fe000 - offsets[i] - 0x10000000 - 8 * MIB) / KIB);
		draw_half(&k, &s);
		IS(s.user.last + 1, offsets[i]);
		IS(s.kernel.first, offsets[i]);
		IS(find(&s, "lowmem")->first, offsets[i]);
		IS(find(&s, "lowmem")->last, offsets[i] + 0xfffffff);
		IS(find(&s, "vmalloc")->first, offsets[i] + 0x10800000);
		OK(!find(&s, "pkmap"));
		/* without HIGHMEM the LDT follows */
		IS_REGION(&s, "LDT remap", 0xff200000, 0xff3fffff, CONF_DERIVED, "meminfo");
		IS(find(&s, "cpu entry area")->first, 0xff400000);
		OK(has_fact(&s, "no HIGHMEM"));
		IS(s.nnotes, 0);
		kfacts_release(&k);
		space_release(&s);
	}
}

/** PAGE_OFFSET from kallsyms alone is a guess where VMSPLIT_3G_OPT would do as well. */
static void test_guess(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "i686", "6.1.0");
	plain(&k);
	k.config = (struct kconfig){ 0 };
	k.iomem.have_code = false;
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf6ffdfff, CONF_DEFAULT, "kallsyms");
	IS(s.user_conf, CONF_DEFAULT);
	space_release(&s);
	/* a stack above b0000000 excludes that */
	init_half(&s, "i686", "6.1.0");
	add_mapping(&s, 0xbff00000, 0xbfffefff, PERM_R | PERM_W, "[stack]");
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf6ffdfff, CONF_DERIVED, "zoneinfo");
	IS(s.user_conf, CONF_DERIVED);
	space_release(&s);
	/* and so does the physical address of the text, which tells a moved one apart */
	init_half(&s, "i686", "6.1.0");
	k.iomem.have_code = true;
	k.syms.text = k.syms.stext = FIG(0xc1000000);
	k.iomem.code = (struct range){ 0x11000000, 0x11933eff };
	k.iomem.have_rodata = k.iomem.have_data = k.iomem.have_bss = false;
	draw_half(&k, &s);
	IS(find(&s, "lowmem")->first, 0xb0000000);
	IS(s.user.last, 0xafffffff);
	IS(find(&s, "kernel text")->first, 0xc1000000);
	space_release(&s);
	kfacts_release(&k);
}

/** What an old kernel printed is as good as kcore. */
static void test_log(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "i686", "4.19.0-6-686-pae");
	plain(&k);
	add_boot(&k, "fixmap", 0xfff14000, 0xfffff000);
	add_boot(&k, "cpu_entry", 0xffa00000, 0xffb39000);
	add_boot(&k, "pkmap", 0xff600000, 0xff800000);
	add_boot(&k, "vmalloc", 0xf7dfe000, 0xff5fe000);
	add_boot(&k, "lowmem", 0xc0000000, 0xf75fe000);
	k.mem.low_end = FIG(0x375fe000);
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf75fdfff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "vmalloc", 0xf7dfe000, 0xff5fdfff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "pkmap", 0xff600000, 0xff7fffff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "LDT remap", 0xff800000, 0xff9fffff, CONF_DERIVED, "kernel log");
	IS_REGION(&s, "cpu entry area", 0xffa00000, 0xffb38fff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "fixmap", 0xfff14000, 0xffffefff, CONF_EXACT, "kernel log");
	IS(s.nnotes, 0);
	space_release(&s);

	/* before 4.19 no LDT, before 4.15 no cpu entry area */
	init_half(&s, "i686", "4.9.0");
	draw_half(&k, &s);
	OK(!find(&s, "LDT remap"));
	space_release(&s);
	init_half(&s, "i686", "4.9.0");
	k.boot.n = 0;
	k.mem.high_total = (struct fig){ 0 };
	k.config.highmem = FIG(0);
	k.mem.vmalloc_total_kib = FIG((0xfff12000 - 0xf7dfe000) / KIB);
	draw_half(&k, &s);
	OK(!find(&s, "LDT remap") && !find(&s, "cpu entry area"));
	IS_REGION(&s, "fixmap", 0xfff14000, 0xffffefff, CONF_DERIVED, "meminfo");
	kfacts_release(&k);
	space_release(&s);

	init_half(&s, "i686", "3.2.0");
	plain(&k);
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	IS(count_notes(&s, NOTE_LIMIT), 1);
	kfacts_release(&k);
	space_release(&s);
}

static void test_btf(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "i686", "6.1.0");
	plain(&k);
	k.btf.cpu_entry_area_size = FIG(9 * 4096);
	k.btf.fix_permanent_end = FIG(0x2d0);
	k.config.nr_cpus = FIG(8);
	draw_half(&k, &s);
	/* the IDT's page and 9 for each processor */
	IS_REGION(&s, "cpu entry area", 0xff400000, 0xff448fff, CONF_DERIVED, "btf");
	IS_REGION(&s, "fixmap", 0xffd2f000, 0xffffefff, CONF_DERIVED, "btf");
	space_release(&s);
	/* not where the top was lowered */
	init_half(&s, "i686", "6.1.0");
	k.cmdline.reserve_top = true;
	draw_half(&k, &s);
	IS(find(&s, "fixmap")->conf, CONF_BOUNDS);
	OK(strstr(find(&s, "fixmap")->note, "reserve_top"));
	kfacts_release(&k);
	space_release(&s);
}

static void test_conflicts(void)
{
	struct kfacts k;
	struct space s;

	/* another kernel's configuration */
	init_half(&s, "i686", "6.1.0");
	plain(&k);
	add_kcore(&k);
	k.config.page_offset = FIG(0x80000000);
	k.config.x86_pae = FIG(0);
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf6ffdfff, CONF_EXACT, "kcore");
	IS(s.host.levels, 3);
	IS(count_notes(&s, NOTE_CONFLICT), 2);
	space_release(&s);

	/* a mapping of the process where the kernel is said to be */
	init_half(&s, "i686", "6.1.0");
	add_mapping(&s, 0xd0000000, 0xd0000fff, PERM_R, "/x");
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	OK(count_notes(&s, NOTE_CONFLICT));
	space_release(&s);

	/* zones of another machine */
	init_half(&s, "i686", "6.1.0");
	k.config.page_offset = FIG(0xc0000000);
	k.mem.low_end = FIG(0x10000000);
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf6ffdfff, CONF_EXACT, "kcore");
	OK(count_notes(&s, NOTE_CONFLICT));
	kfacts_release(&k);
	space_release(&s);

	/* nothing at all */
	init_half(&s, "i686", "6.1.0");
	k = (struct kfacts){ 0 };
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	IS(count_notes(&s, NOTE_LIMIT), 1);
	space_release(&s);
}

/** --layout: no fact but the variant counts. */
static void test_variant(void)
{
	struct kvariant v = { "i386", "i686", 3, 0, 4096, 0xc0000000, true, true, 6, 18 };
	struct kfacts k;
	struct space s;

	plain(&k);
	k.variant = &v;
	init_half(&s, "i686", "6.18");
	i386_layout(&k, &s);
	OK(sound(&s));
	IS(s.host.levels, 3);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf75fdfff, CONF_DEFAULT, "pgtable_32_areas.h");
	IS_REGION(&s, "vmalloc", 0xf7dfe000, 0xff5fdfff, CONF_DEFAULT, "pgtable_32_areas.h");
	IS_REGION(&s, "pkmap", 0xff600000, 0xff7fffff, CONF_DEFAULT, "pgtable_32_areas.h");
	IS_REGION(&s, "LDT remap", 0xff800000, 0xff9fffff, CONF_DEFAULT, "pgtable_32_areas.h");
	IS_REGION(&s, "cpu entry area", 0xffa00000, 0xffb38fff, CONF_DEFAULT, "pgtable_32_areas.h");
	for (size_t i = 0; i < s.nregions; i++)
		IS(s.regions[i].conf, CONF_DEFAULT);
	IS(s.nnotes, 0);
	space_release(&s);
	kfacts_release(&k);
}

int main(void)
{
	test_kcore();
	test_derived();
	test_no_pae();
	test_splits();
	test_guess();
	test_log();
	test_btf();
	test_conflicts();
	test_variant();
	return tap_done();
}
