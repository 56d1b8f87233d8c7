/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmap: the whole virtual address space of a process, as text.
 *
 * The map of the source. Data flows one way: bytes -> records -> model -> rows -> text.
 *
 *   main.c       options -> source -> space -> view -> exit status (this file)
 *   cli.[ch]     the one option table
 *   source.[ch]  fills a space: calls the readers in their order, holds the process
 *   terminal.[ch] width, colours, character set, pager
 *   util.[ch]    memory, buffers, strings, number formatting, the escape, die()
 *   proc/        readers of kernel files: proc.h (processes), pages.h (pages and frames),
 *                ksrc.h (what the kernel says of itself); root.c alone opens files there
 *   elf/         ELF images and the headers of /proc/kcore, through libelf
 *   kernel/      the kernel half: one table per architecture
 *   model/       space.h: the model all views draw; pages.h: pages and frames
 *   render/      views: the map, page runs, page summaries
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cli.h"
#include "proc/pages.h"
#include "render/render.h"
#include "source.h"
#include "terminal.h"

#ifndef PROCMAP_VERSION
#error "PROCMAP_VERSION comes from the Makefile, which has it from configure.ac"
#endif

/** All a view needs beside the space. */
struct app {
	const struct options *o;
	struct source *src;
	struct view_opts v;
	struct out out;
	pid_t pager;
	bool started; /**< the pager, if any, runs and `out` is open */
};

static void print_version(void)
{
	printf("procmap " PROCMAP_VERSION " %celf %ccap %czlib\n"
	       "Licence GPL-2.0-or-later.\n",
#ifdef HAVE_ELF
	       '+',
#else
	       '-',
#endif
#ifdef HAVE_CAP
	       '+',
#else
	       '-',
#endif
#ifdef HAVE_ZLIB
	       '+'
#else
	       '-'
#endif
	);
}

/** A setuid or file-capability copy must not lend its privileges to who runs it. */
static void drop_borrowed_privileges(void)
{
	if (!getauxval(AT_SECURE))
		return;
	if (!root_drop_all() || setresgid(getgid(), getgid(), getgid()) ||
	    setresuid(getuid(), getuid(), getuid()))
		die("cannot drop the privileges of a setuid program: %s", strerror(errno));
	fputs("procmap: setuid or file capabilities ignored: running as the caller\n", stderr);
}

static void view_init(struct app *app)
{
	const struct options *o = app->o;
	struct view_opts *v = &app->v;

	v->width = terminal_width(o);
	v->colors = terminal_colors(o);
	v->ascii = terminal_ascii(o);
	v->bytes = o->bytes;
	v->verbose = o->verbose;
	v->user = !o->only_kernel;
	v->kernel = !o->only_user;
	v->limit = o->have_limit ? o->limit : RANGE_ALL;
	v->have_locate = o->have_locate;
	v->locate = o->locate;
	v->running_as_root = !geteuid() && !o->root;
	v->version = PROCMAP_VERSION;
}

/** The sink is opened when there is something to show, so errors before it need no pager. */
static struct out *sink(struct app *app)
{
	int fd;

	if (!app->started) {
		app->pager = terminal_pager(app->o, &fd);
		out_init(&app->out, fd);
		app->started = true;
	}
	return &app->out;
}

/** Says what is wrong on stderr; the views say everything that goes with a picture. */
static void complain(pid_t pid, const struct space *s)
{
	if (s->no_user == USER_ZOMBIE)
		fprintf(stderr, "procmap: %d is a zombie: it has ended and holds no memory\n", pid);
	else if (s->no_user == USER_DENIED)
		fprintf(stderr, "procmap: %d: maps: %s%s\n", pid, strerror(s->user_err),
			(s->user_err == EACCES || s->user_err == EPERM) && !s->host.recorded &&
					!root_has_cap(ROOT_CAP_PTRACE)
				? " (needs CAP_SYS_PTRACE, or its owner)"
				: "");
	else if (s->no_user == USER_GONE)
		fprintf(stderr, "procmap: %d ended while it was read\n", pid);
	else
		fprintf(stderr, "procmap: there is no process %d\n", pid);
}

static enum exit_status failed(const char *what, int err)
{
	fprintf(stderr, "procmap: %s: %s\n", what, strerror(-err));
	return STATUS_FAILED;
}

/** A page_walk_fn over a struct run_merger. */
static int feed_merger(void *ctx, const struct page_batch *b)
{
	return run_merger_feed(ctx, b);
}

static enum exit_status show_pages(struct app *app, struct space *s)
{
	struct places places;
	struct run_merger merger;
	struct pages_view *view;
	int err;

	source_places(app->src, s, &places);
	view = pages_view_new(s, &places, &app->v, sink(app));
	merger = (struct run_merger){ .space = s, .emit = pages_view_run, .ctx = view };
	err = source_walk_pages(app->src, s, app->v.limit,
				WALK_FLAGS | WALK_COUNT | WALK_CGROUP | WALK_ABSENT, feed_merger,
				&merger);
	if (!err)
		err = run_merger_end(&merger);
	pages_view_end(view);
	places_release(&places);
	/* run() answers for the sink. */
	return err < 0 && !app->out.err ? failed("pages", err) : STATUS_OK;
}

static enum exit_status show_page_summary(struct app *app, struct space *s, bool frames)
{
	struct page_summary sum;
	struct page_summary_feed feed = { &sum, s };
	int err;

	page_summary_init(&sum, s, !frames);
	if (frames)
		err = source_walk_frames(app->src, s, WALK_FLAGS, page_summary_add, &feed);
	else
		err = source_walk_pages(app->src, s, app->v.limit, WALK_FLAGS | WALK_COUNT,
					page_summary_add, &feed);
	if (!err)
		render_page_summary(s, &sum, &app->v, sink(app));
	page_summary_release(&sum);
	return err < 0 ? failed(frames ? "frames" : "pages", err) : STATUS_OK;
}

static enum exit_status show(struct app *app, struct space *s)
{
	switch (app->o->view) {
	case VIEW_PAGES:
		return show_pages(app, s);
	case VIEW_PAGE_SUMMARY:
		return show_page_summary(app, s, false);
	case VIEW_FRAMES:
		return show_page_summary(app, s, true);
	default:
		render_map(s, &app->v, sink(app));
		return STATUS_OK;
	}
}

/** Is there a picture? A page view has none without a user half. */
static bool drawable(const struct app *app, enum exit_status status, const struct space *s)
{
	if (app->o->view == VIEW_FRAMES)
		return true;
	if (app->o->have_view)
		return status == STATUS_OK && s->no_user == USER_HERE;
	return status != STATUS_NO_PROCESS;
}

/** One target; `last` lets go of every privilege before anything is drawn. */
static enum exit_status run_target(struct app *app, pid_t pid, bool last)
{
	enum exit_status status, shown;
	struct space s;

	space_init(&s);
	status = source_fill(app->src, pid, &s);
	if (status != STATUS_OK)
		complain(pid, &s);
	else if (app->o->have_view && s.no_user == USER_KTHREAD)
		fprintf(stderr, "procmap: %d is a kernel thread: it has no pages of its own\n",
			pid);
	if (last && !app->o->have_view)
		root_drop_all();
	if (drawable(app, status, &s)) {
		shown = show(app, &s);
		status = MAX(status, shown);
	}
	if (app->o->strict && space_problems(&s))
		status = MAX(status, STATUS_FAILED);
	space_release(&s);
	return status;
}

static enum exit_status run(struct app *app)
{
	enum exit_status status = STATUS_OK, one;
	size_t n = app->o->npids;
	pid_t none = 0;
	const pid_t *pids = n ? app->o->pids : &none;

	n = n ? n : 1;
	for (size_t i = 0; i < n; i++) {
		one = run_target(app, pids[i], i + 1 == n);
		status = MAX(status, one);
	}
	if (app->started) {
		int err = out_end(&app->out);

		terminal_pager_end(app->pager, app->out.fd);
		/* A reader that has seen enough (head, a pager left) is no failure. */
		if (err && err != -EPIPE) {
			one = failed("write error", err);
			status = MAX(status, one);
		}
	}
	return status;
}

int main(int argc, char **argv)
{
	struct options o;
	struct app app = { .o = &o };
	enum exit_status status;
	int err;

	drop_borrowed_privileges();
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	options_init(&o);
	status = (enum exit_status)options_parse(&o, argc, argv);
	if (status != STATUS_OK || o.help || o.version) {
		if (status == STATUS_OK && o.help)
			options_help(stdout);
		else if (status == STATUS_OK)
			print_version();
		options_release(&o);
		if (fflush(stdout) && errno != EPIPE)
			return failed("write error", -errno);
		return status;
	}
	root_drop_effective();
	view_init(&app);
	err = source_open(&o, &app.src);
	if (err == -EINVAL) {
		fprintf(stderr,
			"procmap: %s: no recorded tree: its procmap-tree is missing or "
			"malformed\n",
			o.root);
		status = STATUS_FAILED;
	} else if (err) {
		status = failed(o.root, err);
	} else {
		status = run(&app);
		source_close(app.src);
	}
	options_release(&o);
	return (int)status;
}
