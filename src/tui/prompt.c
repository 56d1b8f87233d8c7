/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions in the bottom line: editing the answer, and what it does. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

/** Longer answers are none that somebody means. */
#define INPUT_MAX 4000

enum tui_result prompt_ask(struct tui *t, enum prompt prompt, const char *text)
{
	t->prompt = prompt;
	buf_clear(&t->input);
	buf_addstr(&t->input, text ? text : "");
	t->input_at = t->input.len;
	t->input_offered = t->input.len != 0;
	return TUI_DRAW;
}

/* --- answers ---------------------------------------------------------------------------------- */

bool tui_set_filter(struct tui *t, const char *text, size_t *at)
{
	char *error = NULL;
	struct expr *e = expr_new(text, &error, at);

	if (!e) {
		tui_message(t, "%s", error);
		free(error);
		return false;
	}
	expr_free(t->filter);
	t->filter = e;
	if (!text[strspn(text, " \t")]) {
		expr_free(e);
		t->filter = NULL;
		text = "";
	}
	buf_clear(&t->filter_text);
	buf_addstr(&t->filter_text, text);
	state_rebuild(t);
	return true;
}

/** What is not understood is offered again, the cursor where it went wrong. */
static enum tui_result answer_filter(struct tui *t, const char *text)
{
	char *copy = xstrdup(text);
	size_t at = 0;

	if (!tui_set_filter(t, copy, &at)) {
		prompt_ask(t, PROMPT_FILTER, copy);
		t->input_offered = false;
		t->input_at = MIN(at, t->input.len);
	} else if (t->filter && here(t)->kernel) {
		tui_news(t, "filters are for mappings: they leave the kernel half as it is");
	} else if (t->filter && t->filtered.asked) {
		struct buf b = { 0 };

		expr_count_words(&b, &t->filtered);
		tui_news(t, "%s; F removes the filter", b.p);
		buf_release(&b);
	} else if (t->filter) {
		tui_news(t, "F removes the filter");
	}
	free(copy);
	return TUI_DRAW;
}

static enum tui_result answer_search(struct tui *t, const char *text)
{
	/* An empty line finds the next of what was looked for before. */
	if (*text) {
		buf_clear(&t->search);
		buf_addstr(&t->search, text);
	}
	if (tui_ready(t))
		tui_search(t, false);
	return TUI_WANT;
}

static enum tui_result answer(struct tui *t)
{
	enum prompt prompt = t->prompt;
	const char *text = t->input.p ? t->input.p : "";

	t->prompt = PROMPT_NONE;
	switch (prompt) {
	case PROMPT_SEARCH:
		return answer_search(t, text);
	case PROMPT_GOTO:
		if (tui_ready(t) && *text)
			tui_goto_text(t, text);
		return TUI_WANT;
	case PROMPT_FILTER:
		return answer_filter(t, text);
	case PROMPT_EXPORT:
		buf_clear(&t->export_name);
		buf_addstr(&t->export_name, text);
		return *text ? TUI_EXPORT : TUI_DRAW;
	case PROMPT_NONE:
		break;
	}
	return TUI_DRAW;
}

/* --- editing ---------------------------------------------------------------------------------- */

static bool continues(const struct tui *t, size_t i)
{
	return i < t->input.len && ((u8)t->input.p[i] & 0xc0) == 0x80;
}

static void cut(struct tui *t, size_t from, size_t to)
{
	memmove(t->input.p + from, t->input.p + to, t->input.len - to + 1);
	t->input.len -= to - from;
	t->input_at = from;
}

/** Where the character before the cursor begins, however many bytes it has. */
static size_t before(const struct tui *t)
{
	size_t i = t->input_at;

	if (i)
		i--;
	while (i && continues(t, i))
		i--;
	return i;
}

static size_t after(const struct tui *t)
{
	size_t i = MIN(t->input_at + 1, t->input.len);

	while (continues(t, i))
		i++;
	return i;
}

size_t prompt_utf8(char ret[static 4], int key)
{
	unsigned c = (unsigned)key, more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	size_t n = 0;

	ret[n++] = more ? (char)((0xf80u >> more & 0xff) | c >> (6 * more)) : (char)c;
	while (more--)
		ret[n++] = (char)(0x80 | (c >> (6 * more) & 63));
	return n;
}

static void insert(struct tui *t, int key)
{
	char text[4];
	size_t n;

	if (t->input.len > INPUT_MAX)
		return;
	n = prompt_utf8(text, key);
	buf_reserve(&t->input, n);
	memmove(t->input.p + t->input_at + n, t->input.p + t->input_at,
		t->input.len - t->input_at + 1);
	memcpy(t->input.p + t->input_at, text, n);
	t->input.len += n;
	t->input_at += n;
}

/** Removes the word before the cursor and the blanks behind it. */
static void cut_word(struct tui *t)
{
	size_t from = t->input_at;

	while (from && t->input.p[from - 1] == ' ')
		from--;
	while (from && t->input.p[from - 1] != ' ')
		from--;
	cut(t, from, t->input_at);
}

#define CTRL(letter) ((letter)&31)

static void edit(struct tui *t, int key)
{
	if (key == KEYS_DELETE && t->input_at < t->input.len) {
		size_t from = t->input_at;

		cut(t, from, after(t));
	} else if (key == CTRL('U')) {
		cut(t, 0, t->input.len);
	} else if (key == CTRL('K')) {
		cut(t, t->input_at, t->input.len);
	} else if (key == CTRL('W')) {
		cut_word(t);
	} else if (key == KEYS_LEFT) {
		t->input_at = before(t);
	} else if (key == KEYS_RIGHT) {
		t->input_at = after(t);
	} else if (key == KEYS_HOME || key == CTRL('A')) {
		t->input_at = 0;
	} else if (key == KEYS_END || key == CTRL('E')) {
		t->input_at = t->input.len;
	} else if (key_is_text(key)) {
		insert(t, key);
	}
}

/** An old answer goes when something is typed, or is deleted whole; other keys keep it. */
static void take_offer(struct tui *t, int key)
{
	if (t->input_offered && (key_is_text(key) || key == KEYS_DELETE || key == KEYS_BACKSPACE))
		cut(t, 0, t->input.len);
	t->input_offered = false;
}

enum tui_result prompt_key(struct tui *t, int key)
{
	bool offered = t->input_offered;

	if (!t->input.p)
		buf_reserve(&t->input, 1)[0] = '\0';
	if (key == KEYS_ENTER)
		return answer(t);
	take_offer(t, key);
	if (key == KEYS_BACKSPACE && offered)
		return TUI_DRAW;
	if (key == KEYS_ESC || (key == KEYS_BACKSPACE && !t->input.len)) {
		t->prompt = PROMPT_NONE;
		buf_clear(&t->input);
	} else if (key == KEYS_BACKSPACE) {
		if (t->input_at)
			cut(t, before(t), t->input_at);
	} else {
		edit(t, key);
	}
	return TUI_DRAW;
}

enum tui_result tui_paste(struct tui *t, const int *text, size_t n)
{
	bool open = t->show_help || t->show_columns || t->show_sort;

	buf_clear(&t->message);
	/* The end of the last line is no blank that anybody means. */
	while (n && text[n - 1] <= ' ')
		n--;
	if (t->prompt == PROMPT_NONE && here(t)->level == LEVEL_PICKER && !open)
		return picker_paste(t, text, n);
	if (t->prompt == PROMPT_NONE) {
		tui_message(t, open ? "pasted text is ignored: Esc first"
				    : "pasted text is ignored: press / : or f first");
		return TUI_DRAW;
	}
	if (!t->input.p)
		buf_reserve(&t->input, 1)[0] = '\0';
	take_offer(t, ' ');
	for (size_t i = 0; i < n; i++) {
		if (key_is_text(text[i]))
			insert(t, text[i]);
		else if (text[i] == '\n' || text[i] == '\r' || text[i] == '\t')
			insert(t, ' ');
	}
	return TUI_DRAW;
}

/* --- keys that mean nothing here -------------------------------------------------------------- */

/** Where the levels are that a key is for. */
static const char *levels_words(unsigned levels)
{
	static const struct {
		unsigned levels;
		const char *words;
	} all[] = {
		{ 1u << LEVEL_GRID | 1u << LEVEL_PAGE, "among pages" },
		{ PICKER_PLACES, "in the list of processes" },
		{ 1u << LEVEL_SPACE | 1u << LEVEL_HALF | 1u << LEVEL_OBJECT | 1u << LEVEL_PART,
		  "in lists of mappings" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (!(levels & ~all[i].levels))
			return all[i].words;
	return "once a process is open";
}

void prompt_no_key(struct tui *t, int key)
{
	const char *name = NULL;
	unsigned levels = 0;

	for (size_t i = 0; i < nkeys; i++)
		if (key_table[i].key == key) {
			name = key_table[i].name;
			levels |= key_table[i].places;
		}
	if (name)
		tui_message(t, "%s means nothing here, it does %s", name, levels_words(levels));
	else if (key > ' ' && key < 127)
		tui_message(t, "%c is no key: ? lists them", key);
	else if (*key_for(ACT_HELP, tui_key_place(t)))
		tui_message(t, "that is no key: ? lists them");
	else
		tui_message(t, "that is no key");
}
