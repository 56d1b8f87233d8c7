/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From mappings to objects, and from objects to what a reader wants to be told: roles, guards,
 * warnings. One pass over the mappings each, never a search inside a pass, so that 65,000 of them
 * cost a few milliseconds.
 */
#include "classify.h"
#include "roles.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ grouping */

/*
 * Largest hole inside one loaded file. Segments are at most one maximum page size apart; 2 MiB was
 * the linkers' choice for x86 for long (ld -z max-page-size), and the hole may take that on both
 * sides of a small segment.
 */
#define FILE_HOLE_MAX (4 * MIB)

/* The object that is being built, and what its mappings so far were. */
struct builder {
	struct space *s;
	const struct landmarks *lm;
	struct object *o; /* the last one; NULL before the first */
	bool exec;	  /* has an executable mapping */
	bool guard_first; /* its first mapping is a guard: the next one is what it protects */
	size_t last_file; /* index of its last mapping of the file itself */
};

static bool same_file(const struct space *s, const struct vma *a, const struct vma *b)
{
	return vma_is_file(s, a) && a->inode == b->inode && a->major == b->major &&
	       a->minor == b->minor && a->name == b->name;
}

/* Does mapping `i` go on with the file of the object, rather than begin a second copy of it? */
static bool continues_file(const struct builder *b, size_t i)
{
	const struct vma *first = &b->s->vmas[b->o->vma], *v = &b->s->vmas[i];
	const struct vma *last = &b->s->vmas[b->last_file];

	/* Inode and name of anon_inode: and socket: files are shared by unrelated ones. */
	if (!same_file(b->s, first, v) || strtab_get(&b->s->names, v->name)[0] != '/')
		return false;
	if (b->exec && !v->offset && !first->offset && last->offset)
		return false;
	return v->first - b->s->vmas[i - 1].last <= FILE_HOLE_MAX;
}

/* Anonymous mapping `i` between two parts of the file: what ld.so left, or text moved to huge
 * pages. */
static bool inside_file(const struct builder *b, size_t i)
{
	const struct space *s = b->s;

	return vma_is_anon(s, &s->vmas[i]) && vma_adjacent(&s->vmas[i - 1], &s->vmas[i]) &&
	       i + 1 < s->nvmas && vma_adjacent(&s->vmas[i], &s->vmas[i + 1]) &&
	       continues_file(b, i + 1);
}

/*
 * The anonymous rest of .bss: it directly follows the last private data mapping of a loaded file.
 * Where all data is RELRO that mapping is read-only by now. With an image at hand
 * drop_false_bss() looks again.
 */
static bool is_bss(const struct builder *b, size_t i)
{
	const struct vma *below = &b->s->vmas[i - 1], *v = &b->s->vmas[i];

	return b->exec && b->last_file == i - 1 && vma_is_anon(b->s, v) && vma_adjacent(below, v) &&
	       (v->perms & (PERM_R | PERM_W)) == (PERM_R | PERM_W) &&
	       !((v->perms | below->perms) & PERM_SHARED) &&
	       ((below->perms & PERM_X) == (v->perms & PERM_X));
}

static bool joins(const struct builder *b, size_t i)
{
	const struct space *s = b->s;
	const struct vma *below = &s->vmas[i - 1], *v = &s->vmas[i];

	if (i > b->lm->stack_first && i <= b->lm->stack_last)
		return true;
	if (i == b->lm->stack_first)
		return false;
	switch ((enum object_kind)b->o->kind) {
	case OBJ_STACK:
		return false;
	case OBJ_THREAD_STACK:
		return b->guard_first && i == b->o->vma + 1;
	case OBJ_HEAP:
		return vma_kind(s, b->lm, v) == OBJ_HEAP;
	case OBJ_VDSO:
		return vma_adjacent(below, v) && vma_kind(s, b->lm, v) == OBJ_VDSO;
	default:
		return vma_is_file(s, &s->vmas[b->o->vma]) &&
		       (continues_file(b, i) || is_bss(b, i) || inside_file(b, i));
	}
}

static bool accessible_at(const struct space *s, size_t i)
{
	return !vma_inaccessible(&s->vmas[i]);
}

/*
 * Anonymous PROT_NONE: a guard if it is small and touches something that can be accessed, which it
 * then protects; otherwise address space that somebody reserved.
 */
static enum object_kind none_kind(const struct space *s, const struct landmarks *lm, size_t i)
{
	const struct vma *v = &s->vmas[i];
	bool above = i + 1 < s->nvmas && vma_adjacent(v, v + 1) && accessible_at(s, i + 1);
	bool below = i > 0 && vma_adjacent(v - 1, v) && accessible_at(s, i - 1);

	return vma_size(v) <= lm->guard_max && (above || below) ? OBJ_GUARD : OBJ_RESERVED;
}

static void begin(struct builder *b, size_t i)
{
	struct space *s = b->s;
	const struct vma *v = &s->vmas[i];
	struct object *o = space_add_object(s);
	u32 thread = stack_thread(s, b->lm, i);

	b->o = o;
	b->exec = false;
	b->guard_first = false;
	o->vma = (u32)i;
	o->kind = (u8)vma_kind(s, b->lm, v);
	if (i == b->lm->stack_first) {
		o->kind = OBJ_STACK;
		thread = find_thread(s, s->proc.pid);
	} else if (thread != NO_INDEX) {
		o->kind = OBJ_THREAD_STACK;
	} else if (stack_guard_at(s, i) && ((thread = stack_thread(s, b->lm, i + 1)) != NO_INDEX)) {
		o->kind = OBJ_THREAD_STACK;
		b->guard_first = true;
	} else if (vma_inaccessible(v) && vma_is_anon(s, v) && !(v->perms & PERM_SHARED)) {
		o->kind = (u8)none_kind(s, b->lm, i);
	}
	o->thread = thread;
}

void space_group(struct space *s)
{
	struct builder b = { .s = s };
	struct landmarks lm;

	s->nobjects = 0;
	landmarks_init(&lm, s);
	b.lm = &lm;
	for (size_t i = 0; i < s->nvmas; i++) {
		struct vma *v = &s->vmas[i];

		if (!b.o || !joins(&b, i))
			begin(&b, i);
		b.o->nvmas++;
		v->object = (u32)(s->nobjects - 1);
		if (vma_is_file(s, v))
			b.last_file = i;
		if (v->perms & PERM_X) {
			b.exec = true;
			b.o->kind = (u8)exec_kind((enum object_kind)b.o->kind);
		}
	}
	landmarks_release(&lm);
}

/* ------------------------------------------------------------------ files */

static bool is_loaded_file(const struct object *o)
{
	return o->kind == OBJ_EXE || o->kind == OBJ_INTERP || o->kind == OBJ_LIB;
}

static bool image_ok(const struct space *s, const struct object *o)
{
	return o->image < s->nimages && !s->images[o->image].err;
}

static bool state_says_gone(const struct object *o)
{
	return o->file_state == FILE_DELETED || o->file_state == FILE_REPLACED;
}

/* Objects of one file were looked at once; what was found holds for all of them. */
static void share_file_states(struct space *s)
{
	u8 *state = xcalloc(s->nimages + 1, 1);

	for (size_t i = 0; i < s->nobjects; i++) {
		const struct object *o = &s->objects[i];

		if (o->image < s->nimages && o->file_state != FILE_UNCHECKED)
			state[o->image] = o->file_state;
	}
	for (size_t i = 0; i < s->nobjects; i++) {
		struct object *o = &s->objects[i];

		if (o->image < s->nimages && o->file_state == FILE_UNCHECKED)
			o->file_state = state[o->image];
	}
	free(state);
}

/*
 * The kernel appends " (deleted)" to the name of an unlinked file, but a file may be called so.
 * Only where the file itself was looked for and is gone, the suffix is the kernel's and is cut.
 */
static void cut_deleted(struct space *s, const struct object *o)
{
	static const char suffix[] = " (deleted)";
	const size_t n = sizeof(suffix) - 1;
	u32 raw = 0, cut = 0;

	for (u32 i = o->vma; i < o->vma + o->nvmas; i++) {
		struct vma *v = &s->vmas[i];
		const char *name = strtab_get(&s->names, v->name);
		size_t len = strlen(name);

		if (len <= n || strcmp(name + len - n, suffix))
			continue;
		if (v->name != raw) {
			char *text = xmemdupz(name, len - n);

			raw = v->name;
			cut = strtab_add(&s->names, text, len - n);
			free(text);
		}
		v->name = cut;
		v->have |= VMA_DELETED;
	}
}

/*
 * An anonymous mapping that follows a file's data but lies outside all its segments is no .bss: it
 * only happens to stand there. The roles, which know the segments, left it without one.
 */
static bool false_bss(const struct space *s, const struct object *o)
{
	const struct vma *last = &s->vmas[o->vma + o->nvmas - 1];

	return is_loaded_file(o) && image_ok(s, o) && o->nvmas > 1 && last->role == ROLE_NONE &&
	       vma_is_anon(s, last) && !vma_inaccessible(last);
}

/* Makes each such mapping an object of its own; the others move up, keeping what they have. */
static void drop_false_bss(struct space *s)
{
	size_t extra = 0, from = s->nobjects, to;

	for (size_t i = 0; i < s->nobjects; i++)
		extra += false_bss(s, &s->objects[i]);
	if (!extra)
		return;
	for (size_t i = 0; i < extra; i++)
		space_add_object(s);
	to = s->nobjects;
	while (from-- > 0) {
		struct object o = s->objects[from];

		if (false_bss(s, &o)) {
			o.nvmas--;
			s->objects[--to] = (struct object){ .vma = o.vma + o.nvmas,
							    .nvmas = 1,
							    .image = NO_INDEX,
							    .thread = NO_INDEX,
							    .kind = OBJ_ANON };
		}
		s->objects[--to] = o;
	}
	for (size_t i = 0; i < s->nobjects; i++)
		for (u32 k = 0; k < s->objects[i].nvmas; k++)
			s->vmas[s->objects[i].vma + k].object = (u32)i;
}

/* ------------------------------------------------------------------ roles */

static void stack_roles(struct space *s, const struct object *o)
{
	if (o->nvmas < 2)
		return;
	for (u32 i = o->vma; i < o->vma + o->nvmas; i++) {
		struct vma *v = &s->vmas[i];

		v->role = vma_inaccessible(v) ? ROLE_GUARD : ROLE_STACK;
	}
}

static void roles_find(struct space *s)
{
	for (size_t i = 0; i < s->nobjects; i++) {
		struct object *o = &s->objects[i];

		if (o->kind == OBJ_FILE && image_ok(s, o))
			o->kind = OBJ_LIB;
		if (state_says_gone(o))
			cut_deleted(s, o);
		if (is_loaded_file(o))
			roles_assign(s, o);
		else if (o->kind == OBJ_STACK || o->kind == OBJ_THREAD_STACK)
			stack_roles(s, o);
	}
}

const char *vma_name(const struct space *s, const struct vma *v)
{
	const struct object *o;

	if (v->name || v->object >= s->nobjects)
		return strtab_get(&s->names, v->name);
	o = &s->objects[v->object];
	/* In a stack the guard comes first and has no name; in a file's object the file does. */
	if (o->kind == OBJ_STACK)
		return strtab_get(&s->names, s->vmas[o->vma + o->nvmas - 1].name);
	return strtab_get(&s->names, s->vmas[o->vma].name);
}

/* ------------------------------------------------------------------ warnings */

static bool is_memfd(const struct space *s, const struct object *o, const struct vma *v)
{
	/* A program started from a memfd is an OBJ_EXE. */
	return o->kind == OBJ_MEMFD ||
	       (!v->major && !strncmp(strtab_get(&s->names, v->name), "/memfd:", 7));
}

/* Pages of a private file mapping that were copied, so differ from the file: code was patched. */
static u64 patched_bytes(const struct space *s, const struct vma *v)
{
	struct smaps_values m;
	struct fig anon;

	if ((v->perms & (PERM_W | PERM_X | PERM_SHARED)) != PERM_X || !vma_is_file(s, v))
		return 0;
	space_smaps(s, v, &m);
	anon = smaps_fig(&m, SMAPS_ANONYMOUS);
	return anon.have ? anon.v * KIB : 0;
}

static void warn_exec(struct space *s, u32 i, u8 perms)
{
	const struct vma *v = &s->vmas[i];
	const struct object *o = &s->objects[v->object];
	u64 patched;

	if (perms & PERM_W)
		space_add_warning(s, WARN_WX, i, vma_size(v));
	switch ((enum object_kind)o->kind) {
	case OBJ_STACK:
	case OBJ_THREAD_STACK:
		space_add_warning(s, WARN_EXEC_STACK, i, vma_size(v));
		return;
	case OBJ_VDSO:
	case OBJ_UPROBES:
		return;
	default:
		break;
	}
	if (is_memfd(s, o, v))
		space_add_warning(s, WARN_MEMFD_EXEC, i, vma_size(v));
	else if (!vma_is_file(s, v) || o->kind == OBJ_ANON)
		space_add_warning(s, WARN_EXEC_ANON, i, vma_size(v));
	patched = patched_bytes(s, v);
	if (patched)
		space_add_warning(s, WARN_PATCHED_TEXT, i, patched);
}

static void warn_exe_deleted(struct space *s)
{
	u32 vma = NO_INDEX;
	bool gone = s->proc.exe_deleted;

	for (size_t i = 0; i < s->nobjects && vma == NO_INDEX; i++) {
		const struct object *o = &s->objects[i];

		if (o->kind == OBJ_EXE) {
			vma = o->vma;
			gone = gone || state_says_gone(o);
		}
	}
	if (gone)
		space_add_warning(s, WARN_DELETED_EXE, vma, 0);
}

static void warnings_find(struct space *s)
{
	s->nwarnings = 0;
	for (size_t i = 0; i < s->nvmas; i++) {
		u8 perms = space_effective_perms(s, &s->vmas[i]);

		/* vsyscall is no memory of the process, and nobody can change it. */
		if ((perms & PERM_X) && s->objects[s->vmas[i].object].kind != OBJ_VSYSCALL)
			warn_exec(s, (u32)i, perms);
	}
	warn_exe_deleted(s);
	for (size_t i = 0; i < s->nobjects; i++) {
		const struct object *o = &s->objects[i];
		u32 vma;

		if (!is_loaded_file(o))
			continue;
		if (object_missing_relro(s, o))
			space_add_warning(s, WARN_NO_RELRO, o->vma, 0);
		else if (object_relro_writable(s, o, &vma))
			space_add_warning(s, WARN_RELRO_WRITABLE, vma, vma_size(&s->vmas[vma]));
	}
}

void space_classify(struct space *s)
{
	share_file_states(s);
	roles_find(s);
	drop_false_bss(s);
	layout_find(s);
	marks_find(s);
	warnings_find(s);
}
