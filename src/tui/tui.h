/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * THE BROWSER: view state and keys. Pure: it knows neither curses nor files. What it shows comes as
 * const snapshots, what it wants read goes out as a struct want, what it wants done beyond the
 * screen as enum tui_result. watch.h reads; loop.c moves bytes; screen*.c alone know curses.
 */
#ifndef PROCMAP_TUI_H
#define PROCMAP_TUI_H

#include "../model/diff.h"
#include "../model/expr.h"
#include "../model/snapshot.h"
#include "canvas.h"
#include "keys.h"

/** How deep we are; a place of each level up to the present one makes the breadcrumb. */
enum level {
	LEVEL_PICKER, /**< no process chosen yet */
	LEVEL_SPACE,  /**< the halves and the hole */
	LEVEL_HALF,   /**< objects and gaps, or regions */
	LEVEL_OBJECT, /**< mappings of an object; areas, modules, RAM or parts of a region */
	LEVEL_PART,   /**< sections of a module */
	LEVEL_GRID,   /**< pages of a mapping, frames of a range of RAM */
	LEVEL_PAGE,
	LEVEL_N
};

/**
 * Where keys differ: the levels, and the picker twice more, by what Esc does in it. LEVEL_PICKER is
 * where nothing is typed and there is no process to go back to.
 */
enum picker_place { PICKER_TYPED = LEVEL_N, PICKER_BACK, KEY_PLACES };
#define PICKER_PLACES (1u << LEVEL_PICKER | 1u << PICKER_TYPED | 1u << PICKER_BACK)

/** One row of a list. Rows are rebuilt from each snapshot; a row is found again by its range. */
struct item {
	enum item_kind {
		ITEM_HALF,
		ITEM_HOLE,
		ITEM_OBJECT,
		ITEM_MAPPING,
		ITEM_GAP,
		ITEM_REGION,
		ITEM_FREE,    /**< unused part of the kernel half */
		ITEM_AREA,    /**< of vmalloc; index: kmap.areas */
		ITEM_MODULE,  /**< index: kmap.modules */
		ITEM_SECTION, /**< of the module that the place is; index: its sections */
		ITEM_RAM,     /**< a stretch of RAM in the direct map; index: kmap.frames */
		ITEM_TASK,    /**< of the picker; index: in the task list */
		ITEM_KERNEL,  /**< of the picker: the kernel alone, without a process */
	} kind;
	struct range r; /**< first > last: its address is hidden, see item_placed() */
	u32 index;	/**< object, vma, region, ... as the kind says */
	u32 parent;	/**< ITEM_SECTION: its module in kmap.modules */
	u8 change;	/**< enum change_kind since the mark, or the last refresh without one */
	/** ITEM_OBJECT: what the filter comes to in it; kept, as details are drawn often. */
	struct expr_count filtered;
};

/** Has the row an address? Areas and modules of a kernel that hides them have none. */
static inline bool item_placed(const struct item *it)
{
	return it->r.first <= it->r.last;
}

/** Where one level stands: selection and scrolling. */
struct place {
	enum level level;
	struct range r; /**< what this level shows: the half, object, mapping, page */
	bool kernel;
	u64 at;	      /**< address of the selected row, cell or byte: it survives refreshes */
	size_t top;   /**< first row shown */
	u64 unit;     /**< LEVEL_GRID: pages a cell; 0: as few as fit the pane */
	u64 at_last;  /**< last address of the selected row, where it was a row */
	u8 at_kind;   /**< enum item_kind of the selected row */
	u32 at_index; /**< and its index: rows without an address are found again by it */
	u32 index;    /**< LEVEL_PART: the module, in kmap.modules */
	bool part;    /**< LEVEL_GRID: a range that was asked for, not all of a mapping */
	u64 meant;    /**< LEVEL_GRID, LEVEL_PAGE: what was gone to, inside of a page; 0 nothing */
};

/** Where the panes are for one size of the screen; w 0: not shown. */
struct tui_layout {
	bool too_small; /**< below 40x10 */
	struct rect {
		unsigned x, y, w, h;
	} title, minimap, main, detail, status, menu;
};

/** What a key, a snapshot or the clock asks of the loop. */
enum tui_result {
	TUI_NONE,
	TUI_DRAW,
	TUI_WANT,    /**< tui_want() has changed: hand it to the watch, and draw */
	TUI_MARK,    /**< keep t->snap as the mark and call tui_set_mark(); it has page states */
	TUI_THEME,   /**< tui->light has changed */
	TUI_SUSPEND, /**< Ctrl-Z */
	TUI_EXPORT,  /**< write the map, or tui->export_screen, to tui->export_name; message */
	TUI_COPY,    /**< tui->copy is to go to the terminal's clipboard (OSC 52) */
	TUI_CANCEL,  /**< what tui->progress told of is to be broken off */
	TUI_QUIT,
};

/** What colours the cells of a page grid. */
enum grid_by {
	GRID_STATE,
	GRID_FLAG,
	GRID_LRU,
	GRID_NODE,
	GRID_COUNT,
	GRID_CGROUP,
	GRID_CHANGE,
	GRID_NBY
};

/** A question in the bottom line: "/", ":", "f", ... */
enum prompt { PROMPT_NONE, PROMPT_SEARCH, PROMPT_GOTO, PROMPT_FILTER, PROMPT_EXPORT };

/** What the line at the bottom tells of: what was asked for, or why it cannot be. */
enum message_kind { MESSAGE_TROUBLE, MESSAGE_NEWS };

struct tui {
	unsigned w, h;
	bool ascii, mono;
	const struct snapshot *snap; /**< the newest; the loop's, replaced by tui_snapshot() */
	const struct snapshot *mark; /**< what `m` kept, NULL none; the loop's */
	bool marking;		     /**< the next snapshot with page states becomes the mark */
	pid_t pid; /**< the target; 0 with `kernel` the kernel alone, without none yet */
	bool kernel;
	u64 serial;		/**< of struct want */
	struct changes changes; /**< from mark (or the snapshot before) to snap */

	struct place path[LEVEL_N]; /**< the breadcrumb: path[depth - 1] is shown */
	unsigned depth;
	/** Of each level the place that was left last: going in there again restores it. */
	struct place left[LEVEL_N];

	struct item *items; /**< rows of the present list, as sorted and filtered */
	size_t nitems, cap_items;
	size_t cur; /**< the selected one */

	unsigned sort; /**< index of a column + 1; 0: address order */
	bool sort_up;
	u64 columns;	     /**< bit per column of columns.h that is shown */
	u64 chosen;	     /**< those turned on by hand: they come first where room is scarce */
	struct expr *filter; /**< NULL none */
	struct buf filter_text;
	struct expr_count filtered; /**< what it comes to in the snapshot, where the list is its */
	struct buf search;
	struct buf typed;   /**< what was typed in the picker: only processes that have it */
	bool search_inside; /**< no name has it: what lies inside of rows is looked at */
	enum grid_by grid_by;
	enum grid_by grid_by_own; /**< with grid_by_lent: what the next grid is by, but for `d` */
	bool grid_by_lent;
	unsigned grid_flag; /**< bit that GRID_FLAG shows */
	bool show_help, show_changes, show_columns, show_phys, show_bytes, paused, want_smaps;
	unsigned interval_ms;

	bool show_sort;	     /**< `s`: the chooser of what to sort by (draw_columns() draws it) */
	size_t chooser_cur;  /**< its selected row, or that of the columns; see tui_chooser() */
	size_t detail_top;   /**< first line of the details that is shown */
	bool show_detail;    /**< in the main pane, where there is no pane for them */
	unsigned help_top;   /**< first line of the help that is shown */
	unsigned other_sort; /**< sort of the lists while in the picker, and the other way round */
	bool other_up;
	bool sort_picker;	     /**< `sort` is that of the picker */
	bool picking;		     /**< the picker was asked for, a target stays as it was */
	bool fresh;		     /**< the next snapshot of the target is its first */
	unsigned mark_waits;	     /**< snapshots without page states since `m` */
	u64 smaps_asked;	     /**< smaps_usec when `r` asked for new ones */
	struct place saved[LEVEL_N]; /**< where Esc leaves the picker for */
	unsigned saved_depth;

	/* The change list of `d`: highest address first, see tui_change(). */
	size_t change_cur, change_top;
	bool changes_by_amount; /**< `s`: most pages first */
	u32 *change_order;	/**< with it, indexes in changes.v by row; NULL: by address */
	u64 change_at;		/**< address of the selected change */
	bool show_runs;		/**< its second level: the pages of one mapping that changed */
	struct range runs_of;
	struct changed_run *runs; /**< rising */
	size_t nruns, run_cur, run_top;

	char symbol[SYMBOL_MAX]; /**< `:` waits for where it is; "" it does not */
	bool symbol_kernel;	 /**< asked for in the kernel half */
	u64 symbol_serial;

	u64 found; /**< with have_found: what a search or `:` meant, inside the selected row */
	bool have_found;

	enum prompt prompt;
	struct buf input;
	size_t input_at;
	bool input_offered;  /**< `input` is an old answer: what is typed takes its place */
	struct buf progress; /**< what is being read, "" nothing */
	struct buf message;  /**< one line at the bottom, until the next key; see tui_news_age() */
	enum message_kind message_kind;
	u64 news_usec; /**< `usec` of the first snapshot that came after the message; 0: none did */
	struct buf export_name;
	bool export_screen; /**< what is to be written: tui_draw() as text, not the map */
	struct buf copy;
	unsigned bytes_top;  /**< LEVEL_PAGE: the first line that is shown, or BYTES_TOP_MEANT */
	bool light;	     /**< theme */
	struct minimap *map; /**< minimap.c: its lines, made when they are drawn; owned */
};

void tui_init(struct tui *t, unsigned w, unsigned h, bool ascii, bool mono);
void tui_release(struct tui *t);
/** What to show: a process, or the kernel alone; pid 0 without it: the picker. */
void tui_target(struct tui *t, pid_t pid, bool kernel);
enum tui_result tui_key(struct tui *t, int key);
enum tui_result tui_mouse(struct tui *t, const struct mouse *m);
/** Pasted text, as code points: into an open prompt, and never a key. */
enum tui_result tui_paste(struct tui *t, const int *text, size_t n);
enum tui_result tui_resize(struct tui *t, unsigned w, unsigned h);
/** A new snapshot (the old one may be freed after it returns). */
enum tui_result tui_snapshot(struct tui *t, const struct snapshot *s);
/** What changes are told from, from now on; NULL: from one refresh to the next. */
void tui_set_mark(struct tui *t, const struct snapshot *mark);
/** What is to be read now, for what is on the screen. */
void tui_want(const struct tui *t, struct want *ret);
/** Says what could not be done, or what must be known; tui_news() what was done. */
void tui_message(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void tui_news(struct tui *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/** After a snapshot: news that have stood for some seconds give way to the figures. */
void tui_news_age(struct tui *t);
/** Draws everything. O(rows on screen). */
void tui_draw(const struct tui *t, struct canvas *c);

/* --- between the files of this folder -------------------------------------------------------- */

static inline const struct place *tui_place(const struct tui *t)
{
	return &t->path[t->depth - 1];
}

/** Is the snapshot one of what the present place shows? Not so while the first one is awaited. */
static inline bool tui_ready(const struct tui *t)
{
	return t->snap && (tui_place(t)->level == LEVEL_PICKER) == (t->snap->state == SNAP_TASKS);
}

/** Where we are, as key_table[] sees it. */
static inline unsigned tui_key_place(const struct tui *t)
{
	unsigned level = tui_place(t)->level;

	if (level != LEVEL_PICKER)
		return level;
	return t->typed.len ? PICKER_TYPED : t->picking ? PICKER_BACK : LEVEL_PICKER;
}

/** Would Esc break off what is being read? Not while it has something to close. */
static inline bool tui_can_cancel(const struct tui *t)
{
	/* In the picker it empties the filter, or leaves. */
	return t->progress.len && tui_place(t)->level != LEVEL_PICKER && t->prompt == PROMPT_NONE &&
	       !t->show_help && !t->show_sort && !t->show_columns;
}

struct tui_layout tui_layout(unsigned w, unsigned h);
/** The same for the present place: the picker has no minimap. */
struct tui_layout tui_panes(const struct tui *t);
/** Rows of a list (of the changes as well) that are on the screen under its heading. */
unsigned tui_list_rows(const struct tui *t);
/** What the chooser of `s` or `o` offers, in its order: columns, SORT_ADDRESS; their number. */
#define CHOOSER_MAX  26 /**< a letter each, from 'a' on */
#define SORT_ADDRESS 255
size_t tui_chooser(const struct tui *t, u8 ret[static CHOOSER_MAX]);
/** The letter of a choice, the same in both of them. */
char tui_chooser_letter(const struct tui *t, u8 what);
/** list.c: what a list can be sorted by, as it stands from left to right; their number. */
size_t list_sorts(const struct tui *t, u8 ret[static CHOOSER_MAX]);
/** list.c: the columns that are on but have no room, by their names; their number. */
size_t list_left_out(const struct tui *t, struct buf *names);
/** The change that row `row` of the change list shows. */
static inline const struct change *tui_change(const struct tui *t, size_t row)
{
	return &t->changes.v[t->change_order ? t->change_order[row] : t->changes.n - 1 - row];
}
/** items.c: the rows of the present place, filtered and sorted; finds the selection again. */
void items_build(struct tui *t);
/** The row that has `addr`, else the nearest below it, else above; 0 when there is no row. */
size_t items_find(const struct tui *t, u64 addr);
/** items.c: why there are no rows, for the middle of an empty list. */
const char *items_empty(const struct tui *t);
/** kernel_items.c: the rows of a region of the kernel half (LEVEL_OBJECT) and of a module. */
void kernel_items(struct tui *t);
/** Does the row stand for all areas that were freed, as their addresses are hidden? */
bool kernel_item_is_unpurged(const struct kmap *m, const struct item *it);
/**
 * kernel_items.c: a section of a module, in *ret. False: its end is not known, *ret is its first
 * byte. It may end before the next one begins: what lies between is padding.
 */
bool kernel_section_range(const struct snapshot *snap, u32 module, u32 section, struct range *ret);
/** items.c, for kernel_items.c. */
struct item *items_add(struct tui *t, enum item_kind kind, struct range r, u32 index);
/** kernel_items.c: has the region a list of what lies inside it, or will it have one? */
bool kernel_has_inside(const struct tui *t, u32 region);
/** search.c: does the row, or anything inside it, have the text in a name? For CELL_MATCH, too. */
bool item_has(const struct tui *t, const struct item *it, const char *text);
/** goto.c: goes to an address: its half, its object, its mapping selected. False: nothing there. */
bool tui_goto(struct tui *t, u64 addr);
/** What `:` understands; false with a message. A range opens as a grid, pc and sp on their page. */
bool tui_goto_text(struct tui *t, const char *text);
/** goto.c: where the symbol is that `:` waited for. */
void tui_goto_symbol(struct tui *t, const struct symbol_answer *a);
/** Moves to the next (or previous) row whose names have the text of `/`. */
bool tui_search(struct tui *t, bool back);
/** The pages a cell of the grid stands for, and the cells a line has, at the present place. */
struct grid_shape {
	u64 pages_per_cell;
	unsigned w, h;	    /**< cells */
	unsigned left;	    /**< columns of the pane before the first cell of a line */
	u64 ncells;	    /**< of the whole range */
	struct range shown; /**< the part that is on the screen */
	unsigned top, foot; /**< lines of the pane above the first and below the last */
	unsigned digits;    /**< of the addresses */
	unsigned cols;	    /**< columns a cell has: 1 or 2 */
};
struct grid_shape tui_grid_shape(const struct tui *t);
/** grid.c: the address of the cell at a place of the main pane; false: there is none. */
bool tui_grid_hit(const struct tui *t, unsigned x, unsigned y, u64 *ret);
/** grid_look.c: shows the pages by the next flag that some of them have. */
void tui_grid_next_flag(struct tui *t);
/** page.c: scrolls the page's bytes, or what is known of it; false: all is on the screen. */
bool tui_scroll_page(struct tui *t, int by);
/** As bytes_top: the bytes begin with the line of what was gone to. */
#define BYTES_TOP_MEANT UINT32_MAX
/** What was gone to inside of the page of LEVEL_PAGE, else its first byte. */
static inline u64 tui_page_meant(const struct tui *t)
{
	const struct place *p = tui_place(t);

	return range_has(p->r, p->meant) ? p->meant : p->at;
}
/** page.c: the page and some before and after it, at LEVEL_PAGE. */
struct range tui_page_neighbours(const struct tui *t);
/** physpane.c: the page whose frame comes next (by 1) or before (-1) in RAM; false: none. */
bool tui_next_frame(const struct tui *t, int by, u64 *ret);
/* What a click hits; they share their arithmetic with what draws. */
/** list.c: the column whose heading is at `x` of a list `w` wide, or SORT_ADDRESS, or -1. */
int list_column_at(const struct tui *t, unsigned w, unsigned x);
/** status.c: the key whose menu entry is at `x` of a menu `w` wide; 0 none. */
int menu_key_at(const struct tui *t, unsigned w, unsigned x);
/** title.c: how deep the breadcrumb's part at `x` is (1: path[0]); 0 none. */
unsigned title_depth_at(const struct tui *t, unsigned w, unsigned x);

/** prompt.c: compiles and sets the filter; false with a message, and *at set, when it cannot. */
bool tui_set_filter(struct tui *t, const char *text, size_t *at);

/*
 * One function a pane; each draws into its own rectangle and nowhere else. Sizes are short, "64K",
 * in what stands in rows below each other (lists, the minimap, tables in the details), and "64 KiB"
 * in everything that is read as a sentence or has a label of its own.
 */
void draw_list(const struct tui *t, const struct pane *p);    /**< list.c */
void draw_minimap(const struct tui *t, const struct pane *p); /**< minimap.c */
/** minimap.c: what tui.map is. Forgotten with each snapshot; NULL is nothing to free. */
struct minimap *minimap_new(void);
void minimap_free(struct minimap *m);
void minimap_forget(struct minimap *m);
/** minimap.c: the address that a line of the minimap stands for. */
u64 minimap_address(const struct tui *t, unsigned h, unsigned y);
void draw_detail(const struct tui *t, const struct pane *p); /**< detail.c */
/** detail.c: where the details go on a screen further down (up); from the end on to the top. */
size_t detail_page(const struct tui *t, size_t top, int by);
void draw_grid(const struct tui *t, const struct pane *p); /**< grid.c */
/** grid_look.c: what the cells are by, their looks and counts; the lines it took. */
unsigned draw_grid_legend(const struct tui *t, const struct pane *p);
/** grid_detail.c: all of the selected cell; the lines it took. */
unsigned draw_cell_detail(const struct tui *t, const struct pane *p);
void draw_phys(const struct tui *t, const struct pane *p);    /**< physpane.c */
void draw_page(const struct tui *t, const struct pane *p);    /**< page.c */
void draw_changes(const struct tui *t, const struct pane *p); /**< changes.c */
/** changes.c: all of them together and the selected one, for the pane of details. */
void draw_change_detail(const struct tui *t, const struct pane *p);
void draw_help(const struct tui *t, const struct pane *p); /**< help.c */
/** help.c: the rectangle it takes, over all panes; the last line it can begin with. */
static inline struct rect tui_help_rect(unsigned w, unsigned h)
{
	return (struct rect){ 0, 1, w, h > 3 ? h - 3 : 0 };
}
unsigned tui_help_last(const struct tui *t);
void draw_columns(const struct tui *t, const struct pane *p); /**< popup.c: what `o`, `s` show */
/** popup.c: the first choice that a pane of `h` lines shows, below its heading. */
size_t popup_top(const struct tui *t, unsigned h);
void draw_title(const struct tui *t, const struct pane *p); /**< title.c: breadcrumb */

#endif
