/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Private to the files that read kernel memory: kmem.c (what it is good for), kmem_kcore.c and
 * bpf.c (the two ways to it), kmem_find.c (where things are when nothing says so), kmem_task.c
 * (from a process to its mm).
 */
#ifndef PROCMAP_KMEM_PARTS_H
#define PROCMAP_KMEM_PARTS_H

#include "kmem.h"

struct bpf;

/** Members of kernel structures whose offsets are looked up in BTF. */
enum koff {
	OFF_TASK_FILES,
	OFF_TASK_MM,
	OFF_TASK_SIGNAL,
	OFF_TASK_THREAD_NODE,
	OFF_TASK_PID_LINKS,
	OFF_TASK_STACK_AREA,
	OFF_SIGNAL_THREAD_HEAD,
	OFF_FILES_FDT,
	OFF_FDT_FD,
	OFF_FILE_INODE,
	OFF_PROC_PID,
	OFF_PROC_INODE,
	OFF_PID_TASKS,
	OFF_AREA_PAGES,
	OFF_PAGE_MAPPING,
	OFF_PAGE_INDEX,
	OFF_PAGE_FOLIO_INDEX,
	OFF_MM_PGD,
	OFF_MM_MMAP_BASE,
	OFF_MM_LEGACY_BASE,
	OFF_MM_COMPAT_BASE,
	OFF_MM_COMPAT_LEGACY_BASE,
	OFF_MM_TASK_SIZE,
	OFF_MM_START_BRK,
	OFF_MM_START_STACK,
	OFF_MM_FLAGS,
	OFF_N
};

struct kmem {
	struct root *root;
	struct space *space;	/**< for notes while it is opened */
	const struct kfacts *k; /**< its kcore and iomem are used as long as this lives */
	int fd;			/**< /proc/kcore, -1: not read through it */
	struct bpf *bpf;	/**< NULL: not read through it */
	struct fig direct;	/**< with bpf: address of physical 0 in the direct map */
	u32 page_size;
	u8 word;      /**< bytes of a pointer of the kernel's */
	bool swap;    /**< a recorded kernel of the other byte order */
	int btf_err;  /**< why there are no offsets, -errno; 1: not looked for yet */
	int self_err; /**< whether our own process is found where it must be; 1: not looked yet */
	struct fig offset[OFF_N]; /**< see kmem_offset() */
};

/** An unsigned number of `size` (1 to 8) bytes at a kernel address. */
int kmem_read_number(struct kmem *m, u64 addr, unsigned size, u64 *ret);
/** A pointer or an unsigned long. */
int kmem_read_word(struct kmem *m, u64 addr, u64 *ret);
/** The number in bytes that were read. */
u64 kmem_number(const struct kmem *m, const u8 *bytes, unsigned size);
/** The physical address of a kernel address in the direct map or the image, if that is known. */
struct fig kmem_phys(const struct kmem *m, u64 addr);

/* --- kmem_kcore.c --------------------------------------------------------------------------- */

/** Before 4.11 p_paddr was 0 throughout: works it out from iomem, or leaves the segment out. */
void kcore_old_paddr(struct kfacts *k, u32 page_size, u8 bits);
int kcore_read_at(const struct kcore *k, int fd, u64 addr, void *to, size_t len);
int kcore_read_phys_at(const struct kcore *k, int fd, u64 pa, void *to, size_t len);

/* --- bpf.c ---------------------------------------------------------------------------------- */

/** Loads the program. -ENODATA for a recorded tree, -ENOSYS, -EPERM, -EINVAL: the kernel's. */
int bpf_open(struct root *r, struct bpf **ret);
void bpf_close(struct bpf *b);
/** All bytes (0) or none: -EFAULT where one of them is not mapped. */
int bpf_read(struct bpf *b, u64 addr, void *to, size_t len);
/** The address of our own task_struct; 0 when the program does not run. */
u64 bpf_current_task(struct bpf *b);

/* --- kmem_find.c ---------------------------------------------------------------------------- */

/** Finds the direct map and vmemmap with nothing but reads: fills m->direct and `ret`. */
int kmem_find(struct kmem *m, struct kmemory *ret);

/* --- kmem_task.c ---------------------------------------------------------------------------- */

/** The offset, unknown if this kernel has no such member; reads BTF at the first call. */
struct fig kmem_offset(struct kmem *m, enum koff which);

#endif
