/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "row.h"

#include <string.h>

/** Reserved for a line at once; longer ones ask again. */
#define LINE_BYTES 1024

static const struct glyph_bytes utf8_glyphs[GLYPH_N] = {
	[GLYPH_HALF_V] = { "║", 3 },  [GLYPH_HALF_H] = { "═", 3 },  [GLYPH_HALF_TL] = { "╔", 3 },
	[GLYPH_HALF_TR] = { "╗", 3 }, [GLYPH_HALF_BL] = { "╚", 3 }, [GLYPH_HALF_BR] = { "╝", 3 },
	[GLYPH_BOX_TOP] = { "┌", 3 }, [GLYPH_BOX_V] = { "│", 3 },   [GLYPH_BOX_END] = { "└", 3 },
	[GLYPH_GAP] = { "┊", 3 },     [GLYPH_UP] = { "↑", 3 },	    [GLYPH_DOWN] = { "↓", 3 },
	[GLYPH_MARK] = { "◂", 3 },    [GLYPH_BULLET] = { "·", 2 },  [GLYPH_DASH] = { "─", 3 },
};

static const struct glyph_bytes ascii_glyphs[GLYPH_N] = {
	[GLYPH_HALF_V] = { "|", 1 },  [GLYPH_HALF_H] = { "=", 1 },  [GLYPH_HALF_TL] = { "+", 1 },
	[GLYPH_HALF_TR] = { "+", 1 }, [GLYPH_HALF_BL] = { "+", 1 }, [GLYPH_HALF_BR] = { "+", 1 },
	[GLYPH_BOX_TOP] = { ",", 1 }, [GLYPH_BOX_V] = { "|", 1 },   [GLYPH_BOX_END] = { "`", 1 },
	[GLYPH_GAP] = { ":", 1 },     [GLYPH_UP] = { "^", 1 },	    [GLYPH_DOWN] = { "v", 1 },
	[GLYPH_MARK] = { "<", 1 },    [GLYPH_BULLET] = { "-", 1 },  [GLYPH_DASH] = { "-", 1 },
};

const struct glyph_bytes *glyph_of(enum glyph g, bool ascii)
{
	return ascii ? &ascii_glyphs[g] : &utf8_glyphs[g];
}

void row_init(struct row *r, struct buf *b, const struct theme *t, bool ascii)
{
	*r = (struct row){ .b = b, .theme = t, .ascii = ascii };
	r->glyphs = ascii ? ascii_glyphs : utf8_glyphs;
	buf_init(&r->text);
}

void row_release(struct row *r)
{
	buf_release(&r->text);
}

void row_grow(struct row *r, size_t n)
{
	if (r->p)
		r->b->len = (size_t)(r->p - r->b->p);
	r->p = buf_reserve(r->b, n + LINE_BYTES + ROW_SLACK);
	r->limit = r->p + n + LINE_BYTES;
}

void row_line(struct row *r, enum glyph g, unsigned col)
{
	while (row_at(r) < col)
		row_glyph(r, g);
}

/** 00 to ff, a pair of digits each. */
static const char hex_pairs[] = {
	"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
	"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	"404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
	"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
	"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
	"a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
	"c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
	"e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
};

unsigned format_hex(char *out, u64 v, unsigned digits)
{
	unsigned need = v ? (67 - (unsigned)__builtin_clzll(v)) / 4 : 1, n = MAX(digits, need), i;

	for (i = n; i >= 2; i -= 2, v >>= 8)
		memcpy(out + i - 2, hex_pairs + 2 * (v & 255), 2);
	if (i)
		out[0] = hex_pairs[2 * (v & 15) + 1];
	return n;
}

unsigned format_dec(char *out, u64 v)
{
	char t[20];
	unsigned n = 0;

	do {
		t[n++] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	for (unsigned i = 0; i < n; i++)
		out[i] = t[n - 1 - i];
	return n;
}

void row_hex(struct row *r, u64 v, unsigned digits)
{
	unsigned n;

	row_ready(r, MAX(digits, 16u));
	n = format_hex(r->p, v, digits);
	r->p += n;
	r->col += n;
}

void row_right(struct row *r, const char *s, size_t n, unsigned end)
{
	row_to(r, end > n ? end - (unsigned)n : 0);
	row_ascii(r, s, n);
}

void row_end(struct row *r)
{
	r->want = 0;
	r->style = STYLE_PLAIN;
	row_ready(r, 1);
	*r->p++ = '\n';
	*r->p = '\0';
	r->b->len = (size_t)(r->p - r->b->p);
	r->p = NULL;
	r->col = 0;
}

/* --- text from outside ------------------------------------------------------------------------ */

/** Is it all printable ASCII without a backslash, so that its bytes are its columns? */
static bool is_plain(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] < ' ' || s[i] > '~' || s[i] == '\\')
			return false;
	return true;
}

/**
 * Length of the longest prefix of escaped text that takes at most `cols` columns and does not end
 * inside an escape.
 */
static size_t escaped_fit(const char *s, size_t len, unsigned cols)
{
	size_t n = text_fit(s, len, cols);

	if (n == len)
		return n;
	for (size_t back = 1; back <= 3 && back <= n; back++) {
		size_t i = n - back, slashes = 0;

		if (s[i] != '\\')
			continue;
		while (i > slashes && s[i - slashes - 1] == '\\')
			slashes++;
		/* An odd number before it: it is the second half of a doubled one. */
		if (slashes & 1)
			break;
		if (s[i + 1] == '\\' ? back < 2 : back < 4)
			return i;
		break;
	}
	return n;
}

/** Offset of the longest suffix of escaped text of at most `cols` columns, not inside an escape. */
static size_t escaped_tail(const char *s, size_t len, unsigned cols)
{
	size_t total = text_width(s, len), i = 0, w = 0;

	while (i < len && total - w > cols) {
		size_t n;

		if (s[i] == '\\')
			n = i + 1 < len && s[i + 1] == 'x' ? 4 : 2;
		else if (!(n = text_fit(s + i, len - i, 1)) && !(n = text_fit(s + i, len - i, 2)))
			n = 1;
		n = MIN(n, len - i);
		w += text_width(s + i, n);
		i += n;
	}
	return i;
}

unsigned text_elide(struct buf *b, const char *s, size_t len, unsigned cols, enum elide e,
		    bool ascii)
{
	const char *dots = ascii ? ".." : "…";
	unsigned ndots = ascii ? 2 : 1, keep, head;
	/* Zero-width characters make a narrow text of many bytes: those are cut, too. */
	size_t most = 16 * (size_t)cols + 64, start = b->len, esc, tail, w, front;
	bool cut = e == ELIDE_END && len > most;
	struct buf t;

	buf_addescaped(b, s, cut ? most : len, ascii);
	esc = b->len - start;
	w = text_width(b->p + start, esc);
	if (w <= cols && esc <= most && !cut)
		return (unsigned)w;
	if (cols <= ndots) {
		b->len = start;
		b->p[b->len] = '\0';
		buf_fill(b, '.', cols);
		return cols;
	}
	keep = cols - ndots;
	head = e == ELIDE_END ? keep : e == ELIDE_START ? 0 : keep - keep / 2;
	front = escaped_fit(b->p + start, MIN(esc, most), head);
	tail = escaped_tail(b->p + start, esc, keep - head);
	if (esc - tail > most)
		tail = esc;
	buf_init(&t);
	buf_add(&t, b->p + start + tail, esc - tail);
	b->len = start + front;
	buf_addstr(b, dots);
	buf_add(b, t.p, t.len);
	buf_release(&t);
	return (unsigned)text_width(b->p + start, b->len - start);
}

void row_text(struct row *r, const char *s, size_t len, unsigned cols, enum elide e)
{
	unsigned w;

	if (!cols || !len)
		return;
	if (len <= cols && is_plain(s, len)) {
		row_ascii(r, s, len);
		return;
	}
	buf_clear(&r->text);
	w = text_elide(&r->text, s, len, cols, e, r->ascii);
	row_raw(r, r->text.p, r->text.len, w);
}

size_t text_wrap(const char *s, size_t len, unsigned cols, size_t *next)
{
	size_t n = text_fit(s, len, cols);

	for (size_t k = n; n < len && k > n / 2; k--)
		if (s[k] == ' ') {
			n = k;
			break;
		}
	n = n ? n : MIN(len, (size_t)1);
	for (*next = n; *next < len && s[*next] == ' ';)
		++*next;
	return n;
}

/* --- numbers ------------------------------------------------------------------------------------
 */

unsigned format_size(char out[static SIZE_TEXT_MAX], u64 bytes, enum size_form form)
{
	unsigned n, to = 0;

	if (form == SIZE_BYTES)
		return format_dec(out, bytes);
	/* Whole KiB below a MiB: most of what there is. */
	if (bytes && bytes < MIB && !(bytes & 1023)) {
		n = format_dec(out, bytes >> 10);
		memcpy(out + n, form == SIZE_LONG ? " KiB" : "K   ", 4);
		return n + (form == SIZE_LONG ? 4 : 1);
	}
	if (!bytes && form == SIZE_SHORT) {
		out[0] = '0';
		return 1;
	}
	n = size_text(out, bytes);
	if (form == SIZE_LONG)
		return n;
	/* "132 KiB" -> "132K": the digits and the unit's first letter. */
	while (to < n && out[to] != ' ')
		to++;
	if (to < n) {
		out[to] = out[to + 1];
		to++;
	}
	return to;
}
