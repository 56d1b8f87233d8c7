/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A recursive descent parser from the filter language to a tree.
 *
 *   or    := and { "or" and }
 *   and   := not { ["and"] not }
 *   not   := "not" not | "(" or ")" | test
 *   test  := figure CMP size | "kind" ("=" | "!=") kind | "role" ("=" | "!=") role
 *          | "name" ("~" | "=" | "!=") text | "~" text | quoted text
 *          | "perm" ("=" | "!=") permissions | kind | permissions | "deleted"
 */
#include "expr_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/** Deeper nesting, or more tests, are no filter that somebody means. */
#define DEPTH_MAX 64
#define TESTS_MAX 256

/** Is the word one of the blank-separated names? */
static bool is_among(const char *word, size_t len, const char *names)
{
	while (*names) {
		size_t n = strcspn(names, " ");

		if (n == len && !strncasecmp(word, names, n))
			return true;
		names += n + (names[n] == ' ');
	}
	return false;
}

struct parser {
	const char *text, *p;
	const char *error; /**< static; the first one */
	const char *error_at;
	unsigned depth, tests;
};

static struct expr *fail_at(struct parser *ps, const char *at, const char *why)
{
	if (!ps->error) {
		ps->error = why;
		ps->error_at = at;
	}
	return NULL;
}

static struct expr *fail(struct parser *ps, const char *why)
{
	return fail_at(ps, ps->p, why);
}

static struct expr *node(enum op op)
{
	struct expr *e = xcalloc(1, sizeof(*e));

	e->op = op;
	return e;
}

static void blanks(struct parser *ps)
{
	while (*ps->p == ' ' || *ps->p == '\t')
		ps->p++;
}

static bool ends_word(char c)
{
	return !c || strchr(" \t()<>=!~\"", c);
}

/** The length of the word at the cursor. */
static size_t word_len(const struct parser *ps)
{
	size_t n = 0;

	while (!ends_word(ps->p[n]))
		n++;
	return n;
}

static bool is_word(const char *p, size_t len, const char *word)
{
	return strlen(word) == len && !strncasecmp(p, word, len);
}

static bool take_word(struct parser *ps, const char *word)
{
	size_t n = word_len(ps);

	if (!is_word(ps->p, n, word))
		return false;
	ps->p += n;
	return true;
}

static bool take_cmp(struct parser *ps, enum cmp *ret)
{
	static const struct {
		const char *text;
		enum cmp cmp;
	} all[] = {
		{ "<=", CMP_LE }, { ">=", CMP_GE }, { "!=", CMP_NE }, { "==", CMP_EQ },
		{ "<", CMP_LT },  { ">", CMP_GT },  { "=", CMP_EQ },
	};

	blanks(ps);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (!strncmp(ps->p, all[i].text, strlen(all[i].text))) {
			ps->p += strlen(all[i].text);
			*ret = all[i].cmp;
			return true;
		}
	return false;
}

/** What stands behind the point, in thousandths. */
static u64 take_thousandths(struct parser *ps)
{
	u64 ret = 0;

	for (unsigned unit = 100; isdigit((unsigned char)*ps->p); unit /= 10)
		ret += (u64)(*ps->p++ - '0') * unit;
	return ret;
}

/** "M", "MiB"; *shift is 0 where there is none. */
static void take_unit(struct parser *ps, unsigned *shift)
{
	static const char units[] = "KMGTPE";
	const char *unit = *ps->p ? strchr(units, toupper((unsigned char)*ps->p)) : NULL;

	*shift = 0;
	if (!unit)
		return;
	*shift = 10 * (unsigned)(unit - units + 1);
	ps->p++;
	if (*ps->p == 'i')
		ps->p++;
	if (*ps->p == 'B')
		ps->p++;
}

/** "10M", "0x7f00", "4096", "1.5G". */
static bool take_size(struct parser *ps, u64 *ret)
{
	const char *end = ps->p + strlen(ps->p);
	u64 v, thousandths = 0;
	bool point;
	unsigned shift;

	if (ps->p[0] == '0' && (ps->p[1] == 'x' || ps->p[1] == 'X')) {
		ps->p += 2;
		return parse_hex(&ps->p, end, ret) && ends_word(*ps->p);
	}
	if (!parse_dec(&ps->p, end, &v))
		return false;
	point = ps->p[0] == '.' && isdigit((unsigned char)ps->p[1]);
	if (point) {
		ps->p++;
		thousandths = take_thousandths(ps);
	}
	take_unit(ps, &shift);
	/* Half a byte is none. */
	if ((point && !shift) || (shift && v >> (64 - shift)) || !ends_word(*ps->p))
		return false;
	*ret = (v << shift) + ((UINT64_C(1) << shift) / 1000) * thousandths +
	       ((UINT64_C(1) << shift) % 1000) * thousandths / 1000;
	return true;
}

/** Short names of kinds beside those of object_kind_name(). */
static const struct {
	const char *name;
	u32 kinds;
} kind_names[] = {
#define K(kind) (UINT32_C(1) << (kind))
	{ "exe", K(OBJ_EXE) },
	{ "lib", K(OBJ_LIB) | K(OBJ_INTERP) },
	{ "file", K(OBJ_EXE) | K(OBJ_INTERP) | K(OBJ_LIB) | K(OBJ_FILE) },
	{ "shm", K(OBJ_SHM) | K(OBJ_SYSV) | K(OBJ_MEMFD) },
	{ "anon", K(OBJ_ANON) | K(OBJ_NAMED_ANON) },
	{ "anonymous", K(OBJ_ANON) | K(OBJ_NAMED_ANON) },
	{ "stacks", K(OBJ_STACK) | K(OBJ_THREAD_STACK) | K(OBJ_SHADOW_STACK) },
	{ "sysv", K(OBJ_SYSV) },
	{ "guards", K(OBJ_GUARD) },
#undef K
};

/** A kind's name may have blanks; the longest that stands here is taken. */
static u32 take_kind(struct parser *ps)
{
	size_t best = 0, n;
	u32 ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kind_names) + OBJ_NKINDS; i++) {
		bool own = i < ARRAY_SIZE(kind_names);
		const char *name =
			own ? kind_names[i].name
			    : object_kind_name((enum object_kind)(i - ARRAY_SIZE(kind_names)));

		n = strlen(name);
		if (n > best && !strncasecmp(ps->p, name, n) && ends_word(ps->p[n])) {
			best = n;
			ret = own ? kind_names[i].kinds
				  : UINT32_C(1) << (i - ARRAY_SIZE(kind_names));
		}
	}
	ps->p += best;
	return ret;
}

/** A word in quotation marks, or up to a blank or a bracket. */
static char *take_text(struct parser *ps)
{
	size_t n = 0;
	char *ret;

	blanks(ps);
	if (*ps->p == '"') {
		const char *end = strchr(ps->p + 1, '"');

		if (!end)
			return NULL;
		ret = xmemdupz(ps->p + 1, (size_t)(end - ps->p - 1));
		ps->p = end + 1;
		return ret;
	}
	while (ps->p[n] && !strchr(" \t()", ps->p[n]))
		n++;
	if (!n)
		return NULL;
	ret = xmemdupz(ps->p, n);
	ps->p += n;
	return ret;
}

/** "=" or "!="; 0 neither, -1 the latter. */
static int take_equal(struct parser *ps)
{
	const char *at;
	enum cmp cmp;

	blanks(ps);
	at = ps->p;
	if (take_cmp(ps, &cmp) && (cmp == CMP_EQ || cmp == CMP_NE))
		return cmp == CMP_EQ ? 1 : -1;
	ps->p = at;
	return 0;
}

/** `e`, or its opposite after "!=". */
static struct expr *equal(struct expr *e, int how)
{
	struct expr *wrap;

	if (how > 0)
		return e;
	wrap = node(OP_NOT);
	wrap->a = e;
	return wrap;
}

static struct expr *parse_text(struct parser *ps, enum op op, int how)
{
	struct expr *e;
	char *text = take_text(ps);

	if (!text)
		return fail(ps,
			    *ps->p == '"' ? "the closing \" is missing" : "a text is wanted here");
	e = node(op);
	e->text = text;
	return equal(e, how);
}

static struct expr *parse_name(struct parser *ps)
{
	int how;

	blanks(ps);
	if (*ps->p == '~') {
		ps->p++;
		return parse_text(ps, OP_NAME, 1);
	}
	how = take_equal(ps);
	if (!how)
		return fail(ps, "after \"name\" comes ~, = or !=");
	return parse_text(ps, OP_NAME_IS, how);
}

static struct expr *parse_kind(struct parser *ps)
{
	struct expr *e;
	int how = take_equal(ps);
	u32 kinds;

	if (!how)
		return fail(ps, "after \"kind\" comes = or !=");
	blanks(ps);
	kinds = take_kind(ps);
	if (!kinds)
		return fail(ps, "no kind: heap, stack, lib, exe, anon, file, shm, ...");
	e = node(OP_KIND);
	e->kinds = kinds;
	return equal(e, how);
}

static struct expr *parse_role(struct parser *ps)
{
	int how = take_equal(ps);
	struct expr *e;

	if (!how)
		return fail(ps, "after \"role\" comes = or !=");
	blanks(ps);
	/* ".text" is meant by many. */
	ps->p += *ps->p == '.';
	for (unsigned i = ROLE_NONE + 1; i < ROLE_NROLES; i++) {
		const char *name = vma_role_name((enum vma_role)i);
		size_t n = strlen(name);

		if (strncasecmp(ps->p, name, n) || !ends_word(ps->p[n]))
			continue;
		ps->p += n;
		e = node(OP_ROLE);
		e->kinds = UINT32_C(1) << i;
		return equal(e, how);
	}
	return fail(ps, "no role: text, data, bss, rodata, relro, guard, ...");
}

static struct expr *parse_figure(struct parser *ps, unsigned i)
{
	struct expr *e = node(OP_FIGURE);
	const char *at;

	e->figure = i;
	if (!take_cmp(ps, &e->cmp)) {
		expr_free(e);
		return fail(ps, "a comparison is wanted here: = != < <= > >=");
	}
	blanks(ps);
	at = ps->p;
	if (!take_size(ps, &e->n)) {
		expr_free(e);
		return fail_at(ps, at,
			       *at ? "a number is wanted here: 4096, 10M, 0x7f00"
				   : "a number is missing at the end: 4096, 10M, 0x7f00");
	}
	return e;
}

/** "rw-p", "r?x", "w": letters in their order, '-' must not be, '?' may be. */
static bool perms_word(const char *p, size_t n, struct expr *e)
{
	static const char letters[] = "rwx";

	if (!n || n > 4)
		return false;
	/* Letters alone, in any number: "w", "wx". */
	for (size_t i = 0, at = 0; i < n; i++, at++) {
		if (at < 3 && p[i] == letters[at])
			e->perms_on |= (u8)(1u << at);
		else if (at < 3 && p[i] == '-')
			e->perms_off |= (u8)(1u << at);
		else if (p[i] == '?')
			continue;
		else if (p[i] == 's' && i + 1 == n)
			e->perms_on |= PERM_SHARED;
		else if (p[i] == 'p' && i + 1 == n)
			e->perms_off |= PERM_SHARED;
		else if (at < 3 && strchr(letters + at, p[i]))
			e->perms_on |= (u8)(1u << (at = (size_t)(strchr(letters, p[i]) - letters)));
		else
			return false;
	}
	return true;
}

/** As the column is headed: "perm = rw-p". */
static struct expr *parse_perms(struct parser *ps)
{
	struct expr perms = { .op = OP_PERMS }, *e;
	int how = take_equal(ps);
	size_t n;

	if (!how)
		return fail(ps, "after \"perm\" comes = or !=");
	blanks(ps);
	n = word_len(ps);
	if (!perms_word(ps->p, n, &perms))
		return fail(ps, "permissions are wanted here: rw-p, r?x, w");
	ps->p += n;
	e = node(OP_PERMS);
	e->perms_on = perms.perms_on;
	e->perms_off = perms.perms_off;
	return equal(e, how);
}

/** "rss >", "kind =", "name ~": what is compared. NULL and no error: it is none of them. */
static struct expr *parse_comparison(struct parser *ps)
{
	size_t n = word_len(ps);
	const char *next = ps->p + n;

	while (*next == ' ' || *next == '\t')
		next++;
	if (!*next || !strchr("<>=!~", *next))
		return NULL;
	for (unsigned i = 0; i < nexpr_figures && *next != '~'; i++)
		if (is_among(ps->p, n, expr_figures[i].names)) {
			ps->p += n;
			return parse_figure(ps, i);
		}
	if (take_word(ps, "name"))
		return parse_name(ps);
	if (take_word(ps, "kind"))
		return parse_kind(ps);
	if (take_word(ps, "role"))
		return parse_role(ps);
	if (take_word(ps, "perm"))
		return parse_perms(ps);
	/* "heap ~libc": the text belongs to a test of its own. */
	if (*next == '~' && next > ps->p + n)
		return NULL;
	return fail(ps, "no such figure: rss pss swap dirty size ...; ~text finds a name");
}

/** A word that says it all. */
static struct expr *parse_word(struct parser *ps)
{
	struct expr perms = { .op = OP_PERMS }, *e;
	size_t n = word_len(ps);
	u32 kinds;

	if (take_word(ps, "deleted"))
		return node(OP_DELETED);
	kinds = take_kind(ps);
	if (kinds) {
		e = node(OP_KIND);
		e->kinds = kinds;
		return e;
	}
	if (!perms_word(ps->p, n, &perms)) {
		for (size_t i = 0; i < nexpr_figures; i++)
			if (is_among(ps->p, n, expr_figures[i].names))
				return fail(ps, "after a figure comes a comparison, as in: > 10M");
		return fail(ps, "no permissions, kind or comparison; ~text finds a name");
	}
	e = node(OP_PERMS);
	e->perms_on = perms.perms_on;
	e->perms_off = perms.perms_off;
	ps->p += n;
	return e;
}

static struct expr *parse_test(struct parser *ps)
{
	struct expr *e;

	if (++ps->tests > TESTS_MAX)
		return fail(ps, "too many tests");
	if (*ps->p == '~' || *ps->p == '"') {
		ps->p += *ps->p == '~';
		return parse_text(ps, OP_NAME, 1);
	}
	if (!word_len(ps))
		return fail(ps,
			    *ps->p ? "a test is wanted here" : "something is missing at the end");
	e = parse_comparison(ps);
	return e || ps->error ? e : parse_word(ps);
}

static struct expr *parse_or(struct parser *ps);

static struct expr *parse_not(struct parser *ps)
{
	struct expr *e, *inner;

	blanks(ps);
	if (++ps->depth > DEPTH_MAX)
		return fail(ps, "nested too deep");
	if (take_word(ps, "not")) {
		inner = parse_not(ps);
		ps->depth--;
		if (!inner)
			return NULL;
		e = node(OP_NOT);
		e->a = inner;
		return e;
	}
	if (*ps->p == '(') {
		ps->p++;
		e = parse_or(ps);
		blanks(ps);
		if (e && *ps->p != ')') {
			expr_free(e);
			return fail(ps, "a ) is missing");
		}
		ps->p += e != NULL;
	} else {
		e = parse_test(ps);
	}
	ps->depth--;
	return e;
}

static struct expr *join(enum op op, struct expr *a, struct expr *b)
{
	struct expr *e;

	if (!b) {
		expr_free(a);
		return NULL;
	}
	e = node(op);
	e->a = a;
	e->b = b;
	return e;
}

static struct expr *parse_and(struct parser *ps)
{
	struct expr *e = parse_not(ps);

	while (e) {
		blanks(ps);
		if (!*ps->p || *ps->p == ')' || is_word(ps->p, word_len(ps), "or"))
			break;
		take_word(ps, "and");
		e = join(OP_AND, e, parse_not(ps));
	}
	return e;
}

static struct expr *parse_or(struct parser *ps)
{
	struct expr *e = parse_and(ps);

	while (e) {
		blanks(ps);
		if (!take_word(ps, "or"))
			break;
		e = join(OP_OR, e, parse_and(ps));
	}
	return e;
}

struct expr *expr_new(const char *text, char **error, size_t *at)
{
	struct parser ps = { .text = text, .p = text };
	struct expr *e;

	*error = NULL;
	*at = 0;
	blanks(&ps);
	if (!*ps.p)
		return node(OP_TRUE);
	e = parse_or(&ps);
	blanks(&ps);
	if (e && *ps.p) {
		expr_free(e);
		e = fail(&ps, "what follows is not understood");
	}
	if (!e) {
		*error = xstrdup(ps.error);
		*at = (size_t)(ps.error_at - text);
	}
	return e;
}
