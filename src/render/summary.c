/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --page-summary and --frames: pages counted by flag set, as page-types does, and by mapping. */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** A letter for each KPF bit in the symbolic column, those of the kernel's tools/mm/page-types.c.
 */
static const char letters[64] = {
	[KPF_LOCKED] = 'L',	   [KPF_ERROR] = 'E',	      [KPF_REFERENCED] = 'R',
	[KPF_UPTODATE] = 'U',	   [KPF_DIRTY] = 'D',	      [KPF_LRU] = 'l',
	[KPF_ACTIVE] = 'A',	   [KPF_SLAB] = 'S',	      [KPF_WRITEBACK] = 'W',
	[KPF_RECLAIM] = 'I',	   [KPF_BUDDY] = 'B',	      [KPF_MMAP] = 'M',
	[KPF_ANON] = 'a',	   [KPF_SWAPCACHE] = 's',     [KPF_SWAPBACKED] = 'b',
	[KPF_COMPOUND_HEAD] = 'H', [KPF_COMPOUND_TAIL] = 'T', [KPF_HUGE] = 'G',
	[KPF_UNEVICTABLE] = 'u',   [KPF_HWPOISON] = 'X',      [KPF_NOPAGE] = 'n',
	[KPF_KSM] = 'x',	   [KPF_THP] = 't',	      [KPF_OFFLINE] = 'o',
	[KPF_ZERO_PAGE] = 'z',	   [KPF_IDLE] = 'i',	      [KPF_PGTABLE] = 'g',
	[KPF_RESERVED] = 'r',	   [KPF_MLOCKED] = 'm',	      [KPF_OWNER_2] = 'd',
	[KPF_PRIVATE] = 'P',	   [KPF_PRIVATE_2] = 'p',     [KPF_OWNER_PRIVATE] = 'O',
	[KPF_ARCH] = 'h',	   [KPF_UNCACHED] = 'c',      [KPF_SOFTDIRTY] = 'f',
	[KPF_ARCH_2] = 'K',	   [KPF_ARCH_3] = 'J',
};

/** A flag set and how many pages have it. */
struct counted {
	u64 word, pages;
};

static int by_pages(const void *a, const void *b)
{
	const struct counted *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	return x->word < y->word ? -1 : x->word > y->word;
}

/** The bits that occur in any word, so that the symbolic column has no empty places. */
static u64 bits_used(const struct counted *c, size_t n)
{
	u64 all = 0;

	for (size_t i = 0; i < n; i++)
		all |= c[i].word;
	return all;
}

static void add_symbols(struct buf *b, u64 word, u64 all)
{
	for (u64 bits = all; bits; bits &= bits - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(bits);

		buf_addch(b, !(word >> bit & 1) ? '_' : letters[bit] ? letters[bit] : '?');
	}
	if (!all)
		buf_addch(b, '-');
}

/** "uptodate,lru,mmap,anon", unknown bits by number. */
static void add_names(struct buf *b, u64 word)
{
	bool first = true;

	for (u64 bits = word; bits; bits &= bits - 1) {
		unsigned bit = (unsigned)__builtin_ctzll(bits);
		const char *name = kpf_name(bit);

		buf_addstr(b, first ? "" : ",");
		first = false;
		if (!name)
			buf_addf(b, "bit%u", bit);
		else
			for (; *name; name++)
				buf_addch(b, *name >= 'A' && *name <= 'Z' ? (char)(*name | 0x20)
									  : *name);
	}
}

static void put_mib(struct view *v, u64 pages, unsigned end)
{
	char t[SIZE_TEXT_MAX];
	u64 bytes = pages * v->s->host.page_size;

	row_right(&v->row, t, format_size(t, bytes, v->o->bytes ? SIZE_BYTES : SIZE_LONG), end);
}

static void put_count(struct view *v, u64 n, unsigned end)
{
	char t[24];

	row_right(&v->row, t, (size_t)snprintf(t, sizeof(t), "%llu", (unsigned long long)n), end);
}

/** One line of the table of flag sets; `names` go below when they do not fit beside. */
static void set_line(struct view *v, u64 word, u64 pages, u64 all)
{
	struct row *r = &v->row;
	unsigned size = v->o->bytes ? 44 : 38;
	struct buf *b = &v->text;

	row_hex(r, word, 16);
	put_count(v, pages, 28);
	put_mib(v, pages, size);
	row_to(r, size + 1);
	buf_clear(b);
	add_symbols(b, word, all);
	if (row_at(r) + b->len <= v->o->width) {
		row_style(r, STYLE_NOTE);
		row_ascii(r, b->p, b->len);
		row_style(r, STYLE_PLAIN);
	}
	buf_clear(b);
	add_names(b, word);
	if (!b->len)
		buf_addstr(b, "no flag set");
	if (row_at(r) + 2 + b->len > v->o->width) {
		row_end(r);
		row_to(r, 4);
	} else {
		row_skip(r, 2);
	}
	row_ascii(r, b->p, b->len);
	row_end(r);
	out_check(v->out);
}

static void sets_table(struct view *v, const struct page_summary *p)
{
	struct counted *c = xcalloc(p->sets.n, sizeof(*c));
	struct row *r = &v->row;
	unsigned size = v->o->bytes ? 44 : 38;
	u64 all, sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < p->sets.n && i < p->nby_set; i++)
		if (p->by_set[i])
			c[n++] = (struct counted){ p->sets.words[i], p->by_set[i] };
	qsort(c, n, sizeof(*c), by_pages);
	all = bits_used(c, n);
	row_style(r, STYLE_DIM);
	row_str(r, "flags");
	row_right(r, "pages", 5, 28);
	row_right(r, "size", 4, size);
	row_to(r, size + 1);
	row_str(r, "symbols and names");
	row_end(r);
	for (size_t i = 0; i < n; i++) {
		set_line(v, c[i].word, c[i].pages, all);
		sum += c[i].pages;
	}
	if (p->unknown) {
		row_str(r, "?");
		put_count(v, p->unknown, 28);
		put_mib(v, p->unknown, size);
		row_to(r, size + 1);
		row_str(r, "flags not readable");
		row_end(r);
		sum += p->unknown;
	}
	row_style(r, STYLE_BOLD);
	row_str(r, "total");
	put_count(v, sum, 28);
	put_mib(v, sum, size);
	row_end(r);
	row_end(r);
	free(c);
}

static void other_lines(struct view *v, const struct page_summary *p)
{
	struct flow f;

	flow_begin(&f, v, "pages");
	flow_number(&f, p->vma ? "present" : "frames", FIG(p->mapped_total));
	if (p->vma) {
		flow_number(&f, "swapped", FIG(p->swapped));
		flow_number(&f, "guard", FIG(p->guard));
		flow_number(&f, "other", FIG(p->other));
	}
	flow_end(&f);
	if (!p->count_hist[0] && !p->count_hist[1] && !p->count_hist[2] && !p->count_hist[3])
		return;
	flow_begin(&f, v, "map count");
	flow_number(&f, "0:", FIG(p->count_hist[0]));
	flow_number(&f, "1:", FIG(p->count_hist[1]));
	flow_number(&f, "2 to 7:", FIG(p->count_hist[2]));
	flow_number(&f, "8 and more:", FIG(p->count_hist[3]));
	if (p->count_unknown)
		flow_number(&f, "?:", FIG(p->count_unknown));
	flow_end(&f);
	approximate_draw(v, "map counts are");
}

/** States any mapping has pages in, absent ones left out. */
static u32 states_used(const struct page_summary *p)
{
	u32 used = 0;

	for (size_t i = 0; i < p->nvmas; i++)
		for (unsigned st = PS_ABSENT + 1; st < PS_NSTATES; st++)
			if (p->vma[i].state[st])
				used |= 1u << st;
	return used;
}

/** Columns of the table of mappings. */
struct mapping_cols {
	u8 state[PS_NSTATES];
	unsigned end[PS_NSTATES + 1]; /**< where each figure ends, that of `copied` last */
	unsigned n, name;
	bool copied;
};

/** Width of a figure in that table. */
#define FIGURE_COLS 11u

/** Those that no other column counts: file pages and anonymous ones are present, too. */
static const char *state_caption(unsigned st)
{
	return st == PS_PRESENT ? "other present" : page_state_name((enum page_state)st);
}

/** Chooses the states that occur, as many as the width holds, and writes the captions. */
static void mapping_captions(struct view *v, const struct page_summary *p, struct mapping_cols *c)
{
	struct row *r = &v->row;
	unsigned width = MAX(v->o->width, v->c.user_addr + 40u);
	unsigned end = v->c.user_addr + 5;
	u32 used = states_used(p);

	*c = (struct mapping_cols){ .n = 0 };
	for (unsigned st = PS_ABSENT + 1; st < PS_NSTATES; st++) {
		unsigned w = MAX((unsigned)strlen(state_caption(st)) + 1, FIGURE_COLS);

		if (!(used >> st & 1) || end + w + 10 > width)
			continue;
		c->state[c->n] = (u8)st;
		c->end[c->n++] = end += w;
	}
	for (size_t i = 0; i < p->nvmas; i++)
		c->copied |= p->vma[i].copied != 0;
	c->copied = c->copied && end + FIGURE_COLS + 10 <= width;
	if (c->copied)
		c->end[c->n] = end += FIGURE_COLS;
	c->name = end + 2;
	row_end(r);
	row_style(r, STYLE_DIM);
	row_str(r, "pages of each mapping, by state");
	row_end(r);
	row_style(r, STYLE_DIM);
	row_str(r, "mapping");
	for (unsigned i = 0; i < c->n; i++) {
		const char *name = state_caption(c->state[i]);

		row_right(r, name, strlen(name), c->end[i]);
	}
	if (c->copied)
		row_right(r, "copied", 6, c->end[c->n]);
	row_to(r, c->name);
	row_str(r, "name");
	row_end(r);
}

/** Pages of each mapping by state; mappings without any are left out unless --verbose. */
static void mappings_table(struct view *v, const struct page_summary *p)
{
	const struct space *s = v->s;
	struct row *r = &v->row;
	struct mapping_cols c;

	mapping_captions(v, p, &c);
	for (size_t i = p->nvmas; i-- > 0;) {
		const struct vma *m = &s->vmas[i];
		const char *name = vma_name(s, m);
		char perms[4];
		u64 sum = 0;

		for (unsigned st = PS_ABSENT + 1; st < PS_NSTATES; st++)
			sum += p->vma[i].state[st];
		if (!sum && !v->o->verbose)
			continue;
		if (v->o->filter && !expr_match(v->o->filter, s, m))
			continue;
		row_hex(r, m->first, v->c.user_addr);
		row_skip(r, 1);
		perms_letters(perms, m->perms);
		row_ascii(r, perms, 4);
		for (unsigned k = 0; k < c.n; k++)
			if (p->vma[i].state[c.state[k]]) {
				row_style(r, STYLE_STATE + c.state[k]);
				put_count(v, p->vma[i].state[c.state[k]], c.end[k]);
				row_style(r, STYLE_PLAIN);
			}
		if (c.copied && p->vma[i].copied)
			put_count(v, p->vma[i].copied, c.end[c.n]);
		if (!*name)
			name = object_kind_name(
				m->object == NO_INDEX
					? OBJ_ANON
					: (enum object_kind)s->objects[m->object].kind);
		row_to(r, c.name);
		row_text(r, name, strlen(name), MAX(v->o->width, row_at(r) + 6) - row_at(r),
			 ELIDE_START);
		row_end(r);
		out_check(v->out);
	}
}

void render_page_summary(const struct space *s, const struct page_summary *p,
			 const struct view_opts *o, struct out *out)
{
	struct view v;

	view_init(&v, s, o, out);
	title_draw(&v);
	sets_table(&v, p);
	other_lines(&v, p);
	if (p->vma)
		mappings_table(&v, p);
	row_end(&v.row);
	if (p->vma)
		filter_draw(&v, "");
	notes_draw(&v);
	view_release(&v);
}
