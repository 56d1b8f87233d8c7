/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of x86_64 from made-up memory: whole entries, and the walk itself. Raw entries are
 * written out as the manuals have them, never through the code under test.
 */
#include "made_tables.h"

/* --- x86 -------------------------------------------------------------------------------------- */

static struct pt_format x86_64(const char *release)
{
	struct kfacts k = facts();

	return format("x86_64", release, x_kernel, 4096, 4, &k);
}

static void test_x86_pages(void)
{
	struct pt_format f = x86_64("6.18.44");
	const u64 user = 0x7f0000001000;
	struct pt_entry e;

	IS(f.levels, 4);
	IS_STR(f.level_names[3], "PGD");
	IS(f.low_last, 0x7fffffffffff);
	IS(f.high_first, x_kernel);

	e = one(&f, 0, user, X_P | X_RW | X_US | X_A | X_D | X_NX | 0x123456000, PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_READ | PT_WRITE | PT_USER | PT_ACCESSED | PT_DIRTY);
	IS(e.pa, 0x123456000);
	IS(e.mem, PT_MEM_WB);
	IS(e.pkey, 0);

	/* Protection key 13, special, uffd-wp, soft-dirty, UC. */
	e = one(&f, 0, user,
		X_P | X_US | X_PCD | X_PWT | BIT(9) | BIT(10) | BIT(11) | 13ull << 59 | 0x5000,
		PT_KIND_ENTRY);
	IS(e.flags,
	   PT_PRESENT | PT_READ | PT_EXEC | PT_USER | PT_SPECIAL | PT_UFFD_WP | PT_SOFT_DIRTY);
	IS(e.pkey, 13);
	IS(e.mem, PT_MEM_UC);

	/* Dirty where COW keeps it since 6.6. */
	e = one(&f, 0, user, X_P | X_US | BIT(58) | 0x5000, PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_READ | PT_EXEC | PT_USER | PT_DIRTY | PT_SAVED_DIRTY);

	/* PAT is bit 7 of a page, bit 12 of a huge one. */
	IS(one(&f, 0, user, X_P | X_PSE | 0x5000, PT_KIND_ENTRY).mem, PT_MEM_WB);
	IS(one(&f, 0, user, X_P | X_PSE | X_PWT | 0x5000, PT_KIND_ENTRY).mem, PT_MEM_WP);
	IS(one(&f, 0, user, X_P | X_PSE | X_PWT | X_PCD, PT_KIND_ENTRY).mem, PT_MEM_WT);
	IS(one(&f, 0, user, X_P | X_PWT, PT_KIND_ENTRY).mem, PT_MEM_WC);
	e = one(&f, 1, user, X_P | X_PSE | X_PWT | X_G | BIT(12) | 0x40200000, PT_KIND_ENTRY);
	IS(e.mem, PT_MEM_WP);
	IS(e.pa, 0x40200000);
	IS(e.flags, PT_PRESENT | PT_READ | PT_EXEC | PT_GLOBAL);
	e = one(&f, 2, user, X_P | X_PSE | X_PCD | X_NX | 0x80000000, PT_KIND_ENTRY);
	IS(e.mem, PT_MEM_UC_MINUS);
	IS(e.pa, 0x80000000);

	/* Bits that mean something else in kernel entries. */
	e = one(&f, 0, x_kernel, X_P | X_RW | BIT(9) | BIT(10) | BIT(11) | 0x1000, PT_KIND_ENTRY);
	IS(e.flags, PT_PRESENT | PT_READ | PT_WRITE | PT_EXEC);
	/* Taken out of the direct map. */
	e = one(&f, 0, x_kernel, X_G | 0x1000, PT_KIND_ENTRY);
	IS(e.flags, 0);
	IS(e.pa, 0);
}

static void test_x86_options(void)
{
	struct kfacts k = facts();
	char note[] = "NUMBER(sme_mask)=140737488355328\n";
	struct pt_format f;
	struct pt_entry e;

	k.cpu.pat = FIG(0);
	f = format("x86_64", "6.18", x_kernel, 4096, 4, &k);
	IS(one(&f, 0, 0, X_P | X_PWT, PT_KIND_ENTRY).mem, PT_MEM_WT);
	k.cpu.pat = FIG(1);
	k.cmdline.nopat = true;
	f = format("x86_64", "6.18", x_kernel, 4096, 4, &k);
	IS(one(&f, 0, 0, X_P | X_PWT, PT_KIND_ENTRY).mem, PT_MEM_WT);
	k.cpu.pat.have = false;
	f = format("x86_64", "6.18", x_kernel, 4096, 4, &k);
	IS(one(&f, 0, 0, X_P | X_PWT, PT_KIND_ENTRY).mem, PT_MEM_UNKNOWN);
	IS(one(&f, 0, 0, X_P | X_PCD, PT_KIND_ENTRY).mem, PT_MEM_UC_MINUS);

	/* Without NX everything runs. */
	k.cpu.nx = FIG(0);
	f = format("x86_64", "6.18", x_kernel, 4096, 4, &k);
	OK(one(&f, 0, 0, X_P | X_NX | 0x1000, PT_KIND_ENTRY).flags & PT_EXEC);

	/* Memory encryption: bit 47 is no address. */
	k.kcore.vmcoreinfo = note;
	f = format("x86_64", "6.18", x_kernel, 4096, 4, &k);
	e = one(&f, 0, 0, X_P | BIT(47) | 0x7000, PT_KIND_ENTRY);
	IS(e.pa, 0x7000);
	IS(one(&f, 1, 0, X_P | BIT(47) | 0x8000, PT_KIND_TABLE).pa, 0x8000);

	/* Five levels: from 57 bits of address on nothing translates. */
	k = facts();
	f = format("x86_64", "6.18", UINT64_C(0xff00000000000000), 4096, 5, &k);
	IS(f.levels, 5);
	IS(f.shift[4], 48);
	IS(f.low_last, 0xffffffffffffff);
	IS_STR(f.level_names[3], "P4D");
}

static void test_x86_absent(void)
{
	struct pt_format f = x86_64("6.18.44");
	struct pt_entry e;

	e = one(&f, 0, 0x1000, x86_swap(3, 0x12345) | BIT(1) | BIT(3), PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP | PT_SOFT_DIRTY | PT_EXCLUSIVE);
	IS(e.swap_type, 3);
	IS(e.swap_offset, 0x12345);
	IS(e.pa, 0);
	e = one(&f, 0, 0x1000, x86_swap(0, 0) | BIT(2), PT_KIND_ENTRY);
	IS(e.flags, PT_SWAP | PT_UFFD_WP);
	IS(e.swap_offset, 0);

	/* 6.18, no device memory: marker 31, migration 28 to 30, poison 27. */
	e = one(&f, 0, 0x1000, x86_swap(31, PT_MARKER_GUARD), PT_KIND_ENTRY);
	IS(e.flags, PT_MARKER);
	IS(e.swap_offset, PT_MARKER_GUARD);
	e = one(&f, 0, 0x1000, x86_swap(30, 0xabcde | BIT(34) | BIT(35)), PT_KIND_ENTRY);
	IS(e.flags, PT_MIGRATION | PT_WRITE | PT_ACCESSED | PT_DIRTY);
	IS(e.swap_offset, 0xabcde);
	IS(e.pa, 0xabcde000);
	e = one(&f, 1, 0x200000, x86_swap(28, 0x200), PT_KIND_ENTRY);
	IS(e.flags, PT_MIGRATION);
	IS(e.pa, 0x200000);
	e = one(&f, 0, 0x1000, x86_swap(27, 0x77), PT_KIND_ENTRY);
	IS(e.flags, PT_HWPOISON);
	IS(e.pa, 0x77000);
	IS(one(&f, 0, 0x1000, x86_swap(26, 1), PT_KIND_ENTRY).flags, PT_SWAP);

	/* PROT_NONE and NUMA hinting: the PFN is turned over. */
	e = one(&f, 0, 0x1000, X_G | X_A | (~UINT64_C(0x4321000) & pt_mask(51, 12)) | X_NX,
		PT_KIND_ENTRY);
	IS(e.flags, PT_PROTNONE | PT_ACCESSED);
	IS(e.pa, 0x4321000);
	e = one(&f, 1, 0x200000, X_PSE | X_D | (~UINT64_C(0x40200000) & pt_mask(51, 12)),
		PT_KIND_ENTRY);
	IS(e.flags, PT_SPLITTING | PT_DIRTY);
	IS(e.pa, 0x40200000);
}

static void test_swap_versions(void)
{
	struct kfacts k = facts();
	struct pt_special sp;
	struct pt_format f;
	struct space s;

	/* Before 4.19 nobody knows which of two ways it is. */
	f = x86_64("4.14.0");
	IS(one(&f, 0, 0x1000, x86_swap(3, 5), PT_KIND_ENTRY).flags, 0);
	/* 6.1, A and D above the PFN; 6.0 had none. */
	f = x86_64("6.0");
	IS(one(&f, 0, 0x1000, x86_swap(30, 5), PT_KIND_ENTRY).flags, PT_MIGRATION | PT_WRITE);
	f = x86_64("5.4");
	OK(!(one(&f, 0, 0x1000, x86_swap(1, 5) | BIT(2) | BIT(3), PT_KIND_ENTRY).flags &
	     (PT_UFFD_WP | PT_EXCLUSIVE)));

	/* A configuration that does not say: only what every one of them has in common. */
	k.config.migration = FIG(0);
	f = format("x86_64", "6.18", x_kernel, 4096, 4, &k);
	IS(one(&f, 0, 0x1000, x86_swap(31, 4), PT_KIND_ENTRY).flags, PT_MARKER);
	IS(one(&f, 0, 0x1000, x86_swap(30, 4), PT_KIND_ENTRY).flags, 0);
	IS(one(&f, 0, 0x1000, x86_swap(30, 4), PT_KIND_ENTRY).swap_type, 30);
	IS(one(&f, 0, 0x1000, x86_swap(21, 4), PT_KIND_ENTRY).flags, PT_SWAP);

	/* 6.1 with everything: 31 swapin error, 30 marker, 26 to 29 device, 23 to 25, 22. */
	space_init(&s);
	s.host.release = xstrdup("6.1.0");
	k = facts();
	k.config.device_private = k.config.pte_marker = FIG(1);
	sp = pt_special_for(&s, &k.config);
	IS(sp.swapin_error, 31);
	IS(sp.marker, 30);
	IS(sp.device, 26);
	IS(sp.n_device, 4);
	IS(sp.migration, 23);
	IS(sp.hwpoison, 22);
	IS(sp.lowest, 22);
	free(s.host.release);
	/* 5.10: no markers, two of each. */
	s.host.release = xstrdup("5.10.0");
	sp = pt_special_for(&s, &k.config);
	IS(sp.n_marker + sp.n_swapin_error, 0);
	IS(sp.device, 30);
	IS(sp.migration, 28);
	IS(sp.n_migration, 2);
	IS(sp.lowest, 27);
	space_release(&s);
}

/* --- the walk --------------------------------------------------------------------------------- */

static void test_walk(void)
{
	struct pt_format f = x86_64("6.18.44");
	struct memory m = { 0 };
	struct pt_tables t;
	struct pt_walk w;

	/* A user page under a closed PMD, under the NX that KPTI puts into the top table. */
	put(&m, 0, 0, 8, AT(1) | X_TABLE | X_NX);
	put(&m, 1, 1, 8, AT(2) | X_TABLE);
	put(&m, 2, 2, 8, AT(3) | (X_TABLE & ~X_RW));
	put(&m, 3, 3, 8, 0xabc000 | X_P | X_RW | X_US | X_A);
	put(&m, 3, 4, 8, 0xabd000 | X_P | X_RW | X_US | X_A);
	/* The kernel half: NX of a PUD counts. */
	put(&m, 0, 511, 8, AT(4) | X_TABLE);
	put(&m, 4, 510, 8, AT(5) | X_TABLE | X_NX);
	put(&m, 5, 0, 8, 0x1000000 | X_P | X_RW | X_PSE | X_G);
	t = walk(&f, &m);
	IS(seen.n, 3);
	IS(seen.e[0].va, BIT(30) + 2 * BIT(21) + 3 * BIT(12));
	IS(seen.e[0].flags, PT_PRESENT | PT_READ | PT_EXEC | PT_USER | PT_ACCESSED);
	IS(seen.e[0].raw, 0xabc000 | X_P | X_RW | X_US | X_A);
	IS(seen.e[0].level, 0);
	IS(seen.e[2].va, UINT64_C(0xffffffff80000000));
	IS(seen.e[2].flags, PT_PRESENT | PT_READ | PT_WRITE | PT_GLOBAL);
	IS(seen.e[2].size, 0x200000);
	IS(t.count[0], 1);
	IS(t.count[1], 2);
	IS(t.count[2], 2);
	IS(t.count[3], 1);
	IS(t.bytes, 6 * 4096);

	/* A range begins and ends within tables, to the byte. */
	w = walk_of(&f, &m);
	w.range = (struct range){ BIT(30) + 2 * BIT(21) + 4 * BIT(12) + 5, UINT64_C(1) << 46 };
	IS(pt_walk(&w), 0);
	IS(seen.n, 1);
	IS(seen.e[0].pa, 0xabd000);
	/* Nothing of the hole that no address translates. */
	w = walk_of(&f, &m);
	w.range = (struct range){ f.low_last + 1, f.high_first - 1 };
	IS(pt_walk(&w), 0);
	IS(seen.n, 0);
	/* What fn returns ends it. */
	w = walk_of(&f, &m);
	seen.stop_at = 2;
	IS(pt_walk(&w), 77);
	IS(seen.n, 2);
	seen.stop_at = 0;
	/* Without a top table there is nothing to say. */
	w = walk_of(&f, &m);
	w.root = 0x1000;
	IS(pt_walk(&w), -EFAULT);
	memory_release(&m);
}

static void test_hostile(void)
{
	struct pt_format f = x86_64("6.18.44");
	struct memory m = { 0 };
	struct pt_tables t;
	struct pt_walk w;

	/* A table that leads to itself and to those above it. */
	for (unsigned i = 0; i < 512; i++)
		put(&m, 0, i, 8, AT(i % 2) | X_TABLE);
	for (unsigned i = 0; i < 512; i++)
		put(&m, 1, i, 8, AT(i % 3) | X_TABLE);
	t = walk(&f, &m);
	OK(t.loops > 0);
	OK(t.unreadable > 0);
	IS(seen.n, 0);
	memory_release(&m);

	/* All entries of all levels lead to one table of the next: 2^36 pages if one believed it.
	 */
	for (unsigned level = 0; level < 3; level++)
		for (unsigned i = 0; i < 512; i++)
			put(&m, level, i, 8, AT(level + 1) | X_TABLE);
	put(&m, 3, 7, 8, 0x5000 | X_P);
	t = walk(&f, &m);
	OK(t.count[0] <= 65536 && t.loops > 0);
	/* Folded, the one page is listed once, with all its aliases. */
	w = walk_of(&f, &m);
	w.fold_aliases = true;
	w.range = (struct range){ x_kernel, UINT64_MAX };
	IS(pt_walk(&w), 0);
	IS(seen.n, 1);
	IS(seen.e[0].aliases, 256 * 512 * 512 - 1);
	IS(w.tables.count[0], 1);
	IS(w.tables.aliased, 255 + 511 + 511);
	memory_release(&m);

	/* Tables that cannot be read are counted, with what they would have told. */
	put(&m, 0, 0, 8, AT(1) | X_TABLE);
	put(&m, 1, 0, 8, UINT64_C(0xfffffff000) | X_TABLE);
	put(&m, 1, 1, 8, AT(2) | X_TABLE);
	put(&m, 2, 0, 8, 0x200000 | X_P | X_PSE);
	t = walk(&f, &m);
	IS(seen.n, 1);
	IS(t.unreadable, 1);
	IS(t.unreadable_bytes, BIT(30));
	memory_release(&m);
}

static void test_changed(void)
{
	struct pt_format f = x86_64("6.18.44");
	struct memory m = { .when = 4, .change = 2, .index = 0, .to = 0 };
	struct pt_walk w;

	put(&m, 0, 0, 8, AT(1) | X_TABLE);
	put(&m, 1, 0, 8, AT(2) | X_TABLE);
	put(&m, 2, 0, 8, AT(3) | X_TABLE);
	put(&m, 2, 1, 8, AT(4) | X_TABLE);
	put(&m, 3, 0, 8, 0x5000 | X_P);
	put(&m, 4, 0, 8, 0x6000 | X_P);
	/* The PMD's entry is gone after its table was read: with verify nobody believes that table.
	 * Reads: PGD; PUD, PGD again; PMD, PUD again; PTE, PMD again. */
	m.when = 7;
	w = walk_of(&f, &m);
	w.verify = true;
	IS(pt_walk(&w), 0);
	IS(w.tables.changed, 1);
	IS(seen.n, 1);
	IS(seen.e[0].pa, 0x6000);
	IS(w.tables.count[0], 1);
	memory_release(&m);

	/* An accessed bit that came meanwhile is no change. */
	m = (struct memory){ .when = 3, .change = 0, .index = 0, .to = AT(1) | X_TABLE | BIT(9) };
	put(&m, 0, 0, 8, AT(1) | X_TABLE);
	put(&m, 1, 0, 8, 0x40000000 | X_P | X_PSE);
	w = walk_of(&f, &m);
	w.verify = true;
	IS(pt_walk(&w), 0);
	IS(w.tables.changed, 0);
	IS(seen.n, 1);
	memory_release(&m);
}

int main(void)
{
	test_x86_pages();
	test_x86_options();
	test_x86_absent();
	test_swap_versions();
	test_walk();
	test_hostile();
	test_changed();
	return tap_done();
}
