/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers, sizes, the escape, interned strings. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "util.h"

static const char *size_of(u64 bytes)
{
	static char t[SIZE_TEXT_MAX];

	size_text(t, bytes);
	return t;
}

static void test_sizes(void)
{
	IS_STR(size_of(0), "0 B");
	IS_STR(size_of(1023), "1023 B");
	IS_STR(size_of(1024), "1 KiB");
	IS_STR(size_of(132 * KIB), "132 KiB");
	IS_STR(size_of(2 * MIB + 51 * KIB), "2 MiB");
	IS_STR(size_of(2 * MIB + 52 * KIB), "2.1 MiB");
	IS_STR(size_of(MIB - 1), "1 MiB");
	IS_STR(size_of(1000 * KIB + 512), "1001 KiB");
	IS_STR(size_of(1000 * KIB + 950), "1001 KiB");
	IS_STR(size_of(1023 * KIB), "1023 KiB");
	IS_STR(size_of(1023 * KIB + 1000), "1 MiB");
	IS_STR(size_of(UINT64_C(0x7ffffffff000)), "128 TiB");
	IS_STR(size_of(128 * TIB), "128 TiB");
	IS_STR(size_of(UINT64_MAX), "16 EiB");
	IS_STR(size_of(UINT64_C(1) << 63), "8 EiB");
}

static void test_parse(void)
{
	const char *t = "7fffffffffffffff8 18446744073709551616 fF0z 42", *p = t,
		   *end = t + strlen(t);
	u64 v = 99;

	OK(!parse_hex(&p, end, &v) && p == t && v == 99);
	p = t + 18;
	OK(!parse_dec(&p, end, &v) && p == t + 18 && v == 99);
	p = t + 39;
	OK(parse_hex(&p, end, &v) && *p == 'z');
	IS(v, 0xff0);
	OK(!parse_dec(&p, end, &v));
	p++;
	skip_blanks(&p, end);
	OK(parse_dec(&p, end, &v) && p == end);
	IS(v, 42);
	OK(!parse_dec(&p, end, &v));
	p = "ffffffffffffffff";
	OK(parse_hex(&p, p + 16, &v));
	IS(v, UINT64_MAX);
}

static void test_hex(void)
{
	struct buf b = { 0 };

	buf_addhex(&b, 0, 0);
	buf_addch(&b, ' ');
	buf_addhex(&b, 0xabc, 5);
	buf_addch(&b, ' ');
	buf_addhex(&b, UINT64_MAX, 2);
	buf_addch(&b, ' ');
	buf_adddec(&b, UINT64_MAX);
	IS_STR(b.p, "0 00abc ffffffffffffffff 18446744073709551615");
	buf_clear(&b);
	for (int i = 0; i < 1000; i++)
		buf_addf(&b, "%d,", i);
	IS(b.len, 3890);
	IS_STR(b.p + b.len - 4, "999,");
	buf_release(&b);
}

static const char *escaped(const char *s, bool ascii)
{
	static struct buf b;

	buf_clear(&b);
	buf_addescaped(&b, s, strlen(s), ascii);
	return b.p;
}

static void test_escape(void)
{
	IS_STR(escaped("/usr/bin/plain, with (blank)", false), "/usr/bin/plain, with (blank)");
	IS_STR(escaped("a\033[31mb\nc\177d", false), "a\\x1b[31mb\\x0ac\\x7fd");
	IS_STR(escaped("back\\slash", false), "back\\\\slash");
	IS_STR(escaped("\xe4\xb8\xad", false), "\xe4\xb8\xad");
	IS_STR(escaped("\xe4\xb8\xad", true), "\\xe4\\xb8\\xad");
	IS_STR(escaped("\xe4\xb8", false), "\\xe4\\xb8");
	IS_STR(escaped("\xc0\xaf", false), "\\xc0\\xaf");
	IS_STR(escaped("\xed\xa0\x80", false), "\\xed\\xa0\\x80");
	IS_STR(escaped("\xf4\x90\x80\x80", false), "\\xf4\\x90\\x80\\x80");
	IS_STR(escaped("x\xe2\x80\xaey", false), "x\\xe2\\x80\\xaey");
	IS_STR(escaped("\xc2\x9b", false), "\\xc2\\x9b");
	IS_STR(escaped("\xef\xbb\xbf", false), "\\xef\\xbb\\xbf");
}

static void test_width(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	IS(text_width("abc", 3), 3);
	IS(text_width("\xe4\xb8\xad\xe6\x96\x87", 6), 4);
	IS(text_width("e\xcc\x81", 3), 1);
	IS(text_fit("\xe4\xb8\xad\xe6\x96\x87", 6, 3), 3);
	IS(text_fit("e\xcc\x81x", 4, 1), 3);
	IS(text_fit("abc", 3, 10), 3);
	IS(text_fit("abc", 3, 0), 0);
}

static void test_strtab(void)
{
	struct strtab t;
	u32 first, again, ids[5000];
	int wrong = 0;

	strtab_init(&t);
	IS(strtab_add(&t, "", 0), 0);
	first = strtab_add(&t, "libc.so.6", 9);
	again = strtab_add(&t, "libc.so.6!", 9);
	IS(again, first);
	OK(strtab_add(&t, "libc.so", 7) != first);
	for (int i = 0; i < 5000; i++) {
		char name[16];
		int len = snprintf(name, sizeof(name), "n%d", i);

		ids[i] = strtab_add(&t, name, (size_t)len);
	}
	for (int i = 0; i < 5000; i++)
		wrong += atoi(strtab_get(&t, ids[i]) + 1) != i;
	IS(wrong, 0);
	IS_STR(strtab_get(&t, first), "libc.so.6");
	strtab_release(&t);
}

int main(void)
{
	test_sizes();
	test_parse();
	test_hex();
	test_escape();
	test_width();
	test_strtab();
	return tap_done();
}
