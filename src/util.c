/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "util.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

void (*die_hook)(void);

void die(const char *fmt, ...)
{
	va_list ap;

	if (die_hook)
		die_hook();
	fputs("procmap: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

void *xmalloc(size_t size)
{
	void *p = malloc(size ? size : 1);

	if (!p)
		die("out of memory");
	return p;
}

void *xcalloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		die("out of memory");
	return p;
}

void *xreallocarray(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n ? n : 1, size ? size : 1);
	if (!p)
		die("out of memory");
	return p;
}

char *xmemdupz(const char *s, size_t len)
{
	char *p = xmalloc(len + 1);

	memcpy(p, s, len);
	p[len] = '\0';
	return p;
}

char *xstrdup(const char *s)
{
	return xmemdupz(s, strlen(s));
}

char *xvasprintf(const char *fmt, va_list ap)
{
	char *p;

	if (vasprintf(&p, fmt, ap) < 0)
		die("out of memory");
	return p;
}

char *xasprintf(const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = xvasprintf(fmt, ap);
	va_end(ap);
	return p;
}

/* --- buf ------------------------------------------------------------------------------------ */

void buf_init(struct buf *b)
{
	*b = (struct buf){ 0 };
}

void buf_release(struct buf *b)
{
	free(b->p);
	buf_init(b);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->p)
		b->p[0] = '\0';
}

char *buf_reserve(struct buf *b, size_t more)
{
	if (b->cap - b->len <= more) {
		size_t cap = b->cap ? b->cap : 128;

		if (more >= SIZE_MAX / 2 - b->len)
			die("out of memory");
		while (cap - b->len <= more)
			cap *= 2;
		b->p = xreallocarray(b->p, cap, 1);
		b->cap = cap;
	}
	return b->p + b->len;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	char *to = buf_reserve(b, len);

	if (len)
		memcpy(to, bytes, len);
	b->len += len;
	b->p[b->len] = '\0';
}

void buf_addstr(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_addch(struct buf *b, char c)
{
	*buf_reserve(b, 1) = c;
	b->p[++b->len] = '\0';
}

void buf_fill(struct buf *b, char c, size_t n)
{
	memset(buf_reserve(b, n), c, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(buf_reserve(b, 64), 65, fmt, ap);
	if (n > 64)
		vsnprintf(buf_reserve(b, (size_t)n), (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	if (n > 0)
		b->len += (size_t)n;
	b->p[b->len] = '\0';
}

void buf_addhex(struct buf *b, u64 v, unsigned digits)
{
	static const char hex[] = "0123456789abcdef";
	unsigned need = v ? (67u - (unsigned)__builtin_clzll(v)) / 4 : 1;
	unsigned n = digits > need ? digits : need;
	char *to = buf_reserve(b, n);

	for (unsigned i = n; i-- > 0; v >>= 4)
		to[i] = hex[v & 15];
	b->len += n;
	b->p[b->len] = '\0';
}

static unsigned dec_text(char *end, u64 v)
{
	char *p = end;

	do {
		*--p = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	return (unsigned)(end - p);
}

void buf_adddec(struct buf *b, u64 v)
{
	char t[20];
	unsigned n = dec_text(t + sizeof(t), v);

	buf_add(b, t + sizeof(t) - n, n);
}

/* --- text from outside ---------------------------------------------------------------------- */

/**
 * Decodes one UTF-8 character of at most `len` bytes. Returns its length, or 0 for bytes that are
 * not well-formed (overlong, surrogate, beyond U+10FFFF, cut).
 */
static unsigned utf8_decode(const char *s, size_t len, u32 *ret)
{
	const u8 *p = (const u8 *)s;
	unsigned n = p[0] < 0x80   ? 1
		     : p[0] < 0xc2 ? 0
		     : p[0] < 0xe0 ? 2
		     : p[0] < 0xf0 ? 3
		     : p[0] < 0xf5 ? 4
				   : 0;
	u32 c;

	if (!n || n > len)
		return 0;
	c = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (unsigned i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if ((n == 3 && (c < 0x800 || (c >= 0xd800 && c < 0xe000))) ||
	    (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	*ret = c;
	return n;
}

/** Characters that would move the cursor, reorder or hide text on a terminal. */
static bool is_unsafe(u32 c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x061c || /* Arabic letter mark */
	       (c >= 0x200b && c <= 0x200f) || /* zero-width, direction marks */
	       (c >= 0x2028 && c <= 0x202e) || /* line separators, overrides */
	       (c >= 0x2060 && c <= 0x206f) || /* invisible operators, isolates */
	       c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe007f); /* tags */
}

void buf_addescaped(struct buf *b, const char *s, size_t len, bool ascii)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < len;) {
		u32 c = 0;
		unsigned n = utf8_decode(s + i, len - i, &c);

		if (n == 1 && c == '\\') {
			buf_add(b, "\\\\", 2);
		} else if (n && !is_unsafe(c) && !(ascii && n > 1)) {
			buf_add(b, s + i, n);
		} else {
			n = n ? n : 1;
			for (unsigned k = 0; k < n; k++) {
				u8 byte = (u8)s[i + k];
				char t[4] = { '\\', 'x', hex[byte >> 4], hex[byte & 15] };

				buf_add(b, t, 4);
			}
		}
		i += n;
	}
}

/** Columns of one character; characters the locale does not know count one. */
static size_t char_width(u32 c)
{
	int w;

	if (c < 0x300)
		return 1;
	w = wcwidth((wchar_t)c);
	return w < 0 ? 1 : (size_t)w;
}

size_t text_width(const char *s, size_t len)
{
	size_t cols = 0;

	for (size_t i = 0; i < len;) {
		u32 c = 0;
		unsigned n = utf8_decode(s + i, len - i, &c);

		cols += n ? char_width(c) : 1;
		i += n ? n : 1;
	}
	return cols;
}

size_t text_fit(const char *s, size_t len, size_t cols)
{
	size_t i = 0;

	while (i < len) {
		u32 c = 0;
		unsigned n = utf8_decode(s + i, len - i, &c);
		size_t w = n ? char_width(c) : 1;

		if (w > cols)
			break;
		cols -= w;
		i += n ? n : 1;
	}
	return i;
}

size_t text_next(const char *s, size_t len, unsigned *cols)
{
	u32 c = 0;
	unsigned n = utf8_decode(s, len, &c);
	size_t i = n ? n : 1;

	*cols = n ? (unsigned)char_width(c) : 1;
	while (i < len && (n = utf8_decode(s + i, len - i, &c)) && !char_width(c))
		i += n;
	return i;
}

unsigned size_text(char out[static SIZE_TEXT_MAX], u64 bytes)
{
	static const char units[][5] = { " B", " KiB", " MiB", " GiB", " TiB", " PiB", " EiB" };
	unsigned unit = 0, n, len;
	u64 tenths = bytes * 10;
	char t[20];

	if (bytes >= KIB) {
		unit = (63u - (unsigned)__builtin_clzll(bytes)) / 10;
		/* In 1/1024 of the unit first, so that ten times it cannot overflow; half up. */
		tenths = ((bytes >> 10 * (unit - 1)) * 10 + 512) >> 10;
	}
	/* Four digits leave no room for a fraction, and five are the next unit. */
	if (tenths >= 10000)
		tenths = (tenths + 5) / 10 * 10;
	if (tenths >= 10240) {
		tenths = 10;
		unit++;
	}
	n = dec_text(t + sizeof(t), tenths / 10);
	memcpy(out, t + sizeof(t) - n, n);
	if (tenths % 10) {
		out[n++] = '.';
		out[n++] = (char)('0' + tenths % 10);
	}
	len = (unsigned)strlen(units[unit]);
	memcpy(out + n, units[unit], len + 1);
	return n + len;
}

/* --- parsing ---------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool parse_hex(const char **p, const char *end, u64 *ret)
{
	const char *s = *p;
	u64 v = 0;
	int d;

	for (; s < end && (d = hex_digit(*s)) >= 0; s++) {
		if (v >> 60)
			return false;
		v = v << 4 | (u64)d;
	}
	if (s == *p)
		return false;
	*p = s;
	*ret = v;
	return true;
}

bool parse_dec(const char **p, const char *end, u64 *ret)
{
	const char *s = *p;
	u64 v = 0;

	for (; s < end && *s >= '0' && *s <= '9'; s++) {
		u64 d = (u64)(*s - '0');

		if (v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	if (s == *p)
		return false;
	*p = s;
	*ret = v;
	return true;
}

void skip_blanks(const char **p, const char *end)
{
	while (*p < end && (**p == ' ' || **p == '\t'))
		(*p)++;
}

/* --- interned strings ---------------------------------------------------------------------------
 */

void strtab_init(struct strtab *t)
{
	*t = (struct strtab){ .len = 1, .cap = 64, .nslots = 64 };
	t->bytes = xcalloc(t->cap, 1);
	t->slots = xcalloc(t->nslots, sizeof(*t->slots));
}

void strtab_release(struct strtab *t)
{
	free(t->bytes);
	free(t->slots);
	*t = (struct strtab){ 0 };
}

/** FNV-1a, 64 bit, folded. */
static u32 hash_bytes(const char *s, size_t len)
{
	u64 h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < len; i++)
		h = (h ^ (u8)s[i]) * UINT64_C(0x100000001b3);
	return (u32)(h ^ h >> 32);
}

static void strtab_rehash(struct strtab *t)
{
	size_t old = t->nslots;
	u32 *slots = t->slots;

	t->nslots = old * 2;
	t->slots = xcalloc(t->nslots, sizeof(*t->slots));
	for (size_t i = 0; i < old; i++) {
		const char *s = t->bytes + slots[i];
		size_t at;

		if (!slots[i])
			continue;
		at = hash_bytes(s, strlen(s)) & (t->nslots - 1);
		while (t->slots[at])
			at = (at + 1) & (t->nslots - 1);
		t->slots[at] = slots[i];
	}
	free(slots);
}

u32 strtab_add(struct strtab *t, const char *s, size_t len)
{
	size_t at;
	u32 id;

	if (!len)
		return 0;
	if (t->nused * 2 >= t->nslots)
		strtab_rehash(t);
	at = hash_bytes(s, len) & (t->nslots - 1);
	for (; (id = t->slots[at]); at = (at + 1) & (t->nslots - 1)) {
		if (!strncmp(t->bytes + id, s, len) && !t->bytes[id + len])
			return id;
	}
	if (t->len + len + 1 > UINT32_MAX)
		die("more than 4 GiB of names");
	while (t->cap < t->len + len + 1) {
		t->cap *= 2;
		t->bytes = xreallocarray(t->bytes, t->cap, 1);
	}
	id = (u32)t->len;
	memcpy(t->bytes + id, s, len);
	t->bytes[id + len] = '\0';
	t->len += len + 1;
	t->slots[at] = id;
	t->nused++;
	return id;
}
