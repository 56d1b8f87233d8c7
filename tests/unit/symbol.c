/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The symbol nearest to an address: files made here, and this very program. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/elf.h"
#include "tap.h"

/* A file with a table of symbols at 0x100 and their names at 0x800. */
#define SYMS  0x100
#define NAMES 0x800
#define SIZE  0x1000

struct file {
	bool is64, big;
	u8 bytes[SIZE];
	size_t nsyms, names;
};

static void put(struct file *f, size_t at, unsigned size, u64 v)
{
	for (unsigned i = 0; i < size; i++)
		f->bytes[at + i] = (u8)(v >> 8 * (f->big ? size - 1 - i : i));
}

static size_t entry_size(const struct file *f)
{
	return f->is64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

static void file_init(struct file *f, bool is64, bool big)
{
	memset(f, 0, sizeof(*f));
	f->is64 = is64;
	f->big = big;
	memcpy(f->bytes, ELFMAG, SELFMAG);
	f->bytes[EI_CLASS] = is64 ? ELFCLASS64 : ELFCLASS32;
	f->bytes[EI_DATA] = big ? ELFDATA2MSB : ELFDATA2LSB;
	f->nsyms = 1;
	f->names = 1;
}

static void add(struct file *f, const char *name, u64 value, u64 size, unsigned bind, unsigned type,
		unsigned section)
{
	size_t at = SYMS + f->nsyms++ * entry_size(f);

	put(f, at, 4, f->names);
	if (f->is64) {
		put(f, at + 4, 1, ELF64_ST_INFO(bind, type));
		put(f, at + 6, 2, section);
		put(f, at + 8, 8, value);
		put(f, at + 16, 8, size);
	} else {
		put(f, at + 4, 4, value);
		put(f, at + 8, 4, size);
		put(f, at + 12, 1, ELF32_ST_INFO(bind, type));
		put(f, at + 14, 2, section);
	}
	memcpy(f->bytes + NAMES + f->names, name, strlen(name) + 1);
	f->names += strlen(name) + 1;
}

/* What image_read() would have said of it. */
static void describe(const struct file *f, struct image *img, bool dynamic)
{
	static struct image_segment segments[] = {
		{ .type = PT_LOAD, .vaddr = 0x1000, .memsz = 0x1000 },
		{ .type = PT_LOAD, .vaddr = 0x3000, .memsz = 0x800 },
	};
	static struct image_section sections[2];
	static char syms[] = ".symtab", strings[8];

	strcpy(strings, dynamic ? ".dynstr" : ".strtab");
	sections[0] = (struct image_section){ .name = syms,
					      .type = dynamic ? SHT_DYNSYM : SHT_SYMTAB,
					      .offset = SYMS,
					      .size = f->nsyms * entry_size(f) };
	sections[1] = (struct image_section){
		.name = strings, .type = SHT_STRTAB, .offset = NAMES, .size = f->names
	};
	*img = (struct image){ .elf_class = f->is64 ? 64 : 32,
			       .machine = f->is64 ? EM_X86_64 : EM_ARM,
			       .sections = sections,
			       .nsections = 2,
			       .segments = segments,
			       .nsegments = 2 };
}

static int fd_of(const struct file *f, size_t len)
{
	int fd = memfd_create("symbol-test", MFD_CLOEXEC);

	if (fd < 0 || write(fd, f->bytes, len) != (ssize_t)len)
		exit(1);
	return fd;
}

/* "name+offset", or the error. */
static const char *find(const struct file *f, const struct image *img, size_t len, u64 addr)
{
	static char text[128];
	char *name;
	u64 off = 0;
	int fd = fd_of(f, len), err = image_symbol(fd, img, addr, &name, &off);

	if (err)
		snprintf(text, sizeof(text), "%d", -err);
	else
		snprintf(text, sizeof(text), "%s+%llx", name, (unsigned long long)off);
	free(name);
	close(fd);
	return text;
}

/* How many begin in a range, and the first of them, or the error. */
static const char *beginning(const struct file *f, const struct image *img, u64 first, u64 last)
{
	static char text[128];
	u64 addr = 0, n = 0;
	char *name;
	int fd = fd_of(f, SIZE);
	int err = image_symbols_in(fd, img, (struct range){ first, last }, &name, &addr, &n);

	if (err)
		snprintf(text, sizeof(text), "%d", -err);
	else
		snprintf(text, sizeof(text), "%llu %s at %llx", (unsigned long long)n, name,
			 (unsigned long long)addr);
	free(name);
	close(fd);
	return text;
}

static void fill(struct file *f)
{
	add(f, "late", 0x1800, 0, STB_LOCAL, STT_FUNC, 1);
	add(f, "file.c", 0, 0, STB_LOCAL, STT_FILE, SHN_ABS);
	add(f, "hidden_alias", 0x1100, 0x20, STB_LOCAL, STT_FUNC, 1);
	add(f, "open@@GLIBC_2.2.5", 0x1100, 0x20, STB_GLOBAL, STT_FUNC, 1);
	add(f, "weak_alias", 0x1100, 0x20, STB_WEAK, STT_FUNC, 1);
	add(f, "section", 0x1140, 0, STB_LOCAL, STT_SECTION, 1);
	add(f, "label", 0x1150, 0, STB_LOCAL, STT_NOTYPE, 1);
	add(f, "undefined", 0x1160, 0, STB_GLOBAL, STT_FUNC, SHN_UNDEF);
	add(f, "thread", 0x1170, 0, STB_GLOBAL, STT_TLS, 1);
	add(f, "table", 0x1200, 8, STB_GLOBAL, STT_OBJECT, 2);
	add(f, "outer", 0x1300, 0x40, STB_GLOBAL, STT_FUNC, 1);
	add(f, "inner", 0x1320, 8, STB_GLOBAL, STT_FUNC, 1);
	add(f, "data", 0x3100, 8, STB_GLOBAL, STT_OBJECT, 3);
}

static void made(bool is64, bool big, bool dynamic)
{
	struct image img;
	struct file f;

	file_init(&f, is64, big);
	fill(&f);
	describe(&f, &img, dynamic);
	IS_STR(find(&f, &img, SIZE, 0x1100), "open+0");
	IS_STR(find(&f, &img, SIZE, 0x111f), "open+1f");
	/* Behind its end, and within one that has another, ended, inside. */
	IS_STR(find(&f, &img, SIZE, 0x1120), "2");
	IS_STR(find(&f, &img, SIZE, 0x1207), "table+7");
	IS_STR(find(&f, &img, SIZE, 0x1208), "2");
	IS_STR(find(&f, &img, SIZE, 0x1310), "outer+10");
	IS_STR(find(&f, &img, SIZE, 0x1324), "inner+4");
	IS_STR(find(&f, &img, SIZE, 0x1328), "outer+28");
	IS_STR(find(&f, &img, SIZE, 0x1200), "table+0");
	IS_STR(find(&f, &img, SIZE, 0x1fff), "late+7ff");
	IS_STR(find(&f, &img, SIZE, 0x3100), "data+0");
	/* The nearest below is another segment's. */
	IS_STR(find(&f, &img, SIZE, 0x3000), "2");
	/* Below all of them, and in no segment. */
	IS_STR(find(&f, &img, SIZE, 0x1000), "2");
	IS_STR(find(&f, &img, SIZE, 0x2000), "2");
	IS_STR(find(&f, &img, SIZE, UINT64_MAX), "2");
	IS_STR(beginning(&f, &img, 0x1000, 0x1fff), "5 open at 1100");
	IS_STR(beginning(&f, &img, 0x1101, 0x131f), "2 table at 1200");
	IS_STR(beginning(&f, &img, 0x1321, 0x17ff), "2");
	IS_STR(beginning(&f, &img, 0, UINT64_MAX), "2");
	/* Cut within the symbols, and before the names. */
	IS_STR(find(&f, &img, SYMS + 3 * entry_size(&f) + 5, 0x1100), "74");
	IS_STR(find(&f, &img, NAMES, 0x1100), "2");
	img.sections[0].size = UINT64_MAX;
	IS_STR(find(&f, &img, SIZE, 0x1100), "74");
	img.sections[0].offset = UINT64_MAX - 7;
	IS_STR(find(&f, &img, SIZE, 0x1100), "74");
}

static void oddities(void)
{
	struct image img;
	struct file f;

	/* Thumb code has bit 0 set. */
	file_init(&f, false, false);
	add(&f, "thumb", 0x1101, 4, STB_GLOBAL, STT_FUNC, 1);
	describe(&f, &img, false);
	IS_STR(find(&f, &img, SIZE, 0x1100), "thumb+0");
	/* A name without an end, one beyond the names, and no names at all. */
	file_init(&f, true, false);
	add(&f, "endless", 0x1100, 4, STB_GLOBAL, STT_FUNC, 1);
	describe(&f, &img, false);
	img.sections[1].size = 4;
	IS_STR(find(&f, &img, SIZE, 0x1100), "end+0");
	img.sections[1].size = 1;
	IS_STR(find(&f, &img, SIZE, 0x1100), "2");
	img.nsections = 1;
	IS_STR(find(&f, &img, SIZE, 0x1100), "2");
	img.elf_class = 0;
	IS_STR(find(&f, &img, SIZE, 0x1100), "2");
}

extern const char __ehdr_start[];

static void this_program(void)
{
	struct image img = { 0 };
	char *name = NULL;
	u64 off = 0, base = 0;
	int fd = open("/proc/self/exe", O_RDONLY);

	IS(image_read(fd, &img), 0);
	for (size_t i = 0; i < img.nsegments && !base; i++)
		if (img.segments[i].type == PT_LOAD)
			base = img.segments[i].vaddr - img.segments[i].offset +
			       ((uintptr_t)this_program - (uintptr_t)__ehdr_start);
	IS(image_symbol(fd, &img, base + 3, &name, &off), 0);
	IS_STR(name, "this_program");
	IS(off, 3);
	free(name);
	image_release(&img);
	close(fd);
}

int main(void)
{
	if (!elf_available()) {
		puts("1..0 # SKIP built without libelf");
		return 0;
	}
	for (unsigned i = 0; i < 8; i++)
		made(i & 1, i & 2, i & 4);
	oddities();
	this_program();
	return tap_done();
}
