/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The threads of a process. Two reads a thread: stat has the name, the state and the fault counters
 * in one (cheaper than comm and stat), syscall the stack pointer. A thread that ends meanwhile is
 * left out: it was one a moment ago, and nothing of it is mapped any more.
 */
#include "proc.h"
#include "pid_parse.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What reading one process's threads needs. */
struct thread_reader {
	struct piddir *d;
	struct space *s;
	struct buf b;
	bool faults;
	bool syscall_closed; /**< refused once: the check is the same for every thread */
	size_t nmissing;     /**< threads without a syscall file */
};

static int by_number(const void *a, const void *b)
{
	const pid_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/** Thread IDs, rising. *ret is the caller's to free. */
static int list_tids(struct piddir *d, pid_t **ret, size_t *n)
{
	size_t nnames, cap = 0;
	pid_t *tids = NULL;
	char **names;
	int err = piddir_list(d, "task", ROOT_CAP_NONE, &names, &nnames);

	*n = 0;
	if (err)
		return err;
	for (size_t i = 0; i < nnames; i++) {
		const char *p = names[i], *end = p + strlen(p);
		u64 tid;

		if (!parse_dec(&p, end, &tid) || p != end || !tid || tid > INT32_MAX)
			continue;
		GROW(tids, *n, cap);
		tids[(*n)++] = (pid_t)tid;
	}
	names_free(names, nnames);
	if (*n)
		qsort(tids, *n, sizeof(*tids), by_number);
	*ret = tids;
	return 0;
}

static int slurp_of(struct thread_reader *r, pid_t tid, const char *name, enum root_cap cap)
{
	char path[48];

	snprintf(path, sizeof(path), "task/%d/%s", (int)tid, name);
	buf_clear(&r->b);
	return piddir_slurp(r->d, path, cap, &r->b);
}

static void read_syscall(struct thread_reader *r, struct thread *t)
{
	struct syscall_text sc;
	int err;

	if (r->syscall_closed)
		return;
	err = slurp_of(r, t->tid, "syscall", ROOT_CAP_PTRACE);
	if (err == -EACCES || err == -EPERM) {
		r->syscall_closed = true;
		space_note(r->s, NOTE_CLOSED, "syscall", -err, piddir_cap(r->d, "syscall"),
			   "stack pointers of the threads");
	} else if (err == -ENOENT) {
		r->nmissing++;
	} else if (!err && syscall_parse(r->b.p, r->b.len, &sc)) {
		t->running = sc.running;
		t->sp = sc.sp;
		t->pc = sc.pc;
	}
}

static void read_thread(struct thread_reader *r, pid_t tid)
{
	struct pid_stat st;
	struct thread *t;

	/* All that is wanted of stat is shown to everybody: no capability, six system calls less.
	 */
	if (slurp_of(r, tid, "stat", ROOT_CAP_NONE) || !pid_stat_parse(r->b.p, r->b.len, &st))
		return;
	t = space_add_thread(r->s);
	t->tid = tid;
	t->vma = NO_INDEX;
	t->name = strtab_add(&r->s->names, st.comm.p, strnlen(st.comm.p, st.comm.len));
	t->state = st.state;
	if (r->faults) {
		t->minflt = st.minflt;
		t->majflt = st.majflt;
	}
	/* A leader that has exited has no stack to point into. */
	if (st.state != 'Z' && st.state != 'X')
		read_syscall(r, t);
}

int threads_read(struct piddir *d, struct space *s, bool faults)
{
	struct thread_reader r = { .d = d, .s = s, .faults = faults };
	pid_t *tids = NULL;
	size_t n;
	int err;

	s->nthreads = 0;
	if (s->proc.kthread)
		return 0;
	err = list_tids(d, &tids, &n);
	if (err) {
		space_note(s, err == -ENOENT || err == -ESRCH ? NOTE_ABSENT : NOTE_CLOSED, "task",
			   -err, NULL, "threads");
		return err;
	}
	buf_init(&r.b);
	for (size_t i = 0; i < n; i++)
		read_thread(&r, tids[i]);
	/* One missing file is a thread that ended; all of them, a kernel that has none. */
	if (s->nthreads && r.nmissing == s->nthreads)
		space_note(s, NOTE_ABSENT, "syscall", ENOENT, NULL,
			   "stack pointers of the threads");
	buf_release(&r.b);
	free(tids);
	return 0;
}
