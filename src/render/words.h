/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What views say about parts of a space: one place for words that more than one of them uses. */
#ifndef PROCMAP_WORDS_H
#define PROCMAP_WORDS_H

#include "../model/space.h"

/** The name of a mapping as views show it, bytes: "shared anonymous" for what the kernel calls a
 * deleted /dev/zero, a memfd without its " (deleted)". "" if there is none. */
const char *mapping_title(const struct space *s, const struct vma *m, size_t *len);
/** What an object is called: the first name of its mappings, else its kind. Never "". */
const char *object_title(const struct space *s, const struct object *o, size_t *len);
/** "thread stack 4713 jemalloc_bg"; false, and nothing appended, for what has a name of its own. */
bool stack_title(struct buf *b, const struct space *s, const struct object *o);
/**
 * What a mapping is inside its object: role and sections, the largest first (".text .plt", "RELRO
 * .data.rel.ro .got"), else its role, its own name or its kind. True: it is a list of sections.
 */
bool mapping_words(struct buf *b, const struct space *s, const struct vma *m);
/** Length of the directory part of a path, its last slash included; 0 for what is no path. */
size_t name_dir_len(const char *name, size_t len);
/**
 * Where to begin a directory of `dir` bytes that is to take `room` columns, a mark of the cut in
 * front included: whole components only, the last ones. `dir` when none fits.
 */
size_t name_dir_cut(const char *name, size_t dir, size_t room);
/** "rw-p". */
static inline void perms_letters(char t[static 4], u8 perms)
{
	t[0] = perms & PERM_R ? 'r' : '-';
	t[1] = perms & PERM_W ? 'w' : '-';
	t[2] = perms & PERM_X ? 'x' : '-';
	t[3] = perms & PERM_SHARED ? 's' : 'p';
}
/** What stands at the file's name now, where that is not the file that is mapped; or NULL. */
const char *object_file_words(const struct space *s, const struct object *o);
/** "static PIE"; NULL for a library and where it is not known. */
const char *image_link_words(enum image_link link);
/** Why there is nothing of an image: "not an ELF file". `err` as in struct image, not 0. */
const char *image_err_words(int err);
const char *warning_words(enum warning_kind kind);
/** "exact (kcore)". */
void known_by_words(struct buf *b, enum conf conf, const char *source);
/** The same of a region: of a module whose end is not known its start is exact all the same. */
void region_known_by(struct buf *b, const struct region *g);
/**
 * "needs CAP_SYS_PTRACE": why a process's mappings cannot be read; `err` is positive. With `held`
 * "refused although CAP_SYS_PTRACE is held": by a security module, or as the process has more
 * capabilities than we (cap_ptrace_access_check(), security/commoncap.c), which is not known.
 */
void access_words(struct buf *b, int err, bool held);
/** "closed", "absent", ... */
const char *note_kind_words(enum note_kind kind);
/** The rest of a note, bytes: "kcore: Permission denied (CAP_SYS_RAWIO opens it)". */
void note_words(struct buf *b, const struct note *n);
/** Does it concern the kernel half alone? */
bool note_is_kernel(const struct note *n);
/** Why there is no user half, in a sentence; "" when there is one, or nobody asked for it. */
void no_user_words(struct buf *b, const struct space *s);

/** What the hole between the halves, or a part of it, is; static. */
const char *hole_words(const struct space *s, struct range r);
/** "16776960 TiB", "16777215.875 TiB": of a whole number of GiB nothing is rounded off. */
void hole_size(struct buf *b, u64 bytes);

#endif
