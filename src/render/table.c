/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tables: with libsmartcols the cells are kept until the end, for only then are the widths of the
 * columns known; it is told the width and never looks at the terminal for it. Without the library
 * each row goes out as it comes.
 */
#include "table.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_SMARTCOLS
#include <libsmartcols.h>
#endif

#include "color.h"
#include "row.h"

/** Between two cells. */
#define SEPARATOR "  "
/** The least a column that may be cut is cut to. */
#define CUT_MIN 8u

struct table {
	const struct view_opts *v;
	struct out *o;
	struct buf cell;	 /**< scratch of the one being made */
	size_t ncolumns, column; /**< column: where the next cell goes */
	size_t nrows;
	bool ascii;
#ifdef HAVE_SMARTCOLS
	struct {
		unsigned flags, heading, width; /**< width: of the widest cell, heading included */
	} * columns;
	size_t cap_columns;
	struct libscols_table *t;
	struct libscols_line *line;
#else
	struct buf heading; /**< printed before the first row */
#endif
};

/** Escaped text must not be cut by a library that takes its characters for single bytes. */
static bool locale_is_bytes(void)
{
	return MB_CUR_MAX == 1;
}

/** Appends a line less the blanks at its end. */
static void put_line(struct table *t, const char *p, size_t len)
{
	while (len && p[len - 1] == ' ')
		len--;
	buf_add(&t->o->b, p, len);
	buf_addch(&t->o->b, '\n');
	out_check(t->o);
}

/** The headings look like those of the other views. */
static void put_heading(struct table *t, const char *p, size_t len)
{
	struct theme theme;

	theme_init(&theme, t->v->colors);
	while (len && p[len - 1] == ' ')
		len--;
	buf_add(&t->o->b, theme.style[STYLE_DIM].sgr, theme.style[STYLE_DIM].len);
	buf_add(&t->o->b, p, len);
	buf_add(&t->o->b, theme.style[STYLE_PLAIN].sgr, theme.style[STYLE_PLAIN].len);
	buf_addch(&t->o->b, '\n');
}

#ifdef HAVE_SMARTCOLS

/** Called as it is here the library fails for want of memory only. */
static void must(int err)
{
	if (err)
		die("out of memory");
}

static void backend_init(struct table *t)
{
	t->t = scols_new_table();
	if (!t->t)
		die("out of memory");
	must(scols_table_set_termforce(t->t, SCOLS_TERMFORCE_ALWAYS));
	must(scols_table_set_termwidth(t->t, t->v->width));
	must(scols_table_set_column_separator(t->t, SEPARATOR));
	must(scols_table_enable_ascii(t->t, t->ascii));
	/* All cells are escaped already; a second escape could not be undone. */
	must(scols_table_enable_noencoding(t->t, 1));
}

static void backend_column(struct table *t, const char *name, unsigned flags)
{
	int fl = (flags & TABLE_RIGHT ? SCOLS_FL_RIGHT : 0) |
		 (flags & TABLE_WRAP ? SCOLS_FL_WRAP : 0);

	/* The width hint 0: what the cells need. */
	if (!scols_table_new_column(t->t, name, 0, fl))
		die("out of memory");
	GROW(t->columns, t->ncolumns, t->cap_columns);
	t->columns[t->ncolumns].flags = flags;
	t->columns[t->ncolumns].heading = t->columns[t->ncolumns].width =
		(unsigned)text_width(name, strlen(name));
}

static void backend_row(struct table *t)
{
	t->line = scols_table_new_line(t->t, NULL);
	if (!t->line)
		die("out of memory");
}

static void backend_cell(struct table *t)
{
	unsigned width = t->cell.p ? (unsigned)text_width(t->cell.p, t->cell.len) : 0;

	t->columns[t->column].width = MAX(t->columns[t->column].width, width);
	must(scols_line_set_data(t->line, t->column, t->cell.p ? t->cell.p : ""));
}

/** Text of at most `cols` columns, with dots where something was cut. Escaped already. */
static void cut_text(struct table *t, const char *text, unsigned cols)
{
	const char *dots = t->ascii ? ".." : "…";
	unsigned ndots = t->ascii ? 2 : 1;

	buf_clear(&t->cell);
	buf_add(&t->cell, text, text_fit(text, strlen(text), cols > ndots ? cols - ndots : 0));
	buf_addstr(&t->cell, dots);
}

/** Makes all cells of a column this wide at most. */
static void cut_column(struct table *t, size_t column, unsigned cols)
{
	struct libscols_iter *it = scols_new_iter(SCOLS_ITER_FORWARD);
	struct libscols_line *line;

	if (!it)
		die("out of memory");
	while (!scols_table_next_line(t->t, it, &line)) {
		const char *text =
			scols_line_get_column_data(line, scols_table_get_column(t->t, column));

		if (!text || text_width(text, strlen(text)) <= cols)
			continue;
		cut_text(t, text, cols);
		must(scols_line_set_data(line, column, t->cell.p));
	}
	scols_free_iter(it);
}

/**
 * Where the lines would be wider than the view, the columns that may be cut give way, the last one
 * first, but none to less than its heading or CUT_MIN. The library would cut without a trace.
 */
static void cut_columns(struct table *t)
{
	size_t total = 0;

	for (size_t k = 0; k < t->ncolumns; k++)
		total += t->columns[k].width + (k ? strlen(SEPARATOR) : 0);
	for (size_t k = t->ncolumns; k-- > 0 && total > t->v->width;) {
		unsigned least = MAX(t->columns[k].heading, CUT_MIN), width = t->columns[k].width;
		size_t over = total - t->v->width;

		if (!(t->columns[k].flags & TABLE_TRUNC) || width <= least)
			continue;
		width = over < width - least ? width - (unsigned)over : least;
		cut_column(t, k, width);
		total -= t->columns[k].width - width;
	}
}

static void backend_end(struct table *t)
{
	char *text = NULL;

	if (t->nrows && t->ncolumns) {
		const char *p, *nl;

		cut_columns(t);
		must(scols_print_table_to_string(t->t, &text));
		for (p = text; p && *p; p = nl + (*nl == '\n')) {
			nl = strchrnul(p, '\n');
			if (p == text)
				put_heading(t, p, (size_t)(nl - p));
			else
				put_line(t, p, (size_t)(nl - p));
		}
		free(text);
	}
	scols_unref_table(t->t);
	free(t->columns);
}

#else

static void backend_init(struct table *t)
{
	buf_init(&t->heading);
}

static void backend_column(struct table *t, const char *name, unsigned flags)
{
	(void)flags;
	if (t->heading.len)
		buf_addch(&t->heading, '\t');
	buf_addstr(&t->heading, name);
}

static void backend_row(struct table *t)
{
	if (t->nrows)
		put_line(t, "", 0);
	else
		put_heading(t, t->heading.p ? t->heading.p : "", t->heading.len);
}

static void backend_cell(struct table *t)
{
	if (t->column)
		buf_addch(&t->o->b, '\t');
	buf_add(&t->o->b, t->cell.p ? t->cell.p : "", t->cell.len);
}

static void backend_end(struct table *t)
{
	if (t->nrows)
		put_line(t, "", 0);
	buf_release(&t->heading);
}

#endif

struct table *table_new(const struct view_opts *v, struct out *o)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->v = v;
	t->o = o;
	t->ascii = v->ascii || locale_is_bytes();
	buf_init(&t->cell);
	backend_init(t);
	return t;
}

void table_column(struct table *t, const char *name, unsigned flags)
{
	backend_column(t, name, flags);
	t->ncolumns++;
}

void table_row(struct table *t)
{
	backend_row(t);
	t->nrows++;
	t->column = 0;
}

/** The cell in t->cell is complete. One more than there are columns is dropped. */
static void cell_done(struct table *t)
{
	if (t->nrows && t->column < t->ncolumns) {
		backend_cell(t);
		t->column++;
	}
	buf_clear(&t->cell);
}

void table_cell(struct table *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n > 0) {
		vsnprintf(buf_reserve(&t->cell, (size_t)n), (size_t)n + 1, fmt, again);
		t->cell.len += (size_t)n;
	}
	va_end(again);
	va_end(ap);
	cell_done(t);
}

void table_text(struct table *t, const char *bytes, size_t len)
{
	buf_addescaped(&t->cell, bytes, len, t->ascii);
	cell_done(t);
}

void table_size(struct table *t, struct fig bytes)
{
	char text[SIZE_TEXT_MAX];

	if (bytes.have)
		buf_add(&t->cell, text,
			format_size(text, bytes.v, t->v->bytes ? SIZE_BYTES : SIZE_LONG));
	else
		buf_addch(&t->cell, '?');
	cell_done(t);
}

void table_number(struct table *t, struct fig n)
{
	if (n.have)
		buf_adddec(&t->cell, n.v);
	else
		buf_addch(&t->cell, '?');
	cell_done(t);
}

void table_end(struct table *t)
{
	backend_end(t);
	buf_release(&t->cell);
	free(t);
}
