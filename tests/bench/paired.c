/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs commands round robin and says what they cost, each beside the others at the same time.
 *
 *	paired ROUNDS COMMAND...
 *
 * A command is one argument, words parted by blanks, run without a shell, its output thrown away.
 * One line for each: median cpu time (user and system, ms), the least, the median of the wall time,
 * peak memory (KiB), the median over the rounds of its cpu time divided by that of the first
 * command in the same round, and its exit status. A round before the first is not counted.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define ROUNDS_MAX   99
#define WORDS_MAX    32

struct cost {
	double cpu[ROUNDS_MAX], wall[ROUNDS_MAX], ratio[ROUNDS_MAX];
	long peak;
	int status;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static _Noreturn void run(const char *command)
{
	char *words[WORDS_MAX + 1], *copy = strdup(command);
	int n = 0, null = open("/dev/null", O_RDWR);

	for (char *w = copy ? strtok(copy, " ") : NULL; w && n < WORDS_MAX; w = strtok(NULL, " "))
		words[n++] = w;
	words[n] = NULL;
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	if (n)
		execvp(words[0], words);
	_exit(127);
}

static void measure(const char *command, struct cost *c, int round)
{
	double begun = now_ms();
	struct rusage use;
	pid_t pid = fork();
	int status;

	if (!pid)
		run(command);
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid) {
		perror("paired");
		exit(1);
	}
	c->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	if (round < 0)
		return;
	c->wall[round] = now_ms() - begun;
	c->cpu[round] = ms(use.ru_utime) + ms(use.ru_stime);
	c->peak = use.ru_maxrss > c->peak ? use.ru_maxrss : c->peak;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts the values. */
static double median(double *v, int n)
{
	qsort(v, (size_t)n, sizeof(*v), compare);
	return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

int main(int argc, char **argv)
{
	static struct cost costs[COMMANDS_MAX];
	int rounds = argc > 2 ? atoi(argv[1]) : 0, n = argc - 2;

	if (rounds < 1 || rounds > ROUNDS_MAX || n > COMMANDS_MAX) {
		fputs("usage: paired ROUNDS COMMAND...\n", stderr);
		return 2;
	}
	for (int r = -1; r < rounds; r++) {
		for (int i = 0; i < n; i++)
			measure(argv[2 + i], &costs[i], r);
		for (int i = 0; i < n && r >= 0; i++)
			costs[i].ratio[r] =
				costs[0].cpu[r] > 0 ? costs[i].cpu[r] / costs[0].cpu[r] : 0;
	}
	for (int i = 0; i < n; i++) {
		struct cost *c = &costs[i];
		double cpu = median(c->cpu, rounds);

		printf("%.3f %.3f %.3f %ld %.3f %d\n", cpu, c->cpu[0], median(c->wall, rounds),
		       c->peak, median(c->ratio, rounds), c->status);
	}
	return 0;
}
