/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a key of the browser takes to show, in milliseconds: median, 99th percentile, worst.
 *
 *	latency SAMPLES COMMAND...
 *
 * Runs the command on a pseudo-terminal of 120x40, again and again asks it to read everything anew
 * ("r"), opens the search prompt and types characters that stand nowhere else, each timed until it
 * comes back. Time is that of the clock, so a busy machine shows.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BURST	    20 /* characters typed while one reading goes on */
#define PATIENCE_MS 20000

static int pty;

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

_Noreturn static void die(const char *what)
{
	perror(what);
	exit(1);
}

static pid_t start(char **argv)
{
	struct winsize size = { .ws_row = 40, .ws_col = 120 };
	int tty;
	pid_t pid;

	pty = posix_openpt(O_RDWR | O_NOCTTY);
	if (pty < 0 || grantpt(pty) || unlockpt(pty) || ioctl(pty, TIOCSWINSZ, &size))
		die("pty");
	pid = fork();
	if (pid)
		return pid;
	setsid();
	tty = open(ptsname(pty), O_RDWR);
	if (tty < 0)
		die("tty");
	dup2(tty, 0);
	dup2(tty, 1);
	close(pty);
	setenv("TERM", "xterm-256color", 1);
	execvp(argv[0], argv);
	_exit(127);
}

/* Reads what comes for at most `ms`; is `c`, unless it is 0, among it? */
static int await(char c, double ms)
{
	struct pollfd p = { .fd = pty, .events = POLLIN };
	double until = now_ms() + ms, left;
	char block[65536];
	ssize_t n;

	while ((left = until - now_ms()) > 0 && poll(&p, 1, (int)left + 1) == 1) {
		n = read(pty, block, sizeof(block));
		if (n <= 0)
			die("the command has ended");
		if (c && memchr(block, c, (size_t)n))
			return 1;
	}
	return 0;
}

static void type(const char *keys)
{
	if (write(pty, keys, strlen(keys)) < 0)
		die("write");
}

/* One burst; returns how many times it took. */
static size_t burst(double *times, size_t n)
{
	double sent;
	char key[2] = "^";

	type("r");
	await(0, 40);
	type("/");
	await(0, 60);
	for (size_t i = 0; i < n; i++) {
		key[0] = i & 1 ? '~' : '^';
		sent = now_ms();
		type(key);
		if (!await(key[0], PATIENCE_MS)) {
			fprintf(stderr, "latency: no answer to a key\n");
			exit(1);
		}
		times[i] = now_ms() - sent;
		pause_ms(3 + rand() % 40);
	}
	type("\033");
	await(0, 100);
	return n;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	size_t want = argc > 2 ? (size_t)strtoul(argv[1], NULL, 10) : 0, n = 0;
	double *times = calloc(want + BURST, sizeof(*times));
	pid_t pid;

	if (!want || !times) {
		fprintf(stderr, "usage: latency SAMPLES COMMAND...\n");
		return 2;
	}
	pid = start(argv + 2);
	await(0, 1500);
	while (n < want)
		n += burst(times + n, BURST);
	type("q");
	qsort(times, n, sizeof(*times), by_size);
	printf("%.2f %.2f %.2f\n", times[n / 2], times[n - 1 - n / 100], times[n - 1]);
	kill(pid, SIGTERM);
	close(pty);
	waitpid(pid, NULL, 0);
	return 0;
}
