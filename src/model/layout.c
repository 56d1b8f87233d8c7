/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How the kernel laid the user half out: top-down or bottom-up, where the mmap area begins, what
 * was randomised; and the addresses that the process's own account points to.
 */
#include "classify.h"

#include <stdlib.h>
#include <string.h>

enum aslr space_aslr(const struct space *s)
{
	const struct process *p = &s->proc;

	if (p->personality.have && (p->personality.v & PERS_ADDR_NO_RANDOMIZE))
		return ASLR_OFF;
	if (p->aslr.have && !p->aslr.v)
		return ASLR_OFF;
	if (!p->aslr.have || !p->personality.have)
		return ASLR_UNKNOWN;
	return p->aslr.v == 1 ? ASLR_NO_BRK : ASLR_FULL;
}

/* ------------------------------------------------------------------ policy */

static bool is_x86(const struct space *s)
{
	const char *m = s->host.machine;

	return m &&
	       (!strcmp(m, "x86_64") || (m[0] == 'i' && strlen(m) == 4 && !strcmp(m + 2, "86")));
}

/*
 * What mmap_is_legacy() answers: arch/x86/mm/mmap.c looks at the personality and at
 * vm.legacy_va_layout; mm/util.c, for the others, also at an unlimited stack. The limit that
 * counted is that of the exec, so an unlimited one now makes it unknown.
 */
static enum layout_policy declared_policy(const struct space *s)
{
	const struct process *p = &s->proc;

	if (p->personality.have && (p->personality.v & PERS_COMPAT_LAYOUT))
		return LAYOUT_BOTTOM_UP;
	if (p->legacy_layout.have && p->legacy_layout.v)
		return LAYOUT_BOTTOM_UP;
	if (!p->personality.have || !p->legacy_layout.have)
		return LAYOUT_UNKNOWN;
	if (!is_x86(s) && (!p->rlimit_stack.have || p->rlimit_stack.v == UNLIMITED))
		return LAYOUT_UNKNOWN;
	return LAYOUT_TOP_DOWN;
}

/*
 * End of the part of the half that mappings without a hint are placed in: 47 bits on x86_64, also
 * with 5-level paging (DEFAULT_MAP_WINDOW, arch/x86/include/asm/page_64_types.h).
 */
static u64 map_window(const struct space *s)
{
	const u64 x86_window = (UINT64_C(1) << 47) - 4096;

	if (!s->user.last)
		return 0;
	if (is_x86(s) && s->user.last > x86_window)
		return x86_window;
	return s->user.last;
}

/* ld.so is the first file that exec maps into the mmap area, so it stands at the area's start. */
static const struct object *find_interp(const struct space *s)
{
	u32 i = s->proc.auxv_base.have && s->proc.auxv_base.v
			? space_find_vma(s, s->proc.auxv_base.v)
			: NO_INDEX;
	const struct object *o = i == NO_INDEX ? NULL : &s->objects[s->vmas[i].object];

	return o && o->kind == OBJ_INTERP ? o : NULL;
}

/*
 * Where ld.so stands tells the policy when nothing else does. Bottom-up the area begins at a third
 * of the window plus less than 2^28 pages (mmap_rnd_bits), top-down near its end: above two thirds
 * it can only be top-down, while around the middle both are thinkable.
 */
static enum layout_policy seen_policy(const struct space *s)
{
	const struct object *interp = find_interp(s);
	u64 window = map_window(s);

	if (!interp || s->proc.bits != 64 || !window)
		return LAYOUT_UNKNOWN;
	return s->vmas[interp->vma].first > window / 3 * 2 ? LAYOUT_TOP_DOWN : LAYOUT_UNKNOWN;
}

/* ------------------------------------------------------------------ mmap_base */

/* Is the kernel at least `major`.`minor`? False when its release does not say. */
static bool kernel_at_least(const struct space *s, u64 major, u64 minor)
{
	const char *p = s->host.release, *end = p ? p + strlen(p) : NULL;
	u64 a, b;

	if (!p || !parse_dec(&p, end, &a) || *p++ != '.' || !parse_dec(&p, end, &b))
		return false;
	return a > major || (a == major && b >= minor);
}

/* The highest mapping below the main stack; vdso and vvar right above the stack (before 6.9) or
 * mappings made higher up by MAP_FIXED do not count. NO_INDEX without a stack. */
static u32 below_stack(const struct space *s)
{
	for (size_t i = 0; i < s->nobjects; i++)
		if (s->objects[i].kind == OBJ_STACK)
			return s->objects[i].vma ? s->objects[i].vma - 1 : NO_INDEX;
	return NO_INDEX;
}

static void set_base(struct space *s, u64 base, enum conf conf)
{
	s->mmap_base = FIG(base);
	s->mmap_base_conf = conf;
}

/*
 * mmap_base is not exported. Top-down the first mapping ends at it: with ld.so still there (seen
 * to hold from 6.9 on) it is that address, else nothing but a lower bound.
 */
static void find_top_down_base(struct space *s)
{
	const struct object *interp = find_interp(s);
	u32 top = below_stack(s);
	const struct object *o;

	if (top == NO_INDEX)
		return;
	o = &s->objects[s->vmas[top].object];
	if (o == interp && kernel_at_least(s, 6, 9))
		set_base(s, s->vmas[top].last + 1, CONF_DERIVED);
	else if (o->kind != OBJ_HEAP && o->kind != OBJ_EXE)
		set_base(s, s->vmas[top].last + 1, CONF_BOUNDS);
}

static void find_bottom_up_base(struct space *s)
{
	const struct object *interp = find_interp(s);
	u64 window = map_window(s);

	if (interp && window && s->vmas[interp->vma].first >= window / 3)
		set_base(s, s->vmas[interp->vma].first, CONF_DERIVED);
}

void layout_find(struct space *s)
{
	/* Read from the mm itself: nothing to work out but what that does not tell. */
	bool read = s->mmap_base.have && s->mmap_base_conf == CONF_EXACT;

	if (!read || s->layout == LAYOUT_UNKNOWN)
		s->layout = declared_policy(s);
	if (s->layout == LAYOUT_UNKNOWN)
		s->layout = seen_policy(s);
	if (read)
		return;
	s->mmap_base = (struct fig){ 0 };
	s->mmap_base_conf = CONF_UNKNOWN;
	if (s->layout == LAYOUT_TOP_DOWN)
		find_top_down_base(s);
	else if (s->layout == LAYOUT_BOTTOM_UP)
		find_bottom_up_base(s);
}

/* ------------------------------------------------------------------ marks */

/*
 * Masked figures of stat are 0 or 1 (fs/proc/array.c, do_task_stat), and absent entries of auxv 0:
 * neither is an address.
 */
static void mark(struct space *s, struct fig addr, const char *name, const char *source)
{
	if (addr.have && addr.v > 1)
		space_add_mark(s, addr.v, name, source);
}

static int compare_marks(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;
	int order;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	order = strcmp(x->name, y->name);
	return order ? order : (x->thread > y->thread) - (x->thread < y->thread);
}

static void mark_threads(struct space *s)
{
	for (size_t i = 0; i < s->nthreads; i++) {
		const struct thread *t = &s->threads[i];

		if (t->sp.have)
			space_add_mark(s, t->sp.v, "sp", "syscall")->thread = (u32)i;
		if (t->pc.have)
			space_add_mark(s, t->pc.v, "pc", "syscall")->thread = (u32)i;
	}
}

void marks_find(struct space *s)
{
	const struct process *p = &s->proc;
	const struct mm_bounds *mm = &p->mm;

	s->nmarks = 0;
	mark(s, p->auxv_entry, "AT_ENTRY", "auxv");
	mark(s, p->auxv_base, "AT_BASE", "auxv");
	mark(s, p->auxv_phdr, "AT_PHDR", "auxv");
	mark(s, p->auxv_vdso, "AT_SYSINFO_EHDR", "auxv");
	mark(s, p->auxv_execfn, "AT_EXECFN", "auxv");
	mark(s, p->auxv_random, "AT_RANDOM", "auxv");
	mark(s, mm->start_code, "start_code", "stat");
	mark(s, mm->end_code, "end_code", "stat");
	mark(s, mm->start_data, "start_data", "stat");
	mark(s, mm->end_data, "end_data", "stat");
	mark(s, mm->start_brk, "start_brk", "stat");
	mark(s, mm->start_stack, "start_stack", "stat");
	mark(s, mm->arg_start, "arg_start", "stat");
	mark(s, mm->arg_end, "arg_end", "stat");
	mark(s, mm->env_start, "env_start", "stat");
	mark(s, mm->env_end, "env_end", "stat");
	mark(s, s->mmap_base, "mmap_base", conf_name(s->mmap_base_conf));
	mark_threads(s);
	if (s->nmarks)
		qsort(s->marks, s->nmarks, sizeof(*s->marks), compare_marks);
}
