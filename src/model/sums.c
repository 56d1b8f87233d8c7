/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sums.h"

#include <stdlib.h>
#include <string.h>

u8 slices_join(const u8 *slice, size_t from, size_t to)
{
	size_t fill[16] = { 0 }, sum = 0;
	unsigned empty = 0, best = 0;

	if (to == from + 1)
		return slice[from];
	for (size_t i = from; i < to; i++) {
		unsigned n = SLICE_FILL(slice[i]);

		fill[SLICE_STATE(slice[i])] += n;
		sum += n;
		if (!n)
			empty = MAX(empty, (unsigned)SLICE_STATE(slice[i]));
	}
	for (unsigned st = 1; st < 16; st++)
		if (fill[st] > fill[best] || (!best && fill[st]))
			best = st;
	return sum ? SLICE(best, (sum + to - from - 1) / (to - from)) : SLICE(empty, 0);
}

/* --- the bar of an object --------------------------------------------------------------------- */

/**
 * A bar over all mappings of an object as if they followed each other without gaps. Weights are
 * pages times sixteenths; no object has 2^60 of them.
 */
struct joined_bar {
	u64 fill[SLICES_MAX][16];
	u8 empty[SLICES_MAX]; /**< highest state of what fills nothing */
	u64 npages;	      /**< of all mappings */
	unsigned n;	      /**< cells */
};

/** First page of cell `i`, rounded up: of a whole that may exceed 2^58 pages the product fits. */
static u64 cell_start(const struct joined_bar *b, unsigned i)
{
	u64 whole = b->npages / b->n, rest = b->npages % b->n;

	return whole * i + (rest * i + b->n - 1) / b->n;
}

/** Pages [first, end) of the bar hold `slice`. */
static void add_slice(struct joined_bar *b, unsigned *cell, u64 first, u64 end, u8 slice)
{
	while (*cell + 1 < b->n && cell_start(b, *cell + 1) <= first)
		++*cell;
	for (unsigned i = *cell; i < b->n && first < end; i++) {
		u64 stop = MIN(end, i + 1 < b->n ? cell_start(b, i + 1) : end);

		if (SLICE_FILL(slice))
			b->fill[i][SLICE_STATE(slice)] += (stop - first) * SLICE_FILL(slice);
		else
			b->empty[i] = MAX(b->empty[i], (u8)SLICE_STATE(slice));
		first = stop;
	}
}

static void add_mapping(struct joined_bar *b, const struct space *s, const struct vma *v, u64 *page,
			unsigned *cell)
{
	u64 n = range_size(vma_range(v)) / s->host.page_size, k = v->nslices;
	const u8 *slice = (const u8 *)s->slices.p + v->slices;

	for (u64 i = 0; i < k; i++) {
		u64 from = n / k * i + n % k * i / k, to = n / k * (i + 1) + n % k * (i + 1) / k;

		add_slice(b, cell, *page + from, *page + to, slice[i]);
	}
	*page += n;
}

static u8 cell_slice(const struct joined_bar *b, unsigned i)
{
	u64 end = i + 1 < b->n ? cell_start(b, i + 1) : b->npages, sum = 0;
	u64 pages = MAX(end - cell_start(b, i), (u64)1);
	unsigned best = 0;

	for (unsigned st = 0; st < 16; st++) {
		sum += b->fill[i][st];
		if (b->fill[i][st] > b->fill[i][best])
			best = st;
	}
	return sum ? SLICE(best, MIN((sum + pages - 1) / pages, (u64)15)) : SLICE(b->empty[i], 0);
}

static void join_bars(const struct space *s, const struct object *o, struct object_sum *ret)
{
	struct joined_bar b = { .n = 0 };
	const struct vma *v = &s->vmas[o->vma];
	unsigned cell = 0;
	bool all = true;
	u64 page = 0;

	for (u32 i = 0; i < o->nvmas; i++) {
		b.npages += range_size(vma_range(&v[i])) / s->host.page_size;
		all &= v[i].have & VMA_HAVE_PAGES && v[i].slices != NO_INDEX;
	}
	/* Where nobody looked a cell has no state. */
	if (!all || !b.npages)
		return;
	b.n = (unsigned)MIN(b.npages, (u64)SLICES_MAX);
	for (u32 i = 0; i < o->nvmas; i++)
		add_mapping(&b, s, &v[i], &page, &cell);
	for (unsigned i = 0; i < b.n; i++)
		ret->bar[i] = cell_slice(&b, i);
	ret->nbar = (u8)b.n;
}

static void object_bar(const struct space *s, const struct object *o, struct object_sum *ret)
{
	const struct vma *v = &s->vmas[o->vma];

	if (!s->host.page_size)
		return;
	if (o->nvmas != 1 || !(v->have & VMA_HAVE_PAGES) || v->slices == NO_INDEX) {
		join_bars(s, o, ret);
		return;
	}
	ret->nbar = MIN(v->nslices, SLICES_MAX);
	memcpy(ret->bar, s->slices.p + v->slices, ret->nbar);
}

/* --- sums ------------------------------------------------------------------------------------- */

static void sum_object(const struct space *s, u32 object, struct object_sum *ret)
{
	const struct object *o = &s->objects[object];

	*ret = (struct object_sum){ .object = object,
				    .all = PERM_R | PERM_W | PERM_X | PERM_SHARED,
				    .totals = object_totals(s, o) };
	for (u32 i = 0; i < o->nvmas; i++) {
		ret->any |= s->vmas[o->vma + i].perms;
		ret->all &= s->vmas[o->vma + i].perms;
	}
	object_bar(s, o, ret);
}

struct sums *sums_new(const struct space *s)
{
	struct sums *sums = xcalloc(1, sizeof(*sums));

	for (size_t i = 0; i < s->nobjects; i++) {
		if (s->objects[i].nvmas < SUM_LEAST)
			continue;
		GROW(sums->v, sums->n, sums->cap);
		sum_object(s, (u32)i, &sums->v[sums->n++]);
	}
	sums->user = space_totals(s, s->user, sums->kind);
	sums->map_count = space_map_count(s);
	sums->have_largest = space_largest_gap(s, &sums->largest);
	space_headroom(s, sums->headroom);
	return sums;
}

void sums_free(struct sums *sums)
{
	if (!sums)
		return;
	free(sums->v);
	free(sums);
}

/** What was summed up beforehand; NULL: it was not. */
static const struct object_sum *find_sum(const struct sums *sums, u32 object)
{
	size_t low = 0, high = sums ? sums->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (sums->v[mid].object < object)
			low = mid + 1;
		else
			high = mid;
	}
	return sums && low < sums->n && sums->v[low].object == object ? &sums->v[low] : NULL;
}

void sums_object(const struct sums *sums, const struct space *s, u32 object, struct object_sum *ret)
{
	const struct object_sum *sum = find_sum(sums, object);

	if (sum)
		*ret = *sum;
	else
		sum_object(s, object, ret);
}

struct totals sums_totals(const struct sums *sums, const struct space *s, u32 object)
{
	const struct object_sum *sum = find_sum(sums, object);

	return sum ? sum->totals : object_totals(s, &s->objects[object]);
}

struct totals sums_user(const struct sums *sums, const struct space *s, struct totals *kind)
{
	struct totals all, kinds[OBJ_NKINDS];

	if (!sums) {
		all = space_totals(s, s->user, kinds);
		if (kind)
			memcpy(kind, kinds, sizeof(kinds));
		return all;
	}
	if (kind)
		memcpy(kind, sums->kind, sizeof(sums->kind));
	return sums->user;
}

u64 sums_map_count(const struct sums *sums, const struct space *s)
{
	return sums ? sums->map_count : space_map_count(s);
}

bool sums_largest_gap(const struct sums *sums, const struct space *s, struct gap *ret)
{
	if (!sums)
		return space_largest_gap(s, ret);
	*ret = sums->largest;
	return sums->have_largest;
}

void sums_headroom(const struct sums *sums, const struct space *s,
		   struct headroom ret[static HEADROOM_N])
{
	if (sums)
		memcpy(ret, sums->headroom, sizeof(sums->headroom));
	else
		space_headroom(s, ret);
}
