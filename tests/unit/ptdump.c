/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's dump of its page tables in debugfs: lines of every architecture. */
#include "proc/ptdump.h"
#include "tap.h"

static struct pt_ranges r;

static enum ksrc_state parse(enum ptdump_form form, u8 levels, u64 first, const char *text)
{
	const struct ptdump_host h = {
		.form = form, .page_size = 4096, .levels = levels, .pat = true
	};

	pt_ranges_release(&r);
	return ptdump_parse(text, strlen(text), &h, first, &r);
}

#define PRW (PT_PRESENT | PT_READ | PT_WRITE)
#define PRX (PT_PRESENT | PT_READ | PT_EXEC)
#define PRO (PT_PRESENT | PT_READ)

static void test_x86(void)
{
	static const char text[] =
		"---[ User Space ]---\n"
		"0x0000000000001000-0x0000000000002000           4K USR ro                 x  pte\n"
		"---[ Kernel Space ]---\n"
		"0xffff800000000000-0xffff888000000000        8704G                               "
		"pgd\n"
		"---[ Low Kernel Mapping ]---\n"
		"0xffff888000000000-0xffff888000099000         612K     RW                 GLB NX "
		"pte\n"
		"0xffff888000200000-0xffff888003e00000          60M     RW         PSE     GLB NX "
		"pmd\n"
		"0xffff888040000000-0xffff8880c0000000           2G     RW         PSE     GLB NX "
		"pud\n"
		"---[ ESPfix Area ]---\n"
		"0xffffff790000a000-0xffffff790000b000           4K     ro                 GLB NX "
		"pte\n"
		"... 65520 entries skipped ... \n"
		"---[ High Kernel Mapping ]---\n"
		"0xffffffff81000000-0xffffffff82200000          18M     ro         PSE     GLB x  "
		"pmd\n"
		"---[ Fixmap Area ]---\n"
		"0xffffffffff5fc000-0xffffffffff5fd000           4K     RW PWT PCD         GLB NX "
		"pte\n"
		"0xffffffffff5fd000-0xffffffffff5fe000           4K     RW PWT             GLB NX "
		"pte\n"
		"0xffffffffff5fe000-0xffffffffff5ff000           4K     RW     PCD         GLB NX "
		"pte\n"
		"0xffffffffff600000-0xffffffffff601000           4K USR ro                 GLB NX "
		"pte\n"
		"0xffffffffffe00000-0x0000000000000000           2M                               "
		"pmd\n";

	IS(parse(PTDUMP_X86, 4, UINT64_C(0xffff800000000000), text), KSRC_READ);
	IS(r.n, 9);
	IS(r.v[0].first, UINT64_C(0xffff888000000000));
	IS(r.v[0].last, UINT64_C(0xffff888000098fff));
	IS(r.v[0].flags, PRW | PT_GLOBAL);
	IS(r.v[0].page, 4096);
	IS(r.v[0].mem, PT_MEM_WB);
	OK(!r.v[0].have_pa && !r.v[0].contiguous);
	IS(r.v[1].page, 0x200000);
	IS(r.v[2].page, 0x40000000);
	IS(r.v[2].level, 2);
	IS(r.v[4].flags, PRX | PT_GLOBAL);
	IS(r.v[5].mem, PT_MEM_UC);
	IS(r.v[6].mem, PT_MEM_WC);
	IS(r.v[7].mem, PT_MEM_UC_MINUS);
	IS(r.v[8].flags, PRO | PT_GLOBAL | PT_USER);
	/* Two levels of 32 bits: a large page has 4 MiB, and the top ends at 2^32. */
	IS(parse(PTDUMP_X86, 2, 0xc0000000,
		 "0xc0000000-0xc0400000           4M     RW         PSE     GLB NX pmd\n"
		 "0xfffff000-0x00000000           4K     RW                 GLB x  pte\n"),
	   KSRC_READ);
	IS(r.v[0].page, 0x400000);
	IS(r.v[0].level, 1);
	IS(r.v[1].first, 0xfffff000);
	IS(r.v[1].last, UINT32_MAX);
}

static void test_arm64(void)
{
	static const char text[] = "---[ Linear Mapping start ]---\n"
				   "0xffff000000000000-0xffff000000210000        2112K PTE       "
				   "RW NX SHD AF        UXN    MEM/NORMAL-TAGGED\n"
				   "0xffff000000400000-0xffff000001400000          16M PMD       "
				   "RW NX SHD AF CON BLK UXN    MEM/NORMAL\n"
				   "0xffff000040000000-0xffff000080000000           1G PUD   F   "
				   "RW NX SHD AF     BLK UXN    MEM/NORMAL\n"
				   "0xffff800080000000-0xffff800080010000          64K PTE       "
				   "ro x  SHD AF NG     UXN GP MEM/NORMAL\n"
				   "0xffff800080100000-0xffff800080101000           4K PTE       "
				   "RW NX SHD AF        UXN    DEVICE/nGnRE\n";

	IS(parse(PTDUMP_ARM64, 4, UINT64_C(0xffff000000000000), text), KSRC_READ);
	IS(r.n, 4);
	IS(r.v[0].flags, PRW | PT_GLOBAL);
	IS(r.v[0].mem, PT_MEM_TAGGED);
	IS(r.v[1].flags, PRW | PT_GLOBAL | PT_CONT);
	IS(r.v[1].page, 0x200000);
	IS(r.v[2].flags, PRX);
	IS(r.v[3].mem, PT_MEM_DEVICE);
}

static void test_arm(void)
{
	static const char text[] =
		"---[ Kernel Mapping ]---\n"
		"0xc0000000-0xc0300000           3M     RW NX SHD MEM/CACHED/WBWA\n"
		"0xc0300000-0xc0900000           6M     ro x  SHD MEM/CACHED/WBWA\n"
		"---[ vmalloc() Area ]---\n"
		"0xf0800000-0xf0801000           4K     RW NX SHD DEV/SHARED\n"
		"---[ Vectors ]---\n"
		"0xffff0000-0xffff1000           4K USR ro x  SHD MEM/CACHED/WBWA\n"
		"0xffff1000-0xffff2000           4K     ro x  SHD SO/UNCACHED\n";

	IS(parse(PTDUMP_ARM, 2, 0xc0000000, text), KSRC_READ);
	IS(r.n, 5);
	IS(r.v[0].flags, PRW);
	IS(r.v[0].page, 0);
	IS(r.v[1].flags, PRX);
	IS(r.v[2].mem, PT_MEM_DEVICE);
	IS(r.v[3].flags, PRX | PT_USER);
	IS(r.v[4].mem, PT_MEM_UC);
}

static void test_riscv(void)
{
	static const char text[] = "---[ vmalloc() area ]---\n"
				   "0xffffffc800000000-0xffffffc800008000    0x0000000081000000    "
				   "    32K PTE     . D A G . . W R V\n"
				   "0xffffffd800000000-0xffffffd800200000    0x0000000080000000    "
				   "     2M PMD N NC D A G . X . R V\n"
				   "0xffffffd800200000-0xffffffd800201000    0x0000000080200000    "
				   "     4K PTE     D A . U . W R V\n"
				   "0xffffffd800300000-0xffffffd800301000    0x0000000080200000    "
				   "     4K PTE     D A . U . W R .\n";

	IS(parse(PTDUMP_RISCV, 3, UINT64_C(0xffffffc000000000), text), KSRC_READ);
	IS(r.n, 3);
	IS(r.v[0].flags, PRW | PT_GLOBAL);
	IS(r.v[0].page, 4096);
	IS(r.v[1].flags, PRX | PT_GLOBAL | PT_CONT);
	IS(r.v[1].mem, PT_MEM_NC);
	IS(r.v[1].page, 0x200000);
	IS(r.v[2].flags, PRW | PT_USER);
	OK(!r.v[0].have_pa);
}

static void test_damaged(void)
{
	IS(parse(PTDUMP_X86, 4, 0, ""), KSRC_DAMAGED);
	IS(parse(PTDUMP_X86, 4, 0, "0x1000-0x1000 4K RW NX pte\n"), KSRC_DAMAGED);
	IS(parse(PTDUMP_X86, 4, 0, "0x2000-0x1000 4K RW NX pte\n"), KSRC_DAMAGED);
	IS(parse(PTDUMP_X86, 4, 0, "0x1000-0x2000\n"), KSRC_DAMAGED);
	IS(parse(PTDUMP_X86, 4, 0, "0x1000-0x2000 RW NX pte\n"), KSRC_DAMAGED);
	IS(parse(PTDUMP_X86, 4, 0, "0xfffffffffffffffff-0x2000 4K RW NX pte\n"), KSRC_DAMAGED);
	IS(parse(PTDUMP_RISCV, 3, 0, "0x1000-0x2000 4K PTE R V\n"), KSRC_DAMAGED);
	/* Ranges that do not rise, or overlap, are left out. */
	IS(parse(PTDUMP_X86, 4, 0,
		 "0x1000-0x3000 8K RW NX pte\n0x2000-0x4000 8K RW NX pte\n"
		 "0x0-0x1000 4K RW NX pte\n0x5000-0x6000 4K RW NX pte\n"),
	   KSRC_READ);
	IS(r.n, 2);
	IS(r.v[1].first, 0x5000);
	/* A line that is cut is no line. */
	IS(parse(PTDUMP_X86, 4, 0, "0x1000-0x2000 4K RW NX pte\n0x5000-0x6000 4K RW"), KSRC_READ);
	IS(r.n, 1);
}

int main(void)
{
	test_x86();
	test_arm64();
	test_arm();
	test_riscv();
	test_damaged();
	pt_ranges_release(&r);
	return tap_done();
}
