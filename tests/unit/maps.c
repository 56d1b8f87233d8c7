/* SPDX-License-Identifier: GPL-2.0-or-later */
/* maps: every form of line a kernel prints, and every one it does not. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feed_maps.h"
#include "made_tree.h"

static void usual(void)
{
	feed("55d5f455d000-55d5f455f000 r-xp 00001000 fe:0a 10953864     /usr/bin/cat\n"
	     "55d5f455f000-55d5f4560000 rw-s 00003000 fe:0a 10953864     /usr/bin/cat\n"
	     "7f0000000000-7f0000001000 ---p 00000000 00:00 0 \n");
	IS(sp.nvmas, 3);
	IS(sp.vmas[0].first, 0x55d5f455d000);
	IS(sp.vmas[0].last, 0x55d5f455efff);
	IS(sp.vmas[0].perms, PERM_R | PERM_X);
	IS(sp.vmas[0].offset, 0x1000);
	IS(sp.vmas[0].major, 0xfe);
	IS(sp.vmas[0].minor, 0x0a);
	IS(sp.vmas[0].inode, 10953864);
	IS_STR(name_of(0), "/usr/bin/cat");
	IS(sp.vmas[1].perms, PERM_R | PERM_W | PERM_SHARED);
	IS(sp.vmas[1].name, sp.vmas[0].name);
	IS(sp.vmas[2].perms, 0);
	IS(sp.vmas[2].inode, 0);
	IS_STR(name_of(2), "");
	IS(sp.vmas[0].have, 0);
	IS(sp.vmas[0].object, NO_INDEX);
	IS(pb.bad_lines + pb.disorder + pb.dropped, 0);
}

static void address_widths(void)
{
	feed("00010000-00011000 r-xp 00000000 08:01 7 /bin/a\n"
	     "fffee000-ffff0000 rw-p 00000000 00:00 0                    [stack]\n");
	IS(sp.nvmas, 2);
	IS(sp.vmas[1].first, 0xfffee000);
	IS(sp.vmas[1].last, 0xfffeffff);
	IS_STR(name_of(1), "[stack]");

	feed("7fffffffe000-800000000000 rw-p 00000000 00:00 0\n"
	     "ffffff0000000000-ffffff0000001000 rw-p fffffffffffff000 00:00 0 \n"
	     "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  "
	     "[vsyscall]\n");
	IS(sp.nvmas, 3);
	IS(sp.vmas[0].last, 0x7fffffffffff);
	IS(sp.vmas[1].offset, UINT64_C(0xfffffffffffff000));
	IS(sp.vmas[2].first, UINT64_C(0xffffffffff600000));
	IS(sp.vmas[2].perms, PERM_X);
	IS(pb.bad_lines, 0);

	/* 5-level paging: user addresses of 14 digits */
	feed("ff00000000000-ff00000001000 rw-p 00000000 00:00 0 \n"
	     "fffffffffff000-100000000000000 rw-p 00000000 00:00 0 \n");
	IS(sp.nvmas, 2);
	IS(sp.vmas[0].first, UINT64_C(0xff00000000000));
	IS(sp.vmas[1].last, UINT64_C(0xffffffffffffff));
}

static void end_of_space(void)
{
	feed("fffffffffffff000-0 r--p 00000000 00:00 0 \n");
	IS(sp.nvmas, 1);
	IS(sp.vmas[0].first, UINT64_C(0xfffffffffffff000));
	IS(sp.vmas[0].last, UINT64_MAX);
	feed("fffffffffffff000-ffffffffffffffff r--p 00000000 00:00 0 \n");
	IS(sp.nvmas, 0);
	IS(pb.bad_lines, 1);
	feed_bytes("fffff000-00000000 r--p 00000000 00:00 0 \n", 41, 0, 4096, 32);
	IS(sp.nvmas, 1);
	IS(sp.vmas[0].last, 0xffffffff);
	feed("00000000-00000000 r--p 00000000 00:00 0 \n");
	IS(sp.nvmas, 0);
	IS(pb.bad_lines, 1);
	feed("00000000-00001000 r-xp 00000000 00:00 0 \n");
	IS(sp.nvmas, 1);
	IS(sp.vmas[0].first, 0);
	IS(sp.vmas[0].last, 0xfff);
}

static void names(void)
{
	feed("1000-2000 r--p 00000000 08:01 5                    /a b\\012c\\134\\0 d \n"
	     "2000-3000 r--p 00000000 08:01 6                    /x (deleted)\n"
	     "3000-4000 r--p 00000000 08:01 7                    /\033[31m\x80\xff\t,\"\n"
	     "4000-5000 r--p 00000000 00:00 0                    [anon:\\012]\n"
	     "5000-6000 r--p 00000000 00:0e 9                    anon_inode:[perf_event]\n");
	IS(sp.nvmas, 5);
	IS_STR(name_of(0), "/a b\nc\\134\\0 d ");
	IS_STR(name_of(1), "/x (deleted)");
	IS_STR(name_of(2), "/\033[31m\x80\xff\t,\"");
	IS_STR(name_of(3), "[anon:\n]");
	IS_STR(name_of(4), "anon_inode:[perf_event]");
	IS(pb.bad_lines, 0);
}

static void repeated_names(void)
{
	feed("1000-2000 r--p 00000000 08:01 5 /lib/a\n"
	     "2000-3000 r--p 00000000 00:00 0 \n"
	     "3000-4000 r--p 00000000 08:01 5 /lib/a\n"
	     "4000-5000 r--p 00000000 08:01 6 /lib/ab\n"
	     "5000-6000 r--p 00000000 08:01 5 /lib/a\n");
	IS(sp.nvmas, 5);
	IS_STR(name_of(1), "");
	IS(sp.vmas[2].name, sp.vmas[0].name);
	IS_STR(name_of(3), "/lib/ab");
	IS(sp.vmas[4].name, sp.vmas[0].name);
}

/** A name of 16 kB, whole and in pieces; then one that no kernel can print. */
static void long_names(void)
{
	struct buf text = { 0 };
	size_t start;

	buf_addstr(&text, "1000-2000 r--p 00000000 08:01 5 ");
	start = text.len;
	buf_fill(&text, 'x', 16 * KIB);
	buf_addstr(&text, "\n2000-3000 r--p 00000000 00:00 0 \n");
	feed_bytes(text.p, text.len, 0, 4096, 64);
	IS(sp.nvmas, 2);
	IS(strlen(name_of(0)), 16 * KIB);
	feed_bytes(text.p, text.len, 1000, 4096, 64);
	IS(sp.nvmas, 2);
	IS(strlen(name_of(0)), 16 * KIB);

	text.len = start;
	buf_fill(&text, 'y', 2 * MIB);
	buf_addstr(&text, "\nRss:                   4 kB\n2000-3000 r--p 00000000 00:00 0 \n");
	for (size_t step = 0; step <= 64 * KIB; step += 32 * KIB) {
		feed_bytes(text.p, text.len, step, 4096, 64);
		IS(sp.nvmas, 1);
		IS(sp.vmas[0].first, 0x2000);
		IS(pb.bad_lines, 1);
	}
	/* A line without end costs no more memory than the longest that is kept. */
	text.len = start + 2 * MIB;
	feed_bytes(text.p, text.len, 4096, 4096, 64);
	IS(sp.nvmas, 0);
	IS(pb.bad_lines, 1);
	buf_release(&text);
}

static void no_final_newline(void)
{
	feed("1000-2000 r--p 00000000 08:01 5 /a\n2000-3000 rw-p 00000000 00:00 0");
	IS(sp.nvmas, 2);
	IS(sp.vmas[1].last, 0x2fff);
	feed("1000-2000 r--p 00000000 08:01 5 /a\n2000-3000 rw-p 00000000 08:01 5 /b");
	IS(sp.nvmas, 2);
	IS_STR(name_of(1), "/b");
	feed("1000-2000 r--p 00000000 08:01 5 /a\n2000-3000 rw-p 000");
	IS(sp.nvmas, 1);
	IS(pb.bad_lines, 1);
	feed("");
	IS(sp.nvmas, 0);
	IS(pb.bad_lines, 0);
}

/** Each of these is no mapping, must be counted, and must not disturb the one after it. */
static void bad_lines(void)
{
	static const char *const bad[] = {
		"",
		" ",
		"-",
		"1000",
		"1000-",
		"1000-2000",
		"1000-2000 ",
		"1000-2000 r--p",
		"1000-2000 r--p ",
		"1000-2000 r--p 0",
		"1000-2000 r--p 0 ",
		"1000-2000 r--p 0 08",
		"1000-2000 r--p 0 08:",
		"1000-2000 r--p 0 08:01",
		"1000-2000 r--p 0 08:01 ",
		"1000-2000 r--p 0 08:01 x",
		"1000-2000 r--p 0 08:01 5x",
		"1000-2000 r-- 0 08:01 5 /a",
		"1000-2000 rwxq 0 08:01 5 /a",
		"1000-2000 x--p 0 08:01 5 /a",
		"1000-2000  r--p 0 08:01 5 /a",
		"1000 -2000 r--p 0 08:01 5 /a",
		"0x1000-2000 r--p 0 08:01 5 /a",
		"1000-200g r--p 0 08:01 5 /a",
		"1g000000-20000000 r--p 0 08:01 5 /a",
		"1000-2000 r--p 0 8:1 -5 /a",
		"2000-1000 r--p 0 08:01 5 /a",
		"1000-1000 r--p 0 08:01 5 /a",
		"1001-2000 r--p 0 08:01 5 /a",
		"1000-2001 r--p 0 08:01 5 /a",
		"ABC000-ABD000 r--p 0 08:01 5 /a",
		"11111111111111000-22222222222222000 r--p 0 08:01 5 /a",
		"00000000000001000-2000 r--p 0 08:01 5 /a",
		"1000-2000 r--p 11111111111111111 08:01 5 /a",
		"1000-2000 r--p 0 100000000:01 5 /a",
		"1000-2000 r--p 0 08:100000001 5 /a",
		"1000-2000 r--p 0 08:01 18446744073709551616 /a",
		"rubbish",
		"deadbeef",
		"\033[2J",
		"Rss:                   4 kB",
		"VmFlags: rd ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[256];

		snprintf(text, sizeof(text), "%s\n5000-6000 r--p 00000000 08:01 5 /z\n", bad[i]);
		feed(text);
		if (sp.nvmas != 1 || pb.bad_lines != 1)
			printf("# line \"%s\"\n", bad[i]);
		IS(sp.nvmas, 1);
		IS(sp.vmas[0].first, 0x5000);
		IS(pb.bad_lines, 1);
		IS(sp.vmas[0].have, 0);
	}
}

static void nul_in_a_name(void)
{
	static const char text[] = "1000-2000 r--p 00000000 08:01 5 /a\0b\n"
				   "2000-3000 r--p 00000000 08:01 5 /c\n";

	feed_bytes(text, sizeof(text) - 1, 0, 4096, 64);
	IS(sp.nvmas, 1);
	IS_STR(name_of(0), "/c");
	IS(pb.bad_lines, 1);
}

static void largest_numbers(void)
{
	feed("1000-2000 r--p ffffffffffffffff ffffffff:ffffffff 18446744073709551615 /a\n");
	IS(sp.nvmas, 1);
	IS(sp.vmas[0].offset, UINT64_MAX);
	IS(sp.vmas[0].major, UINT32_MAX);
	IS(sp.vmas[0].minor, UINT32_MAX);
	IS(sp.vmas[0].inode, UINT64_MAX);
}

static void page_sizes(void)
{
	static const char text[] = "10000-20000 r--p 00000000 00:00 0 \n"
				   "31000-40000 r--p 00000000 00:00 0 \n";

	feed_bytes(text, sizeof(text) - 1, 0, 65536, 64);
	IS(sp.nvmas, 1);
	IS(pb.bad_lines, 1);
	feed_bytes(text, sizeof(text) - 1, 0, 0, 0);
	IS(sp.nvmas, 2);
}

static void disorder(void)
{
	feed("1000-3000 r--p 00000000 00:00 0 /a\n"
	     "2000-4000 r--p 00000000 00:00 0 /overlaps\n"
	     "1000-3000 r--p 00000000 00:00 0 /again\n"
	     "3000-5000 r--p 00000000 00:00 0 /b\n"
	     "0-1000 r--p 00000000 00:00 0 /back\n");
	IS(sp.nvmas, 2);
	IS_STR(name_of(0), "/a");
	IS_STR(name_of(1), "/b");
	IS(sp.vmas[1].first, 0x3000);
	IS(pb.disorder, 3);
	IS(pb.bad_lines, 0);
	feed("ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0 [vsyscall]\n"
	     "ffffffffff600000-ffffffffff601000 r-xp 00000000 00:00 0 [vsyscall]\n");
	IS(sp.nvmas, 1);
	IS(pb.disorder, 0);
	/* nothing can follow the top of the space */
	feed("fffffffffffff000-0 r--p 00000000 00:00 0 \n"
	     "1000-2000 r--p 00000000 00:00 0 \n");
	IS(sp.nvmas, 1);
	IS(pb.disorder, 1);
}

/** Every cut gives the same. */
static void any_cut(void)
{
	static const char text[] =
		"1000-2000 r--p 00000000 08:01 5                    /a b\\012c\n"
		"nonsense\n"
		"2000-3000 rw-p 00000000 00:00 0 \n"
		"7fffffffe000-7ffffffff000 rw-p 00000000 00:00 0                    [stack]";
	struct space whole;

	feed(text);
	IS(sp.nvmas, 3);
	whole = sp;
	space_init(&sp);
	for (size_t step = 1; step < sizeof(text); step++) {
		feed_bytes(text, sizeof(text) - 1, step, 4096, 64);
		if (!same_space(&whole, &sp) || pb.bad_lines != 1) {
			printf("# step %zu\n", step);
			OK(same_space(&whole, &sp));
			IS(pb.bad_lines, 1);
		}
	}
	space_release(&whole);
	IS(pb.bad_lines, 1);
}

/* --- reading ---------------------------------------------------------------------------------- */

static struct space rd;

static int read_tree(const char *maps)
{
	struct root *r;
	struct piddir *d;
	pid_t tgid;
	int err;

	made_tree_new("x86_64");
	made_tree_text("proc/42/maps", maps);
	space_release(&rd);
	space_init(&rd);
	if (root_tree(made_tree, &r))
		made_tree_fail("root_tree");
	root_host(r, &rd);
	err = piddir_open(r, 42, &d, &tgid);
	if (!err) {
		err = maps_read(d, &rd);
		piddir_close(d);
	}
	root_free(r);
	made_tree_remove();
	return err;
}

static void recorded(void)
{
	IS(-read_tree("1000-2000 r--p 00000000 00:00 0 \n"
		      "0000-2000 r--p 00000000 00:00 0 \n"
		      "what\n"),
	   0);
	IS(rd.nvmas, 1);
	IS(rd.nnotes, 2);
	IS(rd.notes[0].kind, NOTE_CHANGED);
	IS_STR(rd.notes[0].source, "maps");
	IS_STR(rd.notes[0].text, "1 mappings left out that overlap those before them");
	IS(rd.notes[1].kind, NOTE_LIMIT);
	IS_STR(rd.notes[1].text, "1 lines not understood");
	IS(-read_tree(""), 0);
	IS(rd.nvmas, 0);
	IS(rd.nnotes, 0);
}

/*
 * Every read(2) of this program goes through here, so that a test can act between two reads of one
 * file, and make them fail or fall short.
 */
static void (*after_first_read)(void);
static size_t most_bytes;
static unsigned nreads;

ssize_t read(int fd, void *to, size_t len)
{
	ssize_t n;

	nreads++;
	if (most_bytes) {
		if (nreads % 2) {
			errno = EINTR;
			return -1;
		}
		len = MIN(len, most_bytes);
	}
	n = syscall(SYS_read, fd, to, len);
	if (n > 0 && after_first_read) {
		void (*act)(void) = after_first_read;

		after_first_read = NULL;
		act();
	}
	return n;
}

/** A child with so many mappings that one read cannot have them all. */
static pid_t child;
static int to_child[2], from_child[2];

#define CHILD_MAPPINGS 400

/** When a byte comes in it executes cat, which sends the next one back. */
static void run_child(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, CHILD_MAPPINGS * page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (size_t i = 0; i < CHILD_MAPPINGS; i += 2)
		mprotect(p + i * page, page, PROT_NONE);
	dup2(to_child[0], 0);
	dup2(from_child[1], 1);
	if (write(1, "r", 1) != 1 || syscall(SYS_read, 0, &c, 1) != 1)
		_exit(1);
	execlp("cat", "cat", (char *)NULL);
	_exit(1);
}

static void start_child(void)
{
	char c;

	fflush(stdout);
	if (pipe(to_child) || pipe(from_child))
		made_tree_fail("pipe");
	child = fork();
	if (!child)
		run_child();
	if (child < 0 || read(from_child[0], &c, 1) != 1)
		made_tree_fail("child");
}

static void end_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	for (int i = 0; i < 2; i++) {
		close(to_child[i]);
		close(from_child[i]);
	}
}

static void make_zombie(void)
{
	siginfo_t info;

	kill(child, SIGKILL);
	waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
}

static void reap(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/** Comes back when cat runs: the second byte is its answer. */
static void make_execute(void)
{
	char c;

	if (write(to_child[1], "ab", 2) != 2 || read(from_child[0], &c, 1) != 1)
		made_tree_fail("cat");
}

static int read_child(int (*reader)(struct piddir *, struct space *), void (*act)(void))
{
	struct root *r = root_live();
	struct piddir *d = NULL;
	pid_t tgid = 0;
	int err;

	space_release(&rd);
	space_init(&rd);
	root_host(r, &rd);
	err = piddir_open(r, child, &d, &tgid);
	if (!err) {
		after_first_read = act;
		err = reader(d, &rd);
		after_first_read = NULL;
		piddir_close(d);
	}
	root_free(r);
	return -err;
}

/** Mappings of the child's, by their letters and size: half of those it made are PROT_NONE. */
static size_t none_pages(void)
{
	size_t n = 0;

	for (size_t i = 0; i < rd.nvmas; i++)
		n += !rd.vmas[i].perms && range_size(vma_range(&rd.vmas[i])) == rd.host.page_size;
	return n;
}

static void live(void)
{
	struct root *r = root_live();
	struct piddir *d = NULL;
	u64 here = (u64)(uintptr_t)&r, code = (u64)(uintptr_t)live;
	pid_t tgid = 0;
	u32 i;

	space_release(&rd);
	space_init(&rd);
	root_host(r, &rd);
	IS(-piddir_open(r, getpid(), &d, &tgid), 0);
	IS(tgid, getpid());
	IS(-maps_read(d, &rd), 0);
	OK(rd.nvmas > 5);
	IS(rd.nnotes, 0);
	i = space_find_vma(&rd, here);
	if (OK(i != NO_INDEX))
		OK((rd.vmas[i].perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W));
	i = space_find_vma(&rd, code);
	if (OK(i != NO_INDEX)) {
		IS(rd.vmas[i].perms & (PERM_R | PERM_X), PERM_R | PERM_X);
		OK(rd.vmas[i].inode != 0);
	}
	piddir_close(d);
	root_free(r);
}

/** A process that ends before, and in the middle of a reading. */
static void exits(int (*reader)(struct piddir *, struct space *))
{
	struct root *r = root_live();
	struct piddir *d = NULL;
	pid_t tgid;

	start_child();
	IS(read_child(reader, NULL), 0);
	OK(none_pages() >= CHILD_MAPPINGS / 2);
	IS(read_child(reader, make_zombie), ESRCH);
	OK(rd.nvmas > 0); /* what was read until then */
	OK(none_pages() < CHILD_MAPPINGS / 2);
	/* A zombie has no mappings, and that is no error. */
	IS(read_child(reader, NULL), 0);
	IS(rd.nvmas, 0);
	IS(rd.nnotes, 0);
	IS(-piddir_open(r, child, &d, &tgid), 0);
	end_child();
	IS(-reader(d, &rd), ESRCH);
	piddir_close(d);
	IS(-piddir_open(r, child, &d, &tgid), ESRCH);
	root_free(r);

	start_child();
	IS(read_child(reader, reap), ESRCH);
	OK(rd.nvmas > 0);
	end_child();
}

/** A process that executes a program in the middle of a reading is not drawn half and half. */
static void executes(int (*reader)(struct piddir *, struct space *))
{
	start_child();
	IS(read_child(reader, make_execute), 0);
	OK(rd.nvmas > 5);
	OK(space_find_vma(&rd, (u64)(uintptr_t)executes) == NO_INDEX);
	OK(none_pages() < CHILD_MAPPINGS / 2);
	IS(rd.nnotes, 0);
	end_child();
}

/** Interrupted reads, and reads of a few bytes. */
static void short_reads(void)
{
	struct space once;

	start_child();
	IS(read_child(maps_read, NULL), 0);
	once = rd;
	space_init(&rd);
	most_bytes = 7;
	IS(read_child(maps_read, NULL), 0);
	most_bytes = 0;
	OK(same_space(&once, &rd));
	space_release(&once);
	end_child();
}

/** Another user's process: refused, and said so; nothing is invented. */
static void refused(void)
{
	pid_t pid;
	int status = 0;

	if (geteuid()) {
		SKIP("needs root to become nobody");
		return;
	}
	fflush(stdout);
	pid = fork();
	if (!pid) {
		struct root *r = root_live();
		struct piddir *d;
		struct space s;
		pid_t tgid;
		int err;

		if (setgid(65534) || setuid(65534))
			_exit(99);
		space_init(&s);
		err = piddir_open(r, 1, &d, &tgid);
		if (!err)
			err = maps_read(d, &s);
		_exit(s.nvmas ? 98 : -err);
	}
	waitpid(pid, &status, 0);
	OK(WIFEXITED(status));
	IS(WEXITSTATUS(status), EACCES);
}

int main(void)
{
	usual();
	address_widths();
	end_of_space();
	names();
	repeated_names();
	long_names();
	no_final_newline();
	bad_lines();
	nul_in_a_name();
	largest_numbers();
	page_sizes();
	disorder();
	any_cut();
	recorded();
	live();
	exits(maps_read);
	exits(smaps_read);
	executes(maps_read);
	executes(smaps_read);
	short_reads();
	refused();
	space_release(&sp);
	space_release(&rd);
	return tap_done();
}
