/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What root.c, caps.c, live.c and files.c share. Nobody else includes this: everybody else sees
 * struct root and struct piddir only through proc.h.
 */
#ifndef PROCMAP_ROOT_H
#define PROCMAP_ROOT_H

#include "proc.h"

/* --- caps.c -------------------------------------------------------------------------------- */

/** A set of capabilities: one bit for each enum root_cap. */
#define CAP_BIT(cap) (1u << (cap))

/**
 * Raises those of `want` that are permitted and not effective, in the calling thread. Returns what
 * was raised, to be given to caps_lower(): what was effective before stays so.
 */
unsigned caps_raise(unsigned want);
void caps_lower(unsigned raised);

/* --- live.c -------------------------------------------------------------------------------- */

/** Fills everything of `host` but levels, nx and nnodes from the running machine. */
void live_host(struct host *host);
/** Word size and usual byte order of what uname -m calls `machine`. */
u8 machine_bits(const char *machine);
bool machine_big_endian(const char *machine);

/* --- tree.c -------------------------------------------------------------------------------- */

/**
 * Parses the text of a procmap-tree into *ret, whose strings the caller then owns. False, with
 * nothing stored, when it is malformed.
 */
bool tree_parse(const char *text, size_t len, struct host *ret);
/** Frees the strings of a host; leaves it without any. */
void host_free(struct host *h);

/* --- root.c -------------------------------------------------------------------------------- */

struct root {
	int fd; /**< O_PATH: "/" of the live system, or the tree's top */
	bool live;
	struct host host;   /**< of a tree: what procmap-tree says */
	root_step_fn *step; /**< root_on_step(); NULL none */
	void *step_ctx;
};

/** A device whose files may make us wait: a network file system or FUSE. */
struct slow_device {
	u32 major, minor;
};

struct piddir {
	struct root *root;
	int fd; /**< O_PATH, /proc/TGID */
	pid_t pid, via;
	struct slow_device *slow; /**< files.c: those the process has mounted */
	size_t nslow;
	bool slow_known; /**< `slow` is filled */
};

/**
 * openat() that keeps below `dirfd` as `resolve` says (RESOLVE_BENEATH or RESOLVE_IN_ROOT, with
 * RESOLVE_NO_MAGICLINKS). Where the kernel has no openat2() (before 5.6) it walks one component
 * after the other and follows no link at all. An fd, or -errno.
 */
int open_beneath(int dirfd, const char *path, int flags, u64 resolve);

/**
 * Opens `name` in the process's directory with any flags. Only what `caps` and then, if that is
 * refused, `more` hold is raised, and only around the open. An fd, or -errno.
 */
int piddir_open_flags(struct piddir *d, const char *name, int flags, unsigned caps, unsigned more);

#endif
