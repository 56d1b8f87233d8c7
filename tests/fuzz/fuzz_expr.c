/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any text as a filter: it is of the language, or refused with an error that points into it. What
 * is accepted answers for every mapping, "not" of it the opposite, and what is unknown both ways
 * stays so.
 */
#include <stdlib.h>
#include <string.h>

#include "model/expr.h"
#include "unit/demo_space.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static struct expr *opposite(const char *text)
{
	char *negated = xasprintf("not (%s)", text), *error = NULL;
	size_t at;
	struct expr *e = expr_new(negated, &error, &at);

	free(error);
	free(negated);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct space s;
	char *text, *error = NULL;
	struct expr *e, *not_e;
	size_t at = 0;

	if (!s.nvmas) {
		demo_space(&s, false);
		/* Of some neither smaps nor pages are known. */
		for (size_t i = 0; i < s.nvmas; i += 3)
			s.vmas[i].have &= (u8) ~(VMA_HAVE_SMAPS | VMA_HAVE_PAGES);
	}
	text = xmemdupz((const char *)data, size);
	e = expr_new(text, &error, &at);
	must(e ? !error : error && *error && at <= strlen(text));
	not_e = e && *text ? opposite(text) : NULL;
	for (size_t i = 0; e && i < s.nvmas; i++) {
		enum truth t = expr_ask(e, &s, &s.vmas[i]);

		must(expr_match(e, &s, &s.vmas[i]) == (t == TRUTH_TRUE));
		must(!not_e || t + expr_ask(not_e, &s, &s.vmas[i]) == TRUTH_TRUE);
	}
	expr_free(e);
	expr_free(not_e);
	free(error);
	free(text);
	return 0;
}
