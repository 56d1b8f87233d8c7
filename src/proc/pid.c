/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small files of a process: who it is, what it may use, where its mm says things lie. One read
 * a file; the text is understood in pid_parse.c.
 */
#include "proc.h"
#include "pid_parse.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/** Longest command line kept: enough for any screen, bounded whatever prctl made of arg_end. */
#define CMDLINE_MAX (64 * KIB)

/**
 * Longest environment read. exec allows arguments and environment 6 MiB together (3/4 of _STK_LIM,
 * fs/exec.c); PR_SET_MM_ENV_END can claim any length.
 */
#define ENVIRON_MAX (8 * MIB)

/** What the reads of one process share. */
struct pid_reader {
	struct piddir *d;
	struct space *s;
	struct buf b; /**< the file at hand */
	char path[64];
};

/**
 * Where a file that tells of the mm is: below task/TID when the leader has exited, for it took its
 * reference to the mm along. Valid until the next call.
 */
static const char *mm_path(struct pid_reader *r, const char *name)
{
	if (!r->s->proc.via_tid)
		return name;
	snprintf(r->path, sizeof(r->path), "task/%d/%s", (int)r->s->proc.via_tid, name);
	return r->path;
}

/**
 * Says why a file stays unread. On a live system ENOENT needs no note: such a file belongs to a
 * kernel feature that is not configured, or the process is gone, which the identity check tells.
 */
static void note_unread(struct pid_reader *r, const char *source, int err, const char *lost)
{
	if (err == -EACCES || err == -EPERM)
		space_note(r->s, NOTE_CLOSED, source, -err, piddir_cap(r->d, source), "%s", lost);
	else if (err == -ESRCH)
		space_note(r->s, NOTE_EXITED, "process", 0, NULL,
			   "the process ended while it was read");
	else if (err != -ENOENT)
		space_note(r->s, NOTE_CLOSED, source, -err, NULL, "%s", lost);
	else if (!root_is_live(piddir_root(r->d)))
		space_note(r->s, NOTE_ABSENT, source, ENOENT, NULL, "%s", lost);
}

/** Slurps a file that tells of the mm into r->b; notes a failure. */
static bool read_mm_file(struct pid_reader *r, const char *name, const char *lost)
{
	int err;

	buf_clear(&r->b);
	err = piddir_slurp(r->d, mm_path(r, name), ROOT_CAP_PTRACE, &r->b);
	if (err)
		note_unread(r, name, err, lost);
	return !err;
}

/** The first `max` bytes of a file, in r->b; *more when there were more. 0 or -errno. */
static int read_head(struct pid_reader *r, const char *name, size_t max, bool *more)
{
	ssize_t n = 1;
	int fd, err;

	buf_clear(&r->b);
	err = piddir_openat(r->d, mm_path(r, name), ROOT_CAP_PTRACE, &fd);
	if (err)
		return err;
	while (n && r->b.len <= max) {
		n = read(fd, buf_reserve(&r->b, 65536), 65536);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err = -errno;
			break;
		}
		r->b.len += (size_t)n;
	}
	close(fd);
	*more = r->b.len > max;
	r->b.len = MIN(r->b.len, max);
	*buf_reserve(&r->b, 1) = '\0';
	return err;
}

/* --- stat and status ------------------------------------------------------------------------ */

static bool state_is_dead(char state)
{
	return state == 'Z' || state == 'X' || state == 'x';
}

/** A thread of the group that has not ended; 0 for none. Only asked when the leader has. */
static pid_t live_thread(struct pid_reader *r)
{
	struct pid_stat st;
	char **names;
	pid_t found = 0;
	size_t n;

	if (piddir_list(r->d, "task", ROOT_CAP_NONE, &names, &n))
		return 0;
	for (size_t i = 0; i < n && !found; i++) {
		const char *p = names[i], *end = p + strlen(p);
		u64 tid;

		if (!parse_dec(&p, end, &tid) || p != end || tid > INT32_MAX)
			continue;
		snprintf(r->path, sizeof(r->path), "task/%s/stat", names[i]);
		buf_clear(&r->b);
		if (!piddir_slurp(r->d, r->path, ROOT_CAP_NONE, &r->b) &&
		    pid_stat_parse(r->b.p, r->b.len, &st) && !state_is_dead(st.state))
			found = (pid_t)tid;
	}
	names_free(names, n);
	return found;
}

/** The clock ticks a second that start times are counted in (USER_HZ). */
static unsigned user_hz(const struct space *s)
{
	/* 100 everywhere (include/asm-generic/param.h) but alpha (arch/alpha, up to 6.18). */
	return s->host.machine && !strcmp(s->host.machine, "alpha") ? 1024 : 100;
}

static void set_start(struct pid_reader *r, struct fig ticks)
{
	struct fig boot;

	r->s->proc.start_ticks = ticks;
	buf_clear(&r->b);
	if (!ticks.have || root_slurp(piddir_root(r->d), "proc/stat", ROOT_CAP_NONE, &r->b))
		return;
	boot = keyed_number(r->b.p, r->b.len, "btime");
	if (boot.have)
		r->s->proc.start_unix = FIG(boot.v + ticks.v / user_hz(r->s));
}

/** The mm's own account; through a live thread where the leader has none any more. */
static void set_bounds(struct pid_reader *r, const struct pid_stat *leader)
{
	struct pid_stat st = *leader;

	if (r->s->proc.via_tid &&
	    (!read_mm_file(r, "stat", "where the mm says code, data and stack lie") ||
	     !pid_stat_parse(r->b.p, r->b.len, &st)))
		return;
	r->s->proc.mm = st.mm;
	if (st.masked)
		space_note(r->s, NOTE_CLOSED, "stat", EACCES, piddir_cap(r->d, "stat"),
			   "where the mm says code, data and stack lie");
}

/** 0, or -errno when there is no stat to read: nothing is known of the process then. */
static int read_stat(struct pid_reader *r)
{
	struct process *p = &r->s->proc;
	struct pid_stat st;
	int err;

	buf_clear(&r->b);
	err = piddir_slurp(r->d, "stat", ROOT_CAP_PTRACE, &r->b);
	if (!err && !pid_stat_parse(r->b.p, r->b.len, &st))
		err = -EBADMSG;
	if (err)
		return err;
	p->comm = strtab_add(&r->s->names, st.comm.p, strnlen(st.comm.p, st.comm.len));
	p->state = st.state;
	p->ppid = st.ppid;
	p->nthreads = st.nthreads;
	p->minflt = st.minflt;
	p->majflt = st.majflt;
	p->kthread = pid_stat_kthread(&st);
	if (state_is_dead(st.state) && !p->via_tid)
		p->via_tid = live_thread(r);
	/* 0 as well: a thread that executed a program has become the leader meanwhile. */
	piddir_via(r->d, p->via_tid);
	set_bounds(r, &st);
	set_start(r, st.start_ticks);
	return 0;
}

static void set_user(struct pid_reader *r)
{
	struct fig uid = r->s->proc.uid;
	struct passwd pw, *found = NULL;
	struct buf room;

	/* Another machine's numbers mean other people. */
	if (!uid.have || uid.v > UINT32_MAX || !root_is_live(piddir_root(r->d)))
		return;
	buf_init(&room);
	for (size_t n = 1024; n <= 64 * KIB; n *= 2) {
		if (getpwuid_r((uid_t)uid.v, &pw, buf_reserve(&room, n), n, &found) != ERANGE)
			break;
	}
	if (found && found->pw_name)
		r->s->proc.user = strtab_add(&r->s->names, found->pw_name, strlen(found->pw_name));
	buf_release(&room);
}

static void read_status(struct pid_reader *r)
{
	if (!read_mm_file(r, "status", "user, parent and memory figures"))
		return;
	status_parse(r->b.p, r->b.len, r->s);
	set_user(r);
}

/* --- what the mm was made from -------------------------------------------------------------- */

static void read_auxv(struct pid_reader *r)
{
	const struct host *h = &r->s->host;
	struct process *p = &r->s->proc;
	struct auxv a;

	if (!read_mm_file(r, "auxv", "entry point, and where the interpreter and the vdso lie") ||
	    !auxv_parse(r->b.p, r->b.len, h->bits == 32 ? 32 : 0, h->big_endian, &a))
		return;
	p->bits = a.bits;
	p->auxv_entry = a.entry;
	p->auxv_base = a.base;
	p->auxv_phdr = a.phdr;
	p->auxv_vdso = a.vdso;
	p->auxv_execfn = a.execfn;
	p->auxv_random = a.random;
	p->auxv_bytes = a.bytes;
}

/**
 * A file whose name ends in " (deleted)" of its own still has a link; an unlinked one has none. The
 * file itself is asked, never the path, which is the target's to choose.
 */
static bool has_link(int fd)
{
	struct stat st;

	return !fstat(fd, &st) && st.st_nlink > 0;
}

static void read_exe(struct pid_reader *r)
{
	struct process *p = &r->s->proc;
	struct buf full;
	int err, fd;

	buf_clear(&r->b);
	err = piddir_readlink(r->d, mm_path(r, "exe"), ROOT_CAP_PTRACE, &r->b);
	if (err) {
		note_unread(r, "exe", err, "path of the executable");
		return;
	}
	buf_init(&full);
	buf_add(&full, r->b.p, r->b.len);
	p->exe_deleted = exe_cut_deleted(&r->b);
	if (p->exe_deleted && root_is_live(piddir_root(r->d)) &&
	    !piddir_openat(r->d, mm_path(r, "exe"), ROOT_CAP_PTRACE, &fd)) {
		if (has_link(fd)) {
			p->exe_deleted = false;
			buf_clear(&r->b);
			buf_add(&r->b, full.p, full.len);
		}
		close(fd);
	}
	p->exe = strtab_add(&r->s->names, r->b.p, strnlen(r->b.p, r->b.len));
	buf_release(&full);
}

/**
 * Bits and machine: the width of auxv's words and the machine's name say it for almost all, without
 * touching the executable. Only where they leave a choice (i386 or x32; auxv missing) its ELF
 * header is looked at: 20 bytes.
 */
static void set_machine(struct pid_reader *r)
{
	struct process *p = &r->s->proc;
	const struct host *h = &r->s->host;
	u8 head[20];
	int fd;

	if (!p->bits && h->bits == 32)
		p->bits = 32;
	p->machine = elf_machine_of(h->machine, p->bits);
	if (p->machine || piddir_openat(r->d, mm_path(r, "exe"), ROOT_CAP_PTRACE, &fd))
		return;
	if (pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head)) {
		u8 bits;
		u16 machine;

		if (elf_head_parse(head, sizeof(head), &bits, &machine) &&
		    (!p->bits || p->bits == bits)) {
			p->bits = bits;
			p->machine = machine;
		}
	}
	close(fd);
}

static void read_cmdline(struct pid_reader *r)
{
	bool more;
	int err = read_head(r, "cmdline", CMDLINE_MAX, &more);

	if (err) {
		note_unread(r, "cmdline", err, "command line");
		return;
	}
	cmdline_join(&r->b);
	r->s->proc.cmdline = strtab_add(&r->s->names, r->b.p, r->b.len);
	if (more)
		space_note(r->s, NOTE_LIMIT, "cmdline", 0, NULL, "cut at 64 KiB");
}

static void read_environ(struct pid_reader *r)
{
	bool more;
	int err = read_head(r, "environ", ENVIRON_MAX, &more);

	if (err) {
		note_unread(r, "environ", err, "environment");
		return;
	}
	environ_split(r->b.p, r->b.len, &r->s->proc);
	if (more)
		space_note(r->s, NOTE_LIMIT, "environ", 0, NULL, "cut at 8 MiB");
}

static void read_personality(struct pid_reader *r)
{
	const char *p;
	u64 v;

	if (!read_mm_file(r, "personality", "layout flags of the personality"))
		return;
	p = r->b.p;
	if (parse_hex(&p, r->b.p + r->b.len, &v))
		r->s->proc.personality = FIG(v);
}

/* --- what surrounds it ---------------------------------------------------------------------- */

static void read_limits(struct pid_reader *r)
{
	if (read_mm_file(r, "limits", "resource limits"))
		limits_parse(r->b.p, r->b.len, &r->s->proc);
}

static void read_cgroup(struct pid_reader *r)
{
	struct cgroup_path cg;

	if (read_mm_file(r, "cgroup", "control group") && cgroup_parse(r->b.p, r->b.len, &cg))
		r->s->proc.cgroup =
			strtab_add(&r->s->names, cg.path.p, strnlen(cg.path.p, cg.path.len));
}

/** A number that may be negative is kept as two's complement. */
static struct fig signed_number(const struct buf *b)
{
	const char *p = b->p, *end = p + b->len;
	bool minus = p < end && *p == '-';
	u64 v;

	p += minus;
	if (!parse_dec(&p, end, &v) || (p < end && *p != '\n'))
		return (struct fig){ 0 };
	return FIG(minus ? -v : v);
}

static void read_oom(struct pid_reader *r)
{
	if (read_mm_file(r, "oom_score", "OOM score"))
		r->s->proc.oom_score = signed_number(&r->b);
	if (read_mm_file(r, "oom_score_adj", "OOM score adjustment"))
		r->s->proc.oom_score_adj = signed_number(&r->b);
}

/** "mnt:[4026531841]" -> the inode. */
static bool ns_inode(const struct buf *link, const char *name, u64 *ret)
{
	const char *p = link->p, *end = p + link->len;
	size_t n = strlen(name);

	if (link->len < n + 2 || memcmp(p, name, n) || memcmp(p + n, ":[", 2))
		return false;
	p += n + 2;
	return parse_dec(&p, end, ret) && p + 1 == end && *p == ']';
}

static void read_namespaces(struct pid_reader *r)
{
	static const char *const names[] = { "cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts" };
	struct process *p = &r->s->proc;
	char path[32];
	u64 inode;
	int err;

	p->nns = 0;
	for (size_t i = 0; i < ARRAY_SIZE(names) && p->nns < ARRAY_SIZE(p->ns); i++) {
		snprintf(path, sizeof(path), "ns/%s", names[i]);
		buf_clear(&r->b);
		err = piddir_readlink(r->d, mm_path(r, path), ROOT_CAP_PTRACE, &r->b);
		if (err == -ENOENT) /* older than this namespace, or not recorded */
			continue;
		if (err) {
			note_unread(r, "ns", err, "namespaces");
			return;
		}
		if (ns_inode(&r->b, names[i], &inode)) {
			p->ns[p->nns].name = names[i];
			p->ns[p->nns++].inode = inode;
		}
	}
}

/* --- all of it ------------------------------------------------------------------------------ */

int process_read(struct piddir *d, struct space *s, bool want_environ)
{
	struct pid_reader r = { .d = d, .s = s };
	struct process *p = &s->proc;
	bool zombie;
	int err;

	buf_init(&r.b);
	p->pid = piddir_pid(d);
	if (!p->tid)
		p->tid = p->pid;
	err = read_stat(&r);
	if (err == -ENOENT && !root_is_live(piddir_root(d))) {
		note_unread(&r, "stat", err, "state, start, and where code, data and stack lie");
	} else if (err) {
		buf_release(&r.b);
		return err == -ENOENT ? -ESRCH : err;
	}
	read_status(&r);
	zombie = state_is_dead(p->state) && !p->via_tid;
	if (s->no_user == USER_HERE && (p->kthread || zombie))
		s->no_user = p->kthread ? USER_KTHREAD : USER_ZOMBIE;
	if (!p->kthread && !zombie) {
		read_auxv(&r);
		read_exe(&r);
		set_machine(&r);
		read_cmdline(&r);
		read_personality(&r);
		read_limits(&r);
		if (want_environ)
			read_environ(&r);
	}
	read_cgroup(&r);
	read_namespaces(&r);
	read_oom(&r);
	buf_release(&r.b);
	return 0;
}

int rollup_read(struct piddir *d, struct space *s)
{
	struct pid_reader r = { .d = d, .s = s };
	struct {
		const char *name;
		struct fig *to;
	} wanted[] = {
		{ "Rss", &s->proc.rollup_rss },
		{ "Pss", &s->proc.rollup_pss },
		{ "Swap", &s->proc.rollup_swap },
	};
	int err;

	buf_init(&r.b);
	err = piddir_slurp(d, mm_path(&r, "smaps_rollup"), ROOT_CAP_PTRACE, &r.b);
	if (err)
		note_unread(&r, "smaps_rollup", err, "the kernel's own totals");
	for (size_t i = 0; !err && i < ARRAY_SIZE(wanted); i++) {
		struct fig f = meminfo_bytes(r.b.p, r.b.len, wanted[i].name);

		if (f.have)
			*wanted[i].to = FIG(f.v / KIB);
	}
	buf_release(&r.b);
	return err;
}

/** FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/). */
static u64 hash_bytes(u64 h, const void *bytes, size_t len)
{
	const u8 *p = bytes;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * UINT64_C(0x100000001b3);
	return h;
}

int identity_read(struct piddir *d, struct identity *ret)
{
	struct identity id = { .exe_hash = UINT64_C(0xcbf29ce484222325) };
	struct pid_stat st;
	struct buf b;
	int err;

	buf_init(&b);
	err = piddir_slurp(d, "stat", ROOT_CAP_PTRACE, &b);
	if (!err && !pid_stat_parse(b.p, b.len, &st))
		err = -EBADMSG;
	if (!err) {
		id.start_ticks = st.start_ticks;
		id.state = st.state;
		/* A program that executes itself keeps its exe, but not where its mm starts. */
		id.exe_hash = hash_bytes(id.exe_hash, &st.mm.start_code.v, sizeof(u64));
		id.exe_hash = hash_bytes(id.exe_hash, &st.mm.start_stack.v, sizeof(u64));
		buf_clear(&b);
		/* Without permission, and for a kernel thread, the start time alone has to do. */
		if (!piddir_readlink(d, "exe", ROOT_CAP_PTRACE, &b))
			id.exe_hash = hash_bytes(id.exe_hash, b.p, b.len);
		*ret = id;
	}
	buf_release(&b);
	return err == -ENOENT ? -ESRCH : err;
}
