/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the reading beside the browser costs: cpu time of the whole program a refresh, without its
 * screen, of a target made here that rests at first and then faults, maps and unmaps.
 *
 *	refresh VMAS MIB SECONDS
 *
 * prints "FIRST REST MOVING SMAPS MARKED": milliseconds until the first picture (wall), then cpu of
 * a refresh at rest, of one that moved (median), of the one that read smaps, too (last), and of one
 * that moved while the states of all pages are kept for a mark (median).
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "watch/watch.h"

#define INTERVAL 1000

static volatile sig_atomic_t moving;

static void start_moving(int sig)
{
	(void)sig;
	moving = 1;
}

static char *map(size_t size)
{
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static _Noreturn void target(size_t vmas, size_t mib, int ready)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = map(vmas * page + 1), *q;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGUSR1, start_moving);
	for (size_t i = 0; i < vmas; i++) {
		p[i * page] = 1;
		if (i & 1 && mprotect(p + i * page, page, PROT_READ))
			_exit(1);
	}
	q = map((mib << 20) + 1);
	memset(q, 1, mib << 20);
	if (write(ready, "r", 1) != 1)
		_exit(1);
	while (!moving)
		poll(NULL, 0, 100);
	for (int n = 0;; n++) {
		poll(NULL, 0, INTERVAL / 4);
		q = map(4 * page);
		q[0] = q[page] = 1;
		if (n & 1)
			munmap(q, 4 * page);
	}
}

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

/** The next snapshot until `end`, NULL at the end. */
static struct snapshot *next(struct watch *w, u64 end)
{
	for (;;) {
		u64 now = live_usec();
		struct pollfd p = { .fd = watch_fd(w), .events = POLLIN };
		struct snapshot *s;

		if (now >= end || poll(&p, 1, (int)((end - now) / 1000) + 1) <= 0)
			return NULL;
		s = watch_take(w);
		if (s)
			return s;
	}
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/** Cpu of the refreshes that moved, and in *smaps of the last one that read smaps. */
static double moving_cost(struct watch *w, unsigned seconds, double *smaps)
{
	u64 end = live_usec() + (u64)seconds * 1000000;
	double cost[1024], before = cpu_ms();
	u64 usec = 0, smaps_usec = 0;
	struct snapshot *s;
	size_t n = 0;

	while ((s = next(w, end))) {
		double now = cpu_ms();

		/* One that only tells the rates has the usec of the reading before it. */
		if (smaps_usec && s->smaps_usec != smaps_usec)
			*smaps = now - before;
		else if (usec && s->usec != usec && n < ARRAY_SIZE(cost))
			cost[n++] = now - before;
		usec = s->usec;
		smaps_usec = s->smaps_usec;
		snapshot_free(s);
		before = cpu_ms();
	}
	qsort(cost, n, sizeof(cost[0]), compare);
	/* A small target's smaps is read with each. */
	return n ? cost[n / 2] : *smaps;
}

int main(int argc, char **argv)
{
	unsigned seconds = argc == 4 ? (unsigned)atoi(argv[3]) : 0;
	double first = 0, rest, moved, marked, smaps = 0, none = 0;
	struct want want = { .interval_ms = INTERVAL };
	struct options o;
	struct snapshot *s;
	struct watch *w;
	u64 begun, usec = 0;
	int ready[2];
	char c;

	if (!seconds || pipe(ready))
		return 2;
	want.pid = fork();
	if (!want.pid)
		target((size_t)atoi(argv[1]), (size_t)atoi(argv[2]), ready[1]);
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		return 1;
	options_init(&o);
	begun = live_usec();
	if (watch_start(&o, &w))
		return 1;
	watch_want(w, &want);
	while (!usec && (s = next(w, begun + 60000000))) {
		if (!(first > 0))
			first = (double)(live_usec() - begun) / 1e3;
		usec = s->have_smaps ? s->smaps_usec : 0;
		snapshot_free(s);
	}
	/* From here on it rests; whatever is handed over all the same is part of the cost. */
	rest = cpu_ms();
	begun = live_usec();
	while ((s = next(w, begun + (u64)seconds * 1000000)))
		snapshot_free(s);
	rest = (cpu_ms() - rest) / seconds;
	kill(want.pid, SIGUSR1);
	moved = moving_cost(w, seconds, &smaps);
	want.page_states = true;
	watch_want(w, &want);
	marked = moving_cost(w, seconds, &none);
	printf("%.1f %.2f %.2f %.2f %.2f\n", first, rest, moved, smaps, marked);
	watch_stop(w);
	kill(want.pid, SIGKILL);
	return 0;
}
