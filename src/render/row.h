/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * One line of a view, written from left to right into a buffer: columns, styles, glyphs that have
 * an ASCII twin, text from outside. No printf here: a map may have 65,000 lines.
 */
#ifndef PROCMAP_ROW_H
#define PROCMAP_ROW_H

#include <string.h>

#include "color.h"

/** Drawing characters of one column each; the ASCII twin is used with `ascii`. */
enum glyph {
	GLYPH_HALF_V,
	GLYPH_HALF_H,
	GLYPH_HALF_TL,
	GLYPH_HALF_TR,
	GLYPH_HALF_BL,
	GLYPH_HALF_BR,
	GLYPH_BOX_TOP,
	GLYPH_BOX_V,
	GLYPH_BOX_END,
	GLYPH_GAP,
	GLYPH_UP,
	GLYPH_DOWN,
	GLYPH_MARK,
	GLYPH_BULLET,
	GLYPH_DASH,
	GLYPH_N
};

/** A glyph in the character set of the view. */
struct glyph_bytes {
	char utf8[4]; /**< without a NUL */
	u8 len;
};

/** The bytes of a glyph; static. */
const struct glyph_bytes *glyph_of(enum glyph g, bool ascii);

struct row {
	struct buf *b;
	const struct theme *theme;
	const struct glyph_bytes *glyphs;
	char *p;       /**< where the next byte goes; NULL before the first of a line */
	char *limit;   /**< end of what is reserved, less ROW_SLACK */
	unsigned col;  /**< columns written so far */
	unsigned want; /**< column where the next text goes; blanks are written only then */
	u8 style;      /**< wanted */
	u8 shown;      /**< what the terminal has */
	bool ascii;
	struct buf text; /**< scratch of row_text() */
};

void row_init(struct row *r, struct buf *b, const struct theme *t, bool ascii);
void row_release(struct row *r);

/** From here on text looks like this. */
static inline void row_style(struct row *r, unsigned style)
{
	r->style = (u8)style;
}

/** The next text goes to column `col`; one blank at least separates it when that is passed. */
static inline void row_to(struct row *r, unsigned col)
{
	r->want = col > r->col ? col : r->col + (r->col != 0);
}

/** The next text goes `n` columns further right. */
static inline void row_skip(struct row *r, unsigned n)
{
	r->want = MAX(r->want, r->col) + n;
}

/** The column where the next text goes. */
static inline unsigned row_at(const struct row *r)
{
	return MAX(r->want, r->col);
}

/** Bytes that may be written past `limit`: short pieces are copied at a fixed length. */
#define ROW_SLACK 64

/** Reserves more of the buffer than ordinary lines take: at least `n` bytes. */
void row_grow(struct row *r, size_t n);

/** Room for `n` bytes, and the blanks and the style that stand before them. */
static inline void row_ready(struct row *r, size_t n)
{
	static const char blanks[17] = "                ";
	unsigned pad = r->want > r->col ? r->want - r->col : 0;

	if (!r->p || n + pad > (size_t)(r->limit - r->p))
		row_grow(r, n + pad);
	if (pad) {
		/* Blanks never stand out, so that --locate underlines no empty space. */
		if (r->shown == STYLE_LOCATED && r->style != STYLE_LOCATED) {
			memcpy(r->p, r->theme->style[STYLE_PLAIN].sgr,
			       sizeof(r->theme->style[0].sgr));
			r->p += r->theme->style[STYLE_PLAIN].len;
			r->shown = STYLE_PLAIN;
		}
		r->col = r->want;
		for (; pad > 16; pad -= 16) {
			memcpy(r->p, blanks, 16);
			r->p += 16;
		}
		memcpy(r->p, blanks, 16);
		r->p += pad;
	}
	if (r->style != r->shown) {
		memcpy(r->p, r->theme->style[r->style].sgr, sizeof(r->theme->style[0].sgr));
		r->p += r->theme->style[r->style].len;
		r->shown = r->style;
	}
}

/** Bytes that take `cols` columns, whatever their number. */
static inline void row_raw(struct row *r, const char *s, size_t len, unsigned cols)
{
	row_ready(r, len);
	memcpy(r->p, s, len);
	r->p += len;
	r->col += cols;
}

/** `n` bytes of printable ASCII of our own. */
static inline void row_ascii(struct row *r, const char *s, size_t n)
{
	row_raw(r, s, n, (unsigned)n);
}

/** The same, NUL-terminated. */
static inline void row_str(struct row *r, const char *s)
{
	row_ascii(r, s, strlen(s));
}

static inline void row_glyph(struct row *r, enum glyph g)
{
	row_ready(r, 0);
	memcpy(r->p, r->glyphs[g].utf8, sizeof(r->glyphs[g].utf8));
	r->p += r->glyphs[g].len;
	r->col++;
}

/** `g` up to column `col`. */
void row_line(struct row *r, enum glyph g, unsigned col);
/** `digits` hex digits, more if the number needs them. */
void row_hex(struct row *r, u64 v, unsigned digits);
/** Right-aligned so that it ends before column `end`. */
void row_right(struct row *r, const char *s, size_t n, unsigned end);
/** Resets the style and ends the line. Nothing trails: blanks not followed by text are dropped. */
void row_end(struct row *r);

/** What row_text() may leave out when there is no room. */
enum elide {
	ELIDE_END,   /**< "long na…" */
	ELIDE_START, /**< "…r/lib/x": of a path the end matters */
	ELIDE_MIDDLE,
};

/** Text from outside, escaped, in at most `cols` columns. */
void row_text(struct row *r, const char *s, size_t len, unsigned cols, enum elide e);
/** Appends escaped text of at most `cols` columns to `b`; returns the columns it takes. */
unsigned text_elide(struct buf *b, const char *s, size_t len, unsigned cols, enum elide e,
		    bool ascii);

/**
 * Bytes of `s` to put on a line of `cols` columns: cut at a blank where there is one, at least one
 * byte. *next gets where the rest begins.
 */
size_t text_wrap(const char *s, size_t len, unsigned cols, size_t *next);

/** How sizes are written. */
enum size_form {
	SIZE_LONG,  /**< "132 KiB" */
	SIZE_SHORT, /**< "132K" */
	SIZE_BYTES, /**< "135168" */
};

/** Hex of at least `digits` digits, decimal: written without a NUL; the length is returned. */
unsigned format_hex(char *out, u64 v, unsigned digits);
unsigned format_dec(char *out, u64 v);
/** A size likewise. */
unsigned format_size(char out[static SIZE_TEXT_MAX], u64 bytes, enum size_form form);
/** Most columns a size can take. */
#define SIZE_LONG_COLS	8
#define SIZE_SHORT_COLS 5
#define SIZE_BYTES_COLS 15

#endif
