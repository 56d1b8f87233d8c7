/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Details of the kernel half: regions, their parts, areas, modules, sections, RAM. */
#include <stdio.h>
#include <string.h>

#include "../model/kmap.h"
#include "../render/words.h"
#include "columns.h"
#include "facts.h"
#include "list.h"
#include "minimap.h"

/** Most parts of a region, and callers, that are told one by one. */
#define PARTS_MAX   64
#define CALLERS_MAX 12

static struct range region_range(const struct region *r)
{
	return (struct range){ r->first, r->last };
}

/* --- regions ---------------------------------------------------------------------------------- */

static const char *perms_source(const struct region *r)
{
	switch (r->perms_conf) {
	case CONF_EXACT:
		return "read from page tables";
	case CONF_UNKNOWN:
		return "only page tables tell: kcore, or --bpf, opens them";
	default:
		return "as the kernel sets it up, not read";
	}
}

static void say_perms(struct facts *f, const struct region *r)
{
	if (r->perms_conf == CONF_UNKNOWN)
		facts_say(f, "perms", "? (%s)", perms_source(r));
	else
		facts_say(f, "perms", "%c%c%c%s (%s, %s)", r->perms & PERM_R ? 'r' : '-',
			  r->perms & PERM_W ? 'w' : '-', r->perms & PERM_X ? 'x' : '-',
			  r->perms_conf == CONF_EXACT ? "" : "~", conf_name(r->perms_conf),
			  perms_source(r));
}

static void say_interval(struct facts *f, const struct space *s, const struct region *r)
{
	unsigned n = 0;
	char size[SIZE_TEXT_MAX];

	for (size_t i = 0; i < s->nregions; i++)
		n += s->regions[i].conf == CONF_BOUNDS && s->regions[i].order;
	facts_say(f, "place", "somewhere in %llx-%llx", (unsigned long long)r->first,
		  (unsigned long long)r->last);
	if (r->order)
		facts_say(f, "", "%u of %u such from below", r->order, n);
	size_text(size, r->size.v);
	facts_str(f, "size", r->size.have ? size : "?");
}

/** Its parts, a line each, highest first. */
static void say_parts(struct facts *f, const struct space *s, const struct region *r)
{
	size_t i = (size_t)(r - s->regions) + 1, n = 0, told = 0;
	char size[SIZE_TEXT_MAX];

	while (i + n < s->nregions && s->regions[i + n].depth > r->depth)
		n++;
	while (n-- > 0) {
		const struct region *part = &s->regions[i + n];

		if (++told > PARTS_MAX) {
			facts_say(f, "", "and %zu more", n + 1);
			return;
		}
		size[format_size(size, range_size(region_range(part)), SIZE_SHORT)] = '\0';
		facts_say(f, told == 1 ? "parts" : "", "%llx %6s %c%c%c%c %s",
			  (unsigned long long)part->first, size,
			  part->perms_conf == CONF_UNKNOWN ? '?'
			  : part->perms & PERM_R	   ? 'r'
							   : '-',
			  part->perms_conf == CONF_UNKNOWN ? ' '
			  : part->perms & PERM_W	   ? 'w'
							   : '-',
			  part->perms_conf == CONF_UNKNOWN ? ' '
			  : part->perms & PERM_X	   ? 'x'
							   : '-',
			  part->perms_conf == CONF_EXACT || part->perms_conf == CONF_UNKNOWN ? ' '
											     : '~',
			  part->name);
	}
}

/** Of the direct map it counts other things than of its RAM. */
static void say_used(struct facts *f, const struct region *r)
{
	char size[SIZE_TEXT_MAX];

	if (!r->used.have)
		return;
	size_text(size, r->used.v);
	facts_str(f, "used", size);
	if (r->kind == KR_DIRECT_MAP)
		facts_str(f, "",
			  "RAM behind it, free frames as well; \"not free\" of the RAM "
			  "inside leaves those out");
}

/** RAM of MemTotal that no zone manages: as much more is "not free" than what free(1) has in use.
 */
static void say_unmanaged(struct facts *f, const struct space *s)
{
	char size[SIZE_TEXT_MAX];

	if (!s->kmap || !s->kmap->mem.managed.have || !s->kmap->mem.total.have ||
	    s->kmap->mem.managed.v >= s->kmap->mem.total.v)
		return;
	size_text(size, s->kmap->mem.total.v - s->kmap->mem.managed.v);
	facts_say(f, "zones",
		  "%s of RAM not managed: in MemTotal, but in no zone, as it was not given to the "
		  "allocator; its frames have no flag, and are \"not free\" as well",
		  size);
}

/**
 * Whose areas they are can be told by their addresses alone. False: those of vmalloc and modules
 * are listed together, with vmalloc.
 */
static bool callers_placed(struct facts *f, const struct kmap *m, const struct region *r)
{
	if (m->area_addr == KADDR_REAL && r->conf < CONF_BOUNDS)
		return true;
	facts_str(f, "callers",
		  m->area_addr == KADDR_REAL
			  ? "? (where the region lies is not known: areas cannot be told apart)"
			  : "? (addresses are hidden: kptr_restrict, CAP_SYSLOG)");
	facts_str(f, "",
		  r->kind == KR_VMALLOC ? "vmalloc and modules together:"
					: "vmalloc lists those of both together");
	return false;
}

/** Who has most of what vmallocinfo lists in it. */
static void say_callers(struct facts *f, const struct space *s, const struct region *r)
{
	const struct kmap *m = s->kmap;
	struct range in = region_range(r);
	char size[SIZE_TEXT_MAX];
	unsigned told = 0;

	if (!m || !m->ngroups || (r->kind != KR_VMALLOC && r->kind != KR_MODULES))
		return;
	if (!callers_placed(f, m, r)) {
		if (r->kind == KR_MODULES)
			return;
		in = RANGE_ALL;
		told = 1;
	}
	for (size_t i = 0; i < m->ngroups && told < CALLERS_MAX; i++) {
		struct karea_sum sum = kmap_group_sum(m, &m->groups[i], in);
		const char *who = strtab_get(&s->names, m->groups[i].function);
		const char *kind = karea_kind_name((enum karea_kind)m->groups[i].kind);

		if (!sum.count)
			continue;
		size[format_size(size, sum.bytes, SIZE_SHORT)] = '\0';
		facts_say(f, told++ ? "" : "callers", "%6s  %llu area%s  %s%s%s", size,
			  (unsigned long long)sum.count, sum.count == 1 ? "" : "s",
			  *who ? who : kind, *who ? ": " : "", *who ? kind : "");
	}
}

void facts_region(struct facts *f, const struct tui *t, u32 region)
{
	const struct space *s = &t->snap->space;
	const struct region *r = &s->regions[region];
	bool bounds = r->conf == CONF_BOUNDS && r->kind != KR_MODULE;
	struct buf b = { 0 };

	facts_add(f, "name", STYLE_BOLD, r->name, strlen(r->name));
	if (bounds)
		say_interval(f, s, r);
	else
		facts_range(f, region_range(r));
	region_known_by(&b, r);
	facts_add(f, "known by", STYLE_CONF + r->conf, b.p, b.len);
	buf_release(&b);
	if (r->kind != KR_UNUSED)
		say_perms(f, r);
	say_used(f, r);
	if (r->kind == KR_DIRECT_MAP && !r->depth)
		say_unmanaged(f, s);
	if (r->phys.have)
		facts_say(f, "physical", "%llx (its first byte)", (unsigned long long)r->phys.v);
	if (r->note)
		facts_add(f, "note", STYLE_NOTE, r->note, strlen(r->note));
	say_parts(f, s, r);
	say_callers(f, s, r);
}

/* --- what lies inside ------------------------------------------------------------------------- */

static const char *address_state(enum kaddr state)
{
	return state == KADDR_HASHED  ? "? (the kernel prints hashes: kptr_restrict)"
	       : state == KADDR_ZEROS ? "? (hidden: kptr_restrict, CAP_SYSLOG)"
				      : "?";
}

#define UNPURGED_WORDS                                                                             \
	"freed: it has no memory, but its addresses are kept until all "                           \
	"CPUs have forgotten them (one flush of the TLB for many areas)"

/** All areas that were freed, in one row, where their addresses are hidden. */
static void say_unpurged(struct facts *f, const struct space *s)
{
	const struct karea_sum *sum = &s->kmap->kind[KAREA_UNPURGED];
	char size[SIZE_TEXT_MAX];

	facts_say(f, "kind", "%s: %llu area%s", karea_kind_name(KAREA_UNPURGED),
		  (unsigned long long)sum->count, sum->count == 1 ? "" : "s");
	facts_str(f, "", UNPURGED_WORDS);
	facts_str(f, "address", address_state(s->kmap->area_addr));
	size_text(size, sum->bytes);
	facts_say(f, "size", "%s together, guard pages included", size);
	facts_str(f, "known by", "exact (vmallocinfo)");
}

static void say_area(struct facts *f, const struct space *s, const struct item *it)
{
	const struct kmap *m = s->kmap;
	const struct karea *a = &m->areas[it->index];
	const char *caller = strtab_get(&s->names, a->caller);
	char size[SIZE_TEXT_MAX];
	struct buf b = { 0 };

	facts_add(f, "made by", STYLE_BOLD, *caller ? caller : "?", *caller ? strlen(caller) : 1);
	facts_str(f, "kind", karea_kind_name((enum karea_kind)a->kind));
	if (a->kind == KAREA_UNPURGED)
		facts_str(f, "", UNPURGED_WORDS);
	if (item_placed(it))
		facts_range(f, it->r);
	else
		facts_str(f, "address", address_state(m->area_addr));
	size_text(size, a->size);
	facts_say(f, "size", "%s, guard page included where there is one", size);
	if (a->have & KAREA_PAGES) {
		size_text(size, a->pages * s->host.page_size);
		facts_say(f, "pages", "%llu (%s)%s", (unsigned long long)a->pages, size,
			  a->have & KAREA_VPAGES ? ", their list is in vmalloc too" : "");
	}
	if (a->have & KAREA_PHYS)
		facts_say(f, "physical", "%llx", (unsigned long long)a->phys);
	for (unsigned i = 0; i < a->nnodes; i++)
		buf_addf(&b, "%snode %u: %llu pages", i ? ", " : "", m->nodes[a->nodes + i].node,
			 (unsigned long long)m->nodes[a->nodes + i].pages);
	facts_buf(f, "nodes", &b);
	buf_release(&b);
	facts_str(f, "known by", "exact (vmallocinfo)");
}

static void say_module(struct facts *f, const struct space *s, const struct item *it)
{
	const struct kmap *m = s->kmap;
	const struct kmodule *mod = &m->modules[it->index];
	char size[SIZE_TEXT_MAX], init[SIZE_TEXT_MAX];

	facts_add(f, "name", STYLE_BOLD, mod->name, strlen(mod->name));
	facts_say(f, "kind", "module, %s", kmodule_state_name((enum kmodule_state)mod->state));
	if (item_placed(it) && mod->last_source) {
		facts_range(f, it->r);
		facts_say(f, "", "its end from %s", mod->last_source);
	} else if (item_placed(it)) {
		facts_say(f, "address", "%llx, where its code begins; its end is not known",
			  (unsigned long long)mod->addr);
	} else {
		facts_str(f, "address", address_state(m->module_addr));
	}
	size_text(size, mod->size);
	facts_say(f, "size", "%s in all its areas", size);
	if (mod->coresize.have && mod->initsize.have) {
		size_text(size, mod->coresize.v);
		size_text(init, mod->initsize.v);
		facts_say(f, "", "core %s, init %s", size, init);
	}
	if (mod->refs.have)
		facts_say(f, "used", "%llu time%s", (unsigned long long)mod->refs.v,
			  mod->refs.v == 1 ? "" : "s");
	else
		facts_str(f, "used", "?");
	facts_str(f, "used by", strtab_get(&s->names, mod->users));
	facts_str(f, "taints", strtab_get(&s->names, mod->taints));
	if (mod->nsections)
		facts_say(f, "sections", "%zu (Enter lists them)", mod->nsections);
	facts_str(f, "known by", "exact (modules)");
}

static void say_section(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	const struct kmodule *mod = &s->kmap->modules[it->parent];
	const char *name = strtab_get(&s->names, mod->sections[it->index].name);
	struct range r;

	facts_add(f, "name", STYLE_BOLD, name, strlen(name));
	facts_say(f, "kind", "section of module %s", mod->name);
	if (kernel_section_range(t->snap, it->parent, it->index, &r)) {
		facts_range(f, r);
		facts_str(f, "", "to where the next begins: padding included");
	} else {
		facts_say(f, "address", "%llx, its end is not known", (unsigned long long)r.first);
	}
	facts_str(f, "known by", "exact (/sys/module)");
}

/** What the frames of a stretch of RAM are used for, most first. */
static void say_tally(struct facts *f, const struct space *s, const struct frame_tally *tally)
{
	bool told[FS_NSTATES] = { false }, estimate = tally->seen < tally->last - tally->first + 1;
	char size[1 + SIZE_TEXT_MAX];

	for (unsigned n = 0; n < FS_NSTATES; n++) {
		int best = -1;

		for (int st = 0; st < FS_NSTATES; st++)
			if (!told[st] && tally->state[st] &&
			    (best < 0 || tally->state[st] > tally->state[best]))
				best = st;
		if (best < 0)
			return;
		told[best] = true;
		size[0] = '~';
		size_text(size + estimate,
			  frame_tally_estimate(tally, (enum frame_state)best) * s->host.page_size);
		facts_say(f, n ? "" : "frames", "%9s  %s", size,
			  frame_state_name((enum frame_state)best));
	}
}

/** What a state means whose name does not say it. */
static void say_states(struct facts *f, const struct frame_tally *tally)
{
	if (tally->state[FS_KERNEL])
		facts_str(f, "no flag",
			  "kpageflags has nothing on them: the kernel's own, such as vmalloc, "
			  "stacks, buffers of drivers; or free on a list of one CPU");
	if (tally->state[FS_RESERVED])
		facts_str(f, "reserved",
			  "never given to the page allocator: kernel image, memmap, firmware");
}

static void say_ram(struct facts *f, const struct space *s, const struct item *it)
{
	const struct kframes *k = &s->kmap->frames[it->index];
	char size[SIZE_TEXT_MAX];

	size_text(size, range_size(k->phys));
	facts_say(f, "RAM", "physical %llx-%llx  %s", (unsigned long long)k->phys.first,
		  (unsigned long long)k->phys.last + 1, size);
	facts_range(f, it->r);
	facts_str(f, "", "in the direct map");
	if (s->kmap->frames_every > 1)
		facts_say(f, "estimated", "one frame in %llu was looked at",
			  (unsigned long long)s->kmap->frames_every);
	say_tally(f, s, &k->tally);
	say_states(f, &k->tally);
	if (k->tally.state[FS_KERNEL])
		say_unmanaged(f, s);
	facts_str(f, "known by", "iomem, kpageflags");
}

void facts_inside(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;

	if (kernel_item_is_unpurged(s->kmap, it))
		say_unpurged(f, s);
	else if (it->kind == ITEM_AREA)
		say_area(f, s, it);
	else if (it->kind == ITEM_MODULE)
		say_module(f, s, it);
	else if (it->kind == ITEM_SECTION)
		say_section(f, t, it);
	else
		say_ram(f, s, it);
}

/* --- the half --------------------------------------------------------------------------------- */

void facts_kernel_half(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	unsigned conf[CONF_UNKNOWN + 1] = { 0 }, n = 0;
	struct buf b = { 0 };

	for (size_t i = 0; i < s->nregions; i++)
		if (!s->regions[i].depth && s->regions[i].kind != KR_UNUSED) {
			conf[s->regions[i].conf]++;
			n++;
		}
	facts_add(f, "name", STYLE_BOLD, "the kernel half", 15);
	facts_range(f, it->r);
	if (s->host.release)
		facts_say(f, "kernel", "Linux %s %s", s->host.release,
			  s->host.machine ? s->host.machine : "");
	if (s->host.levels)
		facts_say(f, "paging", "%u levels, pages of %u bytes", s->host.levels,
			  s->host.page_size);
	for (unsigned c = 0; c <= CONF_UNKNOWN; c++)
		if (conf[c])
			buf_addf(&b, "%s%u %s", b.len ? ", " : "", conf[c], conf_name(c));
	facts_say(f, "regions", "%u: %s", n, b.p ? b.p : "none");
	buf_clear(&b);
	for (size_t i = 0; i < s->nfacts; i++) {
		buf_addstr(&b, s->facts[i].text);
		if (s->facts[i].source && *s->facts[i].source)
			buf_addf(&b, " (%s)", s->facts[i].source);
		facts_buf(f, i ? "" : "facts", &b);
	}
	minimap_legend(&b, t->ascii);
	facts_buf(f, "map", &b);
	buf_release(&b);
	facts_notes(f, s, true);
}
