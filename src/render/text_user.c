/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the user half: objects, mappings, gaps, parts of the stack, marks. */
#include "view.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../model/roles.h"

/* --- borders ------------------------------------------------------------------------------------
 */

/** One item of the upper border, when there is room for it before column *edge. */
static void top_item(struct view *v, const char *label, struct fig bytes, unsigned *edge)
{
	struct row *r = &v->row;
	struct buf *b = &v->text;
	char t[SIZE_TEXT_MAX];

	buf_clear(b);
	buf_addstr(b, label);
	buf_addch(b, ' ');
	if (bytes.have && v->c.right)
		buf_add(b, t, format_size(t, bytes.v, v->c.size_form));
	else if (bytes.have)
		text_size(v, b, bytes.v);
	else
		buf_addch(b, '?');
	if (row_at(r) + 2 + b->len + 2 > *edge) {
		/* None after it either: items are left out from the end. */
		*edge = 0;
		return;
	}
	row_skip(r, 2);
	row_ascii(r, b->p, b->len);
}

/** The captions of the columns. */
static void captions(struct view *v)
{
	const struct columns *c = &v->c;
	struct row *r = &v->row;
	static const char low[] = "low", high[] = "high";

	if (!c->size.w)
		return;
	line_start(v, 0, 0, ' ');
	row_style(r, STYLE_DIM);
	row_str(r, "mapping");
	row_right(r, "size", 4, c->size.x + c->size.w);
	if (c->perms.w) {
		row_to(r, c->perms.x);
		row_str(r, "perm");
	}
	if (c->offset.w)
		row_right(r, "offset", 6, c->offset.x + c->offset.w);
	if (c->rss.w)
		row_right(r, v->have_smaps ? "rss" : "pres", v->have_smaps ? 3 : 4,
			  c->rss.x + c->rss.w);
	if (c->pss.w)
		row_right(r, "pss", 3, c->pss.x + c->pss.w);
	if (c->swap.w)
		row_right(r, "swap", 4, c->swap.x + c->swap.w);
	if (c->bar.w) {
		row_to(r, c->bar.x);
		if (c->bar.w >= 12) {
			row_str(r, low);
			row_skip(r, 1);
			row_line(r, GLYPH_DASH, c->bar.x + c->bar.w - 5);
			row_skip(r, 1);
			row_str(r, high);
		} else {
			row_str(r, "pages");
		}
	}
	line_end(v);
}

void user_top(struct view *v, const struct tile *t)
{
	struct row *r = &v->row;
	unsigned edge = v->c.right ? v->c.right : v->c.end, room = edge;
	char n[64];

	row_skip(r, v->c.addr - v->c.user_addr);
	row_hex(r, t->r.last, v->c.user_addr);
	half_title(v, "USER", t->r);
	row_style(r, STYLE_PLAIN);
	if (v->s->no_user == USER_DOCUMENTED)
		snprintf(n, sizeof(n), "%s (%s)", conf_name(v->s->user_conf), v->s->user_source);
	else if (v->o->filter)
		snprintf(n, sizeof(n), "%llu of %llu mappings", (unsigned long long)v->filtered.met,
			 (unsigned long long)v->filtered.asked);
	else
		snprintf(n, sizeof(n), "%llu mapping%s", (unsigned long long)v->all.nvmas,
			 v->all.nvmas == 1 ? "" : "s");
	if (row_at(r) + 2 + strlen(n) + 1 <= edge) {
		row_skip(r, 2);
		row_str(r, n);
	} else {
		room = 0;
	}
	if (v->s->no_user == USER_HERE)
		top_item(v, "mapped", v->all.maybe ? (struct fig){ 0 } : FIG(v->all.size), &room);
	if (v->have_smaps) {
		top_item(v, "rss", v->all.rss, &room);
		top_item(v, "pss", v->all.pss, &room);
		if (v->have_swap)
			top_item(v, "swap", v->all.swap, &room);
	} else if (v->s->have_scan) {
		top_item(v, "present", v->all.present, &room);
	}
	if (v->c.frame) {
		row_skip(r, 1);
		row_style(r, STYLE_FRAME);
		row_line(r, GLYPH_HALF_H, edge);
		if (v->c.right)
			row_glyph(r, GLYPH_HALF_TR);
	}
	row_end(r);
	if (v->s->no_user != USER_DOCUMENTED)
		captions(v);
}

void user_none(struct view *v)
{
	const struct space *s = v->s;
	struct row *r = &v->row;
	struct buf why;

	buf_init(&why);
	no_user_words(&why, s);
	if (!why.len) {
		buf_release(&why);
		return;
	}
	r->want = v->c.frame ? v->c.start : 0;
	for (size_t i = 0, n, next; i < why.len; i += next) {
		unsigned x = v->c.frame ? v->c.start : 0;

		n = text_wrap(why.p + i, why.len - i, MAX(v->c.end, x + 8) - x, &next);
		row_style(r, STYLE_WARN);
		r->want = x;
		row_ascii(r, why.p + i, n);
		row_end(r);
	}
	buf_release(&why);
	out_check(v->out);
}

/* --- names --------------------------------------------------------------------------------------
 */

static const struct object *object_of(const struct view *v, const struct vma *m)
{
	return m->object == NO_INDEX ? NULL : &v->s->objects[m->object];
}

static unsigned kind_of(const struct view *v, const struct vma *m)
{
	const struct object *o = object_of(v, m);

	return o ? MIN(o->kind, OBJ_NKINDS - 1u) : OBJ_ANON;
}

/** What the mapping is, in the first column. */
static void put_what(struct view *v, const struct vma *m, const struct tile *t)
{
	unsigned kind = kind_of(v, m), at = row_at(&v->row);
	unsigned end = v->c.what.x + v->c.what.w, cols = end > at ? end - at : 1;
	const char *name = shown_name(v, m);
	bool boxed = t->box != TILE_BOX_NONE && object_of(v, m), list = false;

	row_style(&v->row, STYLE_KIND + kind);
	if (!boxed && *name) {
		put_name(v, name, strlen(name), STYLE_KIND + kind, cols);
		return;
	}
	buf_clear(&v->text);
	if (boxed)
		list = mapping_words(&v->text, v->s, m);
	else
		buf_addstr(&v->text, object_kind_name((enum object_kind)kind));
	row_text(&v->row, v->text.p, v->text.len, cols, list ? ELIDE_END : ELIDE_MIDDLE);
}

/* --- mappings -----------------------------------------------------------------------------------
 */

static void put_perms(struct view *v, const struct vma *m)
{
	char t[4];

	if (!v->c.perms.w)
		return;
	perms_letters(t, m->perms);
	row_to(&v->row, v->c.perms.x);
	if ((m->perms & (PERM_W | PERM_X)) == (PERM_W | PERM_X))
		row_style(&v->row, STYLE_WARN);
	row_ascii(&v->row, t, 4);
	row_style(&v->row, STYLE_PLAIN);
}

static void put_offset(struct view *v, const struct vma *m)
{
	unsigned digits = m->offset ? (67 - (unsigned)__builtin_clzll(m->offset)) / 4 : 1;

	/* Without a file the offset is an address in disguise, or 0: it says nothing. */
	if (!v->c.offset.w || (!m->inode && !m->major))
		return;
	row_to(&v->row, v->c.offset.x + v->c.offset.w - MIN(digits, v->c.offset.w));
	row_hex(&v->row, m->offset, 1);
}

static bool has(const struct smaps_values *sv, enum smaps_field f)
{
	return sv->have >> f & 1;
}

/** A figure of smaps in bytes, 0 when it is unknown: for facts that only tell what is there. */
static u64 bytes_of(const struct smaps_values *sv, enum smaps_field f)
{
	return has(sv, f) ? sv->v[f] * KIB : 0;
}

static void put_figures(struct view *v, const struct vma *m, const struct smaps_values *sv)
{
	const struct columns *c = &v->c;
	static const char unknown = '?';

	if (has(sv, SMAPS_RSS))
		put_size(v, c->rss, sv->v[SMAPS_RSS] * KIB, c->short_form);
	else if (!v->have_smaps && m->have & VMA_HAVE_PAGES)
		put_size(v, c->rss, m->pages.present * v->s->host.page_size, c->short_form);
	else if (c->rss.w)
		row_right(&v->row, &unknown, 1, c->rss.x + c->rss.w);
	if (has(sv, SMAPS_PSS))
		put_size(v, c->pss, sv->v[SMAPS_PSS] * KIB, c->short_form);
	else if (c->pss.w)
		row_right(&v->row, &unknown, 1, c->pss.x + c->pss.w);
	if (has(sv, SMAPS_SWAP))
		put_size(v, c->swap, sv->v[SMAPS_SWAP] * KIB, c->short_form);
	else if (c->swap.w)
		row_right(&v->row, &unknown, 1, c->swap.x + c->swap.w);
	if (c->bar.w) {
		row_to(&v->row, c->bar.x);
		bar_draw(v, m, c->bar.w);
	}
}

/** Addresses that something points to and that are exactly where the mapping starts. */
static void mark_facts(struct view *v, const struct vma *m)
{
	const struct space *s = v->s;
	size_t low = 0, high = s->nmarks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->marks[mid].addr < m->first)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->nmarks && s->marks[low].addr == m->first; low++)
		if (s->marks[low].thread == NO_INDEX)
			fact(v, s->marks[low].name, strlen(s->marks[low].name), STYLE_NOTE, true);
}

/** What must not be overlooked, however narrow the view. */
static void grave_facts(struct view *v, const struct vma *m, const struct smaps_values *sv)
{
	u8 rwx = m->perms & (PERM_R | PERM_W | PERM_X), real = space_effective_perms(v->s, m) & 7;
	const struct object *o = object_of(v, m);

	if ((rwx & (PERM_W | PERM_X)) == (PERM_W | PERM_X))
		fact(v, "W+X", 3, STYLE_WARN, true);
	if (real != rwx) {
		char t[] = "effective ----";

		perms_letters(t + 10, real);
		fact(v, t, 13, STYLE_WARN, true);
	}
	if (o && o->nvmas == 1 && v->box == TILE_BOX_NONE && object_file_words(v->s, o)) {
		const char *text = object_file_words(v->s, o);

		fact(v, text, strlen(text), STYLE_WARN, true);
	}
	if (m->inode && !(m->perms & PERM_SHARED) && bytes_of(sv, SMAPS_ANONYMOUS))
		fact_size(v, "copied", bytes_of(sv, SMAPS_ANONYMOUS), STYLE_NOTE, true);
	if (bytes_of(sv, SMAPS_SWAP) && !v->c.swap.w)
		fact_size(v, "swap", bytes_of(sv, SMAPS_SWAP), STYLE_STATE + PS_SWAPPED, true);
	if (m->have & VMA_HAVE_PAGES && m->pages.guard)
		fact_size(v, "guard", m->pages.guard * v->s->host.page_size, STYLE_NOTE, true);
	if (bytes_of(sv, SMAPS_LOCKED))
		fact_size(v, "locked", bytes_of(sv, SMAPS_LOCKED), STYLE_NOTE, true);
}

/** Words for VmFlags that say what the columns do not. */
static void flag_facts(struct view *v, const struct vma *m)
{
	for (u64 bits = m->vmflags & v->notable; bits; bits &= bits - 1) {
		const char *words = vmflag_words(v->s->vmflag_names[__builtin_ctzll(bits)]);

		if (words)
			fact(v, words, strlen(words), STYLE_DIM, true);
	}
}

/** What is good to know: below the row where there is no room beside; but the column of PSS. */
/** [vsyscall], [vectors]: no page of the process, so pagemap has nothing of it and no bar is drawn.
 */
static void gate_fact(struct view *v, const struct vma *m)
{
	static const char words[] = "the kernel's";

	if (v->s->user.last && m->first > v->s->user.last && !(m->have & VMA_HAVE_PAGES))
		fact(v, words, sizeof(words) - 1, STYLE_DIM, true);
}

static void light_facts(struct view *v, const struct vma *m, const struct smaps_values *sv)
{
	u64 dirty = bytes_of(sv, SMAPS_PRIVATE_DIRTY) + bytes_of(sv, SMAPS_SHARED_DIRTY);
	u64 huge = bytes_of(sv, SMAPS_ANON_HUGE) + bytes_of(sv, SMAPS_SHMEM_PMD) +
		   bytes_of(sv, SMAPS_FILE_PMD) + bytes_of(sv, SMAPS_SHARED_HUGETLB) +
		   bytes_of(sv, SMAPS_PRIVATE_HUGETLB);

	if (huge)
		fact_size(v, "huge", huge, STYLE_NOTE, true);
	/* Anonymous and copied pages are dirty as a rule: only the rest is news. */
	if (dirty && dirty != bytes_of(sv, SMAPS_ANONYMOUS))
		fact_size(v, "dirty", dirty, STYLE_NOTE, true);
	if (m->have & VMA_HAVE_PAGES && m->pages.zero)
		fact_size(v, "zero", m->pages.zero * v->s->host.page_size, STYLE_NOTE, true);
	if (!v->c.pss.w && has(sv, SMAPS_PSS) && sv->v[SMAPS_PSS] != sv->v[SMAPS_RSS])
		fact_size(v, "pss", bytes_of(sv, SMAPS_PSS), STYLE_NOTE, false);
	flag_facts(v, m);
}

/** "present 412M of 1 GiB (40 %)" and the like: what a large mapping uses its height for. */
static void tall_facts(struct view *v, const struct vma *m, const struct smaps_values *sv)
{
	struct buf *b = &v->text;
	struct totals t;

	totals_init(&t);
	totals_add(&t, v->s, m);
	if (t.present.have) {
		if (t.untouched.have && t.untouched.v == t.size) {
			fact(v, "nothing touched", 15, STYLE_NOTE, false);
			return;
		}
		buf_clear(b);
		buf_addstr(b, "present ");
		text_size(v, b, t.present.v);
		buf_addf(b, " (%llu%%)", (unsigned long long)(t.present.v / (t.size / 100 + 1)));
		fact(v, b->p, b->len, STYLE_NOTE, false);
		if (t.untouched.v)
			fact_size(v, "untouched", t.untouched.v, STYLE_NOTE, false);
		if (m->pages.present + m->pages.swapped && m->pages.lowest > m->first) {
			buf_clear(b);
			buf_addstr(b, "first page at +");
			text_size(v, b, m->pages.lowest - m->first);
			fact(v, b->p, b->len, STYLE_NOTE, false);
		}
	}
	if (bytes_of(sv, SMAPS_REFERENCED))
		fact_size(v, "referenced", bytes_of(sv, SMAPS_REFERENCED), STYLE_NOTE, false);
	if (bytes_of(sv, SMAPS_LAZYFREE))
		fact_size(v, "lazily freed", bytes_of(sv, SMAPS_LAZYFREE), STYLE_NOTE, false);
	if (bytes_of(sv, SMAPS_KSM))
		fact_size(v, "KSM", bytes_of(sv, SMAPS_KSM), STYLE_NOTE, false);
}

/** What was promised and what became of it: a fact each, `?` for what is not known. */
static void contract_facts(struct view *v, const struct vma *m)
{
	struct totals t;

	totals_init(&t);
	totals_add(&t, v->s, m);
	const struct {
		const char *name;
		struct fig fig;
	} all[] = { { "present", t.present },
		    { "swapped", t.swapped },
		    { "untouched", t.untouched },
		    { "guard", t.guard },
		    { "other non-present", t.other } };

	for (size_t i = 0; m->have & VMA_HAVE_PAGES && i < ARRAY_SIZE(all); i++) {
		struct buf *b = &v->text;

		if (all[i].fig.have && !all[i].fig.v)
			continue;
		buf_clear(b);
		buf_addstr(b, all[i].name);
		buf_addch(b, ' ');
		if (all[i].fig.have)
			text_size(v, b, all[i].fig.v);
		else
			buf_addch(b, '?');
		fact(v, b->p, b->len, STYLE_NOTE, true);
	}
}

/** "segment 2 LOAD r-x": which one of its file, as readelf -l counts them. */
static void segment_fact(struct view *v, const struct vma *m)
{
	size_t index;
	const struct image_segment *g = vma_segment(v->s, m, &index);
	struct buf *b = &v->text;

	if (!g)
		return;
	buf_clear(b);
	buf_addf(b, "segment %zu LOAD %c%c%c", index, g->flags & PF_R ? 'r' : '-',
		 g->flags & PF_W ? 'w' : '-', g->flags & PF_X ? 'x' : '-');
	fact(v, b->p, b->len, STYLE_DIM, true);
}

/** Every figure and flag the kernel gave, with --verbose. */
static void all_facts(struct view *v, const struct vma *m, const struct smaps_values *sv)
{
	const struct space *s = v->s;
	struct buf *b = &v->text;
	const char *name = strtab_get(&s->names, m->name);

	v->row.want = v->c.end;
	if (m->inode || m->major || m->minor) {
		buf_clear(b);
		buf_addf(b, "device %02x:%02x inode %llu", m->major, m->minor,
			 (unsigned long long)m->inode);
		fact(v, b->p, b->len, STYLE_DIM, true);
	}
	if (v->box == TILE_BOX_NONE && name_dir_len(name, strlen(name)) > 0)
		fact_long(v, name, STYLE_DIM);
	segment_fact(v, m);
	contract_facts(v, m);
	/* In the order of the file. */
	for (unsigned k = 0; sv->have && k < s->schemas[m->schema].n; k++) {
		unsigned i = s->schemas[m->schema].field[k];

		if (!(sv->have >> i & 1) || !sv->v[i] || i == SMAPS_SIZE)
			continue;
		buf_clear(b);
		buf_addstr(b, strtab_get(&s->names, s->field_name[i]));
		buf_addch(b, ' ');
		if (s->field_plain >> i & 1)
			buf_adddec(b, sv->v[i]);
		else
			text_size(v, b, sv->v[i] * KIB);
		fact(v, b->p, b->len, STYLE_PLAIN, true);
	}
	for (u64 bits = m->vmflags; bits; bits &= bits - 1) {
		const char *letters = s->vmflag_names[__builtin_ctzll(bits)];
		const char *words = vmflag_words(letters);

		if (!words)
			words = letters;
		fact(v, words, strlen(words), STYLE_DIM, true);
	}
}

void user_mapping(struct view *v, const struct tile *t)
{
	const struct vma *m = &v->s->vmas[t->index];
	struct smaps_values sv;

	if (m->have & VMA_HAVE_SMAPS)
		space_smaps(v->s, m, &sv);
	else
		sv.have = 0;
	user_line(v, t);
	put_what(v, m, t);
	row_style(&v->row, STYLE_PLAIN);
	put_size(v, v->c.size, range_size(t->r), v->c.size_form);
	put_perms(v, m);
	put_offset(v, m);
	put_figures(v, m, &sv);
	facts_begin(v, t->box, t->lines - 1u);
	grave_facts(v, m, &sv);
	mark_facts(v, m);
	gate_fact(v, m);
	light_facts(v, m, &sv);
	if (t->lines > 1)
		tall_facts(v, m, &sv);
	if (v->o->verbose)
		all_facts(v, m, &sv);
	line_end(v);
}

/* --- gaps, parts, marks -------------------------------------------------------------------------
 */

void gap_start(struct view *v, const struct tile *t, const char *what)
{
	struct row *r = &v->row;

	row_style(r, STYLE_DIM);
	user_line(v, t);
	row_style(r, STYLE_DIM);
	row_glyph(r, GLYPH_GAP);
	row_skip(r, 1);
	row_str(r, what);
	put_size(v, v->c.size, range_size(t->r), v->c.size_form);
	row_style(r, STYLE_PLAIN);
}

/** Rows above or below what -A and --locate ask for. */
void skipped_rows(struct view *v)
{
	struct row *r = &v->row;

	line_start(v, 0, 0, ' ');
	row_style(r, STYLE_DIM);
	row_glyph(r, GLYPH_GAP);
	row_skip(r, 1);
	row_raw(r, r->ascii ? "..." : "…", 3, r->ascii ? 3 : 1);
	row_str(r, " not shown");
	line_end(v);
}

/** How far the heap or the stack can grow, and with `end` what ends it, in v->text. */
static void room_text(struct view *v, const struct room *room, bool end)
{
	struct buf *b = &v->text;

	buf_clear(b);
	buf_addstr(b, room->up ? " heap can grow " : " stack can grow ");
	text_size(v, b, room->bytes);
	if (!end)
		return;
	buf_addstr(b, room->limit == ROOM_RLIMIT ? ", then " : ", then the ");
	buf_addstr(b, room->what);
}

/** That with an arrow: beside the gap when `beside` and there is room, else below it. */
static void put_room(struct view *v, const struct tile *t, const struct room *room, bool beside)
{
	struct row *r = &v->row;

	room_text(v, room, true);
	if (beside && v->c.perms.w && v->c.perms.x + 1 + v->text.len <= v->c.end) {
		row_to(r, v->c.perms.x);
	} else {
		line_end(v);
		line_start(v, 0, 0, ' ');
		if (t->box == TILE_BOX_IN)
			line_box(v, TILE_BOX_IN);
		r->want = v->c.start + 2;
	}
	if (row_at(r) + 1 + v->text.len > v->c.end)
		room_text(v, room, false);
	row_style(r, STYLE_NOTE);
	row_glyph(r, room->up ? GLYPH_UP : GLYPH_DOWN);
	row_text(r, v->text.p, v->text.len, MAX(v->c.end, row_at(r) + 6) - row_at(r), ELIDE_END);
	row_style(r, STYLE_PLAIN);
}

void user_gap(struct view *v, const struct tile *t)
{
	bool both = t->stack.limit != ROOM_NONE && t->heap.limit != ROOM_NONE;

	gap_start(v, t, "gap");
	if (t->stack.limit != ROOM_NONE)
		put_room(v, t, &t->stack, true);
	if (t->heap.limit != ROOM_NONE)
		put_room(v, t, &t->heap, !both);
	line_end(v);
}

void user_stack_part(struct view *v, const struct tile *t)
{
	struct row *r = &v->row;
	unsigned end = v->c.end - MIN(v->c.end, v->c.size.w + 1);

	/* The words matter more than that the size stands in its column. */
	user_line(v, t);
	row_style(r, STYLE_NOTE);
	row_text(r, t->part.name, strlen(t->part.name), end > row_at(r) ? end - row_at(r) : 1,
		 ELIDE_END);
	put_size(v, v->c.size, range_size(t->r), v->c.size_form);
	line_end(v);
}

void user_mark(struct view *v, const struct tile *t)
{
	struct row *r = &v->row;
	struct buf *b = &v->text;
	unsigned shown = 0, left = 0;

	user_line(v, t);
	row_style(r, STYLE_NOTE);
	row_glyph(r, GLYPH_MARK);
	row_skip(r, 1);
	buf_clear(b);
	for (u32 i = 0; i < t->count; i++) {
		const struct mark *m = &v->s->marks[t->index + i];

		if (m->thread != NO_INDEX && (!v->o->verbose || shown >= 4)) {
			left += v->o->verbose;
			continue;
		}
		buf_addstr(b, shown++ ? ", " : "");
		buf_addstr(b, m->name);
		if (m->thread != NO_INDEX && m->thread < v->s->nthreads)
			buf_addf(b, " of %d", (int)v->s->threads[m->thread].tid);
	}
	if (left)
		buf_addf(b, " and %u more", left);
	row_text(r, b->p, b->len, MAX(v->c.end, row_at(r) + 8) - row_at(r), ELIDE_END);
	line_end(v);
}
