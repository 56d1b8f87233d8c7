/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which part of the space each line of the minimap stands for. Pieces get lines by the logarithm
 * of their size, so that a stack of 132 KiB and a direct map of 64 TiB can both be seen; where
 * there are more pieces than lines, neighbours share one: objects with the smallest gaps between
 * them, regions that matter least.
 */
#include "minimap.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	struct range r;
	u8 kind;
	u8 rank; /**< of a region: what has the lowest gives up its line first */
	u32 index, count;
	u64 biggest; /**< bytes resident, else mapped, of what `index` stands for */
	unsigned lines;
};

struct pieces {
	struct piece *v;
	size_t n, cap;
};

static unsigned bits_of(u64 bytes)
{
	return bytes ? 64 - (unsigned)__builtin_clzll(bytes) : 0;
}

static struct piece *add(struct pieces *ps, struct range r, enum map_kind kind, u32 index)
{
	GROW(ps->v, ps->n, ps->cap);
	ps->v[ps->n] = (struct piece){ .r = r,
				       .kind = kind,
				       .index = index,
				       .count = 1,
				       .biggest = range_size(r),
				       .lines = 1 };
	return &ps->v[ps->n++];
}

/* --- the kernel half -------------------------------------------------------------------------- */

static u8 region_rank(const struct region *r)
{
	switch (r->kind) {
	case KR_DIRECT_MAP:
	case KR_VMALLOC:
	case KR_IMAGE:
	case KR_MODULES:
		return 4;
	case KR_VMEMMAP:
		return 3;
	case KR_UNUSED:
	case KR_GUARD:
		return 1;
	default:
		return 2;
	}
}

/** Gives the line of piece `i` to the one below it, or at the end above it. */
static void merge_into_neighbour(struct pieces *ps, size_t i)
{
	size_t to = i + 1 < ps->n ? i + 1 : i - 1;
	struct piece *from = &ps->v[i], *p = &ps->v[to];

	p->r.first = MIN(p->r.first, from->r.first);
	p->r.last = MAX(p->r.last, from->r.last);
	if (p->kind == MAP_FREE && from->kind != MAP_FREE) {
		p->kind = from->kind;
		p->index = from->index;
		p->count = from->count;
		p->biggest = from->biggest;
		p->rank = from->rank;
	} else if (from->kind != MAP_FREE) {
		p->count += from->count;
		if (from->rank > p->rank) {
			p->index = from->index;
			p->rank = from->rank;
		}
	}
	memmove(from, from + 1, (--ps->n - i) * sizeof(*from));
}

static void add_kernel(struct pieces *ps, const struct space *s, unsigned most)
{
	u64 told = s->kernel.last;
	bool any = false;

	for (size_t i = s->nregions; i-- > 0;) {
		const struct region *g = &s->regions[i];
		struct range r = { MAX(g->first, s->kernel.first), MIN(g->last, told) };
		bool empty = g->kind == KR_UNUSED || g->kind == KR_GUARD;

		/* Intervals of what is not placed may overlap: each has what is left of it. */
		if (g->depth || r.first > r.last || (any && !told))
			continue;
		add(ps, r, empty ? MAP_FREE : MAP_REGION, (u32)i)->rank = region_rank(g);
		told = r.first ? r.first - 1 : 0;
		any = true;
	}
	while (ps->n > most && ps->n > 1) {
		size_t worst = 0;

		for (size_t i = 1; i < ps->n; i++)
			if (ps->v[i].rank < ps->v[worst].rank ||
			    (ps->v[i].rank == ps->v[worst].rank &&
			     range_size(ps->v[i].r) < range_size(ps->v[worst].r)))
				worst = i;
		merge_into_neighbour(ps, worst);
	}
}

/* --- the user half ---------------------------------------------------------------------------- */

static struct range object_range(const struct space *s, const struct object *o)
{
	return (struct range){ s->vmas[o->vma].first, s->vmas[o->vma + o->nvmas - 1].last };
}

/** Objects that lie in the user half; above them is vsyscall. */
static size_t user_objects(const struct space *s)
{
	size_t n = s->nobjects;

	while (n && s->vmas[s->objects[n - 1].vma].first > s->user.last)
		n--;
	return n;
}

/** Bytes between an object and the one above it. */
static u64 gap_above(const struct space *s, size_t i)
{
	return object_range(s, &s->objects[i + 1]).first - object_range(s, &s->objects[i]).last - 1;
}

/** Which boundaries between objects part pieces: gaps above `least`, and `ties` of that size. */
struct split {
	u64 least;
	size_t ties;
	bool touching; /**< also where there is no gap */
};

/** The largest gaps, as many as leave at most `most` pieces. */
static struct split choose_split(const struct space *s, size_t n, unsigned most)
{
	/* A gap is a piece, and parts two; those at the ends of the half are there anyway. */
	size_t room = most > 3 ? (most - 3) / 2 : 0, have = 0, gaps = 0;
	u64 *top = xcalloc(MAX(room, (size_t)1), sizeof(*top));
	struct split ret = { UINT64_MAX, 0, false };

	for (size_t i = 0; i + 1 < n; i++) {
		u64 gap = gap_above(s, i);
		size_t at = have;

		gaps += gap != 0;
		if (!gap || !room || (have == room && gap <= top[room - 1]))
			continue;
		at = have < room ? have++ : room - 1;
		for (; at > 0 && top[at - 1] < gap; at--)
			top[at] = top[at - 1];
		top[at] = gap;
	}
	if (have)
		ret.least = top[have - 1];
	for (size_t i = 0; i < have; i++)
		ret.ties += top[i] == ret.least;
	ret.touching = gaps == have && n + gaps + 2 <= most;
	free(top);
	return ret;
}

static bool parts(struct split *sp, u64 gap)
{
	if (!gap)
		return sp->touching;
	if (gap == sp->least && sp->ties) {
		sp->ties--;
		return true;
	}
	return gap > sp->least;
}

/** What an object counts by where several share a line. */
static u64 weight_of(const struct space *s, const struct object *o)
{
	u64 pages = 0;

	if (!s->have_scan)
		return range_size(object_range(s, o));
	for (u32 i = 0; i < o->nvmas; i++)
		pages += s->vmas[o->vma + i].pages.present;
	return pages;
}

static void add_user(struct pieces *ps, const struct space *s, unsigned most)
{
	size_t n = user_objects(s);
	struct split sp = choose_split(s, n, most);
	u64 high = s->user.last;

	for (size_t i = n; i-- > 0;) {
		struct range r = object_range(s, &s->objects[i]);
		struct piece *p;

		if (high > r.last)
			add(ps, (struct range){ r.last + 1, high }, MAP_FREE, NO_INDEX);
		p = add(ps, r, MAP_OBJECT, (u32)i);
		p->biggest = weight_of(s, &s->objects[i]);
		for (; i > 0 && !parts(&sp, gap_above(s, i - 1)); i--) {
			u64 weight = weight_of(s, &s->objects[i - 1]);

			p->r.first = s->vmas[s->objects[i - 1].vma].first;
			p->count++;
			if (weight > p->biggest) {
				p->biggest = weight;
				p->index = (u32)(i - 1);
			}
		}
		high = p->r.first ? p->r.first - 1 : 0;
		if (!p->r.first)
			return;
	}
	add(ps, (struct range){ s->user.first, high }, MAP_FREE, NO_INDEX);
}

/* --- heat ------------------------------------------------------------------------------------- */

static bool is_resident(unsigned state)
{
	return state != PS_ABSENT && state != PS_SWAPPED && state != PS_GUARD && state != PS_OTHER;
}

/** Fifteenths of bytes resident of a mapping's part, by its slices. */
static u64 resident_part(const struct space *s, const struct vma *v, struct range part)
{
	u64 size = range_size(vma_range(v)), step = size / MAX(v->nslices, 1), sum = 0;

	if (v->slices == NO_INDEX || !step)
		return 0;
	for (unsigned i = 0; i < v->nslices; i++) {
		u8 slice = ((const u8 *)s->slices.p)[v->slices + i];
		struct range r = { v->first + i * step, v->first + (i + 1) * step - 1 }, in;

		if (i + 1u == v->nslices)
			r.last = v->last;
		if (is_resident(SLICE_STATE(slice)) && range_intersect(r, part, &in))
			sum += range_size(in) / 15 * SLICE_FILL(slice);
	}
	return sum;
}

static int8_t heat_of(const struct space *s, struct range r)
{
	u64 size = 0, resident = 0;
	size_t i = space_lower_vma(s, r.first);

	for (; i < s->nvmas && s->vmas[i].first <= r.last; i++) {
		const struct vma *v = &s->vmas[i];
		struct range in;

		if (!(v->have & VMA_HAVE_PAGES) || !range_intersect(vma_range(v), r, &in))
			continue;
		size += range_size(in);
		if (range_size(in) == range_size(vma_range(v)))
			resident += v->pages.present * s->host.page_size;
		else
			resident += resident_part(s, v, in);
	}
	if (!size)
		return HEAT_UNKNOWN;
	return !resident	     ? 0
	       : resident < size / 8 ? 1
	       : resident < size / 4 ? 2
	       : resident < size / 2 ? 3
				     : HEAT_MOST;
}

/** What the kernel says is in use of a region. */
static int8_t region_heat(const struct region *g)
{
	u64 size = g->last - g->first + 1;

	if (!g->used.have || !size || g->conf >= CONF_BOUNDS)
		return HEAT_UNKNOWN;
	return !g->used.v	      ? 0
	       : g->used.v < size / 8 ? 1
	       : g->used.v < size / 4 ? 2
	       : g->used.v < size / 2 ? 3
				      : HEAT_MOST;
}

/* --- lines ------------------------------------------------------------------------------------ */

/** Gives the lines that are left to the pieces, by the logarithm of their size. */
static void share(struct pieces *ps, unsigned lines, u64 page)
{
	for (; ps->n && lines > 0; lines--) {
		size_t best = 0;
		u64 most = 0;

		for (size_t i = 0; i < ps->n; i++) {
			unsigned bits = bits_of(range_size(ps->v[i].r) - 1);
			u64 weight = bits > 12 ? bits - 12 : 1;

			/* What is empty has nothing to show but its size. */
			weight = weight * (ps->v[i].kind == MAP_FREE ? 500 : 1000);
			weight /= ps->v[i].lines + 1;
			/* No line is less than a page. */
			if (weight > most && range_size(ps->v[i].r) / page > ps->v[i].lines) {
				most = weight;
				best = i;
			}
		}
		if (!most)
			return;
		ps->v[best].lines++;
	}
}

struct writer {
	const struct space *s;
	struct map_line *lines;
	unsigned y, h;
};

static void put(struct writer *w, struct map_line line)
{
	if (w->y < w->h)
		w->lines[w->y++] = line;
}

static void put_border(struct writer *w, enum map_kind kind, struct range half, bool kernel)
{
	put(w,
	    (struct map_line){
		    .r = { 1, 0 }, .kind = (u8)kind, .index = kernel, .size = range_size(half) });
}

/** Of several objects all they span; a region has its own, wherever it lies. 0: not known. */
static u64 piece_size(const struct space *s, const struct piece *p)
{
	const struct region *g;

	if (p->kind != MAP_REGION)
		return range_size(p->r);
	g = &s->regions[p->index];
	if (g->conf >= CONF_BOUNDS)
		return g->size.have ? g->size.v : 0;
	return g->last - g->first + 1;
}

static void put_pieces(struct writer *w, const struct pieces *ps)
{
	u64 page = MAX(w->s->host.page_size, 1u);

	for (size_t i = 0; i < ps->n; i++) {
		const struct piece *p = &ps->v[i];
		u64 pages = (range_size(p->r) - 1) / page + 1;

		for (unsigned k = 0; k < p->lines; k++) {
			struct map_line line = { .kind = p->kind,
						 .first = !k,
						 .second = k == 1,
						 .index = p->index,
						 .count = p->count,
						 .start = p->r.first,
						 .size = piece_size(w->s, p),
						 .heat = HEAT_UNKNOWN };

			line.r.last = p->r.last - pages * k / p->lines * page;
			line.r.first = p->r.last - pages * (k + 1) / p->lines * page + 1;
			if (k + 1 == p->lines)
				line.r.first = p->r.first;
			if (p->kind == MAP_OBJECT)
				line.heat = heat_of(w->s, line.r);
			else if (p->kind == MAP_REGION && p->count == 1)
				line.heat = region_heat(&w->s->regions[p->index]);
			put(w, line);
		}
	}
}

/** How many lines a half's pieces get of `lines`, where the other half wants `other`. */
static unsigned fair(unsigned want, unsigned other, unsigned lines, unsigned percent)
{
	unsigned own = lines * percent / 100;

	if (want + other <= lines)
		return want;
	return MIN(want, MAX(own, other < lines ? lines - other : 0));
}

/** The user half: its pieces, or that they are not known. */
static void put_user(struct writer *w, const struct pieces *u, bool borders)
{
	put_border(w, MAP_TOP, w->s->user, false);
	if (w->s->no_user != USER_HERE)
		put(w, (struct map_line){ .r = w->s->user, .kind = MAP_DENIED, .first = true });
	put_pieces(w, u);
	if (borders)
		put_border(w, MAP_BOTTOM, w->s->user, false);
}

void minimap_lines(const struct space *s, unsigned h, bool kernel, struct map_line *lines)
{
	struct pieces k = { 0 }, u = { 0 };
	struct writer w = { s, lines, 0, h };
	bool denied = s->no_user != USER_HERE, have = s->kernel.last != 0, bottoms = h >= 16;
	bool user =
		s->user.last != 0 && s->no_user != USER_NOT_ASKED && (denied || space_user_vmas(s));
	bool between;
	unsigned borders = (user + have) * (bottoms ? 2u : 1u) + denied, rest, nk = 0, nu = 0;
	struct range hole;

	for (unsigned y = 0; y < h; y++)
		lines[y] = (struct map_line){ .r = { 1, 0 } };
	between = have && s->user.last && range_between(s->user, s->kernel, &hole);
	borders += between;
	rest = h > borders ? h - borders : 0;
	for (size_t i = 0; have && i < s->nregions; i++)
		nk += !s->regions[i].depth;
	if (user && !denied)
		nu = (unsigned)MIN(user_objects(s) * 2 + 1, (size_t)h);
	if (have)
		add_kernel(&k, s, MAX(fair(nk, nu, rest, kernel ? 65 : 30), 1u));
	/* A part of the lines is kept to tell large from small. */
	rest -= (unsigned)MIN(rest, k.n);
	if (user && !denied)
		add_user(&u, s, MAX(rest - rest / 4, 3u));
	rest -= (unsigned)MIN(rest, u.n);
	share(u.n ? &u : &k, rest, MAX(s->host.page_size, 1u));
	if (have) {
		put_border(&w, MAP_TOP, s->kernel, true);
		put_pieces(&w, &k);
		if (bottoms)
			put_border(&w, MAP_BOTTOM, s->kernel, true);
	}
	if (between)
		put(&w,
		    (struct map_line){
			    .r = hole, .kind = MAP_HOLE, .first = true, .size = range_size(hole) });
	if (user)
		put_user(&w, &u, bottoms);
	free(k.v);
	free(u.v);
}
