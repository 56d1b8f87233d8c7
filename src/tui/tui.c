/* SPDX-License-Identifier: GPL-2.0-or-later */
/* View state: where we are, going in and out, moving, and what each key does. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../model/kmap.h"
#include "state.h"

/** How long news stand, counted from the first snapshot after them. */
#define NEWS_USEC 3000000

/** The picker shows what is largest first. */
static unsigned first_sort(void)
{
	for (size_t i = 0; i < ncolumns; i++)
		if (columns[i].levels >> LEVEL_PICKER & 1 && columns[i].kind == COLUMN_BYTES)
			return (unsigned)i + 1;
	return 0;
}

void tui_init(struct tui *t, unsigned w, unsigned h, bool ascii, bool mono)
{
	*t = (struct tui){ .w = w,
			   .h = h,
			   .ascii = ascii,
			   .mono = mono,
			   .interval_ms = 1000,
			   .grid_flag = KPF_REFERENCED };
	t->path[0] = (struct place){ .level = LEVEL_PICKER, .r = RANGE_ALL };
	t->depth = 1;
	t->fresh = true;
	t->other_sort = first_sort();
	for (size_t i = 0; i < ncolumns; i++)
		if (columns[i].by_default)
			t->columns |= UINT64_C(1) << i;
	t->map = minimap_new();
	buf_init(&t->filter_text);
	buf_init(&t->search);
	buf_init(&t->typed);
	buf_init(&t->input);
	buf_init(&t->progress);
	buf_init(&t->message);
	buf_init(&t->export_name);
	buf_init(&t->copy);
}

void tui_release(struct tui *t)
{
	changes_release(&t->changes);
	minimap_free(t->map);
	expr_free(t->filter);
	free(t->items);
	free(t->change_order);
	free(t->runs);
	buf_release(&t->filter_text);
	buf_release(&t->search);
	buf_release(&t->typed);
	buf_release(&t->input);
	buf_release(&t->progress);
	buf_release(&t->message);
	buf_release(&t->export_name);
	buf_release(&t->copy);
}

__attribute__((format(printf, 3, 0))) static void say(struct tui *t, enum message_kind kind,
						      const char *fmt, va_list ap)
{
	char *text = xvasprintf(fmt, ap);

	buf_clear(&t->message);
	buf_addstr(&t->message, text);
	t->message_kind = kind;
	t->news_usec = 0;
	free(text);
}

void tui_message(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, MESSAGE_TROUBLE, fmt, ap);
	va_end(ap);
}

void tui_news(struct tui *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(t, MESSAGE_NEWS, fmt, ap);
	va_end(ap);
}

void tui_news_age(struct tui *t)
{
	u64 now = t->snap ? t->snap->usec : 0;

	/* What is still being done is still news. */
	if (!t->message.len || t->message_kind != MESSAGE_NEWS || t->marking || t->symbol[0])
		return;
	if (!t->news_usec)
		t->news_usec = now;
	else if (now >= t->news_usec + NEWS_USEC)
		buf_clear(&t->message);
}

/* --- where the panes are ---------------------------------------------------------------------- */

struct tui_layout tui_layout(unsigned w, unsigned h)
{
	struct tui_layout l = { .too_small = w < 40 || h < 10 };
	unsigned body, map, x, detail_w, detail_h;

	if (l.too_small)
		return l;
	body = h - 3;
	map = w >= 220	 ? 44
	      : w >= 160 ? 32
	      : w >= 120 ? 24
	      : w >= 100 ? 20
	      : w >= 70	 ? 12
	      : w >= 56	 ? 7
			 : 0;
	x = map ? map + 1 : 0;
	detail_w = w >= 150 ? w * 3 / 10 : 0;
	detail_h = detail_w || h < 18 ? 0 : body / 3;
	l.title = (struct rect){ 0, 0, w, 1 };
	l.minimap = (struct rect){ 0, 1, map, body };
	l.main = (struct rect){ x, 1, w - x - (detail_w ? detail_w + 1 : 0),
				body - (detail_h ? detail_h + 1 : 0) };
	l.detail = detail_w ? (struct rect){ w - detail_w, 1, detail_w, body }
			    : (struct rect){ x, 1 + body - detail_h, w - x, detail_h };
	if (!detail_w && !detail_h)
		l.detail.w = 0;
	l.status = (struct rect){ 0, h - 2, w, 1 };
	l.menu = (struct rect){ 0, h - 1, w, 1 };
	return l;
}

struct tui_layout tui_panes(const struct tui *t)
{
	struct tui_layout l = tui_layout(t->w, t->h);

	if (tui_place(t)->level != LEVEL_PICKER)
		return l;
	/* Without a process there is no space to have a map of. */
	l.main.w += l.main.x;
	l.main.x = 0;
	if (l.detail.w && l.detail.y != l.main.y) {
		l.detail.w += l.detail.x;
		l.detail.x = 0;
	}
	l.minimap.w = 0;
	return l;
}

unsigned tui_list_rows(const struct tui *t)
{
	struct tui_layout l = tui_panes(t);

	return l.too_small || l.main.h < 2 ? 1 : l.main.h - 1;
}

/** Scrolls as little as shows the selected row. */
static void scroll_to_row(struct tui *t)
{
	struct place *p = here(t);
	unsigned rows = tui_list_rows(t);

	if (t->cur < p->top)
		p->top = t->cur;
	if (t->cur >= p->top + rows)
		p->top = t->cur - rows + 1;
	if (t->nitems > rows && p->top > t->nitems - rows)
		p->top = t->nitems - rows;
	if (t->nitems <= rows)
		p->top = 0;
}

void state_rebuild(struct tui *t)
{
	struct place *p = here(t);
	size_t line = t->cur > p->top ? t->cur - p->top : 0;

	items_build(t);
	p->top = t->cur > line ? t->cur - line : 0;
	scroll_to_row(t);
}

void state_show(struct tui *t)
{
	items_build(t);
	/* What was meant stands with its surroundings, not at the edge. */
	if (t->cur >= here(t)->top + tui_list_rows(t))
		here(t)->top = t->cur - MIN(t->cur, tui_list_rows(t) / 2);
	scroll_to_row(t);
}

void state_select(struct tui *t, size_t row)
{
	struct place *p = here(t);
	const struct item *it;

	if (!t->nitems)
		return;
	t->cur = MIN(row, t->nitems - 1);
	it = &t->items[t->cur];
	p->at = it->r.first;
	p->at_last = it->r.last;
	p->at_kind = it->kind;
	p->at_index = it->index;
	t->have_found = false;
	t->detail_top = 0;
	scroll_to_row(t);
}

size_t state_top(const struct tui *t)
{
	/* It stands above the processes, but it is not what most come for. */
	return t->nitems > 1 && t->items[0].kind == ITEM_KERNEL;
}

/* --- going in --------------------------------------------------------------------------------- */

/** Is the present list in another order than that of its addresses? */
static bool is_sorted(const struct tui *t)
{
	return t->sort && column_here(&columns[t->sort - 1], tui_place(t));
}

void state_push(struct tui *t, struct place p)
{
	bool found = t->have_found && range_has(p.r, t->found);

	if (t->depth == LEVEL_N)
		return;
	if (found)
		p.at = t->found;
	p.at_last = p.at;
	p.at_kind = UINT8_MAX;
	t->path[t->depth++] = p;
	t->show_detail = false;
	t->detail_top = 0;
	t->bytes_top = 0;
	state_show(t);
	/* Of a sorted list the first row is what it is sorted for. */
	if (p.level < LEVEL_GRID && t->nitems && !found)
		state_select(t, is_sorted(t) ? 0 : t->cur);
}

bool state_push_grid(struct tui *t, struct range r, u64 at, bool kernel)
{
	u64 page = page_size(t);
	bool found;

	if (!page)
		return false;
	r.first -= r.first % page;
	r.last = MAX(r.last, r.last - r.last % page + (page - 1));
	if (t->grid_by_lent)
		t->grid_by = t->grid_by_own;
	t->grid_by_lent = false;
	found = t->have_found && range_has(r, t->found);
	if (found)
		at = t->found;
	state_push(t,
		   (struct place){
			   .level = LEVEL_GRID, .r = r, .kernel = kernel, .at = at - at % page });
	here(t)->at = at - at % page;
	/* What was looked for is a page, not what shares a cell with it. */
	here(t)->unit = found;
	here(t)->meant = found ? at : 0;
	t->have_found = false;
	return true;
}

/** The place that was left last at this level, if it is the one that is gone into again. */
static const struct place *left_before(const struct tui *t, const struct place *p)
{
	const struct place *left = &t->left[p->level];

	if (left->level != p->level || left->kernel != p->kernel || left->part ||
	    left->r.first != p->r.first || left->index != p->index)
		return NULL;
	return t->have_found && range_has(p->r, t->found) ? NULL : left;
}

static enum tui_result enter_pages(struct tui *t, const struct item *it)
{
	bool kernel = it->kind != ITEM_MAPPING && it->kind != ITEM_OBJECT;
	const struct place *left;

	if (!item_placed(it)) {
		tui_message(
			t, "its address is hidden: kernel.kptr_restrict, or CAP_SYSLOG is missing");
		return TUI_DRAW;
	}
	left = left_before(t, &(struct place){ .level = LEVEL_GRID, .r = it->r, .kernel = kernel });
	if (!state_push_grid(t, it->r, it->r.first, kernel))
		return TUI_DRAW;
	if (left && range_has(here(t)->r, left->at)) {
		here(t)->at = left->at;
		here(t)->unit = left->unit;
	}
	return TUI_WANT;
}

u64 state_first(const struct tui *t)
{
	const struct space *s = &t->snap->space;

	for (size_t i = s->nvmas; i-- > 0;) {
		u32 o = s->vmas[i].object;

		if (s->vmas[i].last <= s->user.last &&
		    (o == NO_INDEX || s->objects[o].kind != OBJ_VSYSCALL))
			return s->vmas[i].last;
	}
	return UINT64_MAX;
}

static enum tui_result enter_list(struct tui *t, enum level level, const struct item *it,
				  bool kernel)
{
	struct place p = { .level = level, .r = it->r, .kernel = kernel, .at = it->r.last };
	const struct place *left;

	if (level == LEVEL_PART)
		p.index = it->index;
	if (level == LEVEL_HALF && !kernel)
		p.at = state_first(t);
	left = left_before(t, &p);
	state_push(t, p);
	if (!left)
		return TUI_WANT;
	p = *left;
	p.r = it->r;
	*here(t) = p;
	state_show(t);
	return TUI_WANT;
}

static enum tui_result enter_region(struct tui *t, const struct item *it)
{
	const struct region *r = &t->snap->space.regions[it->index];

	if (r->conf >= CONF_BOUNDS) {
		tui_message(t, "only the interval is known that it lies in, not its place");
		return TUI_DRAW;
	}
	/* A region's only row may be itself: then there is no list of it. */
	if (!kernel_has_inside(t, it->index) || here(t)->level != LEVEL_HALF)
		return enter_pages(t, it);
	enter_list(t, LEVEL_OBJECT, it, true);
	if (t->nitems != 1 || t->items[0].kind != ITEM_REGION || t->items[0].r.first != it->r.first)
		return TUI_WANT;
	t->depth--;
	return enter_pages(t, it);
}

static enum tui_result enter_module(struct tui *t, const struct item *it)
{
	const struct kmodule *mod = &t->snap->space.kmap->modules[it->index];

	if (mod->nsections)
		return enter_list(t, LEVEL_PART, it, true);
	return enter_pages(t, it);
}

static enum tui_result enter_item(struct tui *t)
{
	const struct space *s = &t->snap->space;
	struct item it;

	if (!t->nitems)
		return TUI_NONE;
	it = t->items[t->cur];
	switch (it.kind) {
	case ITEM_HALF:
		return enter_list(t, LEVEL_HALF, &it, it.index);
	case ITEM_OBJECT:
		if (s->objects[it.index].nvmas == 1)
			return enter_pages(t, &it);
		return enter_list(t, LEVEL_OBJECT, &it, false);
	case ITEM_MAPPING:
	case ITEM_AREA:
	case ITEM_SECTION:
	case ITEM_RAM:
		return enter_pages(t, &it);
	case ITEM_MODULE:
		return enter_module(t, &it);
	case ITEM_REGION:
		return enter_region(t, &it);
	case ITEM_HOLE:
		tui_message(t, "no address in the hole can be used");
		return TUI_DRAW;
	case ITEM_GAP:
	case ITEM_FREE:
		tui_message(t, "nothing is mapped here");
		return TUI_DRAW;
	case ITEM_TASK:
	case ITEM_KERNEL:
		break;
	}
	return TUI_NONE;
}

enum tui_result state_in(struct tui *t)
{
	struct place *p = here(t);
	struct grid_shape shape;

	if (!tui_ready(t))
		return TUI_NONE;
	if (p->level == LEVEL_PAGE) {
		tui_message(t, "nothing is smaller than a page: b shows its bytes");
		return TUI_DRAW;
	}
	if (p->level == LEVEL_PICKER)
		return live_choose(t);
	if (p->level != LEVEL_GRID)
		return enter_item(t);
	shape = tui_grid_shape(t);
	if (shape.pages_per_cell > 1) {
		p->unit = MAX(shape.pages_per_cell / 4, 1);
		return TUI_WANT;
	}
	return state_page(t);
}

enum tui_result state_page(struct tui *t)
{
	const struct place *p = here(t);
	u64 page = page_size(t);

	if (!page || p->level != LEVEL_GRID)
		return TUI_NONE;
	state_push(t, (struct place){ .level = LEVEL_PAGE,
				      .r = { p->at, p->at + (page - 1) },
				      .kernel = p->kernel,
				      .at = p->at,
				      .meant = p->meant });
	return TUI_WANT;
}

/* --- going out -------------------------------------------------------------------------------- */

/** The row that has what was left: search and `:` go further than the rows they come through. */
static void select_origin(struct tui *t, const struct place *from)
{
	size_t row;

	if (here(t)->level >= LEVEL_GRID || !t->nitems || from->r.first > from->r.last)
		return;
	row = items_find(t, from->r.first);
	if (row != t->cur && range_has(t->items[row].r, from->r.first) &&
	    !(item_placed(&t->items[t->cur]) && range_has(t->items[t->cur].r, from->r.first)))
		state_select(t, row);
}

void state_leave(struct tui *t, unsigned depth)
{
	struct place from = t->path[depth];

	for (unsigned i = depth; i < t->depth; i++)
		t->left[t->path[i].level] = t->path[i];
	t->depth = depth;
	state_show(t);
	select_origin(t, &from);
}

static enum tui_result go_out(struct tui *t)
{
	if (t->depth <= 1) {
		tui_message(t, "nothing is further out: q quits, P lists the processes");
		return TUI_DRAW;
	}
	t->show_phys = t->show_bytes = false;
	state_leave(t, t->depth - 1);
	return TUI_WANT;
}

/** Esc closes what is open, then goes out. */
static enum tui_result escape(struct tui *t)
{
	if (t->show_detail) {
		t->show_detail = false;
		return TUI_DRAW;
	}
	if (t->show_phys) {
		t->show_phys = false;
		return TUI_WANT;
	}
	return here(t)->level == LEVEL_PICKER ? picker_out(t) : go_out(t);
}

/** '-' in the grid: more pages a cell until all of it is on the screen, then out. */
static enum tui_result shrink(struct tui *t)
{
	struct place *p = here(t), all;

	if (p->level != LEVEL_GRID || !p->unit)
		return escape(t);
	all = *p;
	p->unit = 0;
	if (all.unit * 4 < tui_grid_shape(t).pages_per_cell)
		p->unit = all.unit * 4;
	return TUI_WANT;
}

/* --- moving ----------------------------------------------------------------------------------- */

static enum tui_result move_page(struct tui *t, int64_t pages)
{
	struct place *p = here(t);
	struct range in = t->depth > 1 ? t->path[t->depth - 2].r : p->r;
	u64 page = page_size(t), n = pages < 0 ? (u64)-pages : (u64)pages, room;

	if (!page || !range_has(in, p->at))
		return TUI_NONE;
	room = (pages < 0 ? p->at - in.first : in.last - p->at) / page;
	n = MIN(n, room) * page;
	p->at = pages < 0 ? p->at - n : p->at + n;
	p->r = (struct range){ p->at, p->at + (page - 1) };
	if (t->depth > 1)
		t->path[t->depth - 2].at = p->at;
	t->show_bytes = false;
	t->bytes_top = 0;
	return TUI_WANT;
}

static enum tui_result move_cell(struct tui *t, int64_t cells)
{
	struct place *p = here(t);
	struct grid_shape g = tui_grid_shape(t);
	u64 cell = g.pages_per_cell * page_size(t), n;

	if (!cell || !g.ncells || p->at < p->r.first)
		return TUI_NONE;
	n = (p->at - p->r.first) / cell;
	if (cells < 0)
		n -= MIN(n, (u64)-cells);
	else
		n = MIN(n + (u64)cells, g.ncells - 1);
	p->at = p->r.first + n * cell;
	return TUI_WANT;
}

enum tui_result state_move(struct tui *t, int64_t by)
{
	struct place *p = here(t);

	if (!tui_ready(t))
		return TUI_NONE;
	if (p->level == LEVEL_PAGE)
		return move_page(t, by);
	if (p->level == LEVEL_GRID)
		return move_cell(t, by * (int64_t)tui_grid_shape(t).w);
	if (!t->nitems)
		return TUI_NONE;
	state_select(t, by < 0 ? t->cur - MIN(t->cur, (size_t)-by) : t->cur + (size_t)by);
	return p->level == LEVEL_PICKER ? TUI_WANT : TUI_DRAW;
}

static enum tui_result move_aside(struct tui *t, int by)
{
	struct place *p = here(t);

	if (!tui_ready(t))
		return TUI_NONE;
	if (p->level == LEVEL_PAGE)
		return move_page(t, by);
	if (p->level == LEVEL_GRID)
		return move_cell(t, by);
	return by > 0 ? state_in(t) : go_out(t);
}

/** PgUp and PgDn: a screen of rows, or of the grid's lines. */
static enum tui_result move_screen(struct tui *t, int by)
{
	unsigned rows = tui_list_rows(t);

	if (here(t)->level == LEVEL_PAGE && tui_scroll_page(t, by))
		return TUI_DRAW;
	if (here(t)->level == LEVEL_GRID)
		rows = MAX(tui_grid_shape(t).h, 1u);
	if (here(t)->level == LEVEL_PAGE)
		rows = 16;
	return state_move(t, by < 0 ? -(int64_t)rows : rows);
}

static enum tui_result move_end(struct tui *t, bool last)
{
	if (!tui_ready(t))
		return TUI_NONE;
	if (here(t)->level == LEVEL_PAGE)
		return move_page(t, last ? INT64_MAX : -INT64_MAX);
	if (here(t)->level == LEVEL_GRID)
		return move_cell(t, last ? INT64_MAX : -INT64_MAX);
	return state_move(t, last ? INT32_MAX : -INT32_MAX);
}

/* --- keys ------------------------------------------------------------------------------------- */

/** Keys that move, in or out. */
enum tui_result state_go(struct tui *t, enum action a)
{
	switch (a) {
	case ACT_UP:
		return state_move(t, -1);
	case ACT_DOWN:
		return state_move(t, 1);
	case ACT_LEFT:
		return move_aside(t, -1);
	case ACT_RIGHT:
		return move_aside(t, 1);
	case ACT_PAGE_UP:
		return move_screen(t, -1);
	case ACT_PAGE_DOWN:
		return move_screen(t, 1);
	case ACT_TOP:
		return move_end(t, false);
	case ACT_BOTTOM:
		return move_end(t, true);
	case ACT_IN:
		return state_in(t);
	case ACT_OUT:
		return escape(t);
	case ACT_SHRINK:
		return shrink(t);
	default:
		return TUI_NONE;
	}
}

enum tui_result tui_key(struct tui *t, int key)
{
	bool asking = t->prompt != PROMPT_NONE;
	enum tui_result r;
	enum action a;

	/* A message stays for one key: what was asked again shows why. */
	buf_clear(&t->message);
	if (t->show_help && !asking)
		return help_key(t, key);
	if ((t->show_sort || t->show_columns) && !asking)
		return chooser_key(t, key);
	if (asking)
		return prompt_key(t, key);
	if (key == KEYS_ESC && tui_can_cancel(t))
		return live_cancel(t);
	a = key_action(key, tui_key_place(t));
	if (a == ACT_NONE) {
		prompt_no_key(t, key);
		return TUI_DRAW;
	}
	if (a >= ACT_TYPE && a <= ACT_ERASE_ALL)
		return picker_type(t, a, key);
	r = state_act(t, a);
	return r == TUI_NONE ? TUI_DRAW : r;
}

enum tui_result tui_resize(struct tui *t, unsigned w, unsigned h)
{
	t->w = w;
	t->h = h;
	scroll_to_row(t);
	change_list_update(t);
	return TUI_WANT;
}
