/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64: every layout since Linux 4.6 as a formula, and which one a kernel has. The formulas are
 * those of arch/arm64/include/asm/memory.h, pgtable.h and fixmap.h of 4.9, 5.0, 5.4, 5.11, 5.17,
 * 6.5 and 6.9 (unchanged up to 6.19).
 */
#include "arm64.h"

static const struct {
	u8 page_shift, va_bits;
	u8 since;    /**< enum arm64_epoch */
	u8 fallback; /**< width in use where the CPU cannot do va_bits; 0: it always can */
} widths[] = {
	/* arch/arm64/Kconfig; the fallback: VA_BITS_MIN (memory.h) */
	{ 12, 39, ARM64_4_6, 0 },  { 12, 48, ARM64_4_6, 0 }, { 12, 52, ARM64_6_9, 48 },
	{ 14, 36, ARM64_4_6, 0 },  { 14, 47, ARM64_4_6, 0 }, { 14, 48, ARM64_4_6, 0 },
	{ 14, 52, ARM64_6_9, 47 }, { 16, 42, ARM64_4_6, 0 }, { 16, 48, ARM64_4_6, 0 },
	{ 16, 52, ARM64_5_4, 48 },
};

static const struct {
	const char *name;
	u8 major, minor;
} epochs[ARM64_NEPOCHS] = {
	[ARM64_4_6] = { "4.6 to 4.20", 4, 6 },	 [ARM64_5_0] = { "5.0 to 5.3", 5, 0 },
	[ARM64_5_4] = { "5.4 to 5.10", 5, 4 },	 [ARM64_5_11] = { "5.11 to 5.16", 5, 11 },
	[ARM64_5_17] = { "5.17 to 6.4", 5, 17 }, [ARM64_6_5] = { "6.5 to 6.8", 6, 5 },
	[ARM64_6_9] = { "6.9 on", 6, 9 },
};

const char *arm64_epoch_name(enum arm64_epoch e)
{
	return epochs[e].name;
}

enum arm64_epoch arm64_epoch_of(const struct space *s)
{
	unsigned e = ARM64_NEPOCHS - 1;

	while (e && !release_at_least(s, epochs[e].major, epochs[e].minor))
		e--;
	return e;
}

bool arm64_mode_valid(const struct arm64_mode *m)
{
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++)
		if (m->page_shift == widths[i].page_shift && m->va_bits == widths[i].va_bits)
			return m->epoch >= widths[i].since &&
			       (m->va_actual == m->va_bits ||
				(m->va_actual == widths[i].fallback && widths[i].fallback));
	return false;
}

u8 arm64_levels(unsigned bits, unsigned page_shift)
{
	/* ARM64_HW_PGTABLE_LEVELS(), asm/pgtable-hwdef.h: entries of 8 bytes fill a page */
	return (u8)((bits - 4) / (page_shift - 3));
}

/* --- the formulas -------------------------------------------------------------------------------
 */

/** The first address of a half of so many bits: also _PAGE_OFFSET(), and _PAGE_END() of one less.
 */
static u64 top_half(unsigned bits)
{
	return -(UINT64_C(1) << bits);
}

/** The narrowest width this kernel can run with: VA_BITS_MIN. */
static unsigned va_bits_min(const struct arm64_mode *m)
{
	if (m->va_bits <= 48)
		return m->va_bits;
	/* With 16 KiB pages 48 bits would need a level more than 47 (6.9). */
	return m->page_shift == 14 ? 47 : 48;
}

/** log2 of what an entry of the second highest of four levels covers; it may be folded. */
static unsigned pud_shift(const struct arm64_mode *m)
{
	unsigned below = arm64_levels(m->va_bits, m->page_shift) > 2 ? 3 : 2;

	return (m->page_shift - 3u) * below + 3;
}

/** STRUCT_PAGE_MAX_SHIFT: vmemmap was laid out for a power of two before 6.9. */
static unsigned page_struct_shift(const struct arm64_mode *m)
{
	unsigned shift = 0;

	while (UINT32_C(1) << shift < m->page_struct)
		shift++;
	return shift;
}

static struct range sized(u64 first, u64 size)
{
	return (struct range){ first, first + (size - 1) };
}

/** 4.6 to 5.3: [KASAN] [BPF] modules, vmalloc, fixmap, PCI, vmemmap, linear map up to the end. */
static void before_flip(const struct arm64_mode *m, struct arm64_places *p)
{
	u64 at = p->half.first, vmemmap_size;

	p->page_offset = top_half(m->va_bits - 1u);
	p->linear = (struct range){ p->page_offset, UINT64_MAX };
	if (m->kasan) {
		p->kasan = sized(at, UINT64_C(1) << (m->va_bits - m->kasan));
		at = p->kasan.last + 1;
	}
	if (m->epoch == ARM64_5_0) {
		p->bpf = sized(at, 128 * MIB);
		at = p->bpf.last + 1;
	}
	p->modules = sized(at, 128 * MIB);
	vmemmap_size = UINT64_C(1) << (m->va_bits - m->page_shift - 1u + page_struct_shift(m));
	p->vmemmap = sized(p->page_offset - vmemmap_size, vmemmap_size);
	p->vmalloc = range_of(p->modules.last + 1,
			      p->vmemmap.first - (UINT64_C(1) << pud_shift(m)) - 64 * KIB);
	p->pci = sized(p->vmemmap.first - 18 * MIB, 16 * MIB);
	p->fixmap = range_of(p->vmalloc.last + 1, p->pci.first - 2 * MIB);
}

/** Modules, and what lies between the linear map and them. `at` is where they begin. */
static void modules(const struct arm64_mode *m, u64 at, struct arm64_places *p)
{
	if (m->epoch <= ARM64_5_11) {
		p->bpf = sized(at, 128 * MIB);
		at += 128 * MIB;
	}
	p->modules = sized(at, m->epoch >= ARM64_6_5 ? 2 * GIB : 128 * MIB);
}

/** 5.4 to 5.10: linear map, [KASAN] BPF, modules, vmalloc, fixmap, PCI, vmemmap. */
static void after_flip(const struct arm64_mode *m, struct arm64_places *p)
{
	u64 end = top_half(va_bits_min(m) - 1), size;

	p->linear = range_of(p->half.first, top_half(m->va_actual - 1u));
	size = (end - p->page_offset) >> (m->page_shift - page_struct_shift(m));
	/* The shadow of the widest half ends where it is linked to, whatever width is in use. */
	if (m->kasan) {
		end += UINT64_C(1) << (va_bits_min(m) - m->kasan);
		p->kasan = range_of(end - (UINT64_C(1) << (m->va_actual - m->kasan)), end);
	}
	modules(m, end, p);
	p->vmemmap = sized(-size - 2 * MIB, size);
	p->vmalloc =
		range_of(p->modules.last + 1, -(UINT64_C(1) << pud_shift(m)) - size - 64 * KIB);
	p->pci = sized(p->vmemmap.first - 2 * MIB - 16 * MIB, 16 * MIB);
	p->fixmap = range_of(p->vmalloc.last + 1, p->pci.first - 2 * MIB);
}

/** 5.11 on: the linear map ends where the narrowest half has its middle, whatever is in use. */
static void projected(const struct arm64_mode *m, struct arm64_places *p)
{
	u64 end = top_half(va_bits_min(m) - 1), start, size;
	unsigned shift = page_struct_shift(m);

	p->linear = range_of(p->half.first, end);
	if (m->kasan) {
		p->kasan = range_of(end - (UINT64_C(1) << (m->va_actual - m->kasan)), end);
		p->linear.last = p->kasan.first - 1;
	}
	modules(m, end, p);
	start = -(UINT64_C(1) << (m->va_bits - (m->page_shift - shift)));
	size = (end - p->page_offset) >> (m->page_shift - shift);
	p->vmemmap = sized(start, size);
	p->vmalloc = range_of(p->modules.last + 1, start - 256 * MIB);
	p->pci = sized(start - 24 * MIB, 16 * MIB);
	p->fixmap = range_of(p->vmalloc.last + 1, start - 32 * MIB);
}

/** 6.9 on: the same, but vmemmap ends 1 GiB below the top, PCI and fixmap above it. */
static void top_gib(const struct arm64_mode *m, struct arm64_places *p)
{
	u64 end = -GIB, pages, unused;

	projected(m, p);
	pages = (top_half(va_bits_min(m) - 1) - p->page_offset) >> m->page_shift;
	/* vmalloc takes what would describe addresses that this CPU does not have. */
	unused = (p->half.first - p->page_offset) >> m->page_shift;
	p->vmemmap = range_of(end - (pages - unused) * m->page_struct, end);
	p->vmalloc.last = p->vmemmap.first - 8 * MIB - 1;
	p->pci = sized(end + 8 * MIB, 16 * MIB);
	p->fixmap = range_of(p->pci.last + 1, -8 * MIB);
}

void arm64_places(const struct arm64_mode *m, struct arm64_places *ret)
{
	*ret = (struct arm64_places){
		.half = { top_half(m->va_actual), UINT64_MAX },
		.page_offset = top_half(m->va_bits),
	};
	if (m->epoch <= ARM64_5_0)
		before_flip(m, ret);
	else if (m->epoch == ARM64_5_4)
		after_flip(m, ret);
	else if (m->epoch < ARM64_6_9)
		projected(m, ret);
	else
		top_gib(m, ret);
}

/* --- which mode --------------------------------------------------------------------------------
 */

/** What the configuration says of KASAN's shadow: its scale, 0 none, -1 unknown. */
static int kasan_scale(const struct kconfig *c)
{
	if (config_is(c->kasan_sw_tags, true))
		return 4;
	if (config_is(c->kasan_generic, true))
		return 3;
	/* Before 5.0 there was but one kind; that with hardware tags has no shadow (5.11). */
	if (config_is(c->kasan, true) && !config_is(c->kasan_hw_tags, true))
		return 3;
	return c->kasan.have ? 0 : -1;
}

/** A width that a kernel of this page size can be configured for? */
static bool width_exists(unsigned page_shift, u64 bits)
{
	for (size_t i = 0; i < ARRAY_SIZE(widths); i++)
		if (widths[i].page_shift == page_shift && widths[i].va_bits == bits)
			return true;
	return false;
}

/** What the kernel itself says of the widths. */
static void exact_widths(const struct kfacts *k, const struct space *s, struct space *notes,
			 struct arm64_known *n)
{
	const struct fig *vabits = &k->memory.vabits;
	u64 v;

	if (vmcoreinfo_number(k, "NUMBER(VA_BITS)", &v) && width_exists(n->m.page_shift, v))
		n->va_bits = (struct base){ v, true, CONF_EXACT, "vmcoreinfo" };
	/* The CPU's own register: it has 64 less the width (5.7). */
	if (vmcoreinfo_number(k, "NUMBER(TCR_EL1_T1SZ)", &v) && v >= 12 && v <= 28)
		n->va_actual = (struct base){ 64 - v, true, CONF_EXACT, "vmcoreinfo" };
	if (vabits->have && n->va_actual.have && vabits->v != n->va_actual.v && notes)
		space_note(notes, NOTE_CONFLICT, k->memory.source, 0, NULL,
			   "vabits_actual is %llu, but VMCOREINFO says %llu",
			   (unsigned long long)vabits->v, (unsigned long long)n->va_actual.v);
	if (vabits->have && vabits->v >= 36 && vabits->v <= 52 && !n->va_actual.have)
		n->va_actual = (struct base){ vabits->v, true, CONF_EXACT, k->memory.source };
	/* A 64-bit program has found by asking where the user half ends. */
	for (unsigned bits = 36; bits <= 52 && !n->va_actual.have && k->task_end.have; bits++)
		/* 52 bits were for user space only at first (5.0). */
		if (k->task_end.v == UINT64_C(1) << bits &&
		    (bits < 52 || release_at_least(s, 5, 4)))
			n->va_actual = (struct base){ bits, true, CONF_EXACT, "mmap probe" };
}

/** Do the kernel's own figures, and with `config` its configuration, allow this mode? */
static bool mode_allowed(const struct kfacts *k, const struct arm64_known *n,
			 const struct arm64_mode *m, bool config)
{
	int kasan = config ? kasan_scale(&k->config) : -1;
	const struct fig *bits = &k->config.arm64_va_bits;

	/* Up to 6.8 the size only counts as a power of two. */
	if (m->epoch < ARM64_6_9 && m->page_struct & (m->page_struct - 1) && !n->page_struct_exact)
		return false;
	return arm64_mode_valid(m) && (!n->va_bits.have || n->va_bits.v == m->va_bits) &&
	       (!n->va_actual.have || n->va_actual.v == m->va_actual) &&
	       (kasan < 0 || kasan == m->kasan) &&
	       (!config || !bits->have || bits->v == m->va_bits);
}

/** The search for the mode that VmallocTotal is the fingerprint of. */
struct search {
	const struct kfacts *k;
	const struct arm64_known *known;
	enum arm64_epoch epoch; /**< that of the release */
	bool config;
	int best; /**< 0: none found */
	struct arm64_mode found;
};

/** How well a mode fits that has the right VmallocTotal: of several the highest is taken. */
static int rank(const struct search *x, const struct arm64_mode *m, const struct arm64_places *p)
{
	const struct ksyms *y = &x->k->syms;
	const struct fig *text = y->text.have ? &y->text : &y->stext;
	unsigned away = m->epoch > x->epoch ? m->epoch - x->epoch : x->epoch - m->epoch;

	/*
	 * A struct page of 64 bytes; the image, which is in vmalloc, in the right half (5.0 to 5.3
	 * and 5.4 to 5.10 have the same total); the release; no KASAN; a CPU that does all.
	 */
	return (m->page_struct == x->known->m.page_struct) * 128 +
	       (text->have && range_has(p->vmalloc, text->v)) * 64 +
	       (int)(ARM64_NEPOCHS - away) * 4 + !m->kasan * 2 + (m->va_actual == m->va_bits);
}

/** Tries one width in all epochs and with all shadows. */
static void try_width(struct search *x, struct arm64_mode m)
{
	static const u8 scales[] = { 0, 3, 4 };
	struct arm64_places p;
	int r;

	for (unsigned e = 0; e < ARM64_NEPOCHS; e++) {
		for (size_t i = 0; i < ARRAY_SIZE(scales); i++) {
			m.epoch = e;
			m.kasan = scales[i];
			if (!mode_allowed(x->k, x->known, &m, x->config))
				continue;
			arm64_places(&m, &p);
			r = rank(x, &m, &p);
			if (range_size(p.vmalloc) / KIB == x->k->mem.vmalloc_total_kib.v &&
			    r > x->best) {
				x->best = r;
				x->found = m;
			}
		}
	}
}

static bool by_fingerprint(struct search *x, struct arm64_known *n)
{
	u32 least = n->page_struct_exact ? n->m.page_struct : 32;
	u32 most = n->page_struct_exact ? n->m.page_struct : 128;
	struct arm64_mode m = n->m;

	if (!x->k->mem.vmalloc_total_kib.have)
		return false;
	/* Since 6.9 the size of struct page moves the end of vmalloc. */
	for (m.page_struct = least; m.page_struct <= most; m.page_struct += 8) {
		for (size_t i = 0; i < ARRAY_SIZE(widths); i++) {
			if (widths[i].page_shift != m.page_shift)
				continue;
			m.va_bits = m.va_actual = widths[i].va_bits;
			try_width(x, m);
			m.va_actual = widths[i].fallback;
			try_width(x, m);
		}
	}
	if (x->best)
		n->m = x->found;
	return x->best;
}

/** Without VmallocTotal: what the release and the widths say. */
static bool by_release(const struct kfacts *k, const struct space *s, struct arm64_known *n)
{
	int kasan = kasan_scale(&k->config);
	const struct fig *bits = &k->config.arm64_va_bits;

	n->m.epoch = arm64_epoch_of(s);
	n->m.kasan = kasan > 0 ? (u8)kasan : 0;
	n->m.va_bits = (u8)(n->va_bits.have	? n->va_bits.v
			    : bits->have	? MIN(bits->v, 64)
			    : n->va_actual.have ? n->va_actual.v
						: 0);
	n->m.va_actual = n->va_actual.have ? (u8)n->va_actual.v : n->m.va_bits;
	return mode_allowed(k, n, &n->m, true);
}

static void find_page_struct(const struct kfacts *k, struct arm64_known *n)
{
	u64 v = 0;

	n->m.page_struct = 64;
	if (k->btf.page_size.have)
		v = k->btf.page_size.v;
	else
		vmcoreinfo_number(k, "SIZE(page)", &v);
	/* 32 to 256 bytes in every configuration; anything else is damage. */
	if (v < 32 || v > 256)
		return;
	n->m.page_struct = (u32)v;
	n->page_struct_exact = true;
}

static struct arm64_known of_variant(const struct kvariant *v, const struct space *s)
{
	struct arm64_known n = {
		.m = { .epoch = arm64_epoch_of(s),
		       .va_bits = v->va_bits,
		       .va_actual = v->va_bits,
		       .page_struct = 64 },
		.va_bits = { v->va_bits, true, CONF_DEFAULT, "memory.h" },
		.source = "memory.h",
		.conf = CONF_DEFAULT,
	};

	n.va_actual = n.va_bits;
	while (UINT32_C(1) << n.m.page_shift < v->page_size)
		n.m.page_shift++;
	return n;
}

/** What the places follow from, and how sure that is. */
static bool find_epoch(const struct kfacts *k, const struct space *s, struct arm64_known *n)
{
	struct search x = { .k = k, .known = n, .epoch = arm64_epoch_of(s), .config = true };

	if (by_fingerprint(&x, n)) {
		n->source = "meminfo";
		return true;
	}
	/* /boot/config-* may be that of another build of the same release. */
	x.config = false;
	if (by_fingerprint(&x, n)) {
		n->source = "meminfo";
		return true;
	}
	if (k->mem.vmalloc_total_kib.have || !by_release(k, s, n))
		return false;
	n->source = n->va_bits.have		   ? n->va_bits.source
		    : k->config.arm64_va_bits.have ? "config"
						   : n->va_actual.source;
	n->conf = CONF_DEFAULT;
	return true;
}

bool arm64_find_mode(const struct kfacts *k, const struct space *s, struct space *notes,
		     struct arm64_known *ret)
{
	const struct fig *total = &k->mem.vmalloc_total_kib;
	struct arm64_known n = { .conf = CONF_DERIVED };

	if (k->variant) {
		*ret = of_variant(k->variant, s);
		return true;
	}
	while (n.m.page_shift < 16 && UINT32_C(1) << n.m.page_shift < s->host.page_size)
		n.m.page_shift++;
	if (!s->host.page_size || s->host.page_size != UINT32_C(1) << n.m.page_shift)
		return false;
	find_page_struct(k, &n);
	exact_widths(k, s, notes, &n);
	if (!find_epoch(k, s, &n) && notes && total->have)
		space_note(
			notes, NOTE_CONFLICT, "meminfo", 0, NULL,
			"VmallocTotal is %llu kB, which no arm64 layout has that fits what else is"
			" known",
			(unsigned long long)total->v);
	if (n.source && !n.va_bits.have)
		n.va_bits = (struct base){ n.m.va_bits, true, n.conf, n.source };
	if (n.source && !n.va_actual.have)
		n.va_actual = (struct base){ n.m.va_actual, true, n.conf, n.source };
	*ret = n;
	return n.va_actual.have;
}
