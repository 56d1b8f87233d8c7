/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What stands around a process: sysctls, commit limit, its cgroup's memory in v1 and v2. */
#include "tap.h"
#include "made_tree.h"

#include "proc/pid_parse.h"
#include "proc/proc.h"

#define V2_MOUNT "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:9 - cgroup2 cgroup2 rw\n"
#define V1_MOUNT "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"

/** Where cgroup_dir() finds `path`; "-" none, "outside". */
static const char *dir_of(const char *mounts, const char *path, bool v2)
{
	struct cgroup_path cg = { { path, strlen(path) }, v2 };
	static struct buf b;
	size_t top = 0;

	buf_clear(&b);
	switch (cgroup_dir(mounts, strlen(mounts), &cg, &b, &top)) {
	case MOUNT_NONE:
		return "-";
	case MOUNT_OUTSIDE:
		return "outside";
	case MOUNT_FOUND:
		buf_addf(&b, " %zu", top);
		return b.p;
	}
	return NULL;
}

static void test_mounts(void)
{
	IS_STR(dir_of(V2_MOUNT, "/a/b", true), "sys/fs/cgroup/a/b 13");
	IS_STR(dir_of(V2_MOUNT, "/", true), "sys/fs/cgroup 13");
	IS_STR(dir_of(V2_MOUNT, "/a", false), "-");
	IS_STR(dir_of("31 1 0:1 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n" V1_MOUNT, "/m",
		      false),
	       "sys/fs/cgroup/memory/m 20");
	/* A container sees a part of the hierarchy. */
	IS_STR(dir_of("1 1 0:1 /docker/x /sys/fs/cgroup rw - cgroup2 cg rw\n", "/docker/x/y", true),
	       "sys/fs/cgroup/y 13");
	IS_STR(dir_of("1 1 0:1 /docker/x /sys/fs/cgroup rw - cgroup2 cg rw\n", "/docker/x", true),
	       "sys/fs/cgroup 13");
	IS_STR(dir_of("1 1 0:1 /docker/x /sys/fs/cgroup rw - cgroup2 cg rw\n", "/docker/xy", true),
	       "-");
	IS_STR(dir_of("1 1 0:1 /docker/x /sys/fs/cgroup rw - cgroup2 cg rw\n", "/", true), "-");
	/* Out of our namespace, and tricks of a recorded tree. */
	IS_STR(dir_of(V2_MOUNT, "/../x", true), "-");
	IS_STR(dir_of(V2_MOUNT, "/a/..", true), "-");
	IS_STR(dir_of(V2_MOUNT, "/a..b/...", true), "sys/fs/cgroup/a..b/... 13");
	/* Elsewhere; the one that can be used wins. */
	IS_STR(dir_of("1 1 0:1 / /cgroup rw - cgroup2 cg rw\n", "/a", true), "outside");
	IS_STR(dir_of("1 1 0:1 / /cgroup rw - cgroup2 cg rw\n" V2_MOUNT, "/a", true),
	       "sys/fs/cgroup/a 13");
	/* Escapes, optional fields, an empty source, lines that are no mounts. */
	IS_STR(dir_of("1 1 0:1 /r\\134\\040s /sys/a\\040b rw a:1 b:2 - cgroup2  rw\n", "/r\\ s/t",
		      true),
	       "sys/a b/t 7");
	IS_STR(dir_of("1 1 0:1 / /sys/a\\0 rw - cgroup2 x rw\n", "/t", true), "sys/a\\0/t 7");
	IS_STR(dir_of("\n1\n1 1 0:1 / /sys/x\n1 1 0:1 / /sys/x rw a b c cgroup2\n", "/t", true),
	       "-");
	IS_STR(dir_of("1 1 0:1 / /sys/x rw - cgroup2 x rw", "/t", true), "-");
}

static void test_numbers(void)
{
	const char *text = "kernel_stack 5\nkernel 77\nsock x\nslab -1\nfile 12 13\nanon 9";
	const char *mem = "MemTotal:  1 kB\nCommitLimit:    12342048 kB\nCommitted_AS: 3\n"
			  "Huge: 99999999999999999 kB\n";
	const char *boot = "quiet stack_guard_gap=512 a=\"b stack_guard_gap=7 c\" x -- "
			   "stack_guard_gap=9\n";

	IS(keyed_number(text, strlen(text), "kernel").v, 77);
	IS(keyed_number(text, strlen(text), "kernel_stack").v, 5);
	OK(!keyed_number(text, strlen(text), "sock").have);
	OK(!keyed_number(text, strlen(text), "slab").have);
	OK(!keyed_number(text, strlen(text), "file").have);
	OK(!keyed_number(text, strlen(text), "anon").have); /* may be cut off */
	OK(!keyed_number(text, strlen(text), "vmalloc").have);
	IS(meminfo_bytes(mem, strlen(mem), "CommitLimit").v, UINT64_C(12342048) * 1024);
	OK(!meminfo_bytes(mem, strlen(mem), "Committed_AS").have);
	OK(!meminfo_bytes(mem, strlen(mem), "Commit").have);
	OK(!meminfo_bytes(mem, strlen(mem), "Huge").have);
	IS(guard_gap_of(boot, strlen(boot), 4096), 512 * 4096);
	IS(guard_gap_of("", 0, 65536), 256 * 65536);
	IS(guard_gap_of("stack_guard_gap=12x", 19, 4096), 256 * 4096);
	IS(guard_gap_of("stack_guard_gap=0", 17, 4096), 0);
	IS(guard_gap_of("stack_guard_gap=99999999999", 27, 4096), 256 * 4096);
	IS(guard_gap_of("xstack_guard_gap=1 \"", 20, 4096), 256 * 4096);
}

/** Reads process 40 of the tree; process_read() is left out but for what it must have found. */
static void read_around(struct space *s)
{
	const char *status = "VmPTE:\t 48 kB\nVmPMD:\t 12 kB\n";
	struct root *root = NULL;
	struct piddir *d = NULL;
	pid_t tgid;

	space_init(s);
	IS(root_tree(made_tree, &root), 0);
	root_host(root, s);
	IS(piddir_open(root, 40, &d, &tgid), 0);
	s->proc.nthreads = FIG(3);
	status_parse(status, strlen(status), s);
	IS(surroundings_read(d, s), 0);
	piddir_close(d);
	root_free(root);
}

/** The figure called `name`, in bytes; -1 when there is none, -2 when it is there twice. */
static u64 figure(const struct space *s, const char *name, bool whole)
{
	u64 v = (u64)-1;

	for (size_t i = 0; i < s->proc.nunmapped; i++) {
		const struct unmapped *u = &s->proc.unmapped[i];

		if (strcmp(u->name, name))
			continue;
		if (u->whole_cgroup != whole || v != (u64)-1)
			return (u64)-2;
		v = u->bytes;
	}
	return v;
}

static void put_sysctls(void)
{
	made_tree_text("proc/sys/vm/max_map_count", "65530\n");
	made_tree_text("proc/sys/vm/overcommit_memory", "2\n");
	made_tree_text("proc/sys/vm/legacy_va_layout", "1\n");
	made_tree_text("proc/sys/vm/mmap_min_addr", "65536\n");
	made_tree_text("proc/sys/kernel/randomize_va_space", "0\n");
	made_tree_text("proc/cmdline", "ro stack_guard_gap=16\n");
	made_tree_text("proc/meminfo", "CommitLimit:    100 kB\nCommitted_AS:    7 kB\n");
}

static void test_v2(void)
{
	struct space s;

	made_tree_new("x86_64");
	put_sysctls();
	made_tree_text("proc/40/cgroup", "0::/a.slice/b\n");
	made_tree_text("proc/self/mountinfo", V2_MOUNT);
	made_tree_text("sys/fs/cgroup/a.slice/b/memory.stat",
		       "anon 1000\nfile 2000\nkernel 300\nkernel_stack 40\npagetables 50\n"
		       "sec_pagetables 0\npercpu 60\nsock 70\nvmalloc 80\nshmem 90\nslab 110\n");
	read_around(&s);
	IS(s.proc.max_map_count.v, 65530);
	IS(s.proc.overcommit.v, 2);
	IS(s.proc.legacy_layout.v, 1);
	IS(s.proc.mmap_min_addr.v, 65536);
	OK(s.proc.aslr.have);
	IS(s.proc.aslr.v, 0);
	IS(s.proc.stack_guard_gap.v, 16 * 4096);
	IS(s.proc.commit_limit.v, 100 * 1024);
	IS(s.proc.committed.v, 7 * 1024);
	IS(figure(&s, "page tables", false), 60 * 1024);
	IS(figure(&s, "kernel stacks", false), 3 * 16384);
	IS(figure(&s, "cgroup anon", true), 1000);
	IS(figure(&s, "cgroup file", true), 2000);
	IS(figure(&s, "cgroup kernel", true), 300);
	IS(figure(&s, "cgroup kernel stacks", true), 40);
	IS(figure(&s, "cgroup page tables", true), 50);
	IS(figure(&s, "cgroup per-CPU", true), 60);
	IS(figure(&s, "cgroup sock", true), 70);
	IS(figure(&s, "cgroup vmalloc", true), 80);
	IS(figure(&s, "cgroup shmem", true), 90);
	IS(figure(&s, "cgroup slab", true), 110);
	IS(s.nnotes, 0);
	space_release(&s);

	/* Not enabled in /a.slice/b/c: charged to the group above. */
	made_tree_text("proc/40/cgroup", "0::/a.slice/b/c\n");
	read_around(&s);
	IS(figure(&s, "cgroup kernel", true), 300);
	IS(s.nnotes, 1);
	IS(s.notes[0].kind, NOTE_INFO);
	space_release(&s);

	/* The root group is the whole machine: no figures of this process's. */
	made_tree_text("proc/40/cgroup", "0::/\n");
	made_tree_text("sys/fs/cgroup/memory.stat", "anon 5\nkernel 6\n");
	read_around(&s);
	IS(figure(&s, "cgroup kernel", true), (u64)-1);
	IS(s.notes[0].kind, NOTE_INFO);
	space_release(&s);
	/* A container's root has memory.current, and is a group like any other. */
	made_tree_text("sys/fs/cgroup/memory.current", "11\n");
	read_around(&s);
	IS(figure(&s, "cgroup kernel", true), 6);
	space_release(&s);
	made_tree_remove();
}

static void test_v1(void)
{
	struct space s;

	/* v1 memory with v2 mounted beside it, as "hybrid" systems have it. */
	made_tree_new("aarch64");
	made_tree_text("proc/40/cgroup", "9:name=systemd:/\n4:memory:/m/x\n1:cpu:/\n0::/u\n");
	made_tree_text("proc/40/mountinfo",
		       "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n" V1_MOUNT);
	made_tree_text("sys/fs/cgroup/unified/u/memory.stat", "kernel 1\nanon 2\n");
	made_tree_text("sys/fs/cgroup/memory/release_agent", "\n");
	made_tree_text("sys/fs/cgroup/memory/m/x/memory.stat",
		       "cache 1\nrss 2\nshmem 3\ntotal_cache 100\ntotal_rss 200\n"
		       "total_rss_huge 9\ntotal_shmem 30\n");
	made_tree_text("sys/fs/cgroup/memory/m/x/memory.kmem.usage_in_bytes", "1757184\n");
	made_tree_text("sys/fs/cgroup/memory/m/x/memory.kmem.tcp.usage_in_bytes", "0\n");
	read_around(&s);
	IS(figure(&s, "cgroup file", true), 100);
	IS(figure(&s, "cgroup anon", true), 200);
	IS(figure(&s, "cgroup shmem", true), 30);
	IS(figure(&s, "cgroup kernel", true), 1757184);
	IS(figure(&s, "cgroup sock", true), 0);
	IS(figure(&s, "kernel stacks", false), (u64)-1); /* only x86_64's size is certain */
	OK(!s.proc.max_map_count.have && !s.proc.commit_limit.have && !s.proc.aslr.have);
	OK(!s.proc.stack_guard_gap.have);
	space_release(&s);

	made_tree_text("proc/40/cgroup", "4:memory:/\n0::/u\n");
	made_tree_text("sys/fs/cgroup/memory/memory.stat", "total_cache 5\n");
	read_around(&s);
	IS(figure(&s, "cgroup file", true), (u64)-1);
	space_release(&s);

	/* Mounted elsewhere, not at all, or the mounts unknown: no figure, one note. */
	made_tree_text("proc/40/mountinfo", "35 31 0:32 / /dev/cg rw - cgroup cgroup rw,memory\n");
	read_around(&s);
	IS(figure(&s, "cgroup file", true), (u64)-1);
	OK(s.nnotes >= 1);
	IS(s.notes[s.nnotes - 1].kind, NOTE_ABSENT);
	IS_STR(s.notes[s.nnotes - 1].source, "cgroup memory");
	space_release(&s);
	unlink(made_tree_path("proc/40/mountinfo"));
	read_around(&s);
	IS(figure(&s, "cgroup file", true), (u64)-1);
	IS_STR(s.notes[s.nnotes - 1].source, "cgroup memory");
	space_release(&s);
	made_tree_remove();
}

static void test_live(void)
{
	struct root *root = root_live();
	struct piddir *d = NULL;
	struct space s;
	pid_t tgid;

	space_init(&s);
	root_host(root, &s);
	IS(piddir_open(root, getpid(), &d, &tgid), 0);
	IS(process_read(d, &s, false), 0);
	IS(surroundings_read(d, &s), 0);
	OK(s.proc.max_map_count.v > 1000);
	OK(s.proc.mmap_min_addr.have && s.proc.overcommit.v <= 2);
	OK(s.proc.commit_limit.v > MIB);
	OK(figure(&s, "page tables", false) >= 4096);
	piddir_close(d);
	root_free(root);
	space_release(&s);
}

int main(void)
{
	test_mounts();
	test_numbers();
	test_v2();
	test_v1();
	test_live();
	return tap_done();
}
