/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names for places: node and zone of a frame (/proc/zoneinfo), swap area of an entry (/proc/swaps),
 * path of a memory cgroup by its directory's inode.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "places.h"

/* Bounds of the walk over a hierarchy that may grow while we walk: neither is met in practice. */
#define CGROUPS_MAX	 65536
#define CGROUP_DEPTH_MAX 64

/* ------------------------------------------------------------------ zones */

/* The word that comes first in [*p, end), after blanks. */
static size_t first_word(const char **p, const char *end)
{
	const char *q;

	skip_blanks(p, end);
	for (q = *p; q < end && *q != ' ' && *q != '\t';)
		q++;
	return (size_t)(q - *p);
}

static bool is_word(const char *p, size_t len, const char *word)
{
	return len == strlen(word) && !memcmp(p, word, len);
}

/* "Node 0, zone   Normal": begins a zone. */
static bool parse_zone_head(const char *p, const char *end, struct zone *z)
{
	size_t len = first_word(&p, end);
	u64 node;

	if (!is_word(p, len, "Node"))
		return false;
	p += len;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &node) || node > UINT32_MAX || p == end || *p++ != ',')
		return false;
	len = first_word(&p, end);
	if (!is_word(p, len, "zone"))
		return false;
	p += len;
	len = first_word(&p, end);
	if (!len || len >= sizeof(z->name) || memchr(p, '\0', len))
		return false;
	*z = (struct zone){ .node = (u32)node };
	memcpy(z->name, p, len);
	return true;
}

/* "spanned  4095" and "start_pfn:  1": a number after a word. */
static bool parse_pair(const char *p, const char *end, const char *word, u64 *ret)
{
	size_t len = first_word(&p, end);

	if (!is_word(p, len, word))
		return false;
	p += len;
	skip_blanks(&p, end);
	return parse_dec(&p, end, ret);
}

/* The zone of a section, while it is read. */
struct zone_parse {
	struct zone z;
	bool have; /* its head was understood */
	u64 spanned;
};

static bool zone_line(struct zone_parse *zp, const char *p, const char *end)
{
	u64 start;

	if (end - p >= 4 && !memcmp(p, "Node", 4)) {
		zp->have = parse_zone_head(p, end, &zp->z);
		zp->spanned = 0;
		return false;
	}
	if (!zp->have || parse_pair(p, end, "spanned", &zp->spanned) ||
	    !parse_pair(p, end, "start_pfn:", &start))
		return false;
	zp->have = false;
	if (!zp->spanned || start + (zp->spanned - 1) < start)
		return false;
	zp->z.first_pfn = start;
	zp->z.last_pfn = start + (zp->spanned - 1);
	return true;
}

void places_parse_zoneinfo(struct places *p, const char *text, size_t len)
{
	const char *end = text + len, *line = text;
	size_t cap = p->nzones;
	struct zone_parse zp = { .have = false };

	while (line < end) {
		const char *nl = memchr(line, '\n', (size_t)(end - line));

		if (zone_line(&zp, line, nl ? nl : end)) {
			GROW(p->zones, p->nzones, cap);
			p->zones[p->nzones++] = zp.z;
		}
		if (!nl)
			break;
		line = nl + 1;
	}
}

/* ------------------------------------------------------------------ swaps */

char *places_unescape(const char *s, size_t len)
{
	char *out = xmalloc(len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		unsigned v = 0, k = 0;

		if (s[i] == '\\')
			for (k = 1; k < 4 && i + k < len && s[i + k] >= '0' && s[i + k] <= '7'; k++)
				v = v * 8 + (unsigned)(s[i + k] - '0');
		if (k == 4 && v && v < 256) {
			out[n++] = (char)v;
			i += 3;
		} else {
			out[n++] = s[i];
		}
	}
	out[n] = '\0';
	return out;
}

static bool parse_swap(const char *p, const char *end, struct swap_area *ret)
{
	const char *path;
	size_t path_len, len;

	path_len = first_word(&p, end);
	path = p;
	p += path_len;
	len = first_word(&p, end);
	if (!is_word(p, len, "file") && !is_word(p, len, "partition"))
		return false;
	p += len;
	skip_blanks(&p, end);
	if (!path_len || memchr(path, '\0', path_len) || !parse_dec(&p, end, &ret->size_kib))
		return false;
	ret->path = places_unescape(path, path_len);
	return true;
}

void places_parse_swaps(struct places *p, const char *text, size_t len)
{
	const char *end = text + len;
	/* The first line names the columns. */
	const char *line = len ? memchr(text, '\n', len) : NULL;
	size_t cap = p->nswaps;

	while (line && ++line < end) {
		const char *line_end = memchr(line, '\n', (size_t)(end - line));
		struct swap_area a;

		if (parse_swap(line, line_end ? line_end : end, &a)) {
			GROW(p->swaps, p->nswaps, cap);
			p->swaps[p->nswaps++] = a;
		}
		line = line_end;
	}
}

/* ------------------------------------------------------------------ cgroups */

struct cgroup_walk {
	struct root *r;
	struct places *p;
	size_t cap, skip; /* skip: length of the hierarchy's own path */
};

static bool inode_of(struct root *r, const char *path, u64 *ret)
{
	struct stat st;
	int fd;
	bool ok;

	if (root_open(r, path, ROOT_CAP_NONE, &fd))
		return false;
	ok = !fstat(fd, &st);
	close(fd);
	*ret = ok ? (u64)st.st_ino : 0;
	return ok;
}

/* Adds the cgroup at `path` and those below it; what is no directory is not one. */
static bool walk_cgroup(struct cgroup_walk *w, const char *path, unsigned depth)
{
	struct places *p = w->p;
	char **names;
	size_t n;
	u64 inode;

	if (depth > CGROUP_DEPTH_MAX || p->nmemcgs >= CGROUPS_MAX ||
	    root_list(w->r, path, ROOT_CAP_NONE, &names, &n))
		return false;
	if (inode_of(w->r, path, &inode)) {
		GROW(p->memcgs, p->nmemcgs, w->cap);
		p->memcgs[p->nmemcgs++] =
			(struct memcg){ inode, xstrdup(path[w->skip] ? path + w->skip : "/") };
	}
	for (size_t i = 0; i < n; i++) {
		char *child = xasprintf("%s/%s", path, names[i]);

		walk_cgroup(w, child, depth + 1);
		free(child);
	}
	names_free(names, n);
	return true;
}

static int by_inode(const void *a, const void *b)
{
	const struct memcg *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

/* One of them has the memory controller: v1's own hierarchy, or v2, beside v1 or alone. */
static void read_cgroups(struct root *r, struct places *p)
{
	static const char *const tops[] = { "sys/fs/cgroup/memory", "sys/fs/cgroup/unified",
					    "sys/fs/cgroup" };
	struct cgroup_walk w = { .r = r, .p = p };
	struct buf b;

	buf_init(&b);
	for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
		char *probe = xasprintf("%s/%s", tops[i], i ? "cgroup.controllers" : "tasks");
		int err = root_slurp(r, probe, ROOT_CAP_NONE, &b);

		free(probe);
		if (err || (i && !strstr(b.p, "memory")))
			continue;
		w.skip = strlen(tops[i]);
		if (walk_cgroup(&w, tops[i], 0))
			break;
	}
	buf_release(&b);
	if (p->nmemcgs)
		qsort(p->memcgs, p->nmemcgs, sizeof(*p->memcgs), by_inode);
}

/* ------------------------------------------------------------------ */

static u32 count_nodes(const struct places *p)
{
	u32 n = 0;

	for (size_t i = 0; i < p->nzones; i++) {
		bool seen = false;

		for (size_t j = 0; j < i; j++)
			seen |= p->zones[j].node == p->zones[i].node;
		n += !seen;
	}
	return n;
}

static void note_error(struct space *s, const char *source, int err)
{
	if (err)
		space_note(s, err == -ENOENT ? NOTE_ABSENT : NOTE_CLOSED, source, -err, NULL, NULL);
}

int places_read(struct root *r, struct space *s, struct places *ret)
{
	struct buf b;
	int err;

	*ret = (struct places){ 0 };
	buf_init(&b);
	err = root_slurp(r, "proc/zoneinfo", ROOT_CAP_NONE, &b);
	note_error(s, "zoneinfo", err);
	if (!err)
		places_parse_zoneinfo(ret, b.p, b.len);
	/* A kernel without swap has no such file, and nothing swapped. */
	if (!root_slurp(r, "proc/swaps", ROOT_CAP_NONE, &b))
		places_parse_swaps(ret, b.p, b.len);
	buf_release(&b);
	/* Inode numbers mean nothing in a copy of the tree. */
	if (root_is_live(r))
		read_cgroups(r, ret);
	if (!s->host.nnodes)
		s->host.nnodes = count_nodes(ret);
	return err;
}
