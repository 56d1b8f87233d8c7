/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the frames of the pages on the screen are: in which zone, in how long blocks of consecutive
 * ones. The frame of the selected page is selected here as well.
 */
#include <stdlib.h>
#include <string.h>

#include "tui.h"

/** Largest order of the buddy allocator that is told apart (MAX_PAGE_ORDER of most kernels). */
#define ORDER_MAX 10

/** A page and its frame. */
struct frame {
	u64 pfn, addr;
};

/** Consecutive frames. */
struct block {
	size_t first, n; /**< frames.v[first .. first + n) */
};

struct frames {
	struct frame *v; /**< by rising PFN; owned */
	size_t n;
	struct block *blocks; /**< owned */
	size_t nblocks;
	size_t cur;		  /**< the selected page's; n: it has none here */
	u64 hidden;		  /**< present pages whose PFN is not shown to us */
	u64 doubles;		  /**< pages whose frame another page has as well */
	u64 order[ORDER_MAX + 1]; /**< blocks as the buddy allocator would cut them */
	u64 largest;		  /**< frames of the longest block */
};

/* --- gathering -------------------------------------------------------------------------------- */

static int by_pfn(const void *a, const void *b)
{
	const struct frame *x = a, *y = b;

	if (x->pfn != y->pfn)
		return x->pfn < y->pfn ? -1 : 1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

/** Cuts a block at what its PFNs are aligned to. */
static void count_orders(struct frames *f, u64 pfn, u64 n)
{
	while (n) {
		unsigned order = 0;

		while (order < ORDER_MAX && !(pfn >> order & 1) && n >> (order + 1))
			order++;
		f->order[order]++;
		pfn += UINT64_C(1) << order;
		n -= UINT64_C(1) << order;
	}
}

static void find_blocks(struct frames *f)
{
	f->blocks = f->n ? xcalloc(f->n, sizeof(*f->blocks)) : NULL;
	for (size_t i = 0; i < f->n; i++) {
		struct block *b = f->nblocks ? &f->blocks[f->nblocks - 1] : NULL;

		if (b && f->v[i].pfn <= f->v[i - 1].pfn + 1) {
			f->doubles += f->v[i].pfn == f->v[i - 1].pfn;
			b->n++;
		} else {
			f->blocks[f->nblocks++] = (struct block){ i, 1 };
		}
	}
	for (size_t i = 0; i < f->nblocks; i++) {
		const struct block *b = &f->blocks[i];
		u64 n = f->v[b->first + b->n - 1].pfn - f->v[b->first].pfn + 1;

		f->largest = MAX(f->largest, n);
		count_orders(f, f->v[b->first].pfn, n);
	}
}

/** Frames of the grid's cells; of cells of several pages the first one's. */
static void frames_init(struct frames *f, const struct tui *t)
{
	const struct grid *g = &t->snap->grid;
	u64 cell = g->pages_per_cell * t->snap->space.host.page_size, at = tui_place(t)->at;

	*f = (struct frames){ 0 };
	f->v = g->ncells ? xcalloc(g->ncells, sizeof(*f->v)) : NULL;
	for (size_t i = 0; i < g->ncells; i++) {
		/* Until this place has been read, the grid is of the one before. */
		if (!(g->cells[i].pm & PM_PRESENT) ||
		    !range_has(tui_place(t)->r, g->r.first + i * cell))
			continue;
		if (!PM_PFN(g->cells[i].pm)) {
			f->hidden++;
			continue;
		}
		f->v[f->n++] = (struct frame){ PM_PFN(g->cells[i].pm), g->r.first + i * cell };
	}
	if (f->n)
		qsort(f->v, f->n, sizeof(*f->v), by_pfn);
	find_blocks(f);
	for (f->cur = 0; f->cur < f->n; f->cur++)
		if (at >= f->v[f->cur].addr && at - f->v[f->cur].addr < cell)
			break;
}

static void frames_release(struct frames *f)
{
	free(f->v);
	free(f->blocks);
}

static u64 pfn_of_block(const struct frames *f, size_t i, bool last)
{
	const struct block *b = &f->blocks[i];

	return f->v[b->first + (last ? b->n - 1 : 0)].pfn;
}

bool tui_next_frame(const struct tui *t, int by, u64 *ret)
{
	struct frames f;
	bool found = false;

	frames_init(&f, t);
	if (f.n && f.cur == f.n) {
		/* From a page without a frame to one of the ends. */
		*ret = f.v[by > 0 ? 0 : f.n - 1].addr;
		found = true;
	} else if (f.n && (by > 0 ? f.cur + 1 < f.n : f.cur > 0)) {
		*ret = f.v[by > 0 ? f.cur + 1 : f.cur - 1].addr;
		found = true;
	}
	frames_release(&f);
	return found;
}

/* --- what it adds up to ----------------------------------------------------------------------- */

struct drawing {
	const struct tui *t;
	const struct pane *p;
	struct frames f;
	unsigned y;
};

static void put_line(struct drawing *d, unsigned style, struct buf *b)
{
	size_t next;

	for (const char *s = b->p; b->len && d->y < d->p->h; s += next, b->len -= next) {
		size_t n = text_wrap(s, b->len, d->p->w, &next);

		pane_text(d->p, 0, d->y++, d->p->w, style, s, n, ELIDE_END);
	}
	buf_clear(b);
}

static void put_totals(struct drawing *d)
{
	const struct frames *f = &d->f;
	const struct grid *g = &d->t->snap->grid;
	u64 page = d->t->snap->space.host.page_size;
	char size[SIZE_TEXT_MAX];
	struct buf b = { 0 };

	size_text(size, f->largest * page);
	if (!f->n && f->hidden)
		buf_addf(&b, "%llu pages are present; where their frames are needs CAP_SYS_ADMIN",
			 (unsigned long long)f->hidden);
	else if (!f->n)
		buf_addstr(&b, g->refused   ? g->refused
			       : g->large   ? "too many pages on the screen: + shows fewer"
			       : !g->ncells ? "reading"
					    : "no page on the screen has a frame");
	else if (g->pages_per_cell > 1)
		buf_addf(&b,
			 "first frames of %zu cells of %llu pages; blocks are told at one page a "
			 "cell (+)",
			 f->n, (unsigned long long)g->pages_per_cell);
	else
		buf_addf(&b, "%llu frames in %zu block%s, the longest %s",
			 (unsigned long long)(f->n - f->doubles), f->nblocks,
			 f->nblocks == 1 ? "" : "s", size);
	if (f->n && f->hidden)
		buf_addf(&b, "; %llu are hidden", (unsigned long long)f->hidden);
	if (f->doubles)
		buf_addf(&b, "; %llu pages share theirs with another",
			 (unsigned long long)f->doubles);
	put_line(d, STYLE_NOTE, &b);
	buf_release(&b);
}

/** "by order 0:12 1:3 9:4": how well they could be mapped by larger pages. */
static void put_orders(struct drawing *d)
{
	struct buf b = { 0 };

	buf_addstr(&b, "aligned blocks by order");
	for (unsigned i = 0; i <= ORDER_MAX; i++)
		if (d->f.order[i])
			buf_addf(&b, "  %u:%llu", i, (unsigned long long)d->f.order[i]);
	put_line(d, STYLE_PLAIN, &b);
	buf_release(&b);
}

/* --- zones ------------------------------------------------------------------------------------ */

/** The first frame at or above a PFN. */
static size_t lower_frame(const struct frames *f, u64 pfn)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->v[mid].pfn < pfn)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/** Pages whose frames lie in a range of PFNs. */
static size_t frames_in(const struct frames *f, struct range pfns)
{
	size_t end = pfns.last == UINT64_MAX ? f->n : lower_frame(f, pfns.last + 1);

	return end - MIN(lower_frame(f, pfns.first), end);
}

/** The same in part `i` of `w` equal parts of it. */
static size_t part_frames(const struct frames *f, struct range pfns, unsigned i, unsigned w)
{
	double part = ((double)(pfns.last - pfns.first) + 1) / w;
	u64 from = pfns.first + (u64)(part * i);
	u64 to = i + 1 == w ? pfns.last : pfns.first + (u64)(part * (i + 1)) - 1;

	/* Less than a frame a part: most have none. */
	return to - from > pfns.last - pfns.first ? 0 : frames_in(f, (struct range){ from, to });
}

/** Where in a zone they lie: linear, lowest at the left, the more of them the fuller. */
static void put_bar(struct drawing *d, unsigned x, unsigned w, struct range pfns)
{
	static const char *const blocks[] = { "·", "░", "▒", "▓", "█" };
	static const char *const plain[] = { ".", "-", "+", "*", "#" };
	const struct frames *f = &d->f;
	size_t most = 1;

	for (unsigned i = 0; i < w; i++)
		most = MAX(most, part_frames(f, pfns, i, w));
	for (unsigned i = 0; i < w; i++) {
		size_t n = part_frames(f, pfns, i, w);
		unsigned level = (unsigned)((n * 4 + most - 1) / most);

		pane_put(d->p, x + i, d->y, (unsigned)TSTYLE_HEAT + level,
			 d->t->ascii ? plain[level] : blocks[level]);
	}
	if (f->cur == f->n || !range_has(pfns, f->v[f->cur].pfn))
		return;
	x += (unsigned)((double)(f->v[f->cur].pfn - pfns.first) /
			((double)(pfns.last - pfns.first) + 1) * w);
	pane_put(d->p, x, d->y, STYLE_BOLD, "#");
	pane_attr(d->p, x, d->y, 1, CELL_SELECTED);
}

/** A line a zone that has any of them: how many, and where. */
static void put_zones(struct drawing *d, unsigned most)
{
	const struct places *places = &d->t->snap->places;
	unsigned end = d->y + most;

	for (size_t i = 0; i < places->nzones && d->y < MIN(end, d->p->h); i++) {
		const struct zone *z = &places->zones[i];
		struct range pfns = { z->first_pfn, z->last_pfn };
		size_t n = frames_in(&d->f, pfns);
		unsigned x;

		if (!n || pfns.last < pfns.first)
			continue;
		x = pane_printf(d->p, 0, d->y, STYLE_PLAIN, "node %u %-7s", z->node, z->name) + 1;
		pane_printf(d->p, x, d->y, STYLE_DIM, "%6zu", n);
		x += 7;
		if (x + 8 < d->p->w)
			put_bar(d, x, d->p->w - x, pfns);
		d->y++;
	}
}

/** What the bars are drawn with. */
static void put_legend(struct drawing *d)
{
	struct buf b = { 0 };

	buf_addstr(&b, d->t->ascii ? ". no frame  -+*# ever more, the selected page's in reverse"
				   : "· no frame  ░▒▓█ ever more  # the selected page's");
	put_line(d, STYLE_DIM, &b);
	buf_release(&b);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static size_t block_of(const struct frames *f, size_t frame)
{
	size_t i = 0;

	while (i + 1 < f->nblocks && f->blocks[i + 1].first <= frame)
		i++;
	return i;
}

static void put_block(struct drawing *d, size_t i, bool selected)
{
	const struct frames *f = &d->f;
	const struct block *b = &f->blocks[i];
	u64 first = pfn_of_block(f, i, false), last = pfn_of_block(f, i, true);
	size_t shown = selected ? f->cur : b->first;
	char size[SIZE_TEXT_MAX];
	struct buf t = { 0 };
	unsigned style = STYLE_PLAIN;

	size[format_size(size, (last - first + 1) * d->t->snap->space.host.page_size, SIZE_SHORT)] =
		'\0';
	buf_addf(&t, "%#10llx %6llu %7s  ", (unsigned long long)first,
		 (unsigned long long)(last - first + 1), size);
	buf_addf(&t, "%llx", (unsigned long long)f->v[shown].addr);
	if (selected && b->n > 1)
		buf_addf(&t, ", %zu of %zu", shown - b->first + 1, b->n);
	if (selected)
		pane_fill(d->p, 0, d->y, d->p->w, style);
	pane_text(d->p, 0, d->y, d->p->w, style, t.p, t.len, ELIDE_END);
	if (selected)
		pane_attr(d->p, 0, d->y, d->p->w, CELL_SELECTED);
	d->y++;
	buf_release(&t);
}

/** The blocks around the selected one, in the order of RAM. */
static void put_blocks(struct drawing *d)
{
	const struct frames *f = &d->f;
	size_t cur = f->cur < f->n ? block_of(f, f->cur) : 0, rows, top;

	if (d->y + 2 > d->p->h)
		return;
	pane_put(d->p, 0, d->y++, STYLE_DIM, "       PFN frames    size  page");
	rows = d->p->h - d->y;
	top = cur - MIN(cur, rows / 2);
	if (f->nblocks > rows)
		top = MIN(top, f->nblocks - rows);
	else
		top = 0;
	for (size_t i = top; i < f->nblocks && d->y < d->p->h; i++)
		put_block(d, i, i == cur && f->cur < f->n);
}

void draw_phys(const struct tui *t, const struct pane *p)
{
	struct drawing d = { .t = t, .p = p };

	if (!t->snap || !p->w)
		return;
	frames_init(&d.f, t);
	pane_put(p, 0, d.y++, STYLE_BOLD, "frames of these pages, [ ] go along them");
	put_totals(&d);
	if (d.f.n) {
		put_zones(&d, p->h / 3 + 1);
		if (t->snap->grid.pages_per_cell == 1) {
			if (p->h >= 10)
				put_legend(&d);
			if (p->h > 12)
				put_orders(&d);
			put_blocks(&d);
		}
	}
	frames_release(&d.f);
}
