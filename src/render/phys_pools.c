/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Below the map of --phys: generations, hugetlb pools, swap, raw counters, and what must agree. */
#include "phys_view.h"

#include <stdio.h>
#include <string.h>

#include "table.h"

/* --- generations --------------------------------------------------------------------------------
 */

/** One row of the table: a generation of all cgroups of a node, counted from the youngest. */
struct gen_sum {
	u64 rank, cgroups, age_min, age_max, anon, file;
};

/** Most generations there are (MAX_NR_GENS, include/linux/mmzone.h, 6.18). */
#define GENS 4

/** How many generations of the same cgroup and node stand after this one: the file has the oldest
 * first. */
static u64 gen_rank(const struct phys *p, size_t i)
{
	u64 rank = 0;

	while (rank < GENS - 1 && i + rank + 1 < p->ngens &&
	       p->gens[i + rank + 1].memcg == p->gens[i].memcg &&
	       p->gens[i + rank + 1].node == p->gens[i].node &&
	       p->gens[i + rank + 1].seq > p->gens[i + rank].seq)
		rank++;
	return rank;
}

static void sum_gens(const struct phys *p, u32 node, struct gen_sum sums[GENS])
{
	memset(sums, 0, GENS * sizeof(*sums));
	for (size_t i = 0; i < p->ngens; i++) {
		const struct lru_gen *g = &p->gens[i];
		struct gen_sum *s = &sums[MIN(gen_rank(p, i), (u64)GENS - 1)];

		if (g->node != node)
			continue;
		s->age_min = s->cgroups ? MIN(s->age_min, g->age_ms) : g->age_ms;
		s->age_max = MAX(s->age_max, g->age_ms);
		s->cgroups++;
		s->anon += g->anon;
		s->file += g->file;
	}
}

static struct fig pages(const struct phys_view *pv, u64 n)
{
	return (struct fig){ n * pv->p->page_size, n <= UINT64_MAX / pv->p->page_size };
}

static void gens_by_node(struct phys_view *pv)
{
	static const char *const ranks[GENS] = { "youngest", "second", "third", "oldest" };
	const struct phys *p = pv->p;
	struct table *t = table_new(pv->v.o, pv->v.out);
	bool wide = pv->v.o->width >= 60;

	table_column(t, "node", TABLE_RIGHT);
	table_column(t, "generation", 0);
	if (wide)
		table_column(t, "cgroups", TABLE_RIGHT);
	if (wide)
		table_column(t, "age, s", TABLE_RIGHT);
	table_column(t, "anonymous", TABLE_RIGHT);
	table_column(t, "file", TABLE_RIGHT);
	for (size_t i = 0; i < p->nnodes; i++) {
		struct gen_sum sums[GENS];

		sum_gens(p, p->nodes[i].id, sums);
		for (unsigned k = 0; k < GENS; k++) {
			if (!sums[k].cgroups)
				continue;
			table_row(t);
			table_cell(t, "%u", p->nodes[i].id);
			table_cell(t, "%s", ranks[k]);
			if (wide)
				table_number(t, FIG(sums[k].cgroups));
			if (wide && sums[k].age_min == sums[k].age_max)
				table_cell(t, "%llu", (unsigned long long)sums[k].age_min / 1000);
			else if (wide)
				table_cell(t, "%llu-%llu",
					   (unsigned long long)sums[k].age_min / 1000,
					   (unsigned long long)sums[k].age_max / 1000);
			table_size(t, pages(pv, sums[k].anon));
			table_size(t, pages(pv, sums[k].file));
		}
	}
	table_end(t);
}

static void gens_by_cgroup(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	struct table *t = table_new(pv->v.o, pv->v.out);

	table_column(t, "node", TABLE_RIGHT);
	table_column(t, "generation", TABLE_RIGHT);
	table_column(t, "age, ms", TABLE_RIGHT);
	table_column(t, "anonymous", TABLE_RIGHT);
	table_column(t, "file", TABLE_RIGHT);
	table_column(t, "cgroup", 0);
	for (size_t i = 0; i < p->ngens; i++) {
		const struct lru_gen *g = &p->gens[i];
		const char *path = phys_text(p, g->memcg);

		if (!g->anon && !g->file)
			continue;
		table_row(t);
		table_cell(t, "%u", g->node);
		table_number(t, FIG(g->seq));
		table_number(t, FIG(g->age_ms));
		table_size(t, pages(pv, g->anon));
		table_size(t, pages(pv, g->file));
		table_text(t, path, strlen(path));
	}
	table_end(t);
}

static void gens(struct phys_view *pv)
{
	/* enum lru_gen capabilities, include/linux/mmzone.h, 6.18 */
	static const char *const bits[] = { "on", "clears accessed bits of leaves in batches",
					    "clears accessed bits of tables" };
	const struct phys *p = pv->p;
	struct flow f;
	char hex[32];

	if (!p->lru_enabled.have && !p->ngens)
		return;
	phys_heading(pv, "generations of the LRU (lru_gen)");
	if (p->ngens) {
		gens_by_node(pv);
		if (pv->v.o->verbose)
			gens_by_cgroup(pv);
	}
	flow_begin(&f, &pv->v, "lru_gen");
	if (p->lru_enabled.have) {
		snprintf(hex, sizeof(hex), "0x%04llx", (unsigned long long)p->lru_enabled.v);
		flow_str(&f, hex, STYLE_PLAIN);
		for (unsigned k = 0; k < ARRAY_SIZE(bits); k++)
			if (p->lru_enabled.v >> k & 1)
				flow_str(&f, bits[k], STYLE_PLAIN);
		if (!p->lru_enabled.v)
			flow_str(&f, "off: the active and inactive lists are used", STYLE_PLAIN);
	}
	flow_number(&f, "min_ttl_ms", p->lru_ttl_ms);
	if (!p->ngens)
		flow_str(&f, "generations: in debugfs, not mounted or closed", STYLE_DIM);
	if (p->gens_cut)
		flow_str(&f, "only the first cgroups", STYLE_NOTE);
	flow_end(&f);
}

/* --- hugetlb ------------------------------------------------------------------------------------
 */

static void pool_row(struct table *t, const struct huge_pool *pool, bool wide)
{
	const struct fig total = pool->total;

	table_row(t);
	table_size(t, FIG(pool->page_size));
	if (pool->node == NO_INDEX)
		table_cell(t, "all");
	else
		table_cell(t, "%u", pool->node);
	table_number(t, total);
	table_number(t, pool->free);
	if (wide)
		table_number(t, pool->surplus);
	if (wide && pool->node == NO_INDEX) {
		table_number(t, pool->reserved);
		table_number(t, pool->overcommit);
	} else if (wide) {
		table_cell(t, "-");
		table_cell(t, "-");
	}
	table_size(t, (struct fig){ total.v * pool->page_size,
				    total.have && total.v <= UINT64_MAX / pool->page_size });
}

static bool pool_used(const struct huge_pool *pool)
{
	return !pool->total.have || pool->total.v || pool->free.v || pool->surplus.v ||
	       pool->reserved.v || pool->overcommit.v;
}

/** "none in the pools of 2 MiB, 1 GiB". */
static void no_pools(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	struct flow f;
	struct buf b;
	bool first = true;

	buf_init(&b);
	buf_addstr(&b, "none in the pools of ");
	for (size_t i = 0; i < p->npools; i++) {
		char size[SIZE_TEXT_MAX];

		if (p->pools[i].node != NO_INDEX)
			continue;
		buf_addstr(&b, first ? "" : ", ");
		buf_add(&b, size, size_text(size, p->pools[i].page_size));
		first = false;
	}
	flow_begin(&f, &pv->v, "pages");
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	flow_end(&f);
	buf_release(&b);
}

static void pools(struct phys_view *pv)
{
	static const char *const more[] = { "surplus", "reserved", "overcommit" };
	const struct phys *p = pv->p;
	bool wide = pv->v.o->width >= 66;
	struct table *t;
	size_t shown = 0;

	if (!p->npools)
		return;
	for (size_t i = 0; i < p->npools; i++)
		shown += pv->v.o->verbose || pool_used(&p->pools[i]);
	phys_heading(pv, "hugetlb pools");
	if (!shown) {
		no_pools(pv);
		return;
	}
	t = table_new(pv->v.o, pv->v.out);
	table_column(t, "page", TABLE_RIGHT);
	table_column(t, "node", TABLE_RIGHT);
	table_column(t, "pages", TABLE_RIGHT);
	table_column(t, "free", TABLE_RIGHT);
	for (size_t i = 0; wide && i < ARRAY_SIZE(more); i++)
		table_column(t, more[i], TABLE_RIGHT);
	table_column(t, "size", TABLE_RIGHT);
	for (size_t i = 0; i < p->npools; i++)
		if (pv->v.o->verbose || pool_used(&p->pools[i]))
			pool_row(t, &p->pools[i], wide);
	table_end(t);
}

/* --- swap ---------------------------------------------------------------------------------------
 */

static void swap_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	struct table *t = table_new(pv->v.o, pv->v.out);

	table_column(t, "area", 0);
	table_column(t, "type", 0);
	table_column(t, "size", TABLE_RIGHT);
	table_column(t, "used", TABLE_RIGHT);
	table_column(t, "priority", TABLE_RIGHT);
	for (size_t i = 0; i < p->nswaps; i++) {
		const struct swap_device *d = &p->swaps[i];
		const char *path = phys_text(p, d->path), *type = phys_text(p, d->type);

		table_row(t);
		table_text(t, path, strlen(path));
		table_text(t, type, strlen(type));
		table_size(t, d->size);
		table_size(t, d->used);
		if (d->priority.have)
			table_cell(t, "%lld", (long long)d->priority.v);
		else
			table_cell(t, "?");
	}
	table_end(t);
}

static void zram_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	struct table *t = table_new(pv->v.o, pv->v.out);

	table_column(t, "device", 0);
	table_column(t, "by", 0);
	table_column(t, "size", TABLE_RIGHT);
	table_column(t, "stored", TABLE_RIGHT);
	table_column(t, "compressed", TABLE_RIGHT);
	table_column(t, "RAM used", TABLE_RIGHT);
	table_column(t, "at most", TABLE_RIGHT);
	for (size_t i = 0; i < p->nzrams; i++) {
		const struct zram_device *z = &p->zrams[i];
		const char *name = phys_text(p, z->name), *by = phys_text(p, z->algorithm);

		table_row(t);
		table_text(t, name, strlen(name));
		table_text(t, *by ? by : "?", *by ? strlen(by) : 1);
		table_size(t, z->disk);
		table_size(t, z->stored);
		table_size(t, z->compressed);
		table_size(t, z->used);
		if (z->limit.have && !z->limit.v)
			table_cell(t, "no limit");
		else
			table_size(t, z->limit);
	}
	table_end(t);
}

static void zswap_line(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	const char *by = phys_text(p, p->zswap.compressor);
	struct flow f;
	struct buf b;

	if (!p->zswap.enabled.have)
		return;
	buf_init(&b);
	flow_begin(&f, &pv->v, "zswap");
	flow_str(&f, p->zswap.enabled.v ? "on" : "off", STYLE_PLAIN);
	buf_addstr(&b, "compressor ");
	buf_addescaped(&b, *by ? by : "?", *by ? strlen(by) : 1, pv->v.row.ascii);
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	buf_clear(&b);
	if (p->zswap.max_percent.have)
		buf_addf(&b, "at most %llu %% of RAM", (unsigned long long)p->zswap.max_percent.v);
	else
		buf_addstr(&b, "at most ? of RAM");
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	flow_size(&f, "pool", counters_get(p, &p->meminfo, "Zswap"));
	flow_size(&f, "stored", counters_get(p, &p->meminfo, "Zswapped"));
	flow_end(&f);
	buf_release(&b);
}

static void swap(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	const struct counters *m = &p->meminfo, *vm = &p->vmstat;
	struct flow f;

	phys_heading(pv, "swap");
	if (p->nswaps)
		swap_table(pv);
	if (p->nzrams)
		zram_table(pv);
	flow_begin(&f, &pv->v, "swap");
	flow_number(&f, "areas", FIG(p->nswaps));
	flow_size(&f, "total", counters_get(p, m, "SwapTotal"));
	flow_size(&f, "free", counters_get(p, m, "SwapFree"));
	flow_size(&f, "cached", counters_get(p, m, "SwapCached"));
	flow_number(&f, "pages in", counters_get(p, vm, "pswpin"));
	flow_number(&f, "out", counters_get(p, vm, "pswpout"));
	flow_end(&f);
	zswap_line(pv);
}

/* --- raw counters -------------------------------------------------------------------------------
 */

static void counters_lines(struct phys_view *pv, const char *label, const struct counters *c,
			   bool bytes)
{
	struct flow f;
	struct buf b;

	if (!c->n)
		return;
	buf_init(&b);
	/* A name may be empty: there is a string all the same. */
	buf_addstr(&b, "");
	flow_begin(&f, &pv->v, label);
	for (size_t i = 0; i < c->n; i++) {
		const char *name = phys_text(pv->p, c->p[i].name);

		buf_clear(&b);
		buf_addescaped(&b, name, strlen(name), pv->v.row.ascii);
		/* HugePages_Total and its like are numbers. */
		if (bytes && strncmp(name, "HugePages_", 10))
			flow_size(&f, b.p, FIG(c->p[i].v));
		else
			flow_number(&f, b.p, FIG(c->p[i].v));
	}
	flow_end(&f);
	buf_release(&b);
}

/** Every counter there is, with --verbose. */
static void raw_counters(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	struct buf b;

	if (!pv->v.o->verbose)
		return;
	buf_init(&b);
	phys_heading(pv, "all counters (pages or events; of meminfo sizes)");
	for (size_t i = 0; i < p->nzones; i++) {
		buf_clear(&b);
		zone_label(p, (u32)i, &b);
		if (p->zones[i].spanned.v)
			counters_lines(pv, b.p, &p->zones[i].counters, false);
	}
	for (size_t i = 0; i < p->nnodes; i++) {
		buf_clear(&b);
		buf_addf(&b, "node %u", p->nodes[i].id);
		counters_lines(pv, b.p, &p->nodes[i].stats, false);
		counters_lines(pv, b.p, &p->nodes[i].meminfo, true);
	}
	counters_lines(pv, "vmstat", &p->vmstat, false);
	counters_lines(pv, "meminfo", &p->meminfo, true);
	buf_release(&b);
}

/* --- what must agree ----------------------------------------------------------------------------
 */

static void add_size(struct phys_view *pv, struct buf *b, u64 bytes)
{
	char t[SIZE_TEXT_MAX];

	buf_add(b, t, format_size(t, bytes, pv->v.o->bytes ? SIZE_BYTES : SIZE_LONG));
}

static void checks(struct phys_view *pv)
{
	struct phys_check list[PHYS_CHECKS];
	size_t n = phys_checks(pv->p, list);
	struct flow f;
	struct buf b;

	if (!n)
		return;
	buf_init(&b);
	phys_heading(pv, "totals that must agree");
	flow_begin(&f, &pv->v, "totals");
	for (size_t i = 0; i < n; i++) {
		const struct phys_check *c = &list[i];

		flow_newline(&f);
		buf_clear(&b);
		buf_addf(&b, "%s ", c->a);
		add_size(pv, &b, c->va.v);
		if (c->va.v == c->vb.v) {
			buf_addf(&b, " = %s", c->b);
		} else {
			bool more = c->va.v > c->vb.v;

			buf_addf(&b, ": %s ", c->b);
			add_size(pv, &b, c->vb.v);
			buf_addstr(&b, more ? ", less by " : ", more by ");
			add_size(pv, &b, more ? c->va.v - c->vb.v : c->vb.v - c->va.v);
			buf_addf(&b, " (%s)", c->why);
		}
		flow_item(&f, b.p, b.len, c->va.v == c->vb.v ? STYLE_PLAIN : STYLE_NOTE);
	}
	flow_end(&f);
	buf_release(&b);
}

void phys_pools(struct phys_view *pv)
{
	gens(pv);
	pools(pv);
	swap(pv);
	checks(pv);
	raw_counters(pv);
}
