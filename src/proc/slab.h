/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * READERS of the slab caches: /proc/slabinfo, /sys/kernel/slab, /proc/meminfo, /proc/allocinfo.
 */
#ifndef PROCMAP_PROC_SLAB_H
#define PROCMAP_PROC_SLAB_H

#include "proc.h"
#include "../model/slab.h"

/**
 * Fills *ret (after slab_init()) and finishes it. `cache` NULL: all caches and allocinfo; else the
 * one of that name, with all its files. Needs s->host. 0; -errno when slabinfo cannot be read,
 * -EBADMSG when it is none, -ENXIO when there is no such cache. Notes for the rest.
 */
int slab_read(struct root *r, struct space *s, const char *cache, struct slab_info *ret);

/* --- the parsers: pure, any bytes --- */

/** slabinfo 2.x, with or without statistics. False when its first line is not that of one. */
bool slabinfo_parse(const char *text, size_t len, struct slab_info *ret);
/** allocinfo 1.x and 2.x. False likewise. */
bool allocinfo_parse(const char *text, size_t len, struct slab_info *ret);

#endif
