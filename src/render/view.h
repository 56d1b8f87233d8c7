/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of the text view share: the state of one rendering and the columns all of its
 * rows stand in. For this folder only.
 */
#ifndef PROCMAP_VIEW_H
#define PROCMAP_VIEW_H

#include "../model/phys.h"
#include "render.h"
#include "row.h"
#include "tiles.h"
#include "words.h"

/** A size in place of a format argument. */
struct size_arg {
	char t[SIZE_TEXT_MAX];
};

/** A column of the view; w == 0: not shown at this width. */
struct column {
	unsigned x, w;
};

/** Where everything stands, the same in every row of the view. */
struct columns {
	unsigned addr;	     /**< digits of the address at the left */
	unsigned user_addr;  /**< digits in the user half: 8 for a 32-bit process */
	unsigned frame;	     /**< column of the left border; 0: none */
	unsigned right;	     /**< column of the right border; 0: none */
	unsigned start, end; /**< between the borders */
	struct column what, size, perms, offset, rss, pss, swap, bar, facts;
	enum size_form size_form, short_form;
};

struct view {
	const struct space *s;
	const struct view_opts *o;
	struct out *out;
	struct theme theme;
	struct row row;
	struct columns c;
	struct buf text; /**< scratch of one fact or item */
	struct buf name; /**< of shown_name() */

	bool have_smaps; /**< some mapping has smaps values */
	bool have_swap;
	struct totals all; /**< of the mappings drawn */
	struct totals kind[OBJ_NKINDS];
	struct expr_count filtered; /**< what the filter comes to in o->limit */
	u64 notable;		    /**< VmFlags bits worth a fact */
	u32 states;		    /**< page states that bars have shown */
	u32 frame_states;	    /**< the same of frames */
	bool located;		    /**< the address asked for was in something drawn */
	bool drew_kernel;	    /**< a row of the kernel half was */
	bool hide_kernel_notes;
	struct range limit; /**< what the map draws: o->limit, narrowed by --locate */

	unsigned spare;	   /**< continuation lines the facts of this row may still open */
	enum tile_box box; /**< of the row being drawn */
	bool first_fact;   /**< none stands on this line yet */
};

/** "132 KiB", or with --bytes the number. */
static inline struct size_arg view_size(const struct view *v, u64 bytes)
{
	struct size_arg ret;

	ret.t[format_size(ret.t, bytes, v->o->bytes ? SIZE_BYTES : SIZE_LONG)] = '\0';
	return ret;
}

/* --- text.c ---------------------------------------------------------------------------------- */

void view_init(struct view *v, const struct space *s, const struct view_opts *o, struct out *out);
void view_release(struct view *v);
/** Computes the columns from the width and from what the space has. */
void view_columns(struct view *v);

/** The upper edge of a half, behind its address: its name and size. */
void half_title(struct view *v, const char *name, struct range half);
/** Begins a line: the address with so many digits (0: blank), `mark` beside it, the border. */
void line_start(struct view *v, u64 addr, unsigned digits, char mark);
/** Writes the right border and ends the line. */
void line_end(struct view *v);
/** The light line of the box at column `start`, and the place for what follows. */
void line_box(struct view *v, enum tile_box box);
/** Address column of a row in the user half; the mark says when --locate points here. */
void user_line(struct view *v, const struct tile *t);

/** Facts about the row that has just been written go to its end, or to lines of their own. */
void facts_begin(struct view *v, enum tile_box box, unsigned spare);
/** One fact of ASCII text. With `keep` it is never left out, else when there is no room. */
void fact(struct view *v, const char *text, size_t len, enum style st, bool keep);
/** Text from outside in full, on as many lines as it takes. */
void fact_long(struct view *v, const char *text, enum style st);
/** "label 12K". */
void fact_size(struct view *v, const char *label, u64 bytes, enum style st, bool keep);

/** A size in its column, right-aligned. */
void put_size(struct view *v, struct column c, u64 bytes, enum size_form form);
/** Appends a size to scratch text. */
void text_size(struct view *v, struct buf *b, u64 bytes);

/* --- text_user.c, text_kernel.c -------------------------------------------------------------- */

void user_top(struct view *v, const struct tile *t);
void user_object(struct view *v, const struct tile *t);
void user_mapping(struct view *v, const struct tile *t);
void user_gap(struct view *v, const struct tile *t);
void user_stack_part(struct view *v, const struct tile *t);
void user_mark(struct view *v, const struct tile *t);
void user_none(struct view *v);
void skipped_rows(struct view *v);
/** Address, dotted line, name and size of what is not mapped. */
void gap_start(struct view *v, const struct tile *t, const char *what);

void kernel_top(struct view *v, const struct tile *t);
void kernel_region(struct view *v, const struct tile *t);
void kernel_unused(struct view *v, const struct tile *t);
void kernel_fact(struct view *v, const struct tile *t);
void kernel_hole(struct view *v, const struct tile *t);

/* --- kernel.c: what lies inside, where the kernel alone is drawn --------------------------------
 */

/** Lines below a region's row: who uses vmalloc, frames of RAM, modules without an address. */
void kernel_inside_rows(struct view *v, const struct region *g, enum tile_box box);
/** Below the map: where the kernel's memory is. */
void kernel_memory_draw(struct view *v);
/** The states that bars of frames have shown. */
void frames_legend_draw(struct view *v);

/* --- text_object.c --------------------------------------------------------------------------- */

/** The last part of the name, then as much of the directory as fits in `cols` columns. */
void put_name(struct view *v, const char *name, size_t len, enum style st, unsigned cols);
/** vma_name(), but what the kernel calls files that never had a name is said in words. */
const char *shown_name(struct view *v, const struct vma *m);

/* --- bar.c ----------------------------------------------------------------------------------- */

/** Draws the mapping's bar, at most `w` columns; remembers in v->states what it showed. */
void bar_draw(struct view *v, const struct vma *m, unsigned w);
/** Draws `n` slices of frames (model/phys.h), at most `w` columns; likewise in v->frame_states. */
void bar_frames(struct view *v, const u8 *slice, size_t n, unsigned w);
/**
 * A row below such a bar that marks the cells where `count` is not zero: less than half of `full`
 * frames a slice, or more.
 */
void bar_marks(struct view *v, const u32 *count, size_t n, u64 full, unsigned w);
/** The legend's sample of a state. */
void bar_sample(struct view *v, enum page_state st);
void bar_frame_sample(struct view *v, enum frame_state st);
void bar_mark_sample(struct view *v);

/* --- pages.c --------------------------------------------------------------------------------- */

/** The mapping's own line, ahead of the runs of its pages or entries. */
void mapping_heading(struct view *v, const struct vma *m);
/** Swap types that a list has named, and the area each is, as far as that is known. */
struct swap_seen {
	u32 types;
	const struct swap_area *area[32];
};
/** Of a swapped page, by its pagemap entry. */
void swap_see(struct swap_seen *seen, const struct view *v, const struct places *p, u64 pm);
/** The paragraph that tells the areas. */
void swap_areas_draw(struct view *v, const struct swap_seen *seen);

/* --- header.c, footer.c ---------------------------------------------------------------------- */

void header_draw(struct view *v);
void footer_draw(struct view *v);
/**
 * With a filter: what it is and what it comes to (v->filtered), then `rest`; or that there was
 * nothing to apply it to.
 */
void filter_draw(struct view *v, const char *rest);
/** Where the kernel counts mappings of large folios as a whole: that `what` is approximate. */
void approximate_draw(struct view *v, const char *what);
/** Made as root, the text holds `what`: physical frame numbers, kernel addresses. */
void root_draw(struct view *v, const char *what);
/** What was closed, absent, changed: a line each. */
void notes_draw(struct view *v);
/** The title line: program, target, kernel, time. */
void title_draw(struct view *v);

/* --- flow.c: labelled paragraphs below and above the map -------------------------------------- */

/** Items one after the other, wrapped at the width, below a label at the left. */
struct flow {
	struct view *v;
	unsigned indent;
	bool first;
};

void flow_begin(struct flow *f, struct view *v, const char *label);
/** One item, two blanks from the one before it; longer ones are wrapped at blanks. UTF-8 of ours
 * or escaped text. */
void flow_item(struct flow *f, const char *text, size_t len, enum style st);
void flow_str(struct flow *f, const char *text, enum style st);
/** "label 132 KiB"; "label ?" when unknown. */
void flow_size(struct flow *f, const char *label, struct fig bytes);
/** "label 132"; "label ?" when unknown. */
void flow_number(struct flow *f, const char *label, struct fig n);
/** Words of a sentence, wrapped. */
void flow_words(struct flow *f, const char *text, size_t len, enum style st);
/** Goes to a new line under the same indent. */
void flow_newline(struct flow *f);
void flow_end(struct flow *f);

#endif
