/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * DIFFERENCES between two readings of one target. Pure.
 */
#ifndef PROCMAP_DIFF_H
#define PROCMAP_DIFF_H

#include "snapshot.h"

enum change_kind {
	CHANGE_NONE,
	CHANGE_NEW,
	CHANGE_GONE,
	CHANGE_GROWN,
	CHANGE_SHRUNK,
	CHANGE_PERMS, /**< same place, other permissions or another file */
	CHANGE_PAGES, /**< same mapping, but its pages came, went, were copied or swapped */
};

/** One mapping that changed. Rising addresses. */
struct change {
	enum change_kind kind;
	struct range r;	      /**< as it is now; of what is gone, as it was */
	u32 old_vma, new_vma; /**< indexes in the two spaces, NO_INDEX */
	/** Pages, where both readings have states: */
	struct fig came, went, copied, swapped, swapped_in;
	char *name;  /**< of what is gone: its bytes, "" none; owned by the changes. Else NULL */
	u8 obj_kind; /**< of what is gone: enum object_kind */
};

struct changes {
	struct change *v;
	size_t n, cap;
	bool have_pages;	     /**< both readings had states of pages */
	u64 kinds[CHANGE_PAGES + 1]; /**< how many of each */
	struct change all;	     /**< its figures of pages: the sums of theirs */
};

void changes_release(struct changes *c);
/** Pages to which something happened. */
u64 change_amount(const struct change *ch);
/** Fills *ret (released first). Either may be NULL: no changes. */
void changes_find(const struct snapshot *old, const struct snapshot *now, struct changes *ret);
/** The index of the first change that reaches up to `addr` or beyond; c->n if none does. */
size_t changes_lower(const struct changes *c, u64 addr);
/** The change of the mapping at `addr`, NULL none. */
const struct change *changes_at(const struct changes *c, u64 addr);

/** Pages that follow each other to which the same has happened. */
struct changed_run {
	u64 addr;
	u64 n;	   /**< pages */
	char what; /**< as page_change() tells it */
};
/** Those of a range, rising, in *ret (the caller frees it); their number. */
size_t changed_runs(const struct snapshot *old, const struct snapshot *now, struct range r,
		    struct changed_run **ret);
/** What happened to the page at `addr`: 'n'ew, 'g'one, 'c'opied, 's'wapped, 'i'n again, 0. */
char page_change(const struct snapshot *old, const struct snapshot *now, u64 addr);

#endif
