/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * procmap: the whole virtual address space of a process, as text and to browse.
 *
 * The map of the source. Data flows one way: bytes -> records -> model -> rows -> text.
 *
 *   main.c       options -> source -> space -> view -> exit status (this file)
 *   cli.[ch]     the one option table
 *   source.[ch]  fills a space: calls the readers in their order, holds the process
 *   watch/       a thread that reads for the browser, again and again: what when, and beside it
 *   show*.[ch]   one function a view: what it reads beside the space, and what draws it
 *   terminal.[ch] width, colours, character set, pager, keyboard, new files
 *   util.[ch]    memory, buffers, strings, number formatting, the escape, die()
 *   proc/        readers of kernel files: proc.h (processes), pages.h (pages and frames),
 *                ksrc.h (what the kernel says of itself), kmem.h (its memory); root.c alone
 *                opens files there
 *   elf/         ELF images and the headers of /proc/kcore, through libelf
 *   kernel/      the kernel half: one table per architecture
 *   model/       space.h: the model all views draw; pages.h: pages and frames
 *   render/      views: the map, page runs, page summaries
 *   tui/         the browser: its state and keys (tui.h), panes, loop; screen*.c alone know curses
 */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cli.h"
#include "show.h"
#include "terminal.h"

#ifndef PROCMAP_VERSION
#error "PROCMAP_VERSION comes from the Makefile, which has it from configure.ac"
#endif

static void print_version(void)
{
	printf("procmap " PROCMAP_VERSION " %celf %ccap %czlib %csmartcols %ctui\n"
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
	       '+',
#else
	       '-',
#endif
#ifdef HAVE_SMARTCOLS
	       '+',
#else
	       '-',
#endif
#ifdef HAVE_NCURSES
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
	v->kernel = !o->only_user;
	v->limit = o->have_limit ? o->limit : RANGE_ALL;
	v->have_locate = o->have_locate;
	v->locate = o->locate;
	v->filter = o->expr;
	v->filter_text = o->filter;
	v->running_as_root = !geteuid() && !o->root;
	v->version = PROCMAP_VERSION;
}

/** Says what is wrong on stderr; the views say everything that goes with a picture. */
static void complain(pid_t pid, const struct space *s)
{
	if (s->no_user == USER_ZOMBIE)
		fprintf(stderr, "procmap: %d is a zombie: it has ended and holds no memory\n", pid);
	else if (s->no_user == USER_DENIED)
		fprintf(stderr, "procmap: %d: maps: %s%s\n", pid, strerror(s->user_err),
			s->user_held ? " (refused although CAP_SYS_PTRACE is held)"
			: (s->user_err == EACCES || s->user_err == EPERM) && !s->host.recorded
				? " (needs CAP_SYS_PTRACE, or its owner)"
				: "");
	else if (s->no_user == USER_GONE)
		fprintf(stderr, "procmap: %d ended while it was read\n", pid);
	else
		fprintf(stderr, "procmap: there is no process %d\n", pid);
}

/** Is there a picture? A page view has none without a user half. */
static bool drawable(const struct app *app, enum exit_status status, const struct space *s)
{
	if (app->o->have_view && view_target(app->o->view) == TARGET_NEEDED)
		return status == STATUS_OK && s->no_user == USER_HERE;
	return status != STATUS_NO_PROCESS;
}

/** One target. A map is complete before it is drawn; views that read more say when they have. */
static enum exit_status run_target(struct app *app, pid_t pid)
{
	enum exit_status status, shown;
	struct space s;

	space_init(&s);
	app->v.user = pid && !app->o->only_kernel;
	status = source_fill(app->src, pid, &s);
	if (status != STATUS_OK)
		complain(pid, &s);
	else if (app->o->have_view && s.no_user == USER_KTHREAD)
		fprintf(stderr, "procmap: %d is a kernel thread: it has no pages of its own\n",
			pid);
	if (!app->o->have_view)
		app_read_all(app);
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
		app->last = i + 1 == n;
		one = run_target(app, pids[i]);
		status = MAX(status, one);
	}
	if (app->started) {
		int err = out_end(&app->out);

		terminal_pager_end(app->pager, app->out.fd);
		/* A reader that has seen enough (head, a pager left) is no failure. */
		if (err && err != -EPIPE) {
			one = show_failed("write error", err);
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
			return show_failed("write error", -errno);
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
		status = show_failed(o.root, err);
	} else {
		status = o.tui ? show_tui(&app) : run(&app);
		source_close(app.src);
	}
	options_release(&o);
	return (int)status;
}
