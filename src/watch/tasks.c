/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of processes for the picker, and what is lent from the list before it. */
#include "parts.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../proc/tasks.h"

/**
 * What grows with a process is read again when it is so old, or when its rss has changed by more
 * than this part of it, but not before so many times its own cost has passed: smaps_rollup holds
 * up the target's mmap() while it walks its page tables.
 */
#define LAZY_AGE  (UINT64_C(10) * 1000000)
#define LAZY_PART 20 /* 5 % */
#define LAZY_REST 200

/** One refresh spends no more on them than this, plus the last one: the rest comes with the next.
 */
#define LAZY_BUDGET 200000

/* --- users ------------------------------------------------------------------------------------ */

/**
 * The name of a user as this system has it. The library may ask a directory on the network for it,
 * so each is asked for once and then lent from list to list.
 */
static u32 ask_user(struct tasks *t, u64 uid)
{
	struct passwd pw, *found = NULL;
	struct buf room;
	u32 id;

	buf_init(&room);
	for (size_t n = 1024; n <= 64 * KIB; n *= 2)
		if (getpwuid_r((uid_t)uid, &pw, buf_reserve(&room, n), n, &found) != ERANGE)
			break;
	if (found && found->pw_name) {
		id = strtab_add(&t->names, found->pw_name, strlen(found->pw_name));
	} else {
		buf_clear(&room);
		buf_adddec(&room, uid);
		id = strtab_add(&t->names, room.p, room.len);
	}
	buf_release(&room);
	return id;
}

static bool lend_user(struct tasks *t, const struct tasks *old, u64 uid, u32 *ret)
{
	for (size_t i = 0; old && i < old->n; i++) {
		const char *name = strtab_get(&old->names, old->v[i].user);

		if (!old->v[i].uid.have || old->v[i].uid.v != uid || !*name)
			continue;
		*ret = strtab_add(&t->names, name, strlen(name));
		return true;
	}
	return false;
}

/** The users of one list: few, so they are looked through. */
struct users {
	struct user {
		u64 uid;
		u32 name;
	} * v;
	size_t n, cap;
};

static u32 user_name(struct users *u, struct tasks *t, const struct tasks *old, u64 uid, bool live)
{
	char number[24];
	u32 name;

	for (size_t i = 0; i < u->n; i++)
		if (u->v[i].uid == uid)
			return u->v[i].name;
	if (!live) {
		/* Another machine's numbers mean other people. */
		snprintf(number, sizeof(number), "%llu", (unsigned long long)uid);
		name = strtab_add(&t->names, number, strlen(number));
	} else if (!lend_user(t, old, uid, &name)) {
		name = ask_user(t, uid);
	}
	GROW(u->v, u->n, u->cap);
	u->v[u->n++] = (struct user){ uid, name };
	return name;
}

static void name_users(struct tasks *t, const struct tasks *old, bool live)
{
	struct users u = { 0 };

	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].uid.have)
			t->v[i].user = user_name(&u, t, old, t->v[i].uid.v, live);
	free(u.v);
}

/* --- pss and mappings ------------------------------------------------------------------------- */

/** Both lists rise by PID. */
static void lend_lazy(struct tasks *t, const struct tasks *old)
{
	size_t k = 0;

	for (size_t i = 0; old && i < t->n; i++) {
		while (k < old->n && old->v[k].pid < t->v[i].pid)
			k++;
		if (k == old->n)
			break;
		if (!task_same(&t->v[i], &old->v[k]))
			continue;
		t->v[i].pss = old->v[k].pss;
		t->v[i].mappings = old->v[k].mappings;
		t->v[i].lazy_usec = old->v[k].lazy_usec;
		t->v[i].lazy_cost = old->v[k].lazy_cost;
		t->v[i].lazy_rss = old->v[k].lazy_rss;
	}
}

static bool rss_moved(const struct task *t)
{
	u64 was = t->lazy_rss.v, now = t->rss.v;

	if (t->rss.have != t->lazy_rss.have)
		return true;
	return t->rss.have && MAX(was, now) - MIN(was, now) > was / LAZY_PART;
}

static bool is_due(const struct task *t, u64 now)
{
	u64 age = now - t->lazy_usec;

	if (!t->lazy_usec)
		return true;
	return age >= LAZY_REST * t->lazy_cost && (age >= LAZY_AGE || rss_moved(t));
}

/** False: enough for this refresh. */
static bool read_due(struct source *src, struct task *t, u64 start, const struct stopper *stop)
{
	u64 now = live_usec();

	if (!t || t->err || t->kthread || !is_due(t, now))
		return true;
	if (stopped(stop) || now - start > LAZY_BUDGET)
		return false;
	task_read_lazy(source_root(src), t);
	return true;
}

/** Those that are asked for: first the ones of which nothing is known yet. */
static void read_lazy(struct source *src, struct tasks *t, const struct want *w,
		      const struct stopper *stop)
{
	u64 start = live_usec();

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < ARRAY_SIZE(w->pss) && w->pss[i]; i++) {
			struct task *one = tasks_find(t, w->pss[i]);

			if (one && !one->lazy_usec == !pass && !read_due(src, one, start, stop))
				return;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(w->pss_again) && w->pss_again[i]; i++)
		if (!read_due(src, tasks_find(t, w->pss_again[i]), start, stop))
			return;
}

int watch_tasks(struct source *src, struct snapshot *s, const struct tasks *old,
		const struct want *w, const struct stopper *stop)
{
	struct root *r = source_root(src);
	struct tasks *t = &s->tasks;
	int err;

	if (!s->space.host.page_size)
		root_host(r, &s->space);
	err = tasks_read(r, s->space.host.page_size, t, old, stop ? stop->stop : NULL,
			 stop ? stop->ctx : NULL);
	if (err)
		return err;
	name_users(t, old, root_is_live(r));
	lend_lazy(t, old);
	read_lazy(src, t, w, stop);
	return 0;
}
