/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Has the memory of a process changed? Two small files say so in some 10 us: statm (how much is
 * mapped, how much is resident) and stat (page faults of all its threads).
 *
 * What moves neither: mprotect(), unmapping as much as is mapped anew, moving a mapping, renaming
 * anonymous memory. Only maps tells, which costs half a microsecond a mapping; how often that is
 * worth it is for the caller to say.
 */
#include "proc.h"
#include "pid_parse.h"

#include <errno.h>

#include "../model/snapshot.h"

void statm_parse(const char *text, size_t len, u32 page_size, struct vitals *ret)
{
	const char *p = text, *end = text + len;
	u64 size, rss;

	ret->size = ret->rss = (struct fig){ 0 };
	/* Figures end in a blank: a number that was cut off is another number. */
	if (!parse_dec(&p, end, &size) || p == end || *p++ != ' ' || !parse_dec(&p, end, &rss) ||
	    p == end || *p != ' ')
		return;
	/* All zeros: no mm (fs/proc/array.c, proc_pid_statm(), 6.18). */
	if (!size || !page_size || size > UINT64_MAX / page_size || rss > UINT64_MAX / page_size)
		return;
	ret->size = FIG(size * page_size);
	ret->rss = FIG(rss * page_size);
}

int vitals_read(struct piddir *d, u32 page_size, struct vitals *ret)
{
	struct pid_stat st = { 0 };
	struct buf b;
	int err;

	*ret = (struct vitals){ .usec = live_usec() };
	buf_init(&b);
	err = piddir_slurp(d, "stat", ROOT_CAP_NONE, &b);
	if (!err && pid_stat_parse(b.p, b.len, &st)) {
		ret->minflt = st.minflt;
		ret->majflt = st.majflt;
	}
	if (err != -ESRCH && !piddir_slurp(d, "statm", ROOT_CAP_NONE, &b))
		statm_parse(b.p, b.len, page_size, ret);
	buf_release(&b);
	if (err == -ENOENT && root_is_live(piddir_root(d)))
		err = -ESRCH;
	/* A leader that has exited may leave threads, through one of which statm is read then. */
	if ((st.state == 'Z' || st.state == 'X') && !ret->size.have)
		err = -ESRCH;
	return err == -ESRCH ? err : 0;
}
