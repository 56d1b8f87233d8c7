/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys that mean nothing, questions and what is pasted into them, the menus of `s` and `o`. */
#include <locale.h>
#include <stdlib.h>

#include "demo_stage.h"
#include "tui/columns.h"

#define HEAP   0x55d0e4f10000
#define STACK  0x7ffcfb41b000
#define CTRL_U 21

static struct want want(void)
{
	struct want ret;

	tui_want(&s.t, &ret);
	return ret;
}

static u64 row(void)
{
	return s.t.nitems ? s.t.items[s.t.cur].r.first : 1;
}

static const char *message(void)
{
	return s.t.message.len ? s.t.message.p : "";
}

static void test_dead_keys(void)
{
	start(100, 30);
	key('b');
	IS_STR(message(), "b means nothing here, it does among pages");
	key('Q');
	IS_STR(message(), "Q is no key: ? lists them");
	keys(":heap");
	key(KEYS_ENTER);
	key(KEYS_ENTER);
	key('f');
	IS_STR(message(), "f means nothing here, it does in lists of mappings");
	IS(s.t.message_kind, MESSAGE_TROUBLE);
	/* To the bytes from the grid, one way. */
	key('b');
	IS(tui_place(&s.t)->level, LEVEL_PAGE);
	OK(want().page_bytes);
	IS(want().page, HEAP);
	key(KEYS_ENTER);
	IS_STR(message(), "nothing is smaller than a page: b shows its bytes");
	key('b');
	OK(!want().page_bytes);
	end();
}

static void paste(const char *text)
{
	int codes[5000];
	size_t n = 0;

	for (; *text && n < ARRAY_SIZE(codes); text++)
		codes[n++] = (u8)*text;
	stage_do(&s, tui_paste(&s.t, codes, n));
}

static void test_paste(void)
{
	char *many = xcalloc(1, 4900);

	start(100, 30);
	paste("m\nd\nG");
	IS_STR(message(), "pasted text is ignored: press / : or f first");
	OK(!s.t.marking && !s.t.mark && !s.t.show_changes);
	IS(row(), STACK);
	key('f');
	paste("rss > 1K\n\tm\x1b[A\r\n");
	IS_STR(s.t.input.p, "rss > 1K  m[A");
	IS(s.t.prompt, PROMPT_FILTER);
	OK(!s.t.filter);
	key(CTRL_U);
	IS(s.t.input.len, 0);
	paste("heap\n");
	key(KEYS_ENTER);
	IS(s.t.nitems, 1);
	/* It takes the place of an old answer, and is no longer than one may be. */
	key('f');
	IS_STR(s.t.input.p, "heap");
	memset(many, 'x', 4899);
	paste(many);
	OK(s.t.input.len <= 4001 && s.t.input.p[0] == 'x');
	free(many);
	end();
}

/** An old answer: replaced by what is typed, kept by keys that move in it. */
static void test_old_answer(void)
{
	start(100, 30);
	keys("fheap");
	key(KEYS_ENTER);
	keys("flib");
	IS_STR(s.t.input.p, "lib");
	key(KEYS_ESC);
	key('f');
	key(KEYS_END);
	keys(" r");
	IS_STR(s.t.input.p, "heap r");
	key(KEYS_LEFT);
	key(CTRL_U);
	IS(s.t.input.len, 0);
	key(KEYS_ESC);
	key('f');
	key(KEYS_BACKSPACE);
	IS(s.t.input.len, 0);
	IS(s.t.prompt, PROMPT_FILTER);
	key(KEYS_ESC);
	key('f');
	key(KEYS_ENTER);
	IS(s.t.nitems, 1);
	/* What was not understood is edited, not replaced. */
	keys("fzz");
	key(KEYS_ENTER);
	key('x');
	IS_STR(s.t.input.p, "xzz");
	key(KEYS_ESC);
	end();
}

static bool column_shown(const char *name)
{
	struct buf out = { 0 };
	bool ret;

	list_left_out(&s.t, &out);
	ret = !out.len || !strstr(out.p, name);
	buf_release(&out);
	return ret;
}

/** Chooses in a menu by the name of a column. */
static char letter_of(const char *name)
{
	u8 offered[CHOOSER_MAX];
	size_t n = tui_chooser(&s.t, offered);

	for (size_t i = 0; i < n; i++)
		if (offered[i] != SORT_ADDRESS && !strcmp(columns[offered[i]].name, name))
			return tui_chooser_letter(&s.t, offered[i]);
	return '?';
}

static void test_menus(void)
{
	char ref;

	start(80, 24);
	key('s');
	ref = letter_of("ref");
	/* What is no choice leaves it open. */
	key('z');
	OK(s.t.show_sort);
	IS_STR(message(), "no such choice: a letter of the list, or Esc to leave");
	key(KEYS_ESC);
	OK(!s.t.show_sort);
	key('o');
	IS(letter_of("ref"), ref);
	key(ref);
	OK(s.t.show_columns);
	/* Of what has no room the one that was asked for is none. */
	OK(column_shown("ref"));
	OK(!column_shown("swap"));
	IS(strncmp(message(), "no room for ", 12), 0);
	key(KEYS_ENTER);
	OK(!s.t.show_columns);
	end();
}

/** What heads a column can be asked for in a filter. */
static void test_columns_in_filters(void)
{
	for (size_t i = 0; i < ncolumns; i++) {
		const struct column_def *c = &columns[i];
		char *text = xasprintf("%s > 0", c->name), *error = NULL;
		struct expr *e;
		size_t at;

		if (c->figure && c->levels >> LEVEL_HALF & 1 && c->halves & COLUMN_USER) {
			e = expr_new(text, &error, &at);
			if (!e)
				printf("# \"%s\": %s\n", text, error);
			OK(e != NULL);
			expr_free(e);
			free(error);
		}
		free(text);
	}
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_dead_keys();
	test_paste();
	test_old_answer();
	test_menus();
	test_columns_in_filters();
	return tap_done();
}
