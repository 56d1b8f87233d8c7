/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * image_read() on files made here (both classes, both byte orders, cut short, mutated, hostile) and
 * on the real files of this very process, whose headers the dynamic loader shows us in memory.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>
#include "elf/elf.h"
#include "elf_make.h"
#include "tap.h"

/** A file with these bytes. */
static int file_of(const void *bytes, size_t len)
{
	int fd = memfd_create("image-test", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len) {
		perror("memfd");
		exit(1);
	}
	return fd;
}

static int read_bytes(const void *bytes, size_t len, struct image *img)
{
	int fd = file_of(bytes, len), err;

	memset(img, 0, sizeof(*img));
	err = image_read(fd, img);
	close(fd);
	return err;
}

static int read_made(const struct made *m, struct image *img)
{
	return read_bytes(m->bytes, sizeof(m->bytes), img);
}

/** Overwrites `size` bytes at `at` with a number in the file's order. */
static void poke(struct made *m, size_t at, unsigned size, u64 v)
{
	m->at = at;
	put(m, size, v);
}

/* Where the fields of the ELF header are. */
#define POS_SHOFF(m)	((m)->is64 ? 0x28u : 0x20u)
#define POS_PHENT(m)	((m)->is64 ? 0x36u : 0x2au)
#define POS_PHNUM(m)	((m)->is64 ? 0x38u : 0x2cu)
#define POS_SHENT(m)	((m)->is64 ? 0x3au : 0x2eu)
#define POS_SHNUM(m)	((m)->is64 ? 0x3cu : 0x30u)
#define POS_SHSTRNDX(m) ((m)->is64 ? 0x3eu : 0x32u)
#define WORD(m)		((m)->is64 ? 8u : 4u)
/* sh_size of section i, p_filesz of segment i. */
#define POS_SH_SIZE(m, i)  (0x800 + (i)*MADE_SHSIZE(m) + ((m)->is64 ? 0x20u : 0x14u))
#define POS_P_FILESZ(m, i) (MADE_EHSIZE(m) + (i)*MADE_PHSIZE(m) + ((m)->is64 ? 0x20u : 0x10u))

static const struct made kinds[] = {
	{ .is64 = true, .big_endian = false, .type = ET_DYN, .soname = true, .symtab = true },
	{ .is64 = true, .big_endian = true, .type = ET_DYN, .soname = true, .symtab = true },
	{ .is64 = false, .big_endian = false, .type = ET_DYN, .soname = true, .symtab = true },
	{ .is64 = false, .big_endian = true, .type = ET_DYN, .soname = true, .symtab = true },
};

/** A made file of kind `i` with an interpreter, to damage. */
static struct made fresh(size_t i)
{
	struct made m = kinds[i % ARRAY_SIZE(kinds)];

	m.interp = true;
	made_build(&m);
	return m;
}

static const struct image_section *section(const struct image *img, const char *name)
{
	for (size_t i = 0; i < img->nsections; i++)
		if (!strcmp(img->sections[i].name, name))
			return &img->sections[i];
	return NULL;
}

static void check_sections(const struct image *img)
{
	const struct image_section *sec;

	IS(img->nsections, MADE_SECTIONS);
	IS_STR(img->sections[0].name, ".interp");
	IS_STR(img->sections[8].name, ".shstrtab");
	sec = section(img, ".text");
	if (OK(sec)) {
		IS(sec->addr, 0x10600);
		IS(sec->offset, 0x600);
		IS(sec->size, 0x100);
		IS(sec->flags, SHF_ALLOC | SHF_EXECINSTR);
		IS(sec->type, SHT_PROGBITS);
	}
	sec = section(img, ".bss");
	if (OK(sec)) {
		IS(sec->type, SHT_NOBITS);
		IS(sec->size, 0x1a45);
	}
}

static void check_segments(const struct image *img)
{
	const struct image_segment *g = img->segments;

	if (!IS(img->nsegments, MADE_SEGMENTS))
		return;
	IS(g[1].type, PT_LOAD);
	IS(g[1].flags, PF_R | PF_W);
	IS(g[1].offset, 0x700);
	IS(g[1].vaddr, 0x10700);
	IS(g[1].filesz, 0x900);
	IS(g[1].memsz, 0x2345);
	IS(g[1].align, 0x1000);
	IS(g[5].type, PT_GNU_RELRO);
	IS(g[6].type, PT_GNU_STACK);
}

/** Every figure of a made file, in each class and byte order. */
static void test_made(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct made m = fresh(i);
		struct image img;

		IS(read_made(&m, &img), 0);
		IS(img.err, 0);
		IS(img.elf_class, m.is64 ? 64 : 32);
		IS(img.machine, m.big_endian ? EM_S390 : EM_AARCH64);
		IS(img.entry, 0x10620);
		IS_STR(img.interp, MADE_INTERP);
		IS_STR(img.soname, MADE_SONAME);
		IS_STR(img.build_id, MADE_BUILD_ID);
		OK(!img.bind_now);
		OK(!img.stripped);
		check_segments(&img);
		check_sections(&img);
		image_release(&img);
	}
}

static void check_link(unsigned type, bool interp, bool soname, u64 flags_1, enum image_link want)
{
	struct made m = {
		.is64 = true, .type = type, .interp = interp, .soname = soname, .flags_1 = flags_1
	};
	struct image img;

	made_build(&m);
	IS(read_made(&m, &img), 0);
	IS(img.link, want);
	OK(img.bind_now == !!(flags_1 & DF_1_NOW));
	OK(img.stripped);
	OK(soname ? !strcmp(img.soname, MADE_SONAME) : !img.soname);
	image_release(&img);
}

static void test_link(void)
{
	struct made m = fresh(0);
	struct image img;

	check_link(ET_EXEC, false, false, 0, IMAGE_STATIC);
	check_link(ET_EXEC, true, false, DF_1_NOW, IMAGE_NON_PIE);
	check_link(ET_DYN, false, false, DF_1_PIE, IMAGE_STATIC_PIE);
	check_link(ET_DYN, true, false, DF_1_PIE | DF_1_NOW, IMAGE_PIE);
	check_link(ET_DYN, false, true, 0, IMAGE_SHARED);
	check_link(ET_DYN, true, true, DF_1_NOW, IMAGE_SHARED); /* libc.so.6 */
	check_link(ET_DYN, true, false, 0, IMAGE_SHARED);	/* a library that can be run */
	check_link(ET_CORE, false, false, 0, IMAGE_LINK_UNKNOWN);

	/* A PIE from before DF_1_PIE. */
	poke(&m, 0x530, 8, DT_DEBUG);
	IS(read_made(&m, &img), 0);
	IS(img.link, IMAGE_PIE);
	image_release(&img);

	poke(&m, 0x530, 8, DT_FLAGS);
	poke(&m, 0x538, 8, DF_BIND_NOW | DF_SYMBOLIC);
	IS(read_made(&m, &img), 0);
	OK(img.bind_now);
	image_release(&img);
}

/** Whatever is left in a damaged image is either right or absent; what is right cannot change. */
static bool nothing_invented(const struct image *img)
{
	return (!img->build_id || !strcmp(img->build_id, MADE_BUILD_ID)) &&
	       (!img->interp || !strcmp(img->interp, MADE_INTERP)) &&
	       (!img->soname || !strcmp(img->soname, MADE_SONAME)) &&
	       img->nsections <= MADE_SECTIONS && img->nsegments <= MADE_SEGMENTS &&
	       !img->stripped && !img->bind_now;
}

static void test_truncated(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct made m = fresh(i);
		unsigned quiet = 0, invented = 0, wrong = 0;

		for (size_t len = 0; len < MADE_SIZE; len += 64) {
			struct image img;
			int err = read_bytes(m.bytes, len, &img);

			quiet += !err;
			wrong += err != (len < SELFMAG ? -ENOEXEC : -EBADMSG) || img.err != err;
			invented += !nothing_invented(&img);
			/* Segments lie before everything that is cut off here. */
			wrong += len >= 0x400 && img.nsegments != MADE_SEGMENTS;
			wrong += len >= 0x4c0 && !img.build_id;
			wrong += len >= 0xc00 && img.nsections != MADE_SECTIONS;
			image_release(&img);
		}
		IS(quiet, 0);
		IS(wrong, 0);
		IS(invented, 0);
	}
}

/** One damaged number at a time: what it cost, and what it must not have cost. */
static void test_one_part(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct made m = fresh(i);
		struct image img;

		poke(&m, POS_SHOFF(&m), WORD(&m), UINT64_MAX - 8);
		IS(read_made(&m, &img), -EBADMSG);
		IS(img.nsections, 0);
		OK(!img.stripped);
		IS_STR(img.build_id, MADE_BUILD_ID);
		image_release(&img);

		m = fresh(i);
		poke(&m, POS_PHENT(&m), 2, MADE_PHSIZE(&m) - 4);
		IS(read_made(&m, &img), -EBADMSG);
		IS(img.nsegments, 0);
		IS(img.nsections, MADE_SECTIONS);
		IS_STR(img.build_id, MADE_BUILD_ID); /* from its section */
		IS(img.link, IMAGE_LINK_UNKNOWN);
		image_release(&img);

		m = fresh(i);
		poke(&m, POS_SHENT(&m), 2, 0);
		IS(read_made(&m, &img), -EBADMSG);
		IS(img.nsections, 0);
		OK(!img.stripped);
		IS_STR(img.soname, MADE_SONAME);
		image_release(&img);

		m = fresh(i);
		poke(&m, POS_SHSTRNDX(&m), 2, MADE_SECTIONS + 1);
		IS(read_made(&m, &img), -EBADMSG);
		IS(img.nsections, MADE_SECTIONS);
		IS_STR(img.sections[3].name, "");
		IS(img.sections[3].addr, 0x10600);
		image_release(&img);

		m = fresh(i);
		memset(m.bytes + 0x400, 'x', 0x40);
		IS(read_made(&m, &img), -EBADMSG);
		OK(!img.interp); /* no end within p_filesz */
		IS_STR(img.soname, MADE_SONAME);
		image_release(&img);
	}
}

static void test_no_sections(void)
{
	struct made m = fresh(0);
	struct image img;

	poke(&m, POS_SHOFF(&m), 8, 0);
	poke(&m, POS_SHNUM(&m), 2, 0);
	poke(&m, POS_SHSTRNDX(&m), 2, 0);
	IS(read_made(&m, &img), 0);
	IS(img.nsections, 0);
	OK(img.stripped);
	IS_STR(img.build_id, MADE_BUILD_ID);
	image_release(&img);

	/* As strip --only-keep-debug leaves it: headers of segments without their bytes. */
	m = fresh(0);
	poke(&m, POS_P_FILESZ(&m, 4), 8, 0);
	poke(&m, POS_P_FILESZ(&m, 7), 8, 0);
	IS(read_made(&m, &img), 0);
	IS(img.link, IMAGE_LINK_UNKNOWN);
	OK(!img.interp && !img.soname);
	image_release(&img);
}

/** The entries that a cut table still has, notes padded to 8 bytes, a name outside its table. */
static void test_edges(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct made m = fresh(i);
		struct image img;

		IS(read_bytes(m.bytes, 0x800 + 5 * MADE_SHSIZE(&m) + 7, &img), -EBADMSG);
		IS(img.nsections, 4);
		IS(img.sections[3].addr, 0x10600);
		IS_STR(img.sections[3].name, ""); /* the header of .shstrtab is cut off */
		image_release(&img);

		/* The property's 4 bytes end at 0x454; only its 8-byte padding leads to the id. */
		m.at = 0x440;
		made_note(&m, "GNU", 5, "\1\2\3\4", 4);
		put(&m, 4, 0);
		made_note(&m, "GNU", NT_GNU_BUILD_ID, "\xab\xcd\xef", 3);
		poke(&m, POS_P_FILESZ(&m, 2), WORD(&m), 0x18 + 0x13);
		IS(read_made(&m, &img), 0);
		IS_STR(img.build_id, "abcdef");
		image_release(&img);

		m = fresh(i);
		poke(&m, 0x500 + 7 * WORD(&m), WORD(&m), 0x41);
		IS(read_made(&m, &img), -EBADMSG);
		OK(!img.soname);
		IS(img.nsections, MADE_SECTIONS);
		image_release(&img);
	}
}

/** Numbers no file is large enough for, and lists without an end. */
static void test_hostile(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct made m = fresh(i);
		struct image img;

		/* A note whose descriptor, then whose name, is 4 GiB long. */
		poke(&m, 0x464, 4, UINT32_MAX);
		IS(read_made(&m, &img), -EBADMSG);
		OK(!img.build_id);
		image_release(&img);
		m = fresh(i);
		poke(&m, 0x460, 4, UINT32_MAX);
		IS(read_made(&m, &img), -EBADMSG);
		OK(!img.build_id);
		IS_STR(img.soname, MADE_SONAME);
		image_release(&img);

		/* .dynamic without DT_NULL. */
		m = fresh(i);
		for (size_t at = 0x500; at < 0x600; at += WORD(&m))
			poke(&m, at, WORD(&m), DT_NEEDED);
		IS(read_made(&m, &img), -EBADMSG);
		IS(img.link, IMAGE_LINK_UNKNOWN);
		OK(!img.soname);
		image_release(&img);

		/* PN_XNUM, and section 0 says 2^32 - 1 segments. */
		m = fresh(i);
		poke(&m, POS_PHNUM(&m), 2, PN_XNUM);
		poke(&m, 0x800 + (m.is64 ? 0x2c : 0x1c), 4, UINT32_MAX);
		IS(read_made(&m, &img), -E2BIG);
		OK(img.nsegments <= 512);
		IS(img.segments[1].vaddr, 0x10700);
		image_release(&img);

		/* The section name table claims everything. */
		m = fresh(i);
		poke(&m, POS_SH_SIZE(&m, 9), WORD(&m), UINT64_MAX);
		OK(read_made(&m, &img) < 0);
		IS(img.nsections, MADE_SECTIONS);
		IS_STR(img.sections[3].name, ".text");
		image_release(&img);
	}
}

/** Numbers that do not fit the ELF header are in section 0; they are right and small here. */
static void test_extended(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct made m = fresh(i);
		struct image img;

		poke(&m, POS_PHNUM(&m), 2, PN_XNUM);
		poke(&m, POS_SHNUM(&m), 2, 0);
		poke(&m, POS_SHSTRNDX(&m), 2, SHN_XINDEX);
		poke(&m, POS_SH_SIZE(&m, 0), WORD(&m), MADE_SECTIONS + 1);
		poke(&m, 0x800 + (m.is64 ? 0x28 : 0x18), 4, MADE_SECTIONS);
		poke(&m, 0x800 + (m.is64 ? 0x2c : 0x1c), 4, MADE_SEGMENTS);
		IS(read_made(&m, &img), 0);
		check_segments(&img);
		check_sections(&img);
		image_release(&img);
	}
}

/** A file of 1 TiB that is nearly all hole and says that it has as many headers as fit. */
static void test_huge(void)
{
	struct made m = fresh(0);
	struct image img = { 0 };
	int fd;

	poke(&m, POS_SHNUM(&m), 2, 0);
	poke(&m, POS_SH_SIZE(&m, 0), 8, UINT64_C(1) << 33);
	poke(&m, POS_PHNUM(&m), 2, 0xfffe);
	poke(&m, POS_P_FILESZ(&m, 4), 8, UINT64_C(1) << 39); /* .dynamic */
	poke(&m, POS_P_FILESZ(&m, 7), 8, UINT64_C(1) << 39); /* .interp */
	poke(&m, POS_P_FILESZ(&m, 3), 8, UINT64_C(1) << 39); /* notes */
	fd = file_of(m.bytes, sizeof(m.bytes));
	if (ftruncate(fd, (off_t)1 << 40)) {
		SKIP("no room for a sparse file of 1 TiB");
	} else {
		IS(image_read(fd, &img), -E2BIG);
		OK(img.nsections <= 4096 && img.nsections >= MADE_SECTIONS);
		IS(img.nsegments, 512);
		IS_STR(img.interp, MADE_INTERP);
		IS_STR(img.soname, MADE_SONAME);
		image_release(&img);
	}
	close(fd);
}

/** Names of 4 KiB each, all sections sharing one, would be 16 MiB of text. */
static void test_long_names(void)
{
	struct made m = fresh(0);
	size_t n = 3000, table = 0x8000, total = 0;
	size_t size = table + n * 64;
	u8 *bytes = xcalloc(1, size);
	struct image img;

	poke(&m, POS_SHOFF(&m), 8, table);
	poke(&m, POS_SHNUM(&m), 2, n);
	memcpy(bytes, m.bytes, MADE_SIZE);
	memset(bytes + 0x4000, 'n', 4000);
	for (size_t i = 1; i < n; i++) {
		m.at = 0;
		made_shdr(&m, 0, i == MADE_SECTIONS ? SHT_STRTAB : SHT_PROGBITS, 0, 0, 0x4000,
			  4001);
		memcpy(bytes + table + i * 64, m.bytes, 64);
	}
	IS(read_bytes(bytes, size, &img), -E2BIG);
	IS(img.nsections, n - 1);
	for (size_t i = 0; i < img.nsections; i++)
		total += strlen(img.sections[i].name);
	IS(strlen(img.sections[0].name), 4000);
	OK(total <= 256 * KIB);
	image_release(&img);
	free(bytes);
}

/** Random damage from a fixed seed: no crash, no loop, and every limit holds. */
static void test_mutated(void)
{
	unsigned bad = 0, good = 0;
	u32 seed = 20240229;

	for (unsigned round = 0; round < 4000; round++) {
		struct made m = fresh(round);
		struct image img;

		for (unsigned k = 0; k <= round % 7; k++) {
			seed = seed * 1664525 + 1013904223;
			m.bytes[(seed >> 8) % 0xc00] ^= (u8)(1 << (seed >> 24 & 7));
		}
		good += read_made(&m, &img) == 0;
		for (size_t i = 0; i < img.nsections; i++)
			bad += !img.sections[i].name || strlen(img.sections[i].name) > 4096;
		bad += img.nsections > 4096 || img.nsegments > 512;
		image_release(&img);
	}
	IS(bad, 0);
	OK(good > 100); /* the damage often hits nothing that counts */
}

static void test_not_elf(void)
{
	struct image img = { 0 };
	int pipe_fd[2], fd;

	IS(read_bytes("", 0, &img), -ENOEXEC);
	IS(img.err, -ENOEXEC);
	IS(read_bytes("#!/bin/sh\nexit 0\n", 17, &img), -ENOEXEC);
	IS(read_bytes(ELFMAG, SELFMAG, &img), -EBADMSG);
	IS(read_bytes(ELFMAG "\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7", 20, &img), -EBADMSG);
	IS(img.elf_class, 0);

	fd = open("/", O_RDONLY | O_DIRECTORY);
	IS(image_read(fd, &img), -ENOEXEC);
	close(fd);
	if (OK(!pipe(pipe_fd))) {
		IS(image_read(pipe_fd[0], &img), -ENOEXEC);
		close(pipe_fd[0]);
		close(pipe_fd[1]);
	}
	IS(image_read(-1, &img), -EBADF);
	IS(img.err, -EBADF);
	fd = open("/dev/zero", O_RDONLY);
	IS(image_read(fd, &img), -ENOEXEC);
	close(fd);
}

/* ------------------------------------------------------------------ real files */

/** The build-id of a loaded object from its notes in our own memory, as hex in `out`. */
static bool own_build_id(const struct dl_phdr_info *info, char out[2 * 64 + 1])
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		const char *note = (const char *)(uintptr_t)(info->dlpi_addr + p->p_vaddr);
		const char *end = note + p->p_memsz;

		while (p->p_type == PT_NOTE && p->p_align <= 4 && note + 12 < end) {
			u32 h[3];

			memcpy(h, note, sizeof(h));
			if (h[2] == NT_GNU_BUILD_ID && h[0] == 4 && h[1] <= 64) {
				for (u32 k = 0; k < h[1]; k++)
					sprintf(out + 2 * k, "%02x", (u8)note[12 + 4 + k]);
				return true;
			}
			note += 12 + ((h[0] + 3) & ~3u) + ((h[1] + 3) & ~3u);
		}
	}
	return false;
}

/** The file of an object the loader loaded must say what the loader has in memory. */
static int check_loaded(struct dl_phdr_info *info, size_t size, void *ctx)
{
	bool main_program = !*info->dlpi_name;
	int fd = open(main_program ? "/proc/self/exe" : info->dlpi_name, O_RDONLY);
	char id[2 * 64 + 1] = "";
	struct image img = { 0 };
	unsigned wrong = 0;

	(void)size;
	if (fd < 0)
		return 0; /* the vdso has no file */
	++*(unsigned *)ctx;
	IS(image_read(fd, &img), 0);
	IS(img.elf_class, 8 * sizeof(void *));
	if (IS(img.nsegments, info->dlpi_phnum))
		for (int i = 0; i < info->dlpi_phnum; i++) {
			const ElfW(Phdr) *p = &info->dlpi_phdr[i];
			const struct image_segment *g = &img.segments[i];

			wrong += g->type != p->p_type || g->flags != p->p_flags ||
				 g->vaddr != p->p_vaddr || g->offset != p->p_offset ||
				 g->filesz != p->p_filesz || g->memsz != p->p_memsz;
		}
	IS(wrong, 0);
	if (own_build_id(info, id))
		IS_STR(img.build_id, id);
	OK(section(&img, ".text") && section(&img, ".data") && section(&img, ".bss"));
	if (main_program) {
		IS(img.entry, getauxval(AT_ENTRY) - info->dlpi_addr);
		IS(img.link, info->dlpi_addr ? IMAGE_PIE : IMAGE_NON_PIE);
	} else {
		const char *base = strrchr(info->dlpi_name, '/');

		IS(img.link, IMAGE_SHARED);
		if (base && strstr(base, "libc.so"))
			IS_STR(img.soname, base + 1);
	}
	image_release(&img);
	close(fd);
	return 0;
}

static void test_loaded(void)
{
	unsigned n = 0;

	dl_iterate_phdr(check_loaded, &n);
	OK(n >= 1);
}

static void test_vdso(void)
{
	uintptr_t at = getauxval(AT_SYSINFO_EHDR);
	const ElfW(Ehdr) * h;
	struct image img;

	if (!at) {
		SKIP("no vdso");
		return;
	}
	memcpy(&h, &at, sizeof(h));
	IS(read_bytes(h, h->e_shoff + (size_t)h->e_shnum * h->e_shentsize, &img), 0);
	IS(img.link, IMAGE_SHARED);
	IS(img.machine, h->e_machine);
	OK(img.soname && !strncmp(img.soname, "linux-", 6));
	OK(section(&img, ".dynsym"));
	OK(img.build_id && strlen(img.build_id) == 40);
	image_release(&img);
}

/** What binutils says, where it is there to be asked. */
static bool ask_readelf(const char *options, const char *file, const char *key, char *out,
			size_t size)
{
	char cmd[256], line[1024];
	bool found = false;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "LC_ALL=C readelf -W%s %s 2>/dev/null", options, file);
	f = popen(cmd, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *p = strstr(line, key);

		if (!p || found)
			continue;
		p += strlen(key);
		snprintf(out, size, "%.*s", (int)strcspn(p, "]\n"), p);
		found = true;
	}
	if (f)
		pclose(f);
	return found;
}

static void test_shell(void)
{
	char text[256];
	struct image img = { 0 };
	int fd = open("/bin/sh", O_RDONLY);

	if (fd < 0 || !ask_readelf("h", "/bin/sh", "Entry point address:", text, sizeof(text))) {
		SKIP("needs /bin/sh and readelf");
		return;
	}
	IS(image_read(fd, &img), 0);
	IS(img.entry, strtoull(text, NULL, 0));
	if (ask_readelf("n", "/bin/sh", "Build ID: ", text, sizeof(text)))
		IS_STR(img.build_id, text);
	if (ask_readelf("l", "/bin/sh", "interpreter: ", text, sizeof(text)))
		IS_STR(img.interp, text);
	OK(ask_readelf("S", "/bin/sh", " SYMTAB ", text, sizeof(text)) == !img.stripped);
	OK(ask_readelf("d", "/bin/sh", "BIND_NOW", text, sizeof(text)) == img.bind_now);
	image_release(&img);
	close(fd);
}

int main(void)
{
	struct image img = { 0 };

	if (!elf_available()) {
		IS(image_read(-1, &img), -ENOTSUP);
		SKIP("built without libelf");
		return tap_done();
	}
	test_made();
	test_link();
	test_truncated();
	test_one_part();
	test_no_sections();
	test_edges();
	test_hostile();
	test_extended();
	test_huge();
	test_long_names();
	test_mutated();
	test_not_elf();
	test_loaded();
	test_vdso();
	test_shell();
	return tap_done();
}
