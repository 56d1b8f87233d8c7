/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a process to its mm in kernel memory. The way is the one the kernel goes itself: a file
 * descriptor of ours on /proc/PID is a file, its inode holds the struct pid, that the task. So the
 * number means what it means in /proc, in whatever PID namespace, and no list has to be searched.
 * The offsets come from BTF; that they lead from /proc/self to our own task is checked first.
 */
#include "kmem_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Threads of one process that are looked at for an mm; its leader may have exited. */
#define THREADS_MAX 65536

static const struct {
	const char *type, *member;
} members[OFF_N] = {
	[OFF_TASK_FILES] = { "task_struct", "files" },
	[OFF_TASK_MM] = { "task_struct", "mm" },
	[OFF_TASK_SIGNAL] = { "task_struct", "signal" },
	[OFF_TASK_THREAD_NODE] = { "task_struct", "thread_node" },
	[OFF_TASK_PID_LINKS] = { "task_struct", "pid_links" },
	[OFF_TASK_STACK_AREA] = { "task_struct", "stack_vm_area" },
	[OFF_SIGNAL_THREAD_HEAD] = { "signal_struct", "thread_head" },
	[OFF_FILES_FDT] = { "files_struct", "fdt" },
	[OFF_FDT_FD] = { "fdtable", "fd" },
	[OFF_FILE_INODE] = { "file", "f_inode" },
	[OFF_PROC_PID] = { "proc_inode", "pid" },
	[OFF_PROC_INODE] = { "proc_inode", "vfs_inode" },
	[OFF_PID_TASKS] = { "pid", "tasks" },
	[OFF_AREA_PAGES] = { "vm_struct", "pages" },
	[OFF_PAGE_MAPPING] = { "page", "mapping" },
	[OFF_PAGE_INDEX] = { "page", "index" },
	[OFF_PAGE_FOLIO_INDEX] = { "page", "__folio_index" },
	[OFF_MM_PGD] = { "mm_struct", "pgd" },
	[OFF_MM_MMAP_BASE] = { "mm_struct", "mmap_base" },
	[OFF_MM_LEGACY_BASE] = { "mm_struct", "mmap_legacy_base" },
	[OFF_MM_COMPAT_BASE] = { "mm_struct", "mmap_compat_base" },
	[OFF_MM_COMPAT_LEGACY_BASE] = { "mm_struct", "mmap_compat_legacy_base" },
	[OFF_MM_TASK_SIZE] = { "mm_struct", "task_size" },
	[OFF_MM_START_BRK] = { "mm_struct", "start_brk" },
	[OFF_MM_START_STACK] = { "mm_struct", "start_stack" },
	[OFF_MM_FLAGS] = { "mm_struct", "flags" },
};

/* --- offsets ---------------------------------------------------------------------------------- */

static int read_offsets(struct kmem *m)
{
	struct btf_member want[OFF_N];
	int fd, err;

	for (size_t i = 0; i < OFF_N; i++)
		want[i] = (struct btf_member){ members[i].type, members[i].member, { 0 } };
	err = root_open(m->root, "sys/kernel/btf/vmlinux", ROOT_CAP_NONE, &fd);
	if (err)
		return err;
	err = btf_members(fd, want, OFF_N);
	close(fd);
	for (size_t i = 0; i < OFF_N && !err; i++)
		m->offset[i] = want[i].offset;
	return err;
}

struct fig kmem_offset(struct kmem *m, enum koff which)
{
	if (m->btf_err > 0)
		m->btf_err = read_offsets(m);
	return m->offset[which];
}

/** Are all that the way to an mm needs there? */
static bool know_the_way(struct kmem *m)
{
	static const enum koff way[] = {
		OFF_TASK_FILES, OFF_TASK_MM,	OFF_TASK_SIGNAL, OFF_TASK_THREAD_NODE,
		OFF_FILES_FDT,	OFF_FDT_FD,	OFF_FILE_INODE,	 OFF_SIGNAL_THREAD_HEAD,
		OFF_PROC_PID,	OFF_PROC_INODE, OFF_PID_TASKS,	 OFF_TASK_PID_LINKS,
		OFF_MM_PGD,
	};

	for (size_t i = 0; i < ARRAY_SIZE(way); i++)
		if (!kmem_offset(m, way[i]).have)
			return false;
	return true;
}

/* --- from pointer to pointer ------------------------------------------------------------------ */

/** The pointer at `addr` + the offset. A tag in its top byte (KASAN on arm64) is cut off. */
static int follow(struct kmem *m, u64 addr, enum koff which, u64 *ret)
{
	int err = kmem_read_word(m, addr + m->offset[which].v, ret);

	if (!err && m->word == 8 && *ret >> 55 & 1)
		*ret |= UINT64_C(0xff) << 56;
	return err;
}

/** The same for a pointer that must not be NULL. */
static int follow_to(struct kmem *m, u64 addr, enum koff which, u64 *ret)
{
	int err = follow(m, addr, which, ret);

	return err ? err : *ret ? 0 : -ESRCH;
}

/** A pointer of our own task_struct, by its address or by the copy that kcore's note is. */
static int own_pointer(struct kmem *m, enum koff which, u64 *ret)
{
	const struct kcore *core = &m->k->kcore;
	u64 at = m->offset[which].v;

	if (m->bpf)
		return follow_to(m, bpf_current_task(m->bpf), which, ret);
	if (!core->task || core->task_len < m->word || at > core->task_len - m->word)
		return -ENODATA;
	*ret = kmem_number(m, core->task + at, m->word);
	return *ret ? 0 : -ESRCH;
}

/** The task behind an open directory /proc/ID; -ESRCH when it has gone. */
static int task_of_fd(struct kmem *m, int fd, u64 *ret)
{
	u64 at;
	int err = own_pointer(m, OFF_TASK_FILES, &at);

	if (!err)
		err = follow_to(m, at, OFF_FILES_FDT, &at);
	if (!err)
		err = follow_to(m, at, OFF_FDT_FD, &at);
	if (!err)
		err = kmem_read_word(m, at + (u64)fd * m->word, &at);
	if (!err)
		err = follow_to(m, at, OFF_FILE_INODE, &at);
	/* struct proc_inode holds the inode; struct pid's list 0 (PIDTYPE_PID) has one task. */
	if (!err)
		err = follow_to(m, at - m->offset[OFF_PROC_INODE].v, OFF_PROC_PID, &at);
	if (!err)
		err = follow_to(m, at, OFF_PID_TASKS, &at);
	if (!err)
		*ret = at - m->offset[OFF_TASK_PID_LINKS].v;
	return err;
}

static int task_of(struct kmem *m, const char *path, u64 *ret)
{
	int fd, err = root_open(m->root, path, ROOT_CAP_PTRACE, &fd);

	if (err)
		return err == -ENOENT ? -ESRCH : err;
	err = task_of_fd(m, fd, ret);
	close(fd);
	return err;
}

/** Do the offsets lead from /proc/self to ourselves? Only then they are believed. */
static int check_ourselves(struct kmem *m)
{
	u64 task, mm, own;
	int err = task_of(m, "proc/self", &task);

	if (!err)
		err = follow_to(m, task, OFF_TASK_MM, &mm);
	if (!err)
		err = own_pointer(m, OFF_TASK_MM, &own);
	if (!err && mm != own)
		err = -EBADMSG;
	return err;
}

/** The mm of the first thread that still has one. */
static int mm_of_task(struct kmem *m, u64 task, u64 *ret)
{
	u64 head, node;
	int err = follow(m, task, OFF_TASK_MM, ret);

	if (err || *ret)
		return err;
	err = follow_to(m, task, OFF_TASK_SIGNAL, &head);
	if (err)
		return err;
	head += m->offset[OFF_SIGNAL_THREAD_HEAD].v;
	node = head;
	for (int i = 0; i < THREADS_MAX; i++) {
		/* list_head.next is its first member */
		err = kmem_read_word(m, node, &node);
		if (err || node == head || !node)
			break;
		task = node - m->offset[OFF_TASK_THREAD_NODE].v;
		err = follow(m, task, OFF_TASK_MM, ret);
		if (err || *ret)
			return err;
	}
	return err ? err : -ESRCH;
}

/* --- the mm ----------------------------------------------------------------------------------- */

static struct fig mm_word(struct kmem *m, u64 mm, enum koff which)
{
	u64 v;

	if (!m->offset[which].have || kmem_read_word(m, mm + m->offset[which].v, &v))
		return (struct fig){ 0 };
	return FIG(v);
}

static int read_mm(struct kmem *m, u64 mm, struct kmem_mm *ret)
{
	struct fig phys, size;
	u64 pgd;
	bool compat;
	int err = follow_to(m, mm, OFF_MM_PGD, &pgd);

	if (err)
		return err;
	phys = kmem_phys(m, pgd);
	if (!phys.have)
		return -EFAULT;
	/*
	 * x86_64 keeps a pair of bases for each word size, and mmap_base is that of 64 bits also
	 * in a process of 32 (arch_pick_mmap_layout(), arch/x86/mm/mmap.c, 4.12 to 6.18).
	 */
	size = mm_word(m, mm, OFF_MM_TASK_SIZE);
	compat = m->word == 8 && size.v && size.v <= 4 * GIB && m->offset[OFF_MM_COMPAT_BASE].have;
	*ret = (struct kmem_mm){
		.pgd = phys.v,
		.mmap_base = mm_word(m, mm, compat ? OFF_MM_COMPAT_BASE : OFF_MM_MMAP_BASE),
		.mmap_legacy_base =
			mm_word(m, mm, compat ? OFF_MM_COMPAT_LEGACY_BASE : OFF_MM_LEGACY_BASE),
		.task_size = size,
		.start_brk = mm_word(m, mm, OFF_MM_START_BRK),
		.start_stack = mm_word(m, mm, OFF_MM_START_STACK),
		.flags = mm_word(m, mm, OFF_MM_FLAGS),
	};
	return 0;
}

int kmem_mm(struct kmem *m, pid_t pid, struct kmem_mm *ret)
{
	u64 task, mm, again = 0;
	char path[32];
	int err;

	if (!root_is_live(m->root))
		return -ENODATA;
	if (!know_the_way(m))
		return -ENOTSUP;
	if (m->self_err > 0)
		m->self_err = check_ourselves(m);
	if (m->self_err)
		return m->self_err;
	snprintf(path, sizeof(path), "proc/%d", (int)pid);
	err = task_of(m, path, &task);
	if (!err)
		err = mm_of_task(m, task, &mm);
	if (!err)
		err = read_mm(m, mm, ret);
	/* It may have ended, and its mm be another's, while it was read. */
	if (!err)
		err = mm_of_task(m, task, &again);
	return err ? err : again == mm ? 0 : -ESRCH;
}

/* --- what the space gets of it ---------------------------------------------------------------- */

static void conflict(const struct kmem *m, struct space *s, const char *what, u64 v,
		     const char *other, u64 its)
{
	space_note(s, NOTE_CONFLICT, kmem_source(m), 0, NULL, "%s is %016llx, but %s says %016llx",
		   what, (unsigned long long)v, other, (unsigned long long)its);
}

/** mmap_base is where mappings begin; on x86 the one of the other policy stands beside it. */
static void take_base(struct kmem *m, struct space *s, const struct kmem_mm *mm)
{
	const struct fig *base = &mm->mmap_base, *legacy = &mm->mmap_legacy_base;

	/* 0 until exec has laid it out */
	if (!base->have || !base->v)
		return;
	s->mmap_base = *base;
	s->mmap_base_conf = CONF_EXACT;
	s->mmap_base_source = kmem_source(m);
	if (legacy->have && legacy->v)
		s->layout = base->v == legacy->v ? LAYOUT_BOTTOM_UP : LAYOUT_TOP_DOWN;
}

/** The end of the half, as exec set it: TASK_SIZE. */
static void take_end(struct kmem *m, struct space *s, const struct kmem_mm *mm)
{
	const struct fig *end = &mm->task_size;
	size_t n = space_user_vmas(s);

	if (!end->have || !end->v || end->v % s->host.page_size)
		return;
	if (n && s->vmas[n - 1].last >= end->v) {
		conflict(m, s, "task_size", end->v, "maps", s->vmas[n - 1].last + 1);
		return;
	}
	if (s->user_conf == CONF_EXACT && s->user.last != end->v - 1)
		conflict(m, s, "task_size", end->v, s->user_source ? s->user_source : "?",
			 s->user.last + 1);
	s->user = range_of(0, end->v);
	s->user_conf = CONF_EXACT;
	s->user_source = kmem_source(m);
}

int kmem_process(struct kmem *m, struct space *s)
{
	const struct fig *stack = &s->proc.mm.start_stack;
	struct kmem_mm mm;
	int err;

	if (!s->proc.pid || s->no_user != USER_HERE)
		return -ESRCH;
	err = kmem_mm(m, s->proc.pid, &mm);
	if (err == -ENOTSUP)
		space_note(s, NOTE_LIMIT, kmem_source(m), 0, NULL,
			   "no BTF of this kernel, so no way to a process's mm: mmap_base");
	else if (err && err != -ESRCH && err != -ENODATA)
		space_note(s, NOTE_CLOSED, kmem_source(m), -err, NULL,
			   "the process's mm: mmap_base, task_size");
	if (err)
		return err;
	/* stat prints 0 to who may not see it. What differs here is another program's mm. */
	if (stack->have && stack->v && mm.start_stack.have && stack->v != mm.start_stack.v) {
		conflict(m, s, "start_stack", mm.start_stack.v, "stat", stack->v);
		return -EBADMSG;
	}
	take_base(m, s, &mm);
	take_end(m, s, &mm);
	return 0;
}
