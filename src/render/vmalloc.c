/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --vmalloc: every area, then the same areas by caller and by kind. The sums of all three are equal
 * and stand at the end.
 */
#include "view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/kmap.h"
#include "table.h"

/** Most NUMA nodes a row tells. */
#define NODES_MAX 16
/** Smaller gaps are shown with --verbose only: stacks are aligned to four pages. */
#define GAP_SHOWN (64 * KIB)

struct lister {
	struct view v;
	const struct kmap *m;
	u64 page;
	bool nodes;	    /**< there is more than one */
	bool phys;	    /**< physical addresses have a column of their own */
	struct range limit; /**< -A */
	struct table *t;
	struct buf b;
};

static struct range area_range(const struct karea *a)
{
	return (struct range){ a->first, a->last };
}

/** Is it asked for? What has no address cannot be left out by one. */
static bool wanted(const struct lister *l, const struct karea *a)
{
	return l->m->area_addr != KADDR_REAL || range_overlaps(area_range(a), l->limit);
}

static struct fig pages_bytes(const struct lister *l, const struct karea_sum *sum)
{
	if (sum->pages > UINT64_MAX / MAX(l->page, (u64)1))
		return (struct fig){ 0 };
	return FIG(sum->pages * l->page);
}

static void cell_nodes(struct lister *l, const struct knode_pages *nodes, size_t n)
{
	buf_clear(&l->b);
	for (size_t i = 0; i < n; i++)
		buf_addf(&l->b, "%sN%u=%llu", i ? " " : "", nodes[i].node,
			 (unsigned long long)nodes[i].pages);
	table_text(l->t, l->b.p ? l->b.p : "", l->b.len);
}

/* --- every area ---------------------------------------------------------------------------------
 */

/** Who made it, as the rows say it. */
static u32 shown_caller(const struct lister *l, const struct karea *a)
{
	return l->v.o->verbose ? a->caller : a->function;
}

static int compare(u64 a, u64 b)
{
	return a < b ? -1 : a > b;
}

static int compare_nodes(const struct lister *l, const struct karea *a, const struct karea *b)
{
	int ret = compare(a->nnodes, b->nnodes);

	for (u32 i = 0; !ret && i < a->nnodes; i++) {
		const struct knode_pages *na = &l->m->nodes[a->nodes + i];
		const struct knode_pages *nb = &l->m->nodes[b->nodes + i];

		ret = compare(na->node, nb->node);
		ret = ret ? ret : compare(nb->pages, na->pages);
	}
	return ret;
}

/** 0: their rows read the same but for the address. Else by group, largest first. */
static int compare_shown(const struct lister *l, const struct karea *a, const struct karea *b)
{
	const unsigned shown = KAREA_PAGES | KAREA_PHYS;
	int ret = compare(a->group, b->group);

	ret = ret ? ret : compare(b->size, a->size);
	ret = ret ? ret : compare(a->kind, b->kind);
	ret = ret ? ret : compare(shown_caller(l, a), shown_caller(l, b));
	ret = ret ? ret : compare(a->have & shown, b->have & shown);
	ret = ret ? ret : compare(a->phys, b->phys);
	ret = ret ? ret : compare(b->pages, a->pages);
	return ret || !l->nodes ? ret : compare_nodes(l, a, b);
}

static void area_columns(struct lister *l)
{
	bool real = l->m->area_addr == KADDR_REAL;

	l->t = table_new(l->v.o, l->v.out);
	if (real)
		table_column(l->t, "ADDRESS", 0);
	else
		table_column(l->t, "AREAS", TABLE_RIGHT);
	/* Of one area: the tables of sums below say TOTAL. */
	table_column(l->t, real ? "SIZE" : "SIZE EACH", TABLE_RIGHT);
	table_column(l->t, real ? "PAGES" : "PAGES EACH", TABLE_RIGHT);
	table_column(l->t, "KIND", 0);
	if (l->phys)
		table_column(l->t, "PHYSICAL", TABLE_RIGHT);
	table_column(l->t, "CALLER", TABLE_TRUNC);
	if (l->nodes)
		table_column(l->t, "NODES", TABLE_TRUNC);
}

/** Who made it, with --verbose the very place; of a module's code also whose it is. */
static void cell_caller(struct lister *l, const struct karea *a)
{
	const struct kmodule *mod = kmap_module_in(l->m, a);

	buf_clear(&l->b);
	if (!l->phys && a->have & KAREA_PHYS)
		buf_addf(&l->b, "phys %llx ", (unsigned long long)a->phys);
	buf_addstr(&l->b, strtab_get(&l->v.s->names, shown_caller(l, a)));
	if (mod && l->m->area_addr == KADDR_REAL) {
		buf_addstr(&l->b, ": ");
		buf_addstr(&l->b, mod->name);
	}
	table_text(l->t, l->b.p ? l->b.p : "", l->b.len);
}

static void area_row(struct lister *l, const struct karea *a, u64 count)
{
	table_row(l->t);
	if (l->m->area_addr == KADDR_REAL)
		table_cell(l->t, "%0*llx", (int)l->v.c.addr, (unsigned long long)a->first);
	else
		table_cell(l->t, "%llu", (unsigned long long)count);
	table_size(l->t, FIG(a->size));
	if (a->have & KAREA_PAGES)
		table_number(l->t, FIG(a->pages));
	else
		table_text(l->t, "-", 1);
	table_text(l->t, karea_kind_name(a->kind), strlen(karea_kind_name(a->kind)));
	if (l->phys && a->have & KAREA_PHYS)
		table_cell(l->t, "%llx", (unsigned long long)a->phys);
	else if (l->phys)
		table_text(l->t, "", 0);
	cell_caller(l, a);
	if (l->nodes)
		cell_nodes(l, a->nnodes ? &l->m->nodes[a->nodes] : NULL, a->nnodes);
}

/** What lies between two areas, that is: nothing, or what was freed and not flushed yet. */
static void gap_row(struct lister *l, struct range r, u64 unpurged)
{
	table_row(l->t);
	table_cell(l->t, "%0*llx", (int)l->v.c.addr, (unsigned long long)r.first);
	table_size(l->t, FIG(range_size(r)));
	table_text(l->t, "", 0);
	if (!unpurged) {
		table_text(l->t, "gap", 3);
		return;
	}
	buf_clear(&l->b);
	buf_addstr(&l->b, "gap, unpurged ");
	buf_add(&l->b, view_size(&l->v, unpurged).t, strlen(view_size(&l->v, unpurged).t));
	table_text(l->t, l->b.p, l->b.len);
}

/** The region of vmalloc or of modules that has the address, its last byte. */
static u64 region_last(const struct space *s, u64 addr)
{
	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *g = &s->regions[i];

		if (!g->depth && g->conf != CONF_BOUNDS && g->first <= addr && addr <= g->last)
			return g->last;
	}
	return UINT64_MAX;
}

/** Freed areas are rows of their own with --verbose only, else part of a gap. */
static void placed_areas(struct lister *l)
{
	bool verbose = l->v.o->verbose, any = false;
	u64 last = 0, unpurged = 0;

	for (size_t i = 0; i < l->m->nareas; i++) {
		const struct karea *a = &l->m->areas[i];
		struct range hole;

		if (!wanted(l, a))
			continue;
		if (a->kind == KAREA_UNPURGED && !verbose) {
			unpurged += a->size;
			continue;
		}
		if (any && range_between((struct range){ last, last }, area_range(a), &hole) &&
		    a->last <= region_last(l->v.s, last) &&
		    (verbose || range_size(hole) >= GAP_SHOWN))
			gap_row(l, hole, unpurged);
		unpurged = 0;
		area_row(l, a, 1);
		last = any ? MAX(last, a->last) : a->last;
		any = true;
	}
}

/** Without addresses areas whose rows read the same share one. */
static const struct lister *sorting;

static int compare_alike(const void *va, const void *vb)
{
	u32 a = *(const u32 *)va, b = *(const u32 *)vb;
	int ret = compare_shown(sorting, &sorting->m->areas[a], &sorting->m->areas[b]);

	return ret ? ret : compare(a, b);
}

static void areas_without_place(struct lister *l)
{
	const struct kmap *m = l->m;
	u32 *order = xcalloc(m->nareas, sizeof(*order));

	for (u32 i = 0; i < m->nareas; i++)
		order[i] = i;
	sorting = l;
	qsort(order, m->nareas, sizeof(*order), compare_alike);
	for (size_t i = 0, n; i < m->nareas; i += n) {
		for (n = 1; i + n < m->nareas &&
			    !compare_shown(l, &m->areas[order[i]], &m->areas[order[i + n]]);)
			n++;
		area_row(l, &m->areas[order[i]], n);
	}
	free(order);
}

/* --- by caller, by kind -------------------------------------------------------------------------
 */

static void sum_cells(struct lister *l, const struct karea_sum *sum)
{
	table_number(l->t, FIG(sum->count));
	table_size(l->t, FIG(sum->bytes));
	table_size(l->t, pages_bytes(l, sum));
}

static void by_caller(struct lister *l)
{
	l->t = table_new(l->v.o, l->v.out);
	table_column(l->t, "AREAS", TABLE_RIGHT);
	table_column(l->t, "TOTAL", TABLE_RIGHT);
	table_column(l->t, "OF PAGES", TABLE_RIGHT);
	table_column(l->t, "KIND", 0);
	table_column(l->t, "CALLER", TABLE_TRUNC);
	if (l->nodes)
		table_column(l->t, "NODES", TABLE_TRUNC);
	for (size_t i = 0; i < l->m->ngroups; i++) {
		const struct kgroup *g = &l->m->groups[i];
		const char *function = strtab_get(&l->v.s->names, g->function);
		struct knode_pages nodes[NODES_MAX];

		table_row(l->t);
		sum_cells(l, &g->sum);
		table_text(l->t, karea_kind_name(g->kind), strlen(karea_kind_name(g->kind)));
		table_text(l->t, *function ? function : "-", *function ? strlen(function) : 1);
		if (l->nodes)
			cell_nodes(l, nodes, kmap_group_nodes(l->m, g, nodes, NODES_MAX));
	}
	table_end(l->t);
}

static void by_kind(struct lister *l)
{
	const struct kmap *m = l->m;

	l->t = table_new(l->v.o, l->v.out);
	table_column(l->t, "AREAS", TABLE_RIGHT);
	table_column(l->t, "TOTAL", TABLE_RIGHT);
	table_column(l->t, "OF PAGES", TABLE_RIGHT);
	table_column(l->t, "KIND", 0);
	for (unsigned k = 0; k < KAREA_NKINDS; k++) {
		if (!m->kind[k].count || k == KAREA_UNPURGED)
			continue;
		table_row(l->t);
		sum_cells(l, &m->kind[k]);
		table_text(l->t, karea_kind_name(k), strlen(karea_kind_name(k)));
	}
	table_row(l->t);
	sum_cells(l, &m->all);
	table_text(l->t, "in use", 6);
	if (m->kind[KAREA_UNPURGED].count) {
		table_row(l->t);
		sum_cells(l, &m->kind[KAREA_UNPURGED]);
		table_cell(l->t, "unpurged: freed, addresses held back");
	}
	table_end(l->t);
}

/* --- what it comes to ---------------------------------------------------------------------------
 */

static void flow_fmt(struct lister *l, struct flow *f, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void flow_fmt(struct lister *l, struct flow *f, const char *fmt, ...)
{
	va_list ap;
	char text[320];

	(void)l;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	flow_newline(f);
	flow_words(f, text, strlen(text), STYLE_PLAIN);
}

static void say_addresses(struct lister *l)
{
	static const char *const words[] = {
		[KADDR_HASHED] = "the kernel prints hashes in place of addresses (kptr_restrict 0):"
				 " they are told apart from addresses and not shown; equal areas"
				 " share a row. kptr_restrict 1 shows addresses to CAP_SYSLOG",
		[KADDR_ZEROS] = "the kernel prints zeros in place of addresses: kptr_restrict 2, or"
				" 1 without CAP_SYSLOG; equal areas share a row",
		[KADDR_REAL] = "real addresses, rising; a size includes the guard page behind it",
	};
	struct flow f;

	flow_begin(&f, &l->v, "addresses");
	flow_words(&f, words[l->m->area_addr], strlen(words[l->m->area_addr]), STYLE_PLAIN);
	flow_end(&f);
}

static void say_used(struct lister *l, struct flow *f)
{
	const struct kmap *m = l->m;
	const struct fig *used = &m->mem.vmalloc_used;
	u64 pages = m->all.pages * l->page;

	if (!used->have)
		flow_fmt(l, f, "VmallocUsed of meminfo is not kept up to Linux 5.2");
	else if (used->v == pages)
		flow_fmt(l, f, "VmallocUsed of meminfo is just these pages: %s",
			 view_size(&l->v, pages).t);
	else
		flow_fmt(l, f, "VmallocUsed of meminfo is %s, %s %s than these pages: %s",
			 view_size(&l->v, used->v).t,
			 view_size(&l->v, used->v > pages ? used->v - pages : pages - used->v).t,
			 used->v > pages ? "more" : "less",
			 m->dropped		 ? "not all areas were kept"
			 : l->v.s->host.recorded ? "recorded at two moments, or not all of them"
						 : "areas came or went between the two reads");
}

/** Where the areas of a region are, and what is free in it. */
static void spread_line(struct lister *l, struct flow *f, const struct region *g,
			const struct kspread *sp)
{
	struct buf *b = &l->b;

	buf_clear(b);
	if (sp->gaps)
		buf_addf(b, ", %llu gap%s of %s between them, the largest %s",
			 (unsigned long long)sp->gaps, sp->gaps == 1 ? "" : "s",
			 view_size(&l->v, sp->gap_bytes).t, view_size(&l->v, sp->largest).t);
	flow_fmt(l, f, "%s: %llu area%s of %s in use from %llx to %llx%s; free above them %s",
		 g->name, (unsigned long long)sp->sum.count, sp->sum.count == 1 ? "" : "s",
		 view_size(&l->v, sp->sum.bytes).t, (unsigned long long)sp->lowest,
		 (unsigned long long)sp->highest + 1, b->len ? b->p : "",
		 view_size(&l->v, g->last - sp->highest).t);
}

static void say_spread(struct lister *l, struct flow *f)
{
	const struct space *s = l->v.s;

	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *g = &s->regions[i];
		struct kspread sp;

		if (g->depth || (g->kind != KR_VMALLOC && g->kind != KR_MODULES) ||
		    g->conf == CONF_BOUNDS ||
		    !kmap_spread(l->m, (struct range){ g->first, g->last }, &sp))
			continue;
		spread_line(l, f, g, &sp);
		if (sp.overlaps)
			flow_fmt(l, f, "%llu areas overlap: the file changed while it was read",
				 (unsigned long long)sp.overlaps);
	}
}

static void say_sums(struct lister *l)
{
	const struct kmap *m = l->m;
	struct flow f;

	flow_begin(&f, &l->v, "sums");
	if (l->limit.first || l->limit.last != UINT64_MAX)
		flow_fmt(l, &f, "of all areas: the range limits the list alone");
	flow_fmt(l, &f,
		 "%llu areas take %s of addresses: %s of pages of their own, %s of guard pages"
		 " behind those, %s without pages of their own (ioremap, vmap, per-CPU: guard pages"
		 " included)",
		 (unsigned long long)m->all.count, view_size(&l->v, m->all.bytes).t,
		 view_size(&l->v, m->all.pages * l->page).t,
		 view_size(&l->v, m->all.backed - MIN(m->all.backed, m->all.pages * l->page)).t,
		 view_size(&l->v, m->all.bytes - m->all.backed).t);
	say_used(l, &f);
	say_spread(l, &f);
	flow_end(&f);
}

void render_vmalloc(const struct space *s, const struct view_opts *o, struct out *out)
{
	struct lister l = { .m = s->kmap, .page = s->host.page_size, .limit = o->limit };

	view_init(&l.v, s, o, out);
	buf_init(&l.b);
	title_draw(&l.v);
	row_end(&l.v.row);
	if (l.m && l.m->nareas) {
		for (size_t i = 0; i < l.m->nnodes && !l.nodes; i++)
			l.nodes = l.m->nodes[i].node != 0;
		/* On narrow lines it shares the last column. */
		for (size_t i = 0; i < l.m->nareas && !l.phys && o->width >= 100; i++)
			l.phys = l.m->areas[i].have & KAREA_PHYS;
		area_columns(&l);
		if (l.m->area_addr == KADDR_REAL)
			placed_areas(&l);
		else
			areas_without_place(&l);
		table_end(l.t);
		row_end(&l.v.row);
		by_caller(&l);
		row_end(&l.v.row);
		by_kind(&l);
		row_end(&l.v.row);
		say_addresses(&l);
		say_sums(&l);
	}
	notes_draw(&l.v);
	buf_release(&l.b);
	view_release(&l.v);
}
