/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel memory: a small /proc/kcore made here, in a tree with the files that go with it; the
 * segments of old kernels; and, where it is allowed, this very kernel through a BPF program.
 */
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "proc/kmem_parts.h"

#include "made_tree.h"
#include "tap.h"

/* --- a kernel made here ----------------------------------------------------------------------- */

#define TEXT	UINT64_C(0xffffffff94400000)
#define DIRECT	UINT64_C(0xffff8b2ac0000000)
#define VMALLOC UINT64_C(0xffffcc5d00000000)
#define VMEMMAP UINT64_C(0xfffff2f340000000)

/** Offsets in the file of what is behind the headers. */
enum { AT_NOTES = 0x400, AT_TEXT = 0x1000, AT_RAM = 0x5000, AT_RAM2 = 0x9000, FILE_END = 0xb000 };

static u8 kcore[FILE_END];

static void put64(size_t at, u64 v)
{
	memcpy(kcore + at, &v, sizeof(v));
}

static void put_text(size_t at, const char *text)
{
	memcpy(kcore + at, text, strlen(text));
}

static void segment(unsigned i, u64 vaddr, u64 paddr, u64 offset, u64 size)
{
	Elf64_Phdr ph = { .p_type = PT_LOAD,
			  .p_flags = PF_R,
			  .p_offset = offset,
			  .p_vaddr = vaddr,
			  .p_paddr = paddr,
			  .p_filesz = size,
			  .p_memsz = size };

	memcpy(kcore + sizeof(Elf64_Ehdr) + i * sizeof(ph), &ph, sizeof(ph));
}

#define INFO                                                                                       \
	"OSRELEASE=6.1.0-made\nSYMBOL(init_top_pgt)=ffffffff94402000\n"                            \
	"SYMBOL(swapper_pg_dir)=ffffffff94402000\nNUMBER(phys_base)=-2017460224\n"

/** A note with the text, as vmcoreinfo_note has it in memory. */
static size_t put_note(size_t at, const char *name, u32 type, const char *desc)
{
	Elf64_Nhdr nh = { (u32)strlen(name) + 1, (u32)strlen(desc), type };
	size_t name_len = (nh.n_namesz + 3) / 4 * 4;

	memcpy(kcore + at, &nh, sizeof(nh));
	put_text(at + sizeof(nh), name);
	put_text(at + sizeof(nh) + name_len, desc);
	return sizeof(nh) + name_len + (nh.n_descsz + 3) / 4 * 4;
}

/**
 * Text of 4 pages at physical 0x1c000000, RAM at 0x100000 and 0x106000 of 4 and 2 pages. In text
 * the variables and, on its third page, the top page table; in RAM the copy of VMCOREINFO.
 */
static void make_kcore(bool with_note)
{
	Elf64_Ehdr eh = { .e_ident = ELFMAG, .e_type = ET_CORE, .e_machine = EM_X86_64 };
	Elf64_Phdr notes = { .p_type = PT_NOTE, .p_offset = AT_NOTES, .p_filesz = 0x400 };

	memset(kcore, 0, sizeof(kcore));
	eh.e_ident[EI_CLASS] = ELFCLASS64;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[EI_VERSION] = eh.e_version = EV_CURRENT;
	eh.e_phoff = eh.e_ehsize = sizeof(eh);
	eh.e_phentsize = sizeof(notes);
	eh.e_phnum = 5;
	memcpy(kcore, &eh, sizeof(eh));
	memcpy(kcore + sizeof(eh), &notes, sizeof(notes));
	segment(1, TEXT, 0x1c000000, AT_TEXT, 0x4000);
	segment(2, VMALLOC, UINT64_MAX, 0x7fff0000, UINT64_C(0x1fffffffffff));
	segment(3, DIRECT + 0x100000, 0x100000, AT_RAM, 0x4000);
	segment(4, DIRECT + 0x106000, 0x106000, AT_RAM2, 0x2000);
	put_note(AT_NOTES, with_note ? "VMCOREINFO" : "CORE", 0, with_note ? INFO : "x");
	put_note(AT_RAM + 0x1000, "VMCOREINFO", 0,
		 INFO "NUMBER(VMALLOC_START)=0xffffcc5d00000000\n");
	put64(AT_TEXT + 0x100, DIRECT);
	put64(AT_TEXT + 0x108, VMALLOC);
	put64(AT_TEXT + 0x110, VMEMMAP);
	put64(AT_TEXT + 0x118, (u64)-2017460224);
	put64(AT_TEXT + 0x2ff8, 0x1c003063);
	for (size_t i = 0; i < 0x2000; i++)
		kcore[AT_RAM2 + i] = (u8)(i * 7 + i / 256);
}

static const char symbols[] = "ffffffff94400000 T _text\n"
			      "ffffffff94400000 T _stext\n"
			      "ffffffff94400100 D page_offset_base\n"
			      "ffffffff94400108 D vmalloc_base\n"
			      "ffffffff94400110 D vmemmap_base\n"
			      "ffffffff94400118 D phys_base\n"
			      "ffffffff94402000 D init_top_pgt\n"
			      "ffffffffc0000100 d vmalloc_base\t[other]\n"
			      "ffffffff94404000 B _end\n";

static void make_tree(bool with_note, const char *place)
{
	made_tree_new("x86_64");
	make_kcore(with_note);
	made_tree_bytes("proc/kcore", kcore, sizeof(kcore));
	made_tree_text("proc/kallsyms", symbols);
	made_tree_text("proc/meminfo", "VmallocTotal:   34359738367 kB\n");
	made_tree_text("proc/iomem",
		       "00100000-00103fff : System RAM\n00106000-00107fff : System RAM\n");
	made_tree_text("sys/kernel/vmcoreinfo", place);
}

struct opened {
	struct root *root;
	struct space s;
	struct kfacts k;
	struct kmem *m;
	int err;
};

static void open_tree(struct opened *o, unsigned flags)
{
	*o = (struct opened){ 0 };
	IS(root_tree(made_tree, &o->root), 0);
	space_init(&o->s);
	root_host(o->root, &o->s);
	ksrc_read(o->root, &o->s, flags, &o->k);
	o->err = kmem_open(o->root, &o->s, &o->k, 0, &o->m);
}

static void close_tree(struct opened *o)
{
	kmem_close(o->m);
	kfacts_release(&o->k);
	space_release(&o->s);
	root_free(o->root);
	made_tree_remove();
}

static size_t conflicts(const struct space *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->nnotes; i++)
		n += s->notes[i].kind == NOTE_CONFLICT;
	return n;
}

static void is_fig(struct fig got, u64 want)
{
	OK(got.have);
	IS(got.v, want);
}

static void test_facts(void)
{
	struct opened o;

	/* all of kallsyms: every base by its variable, the note from the headers */
	make_tree(true, "0x0000000000101000 400\n");
	open_tree(&o, KSRC_ALL_SYMBOLS);
	IS(o.err, 0);
	if (OK(o.m)) {
		IS_STR(kmem_source(o.m), "kcore");
		IS_STR(o.k.memory.source, "kcore");
		is_fig(o.k.memory.direct, DIRECT);
		is_fig(o.k.memory.vmalloc, VMALLOC);
		is_fig(o.k.memory.vmemmap, VMEMMAP);
		is_fig(o.k.memory.phys_base, (u64)-2017460224);
		is_fig(o.k.memory.pgd, 0x1c002000);
		/* the note in the headers is not read a second time */
		OK(!o.k.memory.vmcoreinfo);
		IS(conflicts(&o.s), 0);
	}
	close_tree(&o);

	/* without the note, and only _text of kallsyms: the copy in memory; its size is hex */
	make_tree(false, "0x0000000000101000 400\n");
	open_tree(&o, 0);
	if (OK(o.m)) {
		OK(!o.k.kcore.vmcoreinfo);
		IS_STR(o.k.memory.vmcoreinfo, INFO "NUMBER(VMALLOC_START)=0xffffcc5d00000000\n");
		is_fig(o.k.memory.vmalloc, VMALLOC);
		is_fig(o.k.memory.phys_base, (u64)-2017460224);
		is_fig(o.k.memory.pgd, 0x1c002000);
		OK(!o.k.memory.direct.have && !o.k.memory.vmemmap.have);
	}
	close_tree(&o);
}

static void test_contradictions(void)
{
	struct opened o;

	/* a place that is no RAM, a size that leaves it, none of both: no note, no invented base */
	static const char *const places[] = {
		"0x0000000000104000 400\n", "0x103f00 400\n", "0x101000 18\n",
		"0x102000 400\n",	    "101000 400\n",   ""
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		make_tree(false, places[i]);
		open_tree(&o, 0);
		OK(o.m && !o.k.memory.vmcoreinfo && !o.k.memory.vmalloc.have);
		close_tree(&o);
	}

	/* note and variable differ: the note's value stays, both are told */
	make_tree(false, "0x101000 400\n");
	put64(AT_TEXT + 0x108, VMALLOC + GIB);
	made_tree_bytes("proc/kcore", kcore, sizeof(kcore));
	open_tree(&o, KSRC_ALL_SYMBOLS);
	if (OK(o.m)) {
		is_fig(o.k.memory.vmalloc, VMALLOC);
		IS(conflicts(&o.s), 1);
	}
	close_tree(&o);

	/* a page table of zeros is none: kcore gives zeros for what it must not read */
	make_tree(true, "");
	put64(AT_TEXT + 0x2ff8, 0);
	made_tree_bytes("proc/kcore", kcore, sizeof(kcore));
	open_tree(&o, 0);
	OK(o.m && !o.k.memory.pgd.have);
	close_tree(&o);

	/* no kcore: nothing to read through, and a tree is not this machine */
	make_tree(true, "");
	unlink(made_tree_path("proc/kcore"));
	open_tree(&o, 0);
	IS(o.err, -ENODATA);
	OK(!o.m && !o.k.memory.source);
	IS(kmem_open(o.root, &o.s, &o.k, KMEM_BPF, &o.m), -ENODATA);
	close_tree(&o);
}

static void test_read(void)
{
	u8 bytes[0x3000], want[0x2000];
	struct kmem_mm mm;
	struct opened o;
	u64 v = 0;

	make_tree(true, "");
	memcpy(want, kcore + AT_RAM2, sizeof(want));
	open_tree(&o, 0);
	if (OK(o.m)) {
		IS(kmem_read(o.m, DIRECT + 0x106000, bytes, 0x2000), 0);
		OK(!memcmp(bytes, want, 0x2000));
		IS(kmem_read_phys(o.m, 0x106ffd, bytes, 7), 0);
		OK(!memcmp(bytes, want + 0xffd, 7));
		IS(kmem_read_word(o.m, TEXT + 0x100, &v), 0);
		IS(v, DIRECT);
		IS(kmem_read_number(o.m, TEXT + 0x100, 2, &v), 0);
		IS(v, 0);
		IS(kmem_read_number(o.m, TEXT + 0x102, 4, &v), 0);
		IS(v, (u32)(DIRECT >> 16));
		/* over a border, in holes, round the end, behind the end of the file */
		IS(kmem_read(o.m, DIRECT + 0x107fff, bytes, 2), -EFAULT);
		IS(kmem_read(o.m, DIRECT + 0x104000, bytes, 1), -EFAULT);
		IS(kmem_read_phys(o.m, 0x104000, bytes, 1), -EFAULT);
		IS(kmem_read(o.m, UINT64_MAX, bytes, 2), -EFAULT);
		IS(kmem_read(o.m, 0, bytes, 1), -EFAULT);
		IS(kmem_read(o.m, VMALLOC, bytes, 1), -EFAULT);
		IS(kmem_read(o.m, DIRECT + 0x104000, bytes, 0), 0);
		is_fig(kmem_phys(o.m, TEXT + 0x123), 0x1c000123);
		is_fig(kmem_phys(o.m, DIRECT + 0x100000), 0x100000);
		OK(!kmem_phys(o.m, VMALLOC).have);
		IS(kmem_mm(o.m, 1, &mm), -ENODATA);
	}
	close_tree(&o);
}

static void test_numbers(void)
{
	static const u8 bytes[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	struct kmem m = { .swap = big };

	IS(kmem_number(&m, bytes, 8), UINT64_C(0x0807060504030201));
	IS(kmem_number(&m, bytes, 4), 0x04030201);
	m.swap = !big;
	IS(kmem_number(&m, bytes, 8), UINT64_C(0x0102030405060708));
	IS(kmem_number(&m, bytes, 2), 0x0102);
}

/* --- VMCOREINFO ------------------------------------------------------------------------------- */

static void test_vmcoreinfo(void)
{
	static const char text[] =
		"A=1\nNUMBER(x)=-16\nNUMBER(y)=0xffff000000000000\nSYMBOL(z)=ff00\n"
		"NUMBER(bad)=12z\nNUMBER(empty)=\nNUMBER(xx)=7";
	u64 v = 0, size = 0;
	char *note;

	OK(vmcoreinfo_text_number(text, "NUMBER(x)", &v));
	IS(v, -UINT64_C(16));
	OK(vmcoreinfo_text_number(text, "NUMBER(y)", &v));
	IS(v, UINT64_C(0xffff000000000000));
	OK(vmcoreinfo_text_number(text, "NUMBER(xx)", &v));
	IS(v, 7);
	OK(vmcoreinfo_text_hex(text, "SYMBOL(z)", &v));
	IS(v, 0xff00);
	OK(!vmcoreinfo_text_number(text, "NUMBER(bad)", &v));
	OK(!vmcoreinfo_text_number(text, "NUMBER(empty)", &v));
	OK(!vmcoreinfo_text_number(text, "NUMBER(", &v));
	OK(!vmcoreinfo_text_hex(text, "x", &v));
	OK(!vmcoreinfo_text_hex(NULL, "A", &v));

	OK(vmcoreinfo_place("0x0000000100b86000 1024\n", 24, &v, &size));
	IS(v, 0x100b86000);
	IS(size, 0x1024);
	OK(!vmcoreinfo_place("0x0000000100b86000 0\n", 21, &v, &size));
	OK(!vmcoreinfo_place("0x", 2, &v, &size));
	OK(!vmcoreinfo_place("0x12 34x", 8, &v, &size));

	note = vmcoreinfo_note((const u8 *)"\x0b\0\0\0\4\0\0\0\0\0\0\0VMCOREINFO\0\0A=1\n", 28,
			       false);
	IS_STR(note, "A=1\n");
	free(note);
	note = vmcoreinfo_note((const u8 *)"\0\0\0\x0b\0\0\0\4\0\0\0\0VMCOREINFO\0\0A=1\n", 28,
			       true);
	IS_STR(note, "A=1\n");
	free(note);
	/* a text that goes on behind the bytes, another name, no bytes */
	OK(!vmcoreinfo_note((const u8 *)"\x0b\0\0\0\5\0\0\0\0\0\0\0VMCOREINFO\0\0A=1\n", 28,
			    false));
	OK(!vmcoreinfo_note((const u8 *)"\x0b\0\0\0\4\0\0\0\0\0\0\0VMCOREINFX\0\0A=1\n", 28,
			    false));
	OK(!vmcoreinfo_note((const u8 *)"\x0b\0\0\0", 4, false));
}

/* --- what x86_64 makes of it ------------------------------------------------------------------ */

static const struct region *find_region(const struct space *s, enum region_kind kind)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (s->regions[i].kind == kind)
			return &s->regions[i];
	return NULL;
}

static void facts_of_x86(struct space *s, struct kfacts *k)
{
	space_init(s);
	s->host.machine = xstrdup("x86_64");
	s->host.release = xstrdup("6.1.0-made");
	s->host.page_size = 4096;
	s->host.bits = 64;
	*k = (struct kfacts){ 0 };
	k->mem.vmalloc_total_kib = FIG(UINT64_C(34359738367));
	k->loadflags = FIG(KASLR_FLAG);
	k->config.randomize_memory = FIG(1);
	k->btf.page_size = FIG(64);
	k->iomem.ram = xcalloc(1, sizeof(*k->iomem.ram));
	k->iomem.ram[0] = (struct range){ 0x100000, 0xbfffffff };
	k->iomem.nram = k->iomem.cap_ram = 1;
	k->memory = (struct kmemory){ .source = "bpf",
				      .direct = FIG(DIRECT),
				      .vmalloc = FIG(VMALLOC),
				      .vmemmap = FIG(VMEMMAP) };
}

static void test_x86_bases(void)
{
	const struct region *r;
	struct kfacts k;
	struct space s;

	facts_of_x86(&s, &k);
	kernel_layout(&k, &s);
	r = find_region(&s, KR_DIRECT_MAP);
	if (OK(r)) {
		IS(r->first, DIRECT);
		IS(r->conf, CONF_EXACT);
		IS_STR(r->source, "bpf");
	}
	r = find_region(&s, KR_VMALLOC);
	if (OK(r)) {
		IS(r->first, VMALLOC);
		IS(r->last, VMALLOC + 32 * TIB - 1);
		IS(r->conf, CONF_EXACT);
	}
	r = find_region(&s, KR_VMEMMAP);
	if (OK(r)) {
		IS(r->first, VMEMMAP);
		IS(r->conf, CONF_EXACT);
	}
	IS(conflicts(&s), 0);
	space_release(&s);
	kfacts_release(&k);

	/* no place of a base; another one in VMCOREINFO; phys_base against iomem */
	facts_of_x86(&s, &k);
	k.memory.direct.v += 4096;
	k.memory.phys_base = FIG(0x1000000);
	k.memory.vmcoreinfo = xstrdup("NUMBER(VMALLOC_START)=0xffffcc5d40000000\n");
	k.syms.text = FIG(TEXT);
	k.iomem.have_code = true;
	k.iomem.code = (struct range){ 0x1c000000, 0x1cffffff };
	kernel_layout(&k, &s);
	r = find_region(&s, KR_DIRECT_MAP);
	OK(r && r->conf == CONF_BOUNDS);
	r = find_region(&s, KR_VMALLOC);
	OK(r && r->first == VMALLOC && r->conf == CONF_EXACT);
	IS(conflicts(&s), 3);
	space_release(&s);
	kfacts_release(&k);
}

/* --- before 4.11 ------------------------------------------------------------------------------ */

static void old_segments(struct kfacts *k, const struct kcore_segment *seg, size_t n, u8 bits)
{
	kcore_release(&k->kcore);
	k->kcore.segments = xreallocarray(NULL, n, sizeof(*seg));
	memcpy(k->kcore.segments, seg, n * sizeof(*seg));
	k->kcore.nsegments = n;
	kcore_old_paddr(k, 4096, bits);
}

static void test_old(void)
{
	static const struct kcore_segment seg[] = {
		{ 0xffffffff94400000, 0x1400000, 0, 0 },      /* text */
		{ 0xffffcc5d00000000, 0x1fffffffffff, 0, 0 }, /* vmalloc */
		{ 0xffff8b2a00001000, 0x9e000, 0, 0 },	      /* RAM */
		{ 0xffff8b2a00100000, 0x3ff00000, 0, 0 },
		{ 0xfffff2f340000000, 0x3000, 0, 0 }, /* vmemmap */
	};
	struct range ram[] = { { 0x1000, 0x9fbff }, { 0x100000, 0x3fffffff } };
	struct kfacts k = { 0 };

	k.iomem.ram = ram;
	k.iomem.nram = 2;
	k.iomem.have_code = true;
	k.iomem.code = (struct range){ 0x1c000000, 0x1d3fffff };
	k.syms.text = FIG(0xffffffff94400000);
	old_segments(&k, seg, 5, 64);
	IS(k.kcore.segments[0].paddr, 0x1c000000);
	IS(k.kcore.segments[1].paddr, UINT64_MAX);
	IS(k.kcore.segments[2].paddr, 0x1000);
	IS(k.kcore.segments[3].paddr, 0x100000);
	IS(k.kcore.segments[4].paddr, UINT64_MAX);

	/* two ranges of one size fit in two ways: nothing is guessed */
	ram[0] = (struct range){ 0x100000, 0x1fffff };
	ram[1] = (struct range){ 0x400000, 0x4fffff };
	k.syms.text.have = false;
	old_segments(&k,
		     (struct kcore_segment[]){ { 0xffff8b2a00100000, 0x100000, 0, 0 },
					       { 0xffffcc5d00000000, 0x1000, 0, 0 } },
		     2, 64);
	IS(k.kcore.segments[0].paddr, UINT64_MAX);
	IS(k.kcore.segments[1].paddr, UINT64_MAX);

	/* 32 bits: lowmem from physical 0 on */
	old_segments(&k,
		     (struct kcore_segment[]){ { 0xf8000000, 0x7000000, 0, 0 },
					       { 0xc0000000, 0x37fe0000, 0, 0 } },
		     2, 32);
	IS(k.kcore.segments[0].paddr, UINT64_MAX);
	IS(k.kcore.segments[1].paddr, 0);

	/* one physical address is told: then all are */
	old_segments(&k,
		     (struct kcore_segment[]){ { 0xffff8b2a00000000, 0x1000, 0, 0 },
					       { 0xffff8b2a00100000, 0x1000, 0x100000, 0 } },
		     2, 64);
	IS(k.kcore.segments[0].paddr, 0);
	IS(k.kcore.segments[1].paddr, 0x100000);
	kcore_release(&k.kcore);
}

/* --- this kernel ------------------------------------------------------------------------------ */

/** Field `n` of our own stat, counted from 1; the command's name has no blank here. */
static u64 own_stat(int n)
{
	static char line[4096];
	FILE *f = fopen("/proc/self/stat", "re");
	const char *p = line;

	if (!f || !fgets(line, sizeof(line), f))
		line[0] = '\0';
	if (f)
		fclose(f);
	while (--n > 0 && p)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p, NULL, 10) : 0;
}

static int open_files(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

/** A page of ours, found by its frame number in what the program reads. */
static void test_own_page(struct opened *o)
{
	u8 *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	u8 seen[4096];
	u64 entry = 0;
	int fd;

	for (size_t i = 0; i < 4096; i++)
		page[i] = (u8)(i * 31 + i / 256 + (size_t)getpid());
	mlock(page, 4096);
	IS(root_open(o->root, "proc/self/pagemap", ROOT_CAP_ADMIN, &fd), 0);
	IS(pread(fd, &entry, 8, (off_t)((uintptr_t)page / 4096 * 8)), 8);
	close(fd);
	entry &= (UINT64_C(1) << 55) - 1;
	IS(kmem_read_phys(o->m, entry * 4096, seen, sizeof(seen)), 0);
	OK(!memcmp(page, seen, sizeof(seen)));
	/* and in parts, over no border */
	IS(kmem_read_phys(o->m, entry * 4096 + 4090, seen, 6), 0);
	OK(!memcmp(page + 4090, seen, 6));
	munmap(page, 4096);
}

static void test_live(void)
{
	struct opened o = { 0 };
	struct kmem_mm mm;
	int files = open_files(), err;
	u8 byte;

	o.root = root_live();
	space_init(&o.s);
	root_host(o.root, &o.s);
	ksrc_read(o.root, &o.s, 0, &o.k);
	/* As if there were no kcore: BPF is what is tried here. */
	kcore_release(&o.k.kcore);
	o.k.status[KSRC_KCORE].state = KSRC_ABSENT;
	err = kmem_open(o.root, &o.s, &o.k, KMEM_BPF, &o.m);
	if (err || !o.k.memory.direct.have || sysconf(_SC_PAGESIZE) != 4096) {
		SKIP("no BPF program may read kernel memory here");
	} else {
		IS_STR(kmem_source(o.m), "bpf");
		OK(o.k.memory.direct.v % (2 * MIB) == 0);
		test_own_page(&o);
		/* an address of ours is none of the kernel's */
		IS(kmem_read(o.m, (uintptr_t)&byte, &byte, 1), -EFAULT);
		IS(kmem_read_phys(o.m, UINT64_C(1) << 51, &byte, 1), -EFAULT);
		err = kmem_mm(o.m, getpid(), &mm);
		if (err == -ENOTSUP) {
			SKIP("no BTF");
		} else {
			IS(err, 0);
			IS(mm.start_stack.v, own_stat(28));
			IS(mm.start_brk.v, own_stat(47));
			IS(mm.task_size.v, o.k.task_end.v);
			if (!access("/proc/2/exe", F_OK) || errno == EACCES)
				SKIP("PID 2 is no kernel thread");
			else
				IS(kmem_mm(o.m, 2, &mm), -ESRCH);
			IS(kmem_mm(o.m, 0x7ffffff0, &mm), -ESRCH);
		}
	}
	kmem_close(o.m);
	kfacts_release(&o.k);
	space_release(&o.s);
	root_free(o.root);
	/* program and map are held by nothing but our descriptors */
	IS(open_files(), files);
}

int main(void)
{
	test_numbers();
	test_vmcoreinfo();
	test_old();
	test_x86_bases();
	if (elf_available()) {
		test_facts();
		test_contradictions();
		test_read();
	} else {
		SKIP("built without libelf");
	}
	test_live();
	return tap_done();
}
