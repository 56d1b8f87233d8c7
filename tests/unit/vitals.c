/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cheap counters of a process: hostile texts, and processes that end. */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "made_tree.h"
#include "model/snapshot.h"
#include "proc/proc.h"
#include "tap.h"

static struct vitals statm(const char *text)
{
	struct vitals v = { .size = FIG(1), .rss = FIG(1) };

	statm_parse(text, strlen(text), 4096, &v);
	return v;
}

static void statm_texts(void)
{
	static const char *const bad[] = { "",
					   "\n",
					   "5",
					   "5 ",
					   "5 3",
					   "5 3\n",
					   "x 3 2",
					   "5 y 2",
					   "-5 3 2",
					   "0 0 0 0 0 0 0\n",
					   "18446744073709551615 1 1",
					   "99999999999999999999 1 1",
					   "4503599627370496 1 1",
					   "5,3 2 1" };
	struct vitals v = statm("1181 360 315 6 0 120 0\n");

	IS(v.size.v, 1181 * 4096);
	IS(v.rss.v, 360 * 4096);
	OK(v.size.have && v.rss.have);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		v = statm(bad[i]);
		if (!OK(!v.size.have && !v.rss.have))
			printf("# of \"%s\"\n", bad[i]);
	}
	v = (struct vitals){ 0 };
	statm_parse("5 3 2", 5, 0, &v);
	OK(!v.size.have);
}

static struct vitals of_tree(const char *stat, const char *size, int *err)
{
	struct piddir *d = NULL;
	struct vitals v;
	struct root *r = NULL;
	pid_t tgid;

	made_tree_text("proc/40/stat", stat);
	if (size)
		made_tree_text("proc/40/statm", size);
	if (root_tree(made_tree, &r) || piddir_open(r, 40, &d, &tgid))
		made_tree_fail("proc/40");
	*err = vitals_read(d, 4096, &v);
	piddir_close(d);
	root_free(r);
	return v;
}

static void recorded(void)
{
	struct vitals v;
	int err;

	made_tree_new("x86_64");
	made_tree_text("proc/40/status", "Name:\tx\nTgid:\t40\nPid:\t40\n");
	/* No statm: sizes are unknown, not 0. A name that looks like what follows it. */
	v = of_tree("40 (a) S 1 2) (b 9) R 1 40 40 0 -1 4194304 1111 2 33 4 5 6\n", NULL, &err);
	IS(err, 0);
	IS(v.minflt.v, 1111);
	IS(v.majflt.v, 33);
	OK(!v.size.have && !v.rss.have);
	v = of_tree("40 (\n) S 7 7 7 7 7 7 ) S 1 40 40 0 -1 4194304 12 2 0 4 5 6\n",
		    "5 3 2 1 0 1 0\n", &err);
	IS(v.minflt.v, 12);
	IS(v.majflt.v, 0);
	OK(v.majflt.have);
	IS(v.rss.v, 3 * 4096);
	/* Cut off, damaged: nothing is known, and nothing invented. */
	v = of_tree("40 (x) S 1 40 40 0 -1 4194304 12", "5 3 2 1 0 1 0\n", &err);
	OK(!v.minflt.have && !v.majflt.have);
	v = of_tree("40 x S 1 40 40 0 -1 4194304 12 1 1 1 1", "5 3 2 1 0 1 0\n", &err);
	IS(err, 0);
	OK(!v.minflt.have);
	v = of_tree("40 (x) S 1 40 40 0 -1 4194304 -12 2 99999999999999999999 4 5\n", "", &err);
	OK(!v.minflt.have && !v.majflt.have && !v.size.have);
	/* A zombie has no mm; a leader that has exited while others live still shows theirs. */
	of_tree("40 (x) Z 1 40 40 0 -1 4194304 12 2 0 4 5 6\n", "0 0 0 0 0 0 0\n", &err);
	IS(-err, ESRCH);
	of_tree("40 (x) Z 1 40 40 0 -1 4194304 12 2 0 4 5 6\n", "5 3 2 1 0 1 0\n", &err);
	IS(err, 0);
	made_tree_remove();
}

static void live(void)
{
	long page = sysconf(_SC_PAGESIZE);
	struct vitals a, b;
	struct root *r = root_live();
	struct piddir *d;
	pid_t pid, tgid;
	char *p;
	int err;

	IS(piddir_open(r, getpid(), &d, &tgid), 0);
	p = mmap(NULL, 64 * (size_t)page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0);
	madvise(p, 64 * (size_t)page, MADV_NOHUGEPAGE);
	IS(vitals_read(d, (u32)page, &a), 0);
	for (int i = 0; i < 64; i++)
		p[i * page] = 1;
	IS(vitals_read(d, (u32)page, &b), 0);
	OK(b.minflt.v >= a.minflt.v + 64);
	OK(b.minflt.v < a.minflt.v + 1000);
	OK(b.usec >= a.usec);
	munmap(p, 64 * (size_t)page);
	IS(vitals_read(d, (u32)page, &a), 0);
	OK(a.size.v <= b.size.v - 64 * (u64)page + 16 * (u64)page);
	piddir_close(d);

	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	IS(piddir_open(r, pid, &d, &tgid), 0);
	IS(vitals_read(d, (u32)page, &a), 0);
	kill(pid, SIGKILL);
	/* A zombie first, then nobody. */
	while (!(err = vitals_read(d, (u32)page, &a)))
		sched_yield();
	IS(-err, ESRCH);
	waitpid(pid, NULL, 0);
	IS(-vitals_read(d, (u32)page, &a), ESRCH);
	piddir_close(d);
	root_free(r);
}

int main(void)
{
	statm_texts();
	recorded();
	live();
	return tap_done();
}
