/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel half of 32-bit arm from made-up facts. */
#include "half32.h"

/** Debian 12's armmp-lpae kernel in a machine of 1.5 GiB that starts at 1 GiB. */
static void plain(struct kfacts *k)
{
	*k = (struct kfacts){ .lockdown = LOCKDOWN_NONE };
	k->mem.vmalloc_total_kib = FIG(245760);
	k->mem.total = FIG(1538612 * KIB);
	k->mem.high_total = FIG(786432 * KIB);
	k->mem.huge_page = FIG(2048 * KIB);
	k->mem.zone_start = FIG(0x40000000);
	k->mem.low_end = FIG(0x70000000);
	k->mem.zone_end = FIG(0xa0000000);
	k->cpu.lpae = FIG(1);
	k->syms.stext = FIG(0xc0400000);
	add_ram_range(k, 0x40000000, 0x9fffffff);
	k->iomem.code = (struct range){ 0x40208000, 0x413fffff };
	k->iomem.data = (struct range){ 0x41600000, 0x4180d287 };
	k->iomem.have_code = k->iomem.have_data = true;
	k->config.source = "/boot/config";
	k->config.page_offset = FIG(0xc0000000);
	k->config.arm_lpae = k->config.highmem = FIG(1);
	k->config.thumb2 = k->config.kasan = FIG(0);
	k->status[KSRC_MODULES].state = KSRC_READ;
}

static void test_debian(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "armv7l", "6.1.0-50-armmp-lpae");
	add_mapping(&s, 0xbeffe000, 0xbeffefff, PERM_R | PERM_W, "[stack]");
	add_mapping(&s, 0xffff0000, 0xffff0fff, PERM_R | PERM_X, "[vectors]");
	plain(&k);
	draw_half(&k, &s);
	IS(s.user.last, 0xbeffffff);
	IS(s.kernel.first, 0xbf000000);
	IS(s.kernel.last, 0xffffffff);
	IS(s.host.levels, 3);
	IS_REGION(&s, "modules", 0xbf000000, 0xbfdfffff, CONF_DERIVED, "config");
	IS_REGION(&s, "pkmap", 0xbfe00000, 0xbfffffff, CONF_DERIVED, "config");
	IS_REGION(&s, "lowmem", 0xc0000000, 0xefffffff, CONF_DERIVED, "zoneinfo");
	IS(find(&s, "lowmem")->used.v, 768 * MIB);
	IS_REGION(&s, "kernel head", 0xc0208000, 0xc03fffff, CONF_DERIVED, "iomem");
	IS_REGION(&s, "kernel text, rodata", 0xc0400000, 0xc13fffff, CONF_DERIVED, "iomem");
	IS(find(&s, "kernel text, rodata")->perms_conf, CONF_UNKNOWN);
	IS_REGION(&s, "freed init", 0xc1400000, 0xc15fffff, CONF_DERIVED, "iomem");
	IS_REGION(&s, "kernel data, bss", 0xc1600000, 0xc180d287, CONF_DERIVED, "iomem");
	IS_REGION(&s, "RAM", 0xc0000000, 0xc0207fff, CONF_DERIVED, "iomem");
	IS_REGION(&s, "guard hole", 0xf0000000, 0xf07fffff, CONF_DERIVED, "zoneinfo");
	IS_REGION(&s, "vmalloc", 0xf0800000, 0xff7fffff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "device tree", 0xff800000, 0xffbfffff, CONF_DEFAULT, "memory.rst");
	IS_REGION(&s, "guard region", 0xffc00000, 0xffc7ffff, CONF_DEFAULT, "memory.rst");
	IS_REGION(&s, "fixmap", 0xffc80000, 0xffefffff, CONF_DEFAULT, "memory.rst");
	IS_REGION(&s, "vectors", 0xffff0000, 0xffff0fff, CONF_EXACT, "maps");
	IS(find(&s, "vectors")->perms, PERM_R | PERM_X);
	IS_REGION(&s, "vector stubs", 0xffff1000, 0xffff1fff, CONF_DEFAULT, "memory.rst");
	OK(has_fact(&s, "VMSPLIT_3G: PAGE_OFFSET c0000000, user half 3 GiB, kernel half 1 GiB"));
	OK(has_fact(&s, "3-level paging, LPAE"));
	OK(has_fact(&s, "HIGHMEM: 768 MiB of RAM"));
	IS(s.nnotes, 0);
	space_release(&s);

	/* all symbols: text and rodata apart */
	init_half(&s, "armv7l", "6.1.0");
	k.syms.etext = FIG(0xc1000000);
	draw_half(&k, &s);
	IS_REGION(&s, "kernel text", 0xc0400000, 0xc0ffffff, CONF_DERIVED, "iomem");
	IS(find(&s, "kernel text")->perms, PERM_R | PERM_X);
	IS_REGION(&s, "kernel rodata", 0xc1000000, 0xc13fffff, CONF_DERIVED, "iomem");
	IS_REGION(&s, "vectors", 0xffff0000, 0xffff0fff, CONF_DEFAULT, "memory.rst");
	kfacts_release(&k);
	space_release(&s);
}

/** What may be had without any privilege: no symbols, no physical addresses. */
static void test_unprivileged(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "armv6l", "6.1.0");
	plain(&k);
	k.syms.stext = (struct fig){ 0 };
	k.iomem.nram = 0;
	k.iomem.have_code = k.iomem.have_data = false;
	draw_half(&k, &s);
	/* RAM is taken to start at a border of sections, which agrees with VmallocTotal */
	IS_REGION(&s, "lowmem", 0xc0000000, 0xefffffff, CONF_DEFAULT, "zoneinfo");
	IS_REGION(&s, "vmalloc", 0xf0800000, 0xff7fffff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "kernel image", 0xc0000000, 0xc3ffffff, CONF_BOUNDS, "memory.rst");
	space_release(&s);

	/* it does not agree: then lowmem ends somewhere, and nobody is blamed */
	init_half(&s, "armv6l", "6.1.0");
	k.mem.zone_start = FIG(0x42000000);
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xf07fffff, CONF_BOUNDS, "config");
	IS(count_notes(&s, NOTE_CONFLICT), 0);
	space_release(&s);

	/* the probe tells TASK_SIZE, 16 MiB below; no config at all */
	init_half(&s, "armv6l", "6.1.0");
	k.config = (struct kconfig){ 0 };
	k.task_end = FIG(0x7f000000);
	k.mem.zone_start = FIG(0x40000000);
	k.mem.low_end = FIG(0x60000000);
	k.mem.vmalloc_total_kib = FIG((0xff800000 - 0xa0800000) / KIB);
	draw_half(&k, &s);
	IS(s.kernel.first, 0x7f000000);
	IS_REGION(&s, "lowmem", 0x80000000, 0x9fffffff, CONF_DEFAULT, "zoneinfo");
	IS_REGION(&s, "vmalloc", 0xa0800000, 0xff7fffff, CONF_DERIVED, "meminfo");
	/* ARM or Thumb-2: then only as documented */
	IS_REGION(&s, "modules", 0x7f000000, 0x7fdfffff, CONF_DEFAULT, "memory.rst");
	IS_REGION(&s, "pkmap", 0x7fe00000, 0x7fffffff, CONF_DERIVED, "mmap probe");
	space_release(&s);
	/* a module in the lower half settles it */
	init_half(&s, "armv6l", "6.1.0");
	k.modules = (struct kmodules){ .count = 1, .bytes = 4096, .lowest = 0x7f000000 };
	draw_half(&k, &s);
	IS_REGION(&s, "modules", 0x7f000000, 0x7fdfffff, CONF_DERIVED, "mmap probe");
	kfacts_release(&k);
	space_release(&s);
}

static void test_variants_of_kernel(void)
{
	struct kfacts k;
	struct space s;

	/* two levels: the CPU could do three, the kernel has no huge pages */
	init_half(&s, "armv7l", "6.1.0-50-armmp");
	plain(&k);
	k.config.arm_lpae = FIG(0);
	k.mem.huge_page = (struct fig){ 0 };
	draw_half(&k, &s);
	IS(s.host.levels, 2);
	/* sections of 1 MiB */
	IS_REGION(&s, "device tree", 0xff800000, 0xff9fffff, CONF_DEFAULT, "memory.rst");
	IS(find(&s, "pkmap")->first, 0xbfe00000);
	IS(s.nnotes, 0);
	space_release(&s);
	init_half(&s, "armv7l", "6.1.0");
	k.config.arm_lpae = (struct fig){ 0 };
	draw_half(&k, &s);
	IS(s.host.levels, 0);
	space_release(&s);
	init_half(&s, "armv5tel", "6.1.0");
	k.cpu.lpae = FIG(0);
	draw_half(&k, &s);
	IS(s.host.levels, 2);
	space_release(&s);

	/* Thumb-2, no HIGHMEM: modules up to PAGE_OFFSET, in the upper half only */
	init_half(&s, "armv7l", "6.1.0");
	k.config.thumb2 = FIG(1);
	k.config.highmem = FIG(0);
	k.mem.high_total = (struct fig){ 0 };
	draw_half(&k, &s);
	IS_REGION(&s, "modules", 0xbf800000, 0xbfffffff, CONF_DERIVED, "config");
	IS_REGION(&s, "unused", 0xbf000000, 0xbf7fffff, CONF_DEFAULT, "memory.rst");
	OK(!find(&s, "pkmap"));
	space_release(&s);

	/* before 5.10 no device tree, a larger fixmap */
	init_half(&s, "armv7l", "5.4.0");
	draw_half(&k, &s);
	IS_REGION(&s, "fixmap", 0xffc00000, 0xffefffff, CONF_DEFAULT, "memory.rst");
	OK(!find(&s, "device tree") && !find(&s, "guard region"));
	space_release(&s);

	/* KASAN's shadow lies below the modules and ends the user half */
	init_half(&s, "armv7l", "6.1.0");
	k.config.thumb2 = FIG(0);
	k.config.kasan = FIG(1);
	k.config.kasan_offset = FIG(0x9f000000);
	draw_half(&k, &s);
	/* (bf000000 >> 3) + 9f000000 */
	IS(s.user.last, 0xb6dfffff);
	IS(s.kernel.first, 0xb6e00000);
	IS_REGION(&s, "KASAN shadow", 0xb6e00000, 0xbeffffff, CONF_DERIVED, "config");
	kfacts_release(&k);
	space_release(&s);
}

/** RAM that does not start at the bottom of lowmem's alignment; symbols that do not fit iomem. */
static void test_physical(void)
{
	struct kfacts k;
	struct space s;

	/* a board with RAM from 60200000 on, its kernel 32 KiB above */
	init_half(&s, "armv7l", "6.1.0");
	plain(&k);
	k.iomem.nram = 0;
	add_ram_range(&k, 0x60200000, 0x6fffffff);
	k.iomem.code = (struct range){ 0x60208000, 0x60bfffff };
	k.iomem.have_data = false;
	k.syms.stext = FIG(0xc0100000);
	k.mem.zone_start = FIG(0x60200000);
	k.mem.low_end = FIG(0x70000000);
	/* high_memory cfe00000 */
	k.mem.vmalloc_total_kib = FIG((0xff800000 - 0xd0000000) / KIB);
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xcfdfffff, CONF_DERIVED, "zoneinfo");
	IS(find(&s, "kernel head")->first, 0xc0008000);
	IS_REGION(&s, "guard hole", 0xcfe00000, 0xcfffffff, CONF_DERIVED, "zoneinfo");
	space_release(&s);

	/* symbols of another kernel, so that lowmem would end beyond vmalloc's start */
	init_half(&s, "armv7l", "6.1.0");
	k.syms.stext = FIG(0xc2100000);
	draw_half(&k, &s);
	IS(find(&s, "lowmem")->conf, CONF_BOUNDS);
	IS(count_notes(&s, NOTE_CONFLICT), 1);
	space_release(&s);

	/* a total that is none */
	init_half(&s, "armv7l", "6.1.0");
	k.mem.vmalloc_total_kib = FIG(245761);
	draw_half(&k, &s);
	IS(find(&s, "vmalloc")->conf, CONF_BOUNDS);
	OK(count_notes(&s, NOTE_CONFLICT));
	kfacts_release(&k);
	space_release(&s);
}

static void test_log(void)
{
	struct kfacts k;
	struct space s;

	init_half(&s, "armv7l", "4.19.0-6-armmp");
	plain(&k);
	add_boot(&k, "vector", 0xffff0000, 0xffff1000);
	add_boot(&k, "fixmap", 0xffc00000, 0xfff00000);
	add_boot(&k, "vmalloc", 0xf0800000, 0xff800000);
	add_boot(&k, "lowmem", 0xc0000000, 0xf0000000);
	add_boot(&k, "pkmap", 0xbfe00000, 0xc0000000);
	add_boot(&k, "modules", 0xbf000000, 0xbfe00000);
	draw_half(&k, &s);
	IS_REGION(&s, "lowmem", 0xc0000000, 0xefffffff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "vmalloc", 0xf0800000, 0xff7fffff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "modules", 0xbf000000, 0xbfdfffff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "pkmap", 0xbfe00000, 0xbfffffff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "fixmap", 0xffc00000, 0xffefffff, CONF_EXACT, "kernel log");
	IS_REGION(&s, "vectors", 0xffff0000, 0xffff0fff, CONF_EXACT, "kernel log");
	IS(s.nnotes, 0);
	space_release(&s);

	/* 3.x: vmalloc ended 8 MiB lower; nothing else is known of such kernels */
	init_half(&s, "armv7l", "3.16.0");
	k.boot.ranges[2].r = range_of(0xf0000000, 0xff000000);
	k.boot.ranges[3].r = range_of(0xc0000000, 0xef800000);
	k.mem.low_end = FIG(0x6f800000);
	draw_half(&k, &s);
	IS_REGION(&s, "vmalloc", 0xf0000000, 0xfeffffff, CONF_EXACT, "kernel log");
	IS(count_notes(&s, NOTE_CONFLICT), 0);
	space_release(&s);
	init_half(&s, "armv7l", "3.16.0");
	k.boot.n = 0;
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	IS(count_notes(&s, NOTE_LIMIT), 1);
	kfacts_release(&k);
	space_release(&s);
}

/** --layout: no fact but the variant counts. */
static void test_variant(void)
{
	struct kvariant v = { "arm", "armv7l", 2, 0, 4096, 0x80000000, false, true, 6, 18 };
	struct kfacts k;
	struct space s;

	plain(&k);
	k.variant = &v;
	init_half(&s, "armv7l", "6.18");
	arm_layout(&k, &s);
	OK(sound(&s));
	IS(s.kernel.first, 0x7f000000);
	IS_REGION(&s, "modules", 0x7f000000, 0x7fdfffff, CONF_DEFAULT, "memory.rst");
	IS_REGION(&s, "pkmap", 0x7fe00000, 0x7fffffff, CONF_DEFAULT, "memory.rst");
	IS_REGION(&s, "lowmem", 0x80000000, 0xefffffff, CONF_DEFAULT, "memory.rst");
	IS_REGION(&s, "vmalloc", 0xf0800000, 0xff7fffff, CONF_DEFAULT, "memory.rst");
	for (size_t i = 0; i < s.nregions; i++)
		IS(s.regions[i].conf, CONF_DEFAULT);
	IS(s.nnotes, 0);
	space_release(&s);
	kfacts_release(&k);
}

int main(void)
{
	test_debian();
	test_unprivileged();
	test_variants_of_kernel();
	test_physical();
	test_log();
	test_variant();
	return tap_done();
}
