/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of keys: no key means two things at one level, and the man page lists what the
 * table has, word for word. UPDATE=1 writes that list into the man page.
 */
#include <stdlib.h>
#include <string.h>

#include "tap.h"
#include "tui/tui.h"

static const char begin[] = ".Bl -tag -width \"PgUp, Ctrl-B\" -compact\n";
static const char end[] = ".El\n.\\\" End of the keys.\n";

/** What stands before the keys of the list of processes. */
static const char picker_words[] = ".El\n.Pp\n"
				   "In the list of processes, where letters are typed:\n.Pp\n"
				   ".Bl -tag -width \"PgUp, Ctrl-B\" -compact\n";

static void add_name(struct buf *b, const char *name)
{
	/* A lone punctuation mark would be set as one. */
	buf_addstr(b, strlen(name) == 1 ? " Ic \\&" : " Ic ");
	buf_addstr(b, name);
}

/** The table as the man page has it: keys of one meaning stand together. */
static void man_list(struct buf *b)
{
	unsigned picker = 0;

	for (size_t i = 0; i < nkeys; i++) {
		if (!key_table[i].help)
			continue;
		if (key_table[i].places && !(key_table[i].places & ~PICKER_PLACES) && !picker++)
			buf_addstr(b, picker_words);
		buf_addstr(b, ".It");
		add_name(b, key_table[i].name);
		for (size_t more = i + 1; more < nkeys && !key_table[more].help; more++) {
			buf_addstr(b, " ,");
			add_name(b, key_table[more].name);
		}
		buf_addf(b, "\n%s\n", key_table[i].help);
	}
}

static char *man_path(void)
{
	const char *srcdir = getenv("srcdir");

	return xasprintf("%s/man/procmap.1", srcdir ? srcdir : ".");
}

static void slurp(const char *path, struct buf *b)
{
	FILE *f = fopen(path, "r");
	size_t n;

	buf_addstr(b, "");
	while (f && (n = fread(buf_reserve(b, 4096), 1, 4096, f)) > 0) {
		b->len += n;
		b->p[b->len] = '\0';
	}
	if (f)
		fclose(f);
}

static void rewrite(const char *path, const struct buf *man, const char *from, const char *to,
		    const struct buf *list)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return;
	fwrite(man->p, 1, (size_t)(from - man->p), f);
	fwrite(list->p, 1, list->len, f);
	fputs(to, f);
	fclose(f);
}

static void test_man_page(void)
{
	struct buf man = { 0 }, want = { 0 }, got = { 0 };
	char *path = man_path();
	const char *from, *to;

	slurp(path, &man);
	man_list(&want);
	from = strstr(man.p, begin);
	to = from ? strstr(from, end) : NULL;
	OK(from && to);
	if (from && to) {
		from += strlen(begin);
		if (getenv("UPDATE"))
			rewrite(path, &man, from, to, &want);
		buf_add(&got, from, (size_t)(to - from));
		IS_STR(got.p, want.p);
	}
	buf_release(&man);
	buf_release(&want);
	buf_release(&got);
	free(path);
}

static void test_no_key_twice(void)
{
	const unsigned all = (1u << KEY_PLACES) - 1;

	for (size_t i = 0; i < nkeys; i++) {
		unsigned places = key_table[i].places ? key_table[i].places : all;

		for (size_t j = i + 1; j < nkeys; j++) {
			unsigned others = key_table[j].places ? key_table[j].places : all;

			if (key_table[i].key == key_table[j].key && places & others)
				printf("# %s is there twice\n", key_table[i].name);
			if (key_table[i].key == key_table[j].key)
				IS(places & others, 0);
		}
	}
	for (unsigned level = LEVEL_SPACE; level < LEVEL_N; level++) {
		IS(key_action('q', level), ACT_QUIT);
		IS(key_action('?', level), ACT_HELP);
		IS(key_action(KEYS_BASE - 1, level), ACT_NONE);
	}
}

/** In the picker every character is typed, but for `?` where nothing is typed yet. */
static void test_letters_type(void)
{
	static const unsigned places[] = { LEVEL_PICKER, PICKER_TYPED, PICKER_BACK };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		unsigned others = 0;

		for (int key = ' '; key < 0x3000; key++)
			others += key_is_text(key) && key_action(key, places[i]) != ACT_TYPE;
		IS(others, places[i] != PICKER_TYPED);
		IS(key_action('?', places[i]), places[i] == PICKER_TYPED ? ACT_TYPE : ACT_HELP);
		IS(key_action(3, places[i]), ACT_QUIT);
	}
}

int main(void)
{
	test_no_key_twice();
	test_letters_type();
	test_man_page();
	return tap_done();
}
