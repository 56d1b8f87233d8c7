/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The kernel's own dump of its page tables in debugfs (CONFIG_PTDUMP_DEBUGFS and its like).
 */
#ifndef PROCMAP_PTDUMP_H
#define PROCMAP_PTDUMP_H

#include "ksrc.h"
#include "../model/ptes.h"

/** Whose dump it is: each architecture writes its own. */
enum ptdump_form { PTDUMP_X86, PTDUMP_ARM64, PTDUMP_ARM, PTDUMP_RISCV, PTDUMP_NFORMS };

/** What the text leaves out. */
struct ptdump_host {
	enum ptdump_form form;
	u32 page_size;
	u8 levels;
	bool pat; /**< x86: Linux set the PAT, so PWT alone is write-combining */
};

/** Ranges from the kernel's half up, `first` the lowest address wanted. Any bytes; what makes no
 * sense is skipped. READ, or DAMAGED when no line parses. */
enum ksrc_state ptdump_parse(const char *text, size_t len, const struct ptdump_host *h, u64 first,
			     struct pt_ranges *ret);

/** Reads it; 0, -ENOENT where debugfs has none, -ENODATA when it makes no sense, else why. */
int ptdump_read(struct root *r, const struct space *s, const struct kfacts *k,
		struct pt_ranges *ret);

#endif
