/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The palette: what must be told apart can be, with any number of colours and by any eye. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tui/palette.h"
#include "tap.h"

/* --- xterm's 256 colours as light ------------------------------------------------------------- */

struct light {
	double c[3]; /* linear red, green, blue */
};

static double linear(unsigned v)
{
	double x = v / 255.0;

	/* IEC 61966-2-1 (sRGB). */
	return x <= 0.04045 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

/** Of the colours 16 to 255, which no terminal redefines unasked. */
static struct light light_of(int color)
{
	static const unsigned steps[] = { 0, 95, 135, 175, 215, 255 };
	unsigned n = (unsigned)color - 16, v = 8 + 10 * ((unsigned)color - 232);

	if (color >= 232)
		return (struct light){ { linear(v), linear(v), linear(v) } };
	return (struct light){ { linear(steps[n / 36]), linear(steps[n / 6 % 6]),
				 linear(steps[n % 6]) } };
}

static double luminance(struct light l)
{
	return 0.2126 * l.c[0] + 0.7152 * l.c[1] + 0.0722 * l.c[2];
}

/** WCAG 2: 1 to 21; 3 is what large text and graphics need. */
static double contrast(struct light a, struct light b)
{
	double x = luminance(a), y = luminance(b);

	return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

/* Normal sight, protanopia, deuteranopia: Machado, Oliveira, Fernandes 2009, severity 1. */
static const double eyes[3][3][3] = {
	{ { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } },
	{ { 0.152286, 1.052583, -0.204868 },
	  { 0.114503, 0.786281, 0.099216 },
	  { -0.003882, -0.048116, 1.051998 } },
	{ { 0.367322, 0.860646, -0.227968 },
	  { 0.280085, 0.672501, 0.047413 },
	  { -0.011820, 0.042940, 0.968881 } },
};

static double lab_f(double t)
{
	return t > 0.008856 ? cbrt(t) : 7.787 * t + 16.0 / 116;
}

static void lab(struct light l, unsigned eye, double ret[3])
{
	double r[3], x, y, z;

	for (unsigned i = 0; i < 3; i++) {
		r[i] = 0;
		for (unsigned k = 0; k < 3; k++)
			r[i] += eyes[eye][i][k] * l.c[k];
		r[i] = fmin(1, fmax(0, r[i]));
	}
	x = lab_f((0.4124 * r[0] + 0.3576 * r[1] + 0.1805 * r[2]) / 0.9505);
	y = lab_f(0.2126 * r[0] + 0.7152 * r[1] + 0.0722 * r[2]);
	z = lab_f((0.0193 * r[0] + 0.1192 * r[1] + 0.9505 * r[2]) / 1.089);
	ret[0] = 116 * y - 16;
	ret[1] = 500 * (x - y);
	ret[2] = 200 * (y - z);
}

/** CIE76, for the eye that sees it least; 2.3 is just noticeable side by side. */
static double distance(int a, int b)
{
	double least = 1000, p[3], q[3];

	for (unsigned eye = 0; eye < 3; eye++) {
		double sum = 0;

		lab(light_of(a), eye, p);
		lab(light_of(b), eye, q);
		for (unsigned i = 0; i < 3; i++)
			sum += (p[i] - q[i]) * (p[i] - q[i]);
		least = fmin(least, sqrt(sum));
	}
	return least;
}

/* --- checks ----------------------------------------------------------------------------------- */

static bool differ(struct paint a, struct paint b)
{
	return a.fg != b.fg || a.bg != b.bg || a.attr != b.attr;
}

/** All of `n` styles from `first` on look different from each other. */
static void check_apart(unsigned first, unsigned n, unsigned colors, bool light)
{
	unsigned same = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < i; k++)
			if (!differ(palette_paint(first + i, 0, colors, light),
				    palette_paint(first + k, 0, colors, light))) {
				printf("# %u and %u, %u colours%s\n", first + i, first + k, colors,
				       light ? ", light" : "");
				same++;
			}
	IS(same, 0);
}

/** Their hues stay apart for any eye by `least`; those that share one have other attributes. */
static void check_hues(unsigned first, unsigned n, double least, bool light)
{
	unsigned near = 0;

	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < i; k++) {
			struct paint a = palette_paint(first + i, 0, 256, light);
			struct paint b = palette_paint(first + k, 0, 256, light);
			double d = distance(a.fg, b.fg);

			if (d >= least || (a.fg == b.fg && a.attr != b.attr))
				continue;
			printf("# %u (%d) and %u (%d): %.1f%s\n", first + i, a.fg, first + k, b.fg,
			       d, light ? ", light" : "");
			near++;
		}
	IS(near, 0);
}

static void test_apart(void)
{
	static const unsigned depths[] = { 256, 16, 8 };

	for (unsigned light = 0; light < 2; light++) {
		for (unsigned i = 0; i < 3; i++) {
			check_apart(STYLE_STATE, PS_NSTATES, depths[i], light);
			check_apart(TSTYLE_HEAT, 5, depths[i], light);
			check_apart(TSTYLE_SERIES, 8, depths[i], light);
			check_apart(TSTYLE_NEW, 2, depths[i], light);
		}
		check_hues(STYLE_STATE, PS_NSTATES, 15, light);
		check_hues(TSTYLE_SERIES, 8, 15, light);
		check_hues(TSTYLE_HEAT, 5, 15, light);
		check_hues(TSTYLE_NEW, 2, 15, light);
	}
	/* Without colours letters tell; new and gone, title and text differ all the same. */
	check_apart(TSTYLE_NEW, 2, 0, false);
	OK(differ(palette_paint(TSTYLE_TITLE, 0, 0, false),
		  palette_paint(STYLE_PLAIN, 0, 0, false)));
}

static void test_contrast(void)
{
	for (unsigned light = 0; light < 2; light++) {
		struct light behind = light_of(light ? 231 : 16);
		unsigned poor = 0;

		for (unsigned st = 0; st < TSTYLE_N; st++) {
			struct paint p = palette_paint(st, 0, 256, light);
			double c;

			if (p.fg == PAINT_OWN)
				continue;
			c = contrast(light_of(p.fg), p.bg == PAINT_OWN ? behind : light_of(p.bg));
			if (c >= 3)
				continue;
			printf("# style %u, colour %d: %.2f\n", st, p.fg, c);
			poor++;
		}
		IS(poor, 0);
	}
}

/** More heat is further from the background. */
static void test_heat(void)
{
	for (unsigned i = 1; i < 5; i++) {
		struct light a = light_of(palette_paint(TSTYLE_HEAT + i - 1, 0, 256, false).fg);
		struct light b = light_of(palette_paint(TSTYLE_HEAT + i, 0, 256, false).fg);

		OK(luminance(b) > luminance(a));
		a = light_of(palette_paint(TSTYLE_HEAT + i - 1, 0, 256, true).fg);
		b = light_of(palette_paint(TSTYLE_HEAT + i, 0, 256, true).fg);
		OK(luminance(b) < luminance(a));
	}
}

static void test_range(void)
{
	static const unsigned depths[] = { 256, 16, 8, 0 };
	unsigned bad = 0;

	for (unsigned i = 0; i < 4; i++)
		for (unsigned st = 0; st < TSTYLE_N + 3; st++)
			for (unsigned attr = 0; attr < 4; attr++) {
				struct paint p = palette_paint(st, attr, depths[i], attr & 1);
				int top = depths[i] ? (int)depths[i] : 0;

				bad += p.fg < PAINT_OWN || p.fg >= top || p.bg < PAINT_OWN ||
				       p.bg >= top;
				bad += attr & CELL_SELECTED && !(p.attr & PAINT_REVERSE);
				bad += attr & CELL_MATCH && !(p.attr & PAINT_UNDERLINE);
			}
	IS(bad, 0);
	/* What curses may report between the depths. */
	IS(palette_paint(STYLE_WARN, 0, 88, false).fg, palette_paint(STYLE_WARN, 0, 16, false).fg);
	IS(palette_paint(STYLE_WARN, 0, 4, false).fg, PAINT_OWN);
}

/** The text view does not know its background: page states have to do on either. */
static void test_text(void)
{
	struct light black = light_of(16), white = light_of(231);
	struct theme theme;
	int color[PS_NSTATES];
	unsigned bad = 0;

	theme_init(&theme, 256);
	for (unsigned i = 0; i < PS_NSTATES; i++) {
		const char *sgr = theme.style[STYLE_STATE + i].sgr, *p = strstr(sgr, "38;5;");

		color[i] = p ? atoi(p + 5) : 16;
		bad += contrast(light_of(color[i]), black) < 3;
		bad += contrast(light_of(color[i]), white) < 2;
		for (unsigned k = 0; k < i; k++)
			bad += color[i] == color[k] ? !strcmp(sgr, theme.style[STYLE_STATE + k].sgr)
						    : distance(color[i], color[k]) < 15;
	}
	IS(bad, 0);
}

int main(void)
{
	test_apart();
	test_text();
	test_contrast();
	test_heat();
	test_range();
	return tap_done();
}
