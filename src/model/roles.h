/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * From (mapping, ELF image) to what the mapping holds: its role, segment and sections, and the load
 * bias that ties link-time addresses to the space. All from structures that may come from a hostile
 * file: a header that does not fit the mappings answers nothing rather than something wrong. Pure.
 */
#ifndef PROCMAP_ROLES_H
#define PROCMAP_ROLES_H

#include "space.h"

/**
 * Sets the role of every mapping of `o`, one of s->objects, and keeps its load bias. With an image
 * that fits the mappings the segments decide; otherwise, for OBJ_EXE, OBJ_INTERP and OBJ_LIB, the
 * permissions alone (r-x text, r-- rodata, rw- data, anonymous rw- bss, --- guard). Objects of
 * other kinds without such an image are left alone.
 *
 * An anonymous mapping of an object whose image fits keeps ROLE_NONE when it lies outside all
 * segments: it was grouped only because it follows them, and is not the file's .bss.
 */
void roles_assign(struct space *s, const struct object *o);

/**
 * The load bias: address in the space minus link-time address, modulo 2^64 (a prelinked library may
 * lie below the address it was linked for). False when there is no image or none of its segments
 * explains how the file is mapped (a file mapped as data, a damaged header).
 */
bool object_bias(const struct space *s, const struct object *o, u64 *bias);

/**
 * The PT_LOAD segment that a mapping belongs to, NULL for none. *index, unless NULL, gets its
 * number among all segments of the image, as readelf -l counts them.
 */
const struct image_segment *vma_segment(const struct space *s, const struct vma *v, size_t *index);

/**
 * The sections that have bytes in a mapping, in address order: the `max` lowest, as many as the
 * result says. Sections that take no memory (debug information, .tbss) are left out.
 */
size_t vma_sections(const struct space *s, const struct vma *v, const struct image_section **ret,
		    size_t max);

/**
 * The section that has `addr`, an address of the space; NULL when it is in none or not known.
 * *offset, unless NULL, gets how far into the section it lies.
 */
const struct image_section *addr_section(const struct space *s, u64 addr, u64 *offset);

/** The image loads writable data and has no PT_GNU_RELRO. False also when that is not known. */
bool object_missing_relro(const struct space *s, const struct object *o);

/**
 * The image has PT_GNU_RELRO, but a mapping of that range can still be written: not protected yet
 * (the program is starting) or opened again. *vma, unless NULL, gets the index of the lowest one.
 */
bool object_relro_writable(const struct space *s, const struct object *o, u32 *vma);

#endif
