/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <stdio.h>
#include <stdlib.h>

#include "proc/ksrc.h"
#include "proc/pages.h"
#include "proc/phys.h"

/** What a frame costs: the kernel looks at its struct page (measured on 6.18, 2.x GHz). */
#define FRAME_NS 70

/** The pieces that have frames, as the reader wants them; the caller frees it. */
static struct frame_part *make_parts(const struct phys *p, size_t *n)
{
	struct frame_part *parts = xcalloc(p->npieces + 1, sizeof(*parts));

	*n = 0;
	for (size_t i = 0; i < p->npieces; i++) {
		const struct piece *pc = &p->pieces[i];

		if (pc->frames.nslices)
			parts[(*n)++] = (struct frame_part){ .first = pc->frames.first,
							     .last = pc->frames.last,
							     .every = pc->every };
	}
	return parts;
}

static void sweep(struct app *app, struct space *s, struct phys *p)
{
	u64 plan = phys_plan(p, app->o->verbose), since = live_usec();
	struct frame_part *parts;
	struct phys_sweep w;
	size_t n;

	if (app->o->debug)
		fprintf(stderr,
			"procmap: frames: %llu of %llu to read, about %llu ms in one thread\n",
			(unsigned long long)plan, (unsigned long long)phys_frames(p),
			(unsigned long long)(plan / 1000 * FRAME_NS / 1000));
	parts = make_parts(p, &n);
	phys_sweep_begin(&w, p);
	if (n && source_read_frames(app->src, s, parts, n, phys_sweep_run, &w) >= 0)
		phys_sweep_end(&w);
	free(parts);
	if (app->o->debug)
		fprintf(stderr, "procmap: %-22s %8.3f ms\n", "frames",
			(double)(live_usec() - since) / 1000);
}

static void mark_process(struct app *app, struct space *s, struct phys *p)
{
	u64 since = live_usec();

	phys_mark_begin(p);
	/* Notes say what was closed; there is no more to say than that. */
	source_walk_filtered(app->src, s, RANGE_ALL, WALK_FLAGS, phys_mark_pages, p);
	if (app->o->debug)
		fprintf(stderr, "procmap: %-22s %8.3f ms\n", "pages of the process",
			(double)(live_usec() - since) / 1000);
}

enum exit_status show_phys(struct app *app, struct space *s)
{
	u64 since = live_usec();
	struct phys p;

	phys_init(&p, s->host.page_size);
	p.phys_bits = source_facts(app->src)->cpu.phys_bits;
	phys_read(source_root(app->src), s, &p);
	s->host.nnodes = (u32)p.nnodes;
	phys_layout(&p, app->v.limit);
	if (app->o->debug)
		fprintf(stderr, "procmap: %-22s %8.3f ms\n", "ranges, zones, pools",
			(double)(live_usec() - since) / 1000);
	sweep(app, s, &p);
	if (s->proc.pid && s->no_user == USER_HERE)
		mark_process(app, s, &p);
	app_read_all(app);
	render_phys(s, &p, &app->v, app_sink(app));
	phys_release(&p);
	return STATUS_OK;
}
