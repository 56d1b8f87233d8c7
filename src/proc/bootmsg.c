/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The layout that old kernels print into their log at boot: "Virtual kernel memory layout:", then
 * lines of "    lowmem  : 0xc0000000 - 0xf0000000   ( 768 MB)". 32-bit arm did up to 5.0, i386 up
 * to 5.6 (mem_init() in arch/arm/mm/init.c and arch/x86/mm/init_32.c); ends are exclusive.
 */
#include "ksrc.h"

#include <string.h>

#include "pid_parse.h"

bool bootmsg_printed(const char *machine, const char *release)
{
	bool x86_32 = machine[0] == 'i' && machine[1] && !strcmp(machine + 2, "86");
	bool arm = !strncmp(machine, "arm", 3);
	const char *p = release ? release : "", *end = p + strlen(p);
	u64 major, minor;

	if (!x86_32 && !arm)
		return false;
	if (!parse_dec(&p, end, &major) || p == end || *p++ != '.' || !parse_dec(&p, end, &minor))
		return true;
	return major < 5 || (major == 5 && minor < (x86_32 ? 7 : 2));
}

/**
 * Takes "<6>" and "[    0.000000] " off a line. False for what was written by a process: its
 * priority has a facility above that of the kernel (0 to 7, include/linux/syslog.h).
 */
static bool strip_prefix(struct slice *line)
{
	const char *p = line->p, *end = p + line->len;
	u64 prio;

	if (p < end && *p == '<') {
		p++;
		if (!parse_dec(&p, end, &prio) || prio > 7 || p == end || *p++ != '>')
			return false;
	}
	if (p < end && *p == '[') {
		const char *close = memchr(p, ']', (size_t)(end - p));

		if (!close)
			return false;
		p = close + 1;
		if (p < end && *p == ' ')
			p++;
	}
	*line = (struct slice){ p, (size_t)(end - p) };
	return true;
}

static bool hex_number(const char **p, const char *end, u64 *ret)
{
	skip_blanks(p, end);
	if (end - *p < 3 || memcmp(*p, "0x", 2))
		return false;
	*p += 2;
	return parse_hex(p, end, ret);
}

/** Keeps "      .text : 0xc0008000 - 0xc0a00000   (...)"; a hashed address is not kept. */
static void keep_range(struct slice line, const char *colon, struct kbootmsg *b)
{
	const char *p = line.p, *end = line.p + line.len, *name_end = colon;
	struct kboot_range *to = &b->ranges[b->n];
	u64 first, last;

	skip_blanks(&p, colon);
	while (name_end > p && name_end[-1] == ' ')
		name_end--;
	if (b->n == KBOOT_MAX || name_end == p || (size_t)(name_end - p) >= sizeof(to->name))
		return;
	for (const char *q = p; q < name_end; q++)
		if (*q < ' ' || *q > '~')
			return;
	*to = (struct kboot_range){ 0 };
	memcpy(to->name, p, (size_t)(name_end - p));
	p = colon + 1;
	if (!hex_number(&p, end, &first))
		return;
	skip_blanks(&p, end);
	if (p == end || *p++ != '-' || !hex_number(&p, end, &last) || last <= first)
		return;
	to->r = range_of(first, last);
	b->n++;
}

enum ksrc_state bootmsg_parse(const char *text, size_t len, struct kbootmsg *ret)
{
	static const char header[] = "irtual kernel memory layout:";
	const char *p = text, *end = text + len;
	struct slice line;
	bool inside = false;

	*ret = (struct kbootmsg){ 0 };
	while (next_line(&p, end, &line)) {
		const char *colon;

		if (!strip_prefix(&line))
			continue;
		if (line.len >= sizeof(header) && (*line.p == 'V' || *line.p == 'v') &&
		    !memcmp(line.p + 1, header, sizeof(header) - 1)) {
			inside = true;
			continue;
		}
		if (!inside)
			continue;
		/* Of two names the one with a line of addresses; the message is one piece. */
		colon = memchr(line.p, ':', line.len);
		if (!colon || line.p + line.len - colon < 4 || memcmp(colon, ": 0x", 4))
			break;
		keep_range(line, colon, ret);
	}
	return ret->n ? KSRC_READ : KSRC_ABSENT;
}

bool bootmsg_range(const struct kbootmsg *b, const char *name, struct range *ret)
{
	for (size_t i = 0; i < b->n; i++) {
		if (!strcmp(b->ranges[i].name, name)) {
			*ret = b->ranges[i].r;
			return true;
		}
	}
	return false;
}
