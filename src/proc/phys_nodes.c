/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes and hugetlb pools in sysfs, vmstat and meminfo, the generations of the LRU. */
#include "phys.h"

#include <stdlib.h>
#include <string.h>

/* --- text --------------------------------------------------------------------------------------
 */

void phys_parse_vmstat(struct phys *p, struct counters *c, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct slice line, name;
	u64 v;

	while (next_line(&at, end, &line))
		if (phys_word(&line, &name) && phys_number(&line, &v))
			counters_add(p, c, name.p, name.len, v);
}

void phys_parse_meminfo(struct phys *p, struct counters *c, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct slice line, name, unit;
	u64 v;

	while (next_line(&at, end, &line)) {
		struct slice rest;

		/* "Node 0 MemTotal:" */
		if (slice_after(line, "Node ", &rest) && phys_number(&rest, &v))
			line = rest;
		if (!phys_word(&line, &name) || name.len < 2 || name.p[name.len - 1] != ':' ||
		    !phys_number(&line, &v))
			continue;
		if (phys_word(&line, &unit) && slice_is(unit, "kB"))
			v = v > UINT64_MAX >> 10 ? UINT64_MAX : v << 10;
		counters_add(p, c, name.p, name.len - 1, v);
	}
}

/* --- lru_gen -----------------------------------------------------------------------------------
 */

/** A generation: "  7  12345  100  200", of the memcg and the node named last. */
static bool gen_line(struct slice line, struct lru_gen *g)
{
	return phys_number(&line, &g->seq) && phys_number(&line, &g->age_ms) &&
	       phys_number(&line, &g->anon) && phys_number(&line, &g->file);
}

void phys_parse_lru_gen(struct phys *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct lru_gen g = { .node = NO_INDEX };
	struct slice line, w;
	u64 v;

	while (next_line(&at, end, &line)) {
		struct slice rest = line;

		if (!phys_word(&rest, &w))
			continue;
		if (slice_is(w, "memcg")) {
			const char *q;

			/* "memcg  id path" */
			g.node = NO_INDEX;
			if (!phys_number(&rest, &v))
				continue;
			q = rest.p;
			skip_blanks(&q, rest.p + rest.len);
			g.memcg = phys_name(p, q, (size_t)(rest.p + rest.len - q));
		} else if (slice_is(w, "node")) {
			g.node = phys_number(&rest, &v) && v < NO_INDEX ? (u32)v : NO_INDEX;
		} else if (g.node != NO_INDEX && gen_line(line, &g)) {
			if (p->ngens == LRU_GENS_MAX) {
				p->gens_cut = true;
				return;
			}
			GROW(p->gens, p->ngens, p->cap_gens);
			p->gens[p->ngens++] = g;
		}
	}
}

void phys_read_lru_gen(struct root *r, struct phys *p)
{
	struct buf b;

	buf_init(&b);
	if (!root_slurp(r, "sys/kernel/mm/lru_gen/enabled", ROOT_CAP_NONE, &b) && b.len > 2 &&
	    !memcmp(b.p, "0x", 2)) {
		const char *q = b.p + 2;
		u64 v;

		if (parse_hex(&q, b.p + b.len, &v))
			p->lru_enabled = FIG(v);
	}
	p->lru_ttl_ms = root_number(r, "sys/kernel/mm/lru_gen/min_ttl_ms");
	/* Walking all cgroups takes the kernel a while, but there is no shorter file. */
	if (!root_slurp(r, "sys/kernel/debug/lru_gen", ROOT_CAP_DAC, &b))
		phys_parse_lru_gen(p, b.p, b.len);
	buf_release(&b);
}

/* --- sysfs -------------------------------------------------------------------------------------
 */

/** Cuts the newline (and blanks) at the end of a one-line file. */
static u32 one_line(struct root *r, struct phys *p, const char *path, struct buf *b)
{
	size_t n;

	if (root_slurp(r, path, ROOT_CAP_NONE, b))
		return 0;
	for (n = b->len; n && (b->p[n - 1] == '\n' || b->p[n - 1] == ' ');)
		n--;
	return phys_name(p, b->p, n);
}

/** The number after a prefix of a file name, and nothing but `suffix` behind it. */
static bool numbered(const char *name, const char *prefix, const char *suffix, u64 *ret)
{
	size_t n = strlen(prefix);
	const char *p = name + n, *end = name + strlen(name);

	return !strncmp(name, prefix, n) && parse_dec(&p, end, ret) && !strcmp(p, suffix);
}

static void read_node(struct root *r, struct phys *p, u32 id, struct buf *b)
{
	struct phys_node *n = phys_node(p, id);
	char *path;

	if (!n)
		return;
	path = xasprintf("sys/devices/system/node/node%u/meminfo", id);
	if (!root_slurp(r, path, ROOT_CAP_NONE, b)) {
		n->meminfo.n = 0;
		phys_parse_meminfo(p, &n->meminfo, b->p, b->len);
	}
	free(path);
	path = xasprintf("sys/devices/system/node/node%u/cpulist", id);
	n->cpulist = one_line(r, p, path, b);
	free(path);
	path = xasprintf("sys/devices/system/node/node%u/distance", id);
	n->distance = one_line(r, p, path, b);
	free(path);
}

static int by_id(const void *a, const void *b)
{
	const struct phys_node *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

void phys_read_nodes(struct root *r, struct phys *p)
{
	struct buf b;
	char **names;
	size_t n;
	u64 id;

	if (root_list(r, "sys/devices/system/node", ROOT_CAP_NONE, &names, &n))
		return;
	buf_init(&b);
	for (size_t i = 0; i < n; i++)
		if (numbered(names[i], "node", "", &id) && id < NO_INDEX)
			read_node(r, p, (u32)id, &b);
	buf_release(&b);
	names_free(names, n);
	if (p->nnodes)
		qsort(p->nodes, p->nnodes, sizeof(*p->nodes), by_id);
}

static struct fig pool_number(struct root *r, const char *dir, const char *name, const char *file)
{
	char *path = xasprintf("%s/%s/%s", dir, name, file);
	struct fig f = root_number(r, path);

	free(path);
	return f;
}

static void read_pools_of(struct root *r, struct phys *p, const char *dir, u32 node)
{
	char **names;
	size_t n;
	u64 kib;

	if (root_list(r, dir, ROOT_CAP_NONE, &names, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		struct huge_pool *pool;

		if (!numbered(names[i], "hugepages-", "kB", &kib) || !kib || kib >> 50)
			continue;
		GROW(p->pools, p->npools, p->cap_pools);
		pool = &p->pools[p->npools++];
		*pool = (struct huge_pool){ .page_size = kib << 10, .node = node };
		pool->total = pool_number(r, dir, names[i], "nr_hugepages");
		pool->free = pool_number(r, dir, names[i], "free_hugepages");
		pool->surplus = pool_number(r, dir, names[i], "surplus_hugepages");
		if (node != NO_INDEX)
			continue;
		pool->reserved = pool_number(r, dir, names[i], "resv_hugepages");
		pool->overcommit = pool_number(r, dir, names[i], "nr_overcommit_hugepages");
	}
	names_free(names, n);
}

/** By page size; the system's before those of the nodes. */
static int by_size(const void *a, const void *b)
{
	const struct huge_pool *x = a, *y = b;

	if (x->page_size != y->page_size)
		return x->page_size > y->page_size ? 1 : -1;
	/* NO_INDEX + 1 is 0. */
	return (x->node + 1 > y->node + 1) - (x->node + 1 < y->node + 1);
}

void phys_read_pools(struct root *r, struct phys *p)
{
	read_pools_of(r, p, "sys/kernel/mm/hugepages", NO_INDEX);
	for (size_t i = 0; i < p->nnodes; i++) {
		char *dir = xasprintf("sys/devices/system/node/node%u/hugepages", p->nodes[i].id);

		read_pools_of(r, p, dir, p->nodes[i].id);
		free(dir);
	}
	if (p->npools)
		qsort(p->pools, p->npools, sizeof(*p->pools), by_size);
}
