/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Offsets of members of the kernel's structures, from BTF. Members may stand in anonymous structs
 * and unions inside, so types are looked up by number here: all of the file is read, and where
 * each type starts is noted, before anything is looked for.
 */
#include "ksrc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "btf_parts.h"

/** Anonymous members inside anonymous members; the kernel has up to four. */
#define DEPTH_MAX 8
/** Most members looked at in all, far more than the structs that are asked for have. */
#define MEMBERS_MAX (1u << 20)

struct btf_file {
	u8 *bytes;
	size_t len;
	bool swap;
	const u8 *types;
	u32 types_len;
	const char *strings; /**< ends with a NUL */
	u32 strings_len;
	u32 *at; /**< where type i + 1 starts in types */
	size_t ntypes, cap_types;
	u32 looked; /**< members looked at so far */
};

static u32 get(const struct btf_file *b, const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return b->swap ? __builtin_bswap32(v) : v;
}

static const char *name_at(const struct btf_file *b, u32 offset)
{
	return offset < b->strings_len ? b->strings + offset : "";
}

static unsigned kind_of(const struct btf_file *b, const u8 *type)
{
	return get(b, type + 4) >> 24 & 0x1f;
}

/** The sections as the header tells them; a string that is not ended ends with the section. */
static int find_sections(struct btf_file *b)
{
	const u8 *h = b->bytes;
	u64 hdr_len, types, strings;
	u16 magic;

	if (b->len < BTF_HEADER_SIZE)
		return -EBADMSG;
	memcpy(&magic, h, sizeof(magic));
	if ((magic != BTF_MAGIC && magic != BTF_MAGIC_SWAP) || h[2] != 1)
		return -EBADMSG;
	b->swap = magic == BTF_MAGIC_SWAP;
	hdr_len = get(b, h + 4);
	types = hdr_len + get(b, h + 8);
	b->types_len = get(b, h + 12);
	strings = hdr_len + get(b, h + 16);
	b->strings_len = get(b, h + 20);
	if (hdr_len < BTF_HEADER_SIZE || types > b->len || b->types_len > b->len - types ||
	    strings > b->len || !b->strings_len || b->strings_len > b->len - strings)
		return -EBADMSG;
	b->types = b->bytes + types;
	b->strings = (const char *)b->bytes + strings;
	return b->strings[b->strings_len - 1] ? -EBADMSG : 0;
}

static int index_types(struct btf_file *b)
{
	u64 pos = 0;

	while (b->types_len - pos >= BTF_TYPE_SIZE) {
		const u8 *type = b->types + pos;
		u64 size = btf_type_extra(kind_of(b, type), get(b, type + 4) & 0xffff);

		if (size == UINT64_MAX || size > b->types_len - pos - BTF_TYPE_SIZE)
			return -EBADMSG;
		GROW(b->at, b->ntypes, b->cap_types);
		b->at[b->ntypes++] = (u32)pos;
		pos += BTF_TYPE_SIZE + size;
	}
	return pos == b->types_len ? 0 : -EBADMSG;
}

/** The struct or union that type `id` is, behind its modifiers; NULL for anything else. */
static const u8 *aggregate(const struct btf_file *b, u32 id)
{
	for (int i = 0; i < DEPTH_MAX; i++) {
		const u8 *type;

		if (!id || id > b->ntypes)
			return NULL;
		type = b->types + b->at[id - 1];
		switch (kind_of(b, type)) {
		case BTF_STRUCT:
		case BTF_UNION:
			return type;
		case BTF_TYPEDEF:
		case BTF_VOLATILE:
		case BTF_CONST:
		case BTF_TYPE_TAG:
			id = get(b, type + 8);
			break;
		default:
			return NULL;
		}
	}
	return NULL;
}

/** Looks for a member in `type` and, where they have no name, in its members. */
static struct fig find_member(struct btf_file *b, const u8 *type, const char *name, unsigned depth)
{
	u32 info = get(b, type + 4);
	const u8 *m = type + BTF_TYPE_SIZE;

	for (u32 i = 0; i < (info & 0xffff) && b->looked < MEMBERS_MAX; i++, m += 12) {
		const char *its = name_at(b, get(b, m));
		u32 bits = get(b, m + 8);
		const u8 *inner;
		struct fig deep;

		b->looked++;
		/* With kind_flag the upper byte is the width of a bitfield. */
		if (info >> 31)
			bits &= 0xffffff;
		if (!strcmp(its, name))
			return FIG(bits / 8);
		inner = *its || depth == DEPTH_MAX ? NULL : aggregate(b, get(b, m + 4));
		deep = inner ? find_member(b, inner, name, depth + 1) : (struct fig){ 0 };
		if (deep.have)
			return FIG(bits / 8 + deep.v);
	}
	return (struct fig){ 0 };
}

/** Resolves the wanted members of the struct that stands at `type`. The first of a name counts. */
static void take_struct(struct btf_file *b, const u8 *type, struct btf_member *want, size_t n)
{
	const char *name = name_at(b, get(b, type));

	if (!*name)
		return;
	for (size_t i = 0; i < n; i++)
		if (!want[i].offset.have && !strcmp(want[i].type, name))
			want[i].offset = find_member(b, type, want[i].member, 0);
}

static int slurp(struct btf_file *b, int fd)
{
	struct buf all = { 0 };
	ssize_t n;

	do {
		n = btf_read_at(fd, all.len, (u8 *)buf_reserve(&all, MIB), MIB);
		if (n > 0)
			all.len += (size_t)n;
	} while (n > 0 && all.len <= BTF_FILE_MAX);
	b->bytes = (u8 *)all.p;
	b->len = all.len;
	if (n < 0)
		return (int)n;
	return all.len > BTF_FILE_MAX ? -EFBIG : 0;
}

int btf_members(int fd, struct btf_member *want, size_t n)
{
	struct btf_file b = { 0 };
	int err;

	for (size_t i = 0; i < n; i++)
		want[i].offset = (struct fig){ 0 };
	err = slurp(&b, fd);
	if (!err)
		err = find_sections(&b);
	if (!err)
		err = index_types(&b);
	for (size_t i = 0; i < b.ntypes && !err; i++)
		if (kind_of(&b, b.types + b.at[i]) == BTF_STRUCT)
			take_struct(&b, b.types + b.at[i], want, n);
	free(b.at);
	free(b.bytes);
	return err;
}
