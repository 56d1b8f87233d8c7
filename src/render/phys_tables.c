/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Below the map of --phys: frames by state, zones, orders, lists of the nodes, pools. */
#include "phys_view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

/** Columns a figure of a zone or a node takes, its separator included. */
#define FIGURE_COLS 11u

void phys_heading(struct phys_view *pv, const char *text)
{
	struct row *r = &pv->v.row;

	size_t len = strlen(text), n, next;

	row_end(r);
	for (size_t i = 0; i < len; i += next) {
		n = text_wrap(text + i, len - i, pv->v.o->width, &next);
		row_style(r, STYLE_BOLD);
		row_ascii(r, text + i, n);
		row_end(r);
	}
	out_check(pv->v.out);
}

/** How many columns of figures fit beside `taken` others; there may be none. */
static size_t fitting(const struct phys_view *pv, unsigned taken)
{
	unsigned w = pv->v.o->bytes ? FIGURE_COLS + 4 : FIGURE_COLS, width = pv->v.o->width;

	return width > taken ? (width - taken) / w : 0;
}

static struct fig pages(const struct phys_view *pv, struct fig n)
{
	return (struct fig){ n.v * pv->p->page_size,
			     n.have && n.v <= UINT64_MAX / pv->p->page_size };
}

/** Zones with memory; all of them with --verbose. */
static bool zone_shown(const struct phys_view *pv, const struct phys_zone *z)
{
	bool empty = z->spanned.have && !z->spanned.v && z->managed.have && !z->managed.v;

	return !empty || pv->v.o->verbose;
}

/** Indices of the zones shown. */
static size_t shown_zones(const struct phys_view *pv, u32 *list)
{
	size_t n = 0;

	for (size_t i = 0; i < pv->p->nzones; i++)
		if (zone_shown(pv, &pv->p->zones[i]))
			list[n++] = (u32)i;
	return n;
}

static void zone_column(struct table *t, const struct phys *p, u32 zone)
{
	struct buf b;

	buf_init(&b);
	zone_label(p, zone, &b);
	table_column(t, b.p, TABLE_RIGHT);
	buf_release(&b);
}

static void zone_cell(struct table *t, const struct phys *p, u32 zone)
{
	struct buf b;

	buf_init(&b);
	zone_label(p, zone, &b);
	table_cell(t, "%s", b.p);
	buf_release(&b);
}

/* --- frames -------------------------------------------------------------------------------------
 */

/** Frames of one state in one zone; zone NO_INDEX: in all pieces. */
static u64 frames_in(const struct phys *p, u32 zone, enum frame_state st)
{
	u64 sum = 0;

	for (size_t i = 0; i < p->npieces; i++)
		if (p->pieces[i].frames.nslices && (zone == NO_INDEX || p->pieces[i].zone == zone))
			sum += frame_tally_estimate(&p->pieces[i].frames, st);
	return sum;
}

/** A line of the table of frames: st FS_NSTATES is the sum. */
static void frames_row(struct phys_view *pv, struct table *t, unsigned st, u64 total,
		       const u32 *zones, size_t nzones)
{
	const struct phys *p = pv->p;
	unsigned from = st < FS_NSTATES ? st : 0, to = st < FS_NSTATES ? st + 1 : FS_NSTATES;
	u64 all = 0, mine = 0;

	for (unsigned k = from; k < to; k++) {
		all += frames_in(p, NO_INDEX, (enum frame_state)k);
		mine += p->process.state[k];
	}
	if (!all && !mine)
		return;
	table_row(t);
	table_cell(t, "%s", st < FS_NSTATES ? frame_state_name((enum frame_state)st) : "all");
	table_number(t, FIG(all));
	table_size(t, pages(pv, FIG(all)));
	if (pv->v.o->width >= 50)
		table_cell(t, "%.1f", total ? (double)all * 100 / (double)total : 0.0);
	if (p->process.asked && mine)
		table_size(t, pages(pv, FIG(mine)));
	else if (p->process.asked)
		table_cell(t, "-");
	for (size_t i = 0; i < nzones; i++) {
		u64 sum = 0;

		for (unsigned k = from; k < to; k++)
			sum += frames_in(p, zones[i], (enum frame_state)k);
		if (sum)
			table_size(t, pages(pv, FIG(sum)));
		else
			table_cell(t, "-");
	}
}

static void frames_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	u32 *zones = xcalloc(p->nzones + 1, sizeof(*zones));
	size_t n = shown_zones(pv, zones);
	struct table *t;
	u64 total = 0;

	if (!p->swept) {
		free(zones);
		return;
	}
	n = MIN(n, fitting(pv, 11 + 9 + 11 + 7 + (p->process.asked ? FIGURE_COLS : 0)));
	for (unsigned st = 0; st < FS_NSTATES; st++)
		total += frames_in(p, NO_INDEX, (enum frame_state)st);
	phys_heading(pv, p->every > 1	   ? "frames by state (estimated from a sample)"
			 : phys_partial(p) ? "frames by state (estimated: not all could be read)"
					   : "frames by state");
	t = table_new(pv->v.o, pv->v.out);
	table_column(t, "state", 0);
	table_column(t, "frames", TABLE_RIGHT);
	table_column(t, "size", TABLE_RIGHT);
	if (pv->v.o->width >= 50)
		table_column(t, "%", TABLE_RIGHT);
	if (p->process.asked)
		table_column(t, "process", TABLE_RIGHT);
	for (size_t i = 0; i < n; i++)
		zone_column(t, p, zones[i]);
	for (unsigned st = 0; st <= FS_NSTATES; st++)
		frames_row(pv, t, st, total, zones, n);
	table_end(t);
	free(zones);
}

/** "lru 705802": of each flag how many frames have it, of those that were read. */
static void flags_lines(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	u64 count[64] = { 0 };
	struct flow f;
	char name[24];

	if (!p->swept)
		return;
	for (size_t i = 0; i < p->sets.n && i < p->nby_set; i++)
		for (u64 bits = p->sets.words[i]; bits; bits &= bits - 1)
			count[__builtin_ctzll(bits)] += p->by_set[i];
	row_end(&pv->v.row);
	flow_begin(&f, &pv->v, "flags");
	for (unsigned bit = 0; bit < 64; bit++) {
		const char *known = kpf_name(bit);
		size_t k = 0;

		if (!count[bit])
			continue;
		if (!known)
			snprintf(name, sizeof(name), "bit%u", bit);
		for (; known && known[k] && k + 1 < sizeof(name); k++)
			name[k] = known[k] >= 'A' && known[k] <= 'Z' ? (char)(known[k] | 0x20)
								     : known[k];
		if (known)
			name[k] = '\0';
		flow_number(&f, name, FIG(count[bit]));
	}
	flow_end(&f);
}

/* --- the process --------------------------------------------------------------------------------
 */

static void process_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	const struct phys_process *pr = &p->process;
	struct table *t;
	struct flow f;

	if (!pr->asked)
		return;
	phys_heading(pv, "pages of the process by zone (a frame mapped twice counts twice)");
	if (pr->pages) {
		t = table_new(pv->v.o, pv->v.out);
		table_column(t, "zone", 0);
		table_column(t, "pages", TABLE_RIGHT);
		table_column(t, "size", TABLE_RIGHT);
		table_column(t, "% of its pages", TABLE_RIGHT);
		for (size_t i = 0; i <= p->nzones; i++) {
			u64 n = i < p->nzones ? pr->zone[i] : pr->no_zone;

			if (!n)
				continue;
			table_row(t);
			if (i < p->nzones)
				zone_cell(t, p, (u32)i);
			else
				table_cell(t, "zones mix");
			table_number(t, FIG(n));
			table_size(t, pages(pv, FIG(n)));
			table_cell(t, "%.1f", (double)n * 100 / (double)pr->pages);
		}
		table_end(t);
	}
	flow_begin(&f, &pv->v, "pages");
	flow_number(&f, "with a frame", FIG(pr->pages));
	flow_number(&f, "zero page", FIG(pr->zero));
	if (pr->elsewhere)
		flow_number(&f, "outside of the RAM drawn", FIG(pr->elsewhere));
	if (pr->masked)
		flow_number(&f, "frame hidden (CAP_SYS_ADMIN opens it)", FIG(pr->masked));
	flow_end(&f);
}

/* --- zones --------------------------------------------------------------------------------------
 */

/** The figures of a zone, what matters most first: the last ones go when there is no room. */
static const struct zone_figure {
	const char *name;
	size_t offset;
} zone_figures[] = {
	{ "managed", offsetof(struct phys_zone, managed) },
	{ "free", offsetof(struct phys_zone, free) },
	{ "min", offsetof(struct phys_zone, min) },
	{ "low", offsetof(struct phys_zone, low) },
	{ "high", offsetof(struct phys_zone, high) },
	{ "present", offsetof(struct phys_zone, present) },
	{ "spanned", offsetof(struct phys_zone, spanned) },
	{ "cma", offsetof(struct phys_zone, cma) },
	{ "boost", offsetof(struct phys_zone, boost) },
	{ "promo", offsetof(struct phys_zone, promo) },
};

static struct fig zone_figure(const struct phys_zone *z, size_t k)
{
	const char *at = (const char *)z + zone_figures[k].offset;

	return *(const struct fig *)(const void *)at;
}

/** Is the figure above zero in any zone? */
static bool figure_used(const struct phys *p, size_t k)
{
	for (size_t i = 0; i < p->nzones; i++)
		if (zone_figure(&p->zones[i], k).v)
			return true;
	return false;
}

/** What the watermarks mean for a zone now. */
static const char *pressure(const struct phys_zone *z)
{
	if (!z->free.have || !z->min.have || !z->low.have || !z->managed.have || !z->managed.v)
		return NULL;
	if (z->free.v < z->min.v)
		return "is below its min watermark: allocations reclaim by themselves";
	return z->free.v < z->low.v ? "is below its low watermark: kswapd reclaims" : NULL;
}

static void pressure_lines(struct phys_view *pv)
{
	struct buf b;
	struct flow f;

	buf_init(&b);
	for (size_t i = 0; i < pv->p->nzones; i++) {
		const char *words = pressure(&pv->p->zones[i]);

		if (!words)
			continue;
		buf_clear(&b);
		zone_label(pv->p, (u32)i, &b);
		buf_addf(&b, " %s", words);
		flow_begin(&f, &pv->v, "WARNING");
		flow_item(&f, b.p, b.len, STYLE_WARN);
		flow_end(&f);
	}
	buf_release(&b);
}

/** How many percent `part` is of `all`. */
static void share_cell(struct table *t, struct fig part, struct fig all)
{
	if (!part.have || !all.have)
		table_cell(t, "?");
	else if (!all.v)
		table_cell(t, "-");
	else
		table_cell(t, "%.1f", (double)part.v * 100 / (double)all.v);
}

/** A figure of the per-CPU lists; a zone without pages has none. */
static void pcp_cell(struct phys_view *pv, struct table *t, const struct phys_zone *z, u64 n)
{
	if (!z->cpus && z->present.have && !z->present.v)
		table_cell(t, "-");
	else
		table_size(t, pages(pv, (struct fig){ n, z->cpus != 0 }));
}

static void zones_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	u32 *zones = xcalloc(p->nzones + 1, sizeof(*zones));
	size_t n = shown_zones(pv, zones), most, shown = 0;
	bool pcp = pv->v.o->width >= 60, pcp_high = pv->v.o->width >= 108, percent = pcp;
	size_t figures[ARRAY_SIZE(zone_figures)];
	struct table *t;

	most = fitting(pv, 10 + percent * 8 + (pcp + pcp_high) * FIGURE_COLS);
	for (size_t k = 0; k < ARRAY_SIZE(zone_figures) && shown < most; k++)
		if (k < 5 || figure_used(p, k))
			figures[shown++] = k;
	if (n) {
		phys_heading(pv, "zones");
		t = table_new(pv->v.o, pv->v.out);
		table_column(t, "zone", 0);
		for (size_t k = 0; k < shown; k++)
			table_column(t, zone_figures[figures[k]].name, TABLE_RIGHT);
		if (percent)
			table_column(t, "% free", TABLE_RIGHT);
		if (pcp)
			table_column(t, "per-CPU", TABLE_RIGHT);
		if (pcp_high)
			table_column(t, "at most", TABLE_RIGHT);
		for (size_t i = 0; i < n; i++) {
			const struct phys_zone *z = &p->zones[zones[i]];

			table_row(t);
			zone_cell(t, p, zones[i]);
			for (size_t k = 0; k < shown; k++)
				table_size(t, pages(pv, zone_figure(z, figures[k])));
			if (percent)
				share_cell(t, z->free, z->managed);
			if (pcp)
				pcp_cell(pv, t, z, z->pcp);
			if (pcp_high)
				pcp_cell(pv, t, z, z->pcp_high);
		}
		table_end(t);
	}
	pressure_lines(pv);
	free(zones);
}

/* --- orders -------------------------------------------------------------------------------------
 */

/** The smallest blocks that a huge page fits in, of 2 MiB with pages of 4 KiB. */
#define LARGE_BLOCK (2 * MIB)

static unsigned large_order(const struct phys *p)
{
	unsigned order = 0;

	while (order < ORDERS_MAX && (u64)p->page_size << order < LARGE_BLOCK)
		order++;
	return order;
}

/** Free memory of all zones in blocks of `order` and larger. */
static struct fig all_from(const struct phys *p, unsigned order)
{
	struct fig sum = { 0, true };

	for (size_t i = 0; i < p->nzones; i++)
		sum.v += zone_buddy_from(&p->zones[i], order).v;
	return sum;
}

/** Below the orders: free bytes of each zone, how much of them in large blocks, and its share. */
static void orders_sums(struct phys_view *pv, struct table *t, const u32 *zones, size_t n,
			bool last)
{
	const struct phys *p = pv->p;
	unsigned large = large_order(p);

	for (unsigned row = 0; row < 3; row++) {
		table_row(t);
		table_cell(t, "%s", row == 0 ? "all" : row == 1 ? "large" : "%");
		if (row == 0)
			table_cell(t, "-");
		else
			table_size(t, FIG((u64)p->page_size << large));
		for (size_t i = 0; i < n + last; i++) {
			const struct phys_zone *z = i < n ? &p->zones[zones[i]] : NULL;
			struct fig all = z ? zone_buddy_from(z, 0) : all_from(p, 0);
			struct fig big = z ? zone_buddy_from(z, large) : all_from(p, large);

			if (row == 2)
				share_cell(t, big, all);
			else
				table_size(t, pages(pv, row ? big : all));
		}
	}
}

/** One table of free blocks for zones [from, to) of the list. */
static void orders_part(struct phys_view *pv, const u32 *zones, size_t from, size_t to,
			unsigned norders, bool last)
{
	const struct phys *p = pv->p;
	struct table *t = table_new(pv->v.o, pv->v.out);

	table_column(t, "order", TABLE_RIGHT);
	table_column(t, "block", TABLE_RIGHT);
	for (size_t i = from; i < to; i++)
		zone_column(t, p, zones[i]);
	if (last)
		table_column(t, "in all zones", TABLE_RIGHT);
	for (unsigned order = 0; order < norders; order++) {
		u64 sum = 0;

		table_row(t);
		table_cell(t, "%u", order);
		table_size(t, FIG((u64)p->page_size << order));
		for (size_t i = from; i < to; i++) {
			const struct phys_zone *z = &p->zones[zones[i]];

			if (order < z->norders)
				table_number(t, FIG(z->order[order]));
			else
				table_cell(t, "-");
		}
		for (size_t i = 0; last && i < p->nzones; i++)
			if (order < p->zones[i].norders)
				sum += p->zones[i].order[order] << order;
		if (last)
			table_size(t, pages(pv, FIG(sum)));
	}
	orders_sums(pv, t, zones + from, to - from, last);
	table_end(t);
}

static void orders_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	u32 *zones = xcalloc(p->nzones + 1, sizeof(*zones));
	size_t n = 0, most = MAX(fitting(pv, 6 + 10 + 13), (size_t)1);
	unsigned norders = 0;

	for (size_t i = 0; i < p->nzones; i++) {
		if (!p->zones[i].norders)
			continue;
		zones[n++] = (u32)i;
		norders = MAX(norders, (unsigned)p->zones[i].norders);
	}
	if (n)
		phys_heading(
			pv,
			"free blocks by order (buddy allocator); large: room for pages of 2 MiB");
	for (size_t i = 0; i < n; i += most)
		orders_part(pv, zones, i, MIN(i + most, n), norders, i + most >= n);
	free(zones);
}

/** Free memory of one type; `more` if the kernel stopped counting somewhere. */
static u64 type_free(const struct phys_zone *z, unsigned type, bool *more)
{
	u64 sum = 0;

	*more = z->type_more[type] != 0;
	for (unsigned order = 0; order < ORDERS_MAX; order++)
		sum += z->type_free[type][order] << order;
	return sum;
}

/** The largest order with a free block, or -1. */
static int type_largest(const struct phys_zone *z, unsigned type)
{
	for (int order = ORDERS_MAX - 1; order >= 0; order--)
		if (z->type_free[type][order])
			return order;
	return -1;
}

static void types_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	bool wide = pv->v.o->width >= 72;
	struct table *t;

	if (!p->nmigrate)
		return;
	phys_heading(pv, "pageblocks and free memory by migrate type");
	t = table_new(pv->v.o, pv->v.out);
	table_column(t, "zone", 0);
	table_column(t, "type", 0);
	table_column(t, "blocks", TABLE_RIGHT);
	if (wide)
		table_column(t, "size", TABLE_RIGHT);
	table_column(t, "free", TABLE_RIGHT);
	if (wide)
		table_column(t, "largest order", TABLE_RIGHT);
	for (size_t i = 0; i < p->nzones; i++) {
		const struct phys_zone *z = &p->zones[i];

		for (unsigned k = 0; z->have_types && k < p->nmigrate; k++) {
			const char *name = phys_text(p, p->migrate[k]);
			struct fig blocks = z->type_blocks[k];
			struct fig size =
				pages(pv, (struct fig){ blocks.v * p->pageblock.v,
							blocks.have && p->pageblock.have });
			bool more;
			u64 n = type_free(z, k, &more);
			int largest = type_largest(z, k);

			if (!n && !blocks.v && !pv->v.o->verbose)
				continue;
			table_row(t);
			zone_cell(t, p, (u32)i);
			table_text(t, name, strlen(name));
			table_number(t, blocks);
			if (wide)
				table_size(t, size);
			if (more)
				table_cell(t, "not counted");
			else
				table_size(t, pages(pv, FIG(n)));
			if (wide && largest < 0)
				table_cell(t, "-");
			else if (wide)
				table_cell(t, "%d", largest);
		}
	}
	table_end(t);
}

/* --- nodes --------------------------------------------------------------------------------------
 */

static void nodes_table(struct phys_view *pv)
{
	static const char *const names[] = { "MemTotal", "MemFree", "FilePages",  "AnonPages",
					     "Slab",	 "Shmem",   "PageTables", "KernelStack" };
	const struct phys *p = pv->p;
	size_t shown = MIN(ARRAY_SIZE(names), fitting(pv, 6 + 12 + 10));
	struct table *t;
	bool any = false;

	for (size_t i = 0; i < p->nnodes; i++)
		any |= p->nodes[i].meminfo.n || p->nodes[i].cpulist;
	if (!any)
		return;
	phys_heading(pv, "nodes");
	t = table_new(pv->v.o, pv->v.out);
	table_column(t, "node", TABLE_RIGHT);
	for (size_t k = 0; k < shown; k++)
		table_column(t, names[k], TABLE_RIGHT);
	table_column(t, "distance", TABLE_TRUNC);
	table_column(t, "CPUs", TABLE_TRUNC);
	for (size_t i = 0; i < p->nnodes; i++) {
		const struct phys_node *n = &p->nodes[i];
		const char *cpus = phys_text(p, n->cpulist);
		const char *distance = phys_text(p, n->distance);

		table_row(t);
		table_cell(t, "%u", n->id);
		for (size_t k = 0; k < shown; k++)
			table_size(t, counters_get(p, &n->meminfo, names[k]));
		table_text(t, distance, strlen(distance));
		table_text(t, *cpus ? cpus : "none", *cpus ? strlen(cpus) : 4);
	}
	table_end(t);
}

/** A counter of a node; before 4.8 lists were counted in each zone. */
static struct fig node_counter(const struct phys *p, const struct phys_node *n, const char *name)
{
	struct fig f = counters_get(p, &n->stats, name), sum = { 0 };

	if (f.have)
		return f;
	for (size_t i = 0; i < p->nzones; i++) {
		struct fig z;

		if (p->zones[i].node != n->id)
			continue;
		z = counters_get(p, &p->zones[i].counters, name);
		if (!z.have)
			continue;
		sum.v += z.v;
		sum.have = true;
	}
	return sum;
}

static const struct list_row {
	const char *label, *name;
	bool events; /**< a number of them, else pages that are there */
} list_rows[] = {
	{ "active anonymous", "nr_active_anon", false },
	{ "inactive anonymous", "nr_inactive_anon", false },
	{ "active file", "nr_active_file", false },
	{ "inactive file", "nr_inactive_file", false },
	{ "unevictable", "nr_unevictable", false },
	{ "isolated anonymous", "nr_isolated_anon", false },
	{ "isolated file", "nr_isolated_file", false },
	{ "refaults anonymous", "workingset_refault_anon", true },
	{ "refaults file", "workingset_refault_file", true },
	{ "refaults", "workingset_refault", true }, /* before 5.9 */
	{ "refaults activated anon", "workingset_activate_anon", true },
	{ "refaults activated file", "workingset_activate_file", true },
	{ "refaults activated", "workingset_activate", true },
	{ "refaults restored anon", "workingset_restore_anon", true },
	{ "refaults restored file", "workingset_restore_file", true },
	{ "shadow nodes reclaimed", "workingset_nodereclaim", true },
	{ "scanned by kswapd", "pgscan_kswapd", true },
	{ "scanned directly", "pgscan_direct", true },
	{ "scanned by khugepaged", "pgscan_khugepaged", true },
	{ "scanned proactively", "pgscan_proactive", true },
	{ "scanned anonymous", "pgscan_anon", true },
	{ "scanned file", "pgscan_file", true },
	{ "stolen by kswapd", "pgsteal_kswapd", true },
	{ "stolen directly", "pgsteal_direct", true },
	{ "stolen by khugepaged", "pgsteal_khugepaged", true },
	{ "stolen proactively", "pgsteal_proactive", true },
	{ "stolen anonymous", "pgsteal_anon", true },
	{ "stolen file", "pgsteal_file", true },
	{ "written by reclaim", "nr_vmscan_write", true },
	{ "activated", "pgactivate", true },
	{ "deactivated", "pgdeactivate", true },
	{ "refilled (lists scanned)", "pgrefill", true },
	{ "allocations stalled", "allocstall_normal", true },
};

/** The system's figure: the sum of the nodes', else what vmstat has. */
static struct fig list_sum(const struct phys *p, const char *name)
{
	struct fig sum = { 0 };

	for (size_t i = 0; i < p->nnodes; i++) {
		struct fig f = node_counter(p, &p->nodes[i], name);

		sum.v += f.v;
		sum.have |= f.have;
	}
	return sum.have ? sum : counters_get(p, &p->vmstat, name);
}

static void list_cell(struct phys_view *pv, struct table *t, const struct list_row *row,
		      struct fig f)
{
	if (!f.have)
		table_cell(t, "-");
	else if (row->events)
		table_number(t, f);
	else
		table_size(t, pages(pv, f));
}

static void lists_part(struct phys_view *pv, const struct fig *sums, size_t from, size_t to)
{
	const struct phys *p = pv->p;
	struct table *t = table_new(pv->v.o, pv->v.out);
	bool system = pv->v.o->width >= 50 || to == from;
	char name[24];

	table_column(t, pv->v.o->width >= 50 ? "list, or pages since boot" : "list", 0);
	if (system)
		table_column(t, "system", TABLE_RIGHT);
	for (size_t i = from; i < to; i++) {
		snprintf(name, sizeof(name), "node %u", p->nodes[i].id);
		table_column(t, name, TABLE_RIGHT);
	}
	for (size_t k = 0; k < ARRAY_SIZE(list_rows); k++) {
		const struct list_row *row = &list_rows[k];
		struct fig sum = sums[k];

		/* What this kernel does not count, and what never happened. */
		if (!sum.have || (!sum.v && !pv->v.o->verbose && k > 5))
			continue;
		table_row(t);
		table_cell(t, "%s", row->label);
		if (system)
			list_cell(pv, t, row, sum);
		for (size_t i = from; i < to; i++)
			list_cell(pv, t, row, node_counter(p, &p->nodes[i], row->name));
	}
	table_end(t);
}

static void lists_table(struct phys_view *pv)
{
	const struct phys *p = pv->p;
	/* Of a single node the system's figures are enough. */
	size_t n = p->nnodes > 1 ? p->nnodes : 0,
	       most = MAX(fitting(pv, 27 + FIGURE_COLS), (size_t)1), i = 0;

	struct fig sums[ARRAY_SIZE(list_rows)];

	for (size_t k = 0; k < ARRAY_SIZE(list_rows); k++)
		sums[k] = list_sum(p, list_rows[k].name);
	if (!sums[0].have)
		return;
	phys_heading(pv, "lists and reclaim");
	do {
		lists_part(pv, sums, i, MIN(i + most, n));
		i += most;
	} while (i < n);
}

void phys_tables(struct phys_view *pv)
{
	frames_table(pv);
	flags_lines(pv);
	process_table(pv);
	zones_table(pv);
	orders_table(pv);
	types_table(pv);
	nodes_table(pv);
	lists_table(pv);
	phys_pools(pv);
}
