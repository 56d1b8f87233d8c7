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

static void add_name(struct buf *b, const char *name)
{
	/* A lone punctuation mark would be set as one. */
	buf_addstr(b, strlen(name) == 1 ? " Ic \\&" : " Ic ");
	buf_addstr(b, name);
}

/** The table as the man page has it: keys of one meaning stand together. */
static void man_list(struct buf *b)
{
	for (size_t i = 0; i < nkeys; i++) {
		if (!key_table[i].help)
			continue;
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
	const unsigned all = (1u << LEVEL_N) - 1;

	for (size_t i = 0; i < nkeys; i++) {
		unsigned levels = key_table[i].levels ? key_table[i].levels : all;

		for (size_t j = i + 1; j < nkeys; j++) {
			unsigned others = key_table[j].levels ? key_table[j].levels : all;

			if (key_table[i].key == key_table[j].key && levels & others)
				printf("# %s is there twice\n", key_table[i].name);
			if (key_table[i].key == key_table[j].key)
				IS(levels & others, 0);
		}
	}
	for (unsigned level = 0; level < LEVEL_N; level++) {
		IS(key_action('q', level), ACT_QUIT);
		IS(key_action('?', level), ACT_HELP);
		IS(key_action(KEYS_BASE - 1, level), ACT_NONE);
	}
}

int main(void)
{
	test_no_key_twice();
	test_man_page();
	return tap_done();
}
