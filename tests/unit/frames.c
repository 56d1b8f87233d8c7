/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames: what their flags say, counters and slices, runs of a recorded tree, samples. */
#include <stdlib.h>
#include "model/phys.h"
#include "proc/frames.h"
#include "proc/pages.h"
#include "tap.h"

#define K(bit) (UINT64_C(1) << (bit))

static void test_states(void)
{
	const struct {
		u64 word;
		enum frame_state before, want;
	} cases[] = {
		{ K(KPF_BUDDY), FS_NONE, FS_FREE },
		{ K(KPF_LRU) | K(KPF_UPTODATE), FS_NONE, FS_FILE },
		{ K(KPF_LRU) | K(KPF_UPTODATE) | K(KPF_SWAPBACKED), FS_NONE, FS_SHMEM },
		{ K(KPF_LRU) | K(KPF_ANON) | K(KPF_SWAPBACKED), FS_NONE, FS_ANON },
		/* What 6.18 says of some slabs: their mapping is none. */
		{ K(KPF_SLAB) | K(KPF_ANON) | K(KPF_KSM), FS_NONE, FS_SLAB },
		{ K(KPF_PGTABLE) | K(KPF_MMAP), FS_NONE, FS_PGTABLE },
		{ K(KPF_HUGE) | K(KPF_COMPOUND_HEAD) | K(KPF_ANON), FS_NONE, FS_HUGETLB },
		{ K(KPF_HUGE) | K(KPF_HWPOISON), FS_NONE, FS_POISON },
		{ K(KPF_OFFLINE), FS_NONE, FS_OFFLINE },
		{ K(KPF_RESERVED), FS_NONE, FS_RESERVED },
		{ K(KPF_NOPAGE), FS_NONE, FS_NONE },
		{ K(KPF_COMPOUND_TAIL), FS_FILE, FS_FILE },
		{ K(KPF_COMPOUND_TAIL), FS_SHMEM, FS_SHMEM },
		{ K(KPF_COMPOUND_TAIL), FS_SLAB, FS_KERNEL },
		{ K(KPF_COMPOUND_TAIL) | K(KPF_THP), FS_NONE, FS_FILE },
		{ K(KPF_COMPOUND_HEAD), FS_FILE, FS_KERNEL },
		{ K(60), FS_NONE, FS_KERNEL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		IS(frame_state_of(cases[i].word, cases[i].before, true), cases[i].want);
	/* Without any flag it is the kernel's where RAM is known to be, else perhaps nothing. */
	IS(frame_state_of(0, FS_FREE, true), FS_KERNEL);
	IS(frame_state_of(0, FS_FREE, false), FS_NONE);
}

static void test_tally(void)
{
	struct frame_tally t;

	/* 100 frames in 10 slices. */
	frame_tally_init(&t, 1000, 1099, 10, true);
	IS(t.nslices, 10);
	frame_tally_add(&t, 900, 100, K(KPF_BUDDY)); /* all below */
	frame_tally_add(&t, 990, 25, K(KPF_BUDDY));  /* 15 of them inside */
	frame_tally_add(&t, 1015, 5, K(KPF_ANON));
	frame_tally_add(&t, 1020, 3, K(KPF_SLAB));
	frame_tally_add(&t, 1023, 4, K(KPF_ANON));
	frame_tally_add(&t, 1027, 3, K(KPF_BUDDY));
	frame_tally_add(&t, 1030, 60, K(KPF_LRU));
	frame_tally_add(&t, 1090, 5, 0);
	frame_tally_add(&t, 1095, 500, K(KPF_PGTABLE)); /* 5 inside */
	frame_tally_end(&t);
	IS(t.seen, 100);
	IS(t.state[FS_FREE], 18);
	IS(t.state[FS_ANON], 9);
	IS(t.state[FS_SLAB], 3);
	IS(t.state[FS_FILE], 60);
	IS(t.state[FS_KERNEL], 5);
	IS(t.state[FS_PGTABLE], 5);
	IS(t.slices[0], SLICE(FS_FREE, 0));
	IS(t.slices[1], SLICE(FS_ANON, 8)); /* 5 of 10: 7.5 of 15, up */
	IS(t.slices[2], SLICE(FS_ANON, 11));
	IS(t.slices[3], SLICE(FS_FILE, 15));
	IS(t.slices[8], SLICE(FS_FILE, 15));
	/* Equal numbers: the first of the order of states. */
	IS(t.slices[9], SLICE(FS_PGTABLE, 15));
	IS(frame_tally_estimate(&t, FS_FILE), 60);
	frame_tally_release(&t);
}

/* Fewer frames than slices, and slices that nobody looked at. */
static void test_small(void)
{
	struct frame_tally t;

	frame_tally_init(&t, 5, 7, 1024, true);
	IS(t.nslices, 3);
	frame_tally_add(&t, 5, 1, K(KPF_SLAB));
	frame_tally_add(&t, 7, 1, K(KPF_BUDDY));
	frame_tally_end(&t);
	IS(t.slices[0], SLICE(FS_SLAB, 15));
	IS(t.slices[1], SLICE(FS_NONE, 0));
	IS(t.slices[2], SLICE(FS_FREE, 0));
	/* Two of three were seen, one of them free: it stands for one and a half. */
	IS(frame_tally_estimate(&t, FS_FREE), 2);
	frame_tally_release(&t);

	/* One too late is no matter, one too early neither. */
	frame_tally_init(&t, 0, 9, 2, true);
	frame_tally_add(&t, 8, 1, K(KPF_SLAB));
	frame_tally_add(&t, 2, 1, K(KPF_SLAB));
	frame_tally_end(&t);
	IS(t.state[FS_SLAB], 2);
	frame_tally_release(&t);

	/* The largest range there can be. */
	frame_tally_init(&t, 0, (UINT64_C(1) << 52) - 1, 1024, false);
	frame_tally_add(&t, 0, UINT64_C(1) << 52, K(KPF_BUDDY));
	frame_tally_end(&t);
	IS(t.state[FS_FREE], UINT64_C(1) << 52);
	IS(t.slices[1023], SLICE(FS_FREE, 0));
	frame_tally_release(&t);
}

/* What was delivered, as text. */
static struct buf got;

static int keep(void *ctx, u64 pfn, u64 n, u64 word)
{
	(void)ctx;
	buf_addf(&got, "%llx+%llx=%llx ", (unsigned long long)pfn, (unsigned long long)n,
		 (unsigned long long)word);
	return 0;
}

static int stop(void *ctx, u64 pfn, u64 n, u64 word)
{
	keep(ctx, pfn, n, word);
	return 7;
}

static size_t parse(const char *text, const struct frame_part *parts, size_t n)
{
	size_t bad;

	buf_clear(&got);
	buf_addstr(&got, "");
	IS(frames_txt_read(text, strlen(text), parts, n, keep, NULL, &bad), 0);
	return bad;
}

static void test_text(void)
{
	const struct frame_part all = { .first = 0, .last = 0xffff };
	const struct frame_part two[] = { { .first = 2, .last = 3 }, { .first = 6, .last = 0x20 } };
	size_t bad;

	IS(parse("# a comment\n0 10 400\n10 1 ffffffffffffffff\n20 5 0\n", &all, 1), 0);
	IS_STR(got.p, "0+10=400 10+1=ffffffffffffffff 20+5=0 ");
	/* Only what is inside of the parts, a run over both of them twice. */
	IS(parse("0 10 400\n10 1 80\n30 1 1\n", two, 2), 0);
	IS_STR(got.p, "2+2=400 6+a=400 10+1=80 ");
	/* Overlap, no number, a count of 0, more than 2^52, a fourth word, no newline. */
	IS(parse("0 10 400\n8 10 1\nx\n20 0 0\n30 10000000000000 0\n40 1 1 1\n50 1\n60 1 1", &all,
		 1),
	   7);
	IS_STR(got.p, "0+10=400 ");
	buf_clear(&got);
	IS(frames_txt_read("1 1 1\n2 1 1\n", 12, &all, 1, stop, NULL, &bad), 7);
	IS_STR(got.p, "1+1=1 ");
}

/* --- this machine ------------------------------------------------------------------------------
 */

struct seen {
	u64 next, frames, blocks;
	bool rising, aligned;
};

static int look(void *ctx, u64 pfn, u64 n, u64 word)
{
	struct seen *s = ctx;

	(void)word;
	s->rising &= pfn >= s->next;
	if (pfn != s->next || !s->frames) {
		s->blocks++;
		s->aligned &= pfn % FRAME_BLOCK == 0;
	}
	s->next = pfn + n;
	s->frames += n;
	return 0;
}

/* The first 64 MiB whole, then one block in four, by one thread and by two. */
static void test_live(void)
{
	const u64 frames = 16384;
	struct root *r = root_live();
	struct space s;

	space_init(&s);
	for (unsigned threads = 1; threads <= 2; threads++) {
		struct frame_part part = { .first = 0, .last = frames - 1 };
		struct seen whole = { .rising = true, .aligned = true }, some = whole;

		if (frame_read(r, &s, &part, 1, threads, look, &whole)) {
			SKIP("kpageflags cannot be read");
			continue;
		}
		IS(whole.frames, frames);
		IS(whole.blocks, 1);
		OK(whole.rising);
		part.every = 4;
		IS(frame_read(r, &s, &part, 1, threads, look, &some), 0);
		IS(some.frames, frames / 4);
		OK(some.rising);
		OK(some.aligned);
		/* Neighbouring blocks may have been chosen: not more than so many groups. */
		OK(some.blocks <= frames / 4 / FRAME_BLOCK && some.blocks > 1);
	}
	space_release(&s);
	root_free(r);
}

int main(void)
{
	buf_init(&got);
	test_states();
	test_tally();
	test_small();
	test_text();
	test_live();
	buf_release(&got);
	return tap_done();
}
