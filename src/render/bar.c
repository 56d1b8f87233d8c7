/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bars: a cell stands for an equal share of the mapping in address order, lowest at the left, and
 * shows the state that most of its pages hold. A mapping of fewer pages than the bar has columns
 * gets one cell a page.
 */
#include "view.h"

#include <string.h>

/**
 * Two glyphs a state: up to half of the cell's pages are there, or more. They tell the states
 * apart without any colour; what is rare is a letter.
 */
static const struct {
	const char *half, *full;
	char ascii;
} cells[PS_NSTATES] = {
	[PS_ABSENT] = { "·", "·", '.' },  [PS_ANON] = { "▄", "█", 'a' },
	[PS_FILE] = { "░", "▒", 'f' },	  [PS_FILE_DIRTY] = { "▓", "▓", 'd' },
	[PS_SHARED] = { "▚", "▚", 's' },  [PS_ZERO] = { "z", "z", 'z' },
	[PS_HUGE] = { "H", "H", 'H' },	  [PS_PRESENT] = { "▖", "▌", 'p' },
	[PS_SWAPPED] = { "S", "S", 'S' }, [PS_GUARD] = { "G", "G", 'G' },
	[PS_OTHER] = { "?", "?", '?' },
};

/** Slices [from, to) joined to one: the state that fills most, and how full it all is. */
static u8 join_slices(const u8 *slice, unsigned from, unsigned to)
{
	unsigned fill[16] = { 0 }, sum = 0;
	enum page_state best = PS_ABSENT;

	if (to == from + 1)
		return slice[from];
	for (unsigned i = from; i < to; i++) {
		unsigned n = SLICE_FILL(slice[i]);

		fill[SLICE_STATE(slice[i])] += n;
		sum += n;
	}
	for (unsigned st = PS_ABSENT + 1; st < PS_NSTATES; st++)
		if (fill[st] > fill[best] || (best == PS_ABSENT && fill[st]))
			best = (enum page_state)st;
	return SLICE(best, (sum + to - from - 1) / (to - from));
}

void bar_draw(struct view *v, const struct vma *m, unsigned w)
{
	unsigned n = m->nslices, shown = MIN(n, w);
	const u8 *slice = (const u8 *)v->s->slices.p + m->slices;

	if (!w || !(m->have & VMA_HAVE_PAGES) || m->slices == NO_INDEX)
		return;
	for (unsigned i = 0; i < shown; i++) {
		u8 s = join_slices(slice, i * n / shown, (i + 1) * n / shown);
		enum page_state st = SLICE_STATE(s);

		if (st >= PS_NSTATES)
			st = PS_OTHER;
		v->states |= 1u << st;
		row_style(&v->row, STYLE_STATE + st);
		if (v->row.ascii) {
			row_raw(&v->row, &cells[st].ascii, 1, 1);
		} else {
			const char *g = SLICE_FILL(s) > 8 ? cells[st].full : cells[st].half;

			row_raw(&v->row, g, (u8)*g < 0x80 ? 1 : strlen(g), 1);
		}
	}
	row_style(&v->row, STYLE_PLAIN);
}

void bar_sample(struct view *v, enum page_state st)
{
	row_style(&v->row, STYLE_STATE + st);
	if (v->row.ascii) {
		row_raw(&v->row, &cells[st].ascii, 1, 1);
	} else {
		if (strcmp(cells[st].half, cells[st].full))
			row_raw(&v->row, cells[st].half, strlen(cells[st].half), 1);
		row_raw(&v->row, cells[st].full, strlen(cells[st].full), 1);
	}
	row_style(&v->row, STYLE_PLAIN);
}
