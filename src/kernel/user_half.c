/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user half: [0, TASK_SIZE) as it is for this process. Where the facts do not tell, it reaches
 * at least to the highest mapping, and that is said (CONF_BOUNDS).
 */
#include "arm64.h"
#include "bits32.h"

#include <string.h>

/** Personality bit (include/uapi/linux/personality.h). */
#define ADDR_LIMIT_3GB 0x8000000

static void set(struct space *s, u64 end, enum conf conf, const char *source)
{
	s->user = range_of(0, end);
	s->user_conf = conf;
	s->user_source = source;
}

struct fig highest_mapping(const struct space *s)
{
	size_t i = s->nvmas;

	/* vsyscall and ARM's [vectors] lie above TASK_SIZE (get_gate_vma()). */
	while (i-- > 0) {
		const char *name = strtab_get(&s->names, s->vmas[i].name);

		if (strcmp(name, "[vsyscall]") && strcmp(name, "[vectors]"))
			return FIG(s->vmas[i].last);
	}
	return (struct fig){ 0 };
}

static bool mapped_above(const struct space *s, u64 addr)
{
	struct fig high = highest_mapping(s);

	return high.have && high.v > addr;
}

/** A process of 32-bit addresses on a kernel of 64 bits. */
static bool is_compat(const struct space *s)
{
	return s->proc.bits == 32;
}

/* --- x86_64 ------------------------------------------------------------------------------------
 */

/**
 * IA32_PAGE_OFFSET (arch/x86/include/asm/page_64_types.h): ia32 and x32 alike. Only the personality
 * can lower it, and only its owner may read that.
 */
static void ia32_half(struct space *s)
{
	const struct fig *pers = &s->proc.personality;

	if (pers->have && pers->v & ADDR_LIMIT_3GB)
		set(s, 0xc0000000, CONF_DERIVED, "personality");
	else if (pers->have)
		set(s, 0xffffe000, CONF_DERIVED, "personality");
	else if (mapped_above(s, 0xbfffffff))
		set(s, 0xffffe000, CONF_DERIVED, "maps");
	else
		set(s, 0xffffe000, CONF_DEFAULT, "mm.rst");
}

/** TASK_SIZE_MAX: the last page below the hole is a guard (page_64_types.h). */
static bool x86_64_half(const struct kfacts *k, struct space *s)
{
	const char *source;
	unsigned levels = x86_64_levels(k, NULL, &source);

	if (is_compat(s)) {
		ia32_half(s);
		return true;
	}
	if (!levels && mapped_above(s, UINT64_C(0x7fffffffffff))) {
		levels = 5;
		source = "maps";
	}
	if (!levels)
		return false;
	set(s, levels == 5 ? UINT64_C(0xfffffffffff000) : UINT64_C(0x7ffffffff000), CONF_DERIVED,
	    source);
	return true;
}

/* --- arm64 -------------------------------------------------------------------------------------
 */

/**
 * TASK_SIZE_32 (arch/arm64/include/asm/processor.h): 4 GiB with 64 KiB pages, where the vectors
 * page fills the top, else a page less; since 5.2 (and 4.19.y).
 */
static bool arm64_half(const struct kfacts *k, struct space *s)
{
	struct arm64_known n;

	if (is_compat(s)) {
		if (!s->host.page_size)
			return false;
		set(s, 4 * GIB - (s->host.page_size == 64 * KIB ? 0 : s->host.page_size),
		    CONF_DEFAULT, "processor.h");
		return true;
	}
	if (!arm64_find_mode(k, s, NULL, &n) || mapped_above(s, (UINT64_C(1) << n.va_actual.v) - 1))
		return false;
	set(s, UINT64_C(1) << n.va_actual.v, MAX(n.va_actual.conf, CONF_DERIVED),
	    n.va_actual.source);
	return true;
}

/* --- 32-bit kernels ----------------------------------------------------------------------------
 */

/** TASK_SIZE is PAGE_OFFSET (arch/x86/include/asm/page_32_types.h). */
static bool i386_half(const struct kfacts *k, struct space *s)
{
	struct base po;

	if (!page_offset_32(k, s, I386_TEXT_MOST, &po) || mapped_above(s, po.v - 1))
		return false;
	set(s, po.v, MAX(CONF_DERIVED, po.conf), po.source);
	return true;
}

/**
 * TASK_SIZE is PAGE_OFFSET less the 16 MiB of modules; with KASAN its shadow lies below them
 * (arch/arm/include/asm/memory.h).
 */
static bool arm_half(const struct kfacts *k, struct space *s)
{
	u64 end = arm_kasan_start(k);
	struct base po;

	if (!page_offset_32(k, s, ARM_TEXT_MOST, &po))
		return false;
	if (!end)
		end = po.v - 16 * MIB;
	if (mapped_above(s, end - 1))
		return false;
	set(s, end, MAX(CONF_DERIVED, po.conf), po.source);
	return true;
}

/* --- riscv64 -----------------------------------------------------------------------------------
 */

/** Half of the addresses (arch/riscv/include/asm/pgtable.h); the mode by cpuinfo or VmallocTotal.
 */
static bool riscv64_half(const struct kfacts *k, struct space *s)
{
	const struct fig *total = &k->mem.vmalloc_total_kib;
	const char *source = "cpuinfo";
	u64 bits = k->cpu.riscv_va_bits.have ? k->cpu.riscv_va_bits.v : 0;

	if (is_compat(s)) {
		set(s, UINT64_C(0x80000000) - 4 * KIB, CONF_DEFAULT, "pgtable.h");
		return true;
	}
	if (!bits && total->have) {
		source = "meminfo";
		bits = total->v == 67108863 || total->v == 67108864 ? 39
		       : total->v == UINT64_C(34359738368)	    ? 48
		       : total->v == UINT64_C(17592186044416)	    ? 57
								    : 0;
	}
	if ((bits != 39 && bits != 48 && bits != 57) ||
	    mapped_above(s, (UINT64_C(1) << (bits - 1)) - 1))
		return false;
	set(s, UINT64_C(1) << (bits - 1), CONF_DERIVED, source);
	return true;
}

/* --- all ---------------------------------------------------------------------------------------
 */

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static bool machine_half(const struct kfacts *k, struct space *s)
{
	const char *m = s->host.machine ? s->host.machine : "";

	if (!strcmp(m, "x86_64"))
		return x86_64_half(k, s);
	if (!strcmp(m, "aarch64") || !strcmp(m, "aarch64_be"))
		return arm64_half(k, s);
	if (m[0] == 'i' && m[1] && !strcmp(m + 2, "86"))
		return i386_half(k, s);
	if (starts(m, "arm"))
		return arm_half(k, s);
	if (!strcmp(m, "riscv64"))
		return riscv64_half(k, s);
	return false;
}

/** A process as wide as this program has the user half that this program found by asking. */
static bool probed_half(const struct kfacts *k, struct space *s)
{
	if (!k->task_end.have || s->proc.bits != 8 * sizeof(void *))
		return false;
	set(s, k->task_end.v, CONF_EXACT, "mmap probe");
	return true;
}

void user_half(const struct kfacts *k, struct space *s)
{
	struct fig high;

	s->user = (struct range){ 0, 0 };
	s->user_conf = CONF_UNKNOWN;
	s->user_source = "none";
	if (k->variant) {
		variant_user_half(k->variant, s);
		return;
	}
	if (probed_half(k, s) || machine_half(k, s))
		return;
	high = highest_mapping(s);
	if (high.have && high.v) {
		s->user = (struct range){ 0, high.v };
		s->user_conf = CONF_BOUNDS;
		s->user_source = "maps";
	}
}
