/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables: alignment, width, escapes, and the tabs of a build without the library. */
#include <locale.h>

#include "render/table.h"
#include "tap.h"
#include "view_lines.h"

#ifdef HAVE_SMARTCOLS
#define COLS(aligned, tabs) (aligned)
#else
#define COLS(aligned, tabs) (tabs)
#endif

/** What a table has written; the sink is never flushed, so nothing need be read back. */
static struct out sink;

static struct table *begin(const struct view_opts *v)
{
	out_init(&sink, -1);
	return table_new(v, &sink);
}

static const char *written(void)
{
	return sink.b.p ? sink.b.p : "";
}

static void three_columns(struct table *t, unsigned last)
{
	table_column(t, "NAME", 0);
	table_column(t, "SIZE", TABLE_RIGHT);
	table_column(t, "CALLER", last);
}

static void test_aligned(void)
{
	struct view_opts v = view_defaults(80);
	struct table *t = begin(&v);

	three_columns(t, 0);
	table_row(t);
	table_cell(t, "%s-%d", "kmalloc", 8);
	table_size(t, FIG(132 * KIB));
	table_text(t, "a", 1);
	table_row(t);
	table_cell(t, "x");
	table_size(t, (struct fig){ 0, false });
	table_row(t);
	table_cell(t, "%s", "");
	table_number(t, FIG(7));
	table_text(t, "b c", 3);
	table_text(t, "dropped", 7);
	table_row(t);
	table_end(t);
	IS_STR(written(), COLS("NAME          SIZE  CALLER\n"
			       "kmalloc-8  132 KiB  a\n"
			       "x                ?\n"
			       "                 7  b c\n"
			       "\n",
			       "NAME\tSIZE\tCALLER\n"
			       "kmalloc-8\t132 KiB\ta\n"
			       "x\t?\n"
			       "\t7\tb c\n"
			       "\n"));
	buf_release(&sink.b);
}

static void test_exact_bytes(void)
{
	struct view_opts v = view_defaults(80);
	struct table *t;

	v.bytes = true;
	t = begin(&v);
	table_column(t, "SIZE", TABLE_RIGHT);
	table_row(t);
	table_size(t, FIG(UINT64_MAX));
	table_row(t);
	table_size(t, FIG(0));
	table_row(t);
	table_number(t, (struct fig){ 5, false });
	table_end(t);
	IS_STR(written(), COLS("                SIZE\n"
			       "18446744073709551615\n"
			       "                   0\n"
			       "                   ?\n",
			       "SIZE\n18446744073709551615\n0\n?\n"));
	buf_release(&sink.b);
}

static void test_empty(void)
{
	struct view_opts v = view_defaults(80);
	struct table *t = begin(&v);

	three_columns(t, 0);
	table_cell(t, "before any row");
	table_end(t);
	IS_STR(written(), "");
	buf_release(&sink.b);

	t = begin(&v);
	table_row(t); /* no column */
	table_cell(t, "nowhere");
	table_end(t);
	OK(!strstr(written(), "nowhere"));
	buf_release(&sink.b);
}

/** Bytes from outside never reach the terminal raw, and the escape is made once. */
static void test_escape(void)
{
	static const char bad[] = "\033[2J\\\n\t\302\233\342\200\256\377";
	struct view_opts v = view_defaults(80);
	struct table *t = begin(&v);

	table_column(t, "NAME", 0);
	table_row(t);
	table_text(t, bad, sizeof(bad) - 1);
	table_row(t);
	table_text(t, "caf\303\251", 5);
	table_end(t);
	OK(strstr(written(), "\n\\x1b[2J\\\\\\x0a\\x09\\xc2\\x9b\\xe2\\x80\\xae\\xff\n"));
	OK(strstr(written(), "\ncaf\303\251\n"));
	buf_release(&sink.b);

	v.ascii = true;
	t = begin(&v);
	table_column(t, "NAME", 0);
	table_row(t);
	table_text(t, "caf\303\251", 5);
	table_end(t);
	OK(strstr(written(), "\ncaf\\xc3\\xa9\n"));
	buf_release(&sink.b);
}

/** No style without colours; with them the headings alone have one, and it is ended. */
static void test_colors(void)
{
	struct view_opts v = view_defaults(80);
	struct table *t;
	char *text;

	for (unsigned colors = 0; colors <= 8; colors += 8) {
		v.colors = colors;
		t = begin(&v);
		three_columns(t, 0);
		table_row(t);
		table_cell(t, "x");
		table_end(t);
		text = xstrdup(written());
		IS(strchr(text, '\033') != NULL, colors != 0);
		strip_sgr(text);
		IS_STR(text, COLS("NAME  SIZE  CALLER\nx\n", "NAME\tSIZE\tCALLER\nx\n"));
		OK(!strchr(strchr(written(), '\n') + 1, '\033'));
		free(text);
		buf_release(&sink.b);
	}
}

#ifdef HAVE_SMARTCOLS

/** A row with a long last cell, at this width and with this flag. */
static void fill_long(unsigned width, unsigned flags)
{
	struct view_opts v = view_defaults(width);
	struct table *t = begin(&v);

	three_columns(t, flags);
	table_row(t);
	table_cell(t, "name");
	table_number(t, FIG(123456));
	table_text(t, "0123456789abcdefghijklmnopqrstuvwxyz", 36);
	table_end(t);
}

static void test_width(void)
{
	fill_long(30, TABLE_TRUNC);
	IS_STR(written(), "NAME    SIZE  CALLER\nname  123456  0123456789abcde…\n");
	buf_release(&sink.b);
	fill_long(30, TABLE_WRAP);
	IS_STR(written(), "NAME    SIZE  CALLER\n"
			  "name  123456  0123456789abcdef\n"
			  "              ghijklmnopqrstuv\n"
			  "              wxyz\n");
	buf_release(&sink.b);
	fill_long(100, TABLE_TRUNC);
	IS_STR(written(), "NAME    SIZE  CALLER\n"
			  "name  123456  0123456789abcdefghijklmnopqrstuvwxyz\n");
	buf_release(&sink.b);
	/* Nothing may be cut: the line is longer than the view. */
	fill_long(30, 0);
	OK(strstr(written(), "name  123456  0123456789abcdefghijklmnopqrstuvwxyz\n"));
	buf_release(&sink.b);
	/* No width is so small that a number is cut. */
	fill_long(20, TABLE_TRUNC);
	IS_STR(written(), "NAME    SIZE  CALLER\nname  123456  0123456…\n");
	buf_release(&sink.b);
}

#else

static void test_width(void)
{
	SKIP("built without smartcols: no widths");
}

#endif

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_aligned();
	test_exact_bytes();
	test_empty();
	test_escape();
	test_colors();
	test_width();
	return tap_done();
}
