/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the physical side, file by file, and says of each that was closed what it would have told.
 */
#include "phys.h"

#include <errno.h>
#include <string.h>

/** Times that zones, orders and meminfo are read until they agree. */
#define TRIES 3

static void note(struct space *s, const char *source, int err, enum root_cap cap, const char *gives)
{
	bool refused = err == -EACCES || err == -EPERM;

	space_note(s, err == -ENOENT || err == -ENOTDIR ? NOTE_ABSENT : NOTE_CLOSED, source, -err,
		   refused ? root_cap_name(cap) : NULL, "%s", gives);
}

static void read_iomem(struct root *r, struct space *s, struct phys *p, struct buf *b)
{
	int err = root_slurp(r, "proc/iomem", ROOT_CAP_ADMIN, b);

	if (err) {
		note(s, "iomem", err, ROOT_CAP_ADMIN, "what the physical addresses are");
		return;
	}
	if (!phys_parse_iomem(p, b->p, b->len))
		space_note(s, NOTE_CONFLICT, "iomem", 0, NULL, "no line of it is a resource");
	else if (p->dropped)
		space_note(s, NOTE_CONFLICT, "iomem", 0, NULL,
			   "%zu lines left out that overlap, leave their parent or are none",
			   p->dropped);
	if (p->iomem == IOMEM_ZEROS)
		space_note(s, NOTE_CLOSED, "iomem", 0, root_cap_name(ROOT_CAP_ADMIN),
			   "zeros for all addresses: RAM is drawn as the zones span it, devices "
			   "are missing");
}

/** Do free pages agree in the three files? True, too, where one of them is missing. */
static bool agree(const struct phys *p)
{
	struct fig mem = counters_get(p, &p->meminfo, "MemFree");
	u64 pages = 0;

	for (size_t i = 0; i < p->nzones; i++) {
		struct fig buddy = zone_buddy_free(&p->zones[i]), free = p->zones[i].free;

		if (buddy.have && free.have && buddy.v != free.v)
			return false;
		pages += free.v;
	}
	return !mem.have || !p->nzones || mem.v == pages * p->page_size;
}

/** One after the other with nothing between, so that little happens meanwhile. */
static void read_counters(struct root *r, struct phys *p, struct buf b[3], int err[3])
{
	static const char *const paths[] = { "proc/zoneinfo", "proc/buddyinfo", "proc/meminfo" };

	for (unsigned i = 0; i < 3; i++)
		err[i] = root_slurp(r, paths[i], ROOT_CAP_NONE, &b[i]);
	phys_forget_zones(p);
	p->meminfo.n = 0;
	if (!err[0])
		phys_parse_zoneinfo(p, b[0].p, b[0].len);
	if (!err[1])
		phys_parse_buddyinfo(p, b[1].p, b[1].len);
	if (!err[2])
		phys_parse_meminfo(p, &p->meminfo, b[2].p, b[2].len);
}

static void read_zones(struct root *r, struct space *s, struct phys *p)
{
	struct buf b[3];
	int err[3];

	for (unsigned i = 0; i < 3; i++)
		buf_init(&b[i]);
	for (unsigned i = 0; i < TRIES; i++) {
		read_counters(r, p, b, err);
		if (!root_is_live(r) || agree(p))
			break;
	}
	if (err[0])
		note(s, "zoneinfo", err[0], ROOT_CAP_NONE, "zones, watermarks, lists");
	else if (!p->nzones)
		space_note(s, NOTE_CONFLICT, "zoneinfo", 0, NULL, "it names no zone");
	if (err[1])
		note(s, "buddyinfo", err[1], ROOT_CAP_NONE, "free blocks by order");
	if (err[2])
		note(s, "meminfo", err[2], ROOT_CAP_NONE, "totals");
	for (unsigned i = 0; i < 3; i++)
		buf_release(&b[i]);
}

void phys_read(struct root *r, struct space *s, struct phys *p)
{
	struct buf b;
	int err;

	buf_init(&b);
	read_iomem(r, s, p, &b);
	read_zones(r, s, p);
	phys_read_nodes(r, p);
	err = root_slurp(r, "proc/pagetypeinfo", ROOT_CAP_DAC, &b);
	if (err)
		note(s, "pagetypeinfo", err, ROOT_CAP_DAC, "free blocks by migrate type");
	else
		phys_parse_pagetypeinfo(p, b.p, b.len);
	err = root_slurp(r, "proc/vmstat", ROOT_CAP_NONE, &b);
	if (err)
		note(s, "vmstat", err, ROOT_CAP_NONE, "scan, steal and refault counters");
	else
		phys_parse_vmstat(p, &p->vmstat, b.p, b.len);
	phys_read_pools(r, p);
	phys_read_swap(r, p);
	phys_read_lru_gen(r, p);
	buf_release(&b);
}
