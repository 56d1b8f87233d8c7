/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * VMCOREINFO (Documentation/admin-guide/kdump/vmcoreinfo.rst): lines "KEY=value", of which the
 * kernel writes NUMBER() as signed decimals or with 0x, SYMBOL() and KERNELOFFSET in bare hex.
 */
#include "ksrc.h"

#include <string.h>

/** What follows "KEY=" up to the end of the line. */
static bool find_line(const char *text, const char *key, const char **p, const char **end)
{
	size_t n = strlen(key);

	for (const char *line = text; line && *line; line = **end ? *end + 1 : NULL) {
		*end = line + strcspn(line, "\n");
		if (!strncmp(line, key, n) && line[n] == '=') {
			*p = line + n + 1;
			return true;
		}
	}
	return false;
}

bool vmcoreinfo_text_number(const char *text, const char *key, u64 *ret)
{
	const char *p, *end;
	bool minus;
	u64 v;

	if (!find_line(text, key, &p, &end))
		return false;
	if (end - p > 2 && p[0] == '0' && p[1] == 'x') {
		p += 2;
		if (!parse_hex(&p, end, &v) || p != end)
			return false;
		*ret = v;
		return true;
	}
	minus = p < end && *p == '-';
	p += minus;
	if (!parse_dec(&p, end, &v) || p != end)
		return false;
	*ret = minus ? -v : v;
	return true;
}

bool vmcoreinfo_text_hex(const char *text, const char *key, u64 *ret)
{
	const char *p, *end;
	u64 v;

	if (!find_line(text, key, &p, &end) || !parse_hex(&p, end, &v) || p != end)
		return false;
	*ret = v;
	return true;
}

/** Elf_Nhdr: the sizes of name and desc and a type, words of 4 bytes; then the name, padded. */
#define NOTE_HEADER 12
#define NOTE_NAME   "VMCOREINFO"

char *vmcoreinfo_note(const u8 *bytes, size_t len, bool swap)
{
	const size_t desc = NOTE_HEADER + (sizeof(NOTE_NAME) + 3) / 4 * 4;
	u32 sizes[2];

	if (len < desc)
		return NULL;
	memcpy(sizes, bytes, sizeof(sizes));
	if (swap)
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
			sizes[i] = __builtin_bswap32(sizes[i]);
	if (sizes[0] != sizeof(NOTE_NAME) || !sizes[1] || sizes[1] > len - desc ||
	    memcmp(bytes + NOTE_HEADER, NOTE_NAME, sizeof(NOTE_NAME)))
		return NULL;
	return xmemdupz((const char *)bytes + desc, strnlen((const char *)bytes + desc, sizes[1]));
}

bool vmcoreinfo_place(const char *text, size_t len, u64 *pa, u64 *size)
{
	const char *p = text, *end = text + len;

	if (len < 2 || p[0] != '0' || p[1] != 'x')
		return false;
	p += 2;
	if (!parse_hex(&p, end, pa))
		return false;
	skip_blanks(&p, end);
	return parse_hex(&p, end, size) && (p == end || *p == '\n') && *size;
}
