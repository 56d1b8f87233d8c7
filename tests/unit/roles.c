/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What each mapping of a file holds, on made-up spaces: the layouts of GNU ld, lld, musl and
 * glibc's loaders, two page sizes, prelink, and headers that do not fit.
 */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include "make_space.h"
#include "model/roles.h"
#include "tap.h"

/** A section of the tables below. */
struct sec {
	const char *name;
	u64 addr, size, flags;
	u32 type;
};

#define A  SHF_ALLOC
#define AX (SHF_ALLOC | SHF_EXECINSTR)
#define AW (SHF_ALLOC | SHF_WRITE)

/** Makes all mappings one object of this kind, with an image of these segments and sections. */
static struct object *give_image(struct space *s, enum object_kind kind, enum image_link link,
				 const struct image_segment *segs, size_t nsegs,
				 const struct sec *secs, size_t nsecs)
{
	struct image *img = space_add_image(s);
	struct object *o = space_add_object(s);

	img->link = link;
	img->segments = xcalloc(nsegs + 1, sizeof(*segs));
	img->nsegments = nsegs;
	if (nsegs)
		memcpy(img->segments, segs, nsegs * sizeof(*segs));
	img->sections = xcalloc(nsecs + 1, sizeof(*img->sections));
	img->nsections = nsecs;
	for (size_t i = 0; i < nsecs; i++)
		img->sections[i] = (struct image_section){ .name = xstrdup(secs[i].name),
							   .addr = secs[i].addr,
							   .size = secs[i].size,
							   .flags = secs[i].flags,
							   .type = secs[i].type };
	o->vma = 0;
	o->nvmas = (u32)s->nvmas;
	o->image = (u32)(img - s->images);
	o->kind = kind;
	for (size_t i = 0; i < s->nvmas; i++)
		s->vmas[i].object = 0;
	return o;
}

/** The names of a mapping's sections, at most `max`, with blanks between. */
static const char *names_in(const struct space *s, size_t i, size_t max)
{
	const struct image_section *list[8];
	size_t n = vma_sections(s, &s->vmas[i], list, max);
	static char text[256];

	text[0] = '\0';
	for (size_t k = 0; k < n; k++) {
		if (k)
			strcat(text, " ");
		strcat(text, list[k]->name);
	}
	return text;
}

static void check_roles(const struct space *s, const enum vma_role *roles, size_t n)
{
	IS(s->nvmas, n);
	for (size_t i = 0; i < n; i++)
		IS_STR(vma_role_name(s->vmas[i].role), vma_role_name(roles[i]));
}

#define CHECK_ROLES(s, ...)                                                                        \
	check_roles((s), (const enum vma_role[]){ __VA_ARGS__ },                                   \
		    sizeof((const enum vma_role[]){ __VA_ARGS__ }) / sizeof(enum vma_role))

/* ------------------------------------------------------------------ GNU ld, -z separate-code */

/* A PIE as Debian 12's ld makes it; sections out of address order on purpose. */
static const struct image_segment modern_segs[] = {
	{ 0x40, 0x40, 0x2d8, 0x2d8, 8, PT_PHDR, PF_R },
	{ 0, 0, 0x1658, 0x1658, 0x1000, PT_LOAD, PF_R },
	{ 0x2000, 0x2000, 0x38f1, 0x38f1, 0x1000, PT_LOAD, PF_R | PF_X },
	{ 0x6000, 0x6000, 0x1168, 0x1168, 0x1000, PT_LOAD, PF_R },
	{ 0x8c90, 0x7c90, 0x420, 0x5210, 0x1000, PT_LOAD, PF_R | PF_W },
	{ 0x8c90, 0x7c90, 0x370, 0x370, 1, PT_GNU_RELRO, PF_R },
	{ 0, 0, 0, 0, 16, PT_GNU_STACK, PF_R | PF_W },
};

static const struct sec modern_secs[] = {
	{ ".text", 0x2020, 0x38c8, AX, SHT_PROGBITS },
	{ ".plt", 0x2000, 0x20, AX, SHT_PROGBITS },
	{ ".interp", 0x318, 0x1c, A, SHT_PROGBITS },
	{ ".rela.dyn", 0x1000, 0x658, A, SHT_RELA },
	{ ".rodata", 0x6000, 0xd00, A, SHT_PROGBITS },
	{ ".eh_frame", 0x6d00, 0x468, A, SHT_PROGBITS },
	{ ".tbss", 0x8c90, 0x2000, AW | SHF_TLS, SHT_NOBITS },
	{ ".data.rel.ro", 0x8c90, 0x200, AW, SHT_PROGBITS },
	{ ".got", 0x8e90, 0x170, AW, SHT_PROGBITS },
	{ ".data", 0x9000, 0xb0, AW, SHT_PROGBITS },
	{ ".bss", 0x90c0, 0x4de0, AW, SHT_NOBITS },
	{ ".empty", 0x9000, 0, AW, SHT_PROGBITS },
	{ ".debug_info", 0, 0x20000, 0, SHT_PROGBITS },
};

#define BASE 0x555555554000

static const struct line modern_lines[] = {
	{ BASE, BASE + 0x2000, "r--p", 0, 8, 1, 77, "/bin/prog" },
	{ BASE + 0x2000, BASE + 0x6000, "r-xp", 0x2000, 8, 1, 77, "/bin/prog" },
	{ BASE + 0x6000, BASE + 0x8000, "r--p", 0x6000, 8, 1, 77, "/bin/prog" },
	{ BASE + 0x8000, BASE + 0x9000, "r--p", 0x7000, 8, 1, 77, "/bin/prog" },
	{ BASE + 0x9000, BASE + 0xa000, "rw-p", 0x8000, 8, 1, 77, "/bin/prog" },
	{ BASE + 0xa000, BASE + 0xe000, "rw-p", 0, 0, 0, 0, "" },
};

static struct object *modern(struct space *s)
{
	make_space(s, modern_lines, ARRAY_SIZE(modern_lines));
	return give_image(s, OBJ_EXE, IMAGE_PIE, modern_segs, ARRAY_SIZE(modern_segs), modern_secs,
			  ARRAY_SIZE(modern_secs));
}

static void check_sections_and_segments(const struct space *s)
{
	size_t index = 99;

	IS_STR(names_in(s, 0, 8), ".interp .rela.dyn");
	IS_STR(names_in(s, 1, 8), ".plt .text");
	IS_STR(names_in(s, 2, 8), ".rodata .eh_frame");
	IS_STR(names_in(s, 3, 8), ".data.rel.ro .got");
	IS_STR(names_in(s, 4, 8), ".data .bss");
	IS_STR(names_in(s, 5, 8), ".bss");
	IS_STR(names_in(s, 1, 1), ".plt"); /* the lowest, though .text stands first in the file */
	IS_STR(names_in(s, 1, 0), "");

	OK(vma_segment(s, &s->vmas[0], &index) == &s->images[0].segments[1]);
	IS(index, 1);
	OK(vma_segment(s, &s->vmas[3], NULL) == &s->images[0].segments[4]);
	OK(vma_segment(s, &s->vmas[5], &index) == &s->images[0].segments[4]);
	IS(index, 4);
}

static void check_addresses(const struct space *s)
{
	const struct image_section *sec;
	u64 offset = 99;

	sec = addr_section(s, BASE + 0x2020, &offset);
	IS_STR(sec ? sec->name : NULL, ".text");
	IS(offset, 0);
	sec = addr_section(s, BASE + 0x58e7, &offset);
	IS_STR(sec ? sec->name : NULL, ".text");
	IS(offset, 0x38c7);
	OK(!addr_section(s, BASE + 0x58e8, &offset)); /* the padding behind it */
	sec = addr_section(s, BASE + 0x8c90, NULL);
	IS_STR(sec ? sec->name : NULL, ".data.rel.ro"); /* never .tbss */
	OK(!addr_section(s, BASE - 1, NULL));
	OK(!addr_section(s, UINT64_MAX, NULL));
}

static void test_modern(void)
{
	struct space s;
	struct object *o = modern(&s);
	u64 bias = 0;
	u32 vma = 99;

	/* The answers are the same before and after the bias is kept. */
	OK(object_bias(&s, o, &bias));
	IS(bias, BASE);
	check_sections_and_segments(&s);
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_HEADER, ROLE_TEXT, ROLE_RODATA, ROLE_RELRO, ROLE_DATA, ROLE_BSS);
	IS(o->bias_state, BIAS_KNOWN);
	IS(o->bias, BASE);
	check_sections_and_segments(&s);
	check_addresses(&s);
	OK(!object_missing_relro(&s, o));
	OK(!object_relro_writable(&s, o, &vma));
	IS(vma, 99);

	/* Only the mapping with the ELF header can be called that. */
	s.images[0].sections[4].name[1] = 'x';
	roles_assign(&s, o);
	IS(s.vmas[2].role, ROLE_RODATA);
	space_release(&s);
}

/** As the kernel leaves it at exec: RELRO not applied yet. */
static void test_starting(void)
{
	struct space s;
	struct object *o;
	struct line lines[5];
	u32 vma = 99;

	memcpy(lines, modern_lines, 3 * sizeof(*lines));
	lines[3] = modern_lines[3];
	lines[3].end = BASE + 0xa000;
	lines[3].perms = "rw-p";
	lines[4] = modern_lines[5];
	make_space(&s, lines, ARRAY_SIZE(lines));
	o = give_image(&s, OBJ_EXE, IMAGE_PIE, modern_segs, ARRAY_SIZE(modern_segs), modern_secs,
		       ARRAY_SIZE(modern_secs));
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_HEADER, ROLE_TEXT, ROLE_RODATA, ROLE_DATA, ROLE_BSS);
	OK(object_relro_writable(&s, o, &vma));
	IS(vma, 3);
	OK(!object_missing_relro(&s, o));

	/* The same without the header: nothing will protect it. */
	s.images[0].segments[5].type = PT_NULL;
	OK(object_missing_relro(&s, o));
	OK(!object_relro_writable(&s, o, &vma));
	s.images[0].err = -EBADMSG; /* it may have been in what is damaged */
	OK(!object_missing_relro(&s, o));
	space_release(&s);
}

/** What a debugger, a JIT and mprotect do to a program; the segments still say what it is. */
static void test_split(void)
{
	static const struct line lines[] = {
		{ BASE, BASE + 0x2000, "r--p", 0, 8, 1, 77, "/bin/prog" },
		{ BASE + 0x2000, BASE + 0x3000, "r-xp", 0x2000, 8, 1, 77, "/bin/prog" },
		{ BASE + 0x3000, BASE + 0x4000, "rw-p", 0x3000, 8, 1, 77, "/bin/prog" },
		{ BASE + 0x4000, BASE + 0x5000, "r-xp", 0, 0, 0, 0, "" }, /* remapped text */
		{ BASE + 0x5000, BASE + 0x6000, "r-xp", 0x5000, 8, 1, 77, "/bin/prog" },
		{ BASE + 0x6000, BASE + 0x8000, "r-xp", 0x6000, 8, 1, 77, "/bin/prog" },
		{ BASE + 0x8000, BASE + 0x9000, "r-xp", 0x7000, 8, 1, 77, "/bin/prog" },
		{ BASE + 0x9000, BASE + 0xa000, "rwxp", 0x8000, 8, 1, 77, "/bin/prog" },
		{ BASE + 0xa000, BASE + 0xe000, "rwxp", 0, 0, 0, 0, "" },
		{ BASE + 0xe000, BASE + 0xf000, "rwxp", 0, 0, 0, 0, "" }, /* behind p_memsz */
	};
	struct space s;
	struct object *o;

	make_space(&s, lines, ARRAY_SIZE(lines));
	o = give_image(&s, OBJ_EXE, IMAGE_PIE, modern_segs, ARRAY_SIZE(modern_segs), modern_secs,
		       ARRAY_SIZE(modern_secs));
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_HEADER, ROLE_TEXT, ROLE_TEXT, ROLE_TEXT, ROLE_TEXT, ROLE_RODATA,
		    ROLE_RELRO, ROLE_DATA, ROLE_BSS, ROLE_NONE);
	IS_STR(names_in(&s, 9, 8), "");
	OK(!vma_segment(&s, &s.vmas[9], NULL));
	space_release(&s);
}

/* ------------------------------------------------------------------ other linkers and loaders */

/** ET_EXEC of old: two segments that share a page of the file. */
static void test_two_segments(void)
{
	static const struct image_segment segs[] = {
		{ 0x400000, 0, 0x70c, 0x70c, 0x200000, PT_LOAD, PF_R | PF_X },
		{ 0x600e10, 0xe10, 0x230, 0x238, 0x200000, PT_LOAD, PF_R | PF_W },
		{ 0x600e10, 0xe10, 0x1f0, 0x1f0, 1, PT_GNU_RELRO, PF_R },
	};
	static const struct sec secs[] = {
		{ ".text", 0x400430, 0x1a2, AX, SHT_PROGBITS },
		{ ".rodata", 0x4005e0, 0x10, A, SHT_PROGBITS },
		{ ".dynamic", 0x600e28, 0x1d0, AW, SHT_DYNAMIC },
		{ ".data", 0x601020, 0x20, AW, SHT_PROGBITS },
		{ ".bss", 0x601040, 8, AW, SHT_NOBITS },
	};
	static const struct line lines[] = {
		{ 0x400000, 0x401000, "r-xp", 0, 8, 1, 5, "/bin/old" },
		{ 0x600000, 0x601000, "r--p", 0, 8, 1, 5, "/bin/old" },
		{ 0x601000, 0x602000, "rw-p", 0x1000, 8, 1, 5, "/bin/old" },
	};
	struct space s;
	struct object *o;
	u64 bias = 99;

	make_space(&s, lines, ARRAY_SIZE(lines));
	o = give_image(&s, OBJ_EXE, IMAGE_NON_PIE, segs, ARRAY_SIZE(segs), secs, ARRAY_SIZE(secs));
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_TEXT, ROLE_RELRO, ROLE_DATA);
	IS_STR(names_in(&s, 0, 8), ".text .rodata");
	IS_STR(names_in(&s, 1, 8), ".dynamic");
	IS_STR(names_in(&s, 2, 8), ".data .bss");
	OK(object_bias(&s, o, &bias));
	IS(bias, 0);

	/* Position independent, the offsets leave two guesses; only one explains all mappings. */
	s.images[0].link = IMAGE_LINK_UNKNOWN;
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_TEXT, ROLE_RELRO, ROLE_DATA);
	IS(o->bias, 0);
	space_release(&s);

	/* ET_EXEC is where it says; elsewhere it is mapped as data. */
	make_space(&s, lines, ARRAY_SIZE(lines));
	for (size_t i = 0; i < s.nvmas; i++) {
		s.vmas[i].first += 0x10000000;
		s.vmas[i].last += 0x10000000;
	}
	o = give_image(&s, OBJ_LIB, IMAGE_NON_PIE, segs, ARRAY_SIZE(segs), secs, ARRAY_SIZE(secs));
	roles_assign(&s, o);
	IS(o->bias_state, BIAS_NONE);
	CHECK_ROLES(&s, ROLE_TEXT, ROLE_RODATA, ROLE_DATA); /* by permissions */
	IS_STR(names_in(&s, 0, 8), "");
	space_release(&s);
}

/** A library with 2 MiB between text and data, prelinked, and loaded lower than that. */
static void test_hole(void)
{
	static const struct image_segment segs[] = {
		{ 0x7f0000000000, 0, 0x1abc, 0x1abc, 0x200000, PT_LOAD, PF_R | PF_X },
		{ 0x7f0000201d80, 0x1d80, 0x300, 0x1308, 0x200000, PT_LOAD, PF_R | PF_W },
		{ 0x7f0000201d80, 0x1d80, 0x280, 0x280, 1, PT_GNU_RELRO, PF_R },
	};
	static const struct line lines[] = {
		{ 0x10000000, 0x10002000, "r-xp", 0, 8, 1, 6, "/lib/l.so" },
		{ 0x10002000, 0x10201000, "---p", 0x2000, 8, 1, 6, "/lib/l.so" },
		{ 0x10201000, 0x10202000, "r--p", 0x1000, 8, 1, 6, "/lib/l.so" },
		{ 0x10202000, 0x10203000, "rw-p", 0x2000, 8, 1, 6, "/lib/l.so" },
		{ 0x10203000, 0x10209000, "rw-p", 0, 0, 0, 0, "" }, /* .bss, merged with others */
	};
	static const struct line musl[] = {
		{ 0x10000000, 0x10201000, "r-xp", 0, 8, 1, 6, "/lib/l.so" },
		{ 0x10201000, 0x10202000, "r--p", 0x1000, 8, 1, 6, "/lib/l.so" },
		{ 0x10202000, 0x10203000, "rw-p", 0x2000, 8, 1, 6, "/lib/l.so" },
	};
	struct space s;
	struct object *o;

	make_space(&s, lines, ARRAY_SIZE(lines));
	o = give_image(&s, OBJ_LIB, IMAGE_SHARED, segs, ARRAY_SIZE(segs), NULL, 0);
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_TEXT, ROLE_GUARD, ROLE_RELRO, ROLE_DATA, ROLE_BSS);
	IS(o->bias, (u64)0x10000000 - 0x7f0000000000);
	space_release(&s);

	make_space(&s, musl, ARRAY_SIZE(musl));
	o = give_image(&s, OBJ_LIB, IMAGE_SHARED, segs, ARRAY_SIZE(segs), NULL, 0);
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_TEXT, ROLE_RELRO, ROLE_DATA);
	space_release(&s);
}

/** An arm64 file of max-page-size 64 KiB on kernels of both page sizes. */
static void test_page_sizes(void)
{
	static const struct image_segment segs[] = {
		{ 0, 0, 0x8c0, 0x8c0, 0x10000, PT_LOAD, PF_R | PF_X },
		{ 0x1fd90, 0xfd90, 0x298, 0x2a8, 0x10000, PT_LOAD, PF_R | PF_W },
		{ 0x1fd90, 0xfd90, 0x270, 0x270, 1, PT_GNU_RELRO, PF_R },
	};
	static const struct line small[] = {
		{ 0xaaaa0000, 0xaaaa1000, "r-xp", 0, 8, 1, 7, "/bin/a" },
		{ 0xaaabf000, 0xaaac0000, "r--p", 0xf000, 8, 1, 7, "/bin/a" },
		{ 0xaaac0000, 0xaaac1000, "rw-p", 0x10000, 8, 1, 7, "/bin/a" },
	};
	static const struct line large[] = {
		{ 0xaaaa0000, 0xaaab0000, "r-xp", 0, 8, 1, 7, "/bin/a" },
		{ 0xaaab0000, 0xaaac0000, "r--p", 0, 8, 1, 7, "/bin/a" },
		{ 0xaaac0000, 0xaaad0000, "rw-p", 0x10000, 8, 1, 7, "/bin/a" },
	};
	struct space s;
	struct object *o;

	for (int i = 0; i < 2; i++) {
		make_space(&s, i ? large : small, 3);
		s.host.page_size = i ? 65536 : 4096;
		o = give_image(&s, OBJ_EXE, IMAGE_PIE, segs, ARRAY_SIZE(segs), NULL, 0);
		roles_assign(&s, o);
		CHECK_ROLES(&s, ROLE_TEXT, ROLE_RELRO, ROLE_DATA);
		IS(o->bias, 0xaaaa0000);
		OK(!object_relro_writable(&s, o, NULL));
		space_release(&s);
	}
}

/** lld: headers and .rodata in one segment, RELRO in a segment of its own, .bss alone in one. */
static void test_lld(void)
{
	static const struct image_segment segs[] = {
		{ 0, 0, 0x2abc, 0x2abc, 0x1000, PT_LOAD, PF_R },
		{ 0x3ac0, 0x2ac0, 0x1000, 0x1000, 0x1000, PT_LOAD, PF_R | PF_X },
		{ 0x5ac0, 0x3ac0, 0x1b0, 0x540, 0x1000, PT_LOAD, PF_R | PF_W },
		{ 0x6c70, 0x3c70, 0x90, 0x90, 0x1000, PT_LOAD, PF_R | PF_W },
		{ 0x8000, 0x4000, 0, 0x3000, 0x1000, PT_LOAD, PF_R | PF_W },
		{ 0x5ac0, 0x3ac0, 0x1b0, 0x540, 1, PT_GNU_RELRO, PF_R },
	};
	static const struct sec secs[] = {
		{ ".rodata.cst8", 0x1000, 8, A, SHT_PROGBITS },
		{ ".text", 0x3ac0, 0x1000, AX, SHT_PROGBITS },
		{ ".bss", 0x8000, 0x3000, AW, SHT_NOBITS },
	};
	static const struct line lines[] = {
		{ 0x7f0000000000, 0x7f0000003000, "r--p", 0, 8, 1, 8, "/lib/x.so" },
		{ 0x7f0000003000, 0x7f0000005000, "r-xp", 0x2000, 8, 1, 8, "/lib/x.so" },
		{ 0x7f0000005000, 0x7f0000006000, "r--p", 0x3000, 8, 1, 8, "/lib/x.so" },
		{ 0x7f0000006000, 0x7f0000007000, "rw-p", 0x3000, 8, 1, 8, "/lib/x.so" },
		{ 0x7f0000008000, 0x7f000000b000, "rw-p", 0, 0, 0, 0, "" },
	};
	struct space s;
	struct object *o;

	make_space(&s, lines, ARRAY_SIZE(lines));
	o = give_image(&s, OBJ_LIB, IMAGE_SHARED, segs, ARRAY_SIZE(segs), secs, ARRAY_SIZE(secs));
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_RODATA, ROLE_TEXT, ROLE_RELRO, ROLE_DATA, ROLE_BSS);
	IS_STR(names_in(&s, 4, 8), ".bss");
	OK(vma_segment(&s, &s.vmas[3], NULL) == &s.images[0].segments[3]);
	space_release(&s);
}

/* ------------------------------------------------------------------ what does not fit */

/** grep reads a program: one mapping of the whole file is not the program. */
static void test_mapped_as_data(void)
{
	static const struct line whole[] = {
		{ 0x7f0000000000, 0x7f0000010000, "r--p", 0, 8, 1, 77, "/bin/prog" },
	};
	struct space s;
	struct object *o;
	u64 bias = 99;

	for (int i = 0; i < 2; i++) {
		make_space(&s, whole, 1);
		o = give_image(&s, i ? OBJ_LIB : OBJ_FILE, IMAGE_PIE, modern_segs,
			       ARRAY_SIZE(modern_segs), modern_secs, ARRAY_SIZE(modern_secs));
		OK(!object_bias(&s, o, &bias));
		IS(bias, 99);
		roles_assign(&s, o);
		IS(s.vmas[0].role, i ? ROLE_RODATA : ROLE_NONE);
		IS(o->bias_state, BIAS_NONE);
		IS_STR(names_in(&s, 0, 8), "");
		OK(!addr_section(&s, 0x7f0000002020, NULL));
		OK(!object_missing_relro(&s, o));
		space_release(&s);
	}
}

static void test_no_image(void)
{
	struct space s;
	struct object *o = modern(&s);

	o->image = NO_INDEX;
	roles_assign(&s, o);
	CHECK_ROLES(&s, ROLE_RODATA, ROLE_TEXT, ROLE_RODATA, ROLE_RODATA, ROLE_DATA, ROLE_BSS);
	OK(!object_missing_relro(&s, o));
	OK(!object_relro_writable(&s, o, NULL));
	OK(!vma_segment(&s, &s.vmas[0], NULL));
	s.vmas[2].perms = 0;
	roles_assign(&s, o);
	IS(s.vmas[2].role, ROLE_GUARD);

	/* Not a program: its kind says what it is. */
	o->kind = OBJ_MEMFD;
	s.vmas[1].role = ROLE_NONE;
	roles_assign(&s, o);
	IS(s.vmas[1].role, ROLE_NONE);

	/* A mapping that is in no object yet. */
	s.vmas[1].object = NO_INDEX;
	IS_STR(names_in(&s, 1, 8), "");
	OK(!addr_section(&s, s.vmas[1].first, NULL));
	space_release(&s);
}

/** Headers no linker writes: each answer is none or sane, and soon. */
static void test_hostile(void)
{
	static const struct image_segment segs[] = {
		{ UINT64_MAX - 0xfff, 0, 0x1000, 0x1000, 0, PT_LOAD, PF_R },
		{ UINT64_MAX, 0x2000, UINT64_MAX, UINT64_MAX, 0, PT_LOAD, PF_R | PF_X },
		{ 0x123, 0x456, 0x1000, 0x1000, 0, PT_LOAD, PF_R | PF_X },
		{ 0, UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, PT_LOAD, PF_R | PF_W },
		{ 0, 0, 0x2000, 0x1000, 0, PT_LOAD, PF_R | PF_W },
		{ 0x1000, 0, UINT64_MAX, UINT64_MAX, 0, PT_GNU_RELRO, PF_R },
	};
	static const struct sec secs[] = {
		{ ".wraps", UINT64_MAX - 4, 10, A, SHT_PROGBITS },
		{ ".all", 0, UINT64_MAX, A, SHT_PROGBITS },
	};
	struct image_segment many[512];
	struct space s;
	struct object *o;

	make_space(&s, modern_lines, ARRAY_SIZE(modern_lines));
	o = give_image(&s, OBJ_EXE, IMAGE_PIE, segs, ARRAY_SIZE(segs), secs, ARRAY_SIZE(secs));
	s.host.page_size = 0; /* a tree that does not say */
	roles_assign(&s, o);
	for (size_t i = 0; i < s.nvmas; i++) {
		names_in(&s, i, 8);
		OK(s.vmas[i].role < ROLE_NROLES);
	}
	object_missing_relro(&s, o);
	object_relro_writable(&s, o, NULL);
	space_release(&s);

	/* The first PT_LOAD is far behind others that explain nothing. */
	for (size_t i = 0; i < 512; i++)
		many[i] = (struct image_segment){ i * 0x1000, i * 0x1000, 0x1000,
						  0x1000,     0,	  i % 2 ? PT_LOAD : PT_NOTE,
						  PF_R };
	make_space(&s, modern_lines, ARRAY_SIZE(modern_lines));
	o = give_image(&s, OBJ_EXE, IMAGE_PIE, many, ARRAY_SIZE(many), NULL, 0);
	roles_assign(&s, o);
	OK(s.vmas[1].role == ROLE_TEXT); /* by permissions */
	o->vma = 1000;			 /* indices of nothing */
	roles_assign(&s, o);
	IS(o->bias_state, BIAS_NONE);
	o->image = 1000;
	roles_assign(&s, o);
	IS(o->bias_state, BIAS_NONE);
	space_release(&s);
}

int main(void)
{
	test_modern();
	test_starting();
	test_split();
	test_two_segments();
	test_hole();
	test_page_sizes();
	test_lld();
	test_mapped_as_data();
	test_no_image();
	test_hostile();
	return tap_done();
}
