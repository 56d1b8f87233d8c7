/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "MAPS\0PAGES": pages.txt of a recorded tree over any mappings, walked and scanned. */
#include <stdlib.h>
#include <string.h>
#include "proc/pageio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

struct seen {
	const struct space *s;
	bool begun;
	u64 last;
	u64 here, all; /* pages with an entry, and all */
};

/* Batches rise, each lies in its mapping, none is empty. */
static int see(void *ctx, const struct page_batch *b)
{
	struct seen *seen = ctx;
	const struct vma *v;
	u64 last;

	if (!b->n)
		return 0;
	must(b->vma < seen->s->nvmas);
	v = &seen->s->vmas[b->vma];
	last = b->addr + ((u64)b->n * seen->s->host.page_size - 1);
	must(last >= b->addr && v->first <= b->addr && last <= v->last);
	must(!seen->begun || b->addr > seen->last);
	must(b->absent || b->rec[0].flags == FLAGS_UNKNOWN || b->rec[0].flags < b->sets->n);
	seen->begun = true;
	seen->last = last;
	seen->all += b->n;
	seen->here += b->absent ? 0 : b->n;
	return 0;
}

static int see_run(void *ctx, const struct page_run *run)
{
	const struct space *s = ctx;

	must(run->n && run->vma < s->nvmas && page_run_state(s, run) < PS_NSTATES);
	must(run->absent == (page_run_state(s, run) == PS_ABSENT));
	return 0;
}

static int feed_run(void *ctx, const struct page_batch *b)
{
	return run_merger_feed(ctx, b);
}

static int feed_summary(void *ctx, const struct page_batch *b)
{
	return page_summary_add(ctx, b);
}

static void check_scan(struct space *s, const struct pagetxt_source *src, u64 here)
{
	u64 sum = 0;

	must(!pagetxt_scan_source(src, s));
	for (size_t i = 0; i < s->nvmas; i++) {
		const struct vma *v = &s->vmas[i];

		if (!(v->have & VMA_HAVE_PAGES))
			continue;
		sum += v->pages.present + v->pages.swapped + v->pages.guard;
		must(v->pages.zero + v->pages.huge <= v->pages.present * 2);
		must((u64)v->slices + v->nslices <= s->slices.len);
		for (unsigned k = 0; k < v->nslices; k++) {
			u8 slice = (u8)s->slices.p[v->slices + k];

			must(SLICE_STATE(slice) < PS_NSTATES);
			must((SLICE_STATE(slice) == PS_ABSENT) == (SLICE_FILL(slice) == 0));
		}
	}
	must(sum == here);
}

static int walk(const struct pagetxt_source *src, struct space *s, unsigned want, page_walk_fn *fn,
		void *ctx)
{
	return pagetxt_walk_source(src, s, &(struct walk_opts){ .range = RANGE_ALL, .want = want },
				   fn, ctx);
}

static void check(struct space *s, const struct pagetxt_source *src)
{
	struct run_merger m = { .space = s, .emit = see_run, .ctx = s };
	struct page_summary sum;
	struct page_summary_feed feed = { &sum, s };
	struct seen all = { .s = s }, some = { .s = s };

	must(!walk(src, s, WALK_ABSENT, see, &all));
	must(!walk(src, s, WALK_FLAGS | WALK_COUNT, see, &some));
	must(all.here == some.here && some.all == some.here);
	must(!walk(src, s, WALK_FLAGS | WALK_ABSENT, feed_run, &m));
	must(!run_merger_end(&m));
	page_summary_init(&sum, s, true);
	must(!walk(src, s, WALK_FLAGS, feed_summary, &feed));
	must(sum.mapped_total + sum.swapped + sum.guard + sum.other == some.here);
	page_summary_release(&sum);
	check_scan(s, src, some.here);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	struct pagetxt_source src = { .fd = -1 };
	struct maps_parser *parser;
	struct space s;

	if (!nul)
		return 0;
	space_init(&s);
	s.host.page_size = 4096;
	s.host.bits = size & 1 ? 64 : 32;
	parser = maps_parser_new(&s);
	maps_parser_feed(parser, (const char *)data, (size_t)(nul - data));
	maps_parser_end(parser);
	src.len = size - (size_t)(nul + 1 - data);
	src.text = (const char *)nul + 1;
	check(&s, &src);
	space_release(&s);
	return 0;
}
