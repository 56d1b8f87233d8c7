/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What has changed between two readings: mappings, and the pages in them. */
#include "model/diff.h"

#include <stdlib.h>

#include "make_space.h"
#include "tap.h"

static struct snapshot *reading(const struct line *lines, size_t n)
{
	struct snapshot *s = snapshot_new();

	space_release(&s->space);
	make_space(&s->space, lines, n);
	space_group(&s->space);
	space_classify(&s->space);
	return s;
}

/** A reading of the lines of an array. */
#define READ(lines) reading(lines, ARRAY_SIZE(lines))

/** Adds `n` pages at `addr`; states are kept from then on. */
static void pages(struct snapshot *s, u64 addr, u32 n, enum page_state st, bool copied)
{
	struct page_states *p = &s->pages;

	p->have = true;
	if (!n)
		return;
	GROW(p->runs, p->nruns, p->cap_runs);
	p->runs[p->nruns++] = (struct state_run){ addr, n, (u8)st, copied };
}

static struct changes ch;

/** Letters of what changed, each with its range and its pages, in the order they stand. */
static const char *told(const struct snapshot *old, const struct snapshot *now)
{
	static const char *const kinds[] = { "none",   "new",	"gone", "grown",
					     "shrunk", "perms", "pages" };
	static struct buf b;

	buf_clear(&b);
	buf_addstr(&b, "");
	changes_find(old, now, &ch);
	for (size_t i = 0; i < ch.n; i++) {
		const struct change *c = &ch.v[i];
		const struct fig figs[] = { c->came, c->went, c->copied, c->swapped,
					    c->swapped_in };

		buf_addf(&b, "%s%s %llx-%llx", i ? "; " : "", kinds[c->kind],
			 (unsigned long long)c->r.first, (unsigned long long)c->r.last + 1);
		for (size_t k = 0; k < ARRAY_SIZE(figs); k++)
			if (figs[k].have && figs[k].v)
				buf_addf(&b, " %c%llu", "+-Csi"[k], (unsigned long long)figs[k].v);
	}
	return b.p;
}

/** The same, and both readings are let go. */
static const char *told_once(struct snapshot *old, struct snapshot *now)
{
	const char *ret = told(old, now);

	snapshot_free(old);
	snapshot_free(now);
	return ret;
}

static const struct line base[] = {
	{ 0x10000, 0x14000, "r-xp", 0, 8, 1, 7, "/bin/x" },
	{ 0x14000, 0x16000, "rw-p", 0x4000, 8, 1, 7, "/bin/x" },
	{ 0x20000, 0x28000, "rw-p", 0, 0, 0, 0, "[heap]" },
	{ 0x7f0000, 0x7f8000, "rw-p", 0, 0, 0, 0, "" },
};

static void test_nothing(void)
{
	struct snapshot *a = READ(base), *b = READ(base);

	IS_STR(told(a, b), "");
	IS(ch.kinds[CHANGE_NEW], 0);
	IS(ch.kinds[CHANGE_GONE], 0);
	OK(!ch.have_pages);
	IS_STR(told(NULL, b), "");
	IS_STR(told(a, NULL), "");
	/* Another process is no change of this one. */
	b->space.proc.pid++;
	b->space.nvmas = 1;
	IS_STR(told(a, b), "");
	snapshot_free(a);
	snapshot_free(b);
}

static void test_new_and_gone(void)
{
	static const struct line now[] = {
		{ 0x1000, 0x2000, "r--p", 0, 0, 0, 0, "" },
		{ 0x10000, 0x14000, "r-xp", 0, 8, 1, 7, "/bin/x" },
		{ 0x14000, 0x16000, "rw-p", 0x4000, 8, 1, 7, "/bin/x" },
		{ 0x7f0000, 0x7f8000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x900000, 0x901000, "rw-p", 0, 0, 0, 0, "" },
	};

	IS_STR(told_once(READ(base), READ(now)),
	       "new 1000-2000; gone 20000-28000; new 900000-901000");
	IS(ch.kinds[CHANGE_NEW], 2);
	IS(ch.kinds[CHANGE_GONE], 1);
	IS(ch.kinds[CHANGE_NEW], 2);
	IS(ch.kinds[CHANGE_GONE], 1);
	IS(ch.v[0].new_vma, 0);
	IS(ch.v[0].old_vma, NO_INDEX);
	IS(ch.v[1].old_vma, 2);
	IS(ch.v[1].new_vma, NO_INDEX);
	/* Everything is new, everything is gone. */
	IS_STR(told_once(reading(NULL, 0), READ(base)),
	       "new 10000-14000; new 14000-16000; new 20000-28000; new 7f0000-7f8000");
	IS_STR(told_once(READ(base), reading(NULL, 0)),
	       "gone 10000-14000; gone 14000-16000; gone 20000-28000; gone 7f0000-7f8000");
	IS(ch.kinds[CHANGE_GONE], 4);
}

static void test_grown(void)
{
	static const struct line now[] = {
		{ 0x10000, 0x14000, "r-xp", 0, 8, 1, 7, "/bin/x" },
		{ 0x14000, 0x16000, "rw-p", 0x4000, 8, 1, 7, "/bin/x" },
		{ 0x20000, 0x2c000, "rw-p", 0, 0, 0, 0, "[heap]" },
		{ 0x7f2000, 0x7f8000, "rw-p", 0, 0, 0, 0, "" },
	};

	IS_STR(told_once(READ(base), READ(now)), "grown 20000-2c000; shrunk 7f2000-7f8000");
	IS(ch.kinds[CHANGE_NEW], 0);
	IS(ch.kinds[CHANGE_GONE], 0);
	IS(ch.v[0].old_vma, 2);
	IS(ch.v[0].new_vma, 2);
	/* Found by any address of it. */
	OK(changes_at(&ch, 0x20000) == &ch.v[0]);
	OK(changes_at(&ch, 0x2bfff) == &ch.v[0]);
	OK(!changes_at(&ch, 0x2c000));
	OK(!changes_at(&ch, 0x10000));
	OK(changes_at(&ch, 0x7f8000 - 1) == &ch.v[1]);
}

static void test_perms(void)
{
	static const struct line now[] = {
		{ 0x10000, 0x14000, "rwxp", 0, 8, 1, 7, "/bin/x" },
		{ 0x14000, 0x16000, "rw-p", 0x4000, 8, 1, 9, "/bin/y" },
		{ 0x20000, 0x28000, "rw-p", 0, 0, 0, 0, "[heap]" },
		{ 0x7f0000, 0x7f8000, "rw-p", 0, 0, 0, 0, "[anon:arena]" },
	};

	IS_STR(told_once(READ(base), READ(now)),
	       "perms 10000-14000; perms 14000-16000; perms 7f0000-7f8000");
}

/** mprotect() of a part makes three mappings of one: nothing is mapped that was not before. */
static void test_split(void)
{
	static const struct line one[] = { { 0x10000, 0x20000, "rw-p", 0, 0, 0, 0, "" } };
	static const struct line three[] = {
		{ 0x10000, 0x14000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x14000, 0x18000, "r--p", 0, 0, 0, 0, "" },
		{ 0x18000, 0x20000, "rw-p", 0, 0, 0, 0, "" },
	};
	static const struct line hole[] = {
		{ 0x10000, 0x14000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x18000, 0x20000, "rw-p", 0, 0, 0, 0, "" },
	};
	static const struct line covered[] = {
		{ 0x10000, 0x14000, "r--p", 0, 0, 0, 0, "" },
		{ 0x18000, 0x20000, "rw-p", 0, 0, 0, 0, "" },
	};
	struct snapshot *a, *b;

	told_once(READ(one), READ(three));
	OK(changes_at(&ch, 0x14000) && changes_at(&ch, 0x14000)->kind == CHANGE_PERMS);
	IS(ch.kinds[CHANGE_NEW], 0);
	IS(ch.kinds[CHANGE_GONE], 0);
	told_once(READ(three), READ(one));
	IS(ch.kinds[CHANGE_NEW], 0);
	IS(ch.kinds[CHANGE_GONE], 0);
	for (size_t i = 0; i < ch.n; i++)
		OK(ch.v[i].kind != CHANGE_GONE && ch.v[i].kind != CHANGE_NEW);
	/* munmap() of a part in the middle: nothing is new. */
	told_once(READ(one), READ(hole));
	IS(ch.kinds[CHANGE_NEW], 0);
	for (size_t i = 0; i < ch.n; i++)
		OK(ch.v[i].kind != CHANGE_NEW);
	/* The pages of the hole went once, with the piece below it. */
	a = READ(one);
	b = READ(hole);
	pages(a, 0x10000, 16, PS_ANON, false);
	pages(b, 0x10000, 4, PS_ANON, false);
	pages(b, 0x18000, 8, PS_ANON, false);
	IS_STR(told_once(a, b), "shrunk 10000-14000 -4; shrunk 18000-20000");
	/* With the one above it, where what is below was put there since. */
	a = READ(one);
	b = READ(covered);
	pages(a, 0x10000, 16, PS_ANON, false);
	pages(b, 0x18000, 8, PS_ANON, false);
	IS_STR(told_once(a, b), "perms 10000-14000 -4; shrunk 18000-20000 -4");
	told_once(READ(hole), READ(one));
	IS(ch.kinds[CHANGE_GONE], 0);
	for (size_t i = 0; i < ch.n; i++)
		OK(ch.v[i].kind != CHANGE_GONE);
}

static void test_pages(void)
{
	struct snapshot *a = READ(base), *b = READ(base);

	/* The heap: 0 stays, 1 goes, 2 goes out, 3 comes in, 4 comes; text: one is copied. */
	pages(a, 0x10000, 4, PS_FILE, false);
	pages(a, 0x20000, 3, PS_ANON, false);
	pages(a, 0x23000, 1, PS_SWAPPED, false);
	pages(b, 0x10000, 1, PS_FILE, false);
	pages(b, 0x11000, 1, PS_ANON, true);
	pages(b, 0x12000, 2, PS_FILE, false);
	pages(b, 0x20000, 1, PS_ANON, false);
	pages(b, 0x22000, 1, PS_SWAPPED, false);
	pages(b, 0x23000, 2, PS_ANON, false);
	IS_STR(told(a, b), "pages 10000-14000 C1; pages 20000-28000 +1 -1 s1 i1");
	OK(ch.have_pages);
	IS(ch.kinds[CHANGE_PAGES], 2);
	IS(ch.all.copied.v, 1);
	IS(ch.all.came.v, 1);
	IS(ch.all.went.v, 1);
	IS(ch.all.swapped.v, 1);
	IS(ch.all.swapped_in.v, 1);
	IS(page_change(a, b, 0x10000), 0);
	IS(page_change(a, b, 0x11000), 'c');
	IS(page_change(a, b, 0x20fff), 0);
	IS(page_change(a, b, 0x21000), 'g');
	IS(page_change(a, b, 0x22000), 's');
	IS(page_change(a, b, 0x23000), 'i');
	IS(page_change(a, b, 0x24000), 'n');
	IS(page_change(a, b, 0x25000), 0);
	IS(page_change(b, a, 0x11000), 0);
	IS(page_change(b, a, 0x24000), 'g');
	/* Without states of both nothing is said of pages. */
	b->pages.have = false;
	IS_STR(told(a, b), "");
	OK(!ch.have_pages);
	IS(page_change(a, b, 0x11000), 0);
	snapshot_free(a);
	snapshot_free(b);
}

static void test_guards(void)
{
	struct snapshot *a = READ(base), *b = READ(base);

	/* A guard is no page: what becomes one has gone, what was none has not come. */
	pages(a, 0x20000, 1, PS_ANON, false);
	pages(b, 0x20000, 2, PS_GUARD, false);
	pages(b, 0x22000, 1, PS_OTHER, false);
	IS_STR(told(a, b), "pages 20000-28000 -1");
	snapshot_free(a);
	snapshot_free(b);
}

static void test_runs(void)
{
	struct snapshot *a = READ(base), *b = READ(base);
	struct changed_run *runs = NULL;
	size_t n;

	pages(a, 0x20000, 4, PS_ANON, false);
	pages(b, 0x20000, 1, PS_ANON, false);
	pages(b, 0x22000, 2, PS_SWAPPED, false);
	pages(b, 0x25000, 1, PS_ANON, false);
	pages(b, 0x26000, 1, PS_FILE, false);
	n = changed_runs(a, b, (struct range){ 0x20000, 0x27fff }, &runs);
	if (OK(n == 3)) {
		IS(runs[0].addr, 0x21000);
		IS(runs[0].n, 1);
		IS(runs[0].what, 'g');
		IS(runs[1].addr, 0x22000);
		IS(runs[1].n, 2);
		IS(runs[1].what, 's');
		/* Two runs of other states to which the same has happened are one. */
		IS(runs[2].addr, 0x25000);
		IS(runs[2].n, 2);
		IS(runs[2].what, 'n');
	}
	free(runs);
	runs = NULL;
	/* Of a part of it only that part. */
	n = changed_runs(a, b, (struct range){ 0x23000, 0x25fff }, &runs);
	if (OK(n == 2)) {
		IS(runs[0].addr, 0x23000);
		IS(runs[0].n, 1);
		IS(runs[1].n, 1);
	}
	free(runs);
	runs = NULL;
	n = changed_runs(a, b, (struct range){ 0x10000, 0x15fff }, &runs);
	IS(n, 0);
	free(runs);
	snapshot_free(a);
	snapshot_free(b);
}

/** The top of the address space needs no page behind it. */
static void test_top(void)
{
	static const struct line top[] = { { 0xfffffffffffff000, 0, "rw-p", 0, 0, 0, 0, "" } };
	struct snapshot *a = READ(top), *b = READ(top);
	struct changed_run *runs = NULL;

	pages(a, 0, 0, PS_ANON, false);
	pages(b, 0xfffffffffffff000, 1, PS_ANON, false);
	IS_STR(told(a, b), "pages fffffffffffff000-0 +1");
	IS(changed_runs(a, b, RANGE_ALL, &runs), 1);
	free(runs);
	snapshot_free(a);
	snapshot_free(b);
}

/** As page_change() has it page by page, so the sums of the list are. */
static void test_against_pages(void)
{
	static const enum page_state states[] = { PS_ABSENT, PS_ANON, PS_FILE, PS_SWAPPED,
						  PS_GUARD };
	uint32_t seed = 1;

	for (int round = 0; round < 200; round++) {
		struct snapshot *s[2] = { READ(base), READ(base) };
		u64 sums[256] = { 0 }, listed = 0, counted = 0;
		bool same = true;

		for (int k = 0; k < 2; k++)
			for (u64 at = 0x20000; at < 0x28000; at += 0x1000) {
				enum page_state st;

				seed = seed * 1664525 + 1013904223;
				st = states[seed >> 16 & 3];
				s[k]->pages.have = true;
				if (st != PS_ABSENT)
					pages(s[k], at, 1, st, st == PS_ANON && seed >> 20 & 1);
			}
		told(s[0], s[1]);
		for (u64 at = 0x20000; at < 0x28000; at += 0x1000)
			sums[(u8)page_change(s[0], s[1], at)]++;
		counted = 8 - sums[0];
		for (size_t i = 0; i < ch.n; i++) {
			const struct change *c = &ch.v[i];

			same &= c->came.v == sums['n'] && c->went.v == sums['g'] &&
				c->copied.v == sums['c'] && c->swapped.v == sums['s'] &&
				c->swapped_in.v == sums['i'];
			listed += c->came.v + c->went.v + c->copied.v + c->swapped.v +
				  c->swapped_in.v;
		}
		if (!same || listed != counted)
			OK(!"the sums are those of the pages");
		snapshot_free(s[0]);
		snapshot_free(s[1]);
	}
	OK(true);
}

int main(void)
{
	test_nothing();
	test_new_and_gone();
	test_grown();
	test_perms();
	test_split();
	test_pages();
	test_guards();
	test_runs();
	test_top();
	test_against_pages();
	changes_release(&ch);
	return tap_done();
}
