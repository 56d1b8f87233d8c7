/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as keys, mouse, sizes and readings: the browser and its screen stay sound. */
#include <locale.h>
#include <stdio.h>

#include "tui/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Two bytes a number, spread over all its bits; at the end zeroes. */
static u32 next_bytes(struct stream *s)
{
	u32 n = 0;

	for (int i = 0; i < 2; i++)
		n = n << 8 | (s->p < s->end ? *s->p++ : 0);
	return n | n << 16;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct world worlds[WORLDS_MADE];
	static size_t nworlds;
	struct stream from = { .next = next_bytes, .p = data, .end = data + size };
	const char *fault = NULL;
	struct throws t;

	if (!nworlds) {
		setlocale(LC_CTYPE, "C.UTF-8");
		nworlds = worlds_made(worlds);
	}
	throws_init(&t, &from, worlds, nworlds);
	/* A longer one finds nothing more, and takes long under a sanitizer. */
	for (int i = 0; i < 120 && from.p < from.end && !fault; i++) {
		throw_event(&t);
		fault = throw_check(&t);
	}
	stage_release(&t.s);
	if (fault) {
		fprintf(stderr, "%s\n", fault);
		abort();
	}
	return 0;
}
