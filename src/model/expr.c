/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a filter asks of a mapping, and the answer. Texts become filters in expr_parse.c. */
#include "expr_parts.h"

#include <stdlib.h>
#include <string.h>

/* --- figures ---------------------------------------------------------------------------------- */

static struct fig sum(const struct smaps_values *v, enum smaps_field a, enum smaps_field b)
{
	struct fig x = smaps_fig(v, a), y = smaps_fig(v, b);

	return x.have && y.have ? FIG((x.v + y.v) << 10) : (struct fig){ 0 };
}

static struct fig one(const struct smaps_values *v, enum smaps_field a)
{
	struct fig x = smaps_fig(v, a);

	return x.have ? FIG(x.v << 10) : x;
}

/**
 * Figures by their names: the first one is that of the help, all of them are understood. The
 * columns of the browser, as they are headed, wide or narrow, are among them. Two fields are added
 * where there are two.
 */
const struct expr_figure expr_figures[] = {
	{ "rss", SMAPS_RSS, -1 },
	{ "pss", SMAPS_PSS, -1 },
	{ "swap swapped", SMAPS_SWAP, -1 },
	{ "swappss swap_pss", SMAPS_SWAP_PSS, -1 },
	{ "private", SMAPS_PRIVATE_CLEAN, SMAPS_PRIVATE_DIRTY },
	{ "shared", SMAPS_SHARED_CLEAN, SMAPS_SHARED_DIRTY },
	{ "dirty", SMAPS_PRIVATE_DIRTY, SMAPS_SHARED_DIRTY },
	{ "private_dirty priv.dirty p.dirty", SMAPS_PRIVATE_DIRTY, -1 },
	{ "private_clean priv.clean p.clean", SMAPS_PRIVATE_CLEAN, -1 },
	{ "shared_dirty shr.dirty s.dirty", SMAPS_SHARED_DIRTY, -1 },
	{ "shared_clean shr.clean s.clean", SMAPS_SHARED_CLEAN, -1 },
	{ "referenced ref", SMAPS_REFERENCED, -1 },
	{ "anon anonymous", SMAPS_ANONYMOUS, -1 },
	{ "locked", SMAPS_LOCKED, -1 },
	{ "ksm", SMAPS_KSM, -1 },
	{ "size", -1, -1 },
	{ "offset", -2, -1 },
	{ "present", -3, -1 },
	{ "huge", -4, -1 },
	{ "address", -5, -1 },
	{ "maps mappings", -6, -1 },
};
const size_t nexpr_figures = ARRAY_SIZE(expr_figures);

static struct fig figure(const struct space *s, const struct vma *v, unsigned i)
{
	bool pages = v->have & VMA_HAVE_PAGES;
	u64 page = s->host.page_size;
	struct smaps_values values;

	switch (expr_figures[i].a) {
	case -1:
		return FIG(range_size(vma_range(v)));
	case -2:
		return FIG(v->offset);
	case -3:
		return pages ? FIG(v->pages.present * page) : (struct fig){ 0 };
	case -4:
		return pages ? FIG(v->pages.huge * page) : (struct fig){ 0 };
	case -5:
		return FIG(v->first);
	case -6:
		return v->object == NO_INDEX ? (struct fig){ 0 } : FIG(s->objects[v->object].nvmas);
	}
	space_smaps(s, v, &values);
	if (expr_figures[i].b >= 0)
		return sum(&values, (enum smaps_field)expr_figures[i].a,
			   (enum smaps_field)expr_figures[i].b);
	return one(&values, (enum smaps_field)expr_figures[i].a);
}

void expr_free(struct expr *e)
{
	if (!e)
		return;
	expr_free(e->a);
	expr_free(e->b);
	free(e->text);
	free(e);
}

/* --- evaluation ------------------------------------------------------------------------------- */

static enum truth truth_of(bool is)
{
	return is ? TRUTH_TRUE : TRUTH_FALSE;
}

static enum truth compare(struct fig f, enum cmp cmp, u64 n)
{
	if (!f.have)
		return TRUTH_UNKNOWN;
	switch (cmp) {
	case CMP_EQ:
		return truth_of(f.v == n);
	case CMP_NE:
		return truth_of(f.v != n);
	case CMP_LT:
		return truth_of(f.v < n);
	case CMP_LE:
		return truth_of(f.v <= n);
	case CMP_GT:
		return truth_of(f.v > n);
	default:
		return truth_of(f.v >= n);
	}
}

enum truth expr_ask(const struct expr *e, const struct space *s, const struct vma *v)
{
	enum truth t;

	switch (e->op) {
	case OP_AND:
		t = expr_ask(e->a, s, v);
		return t == TRUTH_FALSE ? t : MIN(t, expr_ask(e->b, s, v));
	case OP_OR:
		t = expr_ask(e->a, s, v);
		return t == TRUTH_TRUE ? t : MAX(t, expr_ask(e->b, s, v));
	case OP_NOT:
		return (enum truth)(TRUTH_TRUE - expr_ask(e->a, s, v));
	case OP_FIGURE:
		return compare(figure(s, v, e->figure), e->cmp, e->n);
	case OP_KIND:
		if (v->object == NO_INDEX)
			return TRUTH_UNKNOWN;
		return truth_of(e->kinds >> s->objects[v->object].kind & 1);
	case OP_ROLE:
		return truth_of(e->kinds >> v->role & 1);
	case OP_NAME:
		return truth_of(strcasestr(vma_name(s, v), e->text));
	case OP_NAME_IS:
		return truth_of(!strcmp(vma_name(s, v), e->text));
	case OP_PERMS:
		return truth_of((v->perms & e->perms_on) == e->perms_on &&
				!(v->perms & e->perms_off));
	case OP_DELETED:
		return truth_of(v->have & VMA_DELETED);
	case OP_TRUE:
		return TRUTH_TRUE;
	}
	return TRUTH_FALSE;
}

bool expr_match(const struct expr *e, const struct space *s, const struct vma *v)
{
	return expr_ask(e, s, v) == TRUTH_TRUE;
}

enum truth expr_test(const void *expr, const struct space *s, const struct vma *v)
{
	return expr_ask(expr, s, v);
}

struct expr_count expr_count(const struct expr *e, const struct space *s, struct range limit)
{
	size_t n = space_user_vmas(s);
	struct expr_count ret = { 0 };

	for (size_t i = space_lower_vma(s, limit.first); i < n && s->vmas[i].first <= limit.last;
	     i++) {
		enum truth t = expr_ask(e, s, &s->vmas[i]);

		ret.asked++;
		ret.met += t == TRUTH_TRUE;
		ret.unknown += t == TRUTH_UNKNOWN;
	}
	return ret;
}

void expr_count_words(struct buf *b, const struct expr_count *n)
{
	buf_addf(b, "%llu of %llu mapping%s meet%s it", (unsigned long long)n->met,
		 (unsigned long long)n->asked, n->asked == 1 ? "" : "s", n->met == 1 ? "s" : "");
	if (n->unknown)
		buf_addf(b, "; of %llu the figure is not known", (unsigned long long)n->unknown);
}

/* --- the language in words -------------------------------------------------------------------- */

const struct expr_doc expr_docs[] = {
	{ "rw-p r?x w", "permissions: a letter must be there, - must not; ?, or nothing: either" },
	{ "heap lib", "a kind: exe lib file heap stack anon shm memfd guard device and others; "
		      "also kind = lib, kind != lib" },
	{ "pss > 10M", "a figure, compared by = != < <= > >=; K M G T count by 1024, 0x7f00 is "
		       "hex: rss pss swap size private shared dirty private_dirty "
		       "private_clean shared_dirty shared_clean anon huge referenced locked ksm "
		       "present offset address maps; and as columns are headed: p.dirty, ref" },
	{ "~libc", "a text in the name, as name ~ libc; name = /bin/sh is all of it; quotation "
		   "marks hold blanks: ~\"a b\"" },
	{ "role = relro", "what it is in its file: header text rodata relro data bss guard" },
	{ "deleted", "its file is deleted" },
	{ "a b, or, not", "a b, or a and b: both; a or b: either; not a; ( ) as usual; what is "
			  "not known meets neither a test nor its opposite, and is counted" },
};
const size_t nexpr_docs = ARRAY_SIZE(expr_docs);
