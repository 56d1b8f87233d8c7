/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Shared by the unit tests of i386 and arm: made-up facts, and looking at what came of them. */
#ifndef PROCMAP_UNIT_HALF32_H
#define PROCMAP_UNIT_HALF32_H

#include <stdlib.h>

#include "kernel/bits32.h"
#include "kernel_sound.h"
#include "tap.h"

static inline void init_half(struct space *s, const char *machine, const char *release)
{
	space_init(s);
	s->host.machine = xstrdup(machine);
	s->host.release = xstrdup(release);
	s->host.page_size = 4096;
	s->host.bits = 32;
	s->proc.bits = 32;
}

static inline void add_ram_range(struct kfacts *k, u64 first, u64 last)
{
	GROW(k->iomem.ram, k->iomem.nram, k->iomem.cap_ram);
	k->iomem.ram[k->iomem.nram++] = (struct range){ first, last };
}

static inline void add_boot(struct kfacts *k, const char *name, u64 first, u64 end)
{
	struct kboot_range *r = &k->boot.ranges[k->boot.n++];

	strcpy(r->name, name);
	r->r = range_of(first, end);
}

static inline void add_mapping(struct space *s, u64 first, u64 last, u8 perms, const char *name)
{
	struct vma *v = space_add_vma(s);

	v->first = first;
	v->last = last;
	v->perms = perms;
	v->name = strtab_add(&s->names, name, strlen(name));
}

/** The first region of that name; NULL if there is none. */
static inline const struct region *find(const struct space *s, const char *name)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (!strcmp(s->regions[i].name, name))
			return &s->regions[i];
	return NULL;
}

static inline size_t count_notes(const struct space *s, enum note_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nnotes; i++)
		n += s->notes[i].kind == kind;
	return n;
}

static inline bool has_fact(const struct space *s, const char *words)
{
	for (size_t i = 0; i < s->nfacts; i++)
		if (strstr(s->facts[i].text, words))
			return true;
	return false;
}

/** Draws it and checks that it is sound; release with space_release(). */
static inline void draw_half(const struct kfacts *k, struct space *s)
{
	kernel_layout(k, s);
	OK(sound(s));
}

#define IS_REGION(s, name, f, l, c, src)                                                           \
	do {                                                                                       \
		const struct region *r_ = find(s, name);                                           \
		if (OK(r_)) {                                                                      \
			IS(r_->first, UINT64_C(f));                                                \
			IS(r_->last, UINT64_C(l));                                                 \
			IS(r_->conf, c);                                                           \
			IS_STR(r_->source, src);                                                   \
		}                                                                                  \
	} while (0)

#endif
