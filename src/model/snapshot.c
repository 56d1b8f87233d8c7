/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "snapshot.h"

#include <stdlib.h>

struct snapshot *snapshot_new(void)
{
	struct snapshot *s = xcalloc(1, sizeof(*s));

	space_init(&s->space);
	strtab_init(&s->tasks.names);
	return s;
}

void page_detail_release(struct page_detail *p)
{
	free(p->pte);
	free(p->symbol);
	free(p->begins);
	free(p->bytes);
	*p = (struct page_detail){ 0 };
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	space_release(&s->space);
	sums_free(s->sums);
	places_release(&s->places);
	free(s->pages.runs);
	free(s->grid.cells);
	page_detail_release(&s->page);
	strtab_release(&s->tasks.names);
	free(s->tasks.v);
	free(s);
}
