/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "facts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Columns of the labels, and the least a column of facts has with them. */
#define LABEL 11
#define WIDE  56
/** What "99 more: " takes of the last line with blanks before the key; what that keeps. */
#define MORE	 13
#define TEXT_MIN 8
/** Where the text of a line would keep less than that, the sign has a line of its own. */
#define TEXT_GOOD 28

void facts_release(struct facts *f)
{
	free(f->v);
	buf_release(&f->text);
}

void facts_add(struct facts *f, const char *label, unsigned style, const char *text, size_t len)
{
	if (!len)
		return;
	GROW(f->v, f->n, f->cap);
	f->v[f->n++] = (struct fact){ label, (u32)f->text.len, (u32)len, (u16)style };
	buf_add(&f->text, text, len);
}

void facts_str(struct facts *f, const char *label, const char *text)
{
	facts_add(f, label, STYLE_PLAIN, text, strlen(text));
}

void facts_say(struct facts *f, const char *label, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	facts_str(f, label, text);
	free(text);
}

void facts_buf(struct facts *f, const char *label, struct buf *b)
{
	if (b->len)
		facts_add(f, label, STYLE_PLAIN, b->p, b->len);
	buf_clear(b);
}

/* --- lines ------------------------------------------------------------------------------------ */

/** Which lines are on the screen, and where. */
struct page {
	const struct pane *p; /**< NULL: only counted */
	unsigned cols;	      /**< of a column */
	unsigned h;
	size_t from, to;
	unsigned more; /**< columns of the sign that there is more */
	size_t every;  /**< the last of so many lines leaves room for the sign; 0: there is none */
};

/** Columns of the text of a line. */
static unsigned text_cols(const struct page *pg, size_t line)
{
	unsigned cols = pg->cols - LABEL;

	if (!pg->every || (line + 1) % pg->every)
		return cols;
	return MAX(cols - MIN(cols, pg->more), MIN(cols, TEXT_MIN));
}

static void put_line(const struct page *pg, size_t line, const struct fact *f, bool first,
		     const char *text, size_t len)
{
	unsigned x, y;

	if (!pg->p || line < pg->from || line >= pg->to)
		return;
	x = (unsigned)((line - pg->from) / pg->h) * (pg->cols + 2);
	y = (unsigned)((line - pg->from) % pg->h);
	if (first)
		pane_text(pg->p, x, y, LABEL - 1, STYLE_DIM, f->label, strlen(f->label), ELIDE_END);
	pane_text(pg->p, x + LABEL, y, text_cols(pg, line), f->style, text, len, ELIDE_END);
}

/** Puts those lines where they go. Returns how many there are in all. */
static size_t walk(const struct facts *f, const struct page *pg)
{
	size_t line = 0;

	if (pg->cols <= LABEL)
		return 0;
	for (size_t i = 0; i < f->n; i++) {
		const char *text = f->text.p + f->v[i].at;
		size_t len = f->v[i].len, next, n;

		for (bool first = true; len; first = false) {
			n = text_wrap(text, len, text_cols(pg, line), &next);
			put_line(pg, line++, &f->v[i], first, text, n);
			text += next;
			len -= next;
		}
	}
	return line;
}

/** One column as long as that is enough, else as many as have room. */
static struct page page_of(const struct facts *f, unsigned w, unsigned h, size_t *lines)
{
	struct page pg = { .cols = w, .h = MAX(h, 1u), .more = MORE + (unsigned)strlen(f->more) };
	unsigned n = MAX(w / WIDE, 1u);

	*lines = walk(f, &pg);
	if (*lines > pg.h && n > 1) {
		pg.cols = (w - 2 * (n - 1)) / n;
		*lines = walk(f, &pg);
	} else {
		n = 1;
	}
	pg.to = (size_t)pg.h * n;
	if (*lines > pg.to && n == 1 && pg.h > 1 && w < LABEL + pg.more + TEXT_GOOD) {
		pg.to = --pg.h;
	} else if (*lines > pg.to) {
		pg.every = pg.to;
		*lines = walk(f, &pg);
	}
	return pg;
}

size_t facts_lines(const struct facts *f, unsigned w, unsigned h, size_t *shown)
{
	size_t lines;

	*shown = page_of(f, w, h, &lines).to;
	return lines;
}

void facts_draw(const struct facts *f, const struct pane *p, size_t top)
{
	size_t lines, left;
	struct page pg = page_of(f, p->w, p->h, &lines);
	char more[48];

	top = lines > pg.to ? MIN(top, lines - 1) : 0;
	pg.p = p;
	pg.from = top;
	pg.to += top;
	walk(f, &pg);
	left = lines > pg.to ? lines - pg.to : 0;
	if (!left && !top)
		return;
	if (left)
		snprintf(more, sizeof(more), "  %s %zu more: %s", p->c->ascii ? "v" : "↓", left,
			 f->more);
	else
		snprintf(more, sizeof(more), "  %s top: %s", p->c->ascii ? "^" : "↑", f->more);
	if (p->h)
		pane_right(p, p->w, p->h - 1, STYLE_DIM, more);
}
