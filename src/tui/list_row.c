/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a row of a list says: name, figures, bar, and a note where there is room for one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../model/kmap.h"
#include "../render/bar.h"
#include "../render/words.h"
#include "list.h"

/** A row that is no memory: dim, with blanks for figures. */
static bool is_empty(const struct item *it)
{
	return it->kind == ITEM_GAP || it->kind == ITEM_HOLE || it->kind == ITEM_FREE;
}

/* --- figures ---------------------------------------------------------------------------------- */

/** Writable and executable at once. */
static bool is_wx(const struct tui *t, const struct item *it)
{
	return it->kind == ITEM_MAPPING &&
	       !(~t->snap->space.vmas[it->index].perms & (PERM_W | PERM_X));
}

static void put_text(const struct tui *t, const struct pane *p, unsigned y, const struct item *it,
		     const struct list_column *col)
{
	const struct column_def *d = &columns[col->column];
	unsigned style = STYLE_PLAIN;
	struct buf b = { 0 };

	d->text(t->snap, it, &b);
	if (!strcmp(d->name, "perm") && is_wx(t, it))
		style = STYLE_WARN;
	else if (!strcmp(d->name, "known by") && it->kind == ITEM_REGION)
		style = STYLE_CONF + t->snap->space.regions[it->index].conf;
	else if (!strcmp(d->name, "access"))
		style = STYLE_NOTE;
	if (it->kind == ITEM_TASK && b.len > col->w && !strcmp(d->name, "access")) {
		const struct task *task = &t->snap->tasks.v[it->index];

		buf_clear(&b);
		buf_addstr(&b, task->kthread				   ? "kernel"
			       : task->held && col->w > ACCESS_SHORT	   ? "refused all the same"
			       : task->err == EACCES || task->err == EPERM ? "denied"
									   : "error");
	}
	/* Where there is no room for the source, how sure it is matters more. */
	if (it->kind == ITEM_REGION && b.len > col->w && memchr(b.p, '(', b.len))
		b.len = (size_t)((char *)memchr(b.p, '(', b.len) - b.p);
	if (b.len)
		pane_text(p, col->x, y, col->w, style, b.p, b.len, ELIDE_END);
	buf_release(&b);
}

static void put_figure(const struct tui *t, const struct pane *p, unsigned y, const struct item *it,
		       const struct list_column *col)
{
	const struct column_def *d = &columns[col->column];
	struct fig f = d->figure(t->snap, it);
	char text[SIZE_TEXT_MAX];
	unsigned n;

	if (!f.have) {
		if (column_applies(d, t->snap, it))
			pane_right(p, col->x + col->w, y, STYLE_DIM, "?");
		return;
	}
	n = d->kind == COLUMN_BYTES ? format_size(text, f.v, SIZE_SHORT)
	    : d->kind == COLUMN_HEX ? format_hex(text, f.v, 1)
				    : format_dec(text, f.v);
	if (figure_is_estimate(d, t->snap, it) && n + 1 < sizeof(text)) {
		memmove(text + 1, text, n++);
		text[0] = '~';
	}
	text[n] = '\0';
	pane_right(p, col->x + col->w, y, f.v && !is_empty(it) ? STYLE_PLAIN : STYLE_DIM, text);
}

static void put_columns(const struct tui *t, const struct pane *p, const struct list_layout *l,
			unsigned y, const struct item *it)
{
	for (size_t i = 0; i < l->n; i++)
		if (columns[l->col[i].column].kind == COLUMN_TEXT)
			put_text(t, p, y, it, &l->col[i]);
		else
			put_figure(t, p, y, it, &l->col[i]);
}

/* --- bars ------------------------------------------------------------------------------------- */

bool list_has_bars(const struct tui *t)
{
	const struct place *at = tui_place(t);

	if (at->level != LEVEL_HALF && at->level != LEVEL_OBJECT)
		return false;
	if (!at->kernel)
		return t->snap && t->snap->space.have_scan;
	return t->nitems && t->items[t->nitems - 1].kind == ITEM_RAM;
}

static void put_cells(const struct pane *p, const struct list_layout *l, unsigned y,
		      const u8 *slice, size_t n, bool frames)
{
	unsigned shown = (unsigned)MIN(n, l->bar_w);

	for (unsigned i = 0; i < shown; i++) {
		u8 s = slices_join(slice, i * n / shown, (i + 1) * n / shown);
		const struct bar_look *look =
			frames ? bar_frame_look(SLICE_STATE(s)) : bar_state_look(SLICE_STATE(s));
		char ascii[2] = { look->ascii, '\0' };

		pane_put(p, l->bar_x + i, y, look->style,
			 p->c->ascii || p->c->mono ? ascii
			 : SLICE_FILL(s) > 8	   ? look->full
						   : look->half);
	}
}

static void put_bar(const struct tui *t, const struct pane *p, const struct list_layout *l,
		    unsigned y, const struct item *it)
{
	const struct space *s = &t->snap->space;
	struct object_sum sum;

	if (it->kind == ITEM_OBJECT) {
		sums_object(t->snap->sums, s, it->index, &sum);
		put_cells(p, l, y, sum.bar, sum.nbar, false);
	} else if (it->kind == ITEM_MAPPING) {
		const struct vma *v = &s->vmas[it->index];

		if (v->have & VMA_HAVE_PAGES && v->slices != NO_INDEX)
			put_cells(p, l, y, (const u8 *)s->slices.p + v->slices, v->nslices, false);
	} else if (it->kind == ITEM_RAM && s->kmap) {
		const struct frame_tally *f = &s->kmap->frames[it->index].tally;

		if (f->slices)
			put_cells(p, l, y, f->slices, f->nslices, true);
	}
}

/* --- names ------------------------------------------------------------------------------------ */

/** A place where the next text of a line goes, and where the line ends. */
struct line {
	const struct pane *p;
	unsigned x, end, y;
};

static void put(struct line *l, unsigned style, const char *text, size_t len, enum elide e)
{
	if (l->x < l->end && len)
		l->x += pane_text(l->p, l->x, l->y, l->end - l->x, style, text, len, e);
}

static void put_str(struct line *l, unsigned style, const char *text)
{
	put(l, style, text, strlen(text), ELIDE_END);
}

/** A path: its last part, the state of its file, then as much of the directory as fits. */
static void put_path(struct line *l, unsigned style, const char *name, size_t len,
		     const char *state)
{
	size_t dir = name_dir_len(name, len), from;
	unsigned keep = state ? (unsigned)strlen(state) + 3 : 0, end = l->end;

	if (l->end - l->x > keep + 8)
		l->end -= keep;
	put(l, style, name + dir, len - dir, ELIDE_MIDDLE);
	l->end = end;
	if (state) {
		put_str(l, STYLE_WARN, " (");
		put_str(l, STYLE_WARN, state);
		put_str(l, STYLE_WARN, ")");
	}
	if (dir < 2 || l->x + 6 > l->end)
		return;
	l->x += 2;
	from = name_dir_cut(name, dir, l->end - l->x);
	/* In ASCII a cut path would look like a relative one. */
	if (from + 1 >= dir || (from && l->p->c->ascii))
		return;
	if (from)
		l->x += pane_put(l->p, l->x, l->y, STYLE_DIM, "…");
	put(l, STYLE_DIM, name + from, dir - 1 - from, ELIDE_START);
}

static void put_object(const struct tui *t, struct line *l, u32 index)
{
	const struct space *s = &t->snap->space;
	const struct object *o = &s->objects[index];
	unsigned style = STYLE_KIND + MIN(o->kind, OBJ_NKINDS - 1u);
	struct buf b = { 0 };
	const char *name;
	size_t len;

	if (stack_title(&b, s, o)) {
		/* Whose it is matters more than that it is a thread's. */
		size_t skip = o->kind == OBJ_THREAD_STACK && b.len > l->end - l->x ? 7 : 0;

		put(l, style, b.p + skip, b.len - skip, ELIDE_END);
	} else {
		name = object_title(s, o, &len);
		put_path(l, style, name, len, object_file_words(s, o));
	}
	buf_release(&b);
}

static void put_mapping(const struct tui *t, struct line *l, u32 index)
{
	const struct space *s = &t->snap->space;
	const struct vma *v = &s->vmas[index];
	unsigned kind = v->object == NO_INDEX ? OBJ_ANON : s->objects[v->object].kind;
	struct buf b = { 0 };

	mapping_words(&b, s, v);
	put(l, STYLE_KIND + MIN(kind, OBJ_NKINDS - 1u), b.p, b.len, ELIDE_END);
	buf_release(&b);
}

/** A gap or hole: behind the dotted line that it has in the text view. */
static void put_empty(struct line *l, const char *name)
{
	pane_glyph(l->p, l->x, l->y, STYLE_DIM, GLYPH_GAP);
	l->x += 2;
	put_str(l, STYLE_DIM, name);
}

static void put_gap(const struct tui *t, struct line *l, const struct item *it)
{
	const struct space *s = &t->snap->space;
	struct room stack, heap;
	struct gap g;

	if (!it->r.first && s->proc.mmap_min_addr.have && s->proc.mmap_min_addr.v > it->r.last) {
		put_empty(l, "NULL trap");
		return;
	}
	put_empty(l, "gap");
	if (!space_gap_below(s, it->index == NO_INDEX ? s->nvmas : it->index, &g))
		return;
	stack = space_stack_room(s, &g);
	heap = space_heap_room(s, &g);
	if (stack.limit != ROOM_NONE) {
		l->x += 2;
		pane_glyph(l->p, l->x++, l->y, STYLE_NOTE, GLYPH_DOWN);
		put_str(l, STYLE_NOTE, " stack");
	}
	if (heap.limit != ROOM_NONE) {
		l->x += 2;
		pane_glyph(l->p, l->x++, l->y, STYLE_NOTE, GLYPH_UP);
		put_str(l, STYLE_NOTE, " heap");
	}
}

static void put_name(const struct tui *t, const struct pane *p, const struct list_layout *lay,
		     unsigned y, const struct item *it)
{
	struct line l = { p, lay->name_x, lay->name_x + lay->name_w, y };
	const struct space *s = &t->snap->space;
	unsigned style = STYLE_PLAIN;
	struct buf b = { 0 };

	/* Its row has no figures. */
	if (it->kind == ITEM_KERNEL)
		l.end = MAX(lay->w, l.x);
	switch (it->kind) {
	case ITEM_OBJECT:
		put_object(t, &l, it->index);
		return;
	case ITEM_MAPPING:
		put_mapping(t, &l, it->index);
		return;
	case ITEM_GAP:
		put_gap(t, &l, it);
		return;
	case ITEM_HOLE:
		put_empty(&l, hole_words(s, it->r));
		return;
	case ITEM_FREE:
		put_empty(&l, s->regions[it->index].name);
		return;
	case ITEM_REGION:
		style = s->regions[it->index].depth || s->regions[it->index].conf == CONF_BOUNDS
				? STYLE_PLAIN
				: STYLE_BOLD;
		break;
	case ITEM_HALF:
	case ITEM_TASK:
	case ITEM_KERNEL:
		style = STYLE_BOLD;
		break;
	case ITEM_AREA:
	case ITEM_MODULE:
	case ITEM_SECTION:
	case ITEM_RAM:
		break;
	}
	item_name(t->snap, it, &b);
	put(&l, style, b.p ? b.p : "", b.len, ELIDE_END);
	buf_release(&b);
}

/* --- notes ------------------------------------------------------------------------------------ */

static void add_nonzero(struct buf *b, const char *label, struct fig f)
{
	char size[SIZE_TEXT_MAX];

	if (!f.have || !f.v)
		return;
	size[format_size(size, f.v, SIZE_SHORT)] = '\0';
	buf_addf(b, "%s%s %s", b->len ? "  " : "", label, size);
}

/** What the columns do not say of mappings and objects. */
static void note_user(struct buf *b, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	struct totals sum = item_totals(t->snap, it);

	if (it->kind == ITEM_OBJECT) {
		const struct object *o = &s->objects[it->index];

		buf_addstr(b, object_kind_name((enum object_kind)o->kind));
		if (o->nvmas > 1)
			buf_addf(b, ", %u mappings", o->nvmas);
	} else if (is_wx(t, it)) {
		buf_addstr(b, "W+X");
	}
	add_nonzero(b, "huge", sum.huge);
	add_nonzero(b, "locked", sum.locked);
	add_nonzero(b, "guard", sum.guard);
	add_nonzero(b, "zero", sum.zero);
}

static void note_area(struct buf *b, const struct kmap *m, const struct karea *a)
{
	buf_addstr(b, karea_kind_name((enum karea_kind)a->kind));
	if (a->have & KAREA_PAGES)
		buf_addf(b, ", %llu page%s", (unsigned long long)a->pages,
			 a->pages == 1 ? "" : "s");
	if (a->have & KAREA_PHYS)
		buf_addf(b, ", phys %llx", (unsigned long long)a->phys);
	for (unsigned i = 0; i < a->nnodes; i++)
		buf_addf(b, " N%u=%llu", m->nodes[a->nodes + i].node,
			 (unsigned long long)m->nodes[a->nodes + i].pages);
}

static void note_module(struct buf *b, const struct space *s, const struct kmodule *mod)
{
	const char *users = strtab_get(&s->names, mod->users);
	const char *taints = strtab_get(&s->names, mod->taints);

	buf_addstr(b, kmodule_state_name((enum kmodule_state)mod->state));
	if (mod->refs.have)
		buf_addf(b, ", used %llu", (unsigned long long)mod->refs.v);
	if (*users)
		buf_addf(b, " by %s", users);
	if (*taints)
		buf_addf(b, ", taints %s", taints);
}

/** What the frames of a stretch of RAM are used for, the most first. */
static void note_ram(struct buf *b, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	const struct frame_tally *f = &s->kmap->frames[it->index].tally;
	u64 page = s->host.page_size;
	bool told[FS_NSTATES] = { false };

	for (unsigned n = 0; n < 4; n++) {
		unsigned best = FS_NONE;

		for (unsigned st = 0; st < FS_NSTATES; st++)
			if (!told[st] && f->state[st] > (told[best] ? 0 : f->state[best]))
				best = st;
		if (told[best] || !f->state[best])
			return;
		told[best] = true;
		add_nonzero(b, frame_state_name((enum frame_state)best),
			    FIG(frame_tally_estimate(f, (enum frame_state)best) * page));
	}
}

static void note_half(struct buf *b, const struct snapshot *snap, const struct item *it)
{
	const struct space *s = &snap->space;

	if (it->index) {
		size_t n = 0;

		for (size_t i = 0; i < s->nregions; i++)
			n += !s->regions[i].depth && s->regions[i].kind != KR_UNUSED;
		buf_addf(b, "%zu regions", n);
		return;
	}
	if (s->no_user != USER_HERE) {
		no_user_words(b, s);
		return;
	}
	buf_addf(b, "%llu mappings", (unsigned long long)sums_map_count(snap->sums, s));
	if (s->proc.max_map_count.have)
		buf_addf(b, " of %llu", (unsigned long long)s->proc.max_map_count.v);
}

static void put_note(const struct tui *t, const struct pane *p, const struct list_layout *l,
		     unsigned y, const struct item *it)
{
	const struct space *s = &t->snap->space;
	struct buf b = { 0 };

	switch (it->kind) {
	case ITEM_OBJECT:
	case ITEM_MAPPING:
		note_user(&b, t, it);
		break;
	case ITEM_REGION:
		if (s->regions[it->index].note)
			buf_addstr(&b, s->regions[it->index].note);
		break;
	case ITEM_AREA:
		if (kernel_item_is_unpurged(s->kmap, it))
			buf_addf(&b, "%llu areas, addresses held back",
				 (unsigned long long)s->kmap->kind[KAREA_UNPURGED].count);
		else
			note_area(&b, s->kmap, &s->kmap->areas[it->index]);
		break;
	case ITEM_MODULE:
		note_module(&b, s, &s->kmap->modules[it->index]);
		break;
	case ITEM_RAM:
		note_ram(&b, t, it);
		break;
	case ITEM_HALF:
		note_half(&b, t->snap, it);
		break;
	case ITEM_HOLE:
	case ITEM_GAP:
	case ITEM_FREE:
	case ITEM_SECTION:
	case ITEM_TASK:
	case ITEM_KERNEL:
		break;
	}
	if (b.len)
		pane_text(p, l->note_x, y, l->note_w, STYLE_NOTE, b.p, b.len, ELIDE_END);
	buf_release(&b);
}

void list_row(const struct tui *t, const struct pane *p, const struct list_layout *l, unsigned y,
	      const struct item *it)
{
	put_name(t, p, l, y, it);
	put_columns(t, p, l, y, it);
	if (l->bar_w)
		put_bar(t, p, l, y, it);
	if (l->note_w)
		put_note(t, p, l, y, it);
}
