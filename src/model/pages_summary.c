/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames counted by flag set, and pages by state and mapping. */
#include <stdlib.h>
#include "pages.h"

void page_summary_init(struct page_summary *p, const struct space *s, bool per_vma)
{
	*p = (struct page_summary){ 0 };
	flag_sets_init(&p->sets);
	if (per_vma && s->nvmas) {
		p->nvmas = s->nvmas;
		p->vma = xcalloc(p->nvmas, sizeof(*p->vma));
	}
}

void page_summary_release(struct page_summary *p)
{
	flag_sets_release(&p->sets);
	free(p->by_set);
	free(p->vma);
	*p = (struct page_summary){ 0 };
}

static void count_word(struct page_summary *p, u64 word, u64 n)
{
	u32 id = flag_sets_add(&p->sets, word);

	if (id >= p->nby_set) {
		size_t had = p->nby_set;

		p->nby_set = p->sets.cap;
		p->by_set = xreallocarray(p->by_set, p->nby_set, sizeof(*p->by_set));
		for (size_t i = had; i < p->nby_set; i++)
			p->by_set[i] = 0;
	}
	p->by_set[id] += n;
}

static void count_mapcount(struct page_summary *p, u32 count, u64 n)
{
	if (count == COUNT_UNKNOWN)
		p->count_unknown += n;
	else
		p->count_hist[count < 2 ? count : count < 8 ? 2 : 3] += n;
}

/* n pages of one kind: a record of the batch and those equal to it. */
static void count_pages(struct page_summary *p, const struct space *s, const struct page_batch *b,
			const struct page_rec *rec, u64 n)
{
	bool have = rec->flags != FLAGS_UNKNOWN;
	u64 word = have ? b->sets->words[rec->flags] : 0;
	bool frame = b->vma == NO_INDEX;
	enum page_state st = PS_PRESENT;

	if (!frame) {
		const struct vma *v = &s->vmas[b->vma];

		st = page_state_of(s, v, rec->pm, have, word);
		if (b->huge && rec->pm & PM_PRESENT && st != PS_ZERO)
			st = PS_HUGE;
		if (b->vma < p->nvmas) {
			p->vma[b->vma].state[st] += n;
			p->vma[b->vma].copied += page_copied(v, rec->pm) ? n : 0;
		}
	}
	if (frame || rec->pm & PM_PRESENT) {
		p->mapped_total += n;
		if (have)
			count_word(p, word, n);
		else
			p->unknown += n;
		count_mapcount(p, rec->count, n);
	} else if (st == PS_GUARD) {
		p->guard += n;
	} else if (st == PS_SWAPPED) {
		p->swapped += n;
	} else if (st == PS_OTHER) {
		p->other += n;
	}
}

/* The bits of an entry that decide its state: all but where the page is. */
static bool same_kind(const struct page_rec *a, const struct page_rec *b, bool frame)
{
	u64 differ = a->pm ^ b->pm;

	/* Of a non-present entry the place tells swap from markers. */
	if (frame || a->pm & PM_PRESENT)
		differ &= ~PM_PFN(~UINT64_C(0));
	return !differ && a->flags == b->flags && a->count == b->count;
}

int page_summary_add(void *ctx, const struct page_batch *b)
{
	struct page_summary_feed *feed = ctx;
	size_t first = 0;

	if (!b->n)
		return 0;
	if (b->absent) {
		if (b->vma < feed->sum->nvmas)
			feed->sum->vma[b->vma].state[PS_ABSENT] += b->n;
		return 0;
	}
	if (b->unit) {
		count_pages(feed->sum, feed->space, b, &b->rec[0], 1);
		if (b->n > 1)
			count_pages(feed->sum, feed->space, b, &b->rec[1], b->n - 1);
		return 0;
	}
	for (size_t i = 1; i <= b->n; i++) {
		if (i < b->n && same_kind(&b->rec[first], &b->rec[i], b->vma == NO_INDEX))
			continue;
		count_pages(feed->sum, feed->space, b, &b->rec[first], i - first);
		first = i;
	}
	return 0;
}
