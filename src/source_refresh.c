/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of a reading, for who reads one target again and again and wants some of them only.
 * What a part costs, and how often it is worth that, is the caller's business (watch/target.c).
 */
#include "source_parts.h"

#include <errno.h>

#include "model/carry.h"
#include "proc/states.h"

int source_hold(struct source *src, pid_t pid, pid_t *tgid)
{
	struct space s;

	source_let_go(src);
	source_begin(src, 0, 0, &s);
	src->page_size = s.host.page_size;
	space_release(&s);
	*tgid = pid;
	return pid ? piddir_open(src->root, pid, &src->dir, tgid) : 0;
}

void source_begin(struct source *src, pid_t tgid, pid_t pid, struct space *s)
{
	space_init(s);
	root_host(src->root, s);
	s->exact_sizes = src->o->bytes;
	s->proc.pid = tgid;
	s->proc.tid = pid;
}

int source_refresh_user(struct source *src, struct space *s, bool smaps)
{
	int err = process_read(src->dir, s, src->o->environ_values);

	if (err == -ESRCH || s->no_user == USER_ZOMBIE)
		return -ESRCH;
	if (!err && s->no_user == USER_HERE) {
		err = source_read_mappings(src, s, smaps);
		if (err == -ECANCELED)
			return err;
		if (!err && !s->nvmas)
			err = -ESRCH;
	}
	if (err == -ESRCH) {
		source_note_exit(s);
		if (!s->nvmas)
			s->no_user = USER_GONE;
		return err;
	}
	if (err) {
		source_no_maps(src, s, err);
		return err;
	}
	if (src->o->only_kernel)
		s->no_user = USER_NOT_ASKED;
	if (s->no_user == USER_HERE)
		threads_read(src->dir, s, src->o->verbose);
	return 0;
}

void source_deny(struct source *src, struct space *s, int err)
{
	source_no_maps(src, s, err);
}

int source_refresh_pages(struct source *src, struct space *s, struct page_states *states)
{
	if (src->o->no_pages || s->no_user != USER_HERE)
		return 0;
	return scan_read_states(src->dir, s, states);
}

void source_refresh_details(struct source *src, struct space *s, const struct space *old,
			    bool around)
{
	if (s->no_user != USER_HERE)
		return;
	space_group(s);
	if (old)
		space_carry_images(s, old);
	source_read_images(src, s);
	if (old && !around)
		space_carry_surroundings(s, old);
	else
		surroundings_read(src->dir, s);
	space_classify(s);
}

int source_refresh_kernel(struct source *src, struct space *s, bool inside)
{
	enum kernel_depth depth = src->o->only_user ? KERNEL_LIMITS
				  : inside	    ? KERNEL_INSIDE
						    : KERNEL_HALF;
	struct kfacts facts = src->facts;
	struct kmem *kmem = src->kmem;
	int err;

	/* Kept till the new ones are there. */
	src->facts = (struct kfacts){ 0 };
	src->kmem = NULL;
	err = source_read_kernel(src, s, depth);
	if (!err) {
		source_read_frames_of(src, s);
		kmem_close(kmem);
		kfacts_release(&facts);
		return 0;
	}
	source_let_go_kernel(src);
	src->facts = facts;
	src->kmem = kmem;
	return err;
}

int source_identity(struct source *src, struct identity *ret)
{
	return identity_read(src->dir, ret);
}

bool source_have_smaps(const struct space *s)
{
	for (size_t i = 0; i < s->nvmas; i++)
		if (s->vmas[i].have & VMA_HAVE_SMAPS)
			return true;
	return false;
}

int source_vitals(struct source *src, struct vitals *ret)
{
	*ret = (struct vitals){ .usec = live_usec() };
	return src->dir ? vitals_read(src->dir, src->page_size, ret) : -ENODATA;
}
