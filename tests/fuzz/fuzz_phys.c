/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A made-up machine: iomem, zoneinfo, buddyinfo, pagetypeinfo, meminfo, vmstat, swaps, lru_gen and
 * frames.txt, one after the other with a form feed between. Read, laid out, swept and drawn.
 */
#include <stdlib.h>
#include <string.h>
#include "proc/frames.h"
#include "proc/phys.h"
#include "render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

/** The next part of the input. */
static struct slice section(const char **p, const char *end)
{
	const char *stop = *p < end ? memchr(*p, '\f', (size_t)(end - *p)) : NULL;
	struct slice s = { *p, (size_t)((stop ? stop : end) - *p) };

	*p = stop ? stop + 1 : end;
	return s;
}

static void read_all(struct phys *p, const char **at, const char *end)
{
	struct slice s = section(at, end);

	phys_parse_iomem(p, s.p, s.len);
	s = section(at, end);
	phys_parse_zoneinfo(p, s.p, s.len);
	s = section(at, end);
	phys_parse_buddyinfo(p, s.p, s.len);
	s = section(at, end);
	phys_parse_pagetypeinfo(p, s.p, s.len);
	s = section(at, end);
	phys_parse_meminfo(p, &p->meminfo, s.p, s.len);
	s = section(at, end);
	phys_parse_vmstat(p, &p->vmstat, s.p, s.len);
	s = section(at, end);
	phys_parse_swaps(p, s.p, s.len);
	s = section(at, end);
	phys_parse_lru_gen(p, s.p, s.len);
}

static void sweep(struct phys *p, struct slice text)
{
	struct frame_part *parts = xcalloc(p->npieces + 1, sizeof(*parts));
	struct phys_sweep w;
	size_t n = 0, bad;

	for (size_t i = 0; i < p->npieces; i++)
		if (p->pieces[i].frames.nslices)
			parts[n++] = (struct frame_part){ .first = p->pieces[i].frames.first,
							  .last = p->pieces[i].frames.last };
	phys_sweep_begin(&w, p);
	frames_txt_read(text.p, text.len, parts, n, phys_sweep_run, &w, &bad);
	phys_sweep_end(&w);
	free(parts);
}

static void check_pieces(const struct phys *p)
{
	for (size_t i = 0; i < p->npieces; i++) {
		const struct piece *pc = &p->pieces[i];
		u64 sum = 0;

		must(pc->first <= pc->last);
		must(!i || pc->first > p->pieces[i - 1].last);
		must(pc->zone == NO_INDEX || pc->zone < p->nzones);
		must(pc->res == NO_INDEX || pc->res < p->nresources);
		must(pc->frames.nslices <= PIECE_SLICES);
		for (unsigned st = 0; st < FS_NSTATES; st++)
			sum += pc->frames.state[st];
		must(sum == pc->frames.seen);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data, *end = at + size;
	struct view_opts v = { .width = 20 + (unsigned)size % 120,
			       .ascii = size % 2,
			       .verbose = size % 3 == 0,
			       .bytes = size % 5 == 0,
			       .limit = RANGE_ALL };
	struct space s;
	struct phys p;
	struct out out;

	space_init(&s);
	s.host.page_size = 4096;
	phys_init(&p, 4096);
	read_all(&p, &at, end);
	p.phys_bits = FIG(20 + size % 50);
	phys_layout(&p, RANGE_ALL);
	phys_plan(&p, false);
	sweep(&p, section(&at, end));
	check_pieces(&p);
	/* There is no such descriptor: what is drawn is lost after 64 KiB. */
	out_init(&out, -1);
	render_phys(&s, &p, &v, &out);
	out_end(&out);
	phys_release(&p);
	space_release(&s);
	return 0;
}
