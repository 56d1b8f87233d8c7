/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Made-up physical memory with page tables in it, for the tests of every format.
 */
#ifndef TEST_MADE_TABLES_H
#define TEST_MADE_TABLES_H

#include <errno.h>
#include <stdlib.h>

#include "kernel/arch.h"
#include "kernel/ptwalk.h"
#include "tap.h"

#define BIT(n) (UINT64_C(1) << (n))

/* --- made-up physical memory ------------------------------------------------------------------ */

#define TABLES	  64
#define TABLE_MAX 65536

/** Tables at physical addresses BASE + i * 64 KiB. */
#define BASE  UINT64_C(0x10000000)
#define AT(i) (BASE + (u64)(i)*0x10000)

struct memory {
	unsigned char *table[TABLES];
	u64 reads;
	/** At read number `when` entry `index` of 8 bytes of `change` becomes `to`. */
	u64 when;
	unsigned change, index;
	u64 to;
};

static inline void put(struct memory *m, unsigned table, unsigned index, unsigned size, u64 raw)
{
	if (!m->table[table])
		m->table[table] = xcalloc(1, TABLE_MAX);
	for (unsigned i = 0; i < size; i++)
		m->table[table][index * size + i] = (unsigned char)(raw >> 8 * i);
}

static inline int read_memory(void *ctx, u64 pa, void *to, size_t len)
{
	struct memory *m = ctx;
	u64 i = (pa - BASE) / 0x10000, at = pa % 0x10000;

	m->reads++;
	if (m->when && m->reads == m->when)
		put(m, m->change, m->index, 8, m->to);
	if (pa < BASE || i >= TABLES || !m->table[i] || at + len > TABLE_MAX)
		return -EFAULT;
	memcpy(to, m->table[i] + at, len);
	return 0;
}

static inline void memory_release(struct memory *m)
{
	for (unsigned i = 0; i < TABLES; i++)
		free(m->table[i]);
	*m = (struct memory){ 0 };
}

/* --- walks ------------------------------------------------------------------------------------ */

struct seen {
	struct pt_entry e[4096];
	size_t n;
	size_t stop_at; /**< 0: never */
};

static struct seen seen;

static inline int see(void *ctx, const struct pt_entry *e)
{
	struct seen *s = ctx;

	if (s->n < ARRAY_SIZE(s->e))
		s->e[s->n] = *e;
	s->n++;
	return s->n == s->stop_at ? 77 : 0;
}

static inline struct pt_walk walk_of(const struct pt_format *f, struct memory *m)
{
	seen.n = 0;
	return (struct pt_walk){ .format = f,
				 .read = read_memory,
				 .read_ctx = m,
				 .root = AT(0),
				 .range = RANGE_ALL,
				 .fn = see,
				 .ctx = &seen };
}

static inline struct pt_tables walk(const struct pt_format *f, struct memory *m)
{
	struct pt_walk w = walk_of(f, m);

	IS(pt_walk(&w), 0);
	return w.tables;
}

/** The format of a machine with this release and kernel half. */
static inline struct pt_format format(const char *machine, const char *release, u64 kernel_first,
				      u32 page_size, unsigned levels, const struct kfacts *k)
{
	struct pt_format f;
	struct space s;

	space_init(&s);
	s.host.machine = xstrdup(machine);
	s.host.release = xstrdup(release);
	s.host.page_size = page_size;
	s.host.levels = (u8)levels;
	s.kernel = (struct range){ kernel_first, kernel_first ? UINT64_MAX : 0 };
	OK(pt_format_for(k, &s, &f));
	IS(s.nnotes, 0);
	space_release(&s);
	return f;
}

static inline struct kfacts facts(void)
{
	struct kfacts k = { 0 };

	k.cpu.nx = k.cpu.pat = FIG(1);
	k.config.migration = k.config.memory_failure = FIG(1);
	k.config.device_private = k.config.pte_marker = FIG(0);
	return k;
}

/** One entry decoded as a page table of level `level` holds it. */
static inline struct pt_entry one(const struct pt_format *f, unsigned level, u64 va, u64 raw,
				  enum pt_kind kind)
{
	struct pt_entry e = { 0 };

	IS(f->decode(f, level, va, raw, &e), kind);
	return e;
}

/* --- x86: bits as the manuals have them --------------------------------------------------------
 */

#define X_P	BIT(0)
#define X_RW	BIT(1)
#define X_US	BIT(2)
#define X_PWT	BIT(3)
#define X_PCD	BIT(4)
#define X_A	BIT(5)
#define X_D	BIT(6)
#define X_PSE	BIT(7)
#define X_G	BIT(8)
#define X_NX	BIT(63)
#define X_TABLE (X_P | X_RW | X_US | X_A | X_D)

static const u64 x_kernel = UINT64_C(0xffff800000000000);

/** A swap entry as arch/x86/include/asm/pgtable_64.h lays it out. */
static inline u64 x86_swap(u64 type, u64 offset)
{
	return type << 59 | (~offset & (BIT(50) - 1)) << 9;
}

#endif
