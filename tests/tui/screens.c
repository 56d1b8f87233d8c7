/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The browser driven by a script, without a terminal: screens TREES SCRIPT. The script is a file, a
 * command a line; standard output gets each line back after "> " and what it shows. Exit status 1,
 * and a line "WRONG: ..." on standard output, where a command is wrong, a value is not the one that
 * was expected, the state or the screen is unsound, or nothing was shown.
 *
 *   # a comment
 *   tree NAME [PID]       the target: a tree below tests/trees, 0 the kernel alone; by default the
 *                         process it has
 *   demo [kaslr]          the target: the made server of tests/unit/demo_space.h
 *   edit EDIT             how the target differs from now on: see edits.h
 *   size WxH              at the start, or a resize
 *   ascii | utf8, mono | color
 *   kernel                the target is the kernel alone
 *   start                 opens the browser on the target; "start picker": without one
 *   key NAME...           Up Down Left Right PgUp PgDn Home End Enter Esc Backspace Del Tab Space
 *                         ^A to ^Z, or a character; "NAME*5" five times
 *   type TEXT             the characters of the rest of the line
 *   mouse WHAT X Y        press drag release double up down
 *   refresh               a new reading of the target
 *   silent on|off         on: what is wanted is not read
 *   progress TEXT         what the reading side says that it does
 *   show | styles         the screen as text; the styles of its cells
 *   want FIELD...         what is wanted: prints it
 *   expect FIELD VALUE    stops where it is another: of the want (pid grid ...), or row items depth
 *                         result message copy export
 */
#include <locale.h>
#include <stdarg.h>
#include <unistd.h>

#include "stage.h"

struct script {
	struct stage s;
	struct world w;
	bool have_world, started, ascii, mono, kernel;
	unsigned width, height;
	const char *trees;
	unsigned screens; /**< shown */
	bool failed;
};

static void wrong(struct script *sc, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void wrong(struct script *sc, const char *fmt, ...)
{
	va_list ap;

	printf("WRONG: ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	sc->failed = true;
}

/* --- the target ------------------------------------------------------------------------------- */

/** The process a tree was recorded of: the one folder of its proc that is a number. */
static pid_t recorded_pid(const char *dir)
{
	for (pid_t pid = 1; pid < 65536; pid++) {
		char *path = xasprintf("%s/proc/%d/stat", dir, pid);
		bool here = !access(path, R_OK);

		free(path);
		if (here)
			return pid;
	}
	return 0;
}

static void drop_world(struct script *sc)
{
	if (sc->have_world)
		world_release(&sc->w);
	sc->have_world = true;
}

static void do_tree(struct script *sc, const char *arg)
{
	char name[64], *dir;
	int pid = -1;

	if (sscanf(arg, "%63s %d", name, &pid) < 1) {
		wrong(sc, "a tree has a name");
		return;
	}
	dir = xasprintf("%s/%s", sc->trees, name);
	drop_world(sc);
	if (world_tree(&sc->w, dir, pid < 0 ? recorded_pid(dir) : pid))
		wrong(sc, "no tree %s", dir);
	free(dir);
	sc->kernel = !sc->w.pid;
}

static void do_demo(struct script *sc, const char *arg)
{
	drop_world(sc);
	world_demo(&sc->w, !strcmp(arg, "kaslr"));
	sc->kernel = false;
}

static void do_edit(struct script *sc, const char *arg)
{
	const char *rest;

	if (!sc->have_world)
		do_demo(sc, "");
	if (edit_of(arg, &rest))
		world_add_edit(&sc->w, arg);
	else
		wrong(sc, "no such edit");
}

static void do_start(struct script *sc, const char *arg)
{
	struct stage *s = &sc->s;

	if (sc->started)
		stage_release(s);
	sc->started = true;
	stage_init(s, sc->width, sc->height, sc->ascii, sc->mono);
	s->w = &sc->w;
	if (!strcmp(arg, "picker"))
		tui_target(&s->t, 0, false);
	else
		tui_target(&s->t, sc->kernel ? 0 : sc->w.pid, sc->kernel);
	stage_do(s, TUI_WANT);
}

static void do_refresh(struct script *sc, const char *arg)
{
	(void)arg;
	stage_do(&sc->s, stage_read(&sc->s));
}

static void do_silent(struct script *sc, const char *arg)
{
	sc->s.silent = !strcmp(arg, "on");
}

static void do_progress(struct script *sc, const char *arg)
{
	buf_clear(&sc->s.t.progress);
	buf_addstr(&sc->s.t.progress, arg);
}

/* --- the screen ------------------------------------------------------------------------------- */

static void do_size(struct script *sc, const char *arg)
{
	if (sscanf(arg, "%ux%u", &sc->width, &sc->height) != 2)
		wrong(sc, "a size is WxH");
	else if (sc->started)
		stage_resize(&sc->s, sc->width, sc->height);
}

static void set_look(struct script *sc)
{
	sc->s.t.ascii = sc->s.c.ascii = sc->ascii;
	sc->s.t.mono = sc->s.c.mono = sc->mono;
}

static void do_ascii(struct script *sc, const char *arg)
{
	(void)arg;
	sc->ascii = true;
	set_look(sc);
}

static void do_utf8(struct script *sc, const char *arg)
{
	(void)arg;
	sc->ascii = false;
	set_look(sc);
}

static void do_mono(struct script *sc, const char *arg)
{
	(void)arg;
	sc->mono = true;
	set_look(sc);
}

static void do_color(struct script *sc, const char *arg)
{
	(void)arg;
	sc->mono = false;
	set_look(sc);
}

static void draw(struct script *sc)
{
	const char *fault = stage_draw(&sc->s);

	sc->screens++;
	if (fault)
		wrong(sc, "%s", fault);
}

static void do_show(struct script *sc, const char *arg)
{
	const struct canvas *c = &sc->s.c;
	struct buf b = { 0 };

	(void)arg;
	draw(sc);
	canvas_text(c, &b);
	printf("%s", b.p ? b.p : "");
	if (c->cursor)
		printf("cursor: column %u of line %u\n", c->x, c->y);
	buf_release(&b);
}

static void do_styles(struct script *sc, const char *arg)
{
	struct buf b = { 0 };

	(void)arg;
	draw(sc);
	canvas_styles(&sc->s.c, &b);
	printf("%s", b.p ? b.p : "");
	buf_release(&b);
}

/* --- events ----------------------------------------------------------------------------------- */

static int key_of(const char *name, size_t len)
{
	static const struct {
		const char *name;
		int key;
	} names[] = {
		{ "Up", KEYS_UP },	  { "Down", KEYS_DOWN },
		{ "Left", KEYS_LEFT },	  { "Right", KEYS_RIGHT },
		{ "PgUp", KEYS_PAGE_UP }, { "PgDn", KEYS_PAGE_DOWN },
		{ "Home", KEYS_HOME },	  { "End", KEYS_END },
		{ "Enter", KEYS_ENTER },  { "Esc", KEYS_ESC },
		{ "Del", KEYS_DELETE },	  { "Backspace", KEYS_BACKSPACE },
		{ "Tab", KEYS_TAB },	  { "BackTab", KEYS_BACKTAB },
		{ "Space", ' ' },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == len && !strncmp(name, names[i].name, len))
			return names[i].key;
	if (len == 2 && *name == '^')
		return name[1] & 31;
	return len == 1 ? *name : -1;
}

static void one_key(struct script *sc, int key)
{
	sc->s.last = TUI_NONE;
	stage_do(&sc->s, tui_key(&sc->s.t, key));
}

static void do_key(struct script *sc, const char *arg)
{
	while (*arg) {
		size_t n = strcspn(arg, " "), len = n;
		const char *star = memchr(arg, '*', n);
		int key, times = 1;

		if (star && star > arg) {
			len = (size_t)(star - arg);
			times = atoi(star + 1);
		}
		key = key_of(arg, len);
		if (key < 0)
			wrong(sc, "no key %.*s", (int)len, arg);
		for (int i = 0; i < times && key >= 0; i++)
			one_key(sc, key);
		arg += n;
		arg += strspn(arg, " ");
	}
}

static void do_type(struct script *sc, const char *arg)
{
	while (*arg) {
		int32_t c = code_point(&arg);

		if (c < 0) {
			wrong(sc, "the script is no UTF-8");
			return;
		}
		one_key(sc, c);
	}
}

static void do_mouse(struct script *sc, const char *arg)
{
	static const char *const whats[] = { "press", "drag", "release", "double", "up", "down" };
	struct mouse m = { 0 };
	char word[16];

	if (sscanf(arg, "%15s %u %u", word, &m.x, &m.y) != 3) {
		wrong(sc, "a mouse does something at X Y");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(whats); i++)
		if (!strcmp(word, whats[i]))
			m.what = (unsigned)i;
	sc->s.last = TUI_NONE;
	stage_do(&sc->s, tui_mouse(&sc->s.t, &m));
}

/* --- values ----------------------------------------------------------------------------------- */

static void add_range(struct buf *b, struct range r)
{
	if (r.first || r.last)
		buf_addf(b, "%llx-%llx", (unsigned long long)r.first,
			 (unsigned long long)r.last + 1);
	else
		buf_addstr(b, "none");
}

static bool want_value(const struct tui *t, const char *field, struct buf *b)
{
	struct want w;

	tui_want(t, &w);
	if (!strcmp(field, "pid"))
		buf_addf(b, "%d", w.pid);
	else if (!strcmp(field, "interval"))
		buf_addf(b, "%u", w.interval_ms);
	else if (!strcmp(field, "kernel"))
		buf_addf(b, "%d", w.kernel);
	else if (!strcmp(field, "smaps"))
		buf_addf(b, "%d", w.smaps_now);
	else if (!strcmp(field, "states"))
		buf_addf(b, "%d", w.page_states);
	else if (!strcmp(field, "inside"))
		buf_addf(b, "%d", w.kernel_inside);
	else if (!strcmp(field, "grid"))
		add_range(b, w.grid);
	else if (!strcmp(field, "cells"))
		buf_addf(b, "%u", w.grid_cells);
	else if (!strcmp(field, "flags"))
		buf_addf(b, "%d", w.grid_flags);
	else if (!strcmp(field, "page") && w.have_page)
		buf_addf(b, "%llx", (unsigned long long)w.page);
	else if (!strcmp(field, "page"))
		buf_addstr(b, "none");
	else if (!strcmp(field, "bytes"))
		buf_addf(b, "%d", w.page_bytes);
	else if (!strcmp(field, "pss"))
		for (size_t i = 0; i < WANT_PSS_MAX && w.pss[i]; i++)
			buf_addf(b, "%s%d", i ? "," : "", w.pss[i]);
	else
		return false;
	return true;
}

static bool state_value(const struct stage *s, const char *field, struct buf *b)
{
	static const char *const results[] = {
		[TUI_NONE] = "none",	 [TUI_THEME] = "theme", [TUI_SUSPEND] = "suspend",
		[TUI_EXPORT] = "export", [TUI_COPY] = "copy",	[TUI_QUIT] = "quit",
		[TUI_CANCEL] = "cancel",
	};
	const struct tui *t = &s->t;

	if (!strcmp(field, "row"))
		buf_addf(b, "%llx", (unsigned long long)tui_place(t)->at);
	else if (!strcmp(field, "items"))
		buf_addf(b, "%zu", t->nitems);
	else if (!strcmp(field, "depth"))
		buf_addf(b, "%u", t->depth);
	else if (!strcmp(field, "result"))
		buf_addstr(b, results[s->last]);
	else if (!strcmp(field, "message"))
		buf_addstr(b, t->message.p ? t->message.p : "");
	else if (!strcmp(field, "copy"))
		buf_addstr(b, t->copy.p ? t->copy.p : "");
	else if (!strcmp(field, "export"))
		buf_addstr(b, t->export_name.p ? t->export_name.p : "");
	else
		return false;
	return true;
}

static void do_want(struct script *sc, const char *arg)
{
	char field[32];
	int n;

	for (; sscanf(arg, "%31s%n", field, &n) == 1; arg += n) {
		struct buf b = { 0 };

		if (!want_value(&sc->s.t, field, &b))
			wrong(sc, "nothing called %s is wanted", field);
		printf("%s %s\n", field, b.p ? b.p : "");
		buf_release(&b);
	}
}

static void do_expect(struct script *sc, const char *arg)
{
	struct buf b = { 0 };
	char field[32];
	int n = 0;

	if (sscanf(arg, "%31s%n", field, &n) != 1 ||
	    (!want_value(&sc->s.t, field, &b) && !state_value(&sc->s, field, &b)))
		wrong(sc, "no such value");
	else if (strcmp(b.p ? b.p : "", arg + n + strspn(arg + n, " ")))
		wrong(sc, "%s is %s", field, b.p ? b.p : "");
	buf_release(&b);
}

/* --- the script ------------------------------------------------------------------------------- */

static void do_kernel(struct script *sc, const char *arg)
{
	(void)arg;
	sc->kernel = true;
	sc->w.pid = 0;
}

static const struct {
	const char *word;
	void (*fn)(struct script *sc, const char *arg);
	bool started; /**< means something only then */
} commands[] = {
	{ "tree", do_tree, false },	   { "demo", do_demo, false },
	{ "edit", do_edit, false },	   { "kernel", do_kernel, false },
	{ "start", do_start, false },	   { "size", do_size, false },
	{ "ascii", do_ascii, false },	   { "utf8", do_utf8, false },
	{ "mono", do_mono, false },	   { "color", do_color, false },
	{ "refresh", do_refresh, true },   { "silent", do_silent, true },
	{ "progress", do_progress, true }, { "key", do_key, true },
	{ "type", do_type, true },	   { "mouse", do_mouse, true },
	{ "show", do_show, true },	   { "styles", do_styles, true },
	{ "want", do_want, true },	   { "expect", do_expect, true },
};

static void one_line(struct script *sc, char *line)
{
	size_t n = strcspn(line, " ");
	const char *arg = line + n + strspn(line + n, " ");

	if (!*line || *line == '#')
		return;
	printf("> %s\n", line);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strlen(commands[i].word) != n || strncmp(commands[i].word, line, n))
			continue;
		if (commands[i].started && !sc->started) {
			wrong(sc, "not started");
			return;
		}
		commands[i].fn(sc, arg);
		if (sc->started && sc->s.edit_error) {
			wrong(sc, "edit: %s", sc->s.edit_error);
			sc->s.edit_error = NULL;
		}
		return;
	}
	wrong(sc, "no such command");
}

int main(int argc, char **argv)
{
	struct script sc = { .width = 80, .height = 24 };
	size_t cap = 0;
	char *line = NULL;
	FILE *f;

	if (argc != 3) {
		fprintf(stderr, "usage: screens TREES SCRIPT\n");
		return 2;
	}
	sc.trees = argv[1];
	if (!setlocale(LC_CTYPE, "C.UTF-8")) {
		fprintf(stderr, "there is no locale C.UTF-8\n");
		return 2;
	}
	f = fopen(argv[2], "r");
	if (!f) {
		perror(argv[2]);
		return 2;
	}
	while (getline(&line, &cap, f) > 0) {
		line[strcspn(line, "\n")] = '\0';
		one_line(&sc, line);
	}
	free(line);
	fclose(f);
	if (!sc.screens)
		wrong(&sc, "nothing was shown");
	if (sc.started)
		stage_release(&sc.s);
	if (sc.have_world)
		world_release(&sc.w);
	return sc.failed || fflush(stdout) || ferror(stdout);
}
