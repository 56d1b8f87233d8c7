/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zoneinfo, buddyinfo and pagetypeinfo (mm/vmstat.c): zones in full. Lines are known by their
 * first word, so that what newer kernels add is kept as a counter and what older ones lack stays
 * unknown.
 */
#include "phys.h"

#include <stdlib.h>
#include <string.h>

bool phys_word(struct slice *line, struct slice *ret)
{
	const char *p = line->p, *end = line->p + line->len, *q;

	skip_blanks(&p, end);
	for (q = p; q < end && *q != ' ' && *q != '\t';)
		q++;
	*ret = (struct slice){ p, (size_t)(q - p) };
	*line = (struct slice){ q, (size_t)(end - q) };
	return ret->len;
}

bool phys_number(struct slice *line, u64 *ret)
{
	struct slice w, rest = *line;
	const char *p;

	if (!phys_word(&rest, &w))
		return false;
	p = w.p;
	if (!parse_dec(&p, w.p + w.len, ret) || p != w.p + w.len)
		return false;
	*line = rest;
	return true;
}

/** Longer than any name of a zone (mm/page_alloc.c, zone_names). */
#define ZONE_NAME_MAX 24

/** A number of pages: no machine has more than 2^56 bytes of RAM. What has more is no number of it.
 */
static bool page_count(struct slice *line, u64 *ret)
{
	return phys_number(line, ret) && !(*ret >> 44);
}

/** "Node 0, zone   Normal": the rest of the line, which may begin with a comma, stays in *line. */
static bool zone_head(struct slice *line, u32 *node, struct slice *name)
{
	const char *p, *end;
	struct slice w;
	u64 v;

	if (!phys_word(line, &w) || !slice_is(w, "Node"))
		return false;
	p = line->p;
	end = line->p + line->len;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &v) || v >= NO_INDEX || p == end || *p++ != ',')
		return false;
	*node = (u32)v;
	*line = (struct slice){ p, (size_t)(end - p) };
	if (!phys_word(line, &w) || !slice_is(w, "zone") || !phys_word(line, name))
		return false;
	/* pagetypeinfo has "zone Normal, type Movable". */
	if (name->len && name->p[name->len - 1] == ',')
		name->len--;
	return name->len && name->len <= ZONE_NAME_MAX;
}

/* --- zoneinfo ----------------------------------------------------------------------------------
 */

/** Which lines follow. */
enum section {
	SECTION_NONE,
	SECTION_NODE, /**< "per-node stats" */
	SECTION_ZONE,
	SECTION_PAGESETS,
};

struct zoneinfo_parse {
	struct phys *p;
	enum section section;
	size_t zone; /**< index; valid but in SECTION_NONE */
	u32 node;
};

/** The figures a zone has a field for. */
static struct fig *zone_fig(struct phys_zone *z, struct slice name)
{
	const struct {
		const char *name;
		struct fig *f;
	} figs[] = {
		{ "boost", &z->boost },	    { "min", &z->min },
		{ "low", &z->low },	    { "high", &z->high },
		{ "promo", &z->promo },	    { "spanned", &z->spanned },
		{ "present", &z->present }, { "managed", &z->managed },
		{ "cma", &z->cma },	    { "start_pfn:", &z->start_pfn },
	};

	for (size_t i = 0; i < ARRAY_SIZE(figs); i++)
		if (slice_is(name, figs[i].name))
			return figs[i].f;
	return NULL;
}

/** "protection: (0, 3019, 15179)". */
static void parse_protection(struct phys_zone *z, struct slice line)
{
	const char *p = line.p, *end = line.p + line.len;

	z->nreserve = 0;
	while (p < end && z->nreserve < ARRAY_SIZE(z->reserve)) {
		u64 v;

		while (p < end && (*p < '0' || *p > '9'))
			p++;
		if (!parse_dec(&p, end, &v))
			break;
		z->reserve[z->nreserve++] = v;
	}
}

static void pageset_line(struct phys_zone *z, struct slice key, struct slice line)
{
	struct slice rest;
	u64 v;

	if (slice_is(key, "cpu:")) {
		z->cpus++;
	} else if (slice_is(key, "vm")) {
		/* "vm stats threshold: 24" */
		if (slice_after(line, " stats threshold:", &rest) && page_count(&rest, &v))
			z->lag += v;
	} else if (page_count(&line, &v)) {
		if (slice_is(key, "count:"))
			z->pcp += v;
		else if (slice_is(key, "high:"))
			z->pcp_high += v;
		else if (slice_is(key, "batch:"))
			z->pcp_batch = MAX(z->pcp_batch, v);
	}
}

static void zone_line(struct zoneinfo_parse *zp, struct slice key, struct slice line)
{
	struct phys_zone *z = &zp->p->zones[zp->zone];
	struct fig *f = zone_fig(z, key);
	u64 v;

	if (slice_is(key, "protection:")) {
		parse_protection(z, line);
	} else if (phys_number(&line, &v)) {
		if (f && !(v >> 44))
			*f = FIG(v);
		else if (!f && key.p[key.len - 1] != ':')
			counters_add(zp->p, &z->counters, key.p, key.len, v);
	}
}

/** Begins a zone; a second one of the same name is none. */
static void begin_zone(struct zoneinfo_parse *zp, struct slice line)
{
	struct phys *p = zp->p;
	struct slice name;
	u32 node;

	zp->section = SECTION_NONE;
	if (!zone_head(&line, &node, &name) || phys_zone(p, node, name.p, name.len) ||
	    p->nzones == ZONES_MAX || !phys_node(p, node))
		return;
	GROW(p->zones, p->nzones, p->cap_zones);
	zp->zone = p->nzones++;
	zp->node = node;
	zp->section = SECTION_ZONE;
	p->zones[zp->zone] =
		(struct phys_zone){ .node = node, .name = phys_name(p, name.p, name.len) };
}

static void zoneinfo_line(struct zoneinfo_parse *zp, struct slice line)
{
	struct slice key, next = line;
	struct phys_zone *z;
	u64 v;

	if (!phys_word(&next, &key))
		return;
	if (line.p == key.p && slice_is(key, "Node")) {
		begin_zone(zp, line);
		return;
	}
	if (zp->section == SECTION_NONE)
		return;
	z = &zp->p->zones[zp->zone];
	if (slice_is(key, "per-node")) {
		zp->section = SECTION_NODE;
	} else if (slice_is(key, "pagesets")) {
		zp->section = SECTION_PAGESETS;
	} else if (slice_is(key, "start_pfn:") && phys_number(&next, &v)) {
		z->start_pfn = FIG(v);
	} else if (slice_is(key, "pages")) {
		zp->section = SECTION_ZONE;
		if (phys_word(&next, &key) && slice_is(key, "free") && page_count(&next, &v))
			z->free = FIG(v);
	} else if (zp->section == SECTION_PAGESETS) {
		pageset_line(z, key, next);
	} else if (zp->section == SECTION_ZONE) {
		zone_line(zp, key, next);
	} else if (phys_number(&next, &v)) {
		counters_add(zp->p, &phys_node(zp->p, zp->node)->stats, key.p, key.len, v);
	}
}

void phys_parse_zoneinfo(struct phys *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct zoneinfo_parse zp = { .p = p };
	struct slice line;

	while (next_line(&at, end, &line))
		zoneinfo_line(&zp, line);
}

void phys_forget_zones(struct phys *p)
{
	for (size_t i = 0; i < p->nzones; i++)
		free(p->zones[i].counters.p);
	p->nzones = 0;
	for (size_t i = 0; i < p->nnodes; i++)
		p->nodes[i].stats.n = 0;
}

/* --- buddyinfo ---------------------------------------------------------------------------------
 */

void phys_parse_buddyinfo(struct phys *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct slice line, name;

	while (next_line(&at, end, &line)) {
		struct phys_zone *z;
		u32 node;
		u64 v;

		if (!zone_head(&line, &node, &name))
			continue;
		z = phys_zone(p, node, name.p, name.len);
		if (!z)
			continue;
		z->norders = 0;
		while (z->norders < ORDERS_MAX && page_count(&line, &v))
			z->order[z->norders++] = v;
	}
}

/* --- pagetypeinfo ------------------------------------------------------------------------------
 */

/** The index of a migrate type, added if new; MIGRATE_MAX when there is no room. */
static unsigned migrate_type(struct phys *p, struct slice name)
{
	for (unsigned i = 0; i < p->nmigrate; i++) {
		const char *own = phys_text(p, p->migrate[i]);

		if (slice_is(name, own))
			return i;
	}
	if (p->nmigrate == MIGRATE_MAX)
		return MIGRATE_MAX;
	p->migrate[p->nmigrate] = phys_name(p, name.p, name.len);
	return p->nmigrate++;
}

/** " type    Movable   3161  >100000": the kernel stops counting at 100000 (5.5 and later). */
static void type_free_line(struct phys *p, struct phys_zone *z, struct slice line)
{
	struct slice w;
	unsigned type;

	if (!phys_word(&line, &w) || !slice_is(w, "type") || !phys_word(&line, &w))
		return;
	type = migrate_type(p, w);
	if (type == MIGRATE_MAX)
		return;
	z->have_types = true;
	for (unsigned order = 0; order < ORDERS_MAX && phys_word(&line, &w); order++) {
		bool more = w.p[0] == '>';
		const char *q = w.p + more;
		u64 v;

		if (!parse_dec(&q, w.p + w.len, &v) || v >> 44)
			return;
		z->type_free[type][order] = v;
		if (more)
			z->type_more[type] |= 1u << order;
	}
}

/** The columns of the last table, by the heading "Number of blocks type  Unmovable ...". */
struct type_columns {
	unsigned type[MIGRATE_MAX];
	unsigned n;
};

static bool type_heading(struct phys *p, struct slice line, struct type_columns *c)
{
	struct slice w;

	if (!slice_after(line, "Number of blocks type", &line))
		return false;
	c->n = 0;
	while (c->n < MIGRATE_MAX && phys_word(&line, &w))
		c->type[c->n++] = migrate_type(p, w);
	return true;
}

void phys_parse_pagetypeinfo(struct phys *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct type_columns cols = { .n = 0 };
	struct slice line, name, rest;

	while (next_line(&at, end, &line)) {
		struct phys_zone *z;
		u32 node;
		u64 v;

		if (slice_after(line, "Pages per block:", &rest) && phys_number(&rest, &v) &&
		    !(v >> ORDERS_MAX))
			p->pageblock = FIG(v);
		/* Both tables come once a node. */
		if (slice_after(line, "Free pages count", &rest))
			cols.n = 0;
		if (type_heading(p, line, &cols) || !zone_head(&line, &node, &name))
			continue;
		z = phys_zone(p, node, name.p, name.len);
		if (!z)
			continue;
		if (!cols.n)
			type_free_line(p, z, line);
		for (unsigned i = 0; i < cols.n && page_count(&line, &v); i++)
			if (cols.type[i] < MIGRATE_MAX)
				z->type_blocks[cols.type[i]] = FIG(v);
	}
}
