/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names, and the first line of an object's box. */
#include "view.h"

#include <stdarg.h>
#include <stdio.h>

/** The last part of the name, then as much of the directory as fits in `cols` columns. */
void put_name(struct view *v, const char *name, size_t len, enum style st, unsigned cols)
{
	struct row *r = &v->row;
	size_t dir = name_dir_len(name, len);
	unsigned end = row_at(r) + cols;

	row_style(r, st);
	row_text(r, name + dir, len - dir, cols, ELIDE_MIDDLE);
	row_style(r, STYLE_PLAIN);
	if (dir > 1 && row_at(r) + 2 < end) {
		size_t room = end - row_at(r) - 2, from = name_dir_cut(name, dir, room);

		/* In ASCII a cut path would look like a relative one. */
		if (from + 1 >= dir || (from && r->ascii))
			return;
		row_skip(r, 2);
		row_style(r, STYLE_DIM);
		if (from)
			row_raw(r, "…", strlen("…"), 1);
		row_text(r, name + from, dir - 1 - from, (unsigned)room, ELIDE_START);
		row_style(r, STYLE_PLAIN);
	}
}

/** Items at the right of an object's head, the first ones kept longest. */
struct items {
	struct {
		char text[40];
		u8 len, style;
	} v[12];
	unsigned n;
};

static void item(struct items *it, enum style st, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void item(struct items *it, enum style st, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (it->n == ARRAY_SIZE(it->v))
		return;
	va_start(ap, fmt);
	n = vsnprintf(it->v[it->n].text, sizeof(it->v[0].text), fmt, ap);
	va_end(ap);
	if (n <= 0)
		return;
	it->v[it->n].len = (u8)MIN((size_t)n, sizeof(it->v[0].text) - 1);
	it->v[it->n++].style = (u8)st;
}

static void item_size(struct view *v, struct items *it, const char *label, u64 bytes)
{
	char t[SIZE_TEXT_MAX];
	unsigned n = format_size(t, bytes, v->c.short_form);

	item(it, STYLE_PLAIN, "%s%s%.*s", label, *label ? " " : "", (int)n, t);
}

const char *shown_name(struct view *v, const struct vma *m)
{
	size_t len;
	const char *name = mapping_title(v->s, m, &len);

	if (!name[len])
		return name;
	buf_clear(&v->name);
	buf_add(&v->name, name, len);
	return v->name.p;
}

static void image_items(struct view *v, struct items *it, const struct object *o)
{
	const struct image *img = o->image == NO_INDEX ? NULL : &v->s->images[o->image];
	const char *link = img ? image_link_words(img->link) : NULL;

	if (o->kind == OBJ_EXE || o->kind == OBJ_INTERP)
		item(it, STYLE_PLAIN, "%s%s%s", link && o->kind == OBJ_EXE ? link : "",
		     link && o->kind == OBJ_EXE ? " " : "",
		     object_kind_name((enum object_kind)o->kind));
	if (!img)
		return;
	if (img->build_id && *img->build_id)
		item(it, STYLE_DIM, "build-id %.8s%s", img->build_id,
		     strlen(img->build_id) > 8 ? v->row.ascii ? ".." : "…" : "");
	if (img->stripped && o->kind == OBJ_EXE)
		item(it, STYLE_DIM, "stripped");
}

/** The stack mapping of a stack object: the one that can be read, its guard cannot. */
static const struct vma *stack_vma(const struct view *v, const struct object *o)
{
	for (u32 i = o->nvmas; i-- > 0;)
		if (v->s->vmas[o->vma + i].perms & PERM_R)
			return &v->s->vmas[o->vma + i];
	return &v->s->vmas[o->vma];
}

static void stack_items(struct view *v, struct items *it, const struct object *o)
{
	const struct vma *m = stack_vma(v, o);
	const struct thread *th = o->thread == NO_INDEX ? NULL : &v->s->threads[o->thread];
	struct fig used = { 0 }, touched = stack_touched(v->s, m);

	if (th)
		used = stack_used(v->s, m, th);
	if (used.have)
		item_size(v, it, "in use", used.v);
	else if (th)
		item(it, STYLE_DIM, th->running ? "in use ? (running)" : "in use ?");
	if (touched.have)
		item_size(v, it, "touched", touched.v);
}

static void put_title(struct view *v, const struct object *o, unsigned cols)
{
	enum style st = (enum style)(STYLE_KIND + MIN(o->kind, OBJ_NKINDS - 1u));
	struct row *r = &v->row;
	size_t len;
	const char *name;

	buf_clear(&v->text);
	if (stack_title(&v->text, v->s, o)) {
		row_style(r, st);
		row_text(r, v->text.p, v->text.len, cols, ELIDE_END);
		return;
	}
	name = object_title(v->s, o, &len);
	put_name(v, name, len, st, cols);
}

/** "soname libc.so.6" on lines of its own. */
static void detail(struct view *v, const char *label, const char *text)
{
	struct buf *b = &v->text;

	buf_clear(b);
	buf_addf(b, "%s %s", label, text);
	fact_long(v, b->p, STYLE_DIM);
}

/** Paths and ids in full, with --verbose. */
static void object_details(struct view *v, const struct object *o)
{
	const struct image *img = o->image == NO_INDEX ? NULL : &v->s->images[o->image];
	const char *path = strtab_get(&v->s->names, v->s->vmas[o->vma].name);

	facts_begin(v, TILE_BOX_TOP, 0);
	if (path[0] == '/')
		fact_long(v, path, STYLE_DIM);
	if (!img)
		return;
	if (img->build_id)
		detail(v, "build-id", img->build_id);
	if (img->soname && strcmp(img->soname, path + name_dir_len(path, strlen(path))))
		detail(v, "soname", img->soname);
	if (img->interp)
		detail(v, "interpreter", img->interp);
	if (img->stripped)
		fact_long(v, "stripped", STYLE_DIM);
	if (img->err)
		detail(v, "ELF not read:", image_err_words(img->err));
}

/** Columns of the object's name with its directory. */
static size_t name_cols(struct view *v, const struct object *o)
{
	const char *name = shown_name(v, &v->s->vmas[o->vma]);

	return text_width(name, strlen(name)) + 1;
}

/** Are mappings of it left out of the map? */
static bool is_cut(const struct view *v, const struct object *o)
{
	for (u32 i = 0; v->o->filter && i < o->nvmas; i++)
		if (!expr_match(v->o->filter, v->s, &v->s->vmas[o->vma + i]))
			return true;
	return v->s->vmas[o->vma].last < v->limit.first ||
	       v->s->vmas[o->vma + o->nvmas - 1].first > v->limit.last;
}

void user_object(struct view *v, const struct tile *t)
{
	const struct object *o = &v->s->objects[t->index];
	struct totals sum = object_totals(v->s, o);
	struct row *r = &v->row;
	struct items it = { .n = 0 };
	const char *state = object_file_words(v->s, o);
	unsigned right, least;
	bool stack =
		o->kind == OBJ_STACK || o->kind == OBJ_THREAD_STACK || o->kind == OBJ_SHADOW_STACK;

	line_start(v, 0, 0, ' ');
	line_box(v, TILE_BOX_TOP);
	if (state)
		item(&it, STYLE_WARN, "%s", state);
	item_size(v, &it, is_cut(v, o) ? "whole object" : "", sum.size);
	if (stack)
		stack_items(v, &it, o);
	else if (sum.rss.have)
		item_size(v, &it, "rss", sum.rss.v);
	else if (sum.present.have)
		item_size(v, &it, "present", sum.present.v);
	if (!stack && sum.private_dirty.have && sum.private_dirty.v)
		item_size(v, &it, "dirty", sum.private_dirty.v);
	if (sum.swap.have && sum.swap.v)
		item_size(v, &it, "swap", sum.swap.v);
	else if (sum.swapped.have && sum.swapped.v)
		item_size(v, &it, "swapped", sum.swapped.v);
	if (sum.other.have && sum.other.v)
		item_size(v, &it, "other", sum.other.v);
	image_items(v, &it, o);
	/* The name comes first: items give way until a fair part of it fits. */
	least = MIN(24u, (v->c.end - row_at(r)) * 2 / 3);
	for (;; it.n--) {
		right = 0;
		for (unsigned i = 0; i < it.n; i++)
			right += 2 + (unsigned)text_width(it.v[i].text, it.v[i].len);
		if (!it.n || row_at(r) + least + right <= v->c.end)
			break;
	}
	/* The last to come: only beside the whole name. */
	if (!stack && it.n < ARRAY_SIZE(it.v) && sum.untouched.have && sum.untouched.v &&
	    row_at(r) + name_cols(v, o) + right + 2 + sizeof("untouched 1008K") <= v->c.end) {
		item_size(v, &it, "untouched", sum.untouched.v);
		right += 2u + it.v[it.n - 1].len;
	}
	put_title(v, o, v->c.end - right - row_at(r));
	row_style(r, STYLE_PLAIN);
	for (unsigned i = 0; i < it.n; i++) {
		unsigned w = (unsigned)text_width(it.v[i].text, it.v[i].len);

		if (!i)
			row_to(r, v->c.end - right + 2);
		else
			row_skip(r, 2);
		row_style(r, it.v[i].style);
		row_raw(r, it.v[i].text, it.v[i].len, w);
		row_style(r, STYLE_PLAIN);
	}
	if (v->o->verbose)
		object_details(v, o);
	line_end(v);
}
