/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files behind space_group() and space_classify() share; nobody else includes it.
 */
#ifndef PROCMAP_CLASSIFY_H
#define PROCMAP_CLASSIFY_H

#include "space.h"

/** A file as maps names it. */
struct file_id {
	u64 inode;
	u32 major, minor;
	bool have;
};

/** More than one thread's sp points into this mapping. */
#define MANY_THREADS (NO_INDEX - 1)

/** What is looked up once for a whole space before its mappings are told apart. */
struct landmarks {
	struct file_id exe, interp;
	u64 gd, gu, ht, io, mm, pf, ss; /**< bits of vma.vmflags, 0 for one no mapping has */
	u32 *thread_of; /**< per mapping: the one thread whose sp is in it, NO_INDEX, MANY_THREADS
			 */
	u32 stack_first, stack_last; /**< mappings of the main stack with its guards; NO_INDEX */
	u64 guard_max;		     /**< a lone PROT_NONE mapping larger than this is no guard */
};

/* --- kind.c --- */

void landmarks_init(struct landmarks *lm, struct space *s);
void landmarks_release(struct landmarks *lm);
/** The kind of a mapping by itself: names, flags, the files of executable and interpreter. */
enum object_kind vma_kind(const struct space *s, const struct landmarks *lm, const struct vma *v);
/** The kind of a mapped file's object once one mapping of it is found to be executable. */
enum object_kind exec_kind(enum object_kind kind);
/** Backed by a file (of any file system, the kernel's own ones too)? */
bool vma_is_file(const struct space *s, const struct vma *v);
/** Private or shared anonymous memory without a role of its own: nameless or [anon:x]. */
bool vma_is_anon(const struct space *s, const struct vma *v);

static inline bool vma_inaccessible(const struct vma *v)
{
	return !(v->perms & (PERM_R | PERM_W | PERM_X));
}

/** Does `v` begin where `below` ends? */
static inline bool vma_adjacent(const struct vma *below, const struct vma *v)
{
	return below->last + 1 == v->first;
}

/** Bytes of a mapping; the whole 2^64, which no kernel maps, counts as one less. */
static inline u64 vma_size(const struct vma *v)
{
	u64 size = range_size(vma_range(v));

	return size ? size : UINT64_MAX;
}

/* --- stack.c --- */

/** Fills thread.vma, thread_of, stack_first and stack_last. */
void stacks_find(struct space *s, struct landmarks *lm);
/** The thread whose stack mapping `i` is, NO_INDEX when that cannot be said. */
u32 stack_thread(const struct space *s, const struct landmarks *lm, size_t i);
/** Is mapping `i` the guard directly below the stack mapping `i` + 1? */
bool stack_guard_at(const struct space *s, size_t i);
/** The index of the thread `tid`, NO_INDEX. */
u32 find_thread(const struct space *s, pid_t tid);

/* --- layout.c --- */

/** Layout policy, mmap_base, and all marks, sorted. */
void layout_find(struct space *s);
void marks_find(struct space *s);

#endif
