/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "canvas.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void canvas_init(struct canvas *c, unsigned w, unsigned h, bool ascii, bool mono)
{
	*c = (struct canvas){ .ascii = ascii, .mono = mono };
	canvas_resize(c, w, h);
}

void canvas_release(struct canvas *c)
{
	free(c->cells);
	*c = (struct canvas){ 0 };
}

void canvas_resize(struct canvas *c, unsigned w, unsigned h)
{
	c->cells = xreallocarray(c->cells, (size_t)w * h, sizeof(*c->cells));
	c->w = w;
	c->h = h;
	canvas_clear(c);
}

void canvas_clear(struct canvas *c)
{
	for (size_t i = 0; i < (size_t)c->w * c->h; i++)
		c->cells[i] = (struct cell){ .width = 1 };
	c->cursor = false;
}

struct pane canvas_all(struct canvas *c)
{
	return (struct pane){ c, 0, 0, c->w, c->h };
}

struct pane pane_part(const struct pane *p, unsigned x, unsigned y, unsigned w, unsigned h)
{
	x = MIN(x, p->w);
	y = MIN(y, p->h);
	return (struct pane){ p->c, p->x + x, p->y + y, MIN(w, p->w - x), MIN(h, p->h - y) };
}

static struct cell *cell_at(const struct pane *p, unsigned x, unsigned y)
{
	return &p->c->cells[(size_t)(p->y + y) * p->c->w + p->x + x];
}

/** A cell that is overwritten takes the other half of a wide character with it. */
static void break_wide(const struct pane *p, unsigned x, unsigned y)
{
	struct cell *c = cell_at(p, x, y);

	if (!c->width && p->x + x > 0)
		c[-1] = (struct cell){ .width = 1, .style = c[-1].style };
	if (c->width == 2 && p->x + x + 1 < p->c->w)
		c[1] = (struct cell){ .width = 1, .style = c[1].style };
}

/** One character of `len` bytes (with its combining ones); false when it does not fit. */
static bool put_char(const struct pane *p, unsigned x, unsigned y, unsigned style, const char *s,
		     size_t len, unsigned width)
{
	struct cell *c;

	if (y >= p->h || x >= p->w || width > p->w - x)
		return false;
	break_wide(p, x, y);
	if (width == 2)
		break_wide(p, x + 1, y);
	c = cell_at(p, x, y);
	*c = (struct cell){ .width = (u8)width, .style = (u16)style };
	if (len >= sizeof(c->text))
		len = text_fit(s, sizeof(c->text) - 1, width);
	memcpy(c->text, s, len);
	if (width == 2)
		c[1] = (struct cell){ .width = 0, .style = (u16)style };
	return true;
}

static unsigned put_text(const struct pane *p, unsigned x, unsigned y, unsigned style,
			 const char *s, size_t len)
{
	unsigned start = x, width;

	while (len) {
		size_t n = text_next(s, len, &width);

		/* A combining character without a base: nothing to put it on. */
		if (width && !put_char(p, x, y, style, s, n, width))
			break;
		x += width;
		s += n;
		len -= n;
	}
	return x - start;
}

unsigned pane_put(const struct pane *p, unsigned x, unsigned y, unsigned style, const char *text)
{
	return put_text(p, x, y, style, text, strlen(text));
}

unsigned pane_printf(const struct pane *p, unsigned x, unsigned y, unsigned style, const char *fmt,
		     ...)
{
	char *text;
	unsigned ret;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	ret = pane_put(p, x, y, style, text);
	free(text);
	return ret;
}

unsigned pane_text(const struct pane *p, unsigned x, unsigned y, unsigned cols, unsigned style,
		   const char *bytes, size_t len, enum elide e)
{
	struct buf b = { 0 };
	unsigned ret = 0;

	cols = x < p->w ? MIN(cols, p->w - x) : 0;
	if (cols && len) {
		text_elide(&b, bytes, len, cols, e, p->c->ascii);
		ret = put_text(p, x, y, style, b.p, b.len);
	}
	buf_release(&b);
	return ret;
}

void pane_right(const struct pane *p, unsigned end, unsigned y, unsigned style, const char *text)
{
	unsigned w = (unsigned)text_width(text, strlen(text));

	pane_put(p, end > w ? end - w : 0, y, style, text);
}

void pane_glyph(const struct pane *p, unsigned x, unsigned y, unsigned style, enum glyph g)
{
	const struct glyph_bytes *b = glyph_of(g, p->c->ascii);

	put_char(p, x, y, style, b->utf8, b->len, 1);
}

void pane_fill(const struct pane *p, unsigned x, unsigned y, unsigned n, unsigned style)
{
	for (unsigned i = 0; i < n; i++)
		put_char(p, x + i, y, style, "", 0, 1);
}

void pane_attr(const struct pane *p, unsigned x, unsigned y, unsigned n, unsigned attr)
{
	for (unsigned i = x; y < p->h && i < p->w && i - x < n; i++)
		cell_at(p, i, y)->attr |= (u8)attr;
}

/* --- as text ---------------------------------------------------------------------------------- */

static void cut_blanks(struct buf *out, size_t from)
{
	while (out->len > from && out->p[out->len - 1] == ' ')
		out->p[--out->len] = '\0';
	buf_addch(out, '\n');
}

void canvas_text(const struct canvas *c, struct buf *out)
{
	for (unsigned y = 0; y < c->h; y++) {
		size_t from = out->len;

		for (unsigned x = 0; x < c->w; x++) {
			const struct cell *cell = &c->cells[(size_t)y * c->w + x];

			if (cell->width)
				buf_addstr(out, *cell->text ? cell->text : " ");
		}
		cut_blanks(out, from);
	}
}

/** The letters of the styles, in the order of their numbers. */
static const char style_letters[] =
	".abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-*/=%&$@";

static char style_letter(const struct cell *cell)
{
	if (cell->attr & CELL_SELECTED)
		return '#';
	if (cell->attr & CELL_MATCH)
		return '_';
	if (!*cell->text && cell->style == STYLE_PLAIN)
		return ' ';
	return cell->style < sizeof(style_letters) - 1 ? style_letters[cell->style] : '~';
}

static void style_name(struct buf *out, unsigned style)
{
	static const char *const first[] = { "plain", "dim",  "bold",	"frame",
					     "warn",  "note", "located" };
	static const char *const own[] = { "title", "key", "prompt", "new", "gone" };

	if (style < STYLE_CONF)
		buf_addstr(out, first[style]);
	else if (style < STYLE_STATE)
		buf_addf(out, "%s (conf)", conf_name((enum conf)(style - STYLE_CONF)));
	else if (style < STYLE_KIND)
		buf_addf(out, "%s (page)", page_state_name((enum page_state)(style - STYLE_STATE)));
	else if (style < STYLE_N)
		buf_addstr(out, object_kind_name((enum object_kind)(style - STYLE_KIND)));
	else if (style < TSTYLE_HEAT)
		buf_addstr(out, own[style - STYLE_N]);
	else if (style < TSTYLE_SERIES)
		buf_addf(out, "heat %u", style - TSTYLE_HEAT);
	else
		buf_addf(out, "series %u", style - TSTYLE_SERIES);
}

/** What the letters mean that are on the screen. */
static void style_legend(const struct canvas *c, struct buf *out)
{
	u64 used[(TSTYLE_N + 63) / 64] = { 0 };

	for (size_t i = 0; i < (size_t)c->w * c->h; i++) {
		const struct cell *cell = &c->cells[i];

		if (!cell->attr && cell->style < TSTYLE_N)
			used[cell->style / 64] |= UINT64_C(1) << cell->style % 64;
	}
	buf_addstr(out, "# selected  _ found");
	for (unsigned st = STYLE_PLAIN + 1; st < TSTYLE_N; st++) {
		if (!(used[st / 64] >> st % 64 & 1))
			continue;
		buf_addf(out, "  %c ", style_letters[st]);
		style_name(out, st);
	}
	buf_addch(out, '\n');
}

void canvas_styles(const struct canvas *c, struct buf *out)
{
	for (unsigned y = 0; y < c->h; y++) {
		size_t from = out->len;

		for (unsigned x = 0; x < c->w; x++)
			buf_addch(out, style_letter(&c->cells[(size_t)y * c->w + x]));
		cut_blanks(out, from);
	}
	style_legend(c, out);
}
