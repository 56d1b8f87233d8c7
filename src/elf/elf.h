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

/**
 * symbol.c. The function or object at or below a link-time address of the file that `img` was read
 * from, in the same segment: *name (owned, bytes, without its version) and how far above it the
 * address is. None that is known to end before it. .symtab, or .dynsym where that is stripped.
 * -ENOENT none, -EBADMSG damaged.
 */
int image_symbol(int fd, const struct image *img, u64 addr, char **name, u64 *offset);

/**
 * The functions and objects that begin in a range of such addresses, a page: in how many places,
 * *n, and the lowest of them, *name (owned) at *addr. Else as above.
 */
int image_symbols_in(int fd, const struct image *img, struct range in, char **name, u64 *addr,
		     u64 *n);

/**
 * The other way: the link-time address of the function or object called `name`, with any version.
 * *global: others may call it. Else as above.
 */
int image_symbol_named(int fd, const struct image *img, const char *name, u64 *addr, bool *global);

/** A PT_LOAD of /proc/kcore. paddr is UINT64_MAX where the kernel gives none. */
struct kcore_segment {
	u64 vaddr, memsz, paddr, offset;
};

/** The headers of /proc/kcore. */
struct kcore {
	struct kcore_segment *segments; /**< in file order, those of size 0 or that wrap left out */
	size_t nsegments;
	char *vmcoreinfo; /**< text of the note, NULL if there is none; owned */
	u8 *task;	  /**< NT_TASKSTRUCT: the task_struct of who read it, NULL none; owned */
	size_t task_len;
	size_t nbad; /**< segments left out */
};

int kcore_read(int fd, struct kcore *ret);
void kcore_release(struct kcore *k);

/**
 * Where in the file the bytes of a kernel address, or of a physical one, are: of the segments that
 * hold an address the first counts, as the kernel sees it, too; of those that hold a physical one
 * the largest. *len (not 0) is cut to what follows there without a break. False when no segment has
 * it or no file can be that long.
 */
bool kcore_find(const struct kcore *k, u64 addr, u64 *offset, size_t *len);
bool kcore_find_phys(const struct kcore *k, u64 pa, u64 *offset, size_t *len);
/** The physical address of a kernel address; false if no segment with both has it. */
bool kcore_phys(const struct kcore *k, u64 addr, u64 *ret);

#endif
