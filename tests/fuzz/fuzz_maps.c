/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps and smaps from any bytes. The first byte says in how long pieces they are fed; the result
 * must not depend on it, and must be a space that a kernel could have.
 */
#include <stdlib.h>
#include <string.h>

#include "proc/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Stops the fuzzer where the parser has invented something. */
static void must(bool ok)
{
	if (!ok)
		abort();
}

static struct maps_problems parse(const char *text, size_t len, size_t step, u32 page_size,
				  struct space *s)
{
	struct maps_parser *p;

	space_init(s);
	s->host.page_size = page_size;
	s->host.bits = 64;
	p = maps_parser_new(s);
	for (size_t at = 0; at < len; at += step) {
		size_t n = MIN(step, len - at);
		/* A piece of exactly its size shows a read past its end. */
		char *piece = xmemdupz(text + at, n);

		piece = xreallocarray(piece, n, 1);
		maps_parser_feed(p, piece, n);
		free(piece);
	}
	return maps_parser_end(p);
}

static void must_be_sound(const struct space *s, u32 page_size)
{
	for (size_t i = 0; i < s->nvmas; i++) {
		const struct vma *v = &s->vmas[i];
		struct smaps_values x;

		must(v->first <= v->last && v->first % page_size == 0 &&
		     (v->last + 1) % page_size == 0);
		must(!i || s->vmas[i - 1].last < v->first);
		must(v->name < s->names.len);
		must(!(v->have & ~VMA_HAVE_SMAPS));
		must((v->have & VMA_HAVE_SMAPS) || (!v->vmflags && !v->schema));
		must(!(v->have & VMA_HAVE_SMAPS) || v->schema < s->nschemas);
		space_smaps(s, v, &x);
		must(s->nfields == SMAPS_MAX || x.have >> s->nfields == 0);
		must(s->nvmflags == VMFLAGS_MAX || v->vmflags >> s->nvmflags == 0);
	}
	for (u32 i = 0; i < s->nfields; i++)
		for (const char *c = strtab_get(&s->names, s->field_name[i]); *c; c++)
			must(*c > ' ' && *c < 0x7f);
}

static void must_be_same(const struct space *a, const struct space *b)
{
	must(a->nvmas == b->nvmas);
	for (size_t i = 0; i < a->nvmas; i++) {
		const struct vma *v = &a->vmas[i], *w = &b->vmas[i];
		struct smaps_values x, y;

		must(v->first == w->first && v->last == w->last && v->offset == w->offset &&
		     v->inode == w->inode && v->major == w->major && v->minor == w->minor &&
		     v->perms == w->perms && v->have == w->have && v->vmflags == w->vmflags);
		must(!strcmp(strtab_get(&a->names, v->name), strtab_get(&b->names, w->name)));
		space_smaps(a, v, &x);
		space_smaps(b, w, &y);
		must(!memcmp(&x, &y, sizeof(x)));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	u32 page_size = size && (data[0] & 0x80) ? 65536 : 4096;
	size_t step = size ? 1 + (data[0] & 0x7f) : 1;
	const char *text = (const char *)data + (size ? 1 : 0);
	size_t len = size ? size - 1 : 0;
	struct maps_problems whole, cut;
	struct space a, b;

	whole = parse(text, len, len ? len : 1, page_size, &a);
	cut = parse(text, len, step, page_size, &b);
	must_be_sound(&a, page_size);
	must_be_same(&a, &b);
	must(whole.bad_lines == cut.bad_lines && whole.disorder == cut.disorder &&
	     whole.dropped == cut.dropped);
	space_release(&a);
	space_release(&b);
	return 0;
}
