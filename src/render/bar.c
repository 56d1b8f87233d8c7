/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bars: a cell stands for an equal share of the mapping in address order, lowest at the left, and
 * shows the state that most of its pages hold. A mapping of fewer pages than the bar has columns
 * gets one cell a page.
 */
#include "bar.h"

#include <string.h>

#include "../model/sums.h"
#include "view.h"

static const struct bar_look looks[PS_NSTATES] = {
	[PS_ABSENT] = { "·", "·", '.', STYLE_STATE + PS_ABSENT },
	[PS_ANON] = { "▄", "█", 'a', STYLE_STATE + PS_ANON },
	[PS_FILE] = { "░", "▒", 'f', STYLE_STATE + PS_FILE },
	[PS_FILE_DIRTY] = { "▓", "▓", 'd', STYLE_STATE + PS_FILE_DIRTY },
	[PS_SHARED] = { "▚", "▚", 's', STYLE_STATE + PS_SHARED },
	[PS_ZERO] = { "z", "z", 'z', STYLE_STATE + PS_ZERO },
	[PS_HUGE] = { "H", "H", 'H', STYLE_STATE + PS_HUGE },
	[PS_PRESENT] = { "▖", "▌", 'p', STYLE_STATE + PS_PRESENT },
	[PS_SWAPPED] = { "S", "S", 'S', STYLE_STATE + PS_SWAPPED },
	[PS_GUARD] = { "G", "G", 'G', STYLE_STATE + PS_GUARD },
	[PS_OTHER] = { "?", "?", '?', STYLE_STATE + PS_OTHER },
};

/** Frames: the same looks for the same things. */
static const struct bar_look frame_looks[FS_NSTATES] = {
	[FS_NONE] = { "-", "-", '-', STYLE_DIM },
	[FS_FREE] = { "·", "·", '.', STYLE_STATE + PS_ABSENT },
	[FS_ANON] = { "▄", "█", 'a', STYLE_STATE + PS_ANON },
	[FS_FILE] = { "░", "▒", 'f', STYLE_STATE + PS_FILE },
	[FS_SHMEM] = { "▚", "▚", 's', STYLE_STATE + PS_SHARED },
	[FS_HUGETLB] = { "H", "H", 'H', STYLE_STATE + PS_HUGE },
	[FS_SLAB] = { "▖", "▌", 'b', STYLE_STATE + PS_PRESENT },
	[FS_PGTABLE] = { "T", "T", 'T', STYLE_STATE + PS_ZERO },
	[FS_KERNEL] = { "k", "K", 'k', STYLE_STATE + PS_FILE_DIRTY },
	[FS_RESERVED] = { "r", "R", 'r', STYLE_STATE + PS_FILE_DIRTY },
	[FS_OFFLINE] = { "o", "O", 'o', STYLE_STATE + PS_GUARD },
	[FS_POISON] = { "X", "X", 'X', STYLE_WARN },
};

static const char *const state_words[PS_NSTATES] = {
	[PS_ABSENT] = "never touched or dropped",
	[PS_ANON] = "anonymous or copied",
	[PS_FILE] = "file",
	[PS_FILE_DIRTY] = "file, dirty",
	[PS_SHARED] = "shared memory",
	[PS_ZERO] = "zero page",
	[PS_HUGE] = "huge",
	[PS_PRESENT] = "present",
	[PS_SWAPPED] = "swapped",
	[PS_GUARD] = "guard",
	[PS_OTHER] = "other (migrating, poisoned)",
};

const struct bar_look *bar_state_look(unsigned state)
{
	return &looks[state < PS_NSTATES ? state : PS_OTHER];
}

const struct bar_look *bar_frame_look(unsigned state)
{
	return &frame_looks[MIN(state, FS_NSTATES - 1u)];
}

const char *bar_state_words(unsigned state)
{
	return state_words[state < PS_NSTATES ? state : PS_OTHER];
}

/** One cell: its half glyph up to half full, else the full one. */
static void put_cell(struct view *v, const struct bar_look *c, bool full)
{
	const char *g = full ? c->full : c->half;

	row_style(&v->row, c->style);
	if (v->row.ascii)
		row_raw(&v->row, &c->ascii, 1, 1);
	else
		row_raw(&v->row, g, (u8)*g < 0x80 ? 1 : strlen(g), 1);
}

void bar_draw(struct view *v, const struct vma *m, unsigned w)
{
	unsigned n = m->nslices, shown = MIN(n, w);
	const u8 *slice = (const u8 *)v->s->slices.p + m->slices;

	if (!w || !(m->have & VMA_HAVE_PAGES) || m->slices == NO_INDEX)
		return;
	for (unsigned i = 0; i < shown; i++) {
		u8 s = slices_join(slice, i * n / shown, (i + 1) * n / shown);
		enum page_state st = SLICE_STATE(s);

		if (st >= PS_NSTATES)
			st = PS_OTHER;
		v->states |= 1u << st;
		put_cell(v, bar_state_look(st), SLICE_FILL(s) > 8);
	}
	row_style(&v->row, STYLE_PLAIN);
}

void bar_frames(struct view *v, const u8 *slice, size_t n, unsigned w)
{
	unsigned shown = (unsigned)MIN(n, w);

	for (unsigned i = 0; i < shown; i++) {
		u8 s = slices_join(slice, i * n / shown, (i + 1) * n / shown);
		unsigned st = MIN((unsigned)SLICE_STATE(s), FS_NSTATES - 1u);

		v->frame_states |= 1u << st;
		put_cell(v, bar_frame_look(st), SLICE_FILL(s) > 8);
	}
	row_style(&v->row, STYLE_PLAIN);
}

/** Frames of the process that was asked about. */
static const struct bar_look mark_cell = { "▄", "█", '#', STYLE_BOLD };

void bar_marks(struct view *v, const u32 *count, size_t n, u64 full, unsigned w)
{
	unsigned shown = (unsigned)MIN(n, w), x = row_at(&v->row);

	for (unsigned i = 0; i < shown; i++) {
		size_t from = i * n / shown, to = (i + 1) * n / shown;
		u64 sum = 0;

		for (size_t k = from; k < to; k++)
			sum += count[k];
		if (!sum)
			continue;
		v->row.want = x + i;
		put_cell(v, &mark_cell, sum * 2 >= full * (to - from));
	}
	row_style(&v->row, STYLE_PLAIN);
}

/** Both glyphs where they differ. */
static void put_sample(struct view *v, const struct bar_look *c)
{
	if (!v->row.ascii && strcmp(c->half, c->full))
		put_cell(v, c, false);
	put_cell(v, c, true);
	row_style(&v->row, STYLE_PLAIN);
}

void bar_sample(struct view *v, enum page_state st)
{
	put_sample(v, bar_state_look(st));
}

void bar_mark_sample(struct view *v)
{
	put_sample(v, &mark_cell);
}

void bar_frame_sample(struct view *v, enum frame_state st)
{
	put_sample(v, bar_frame_look(st));
}
