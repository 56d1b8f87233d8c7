/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "carry.h"

#include <stdlib.h>
#include <string.h>

#include "kmap.h"
#include "sums.h"

/* ------------------------------------------------------------------ copies */

/** A copy of `n` elements; NULL for none. */
static void *copy_array(const void *p, size_t n, size_t size)
{
	void *ret;

	if (!n)
		return NULL;
	ret = xreallocarray(NULL, n, size);
	memcpy(ret, p, n * size);
	return ret;
}

static char *copy_text(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static void copy_strtab(struct strtab *to, const struct strtab *from)
{
	*to = *from;
	to->bytes = xmalloc(from->cap);
	memcpy(to->bytes, from->bytes, from->len);
	to->slots = copy_array(from->slots, from->nslots, sizeof(*from->slots));
}

static void copy_buf(struct buf *to, const struct buf *from)
{
	buf_init(to);
	if (from->len)
		buf_add(to, from->p, from->len);
}

static void copy_image(struct image *to, const struct image *from)
{
	*to = *from;
	to->build_id = copy_text(from->build_id);
	to->interp = copy_text(from->interp);
	to->soname = copy_text(from->soname);
	to->sections = copy_array(from->sections, from->nsections, sizeof(*from->sections));
	for (size_t i = 0; i < to->nsections; i++)
		to->sections[i].name = copy_text(from->sections[i].name);
	to->segments = copy_array(from->segments, from->nsegments, sizeof(*from->segments));
}

static void copy_process(struct process *to, const struct process *from)
{
	*to = *from;
	to->status = copy_array(from->status, from->nstatus, sizeof(*from->status));
	to->unmapped = copy_array(from->unmapped, from->nunmapped, sizeof(*from->unmapped));
	to->environ_text =
		copy_array(from->environ_text, from->nenviron, sizeof(*from->environ_text));
	for (size_t i = 0; i < to->nenviron; i++)
		to->environ_text[i] = xstrdup(from->environ_text[i]);
}

/** The kernel half alone, into a space that has none. */
static void copy_regions(struct space *to, const struct space *from)
{
	to->regions = copy_array(from->regions, from->nregions, sizeof(*from->regions));
	to->nregions = to->cap_regions = from->nregions;
	for (size_t i = 0; i < to->nregions; i++)
		to->regions[i].note = copy_text(from->regions[i].note);
	to->facts = copy_array(from->facts, from->nfacts, sizeof(*from->facts));
	to->nfacts = to->cap_facts = from->nfacts;
	for (size_t i = 0; i < to->nfacts; i++)
		to->facts[i].text = xstrdup(from->facts[i].text);
	/* Regions may have names that are those of its modules. */
	to->kmap = from->kmap ? kmap_share(from->kmap) : NULL;
}

static void copy_mappings(struct space *to, const struct space *from)
{
	to->vmas = copy_array(from->vmas, from->nvmas, sizeof(*from->vmas));
	to->cap_vmas = from->nvmas;
	to->schemas = copy_array(from->schemas, from->nschemas, sizeof(*from->schemas));
	to->cap_schemas = from->nschemas;
	copy_buf(&to->smaps_bytes, &from->smaps_bytes);
	copy_buf(&to->slices, &from->slices);
	to->objects = copy_array(from->objects, from->nobjects, sizeof(*from->objects));
	to->cap_objects = from->nobjects;
	to->images = copy_array(from->images, from->nimages, sizeof(*from->images));
	to->cap_images = from->nimages;
	for (size_t i = 0; i < to->nimages; i++)
		copy_image(&to->images[i], &from->images[i]);
	to->threads = copy_array(from->threads, from->nthreads, sizeof(*from->threads));
	to->cap_threads = from->nthreads;
	to->marks = copy_array(from->marks, from->nmarks, sizeof(*from->marks));
	to->cap_marks = from->nmarks;
	to->warnings = copy_array(from->warnings, from->nwarnings, sizeof(*from->warnings));
	to->cap_warnings = from->nwarnings;
}

void space_copy(struct space *to, const struct space *from)
{
	/* Everything that owns nothing is right with this. */
	*to = *from;
	to->host.release = copy_text(from->host.release);
	to->host.machine = copy_text(from->host.machine);
	to->host.time = copy_text(from->host.time);
	copy_process(&to->proc, &from->proc);
	copy_strtab(&to->names, &from->names);
	copy_mappings(to, from);
	copy_regions(to, from);
	to->notes = copy_array(from->notes, from->nnotes, sizeof(*from->notes));
	to->cap_notes = from->nnotes;
	for (size_t i = 0; i < to->nnotes; i++)
		to->notes[i].text = copy_text(from->notes[i].text);
}

static void copy_places(struct places *to, const struct places *from)
{
	to->zones = copy_array(from->zones, from->nzones, sizeof(*from->zones));
	to->swaps = copy_array(from->swaps, from->nswaps, sizeof(*from->swaps));
	for (size_t i = 0; i < from->nswaps; i++)
		to->swaps[i].path = copy_text(from->swaps[i].path);
	to->memcgs = copy_array(from->memcgs, from->nmemcgs, sizeof(*from->memcgs));
	for (size_t i = 0; i < from->nmemcgs; i++)
		to->memcgs[i].path = copy_text(from->memcgs[i].path);
}

void page_detail_copy(struct page_detail *to, const struct page_detail *from)
{
	*to = *from;
	to->pte = copy_text(from->pte);
	to->symbol = copy_text(from->symbol);
	to->begins = copy_text(from->begins);
	to->bytes = copy_array(from->bytes, from->nbytes, 1);
}

static struct sums *copy_sums(const struct sums *from)
{
	struct sums *to;

	if (!from)
		return NULL;
	to = copy_array(from, 1, sizeof(*from));
	to->v = copy_array(from->v, from->n, sizeof(*from->v));
	to->cap = from->n;
	return to;
}

struct snapshot *snapshot_copy(const struct snapshot *from)
{
	struct snapshot *to = xmalloc(sizeof(*to));

	*to = *from;
	space_copy(&to->space, &from->space);
	to->sums = copy_sums(from->sums);
	copy_places(&to->places, &from->places);
	to->pages.runs = copy_array(from->pages.runs, from->pages.nruns, sizeof(*from->pages.runs));
	to->pages.cap_runs = from->pages.nruns;
	to->grid.cells = copy_array(from->grid.cells, from->grid.ncells, sizeof(*from->grid.cells));
	page_detail_copy(&to->page, &from->page);
	copy_strtab(&to->tasks.names, &from->tasks.names);
	to->tasks.v = copy_array(from->tasks.v, from->tasks.n, sizeof(*from->tasks.v));
	to->tasks.cap = from->tasks.n;
	return to;
}

/* ------------------------------------------------------------------ the kernel half */

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void carry_note(struct space *to, const struct note *n)
{
	space_note(to, n->kind, n->source, n->err, n->cap, n->text ? "%s" : NULL, n->text);
}

void space_carry_kernel(struct space *to, const struct space *from, struct note_span notes)
{
	strtab_release(&to->names);
	/* The kmap has names by their ids. The first ones are those of space_init() in both. */
	copy_strtab(&to->names, &from->names);
	copy_regions(to, from);
	to->host.levels = from->host.levels;
	to->host.nx = from->host.nx;
	to->host.nx_known = from->host.nx_known;
	to->host.nnodes = from->host.nnodes;
	to->host.average_counts = from->host.average_counts;
	to->exact_sizes = from->exact_sizes;
	to->kernel = from->kernel;
	to->user = from->user;
	to->user_conf = from->user_conf;
	to->user_source = from->user_source;
	to->mmap_base = from->mmap_base;
	to->mmap_base_conf = from->mmap_base_conf;
	to->mmap_base_source = from->mmap_base_source;
	for (size_t i = notes.first; i < notes.end; i++)
		carry_note(to, &from->notes[i]);
}

static bool is_kernel_note(const struct note *n, const struct space *from, struct note_span notes)
{
	for (size_t i = notes.first; i < notes.end; i++) {
		const struct note *k = &from->notes[i];

		if (k->kind == n->kind && same_text(k->source, n->source) &&
		    same_text(k->text, n->text))
			return true;
	}
	return false;
}

void space_drop_kernel(struct space *s, const struct space *from, struct note_span notes)
{
	size_t kept = 0;

	for (size_t i = 0; i < s->nregions; i++)
		free(s->regions[i].note);
	for (size_t i = 0; i < s->nfacts; i++)
		free(s->facts[i].text);
	s->nregions = s->nfacts = 0;
	kmap_free(s->kmap);
	s->kmap = NULL;
	s->kernel = (struct range){ 0 };
	for (size_t i = 0; i < s->nnotes; i++) {
		if (is_kernel_note(&s->notes[i], from, notes))
			free(s->notes[i].text);
		else
			s->notes[kept++] = s->notes[i];
	}
	s->nnotes = kept;
}

/** What speaks of mappings goes from `from`, which then has none, to `to`. */
static void move_mappings(struct space *to, struct space *from)
{
#define MOVE(array)                                                                                \
	do {                                                                                       \
		to->array = from->array;                                                           \
		to->n##array = from->n##array;                                                     \
		to->cap_##array = from->cap_##array;                                               \
		from->array = NULL;                                                                \
		from->n##array = from->cap_##array = 0;                                            \
	} while (0)
	MOVE(vmas);
	MOVE(schemas);
	MOVE(objects);
	MOVE(images);
	MOVE(threads);
	MOVE(marks);
	MOVE(warnings);
#undef MOVE
	to->smaps_bytes = from->smaps_bytes;
	to->slices = from->slices;
	buf_init(&from->smaps_bytes);
	buf_init(&from->slices);
}

void space_split(struct space *s, struct space *kernel)
{
	struct space mappings;

	move_mappings(&mappings, kernel);
	space_copy(s, kernel);
	move_mappings(s, &mappings);
}

/* ------------------------------------------------------------------ mappings */

/** Are the two names one, but for the " (deleted)" that space_classify() has cut off in `old`? */
static bool same_name(const struct space *s, const struct vma *v, const struct space *old,
		      const struct vma *was)
{
	const char *a = strtab_get(&s->names, v->name), *b = strtab_get(&old->names, was->name);
	size_t len = strlen(b);
	bool cut = was->have & VMA_DELETED && !(v->have & VMA_DELETED);

	if (strncmp(a, b, len))
		return false;
	return !strcmp(a + len, cut ? " (deleted)" : "");
}

static bool same_mapping(const struct space *s, const struct vma *v, const struct space *old,
			 const struct vma *was)
{
	return v->first == was->first && v->last == was->last && v->perms == was->perms &&
	       v->offset == was->offset && v->inode == was->inode && v->major == was->major &&
	       v->minor == was->minor && same_name(s, v, old, was);
}

bool space_same_mappings(const struct space *a, const struct space *b)
{
	if (a->nvmas != b->nvmas)
		return false;
	for (size_t i = 0; i < a->nvmas; i++)
		if (!same_mapping(a, &a->vmas[i], b, &b->vmas[i]))
			return false;
	return true;
}

/** What the values and flags of smaps mean, in tables that `s` does not use yet. */
static void carry_tables(struct space *s, const struct space *old)
{
	free(s->schemas);
	s->schemas = copy_array(old->schemas, old->nschemas, sizeof(*old->schemas));
	s->nschemas = s->cap_schemas = old->nschemas;
	for (u32 i = SMAPS_NKNOWN; i < old->nfields; i++) {
		const char *name = strtab_get(&old->names, old->field_name[i]);

		s->field_name[i] = strtab_add(&s->names, name, strlen(name));
	}
	s->nfields = old->nfields;
	s->field_plain = old->field_plain;
	memcpy(s->vmflag_names, old->vmflag_names, sizeof(s->vmflag_names));
	s->nvmflags = old->nvmflags;
	buf_clear(&s->smaps_bytes);
	/* All at once: those of mappings that have gone stay until smaps is read again. */
	if (old->smaps_bytes.len)
		buf_add(&s->smaps_bytes, old->smaps_bytes.p, old->smaps_bytes.len);
}

size_t space_carry_smaps(struct space *s, const struct space *old)
{
	size_t k = 0, without = 0;

	carry_tables(s, old);
	for (size_t i = 0; i < s->nvmas; i++) {
		struct vma *v = &s->vmas[i];
		const struct vma *was;

		while (k < old->nvmas && old->vmas[k].first < v->first)
			k++;
		was = k < old->nvmas ? &old->vmas[k] : NULL;
		if (!was || !(was->have & VMA_HAVE_SMAPS) || !same_mapping(s, v, old, was)) {
			without++;
			continue;
		}
		v->have |= VMA_HAVE_SMAPS;
		v->smaps = was->smaps;
		v->schema = was->schema;
		v->vmflags = was->vmflags;
	}
	s->smaps_usec = old->smaps_usec;
	return without;
}

/* ------------------------------------------------------------------ files */

static bool same_file(const struct image *img, const struct vma *v)
{
	return img->inode == v->inode && img->major == v->major && img->minor == v->minor;
}

static u32 find_image(const struct space *s, const struct vma *v)
{
	for (size_t i = 0; i < s->nimages; i++)
		if (same_file(&s->images[i], v))
			return (u32)i;
	return NO_INDEX;
}

/** What was found at the name of the first object that has this image. */
static u8 state_of_image(const struct space *s, u32 image)
{
	for (size_t i = 0; i < s->nobjects; i++)
		if (s->objects[i].image == image)
			return s->objects[i].file_state;
	return FILE_UNCHECKED;
}

void space_carry_images(struct space *s, const struct space *old)
{
	for (size_t i = 0; i < s->nobjects && old->nimages; i++) {
		struct object *o = &s->objects[i];
		const struct vma *v = &s->vmas[o->vma];
		u32 from;

		if (!v->inode ||
		    (o->kind != OBJ_EXE && o->kind != OBJ_INTERP && o->kind != OBJ_LIB))
			continue;
		o->image = find_image(s, v);
		if (o->image != NO_INDEX)
			continue;
		from = find_image(old, v);
		if (from == NO_INDEX)
			continue;
		copy_image(space_add_image(s), &old->images[from]);
		o->image = (u32)(s->nimages - 1);
		o->file_state = state_of_image(old, from);
	}
}

void space_carry_surroundings(struct space *s, const struct space *old)
{
	/* Under these names surroundings_read() says what it could not read. */
	static const char *const sources[] = { "cgroup memory", "meminfo" };
	struct process *p = &s->proc;
	const struct process *was = &old->proc;

	p->max_map_count = was->max_map_count;
	p->overcommit = was->overcommit;
	p->legacy_layout = was->legacy_layout;
	p->aslr = was->aslr;
	p->commit_limit = was->commit_limit;
	p->committed = was->committed;
	p->mmap_min_addr = was->mmap_min_addr;
	p->stack_guard_gap = was->stack_guard_gap;
	free(p->unmapped);
	p->unmapped = copy_array(was->unmapped, was->nunmapped, sizeof(*was->unmapped));
	p->nunmapped = was->nunmapped;
	for (size_t i = 0; i < old->nnotes; i++)
		for (size_t k = 0; k < ARRAY_SIZE(sources); k++)
			if (!strcmp(old->notes[i].source, sources[k]))
				carry_note(s, &old->notes[i]);
}
