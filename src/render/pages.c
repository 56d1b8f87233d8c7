/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --pages: a line a run of equal pages, streamed. With frames in random order that is a line a
 * page, so a line is put together by hand in one reserved piece of the buffer, and what repeats
 * (flag names, zones, cgroups) is kept as finished text.
 */
#include "view.h"

#include <stdlib.h>
#include <string.h>

/** Finished texts of flag words, found by a hash of the word. */
#define FLAG_CACHE 64
/** Longest text of a flag word: 64 names of at most 14 characters and a comma each. */
#define FLAG_TEXT 1024
/** Zones of the last frames, by the 2 MiB block they are in. */
#define ZONE_CACHE 256
#define BLOCK_PFNS 512
/** Bytes of everything on a line but flags and cgroup. */
#define LINE_FIXED 256

/** The columns of a line, from the end of the address on. */
enum {
	COL_PAGES = 9,
	COL_STATE = 10,
	COL_BITS = 6,
	COL_FRAME = 16,
	COL_COUNT = 6,
	COL_ZONE = 11,
};

struct pages_view {
	struct view v;
	const struct places *places;
	u32 vma; /**< whose runs are being listed */
	u64 runs, pages;
	bool masked; /**< a present page without a PFN was seen */
	bool told;   /**< a PFN was written */
	struct {
		u64 word;
		u16 len; /**< 0: empty */
		char text[FLAG_TEXT];
	} flags[FLAG_CACHE];
	struct {
		u64 block;
		const struct zone *zone;
		bool used;
	} zones[ZONE_CACHE];
	/** The column of each state, coloured and padded. */
	struct {
		u8 len;
		char text[63];
	} states[PS_NSTATES];
	/** "N0 Normal" of each zone of `places`, padded to COL_ZONE. */
	char (*zone_text)[COL_ZONE];
	struct swap_seen swap;
	u64 cgroup; /**< the one cgroup_text is of */
	struct buf cgroup_text;
};

/* --- pieces of a line ---------------------------------------------------------------------------
 */

/**
 * A column is filled with blanks before its text goes in: no loop pads what is left. All of them
 * are at most this wide.
 */
#define COL_MAX 16

static void blank(char *p)
{
	memset(p, ' ', COL_MAX);
}

/** Where the next column begins: `w` columns after `from`, after a blank at least. */
static char *next_col(char *from, char *p, unsigned w)
{
	if (p < from + w)
		return from + w;
	*p = ' ';
	return p + 1;
}

/** Right-aligned in `w` columns; after a blank when it is longer. */
static char *put_dec_right(char *p, u64 v, unsigned w)
{
	char t[20];
	unsigned n;

	blank(p);
	if (v < 10) {
		p[w - 1] = (char)('0' + v);
		return p + w;
	}
	n = format_dec(t, v);
	p += n < w ? w - n : 1;
	memcpy(p, t, n);
	return p + n;
}

static char *put_str(char *p, const char *s, size_t n)
{
	memcpy(p, s, n);
	return p + n;
}

/* --- what repeats -------------------------------------------------------------------------------
 */

/** "uptodate,lru,mmap,anon": names of all bits, unknown ones by number. */
static size_t flag_text(char out[FLAG_TEXT], u64 word)
{
	char *p = out;

	for (u64 bits = word; bits; bits &= bits - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(bits);
		const char *name = kpf_name(bit);

		if (p != out)
			*p++ = ',';
		if (!name) {
			p = put_str(p, "bit", 3);
			p += format_dec(p, bit);
			continue;
		}
		for (; *name; name++)
			*p++ = *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20) : *name;
	}
	if (p == out)
		*p++ = '-';
	return (size_t)(p - out);
}

static char *put_flags(struct pages_view *pv, char *p, u64 word)
{
	size_t slot = (word * UINT64_C(0x9e3779b97f4a7c15)) >> 58;

	if (!pv->flags[slot].len || pv->flags[slot].word != word) {
		pv->flags[slot].len = (u16)flag_text(pv->flags[slot].text, word);
		pv->flags[slot].word = word;
	}
	return put_str(p, pv->flags[slot].text, pv->flags[slot].len);
}

/** Is every frame of the 2 MiB block in this zone, and in no other? */
static bool block_is_of(const struct places *pl, const struct zone *z, u64 block)
{
	u64 first = block * BLOCK_PFNS, last = first + BLOCK_PFNS - 1;

	if (!z || z->first_pfn > first || z->last_pfn < last)
		return false;
	for (size_t i = 0; i < pl->nzones; i++)
		if (&pl->zones[i] != z && pl->zones[i].first_pfn <= last &&
		    pl->zones[i].last_pfn >= first)
			return false;
	return true;
}

static const struct zone *zone_of(struct pages_view *pv, u64 pfn)
{
	u64 block = pfn / BLOCK_PFNS;
	size_t slot = block % ZONE_CACHE;
	const struct zone *z;

	if (pv->zones[slot].used && pv->zones[slot].block == block)
		return pv->zones[slot].zone;
	z = places_zone(pv->places, pfn);
	if (block_is_of(pv->places, z, block)) {
		pv->zones[slot].block = block;
		pv->zones[slot].zone = z;
		pv->zones[slot].used = true;
	}
	return z;
}

/** The path of the run's cgroup, escaped, in pv->cgroup_text. */
static void find_cgroup(struct pages_view *pv, u64 inode)
{
	const char *path;

	if (pv->cgroup == inode)
		return;
	pv->cgroup = inode;
	buf_clear(&pv->cgroup_text);
	path = places_memcg(pv->places, inode);
	if (path) {
		buf_addescaped(&pv->cgroup_text, path, strlen(path), pv->v.o->ascii);
	} else {
		buf_addstr(&pv->cgroup_text, "memcg inode ");
		buf_adddec(&pv->cgroup_text, inode);
	}
}

/* --- lines --------------------------------------------------------------------------------------
 */

/** What is known of the first page from its pagemap entry, a letter each; `-` for not so. */
static char *put_bits(char *p, const struct vma *m, const struct page_run *run)
{
	u64 pm = run->pm;
	bool present = pm & PM_PRESENT;

	*p++ = present || pm & PM_SWAPPED ? pm & PM_FILE ? 'f' : '-' : '-';
	*p++ = pm & PM_EXCLUSIVE ? 'x' : '-';
	*p++ = present && page_copied(m, pm) ? 'c' : '-';
	*p++ = pm & PM_SOFT_DIRTY ? 'd' : '-';
	*p++ = pm & PM_UFFD_WP ? 'w' : '-';
	*p++ = ' ';
	return p;
}

/** PFNs of present pages, area and offset of swapped ones, `?` where the kernel masks them. */
static char *put_frame(struct pages_view *pv, char *p, const struct page_run *run)
{
	char *from = p;
	u64 pm = run->pm;

	blank(p);
	if (!(pm & PM_PRESENT) && (!(pm & PM_SWAPPED) || pm & PM_GUARD)) {
		*p++ = '-';
	} else if (!PM_PFN(pm)) {
		*p++ = '?';
		pv->masked = true;
	} else if (pm & PM_PRESENT) {
		pv->told = true;
		p += format_hex(p, PM_PFN(pm), 1);
		if (run->n > 1) {
			*p++ = '-';
			p += format_hex(p, PM_PFN(pm) + run->n - 1, 1);
		}
	} else {
		swap_see(&pv->swap, &pv->v, pv->places, pm);
		p = put_str(p, "swap", 4);
		p += format_dec(p, PM_SWAP_TYPE(pm));
		*p++ = ':';
		p += format_hex(p, PM_SWAP_OFF(pm), 1);
	}
	return next_col(from, p, COL_FRAME);
}

static char *put_zone(struct pages_view *pv, char *p, u64 pfn)
{
	const struct zone *z = pfn ? zone_of(pv, pfn) : NULL;

	if (z)
		return put_str(p, pv->zone_text[z - pv->places->zones], COL_ZONE);
	blank(p);
	*p = '?';
	return p + COL_ZONE;
}

/** The mapping's own line, ahead of its runs. */
void mapping_heading(struct view *v, const struct vma *m)
{
	struct row *r = &v->row;
	const char *name = vma_name(v->s, m);
	char perms[4];
	char size[SIZE_TEXT_MAX];

	perms_letters(perms, m->perms);
	row_style(r, STYLE_BOLD);
	row_hex(r, m->first, v->c.user_addr);
	row_str(r, "-");
	row_hex(r, m->last + 1, v->c.user_addr);
	row_skip(r, 2);
	row_ascii(r, perms, 4);
	row_skip(r, 2);
	row_ascii(r, size, format_size(size, range_size(vma_range(m)), v->c.size_form));
	row_skip(r, 2);
	if (!*name)
		name = m->object == NO_INDEX
			       ? object_kind_name(OBJ_ANON)
			       : object_kind_name((enum object_kind)v->s->objects[m->object].kind);
	row_text(r, name, strlen(name), MAX(v->o->width, row_at(r) + 16) - row_at(r), ELIDE_START);
	row_end(r);
}

int pages_view_run(void *ctx, const struct page_run *run)
{
	struct pages_view *pv = ctx;
	struct view *v = &pv->v;
	struct buf *b = &v->out->b;
	const struct vma *m = &v->s->vmas[run->vma];
	bool present = !run->absent && run->pm & PM_PRESENT;
	enum page_state st = run->absent ? PS_ABSENT : page_run_state(v->s, run);
	char *p;

	if (run->vma != pv->vma) {
		pv->vma = run->vma;
		mapping_heading(v, m);
	}
	pv->runs++;
	pv->pages += run->n;
	if (run->cgroup)
		find_cgroup(pv, run->cgroup);
	p = buf_reserve(b, LINE_FIXED + FLAG_TEXT + pv->cgroup_text.len);
	p += format_hex(p, run->addr, v->c.user_addr);
	p = put_dec_right(p, run->n, COL_PAGES);
	*p++ = ' ';
	*p++ = ' ';
	p = put_str(p, pv->states[st].text, pv->states[st].len);
	if (!run->absent) {
		p = put_bits(p, m, run);
		p = put_frame(pv, p, run);
	}
	if (present) {
		if (run->count == COUNT_UNKNOWN)
			p = put_str(p, "    ?", 5);
		else
			p = put_dec_right(p, run->count, COL_COUNT - 1);
		*p++ = ' ';
		p = put_zone(pv, p, PM_PFN(run->pm));
		if (run->have_flags)
			p = put_flags(pv, p, run->flags);
		else
			*p++ = '?';
		if (run->cgroup) {
			*p++ = ' ';
			*p++ = ' ';
			p = put_str(p, pv->cgroup_text.p, pv->cgroup_text.len);
		}
	}
	while (p[-1] == ' ')
		p--;
	*p++ = '\n';
	b->len = (size_t)(p - b->p);
	out_check(v->out);
	return v->out->err;
}

/** Prepares what is the same on every line with the same state or zone. */
static void make_texts(struct pages_view *pv)
{
	const struct theme *th = &pv->v.theme;

	for (unsigned st = 0; st < PS_NSTATES; st++) {
		const char *name = page_state_name((enum page_state)st);
		char *p = pv->states[st].text, *from;

		if (pv->v.o->colors)
			p = put_str(p, th->style[STYLE_STATE + st].sgr,
				    th->style[STYLE_STATE + st].len);
		from = p;
		blank(p);
		p = next_col(from, put_str(p, name, MIN(strlen(name), (size_t)COL_MAX)), COL_STATE);
		if (pv->v.o->colors)
			p = put_str(p, th->style[STYLE_PLAIN].sgr, th->style[STYLE_PLAIN].len);
		pv->states[st].len = (u8)(p - pv->states[st].text);
	}
	pv->zone_text = xcalloc(pv->places->nzones, sizeof(*pv->zone_text));
	for (size_t i = 0; i < pv->places->nzones; i++) {
		const struct zone *z = &pv->places->zones[i];
		struct buf b;

		buf_init(&b);
		buf_addf(&b, "N%u ", z->node);
		buf_addescaped(&b, z->name, strnlen(z->name, sizeof(z->name)), true);
		memset(pv->zone_text[i], ' ', COL_ZONE);
		/* The last column stays blank: it separates. */
		memcpy(pv->zone_text[i], b.p, MIN(b.len, (size_t)COL_ZONE - 1));
		buf_release(&b);
	}
}

struct pages_view *pages_view_new(const struct space *s, const struct places *p,
				  const struct view_opts *o, struct out *out)
{
	struct pages_view *pv = xcalloc(1, sizeof(*pv));
	struct row *r;
	unsigned x;

	view_init(&pv->v, s, o, out);
	buf_init(&pv->cgroup_text);
	pv->places = p;
	pv->vma = NO_INDEX;
	make_texts(pv);
	title_draw(&pv->v);
	r = &pv->v.row;
	x = pv->v.c.user_addr;
	row_style(r, STYLE_DIM);
	row_str(r, "address");
	row_right(r, "pages", 5, x + COL_PAGES);
	row_to(r, x += COL_PAGES + 2);
	row_str(r, "state");
	row_to(r, x += COL_STATE);
	row_str(r, "fxcdw");
	row_to(r, x += COL_BITS);
	row_str(r, "frames");
	row_right(r, "count", 5, x + COL_FRAME + COL_COUNT - 1);
	row_to(r, x += COL_FRAME + COL_COUNT);
	row_str(r, "zone");
	row_to(r, x + COL_ZONE);
	row_str(r, "flags, cgroup");
	row_end(r);
	return pv;
}

void swap_see(struct swap_seen *seen, const struct view *v, const struct places *p, u64 pm)
{
	seen->types |= UINT32_C(1) << PM_SWAP_TYPE(pm);
	seen->area[PM_SWAP_TYPE(pm)] = places_swap(p, pm, v->s->host.page_size);
}

void swap_areas_draw(struct view *v, const struct swap_seen *seen)
{
	struct flow f;

	if (!seen->types)
		return;
	flow_begin(&f, v, "swap areas");
	for (u32 bits = seen->types; bits; bits &= bits - 1) {
		unsigned type = (unsigned)__builtin_ctz(bits);
		const struct swap_area *area = seen->area[type];
		const char *path = area && area->path ? area->path : "?";

		buf_clear(&v->text);
		buf_addf(&v->text, "%u ", type);
		buf_addescaped(&v->text, path, strlen(path), v->o->ascii);
		flow_item(&f, v->text.p, v->text.len, STYLE_PLAIN);
	}
	flow_end(&f);
}

void pages_view_end(struct pages_view *pv)
{
	struct view *v = &pv->v;
	struct flow f;

	row_end(&v->row);
	flow_begin(&f, v, "listed");
	flow_number(&f, "runs", FIG(pv->runs));
	flow_number(&f, "pages", FIG(pv->pages));
	flow_end(&f);
	filter_draw(v, "");
	flow_begin(&f, v, "fxcdw");
	flow_str(&f,
		 "f file page or shared, x mapped only here, c copied on write, "
		 "d soft-dirty, w write-protected by userfaultfd",
		 STYLE_DIM);
	flow_end(&f);
	approximate_draw(v, "count and x are");
	swap_areas_draw(v, &pv->swap);
	if (pv->masked) {
		flow_begin(&f, v, "frames");
		flow_str(&f, "? where the kernel hides them (CAP_SYS_ADMIN opens it)", STYLE_NOTE);
		flow_end(&f);
	}
	if (pv->told)
		root_draw(v, "physical frame numbers");
	notes_draw(v);
	buf_release(&pv->cgroup_text);
	free(pv->zone_text);
	view_release(v);
	free(pv);
}
