/* SPDX-License-Identifier: GPL-2.0-or-later */
/** READERS for --explain: what files say of one address, one frame, one symbol. */
#ifndef PROCMAP_PROC_EXPLAIN_H
#define PROCMAP_PROC_EXPLAIN_H

#include "pages.h"
#include "../model/explain.h"

/**
 * The addresses of the symbol asked for become places, `plus` added. 0 even if there are none;
 * -errno when kallsyms cannot be read, or not to its end.
 */
int explain_find_symbol(struct root *r, struct explain *e);
/**
 * The symbols around every place that has an address; without kallsyms, or zeros in it, none. 0 or
 * -errno; -ECANCELED: they may be others.
 */
int explain_read_symbols(struct root *r, const struct space *s, struct explain *e);
/** The tree of iomem. */
void explain_read_iomem(struct root *r, struct explain *e);
/** Flags, map count, cgroup, zone and node of the frame of every place that has one. */
void explain_read_frames(struct root *r, struct space *s, struct explain *e);

/** The inode of a frame's cgroup, 0: none; unknown where kpagecgroup is not readable. */
struct fig explain_frame_cgroup(struct root *r, u64 pfn);

/** A symbol of kallsyms. */
struct ksymbol {
	u64 addr;
	char type;
	const char *name, *module; /**< inside the line, not terminated */
	size_t len, module_len;	   /**< module_len 0: vmlinux itself */
};

/** Takes one line of kallsyms, without its newline, apart; false if it is none. For tests. */
bool ksymbol_parse(const char *line, size_t len, struct ksymbol *ret);

#endif
