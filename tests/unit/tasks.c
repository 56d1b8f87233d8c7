/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of processes: of made trees, and of this machine. */
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "made_tree.h"
#include "proc/tasks.h"
#include "tap.h"
#include "watch/parts.h"

#define STAT(pid, comm, state, flags, threads, start, rss)                                         \
#pid " (" comm ") " state " 1 1 1 0 -1 " #flags " 10 0 3 0 1 2 0 0 20 0 " #threads         \
	     " 0 " #start " 4096000 " #rss " 18446744073709551615 1 2 3 4 5 6\n"

static const struct task none;

/* Never NULL, so that one that is missing fails the checks and no more. */
static const struct task *task_of(const struct tasks *t, pid_t pid)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].pid == pid)
			return &t->v[i];
	return &none;
}

static const char *name_of(const struct tasks *t, const struct task *one)
{
	return strtab_get(&t->names, one->name);
}

static void make_tree(void)
{
	made_tree_new("x86_64");
	made_tree_text("proc/10/stat", STAT(10, "ten", "S", 4194560, 3, 500, 250));
	/* The rss of stat is a rough one. */
	made_tree_text("proc/10/statm", "1000 260 3 4 0 5 0\n");
	made_tree_text("proc/10/maps", "1000-2000 r-xp 00000000 08:01 9 /bin/ten\n"
				       "2000-3000 rw-p 00000000 00:00 0 \n"
				       "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  "
				       "                [vsyscall]\n");
	made_tree_text("proc/10/smaps_rollup", "1000-3000 ---p 00000000 00:00 0 [rollup]\n"
					       "Rss:                1000 kB\n"
					       "Pss:                 700 kB\n");
	made_tree_text("proc/10/status", "Name:\tten\nUid:\t1000\t1001\t1002\t1003\n");
	/* 9 sorts after 10 as text. */
	made_tree_text("proc/9/stat", STAT(9, "a) S (b\033", "R", 4194560, 1, 400, 0));
	made_tree_text("proc/9/maps", "");
	/* A kernel thread and a zombie have no mm: the 0 in the file is no figure. */
	made_tree_text("proc/2/stat", STAT(2, "kthreadd", "S", 2129984, 1, 0, 0));
	made_tree_text("proc/11/stat", STAT(11, "dead", "Z", 4194560, 1, 600, 0));
	made_tree_text("proc/11/maps", "");
	/* Nothing but its number is known; and what is no process. */
	made_tree_text("proc/12/stat", "12 (cut off");
	made_tree_text("proc/012/stat", STAT(12, "no name of the kernel's", "S", 0, 1, 1, 1));
	made_tree_text("proc/99999999999/stat", STAT(1, "too large", "S", 0, 1, 1, 1));
	made_tree_text("proc/self/stat", STAT(10, "ten", "S", 0, 1, 1, 1));
	/* More pages than bytes can be counted. */
	made_tree_text("proc/13/stat",
		       STAT(13, "huge", "S", 4194560, 1, 700, 18446744073709551615));
	made_tree_text("proc/13/maps", "");
}

static bool never(void *ctx)
{
	++*(int *)ctx;
	return false;
}

static bool at_third(void *ctx)
{
	return ++*(int *)ctx == 3;
}

static void recorded(void)
{
	struct tasks t = { 0 };
	const struct task *one;
	struct root *r;
	int asked = 0;

	make_tree();
	if (root_tree(made_tree, &r))
		made_tree_fail("root_tree");
	strtab_init(&t.names);
	IS(tasks_read(r, 4096, &t, NULL, never, &asked), 0);
	IS(asked, 6);
	IS(t.n, 6);
	for (size_t i = 1; i < t.n; i++)
		OK(t.v[i - 1].pid < t.v[i].pid);
	one = task_of(&t, 10);
	IS_STR(name_of(&t, one), "ten");
	IS(one->rss.v, 260 * 4096);
	IS(one->threads.v, 3);
	IS(one->uid.v, 1001);
	IS(one->start_ticks.v, 500);
	IS(one->err, 0);
	OK(!one->pss.have && !one->mappings.have && !one->kthread);
	one = task_of(&t, 9);
	IS_STR(name_of(&t, one), "a) S (b\033");
	OK(one->rss.have);
	IS(one->rss.v, 0);
	OK(!one->uid.have);
	one = task_of(&t, 2);
	OK(one->kthread && !one->rss.have);
	IS(one->err, 0);
	OK(!task_of(&t, 11)->rss.have);
	one = task_of(&t, 12);
	OK(!one->rss.have && !one->threads.have && !one->start_ticks.have);
	IS_STR(name_of(&t, one), "");
	IS(one->err, ENOENT);
	OK(!task_of(&t, 13)->rss.have);
	/* What grows with a process; [vsyscall] is in no mm. */
	task_read_lazy(r, &t.v[2]);
	IS(t.v[2].pid, 10);
	IS(t.v[2].pss.v, 700 * 1024);
	IS(t.v[2].mappings.v, 2);
	IS(t.v[2].lazy_rss.v, 260 * 4096);
	OK(t.v[2].lazy_usec != 0);
	asked = 0;
	IS(tasks_read(r, 4096, &t, NULL, at_third, &asked), (u64)-ECANCELED);
	strtab_release(&t.names);
	free(t.v);
	root_free(r);
}

/* Two lists of one tree, the second with what the first lends. */
static void lent(void)
{
	struct options o = { .root = made_tree };
	struct want w = { .pss = { 10, 4711 } };
	struct snapshot *a = snapshot_new(), *b = snapshot_new(), *c = snapshot_new();
	struct source *src;
	const struct task *one;

	IS(source_open(&o, &src), 0);
	IS(watch_tasks(src, a, NULL, &w, NULL), 0);
	one = task_of(&a->tasks, 10);
	IS(one->pss.v, 700 * 1024);
	IS(one->mappings.v, 2);
	/* A number of another machine's is nobody here. */
	IS_STR(strtab_get(&a->tasks.names, one->user), "1001");
	IS(task_of(&a->tasks, 9)->user, 0);
	OK(!task_of(&a->tasks, 13)->pss.have);
	/* Not read again so soon. */
	made_tree_text("proc/10/smaps_rollup", "Pss: 800 kB\n");
	IS(watch_tasks(src, b, &a->tasks, &w, NULL), 0);
	IS(task_of(&b->tasks, 10)->pss.v, 700 * 1024);
	IS(task_of(&b->tasks, 10)->lazy_usec, one->lazy_usec);
	/* Whether its maps can be opened is not asked again either, unless it became another. */
	if (unlink(made_tree_path("proc/10/maps")) || unlink(made_tree_path("proc/9/maps")))
		made_tree_fail("maps");
	made_tree_text("proc/9/stat", STAT(9, "executed", "R", 4194560, 1, 400, 0));
	snapshot_free(b);
	b = snapshot_new();
	IS(watch_tasks(src, b, &a->tasks, &w, NULL), 0);
	IS(task_of(&b->tasks, 10)->err, 0);
	IS(task_of(&b->tasks, 9)->err, ENOENT);
	made_tree_text("proc/10/maps", "");
	/* Another process with its number. */
	made_tree_text("proc/10/stat", STAT(10, "new", "S", 4194560, 3, 501, 250));
	IS(watch_tasks(src, c, &b->tasks, &w, NULL), 0);
	IS(task_of(&c->tasks, 10)->pss.v, 800 * 1024);
	snapshot_free(a);
	snapshot_free(b);
	snapshot_free(c);
	source_close(src);
}

/* Lists one after another of a process that is read already: what is read of it again. */
static void again(void)
{
	struct options o = { .root = made_tree };
	struct want first = { .pss = { 10 } }, w = { .pss_again = { 4711, 10 } }, off = { 0 };
	struct snapshot *a = snapshot_new();
	static const struct {
		const char *statm;
		u64 age, cost;
		bool shown, again;
	} cases[] = {
		{ "1000 260 3 ", 1000, 0, true, false },
		{ "1000 273 3 ", 1000, 0, true, false },
		{ "1000 274 3 ", 1000, 0, true, true },
		{ "1000 246 3 ", 1000, 0, true, true },
		{ "1000 520 3 ", 1000, 0, false, false },
		/* 200 times its cost come first. */
		{ "1000 520 3 ", 1000000, 100000, true, false },
		{ "1000 520 3 ", 20000001, 100000, true, true },
		{ "1000 260 3 ", 9000000, 10, true, false },
		{ "1000 260 3 ", 10000001, 10, true, true },
		{ "1000 260 3 ", 10000001, 100000, true, false },
		{ "1000 260 3 ", 10000001, 10, false, false },
	};
	struct source *src;

	make_tree();
	IS(source_open(&o, &src), 0);
	IS(watch_tasks(src, a, NULL, &first, NULL), 0);
	made_tree_text("proc/10/smaps_rollup", "Pss: 900 kB\n");
	made_tree_text("proc/10/maps", "1000-2000 r-xp 00000000 08:01 9 /bin/ten\n");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct snapshot *b = snapshot_new();
		struct task *old = tasks_find(&a->tasks, 10);
		const struct task *one;

		made_tree_text("proc/10/statm", cases[i].statm);
		old->lazy_usec = live_usec() - cases[i].age;
		old->lazy_cost = cases[i].cost;
		IS(watch_tasks(src, b, &a->tasks, cases[i].shown ? &w : &off, NULL), 0);
		one = task_of(&b->tasks, 10);
		IS(one->pss.v, (cases[i].again ? 900 : 700) * 1024);
		IS(one->mappings.v, cases[i].again ? 1 : 2);
		IS(one->lazy_rss.v, cases[i].again ? one->rss.v : 260 * 4096);
		snapshot_free(b);
	}
	snapshot_free(a);
	source_close(src);
}

static void live(void)
{
	struct options o = { 0 };
	struct want w = { .pss = { getpid() } };
	struct snapshot *s = snapshot_new();
	const struct task *one, *zombie, *thread;
	struct source *src;
	siginfo_t info;
	pid_t dead = fork();

	if (!dead)
		_exit(0);
	waitid(P_PID, (id_t)dead, &info, WEXITED | WNOWAIT);
	prctl(PR_SET_NAME, "a \\ (b) c");
	IS(source_open(&o, &src), 0);
	IS(watch_tasks(src, s, NULL, &w, NULL), 0);
	one = task_of(&s->tasks, getpid());
	OK(one != &none);
	if (one != &none) {
		IS_STR(name_of(&s->tasks, one), "a \\ (b) c");
		IS(one->uid.v, geteuid());
		IS(one->err, 0);
		IS(one->threads.v, 1);
		OK(one->rss.v >= 64 * KIB && one->pss.have && one->pss.v && one->mappings.v > 5);
		OK(*strtab_get(&s->tasks.names, one->user));
	}
	zombie = task_of(&s->tasks, dead);
	OK(zombie != &none && !zombie->rss.have);
	thread = task_of(&s->tasks, 2);
	if (thread->kthread)
		OK(!thread->rss.have && !thread->pss.have);
	waitpid(dead, NULL, 0);
	snapshot_free(s);
	source_close(src);
}

int main(void)
{
	recorded();
	lent();
	again();
	made_tree_remove();
	live();
	return tap_done();
}
