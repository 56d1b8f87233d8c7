/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which format the page tables of this kernel have, with all that differs by version. */
#include "arch.h"
#include "ptwalk.h"

#include <stdio.h>
#include <string.h>

#define BIT(n) (UINT64_C(1) << (n))

static void set_mem(struct pt_format *f, const u8 mem[static 8])
{
	memcpy(f->mem, mem, sizeof(f->mem));
}

/** log2 of the addresses in a half: what the layout of the kernel half says. 0: unknown. */
static unsigned half_bits(const struct space *s)
{
	if (!s->kernel.first || s->kernel.last != UINT64_MAX)
		return 0;
	return (unsigned)__builtin_ctzll(s->kernel.first);
}

/* --- x86 -------------------------------------------------------------------------------------- */

/** How Linux sets the PAT (arch/x86/mm/pat/memtype.c, pat_bp_init(), 4.16 to 6.18). */
static void x86_mem(struct pt_format *f, const struct kfacts *k)
{
	static const u8 with[8] = { PT_MEM_WB, PT_MEM_WC, PT_MEM_UC_MINUS, PT_MEM_UC,
				    PT_MEM_WB, PT_MEM_WP, PT_MEM_UC_MINUS, PT_MEM_WT };
	static const u8 without[8] = { PT_MEM_WB, PT_MEM_WT, PT_MEM_UC_MINUS, PT_MEM_UC,
				       PT_MEM_WB, PT_MEM_WT, PT_MEM_UC_MINUS, PT_MEM_UC };
	/* The same either way. */
	static const u8 unknown[8] = { [0] = PT_MEM_WB,
				       [2] = PT_MEM_UC_MINUS,
				       [3] = PT_MEM_UC,
				       [4] = PT_MEM_WB,
				       [6] = PT_MEM_UC_MINUS };

	if (!k->cpu.pat.have)
		set_mem(f, unknown);
	else
		set_mem(f, k->cpu.pat.v && !k->cmdline.nopat ? with : without);
}

static void x86_swap(struct pt_format *f, const struct space *s, bool bits64)
{
	struct pt_swap *sw = &f->swap;

	/* 4.19 turned the offset over; stable kernels got it without a sign of it. */
	sw->known = release_at_least(s, 4, 19);
	sw->inverted = f->entry_size == 8;
	sw->type_shift = sw->inverted ? 59 : 1;
	sw->type_bits = 5;
	sw->offset_shift = 9;
	sw->offset_bits = sw->inverted ? 50 : 23;
	/* MAX_PHYSMEM_BITS (sparsemem.h), less the page. */
	sw->pfn_bits = (u8)(bits64 ? (f->levels == 5 ? 40 : 34) : f->levels == 3 ? 24 : 20);
	if (!bits64)
		return;
	f->soft_dirty = BIT(11);
	sw->soft_dirty = BIT(1);
	if (release_at_least(s, 5, 7)) {
		f->uffd_wp = BIT(10);
		sw->uffd_wp = BIT(2);
	}
	if (release_at_least(s, 5, 19))
		sw->exclusive = BIT(3);
}

static void x86(const struct kfacts *k, struct space *s, struct pt_format *f, unsigned levels,
		bool bits64)
{
	u64 sme;

	pt_x86_format(f, levels, bits64);
	f->nx = f->nx && !(k->cpu.nx.have && !k->cpu.nx.v);
	f->special = BIT(9);
	if (release_at_least(s, 6, 6))
		f->saved_dirty = bits64 ? BIT(58) : BIT(10);
	if (bits64 && vmcoreinfo_number(k, "NUMBER(sme_mask)", &sme))
		f->addr_mask &= ~sme;
	x86_mem(f, k);
	x86_swap(f, s, bits64);
}

static bool x86_64_format(const struct kfacts *k, struct space *s, struct pt_format *f)
{
	unsigned levels = s->host.levels;

	if (!levels)
		levels = x86_64_levels(k, NULL, NULL);
	if (levels != 4 && levels != 5)
		return false;
	x86(k, s, f, levels, true);
	return true;
}

static bool i386_format(const struct kfacts *k, struct space *s, struct pt_format *f)
{
	unsigned levels = s->host.levels;

	if (!levels && k->config.x86_pae.have)
		levels = k->config.x86_pae.v ? 3 : 2;
	if (levels != 2 && levels != 3)
		return false;
	x86(k, s, f, levels, false);
	return true;
}

/* --- arm64 ------------------------------------------------------------------------------------ */

/** MAIR: arch/arm64/include/asm/memory.h of 4.19, 5.10, 5.14, 6.18. */
static void arm64_mem(struct pt_format *f, const struct space *s)
{
	static const u8 old[8] = { PT_MEM_DEVICE, PT_MEM_DEVICE, PT_MEM_DEVICE,
				   PT_MEM_NC,	  PT_MEM_WB,	 PT_MEM_WT };
	static const u8 now[8] = { PT_MEM_WB,	  PT_MEM_TAGGED, PT_MEM_NC,    PT_MEM_DEVICE,
				   PT_MEM_DEVICE, PT_MEM_DEVICE, PT_MEM_DEVICE };

	set_mem(f, release_at_least(s, 5, 10) ? now : old);
	if (release_at_least(s, 5, 10) && !release_at_least(s, 5, 14))
		f->mem[3] = PT_MEM_WT;
}

/** arch/arm64/include/asm/pgtable.h of 4.19, 5.19, 6.10. */
static void arm64_swap(struct pt_format *f, const struct space *s, unsigned pa_bits)
{
	struct pt_swap *sw = &f->swap;

	sw->known = release_at_least(s, 4, 19);
	sw->type_bits = 5;
	sw->offset_bits = 50;
	if (release_at_least(s, 6, 10)) {
		f->present_invalid_ng = true;
		f->uffd_wp = BIT(58);
		sw->type_shift = 6;
		sw->offset_shift = 12;
		sw->uffd_wp = BIT(3);
	} else {
		sw->type_shift = release_at_least(s, 5, 19) ? 3 : 2;
		sw->offset_shift = 8;
		if (!release_at_least(s, 5, 19))
			sw->type_bits = 6;
	}
	if (release_at_least(s, 5, 19))
		sw->exclusive = BIT(2);
	sw->pfn_bits = (u8)(pa_bits - f->shift[0]);
}

static bool arm64_format(const struct kfacts *k, struct space *s, struct pt_format *f)
{
	unsigned va_bits = half_bits(s), root_bits, page_shift;
	u64 built;

	if (!s->host.page_size || s->host.page_size & (s->host.page_size - 1) || va_bits < 36 ||
	    va_bits > 52)
		return false;
	page_shift = (unsigned)__builtin_ctz(s->host.page_size);
	if (page_shift != 12 && page_shift != 14 && page_shift != 16)
		return false;
	/* With 64K pages a kernel for 52 bits keeps its wide top table on a CPU of 48 bits. */
	root_bits = va_bits;
	if (page_shift == 16 && va_bits == 48 && vmcoreinfo_number(k, "NUMBER(VA_BITS)", &built) &&
	    built == 52)
		root_bits = 52;
	pt_arm64_format(f, page_shift, va_bits, root_bits);
	f->big_endian = s->host.big_endian;
	arm64_mem(f, s);
	arm64_swap(f, s, root_bits == 52 ? 52 : 48);
	return true;
}

/* --- riscv64, arm ----------------------------------------------------------------------------- */

static bool riscv64_format(const struct kfacts *k, struct space *s, struct pt_format *f)
{
	unsigned bits = half_bits(s) + 1;
	struct pt_swap *sw = &f->swap;

	(void)k;
	if (bits != 39 && bits != 48 && bits != 57)
		return false;
	pt_riscv64_format(f, (bits - 12) / 9);
	/* arch/riscv/include/asm/pgtable.h of 6.1 and 6.3, which made room for `exclusive`. */
	sw->known = release_at_least(s, 6, 1);
	sw->type_bits = 5;
	sw->type_shift = release_at_least(s, 6, 3) ? 7 : 6;
	sw->offset_shift = sw->type_shift + 5;
	sw->offset_bits = 64 - sw->offset_shift;
	sw->exclusive = release_at_least(s, 6, 3) ? BIT(6) : 0;
	sw->pfn_bits = 44;
	return true;
}

static bool arm_format(const struct kfacts *k, struct space *s, struct pt_format *f)
{
	unsigned levels = s->host.levels;
	struct pt_swap *sw = &f->swap;

	if (!levels && k->config.arm_lpae.have)
		levels = k->config.arm_lpae.v ? 3 : 2;
	if (levels != 2 && levels != 3)
		return false;
	pt_arm_format(f, levels == 3);
	f->big_endian = s->host.big_endian;
	/* arch/arm/include/asm/pgtable.h of 4.19 and 6.3, which made room for `exclusive`. */
	sw->known = levels == 3 && release_at_least(s, 4, 19);
	sw->type_bits = 5;
	sw->type_shift = 2;
	sw->offset_shift = release_at_least(s, 6, 3) ? 8 : 7;
	sw->offset_bits = 32 - sw->offset_shift;
	sw->exclusive = release_at_least(s, 6, 3) ? BIT(7) : 0;
	return true;
}

/* --- all -------------------------------------------------------------------------------------- */

static bool is_i386(const char *machine)
{
	return strlen(machine) == 4 && machine[0] == 'i' && !strcmp(machine + 2, "86");
}

bool pt_format_for(const struct kfacts *k, struct space *s, struct pt_format *ret)
{
	const char *machine = s->host.machine ? s->host.machine : "";
	bool ok = false;

	*ret = (struct pt_format){ 0 };
	if (!strcmp(machine, "x86_64"))
		ok = x86_64_format(k, s, ret);
	else if (is_i386(machine))
		ok = i386_format(k, s, ret);
	else if (!strcmp(machine, "aarch64"))
		ok = arm64_format(k, s, ret);
	else if (!strcmp(machine, "riscv64"))
		ok = riscv64_format(k, s, ret);
	else if (!strncmp(machine, "arm", 3))
		ok = arm_format(k, s, ret);
	if (!ok) {
		space_note(s, NOTE_LIMIT, "page tables", 0, NULL, "their format on %s is not known",
			   *machine ? machine : "this machine");
		return false;
	}
	if (!release_at_least(s, 6, 1))
		ret->swap.pfn_bits = 0;
	ret->swap.special = pt_special_for(s, &k->config);
	return true;
}
