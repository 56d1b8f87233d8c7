/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of arm64, stage 1: Arm Architecture Reference Manual, chapter D8, "VMSAv8-64
 * translation table format descriptors"; Linux's own bits from
 * arch/arm64/include/asm/pgtable-prot.h and pgtable-hwdef.h, 6.1 and 6.10.
 */
#include "ptwalk.h"

#define VALID	 UINT64_C(1)
#define TABLE	 UINT64_C(3) /**< of a page, too */
#define AP_EL0	 (UINT64_C(1) << 6)
#define RDONLY	 (UINT64_C(1) << 7)
#define AF	 (UINT64_C(1) << 10)
#define NG	 (UINT64_C(1) << 11)
#define DBM	 (UINT64_C(1) << 51) /**< PTE_WRITE */
#define CONT	 (UINT64_C(1) << 52)
#define PXN	 (UINT64_C(1) << 53)
#define UXN	 (UINT64_C(1) << 54)
#define SW_DIRTY (UINT64_C(1) << 55)
/* Of an invalid entry: PTE_PROT_NONE, PMD_PRESENT_INVALID; one bit, nG, since 6.10. */
#define PROTNONE (UINT64_C(1) << 58)
#define PMD_HERE (UINT64_C(1) << 59)
/* Of an entry that leads to a table: limits to all below it. */
#define PXN_TABLE    (UINT64_C(1) << 59)
#define UXN_TABLE    (UINT64_C(1) << 60)
#define NO_EL0_TABLE (UINT64_C(1) << 61)
#define RDONLY_TABLE (UINT64_C(1) << 62)

static bool kernel_half(const struct pt_format *f, u64 va)
{
	return va >= f->high_first;
}

static u64 address(const struct pt_format *f, unsigned level, u64 raw)
{
	u64 pa = raw & f->addr_mask;

	if (f->shift[0] == 16)
		pa |= (raw >> 12 & 15) << 48;
	else if (f->lpa2)
		pa |= (raw >> 8 & 3) << 50;
	return pa & ~((UINT64_C(1) << f->shift[level]) - 1);
}

static u32 state_bits(const struct pt_format *f, u64 raw)
{
	bool dirty = raw & SW_DIRTY || (raw & DBM && !(raw & RDONLY));

	return (raw & AF ? PT_ACCESSED : 0u) | (dirty ? PT_DIRTY : 0u) |
	       (raw & CONT ? PT_CONT : 0u) | (raw & f->special ? PT_SPECIAL : 0u) |
	       (raw & f->uffd_wp ? PT_UFFD_WP : 0u);
}

static void absent(const struct pt_format *f, unsigned level, u64 va, u64 raw, struct pt_entry *e)
{
	if (kernel_half(f, va) || raw & VALID)
		return;
	if (f->present_invalid_ng ? raw & NG : raw & PROTNONE)
		e->flags = PT_PROTNONE;
	else if (!f->present_invalid_ng && level && raw & PMD_HERE)
		e->flags = PT_SPLITTING;
	else
		pt_swap_decode(f, raw, e);
	if (e->flags & PT_PAGE) {
		e->pa = address(f, level, raw);
		e->flags |= state_bits(f, raw);
	}
}

static void table(const struct pt_format *f, u64 va, u64 raw, struct pt_entry *e)
{
	bool kernel = kernel_half(f, va);

	e->pa = address(f, 0, raw);
	e->flags = PT_ACCESS;
	if (raw & (kernel ? PXN_TABLE : UXN_TABLE))
		e->flags &= ~(u32)PT_EXEC;
	if (raw & RDONLY_TABLE)
		e->flags &= ~(u32)PT_WRITE;
	if (raw & NO_EL0_TABLE)
		e->flags &= kernel ? ~(u32)PT_USER : ~(u32)(PT_USER | PT_READ | PT_WRITE);
}

static void page(const struct pt_format *f, unsigned level, u64 va, u64 raw, struct pt_entry *e)
{
	bool kernel = kernel_half(f, va);
	/* A user page without AP_EL0 is execute-only, or not for the user at all. */
	bool user = raw & AP_EL0 || (!kernel && !(raw & UXN));

	e->pa = address(f, level, raw);
	e->flags = PT_PRESENT | state_bits(f, raw);
	if (user)
		e->flags |= PT_USER;
	if (kernel || raw & AP_EL0)
		e->flags |= PT_READ;
	/* With DBM a write to a read-only page is let through, by the CPU or by a fault that only
	 * marks it dirty. */
	if ((!(raw & RDONLY) || raw & DBM) && e->flags & PT_READ)
		e->flags |= PT_WRITE;
	if (!(raw & (kernel ? PXN : UXN)))
		e->flags |= PT_EXEC;
	if (!(raw & NG))
		e->flags |= PT_GLOBAL;
	e->mem = f->mem[raw >> 2 & 7];
}

static enum pt_kind decode(const struct pt_format *f, unsigned level, u64 va, u64 raw,
			   struct pt_entry *e)
{
	bool table_bit = (raw & TABLE) == TABLE;

	if (!(raw & VALID) || (table_bit ? false : !level || level > f->huge_levels)) {
		absent(f, level, va, raw, e);
		return PT_KIND_ENTRY;
	}
	if (table_bit && level) {
		table(f, va, raw, e);
		return PT_KIND_TABLE;
	}
	page(f, level, va, raw, e);
	return PT_KIND_ENTRY;
}

void pt_arm64_format(struct pt_format *f, unsigned page_shift, unsigned va_bits, unsigned root_bits)
{
	static const char *const names[][5] = { { "PTE", "PGD" },
						{ "PTE", "PMD", "PGD" },
						{ "PTE", "PMD", "PUD", "PGD" },
						{ "PTE", "PMD", "PUD", "P4D", "PGD" } };
	unsigned stride = page_shift - 3;
	unsigned levels = (root_bits - page_shift + stride - 1) / stride;

	*f = (struct pt_format){
		.machine = "aarch64",
		.levels = (u8)levels,
		.entry_size = 8,
		/* A block of level 0, 512 GiB, needs 52-bit addresses; 64K pages know 4 TiB ones.
		 */
		.huge_levels = page_shift == 12	  ? 2
			       : page_shift == 14 ? 1
						  : 2,
		.addr_mask = pt_mask(47, page_shift),
		.low_last = (UINT64_C(1) << va_bits) - 1,
		.decode = decode,
		.level_names = names[levels - 2],
		.nx = true,
		.special = UINT64_C(1) << 56,
	};
	f->high_first = ~f->low_last;
	f->lpa2 = va_bits == 52 && page_shift != 16;
	if (f->lpa2) {
		f->addr_mask = pt_mask(49, page_shift);
		f->huge_levels++;
	}
	for (unsigned i = 0; i < levels; i++) {
		f->shift[i] = (u8)(page_shift + i * stride);
		f->bits[i] = (u8)(i + 1 < levels ? stride : root_bits - f->shift[i]);
	}
}
