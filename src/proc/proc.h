/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * READERS of kernel files about a process: bytes -> records in a `struct space`. They return 0 or
 * -errno, never print, never exit; what they could not read they leave unknown and add a note.
 * root.c alone opens files below /proc and /sys (and the target's own files).
 */
#ifndef PROCMAP_PROC_H
#define PROCMAP_PROC_H

#include "../model/space.h"

/* --- root.c: where files come from --------------------------------------------------------- */

/** The capability that a file needs when it is not ours to read. One is raised around one open. */
enum root_cap {
	ROOT_CAP_NONE,
	ROOT_CAP_PTRACE,  /**< CAP_SYS_PTRACE: another user's process */
	ROOT_CAP_ADMIN,	  /**< CAP_SYS_ADMIN: PFNs, iomem, map_files */
	ROOT_CAP_SYSLOG,  /**< CAP_SYSLOG: kernel addresses */
	ROOT_CAP_RAWIO,	  /**< CAP_SYS_RAWIO: kcore */
	ROOT_CAP_DAC,	  /**< CAP_DAC_READ_SEARCH: files only their owner may read */
	ROOT_CAP_BPF,	  /**< CAP_BPF: loading a BPF program */
	ROOT_CAP_PERFMON, /**< CAP_PERFMON: one that reads kernel memory */
};

/** "CAP_SYS_ADMIN"; NULL for ROOT_CAP_NONE. */
const char *root_cap_name(enum root_cap cap);

/** The live /proc and /sys, or a recorded tree. */
struct root;

struct root *root_live(void);
/**
 * A recorded tree. Opens nothing outside `dir` (openat2 RESOLVE_BENEATH). -errno when it cannot be
 * opened, -EINVAL when dir/procmap-tree is missing or malformed.
 */
int root_tree(const char *dir, struct root **ret);
void root_free(struct root *r);
bool root_is_live(const struct root *r);

/** What dir/procmap-tree says; live: uname, page size, clock. Fills host and its strings. */
int root_host(struct root *r, struct space *s);

/** Empties the effective set, sets no_new_privs; false if libcap is missing or it failed. */
bool root_drop_effective(void);
/** Empties the permitted set too: after the last open of a one-shot view. False if it failed. */
bool root_drop_all(void);
/** Does the permitted set hold it (so a refusal is not for want of it)? */
bool root_has_cap(enum root_cap cap);

/**
 * Opens `path` ("proc/iomem", "sys/kernel/notes": no leading slash) read-only with `cap` raised
 * around the open. *ret is the caller's to close. 0 or -errno.
 */
int root_open(struct root *r, const char *path, enum root_cap cap, int *ret);
/**
 * Opens, reads to the end (cap raised all the while: some files check at read) and closes. What
 * `out` held is forgotten; it is empty after an error. -EFBIG above 64 MiB.
 */
int root_slurp(struct root *r, const char *path, enum root_cap cap, struct buf *out);
/** The target of a symbolic link, bytes, not resolved; replaces what `out` held. */
int root_readlink(struct root *r, const char *path, struct buf *out);
/** The single decimal number in a file ("proc/sys/vm/max_map_count"); unknown if it is not one. */
struct fig root_number(struct root *r, const char *path);
/** Names in a directory except . and .., sorted bytewise, each xstrdup()ed; free with names_free().
 */
int root_list(struct root *r, const char *path, enum root_cap cap, char ***names, size_t *n);
void names_free(char **names, size_t n);

/**
 * Asked now and then by the readers that may take long (maps, smaps, the scan, the kernel's files)
 * with how much they have done: mappings, or pages found; 0 where that is not counted. True ends
 * the reading with -ECANCELED and without a note.
 */
typedef bool root_step_fn(void *ctx, u64 done);
/** From now on `fn` is asked; NULL: nobody. */
void root_on_step(struct root *r, root_step_fn *fn, void *ctx);
/** For readers: asks. */
bool root_step(const struct root *r, u64 done);

/** The owner of a file or directory of the live system, no link followed; -ENODATA in a tree. */
int root_owner(struct root *r, const char *path, u32 *uid);

/** A /proc/PID directory, held open: a recycled PID can never answer through it. */
struct piddir;

/**
 * Holds the directory of the process that `pid` (leader or any thread) belongs to. *tgid gets the
 * leader. -ESRCH when there is none, or when /proc hides it from us (hidepid).
 */
int piddir_open(struct root *r, pid_t pid, struct piddir **ret, pid_t *tgid);
void piddir_close(struct piddir *d);
struct root *piddir_root(const struct piddir *d);
pid_t piddir_pid(const struct piddir *d);
/**
 * What would open `name` ("auxv") of a process that refused it: the capabilities that we lack, in
 * one static text. NULL when we lack none (a security module refuses) and with a recorded tree.
 */
const char *piddir_cap(const struct piddir *d, const char *name);
/**
 * From now on what speaks of the mm, the open files or the namespaces (maps, smaps, smaps_rollup,
 * numa_maps, pagemap, auxv, environ, cmdline, exe, root, cwd, mem, statm, fd, fdinfo, ns,
 * mountinfo) is read below task/TID: the leader has exited, other threads live. 0 means the leader
 * again.
 */
void piddir_via(struct piddir *d, pid_t tid);
/**
 * As root_open() and root_slurp(), `name` below the process's directory ("maps", "task/7/stat").
 * -ESRCH, here and in the following, when the process has gone; -ENOENT when only the file has.
 */
int piddir_openat(struct piddir *d, const char *name, enum root_cap cap, int *ret);
int piddir_slurp(struct piddir *d, const char *name, enum root_cap cap, struct buf *out);
int piddir_readlink(struct piddir *d, const char *name, enum root_cap cap, struct buf *out);
int piddir_list(struct piddir *d, const char *name, enum root_cap cap, char ***names, size_t *n);

/* --- live.c: what is no file --------------------------------------------------------------- */

/**
 * The end (exclusive) of our own address space, found by asking where a mapping could stand:
 * TASK_SIZE of a process of our own kind. Unknown for recorded trees and before Linux 4.17.
 */
struct fig live_task_end(struct root *r);
/**
 * What is in the kernel's log, each line with its "<6>[    0.000000] ". -ENODATA for recorded
 * trees; CAP_SYSLOG is raised, which kernel.dmesg_restrict asks for.
 */
int live_kernel_log(struct root *r, struct buf *out);
/** A clock that only rises, in microseconds: what a read costs. */
u64 live_usec(void);
/** What the calling thread has used of a processor, in microseconds. */
u64 live_cpu_usec(void);

/** How a mapped file may be opened. */
enum file_policy {
	FILE_POLICY_LOCAL, /**< regular files, not on FUSE or a network file system */
	FILE_POLICY_ALL,   /**< regular files anywhere (--elf=all) */
};

/**
 * files.c. Opens the file a mapping maps, never another: map_files first, then the name below
 * /proc/PID/root (RESOLVE_IN_ROOT, NO_MAGICLINKS, O_PATH), a regular file with the mapping's
 * dev:ino, reopened O_RDONLY|O_NONBLOCK|O_NOCTTY. Sets *state to what stands at the name now
 * (also when the open fails; FILE_UNCHECKED where a name means nothing: memfd, SysV, ...).
 * -ENOENT, -EACCES, -ESTALE (another file), -EXDEV (file system not allowed by policy), -ENOTSUP
 * (no regular file), -ENODATA (recorded tree).
 */
int mapped_file_open(struct piddir *d, const struct vma *v, const char *name,
		     enum file_policy policy, enum file_state *state, int *ret);

/* --- maps.c, maps_parse.c ------------------------------------------------------------------- */

/**
 * Reads maps into the space's vmas (replacing them). Rising starts are checked; a read that
 * contradicts itself, or whose mm was replaced by exec, is tried again, three times at most, then
 * kept without its bad lines and NOTE_CHANGED added. A line that does not parse is skipped and
 * counted in a note. -ESRCH when the process exited meanwhile: vmas then holds those that were
 * read until then, none if it was over before. Zombies and kernel threads: 0 and no vmas.
 */
int maps_read(struct piddir *d, struct space *s);
/** The same from smaps: every field of every record, once through, streamed. */
int smaps_read(struct piddir *d, struct space *s);

/** A streaming parser of maps and smaps text; see maps_parse.c. Feed any cut of the bytes. */
struct maps_parser;
struct maps_parser *maps_parser_new(struct space *s);
void maps_parser_feed(struct maps_parser *p, const char *text, size_t len);
/** What went wrong so far. */
struct maps_problems {
	size_t bad_lines; /**< neither a mapping nor a field */
	size_t disorder;  /**< a start below the end before it: the space changed while read */
	size_t dropped;	  /**< fields or flags beyond SMAPS_MAX or VMFLAGS_MAX */
};
/** Ends the text (a last line without newline counts) and frees the parser. */
struct maps_problems maps_parser_end(struct maps_parser *p);

/* --- pid.c, account.c: the process -------------------------------------------------------- */

/** Fills s->proc from status, stat, auxv, comm, exe, cmdline, limits, cgroup, ns, oom_score,
 * personality. */
int process_read(struct piddir *d, struct space *s, bool want_environ);
/** The kernel's own totals from smaps_rollup. It walks every page table as smaps does: --debug. */
int rollup_read(struct piddir *d, struct space *s);
/** Identity now: start time, where the mm starts, the exe link. For the check after reading. */
struct identity {
	struct fig start_ticks;
	u64 exe_hash; /**< of the exe link's bytes, start_code and start_stack: exec changes it */
	char state;
};
int identity_read(struct piddir *d, struct identity *ret);
struct vitals;
/**
 * vitals.c. What says in 10 us whether a process's memory may have changed: statm and the fault
 * counters. Figures that could not be read are unknown, so are sizes where there is no mm. -ESRCH
 * when the process has ended, zombies included.
 */
int vitals_read(struct piddir *d, u32 page_size, struct vitals *ret);
/** The text of statm -> sizes in bytes. Unknown unless it is two numbers, neither too large. */
void statm_parse(const char *text, size_t len, u32 page_size, struct vitals *ret);
/** The process's threads with sp, pc and state; with `faults` their fault counters, too. */
int threads_read(struct piddir *d, struct space *s, bool faults);
/** System-wide limits and what the process has beside its mappings (page tables, cgroup v1 and v2).
 */
int surroundings_read(struct piddir *d, struct space *s);

#endif
