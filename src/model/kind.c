/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a mapping is by itself: its name as the kernel prints it, its VmFlags, its file.
 *
 * Names in brackets and those of the kernel's own file systems can be told from a hostile file's:
 * a path always begins with '/' (or "(unreachable)"), so nothing on a disk is called "[heap]"; and
 * a file called "/memfd:x" lies on a device of its own, not on the kernel's internal tmpfs.
 */
#include "classify.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool starts(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

static bool ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && !strcmp(s + len - n, suffix);
}

bool vma_is_file(const struct space *s, const struct vma *v)
{
	/* A few file systems give inode 0 to user space; their mappings still have a path. */
	return v->inode || strtab_get(&s->names, v->name)[0] == '/';
}

bool vma_is_anon(const struct space *s, const struct vma *v)
{
	return !v->inode && (!v->name || starts(strtab_get(&s->names, v->name), "[anon:"));
}

static bool file_is(const struct file_id *f, const struct vma *v)
{
	return f->have && v->inode == f->inode && v->major == f->major && v->minor == f->minor;
}

/* ------------------------------------------------------------------ names in brackets */

/*
 * Names that are not of files: fs/proc/task_mmu.c, get_vma_name(), and the special mappings of
 * arch/x86/entry/vdso, arch/arm/kernel/process.c, arch/arm64/kernel/vdso.c,
 * kernel/events/uprobes.c.
 */
static enum object_kind bracket_kind(const char *name)
{
	static const struct {
		const char *name;
		enum object_kind kind;
	} special[] = {
		{ "[heap]", OBJ_HEAP },	       { "[stack]", OBJ_STACK },
		{ "[vdso]", OBJ_VDSO },	       { "[vvar]", OBJ_VDSO },
		{ "[vvar_vclock]", OBJ_VDSO }, { "[vectors]", OBJ_VDSO },
		{ "[sigpage]", OBJ_VDSO },     { "[vsyscall]", OBJ_VSYSCALL },
		{ "[uprobes]", OBJ_UPROBES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(special); i++)
		if (!strcmp(name, special[i].name))
			return special[i].kind;
	/* Linux 3.4 to 4.4 named the stacks of all threads so. */
	if (starts(name, "[stack:"))
		return OBJ_THREAD_STACK;
	return OBJ_NAMED_ANON;
}

/* ------------------------------------------------------------------ names of files */

static bool sysv_name(const char *name)
{
	/* ipc/shm.c, newseg(): "SYSV%08x" */
	if (!starts(name, "/SYSV"))
		return false;
	for (int i = 5; i < 13; i++)
		if (!isxdigit((unsigned char)name[i]))
			return false;
	return !strcmp(name + 13, " (deleted)");
}

/*
 * Files that only the kernel makes, on its own mounts: never linked into a directory, so maps
 * always calls them deleted, and their device has major 0. mm/memfd.c, ipc/shm.c, mm/shmem.c
 * (shmem_zero_setup), fs/hugetlbfs/inode.c, mm/secretmem.c, fs/aio.c, drivers/dma-buf/dma-buf.c.
 */
static bool internal_kind(const struct vma *v, const char *name, enum object_kind *ret)
{
	if (v->major)
		return false;
	if (starts(name, "/memfd:") && ends(name, " (deleted)"))
		*ret = OBJ_MEMFD;
	else if (sysv_name(name))
		*ret = OBJ_SYSV;
	else if (!strcmp(name, "/dev/zero (deleted)"))
		*ret = OBJ_SHM;
	else if (!strcmp(name, "/anon_hugepage (deleted)") || !strcmp(name, "/anon_hugepage"))
		*ret = OBJ_HUGETLB;
	else if (!strcmp(name, "/secretmem (deleted)") || !strcmp(name, "/secretmem"))
		*ret = OBJ_SECRETMEM;
	else if (!strcmp(name, "/[aio] (deleted)") || starts(name, "/dmabuf:"))
		*ret = OBJ_DEVICE;
	else
		return false;
	return true;
}

/* Is it code that somebody keeps in /dev, and no device? */
static bool code_in_dev(const struct landmarks *lm, const struct vma *v)
{
	return (v->perms & PERM_X) && (v->have & VMA_HAVE_SMAPS) &&
	       !(v->vmflags & (lm->io | lm->pf | lm->mm));
}

static enum object_kind path_kind(const struct landmarks *lm, const struct vma *v, const char *name)
{
	enum object_kind kind;

	if (internal_kind(v, name, &kind))
		return kind;
	if (v->vmflags & lm->ht)
		return OBJ_HUGETLB;
	if (starts(name, "/dev/shm/"))
		return v->perms & PERM_X ? OBJ_LIB : OBJ_SHM;
	/* A private mapping of /dev/zero is anonymous memory under another name. */
	if (!strcmp(name, "/dev/zero"))
		return OBJ_ANON;
	if (starts(name, "/dev/hugepages/"))
		return OBJ_HUGETLB;
	if (starts(name, "/dev/") && !code_in_dev(lm, v))
		return OBJ_DEVICE;
	if (v->vmflags & (lm->io | lm->pf))
		return OBJ_DEVICE;
	return v->perms & PERM_X ? OBJ_LIB : OBJ_FILE;
}

enum object_kind exec_kind(enum object_kind kind)
{
	return kind == OBJ_FILE || kind == OBJ_SHM ? OBJ_LIB : kind;
}

enum object_kind vma_kind(const struct space *s, const struct landmarks *lm, const struct vma *v)
{
	const char *name = strtab_get(&s->names, v->name);

	if (file_is(&lm->exe, v))
		return OBJ_EXE;
	if (file_is(&lm->interp, v))
		return OBJ_INTERP;
	if (v->vmflags & lm->ss)
		return OBJ_SHADOW_STACK;
	if (name[0] == '[')
		return v->inode && !starts(name, "[anon_shmem:") ? OBJ_FILE : bracket_kind(name);
	if (!strcmp(name, "anon_inode:[io_uring]"))
		return OBJ_IO_URING;
	/* Buffers that the kernel shares: perf rings, packet sockets, kvm, bpf maps. */
	if (starts(name, "anon_inode:") || starts(name, "socket:["))
		return OBJ_DEVICE;
	if (vma_is_file(s, v))
		return path_kind(lm, v, name);
	return OBJ_ANON;
}

/* ------------------------------------------------------------------ landmarks */

static void file_at(const struct space *s, struct fig addr, struct file_id *ret)
{
	u32 i = addr.have && addr.v ? space_find_vma(s, addr.v) : NO_INDEX;
	const struct vma *v;

	if (i == NO_INDEX)
		return;
	v = &s->vmas[i];
	if (v->inode)
		*ret = (struct file_id){ v->inode, v->major, v->minor, true };
}

/* The exe link is the kernel's own word; auxv is the process's memory and comes second. */
static void find_exe(struct space *s, struct landmarks *lm)
{
	struct process *p = &s->proc;
	u32 name = p->exe;

	if (p->exe && p->exe_deleted) {
		char *text = xasprintf("%s (deleted)", strtab_get(&s->names, p->exe));

		name = strtab_add(&s->names, text, strlen(text));
		free(text);
	}
	for (size_t i = 0; name && i < s->nvmas && !lm->exe.have; i++) {
		const struct vma *v = &s->vmas[i];

		if (v->name == name && v->inode)
			lm->exe = (struct file_id){ v->inode, v->major, v->minor, true };
	}
	if (!lm->exe.have)
		file_at(s, p->auxv_phdr, &lm->exe);
	if (!lm->exe.have)
		file_at(s, p->auxv_entry, &lm->exe);
}

/* A guard may take this many pages ... */
#define GUARD_PAGES 16

void landmarks_init(struct landmarks *lm, struct space *s)
{
	memset(lm, 0, sizeof(*lm));
	find_exe(s, lm);
	file_at(s, s->proc.auxv_base, &lm->interp);
	lm->gd = space_vmflag_mask(s, "gd");
	lm->gu = space_vmflag_mask(s, "gu");
	lm->ht = space_vmflag_mask(s, "ht");
	lm->io = space_vmflag_mask(s, "io");
	lm->mm = space_vmflag_mask(s, "mm");
	lm->pf = space_vmflag_mask(s, "pf");
	lm->ss = space_vmflag_mask(s, "ss");
	/* ... or 64 KiB, which is what the largest page size and most libraries use. */
	lm->guard_max = MAX(64 * KIB, (u64)s->host.page_size * GUARD_PAGES);
	stacks_find(s, lm);
}

void landmarks_release(struct landmarks *lm)
{
	free(lm->thread_of);
	lm->thread_of = NULL;
}
