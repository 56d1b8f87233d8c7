/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmap-tree, the file at the top of a recorded tree that says what machine it is of. Lines of
 * "key value":
 *
 *	format 1			must be 1 if it is there
 *	machine x86_64			uname -m; required
 *	page_size 4096			bytes; required
 *	release 6.18.0			uname -r
 *	byte_order little		or big; of the binary files (auxv)
 *	bits 64				or 32; of the kernel
 *	time 2026-11-21T22:30:12Z	when it was recorded, UTC
 *
 * Empty lines, lines that start with # and unknown keys are ignored; of a key that comes twice the
 * last counts. byte_order and bits follow from the machine where they are missing, release is then
 * "" and time unknown. Anything else is malformed.
 */
#include "root.h"

#include <stdlib.h>
#include <string.h>

/** The value of a procmap-tree line: one word of visible ASCII; NULL when it is not. */
static char *tree_word(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (value[i] <= ' ' || value[i] >= 0x7f)
			return NULL;
	return len ? xmemdupz(value, len) : NULL;
}

static bool tree_string(char **to, const char *value, size_t len)
{
	free(*to);
	*to = tree_word(value, len);
	return *to != NULL;
}

/** "2026-11-21T22:30:12Z", the digits anywhere from 0 to 9. */
static bool tree_time(char **to, const char *value, size_t len)
{
	static const char shape[] = "dddd-dd-ddTdd:dd:ddZ";

	if (len != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (shape[i] == 'd' ? value[i] < '0' || value[i] > '9' : value[i] != shape[i])
			return false;
	return tree_string(to, value, len);
}

static bool is(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(s, word, len);
}

/** What a tree may say about its machine, while it is read. */
struct tree_facts {
	struct host host;
	bool order_known;
};

static bool tree_pair(struct tree_facts *t, const char *key, size_t klen, const char *value,
		      size_t len)
{
	const char *p = value, *end = value + len;
	struct host *h = &t->host;
	u64 n;

	if (is(key, klen, "machine"))
		return tree_string(&h->machine, value, len);
	if (is(key, klen, "release"))
		return tree_string(&h->release, value, len);
	if (is(key, klen, "time"))
		return tree_time(&h->time, value, len);
	if (is(key, klen, "byte_order")) {
		h->big_endian = is(value, len, "big");
		t->order_known = true;
		return h->big_endian || is(value, len, "little");
	}
	if (!is(key, klen, "format") && !is(key, klen, "page_size") && !is(key, klen, "bits"))
		return true;
	if (!parse_dec(&p, end, &n) || p != end)
		return false;
	if (is(key, klen, "format"))
		return n == 1;
	if (is(key, klen, "bits")) {
		h->bits = (u8)n;
		return n == 32 || n == 64;
	}
	h->page_size = (u32)n;
	/* The smallest and largest page sizes of any port in 6.18, with room to both sides. */
	return n >= 1024 && n <= MIB && !(n & (n - 1));
}

/** One line without its newline; false when it is malformed. */
static bool tree_line(struct tree_facts *t, const char *line, const char *end)
{
	const char *key, *key_end;

	while (end > line && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
		end--;
	skip_blanks(&line, end);
	if (line == end || *line == '#')
		return true;
	key = line;
	while (line < end && *line != ' ' && *line != '\t')
		line++;
	key_end = line;
	skip_blanks(&line, end);
	return tree_pair(t, key, (size_t)(key_end - key), line, (size_t)(end - line));
}

void host_free(struct host *h)
{
	free(h->machine);
	free(h->release);
	free(h->time);
	h->machine = h->release = h->time = NULL;
}

bool tree_parse(const char *text, size_t len, struct host *ret)
{
	const char *p = text, *end = text + len;
	struct tree_facts t = { 0 };
	bool ok = true;

	while (ok && p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		ok = tree_line(&t, p, nl ? nl : end);
		p = nl ? nl + 1 : end;
	}
	if (!ok || !t.host.machine || !t.host.page_size) {
		host_free(&t.host);
		return false;
	}
	if (!t.host.release)
		t.host.release = xstrdup("");
	if (!t.host.bits)
		t.host.bits = machine_bits(t.host.machine);
	if (!t.order_known)
		t.host.big_endian = machine_big_endian(t.host.machine);
	t.host.recorded = true;
	*ret = t.host;
	return true;
}
