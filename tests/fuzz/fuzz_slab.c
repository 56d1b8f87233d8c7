/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as slabinfo, as allocinfo and as lines of kallsyms; and a cache whose directory has any
 * numbers. Slots must be cut without gaps, and what is drawn must be safe on a terminal.
 */
#include <stdlib.h>
#include <string.h>

#include "proc/explain.h"
#include "proc/slab.h"
#include "render/slab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void check_output(struct out *o)
{
	for (size_t i = 0; i < o->b.len; i++)
		must((u8)o->b.p[i] >= ' ' || o->b.p[i] == '\n' || o->b.p[i] == '\t');
	buf_clear(&o->b);
}

static void check_slot(struct slab_info *i)
{
	struct slot_part p[SLOT_PARTS];
	size_t n = slab_slot_parts(i, p);
	struct slab_picture pic;
	u64 at = 0;

	must(n <= SLOT_PARTS);
	for (size_t k = 0; k < n; k++) {
		must(p[k].offset == at && p[k].size);
		at += p[k].size;
	}
	must(!n || at == i->caches[i->chosen].slot);
	if (slab_picture(i, 64, &pic)) {
		must(pic.lines <= 33 && pic.scale);
		must(pic.lines * pic.scale * pic.cells >= pic.bytes);
	}
}

static void add_number(struct slab_info *i, const char *name, u64 v)
{
	struct buf b = { 0 };

	buf_adddec(&b, v);
	slab_add_attr(i, strtab_add(&i->names, name, strlen(name)),
		      strtab_add(&i->names, b.p, b.len));
	buf_release(&b);
}

/** The first cache, with numbers from the end of the input in its directory. */
static void one_cache(struct slab_info *i, const uint8_t *data, size_t size)
{
	static const char *const names[] = { "align", "red_zone", "poison", "store_user",
					     "destroy_by_rcu" };

	for (size_t k = 0; k < ARRAY_SIZE(names) && k < size; k++)
		add_number(i, names[k], (u64)data[size - 1 - k] << (k ? 0 : data[0] % 57));
	i->chosen = 0;
	for (int known = 0; known < 2; known++) {
		i->caches[0].object_size =
			(struct fig){ i->caches[0].slot - data[size - 1] % 3, known };
		check_slot(i);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	struct view_opts v = { .width = 80, .limit = RANGE_ALL, .version = "0" };
	struct slab_info i;
	struct space s;
	struct out o;

	space_init(&s);
	out_init(&o, -1);
	slab_init(&i);
	slabinfo_parse(text, size, &i);
	allocinfo_parse(text, size, &i);
	slab_link(&i);
	slab_finish(&i);
	for (size_t k = 0; k < i.ncaches; k++)
		must(*strtab_get(&i.names, i.caches[k].name));
	render_slab(&s, &i, &v, &o);
	check_output(&o);
	if (i.ncaches && size) {
		one_cache(&i, data, size);
		render_slab_cache(&s, &i, &v, &o);
		check_output(&o);
	}
	slab_release(&i);
	buf_release(&o.b);
	space_release(&s);
	for (const char *nl; text < end; text = nl + 1) {
		struct ksymbol sym;

		nl = memchr(text, '\n', (size_t)(end - text));
		nl = nl ? nl : end;
		if (ksymbol_parse(text, (size_t)(nl - text), &sym)) {
			must(sym.len && sym.name >= text && sym.name + sym.len <= nl);
			must(!sym.module_len || sym.module + sym.module_len < nl);
		}
	}
	return 0;
}
