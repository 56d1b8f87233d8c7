/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contents of one page of a process, through /proc/PID/mem. A read there is a page fault in the
 * target's name (mm/memory.c, access_remote_vm()): of a page that is not present it would make one
 * or bring it in from swap. So its entry is read right before; what is left is the time between the
 * two calls. The read marks the page as accessed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pageio.h"

static int read_page(int mem, u64 addr, u32 page_size, u8 *to)
{
	u32 have = 0;

	while (have < page_size) {
		ssize_t n = pread(mem, to + have, page_size - have, (off_t)(addr + have));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		/* The process has ended. */
		if (!n)
			return -ESRCH;
		have += (u32)n;
	}
	return 0;
}

int page_bytes_read(struct piddir *d, const struct space *s, u64 addr, u64 pm, u8 *to)
{
	const u64 same = PM_PRESENT | PM_PFN(~UINT64_C(0));
	u32 page_size = s->host.page_size;
	int mem, pagemap, err;
	u64 now = 0;

	if (!root_is_live(piddir_root(d)))
		return -ENODATA;
	err = piddir_openat(d, "mem", ROOT_CAP_PTRACE, &mem);
	if (err)
		return err;
	err = piddir_openat(d, "pagemap", ROOT_CAP_ADMIN, &pagemap);
	if (!err) {
		if (pagemap_pread(pagemap, addr / page_size, 1, &now) != 1)
			err = -ESRCH;
		else if (!(pm & PM_PRESENT) || (now & same) != (pm & same))
			err = -EAGAIN;
		else
			err = read_page(mem, addr, page_size, to);
		close(pagemap);
	}
	close(mem);
	return err;
}
