/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The container: how a space is born, grows, is searched and dies. Nothing here knows what a
 * mapping means; that is classify.c.
 */
#include "space.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kmap.h"

void space_init(struct space *s)
{
	memset(s, 0, sizeof(*s));
	strtab_init(&s->names);
	buf_init(&s->smaps_bytes);
	buf_init(&s->slices);
	s->user_conf = CONF_UNKNOWN;
	s->user_source = "";
	s->mmap_base_conf = CONF_UNKNOWN;
	space_init_smaps(s);
}

static void free_sections(struct image *img)
{
	for (size_t i = 0; i < img->nsections; i++)
		free(img->sections[i].name);
	free(img->sections);
	free(img->segments);
}

void image_release(struct image *img)
{
	free(img->build_id);
	free(img->interp);
	free(img->soname);
	free_sections(img);
	memset(img, 0, sizeof(*img));
}

static void process_release(struct process *p)
{
	for (size_t i = 0; i < p->nenviron; i++)
		free(p->environ_text[i]);
	free(p->environ_text);
	free(p->status);
	free(p->unmapped);
}

/* The arrays whose elements own memory. */
static void release_owned(struct space *s)
{
	for (size_t i = 0; i < s->nimages; i++)
		image_release(&s->images[i]);
	for (size_t i = 0; i < s->nregions; i++)
		free(s->regions[i].note);
	for (size_t i = 0; i < s->nfacts; i++)
		free(s->facts[i].text);
	for (size_t i = 0; i < s->nnotes; i++)
		free(s->notes[i].text);
}

void space_release(struct space *s)
{
	release_owned(s);
	process_release(&s->proc);
	free(s->host.release);
	free(s->host.machine);
	free(s->host.time);
	strtab_release(&s->names);
	free(s->vmas);
	free(s->schemas);
	buf_release(&s->smaps_bytes);
	buf_release(&s->slices);
	free(s->objects);
	free(s->images);
	free(s->threads);
	free(s->marks);
	free(s->regions);
	free(s->facts);
	kmap_free(s->kmap);
	free(s->notes);
	free(s->warnings);
	memset(s, 0, sizeof(*s));
}

/* ------------------------------------------------------------------ mappings */

struct vma *space_add_vma(struct space *s)
{
	struct vma *v;

	GROW(s->vmas, s->nvmas, s->cap_vmas);
	v = &s->vmas[s->nvmas++];
	memset(v, 0, sizeof(*v));
	v->object = NO_INDEX;
	v->slices = NO_INDEX;
	return v;
}

void space_clear_vmas(struct space *s)
{
	s->nvmas = 0;
	s->nobjects = 0;
	s->nwarnings = 0;
	s->nmarks = 0;
	s->have_scan = false;
	/* Schemas, field names and interned names stay: the same kernel writes the same ones again.
	 */
	buf_clear(&s->smaps_bytes);
	buf_clear(&s->slices);
	for (size_t i = 0; i < s->nthreads; i++)
		s->threads[i].vma = NO_INDEX;
}

size_t space_lower_vma(const struct space *s, u64 addr)
{
	size_t low = 0, high = s->nvmas;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->vmas[mid].last < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

u32 space_find_vma(const struct space *s, u64 addr)
{
	size_t i = space_lower_vma(s, addr);

	return i < s->nvmas && s->vmas[i].first <= addr ? (u32)i : NO_INDEX;
}

/* ------------------------------------------------------------------ the other arrays */

struct mark *space_add_mark(struct space *s, u64 addr, const char *name, const char *source)
{
	struct mark *m;

	GROW(s->marks, s->nmarks, s->cap_marks);
	m = &s->marks[s->nmarks++];
	*m = (struct mark){ .addr = addr, .name = name, .source = source, .thread = NO_INDEX };
	return m;
}

struct object *space_add_object(struct space *s)
{
	struct object *o;

	GROW(s->objects, s->nobjects, s->cap_objects);
	o = &s->objects[s->nobjects++];
	*o = (struct object){ .vma = NO_INDEX, .image = NO_INDEX, .thread = NO_INDEX };
	return o;
}

struct thread *space_add_thread(struct space *s)
{
	struct thread *t;

	GROW(s->threads, s->nthreads, s->cap_threads);
	t = &s->threads[s->nthreads++];
	memset(t, 0, sizeof(*t));
	t->vma = NO_INDEX;
	return t;
}

struct image *space_add_image(struct space *s)
{
	struct image *img;

	GROW(s->images, s->nimages, s->cap_images);
	img = &s->images[s->nimages++];
	memset(img, 0, sizeof(*img));
	return img;
}

struct region *space_add_region(struct space *s)
{
	struct region *r;

	GROW(s->regions, s->nregions, s->cap_regions);
	r = &s->regions[s->nregions++];
	memset(r, 0, sizeof(*r));
	return r;
}

void space_add_warning(struct space *s, enum warning_kind kind, u32 vma, u64 bytes)
{
	GROW(s->warnings, s->nwarnings, s->cap_warnings);
	s->warnings[s->nwarnings++] = (struct warning){ .kind = kind, .vma = vma, .bytes = bytes };
}

void space_add_unmapped(struct space *s, const char *name, const char *source, u64 bytes,
			bool whole_cgroup)
{
	struct process *p = &s->proc;

	/* A dozen at most: growing by one keeps struct process free of a capacity. */
	p->unmapped = xreallocarray(p->unmapped, p->nunmapped + 1, sizeof(*p->unmapped));
	p->unmapped[p->nunmapped++] = (struct unmapped){
		.name = name, .source = source, .bytes = bytes, .whole_cgroup = whole_cgroup
	};
}

/* ------------------------------------------------------------------ facts and notes */

static char *format_text(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

static char *format_text(const char *fmt, va_list ap)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return xstrdup(fmt);
	text = xmalloc((size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, ap);
	return text;
}

void space_add_fact(struct space *s, const char *source, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = format_text(fmt, ap);
	va_end(ap);
	GROW(s->facts, s->nfacts, s->cap_facts);
	s->facts[s->nfacts++] = (struct kernel_fact){ .text = text, .source = source };
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/** Made-up files contradict each other without end; what is dropped beyond is told once. */
#define NOTES_MAX 256

void space_note(struct space *s, enum note_kind kind, const char *source, int err, const char *cap,
		const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;

	if (fmt) {
		va_start(ap, fmt);
		text = format_text(fmt, ap);
		va_end(ap);
	}
	for (size_t i = 0; i < s->nnotes; i++) {
		const struct note *n = &s->notes[i];

		if (n->kind == kind && same_text(n->source, source) && same_text(n->text, text)) {
			free(text);
			return;
		}
	}
	if (s->nnotes >= NOTES_MAX) {
		free(text);
		if (s->nnotes > NOTES_MAX)
			return;
		kind = NOTE_LIMIT;
		source = "notes";
		err = 0;
		cap = NULL;
		text = xstrdup("there are more than are told here");
	}
	GROW(s->notes, s->nnotes, s->cap_notes);
	s->notes[s->nnotes++] = (struct note){
		.kind = kind, .source = source, .err = err, .cap = cap, .text = text
	};
}

size_t space_problems(const struct space *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nnotes; i++)
		n += s->notes[i].kind != NOTE_INFO;
	return n;
}

/* ------------------------------------------------------------------ names of things */

const char *conf_name(enum conf c)
{
	static const char *const names[] = {
		[CONF_EXACT] = "exact",	  [CONF_DERIVED] = "derived", [CONF_DEFAULT] = "default",
		[CONF_BOUNDS] = "bounds", [CONF_UNKNOWN] = "unknown",
	};

	return (size_t)c < ARRAY_SIZE(names) ? names[c] : "?";
}

const char *object_kind_name(enum object_kind k)
{
	static const char *const names[OBJ_NKINDS] = {
		[OBJ_EXE] = "executable",
		[OBJ_INTERP] = "interpreter",
		[OBJ_LIB] = "library",
		[OBJ_FILE] = "file",
		[OBJ_MEMFD] = "memfd",
		[OBJ_SYSV] = "SysV shm",
		[OBJ_SHM] = "shared memory",
		[OBJ_HUGETLB] = "hugetlb",
		[OBJ_DEVICE] = "device",
		[OBJ_HEAP] = "heap",
		[OBJ_STACK] = "stack",
		[OBJ_THREAD_STACK] = "thread stack",
		[OBJ_SHADOW_STACK] = "shadow stack",
		[OBJ_ANON] = "anonymous",
		[OBJ_NAMED_ANON] = "named anonymous",
		[OBJ_VDSO] = "vdso",
		[OBJ_VSYSCALL] = "vsyscall",
		[OBJ_GUARD] = "guard",
		[OBJ_RESERVED] = "reserved",
		[OBJ_IO_URING] = "io_uring",
		[OBJ_UPROBES] = "uprobes",
		[OBJ_SECRETMEM] = "secretmem",
	};

	return (size_t)k < OBJ_NKINDS ? names[k] : "?";
}

const char *vma_role_name(enum vma_role r)
{
	static const char *const names[ROLE_NROLES] = {
		[ROLE_NONE] = "",	  [ROLE_HEADER] = "header", [ROLE_TEXT] = "text",
		[ROLE_RODATA] = "rodata", [ROLE_RELRO] = "RELRO",   [ROLE_DATA] = "data",
		[ROLE_BSS] = "bss",	  [ROLE_GUARD] = "guard",   [ROLE_STACK] = "stack",
	};

	return (size_t)r < ROLE_NROLES ? names[r] : "?";
}

const char *page_state_name(enum page_state st)
{
	static const char *const names[PS_NSTATES] = {
		[PS_ABSENT] = "untouched", [PS_ANON] = "anon",
		[PS_FILE] = "file",	   [PS_FILE_DIRTY] = "file dirty",
		[PS_SHARED] = "shared",	   [PS_ZERO] = "zero",
		[PS_HUGE] = "huge",	   [PS_PRESENT] = "present",
		[PS_SWAPPED] = "swapped",  [PS_GUARD] = "guard",
		[PS_OTHER] = "other",
	};

	return (size_t)st < PS_NSTATES ? names[st] : "?";
}
