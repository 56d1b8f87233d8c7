/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pid_parse.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* --- words and lines ------------------------------------------------------------------------ */

bool next_line(const char **p, const char *end, struct slice *ret)
{
	const char *nl = *p < end ? memchr(*p, '\n', (size_t)(end - *p)) : NULL;

	if (!nl)
		return false;
	*ret = (struct slice){ *p, (size_t)(nl - *p) };
	*p = nl + 1;
	return true;
}

bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && !memcmp(s.p, text, s.len);
}

bool slice_after(struct slice line, const char *key, struct slice *rest)
{
	size_t n = strlen(key);
	const char *p, *end;

	if (line.len < n || memcmp(line.p, key, n))
		return false;
	p = line.p + n;
	end = line.p + line.len;
	skip_blanks(&p, end);
	*rest = (struct slice){ p, (size_t)(end - p) };
	return true;
}

static bool is_gap(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

bool next_word(const char **p, const char *end, struct slice *ret)
{
	const char *from = *p, *to;

	while (from < end && is_gap(*from))
		from++;
	for (to = from; to < end && !is_gap(*to); to++)
		;
	if (to == end)
		return false;
	*ret = (struct slice){ from, (size_t)(to - from) };
	*p = to;
	return true;
}

/** A slice that is a decimal number and nothing else. */
static struct fig slice_number(struct slice s)
{
	const char *p = s.p;
	u64 v;

	if (!parse_dec(&p, s.p + s.len, &v) || p != s.p + s.len)
		return (struct fig){ 0 };
	return FIG(v);
}

/** The number that a slice starts with; a blank or the end must follow it. */
static struct fig slice_first_number(struct slice s)
{
	const char *p = s.p, *end = s.p + s.len;
	u64 v;

	if (!parse_dec(&p, end, &v) || (p < end && !is_gap(*p)))
		return (struct fig){ 0 };
	return FIG(v);
}

/** "1234 kB": a number of KiB. */
static struct fig slice_kib(struct slice s)
{
	if (s.len < 3 || memcmp(s.p + s.len - 3, " kB", 3))
		return (struct fig){ 0 };
	s.len -= 3;
	return slice_number(s);
}

/* --- stat ----------------------------------------------------------------------------------- */

/** Fields of stat up to env_end; 1-based (fs/proc/array.c, do_task_stat()). */
#define STAT_FIELDS 51

/** PF_KTHREAD (include/linux/sched.h): the same bit since 2.6.27. */
#define STAT_PF_KTHREAD 0x00200000

/**
 * An address of the mm. Without PTRACE_MODE_READ the kernel writes 0 (code: 1) in its place, and
 * so it does for a thread without an mm; none of these is an address a program can have there.
 */
static struct fig stat_address(struct fig f, u64 mask)
{
	return f.have && f.v > mask ? f : (struct fig){ 0 };
}

static struct mm_bounds stat_bounds(const struct fig *f)
{
	return (struct mm_bounds){
		.start_code = stat_address(f[26], 1),
		.end_code = stat_address(f[27], 1),
		.start_stack = stat_address(f[28], 0),
		.start_data = stat_address(f[45], 0),
		.end_data = stat_address(f[46], 0),
		.start_brk = stat_address(f[47], 0),
		.arg_start = stat_address(f[48], 0),
		.arg_end = stat_address(f[49], 0),
		.env_start = stat_address(f[50], 0),
		.env_end = stat_address(f[51], 0),
	};
}

bool pid_stat_parse(const char *text, size_t len, struct pid_stat *ret)
{
	const char *open = len ? memchr(text, '(', len) : NULL;
	/* The name may hold ") S 1" itself; what follows it never holds a parenthesis. */
	const char *close = len ? memrchr(text, ')', len) : NULL;
	struct fig f[STAT_FIELDS + 1] = { 0 };
	const char *p, *end = text + len;
	struct slice w;
	char state;

	if (!open || !close || close < open)
		return false;
	p = close + 1;
	if (!next_word(&p, end, &w) || w.len != 1)
		return false;
	state = *w.p;
	if (!((state >= 'A' && state <= 'Z') || (state >= 'a' && state <= 'z')))
		return false;
	for (unsigned i = 4; i <= STAT_FIELDS && next_word(&p, end, &w); i++)
		f[i] = slice_number(w);

	*ret = (struct pid_stat){
		.comm = { open + 1, (size_t)(close - open - 1) },
		.state = state,
		.ppid = f[4],
		.flags = f[9],
		.minflt = f[10],
		.majflt = f[12],
		.nthreads = f[20],
		.start_ticks = f[22],
		.rss = f[24],
		.masked = f[26].have && f[26].v == 1,
		.mm = stat_bounds(f),
	};
	return true;
}

bool pid_stat_kthread(const struct pid_stat *st)
{
	return st->flags.have && (st->flags.v & STAT_PF_KTHREAD);
}

/* --- status --------------------------------------------------------------------------------- */

/** "real effective saved filesystem": the effective one decides whose process it is. */
static struct fig status_uid(struct slice value)
{
	const char *p = value.p, *end = value.p + value.len;
	struct slice w;

	if (!next_word(&p, end, &w))
		return (struct fig){ 0 };
	skip_blanks(&p, end);
	return slice_first_number((struct slice){ p, (size_t)(end - p) });
}

static void status_line(struct space *s, struct slice name, struct slice value, size_t *cap)
{
	struct process *pr = &s->proc;
	struct fig kib = slice_kib(value);

	if (kib.have) {
		GROW(pr->status, pr->nstatus, *cap);
		pr->status[pr->nstatus++] =
			(struct status_line){ strtab_add(&s->names, name.p, name.len), kib.v };
	} else if (slice_is(name, "Uid")) {
		pr->uid = status_uid(value);
	} else if (slice_is(name, "PPid")) {
		pr->ppid = slice_number(value);
	} else if (slice_is(name, "Threads")) {
		pr->nthreads = slice_number(value);
	} else if (slice_is(name, "Kthread")) { /* since 6.4 */
		pr->kthread |= slice_is(value, "1");
	} else if (slice_is(name, "State") && value.len && !pr->state) {
		pr->state = *value.p;
	}
}

void status_parse(const char *text, size_t len, struct space *s)
{
	const char *p = text, *end = text + len, *colon;
	struct slice line, value;
	size_t cap;

	s->proc.nstatus = 0;
	cap = 0;
	free(s->proc.status);
	s->proc.status = NULL;
	while (next_line(&p, end, &line)) {
		colon = memchr(line.p, ':', line.len);
		/* A name with a NUL in it could not be kept as it is. */
		if (!colon || colon == line.p || memchr(line.p, '\0', line.len))
			continue;
		slice_after((struct slice){ colon, (size_t)(line.p + line.len - colon) }, ":",
			    &value);
		status_line(s, (struct slice){ line.p, (size_t)(colon - line.p) }, value, &cap);
	}
}

/* --- auxv ----------------------------------------------------------------------------------- */

static u64 auxv_word(const u8 *p, size_t size, bool big_endian)
{
	u64 v = 0;

	for (size_t i = 0; i < size; i++)
		v |= (u64)p[i] << 8 * (big_endian ? size - 1 - i : i);
	return v;
}

/**
 * Types are small numbers. Read as 64-bit words, the first entry of a 32-bit vector has its value
 * in one half of the first word and its type in the other; so does every other entry. 0: too short
 * to tell.
 */
static u8 auxv_bits(const u8 *b, size_t len, bool big_endian)
{
	for (size_t at = 0; at + 16 <= len; at += 16) {
		u64 type = auxv_word(b + at, 8, big_endian);

		if (type >> 32)
			return 32;
		if (type == AT_NULL)
			return 64;
	}
	return len >= 16 ? 64 : 0;
}

bool auxv_parse(const void *bytes, size_t len, u8 bits, bool big_endian, struct auxv *ret)
{
	const u8 *b = bytes;
	struct auxv a = { .bits = bits ? bits : auxv_bits(b, len, big_endian) };
	size_t word = a.bits / 8, at;

	if (!word || len < 2 * word)
		return false;
	for (at = 0; at + 2 * word <= len; at += 2 * word) {
		u64 type = auxv_word(b + at, word, big_endian);
		struct fig v = FIG(auxv_word(b + at + word, word, big_endian));

		if (type == AT_NULL) {
			a.bytes = at + 2 * word <= UINT32_MAX ? (u32)(at + 2 * word) : 0;
			break;
		}
		switch (type) {
		case AT_ENTRY:
			a.entry = v;
			break;
		case AT_BASE:
			a.base = v;
			break;
		case AT_PHDR:
			a.phdr = v;
			break;
		case AT_SYSINFO_EHDR:
			a.vdso = v;
			break;
		case AT_EXECFN:
			a.execfn = v;
			break;
		case AT_RANDOM:
			a.random = v;
			break;
		}
	}
	*ret = a;
	return true;
}

/* --- what kind of program ------------------------------------------------------------------- */

bool elf_head_parse(const void *bytes, size_t len, u8 *bits, u16 *machine)
{
	const u8 *b = bytes;
	bool be;

	if (len < 20 || memcmp(b, ELFMAG, SELFMAG))
		return false;
	if (b[EI_CLASS] != ELFCLASS32 && b[EI_CLASS] != ELFCLASS64)
		return false;
	if (b[EI_DATA] != ELFDATA2LSB && b[EI_DATA] != ELFDATA2MSB)
		return false;
	be = b[EI_DATA] == ELFDATA2MSB;
	*bits = b[EI_CLASS] == ELFCLASS64 ? 64 : 32;
	*machine = (u16)auxv_word(b + 18, 2, be); /* e_machine: the same place in both classes */
	return true;
}

u16 elf_machine_of(const char *machine, u8 bits)
{
	/* uname -m (UTS_MACHINE of each arch's Makefile, 6.18) */
	static const struct {
		const char *name;
		u16 em64, em32; /* 0: such a program has more than one possible machine, or none */
	} known[] = {
		{ "x86_64", EM_X86_64, 0 },
		{ "i386", 0, EM_386 },
		{ "i486", 0, EM_386 },
		{ "i586", 0, EM_386 },
		{ "i686", 0, EM_386 },
		{ "aarch64", EM_AARCH64, EM_ARM },
		{ "aarch64_be", EM_AARCH64, EM_ARM },
		{ "riscv64", EM_RISCV, EM_RISCV },
		{ "riscv32", 0, EM_RISCV },
		{ "ppc64le", EM_PPC64, 0 },
		{ "ppc64", EM_PPC64, EM_PPC },
		{ "ppc", 0, EM_PPC },
		{ "s390x", EM_S390, EM_S390 },
		{ "mips64", EM_MIPS, EM_MIPS },
		{ "mips", 0, EM_MIPS },
		{ "loongarch64", EM_LOONGARCH, 0 },
		{ "sparc64", EM_SPARCV9, 0 },
		{ "parisc64", 0, EM_PARISC },
		{ "parisc", 0, EM_PARISC },
		{ "m68k", 0, EM_68K },
	};

	if (!machine)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(machine, known[i].name))
			return bits == 64 ? known[i].em64 : bits == 32 ? known[i].em32 : 0;
	if (!strncmp(machine, "arm", 3) && bits == 32)
		return EM_ARM;
	return 0;
}

/* --- limits --------------------------------------------------------------------------------- */

void limits_parse(const char *text, size_t len, struct process *p)
{
	struct {
		const char *name;
		struct fig *to;
	} wanted[] = {
		{ "Max address space ", &p->rlimit_as },
		{ "Max data size ", &p->rlimit_data },
		{ "Max stack size ", &p->rlimit_stack },
		{ "Max locked memory ", &p->rlimit_memlock },
	};
	const char *at = text, *end = text + len, *w;
	struct slice line, rest, soft;

	while (next_line(&at, end, &line)) {
		for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
			if (!slice_after(line, wanted[i].name, &rest))
				continue;
			w = rest.p;
			if (!next_word(&w, rest.p + rest.len, &soft))
				continue;
			*wanted[i].to =
				slice_is(soft, "unlimited") ? FIG(UNLIMITED) : slice_number(soft);
		}
	}
}

/* --- exe, cmdline, environ ------------------------------------------------------------------ */

bool exe_cut_deleted(struct buf *exe)
{
	static const char suffix[] = " (deleted)"; /* fs/d_path.c */
	size_t n = sizeof(suffix) - 1;

	if (exe->len <= n || memcmp(exe->p + exe->len - n, suffix, n))
		return false;
	exe->len -= n;
	exe->p[exe->len] = '\0';
	return true;
}

void cmdline_join(struct buf *b)
{
	while (b->len && !b->p[b->len - 1])
		b->len--;
	for (size_t i = 0; i < b->len; i++)
		if (!b->p[i])
			b->p[i] = ' ';
}

void environ_split(const char *bytes, size_t len, struct process *p)
{
	const char *end = bytes + len, *nul;
	size_t cap = p->nenviron;

	for (; bytes < end; bytes = nul + 1) {
		nul = memchr(bytes, '\0', (size_t)(end - bytes));
		if (!nul)
			nul = end;
		GROW(p->environ_text, p->nenviron, cap);
		p->environ_text[p->nenviron++] = xmemdupz(bytes, (size_t)(nul - bytes));
	}
}

/* --- cgroup --------------------------------------------------------------------------------- */

/** Is `word` one of the comma-separated words of `list`? */
static bool list_has(struct slice list, const char *word)
{
	const char *p = list.p, *end = list.p + list.len, *comma;

	for (; p < end; p = comma + 1) {
		comma = memchr(p, ',', (size_t)(end - p));
		if (!comma)
			comma = end;
		if (slice_is((struct slice){ p, (size_t)(comma - p) }, word))
			return true;
	}
	return false;
}

bool cgroup_parse(const char *text, size_t len, struct cgroup_path *ret)
{
	const char *p = text, *end = text + len;
	bool found = false;
	struct slice line;

	/* "ID:CONTROLLERS:PATH" (cgroups(7)); the path may hold colons. */
	while (next_line(&p, end, &line)) {
		const char *eol = line.p + line.len;
		const char *c1 = memchr(line.p, ':', line.len);
		const char *c2 = c1 ? memchr(c1 + 1, ':', (size_t)(eol - c1 - 1)) : NULL;
		struct slice list, path;

		if (!c2 || c2 + 1 == eol || c2[1] != '/')
			continue;
		list = (struct slice){ c1 + 1, (size_t)(c2 - c1 - 1) };
		path = (struct slice){ c2 + 1, (size_t)(eol - c2 - 1) };
		if (list_has(list, "memory")) {
			*ret = (struct cgroup_path){ path, false };
			return true;
		}
		if (!list.len && c1 == line.p + 1 && *line.p == '0') {
			*ret = (struct cgroup_path){ path, true };
			found = true;
		}
	}
	return found;
}

/** mountinfo writes blank, tab, newline and backslash as \ooo (seq_escape(), fs/proc_namespace.c).
 */
static void unescape_octal(struct slice s, struct buf *out)
{
	buf_clear(out);
	for (size_t i = 0; i < s.len; i++) {
		unsigned v = 0;
		size_t k;

		for (k = 1; s.p[i] == '\\' && k <= 3 && i + k < s.len; k++) {
			if (s.p[i + k] < '0' || s.p[i + k] > '7')
				break;
			v = v * 8 + (unsigned)(s.p[i + k] - '0');
		}
		if (k == 4 && v && v < 256) {
			buf_addch(out, (char)v);
			i += 3;
		} else {
			buf_addch(out, s.p[i]);
		}
	}
}

/** The fields of a mountinfo line that matter here. */
struct mount_line {
	struct slice root, point, type, super;
};

static bool mountinfo_line(struct slice line, struct mount_line *ret)
{
	const char *p = line.p, *end = line.p + line.len;
	struct slice w;

	for (unsigned i = 1; i <= 6; i++) {
		if (!next_word(&p, end, &w))
			return false;
		if (i == 4)
			ret->root = w;
		else if (i == 5)
			ret->point = w;
	}
	do { /* optional fields, ended by a lone hyphen */
		if (!next_word(&p, end, &w))
			return false;
	} while (!slice_is(w, "-"));
	if (!next_word(&p, end, &ret->type))
		return false;
	if (!next_word(&p, end, &w)) /* an empty source leaves only the options */
		w = (struct slice){ p, 0 };
	skip_blanks(&p, end);
	ret->super = (struct slice){ p, (size_t)(end - p) };
	return true;
}

/** What is left of `path` below `root`: "" or "/x"; false when it is not below it. */
static bool path_below(struct slice path, const struct buf *root, struct slice *ret)
{
	size_t n = root->len;

	if (n && root->p[n - 1] == '/')
		n--;
	if (path.len < n || (n && memcmp(path.p, root->p, n)))
		return false;
	if (path.len > n && path.p[n] != '/')
		return false;
	path = (struct slice){ path.p + n, path.len - n };
	if (path.len == 1)
		path.len = 0;
	*ret = path;
	return true;
}

/** Does it go upwards, as a cgroup outside our cgroup namespace is shown? */
static bool path_climbs(struct slice path)
{
	for (size_t i = 0; i + 3 <= path.len; i++)
		if (!memcmp(path.p + i, "/..", 3) && (i + 3 == path.len || path.p[i + 3] == '/'))
			return true;
	return false;
}

static bool starts_with(const struct buf *b, const char *text)
{
	size_t n = strlen(text);

	return b->len > n && !memcmp(b->p, text, n);
}

enum mount_found cgroup_dir(const char *mountinfo, size_t len, const struct cgroup_path *cg,
			    struct buf *ret, size_t *top)
{
	const char *p = mountinfo, *end = mountinfo + len;
	enum mount_found found = MOUNT_NONE;
	struct buf root, point;
	struct mount_line m;
	struct slice line, rest;

	if (path_climbs(cg->path) || memchr(cg->path.p, '\0', cg->path.len))
		return MOUNT_NONE;
	buf_init(&root);
	buf_init(&point);
	while (found != MOUNT_FOUND && next_line(&p, end, &line)) {
		if (!mountinfo_line(line, &m) || !slice_is(m.type, cg->v2 ? "cgroup2" : "cgroup") ||
		    (!cg->v2 && !list_has(m.super, "memory")))
			continue;
		unescape_octal(m.root, &root);
		unescape_octal(m.point, &point);
		if (!path_below(cg->path, &root, &rest))
			continue;
		found = MOUNT_OUTSIDE;
		if (starts_with(&point, "/sys/") || starts_with(&point, "/proc/")) {
			found = MOUNT_FOUND;
			buf_clear(ret);
			buf_add(ret, point.p + 1, point.len - 1);
			*top = ret->len;
			buf_add(ret, rest.p, rest.len);
		}
	}
	buf_release(&root);
	buf_release(&point);
	return found;
}

/* --- flat files ----------------------------------------------------------------------------- */

struct fig keyed_number(const char *text, size_t len, const char *key)
{
	const char *p = text, *end = text + len;
	struct slice line, rest;
	size_t n = strlen(key);

	while (next_line(&p, end, &line))
		if (slice_after(line, key, &rest) && rest.p > line.p + n)
			return slice_number(rest);
	return (struct fig){ 0 };
}

struct fig meminfo_bytes(const char *text, size_t len, const char *key)
{
	const char *p = text, *end = text + len;
	struct slice line, rest;
	size_t n = strlen(key);
	struct fig kib;

	while (next_line(&p, end, &line)) {
		if (!slice_after(line, key, &rest) || line.p[n] != ':')
			continue;
		slice_after((struct slice){ line.p + n, line.len - n }, ":", &rest);
		kib = slice_kib(rest);
		if (!kib.have || kib.v > UINT64_MAX / KIB)
			return (struct fig){ 0 };
		return FIG(kib.v * KIB);
	}
	return (struct fig){ 0 };
}

/** stack_guard_gap = 256 pages (mm/mmap.c since 4.12 and its stable backports). */
#define GUARD_GAP_PAGES 256

/**
 * "stack_guard_gap=PAGES" (cmdline_parse_stack_guard_gap() there: decimal, whole word or ignored).
 * What follows "--" belongs to init.
 */
u64 guard_gap_of(const char *cmdline, size_t len, u32 page_size)
{
	const char *p = cmdline, *end = cmdline + len;
	u64 pages = GUARD_GAP_PAGES;
	struct slice word, rest;
	struct fig f;

	while (p < end) {
		const char *from;
		bool quoted = false;

		while (p < end && is_gap(*p))
			p++;
		for (from = p; p < end && *p && (quoted || !is_gap(*p)); p++)
			if (*p == '"')
				quoted = !quoted;
		word = (struct slice){ from, (size_t)(p - from) };
		if (slice_is(word, "--") || (p < end && !*p))
			break;
		if (slice_after(word, "stack_guard_gap=", &rest)) {
			f = slice_number(rest);
			if (f.have && f.v <= UINT32_MAX)
				pages = f.v;
		}
	}
	return pages * page_size;
}

/* --- syscall -------------------------------------------------------------------------------- */

/** "0x7ffc…" */
static struct fig hex_word(const char **p, const char *end)
{
	const char *at;
	struct slice w;
	u64 v;

	if (!next_word(p, end, &w) || w.len < 3 || memcmp(w.p, "0x", 2))
		return (struct fig){ 0 };
	at = w.p + 2;
	if (!parse_hex(&at, w.p + w.len, &v) || at != w.p + w.len)
		return (struct fig){ 0 };
	return FIG(v);
}

/**
 * "running", or "-1 SP PC" outside a system call, or "NR ARG*6 SP PC" (proc_pid_syscall() in
 * fs/proc/base.c).
 */
bool syscall_parse(const char *text, size_t len, struct syscall_text *ret)
{
	const char *p = text, *end = text + len;
	struct syscall_text t = { 0 };
	struct slice w;

	if (!next_word(&p, end, &w) || !w.len)
		return false;
	if (slice_is(w, "running")) {
		t.running = true;
		*ret = t;
		return true;
	}
	if (*w.p != '-') {
		if (!slice_number(w).have)
			return false;
		for (unsigned i = 0; i < 6; i++)
			if (!hex_word(&p, end).have)
				return false;
	}
	t.sp = hex_word(&p, end);
	t.pc = hex_word(&p, end);
	if (!t.sp.have || !t.pc.have)
		return false;
	/* A thread that is ending has no stack any more and shows zeros. */
	if (!t.sp.v && !t.pc.v)
		t.sp = t.pc = (struct fig){ 0 };
	*ret = t;
	return true;
}
