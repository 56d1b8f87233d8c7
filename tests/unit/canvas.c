/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grid of cells: what stands in which cell, whatever was written over what. */
#include "tui/canvas.h"

#include <locale.h>
#include <stdlib.h>

#include "tap.h"
#include "tui/sound.h"

#define ZHONG "\xe4\xb8\xad" /* two columns */
#define WEN   "\xe6\x96\x87"
#define ACUTE "\xcc\x81" /* none: goes with the character before it */

static struct canvas cv;
static struct pane all;

static void blank(unsigned w, unsigned h, bool ascii)
{
	canvas_release(&cv);
	canvas_init(&cv, w, h, ascii, false);
	all = canvas_all(&cv);
}

static const struct cell *at(unsigned x, unsigned y)
{
	return &cv.cells[y * cv.w + x];
}

/** The screen as canvas_text() gives it, until the next call. */
static const char *screen(void)
{
	static struct buf b;

	buf_clear(&b);
	canvas_text(&cv, &b);
	IS_STR(canvas_fault(&cv), NULL);
	return b.p;
}

static void test_text_next(void)
{
	unsigned cols = 9;

	IS(text_next("ab", 2, &cols), 1);
	IS(cols, 1);
	IS(text_next(ZHONG WEN, 6, &cols), 3);
	IS(cols, 2);
	IS(text_next("e" ACUTE ACUTE "x", 6, &cols), 5);
	IS(cols, 1);
	IS(text_next(ACUTE "e", 3, &cols), 2);
	IS(cols, 0);
	/* What is no UTF-8 is one byte and one column. */
	IS(text_next("\xe4\xb8", 2, &cols), 1);
	IS(cols, 1);
	IS(text_next("\xff" ACUTE, 3, &cols), 3);
	IS(cols, 1);
	/* Nothing behind the end is looked at. */
	IS(text_next("e" ACUTE, 1, &cols), 1);
	IS(text_next("e" ACUTE, 2, &cols), 1);
}

static void test_put(void)
{
	blank(6, 2, false);
	IS(pane_put(&all, 1, 0, STYLE_BOLD, "abc"), 3);
	IS_STR(screen(), " abc\n\n");
	IS(at(1, 0)->style, STYLE_BOLD);
	IS(at(4, 0)->style, STYLE_PLAIN);
	/* What is too long is cut, what is outside is not there. */
	IS(pane_put(&all, 4, 1, STYLE_PLAIN, "xyz"), 2);
	IS(pane_put(&all, 6, 1, STYLE_PLAIN, "q"), 0);
	IS(pane_put(&all, 0, 2, STYLE_PLAIN, "q"), 0);
	IS(pane_put(&all, UINT32_MAX, UINT32_MAX, STYLE_PLAIN, "q"), 0);
	IS_STR(screen(), " abc\n    xy\n");
	IS(pane_printf(&all, 0, 1, STYLE_DIM, "%d%s", 12, "k"), 3);
	IS_STR(screen(), " abc\n12k xy\n");
	IS(pane_put(&all, 0, 0, STYLE_PLAIN, ""), 0);
	canvas_clear(&cv);
	IS_STR(screen(), "\n\n");
}

static void test_wide(void)
{
	blank(6, 1, false);
	IS(pane_put(&all, 0, 0, STYLE_NOTE, ZHONG WEN "a"), 5);
	IS_STR(screen(), ZHONG WEN "a\n");
	IS(at(0, 0)->width, 2);
	IS(at(1, 0)->width, 0);
	IS(at(1, 0)->style, STYLE_NOTE);
	/* Over a right half: the left half is a blank. */
	pane_put(&all, 1, 0, STYLE_PLAIN, "x");
	IS_STR(screen(), " x" WEN "a\n");
	IS(at(0, 0)->width, 1);
	/* Over a left half: the right half is a blank. */
	pane_put(&all, 2, 0, STYLE_PLAIN, "y");
	IS_STR(screen(), " xy a\n");
	IS(at(3, 0)->width, 1);
	/* A wide one over the right half of one and the left half of another. */
	pane_put(&all, 0, 0, STYLE_PLAIN, ZHONG ZHONG ZHONG);
	pane_put(&all, 1, 0, STYLE_PLAIN, WEN);
	IS_STR(screen(), " " WEN " " ZHONG "\n");
	/* One that would stick out stays away, and does not break what is there. */
	blank(3, 1, false);
	pane_put(&all, 0, 0, STYLE_PLAIN, "abc");
	IS(pane_put(&all, 1, 0, STYLE_PLAIN, ZHONG), 2);
	IS_STR(screen(), "a" ZHONG "\n");
	IS(pane_put(&all, 2, 0, STYLE_PLAIN, WEN), 0);
	IS_STR(screen(), "a" ZHONG "\n");
}

static void test_combining(void)
{
	blank(8, 1, false);
	IS(pane_put(&all, 0, 0, STYLE_PLAIN, "e" ACUTE "x"), 2);
	IS_STR(screen(), "e" ACUTE "x\n");
	IS_STR(at(0, 0)->text, "e" ACUTE);
	IS_STR(at(1, 0)->text, "x");
	/* Without a base there is nothing to put it on. */
	IS(pane_put(&all, 2, 0, STYLE_PLAIN, ACUTE "y"), 1);
	IS_STR(at(2, 0)->text, "y");
	/* More of them than a cell has room for: some are lost, none is cut in two. */
	IS(pane_put(&all, 3, 0, STYLE_PLAIN,
		    "o" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE "z"),
	   2);
	IS_STR(at(3, 0)->text, "o" ACUTE ACUTE ACUTE ACUTE ACUTE ACUTE);
	IS_STR(at(4, 0)->text, "z");
	IS_STR(canvas_fault(&cv), NULL);
}

static void test_clip(void)
{
	struct pane part;

	blank(10, 3, false);
	part = pane_part(&all, 4, 1, 3, 1);
	pane_put(&part, 0, 0, STYLE_PLAIN, "abcdef");
	pane_put(&part, 0, 1, STYLE_PLAIN, "below");
	pane_fill(&part, 2, 0, 9, STYLE_FRAME);
	IS_STR(screen(), "\n    ab\n\n");
	IS(at(6, 1)->style, STYLE_FRAME);
	IS(at(7, 1)->style, STYLE_PLAIN);
	pane_attr(&part, 1, 0, 9, CELL_SELECTED);
	IS(at(4, 1)->attr, 0);
	IS(at(6, 1)->attr, CELL_SELECTED);
	IS(at(7, 1)->attr, 0);
	pane_attr(&part, 0, 1, 9, CELL_SELECTED);
	IS(at(4, 2)->attr, 0);
	pane_attr(&part, 2, 0, UINT32_MAX, CELL_MATCH);
	IS(at(6, 1)->attr, CELL_SELECTED | CELL_MATCH);
	IS(at(7, 1)->attr, 0);
	/* A part is cut to what it is a part of. */
	part = pane_part(&part, 1, 0, 100, 100);
	IS(part.x, 5);
	IS(part.w, 2);
	IS(part.h, 1);
	part = pane_part(&all, 10, 3, 5, 5);
	IS(part.w, 0);
	IS(part.h, 0);
	IS(pane_put(&part, 0, 0, STYLE_PLAIN, "x"), 0);
	part = pane_part(&all, UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
	IS(part.w, 0);
	/* A wide character does not reach out of its pane. */
	part = pane_part(&all, 0, 0, 3, 1);
	IS(pane_put(&part, 2, 0, STYLE_PLAIN, ZHONG), 0);
	IS_STR(screen(), "\n    ab\n\n");
}

static void test_outside(void)
{
	static const char hostile[] = "a\033[2Jb\n\xe2\x80\xae"
				      "c\x80\\";

	blank(60, 1, false);
	IS(pane_text(&all, 0, 0, 60, STYLE_PLAIN, hostile, sizeof(hostile) - 1, ELIDE_END), 32);
	IS_STR(screen(), "a\\x1b[2Jb\\x0a\\xe2\\x80\\xaec\\x80\\\\\n");
	canvas_clear(&cv);
	IS(pane_text(&all, 2, 0, 4, STYLE_PLAIN, "abcdefgh", 8, ELIDE_END), 4);
	IS_STR(screen(), "  abc\xe2\x80\xa6\n");
	IS(pane_text(&all, 0, 0, 4, STYLE_PLAIN, "abcdefgh", 8, ELIDE_START), 4);
	IS_STR(screen(), "\xe2\x80\xa6"
			 "fghc\xe2\x80\xa6\n");
	IS(pane_text(&all, 0, 0, 0, STYLE_PLAIN, "abc", 3, ELIDE_END), 0);
	IS(pane_text(&all, 0, 0, 9, STYLE_PLAIN, NULL, 0, ELIDE_END), 0);
	IS(pane_text(&all, 99, 0, 9, STYLE_PLAIN, "abc", 3, ELIDE_END), 0);
	/* In ASCII not even a letter of another script gets through. */
	blank(20, 1, true);
	pane_text(&all, 0, 0, 20, STYLE_PLAIN, "x" ZHONG, 4, ELIDE_END);
	IS_STR(screen(), "x\\xe4\\xb8\\xad\n");
	/* Wide characters that do not fit are elided whole. */
	blank(20, 1, false);
	IS(pane_text(&all, 0, 0, 4, STYLE_PLAIN, ZHONG WEN ZHONG, 9, ELIDE_END), 3);
	IS_STR(screen(), ZHONG "\xe2\x80\xa6\n");
}

static void test_right(void)
{
	blank(8, 1, false);
	pane_right(&all, 6, 0, STYLE_PLAIN, "12K");
	IS_STR(screen(), "   12K\n");
	pane_right(&all, 2, 0, STYLE_PLAIN, "abc");
	IS_STR(screen(), "abc12K\n");
	canvas_clear(&cv);
	pane_right(&all, 8, 0, STYLE_PLAIN, ZHONG);
	IS_STR(screen(), "      " ZHONG "\n");
	pane_glyph(&all, 0, 0, STYLE_FRAME, GLYPH_BOX_V);
	IS(at(0, 0)->width, 1);
	OK((u8)at(0, 0)->text[0] >= 0x80);
	blank(8, 1, true);
	pane_glyph(&all, 0, 0, STYLE_FRAME, GLYPH_BOX_V);
	OK((u8)at(0, 0)->text[0] < 0x80 && at(0, 0)->text[0] > ' ');
}

static void test_styles(void)
{
	struct buf b = { 0 };

	blank(6, 2, false);
	pane_put(&all, 0, 0, STYLE_PLAIN, "p");
	pane_put(&all, 1, 0, STYLE_DIM, "q" ZHONG);
	pane_put(&all, 0, 1, STYLE_DIM, "ab");
	pane_attr(&all, 1, 1, 1, CELL_SELECTED);
	canvas_styles(&cv, &b);
	IS_STR(b.p, ".aaa\na#\n# selected  _ found  a dim\n");
	buf_release(&b);
}

static void test_sizes(void)
{
	static const unsigned sizes[][2] = { { 0, 0 }, { 1, 1 }, { 500, 200 }, { 0, 7 }, { 3, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct buf b = { 0 };

		canvas_resize(&cv, sizes[i][0], sizes[i][1]);
		all = canvas_all(&cv);
		IS(all.w, sizes[i][0]);
		pane_put(&all, 0, 0, STYLE_PLAIN, ZHONG "abc");
		pane_fill(&all, 0, 0, 9, STYLE_DIM);
		pane_attr(&all, 0, 0, 9, CELL_MATCH);
		pane_right(&all, 3, 0, STYLE_PLAIN, "x");
		IS_STR(canvas_fault(&cv), NULL);
		canvas_text(&cv, &b);
		canvas_styles(&cv, &b);
		buf_release(&b);
	}
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_text_next();
	test_put();
	test_wide();
	test_combining();
	test_clip();
	test_outside();
	test_right();
	test_styles();
	test_sizes();
	canvas_release(&cv);
	return tap_done();
}
