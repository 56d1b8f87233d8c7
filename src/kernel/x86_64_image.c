/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * x86_64: the kernel image, its parts, and where the modules' area behind it begins. iomem has the
 * parts at their physical addresses; the image is mapped as one piece, so _text moves them all.
 */
#include "x86_64.h"

#include <string.h>

#define X86_IMAGE_TAIL "tail of the image"

/* --- where it is ---------------------------------------------------------------------------------
 */

/** Without KASLR _text is at LOAD_PHYSICAL_ADDR (arch/x86/include/asm/page_types.h). */
static u64 link_address(const struct kconfig *c)
{
	u64 start = c->physical_start.have ? c->physical_start.v : 16 * MIB;
	u64 align = c->physical_align.have ? c->physical_align.v : 2 * MIB;

	if (!align || start >= GIB || align >= GIB)
		return X86_IMAGE + 16 * MIB;
	return X86_IMAGE + round_up(start, align);
}

static void text_from_symbols(struct x86 *x)
{
	const struct ksyms *y = &x->k->syms;
	const struct fig *sym = y->text.have ? &y->text : &y->stext;
	struct base kcore = x->text;
	u64 stext;

	if (sym->have && x86_in_image_window(sym->v)) {
		x->text = (struct base){ sym->v, true, CONF_EXACT, "kallsyms" };
		if (kcore.have)
			base_take(x->s, &x->text, kcore.v, CONF_EXACT, "kcore", "_text");
	} else if (sym->have) {
		space_note(x->s, NOTE_CONFLICT, "kallsyms", 0, NULL,
			   "_text at %016llx is outside the kernel image's window (mm.rst)",
			   (unsigned long long)sym->v);
	}
	/* On x86_64 _stext is _text. */
	if (!x->text.have && vmcoreinfo_hex(x->k, "SYMBOL(_stext)", &stext) &&
	    x86_in_image_window(stext))
		base_take(x->s, &x->text, stext, CONF_EXACT, "vmcoreinfo", "_text");
}

static void find_text(struct x86 *x)
{
	x->link = link_address(&x->k->config);
	text_from_symbols(x);
	if (x->image_kaslr != X86_KASLR_OFF)
		return;
	if (!x->text.have)
		x->text = (struct base){ x->link, true, CONF_DEFAULT, x->image_kaslr_source };
	else if (x->text.v != x->link && x->k->config.physical_start.have)
		space_note(x->s, NOTE_CONFLICT, x->text.source, 0, NULL,
			   "_text at %016llx is not at its link address %016llx, yet KASLR is off"
			   " (%s)",
			   (unsigned long long)x->text.v, (unsigned long long)x->link,
			   x->image_kaslr_source);
}

/** One part; none when it does not follow the one before inside the window. */
static void set_part(struct x86 *x, enum x86_part part, u64 first, u64 last)
{
	u64 after = x->text.v, end = X86_IMAGE + x->image_window;

	for (unsigned i = 0; i < part; i++)
		if (x->part[i].first)
			after = x->part[i].last + 1;
	if (first >= after && first <= last && last < end)
		x->part[part] = (struct range){ first, last };
}

static void parts_from_iomem(struct x86 *x)
{
	const struct kiomem *m = &x->k->iomem;
	const struct range *r[X86_NPARTS] = { &m->code, &m->rodata, &m->data, &m->bss };
	const bool have[X86_NPARTS] = { m->have_code, m->have_rodata, m->have_data, m->have_bss };
	u64 start = m->code.first;

	x->part_source = "iomem";
	for (unsigned i = 0; i < X86_NPARTS; i++)
		if (have[i] && r[i]->first >= start && r[i]->last - start < GIB)
			set_part(x, i, x->text.v + (r[i]->first - start),
				 x->text.v + (r[i]->last - start));
}

/** With KALLSYMS_ALL and all of the file read, the symbols tell the same. */
static void parts_from_symbols(struct x86 *x)
{
	const struct ksyms *y = &x->k->syms;
	const struct {
		const struct fig *first, *end;
	} pairs[X86_NPARTS] = { { &y->text, &y->etext },
				{ &y->start_rodata, &y->end_rodata },
				{ &y->sdata, &y->edata },
				{ &y->bss_start, &y->bss_stop } };

	x->part_source = "kallsyms";
	for (unsigned i = 0; i < X86_NPARTS; i++)
		if (pairs[i].first->have && pairs[i].end->have &&
		    pairs[i].end->v > pairs[i].first->v)
			set_part(x, i, pairs[i].first->v, pairs[i].end->v - 1);
}

/** Where the image ends: _end itself, else the end of the bss, behind which only .brk follows. */
static void find_end(struct x86 *x)
{
	const struct fig *end = &x->k->syms.end;

	if (x->image_end > x->text.v)
		return;
	x->image_end = 0;
	if (end->have && end->v > x->text.v && end->v <= X86_IMAGE + x->image_window) {
		x->image_end = end->v;
		x->image_end_conf = CONF_EXACT;
		x->image_end_source = "kallsyms";
	} else if (x->part[X86_BSS].first) {
		x->image_end = x->part[X86_BSS].last + 1;
		x->image_end_conf = CONF_DERIVED;
		x->image_end_source = x->part_source;
	}
}

/**
 * KERNEL_IMAGE_SIZE is 1 GiB where RANDOMIZE_BASE is built in, even with nokaslr; modules begin
 * behind it (arch/x86/include/asm/page_64_types.h, pgtable_64_types.h). They are placed from the
 * start of their area on, so the lowest one tells, too.
 */
static void find_modules(struct x86 *x)
{
	const struct kfacts *k = x->k;
	const struct base large = { X86_IMAGE + GIB, true, CONF_DERIVED, "boot_params" };
	const struct base small = { X86_IMAGE + 512 * MIB, true, CONF_DERIVED, "modules" };
	struct base *m = &x->modules;
	u64 size, lowest = k->modules.lowest;

	x->modules_end = X86_MODULES_END;
	/* DEBUG_KMAP_LOCAL_FORCE_MAP makes the fixmap larger (pgtable_64_types.h, 5.11). */
	if (k->config.kmap_force_map.have && k->config.kmap_force_map.v)
		x->modules_end = UINT64_C(0xfffffffffe000000);
	*m = large;
	if (k->variant) {
		*m = (struct base){ X86_IMAGE + 512 * MIB, true, CONF_DEFAULT, "mm.rst" };
	} else if (x->kcore_modules.last) {
		*m = (struct base){ x->kcore_modules.first, true, CONF_EXACT, "kcore" };
		x->modules_end = x->kcore_modules.last + 1;
	} else if (vmcoreinfo_number(k, "NUMBER(KERNEL_IMAGE_SIZE)", &size) &&
		   (size == GIB || size == 512 * MIB)) {
		*m = (struct base){ X86_IMAGE + size, true, CONF_EXACT, "vmcoreinfo" };
	} else if (k->config.randomize_base.have) {
		*m = k->config.randomize_base.v ? large : small;
		m->source = "config";
	} else if (x->image_kaslr == X86_KASLR_ON) {
		m->source = x->image_kaslr_source;
	} else if (k->status[KSRC_MODULES].state == KSRC_READ && k->modules.count &&
		   lowest >= small.v && lowest < x->modules_end) {
		*m = lowest < large.v ? small : large;
		m->source = "modules";
	} else {
		m->conf = CONF_DEFAULT;
		m->source = "mm.rst";
	}
	x->image_window = MIN(m->v - X86_IMAGE, GIB);
}

void x86_find_image(struct x86 *x)
{
	find_modules(x);
	find_text(x);
	if (!x->text.have)
		return;
	if (x->k->iomem.have_code)
		parts_from_iomem(x);
	else
		parts_from_symbols(x);
	find_end(x);
}

/* --- its regions ---------------------------------------------------------------------------------
 */

static void add_part(const struct x86 *x, u64 first, u64 last, const char *name, u8 perms,
		     enum conf conf, const char *source)
{
	struct region *r = layout_add_part(x->s, KR_IMAGE_PART, (struct range){ first, last }, conf,
					   name, source);

	if (!r || x->k->cmdline.rodata_off)
		return;
	/* mark_rodata_ro() (arch/x86/mm/init_64.c); only page tables would prove it. */
	r->perms = perms;
	r->perms_conf = CONF_DEFAULT;
}

/**
 * What of the image goes to the allocator is writable; since 4.19 free_kernel_image_pages() takes
 * it out of the image's mapping under KPTI (arch/x86/mm/init.c).
 */
static void add_freed(const struct x86 *x, u64 first, u64 last, const char *name, enum conf conf,
		      const char *source)
{
	const struct fig *pti = &x->k->cpu.pti;
	size_t n = x->s->nregions;

	add_part(x, first, last, name, pti->have && pti->v ? 0 : PERM_R | PERM_W, conf, source);
	if (x->s->nregions > n && (!pti->have || !release_at_least(x->s, 4, 19)))
		x->s->regions[n].perms_conf = CONF_UNKNOWN;
}

/**
 * Between data and bss lie unwind and bug tables and what only the start needed (vmlinux.lds.S).
 * The border between the two is a symbol that only a full reading of kallsyms finds.
 */
static void between_data_and_bss(const struct x86 *x, u64 first, u64 last)
{
	const struct ksyms *y = &x->k->syms;
	u64 init = y->init_begin.have ? y->init_begin.v : 0;
	u64 end = y->init_end.have && y->init_end.v > init ? y->init_end.v : last + 1;

	if (init <= first || init > last || end > last + 1) {
		add_part(x, first, last, "tables, freed init", PERM_R | PERM_W,
			 MAX(CONF_DERIVED, x->text.conf), x->part_source);
		return;
	}
	add_part(x, first, init - 1, "tables", PERM_R | PERM_W, CONF_DERIVED, "kallsyms");
	add_freed(x, init, end - 1, "freed init", y->init_end.have ? CONF_EXACT : CONF_DERIVED,
		  "kallsyms");
}

/** What fills the 2 MiB pages from one part to the next: mark_rodata_ro() (init_64.c) frees it. */
static void freed_padding(const struct x86 *x, enum x86_part below, enum x86_part above)
{
	const struct range *low = &x->part[below], *high = &x->part[above];
	u64 first = round_up(low->last + 1, X86_PAGE), end = high->first & ~(X86_PAGE - 1);

	if (!x->k->cmdline.rodata_off && low->first && high->first && first < end)
		add_freed(x, first, end - 1, "freed padding", MAX(CONF_DERIVED, x->text.conf),
			  x->part_source);
}

static void add_parts(const struct x86 *x)
{
	static const struct {
		const char *name;
		u8 perms;
	} parts[X86_NPARTS] = {
		[X86_TEXT] = { "text", PERM_R | PERM_X },
		[X86_RODATA] = { "rodata", PERM_R },
		[X86_DATA] = { "data", PERM_R | PERM_W },
		[X86_BSS] = { "bss", PERM_R | PERM_W },
	};
	const struct range *data = &x->part[X86_DATA], *bss = &x->part[X86_BSS];
	u64 after = round_up(data->last + 1, X86_PAGE);

	for (unsigned i = 0; i < X86_NPARTS; i++) {
		const struct range *p = &x->part[i];

		if (i == X86_BSS && data->first && bss->first > after)
			between_data_and_bss(x, after, bss->first - 1);
		/* Only there: where rodata is not told, it is what lies between. */
		if (i == X86_RODATA || i == X86_DATA)
			freed_padding(x, i - 1, i);
		if (p->first)
			add_part(x, p->first, p->last, parts[i].name, parts[i].perms, x->text.conf,
				 x->part_source);
	}
	if (bss->first && x->image_end_conf == CONF_EXACT && x->image_end > bss->last + 1)
		add_part(x, bss->last + 1, x->image_end - 1, "brk", PERM_R | PERM_W, x->text.conf,
			 x->image_end_source);
}

static void add_notes(const struct x86 *x, struct region *r)
{
	const struct kiomem *m = &x->k->iomem;
	u64 at;

	if (x->text.have && x->text.conf < CONF_DEFAULT && x->text.v >= x->link)
		region_note(r, "KASLR offset %#llx", (unsigned long long)(x->text.v - x->link));
	at = x->text.v - X86_IMAGE + x->k->memory.phys_base.v;
	if (m->have_code)
		region_note(r, "at physical %#llx", (unsigned long long)m->code.first);
	else if (x->text.have && x->k->memory.phys_base.have)
		region_note(r, "at physical %#llx", (unsigned long long)at);
	if (m->have_code && x->text.have && x->k->memory.phys_base.have && at != m->code.first)
		space_note(x->s, NOTE_CONFLICT, x->k->memory.source, 0, NULL,
			   "phys_base puts _text at physical %#llx, iomem at %#llx",
			   (unsigned long long)at, (unsigned long long)m->code.first);
}

/**
 * What is mapped behind the image: all of the 2 MiB page it ends in (cleanup_highmap() in
 * arch/x86/mm/init_64.c, 6.18). Behind a bss comes .brk first, whose size no file tells.
 */
static void add_tail(const struct x86 *x, struct range window)
{
	u64 end = round_up(x->image_end, 2 * MIB);

	if (x->image_end_conf != CONF_EXACT)
		region_note(layout_add(x->s, KR_IMAGE_PART,
				       (struct range){ x->image_end, window.last }, CONF_BOUNDS,
				       X86_IMAGE_TAIL, "mm.rst"),
			    "brk and the rest of a 2 MiB page");
	else if (end > x->image_end)
		region_note(layout_add(x->s, KR_IMAGE_PART, range_of(x->image_end, end),
				       MAX(CONF_DERIVED, x->text.conf), X86_IMAGE_TAIL,
				       x->image_end_source),
			    "the rest of its last 2 MiB page");
}

void x86_add_image(const struct x86 *x)
{
	struct range window = range_of(X86_IMAGE, X86_IMAGE + x->image_window);
	const struct base *t = &x->text;
	const struct kiomem *m = &x->k->iomem;
	struct region *r;

	if (x->k->variant) {
		r = layout_add(x->s, KR_IMAGE, window, CONF_DEFAULT, "kernel image", "mm.rst");
		region_note(r, "1 GiB with CONFIG_RANDOMIZE_BASE, at random in it with KASLR");
		return;
	}
	if (t->have && x->image_end) {
		bool whole = x->image_end_conf == CONF_EXACT;

		r = layout_add(x->s, KR_IMAGE, range_of(t->v, x->image_end),
			       MAX(t->conf, x->image_end_conf),
			       whole ? "kernel image" : "kernel image up to bss", t->source);
		add_notes(x, r);
		if (r)
			add_parts(x);
		add_tail(x, window);
		return;
	}
	window.first = t->have ? t->v : x->link;
	r = layout_add(x->s, KR_IMAGE, window, CONF_BOUNDS, "kernel image",
		       t->have ? t->source : "mm.rst");
	if (m->have_code && m->have_bss && m->bss.last > m->code.first)
		region_note(r, "code to bss is %#llx bytes (iomem), .brk follows",
			    (unsigned long long)(m->bss.last - m->code.first + 1));
	if (t->have)
		region_note(r, "starts here (%s), its end is not known", conf_name(t->conf));
	add_notes(x, r);
}
