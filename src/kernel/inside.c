/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies inside the regions, where it lies: modules and areas of vmalloc become parts of the
 * regions they are in, RAM ranges get their frames to count, figures are gathered in one place.
 * The same on every architecture: what has an address is put where that address is.
 */
#include "arch.h"

#include <stdlib.h>
#include <string.h>

#include "../model/kmap.h"

/** Most rows that the areas of one region become. */
#define CLUSTERS_MAX 8
/** Sections of a part of the image that are told without --verbose: so many, from that size on. */
#define SECTIONS_TOLD 4
#define SECTION_TOLD  (64 * KIB)
/** Slices of a RAM range's bar; with more than RANGES_FINE ranges a few each. */
#define SLICES_FINE   256
#define SLICES_COARSE 16
#define RANGES_FINE   64

/* --- modules: where they end -------------------------------------------------------------------
 */

/**
 * Up to 6.3 a module is one piece, its code first (struct module_layout), and while it is loading
 * its size has the init part in it, which is elsewhere (m_show()); since then code, data,
 * tables and what is read-only after init are pieces of their own and /proc/modules has the address
 * of the code alone (struct module_memory, kernel/module/main.c). How far that goes only the area
 * tells that it is in, unless more modules share that (execmem's cache, 6.13).
 */
static void find_ends(struct space *s)
{
	bool one_piece = s->host.release && !release_at_least(s, 6, 4);
	struct kmap *m = s->kmap;

	if (m->module_addr != KADDR_REAL)
		return;
	for (size_t i = 0; i < m->nmodules; i++) {
		struct kmodule *mod = &m->modules[i];
		const struct karea *a = kmap_area_at(m, mod->addr);
		u64 next = i + 1 < m->nmodules ? mod[1].addr : UINT64_MAX, page = s->host.page_size;

		if (one_piece && mod->state != KMODULE_LOADING && mod->size &&
		    mod->size - 1 <= UINT64_MAX - mod->addr) {
			mod->last = mod->addr + (mod->size - 1);
			mod->last_source = "modules";
		} else if (a && a->first == mod->addr && a->last < next && a->have & KAREA_PAGES &&
			   a->pages && a->pages <= a->size / page) {
			/* The guard page is not its own. */
			mod->last = a->first + (a->pages * page - 1);
			mod->last_source = "vmallocinfo";
		}
	}
}

/* --- parts
 * ----------------------------------------------------------------------------------------
 */

/** Parts of one region in the making, rising. */
struct parts {
	struct region *p;
	size_t n, cap;
};

static struct region *add_part(struct parts *to, enum region_kind kind, struct range r,
			       enum conf conf, const char *name, const char *source)
{
	GROW(to->p, to->n, to->cap);
	to->p[to->n] = (struct region){ .first = r.first,
					.last = r.last,
					.kind = kind,
					.conf = conf,
					.perms_conf = CONF_UNKNOWN,
					.depth = 1,
					.name = name,
					.source = source };
	return &to->p[to->n++];
}

static void section_notes(const struct space *s, const struct kmodule *mod, struct region *r)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < mod->nsections; i++) {
		const struct ksection *sec = &mod->sections[i];
		bool own = sec->addr >= r->first && sec->addr - r->first < mod->size;

		buf_addf(&b, "%s%s %s%llx", b.len ? ", " : "", strtab_get(&s->names, sec->name),
			 own ? "+" : "",
			 (unsigned long long)(own ? sec->addr - r->first : sec->addr));
	}
	if (b.len)
		region_note(r, "sections %s", b.p);
	buf_release(&b);
}

static void module_notes(const struct space *s, const struct kmodule *mod, struct region *r)
{
	const char *users = strtab_get(&s->names, mod->users);

	if (mod->state != KMODULE_LIVE)
		region_note(r, "%s", kmodule_state_name(mod->state));
	if (mod->refs.have && (mod->refs.v || *users))
		region_note(r, "used %llu%s%s", (unsigned long long)mod->refs.v,
			    *users ? " by " : "", users);
	else if (mod->refs.have)
		region_note(r, "not used");
	if (mod->taints)
		region_note(r, "taints %s", strtab_get(&s->names, mod->taints));
	if (r->conf != CONF_BOUNDS && range_size((struct range){ r->first, r->last }) != mod->size)
		region_note(r, "its code, %s in all", size_told(s, mod->size).t);
	section_notes(s, mod, r);
}

/** A module of unknown end reaches as far as the next thing at most. */
static void add_module(struct space *s, struct parts *to, const struct kmodule *mod, u64 limit)
{
	struct range r = { mod->addr, mod->last };
	struct region *p;

	if (mod->last_source) {
		r.last = MIN(r.last, limit);
		p = add_part(to, KR_MODULE, r, CONF_EXACT, mod->name, mod->last_source);
	} else {
		r.last = MIN(limit, mod->size && mod->size - 1 <= limit - mod->addr
					    ? mod->addr + (mod->size - 1)
					    : limit);
		p = add_part(to, KR_MODULE, r, CONF_BOUNDS, mod->name, "modules");
		p->size = FIG(mod->size);
	}
	module_notes(s, mod, p);
}

/* --- areas: neighbours become a row -------------------------------------------------------------
 */

/** Is it a row's business? What was freed takes addresses but is in nobody's use. */
static bool is_used(const struct karea *a, struct range r)
{
	return a->kind != KAREA_UNPURGED && range_inside((struct range){ a->first, a->last }, r);
}

/** Areas that follow each other closely. */
struct cluster {
	u64 first, last;
	u64 count, gaps, gap_bytes;
	struct karea_sum kind[KAREA_NKINDS];
};

static int larger(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

/**
 * The gap from which on a new row begins, so that there are CLUSTERS_MAX of them at most: never
 * one that is nothing beside the whole region (16 MiB of 32 TiB).
 */
static u64 cluster_gap(const struct kmap *m, struct range r)
{
	u64 *gaps = xcalloc(m->nareas, sizeof(*gaps)), last = 0,
	    ret = MAX(MIB, range_size(r) >> 21);
	size_t n = 0;

	for (size_t i = 0; i < m->nareas; i++) {
		const struct karea *a = &m->areas[i];

		if (!is_used(a, r))
			continue;
		if (last && a->first > last && a->first - last - 1)
			gaps[n++] = a->first - last - 1;
		last = MAX(last, a->last);
	}
	if (n)
		qsort(gaps, n, sizeof(*gaps), larger);
	if (n >= CLUSTERS_MAX)
		ret = MAX(ret, gaps[CLUSTERS_MAX - 1] + 1);
	free(gaps);
	return ret;
}

static void end_cluster(const struct space *s, struct parts *to, struct cluster *c)
{
	struct buf b = { 0 };
	unsigned kinds = 0;
	struct region *p;

	if (!c->count)
		return;
	p = add_part(to, KR_AREAS, (struct range){ c->first, c->last }, CONF_EXACT, "areas",
		     "vmallocinfo");
	for (unsigned k = 0; k < KAREA_NKINDS; k++) {
		if (!c->kind[k].count)
			continue;
		p->name = kinds++ ? "areas" : karea_kind_name(k);
		buf_addf(&b, "%s%s %s", b.len ? ", " : "", karea_kind_name(k),
			 size_told(s, c->kind[k].bytes).t);
	}
	region_note(p, "%llu area%s%s%s", (unsigned long long)c->count, c->count == 1 ? "" : "s",
		    c->count > 1 ? ": " : "", c->count > 1 ? b.p : "");
	if (c->gaps)
		region_note(p, "%llu gap%s of %s in all", (unsigned long long)c->gaps,
			    c->gaps == 1 ? "" : "s", size_told(s, c->gap_bytes).t);
	buf_release(&b);
	*c = (struct cluster){ 0 };
}

static void cluster_add(const struct space *s, struct parts *to, struct cluster *c,
			const struct karea *a, u64 most)
{
	struct karea_sum *sum = &c->kind[a->kind];

	if (c->count && a->first > c->last) {
		u64 gap = a->first - c->last - 1;

		if (gap >= most) {
			end_cluster(s, to, c);
			sum = &c->kind[a->kind];
		} else if (gap) {
			c->gaps++;
			c->gap_bytes += gap;
		}
	}
	if (!c->count)
		c->first = a->first;
	c->last = MAX(c->last, a->last);
	c->count++;
	sum->count++;
	sum->bytes += a->size;
}

/** Modules and areas that lie in the region, by rising address. */
static void find_parts(struct space *s, struct range r, struct parts *to)
{
	const struct kmap *m = s->kmap;
	bool areas = m->area_addr == KADDR_REAL, modules = m->module_addr == KADDR_REAL;
	u64 most = areas ? cluster_gap(m, r) : 0;
	struct cluster c = { 0 };
	size_t i = 0, k = 0;

	while ((areas && i < m->nareas) || (modules && k < m->nmodules)) {
		const struct karea *a = areas && i < m->nareas ? &m->areas[i] : NULL;
		const struct kmodule *mod = modules && k < m->nmodules ? &m->modules[k] : NULL;

		if (mod && (!a || mod->addr <= a->first)) {
			u64 limit = k + 1 < m->nmodules && mod[1].addr ? mod[1].addr - 1 : r.last;

			k++;
			if (!range_has(r, mod->addr) || limit < mod->addr)
				continue;
			end_cluster(s, to, &c);
			add_module(s, to, mod, MIN(limit, r.last));
			continue;
		}
		i++;
		/* The row of a module stands for its area. */
		if (is_used(a, r) && !kmap_module_in(m, a))
			cluster_add(s, to, &c, a, most);
	}
	end_cluster(s, to, &c);
}

/* --- putting them where they belong -------------------------------------------------------------
 */

/** Appends a part unless something stands there already. */
static void take_part(struct parts *out, size_t top, struct region *p)
{
	const struct region *before = &out->p[out->n - 1];

	/* The head of the box is no part. */
	if (out->n - 1 > top && p->first <= before->last) {
		free(p->note);
		return;
	}
	GROW(out->p, out->n, out->cap);
	out->p[out->n++] = *p;
}

/** A region with the parts it had and those that were found, merged. */
static void merge_parts(struct parts *out, const struct region *top, struct region *old,
			size_t nold, struct parts *found)
{
	size_t at = out->n, i = 0, k = 0;

	GROW(out->p, out->n, out->cap);
	out->p[out->n++] = *top;
	while (i < nold || k < found->n) {
		bool mine = i == nold || (k < found->n && found->p[k].first < old[i].first &&
					  found->p[k].last < old[i].first);

		/* What overlaps an old part gives way to it. */
		if (mine)
			take_part(out, at, &found->p[k++]);
		else
			take_part(out, at, &old[i++]);
	}
}

/** Without the areas, or with one that modules share, more lies between modules than is known. */
static void name_between(struct space *s, struct region *top)
{
	const struct kmap *m = s->kmap;
	bool known = m->area_addr == KADDR_REAL;

	for (size_t i = 0; known && i < m->nmodules; i++)
		known = m->module_addr != KADDR_REAL || m->modules[i].last_source;
	/* What a region says of its own gaps (vmalloc on arm64) holds with modules in it, too. */
	if (!known && !top->between)
		top->between = "between modules";
}

/** What lies in no region drawn: something is wrong with one or the other. */
static void note_strays(struct space *s)
{
	const struct kmap *m = s->kmap;
	size_t strays = 0;

	for (size_t i = 0; i < m->nmodules && m->module_addr == KADDR_REAL; i++) {
		bool in = false;

		for (size_t k = 0; k < s->nregions && !in; k++)
			in = !s->regions[k].depth && s->regions[k].kind != KR_UNUSED &&
			     s->regions[k].conf < CONF_BOUNDS &&
			     range_has((struct range){ s->regions[k].first, s->regions[k].last },
				       m->modules[i].addr);
		strays += !in;
	}
	if (strays)
		space_note(s, NOTE_CONFLICT, "modules", 0, NULL,
			   "%zu module%s in no region that is known here", strays,
			   strays == 1 ? " is" : "s are");
}

static void place(struct space *s)
{
	struct parts out = { 0 };
	size_t n;

	note_strays(s);
	for (size_t i = 0; i < s->nregions; i += n) {
		struct region *top = &s->regions[i];
		struct parts found = { 0 };

		for (n = 1; i + n < s->nregions && s->regions[i + n].depth;)
			n++;
		if (top->kind != KR_UNUSED && top->kind != KR_HALF && top->conf < CONF_BOUNDS)
			find_parts(s, (struct range){ top->first, top->last }, &found);
		if (found.n)
			name_between(s, top);
		merge_parts(&out, top, top + 1, n - 1, &found);
		free(found.p);
	}
	free(s->regions);
	s->regions = out.p;
	s->nregions = out.n;
	s->cap_regions = out.cap;
}

/* --- sections of the image ----------------------------------------------------------------------
 */

static int longest_first(const void *va, const void *vb)
{
	const struct ksyms_section *a = va, *b = vb;
	u64 x = a->end.v - a->first.v, y = b->end.v - b->first.v;

	if (x != y)
		return x > y ? -1 : 1;
	return strcmp(a->name, b->name);
}

/** The sections with both borders inside the part, the longest first; with `all` their places. */
static void part_sections(const struct kfacts *k, const struct space *s, struct region *r, bool all)
{
	struct ksyms_section *in = xcalloc(k->syms.nsections, sizeof(*in));
	struct buf b = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < k->syms.nsections; i++) {
		const struct ksyms_section *sec = &k->syms.sections[i];

		if (sec->first.have && sec->end.have && sec->end.v > sec->first.v &&
		    sec->first.v >= r->first && sec->end.v - 1 <= r->last)
			in[n++] = *sec;
	}
	qsort(in, n, sizeof(*in), longest_first);
	for (size_t i = 0; i < n; i++) {
		u64 size = in[i].end.v - in[i].first.v;

		if (!all && (i == SECTIONS_TOLD || size < SECTION_TOLD))
			break;
		buf_addf(&b, "%s%s %s", i ? ", " : "", in[i].name, size_told(s, size).t);
		if (all)
			buf_addf(&b, " at +%llx", (unsigned long long)(in[i].first.v - r->first));
	}
	if (b.len)
		region_note(r, "holds %s", b.p);
	buf_release(&b);
	free(in);
}

static void image_sections(const struct kfacts *k, struct space *s, bool all)
{
	for (size_t i = 0; i < s->nregions && k->syms.nsections; i++)
		if (s->regions[i].kind == KR_IMAGE_PART && s->regions[i].conf < CONF_BOUNDS)
			part_sections(k, s, &s->regions[i], all);
}

/* --- frames and figures -------------------------------------------------------------------------
 */

/** Where lowmem ends in physical memory: a range of RAM is cut there; 0: nowhere. */
static u64 low_end(const struct space *s)
{
	for (size_t i = 0; s->host.bits == 32 && i < s->nregions; i++) {
		const struct region *r = &s->regions[i];

		if (r->kind == KR_DIRECT_MAP && !r->depth && r->phys.have)
			return r->phys.v + (r->last - r->first) + 1;
	}
	return 0;
}

/** The frames from `first` up to `end`. */
static void add_frames(struct kmap *m, u64 first, u64 end, u64 page, unsigned slices)
{
	struct kframes *f = &m->frames[m->nframes];

	if (first >= end)
		return;
	f->phys = range_of(first * page, end * page);
	frame_tally_init(&f->tally, first, end - 1, slices, true);
	m->nframes++;
}

static void make_frames(const struct kfacts *k, struct space *s)
{
	const struct kiomem *io = &k->iomem;
	struct kmap *m = s->kmap;
	u64 page = s->host.page_size, border;
	unsigned slices = io->nram <= RANGES_FINE ? SLICES_FINE : SLICES_COARSE;

	if (!page || !io->nram)
		return;
	border = low_end(s) / page;
	m->frames = xcalloc(io->nram + 1, sizeof(*m->frames));
	for (size_t i = 0; i < io->nram; i++) {
		u64 first = (io->ram[i].first + (page - 1)) / page;
		u64 end = io->ram[i].last == UINT64_MAX ? io->ram[i].last / page
							: (io->ram[i].last + 1) / page;

		if (first < border && border < end) {
			add_frames(m, first, border, page, slices);
			first = border;
		}
		add_frames(m, first, end, page, slices);
	}
}

static struct fig in_bytes(struct fig pages, u64 page)
{
	if (!pages.have || !page || pages.v > UINT64_MAX / page)
		return (struct fig){ 0 };
	return FIG(pages.v * page);
}

static void gather(const struct kfacts *k, struct space *s)
{
	const struct kmeminfo *m = &k->mem;
	const struct kiomem *io = &k->iomem;
	struct kmem_figures *f = &s->kmap->mem;
	u64 page = s->host.page_size, ram = 0;

	*f = (struct kmem_figures){
		.total = m->total,
		.free = m->free,
		.vmalloc_used = m->vmalloc_used,
		.kernel_stack = m->kernel_stack,
		.page_tables = m->page_tables,
		.sec_page_tables = m->sec_page_tables,
		.slab = m->slab,
		.slab_reclaimable = m->slab_reclaimable,
		.slab_unreclaimable = m->slab_unreclaimable,
		.percpu = m->percpu,
		.memmap = in_bytes(m->memmap_pages, page),
		.managed = in_bytes(m->managed_pages, page),
		.memmap_boot = in_bytes(m->memmap_boot_pages, page),
	};
	for (size_t i = 0; i < s->kmap->nframes; i++)
		ram += range_size(s->kmap->frames[i].phys);
	if (ram)
		f->ram = FIG(ram);
	if (io->have_code && io->have_bss && io->bss.last > io->code.first)
		f->image = FIG(io->bss.last - io->code.first + 1);
	else if (io->have_code && io->have_data && io->data.last > io->code.first)
		f->image = FIG(io->data.last - io->code.first + 1);
}

void kernel_inside(const struct kfacts *k, struct space *s, bool all)
{
	if (!s->kmap)
		return;
	kmap_finish(s->kmap);
	find_ends(s);
	image_sections(k, s, all);
	place(s);
	make_frames(k, s);
	gather(k, s);
}
