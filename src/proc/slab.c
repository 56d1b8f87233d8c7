/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * slabinfo names each cache once. Where SLUB merged several into one, /sys/kernel/slab has a
 * directory with a made-up name (":A-0000192") and a link to it for each of them; a cache that
 * was not merged has a directory of its own name. All these files are root's (0400).
 *
 * The files of a directory that count objects make the kernel walk lists, so for the list of all
 * caches only two that cost nothing are read: object_size and reclaim_account.
 */
#include "slab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pid_parse.h"

#define SYSFS "sys/kernel/slab"

/* --- slabinfo --------------------------------------------------------------------------------- */

/** The last word of [p, *end), which is shortened by it and the blanks before it. */
static bool last_word(const char *p, const char **end, struct slice *ret)
{
	const char *q = *end, *from;

	while (q > p && q[-1] == ' ')
		q--;
	for (from = q; from > p && from[-1] != ' ';)
		from--;
	*ret = (struct slice){ from, (size_t)(q - from) };
	*end = from;
	return q > from;
}

/** A word that is a number and nothing else. */
static bool word_number(struct slice w, u64 *ret)
{
	const char *p = w.p;

	return parse_dec(&p, w.p + w.len, ret) && p == w.p + w.len;
}

/** "NAME used objects slot per_slab pages": the name may hold blanks, so from the right. */
static bool parse_head(const char *p, const char *end, struct slice *name, struct slab_cache *c)
{
	u64 *const to[] = { &c->pages, &c->per_slab, &c->slot, &c->objects, &c->used };
	struct slice w;

	for (size_t i = 0; i < ARRAY_SIZE(to); i++)
		if (!last_word(p, &end, &w) || !word_number(w, to[i]))
			return false;
	while (end > p && end[-1] == ' ')
		end--;
	*name = (struct slice){ p, (size_t)(end - p) };
	return end > p && !memchr(p, '\0', name->len);
}

/** "... : tunables a b c : slabdata active slabs shared", and with statistics more of it. */
static bool parse_cache(struct slice line, struct slice *name, struct slab_cache *c)
{
	static const char tunables[] = " : tunables ", slabdata[] = " : slabdata ";
	const char *end = line.p + line.len, *head = NULL, *q;
	u64 active;

	/* The last one: a name may pretend to hold it. */
	for (const char *p = line.p;
	     (q = memmem(p, (size_t)(end - p), tunables, sizeof(tunables) - 1)); p = q + 1)
		head = q;
	if (!head || !parse_head(line.p, head, name, c))
		return false;
	q = memmem(head, (size_t)(end - head), slabdata, sizeof(slabdata) - 1);
	if (!q)
		return false;
	q += sizeof(slabdata) - 1;
	skip_blanks(&q, end);
	if (!parse_dec(&q, end, &active))
		return false;
	skip_blanks(&q, end);
	return parse_dec(&q, end, &c->slabs);
}

bool slabinfo_parse(const char *text, size_t len, struct slab_info *ret)
{
	const char *p = text, *end = text + len;
	struct slice line, rest;

	if (!next_line(&p, end, &line) || !slice_after(line, "slabinfo - version: 2.", &rest))
		return false;
	while (ret->ncaches < SLAB_CACHES_MAX && next_line(&p, end, &line)) {
		struct slab_cache c = { 0 };
		struct slice name;

		if ((line.len && line.p[0] == '#') || !parse_cache(line, &name, &c))
			continue;
		c.name = strtab_add(&ret->names, name.p, name.len);
		*slab_add_cache(ret) = c;
	}
	return true;
}

/* --- allocinfo -------------------------------------------------------------------------------- */

/** "       4096        1 mm/slub.c:2424 [module] func:alloc_slab_page": size, calls, the rest. */
static bool parse_site(struct slice line, struct slab_info *ret)
{
	const char *p = line.p, *end = line.p + line.len;
	struct alloc_site site = { 0 };
	struct slice w;

	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &site.bytes))
		return false;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &site.calls) || p == end || *p != ' ' ||
	    memchr(p, '\0', (size_t)(end - p)))
		return false;
	while (p < end) {
		const char *to;

		skip_blanks(&p, end);
		to = memchr(p, ' ', (size_t)(end - p));
		w = (struct slice){ p, (size_t)((to ? to : end) - p) };
		p = w.p + w.len;
		if (!site.place)
			site.place = strtab_add(&ret->names, w.p, w.len);
		else if (w.len > 2 && w.p[0] == '[' && w.p[w.len - 1] == ']')
			site.module = strtab_add(&ret->names, w.p + 1, w.len - 2);
		else if (w.len > 5 && !memcmp(w.p, "func:", 5))
			site.function = strtab_add(&ret->names, w.p + 5, w.len - 5);
	}
	if (!site.place)
		return false;
	*slab_add_site(ret) = site;
	return true;
}

bool allocinfo_parse(const char *text, size_t len, struct slab_info *ret)
{
	const char *p = text, *end = text + len;
	struct slice line, rest;

	if (!next_line(&p, end, &line) || !slice_after(line, "allocinfo - version:", &rest))
		return false;
	ret->have_sites = true;
	while (ret->nsites < SLAB_SITES_MAX && next_line(&p, end, &line))
		parse_site(line, ret);
	return true;
}

/* --- sysfs ------------------------------------------------------------------------------------ */

struct slab_reader {
	struct root *root;
	struct space *space;
	struct slab_info *info;
	struct buf text, path; /**< scratch */
	int err;	       /**< the first refusal below /sys/kernel/slab */
};

/** Slurps a file of a directory into rd->text, less its last newline; false when it cannot. */
static bool slurp_attr(struct slab_reader *rd, const char *dir, const char *name)
{
	int err;

	buf_clear(&rd->path);
	buf_addf(&rd->path, SYSFS "/%s/%s", dir, name);
	err = root_slurp(rd->root, rd->path.p, ROOT_CAP_DAC, &rd->text);
	if (err) {
		if (err != -ENOENT && !rd->err)
			rd->err = err;
		return false;
	}
	while (rd->text.len && rd->text.p[rd->text.len - 1] == '\n')
		rd->text.p[--rd->text.len] = '\0';
	return true;
}

static struct fig attr_number(struct slab_reader *rd, const char *dir, const char *name)
{
	const char *p;
	u64 n;

	if (!slurp_attr(rd, dir, name) || !rd->text.len)
		return (struct fig){ 0 };
	p = rd->text.p;
	return parse_dec(&p, rd->text.p + rd->text.len, &n) && p == rd->text.p + rd->text.len
		       ? FIG(n)
		       : (struct fig){ 0 };
}

/** The names below /sys/kernel/slab and where they lead; -errno. */
static int read_links(struct slab_reader *rd)
{
	struct slab_info *i = rd->info;
	char **names = NULL;
	size_t n = 0;
	int err = root_list(rd->root, SYSFS, ROOT_CAP_DAC, &names, &n);

	if (err)
		return err;
	for (size_t k = 0; k < n && k < SLAB_CACHES_MAX; k++) {
		u32 name = strtab_add(&i->names, names[k], strlen(names[k])), dir = name;

		/* A name that SLUB made up is never a link. */
		if (names[k][0] != ':') {
			buf_clear(&rd->path);
			buf_addf(&rd->path, SYSFS "/%s", names[k]);
			/* Links lead to a neighbour; any other is none of SLUB's. */
			if (!root_readlink(rd->root, rd->path.p, &rd->text))
				dir = memchr(rd->text.p, '/', rd->text.len)
					      ? 0
					      : strtab_add(&i->names, rd->text.p, rd->text.len);
		}
		if (dir)
			slab_add_link(i, name, dir);
	}
	names_free(names, n);
	return 0;
}

static void read_cache(struct slab_reader *rd, struct slab_cache *c)
{
	/* strtab_get() is valid until names grow, which they do not here. */
	const char *dir = strtab_get(&rd->info->names, c->dir);

	if (!c->dir)
		return;
	c->object_size = attr_number(rd, dir, "object_size");
	c->reclaimable = attr_number(rd, dir, "reclaim_account");
	if (c->reclaimable.v > 1)
		c->reclaimable.have = false;
}

/** Every file of a directory. shrink and validate have nothing to say when read. */
static void read_attrs(struct slab_reader *rd, const struct slab_cache *c)
{
	struct slab_info *i = rd->info;
	char *dir = xstrdup(strtab_get(&i->names, c->dir)), **names = NULL;
	size_t n = 0;
	int err = 0;

	buf_clear(&rd->path);
	buf_addf(&rd->path, SYSFS "/%s", dir);
	if (c->dir)
		err = root_list(rd->root, rd->path.p, ROOT_CAP_DAC, &names, &n);
	if (err && !rd->err)
		rd->err = err;
	for (size_t k = 0; k < n; k++) {
		if (!strcmp(names[k], "shrink") || !strcmp(names[k], "validate") ||
		    !slurp_attr(rd, dir, names[k]))
			continue;
		if (rd->text.len && memchr(rd->text.p, '\0', rd->text.len))
			continue;
		slab_add_attr(i, strtab_add(&i->names, names[k], strlen(names[k])),
			      strtab_add(&i->names, rd->text.p ? rd->text.p : "", rd->text.len));
	}
	names_free(names, n);
	free(dir);
}

static void read_sysfs(struct slab_reader *rd)
{
	int err = read_links(rd);

	slab_link(rd->info);
	if (!err) {
		for (size_t k = 0; k < rd->info->ncaches; k++)
			read_cache(rd, &rd->info->caches[k]);
		err = rd->err;
	}
	if (err == -ENOENT)
		space_note(rd->space, NOTE_ABSENT, "/sys/kernel/slab", ENOENT, NULL,
			   "object sizes, merged names, what is reclaimable");
	else if (err)
		space_note(rd->space, NOTE_CLOSED, "/sys/kernel/slab", -err,
			   root_cap_name(ROOT_CAP_DAC),
			   "object sizes, merged names, what is reclaimable");
}

/* --- all of it -------------------------------------------------------------------------------- */

static void read_meminfo(struct slab_reader *rd)
{
	struct slab_info *i = rd->info;
	const char *p;

	if (root_slurp(rd->root, "proc/meminfo", ROOT_CAP_NONE, &rd->text) || !rd->text.len)
		return;
	p = rd->text.p;
	i->total = meminfo_bytes(p, rd->text.len, "Slab");
	i->reclaimable = meminfo_bytes(p, rd->text.len, "SReclaimable");
	i->unreclaimable = meminfo_bytes(p, rd->text.len, "SUnreclaim");
}

/** Only kernels built with CONFIG_MEM_ALLOC_PROFILING (6.10) have it; its absence is no news. */
static void read_allocinfo(struct slab_reader *rd)
{
	int err = root_slurp(rd->root, "proc/allocinfo", ROOT_CAP_DAC, &rd->text);

	if (!err && !allocinfo_parse(rd->text.p ? rd->text.p : "", rd->text.len, rd->info))
		err = -EBADMSG;
	if (err && err != -ENOENT)
		space_note(rd->space, NOTE_CLOSED, "allocinfo", -err,
			   err == -EBADMSG ? NULL : root_cap_name(ROOT_CAP_DAC),
			   "who allocated what");
}

int slab_read(struct root *r, struct space *s, const char *cache, struct slab_info *ret)
{
	struct slab_reader rd = { .root = r, .space = s, .info = ret };
	int err = root_slurp(r, "proc/slabinfo", ROOT_CAP_DAC, &rd.text);

	if (s->host.page_size)
		ret->page_size = s->host.page_size;
	if (s->host.bits)
		ret->word = s->host.bits / 8;
	if (!err && !slabinfo_parse(rd.text.p ? rd.text.p : "", rd.text.len, ret))
		err = -EBADMSG;
	if (!err) {
		read_meminfo(&rd);
		read_sysfs(&rd);
		if (cache) {
			ret->chosen = slab_find(ret, cache);
			if (ret->chosen != NO_INDEX)
				read_attrs(&rd, &ret->caches[ret->chosen]);
			else
				err = -ENXIO;
		} else {
			read_allocinfo(&rd);
		}
	}
	slab_finish(ret);
	buf_release(&rd.text);
	buf_release(&rd.path);
	return err;
}
