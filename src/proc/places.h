/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The parsers behind places_read(), for tests. Others use pages.h.
 */
#ifndef PROCMAP_PLACES_H
#define PROCMAP_PLACES_H

#include "pages.h"

/** Appends the zones of /proc/zoneinfo that span any frames. */
void places_parse_zoneinfo(struct places *p, const char *text, size_t len);
/**
 * A path of which the kernel wrote blank, tab, newline and backslash as \ooo (fs/seq_file.c), as
 * it is. The caller's to free.
 */
char *places_unescape(const char *s, size_t len);
/** Appends the areas of /proc/swaps. */
void places_parse_swaps(struct places *p, const char *text, size_t len);

#endif
