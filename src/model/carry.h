/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * FROM ONE READING TO THE NEXT: copies of spaces and snapshots, and what a new reading takes over
 * from an older one of the same process because reading it again would cost too much. Pure.
 */
#ifndef PROCMAP_CARRY_H
#define PROCMAP_CARRY_H

#include "snapshot.h"

/** A copy that shares nothing but the kmap, which never changes. *to is not initialised before. */
void space_copy(struct space *to, const struct space *from);
/** The same of a snapshot; the caller frees it. */
struct snapshot *snapshot_copy(const struct snapshot *from);

void page_detail_copy(struct page_detail *to, const struct page_detail *from);

/** Where the notes of one reader start and end. */
struct note_span {
	size_t first, end;
};

/**
 * Gives `to`, fresh from space_init(), the kernel half of `from`: regions, facts, kmap, the ends of
 * both halves, what of the host the kernel's files said, the notes in `notes`, and all names.
 */
void space_carry_kernel(struct space *to, const struct space *from, struct note_span notes);
/** Takes the kernel half of `from`, as it was carried, out of `s` again. */
void space_drop_kernel(struct space *s, const struct space *from, struct note_span notes);

/**
 * Makes *s (not initialised) the same as `kernel`, and leaves `kernel` nothing but its kernel half:
 * mappings, objects, images, threads and what hangs on them move.
 */
void space_split(struct space *s, struct space *kernel);

/**
 * Gives the mappings of `s`, none of which has smaps values yet, those that the same mapping
 * (range, permissions, offset, file and name) has in `old`. Returns how many got none.
 */
size_t space_carry_smaps(struct space *s, const struct space *old);

/**
 * Gives the objects of `s` (after space_group()) that map files the images that `old` has of them,
 * and what was found at their names.
 */
void space_carry_images(struct space *s, const struct space *old);

/** Limits of the system, and what the process has beside its mappings: surroundings_read(). */
void space_carry_surroundings(struct space *s, const struct space *old);

/** Are the mappings the same: ranges, permissions, offsets, files and names? */
bool space_same_mappings(const struct space *a, const struct space *b);

#endif
