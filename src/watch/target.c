/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each interval asks for the vitals (10 us). If they moved, mappings and page counters are read
 * anew: 1 us a mapping, 11 ns a page. What smaps said of mappings that are still the same is kept:
 * smaps stalls the target while it is read, so that it is read as seldom as it is dear. No part
 * takes more than a tenth of a processor; of a target that rests, a thousandth.
 *
 * What the vitals do not show (proc/vitals.c) is found by comparing maps: at each interval where
 * that costs less than a thousandth of it, at 65,000 mappings once a minute.
 */
#include "target_parts.h"

#include <errno.h>
#include <stdlib.h>

/** smaps is read again after so many times its cost, and no sooner than this ... */
#define SMAPS_TIMES 20
#define SMAPS_AFTER (5 * SEC)
/** ... with each reading if it costs less ... */
#define SMAPS_CHEAP (5 * MSEC)
/** ... and while the target rests (Pss depends on others), so seldom. */
#define SREST_TIMES 1000
#define SMAPS_REST  (10 * SEC)

void target_publish(struct target *t)
{
	t->now->seq = ++t->seq;
	t->ops.publish(t->ops.ctx, snapshot_copy(t->now));
}

/* --- when ------------------------------------------------------------------------------------- */

static void smaps_done(struct target *t)
{
	u64 now = live_usec();

	t->smaps_rest_due = now + MAX(SMAPS_REST, SREST_TIMES * t->smaps_cost);
	t->smaps_due = 0;
	if (t->smaps_cost > SMAPS_CHEAP)
		t->smaps_due = now + MAX(SMAPS_AFTER, SMAPS_TIMES * t->smaps_cost);
}

static bool has_user(const struct target *t)
{
	return t->now->state == SNAP_LIVE && t->now->space.no_user == USER_HERE;
}

static int read_smaps(struct target *t)
{
	int err = reading_refresh(t, true);

	/* One that was cancelled was too dear for somebody. */
	if (err)
		t->smaps_cost = MAX(step_cost(t), SMAPS_CHEAP + 1);
	smaps_done(t);
	if (!err) {
		target_answer(t, false);
		target_publish(t);
	}
	return err;
}

/** Mappings and pages; smaps too if it is due, after them where it takes long. */
static void read_moved(struct target *t, bool smaps)
{
	u64 begun = live_cpu_usec();
	bool always = t->smaps_cost && t->smaps_cost <= SMAPS_CHEAP;
	int err = always ? read_smaps(t) : reading_refresh(t, false);
	bool soon;

	t->behind = err != 0;
	t->moving_due = live_usec() + MOVING_TIMES * (live_cpu_usec() - begun);
	if (err || always)
		return;
	smaps = has_user(t) && (smaps || live_usec() >= t->smaps_due);
	soon = smaps && reading_smaps_soon(t, &t->now->space);
	if (soon && !read_smaps(t))
		return;
	/* smaps takes long; or was cancelled, and what waited for it is shown without. */
	target_answer(t, false);
	target_publish(t);
	if (smaps && !soon)
		read_smaps(t);
}

/** maps alone: has anything moved that the vitals do not show? */
static bool maps_moved(struct target *t)
{
	struct space s;
	bool moved;

	source_begin(t->src, t->tgid, t->want.pid, &s);
	step_begin(t, "maps", t->now->space.nvmas);
	moved = !maps_read(source_dir(t->src), &s) && !space_same_mappings(&s, &t->now->space);
	t->maps_due = live_usec() + REST_TIMES * step_cost(t);
	space_release(&s);
	return moved;
}

static bool same_fig(struct fig a, struct fig b)
{
	return a.have == b.have && a.v == b.v;
}

static bool same_vitals(const struct vitals *a, const struct vitals *b)
{
	return same_fig(a->rss, b->rss) && same_fig(a->size, b->size) &&
	       same_fig(a->minflt, b->minflt) && same_fig(a->majflt, b->majflt);
}

/** True: something is to be shown that was not handed over here. */
static bool tick(struct target *t, bool forced, bool smaps_now)
{
	u64 now = live_usec();
	struct vitals v;
	int err = source_vitals(t->src, &v);
	bool moved = !err && !same_vitals(&v, &t->now->vitals);
	bool show = moved || t->moving;

	if (!err) {
		t->now->before = t->now->vitals;
		t->now->vitals = v;
		t->moving = moved;
		t->behind |= moved;
	}
	/* It has ended, or its leader has. */
	forced |= err == -ESRCH;
	if (!forced && !has_user(t))
		return show;
	if (forced || smaps_now || (t->behind && now >= t->moving_due) ||
	    (!t->behind && now >= t->maps_due && maps_moved(t)))
		read_moved(t, smaps_now);
	else if (!t->behind && now >= (t->smaps_behind ? t->smaps_due : t->smaps_rest_due))
		read_smaps(t);
	else
		return show;
	return false;
}

/* --- rounds ----------------------------------------------------------------------------------- */

static void forget(struct target *t)
{
	pid_t none;

	/* First what was read through it. */
	source_hold(t->src, 0, &none);
	reading_forget_kernel(t);
	snapshot_free(t->now);
	t->now = NULL;
	t->have = t->have_id = t->behind = t->smaps_behind = t->moving = t->fresh = t->grid_behind =
		false;
	t->moving_due = t->smaps_due = t->smaps_rest_due = t->maps_due = t->around_due =
		t->places_due = 0;
	t->smaps_cost = t->without = 0;
	t->grid_want = t->page_want = (struct want){ 0 };
}

/** The kernel alone, or a process whose directory is closed to us. */
static void read_no_user(struct target *t, int err)
{
	struct space s;

	source_begin(t->src, t->tgid, t->want.pid, &s);
	if (err)
		source_deny(t->src, &s, err);
	else
		s.no_user = USER_NOT_ASKED;
	reading_kernel(t, &s);
	reading_commit(t, &s);
	target_answer(t, false);
	target_publish(t);
}

static void first_reading(struct target *t)
{
	int err = source_hold(t->src, t->want.pid, &t->tgid);
	struct space s;

	t->now = snapshot_new();
	if (err == -ESRCH) {
		source_begin(t->src, t->want.pid, t->want.pid, &s);
		reading_end(t, &s);
		target_publish(t);
	} else if (err || !t->want.pid) {
		read_no_user(t, err);
	} else {
		source_vitals(t->src, &t->now->vitals);
		read_moved(t, true);
	}
	if (!t->have) {
		/* Cancelled before there was anything to show. */
		snapshot_free(t->now);
		t->now = NULL;
	}
}

/** A process that could not be held: perhaps it can now, or there is another. */
static void begin_again(struct target *t)
{
	forget(t);
	first_reading(t);
}

static void round_target(struct target *t, const struct want *was, bool ticked)
{
	bool forced = t->want.serial != was->serial && t->now->state != SNAP_ENDED;
	bool smaps_now = t->want.smaps_now && (forced || !was->smaps_now);
	/* What was broken off is read when it is asked for anew. */
	bool inside = t->want.kernel_inside && !t->now->kernel_inside &&
		      (!t->now->kernel_cut || !was->kernel_inside);
	bool user = t->want.pid && t->now->state != SNAP_ENDED &&
		    ((ticked && t->live) || forced || smaps_now);
	bool show = false;

	if (forced) {
		t->grid_behind = true;
		t->grid_at = 0;
	}
	/* Its inside takes long; the rest goes with the user half. */
	if (forced && !t->now->kernel_inside && !inside && user)
		reading_renew_kernel(t);
	else
		inside |= forced;
	if (user)
		show = tick(t, forced, smaps_now);
	if (inside) {
		reading_renew_kernel(t);
		show = true;
	}
	show |= target_answer(t, ticked && t->live);
	if (show)
		target_publish(t);
}

void target_round(struct target *t, const struct want *want)
{
	struct want was = t->want;
	u64 now = live_usec(), interval = want->interval_ms * MSEC;
	bool ticked = interval && (now >= t->tick || !was.interval_ms);

	t->want = *want;
	if (!same_target(&was, want))
		forget(t);
	if (ticked || !t->now)
		t->tick = now + interval;
	else if (interval)
		t->tick = MIN(t->tick, now + interval);
	if (!want->pid && !want->kernel)
		target_round_tasks(t, &was, ticked && now >= t->moving_due);
	else if (!t->now)
		first_reading(t);
	else if (want->pid && !source_dir(t->src) && want->serial != was.serial)
		begin_again(t);
	else
		round_target(t, &was, ticked);
}

u64 target_due(const struct target *t)
{
	bool still = t->now && (!t->live || t->now->state == SNAP_ENDED ||
				(t->want.kernel && !wants_grid(&t->want) && !t->want.have_page));

	return t->want.interval_ms && !still ? t->tick : UINT64_MAX;
}

struct target *target_new(struct source *src, const struct target_ops *ops)
{
	struct target *t = xcalloc(1, sizeof(*t));

	t->src = src;
	t->ops = *ops;
	t->live = root_is_live(source_root(src));
	root_on_step(source_root(src), target_step, t);
	return t;
}

void target_free(struct target *t)
{
	forget(t);
	root_on_step(source_root(t->src), NULL, NULL);
	free(t);
}
