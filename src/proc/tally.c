/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From ranges of pages in one state to the counters and the bar of each mapping: streaming, the
 * work is one step a range and one a slice, however many pages there are.
 */
#include <string.h>
#include "pageio.h"

static u64 slice_begin(const struct tally *t, unsigned slice)
{
	return t->npages * slice / t->v->nslices;
}

/* The state most of the slice's pages have that are there at all, and how many those are. */
static void flush_slice(struct tally *t)
{
	u64 size = slice_begin(t, t->slice + 1) - slice_begin(t, t->slice);
	unsigned most = PS_ABSENT;
	u64 here = 0;

	for (unsigned st = PS_ABSENT + 1; st < PS_NSTATES; st++) {
		here += t->sum[st];
		if (t->sum[st] > t->sum[most])
			most = st;
	}
	if (here)
		t->s->slices.p[t->v->slices + t->slice] =
			(char)SLICE(most, MIN((here * 16 + size - 1) / size, 15));
	memset(t->sum, 0, sizeof(t->sum));
}

/* smaps has a figure for swap, and it is 0. */
static bool says_no_swap(const struct space *s, const struct vma *v)
{
	struct smaps_values m;

	if (!(v->have & VMA_HAVE_SMAPS))
		return false;
	space_smaps(s, v, &m);
	return m.have & UINT64_C(1) << SMAPS_SWAP && !m.v[SMAPS_SWAP];
}

static void begin_vma(struct tally *t)
{
	struct space *s = t->s;
	struct vma *v = &s->vmas[t->next++];

	memset(&v->pages, 0, sizeof(v->pages));
	v->slices = NO_INDEX;
	v->nslices = 0;
	v->have &= (u8)~VMA_HAVE_PAGES;
	t->v = NULL;
	/* An index has 32 bits; a space with that many mappings is a made-up one. */
	if (vma_beyond_user(s, v) || s->slices.len > NO_INDEX - SLICES_MAX - 1)
		return;
	t->v = v;
	t->npages = range_size(vma_range(v)) / s->host.page_size;
	if (!t->npages)
		t->npages = 1;
	t->slice = 0;
	t->plain = vma_present_state(s, v);
	t->mixed = vma_is_mixed(s, v);
	t->no_swap = t->no_guard && says_no_swap(s, v);
	v->have |= VMA_HAVE_PAGES;
	v->slices = (u32)s->slices.len;
	v->nslices = (u8)MIN(t->npages, SLICES_MAX);
	buf_fill(&s->slices, (char)SLICE(PS_ABSENT, 0), v->nslices);
}

static void end_vma(struct tally *t)
{
	if (t->v)
		flush_slice(t);
	t->v = NULL;
}

void tally_begin(struct tally *t, struct space *s, bool no_guard)
{
	*t = (struct tally){ .s = s, .no_guard = no_guard };
	buf_clear(&s->slices);
}

static void count(struct tally *t, u64 addr, u64 n, enum page_state st, bool huge)
{
	struct page_counts *c = &t->v->pages;

	if (st != PS_GUARD && !c->present && !c->swapped)
		c->lowest = addr;
	if (st == PS_GUARD) {
		c->guard += n;
		return;
	}
	if (st == PS_SWAPPED || st == PS_OTHER) {
		c->swapped += n;
		return;
	}
	c->present += n;
	c->zero += st == PS_ZERO ? n : 0;
	c->huge += huge ? n : 0;
}

/* Pages `page` and the n - 1 after it, counted from the start of the mapping. */
static void draw(struct tally *t, u64 page, u64 n, enum page_state st)
{
	while (n) {
		unsigned slice = (unsigned)(page * t->v->nslices / t->npages);
		u64 take;

		while (slice + 1u < t->v->nslices && slice_begin(t, slice + 1) <= page)
			slice++;
		if (slice != t->slice) {
			flush_slice(t);
			t->slice = slice;
		}
		take = MIN(n, slice_begin(t, slice + 1) - page);
		t->sum[st] += take;
		page += take;
		n -= take;
	}
}

static enum page_state present_state(const struct tally *t, enum page_state entry)
{
	if (!t->mixed || entry == PS_PRESENT)
		return t->plain;
	return entry == PS_FILE ? vma_file_state(t->s, t->v) : PS_ANON;
}

/* The part of a range that is in the mapping last begun. */
static void add_here(struct tally *t, u64 addr, u64 n, enum page_state st, bool huge)
{
	/* Nothing to count; or a made-up mapping that is no multiple of a page. */
	if (st == PS_ABSENT || !n)
		return;
	if (st == PS_PRESENT || st == PS_FILE || st == PS_ANON)
		st = present_state(t, st);
	if (st == PS_SWAPPED && t->no_swap)
		st = PS_OTHER;
	count(t, addr, n, st, huge);
	draw(t, (addr - t->v->first) / t->s->host.page_size, n,
	     huge && st != PS_ZERO ? PS_HUGE : st);
}

void tally_add(struct tally *t, u64 addr, u64 npages, enum page_state st, bool huge)
{
	u32 page_size = t->s->host.page_size;
	u64 last = addr + npages * page_size - 1;
	struct range part;

	for (;;) {
		if (t->v && range_intersect(vma_range(t->v), (struct range){ addr, last }, &part))
			add_here(t, part.first, range_size(part) / page_size, st, huge);
		if (t->v && last <= t->v->last)
			return;
		if (t->next == t->s->nvmas || t->s->vmas[t->next].first > last)
			return;
		end_vma(t);
		begin_vma(t);
	}
}

void tally_end(struct tally *t)
{
	end_vma(t);
	while (t->next < t->s->nvmas) {
		begin_vma(t);
		end_vma(t);
	}
}
