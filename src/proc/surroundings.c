/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands around a process's mappings: the sysctls that bound them, the system's commit limit,
 * and the memory that is the process's own, or its cgroup's, without being mapped.
 */
#include "proc.h"
#include "pid_parse.h"

#include <errno.h>
#include <string.h>

/** What the reads share. */
struct around {
	struct root *root;
	struct piddir *d;
	struct space *s;
	struct buf b; /**< the file at hand */
};

static int slurp(struct around *a, const char *path)
{
	buf_clear(&a->b);
	return root_slurp(a->root, path, ROOT_CAP_NONE, &a->b);
}

/* --- the system ----------------------------------------------------------------------------- */

static void read_sysctls(struct around *a)
{
	struct process *p = &a->s->proc;

	p->max_map_count = root_number(a->root, "proc/sys/vm/max_map_count");
	p->overcommit = root_number(a->root, "proc/sys/vm/overcommit_memory");
	p->legacy_layout = root_number(a->root, "proc/sys/vm/legacy_va_layout");
	p->mmap_min_addr = root_number(a->root, "proc/sys/vm/mmap_min_addr");
	p->aslr = root_number(a->root, "proc/sys/kernel/randomize_va_space");
	/* No sysctl for this one: a boot parameter, in pages. */
	if (a->s->host.page_size && !slurp(a, "proc/cmdline"))
		p->stack_guard_gap = FIG(guard_gap_of(a->b.p, a->b.len, a->s->host.page_size));
}

static void read_meminfo(struct around *a)
{
	int err = slurp(a, "proc/meminfo");

	if (err) {
		space_note(a->s, err == -ENOENT ? NOTE_ABSENT : NOTE_CLOSED, "meminfo", -err, NULL,
			   "commit limit");
		return;
	}
	a->s->proc.commit_limit = meminfo_bytes(a->b.p, a->b.len, "CommitLimit");
	a->s->proc.committed = meminfo_bytes(a->b.p, a->b.len, "Committed_AS");
}

/* --- the process ---------------------------------------------------------------------------- */

/** Kernel stack of an x86_64 thread: THREAD_SIZE without KASAN (page_64_types.h, 3.15 to 6.18). */
#define X86_64_THREAD_SIZE (16 * KIB)

static void add_own(struct space *s)
{
	struct fig pte = space_status(s, "VmPTE"), pmd = space_status(s, "VmPMD");
	const struct process *p = &s->proc;

	/* VmPTE counts all levels since 4.15; before, VmPMD stands beside it. */
	if (pte.have)
		space_add_unmapped(s, "page tables",
				   pmd.have ? "status VmPTE+VmPMD" : "status VmPTE",
				   pte.v + MIN(pmd.v, UINT64_MAX - pte.v), false);
	if (p->nthreads.have && s->host.machine && !strcmp(s->host.machine, "x86_64") &&
	    p->nthreads.v <= UINT32_MAX)
		space_add_unmapped(s, "kernel stacks", "nthreads x 16 KiB",
				   p->nthreads.v * X86_64_THREAD_SIZE, false);
}

/* --- the cgroup ----------------------------------------------------------------------------- */

/** A key of memory.stat, and what procmap calls it. */
struct stat_key {
	const char *key, *name;
};

/** cgroup v2 (Documentation/admin-guide/cgroup-v2.rst, 6.18); kernel since 5.18, slab older. */
static const struct stat_key v2_keys[] = {
	{ "kernel", "cgroup kernel" },
	{ "kernel_stack", "cgroup kernel stacks" },
	{ "pagetables", "cgroup page tables" },
	{ "sec_pagetables", "cgroup secondary page tables" },
	{ "slab", "cgroup slab" },
	{ "percpu", "cgroup per-CPU" },
	{ "vmalloc", "cgroup vmalloc" },
	{ "sock", "cgroup sock" },
	{ "file", "cgroup file" },
	{ "shmem", "cgroup shmem" },
	{ "anon", "cgroup anon" },
};

/**
 * cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst). The total_ figures cover the groups
 * below, too, as all of v2's do; cache includes shmem, as v2's file does.
 */
static const struct stat_key v1_keys[] = {
	{ "total_cache", "cgroup file" },
	{ "total_shmem", "cgroup shmem" },
	{ "total_rss", "cgroup anon" },
};

/** Reads DIR/FILE of the cgroup. */
static int slurp_in(struct around *a, const struct buf *dir, const char *file)
{
	struct buf path;
	int err;

	buf_init(&path);
	buf_add(&path, dir->p, dir->len);
	buf_addch(&path, '/');
	buf_addstr(&path, file);
	err = slurp(a, path.p);
	buf_release(&path);
	return err;
}

static void add_keys(struct around *a, const struct stat_key *keys, size_t n, const char *source)
{
	for (size_t i = 0; i < n; i++) {
		struct fig f = keyed_number(a->b.p, a->b.len, keys[i].key);

		if (f.have)
			space_add_unmapped(a->s, keys[i].name, source, f.v, true);
	}
}

static void add_number(struct around *a, const struct buf *dir, const char *file, const char *name,
		       const char *source)
{
	const char *p;
	u64 v;

	if (slurp_in(a, dir, file))
		return;
	p = a->b.p;
	if (parse_dec(&p, a->b.p + a->b.len, &v) && (p == a->b.p + a->b.len || *p == '\n'))
		space_add_unmapped(a->s, name, source, v, true);
}

static void note_cgroup(struct around *a, enum note_kind kind, int err, const char *text)
{
	space_note(a->s, kind, "cgroup memory", err, NULL, "%s", text);
}

static void note_unread(struct around *a, int err)
{
	note_cgroup(a, err == -ENOENT ? NOTE_ABSENT : NOTE_CLOSED, -err, "memory.stat");
}

/** The text when DIR is the root of its hierarchy: its figures would be the whole machine's. */
static const char root_group[] = "in the root group, whose figures are the whole machine's";

static void read_v1(struct around *a, const struct buf *dir, size_t top)
{
	int err;

	/* Only the root of a v1 hierarchy has it (CFTYPE_ONLY_ON_ROOT, kernel/cgroup/cgroup-v1.c).
	 */
	if (dir->len == top && !slurp_in(a, dir, "release_agent")) {
		note_cgroup(a, NOTE_INFO, 0, root_group);
		return;
	}
	err = slurp_in(a, dir, "memory.stat");
	if (err) {
		note_unread(a, err);
		return;
	}
	add_keys(a, v1_keys, ARRAY_SIZE(v1_keys), "cgroup v1 memory.stat");
	add_number(a, dir, "memory.kmem.usage_in_bytes", "cgroup kernel",
		   "cgroup v1 memory.kmem.usage_in_bytes");
	add_number(a, dir, "memory.kmem.tcp.usage_in_bytes", "cgroup sock",
		   "cgroup v1 memory.kmem.tcp.usage_in_bytes");
}

/** Cuts the last name off `dir`, whose first `top` bytes stay. */
static void climb(struct buf *dir, size_t top)
{
	while (dir->len > top && dir->p[dir->len - 1] != '/')
		dir->len--;
	if (dir->len > top)
		dir->len--;
	dir->p[dir->len] = '\0';
}

static void read_v2(struct around *a, struct buf *dir, size_t top)
{
	size_t asked = dir->len;
	struct buf stat;
	int err;

	/*
	 * Where the controller is not enabled for a group, its memory is charged to the nearest
	 * group above that has it.
	 */
	while ((err = slurp_in(a, dir, "memory.stat")) == -ENOENT && dir->len > top)
		climb(dir, top);
	if (err) {
		note_unread(a, err);
		return;
	}
	stat = a->b;
	buf_init(&a->b);
	/* The root group alone has no memory.current (CFTYPE_NOT_ON_ROOT, mm/memcontrol.c). */
	if (dir->len == top && slurp_in(a, dir, "memory.current") == -ENOENT) {
		note_cgroup(a, NOTE_INFO, 0, root_group);
		buf_release(&stat);
		return;
	}
	buf_release(&a->b);
	a->b = stat;
	add_keys(a, v2_keys, ARRAY_SIZE(v2_keys), "cgroup v2 memory.stat");
	if (dir->len < asked)
		note_cgroup(a, NOTE_INFO, 0, "charged to a group above this one");
}

/** The mounts as whoever opens the files sees them; a tree may have only the process's own. */
static int slurp_mounts(struct around *a, struct buf *ret)
{
	int err = root_slurp(a->root, "proc/self/mountinfo", ROOT_CAP_NONE, ret);

	if (err && !root_is_live(a->root))
		err = piddir_slurp(a->d, "mountinfo", ROOT_CAP_NONE, ret);
	return err;
}

static void read_cgroup_memory(struct around *a)
{
	struct buf group, mounts, dir;
	struct cgroup_path cg;
	size_t top;

	buf_init(&group);
	buf_init(&mounts);
	buf_init(&dir);
	if (piddir_slurp(a->d, "cgroup", ROOT_CAP_NONE, &group) ||
	    !cgroup_parse(group.p, group.len, &cg)) {
		/* process_read() has said so where it could not be read; no cgroups: none to show
		 */
	} else if (slurp_mounts(a, &mounts)) {
		note_cgroup(a, NOTE_ABSENT, 0, "mountinfo, which says where cgroups are");
	} else {
		switch (cgroup_dir(mounts.p, mounts.len, &cg, &dir, &top)) {
		case MOUNT_FOUND:
			if (cg.v2)
				read_v2(a, &dir, top);
			else
				read_v1(a, &dir, top);
			break;
		case MOUNT_NONE:
			note_cgroup(a, NOTE_ABSENT, 0, "this group is not mounted in sight");
			break;
		case MOUNT_OUTSIDE:
			note_cgroup(a, NOTE_ABSENT, 0, "mounted neither below /sys nor /proc");
			break;
		}
	}
	buf_release(&group);
	buf_release(&mounts);
	buf_release(&dir);
}

/* --- all of it ------------------------------------------------------------------------------ */

int surroundings_read(struct piddir *d, struct space *s)
{
	struct around a = { .root = piddir_root(d), .d = d, .s = s };

	buf_init(&a.b);
	read_sysctls(&a);
	read_meminfo(&a);
	add_own(s);
	read_cgroup_memory(&a);
	buf_release(&a.b);
	return 0;
}
