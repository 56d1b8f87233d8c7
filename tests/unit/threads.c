/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The threads of a process: the syscall file as text, then whole processes. */
#include "tap.h"
#include "made_tree.h"

#include <pthread.h>
#include <sys/syscall.h>
#include "proc/pid_parse.h"
#include "proc/proc.h"

static bool parse(const char *text, struct syscall_text *t)
{
	size_t len = strlen(text);
	char *copy = xmalloc(len);
	bool ok;

	memset(t, 0, sizeof(*t));
	memcpy(copy, text, len);
	ok = syscall_parse(copy, len, t);
	free(copy);
	return ok;
}

static void test_syscall(void)
{
	struct syscall_text t;

	OK(parse("running\n", &t));
	OK(t.running && !t.sp.have && !t.pc.have);
	OK(parse("-1 0x7ffc001 0x55aa\n", &t));
	OK(!t.running);
	IS(t.sp.v, 0x7ffc001);
	IS(t.pc.v, 0x55aa);
	OK(parse("202 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffc00c1caf8 0x7f4def4d02ad\n", &t));
	IS(t.sp.v, 0x7ffc00c1caf8);
	IS(t.pc.v, 0x7f4def4d02ad);
	/* Nothing of an ending thread is left: not a stack at 0. */
	OK(parse("0 0x0 0x0 0x0 0x0 0x0 0x0 0x0 0x0\n", &t));
	OK(!t.sp.have && !t.pc.have);

	OK(!parse("", &t));
	OK(!parse("\n", &t));
	OK(!parse("runningx\n", &t));
	OK(!parse("-1 0x7ffc001 0x55aa", &t));
	OK(!parse("-1 0x7ffc001\n", &t));
	OK(!parse("-1 7ffc001 55aa\n", &t));
	OK(!parse("-1 0x 0x1\n", &t));
	OK(!parse("-1 0x11112222333344445 0x1\n", &t));
	OK(!parse("1 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffc\n", &t));
	OK(!parse("x 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n", &t));
}

#define TAIL " 1 1 1 0 -1 64 %d 0 %d 0 0 0 0 0 20 0 3 0 5 0\n"

static void put_thread(int tid, const char *comm, char state, const char *syscall_text)
{
	char path[64], text[256];

	snprintf(path, sizeof(path), "proc/30/task/%d/stat", tid);
	snprintf(text, sizeof(text), "%d (%s) %c" TAIL, tid, comm, state, tid * 10, tid);
	made_tree_text(path, text);
	if (syscall_text) {
		snprintf(path, sizeof(path), "proc/30/task/%d/syscall", tid);
		made_tree_text(path, syscall_text);
	}
}

static void read_threads(struct space *s, bool faults)
{
	struct root *root = NULL;
	struct piddir *d = NULL;
	pid_t tgid;

	IS(root_tree(made_tree, &root), 0);
	IS(piddir_open(root, 30, &d, &tgid), 0);
	IS(threads_read(d, s, faults), 0);
	piddir_close(d);
	root_free(root);
}

static void test_tree(void)
{
	struct space s;

	made_tree_new("x86_64");
	put_thread(30, "main", 'S', "35 0x1 0x2 0x3 0x4 0x5 0x6 0x7000 0x4000\n");
	put_thread(1000, "odd) R 1 (\033", 'R', "running\n");
	put_thread(200, "worker", 'D', "-1 0x6000 0x4010\n");
	made_tree_text("proc/30/task/77/other", "a thread that has gone\n");
	made_tree_text("proc/30/task/nan/stat", "5 (x) S\n");
	space_init(&s);
	read_threads(&s, true);
	IS(s.nthreads, 3);
	IS(s.threads[0].tid, 30);
	IS(s.threads[1].tid, 200); /* by number, not by spelling */
	IS(s.threads[2].tid, 1000);
	IS_STR(strtab_get(&s.names, s.threads[0].name), "main");
	IS_STR(strtab_get(&s.names, s.threads[2].name), "odd) R 1 (\033");
	IS(s.threads[0].sp.v, 0x7000);
	IS(s.threads[0].pc.v, 0x4000);
	IS(s.threads[1].state, 'D');
	IS(s.threads[1].sp.v, 0x6000);
	IS(s.threads[1].minflt.v, 2000);
	IS(s.threads[1].majflt.v, 200);
	OK(s.threads[2].running && !s.threads[2].sp.have);
	IS(s.threads[2].vma, NO_INDEX);
	IS(s.nnotes, 0);

	/* Again, without faults: replaced, not appended. */
	read_threads(&s, false);
	IS(s.nthreads, 3);
	OK(!s.threads[0].minflt.have && !s.threads[0].majflt.have);
	s.proc.kthread = true;
	read_threads(&s, false);
	IS(s.nthreads, 0);
	space_release(&s);
	made_tree_remove();

	/* A kernel without the file: one note, not one a thread. */
	made_tree_new("x86_64");
	put_thread(30, "main", 'S', NULL);
	put_thread(31, "two", 'S', NULL);
	space_init(&s);
	read_threads(&s, false);
	IS(s.nthreads, 2);
	IS(s.nnotes, 1);
	IS(s.notes[0].kind, NOTE_ABSENT);
	space_release(&s);
	made_tree_remove();
}

static pthread_barrier_t up, down;
static uintptr_t other_stack;
static pid_t other_tid;

static void *other(void *arg)
{
	other_stack = (uintptr_t)&arg;
	other_tid = (pid_t)syscall(SYS_gettid);
	pthread_setname_np(pthread_self(), "unit-other");
	pthread_barrier_wait(&up);
	pthread_barrier_wait(&down);
	return NULL;
}

static void test_live(void)
{
	const struct thread *self = NULL, *them = NULL;
	struct root *root = root_live();
	struct piddir *d = NULL;
	struct space s;
	pthread_t t;
	pid_t tgid;

	pthread_barrier_init(&up, NULL, 2);
	pthread_barrier_init(&down, NULL, 2);
	IS(pthread_create(&t, NULL, other, NULL), 0);
	pthread_barrier_wait(&up);
	space_init(&s);
	IS(piddir_open(root, getpid(), &d, &tgid), 0);
	IS(threads_read(d, &s, true), 0);
	pthread_barrier_wait(&down);
	pthread_join(t, NULL);
	for (size_t i = 0; i < s.nthreads; i++) {
		if (s.threads[i].tid == getpid())
			self = &s.threads[i];
		if (s.threads[i].tid == other_tid)
			them = &s.threads[i];
	}
	if (!OK(self && them)) {
		/* nothing to compare */
	} else if (s.nnotes) {
		SKIP("/proc/PID/task/TID/syscall is closed here");
	} else {
		IS(self->state, 'R');
		OK(self->minflt.v > 0);
		IS_STR(strtab_get(&s.names, them->name), "unit-other");
		OK(self->running || self->sp.have);
		/* Below its first frame, and not far: it waits in the barrier (or is on its way).
		 */
		OK(them->running ||
		   (them->sp.v < other_stack && other_stack - them->sp.v < 64 * KIB));
	}
	piddir_close(d);
	root_free(root);
	space_release(&s);
}

int main(void)
{
	test_syscall();
	test_tree();
	test_live();
	return tap_done();
}
