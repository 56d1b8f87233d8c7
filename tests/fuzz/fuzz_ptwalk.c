/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Page tables of any bytes in every format: the walk ends, entries rise, nothing is invented. The
 * input is the physical memory, repeated without end, behind 8 bytes that choose the format.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/arch.h"
#include "kernel/ptwalk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct memory {
	const uint8_t *p;
	size_t len;
	u64 reads;
};

/** So many tables are told, the rest cannot be read: a run has to end. */
#define READS_MAX 300

static int read_memory(void *ctx, u64 pa, void *to, size_t len)
{
	struct memory *m = ctx;
	unsigned char *out = to;

	if (m->reads++ > READS_MAX)
		return -14; /* EFAULT */
	for (size_t i = 0; i < len; i++)
		out[i] = m->p[(pa + i) % m->len];
	return 0;
}

struct check {
	struct pt_merger merger;
	struct pt_ranges ranges;
	u64 entries, last;
	bool any;
};

static int see(void *ctx, const struct pt_entry *e)
{
	struct check *c = ctx;

	if (!e->size || e->va & (e->size - 1) || !e->raw || (c->any && e->va <= c->last))
		abort();
	if (!(e->flags & (PT_PAGE | PT_PFN_ENTRY)) && e->pa)
		abort();
	if (!(e->flags & PT_PRESENT) && e->flags & (PT_READ | PT_EXEC))
		abort();
	c->any = true;
	c->last = e->va + (e->size - 1);
	pt_merger_entry(&c->merger, e);
	pt_ranges_entry(&c->ranges, e);
	/* Enough is enough. */
	return ++c->entries > 20000 ? 1 : 0;
}

static void table(void *ctx, unsigned level, struct range covers, u64 bytes)
{
	struct check *c = ctx;

	pt_merger_table(&c->merger, level, covers, bytes);
}

static int run(void *ctx, const struct pt_run *r)
{
	(void)ctx;
	if (!r->n)
		abort();
	return 0;
}

/** The machine that two bytes of the input choose, in a mode that exists. */
static void host(struct space *s, struct kfacts *k, const uint8_t *b)
{
	static const struct {
		const char *machine;
		u8 half[4]; /**< width of the kernel half in bits; 0: it says nothing */
		u8 levels[2];
		u8 page[2];
	} hosts[] = { { "x86_64", { 47, 56 }, { 4, 5 }, { 12, 12 } },
		      { "i686", { 0 }, { 2, 3 }, { 12, 12 } },
		      { "aarch64", { 39, 48, 52, 42 }, { 0 }, { 12, 16 } },
		      { "aarch64", { 36, 47, 52, 47 }, { 0 }, { 14, 14 } },
		      { "riscv64", { 38, 47, 56, 38 }, { 0 }, { 12, 12 } },
		      { "armv7l", { 0 }, { 2, 3 }, { 12, 12 } } };
	static const char *const releases[] = { "6.18.1", "6.1.0", "5.10.2", "4.14.0" };
	size_t i = b[0] % ARRAY_SIZE(hosts);
	u8 half = hosts[i].half[b[1] & 3];

	s->host.machine = xstrdup(hosts[i].machine);
	s->host.release = xstrdup(releases[b[2] & 3]);
	s->host.levels = hosts[i].levels[b[1] & 1];
	s->host.page_size = 1u << hosts[i].page[b[1] >> 2 & 1];
	s->host.big_endian = b[3] & 1;
	if (half)
		s->kernel = (struct range){ ~((UINT64_C(1) << half) - 1), UINT64_MAX };
	k->cpu.nx = k->cpu.pat = FIG(b[3] >> 1 & 1);
	k->config.migration = k->config.device_private = FIG(b[3] >> 2 & 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kfacts k = { 0 };
	struct check c = { 0 };
	struct memory m;
	struct pt_format f;
	struct space s;
	struct pt_walk w;
	struct vma *v;

	if (size < 17)
		return 0;
	m = (struct memory){ data + 8, size - 8, 0 };
	space_init(&s);
	host(&s, &k, data);
	v = space_add_vma(&s);
	v->last = 0x7fffffff;
	v->perms = data[4] & 7;
	space_group(&s);
	c.merger = (struct pt_merger){ .space = &s, .emit = run };
	if (pt_format_for(&k, &s, &f)) {
		w = (struct pt_walk){ .format = &f,
				      .read = read_memory,
				      .read_ctx = &m,
				      .root = (u64)data[5] << 12,
				      .range = RANGE_ALL,
				      .fold_aliases = data[4] & 8,
				      .verify = data[4] & 16,
				      .fn = see,
				      .table = table,
				      .ctx = &c };
		pt_walk(&w);
		pt_merger_end(&c.merger);
		c.ranges.tables = w.tables;
		c.ranges.tables.unreadable = 0;
		kernel_apply_ptes(&k, &s, &c.ranges);
	}
	pt_merger_release(&c.merger);
	pt_ranges_release(&c.ranges);
	space_release(&s);
	return 0;
}
