/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --ptes: a line a run of equal page-table entries, streamed: a process may have millions. The
 * look is that of --pages.
 */
#include "ptes_parts.h"

#include <stdlib.h>
#include <string.h>

/** Where the columns behind the size of an entry begin. */
enum {
	COL_ENTRIES = 9,
	COL_STATE = 2,
	COL_ACCESS = COL_STATE + 10,
	COL_BITS = COL_ACCESS + 6,
	COL_MEM = COL_BITS + 10,
	COL_KEY = COL_MEM + 7,
	COL_FRAMES = COL_KEY + 5,
};

/** Objects listed by what their tables take, without --verbose. */
#define OBJECTS_SHOWN 12

struct ptes_view {
	struct view v;
	const struct places *places;
	u32 vma; /**< whose runs are being listed */
	bool any;
	u32 seen; /**< flags that lines have shown: the legend names those */
	struct swap_seen swap;
};

/** Where the size of an entry ends. */
static unsigned size_end(const struct view *v)
{
	return v->c.user_addr + COL_ENTRIES + (v->o->bytes ? 14 : 6);
}

/* --- a line ----------------------------------------------------------------------------------- */

/** What an entry is, in a word. */
static const char *state_word(const struct pt_entry *e)
{
	static const struct {
		u32 flag;
		const char *word;
	} words[] = { { PT_PRESENT, "present" },     { PT_PROTNONE, "protnone" },
		      { PT_SPLITTING, "splitting" }, { PT_SWAP, "swapped" },
		      { PT_MIGRATION, "migrating" }, { PT_MARKER, "marker" },
		      { PT_HWPOISON, "poisoned" },   { PT_DEVICE, "device" } };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (e->flags & words[i].flag)
			return words[i].word;
	return "?";
}

static enum style state_style(const struct pt_entry *e)
{
	if (e->flags & PT_PRESENT)
		return STYLE_PLAIN;
	if (e->flags & PT_SWAP)
		return STYLE_STATE + PS_SWAPPED;
	if (e->flags & PT_MARKER && e->swap_offset & PT_MARKER_GUARD)
		return STYLE_STATE + PS_GUARD;
	return STYLE_STATE + PS_OTHER;
}

/** A letter for each bit in its place, `-` where it is clear. */
static void put_bits(struct row *r, u32 flags)
{
	static const struct {
		u32 flag;
		char letter;
	} bits[] = { { PT_USER, 'u' },	  { PT_ACCESSED, 'a' },	  { PT_DIRTY, 'd' },
		     { PT_GLOBAL, 'g' },  { PT_SOFT_DIRTY, 's' }, { PT_UFFD_WP, 'w' },
		     { PT_SPECIAL, 'p' }, { PT_CONT, 'c' },	  { PT_EXCLUSIVE, 'x' } };
	char t[ARRAY_SIZE(bits)];

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		t[i] = flags & bits[i].flag ? bits[i].letter : '-';
	row_ascii(r, t, sizeof(t));
}

static void put_number(struct row *r, const char *word, u64 v)
{
	row_str(r, word);
	row_hex(r, v, 1);
}

/** What a marker stands for; several may be set. */
static void put_marker(struct row *r, u64 bits)
{
	static const struct {
		u64 bit;
		const char *word;
	} words[] = { { PT_MARKER_GUARD, "guard" },
		      { PT_MARKER_UFFD_WP, "uffd-wp" },
		      { PT_MARKER_POISON, "poison" } };
	bool first = true;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!(bits & words[i].bit))
			continue;
		row_str(r, first ? "" : ",");
		row_str(r, words[i].word);
		first = false;
		bits &= ~words[i].bit;
	}
	if (bits || first)
		put_number(r, first ? "marker " : ",marker ", bits);
}

static void put_swap(struct ptes_view *pv, const struct pt_run *run)
{
	struct row *r = &pv->v.row;
	const struct pt_entry *e = &run->e;
	/* As pagemap would say it, for the table of areas. */
	u64 pm = PM_SWAPPED | e->swap_type | e->swap_offset << 5;
	char t[20];

	if (e->swap_type < 32)
		swap_see(&pv->swap, &pv->v, pv->places, pm);
	row_str(r, "swap");
	row_ascii(r, t, format_dec(t, e->swap_type));
	put_number(r, ":", e->swap_offset);
	if (run->n > 1)
		put_number(r, "-", e->swap_offset + run->n - 1);
}

/** PFNs from the first to the last of the run. */
static void put_frames(struct ptes_view *pv, const struct pt_run *run)
{
	struct row *r = &pv->v.row;
	u32 page = pv->v.s->host.page_size;
	u64 pages = run->n * run->e.size / page, pfn = run->e.pa / page;

	row_hex(r, pfn, 1);
	if (pages > 1)
		put_number(r, "-", pfn + pages - 1);
}

static void put_place(struct ptes_view *pv, const struct pt_run *run)
{
	struct row *r = &pv->v.row;
	const struct pt_entry *e = &run->e;

	if (e->flags & PT_PAGE)
		put_frames(pv, run);
	else if (e->flags & PT_SWAP)
		put_swap(pv, run);
	else if (e->flags & PT_MARKER)
		put_marker(r, e->swap_offset);
	else if (e->flags & PT_PFN_ENTRY) {
		row_hex(r, e->swap_offset, 1);
		if (e->flags & PT_MIGRATION)
			row_str(r, e->flags & PT_WRITE ? " was writable" : " was read-only");
	} else {
		put_number(r, "raw ", e->raw);
		if (e->swap_type || e->swap_offset) {
			put_number(r, " type ", e->swap_type);
			put_number(r, " offset ", e->swap_offset);
		}
	}
}

static void run_line(struct ptes_view *pv, const struct pt_run *run)
{
	static const char fits[] = {
		[PT_FIT_EQUAL] = ' ', [PT_FIT_NARROWER] = '<', [PT_FIT_WIDER] = '>'
	};
	struct row *r = &pv->v.row;
	const struct pt_entry *e = &run->e;
	unsigned x = size_end(&pv->v);
	char t[20], access[4];

	row_hex(r, e->va, pv->v.c.user_addr);
	row_right(r, t, format_dec(t, run->n), pv->v.c.user_addr + COL_ENTRIES);
	pt_put_size(r, e->size, pv->v.c.short_form, x);
	row_to(r, x + COL_STATE);
	row_style(r, state_style(e));
	row_str(r, state_word(e));
	row_style(r, STYLE_PLAIN);
	row_to(r, x + COL_ACCESS);
	pt_access_letters(access, e->flags & PT_PAGE ? e->flags : 0);
	access[3] = fits[run->fit];
	if (run->fit == PT_FIT_WIDER)
		row_style(r, STYLE_WARN);
	row_ascii(r, access, run->fit ? 4 : 3);
	row_style(r, STYLE_PLAIN);
	row_to(r, x + COL_BITS);
	put_bits(r, e->flags);
	if (e->flags & PT_PRESENT) {
		row_to(r, x + COL_MEM);
		row_str(r, pt_mem_name((enum pt_mem)e->mem));
		row_to(r, x + COL_KEY);
		row_ascii(r, t, format_dec(t, e->pkey));
	}
	row_to(r, x + COL_FRAMES);
	put_place(pv, run);
	if (pv->v.o->verbose && (e->flags & ~(u32)PT_ACCESS))
		put_number(r, "  raw ", e->raw);
	row_end(r);
}

int ptes_view_run(void *ctx, const struct pt_run *run)
{
	struct ptes_view *pv = ctx;
	struct view *v = &pv->v;

	if (!pv->any || run->vma != pv->vma) {
		pv->any = true;
		pv->vma = run->vma;
		if (run->vma != NO_INDEX) {
			mapping_heading(v, &v->s->vmas[run->vma]);
		} else {
			row_style(&v->row, STYLE_WARN);
			row_str(&v->row, "in no mapping");
			row_style(&v->row, STYLE_PLAIN);
			row_end(&v->row);
		}
	}
	pv->seen |= run->e.flags;
	run_line(pv, run);
	out_check(v->out);
	return v->out->err;
}

struct ptes_view *ptes_view_new(const struct space *s, const struct places *p,
				const struct view_opts *o, struct out *out)
{
	struct ptes_view *pv = xcalloc(1, sizeof(*pv));
	struct row *r;
	unsigned x;

	view_init(&pv->v, s, o, out);
	pv->places = p;
	title_draw(&pv->v);
	r = &pv->v.row;
	x = size_end(&pv->v);
	row_style(r, STYLE_DIM);
	row_str(r, "address");
	row_right(r, "entries", 7, pv->v.c.user_addr + COL_ENTRIES);
	row_right(r, "size", 4, x);
	row_to(r, x + COL_STATE);
	row_str(r, "state");
	row_to(r, x + COL_ACCESS);
	row_str(r, "rwx");
	row_to(r, x + COL_BITS);
	row_str(r, "uadgswpcx");
	row_to(r, x + COL_MEM);
	row_str(r, "memory");
	row_to(r, x + COL_KEY);
	row_str(r, "key");
	row_to(r, x + COL_FRAMES);
	row_str(r, "frames, swap");
	row_end(r);
	return pv;
}

/* --- what it comes to ------------------------------------------------------------------------- */

static void listed(struct ptes_view *pv, const struct ptes_walked *w)
{
	const struct pt_merger *m = w->merger;
	struct view *v = &pv->v;
	struct flow f;

	flow_begin(&f, v, "listed");
	flow_number(&f, "entries", FIG(m->entries));
	flow_number(&f, "in runs", FIG(m->runs));
	for (unsigned i = 0; i < w->levels; i++) {
		if (!m->present[i])
			continue;
		buf_clear(&v->name);
		buf_addf(&v->name, "by %s", w->level_names[i]);
		flow_size(&f, v->name.p, FIG(m->present[i]));
	}
	flow_size(&f, "not present", FIG(m->absent));
	flow_size(&f, "narrower than the mapping", FIG(m->narrower));
	if (m->wider)
		flow_size(&f, "WIDER than the mapping", FIG(m->wider));
	flow_end(&f);
	filter_draw(v, "");
	if (m->outside || m->wider) {
		flow_begin(&f, v, "changed");
		buf_clear(&v->text);
		buf_addf(&v->text,
			 "%llu entries lie in no mapping: the process changed while it was read",
			 (unsigned long long)m->outside);
		if (m->outside)
			flow_str(&f, v->text.p, STYLE_NOTE);
		if (m->wider)
			flow_str(&f,
				 "an entry that allows more than its mapping did was read "
				 "after or before mprotect()",
				 STYLE_NOTE);
		flow_end(&f);
	}
}

static void legend(struct ptes_view *pv)
{
	static const char letters[] =
		"u user, a accessed, d dirty, g global, s soft-dirty, w write-protected by "
		"userfaultfd, p special (no page to manage), c one of a contiguous block, x "
		"swapped "
		"out of this process alone";
	struct flow f;

	flow_begin(&f, &pv->v, "uadgswpcx");
	flow_words(&f, letters, sizeof(letters) - 1, STYLE_DIM);
	flow_end(&f);
	flow_begin(&f, &pv->v, "<");
	flow_str(&f,
		 "less than the mapping allows: not yet written, shared by copy-on-write, or "
		 "closed to see who uses it",
		 STYLE_DIM);
	flow_end(&f);
}

void pt_put_size(struct row *r, u64 bytes, enum size_form form, unsigned end)
{
	char t[SIZE_TEXT_MAX];

	if (!bytes)
		row_right(r, "?", 1, end);
	else
		row_right(r, t, format_size(t, bytes, form), end);
}

void pt_tables_draw(struct view *v, const struct pt_tables *t, const char *const *names,
		    unsigned levels, const char *source, u64 usec)
{
	const struct {
		u64 n;
		const char *what;
	} odd[] = { { t->unreadable, "could not be read" },
		    { t->changed, "changed while read, left out" },
		    { t->loops, "lead in a circle, not followed" },
		    { t->aliased, "entries lead to tables already listed" } };
	struct flow f;

	flow_begin(&f, v, "tables");
	for (unsigned i = levels; i-- > 0;)
		flow_number(&f, names[i], FIG(t->count[i]));
	flow_size(&f, "together", FIG(t->bytes));
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		if (!odd[i].n)
			continue;
		buf_clear(&v->text);
		buf_addf(&v->text, "%llu %s", (unsigned long long)odd[i].n, odd[i].what);
		flow_item(&f, v->text.p, v->text.len, STYLE_WARN);
	}
	if (v->o->filter)
		flow_str(&f, "whatever the filter", STYLE_DIM);
	buf_clear(&v->text);
	buf_addf(&v->text, "read through %s in %llu.%llu ms", source,
		 (unsigned long long)(usec / 1000), (unsigned long long)(usec / 100 % 10));
	flow_item(&f, v->text.p, v->text.len, STYLE_DIM);
	flow_end(&f);
}

/**
 * VmPTE: the kernel counts tables of PTEs, PMDs and PUDs (include/linux/mm.h, mm_inc_nr_ptes() and
 * the like, 4.15 to 6.18), not the levels above; and tables laid by for when a huge page is split.
 */
static void vmpte(struct ptes_view *pv, const struct ptes_walked *w)
{
	struct view *v = &pv->v;
	struct fig pte = space_status(v->s, "VmPTE"), pmd = space_status(v->s, "VmPMD");
	u64 page = v->s->host.page_size, found = 0, laid = w->merger->deposits * page;
	u64 said = pte.v + (pmd.have ? pmd.v : 0);
	struct flow f;

	if (!pte.have || !w->whole)
		return;
	for (unsigned i = 0; i < w->levels - 1u && i < 3; i++)
		found += w->tables->count[i] * page;
	flow_begin(&f, v, "VmPTE");
	flow_size(&f, "said", FIG(said));
	flow_size(&f, "found, without the top table, which it does not count", FIG(found));
	if (laid)
		flow_size(&f, "laid by for huge pages", FIG(laid));
	if (said > found + laid)
		flow_size(&f, "not found (freed, or changed while read)", FIG(said - found - laid));
	else if (said < found + laid)
		flow_size(&f, "more than said (made since)", FIG(found + laid - said));
	flow_end(&f);
}

/** An object and what its tables take, for sorting. */
struct spender {
	const struct pt_spent *spent;
	const char *name;
	size_t index;
};

static int by_bytes(const void *va, const void *vb)
{
	const struct spender *a = va, *b = vb;

	if (a->spent->bytes != b->spent->bytes)
		return a->spent->bytes > b->spent->bytes ? -1 : 1;
	return a->index < b->index ? -1 : a->index > b->index;
}

static void spender_line(struct ptes_view *pv, const struct ptes_walked *w,
			 const struct spender *sp)
{
	struct view *v = &pv->v;
	struct row *r = &v->row;
	char t[SIZE_TEXT_MAX];
	unsigned x = 2;

	row_right(r, t, format_size(t, sp->spent->bytes, v->c.size_form), 11);
	for (unsigned i = 0; i < w->levels; i++) {
		if (!sp->spent->tables[i])
			continue;
		row_skip(r, x);
		row_ascii(r, t, format_dec(t, sp->spent->tables[i]));
		row_str(r, " ");
		row_str(r, w->level_names[i]);
		x = 1;
	}
	row_skip(r, 2);
	row_text(r, sp->name, strlen(sp->name), MAX(v->o->width, row_at(r) + 16) - row_at(r),
		 ELIDE_START);
	row_end(r);
	out_check(v->out);
}

/** Has the object any mapping that the filter lets through? */
static bool object_is_asked(const struct view *v, const struct object *o)
{
	for (u32 i = o->vma; v->o->filter && i < o->vma + o->nvmas; i++)
		if (expr_match(v->o->filter, v->s, &v->s->vmas[i]))
			return true;
	return !v->o->filter;
}

/** A list would name each object; the tables over several, or under none, come last. */
static void by_object(struct ptes_view *pv, const struct ptes_walked *w)
{
	const struct pt_merger *m = w->merger;
	const struct space *s = pv->v.s;
	struct spender *list;
	size_t n = 0, shown;

	if (!m->objects)
		return;
	list = xcalloc(s->nobjects + 2, sizeof(*list));
	for (size_t i = 0; i < s->nobjects; i++) {
		const struct object *o = &s->objects[i];
		const char *name = vma_name(s, &s->vmas[o->vma]);

		if (!m->objects[i].bytes || !object_is_asked(&pv->v, o))
			continue;
		list[n] = (struct spender){ &m->objects[i], name, i };
		if (!*name)
			list[n].name = object_kind_name((enum object_kind)o->kind);
		n++;
	}
	qsort(list, n, sizeof(*list), by_bytes);
	shown = pv->v.o->verbose ? n : MIN(n, (size_t)OBJECTS_SHOWN);
	row_style(&pv->v.row, STYLE_BOLD);
	row_str(&pv->v.row, "tables by object");
	row_style(&pv->v.row, STYLE_PLAIN);
	row_end(&pv->v.row);
	for (size_t i = 0; i < shown; i++)
		spender_line(pv, w, &list[i]);
	if (shown < n) {
		struct pt_spent rest = { 0 };

		for (size_t i = shown; i < n; i++) {
			rest.bytes += list[i].spent->bytes;
			for (unsigned k = 0; k < w->levels; k++)
				rest.tables[k] += list[i].spent->tables[k];
		}
		spender_line(pv, w, &(struct spender){ &rest, "others (all with --verbose)", 0 });
	}
	if (m->shared.bytes && !pv->v.o->filter)
		spender_line(pv, w, &(struct spender){ &m->shared, "over several objects", 0 });
	if (m->empty.bytes && !pv->v.o->filter)
		spender_line(pv, w, &(struct spender){ &m->empty, "under no mapping", 0 });
	free(list);
}

void ptes_view_end(struct ptes_view *pv, const struct ptes_walked *w)
{
	struct view *v = &pv->v;

	row_end(&v->row);
	listed(pv, w);
	pt_tables_draw(v, w->tables, w->level_names, w->levels, w->source, w->usec);
	vmpte(pv, w);
	by_object(pv, w);
	legend(pv);
	swap_areas_draw(v, &pv->swap);
	root_draw(v, "physical frame numbers");
	v->hide_kernel_notes = true;
	notes_draw(v);
	view_release(v);
	free(pv);
}
