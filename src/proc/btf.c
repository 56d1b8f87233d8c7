/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small reader of BTF (Documentation/bpf/btf.rst, include/uapi/linux/btf.h): two sizes and the
 * numbers of one enum, in one pass over the strings and one over the types, 64 KiB at a time. It
 * keeps no table of types, so megabytes of BTF cost no memory. The first type of a name counts.
 */
#include "ksrc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "btf_parts.h"

#define CHUNK (64u << 10)
/** fixed_addresses has about 30 names; each costs a read of its name. */
#define ENUM_MAX 256

/** Bytes behind the 12 of struct btf_type: some for the kind, some for each of its vlen members. */
static const struct {
	u8 known, fixed, each;
} extra[] = {
	[BTF_INT] = { 1, 4, 0 },	[BTF_PTR] = { 1, 0, 0 },      [BTF_ARRAY] = { 1, 12, 0 },
	[BTF_STRUCT] = { 1, 0, 12 },	[BTF_UNION] = { 1, 0, 12 },   [BTF_ENUM] = { 1, 0, 8 },
	[BTF_FWD] = { 1, 0, 0 },	[BTF_TYPEDEF] = { 1, 0, 0 },  [BTF_VOLATILE] = { 1, 0, 0 },
	[BTF_CONST] = { 1, 0, 0 },	[BTF_RESTRICT] = { 1, 0, 0 }, [BTF_FUNC] = { 1, 0, 0 },
	[BTF_FUNC_PROTO] = { 1, 0, 8 }, [BTF_VAR] = { 1, 4, 0 },      [BTF_DATASEC] = { 1, 0, 12 },
	[BTF_FLOAT] = { 1, 0, 0 },	[BTF_DECL_TAG] = { 1, 4, 0 }, [BTF_TYPE_TAG] = { 1, 0, 0 },
	[BTF_ENUM64] = { 1, 0, 12 },
};

u64 btf_type_extra(unsigned kind, u32 vlen)
{
	if (kind >= ARRAY_SIZE(extra) || !extra[kind].known)
		return UINT64_MAX;
	return extra[kind].fixed + (u64)extra[kind].each * vlen;
}

/** The types that are looked for. */
enum { WANT_PAGE, WANT_CPU_ENTRY_AREA, WANT_FIXED_ADDRESSES, NWANT };

static const struct {
	const char *name;
	enum btf_kind kind;
} want[NWANT] = {
	[WANT_PAGE] = { "page", BTF_STRUCT },
	[WANT_CPU_ENTRY_AREA] = { "cpu_entry_area", BTF_STRUCT },
	[WANT_FIXED_ADDRESSES] = { "fixed_addresses", BTF_ENUM },
};

struct btf {
	int fd;
	bool swap;
	u64 types, strings; /**< offsets in the file */
	u32 types_len, strings_len;
	u32 name[NWANT]; /**< offset of each wanted name; 0: this kernel has no such type */
	bool found[NWANT];
	/* a window on the section that is being read */
	u64 pos, end;
	size_t have, at;
	u8 bytes[CHUNK];
	u8 members[ENUM_MAX * 8];
};

static u32 u32_at(const struct btf *b, const u8 *p)
{
	u32 v;

	memcpy(&v, p, sizeof(v));
	return b->swap ? __builtin_bswap32(v) : v;
}

ssize_t btf_read_at(int fd, u64 pos, u8 *to, size_t len)
{
	size_t n = 0;

	while (n < len) {
		ssize_t r = pread(fd, to + n, len - n, (off_t)(pos + n));

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (!r)
			break;
		n += (size_t)r;
	}
	return (ssize_t)n;
}

static void window_start(struct btf *b, u64 pos, u32 len)
{
	b->pos = pos;
	b->end = pos + len;
	b->have = b->at = 0;
}

/** Moves what is left of the window to its front and fills it up; -errno, or bytes in it. */
static ssize_t window_fill(struct btf *b)
{
	size_t left = b->have - b->at;
	ssize_t n;

	memmove(b->bytes, b->bytes + b->at, left);
	b->at = 0;
	b->have = left;
	n = btf_read_at(b->fd, b->pos, b->bytes + left, (size_t)MIN(b->end - b->pos, CHUNK - left));
	if (n < 0)
		return n;
	b->pos += (u64)n;
	b->have += (size_t)n;
	return (ssize_t)b->have;
}

/** At least `len` bytes in the window; false at the end of the section. len <= CHUNK. */
static bool window_need(struct btf *b, size_t len)
{
	return b->have - b->at >= len || window_fill(b) >= (ssize_t)len;
}

/** Skips bytes of the section, beyond the window if need be. */
static void window_skip(struct btf *b, u64 len)
{
	size_t left = b->have - b->at;

	if (len <= left) {
		b->at += len;
		return;
	}
	b->have = b->at = 0;
	b->pos += MIN(len - left, b->end - b->pos);
}

static int read_header(struct btf *b)
{
	u8 h[BTF_HEADER_SIZE];
	ssize_t n = btf_read_at(b->fd, 0, h, sizeof(h));
	u16 magic;
	u32 hdr_len;

	if (n < 0)
		return (int)n;
	memcpy(&magic, h, sizeof(magic));
	if ((size_t)n < sizeof(h) || (magic != BTF_MAGIC && magic != BTF_MAGIC_SWAP) || h[2] != 1)
		return -EBADMSG;
	b->swap = magic == BTF_MAGIC_SWAP;
	hdr_len = u32_at(b, h + 4);
	b->types_len = u32_at(b, h + 12);
	b->strings_len = u32_at(b, h + 20);
	if (hdr_len < BTF_HEADER_SIZE || hdr_len > CHUNK || b->types_len > BTF_FILE_MAX ||
	    b->strings_len > BTF_FILE_MAX)
		return -EBADMSG;
	b->types = (u64)hdr_len + u32_at(b, h + 8);
	b->strings = (u64)hdr_len + u32_at(b, h + 16);
	return 0;
}

/** Is it one of the wanted names? Returns how many are still missing. */
static int match_name(struct btf *b, const u8 *s, size_t len, u32 offset)
{
	int missing = 0;

	for (int i = 0; i < NWANT; i++) {
		if (!b->name[i] && len == strlen(want[i].name) && !memcmp(s, want[i].name, len))
			b->name[i] = offset;
		missing += !b->name[i];
	}
	return missing;
}

/** Where the wanted names stand in the string section: types name themselves by that offset. */
static int find_names(struct btf *b)
{
	u32 offset = 0;

	window_start(b, b->strings, b->strings_len);
	for (;;) {
		ssize_t n = window_fill(b);
		const u8 *p = b->bytes, *end, *nul;

		if (n < 0)
			return (int)n;
		end = p + n;
		for (; (nul = memchr(p, 0, (size_t)(end - p))); p = nul + 1) {
			size_t len = (size_t)(nul - p);

			if (len && len < 16 && !match_name(b, p, len, offset))
				return 0;
			offset += (u32)len + 1;
		}
		/* A name longer than the window, or what is left at the end: nothing we know. */
		if (p == b->bytes && n == CHUNK) {
			offset += CHUNK;
			p = end;
		}
		b->at = (size_t)(p - b->bytes);
		if (b->pos == b->end || (!b->at && (size_t)n < CHUNK))
			return 0;
	}
}

static void enumerator(struct btf *b, u32 name, u32 value, struct kbtf *ret)
{
	const struct {
		const char *name;
		struct fig *fig;
	} names[] = {
		{ "VSYSCALL_PAGE", &ret->fix_vsyscall },
		{ "__end_of_permanent_fixed_addresses", &ret->fix_permanent_end },
		{ "__end_of_fixed_addresses", &ret->fix_end },
	};
	char text[64] = "";

	if (name >= b->strings_len || btf_read_at(b->fd, b->strings + name, (u8 *)text,
						  MIN(sizeof(text), b->strings_len - name)) <= 0)
		return;
	text[sizeof(text) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i].name))
			*names[i].fig = FIG(value);
}

/** A type whose name and kind are wanted; its members follow in the window or the file. */
static bool found_type(struct btf *b, int which, u32 vlen, u32 size, struct kbtf *ret)
{
	switch (which) {
	case WANT_PAGE:
		ret->page_size = FIG(size);
		return true;
	case WANT_CPU_ENTRY_AREA:
		ret->cpu_entry_area_size = FIG(size);
		return true;
	default:
		if (vlen > ENUM_MAX || !window_need(b, vlen * 8))
			return false;
		/* Reading names does not touch the window, but let it not depend on that. */
		memcpy(b->members, b->bytes + b->at, vlen * 8);
		for (u32 i = 0; i < vlen; i++)
			enumerator(b, u32_at(b, b->members + 8 * i),
				   u32_at(b, b->members + 8 * i + 4), ret);
		return true;
	}
}

/** One pass over the types, ending as soon as nothing is missing. */
static int find_types(struct btf *b, struct kbtf *ret)
{
	int missing = 0;

	for (int i = 0; i < NWANT; i++) {
		b->found[i] = !b->name[i];
		missing += !b->found[i];
	}
	window_start(b, b->types, b->types_len);
	while (missing && window_need(b, 12)) {
		const u8 *p = b->bytes + b->at;
		u32 name = u32_at(b, p), info = u32_at(b, p + 4), size = u32_at(b, p + 8);
		u32 kind = info >> 24 & 0x1f, vlen = info & 0xffff;
		u64 more = btf_type_extra(kind, vlen);

		if (more == UINT64_MAX)
			return -EBADMSG;
		b->at += 12;
		for (int i = 0; i < NWANT && name; i++) {
			if (b->found[i] || name != b->name[i] || kind != want[i].kind)
				continue;
			if (!found_type(b, i, vlen, size, ret))
				return -EBADMSG;
			b->found[i] = true;
			missing--;
		}
		window_skip(b, more);
	}
	/* Types that were there in name only are no damage; a section that ends early is. */
	return b->at == b->have && b->pos == b->end ? 0 : missing ? -EBADMSG : 0;
}

int btf_read(int fd, struct kbtf *ret)
{
	struct btf *b = xcalloc(1, sizeof(*b));
	int err;

	*ret = (struct kbtf){ 0 };
	b->fd = fd;
	err = read_header(b);
	if (!err)
		err = find_names(b);
	if (!err)
		err = find_types(b, ret);
	free(b);
	return err;
}
