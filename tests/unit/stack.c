/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which mappings are stacks, the parts of the main one, depths, permissions in hardware. */
#include "tap.h"
#include "make_space.h"

#include <stdlib.h>

static const struct object *object_at(const struct space *s, size_t vma)
{
	return &s->objects[s->vmas[vma].object];
}

static void test_main_stack_in_pieces(void)
{
	static const struct line lines[] = {
		{ 0x7ff000000000, 0x7ff000010000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x7ff000010000, 0x7ff000014000, "---p", 0, 0, 0, 0,
		  "" }, /* the runtime's guard */
		{ 0x7ff000014000, 0x7ff000018000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x7ff000018000, 0x7ff000019000, "rwxp", 0, 0, 0, 0, "[stack]" },
		{ 0x7ff000019000, 0x7ff00001a000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x7ff00001a000, 0x7ff00001b000, "rw-p", 0, 0, 0, 0, "" }, /* not the stack's */
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	for (size_t i = 2; i < 5; i++)
		set_flag(&s, &s.vmas[i], "gd");
	add_thread(&s, 100, 0x7ff000015000);
	space_group(&s);
	space_classify(&s);
	IS(object_at(&s, 3)->vma, 1);
	IS(object_at(&s, 3)->nvmas, 4);
	IS(object_at(&s, 3)->kind, OBJ_STACK);
	IS(object_at(&s, 3)->thread, 0);
	IS(s.vmas[1].role, ROLE_GUARD);
	IS(s.vmas[2].role, ROLE_STACK);
	IS(object_at(&s, 0)->kind, OBJ_ANON);
	IS(object_at(&s, 5)->kind, OBJ_ANON);
	IS(s.nobjects, 3);
	space_release(&s);
}

static void test_thread_stacks(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x11000, "---p", 0, 0, 0, 0, "" },
		{ 0x11000, 0x21000, "rw-p", 0, 0, 0, 0, "" }, /* 1: thread 101 */
		{ 0x21000, 0x22000, "---p", 0, 0, 0, 0, "" },
		{ 0x22000, 0x32000, "rw-p", 0, 0, 0, 0, "" }, /* 3: a cached one, nobody's */
		{ 0x40000, 0x80000, "rw-p", 0, 0, 0, 0, "" }, /* 4: no sign of a stack */
		{ 0x90000, 0xa0000, "rw-p", 0, 0, 0, 0, "" }, /* 5: two threads */
		{ 0xb0000, 0xc0000, "rw-p", 0, 0, 0, 0, "" }, /* 6: the leader, elsewhere */
		{ 0xd0000, 0xe0000, "rw-p", 0, 0, 0, 0, "" }, /* 7: grows down */
		{ 0xf0000, 0xf1000, "rw-s", 0, 0, 1, 9, "/dev/zero (deleted)" }, /* 8: shared */
		{ 0x100000, 0x110000, "rw-p", 0, 0, 0, 0, "[anon: glibc: pthread stack: 109]" },
		{ 0x120000, 0x130000, "rw-p", 0, 0, 0, 0, "[anon:stack_and_tls:110]" },
		{ 0x140000, 0x150000, "rw-p", 0, 0, 0, 0, "[anon:stack_and_tls:999]" },
		{ 0x200000, 0x400000, "---p", 0, 0, 0, 0, "" }, /* 12: too large a guard */
		{ 0x400000, 0x410000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x500000, 0x510000, "rw-p", 0, 0, 0, 0, "[stack:112]" },
		{ 0x600000, 0x610000, "rw-p", 0, 0, 0, 0, "[anon:my stack]" },
	};
	struct space s;
	static const enum object_kind want[] = {
		OBJ_THREAD_STACK, OBJ_THREAD_STACK, OBJ_GUARD,	      OBJ_ANON,
		OBJ_ANON,	  OBJ_ANON,	    OBJ_ANON,	      OBJ_THREAD_STACK,
		OBJ_SHM,	  OBJ_THREAD_STACK, OBJ_THREAD_STACK, OBJ_NAMED_ANON,
		OBJ_RESERVED,	  OBJ_ANON,	    OBJ_THREAD_STACK, OBJ_THREAD_STACK,
	};
	static const pid_t owner[] = {
		101, 101, 0, 0, 0, 0, 0, 107, 0, 109, 110, 0, 0, 0, 112, 113
	};

	make_space(&s, lines, ARRAY_SIZE(lines));
	for (size_t i = 5; i < 8; i++)
		set_flag(&s, &s.vmas[i], "gd");
	add_thread(&s, 100, 0xbff00);
	add_thread(&s, 101, 0x20f00);
	add_thread(&s, 104, 0x7ff00);
	add_thread(&s, 105, 0x9ff00);
	add_thread(&s, 106, 0x98000);
	add_thread(&s, 107, 0xd0000);
	add_thread(&s, 108, 0xf0800);
	add_thread(&s, 109, 0);	       /* its sp is not known, the name tells */
	add_thread(&s, 110, 0x12f000); /* both */
	add_thread(&s, 111, 0x40ff00);
	add_thread(&s, 112, 0);
	add_thread(&s, 113, 0x600000);
	space_group(&s);
	space_classify(&s);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const struct object *o = object_at(&s, i);

		if (!OK(o->kind == want[i]))
			printf("# mapping %zu is %s\n", i,
			       object_kind_name((enum object_kind)o->kind));
		IS(o->thread == NO_INDEX ? 0 : s.threads[o->thread].tid, owner[i]);
	}
	IS(object_at(&s, 1)->nvmas, 2);
	IS(s.vmas[0].role, ROLE_GUARD);
	IS(s.vmas[1].role, ROLE_STACK);
	IS(s.vmas[9].role, ROLE_NONE);
	space_release(&s);
}

/* A name may claim a thread whose sp is known to be elsewhere. */
static void test_name_against_sp(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x20000, "rw-p", 0, 0, 0, 0, "[anon:stack:101]" },
		{ 0x30000, 0x40000, "rw-p", 0, 0, 0, 0, "[anon:stack:]" },
		{ 0x50000, 0x60000, "rw-p", 0, 0, 0, 0, "[anon:stack:99999999999999999999]" },
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	add_thread(&s, 101, 0x70000);
	space_group(&s);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		IS(s.objects[i].kind, OBJ_NAMED_ANON);
	space_release(&s);
}

#define STACK_LOW 0x7ffffffde000
#define STACK_TOP 0x7ffffffff000
#define ARGC	  0x7fffffffe000
#define RANDOM	  0x7fffffffe2a9
#define ARG_START 0x7fffffffe400
#define ENV_START 0x7fffffffe440
#define ENV_END	  0x7fffffffefe8
#define STACK_LINE                                                                                 \
	{                                                                                          \
		STACK_LOW, STACK_TOP, "rw-p", 0, 0, 0, 0, "[stack]"                                \
	}

static void make_stack(struct space *s)
{
	static const struct line line = STACK_LINE;
	struct mm_bounds *mm = &s->proc.mm;

	make_space(s, &line, 1);
	mm->start_stack = FIG(ARGC);
	mm->arg_start = FIG(ARG_START);
	mm->arg_end = mm->env_start = FIG(ENV_START);
	mm->env_end = FIG(ENV_END);
	s->proc.auxv_execfn = FIG(ENV_END);
	s->proc.auxv_random = FIG(RANDOM);
	s->proc.auxv_bytes = 0x150;
	add_thread(s, 100, 0x7fffffffd000);
	s->vmas[0].have |= VMA_HAVE_PAGES;
	s->vmas[0].pages.present = 3;
	s->vmas[0].pages.lowest = 0x7fffffffc000;
	space_group(s);
	space_classify(s);
}

static void is_part(const struct stack_part *p, u64 start, u64 end, const char *name)
{
	IS(p->r.first, start);
	IS(p->r.last, end - 1);
	IS_STR(p->name, name);
}

static void test_parts(void)
{
	struct stack_part parts[8];
	struct space s;

	make_stack(&s);
	IS(space_stack_parts(&s, &s.vmas[0], parts), 8);
	is_part(&parts[0], ENV_END, STACK_TOP, "executable name");
	is_part(&parts[1], ENV_START, ENV_END, "environment strings");
	is_part(&parts[2], ARG_START, ENV_START, "argument strings");
	is_part(&parts[3], RANDOM, ARG_START, "random bytes, padding");
	/* 0x2a9 - 0x150 - 15 = 0x14a, and up to a word */
	is_part(&parts[4], 0x7fffffffe150, RANDOM, "auxv");
	is_part(&parts[5], ARGC, 0x7fffffffe150, "argc, argv and envp");
	is_part(&parts[6], 0x7fffffffd000, ARGC, "in use");
	is_part(&parts[7], 0x7fffffffc000, 0x7fffffffd000, "touched, not in use");
	IS(stack_used(&s, &s.vmas[0], &s.threads[0]).v, STACK_TOP - 0x7fffffffd000);
	IS(stack_touched(&s, &s.vmas[0]).v, STACK_TOP - 0x7fffffffc000);
	space_release(&s);
}

static void test_parts_masked(void)
{
	struct stack_part parts[8];
	struct space s;

	make_stack(&s);
	memset(&s.proc.mm, 0, sizeof(s.proc.mm));
	IS(space_stack_parts(&s, &s.vmas[0], parts), 0);
	/* 0 and 1 are what the kernel writes for "not yours". */
	s.proc.mm.start_stack = FIG(0);
	s.proc.mm.arg_start = s.proc.mm.arg_end = FIG(1);
	IS(space_stack_parts(&s, &s.vmas[0], parts), 0);
	space_release(&s);

	make_stack(&s);
	s.threads[0].sp.have = false;
	s.proc.auxv_random.have = false;
	s.proc.auxv_execfn.have = false;
	IS(space_stack_parts(&s, &s.vmas[0], parts), 3);
	is_part(&parts[0], ENV_START, ENV_END, "environment strings");
	is_part(&parts[1], ARG_START, ENV_START, "argument strings");
	is_part(&parts[2], ARGC, ARG_START, "argc, argv, envp, auxv");
	space_release(&s);
}

/* prctl(PR_SET_MM) may declare anything. */
static void test_parts_forged(void)
{
	struct stack_part parts[8];
	struct space s;
	size_t n;

	make_stack(&s);
	s.proc.mm.env_end = FIG(STACK_TOP + 4096);
	n = space_stack_parts(&s, &s.vmas[0], parts);
	IS(n, 7);
	IS_STR(parts[1].name, "argument strings");
	s.proc.mm.env_end = FIG(ENV_START - 64); /* ends before it starts */
	IS(space_stack_parts(&s, &s.vmas[0], parts), 7);
	s.proc.mm.env_end = FIG(ENV_END);
	s.proc.mm.arg_end = FIG(ENV_START + 8); /* into the environment */
	n = space_stack_parts(&s, &s.vmas[0], parts);
	IS(n, 7);
	IS_STR(parts[2].name, "random bytes, padding");
	s.proc.mm.arg_end = FIG(ENV_START);
	s.proc.mm.arg_start = FIG(0x1000); /* below the stack */
	n = space_stack_parts(&s, &s.vmas[0], parts);
	IS(n, 4);
	IS_STR(parts[2].name, "in use");
	s.proc.mm.start_stack = FIG(UINT64_MAX);
	IS(space_stack_parts(&s, &s.vmas[0], parts), 0);
	for (size_t i = 0; i + 1 < n; i++)
		OK(parts[i + 1].r.last < parts[i].r.first);
	space_release(&s);
}

static void test_depths(void)
{
	struct space s;
	struct thread elsewhere = { .sp = FIG(0x1000) };
	struct vma *v;

	make_stack(&s);
	v = &s.vmas[0];
	OK(!stack_used(&s, v, NULL).have);
	OK(!stack_used(&s, v, &elsewhere).have);
	elsewhere.sp.have = false;
	OK(!stack_used(&s, v, &elsewhere).have);
	v->pages.present = 0;
	OK(stack_touched(&s, v).have);
	IS(stack_touched(&s, v).v, 0);
	v->pages.swapped = 1;
	IS(stack_touched(&s, v).v, STACK_TOP - 0x7fffffffc000);
	v->pages.lowest = 0x1000; /* contradicts the mapping */
	OK(!stack_touched(&s, v).have);
	v->have = 0;
	OK(!stack_touched(&s, v).have);
	space_release(&s);
}

static u8 effective(struct space *s, const char *letters)
{
	struct vma v = { .first = 0x1000, .last = 0x1fff, .perms = perms_of(letters) };

	return space_effective_perms(s, &v);
}

static void test_effective(void)
{
	const u8 pkey[] = { SMAPS_PKEY };
	struct space s;
	struct vma *v;

	make_space(&s, NULL, 0);
	IS(effective(&s, "r--p"), PERM_R);
	IS(effective(&s, "rw-s"), PERM_R | PERM_W | PERM_SHARED);
	IS(effective(&s, "-w-p"), PERM_R | PERM_W);
	IS(effective(&s, "---p"), 0);
	IS(effective(&s, "--xp"), PERM_X); /* without smaps nobody knows of a key */
	s.host.nx_known = true;
	s.host.nx = true;
	IS(effective(&s, "rw-p"), PERM_R | PERM_W);
	s.host.nx = false;
	IS(effective(&s, "rw-p"), PERM_R | PERM_W | PERM_X);
	IS(effective(&s, "-w-p"), PERM_R | PERM_W | PERM_X);
	IS(effective(&s, "---p"), 0);
	s.host.nx = true;

	v = space_add_vma(&s);
	v->last = 0xfff;
	v->perms = PERM_X;
	set_smaps(&s, v, pkey, (const u64[]){ 0 }, 1);
	IS(space_effective_perms(&s, v), PERM_R | PERM_X);
	set_smaps(&s, v, pkey, (const u64[]){ 1 }, 1);
	IS(space_effective_perms(&s, v), PERM_X);
	/* vsyscall */
	v->first = 0xffffffffff600000;
	v->last = 0xffffffffff600fff;
	set_smaps(&s, v, pkey, (const u64[]){ 0 }, 1);
	IS(space_effective_perms(&s, v), PERM_X);

	free(s.host.machine);
	s.host.machine = xstrdup("s390x");
	IS(effective(&s, "-w-p"), PERM_W);
	free(s.host.machine);
	s.host.machine = xstrdup("armv7l");
	IS(effective(&s, "--xp"), PERM_R | PERM_X);
	free(s.host.machine);
	s.host.machine = xstrdup("aarch64");
	IS(effective(&s, "--xp"), PERM_X);
	IS(effective(&s, "-w-p"), PERM_R | PERM_W);
	free(s.host.machine);
	s.host.machine = NULL;
	IS(effective(&s, "-w-p"), PERM_W);
	space_release(&s);
}

int main(void)
{
	test_main_stack_in_pieces();
	test_thread_stacks();
	test_name_against_sp();
	test_parts();
	test_parts_masked();
	test_parts_forged();
	test_depths();
	test_effective();
	return tap_done();
}
