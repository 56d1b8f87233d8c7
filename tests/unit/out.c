/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The sink: what goes in comes out, in large writes, through short writes and interruptions; the
 * first error is kept and nothing follows it.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "render/render.h"
#include "tap.h"

/** Byte `i` of a text in which no two places look alike to a lost or doubled block. */
static char pattern(size_t i)
{
	return (char)(' ' + (i * 2654435761u >> 13) % 95);
}

static void add_pattern(struct out *o, size_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addch(&o->b, pattern(from + i));
}

/** Reads all there is; true if it is `len` bytes of the pattern. */
static bool is_pattern(int fd, size_t len)
{
	size_t at = 0;
	char text[4096];
	ssize_t n;

	while ((n = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (text[i] != pattern(at++))
				return false;
	return n == 0 && at == len;
}

static off_t size_of(int fd)
{
	return lseek(fd, 0, SEEK_END);
}

static void test_buffered(void)
{
	int fd = memfd_create("out-test", MFD_CLOEXEC);
	struct out o;

	out_init(&o, fd);
	IS(o.err, 0);
	add_pattern(&o, 0, 64 * KIB - 1);
	out_check(&o);
	IS(size_of(fd), 0); /* not worth a write yet */
	add_pattern(&o, 64 * KIB - 1, 1);
	out_check(&o);
	IS(size_of(fd), 64 * KIB);
	IS(o.b.len, 0);
	add_pattern(&o, 64 * KIB, 200 * KIB);
	out_check(&o);
	IS(size_of(fd), 264 * KIB);
	add_pattern(&o, 264 * KIB, 7);
	out_check(&o);
	IS(size_of(fd), 264 * KIB);
	IS(out_end(&o), 0);
	lseek(fd, 0, SEEK_SET);
	OK(is_pattern(fd, 264 * KIB + 7));
	OK(!o.b.p);
	close(fd);
}

static void test_empty(void)
{
	struct out o;

	out_init(&o, -1); /* nothing to write: nobody asks the descriptor */
	out_check(&o);
	IS(out_end(&o), 0);
}

/** The error comes once and stays; what follows is dropped and takes no memory. */
static void check_error(int fd, int want)
{
	struct out o;

	out_init(&o, fd);
	add_pattern(&o, 0, 70000);
	out_check(&o);
	IS(o.err, want);
	IS(o.b.len, 0);
	add_pattern(&o, 0, 100);
	out_check(&o);
	IS(out_end(&o), want);
}

static void test_errors(void)
{
	int fd = open("/dev/full", O_WRONLY), pair[2];
	struct out o;

	if (fd >= 0) {
		check_error(fd, -ENOSPC);
		out_init(&o, fd);
		buf_addstr(&o.b, "short");
		IS(out_end(&o), -ENOSPC); /* found at the end at the latest */
		close(fd);
	} else {
		SKIP("no /dev/full");
	}
	check_error(-1, -EBADF);
	fd = open("/dev/null", O_RDONLY);
	check_error(fd, -EBADF);
	close(fd);
	if (OK(!pipe(pair))) {
		close(pair[0]);
		check_error(pair[1], -EPIPE);
		close(pair[1]);
	}
}

/** An error in the middle: what went out before it is the start of the text, and nothing more. */
static void test_limit(void)
{
	int fd = memfd_create("out-test", MFD_CLOEXEC);
	struct rlimit old, low;
	struct out o;

	getrlimit(RLIMIT_FSIZE, &old);
	low = old;
	low.rlim_cur = 100000;
	signal(SIGXFSZ, SIG_IGN);
	out_init(&o, fd);
	add_pattern(&o, 0, 150000);
	setrlimit(RLIMIT_FSIZE, &low);
	out_check(&o); /* a short write of 100,000, then EFBIG */
	setrlimit(RLIMIT_FSIZE, &old);
	IS(o.err, -EFBIG);
	add_pattern(&o, 0, 150000);
	IS(out_end(&o), -EFBIG); /* there would be room again, but not for a text with a hole */
	IS(size_of(fd), 100000);
	lseek(fd, 0, SEEK_SET);
	OK(is_pattern(fd, 100000));
	close(fd);
}

/** Runs `child` on the reading end of a pipe or socket; returns its pid. */
static pid_t fork_reader(int pair[2], void (*child)(int fd, pid_t writer), int *write_fd)
{
	pid_t writer = getpid(), pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		alarm(60); /* is not inherited */
		close(pair[1]);
		child(pair[0], writer);
		_exit(1);
	}
	close(pair[0]);
	*write_fd = pair[1];
	return pid;
}

static bool exited_well(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define MANY (300 * KIB)

/** A few bytes at a time, so that each write of the other side finds little room. */
static void read_slowly(int fd, pid_t writer)
{
	size_t at = 0;
	char text[700];
	ssize_t n;

	(void)writer;
	while ((n = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < n; i++)
			if (text[i] != pattern(at++))
				_exit(2);
	_exit(at == MANY ? 0 : 3);
}

/** Somebody else may have made our standard output non-blocking: EAGAIN is no error. */
static void test_nonblocking(void)
{
	int pair[2], fd, small = 4096;
	struct out o;
	pid_t pid;

	if (!OK(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair)))
		return;
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	fcntl(pair[1], F_SETFL, O_NONBLOCK);
	pid = fork_reader(pair, read_slowly, &fd);
	out_init(&o, fd);
	add_pattern(&o, 0, MANY);
	IS(out_end(&o), 0);
	close(fd);
	OK(exited_well(pid));
}

/** Shared with the child that interrupts: how often the handler ran. */
static volatile sig_atomic_t *interrupts;

static void on_signal(int sig)
{
	(void)sig;
	++*interrupts;
}

/** The state letter in /proc/PID/stat: 'S' when the process sleeps, here in write(2). */
static char state_of(pid_t pid)
{
	char path[64], text[256];
	const char *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	text[MAX(n, 0)] = '\0';
	p = strrchr(text, ')');
	return p && p[1] ? p[2] : 0;
}

/** Interrupts the writer twice while it sleeps on a full pipe, then reads it all. */
static void interrupt_then_read(int fd, pid_t writer)
{
	for (int want = 1; want <= 2; want++) {
		while (state_of(writer) != 'S')
			sched_yield();
		kill(writer, SIGUSR1);
		while (*interrupts < want)
			sched_yield();
	}
	read_slowly(fd, writer);
}

/**
 * A signal during a write: the first comes after part of it was taken (a short write), the second
 * before anything was (EINTR).
 */
static void test_interrupted(void)
{
	struct sigaction action = { .sa_handler = on_signal }; /* no SA_RESTART */
	int pair[2], fd;
	struct out o;
	pid_t pid;

	interrupts = mmap(NULL, sizeof(*interrupts), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!OK(interrupts != MAP_FAILED) || !OK(!pipe(pair)))
		return;
	sigaction(SIGUSR1, &action, NULL);
	out_init(&o, pair[1]);
	add_pattern(&o, 0, MANY);
	pid = fork_reader(pair, interrupt_then_read, &fd);
	IS(out_end(&o), 0);
	close(fd);
	OK(exited_well(pid));
	IS(*interrupts, 2);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN); /* as main does */
	alarm(60);		  /* a loop that does not end is a failure, not a hang */
	test_buffered();
	test_empty();
	test_errors();
	test_limit();
	test_nonblocking();
	test_interrupted();
	return tap_done();
}
