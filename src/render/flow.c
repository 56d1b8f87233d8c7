/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labelled paragraphs: items in a row, wrapped at the width under a hanging indent. */
#include "view.h"

#include <string.h>

/** Columns of the labels at the left of header and footer. */
#define LABEL_COLS	  11
#define LABEL_COLS_NARROW 2

void flow_begin(struct flow *f, struct view *v, const char *label)
{
	bool narrow = v->o->width < 60;

	*f = (struct flow){ .v = v, .first = true };
	f->indent = narrow ? LABEL_COLS_NARROW : LABEL_COLS;
	if (label && *label) {
		row_style(&v->row, STYLE_BOLD);
		row_str(&v->row, label);
		row_style(&v->row, STYLE_PLAIN);
		if (narrow)
			row_end(&v->row);
	}
	row_to(&v->row, f->indent);
}

void flow_newline(struct flow *f)
{
	if (f->first)
		return;
	row_end(&f->v->row);
	out_check(f->v->out);
	row_to(&f->v->row, f->indent);
	f->first = true;
}

void flow_words(struct flow *f, const char *text, size_t len, enum style st)
{
	struct row *r = &f->v->row;
	unsigned width = f->v->o->width;
	size_t i = 0;

	while (i < len) {
		const char *blank = memchr(text + i, ' ', len - i);
		size_t n = blank ? (size_t)(blank - text) - i : len - i, cols;

		if (!n) {
			i++;
			continue;
		}
		cols = text_width(text + i, n);
		if (!f->first && row_at(r) + 1 + cols > width)
			flow_newline(f);
		if (row_at(r) + cols > width) {
			/* A word longer than the line is cut where the line ends. */
			size_t fit =
				text_fit(text + i, n, width > row_at(r) ? width - row_at(r) : 1);

			n = fit ? fit : 1;
			cols = text_width(text + i, n);
		}
		if (!f->first)
			row_skip(r, 1);
		row_style(r, st);
		row_raw(r, text + i, n, (unsigned)cols);
		row_style(r, STYLE_PLAIN);
		f->first = false;
		i += n;
		if (i < len && text[i] != ' ')
			flow_newline(f);
	}
}

void flow_item(struct flow *f, const char *text, size_t len, enum style st)
{
	struct row *r = &f->v->row;
	unsigned width = f->v->o->width;
	size_t cols = text_width(text, len);

	if (!f->first && row_at(r) + 2 + cols > width)
		flow_newline(f);
	if (row_at(r) + cols > width) {
		flow_words(f, text, len, st);
		return;
	}
	if (!f->first)
		row_skip(r, 2);
	row_style(r, st);
	row_raw(r, text, len, (unsigned)cols);
	row_style(r, STYLE_PLAIN);
	f->first = false;
}

void flow_str(struct flow *f, const char *text, enum style st)
{
	flow_item(f, text, strlen(text), st);
}

void flow_size(struct flow *f, const char *label, struct fig bytes)
{
	struct buf *b = &f->v->text;
	char t[SIZE_TEXT_MAX];

	buf_clear(b);
	buf_addstr(b, label);
	buf_addch(b, ' ');
	if (!bytes.have)
		buf_addch(b, '?');
	else if (bytes.v == UNLIMITED)
		buf_addstr(b, "unlimited");
	else
		buf_add(b, t,
			format_size(t, bytes.v,
				    f->v->c.size_form == SIZE_BYTES ? SIZE_BYTES : SIZE_LONG));
	flow_item(f, b->p, b->len, STYLE_PLAIN);
}

void flow_number(struct flow *f, const char *label, struct fig n)
{
	struct buf *b = &f->v->text;

	buf_clear(b);
	buf_addstr(b, label);
	buf_addch(b, ' ');
	if (n.have)
		buf_adddec(b, n.v);
	else
		buf_addch(b, '?');
	flow_item(f, b->p, b->len, STYLE_PLAIN);
}

void flow_end(struct flow *f)
{
	row_end(&f->v->row);
	out_check(f->v->out);
}
