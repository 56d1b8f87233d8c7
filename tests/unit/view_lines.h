/* SPDX-License-Identifier: GPL-2.0-or-later */
/** For the tests of the views: what a view wrote, and its lines. */
#ifndef TEST_VIEW_LINES_H
#define TEST_VIEW_LINES_H

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "demo_space.h"
#include "render/render.h"

static inline struct view_opts view_defaults(unsigned width)
{
	return (struct view_opts){
		.width = width, .user = true, .kernel = true, .limit = RANGE_ALL, .version = "9.8.7"
	};
}

/** The map as text, through a temporary file; free() it. */
static inline char *read_back(struct out *o, FILE *f)
{
	char *text;
	long size;

	out_end(o);
	size = (long)lseek(fileno(f), 0, SEEK_END);
	text = xcalloc(1, (size_t)size + 1);
	if (pread(fileno(f), text, (size_t)size, 0) != size)
		abort();
	fclose(f);
	return text;
}

static inline char *map_text(const struct space *s, const struct view_opts *v)
{
	FILE *f = tmpfile();
	struct out o;

	if (!f)
		abort();
	out_init(&o, fileno(f));
	render_map(s, v, &o);
	return read_back(&o, f);
}

/** The n-th line (from 0) that starts with `start`, in a buffer of its own; "" if there is none. */
static inline const char *line_at(const char *text, const char *start, unsigned n)
{
	static char line[4096];
	const char *end;

	line[0] = '\0';
	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		if (strncmp(text, start, strlen(start)) || n--)
			continue;
		snprintf(line, sizeof(line), "%.*s", (int)(end - text), text);
		break;
	}
	return line;
}

/** The line that comes right after the one that starts so. */
static inline const char *line_after(const char *text, const char *start)
{
	const char *p = strstr(text, start), *nl = p ? strchr(p, '\n') : NULL;

	return nl ? line_at(nl + 1, "", 0) : "";
}

/** Columns of the widest line. */
static inline size_t widest(const char *text)
{
	size_t most = 0;

	for (const char *end; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		most = MAX(most, text_width(text, (size_t)(end - text)));
	}
	return most;
}

/** Takes the SGR sequences out, in place. */
static inline void strip_sgr(char *text)
{
	char *to = text;

	for (const char *p = text; *p; p++) {
		if (p[0] == '\033' && p[1] == '[') {
			p = strchr(p, 'm');
			continue;
		}
		*to++ = *p;
	}
	*to = '\0';
}

#endif
