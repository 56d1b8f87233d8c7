/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --explain: one label a line, always the same and in the same order, so that a script finds it.
 * What is not known has its line, too, and says what would tell.
 */
#include "explain.h"

#include <string.h>

#include "view.h"

/** What would tell a base that nothing has told. */
#define WOULD_TELL "kernel memory (/proc/kcore, --bpf) would tell"

struct explain_view {
	struct view v;
	const struct space *s;
	const struct explain *e;
	struct flow f;
	struct buf b; /**< scratch: flow_number() and the like use v.text */
};

/* --- pieces ----------------------------------------------------------------------------------- */

static void item(struct explain_view *x, enum style st)
{
	flow_item(&x->f, x->b.p ? x->b.p : "", x->b.len, st);
	buf_clear(&x->b);
}

static void words(struct explain_view *x, const char *text, enum style st)
{
	if (!x->f.first)
		row_skip(&x->v.row, 1);
	flow_words(&x->f, text, strlen(text), st);
}

static void outside(struct explain_view *x, const char *text, size_t len)
{
	buf_addescaped(&x->b, text, len, x->v.row.ascii);
}

/** "exact (kcore)". */
static void conf_item(struct explain_view *x, enum conf conf, const char *source)
{
	buf_addstr(&x->b, conf_name(conf));
	if (source)
		buf_addf(&x->b, " (%s)", source);
	item(x, (enum style)(STYLE_CONF + conf));
}

static void address_item(struct explain_view *x, u64 va)
{
	buf_addhex(&x->b, va, x->v.c.addr);
	item(x, STYLE_BOLD);
}

/** A physical address that iomem, which was read, does not call RAM. */
static bool is_no_ram(const struct explain_view *x, const struct explain_place *p)
{
	const struct phys *phys = &x->e->phys;
	u32 i = p->resource;

	if (phys->iomem != IOMEM_READ)
		return false;
	for (; i != NO_INDEX; i = phys->resources[i].parent)
		if (phys->resources[i].kind == RES_RAM)
			return false;
	return true;
}

/* --- what was asked for ----------------------------------------------------------------------- */

static void asked_line(struct explain_view *x)
{
	const struct explain_ask *a = &x->e->ask;

	flow_begin(&x->f, &x->v, "asked");
	if (a->form == EXPLAIN_SYMBOL) {
		buf_addstr(&x->b, "symbol ");
		outside(x, a->name, a->len);
		if (a->plus)
			buf_addf(&x->b, "+0x%llx", (unsigned long long)a->plus);
	} else if (a->form == EXPLAIN_PFN) {
		buf_addf(&x->b, "PFN 0x%llx", (unsigned long long)a->v);
	} else {
		buf_addf(&x->b, "%saddress 0x%llx", a->form == EXPLAIN_PHYS ? "physical " : "",
			 (unsigned long long)a->v);
	}
	item(x, STYLE_BOLD);
	if (a->form == EXPLAIN_SYMBOL && x->e->nplaces != 1)
		flow_number(&x->f, "addresses", FIG(x->e->nplaces + x->e->more));
	if (x->e->more)
		flow_number(&x->f, "not shown", FIG(x->e->more));
	flow_end(&x->f);
}

/* --- the virtual side ------------------------------------------------------------------------- */

static void regions_that_may(struct explain_view *x, u64 va)
{
	bool any = false;

	for (size_t i = 0; i < x->s->nregions; i++) {
		const struct region *r = &x->s->regions[i];

		if (!explain_may_lie(r, va))
			continue;
		words(x, any ? "or" : "may lie in", STYLE_PLAIN);
		words(x, r->name, STYLE_BOLD);
		any = true;
	}
	if (any)
		words(x, "- bounds only: " WOULD_TELL, STYLE_DIM);
	else
		words(x, "? no region is known to have it", STYLE_PLAIN);
}

static void region_words(struct explain_view *x, u64 va)
{
	u32 region = 0, part;
	const struct region *r, *in;

	if (!explain_region(x->s, va, &region, &part)) {
		regions_that_may(x, va);
		return;
	}
	r = &x->s->regions[region];
	in = part == NO_INDEX ? r : &x->s->regions[part];
	outside(x, r->name, strlen(r->name));
	if (in != r) {
		buf_addstr(&x->b, " / ");
		outside(x, in->name, strlen(in->name));
	}
	item(x, STYLE_BOLD);
	buf_addf(&x->b, "+0x%llx", (unsigned long long)(va - in->first));
	item(x, STYLE_PLAIN);
	buf_addhex(&x->b, in->first, x->v.c.addr);
	buf_addch(&x->b, '-');
	buf_addhex(&x->b, in->last, x->v.c.addr);
	item(x, STYLE_DIM);
	conf_item(x, in->conf, in->source);
}

static void region_line(struct explain_view *x, u64 va)
{
	flow_begin(&x->f, &x->v, "region");
	switch (explain_half(x->s, va)) {
	case HALF_KERNEL:
		region_words(x, va);
		break;
	case HALF_USER:
		words(x,
		      x->e->ask.form == EXPLAIN_SYMBOL
			      ? "none: below the kernel half, so an offset in per-CPU areas or a "
				"constant, and no address"
			      : "user half: in no region of the kernel; what it is, each process "
				"decides for itself",
		      STYLE_PLAIN);
		break;
	case HALF_HOLE:
		words(x, "hole between the halves: no address can lie there", STYLE_PLAIN);
		break;
	case HALF_UNKNOWN:
		words(x, "? where the kernel half begins is not known here", STYLE_PLAIN);
		break;
	}
	flow_end(&x->f);
}

static void symbol_name(struct explain_view *x, const char *name, size_t len, u64 plus,
			enum style st)
{
	outside(x, name, len);
	buf_addf(&x->b, "+0x%llx", (unsigned long long)plus);
	item(x, st);
}

/** The one that was asked for before its aliases, of which it need not be among those kept. */
static void symbol_names(struct explain_view *x, const struct explain_place *p)
{
	const struct explain_symbol *sym = &p->symbol;
	const struct explain_ask *ask = &x->e->ask;
	u64 plus = p->va.v - sym->addr;
	bool asked = ask->form == EXPLAIN_SYMBOL && plus == ask->plus;

	if (asked)
		symbol_name(x, ask->name, ask->len, plus, STYLE_BOLD);
	for (size_t i = 0; i < sym->nnames; i++) {
		size_t len = strlen(sym->names[i]);

		if (!asked || len != ask->len || memcmp(sym->names[i], ask->name, len))
			symbol_name(x, sym->names[i], len, plus,
				    asked || i ? STYLE_PLAIN : STYLE_BOLD);
	}
}

static void symbol_line(struct explain_view *x, const struct explain_place *p)
{
	const struct explain_symbol *sym = &p->symbol;

	flow_begin(&x->f, &x->v, "symbol");
	if (!sym->nnames) {
		flow_str(&x->f, "?", STYLE_PLAIN);
		words(x, "no symbol of kallsyms is known to be here", STYLE_DIM);
		flow_end(&x->f);
		return;
	}
	symbol_names(x, p);
	if (sym->module) {
		buf_addch(&x->b, '[');
		outside(x, sym->module, strlen(sym->module));
		buf_addch(&x->b, ']');
		item(x, STYLE_PLAIN);
	}
	buf_addf(&x->b, "type %c", sym->type > ' ' && sym->type < 0x7f ? sym->type : '?');
	item(x, STYLE_PLAIN);
	if (sym->next.have) {
		buf_addf(&x->b, "0x%llx to ", (unsigned long long)(sym->next.v - p->va.v));
		outside(x, sym->next_name, strlen(sym->next_name));
		item(x, STYLE_PLAIN);
	}
	flow_end(&x->f);
}

static bool in_vmalloc(const struct space *s, u64 va)
{
	u32 region = 0, part;

	return explain_region(s, va, &region, &part) &&
	       (s->regions[region].kind == KR_VMALLOC || s->regions[region].kind == KR_MODULES);
}

static void area_lines(struct explain_view *x, u64 va)
{
	const struct kmap *m = x->s->kmap;
	const struct karea *a = m ? kmap_area_at(m, va) : NULL;
	const struct kmodule *mod = m ? kmap_module_at(m, va) : NULL;
	const struct ksection *sec = mod ? kmodule_section_at(mod, va) : NULL;

	if (!a && in_vmalloc(x->s, va)) {
		flow_begin(&x->f, &x->v, "area");
		if (m && m->area_addr == KADDR_REAL) {
			words(x, "none: vmallocinfo has no area here", STYLE_PLAIN);
		} else {
			flow_str(&x->f, "?", STYLE_PLAIN);
			words(x,
			      !m || m->area_addr == KADDR_NONE
				      ? "vmallocinfo could not be read"
				      : "vmallocinfo shows no addresses: kptr_restrict 1 would, to "
					"who has CAP_SYSLOG",
			      STYLE_DIM);
		}
		flow_end(&x->f);
	}
	if (a) {
		const char *caller = strtab_get(&x->s->names, a->caller);

		flow_begin(&x->f, &x->v, "area");
		flow_str(&x->f, karea_kind_name((enum karea_kind)a->kind), STYLE_BOLD);
		buf_addhex(&x->b, a->first, x->v.c.addr);
		buf_addch(&x->b, '-');
		buf_addhex(&x->b, a->last, x->v.c.addr);
		item(x, STYLE_DIM);
		flow_size(&x->f, "size", FIG(a->size));
		if (a->caller) {
			buf_addstr(&x->b, "by ");
			outside(x, caller, strlen(caller));
			item(x, STYLE_PLAIN);
		}
		flow_str(&x->f, "exact (vmallocinfo)", STYLE_CONF + CONF_EXACT);
		flow_end(&x->f);
	}
	if (mod) {
		flow_begin(&x->f, &x->v, "module");
		outside(x, mod->name, strlen(mod->name));
		item(x, STYLE_BOLD);
		if (sec) {
			const char *name = strtab_get(&x->s->names, sec->name);

			buf_addstr(&x->b, "section ");
			outside(x, name, strlen(name));
			buf_addf(&x->b, "+0x%llx", (unsigned long long)(va - sec->addr));
			item(x, STYLE_PLAIN);
		}
		flow_end(&x->f);
	}
}

/** The addresses of the page, which may be a large one, around an address. */
static void page_range(struct explain_view *x, u64 va, u64 size)
{
	u64 first = va & -size;

	buf_addhex(&x->b, first, x->v.c.addr);
	buf_addch(&x->b, '-');
	buf_addhex(&x->b, first + (size - 1), x->v.c.addr);
	item(x, STYLE_DIM);
}

/** "r-x", and what else an entry says. */
static void entry_line(struct explain_view *x, const struct explain_place *p)
{
	const struct pt_entry *t = &p->entry;

	if (!p->entry_source)
		return;
	flow_begin(&x->f, &x->v, "page table");
	if (!p->entry_level) {
		flow_str(&x->f, "not mapped", STYLE_BOLD);
	} else {
		flow_str(&x->f, p->entry_level, STYLE_BOLD);
		flow_size(&x->f, "maps", FIG(t->size));
		page_range(x, p->va.v, t->size);
		buf_addf(&x->b, "%c%c%c", t->flags & PT_READ ? 'r' : '-',
			 t->flags & PT_WRITE ? 'w' : '-', t->flags & PT_EXEC ? 'x' : '-');
		item(x, STYLE_PLAIN);
		if (!(t->flags & PT_PRESENT))
			flow_str(&x->f, "not present", STYLE_NOTE);
		buf_addf(&x->b, "entry 0x%llx", (unsigned long long)t->raw);
		item(x, STYLE_DIM);
	}
	conf_item(x, CONF_EXACT, p->entry_source);
	flow_end(&x->f);
}

/* --- the physical side ------------------------------------------------------------------------ */

static void physical_line(struct explain_view *x, const struct explain_place *p)
{
	flow_begin(&x->f, &x->v, "physical");
	if (!p->pa.have) {
		flow_str(&x->f, "?", STYLE_PLAIN);
		words(x,
		      p->entry_source ? "its page tables map nothing here"
				      : "page tables would tell: /proc/kcore, --bpf",
		      STYLE_DIM);
	} else {
		buf_addstr(&x->b, "0x");
		buf_addhex(&x->b, p->pa.v, 0);
		item(x, STYLE_BOLD);
		buf_addf(&x->b, "PFN 0x%llx", (unsigned long long)(p->pa.v / x->e->phys.page_size));
		item(x, STYLE_PLAIN);
		if (p->pa.source)
			conf_item(x, p->pa.conf, p->pa.source);
	}
	flow_end(&x->f);
}

/** From the outermost range to the innermost: "System RAM / Kernel code". */
static void resource_path(struct explain_view *x, u32 index)
{
	const struct phys *phys = &x->e->phys;
	u32 chain[RESOURCE_DEPTH_MAX + 1];
	size_t n = 0;

	for (; index != NO_INDEX && n < ARRAY_SIZE(chain); index = phys->resources[index].parent)
		chain[n++] = index;
	while (n-- > 0) {
		const char *name = phys_text(phys, phys->resources[chain[n]].name);

		outside(x, name, strlen(name));
		buf_addstr(&x->b, n ? " / " : "");
	}
	item(x, STYLE_BOLD);
}

static void iomem_line(struct explain_view *x, const struct explain_place *p)
{
	const struct phys *phys = &x->e->phys;

	flow_begin(&x->f, &x->v, "iomem");
	if (p->resource != NO_INDEX) {
		const struct resource *r = &phys->resources[p->resource];

		resource_path(x, p->resource);
		buf_addf(&x->b, "0x%llx-0x%llx", (unsigned long long)r->first,
			 (unsigned long long)r->last);
		item(x, STYLE_DIM);
	} else if (phys->iomem == IOMEM_READ) {
		words(x, "nothing claims it: no RAM, no device", STYLE_PLAIN);
	} else {
		flow_str(&x->f, "?", STYLE_PLAIN);
		words(x,
		      phys->iomem == IOMEM_ZEROS ? "its addresses are hidden: CAP_SYS_ADMIN "
						   "shows them"
						 : "it could not be read",
		      STYLE_DIM);
	}
	flow_end(&x->f);
}

static void zone_line(struct explain_view *x, const struct explain_place *p)
{
	const struct explain_frame *f = &p->frame;

	flow_begin(&x->f, &x->v, "zone");
	if (f->zone) {
		outside(x, f->zone, strlen(f->zone));
		item(x, STYLE_BOLD);
		flow_number(&x->f, "node", FIG(f->node));
	} else if (is_no_ram(x, p)) {
		words(x, "none: not RAM", STYLE_PLAIN);
	} else {
		flow_str(&x->f, "?", STYLE_PLAIN);
		words(x, "no zone, or more than one, spans this frame", STYLE_DIM);
	}
	flow_end(&x->f);
}

static void flag_names(struct buf *b, u64 word)
{
	for (u64 bits = word; bits; bits &= bits - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(bits);
		const char *name = kpf_name(bit);

		buf_addstr(b, bits == word ? "" : ",");
		if (!name)
			buf_addf(b, "bit%u", bit);
		else
			for (; *name; name++)
				buf_addch(b, *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20)
									  : *name);
	}
	if (!word)
		buf_addstr(b, "none");
}

static void frame_line(struct explain_view *x, const struct explain_place *p)
{
	const struct explain_frame *f = &p->frame;

	flow_begin(&x->f, &x->v, "frame");
	if (is_no_ram(x, p) && (!f->flags.have || f->flags.v >> KPF_NOPAGE & 1)) {
		words(x, "no struct page: not RAM", STYLE_PLAIN);
		flow_end(&x->f);
		return;
	}
	buf_addstr(&x->b, "flags ");
	if (f->flags.have)
		flag_names(&x->b, f->flags.v);
	else
		buf_addch(&x->b, '?');
	item(x, STYLE_PLAIN);
	flow_number(&x->f, "mapped", f->count);
	if (f->count.have && f->flags.have && count_is_average(x->s, f->flags.v))
		flow_str(&x->f, "approximate: it is part of a large folio", STYLE_NOTE);
	buf_addstr(&x->b, "cgroup ");
	if (f->cgroup_path)
		outside(x, f->cgroup_path, strlen(f->cgroup_path));
	else if (!f->cgroup.have)
		buf_addch(&x->b, '?');
	else if (f->cgroup.v)
		buf_addf(&x->b, "inode %llu", (unsigned long long)f->cgroup.v);
	else
		buf_addstr(&x->b, "none");
	item(x, STYLE_PLAIN);
	flow_end(&x->f);
}

static void direct_line(struct explain_view *x, const struct explain_place *p)
{
	flow_begin(&x->f, &x->v, "direct map");
	if (p->direct.have) {
		address_item(x, p->direct.v);
		conf_item(x, p->direct.conf, p->direct.source);
		if (p->direct.conf != CONF_EXACT && is_no_ram(x, p))
			flow_str(&x->f, "not RAM: it need not be mapped there", STYLE_NOTE);
		else if (p->direct.conf != CONF_EXACT && x->e->phys.iomem != IOMEM_READ)
			flow_str(&x->f, "if it is RAM, which iomem would tell", STYLE_NOTE);
	} else if (p->no_direct) {
		words(x, "none: what is known of the direct map does not have it", STYLE_PLAIN);
	} else {
		flow_str(&x->f, "?", STYLE_PLAIN);
		words(x, "its base is not known: " WOULD_TELL, STYLE_DIM);
	}
	flow_end(&x->f);
}

static void image_line(struct explain_view *x, const struct explain_place *p)
{
	flow_begin(&x->f, &x->v, "image");
	if (p->image.have) {
		address_item(x, p->image.v);
		conf_item(x, p->image.conf, p->image.source);
	} else if (p->no_image) {
		words(x, "none: not in the kernel image", STYLE_PLAIN);
	} else {
		flow_str(&x->f, "?", STYLE_PLAIN);
		words(x, "where the image lies in physical memory is not known: " WOULD_TELL,
		      STYLE_DIM);
	}
	flow_end(&x->f);
}

static void memmap_line(struct explain_view *x, const struct explain_place *p)
{
	flow_begin(&x->f, &x->v, "memmap");
	if (p->page.have) {
		buf_addstr(&x->b, "struct page ");
		buf_addhex(&x->b, p->page.v, x->v.c.addr);
		item(x, STYLE_PLAIN);
		buf_addf(&x->b, "%llu B", (unsigned long long)x->e->page_struct.v);
		item(x, STYLE_PLAIN);
		conf_item(x, p->page.conf, p->page.source);
		if (is_no_ram(x, p))
			flow_str(&x->f, "not RAM: it need not exist", STYLE_NOTE);
		else if (x->e->phys.iomem != IOMEM_READ)
			flow_str(&x->f, "if it is RAM, which iomem would tell", STYLE_NOTE);
	} else if (x->e->vmemmap.have && x->e->page_struct.have) {
		words(x, "none: vmemmap does not reach this frame", STYLE_PLAIN);
	} else {
		flow_str(&x->f, "?", STYLE_PLAIN);
		words(x,
		      x->s->host.bits == 32 ? "this machine has no vmemmap"
					    : "the base of vmemmap is not known: " WOULD_TELL,
		      STYLE_DIM);
	}
	flow_end(&x->f);
}

static void physical_lines(struct explain_view *x, const struct explain_place *p)
{
	direct_line(x, p);
	image_line(x, p);
	memmap_line(x, p);
	iomem_line(x, p);
	zone_line(x, p);
	frame_line(x, p);
}

/* --- a place ---------------------------------------------------------------------------------- */

static void place(struct explain_view *x, const struct explain_place *p)
{
	if (p->hidden) {
		flow_begin(&x->f, &x->v, "address");
		words(x, "hidden: kallsyms has the symbol and shows zeros for addresses",
		      STYLE_PLAIN);
		flow_end(&x->f);
		return;
	}
	if (p->va.have) {
		flow_begin(&x->f, &x->v, "address");
		address_item(x, p->va.v);
		flow_end(&x->f);
		region_line(x, p->va.v);
		if (explain_half(x->s, p->va.v) == HALF_USER ||
		    explain_half(x->s, p->va.v) == HALF_HOLE)
			return;
		symbol_line(x, p);
		area_lines(x, p->va.v);
		entry_line(x, p);
	}
	if (p->describes.have) {
		flow_begin(&x->f, &x->v, "describes");
		buf_addf(&x->b, "PFN 0x%llx", (unsigned long long)p->describes.v);
		item(x, STYLE_BOLD);
		conf_item(x, p->describes.conf, p->describes.source);
		flow_end(&x->f);
	}
	physical_line(x, p);
	if (p->pa.have)
		physical_lines(x, p);
}

void render_explain(const struct space *s, const struct explain *e, const struct view_opts *o,
		    struct out *out)
{
	struct explain_view x = { .s = s, .e = e };

	view_init(&x.v, s, o, out);
	view_columns(&x.v);
	if (s->host.bits == 32)
		x.v.c.addr = 8;
	buf_init(&x.b);
	title_draw(&x.v);
	asked_line(&x);
	for (size_t i = 0; i < e->nplaces; i++) {
		row_end(&x.v.row);
		place(&x, &e->places[i]);
	}
	row_end(&x.v.row);
	notes_draw(&x.v);
	buf_release(&x.b);
	view_release(&x.v);
}
