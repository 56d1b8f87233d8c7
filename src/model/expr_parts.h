/* SPDX-License-Identifier: GPL-2.0-or-later */
/** What the two files of the filter language share. For expr.c and expr_parse.c only. */
#ifndef PROCMAP_EXPR_PARTS_H
#define PROCMAP_EXPR_PARTS_H

#include "expr.h"

enum op {
	OP_AND,
	OP_OR,
	OP_NOT,
	OP_FIGURE,
	OP_KIND,
	OP_ROLE,
	OP_NAME,
	OP_NAME_IS,
	OP_PERMS,
	OP_DELETED,
	OP_TRUE
};
enum cmp { CMP_EQ, CMP_NE, CMP_LT, CMP_LE, CMP_GT, CMP_GE };

struct expr {
	enum op op;
	struct expr *a, *b;
	unsigned figure;
	enum cmp cmp;
	u64 n;
	u32 kinds;		/**< bit per object kind, or per role */
	u8 perms_on, perms_off; /**< enum perm that must be, must not be set */
	char *text;
};

/** A figure that can be compared. */
struct expr_figure {
	const char *names; /**< separated by blanks */
	int a, b;	   /**< enum smaps_field, -1 none; a below 0: see figure() */
};
extern const struct expr_figure expr_figures[];
extern const size_t nexpr_figures;

#endif
