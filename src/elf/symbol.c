/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The symbol nearest to an address in a mapped file, or of a name. Symbol tables are streamed by
 * bounded preads: they are megabytes, and of all of it one entry is kept. What image_read() found
 * out about sections and segments is believed no further than the bytes of the file bear it out.
 */
#include <elf.h>
#include <errno.h>
#include "elf.h"

#ifdef HAVE_ELF

#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Most symbols looked at: a browser with all its debug information has a million. */
#define MAX_SYMBOLS (4u << 20)
/** Longer names (of C++ templates) are cut. */
#define MAX_NAME 1024
/** Symbols read at once. */
#define CHUNK 2048

struct finder {
	int fd;
	const struct image *img;
	u8 encoding;
	u64 addr, low; /**< nothing below `low` is in the same segment */
	/** By name: offsets in the table of names where it stands, rising; no other symbol counts.
	 */
	const u32 *names;
	size_t nnames;
	/** Those that begin in `in` are counted, one an address; a bit of `seen` per address. */
	u8 *seen;
	struct range in;
	u64 nseen;
	/** The best so far: the nearest, or the lowest of `in`. */
	bool found, global;
	u64 value, name, size;
	/** And the nearest of those that are known to reach to the address. */
	bool held, held_global;
	u64 held_value, held_name;
};

/** All `len` bytes at `off`, or false. */
static bool read_at(int fd, u64 off, void *buf, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n;

		if (off + done > INT64_MAX)
			return false;
		n = pread(fd, (char *)buf + done, len - done, (off_t)(off + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/** The segment that has the address: a symbol of another one says nothing of it. */
static const struct image_segment *segment_of(const struct image *img, u64 addr)
{
	for (size_t i = 0; i < img->nsegments; i++) {
		const struct image_segment *g = &img->segments[i];

		if (g->type == PT_LOAD && addr >= g->vaddr && addr - g->vaddr < g->memsz)
			return g;
	}
	return NULL;
}

static bool wanted_type(unsigned char info)
{
	unsigned type = ELF64_ST_TYPE(info);

	return type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC;
}

static bool has_name(const struct finder *f, u32 name)
{
	size_t low = 0, high = f->nnames;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (f->names[mid] < name)
			low = mid + 1;
		else
			high = mid;
	}
	return low < f->nnames && f->names[low] == name;
}

static void take_beginning(struct finder *f, u64 value, u32 name, bool global)
{
	u64 i = value - f->in.first;

	f->nseen += !(f->seen[i / 8] >> i % 8 & 1);
	f->seen[i / 8] |= (u8)(1 << i % 8);
	if (f->found && (value > f->value || (value == f->value && global <= f->global)))
		return;
	f->found = true;
	f->global = global;
	f->value = value;
	f->name = name;
}

static void take_holding(struct finder *f, u64 value, u64 size, u32 name, bool global)
{
	if (f->addr - value >= size ||
	    (f->held &&
	     (value < f->held_value || (value == f->held_value && global <= f->held_global))))
		return;
	f->held = true;
	f->held_global = global;
	f->held_value = value;
	f->held_name = name;
}

static void take(struct finder *f, u64 value, u64 size, u32 name, unsigned char info, u16 section)
{
	bool global = ELF64_ST_BIND(info) != STB_LOCAL;

	/* Bit 0 of a function of 32-bit ARM says that it is Thumb code. */
	if (f->img->machine == EM_ARM && ELF64_ST_TYPE(info) == STT_FUNC)
		value &= ~UINT64_C(1);
	if (!name || section == SHN_UNDEF || section == SHN_ABS || !wanted_type(info) ||
	    value > f->addr || value < f->low)
		return;
	if (f->seen) {
		if (range_has(f->in, value))
			take_beginning(f, value, name, global);
		return;
	}
	if (f->names) {
		if (!has_name(f, name) || (f->found && global <= f->global))
			return;
		f->found = false;
	} else {
		take_holding(f, value, size, name, global);
	}
	/* Of aliases the one that others may call it by, then one that knows how long it is. */
	if (f->found && (value < f->value || (value == f->value && global <= f->global &&
					      (size != 0) <= (f->size != 0))))
		return;
	f->found = true;
	f->global = global;
	f->value = value;
	f->size = size;
	f->name = name;
}

/** `n` symbols as they stand in the file; translates them in place. */
static bool take_chunk(struct finder *f, void *bytes, size_t n, size_t entry)
{
	Elf_Data from = {
		.d_buf = bytes, .d_type = ELF_T_SYM, .d_version = EV_CURRENT, .d_size = n * entry
	};
	Elf_Data to = from;
	bool is64 = f->img->elf_class == 64;

	if (is64 ? !elf64_xlatetom(&to, &from, f->encoding)
		 : !elf32_xlatetom(&to, &from, f->encoding))
		return false;
	for (size_t i = 0; i < n; i++) {
		const Elf64_Sym *s64 = (const Elf64_Sym *)bytes + i;
		const Elf32_Sym *s32 = (const Elf32_Sym *)bytes + i;

		if (is64)
			take(f, s64->st_value, s64->st_size, s64->st_name, s64->st_info,
			     s64->st_shndx);
		else
			take(f, s32->st_value, s32->st_size, s32->st_name, s32->st_info,
			     s32->st_shndx);
	}
	return true;
}

static int scan_table(struct finder *f, const struct image_section *table)
{
	size_t entry = f->img->elf_class == 64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
	u64 n = MIN(table->size / entry, (u64)MAX_SYMBOLS);
	char *bytes = xmalloc(CHUNK * entry);
	int err = 0;

	for (u64 i = 0; i < n && !err; i += CHUNK) {
		size_t now = (size_t)MIN(n - i, (u64)CHUNK);

		if (!read_at(f->fd, table->offset + i * entry, bytes, now * entry) ||
		    !take_chunk(f, bytes, now, entry))
			err = -EBADMSG;
	}
	free(bytes);
	return err;
}

static const struct image_section *section_named(const struct image *img, u32 type,
						 const char *name)
{
	for (size_t i = 0; i < img->nsections; i++)
		if (img->sections[i].type == type &&
		    (!name || (img->sections[i].name && !strcmp(img->sections[i].name, name))))
			return &img->sections[i];
	return NULL;
}

/** The name at `at` of a string table, without its version ("name@@VERSION"); NULL: none. */
static char *read_name(const struct finder *f, const struct image_section *strings)
{
	char text[MAX_NAME];
	size_t len;

	if (f->name >= strings->size)
		return NULL;
	len = (size_t)MIN(strings->size - f->name, (u64)sizeof(text));
	if (!read_at(f->fd, strings->offset + f->name, text, len))
		return NULL;
	len = strnlen(text, len);
	for (size_t i = 1; i < len; i++)
		if (text[i] == '@')
			len = i;
	return len ? xmemdupz(text, len) : NULL;
}

/** Names that are the end of others share their bytes: most places of one name that are kept. */
#define MAX_PLACES 65536
/** Names read at once. */
#define NAMES_CHUNK (64u << 10)

/** Where a name stands in its table. */
struct name_places {
	u32 *v;
	size_t n, cap;
};

/** Looks for `name`, and its end or a version, from `base` on in what was read. */
static void find_in(struct name_places *to, const char *bytes, size_t len, u64 base,
		    const char *name, size_t name_len)
{
	const char *p = bytes, *hit;

	while ((hit = memmem(p, (size_t)(bytes + len - p), name, name_len))) {
		char end = hit + name_len < bytes + len ? hit[name_len] : 'x';
		u64 at = base + (u64)(hit - bytes);

		p = hit + 1;
		if ((end && end != '@') || at > UINT32_MAX || to->n == MAX_PLACES)
			continue;
		GROW(to->v, to->n, to->cap);
		to->v[to->n++] = (u32)at;
	}
}

static int find_name(int fd, const struct image_section *strings, const char *name,
		     struct name_places *to)
{
	size_t len = strlen(name), keep = 0;
	char *bytes = xmalloc(NAMES_CHUNK);
	int err = 0;

	/* The end of each chunk is looked at again with the next: a name may go across. */
	for (u64 at = 0; at < strings->size && !err;) {
		size_t now = (size_t)MIN(strings->size - at, (u64)(NAMES_CHUNK - keep));

		if (!read_at(fd, strings->offset + at, bytes + keep, now)) {
			err = -EBADMSG;
			break;
		}
		find_in(to, bytes, keep + now, at - keep, name, len);
		at += now;
		now += keep;
		keep = MIN(now, len);
		memmove(bytes, bytes + now - keep, keep);
	}
	free(bytes);
	return err;
}

/** The tables of symbols with those of their names, as linkers call them; the fuller one first. */
static const struct {
	u32 type;
	const char *strings;
} tables[] = { { SHT_SYMTAB, ".strtab" }, { SHT_DYNSYM, ".dynstr" } };

/** One of them. False: the image has not got it. */
static bool table_of(const struct image *img, size_t i, const struct image_section **syms,
		     const struct image_section **strings)
{
	*syms = section_named(img, tables[i].type, NULL);
	*strings = section_named(img, SHT_STRTAB, tables[i].strings);
	return *syms && *strings;
}

/** How its numbers are encoded, for a struct finder. False: that is not to be read. */
static bool encoding_of(int fd, const struct image *img, unsigned char *ret)
{
	unsigned char ident[EI_NIDENT];

	if ((img->elf_class != 32 && img->elf_class != 64) || !read_at(fd, 0, ident, sizeof(ident)))
		return false;
	*ret = ident[EI_DATA];
	return true;
}

/** What ends before the address does not have it; one around that may. False: none has it. */
static bool settle(struct finder *f)
{
	if (!f->size || f->addr - f->value < f->size)
		return true;
	f->value = f->held_value;
	f->name = f->held_name;
	return f->held;
}

int image_symbol(int fd, const struct image *img, u64 addr, char **name, u64 *offset)
{
	const struct image_segment *g = segment_of(img, addr);
	const struct image_section *syms, *strings;
	unsigned char encoding;
	int err = 0;

	*name = NULL;
	if (!g || !encoding_of(fd, img, &encoding))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(tables) && !*name; i++) {
		struct finder f = {
			.fd = fd, .img = img, .encoding = encoding, .addr = addr, .low = g->vaddr
		};

		if (!table_of(img, i, &syms, &strings))
			continue;
		err = scan_table(&f, syms);
		if (err || !f.found)
			continue;
		/* The other table has no more of them. */
		if (!settle(&f))
			return -ENOENT;
		*name = read_name(&f, strings);
		*offset = addr - f.value;
	}
	return *name ? 0 : err ? err : -ENOENT;
}

/** Longer ranges, of which no page is one, are not looked at. */
#define MAX_IN MIB

int image_symbols_in(int fd, const struct image *img, struct range in, char **name, u64 *addr,
		     u64 *n)
{
	const struct image_section *syms, *strings;
	unsigned char encoding;
	int err = 0;

	*name = NULL;
	if (in.last - in.first >= MAX_IN || !encoding_of(fd, img, &encoding))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(tables) && !*name; i++) {
		struct finder f = {
			.fd = fd, .img = img, .encoding = encoding, .addr = UINT64_MAX, .in = in
		};

		if (!table_of(img, i, &syms, &strings))
			continue;
		f.seen = xcalloc((in.last - in.first) / 8 + 1, 1);
		err = scan_table(&f, syms);
		free(f.seen);
		if (err || !f.found)
			continue;
		*name = read_name(&f, strings);
		*addr = f.value;
		*n = f.nseen;
	}
	return *name ? 0 : err ? err : -ENOENT;
}

int image_symbol_named(int fd, const struct image *img, const char *name, u64 *addr, bool *global)
{
	const struct image_section *syms, *strings;
	unsigned char encoding;
	bool found = false;
	int err = 0;

	if (!*name || strlen(name) >= MAX_NAME || !encoding_of(fd, img, &encoding))
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(tables) && !found; i++) {
		struct name_places places = { 0 };
		struct finder f = {
			.fd = fd, .img = img, .encoding = encoding, .addr = UINT64_MAX
		};

		if (!table_of(img, i, &syms, &strings))
			continue;
		err = find_name(fd, strings, name, &places);
		f.names = places.v;
		f.nnames = places.n;
		if (!err && places.n)
			err = scan_table(&f, syms);
		free(places.v);
		found = !err && f.found;
		*addr = f.value;
		*global = f.global;
	}
	return found ? 0 : err ? err : -ENOENT;
}

#else

int image_symbol(int fd, const struct image *img, u64 addr, char **name, u64 *offset)
{
	(void)fd;
	(void)img;
	(void)addr;
	(void)offset;
	*name = NULL;
	return -ENOTSUP;
}

int image_symbols_in(int fd, const struct image *img, struct range in, char **name, u64 *addr,
		     u64 *n)
{
	(void)fd;
	(void)img;
	(void)in;
	(void)addr;
	(void)n;
	*name = NULL;
	return -ENOTSUP;
}

int image_symbol_named(int fd, const struct image *img, const char *name, u64 *addr, bool *global)
{
	(void)fd;
	(void)img;
	(void)name;
	(void)addr;
	(void)global;
	return -ENOTSUP;
}

#endif
