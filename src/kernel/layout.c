/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules all architectures share, and the table that names them. */
#include "bits32.h"

#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A new architecture is a file of its own and a line here. */
static const struct arch archs[] = {
	{ "x86_64", x86_64_layout }, { "i?86", i386_layout },	     { "arm*", arm_layout },
	{ "aarch64", arm64_layout }, { "aarch64_be", arm64_layout }, { "riscv64", riscv64_layout },
};

/* --- adding ----------------------------------------------------------------------------------- */

static struct region *add(struct space *s, enum region_kind kind, struct range r, enum conf conf,
			  const char *name, const char *source)
{
	struct region *ret = space_add_region(s);

	ret->kind = kind;
	ret->first = r.first;
	ret->last = r.last;
	ret->conf = conf;
	ret->perms_conf = CONF_UNKNOWN;
	ret->name = name;
	ret->source = source;
	return ret;
}

struct region *layout_add(struct space *s, enum region_kind kind, struct range r, enum conf conf,
			  const char *name, const char *source)
{
	if (r.first > r.last || !range_intersect(r, s->kernel, &r))
		return NULL;
	return add(s, kind, r, conf, name, source);
}

struct region *layout_add_part(struct space *s, enum region_kind kind, struct range r,
			       enum conf conf, const char *name, const char *source)
{
	const struct region *top = s->nregions ? &s->regions[s->nregions - 1] : NULL;
	struct region *ret;
	u64 after;

	/* The part before this one: parts rise and do not overlap. */
	after = top ? top->first : 0;
	if (top && top->depth) {
		if (top->last == UINT64_MAX)
			return NULL;
		after = top->last + 1;
	}
	while (top && top->depth)
		top--;
	if (!top || r.first > r.last || r.first < after || r.last > top->last)
		return NULL;
	ret = add(s, kind, r, conf, name, source);
	ret->depth = 1;
	return ret;
}

struct region *layout_between(struct space *s, enum region_kind kind, const struct base *from,
			      const struct base *to, const char *name, u8 order)
{
	struct region *ret;

	if (from->have && to->have && from->v < to->v)
		return layout_add(s, kind, range_of(from->v, to->v), MAX(from->conf, to->conf),
				  name, from->conf >= to->conf ? from->source : to->source);
	ret = layout_add(s, kind, s->kernel, CONF_BOUNDS, name, from->have ? from->source : "none");
	if (ret)
		ret->order = order;
	return ret;
}

void region_note(struct region *r, const char *fmt, ...)
{
	struct buf b = { 0 };
	va_list ap;
	int n;

	if (!r)
		return;
	if (r->note)
		buf_addf(&b, "%s; ", r->note);
	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0) {
		va_start(ap, fmt);
		vsnprintf(buf_reserve(&b, (size_t)n), (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	free(r->note);
	/* buf_reserve() left room for the NUL that vsnprintf() wrote. */
	r->note = b.p;
}

void base_take(struct space *s, struct base *b, u64 v, enum conf conf, const char *source,
	       const char *what)
{
	if (b->have && b->v != v)
		space_note(s, NOTE_CONFLICT, source, 0, NULL, "%s at %016llx, but %s says %016llx",
			   what, (unsigned long long)v, b->source, (unsigned long long)b->v);
	else if (!b->have)
		*b = (struct base){ v, true, conf, source };
}

/* --- contradictions, order, gaps ------------------------------------------------------------- */

/** A top region and its parts, which follow it in the array. */
struct block {
	const struct region *top;
	size_t n;
};

static size_t block_size(const struct space *s, size_t i)
{
	size_t n = 1;

	while (i + n < s->nregions && s->regions[i + n].depth)
		n++;
	return n;
}

static int compare_blocks(const void *va, const void *vb)
{
	const struct region *a = ((const struct block *)va)->top;
	const struct region *b = ((const struct block *)vb)->top;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	/* An interval of the same start: the rank decides, then the length. */
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	if (a->last != b->last)
		return a->last < b->last ? -1 : 1;
	return (int)a->kind - (int)b->kind;
}

/** Sorts whole blocks: an interval that starts inside a region never gets among its parts. */
static void sort(struct space *s)
{
	struct block *blocks = xcalloc(s->nregions, sizeof(*blocks));
	struct region *sorted = xcalloc(s->nregions, sizeof(*sorted));
	size_t n = 0, to = 0;

	for (size_t i = 0; i < s->nregions; i += blocks[n++].n)
		blocks[n] = (struct block){ &s->regions[i], block_size(s, i) };
	qsort(blocks, n, sizeof(*blocks), compare_blocks);
	for (size_t i = 0; i < n; to += blocks[i++].n)
		memcpy(&sorted[to], blocks[i].top, blocks[i].n * sizeof(*sorted));
	free(blocks);
	free(s->regions);
	s->regions = sorted;
	s->cap_regions = s->nregions;
}

static void drop(struct space *s, size_t i)
{
	size_t n = block_size(s, i);

	for (size_t k = i; k < i + n; k++)
		free(s->regions[k].note);
	memmove(&s->regions[i], &s->regions[i + n], (s->nregions - i - n) * sizeof(*s->regions));
	s->nregions -= n;
}

/** Of two regions that overlap: the less sure one; what is only unused gives way to everything. */
static bool first_gives_way(const struct region *a, const struct region *b)
{
	if ((a->kind == KR_UNUSED) != (b->kind == KR_UNUSED))
		return a->kind == KR_UNUSED;
	return a->conf > b->conf;
}

static bool is_firm(const struct region *r)
{
	return !r->depth && r->conf < CONF_BOUNDS;
}

/** Intervals may overlap anything; two firm regions that do cannot both be true. */
static void resolve_overlaps(struct space *s)
{
	size_t i = 0, k;

	while (i < s->nregions) {
		const struct region *a = &s->regions[i], *b;
		bool first;

		for (k = i + 1; k < s->nregions && !is_firm(&s->regions[k]);)
			k++;
		if (!is_firm(a) || k == s->nregions || s->regions[k].first > a->last) {
			i++;
			continue;
		}
		b = &s->regions[k];
		first = first_gives_way(a, b);
		if (a->kind != KR_UNUSED && b->kind != KR_UNUSED)
			space_note(s, NOTE_CONFLICT, first ? a->source : b->source, 0, NULL,
				   "%s (%s) and %s (%s) overlap; the %s is left out", a->name,
				   a->source, b->name, b->source, first ? a->name : b->name);
		drop(s, first ? i : k);
		/* What came before may overlap what took its place. */
		i = 0;
	}
}

static void fill_gaps(struct space *s, const char *source)
{
	size_t n = s->nregions;
	u64 at = s->kernel.first;
	bool full = false;

	for (size_t i = 0; i < n && !full; i++) {
		struct range r = { s->regions[i].first, s->regions[i].last };

		if (s->regions[i].depth)
			continue;
		if (r.first > at)
			add(s, KR_UNUSED, (struct range){ at, r.first - 1 }, CONF_DEFAULT, "unused",
			    source);
		if (r.last >= s->kernel.last)
			full = true;
		else if (r.last >= at)
			at = r.last + 1;
	}
	if (!full)
		add(s, KR_UNUSED, (struct range){ at, s->kernel.last }, CONF_DEFAULT, "unused",
		    source);
}

void layout_finish(struct space *s, const char *source)
{
	sort(s);
	resolve_overlaps(s);
	fill_gaps(s, source);
	sort(s);
}

/* --- helpers ---------------------------------------------------------------------------------- */

/** Of kcore's own note and what was read through memory the first, which needs no address. */
static const char *vmcoreinfo_text(const struct kfacts *k)
{
	return k->kcore.vmcoreinfo ? k->kcore.vmcoreinfo : k->memory.vmcoreinfo;
}

bool vmcoreinfo_number(const struct kfacts *k, const char *key, u64 *ret)
{
	return vmcoreinfo_text_number(vmcoreinfo_text(k), key, ret);
}

bool vmcoreinfo_hex(const struct kfacts *k, const char *key, u64 *ret)
{
	return vmcoreinfo_text_hex(vmcoreinfo_text(k), key, ret);
}

bool release_at_least(const struct space *s, unsigned major, unsigned minor)
{
	const char *p = s->host.release, *end;
	u64 a, b;

	if (!p)
		return true;
	end = p + strlen(p);
	if (!parse_dec(&p, end, &a) || p == end || *p++ != '.' || !parse_dec(&p, end, &b))
		return true;
	return a > major || (a == major && b >= minor);
}

bool machine_is(const char *pattern, const char *machine)
{
	return !fnmatch(pattern, machine, 0);
}

/** What the CPU can do is in use, but for i386, where only the long entries have the bit. */
static void find_nx(const struct kfacts *k, struct space *s, const char *machine)
{
	struct choice pae = { .have = true, .yes = true };

	if (!k->cpu.nx.have)
		return;
	if (k->cpu.nx.v && machine_is("i?86", machine))
		pae = i386_pae(k, NULL);
	s->host.nx_known = pae.have;
	s->host.nx = k->cpu.nx.v && pae.yes;
}

void kernel_layout(const struct kfacts *k, struct space *s)
{
	const char *machine = s->host.machine ? s->host.machine : "";

	find_nx(k, s, machine);
	user_half(k, s);
	if (k->user_only)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
		if (machine_is(archs[i].machine, machine)) {
			archs[i].layout(k, s);
			return;
		}
	}
	space_note(s, NOTE_LIMIT, "kernel half", 0, NULL, "of %s is not drawn yet",
		   *machine ? machine : "an unknown machine");
}
