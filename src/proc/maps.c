/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading maps and smaps from start to end. The text is made while it is read, so the space may
 * change under our hands, and the process may end or execute another program: each is noticed and
 * said. maps_parse.c understands the text.
 */
#include "proc.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/** The kernel hands out 4 KiB a read, a recorded file as much as we ask for. */
#define READ_BYTES (64 * KIB)
/** How often a read that contradicts itself is made. */
#define TRIES 3

/** Has the mm that `fd` shows ended? Then a read at the start gives nothing any more. */
static bool mm_gone(int fd)
{
	char c;
	ssize_t n;

	do
		n = pread(fd, &c, 1, 0);
	while (n < 0 && errno == EINTR);
	return n == 0 || (n < 0 && errno == ESRCH);
}

/** Feeds all of `fd` to the parser, which fills `s`; 0 or -errno. */
static int feed_all(struct piddir *d, int fd, struct maps_parser *p, const struct space *s)
{
	char *text = xmalloc(READ_BYTES);
	ssize_t n;
	int err = 0;

	for (;;) {
		n = read(fd, text, READ_BYTES);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		maps_parser_feed(p, text, (size_t)n);
		if (root_step(piddir_root(d), s->nvmas)) {
			err = -ECANCELED;
			break;
		}
	}
	if (n < 0)
		err = -errno;
	free(text);
	return err;
}

/** What one reading of the file came to. */
struct reading {
	struct maps_problems problems;
	bool gone; /**< the mm ended before its last mapping was known to be the last */
};

static int read_once(struct piddir *d, struct space *s, const char *file, struct reading *ret)
{
	struct maps_parser *p;
	int fd, err = piddir_openat(d, file, ROOT_CAP_PTRACE, &fd);

	if (err)
		return err;
	space_clear_vmas(s);
	p = maps_parser_new(s);
	err = feed_all(d, fd, p, s);
	ret->problems = maps_parser_end(p);
	/* An mm that ends while it is read looks like one that has no more mappings. */
	ret->gone =
		err == -ESRCH || (!err && s->nvmas && root_is_live(piddir_root(d)) && mm_gone(fd));
	if (err == -ESRCH)
		err = 0;
	close(fd);
	return err;
}

/** Does the process have an mm now? After its old one ended it has exited, or executed a program.
 */
static bool has_mm(struct piddir *d, const char *file)
{
	bool ret;
	int fd;

	if (piddir_openat(d, file, ROOT_CAP_PTRACE, &fd))
		return false;
	ret = !mm_gone(fd);
	close(fd);
	return ret;
}

static void note_problems(struct space *s, const char *file, const struct maps_problems *pb)
{
	if (pb->disorder)
		space_note(s, NOTE_CHANGED, file, 0, NULL,
			   "%zu mappings left out that overlap those before them", pb->disorder);
	if (pb->bad_lines)
		space_note(s, NOTE_LIMIT, file, 0, NULL, "%zu lines not understood", pb->bad_lines);
	if (pb->dropped)
		space_note(s, NOTE_LIMIT, file, 0, NULL, "%zu values left out: too many kinds",
			   pb->dropped);
}

static int read_mappings(struct piddir *d, struct space *s, const char *file)
{
	/* Reading a recorded file again changes nothing. */
	int tries = root_is_live(piddir_root(d)) ? TRIES : 1;
	struct reading r = { 0 };

	for (int try = 1;; try++) {
		int err = read_once(d, s, file, &r);

		if (err)
			return err;
		if (r.gone && !has_mm(d, file)) {
			note_problems(s, file, &r.problems);
			return -ESRCH;
		}
		if ((!r.gone && !r.problems.disorder) || try >= tries)
			break;
	}
	if (r.gone)
		space_note(s, NOTE_CHANGED, file, 0, NULL,
			   "the process kept executing other programs; the list may be cut short");
	note_problems(s, file, &r.problems);
	return 0;
}

int maps_read(struct piddir *d, struct space *s)
{
	return read_mappings(d, s, "maps");
}

int smaps_read(struct piddir *d, struct space *s)
{
	u64 start = live_usec();
	int err = read_mappings(d, s, "smaps");

	s->smaps_usec = live_usec() - start;
	return err;
}
