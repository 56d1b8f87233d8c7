/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

void lines_put(struct lines *w, const char *label, unsigned style, const char *text, size_t len)
{
	const char *all = text;

	while (len && w->y < w->p->h && w->p->w > w->label) {
		unsigned cols = w->p->w - w->label;
		size_t next, n = text_wrap(text, len, cols, &next);

		if (text == all)
			pane_put(w->p, 0, w->y, STYLE_DIM, label);
		pane_text(w->p, w->label, w->y++, cols, style, text, n, ELIDE_END);
		text += next;
		len -= next;
	}
}

void lines_buf(struct lines *w, const char *label, struct buf *b)
{
	if (b->len)
		lines_put(w, label, STYLE_PLAIN, b->p, b->len);
	buf_clear(b);
}
