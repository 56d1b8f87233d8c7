/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The walk over the pages of a process. No system call is made for a single page, and memory does
 * not grow with the pages; they pass through windows, each in four steps:
 *
 * 1. plan: which stretches of pages ("spans") there are. Mappings too small to hold a large page
 *    are taken whole. The others are scanned first (PAGEMAP_SCAN: 11 ns a present page, nothing for
 *    empty tables), unless counters read before say that at least every eighth page is there and
 *    none is mapped by a large entry. So a reservation of terabytes costs nothing.
 * 2. read: pagemap, 64 KiB at a time, through holes of up to 160 pages.
 * 3. ask: kpageflags, kpagecount, kpagecgroup by PFN; see kpage.c.
 * 4. deliver: in address order, to the callback.
 *
 * A stretch mapped by a PMD is one folio: its first and second page are asked about and stand for
 * all (WALK_EXACT asks all). Its entries are read all the same: a folio that was split since the
 * scan shows in them, and is then asked page by page.
 *
 * With two threads, two windows of half the size are read and asked at the same time.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pageio.h"

/* Spans of a window: with every second page there, 1 MiB of them goes with 2 MiB of records. */
#define WINDOW_SPANS 32768
/* Without PAGEMAP_SCAN, mappings of more pages are not read: it would take minutes (4 ns each). */
#define READ_PAGES_MAX (UINT64_C(1) << 24)

/* A stretch of pages of one mapping. */
struct span {
	u64 addr;
	u32 n;
	u32 vma;
	u32 slot;   /* of its first record in the window */
	bool huge;  /* mapped by a PMD or larger */
	bool unit;  /* two records stand for all n */
	bool split; /* a unit whose entries say that it is none any more */
};

struct window {
	struct page_rec *rec;
	u64 *cgroup;
	size_t nrec, cap;
	struct span *span;
	size_t nspan, cap_span;
	struct kpage k;
	u64 *entries; /* IO_ENTRIES */
	int fd, err;
	u32 page_size;
	unsigned want;
	bool seen_pfn, seen_masked;
};

enum vma_plan {
	PLAN_DIRECT,
	PLAN_SCAN,
	PLAN_NOTHING, /* a reservation that smaps says is empty */
	PLAN_SKIP,    /* not asked for; pagemap does not cover it; or it is too large to read */
};

struct plan {
	struct space *s;
	struct range range; /* page aligned */
	const struct expr *filter;
	bool scan; /* this kernel has PAGEMAP_SCAN */
	bool exact;
	u64 unit;		   /* bytes that a PMD maps */
	size_t vma;		   /* next mapping to plan */
	size_t scan_vma;	   /* the mapping the last region began in */
	struct span ready;	   /* cut off and not yet in a window; n == 0: none */
	struct scan_region region; /* what is left of it */
	struct scanner sc;
};

/* ------------------------------------------------------------------ plan */

/* Bytes mapped by one entry of the second table level: 2 MiB with pages of 4 KiB. */
static u64 pmd_size(u32 page_size)
{
	return (u64)page_size * (page_size / 8);
}

static bool holds_unit(const struct vma *v, u64 unit)
{
	u64 first = (v->first + unit - 1) & ~(unit - 1);

	return first >= v->first && first <= v->last && v->last - first >= unit - 1;
}

/* Counters of an earlier scan say that reading it through is the shorter way. */
static bool known_dense(const struct space *s, const struct vma *v)
{
	u64 pages = range_size(vma_range(v)) / s->host.page_size;
	const struct page_counts *c = &v->pages;

	return v->have & VMA_HAVE_PAGES && !c->huge &&
	       c->present + c->swapped + c->guard >= pages / 8;
}

static bool smaps_empty(const struct space *s, const struct vma *v)
{
	const u64 both = UINT64_C(1) << SMAPS_RSS | UINT64_C(1) << SMAPS_SWAP;
	struct smaps_values m;

	/* Rss leaves out zero pages, so it is believed of what cannot be read or written alone. */
	if (!(v->have & VMA_HAVE_SMAPS) || v->perms & (PERM_R | PERM_W | PERM_X))
		return false;
	space_smaps(s, v, &m);
	return (m.have & both) == both && !m.v[SMAPS_RSS] && !m.v[SMAPS_SWAP] &&
	       !m.v[SMAPS_SHARED_HUGETLB] && !m.v[SMAPS_PRIVATE_HUGETLB];
}

static enum vma_plan plan_vma(const struct space *s, bool scan, const struct vma *v)
{
	u64 pages = range_size(vma_range(v)) / s->host.page_size;

	if (vma_beyond_user(s, v))
		return PLAN_SKIP;
	if (scan)
		return !holds_unit(v, pmd_size(s->host.page_size)) || known_dense(s, v)
			       ? PLAN_DIRECT
			       : PLAN_SCAN;
	if (pages <= 1024)
		return PLAN_DIRECT;
	if (smaps_empty(s, v))
		return PLAN_NOTHING;
	return pages > READ_PAGES_MAX ? PLAN_SKIP : PLAN_DIRECT;
}

static bool skip_with_scan(const struct space *s, const struct vma *v)
{
	return plan_vma(s, true, v) == PLAN_SKIP;
}

static bool skip_without_scan(const struct space *s, const struct vma *v)
{
	return plan_vma(s, false, v) == PLAN_SKIP;
}

static enum vma_plan plan_asked(const struct plan *p, const struct vma *v)
{
	return p->filter && !expr_match(p->filter, p->s, v) ? PLAN_SKIP
							    : plan_vma(p->s, p->scan, v);
}

/* Neighbours that are all to be scanned are one range: a call covers many small mappings. */
static void plan_scan_group(struct plan *p)
{
	const struct space *s = p->s;
	u64 start = MAX(s->vmas[p->vma].first, p->range.first), last;

	p->scan_vma = p->vma;
	do {
		last = MIN(s->vmas[p->vma].last, p->range.last);
		p->vma++;
	} while (p->vma < s->nvmas && s->vmas[p->vma].first <= p->range.last &&
		 plan_asked(p, &s->vmas[p->vma]) == PLAN_SCAN);
	scanner_range(&p->sc, start, last + 1);
}

/* Cuts the next span off the region: up to the end of its mapping, or one unit. */
static bool plan_cut_region(struct plan *p)
{
	const struct space *s = p->s;
	bool huge = p->region.categories & SCAN_HUGE && p->region.categories & SCAN_PRESENT;
	u64 end, unit_end;

	while (p->scan_vma < p->vma && s->vmas[p->scan_vma].last < p->region.start)
		p->scan_vma++;
	/* A mapping that was made since maps was read: leave it out. */
	if (p->scan_vma == p->vma || s->vmas[p->scan_vma].first >= p->region.end) {
		p->region.start = p->region.end;
		return false;
	}
	p->region.start = MAX(p->region.start, s->vmas[p->scan_vma].first);
	end = MIN(p->region.end, s->vmas[p->scan_vma].last + 1);
	p->ready = (struct span){ .addr = p->region.start, .vma = (u32)p->scan_vma, .huge = huge };
	if (huge && !p->exact) {
		unit_end = (p->region.start | (p->unit - 1)) + 1;
		p->ready.unit = !(p->region.start & (p->unit - 1)) && unit_end <= end;
		end = MIN(end, unit_end);
	}
	end = MIN(end, p->region.start + (u64)KPAGE_WINDOW * s->host.page_size);
	p->ready.n = (u32)((end - p->region.start) / s->host.page_size);
	p->region.start = end;
	return p->ready.n > 0;
}

/* A mapping to be read whole becomes a region of its own. */
static void plan_direct(struct plan *p)
{
	const struct vma *v = &p->s->vmas[p->vma];
	struct range r;

	p->scan_vma = p->vma++;
	if (range_intersect(vma_range(v), p->range, &r))
		p->region = (struct scan_region){ r.first, r.last + 1, 0 };
}

/* Makes p->ready. 1, 0 when there is nothing more, -errno. */
static int plan_next(struct plan *p)
{
	for (;;) {
		int more;

		if (p->region.start < p->region.end) {
			if (plan_cut_region(p))
				return 1;
			continue;
		}
		more = p->scan ? scanner_next(&p->sc, &p->region) : 0;
		if (more < 0)
			return more;
		if (more)
			continue;
		if (p->vma >= p->s->nvmas || p->s->vmas[p->vma].first > p->range.last)
			return 0;
		switch (plan_asked(p, &p->s->vmas[p->vma])) {
		case PLAN_SCAN:
			plan_scan_group(p);
			break;
		case PLAN_DIRECT:
			plan_direct(p);
			break;
		default:
			p->vma++;
		}
	}
}

/* Puts spans into the window until it is full or there are none. */
static int plan_window(struct plan *p, struct window *w)
{
	w->nspan = w->nrec = 0;
	while (w->nspan < w->cap_span) {
		struct span *sp = &w->span[w->nspan];
		size_t need;
		int more = p->ready.n ? 1 : plan_next(p);

		if (more <= 0)
			return more;
		*sp = p->ready;
		if (!sp->unit)
			sp->n = (u32)MIN(sp->n, w->cap - w->nrec);
		need = sp->unit ? 2 : sp->n;
		if (!need || w->nrec + need > w->cap)
			return 0;
		sp->slot = (u32)w->nrec;
		w->nrec += need;
		w->nspan++;
		p->ready.n -= sp->n;
		p->ready.addr += (u64)sp->n * w->page_size;
	}
	return 0;
}

/* ------------------------------------------------------------------ read */

/* Are the entries one present folio: the same bits, PFNs that follow each other or are masked? */
static bool is_one_folio(const u64 *entries, size_t n)
{
	u64 step = PM_PFN(entries[0]) ? 1 : 0;

	if (!(entries[0] & PM_PRESENT))
		return false;
	for (size_t i = 1; i < n; i++)
		if (entries[i] != entries[0] + i * step)
			return false;
	return true;
}

/* Takes n entries (fewer were there: the rest is empty) of a span, `off` pages into it. */
static void take_entries(struct window *w, struct span *sp, u32 off, const u64 *entries, size_t n,
			 size_t there)
{
	struct page_rec *rec = w->rec + sp->slot + off;

	if (sp->unit) {
		sp->split = there < n || !is_one_folio(entries, n);
		rec[0].pm = sp->split ? 0 : entries[0];
		rec[1].pm = sp->split ? 0 : entries[1];
		n = 2;
	} else {
		for (size_t i = 0; i < n; i++)
			rec[i].pm = i < there ? entries[i] : 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (!(rec[i].pm & PM_PRESENT))
			continue;
		w->seen_pfn |= PM_PFN(rec[i].pm) != 0;
		w->seen_masked |= PM_PFN(rec[i].pm) == 0;
	}
}

/* The page number after the last one that is read in one go with page `off` of span i. */
static u64 read_end(const struct window *w, size_t i, u32 off)
{
	u64 start = w->span[i].addr / w->page_size + off;
	u64 end = start + (w->span[i].n - off);

	while (++i < w->nspan && end - start < IO_ENTRIES) {
		u64 next = w->span[i].addr / w->page_size;

		if (next - end > HOLE_MAX)
			break;
		/* The entries of a unit are looked at together. */
		if (w->span[i].unit && next + w->span[i].n - start > IO_ENTRIES)
			break;
		if (next - start >= IO_ENTRIES)
			break;
		end = next + w->span[i].n;
	}
	return MIN(end, start + IO_ENTRIES);
}

static void window_read(struct window *w)
{
	size_t i = 0;
	u32 off = 0;

	while (i < w->nspan) {
		u64 start = w->span[i].addr / w->page_size + off, end = read_end(w, i, off);
		ssize_t got = pagemap_pread(w->fd, start, end - start, w->entries);
		size_t there = got > 0 ? (size_t)got : 0;

		if (got < 0 && !w->err)
			w->err = (int)got;
		for (; i < w->nspan; i++, off = 0) {
			struct span *sp = &w->span[i];
			u64 page = sp->addr / w->page_size + off;
			size_t n, have;

			if (page >= end)
				break;
			n = MIN(sp->n - off, end - page);
			have = there > page - start ? MIN(n, there - (page - start)) : 0;
			take_entries(w, sp, off, w->entries + (page - start), n, have);
			off += (u32)n;
			if (off < sp->n)
				break;
		}
	}
}

/* ------------------------------------------------------------------ windows */

static void window_init(struct window *w, size_t cap, int fd, u32 page_size, unsigned want,
			const struct kpage_files *files)
{
	*w = (struct window){ .fd = fd, .page_size = page_size, .want = want, .cap = cap };
	w->cap_span = MIN(cap, WINDOW_SPANS);
	w->rec = xmalloc(cap * sizeof(*w->rec));
	w->span = xmalloc(w->cap_span * sizeof(*w->span));
	w->entries = xmalloc(IO_ENTRIES * sizeof(*w->entries));
	if (want & WALK_CGROUP)
		w->cgroup = xmalloc(cap * sizeof(*w->cgroup));
	kpage_init(&w->k, files, cap);
}

static void window_release(struct window *w)
{
	kpage_release(&w->k);
	free(w->rec);
	free(w->span);
	free(w->entries);
	free(w->cgroup);
}

static void *window_fill(void *ctx)
{
	struct window *w = ctx;

	window_read(w);
	if (w->nrec)
		kpage_ask(&w->k, w->rec, w->cgroup, w->nrec, w->want);
	return NULL;
}

/* ------------------------------------------------------------------ deliver */

static int deliver_absent(struct absent_fill *a, u64 first, u64 last)
{
	const struct space *s = a->s;
	int ret = 0;

	while (a->vma < s->nvmas && s->vmas[a->vma].last < first)
		a->vma++;
	for (size_t i = a->vma; i < s->nvmas && s->vmas[i].first <= last && !ret; i++) {
		struct range r;

		if (!range_intersect(vma_range(&s->vmas[i]), (struct range){ first, last }, &r))
			continue;
		if (a->skip && a->skip(s, &s->vmas[i]))
			continue;
		if (a->filter && !expr_match(a->filter, s, &s->vmas[i]))
			continue;
		ret = a->fn(a->ctx, &(struct page_batch){
					    .addr = r.first,
					    .n = range_size(r) / s->host.page_size,
					    .vma = (u32)i,
					    .absent = true,
				    });
	}
	return ret;
}

int absent_upto(struct absent_fill *a, u64 addr, u64 resume)
{
	int ret = 0;

	if (a->asked && a->next < addr)
		ret = deliver_absent(a, a->next, addr - 1);
	a->next = resume;
	return ret;
}

int absent_rest(struct absent_fill *a)
{
	/* next is 0 again when the walk ended at the top of 2^64. */
	if (!a->asked || a->next > a->last || (!a->next && a->last == UINT64_MAX))
		return 0;
	return deliver_absent(a, a->next, a->last);
}

/* Where a walk hands over its pages. */
struct sink {
	struct absent_fill absent;
	struct window *detail; /* for units that were split; made when there is one */
	const struct kpage_files *files;
};

static int deliver_batch(struct sink *to, const struct window *w, const struct span *sp, u32 off,
			 u32 n)
{
	const struct page_batch b = {
		.addr = sp->addr + (u64)off * w->page_size,
		.n = n,
		.vma = sp->vma,
		.unit = sp->unit,
		.huge = sp->huge,
		.rec = w->rec + sp->slot + off,
		.cgroup = w->cgroup ? w->cgroup + sp->slot + off : NULL,
		.sets = &w->k.sets,
	};
	int ret = absent_upto(&to->absent, b.addr, b.addr + (u64)n * w->page_size);

	return ret ? ret : to->absent.fn(to->absent.ctx, &b);
}

static int deliver_window(struct sink *to, struct window *w);

/* Page by page, in a window of its own. */
static int deliver_split(struct sink *to, const struct window *w, const struct span *sp)
{
	struct window *d = to->detail;

	if (!d) {
		d = to->detail = xmalloc(sizeof(*d));
		window_init(d, IO_ENTRIES, w->fd, w->page_size, w->want, to->files);
	}
	d->span[0] = *sp;
	d->span[0].slot = 0;
	d->span[0].huge = d->span[0].unit = d->span[0].split = false;
	d->nspan = 1;
	d->nrec = sp->n;
	window_fill(d);
	return deliver_window(to, d);
}

static int deliver_span(struct sink *to, struct window *w, const struct span *sp)
{
	const struct page_rec *rec = w->rec + sp->slot;
	u32 i = 0;
	int ret = 0;

	if (sp->split)
		return deliver_split(to, w, sp);
	if (sp->unit)
		return deliver_batch(to, w, sp, 0, sp->n);
	while (i < sp->n && !ret) {
		u32 start;

		while (i < sp->n && !PM_HERE(rec[i].pm))
			i++;
		for (start = i; i < sp->n && PM_HERE(rec[i].pm);)
			i++;
		if (start < i)
			ret = deliver_batch(to, w, sp, start, i - start);
	}
	return ret;
}

static int deliver_window(struct sink *to, struct window *w)
{
	int ret = w->err;

	for (size_t i = 0; i < w->nspan && !ret; i++)
		ret = deliver_span(to, w, &w->span[i]);
	return ret;
}

/* ------------------------------------------------------------------ the walk */

static int walk_windows(struct plan *p, struct window *w, unsigned threads, struct sink *to)
{
	for (;;) {
		pthread_t id;
		bool split;
		int ret;

		for (unsigned i = 0; i < threads; i++) {
			ret = plan_window(p, &w[i]);
			if (ret)
				return ret;
		}
		if (!w[0].nspan)
			return absent_rest(&to->absent);
		split = threads > 1 && w[1].nspan && !pthread_create(&id, NULL, window_fill, &w[1]);
		window_fill(&w[0]);
		if (split)
			pthread_join(id, NULL);
		else if (threads > 1)
			window_fill(&w[1]);
		for (unsigned i = 0; i < threads; i++) {
			ret = deliver_window(to, &w[i]);
			if (ret)
				return ret;
		}
	}
}

/* Says what the records lack, and why. */
static void note_missing(struct space *s, const struct window *w, unsigned threads, unsigned want)
{
	bool pfn = false, masked = false;
	int err = 0;

	for (unsigned i = 0; i < threads; i++) {
		pfn |= w[i].seen_pfn;
		masked |= w[i].seen_masked;
		err = err ? err : w[i].k.err;
	}
	if (masked && !pfn)
		space_note(s, NOTE_CLOSED, "pagemap", EPERM, "CAP_SYS_ADMIN",
			   want & (WALK_FLAGS | WALK_COUNT | WALK_CGROUP)
				   ? "frame numbers and swap places, and so flags and counts"
				   : "frame numbers and swap places");
	if (err)
		space_note(s, NOTE_CLOSED, "kpageflags", -err, NULL, "a read failed");
}

static void note_skipped(const struct plan *p)
{
	size_t n = 0;

	if (p->scan)
		return;
	for (size_t i = 0; i < p->s->nvmas; i++)
		n += !vma_beyond_user(p->s, &p->s->vmas[i]) &&
		     range_overlaps(vma_range(&p->s->vmas[i]), p->range) &&
		     (!p->filter || expr_match(p->filter, p->s, &p->s->vmas[i])) &&
		     skip_without_scan(p->s, &p->s->vmas[i]);
	if (n)
		space_note(p->s, NOTE_LIMIT, "pagemap", 0, NULL,
			   "%zu mappings too large to read without PAGEMAP_SCAN", n);
}

static struct plan *plan_new(struct space *s, const struct walk_opts *o, int fd)
{
	struct plan *p = xmalloc(sizeof(*p));
	u64 mask = (u64)s->host.page_size - 1;

	*p = (struct plan){ .s = s, .filter = o->filter, .exact = o->want & WALK_EXACT };
	p->range = (struct range){ o->range.first & ~mask, o->range.last | mask };
	p->unit = pmd_size(s->host.page_size);
	p->scan = !scanner_init(&p->sc, fd);
	p->vma = space_lower_vma(s, p->range.first);
	return p;
}

static int walk_live(struct space *s, int fd, struct plan *p, unsigned want, unsigned threads,
		     const struct kpage_files *files, page_walk_fn *fn, void *ctx)
{
	struct sink to = { .files = files };
	struct window w[2];
	int ret;

	to.absent = (struct absent_fill){
		.s = s,
		.next = p->range.first,
		.last = p->range.last,
		.vma = p->vma,
		.asked = want & WALK_ABSENT,
		.skip = p->scan ? skip_with_scan : skip_without_scan,
		.filter = p->filter,
		.fn = fn,
		.ctx = ctx,
	};
	for (unsigned i = 0; i < threads; i++)
		window_init(&w[i], KPAGE_WINDOW / threads, fd, s->host.page_size, want, files);
	ret = walk_windows(p, w, threads, &to);
	note_missing(s, w, threads, want);
	note_skipped(p);
	for (unsigned i = 0; i < threads; i++)
		window_release(&w[i]);
	if (to.detail)
		window_release(to.detail);
	free(to.detail);
	return ret;
}

int page_walk(struct piddir *d, struct space *s, const struct walk_opts *o, page_walk_fn *fn,
	      void *ctx)
{
	struct kpage_files files;
	struct plan *p;
	int fd, ret;

	if (!root_is_live(piddir_root(d)))
		return pagetxt_walk(d, s, o, fn, ctx);
	ret = pagemap_open(d, s, &fd);
	if (ret)
		return ret;
	kpage_open(&files, piddir_root(d), s, o->want);
	p = plan_new(s, o, fd);
	ret = walk_live(s, fd, p, o->want, MIN(MAX(o->threads, 1u), 2u), &files, fn, ctx);
	free(p);
	if (!pagemap_alive(fd, s))
		space_note(s, NOTE_EXITED, "pagemap", ESRCH, NULL, NULL);
	kpage_close(&files);
	close(fd);
	return ret;
}
