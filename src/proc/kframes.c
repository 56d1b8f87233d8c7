/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frames of RAM for the picture of the kernel: all of them, or one in so many. A frame costs
 * 70 ns, a call 255 to 290: single frames far apart tell more of a bar's every cell than the same
 * time spent on blocks. The number looked at is fixed, so 6 TiB cost no more than 24 GiB.
 */
#include <stdlib.h>

#include "../model/kmap.h"
#include "pages.h"

/** Frames a sample has: 3 ms, and shares to a percent (standard error at most 0.6 %). */
#define SAMPLE (1u << 13)
/** Up to so many are read one and all, as is every range that has few. */
#define ALL   (1u << 16)
#define SMALL (1u << 9)

#define KPF(bit) (UINT64_C(1) << (bit))

struct taker {
	struct kmap *m;
	size_t i; /**< range of the frames that come */
};

/**
 * Before 6.10 tails of compound pages have few flags of their own, and a sample rarely has their
 * head. THP without ANON is the page cache's (fs/proc/page.c, stable_page_flags()).
 */
static u64 tail_word(u64 word)
{
	if (word & KPF(KPF_COMPOUND_TAIL) && word & KPF(KPF_THP) && !(word & KPF(KPF_ANON)))
		word |= KPF(KPF_LRU);
	return word;
}

static int take(void *ctx, u64 pfn, u64 n, u64 word)
{
	struct taker *t = ctx;
	struct kmap *m = t->m;
	struct frame_tally *tally;

	while (t->i + 1 < m->nframes && pfn > m->frames[t->i].tally.last)
		t->i++;
	tally = &m->frames[t->i].tally;
	if (m->frames_every > 1) {
		/* The frame before it was not looked at. */
		tally->before = FS_NONE;
		word = tail_word(word);
	}
	frame_tally_add(tally, pfn, n, word);
	return 0;
}

/** One in so many: a power of two, 1 for all. */
static u64 sample_every(u64 frames, bool all)
{
	u64 every = 1;

	if (all || frames <= ALL)
		return 1;
	while (frames / every > SAMPLE)
		every *= 2;
	return every;
}

int kframes_read(struct root *r, struct space *s, bool all, unsigned threads)
{
	struct kmap *m = s->kmap;
	struct taker t = { m, 0 };
	struct frame_part *parts;
	u64 frames = 0;
	int err;

	if (!m || !m->nframes)
		return 0;
	parts = xcalloc(m->nframes, sizeof(*parts));
	for (size_t i = 0; i < m->nframes; i++)
		frames += m->frames[i].tally.last - m->frames[i].tally.first + 1;
	/* A tree has as many as were recorded, and they cost nothing. */
	m->frames_every = sample_every(frames, all || !root_is_live(r));
	for (size_t i = 0; i < m->nframes; i++) {
		const struct frame_tally *f = &m->frames[i].tally;

		parts[i] = (struct frame_part){ .first = f->first, .last = f->last, .block = 1 };
		if (f->last - f->first >= SMALL)
			parts[i].every = m->frames_every;
	}
	err = frame_read(r, s, parts, m->nframes, m->frames_every > 1 ? 1 : threads, take, &t);
	for (size_t i = 0; i < m->nframes; i++)
		frame_tally_end(&m->frames[i].tally);
	if (err)
		m->frames_every = 0;
	free(parts);
	return err;
}
