/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The browser: its state, the terminal and the reading beside it, wired together. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show.h"
#include "terminal.h"
#include "tui/loop.h"
#include "tui/screen.h"
#include "watch/watch.h"

/** What the loop's operations work on. */
struct browser {
	struct app *app;
	struct watch *watch;
};

static void want(void *ctx, const struct want *w)
{
	watch_want(((struct browser *)ctx)->watch, w);
}

static struct snapshot *take(void *ctx)
{
	return watch_take(((struct browser *)ctx)->watch);
}

static const char *progress(void *ctx)
{
	return watch_progress(((struct browser *)ctx)->watch);
}

static void cancel(void *ctx)
{
	watch_cancel(((struct browser *)ctx)->watch);
}

/** The map that would have been drawn without --tui. */
static void export_map(const struct app *app, const struct tui *t, const struct snapshot *s,
		       struct out *out)
{
	struct view_opts v = app->v;

	v.width = 100;
	v.colors = 0;
	v.user = s->space.proc.pid != 0;
	v.filter = t->filter;
	v.filter_text = t->filter ? t->filter_text.p : NULL;
	render_map(&s->space, &v, out);
}

static void export_screen(const struct tui *t, struct out *out)
{
	struct canvas c;

	canvas_init(&c, t->w, t->h, t->ascii, t->mono);
	tui_draw(t, &c);
	canvas_text(&c, &out->b);
	canvas_release(&c);
}

static int export(void *ctx, const struct tui *t, const struct snapshot *s, const char *name)
{
	struct out out;
	int fd, err;

	if (s->state == SNAP_TASKS && !t->export_screen)
		return -ENODATA;
	fd = terminal_new_file(name);
	if (fd < 0)
		return fd;
	out_init(&out, fd);
	if (t->export_screen)
		export_screen(t, &out);
	else
		export_map(((struct browser *)ctx)->app, t, s, &out);
	err = out_end(&out);
	if (close(fd) && !err)
		err = -errno;
	if (err)
		unlink(name);
	return err;
}

/** Says why the terminal cannot be had. */
static enum exit_status no_terminal(int err)
{
	const char *term = getenv("TERM");

	if (!screen_available())
		fputs("procmap: --tui: built without ncursesw\n", stderr);
	else if (err == -ENOTTY)
		fputs("procmap: --tui needs a terminal\n", stderr);
	else if (err != -ENOTSUP)
		return show_failed("--tui", err);
	else if (!term || !*term)
		fputs("procmap: --tui: TERM is not set\n", stderr);
	else
		fprintf(stderr,
			"procmap: --tui: a terminal of type '%s' is unknown, or cannot "
			"place its cursor\n",
			term);
	return STATUS_FAILED;
}

/** Is there such a process? Said before the screen is taken. */
static enum exit_status find(struct app *app, pid_t pid)
{
	struct piddir *dir;
	pid_t leader;
	int err;

	if (!pid)
		return STATUS_OK;
	err = piddir_open(source_root(app->src), pid, &dir, &leader);
	if (err == -ESRCH) {
		fprintf(stderr, "procmap: there is no process %d\n", pid);
		return STATUS_NO_PROCESS;
	}
	if (!err)
		piddir_close(dir);
	return STATUS_OK;
}

static int browse(struct app *app, struct browser *b, pid_t pid, int tty)
{
	const struct options *o = app->o;
	struct loop_ops ops = { .ctx = b,
				.fd = watch_fd(b->watch),
				.want = want,
				.take = take,
				.progress = progress,
				.cancel = cancel,
				.export = export };
	struct tui t;
	size_t at;
	int status;

	tui_init(&t, screen_width(), screen_height(), app->v.ascii, !screen_colors());
	tui_target(&t, pid, !pid && (o->npids || o->only_kernel));
	t.light = o->light;
	t.interval_ms = o->interval_ms ? o->interval_ms : t.interval_ms;
	if (o->filter)
		tui_set_filter(&t, o->filter, &at);
	status = loop_run(&t, &ops, tty);
	tui_release(&t);
	return status;
}

enum exit_status show_tui(struct app *app)
{
	const struct options *o = app->o;
	pid_t pid = o->npids ? o->pids[0] : 0;
	struct browser b = { .app = app };
	enum exit_status status = find(app, pid);
	int tty, err;

	if (status != STATUS_OK)
		return status;
	app->v.ascii = terminal_ascii(o);
	tty = terminal_keyboard();
	loop_prepare();
	err = tty < 0 ? -ENOTTY : screen_start(tty, STDOUT_FILENO, app->v.colors, o->light);
	if (err)
		return no_terminal(err);
	err = watch_start(o, &b.watch);
	if (err) {
		screen_stop();
		return show_failed("--tui", err);
	}
	status = (enum exit_status)browse(app, &b, pid, tty);
	screen_stop();
	loop_release();
	watch_stop(b.watch);
	return status;
}
