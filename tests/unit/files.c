/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The file behind a mapping: told apart from whatever stands at its name, and never another. */
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "made_tree.h"
#include "proc/proc.h"
#include "tap.h"

static struct root *root;
static size_t page;

/** A process held, with its mappings. */
struct target {
	struct piddir *d;
	struct space s;
};

static void target_open(struct target *t, pid_t pid)
{
	pid_t tgid;
	int err;

	space_init(&t->s);
	root_host(root, &t->s);
	err = piddir_open(root, pid, &t->d, &tgid);
	if (!err)
		err = maps_read(t->d, &t->s);
	if (err) {
		errno = -err;
		made_tree_fail("target");
	}
}

static void target_close(struct target *t)
{
	piddir_close(t->d);
	space_release(&t->s);
}

/** What mapped_file_open() said of the mapping at an address: state, error, first byte, name. */
struct answer {
	enum file_state state;
	int err;
	char first;
	char name[PATH_MAX];
};

static struct answer ask(struct target *t, const void *addr)
{
	u32 i = space_find_vma(&t->s, (u64)(uintptr_t)addr);
	struct answer a = { .err = 999 };
	int fd = -1;

	if (i == NO_INDEX)
		return a;
	snprintf(a.name, sizeof(a.name), "%s", strtab_get(&t->s.names, t->s.vmas[i].name));
	a.err = -mapped_file_open(t->d, &t->s.vmas[i], a.name, FILE_POLICY_LOCAL, &a.state, &fd);
	if (!a.err) {
		if (pread(fd, &a.first, 1, 0) != 1)
			a.err = 998;
		if ((fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) != (O_RDONLY | O_NONBLOCK) ||
		    fcntl(fd, F_GETFD) != FD_CLOEXEC)
			a.err = 997;
		close(fd);
	}
	return a;
}

/** Maps a new file that starts with `c`. */
static char *map_file(const char *path, char c)
{
	char bytes[8] = { c };
	int fd;
	char *p;

	made_tree_bytes(path, bytes, sizeof(bytes));
	fd = open(made_tree_path(path), O_RDONLY);
	p = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd < 0 || p == MAP_FAILED)
		made_tree_fail(path);
	close(fd);
	return p;
}

static void remove_file(const char *path)
{
	if (unlink(made_tree_path(path)))
		made_tree_fail(path);
}

static void rename_file(const char *from, const char *to)
{
	char *old = xstrdup(made_tree_path(from));

	if (rename(old, made_tree_path(to)))
		made_tree_fail(from);
	free(old);
}

/** Can a deleted file still be had? Only with a capability. */
static int if_admin(int err)
{
	return root_has_cap(ROOT_CAP_ADMIN) ? 0 : err;
}

static void states(void)
{
	char *same = map_file("same", 's'), *gone = map_file("gone", 'g');
	char *replaced = map_file("replaced", 'r'), *fifo = map_file("fifo", 'f');
	char *folder = map_file("sub/file", 'd'), *moved = map_file("old", 'm');
	char *odd = map_file("odd\nname \033[31m \\", 'o');
	struct target t;
	struct answer a;

	remove_file("gone");
	made_tree_text("new", "NEW");
	rename_file("new", "replaced");
	remove_file("fifo");
	if (mkfifo(made_tree_path("fifo"), 0600))
		made_tree_fail("fifo");
	remove_file("sub/file");
	if (rmdir(made_tree_path("sub")))
		made_tree_fail("sub");
	rename_file("old", "newer");

	target_open(&t, getpid());
	alarm(10); /* a FIFO that is opened would wait for ever */
	a = ask(&t, same);
	IS(a.state, FILE_SAME);
	IS(a.err, 0);
	IS(a.first, 's');
	a = ask(&t, gone);
	IS(a.state, FILE_DELETED);
	IS(a.err, if_admin(EACCES));
	IS(a.first, a.err ? 0 : 'g');
	a = ask(&t, replaced);
	IS(a.state, FILE_REPLACED);
	IS(a.err, if_admin(EACCES));
	IS(a.first, a.err ? 0 : 'r');
	a = ask(&t, fifo);
	IS(a.state, FILE_REPLACED);
	IS(a.first, a.err ? 0 : 'f');
	a = ask(&t, folder);
	IS(a.state, FILE_DELETED);
	a = ask(&t, moved);
	IS(a.state, FILE_SAME);
	IS(a.first, 'm');
	OK(strstr(a.name, "/newer") != NULL);
	a = ask(&t, odd);
	IS(a.err, 0);
	IS(a.first, 'o');
	alarm(0);
	target_close(&t);
}

/** " (deleted)" may be the kernel's or the file's. */
static void deleted_in_the_name(void)
{
	char *really = map_file("a (deleted)", 'a'), *b = map_file("b", 'b');
	char *decoy = map_file("b (deleted)", 'B'), *both = map_file("c (deleted)", 'c');
	struct target t;
	struct answer x;

	remove_file("b");
	remove_file("c (deleted)");
	made_tree_text("c", "another");
	target_open(&t, getpid());
	x = ask(&t, really);
	IS(x.state, FILE_SAME);
	IS(x.first, 'a');
	x = ask(&t, b);
	OK(strstr(x.name, "/b (deleted)") != NULL);
	IS(x.state, FILE_DELETED);
	IS(x.first, x.err ? 0 : 'b');
	x = ask(&t, decoy);
	IS(x.state, FILE_SAME);
	IS(x.first, 'B');
	x = ask(&t, both);
	OK(strstr(x.name, "/c (deleted) (deleted)") != NULL);
	IS(x.state, FILE_DELETED);
	target_close(&t);
}

/** Mappings whose names lead nowhere. */
static void no_names(void)
{
	int memfd = (int)syscall(SYS_memfd_create, "mem", 0);
	char *anon = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *zero = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *mem;
	struct target t;
	struct answer a;

	if (ftruncate(memfd, (off_t)page))
		made_tree_fail("memfd");
	mem = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	mem[0] = 'M';
	target_open(&t, getpid());
	a = ask(&t, mem);
	IS_STR(a.name, "/memfd:mem (deleted)");
	IS(a.state, FILE_UNCHECKED);
	IS(a.err, if_admin(EACCES));
	IS(a.first, a.err ? 0 : 'M');
	a = ask(&t, zero);
	IS_STR(a.name, "/dev/zero (deleted)");
	IS(a.state, FILE_UNCHECKED);
	a = ask(&t, anon);
	IS(a.state, FILE_UNCHECKED);
	IS(a.err, ENOENT);
	target_close(&t);
	close(memfd);
}

static void devices(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char *p = mmap(NULL, page, PROT_READ, MAP_PRIVATE, fd, 0);
	struct target t;
	struct answer a;

	target_open(&t, getpid());
	a = ask(&t, p);
	/* A private mapping of it has the file, or is plain anonymous memory. */
	OK(a.err == ENOTSUP || a.err == ENOENT);
	target_close(&t);
	close(fd);
}

static void another_inode(void)
{
	char *p = map_file("inode", 'i');
	enum file_state state;
	struct target t;
	struct vma v;
	char *name;
	int fd;

	target_open(&t, getpid());
	v = t.s.vmas[space_find_vma(&t.s, (u64)(uintptr_t)p)];
	name = xstrdup(strtab_get(&t.s.names, v.name));
	v.inode++;
	IS(-mapped_file_open(t.d, &v, name, FILE_POLICY_LOCAL, &state, &fd),
	   root_has_cap(ROOT_CAP_ADMIN) ? ESTALE : EACCES);
	IS(state, FILE_REPLACED);
	v.inode--;
	v.minor++;
	IS(-mapped_file_open(t.d, &v, name, FILE_POLICY_LOCAL, &state, &fd),
	   root_has_cap(ROOT_CAP_ADMIN) ? ESTALE : EACCES);
	IS(state, FILE_REPLACED);
	v.minor--;
	IS(-mapped_file_open(t.d, &v, name, FILE_POLICY_LOCAL, &state, &fd), 0);
	close(fd);
	free(name);
	target_close(&t);
}

static void of_a_tree(void)
{
	struct root *r;
	struct piddir *d = NULL;
	struct vma v = { .first = 0x1000, .last = 0x1fff, .inode = 5 };
	enum file_state state = FILE_SAME;
	pid_t tgid;
	int fd;

	made_tree_text("proc/7/maps", "");
	if (root_tree(made_tree, &r) || piddir_open(r, 7, &d, &tgid))
		made_tree_fail("tree");
	IS(-mapped_file_open(d, &v, "/etc/passwd", FILE_POLICY_ALL, &state, &fd), ENODATA);
	IS(state, FILE_UNCHECKED);
	piddir_close(d);
	root_free(r);
}

/** The program itself, whose exe link asks for no capability. */
static void executable(void)
{
	struct target t;
	struct answer a;

	target_open(&t, getpid());
	a = ask(&t, (const void *)(uintptr_t)executable);
	IS(a.state, FILE_SAME);
	IS(a.err, 0);
	IS(a.first, 0x7f);
	target_close(&t);
}

/* --- in a child of its own ---------------------------------------------------------------------
 */

static void in_child(void (*fn)(void))
{
	int status = 0, before = tap_run;
	pid_t pid;
	int fds[2];

	/* The child's test points are its own; it hands the count back. */
	fflush(stdout);
	if (pipe(fds))
		made_tree_fail("pipe");
	pid = fork();
	if (!pid) {
		fn();
		fflush(stdout);
		_exit(write(fds[1], &tap_run, sizeof(tap_run)) != sizeof(tap_run) || tap_bad);
	}
	close(fds[1]);
	waitpid(pid, &status, 0);
	if (read(fds[0], &tap_run, sizeof(tap_run)) != sizeof(tap_run))
		tap_run = before;
	close(fds[0]);
	OK(WIFEXITED(status));
	IS(WEXITSTATUS(status), 0);
}

static void as_nobody(void)
{
	if (chmod(made_tree, 0777) || setgid(65534) || setuid(65534) || prctl(PR_SET_DUMPABLE, 1))
		made_tree_fail("nobody");
	states();
	deleted_in_the_name();
	no_names();
}

/** maps shows names as from our root, and the process's own root is another. */
static void chrooted(void)
{
	char *p = map_file("jail/file", 'j'), *q = map_file("jail/lost", 'l');
	struct target t;
	struct answer a;
	int ready[2], fd;
	pid_t pid;
	char c;

	if (pipe(ready))
		made_tree_fail("pipe");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (chroot(made_tree_path("jail")) || chdir("/") || write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	IS(read(ready[0], &c, 1), 1);
	/* What stands at the name as the process sees it is another. */
	fd = open(made_tree_path("jail/x"), O_CREAT | O_WRONLY, 0600);
	close(fd);
	remove_file("jail/lost");
	target_open(&t, pid);
	a = ask(&t, p);
	IS(a.state, FILE_SAME);
	IS(a.first, 'j');
	a = ask(&t, q);
	IS(a.state, FILE_DELETED);
	target_close(&t);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/**
 * A FUSE file system whose server never answers: any question to it would wait for ever. What is
 * mapped from it is refused by its device alone.
 */
static void dead_server(void)
{
	char options[128], line[4096];
	struct vma v = { .first = 0x10000, .last = 0x10fff, .inode = 1 };
	enum file_state state = FILE_SAME;
	struct target t;
	FILE *mounts;
	int fuse = open("/dev/fuse", O_RDWR), fd;
	bool found = false;

	made_tree_text("fuse/x", "");
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fuse);
	if (fuse < 0 || unshare(CLONE_NEWNS) ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", made_tree_path("fuse"), "fuse", 0, options)) {
		SKIP("FUSE cannot be mounted here");
		return;
	}
	mounts = fopen("/proc/self/mountinfo", "r");
	while (mounts && fgets(line, sizeof(line), mounts))
		if (strstr(line, made_tree) &&
		    sscanf(line, "%*d %*d %u:%u", &v.major, &v.minor) == 2)
			found = true;
	OK(found);
	alarm(10);
	target_open(&t, getpid());
	snprintf(line, sizeof(line), "%s/fuse/file", made_tree);
	IS(-mapped_file_open(t.d, &v, line, FILE_POLICY_LOCAL, &state, &fd), EXDEV);
	IS(state, FILE_UNCHECKED);
	target_close(&t);
	alarm(0);
	umount2(made_tree_path("fuse"), MNT_DETACH);
}

int main(void)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	root = root_live();
	made_tree_new("x86_64");
	states();
	deleted_in_the_name();
	no_names();
	devices();
	another_inode();
	of_a_tree();
	executable();
	made_tree_remove();
	made_tree_new("x86_64");
	if (geteuid()) {
		SKIP("needs root to become nobody, to chroot and to mount");
	} else {
		in_child(chrooted);
		in_child(dead_server);
		in_child(as_nobody);
	}
	made_tree_remove();
	root_free(root);
	return tap_done();
}
