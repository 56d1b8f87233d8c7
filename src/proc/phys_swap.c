/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Swap areas (mm/swapfile.c), zram devices and zswap. */
#include "phys.h"

#include <stdlib.h>
#include <string.h>

#include "pid_parse.h"
#include "places.h"

/** "/dev/vda2   partition  1048572  0  -2"; KiB. */
static bool swap_line(struct phys *p, struct slice line, struct swap_device *ret)
{
	const char *at = line.p, *end = line.p + line.len;
	struct slice path, type;
	u64 size, used, priority;
	char *plain;
	bool minus;

	if (!next_word(&at, end, &path))
		return false;
	skip_blanks(&at, end);
	if (!next_word(&at, end, &type) ||
	    (!slice_is(type, "file") && !slice_is(type, "partition")))
		return false;
	skip_blanks(&at, end);
	if (!parse_dec(&at, end, &size) || size >> 54)
		return false;
	*ret = (struct swap_device){ .size = FIG(size << 10) };
	plain = places_unescape(path.p, path.len);
	ret->path = phys_name(p, plain, strlen(plain));
	free(plain);
	ret->type = phys_name(p, type.p, type.len);
	skip_blanks(&at, end);
	if (!parse_dec(&at, end, &used) || used >> 54)
		return true;
	ret->used = FIG(used << 10);
	skip_blanks(&at, end);
	minus = at < end && *at == '-';
	at += minus;
	/* A short (include/linux/swap.h). */
	if (parse_dec(&at, end, &priority) && priority <= 32768)
		ret->priority = FIG(minus ? 0 - priority : priority);
	return true;
}

void phys_parse_swaps(struct phys *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct slice line;

	while (next_line(&at, end, &line)) {
		struct swap_device d;

		if (!swap_line(p, line, &d))
			continue;
		GROW(p->swaps, p->nswaps, p->cap_swaps);
		p->swaps[p->nswaps++] = d;
	}
}

void phys_parse_zram(struct zram_device *z, const char *text, size_t len)
{
	/* Documentation/admin-guide/blockdev/zram.rst */
	struct fig *const figs[] = { &z->stored, &z->compressed, &z->used, &z->limit,
				     &z->used_max };
	const char *p = text, *end = text + len;

	for (size_t i = 0; i < ARRAY_SIZE(figs); i++) {
		u64 v;

		skip_blanks(&p, end);
		if (!parse_dec(&p, end, &v))
			return;
		*figs[i] = FIG(v);
	}
}

/** "lzo [lz4] zstd": the one in brackets. */
static u32 chosen(struct phys *p, const char *text, size_t len)
{
	const char *open = memchr(text, '[', len), *close;

	if (!open)
		return 0;
	open++;
	close = memchr(open, ']', len - (size_t)(open - text));
	return close ? phys_name(p, open, (size_t)(close - open)) : 0;
}

static void read_zram(struct root *r, struct phys *p, const char *name, struct buf *b)
{
	char *path = xasprintf("sys/block/%s/disksize", name);
	struct zram_device z = { .disk = root_number(r, path) };

	free(path);
	/* One that was never set up holds nothing. */
	if (!z.disk.have || !z.disk.v)
		return;
	z.name = phys_name(p, name, strlen(name));
	path = xasprintf("sys/block/%s/mm_stat", name);
	if (!root_slurp(r, path, ROOT_CAP_NONE, b))
		phys_parse_zram(&z, b->p, b->len);
	free(path);
	path = xasprintf("sys/block/%s/comp_algorithm", name);
	if (!root_slurp(r, path, ROOT_CAP_NONE, b))
		z.algorithm = chosen(p, b->p, b->len);
	free(path);
	GROW(p->zrams, p->nzrams, p->cap_zrams);
	p->zrams[p->nzrams++] = z;
}

static void read_zswap(struct root *r, struct phys *p, struct buf *b)
{
	static const char dir[] = "sys/module/zswap/parameters";
	char *path = xasprintf("%s/enabled", dir);
	size_t n;

	if (!root_slurp(r, path, ROOT_CAP_NONE, b) && b->len)
		p->zswap.enabled = FIG(b->p[0] == 'Y');
	free(path);
	path = xasprintf("%s/compressor", dir);
	if (!root_slurp(r, path, ROOT_CAP_NONE, b)) {
		n = b->len && b->p[b->len - 1] == '\n' ? b->len - 1 : b->len;
		p->zswap.compressor = phys_name(p, b->p, n);
	}
	free(path);
	path = xasprintf("%s/max_pool_percent", dir);
	p->zswap.max_percent = root_number(r, path);
	free(path);
}

void phys_read_swap(struct root *r, struct phys *p)
{
	struct buf b;
	char **names;
	size_t n;

	buf_init(&b);
	if (!root_slurp(r, "proc/swaps", ROOT_CAP_NONE, &b))
		phys_parse_swaps(p, b.p, b.len);
	if (!root_list(r, "sys/block", ROOT_CAP_NONE, &names, &n)) {
		for (size_t i = 0; i < n; i++)
			if (!strncmp(names[i], "zram", 4))
				read_zram(r, p, names[i], &b);
		names_free(names, n);
	}
	read_zswap(r, p, &b);
	buf_release(&b);
}
