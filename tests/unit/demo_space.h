/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A whole space made by hand for the tests of the views: a small server with an executable, two
 * libraries, heap, stacks, a W+X mapping, a reservation, and the kernel half of x86_64.
 */
#ifndef TEST_DEMO_SPACE_H
#define TEST_DEMO_SPACE_H

#include "make_space.h"

/** What smaps and the page scan say of a mapping of the demo. */
struct demo_vma {
	struct line line;
	u64 rss, pss, anon, dirty, swap; /**< KiB; dirty is private */
	const char *pages;		 /**< a letter a slice, as the ASCII bar draws them */
	u64 present, swapped, guard;	 /**< pages */
	const char *flag;		 /**< a VmFlag beside the usual ones, or NULL */
};

#define LIBC	"/usr/lib/x86_64-linux-gnu/libc.so.6"
#define LDSO	"/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
#define DEMOEXE "/usr/bin/redis-server"

static const struct demo_vma demo_vmas[] = {
	{ { 0x55d0c4a00000, 0x55d0c4a2c000, "r--p", 0, 8, 1, 1311, DEMOEXE },
	  176,
	  176,
	  0,
	  0,
	  0,
	  "ffffffffffffffffffffffffffffffffffffffffffff",
	  44,
	  0,
	  0,
	  NULL },
	{ { 0x55d0c4a2c000, 0x55d0c4ba0000, "r-xp", 0x2c000, 8, 1, 1311, DEMOEXE },
	  1240,
	  1240,
	  4,
	  4,
	  0,
	  "fffffffffffffffffffffafffffffffff.ffff..ffffffffff..ffffffffffff",
	  310,
	  0,
	  0,
	  NULL },
	{ { 0x55d0c4ba0000, 0x55d0c4bdb000, "r--p", 0x1a0000, 8, 1, 1311, DEMOEXE },
	  180,
	  180,
	  0,
	  0,
	  0,
	  "ffffffffffffffffffffffffffffffffffff......fffffffff........",
	  45,
	  0,
	  0,
	  NULL },
	{ { 0x55d0c4bdb000, 0x55d0c4be1000, "r--p", 0x1da000, 8, 1, 1311, DEMOEXE },
	  24,
	  24,
	  24,
	  24,
	  0,
	  "aaaaaa",
	  6,
	  0,
	  0,
	  NULL },
	{ { 0x55d0c4be1000, 0x55d0c4be6000, "rw-p", 0x1e0000, 8, 1, 1311, DEMOEXE },
	  20,
	  20,
	  20,
	  20,
	  0,
	  "aaaaa",
	  5,
	  0,
	  0,
	  NULL },
	{ { 0x55d0c4be6000, 0x55d0c4c0c000, "rw-p", 0, 0, 0, 0, "" },
	  96,
	  96,
	  96,
	  96,
	  0,
	  "aaaaaaaaaaaaaaaaaaaaaaaa..............",
	  24,
	  0,
	  0,
	  NULL },
	{ { 0x55d0e4f10000, 0x55d0e4fb2000, "rw-p", 0, 0, 0, 0, "[heap]" },
	  612,
	  612,
	  612,
	  600,
	  12,
	  "aaaaaaaaaaaaaaSSaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...",
	  153,
	  3,
	  0,
	  NULL },
	{ { 0x7f4a00000000, 0x7f4a10000000, "rw-p", 0, 0, 0, 0, "" },
	  184320,
	  184320,
	  184320,
	  184320,
	  0,
	  "HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHH....................",
	  46080,
	  0,
	  0,
	  "hg" },
	{ { 0x7f4a10000000, 0x7f4a20000000, "---p", 0, 0, 0, 0, "" },
	  0,
	  0,
	  0,
	  0,
	  0,
	  "................................................................",
	  0,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b1bffe000, 0x7f4b1bfff000, "---p", 0, 0, 0, 0, "" },
	  0,
	  0,
	  0,
	  0,
	  0,
	  ".",
	  0,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b1bfff000, 0x7f4b1c7ff000, "rw-p", 0, 0, 0, 0, "" },
	  8,
	  8,
	  8,
	  8,
	  0,
	  "...............................................................a",
	  2,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b1c800000, 0x7f4b1c802000, "rwxp", 0, 0, 0, 0, "" },
	  8,
	  8,
	  8,
	  8,
	  0,
	  "aa",
	  2,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b1c900000, 0x7f4b1ca00000, "rw-s", 0, 0, 1, 2062, "/memfd:ring buffer (deleted)" },
	  512,
	  256,
	  0,
	  0,
	  0,
	  "ssssssssssssssssssssssssssssssss................................",
	  128,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b20400000, 0x7f4b20426000, "r--p", 0, 8, 1, 1402, LIBC },
	  152,
	  3,
	  0,
	  0,
	  0,
	  "ffffffffffffffffffffffffffffffffffffff",
	  38,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b20426000, 0x7f4b2057b000, "r-xp", 0x26000, 8, 1, 1402, LIBC },
	  1124,
	  22,
	  0,
	  0,
	  0,
	  "ffffffffffffffffffffffffffffffffffffffff..ffffffff....ffffffffff",
	  281,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b2057b000, 0x7f4b205ce000, "r--p", 0x17b000, 8, 1, 1402, LIBC },
	  236,
	  5,
	  0,
	  0,
	  0,
	  "fffffffffffffffffffff....ffffffffffffffffffff...ffffffffffffffff",
	  59,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b205ce000, 0x7f4b205d2000, "r--p", 0x1ce000, 8, 1, 1402, LIBC },
	  16,
	  16,
	  16,
	  16,
	  0,
	  "aaaa",
	  4,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b205d2000, 0x7f4b205d4000, "rw-p", 0x1d2000, 8, 1, 1402, LIBC },
	  8,
	  8,
	  8,
	  8,
	  0,
	  "aa",
	  2,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b205d4000, 0x7f4b205e1000, "rw-p", 0, 0, 0, 0, "" },
	  24,
	  24,
	  24,
	  24,
	  0,
	  "aaaaaa.......",
	  6,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b205f0000, 0x7f4b205f4000, "r--p", 0, 0, 0, 0, "[vvar]" },
	  0,
	  0,
	  0,
	  0,
	  0,
	  "....",
	  0,
	  0,
	  0,
	  "dd" },
	{ { 0x7f4b205f4000, 0x7f4b205f6000, "r-xp", 0, 0, 0, 0, "[vdso]" },
	  8,
	  0,
	  0,
	  0,
	  0,
	  "ff",
	  2,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b205f6000, 0x7f4b205f7000, "r--p", 0, 8, 1, 1399, LDSO },
	  4,
	  0,
	  0,
	  0,
	  0,
	  "f",
	  1,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b205f7000, 0x7f4b2061c000, "r-xp", 0x1000, 8, 1, 1399, LDSO },
	  148,
	  2,
	  0,
	  0,
	  0,
	  "fffffffffffffffffffffffffffffffffffff",
	  37,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b2061c000, 0x7f4b20626000, "r--p", 0x26000, 8, 1, 1399, LDSO },
	  40,
	  0,
	  0,
	  0,
	  0,
	  "ffffffffff",
	  10,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b20626000, 0x7f4b20628000, "r--p", 0x30000, 8, 1, 1399, LDSO },
	  8,
	  8,
	  8,
	  8,
	  0,
	  "aa",
	  2,
	  0,
	  0,
	  NULL },
	{ { 0x7f4b20628000, 0x7f4b2062a000, "rw-p", 0x32000, 8, 1, 1399, LDSO },
	  8,
	  8,
	  8,
	  8,
	  0,
	  "aa",
	  2,
	  0,
	  0,
	  NULL },
	{ { 0x7ffcfb41b000, 0x7ffcfb43c000, "rw-p", 0, 0, 0, 0, "[stack]" },
	  20,
	  20,
	  20,
	  20,
	  0,
	  "............................aaaaa",
	  5,
	  0,
	  0,
	  "gd" },
};

static const u8 demo_fields[] = { SMAPS_RSS,	      SMAPS_PSS,	   SMAPS_SHARED_CLEAN,
				  SMAPS_SHARED_DIRTY, SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY,
				  SMAPS_REFERENCED,   SMAPS_ANONYMOUS,	   SMAPS_ANON_HUGE,
				  SMAPS_SWAP,	      SMAPS_LOCKED };

static inline enum page_state demo_state(char c)
{
	static const char letters[] = ".afdszHpSG?";

	return (enum page_state)(strchr(letters, c) - letters);
}

static inline void demo_user(struct space *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(demo_vmas); i++) {
		const struct demo_vma *d = &demo_vmas[i];
		struct vma *v = add_line(s, &d->line);
		u64 clean = d->rss - MIN(d->rss, d->dirty);
		bool shared = d->pss < d->rss, huge = d->pages && d->pages[0] == 'H';
		u64 sv[] = { d->rss,
			     d->pss,
			     shared ? clean : 0,
			     0,
			     shared ? 0 : clean,
			     d->dirty,
			     d->rss,
			     d->anon,
			     huge ? d->anon : 0,
			     d->swap,
			     0 };

		set_smaps(s, v, demo_fields, sv, ARRAY_SIZE(sv));
		if (d->flag)
			set_flag(s, v, d->flag);
		if (!d->pages)
			continue;
		v->have |= VMA_HAVE_PAGES;
		v->pages.present = d->present;
		v->pages.swapped = d->swapped;
		v->pages.guard = d->guard;
		v->pages.lowest = v->first;
		v->slices = (u32)s->slices.len;
		v->nslices = (u8)strlen(d->pages);
		for (const char *p = d->pages; *p; p++)
			buf_addch(&s->slices, (char)SLICE(demo_state(*p), *p == '.' ? 0 : 15));
		for (size_t k = 0; d->pages[k] == '.' && d->pages[k + 1]; k++)
			v->pages.lowest =
				v->first + (k + 1) * ((v->last - v->first + 1) / strlen(d->pages));
	}
	s->have_scan = true;
}

/** A region of the kernel half. */
static inline struct region *demo_region(struct space *s, u64 first, u64 last,
					 enum region_kind kind, enum conf conf, const char *source,
					 const char *name)
{
	struct region *r = space_add_region(s);

	r->first = first;
	r->last = last;
	r->kind = kind;
	r->conf = conf;
	r->source = source;
	r->name = name;
	r->perms_conf = CONF_UNKNOWN;
	return r;
}

/** The kernel half with KASLR off, 6.18; with `kaslr` the three bases are only bounded. */
static inline void demo_kernel(struct space *s, bool kaslr)
{
	struct region *r;

	s->kernel = (struct range){ 0xffff800000000000, UINT64_MAX };
	s->host.levels = 4;
	demo_region(s, 0xffff800000000000, 0xffff87ffffffffff, KR_GUARD, CONF_EXACT, "mm.rst",
		    "guard hole");
	demo_region(s, 0xffff880000000000, 0xffff887fffffffff, KR_LDT, CONF_EXACT, "mm.rst",
		    "LDT remap");
	if (kaslr) {
		r = demo_region(s, 0xffff888000000000, 0xffffcf553fffffff, KR_DIRECT_MAP,
				CONF_BOUNDS, "formula", "direct map of RAM");
		r->size = FIG(64 * TIB);
		r->order = 1;
		r = demo_region(s, 0xffffc88040000000, 0xfffffd557fffffff, KR_VMALLOC, CONF_BOUNDS,
				"formula", "vmalloc");
		r->size = FIG(32 * TIB);
		r->order = 2;
	} else {
		r = demo_region(s, 0xffff888000000000, 0xffffc87fffffffff, KR_DIRECT_MAP,
				CONF_DEFAULT, "boot_params", "direct map of RAM");
		r->note = xstrdup("24 GiB of RAM: 4K 1 %, 2M 12 %, 1G 87 %");
		r = demo_region(s, 0xffffc90000000000, 0xffffe8ffffffffff, KR_VMALLOC, CONF_DERIVED,
				"vmallocinfo", "vmalloc");
		r->note = xstrdup("212 areas");
		r->used = FIG(41 * MIB);
		r = demo_region(s, 0xffffea0000000000, 0xffffeaffffffffff, KR_VMEMMAP, CONF_DEFAULT,
				"boot_params", "vmemmap");
		r->note = xstrdup("struct page of every frame");
	}
	demo_region(s, 0xfffffe0000000000, 0xfffffe7fffffffff, KR_CPU_ENTRY, CONF_EXACT, "mm.rst",
		    "cpu entry area");
	demo_region(s, 0xffffff0000000000, 0xffffff7fffffffff, KR_ESPFIX, CONF_EXACT, "mm.rst",
		    "ESPfix stacks");
	demo_region(s, 0xffffffef00000000, 0xfffffffeffffffff, KR_EFI, CONF_EXACT, "mm.rst",
		    "EFI runtime");
	demo_region(s, 0xffffffff81000000, 0xffffffff83dfffff, KR_IMAGE, CONF_EXACT, "kallsyms",
		    "kernel image");
	r = demo_region(s, 0xffffffff81000000, 0xffffffff8220bb07, KR_IMAGE_PART, CONF_EXACT,
			"kallsyms", "text");
	r->depth = 1;
	r->perms = PERM_R | PERM_X;
	r->perms_conf = CONF_DEFAULT;
	r = demo_region(s, 0xffffffff82400000, 0xffffffff82dfffff, KR_IMAGE_PART, CONF_DERIVED,
			"iomem", "rodata");
	r->depth = 1;
	r->perms = PERM_R;
	r->perms_conf = CONF_DEFAULT;
	r = demo_region(s, 0xffffffff83000000, 0xffffffff8327c13f, KR_IMAGE_PART, CONF_DERIVED,
			"iomem", "data");
	r->depth = 1;
	r->perms = PERM_R | PERM_W;
	r->perms_conf = CONF_DEFAULT;
	r = demo_region(s, 0xffffffffc0000000, 0xfffffffffeffffff, KR_MODULES, CONF_EXACT,
			"vmallocinfo", "modules");
	r->note = xstrdup("no module loaded; BPF and ftrace code");
	r->used = FIG(264 * KIB);
	demo_region(s, 0xffffffffff57b000, 0xffffffffff7fefff, KR_FIXMAP, CONF_EXACT, "btf",
		    "fixmap");
	space_add_fact(s, "boot_params", "KASLR is off: the flag in boot_params is clear");
	space_add_fact(s, NULL,
		       "/proc/kcore is absent: the bases are documented defaults, not read");
}

static inline void demo_process(struct space *s)
{
	struct process *p = &s->proc;
	struct thread *t;

	s->host.page_size = 4096;
	s->host.bits = 64;
	s->host.machine = xstrdup("x86_64");
	s->host.release = xstrdup("6.18.44");
	s->host.time = xstrdup("2026-11-21T22:30:12Z");
	s->host.nnodes = 1;
	p->pid = p->tid = 4711;
	p->bits = 64;
	p->comm = name_id(s, "redis-server");
	p->exe = name_id(s, DEMOEXE);
	p->cmdline = name_id(s, "/usr/bin/redis-server 127.0.0.1:6379 --maxmemory 256mb");
	p->user = name_id(s, "redis");
	p->cgroup = name_id(s, "/system.slice/redis-server.service");
	p->uid = FIG(112);
	p->ppid = FIG(1);
	p->nthreads = FIG(2);
	p->start_unix = FIG(1795287600);
	p->state = 'S';
	p->minflt = FIG(48211);
	p->majflt = FIG(12);
	p->oom_score = FIG(674);
	p->oom_score_adj = FIG(0);
	p->personality = FIG(0);
	p->rlimit_as = p->rlimit_data = FIG(UNLIMITED);
	p->rlimit_stack = FIG(8 * MIB);
	p->rlimit_memlock = FIG(64 * KIB);
	p->max_map_count = FIG(65530);
	p->overcommit = FIG(0);
	p->aslr = FIG(2);
	p->legacy_layout = FIG(0);
	p->committed = FIG(1300 * MIB);
	p->commit_limit = FIG(12 * GIB);
	p->mmap_min_addr = FIG(65536);
	p->stack_guard_gap = FIG(MIB);
	p->mm.start_code = FIG(0x55d0c4a2c000);
	p->mm.start_stack = FIG(0x7ffcfb43a8d0);
	p->mm.arg_start = FIG(0x7ffcfb43b19b);
	p->mm.arg_end = FIG(0x7ffcfb43b1d1);
	p->mm.env_start = FIG(0x7ffcfb43b1d1);
	p->mm.env_end = FIG(0x7ffcfb43bfe2);
	p->mm.start_brk = FIG(0x55d0e4f10000);
	p->mm.end_code = FIG(0x55d0c4b9f8a5);
	p->auxv_bytes = 352;
	p->auxv_entry = FIG(0x55d0c4a3f560);
	p->auxv_base = FIG(0x7f4b205f6000);
	p->auxv_vdso = FIG(0x7f4b205f4000);
	p->auxv_phdr = FIG(0x55d0c4a00040);
	s->user = (struct range){ 0, 0x7fffffffefff };
	s->user_conf = CONF_EXACT;
	t = add_thread(s, 4711, 0x7ffcfb43a510);
	t->name = name_id(s, "redis-server");
	t->state = 'S';
	t->pc = FIG(0x7f4b20511a80);
	t = add_thread(s, 4713, 0x7f4b1c7fdb10);
	t->name = name_id(s, "bio_close_file");
	t->state = 'S';
	t->pc = FIG(0x7f4b20488117);
}

static inline void demo_section(struct image *img, const char *name, u64 addr, u64 offset, u64 size)
{
	struct image_section *sec;

	img->sections = xreallocarray(img->sections, img->nsections + 1, sizeof(*sec));
	sec = &img->sections[img->nsections++];
	*sec = (struct image_section){ .name = xstrdup(name),
				       .addr = addr,
				       .offset = offset,
				       .size = size,
				       .flags = 2,
				       .type = 1 };
}

/** PT_LOAD is 1. */
static inline void demo_segment(struct image *img, u64 vaddr, u64 offset, u64 filesz, u64 memsz,
				u32 type, u32 flags)
{
	img->segments = xreallocarray(img->segments, img->nsegments + 1, sizeof(*img->segments));
	img->segments[img->nsegments++] = (struct image_segment){ .vaddr = vaddr,
								  .offset = offset,
								  .filesz = filesz,
								  .memsz = memsz,
								  .type = type,
								  .flags = flags };
}

/** The image of ld.so, with sections; the library has a build-id alone. */
static inline void demo_images(struct space *s)
{
	struct image *img = space_add_image(s);

	img->inode = 1399;
	img->major = 8;
	img->minor = 1;
	img->elf_class = 64;
	img->link = IMAGE_SHARED;
	img->stripped = true;
	img->build_id = xstrdup("51657f818beb1ae70372216a99b7412b8a100a20");
	demo_segment(img, 0, 0, 0xdd0, 0xdd0, 1, 4);
	demo_segment(img, 0x1000, 0x1000, 0x24ed5, 0x24ed5, 1, 5);
	demo_segment(img, 0x26000, 0x26000, 0x9a98, 0x9a98, 1, 4);
	demo_segment(img, 0x30ac0, 0x30ac0, 0x2900, 0x2ae8, 1, 6);
	demo_segment(img, 0x30ac0, 0x30ac0, 0x1540, 0x1540, 0x6474e552, 4);
	demo_section(img, ".hash", 0x310, 0x310, 0xe4);
	demo_section(img, ".dynsym", 0x510, 0x510, 0x360);
	demo_section(img, ".dynstr", 0x870, 0x870, 0x27d);
	demo_section(img, ".plt", 0x1000, 0x1000, 0x10);
	demo_section(img, ".text", 0x1040, 0x1040, 0x24e95);
	demo_section(img, ".rodata", 0x26000, 0x26000, 0x5c04);
	demo_section(img, ".eh_frame", 0x2c3a0, 0x2c3a0, 0x36f8);
	demo_section(img, ".data.rel.ro", 0x30ac0, 0x30ac0, 0x1390);
	demo_section(img, ".dynamic", 0x31e70, 0x31e70, 0x180);
	demo_section(img, ".data", 0x32000, 0x32000, 0x13c0);
	img = space_add_image(s);
	img->inode = 1402;
	img->major = 8;
	img->minor = 1;
	img->elf_class = 64;
	img->link = IMAGE_SHARED;
	img->build_id = xstrdup("93ac51ec38bca66ec9e02b38d2f3e4d2f3e4d2f3");
	img = space_add_image(s);
	img->inode = 1311;
	img->major = 8;
	img->minor = 1;
	img->elf_class = 64;
	img->link = IMAGE_PIE;
	img->stripped = true;
	img->build_id = xstrdup("0c9d1e1b0a4f5d7e0c9d1e1b0a4f5d7e0c9d1e1b");
}

static inline void demo_figures(struct space *s)
{
	static const struct {
		const char *name;
		u64 kib;
	} status[] = { { "VmPeak", 540260 },  { "VmSize", 531996 }, { "VmLck", 0 },
		       { "VmPin", 0 },	      { "VmHWM", 188912 },  { "VmRSS", 188876 },
		       { "RssAnon", 185116 }, { "RssFile", 3248 },  { "RssShmem", 512 },
		       { "VmPTE", 512 },      { "VmSwap", 12 } };
	struct process *p = &s->proc;

	p->status = xcalloc(ARRAY_SIZE(status), sizeof(*p->status));
	for (size_t i = 0; i < ARRAY_SIZE(status); i++) {
		p->status[i].name = name_id(s, status[i].name);
		p->status[i].kib = status[i].kib;
	}
	p->nstatus = ARRAY_SIZE(status);
	space_add_unmapped(s, "page tables", "status", 512 * KIB, false);
	space_add_unmapped(s, "kernel stacks", "threads", 32 * KIB, false);
	space_add_unmapped(s, "file", "cgroup", 33 * MIB + 410 * KIB, true);
	space_add_unmapped(s, "slab", "cgroup", 1264 * KIB, true);
	space_add_unmapped(s, "sock", "cgroup", 0, true);
}

/** Everything. Release with space_release(). */
static inline void demo_space(struct space *s, bool kaslr)
{
	space_init(s);
	demo_process(s);
	demo_user(s);
	demo_kernel(s, kaslr);
	demo_figures(s);
	space_group(s);
	demo_images(s);
	for (size_t i = 0; i < s->nobjects; i++)
		for (size_t k = 0; k < s->nimages; k++)
			if (s->vmas[s->objects[i].vma].inode == s->images[k].inode)
				s->objects[i].image = (u32)k;
	space_classify(s);
	space_note(s, NOTE_CLOSED, "iomem", 13, "CAP_SYS_ADMIN", "where RAM lies");
	space_note(s, NOTE_ABSENT, "kcore", 0, NULL, "this kernel has no /proc/kcore");
}

#endif
