/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grouping, kinds, names of deleted files, layout, marks, warnings. */
#include "tap.h"
#include "make_space.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EXE "/usr/bin/prog"
#define LD  "/usr/lib/ld.so"
#define LIB "/usr/lib/libc.so.6"

/* A dynamic PIE as Linux 6.18 lays it out. */
static const struct line pie[] = {
	{ 0x555555554000, 0x555555556000, "r--p", 0, 8, 1, 10, EXE },	     /* 0 */
	{ 0x555555556000, 0x55555555a000, "r-xp", 0x2000, 8, 1, 10, EXE },   /* 1 */
	{ 0x55555555a000, 0x55555555c000, "r--p", 0x6000, 8, 1, 10, EXE },   /* 2 */
	{ 0x55555555c000, 0x55555555d000, "r--p", 0x7000, 8, 1, 10, EXE },   /* 3 */
	{ 0x55555555d000, 0x55555555e000, "rw-p", 0x8000, 8, 1, 10, EXE },   /* 4 */
	{ 0x55555555e000, 0x555555560000, "rw-p", 0, 0, 0, 0, "" },	     /* 5 .bss */
	{ 0x555555570000, 0x555555580000, "rw-p", 0, 0, 0, 0, "[heap]" },    /* 6 */
	{ 0x555555580000, 0x555555581000, "rwxp", 0, 0, 0, 0, "[heap]" },    /* 7 */
	{ 0x7fff70000000, 0x7fff70001000, "---p", 0, 0, 0, 0, "" },	     /* 8 guard */
	{ 0x7fff70001000, 0x7fff70801000, "rw-p", 0, 0, 0, 0, "" },	     /* 9 thread */
	{ 0x7ffff7a00000, 0x7ffff7a28000, "r--p", 0, 8, 1, 20, LIB },	     /* 10 */
	{ 0x7ffff7a28000, 0x7ffff7ba8000, "r-xp", 0x28000, 8, 1, 20, LIB },  /* 11 */
	{ 0x7ffff7ba8000, 0x7ffff7c00000, "---p", 0, 0, 0, 0, "" },	     /* 12 hole */
	{ 0x7ffff7c00000, 0x7ffff7c04000, "r--p", 0x200000, 8, 1, 20, LIB }, /* 13 */
	{ 0x7ffff7c04000, 0x7ffff7c06000, "rw-p", 0x204000, 8, 1, 20, LIB }, /* 14 */
	{ 0x7ffff7c06000, 0x7ffff7c13000, "rw-p", 0, 0, 0, 0, "" },	     /* 15 .bss */
	{ 0x7ffff7fb0000, 0x7ffff7fb4000, "r--p", 0, 0, 0, 0, "[vvar]" },    /* 16 */
	{ 0x7ffff7fb4000, 0x7ffff7fb6000, "r--p", 0, 0, 0, 0, "[vvar_vclock]" },
	{ 0x7ffff7fb6000, 0x7ffff7fb8000, "r-xp", 0, 0, 0, 0, "[vdso]" },
	{ 0x7ffff7fb8000, 0x7ffff7fb9000, "r--p", 0, 8, 1, 30, LD }, /* 19 */
	{ 0x7ffff7fb9000, 0x7ffff7fe0000, "r-xp", 0x1000, 8, 1, 30, LD },
	{ 0x7ffff7fe0000, 0x7ffff7fff000, "rw-p", 0x28000, 8, 1, 30, LD }, /* 21 */
	{ 0x7ffffffde000, 0x7ffffffff000, "rw-p", 0, 0, 0, 0, "[stack]" }, /* 22 */
	{ 0xffffffffff600000, 0xffffffffff601000, "--xp", 0, 0, 0, 0, "[vsyscall]" },
};

static void make_pie(struct space *s)
{
	make_space(s, pie, ARRAY_SIZE(pie));
	s->proc.exe = name_id(s, EXE);
	s->proc.auxv_base = FIG(0x7ffff7fb8000);
	s->proc.auxv_phdr = FIG(0x555555554040);
	s->proc.auxv_entry = FIG(0x555555556100);
	s->proc.personality = FIG(0);
	s->proc.legacy_layout = FIG(0);
	s->proc.aslr = FIG(2);
	/* As text sorts them. */
	add_thread(s, 100, 0x7fffffffd000);
	add_thread(s, 1000, 0);
	add_thread(s, 101, 0x7fff70800e00);
}

static const struct object *object_at(const struct space *s, size_t vma)
{
	return &s->objects[s->vmas[vma].object];
}

static void is_object(const struct space *s, size_t vma, u32 n, enum object_kind kind)
{
	const struct object *o = object_at(s, vma);

	IS(o->vma, vma);
	IS(o->nvmas, n);
	IS_STR(object_kind_name((enum object_kind)o->kind), object_kind_name(kind));
}

static size_t count_warnings(const struct space *s, enum warning_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nwarnings; i++)
		n += s->warnings[i].kind == kind;
	return n;
}

static void test_pie(void)
{
	struct space s;

	make_pie(&s);
	space_group(&s);
	IS(s.nobjects, 8);
	is_object(&s, 0, 6, OBJ_EXE);
	is_object(&s, 6, 2, OBJ_HEAP);
	is_object(&s, 8, 2, OBJ_THREAD_STACK);
	is_object(&s, 10, 6, OBJ_LIB);
	is_object(&s, 16, 3, OBJ_VDSO);
	is_object(&s, 19, 3, OBJ_INTERP);
	is_object(&s, 22, 1, OBJ_STACK);
	is_object(&s, 23, 1, OBJ_VSYSCALL);
	IS(s.threads[0].tid, 100);
	IS(s.threads[1].tid, 101);
	IS(s.threads[1].vma, 9);
	IS(s.threads[2].vma, NO_INDEX);
	IS(s.threads[object_at(&s, 8)->thread].tid, 101);
	IS(s.threads[object_at(&s, 22)->thread].tid, 100);
	IS(object_at(&s, 0)->thread, NO_INDEX);

	space_classify(&s);
	IS(s.vmas[8].role, ROLE_GUARD);
	IS(s.vmas[9].role, ROLE_STACK);
	IS(s.vmas[22].role, ROLE_NONE);
	IS(s.vmas[5].role, ROLE_BSS);
	IS(s.vmas[11].role, ROLE_TEXT);
	IS_STR(vma_name(&s, &s.vmas[5]), EXE);
	IS_STR(vma_name(&s, &s.vmas[9]), "");
	IS_STR(vma_name(&s, &s.vmas[22]), "[stack]");
	IS(s.layout, LAYOUT_TOP_DOWN);
	OK(s.mmap_base.have);
	IS(s.mmap_base.v, 0x7ffff7fff000);
	IS(s.mmap_base_conf, CONF_DERIVED);
	IS(space_aslr(&s), ASLR_FULL);
	/* The rwx heap row is both; the executable vdso and vsyscall are neither. */
	IS(s.nwarnings, 2);
	IS(s.warnings[0].kind, WARN_WX);
	IS(s.warnings[0].vma, 7);
	IS(s.warnings[0].bytes, 0x1000);
	IS(s.warnings[1].kind, WARN_EXEC_ANON);
	space_release(&s);
}

/* One mapping standing alone, its kind. */
static void is_kind(struct line l, const char *flag, enum object_kind kind)
{
	struct space s;

	make_space(&s, &l, 1);
	if (flag)
		set_flag(&s, &s.vmas[0], flag);
	space_group(&s);
	IS_STR(object_kind_name((enum object_kind)s.objects[0].kind), object_kind_name(kind));
	space_release(&s);
}

static void test_kinds(void)
{
#define AT 0x10000, 0x12000
	is_kind((struct line){ AT, "rw-p", 0, 0, 0, 0, "" }, NULL, OBJ_ANON);
	is_kind((struct line){ AT, "---p", 0, 0, 0, 0, "" }, NULL, OBJ_RESERVED);
	is_kind((struct line){ AT, "rw-p", 0, 0, 0, 0, "" }, "ss", OBJ_SHADOW_STACK);
	is_kind((struct line){ AT, "rw-p", 0, 0, 0, 0, "[anon:x]" }, NULL, OBJ_NAMED_ANON);
	is_kind((struct line){ AT, "rw-s", 0, 0, 1, 7, "[anon_shmem:x]" }, NULL, OBJ_NAMED_ANON);
	is_kind((struct line){ AT, "r-xp", 0, 0, 0, 0, "[vectors]" }, NULL, OBJ_VDSO);
	is_kind((struct line){ AT, "r-xp", 0, 0, 0, 0, "[sigpage]" }, NULL, OBJ_VDSO);
	is_kind((struct line){ AT, "--xp", 0, 0, 0, 0, "[uprobes]" }, NULL, OBJ_UPROBES);
	is_kind((struct line){ AT, "rw-p", 0, 0, 0, 0, "[stack:7]" }, NULL, OBJ_THREAD_STACK);
	is_kind((struct line){ AT, "rw-p", 0, 0, 0, 0, "[heap]" }, NULL, OBJ_HEAP);
	is_kind((struct line){ AT, "rw-s", 0, 0, 1, 7, "/memfd:a b (deleted)" }, NULL, OBJ_MEMFD);
	is_kind((struct line){ AT, "rw-s", 0, 0, 1, 7, "/memfd:h (deleted)" }, "ht", OBJ_MEMFD);
	is_kind((struct line){ AT, "rw-s", 0, 8, 1, 7, "/memfd:a (deleted)" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "rw-s", 0, 0, 1, 7, "/memfd:a" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "rw-s", 0, 0, 1, 9, "/SYSV0000aBcd (deleted)" }, NULL, OBJ_SYSV);
	is_kind((struct line){ AT, "rw-s", 0, 0, 1, 9, "/SYSV0000 (deleted)" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "rw-s", 0, 0, 1, 9, "/dev/zero (deleted)" }, NULL, OBJ_SHM);
	is_kind((struct line){ AT, "rw-p", 0, 0, 5, 9, "/dev/zero" }, NULL, OBJ_ANON);
	is_kind((struct line){ AT, "rw-s", 0, 0, 22, 9, "/dev/shm/x" }, NULL, OBJ_SHM);
	is_kind((struct line){ AT, "r-xp", 0, 0, 22, 9, "/dev/shm/x.so" }, NULL, OBJ_LIB);
	is_kind((struct line){ AT, "rw-p", 0, 0, 15, 9, "/anon_hugepage (deleted)" }, NULL,
		OBJ_HUGETLB);
	is_kind((struct line){ AT, "rw-s", 0, 0, 15, 9, "/mnt/huge/x" }, "ht", OBJ_HUGETLB);
	is_kind((struct line){ AT, "rw-s", 0, 0, 16, 9, "/secretmem (deleted)" }, NULL,
		OBJ_SECRETMEM);
	is_kind((struct line){ AT, "rw-s", 0, 0, 14, 9, "anon_inode:[io_uring]" }, NULL,
		OBJ_IO_URING);
	is_kind((struct line){ AT, "rw-s", 0, 0, 14, 9, "anon_inode:[perf_event]" }, NULL,
		OBJ_DEVICE);
	is_kind((struct line){ AT, "rw-s", 0, 0, 9, 77, "socket:[77]" }, NULL, OBJ_DEVICE);
	is_kind((struct line){ AT, "rw-s", 0, 0, 5, 9, "/dev/dri/card0" }, NULL, OBJ_DEVICE);
	is_kind((struct line){ AT, "r-xp", 0, 0, 5, 9, "/dev/x.so" }, "me", OBJ_LIB);
	is_kind((struct line){ AT, "r-xp", 0, 0, 5, 9, "/dev/mem" }, "pf", OBJ_DEVICE);
	is_kind((struct line){ AT, "rw-s", 0, 0, 23, 9, "/sys/x/resource0" }, "io", OBJ_DEVICE);
	is_kind((struct line){ AT, "r--p", 0, 8, 1, 9, "/etc/data" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "r-xp", 0, 8, 1, 9, "/opt/x.so" }, NULL, OBJ_LIB);
	/* Nothing a hostile file or directory is called makes it the kernel's. */
	is_kind((struct line){ AT, "rw-p", 0, 8, 1, 9, "/[heap]" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "rw-p", 0, 8, 1, 9, "/tmp/[stack]" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "rw-p", 0, 8, 1, 9, "[heap]" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "rw-p", 0, 8, 1, 9, "[stack]" }, NULL, OBJ_FILE);
	is_kind((struct line){ AT, "rw-p", 0, 8, 1, 9, "\x1b[2J\xff\n" }, NULL, OBJ_FILE);
#undef AT
}

static void test_two_copies(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x11000, "r--p", 0, 8, 1, 5, "/l.so" },
		{ 0x11000, 0x12000, "r-xp", 0x1000, 8, 1, 5, "/l.so" },
		{ 0x12000, 0x13000, "rw-p", 0x2000, 8, 1, 5, "/l.so" },
		{ 0x13000, 0x14000, "r--p", 0, 8, 1, 5, "/l.so" },
		{ 0x14000, 0x15000, "r-xp", 0x1000, 8, 1, 5, "/l.so" },
		{ 0x15000, 0x16000, "rw-p", 0, 0, 0, 0, "" }, /* x below it: no data, no .bss */
		{ 0x16000, 0x17000, "r--p", 0, 8, 1, 6, "/l.so" }, /* another inode */
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	space_group(&s);
	IS(s.nobjects, 4);
	is_object(&s, 0, 3, OBJ_LIB);
	is_object(&s, 3, 2, OBJ_LIB);
	is_object(&s, 5, 1, OBJ_ANON);
	is_object(&s, 6, 1, OBJ_FILE);
	space_release(&s);
}

static void test_holes_and_bss(void)
{
	static const struct line lines[] = {
		{ 0x400000, 0x401000, "r-xp", 0, 8, 1, 5, "/s" },
		{ 0x600000, 0x601000, "rw-p", 0x1000, 8, 1, 5, "/s" }, /* a hole below 4 MiB */
		{ 0x601000, 0x602000, "rw-p", 0, 0, 0, 0, "[anon:.bss]" },
		{ 0x602000, 0x603000, "rw-p", 0, 0, 0, 0, "" }, /* not twice */
		{ 0xa00000, 0xa01000, "rw-p", 0x1000, 8, 1, 9, "/data" },
		{ 0xa01000, 0xa02000, "rw-p", 0, 0, 0, 0, "" }, /* data has no .bss */
		{ 0xb00000, 0xb01000, "r--s", 0x1000, 8, 1, 9, "/data" },
		{ 0xb01000, 0xb02000, "r--s", 0x7000, 8, 1, 9, "/data" },
		{ 0xf02001, 0xf03000, "r--s", 0x8000, 8, 1, 9, "/data" }, /* too far */
		{ 0x1000000, 0x1001000, "r-xp", 0, 8, 1, 4, "/h" },
		{ 0x1001000, 0x1202000, "r-xp", 0, 0, 0, 0, "" }, /* text on huge pages */
		{ 0x1202000, 0x1203000, "r-xp", 0x202000, 8, 1, 4, "/h" },
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	space_group(&s);
	is_object(&s, 0, 3, OBJ_LIB);
	is_object(&s, 3, 1, OBJ_ANON);
	is_object(&s, 4, 1, OBJ_FILE);
	is_object(&s, 5, 1, OBJ_ANON);
	is_object(&s, 6, 2, OBJ_FILE);
	is_object(&s, 8, 1, OBJ_FILE);
	is_object(&s, 9, 3, OBJ_LIB);
	IS(s.nobjects, 7);
	space_release(&s);
}

static void test_unrelated_anon_inodes(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x11000, "rw-s", 0, 0, 14, 9, "anon_inode:[perf_event]" },
		{ 0x11000, 0x12000, "rw-s", 0, 0, 14, 9, "anon_inode:[perf_event]" },
		{ 0x20000, 0x21000, "rw-s", 0, 0, 5, 9, "/dev/fb0" },
		{ 0x21000, 0x22000, "rw-s", 0x1000, 0, 5, 9, "/dev/fb0" },
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	space_group(&s);
	is_object(&s, 0, 1, OBJ_DEVICE);
	is_object(&s, 1, 1, OBJ_DEVICE);
	is_object(&s, 2, 2, OBJ_DEVICE);
	space_release(&s);
}

static void test_guards(void)
{
	static const struct line lines[] = {
		{ 0x100000, 0x110000, "---p", 0, 0, 0, 0, "" }, /* 64 KiB, guards what is above */
		{ 0x110000, 0x111000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x111000, 0x112000, "---p", 0, 0, 0, 0, "" }, /* guards what is below */
		{ 0x200000, 0x201000, "---p", 0, 0, 0, 0, "" }, /* touches nothing */
		{ 0x300000, 0x311000, "---p", 0, 0, 0, 0, "" }, /* too large */
		{ 0x311000, 0x312000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x400000, 0x401000, "---p", 0, 0, 0, 0, "[anon:g]" },
		{ 0x401000, 0x402000, "r--p", 0, 0, 0, 0, "" },
		{ 0x500000, 0x501000, "---p", 0, 8, 1, 9, "/f" },
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	space_group(&s);
	is_object(&s, 0, 1, OBJ_GUARD);
	is_object(&s, 2, 1, OBJ_GUARD);
	is_object(&s, 3, 1, OBJ_RESERVED);
	is_object(&s, 4, 1, OBJ_RESERVED);
	is_object(&s, 6, 1, OBJ_GUARD);
	is_object(&s, 8, 1, OBJ_FILE);
	IS_STR(vma_name(&s, &s.vmas[6]), "[anon:g]");
	space_release(&s);
}

static void test_exe_found(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x11000, "r-xp", 0, 0, 1, 5, "/memfd:p (deleted)" },
		{ 0x20000, 0x21000, "r-xp", 0, 8, 1, 6, "/bin/x (deleted)" },
		{ 0x30000, 0x31000, "r-xp", 0, 8, 1, 7, "/bin/x" },
	};
	struct space s;

	/* The link names the old file, not the one that took its name. */
	make_space(&s, lines, ARRAY_SIZE(lines));
	s.proc.exe = name_id(&s, "/bin/x");
	s.proc.exe_deleted = true;
	space_group(&s);
	is_object(&s, 0, 1, OBJ_MEMFD);
	is_object(&s, 1, 1, OBJ_EXE);
	is_object(&s, 2, 1, OBJ_LIB);
	space_classify(&s);
	IS(count_warnings(&s, WARN_DELETED_EXE), 1);
	IS(count_warnings(&s, WARN_MEMFD_EXEC), 1);
	space_release(&s);

	make_space(&s, lines, ARRAY_SIZE(lines));
	s.proc.exe = name_id(&s, "/memfd:p");
	s.proc.exe_deleted = true;
	space_group(&s);
	is_object(&s, 0, 1, OBJ_EXE);
	space_classify(&s);
	IS(count_warnings(&s, WARN_MEMFD_EXEC), 1);
	IS(count_warnings(&s, WARN_EXEC_ANON), 0);
	space_release(&s);

	/* Without the link auxv tells. */
	make_space(&s, lines, ARRAY_SIZE(lines));
	s.proc.auxv_phdr = FIG(0x999999);
	s.proc.auxv_entry = FIG(0x30080);
	space_group(&s);
	is_object(&s, 1, 1, OBJ_LIB);
	is_object(&s, 2, 1, OBJ_EXE);
	space_classify(&s);
	IS(count_warnings(&s, WARN_DELETED_EXE), 0);
	space_release(&s);
}

static void test_deleted_names(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x11000, "r--p", 0, 8, 1, 5, "/a (deleted)" },
		{ 0x11000, 0x12000, "r-xp", 0x1000, 8, 1, 5, "/a (deleted)" },
		{ 0x20000, 0x21000, "r--p", 0, 8, 1, 6, "/b (deleted)" },
		{ 0x30000, 0x31000, "r--p", 0, 8, 1, 7, "/c (deleted)" },
		{ 0x40000, 0x41000, "r--p", 0, 8, 1, 8, "/d" },
		{ 0x50000, 0x51000, "r--p", 0, 8, 1, 9, "/e (deleted)" },
		{ 0x60000, 0x61000, "r--p", 0, 8, 1, 9, " (deleted)" },
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	space_group(&s);
	s.objects[0].file_state = FILE_DELETED;
	s.objects[1].file_state = FILE_SAME;
	s.objects[2].file_state = FILE_UNCHECKED;
	s.objects[3].file_state = FILE_REPLACED;
	s.objects[4].file_state = FILE_REPLACED;
	s.objects[5].file_state = FILE_DELETED;
	space_classify(&s);
	IS_STR(vma_name(&s, &s.vmas[0]), "/a");
	IS_STR(vma_name(&s, &s.vmas[1]), "/a");
	IS(s.vmas[1].have & VMA_DELETED, VMA_DELETED);
	IS_STR(vma_name(&s, &s.vmas[2]), "/b (deleted)");
	IS(s.vmas[2].have & VMA_DELETED, 0);
	IS_STR(vma_name(&s, &s.vmas[3]), "/c (deleted)");
	IS_STR(vma_name(&s, &s.vmas[4]), "/d");
	IS(s.vmas[4].have & VMA_DELETED, 0);
	IS_STR(vma_name(&s, &s.vmas[5]), "/e");
	IS_STR(vma_name(&s, &s.vmas[6]), " (deleted)");
	space_release(&s);
}

/* The image of LIB in pie[]; memsz says how far .bss reaches. */
static struct image *add_image(struct space *s, u64 data_memsz, bool relro)
{
	static const struct image_segment loads[] = {
		{ .filesz = 0x28000, .memsz = 0x28000, .type = 1, .flags = 4 },
		{ .vaddr = 0x28000,
		  .offset = 0x28000,
		  .filesz = 0x180000,
		  .memsz = 0x180000,
		  .type = 1,
		  .flags = 5 },
		{ .vaddr = 0x200000, .offset = 0x200000, .filesz = 0x6000, .type = 1, .flags = 6 },
	};
	struct image *img = space_add_image(s);

	img->inode = 20;
	img->major = 8;
	img->minor = 1;
	img->elf_class = 64;
	img->nsegments = relro ? 4 : 3;
	img->segments = xcalloc(img->nsegments, sizeof(*img->segments));
	memcpy(img->segments, loads, sizeof(loads));
	img->segments[2].memsz = data_memsz;
	if (relro)
		img->segments[3] = (struct image_segment){ .vaddr = 0x200000,
							   .offset = 0x200000,
							   .filesz = 0x4000,
							   .memsz = 0x4000,
							   .type = 0x6474e552,
							   .flags = 4 };
	return img;
}

static void test_bss_by_image(void)
{
	struct space s;

	make_pie(&s);
	add_image(&s, 0x13000, true);
	space_group(&s);
	s.objects[s.vmas[10].object].image = 0;
	space_classify(&s);
	is_object(&s, 10, 6, OBJ_LIB);
	IS(s.vmas[15].role, ROLE_BSS);
	IS(s.vmas[13].role, ROLE_RELRO);
	IS(count_warnings(&s, WARN_NO_RELRO), 0);
	IS(count_warnings(&s, WARN_RELRO_WRITABLE), 0);
	/* Opened again. */
	s.vmas[13].perms |= PERM_W;
	space_classify(&s);
	IS(count_warnings(&s, WARN_RELRO_WRITABLE), 1);
	IS(s.warnings[s.nwarnings - 1].vma, 13);
	IS(s.warnings[s.nwarnings - 1].bytes, 0x4000);
	space_release(&s);

	/* The data ends where the file's pages end: what follows is another's. */
	make_pie(&s);
	add_image(&s, 0x6000, false);
	space_group(&s);
	s.objects[s.vmas[10].object].image = 0;
	space_classify(&s);
	IS(s.nobjects, 9);
	is_object(&s, 8, 2, OBJ_THREAD_STACK);
	is_object(&s, 10, 5, OBJ_LIB);
	is_object(&s, 15, 1, OBJ_ANON);
	is_object(&s, 16, 3, OBJ_VDSO);
	is_object(&s, 23, 1, OBJ_VSYSCALL);
	IS(object_at(&s, 10)->image, 0);
	IS(object_at(&s, 15)->image, NO_INDEX);
	IS(s.threads[object_at(&s, 22)->thread].tid, 100);
	IS(count_warnings(&s, WARN_NO_RELRO), 1);
	space_release(&s);
}

static void test_states_are_shared(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x11000, "r-xp", 0, 8, 1, 20, "/a (deleted)" },
		{ 0x20000000, 0x20001000, "r-xp", 0, 8, 1, 20, "/a (deleted)" },
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	add_image(&s, 0, false)->err = -2;
	space_group(&s);
	s.objects[0].image = s.objects[1].image = 0;
	s.objects[0].file_state = FILE_DELETED;
	space_classify(&s);
	IS(s.objects[1].file_state, FILE_DELETED);
	IS_STR(vma_name(&s, &s.vmas[1]), "/a");
	space_release(&s);
}

static void test_warnings(void)
{
	static const struct line lines[] = {
		{ 0x10000, 0x11000, "r-xp", 0, 8, 1, 5, "/a" },
		{ 0x20000, 0x21000, "r-xp", 0, 8, 1, 6, "/b" },
		{ 0x30000, 0x31000, "rwxs", 0, 8, 1, 7, "/c" },
		{ 0x40000, 0x41000, "r-xp", 0, 0, 0, 0, "[anon:jit]" },
		{ 0x50000, 0x51000, "r-xp", 0, 0, 0, 0, "[uprobes]" },
		{ 0x60000, 0x62000, "rwxp", 0, 0, 0, 0, "[stack]" },
	};
	const u8 anon[] = { SMAPS_ANONYMOUS };
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	set_smaps(&s, &s.vmas[0], anon, (const u64[]){ 8 }, 1);
	set_smaps(&s, &s.vmas[1], anon, (const u64[]){ 0 }, 1);
	set_smaps(&s, &s.vmas[2], anon, (const u64[]){ 4 }, 1);
	space_group(&s);
	space_classify(&s);
	IS(s.nwarnings, 5);
	IS(s.warnings[0].kind, WARN_PATCHED_TEXT);
	IS(s.warnings[0].vma, 0);
	IS(s.warnings[0].bytes, 8192);
	IS(s.warnings[1].kind, WARN_WX);
	IS(s.warnings[1].vma, 2);
	IS(s.warnings[2].kind, WARN_EXEC_ANON);
	IS(s.warnings[2].vma, 3);
	IS(s.warnings[3].kind, WARN_WX);
	IS(s.warnings[4].kind, WARN_EXEC_STACK);
	IS(s.warnings[4].bytes, 8192);
	/* Told again, not told twice. */
	space_classify(&s);
	IS(s.nwarnings, 5);
	space_release(&s);
}

static void test_marks(void)
{
	struct space s;

	make_pie(&s);
	s.threads[2].pc = FIG(0x555555556200);
	s.proc.mm.start_code = FIG(1); /* masked */
	s.proc.mm.end_code = FIG(0);
	s.proc.mm.start_brk = FIG(0x555555570000);
	s.proc.mm.start_data = (struct fig){ 0x42, false };
	space_group(&s);
	space_classify(&s);
	IS(s.nmarks, 8);
	IS_STR(s.marks[0].name, "AT_PHDR");
	IS(s.marks[0].addr, 0x555555554040);
	IS_STR(s.marks[0].source, "auxv");
	IS_STR(s.marks[1].name, "AT_ENTRY");
	IS_STR(s.marks[2].name, "pc");
	IS(s.threads[s.marks[2].thread].tid, 101);
	IS_STR(s.marks[3].name, "start_brk");
	IS_STR(s.marks[3].source, "stat");
	IS(s.marks[3].thread, NO_INDEX);
	IS_STR(s.marks[4].name, "sp");
	IS_STR(s.marks[5].name, "AT_BASE");
	IS_STR(s.marks[6].name, "mmap_base");
	IS_STR(s.marks[6].source, "derived");
	IS_STR(s.marks[7].name, "sp");
	space_classify(&s);
	IS(s.nmarks, 8);
	space_release(&s);
}

static void is_layout(struct space *s, enum layout_policy layout, u64 base, enum conf conf)
{
	space_group(s);
	space_classify(s);
	IS(s->layout, layout);
	IS(s->mmap_base.have ? s->mmap_base.v : 0, base);
	IS(s->mmap_base_conf, conf);
	space_release(s);
}

static void test_layout(void)
{
	struct space s;

	make_pie(&s);
	free(s.host.release);
	s.host.release = xstrdup("6.1.0-50-amd64");
	is_layout(&s, LAYOUT_TOP_DOWN, 0x7ffff7fff000, CONF_BOUNDS);

	make_pie(&s);
	free(s.host.release);
	s.host.release = xstrdup("weird");
	is_layout(&s, LAYOUT_TOP_DOWN, 0x7ffff7fff000, CONF_BOUNDS);

	/* Nothing declared: the place of ld.so can only be top-down. */
	make_pie(&s);
	s.proc.personality.have = false;
	is_layout(&s, LAYOUT_TOP_DOWN, 0x7ffff7fff000, CONF_DERIVED);

	make_pie(&s);
	s.proc.personality.have = false;
	s.proc.auxv_base.have = false;
	is_layout(&s, LAYOUT_UNKNOWN, 0, CONF_UNKNOWN);

	/* bottom-up: ld.so would be at the start, but here is not below the rest */
	make_pie(&s);
	s.proc.personality = FIG(PERS_COMPAT_LAYOUT);
	is_layout(&s, LAYOUT_BOTTOM_UP, 0x7ffff7fb8000, CONF_DERIVED);

	make_pie(&s);
	s.proc.legacy_layout = FIG(1);
	s.proc.auxv_base.have = false;
	is_layout(&s, LAYOUT_BOTTOM_UP, 0, CONF_UNKNOWN);

	/* An unlimited stack means bottom-up on arm64, nothing on x86. */
	make_pie(&s);
	s.proc.rlimit_stack = FIG(UNLIMITED);
	s.proc.auxv_base.have = false;
	is_layout(&s, LAYOUT_TOP_DOWN, 0x7ffff7fff000, CONF_BOUNDS);
	make_pie(&s);
	s.proc.rlimit_stack = FIG(UNLIMITED);
	free(s.host.machine);
	s.host.machine = xstrdup("aarch64");
	s.user.last = 0xffffffffffff;
	is_layout(&s, LAYOUT_UNKNOWN, 0, CONF_UNKNOWN);

	make_pie(&s);
	s.proc.personality = FIG(PERS_ADDR_NO_RANDOMIZE);
	IS(space_aslr(&s), ASLR_OFF);
	s.proc.personality = FIG(0);
	s.proc.aslr = FIG(1);
	IS(space_aslr(&s), ASLR_NO_BRK);
	s.proc.personality.have = false;
	IS(space_aslr(&s), ASLR_UNKNOWN);
	s.proc.aslr = FIG(0);
	IS(space_aslr(&s), ASLR_OFF);
	space_release(&s);
}

/* 65,000 mappings, all of a kind that invites looking around; it must not look far. */
static void test_many(void)
{
	struct timespec a, b;
	struct space s;
	double ms;

	make_space(&s, NULL, 0);
	for (u32 i = 0; i < 65000; i++) {
		struct line l = { 0x10000 + i * UINT64_C(0x1000),
				  0x11000 + i * UINT64_C(0x1000),
				  i % 2 ? "rw-p" : "---p",
				  0,
				  0,
				  0,
				  0,
				  "" };

		set_flag(&s, add_line(&s, &l), "gd");
		if (i % 2)
			add_thread(&s, (pid_t)(200 + i), l.end - 8);
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	space_group(&s);
	space_classify(&s);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	ms = (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6;
	printf("# grouped and classified in %.1f ms\n", ms);
	OK(ms < 10000); /* a search inside a pass takes far longer, even without valgrind */
	IS(s.nobjects, 32500);
	is_object(&s, 64998, 2, OBJ_THREAD_STACK);
	IS(s.threads[object_at(&s, 64998)->thread].tid, 65199);
	space_release(&s);
}

static void test_edges(void)
{
	static const struct line top[] = {
		{ 0, 0x1000, "rwxp", 0, 0, 0, 0, "" },
		{ 0x1000, 0, "rw-p", 0, 8, 1, 5, "/x" },
	};
	struct space s;

	make_space(&s, top, ARRAY_SIZE(top));
	space_group(&s);
	space_classify(&s);
	IS(s.nobjects, 2);
	space_clear_vmas(&s);
	space_group(&s);
	space_classify(&s);
	IS(s.nobjects, 0);
	IS(s.nwarnings, 0);
	space_release(&s);
}

int main(void)
{
	test_pie();
	test_kinds();
	test_two_copies();
	test_holes_and_bss();
	test_unrelated_anon_inodes();
	test_guards();
	test_exe_found();
	test_deleted_names();
	test_bss_by_image();
	test_states_are_shared();
	test_warnings();
	test_marks();
	test_layout();
	test_many();
	test_edges();
	return tap_done();
}
