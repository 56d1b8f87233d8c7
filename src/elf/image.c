/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The ELF headers of a mapped file. libelf's own way in (elf_begin) takes the sizes it reads and
 * allocates from the file, so here every piece is fetched by a bounded pread, and libelf only
 * translates it from the file's byte order. A file costs a handful of reads of a few KiB, and one
 * that is truncated while it is read gives a short read, never a signal.
 *
 * Each part (segments, sections, notes, dynamic section) stands alone: damage in one is remembered
 * in img->err and the others are still read.
 */
#include <elf.h>
#include <errno.h>
#include "elf.h"

#ifdef HAVE_ELF

#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is kept of one file. Real mapped files have some 40 sections and a dozen segments. */
#define MAX_SECTIONS 4096
#define MAX_SEGMENTS 512
#define MAX_STRING   4096	 /* a path or a name; PATH_MAX of Linux */
#define MAX_NAMES    (256 * KIB) /* of all section names together */
#define MAX_STRTAB   (64 * KIB)	 /* section name table */
#define MAX_NOTES    (64 * KIB)	 /* of all note segments together */
#define MAX_DYNAMIC  (64 * KIB)
#define MAX_BUILD_ID 256 /* bytes; linkers make 8 to 20, --build-id=0x… any number */

/** Read at once: holds ELF header, program headers, .interp and notes of nearly every file. */
#define HEAD_BYTES 4096

struct reader {
	int fd;
	u64 size; /**< of the file */
	struct image *img;
	bool is64;
	u8 encoding; /**< ELFDATA2LSB or ELFDATA2MSB */
	u16 type;    /**< ET_* */
	u64 phoff, shoff;
	u32 phnum, shnum, shstrndx;
	bool no_sections;  /**< the file says that it has no section headers */
	bool have_dynamic; /**< .dynamic was read to its end */
	bool pie_flag;	   /**< DF_1_PIE, or DT_DEBUG, which linkers give to executables only */
	size_t notes_left; /**< of MAX_NOTES */
	size_t names_left; /**< of MAX_NAMES */
	size_t nhead;
	u8 head[HEAD_BYTES];
};

/** A field of a structure that has the same name in both classes. */
#define FIELD(r, p, type, field)                                                                   \
	((r)->is64 ? (u64)((const Elf64_##type *)(p))->field                                       \
		   : (u64)((const Elf32_##type *)(p))->field)

#define ENTRY_SIZE(r, type) ((r)->is64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

/** The first complaint is the one that is kept. */
static void complain(struct reader *r, int err)
{
	if (!r->img->err)
		r->img->err = err;
}

/** All of [off, off + len), or -EBADMSG when the file does not have it, or why it cannot be read.
 */
static int read_at(const struct reader *r, u64 off, void *buf, size_t len)
{
	size_t done = 0;

	if (off > r->size || len > r->size - off)
		return -EBADMSG;
	if (off + len <= r->nhead) {
		memcpy(buf, r->head + off, len);
		return 0;
	}
	while (done < len) {
		ssize_t n = pread(r->fd, (char *)buf + done, len - done, (off_t)(off + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EBADMSG; /* shorter than fstat said: truncated meanwhile */
		done += (size_t)n;
	}
	return 0;
}

/** From the file's byte order to ours, in place. */
static int translate(const struct reader *r, Elf_Type type, void *bytes, size_t len)
{
	Elf_Data from = { .d_buf = bytes, .d_type = type, .d_version = EV_CURRENT, .d_size = len };
	Elf_Data to = from;
	Elf_Data *done = r->is64 ? elf64_xlatetom(&to, &from, r->encoding)
				 : elf32_xlatetom(&to, &from, r->encoding);

	return done ? 0 : -EBADMSG;
}

/**
 * A table of `n` translated entries. When the file ends early, *got of them: the caller owns the
 * result, NULL if there is none.
 */
static char *read_table(struct reader *r, Elf_Type type, u64 off, u32 n, size_t entry, u32 *got)
{
	u64 fits = off < r->size ? (r->size - off) / entry : 0;
	char *table;
	int err;

	*got = 0;
	if (!n)
		return NULL;
	if (fits < n) {
		complain(r, -EBADMSG);
		n = (u32)fits;
		if (!n)
			return NULL;
	}
	table = xmalloc(n * entry);
	err = read_at(r, off, table, n * entry);
	if (!err)
		err = translate(r, type, table, n * entry);
	if (err) {
		complain(r, err);
		free(table);
		return NULL;
	}
	*got = n;
	return table;
}

/** The NUL-terminated string at `off`, at most `max` bytes long; NULL if it has no end by then. */
static char *read_string(struct reader *r, u64 off, u64 max)
{
	char text[MAX_STRING];
	size_t len = (size_t)MIN(max, (u64)sizeof(text));
	const char *end;

	if (off < r->size)
		len = (size_t)MIN((u64)len, r->size - off);
	if (!len || read_at(r, off, text, len))
		return NULL;
	end = memchr(text, '\0', len);
	return end ? xmemdupz(text, (size_t)(end - text)) : NULL;
}

/* ------------------------------------------------------------------ headers */

/** Class, byte order, and the ELF header proper. */
static int read_header(struct reader *r)
{
	struct image *img = r->img;
	union {
		Elf32_Ehdr e32;
		Elf64_Ehdr e64;
	} h;
	size_t len;
	int err;

	if (r->nhead < SELFMAG || memcmp(r->head, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	if (r->nhead < EI_NIDENT)
		return -EBADMSG;
	r->encoding = r->head[EI_DATA];
	if ((r->head[EI_CLASS] != ELFCLASS32 && r->head[EI_CLASS] != ELFCLASS64) ||
	    (r->encoding != ELFDATA2LSB && r->encoding != ELFDATA2MSB) ||
	    r->head[EI_VERSION] != EV_CURRENT)
		return -EBADMSG;
	r->is64 = r->head[EI_CLASS] == ELFCLASS64;
	img->elf_class = r->is64 ? 64 : 32;

	len = ENTRY_SIZE(r, Ehdr);
	err = read_at(r, 0, &h, len);
	if (!err)
		err = translate(r, ELF_T_EHDR, &h, len);
	if (err)
		return err;
	img->machine = (u16)FIELD(r, &h, Ehdr, e_machine);
	img->entry = FIELD(r, &h, Ehdr, e_entry);
	r->type = (u16)FIELD(r, &h, Ehdr, e_type);
	r->phoff = FIELD(r, &h, Ehdr, e_phoff);
	r->shoff = FIELD(r, &h, Ehdr, e_shoff);
	r->phnum = (u32)FIELD(r, &h, Ehdr, e_phnum);
	r->shnum = (u32)FIELD(r, &h, Ehdr, e_shnum);
	r->shstrndx = (u32)FIELD(r, &h, Ehdr, e_shstrndx);
	r->no_sections = !r->shoff && !r->shnum;
	if (r->phnum && FIELD(r, &h, Ehdr, e_phentsize) != ENTRY_SIZE(r, Phdr)) {
		complain(r, -EBADMSG);
		r->phnum = 0;
	}
	if (r->shoff && FIELD(r, &h, Ehdr, e_shentsize) != ENTRY_SIZE(r, Shdr)) {
		complain(r, -EBADMSG);
		r->shoff = 0;
		r->shnum = 0;
	}
	return 0;
}

/**
 * Numbers too large for the ELF header stand in section header 0 (gABI, "ELF Header": e_phnum,
 * e_shnum and e_shstrndx), and no number exceeds what is kept here.
 */
static void settle_counts(struct reader *r)
{
	bool more = r->phnum == PN_XNUM || (r->shoff && !r->shnum) || r->shstrndx == SHN_XINDEX;
	u32 got = 0;
	char *zero = NULL;

	if (more && r->shoff)
		zero = read_table(r, ELF_T_SHDR, r->shoff, 1, ENTRY_SIZE(r, Shdr), &got);
	if (zero) {
		if (r->phnum == PN_XNUM)
			r->phnum = (u32)FIELD(r, zero, Shdr, sh_info);
		if (!r->shnum)
			r->shnum = (u32)MIN(FIELD(r, zero, Shdr, sh_size), (u64)UINT32_MAX);
		if (r->shstrndx == SHN_XINDEX)
			r->shstrndx = (u32)FIELD(r, zero, Shdr, sh_link);
		free(zero);
	}
	if (r->phnum > MAX_SEGMENTS || r->shnum > MAX_SECTIONS)
		complain(r, -E2BIG);
	r->phnum = MIN(r->phnum, (u32)MAX_SEGMENTS);
	r->shnum = MIN(r->shnum, (u32)MAX_SECTIONS);
}

/* ------------------------------------------------------------------ segments */

/** A PT_LOAD must have its bytes in the file, and be a range of memory at all. */
static bool load_is_sound(const struct reader *r, const struct image_segment *g)
{
	return g->filesz <= g->memsz && g->vaddr <= UINT64_MAX - g->memsz && g->offset <= r->size &&
	       g->filesz <= r->size - g->offset;
}

static void read_segments(struct reader *r)
{
	struct image *img = r->img;
	size_t entry = ENTRY_SIZE(r, Phdr);
	u32 n;
	char *table = read_table(r, ELF_T_PHDR, r->phoff, r->phnum, entry, &n);

	if (!table)
		return;
	img->segments = xcalloc(n, sizeof(*img->segments));
	img->nsegments = n;
	for (u32 i = 0; i < n; i++) {
		const char *p = table + i * entry;
		struct image_segment *g = &img->segments[i];

		g->type = (u32)FIELD(r, p, Phdr, p_type);
		g->flags = (u32)FIELD(r, p, Phdr, p_flags);
		g->vaddr = FIELD(r, p, Phdr, p_vaddr);
		g->offset = FIELD(r, p, Phdr, p_offset);
		g->filesz = FIELD(r, p, Phdr, p_filesz);
		g->memsz = FIELD(r, p, Phdr, p_memsz);
		g->align = FIELD(r, p, Phdr, p_align);
		if (g->type == PT_LOAD && !load_is_sound(r, g))
			complain(r, -EBADMSG);
	}
	free(table);
}

static const struct image_segment *first_segment(const struct image *img, u32 type)
{
	for (size_t i = 0; i < img->nsegments; i++)
		if (img->segments[i].type == type)
			return &img->segments[i];
	return NULL;
}

/** Where in the file the byte of a link-time address is. */
static bool file_offset(const struct image *img, u64 addr, u64 *ret)
{
	for (size_t i = 0; i < img->nsegments; i++) {
		const struct image_segment *g = &img->segments[i];

		if (g->type == PT_LOAD && addr >= g->vaddr && addr - g->vaddr < g->filesz &&
		    g->offset <= UINT64_MAX - (addr - g->vaddr)) {
			*ret = g->offset + (addr - g->vaddr);
			return true;
		}
	}
	return false;
}

static void read_interp(struct reader *r)
{
	const struct image_segment *g = first_segment(r->img, PT_INTERP);

	if (!g || !g->filesz) /* as in a file of debug information alone, here and below */
		return;
	r->img->interp = read_string(r, g->offset, g->filesz);
	if (!r->img->interp)
		complain(r, -EBADMSG);
}

/* ------------------------------------------------------------------ sections */

/** The section name table, its length in *len; NULL when it cannot be had. The caller owns it. */
static char *read_names(struct reader *r, const char *table, u32 n, size_t entry, size_t *len)
{
	const char *p;
	u64 off, size;
	char *names;
	int err;

	*len = 0;
	if (r->shstrndx == SHN_UNDEF)
		return NULL;
	if (r->shstrndx >= n) {
		complain(r, -EBADMSG);
		return NULL;
	}
	p = table + r->shstrndx * entry;
	off = FIELD(r, p, Shdr, sh_offset);
	size = FIELD(r, p, Shdr, sh_size);
	if (size > MAX_STRTAB)
		complain(r, -E2BIG);
	size = MIN(size, MAX_STRTAB);
	if (off >= r->size || size > r->size - off) {
		complain(r, -EBADMSG);
		size = off < r->size ? r->size - off : 0;
	}
	if (!size)
		return NULL;
	names = xmalloc(size);
	err = read_at(r, off, names, size);
	if (err) {
		complain(r, err);
		free(names);
		return NULL;
	}
	*len = size;
	return names;
}

/** One name, owned; "" when the table does not hold it whole. */
static char *section_name(struct reader *r, const char *names, size_t len, u64 at)
{
	const char *end = at < len ? memchr(names + at, '\0', len - at) : NULL;
	size_t n = end ? (size_t)(end - names) - at : 0;

	if (!end && names)
		complain(r, -EBADMSG);
	if (n > MAX_STRING || n > r->names_left) {
		complain(r, -E2BIG);
		n = 0;
	}
	r->names_left -= n;
	return n ? xmemdupz(names + at, n) : xstrdup("");
}

static void read_sections(struct reader *r)
{
	struct image *img = r->img;
	size_t entry = ENTRY_SIZE(r, Shdr), nnames;
	bool symtab = false;
	u32 n;
	char *names, *table;

	table = read_table(r, ELF_T_SHDR, r->shoff, r->shnum, entry, &n);
	/* Without section headers there is no .symtab; where they are only damaged, who knows. */
	img->stripped = r->no_sections;
	if (!table)
		return;
	names = read_names(r, table, n, entry, &nnames);
	img->sections = xcalloc(n, sizeof(*img->sections));
	for (u32 i = 0; i < n; i++) {
		const char *p = table + i * entry;
		struct image_section sec = {
			.addr = FIELD(r, p, Shdr, sh_addr),
			.offset = FIELD(r, p, Shdr, sh_offset),
			.size = FIELD(r, p, Shdr, sh_size),
			.flags = FIELD(r, p, Shdr, sh_flags),
			.type = (u32)FIELD(r, p, Shdr, sh_type),
		};

		if (sec.type == SHT_NULL)
			continue;
		symtab |= sec.type == SHT_SYMTAB;
		if ((sec.flags & SHF_ALLOC) && sec.addr > UINT64_MAX - sec.size) {
			complain(r, -EBADMSG);
			continue;
		}
		sec.name = section_name(r, names, nnames, FIELD(r, p, Shdr, sh_name));
		img->sections[img->nsections++] = sec;
	}
	img->stripped = !symtab && n == r->shnum;
	free(names);
	free(table);
}

/* ------------------------------------------------------------------ notes */

static char *hex_text(const u8 *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text = xmalloc(2 * n + 1);

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[bytes[i] >> 4];
		text[2 * i + 1] = digits[bytes[i] & 15];
	}
	text[2 * n] = '\0';
	return text;
}

/** Padding of names and descriptors: 8 where the segment says so (64-bit property notes), else 4.
 */
static u64 note_round(u64 n, u64 align)
{
	align = align == 8 ? 8 : 4;
	return (n + align - 1) & ~(align - 1);
}

/** Walks the notes in `bytes`. True when it found the build-id; false at their end. */
static bool find_build_id(struct reader *r, const char *bytes, size_t len, u64 align)
{
	u64 pos = 0, at, next;
	Elf64_Nhdr h; /* three words, the same in both classes */

	for (; len - pos >= sizeof(h); pos = next) {
		memcpy(&h, bytes + pos, sizeof(h));
		if (translate(r, ELF_T_WORD, &h, sizeof(h)))
			return false;
		at = note_round(pos + sizeof(h) + h.n_namesz, align);
		next = note_round(at + h.n_descsz, align);
		if (at + h.n_descsz > len) {
			complain(r, -EBADMSG);
			return false;
		}
		if (h.n_type == NT_GNU_BUILD_ID && h.n_namesz == sizeof(ELF_NOTE_GNU) &&
		    !memcmp(bytes + pos + sizeof(h), ELF_NOTE_GNU, sizeof(ELF_NOTE_GNU)) &&
		    h.n_descsz && h.n_descsz <= MAX_BUILD_ID) {
			r->img->build_id = hex_text((const u8 *)bytes + at, h.n_descsz);
			return true;
		}
		if (next > len)
			break;
	}
	return false;
}

static bool read_notes_at(struct reader *r, u64 off, u64 size, u64 align)
{
	char *bytes;
	bool found = false;
	int err;

	if (size > r->notes_left) {
		complain(r, -E2BIG);
		return false;
	}
	if (!size)
		return false;
	r->notes_left -= size;
	bytes = xmalloc(size);
	err = read_at(r, off, bytes, size);
	if (err)
		complain(r, err);
	else
		found = find_build_id(r, bytes, size, align);
	free(bytes);
	return found;
}

/**
 * The build-id, from the note segments or else from its section: Go's own linker leaves that one
 * out of the segment.
 */
static void read_build_id(struct reader *r)
{
	const struct image *img = r->img;

	for (size_t i = 0; i < img->nsegments; i++) {
		const struct image_segment *g = &img->segments[i];

		if (g->type == PT_NOTE && read_notes_at(r, g->offset, g->filesz, g->align))
			return;
	}
	for (size_t i = 0; i < img->nsections; i++) {
		const struct image_section *sec = &img->sections[i];

		if (sec->type == SHT_NOTE && !strcmp(sec->name, ".note.gnu.build-id") &&
		    read_notes_at(r, sec->offset, sec->size, 4))
			return;
	}
}

/* ------------------------------------------------------------------ dynamic section */

/** Where the dynamic section says its strings are. */
struct dynamic {
	u64 strtab, strsz, soname;
	bool have_strtab, have_strsz, have_soname;
};

static void dynamic_entry(struct reader *r, struct dynamic *d, u64 tag, u64 val)
{
	struct image *img = r->img;

	switch (tag) {
	case DT_STRTAB:
		d->strtab = val;
		d->have_strtab = true;
		break;
	case DT_STRSZ:
		d->strsz = val;
		d->have_strsz = true;
		break;
	case DT_SONAME:
		d->soname = val;
		d->have_soname = true;
		break;
	case DT_DEBUG:
		r->pie_flag = true;
		break;
	case DT_BIND_NOW:
		img->bind_now = true;
		break;
	case DT_FLAGS:
		img->bind_now |= (val & DF_BIND_NOW) != 0;
		break;
	case DT_FLAGS_1:
		img->bind_now |= (val & DF_1_NOW) != 0;
		r->pie_flag |= (val & DF_1_PIE) != 0;
		break;
	}
}

static void read_soname(struct reader *r, const struct dynamic *d)
{
	u64 off;

	if (!d->have_soname)
		return;
	if (d->have_strtab && d->have_strsz && d->soname < d->strsz &&
	    d->soname <= UINT64_MAX - d->strtab && file_offset(r->img, d->strtab + d->soname, &off))
		r->img->soname = read_string(r, off, d->strsz - d->soname);
	if (!r->img->soname)
		complain(r, -EBADMSG);
}

static void read_dynamic(struct reader *r)
{
	const struct image_segment *g = first_segment(r->img, PT_DYNAMIC);
	size_t entry = ENTRY_SIZE(r, Dyn);
	struct dynamic d = { 0 };
	u32 want, n;
	char *table;

	if (!g || !g->filesz)
		return;
	if (g->filesz > MAX_DYNAMIC)
		complain(r, -E2BIG);
	want = (u32)(MIN(g->filesz, MAX_DYNAMIC) / entry);
	table = read_table(r, ELF_T_DYN, g->offset, want, entry, &n);
	for (u32 i = 0; i < n; i++) {
		const char *p = table + i * entry;
		u64 tag = FIELD(r, p, Dyn, d_tag);

		if (tag == DT_NULL) {
			r->have_dynamic = true;
			break;
		}
		dynamic_entry(r, &d, tag, FIELD(r, p, Dyn, d_un.d_val));
	}
	free(table);
	if (!r->have_dynamic)
		complain(r, -EBADMSG); /* the list has no end */
	read_soname(r, &d);
}

/* ------------------------------------------------------------------ all of it */

/**
 * ET_DYN says nothing by itself, nor does an interpreter (libc.so.6 has one): the dynamic section
 * of an executable does. binutils before 2.26 gave it no DF_1_PIE, but DT_DEBUG is older.
 */
static enum image_link link_of(const struct reader *r)
{
	const struct image *img = r->img;
	bool interp = first_segment(img, PT_INTERP) != NULL;

	if (r->type == ET_EXEC)
		return img->nsegments < r->phnum ? IMAGE_LINK_UNKNOWN
		       : interp			 ? IMAGE_NON_PIE
						 : IMAGE_STATIC;
	if (r->type != ET_DYN || !r->have_dynamic)
		return IMAGE_LINK_UNKNOWN;
	if (r->pie_flag)
		return interp ? IMAGE_PIE : IMAGE_STATIC_PIE;
	return IMAGE_SHARED;
}

/** The first bytes of the file and its size. */
static int read_head(struct reader *r)
{
	struct stat st;
	size_t len;
	int err;

	if (fstat(r->fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -ENOEXEC;
	r->size = (u64)st.st_size;
	len = (size_t)MIN(r->size, (u64)sizeof(r->head));
	err = read_at(r, 0, r->head, len);
	r->nhead = err ? 0 : len;
	return err;
}

bool elf_available(void)
{
	return true;
}

int image_read(int fd, struct image *img)
{
	struct reader r = {
		.fd = fd, .img = img, .notes_left = MAX_NOTES, .names_left = MAX_NAMES
	};
	int err;

	if (elf_version(EV_CURRENT) == EV_NONE)
		return img->err = -ENOTSUP; /* a libelf older than the format it reads */
	err = read_head(&r);
	if (!err)
		err = read_header(&r);
	if (err)
		return img->err = err;
	settle_counts(&r);
	read_segments(&r);
	read_interp(&r);
	read_sections(&r);
	read_build_id(&r);
	read_dynamic(&r);
	img->link = link_of(&r);
	return img->err;
}

#else

bool elf_available(void)
{
	return false;
}

int image_read(int fd, struct image *img)
{
	(void)fd;
	return img->err = -ENOTSUP;
}

#endif
