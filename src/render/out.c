/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The sink of all views: bytes gather in a buffer and go out in large writes. The first error is
 * kept and ends the output: what comes after it is dropped, so a view need not look at each step.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include "render.h"

/** Views write small pieces; at this size a write costs little beside the bytes in it. */
#define OUT_BYTES (64 * KIB)

void out_init(struct out *o, int fd)
{
	o->fd = fd;
	o->err = 0;
	buf_init(&o->b);
}

/** Waits until a descriptor that somebody else made non-blocking takes bytes again. */
static void wait_writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	(void)poll(&p, 1, -1);
}

/** Writes all of the buffer and empties it, whether or not that worked. */
static void flush(struct out *o)
{
	size_t done = 0;

	while (!o->err && done < o->b.len) {
		ssize_t n = write(o->fd, o->b.p + done, o->b.len - done);

		if (n > 0)
			done += (size_t)n;
		else if (n == 0)
			o->err = -EIO; /* takes nothing and gives no reason: never loop on it */
		else if (errno == EAGAIN || errno == EWOULDBLOCK)
			wait_writable(o->fd);
		else if (errno != EINTR)
			o->err = -errno;
	}
	buf_clear(&o->b);
}

void out_check(struct out *o)
{
	if (o->b.len >= OUT_BYTES)
		flush(o);
}

int out_end(struct out *o)
{
	flush(o);
	buf_release(&o->b);
	return o->err;
}
