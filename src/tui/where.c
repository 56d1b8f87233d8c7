/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "where.h"

#include <string.h>

#include "../model/kmap.h"
#include "../render/words.h"

void where_range(struct buf *out, struct range r)
{
	bool top = r.last == UINT64_MAX;

	buf_addhex(out, r.first, 0);
	buf_addstr(out, top ? " to " : "-");
	buf_addhex(out, top ? r.last : r.last + 1, 0);
}

void where_sections(struct buf *out, const struct space *s, const struct vma *v, struct range r)
{
	const struct object *o = v->object == NO_INDEX ? NULL : &s->objects[v->object];
	bool first = true;

	if (!o || o->image == NO_INDEX || o->bias_state != BIAS_KNOWN)
		return;
	for (size_t i = 0; i < s->images[o->image].nsections; i++) {
		const struct image_section *sec = &s->images[o->image].sections[i];
		struct range at = { sec->addr + o->bias, sec->addr + o->bias + (sec->size - 1) };

		/* What is not loaded has no address. */
		if (!sec->addr || !sec->size || at.last < at.first || !range_overlaps(at, r))
			continue;
		buf_addf(out, "%s%s", first ? "" : ", ", sec->name);
		if (r.first > at.first)
			buf_addf(out, "+%llx", (unsigned long long)(r.first - at.first));
		first = false;
	}
}

void where_kernel(struct buf *out, const struct space *s, u64 addr)
{
	const struct region *found = NULL;
	const struct kmodule *mod = s->kmap ? kmap_module_at(s->kmap, addr) : NULL;
	const struct karea *area = s->kmap ? kmap_area_at(s->kmap, addr) : NULL;
	const struct ksection *sec = mod ? kmodule_section_at(mod, addr) : NULL;

	/* Parts follow what they are parts of: the last one is the closest. */
	for (size_t i = 0; i < s->nregions; i++)
		if (s->regions[i].conf < CONF_BOUNDS &&
		    range_has((struct range){ s->regions[i].first, s->regions[i].last }, addr))
			found = &s->regions[i];
	if (found) {
		buf_addf(out, "%s+%llx, ", found->name, (unsigned long long)(addr - found->first));
		region_known_by(out, found);
	}
	if (mod)
		buf_addf(out, "%smodule %s+%llx", out->len ? "; " : "", mod->name,
			 (unsigned long long)(addr - mod->addr));
	if (sec)
		buf_addf(out, ", section %s+%llx", strtab_get(&s->names, sec->name),
			 (unsigned long long)(addr - sec->addr));
	if (area) {
		buf_addf(out, "%svmalloc area %llx, %s", out->len ? "; " : "",
			 (unsigned long long)area->first,
			 karea_kind_name((enum karea_kind)area->kind));
		if (area->caller)
			buf_addf(out, " by %s", strtab_get(&s->names, area->caller));
	}
}

void where_words(struct buf *out, const struct snapshot *snap, struct range r)
{
	const struct space *s = &snap->space;
	u32 i = space_find_vma(s, r.first);
	const struct vma *v;
	size_t len, before;
	bool section;

	if (i == NO_INDEX) {
		where_kernel(out, s, r.first);
		return;
	}
	v = &s->vmas[i];
	before = out->len;
	where_sections(out, s, v, r);
	section = out->len > before;
	if (v->inode)
		buf_addf(out, "%sfile offset 0x%llx", out->len > before ? ", " : "",
			 (unsigned long long)(v->offset + (r.first - v->first)));
	if (v->object != NO_INDEX) {
		const char *name = object_title(s, &s->objects[v->object], &len);

		buf_addstr(out, out->len > before ? " of " : "");
		buf_add(out, name, len);
	}
	/* A section's offset was told; one in its file has no meaning where no file is mapped. */
	if (!v->inode && !section)
		buf_addf(out, "+%llx", (unsigned long long)(r.first - v->first));
}

void where_short(struct buf *out, const struct snapshot *snap, u64 addr)
{
	const struct space *s = &snap->space;
	u32 i = space_find_vma(s, addr);
	size_t before = out->len, len;
	const struct vma *v;
	const char *name;

	if (i == NO_INDEX) {
		where_kernel(out, s, addr);
		return;
	}
	v = &s->vmas[i];
	where_sections(out, s, v, (struct range){ addr, addr });
	if (v->object == NO_INDEX)
		return;
	name = object_title(s, &s->objects[v->object], &len);
	buf_addstr(out, out->len > before ? " of " : "");
	buf_add(out, name + name_dir_len(name, len), len - name_dir_len(name, len));
	if (out->len == before)
		buf_addstr(out, object_kind_name(s->objects[v->object].kind));
	if (!memchr(out->p + before, '+', out->len - before))
		buf_addf(out, "+%llx",
			 (unsigned long long)(addr - s->vmas[s->objects[v->object].vma].first));
}

const char *where_change_words(char what)
{
	switch (what) {
	case 'n':
		return "came";
	case 'g':
		return "went";
	case 'c':
		return "became private";
	case 's':
		return "swapped out";
	case 'i':
		return "swapped in";
	default:
		return "";
	}
}
