/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/vmallocinfo: the areas of the vmalloc space (and, on x86_64, of the modules' one). One pass
 * counts and finds out what the addresses are; a second one, where asked for, keeps every area.
 */
#include "ksrc.h"

#include <string.h>

#include "../model/kmap.h"
#include "pid_parse.h"

struct area_line {
	u64 first, end, size;
	struct slice rest; /**< caller, pages=, kind, node counts */
};

/** "0xS-0xE   size caller+0x1/0x2 pages=4 vmalloc N0=4" */
static bool area_parse(struct slice line, struct area_line *ret)
{
	const char *p = line.p, *end = line.p + line.len;

	if (line.len < 2 || memcmp(p, "0x", 2))
		return false;
	p += 2;
	if (!parse_hex(&p, end, &ret->first) || end - p < 3 || memcmp(p, "-0x", 3))
		return false;
	p += 3;
	if (!parse_hex(&p, end, &ret->end))
		return false;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &ret->size) || !ret->size)
		return false;
	skip_blanks(&p, end);
	ret->rest = (struct slice){ p, (size_t)(end - p) };
	return true;
}

static bool has(struct slice s, const char *what)
{
	return memmem(s.p, s.len, what, strlen(what)) != NULL;
}

/** Freed, its page-table entries still cached somewhere: no longer in use. */
static bool is_unpurged(const struct area_line *a)
{
	return a->rest.len >= 8 && !memcmp(a->rest.p, "unpurged", 8);
}

static void count_area(const struct area_line *a, struct kvmalloc *v)
{
	const char *pages = memmem(a->rest.p, a->rest.len, " pages=", 7);
	u64 n;

	if (is_unpurged(a)) {
		v->unpurged += a->size;
		return;
	}
	v->count++;
	v->bytes += a->size;
	if (pages) {
		pages += 7;
		if (parse_dec(&pages, a->rest.p + a->rest.len, &n) && n <= a->size)
			v->pages += n;
	}
}

enum ksrc_state vmallocinfo_parse(const char *text, size_t len, struct kvmalloc *ret)
{
	const char *p = text, *end = text + len;
	size_t real = 0, zeros = 0, hashed = 0;
	struct slice line;

	while (next_line(&p, end, &line)) {
		struct area_line a;

		if (!area_parse(line, &a))
			continue;
		count_area(&a, ret);
		/* A hash of each end: only of real addresses the difference is the size. */
		if (!a.first && !a.end) {
			zeros++;
		} else if (a.end - a.first != a.size || a.end <= a.first) {
			hashed++;
		} else {
			real++;
			if (ret->nareas == KVMALLOC_MAX)
				continue;
			GROW(ret->areas, ret->nareas, ret->cap_areas);
			ret->areas[ret->nareas++] =
				(struct kvmalloc_area){ a.first, a.end - 1,
							has(a.rest, "pcpu_get_vm_areas"),
							is_unpurged(&a) };
		}
	}
	if (real && !zeros && !hashed)
		return KSRC_READ;
	/* Mixed is as good as hashed: nothing says which of them to believe. */
	ret->nareas = 0;
	if (zeros && !hashed && !real)
		return KSRC_ZEROS;
	return real || zeros || hashed ? KSRC_HASHED : KSRC_DAMAGED;
}

/* --- every area ------------------------------------------------------------------------------- */

/** "kernel_clone+0x94/0x3e0", with " [xfs]" behind it where that made it; *p goes beyond it. */
static struct slice take_caller(const char **p, const char *end)
{
	struct slice ret = { *p, 0 };
	const char *q = *p;

	while (q < end && *q != ' ')
		q++;
	ret.len = (size_t)(q - ret.p);
	/* Without a caller the figures follow at once. */
	if (memchr(ret.p, '=', ret.len) || !ret.len) {
		ret.len = 0;
		return ret;
	}
	if (end - q > 2 && q[1] == '[') {
		const char *close = memchr(q, ']', (size_t)(end - q));

		q = close ? close + 1 : q;
		ret.len = (size_t)(q - ret.p);
	}
	*p = q;
	return ret;
}

/** The caller without "+0x94/0x3e0". */
static u32 function_of(struct slice caller, struct space *s)
{
	const char *plus = memchr(caller.p, '+', caller.len);
	const char *mod = memchr(caller.p, '[', caller.len);
	size_t len = plus ? (size_t)(plus - caller.p) : caller.len;
	struct buf b = { 0 };
	u32 ret;

	if (!plus || !mod || mod < plus)
		return strtab_add(&s->names, caller.p, len);
	buf_add(&b, caller.p, len);
	buf_addch(&b, ' ');
	buf_add(&b, mod, caller.len - (size_t)(mod - caller.p));
	ret = strtab_add(&s->names, b.p, b.len);
	buf_release(&b);
	return ret;
}

/** "N0=4" */
static bool node_word(struct slice w, struct kmap *m, struct karea *a)
{
	const char *p = w.p + 1, *end = w.p + w.len;
	u64 node, pages;

	if (w.len < 4 || *w.p != 'N' || !parse_dec(&p, end, &node) || p == end || *p++ != '=' ||
	    !parse_dec(&p, end, &pages) || p != end || node > UINT16_MAX || pages > a->size)
		return false;
	kmap_add_node(m, a, (u32)node, pages);
	return true;
}

/** One of the words behind the caller; *kind is what the flags make of it. */
static void area_word(struct slice w, struct kmap *m, struct karea *a, enum karea_kind *kind)
{
	/* Later ones say more: vmalloc_user() is "vmalloc user" (mm/vmalloc.c, s_show()). */
	static const struct {
		const char *word;
		enum karea_kind kind;
	} words[] = {
		{ "vmap", KAREA_VMAP },	       { "ioremap", KAREA_IOREMAP }, { "user", KAREA_USER },
		{ "dma-coherent", KAREA_DMA }, { "vmalloc", KAREA_VMALLOC },
	};
	const char *p, *end = w.p + w.len;
	struct slice v;

	if (slice_after(w, "pages=", &v)) {
		p = v.p;
		if (parse_dec(&p, end, &a->pages) && p == end && a->pages <= a->size)
			a->have |= KAREA_PAGES;
	} else if (slice_after(w, "phys=0x", &v)) {
		p = v.p;
		if (parse_hex(&p, end, &a->phys) && p == end)
			a->have |= KAREA_PHYS;
	} else if (slice_is(w, "vpages")) {
		a->have |= KAREA_VPAGES;
	} else if (!node_word(w, m, a)) {
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (slice_is(w, words[i].word))
				*kind = words[i].kind;
	}
}

static void area_details(struct slice rest, struct space *s, struct karea *a)
{
	const char *p = rest.p, *end = p + rest.len;
	enum karea_kind kind = KAREA_VMAP;
	struct slice caller;

	if (slice_is(rest, "unpurged vm_area") || slice_is(rest, "vm_map_ram")) {
		a->kind = *p == 'u' ? KAREA_UNPURGED : KAREA_MAP_RAM;
		return;
	}
	caller = take_caller(&p, end);
	while (p < end) {
		struct slice w;

		skip_blanks(&p, end);
		w.p = p;
		while (p < end && *p != ' ')
			p++;
		w.len = (size_t)(p - w.p);
		area_word(w, s->kmap, a, &kind);
	}
	a->caller = strtab_add(&s->names, caller.p, caller.len);
	a->function = function_of(caller, s);
	a->kind = (u8)karea_kind_of(kind, strtab_get(&s->names, a->function));
}

void vmallocinfo_list(const char *text, size_t len, enum ksrc_state st, struct space *s)
{
	const char *p = text, *end = text + len;
	struct kmap *m = s->kmap;
	struct slice line;

	m->area_addr = st == KSRC_READ	   ? KADDR_REAL
		       : st == KSRC_ZEROS  ? KADDR_ZEROS
		       : st == KSRC_HASHED ? KADDR_HASHED
					   : KADDR_NONE;
	while (next_line(&p, end, &line)) {
		struct area_line l;
		struct karea *a;

		if (!area_parse(line, &l))
			continue;
		a = kmap_add_area(m);
		if (!a) {
			m->dropped++;
			continue;
		}
		a->size = l.size;
		if (st == KSRC_READ) {
			a->first = l.first;
			a->last = l.end - 1;
		}
		area_details(l.rest, s, a);
	}
}
