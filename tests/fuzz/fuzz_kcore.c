/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of /proc/kcore, any bytes, and looking up addresses in what they say. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/elf.h"

#include "proc/kmem_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool find_fn(const struct kcore *k, u64 addr, u64 *offset, size_t *len);

/** What is found lies inside a segment, and in a file. */
static void look_up(const struct kcore *k, find_fn *find, u64 addr)
{
	const size_t want = 4096;
	u64 offset, pa;
	size_t len = want;

	if (!find(k, addr, &offset, &len))
		return;
	if (!len || len > want || offset > INT64_MAX || len > INT64_MAX - offset)
		abort();
	if (find == kcore_find && kcore_phys(k, addr, &pa) && pa == UINT64_MAX)
		abort();
}

/** Starts, ends and their neighbours of every segment. */
static void look_around(const struct kcore *k)
{
	for (size_t i = 0; i < k->nsegments && i < 64; i++) {
		const struct kcore_segment *g = &k->segments[i];

		for (u64 d = 0; d < 3; d++) {
			look_up(k, kcore_find, g->vaddr + d - 1);
			look_up(k, kcore_find, g->vaddr + g->memsz + d - 2);
			look_up(k, kcore_find_phys, g->paddr + d - 1);
			look_up(k, kcore_find_phys, g->paddr + g->memsz + d - 2);
		}
	}
}

/** The same segments as those of a kernel that gives no physical addresses. */
static void old_kernel(struct kcore *core)
{
	struct range ram[] = { { 0x1000, 0x9fbff }, { 0x100000, 0x3fffffff } };
	struct kfacts k = { .kcore = *core };

	for (size_t i = 0; i < core->nsegments; i++)
		core->segments[i].paddr = 0;
	k.iomem.ram = ram;
	k.iomem.nram = 2;
	kcore_old_paddr(&k, 4096, 64);
	look_around(&k.kcore);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct kcore k;

	if (fd < 0)
		fd = memfd_create("kcore", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	if (kcore_read(fd, &k)) {
		if (k.segments || k.nsegments || k.vmcoreinfo || k.task)
			abort();
		return 0;
	}
	for (size_t i = 0; i < k.nsegments; i++)
		if (!k.segments[i].memsz ||
		    k.segments[i].vaddr + (k.segments[i].memsz - 1) < k.segments[i].vaddr)
			abort();
	if (!k.nsegments || (k.vmcoreinfo && strlen(k.vmcoreinfo) > size))
		abort();
	if (k.task_len > size || (k.task_len && !k.task))
		abort();
	look_around(&k);
	old_kernel(&k);
	kcore_release(&k);
	return 0;
}
