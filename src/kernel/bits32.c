/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What i386 and arm have in common: the split, lowmem, high memory. */
#include "bits32.h"

#include <string.h>

/** More RAM ranges than this are told by number only. */
#define RAM_PARTS_MAX 64

void choice_take(struct space *s, struct choice *c, bool yes, const char *source, const char *what)
{
	if (c->have && c->yes != yes && s)
		space_note(s, NOTE_CONFLICT, source, 0, NULL, "says %s%s, but %s says %s",
			   yes ? "" : "no ", what, c->source, c->yes ? "yes" : "no");
	else if (!c->have)
		*c = (struct choice){ true, yes, source };
}

bool start_half(const struct bits32 *b, u64 start)
{
	struct space *s = b->s;
	struct fig high = highest_mapping(s);

	if (high.have && high.v >= start) {
		space_note(s, NOTE_CONFLICT, "maps", 0, NULL,
			   "a mapping up to %08llx, but the kernel half starts at %08llx (%s):"
			   " not drawn",
			   (unsigned long long)high.v, (unsigned long long)start,
			   b->page_offset.source);
		return false;
	}
	s->kernel = (struct range){ start, END_32 - 1 };
	/* The better source says so; base_take() has told that they differ. */
	if (s->user_conf != CONF_UNKNOWN && s->user.last >= start) {
		s->user.last = start - 1;
		s->user_conf = worse(CONF_DERIVED, b->page_offset.conf);
		s->user_source = b->page_offset.source;
	}
	s->host.levels = b->wide.have ? b->wide.yes ? 3 : 2 : 0;
	return true;
}

/** HighTotal is printed whether there is any or not (fs/proc/meminfo.c). */
void find_highmem(struct bits32 *b)
{
	const struct kfacts *k = b->k;

	if (k->mem.high_total.have || k->mem.total.have)
		choice_take(b->s, &b->highmem, k->mem.high_total.have, "meminfo", "HIGHMEM");
	if (k->config.highmem.have)
		choice_take(b->s, &b->highmem, k->config.highmem.v, "config", "HIGHMEM");
}

/* --- PAGE_OFFSET -------------------------------------------------------------------------------
 */

bool page_offset_32(const struct kfacts *k, const struct space *s, u64 most, struct base *ret)
{
	/* VMSPLIT_3G, 3G_OPT, 2G, 2G_OPT, 1G (arch/x86/Kconfig, arch/arm/Kconfig) */
	static const u64 choices[] = { 0xc0000000, 0xb0000000, 0x80000000, 0x78000000, 0x40000000 };
	const struct fig *text = k->syms.text.have ? &k->syms.text : &k->syms.stext;
	struct fig high = highest_mapping(s);
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		if (k->config.page_offset.have && k->config.page_offset.v == choices[i]) {
			/* config.gz is that of the kernel that runs. */
			bool own = k->config.source && !strcmp(k->config.source, "config.gz");

			*ret = (struct base){ choices[i], true, own ? CONF_EXACT : CONF_DERIVED,
					      "config" };
			return true;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		if (!text->have || text->v < choices[i] || text->v - choices[i] >= most ||
		    (high.have && high.v >= choices[i]))
			continue;
		if (!n++)
			*ret = (struct base){ choices[i], true, CONF_DERIVED, "kallsyms" };
		else
			ret->conf = CONF_DEFAULT;
	}
	return n;
}

/** KASAN_SHADOW_START (arch/arm/include/asm/kasan_def.h, 5.11): the shadow of its own end. */
u64 arm_kasan_start(const struct kfacts *k)
{
	u64 offset = k->config.kasan_offset.v, end = offset + END_32 / 8;

	if (!config_is(k->config.kasan, true) || !k->config.kasan_offset.have || end >= END_32)
		return 0;
	return end / 8 + offset;
}

/* --- the other bases ------------------------------------------------------------------------- */

void bases_from_log(struct bits32 *b)
{
	static const char log[] = "kernel log";
	const struct kbootmsg *m = &b->k->boot;
	struct range r;

	if (bootmsg_range(m, "lowmem", &r) && sane_page_offset(r.first) && r.last < END_32) {
		base_take(b->s, &b->page_offset, r.first, CONF_EXACT, log, "lowmem");
		base_take(b->s, &b->high_memory, r.last + 1, CONF_EXACT, log, "lowmem's end");
	}
	if (bootmsg_range(m, "vmalloc", &r) && sane_32(r.first) && r.last < END_32) {
		base_take(b->s, &b->vmalloc, r.first, CONF_EXACT, log, "vmalloc");
		base_take(b->s, &b->vmalloc_end, r.last + 1, CONF_EXACT, log, "vmalloc's end");
	}
}

void lowmem_end(struct bits32 *b)
{
	const struct kfacts *k = b->k;
	const struct fig *total = &k->mem.vmalloc_total_kib, *low = &k->mem.low_end;
	u64 v;

	if (b->page_offset.have && b->phys.have && low->have && low->v > b->phys.v) {
		v = b->page_offset.v + (low->v - b->phys.v);
		if (sane_32(v))
			base_take(b->s, &b->high_memory, v,
				  worse(CONF_DERIVED, worse(b->page_offset.conf, b->phys.conf)),
				  "zoneinfo", "lowmem's end");
	}
	if (b->vmalloc.have && total->have && total->v < END_32 / KIB) {
		v = b->vmalloc.v + total->v * KIB;
		if (sane_32(v))
			base_take(b->s, &b->vmalloc_end, v, worse(CONF_DERIVED, b->vmalloc.conf),
				  "meminfo", "vmalloc's end");
	}
}

/* --- lowmem -----------------------------------------------------------------------------------
 */

struct low_part low_part(const struct bits32 *b, struct range pa, const char *name, u8 perms)
{
	u64 to = b->page_offset.v - b->phys.v;
	const struct host *h = &b->s->host;
	bool known = !b->k->cmdline.rodata_off;

	/* On x86 what cannot be marked no-execute can be executed. */
	if (h->nx_known && !h->nx)
		perms |= PERM_X;
	else if (b->k->cpu.nx.have && !h->nx_known)
		known = false;
	return (struct low_part){
		.r = { pa.first + to, pa.last + to },
		.name = name,
		.perms = perms,
		.perms_known = known,
		.physical = pa.first,
		.conf = worse(b->page_offset.conf, b->phys.conf),
		.source = "iomem",
	};
}

static void add_image_part(const struct bits32 *b, const struct low_part *p)
{
	struct region *r = layout_add_part(b->s, KR_IMAGE_PART, p->r, p->conf, p->name, p->source);

	if (!r)
		return;
	r->phys = FIG(p->physical);
	region_note(r, "physical %llx", (unsigned long long)p->physical);
	if (!p->perms_known)
		return;
	/* Only page tables would prove them. */
	r->perms = p->perms;
	r->perms_conf = CONF_DEFAULT;
}

static void add_ram(const struct bits32 *b, u64 first, u64 last, bool between)
{
	struct region *r;
	u64 to = b->phys.v - b->page_offset.v;

	/* What shares a page with a part is no part of its own. */
	first = (first + PAGE_32 - 1) / PAGE_32 * PAGE_32;
	if (first > last || last - first < PAGE_32 - 1)
		return;
	r = layout_add_part(b->s, KR_DIRECT_MAP, (struct range){ first, last },
			    worse(between ? CONF_DERIVED : CONF_EXACT,
				  worse(b->page_offset.conf, b->phys.conf)),
			    between ? b->between : "RAM", "iomem");
	if (r)
		r->phys = FIG(first + to);
	region_note(r, "physical %llx-%llx", (unsigned long long)(first + to),
		    (unsigned long long)(last + to));
}

/** One range of RAM at its virtual address, with the image's parts cut out. */
static void add_range(const struct bits32 *b, struct range r, const struct low_part *parts,
		      size_t n)
{
	u64 at = r.first;
	bool image = false;

	for (size_t i = 0; i < n; i++) {
		const struct low_part *p = &parts[i];

		if (p->r.first < at || p->r.last > r.last || p->r.first > p->r.last)
			continue;
		if (p->r.first > at)
			add_ram(b, at, p->r.first - 1, image);
		add_image_part(b, p);
		image = true;
		at = p->r.last + 1;
	}
	if (at <= r.last)
		add_ram(b, at, r.last, false);
}

/** Whole pages of RAM range `i` inside lowmem, at their virtual address. */
static bool low_ram(const struct bits32 *b, size_t i, struct range *ret)
{
	const struct range *ram = &b->k->iomem.ram[i];
	struct range low = { b->phys.v, b->phys.v + (b->high_memory.v - b->page_offset.v - 1) };
	struct range r;

	if (!range_intersect(*ram, low, &r))
		return false;
	r.first = (r.first + PAGE_32 - 1) / PAGE_32 * PAGE_32;
	if (r.last - r.first >= END_32 || r.first + PAGE_32 - 1 > r.last)
		return false;
	r.last = (r.last + 1) / PAGE_32 * PAGE_32 - 1;
	*ret = (struct range){ r.first - b->phys.v + b->page_offset.v,
			       r.last - b->phys.v + b->page_offset.v };
	return true;
}

static void add_parts(const struct bits32 *b, const struct low_part *parts, size_t n,
		      u64 legacy_end)
{
	size_t nram = b->k->iomem.nram;
	struct range r;

	if (!nram || nram > RAM_PARTS_MAX) {
		for (size_t i = 0; i < n; i++)
			add_image_part(b, &parts[i]);
		return;
	}
	for (size_t i = 0; i < nram; i++) {
		if (!low_ram(b, i, &r) || r.last < legacy_end)
			continue;
		r.first = MAX(r.first, legacy_end);
		add_range(b, r, parts, n);
	}
}

static void add_first_mib(const struct bits32 *b, u64 end)
{
	const struct base *po = &b->page_offset;
	struct region *r;

	if (!b->k->iomem.nram || b->k->iomem.nram > RAM_PARTS_MAX)
		return;
	r = layout_add_part(b->s, KR_DIRECT_MAP, range_of(po->v, end), po->conf, "first MiB",
			    "iomem");
	if (r)
		r->phys = FIG(b->phys.v);
	region_note(r, "all of it mapped, RAM or not");
}

static void lowmem_notes(const struct bits32 *b, struct region *r)
{
	struct range ram;
	u64 used = 0, n = 0;

	for (size_t i = 0; i < b->k->iomem.nram; i++) {
		if (!low_ram(b, i, &ram))
			continue;
		used += range_size(ram);
		n++;
	}
	if (n) {
		r->used = FIG(used);
		region_note(r, "direct map of RAM in %llu range%s", (unsigned long long)n,
			    n == 1 ? "" : "s");
	} else {
		region_note(r, "direct map of RAM");
	}
	if (b->phys.have) {
		r->phys = FIG(b->phys.v);
		region_note(r, "physical %llx-%llx", (unsigned long long)b->phys.v,
			    (unsigned long long)(b->phys.v + (r->last - r->first)));
	}
	/* RAM, and all of the first MiB. */
	note_direct_pages(b->k, b->s, r, n ? used + MIB : r->last - r->first + 1);
}

static void add_hole(const struct bits32 *b)
{
	const struct base *high = &b->high_memory, *v = &b->vmalloc;
	bool by_vmalloc = v->conf > high->conf;
	struct region *r;

	if (!v->have || v->v <= high->v)
		return;
	r = layout_add(b->s, KR_GUARD, range_of(high->v, v->v), worse(high->conf, v->conf),
		       "guard hole", by_vmalloc ? v->source : high->source);
	region_note(r, "VMALLOC_OFFSET, never mapped");
}

void add_lowmem(const struct bits32 *b, const struct low_part *parts, size_t n, bool first_mib)
{
	const struct base *po = &b->page_offset, *high = &b->high_memory;
	struct region *r;
	u64 end = b->vmalloc.have ? b->vmalloc.v : b->limit;

	if (!high->have || high->v <= po->v) {
		if (end > po->v)
			r = layout_add(b->s, KR_DIRECT_MAP, range_of(po->v, end), CONF_BOUNDS,
				       "lowmem", po->source);
		else
			r = NULL;
		region_note(r, "direct map of RAM; starts here (%s), its end is not known",
			    conf_name(po->conf));
		return;
	}
	r = layout_add(b->s, KR_DIRECT_MAP, range_of(po->v, high->v), worse(po->conf, high->conf),
		       "lowmem",
		       high->conf > po->conf || po->conf < CONF_DEFAULT ? high->source
									: po->source);
	if (!r)
		return;
	if (b->k->variant) {
		region_note(r, "direct map of RAM, as much as there is up to this size");
		region_note(r, "the kernel image is in it, from %s", b->image);
	} else {
		lowmem_notes(b, r);
		end = first_mib && high->v - po->v > MIB ? po->v + MIB : po->v;
		if (end > po->v)
			add_first_mib(b, end);
		if (b->phys.have)
			add_parts(b, parts, n, end);
	}
	add_hole(b);
}

void add_image_32(const struct bits32 *b, u64 most)
{
	const struct ksyms *y = &b->k->syms;
	const struct fig *text = y->text.have ? &y->text : &y->stext;
	struct range r = { b->page_offset.v, b->page_offset.v + most - 1 };
	struct region *g;

	if (b->k->variant)
		return;
	if (y->text.have && range_has(r, y->text.v))
		r.first = y->text.v;
	g = layout_add(b->s, KR_IMAGE, r, CONF_BOUNDS, "kernel image",
		       text->have ? "kallsyms" : b->doc);
	if (text->have)
		region_note(g, "%s at %08llx, its end is not known",
			    y->text.have ? "_text" : "_stext", (unsigned long long)text->v);
}

struct region *add_vmalloc(const struct bits32 *b)
{
	const struct base *v = &b->vmalloc, *end = &b->vmalloc_end;
	const struct fig *total = &b->k->mem.vmalloc_total_kib;
	struct region *r;

	if (v->have && end->have && end->v > v->v)
		return layout_add(b->s, KR_VMALLOC, range_of(v->v, end->v),
				  worse(v->conf, end->conf), "vmalloc",
				  end->conf >= v->conf ? end->source : v->source);
	r = layout_add(b->s, KR_VMALLOC, (struct range){ b->page_offset.v, b->limit - 1 },
		       CONF_BOUNDS, "vmalloc", b->doc);
	if (r && total->have && total->v && total->v < END_32 / KIB)
		r->size = FIG(total->v * KIB);
	return r;
}

/* --- facts -------------------------------------------------------------------------------------
 */

static void fact_split(const struct bits32 *b)
{
	static const struct {
		u64 offset;
		const char *name;
	} names[] = { { 0xc0000000, "VMSPLIT_3G: " },
		      { 0xb0000000, "VMSPLIT_3G_OPT: " },
		      { 0x80000000, "VMSPLIT_2G: " },
		      { 0x78000000, "VMSPLIT_2G_OPT: " },
		      { 0x40000000, "VMSPLIT_1G: " } };
	const char *name = "";
	u64 start = b->s->kernel.first;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].offset == b->page_offset.v)
			name = names[i].name;
	space_add_fact(b->s, b->page_offset.source,
		       "%sPAGE_OFFSET %08llx, user half %s, kernel half %s", name,
		       (unsigned long long)b->page_offset.v, size_words(start).t,
		       size_words(END_32 - start).t);
}

static void fact_highmem(const struct bits32 *b)
{
	const struct fig *high = &b->k->mem.high_total;

	if (!b->highmem.have)
		return;
	if (!b->highmem.yes)
		space_add_fact(b->s, b->highmem.source,
			       "no HIGHMEM: RAM that does not fit into lowmem is not used");
	else if (high->have && high->v)
		space_add_fact(b->s, "meminfo",
			       "HIGHMEM: %s of RAM are outside lowmem, mapped page by page through"
			       " pkmap and fixmap",
			       size_words(high->v).t);
	else if (high->have)
		space_add_fact(b->s, "meminfo", "HIGHMEM is built in, but all RAM is in lowmem");
}

void facts_32(const struct bits32 *b, const char *wide_name)
{
	fact_split(b);
	if (b->wide.have)
		space_add_fact(b->s, b->wide.source, "%u-level paging, %s%s, entries of %u bytes",
			       b->wide.yes ? 3 : 2, b->wide.yes ? "" : "no ", wide_name,
			       b->wide.yes ? 8 : 4);
	fact_highmem(b);
	if (!b->k->variant)
		facts_common(b->k, b->s);
}
