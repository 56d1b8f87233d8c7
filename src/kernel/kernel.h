/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * THE KERNEL HALF: what the sources say (struct kfacts, filled by proc/ksrc.h) -> regions of a
 * space. One file per architecture, one table that names them. Pure: no I/O, so every layout can
 * be tested from made-up facts.
 */
#ifndef PROCMAP_KERNEL_H
#define PROCMAP_KERNEL_H

#include "../model/space.h"
#include "../proc/ksrc.h"

/** Draws up the kernel half of `s` from the facts; adds facts and notes. Never fails: what is not
 * known becomes a region with conf bounds or unknown, or a note. */
void kernel_layout(const struct kfacts *k, struct space *s);

#endif
