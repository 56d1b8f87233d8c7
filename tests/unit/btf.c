/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BTF made here, in both byte orders, whole and cut at each byte. */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "proc/ksrc.h"
#include "tap.h"

enum { INT = 1, PTR, ARRAY, STRUCT, UNION, ENUM, FUNC_PROTO = 13, DATASEC = 15, ENUM64 = 19 };

struct maker {
	struct buf types, strings;
	bool big;
};

static void put(struct buf *b, bool big, u32 v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		buf_addch(b, (char)(v >> 8 * (big ? size - 1 - i : i)));
}

static void u32s(struct maker *m, u32 v)
{
	put(&m->types, m->big, v, 4);
}

static u32 string(struct maker *m, const char *s)
{
	u32 at = (u32)m->strings.len;

	buf_add(&m->strings, s, strlen(s) + 1);
	return at;
}

static void type(struct maker *m, const char *name, unsigned kind, unsigned vlen, u32 size)
{
	u32s(m, *name ? string(m, name) : 0);
	u32s(m, (u32)kind << 24 | vlen);
	u32s(m, size);
}

static void extra(struct maker *m, unsigned words)
{
	while (words--)
		u32s(m, 0xffffffff);
}

static void enumerator(struct maker *m, const char *name, u32 v)
{
	u32s(m, string(m, name));
	u32s(m, v);
}

/** What a kernel's BTF has around the three types, `pad` further structs before them. */
static void make(struct maker *m, bool big, unsigned pad)
{
	*m = (struct maker){ .big = big };
	buf_addch(&m->strings, '\0');
	type(m, "page_x", STRUCT, 2, 77);
	extra(m, 6);
	type(m, "int", INT, 0, 4);
	extra(m, 1);
	type(m, "", PTR, 0, 1);
	type(m, "", ARRAY, 0, 0);
	extra(m, 3);
	type(m, "", FUNC_PROTO, 3, 0);
	extra(m, 6);
	type(m, "other", ENUM64, 2, 8);
	extra(m, 6);
	for (unsigned i = 0; i < pad; i++) {
		char name[32];

		snprintf(name, sizeof(name), "padding_%u", i);
		type(m, name, STRUCT, 9, i);
		extra(m, 27);
	}
	type(m, "page", STRUCT, 1, 64);
	extra(m, 3);
	type(m, "cpu_entry_area", STRUCT, 1, 241664);
	extra(m, 3);
	type(m, "fixed_addresses", ENUM, 5, 4);
	enumerator(m, "VSYSCALL_PAGE", 511);
	enumerator(m, "FIX_DBGP_BASE", 512);
	enumerator(m, "FIX_OTHER", 513);
	enumerator(m, "__end_of_permanent_fixed_addresses", 644);
	enumerator(m, "__end_of_fixed_addresses", 1536);
}

static void finish(struct maker *m, struct buf *out)
{
	*out = (struct buf){ 0 };
	put(out, m->big, 0xeb9f, 2);
	put(out, m->big, 1, 1);
	put(out, m->big, 0, 1);
	put(out, m->big, 24, 4);
	put(out, m->big, 0, 4);
	put(out, m->big, (u32)m->types.len, 4);
	put(out, m->big, (u32)m->types.len, 4);
	put(out, m->big, (u32)m->strings.len, 4);
	buf_add(out, m->types.p, m->types.len);
	buf_add(out, m->strings.p, m->strings.len);
	buf_release(&m->types);
	buf_release(&m->strings);
}

static int parse(const struct buf *b, size_t len, struct kbtf *ret)
{
	int fd = memfd_create("btf", MFD_CLOEXEC), err;

	if (write(fd, b->p, len) != (ssize_t)len)
		return -EIO;
	err = btf_read(fd, ret);
	close(fd);
	return err;
}

static void test_whole(bool big, unsigned pad)
{
	struct maker m;
	struct kbtf t;
	struct buf b;

	make(&m, big, pad);
	finish(&m, &b);
	IS(parse(&b, b.len, &t), 0);
	OK(t.page_size.have && t.cpu_entry_area_size.have && t.fix_vsyscall.have);
	IS(t.page_size.v, 64);
	IS(t.cpu_entry_area_size.v, 241664);
	IS(t.fix_vsyscall.v, 511);
	IS(t.fix_permanent_end.v, 644);
	IS(t.fix_end.v, 1536);
	buf_release(&b);
}

static void test_cut(void)
{
	struct maker m;
	struct kbtf t;
	struct buf b;
	bool wrong = false;

	make(&m, false, 2);
	finish(&m, &b);
	for (size_t len = 0; len < b.len; len++) {
		parse(&b, len, &t);
		/* never another value than the true one */
		wrong |= t.page_size.have && t.page_size.v != 64;
		wrong |= t.cpu_entry_area_size.have && t.cpu_entry_area_size.v != 241664;
		wrong |= t.fix_end.have && t.fix_end.v != 1536;
	}
	OK(!wrong);
	IS(parse(&b, 0, &t), -EBADMSG);
	IS(parse(&b, 23, &t), -EBADMSG);
	/* an unknown kind: how long it is nobody knows */
	b.p[24 + 4 + 3] = 31;
	IS(parse(&b, b.len, &t), -EBADMSG);
	OK(!t.page_size.have);
	b.p[0] = 'x';
	IS(parse(&b, b.len, &t), -EBADMSG);
	buf_release(&b);
}

static void test_hostile(void)
{
	struct maker m = { 0 };
	struct kbtf t;
	struct buf b;

	/* a name longer than the reader's window, then the wanted one; no such type otherwise */
	buf_addch(&m.strings, '\0');
	buf_fill(&m.strings, 'x', 200000);
	buf_addch(&m.strings, '\0');
	type(&m, "page", STRUCT, 0, 80);
	type(&m, "cpu_entry_area", UNION, 0, 5);
	/* more members than there are bytes */
	type(&m, "fixed_addresses", ENUM, 65535, 4);
	finish(&m, &b);
	IS(parse(&b, b.len, &t), -EBADMSG);
	IS(t.page_size.v, 80);
	OK(!t.cpu_entry_area_size.have && !t.fix_end.have);
	/* sections of 4 GiB */
	memset(b.p + 12, 0xff, 4);
	IS(parse(&b, b.len, &t), -EBADMSG);
	memset(b.p + 12, 0, 4);
	memset(b.p + 16, 0xff, 4);
	IS(parse(&b, b.len, &t), 0);
	OK(!t.page_size.have);
	buf_release(&b);

	/* none of the types: that is no damage */
	m = (struct maker){ 0 };
	buf_addch(&m.strings, '\0');
	type(&m, "int", INT, 0, 4);
	extra(&m, 1);
	finish(&m, &b);
	IS(parse(&b, b.len, &t), 0);
	OK(!t.page_size.have);
	buf_release(&b);
}

/* --- members of structs ----------------------------------------------------------------------- */

enum { TYPEDEF = 8, VOLATILE, CONST, TYPE_TAG = 18 };

static void member(struct maker *m, const char *name, u32 id, u32 bits)
{
	u32s(m, *name ? string(m, name) : 0);
	u32s(m, id);
	u32s(m, bits);
}

/** Structs in structs, as the kernel has them; numbers are those of the types. */
static void make_members(struct maker *m, bool big)
{
	*m = (struct maker){ .big = big };
	buf_addch(&m->strings, '\0');
	type(m, "int", INT, 0, 4); /* 1 */
	extra(m, 1);
	type(m, "", UNION, 2, 16); /* 2 */
	member(m, "index", 1, 0);
	member(m, "", 3, 0);
	type(m, "", STRUCT, 2, 16); /* 3 */
	member(m, "deep", 1, 32);
	member(m, "deeper", 1, 64);
	type(m, "", CONST, 0, 2);	/* 4: const of the union */
	type(m, "", TYPE_TAG, 0, 4);	/* 5: tag of the const */
	type(m, "page", STRUCT, 3, 64); /* 6 */
	member(m, "flags", 1, 0);
	member(m, "", 5, 64);
	member(m, "last", 1, 256);
	/* the same name in a struct with a name is another member */
	type(m, "named", STRUCT, 2, 32); /* 7 */
	member(m, "inner", 6, 0);
	member(m, "last", 1, 512 + 24);
	/* a second struct page does not count */
	type(m, "page", STRUCT, 1, 8); /* 8 */
	member(m, "flags", 1, 800);
	/* kind_flag: the upper byte is the width of a bitfield */
	u32s(m, string(m, "bits"));
	u32s(m, UINT32_C(1) << 31 | (u32)STRUCT << 24 | 2);
	u32s(m, 8);
	member(m, "one", 1, 1 << 24 | 40);
	member(m, "plain", 1, 64);
	/* a struct that is its own anonymous member, and a typedef of itself */
	type(m, "loop", STRUCT, 3, 8); /* 10 */
	member(m, "end", 1, 16);
	member(m, "", 10, 8);
	member(m, "", 11, 8);
	type(m, "again", TYPEDEF, 0, 11); /* 11 */
}

static struct btf_member wanted[] = {
	{ "page", "flags", { 0 } },  { "page", "index", { 0 } },   { "page", "deep", { 0 } },
	{ "page", "deeper", { 0 } }, { "page", "last", { 0 } },	   { "named", "last", { 0 } },
	{ "named", "flags", { 0 } }, { "bits", "one", { 0 } },	   { "bits", "plain", { 0 } },
	{ "loop", "end", { 0 } },    { "loop", "nothing", { 0 } }, { "nobody", "flags", { 0 } },
	{ "again", "flags", { 0 } },
};

static int parse_members(const struct buf *b, size_t len)
{
	int fd = memfd_create("btf", MFD_CLOEXEC), err;

	if (write(fd, b->p, len) != (ssize_t)len)
		return -EIO;
	err = btf_members(fd, wanted, sizeof(wanted) / sizeof(*wanted));
	close(fd);
	return err;
}

static void test_members(bool big)
{
	static const struct fig want[] = {
		FIG(0), FIG(8), FIG(12), FIG(16), FIG(32), FIG(67), { 0 },
		FIG(5), FIG(8), FIG(2),	 { 0 },	  { 0 },   { 0 },
	};
	bool wrong = false;
	struct maker m;
	struct buf b;

	make_members(&m, big);
	finish(&m, &b);
	IS(parse_members(&b, b.len), 0);
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		IS(wanted[i].offset.have, want[i].have);
		IS(wanted[i].offset.v, want[i].v);
	}
	/* cut anywhere: an error and nothing, never another offset */
	for (size_t len = 0; len < b.len; len++) {
		wrong |= parse_members(&b, len) != -EBADMSG;
		for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++)
			wrong |= wanted[i].offset.have;
	}
	OK(!wrong);
	buf_release(&b);
}

static void test_members_hostile(void)
{
	struct maker m = { 0 };
	struct buf b;

	/* each struct holds the next one 4000 times: 4000^8 ways to look, but for the limit */
	buf_addch(&m.strings, '\0');
	type(&m, "page", STRUCT, 4000, 8);
	for (u32 id = 2; id < 12; id++) {
		for (int i = 0; i < 4000; i++)
			member(&m, "", id, 0);
		type(&m, "", STRUCT, 4000, 8);
	}
	for (int i = 0; i < 4000; i++)
		member(&m, "x", 1, 0);
	finish(&m, &b);
	IS(parse_members(&b, b.len), 0);
	OK(!wanted[0].offset.have);
	buf_release(&b);
	/* strings that do not end */
	m = (struct maker){ 0 };
	buf_addch(&m.strings, '\0');
	type(&m, "page", STRUCT, 0, 8);
	m.strings.p[m.strings.len - 1] = 'x';
	finish(&m, &b);
	IS(parse_members(&b, b.len), -EBADMSG);
	buf_release(&b);
}

int main(void)
{
	for (int big = 0; big < 2; big++) {
		test_whole(big, 0);
		/* members and names across the borders of the windows */
		test_whole(big, 700);
		test_whole(big, 5000);
	}
	test_cut();
	test_hostile();
	test_members(false);
	test_members(true);
	test_members_hostile();
	return tap_done();
}
