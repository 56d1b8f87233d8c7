/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All processes. One read of stat gives name, state, threads and the start time, which belong
 * together as they are of one moment; rss is that of statm, as everywhere else (the one in stat is
 * of counters that the kernel sums up only roughly), and stat's where statm cannot be read; the
 * effective user is the owner of the process's directory (fs/proc/base.c, task_dump_owner(): the
 * directory itself, other than the files in it, keeps the owner where the process is not
 * dumpable). Whether maps may be read is tried: only the kernel knows what ptrace access,
 * capabilities and security modules come to.
 */
#include "tasks.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pid_parse.h"

/** A path below /proc/PID. */
struct task_path {
	char text[48];
};

static struct task_path path_of(pid_t pid, const char *name)
{
	struct task_path p;

	snprintf(p.text, sizeof(p.text), "proc/%d%s%s", (int)pid, *name ? "/" : "", name);
	return p;
}

/** The PID that a name of /proc is; 0 for anything else. */
static pid_t pid_of(const char *name)
{
	const char *p = name, *end = name + strlen(name);
	u64 n;

	/* "+1" or "01" is no name the kernel makes. */
	if (*name < '1' || *name > '9' || !parse_dec(&p, end, &n) || p != end || n > INT_MAX)
		return 0;
	return (pid_t)n;
}

static int open_error(struct root *r, const struct task_path *path)
{
	int fd, err = root_open(r, path->text, ROOT_CAP_PTRACE, &fd);

	if (!err)
		close(fd);
	return -err;
}

/** A copy of status has what the owner of a copy does not. */
static struct fig recorded_uid(struct root *r, pid_t pid, struct buf *b)
{
	struct task_path path = path_of(pid, "status");
	struct fig uid = { 0 };
	struct space s;

	if (root_slurp(r, path.text, ROOT_CAP_NONE, b))
		return uid;
	space_init(&s);
	status_parse(b->p, b->len, &s);
	uid = s.proc.uid;
	space_release(&s);
	return uid;
}

static struct fig owner_of(struct root *r, pid_t pid, struct buf *b)
{
	struct task_path path = path_of(pid, "");
	u32 uid;

	if (!root_is_live(r))
		return recorded_uid(r, pid, b);
	return root_owner(r, path.text, &uid) ? (struct fig){ 0 } : FIG(uid);
}

static void take_stat(struct tasks *all, struct task *t, const struct pid_stat *st, u32 page_size)
{
	bool dead = st->state == 'Z' || st->state == 'X' || st->state == 'x';

	t->name = strtab_add(&all->names, st->comm.p, strnlen(st->comm.p, st->comm.len));
	t->threads = st->nthreads;
	t->start_ticks = st->start_ticks;
	t->kthread = pid_stat_kthread(st);
	/* 0 stands in the file where there is no mm: of a kernel thread, a zombie, and a leader
	 * that ended before its threads. */
	if (st->rss.have && !t->kthread && !dead && st->rss.v <= UINT64_MAX / page_size)
		t->rss = FIG(st->rss.v * page_size);
}

struct task *tasks_find(const struct tasks *t, pid_t pid)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->v[mid].pid < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return low < t->n && t->v[low].pid == pid ? &t->v[low] : NULL;
}

bool task_same(const struct task *a, const struct task *b)
{
	return a->pid == b->pid && a->start_ticks.have && b->start_ticks.have &&
	       a->start_ticks.v == b->start_ticks.v;
}

/** What may be read of a process changes with its user, or when it executes a program. */
static bool lend_error(const struct tasks *all, struct task *t, const struct tasks *old)
{
	const struct task *before = old ? tasks_find(old, t->pid) : NULL;

	if (!before || !task_same(t, before) || t->uid.have != before->uid.have ||
	    t->uid.v != before->uid.v ||
	    strcmp(strtab_get(&all->names, t->name), strtab_get(&old->names, before->name)) != 0)
		return false;
	t->err = before->err;
	return true;
}

/** A process without an mm has zeros there: then it stays unknown. */
static void read_rss(struct root *r, u32 page_size, struct task *t, struct buf *b)
{
	struct task_path path = path_of(t->pid, "statm");
	struct vitals v;

	if (!t->rss.have || root_slurp(r, path.text, ROOT_CAP_NONE, b))
		return;
	statm_parse(b->p, b->len, page_size, &v);
	if (v.rss.have)
		t->rss = v.rss;
}

/** False when the process has ended meanwhile. */
static bool read_task(struct root *r, u32 page_size, struct tasks *all, const struct tasks *old,
		      struct task *t, struct buf *b)
{
	struct task_path path = path_of(t->pid, "stat");
	struct pid_stat st;
	int err = root_slurp(r, path.text, ROOT_CAP_NONE, b);

	if (err == -ENOENT || err == -ESRCH) {
		/* A tree may have recorded something else of it. */
		if (root_is_live(r))
			return false;
	} else if (err) {
		/* hidepid=1 shows the directory and nothing in it. */
		t->err = -err;
	} else if (pid_stat_parse(b->p, b->len, &st)) {
		take_stat(all, t, &st, page_size);
		read_rss(r, page_size, t, b);
	}
	t->uid = owner_of(r, t->pid, b);
	if (!t->kthread && !t->err && !lend_error(all, t, old)) {
		path = path_of(t->pid, "maps");
		t->err = open_error(r, &path);
	}
	t->held = (t->err == EACCES || t->err == EPERM) && root_is_live(r) &&
		  root_has_cap(ROOT_CAP_PTRACE);
	return t->err != ESRCH && !(t->err == ENOENT && root_is_live(r));
}

static int by_pid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

int tasks_read(struct root *r, u32 page_size, struct tasks *t, const struct tasks *old,
	       bool (*stop)(void *ctx), void *ctx)
{
	struct buf b;
	char **names;
	size_t n;
	int err = root_list(r, "proc", ROOT_CAP_NONE, &names, &n);

	if (err)
		return err;
	buf_init(&b);
	for (size_t i = 0; i < n && !err; i++) {
		struct task one = { .pid = pid_of(names[i]) };

		if (!one.pid)
			continue;
		if (stop && stop(ctx))
			err = -ECANCELED;
		else if (read_task(r, MAX(page_size, 1u), t, old, &one, &b)) {
			GROW(t->v, t->n, t->cap);
			t->v[t->n++] = one;
		}
	}
	buf_release(&b);
	names_free(names, n);
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_pid);
	return err;
}

/* --- what grows with the process -------------------------------------------------------------- */

/** The kernel's own page, which no mm has and maps lists last (fs/proc/task_mmu.c, x86). */
#define VSYSCALL " [vsyscall]\n"

/** Lines of maps, streamed: its mappings. Unknown when it cannot be read to the end. */
static struct fig count_mappings(struct root *r, const struct task_path *path)
{
	const size_t ntail = sizeof(VSYSCALL) - 1;
	char *bytes, *at;
	u64 lines = 0;
	ssize_t n;
	int fd;

	if (root_open(r, path->text, ROOT_CAP_PTRACE, &fd))
		return (struct fig){ 0 };
	/* The end of what was read before stands in front. */
	bytes = xcalloc(1, ntail + 64 * KIB);
	at = bytes + ntail;
	while ((n = read(fd, at, 64 * KIB)) > 0 || (n < 0 && errno == EINTR)) {
		if (n < 0)
			continue;
		for (const char *p = at; (p = memchr(p, '\n', (size_t)(at + n - p))); p++)
			lines++;
		memmove(bytes, bytes + n, ntail);
	}
	lines -= lines && !memcmp(bytes, VSYSCALL, ntail);
	free(bytes);
	close(fd);
	return n ? (struct fig){ 0 } : FIG(lines);
}

static struct fig read_pss(struct root *r, pid_t pid)
{
	struct task_path path = path_of(pid, "smaps_rollup");
	struct fig pss = { 0 };
	struct buf b;

	buf_init(&b);
	if (!root_slurp(r, path.text, ROOT_CAP_PTRACE, &b))
		pss = meminfo_bytes(b.p, b.len, "Pss");
	buf_release(&b);
	return pss;
}

void task_read_lazy(struct root *r, struct task *t)
{
	struct task_path path = path_of(t->pid, "maps");
	u64 start = live_usec();

	t->mappings = count_mappings(r, &path);
	t->pss = read_pss(r, t->pid);
	t->lazy_rss = t->rss;
	t->lazy_usec = live_usec();
	t->lazy_cost = t->lazy_usec - start;
	/* Something was read, whatever the clock says. */
	if (!t->lazy_usec)
		t->lazy_usec = 1;
}
