/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks over page tables: kernel memory from proc, formats from kernel, ranges for the model. */
#include "source.h"

#include <errno.h>

#include "kernel/ptwalk.h"
#include "proc/kmem.h"
#include "proc/ptdump.h"

static int read_phys(void *ctx, u64 pa, void *to, size_t len)
{
	return kmem_read_phys(ctx, pa, to, len);
}

int source_prepare_kernel_ptes(struct source *src, struct pt_walk *w)
{
	if (!source_kmem(src) || !source_facts(src)->memory.pgd.have)
		return -ENODATA;
	w->read = read_phys;
	w->read_ctx = source_kmem(src);
	w->root = source_facts(src)->memory.pgd.v;
	w->verify = true;
	return 0;
}

/** Entries between two steps: below 1 ms. */
#define STEP_ENTRIES 4096

struct kernel_walk {
	struct pt_ranges *ret;
	const struct root *root;
	u64 entries;
};

static int take_entry(void *ctx, const struct pt_entry *e)
{
	struct kernel_walk *w = ctx;

	if (++w->entries % STEP_ENTRIES == 0 && root_step(w->root, 0))
		return -ECANCELED;
	return pt_ranges_entry(w->ret, e);
}

static int walk_kernel(struct source *src, struct space *s, struct range r, struct pt_ranges *ret)
{
	struct kernel_walk into = { ret, source_root(src), 0 };
	struct pt_format format;
	struct pt_walk w = {
		.format = &format,
		.range = r,
		.fold_aliases = true,
		.fn = take_entry,
		.ctx = &into,
	};
	int err = source_prepare_kernel_ptes(src, &w);

	if (err)
		return err;
	if (!pt_format_for(source_facts(src), s, &format))
		return -ENOTSUP;
	err = pt_walk(&w);
	ret->tables = w.tables;
	ret->levels = format.levels;
	ret->level_names = format.level_names;
	ret->source = kmem_source(source_kmem(src));
	return err;
}

int source_kernel_ptes(struct source *src, struct space *s, struct pt_ranges *ret)
{
	u64 start = live_usec();
	int err = -ENODATA, dump;

	*ret = (struct pt_ranges){ 0 };
	if (!s->kernel.last)
		return -ENODATA;
	if (source_kmem(src))
		err = walk_kernel(src, s, s->kernel, ret);
	if (err && err != -ECANCELED) {
		pt_ranges_release(ret);
		dump = ptdump_read(source_root(src), s, source_facts(src), ret);
		/* Few kernels have the dump: that it is not there is not why the walk failed; a
		 * tree's headers of kcore have no memory behind them. */
		if (dump != -ENOENT || !source_kmem(src) || !root_is_live(source_root(src)))
			err = dump;
	}
	ret->partial = ret->tables.unreadable || ret->full;
	ret->usec = live_usec() - start;
	return err;
}

int source_apply_ptes(struct source *src, struct space *s)
{
	struct pt_ranges ranges;
	int err = source_kernel_ptes(src, s, &ranges);

	if (!err)
		kernel_apply_ptes(source_facts(src), s, &ranges);
	pt_ranges_release(&ranges);
	return err == -ECANCELED ? err : 0;
}

int source_prepare_ptes(struct source *src, const struct space *s, struct pt_walk *w)
{
	struct kmem_mm mm;
	int err;

	if (!source_kmem(src))
		return -ENODATA;
	err = kmem_mm(source_kmem(src), s->proc.via_tid ? s->proc.via_tid : s->proc.pid, &mm);
	if (err)
		return err;
	w->read = read_phys;
	w->read_ctx = source_kmem(src);
	w->root = mm.pgd;
	w->verify = true;
	return 0;
}
