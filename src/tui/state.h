/* SPDX-License-Identifier: GPL-2.0-or-later */
/** How the files of the view state (tui.c, prompt.c, picker.c, live.c, ...) call each other. */
#ifndef PROCMAP_STATE_H
#define PROCMAP_STATE_H

#include "columns.h"
#include "tui.h"

static inline struct place *here(struct tui *t)
{
	return &t->path[t->depth - 1];
}

static inline u32 page_size(const struct tui *t)
{
	return t->snap ? t->snap->space.host.page_size : 0;
}

/* tui.c */

/** Builds the rows anew; the selected one stays on its line of the screen. */
void state_rebuild(struct tui *t);
/** Builds the rows of a place that was not on the screen. */
void state_show(struct tui *t);
void state_select(struct tui *t, size_t row);
/** The first row that is meant unless another one is: the first process, not the kernel. */
size_t state_top(const struct tui *t);
/** Goes one level deeper. */
void state_push(struct tui *t, struct place p);
/** The grid of a range, at the page that has `at`; false where there are no pages. */
bool state_push_grid(struct tui *t, struct range r, u64 at, bool kernel);
enum tui_result state_in(struct tui *t);
/** Out to that depth; where one came from is selected there. */
void state_leave(struct tui *t, unsigned depth);
/** The last address of the process's own highest mapping: vsyscall is the kernel's. */
u64 state_first(const struct tui *t);
/** From the grid into its selected page, however many pages a cell has. */
enum tui_result state_page(struct tui *t);
/** By rows of a list, lines of a grid, pages. */
enum tui_result state_move(struct tui *t, int64_t by);
/** What a key that moves, goes in or out does. */
enum tui_result state_go(struct tui *t, enum action a);

/* act.c */

/** What any key does now. */
enum tui_result state_act(struct tui *t, enum action a);

/* prompt.c */

enum tui_result prompt_ask(struct tui *t, enum prompt prompt, const char *text);
enum tui_result prompt_key(struct tui *t, int key);
/** A character in UTF-8; the bytes it takes. */
size_t prompt_utf8(char ret[static 4], int key);
/** A key that means nothing at this level: where it would. */
void prompt_no_key(struct tui *t, int key);

/* picker.c */

/** A key that edits what is typed there; any other character goes into it. */
enum tui_result picker_type(struct tui *t, enum action a, int key);
/** Pasted text, as code points. */
enum tui_result picker_paste(struct tui *t, const int *text, size_t n);
/** What Esc does: empties the filter, goes back to the process there was, or quits. */
enum tui_result picker_out(struct tui *t);
/** Sorts by the next column to the right (by 1) or left (-1). */
enum tui_result picker_sort(struct tui *t, int by);

/* chooser.c: `s`, `o` and `?` open over the panes. */

enum tui_result chooser_open(struct tui *t, bool sort);
enum tui_result chooser_key(struct tui *t, int key);
/** Chooses, or turns on or off, what row `i` says. */
enum tui_result chooser_take(struct tui *t, size_t i);
enum tui_result help_key(struct tui *t, int key);
/** Sorts by what the chooser calls `what`: a column, or SORT_ADDRESS. */
void chooser_sort(struct tui *t, unsigned what);
/** The same, the other way round. */
void chooser_reverse(struct tui *t);

/* change_list.c: `d` */

void change_list_open(struct tui *t);
/** After the changes were found anew: the selection stays. */
void change_list_update(struct tui *t);
/** A key while the list is open; TUI_NONE: it is no key of the list. */
enum tui_result change_list_key(struct tui *t, enum action a);
/** Selects a row of the list (or of its second level). */
enum tui_result change_list_select(struct tui *t, size_t row);
enum tui_result change_list_in(struct tui *t);

/* live.c */

/** Goes back to the process that was shown before the picker was asked for. */
enum tui_result live_back(struct tui *t);
enum tui_result live_pick(struct tui *t);
enum tui_result live_choose(struct tui *t);
enum tui_result live_mark(struct tui *t);
enum tui_result live_unmark(struct tui *t);
/** Esc while something long is read: that is broken off, and nothing else happens. */
enum tui_result live_cancel(struct tui *t);

#endif
