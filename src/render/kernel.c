/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the picture of the kernel alone has beside its regions: who uses vmalloc, what the frames of
 * RAM are used for, and below it where the kernel's memory is, each byte told once.
 */
#include "view.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/kmap.h"

/** Most callers, and modules whose addresses are hidden, that have a row of their own. */
#define ROWS_MAX 10
/** Most NUMA nodes a row tells. */
#define NODES_MAX 8

static void add_size(const struct view *v, struct buf *b, u64 bytes)
{
	char t[SIZE_TEXT_MAX];

	buf_add(b, t, format_size(t, bytes, v->o->bytes ? SIZE_BYTES : SIZE_LONG));
}

/** "1 area", "7 areas" */
static void add_count(struct buf *b, u64 n, const char *what)
{
	buf_addf(b, "%llu %s%s", (unsigned long long)n, what, n == 1 ? "" : "s");
}

/* --- lines inside a region's box
 * ------------------------------------------------------------------
 */

static void begin_line(struct view *v, enum tile_box box, unsigned indent)
{
	line_start(v, 0, 0, ' ');
	if (box == TILE_BOX_TOP || box == TILE_BOX_IN)
		line_box(v, TILE_BOX_IN);
	v->row.want = v->c.start + MIN(indent, (v->c.end - v->c.start) / 2);
}

/** Words in the note's style under the row, as many lines as they take. */
static void put_words(struct view *v, enum tile_box box, unsigned indent, const char *text,
		      size_t len)
{
	struct row *r = &v->row;
	size_t i = 0;

	while (i < len) {
		size_t next, n;
		unsigned x;

		begin_line(v, box, indent);
		x = r->want;
		n = text_wrap(text + i, len - i, MAX(v->c.end, x + 8) - x, &next);
		row_style(r, STYLE_NOTE);
		row_raw(r, text + i, n, (unsigned)text_width(text + i, n));
		row_style(r, STYLE_PLAIN);
		line_end(v);
		i += next;
	}
}

/** Where the names of rows begin. */
static unsigned row_indent(const struct view *v)
{
	return v->o->width < 60 ? 2 : 4;
}

/** Lines below a row whose name or note did not fit on it: the name once more, in full. */
static void put_below(struct view *v, enum tile_box box, const char *name, bool cut,
		      const struct buf *note)
{
	struct buf b;

	buf_init(&b);
	if (cut) {
		buf_addescaped(&b, name, strlen(name), v->row.ascii);
		buf_addstr(&b, ": ");
	}
	buf_add(&b, note->p, note->len);
	/* Further in than the names, or it would pass for one. */
	put_words(v, box, row_indent(v) + 2, b.p, b.len);
	buf_release(&b);
}

/** A name, its size in the sizes' column, and what else is to be said: beside it or below. */
static void put_row(struct view *v, enum tile_box box, const char *name, enum style st, u64 bytes,
		    const struct buf *note)
{
	struct row *r = &v->row;
	unsigned room = v->c.size.w ? v->c.size.x - 1 : v->c.end, cols, at;
	bool cut;

	begin_line(v, box, row_indent(v));
	cols = MAX(room, r->want + 4) - r->want;
	cut = text_width(name, strlen(name)) > cols && v->o->width < 80;
	row_style(r, st);
	row_text(r, name, strlen(name), cols, ELIDE_END);
	row_style(r, STYLE_PLAIN);
	put_size(v, v->c.size, bytes, v->c.size_form);
	at = v->c.perms.w ? v->c.perms.x : v->c.end;
	if (cut || at + text_width(note->p, note->len) > v->c.end) {
		line_end(v);
		put_below(v, box, name, cut, note);
		return;
	}
	row_to(r, at);
	row_style(r, STYLE_NOTE);
	row_raw(r, note->p, note->len, (unsigned)text_width(note->p, note->len));
	row_style(r, STYLE_PLAIN);
	line_end(v);
}

/* --- vmalloc ------------------------------------------------------------------------------------
 */

/** ", 540 pages" where there are some; the bytes that they do not fill are guard pages. */
static void add_pages(struct buf *b, const struct karea_sum *sum)
{
	if (!sum->pages)
		return;
	buf_addstr(b, ", ");
	add_count(b, sum->pages, "page");
}

/** ", N0 75 %, N1 25 %" on machines with more than one node. */
static void add_nodes(const struct view *v, struct buf *b, const struct kgroup *g)
{
	struct knode_pages nodes[NODES_MAX];
	size_t n = kmap_group_nodes(v->s->kmap, g, nodes, NODES_MAX);
	u64 all = 0;

	for (size_t i = 0; i < n; i++)
		all += nodes[i].pages;
	if (n < 2 && v->s->host.nnodes < 2)
		return;
	for (size_t i = 0; i < n && all; i++)
		buf_addf(b, "%sN%u %.0f%%", i ? " " : ", ", nodes[i].node,
			 100.0 * (double)nodes[i].pages / (double)all);
}

/** A group, and what it has in the region that is drawn. */
struct shown {
	const struct kgroup *g;
	struct karea_sum sum;
};

static void group_row(struct view *v, enum tile_box box, const struct shown *w)
{
	const char *function = strtab_get(&v->s->names, w->g->function);
	const char *kind = karea_kind_name(w->g->kind);
	struct buf b;

	buf_init(&b);
	if (*function)
		buf_addf(&b, "%s, ", kind);
	add_count(&b, w->sum.count, "area");
	add_pages(&b, &w->sum);
	add_nodes(v, &b, w->g);
	put_row(v, box, *function ? function : kind, STYLE_PLAIN, w->sum.bytes, &b);
	buf_release(&b);
}

static int most_bytes(const void *va, const void *vb)
{
	const struct shown *a = va, *b = vb;

	if (a->sum.bytes != b->sum.bytes)
		return a->sum.bytes > b->sum.bytes ? -1 : 1;
	return (a->g > b->g) - (a->g < b->g);
}

/** Those beyond the largest, as one row. */
static void other_groups(struct view *v, enum tile_box box, const struct shown *w, size_t n)
{
	struct karea_sum rest = { 0 };
	struct buf b;
	char name[48];

	for (size_t i = 0; i < n; i++) {
		rest.count += w[i].sum.count;
		rest.bytes += w[i].sum.bytes;
		rest.pages += w[i].sum.pages;
	}
	buf_init(&b);
	snprintf(name, sizeof(name), "%zu other%s", n, n == 1 ? "" : "s");
	add_count(&b, rest.count, "area");
	add_pages(&b, &rest);
	buf_addstr(&b, " (--vmalloc)");
	put_row(v, box, name, STYLE_DIM, rest.bytes, &b);
	buf_release(&b);
}

/** What was freed and still takes addresses. */
static void unpurged_row(struct view *v, enum tile_box box, const struct karea_sum *sum)
{
	struct buf b;

	buf_init(&b);
	add_count(&b, sum->count, "area");
	buf_addstr(&b, ", addresses held back");
	put_row(v, box, "freed, not purged", STYLE_DIM, sum->bytes, &b);
	buf_release(&b);
}

/** Who has how much of it: the largest callers, the rest together. */
static void vmalloc_rows(struct view *v, const struct region *g, enum tile_box box)
{
	const struct kmap *m = v->s->kmap;
	struct range in = { g->first, g->last };
	struct shown *w = xcalloc(m->ngroups, sizeof(*w));
	struct karea_sum old = { 0 };
	size_t n = 0, most = v->o->verbose ? SIZE_MAX : ROWS_MAX;

	/* An interval holds every area there is. */
	if (g->conf == CONF_BOUNDS)
		in = RANGE_ALL;
	for (size_t i = 0; i < m->ngroups; i++) {
		struct karea_sum sum = kmap_group_sum(m, &m->groups[i], in);

		if (m->groups[i].kind == KAREA_UNPURGED)
			old = sum;
		else if (sum.count)
			w[n++] = (struct shown){ &m->groups[i], sum };
	}
	if (n)
		qsort(w, n, sizeof(*w), most_bytes);
	for (size_t i = 0; i < n && i < most; i++)
		group_row(v, box, &w[i]);
	if (n > most)
		other_groups(v, box, w + most, n - most);
	if (old.count)
		unpurged_row(v, box, &old);
	free(w);
}

/* --- modules whose addresses are hidden ----------------------------------------------------------
 */

static int by_size(const void *va, const void *vb)
{
	const struct kmodule *const *a = va, *const *b = vb;

	if ((*a)->size != (*b)->size)
		return (*a)->size > (*b)->size ? -1 : 1;
	return strcmp((*a)->name, (*b)->name);
}

static void module_row(struct view *v, enum tile_box box, const struct kmodule *mod)
{
	const char *users = strtab_get(&v->s->names, mod->users);
	struct buf b;

	buf_init(&b);
	buf_addstr(&b, kmodule_state_name(mod->state));
	if (mod->refs.have)
		buf_addf(&b, ", used %llu", (unsigned long long)mod->refs.v);
	if (*users) {
		buf_addstr(&b, " by ");
		buf_addescaped(&b, users, strlen(users), v->row.ascii);
	}
	put_row(v, box, mod->name, STYLE_PLAIN, mod->size, &b);
	buf_release(&b);
}

static void hidden_modules(struct view *v, enum tile_box box)
{
	const struct kmap *m = v->s->kmap;
	const struct kmodule **sorted = xcalloc(m->nmodules, sizeof(*sorted));

	for (size_t i = 0; i < m->nmodules; i++)
		sorted[i] = &m->modules[i];
	qsort(sorted, m->nmodules, sizeof(*sorted), by_size);
	for (size_t i = 0; i < m->nmodules; i++)
		module_row(v, box, sorted[i]);
	free(sorted);
}

/* --- frames -------------------------------------------------------------------------------------
 */

/** "free 21.2 GiB, file 1.5 GiB, ...", most first, of all frames of the direct map together. */
static void frames_line(struct view *v, const struct region *g, enum tile_box box)
{
	const struct kmap *m = v->s->kmap;
	u64 sum[FS_NSTATES] = { 0 }, page = v->s->host.page_size;
	struct buf b;

	buf_init(&b);
	for (size_t i = 0; i < m->nframes; i++) {
		/* High memory is outside. */
		if (v->s->host.bits == 32 && g->phys.have &&
		    m->frames[i].phys.last - g->phys.v > g->last - g->first)
			continue;
		for (enum frame_state st = 0; st < FS_NSTATES; st++)
			sum[st] += frame_tally_estimate(&m->frames[i].tally, st);
	}
	if (m->frames_every > 1)
		buf_addf(&b, "frames, about (1 in %llu looked at, -v all): ",
			 (unsigned long long)m->frames_every);
	else
		buf_addstr(&b, "frames: ");
	for (bool first = true;; first = false) {
		enum frame_state best = FS_NONE;

		for (enum frame_state st = 0; st < FS_NSTATES; st++)
			if (sum[st] > sum[best])
				best = st;
		if (!sum[best])
			break;
		buf_addf(&b, "%s%s ", first ? "" : ", ", frame_state_name(best));
		add_size(v, &b, sum[best] * page);
		sum[best] = 0;
	}
	put_words(v, box, 4, b.p, b.len);
	buf_release(&b);
}

/** The frames behind a part of the direct map, lowest at the left. */
static void frames_bar(struct view *v, const struct region *g, enum tile_box box)
{
	const struct kmap *m = v->s->kmap;
	struct range part = { g->phys.v, g->phys.v + (g->last - g->first) }, in;

	for (size_t i = 0; i < m->nframes; i++) {
		const struct kframes *f = &m->frames[i];
		u64 size = range_size(f->phys), n = f->tally.nslices, from, to;

		if (!f->tally.seen || !range_intersect(f->phys, part, &in))
			continue;
		/* Of a range that is cut into parts each shows its slices. */
		from = (u64)((double)(in.first - f->phys.first) / (double)size * (double)n);
		from = MIN(from, n - 1);
		to = (u64)((double)(in.last - f->phys.first) / (double)size * (double)n) + 1;
		begin_line(v, box, 4);
		bar_frames(v, f->tally.slices + from, (size_t)(MIN(to, n) - from),
			   MAX(v->c.end, v->row.want + 4) - v->row.want);
		line_end(v);
	}
}

void kernel_inside_rows(struct view *v, const struct region *g, enum tile_box box)
{
	const struct kmap *m = v->s->kmap;

	/* Parts of lowmem are no ranges of RAM but pieces of them: there the bars are the whole's.
	 */
	bool barred = !g->depth == (v->s->host.bits == 32);

	if (!m)
		return;
	if (g->kind == KR_VMALLOC && !g->depth)
		vmalloc_rows(v, g, box);
	else if (g->kind == KR_MODULES && m->module_addr != KADDR_REAL && m->nmodules)
		hidden_modules(v, box);
	if (g->kind != KR_DIRECT_MAP || !m->frames_every)
		return;
	if (!g->depth)
		frames_line(v, g, box);
	if (barred && g->phys.have)
		frames_bar(v, g, box);
}

/* --- below the map: where the kernel's memory is ------------------------------------------------
 */

/** One line of the account. `where` is the regions it lies in, the rest says what it is. */
static void account_line(struct view *v, struct flow *f, const char *name, struct fig bytes,
			 const struct buf *text)
{
	struct row *r = &v->row;
	unsigned size = v->o->bytes ? SIZE_BYTES_COLS : SIZE_LONG_COLS;
	unsigned outer = f->indent, end = outer + 15 + size;
	char t[SIZE_TEXT_MAX];

	if (!bytes.have)
		return;
	flow_newline(f);
	row_str(r, name);
	row_right(r, t, format_size(t, bytes.v, v->o->bytes ? SIZE_BYTES : SIZE_LONG), end);
	f->first = false;
	if (v->o->width >= 60)
		f->indent = end + 2;
	else
		f->indent += 2;
	if (v->o->width >= 60)
		row_to(r, f->indent);
	else
		flow_newline(f);
	f->first = true;
	flow_words(f, text->p, text->len, STYLE_NOTE);
	f->indent = outer;
	f->first = false;
}

/** Says a line if the figure is known. */
static void account(struct view *v, struct flow *f, const char *name, struct fig bytes,
		    const char *fmt, ...) __attribute__((format(printf, 5, 6)));
static void account(struct view *v, struct flow *f, const char *name, struct fig bytes,
		    const char *fmt, ...)
{
	char text[256];
	struct buf b = { .p = text };
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	b.len = n < 0 ? 0 : MIN((size_t)n, sizeof(text) - 1);
	account_line(v, f, name, bytes, &b);
}

/** What the direct map is called on this machine. */
static const char *direct_name(const struct view *v)
{
	for (size_t i = 0; i < v->s->nregions; i++)
		if (v->s->regions[i].kind == KR_DIRECT_MAP && !v->s->regions[i].depth)
			return v->s->regions[i].name;
	return "direct map";
}

static void account_slab(struct view *v, struct flow *f)
{
	const struct kmem_figures *k = &v->s->kmap->mem;

	if (k->slab_reclaimable.have && k->slab_unreclaimable.have)
		account(v, f, "slab", k->slab, "in the %s: %s reclaimable, %s not", direct_name(v),
			view_size(v, k->slab_reclaimable.v).t,
			view_size(v, k->slab_unreclaimable.v).t);
	else
		account(v, f, "slab", k->slab, "in the %s", direct_name(v));
}

static void account_stacks(struct view *v, struct flow *f)
{
	const struct kmap *m = v->s->kmap;
	const struct karea_sum *a = &m->kind[KAREA_STACK];
	u64 page = v->s->host.page_size, held = a->pages * page;

	if (m->area_addr == KADDR_NONE)
		account(v, f, "kernel stacks", m->mem.kernel_stack,
			"in vmalloc, or without VMAP_STACK in the %s", direct_name(v));
	else if (!a->count)
		account(v, f, "kernel stacks", m->mem.kernel_stack,
			"in the %s: none of the areas listed is a task's", direct_name(v));
	else if (m->mem.kernel_stack.have && held > m->mem.kernel_stack.v)
		account(v, f, "kernel stacks", m->mem.kernel_stack,
			"in vmalloc, counted there too: %llu areas have %s of pages, those not in"
			" use wait for the next fork",
			(unsigned long long)a->count, view_size(v, held).t);
	else
		account(v, f, "kernel stacks", m->mem.kernel_stack,
			"in vmalloc, counted there too: %llu areas have %s of pages",
			(unsigned long long)a->count, view_size(v, held).t);
}

static void account_vmalloc(struct view *v, struct flow *f)
{
	const struct kmap *m = v->s->kmap;
	const struct fig *used = &m->mem.vmalloc_used;
	u64 pages = m->all.pages * v->s->host.page_size;

	if (m->area_addr == KADDR_NONE) {
		account(v, f, "vmalloc", *used, "vmallocinfo was not read");
		return;
	}
	if (!used->have)
		account(v, f, "vmalloc", FIG(pages),
			"pages of the %llu areas listed (VmallocUsed is not kept up to Linux 5.2)",
			(unsigned long long)m->all.count);
	else if (used->v == pages)
		account(v, f, "vmalloc", *used,
			"pages of vmalloc(), just what the areas listed have; no guard pages, no"
			" ioremap, no per-CPU data");
	else
		account(v, f, "vmalloc", *used,
			"pages of vmalloc() now; the areas listed have %s: %s %s%s",
			view_size(v, pages).t,
			view_size(v, pages > used->v ? pages - used->v : used->v - pages).t,
			pages > used->v ? "more" : "less",
			m->dropped	      ? ", not all were kept"
			: v->s->host.recorded ? ", recorded at two moments, or not all of them"
					      : ", it changed between the two reads");
}

/** Before 6.11 no file tells; the region knows how many there must be. */
static struct fig vmemmap_used(const struct view *v)
{
	for (size_t i = 0; i < v->s->nregions; i++)
		if (v->s->regions[i].kind == KR_VMEMMAP && !v->s->regions[i].depth)
			return v->s->regions[i].used;
	return (struct fig){ 0 };
}

/** What is RAM and yet not MemTotal: never given to the allocator. */
static void account_reserved(struct view *v, struct flow *f)
{
	const struct kmem_figures *k = &v->s->kmap->mem;

	if (k->memmap_boot.have)
		account(v, f, "struct pages", k->memmap_boot,
			"in vmemmap, one for each frame (vmstat); not in MemTotal");
	else
		account(v, f, "struct pages", vmemmap_used(v),
			"in vmemmap, one for each frame, by their size; not in MemTotal");
	if (k->memmap.have && k->memmap.v)
		account(v, f, "struct pages", k->memmap, "made later (vmstat), in MemTotal");
	account(v, f, "kernel image", k->image,
		"from code to bss (iomem); not in MemTotal but for what was freed of it");
	if (k->ram.have && k->total.have && k->ram.v >= k->total.v)
		account(v, f, "reserved", FIG(k->ram.v - k->total.v),
			"RAM of %s less MemTotal of %s: the kernel image, struct pages and what"
			" else was set aside at boot",
			view_size(v, k->ram.v).t, view_size(v, k->total.v).t);
}

/** Zones manage less than MemTotal while frames are still to be made ready (deferred init). */
static void account_unmanaged(struct view *v, struct flow *f)
{
	const struct kmem_figures *k = &v->s->kmap->mem;

	if (k->managed.have && k->total.have && k->managed.v < k->total.v)
		account(v, f, "not managed", FIG(k->total.v - k->managed.v),
			"in MemTotal, but the zones have %s only: frames that were not given to"
			" the allocator, they have no flag",
			view_size(v, k->managed.v).t);
}

void kernel_memory_draw(struct view *v)
{
	const struct kmap *m = v->s->kmap;
	struct flow f;

	if (!m)
		return;
	flow_begin(&f, v, "memory");
	account_slab(v, &f);
	account_vmalloc(v, &f);
	account_stacks(v, &f);
	account(v, &f, "page tables", m->mem.page_tables, "in the %s", direct_name(v));
	if (m->mem.sec_page_tables.have && m->mem.sec_page_tables.v)
		account(v, &f, "of KVM, IOMMU", m->mem.sec_page_tables,
			"secondary page tables, in the %s", direct_name(v));
	account(v, &f, "per-CPU", m->mem.percpu,
		"in the %s (first chunk) and in vmalloc (all others), not counted there",
		direct_name(v));
	account_reserved(v, &f);
	account_unmanaged(v, &f);
	flow_end(&f);
}

void frames_legend_draw(struct view *v)
{
	struct flow f;

	if (!v->frame_states)
		return;
	flow_begin(&f, v, "frames");
	for (enum frame_state st = 0; st < FS_NSTATES; st++) {
		const char *name = frame_state_name(st);

		if (!(v->frame_states >> st & 1))
			continue;
		if (!f.first && row_at(&v->row) + 6 + strlen(name) > v->o->width)
			flow_newline(&f);
		if (!f.first)
			row_skip(&v->row, 2);
		bar_frame_sample(v, st);
		row_skip(&v->row, 1);
		row_str(&v->row, name);
		f.first = false;
	}
	flow_end(&f);
}
