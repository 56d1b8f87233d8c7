/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --slab: the list of caches, what they come to, and where allocinfo says who allocated. One cache
 * alone is drawn in slab_draw.c.
 */
#include "slab.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "view.h"

/** Call sites and modules that are shown unless --verbose asks for all. */
#define SITES_SHOWN 20

/** Columns of the view from which the list has those that others can be told from; and all. */
#define WIDE  100u
#define WIDER 115u

/** Other names of a cache's directory, blanks between; into `b`. */
void slab_other_names(const struct slab_info *i, const struct slab_cache *c, struct buf *b)
{
	size_t first, n = slab_names(i, c->dir, &first);

	buf_clear(b);
	for (size_t k = 0; k < n; k++) {
		const struct slab_name *l = &i->links[first + k];

		/* The directory's own name says nothing. */
		if (l->name == c->name || l->name == l->dir)
			continue;
		buf_addstr(b, b->len ? " " : "");
		buf_addstr(b, strtab_get(&i->names, l->name));
	}
}

static double percent(u64 part, u64 all)
{
	return all ? (double)part * 100 / (double)all : 0;
}

static void cache_row(struct table *t, const struct slab_info *i, const struct slab_cache *c,
		      unsigned w, struct buf *b)
{
	const char *name = strtab_get(&i->names, c->name);
	struct slab_use u = slab_use(i, c);

	table_row(t);
	table_text(t, name, strlen(name));
	table_size(t, FIG(u.bytes));
	table_size(t, u.waste);
	if (w >= WIDE && u.waste.have && u.bytes)
		table_cell(t, "%.0f", percent(u.waste.v, u.bytes));
	else if (w >= WIDE)
		table_cell(t, u.waste.have ? "-" : "?");
	table_number(t, FIG(u.used));
	if (w >= WIDE)
		table_number(t, FIG(c->objects > c->used ? c->objects - c->used : 0));
	table_number(t, c->object_size);
	table_number(t, FIG(c->slot));
	table_number(t, FIG(c->per_slab));
	table_number(t, FIG(c->pages));
	if (w >= WIDE)
		table_number(t, FIG(c->slabs));
	table_cell(t, "%s", !c->reclaimable.have ? "?" : c->reclaimable.v ? "yes" : "no");
	if (w < WIDER)
		return;
	slab_other_names(i, c, b);
	table_text(t, b->p ? b->p : "", b->len);
}

static void caches_table(const struct slab_info *i, const struct view_opts *o, struct out *out)
{
	struct table *t = table_new(o, out);
	unsigned w = o->verbose ? MAX(o->width, WIDER) : o->width;
	struct buf b;

	buf_init(&b);
	table_column(t, "cache", o->verbose ? 0 : TABLE_TRUNC);
	table_column(t, "size", TABLE_RIGHT);
	table_column(t, "waste", TABLE_RIGHT);
	if (w >= WIDE)
		table_column(t, "%", TABLE_RIGHT);
	table_column(t, "used", TABLE_RIGHT);
	if (w >= WIDE)
		table_column(t, "free", TABLE_RIGHT);
	table_column(t, "object", TABLE_RIGHT);
	table_column(t, "slot", TABLE_RIGHT);
	table_column(t, "/slab", TABLE_RIGHT);
	table_column(t, "pages", TABLE_RIGHT);
	if (w >= WIDE)
		table_column(t, "slabs", TABLE_RIGHT);
	table_column(t, "recl", 0);
	if (w >= WIDER)
		table_column(t, "merged with",
			     !o->verbose	 ? TABLE_TRUNC
			     : o->width >= WIDER ? TABLE_WRAP
						 : 0);
	for (size_t n = 0; n < i->ncaches; n++)
		if (i->caches[n].slabs || i->caches[n].objects || o->verbose)
			cache_row(t, i, &i->caches[n], w, &b);
	table_end(t);
	buf_release(&b);
}

/** Which columns a narrow list does without. */
static void left_out(struct view *v)
{
	struct flow f;

	if (v->o->verbose || v->o->width >= WIDER)
		return;
	flow_begin(&f, v, "left out");
	flow_str(&f,
		 v->o->width < WIDE ? "at this width: waste in %, free, slabs, merged with (-v or "
				      "--width=115 shows them)"
				    : "at this width: merged with (-v or --width=115 shows it)",
		 STYLE_NOTE);
	flow_end(&f);
}

/* --- what it comes to ------------------------------------------------------------------------- */

static void meminfo_line(struct view *v, const struct slab_info *i)
{
	struct flow f;

	flow_begin(&f, v, "meminfo");
	flow_size(&f, "slab", i->total);
	flow_size(&f, "reclaimable", i->reclaimable);
	flow_size(&f, "unreclaimable", i->unreclaimable);
	flow_end(&f);
}

static void caches_line(struct view *v, const struct slab_use *all, const struct slab_use *yes,
			const struct slab_use *no, const struct slab_use *unknown)
{
	struct flow f;

	flow_begin(&f, v, "caches");
	flow_size(&f, "all", FIG(all->bytes));
	if (!unknown->bytes) {
		flow_size(&f, "reclaimable", FIG(yes->bytes));
		flow_size(&f, "unreclaimable", FIG(no->bytes));
	} else {
		flow_str(&f, "reclaimable ?", STYLE_PLAIN);
		flow_str(&f, "unreclaimable ?", STYLE_PLAIN);
	}
	flow_number(&f, "caches", FIG(all->caches));
	flow_number(&f, "empty", FIG(all->empty));
	flow_end(&f);
}

/** "unreclaimable +6.3 MiB" where meminfo has more, "-" where it has less. */
static void difference(struct flow *f, const char *what, struct fig meminfo, u64 caches)
{
	struct buf *b = &f->v->text;
	char t[SIZE_TEXT_MAX];
	u64 d;

	if (!meminfo.have)
		return;
	d = meminfo.v > caches ? meminfo.v - caches : caches - meminfo.v;
	buf_clear(b);
	buf_addf(b, "%s %s", what, !d ? "" : meminfo.v > caches ? "+" : "-");
	buf_add(b, t, format_size(t, d, f->v->o->bytes ? SIZE_BYTES : SIZE_LONG));
	flow_item(f, b->p, b->len, STYLE_PLAIN);
}

/** What meminfo counts beyond the caches, and why. */
static void difference_lines(struct view *v, const struct slab_info *i, const struct slab_use *all,
			     const struct slab_use *yes, const struct slab_use *no)
{
	bool sides = yes->caches + no->caches == all->caches;
	struct flow f;
	struct buf b;
	char t[SIZE_TEXT_MAX];

	if (!i->total.have)
		return;
	flow_begin(&f, v, "difference");
	difference(&f, "slab", i->total, all->bytes);
	if (sides) {
		difference(&f, "reclaimable", i->reclaimable, yes->bytes);
		difference(&f, "unreclaimable", i->unreclaimable, no->bytes);
	}
	flow_newline(&f);
	buf_init(&b);
	/* KMALLOC_MAX_CACHE_SIZE (include/linux/slab.h), counted as slab since 5.4. */
	size_text(t, 2 * (u64)i->page_size);
	buf_addf(&b,
		 "meminfo counts kmallocs above %s, too (since Linux 5.4), which are whole pages "
		 "in no cache; its counters wait per CPU before they are added up, and the files "
		 "are not read at "
		 "the same moment",
		 t);
	flow_words(&f, b.p, b.len, STYLE_DIM);
	flow_end(&f);
	buf_release(&b);
}

static void waste_lines(struct view *v, const struct slab_use *all)
{
	static const char used[] =
		"used: allocated, or free but kept for a CPU; slabinfo does not tell them apart";
	static const char mixed[] =
		"have slabs of fewer pages than usual: their sizes are upper bounds";
	struct flow f;

	flow_begin(&f, v, "waste");
	flow_size(&f, "all", all->waste);
	flow_size(&f, "free slots", FIG(all->free));
	flow_size(&f, "slots beyond objects", all->slack);
	flow_size(&f, "ends of slabs", FIG(all->tail));
	flow_newline(&f);
	flow_words(&f, used, sizeof(used) - 1, STYLE_DIM);
	if (all->mixed) {
		flow_newline(&f);
		flow_number(&f, "caches:", FIG(all->mixed));
		row_skip(&v->row, 1);
		flow_words(&f, mixed, sizeof(mixed) - 1, STYLE_NOTE);
	}
	flow_end(&f);
}

/** Caches that are named for what they waste. */
#define MOST_WASTE 5

/** The caches that waste most, by what is known of them. */
static void most_waste_line(struct view *v, const struct slab_info *i)
{
	u32 top[MOST_WASTE];
	size_t n = slab_most_waste(i, top, MOST_WASTE);
	char t[SIZE_TEXT_MAX];
	struct flow f;

	if (!n)
		return;
	flow_begin(&f, v, "most waste");
	for (size_t k = 0; k < n; k++) {
		const struct slab_cache *c = &i->caches[top[k]];
		const char *name = strtab_get(&i->names, c->name);
		struct slab_use u = slab_use(i, c);

		buf_clear(&v->text);
		buf_addescaped(&v->text, name, strlen(name), v->row.ascii);
		buf_addch(&v->text, ' ');
		buf_add(&v->text, t,
			format_size(t, u.waste.v, v->o->bytes ? SIZE_BYTES : SIZE_LONG));
		buf_addf(&v->text, " (%.0f %%)", percent(u.waste.v, u.bytes));
		flow_item(&f, v->text.p, v->text.len, STYLE_PLAIN);
	}
	flow_end(&f);
}

static void sums(struct view *v, const struct slab_info *i)
{
	struct slab_use yes = slab_sum(i, FIG(1)), no = slab_sum(i, FIG(0));
	struct slab_use unknown = slab_sum(i, (struct fig){ 0 }), all = yes;

	slab_use_add(&all, &no);
	slab_use_add(&all, &unknown);
	meminfo_line(v, i);
	caches_line(v, &all, &yes, &no, &unknown);
	difference_lines(v, i, &all, &yes, &no);
	waste_lines(v, &all);
	most_waste_line(v, i);
}

/* --- allocinfo -------------------------------------------------------------------------------- */

static void module_cell(struct table *t, const struct slab_info *i, u32 module)
{
	const char *name = strtab_get(&i->names, module);

	if (module)
		table_text(t, name, strlen(name));
	else
		table_cell(t, "the kernel");
}

static void modules_table(const struct slab_info *i, const struct view_opts *o, struct out *out)
{
	struct table *t = table_new(o, out);
	struct alloc_sum *sum;
	size_t n = slab_by_module(i, &sum);

	table_column(t, "allocated", TABLE_RIGHT);
	table_column(t, "calls", TABLE_RIGHT);
	table_column(t, "sites", TABLE_RIGHT);
	table_column(t, "by", TABLE_TRUNC);
	for (size_t k = 0; k < n && (o->verbose || k < SITES_SHOWN); k++) {
		table_row(t);
		table_size(t, FIG(sum[k].bytes));
		table_number(t, FIG(sum[k].calls));
		table_number(t, FIG(sum[k].sites));
		module_cell(t, i, sum[k].module);
	}
	table_end(t);
	free(sum);
}

static void sites_table(const struct slab_info *i, const struct view_opts *o, struct out *out)
{
	struct table *t = table_new(o, out);

	table_column(t, "allocated", TABLE_RIGHT);
	table_column(t, "calls", TABLE_RIGHT);
	table_column(t, "place", 0);
	table_column(t, "function", TABLE_TRUNC);
	table_column(t, "of", TABLE_TRUNC);
	for (size_t k = 0; k < i->nsites && (o->verbose || k < SITES_SHOWN); k++) {
		const struct alloc_site *s = &i->sites[k];
		const char *place = strtab_get(&i->names, s->place);
		const char *function = strtab_get(&i->names, s->function);

		if (!s->bytes && !s->calls)
			break;
		table_row(t);
		table_size(t, FIG(s->bytes));
		table_number(t, FIG(s->calls));
		table_text(t, place, strlen(place));
		table_text(t, s->function ? function : "?", s->function ? strlen(function) : 1);
		module_cell(t, i, s->module);
	}
	table_end(t);
}

/** Who allocated: slab, whole pages, vmalloc and per-CPU memory alike. */
static void alloc_part(struct view *v, const struct slab_info *i)
{
	static const char words[] =
		"who allocated what is in use now: slab, whole pages, vmalloc, per-CPU memory";
	struct flow f;
	u64 live = 0;

	for (size_t k = 0; k < i->nsites; k++)
		live += i->sites[k].calls != 0;
	row_end(&v->row);
	flow_begin(&f, v, "allocinfo");
	flow_words(&f, words, sizeof(words) - 1, STYLE_PLAIN);
	flow_newline(&f);
	flow_number(&f, "call sites", FIG(i->nsites));
	flow_number(&f, "in use", FIG(live));
	if (!v->o->verbose && live > SITES_SHOWN)
		flow_str(&f, "the largest are shown; --verbose shows all", STYLE_NOTE);
	flow_end(&f);
	row_end(&v->row);
	modules_table(i, v->o, v->out);
	row_end(&v->row);
	sites_table(i, v->o, v->out);
}

void render_slab(const struct space *s, const struct slab_info *i, const struct view_opts *o,
		 struct out *out)
{
	struct view v;

	view_init(&v, s, o, out);
	title_draw(&v);
	row_end(&v.row);
	caches_table(i, o, out);
	row_end(&v.row);
	left_out(&v);
	sums(&v, i);
	if (i->have_sites)
		alloc_part(&v, i);
	notes_draw(&v);
	view_release(&v);
}
