/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Made targets for the tests of the browser: a recorded tree, or the small server of demo_space.h,
 * plus edits that say how it differs from that. world_read() answers a struct want with a new
 * snapshot, as the watch would of a live process.
 */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "edits.h"
#include "watch/parts.h"

/* --- readings --------------------------------------------------------------------------------- */

/** Objects and roles anew, with the images that were found before. */
static inline void regroup(struct space *s)
{
	s->nmarks = s->nwarnings = 0;
	for (size_t i = 0; i < s->nvmas; i++) {
		s->vmas[i].object = NO_INDEX;
		s->vmas[i].role = ROLE_NONE;
	}
	for (size_t i = 0; i < s->nthreads; i++)
		s->threads[i].vma = NO_INDEX;
	space_group(s);
	for (size_t i = 0; i < s->nobjects; i++) {
		const struct vma *v = &s->vmas[s->objects[i].vma];

		for (size_t k = 0; v->inode && k < s->nimages; k++)
			if (v->inode == s->images[k].inode)
				s->objects[i].image = (u32)k;
	}
	space_classify(s);
}

/** The pages of the demo: those its bars show. */
static inline void demo_pages(struct made_pages *m, const struct space *s)
{
	for (size_t i = 0; i < s->nvmas; i++) {
		const struct vma *v = &s->vmas[i];
		u64 pages = range_size(vma_range(v)) / m->page_size;

		for (u64 k = 0; v->slices != NO_INDEX && k < v->nslices; k++) {
			u64 from = k * pages / v->nslices, to = (k + 1) * pages / v->nslices;
			enum page_state st = SLICE_STATE((u8)s->slices.p[v->slices + k]);

			if (to > from && st != PS_ABSENT)
				made_set(m, run_of_state(v->first + from * m->page_size, to - from,
							 st, m->page_size));
		}
	}
}

/** Part by part, as the watch does it. */
static inline void read_process(struct reading *r, bool inside)
{
	struct source *src = r->w->src;
	struct space *s = &r->s->space;
	pid_t tgid = 0;

	space_release(s);
	source_hold(src, r->w->pid, &tgid);
	source_begin(src, tgid, r->w->pid, s);
	source_refresh_user(src, s, true);
	source_refresh_pages(src, s, NULL);
	source_refresh_kernel(src, s, inside);
	source_refresh_details(src, s, NULL, true);
}

/** The kernel alone, of the demo. */
static inline void drop_user_half(struct space *s)
{
	space_clear_vmas(s);
	s->no_user = USER_NOT_ASKED;
	s->user = (struct range){ 0 };
	s->proc.pid = s->proc.tid = 0;
}

static inline void read_target(struct reading *r, const struct want *want)
{
	struct snapshot *s = r->s;

	if (r->w->demo) {
		space_release(&s->space);
		demo_space(&s->space, r->w->kaslr);
		if (want->kernel)
			drop_user_half(&s->space);
	} else if (r->w->src && r->w->pid) {
		read_process(r, want->kernel_inside);
	} else if (r->w->src) {
		source_fill(r->w->src, 0, &s->space);
	}
	r->pages.page_size = s->space.host.page_size ? s->space.host.page_size : 4096;
	s->have_smaps = s->space.nvmas != 0;
	s->kernel_inside = s->space.kmap != NULL;
	if (r->w->demo)
		demo_pages(&r->pages, &s->space);
	else if (r->w->src && source_dir(r->w->src))
		source_places(r->w->src, &s->space, &s->places);
}

/** Bytes that tell where they are: text, zeroes and all else. */
static inline void make_bytes(struct page_detail *d, u32 page_size)
{
	d->nbytes = page_size;
	d->bytes = xcalloc(1, page_size);
	for (u32 i = 0; i < page_size; i++)
		d->bytes[i] = (u8)(i % 64 < 32 ? (d->addr >> 12) + i : 0);
	memcpy(d->bytes, "procmap \033[31m\xe6\x97\xa5", 16);
}

static inline void read_page(struct reading *r, const struct want *want)
{
	struct page_detail *d = &r->s->page;
	u64 pfn;

	made_page(&r->pages, want->page - want->page % r->pages.page_size, d);
	d->addr = want->page;
	d->in_kernel = r->s->space.kernel.last && range_has(r->s->space.kernel, want->page);
	d->have_cgroup = d->pm & PM_PRESENT && PM_PFN(d->pm);
	pfn = PM_PFN(d->pm);
	if (d->pm & PM_PRESENT && pfn) {
		d->direct = FIG(0xffff888000000000 + pfn * r->pages.page_size);
		d->direct_source = "kcore";
	}
	if (!want->page_bytes)
		return;
	if (!(d->pm & PM_PRESENT))
		d->bytes_refused = "not resident; reading would fault it in";
	else if (r->refused)
		d->bytes_refused = r->refused;
	else
		make_bytes(d, r->pages.page_size);
}

/** As many pages a cell as the reading side takes: the least power of two that fits. */
static inline u64 pages_per_cell(const struct want *want, u32 page_size)
{
	u64 pages = (want->grid.last - want->grid.first) / page_size + 1, per = 1;

	if (want->grid_unit)
		return want->grid_unit;
	while (want->grid_cells && (pages + per - 1) / per > want->grid_cells)
		per *= 2;
	return per;
}

static inline bool never(void *ctx)
{
	(void)ctx;
	return false;
}

/** What the watch's own readers make of a recorded tree. */
static inline void read_from_tree(struct reading *r, const struct want *want)
{
	const struct stopper stop = { .stop = never };

	if (want->grid.first || want->grid.last)
		watch_grid(r->w->src, r->s, want, &stop);
	if (want->page_states && r->s->space.nvmas)
		watch_states(r->w->src, r->s, &stop);
	if (want->have_page)
		watch_page(r->w->src, r->s, want);
	if (want->symbol[0])
		watch_symbol(r->w->src, r->s, want, &stop);
}

/** Some symbols there are, in whatever is made, and some RAM in its direct map. */
static inline void made_symbol(const struct want *want, struct symbol_answer *a)
{
	static const struct {
		const char *name;
		struct symbol_answer answer;
	} made[] = {
		{ "made_symbol", { .addr = FIG(0x7f4b20440123) } },
		{ "made_function", { .addr = FIG(0xffffffff82000010), .kernel = true, .more = 2 } },
		{ "made_hidden", { .kernel = true, .kernel_refused = "kallsyms shows zeros" } },
		{ "made_ring", { .kernel_refused = "kallsyms is closed to us" } },
		{ "pa:0x100000",
		  { .addr = FIG(0xffff888000100000),
		    .kernel = true,
		    .conf = CONF_DEFAULT,
		    .source = "boot_params",
		    .ram = FIG(1) } },
		{ "pfn:0xa0",
		  { .addr = FIG(0xffff8880000a0000),
		    .kernel = true,
		    .source = "kcore",
		    .ram = FIG(0) } },
		{ "pfn:999999999", { .kernel_refused = "the direct map does not reach so far" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(made); i++)
		if (!strcmp(want->symbol, made[i].name))
			*a = made[i].answer;
	a->serial = want->symbol_serial;
}

static inline void answer_want(struct reading *r, const struct want *want)
{
	struct snapshot *s = r->s;
	bool frames = s->space.kernel.last && range_has(s->space.kernel, want->grid.first);

	if (r->w->src) {
		read_from_tree(r, want);
		return;
	}
	if (want->grid.first || want->grid.last)
		made_grid(&r->pages, &s->places, want->grid,
			  pages_per_cell(want, r->pages.page_size), want->grid_cells,
			  want->grid_flags, &s->grid);
	s->grid.frames = frames;
	if (want->page_states)
		made_states(&r->pages, &s->pages);
	if (want->have_page)
		read_page(r, want);
	if (want->symbol[0])
		made_symbol(want, &s->symbol);
}

/** What the want asks for, as the target is after all edits; *error: static, of a wrong edit. */
static inline struct snapshot *world_read(struct world *w, const struct want *want,
					  const char **error)
{
	struct reading r = { .w = w, .s = snapshot_new() };
	bool tasks = !want->pid && !want->kernel;

	if (!tasks)
		read_target(&r, want);
	r.s->seq = ++w->seq;
	r.s->usec = w->seq * 1000000;
	r.s->before = w->vitals;
	r.s->vitals = w->vitals;
	r.s->vitals.usec = r.s->usec;
	for (size_t i = 0; i < w->nedits && !r.error; i++) {
		const char *rest = "";
		const struct world_edit *e = edit_of(w->edits[i], &rest);

		if (tasks == (e->apply == edit_task || e->apply == edit_no_list))
			e->apply(&r, rest);
	}
	w->vitals = r.s->vitals;
	if (tasks)
		r.s->state = SNAP_TASKS;
	else if (r.regroup)
		regroup(&r.s->space);
	if (r.s->have_smaps)
		r.s->smaps_usec = r.s->usec - MIN(r.s->usec, r.smaps_age);
	if (!tasks)
		answer_want(&r, want);
	free(r.pages.v);
	if (error)
		*error = r.error;
	return r.s;
}

/* --- worlds ----------------------------------------------------------------------------------- */

static inline void world_release(struct world *w)
{
	if (w->src)
		source_close(w->src);
	free((void *)(uintptr_t)w->o.root);
	options_release(&w->o);
	for (size_t i = 0; i < w->nedits; i++)
		free(w->edits[i]);
	free(w->edits);
	*w = (struct world){ 0 };
}

/** A recorded tree; pid 0: the kernel alone. */
static inline int world_tree(struct world *w, const char *dir, pid_t pid)
{
	int err;

	*w = (struct world){ .pid = pid };
	options_init(&w->o);
	w->o.root = xstrdup(dir);
	w->o.verbose = !pid; /* sections of modules */
	err = source_open(&w->o, &w->src);
	if (err)
		world_release(w);
	return err;
}

static inline void world_demo(struct world *w, bool kaslr)
{
	*w = (struct world){ .demo = true, .kaslr = kaslr, .pid = 4711 };
}

static inline void world_add_edit(struct world *w, const char *line)
{
	GROW(w->edits, w->nedits, w->cap_edits);
	w->edits[w->nedits++] = xstrdup(line);
}

#endif
