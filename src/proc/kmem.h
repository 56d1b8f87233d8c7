/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * KERNEL MEMORY, read-only: through /proc/kcore, or, only when asked (--bpf), through a small raw
 * tracepoint program run by BPF_PROG_TEST_RUN. One handle over both; what they say of the layout
 * becomes figures, what it means is src/kernel/'s business. One thread at a time.
 */
#ifndef PROCMAP_KMEM_H
#define PROCMAP_KMEM_H

#include "ksrc.h"

struct kmem;

enum kmem_flags {
	KMEM_BPF = 1, /**< may run a BPF program where kcore is not to be had */
};

/**
 * Opens what there is: kcore first, then, with KMEM_BPF, a BPF program. Fills k->memory with what
 * it reads (VMCOREINFO and bases included) and adds notes for what failed. 0; -ENODATA when there
 * is neither, else why. *ret is NULL then. Needs what ksrc_read() has put into *k before,
 * and *k and *s as long as it lives.
 */
int kmem_open(struct root *r, struct space *s, struct kfacts *k, unsigned flags, struct kmem **ret);
void kmem_close(struct kmem *m);
/** "kcore" or "bpf". */
const char *kmem_source(const struct kmem *m);

/**
 * Reads `len` bytes at a kernel address, or at a physical one through the direct map: all of them
 * (0) or none (-EFAULT: not mapped, not RAM; else -errno). kcore gives zeros for pages it must not
 * touch; 0 is then no proof of a zero.
 */
int kmem_read(struct kmem *m, u64 addr, void *to, size_t len);
int kmem_read_phys(struct kmem *m, u64 pa, void *to, size_t len);

/** What the kernel itself keeps of one process; offsets come from BTF. */
struct kmem_mm {
	u64 pgd; /**< physical address of the top page table */
	/** The bases are those of the process's own word size. */
	struct fig mmap_base, mmap_legacy_base, task_size, start_brk, start_stack, flags;
};

/**
 * The mm of a process or thread, by its number in /proc; of a process whose leader has exited that
 * of another thread. -ESRCH none (a kernel thread, a zombie), -ENOTSUP without BTF, -ENODATA for
 * recorded trees, -EBADMSG when BTF does not fit this kernel.
 */
int kmem_mm(struct kmem *m, pid_t pid, struct kmem_mm *ret);

/**
 * Gives the space what the mm of its process says: mmap_base, policy, the end of the user half.
 * After kernel_layout(); what contradicts other sources is noted and left out. 0 or as kmem_mm().
 */
int kmem_process(struct kmem *m, struct space *s);

#endif
