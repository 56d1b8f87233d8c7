/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Makes a small ELF file of either class and byte order from scratch, byte by byte, so that what a
 * test expects of it comes from here and not from the library that reads it.
 *
 *	0000 ELF header, program headers    0500 .dynamic    0800 section headers
 *	0400 .interp   0440 notes           0600 .text       1000 end
 *	04c0 .dynstr                        0700 .shstrtab
 */
#ifndef PROCMAP_ELF_MAKE_H
#define PROCMAP_ELF_MAKE_H

#include <elf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define MADE_SIZE     0x1000
#define MADE_INTERP   "/lib/ld-made.so.1"
#define MADE_SONAME   "libmade.so.7"
#define MADE_BUILD_ID "00017f80feff0a0dc3a9"
#define MADE_SEGMENTS 8
#define MADE_SECTIONS 9 /* without the null section */

struct made {
	bool is64, big_endian;
	unsigned type; /**< ET_* */
	bool interp, soname, symtab;
	uint64_t flags_1; /**< DT_FLAGS_1 */
	uint8_t bytes[MADE_SIZE];
	size_t at; /**< where put() writes next */
};

/** A number of `size` bytes in the file's order. */
static inline void put(struct made *m, unsigned size, uint64_t v)
{
	for (unsigned i = 0; i < size; i++) {
		unsigned shift = 8 * (m->big_endian ? size - 1 - i : i);

		m->bytes[m->at++] = (uint8_t)(v >> shift);
	}
}

/** A word as wide as the class. */
static inline void put_word(struct made *m, uint64_t v)
{
	put(m, m->is64 ? 8 : 4, v);
}

static inline void put_text(struct made *m, size_t at, const char *text)
{
	memcpy(m->bytes + at, text, strlen(text) + 1);
}

static inline void made_phdr(struct made *m, uint32_t type, uint32_t flags, uint64_t off,
			     uint64_t filesz, uint64_t memsz, uint64_t align)
{
	uint64_t vaddr = 0x10000 + off;

	put(m, 4, type);
	if (m->is64)
		put(m, 4, flags);
	put_word(m, off);
	put_word(m, vaddr);
	put_word(m, vaddr);
	put_word(m, filesz);
	put_word(m, memsz);
	if (!m->is64)
		put(m, 4, flags);
	put_word(m, align);
}

static inline void made_shdr(struct made *m, uint32_t name, uint32_t type, uint64_t flags,
			     uint64_t addr, uint64_t off, uint64_t size)
{
	put(m, 4, name);
	put(m, 4, type);
	put_word(m, flags);
	put_word(m, addr);
	put_word(m, off);
	put_word(m, size);
	put(m, 4, 0);
	put(m, 4, 0);
	put_word(m, 1);
	put_word(m, 0);
}

/** Sizes of the class's headers. */
#define MADE_EHSIZE(m) ((m)->is64 ? 64u : 52u)
#define MADE_PHSIZE(m) ((m)->is64 ? 56u : 32u)
#define MADE_SHSIZE(m) ((m)->is64 ? 64u : 40u)

static inline void made_header(struct made *m)
{
	memcpy(m->bytes, ELFMAG, SELFMAG);
	m->bytes[EI_CLASS] = m->is64 ? ELFCLASS64 : ELFCLASS32;
	m->bytes[EI_DATA] = m->big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	m->bytes[EI_VERSION] = EV_CURRENT;
	m->at = EI_NIDENT;
	put(m, 2, m->type);
	put(m, 2, m->big_endian ? EM_S390 : EM_AARCH64);
	put(m, 4, EV_CURRENT);
	put_word(m, 0x10620); /* entry */
	put_word(m, MADE_EHSIZE(m));
	put_word(m, 0x800);
	put(m, 4, 0);
	put(m, 2, MADE_EHSIZE(m));
	put(m, 2, MADE_PHSIZE(m));
	put(m, 2, MADE_SEGMENTS);
	put(m, 2, MADE_SHSIZE(m));
	put(m, 2, MADE_SECTIONS + 1);
	put(m, 2, MADE_SECTIONS); /* .shstrtab is the last */
}

static inline void made_segments(struct made *m)
{
	m->at = MADE_EHSIZE(m);
	made_phdr(m, PT_LOAD, PF_R | PF_X, 0, 0x700, 0x700, 0x1000);
	made_phdr(m, PT_LOAD, PF_R | PF_W, 0x700, 0x900, 0x2345, 0x1000);
	made_phdr(m, PT_NOTE, PF_R, 0x440, 0x20, 0x20, 8);
	made_phdr(m, PT_NOTE, PF_R, 0x460, 0x4c, 0x4c, 4);
	made_phdr(m, PT_DYNAMIC, PF_R | PF_W, 0x500, 0x100, 0x100, 8);
	made_phdr(m, PT_GNU_RELRO, PF_R, 0x700, 0x100, 0x100, 1);
	made_phdr(m, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16);
	made_phdr(m, m->interp ? PT_INTERP : PT_NULL, PF_R, 0x400, sizeof(MADE_INTERP),
		  sizeof(MADE_INTERP), 1);
}

static inline void made_note(struct made *m, const char *name, uint32_t type, const char *desc,
			     size_t len)
{
	put(m, 4, strlen(name) + 1);
	put(m, 4, len);
	put(m, 4, type);
	put_text(m, m->at, name);
	m->at += (strlen(name) + 4) & ~3u;
	memcpy(m->bytes + m->at, desc, len);
	m->at += (len + 3) & ~3u;
}

static inline void made_contents(struct made *m)
{
	put_text(m, 0x400, MADE_INTERP);
	/* An 8-aligned property note of 16 + 16 bytes, then notes that are no build-id, and it. */
	m->at = 0x440;
	made_note(m, "GNU", 5, "\2\0\0\300\4\0\0\0\3\0\0\0\0\0\0\0", 16);
	made_note(m, "Xen", NT_GNU_BUILD_ID, "wrong", 5);
	made_note(m, "GNU", NT_GNU_ABI_TAG, "\0\0\0\0", 4);
	made_note(m, "GNU", NT_GNU_BUILD_ID, "\x00\x01\x7f\x80\xfe\xff\x0a\x0d\xc3\xa9", 10);
	put_text(m, 0x4c0 + 1, MADE_SONAME);
	m->at = 0x500;
	put_word(m, DT_NEEDED), put_word(m, 1);
	put_word(m, DT_STRTAB), put_word(m, 0x10000 + 0x4c0);
	put_word(m, DT_STRSZ), put_word(m, 0x40);
	put_word(m, m->soname ? DT_SONAME : DT_NEEDED), put_word(m, 1);
	put_word(m, DT_FLAGS_1), put_word(m, m->flags_1);
	put_word(m, DT_NULL), put_word(m, 0);
	put_word(m, DT_BIND_NOW), put_word(m, 0); /* behind the end: not there */
}

static inline void made_sections(struct made *m)
{
	static const char names[] = "\0.interp\0.note.gnu.build-id\0.dynamic\0.text\0.data\0.bss"
				    "\0.tbss\0.symtab\0.shstrtab";
	uint32_t symtab = m->symtab ? SHT_SYMTAB : SHT_PROGBITS;

	memcpy(m->bytes + 0x700, names, sizeof(names));
	m->at = 0x800;
	made_shdr(m, 0, SHT_NULL, 0, 0, 0, 0);
	made_shdr(m, 1, SHT_PROGBITS, SHF_ALLOC, 0x10400, 0x400, sizeof(MADE_INTERP));
	made_shdr(m, 9, SHT_NOTE, SHF_ALLOC, 0x10460, 0x460, 0x4c);
	made_shdr(m, 28, SHT_DYNAMIC, SHF_ALLOC | SHF_WRITE, 0x10500, 0x500, 0x100);
	made_shdr(m, 37, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 0x10600, 0x600, 0x100);
	made_shdr(m, 43, SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 0x10700, 0x700, 0x900);
	made_shdr(m, 49, SHT_NOBITS, SHF_ALLOC | SHF_WRITE, 0x11000, 0x1000, 0x1a45);
	made_shdr(m, 54, SHT_NOBITS, SHF_ALLOC | SHF_WRITE | SHF_TLS, 0x11000, 0x1000, 0x10);
	made_shdr(m, 60, symtab, 0, 0, 0xf00, 0x30);
	made_shdr(m, 68, SHT_STRTAB, 0, 0, 0x700, sizeof(names));
}

/** Fills bytes from the settings above it. */
static inline void made_build(struct made *m)
{
	memset(m->bytes, 0, sizeof(m->bytes));
	made_header(m);
	made_segments(m);
	made_contents(m);
	made_sections(m);
}

#endif
