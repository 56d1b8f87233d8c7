/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables of i386, arm64, riscv64 and arm: entries and short walks; as ptwalk.c. */
#include "made_tables.h"

static void test_i386(void)
{
	struct kfacts k = facts();
	struct pt_format f = format("i686", "6.1", 0, 4096, 3, &k);
	struct memory m = { 0 };
	struct pt_entry e;

	/* PAE: the four top entries have no access bits of their own. */
	put(&m, 0, 3, 8, AT(1) | X_P);
	put(&m, 1, 0, 8, AT(2) | X_P | X_RW);
	put(&m, 1, 1, 8, 0x40200000 | X_P | X_RW | X_PSE | X_G | X_NX);
	put(&m, 2, 5, 8, UINT64_C(0x912345000) | X_P | X_RW);
	walk(&f, &m);
	IS(seen.n, 2);
	IS(seen.e[0].va, 0xc0005000);
	IS(seen.e[0].pa, UINT64_C(0x912345000));
	IS(seen.e[0].flags, PT_PRESENT | PT_READ | PT_WRITE | PT_EXEC);
	IS(seen.e[1].va, 0xc0200000);
	IS(seen.e[1].size, 0x200000);
	IS(seen.e[1].flags, PT_PRESENT | PT_READ | PT_WRITE | PT_GLOBAL);
	memory_release(&m);
	e = one(&f, 0, 0x1000, x86_swap(4, 0x99), PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP);
	IS(e.swap_offset, 0x99);

	/* Two levels: 4 MiB pages above 4 GiB, no NX, swap low, nothing turned over. */
	f = format("i586", "6.1", 0, 4096, 2, &k);
	put(&m, 0, 768, 4, AT(1) | X_P | X_RW | X_US);
	put(&m, 0, 769, 4, 0x00c00000 | 3u << 13 | X_P | X_RW | X_PSE | X_G);
	put(&m, 1, 1023, 4, 0xfee00000 | X_P | X_PCD | X_PWT);
	walk(&f, &m);
	IS(seen.n, 2);
	IS(seen.e[0].va, 0xc03ff000);
	IS(seen.e[0].mem, PT_MEM_UC);
	IS(seen.e[0].flags, PT_PRESENT | PT_READ | PT_EXEC);
	IS(seen.e[1].va, 0xc0400000);
	IS(seen.e[1].size, 0x400000);
	IS(seen.e[1].pa, UINT64_C(0x300c00000));
	memory_release(&m);
	e = one(&f, 0, 0x1000, 2 << 1 | 0x777 << 9, PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP);
	IS(e.swap_type, 2);
	IS(e.swap_offset, 0x777);
	e = one(&f, 0, 0x1000, X_G | 0x5000, PT_KIND_ENTRY);
	IS(e.flags, PT_PROTNONE);
	IS(e.pa, 0x5000);
}

/* --- arm64 ------------------------------------------------------------------------------------ */

#define A_PAGE	UINT64_C(3)
#define A_BLOCK UINT64_C(1)
#define A_EL0	BIT(6)
#define A_RO	BIT(7)
#define A_AF	BIT(10)
#define A_NG	BIT(11)
#define A_DBM	BIT(51)
#define A_CONT	BIT(52)
#define A_PXN	BIT(53)
#define A_UXN	BIT(54)
#define A_DIRTY BIT(55)

static struct pt_format arm64(const char *release, unsigned va_bits, u32 page_size)
{
	struct kfacts k = facts();

	return format("aarch64", release, ~(BIT(va_bits) - 1), page_size, 0, &k);
}

static void test_arm64_entries(void)
{
	struct pt_format f = arm64("6.1", 48, 4096);
	const u64 user = 0xffff80001000, kernel = UINT64_C(0xffff800080000000);
	struct pt_entry e;

	IS(f.levels, 4);
	IS(f.low_last, 0xffffffffffff);
	IS(f.high_first, UINT64_C(0xffff000000000000));
	/* A user's page: read-only so far, writable by DBM. */
	e = one(&f, 0, user, A_PAGE | A_EL0 | A_RO | A_DBM | A_AF | A_NG | A_UXN | A_PXN | 0x7000,
		PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_READ | PT_WRITE | PT_USER | PT_ACCESSED);
	IS(e.mem, PT_MEM_WB);
	e = one(&f, 0, user, A_PAGE | A_EL0 | A_DBM | A_AF | A_NG | A_UXN | A_PXN | 0x7000,
		PT_KIND_ENTRY);
	OK(e.flags & PT_DIRTY);
	/* COW: neither. */
	e = one(&f, 0, user, A_PAGE | A_EL0 | A_RO | A_AF | A_NG | A_PXN | 0x7000, PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_READ | PT_EXEC | PT_USER | PT_ACCESSED);
	/* Execute-only. */
	e = one(&f, 0, user, A_PAGE | A_RO | A_AF | A_NG | A_PXN | 0x7000, PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_EXEC | PT_USER | PT_ACCESSED);
	/* The kernel's: PXN is what counts, contiguous, device. */
	e = one(&f, 0, kernel,
		A_PAGE | A_AF | A_CONT | A_PXN | A_UXN | A_DIRTY | 4 << 2 | 0x9000000,
		PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_READ | PT_WRITE | PT_ACCESSED | PT_DIRTY | PT_CONT | PT_GLOBAL);
	IS(e.mem, PT_MEM_DEVICE);
	e = one(&f, 1, kernel, A_BLOCK | A_RO | A_AF | A_UXN | 2 << 2 | 0x40200000, PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_READ | PT_EXEC | PT_ACCESSED | PT_GLOBAL);
	IS(e.mem, PT_MEM_NC);
	IS(e.pa, 0x40200000);
	/* What tables take away. */
	IS(one(&f, 1, kernel, A_PAGE | BIT(59) | 0x1000, PT_KIND_TABLE).flags,
	   PT_READ | PT_WRITE | PT_USER);
	IS(one(&f, 1, user, A_PAGE | BIT(59) | 0x1000, PT_KIND_TABLE).flags,
	   PT_READ | PT_WRITE | PT_USER | PT_EXEC);
	IS(one(&f, 1, user, A_PAGE | BIT(60) | BIT(62) | 0x1000, PT_KIND_TABLE).flags,
	   PT_READ | PT_USER);
	IS(one(&f, 1, user, A_PAGE | BIT(61) | 0x1000, PT_KIND_TABLE).flags, PT_EXEC);
	IS(one(&f, 1, kernel, A_PAGE | BIT(61) | 0x1000, PT_KIND_TABLE).flags,
	   PT_READ | PT_WRITE | PT_EXEC);
	/* A page of level 0 needs both bits; a block of the top level of 4 does not exist. */
	IS(one(&f, 0, kernel, A_BLOCK | 0x1000, PT_KIND_ENTRY).flags, 0);
	IS(one(&f, 3, kernel, A_BLOCK | 0x1000, PT_KIND_ENTRY).flags, 0);
}

static void test_arm64_formats(void)
{
	struct pt_format f = arm64("6.1", 39, 4096);

	IS(f.levels, 3);
	IS(f.bits[2], 9);
	f = arm64("6.1", 36, 16384);
	IS(f.levels, 2);
	IS(f.bits[1], 11);
	f = arm64("6.1", 47, 16384);
	IS(f.levels, 3);
	IS(f.shift[1], 25);
	f = arm64("6.1", 42, 65536);
	IS(f.levels, 2);
	IS(f.shift[1], 29);
	/* 64K: address bits 51:48 in 15:12. */
	f = arm64("6.1", 52, 65536);
	IS(f.levels, 3);
	IS(f.bits[2], 10);
	IS(one(&f, 0, 0, A_PAGE | 5 << 12 | 0x120000, PT_KIND_ENTRY).pa, UINT64_C(0x5000000120000));
	/* LPA2: 51:50 in 9:8, five levels. */
	f = arm64("6.12", 52, 4096);
	IS(f.levels, 5);
	IS(f.bits[4], 4);
	IS(one(&f, 0, 0, A_PAGE | 2 << 8 | BIT(49) | 0x5000, PT_KIND_ENTRY).pa,
	   BIT(51) | BIT(49) | 0x5000);
	f = arm64("6.12", 52, 16384);
	IS(f.levels, 4);
	IS(f.bits[3], 5);
	/* Without LPA2 those bits are shareability. */
	f = arm64("6.12", 48, 4096);
	IS(one(&f, 0, 0, A_PAGE | 3 << 8 | 0x5000, PT_KIND_ENTRY).pa, 0x5000);
	/* The old order of MAIR. */
	f = arm64("5.4", 48, 4096);
	IS(one(&f, 0, 0, A_PAGE | 4 << 2, PT_KIND_ENTRY).mem, PT_MEM_WB);
	IS(one(&f, 0, 0, A_PAGE, PT_KIND_ENTRY).mem, PT_MEM_DEVICE);
}

static void test_arm64_absent(void)
{
	struct pt_format f = arm64("6.1", 48, 4096);
	struct pt_entry e;

	e = one(&f, 0, 0x1000, 3 << 3 | 0x1234 << 8 | BIT(2), PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP | PT_EXCLUSIVE);
	IS(e.swap_type, 3);
	IS(e.swap_offset, 0x1234);
	e = one(&f, 0, 0x1000, BIT(58) | A_AF | 0x7000, PT_KIND_ENTRY);
	IS(e.flags, PT_PROTNONE | PT_ACCESSED);
	IS(e.pa, 0x7000);
	e = one(&f, 1, 0x200000, BIT(59) | 0x40200000, PT_KIND_ENTRY);
	IS(e.flags, PT_SPLITTING);
	/* 5.19 took a bit of the type for `exclusive`. */
	f = arm64("5.15", 48, 4096);
	e = one(&f, 0, 0x1000, 3 << 2 | 0x1234 << 8, PT_KIND_ENTRY);
	IS(e.swap_type, 3);
	/* 6.10: type from bit 6, offset from bit 12, PROT_NONE in nG. */
	f = arm64("6.12", 48, 4096);
	e = one(&f, 0, 0x1000, 7 << 6 | UINT64_C(0x54321) << 12 | BIT(3), PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP | PT_UFFD_WP);
	IS(e.swap_type, 7);
	IS(e.swap_offset, 0x54321);
	e = one(&f, 0, 0x1000, A_NG | A_EL0 | 0x7000, PT_KIND_ENTRY);
	IS(e.flags, PT_PROTNONE);
	IS(e.pa, 0x7000);
}

static void test_arm64_walk(void)
{
	struct pt_format f = arm64("6.1", 39, 4096);
	struct memory m = { 0 };

	put(&m, 0, 511, 8, AT(1) | A_PAGE | BIT(62));
	put(&m, 1, 511, 8, AT(2) | A_PAGE);
	put(&m, 2, 511, 8, 0x7000 | A_PAGE | A_AF | A_UXN);
	walk(&f, &m);
	/* One top table stands for either half: who walks says which. */
	IS(seen.n, 2);
	IS(seen.e[0].va, UINT64_C(0x7ffffff000));
	IS(seen.e[1].va, UINT64_C(0xfffffffffffff000));
	IS(seen.e[1].flags, PT_PRESENT | PT_READ | PT_EXEC | PT_ACCESSED | PT_GLOBAL);
	memory_release(&m);
}

/* --- riscv64, arm ----------------------------------------------------------------------------- */

static void test_riscv64(void)
{
	struct kfacts k = facts();
	struct pt_format f = format("riscv64", "6.6", ~(BIT(38) - 1), 4096, 0, &k);
	struct memory m = { 0 };
	struct pt_entry e;

	IS(f.levels, 3);
	put(&m, 0, 511, 8, AT(1) >> 2 | 1);
	put(&m, 1, 0, 8, 0x80200000 >> 2 | 0xef);
	put(&m, 1, 1, 8, AT(2) >> 2 | 1);
	put(&m, 2, 0, 8, 0x80400000 >> 2 | 0xcb | 0x20);
	put(&m, 2, 17, 8, BIT(63) | BIT(61) | 0x80418000 >> 2 | 0xd7);
	walk(&f, &m);
	IS(seen.n, 3);
	IS(seen.e[0].va, UINT64_C(0xffffffffc0000000));
	IS(seen.e[0].size, 0x200000);
	IS(seen.e[0].flags,
	   PT_PRESENT | PT_READ | PT_WRITE | PT_EXEC | PT_GLOBAL | PT_ACCESSED | PT_DIRTY);
	IS(seen.e[0].pa, 0x80200000);
	IS(seen.e[0].mem, PT_MEM_PMA);
	IS(seen.e[1].flags, PT_PRESENT | PT_READ | PT_EXEC | PT_GLOBAL | PT_ACCESSED | PT_DIRTY);
	/* Svnapot: the second page of 64 KiB. */
	IS(seen.e[2].va, UINT64_C(0xffffffffc0211000));
	IS(seen.e[2].pa, 0x80411000);
	IS(seen.e[2].mem, PT_MEM_NC);
	IS(seen.e[2].flags,
	   PT_PRESENT | PT_READ | PT_WRITE | PT_USER | PT_CONT | PT_ACCESSED | PT_DIRTY);
	memory_release(&m);

	e = one(&f, 0, 0x1000, 3 << 7 | 0x1234 << 12 | BIT(6), PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP | PT_EXCLUSIVE);
	IS(e.swap_type, 3);
	IS(e.swap_offset, 0x1234);
	e = one(&f, 0, 0x1000, BIT(5) | BIT(6) | 0x5000 >> 2, PT_KIND_ENTRY);
	IS(e.flags, PT_PROTNONE | PT_ACCESSED);
	IS(e.pa, 0x5000);
	f = format("riscv64", "6.1", ~(BIT(38) - 1), 4096, 0, &k);
	e = one(&f, 0, 0x1000, 3 << 6 | 0x1234 << 11, PT_KIND_ENTRY);
	IS(e.swap_type, 3);
	IS(e.swap_offset, 0x1234);
	IS(format("riscv64", "6.6", ~(BIT(47) - 1), 4096, 0, &k).levels, 4);
	IS(format("riscv64", "6.6", ~(BIT(56) - 1), 4096, 0, &k).levels, 5);
}

static void test_arm(void)
{
	struct kfacts k = facts();
	struct pt_format f = format("armv7l", "6.1", 0, 4096, 3, &k);
	struct memory m = { 0 };
	struct pt_entry e;

	/* LPAE: sections of 2 MiB, the XN of a table. */
	put(&m, 0, 3, 8, AT(1) | 3 | BIT(60));
	put(&m, 1, 0, 8, 0x40000000 | 1 | BIT(10) | 7 << 2);
	put(&m, 1, 1, 8, AT(2) | 3);
	put(&m, 2, 1, 8, UINT64_C(0x8040001000) | 3 | BIT(6) | BIT(7) | BIT(10) | BIT(11) | 3 << 2);
	walk(&f, &m);
	IS(seen.n, 2);
	IS(seen.e[0].va, 0xc0000000);
	IS(seen.e[0].flags, PT_PRESENT | PT_READ | PT_WRITE | PT_ACCESSED | PT_GLOBAL);
	IS(seen.e[0].mem, PT_MEM_WB);
	IS(seen.e[1].va, 0xc0201000);
	IS(seen.e[1].pa, UINT64_C(0x8040001000));
	IS(seen.e[1].flags, PT_PRESENT | PT_READ | PT_USER | PT_ACCESSED);
	memory_release(&m);
	e = one(&f, 0, 0x1000, 3 << 2 | 0x55 << 7, PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP);
	IS(e.swap_offset, 0x55);
	e = one(&f, 0, 0x1000, BIT(57) | 2 | 0x7000, PT_KIND_ENTRY);
	IS(e.flags, PT_PROTNONE);
	IS(e.pa, 0x7000);

	/* Short descriptors: section, supersection, small and large pages. */
	f = format("armv7l", "6.1", 0, 4096, 2, &k);
	put(&m, 0, 0xc00, 4, 0x40000000 | 2 | 1 << 10 | 1 << 3 | 1 << 2 | BIT(12));
	put(&m, 0, 0xc11, 4, 0x42000000 | 2 | BIT(18) | 1 << 10 | BIT(15) | BIT(4));
	put(&m, 0, 0xc20, 4, (AT(1) + 0x400) | 1);
	put(&m, 1, 256 + 2, 4, 0x41234000 | 2 | 3 << 4 | BIT(9) | 1 << 3 | BIT(11));
	put(&m, 1, 256 + 3, 4, 0x41250000 | 1 | 3 << 4 | BIT(15) | BIT(12));
	walk(&f, &m);
	IS(seen.n, 4);
	IS(seen.e[0].va, 0xc0000000);
	IS(seen.e[0].size, 0x100000);
	IS(seen.e[0].flags, PT_PRESENT | PT_READ | PT_WRITE | PT_EXEC | PT_GLOBAL);
	IS(seen.e[0].mem, PT_MEM_WB);
	IS(seen.e[1].va, 0xc1100000);
	IS(seen.e[1].pa, 0x42100000);
	IS(seen.e[1].flags, PT_PRESENT | PT_READ | PT_GLOBAL | PT_CONT);
	IS(seen.e[2].va, 0xc2002000);
	IS(seen.e[2].pa, 0x41234000);
	IS(seen.e[2].flags, PT_PRESENT | PT_READ | PT_USER | PT_EXEC);
	IS(seen.e[2].mem, PT_MEM_WT);
	IS(seen.e[3].pa, 0x41253000);
	IS(seen.e[3].flags, PT_PRESENT | PT_READ | PT_WRITE | PT_USER | PT_GLOBAL | PT_CONT);
	IS(seen.e[3].mem, PT_MEM_DEVICE);
	memory_release(&m);
}

static void test_no_format(void)
{
	struct kfacts k = facts();
	struct pt_format f;
	struct space s;

	space_init(&s);
	OK(!pt_format_for(&k, &s, &f));
	IS(s.nnotes, 1);
	s.host.machine = xstrdup("aarch64");
	s.host.page_size = 4096;
	/* Where the kernel half begins is not known: nor is how many levels there are. */
	OK(!pt_format_for(&k, &s, &f));
	s.host.page_size = 4096 * 3;
	s.kernel = (struct range){ ~(BIT(48) - 1), UINT64_MAX };
	OK(!pt_format_for(&k, &s, &f));
	space_release(&s);
}

int main(void)
{
	test_i386();
	test_arm64_entries();
	test_arm64_formats();
	test_arm64_absent();
	test_arm64_walk();
	test_riscv64();
	test_arm();
	test_no_format();
	return tap_done();
}
