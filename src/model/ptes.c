/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entries of page tables put together: ranges of the kernel half, runs of a process. */
#include "ptes.h"

#include <stdlib.h>
#include <string.h>

const char *pt_mem_name(enum pt_mem m)
{
	static const char *const names[PT_MEM_N] = {
		[PT_MEM_UNKNOWN] = "?",	    [PT_MEM_WB] = "WB",	  [PT_MEM_WT] = "WT",
		[PT_MEM_WP] = "WP",	    [PT_MEM_WC] = "WC",	  [PT_MEM_UC_MINUS] = "UC-",
		[PT_MEM_UC] = "UC",	    [PT_MEM_NC] = "NC",	  [PT_MEM_TAGGED] = "tagged",
		[PT_MEM_DEVICE] = "device", [PT_MEM_PMA] = "PMA",
	};

	return m < PT_MEM_N ? names[m] : names[PT_MEM_UNKNOWN];
}

void pt_access_letters(char t[static 3], u32 flags)
{
	t[0] = flags & PT_READ ? 'r' : '-';
	t[1] = flags & PT_WRITE ? 'w' : '-';
	t[2] = flags & PT_EXEC ? 'x' : '-';
}

/* --- ranges ----------------------------------------------------------------------------------- */

void pt_ranges_release(struct pt_ranges *r)
{
	free(r->v);
	*r = (struct pt_ranges){ 0 };
}

static bool same_kind(const struct pt_range *a, const struct pt_range *b)
{
	return a->flags == b->flags && a->page == b->page && a->mem == b->mem &&
	       a->level == b->level && a->aliases == b->aliases && a->have_pa == b->have_pa;
}

static u64 bytes_of(const struct pt_range *r)
{
	return r->last - r->first + 1;
}

/** Is it the range before once more, as far away as all before it (ESPfix stacks)? */
static bool repeats(const struct pt_range *before, const struct pt_range *one)
{
	u64 at = before->first + before->stride * before->repeats;

	return same_kind(before, one) && before->contiguous && one->contiguous &&
	       before->pa == one->pa && bytes_of(before) == bytes_of(one) &&
	       (!before->repeats || one->first == at + before->stride);
}

void pt_ranges_add(struct pt_ranges *r, const struct pt_range *one)
{
	struct pt_range *before = r->n ? &r->v[r->n - 1] : NULL;

	if (before && before->last >= one->first)
		return;
	if (before && !before->repeats && before->last + 1 == one->first &&
	    same_kind(before, one)) {
		before->contiguous = before->contiguous && one->contiguous &&
				     before->pa + bytes_of(before) == one->pa;
		before->last = one->last;
		return;
	}
	if (before && one->aliases && repeats(before, one)) {
		if (!before->repeats)
			before->stride = one->first - before->first;
		before->repeats++;
		return;
	}
	if (r->n == PT_RANGES_MAX) {
		r->full = true;
		return;
	}
	GROW(r->v, r->n, r->cap);
	r->v[r->n++] = *one;
}

int pt_ranges_entry(void *ctx, const struct pt_entry *e)
{
	if (e->flags & PT_PRESENT)
		pt_ranges_add(ctx, &(struct pt_range){ .first = e->va,
						       .last = e->va + (e->size - 1),
						       .page = e->size,
						       .pa = e->pa,
						       .aliases = e->aliases,
						       .flags = e->flags & PT_RANGE_BITS,
						       .level = e->level,
						       .mem = e->mem,
						       .have_pa = true,
						       .contiguous = true });
	return 0;
}

size_t pt_ranges_lower(const struct pt_ranges *r, u64 addr)
{
	size_t low = 0, high = r->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (r->v[mid].last < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* --- ranges and regions ----------------------------------------------------------------------- */

/** Not the rows that kernel_apply_ptes() makes of what lies nowhere. */
static bool is_place(const struct region *g)
{
	return g->kind != KR_HALF && g->kind != KR_UNUSED &&
	       !(g->kind == KR_OTHER && g->source && !strcmp(g->source, PT_SOURCE));
}

bool pt_range_outside(const struct space *s, struct range r, struct range *ret)
{
	/* Top regions rise; what is left of `r` above each is looked at. */
	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *g = &s->regions[i];

		if (g->depth || !is_place(g) || g->last < r.first)
			continue;
		if (g->first > r.first) {
			*ret = (struct range){ r.first, MIN(r.last, g->first - 1) };
			return true;
		}
		if (g->last >= r.last)
			return false;
		r.first = g->last + 1;
	}
	*ret = r;
	return true;
}

const struct region *pt_region(const struct space *s, u64 addr)
{
	const struct region *found = NULL;

	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *g = &s->regions[i];

		/* A part follows its region and is nearer to the truth; an interval is not. */
		if (is_place(g) && g->first <= addr && addr <= g->last &&
		    (!found || g->conf != CONF_BOUNDS))
			found = g;
	}
	return found;
}

/* --- runs ------------------------------------------------------------------------------------- */

/** Is `e` what comes after the entries of the run? */
static bool follows(const struct pt_run *run, const struct pt_entry *e, u32 vma)
{
	const struct pt_entry *f = &run->e;

	if (run->vma != vma || f->flags != e->flags || f->size != e->size || f->mem != e->mem ||
	    f->pkey != e->pkey || f->swap_type != e->swap_type || f->aliases != e->aliases ||
	    e->va - f->va != run->n * f->size)
		return false;
	if (e->flags & PT_PAGE)
		return e->pa - f->pa == run->n * f->size;
	if (e->flags & (PT_SWAP | PT_PFN_ENTRY))
		return e->swap_offset - f->swap_offset == run->n;
	return e->flags & PT_MARKER ? f->swap_offset == e->swap_offset : f->raw == e->raw;
}

static enum pt_fit fit_of(const struct vma *v, const struct pt_entry *e)
{
	u32 may = (v->perms & PERM_R ? PT_READ : 0u) | (v->perms & PERM_W ? PT_WRITE : 0u) |
		  (v->perms & PERM_X ? PT_EXEC : 0u);
	u32 is = e->flags & (PT_READ | PT_WRITE | PT_EXEC);

	if (!(e->flags & PT_PAGE))
		return PT_FIT_EQUAL;
	/* What may be written or run may be read, whatever the letters say; and without NX
	 * everything runs. So only a write that is not allowed is more than there should be. */
	if (is & ~may & PT_WRITE)
		return PT_FIT_WIDER;
	return may & ~is ? PT_FIT_NARROWER : PT_FIT_EQUAL;
}

static void count(struct pt_merger *m, const struct pt_run *run)
{
	const struct pt_entry *e = &run->e;
	u64 bytes = run->n * e->size;

	m->entries += run->n;
	m->runs++;
	if (run->vma == NO_INDEX)
		m->outside += run->n;
	if (e->flags & PT_PAGE)
		m->present[e->level] += bytes;
	else
		m->absent += bytes;
	if (run->fit == PT_FIT_NARROWER)
		m->narrower += bytes;
	if (run->fit == PT_FIT_WIDER)
		m->wider += bytes;
	/* hugetlb and files have an inode. */
	if (e->level == 1 && e->flags & (PT_PAGE | PT_MIGRATION) && run->vma != NO_INDEX &&
	    !m->space->vmas[run->vma].inode)
		m->deposits += run->n;
}

static int emit(struct pt_merger *m)
{
	if (!m->open)
		return 0;
	m->open = false;
	count(m, &m->run);
	return m->emit(m->ctx, &m->run);
}

/** Mostly the entry is of the mapping that the one before it was of. */
static bool is_asked(struct pt_merger *m, u32 vma)
{
	if (!m->filter)
		return true;
	if (vma == NO_INDEX)
		return false;
	if (!m->have_asked || m->asked != vma) {
		m->have_asked = true;
		m->asked = vma;
		m->asked_met = expr_match(m->filter, m->space, &m->space->vmas[vma]);
	}
	return m->asked_met;
}

int pt_merger_entry(void *ctx, const struct pt_entry *e)
{
	struct pt_merger *m = ctx;
	const struct space *s = m->space;
	const struct vma *v;
	u32 vma;
	int err;

	while (m->vma < s->nvmas && s->vmas[m->vma].last < e->va)
		m->vma++;
	v = m->vma < s->nvmas ? &s->vmas[m->vma] : NULL;
	vma = v && v->first <= e->va ? (u32)m->vma : NO_INDEX;
	if (!is_asked(m, vma))
		return 0;
	if (m->open && follows(&m->run, e, vma)) {
		m->run.n++;
		return 0;
	}
	err = emit(m);
	if (err)
		return err;
	m->run = (struct pt_run){ .e = *e, .n = 1, .vma = vma };
	m->run.fit = vma == NO_INDEX ? PT_FIT_EQUAL : fit_of(v, e);
	m->open = true;
	return 0;
}

void pt_merger_table(void *ctx, unsigned level, struct range covers, u64 bytes)
{
	struct pt_merger *m = ctx;
	const struct space *s = m->space;
	size_t i = space_lower_vma(s, covers.first);
	struct pt_spent *to = &m->empty;
	u32 object;

	if (!m->objects)
		m->objects = xcalloc(s->nobjects + 1, sizeof(*m->objects));
	if (i < s->nvmas && s->vmas[i].first <= covers.last) {
		object = s->vmas[i].object;
		while (i < s->nvmas && s->vmas[i].first <= covers.last &&
		       s->vmas[i].object == object)
			i++;
		to = i < s->nvmas && s->vmas[i].first <= covers.last ? &m->shared
		     : object < s->nobjects			     ? &m->objects[object]
								     : &m->empty;
	}
	to->tables[level]++;
	to->bytes += bytes;
}

int pt_merger_end(struct pt_merger *m)
{
	return emit(m);
}

void pt_merger_release(struct pt_merger *m)
{
	free(m->objects);
	m->objects = NULL;
}
