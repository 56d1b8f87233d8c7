/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Resources and zones -> pieces in address order, and what goes by of frames -> the pieces.
 *
 * RAM is cut where a zone begins or ends; where iomem is closed to us, what the zones span stands
 * in its place. Everything is bounded by the lines of iomem and the number of zones.
 */
#include "phys.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ zones */

/** The zones that span any byte of [first, last]: *zone the only one, *overlap if there are more.
 */
static void zones_of(const struct phys *p, u64 first, u64 last, u32 *zone, bool *overlap)
{
	*zone = NO_INDEX;
	*overlap = false;
	for (size_t i = 0; i < p->nzones; i++) {
		u64 from, to;

		if (!zone_span(&p->zones[i], &from, &to) || from > last / p->page_size ||
		    to < first / p->page_size)
			continue;
		if (*zone != NO_INDEX)
			*overlap = true;
		*zone = (u32)i;
	}
	if (*overlap)
		*zone = NO_INDEX;
}

/** The lowest address above `addr` and up to `last` where a zone begins or has ended; 0 for none.
 */
static u64 next_border(const struct phys *p, u64 addr, u64 last)
{
	u64 best = 0;

	for (size_t i = 0; i < p->nzones; i++) {
		u64 edge[2];

		if (!zone_span(&p->zones[i], &edge[0], &edge[1]))
			continue;
		edge[1]++;
		for (unsigned k = 0; k < 2; k++) {
			u64 at = edge[k] * p->page_size;

			/* Beyond 2^64 it is no border of anything. */
			if (edge[k] > UINT64_MAX / p->page_size || at <= addr || at > last)
				continue;
			if (!best || at < best)
				best = at;
		}
	}
	return best;
}

/* ------------------------------------------------------------------ pieces */

static bool is_limited(const struct phys *p)
{
	return p->limit.first != 0 || p->limit.last != UINT64_MAX;
}

static void add_piece(struct phys *p, struct piece piece)
{
	struct range whole = { piece.first, piece.last }, part;

	if (!range_intersect(whole, p->limit, &part))
		return;
	/* One address asks for what is there, more for just that range of it. */
	if (is_limited(p) && p->limit.first != p->limit.last && piece.kind != PIECE_OTHER) {
		u64 mask = (u64)p->page_size - 1;

		part.first &= ~mask;
		part.last |= mask;
		range_intersect(part, whole, &part);
		piece.cut = part.first != piece.first || part.last != piece.last;
		piece.first = part.first;
		piece.last = part.last;
	}
	GROW(p->pieces, p->npieces, p->cap_pieces);
	p->pieces[p->npieces++] = piece;
}

/** A range of RAM, or (res NO_INDEX) of spans, cut at the borders of zones. */
static void add_zoned(struct phys *p, enum piece_kind kind, u64 first, u64 last, u32 res)
{
	while (first <= last) {
		u64 border = next_border(p, first, last), end = border ? border - 1 : last;
		struct piece piece = { .first = first, .last = end, .kind = kind, .res = res };

		zones_of(p, first, end, &piece.zone, &piece.overlap);
		if (kind == PIECE_SPAN && piece.zone == NO_INDEX && !piece.overlap)
			piece.kind = PIECE_HOLE;
		add_piece(p, piece);
		if (end == last)
			return;
		first = end + 1;
	}
}

static void add_plain(struct phys *p, enum piece_kind kind, u64 first, u64 last, u32 res)
{
	add_piece(
		p,
		(struct piece){
			.first = first, .last = last, .kind = kind, .res = res, .zone = NO_INDEX });
}

/** A resource at the top and the RAM that may stand inside it (memory of CXL, of dax devices). */
static size_t add_resource(struct phys *p, size_t i)
{
	const struct resource *top = &p->resources[i];
	u64 next = top->first;
	bool done = false;
	size_t k;

	if (top->kind == RES_RAM) {
		add_zoned(p, PIECE_RAM, top->first, top->last, (u32)i);
		for (k = i + 1; k < p->nresources && p->resources[k].depth; k++)
			;
		return k;
	}
	for (k = i + 1; k < p->nresources && p->resources[k].depth; k++) {
		const struct resource *r = &p->resources[k];

		if (r->kind != RES_RAM || r->first < next || done)
			continue;
		if (r->first > next)
			add_plain(p, PIECE_OTHER, next, r->first - 1, (u32)i);
		add_zoned(p, PIECE_RAM, r->first, r->last, (u32)k);
		done = r->last == top->last;
		next = r->last + 1;
	}
	if (!done)
		add_plain(p, PIECE_OTHER, next, top->last, (u32)i);
	return k;
}

/** Returns the first address above all of them, 0 at the top of 2^64. */
static u64 layout_resources(struct phys *p)
{
	u64 next = 0;
	bool top = false; /* the last resource ends at the top of 2^64 */

	for (size_t i = 0; i < p->nresources && !top;) {
		const struct resource *r = &p->resources[i];

		if (r->first > next)
			add_plain(p, PIECE_HOLE, next, r->first - 1, NO_INDEX);
		next = r->last + 1;
		top = r->last == UINT64_MAX;
		i = add_resource(p, i);
	}
	return next;
}

/** Without iomem: from the lowest frame of any zone to the highest. */
static u64 layout_zones(struct phys *p)
{
	u64 low = UINT64_MAX, high = 0;

	for (size_t i = 0; i < p->nzones; i++) {
		u64 first, last;

		if (!zone_span(&p->zones[i], &first, &last) || last > UINT64_MAX / p->page_size - 1)
			continue;
		low = MIN(low, first * p->page_size);
		high = MAX(high, last * p->page_size + (p->page_size - 1));
	}
	if (low > high)
		return 0;
	if (low)
		add_plain(p, PIECE_HOLE, 0, low - 1, NO_INDEX);
	add_zoned(p, PIECE_SPAN, low, high, NO_INDEX);
	return high + 1;
}

/** From the highest piece to the end of what the CPU can address. */
static void layout_rest(struct phys *p, u64 next)
{
	u64 last;

	if (!p->phys_bits.have || p->phys_bits.v >= 64 || !next)
		return;
	last = (UINT64_C(1) << p->phys_bits.v) - 1;
	if (next <= last)
		add_plain(p, PIECE_HOLE, next, last, NO_INDEX);
}

static bool has_frames(const struct piece *pc)
{
	return pc->kind == PIECE_RAM || pc->kind == PIECE_SPAN;
}

/** First and last whole frame of a piece; false when it has none. */
static bool piece_frames(const struct phys *p, const struct piece *pc, u64 *first, u64 *last)
{
	u64 size = p->page_size;

	if (!has_frames(pc) || pc->last == UINT64_MAX || pc->last < size - 1)
		return false;
	*first = pc->first / size + (pc->first % size != 0);
	*last = (pc->last + 1) / size - 1;
	return *first <= *last;
}

void phys_layout(struct phys *p, struct range limit)
{
	size_t framed = 0, share;

	p->limit = limit;
	if (p->iomem == IOMEM_READ && p->nresources)
		layout_rest(p, layout_resources(p));
	else
		layout_rest(p, layout_zones(p));
	for (size_t i = 0; i < p->npieces; i++)
		framed += has_frames(&p->pieces[i]);
	share = framed ? MAX((size_t)PHYS_SLICES / framed, (size_t)1) : 0;
	for (size_t i = 0; i < p->npieces; i++) {
		struct piece *pc = &p->pieces[i];
		u64 first, last;

		if (piece_frames(p, pc, &first, &last))
			frame_tally_init(&pc->frames, first, last, MIN(share, (size_t)PIECE_SLICES),
					 pc->kind == PIECE_RAM);
	}
}

/* ------------------------------------------------------------------ what to read */

static u64 frames_of(const struct piece *pc)
{
	return pc->frames.nslices ? pc->frames.last - pc->frames.first + 1 : 0;
}

u64 phys_frames(const struct phys *p)
{
	u64 sum = 0;

	for (size_t i = 0; i < p->npieces; i++)
		sum += frames_of(&p->pieces[i]);
	return sum;
}

bool phys_partial(const struct phys *p)
{
	for (size_t i = 0; i < p->npieces; i++)
		if (p->pieces[i].frames.seen < frames_of(&p->pieces[i]))
			return true;
	return false;
}

/** Blocks of a piece that are read at the least, so that small ones are not guessed at. */
#define BLOCKS_MIN 64
u64 phys_plan(struct phys *p, bool all)
{
	u64 total = phys_frames(p), every = 1, sum = 0;

	if (!all && total > FRAMES_WHOLE)
		every = (total + FRAMES_WHOLE - 1) / FRAMES_WHOLE;
	p->every = 1;
	for (size_t i = 0; i < p->npieces; i++) {
		struct piece *pc = &p->pieces[i];
		u64 n = frames_of(pc);

		if (!n)
			continue;
		pc->every = MAX(MIN(every, n / FRAME_BLOCK / BLOCKS_MIN), (u64)1);
		p->every = MAX(p->every, pc->every);
		sum += n / pc->every;
	}
	return sum;
}

/* ------------------------------------------------------------------ frames */

size_t phys_find(const struct phys *p, u64 pfn)
{
	u64 addr = pfn * p->page_size;
	size_t low = 0, high = p->npieces;

	if (pfn > UINT64_MAX / p->page_size)
		return SIZE_MAX;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->pieces[mid].last < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->npieces && p->pieces[low].first <= addr ? low : SIZE_MAX;
}

void phys_sweep_begin(struct phys_sweep *w, struct phys *p)
{
	*w = (struct phys_sweep){ .p = p, .set = flag_sets_add(&p->sets, 0) };
}

static void count_set(struct phys *p, u32 set, u64 n)
{
	if (set >= p->nby_set) {
		size_t grown = MAX(p->nby_set * 2, (size_t)set + 64);

		p->by_set = xreallocarray(p->by_set, grown, sizeof(*p->by_set));
		memset(p->by_set + p->nby_set, 0, (grown - p->nby_set) * sizeof(*p->by_set));
		p->nby_set = grown;
	}
	p->by_set[set] += n;
}

int phys_sweep_run(void *ctx, u64 pfn, u64 n, u64 word)
{
	struct phys_sweep *w = ctx;
	struct phys *p = w->p;

	if (word != w->word) {
		w->word = word;
		w->set = flag_sets_add(&p->sets, word);
	}
	count_set(p, w->set, n);
	while (w->i < p->npieces &&
	       (!p->pieces[w->i].frames.nslices || p->pieces[w->i].frames.last < pfn))
		w->i++;
	/* A run may reach over pieces that touch. */
	for (size_t i = w->i; i < p->npieces; i++) {
		struct frame_tally *t = &p->pieces[i].frames;

		if (!t->nslices)
			continue;
		if (t->first > pfn + (n - 1))
			break;
		frame_tally_add(t, pfn, n, word);
	}
	return 0;
}

void phys_sweep_end(struct phys_sweep *w)
{
	w->p->swept = true;
	for (size_t i = 0; i < w->p->npieces; i++)
		frame_tally_end(&w->p->pieces[i].frames);
}

/* ------------------------------------------------------------------ the process */

static void mark(struct phys *p, u64 pfn, u64 n)
{
	size_t i = phys_find(p, pfn);
	struct piece *pc = i == SIZE_MAX ? NULL : &p->pieces[i];
	u64 total, at, slice;

	if (!pc || !pc->frames.nslices || pfn < pc->frames.first || pfn > pc->frames.last) {
		p->process.elsewhere += n;
		return;
	}
	if (!pc->mine)
		pc->mine = xcalloc(pc->frames.nslices, sizeof(*pc->mine));
	total = pc->frames.last - pc->frames.first + 1;
	at = pfn - pc->frames.first;
	/* PFNs have at most 52 bits and slices 10: no overflow. */
	slice = at * pc->frames.nslices / total;
	pc->mine[slice] = (u32)MIN((u64)pc->mine[slice] + n, UINT32_MAX);
	pc->nmine += n;
	if (pc->zone != NO_INDEX)
		p->process.zone[pc->zone] += n;
	else
		p->process.no_zone += n;
}

void phys_mark_begin(struct phys *p)
{
	p->process.asked = true;
	p->process.zone = xcalloc(p->nzones + 1, sizeof(*p->process.zone));
}

int phys_mark_pages(void *ctx, const struct page_batch *b)
{
	struct phys *p = ctx;
	struct phys_process *pr = &p->process;

	for (size_t i = 0; !b->absent && i < b->n; i++) {
		const struct page_rec *rec = &b->rec[b->unit ? MIN(i, (size_t)1) : i];
		u64 pfn = PM_PFN(rec->pm) + (b->unit && i > 1 ? i - 1 : 0), word = 0;

		if (!(rec->pm & PM_PRESENT))
			continue;
		if (!PM_PFN(rec->pm)) {
			pr->masked++;
			continue;
		}
		if (rec->flags != FLAGS_UNKNOWN)
			word = b->sets->words[rec->flags];
		if (word >> KPF_ZERO_PAGE & 1) {
			pr->zero++;
			continue;
		}
		pr->pages++;
		if (rec->flags != FLAGS_UNKNOWN)
			pr->state[frame_state_of(word, FS_NONE, true)]++;
		mark(p, pfn, 1);
	}
	return 0;
}
