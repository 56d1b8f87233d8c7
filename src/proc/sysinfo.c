/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small texts of the kernel about itself: command line, processor, memory, zones, modules,
 * lockdown, lists of processors.
 */
#include "ksrc.h"

#include <string.h>

#include "pid_parse.h"

/** The next word of a line; quotes of the command line group nothing we look for. */
static bool word(const char **p, const char *end, struct slice *ret)
{
	while (*p < end && (**p == ' ' || **p == '\t' || **p == '\n'))
		(*p)++;
	ret->p = *p;
	while (*p < end && **p != ' ' && **p != '\t' && **p != '\n')
		(*p)++;
	ret->len = (size_t)(*p - ret->p);
	return ret->len > 0;
}

void cmdline_parse(const char *text, size_t len, struct kcmdline *ret)
{
	const char *p = text, *end = text + len;
	struct slice w;

	*ret = (struct kcmdline){ 0 };
	/* What follows "--" is for init (kernel/params.c, parse_args()). */
	while (word(&p, end, &w) && !slice_is(w, "--")) {
		if (slice_is(w, "nokaslr"))
			ret->nokaslr = true;
		else if (slice_is(w, "nopti") || slice_is(w, "pti=off"))
			ret->nopti = true;
		else if (slice_is(w, "no5lvl"))
			ret->no5lvl = true;
		else if (slice_is(w, "rodata=off"))
			ret->rodata_off = true;
		else if (slice_is(w, "nopat"))
			ret->nopat = true;
		else if (slice_is(w, "vsyscall=emulate"))
			ret->vsyscall = 'e';
		else if (slice_is(w, "vsyscall=xonly"))
			ret->vsyscall = 'x';
		else if (slice_is(w, "vsyscall=none"))
			ret->vsyscall = 'n';
		else if (w.len > 12 && !memcmp(w.p, "reserve_top=", 12))
			ret->reserve_top = true;
	}
}

/** The value of "key<tabs>: value"; false when the line has another key. */
static bool keyed(struct slice line, const char *key, struct slice *ret)
{
	size_t n = strlen(key);
	const char *p, *end = line.p + line.len;

	if (line.len <= n || memcmp(line.p, key, n))
		return false;
	p = line.p + n;
	skip_blanks(&p, end);
	if (p == end || *p++ != ':')
		return false;
	skip_blanks(&p, end);
	*ret = (struct slice){ p, (size_t)(end - p) };
	return true;
}

static void x86_flags(struct slice flags, struct kcpu *c)
{
	const char *p = flags.p, *end = p + flags.len;
	struct slice w;

	c->la57 = c->pti = c->nx = c->pat = FIG(0);
	while (word(&p, end, &w)) {
		if (slice_is(w, "la57"))
			c->la57.v = 1;
		else if (slice_is(w, "pti"))
			c->pti.v = 1;
		else if (slice_is(w, "nx"))
			c->nx.v = 1;
		else if (slice_is(w, "pat"))
			c->pat.v = 1;
	}
}

static bool has_word(struct slice text, const char *want)
{
	const char *p = text.p, *end = p + text.len;
	struct slice w;

	while (word(&p, end, &w))
		if (slice_is(w, want))
			return true;
	return false;
}

/** "48 bits physical, 48 bits virtual": what the CPU could do, not what it does. */
static void address_sizes(struct slice v, struct kcpu *c)
{
	static const char between[] = " bits physical, ";
	const char *p = v.p, *end = p + v.len;
	u64 phys, virt;

	if (!parse_dec(&p, end, &phys) || (size_t)(end - p) < sizeof(between) ||
	    memcmp(p, between, sizeof(between) - 1))
		return;
	p += sizeof(between) - 1;
	if (!parse_dec(&p, end, &virt) || phys > 64 || virt > 64)
		return;
	c->phys_bits = FIG(phys);
	c->virt_bits = FIG(virt);
}

void cpuinfo_parse(const char *text, size_t len, bool x86, struct kcpu *ret)
{
	const char *p = text, *end = text + len;
	struct slice line, v;

	*ret = (struct kcpu){ 0 };
	while (next_line(&p, end, &line) && line.len) {
		if (x86 && keyed(line, "flags", &v)) {
			x86_flags(v, ret);
		} else if (x86 && keyed(line, "address sizes", &v)) {
			address_sizes(v, ret);
		} else if (!x86 && keyed(line, "mmu", &v) && v.len > 2 && !memcmp(v.p, "sv", 2)) {
			const char *q = v.p + 2;
			u64 bits;

			if (parse_dec(&q, v.p + v.len, &bits) && bits >= 32 && bits < 64)
				ret->riscv_va_bits = FIG(bits);
		} else if (!x86 && keyed(line, "Features", &v)) {
			ret->lpae = FIG(has_word(v, "lpae"));
		}
	}
}

void meminfo_parse(const char *text, size_t len, struct kmeminfo *m)
{
	const struct {
		const char *key;
		struct fig *fig;
	} want[] = {
		{ "MemTotal", &m->total },
		{ "Slab", &m->slab },
		{ "KernelStack", &m->kernel_stack },
		{ "PageTables", &m->page_tables },
		{ "VmallocUsed", &m->vmalloc_used },
		{ "Percpu", &m->percpu },
		{ "DirectMap4k", &m->direct_4k },
		{ "DirectMap2M", &m->direct_2m },
		{ "DirectMap1G", &m->direct_1g },
		{ "VmallocTotal", &m->vmalloc_total_kib },
		{ "MemFree", &m->free },
		{ "SReclaimable", &m->slab_reclaimable },
		{ "SUnreclaim", &m->slab_unreclaimable },
		{ "SecPageTables", &m->sec_page_tables },
		{ "DirectMap4M", &m->direct_4m },
		{ "HighTotal", &m->high_total },
		{ "Hugepagesize", &m->huge_page },
	};
	const char *p = text, *end = text + len;
	struct slice line, v;

	while (next_line(&p, end, &line)) {
		for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
			u64 kib;

			if (!keyed(line, want[i].key, &v) ||
			    !parse_dec(&v.p, line.p + line.len, &kib))
				continue;
			/* Beyond 2^64 bytes is no memory; the fingerprint stays in KiB. */
			if (kib >> 54)
				continue;
			*want[i].fig = FIG(want[i].fig == &m->vmalloc_total_kib ? kib : kib * KIB);
		}
	}
	/* 0 on all kernels from 2.6.x to 5.2, whatever is in use (mm/vmalloc.c since 5.3). */
	if (m->vmalloc_used.have && !m->vmalloc_used.v)
		m->vmalloc_used.have = false;
}

/** The zones so far, in page frames; an end of 0: none. */
struct zones {
	u64 start, end; /**< all */
	u64 low_end;	/**< neither HighMem nor Movable */
	u64 high_end, movable_end;
};

static void add_zone(struct zones *z, struct slice name, u64 first, u64 end)
{
	u64 *to = slice_is(name, "HighMem")   ? &z->high_end
		  : slice_is(name, "Movable") ? &z->movable_end
					      : &z->low_end;

	z->start = z->end ? MIN(z->start, first) : first;
	z->end = MAX(z->end, end);
	*to = MAX(*to, end);
}

static struct fig zone_border(u64 pfn, u32 page_size)
{
	if (!page_size || pfn > UINT64_MAX / page_size)
		return (struct fig){ 0 };
	return FIG(pfn * page_size);
}

/**
 * Movable is cut off the highest zone there is (find_zone_movable_pfns_for_nodes(), mm/mm_init.c),
 * so with it and nothing left in HighMem nobody can tell what it was cut off.
 */
void zoneinfo_parse(const char *text, size_t len, u32 page_size, struct kmeminfo *m)
{
	const char *p = text, *end = text + len;
	struct slice line, rest, w, name = { 0 };
	struct zones z = { 0 };
	u64 spanned = 0;

	while (next_line(&p, end, &line)) {
		u64 v;

		skip_blanks(&line.p, line.p + line.len);
		line.len = (size_t)(p - 1 - line.p);
		if (slice_after(line, "Node ", &rest)) {
			spanned = 0;
			/* "Node 0, zone      DMA" */
			while (word(&rest.p, p, &w))
				name = w;
		} else if (slice_after(line, "spanned ", &rest)) {
			if (parse_dec(&rest.p, p, &v))
				spanned = v;
		} else if (slice_after(line, "start_pfn: ", &rest)) {
			if (spanned && parse_dec(&rest.p, p, &v) && v <= UINT64_MAX - spanned)
				add_zone(&z, name, v, v + spanned);
			spanned = 0;
		}
	}
	m->zone_start = m->zone_end = m->low_end = (struct fig){ 0 };
	if (!z.end)
		return;
	m->zone_start = zone_border(z.start, page_size);
	m->zone_end = zone_border(z.end, page_size);
	if (z.low_end && (z.high_end || !z.movable_end))
		m->low_end = zone_border(z.low_end, page_size);
}

struct fig zoneinfo_managed(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct slice line, rest;
	struct fig ret = { 0 };

	while (next_line(&p, end, &line)) {
		u64 v;

		skip_blanks(&line.p, line.p + line.len);
		line.len = (size_t)(p - 1 - line.p);
		if (slice_after(line, "managed ", &rest) && parse_dec(&rest.p, p, &v) &&
		    v <= UINT64_MAX - ret.v)
			ret = FIG(ret.v + v);
	}
	return ret;
}

enum klockdown lockdown_parse(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	struct slice w;

	while (word(&p, end, &w)) {
		if (slice_is(w, "[none]"))
			return LOCKDOWN_NONE;
		if (slice_is(w, "[integrity]"))
			return LOCKDOWN_INTEGRITY;
		if (slice_is(w, "[confidentiality]"))
			return LOCKDOWN_CONFIDENTIALITY;
	}
	return LOCKDOWN_UNKNOWN;
}

struct fig cpulist_parse(const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	u64 n = 0, first, last;

	do {
		if (!parse_dec(&p, end, &first))
			return (struct fig){ 0 };
		last = first;
		if (p < end && *p == '-') {
			p++;
			if (!parse_dec(&p, end, &last))
				return (struct fig){ 0 };
		}
		/* No kernel has more than 2^16 processors: NR_CPUS is at most 8192 on x86. */
		if (last < first || last >> 16)
			return (struct fig){ 0 };
		n += last - first + 1;
	} while (p < end && *p++ == ',' && n <= UINT16_MAX);
	return FIG(n);
}
