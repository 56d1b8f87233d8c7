/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

void changes_release(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].name);
	free(c->v);
	*c = (struct changes){ 0 };
}

/* --- pages ------------------------------------------------------------------------------------ */

/** The last byte of a run; at most that of 2^64. */
static u64 run_last(const struct state_run *run, u32 page_size)
{
	u64 more = (u64)run->n * page_size - 1;

	return run->n && more <= UINT64_MAX - run->addr ? run->addr + more : UINT64_MAX;
}

/** The run that has `addr`, or the first one above it; nruns if there is none. */
static size_t find_run(const struct page_states *p, u64 addr, u32 page_size)
{
	size_t low = 0, high = p->nruns;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct state_run *run = &p->runs[mid];

		if (run_last(run, page_size) < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/** What a page is at one time. */
struct page_then {
	bool here, swapped, copied;
};

static struct page_then then_of(const struct state_run *run)
{
	struct page_then t = { .here = true };

	if (!run)
		return (struct page_then){ 0 };
	t.swapped = run->state == PS_SWAPPED;
	t.copied = run->copied;
	/* Guards and markers are no pages. */
	if (run->state == PS_GUARD || run->state == PS_OTHER || run->state == PS_ABSENT)
		t.here = false;
	return t;
}

static char what_happened(struct page_then old, struct page_then now)
{
	if (!old.here)
		return !now.here ? 0 : now.copied ? 'c' : now.swapped ? 's' : 'n';
	if (!now.here)
		return 'g';
	if (now.swapped != old.swapped)
		return now.swapped ? 's' : 'i';
	return now.copied && !old.copied ? 'c' : 0;
}

static const struct state_run *run_at(const struct page_states *p, u64 addr, u32 page_size)
{
	size_t i = find_run(p, addr, page_size);

	return i < p->nruns && p->runs[i].addr <= addr ? &p->runs[i] : NULL;
}

char page_change(const struct snapshot *old, const struct snapshot *now, u64 addr)
{
	u32 size = now->space.host.page_size;

	if (!old->pages.have || !now->pages.have || !size)
		return 0;
	return what_happened(then_of(run_at(&old->pages, addr, size)),
			     then_of(run_at(&now->pages, addr, size)));
}

/** Walks the runs of both readings side by side over a mapping. */
struct run_cursor {
	const struct page_states *p;
	size_t i;
	u32 page_size;
};

/** The run at `addr` (NULL: no page), and in *last how far that answer holds. */
static const struct state_run *step(struct run_cursor *c, u64 addr, u64 *last)
{
	const struct state_run *run;

	while (c->i < c->p->nruns && run_last(&c->p->runs[c->i], c->page_size) < addr)
		c->i++;
	if (c->i == c->p->nruns)
		return NULL;
	run = &c->p->runs[c->i];
	if (run->addr > addr) {
		*last = MIN(*last, run->addr - 1);
		return NULL;
	}
	*last = MIN(*last, run_last(run, c->page_size));
	return run;
}

/** Told of each piece in which the same has happened to all pages; `what` may be 0. */
typedef void piece_fn(void *ctx, u64 addr, u64 n, char what);

static void walk_pages(const struct snapshot *old, const struct snapshot *now, struct range r,
		       piece_fn *fn, void *ctx)
{
	u32 size = now->space.host.page_size;
	struct run_cursor a = { &old->pages, find_run(&old->pages, r.first, size), size };
	struct run_cursor b = { &now->pages, find_run(&now->pages, r.first, size), size };
	u64 at = r.first, last;

	for (;; at = last + 1) {
		struct page_then x, y;

		last = r.last;
		x = then_of(step(&a, at, &last));
		y = then_of(step(&b, at, &last));
		fn(ctx, at, (last - at) / size + 1, what_happened(x, y));
		if (last >= r.last)
			break;
	}
}

static void count_piece(void *ctx, u64 addr, u64 n, char what)
{
	struct change *ch = ctx;

	(void)addr;
	switch (what) {
	case 'n':
		ch->came.v += n;
		break;
	case 'g':
		ch->went.v += n;
		break;
	case 'c':
		ch->copied.v += n;
		break;
	case 's':
		ch->swapped.v += n;
		break;
	case 'i':
		ch->swapped_in.v += n;
		break;
	}
}

static void count_pages(const struct snapshot *old, const struct snapshot *now, struct range r,
			struct change *ch)
{
	ch->came = ch->went = ch->copied = ch->swapped = ch->swapped_in = FIG(0);
	walk_pages(old, now, r, count_piece, ch);
}

struct collector {
	struct changed_run *v;
	size_t n, cap;
	u32 page_size;
};

static void collect_piece(void *ctx, u64 addr, u64 n, char what)
{
	struct collector *c = ctx;
	struct changed_run *last = c->n ? &c->v[c->n - 1] : NULL;

	if (!what)
		return;
	if (last && last->what == what && last->addr + last->n * c->page_size == addr) {
		last->n += n;
		return;
	}
	GROW(c->v, c->n, c->cap);
	c->v[c->n++] = (struct changed_run){ addr, n, what };
}

size_t changed_runs(const struct snapshot *old, const struct snapshot *now, struct range r,
		    struct changed_run **ret)
{
	struct collector c = { .page_size = now->space.host.page_size };

	if (old->pages.have && now->pages.have && c.page_size)
		walk_pages(old, now, r, collect_piece, &c);
	*ret = c.v;
	return c.n;
}

/* --- mappings --------------------------------------------------------------------------------- */

struct finder {
	const struct snapshot *old, *now;
	struct changes *ret;
	size_t i;  /**< old mappings below have been told, or end below the one in hand */
	u64 below; /**< pages below have been counted with a lower mapping */
};

static struct change *add(struct finder *f, enum change_kind kind, struct range r, u32 old_vma,
			  u32 new_vma)
{
	struct changes *c = f->ret;
	struct change *ch;

	GROW(c->v, c->n, c->cap);
	ch = &c->v[c->n++];
	*ch = (struct change){ .kind = kind, .r = r, .old_vma = old_vma, .new_vma = new_vma };
	return ch;
}

static bool same_backing(const struct finder *f, const struct vma *a, const struct vma *b)
{
	if (a->perms != b->perms || a->inode != b->inode || a->major != b->major ||
	    a->minor != b->minor)
		return false;
	/* The same part of the file, too. */
	if (a->inode && a->offset - a->first != b->offset - b->first)
		return false;
	/* Most names are none, which is 0 in every table. */
	return a->name == 0 ? b->name == 0
			    : !strcmp(strtab_get(&f->old->space.names, a->name),
				      strtab_get(&f->now->space.names, b->name));
}

/** What stood where a new mapping stands. */
struct beneath {
	u32 first;	/**< lowest old mapping it overlaps; NO_INDEX none */
	u64 bytes;	/**< of it that were mapped before */
	bool other;	/**< some of it was another mapping */
	struct range r; /**< from the lowest to the highest of those old mappings */
};

static struct beneath look_beneath(const struct finder *f, const struct vma *b)
{
	struct beneath ret = { .first = NO_INDEX };
	struct range common;

	for (size_t i = f->i; i < f->old->space.nvmas; i++) {
		const struct vma *a = &f->old->space.vmas[i];

		if (a->first > b->last)
			break;
		if (!range_intersect(vma_range(a), vma_range(b), &common))
			continue;
		if (ret.first == NO_INDEX) {
			ret.first = (u32)i;
			ret.r.first = a->first;
		}
		ret.r.last = a->last;
		ret.bytes += range_size(common);
		ret.other |= !same_backing(f, a, b);
	}
	return ret;
}

/**
 * Has the mapping lost something: is there a hole above or below it? *r is its range with that, but
 * for a hole that was counted with the mapping below.
 */
static bool has_lost(const struct finder *f, u32 k, const struct beneath *under, struct range *r)
{
	const struct space *s = &f->now->space;
	const struct vma *b = &s->vmas[k];
	u64 low = MIN(under->r.first, b->first), high = under->r.last;

	if (k && s->vmas[k - 1].last >= low)
		low = s->vmas[k - 1].last + 1;
	if (k + 1 < s->nvmas && s->vmas[k + 1].first <= high)
		high = s->vmas[k + 1].first - 1;
	r->first = MIN(MAX(low, f->below), b->first);
	r->last = MAX(high, b->last);
	return low < b->first || r->last > b->last;
}

u64 change_amount(const struct change *ch)
{
	return ch->came.v + ch->went.v + ch->copied.v + ch->swapped.v + ch->swapped_in.v;
}

/** A mapping of now. */
static void compare(struct finder *f, u32 k)
{
	const struct vma *b = &f->now->space.vmas[k];
	struct beneath under = look_beneath(f, b);
	struct range counted = vma_range(b);
	enum change_kind kind = CHANGE_NONE;
	struct change pages = { 0 }, *ch;

	if (under.first == NO_INDEX)
		kind = CHANGE_NEW;
	else if (under.other)
		kind = CHANGE_PERMS;
	else if (under.bytes < range_size(counted))
		kind = CHANGE_GROWN;
	else if (has_lost(f, k, &under, &counted))
		kind = CHANGE_SHRUNK;
	f->below = counted.last + 1;
	if (f->ret->have_pages) {
		count_pages(f->old, f->now, counted, &pages);
		if (kind == CHANGE_NONE && change_amount(&pages))
			kind = CHANGE_PAGES;
	}
	if (kind == CHANGE_NONE)
		return;
	ch = add(f, kind, vma_range(b), under.first, k);
	ch->came = pages.came;
	ch->went = pages.went;
	ch->copied = pages.copied;
	ch->swapped = pages.swapped;
	ch->swapped_in = pages.swapped_in;
}

/** An old mapping of which nothing is left. The old reading may be freed: its name is kept. */
static void gone(struct finder *f, u32 i)
{
	const struct space *s = &f->old->space;
	const struct vma *v = &s->vmas[i];
	struct change *ch = add(f, CHANGE_GONE, vma_range(v), i, NO_INDEX);

	ch->name = xstrdup(vma_name(s, v));
	ch->obj_kind = v->object == NO_INDEX ? OBJ_ANON : s->objects[v->object].kind;
	if (f->ret->have_pages)
		count_pages(f->old, f->now, ch->r, ch);
}

/** Once, not whenever they are shown: there may be as many changes as mappings. */
static void sum_up(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct change *ch = &c->v[i];

		c->kinds[ch->kind]++;
		c->all.came.v += ch->came.v;
		c->all.went.v += ch->went.v;
		c->all.copied.v += ch->copied.v;
		c->all.swapped.v += ch->swapped.v;
		c->all.swapped_in.v += ch->swapped_in.v;
	}
}

void changes_find(const struct snapshot *old, const struct snapshot *now, struct changes *ret)
{
	struct finder f = { .old = old, .now = now, .ret = ret };
	const struct vma *below = NULL;

	changes_release(ret);
	if (!old || !now || old->space.proc.pid != now->space.proc.pid)
		return;
	ret->have_pages = old->pages.have && now->pages.have && now->space.host.page_size;
	for (size_t k = 0; k <= now->space.nvmas; k++) {
		const struct vma *b = k < now->space.nvmas ? &now->space.vmas[k] : NULL;

		for (; f.i < old->space.nvmas; f.i++) {
			const struct vma *a = &old->space.vmas[f.i];

			if (b && a->last >= b->first)
				break;
			if (!below || below->last < a->first)
				gone(&f, (u32)f.i);
		}
		if (b)
			compare(&f, (u32)k);
		below = b;
	}
	sum_up(ret);
}

size_t changes_lower(const struct changes *c, u64 addr)
{
	size_t low = 0, high = c->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (c->v[mid].r.last < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const struct change *changes_at(const struct changes *c, u64 addr)
{
	size_t i = changes_lower(c, addr);

	return i < c->n && range_has(c->v[i].r, addr) ? &c->v[i] : NULL;
}
