/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sums over objects: the same with and without those made beforehand, and the bar over all. */
#include "model/sums.h"

#include "make_space.h"
#include "tap.h"

/** Gives a mapping page counters and one slice a page: a letter each, '.' absent. */
static void set_pages(struct space *s, u32 i, const char *pages)
{
	struct vma *v = &s->vmas[i];

	v->slices = (u32)s->slices.len;
	v->nslices = (u8)strlen(pages);
	v->have |= VMA_HAVE_PAGES;
	for (; *pages; pages++) {
		enum page_state st = *pages == 'a'   ? PS_ANON
				     : *pages == 'f' ? PS_FILE
				     : *pages == 'G' ? PS_GUARD
						     : PS_ABSENT;
		bool here = st == PS_ANON || st == PS_FILE;

		buf_addch(&s->slices, (char)SLICE(st, here ? 15 : 0));
		v->pages.present += here;
	}
}

static void test_join(void)
{
	const u8 v[] = { SLICE(PS_ANON, 15),  SLICE(PS_ANON, 3),  SLICE(PS_FILE, 15),
			 SLICE(PS_ABSENT, 0), SLICE(PS_GUARD, 0), SLICE(PS_ABSENT, 0) };

	OK(slices_join(v, 1, 2) == SLICE(PS_ANON, 3));
	/* 15 + 3 sixteenths of two slices. */
	OK(slices_join(v, 0, 2) == SLICE(PS_ANON, 9));
	OK(slices_join(v, 0, 3) == SLICE(PS_ANON, 11));
	OK(slices_join(v, 1, 3) == SLICE(PS_FILE, 9));
	/* What fills nothing is told where nothing is filled, rounded up where something is. */
	OK(slices_join(v, 3, 6) == SLICE(PS_GUARD, 0));
	OK(slices_join(v, 1, 6) == SLICE(PS_FILE, 4));
}

/** A library of three mappings with a hole between them; its bar has none. */
static void test_object_bar(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x12000, "r--p", 0, 8, 1, 77, "/lib/a.so" },
		{ 0x12000, 0x16000, "r-xp", 0x2000, 8, 1, 77, "/lib/a.so" },
		{ 0x20000, 0x22000, "rw-p", 0x6000, 8, 1, 77, "/lib/a.so" },
	};
	struct object_sum sum;
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	set_pages(&s, 0, "ff");
	set_pages(&s, 1, "f..G");
	space_group(&s);
	OK(s.nobjects == 1);
	/* Of the last nobody knows what its pages are. */
	sums_object(NULL, &s, 0, &sum);
	OK(!sum.nbar && !sum.totals.present.have);
	set_pages(&s, 2, ".a");
	sums_object(NULL, &s, 0, &sum);
	OK(sum.nbar == 8);
	OK(sum.bar[0] == SLICE(PS_FILE, 15) && sum.bar[2] == SLICE(PS_FILE, 15));
	OK(sum.bar[3] == SLICE(PS_ABSENT, 0));
	OK(sum.bar[5] == SLICE(PS_GUARD, 0));
	OK(sum.bar[6] == SLICE(PS_ABSENT, 0) && sum.bar[7] == SLICE(PS_ANON, 15));
	OK(sum.any == (PERM_R | PERM_W | PERM_X) && sum.all == PERM_R);
	OK(sum.totals.size == 0x8000 && sum.totals.present.v == 0x4000);
	space_release(&s);
}

/** More pages than cells: shares are equal, and none of it is lost. */
static void test_long_bar(void)
{
	static const struct line lines[] = {
		{ 0x100000, 0x100000 + 96 * 0x1000, "rw-p", 0, 8, 1, 5, "/x" },
		{ 0x100000 + 96 * 0x1000, 0x100000 + 128 * 0x1000, "r--p", 0, 8, 1, 5, "/x" },
	};
	struct object_sum sum;
	struct space s;
	unsigned anon = 0, file = 0;

	make_space(&s, lines, ARRAY_SIZE(lines));
	/* 48 slices of two pages, 32 of one. */
	set_pages(&s, 0, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	set_pages(&s, 1, "ffffffffffffffffffffffffffffffff");
	space_group(&s);
	sums_object(NULL, &s, 0, &sum);
	OK(s.nobjects == 1 && sum.nbar == SLICES_MAX);
	for (unsigned i = 0; i < sum.nbar; i++) {
		anon += sum.bar[i] == SLICE(PS_ANON, 15);
		file += sum.bar[i] == SLICE(PS_FILE, 15);
	}
	OK(anon == 48 && file == 16);
	OK(SLICE_STATE(sum.bar[47]) == PS_ANON && SLICE_STATE(sum.bar[48]) == PS_FILE);
	space_release(&s);
}

/** An object large enough to be summed up beforehand, and one that is not. */
static void test_beforehand(void)
{
	static const u8 fields[] = { SMAPS_RSS, SMAPS_PRIVATE_DIRTY };
	struct line lines[SUM_LEAST + 2];
	struct object_sum with, without;
	struct totals user, again;
	struct gap gap, other;
	struct sums *sums;
	struct space s;

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		lines[i] = (struct line){ 0x400000 + i * 0x1000,
					  0x401000 + i * 0x1000,
					  i & 1 ? "r--p" : "rw-p",
					  i * 0x1000,
					  8,
					  1,
					  i < SUM_LEAST ? 9 : 10,
					  i < SUM_LEAST ? "/large" : "/small" };
	make_space(&s, lines, ARRAY_SIZE(lines));
	for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
		set_pages(&s, i, i & 1 ? "f" : "a");
		set_smaps(&s, &s.vmas[i], fields, (const u64[]){ 4, i & 1 ? 0 : 4 }, 2);
	}
	s.have_scan = true;
	space_group(&s);
	sums = sums_new(&s);
	OK(s.nobjects == 2 && sums->n == 1 && sums->v[0].object == 0);
	for (u32 o = 0; o < 2; o++) {
		memset(&with, 0, sizeof(with));
		memset(&without, 0, sizeof(without));
		sums_object(sums, &s, o, &with);
		sums_object(NULL, &s, o, &without);
		OK(with.object == o && with.any == without.any && with.all == without.all);
		OK(with.nbar == without.nbar && !memcmp(with.bar, without.bar, with.nbar));
		OK(with.totals.rss.v == without.totals.rss.v &&
		   with.totals.private_dirty.v == without.totals.private_dirty.v);
	}
	sums_object(sums, &s, 0, &with);
	OK(with.totals.rss.v == SUM_LEAST * 4096 &&
	   with.totals.private_dirty.v == SUM_LEAST * 2048);
	OK(with.nbar == SUM_LEAST && SLICE_STATE(with.bar[0]) == PS_ANON &&
	   SLICE_STATE(with.bar[1]) == PS_FILE);
	user = sums_user(sums, &s, NULL);
	again = sums_user(NULL, &s, NULL);
	OK(user.rss.have && user.rss.v == again.rss.v && user.rss.v == (SUM_LEAST + 2) * 4096);
	OK(sums_map_count(sums, &s) == SUM_LEAST + 2 && sums_map_count(NULL, &s) == SUM_LEAST + 2);
	OK(sums_largest_gap(sums, &s, &gap) && sums_largest_gap(NULL, &s, &other));
	OK(gap.r.first == other.r.first && gap.r.last == other.r.last);
	for (int made = 0; made < 2; made++) {
		struct headroom room[HEADROOM_N];

		sums_headroom(made ? sums : NULL, &s, room);
		IS_STR(room[0].name, "mappings");
		IS(room[0].used.v, SUM_LEAST + 2);
	}
	sums_free(sums);
	sums_free(NULL);
	space_release(&s);
}

int main(void)
{
	test_join();
	test_object_bar();
	test_long_bar();
	test_beforehand();
	return tap_done();
}
