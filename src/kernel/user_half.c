/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The user half: [0, TASK_SIZE) as it is for this process. Where the facts do not tell, it reaches
 * at least to the highest mapping, and that is said (CONF_BOUNDS).
 */
#include "arch.h"

#include <string.h>

/** Personality bit (include/uapi/linux/personality.h). */
#define ADDR_LIMIT_3GB 0x8000000

static void set(struct space *s, u64 end, enum conf conf, const char *source)
{
	s->user = range_of(0, end);
	s->user_conf = conf;
	s->user_source = source;
}

/** Last byte of the highest mapping that is not the vsyscall page or the like; unknown: none. */
static struct fig highest_mapping(const struct space *s)
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
 * VmallocTotal in kB by page size and width of the virtual addresses in use, for every layout from
 * 4.6 on (arch/arm64/include/asm/memory.h, pgtable.h) with a struct page of 64 bytes and no KASAN.
 * No two rows of a page size share a number but those of the same width.
 */
static const struct arm64_print {
	u8 page_shift, va_bits;
	u64 vmalloc_kib[6];
} arm64_prints[] = {
	{ 12, 39, { 263061440, 262930368, 259522560, 259653632, 257687552, 261087232 } },
	{ 12,
	  48,
	  { 135290290112, 135290159040, 133143461888, 133143592960, 133141626880, 135288315904 } },
	{ 12, 52, { 70863806464 } },
	{ 14, 36, { 33259456, 33128384, 32768000, 32899072, 30932992, 30269440 } },
	{ 14,
	  47,
	  { 68383801280, 68383670208, 68182081536, 68182212608, 68180246528, 68447887360 } },
	{ 14,
	  48,
	  { 136834842560, 136834711488, 136364687360, 136364818432, 136362852352, 136898928640 } },
	{ 14, 52, { 51804889088 } },
	{ 16, 42, { 2144731072, 2144600000, 2142765056, 2142896128, 2140930048, 2142232576 } },
	{ 16,
	  48,
	  { 133009637312, 133009506240, 137169993728, 137170124800, 137168158720, 137301581824 } },
	{ 16, 52, { 128982974400, 133143461888, 133143592960, 133141626880, 133275049984 } },
};

static unsigned arm64_va_bits(const struct kfacts *k, const struct space *s)
{
	u64 total = k->mem.vmalloc_total_kib.v;

	if (!k->mem.vmalloc_total_kib.have || !total)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(arm64_prints); i++) {
		const struct arm64_print *a = &arm64_prints[i];

		if (s->host.page_size != UINT32_C(1) << a->page_shift)
			continue;
		for (size_t e = 0; e < ARRAY_SIZE(a->vmalloc_kib); e++)
			if (a->vmalloc_kib[e] == total)
				return a->va_bits;
	}
	return 0;
}

/**
 * TASK_SIZE_32 (arch/arm64/include/asm/processor.h): 4 GiB with 64 KiB pages, where the vectors
 * page fills the top, else a page less; since 5.2 (and 4.19.y).
 */
static bool arm64_half(const struct kfacts *k, struct space *s)
{
	unsigned bits = arm64_va_bits(k, s);

	if (is_compat(s)) {
		if (!s->host.page_size)
			return false;
		set(s, 4 * GIB - (s->host.page_size == 64 * KIB ? 0 : s->host.page_size),
		    CONF_DEFAULT, "processor.h");
		return true;
	}
	/* A 52-bit kernel on a CPU without it prints the 48-bit number: the width in use. */
	if (!bits || mapped_above(s, (UINT64_C(1) << bits) - 1))
		return false;
	set(s, UINT64_C(1) << bits, CONF_DERIVED, "meminfo");
	return true;
}

/* --- 32-bit kernels ----------------------------------------------------------------------------
 */

/** PAGE_OFFSET: what the configuration says, else the highest of its choices below the text. */
static u64 page_offset_32(const struct kfacts *k, const char **source)
{
	/* VMSPLIT_3G, 3G_OPT, 2G, 2G_OPT, 1G (arch/x86/Kconfig, arch/arm/Kconfig) */
	static const u64 choices[] = { 0xc0000000, 0xb0000000, 0x80000000, 0x78000000, 0x40000000 };
	const struct fig *text = k->syms.text.have ? &k->syms.text : &k->syms.stext;

	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		if (k->config.page_offset.have && k->config.page_offset.v == choices[i]) {
			*source = "config";
			return choices[i];
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		/* The image is linked below 512 MiB of RAM, KASLR included. */
		if (text->have && text->v >= choices[i] && text->v - choices[i] < 512 * MIB) {
			*source = "kallsyms";
			return choices[i];
		}
	}
	return 0;
}

/** TASK_SIZE is PAGE_OFFSET (arch/x86/include/asm/page_32_types.h). */
static bool i386_half(const struct kfacts *k, struct space *s)
{
	const char *source = NULL;
	u64 end = page_offset_32(k, &source);

	if (!end || mapped_above(s, end - 1))
		return false;
	set(s, end, CONF_DERIVED, source);
	return true;
}

/** TASK_SIZE is PAGE_OFFSET less the 16 MiB of modules (arch/arm/include/asm/memory.h). */
static bool arm_half(const struct kfacts *k, struct space *s)
{
	const char *source = NULL;
	u64 end = page_offset_32(k, &source);

	if (!end || mapped_above(s, end - 16 * MIB - 1))
		return false;
	set(s, end - 16 * MIB, CONF_DERIVED, source);
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
	if (probed_half(k, s) || machine_half(k, s))
		return;
	high = highest_mapping(s);
	if (high.have && high.v) {
		s->user = (struct range){ 0, high.v };
		s->user_conf = CONF_BOUNDS;
		s->user_source = "maps";
	}
}
