/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How loaders map a file (Linux fs/binfmt_elf.c 6.18, glibc 2.36 elf/dl-map-segments.h, musl):
 * each PT_LOAD becomes a mapping of whole pages at bias + p_vaddr with its own permissions; what
 * p_memsz has beyond the last file page is anonymous; later the program makes the pages of
 * PT_GNU_RELRO read-only. Holes between segments are unmapped (kernel), PROT_NONE mappings of the
 * file (glibc) or a longer first mapping (musl). mprotect and copies may split any of them.
 *
 * The same file may also be mapped as plain data. Mappings and segments are therefore matched by
 * file offset, and a bias is believed only when it contradicts no mapping it is tried on.
 */
#include <elf.h>
#include <string.h>
#include "roles.h"

/*
 * A file that is mapped as a program has 2 to 10 segments to load and not many more mappings; the
 * limits bound the work a hostile one can ask for.
 */
#define MAX_LOADS  32
#define MAX_TRIALS 4 /* mappings from which a bias is guessed */
#define MAX_VOTES  8 /* mappings on which it is tried */

/** The segments of an image that are loaded. */
struct loads {
	const struct image_segment *seg[MAX_LOADS];
	size_t n;
};

/** One of them at a bias, as pages. */
struct load {
	const struct image_segment *seg;
	struct range pages; /**< all of its memory, p_memsz */
	u64 offset;	    /**< file offset of pages.first */
	bool has_file;
	u64 file_last; /**< with has_file: last address whose page comes from the file */
};

static u64 page_of(const struct space *s)
{
	u64 page = s->host.page_size;

	return page && !(page & (page - 1)) ? page : 4 * KIB;
}

static u64 round_down(u64 addr, u64 page)
{
	return addr & ~(page - 1);
}

/** The page-rounded range of [start, start + size); false when it is empty or wraps. */
static bool page_range(u64 start, u64 size, u64 page, struct range *ret)
{
	u64 first = round_down(start, page), last;

	if (!size || start + (size - 1) < start)
		return false;
	last = (start + (size - 1)) | (page - 1);
	*ret = (struct range){ first, last };
	return true;
}

static const struct image *image_of(const struct space *s, const struct object *o)
{
	return o->image < s->nimages ? &s->images[o->image] : NULL;
}

static const struct object *object_of(const struct space *s, const struct vma *v)
{
	return v->object < s->nobjects ? &s->objects[v->object] : NULL;
}

/** The object's mappings; n is 0 when its indices make no sense. */
static struct vma *vmas_of(const struct space *s, const struct object *o, size_t *n)
{
	*n = o->vma < s->nvmas ? MIN((size_t)o->nvmas, s->nvmas - o->vma) : 0;
	return *n ? s->vmas + o->vma : NULL;
}

static bool is_file(const struct vma *v)
{
	return v->inode != 0;
}

/** Can tell about a bias: maps the file, and is no hole between segments. */
static bool votes(const struct vma *v)
{
	return is_file(v) && (v->perms & (PERM_R | PERM_W | PERM_X));
}

static bool is_load(const struct image_segment *g)
{
	return g->type == PT_LOAD && g->memsz && g->filesz <= g->memsz;
}

static struct loads loads_of(const struct image *img)
{
	struct loads list = { .n = 0 };

	for (size_t i = 0; i < img->nsegments && list.n < MAX_LOADS; i++)
		if (is_load(&img->segments[i]))
			list.seg[list.n++] = &img->segments[i];
	return list;
}

/** A segment at a bias. False when loaders would refuse it or its range wraps. */
static bool load_at(const struct image_segment *g, u64 bias, u64 page, struct load *ret)
{
	struct range file;

	if (!page_range(bias + g->vaddr, g->memsz, page, &ret->pages))
		return false;
	ret->seg = g;
	ret->offset = round_down(g->offset, page);
	ret->has_file = page_range(bias + g->vaddr, g->filesz, page, &file);
	ret->file_last = ret->has_file ? file.last : 0;
	/* Address and offset must agree within the page, or no mapping can place it. */
	return !ret->has_file || ((bias + g->vaddr - g->offset) & (page - 1)) == 0;
}

/* ------------------------------------------------------------------ the bias */

/**
 * Does the file mapping start inside the load's file part, with the offset it should have there?
 * *clash tells that they share an address at which their offsets differ.
 */
static bool load_explains(const struct load *l, const struct vma *v, bool *clash)
{
	struct range file = { l->pages.first, l->file_last }, both;

	*clash = false;
	if (!l->has_file || !range_intersect(file, vma_range(v), &both))
		return false;
	if (v->offset + (both.first - v->first) != l->offset + (both.first - l->pages.first)) {
		*clash = true;
		return false;
	}
	return both.first == v->first;
}

/** How well a bias explains a mapping, 0 to VOTE_BEST; *clash: it contradicts it. */
#define VOTE_BEST 2
static unsigned vote(const struct loads *loads, u64 bias, u64 page, const struct vma *v,
		     bool *clash)
{
	unsigned best = 0;
	struct load l;
	bool bad;

	*clash = false;
	for (size_t i = 0; i < loads->n; i++) {
		if (!load_at(loads->seg[i], bias, page, &l))
			continue;
		if (load_explains(&l, v, &bad)) {
			bool same_x = !(v->perms & PERM_X) == !(l.seg->flags & PF_X);

			best = MAX(best, same_x ? VOTE_BEST : 1u);
		}
		*clash |= bad;
	}
	return best;
}

/** How well a bias explains the object's first mappings; 0 when it contradicts one. */
static unsigned score_bias(const struct space *s, const struct object *o, const struct loads *loads,
			   u64 bias)
{
	unsigned score = 0, voters = 0;
	size_t n;
	const struct vma *v = vmas_of(s, o, &n);

	for (size_t i = 0; i < n && voters < MAX_VOTES; i++) {
		bool clash;

		if (!votes(&v[i]))
			continue;
		voters++;
		score += vote(loads, bias, page_of(s), &v[i], &clash);
		if (clash)
			return 0;
	}
	return score;
}

/** Tries the biases at which one of the segments would explain mapping `v`; keeps the best. */
static void try_vma(const struct space *s, const struct object *o, const struct loads *loads,
		    const struct vma *v, u64 *bias, unsigned *best)
{
	u64 page = page_of(s);

	for (size_t i = 0; i < loads->n; i++) {
		const struct image_segment *g = loads->seg[i];
		u64 b = v->first - (g->vaddr - g->offset + v->offset);
		struct range in_file;
		unsigned score;

		if (!page_range(g->offset, g->filesz, page, &in_file) ||
		    !range_has(in_file, v->offset) || (b & (page - 1)))
			continue;
		score = score_bias(s, o, loads, b);
		if (score > *best) {
			*best = score;
			*bias = b;
		}
	}
}

/** The best score any bias of the object can have: the search ends there. */
static unsigned full_score(const struct space *s, const struct object *o)
{
	size_t n;
	const struct vma *v = vmas_of(s, o, &n);
	unsigned voters = 0;

	for (size_t i = 0; i < n && voters < MAX_VOTES; i++)
		voters += votes(&v[i]);
	return voters * VOTE_BEST;
}

static bool compute_bias(const struct space *s, const struct object *o, u64 *bias)
{
	const struct image *img = image_of(s, o);
	unsigned best = 0, full = full_score(s, o), trials = 0;
	size_t n;
	const struct vma *v = vmas_of(s, o, &n);
	struct loads loads;
	u64 b = 0;

	if (!img)
		return false;
	loads = loads_of(img);
	if (img->link == IMAGE_STATIC || img->link == IMAGE_NON_PIE) {
		best = score_bias(s, o, &loads, 0); /* ET_EXEC: where it says or not at all */
	} else {
		for (size_t i = 0; i < n && trials < MAX_TRIALS && best < full; i++) {
			if (!votes(&v[i]))
				continue;
			trials++;
			try_vma(s, o, &loads, &v[i], &b, &best);
		}
	}
	if (best)
		*bias = b;
	return best > 0;
}

bool object_bias(const struct space *s, const struct object *o, u64 *bias)
{
	switch (o->bias_state) {
	case BIAS_NONE:
		return false;
	case BIAS_KNOWN:
		*bias = o->bias;
		return true;
	default:
		return compute_bias(s, o, bias);
	}
}

/* ------------------------------------------------------------------ segments and sections */

/**
 * The load that a mapping belongs to. Where two share a page the later one was mapped over it, so
 * the last that fits wins; for a mapping of the file its offset decides, too.
 */
static bool find_load(const struct space *s, const struct image *img, u64 bias, const struct vma *v,
		      struct load *ret)
{
	struct loads loads = loads_of(img);
	bool found = false, clash;
	struct load l;

	for (size_t i = 0; i < loads.n; i++) {
		if (!load_at(loads.seg[i], bias, page_of(s), &l))
			continue;
		if (is_file(v) ? !load_explains(&l, v, &clash) : !range_has(l.pages, v->first))
			continue;
		*ret = l;
		found = true;
	}
	return found;
}

const struct image_segment *vma_segment(const struct space *s, const struct vma *v, size_t *index)
{
	const struct object *o = object_of(s, v);
	struct load l;
	u64 bias;

	if (!o || !object_bias(s, o, &bias) || !find_load(s, image_of(s, o), bias, v, &l))
		return NULL;
	if (index)
		*index = (size_t)(l.seg - image_of(s, o)->segments);
	return l.seg;
}

/** The section's range in the space; false when it takes no memory there. */
static bool section_range(const struct image_section *sec, u64 bias, struct range *ret)
{
	/* .tbss describes each thread's copy; the addresses it names belong to what follows. */
	bool tbss = (sec->flags & SHF_TLS) && sec->type == SHT_NOBITS;
	u64 first = bias + sec->addr;

	if (!(sec->flags & SHF_ALLOC) || tbss || !sec->size || first + (sec->size - 1) < first)
		return false;
	*ret = (struct range){ first, first + (sec->size - 1) };
	return true;
}

/** Keeps the `max` lowest of the sections in address order; returns how many there are now. */
static size_t insert_section(const struct image_section **list, size_t n, size_t max,
			     const struct image_section *sec)
{
	size_t at = n;

	while (at > 0 && list[at - 1]->addr > sec->addr)
		at--;
	if (at == max)
		return n;
	if (n == max)
		n--;
	memmove(&list[at + 1], &list[at], (n - at) * sizeof(*list));
	list[at] = sec;
	return n + 1;
}

size_t vma_sections(const struct space *s, const struct vma *v, const struct image_section **ret,
		    size_t max)
{
	const struct object *o = object_of(s, v);
	const struct image *img;
	struct range r;
	size_t n = 0;
	u64 bias;

	if (!o || !object_bias(s, o, &bias))
		return 0;
	img = image_of(s, o);
	for (size_t i = 0; i < img->nsections; i++)
		if (section_range(&img->sections[i], bias, &r) && range_overlaps(r, vma_range(v)))
			n = insert_section(ret, n, max, &img->sections[i]);
	return n;
}

const struct image_section *addr_section(const struct space *s, u64 addr, u64 *offset)
{
	u32 i = space_find_vma(s, addr);
	const struct object *o = i == NO_INDEX ? NULL : object_of(s, &s->vmas[i]);
	const struct image *img;
	struct range r;
	u64 bias;

	if (!o || !object_bias(s, o, &bias))
		return NULL;
	img = image_of(s, o);
	for (size_t k = 0; k < img->nsections; k++) {
		if (!section_range(&img->sections[k], bias, &r) || !range_has(r, addr))
			continue;
		if (offset)
			*offset = addr - r.first;
		return &img->sections[k];
	}
	return NULL;
}

/* ------------------------------------------------------------------ RELRO */

static const struct image_segment *relro_of(const struct image *img)
{
	for (size_t i = 0; i < img->nsegments; i++)
		if (img->segments[i].type == PT_GNU_RELRO)
			return &img->segments[i];
	return NULL;
}

/**
 * The pages that become read-only: rounded down at both ends (glibc _dl_protect_relro), so that
 * what follows in the last page can still be written.
 */
static bool relro_pages(const struct image *img, u64 bias, u64 page, struct range *ret)
{
	const struct image_segment *g = relro_of(img);
	u64 first, end;

	if (!g)
		return false;
	first = round_down(bias + g->vaddr, page);
	end = round_down(bias + g->vaddr + g->memsz, page);
	if (end <= first)
		return false;
	*ret = range_of(first, end);
	return true;
}

bool object_missing_relro(const struct space *s, const struct object *o)
{
	const struct image *img = image_of(s, o);
	size_t n;
	const struct vma *v = vmas_of(s, o, &n);
	struct load l;
	u64 bias;

	/* A damaged image may have lost the very header this asks for. */
	if (!img || img->err || relro_of(img) || !object_bias(s, o, &bias))
		return false;
	for (size_t i = 0; i < n; i++)
		if ((v[i].perms & PERM_W) && find_load(s, img, bias, &v[i], &l) &&
		    (l.seg->flags & PF_W))
			return true;
	return false;
}

bool object_relro_writable(const struct space *s, const struct object *o, u32 *vma)
{
	const struct image *img = image_of(s, o);
	struct range relro;
	size_t n;
	const struct vma *v = vmas_of(s, o, &n);
	u64 bias;

	if (!img || !object_bias(s, o, &bias) || !relro_pages(img, bias, page_of(s), &relro))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!(v[i].perms & PERM_W) || !range_overlaps(vma_range(&v[i]), relro))
			continue;
		if (vma)
			*vma = o->vma + (u32)i;
		return true;
	}
	return false;
}

/* ------------------------------------------------------------------ roles */

/** Does the mapping hold a .rodata (or .rodata.cst8 and the like)? */
static bool has_rodata(const struct image *img, u64 bias, const struct vma *v)
{
	struct range r;

	for (size_t i = 0; i < img->nsections; i++) {
		const struct image_section *sec = &img->sections[i];

		if (section_range(sec, bias, &r) && range_overlaps(r, vma_range(v)) &&
		    !strncmp(sec->name, ".rodata", 7) && (!sec->name[7] || sec->name[7] == '.'))
			return true;
	}
	return false;
}

/** What a mapping of a segment holds: by the segment's flags, as mprotect may have changed v's. */
static enum vma_role role_in_load(const struct space *s, const struct image *img, u64 bias,
				  const struct load *l, const struct vma *v)
{
	struct range relro;

	if (!is_file(v) && (!l->has_file || v->first > l->file_last))
		return ROLE_BSS;
	if (l->seg->flags & PF_X)
		return ROLE_TEXT;
	if (l->seg->flags & PF_W) {
		if (!(v->perms & PERM_W) && relro_pages(img, bias, page_of(s), &relro) &&
		    range_overlaps(vma_range(v), relro))
			return ROLE_RELRO;
		return ROLE_DATA;
	}
	return v->offset == 0 && is_file(v) && !has_rodata(img, bias, v) ? ROLE_HEADER
									 : ROLE_RODATA;
}

static enum vma_role role_by_perms(const struct vma *v)
{
	if (!(v->perms & (PERM_R | PERM_W | PERM_X)))
		return ROLE_GUARD;
	if (v->perms & PERM_X)
		return ROLE_TEXT;
	if (v->perms & PERM_W)
		return is_file(v) ? ROLE_DATA : ROLE_BSS;
	return ROLE_RODATA;
}

/** A mapping of an object whose image fits it. */
static enum vma_role role_by_image(const struct space *s, const struct image *img, u64 bias,
				   const struct vma *v)
{
	struct load l;

	if (find_load(s, img, bias, v, &l))
		return role_in_load(s, img, bias, &l, v);
	/* glibc leaves the holes between segments mapped without permissions. */
	return is_file(v) ? role_by_perms(v) : ROLE_NONE;
}

/** Keeps the bias for the many questions of the views. */
static bool settle_bias(struct space *s, const struct object *o, u64 *bias)
{
	bool fits = compute_bias(s, o, bias);
	struct object *own = &s->objects[o - s->objects];

	own->bias_state = fits ? BIAS_KNOWN : BIAS_NONE;
	own->bias = fits ? *bias : 0;
	return fits;
}

void roles_assign(struct space *s, const struct object *o)
{
	const struct image *img = image_of(s, o);
	bool program = o->kind == OBJ_EXE || o->kind == OBJ_INTERP || o->kind == OBJ_LIB;
	size_t n;
	struct vma *v = vmas_of(s, o, &n);
	u64 bias = 0;
	bool fits = settle_bias(s, o, &bias);

	for (size_t i = 0; i < n; i++) {
		if (fits)
			v[i].role = role_by_image(s, img, bias, &v[i]);
		else if (program)
			v[i].role = role_by_perms(&v[i]);
	}
}
