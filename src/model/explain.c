/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "explain.h"

#include <stdlib.h>
#include <string.h>

/* --- what was asked --------------------------------------------------------------------------- */

static bool after(const char *text, const char *key, const char **rest)
{
	size_t n = strlen(key);

	if (strncmp(text, key, n))
		return false;
	*rest = text + n;
	return true;
}

/** All of the text is a number: hex after 0x, else decimal. */
static bool whole_number(const char *text, u64 *ret)
{
	const char *p = text, *end = text + strlen(text);

	if (after(text, "0x", &p))
		return parse_hex(&p, end, ret) && p == end;
	return parse_dec(&p, end, ret) && p == end;
}

/** "NAME" or "NAME+0x10": no blank, no control byte; a name does not begin with a digit. */
static bool parse_symbol(const char *text, struct explain_ask *ret)
{
	const char *plus = strchr(text, '+');
	size_t len = plus ? (size_t)(plus - text) : strlen(text);

	if (!len || (text[0] >= '0' && text[0] <= '9') ||
	    (plus && !whole_number(plus + 1, &ret->plus)))
		return false;
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] == 0x7f)
			return false;
	ret->form = EXPLAIN_SYMBOL;
	ret->name = text;
	ret->len = len;
	return true;
}

bool explain_parse(const char *text, u8 bits, struct explain_ask *ret)
{
	const char *rest, *p = text, *end = text + strlen(text);

	*ret = (struct explain_ask){ 0 };
	if (after(text, "pa:", &rest)) {
		ret->form = EXPLAIN_PHYS;
		return after(rest, "0x", &rest) && parse_hex(&rest, end, &ret->v) && rest == end;
	}
	if (after(text, "pfn:", &rest)) {
		ret->form = EXPLAIN_PFN;
		return whole_number(rest, &ret->v);
	}
	if (after(text, "0x", &p))
		return parse_hex(&p, end, &ret->v) && p == end;
	if (end - text == bits / 4 && parse_hex(&p, end, &ret->v) && p == end)
		return true;
	ret->v = 0;
	return parse_symbol(text, ret);
}

/* --- the container ---------------------------------------------------------------------------- */

void explain_init(struct explain *e, u32 page_size)
{
	*e = (struct explain){ 0 };
	phys_init(&e->phys, page_size ? page_size : 4096);
}

void explain_release(struct explain *e)
{
	for (size_t i = 0; i < e->nplaces; i++) {
		struct explain_place *p = &e->places[i];

		for (size_t k = 0; k < p->symbol.nnames; k++)
			free(p->symbol.names[k]);
		free(p->symbol.module);
		free(p->symbol.next_name);
		free(p->frame.cgroup_path);
		free(p->frame.zone);
	}
	free(e->maps);
	phys_release(&e->phys);
}

void explain_add_map(struct explain *e, const struct kmapping *m)
{
	size_t i;

	GROW(e->maps, e->nmaps, e->cap_maps);
	for (i = e->nmaps++; i && e->maps[i - 1].conf > m->conf; i--)
		e->maps[i] = e->maps[i - 1];
	e->maps[i] = *m;
}

struct explain_place *explain_add_place(struct explain *e)
{
	struct explain_place *p;

	if (e->nplaces == EXPLAIN_PLACES) {
		e->more++;
		return NULL;
	}
	p = &e->places[e->nplaces++];
	*p = (struct explain_place){ .resource = NO_INDEX };
	return p;
}

/* --- from one side to the other --------------------------------------------------------------- */

static struct known known_by(u64 v, enum conf conf, const char *source)
{
	return (struct known){ v, true, conf, source };
}

static bool worse(enum conf a, enum conf b)
{
	return a > b;
}

/** The physical address of a kernel address by the mappings; what is known best comes first. */
static struct known by_mappings(const struct explain *e, u64 va)
{
	for (size_t i = 0; i < e->nmaps; i++) {
		const struct kmapping *m = &e->maps[i];

		if (range_has(m->va, va))
			return known_by(m->pa + (va - m->va.first), m->conf, m->source);
	}
	return (struct known){ 0 };
}

/** Areas of ioremap() say which physical address they begin at. */
static struct known by_area(const struct space *s, u64 va)
{
	const struct karea *a = s->kmap ? kmap_area_at(s->kmap, va) : NULL;

	/* The last page is the guard. */
	if (!a || !(a->have & KAREA_PHYS) || va - a->first > UINT64_MAX - a->phys ||
	    va - a->first >= a->size - MIN(a->size, s->host.page_size))
		return (struct known){ 0 };
	return known_by(a->phys + (va - a->first), CONF_EXACT, "vmallocinfo");
}

/** An address of the physical one by the mappings of the direct map, or of the image. */
static struct known to_virtual(const struct explain *e, u64 pa, bool image, bool *any)
{
	*any = false;
	for (size_t i = 0; i < e->nmaps; i++) {
		const struct kmapping *m = &e->maps[i];

		if (m->image != image)
			continue;
		*any = true;
		if (pa >= m->pa && pa - m->pa <= m->va.last - m->va.first)
			return known_by(m->va.first + (pa - m->pa), m->conf, m->source);
	}
	return (struct known){ 0 };
}

static void find_page(const struct explain *e, const struct space *s, struct explain_place *p)
{
	const struct known *v = &e->vmemmap, *size = &e->page_struct;
	u64 pfn = p->pa.v / e->phys.page_size, offset;
	u32 region, part;

	if (!v->have || !size->have || __builtin_mul_overflow(pfn, size->v, &offset) ||
	    offset > UINT64_MAX - v->v)
		return;
	/* A frame so high that the array does not reach it has none. */
	if (!explain_region(s, v->v + offset, &region, &part) ||
	    s->regions[region].kind != KR_VMEMMAP)
		return;
	p->page = worse(size->conf, v->conf) ? known_by(v->v + offset, size->conf, size->source)
					     : known_by(v->v + offset, v->conf, v->source);
}

/** A kernel address in vmemmap describes a frame. */
static void find_described(const struct explain *e, const struct space *s, struct explain_place *p)
{
	const struct known *v = &e->vmemmap, *size = &e->page_struct;
	u32 region, part;

	if (!v->have || !size->have || !size->v || !explain_region(s, p->va.v, &region, &part) ||
	    s->regions[region].kind != KR_VMEMMAP || p->va.v < v->v)
		return;
	p->describes = known_by((p->va.v - v->v) / size->v, MAX(v->conf, size->conf),
				worse(size->conf, v->conf) ? size->source : v->source);
}

static void find_resource(const struct explain *e, struct explain_place *p)
{
	p->resource = NO_INDEX;
	/* Parents come before their children, so the last one that has it is the deepest. */
	for (size_t i = 0; e->phys.iomem == IOMEM_READ && i < e->phys.nresources; i++) {
		const struct resource *r = &e->phys.resources[i];

		if (r->first <= p->pa.v && p->pa.v <= r->last)
			p->resource = (u32)i;
	}
}

void explain_translate(struct explain *e, const struct space *s, struct explain_place *p)
{
	bool any;

	if (p->va.have && !p->pa.have) {
		p->pa = by_mappings(e, p->va.v);
		if (!p->pa.have)
			p->pa = by_area(s, p->va.v);
	}
	if (p->va.have)
		find_described(e, s, p);
	if (!p->pa.have)
		return;
	p->direct = to_virtual(e, p->pa.v, false, &any);
	p->no_direct = any && !p->direct.have;
	p->image = to_virtual(e, p->pa.v, true, &any);
	p->no_image = any && !p->image.have;
	find_page(e, s, p);
	find_resource(e, p);
}

/* --- symbols ---------------------------------------------------------------------------------- */

static void forget_symbol(struct explain_symbol *sym)
{
	for (size_t i = 0; i < sym->nnames; i++)
		free(sym->names[i]);
	free(sym->module);
	sym->module = NULL;
	sym->nnames = 0;
}

void explain_symbol_seen(struct explain_place *p, u64 addr, char type, const char *name, size_t len,
			 const char *module, size_t module_len)
{
	struct explain_symbol *sym = &p->symbol;

	if (addr > p->va.v) {
		if (sym->next.have && sym->next.v <= addr)
			return;
		free(sym->next_name);
		sym->next = FIG(addr);
		sym->next_name = xmemdupz(name, len);
		return;
	}
	if (sym->nnames && sym->addr > addr)
		return;
	if (sym->nnames && sym->addr < addr)
		forget_symbol(sym);
	if (!sym->nnames) {
		sym->addr = addr;
		sym->type = type;
		sym->module = module_len ? xmemdupz(module, module_len) : NULL;
	}
	if (sym->nnames < EXPLAIN_ALIASES)
		sym->names[sym->nnames++] = xmemdupz(name, len);
}

/** Farther below than this, in a region that is not made of symbols, it is no neighbour. */
#define SYMBOL_NEAR MIB

void explain_symbol_check(const struct space *s, struct explain_place *p)
{
	struct explain_symbol *sym = &p->symbol;
	u32 here, there, part;
	bool ours = explain_region(s, p->va.v, &here, &part);
	bool its = sym->nnames && explain_region(s, sym->addr, &there, &part);
	bool near = sym->nnames && p->va.v - sym->addr < SYMBOL_NEAR;

	if (sym->nnames && (ours != its || (ours && here != there) ||
			    (!near && !(ours && s->regions[here].kind == KR_IMAGE))))
		forget_symbol(sym);
	if (!sym->nnames && sym->next.have) {
		free(sym->next_name);
		sym->next_name = NULL;
		sym->next = (struct fig){ 0 };
	}
}

/* --- regions ---------------------------------------------------------------------------------- */

enum explain_half explain_half(const struct space *s, u64 va)
{
	if (s->kernel.last && range_has(s->kernel, va))
		return HALF_KERNEL;
	if (s->user.last && range_has(s->user, va))
		return HALF_USER;
	return s->kernel.last && s->user.last ? HALF_HOLE : HALF_UNKNOWN;
}

static bool placed(const struct region *r)
{
	return r->conf != CONF_BOUNDS && r->conf != CONF_UNKNOWN;
}

bool explain_region(const struct space *s, u64 va, u32 *region, u32 *part)
{
	bool found = false;

	*part = NO_INDEX;
	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *r = &s->regions[i];

		if (!placed(r) || va < r->first || va > r->last || r->kind == KR_HALF)
			continue;
		if (!r->depth) {
			*region = (u32)i;
			*part = NO_INDEX;
			found = true;
		} else if (found) {
			*part = (u32)i;
		}
	}
	return found;
}

bool explain_may_lie(const struct region *r, u64 va)
{
	return r->conf == CONF_BOUNDS && !r->depth && r->first <= va && va <= r->last;
}

/* --- notes ------------------------------------------------------------------------------------ */

/** May areas of vmalloc, or modules, be at the place? */
static bool in_areas(const struct space *s, const struct explain_place *p)
{
	u32 region, part;

	if (!p->va.have || explain_half(s, p->va.v) != HALF_KERNEL)
		return false;
	if (explain_region(s, p->va.v, &region, &part))
		return s->regions[region].kind == KR_VMALLOC ||
		       s->regions[region].kind == KR_MODULES;
	return true;
}

static bool inexact(const struct known *k)
{
	return k->have && k->conf != CONF_EXACT;
}

/** Would the kernel's memory tell more of it, or tell it better? */
static bool wants_memory(const struct space *s, const struct explain_place *p)
{
	bool address = p->va.have && explain_half(s, p->va.v) != HALF_KERNEL;

	if (p->hidden || (address && explain_half(s, p->va.v) != HALF_UNKNOWN))
		return false;
	return (p->va.have && !p->entry_source) || (p->pa.source && inexact(&p->pa)) ||
	       inexact(&p->direct) || inexact(&p->image) || inexact(&p->page) ||
	       inexact(&p->describes) ||
	       (p->pa.have &&
		(!(p->direct.have || p->no_direct) || !(p->image.have || p->no_image)));
}

static bool bears(const struct explain *e, const struct space *s, const struct note *n)
{
	static const char *const memory[] = { "kcore", "bpf", "btf" };
	static const char *const areas[] = { "vmallocinfo", "modules" };
	static const char *const frames[] = { "iomem", "frames.txt", "kpageflags" };
	bool of_memory = false, of_areas = false, of_frames = false;

	if (n->kind != NOTE_CLOSED && n->kind != NOTE_ABSENT && n->kind != NOTE_LIMIT)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(memory); i++)
		of_memory |= !strcmp(n->source, memory[i]);
	for (size_t i = 0; i < ARRAY_SIZE(areas); i++)
		of_areas |= !strcmp(n->source, areas[i]);
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++)
		of_frames |= !strcmp(n->source, frames[i]);
	for (size_t i = 0; i < e->nplaces; i++) {
		const struct explain_place *p = &e->places[i];

		if ((of_memory && wants_memory(s, p)) || (of_areas && in_areas(s, p)) ||
		    (of_frames && (p->pa.have || wants_memory(s, p))))
			return true;
	}
	return !of_memory && !of_areas && !of_frames;
}

void explain_keep_notes(const struct explain *e, struct space *s)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nnotes; i++) {
		if (bears(e, s, &s->notes[i]))
			s->notes[kept++] = s->notes[i];
		else
			free(s->notes[i].text);
	}
	s->nnotes = kept;
}
