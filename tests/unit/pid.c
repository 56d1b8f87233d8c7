/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who a process is: each small file as text, then whole processes as recorded trees. */
#include "tap.h"
#include "made_tree.h"

#include <elf.h>
#include "proc/pid_parse.h"
#include "proc/proc.h"

/** Parses text of exactly its length, in memory of its own: a read past its end is caught. */
static bool stat_of(const char *text, struct pid_stat *st)
{
	static char *copy;
	size_t len = strlen(text);

	free(copy);
	copy = xmalloc(len);
	memcpy(copy, text, len);
	memset(st, 0, sizeof(*st));
	return pid_stat_parse(copy, len, st);
}

#define STAT_TAIL                                                                                  \
	" S 1 2 3 0 -1 4194560 111 222 333 444 5 6 7 8 20 0 3 0 33850 1000 200 "                   \
	"18446744073709551615 4096 8192 140731733649040 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 16384 "   \
	"20480 24576 140731733654147 140731733654170 140731733654171 140731733655535 0\n"

static void test_stat(void)
{
	struct pid_stat st;

	OK(stat_of("4711 (redis-server)" STAT_TAIL, &st));
	IS(st.comm.len, 12);
	OK(!memcmp(st.comm.p, "redis-server", 12));
	IS(st.state, 'S');
	IS(st.ppid.v, 1);
	IS(st.flags.v, 4194560);
	IS(st.minflt.v, 111);
	IS(st.majflt.v, 333);
	IS(st.nthreads.v, 3);
	IS(st.start_ticks.v, 33850);
	IS(st.mm.start_code.v, 4096);
	IS(st.mm.end_code.v, 8192);
	IS(st.mm.start_stack.v, 140731733649040);
	IS(st.mm.start_data.v, 16384);
	IS(st.mm.end_data.v, 20480);
	IS(st.mm.start_brk.v, 24576);
	IS(st.mm.arg_start.v, 140731733654147);
	IS(st.mm.arg_end.v, 140731733654170);
	IS(st.mm.env_start.v, 140731733654171);
	IS(st.mm.env_end.v, 140731733655535);
	OK(st.mm.env_end.have && st.mm.start_brk.have);
	OK(!st.masked);
	OK(!pid_stat_kthread(&st));

	/* Whatever stands in the name, the fields start after the last parenthesis. */
	OK(stat_of("7 (a) R 9 (b) Z 1\n(" STAT_TAIL, &st)); /* last one: after the b */
	IS(st.state, 'Z');
	OK(stat_of("7 (odd) R 1 (x)" STAT_TAIL, &st));
	IS(st.comm.len, 11);
	OK(!memcmp(st.comm.p, "odd) R 1 (x", 11));
	IS(st.state, 'S');
	IS(st.start_ticks.v, 33850);
	OK(stat_of("7 (\033[31m\n)" STAT_TAIL, &st));
	IS(st.comm.len, 6);
	OK(stat_of("7 ()" STAT_TAIL, &st));
	IS(st.comm.len, 0);
}

static void test_stat_masked(void)
{
	struct pid_stat st;

	OK(stat_of("7 (x) S 1 1 1 0 -1 0 10 0 20 0 0 0 0 0 20 0 1 0 55 9 9 9 1 1 0 0 0 0 0 0 0 0 0 "
		   "0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		   &st));
	OK(st.masked);
	OK(!st.mm.start_code.have && !st.mm.end_code.have && !st.mm.start_stack.have);
	OK(!st.mm.start_data.have && !st.mm.start_brk.have && !st.mm.env_end.have);
	IS(st.start_ticks.v, 55);

	OK(stat_of("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 3 0 0 9 0 0 0 0 0 0 "
		   "0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		   &st));
	OK(pid_stat_kthread(&st));
	OK(!st.masked && !st.mm.start_code.have);
	IS(st.start_ticks.v, 3);
	OK(st.majflt.have);
}

static void test_stat_hostile(void)
{
	struct pid_stat st;

	OK(!stat_of("", &st));
	OK(!stat_of("7", &st));
	OK(!stat_of("7 (x", &st));
	OK(!stat_of("7 )x(", &st));
	OK(!stat_of("7 (x)", &st));
	OK(!stat_of("7 (x) ", &st));
	OK(!stat_of("7 (x) S", &st));
	OK(!stat_of("7 (x) 5 1\n", &st));
	OK(!stat_of("7 (x) SS 1\n", &st));
	/* A number that was cut in half is no number. */
	OK(stat_of("7 (x) S 1234", &st));
	OK(!st.ppid.have);
	OK(stat_of("7 (x) S 12 3", &st));
	IS(st.ppid.v, 12);
	OK(stat_of("7 (x) S -12 99999999999999999999999 0x10 1e3 \377 0x99 12 0 1x 0\n", &st));
	OK(!st.ppid.have && !st.majflt.have);
	IS(st.minflt.v, 12);
	OK(!st.flags.have && !pid_stat_kthread(&st));
}

static void test_status(void)
{
	struct space s;
	const char *text =
		"Name:\tx\nState:\tT (stopped)\nPPid:\t42\nUid:\t1000\t1001\t1002\t1003\n"
		"Kthread:\t0\nVmPeak:\t    3060 kB\nVmNew:\t 7 kB\nThreads:\t12\n"
		"VmBad:\t x kB\nVmHuge:\t99999999999999999999 kB\nHugetlbPages:\t 0 kB\n"
		"untag_mask:\t0xff\nVmCut:\t123 k";

	space_init(&s);
	status_parse(text, strlen(text), &s);
	IS(s.proc.state, 'T');
	IS(s.proc.ppid.v, 42);
	IS(s.proc.uid.v, 1001);
	IS(s.proc.nthreads.v, 12);
	OK(!s.proc.kthread);
	IS(s.proc.nstatus, 3);
	IS_STR(strtab_get(&s.names, s.proc.status[0].name), "VmPeak");
	IS(s.proc.status[0].kib, 3060);
	IS_STR(strtab_get(&s.names, s.proc.status[1].name), "VmNew");
	IS(s.proc.status[1].kib, 7);
	IS_STR(strtab_get(&s.names, s.proc.status[2].name), "HugetlbPages");

	/* Read again: replaced, not appended. A line that was cut off counts for nothing. */
	text = "Kthread:\t1\nUid:\t5\nVmRSS:\t 1 kB\nVmSwap:\t 2 kB";
	status_parse(text, strlen(text), &s);
	OK(s.proc.kthread);
	IS(s.proc.nstatus, 1);
	OK(!s.proc.uid.have);
	space_release(&s);
}

static size_t put_word(u8 *to, u64 v, size_t size, bool be)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (u8)(v >> 8 * (be ? size - 1 - i : i));
	return size;
}

static size_t make_auxv(u8 *to, size_t word, bool be)
{
	static const u64 entries[][2] = { { AT_SYSINFO_EHDR, 0xf7001000 },
					  { AT_HWCAP, 0 },
					  { AT_PAGESZ, 4096 },
					  { AT_PHDR, 0x8048034 },
					  { AT_BASE, 0xf7002000 },
					  { AT_ENTRY, 0x8048100 },
					  { 4711, 5 },
					  { AT_EXECFN, 0xfff0 },
					  { AT_NULL, 0 } };
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
		n += put_word(to + n, entries[i][0], word, be);
		n += put_word(to + n, entries[i][1], word, be);
	}
	return n;
}

static void test_auxv(void)
{
	u8 bytes[256];
	struct auxv a;

	for (unsigned i = 0; i < 4; i++) {
		size_t word = i & 1 ? 4 : 8;
		bool be = i & 2;
		size_t n = make_auxv(bytes, word, be);

		memset(bytes + n, 0x55, 16); /* what follows AT_NULL is nobody's */
		OK(auxv_parse(bytes, n + 16, 0, be, &a));
		IS(a.bits, word * 8);
		IS(a.entry.v, 0x8048100);
		IS(a.base.v, 0xf7002000);
		IS(a.phdr.v, 0x8048034);
		IS(a.vdso.v, 0xf7001000);
		IS(a.execfn.v, 0xfff0);
		IS(a.bytes, n);
		/* Cut off before AT_NULL: what came is true, the length is not known. */
		OK(auxv_parse(bytes, n - 2 * word, 0, be, &a));
		IS(a.bits, word * 8);
		IS(a.bytes, 0);
		OK(auxv_parse(bytes, n - 2 * word - 1, 0, be, &a));
		OK(!a.execfn.have && a.entry.have);
	}
	OK(!auxv_parse(bytes, 0, 0, false, &a));
	OK(!auxv_parse(bytes, 15, 0, false, &a));
	OK(!auxv_parse(bytes, 7, 32, false, &a));
	OK(auxv_parse(bytes, 8, 32, true, &a));
	/* Where the first value is 0 the second entry must tell the width. */
	memset(bytes, 0, sizeof(bytes));
	put_word(bytes, AT_HWCAP, 4, false);
	put_word(bytes + 8, AT_PAGESZ, 4, false);
	put_word(bytes + 12, 4096, 4, false);
	put_word(bytes + 16, AT_ENTRY, 4, false);
	put_word(bytes + 20, 0x1000, 4, false);
	OK(auxv_parse(bytes, 40, 0, false, &a));
	IS(a.bits, 32);
	IS(a.entry.v, 0x1000);
	IS(a.bytes, 32);
}

static void test_machine(void)
{
	u8 head[20] = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, 1 };
	u8 bits = 0;
	u16 machine = 0;

	head[18] = EM_AARCH64;
	OK(elf_head_parse(head, 20, &bits, &machine));
	IS(bits, 64);
	IS(machine, EM_AARCH64);
	head[4] = ELFCLASS32;
	head[5] = ELFDATA2MSB;
	head[18] = 0;
	head[19] = EM_PPC;
	OK(elf_head_parse(head, 20, &bits, &machine));
	IS(bits, 32);
	IS(machine, EM_PPC);
	OK(!elf_head_parse(head, 19, &bits, &machine));
	head[4] = 3;
	OK(!elf_head_parse(head, 20, &bits, &machine));
	head[4] = 1;
	head[5] = 0;
	OK(!elf_head_parse(head, 20, &bits, &machine));
	OK(!elf_head_parse("#!/bin/sh\n0123456789", 20, &bits, &machine));

	IS(elf_machine_of("x86_64", 64), EM_X86_64);
	IS(elf_machine_of("x86_64", 32), 0); /* i386 or x32 */
	IS(elf_machine_of("i686", 32), EM_386);
	IS(elf_machine_of("aarch64", 32), EM_ARM);
	IS(elf_machine_of("armv7l", 32), EM_ARM);
	IS(elf_machine_of("armv7l", 64), 0);
	IS(elf_machine_of("x86_64", 0), 0);
	IS(elf_machine_of("vax", 32), 0);
	IS(elf_machine_of(NULL, 64), 0);
}

static void test_limits(void)
{
	struct process p = { 0 };
	const char *text =
		"Limit                     Soft Limit           Hard Limit           Units     \n"
		"Max data size             unlimited            unlimited            bytes     \n"
		"Max stack size            8388608              unlimited            bytes     \n"
		"Max locked memory         65536                99                   bytes     \n"
		"Max address space         18446744073709551616 unlimited            bytes     \n"
		"Max data sizeable         1                    1                    bytes     \n"
		"Max stack size            83";

	limits_parse(text, strlen(text), &p);
	OK(p.rlimit_data.have);
	IS(p.rlimit_data.v, UNLIMITED);
	IS(p.rlimit_stack.v, 8388608);
	IS(p.rlimit_memlock.v, 65536);
	OK(!p.rlimit_as.have);
}

static void test_strings(void)
{
	struct process p = { 0 };
	struct buf b = { 0 };

	buf_add(&b, "/bin/x (deleted)", 16);
	OK(exe_cut_deleted(&b));
	IS_STR(b.p, "/bin/x");
	OK(!exe_cut_deleted(&b));
	buf_clear(&b);
	buf_addstr(&b, " (deleted)");
	OK(!exe_cut_deleted(&b));

	buf_clear(&b);
	buf_add(&b, "a\0--b=\033 c\0\0\0", 13);
	cmdline_join(&b);
	IS(b.len, 9);
	OK(!memcmp(b.p, "a --b=\033 c", 9));
	buf_clear(&b);
	buf_add(&b, "\0\0", 2);
	cmdline_join(&b);
	IS(b.len, 0);
	buf_clear(&b);
	buf_addstr(&b, "nginx: worker");
	cmdline_join(&b);
	IS_STR(b.p, "nginx: worker");
	buf_release(&b);

	environ_split("A=1\0B=\n\0C", 9, &p);
	IS(p.nenviron, 3);
	IS_STR(p.environ_text[0], "A=1");
	IS_STR(p.environ_text[1], "B=\n");
	IS_STR(p.environ_text[2], "C");
	for (size_t i = 0; i < p.nenviron; i++)
		free(p.environ_text[i]);
	free(p.environ_text);
}

static void test_cgroup(void)
{
	struct cgroup_path cg;
	const char *v2 = "0::/user.slice/a:b\n";
	const char *both = "9:name=systemd:/\n0::/x\n4:cpu,memory:/m/n\n3:cpuset:/\n";

	OK(cgroup_parse(v2, strlen(v2), &cg));
	OK(cg.v2);
	IS(cg.path.len, 15);
	OK(!memcmp(cg.path.p, "/user.slice/a:b", 15));
	OK(cgroup_parse(both, strlen(both), &cg));
	OK(!cg.v2);
	IS(cg.path.len, 4);
	OK(!memcmp(cg.path.p, "/m/n", 4));
	OK(!cgroup_parse("0::/cut", 7, &cg));
	OK(!cgroup_parse("0:memory", 8, &cg));
	OK(!cgroup_parse("0::\n:\n::\n\n10::/x\n4:memoryx:/\n", 29, &cg));
}

/* --- whole processes ------------------------------------------------------------------------ */

static void read_tree(struct space *s, pid_t pid)
{
	struct root *root = NULL;
	struct piddir *d = NULL;
	pid_t tgid = 0;

	space_init(s);
	IS(root_tree(made_tree, &root), 0);
	root_host(root, s);
	IS(piddir_open(root, pid, &d, &tgid), 0);
	if (d)
		IS(process_read(d, s, true), 0);
	piddir_close(d);
	root_free(root);
}

static void test_process(void)
{
	struct space s;
	u8 auxv[256];

	made_tree_new("x86_64");
	made_tree_text("proc/stat", "cpu 1 2 3\nbtime 1795306386\nprocesses 9\n");
	made_tree_text("proc/4711/stat", "4711 (redis)" STAT_TAIL);
	made_tree_text("proc/4711/status",
		       "Name:\tredis\nTgid:\t4711\nPPid:\t1\nUid:\t0\t0\t0\t0\nVmRSS:\t  412 kB\n");
	made_tree_bytes("proc/4711/auxv", auxv, make_auxv(auxv, 8, false));
	made_tree_link("proc/4711/exe", "/usr/bin/redis (deleted)");
	made_tree_bytes("proc/4711/cmdline", "redis\0*:6379\0", 13);
	made_tree_bytes("proc/4711/environ", "A=b\0C=d\0", 8);
	made_tree_text("proc/4711/personality", "00040000\n");
	made_tree_text("proc/4711/oom_score", "668\n");
	made_tree_text("proc/4711/oom_score_adj", "-900\n");
	made_tree_text("proc/4711/cgroup", "0::/a\n");
	made_tree_text("proc/4711/limits", "Max stack size            8388608 1 bytes\n");
	made_tree_link("proc/4711/ns/mnt", "mnt:[4026531841]");
	made_tree_link("proc/4711/ns/pid", "pid:[x]");
	made_tree_link("proc/4711/ns/user", "user:[4026531837]");
	read_tree(&s, 4711);
	IS(s.proc.pid, 4711);
	IS_STR(strtab_get(&s.names, s.proc.comm), "redis");
	IS_STR(strtab_get(&s.names, s.proc.exe), "/usr/bin/redis");
	OK(s.proc.exe_deleted);
	IS_STR(strtab_get(&s.names, s.proc.cmdline), "redis *:6379");
	IS(s.proc.uid.v, 0);
	OK(s.proc.uid.have);
	IS(s.proc.user, 0); /* this machine's users are not asked */
	IS(s.proc.bits, 64);
	IS(s.proc.machine, EM_X86_64);
	IS(s.proc.auxv_entry.v, 0x8048100);
	IS(s.proc.auxv_bytes, 9 * 16);
	IS(s.proc.personality.v, 0x40000);
	IS(s.proc.oom_score.v, 668);
	IS(s.proc.oom_score_adj.v, (u64)-900);
	IS(s.proc.start_unix.v, 1795306386 + 338);
	IS(s.proc.minflt.v, 111);
	IS(s.proc.rlimit_stack.v, 8388608);
	IS(s.proc.mm.start_brk.v, 24576);
	IS_STR(strtab_get(&s.names, s.proc.cgroup), "/a");
	IS(s.proc.nenviron, 2);
	IS(s.proc.nns, 2);
	IS_STR(s.proc.ns[1].name, "user");
	IS(s.proc.ns[1].inode, 4026531837);
	IS(s.proc.nstatus, 1);
	IS(s.no_user, USER_HERE);
	OK(!s.proc.rollup_rss.have);
	IS(s.nnotes, 0);
	space_release(&s);
	made_tree_remove();
}

static void test_bare_process(void)
{
	struct space s;
	u8 auxv[256];

	/* Nothing but stat: everything else is unknown, and said to be missing. */
	made_tree_new("x86_64");
	made_tree_text("proc/7/stat", "7 (x)" STAT_TAIL);
	read_tree(&s, 7);
	OK(!s.proc.uid.have && !s.proc.personality.have && !s.proc.start_unix.have);
	IS(s.proc.bits, 0);
	IS(s.proc.machine, 0);
	IS(s.proc.exe, 0);
	OK(s.nnotes >= 6);
	for (size_t i = 0; i < s.nnotes; i++)
		IS(s.notes[i].kind, NOTE_ABSENT);
	space_release(&s);

	/* 32-bit words: i386 or x32, which only the executable tells; here it is not to be had. */
	made_tree_bytes("proc/7/auxv", auxv, make_auxv(auxv, 4, false));
	read_tree(&s, 7);
	IS(s.proc.bits, 32);
	IS(s.proc.machine, 0);
	space_release(&s);

	made_tree_bytes("proc/7/exe", "\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0", 20);
	read_tree(&s, 7);
	IS(s.proc.machine, EM_386);
	space_release(&s);

	made_tree_text("proc/8/stat", "8 (cut");
	made_tree_text("proc/9/stat", "9 (dead) Z 1 9 9 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0 \n");
	made_tree_text("proc/10/stat",
		       "10 (kt) I 2 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 5 \n");
	read_tree(&s, 9);
	IS(s.no_user, USER_ZOMBIE);
	IS(s.proc.state, 'Z');
	space_release(&s);
	read_tree(&s, 10);
	IS(s.no_user, USER_KTHREAD);
	OK(s.proc.kthread);
	space_release(&s);
	made_tree_remove();
}

static void test_leader_gone(void)
{
	struct space s;

	made_tree_new("x86_64");
	made_tree_text("proc/20/stat",
		       "20 (lead) Z 1 9 9 0 -1 4 8 0 9 0 0 0 0 0 20 0 2 0 5 0 0 0 0\n");
	made_tree_text("proc/20/task/20/stat", "20 (lead) Z 1 9 9 0 -1 4 8 0 9 0\n");
	made_tree_text("proc/20/task/21/stat", "21 (alive)" STAT_TAIL);
	made_tree_text("proc/20/task/21/status", "Name:\talive\nVmRSS:\t 5 kB\n");
	made_tree_link("proc/20/task/21/exe", "/bin/alive");
	read_tree(&s, 20);
	IS(s.no_user, USER_HERE);
	IS(s.proc.via_tid, 21);
	IS(s.proc.state, 'Z');
	IS_STR(strtab_get(&s.names, s.proc.comm), "lead");
	IS_STR(strtab_get(&s.names, s.proc.exe), "/bin/alive");
	IS(s.proc.mm.start_brk.v, 24576);
	IS(s.proc.start_ticks.v, 5);
	IS(s.proc.nstatus, 1);
	space_release(&s);
	made_tree_remove();
}

static void test_identity(void)
{
	struct identity a = { 0 }, b = { 0 };
	struct root *root = NULL;
	struct piddir *d = NULL;
	pid_t tgid;
	struct space s;

	made_tree_new("x86_64");
	made_tree_text("proc/4/stat", "4 (x)" STAT_TAIL);
	made_tree_link("proc/4/exe", "/bin/a");
	made_tree_text("proc/4/smaps_rollup",
		       "1000-2000 ---p 00000000 00:00 0  [rollup]\nRss:      1560 kB\n"
		       "Pss:       200 kB\nPss_Dirty: 3 kB\nSwap:        8 kB\n");
	IS(root_tree(made_tree, &root), 0);
	IS(piddir_open(root, 4, &d, &tgid), 0);
	IS(identity_read(d, &a), 0);
	IS(a.start_ticks.v, 33850);
	IS(a.state, 'S');
	unlink(made_tree_path("proc/4/exe"));
	made_tree_link("proc/4/exe", "/bin/b");
	IS(identity_read(d, &b), 0);
	OK(a.exe_hash != b.exe_hash);
	/* The same program anew: another stack. */
	made_tree_text("proc/4/stat", "4 (x) S 1 2 3 0 -1 0 0 0 0 0 5 6 7 8 20 0 3 0 33850 0 0 0 "
				      "4096 8192 140731733649056 0\n");
	IS(identity_read(d, &a), 0);
	IS(a.start_ticks.v, b.start_ticks.v);
	OK(a.exe_hash != b.exe_hash);
	unlink(made_tree_path("proc/4/stat"));
	IS(-identity_read(d, &b), ESRCH);

	space_init(&s);
	IS(rollup_read(d, &s), 0);
	IS(s.proc.rollup_rss.v, 1560);
	IS(s.proc.rollup_pss.v, 200);
	IS(s.proc.rollup_swap.v, 8);
	space_release(&s);
	piddir_close(d);
	root_free(root);
	made_tree_remove();
}

/** The test program itself: what it can know by other means must agree. */
static void test_live(void)
{
	struct root *root = root_live();
	struct piddir *d = NULL;
	char link[PATH_MAX] = "";
	pid_t tgid = 0;
	struct space s;

	space_init(&s);
	root_host(root, &s);
	IS(piddir_open(root, getpid(), &d, &tgid), 0);
	IS(process_read(d, &s, true), 0);
	IS(s.proc.pid, getpid());
	IS(s.proc.ppid.v, getppid());
	IS(s.proc.uid.v, geteuid());
	IS(s.proc.bits, sizeof(void *) * 8);
	OK(s.proc.machine != 0);
	OK(readlink("/proc/self/exe", link, sizeof(link) - 1) > 0);
	IS_STR(strtab_get(&s.names, s.proc.exe), link);
	OK(s.proc.nenviron > 0 && environ[0]);
	IS_STR(s.proc.environ_text[0], environ[0]);
	IS(s.no_user, USER_HERE);
	OK(s.proc.mm.start_stack.have && s.proc.auxv_entry.have && s.proc.auxv_bytes);
	piddir_close(d);
	root_free(root);
	space_release(&s);
}

int main(void)
{
	test_stat();
	test_stat_masked();
	test_stat_hostile();
	test_status();
	test_auxv();
	test_machine();
	test_limits();
	test_strings();
	test_cgroup();
	test_process();
	test_bare_process();
	test_leader_gone();
	test_identity();
	test_live();
	return tap_done();
}
