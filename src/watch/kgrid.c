/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The grid of a range of the kernel half. Where it is mapped one to one (the direct map, the image)
 * the cells are frames, and kpageflags says what each is used for. Elsewhere only the kernel's page
 * tables tell what is there, and only kernel memory has those.
 */
#include "kgrid.h"

#include <errno.h>
#include <stdlib.h>

#include "../kernel/kernel.h"
#include "../kernel/ptwalk.h"
#include "../model/cells.h"
#include "../model/explain.h"
#include "../proc/ksrc.h"

/**
 * Most frames one grid asks about: a frame costs 70 ns a file, a block of eight 0.85 us. Of larger
 * ranges each cell is a sample, so that 6 TiB cost no more than 256 MiB: 7 to 20 ms.
 */
#define LOOK_MAX (1u << 16)
/** Frames looked at side by side, where not all are. */
#define BLOCK 8
/** Frames asked about before `stop` is. */
#define CHUNK 8192
/** Beyond this a table that is reached many times (KASAN's shadow) is walked only once. */
#define FOLD_FROM (64 * GIB)

/** Where a range of the kernel half is mapped one to one, its first address and the frame there. */
struct linear {
	struct range va;
	u64 pfn;
};

/** The linear mapping that `addr` lies in, as far as it is known; false: none. */
static bool linear_find(struct source *src, const struct space *s, u64 addr, struct linear *ret)
{
	struct explain e;
	bool found = false;

	explain_init(&e, s->host.page_size);
	kernel_translations(source_facts(src), s, &e);
	for (size_t i = 0; i < e.nmaps && !found; i++) {
		const struct kmapping *m = &e.maps[i];

		if (!range_has(m->va, addr) || m->conf > CONF_DEFAULT || m->pa % s->host.page_size)
			continue;
		*ret = (struct linear){ m->va, m->pa / s->host.page_size };
		found = true;
	}
	explain_release(&e);
	return found;
}

/* --- frames ----------------------------------------------------------------------------------- */

/** Pages of the grid and their frames, in rising order of addresses. */
struct looked {
	u64 *addr;
	struct page_rec *rec;
	u64 *cgroup;
	size_t n, cap;
};

static void looked_init(struct looked *l, size_t cap)
{
	*l = (struct looked){ .cap = cap };
	l->addr = xmalloc(cap * sizeof(*l->addr));
	l->rec = xmalloc(cap * sizeof(*l->rec));
	l->cgroup = xcalloc(cap, sizeof(*l->cgroup));
}

static void looked_release(struct looked *l)
{
	free(l->addr);
	free(l->rec);
	free(l->cgroup);
}

static void look_at(struct looked *l, u64 addr, u64 pfn)
{
	if (l->n == l->cap)
		return;
	l->addr[l->n] = addr;
	l->rec[l->n++] = (struct page_rec){ .pm = PM_PRESENT | pfn };
}

/** A number below `below` that depends on `i` alone, so that no pattern falls in step with it. */
static u64 jitter(u64 i, u64 below)
{
	i *= UINT64_C(0x9e3779b97f4a7c15);
	return (i ^ i >> 32) % below;
}

struct frame_grid {
	struct source *src;
	struct snapshot *s;
	const struct stopper *stop;
	struct cells c;
	struct linear lin;
	unsigned want;
	struct looked l;
};

/** The pages of the grid from number `first` on that the linear mapping has. */
static void look_at_pages(struct frame_grid *f, u64 first, u64 n)
{
	u32 page = f->c.page_size;

	for (u64 i = first; i < first + n; i++) {
		u64 addr = (f->c.g->r.first / page + i) * page;

		if (range_has(f->lin.va, addr))
			look_at(&f->l, addr, f->lin.pfn + (addr - f->lin.va.first) / page);
	}
}

/** All frames, or of each cell blocks that are spread over it. */
static void choose_frames(struct frame_grid *f)
{
	const struct grid *g = f->c.g;
	u64 quota = MAX(LOOK_MAX / g->ncells, (size_t)1), block = MIN(quota, (u64)BLOCK);
	u64 blocks = quota / block, stride = g->pages_per_cell / blocks;

	if (f->c.npages <= LOOK_MAX || stride < block) {
		look_at_pages(f, 0, f->c.npages);
		return;
	}
	for (u64 at = 0, i = 0; at < f->c.npages; at += stride, i++) {
		u64 from = at + jitter(i, stride - block + 1);

		if (from < f->c.npages)
			look_at_pages(f, from, MIN(block, f->c.npages - from));
	}
	f->c.g->every = f->l.n ? f->c.npages / f->l.n : 1;
}

static void take_frame(struct frame_grid *f, const struct flag_sets *sets, size_t i)
{
	const struct page_rec *rec = &f->l.rec[i];
	u64 word = rec->flags == FLAGS_UNKNOWN ? 0 : sets->words[rec->flags];
	enum frame_state st = frame_state_of(word, FS_NONE, true);
	struct page_run run = {
		.addr = f->l.addr[i],
		.n = 1,
		.pm = rec->pm,
		.have_flags = true,
		.flags = word,
		.count = rec->count,
		.cgroup = f->l.cgroup[i],
	};

	/* Beyond the last frame, or not recorded: nothing is known of it. */
	if (rec->flags == FLAGS_UNKNOWN)
		return;
	cells_state(&f->c, run.addr, 1, st, false);
	if (st != FS_NONE)
		cells_facts(&f->c, &run);
}

static int ask_frames(struct frame_grid *f)
{
	int err = 0;

	for (size_t i = 0; i < f->l.n && !err; i += CHUNK) {
		size_t n = MIN(f->l.n - i, (size_t)CHUNK);
		struct flag_sets sets;

		if (stopped(f->stop))
			return -ECANCELED;
		flag_sets_init(&sets);
		err = frames_ask(source_root(f->src), &f->s->space, f->l.rec + i, f->l.cgroup + i,
				 n, f->want, &sets);
		for (size_t k = i; k < i + n && !err; k++)
			take_frame(f, &sets, k);
		flag_sets_release(&sets);
	}
	return err;
}

static const char *why_no_frames(const struct source *src, int err)
{
	if (!root_is_live(source_root(src)))
		return "what its frames are used for was not recorded";
	if (err == -ENOENT)
		return "this kernel has no kpageflags (CONFIG_PROC_PAGE_MONITOR)";
	if (err == -EACCES || err == -EPERM)
		return "kpageflags is closed to us: CAP_DAC_READ_SEARCH would open it";
	return "kpageflags cannot be read";
}

static int frame_grid(struct source *src, struct snapshot *s, const struct want *w,
		      const struct linear *lin, const struct stopper *stop)
{
	struct frame_grid f = { .src = src, .s = s, .stop = stop, .lin = *lin };
	struct grid *g = &s->grid;
	int err;

	g->frames = true;
	if (!cells_begin(&f.c, g, w->grid, s->space.host.page_size, w->grid_unit, w->grid_cells))
		return 0;
	f.c.places = &s->places;
	f.want = WALK_FLAGS | (w->grid_flags ? WALK_COUNT | WALK_CGROUP : 0);
	/* Where blocks do not part a cell evenly, up to an eighth more than LOOK_MAX are chosen. */
	looked_init(&f.l, (size_t)MIN(f.c.npages, (u64)2 * LOOK_MAX + g->ncells));
	choose_frames(&f);
	err = ask_frames(&f);
	cells_end(&f.c);
	looked_release(&f.l);
	if (err && err != -ECANCELED) {
		g->refused = why_no_frames(src, err);
		return 0;
	}
	return err;
}

/* --- page tables ------------------------------------------------------------------------------ */

struct table_grid {
	struct cells c;
	struct looked l; /**< pages whose frames are asked about */
	const struct stopper *stop;
	u64 steps;
};

static int take_entry(void *ctx, const struct pt_entry *e)
{
	struct table_grid *t = ctx;
	u32 page = t->c.page_size;
	struct page_run run = {
		.addr = e->va,
		.n = e->size / page,
		.pm = PM_PRESENT | e->pa / page,
		.count = COUNT_UNKNOWN,
	};

	if (++t->steps % 4096 == 0 && stopped(t->stop))
		return -ECANCELED;
	if (!(e->flags & PT_PRESENT))
		return 0;
	cells_state(&t->c, run.addr, run.n, e->level ? PS_HUGE : PS_PRESENT, false);
	if (!t->l.cap) {
		cells_facts(&t->c, &run);
		return 0;
	}
	for (u64 i = 0; i < run.n; i++)
		if (range_has(t->c.g->r, e->va + i * page))
			look_at(&t->l, e->va + i * page, e->pa / page + i);
	return 0;
}

/** Flags, counts and cgroups of the frames behind the entries. */
static void ask_entries(struct source *src, struct snapshot *s, struct table_grid *t)
{
	struct flag_sets sets;

	flag_sets_init(&sets);
	frames_ask(source_root(src), &s->space, t->l.rec, t->l.cgroup, t->l.n,
		   WALK_FLAGS | WALK_COUNT | WALK_CGROUP, &sets);
	for (size_t i = 0; i < t->l.n; i++) {
		const struct page_rec *rec = &t->l.rec[i];
		struct page_run run = {
			.addr = t->l.addr[i],
			.n = 1,
			.pm = rec->pm,
			.have_flags = rec->flags != FLAGS_UNKNOWN,
			.count = rec->count,
			.cgroup = t->l.cgroup[i],
		};

		if (run.have_flags)
			run.flags = sets.words[rec->flags];
		cells_facts(&t->c, &run);
	}
	flag_sets_release(&sets);
}

static int walk_tables(struct source *src, struct snapshot *s, struct table_grid *t,
		       const struct pt_format *format)
{
	struct pt_walk w = {
		.format = format,
		.range = s->grid.r,
		.fold_aliases = s->grid.r.last - s->grid.r.first >= FOLD_FROM,
		.fn = take_entry,
		.ctx = t,
	};
	int err = source_prepare_kernel_ptes(src, &w);

	if (!err)
		err = pt_walk(&w);
	if (!err && w.tables.aliased)
		s->grid.refused = "the same tables map it again and again: choose a part of it";
	else if (!err && w.tables.unreadable)
		s->grid.refused = "some of its page tables cannot be read";
	return err;
}

/** Why the page tables are out of reach; NULL: they are not. */
static const char *why_no_tables(struct source *src)
{
	if (!root_is_live(source_root(src)))
		return "a recorded tree has no page tables";
	if (!source_kmem(src))
		return "its page tables cannot be read: /proc/kcore or --bpf would open them";
	if (!source_facts(src)->memory.pgd.have)
		return "where the kernel's page tables begin is not known";
	return NULL;
}

static int table_grid(struct source *src, struct snapshot *s, const struct want *w,
		      const struct stopper *stop)
{
	struct table_grid t = { .stop = stop };
	struct grid *g = &s->grid;
	struct pt_format format;
	int err;

	g->refused = why_no_tables(src);
	if (g->refused)
		return 0;
	if (!pt_format_for(source_facts(src), &s->space, &format)) {
		g->refused = "the format of its page tables is not known";
		return 0;
	}
	if (!cells_begin(&t.c, g, w->grid, s->space.host.page_size, w->grid_unit, w->grid_cells))
		return 0;
	t.c.places = &s->places;
	if (w->grid_flags && t.c.npages <= LOOK_MAX)
		looked_init(&t.l, (size_t)t.c.npages);
	err = walk_tables(src, s, &t, &format);
	if (!err && !g->refused)
		ask_entries(src, s, &t);
	cells_end(&t.c);
	looked_release(&t.l);
	if (err && err != -ECANCELED) {
		g->refused = "its page tables cannot be read";
		return 0;
	}
	return err;
}

int watch_grid_kernel(struct source *src, struct snapshot *s, const struct want *w,
		      const struct stopper *stop)
{
	struct linear lin;

	if (s->space.host.page_size && linear_find(src, &s->space, w->grid.first, &lin))
		return frame_grid(src, s, w, &lin, stop);
	return table_grid(src, s, w, stop);
}
