/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where files come from: trees that want to lead us astray, processes that end, capabilities. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "made_tree.h"
#include "proc/proc.h"
#include "tap.h"

static struct buf text;

/** Runs a test in a child; its test points are counted here by its exit status alone. */
static int in_child(int (*fn)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid)
		_exit(fn());
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 255;
	return WEXITSTATUS(status);
}

/* --- procmap-tree ---------------------------------------------------------------------------- */

static int tree_of(const char *facts, struct space *s)
{
	struct root *r = NULL;
	int err;

	made_tree_text("procmap-tree", facts);
	err = root_tree(made_tree, &r);
	if (!err) {
		root_host(r, s);
		OK(!root_is_live(r));
		root_free(r);
	}
	return -err;
}

static void facts_of_a_tree(void)
{
	struct space s;

	space_init(&s);
	IS(tree_of("# a comment\n\nformat 1\nmachine x86_64\nrelease 6.18.0\npage_size 4096\n"
		   "byte_order little\nbits 64\ntime 2026-11-21T22:30:12Z\nkey of the future\n",
		   &s),
	   0);
	IS_STR(s.host.machine, "x86_64");
	IS_STR(s.host.release, "6.18.0");
	IS_STR(s.host.time, "2026-11-21T22:30:12Z");
	IS(s.host.page_size, 4096);
	IS(s.host.bits, 64);
	OK(!s.host.big_endian);
	OK(s.host.recorded);
	IS(s.host.levels, 0);
	OK(!s.host.nx_known);

	IS(tree_of("machine s390x\npage_size\t 4096 \r\n", &s), 0);
	IS(s.host.bits, 64);
	OK(s.host.big_endian);
	IS_STR(s.host.release, "");
	IS_STR(s.host.time, NULL);
	IS(tree_of("machine armv7l\npage_size 65536", &s), 0);
	IS(s.host.bits, 32);
	OK(!s.host.big_endian);
	IS(s.host.page_size, 65536);
	IS(tree_of("machine mips\npage_size 4096\nbyte_order big\nbits 32\n", &s), 0);
	OK(s.host.big_endian);
	space_release(&s);
}

static void malformed_facts(void)
{
	static const char *const bad[] = {
		"",
		"machine x86_64\n",
		"page_size 4096\n",
		"format 2\nmachine x86_64\npage_size 4096\n",
		"format x\nmachine x86_64\npage_size 4096\n",
		"machine x86_64\npage_size 0\n",
		"machine x86_64\npage_size 4095\n",
		"machine x86_64\npage_size 512\n",
		"machine x86_64\npage_size 2097152\n",
		"machine x86_64\npage_size 4294971392\n",
		"machine x86_64\npage_size 4096k\n",
		"machine x86_64\npage_size\n",
		"machine\npage_size 4096\n",
		"machine x86\03364\npage_size 4096\n",
		"machine x86 64\npage_size 4096\n",
		"machine x86_64\npage_size 4096\nbits 48\n",
		"machine x86_64\npage_size 4096\nbits 320\n",
		"machine x86_64\npage_size 4096\nbyte_order middle\n",
		"machine x86_64\npage_size 4096\ntime yesterday\n",
		"machine x86_64\npage_size 4096\ntime 2026-11-21 22:30:12Z\n",
		"machine x86_64\npage_size 4096\nrelease 6.18\033[2J\n",
	};
	struct space s;

	space_init(&s);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int err = tree_of(bad[i], &s);

		if (err != EINVAL)
			printf("# \"%s\"\n", bad[i]);
		IS(err, EINVAL);
	}
	OK(!s.host.machine);
	unlink(made_tree_path("procmap-tree"));
	IS(-root_tree(made_tree, &(struct root *){ NULL }), EINVAL);
	IS(-root_tree("/nonexistent/tree", &(struct root *){ NULL }), ENOENT);
	IS(-root_tree("/etc/passwd", &(struct root *){ NULL }), ENOTDIR);
	space_release(&s);
}

/* --- nothing leaves a tree -------------------------------------------------------------------- */

static struct root *hostile_tree(void)
{
	struct root *r = NULL;

	made_tree_text("procmap-tree", "machine x86_64\npage_size 4096\n");
	made_tree_text("proc/plain", "plain\n");
	made_tree_text("proc/number", "65530\n");
	made_tree_text("secret/inside", "inside\n");
	made_tree_link("proc/absolute", "/etc/passwd");
	made_tree_link("proc/relative", "../../../../../../../../etc/passwd");
	made_tree_link("proc/dir", "/etc");
	made_tree_link("proc/magic", "/proc/self/root/etc/passwd");
	made_tree_link("proc/good", "../secret/inside");
	made_tree_link("proc/loop", "loop");
	if (mkfifo(made_tree_path("proc/fifo"), 0600))
		made_tree_fail("mkfifo");
	if (root_tree(made_tree, &r))
		made_tree_fail("root_tree");
	return r;
}

/** Returns 0 when nothing of the outside could be had. `links`: links inside are followed. */
static int try_to_leave(struct root *r, bool links)
{
	static const char *const out[] = {
		"proc/absolute",
		"proc/relative",
		"proc/dir/passwd",
		"proc/magic",
		"../../../../etc/passwd",
		"proc/../../../../../etc/passwd",
		"/etc/passwd",
		"proc/fifo",
		"proc/loop",
		"proc/absent",
		"proc/plain/x",
		"proc",
	};
	int fd, bad = 0;

	for (size_t i = 0; i < ARRAY_SIZE(out); i++) {
		if (!root_open(r, out[i], ROOT_CAP_NONE, &fd) ||
		    !root_slurp(r, out[i], ROOT_CAP_NONE, &text) || text.len)
			bad = (int)i + 1;
	}
	if (root_slurp(r, "proc/plain", ROOT_CAP_NONE, &text) || strcmp(text.p, "plain\n"))
		bad = 101;
	if (root_slurp(r, "proc/good", ROOT_CAP_NONE, &text) ? links
							     : strcmp(text.p, "inside\n") || !links)
		bad = 102;
	if (root_readlink(r, "proc/absolute", &text) || strcmp(text.p, "/etc/passwd"))
		bad = 103;
	if (root_readlink(r, "proc/plain", &text) != -EINVAL || text.len)
		bad = 104;
	if (!root_readlink(r, "proc/dir/mtab", &text))
		bad = 105;
	return bad;
}

/** A kernel without openat2(), by a filter that answers as such a kernel does. */
static int without_openat2(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };
	struct root *r = NULL;
	int bad;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		return 77;
	if (root_tree(made_tree, &r))
		return 78;
	alarm(10);
	bad = try_to_leave(r, false);
	root_free(r);
	buf_release(&text);
	return bad;
}

static void nothing_leaves(void)
{
	struct root *r = hostile_tree();
	int status;

	alarm(10); /* a FIFO that is opened would wait for ever */
	IS(try_to_leave(r, true), 0);
	alarm(0);
	IS(-root_slurp(r, "proc/absolute", ROOT_CAP_NONE, &text), EXDEV);
	IS(-root_slurp(r, "proc/fifo", ROOT_CAP_NONE, &text), EINVAL);
	IS(-root_slurp(r, "proc/absent", ROOT_CAP_NONE, &text), ENOENT);
	IS(-root_slurp(r, "proc", ROOT_CAP_NONE, &text), EISDIR);
	root_free(r);
	status = in_child(without_openat2);
	if (status == 77)
		SKIP("no seccomp filter here");
	else
		IS(status, 0);
}

static void reading(void)
{
	struct root *r = NULL;
	char **names = NULL;
	size_t n = 0;

	if (root_tree(made_tree, &r))
		made_tree_fail("root_tree");
	IS(root_number(r, "proc/number").v, 65530);
	OK(root_number(r, "proc/number").have);
	OK(!root_number(r, "proc/plain").have);
	OK(!root_number(r, "proc/absent").have);
	made_tree_text("proc/two", "1 2\n");
	OK(!root_number(r, "proc/two").have);
	made_tree_text("proc/minus", "-1\n");
	OK(!root_number(r, "proc/minus").have);
	made_tree_text("proc/big", "18446744073709551616\n");
	OK(!root_number(r, "proc/big").have);
	made_tree_text("proc/empty", "");
	OK(!root_number(r, "proc/empty").have);
	IS(-root_slurp(r, "proc/empty", ROOT_CAP_NONE, &text), 0);
	IS_STR(text.p, "");

	made_tree_text("list/b", "");
	made_tree_text("list/a10", "");
	made_tree_text("list/a9", "");
	made_tree_text("list/\xff", "");
	IS(-root_list(r, "list", ROOT_CAP_NONE, &names, &n), 0);
	if (IS(n, 4)) {
		IS_STR(names[0], "a10");
		IS_STR(names[1], "a9");
		IS_STR(names[2], "b");
		IS_STR(names[3], "\xff");
	}
	names_free(names, n);
	IS(-root_list(r, "list/b", ROOT_CAP_NONE, &names, &n), ENOTDIR);
	IS(-root_list(r, "proc/dir", ROOT_CAP_NONE, &names, &n), EXDEV);

	/* One byte more than is read whole, as a hole. */
	made_tree_text("proc/huge", "");
	if (truncate(made_tree_path("proc/huge"), (off_t)(64 * MIB + 1)))
		made_tree_fail("truncate");
	IS(-root_slurp(r, "proc/huge", ROOT_CAP_NONE, &text), EFBIG);
	IS(text.len, 0);
	buf_release(&text);
	root_free(r);
}

/* --- processes -------------------------------------------------------------------------------- */

static void recorded_processes(struct root *r)
{
	struct piddir *d = NULL;
	pid_t tgid = 0;

	made_tree_text("proc/4711/status",
		       "Name:\tx\nUmask:\t0022\nState:\tS\nTgid:\t4711\nPid:\t4711\n");
	made_tree_text("proc/4711/maps", "leader\n");
	made_tree_text("proc/4711/task/4712/maps", "thread\n");
	made_tree_text("proc/4711/task/4711/maps", "leader\n");
	made_tree_link("proc/4711/exe", "/gone/for/ever (deleted)");
	made_tree_text("proc/4713/status", "Name:\tTgid:\t7\nTgid:\t4711\n");
	made_tree_text("proc/4711/task/4713/comm", "t\n");
	made_tree_text("proc/9/maps", "no status\n");
	made_tree_link("proc/10", "/proc/1");
	IS(-piddir_open(r, 4711, &d, &tgid), 0);
	IS(tgid, 4711);
	IS(piddir_pid(d), 4711);
	OK(piddir_root(d) == r);
	IS(-piddir_readlink(d, "exe", ROOT_CAP_PTRACE, &text), 0);
	IS_STR(text.p, "/gone/for/ever (deleted)");
	piddir_via(d, 4712);
	IS(-piddir_slurp(d, "maps", ROOT_CAP_PTRACE, &text), 0);
	IS_STR(text.p, "thread\n");
	IS(-piddir_slurp(d, "status", ROOT_CAP_NONE, &text), 0);
	piddir_via(d, 0);
	IS(-piddir_slurp(d, "maps", ROOT_CAP_PTRACE, &text), 0);
	IS_STR(text.p, "leader\n");
	IS(-piddir_slurp(d, "absent", ROOT_CAP_PTRACE, &text), ENOENT);
	piddir_close(d);

	IS(-piddir_open(r, 4712, &d, &tgid), 0); /* only below its process */
	IS(tgid, 4711);
	piddir_close(d);
	IS(-piddir_open(r, 4713, &d, &tgid), 0); /* status names the process */
	IS(tgid, 4711);
	piddir_close(d);
	IS(-piddir_open(r, 9, &d, &tgid), 0);
	IS(tgid, 9);
	piddir_close(d);
	IS(-piddir_open(r, 12345, &d, &tgid), ESRCH);
	IS(-piddir_open(r, 10, &d, &tgid), EXDEV);
	IS(-piddir_open(r, 0, &d, &tgid), ESRCH);
	IS(-piddir_open(r, -1, &d, &tgid), ESRCH);
}

static pthread_barrier_t barrier;
static pid_t thread_id;

static void *thread_main(void *unused)
{
	thread_id = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return unused;
}

static void live_processes(void)
{
	struct root *r = root_live();
	struct piddir *d = NULL;
	char want[64], **names;
	pid_t tgid = 0, pid;
	siginfo_t info;
	pthread_t t;
	size_t n;

	OK(root_is_live(r));
	pthread_barrier_init(&barrier, NULL, 2);
	pthread_create(&t, NULL, thread_main, NULL);
	pthread_barrier_wait(&barrier);
	IS(-piddir_open(r, thread_id, &d, &tgid), 0);
	IS(tgid, getpid());
	snprintf(want, sizeof(want), "\nPid:\t%d\n", (int)getpid());
	IS(-piddir_slurp(d, "status", ROOT_CAP_NONE, &text), 0);
	OK(strstr(text.p, want) != NULL);
	IS(-piddir_list(d, "task", ROOT_CAP_NONE, &names, &n), 0);
	IS(n, 2);
	names_free(names, n);
	/* Through a thread, until that ends although its process lives. */
	piddir_via(d, thread_id);
	IS(-piddir_slurp(d, "maps", ROOT_CAP_PTRACE, &text), 0);
	OK(text.len > 0);
	pthread_barrier_wait(&barrier);
	pthread_join(t, NULL);
	/* Joined a moment before the kernel has let it go: poll, with a deadline. */
	for (u64 end = live_usec() + 10000000; live_usec() < end;)
		if (syscall(SYS_tgkill, getpid(), thread_id, 0))
			break;
	IS(-piddir_slurp(d, "maps", ROOT_CAP_PTRACE, &text), ESRCH);
	piddir_via(d, 0);
	IS(-piddir_slurp(d, "maps", ROOT_CAP_PTRACE, &text), 0);
	piddir_close(d);

	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	IS(-piddir_open(r, pid, &d, &tgid), 0);
	IS(-piddir_slurp(d, "no such file", ROOT_CAP_NONE, &text), ENOENT);
	kill(pid, SIGKILL);
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	IS(-piddir_slurp(d, "stat", ROOT_CAP_NONE, &text), 0); /* a zombie */
	OK(strstr(text.p, ") Z ") != NULL);
	waitpid(pid, NULL, 0);
	IS(-piddir_slurp(d, "stat", ROOT_CAP_NONE, &text), ESRCH);
	IS(-piddir_readlink(d, "exe", ROOT_CAP_PTRACE, &text), ESRCH);
	IS(-piddir_list(d, "task", ROOT_CAP_NONE, &names, &n), ESRCH);
	IS(-piddir_slurp(d, "no such file", ROOT_CAP_NONE, &text), ESRCH);
	piddir_close(d);
	IS(-piddir_open(r, pid, &d, &tgid), ESRCH);
	root_free(r);
}

static void live_host_facts(void)
{
	struct root *r = root_live();
	struct space s;
	u64 end;

	space_init(&s);
	IS(-root_host(r, &s), 0);
	IS(s.host.page_size, (u64)sysconf(_SC_PAGESIZE));
	OK(!s.host.recorded);
	OK(s.host.machine[0] && s.host.release[0]);
	IS(strlen(s.host.time), 20);
	IS(root_slurp(r, "proc/sys/kernel/osrelease", ROOT_CAP_NONE, &text), 0);
	IS(strncmp(text.p, s.host.release, strlen(s.host.release)), 0);
	end = live_task_end(r).v;
	OK(live_task_end(r).have);
	OK(end > (u64)(uintptr_t)&end);
	IS(end % s.host.page_size, 0);
	/* Nothing can be mapped there, and something below. */
	OK(mmap((void *)(uintptr_t)end, s.host.page_size, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
	IS(errno, ENOMEM);
#ifdef __x86_64__
	OK(end == UINT64_C(0x7ffffffff000) || end == UINT64_C(0xfffffffffff000));
#endif
	space_release(&s);
	root_free(r);
}

/* --- capabilities ----------------------------------------------------------------------------- */

/** The effective set as the kernel has it. */
static u64 effective(struct root *r)
{
	const char *p, *end;
	u64 v = 1;

	if (root_slurp(r, "proc/thread-self/status", ROOT_CAP_NONE, &text))
		return 1;
	p = strstr(text.p, "CapEff:");
	end = text.p + text.len;
	if (!p)
		return 1;
	p += 7;
	skip_blanks(&p, end);
	parse_hex(&p, end, &v);
	return v;
}

/** As root with an empty effective set: another user's 0400 file opens, and nothing stays raised.
 */
static int caps_around_one_open(void)
{
	struct root *r = root_live();
	struct piddir *d;
	pid_t tgid, pid;
	int fd, ready[2], stop[2];
	char c;

	/* The other user's process ends with this one, which may not kill it later on. */
	if (pipe(ready) || pipe(stop))
		return 1;
	pid = fork();
	if (!pid) {
		close(stop[1]);
		if (setgid(65534) || setuid(65534) || prctl(PR_SET_DUMPABLE, 1) ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		_exit(read(stop[0], &c, 1) != 0);
	}
	if (read(ready[0], &c, 1) != 1)
		return 2;
	if (!root_drop_effective())
		return 77;
	if (effective(r))
		return 3;
	if (!root_has_cap(ROOT_CAP_PTRACE) || !root_has_cap(ROOT_CAP_ADMIN))
		return 78;
	if (piddir_open(r, pid, &d, &tgid))
		return 4;
	if (piddir_openat(d, "pagemap", ROOT_CAP_NONE, &fd) != -EACCES)
		return 5;
	if (piddir_openat(d, "pagemap", ROOT_CAP_ADMIN, &fd))
		return 6;
	close(fd);
	if (piddir_openat(d, "maps", ROOT_CAP_PTRACE, &fd))
		return 7;
	close(fd);
	if (piddir_slurp(d, "auxv", ROOT_CAP_PTRACE, &text) || !text.len)
		return 8;
	if (effective(r))
		return 9;
	root_drop_all();
	if (root_has_cap(ROOT_CAP_PTRACE) || effective(r))
		return 10;
	if (piddir_openat(d, "maps", ROOT_CAP_PTRACE, &fd) != -EACCES)
		return 11;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 12;
	close(stop[1]);
	waitpid(pid, NULL, 0);
	piddir_close(d);
	root_free(r);
	buf_release(&text);
	return 0;
}

static int as_nobody(void)
{
	struct root *r = root_live();
	struct piddir *d;
	pid_t tgid;
	int fd;

	if (setgid(65534) || setuid(65534))
		return 1;
	if (root_has_cap(ROOT_CAP_ADMIN) || root_has_cap(ROOT_CAP_DAC))
		return 2;
	if (root_open(r, "proc/kpageflags", ROOT_CAP_ADMIN, &fd) != -EACCES &&
	    root_open(r, "proc/kpageflags", ROOT_CAP_ADMIN, &fd) != -ENOENT)
		return 3;
	if (piddir_open(r, 1, &d, &tgid)) /* the directory is open to all */
		return 4;
	if (piddir_openat(d, "maps", ROOT_CAP_PTRACE, &fd) != -EACCES)
		return 5;
	if (piddir_readlink(d, "exe", ROOT_CAP_PTRACE, &text) != -EACCES || text.len)
		return 6;
	piddir_close(d);
	root_free(r);
	buf_release(&text);
	return 0;
}

static void capabilities(void)
{
	int status;

	IS_STR(root_cap_name(ROOT_CAP_NONE), NULL);
	IS_STR(root_cap_name(ROOT_CAP_PTRACE), "CAP_SYS_PTRACE");
	IS_STR(root_cap_name(ROOT_CAP_ADMIN), "CAP_SYS_ADMIN");
	IS_STR(root_cap_name(ROOT_CAP_SYSLOG), "CAP_SYSLOG");
	IS_STR(root_cap_name(ROOT_CAP_RAWIO), "CAP_SYS_RAWIO");
	IS_STR(root_cap_name(ROOT_CAP_DAC), "CAP_DAC_READ_SEARCH");
	OK(!root_has_cap(ROOT_CAP_NONE));
	if (geteuid()) {
		SKIP("needs root to give capabilities up");
		return;
	}
	IS(in_child(as_nobody), 0);
	status = in_child(caps_around_one_open);
	if (status == 77)
		SKIP("built without libcap");
	else if (status == 78)
		SKIP("this root lacks capabilities");
	else
		IS(status, 0);
}

int main(void)
{
	struct root *r;

	made_tree_new("x86_64");
	facts_of_a_tree();
	malformed_facts();
	nothing_leaves();
	reading();
	if (root_tree(made_tree, &r))
		made_tree_fail("root_tree");
	recorded_processes(r);
	IS(live_task_end(r).have, false);
	root_free(r);
	made_tree_remove();
	live_processes();
	live_host_facts();
	capabilities();
	buf_release(&text);
	return tap_done();
}
