/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debugfs: page_tables/kernel (x86 since 4.15) and kernel_page_tables. A line a range:
 *
 *   x86      0xffffffff81000000-0xffffffff82200000   18M   ro   PSE   GLB x  pmd
 *   arm64    0xffff800080000000-0xffff800080010000   64K PTE   ro x  SHD AF   UXN MEM/NORMAL
 *   arm      0xc0000000-0xc0300000                    3M       ro x  SHD MEM/CACHED/WBWA
 *   riscv    0xffffffc800000000-0xffffffc800008000   0x0000000081000000  32K PTE  D A G . . W R V
 *
 * with lines "---[ vmalloc() Area ]---" between them (arch/x86/mm/dump_pagetables.c,
 * arch/{arm64,riscv}/mm/ptdump.c, arch/arm/mm/dump.c; 4.19 to 6.18). What is not mapped is listed
 * without attributes (x86), with F (arm64), or not at all.
 */
#include "ptdump.h"

#include <errno.h>
#include <string.h>

#include "pid_parse.h"

/** A line taken apart. */
struct line {
	struct range r;
	struct slice rest; /**< from the size on */
	u8 level;
	bool have_level;
	u32 flags;
	u8 mem;
	bool mapped;
	bool nx;
};

/** The next word of what is left of a line; the last one may end with it. */
static bool take_word(struct slice *rest, struct slice *ret)
{
	const char *p = rest->p, *end = p + rest->len;

	skip_blanks(&p, end);
	ret->p = p;
	while (p < end && *p != ' ' && *p != '\t')
		p++;
	ret->len = (size_t)(p - ret->p);
	*rest = (struct slice){ p, (size_t)(end - p) };
	return ret->len > 0;
}

static bool hex_0x(const char **p, const char *end, u64 *ret)
{
	const char *s = *p;

	if (end - s < 3 || s[0] != '0' || s[1] != 'x')
		return false;
	s += 2;
	if (!parse_hex(&s, end, ret))
		return false;
	*p = s;
	return true;
}

/** Addresses and, for what it is worth, the size: the rest of the line then begins. */
static bool take_range(struct slice text, const struct ptdump_host *h, struct line *ret)
{
	const char *p = text.p, *end = text.p + text.len;
	struct slice size;
	u64 last, pa;

	*ret = (struct line){ 0 };
	if (!hex_0x(&p, end, &ret->r.first) || p == end || *p++ != '-' || !hex_0x(&p, end, &last))
		return false;
	/* The end is exclusive, and of the topmost range 0: 2^64 or, with few digits, 2^32. */
	ret->r.last = last ? last - 1 : ret->r.first > UINT32_MAX ? UINT64_MAX : UINT32_MAX;
	if (ret->r.last < ret->r.first)
		return false;
	skip_blanks(&p, end);
	if (h->form == PTDUMP_RISCV && !hex_0x(&p, end, &pa))
		return false;
	ret->rest = (struct slice){ p, (size_t)(end - p) };
	return take_word(&ret->rest, &size) && size.len > 1 && size.p[0] >= '0' &&
	       size.p[0] <= '9' && memchr("KMGTPE", size.p[size.len - 1], 6);
}

/** "pte", "PMD": the level by its name. */
static bool level_named(struct slice w, u8 levels, u8 *ret)
{
	static const char names[][4] = { "PTE", "PMD", "PUD", "P4D", "PGD" };

	for (u8 i = 0; i < ARRAY_SIZE(names); i++) {
		if (w.len != 3 || (w.p[0] | 0x20) != (names[i][0] | 0x20) ||
		    (w.p[1] | 0x20) != (names[i][1] | 0x20) ||
		    (w.p[2] | 0x20) != (names[i][2] | 0x20))
			continue;
		/* Levels that are folded away leave their name to the top one. */
		*ret = i && levels && i >= levels ? (u8)(levels - 1) : i;
		return true;
	}
	return false;
}

/* --- the words of each architecture ----------------------------------------------------------- */

struct meaning {
	const char *word;
	u32 flag;
};

/** Takes a flag by its word; false when it is none of them. */
static bool flag_word(struct line *l, struct slice w, const struct meaning *m, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!slice_is(w, m[i].word))
			continue;
		l->flags |= m[i].flag;
		return true;
	}
	return false;
}

static void x86_words(struct line *l, const struct ptdump_host *h)
{
	static const struct meaning m[] = { { "RW", PT_READ | PT_WRITE },
					    { "ro", PT_READ },
					    { "USR", PT_USER },
					    { "GLB", PT_GLOBAL },
					    { "x", PT_EXEC } };
	static const struct meaning bits[] = { { "PWT", 1 }, { "PCD", 2 }, { "PAT", 4 } };
	/* The same with and without PAT; PT_MEM_UNKNOWN elsewhere. */
	static const u8 mem[8] = { [0] = PT_MEM_WB, [2] = PT_MEM_UC_MINUS, [3] = PT_MEM_UC };
	struct line index = { 0 };
	struct slice w;

	while (take_word(&l->rest, &w)) {
		if (flag_word(l, w, m, ARRAY_SIZE(m)) || flag_word(&index, w, bits, 3))
			continue;
		if (level_named(w, h->levels, &l->level))
			l->have_level = true;
	}
	l->mem = mem[index.flags];
	if (index.flags == 1 && h->pat)
		l->mem = PT_MEM_WC;
	l->mapped = l->flags & PT_READ;
}

struct memory_word {
	const char *word;
	u8 mem;
};

static void arm_memory(struct line *l, struct slice w)
{
	static const struct memory_word words[] = {
		{ "MEM/NORMAL", PT_MEM_WB },	    { "MEM/NORMAL-TAGGED", PT_MEM_TAGGED },
		{ "MEM/NORMAL-NC", PT_MEM_NC },	    { "MEM/NORMAL-WT", PT_MEM_WT },
		{ "SO/UNCACHED", PT_MEM_UC },	    { "MEM/BUFFERABLE/WC", PT_MEM_NC },
		{ "MEM/CACHED/WT", PT_MEM_WT },	    { "MEM/CACHED/WBRA", PT_MEM_WB },
		{ "MEM/CACHED/WBWA", PT_MEM_WB },   { "MEM/MINICACHE", PT_MEM_WB },
		{ "DEV/CACHED", PT_MEM_WB },	    { "DEV/WC", PT_MEM_NC },
		{ "DEV/SHARED", PT_MEM_DEVICE },    { "DEV/NONSHARED", PT_MEM_DEVICE },
		{ "DEVICE/nGnRnE", PT_MEM_DEVICE }, { "DEVICE/nGnRE", PT_MEM_DEVICE },
		{ "DEVICE/GRE", PT_MEM_DEVICE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (slice_is(w, words[i].word))
			l->mem = words[i].mem;
}

static void arm_words(struct line *l, const struct ptdump_host *h)
{
	static const struct meaning m[] = { { "RW", PT_READ | PT_WRITE },
					    { "ro", PT_READ },
					    { "USR", PT_USER },
					    { "CON", PT_CONT },
					    { "x", PT_EXEC } };
	bool invalid = false, global = true;
	struct slice w;

	while (take_word(&l->rest, &w)) {
		if (flag_word(l, w, m, ARRAY_SIZE(m)))
			continue;
		if (slice_is(w, "F"))
			invalid = true;
		else if (slice_is(w, "NG"))
			global = false;
		else if (h->form == PTDUMP_ARM64 && !l->have_level)
			l->have_level = level_named(w, h->levels, &l->level);
		else
			arm_memory(l, w);
	}
	/* Only arm64 says which pages are not global. */
	if (h->form == PTDUMP_ARM64 && global)
		l->flags |= PT_GLOBAL;
	l->mapped = l->flags & PT_READ && !invalid;
}

static void riscv_words(struct line *l, const struct ptdump_host *h)
{
	static const struct meaning m[] = { { "R", PT_READ },	{ "W", PT_WRITE },
					    { "X", PT_EXEC },	{ "U", PT_USER },
					    { "G", PT_GLOBAL }, { "N", PT_CONT },
					    { "V", PT_PRESENT } };
	struct slice w;

	l->mem = PT_MEM_UNKNOWN;
	while (take_word(&l->rest, &w)) {
		if (flag_word(l, w, m, ARRAY_SIZE(m)))
			continue;
		if (!l->have_level)
			l->have_level = level_named(w, h->levels, &l->level);
		else if (slice_is(w, "PMA") || slice_is(w, "MT(PMA)"))
			l->mem = PT_MEM_PMA;
		else if (slice_is(w, "NC") || slice_is(w, "MT(NC)"))
			l->mem = PT_MEM_NC;
		else if (slice_is(w, "IO") || slice_is(w, "MT(IO)"))
			l->mem = PT_MEM_DEVICE;
	}
	l->mapped = l->flags & PT_PRESENT && l->flags & (PT_READ | PT_WRITE | PT_EXEC);
}

/** Bytes of an entry of the line's level; 0 where the dump does not say. */
static u64 entry_size(const struct line *l, const struct ptdump_host *h)
{
	unsigned page = h->page_size ? (unsigned)__builtin_ctz(h->page_size) : 12;
	unsigned bits = page - 3;

	if (!l->have_level)
		return 0;
	/* Tables of 32-bit entries have twice as many. */
	if (h->levels == 2 && h->form == PTDUMP_X86)
		bits = page - 2;
	return UINT64_C(1) << (page + l->level * bits);
}

enum ksrc_state ptdump_parse(const char *text, size_t len, const struct ptdump_host *h, u64 first,
			     struct pt_ranges *ret)
{
	const char *p = text, *end = text + len;
	struct slice text_line;
	bool any = false;
	struct line l;

	while (next_line(&p, end, &text_line)) {
		if (!take_range(text_line, h, &l))
			continue;
		any = true;
		if (h->form == PTDUMP_X86)
			x86_words(&l, h);
		else if (h->form == PTDUMP_RISCV)
			riscv_words(&l, h);
		else
			arm_words(&l, h);
		if (l.mapped && l.r.first >= first)
			pt_ranges_add(ret, &(struct pt_range){ .first = l.r.first,
							       .last = l.r.last,
							       .page = entry_size(&l, h),
							       .flags = l.flags | PT_PRESENT,
							       .level = l.level,
							       .mem = l.mem });
	}
	return any ? KSRC_READ : KSRC_DAMAGED;
}

static bool form_of(const char *machine, enum ptdump_form *ret)
{
	static const struct {
		const char *prefix;
		enum ptdump_form form;
	} forms[] = { { "x86_64", PTDUMP_X86 },
		      { "i", PTDUMP_X86 },
		      { "aarch64", PTDUMP_ARM64 },
		      { "arm", PTDUMP_ARM },
		      { "riscv", PTDUMP_RISCV } };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (strncmp(machine, forms[i].prefix, strlen(forms[i].prefix)))
			continue;
		*ret = forms[i].form;
		return true;
	}
	return false;
}

int ptdump_read(struct root *r, const struct space *s, const struct kfacts *k,
		struct pt_ranges *ret)
{
	static const char *const paths[] = { "sys/kernel/debug/page_tables/kernel",
					     "sys/kernel/debug/kernel_page_tables" };
	struct ptdump_host h = { .page_size = s->host.page_size,
				 .levels = s->host.levels,
				 .pat = k->cpu.pat.v && !k->cmdline.nopat };
	struct buf b;
	int err = -ENOENT;

	if (!s->host.machine || !form_of(s->host.machine, &h.form))
		return -ENOTSUP;
	buf_init(&b);
	for (size_t i = 0; i < ARRAY_SIZE(paths) && err == -ENOENT; i++)
		err = root_slurp(r, paths[i], ROOT_CAP_DAC, &b);
	if (!err && ptdump_parse(b.p, b.len, &h, s->kernel.first, ret) != KSRC_READ)
		err = -ENODATA;
	ret->source = "ptdump";
	buf_release(&b);
	return err;
}
