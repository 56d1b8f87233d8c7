/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Page tables of riscv64: The RISC-V Instruction Set Manual, volume II, "Sv39", "Svnapot",
 * "Svpbmt"; Linux's own bits from arch/riscv/include/asm/pgtable-bits.h, 6.1. */
#include "ptwalk.h"

#define V	 UINT64_C(1)
#define R	 (UINT64_C(1) << 1)
#define W	 (UINT64_C(1) << 2)
#define X	 (UINT64_C(1) << 3)
#define U	 (UINT64_C(1) << 4)
#define G	 (UINT64_C(1) << 5)
#define PROTNONE G /**< where V is clear */
#define A	 (UINT64_C(1) << 6)
#define D	 (UINT64_C(1) << 7)
#define N	 (UINT64_C(1) << 63)
#define LEAF	 (R | W | X)

static u64 address(u64 raw)
{
	return (raw >> 10 & pt_mask(43, 0)) << 12;
}

static u64 page_addr(const struct pt_format *f, unsigned level, u64 va, u64 raw)
{
	u64 pa = address(raw) & ~((UINT64_C(1) << f->shift[level]) - 1);

	/* Svnapot: 16 entries stand for 64 KiB and all say the same. */
	if (raw & N && !level)
		pa = (pa & ~UINT64_C(0xffff)) | (va & 0xf000);
	return pa;
}

static u32 state_bits(const struct pt_format *f, u64 raw)
{
	return (raw & A ? PT_ACCESSED : 0u) | (raw & D ? PT_DIRTY : 0u) |
	       (raw & f->special ? PT_SPECIAL : 0u);
}

static void absent(const struct pt_format *f, unsigned level, u64 va, u64 raw, struct pt_entry *e)
{
	if (va >= f->high_first)
		return;
	if (raw & PROTNONE)
		e->flags = PT_PROTNONE;
	else if (raw & LEAF)
		e->flags = level ? PT_SPLITTING : 0;
	else
		pt_swap_decode(f, raw, e);
	if (e->flags & PT_PAGE) {
		e->pa = page_addr(f, level, va, raw);
		e->flags |= state_bits(f, raw);
	}
}

static enum pt_kind decode(const struct pt_format *f, unsigned level, u64 va, u64 raw,
			   struct pt_entry *e)
{
	if (!(raw & V)) {
		absent(f, level, va, raw, e);
		return PT_KIND_ENTRY;
	}
	if (!(raw & LEAF)) {
		if (!level) /* reserved: no use of it is defined */
			return PT_KIND_ENTRY;
		e->pa = address(raw);
		e->flags = PT_ACCESS;
		return PT_KIND_TABLE;
	}
	e->pa = page_addr(f, level, va, raw);
	e->flags = PT_PRESENT | (raw & R ? PT_READ : 0u) | (raw & W ? PT_WRITE : 0u) |
		   (raw & X ? PT_EXEC : 0u) | (raw & U ? PT_USER : 0u) |
		   (raw & G ? PT_GLOBAL : 0u) | (raw & N && !level ? PT_CONT : 0u) |
		   state_bits(f, raw);
	e->mem = f->mem[raw >> 61 & 3];
	return PT_KIND_ENTRY;
}

void pt_riscv64_format(struct pt_format *f, unsigned levels)
{
	static const char *const names[][5] = { { "PTE", "PMD", "PGD" },
						{ "PTE", "PMD", "PUD", "PGD" },
						{ "PTE", "PMD", "PUD", "P4D", "PGD" } };

	*f = (struct pt_format){
		.machine = "riscv64",
		.levels = (u8)levels,
		.entry_size = 8,
		.huge_levels = (u8)(levels - 1),
		.addr_mask = pt_mask(53, 10),
		.low_last = (UINT64_C(1) << (11 + 9 * levels)) - 1,
		.decode = decode,
		.level_names = names[levels - 3],
		.nx = true,
		.special = UINT64_C(1) << 8,
		/* Svpbmt; T-Head's own bits come out as the reserved one. */
		.mem = { PT_MEM_PMA, PT_MEM_NC, PT_MEM_DEVICE, PT_MEM_UNKNOWN },
	};
	f->high_first = ~f->low_last;
	for (unsigned i = 0; i < levels; i++) {
		f->shift[i] = (u8)(12 + 9 * i);
		f->bits[i] = 9;
	}
}
