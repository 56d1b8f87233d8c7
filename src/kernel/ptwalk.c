/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One walk over the page tables of any format. It goes as deep as the format has levels, so made-up
 * tables cannot make it go round; what they repeat is bounded by REPEATS_MAX.
 */
#include "ptwalk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/** Without folding, tables that are met again (shared PMDs of hugetlb) are walked again, so often.
 */
#define REPEATS_MAX 65536

/** A set of physical addresses of tables, open hash. */
struct seen {
	u64 *slots; /**< address + 1; 0 is empty */
	size_t nslots, n;
};

struct walker {
	struct pt_walk *w;
	const struct pt_format *f;
	struct seen seen;
	u64 repeats;
	u64 chain[PT_LEVELS_MAX];	   /**< tables we are in, by level */
	unsigned char *buf[PT_LEVELS_MAX]; /**< their bytes, those the range needs */
};

/** Part of a table: what of it the walk looks at. */
struct slice_of_table {
	u64 pa; /**< of the table */
	u64 va; /**< that entry `first` translates */
	size_t first, n;
};

static size_t slot_of(const struct seen *s, u64 pa)
{
	size_t i = (size_t)((pa >> 8) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (s->nslots - 1);

	while (s->slots[i] && s->slots[i] != pa + 1)
		i = (i + 1) & (s->nslots - 1);
	return i;
}

static void seen_grow(struct seen *s)
{
	struct seen old = *s;

	s->nslots = old.nslots ? old.nslots * 2 : 1024;
	s->slots = xcalloc(s->nslots, sizeof(*s->slots));
	for (size_t i = 0; i < old.nslots; i++)
		if (old.slots[i])
			s->slots[slot_of(s, old.slots[i] - 1)] = old.slots[i];
	free(old.slots);
}

/** Adds it; false when it was there. */
static bool seen_add(struct seen *s, u64 pa)
{
	size_t i;

	if (s->n * 2 >= s->nslots)
		seen_grow(s);
	i = slot_of(s, pa);
	if (s->slots[i])
		return false;
	s->slots[i] = pa + 1;
	s->n++;
	return true;
}

static size_t table_bytes(const struct pt_format *f, unsigned level)
{
	return ((size_t)1 << f->bits[level]) * f->entry_size;
}

static u64 entry_span(const struct pt_format *f, unsigned level)
{
	return UINT64_C(1) << f->shift[level];
}

/** Entry `i` of bytes that were read. */
static u64 entry_at(const struct pt_format *f, const unsigned char *buf, size_t i)
{
	const unsigned char *p = buf + i * f->entry_size;
	u64 v = 0;

	for (unsigned b = 0; b < f->entry_size; b++)
		v |= (u64)p[f->big_endian ? f->entry_size - 1u - b : b] << 8 * b;
	return v;
}

static enum pt_kind decode(const struct walker *k, unsigned level, u64 va, u64 raw,
			   struct pt_entry *e)
{
	if (!raw)
		return PT_KIND_NONE;
	*e = (struct pt_entry){
		.va = va, .size = entry_span(k->f, level), .raw = raw, .level = (u8)level
	};
	return k->f->decode(k->f, level, va, raw, e);
}

/** The part of the table at `pa`, which translates from `base` on, that `r` needs. */
static struct slice_of_table slice(const struct pt_format *f, unsigned level, u64 pa,
				   struct range r)
{
	u64 mask = (UINT64_C(1) << f->bits[level]) - 1;
	size_t first = (size_t)(r.first >> f->shift[level] & mask);
	u64 n = (r.last >> f->shift[level]) - (r.first >> f->shift[level]) + 1;

	return (struct slice_of_table){ pa, r.first & ~(entry_span(f, level) - 1), first,
					(size_t)MIN(n, mask + 1 - first) };
}

static int read_slice(struct walker *k, unsigned level, const struct slice_of_table *t)
{
	return k->w->read(k->w->read_ctx, t->pa + t->first * k->f->entry_size, k->buf[level],
			  t->n * k->f->entry_size);
}

/** Is entry `i` of a table still what it was, as far as it is a way to the table `child`? */
static bool still_leads(struct walker *k, unsigned level, const struct slice_of_table *t, size_t i,
			u64 va, u64 child)
{
	unsigned char raw[8];
	struct pt_entry e;

	if (k->w->read(k->w->read_ctx, t->pa + (t->first + i) * k->f->entry_size, raw,
		       k->f->entry_size))
		return false;
	return decode(k, level, va, entry_at(k->f, raw, 0), &e) == PT_KIND_TABLE && e.pa == child;
}

/** How many entries of the table after `i` are the same, that is lead to the same table. */
static u64 copies_of(const struct walker *k, unsigned level, const struct slice_of_table *t,
		     size_t i)
{
	u64 raw = entry_at(k->f, k->buf[level], i), n = 0;

	for (size_t j = i + 1; j < t->n; j++)
		n += entry_at(k->f, k->buf[level], j) == raw;
	return n;
}

/** May this table be entered? What may not is counted. */
static bool enter(struct walker *k, unsigned level, u64 pa)
{
	struct pt_tables *t = &k->w->tables;

	for (unsigned up = level + 1; up < k->f->levels; up++) {
		if (k->chain[up] == pa) {
			t->loops++;
			return false;
		}
	}
	if (seen_add(&k->seen, pa))
		return true;
	if (k->w->fold_aliases) {
		t->aliased++;
		return false;
	}
	if (++k->repeats > REPEATS_MAX) {
		t->loops++;
		return false;
	}
	return true;
}

static int walk_entries(struct walker *k, unsigned level, const struct slice_of_table *t,
			struct range r, u32 allowed, u64 copies);

/**
 * Goes into the table that entry `i` of `up` leads to; `e` is that entry decoded, `r` the addresses
 * wanted of it.
 */
static int walk_below(struct walker *k, const struct slice_of_table *up, size_t i,
		      const struct pt_entry *e, struct range r, u32 allowed, u64 copies)
{
	unsigned level = e->level - 1u;
	struct slice_of_table t = slice(k->f, level, e->pa, r);
	struct pt_tables *count = &k->w->tables;

	if (k->w->fold_aliases)
		copies *= 1 + copies_of(k, e->level, up, i);
	if (!enter(k, level, e->pa))
		return 0;
	if (read_slice(k, level, &t)) {
		count->unreadable++;
		count->unreadable_bytes += range_size(r);
		return 0;
	}
	if (k->w->verify && !still_leads(k, e->level, up, i, e->va, e->pa)) {
		count->changed++;
		return 0;
	}
	count->count[level]++;
	count->bytes += table_bytes(k->f, level);
	if (k->w->table)
		k->w->table(k->w->ctx, level, (struct range){ e->va, e->va + (e->size - 1) },
			    table_bytes(k->f, level));
	return walk_entries(k, level, &t, r, allowed & (e->flags | ~(u32)PT_ACCESS), copies);
}

static int walk_entries(struct walker *k, unsigned level, const struct slice_of_table *t,
			struct range r, u32 allowed, u64 copies)
{
	int err = 0;

	k->chain[level] = t->pa;
	for (size_t i = 0; i < t->n && !err; i++) {
		u64 va = t->va + ((u64)i << k->f->shift[level]);
		struct range span = { va, va + (entry_span(k->f, level) - 1) };
		struct pt_entry e;

		switch (decode(k, level, va, entry_at(k->f, k->buf[level], i), &e)) {
		case PT_KIND_NONE:
			break;
		case PT_KIND_TABLE:
			if (range_intersect(span, r, &span))
				err = walk_below(k, t, i, &e, span, allowed, copies);
			break;
		case PT_KIND_ENTRY:
			e.flags &= allowed;
			e.aliases = copies - 1;
			err = k->w->fn(k->w->ctx, &e);
			break;
		}
	}
	return err;
}

/** Addresses that one run over the top table translates: `half`, as far as they are wanted. */
static int walk_half(struct walker *k, struct range half)
{
	unsigned top = k->f->levels - 1u;
	struct slice_of_table t;
	struct range r;
	int err;

	if (!range_intersect(half, k->w->range, &r))
		return 0;
	t = slice(k->f, top, k->w->root, r);
	err = read_slice(k, top, &t);
	if (err)
		return err;
	return walk_entries(k, top, &t, r, UINT32_MAX, 1);
}

int pt_walk(struct pt_walk *w)
{
	struct walker k = { .w = w, .f = w->format };
	const struct pt_format *f = w->format;
	unsigned top = f->levels - 1u;
	int err;

	w->tables = (struct pt_tables){ 0 };
	for (unsigned i = 0; i < f->levels; i++)
		k.buf[i] = xmalloc(table_bytes(f, i));
	err = walk_half(&k, (struct range){ 0, f->low_last });
	if (!err && f->high_first)
		err = walk_half(&k, (struct range){ f->high_first, UINT64_MAX });
	if (err >= 0) {
		w->tables.count[top]++;
		w->tables.bytes += table_bytes(f, top);
	}
	for (unsigned i = 0; i < f->levels; i++)
		free(k.buf[i]);
	free(k.seen.slots);
	return err;
}
