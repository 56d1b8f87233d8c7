/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any text as zoneinfo and as swaps. */
#include <stdlib.h>
#include <string.h>
#include "proc/places.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct places p = { 0 };

	places_parse_zoneinfo(&p, (const char *)data, size);
	places_parse_swaps(&p, (const char *)data, size);
	for (size_t i = 0; i < p.nzones; i++) {
		must(p.zones[i].first_pfn <= p.zones[i].last_pfn);
		must(memchr(p.zones[i].name, '\0', sizeof(p.zones[i].name)));
		must(p.zones[i].name[0]);
	}
	for (size_t i = 0; i < p.nswaps; i++)
		must(p.swaps[i].path && *p.swaps[i].path);
	for (u64 pm = 0; pm < 40; pm++)
		places_swap(&p, PM_SWAPPED | pm << 5 | pm, 4096);
	places_zone(&p, size);
	places_release(&p);
	return 0;
}
