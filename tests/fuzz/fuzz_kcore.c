/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of /proc/kcore, any bytes. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct kcore k;

	if (fd < 0)
		fd = memfd_create("kcore", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	if (kcore_read(fd, &k)) {
		if (k.segments || k.nsegments || k.vmcoreinfo)
			abort();
		return 0;
	}
	for (size_t i = 0; i < k.nsegments; i++)
		if (!k.segments[i].memsz ||
		    k.segments[i].vaddr + (k.segments[i].memsz - 1) < k.segments[i].vaddr)
			abort();
	if (!k.nsegments || (k.vmcoreinfo && strlen(k.vmcoreinfo) > size))
		abort();
	kcore_release(&k);
	return 0;
}
