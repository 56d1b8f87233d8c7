/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where kernel files come from. Everything below /proc and /sys is opened here, either on this
 * machine or in a recorded tree, by the same relative paths:
 *
 *	DIR/proc/...		raw copies of the files, symbolic links as symbolic links
 *	DIR/sys/...
 *	DIR/dmesg		the kernel's log, or what of it old kernels say of their layout
 *	DIR/procmap-tree	facts about the machine, see tree.c
 *
 * A tree comes from somebody else: no path leaves DIR, only regular files are read, nothing in it
 * can make us wait. On this machine the capability a file needs is raised around its open alone.
 */
#include "root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#endif

/** Most bytes of a file that is read whole: five times the largest kallsyms seen. */
#define SLURP_MAX (64 * MIB)
/** Most bytes of a symbolic link; the kernel makes none longer than a page or two. */
#define LINK_MAX_BYTES (64 * KIB)

/* --- opening below a directory -------------------------------------------------------------- */

/** One component of `path` from *p on; advances *p past it and its slashes. 0 at the end. */
static size_t next_component(const char **p, char name[static NAME_MAX + 1])
{
	size_t len;

	*p += strspn(*p, "/");
	len = strcspn(*p, "/");
	if (len <= NAME_MAX)
		memcpy(name, *p, len);
	name[MIN(len, (size_t)NAME_MAX)] = '\0';
	*p += len;
	*p += strspn(*p, "/");
	return len;
}

/** open_beneath() without openat2(): no link is followed, no ".." taken, so nothing can leave. */
static int walk_beneath(int dirfd, const char *path, int flags)
{
	char name[NAME_MAX + 1];
	int dir = dirfd;

	for (;;) {
		size_t len = next_component(&path, name);
		bool last = !*path;
		int fd;

		if (len > NAME_MAX)
			fd = -ENAMETOOLONG;
		else if (!strcmp(name, ".."))
			fd = -EXDEV;
		else
			fd = openat(dir, len ? name : ".",
				    (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
		if (fd == -1)
			fd = -errno;
		if (dir != dirfd)
			close(dir);
		if (fd < 0 || last)
			return fd;
		dir = fd;
	}
}

#ifdef RESOLVE_BENEATH

int open_beneath(int dirfd, const char *path, int flags, u64 resolve)
{
	struct open_how how = { .flags = (u64)(flags | O_CLOEXEC), .resolve = resolve };
	int fd, tries = 0;

	/* EAGAIN: something was renamed while ".." was resolved. */
	do
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EINTR || (errno == EAGAIN && ++tries < 16)));
	if (fd >= 0)
		return fd;
	/* EPERM: what older container runtimes answer to system calls they do not know. */
	if (errno == ENOSYS || errno == EPERM)
		return walk_beneath(dirfd, path, flags);
	return -errno;
}

#else

int open_beneath(int dirfd, const char *path, int flags, u64 resolve)
{
	(void)resolve;
	return walk_beneath(dirfd, path, flags);
}

#define RESOLVE_BENEATH	      0
#define RESOLVE_NO_MAGICLINKS 0

#endif

static int open_live(int dirfd, const char *path, int flags)
{
	int fd;

	do
		fd = openat(dirfd, path, flags | O_CLOEXEC);
	while (fd < 0 && errno == EINTR);
	return fd < 0 ? -errno : fd;
}

/**
 * In a tree. What is to be read is looked at before it is opened: opening a device or a FIFO that
 * somebody put there may act or wait.
 */
static int open_tree(int dirfd, const char *path, int flags)
{
	const u64 resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
	struct stat st;
	int fd, err = 0;

	if (!(flags & (O_PATH | O_DIRECTORY))) {
		fd = open_beneath(dirfd, path, O_PATH, resolve);
		if (fd < 0)
			return fd;
		if (fstat(fd, &st))
			err = -errno;
		else if (S_ISDIR(st.st_mode))
			err = -EISDIR;
		else if (!S_ISREG(st.st_mode))
			err = -EINVAL;
		close(fd);
		if (err)
			return err;
	}
	/* openat2() refuses flags that mean nothing together. */
	if (!(flags & O_PATH))
		flags |= O_NONBLOCK | O_NOCTTY;
	return open_beneath(dirfd, path, flags, resolve);
}

static int open_any(const struct root *r, int dirfd, const char *path, int flags)
{
	return r->live ? open_live(dirfd, path, flags) : open_tree(dirfd, path, flags);
}

/** What to do with an open file while its capability is still raised. */
typedef int use_fn(int fd, void *ctx);

/**
 * Opens, then runs `use` on the descriptor with the capabilities still raised; 0 or -errno of
 * either. A file that is refused although `caps` was raised gets a second try with `more` as well:
 * a mode that shuts us out and a check of the kernel's are two doors.
 */
static int open_with(const struct root *r, int dirfd, const char *path, int flags, unsigned caps,
		     unsigned more, use_fn *use, void *ctx)
{
	int err = 0;

	for (int try = 0; try < 2; try++) {
		unsigned want = try ? caps | more : caps;
		unsigned raised = r->live ? caps_raise(want) : 0;
		int fd;

		/* The second try is of use only if it has more to offer. */
		if (try && !(raised & more)) {
			caps_lower(raised);
			break;
		}
		fd = open_any(r, dirfd, path, flags);
		err = fd < 0 ? fd : use(fd, ctx);
		caps_lower(raised);
		if (err != -EACCES && err != -EPERM)
			break;
	}
	return err;
}

/** More than the named capability, where that alone is refused: the file's mode may be 0400. */
static unsigned more_caps(enum root_cap cap)
{
	return cap == ROOT_CAP_NONE ? 0 : CAP_BIT(ROOT_CAP_DAC);
}

static int use_keep(int fd, void *ctx)
{
	*(int *)ctx = fd;
	return 0;
}

static int use_slurp(int fd, void *ctx)
{
	struct buf *out = ctx;
	int err = 0;

	buf_clear(out);
	for (;;) {
		char *to = buf_reserve(out, out->len < 4096 ? 4096 : out->len);
		ssize_t n = read(fd, to, out->cap - out->len - 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = -errno;
		if (n <= 0)
			break;
		out->len += (size_t)n;
		if (out->len > SLURP_MAX) {
			err = -EFBIG;
			break;
		}
	}
	if (err)
		out->len = 0;
	out->p[out->len] = '\0';
	close(fd);
	return err;
}

static int use_readlink(int fd, void *ctx)
{
	struct buf *out = ctx;
	size_t room = 256;
	ssize_t n;
	int err = 0;

	buf_clear(out);
	for (;;) {
		n = readlinkat(fd, "", buf_reserve(out, room), room);
		if (n < 0) {
			/* ENOENT for an empty name means: the descriptor is no symbolic link. */
			err = errno == ENOENT ? -EINVAL : -errno;
			break;
		}
		if ((size_t)n < room) {
			out->len = (size_t)n;
			break;
		}
		room *= 2;
		if (room > LINK_MAX_BYTES) {
			err = -ENAMETOOLONG;
			break;
		}
	}
	out->p[out->len] = '\0';
	close(fd);
	return err;
}

struct name_list {
	char **v;
	size_t n, cap;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int use_list(int fd, void *ctx)
{
	struct name_list *list = ctx;
	DIR *dir = fdopendir(fd);
	struct dirent *e;
	int err;

	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	while (errno = 0, (e = readdir(dir)) != NULL) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		GROW(list->v, list->n, list->cap);
		list->v[list->n++] = xstrdup(e->d_name);
	}
	/* /proc ends a directory whose process has gone with ENOENT. */
	err = errno == ENOENT ? -ESRCH : -errno;
	closedir(dir);
	if (err) {
		names_free(list->v, list->n);
		*list = (struct name_list){ 0 };
	} else if (list->n) {
		qsort(list->v, list->n, sizeof(*list->v), compare_names);
	}
	return err;
}

void names_free(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

/* --- the root ------------------------------------------------------------------------------- */

struct root *root_live(void)
{
	struct root *r = xcalloc(1, sizeof(*r));

	r->live = true;
	r->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return r;
}

static int tree_host_read(struct root *r)
{
	struct buf text = { 0 };
	int err = root_slurp(r, "procmap-tree", ROOT_CAP_NONE, &text);

	if (!err && !tree_parse(text.p, text.len, &r->host))
		err = -EINVAL;
	buf_release(&text);
	return err == -ENOENT ? -EINVAL : err;
}

int root_tree(const char *dir, struct root **ret)
{
	struct root *r;
	int err, fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	r = xcalloc(1, sizeof(*r));
	r->fd = fd;
	err = tree_host_read(r);
	if (err)
		root_free(r);
	else
		*ret = r;
	return err;
}

void root_free(struct root *r)
{
	if (!r)
		return;
	if (r->fd >= 0)
		close(r->fd);
	host_free(&r->host);
	free(r);
}

bool root_is_live(const struct root *r)
{
	return r->live;
}

int root_host(struct root *r, struct space *s)
{
	struct host *h = &s->host;

	host_free(h);
	if (r->live) {
		live_host(h);
		return 0;
	}
	h->machine = xstrdup(r->host.machine);
	h->release = xstrdup(r->host.release);
	h->time = r->host.time ? xstrdup(r->host.time) : NULL;
	h->page_size = r->host.page_size;
	h->bits = r->host.bits;
	h->big_endian = r->host.big_endian;
	h->recorded = true;
	return 0;
}

int root_open(struct root *r, const char *path, enum root_cap cap, int *ret)
{
	return open_with(r, r->fd, path, O_RDONLY, CAP_BIT(cap), more_caps(cap), use_keep, ret);
}

int root_slurp(struct root *r, const char *path, enum root_cap cap, struct buf *out)
{
	buf_clear(out);
	return open_with(r, r->fd, path, O_RDONLY, CAP_BIT(cap), more_caps(cap), use_slurp, out);
}

int root_readlink(struct root *r, const char *path, struct buf *out)
{
	buf_clear(out);
	return open_with(r, r->fd, path, O_PATH | O_NOFOLLOW, 0, 0, use_readlink, out);
}

struct fig root_number(struct root *r, const char *path)
{
	struct buf text = { 0 };
	struct fig ret = { 0 };
	const char *p, *end;
	u64 n;

	if (!root_slurp(r, path, ROOT_CAP_NONE, &text)) {
		p = text.p;
		end = text.p + text.len;
		skip_blanks(&p, end);
		if (parse_dec(&p, end, &n)) {
			while (p < end && (*p == ' ' || *p == '\t' || *p == '\n'))
				p++;
			if (p == end)
				ret = FIG(n);
		}
	}
	buf_release(&text);
	return ret;
}

void root_on_step(struct root *r, root_step_fn *fn, void *ctx)
{
	r->step = fn;
	r->step_ctx = ctx;
}

bool root_step(const struct root *r, u64 done)
{
	return r->step && r->step(r->step_ctx, done);
}

int root_owner(struct root *r, const char *path, u32 *uid)
{
	struct stat st;

	/* Who owns a copy says nothing. */
	if (!r->live)
		return -ENODATA;
	if (fstatat(r->fd, path, &st, AT_SYMLINK_NOFOLLOW))
		return -errno;
	*uid = st.st_uid;
	return 0;
}

int root_list(struct root *r, const char *path, enum root_cap cap, char ***names, size_t *n)
{
	struct name_list list = { 0 };
	int err = open_with(r, r->fd, path, O_RDONLY | O_DIRECTORY, CAP_BIT(cap), more_caps(cap),
			    use_list, &list);

	if (!err) {
		*names = list.v;
		*n = list.n;
	}
	return err;
}

/* --- the directory of a process ------------------------------------------------------------- */

/** Holds proc/ID as it is now. A process that /proc hides from us does not exist for us. */
static int id_dir(struct root *r, u64 id, int *ret)
{
	char path[32];
	int err;

	snprintf(path, sizeof(path), "proc/%llu", (unsigned long long)id);
	err = open_with(r, r->fd, path, O_PATH | O_DIRECTORY, CAP_BIT(ROOT_CAP_PTRACE), 0, use_keep,
			ret);
	return err == -ENOENT ? -ESRCH : err;
}

/** The number behind "Tgid:" in a status text; false when there is none. */
static bool find_tgid(const struct buf *status, u64 *ret)
{
	const char *end = status->p + status->len;
	const char *p = memmem(status->p, status->len, "\nTgid:", 6);

	if (!p)
		return false;
	p += 6;
	skip_blanks(&p, end);
	return parse_dec(&p, end, ret) && *ret >= 1 && *ret <= INT_MAX;
}

/** Which process the held directory belongs to. A tree without status is taken at its word. */
static int read_tgid(const struct root *r, int fd, u64 id, u64 *ret)
{
	struct buf status = { 0 };
	int err = open_with(r, fd, "status", O_RDONLY, CAP_BIT(ROOT_CAP_PTRACE), 0, use_slurp,
			    &status);

	if (!err && !find_tgid(&status, ret))
		err = r->live ? -ESRCH : -ENOENT;
	if (err == -ENOENT && !r->live) {
		*ret = id;
		err = 0;
	}
	buf_release(&status);
	return err == -ENOENT ? -ESRCH : err;
}

static bool has_thread(const struct root *r, int fd, u64 tid)
{
	char name[32];
	int sub = -1;

	snprintf(name, sizeof(name), "task/%llu", (unsigned long long)tid);
	if (open_with(r, fd, name, O_PATH | O_DIRECTORY, CAP_BIT(ROOT_CAP_PTRACE), 0, use_keep,
		      &sub))
		return false;
	close(sub);
	return true;
}

/** A thread of a tree stands nowhere but below its process: looks through them all. */
static int find_in_tree(struct root *r, u64 tid, int *fd, u64 *tgid)
{
	int err = -ESRCH;
	char **names;
	size_t n;

	if (r->live || root_list(r, "proc", ROOT_CAP_NONE, &names, &n))
		return -ESRCH;
	for (size_t i = 0; i < n && err; i++) {
		const char *p = names[i], *end = p + strlen(p);
		u64 id;

		if (!parse_dec(&p, end, &id) || p != end || id > INT_MAX || id_dir(r, id, fd))
			continue;
		if (has_thread(r, *fd, tid)) {
			*tgid = id;
			err = 0;
		} else {
			close(*fd);
		}
	}
	names_free(names, n);
	return err;
}

/**
 * From the directory of the thread `tid` to that of its process. The thread must still be below
 * it: its process may have ended, and the number be another's, since we read it.
 */
static int leader_dir(struct root *r, u64 tid, u64 tgid, int *fd)
{
	u64 again = 0;
	int leader, err = id_dir(r, tgid, &leader);

	if (err)
		return err;
	err = read_tgid(r, leader, tgid, &again);
	if (!err && (again != tgid || !has_thread(r, leader, tid)))
		err = -ESRCH;
	if (err) {
		close(leader);
		return err;
	}
	close(*fd);
	*fd = leader;
	return 0;
}

int piddir_open(struct root *r, pid_t pid, struct piddir **ret, pid_t *tgid)
{
	struct piddir *d;
	u64 leader = 0;
	int fd, err;

	if (pid <= 0)
		return -ESRCH;
	err = id_dir(r, (u64)pid, &fd);
	if (err == -ESRCH) {
		err = find_in_tree(r, (u64)pid, &fd, &leader);
		if (err)
			return err;
	} else if (err) {
		return err;
	} else {
		err = read_tgid(r, fd, (u64)pid, &leader);
		if (!err && leader != (u64)pid)
			err = leader_dir(r, (u64)pid, leader, &fd);
		if (err) {
			close(fd);
			return err;
		}
	}
	d = xcalloc(1, sizeof(*d));
	d->root = r;
	d->fd = fd;
	d->pid = (pid_t)leader;
	*ret = d;
	*tgid = d->pid;
	return 0;
}

void piddir_close(struct piddir *d)
{
	if (!d)
		return;
	close(d->fd);
	free(d->slow);
	free(d);
}

struct root *piddir_root(const struct piddir *d)
{
	return d->root;
}

pid_t piddir_pid(const struct piddir *d)
{
	return d->pid;
}

void piddir_via(struct piddir *d, pid_t tid)
{
	d->via = tid == d->pid ? 0 : tid;
}

/** Files that speak of the mm, the files or the namespaces: a leader that exited has none left. */
static bool goes_via_thread(const char *name)
{
	static const char *const names[] = {
		"maps",	   "smaps",   "smaps_rollup", "numa_maps", "pagemap",	"auxv",
		"environ", "cmdline", "exe",	      "root",	   "cwd",	"mem",
		"statm",   "fd",      "fdinfo",	      "ns",	   "mountinfo",
	};
	size_t len = strcspn(name, "/");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (len == strlen(names[i]) && !memcmp(name, names[i], len))
			return true;
	return false;
}

/** Is the process itself gone (and not just this file of it)? */
static bool process_gone(const struct piddir *d)
{
	char name[40];

	if (!d->root->live)
		return false;
	snprintf(name, sizeof(name), "task/%d", (int)(d->via ? d->via : d->pid));
	return faccessat(d->fd, name, F_OK, 0) && (errno == ENOENT || errno == ESRCH);
}

static int piddir_use(struct piddir *d, const char *name, int flags, unsigned caps, unsigned more,
		      use_fn *use, void *ctx)
{
	char *path = NULL;
	int err;

	if (d->via && goes_via_thread(name))
		path = xasprintf("task/%d/%s", (int)d->via, name);
	err = open_with(d->root, d->fd, path ? path : name, flags, caps, more, use, ctx);
	free(path);
	return err == -ENOENT && process_gone(d) ? -ESRCH : err;
}

/**
 * Below another user's process both the mode (0400, 0500) and the check for ptrace access may
 * stand between us and a file whatever else it needs.
 */
#define PIDDIR_MORE (CAP_BIT(ROOT_CAP_DAC) | CAP_BIT(ROOT_CAP_PTRACE))

static unsigned piddir_more(enum root_cap cap)
{
	return cap == ROOT_CAP_NONE ? 0 : PIDDIR_MORE;
}

/** Files of mode 0400 (fs/proc/base.c, 6.18): their owner's, beside the check for ptrace access. */
static bool is_owners(const char *name)
{
	static const char *const names[] = { "auxv", "environ", "pagemap", "personality",
					     "syscall" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

const char *piddir_cap(const struct piddir *d, const char *name)
{
	bool ptrace = !root_has_cap(ROOT_CAP_PTRACE);
	bool dac = is_owners(name) && !root_has_cap(ROOT_CAP_DAC);

	if (!d->root->live)
		return NULL;
	if (ptrace && dac)
		return "CAP_SYS_PTRACE with CAP_DAC_READ_SEARCH";
	return ptrace ? root_cap_name(ROOT_CAP_PTRACE) : dac ? root_cap_name(ROOT_CAP_DAC) : NULL;
}

int piddir_open_flags(struct piddir *d, const char *name, int flags, unsigned caps, unsigned more)
{
	int fd = -1, err = piddir_use(d, name, flags, caps, more, use_keep, &fd);

	return err ? err : fd;
}

int piddir_openat(struct piddir *d, const char *name, enum root_cap cap, int *ret)
{
	return piddir_use(d, name, O_RDONLY, CAP_BIT(cap), piddir_more(cap), use_keep, ret);
}

int piddir_slurp(struct piddir *d, const char *name, enum root_cap cap, struct buf *out)
{
	buf_clear(out);
	return piddir_use(d, name, O_RDONLY, CAP_BIT(cap), piddir_more(cap), use_slurp, out);
}

int piddir_readlink(struct piddir *d, const char *name, enum root_cap cap, struct buf *out)
{
	buf_clear(out);
	return piddir_use(d, name, O_PATH | O_NOFOLLOW, CAP_BIT(cap), piddir_more(cap),
			  use_readlink, out);
}

int piddir_list(struct piddir *d, const char *name, enum root_cap cap, char ***names, size_t *n)
{
	struct name_list list = { 0 };
	int err = piddir_use(d, name, O_RDONLY | O_DIRECTORY, CAP_BIT(cap), piddir_more(cap),
			     use_list, &list);

	if (!err) {
		*names = list.v;
		*n = list.n;
	}
	return err;
}
