/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the walk over the kernel's page tables says of the regions of the kernel half. */
#include "arch.h"
#include "ptwalk.h"

#include <stdlib.h>
#include <string.h>

/** More rows than this of what is mapped nowhere are told by number only. */
#define OUTSIDE_MAX 64
/** More than this behind the kernel's last symbol is not its image. */
#define IMAGE_TAIL_MAX (4 * MIB)
/** More kinds of access than this in one region are not told apart. */
#define KINDS_MAX 4

/** Bytes of a region by access. */
struct shares {
	struct {
		u32 access;
		u64 bytes;
	} kind[KINDS_MAX];
	size_t n;
	bool more;
	u64 mapped;
};

static void share_add(struct shares *sh, u32 access, u64 bytes)
{
	size_t i = 0;

	sh->mapped += bytes;
	while (i < sh->n && sh->kind[i].access != access)
		i++;
	if (i == KINDS_MAX) {
		sh->more = true;
		return;
	}
	if (i == sh->n) {
		sh->kind[i].access = access;
		sh->kind[i].bytes = 0;
		sh->n++;
	}
	sh->kind[i].bytes += bytes;
}

static struct shares shares_of(const struct pt_ranges *r, struct range in)
{
	struct shares ret = { 0 };

	for (size_t i = pt_ranges_lower(r, in.first); i < r->n && r->v[i].first <= in.last; i++) {
		struct range part = { r->v[i].first, r->v[i].last };

		if (range_intersect(part, in, &part))
			share_add(&ret, r->v[i].flags & (PT_READ | PT_WRITE | PT_EXEC),
				  range_size(part));
	}
	return ret;
}

/** "r-x 14 MiB, rw- 2 MiB" where a region has more than one kind of page. */
static void note_kinds(const struct space *s, struct region *g, const struct shares *sh)
{
	struct buf b;
	char letters[3];

	buf_init(&b);
	for (size_t i = 0; i < sh->n; i++) {
		pt_access_letters(letters, sh->kind[i].access);
		buf_addf(&b, "%s%.3s %s", i ? ", " : "", letters,
			 size_told(s, sh->kind[i].bytes).t);
	}
	region_note(g, "%s%s", b.p, sh->more ? ", and others" : "");
	buf_release(&b);
}

/** "4K", "2M", "1G": of a power of two. */
static void add_page_size(struct buf *b, unsigned shift)
{
	buf_addf(b, "%u%c", 1u << shift % 10, "BKMGTPE"[shift / 10]);
}

/** The page sizes of the direct map, in place of what meminfo's counters say of them. */
static void note_page_sizes(const struct space *s, struct region *g, const struct pt_ranges *r)
{
	u64 bytes[64] = { 0 };
	struct buf b = { 0 };

	for (size_t i = pt_ranges_lower(r, g->first); i < r->n && r->v[i].first <= g->last; i++) {
		struct range part = { r->v[i].first, r->v[i].last };

		if (r->v[i].page &&
		    range_intersect(part, (struct range){ g->first, g->last }, &part))
			bytes[__builtin_ctzll(r->v[i].page)] += range_size(part);
	}
	for (unsigned shift = 0; shift < ARRAY_SIZE(bytes); shift++) {
		if (!bytes[shift])
			continue;
		buf_addstr(&b, b.len ? ", " : "");
		add_page_size(&b, shift);
		buf_addf(&b, " %s", size_told(s, bytes[shift]).t);
	}
	drop_direct_pages(g);
	if (b.len)
		region_note(g, "pages of %s (page tables)", b.p);
	buf_release(&b);
}

static u8 perms_of(u32 access)
{
	return (u8)((access & PT_READ ? PERM_R : 0) | (access & PT_WRITE ? PERM_W : 0) |
		    (access & PT_EXEC ? PERM_X : 0));
}

static void apply_to(struct space *s, size_t i, const struct pt_ranges *r)
{
	struct region *g = &s->regions[i];
	bool has_parts = i + 1 < s->nregions && !g->depth && s->regions[i + 1].depth;
	struct shares sh;

	if (g->kind == KR_HALF || g->kind == KR_UNUSED || g->conf >= CONF_BOUNDS)
		return;
	sh = shares_of(r, (struct range){ g->first, g->last });
	g->used = FIG(sh.mapped);
	if (g->kind == KR_DIRECT_MAP && !g->depth)
		note_page_sizes(s, g, r);
	if (g->kind == KR_VMALLOC && !g->depth) {
		/* Of areas and their pages other figures stand beside it. */
		region_note(g, "mapped here %s (page tables)", size_told(s, sh.mapped).t);
		g->used = (struct fig){ 0 };
	}
	if (!sh.n) {
		/* Nothing there; vsyscall works by the fault that this gives. */
		if (g->kind == KR_VSYSCALL)
			return;
		g->perms = 0;
		g->perms_conf = CONF_EXACT;
	} else if (sh.n == 1) {
		g->perms = perms_of(sh.kind[0].access);
		g->perms_conf = CONF_EXACT;
	} else {
		/* What was said of it as a whole cannot be true of all of it. */
		g->perms_conf = CONF_UNKNOWN;
		if (sh.n && !has_parts)
			note_kinds(s, g, &sh);
	}
}

/* --- what is mapped nowhere ------------------------------------------------------------------- */

/** Makes `new` the region of index `at`. */
static void insert(struct space *s, size_t at, struct region new)
{
	space_add_region(s);
	memmove(&s->regions[at + 1], &s->regions[at], (s->nregions - 1 - at) * sizeof(*s->regions));
	s->regions[at] = new;
}

/** Puts a top region where it belongs, never among the parts of another. Returns its index. */
static size_t insert_top(struct space *s, struct region new)
{
	size_t at = 0;

	while (at < s->nregions && (s->regions[at].depth || s->regions[at].first <= new.first))
		at++;
	insert(s, at, new);
	return at;
}

/** Takes `r` out of the unused regions that reach beyond it: what is left of each stays unused. */
static void cut_unused(struct space *s, struct range r)
{
	for (size_t i = 0; i < s->nregions; i++) {
		struct region *g = &s->regions[i];
		struct region high = *g;

		if (g->kind != KR_UNUSED || g->depth || g->last < r.first || g->first > r.last)
			continue;
		if (g->first >= r.first) {
			g->first = r.last + 1;
			continue;
		}
		g->last = r.first - 1;
		if (high.last > r.last) {
			high.first = r.last + 1;
			high.note = high.note ? xstrdup(high.note) : NULL;
			insert_top(s, high);
		}
	}
}

/** An unused region that is mapped from end to end goes. */
static void drop_unused(struct space *s, struct range r)
{
	size_t to = 0;

	for (size_t i = 0; i < s->nregions; i++) {
		struct region *g = &s->regions[i];

		if (g->kind == KR_UNUSED && !g->depth && g->first >= r.first && g->last <= r.last) {
			free(g->note);
			continue;
		}
		s->regions[to++] = *g;
	}
	s->nregions = to;
}

static void add_outside(struct space *s, struct range r, const struct pt_ranges *all)
{
	drop_unused(s, r);
	cut_unused(s, r);
	apply_to(s,
		 insert_top(s, (struct region){ .first = r.first,
						.last = r.last,
						.kind = KR_OTHER,
						.conf = CONF_EXACT,
						.perms_conf = CONF_UNKNOWN,
						.name = "mapped, of no known region",
						.source = PT_SOURCE }),
		 all);
}

/** Rows for what lies in no region, ranges side by side in one; returns how many there are. */
static u64 outside_rows(struct space *s, const struct pt_ranges *r)
{
	struct range piece;
	struct range *rows = NULL;
	size_t n = 0, cap = 0;

	for (size_t i = 0; i < r->n; i++) {
		struct range rest = { r->v[i].first, r->v[i].last };

		while (pt_range_outside(s, rest, &piece)) {
			if (n && rows[n - 1].last + 1 == piece.first) {
				rows[n - 1].last = piece.last;
			} else {
				GROW(rows, n, cap);
				rows[n++] = piece;
			}
			if (piece.last == rest.last)
				break;
			rest.first = piece.last + 1;
		}
	}
	for (size_t i = 0; i < n && i < OUTSIDE_MAX; i++)
		add_outside(s, rows[i], r);
	free(rows);
	return n;
}

/* --- the image's end -------------------------------------------------------------------------- */

/** Where the pages go on that are mapped without a gap from `at` on; false when none is. */
static bool mapped_on(const struct pt_ranges *r, u64 at, u64 *last)
{
	size_t i = pt_ranges_lower(r, at);

	if (i == r->n || r->v[i].first > at)
		return false;
	*last = r->v[i].last;
	while (++i < r->n && r->v[i].first == *last + 1)
		*last = r->v[i].last;
	return true;
}

/** x86_64's interval for an image whose end no file tells: what is left of it is not used. */
static bool unknown_tail(const struct region *r)
{
	return r->kind == KR_IMAGE_PART && r->conf == CONF_BOUNDS;
}

/**
 * Behind the last symbol that sources tell lie the brk area and what fills the last huge page
 * (arch/x86/mm/init_64.c, cleanup_highmap(); arm64 and riscv map whole segments): the image ends
 * where its pages do.
 */
static void extend_image(struct space *s, const struct pt_ranges *r)
{
	struct region tail = { .kind = KR_IMAGE_PART,
			       .conf = CONF_EXACT,
			       .perms_conf = CONF_UNKNOWN,
			       .depth = 1,
			       .name = "brk, rest of the last page",
			       .source = PT_SOURCE };
	size_t image = 0, end;
	struct region *g, *next;

	while (image < s->nregions && s->regions[image].kind != KR_IMAGE)
		image++;
	for (end = image + 1; end < s->nregions && s->regions[end].depth;)
		end++;
	if (end >= s->nregions || s->regions[image].depth)
		return;
	g = &s->regions[image];
	next = &s->regions[end];
	tail.first = g->last + 1;
	if (g->conf >= CONF_BOUNDS || (next->kind != KR_UNUSED && !unknown_tail(next)) ||
	    next->first != tail.first || !mapped_on(r, tail.first, &tail.last) ||
	    tail.last >= next->last || tail.last - tail.first >= IMAGE_TAIL_MAX)
		return;
	next->first = tail.last + 1;
	g->last = tail.last;
	g->name = "kernel image";
	free(next->note);
	next->note = NULL;
	next->kind = KR_UNUSED;
	next->conf = CONF_DEFAULT;
	next->name = "unused";
	/* An image whose parts are not known stays one. */
	if (end > image + 1)
		insert(s, end, tail);
}

/* --- all -------------------------------------------------------------------------------------- */

static void tell_wx(struct space *s, const struct pt_ranges *r)
{
	u64 n = 0, bytes = 0, first = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (!pt_is_wx(r->v[i].flags))
			continue;
		if (!n++)
			first = r->v[i].first;
		bytes += r->v[i].last - r->v[i].first + 1;
	}
	if (n)
		space_add_fact(s, PT_SOURCE,
			       "WRITABLE AND EXECUTABLE: %llu range%s, %s, the first at %llx",
			       (unsigned long long)n, n == 1 ? "" : "s", size_told(s, bytes).t,
			       (unsigned long long)first);
	else
		space_add_fact(s, PT_SOURCE, "no page is writable and executable at once");
}

/**
 * Do the tables lead to the kernel's text where iomem has it? True when that cannot be told. arm64
 * since 5.11 unmaps what is below _stext, and iomem's code begins there (arch/arm64/mm/init.c,
 * kernel/setup.c); elsewhere that is _text.
 */
static bool leads_to_text(const struct kfacts *k, struct space *s, const struct pt_ranges *r)
{
	const struct fig *const symbols[] = { &k->syms.text, &k->syms.stext };
	struct fig pa = { 0 };
	bool known = false;

	for (size_t n = 0; n < ARRAY_SIZE(symbols); n++) {
		u64 text = symbols[n]->v;
		size_t i = pt_ranges_lower(r, text);

		known |= symbols[n]->have;
		if (!symbols[n]->have || i == r->n || r->v[i].first > text)
			continue;
		if (!r->v[i].have_pa || !r->v[i].contiguous || !k->iomem.have_code)
			return true;
		pa = FIG(r->v[i].pa + (text - r->v[i].first));
		if (pa.v == k->iomem.code.first)
			return true;
	}
	if (!known || k->status[KSRC_KALLSYMS].state != KSRC_READ)
		return true;
	if (pa.have)
		space_note(s, NOTE_CONFLICT, PT_SOURCE, 0, NULL,
			   "the kernel's text is at physical %llx, but iomem says %llx: not used",
			   (unsigned long long)pa.v, (unsigned long long)k->iomem.code.first);
	else
		space_note(s, NOTE_CONFLICT, PT_SOURCE, 0, NULL,
			   "the kernel's text of kallsyms is not mapped: not used");
	return false;
}

/**
 * Has the region page tables of its own, so that nothing in the kernel's says nothing? The LDT is
 * in those of its process, EFI's services in efi_mm.
 */
static bool mapped_elsewhere(const struct kfacts *k, const struct region *g,
			     const struct pt_ranges *r)
{
	size_t i = pt_ranges_lower(r, g->first);

	if (i < r->n && r->v[i].first <= g->last)
		return false;
	return (g->kind == KR_LDT && !config_is(k->cpu.pti, false)) ||
	       (g->kind == KR_EFI && !config_is(k->efi, false));
}

void kernel_apply_ptes(const struct kfacts *k, struct space *s, const struct pt_ranges *r)
{
	u64 outside;

	if (r->tables.unreadable)
		space_note(s, NOTE_CLOSED, PT_SOURCE, 0, NULL,
			   "%llu of the kernel's could not be read: not used",
			   (unsigned long long)r->tables.unreadable);
	if (r->full)
		space_note(s, NOTE_LIMIT, PT_SOURCE, 0, NULL,
			   "the kernel's have more than %u ranges: cut short, not used",
			   PT_RANGES_MAX);
	if (r->partial || !leads_to_text(k, s, r))
		return;
	extend_image(s, r);
	for (size_t i = 0; i < s->nregions; i++)
		if (!mapped_elsewhere(k, &s->regions[i], r))
			apply_to(s, i, r);
	tell_wx(s, r);
	outside = outside_rows(s, r);
	if (outside)
		space_add_fact(s, PT_SOURCE, "%llu mapped range%s in no known region%s",
			       (unsigned long long)outside, outside == 1 ? " lies" : "s lie",
			       outside > OUTSIDE_MAX ? ", the first of them are drawn" : "");
}
