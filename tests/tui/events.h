/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Any events for the browser, drawn from a stream of numbers: keys, words for its questions, the
 * mouse, sizes, readings that come late or of something else. For random_keys.c and fuzz_tui.c.
 */
#ifndef TEST_EVENTS_H
#define TEST_EVENTS_H

#include "stage.h"

struct stream {
	u32 (*next)(struct stream *s); /**< any number */
	u64 state;
	const uint8_t *p, *end; /**< where they come from a file */
};

struct throws {
	struct stage s;
	struct stream *from;
	struct world *worlds; /**< each of a pid of its own; the first has the tasks */
	size_t nworlds;
	struct want late; /**< what was wanted a while ago */
	u64 levels;	  /**< bit per level that was seen */
	u64 seen;	  /**< bit per event kind that was thrown */
	char told[128];	  /**< the last event */
};

/** The world of a want: the process, the kernel alone, or the list. */
static inline struct world *world_of(const struct throws *t, const struct want *w)
{
	for (size_t i = 1; i < t->nworlds; i++)
		if (w->kernel ? !t->worlds[i].pid : w->pid && t->worlds[i].pid == w->pid)
			return &t->worlds[i];
	return &t->worlds[0];
}

static inline void throw_read(struct throws *t, const struct want *want)
{
	struct snapshot *now = world_read(world_of(t, want), want, NULL);
	enum tui_result r;

	if (want->pid)
		now->space.proc.pid = now->space.proc.tid = want->pid;
	r = stage_give(&t->s, now);
	stage_do(&t->s, r == TUI_WANT ? TUI_DRAW : r);
}

/** As stage_do(), but a want is answered only now and then, as a slow reading would. */
static inline void throw_result(struct throws *t, enum tui_result r)
{
	struct want want;

	stage_do(&t->s, r == TUI_WANT ? TUI_DRAW : r);
	if (r != TUI_WANT || t->from->next(t->from) % 3)
		return;
	tui_want(&t->s.t, &want);
	throw_read(t, &want);
	t->late = want;
}

static inline int throw_key_code(struct throws *t)
{
	static const int often[] = { KEYS_ENTER, KEYS_ENTER, KEYS_ESC,	KEYS_DOWN,     KEYS_DOWN,
				     KEYS_RIGHT, KEYS_END,   KEYS_HOME, KEYS_PAGE_DOWN };
	static const int odd[] = { 0,	   1,	   27,	    127,      0x7f,	 0x9b, 0x301,
				   0x4e2d, 0x202e, 0x1f600, 0x10ffff, 0x10fffff, -1,   0xd800 };
	u32 n = t->from->next(t->from);

	switch (n >> 8 & 7) {
	case 0:
	case 1:
		return often[n % ARRAY_SIZE(often)];
	case 2:
		return 0x20 + (int)(n % 95);
	case 3:
		return n % 4 ? KEYS_BASE + (int)(n % 32) : odd[(n >> 2) % ARRAY_SIZE(odd)];
	default:
		return key_table[n % nkeys].key;
	}
}

static inline void throw_key(struct throws *t, int key)
{
	enum tui_result r;

	r = tui_key(&t->s.t, key);
	/* What the loop does for these is no matter of the browser's. */
	throw_result(t, r == TUI_QUIT || r == TUI_SUSPEND || r == TUI_EXPORT ? TUI_DRAW : r);
}

static inline void throw_words(struct throws *t)
{
	static const char *const words[] = {
		":heap",
		":stack",
		":0x7f4b20400000",
		":7f4b20400000-7f4b20500000",
		":ffffffff81000000",
		":tid:4713",
		":sp",
		":pc",
		":sp:4711",
		":0",
		":ffffffffffffffff",
		":no such thing",
		":-",
		":8000000000000000",
		"/libc",
		"/.text",
		"/no such thing",
		"/e",
		"/kernel",
		"frw-p",
		"fpss > 10K",
		"fheap or lib",
		"fnot (r?x)",
		"fswapped > 0",
		"f",
		"f((",
		"fname ~ \"x",
		"e/tmp/x",
		"fr",
		"/\xe4\xb8\xad",
		":1-",
		":ext4",
		":10-f",
	};
	const char *p = words[t->from->next(t->from) % ARRAY_SIZE(words)];

	snprintf(t->told, sizeof(t->told), "words %s", p);
	while (*p)
		throw_key(t, code_point(&p));
	if (t->from->next(t->from) % 8)
		throw_key(t, KEYS_ENTER);
}

/** Lines, control bytes, what is beyond Unicode: a paste is whatever comes. */
static inline void throw_paste(struct throws *t)
{
	int text[64];
	size_t n = t->from->next(t->from) % ARRAY_SIZE(text);

	for (size_t i = 0; i < n; i++) {
		u32 r = t->from->next(t->from);

		text[i] = (int)(r & 7 ? r >> 8 & 0x7f : r >> 8 & 0x1fffff);
	}
	snprintf(t->told, sizeof(t->told), "paste of %zu", n);
	throw_result(t, tui_paste(&t->s.t, text, n));
}

static inline void throw_mouse(struct throws *t)
{
	u32 n = t->from->next(t->from), at = t->from->next(t->from);
	struct mouse m = { .x = at & 0xffff, .y = at >> 16, .what = n % 6 };

	if (n & 0xf00 && t->s.t.w && t->s.t.h) {
		m.x %= t->s.t.w;
		m.y %= t->s.t.h;
	}
	snprintf(t->told, sizeof(t->told), "mouse %u at %u,%u", m.what, m.x, m.y);
	throw_result(t, tui_mouse(&t->s.t, &m));
}

static inline void throw_size(struct throws *t)
{
	static const unsigned sizes[][2] = { { 80, 24 }, { 120, 40 }, { 200, 60 }, { 40, 10 },
					     { 39, 10 }, { 40, 9 },   { 0, 0 },	   { 1, 1 },
					     { 56, 18 }, { 141, 17 }, { 70, 12 },  { 500, 200 } };
	u32 n = t->from->next(t->from);
	unsigned w = sizes[n % ARRAY_SIZE(sizes)][0], h = sizes[n % ARRAY_SIZE(sizes)][1];

	/* The largest is slow to draw: one in sixteen. */
	if (w == 500 && n >> 8 & 15)
		w = h = 100;
	if (n >> 12 & 1) {
		w = n >> 13 & 127;
		h = n >> 20 & 63;
	}
	snprintf(t->told, sizeof(t->told), "size %ux%u", w, h);
	canvas_resize(&t->s.c, w, h);
	throw_result(t, tui_resize(&t->s.t, w, h));
}

/** A reading that was asked for, one that is late, or one of another target. */
static inline void throw_snapshot(struct throws *t)
{
	u32 n = t->from->next(t->from);
	struct want want;

	tui_want(&t->s.t, &want);
	if (n % 8 == 0)
		want = t->late;
	if (n % 8 == 1) {
		want.pid = t->worlds[(n >> 8) % t->nworlds].pid;
		want.kernel = !want.pid && n & 0x10000;
	}
	if (n % 8 == 2)
		want.grid_cells = n >> 8 & 63;
	snprintf(t->told, sizeof(t->told), "reading of %d%s", want.pid,
		 want.kernel ? " (kernel)" : "");
	throw_read(t, &want);
	t->late = want;
}

static inline void throw_target(struct throws *t)
{
	const struct world *w = &t->worlds[t->from->next(t->from) % t->nworlds];
	bool tasks = w == t->worlds;

	snprintf(t->told, sizeof(t->told), "target %d", w->pid);
	tui_target(&t->s.t, w->pid, !w->pid && !tasks);
	throw_result(t, TUI_WANT);
}

static inline void throw_event(struct throws *t)
{
	u32 kind = t->from->next(t->from) % 64;
	int key;

	if (kind < 3) {
		throw_size(t);
	} else if (kind < 8) {
		throw_mouse(t);
	} else if (kind < 14) {
		throw_snapshot(t);
	} else if (kind < 18) {
		throw_words(t);
	} else if (kind == 18) {
		throw_target(t);
	} else if (kind == 21) {
		throw_paste(t);
	} else if (kind == 19) {
		t->s.t.ascii = t->s.c.ascii = !t->s.c.ascii;
		snprintf(t->told, sizeof(t->told), "ascii %d", t->s.c.ascii);
	} else if (kind == 20) {
		t->s.t.mono = t->s.c.mono = !t->s.c.mono;
		snprintf(t->told, sizeof(t->told), "mono %d", t->s.c.mono);
	} else {
		key = throw_key_code(t);
		snprintf(t->told, sizeof(t->told), "key 0x%x", (unsigned)key);
		throw_key(t, key);
	}
}

/** What must hold after an event; NULL: all does. */
static inline const char *throw_check(struct throws *t)
{
	const char *fault = stage_draw(&t->s);

	t->levels |= UINT64_C(1) << tui_place(&t->s.t)->level;
	return fault ? fault : want_fault(&t->s.t);
}

static inline void throws_init(struct throws *t, struct stream *from, struct world *worlds,
			       size_t nworlds)
{
	*t = (struct throws){ .from = from, .worlds = worlds, .nworlds = nworlds };
	stage_init(&t->s, 80, 24, false, false);
	t->s.silent = true;
	tui_target(&t->s.t, worlds[nworlds > 1].pid, false);
}

/* --- the worlds they are thrown at ------------------------------------------------------------ */

/** Names that try to reach the terminal, and to be wider than they seem. */
#define HOSTILE_NAMES                                                                              \
	"map 7f5000000000-7f5000004000 rw-p [anon:\\x1b[31mred\\x07]",                             \
		"file 7f5000010000-7f5000011000 r--p 0 77 "                                        \
		"/tmp/line\\x0abreak\\xe2\\x80\\xaegnp.exe",                                       \
		"file 7f5000020000-7f5000024000 r-xp 0 78 "                                        \
		"/usr/lib/\\xe4\\xb8\\xad\\xe6\\x96\\x87\\xe5\\xba\\x93/\\xe5\\xba\\x93.so",       \
		"file 7f5000030000-7f5000031000 r--p 0 79 /tmp/e\\xcc\\x81\\xcc\\x81te\\xcc\\x81", \
		"file 7f5000040000-7f5000041000 r--p 0 80 /tmp/\\xff\\xfe\\xc0\\xaf\\x80",         \
		"comm \\x1b]0;owned\\x07\\xe4\\xb8\\xad"

static inline void world_edits_add(struct world *w, const char *const *edits, size_t n)
{
	for (size_t i = 0; i < n; i++)
		world_add_edit(w, edits[i]);
}

#define WORLD_EDITS(w, ...)                                                                        \
	world_edits_add((w), (const char *const[]){ __VA_ARGS__ },                                 \
			ARRAY_SIZE(((const char *const[]){ __VA_ARGS__ })))

/** Those that need no recorded tree; returns how many: the first is the list of them. */
static inline size_t worlds_made(struct world *w)
{
	w[0] = (struct world){ 0 };
	WORLD_EDITS(&w[0], "task 101 redis rss=188876 pss=100 maps=27 threads=2 : redis-server",
		    "task 102 \\x1b[31m rss=5 : \\x1b[2J\\xe4\\xb8\\xad\\xe2\\x80\\xae",
		    "task 103 root err=13 : denied", "task 104 nobody rss=0 maps=0 : ended",
		    "task 2 root kthread=1 : kthreadd", "task 106 root : gone");
	world_demo(&w[1], false);
	WORLD_EDITS(&w[1], "pages 7f4b20426000 3 copied", "zone 100000 1fffff 0 Normal",
		    "cgroup 7 /a/b", "pages 55d0e4f10000 4 anon cgroup=7 count=9",
		    "pte present, writable", "symbol main+0x12");
	world_demo(&w[2], true);
	WORLD_EDITS(&w[2], HOSTILE_NAMES, "no-smaps");
	world_demo(&w[3], false);
	WORLD_EDITS(&w[3], "state denied");
	world_demo(&w[4], false);
	WORLD_EDITS(&w[4], "no-scan", "state ended");
	world_demo(&w[5], false);
	WORLD_EDITS(&w[5], "state kthread");
	w[6] = (struct world){ 0 }; /* nothing at all is known of it */
	for (size_t i = 1; i < 7; i++)
		w[i].pid = i == 5 ? 2 : 100 + (pid_t)i;
	return 7;
}

#define WORLDS_MADE 7

#endif
