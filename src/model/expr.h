/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * THE FILTER LANGUAGE, one for the browser's `f` and for --filter: which mappings are meant. It is
 * told in words by expr_docs, for the help and, with the same forms, in the man page.
 *
 * A figure that is unknown makes its comparison false, and so does "not" of it.
 */
#ifndef PROCMAP_EXPR_H
#define PROCMAP_EXPR_H

#include "space.h"

struct expr;

/**
 * Compiles. NULL with *error (owned by the caller) and *at (byte offset in the text) set when it
 * is not of the language. An empty text compiles to an expression that everything meets.
 */
struct expr *expr_new(const char *text, char **error, size_t *at);
void expr_free(struct expr *e);
bool expr_match(const struct expr *e, const struct space *s, const struct vma *v);
/** The same as a vma_test_fn; `expr` is a struct expr. */
bool expr_test(const void *expr, const struct space *s, const struct vma *v);

/** What can be written, and what it means. */
struct expr_doc {
	const char *form, *help;
};
extern const struct expr_doc expr_docs[];
extern const size_t nexpr_docs;

#endif
