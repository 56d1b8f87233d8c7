/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What moves, keys or a question, lines between the panes. And all of it together. */
#include <errno.h>
#include <string.h>

#include "../render/words.h"
#include "tui.h"

/* --- what moves ------------------------------------------------------------------------------- */

/** Seconds between the two readings of the cheap counters; 0: there was but one. */
static double seconds(const struct snapshot *s)
{
	const struct vitals *old = &s->before, *now = &s->vitals;

	return old->usec && now->usec > old->usec ? (double)(now->usec - old->usec) / 1e6 : 0;
}

static void add_rate(struct buf *b, const char *what, struct fig old, struct fig now, double secs)
{
	double rate;

	if (!old.have || !now.have || now.v < old.v) {
		buf_addf(b, "  %s ?", what);
		return;
	}
	rate = (double)(now.v - old.v) / secs;
	if (rate >= 10000)
		buf_addf(b, "  %s %.1fk/s", what, rate / 1000);
	else
		buf_addf(b, "  %s %.*f/s", what, rate > 0 && rate < 10 ? 1 : 0, rate);
}

static void add_rss(struct buf *b, const struct snapshot *s)
{
	struct fig old = s->before.rss, now = s->vitals.rss;
	char text[SIZE_TEXT_MAX];

	size_text(text, now.v);
	buf_addf(b, "rss %s", now.have ? text : "?");
	if (!old.have || !now.have || old.v == now.v || seconds(s) <= 0)
		return;
	size_text(text, now.v > old.v ? now.v - old.v : old.v - now.v);
	buf_addf(b, " %c%s", now.v > old.v ? '+' : '-', text);
}

static void add_rates(struct buf *b, const struct tui *t)
{
	const struct snapshot *s = t->snap;
	const u64 *kinds = t->changes.kinds;
	double secs = seconds(s);

	add_rss(b, s);
	/* A rate takes two readings. */
	if (secs > 0) {
		add_rate(b, "faults", s->before.minflt, s->vitals.minflt, secs);
		add_rate(b, "major", s->before.majflt, s->vitals.majflt, secs);
	}
	buf_addf(b, "  mappings %llu", (unsigned long long)sums_map_count(s->sums, &s->space));
	if (kinds[CHANGE_NEW] || kinds[CHANGE_GONE])
		buf_addf(b, " +%llu -%llu", (unsigned long long)kinds[CHANGE_NEW],
			 (unsigned long long)kinds[CHANGE_GONE]);
	if (t->mark)
		buf_addf(b, "  %zu changed since mark", t->changes.n);
	if (!s->have_smaps)
		buf_addstr(b, "  pss not read yet");
	else if (s->smaps_partial)
		buf_addstr(b, "  pss not read yet of all (r reads it)");
	else if (s->usec > s->smaps_usec + 2000000)
		buf_addf(b, "  pss %llu s old (r reads it)",
			 (unsigned long long)((s->usec - s->smaps_usec) / 1000000));
}

/** What must be known before any figure is believed; "" nothing. */
static void add_trouble(struct buf *b, const struct tui *t)
{
	const struct space *s = &t->snap->space;

	if (t->snap->state == SNAP_ENDED)
		buf_addstr(b, "the process has ended: this is the last picture of it");
	else if (s->no_user == USER_DENIED && !s->user_held &&
		 (s->user_err == EACCES || s->user_err == EPERM))
		buf_addstr(b, "its mappings may not be read: needs CAP_SYS_PTRACE, or its owner");
	else if (s->no_user != USER_HERE)
		no_user_words(b, s);
	else if (t->filter && t->filtered.unknown) {
		buf_addstr(b, "filter: ");
		expr_count_words(b, &t->filtered);
	}
}

/** What lies inside the kernel's regions was not read, as Esc broke that off. */
static void add_kernel_cut(struct buf *b, const struct tui *t)
{
	buf_addstr(b, t->snap->kernel_inside
			      ? "what lies inside is older: reading it was broken "
				"off (r reads it)"
			      : "not read, broken off: what lies inside (r reads it)");
}

static void put_rates(const struct tui *t, const struct pane *p)
{
	struct buf b = { 0 };
	unsigned x = 0;

	if (t->snap->kernel_cut && tui_place(t)->kernel)
		add_kernel_cut(&b, t);
	else
		add_trouble(&b, t);
	if (b.len) {
		x = pane_text(p, 0, 0, p->w, STYLE_WARN, b.p, b.len, ELIDE_END) + 2;
		buf_clear(&b);
	}
	if (!t->kernel && t->snap->space.no_user == USER_HERE)
		add_rates(&b, t);
	if (b.len && x < p->w)
		pane_text(p, x, 0, p->w - x, STYLE_NOTE, b.p, b.len, ELIDE_END);
	buf_release(&b);
}

/* --- the picker: what is typed ---------------------------------------------------------------- */

/** Columns that what stands behind the filter gets at least. */
#define BESIDE 22
/** From this width on the filter says what it is for. */
#define HINT_WIDE 70

static void put_message(const struct tui *t, const struct pane *p)
{
	pane_text(p, 0, 0, p->w, t->message_kind == MESSAGE_NEWS ? STYLE_NOTE : STYLE_WARN,
		  t->message.p, t->message.len, ELIDE_END);
}

/** The filter with the cursor behind it; of a long one the end. Returns where the rest goes. */
static unsigned put_typed(const struct tui *t, const struct pane *p)
{
	unsigned x = pane_put(p, 0, 0, TSTYLE_PROMPT, "filter: "), room;

	room = p->w > x + BESIDE ? p->w - x - BESIDE : 8;
	x += pane_text(p, x, 0, room, STYLE_BOLD, t->typed.p ? t->typed.p : "", t->typed.len,
		       ELIDE_START);
	if (t->prompt == PROMPT_NONE && !t->show_help && !t->show_columns) {
		p->c->cursor = true;
		p->c->x = p->x + MIN(x, p->w - 1);
		p->c->y = p->y;
	}
	if (!t->typed.len && !t->message.len && !(tui_ready(t) && t->snap->tasks_err) &&
	    p->w >= HINT_WIDE)
		x += 1 + pane_put(p, x + 1, 0, STYLE_DIM, "type a part of a name, user or PID");
	return x + 2;
}

static void put_picker(const struct tui *t, const struct pane *p)
{
	unsigned x = put_typed(t, p);
	struct pane rest = pane_part(p, x, 0, p->w - MIN(x, p->w), 1);

	if (t->message.len)
		put_message(t, &rest);
	else if (tui_ready(t) && t->snap->tasks_err)
		pane_printf(&rest, 0, 0, STYLE_WARN, "the processes cannot be listed: %s",
			    strerror(t->snap->tasks_err));
	else if (tui_ready(t) && t->typed.len)
		pane_printf(&rest, 0, 0, STYLE_NOTE, "%zu of %zu processes",
			    t->nitems - (t->nitems && t->items[0].kind == ITEM_KERNEL),
			    t->snap->tasks.n);
	else if (tui_ready(t))
		pane_printf(&rest, 0, 0, STYLE_NOTE, "%zu processes", t->snap->tasks.n);
}

/* --- the line of what moves ------------------------------------------------------------------- */

/** The rate line, or what must be said instead. */
static void draw_status(const struct tui *t, const struct pane *p)
{
	const char *hint = tui_can_cancel(t) && p->w >= HINT_WIDE ? ", Esc stops it" : "";
	unsigned text = (unsigned)text_width(t->progress.p, t->progress.len);
	unsigned busy = text ? text + (unsigned)strlen(hint) + 3 : 0;
	struct pane left = pane_part(p, 0, 0, busy < p->w ? p->w - busy : p->w, 1);

	if (tui_place(t)->level == LEVEL_PICKER)
		put_picker(t, &left);
	else if (t->message.len)
		put_message(t, &left);
	else if (tui_ready(t))
		put_rates(t, &left);
	if (busy && busy < p->w) {
		pane_put(p, left.w + 1, 0, STYLE_DIM, "[");
		pane_text(p, left.w + 2, 0, text, STYLE_DIM, t->progress.p, t->progress.len,
			  ELIDE_END);
		pane_put(p, left.w + 2 + text, 0, STYLE_DIM, hint);
		pane_put(p, p->w - 1, 0, STYLE_DIM, "]");
	}
}

/* --- keys, or a question ---------------------------------------------------------------------- */

static void draw_prompt(const struct tui *t, const struct pane *p)
{
	static const char *const asks[] = {
		[PROMPT_NONE] = "",
		[PROMPT_SEARCH] = "find: ",
		[PROMPT_GOTO] = "go to: ",
		[PROMPT_FILTER] = "filter: ",
		[PROMPT_EXPORT] = "write to: ",
	};
	size_t from = 0, before;
	unsigned x, cols;

	pane_fill(p, 0, 0, p->w, TSTYLE_TITLE);
	x = pane_put(p, 0, 0, TSTYLE_KEY, asks[t->prompt]);

	/* What is left of the cursor must be seen. */
	while ((before = text_width(t->input.p + from, t->input_at - from)) + 1 > p->w - x)
		from += text_fit(t->input.p + from, t->input.len - from, 8);
	/* Without colours the line is in reverse already: what is offered is not. */
	cols = pane_text(p, x, 0, p->w - x,
			 t->input_offered && p->c->mono ? TSTYLE_PROMPT : TSTYLE_KEY,
			 t->input.p + from, t->input.len - from, ELIDE_END);
	if (t->input_offered && !p->c->mono)
		pane_attr(p, x, 0, cols, CELL_SELECTED);
	p->c->cursor = true;
	p->c->x = p->x + x + (unsigned)before;
	p->c->y = p->y;
}

/** Has the menu the key here? */
static bool in_menu(const struct key_def *k, unsigned place)
{
	return k->menu && (!k->places || k->places >> place & 1);
}

/** Help and the way out are always there, at the end. */
static bool is_last(const struct key_def *k)
{
	return k->action == ACT_HELP || k->action == ACT_QUIT ||
	       (k->action == ACT_OUT && k->places & PICKER_PLACES);
}

static unsigned key_cols(const struct key_def *k)
{
	return (unsigned)(strlen(k->name) + strlen(k->menu) + 2);
}

/** Calls `fn` for each key that the menu shows, with the column where it stands. */
static void walk_menu(const struct tui *t, unsigned w,
		      void (*fn)(void *ctx, const struct key_def *k, unsigned x), void *ctx)
{
	unsigned place = tui_key_place(t), x = 0, kept = 0;

	for (size_t i = 0; i < nkeys; i++)
		if (in_menu(&key_table[i], place) && is_last(&key_table[i]))
			kept += key_cols(&key_table[i]);
	for (unsigned pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < nkeys; i++) {
			const struct key_def *k = &key_table[i];

			if (!in_menu(k, place) || is_last(k) != (pass == 1))
				continue;
			/* The blank after the last one may be cut off. */
			if (x + key_cols(k) + (pass ? 0 : kept) > w + 1)
				continue;
			fn(ctx, k, x);
			x += key_cols(k);
		}
}

static void put_key(void *ctx, const struct key_def *k, unsigned x)
{
	const struct pane *p = ctx;

	x += pane_put(p, x, 0, TSTYLE_KEY, k->name);
	x += pane_put(p, x, 0, TSTYLE_TITLE, ":");
	pane_put(p, x, 0, TSTYLE_TITLE, k->menu);
}

/** The keys of what is open over the panes: while it is no others mean anything. */
static const char *open_words(const struct tui *t)
{
	if (t->show_help)
		return "other keys: close   Up Down PgUp PgDn: scroll";
	if (t->show_sort)
		return "letter, Enter: sort by it   Esc: leave   Up Down: choose";
	if (t->show_columns)
		return "letter, Space: on or off   Esc: leave   Up Down: choose";
	return "";
}

/** The menu, or the prompt. */
static void draw_menu(const struct tui *t, const struct pane *p)
{
	struct pane own = *p;

	if (t->prompt != PROMPT_NONE) {
		draw_prompt(t, p);
		return;
	}
	pane_fill(p, 0, 0, p->w, TSTYLE_TITLE);
	if (*open_words(t))
		pane_text(p, 0, 0, p->w, TSTYLE_TITLE, open_words(t), strlen(open_words(t)),
			  ELIDE_END);
	else
		walk_menu(t, p->w, put_key, &own);
}

struct hit {
	unsigned x;
	int key;
};

static void hit_key(void *ctx, const struct key_def *k, unsigned x)
{
	struct hit *h = ctx;

	if (h->x >= x && h->x + 1 < x + key_cols(k))
		h->key = k->key;
}

int menu_key_at(const struct tui *t, unsigned w, unsigned x)
{
	struct hit h = { x, 0 };

	walk_menu(t, w, hit_key, &h);
	return h.key;
}

/* --- all of it -------------------------------------------------------------------------------- */

static struct pane pane_of(const struct pane *all, const struct rect *r)
{
	return pane_part(all, r->x, r->y, r->w, r->h);
}

/** A line between two panes. */
static void rule(const struct pane *all, unsigned x, unsigned y, unsigned w, unsigned h)
{
	const char *v = all->c->ascii ? "|" : "│", *dash = all->c->ascii ? "-" : "─";

	for (unsigned i = 0; i < h && w == 1; i++)
		pane_put(all, x, y + i, STYLE_FRAME, v);
	for (unsigned i = 0; i < w && h == 1; i++)
		pane_put(all, x + i, y, STYLE_FRAME, dash);
}

/** "12 of 124": which row is selected. */
static void put_position(const struct tui *t, const struct pane *all, const struct rect *r)
{
	size_t first;

	if (!tui_ready(t) || !t->nitems || tui_place(t)->level >= LEVEL_GRID || t->show_changes)
		return;
	/* The kernel alone is none of the processes. */
	first = t->items[0].kind == ITEM_KERNEL;
	if (t->cur >= first)
		pane_printf(all, r->x + 2, r->y - 1, STYLE_FRAME, " %zu of %zu ",
			    t->cur + 1 - first, t->nitems - first);
}

static void draw_rules(const struct tui *t, const struct pane *all, const struct tui_layout *l)
{
	bool map = l->minimap.w != 0;

	if (map)
		rule(all, l->minimap.x + l->minimap.w, l->minimap.y, 1, l->minimap.h);
	if (!l->detail.w)
		return;
	if (l->detail.y == l->main.y) {
		rule(all, l->detail.x - 1, l->detail.y, 1, l->detail.h);
		return;
	}
	rule(all, l->detail.x, l->detail.y - 1, l->detail.w, 1);
	if (map)
		pane_put(all, l->detail.x - 1, l->detail.y - 1, STYLE_FRAME,
			 all->c->ascii ? "+" : "├");
	put_position(t, all, &l->detail);
}

/** Without a pane of details what would stand there takes its turn here. */
static void draw_main(const struct tui *t, const struct pane *p, bool has_detail)
{
	if (t->show_columns || t->show_sort)
		draw_columns(t, p);
	else if (t->show_detail && !has_detail && tui_ready(t))
		draw_detail(t, p);
	else if (t->show_changes)
		draw_changes(t, p);
	else if (tui_place(t)->level == LEVEL_GRID && t->show_phys && !has_detail)
		draw_phys(t, p);
	else if (tui_place(t)->level == LEVEL_GRID)
		draw_grid(t, p);
	else if (tui_place(t)->level == LEVEL_PAGE)
		draw_page(t, p);
	else
		draw_list(t, p);
}

static void draw_panes(const struct tui *t, const struct pane *all, const struct tui_layout *l)
{
	struct pane part;

	draw_rules(t, all, l);
	part = pane_of(all, &l->minimap);
	if (l->minimap.w && t->snap && tui_place(t)->level != LEVEL_PICKER)
		draw_minimap(t, &part);
	part = pane_of(all, &l->main);
	draw_main(t, &part, l->detail.w != 0);
	part = pane_of(all, &l->detail);
	if (l->detail.w && t->snap && t->show_changes)
		draw_change_detail(t, &part);
	else if (l->detail.w && t->snap && t->show_phys && tui_place(t)->level == LEVEL_GRID)
		draw_phys(t, &part);
	else if (l->detail.w && t->snap)
		draw_detail(t, &part);
}

void tui_draw(const struct tui *t, struct canvas *c)
{
	struct tui_layout l = tui_panes(t);
	struct pane all, part;

	canvas_clear(c);
	all = canvas_all(c);
	if (l.too_small) {
		pane_put(&all, 0, 0, STYLE_WARN, "too small: 40x10 at least");
		return;
	}
	if (t->show_help) {
		struct rect r = tui_help_rect(t->w, t->h);

		part = pane_of(&all, &r);
		draw_help(t, &part);
	} else {
		draw_panes(t, &all, &l);
	}
	part = pane_of(&all, &l.title);
	draw_title(t, &part);
	part = pane_of(&all, &l.status);
	draw_status(t, &part);
	part = pane_of(&all, &l.menu);
	draw_menu(t, &part);
}
