/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * States of pages from PAGEMAP_SCAN. Mappings side by side that need the same categories are one
 * range: a call costs 0.7 us, and there may be 65,000 mappings. What a present page is the mapping
 * tells, but in a private mapping of a file: there FILE does, which makes the kernel look at every
 * page. Whose a page is that is not present only its pagemap entry says (swap, migration, marker);
 * there are few, so those are read.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include "pageio.h"
#include "states.h"

struct states {
	struct space *s;
	struct range range;
	struct page_states *ret;
	bool (*stop)(void *ctx);
	void *ctx;
	struct scanner *sc;
	struct tally *tally; /* told of the same regions; NULL none */
	const struct root *root;
	u64 found;  /* pages, with a tally */
	u64 plain;  /* categories asked everywhere */
	size_t vma; /* mappings before it end below what comes */
};

static bool stopped(const struct states *t)
{
	return t->tally ? root_step(t->root, t->found) : t->stop && t->stop(t->ctx);
}

/* May it have copies of a file's pages? */
static bool may_copy(const struct vma *v)
{
	return v->inode && !(v->perms & PERM_SHARED);
}

static void add(struct states *t, struct range r, enum page_state st, bool copied)
{
	u32 page_size = t->s->host.page_size;

	page_states_add(t->ret, page_size, r.first, range_size(r) / page_size, st, copied);
}

static void add_present(struct states *t, const struct vma *v, struct range r, u64 categories)
{
	bool zero = categories & SCAN_PFNZERO, huge = categories & SCAN_HUGE;
	bool copied = may_copy(v) && !(categories & SCAN_FILE) && !zero;
	enum page_state st = PS_ANON;

	if (zero)
		st = PS_ZERO;
	else if (huge)
		st = PS_HUGE;
	else if (!copied)
		st = may_copy(v) ? vma_file_state(t->s, v) : vma_present_state(t->s, v);
	add(t, r, st, copied);
}

/* Pages that are not present: swapped, migrating, markers. One may have come back meanwhile. */
static int add_entries(struct states *t, const struct vma *v, struct range r)
{
	u32 page_size = t->s->host.page_size;
	u64 page = r.first / page_size, end = r.last / page_size + 1;
	u64 entries[512];

	while (page < end) {
		ssize_t n = pagemap_pread(t->sc->fd, page, MIN(end - page, ARRAY_SIZE(entries)),
					  entries);

		if (n <= 0)
			return (int)n;
		for (ssize_t i = 0; i < n; i++, page++)
			page_states_add(t->ret, page_size, page * page_size, 1,
					page_state_plain(t->s, v, entries[i]),
					page_copied(v, entries[i]));
	}
	return 0;
}

/* The part of a region that is in one mapping. */
static int add_part(struct states *t, const struct vma *v, struct range r, u64 categories)
{
	if (categories & SCAN_PRESENT) {
		add_present(t, v, r, categories);
		return 0;
	}
	if (categories & SCAN_GUARD) {
		add(t, r, PS_GUARD, false);
		return 0;
	}
	return add_entries(t, v, r);
}

static int add_region(struct states *t, const struct scan_region *reg)
{
	struct range r = { reg->start, reg->end - 1 }, part;
	const struct space *s = t->s;
	int err = 0;

	while (t->vma < s->nvmas && s->vmas[t->vma].last < r.first)
		t->vma++;
	/* What no mapping has was mapped since maps was read. */
	for (size_t i = t->vma; i < s->nvmas && s->vmas[i].first <= r.last && !err; i++)
		if (range_intersect(vma_range(&s->vmas[i]), r, &part))
			err = add_part(t, &s->vmas[i], part, reg->categories);
	return err;
}

static int scan_range(struct states *t, struct range r, bool file)
{
	struct scan_region reg;
	int more;

	t->sc->want = t->plain | (file ? SCAN_FILE : 0);
	scanner_range(t->sc, r.first, r.last + 1);
	for (;;) {
		/* The next one costs a call. */
		if (t->sc->i == t->sc->n && stopped(t))
			return -ECANCELED;
		more = scanner_next(t->sc, &reg);
		if (more <= 0)
			return more;
		more = add_region(t, &reg);
		if (!more && t->tally)
			more = scan_tally(t->tally, t->sc, &reg);
		if (more)
			return more;
		t->found += (reg.end - reg.start) / t->s->host.page_size;
	}
}

/* From mapping *i on: what can be scanned at once, inside the range that is wanted. */
static bool next_range(const struct states *t, size_t *i, struct range *ret, bool *file)
{
	const struct space *s = t->s;
	struct range r = { 0 };

	for (; *i < s->nvmas && s->vmas[*i].first <= t->range.last; ++*i) {
		const struct vma *v = &s->vmas[*i];

		if (vma_beyond_user(s, v))
			continue;
		if (r.last && may_copy(v) != *file)
			break;
		if (!r.last)
			r.first = v->first;
		*file = may_copy(v);
		r.last = v->last;
	}
	return r.last && range_intersect(r, t->range, ret);
}

static int scan_ranges(struct states *t)
{
	size_t i = t->vma;
	struct range r;
	bool file = false;
	int err = 0;

	while (!err && next_range(t, &i, &r, &file))
		err = scan_range(t, r, file);
	return err;
}

int states_scan(struct scanner *sc, struct tally *tally, const struct root *root,
		struct page_states *ret)
{
	struct states t = { .s = tally->s,
			    .range = RANGE_ALL,
			    .ret = ret,
			    .sc = sc,
			    .tally = tally,
			    .root = root,
			    .plain = sc->want };

	return scan_ranges(&t);
}

/* --- without the ioctl ------------------------------------------------------------------------ */

static int take_run(void *ctx, const struct page_run *run)
{
	struct states *t = ctx;
	const struct vma *v = &t->s->vmas[run->vma];
	enum page_state st = page_state_plain(t->s, v, run->pm);
	bool zero = run->have_flags && run->flags >> KPF_ZERO_PAGE & 1;

	if (run->absent)
		return 0;
	if (zero && run->pm & PM_PRESENT)
		st = PS_ZERO;
	else if (run->huge && run->pm & PM_PRESENT)
		st = PS_HUGE;
	page_states_add(t->ret, t->s->host.page_size, run->addr, run->n, st,
			st != PS_ZERO && page_copied(v, run->pm));
	return 0;
}

static int take_batch(void *ctx, const struct page_batch *b)
{
	struct run_merger *m = ctx;
	int err = stopped(m->ctx) ? -ECANCELED : 0;

	return err ? err : run_merger_feed(m, b);
}

/* Of a tree the flags that were recorded cost nothing, and tell zero pages. */
static int walk_states(struct states *t, struct piddir *d)
{
	unsigned want = root_is_live(piddir_root(d)) ? 0 : WALK_FLAGS;
	struct run_merger m = { .space = t->s, .emit = take_run, .ctx = t };
	struct walk_opts o = { .range = t->range, .want = want, .threads = 1 };
	int err = page_walk(d, t->s, &o, take_batch, &m);

	return err ? err : run_merger_end(&m);
}

/* ---------------------------------------------------------------------------------------------- */

static int scan_states(struct states *t, struct piddir *d)
{
	int fd, err = pagemap_open(d, t->s, &fd);

	if (err)
		return err;
	t->sc = xmalloc(sizeof(*t->sc));
	err = scanner_init(t->sc, fd);
	if (!err) {
		t->plain = t->sc->want;
		err = scan_ranges(t);
		if (!err && !pagemap_alive(fd, t->s))
			err = -ESRCH;
	} else if (err == -EINVAL) {
		err = -ENOTTY;
	}
	free(t->sc);
	close(fd);
	return err;
}

int states_read(struct piddir *d, struct space *s, struct range range, struct page_states *ret,
		bool (*stop)(void *ctx), void *ctx)
{
	u64 mask = (u64)s->host.page_size - 1;
	struct states t = { .s = s, .ret = ret, .stop = stop, .ctx = ctx };
	int err = -ENOTTY;

	t.range = (struct range){ range.first & ~mask, range.last | mask };
	t.vma = space_lower_vma(s, t.range.first);
	if (root_is_live(piddir_root(d)))
		err = scan_states(&t, d);
	return err == -ENOTTY ? walk_states(&t, d) : err;
}
