/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * THE FILTER LANGUAGE, one for the browser's `f` and for --filter: which mappings are meant. It is
 * told in words by expr_docs, for the help and, with the same forms, in the man page.
 *
 * The answer has three values: what compares an unknown figure is unknown, and so is "not" of it;
 * "and" and "or" are known where one side alone decides. Only what is true meets a filter, and what
 * is unknown is counted, so that nobody takes it for false.
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

enum truth expr_ask(const struct expr *e, const struct space *s, const struct vma *v);
/** Is it true of the mapping? */
bool expr_match(const struct expr *e, const struct space *s, const struct vma *v);
/** expr_ask() as a vma_test_fn; `expr` is a struct expr. */
enum truth expr_test(const void *expr, const struct space *s, const struct vma *v);

/** What a filter comes to. */
struct expr_count {
	u64 asked;   /**< mappings of the user half that overlap the range */
	u64 met;     /**< it is true of so many */
	u64 unknown; /**< and not known of so many */
};
struct expr_count expr_count(const struct expr *e, const struct space *s, struct range limit);
/** "12 of 89 mappings meet it", and "; of 5 the figure is not known" where it is so. */
void expr_count_words(struct buf *b, const struct expr_count *n);

/** What can be written, and what it means. */
struct expr_doc {
	const char *form, *help;
};
extern const struct expr_doc expr_docs[];
extern const size_t nexpr_docs;

#endif
