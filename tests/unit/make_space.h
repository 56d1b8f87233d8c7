/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Spaces for the unit tests of the model, written down as the lines of maps would be. No reader is
 * involved: a test of the model must not fail for a parser.
 */
#ifndef TEST_MAKE_SPACE_H
#define TEST_MAKE_SPACE_H

#include <string.h>

#include "model/space.h"

/** A mapping as maps prints it. `end` is exclusive, 0 stands for 2^64. */
struct line {
	u64 start, end;
	const char *perms;
	u64 offset;
	u32 major, minor;
	u64 inode;
	const char *name;
};

static inline u8 perms_of(const char *letters)
{
	return (u8)((letters[0] == 'r' ? PERM_R : 0) | (letters[1] == 'w' ? PERM_W : 0) |
		    (letters[2] == 'x' ? PERM_X : 0) | (letters[3] == 's' ? PERM_SHARED : 0));
}

static inline u32 name_id(struct space *s, const char *name)
{
	return strtab_add(&s->names, name, strlen(name));
}

static inline struct vma *add_line(struct space *s, const struct line *l)
{
	struct vma *v = space_add_vma(s);

	v->first = l->start;
	v->last = l->end - 1;
	v->perms = perms_of(l->perms);
	v->offset = l->offset;
	v->major = l->major;
	v->minor = l->minor;
	v->inode = l->inode;
	v->name = name_id(s, l->name ? l->name : "");
	return v;
}

/** A space of x86_64, Linux 6.18, 4 KiB pages, 47 bits, with these mappings. */
static inline void make_space(struct space *s, const struct line *lines, size_t n)
{
	space_init(s);
	s->host.page_size = 4096;
	s->host.bits = 64;
	s->host.machine = xstrdup("x86_64");
	s->host.release = xstrdup("6.18.44");
	s->proc.bits = 64;
	s->proc.pid = s->proc.tid = 100;
	s->user = (struct range){ 0, 0x7fffffffefff };
	s->user_conf = CONF_EXACT;
	for (size_t i = 0; i < n; i++)
		add_line(s, &lines[i]);
}

/** Gives a mapping these smaps values, KiB, "Rss" first. */
static inline void set_smaps(struct space *s, struct vma *v, const u8 *fields, const u64 *values,
			     size_t n)
{
	v->schema = (u16)space_schema(s, fields, n);
	v->smaps = (u32)s->smaps_bytes.len;
	v->have |= VMA_HAVE_SMAPS;
	for (size_t i = 0; i < n; i++)
		space_add_smaps_value(s, values[i]);
}

static inline void set_flag(struct space *s, struct vma *v, const char *letters)
{
	if (!(v->have & VMA_HAVE_SMAPS))
		set_smaps(s, v, (const u8[]){ 0 }, NULL, 0);
	v->vmflags |= UINT64_C(1) << space_vmflag(s, letters);
}

static inline struct thread *add_thread(struct space *s, pid_t tid, u64 sp)
{
	struct thread *t = space_add_thread(s);

	t->tid = tid;
	t->sp = sp ? FIG(sp) : (struct fig){ 0 };
	return t;
}

#endif
