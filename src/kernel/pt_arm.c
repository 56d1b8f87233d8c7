/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of 32-bit arm: the long descriptors of LPAE and the short ones, as the hardware
 * reads them (ARM Architecture Reference Manual ARMv7-A, chapters B3.5 and B3.6); what Linux puts
 * into bits of its own from arch/arm/include/asm/pgtable-3level.h, 6.1. Linux keeps a second,
 * software table beside each short one: swap entries are there, the hardware's are then empty.
 */
#include "ptwalk.h"

#include <string.h>

/* --- long descriptors ------------------------------------------------------------------------- */

#define VALID	     UINT64_C(1)
#define TABLE	     UINT64_C(3) /**< of a page, too */
#define AP_PL0	     (UINT64_C(1) << 6)
#define RDONLY	     (UINT64_C(1) << 7)
#define AF	     (UINT64_C(1) << 10)
#define NG	     (UINT64_C(1) << 11)
#define CONT	     (UINT64_C(1) << 52)
#define PXN	     (UINT64_C(1) << 53)
#define XN	     (UINT64_C(1) << 54)
#define SW_DIRTY     (UINT64_C(1) << 55)
#define SW_NONE	     (UINT64_C(1) << 57) /**< L_PTE_NONE: PROT_NONE, VALID is clear */
#define XN_TABLE     (UINT64_C(1) << 60)
#define NO_PL0_TABLE (UINT64_C(1) << 61)
#define RDONLY_TABLE (UINT64_C(1) << 62)

static u64 long_addr(const struct pt_format *f, unsigned level, u64 raw)
{
	return raw & f->addr_mask & ~((UINT64_C(1) << f->shift[level]) - 1);
}

static u32 long_state(const struct pt_format *f, u64 raw)
{
	return (raw & AF ? PT_ACCESSED : 0u) | (raw & SW_DIRTY ? PT_DIRTY : 0u) |
	       (raw & CONT ? PT_CONT : 0u) | (raw & f->special ? PT_SPECIAL : 0u);
}

static void long_absent(const struct pt_format *f, unsigned level, u64 raw, struct pt_entry *e)
{
	if (raw & VALID)
		return;
	if (!(raw & SW_NONE)) {
		pt_swap_decode(f, raw, e);
		return;
	}
	e->flags = PT_PROTNONE | long_state(f, raw);
	e->pa = long_addr(f, level, raw);
}

static void long_page(const struct pt_format *f, unsigned level, u64 raw, struct pt_entry *e)
{
	bool user = raw & AP_PL0;

	e->pa = long_addr(f, level, raw);
	e->flags = PT_PRESENT | PT_READ | long_state(f, raw) | (user ? PT_USER : 0u) |
		   (raw & RDONLY ? 0u : PT_WRITE) | (raw & NG ? 0u : PT_GLOBAL);
	if (!(raw & XN) && (user || !(raw & PXN)))
		e->flags |= PT_EXEC;
	e->mem = f->mem[raw >> 2 & 7];
}

static enum pt_kind long_decode(const struct pt_format *f, unsigned level, u64 va, u64 raw,
				struct pt_entry *e)
{
	bool table_bit = (raw & TABLE) == TABLE;

	(void)va;
	if (!(raw & VALID) || (!table_bit && (!level || level > f->huge_levels))) {
		long_absent(f, level, raw, e);
		return PT_KIND_ENTRY;
	}
	if (!table_bit || !level) {
		long_page(f, level, raw, e);
		return PT_KIND_ENTRY;
	}
	e->pa = long_addr(f, 0, raw);
	e->flags = PT_ACCESS;
	if (raw & XN_TABLE)
		e->flags &= ~(u32)PT_EXEC;
	if (raw & RDONLY_TABLE)
		e->flags &= ~(u32)PT_WRITE;
	if (raw & NO_PL0_TABLE)
		e->flags &= ~(u32)PT_USER;
	return PT_KIND_TABLE;
}

/* --- short descriptors ------------------------------------------------------------------------ */

/** AP[2:0] without the access flag: what the kernel may, what the user may. */
static u32 short_access(unsigned ap)
{
	static const u32 access[8] = {
		[1] = PT_READ | PT_WRITE,
		/* The kernel may write it, too: told as the user has it. */
		[2] = PT_READ | PT_USER,
		[3] = PT_READ | PT_WRITE | PT_USER,
		[5] = PT_READ,
		[6] = PT_READ | PT_USER,
		[7] = PT_READ | PT_USER,
	};

	return access[ap & 7];
}

/** Bits of a section, then of a page (B3.5.1). */
static enum pt_kind short_section(const struct pt_format *f, u64 va, u64 raw, struct pt_entry *e)
{
	bool super = raw >> 18 & 1, xn = raw >> 4 & 1, pxn = raw & 1;

	e->flags = PT_PRESENT | short_access((unsigned)((raw >> 10 & 3) | (raw >> 13 & 4)));
	if (!xn && (e->flags & PT_USER || !pxn))
		e->flags |= PT_EXEC;
	if (!(raw >> 17 & 1))
		e->flags |= PT_GLOBAL;
	e->mem = f->mem[(raw >> 10 & 4) | (raw >> 2 & 3)];
	e->pa = raw & 0xfff00000;
	/* 16 entries stand for 16 MiB and all say the same. */
	if (super) {
		e->flags |= PT_CONT;
		e->pa = (raw & 0xff000000) | (raw >> 20 & 15) << 32 | (raw >> 5 & 15) << 36 |
			(va & 0xf00000);
	}
	return PT_KIND_ENTRY;
}

static enum pt_kind short_page(const struct pt_format *f, u64 va, u64 raw, struct pt_entry *e)
{
	bool large = (raw & 3) == 1, xn = large ? raw >> 15 & 1 : raw & 1;
	unsigned tex0 = large ? 12 : 6;

	e->flags = PT_PRESENT | short_access((unsigned)((raw >> 4 & 3) | (raw >> 7 & 4)));
	if (!xn)
		e->flags |= PT_EXEC;
	if (!(raw >> 11 & 1))
		e->flags |= PT_GLOBAL;
	e->mem = f->mem[(raw >> tex0 & 1) << 2 | (raw >> 2 & 3)];
	e->pa = raw & 0xfffff000;
	/* 16 entries stand for 64 KiB. */
	if (large) {
		e->flags |= PT_CONT;
		e->pa = (raw & 0xffff0000) | (va & 0xf000);
	}
	return PT_KIND_ENTRY;
}

static enum pt_kind short_decode(const struct pt_format *f, unsigned level, u64 va, u64 raw,
				 struct pt_entry *e)
{
	if (!(raw & 3))
		return PT_KIND_ENTRY;
	if (!level)
		return short_page(f, va, raw, e);
	if (raw & 2)
		return short_section(f, va, raw, e);
	e->pa = raw & 0xfffffc00;
	e->flags = PT_ACCESS;
	/* PXN, bit 2 of a table's entry, closes it to the kernel; what the user may run stays. */
	return PT_KIND_TABLE;
}

void pt_arm_format(struct pt_format *f, bool lpae)
{
	static const char *const long_names[] = { "PTE", "PMD", "PGD" };
	static const char *const short_names[] = { "PTE", "PGD" };

	/* arch/arm/mm/proc-v7-3level.S and proc-v7-2level.S, 6.1: MAIR; PRRR and NMRR by TEX[0], C,
	 * B. Both give the same types to the same index. */
	*f = (struct pt_format){
		.machine = "arm",
		.low_last = UINT32_MAX,
		.nx = true,
		.mem = { PT_MEM_UC, PT_MEM_NC, PT_MEM_WT, PT_MEM_WB, PT_MEM_DEVICE, PT_MEM_UNKNOWN,
			 PT_MEM_UNKNOWN, PT_MEM_WB },
		.huge_levels = 1,
	};
	if (lpae) {
		f->levels = 3;
		f->entry_size = 8;
		f->addr_mask = pt_mask(39, 12);
		f->special = UINT64_C(1) << 56;
		f->decode = long_decode;
		f->level_names = long_names;
		memcpy(f->shift, (const u8[]){ 12, 21, 30 }, 3);
		memcpy(f->bits, (const u8[]){ 9, 9, 2 }, 3);
	} else {
		f->levels = 2;
		f->entry_size = 4;
		f->addr_mask = pt_mask(31, 12);
		f->decode = short_decode;
		f->level_names = short_names;
		memcpy(f->shift, (const u8[]){ 12, 20 }, 2);
		memcpy(f->bits, (const u8[]){ 8, 12 }, 2);
	}
}
