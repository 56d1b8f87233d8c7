/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --kernel-ptes: a line a range that the kernel's page tables map alike, lowest first. Eight
 * columns without blanks inside, then the region, so that other programs can read it.
 */
#include "ptes_parts.h"

#include <string.h>

/** Most page sizes that are told apart below the list. */
#define SIZES_MAX 8

struct kernel_ptes {
	struct view v;
	const struct pt_ranges *r;
	u64 rows, bytes, wx, wx_bytes, outside, outside_bytes;
	struct {
		u64 page, bytes;
	} size[SIZES_MAX];
	size_t nsizes;
};

/** Columns from the end of the page size on. */
enum {
	COL_ACCESS = 2,
	COL_BITS = COL_ACCESS + 4,
	COL_MEM = COL_BITS + 4,
	COL_PHYS = COL_MEM + 7,
	COL_MARK = COL_PHYS + 13,
	COL_REGION = COL_MARK + 8,
};

/** Where the size of a range ends. */
static unsigned size_end(const struct kernel_ptes *kp)
{
	return 2 * kp->v.c.addr + 1 + (kp->v.o->bytes ? SIZE_BYTES_COLS + 1 : 8);
}

/** Where that of its pages does: a terabyte at most. */
static unsigned page_end(const struct kernel_ptes *kp)
{
	return size_end(kp) + (kp->v.o->bytes ? 14 : 6);
}

static void count_size(struct kernel_ptes *kp, u64 page, u64 bytes)
{
	size_t i = 0;

	while (i < kp->nsizes && kp->size[i].page != page)
		i++;
	if (i == SIZES_MAX)
		return;
	if (i == kp->nsizes)
		kp->size[kp->nsizes++].page = page;
	kp->size[i].bytes += bytes;
}

/** Bytes of the range that lie in no region. */
static u64 outside_bytes(const struct space *s, struct range r)
{
	struct range piece;
	u64 sum = 0;

	while (pt_range_outside(s, r, &piece)) {
		sum += range_size(piece);
		if (piece.last == r.last)
			break;
		r.first = piece.last + 1;
	}
	return sum;
}

static void put_physical(struct row *r, const struct pt_range *g)
{
	if (!g->have_pa)
		row_str(r, "?");
	else if (!g->contiguous)
		row_str(r, "-");
	else
		row_hex(r, g->pa, 9);
}

static void put_region(struct kernel_ptes *kp, const struct pt_range *g, u64 outside)
{
	const struct region *in = pt_region(kp->v.s, g->first), *last;
	struct row *r = &kp->v.row;
	char t[SIZE_TEXT_MAX];

	last = pt_region(kp->v.s, g->last);
	row_str(r, in ? in->name : "-");
	if (in && last && last != in) {
		row_str(r, " to ");
		row_str(r, last->name);
	}
	if (outside && outside < g->last - g->first + 1) {
		row_str(r, ", outside ");
		row_ascii(r, t, format_size(t, outside, kp->v.c.short_form));
	}
	if (g->repeats || g->aliases) {
		row_style(r, STYLE_DIM);
		row_str(r, "  again ");
		row_ascii(r, t, format_dec(t, (g->repeats + 1) * (g->aliases + 1) - 1));
		row_str(r, " times");
		if (g->repeats) {
			row_str(r, ", every ");
			row_ascii(r, t, format_size(t, g->stride, kp->v.c.short_form));
		}
		row_style(r, STYLE_PLAIN);
	}
}

static void range_line(struct kernel_ptes *kp, const struct pt_range *g)
{
	struct row *r = &kp->v.row;
	unsigned x = page_end(kp);
	u64 bytes = g->last - g->first + 1;
	u64 outside = outside_bytes(kp->v.s, (struct range){ g->first, g->last });
	bool wx = pt_is_wx(g->flags);
	char t[4];

	kp->rows++;
	kp->bytes += bytes;
	kp->wx += wx;
	kp->wx_bytes += wx ? bytes : 0;
	kp->outside += outside != 0;
	kp->outside_bytes += outside;
	count_size(kp, g->page, bytes);
	row_hex(r, g->first, kp->v.c.addr);
	row_str(r, "-");
	row_hex(r, g->last + 1, kp->v.c.addr);
	pt_put_size(r, bytes, kp->v.c.short_form, size_end(kp));
	pt_put_size(r, g->page, kp->v.c.short_form, x);
	row_to(r, x + COL_ACCESS);
	pt_access_letters(t, g->flags);
	if (wx)
		row_style(r, STYLE_WARN);
	row_ascii(r, t, 3);
	row_style(r, STYLE_PLAIN);
	row_to(r, x + COL_BITS);
	t[0] = g->flags & PT_GLOBAL ? 'g' : '-';
	t[1] = g->flags & PT_USER ? 'u' : '-';
	t[2] = g->flags & PT_CONT ? 'c' : '-';
	row_ascii(r, t, 3);
	row_to(r, x + COL_MEM);
	row_str(r, pt_mem_name((enum pt_mem)g->mem));
	row_to(r, x + COL_PHYS);
	put_physical(r, g);
	row_to(r, x + COL_MARK);
	row_style(r, wx || outside ? STYLE_WARN : STYLE_PLAIN);
	row_str(r, wx && outside ? "W+X,OUT" : wx ? "W+X" : outside ? "OUT" : "-");
	row_style(r, STYLE_PLAIN);
	row_to(r, x + COL_REGION);
	put_region(kp, g, outside);
	row_end(r);
	out_check(kp->v.out);
}

static void heading(struct kernel_ptes *kp)
{
	struct row *r = &kp->v.row;
	unsigned x = page_end(kp);

	row_style(r, STYLE_DIM);
	row_str(r, "addresses");
	row_right(r, "size", 4, size_end(kp));
	row_right(r, "page", 4, x);
	row_to(r, x + COL_ACCESS);
	row_str(r, "rwx");
	row_to(r, x + COL_BITS);
	row_str(r, "guc");
	row_to(r, x + COL_MEM);
	row_str(r, "memory");
	row_to(r, x + COL_PHYS);
	row_str(r, "physical");
	row_to(r, x + COL_MARK);
	row_str(r, "mark");
	row_to(r, x + COL_REGION);
	row_str(r, "region");
	row_end(r);
}

/** "12 ranges, 3 MiB" of a kind, or that there is none. */
static void counted(struct kernel_ptes *kp, const char *label, u64 n, u64 bytes, const char *none)
{
	struct view *v = &kp->v;
	char t[SIZE_TEXT_MAX];
	struct flow f;

	flow_begin(&f, v, label);
	if (!n) {
		flow_str(&f, none, STYLE_PLAIN);
	} else {
		buf_clear(&v->text);
		buf_addf(&v->text, "%llu range%s, ", (unsigned long long)n, n == 1 ? "" : "s");
		buf_add(&v->text, t, format_size(t, bytes, v->c.size_form));
		flow_item(&f, v->text.p, v->text.len, STYLE_WARN);
	}
	flow_end(&f);
}

static void sums(struct kernel_ptes *kp)
{
	struct view *v = &kp->v;
	char t[SIZE_TEXT_MAX];
	struct flow f;

	row_end(&v->row);
	flow_begin(&f, v, "mapped");
	flow_number(&f, "ranges", FIG(kp->rows));
	flow_size(&f, "together", FIG(kp->bytes));
	for (size_t i = 0; i < kp->nsizes; i++) {
		buf_clear(&v->name);
		buf_addstr(&v->name, "by pages of ");
		if (kp->size[i].page)
			buf_add(&v->name, t, format_size(t, kp->size[i].page, v->c.short_form));
		else
			buf_addch(&v->name, '?');
		flow_size(&f, v->name.p, FIG(kp->size[i].bytes));
	}
	flow_end(&f);
	counted(kp, "W+X", kp->wx, kp->wx_bytes, "nothing is writable and executable at once");
	counted(kp, "OUT", kp->outside, kp->outside_bytes,
		"nothing is mapped outside the regions drawn");
	if (kp->r->level_names) {
		pt_tables_draw(v, &kp->r->tables, kp->r->level_names, kp->r->levels, kp->r->source,
			       kp->r->usec);
	} else {
		flow_begin(&f, v, "tables");
		flow_str(&f, "as the kernel dumps them in debugfs; physical addresses are not told",
			 STYLE_NOTE);
		flow_end(&f);
	}
}

void render_kernel_ptes(const struct space *s, const struct pt_ranges *r, const struct view_opts *o,
			struct out *out)
{
	struct kernel_ptes kp = { .r = r };
	static const char letters[] =
		"g global, u open to the user, c parts of contiguous blocks; physical is the first "
		"byte where all of it is one piece";
	struct flow f;

	view_init(&kp.v, s, o, out);
	title_draw(&kp.v);
	heading(&kp);
	for (size_t i = pt_ranges_lower(r, o->limit.first);
	     i < r->n && r->v[i].first <= o->limit.last && !out->err; i++)
		range_line(&kp, &r->v[i]);
	sums(&kp);
	flow_begin(&f, &kp.v, "guc");
	flow_words(&f, letters, sizeof(letters) - 1, STYLE_DIM);
	flow_end(&f);
	root_draw(&kp.v, "kernel addresses");
	notes_draw(&kp.v);
	view_release(&kp.v);
}
