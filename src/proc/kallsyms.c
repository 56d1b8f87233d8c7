/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/kallsyms, streamed. It is sorted by address but for modules, which come last, so `_text` or
 * `_stext` stands near the top: behind the per-CPU symbols, which x86_64 up to 6.14 lists from 0
 * on. All of it is megabytes and costs the kernel tens of milliseconds, so by default the reader
 * stops there.
 */
#include "ksrc.h"

#include <stddef.h>
#include <string.h>

#include "pid_parse.h"

/** Symbols of the same address as _stext come in any order; _text is looked for a bit longer. */
#define AFTER_STEXT 64

void kallsyms_init(struct kallsyms *p, bool want_all, struct ksyms *ret)
{
	*p = (struct kallsyms){ .syms = ret, .want_all = want_all };
	*ret = (struct ksyms){ 0 };
}

/** What is wanted: where it goes in struct ksyms. */
static const struct {
	char name[17];
	u8 len;
	u16 offset;
} wanted[] = {
#define WANT(symbol, member)                                                                       \
	{                                                                                          \
		symbol, sizeof(symbol) - 1, offsetof(struct ksyms, member)                         \
	}
	WANT("_text", text),
	WANT("_stext", stext),
	WANT("_etext", etext),
	WANT("__start_rodata", start_rodata),
	WANT("__end_rodata", end_rodata),
	WANT("_sdata", sdata),
	WANT("_edata", edata),
	WANT("__init_begin", init_begin),
	WANT("__init_end", init_end),
	WANT("__bss_start", bss_start),
	WANT("__bss_stop", bss_stop),
	WANT("_end", end),
	/* Variables that tell of the layout: their values are read elsewhere, if memory can be. */
	WANT("page_offset_base", page_offset_base),
	WANT("vmalloc_base", vmalloc_base),
	WANT("vmemmap_base", vmemmap_base),
	WANT("phys_base", phys_base),
	WANT("memstart_addr", memstart_addr),
	WANT("vabits_actual", vabits_actual),
	WANT("high_memory", high_memory),
	WANT("init_top_pgt", init_top_pgt),
	WANT("swapper_pg_dir", swapper_pg_dir),
#undef WANT
};

static void keep(struct ksyms *s, struct slice name, u64 addr)
{
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		/* The table is static, the members it points to are not. */
		struct fig *fig = (struct fig *)(void *)((char *)s + wanted[i].offset);

		if (name.len == wanted[i].len && !memcmp(name.p, wanted[i].name, name.len)) {
			if (!fig->have)
				*fig = FIG(addr);
			return;
		}
	}
}

/** The section of that name, a new one if need be; NULL when there are too many. */
static struct ksyms_section *section_named(struct ksyms *s, const char *name, size_t len)
{
	struct ksyms_section *sec;

	if (!len || len >= sizeof(sec->name))
		return NULL;
	for (size_t i = s->nsections; i-- > 0;)
		if (!strncmp(s->sections[i].name, name, len) && !s->sections[i].name[len])
			return &s->sections[i];
	if (s->nsections == KSYMS_SECTIONS_MAX)
		return NULL;
	sec = &s->sections[s->nsections++];
	memcpy(sec->name, name, len);
	return sec;
}

static bool ends_with(struct slice s, const char *end, size_t len)
{
	return s.len > len && !memcmp(s.p + s.len - len, end, len);
}

/**
 * Borders of what the linker put together: __start_X and __stop_X, __X_text_start and
 * __X_text_end (include/asm-generic/vmlinux.lds.h). Recent kernels export them without
 * KALLSYMS_ALL, too. Functions that happen to be named so have no partner.
 */
static void keep_section(struct ksyms *s, struct slice name, u64 addr)
{
	struct ksyms_section *sec = NULL;
	bool end = false;

	if (name.len > 8 && !memcmp(name.p, "__start_", 8)) {
		sec = section_named(s, name.p + 8, name.len - 8);
	} else if (name.len > 7 && !memcmp(name.p, "__stop_", 7)) {
		sec = section_named(s, name.p + 7, name.len - 7);
		end = true;
	} else if (ends_with(name, "_text_start", 11)) {
		sec = section_named(s, name.p + 2, name.len - 8);
	} else if (ends_with(name, "_text_end", 9)) {
		sec = section_named(s, name.p + 2, name.len - 6);
		end = true;
	}
	if (!sec || (end ? sec->end.have : sec->first.have))
		return;
	*(end ? &sec->end : &sec->first) = FIG(addr);
}

/** Could the name be one that is kept? All but few are done with here. */
static bool is_candidate(struct slice name)
{
	if (*name.p != '_')
		return name.len >= 9 && name.len <= 16 && memchr("pvmhis", *name.p, 6);
	return name.len < 15 || (name.len < KSYMS_NAME_MAX && (!memcmp(name.p, "__st", 4) ||
							       ends_with(name, "_text_start", 11) ||
							       ends_with(name, "_text_end", 9)));
}

static bool is_zero(const char *digits, const char *end)
{
	while (digits < end && *digits == '0')
		digits++;
	return digits == end;
}

/** "ffffffff81000000 T _text", of modules with a tab and "[name]" behind it. */
static void symbol_line(struct kallsyms *p, struct slice line)
{
	const char *q = line.p, *end = line.p + line.len;
	const char *blank = memchr(q, ' ', MIN(line.len, (size_t)17));
	struct ksyms *s = p->syms;
	struct slice name;
	u64 addr;

	if (!blank || blank == q || end - blank < 4 || blank[2] != ' ')
		return;
	name = (struct slice){ blank + 3, (size_t)(end - blank) - 3 };
	/* Numbers are read only where they matter: there are 100,000 lines and more. */
	if (p->want_all && !is_candidate(name)) {
		p->lines++;
		p->zeros += is_zero(q, blank);
		return;
	}
	if (!parse_hex(&q, end, &addr) || q != blank)
		return;
	p->lines++;
	p->zeros += !addr;
	/* A module's symbol never is one that is wanted, for the tab behind its name. */
	if (p->want_all || *name.p == '_')
		keep(s, name, addr);
	if (p->want_all && *name.p == '_' && name.len > 2 && name.p[1] == '_')
		keep_section(s, name, addr);
	if (p->want_all)
		return;
	if (s->text.have)
		p->done = true;
	else if (s->stext.have && (addr > s->stext.v || ++p->stext_lines > AFTER_STEXT))
		p->done = true;
}

/** Takes one piece without a newline into the carry; a line that does not fit is skipped. */
static void carry(struct kallsyms *p, const char *text, size_t len)
{
	if (p->skipping)
		return;
	if (len > sizeof(p->carry) - p->ncarry) {
		p->skipping = true;
		p->ncarry = 0;
		return;
	}
	memcpy(p->carry + p->ncarry, text, len);
	p->ncarry += len;
}

void kallsyms_feed(struct kallsyms *p, const char *text, size_t len)
{
	const char *end = text + len;

	while (text < end && !p->done) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));

		if (!nl) {
			carry(p, text, (size_t)(end - text));
			return;
		}
		if (p->skipping) {
			p->skipping = false;
		} else if (p->ncarry) {
			carry(p, text, (size_t)(nl - text));
			if (!p->skipping)
				symbol_line(p, (struct slice){ p->carry, p->ncarry });
			p->skipping = false;
			p->ncarry = 0;
		} else {
			symbol_line(p, (struct slice){ text, (size_t)(nl - text) });
		}
		text = nl + 1;
	}
}

enum ksrc_state kallsyms_end(struct kallsyms *p)
{
	struct ksyms *s = p->syms;
	const struct fig *first = s->text.have ? &s->text : &s->stext;

	if (!p->lines)
		return KSRC_DAMAGED;
	/* Hidden addresses are zeros and keep the order, so the name was found all the same. */
	if (p->zeros == p->lines || (first->have && !first->v)) {
		*s = (struct ksyms){ 0 };
		return KSRC_ZEROS;
	}
	s->all = p->want_all;
	return KSRC_READ;
}
