/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The dump of page tables in debugfs, any bytes; the first one chooses the architecture. */
#include <stdlib.h>

#include "proc/ptdump.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pt_ranges r = { 0 };
	struct ptdump_host h = { .page_size = 4096 };

	if (!size)
		return 0;
	h.form = (enum ptdump_form)(data[0] % PTDUMP_NFORMS);
	h.levels = (u8)(2 + data[0] / PTDUMP_NFORMS % 4);
	h.pat = data[0] & 64;
	if (ptdump_parse((const char *)data + 1, size - 1, &h, 0, &r) == KSRC_DAMAGED && r.n)
		abort();
	for (size_t i = 0; i < r.n; i++)
		if (r.v[i].first > r.v[i].last || !(r.v[i].flags & PT_PRESENT) ||
		    (i && r.v[i].first <= r.v[i - 1].last) || r.v[i].have_pa)
			abort();
	pt_ranges_release(&r);
	return 0;
}
