/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What every room may use: memory that never fails quietly, growing buffers, interned strings,
 * number parsing and formatting, the one escape for text from outside. No I/O but die().
 */
#ifndef PROCMAP_UTIL_H
#define PROCMAP_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)     ((a) < (b) ? (a) : (b))
#define MAX(a, b)     ((a) > (b) ? (a) : (b))

#define KIB (UINT64_C(1) << 10)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define TIB (UINT64_C(1) << 40)

/** Run by die() before it prints: whoever owns the terminal restores it here. May be NULL. */
extern void (*die_hook)(void);

/** Prints "procmap: ..." to stderr and exits with status 1. For what cannot go on: no memory. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** malloc family that dies when memory is short; the caller owns the result and free()s it. */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);
char *xstrdup(const char *s);
char *xmemdupz(const char *s, size_t len);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *xvasprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/**
 * Makes room for one more element of the array `p` (`n` used, `cap` allocated, both size_t
 * lvalues); the array may move.
 */
#define GROW(p, n, cap)                                                                            \
	do {                                                                                       \
		if ((n) == (cap)) {                                                                \
			(cap) = (cap) ? (cap)*2 : 16;                                              \
			(p) = xreallocarray((p), (cap), sizeof(*(p)));                             \
		}                                                                                  \
	} while (0)

/** A growing run of bytes. `p` is NUL-terminated after every call but never counts the NUL. */
struct buf {
	char *p;
	size_t len, cap;
};

void buf_init(struct buf *b);
void buf_release(struct buf *b);
/** Forgets the contents, keeps the memory. */
void buf_clear(struct buf *b);
/** Ensures room for `more` bytes (and the NUL) and returns the place where they go. */
char *buf_reserve(struct buf *b, size_t more);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_addstr(struct buf *b, const char *s);
void buf_addch(struct buf *b, char c);
/** `n` copies of `c`. */
void buf_fill(struct buf *b, char c, size_t n);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** Lower-case hex, padded with zeros to `digits` (0 = as many as needed). */
void buf_addhex(struct buf *b, u64 v, unsigned digits);
void buf_adddec(struct buf *b, u64 v);

/**
 * The one reversible escape for bytes from outside: control bytes, DEL, bytes that are not valid
 * UTF-8, C1 controls and bidirectional overrides become \xHH per byte, a backslash is doubled.
 * With `ascii` every byte >= 0x80 is escaped. What is appended is safe on any terminal.
 */
void buf_addescaped(struct buf *b, const char *s, size_t len, bool ascii);

/** Columns that escaped UTF-8 text takes on a terminal (combining 0, CJK 2). */
size_t text_width(const char *s, size_t len);

/** Length in bytes of the longest prefix of `s` that takes at most `cols` columns. */
size_t text_fit(const char *s, size_t len, size_t cols);

/**
 * Length in bytes of the first character of `s` together with the combining ones after it; `len`
 * is at least 1. *cols gets the columns it takes: 0 for a combining one that has no base.
 */
size_t text_next(const char *s, size_t len, unsigned *cols);

/** Room for any text size_text() and count_text() make, NUL included. */
#define SIZE_TEXT_MAX 24

/**
 * "0 B", "512 B", "132 KiB", "2.1 MiB", "128 TiB", "16 EiB": at most four significant digits, the
 * fraction only where one digit of it is not zero; rounded to the nearest. Returns the length.
 */
unsigned size_text(char out[static SIZE_TEXT_MAX], u64 bytes);

/**
 * Parsers of kernel text: read an unsigned number at *p (before end), advance *p past it and
 * store it in *ret. False, with nothing changed, when there is no digit or it exceeds 64 bits.
 */
bool parse_hex(const char **p, const char *end, u64 *ret);
bool parse_dec(const char **p, const char *end, u64 *ret);
/** Advances *p over blanks and tabs. */
void skip_blanks(const char **p, const char *end);

/**
 * Interned byte strings. An id stays valid, and means the same bytes, as long as the table lives.
 * Id 0 is the empty string. Strings may hold any byte but NUL.
 */
struct strtab {
	char *bytes; /**< all strings, each with its NUL; ids are offsets into it */
	size_t len, cap;
	u32 *slots; /**< open hash of ids */
	size_t nslots, nused;
};

void strtab_init(struct strtab *t);
void strtab_release(struct strtab *t);
u32 strtab_add(struct strtab *t, const char *s, size_t len);
/** The string of an id; valid until the next strtab_add(). */
static inline const char *strtab_get(const struct strtab *t, u32 id)
{
	return t->bytes + id;
}

#endif
