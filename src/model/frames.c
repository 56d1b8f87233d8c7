/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames by state: what a word of kpageflags says, counters, and the slices of a bar. */
#include <stdlib.h>
#include <string.h>
#include "phys.h"

#define K(bit) (UINT64_C(1) << (bit))

static const char *const names[FS_NSTATES] = {
	[FS_NONE] = "none",	    [FS_FREE] = "free",		  [FS_ANON] = "anonymous",
	[FS_FILE] = "file",	    [FS_SHMEM] = "shared",	  [FS_HUGETLB] = "hugetlb",
	[FS_SLAB] = "slab",	    [FS_PGTABLE] = "page tables", [FS_KERNEL] = "no flag",
	[FS_RESERVED] = "reserved", [FS_OFFLINE] = "offline",	  [FS_POISON] = "poisoned",
};

const char *frame_state_name(enum frame_state st)
{
	return names[st];
}

/* Flags that only pages of files, of shared memory and of processes have. */
#define CACHE_BITS                                                                                 \
	(K(KPF_LRU) | K(KPF_UPTODATE) | K(KPF_DIRTY) | K(KPF_WRITEBACK) | K(KPF_SWAPCACHE) |       \
	 K(KPF_UNEVICTABLE) | K(KPF_ACTIVE))

enum frame_state frame_state_of(u64 word, enum frame_state before, bool ram)
{
	if (!word)
		return ram ? FS_KERNEL : FS_NONE;
	if (word & K(KPF_HWPOISON))
		return FS_POISON;
	if (word & K(KPF_NOPAGE))
		return FS_NONE;
	if (word & K(KPF_BUDDY))
		return FS_FREE;
	/*
	 * Typed pages before ANON: their struct page has other things where a mapping would be, and
	 * the kernel reads ANON and KSM out of those (fs/proc/page.c, 6.18).
	 */
	if (word & K(KPF_SLAB))
		return FS_SLAB;
	if (word & K(KPF_PGTABLE))
		return FS_PGTABLE;
	if (word & K(KPF_OFFLINE))
		return FS_OFFLINE;
	if (word & K(KPF_HUGE))
		return FS_HUGETLB;
	if (word & K(KPF_ANON))
		return FS_ANON;
	if (word & CACHE_BITS)
		return word & K(KPF_SWAPBACKED) ? FS_SHMEM : FS_FILE;
	if (word & K(KPF_RESERVED))
		return FS_RESERVED;
	/* Before 6.10 tails have few flags of their own; THP without ANON is the page cache's. */
	if (word & K(KPF_COMPOUND_TAIL) && (before == FS_FILE || before == FS_SHMEM))
		return before;
	if (word & K(KPF_COMPOUND_TAIL) && word & K(KPF_THP))
		return FS_FILE;
	return FS_KERNEL;
}

/* ------------------------------------------------------------------ the tally */

void frame_tally_init(struct frame_tally *t, u64 first, u64 last, size_t nslices, bool ram)
{
	u64 more = last - first;

	*t = (struct frame_tally){ .first = first, .last = last, .ram = ram };
	t->nslices = more < nslices ? (size_t)more + 1 : nslices;
	if (t->nslices)
		t->slices = xcalloc(t->nslices, 1);
}

void frame_tally_release(struct frame_tally *t)
{
	free(t->slices);
	t->slices = NULL;
}

/* The first frame after slice `i`, as a distance from the first of the range. */
static u64 slice_end(const struct frame_tally *t, size_t i)
{
	u64 total = t->last - t->first + 1, whole = total / t->nslices, rest = total % t->nslices;

	/* (i + 1) * total / nslices without overflow */
	return whole * (i + 1) + rest * (i + 1) / t->nslices;
}

static void close_slice(struct frame_tally *t)
{
	enum frame_state best = FS_NONE;
	u64 used = 0, all = t->sum[FS_NONE] + t->sum[FS_FREE];

	if (t->sum[FS_FREE])
		best = FS_FREE;
	for (enum frame_state st = FS_FREE + 1; st < FS_NSTATES; st++) {
		used += t->sum[st];
		if (t->sum[st] && (best <= FS_FREE || t->sum[st] > t->sum[best]))
			best = st;
	}
	all += used;
	/* Rounded up; in halves of 16ths so that no product overflows. */
	if (used)
		t->slices[t->slice] = SLICE(best, (u8)MIN((used * 15 + all - 1) / all, 15));
	else
		t->slices[t->slice] = SLICE(best, 0);
	memset(t->sum, 0, sizeof(t->sum));
}

/* Adds frames `at` to `at + n` (distances), slice by slice. */
static void add_to_slices(struct frame_tally *t, u64 at, u64 n, enum frame_state st)
{
	while (n) {
		u64 end = slice_end(t, t->slice), part;

		if (at >= end) {
			close_slice(t);
			t->slice++;
			continue;
		}
		part = MIN(n, end - at);
		t->sum[st] += part;
		at += part;
		n -= part;
	}
}

void frame_tally_add(struct frame_tally *t, u64 pfn, u64 n, u64 word)
{
	enum frame_state st;
	u64 last = pfn + (n - 1);

	if (!n || last < t->first || pfn > t->last)
		return;
	pfn = MAX(pfn, t->first);
	last = MIN(last, t->last);
	n = last - pfn + 1;
	st = frame_state_of(word, t->before, t->ram);
	t->before = st;
	t->seen += n;
	t->state[st] += n;
	if (t->nslices)
		add_to_slices(t, pfn - t->first, n, st);
}

void frame_tally_end(struct frame_tally *t)
{
	if (t->nslices && t->slice < t->nslices)
		close_slice(t);
}

u64 frame_tally_estimate(const struct frame_tally *t, enum frame_state st)
{
	u64 total = t->last - t->first + 1;

	if (t->seen == total || !t->seen)
		return t->state[st];
	return (u64)((double)t->state[st] / (double)t->seen * (double)total + 0.5);
}
