/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Where an address is, in words: for the selected cell, the page and the changes. */
#ifndef PROCMAP_WHERE_H
#define PROCMAP_WHERE_H

#include "../model/snapshot.h"

/** "7f4b20400000-7f4b20426000"; of the top of 2^64, whose end has no 64-bit name, its last byte. */
void where_range(struct buf *out, struct range r);
/** ".text+1a000, file offset 42000 of libc.so.6"; of the kernel half what has it and who says so.
 */
void where_words(struct buf *out, const struct snapshot *s, struct range r);
/** The same in short, for one line: ".rodata+1f4e0 of libc.so.6". */
void where_short(struct buf *out, const struct snapshot *snap, u64 addr);
/** The sections of its image that overlap a range: ".text+1a000, .plt". Nothing if unknown. */
void where_sections(struct buf *out, const struct space *s, const struct vma *v, struct range r);
/** What lies at an address of the kernel half: region, module and section, or area. */
void where_kernel(struct buf *out, const struct space *s, u64 addr);
/** "became private", of what page_change() tells; "" for 0. */
const char *where_change_words(char what);

#endif
