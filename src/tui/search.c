/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `/`: the next row that has a text in its name, or has something inside that does: a mapping, a
 * section, an area. Where the list ends the search goes on in the lists around it. Names of
 * objects, mappings, regions and modules come first: sections and functions only where none of them
 * has it.
 */
#include <string.h>

#include "../model/kmap.h"
#include "../render/words.h"
#include "state.h"

/* --- what has the text ------------------------------------------------------------------------ */

static bool has(const char *name, const char *text)
{
	return name && strcasestr(name, text);
}

/** What has it inside a row. */
struct match {
	u64 at;		  /**< its first byte */
	const char *what; /**< its name, where it is not that of the row; NULL */
};

static struct match at_row(u64 at)
{
	return (struct match){ at, NULL };
}

/** The first section of the object in a range that has it; false: none. */
static bool section_at(const struct space *s, const struct object *o, struct range in,
		       const char *text, struct match *ret)
{
	if (o->image == NO_INDEX || o->bias_state != BIAS_KNOWN)
		return false;
	for (size_t i = 0; i < s->images[o->image].nsections; i++) {
		const struct image_section *sec = &s->images[o->image].sections[i];

		if (sec->addr && has(sec->name, text) && range_has(in, sec->addr + o->bias)) {
			*ret = (struct match){ sec->addr + o->bias, sec->name };
			return true;
		}
	}
	return false;
}

/** Is the role named for sections, as "data" is? Those of stacks and guards are names. */
static bool is_section_role(unsigned role)
{
	return role != ROLE_STACK && role != ROLE_GUARD;
}

/** Does a mapping have it, in its name or its role; with `inside` in a section? */
static bool vma_has(const struct space *s, const struct vma *v, const char *text, bool inside,
		    struct match *ret)
{
	const struct object *o = v->object == NO_INDEX ? NULL : &s->objects[v->object];

	*ret = at_row(v->first);
	if (has(vma_name(s, v), text))
		return true;
	ret->what = vma_role_name(v->role);
	if ((inside || !is_section_role(v->role)) && has(ret->what, text))
		return true;
	return inside && (o && section_at(s, o, vma_range(v), text, ret));
}

static bool object_has(const struct space *s, const struct object *o, const char *text, bool inside,
		       struct match *ret)
{
	*ret = (struct match){ s->vmas[o->vma + o->nvmas - 1].last, object_kind_name(o->kind) };
	if (has(ret->what, text))
		return true;
	/* Highest first, as the list of its mappings. */
	for (u32 i = o->vma + o->nvmas; i-- > o->vma;) {
		const struct vma *v = &s->vmas[i];

		/* Thousands may be called the same; where sections are known each differs. */
		if (o->image == NO_INDEX && i + 1 < o->vma + o->nvmas && v->name == v[1].name &&
		    v->role == v[1].role)
			continue;
		if (vma_has(s, v, text, inside, ret))
			return true;
	}
	return false;
}

static const char *area_name(const struct space *s, const struct karea *a)
{
	const char *caller = strtab_get(&s->names, a->caller);

	return *caller ? caller : karea_kind_name(a->kind);
}

static bool area_has(const struct space *s, const struct karea *a, const char *text)
{
	return has(strtab_get(&s->names, a->caller), text) || has(karea_kind_name(a->kind), text);
}

static bool module_has(const struct space *s, const struct kmodule *mod, const char *text,
		       bool inside, struct match *ret)
{
	*ret = at_row(mod->addr);
	if (has(mod->name, text))
		return true;
	for (size_t i = 0; inside && i < mod->nsections; i++) {
		*ret = (struct match){ mod->sections[i].addr,
				       strtab_get(&s->names, mod->sections[i].name) };
		if (has(ret->what, text))
			return true;
	}
	return false;
}

static bool region_says(const struct region *r, const char *text, bool inside)
{
	return has(r->name, text) || (inside && has(r->note, text));
}

/** Is what has that address listed in the region? Where addresses are hidden its kind tells. */
static bool is_inside(const struct region *r, enum kaddr addrs, u64 addr, enum region_kind kind)
{
	return addrs == KADDR_REAL ? range_has((struct range){ r->first, r->last }, addr)
				   : r->kind == kind;
}

/** A region, its parts, and the areas and modules that lie in it. */
static bool region_has(const struct space *s, u32 index, const char *text, bool inside,
		       struct match *ret)
{
	const struct region *r = &s->regions[index];
	const struct kmap *m = s->kmap;

	*ret = at_row(r->first);
	if (region_says(r, text, inside))
		return true;
	for (size_t i = index + 1; inside && i < s->nregions && s->regions[i].depth && !r->depth;
	     i++)
		if (region_says(&s->regions[i], text, inside)) {
			*ret = (struct match){ s->regions[i].first, s->regions[i].name };
			return true;
		}
	for (size_t i = 0; m && i < m->nmodules; i++)
		if (is_inside(r, m->module_addr, m->modules[i].addr, KR_MODULES) &&
		    module_has(s, &m->modules[i], text, inside, ret)) {
			ret->what = ret->what ? ret->what : m->modules[i].name;
			ret->at = m->module_addr == KADDR_REAL ? ret->at : r->first;
			return true;
		}
	for (size_t i = 0; inside && m && i < m->nareas; i++)
		if (is_inside(r, m->area_addr, m->areas[i].first, KR_VMALLOC) &&
		    area_has(s, &m->areas[i], text)) {
			ret->at = m->area_addr == KADDR_REAL ? m->areas[i].first : r->first;
			ret->what = area_name(s, &m->areas[i]);
			return true;
		}
	return false;
}

/** Does the row have it, and where? */
static bool row_has(const struct tui *t, const struct item *it, const char *text, struct match *ret)
{
	const struct space *s = &t->snap->space;
	const struct kmap *m = s->kmap;
	bool inside = t->search_inside;

	*ret = at_row(it->r.first);
	switch (it->kind) {
	case ITEM_REGION:
		return region_has(s, it->index, text, inside, ret);
	case ITEM_MAPPING:
		return vma_has(s, &s->vmas[it->index], text, inside, ret);
	case ITEM_OBJECT:
		return object_has(s, &s->objects[it->index], text, inside, ret);
	case ITEM_AREA:
		return area_has(s, &m->areas[it->index], text);
	case ITEM_MODULE:
		return module_has(s, &m->modules[it->index], text, inside, ret);
	case ITEM_SECTION:
		return has(strtab_get(&s->names, m->modules[it->parent].sections[it->index].name),
			   text);
	case ITEM_TASK:
		return has(strtab_get(&t->snap->tasks.names, t->snap->tasks.v[it->index].name),
			   text);
	default:
		return false;
	}
}

bool item_has(const struct tui *t, const struct item *it, const char *text)
{
	struct match m;

	return text && *text && row_has(t, it, text, &m);
}

/* --- going there ------------------------------------------------------------------------------ */

/** Where the search is: given back when nothing is found. */
struct stand {
	struct place path[LEVEL_N];
	unsigned depth;
};

static void take_stand(const struct tui *t, struct stand *ret)
{
	memcpy(ret->path, t->path, sizeof(ret->path));
	ret->depth = t->depth;
}

static void return_to(struct tui *t, const struct stand *st)
{
	memcpy(t->path, st->path, sizeof(t->path));
	t->depth = st->depth;
	state_show(t);
}

static void found(struct tui *t, size_t row, u64 at)
{
	bool inside = at != t->items[row].r.first;

	state_select(t, row);
	t->found = at;
	t->have_found = inside && range_has(t->items[row].r, at);
}

/** From row `from` on to the end of the list that `back` names; true: selected. */
static bool search_rows(struct tui *t, size_t from, size_t n, bool back, const char *text)
{
	struct match m;

	for (size_t i = 0; i < n; i++) {
		size_t row = back ? from - i : from + i;

		if (row_has(t, &t->items[row], text, &m)) {
			found(t, row, m.at);
			return true;
		}
	}
	return false;
}

/** The rows after the selected one, in the direction of the search. */
static bool search_after(struct tui *t, bool back, const char *text)
{
	if (!t->nitems)
		return false;
	return back ? search_rows(t, t->cur - (t->cur != 0), t->cur, true, text)
		    : search_rows(t, t->cur + 1, t->nitems - t->cur - 1, false, text);
}

static bool search_all(struct tui *t, bool back, const char *text)
{
	if (!t->nitems)
		return false;
	return search_rows(t, back ? t->nitems - 1 : 0, t->nitems, back, text);
}

/** In the list of a half, from one of its ends on. */
static bool search_half(struct tui *t, const struct item *half, bool back, const char *text)
{
	state_push(t, (struct place){ .level = LEVEL_HALF,
				      .r = half->r,
				      .kernel = half->index != 0,
				      .at = half->r.last });
	if (search_all(t, back, text))
		return true;
	t->depth--;
	state_show(t);
	return false;
}

/** At LEVEL_SPACE: the selected half first, then the others. */
static bool search_space(struct tui *t, bool back, const char *text)
{
	size_t n = t->nitems, from = t->cur;

	for (size_t i = 0; i < n; i++) {
		struct item it = t->items[(from + i) % n];

		if (it.kind != ITEM_HALF)
			continue;
		t->have_found = false;
		if (search_half(t, &it, back, text))
			return true;
	}
	return false;
}

/** How a search ended; WENT_ROUND: at a row that it had gone past. */
enum outcome { NOT_FOUND, FOUND, WENT_ROUND };

/** In a list of rows: those after the selected one, the other half, those before it. */
static enum outcome search_list(struct tui *t, bool back, const char *text)
{
	bool kernel = here(t)->kernel;
	struct stand st;

	if (search_after(t, back, text))
		return FOUND;
	take_stand(t, &st);
	if (here(t)->level == LEVEL_HALF && t->depth > 1) {
		t->depth--;
		state_show(t);
		for (size_t i = 0; i < t->nitems; i++) {
			struct item it = t->items[i];

			if (it.kind != ITEM_HALF || (it.index != 0) == kernel)
				continue;
			if (search_half(t, &it, back, text))
				return FOUND;
			break;
		}
		return_to(t, &st);
	}
	return search_all(t, back, text) ? WENT_ROUND : NOT_FOUND;
}

/** Inside an object or a region: its rows, then those of the half, and inside of what is found. */
static enum outcome search_deep(struct tui *t, bool back, const char *text)
{
	enum outcome found;
	struct stand st;

	if (search_after(t, back, text))
		return FOUND;
	take_stand(t, &st);
	while (here(t)->level > LEVEL_HALF && t->depth > 1)
		t->depth--;
	state_show(t);
	found = search_list(t, back, text);
	if (!found)
		return_to(t, &st);
	return found;
}

/** Lists of more rows are not gone through to count those that have it. */
#define COUNT_MAX 10000

/** "match 2 of 5: .text of libc.so.6" */
static void say_match(struct tui *t, const char *text, const char *where)
{
	const struct item *it = &t->items[t->cur];
	struct buf b = { 0 }, name = { 0 };
	size_t n = 0, at = 0, dir;
	struct match m;

	for (size_t i = 0; i < t->nitems && t->nitems <= COUNT_MAX; i++) {
		n += row_has(t, &t->items[i], text, &m);
		at = i == t->cur ? n : at;
	}
	if (n)
		buf_addf(&b, "match %zu of %zu%s: ", at, n, where);
	else
		buf_addf(&b, "found%s: ", where);
	item_name(t->snap, it, &name);
	dir = name_dir_len(name.p ? name.p : "", name.len);
	if (row_has(t, it, text, &m) && m.what && strcmp(m.what, name.p ? name.p : "") != 0)
		buf_addf(&b, "%s of ", m.what);
	buf_add(&b, (name.p ? name.p : "") + dir, name.len - dir);
	tui_news(t, "%s", b.p);
	buf_release(&b);
	buf_release(&name);
}

static enum outcome search_here(struct tui *t, bool back, const char *text)
{
	if (here(t)->level == LEVEL_SPACE)
		return search_space(t, back, text) ? FOUND : NOT_FOUND;
	return here(t)->level == LEVEL_HALF ? search_list(t, back, text)
					    : search_deep(t, back, text);
}

bool tui_search(struct tui *t, bool back)
{
	const char *text = t->search.p;
	struct stand st, list;
	enum outcome ok;
	bool kernel;

	if (!text || !*text)
		return false;
	take_stand(t, &st);
	t->show_changes = false;
	/* From pages back to the list that they are in. */
	while (here(t)->level >= LEVEL_GRID && t->depth > 1)
		t->depth--;
	if (t->depth != st.depth)
		state_show(t);
	kernel = here(t)->kernel;
	take_stand(t, &list);
	t->search_inside = false;
	ok = search_here(t, back, text);
	if (!ok) {
		return_to(t, &list);
		t->search_inside = true;
		ok = search_here(t, back, text);
	}
	if (ok) {
		say_match(t, text,
			  here(t)->kernel != kernel
				  ? (kernel ? " in the user half" : " in the kernel half")
			  : ok == WENT_ROUND ? ", from the other end"
					     : "");
		return true;
	}
	return_to(t, &st);
	tui_message(t,
		    t->filter ? "'%s' is not found in the rows that the filter shows"
			      : "'%s' is not found",
		    text);
	return false;
}
