/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whatever is pressed and whatever comes, the browser's state and every cell of its screen stay
 * sound. random_keys [SEED [EVENTS [trace]]] repeats a run: what failed says its
 * seed, what crashed shows its last event with "trace".
 */
#include <locale.h>
#include <stdlib.h>

#include "tap.h"
#include "tui/events.h"

/** Events of the seed, and of each run with another. */
#define EVENTS	10000
#define HISTORY 24

/** xorshift64* */
static u32 next_random(struct stream *s)
{
	s->state ^= s->state >> 12;
	s->state ^= s->state << 25;
	s->state ^= s->state >> 27;
	return (u32)(s->state * UINT64_C(0x2545f4914f6cdd1d) >> 32);
}

/** The recorded trees, where there are any. */
static size_t add_trees(struct world *w)
{
	static const struct {
		const char *name;
		pid_t recorded;
	} trees[] = { { "x86_64-threads", 25468 },
		      { "i386-threads", 98 },
		      { "arm64-threads", 96 },
		      { "x86_64-numa", 110 },
		      { "x86_64-inside-made", 0 } };
	const char *srcdir = getenv("srcdir");
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		char *dir = xasprintf("%s/tests/trees/%s", srcdir ? srcdir : ".", trees[i].name);

		if (!world_tree(&w[n], dir, trees[i].recorded))
			n++;
		free(dir);
	}
	return n;
}

/** Says each event on standard error, before the screen is drawn. */
static bool trace;

static bool run(struct world *worlds, size_t nworlds, u64 seed, unsigned long events)
{
	struct stream from = { .next = next_random, .state = seed * 2654435761 + 1 };
	char history[HISTORY][sizeof(((struct throws *)0)->told)] = { "" };
	const char *fault = NULL;
	struct throws t;
	unsigned long i;

	throws_init(&t, &from, worlds, nworlds);
	for (i = 0; i < events && !fault; i++) {
		throw_event(&t);
		if (trace)
			fprintf(stderr, "%lu: %s\n", i, t.told);
		fault = throw_check(&t);
		memcpy(history[i % HISTORY], t.told, sizeof(t.told));
	}
	if (fault) {
		printf("# seed %llu, event %lu: %s\n", (unsigned long long)seed, i, fault);
		for (unsigned long k = i > HISTORY ? i - HISTORY : 0; k < i; k++)
			printf("# %lu: %s\n", k, history[k % HISTORY]);
	}
	OK(!fault);
	/* A run that never got inside anything would prove little; sections of modules are rare. */
	if (events >= EVENTS)
		IS(t.levels | 1u << LEVEL_PART, (1u << LEVEL_N) - 1);
	stage_release(&t.s);
	return !fault;
}

int main(int argc, char **argv)
{
	struct world worlds[WORLDS_MADE + 5];
	size_t n = worlds_made(worlds), made = n;
	u64 seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	unsigned long events = argc > 2 ? strtoul(argv[2], NULL, 10) : EVENTS;

	trace = argc > 3;
	setlocale(LC_CTYPE, "C.UTF-8");
	n += add_trees(worlds + n);
	if (n == made)
		SKIP("no recorded trees");
	run(worlds, n, seed, events);
	if (argc == 1)
		run(worlds, n, seed + 1, events);
	for (size_t i = 0; i < n; i++)
		world_release(&worlds[i]);
	return tap_done();
}
