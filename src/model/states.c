/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of pages in equal state, kept for marks. */
#include <stdlib.h>
#include "snapshot.h"

/** Pages one run holds: its number has 32 bits. */
#define RUN_MAX UINT32_MAX

void page_states_add(struct page_states *p, u32 page_size, u64 addr, u64 n, enum page_state state,
		     bool copied)
{
	struct state_run *last = p->nruns ? &p->runs[p->nruns - 1] : NULL;
	u64 now;

	if (state == PS_ABSENT)
		return;
	if (n && last && last->state == state && last->copied == copied &&
	    last->addr + (u64)last->n * page_size == addr) {
		now = MIN(n, (u64)RUN_MAX - last->n);
		last->n += (u32)now;
		addr += now * page_size;
		n -= now;
	}
	for (; n; addr += now * page_size, n -= now) {
		now = MIN(n, (u64)RUN_MAX);
		GROW(p->runs, p->nruns, p->cap_runs);
		p->runs[p->nruns++] = (struct state_run){ addr, (u32)now, (u8)state, copied };
	}
}
