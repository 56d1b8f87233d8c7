/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * IMAGES (libelf): what the ELF headers behind a file descriptor say. libelf is used nowhere else.
 * Without it these answer -ENOTSUP. Files are read with pread into bounded buffers, never mapped.
 */
#ifndef PROCMAP_ELF_H
#define PROCMAP_ELF_H

#include "../model/space.h"

/** Was it built with libelf? */
bool elf_available(void);

/**
 * Reads headers, sections, segments, notes of `fd` into *img (already zeroed; its inode and device
 * are left alone). 0, or a negative errno that img->err keeps: -ENOEXEC not an ELF file, -EBADMSG
 * damaged or truncated, -E2BIG more of something than is kept, else why it could not be read. A
 * damaged part costs only that part: what could be read is there, whatever is returned.
 */
int image_read(int fd, struct image *img);

/** A PT_LOAD of /proc/kcore. paddr is UINT64_MAX where the kernel gives none. */
struct kcore_segment {
	u64 vaddr, memsz, paddr, offset;
};

/** The headers of /proc/kcore. */
struct kcore {
	struct kcore_segment *segments; /**< in file order, those of size 0 or that wrap left out */
	size_t nsegments;
	char *vmcoreinfo; /**< text of the note, NULL if there is none; owned */
	size_t nbad;	  /**< segments left out */
};

int kcore_read(int fd, struct kcore *ret);
void kcore_release(struct kcore *k);

#endif
