/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../model/roles.h"
#include "tiles.h"

/** Most sections of a mapping that are named, largest first. */
#define SECTIONS_MAX 16

/** What maps calls shared anonymous memory: mm/shmem.c, shmem_zero_setup(), Linux 6.18. */
static const char dev_zero[] = "/dev/zero (deleted)";

/** Where the kernel's " (deleted)" begins at the end of a name; 0: there is none. */
static size_t deleted_at(const char *name)
{
	static const char suffix[] = " (deleted)";
	size_t len = strlen(name), n = sizeof(suffix) - 1;

	return len > n && !strcmp(name + len - n, suffix) ? len - n : 0;
}

const char *mapping_title(const struct space *s, const struct vma *m, size_t *len)
{
	static const char shared[] = "shared anonymous";
	unsigned kind = m->object == NO_INDEX ? OBJ_NKINDS : s->objects[m->object].kind;
	const char *name = vma_name(s, m);

	*len = strlen(name);
	if (kind == OBJ_SHM && !strcmp(name, dev_zero)) {
		*len = sizeof(shared) - 1;
		return shared;
	}
	/* A fact says that it is deleted. */
	if (kind == OBJ_MEMFD && deleted_at(name))
		*len = deleted_at(name);
	return name;
}

const char *object_title(const struct space *s, const struct object *o, size_t *len)
{
	const char *name = "";

	*len = 0;
	for (u32 i = 0; i < o->nvmas && !*len && o->kind != OBJ_VDSO; i++)
		name = mapping_title(s, &s->vmas[o->vma + i], len);
	if (*len)
		return name;
	name = object_kind_name((enum object_kind)o->kind);
	*len = strlen(name);
	return name;
}

bool stack_title(struct buf *b, const struct space *s, const struct object *o)
{
	const struct thread *th = o->thread == NO_INDEX ? NULL : &s->threads[o->thread];

	if (o->kind != OBJ_THREAD_STACK && (o->kind != OBJ_STACK || !th))
		return false;
	buf_addstr(b, o->kind == OBJ_STACK ? "[stack]" : "thread stack");
	if (th) {
		buf_addf(b, " %d ", (int)th->tid);
		buf_addstr(b, strtab_get(&s->names, th->name));
	}
	return true;
}

static int by_size(const void *a, const void *b)
{
	const struct image_section *const *x = a, *const *y = b;

	if ((*x)->size != (*y)->size)
		return (*x)->size < (*y)->size ? 1 : -1;
	return (*x)->addr < (*y)->addr ? -1 : (*x)->addr > (*y)->addr;
}

/** False when its image says nothing about it. */
static bool section_words(struct buf *b, const struct space *s, const struct vma *m)
{
	const struct image_section *sec[SECTIONS_MAX];
	size_t n = vma_sections(s, m, sec, SECTIONS_MAX), start = b->len;

	if (!n)
		return false;
	/* The largest first: when the line ends, what is left out is small. */
	qsort(sec, n, sizeof(sec[0]), by_size);
	if (m->role == ROLE_RELRO || m->role == ROLE_HEADER)
		buf_addstr(b, vma_role_name(m->role));
	for (size_t i = 0; i < n; i++) {
		if (b->len > start)
			buf_addch(b, ' ');
		buf_addstr(b, sec[i]->name ? sec[i]->name : "?");
	}
	return true;
}

bool mapping_words(struct buf *b, const struct space *s, const struct vma *m)
{
	const struct object *o = m->object == NO_INDEX ? NULL : &s->objects[m->object];
	unsigned kind = o ? MIN(o->kind, OBJ_NKINDS - 1u) : OBJ_ANON;

	if (section_words(b, s, m))
		return true;
	if (m->role != ROLE_NONE)
		buf_addstr(b, vma_role_name(m->role));
	else if (*strtab_get(&s->names, m->name) == '[')
		buf_addstr(b, strtab_get(&s->names, m->name));
	else
		buf_addstr(b, object_kind_name(!m->name && kind != OBJ_THREAD_STACK
						       ? OBJ_ANON
						       : (enum object_kind)kind));
	return false;
}

size_t name_dir_len(const char *name, size_t len)
{
	const char *slash = len && name[0] == '/' ? memrchr(name, '/', len) : NULL;

	return slash ? (size_t)(slash - name) + 1 : 0;
}

size_t name_dir_cut(const char *name, size_t dir, size_t room)
{
	size_t from = 0;

	if (dir && text_width(name, dir - 1) > room)
		for (from = 1; from < dir && (name[from] != '/' || dir - from > room);)
			from++;
	return from;
}

const char *object_file_words(const struct space *s, const struct object *o)
{
	const char *name = strtab_get(&s->names, s->vmas[o->vma].name);

	/* These never had a name that stays. */
	if (o->kind == OBJ_SYSV || !strcmp(name, dev_zero))
		return NULL;
	if (o->kind == OBJ_MEMFD)
		return deleted_at(name) ? "deleted" : NULL;
	switch ((enum file_state)o->file_state) {
	case FILE_DELETED:
		return "deleted";
	case FILE_REPLACED:
		return "replaced on disk";
	case FILE_MISSING:
		return "out of sight";
	case FILE_UNCHECKED:
	case FILE_SAME:
		break;
	}
	return s->vmas[o->vma].have & VMA_DELETED ? "deleted" : NULL;
}

const char *image_link_words(enum image_link link)
{
	switch (link) {
	case IMAGE_STATIC:
		return "static";
	case IMAGE_STATIC_PIE:
		return "static PIE";
	case IMAGE_NON_PIE:
		return "non-PIE";
	case IMAGE_PIE:
		return "PIE";
	case IMAGE_SHARED:
	case IMAGE_LINK_UNKNOWN:
		break;
	}
	return NULL;
}

const char *image_err_words(int err)
{
	return err == -ENOEXEC ? "not an ELF file" : err == -EBADMSG ? "damaged" : strerror(-err);
}

const char *warning_words(enum warning_kind kind)
{
	static const char *const words[WARN_NKINDS] = {
		[WARN_WX] = "writable and executable",
		[WARN_EXEC_ANON] = "executable anonymous memory",
		[WARN_EXEC_STACK] = "executable stack",
		[WARN_DELETED_EXE] = "the executable is deleted",
		[WARN_MEMFD_EXEC] = "code in a memfd",
		[WARN_NO_RELRO] = "no RELRO, its tables stay writable",
		[WARN_RELRO_WRITABLE] = "RELRO not in force: still, or again, writable",
		[WARN_PATCHED_TEXT] = "copied text: patched, or a breakpoint",
	};

	return kind < WARN_NKINDS ? words[kind] : "?";
}

void known_by_words(struct buf *b, enum conf conf, const char *source)
{
	buf_addstr(b, conf_name(conf));
	if (source && *source) {
		buf_addstr(b, " (");
		buf_addstr(b, source);
		buf_addch(b, ')');
	}
}

void region_known_by(struct buf *b, const struct region *g)
{
	bool start = g->kind == KR_MODULE && g->conf == CONF_BOUNDS;

	known_by_words(b, start ? CONF_EXACT : g->conf, g->source);
}

void access_words(struct buf *b, int err, bool held)
{
	if (err == EACCES || err == EPERM)
		buf_addstr(b, held ? "refused although CAP_SYS_PTRACE is held"
				   : "needs CAP_SYS_PTRACE");
	else
		buf_addstr(b, strerror(err));
}

const char *note_kind_words(enum note_kind kind)
{
	static const char *const words[] = {
		[NOTE_CLOSED] = "closed",
		[NOTE_ABSENT] = "absent",
		[NOTE_CHANGED] = "changed while read",
		[NOTE_EXITED] = "ended while read",
		[NOTE_CONFLICT] = "conflict",
		[NOTE_LIMIT] = "left out",
		[NOTE_INFO] = "note",
	};

	return words[kind];
}

void note_words(struct buf *b, const struct note *n)
{
	size_t start = b->len;

	if (n->source && *n->source)
		buf_addf(b, "%s:", n->source);
	if (n->text && *n->text)
		buf_addf(b, "%s%s", b->len > start ? " " : "", n->text);
	if (n->err)
		buf_addf(b, "%s%s",
			 n->text && *n->text ? ": "
			 : b->len > start    ? " "
					     : "",
			 strerror(n->err));
	if (n->cap)
		buf_addf(b, " (%s opens it)", n->cap);
}

bool note_is_kernel(const struct note *n)
{
	static const char *const sources[] = {
		"kallsyms", "kcore",  "iomem",	     "vmallocinfo", "modules",
		"btf",	    "config", "boot_params", "mm.rst",	    "kernel half",
	};

	for (size_t i = 0; n->source && i < ARRAY_SIZE(sources); i++)
		if (!strcmp(n->source, sources[i]))
			return true;
	return false;
}

void no_user_words(struct buf *b, const struct space *s)
{
	switch (s->no_user) {
	case USER_KTHREAD:
		buf_addstr(b, "no user half: a kernel thread has none");
		break;
	case USER_ZOMBIE:
		buf_addstr(b, "no user half: a zombie, its address space is gone already");
		break;
	case USER_DENIED:
		buf_addf(b, "user half not shown: %s",
			 s->user_err ? strerror(s->user_err) : "its maps could not be read");
		if (s->user_err == EACCES || s->user_err == EPERM) {
			buf_addstr(b, " (");
			access_words(b, s->user_err, s->user_held);
			buf_addch(b, ')');
		}
		break;
	case USER_GONE:
		buf_addstr(b, "no user half: the process ended before its maps were read");
		break;
	case USER_HERE:
	case USER_NOT_ASKED:
	case USER_DOCUMENTED:
		break;
	}
}

const char *hole_words(const struct space *s, struct range r)
{
	u64 edge = canonical_last(s);

	if (!edge)
		return "hole between the halves";
	if (r.last > edge)
		return "non-canonical hole";
	/* TASK_SIZE_MAX is a page short of the canonical end: arch/x86/include/asm/page_64_types.h.
	 */
	return range_size(r) == s->host.page_size ? "guard page, never mapped"
						  : "beyond this process's half";
}

void hole_size(struct buf *b, u64 bytes)
{
	static const char units[][4] = { "B", "KiB", "MiB", "GiB", "TiB" };
	unsigned unit = 0;
	u64 rest;

	while (unit < 4 && bytes >> (10 * unit) &&
	       !(bytes & ((UINT64_C(1) << (10 * unit + 10)) - 1)))
		unit++;
	if (bytes > TIB && unit == 3)
		unit = 4;
	buf_adddec(b, bytes >> (10 * unit));
	rest = bytes & ((UINT64_C(1) << (10 * unit)) - 1);
	/* Multiples of a GiB have ten digits at most, and 10 * 2^40 is no overflow. */
	for (buf_addstr(b, rest ? "." : ""); rest; rest = (rest * 10) & (TIB - 1))
		buf_addch(b, (char)('0' + rest * 10 / TIB));
	buf_addf(b, " %s", units[unit]);
}
