/* SPDX-License-Identifier: GPL-2.0-or-later */
/* x86_64: the kernel image and its parts, from made-up facts. */
#include "half64.h"

static void test_image(void)
{
	struct kfacts k;
	struct space s;
	const struct region *r;

	init(&s, "6.18.44-x");
	plain(&k);
	/* moved by KASLR, virtually and physically by different amounts */
	k.loadflags = FIG(0x03);
	k.syms.text = k.syms.stext = FIG(UINT64_C(0xffffffff9ea00000));
	k.config.physical_align = FIG(2 * MIB);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_IMAGE, NULL), 0xffffffff9ea00000, 0xffffffffa1657fff, CONF_DERIVED,
		  "kallsyms");
	IS_REGION(find(&s, KR_IMAGE_PART, "text"), 0xffffffff9ea00000, 0xffffffff9fc090c7,
		  CONF_EXACT, "iomem");
	IS_REGION(find(&s, KR_IMAGE_PART, "rodata"), 0xffffffff9fe00000, 0xffffffffa0808fff,
		  CONF_EXACT, "iomem");
	IS_REGION(find(&s, KR_IMAGE_PART, "data"), 0xffffffffa0a00000, 0xffffffffa0c7c03f,
		  CONF_EXACT, "iomem");
	IS_REGION(find(&s, KR_IMAGE_PART, "tables, freed init"), 0xffffffffa0c7d000,
		  0xffffffffa1533fff, CONF_DERIVED, "iomem");
	IS_REGION(find(&s, KR_IMAGE_PART, "bss"), 0xffffffffa1534000, 0xffffffffa1657fff,
		  CONF_EXACT, "iomem");
	/* from text to rodata, from rodata to data: freed, but only whole pages of it */
	r = find(&s, KR_IMAGE_PART, "freed padding");
	IS_REGION(r, 0xffffffff9fc0a000, 0xffffffff9fdfffff, CONF_DERIVED, "iomem");
	IS_REGION(r + 2, 0xffffffffa0809000, 0xffffffffa09fffff, CONF_DERIVED, "iomem");
	IS_STR(r[2].name, "freed padding");
	IS(r->perms, PERM_R | PERM_W);
	IS(r->perms_conf, CONF_DEFAULT);
	r = find(&s, KR_IMAGE_PART, "text");
	IS(r->perms, PERM_R | PERM_X);
	IS(r->perms_conf, CONF_DEFAULT);
	r = find(&s, KR_IMAGE, NULL);
	IS_STR(r->name, "kernel image up to bss");
	IS_STR(r->note, "KASLR offset 0x1da00000; at physical 0x1000000");
	IS(r->perms_conf, CONF_UNKNOWN);
	/* .brk has a size that no file tells */
	IS_REGION(find(&s, KR_IMAGE_PART, "tail of the image"), 0xffffffffa1658000,
		  0xffffffffbfffffff, CONF_BOUNDS, "mm.rst");
	space_release(&s);

	/* all symbols: the border to init, and _end, whose 2 MiB page is mapped whole */
	init(&s, "6.18.44-x");
	k.syms.init_begin = FIG(UINT64_C(0xffffffffa1183000));
	k.syms.end = FIG(UINT64_C(0xffffffffa1800000));
	kernel_layout(&k, &s);
	OK(!find(&s, KR_IMAGE_PART, "tail of the image"));
	space_release(&s);
	/* Under KPTI what was freed is not mapped there; without its fact nobody knows. */
	init(&s, "6.18.44-x");
	k.cpu.pti = FIG(1);
	kernel_layout(&k, &s);
	r = find(&s, KR_IMAGE_PART, "freed padding");
	IS(r->perms, 0);
	IS(r->perms_conf, CONF_DEFAULT);
	IS(find(&s, KR_IMAGE_PART, "freed init")->perms, 0);
	space_release(&s);
	init(&s, "6.18.44-x");
	k.cpu.pti = (struct fig){ 0 };
	kernel_layout(&k, &s);
	IS(find(&s, KR_IMAGE_PART, "freed padding")->perms_conf, CONF_UNKNOWN);
	space_release(&s);
	/* With rodata=off nothing is freed; nor is it without rodata of its own. */
	init(&s, "6.18.44-x");
	k.cpu.pti = FIG(0);
	k.cmdline.rodata_off = true;
	kernel_layout(&k, &s);
	OK(!find(&s, KR_IMAGE_PART, "freed padding"));
	space_release(&s);
	init(&s, "6.18.44-x");
	k.cmdline.rodata_off = false;
	k.iomem.have_rodata = false;
	kernel_layout(&k, &s);
	OK(!find(&s, KR_IMAGE_PART, "freed padding"));
	k.iomem.have_rodata = true;
	space_release(&s);
	init(&s, "6.18.44-x");
	k.syms.end = FIG(UINT64_C(0xffffffffa1701000));
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_STR(find(&s, KR_IMAGE, NULL)->name, "kernel image");
	IS_REGION(find(&s, KR_IMAGE_PART, "tail of the image"), 0xffffffffa1701000,
		  0xffffffffa17fffff, CONF_DERIVED, "kallsyms");
	space_release(&s);
	init(&s, "6.18.44-x");
	k.syms.end = FIG(UINT64_C(0xffffffffa1800000));
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_IMAGE, NULL), 0xffffffff9ea00000, 0xffffffffa17fffff, CONF_EXACT,
		  "kallsyms");
	IS_REGION(find(&s, KR_IMAGE_PART, "tables"), 0xffffffffa0c7d000, 0xffffffffa1182fff,
		  CONF_DERIVED, "kallsyms");
	IS_REGION(find(&s, KR_IMAGE_PART, "freed init"), 0xffffffffa1183000, 0xffffffffa1533fff,
		  CONF_DERIVED, "kallsyms");
	IS_REGION(find(&s, KR_IMAGE_PART, "brk"), 0xffffffffa1658000, 0xffffffffa17fffff,
		  CONF_EXACT, "kallsyms");
	space_release(&s);
	kfacts_release(&k);
}

/** No iomem: the symbols of a kernel with KALLSYMS_ALL tell the parts, too. */
static void test_image_by_symbols(void)
{
	struct kfacts k;
	struct space s;

	init(&s, "6.1.0");
	plain(&k);
	k.loadflags = FIG(0x03);
	k.iomem.nram = 0;
	k.iomem.have_code = k.iomem.have_rodata = k.iomem.have_data = k.iomem.have_bss = false;
	k.syms.text = k.syms.stext = FIG(UINT64_C(0xffffffffb6200000));
	k.syms.etext = FIG(UINT64_C(0xffffffffb7001d32));
	k.syms.start_rodata = FIG(UINT64_C(0xffffffffb7200000));
	k.syms.end_rodata = FIG(UINT64_C(0xffffffffb7ae7000));
	k.syms.bss_start = FIG(UINT64_C(0xffffffffb850d000));
	k.syms.bss_stop = FIG(UINT64_C(0xffffffffb9600000));
	k.syms.end = FIG(UINT64_C(0xffffffffb9630000));
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(find(&s, KR_IMAGE, NULL), 0xffffffffb6200000, 0xffffffffb962ffff, CONF_EXACT,
		  "kallsyms");
	IS_REGION(find(&s, KR_IMAGE_PART, "text"), 0xffffffffb6200000, 0xffffffffb7001d31,
		  CONF_EXACT, "kallsyms");
	IS_REGION(find(&s, KR_IMAGE_PART, "bss"), 0xffffffffb850d000, 0xffffffffb95fffff,
		  CONF_EXACT, "kallsyms");
	OK(!find(&s, KR_IMAGE_PART, "data"));
	space_release(&s);
	kfacts_release(&k);
}

int main(void)
{
	test_image();
	test_image_by_symbols();
	return tap_done();
}
