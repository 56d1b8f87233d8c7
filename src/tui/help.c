/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * `?`: the one table of keys in groups, then what the screen shows; two columns where it is wide,
 * scrolled where it is small.
 */
#include <string.h>

#include "../render/bar.h"
#include "tui.h"

/** From this width on there are two columns. */
#define TWO_COLUMNS 110
/** Columns of the keys before what they do. */
#define KEYS_COLS 13

/* --- texts ------------------------------------------------------------------------------------ */

enum group {
	GROUP_MOVE,
	GROUP_ZOOM,
	GROUP_FIND,
	GROUP_LIVE,
	GROUP_PAGES,
	GROUP_OUT,
	GROUP_PICKER,
	GROUP_N
};

static const char *const group_words[GROUP_N] = {
	[GROUP_MOVE] = "Move",
	[GROUP_ZOOM] = "In and out",
	[GROUP_FIND] = "Find, filter, sort",
	[GROUP_LIVE] = "What changes",
	[GROUP_PAGES] = "Pages",
	[GROUP_OUT] = "The rest",
	[GROUP_PICKER] = "In the list of processes",
};

static enum group group_of(const struct key_def *k)
{
	if (k->places && !(k->places & ~PICKER_PLACES))
		return GROUP_PICKER;
	switch (k->action) {
	case ACT_UP:
	case ACT_DOWN:
	case ACT_LEFT:
	case ACT_RIGHT:
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
	case ACT_TOP:
	case ACT_BOTTOM:
		return GROUP_MOVE;
	case ACT_IN:
	case ACT_OUT:
	case ACT_SHRINK:
	case ACT_PICKER:
		return GROUP_ZOOM;
	case ACT_SEARCH:
	case ACT_NEXT:
	case ACT_PREV:
	case ACT_GOTO:
	case ACT_FILTER:
	case ACT_UNFILTER:
	case ACT_SORT:
	case ACT_SORT_REVERSE:
	case ACT_COLUMNS:
		return GROUP_FIND;
	case ACT_MARK:
	case ACT_UNMARK:
	case ACT_CHANGES:
	case ACT_PAUSE:
	case ACT_REFRESH:
	case ACT_FASTER:
	case ACT_SLOWER:
		return GROUP_LIVE;
	case ACT_GRID_BY:
	case ACT_GRID_FLAG:
	case ACT_PHYS:
	case ACT_FRAME_PREV:
	case ACT_FRAME_NEXT:
	case ACT_BYTES:
		return GROUP_PAGES;
	default:
		return GROUP_OUT;
	}
}

/** A label and what it says; without a label a heading. */
struct text {
	const char *label, *words;
};

static const struct text questions[] = {
	{ NULL, "How do I find ..." },
	{ "who", "The library with the most private dirty memory: in the user half f and lib "
		 "leaves only libraries, s and priv.dirty sorts them: the first row is it." },
	{ "since", "What became private since a moment: m at that moment, later d. Enter on a "
		   "mapping lists its pages, Enter on those goes to them." },
	{ "where", "What is at an address: : and the address. Where a thread is: :pc:TID." },
	{ "page", "A single page: Enter on a mapping shows its pages, Enter on one all that is "
		  "known of it, b there its bytes." },
};

static const struct text marks[] = {
	{ NULL, "Letters behind an address" },
	{ "+  -", "new, gone" },
	{ ">  <", "grown, shrunk" },
	{ "!", "other permissions, or another file" },
	{ "*", "the same mapping, but pages of it came, went, became private or were swapped" },
	{ "~", "a region of the kernel that lies somewhere in this interval" },
};

static const struct text map_marks[] = {
	{ NULL, "The map at the left: how much of a line is resident, or in use" },
	{ "· ░ ▒ ▓ █", "nothing, some, an eighth, a quarter, half or more" },
	{ "blank", "it is not known how much" },
	{ "┊", "nothing is mapped there" },
	{ "►", "what is selected is there" },
	{ "▐", "what the list shows is there" },
};

static const struct text map_marks_ascii[] = {
	{ NULL, "The map at the left: how much of a line is resident, or in use" },
	{ ". - + * #", "nothing, some, an eighth, a quarter, half or more" },
	{ "blank", "it is not known how much" },
	{ ":", "nothing is mapped there" },
	{ ">", "what is selected is there" },
	{ "|", "what the list shows is there" },
};

static const struct text figures[] = {
	{ NULL, "Figures" },
	{ "?", "It is not known: the kernel does not say, or not to us. The details of a row, and "
	       "the notes of the text view, say what would open it. It is never 0." },
	{ "rss, pss",
	  "and more come from smaps, which stalls a large process: it is read seldom, and "
	  "at once with r." },
	{ "bars", "come from the page tables; each cell is a slice of the row, lowest address at "
		  "the left." },
};

static const struct text filters[] = {
	{ NULL, "Filters" },
	{ "examples", "lib and dirty > 0      rw-p not (stack or heap)      ~jit or r?x" },
};

static const struct text mouse_text[] = {
	{ NULL, "Mouse" },
	{ "click", "selects; on what is selected, or twice, goes in. On a heading it sorts, on the "
		   "first line it goes out to there, on the map at the left it goes to an "
		   "address. The wheel scrolls." },
};

/* --- lines ------------------------------------------------------------------------------------ */

/** Where lines go: counted first, then drawn from `top` on. */
struct help {
	const struct tui *t;
	const struct pane *p; /**< NULL: only counted */
	unsigned w;	      /**< of a column */
	unsigned rows;	      /**< of the screen */
	unsigned split;	      /**< lines of the first column; 0: there is only one */
	unsigned top;
	unsigned n;
};

/** Where the next line stands; false when it is not on the screen. */
static bool next_line(struct help *h, unsigned *x, unsigned *y)
{
	unsigned i = h->n++;
	bool second = h->split && i >= h->split;

	if (second)
		i -= h->split;
	*x = second ? h->w + 2 : 0;
	*y = i - h->top;
	return h->p && i >= h->top && *y < h->rows;
}

static void add_heading(struct help *h, const char *words)
{
	unsigned x, y;

	/* A blank line before it, but not at the top. */
	if (h->n && h->n != h->split)
		next_line(h, &x, &y);
	if (next_line(h, &x, &y))
		pane_text(h->p, x, y, h->w, STYLE_BOLD, words, strlen(words), ELIDE_END);
}

static void add_words(struct help *h, const char *label, unsigned label_style, const char *words,
		      unsigned style)
{
	unsigned cols = h->w > KEYS_COLS + 8 ? h->w - KEYS_COLS : 8, x, y;
	size_t len = strlen(words), next;

	for (bool first = true; len; words += next, len -= next, first = false) {
		size_t n = text_wrap(words, len, cols, &next);

		if (!next_line(h, &x, &y))
			continue;
		if (first)
			pane_text(h->p, x, y, KEYS_COLS, label_style, label, strlen(label),
				  ELIDE_END);
		pane_text(h->p, x + KEYS_COLS, y, h->w - MIN(h->w, KEYS_COLS), style, words, n,
			  ELIDE_END);
	}
}

static void add_texts(struct help *h, const struct text *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].label)
			add_words(h, v[i].label, TSTYLE_PROMPT, v[i].words, STYLE_PLAIN);
		else
			add_heading(h, v[i].words);
}

static bool is_here(const struct key_def *k, unsigned places)
{
	return !k->places || k->places & places;
}

static void add_keys(struct help *h, enum group g)
{
	unsigned level = tui_place(h->t)->level;
	unsigned places = level == LEVEL_PICKER ? PICKER_PLACES : 1u << level;
	struct buf names = { 0 };

	add_heading(h, group_words[g]);
	for (size_t i = 0; i < nkeys; i++) {
		const struct key_def *k = &key_table[i];
		bool here = is_here(k, places);

		if (!k->help || group_of(k) != g)
			continue;
		buf_addstr(&names, k->name);
		/* Others that do the same stand behind it without a text of their own. */
		for (size_t more = i + 1; more < nkeys && !key_table[more].help; more++)
			if ((!here || is_here(&key_table[more], places)) &&
			    names.len + strlen(key_table[more].name) + 1 < KEYS_COLS)
				buf_addf(&names, " %s", key_table[more].name);
		add_words(h, names.p, here ? TSTYLE_PROMPT : STYLE_DIM, k->help,
			  here ? STYLE_PLAIN : STYLE_DIM);
		buf_clear(&names);
	}
	buf_release(&names);
}

/** A glyph, or letter, of a state of pages or frames and what it stands for. */
static void add_state(struct help *h, const struct bar_look *look, const char *words)
{
	bool letters = h->t->ascii || h->t->mono;
	unsigned x, y;

	if (!next_line(h, &x, &y))
		return;
	if (!letters)
		pane_put(h->p, x, y, look->style, look->full);
	if (!letters && strcmp(look->full, look->half) != 0)
		pane_put(h->p, x + 1, y, look->style, look->half);
	pane_printf(h->p, x + 3, y, look->style, "%c", look->ascii);
	pane_text(h->p, x + KEYS_COLS, y, h->w - MIN(h->w, KEYS_COLS), STYLE_PLAIN, words,
		  strlen(words), ELIDE_END);
}

static void add_all(struct help *h)
{
	bool picker = tui_place(h->t)->level == LEVEL_PICKER;

	if (picker)
		add_keys(h, GROUP_PICKER);
	add_texts(h, questions, ARRAY_SIZE(questions));
	for (unsigned g = 0; g < GROUP_N; g++)
		if (g != GROUP_PICKER || !picker)
			add_keys(h, (enum group)g);
	add_texts(h, mouse_text, ARRAY_SIZE(mouse_text));
	add_texts(h, filters, ARRAY_SIZE(filters));
	for (size_t i = 0; i < nexpr_docs; i++)
		add_words(h, expr_docs[i].form, TSTYLE_PROMPT, expr_docs[i].help, STYLE_PLAIN);
	add_texts(h, marks, ARRAY_SIZE(marks));
	add_heading(h, "Pages: as a block more than half there, up to half; as a letter");
	for (unsigned st = 0; st < PS_NSTATES; st++)
		add_state(h, bar_state_look(st), bar_state_words(st));
	add_heading(h, "Frames of the kernel half");
	for (unsigned st = 0; st < FS_NSTATES; st++)
		add_state(h, bar_frame_look(st), frame_state_name((enum frame_state)st));
	if (h->t->ascii)
		add_texts(h, map_marks_ascii, ARRAY_SIZE(map_marks_ascii));
	else
		add_texts(h, map_marks, ARRAY_SIZE(map_marks));
	add_texts(h, figures, ARRAY_SIZE(figures));
}

/* --- the screen ------------------------------------------------------------------------------- */

/** Counts the lines for a pane of this size and splits them. */
static void help_measure(struct help *h, const struct tui *t, unsigned w, unsigned rows)
{
	bool two = w >= TWO_COLUMNS;

	*h = (struct help){ .t = t, .w = two ? w / 2 - 1 : w, .rows = rows };
	add_all(h);
	if (two)
		h->split = (h->n + 1) / 2;
}

static unsigned last_top(const struct help *h)
{
	unsigned lines = h->split ? h->split : h->n;

	return lines > h->rows ? lines - h->rows : 0;
}

static unsigned help_rows(unsigned h)
{
	return h > 1 ? h - 1 : h;
}

unsigned tui_help_last(const struct tui *t)
{
	struct rect r = tui_help_rect(t->w, t->h);
	struct help h;

	if (!r.w || !r.h)
		return 0;
	help_measure(&h, t, r.w, help_rows(r.h));
	return last_top(&h);
}

void draw_help(const struct tui *t, const struct pane *p)
{
	unsigned lines, last;
	struct help h;

	if (!p->w || !p->h)
		return;
	help_measure(&h, t, p->w, help_rows(p->h));
	lines = h.split ? h.split : h.n;
	last = last_top(&h);
	h.p = p;
	h.n = 0;
	h.top = MIN(t->help_top, last);
	add_all(&h);
	if (p->h == 1)
		return;
	if (last)
		pane_printf(p, 0, p->h - 1, STYLE_NOTE,
			    "lines %u to %u of %u: Up, Down, PgUp, PgDn; another key closes",
			    h.top + 1, MIN(h.top + h.rows, lines), lines);
	else
		pane_put(p, 0, p->h - 1, STYLE_NOTE, "any key closes; dim keys do nothing here");
}
