/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF, any bytes. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proc/ksrc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	struct btf_member want[] = {
		{ "page", "mapping", { 0 } },
		{ "page", "flags", { 0 } },
		{ "task_struct", "mm", { 0 } },
		{ "mm_struct", "pgd", { 0 } },
	};
	struct kbtf t;

	if (fd < 0)
		fd = memfd_create("btf", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	btf_read(fd, &t);
	/* Nothing without the 4 bytes that say it. */
	if ((t.page_size.have || t.fix_end.have) && size < 24 + 12 + 5)
		abort();
	/* An offset has a member behind it, so a struct; after an error there are none. */
	if (btf_members(fd, want, ARRAY_SIZE(want)) || size < 24 + 12 + 12 + 5)
		for (size_t i = 0; i < ARRAY_SIZE(want); i++)
			if (want[i].offset.have)
				abort();
	return 0;
}
