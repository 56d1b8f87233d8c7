/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list in the middle: which columns fit, a heading, then the rows that fit. */
#include "list.h"

#include <string.h>

/** What names and bars get at least, and what they are content with. */
#define NAME_MIN  14
#define NAME_GOOD 24
#define NAME_MOST 44
#define BAR_MIN	  8
#define BAR_GOOD  12
#define BAR_MOST  32
#define NOTE_MIN  12
/** Pickers narrower than that have no room for what access needs, only for whether it is there. */
#define ACCESS_FULL 60
/** Lists narrower than that leave out the first digits of addresses, or cut them. */
#define ADDR_WIDE 84

/* --- addresses -------------------------------------------------------------------------------- */

unsigned list_address_cols(const struct tui *t)
{
	const struct space *s = &t->snap->space;
	const struct place *p = tui_place(t);
	u64 last = s->user.last ? s->user.last : s->kernel.last;
	unsigned digits;

	if (s->host.bits == 32)
		return 8;
	digits = last >> 48 && !(last >> 56) ? 14 : 12;
	/* The kernel's begin with as many f as the user's with zeros: a mark stands for them. */
	if (p->kernel || p->level == LEVEL_SPACE)
		digits += t->ascii ? 2 : 1;
	return digits;
}

void list_address(char ret[static 24], u64 addr, unsigned w, bool ascii)
{
	const char *dots = ascii ? ".." : "…";
	unsigned cols = ascii ? 2 : 1, n = format_hex(ret, addr, w);

	ret[n] = '\0';
	if (n <= w)
		return;
	/* From 17 columns on nothing is cut. */
	memmove(ret + strlen(dots), ret + n - (w - cols), w - cols + 1);
	memcpy(ret, dots, strlen(dots));
}

/* --- which columns fit ------------------------------------------------------------------------ */

/** A column that may be shown, and how much it matters: lower is better. */
struct candidate {
	u8 column, w, rank;
};

struct choice {
	struct candidate v[LIST_COLUMNS];
	size_t n;
	unsigned lead; /**< columns before the name that are no candidates */
	bool bars;
};

#define RANK_SORTED 0
#define RANK_CHOSEN 1
/** Of a column that is on from the start this is added to its own rank. */
#define RANK_START 2
#define RANK_BAR   7

static u8 rank_of(const struct tui *t, size_t column)
{
	static const struct {
		const char *name;
		u8 rank;
	} ranks[] = {
		{ "pid", 0 },	 { "size", 1 },	    { "perm", 2 },	 { "rss", 3 },
		{ "access", 3 }, { "user", 4 },	    { "priv.dirty", 4 }, { "known by", 4 },
		{ "used", 5 },	 { "not free", 5 }, { "pss", 6 },	 { "swap", 7 },
		{ "phys", 7 },
	};

	if (t->sort == column + 1)
		return RANK_SORTED;
	if (t->chosen >> column & 1)
		return RANK_CHOSEN;
	for (size_t i = 0; i < ARRAY_SIZE(ranks); i++)
		if (!strcmp(ranks[i].name, columns[column].name))
			return (u8)(RANK_START + ranks[i].rank);
	return RANK_START + 8;
}

/** Rows that are looked at to see whether a column would be empty. */
#define LOOK_AT 4096

static bool any_row(const struct tui *t, enum item_kind kind)
{
	for (size_t i = 0; i < t->nitems && i < LOOK_AT; i++)
		if (t->items[i].kind == kind)
			return true;
	return false;
}

/** Has any row what only regions, mappings and objects have: permissions, how sure they are? */
static bool any_region(const struct tui *t)
{
	return !tui_place(t)->kernel || any_row(t, ITEM_REGION);
}

/** Can any row have the figure? A list without rows of its own keeps its columns. */
static bool any_applies(const struct tui *t, const struct column_def *c)
{
	size_t first = t->nitems && t->items[0].kind == ITEM_KERNEL;

	for (size_t i = first; i < t->nitems && i < LOOK_AT; i++)
		if (column_applies(c, t->snap, &t->items[i]))
			return true;
	return t->nitems == first;
}

static void candidates(const struct tui *t, struct choice *c)
{
	bool regions = any_region(t);

	for (size_t i = 0; i < ncolumns && i < 64 && c->n < LIST_COLUMNS; i++) {
		const struct column_def *d = &columns[i];

		if (!d->width || !column_here(d, tui_place(t)) ||
		    !(t->columns >> i & 1 || t->sort == i + 1))
			continue;
		if (!regions && (!strcmp(d->name, "perm") || !strcmp(d->name, "known by")))
			continue;
		if (d->figure && !any_applies(t, d))
			continue;
		c->v[c->n++] = (struct candidate){ (u8)i, d->width, rank_of(t, i) };
	}
}

/** As narrow as a figure may get: "1023.9M" is never printed, "999.9M" is. */
static void compact(struct choice *c, unsigned w)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct column_def *d = &columns[c->v[i].column];
		/* "needs CAP_SYS_PTRACE" in full where that leaves room for the rest. */
		bool access = !strcmp(d->name, "access") && w >= ACCESS_FULL;
		u8 least = access			? d->width
			   : !strcmp(d->name, "user")	? 8
			   : !strcmp(d->name, "access") ? ACCESS_SHORT
			   : d->kind == COLUMN_TEXT	? 9
			   : d->kind == COLUMN_HEX	? d->width
			   : strchr(d->name, '.')	? 7
			   : d->kind == COLUMN_NUMBER	? 7
							: (u8)MAX(strlen(d->name), (size_t)6);

		c->v[i].w = MIN(c->v[i].w, least);
	}
}

static unsigned total(const struct choice *c, unsigned name, unsigned bar)
{
	unsigned sum = c->lead + name + (c->bars ? bar + 1 : 0);

	for (size_t i = 0; i < c->n; i++)
		sum += c->v[i].w + 1u;
	return sum;
}

/** Leaves out what matters least; the bar is one of them. False when nothing is left. */
static bool drop_one(struct choice *c)
{
	size_t worst = 0;

	if (!c->n)
		return false;
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].rank >= c->v[worst].rank)
			worst = i;
	if (c->bars && c->v[worst].rank < RANK_BAR) {
		c->bars = false;
		return true;
	}
	c->n--;
	memmove(&c->v[worst], &c->v[worst + 1], (c->n - worst) * sizeof(c->v[0]));
	return true;
}

static struct choice fit(const struct tui *t, unsigned w, unsigned addr_w)
{
	struct choice c = { .bars = list_has_bars(t) };

	/* A letter that tells of a change stands right behind the address. */
	c.lead = addr_w ? addr_w + 2 : 0;
	candidates(t, &c);
	if (total(&c, NAME_GOOD, BAR_GOOD) > w)
		compact(&c, w);
	while (total(&c, NAME_MIN, BAR_MIN) > w && drop_one(&c))
		;
	return c;
}

static struct choice choose(const struct tui *t, unsigned w, struct list_layout *l)
{
	const struct place *p = tui_place(t);
	struct choice c, whole;

	if (p->level == LEVEL_PICKER || !t->snap)
		return fit(t, w, 0);
	l->addr_w = t->snap->space.host.bits == 32 ? 8 : w < ADDR_WIDE ? list_address_cols(t) : 16;
	/* What has no address stands at the end: if the first has none, no row has. */
	if (t->nitems && !t->sort && !item_placed(&t->items[0]))
		l->addr_w = 8;
	c = fit(t, w, l->addr_w);
	if (l->addr_w <= 8 || !(p->kernel || p->level == LEVEL_SPACE))
		return c;
	/* None is cut where that takes no column away. */
	whole = fit(t, w, 16);
	if (whole.n < c.n || whole.bars != c.bars || total(&whole, NAME_MIN, BAR_MIN) > w)
		return c;
	l->addr_w = 16;
	return whole;
}

/** Shares out what is left between name, bar and note. */
static void share(const struct tui *t, const struct choice *c, struct list_layout *l)
{
	unsigned used = total(c, NAME_MIN, BAR_MIN), rest = l->w > used ? l->w - used : 0, more;
	bool notes = !c->bars && tui_place(t)->level != LEVEL_PICKER;

	l->name_w = l->w > c->lead ? MIN(NAME_MIN, l->w - c->lead) : 0;
	more = MIN(rest, NAME_MOST - NAME_MIN - (notes ? 12u : 0));
	/* First a bar that says something, then the whole name, then a long bar. */
	if (c->bars) {
		unsigned good = MIN(rest, BAR_GOOD - BAR_MIN);

		l->bar_w = BAR_MIN + good;
		rest -= good;
		more = MIN(rest, more);
	}
	l->name_w += more;
	rest -= more;
	if (c->bars) {
		more = MIN(rest, BAR_MOST - l->bar_w);
		l->bar_w += more;
		rest -= more;
	}
	if (rest > NOTE_MIN && tui_place(t)->level != LEVEL_PICKER)
		l->note_w = rest - 1;
	else
		l->name_w += rest;
}

/** The picker's rows begin with what tells processes apart. */
static bool before_name(const struct column_def *d)
{
	return !strcmp(d->name, "pid") || !strcmp(d->name, "user");
}

void list_layout(const struct tui *t, unsigned w, struct list_layout *ret)
{
	struct list_layout *l = ret;
	unsigned x;
	struct choice c;

	*l = (struct list_layout){ .w = w };
	/* The last column is the scroll bar's when there is more than fits. */
	if (t->nitems > tui_list_rows(t) && w > 1)
		l->w = w - 1;
	c = choose(t, l->w, l);
	share(t, &c, l);
	x = c.lead;
	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < c.n; i++) {
			if (before_name(&columns[c.v[i].column]) != !pass)
				continue;
			l->col[l->n++] = (struct list_column){ c.v[i].column, c.v[i].w, x };
			x += c.v[i].w + 1u;
		}
		if (!pass) {
			l->name_x = x;
			x += l->name_w + 1;
		}
	}
	l->bar_x = x;
	l->note_x = x + (l->bar_w ? l->bar_w + 1 : 0);
}

/* --- the heading ------------------------------------------------------------------------------ */

/** "priv.dirty", where there is no room for it "p.dirty". */
static void heading_text(char ret[static 16], const char *name, unsigned w)
{
	const char *dot = strchr(name, '.');

	if (strlen(name) > w && dot) {
		ret[0] = name[0];
		strncpy(ret + 1, dot, 14);
	} else {
		strncpy(ret, name, 15);
	}
	ret[15] = '\0';
	ret[MIN(w, 15u)] = '\0';
}

/** An arrow beside a heading; in ASCII it is a letter, which a blank keeps apart if it fits. */
static void put_arrow(const struct tui *t, const struct pane *p, unsigned x, bool fits, bool behind,
		      bool up)
{
	if (!t->ascii)
		pane_glyph(p, x, 0, STYLE_BOLD, up ? GLYPH_UP : GLYPH_DOWN);
	else if (fits)
		pane_put(p, behind ? x + 1 : x - 1, 0, STYLE_BOLD, up ? "^" : "v");
	else
		pane_put(p, x, 0, STYLE_BOLD, up ? "^" : "_");
}

static void put_heading(const struct tui *t, const struct pane *p, const struct list_column *col)
{
	const struct column_def *d = &columns[col->column];
	bool sorted = t->sort == col->column + 1u, text = d->kind == COLUMN_TEXT;
	unsigned style = sorted ? STYLE_BOLD : STYLE_DIM, x;
	char name[16];

	heading_text(name, d->name, col->w);
	x = text ? col->x : col->x + col->w - (unsigned)strlen(name);
	pane_put(p, x, 0, style, name);
	/* Figures: the largest first; texts from A to Z; unless it is turned round. */
	if (sorted)
		put_arrow(t, p, text ? x + (unsigned)strlen(name) : x - 1,
			  strlen(name) + 2 <= col->w, text, t->sort_up);
}

/** Names have a place of their own, whatever the columns are. */
static unsigned name_column(void)
{
	unsigned i = 0;

	while (i + 1 < ncolumns && columns[i].width)
		i++;
	return i;
}

static void bar_heading(const struct pane *p, const struct list_layout *l)
{
	if (l->bar_w < 12) {
		pane_put(p, l->bar_x, 0, STYLE_DIM, "pages");
		return;
	}
	pane_put(p, l->bar_x, 0, STYLE_DIM, "low");
	for (unsigned x = 4; x + 5 < l->bar_w; x++)
		pane_glyph(p, l->bar_x + x, 0, STYLE_DIM, GLYPH_DASH);
	pane_right(p, l->bar_x + l->bar_w, 0, STYLE_DIM, "high");
}

static void draw_heading(const struct tui *t, const struct pane *p, const struct list_layout *l)
{
	const struct place *at = tui_place(t);
	bool sorted = t->sort && column_here(&columns[t->sort - 1], at);
	bool by_name = sorted && t->sort == name_column() + 1u;
	unsigned x;

	if (l->addr_w) {
		x = pane_put(p, 0, 0, sorted ? STYLE_DIM : STYLE_BOLD, "address");
		/* Rows without an address are in no order of theirs. */
		if (!sorted && (!t->nitems || item_placed(&t->items[0])))
			put_arrow(t, p, x, true, true, false);
	}
	for (size_t i = 0; i < l->n; i++)
		put_heading(t, p, &l->col[i]);
	x = pane_put(p, l->name_x, 0, by_name ? STYLE_BOLD : STYLE_DIM, "name");
	if (by_name)
		put_arrow(t, p, l->name_x + x, true, true, t->sort_up);
	if (l->bar_w)
		bar_heading(p, l);
}

size_t list_left_out(const struct tui *t, struct buf *names)
{
	struct list_layout l;
	struct choice c = { 0 };
	size_t n = 0, k;

	if (!tui_ready(t))
		return 0;
	list_layout(t, tui_panes(t).main.w, &l);
	candidates(t, &c);
	for (size_t i = 0; i < c.n; i++) {
		for (k = 0; k < l.n && l.col[k].column != c.v[i].column; k++)
			;
		if (k == l.n)
			buf_addf(names, "%s%s", n++ ? ", " : "", columns[c.v[i].column].name);
	}
	return n;
}

int list_column_at(const struct tui *t, unsigned w, unsigned x)
{
	struct list_layout l;

	list_layout(t, w, &l);
	for (size_t i = 0; i < l.n; i++)
		if (x >= l.col[i].x && x - l.col[i].x < l.col[i].w)
			return l.col[i].column;
	if (x >= l.name_x && x - l.name_x < l.name_w)
		return (int)name_column();
	return l.addr_w && x < l.addr_w ? SORT_ADDRESS : -1;
}

/** Those that are on, or sorted by; whether they have room or not. */
size_t list_sorts(const struct tui *t, u8 ret[static CHOOSER_MAX])
{
	const struct place *at = tui_place(t);
	size_t n = 0;

	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < ncolumns && n < CHOOSER_MAX; i++) {
			bool on = t->columns >> i & 1 || t->sort == i + 1;

			if (columns[i].width && on && column_here(&columns[i], at) &&
			    before_name(&columns[i]) == !pass)
				ret[n++] = (u8)i;
		}
		if (!pass && n < CHOOSER_MAX)
			ret[n++] = (u8)name_column();
	}
	return n;
}

/* --- the rows --------------------------------------------------------------------------------- */

/** '+' new, '-' gone, '>' grown, '<' shrunk, '!' other permissions or file, '*' its pages. */
static char change_letter(u8 change)
{
	static const char letters[] = " +-><!*";

	return change < sizeof(letters) - 1 ? letters[change] : '?';
}

static unsigned change_style(u8 change)
{
	return change == CHANGE_NONE				  ? STYLE_PLAIN
	       : change == CHANGE_GONE || change == CHANGE_SHRUNK ? TSTYLE_GONE
								  : TSTYLE_NEW;
}

/** A region that lies somewhere in an interval: '~' stands behind its first address. */
static bool is_interval(const struct tui *t, const struct item *it)
{
	const struct region *r;

	if (it->kind != ITEM_REGION)
		return false;
	r = &t->snap->space.regions[it->index];
	return r->conf == CONF_BOUNDS && r->kind != KR_MODULE;
}

static void put_address(const struct tui *t, const struct pane *p, unsigned w, unsigned y,
			const struct item *it)
{
	unsigned style = change_style(it->change);
	char hex[24];

	if (it->change)
		pane_printf(p, w, y, style, "%c", change_letter(it->change));
	else if (is_interval(t, it))
		pane_put(p, w, y, STYLE_CONF + CONF_BOUNDS, "~");
	if (!item_placed(it)) {
		pane_put(p, 0, y, STYLE_DIM, "?");
		return;
	}
	list_address(hex, it->r.first, w, t->ascii);
	pane_put(p, 0, y, it->change ? style : STYLE_DIM, hex);
}

/** Which part of the list is on the screen. */
static void scroll_bar(const struct tui *t, const struct pane *p, unsigned x)
{
	size_t rows = tui_list_rows(t), top = tui_place(t)->top, room;
	unsigned h = p->h - 1, size, from;

	if (t->nitems <= rows || h < 2)
		return;
	size = (unsigned)MAX((u64)h * rows / t->nitems, (u64)1);
	room = t->nitems - rows;
	from = (unsigned)((u64)(h - size) * MIN(top, room) / room);
	for (unsigned y = 0; y < h; y++) {
		if (y >= from && y - from < size)
			pane_put(p, x, y + 1, STYLE_FRAME, t->ascii ? "#" : "▐");
	}
}

/** Columns up to the last one that has a character in it. */
static unsigned text_cols(const struct pane *p, unsigned x, unsigned y, unsigned w)
{
	const struct cell *row = p->c->cells + (size_t)(p->y + y) * p->c->w + p->x;

	w = x < p->w ? MIN(w, p->w - x) : 0;
	while (w && row[x + w - 1].width &&
	       (!row[x + w - 1].text[0] || row[x + w - 1].text[0] == ' '))
		w--;
	return w;
}

static void draw_row(const struct tui *t, const struct pane *p, const struct list_layout *l,
		     unsigned y, size_t i)
{
	const struct item *it = &t->items[i];

	if (l->addr_w)
		put_address(t, p, l->addr_w, y, it);
	list_row(t, p, l, y, it);
	if (t->search.len && tui_place(t)->level != LEVEL_PICKER && item_has(t, it, t->search.p))
		pane_attr(p, l->name_x, y, text_cols(p, l->name_x, y, l->name_w), CELL_MATCH);
	if (i != t->cur)
		return;
	/* The bar keeps its looks: turned round its cells would say something else. */
	pane_attr(p, 0, y, l->bar_w ? l->bar_x : l->w, CELL_SELECTED);
	if (l->bar_w && l->note_w)
		pane_attr(p, l->note_x, y, l->note_w, CELL_SELECTED);
}

void draw_list(const struct tui *t, const struct pane *p)
{
	const struct place *at = tui_place(t);
	struct list_layout l;

	list_layout(t, p->w, &l);
	draw_heading(t, p, &l);
	if (!t->nitems) {
		const char *why = items_empty(t);

		pane_text(p, 1, 2, p->w - MIN(p->w, 1u), STYLE_NOTE, why, strlen(why), ELIDE_END);
		return;
	}
	for (unsigned y = 1; y < p->h && at->top + y - 1 < t->nitems; y++)
		draw_row(t, p, &l, y, at->top + y - 1);
	scroll_bar(t, p, l.w);
}
