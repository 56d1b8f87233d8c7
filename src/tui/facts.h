/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Labelled facts that may be more than a pane shows: wrapped, in columns, scrolled. */
#ifndef PROCMAP_FACTS_H
#define PROCMAP_FACTS_H

#include "tui.h"

struct fact {
	const char *label; /**< static; "" belongs to the one before it */
	u32 at, len;	   /**< in facts.text */
	u16 style;
};

struct facts {
	struct fact *v;
	size_t n, cap;
	struct buf text;
	const char *more; /**< static: the name of the key that shows more of them */
};

void facts_release(struct facts *f);
/** Text from outside, or ours; nothing when it is empty. */
void facts_add(struct facts *f, const char *label, unsigned style, const char *text, size_t len);
void facts_str(struct facts *f, const char *label, const char *text);
void facts_say(struct facts *f, const char *label, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** What was collected in a buffer, which is empty then. */
void facts_buf(struct facts *f, const char *label, struct buf *b);
/** Lines it takes in a pane of that size, and how many of them are on the screen at a time. */
size_t facts_lines(const struct facts *f, unsigned w, unsigned h, size_t *shown);
/** From line `top` on; says where there is more. */
void facts_draw(const struct facts *f, const struct pane *p, size_t top);

/* What the details are made of: detail_user.c, detail_kernel.c. */
void facts_range(struct facts *f, struct range r);
void facts_mapping(struct facts *f, const struct tui *t, const struct vma *v);
void facts_object(struct facts *f, const struct tui *t, const struct item *it);
void facts_gap(struct facts *f, const struct tui *t, const struct item *it);
void facts_user_half(struct facts *f, const struct tui *t, const struct item *it);
void facts_kernel_half(struct facts *f, const struct tui *t, const struct item *it);
void facts_region(struct facts *f, const struct tui *t, u32 region);
/** Areas, modules, sections, RAM. */
void facts_inside(struct facts *f, const struct tui *t, const struct item *it);
/** Notes about sources that concern the half. */
void facts_notes(struct facts *f, const struct space *s, bool kernel);

#endif
