/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The filter language: what is of it and what is not, and which mappings it means. */
#include "model/expr.h"

#include <locale.h>
#include <stdlib.h>

#include "demo_space.h"
#include "tap.h"

static struct space sp;

/** How many mappings of the demo meet it; -1 where it is not of the language. */
static int met(const char *text)
{
	char *error = NULL;
	size_t at = 0;
	struct expr *e = expr_new(text, &error, &at);
	int n = 0;

	if (!e) {
		printf("# \"%.60s\": %s at %zu\n", text, error ? error : "(null)", at);
		free(error);
		return -1;
	}
	for (size_t i = 0; i < sp.nvmas; i++)
		n += expr_match(e, &sp, &sp.vmas[i]);
	expr_free(e);
	return n;
}

/** The first mapping that meets it, by its address; 1 for none. */
static u64 first_met(const char *text)
{
	char *error = NULL;
	size_t at = 0;
	struct expr *e = expr_new(text, &error, &at);
	u64 ret = 1;

	for (size_t i = sp.nvmas; e && i-- > 0;)
		if (expr_match(e, &sp, &sp.vmas[i]))
			ret = sp.vmas[i].first;
	expr_free(e);
	free(error);
	return ret;
}

/** Is it refused, with the error at this place? */
static bool refused(const char *text, size_t want)
{
	char *error = NULL;
	size_t at = 9999;
	struct expr *e = expr_new(text, &error, &at);
	bool ok = !e && error && *error && at == want;

	if (!ok)
		printf("# \"%s\": %s at %zu\n", text, e ? "accepted" : error, at);
	expr_free(e);
	free(error);
	return ok;
}

static int count_perms(u8 on, u8 off)
{
	int n = 0;

	for (size_t i = 0; i < sp.nvmas; i++)
		n += (sp.vmas[i].perms & on) == on && !(sp.vmas[i].perms & off);
	return n;
}

static void test_all(void)
{
	IS(met(""), sp.nvmas);
	IS(met("  \t "), sp.nvmas);
}

static void test_perms(void)
{
	IS(met("rw-p"), count_perms(PERM_R | PERM_W, PERM_X | PERM_SHARED));
	IS(met("r-xp"), count_perms(PERM_R | PERM_X, PERM_W | PERM_SHARED));
	IS(met("r?x"), count_perms(PERM_R | PERM_X, 0));
	IS(met("?w?"), count_perms(PERM_W, 0));
	IS(met("w"), count_perms(PERM_W, 0));
	IS(met("wx"), 1);
	IS(first_met("wx"), 0x7f4b1c800000);
	IS(first_met("rwx"), 0x7f4b1c800000);
	IS(met("s"), count_perms(PERM_SHARED, 0));
	IS(met("???s"), count_perms(PERM_SHARED, 0));
	IS(met("---p"), count_perms(0, PERM_R | PERM_W | PERM_X | PERM_SHARED));
	IS(met("---"), count_perms(0, PERM_R | PERM_W | PERM_X));
	IS(met("????"), sp.nvmas);
}

static void test_kinds(void)
{
	IS(met("heap"), 1);
	IS(first_met("heap"), 0x55d0e4f10000);
	IS(met("HEAP"), 1);
	IS(met("kind = heap"), 1);
	IS(met("kind=heap"), 1);
	IS(met("kind != heap"), sp.nvmas - 1);
	IS(met("not heap"), sp.nvmas - 1);
	IS(first_met("stack"), 0x7ffcfb41b000);
	OK(met("lib") > 4);
	IS(met("lib"), met("kind = lib"));
	IS(met("exe"),
	   met("name = " DEMOEXE " or (anon and name = \"\" and address < 0x55d0e0000000)"));
	IS(met("file"), met("exe") + met("lib"));
	/* No memfd has a name that could be gone. */
	IS(met("deleted"), 0);
}

static void test_names(void)
{
	IS(met("name ~ libc.so"), met("name = " LIBC));
	OK(met("name ~ libc.so") >= 3);
	IS(met("name ~ LIBC.SO"), met("name ~ libc.so"));
	IS(met("name ~ \"ring buffer\""), 1);
	IS(first_met("name~\"ring buffer\""), 0x7f4b1c900000);
	IS(met("name ~ nothing-is-called-so"), 0);
	IS(met("name != [heap]"), sp.nvmas - 1);
	IS(met("name = [heap]"), 1);
	IS(met("not name = [heap]"), sp.nvmas - 1);
	/* A bracket of the language ends a bare text; quoted it is text. */
	IS(met("(name ~ heap)"), 1);
	IS(met("name ~ \"(deleted)\""), 1);
}

static void test_figures(void)
{
	IS(met("swapped > 0"), 1);
	IS(first_met("swapped > 0"), 0x55d0e4f10000);
	IS(met("swap>0"), 1);
	IS(met("swap = 12K"), 1);
	IS(met("swap == 12288"), 1);
	IS(met("swap != 0"), 1);
	IS(met("swap <= 12k and swap >= 12K"), met("swap = 12K") + 0);
	IS(met("rss > 100M"), 1);
	IS(first_met("rss > 100M"), 0x7f4a00000000);
	IS(met("rss > 180M"), 0);
	IS(met("rss >= 180M"), 1);
	IS(met("rss = 180MiB"), 1);
	IS(met("rss = 184320KiB"), 1);
	IS(met("rss < 0.5M and rss > 0"), met("rss > 0 and not rss >= 512K"));
	IS(met("size = 256M"), 2);
	IS(met("size = 0.25G"), 2);
	IS(met("size > 1T"), 0);
	IS(met("size >= 0x10000000"), 2);
	IS(met("private > 100M"), 1);
	IS(met("dirty > 100M"), 1);
	IS(met("anon > 100M"), 1);
	/* 3 of libc, 3 of ld.so, the vdso, the memfd. */
	IS(met("shared > 0"), 8);
	IS(first_met("address >= 0x7ffc00000000"), 0x7ffcfb41b000);
	IS(met("present > 0"), met("rss > 0"));
	IS(met("huge > 0"), 0);
	IS(met("offset = 0x26000 and name ~ libc"), 1);
	/* Other names of the same: those of the columns. */
	OK(met("private_dirty > 100K") > 0);
	IS(met("p.dirty > 100K"), met("private_dirty > 100K"));
	IS(met("priv.dirty>100K"), met("private_dirty > 100K"));
	IS(met("shr.clean > 0"), met("shared_clean > 0"));
	IS(met("S.CLEAN > 0"), met("shared_clean > 0"));
	IS(met("ref > 0"), met("referenced > 0"));
	IS(met("maps = 6 and name ~ libc.so"), met("name ~ libc.so"));
	IS(met("perm = rw-p"), met("rw-p"));
	IS(met("perm != rw-p"), sp.nvmas - met("rw-p"));
}

static void test_unknown(void)
{
	struct vma *heap = &sp.vmas[space_find_vma(&sp, 0x55d0e4f10000)];
	u8 have = heap->have;

	/* Neither it nor its opposite is true of a figure that nobody knows. */
	heap->have &= (u8) ~(VMA_HAVE_SMAPS | VMA_HAVE_PAGES);
	IS(met("heap and rss > 0"), 0);
	IS(met("heap and not rss > 0"), 0);
	IS(met("heap and rss = 0"), 0);
	IS(met("heap and not (rss = 0)"), 0);
	IS(met("heap and present >= 0"), 0);
	IS(met("heap and (rss > 0 or size > 0)"), 1);
	IS(met("heap and not (rss > 0 and size = 0)"), 1);
	IS(met("heap and not (rss > 0 or size = 0)"), 0);
	/* What cannot be otherwise is told all the same. */
	IS(met("heap and size > 0"), 1);
	heap->have = have;
	IS(met("heap and rss > 0"), 1);
	IS(met("heap and not rss > 0"), 0);
}

/** What the filter comes to: true of `met`, not known of `unknown` of all mappings. */
static bool comes_to(const char *text, u64 want_met, u64 unknown)
{
	char *error = NULL;
	size_t at;
	struct expr *e = expr_new(text, &error, &at);
	struct expr_count n = { 0 };

	if (e)
		n = expr_count(e, &sp, RANGE_ALL);
	if (n.met != want_met || n.unknown != unknown)
		printf("# %s: %llu met, %llu unknown\n", text, (unsigned long long)n.met,
		       (unsigned long long)n.unknown);
	expr_free(e);
	free(error);
	return n.asked == space_user_vmas(&sp) && n.met == want_met && n.unknown == unknown;
}

/** The truth tables, with one mapping's figure unknown beside what is true and false of it. */
static void test_three_values(void)
{
	static const struct {
		const char *text;
		enum truth want;
	} all[] = {
		{ "heap", TRUTH_TRUE },
		{ "stack", TRUTH_FALSE },
		{ "rss > 0", TRUTH_UNKNOWN },
		{ "not rss > 0", TRUTH_UNKNOWN },
		{ "not not rss > 0", TRUTH_UNKNOWN },
		{ "heap and rss > 0", TRUTH_UNKNOWN },
		{ "rss > 0 and heap", TRUTH_UNKNOWN },
		{ "stack and rss > 0", TRUTH_FALSE },
		{ "rss > 0 and stack", TRUTH_FALSE },
		{ "rss > 0 and pss > 0", TRUTH_UNKNOWN },
		{ "heap or rss > 0", TRUTH_TRUE },
		{ "rss > 0 or heap", TRUTH_TRUE },
		{ "stack or rss > 0", TRUTH_UNKNOWN },
		{ "rss > 0 or stack", TRUTH_UNKNOWN },
		{ "rss > 0 or not rss > 0", TRUTH_UNKNOWN },
		{ "not (stack or rss > 0)", TRUTH_UNKNOWN },
		{ "not (heap or rss > 0)", TRUTH_FALSE },
		{ "not (stack and rss > 0)", TRUTH_TRUE },
	};
	struct vma *heap = &sp.vmas[space_find_vma(&sp, 0x55d0e4f10000)];
	u8 have = heap->have;

	heap->have &= (u8) ~(VMA_HAVE_SMAPS | VMA_HAVE_PAGES);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		char *error = NULL;
		size_t at;
		struct expr *e = expr_new(all[i].text, &error, &at);

		if (!IS(expr_ask(e, &sp, heap), all[i].want))
			printf("# %s\n", all[i].text);
		expr_free(e);
	}
	heap->have = have;
}

static void test_count(void)
{
	u64 n = space_user_vmas(&sp), met_rss = (u64)met("rss > 0");
	struct expr_count count;
	struct buf b = { 0 };
	char *error;
	size_t at;
	struct expr *e;
	u8 *have = xcalloc(sp.nvmas, 1);

	OK(comes_to("rss > 0", met_rss, 0));
	OK(comes_to("not rss > 0", n - met_rss, 0));
	e = expr_new("rss > 0", &error, &at);
	count = expr_count(e, &sp, (struct range){ 0x55d0e4f10000, 0x55d0e4f10000 });
	IS(count.asked, 1);
	IS(count.met, 1);
	expr_count_words(&b, &count);
	IS_STR(b.p, "1 of 1 mapping meets it");
	/* smaps is closed: of all it is not known, whichever way it is put. */
	for (size_t i = 0; i < sp.nvmas; i++) {
		have[i] = sp.vmas[i].have;
		sp.vmas[i].have &= (u8)~VMA_HAVE_SMAPS;
	}
	OK(comes_to("pss > 10M", 0, n));
	OK(comes_to("not (pss > 10M)", 0, n));
	OK(comes_to("pss > 10M or heap", 1, n - 1));
	OK(comes_to("pss > 10M and heap", 0, 1));
	OK(comes_to("not (pss > 10M and heap)", n - 1, 1));
	OK(comes_to("size > 0", n, 0));
	count = expr_count(e, &sp, RANGE_ALL);
	buf_clear(&b);
	expr_count_words(&b, &count);
	error = xasprintf("0 of %u mappings meet it; of %u the figure is not known", (unsigned)n,
			  (unsigned)n);
	IS_STR(b.p, error);
	for (size_t i = 0; i < sp.nvmas; i++)
		sp.vmas[i].have = have[i];
	free(error);
	free(have);
	expr_free(e);
	buf_release(&b);
}

static void test_precedence(void)
{
	int heap = met("heap"), stack = met("stack"), rw = met("rw-p");

	OK(heap == 1 && stack == 1 && rw > 4);
	IS(met("heap or stack"), 2);
	IS(met("heap and stack"), 0);
	IS(met("heap stack"), 0);
	IS(met("heap rw-p"), 1);
	/* "and" binds closer than "or", on either side. */
	IS(met("heap or stack and r-xp"), 1);
	IS(met("r-xp and stack or heap"), 1);
	IS(met("(heap or stack) and r-xp"), 0);
	IS(met("heap or stack r-xp"), 1);
	/* "not" closer than both. */
	IS(met("not heap and stack"), 1);
	IS(met("not heap or heap"), sp.nvmas);
	IS(met("not (heap or stack)"), sp.nvmas - 2);
	IS(met("not not heap"), 1);
	IS(met("((heap))"), 1);
	IS(met("HEAP OR Stack"), 2);
	IS(met("(heap)or(stack)"), 2);
}

static void test_errors(void)
{
	char deep[1024];

	OK(refused("pss", 0));
	OK(refused("bogus > 1", 0));
	OK(refused("heap and bogus > 1", 9));
	OK(refused("pss >", 5));
	OK(refused("pss > x", 6));
	OK(refused("heap and", 8));
	OK(refused("or heap", 0));
	OK(refused("(heap", 5));
	OK(refused("heap)", 4));
	OK(refused("()", 1));
	OK(refused("not", 3));
	OK(refused("zz", 0));
	OK(refused("kind = nothing", 7));
	OK(refused("kind > heap", 5));
	OK(refused("name > x", 5));
	OK(refused("name ~", 6));
	OK(refused("pss > 99999999999999999999", 6));
	OK(refused("pss > 99999999999G", 6));
	OK(refused("pss > 10Q", 6));
	OK(refused("name ~ \"open", 7));
	OK(refused("rwxpz", 0));
	OK(refused("xr", 0));
	OK(refused("perm > r", 5));
	OK(refused("perm = q", 7));
	OK(refused("p. > 1", 0));
	OK(refused("priv > 1", 0));
	/* Nested deeper than the stack of a careless parser would bear. */
	memset(deep, '(', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	IS(met(deep), -1);
	for (size_t i = 0; i + 4 < sizeof(deep); i += 4)
		memcpy(deep + i, "not ", 4);
	IS(met(deep), -1);
}

/** Every beginning of a filter is either of the language or refused within the text. */
static void test_prefixes(void)
{
	static const char whole[] = "(rw-p or not heap) and pss >= 1.5M name ~ \"a b\" kind != lib";
	int bad = 0;

	for (size_t n = 0; n < sizeof(whole); n++) {
		char *text = xmemdupz(whole, n), *error = NULL;
		size_t at = 0;
		struct expr *e = expr_new(text, &error, &at);

		bad += e ? error != NULL : !error || at > n;
		expr_free(e);
		free(error);
		free(text);
	}
	IS(bad, 0);
}

/** The man page tells the language in the words that the help of the browser has. */
static void test_man(void)
{
	const char *srcdir = getenv("srcdir");
	char *path = xasprintf("%s/man/procmap.1", srcdir ? srcdir : ".");
	FILE *f = fopen(path, "r");
	struct buf man = { 0 };
	const char *at;
	size_t n;

	buf_addstr(&man, "");
	while (f && (n = fread(buf_reserve(&man, 4096), 1, 4096, f)) > 0) {
		man.len += n;
		man.p[man.len] = '\0';
	}
	if (f)
		fclose(f);
	at = man.p;
	for (size_t i = 0; i < nexpr_docs && at; i++) {
		char *want = xasprintf(".It Li \"%s\"\n%s\n", expr_docs[i].form, expr_docs[i].help);

		at = strstr(at, want);
		OK(at != NULL);
		free(want);
	}
	free(path);
	buf_release(&man);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	demo_space(&sp, false);
	test_all();
	test_perms();
	test_kinds();
	test_names();
	test_figures();
	test_unknown();
	test_three_values();
	test_count();
	test_precedence();
	test_errors();
	test_prefixes();
	space_release(&sp);
	test_man();
	return tap_done();
}
