/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One wait for keys, snapshots and signals. Signals are let in by ppoll() alone, so that their
 * handlers, which only set flags, never come between two steps of anything else.
 */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "screen.h"

/** Pictures follow each other at this distance at least: 60 a second. */
#define FRAME_MS 16
/** Input that never ends is left for a picture after so long. */
#define INPUT_MS 30

static const int waited[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH };
/** Whatever else ends us. */
static const int crashes[] = { SIGSEGV, SIGBUS,	 SIGFPE,  SIGILL,  SIGABRT, SIGSYS,
			       SIGTRAP, SIGXCPU, SIGUSR1, SIGUSR2, SIGALRM };

static volatile sig_atomic_t caught[NSIG];
static struct sigaction before[NSIG]; /**< loop_prepare() */
static sigset_t open_mask;	      /**< while waiting */
static sigset_t before_mask;	      /**< loop_prepare() */

struct loop {
	struct tui *t;
	const struct loop_ops *ops;
	struct pollfd fds[2];
	struct canvas canvas;
	struct snapshot *newest, *mark; /**< ours; t has them too */
	bool dirty, done;
	bool input_left; /**< curses may hold bytes that poll() knows nothing of */
	int status;
	u64 drawn; /**< when, in ms */
};

static u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000;
}

/* --- signals ---------------------------------------------------------------------------------- */

static void on_signal(int sig)
{
	caught[sig] = 1;
}

/** Gives the terminal back, then lets happen what would have happened without us. */
static void on_crash(int sig)
{
	screen_rescue();
	sigaction(sig, &before[sig], NULL);
	/* A fault comes again when the instruction is run again; what was sent does not. */
	raise(sig);
}

void loop_prepare(void)
{
	/* A stack that has overflowed has no room for a handler. */
	static u64 stack[8192];
	stack_t alt = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction on = { .sa_handler = on_signal };
	sigset_t block;

	sigemptyset(&block);
	for (size_t i = 0; i < ARRAY_SIZE(waited); i++) {
		/* Who cannot be continued must not stop. */
		sigaction(waited[i], NULL, &before[waited[i]]);
		if (waited[i] == SIGTSTP && before[SIGTSTP].sa_handler == SIG_IGN)
			continue;
		sigaction(waited[i], &on, NULL);
		sigaddset(&block, waited[i]);
	}
	sigprocmask(SIG_BLOCK, &block, &before_mask);
	open_mask = before_mask;
	for (size_t i = 0; i < ARRAY_SIZE(waited); i++)
		sigdelset(&open_mask, waited[i]);
	sigaltstack(&alt, NULL);
	on.sa_handler = on_crash;
	on.sa_flags = SA_ONSTACK;
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++)
		sigaction(crashes[i], &on, &before[crashes[i]]);
}

void loop_release(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(waited); i++)
		sigaction(waited[i], &before[waited[i]], NULL);
	sigprocmask(SIG_SETMASK, &before_mask, NULL);
}

/** Has it come since it was asked for last? */
static bool came(int sig)
{
	bool yes = caught[sig];

	caught[sig] = 0;
	return yes;
}

/* --- what the state asks for ------------------------------------------------------------------ */

static void ask(struct loop *l)
{
	struct want w;

	tui_want(l->t, &w);
	l->ops->want(l->ops->ctx, &w);
	l->dirty = true;
}

/** Frees a mark that the state has let go of. */
static void drop_mark(struct loop *l)
{
	if (!l->mark || l->mark == l->t->mark)
		return;
	if (l->mark != l->newest)
		snapshot_free(l->mark);
	l->mark = NULL;
}

static void take_mark(struct loop *l)
{
	if (!l->newest)
		return;
	tui_set_mark(l->t, l->newest);
	drop_mark(l);
	l->mark = l->newest;
	ask(l);
}

static void export(struct loop *l)
{
	const char *name = l->t->export_name.p;
	struct buf shown = { 0 };
	int err = l->newest ? l->ops->export(l->ops->ctx, l->t, l->newest, name) : -ENODATA;

	buf_addescaped(&shown, name, strlen(name), l->t->ascii);
	if (err)
		tui_message(l->t, "%s: %s", shown.p, strerror(-err));
	else
		tui_news(l->t, "written to %s", shown.p);
	buf_release(&shown);
	l->dirty = true;
}

static void copy(struct loop *l)
{
	if (screen_clipboard(l->t->copy.p, l->t->copy.len))
		tui_news(l->t, "copied, if the terminal lets programs do that");
	else
		tui_message(l->t, "too long for a clipboard");
	l->dirty = true;
}

static void fit(struct loop *l)
{
	if (!screen_fit())
		return;
	canvas_resize(&l->canvas, screen_width(), screen_height());
	tui_resize(l->t, screen_width(), screen_height());
	ask(l);
}

/** Stops the process group as the terminal driver would have, and comes back when continued. */
static void suspend(struct loop *l)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, ours;
	sigset_t both;

	if (sigaction(SIGTSTP, NULL, &ours) || ours.sa_handler == SIG_IGN)
		return;
	screen_pause();
	sigaction(SIGTSTP, &stop, NULL);
	kill(0, SIGTSTP);
	sigemptyset(&both);
	sigaddset(&both, SIGTSTP);
	sigaddset(&both, SIGCONT);
	sigprocmask(SIG_UNBLOCK, &both, NULL);
	/* Stopped here. What continues us is taken here as well: it would resume a second time. */
	sigprocmask(SIG_BLOCK, &both, NULL);
	sigaction(SIGTSTP, &ours, NULL);
	came(SIGTSTP);
	came(SIGCONT);
	screen_resume();
	fit(l);
	l->dirty = true;
}

static void obey(struct loop *l, enum tui_result r)
{
	drop_mark(l);
	switch (r) {
	case TUI_NONE:
		return;
	case TUI_WANT:
		ask(l);
		return;
	case TUI_MARK:
		take_mark(l);
		return;
	case TUI_THEME:
		screen_theme(l->t->light);
		break;
	case TUI_SUSPEND:
		suspend(l);
		return;
	case TUI_EXPORT:
		export(l);
		return;
	case TUI_COPY:
		copy(l);
		return;
	case TUI_CANCEL:
		l->ops->cancel(l->ops->ctx);
		break;
	case TUI_QUIT:
		l->done = true;
		return;
	case TUI_DRAW:
		break;
	}
	l->dirty = true;
}

/* --- what comes ------------------------------------------------------------------------------- */

static void end(struct loop *l, int sig)
{
	l->done = true;
	l->status = 128 + sig;
}

static void take_signals(struct loop *l)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (came(ends[i]))
			end(l, ends[i]);
	if (l->done)
		return;
	if (came(SIGTSTP))
		suspend(l);
	else if (came(SIGCONT)) {
		/* Stopped by what cannot be caught: the terminal was somebody else's. */
		screen_resume();
		l->dirty = true;
		fit(l);
	}
	if (came(SIGWINCH))
		fit(l);
}

static void take_input(struct loop *l)
{
	u64 since = now_ms();
	const int *text;
	struct mouse m;
	size_t n;
	int key;

	l->input_left = true;
	while (!l->done && now_ms() - since < INPUT_MS) {
		switch (screen_next(&key, &m)) {
		case SCREEN_NONE:
			l->input_left = false;
			return;
		case SCREEN_EOF:
			end(l, SIGHUP);
			return;
		case SCREEN_MOUSE:
			obey(l, tui_mouse(l->t, &m));
			break;
		case SCREEN_PASTE:
			n = screen_pasted(&text);
			obey(l, tui_paste(l->t, text, n));
			break;
		case SCREEN_KEY:
			obey(l, tui_key(l->t, key));
			break;
		}
	}
}

static void take_snapshot(struct loop *l)
{
	struct snapshot *s = l->ops->take(l->ops->ctx), *old = l->newest;
	const char *progress = l->ops->progress(l->ops->ctx);
	enum tui_result r;

	if (strcmp(progress, l->t->progress.p ? l->t->progress.p : "")) {
		buf_clear(&l->t->progress);
		buf_addstr(&l->t->progress, progress);
		l->dirty = true;
	}
	if (!s)
		return;
	r = tui_snapshot(l->t, s);
	l->newest = s;
	if (old != l->mark)
		snapshot_free(old);
	drop_mark(l);
	obey(l, r);
	tui_news_age(l->t);
}

/* --- the loop --------------------------------------------------------------------------------- */

static void draw(struct loop *l)
{
	canvas_clear(&l->canvas);
	tui_draw(l->t, &l->canvas);
	screen_show(&l->canvas);
	l->dirty = false;
	l->drawn = now_ms();
}

/** Waits for anything; when a picture is due, not longer than until then. */
static void wait_for_it(struct loop *l)
{
	u64 since = now_ms() - l->drawn;
	struct timespec left = { 0 };

	if (l->dirty && since < FRAME_MS && !l->input_left)
		left.tv_nsec = (long)(FRAME_MS - since) * 1000000;
	if (ppoll(l->fds, ARRAY_SIZE(l->fds), l->dirty || l->input_left ? &left : NULL,
		  &open_mask) < 0)
		l->fds[0].revents = l->fds[1].revents = 0;
}

int loop_run(struct tui *t, const struct loop_ops *ops, int tty)
{
	struct loop l = { .t = t, .ops = ops, .dirty = true };

	l.fds[0] = (struct pollfd){ .fd = tty, .events = POLLIN };
	l.fds[1] = (struct pollfd){ .fd = ops->fd, .events = POLLIN };
	canvas_init(&l.canvas, screen_width(), screen_height(), t->ascii, t->mono);
	fit(&l);
	ask(&l);
	while (!l.done) {
		if (l.dirty && now_ms() - l.drawn >= FRAME_MS)
			draw(&l);
		wait_for_it(&l);
		take_signals(&l);
		if (!l.done && (l.fds[0].revents || l.input_left))
			take_input(&l);
		if (!l.done && l.fds[1].revents)
			take_snapshot(&l);
	}
	t->snap = t->mark = NULL;
	if (l.mark != l.newest)
		snapshot_free(l.mark);
	snapshot_free(l.newest);
	canvas_release(&l.canvas);
	return l.status;
}
