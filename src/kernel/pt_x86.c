/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of x86 (arch/x86/include/asm/pgtable_types.h, 6.18): bits that the CPU knows stand
 * where the Intel SDM, volume 3, chapter "Paging", has them; the others are Linux's own.
 */
#include "ptwalk.h"

#define P	 UINT64_C(1)
#define RW	 (UINT64_C(1) << 1)
#define US	 (UINT64_C(1) << 2)
#define PWT	 (UINT64_C(1) << 3)
#define PCD	 (UINT64_C(1) << 4)
#define A	 (UINT64_C(1) << 5)
#define D	 (UINT64_C(1) << 6)
#define PSE	 (UINT64_C(1) << 7) /**< of tables' entries; of pages it is PAT */
#define G	 (UINT64_C(1) << 8)
#define PROTNONE G /**< where P is clear: pte_present() is true */
#define PAT_HUGE (UINT64_C(1) << 12)
#define NX	 (UINT64_C(1) << 63)
#define PKEY(e)	 ((u8)((e) >> 59 & 15))

/** Physical address of a page of any size: bits below its size are flags. */
static u64 page_addr(const struct pt_format *f, unsigned level, u64 raw)
{
	u64 pa = raw & f->addr_mask & ~((UINT64_C(1) << f->shift[level]) - 1);

	/* PSE-36: with 2 levels a 4 MiB page has address bits 39 to 32 in bits 20 to 13. */
	if (level && f->entry_size == 4)
		pa |= (raw >> 13 & 0xff) << 32;
	return pa;
}

static void absent(const struct pt_format *f, unsigned level, u64 va, u64 raw, struct pt_entry *e)
{
	/* The PFN of what is there but closed is turned over (pgtable-invert.h, 4.19: L1TF). */
	u64 turned = f->swap.inverted ? raw ^ f->addr_mask : raw;

	/* In the kernel's own tables nothing is swapped: pages are taken out (set_memory_np()). */
	if (f->high_first && va >= f->high_first)
		return;
	if (raw & PROTNONE) {
		e->flags = PT_PROTNONE;
	} else if (level && raw & PSE) {
		e->flags = PT_SPLITTING;
	} else {
		pt_swap_decode(f, raw, e);
		return;
	}
	e->pa = page_addr(f, level, turned);
	if (raw & A)
		e->flags |= PT_ACCESSED;
	if (raw & (D | f->saved_dirty))
		e->flags |= PT_DIRTY;
	if (raw & f->soft_dirty)
		e->flags |= PT_SOFT_DIRTY;
	if (raw & f->uffd_wp)
		e->flags |= PT_UFFD_WP;
}

static u32 access_of(const struct pt_format *f, u64 raw)
{
	return PT_READ | (raw & RW ? PT_WRITE : 0u) | (raw & US ? PT_USER : 0u) |
	       (f->nx && raw & NX ? 0u : PT_EXEC);
}

static void table(const struct pt_format *f, unsigned level, u64 va, u64 raw, struct pt_entry *e)
{
	bool top = level == f->levels - 1u;

	e->pa = raw & f->addr_mask;
	e->flags = access_of(f, raw);
	/* The four entries of PAE's top have no access bits (SDM, table 4-8). */
	if (f->levels == 3 && top)
		e->flags = PT_ACCESS;
	/* KPTI closes the user half in the kernel's copy; the process runs on the other one, which
	 * has no NX there (arch/x86/mm/pti.c, __pti_set_user_pgtbl()). */
	if (top && va <= f->low_last && f->high_first)
		e->flags |= PT_EXEC;
}

static void page(const struct pt_format *f, unsigned level, u64 raw, struct pt_entry *e)
{
	const struct {
		u64 raw;
		u32 flag;
	} bits[] = { { A, PT_ACCESSED },
		     { D, PT_DIRTY },
		     { G, PT_GLOBAL },
		     { f->special, PT_SPECIAL },
		     { f->soft_dirty, PT_SOFT_DIRTY },
		     { f->uffd_wp, PT_UFFD_WP },
		     { f->saved_dirty, PT_SAVED_DIRTY | PT_DIRTY } };
	unsigned mem = (raw & PWT ? 1 : 0) | (raw & PCD ? 2 : 0);

	mem |= raw & (level ? PAT_HUGE : PSE) ? 4 : 0;
	e->pa = page_addr(f, level, raw);
	e->flags = PT_PRESENT | access_of(f, raw);
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (raw & bits[i].raw)
			e->flags |= bits[i].flag;
	/* SPECIAL is CPA_TEST in kernel entries, soft-dirty KERNEL_4K: they say nothing there. */
	if (!(raw & US))
		e->flags &= ~(u32)(PT_SPECIAL | PT_SOFT_DIRTY | PT_UFFD_WP);
	e->mem = f->mem[mem];
	if (raw & US && f->entry_size == 8)
		e->pkey = PKEY(raw);
}

static enum pt_kind decode(const struct pt_format *f, unsigned level, u64 va, u64 raw,
			   struct pt_entry *e)
{
	if (!(raw & P)) {
		absent(f, level, va, raw, e);
		return PT_KIND_ENTRY;
	}
	if (level && !(level <= f->huge_levels && raw & PSE)) {
		table(f, level, va, raw, e);
		return PT_KIND_TABLE;
	}
	page(f, level, raw, e);
	return PT_KIND_ENTRY;
}

void pt_x86_format(struct pt_format *f, unsigned levels, bool bits64)
{
	static const char *const names64[] = { "PTE", "PMD", "PUD", "P4D", "PGD" };
	static const char *const names4[] = { "PTE", "PMD", "PUD", "PGD" };
	static const char *const names3[] = { "PTE", "PMD", "PGD" };
	static const char *const names2[] = { "PTE", "PGD" };

	*f = (struct pt_format){
		.machine = bits64 ? "x86_64" : "i386",
		.levels = (u8)levels,
		.entry_size = levels > 2 ? 8 : 4,
		.huge_levels = bits64 ? 2 : 1,
		.addr_mask = levels > 2 ? pt_mask(51, 12) : pt_mask(31, 12),
		.low_last = UINT32_MAX,
		.decode = decode,
		.level_names = levels == 5   ? names64
			       : levels == 4 ? names4
			       : levels == 3 ? names3
					     : names2,
		.nx = levels > 2,
	};
	for (unsigned i = 0; i < levels; i++) {
		f->shift[i] = (u8)(12 + i * (levels > 2 ? 9 : 10));
		f->bits[i] = levels > 2 ? 9 : 10;
	}
	if (levels == 3)
		f->bits[2] = 2;
	if (bits64) {
		f->low_last = (UINT64_C(1) << (levels == 5 ? 56 : 47)) - 1;
		f->high_first = ~f->low_last;
	}
}
