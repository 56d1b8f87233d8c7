/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sums, gaps and room to grow. Sums saturate: figures of a made-up tree may be anything. A sum
 * over mappings of which one does not know the figure is not known, nor is one that a mapping may
 * be part of or not.
 */
#include "classify.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ totals */

static u64 add_sat(u64 a, u64 b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static u64 mul_sat(u64 a, u64 b)
{
	u64 product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static u64 sub_sat(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

void totals_init(struct totals *t)
{
	const struct fig zero = FIG(0);

	*t = (struct totals){
		.rss = zero,
		.pss = zero,
		.swap = zero,
		.anon = zero,
		.private_dirty = zero,
		.private_clean = zero,
		.shared_clean = zero,
		.shared_dirty = zero,
		.referenced = zero,
		.locked = zero,
		.huge = zero,
		.present = zero,
		.swapped = zero,
		.guard = zero,
		.zero = zero,
		.other = zero,
		.untouched = zero,
	};
}

static void add_fig(struct fig *sum, struct fig f)
{
	sum->have = sum->have && f.have;
	sum->v = sum->have ? add_sat(sum->v, f.v) : 0;
}

static struct fig kib(const struct smaps_values *m, enum smaps_field field)
{
	struct fig f = smaps_fig(m, field);

	f.v = mul_sat(f.v, KIB);
	return f;
}

/* What PMDs, PUDs and hugetlb map; kernels before 4.8 know of fewer kinds, and had no others. */
static struct fig huge_bytes(const struct smaps_values *m)
{
	static const enum smaps_field more[] = { SMAPS_SHMEM_PMD, SMAPS_FILE_PMD,
						 SMAPS_SHARED_HUGETLB, SMAPS_PRIVATE_HUGETLB };
	struct fig sum = kib(m, SMAPS_ANON_HUGE);

	for (size_t i = 0; i < ARRAY_SIZE(more); i++)
		sum.v = add_sat(sum.v, kib(m, more[i]).v);
	return sum;
}

static void add_smaps(struct totals *t, const struct smaps_values *m)
{
	add_fig(&t->rss, kib(m, SMAPS_RSS));
	add_fig(&t->pss, kib(m, SMAPS_PSS));
	add_fig(&t->swap, kib(m, SMAPS_SWAP));
	add_fig(&t->anon, kib(m, SMAPS_ANONYMOUS));
	add_fig(&t->private_dirty, kib(m, SMAPS_PRIVATE_DIRTY));
	add_fig(&t->private_clean, kib(m, SMAPS_PRIVATE_CLEAN));
	add_fig(&t->shared_clean, kib(m, SMAPS_SHARED_CLEAN));
	add_fig(&t->shared_dirty, kib(m, SMAPS_SHARED_DIRTY));
	add_fig(&t->referenced, kib(m, SMAPS_REFERENCED));
	add_fig(&t->locked, kib(m, SMAPS_LOCKED));
	add_fig(&t->huge, huge_bytes(m));
}

/*
 * The entries that are neither present nor guard, told apart. Private memory: as much of them as
 * smaps calls Swap is in swap, the rest migrates, is poisoned or a marker. A shared mapping has no
 * swap entries at all, its pages are swapped out of the file: smaps' Swap counts those (4.6,
 * shmem_swap_usage), and no entry stands for them.
 */
static void tell_swapped(const struct vma *v, u64 entries, struct fig smaps_swap,
			 struct fig *swapped, struct fig *other)
{
	*swapped = FIG(entries);
	*other = (struct fig){ 0 };
	if (v->perms & PERM_SHARED) {
		*swapped = smaps_swap;
		*other = FIG(entries);
	} else if (smaps_swap.have) {
		*swapped = FIG(MIN(entries, smaps_swap.v));
		*other = FIG(sub_sat(entries, smaps_swap.v));
	} else if (!entries) {
		*other = FIG(0);
	}
}

static void add_pages(struct totals *t, const struct space *s, const struct vma *v, u64 size,
		      struct fig smaps_swap)
{
	u64 page = v->have & VMA_HAVE_PAGES ? s->host.page_size : 0;
	struct fig present = { 0 }, swapped = { 0 }, guard = { 0 }, zero = { 0 }, other = { 0 };
	struct fig untouched = { 0 };

	if (page) {
		u64 entries = mul_sat(v->pages.swapped, page), there;

		present = FIG(mul_sat(v->pages.present, page));
		guard = FIG(mul_sat(v->pages.guard, page));
		zero = FIG(mul_sat(v->pages.zero, page));
		tell_swapped(v, entries, smaps_swap, &swapped, &other);
		there = add_sat(add_sat(present.v, guard.v), entries);
		if (v->perms & PERM_SHARED)
			there = add_sat(there, swapped.v);
		untouched = FIG(sub_sat(size, there));
	}
	add_fig(&t->present, present);
	add_fig(&t->swapped, swapped);
	add_fig(&t->guard, guard);
	add_fig(&t->zero, zero);
	add_fig(&t->other, other);
	add_fig(&t->untouched, untouched);
}

void totals_add(struct totals *t, const struct space *s, const struct vma *v)
{
	u64 size = vma_size(v);
	struct smaps_values m;

	space_smaps(s, v, &m);
	t->nvmas++;
	t->size = add_sat(t->size, size);
	add_smaps(t, &m);
	add_pages(t, s, v, size, kib(&m, SMAPS_SWAP));
}

/** Merges figure by figure, with `fn`. */
static void merge_figs(struct totals *t, const struct totals *more,
		       void (*fn)(struct fig *sum, struct fig f))
{
	fn(&t->rss, more->rss);
	fn(&t->pss, more->pss);
	fn(&t->swap, more->swap);
	fn(&t->anon, more->anon);
	fn(&t->private_dirty, more->private_dirty);
	fn(&t->private_clean, more->private_clean);
	fn(&t->shared_clean, more->shared_clean);
	fn(&t->shared_dirty, more->shared_dirty);
	fn(&t->referenced, more->referenced);
	fn(&t->locked, more->locked);
	fn(&t->huge, more->huge);
	fn(&t->present, more->present);
	fn(&t->swapped, more->swapped);
	fn(&t->guard, more->guard);
	fn(&t->zero, more->zero);
	fn(&t->other, more->other);
	fn(&t->untouched, more->untouched);
}

void totals_merge(struct totals *t, const struct totals *more)
{
	t->nvmas += more->nvmas;
	t->maybe += more->maybe;
	t->size = add_sat(t->size, more->size);
	merge_figs(t, more, add_fig);
}

/** Whether `f` is part of the sum is not known: only 0 leaves it what it is. */
static void doubt_fig(struct fig *sum, struct fig f)
{
	if (!f.have || f.v)
		*sum = (struct fig){ 0 };
}

/** A mapping of which it is not known whether it belongs to the sum. */
static void totals_doubt(struct totals *t, const struct space *s, const struct vma *v)
{
	struct totals one;

	totals_init(&one);
	totals_add(&one, s, v);
	merge_figs(t, &one, doubt_fig);
	t->maybe++;
}

/*
 * Rows of maps that are in no mm: x86's [vsyscall], 32-bit arm's [vectors]. They lie in the kernel
 * half; a 32-bit process on arm64 has [vectors] in its own, as a mapping like any other.
 */
static bool is_gate(const struct space *s, const struct vma *v)
{
	const char *name = strtab_get(&s->names, v->name);

	if (v->inode || *name != '[' || (strcmp(name, "[vsyscall]") && strcmp(name, "[vectors]")))
		return false;
	return !s->user.last || v->first > s->user.last;
}

size_t space_user_vmas(const struct space *s)
{
	size_t n = s->nvmas;

	if (s->user.last && s->user.last != UINT64_MAX) {
		n = space_lower_vma(s, s->user.last + 1);
		/* One that reaches beyond a border which was only guessed begins in this half. */
		n += n < s->nvmas && s->vmas[n].first <= s->user.last;
	}
	while (n > 0 && is_gate(s, &s->vmas[n - 1]))
		n--;
	return n;
}

struct totals object_totals(const struct space *s, const struct object *o)
{
	struct totals t;

	totals_init(&t);
	for (u32 i = 0; i < o->nvmas; i++)
		totals_add(&t, s, &s->vmas[o->vma + i]);
	return t;
}

struct totals space_totals_if(const struct space *s, struct range limit, vma_test_fn *test,
			      const void *ctx, struct totals kind[static OBJ_NKINDS])
{
	struct totals bare[OBJ_NKINDS] = { 0 }, all;
	size_t n = space_user_vmas(s);

	totals_init(&all);
	for (size_t k = 0; k < OBJ_NKINDS; k++)
		totals_init(&kind[k]);
	for (size_t i = space_lower_vma(s, limit.first); i < n; i++) {
		const struct vma *v = &s->vmas[i];
		unsigned k = v->object < s->nobjects ? s->objects[v->object].kind : OBJ_ANON;
		enum truth met;

		if (v->first > limit.last)
			break;
		met = test ? test(ctx, s, v) : TRUTH_TRUE;
		k = MIN(k, OBJ_NKINDS - 1u);
		if (met == TRUTH_FALSE)
			continue;
		if (met == TRUTH_UNKNOWN) {
			totals_doubt(&kind[k], s, v);
		} else if (v->have & (VMA_HAVE_SMAPS | VMA_HAVE_PAGES)) {
			totals_add(&kind[k], s, v);
		} else {
			/* Of these only the size is known: one sum without any figure does. */
			bare[k].nvmas++;
			bare[k].size = add_sat(bare[k].size, vma_size(v));
		}
	}
	for (size_t k = 0; k < OBJ_NKINDS; k++) {
		if (bare[k].nvmas)
			totals_merge(&kind[k], &bare[k]);
		totals_merge(&all, &kind[k]);
	}
	return all;
}

struct totals space_totals(const struct space *s, struct range limit,
			   struct totals kind[static OBJ_NKINDS])
{
	return space_totals_if(s, limit, NULL, NULL, kind);
}

/* ------------------------------------------------------------------ headroom */

u64 space_map_count(const struct space *s)
{
	u64 n = 0;

	for (size_t i = 0; i < s->nvmas; i++)
		n += !is_gate(s, &s->vmas[i]);
	return n;
}

struct fig space_status(const struct space *s, const char *name)
{
	for (size_t i = 0; i < s->proc.nstatus; i++) {
		const struct status_line *line = &s->proc.status[i];

		if (!strcmp(strtab_get(&s->names, line->name), name))
			return FIG(mul_sat(line->kib, KIB));
	}
	return (struct fig){ 0 };
}

static struct fig main_stack_size(const struct space *s)
{
	for (size_t i = 0; i < s->nobjects; i++) {
		const struct object *o = &s->objects[i];

		if (o->kind == OBJ_STACK)
			return FIG(vma_size(&s->vmas[o->vma + o->nvmas - 1]));
	}
	return (struct fig){ 0 };
}

void space_headroom(const struct space *s, struct headroom ret[static HEADROOM_N])
{
	const struct process *p = &s->proc;
	const struct headroom all[HEADROOM_N] = {
		{ "mappings", false, FIG(space_map_count(s)), p->max_map_count },
		{ "RLIMIT_AS", true, space_status(s, "VmSize"), p->rlimit_as },
		{ "RLIMIT_DATA", true, space_status(s, "VmData"), p->rlimit_data },
		{ "RLIMIT_STACK", true, main_stack_size(s), p->rlimit_stack },
		{ "RLIMIT_MEMLOCK", true, space_status(s, "VmLck"), p->rlimit_memlock },
		/* The kernel refuses beyond it only with vm.overcommit_memory 2. */
		{ "system's commit limit", true, p->committed, p->commit_limit },
	};

	memcpy(ret, all, sizeof(all));
}

/* ------------------------------------------------------------------ gaps */

/* The gap below mapping `i` of the `user` ones of the half; i == user: below its end. */
static bool gap_below(const struct space *s, size_t user, size_t i, struct gap *ret)
{
	struct gap g = { { 0, s->user.last }, NO_INDEX, NO_INDEX };

	if (i == user && !s->user.last)
		return false;
	if (i > 0) {
		if (s->vmas[i - 1].last == UINT64_MAX)
			return false;
		g.r.first = s->vmas[i - 1].last + 1;
		g.below = (u32)(i - 1);
	}
	if (i < user) {
		if (!s->vmas[i].first)
			return false;
		g.r.last = s->vmas[i].first - 1;
		g.above = (u32)i;
	}
	if (g.r.first > g.r.last)
		return false;
	*ret = g;
	return true;
}

bool space_gap_below(const struct space *s, size_t i, struct gap *ret)
{
	size_t user;

	/* Asked of each mapping in turn: most are surely below the end of the half. */
	if (i < s->nvmas && s->vmas[i].first <= s->user.last && !is_gate(s, &s->vmas[i]))
		return gap_below(s, i + 1, i, ret);
	user = space_user_vmas(s);
	if (i < s->nvmas && i >= user)
		return false;
	return gap_below(s, user, MIN(i, user), ret);
}

bool space_largest_gap(const struct space *s, struct gap *ret)
{
	u64 low = s->proc.mmap_min_addr.have ? s->proc.mmap_min_addr.v : 0;
	size_t user = space_user_vmas(s);
	bool found = false;
	struct gap g;

	for (size_t i = 0; i <= user; i++) {
		if (!gap_below(s, user, i, &g) || g.r.last < low)
			continue;
		g.r.first = MAX(g.r.first, low);
		/* Sizes are compared as last - first: a size may be 2^64. */
		if (!found || g.r.last - g.r.first > ret->r.last - ret->r.first)
			*ret = g;
		found = true;
	}
	return found;
}

/* ------------------------------------------------------------------ room to grow */

static const struct room no_room = { .limit = ROOM_NONE, .what = "" };

/* Lets `bytes` of a limit that is `used` already cap the room. */
static void cap_room(struct room *r, struct fig limit, struct fig used, const char *what)
{
	u64 left;

	if (!limit.have || limit.v == UNLIMITED || !used.have)
		return;
	left = sub_sat(limit.v, used.v);
	if (left >= r->bytes)
		return;
	r->bytes = left;
	r->limit = ROOM_RLIMIT;
	r->what = what;
}

/* mm/mmap.c, stack_guard_gap: 256 pages unless the command line says else. */
static u64 guard_gap(const struct space *s)
{
	if (s->proc.stack_guard_gap.have)
		return s->proc.stack_guard_gap.v;
	return (u64)256 * (s->host.page_size ? s->host.page_size : 4096);
}

static bool grows_down(const struct space *s, const struct vma *v)
{
	if (v->have & VMA_HAVE_SMAPS)
		return v->vmflags & space_vmflag_mask(s, "gd");
	return v->name && !v->inode && !strcmp(strtab_get(&s->names, v->name), "[stack]");
}

/*
 * brk() (mm/mmap.c) wants a page between the heap and what follows, and the guard gap before a
 * stack. RLIMIT_DATA counts in two ways: (brk - start_brk) + (end_data - start_data)
 * (check_data_rlimit), and since 4.7 all private writable memory, VmData (may_expand_vm).
 */
struct room space_heap_room(const struct space *s, const struct gap *g)
{
	const struct process *p = &s->proc;
	const struct mm_bounds *mm = &p->mm;
	const struct vma *heap = g->below < s->nvmas ? &s->vmas[g->below] : NULL;
	u64 page = s->host.page_size ? s->host.page_size : 4096, keep = page;
	struct room r = { .limit = ROOM_SPACE_END, .up = true, .what = "end of the user half" };
	struct fig used = { 0 };

	if (!heap || heap->object >= s->nobjects || s->objects[heap->object].kind != OBJ_HEAP)
		return no_room;
	if (g->above < s->nvmas) {
		r.limit = ROOM_NEXT_MAPPING;
		r.what = "next mapping";
		if (grows_down(s, &s->vmas[g->above])) {
			keep = add_sat(keep, guard_gap(s));
			r.what = "stack guard gap";
		}
	}
	r.bytes = sub_sat(range_size(g->r), keep);
	if (mm->start_brk.have && mm->start_data.have && mm->end_data.have &&
	    mm->start_brk.v <= heap->last && mm->start_data.v <= mm->end_data.v)
		used = FIG(add_sat(heap->last - mm->start_brk.v + 1,
				   mm->end_data.v - mm->start_data.v));
	cap_room(&r, p->rlimit_data, used, "RLIMIT_DATA");
	cap_room(&r, p->rlimit_data, space_status(s, "VmData"), "RLIMIT_DATA");
	cap_room(&r, p->rlimit_as, space_status(s, "VmSize"), "RLIMIT_AS");
	return r;
}

/*
 * expand_downwards() and acct_stack_growth() (mm/mmap.c; mm/vma.c since 6.14): the guard gap is
 * kept to accessible mappings that do not grow down themselves; vm.mmap_min_addr is the floor.
 */
struct room space_stack_room(const struct space *s, const struct gap *g)
{
	const struct process *p = &s->proc;
	const struct vma *v = g->above < s->nvmas ? &s->vmas[g->above] : NULL;
	const struct vma *below = g->below < s->nvmas ? &s->vmas[g->below] : NULL;
	struct room r = { .limit = ROOM_SPACE_END, .what = "vm.mmap_min_addr" };
	u64 keep = p->mmap_min_addr.have ? p->mmap_min_addr.v : 0;

	if (!v || !grows_down(s, v))
		return no_room;
	if (below) {
		r.limit = ROOM_NEXT_MAPPING;
		r.what = "next mapping";
		keep = 0;
		if (!vma_inaccessible(below) && !grows_down(s, below)) {
			keep = guard_gap(s);
			r.what = "stack guard gap";
		}
	}
	r.bytes = sub_sat(range_size(g->r), keep);
	cap_room(&r, p->rlimit_stack, FIG(vma_size(v)), "RLIMIT_STACK");
	cap_room(&r, p->rlimit_as, space_status(s, "VmSize"), "RLIMIT_AS");
	return r;
}
