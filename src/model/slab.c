/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "slab.h"

#include <stdlib.h>
#include <string.h>

static u64 add(u64 a, u64 b)
{
	u64 sum;

	return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static u64 times(u64 a, u64 b)
{
	u64 product;

	return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static u64 less(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

/* --- the container ---------------------------------------------------------------------------- */

void slab_init(struct slab_info *i)
{
	*i = (struct slab_info){ .chosen = NO_INDEX, .page_size = 4096, .word = 8 };
	strtab_init(&i->names);
}

void slab_release(struct slab_info *i)
{
	strtab_release(&i->names);
	free(i->caches);
	free(i->links);
	free(i->attrs);
	free(i->sites);
	*i = (struct slab_info){ 0 };
}

struct slab_cache *slab_add_cache(struct slab_info *i)
{
	GROW(i->caches, i->ncaches, i->cap_caches);
	i->caches[i->ncaches] = (struct slab_cache){ 0 };
	return &i->caches[i->ncaches++];
}

void slab_add_link(struct slab_info *i, u32 name, u32 dir)
{
	GROW(i->links, i->nlinks, i->cap_links);
	i->links[i->nlinks++] = (struct slab_name){ name, dir };
}

void slab_add_attr(struct slab_info *i, u32 name, u32 text)
{
	GROW(i->attrs, i->nattrs, i->cap_attrs);
	i->attrs[i->nattrs++] = (struct slab_attr){ name, text };
}

struct alloc_site *slab_add_site(struct slab_info *i)
{
	GROW(i->sites, i->nsites, i->cap_sites);
	i->sites[i->nsites] = (struct alloc_site){ 0 };
	return &i->sites[i->nsites++];
}

/* --- order and look-up ------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b)
{
	const struct slab_name *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

/** The directory of a name; 0 if there is none. `links` are sorted by name. */
static u32 find_dir(const struct slab_info *i, u32 name)
{
	const struct slab_name key = { name, 0 }, *found;

	found = i->nlinks ? bsearch(&key, i->links, i->nlinks, sizeof(*i->links), by_name) : NULL;
	return found ? found->dir : 0;
}

void slab_link(struct slab_info *i)
{
	if (i->nlinks)
		qsort(i->links, i->nlinks, sizeof(*i->links), by_name);
	for (size_t n = 0; n < i->ncaches; n++)
		i->caches[n].dir = find_dir(i, i->caches[n].name);
}

u32 slab_find(const struct slab_info *i, const char *name)
{
	u32 dir = 0;

	for (size_t n = 0; n < i->ncaches; n++)
		if (!strcmp(strtab_get(&i->names, i->caches[n].name), name))
			return (u32)n;
	for (size_t n = 0; n < i->nlinks && !dir; n++)
		if (!strcmp(strtab_get(&i->names, i->links[n].name), name))
			dir = i->links[n].dir;
	for (size_t n = 0; dir && n < i->ncaches; n++)
		if (i->caches[n].dir == dir)
			return (u32)n;
	return NO_INDEX;
}

static u64 cache_bytes(const struct slab_info *i, const struct slab_cache *c)
{
	return times(c->slabs, times(c->pages, i->page_size));
}

static int cache_order(const void *a, const void *b, void *info)
{
	const struct slab_info *i = info;
	const struct slab_cache *x = a, *y = b;
	u64 p = cache_bytes(i, x), q = cache_bytes(i, y);

	if (p != q)
		return p < q ? 1 : -1;
	return strcmp(strtab_get(&i->names, x->name), strtab_get(&i->names, y->name));
}

static int link_order(const void *a, const void *b, void *info)
{
	const struct slab_info *i = info;
	const struct slab_name *x = a, *y = b;

	if (x->dir != y->dir)
		return x->dir < y->dir ? -1 : 1;
	return strcmp(strtab_get(&i->names, x->name), strtab_get(&i->names, y->name));
}

static int site_order(const void *a, const void *b, void *info)
{
	const struct slab_info *i = info;
	const struct alloc_site *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(strtab_get(&i->names, x->place), strtab_get(&i->names, y->place));
}

void slab_finish(struct slab_info *i)
{
	u32 name = i->chosen < i->ncaches ? i->caches[i->chosen].name : 0;

	if (i->ncaches)
		qsort_r(i->caches, i->ncaches, sizeof(*i->caches), cache_order, i);
	if (i->nlinks)
		qsort_r(i->links, i->nlinks, sizeof(*i->links), link_order, i);
	if (i->nsites)
		qsort_r(i->sites, i->nsites, sizeof(*i->sites), site_order, i);
	for (size_t n = 0; name && n < i->ncaches; n++)
		if (i->caches[n].name == name)
			i->chosen = (u32)n;
}

size_t slab_names(const struct slab_info *i, u32 dir, size_t *first)
{
	size_t low = 0, high = i->nlinks, n = 0;

	*first = 0;
	if (!dir)
		return 0;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (i->links[mid].dir < dir)
			low = mid + 1;
		else
			high = mid;
	}
	*first = low;
	while (low + n < i->nlinks && i->links[low + n].dir == dir)
		n++;
	return n;
}

/** The text of a file of the chosen cache, NULL if there is none. */
static const char *slab_attr(const struct slab_info *i, const char *name)
{
	for (size_t n = 0; n < i->nattrs; n++)
		if (!strcmp(strtab_get(&i->names, i->attrs[n].name), name))
			return strtab_get(&i->names, i->attrs[n].text);
	return NULL;
}

/** The number it begins with. */
static struct fig slab_attr_number(const struct slab_info *i, const char *name)
{
	const char *text = slab_attr(i, name);
	u64 n;

	return text && parse_dec(&text, text + strlen(text), &n) ? FIG(n) : (struct fig){ 0 };
}

/* --- bytes ------------------------------------------------------------------------------------ */

struct slab_use slab_use(const struct slab_info *i, const struct slab_cache *c)
{
	struct slab_use u = { .bytes = cache_bytes(i, c), .caches = 1, .empty = !c->slabs };
	u64 beyond = c->object_size.have ? less(c->slot, c->object_size.v) : 0;

	u.used = c->used;
	u.objects = c->objects;
	u.free = times(less(c->objects, c->used), c->slot);
	u.tail = less(u.bytes, times(c->objects, c->slot));
	u.slack = (struct fig){ times(c->used, beyond), c->object_size.have || !c->used };
	u.waste = (struct fig){ add(add(u.free, u.tail), u.slack.v), u.slack.have };
	u.mixed = c->objects < times(c->slabs, c->per_slab);
	return u;
}

void slab_use_add(struct slab_use *to, const struct slab_use *more)
{
	to->bytes = add(to->bytes, more->bytes);
	to->used = add(to->used, more->used);
	to->objects = add(to->objects, more->objects);
	to->free = add(to->free, more->free);
	to->tail = add(to->tail, more->tail);
	to->slack.v = add(to->slack.v, more->slack.v);
	to->slack.have &= more->slack.have;
	to->waste.v = add(to->waste.v, more->waste.v);
	to->waste.have &= more->waste.have;
	to->caches += more->caches;
	to->empty += more->empty;
	to->mixed += more->mixed;
}

struct slab_use slab_sum(const struct slab_info *i, struct fig reclaimable)
{
	struct slab_use sum = { .slack.have = true, .waste.have = true };

	for (size_t n = 0; n < i->ncaches; n++) {
		const struct slab_cache *c = &i->caches[n];
		struct slab_use u;

		if (c->reclaimable.have != reclaimable.have ||
		    (reclaimable.have && c->reclaimable.v != reclaimable.v))
			continue;
		u = slab_use(i, c);
		slab_use_add(&sum, &u);
	}
	return sum;
}

size_t slab_most_waste(const struct slab_info *i, u32 *top, size_t most)
{
	size_t n = 0;

	for (size_t k = 0; k < i->ncaches; k++) {
		struct fig waste = slab_use(i, &i->caches[k]).waste;
		size_t at = n;

		if (!waste.have || !waste.v)
			continue;
		while (at > 0 && slab_use(i, &i->caches[top[at - 1]]).waste.v < waste.v)
			at--;
		if (at == most)
			continue;
		n = MIN(n + 1, most);
		memmove(top + at + 1, top + at, (n - at - 1) * sizeof(*top));
		top[at] = (u32)k;
	}
	return n;
}

/* --- one slot --------------------------------------------------------------------------------- */

static u64 align_up(u64 v, u64 to)
{
	return to > 1 && v <= UINT64_MAX - to ? (v + to - 1) / to * to : v;
}

/** Appends a part behind the last one; nothing for an empty one. */
static void put_part(struct slot_part *parts, size_t *n, enum slot_kind kind, u64 size,
		     enum conf conf, const char *what)
{
	u64 at = *n ? parts[*n - 1].offset + parts[*n - 1].size : 0;

	if (size)
		parts[(*n)++] = (struct slot_part){ at, size, what, (u8)kind, (u8)conf };
}

static bool is_on(const struct slab_info *i, const char *attr)
{
	struct fig n = slab_attr_number(i, attr);

	return n.have && n.v;
}

/** What follows the object when its place is known; true if it ends at or before `slot`. */
static bool put_behind(const struct slab_info *i, u64 slot, struct slot_part *parts, size_t *n)
{
	u64 object = parts[*n - 1].size, word = i->word, end;
	u64 pad = align_up(object, word) - object;
	const char *ctor = slab_attr(i, "ctor");
	bool kept = is_on(i, "poison") || (ctor && *ctor);
	bool tracks = is_on(i, "store_user");

	if (is_on(i, "red_zone"))
		put_part(parts, n, SLOT_RED, pad ? pad : word, CONF_DERIVED, "red zone");
	else
		put_part(parts, n, SLOT_PAD, pad, CONF_DERIVED, "padding");
	/* The free pointer must not overwrite what has to stay as it is while the object is free.
	 */
	if (kept || is_on(i, "destroy_by_rcu"))
		put_part(parts, n, SLOT_META, word, CONF_DERIVED,
			 kept ? "free pointer" : "free pointer, where it is not inside the object");
	end = parts[*n - 1].offset + parts[*n - 1].size;
	if (end > slot)
		return false;
	put_part(parts, n, tracks ? SLOT_META : SLOT_PAD, slot - end, CONF_DERIVED,
		 tracks ? "who allocated and who freed it, padding" : "padding");
	return true;
}

size_t slab_slot_parts(const struct slab_info *i, struct slot_part parts[static SLOT_PARTS])
{
	const struct slab_cache *c = &i->caches[i->chosen];
	struct fig align = slab_attr_number(i, "align");
	bool red = is_on(i, "red_zone");
	size_t n = 0, known;
	u64 left = 0;

	if (!c->object_size.have) {
		put_part(parts, &n, SLOT_UNKNOWN, c->slot, CONF_UNKNOWN, "object, padding");
		return n;
	}
	if (red)
		left = align_up(i->word, align.have ? align.v : 0);
	/* The kernel keeps it in an unsigned int. */
	if (c->slot > UINT32_MAX || !c->object_size.v || left > c->slot ||
	    c->object_size.v > c->slot - left)
		return 0;
	put_part(parts, &n, SLOT_RED, left, CONF_DERIVED, "red zone");
	put_part(parts, &n, SLOT_OBJECT, c->object_size.v, red ? CONF_DERIVED : CONF_EXACT,
		 "object");
	known = n;
	if (!put_behind(i, c->slot, parts, &n)) {
		n = known;
		put_part(parts, &n, SLOT_META, c->slot - left - c->object_size.v, CONF_EXACT,
			 "metadata, padding");
	}
	return n;
}

/* --- the picture ------------------------------------------------------------------------------ */

/** Most lines of a picture, and cells a slot should have so that its parts can be seen. */
#define PICTURE_LINES 32
#define SLOT_CELLS    8

bool slab_picture(const struct slab_info *i, unsigned cells, struct slab_picture *ret)
{
	const struct slab_cache *c = &i->caches[i->chosen];
	u64 bytes = times(c->pages, i->page_size), slots = times(c->per_slab, c->slot);
	u64 scale = MAX(i->page_size / cells, 1);

	if (!c->slot || !c->per_slab || !bytes || bytes > UINT64_MAX / 4 || slots > bytes)
		return false;
	while (scale > 1 && c->slot / scale < SLOT_CELLS &&
	       bytes / (scale / 2 * cells) <= PICTURE_LINES)
		scale /= 2;
	while (bytes / (scale * cells) > PICTURE_LINES)
		scale *= 2;
	*ret = (struct slab_picture){ bytes, scale, (bytes - 1) / (scale * cells) + 1, cells };
	return true;
}

enum slot_kind slab_cell(const struct slab_info *i, const struct slot_part *parts, size_t nparts,
			 u64 byte, u64 scale)
{
	const struct slab_cache *c = &i->caches[i->chosen];
	u64 at = byte + scale / 2, in;

	if (at / c->slot >= c->per_slab)
		return SLOT_TAIL;
	in = at % c->slot;
	for (size_t n = 0; n < nparts; n++)
		if (in >= parts[n].offset && in - parts[n].offset < parts[n].size)
			return (enum slot_kind)parts[n].kind;
	return SLOT_UNKNOWN;
}

bool slab_cell_begins(const struct slab_info *i, u64 byte, u64 scale, u64 *slot)
{
	const struct slab_cache *c = &i->caches[i->chosen];
	u64 n = byte / c->slot + (byte % c->slot != 0);

	*slot = n;
	return n < c->per_slab && n * c->slot - byte < scale;
}

/* --- allocinfo -------------------------------------------------------------------------------- */

static int by_module(const void *a, const void *b)
{
	const struct alloc_sum *x = a, *y = b;

	return x->module < y->module ? -1 : x->module > y->module;
}

static int by_bytes(const void *a, const void *b)
{
	const struct alloc_sum *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return by_module(a, b);
}

size_t slab_by_module(const struct slab_info *i, struct alloc_sum **ret)
{
	struct alloc_sum *all = xcalloc(i->nsites, sizeof(*all));
	size_t n = 0;

	for (size_t k = 0; k < i->nsites; k++)
		all[k] = (struct alloc_sum){ i->sites[k].module, i->sites[k].bytes,
					     i->sites[k].calls, 1 };
	qsort(all, i->nsites, sizeof(*all), by_module);
	for (size_t k = 0; k < i->nsites; k++) {
		if (!n || all[n - 1].module != all[k].module) {
			all[n++] = all[k];
			continue;
		}
		all[n - 1].bytes = add(all[n - 1].bytes, all[k].bytes);
		all[n - 1].calls = add(all[n - 1].calls, all[k].calls);
		all[n - 1].sites++;
	}
	qsort(all, n, sizeof(*all), by_bytes);
	*ret = all;
	return n;
}
