/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /proc/kallsyms, streamed. It is sorted by address but for modules, which come last, so `_text` or
 * `_stext` stands near the top: behind the per-CPU symbols, which x86_64 up to 6.14 lists from 0
 * on. All of it is megabytes and costs the kernel tens of milliseconds, so by default the reader
 * stops there.
 */
#include "ksrc.h"

#include <string.h>

#include "pid_parse.h"

/** Symbols of the same address as _stext come in any order; _text is looked for a bit longer. */
#define AFTER_STEXT 64

void kallsyms_init(struct kallsyms *p, bool want_all, struct ksyms *ret)
{
	*p = (struct kallsyms){ .syms = ret, .want_all = want_all };
	*ret = (struct ksyms){ 0 };
}

static void keep(struct ksyms *s, struct slice name, u64 addr)
{
	const struct {
		const char *name;
		struct fig *fig;
	} want[] = {
		{ "_text", &s->text },
		{ "_stext", &s->stext },
		{ "_etext", &s->etext },
		{ "__start_rodata", &s->start_rodata },
		{ "__end_rodata", &s->end_rodata },
		{ "_sdata", &s->sdata },
		{ "_edata", &s->edata },
		{ "__init_begin", &s->init_begin },
		{ "__init_end", &s->init_end },
		{ "__bss_start", &s->bss_start },
		{ "__bss_stop", &s->bss_stop },
		{ "_end", &s->end },
	};

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		if (!want[i].fig->have && slice_is(name, want[i].name)) {
			*want[i].fig = FIG(addr);
			return;
		}
	}
}

/** "ffffffff81000000 T _text", of modules with a tab and "[name]" behind it. */
static void symbol_line(struct kallsyms *p, struct slice line)
{
	const char *q = line.p, *end = line.p + line.len;
	struct ksyms *s = p->syms;
	u64 addr;

	if (!parse_hex(&q, end, &addr) || end - q < 4 || q[0] != ' ' || q[2] != ' ')
		return;
	p->lines++;
	p->zeros += !addr;
	q += 3;
	/* All that is wanted starts with '_'; a module's name never is one, for the tab behind it.
	 */
	if (*q == '_')
		keep(s, (struct slice){ q, (size_t)(end - q) }, addr);
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
