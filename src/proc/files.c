/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file behind a mapping: is it still what stands at its name, and opening it without ever
 * opening another, without waiting for anybody, and without an effect on anything but an atime.
 *
 * Three ways lead to it, best first: the link in map_files (CAP_SYS_ADMIN, or since 5.9
 * CAP_CHECKPOINT_RESTORE), the exe link where it is the executable, and the name below the
 * process's root. What is found is looked at through an O_PATH descriptor before it is opened.
 */
#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#if __has_include(<linux/openat2.h>)
#include <linux/openat2.h>
#else
#define RESOLVE_IN_ROOT	      0
#define RESOLVE_NO_MAGICLINKS 0
#endif

/* --- file systems that may make us wait ----------------------------------------------------- */

/** Behind these stands another machine or another process, which may not answer. */
static const struct slow_fs {
	const char *type; /**< as mountinfo names it */
	u32 magic; /**< f_type of statfs; from include/uapi/linux/magic.h or fs/TYPE/ in 6.18 */
} slow_fs[] = {
	{ "fuse", 0x65735546 }, /* also fuse.TYPE */
	{ "fuseblk", 0x65735546 }, { "virtiofs", 0x65735546 }, { "nfs", 0x6969 },
	{ "nfs4", 0x6969 },	   { "cifs", 0xff534d42 },     { "smb3", 0xfe534d42 },
	{ "smbfs", 0x517b },	   { "9p", 0x01021997 },       { "afs", 0x5346414f },
	{ "afs", 0x6b414653 },	   { "ceph", 0x00c36400 },     { "coda", 0x73757245 },
	{ "ncpfs", 0x564c },	   { "orangefs", 0x20030528 }, { "gfs2", 0x01161970 },
	{ "ocfs2", 0x7461636f },   { "lustre", 0x0bd00bd0 },   { "vboxsf", 0x786f4256 },
	{ "vmhgfs", 0xbacbacbc },  { "autofs", 0x0187 },
};

static bool is_slow_type(const char *type, size_t len)
{
	/* fuse.sshfs, fuse.glusterfs, ...: what comes after the point is free text. */
	const char *point = memchr(type, '.', len);

	if (point)
		len = (size_t)(point - type);
	for (size_t i = 0; i < ARRAY_SIZE(slow_fs); i++)
		if (len == strlen(slow_fs[i].type) && !memcmp(type, slow_fs[i].type, len))
			return true;
	return false;
}

static bool is_slow_magic(u32 magic)
{
	for (size_t i = 0; i < ARRAY_SIZE(slow_fs); i++)
		if (magic == slow_fs[i].magic)
			return true;
	return false;
}

/**
 * A line of mountinfo: "36 35 98:0 /root /mount options [tags] - TYPE source options"; fills *dev
 * if its file system is a slow one.
 */
static bool slow_mount(const char *line, const char *end, struct slow_device *dev)
{
	const char *p = line, *type, *stop;
	u64 id, parent, major, minor;

	if (!parse_dec(&p, end, &id))
		return false;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &parent))
		return false;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &major) || p == end || *p++ != ':' || !parse_dec(&p, end, &minor))
		return false;
	/* Blanks inside a field are printed as \040, so this cannot be inside one. */
	type = memmem(p, (size_t)(end - p), " - ", 3);
	if (!type)
		return false;
	type += 3;
	stop = memchr(type, ' ', (size_t)(end - type));
	*dev = (struct slow_device){ (u32)major, (u32)minor };
	return is_slow_type(type, (size_t)((stop ? stop : end) - type));
}

/**
 * Which devices are slow, as the process's mounts say: the text costs no question to the server
 * that may be dead, as stat() and statfs() would. Read once.
 */
static void read_slow_devices(struct piddir *d)
{
	struct buf text = { 0 };
	const char *p, *end;
	size_t cap = 0;

	d->slow_known = true;
	if (piddir_slurp(d, "mountinfo", ROOT_CAP_PTRACE, &text)) {
		buf_release(&text);
		return;
	}
	p = text.p;
	end = text.p + text.len;
	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		struct slow_device dev;

		if (slow_mount(p, nl ? nl : end, &dev)) {
			GROW(d->slow, d->nslow, cap);
			d->slow[d->nslow++] = dev;
		}
		p = nl ? nl + 1 : end;
	}
	buf_release(&text);
}

static bool on_slow_device(struct piddir *d, const struct vma *v)
{
	if (!d->slow_known)
		read_slow_devices(d);
	for (size_t i = 0; i < d->nslow; i++)
		if (d->slow[i].major == v->major && d->slow[i].minor == v->minor)
			return true;
	return false;
}

/* --- which file it is ----------------------------------------------------------------------- */

/** The inode behind a descriptor, as it is known here: no server is asked. 0 or -errno. */
static int look_at(int fd, struct statx *st)
{
	return statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, st)
		       ? -errno
		       : 0;
}

/** How well what an O_PATH descriptor stands for agrees with what maps says. */
enum match {
	MATCH_NONE,
	MATCH_INODE, /**< the inode; the devices cannot be compared on this file system */
	MATCH_FULL,
};

/**
 * maps prints the device of the superblock. btrfs (one number a subvolume) and overlayfs (that of
 * the layer, or an own one) tell stat() another, so that only the inode is left to compare there;
 * everywhere else both must be the same.
 */
static enum match match_file(int fd, const struct vma *v)
{
	struct statfs fs;
	struct statx st;

	if (look_at(fd, &st) || st.stx_ino != v->inode)
		return MATCH_NONE;
	if (st.stx_dev_major == v->major && st.stx_dev_minor == v->minor)
		return MATCH_FULL;
	if (fstatfs(fd, &fs) ||
	    ((u32)fs.f_type != BTRFS_SUPER_MAGIC && (u32)fs.f_type != OVERLAYFS_SUPER_MAGIC))
		return MATCH_NONE;
	return MATCH_INODE;
}

/** May we open it? Regular files only, and none whose server may let us wait. */
static int allowed(int fd, enum file_policy policy)
{
	struct statfs fs;
	struct statx st;
	int err = look_at(fd, &st);

	if (err)
		return err;
	if (!S_ISREG(st.stx_mode))
		return -ENOTSUP;
	if (policy == FILE_POLICY_ALL)
		return 0;
	if (fstatfs(fd, &fs))
		return -errno;
	return is_slow_magic((u32)fs.f_type) ? -EXDEV : 0;
}

/** From an O_PATH descriptor to one that can be read: the same inode, whatever its names are. */
static int reopen(struct piddir *d, int path_fd, enum file_policy policy, int *ret)
{
	char link[40];
	unsigned raised;
	int fd, err = allowed(path_fd, policy);

	if (err)
		return err;
	snprintf(link, sizeof(link), "proc/self/fd/%d", path_fd);
	/* O_NONBLOCK: a lease or a file lock held by another must not stop us. */
	for (int try = 0;; try++) {
		raised = try ? caps_raise(CAP_BIT(ROOT_CAP_DAC)) : 0;
		fd = openat(d->root->fd, link, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		err = fd < 0 ? -errno : 0;
		caps_lower(raised);
		if (err != -EACCES || try)
			break;
	}
	if (!err)
		*ret = fd;
	return err;
}

/* --- what stands at the name ---------------------------------------------------------------- */

static const char deleted_mark[] = " (deleted)";

/**
 * Files without a place in any tree, whose names only look like paths: mm/shmem.c (dev/zero),
 * mm/memfd.c, ipc/shm.c, mm/hugetlb (anon_hugepage), fs/aio.c, mm/secretmem.c, drivers of graphics
 * and DMA buffers. The kernel prints them all with " (deleted)" or without a slash.
 */
static bool is_nameless(const char *name)
{
	static const char *const starts[] = {
		"/memfd:",    "/SYSV",	  "/dev/zero",	    "/anon_hugepage", "/[aio]",
		"/secretmem", "/dmabuf:", "/drm mm object", "/i915",
	};
	size_t len = strlen(name), mark = sizeof(deleted_mark) - 1;

	if (name[0] != '/')
		return true;
	if (len < mark || strcmp(name + len - mark, deleted_mark))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (!strncmp(name, starts[i], strlen(starts[i])))
			return true;
	return false;
}

/**
 * O_PATH for `name` as seen from `top`; no link of it leaves that root or is a magic one. An fd or
 * -errno.
 */
static int look_up(int top, const char *name)
{
	unsigned raised;
	int fd = -EACCES;

	for (int try = 0; try < 2 && fd == -EACCES; try++) {
		raised = try ? caps_raise(CAP_BIT(ROOT_CAP_DAC)) : 0;
		fd = open_beneath(top, name + 1, O_PATH, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
		caps_lower(raised);
	}
	return fd;
}

/** What looking for a name came to: `fd` is open for FILE_SAME alone, else -errno. */
struct found {
	enum file_state state;
	int fd;
};

/** Does the name, as it is written, lead to the mapped file, and that surely enough? */
static struct found try_name(int top, const char *name, const struct vma *v, enum match least)
{
	int fd = look_up(top, name);

	if (fd < 0)
		return (struct found){ FILE_MISSING, fd };
	if (match_file(fd, v) >= least)
		return (struct found){ FILE_SAME, fd };
	close(fd);
	return (struct found){ FILE_REPLACED, -ESTALE };
}

/**
 * The name below one root. The end " (deleted)" is the kernel's, for a name that was removed, or a
 * part of the name: the file that stands there decides.
 */
static struct found try_root(int top, const char *name, const struct vma *v, enum match least)
{
	size_t len = strlen(name), mark = sizeof(deleted_mark) - 1;
	struct found f = try_name(top, name, v, least);
	char *cut;

	if (f.state == FILE_SAME || len <= mark || strcmp(name + len - mark, deleted_mark))
		return f;
	cut = xmemdupz(name, len - mark);
	f = try_name(top, cut, v, least);
	free(cut);
	if (f.state == FILE_MISSING && (f.fd == -ENOENT || f.fd == -ENOTDIR))
		f.state = FILE_DELETED;
	return f;
}

/**
 * The name below the process's root, then below our own: maps prints it as seen from *our* root as
 * far as that reaches it, which differs from the process's own after a chroot.
 */
static struct found find_name(struct piddir *d, const char *name, const struct vma *v)
{
	int top = piddir_open_flags(d, "root", O_PATH | O_DIRECTORY, CAP_BIT(ROOT_CAP_PTRACE),
				    CAP_BIT(ROOT_CAP_DAC));
	struct found f = { FILE_MISSING, top }, own;
	struct statx theirs, ours;
	bool same = false;

	if (top >= 0) {
		f = try_root(top, name, v, MATCH_INODE);
		same = !look_at(top, &theirs) && !look_at(d->root->fd, &ours) &&
		       theirs.stx_dev_major == ours.stx_dev_major &&
		       theirs.stx_dev_minor == ours.stx_dev_minor && theirs.stx_ino == ours.stx_ino;
		close(top);
	}
	if (f.state == FILE_SAME || same)
		return f;
	own = try_root(d->root->fd, name, v, MATCH_FULL);
	/* Below our root only the file itself says something: another may stand there by chance. */
	return own.state == FILE_SAME ? own : f;
}

/* --- ways to the file ----------------------------------------------------------------------- */

/** An O_PATH descriptor of the mapped file through its link in map_files, or -errno. */
static int by_map_files(struct piddir *d, const struct vma *v)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "map_files/%llx-%llx", (unsigned long long)v->first,
		 (unsigned long long)(v->last + 1));
	fd = piddir_open_flags(d, name, O_PATH, CAP_BIT(ROOT_CAP_ADMIN),
			       CAP_BIT(ROOT_CAP_PTRACE) | CAP_BIT(ROOT_CAP_DAC));
	/* Another file may have been mapped at the same addresses since maps was read. */
	if (fd >= 0 && match_file(fd, v) == MATCH_NONE) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

/** The same through the exe link, which asks for less: for an executable that was deleted. */
static int by_exe(struct piddir *d, const struct vma *v)
{
	int fd = piddir_open_flags(d, "exe", O_PATH, CAP_BIT(ROOT_CAP_PTRACE),
				   CAP_BIT(ROOT_CAP_DAC));

	if (fd >= 0 && match_file(fd, v) != MATCH_FULL) {
		close(fd);
		return -ESTALE;
	}
	return fd;
}

int mapped_file_open(struct piddir *d, const struct vma *v, const char *name,
		     enum file_policy policy, enum file_state *state, int *ret)
{
	struct found f = { FILE_UNCHECKED, -ENOENT };
	int fd, err;

	*state = FILE_UNCHECKED;
	if (!d->root->live)
		return -ENODATA;
	if (!v->inode)
		return -ENOENT;
	if (policy != FILE_POLICY_ALL && on_slow_device(d, v))
		return -EXDEV;
	if (!is_nameless(name))
		f = find_name(d, name, v);
	*state = f.state;
	fd = err = by_map_files(d, v);
	if (fd >= 0 && f.fd >= 0)
		close(f.fd);
	else if (fd < 0)
		fd = f.fd;
	if (fd < 0)
		fd = by_exe(d, v);
	/* Refused is more to the point than "not found": a capability would have opened it. */
	if (fd < 0)
		return err == -EPERM || err == -EACCES ? -EACCES : f.fd;
	err = reopen(d, fd, policy, ret);
	close(fd);
	return err;
}
