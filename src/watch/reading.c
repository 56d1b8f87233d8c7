/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One reading of a target: what it takes over from the one before, and what may end it amid. */
#include "target_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "../model/sums.h"

/** If smaps takes longer than this, there is a picture without it first. */
#define WORTH_WAITING (20 * MSEC)
/** A reading that takes longer than this is told about. */
#define TELL_AFTER (100 * MSEC)
#define TELL_EVERY (50 * MSEC)
/** How often a long reading looks whether something smaller is wanted meanwhile. */
#define LOOK_EVERY (10 * MSEC)
/** How often a process that executes programs under our hands is read again. */
#define TRIES 3

/** Limits and cgroup are read again with a reading that comes so much later. */
#define AROUND_AFTER (10 * SEC)

/** For a guess at what smaps will cost: a mapping's text, and a page (Linux 6.18, 3 GHz). */
#define SMAPS_NSEC_MAPPING 2400
#define SMAPS_NSEC_PAGE	   50

/* --- steps ------------------------------------------------------------------------------------ */

void step_begin(struct target *t, const char *what, u64 total)
{
	t->step = what;
	t->step_total = total;
	t->step_began = live_usec();
	t->step_cpu = live_cpu_usec();
	t->percent = -1;
}

u64 step_cost(const struct target *t)
{
	return live_cpu_usec() - t->step_cpu;
}

static void tell_step(struct target *t, u64 done)
{
	int percent = t->step_total ? (int)MIN(done * 100 / t->step_total, (u64)99) : 0;
	char text[64];

	if (percent == t->percent)
		return;
	t->percent = percent;
	if (percent)
		snprintf(text, sizeof(text), "%s %d%%", t->step, percent);
	else
		snprintf(text, sizeof(text), "%s", t->step);
	t->ops.progress(t->ops.ctx, text);
}

/** Answers what can be answered while something longer is read: of the reading before. */
static void answer_meanwhile(struct target *t)
{
	struct want w;

	if (!t->have || !t->ops.newer(t->ops.ctx, &w) || !same_target(&w, &t->want))
		return;
	/* Anything else that changed is for the next round. */
	copy_answers(&t->want, &w);
	t->answering = true;
	if (target_answer(t, false))
		target_publish(t);
	t->answering = false;
}

bool target_step(void *ctx, u64 done)
{
	struct target *t = ctx;
	u64 now;

	if (!t->deaf && t->ops.stop(t->ops.ctx))
		return true;
	if (t->answering)
		return false;
	now = live_usec();
	if (now - t->step_began > TELL_AFTER && now - t->told > TELL_EVERY) {
		tell_step(t, done);
		t->told = now;
	}
	if (!t->alone && now - t->looked > LOOK_EVERY) {
		answer_meanwhile(t);
		t->looked = live_usec();
	}
	return false;
}

bool target_stopped(void *ctx)
{
	const struct target *t = ctx;

	return t->ops.stop(t->ops.ctx);
}

/* --- the kernel half -------------------------------------------------------------------------- */

/**
 * The kernel half of *s, in place of the one it has with `renew`. 0, or -ECANCELED: *s and what was
 * read before are as they were.
 */
static int read_kernel(struct target *t, struct space *s, bool inside, bool renew)
{
	struct note_span notes = t->kern_notes;
	struct space kern = t->kern, before;
	int err;

	if (inside)
		space_copy(&before, s);
	if (renew && t->have_kern)
		space_drop_kernel(s, &kern, notes);
	/* Kernel memory is read through the very space it was opened for: that one stays. */
	t->kern = *s;
	t->kern_notes.first = t->kern.nnotes;
	t->deaf = !inside;
	err = source_refresh_kernel(t->src, &t->kern, inside);
	t->deaf = false;
	if (err) {
		space_release(&t->kern);
		t->kern = kern;
		t->kern_notes = notes;
		*s = before;
		return err;
	}
	if (inside)
		space_release(&before);
	if (t->have_kern)
		space_release(&kern);
	t->have_kern = true;
	t->kern_stale = false;
	t->kern_notes.end = t->kern.nnotes;
	space_split(s, &t->kern);
	t->now->kernel_inside = inside;
	return 0;
}

/** Its inside, unless that is broken off: then there are the regions, which takes no time. */
static void read_regions(struct target *t, struct space *s, bool renew)
{
	bool inside = t->want.kernel_inside || !t->want.pid;

	step_begin(t, "kernel", 0);
	if (inside)
		tell_step(t, 0);
	/* What is answered meanwhile would be asked of what is read here. */
	t->alone = true;
	t->now->kernel_cut = inside && read_kernel(t, s, true, renew);
	if (!inside || (t->now->kernel_cut && !(renew && t->have_kern)))
		read_kernel(t, s, false, renew);
	t->alone = false;
}

void reading_kernel(struct target *t, struct space *s)
{
	read_regions(t, s, false);
}

void reading_renew_kernel(struct target *t)
{
	read_regions(t, &t->now->space, true);
	t->fresh = true;
}

void reading_forget_kernel(struct target *t)
{
	if (t->have_kern)
		space_release(&t->kern);
	t->have_kern = t->kern_stale = false;
}

/* --- one reading of a process ------------------------------------------------------------------
 */

/** What smaps will cost. */
static u64 smaps_guess(const struct target *t, const struct space *s)
{
	u64 pages = s->host.page_size ? t->now->vitals.rss.v / s->host.page_size : 0;

	return (s->nvmas * SMAPS_NSEC_MAPPING + pages * SMAPS_NSEC_PAGE) / 1000;
}

bool reading_smaps_soon(const struct target *t, const struct space *s)
{
	return smaps_guess(t, s) <= WORTH_WAITING;
}

void reading_commit(struct target *t, struct space *s)
{
	struct snapshot *now = t->now;

	space_release(&now->space);
	now->space = *s;
	/* Those of the reading before are of other mappings. */
	free(now->pages.runs);
	now->pages = t->scanned;
	t->scanned = (struct page_states){ 0 };
	sums_free(now->sums);
	now->sums = s->no_user == USER_HERE ? sums_new(&now->space) : NULL;
	now->usec = live_usec();
	now->state = s->no_user == USER_DENIED ? SNAP_DENIED : SNAP_LIVE;
	now->have_smaps = source_have_smaps(s);
	now->smaps_partial = now->have_smaps && t->without;
	t->have = t->fresh = true;
}

/** The mappings alone, before anything is looked into; not the reading that others build on. */
static void show_early(struct target *t, const struct space *s)
{
	struct snapshot *early = snapshot_new();

	space_release(&early->space);
	space_copy(&early->space, s);
	space_group(&early->space);
	space_classify(&early->space);
	early->sums = sums_new(&early->space);
	early->vitals = t->now->vitals;
	early->usec = live_usec();
	early->kernel_inside = t->now->kernel_inside;
	early->seq = ++t->seq;
	t->ops.publish(t->ops.ctx, early);
}

/** Mappings and threads; another program than the one before is another picture. */
static int read_mappings(struct target *t, bool smaps, struct space *s)
{
	struct identity id;
	int err = 0;

	source_begin(t->src, t->tgid, t->want.pid, s);
	if (t->live)
		err = source_identity(t->src, &id);
	if (err)
		return -ESRCH;
	if (t->live && t->have_id && !source_same_identity(&id, &t->id)) {
		t->kern_stale = true;
		t->have_id = false;
		t->smaps_due = 0;
	}
	if (t->have_kern && !t->kern_stale)
		space_carry_kernel(s, &t->kern, t->kern_notes);
	step_begin(t, smaps ? "smaps" : "maps", t->now->space.nvmas);
	err = source_refresh_user(t->src, s, smaps);
	if (err == -ECANCELED || err == -ESRCH)
		return err;
	if (smaps) {
		t->smaps_cost = step_cost(t);
		t->smaps_read = live_usec();
	} else {
		t->maps_due = live_usec() + REST_TIMES * step_cost(t);
	}
	if (!t->have_kern || t->kern_stale)
		reading_kernel(t, s);
	if (t->live && !t->have_id)
		t->id = id;
	return 0;
}

static void forget_scanned(struct target *t)
{
	free(t->scanned.runs);
	t->scanned = (struct page_states){ 0 };
}

/** 0 and all that was wanted in *s, or why not; *s is to be released whatever is returned. */
static int read_once(struct target *t, bool smaps, struct space *s)
{
	int err = read_mappings(t, smaps, s);
	const struct space *old = t->have_id || (!t->live && t->have) ? &t->now->space : NULL;
	bool around = !old || live_usec() >= t->around_due;
	u32 page = s->host.page_size;

	if (err || s->no_user != USER_HERE)
		return err;
	if (!old && !smaps && !reading_smaps_soon(t, s))
		show_early(t, s);
	t->without = 0;
	if (!smaps && old && t->now->have_smaps)
		t->without = space_carry_smaps(s, old);
	step_begin(t, "page scan", page ? t->now->vitals.rss.v / page : 0);
	err = source_refresh_pages(t->src, s, t->want.page_states ? &t->scanned : NULL);
	if (err == -ECANCELED)
		return err;
	source_refresh_details(t->src, s, old, around);
	if (around)
		t->around_due = live_usec() + AROUND_AFTER;
	return 0;
}

/** Did it become another program meanwhile? Then nothing of *s fits together. */
static bool has_changed(struct target *t)
{
	struct identity after;

	if (!t->live || source_identity(t->src, &after) || source_same_identity(&after, &t->id))
		return false;
	t->have_id = false;
	t->kern_stale = true;
	return true;
}

/**
 * An mm that went away need not be the process's end: a thread of its own may have executed a
 * program.
 */
static bool has_ended(struct target *t)
{
	struct identity id;

	return !t->live || source_identity(t->src, &id) || id.state == 'Z' || id.state == 'X';
}

void reading_end(struct target *t, struct space *s)
{
	if (t->have) {
		space_release(s);
	} else {
		if (!t->have_kern && s->proc.pid)
			reading_kernel(t, s);
		if (s->nvmas) {
			space_group(s);
			space_classify(s);
		} else if (s->no_user == USER_HERE) {
			s->no_user = USER_GONE;
		}
		reading_commit(t, s);
	}
	t->now->state = SNAP_ENDED;
	/* Its memory goes before it does. */
	if (!t->now->vitals.size.have)
		t->now->vitals = t->now->before;
	t->now->before = t->now->vitals;
}

int reading_refresh(struct target *t, bool smaps)
{
	struct space s;
	int err = 0;

	for (int i = 1;; i++) {
		forget_scanned(t);
		err = read_once(t, smaps, &s);
		if (err == -ESRCH ? has_ended(t) || i == TRIES
				  : err || i == TRIES || !has_changed(t))
			break;
		space_release(&s);
	}
	if (err)
		forget_scanned(t);
	if (err == -ECANCELED) {
		space_release(&s);
		return err;
	}
	if (err) {
		reading_end(t, &s);
		return 0;
	}
	if (has_changed(t))
		space_note(&s, NOTE_CHANGED, "process", 0, NULL,
			   "it executed another program in each of %d readings", TRIES);
	else
		t->have_id = t->live;
	reading_commit(t, &s);
	t->smaps_behind = !smaps;
	if (smaps)
		t->now->smaps_usec = t->smaps_read;
	return 0;
}
