/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --layout=list: where user and kernel part in every documented layout. */
#include "render.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"
#include "view.h"

struct layouts_view {
	struct out *out;
	struct table *table;
};

struct layouts_view *layouts_view_new(const struct view_opts *v, struct out *o)
{
	struct layouts_view *lv = xcalloc(1, sizeof(*lv));

	lv->out = o;
	lv->table = table_new(v, o);
	table_column(lv->table, "LAYOUT", 0);
	table_column(lv->table, "USER END", TABLE_RIGHT);
	table_column(lv->table, "HOLE", TABLE_RIGHT);
	table_column(lv->table, "KERNEL START", TABLE_RIGHT);
	table_column(lv->table, "KERNEL", TABLE_RIGHT);
	table_column(lv->table, "PAGE", TABLE_RIGHT);
	table_column(lv->table, "LEVELS", TABLE_RIGHT);
	return lv;
}

/** An address as wide as the machine's are, or "?". */
static void address(struct table *t, const struct space *s, bool known, u64 addr)
{
	if (known)
		table_cell(t, "%0*llx", s->host.bits == 32 ? 8 : 16, (unsigned long long)addr);
	else
		table_cell(t, "?");
}

/** Between the halves, in one unit and exact, as the map has it. */
static void hole(struct table *t, const struct space *s)
{
	u64 size = s->kernel.first - (s->user.last + 1);
	struct buf b;

	/* On x86_64 a guard page is left out of the user half: it is no part of the hole. */
	if (size > TIB && size % GIB == s->host.page_size)
		size -= s->host.page_size;
	if (!size) {
		table_cell(t, "none");
		return;
	}
	buf_init(&b);
	hole_size(&b, size);
	table_text(t, b.p, b.len);
	buf_release(&b);
}

void layouts_view_add(struct layouts_view *lv, const char *words, const struct space *s)
{
	struct table *t = lv->table;
	bool user = s->user.last, kernel = s->kernel.last;

	table_row(t);
	table_text(t, words, strlen(words));
	address(t, s, user, s->user.last + 1);
	if (user && kernel && s->kernel.first > s->user.last)
		hole(t, s);
	else
		table_cell(t, "?");
	address(t, s, kernel, s->kernel.first);
	table_size(t, kernel ? FIG(range_size(s->kernel)) : (struct fig){ 0 });
	table_size(t, FIG(s->host.page_size));
	table_number(t, s->host.levels ? FIG(s->host.levels) : (struct fig){ 0 });
}

void layouts_view_end(struct layouts_view *lv, char *const *sentences, size_t n)
{
	table_end(lv->table);
	for (size_t i = 0; i < n; i++) {
		buf_addf(&lv->out->b, "%s%s\n", i ? "" : "\n", sentences[i]);
		out_check(lv->out);
	}
	free(lv);
}
