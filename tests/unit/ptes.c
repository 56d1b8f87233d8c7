/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What page-table entries come to: ranges, regions, runs, tables by object. */
#include "made_tables.h"
#include "make_space.h"

/* --- ranges ----------------------------------------------------------------------------------- */

static struct pt_entry entry(u64 va, u64 pa, u64 size, u32 flags)
{
	return (struct pt_entry){ .va = va,
				  .pa = pa,
				  .size = size,
				  .flags = flags,
				  .level = size > 4096,
				  .mem = PT_MEM_WB };
}

#define RW (PT_PRESENT | PT_READ | PT_WRITE)
#define RX (PT_PRESENT | PT_READ | PT_EXEC)

static void test_ranges(void)
{
	const u64 at = x_kernel;
	const struct pt_entry e[] = {
		entry(at, 0x1000, 4096, RW | PT_ACCESSED),
		entry(at + 0x1000, 0x2000, 4096, RW | PT_DIRTY),
		entry(at + 0x2000, 0x9000, 4096, RX),
		entry(at + 0x3000, 0x1000, 4096, RX),
		entry(at + 0x4000, 0, 4096, 0),
		entry(at + 0x5000, 0x1000, 4096, RX),
		entry(at + 0x200000, 0x200000, 0x200000, RX),
	};
	struct pt_ranges r = { 0 };
	struct pt_entry alias;

	for (size_t i = 0; i < ARRAY_SIZE(e); i++)
		IS(pt_ranges_entry(&r, &e[i]), 0);
	IS(r.n, 4);
	IS(r.v[0].first, at);
	IS(r.v[0].last, at + 0x1fff);
	IS(r.v[0].pa, 0x1000);
	OK(r.v[0].contiguous);
	IS(r.v[0].flags, RW);
	IS(r.v[1].last, at + 0x3fff);
	OK(!r.v[1].contiguous);
	IS(r.v[2].first, at + 0x5000);
	IS(r.v[3].page, 0x200000);
	IS(pt_ranges_lower(&r, 0), 0);
	IS(pt_ranges_lower(&r, at + 0x2000), 1);
	IS(pt_ranges_lower(&r, at + 0x4000), 2);
	IS(pt_ranges_lower(&r, UINT64_MAX), 4);
	pt_ranges_release(&r);

	/* ESPfix: one page, again every 64 KiB, in a table that is reached 2048 times. */
	alias = entry(UINT64_C(0xffffff790000a000), 0x5000, 4096, PT_PRESENT | PT_READ);
	alias.aliases = 2047;
	for (unsigned i = 0; i < 32; i++) {
		pt_ranges_entry(&r, &alias);
		alias.va += 0x10000;
	}
	IS(r.n, 1);
	IS(r.v[0].repeats, 31);
	IS(r.v[0].stride, 0x10000);
	/* Not where it comes sooner. */
	alias.va -= 0x8000;
	pt_ranges_entry(&r, &alias);
	IS(r.n, 2);
	pt_ranges_release(&r);
}

/* --- regions ---------------------------------------------------------------------------------- */

static struct region *region(struct space *s, enum region_kind kind, u64 first, u64 last,
			     unsigned depth)
{
	struct region *g = space_add_region(s);

	*g = (struct region){ .first = first,
			      .last = last,
			      .kind = kind,
			      .conf = CONF_EXACT,
			      .perms_conf = CONF_UNKNOWN,
			      .depth = (u8)depth,
			      .name = "x" };
	return g;
}

static void add(struct pt_ranges *r, u64 first, u64 size, u32 flags)
{
	pt_ranges_add(r, &(struct pt_range){ .first = first,
					     .last = first + size - 1,
					     .page = 4096,
					     .pa = first & 0xfffffff,
					     .have_pa = true,
					     .contiguous = true,
					     .flags = flags });
}

/** What has page tables of its own is not said to be unmapped by the kernel's. */
static void test_apply_elsewhere(void)
{
	const u64 at = UINT64_C(0xffff880000000000);
	struct pt_ranges r = { 0 };
	struct kfacts k = facts();
	struct space s;

	space_init(&s);
	s.kernel = (struct range){ at, UINT64_MAX };
	region(&s, KR_LDT, at, at + 0xfffff, 0);
	region(&s, KR_EFI, at + 0x100000, at + 0x1fffff, 0);
	region(&s, KR_VMALLOC, at + 0x200000, UINT64_MAX, 0);
	add(&r, at + 0x200000, 0x1000, RW);
	k.cpu.pti = FIG(1);
	kernel_apply_ptes(&k, &s, &r);
	for (size_t i = 0; i < 2; i++) {
		OK(!s.regions[i].used.have);
		IS(s.regions[i].perms_conf, CONF_UNKNOWN);
	}
	IS_STR(s.regions[2].note, "mapped here 4 KiB (page tables)");
	/* Without KPTI nobody uses the one, without EFI the other. */
	k.cpu.pti = k.efi = FIG(0);
	kernel_apply_ptes(&k, &s, &r);
	for (size_t i = 0; i < 2; i++) {
		IS(s.regions[i].used.v, 0);
		OK(s.regions[i].used.have);
		IS(s.regions[i].perms_conf, CONF_EXACT);
	}
	pt_ranges_release(&r);
	space_release(&s);
}

/** The direct map's page sizes take the place of meminfo's, wherever in the note those stand. */
static void test_apply_direct(void)
{
	static const char *const notes[][2] = {
		{ "pages of 4K 1 MiB (meminfo)", "pages of 4K 8 KiB, 2M 4 MiB (page tables)" },
		{ "a; pages of 4K 1 MiB (meminfo)",
		  "a; pages of 4K 8 KiB, 2M 4 MiB (page tables)" },
		{ "a; pages of 4K 1 MiB (meminfo); b",
		  "a; b; pages of 4K 8 KiB, 2M 4 MiB (page tables)" },
	};
	const u64 at = UINT64_C(0xffff880000000000);
	struct kfacts k = facts();

	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		struct pt_ranges r = { 0 };
		struct space s;

		space_init(&s);
		s.kernel = (struct range){ at, UINT64_MAX };
		region(&s, KR_DIRECT_MAP, at, UINT64_MAX, 0)->note = xstrdup(notes[i][0]);
		add(&r, at, 0x2000, RW);
		add(&r, at + 0x200000, 0x400000, RW);
		r.v[1].page = 0x200000;
		kernel_apply_ptes(&k, &s, &r);
		IS_STR(s.regions[0].note, notes[i][1]);
		pt_ranges_release(&r);
		space_release(&s);
	}
}

static void test_apply(void)
{
	const u64 at = UINT64_C(0xffffffff80000000);
	struct pt_ranges r = { 0 };
	struct kfacts k = facts();
	struct space s;
	struct range piece;

	space_init(&s);
	s.kernel = (struct range){ at, UINT64_MAX };
	region(&s, KR_VMALLOC, at, at + 0xfffff, 0);
	region(&s, KR_UNUSED, at + 0x100000, at + 0xffffff, 0);
	region(&s, KR_IMAGE, at + 0x1000000, at + 0x12fffff, 0);
	region(&s, KR_IMAGE_PART, at + 0x1000000, at + 0x10fffff, 1);
	region(&s, KR_IMAGE_PART, at + 0x1100000, at + 0x12fffff, 1);
	region(&s, KR_UNUSED, at + 0x1300000, at + 0x2ffffff, 0);
	region(&s, KR_GUARD, at + 0x3000000, UINT64_MAX, 0);
	add(&r, at + 0x2000, 0x3000, RW);
	add(&r, at + 0x9000, 0x1000, RW | PT_GLOBAL);
	add(&r, at + 0x400000, 0x2000, RX);
	add(&r, at + 0x402000, 0x1000, RX | PT_WRITE);
	add(&r, at + 0x1000000, 0x100000, RX);
	add(&r, at + 0x1100000, 0x100000, PT_PRESENT | PT_READ);
	add(&r, at + 0x1200000, 0x200000, RW);

	OK(pt_range_outside(&s, (struct range){ at + 0xff000, at + 0x100fff }, &piece));
	IS(piece.first, at + 0x100000);
	IS(piece.last, at + 0x100fff);
	OK(!pt_range_outside(&s, (struct range){ at, at + 0xfffff }, &piece));
	OK(pt_region(&s, at + 0x1100000)->depth == 1);
	OK(!pt_region(&s, at + 0x100000));

	/* Another kernel's tables are not applied. */
	k.syms.text = FIG(at + 0x1000000);
	k.status[KSRC_KALLSYMS].state = KSRC_READ;
	k.iomem.have_code = true;
	k.iomem.code = (struct range){ 0x7777000, 0x8888fff };
	kernel_apply_ptes(&k, &s, &r);
	IS(s.nregions, 7);
	IS(s.nnotes, 1);
	IS(s.notes[0].kind, NOTE_CONFLICT);
	OK(!s.regions[0].used.have);

	/* arm64: _text is not mapped, iomem's code begins with _stext. */
	k.syms.text.v -= 0x10000;
	k.syms.stext = FIG(at + 0x1000000);
	k.iomem.code.first = 0x1000000;
	kernel_apply_ptes(&k, &s, &r);
	IS(s.nnotes, 1);
	IS(s.nregions, 10);
	OK(!s.regions[0].used.have);
	IS_STR(s.regions[0].note, "mapped here 16 KiB (page tables)");
	IS(s.regions[0].perms, PERM_R | PERM_W);
	IS(s.regions[0].perms_conf, CONF_EXACT);
	/* What lies nowhere has a row, what is unused on both sides of it stays. */
	IS(s.regions[1].kind, KR_UNUSED);
	IS(s.regions[1].last, at + 0x3fffff);
	IS(s.regions[2].kind, KR_OTHER);
	IS(s.regions[2].first, at + 0x400000);
	IS(s.regions[2].last, at + 0x402fff);
	IS(s.regions[2].perms_conf, CONF_UNKNOWN);
	IS_STR(s.regions[2].note, "r-x 8 KiB, rwx 4 KiB");
	IS(s.regions[3].kind, KR_UNUSED);
	IS(s.regions[3].first, at + 0x403000);
	IS(s.regions[3].last, at + 0xffffff);
	/* The image goes on to where its pages end. */
	IS(s.regions[4].last, at + 0x13fffff);
	IS(s.regions[5].perms, PERM_R | PERM_X);
	IS_STR(s.regions[6].note, "r-- 1 MiB, rw- 1 MiB");
	IS(s.regions[7].first, at + 0x1300000);
	IS(s.regions[7].depth, 1);
	IS(s.regions[8].first, at + 0x1400000);
	IS(s.regions[9].used.v, 0);
	IS(s.regions[9].perms, 0);
	IS(s.regions[9].perms_conf, CONF_EXACT);
	IS(s.nfacts, 2);
	IS_STR(s.facts[0].text,
	       "WRITABLE AND EXECUTABLE: 1 range, 4 KiB, the first at ffffffff80402000");
	/* The row is no region of its own: it is outside still. */
	OK(pt_range_outside(&s, (struct range){ at + 0x400000, at + 0x400fff }, &piece));
	pt_ranges_release(&r);
	space_release(&s);
}

/* --- runs ------------------------------------------------------------------------------------- */

static struct pt_run runs[32];
static size_t nruns;

static int keep(void *ctx, const struct pt_run *run)
{
	(void)ctx;
	if (nruns < ARRAY_SIZE(runs))
		runs[nruns] = *run;
	nruns++;
	return 0;
}

static void feed(struct pt_merger *m, struct pt_entry e)
{
	IS(pt_merger_entry(m, &e), 0);
}

static void test_runs(void)
{
	static const struct line lines[] = {
		{ 0x400000, 0x410000, "r-xp", 0, 8, 1, 77, "/bin/x" },
		{ 0x410000, 0x420000, "rw-p", 0, 8, 1, 77, "/bin/x" },
		{ 0x600000, 0xa00000, "rw-p", 0, 0, 0, 0, "" },
	};
	struct pt_merger m;
	struct space s;
	struct pt_entry swap = { .size = 4096, .flags = PT_SWAP, .swap_type = 1 };

	make_space(&s, lines, ARRAY_SIZE(lines));
	m = (struct pt_merger){ .space = &s, .emit = keep };
	nruns = 0;
	feed(&m, entry(0x40e000, 0x5000, 4096, RX | PT_USER));
	feed(&m, entry(0x40f000, 0x6000, 4096, RX | PT_USER));
	/* The next mapping, though the frames go on. */
	feed(&m, entry(0x410000, 0x7000, 4096, PT_PRESENT | PT_READ | PT_USER));
	feed(&m, entry(0x411000, 0x8000, 4096, RW | PT_USER));
	feed(&m, entry(0x412000, 0xa000, 4096, RW | PT_USER));
	feed(&m, entry(0x500000, 0xb000, 4096, RW | PT_USER));
	swap.va = 0x600000;
	swap.swap_offset = 10;
	feed(&m, swap);
	swap.va = 0x601000;
	swap.swap_offset = 11;
	feed(&m, swap);
	swap.va = 0x602000;
	swap.swap_offset = 13;
	feed(&m, swap);
	feed(&m, entry(0x800000, 0x200000, 0x200000, RW | PT_USER));
	IS(pt_merger_end(&m), 0);
	IS(nruns, 8);
	IS(runs[0].n, 2);
	IS(runs[0].vma, 0);
	IS(runs[0].fit, PT_FIT_EQUAL);
	IS(runs[1].vma, 1);
	IS(runs[1].fit, PT_FIT_NARROWER);
	IS(runs[2].n, 1);
	IS(runs[3].e.pa, 0xa000);
	IS(runs[4].vma, NO_INDEX);
	IS(runs[5].n, 2);
	IS(runs[5].e.swap_offset, 10);
	IS(runs[6].e.swap_offset, 13);
	IS(m.entries, 10);
	IS(m.runs, 8);
	IS(m.outside, 1);
	IS(m.present[0], 6 * 4096);
	IS(m.present[1], 0x200000);
	IS(m.absent, 3 * 4096);
	IS(m.narrower, 4096);
	IS(m.wider, 0);
	IS(m.deposits, 1);
	/* A write that the mapping does not allow. */
	m = (struct pt_merger){ .space = &s, .emit = keep };
	nruns = 0;
	feed(&m, entry(0x400000, 0x5000, 4096, RW | PT_USER));
	IS(pt_merger_end(&m), 0);
	IS(runs[0].fit, PT_FIT_WIDER);
	space_release(&s);
}

static void test_tables_by_object(void)
{
	static const struct line lines[] = {
		{ 0x400000, 0x410000, "r-xp", 0, 8, 1, 77, "/bin/x" },
		{ 0x410000, 0x420000, "rw-p", 0, 8, 1, 77, "/bin/x" },
		{ 0x600000, 0xa00000, "rw-p", 0, 0, 0, 0, "" },
	};
	struct pt_merger m;
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	space_group(&s);
	IS(s.nobjects, 2);
	m = (struct pt_merger){ .space = &s, .emit = keep };
	pt_merger_table(&m, 0, (struct range){ 0x400000, 0x5fffff }, 4096);
	pt_merger_table(&m, 0, (struct range){ 0x600000, 0x7fffff }, 4096);
	pt_merger_table(&m, 0, (struct range){ 0x800000, 0x9fffff }, 4096);
	pt_merger_table(&m, 0, (struct range){ 0xa00000, 0xbfffff }, 4096);
	pt_merger_table(&m, 1, (struct range){ 0, 0x3fffffff }, 4096);
	IS(m.objects[0].tables[0], 1);
	IS(m.objects[0].bytes, 4096);
	IS(m.objects[1].tables[0], 2);
	IS(m.empty.tables[0], 1);
	IS(m.shared.tables[1], 1);
	IS(m.shared.tables[0], 0);
	pt_merger_release(&m);
	space_release(&s);
}

int main(void)
{
	test_ranges();
	test_apply_direct();
	test_apply();
	test_apply_elsewhere();
	test_runs();
	test_tables_by_object();
	return tap_done();
}
