/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/vmallocinfo: the areas of the vmalloc space (and, on x86_64, of the modules' one). */
#include "ksrc.h"

#include <string.h>

#include "pid_parse.h"

struct area_line {
	u64 first, end, size;
	struct slice rest; /**< caller, pages=, kind, node counts */
};

/** "0xS-0xE   size caller+0x1/0x2 pages=4 vmalloc N0=4" */
static bool area_parse(struct slice line, struct area_line *ret)
{
	const char *p = line.p, *end = line.p + line.len;

	if (line.len < 2 || memcmp(p, "0x", 2))
		return false;
	p += 2;
	if (!parse_hex(&p, end, &ret->first) || end - p < 3 || memcmp(p, "-0x", 3))
		return false;
	p += 3;
	if (!parse_hex(&p, end, &ret->end))
		return false;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &ret->size) || !ret->size)
		return false;
	skip_blanks(&p, end);
	ret->rest = (struct slice){ p, (size_t)(end - p) };
	return true;
}

static bool has(struct slice s, const char *what)
{
	return memmem(s.p, s.len, what, strlen(what)) != NULL;
}

static void count_area(const struct area_line *a, struct kvmalloc *v)
{
	const char *pages = memmem(a->rest.p, a->rest.len, " pages=", 7);
	u64 n;

	/* Freed, its page-table entries still cached somewhere: no longer in use. */
	if (a->rest.len >= 8 && !memcmp(a->rest.p, "unpurged", 8)) {
		v->unpurged += a->size;
		return;
	}
	v->count++;
	v->bytes += a->size;
	if (pages) {
		pages += 7;
		if (parse_dec(&pages, a->rest.p + a->rest.len, &n) && n <= a->size)
			v->pages += n;
	}
}

enum ksrc_state vmallocinfo_parse(const char *text, size_t len, struct kvmalloc *ret)
{
	const char *p = text, *end = text + len;
	size_t real = 0, zeros = 0, hashed = 0;
	struct slice line;

	while (next_line(&p, end, &line)) {
		struct area_line a;

		if (!area_parse(line, &a))
			continue;
		count_area(&a, ret);
		/* A hash of each end: only of real addresses the difference is the size. */
		if (!a.first && !a.end) {
			zeros++;
		} else if (a.end - a.first != a.size || a.end <= a.first) {
			hashed++;
		} else {
			real++;
			if (ret->nareas == KVMALLOC_MAX)
				continue;
			GROW(ret->areas, ret->nareas, ret->cap_areas);
			ret->areas[ret->nareas++] =
				(struct kvmalloc_area){ a.first, a.end - 1,
							has(a.rest, "pcpu_get_vm_areas") };
		}
	}
	if (real && !zeros && !hashed)
		return KSRC_READ;
	/* Mixed is as good as hashed: nothing says which of them to believe. */
	ret->nareas = 0;
	if (zeros && !hashed && !real)
		return KSRC_ZEROS;
	return real || zeros || hashed ? KSRC_HASHED : KSRC_DAMAGED;
}
