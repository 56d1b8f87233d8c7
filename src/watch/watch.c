/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread beside a viewer, and what passes between the two: a want one way, snapshots and a line
 * of progress the other. The lock is held only while pointers and small structs are copied.
 */
#include "watch.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "target.h"

/**
 * How much nicer the thread is than its viewer (Linux has that for each thread). With two busy
 * loops on two processors it takes a third off the longest waits for a key; 10 would take little
 * more, and makes a reading three times as long there.
 */
#define NICER 5

struct watch {
	struct options o;
	struct source *src;
	struct target *target; /**< the thread's alone */
	pthread_t thread;
	int fd;	  /**< tells the viewer */
	int wake; /**< tells the thread */

	/* Asked at every step of a reading: no lock for them. */
	atomic_bool ending;
	atomic_uint wants;   /**< how often the want was set */
	atomic_uint targets; /**< how often it named another target */
	atomic_uint cancels;
	/** What of these the thread has seen. */
	struct {
		unsigned wants, targets, cancels;
	} seen;

	pthread_mutex_t lock; /**< for what follows */
	struct want want;
	struct snapshot *ready; /**< finished and not fetched yet */
	char progress[64];

	char shown[64]; /**< watch_progress()'s answer: the viewer's alone */
};

static void tell(int fd)
{
	u64 one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void hush(int fd)
{
	u64 n;

	while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}

/* --- the thread ------------------------------------------------------------------------------- */

static void publish(void *ctx, struct snapshot *s)
{
	struct watch *w = ctx;
	struct snapshot *old;

	pthread_mutex_lock(&w->lock);
	old = w->ready;
	/* Nobody is to take another target's picture for that of the one now wanted. */
	if (w->targets != w->seen.targets) {
		old = s;
		s = w->ready;
	}
	w->ready = s;
	pthread_mutex_unlock(&w->lock);
	snapshot_free(old);
	tell(w->fd);
}

static void progress(void *ctx, const char *text)
{
	struct watch *w = ctx;
	bool changed;

	pthread_mutex_lock(&w->lock);
	changed = strcmp(w->progress, text) != 0;
	snprintf(w->progress, sizeof(w->progress), "%s", text);
	pthread_mutex_unlock(&w->lock);
	if (changed)
		tell(w->fd);
}

static bool stop(void *ctx)
{
	struct watch *w = ctx;

	return w->ending || w->cancels != w->seen.cancels || w->targets != w->seen.targets;
}

static void get_want(struct watch *w, struct want *ret, bool begin)
{
	pthread_mutex_lock(&w->lock);
	*ret = w->want;
	w->seen.wants = w->wants;
	if (begin)
		w->seen.targets = w->targets;
	pthread_mutex_unlock(&w->lock);
}

static bool newer(void *ctx, struct want *ret)
{
	struct watch *w = ctx;

	if (w->wants == w->seen.wants)
		return false;
	get_want(w, ret, false);
	return true;
}

/** Until the next round is due, or somebody tells. */
static void wait_for_work(struct watch *w)
{
	u64 due = target_due(w->target), now = live_usec();
	struct pollfd p = { .fd = w->wake, .events = POLLIN };
	int ms = -1;

	if (due != UINT64_MAX)
		ms = due <= now ? 0 : (int)MIN((due - now + 999) / 1000, (u64)3600 * 1000);
	poll(&p, 1, ms);
	hush(w->wake);
}

static void *run(void *arg)
{
	struct watch *w = arg;
	bool first = true;
	struct want want;

	for (;;) {
		wait_for_work(w);
		if (w->ending)
			return NULL;
		if (!w->wants)
			continue;
		w->seen.cancels = w->cancels;
		get_want(w, &want, true);
		target_round(w->target, &want);
		progress(w, "");
		/* The first picture is waited for; from then on the viewer's keys are. */
		if (first)
			(void)!nice(NICER);
		first = false;
	}
}

/* --- the viewer's side ------------------------------------------------------------------------ */

static int start_thread(struct watch *w)
{
	sigset_t all, before;
	int err;

	/* Signals are the viewer's: none may interrupt the thread in its stead. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}

static void watch_free(struct watch *w)
{
	if (w->target)
		target_free(w->target);
	if (w->src)
		source_close(w->src);
	snapshot_free(w->ready);
	if (w->fd >= 0)
		close(w->fd);
	if (w->wake >= 0)
		close(w->wake);
	pthread_mutex_destroy(&w->lock);
	free(w);
}

int watch_start(const struct options *o, struct watch **ret)
{
	struct watch *w = xcalloc(1, sizeof(*w));
	struct target_ops ops = {
		.ctx = w, .publish = publish, .progress = progress, .stop = stop, .newer = newer
	};
	int err;

	w->o = *o;
	w->o.view = VIEW_MAP;
	/* Would go to the terminal that the viewer draws on. */
	w->o.debug = false;
	pthread_mutex_init(&w->lock, NULL);
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = w->fd < 0 || w->wake < 0 ? -errno : source_open(&w->o, &w->src);
	if (!err) {
		w->target = target_new(w->src, &ops);
		err = start_thread(w);
	}
	if (err)
		watch_free(w);
	else
		*ret = w;
	return err;
}

void watch_stop(struct watch *w)
{
	w->ending = true;
	tell(w->wake);
	pthread_join(w->thread, NULL);
	watch_free(w);
}

int watch_fd(const struct watch *w)
{
	return w->fd;
}

void watch_want(struct watch *w, const struct want *want)
{
	struct snapshot *old = NULL;

	pthread_mutex_lock(&w->lock);
	if (w->want.pid != want->pid || w->want.kernel != want->kernel) {
		w->targets++;
		old = w->ready;
		w->ready = NULL;
	}
	w->want = *want;
	w->wants++;
	pthread_mutex_unlock(&w->lock);
	snapshot_free(old);
	tell(w->wake);
}

struct snapshot *watch_take(struct watch *w)
{
	struct snapshot *s;

	hush(w->fd);
	pthread_mutex_lock(&w->lock);
	s = w->ready;
	w->ready = NULL;
	pthread_mutex_unlock(&w->lock);
	return s;
}

const char *watch_progress(struct watch *w)
{
	pthread_mutex_lock(&w->lock);
	snprintf(w->shown, sizeof(w->shown), "%s", w->progress);
	pthread_mutex_unlock(&w->lock);
	return w->shown;
}

void watch_cancel(struct watch *w)
{
	w->cancels++;
}
