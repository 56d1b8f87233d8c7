/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The text of a process's small files -> fields. Pure: bytes in, figures out, so that tests and
 * fuzzers can feed anything. A figure that is missing, cut off or no number stays unknown. Where a
 * file is made of lines, a last line without its newline may have been cut and is not believed.
 */
#ifndef PROCMAP_PID_PARSE_H
#define PROCMAP_PID_PARSE_H

#include "../model/space.h"

/** Bytes inside a text that somebody else owns. */
struct slice {
	const char *p;
	size_t len;
};

/** The next line that ends in a newline, without it; advances *p. False at the end. */
bool next_line(const char **p, const char *end, struct slice *ret);
bool slice_is(struct slice s, const char *text);
/** Does `line` start with `key`? Then *rest is what follows, blanks skipped. */
bool slice_after(struct slice line, const char *key, struct slice *rest);
/** The next run of bytes up to a blank, tab or newline, which must follow it; advances *p. */
bool next_word(const char **p, const char *end, struct slice *ret);

/** A line of /proc/PID/stat; fields are numbered as in proc_pid_stat(5). */
struct pid_stat {
	struct slice comm;		  /**< 2, raw, inside the text that was parsed */
	char state;			  /**< 3, 0 unknown */
	struct fig ppid, flags;		  /**< 4, 9 */
	struct fig minflt, majflt;	  /**< 10, 12 */
	struct fig nthreads, start_ticks; /**< 20, 22 */
	struct fig rss;			  /**< 24, pages */
	bool masked;			  /**< 26 is 1: no permission to see the addresses */
	struct mm_bounds mm;		  /**< 26 to 28, 45 to 51; unknown where masked */
};

/** False, with nothing stored, when there is no "(comm) S". */
bool pid_stat_parse(const char *text, size_t len, struct pid_stat *ret);
/** Is it a kernel thread by its flags? False when they are unknown. */
bool pid_stat_kthread(const struct pid_stat *st);

/**
 * /proc/PID/status -> s->proc: every line in kB, uid (the effective one), ppid, nthreads, kthread,
 * and the state where it is not known yet.
 */
void status_parse(const char *text, size_t len, struct space *s);

/** What an auxiliary vector says. */
struct auxv {
	u8 bits; /**< of its words: 32 or 64 */
	struct fig entry, base, phdr, vdso, execfn, random;
	u32 bytes; /**< its length with AT_NULL; 0 when AT_NULL is missing */
};

/** `bits` 0: found out from the vector itself. False when there is not one whole entry. */
bool auxv_parse(const void *bytes, size_t len, u8 bits, bool big_endian, struct auxv *ret);

/** Class (32, 64) and e_machine of the first 20 bytes of an ELF file; false when it is none. */
bool elf_head_parse(const void *bytes, size_t len, u8 *bits, u16 *machine);
/** e_machine of a native executable of `bits` on what uname -m calls `machine`; 0 unknown. */
u16 elf_machine_of(const char *machine, u8 bits);

/** Soft limits of /proc/PID/limits -> p->rlimit_*. */
void limits_parse(const char *text, size_t len, struct process *p);

/** Cuts a trailing " (deleted)" off an exe link; true when there was one. */
bool exe_cut_deleted(struct buf *exe);

/** NUL-separated arguments -> one line with blanks between; final NULs go. In place. */
void cmdline_join(struct buf *b);

/** NUL-separated environment -> strings of their own; a last one without NUL counts. */
void environ_split(const char *bytes, size_t len, struct process *p);

/** The cgroup that a process's memory is charged to. */
struct cgroup_path {
	struct slice path; /**< "/x", inside the text that was parsed */
	bool v2;
};

/** From /proc/PID/cgroup: the v1 hierarchy with the memory controller, else the v2 one. */
bool cgroup_parse(const char *text, size_t len, struct cgroup_path *ret);

enum mount_found {
	MOUNT_FOUND,
	MOUNT_NONE,    /**< this hierarchy, or this part of it, is not mounted in sight */
	MOUNT_OUTSIDE, /**< mounted, but not below /sys or /proc */
};

/**
 * From a mountinfo: the directory of cgroup `cg`, without leading slash ("sys/fs/cgroup/x"), in
 * *ret; its first *top bytes are the mount point.
 */
enum mount_found cgroup_dir(const char *mountinfo, size_t len, const struct cgroup_path *cg,
			    struct buf *ret, size_t *top);

/** The number in the line "KEY NUMBER" of a flat keyed file, as memory.stat and /proc/stat are. */
struct fig keyed_number(const char *text, size_t len, const char *key);
/** Bytes of the line "KEY:   NUMBER kB", as /proc/meminfo has them. */
struct fig meminfo_bytes(const char *text, size_t len, const char *key);

/** The stack guard gap in bytes that a kernel with this command line uses. */
u64 guard_gap_of(const char *cmdline, size_t len, u32 page_size);

/** What /proc/PID/task/TID/syscall says. Zeros (no stack left) are unknown. False: none of it. */
struct syscall_text {
	bool running;
	struct fig sp, pc;
};
bool syscall_parse(const char *text, size_t len, struct syscall_text *ret);

#endif
