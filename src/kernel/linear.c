/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The RAM in a linear map, and what the segments of kcore say by themselves. */
#include "arch.h"

#include <stdlib.h>

/** More RAM ranges than this are told by number only. */
#define PARTS_MAX 64

struct range kcore_range(const struct kcore_segment *g)
{
	return (struct range){ g->vaddr, g->vaddr + (g->memsz - 1) };
}

bool kcore_has_paddrs(const struct kcore *c)
{
	for (size_t i = 0; i < c->nsegments; i++)
		if (c->segments[i].paddr && c->segments[i].paddr != UINT64_MAX)
			return true;
	return false;
}

bool kcore_inside_another(const struct kcore *c, const struct kcore_segment *g)
{
	for (size_t i = 0; i < c->nsegments; i++)
		if (c->segments[i].paddr == UINT64_MAX &&
		    range_inside(kcore_range(g), kcore_range(&c->segments[i])))
			return true;
	return false;
}

void linear_add(struct linear *l, const struct space *s, struct range va, u64 pa)
{
	u64 page = s->host.page_size, cut;

	if (!page || pa > UINT64_MAX - range_size(va))
		return;
	cut = (page - pa % page) % page;
	if (cut >= range_size(va))
		return;
	va.first += cut;
	pa += cut;
	if (range_size(va) < page)
		return;
	va.last -= range_size(va) % page;
	GROW(l->p, l->n, l->cap);
	l->p[l->n++] = (struct linear_ram){ va, pa };
}

static int compare_ram(const void *va, const void *vb)
{
	const struct linear_ram *x = va, *y = vb;

	return x->va.first < y->va.first ? -1 : x->va.first > y->va.first;
}

void linear_sort(struct linear *l, enum conf conf, const char *source)
{
	size_t n = 0;

	if (l->n)
		qsort(l->p, l->n, sizeof(*l->p), compare_ram);
	l->bytes = 0;
	for (size_t i = 0; i < l->n; i++) {
		if (n && l->p[i].va.first <= l->p[n - 1].va.last)
			continue;
		l->p[n++] = l->p[i];
		l->bytes += range_size(l->p[n - 1].va);
	}
	l->n = n;
	l->conf = conf;
	l->source = source;
}

struct range linear_span(const struct linear *l)
{
	return (struct range){ l->p[0].va.first, l->p[l->n - 1].va.last };
}

void linear_parts(const struct linear *l, struct space *s, struct region *r)
{
	size_t parent = r ? (size_t)(r - s->regions) : 0;
	u64 used = 0;
	size_t n = 0;

	if (!r || !l->n)
		return;
	for (size_t i = 0; i < l->n; i++) {
		if (!range_inside(l->p[i].va, (struct range){ r->first, r->last }))
			continue;
		used += range_size(l->p[i].va);
		n++;
	}
	r->used = FIG(used);
	r->between = "no RAM";
	region_note(r, "RAM in %zu range%s", n, n == 1 ? "" : "s");
	if (n > PARTS_MAX || r->conf >= CONF_BOUNDS || parent + 1 != s->nregions)
		return;
	for (size_t i = 0; i < l->n; i++) {
		const struct linear_ram *m = &l->p[i];

		r = layout_add_part(s, KR_DIRECT_MAP, m->va, l->conf, "RAM", l->source);
		if (r)
			r->phys = FIG(m->pa);
		region_note(r, "physical %llx-%llx", (unsigned long long)m->pa,
			    (unsigned long long)(m->pa + (range_size(m->va) - 1)));
	}
}

void linear_release(struct linear *l)
{
	free(l->p);
	*l = (struct linear){ 0 };
}
