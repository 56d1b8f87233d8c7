/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The whole of what a C test needs: each check prints one line of TAP, which prove(1) counts.
 * A crash leaves no plan, and that is a failure too, so nothing here catches signals.
 *
 *	int main(void)
 *	{
 *		IS(page_count(0, 4095), 1);
 *		IS_STR(name, "heap");
 *		return tap_done();
 *	}
 */
#ifndef PROCMAP_TAP_H
#define PROCMAP_TAP_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int tap_run, tap_bad;

static inline bool tap_ok(bool ok, const char *fn, int line, const char *what)
{
	printf("%sok %d - %s:%d ", ok ? "" : "not ", ++tap_run, fn, line);
	/* In a description '#' would start a TAP directive. */
	for (; *what; what++)
		putchar(*what == '#' || *what == '\n' ? ' ' : *what);
	putchar('\n');
	fflush(stdout);
	tap_bad += !ok;
	return ok;
}

static inline bool tap_is(uint64_t got, uint64_t want, const char *fn, int line, const char *what)
{
	bool ok = tap_ok(got == want, fn, line, what);

	if (!ok) {
		printf("# got  %" PRIu64 " (0x%" PRIx64 ")\n# want %" PRIu64 " (0x%" PRIx64 ")\n",
		       got, got, want, want);
		fflush(stdout);
	}
	return ok;
}

/** Prints a string as C source would write it: what a failed test shows must be readable. */
static inline void tap_show(const char *label, const char *s)
{
	printf("# %s ", label);
	if (!s) {
		puts("(null)");
		return;
	}
	putchar('"');
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			fputs("\\n", stdout);
		else if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	puts("\"");
}

static inline bool tap_is_str(const char *got, const char *want, const char *fn, int line,
			      const char *what)
{
	bool ok = tap_ok(got && want ? !strcmp(got, want) : got == want, fn, line, what);

	if (!ok) {
		tap_show("got ", got);
		tap_show("want", want);
		fflush(stdout);
	}
	return ok;
}

/** Each is one test point, true when it passed: `if (OK(p)) IS(p->n, 3);` is safe. */
#define OK(cond) tap_ok((cond) != 0, __func__, __LINE__, #cond)
#define IS(got, want)                                                                              \
	tap_is((uint64_t)(got), (uint64_t)(want), __func__, __LINE__, #got " is " #want)
#define IS_STR(got, want) tap_is_str((got), (want), __func__, __LINE__, #got " is " #want)

/** One test point that could not be made here, with the reason; prove counts it apart. */
#define SKIP(reason) tap_skip((reason), __func__, __LINE__)

static inline void tap_skip(const char *reason, const char *fn, int line)
{
	printf("ok %d - %s:%d # SKIP %s\n", ++tap_run, fn, line, reason);
	fflush(stdout);
}

/** Prints the plan; what main() returns. */
static inline int tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_bad || fflush(stdout) || ferror(stdout);
}

#endif
