/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stacks: which mappings they are, whose, how much of them is in use, what stands at the top of
 * the main one. And the permissions that hold in hardware.
 */
#include "classify.h"

#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------ whose stack */

/*
 * Most that PROT_NONE below a thread's stack may take to be its guard: the kernel's own guard gap
 * is 256 pages (mm/mmap.c, stack_guard_gap), 1 MiB with 4 KiB pages. Larger ones are reservations.
 */
#define STACK_GUARD_MAX MIB

bool stack_guard_at(const struct space *s, size_t i)
{
	const struct vma *v = &s->vmas[i];

	return i + 1 < s->nvmas && vma_inaccessible(v) && vma_is_anon(s, v) &&
	       !(v->perms & PERM_SHARED) && vma_size(v) <= STACK_GUARD_MAX &&
	       vma_adjacent(v, v + 1);
}

static int compare_tids(const void *a, const void *b)
{
	const struct thread *x = a, *y = b;

	return (x->tid > y->tid) - (x->tid < y->tid);
}

u32 find_thread(const struct space *s, pid_t tid)
{
	struct thread key = { .tid = tid };
	const struct thread *t;

	if (tid <= 0)
		return NO_INDEX;
	t = s->nthreads ? bsearch(&key, s->threads, s->nthreads, sizeof(key), compare_tids) : NULL;
	return t ? (u32)(t - s->threads) : NO_INDEX;
}

/*
 * The thread that a name claims: "[stack:TID]" of Linux 3.4 to 4.4, and what libraries call their
 * stacks by prctl(PR_SET_VMA): "[anon: glibc: pthread stack: TID]", "[anon:stack_and_tls:TID]".
 */
static u32 named_thread(const struct space *s, const struct vma *v)
{
	const char *name = strtab_get(&s->names, v->name);
	const char *p, *end = name + strlen(name);
	u64 tid;

	if (name[0] != '[' || !strstr(name, "stack"))
		return NO_INDEX;
	p = strrchr(name, ':');
	if (!p)
		return NO_INDEX;
	p++;
	skip_blanks(&p, end);
	if (!parse_dec(&p, end, &tid) || strcmp(p, "]") || tid > INT32_MAX)
		return NO_INDEX;
	return find_thread(s, (pid_t)tid);
}

/*
 * A runtime may let threads run on parts of a large heap (Go, coroutines), so an sp alone does not
 * make a stack. A sign is needed that the mapping was made as one: a guard below it, VM_GROWSDOWN,
 * guard pages inside (glibc 2.42 makes them so), or its name.
 */
static bool made_as_stack(const struct space *s, const struct landmarks *lm, size_t i)
{
	const struct vma *v = &s->vmas[i];

	return (v->vmflags & (lm->gd | lm->gu)) || (i > 0 && stack_guard_at(s, i - 1)) ||
	       strstr(strtab_get(&s->names, v->name), "stack");
}

u32 stack_thread(const struct space *s, const struct landmarks *lm, size_t i)
{
	const struct vma *v = &s->vmas[i];
	u32 thread = lm->thread_of ? lm->thread_of[i] : NO_INDEX, named;
	bool old_name;

	if (!v->name && thread == NO_INDEX)
		return NO_INDEX;
	old_name = !strncmp(strtab_get(&s->names, v->name), "[stack:", 7);
	if (v->perms & PERM_SHARED || !(v->perms & PERM_W) || !(vma_is_anon(s, v) || old_name) ||
	    (i >= lm->stack_first && i <= lm->stack_last))
		return NO_INDEX;
	named = v->name ? named_thread(s, v) : NO_INDEX;
	if (thread == NO_INDEX)
		return named != NO_INDEX && !s->threads[named].sp.have ? named : NO_INDEX;
	if (thread == MANY_THREADS)
		return NO_INDEX;
	/* The leader's stack is [stack]; elsewhere it runs on a signal or coroutine stack. */
	if (s->threads[thread].tid == s->proc.pid)
		return NO_INDEX;
	return old_name || made_as_stack(s, lm, i) ? thread : NO_INDEX;
}

/*
 * The mappings of the main stack. mprotect() can cut it: the parts keep VM_GROWSDOWN, and a
 * runtime may have made the pages below its lowest part a guard of its own.
 */
static void find_main_stack(const struct space *s, struct landmarks *lm)
{
	size_t i = 0, low, high;

	while (i < s->nvmas &&
	       (!s->vmas[i].name || strcmp(strtab_get(&s->names, s->vmas[i].name), "[stack]")))
		i++;
	lm->stack_first = lm->stack_last = NO_INDEX;
	if (i == s->nvmas || s->vmas[i].inode)
		return;
	low = high = i;
	while (low > 0 && vma_adjacent(&s->vmas[low - 1], &s->vmas[low]) &&
	       !s->vmas[low - 1].name && (s->vmas[low - 1].vmflags & lm->gd))
		low--;
	if (low > 0 && stack_guard_at(s, low - 1))
		low--;
	while (high + 1 < s->nvmas && vma_adjacent(&s->vmas[high], &s->vmas[high + 1]) &&
	       !s->vmas[high + 1].name && (s->vmas[high + 1].vmflags & lm->gd))
		high++;
	lm->stack_first = (u32)low;
	lm->stack_last = (u32)high;
}

void stacks_find(struct space *s, struct landmarks *lm)
{
	find_main_stack(s, lm);
	if (!s->nthreads || !s->nvmas)
		return;
	/* task/ lists them as text, 10 before 9. */
	qsort(s->threads, s->nthreads, sizeof(*s->threads), compare_tids);
	lm->thread_of = xmalloc(s->nvmas * sizeof(*lm->thread_of));
	memset(lm->thread_of, 0xff, s->nvmas * sizeof(*lm->thread_of));
	for (size_t i = 0; i < s->nthreads; i++) {
		struct thread *t = &s->threads[i];
		u32 *slot;

		t->vma = t->sp.have ? space_find_vma(s, t->sp.v) : NO_INDEX;
		if (t->vma == NO_INDEX)
			continue;
		slot = &lm->thread_of[t->vma];
		*slot = *slot == NO_INDEX ? (u32)i : MANY_THREADS;
	}
}

/* ------------------------------------------------------------------ depths */

struct fig stack_used(const struct space *s, const struct vma *v, const struct thread *t)
{
	(void)s;
	if (!t || !t->sp.have || !range_has(vma_range(v), t->sp.v))
		return (struct fig){ 0 };
	return FIG(v->last - t->sp.v + 1);
}

struct fig stack_touched(const struct space *s, const struct vma *v)
{
	(void)s;
	if (!(v->have & VMA_HAVE_PAGES))
		return (struct fig){ 0 };
	if (!v->pages.present && !v->pages.swapped)
		return FIG(0);
	if (!range_has(vma_range(v), v->pages.lowest))
		return (struct fig){ 0 };
	return FIG(v->last - v->pages.lowest + 1);
}

/* ------------------------------------------------------------------ the top of the main stack */

/* Parts are added from the top down; each must lie inside the mapping and below those before it. */
struct parts {
	struct stack_part *part;
	size_t n;
	u64 floor, ceiling; /* what is still free: [floor, ceiling) */
};

static void add_part(struct parts *p, struct fig start, struct fig end, const char *name)
{
	if (!start.have || !end.have || start.v >= end.v || start.v < p->floor ||
	    end.v > p->ceiling || p->n == 8)
		return;
	p->part[p->n++] = (struct stack_part){ { start.v, end.v - 1 }, name };
	p->ceiling = start.v;
}

/*
 * What lies between argc and the argument strings. The vectors end below AT_RANDOM's bytes, and
 * all of them were moved down together until argc stood on 16 bytes. So auxv begins at one of two
 * places a word apart (32-bit: four); the lowest is taken, and the part may begin with the NULL
 * that ends envp.
 */
static void add_vectors(struct parts *p, const struct process *proc)
{
	struct fig start = proc->mm.start_stack, end = proc->mm.arg_start, low = proc->auxv_random;
	u64 word = proc->bits / 8, size = proc->auxv_bytes, auxv;

	if (word && size && start.have && end.have && low.have && low.v > start.v &&
	    low.v - start.v >= size + 15 && low.v < end.v) {
		auxv = (low.v - size - 15 + word - 1) / word * word;
		add_part(p, low, end, "random bytes, padding");
		add_part(p, FIG(auxv), low, "auxv");
		add_part(p, start, FIG(auxv), "argc, argv and envp");
	} else {
		add_part(p, start, end, "argc, argv, envp, auxv");
	}
}

/*
 * The layout at exec (fs/exec.c, bprm_execve and copy_strings; fs/binfmt_elf.c,
 * create_elf_tables), the same since 2.6.23 on all architectures whose stack grows down: from the
 * top a null word, the path that was executed, environment strings, argument strings, then random
 * padding, platform strings, AT_RANDOM's bytes, auxv, envp, argv, and argc at start_stack.
 */
size_t space_stack_parts(const struct space *s, const struct vma *v, struct stack_part parts[8])
{
	const struct mm_bounds *mm = &s->proc.mm;
	u32 leader = find_thread(s, s->proc.pid);
	struct fig end = FIG(v->last + 1), sp = { 0 };
	struct parts p = { .part = parts, .floor = v->first, .ceiling = end.v };

	if (!mm->start_stack.have || !range_has(vma_range(v), mm->start_stack.v) || !end.v)
		return 0;
	add_part(&p, s->proc.auxv_execfn, end, "executable name");
	add_part(&p, mm->env_start, mm->env_end, "environment strings");
	add_part(&p, mm->arg_start, mm->arg_end, "argument strings");
	add_vectors(&p, &s->proc);
	if (leader != NO_INDEX)
		sp = s->threads[leader].sp;
	add_part(&p, sp, mm->start_stack, "in use");
	if (sp.have && (v->have & VMA_HAVE_PAGES) && (v->pages.present || v->pages.swapped))
		add_part(&p, FIG(v->pages.lowest), sp, "touched, not in use");
	return p.n;
}

/* ------------------------------------------------------------------ what the hardware enforces */

enum cpu {
	CPU_OTHER,
	CPU_X86,
	CPU_ARM,
	CPU_ARM64,
	CPU_RISCV,
};

static enum cpu cpu_of(const char *machine)
{
	if (!machine)
		return CPU_OTHER;
	if (!strcmp(machine, "x86_64") ||
	    (machine[0] == 'i' && strlen(machine) == 4 && !strcmp(machine + 2, "86")))
		return CPU_X86;
	if (!strncmp(machine, "aarch64", 7))
		return CPU_ARM64;
	if (!strncmp(machine, "arm", 3))
		return CPU_ARM;
	return !strncmp(machine, "riscv", 5) ? CPU_RISCV : CPU_OTHER;
}

/*
 * Execute without read: x86 page tables cannot say so; a protection key can (pkeys since 4.6,
 * execute_only_pkey), then ProtectionKey is not 0. 32-bit arm cannot either. arm64 and riscv can.
 */
static bool exec_reads(const struct space *s, const struct vma *v, enum cpu cpu)
{
	struct smaps_values m;

	if (cpu == CPU_ARM)
		return true;
	if (cpu != CPU_X86 || !(v->have & VMA_HAVE_SMAPS))
		return false;
	space_smaps(s, v, &m);
	return !smaps_fig(&m, SMAPS_PKEY).have || !m.v[SMAPS_PKEY];
}

/*
 * READ_IMPLIES_EXEC needs nothing here: mmap() and mprotect() add PROT_EXEC under it, so the
 * mapping's own letters already show it.
 */
u8 space_effective_perms(const struct space *s, const struct vma *v)
{
	u8 perms = v->perms;

	/* vsyscall: emulated, the page is not executed at all. */
	if (!(perms & (PERM_R | PERM_W | PERM_X)) || v->first >> 63)
		return perms;
	if (!(perms & PERM_R)) {
		enum cpu cpu = cpu_of(s->host.machine);

		/* protection_map[VM_WRITE] is a readable page on all of these (mm/, 2.6 to 6.18).
		 */
		if ((perms & PERM_W) && cpu != CPU_OTHER)
			perms |= PERM_R;
		else if ((perms & PERM_X) && exec_reads(s, v, cpu))
			perms |= PERM_R;
	}
	/* A CPU, or i386 without PAE, that has no such bit executes whatever it can read. */
	if (s->host.nx_known && !s->host.nx && (perms & PERM_R))
		perms |= PERM_X;
	return perms;
}
