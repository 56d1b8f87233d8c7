/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/kernel.h"
#include "model/kmap.h"
#include "proc/pages.h"
#include "terminal.h"

enum exit_status show_failed(const char *what, int err)
{
	fprintf(stderr, "procmap: %s: %s\n", what, strerror(-err));
	return STATUS_FAILED;
}

enum exit_status show_closed(const struct app *app, const char *path, int err)
{
	const char *tree = app->o->root ? app->o->root : "";
	bool cap = !app->o->root && (err == -EACCES || err == -EPERM);

	fprintf(stderr, "procmap: %s/%s: %s%s%s%s\n", tree, path, strerror(-err), cap ? " (" : "",
		cap ? root_cap_name(ROOT_CAP_DAC) : "", cap ? " opens it)" : "");
	return STATUS_FAILED;
}

struct out *app_sink(struct app *app)
{
	int fd;

	if (!app->started) {
		app->pager = terminal_pager(app->o, &fd);
		out_init(&app->out, fd);
		app->started = true;
	}
	return &app->out;
}

void app_read_all(const struct app *app)
{
	if (app->last)
		root_drop_all();
}

/** A page_walk_fn over a struct run_merger. */
static int feed_merger(void *ctx, const struct page_batch *b)
{
	return run_merger_feed(ctx, b);
}

static enum exit_status show_pages(struct app *app, struct space *s)
{
	struct places places;
	struct run_merger merger;
	struct pages_view *view;
	int err;

	source_places(app->src, s, &places);
	view = pages_view_new(s, &places, &app->v, app_sink(app));
	merger = (struct run_merger){ .space = s, .emit = pages_view_run, .ctx = view };
	err = source_walk_filtered(app->src, s, app->v.limit,
				   WALK_FLAGS | WALK_COUNT | WALK_CGROUP | WALK_ABSENT, feed_merger,
				   &merger);
	if (!err)
		err = run_merger_end(&merger);
	app_read_all(app);
	pages_view_end(view);
	places_release(&places);
	/* run() answers for the sink. */
	return err < 0 && !app->out.err ? show_failed("pages", err) : STATUS_OK;
}

static enum exit_status show_page_summary(struct app *app, struct space *s, bool frames)
{
	struct page_summary sum;
	struct page_summary_feed feed = { &sum, s };
	int err;

	page_summary_init(&sum, s, !frames);
	if (frames)
		err = source_walk_frames(app->src, s, WALK_FLAGS, page_summary_add, &feed);
	else
		err = source_walk_filtered(app->src, s, app->v.limit, WALK_FLAGS | WALK_COUNT,
					   page_summary_add, &feed);
	app_read_all(app);
	if (!err)
		render_page_summary(s, &sum, &app->v, app_sink(app));
	page_summary_release(&sum);
	if (err < 0 && frames)
		return show_closed(app, app->o->root ? "proc/frames.txt" : "proc/kpageflags", err);
	return err < 0 ? show_failed("pages", err) : STATUS_OK;
}

static enum exit_status show_vmalloc(struct app *app, struct space *s)
{
	const struct ksrc_status *st = &source_facts(app->src)->status[KSRC_VMALLOCINFO];

	if (st->err)
		return show_closed(app, "proc/vmallocinfo", -st->err);
	if (!s->kmap || !s->kmap->nareas) {
		fputs("procmap: vmallocinfo: it has no areas\n", stderr);
		return STATUS_FAILED;
	}
	app_read_all(app);
	render_vmalloc(s, &app->v, app_sink(app));
	return STATUS_OK;
}

static enum exit_status list_layouts(struct app *app)
{
	struct layouts_view *view = layouts_view_new(&app->v, app_sink(app));
	char *sentences[16], *words;
	struct kvariant variant;
	struct space s;
	size_t n = 0;

	for (size_t i = 0; variant_nth(i, &variant); i++) {
		space_init(&s);
		variant_layout(&variant, &s);
		words = variant_name(&variant, false);
		layouts_view_add(view, words, &s);
		free(words);
		space_release(&s);
	}
	while (n < ARRAY_SIZE(sentences) && (sentences[n] = variant_words(n)))
		n++;
	layouts_view_end(view, sentences, n);
	while (n)
		free(sentences[--n]);
	return STATUS_OK;
}

/** Neither this machine nor a tree has any part in it. */
static enum exit_status show_layout(struct app *app)
{
	struct kvariant variant;
	struct space s;
	char *why;

	app_read_all(app);
	if (!strcmp(app->o->what, "list"))
		return list_layouts(app);
	if (!variant_parse(app->o->what, &variant, &why)) {
		fprintf(stderr, "procmap: --layout=%s: %s\n", app->o->what, why);
		free(why);
		return STATUS_USAGE;
	}
	space_init(&s);
	variant_layout(&variant, &s);
	app->v.user = true;
	app->v.running_as_root = false;
	render_map(&s, &app->v, app_sink(app));
	space_release(&s);
	return STATUS_OK;
}

enum exit_status show(struct app *app, struct space *s)
{
	switch (app->o->view) {
	case VIEW_PAGES:
		return show_pages(app, s);
	case VIEW_PAGE_SUMMARY:
		return show_page_summary(app, s, false);
	case VIEW_FRAMES:
		return show_page_summary(app, s, true);
	case VIEW_PTES:
		return show_ptes(app, s);
	case VIEW_KERNEL_PTES:
		return show_kernel_ptes(app, s);
	case VIEW_VMALLOC:
		return show_vmalloc(app, s);
	case VIEW_LAYOUT:
		return show_layout(app);
	case VIEW_PHYS:
		return show_phys(app, s);
	case VIEW_SLAB:
		return show_slab(app, s);
	case VIEW_EXPLAIN:
		return show_explain(app, s);
	default:
		render_map(s, &app->v, app_sink(app));
		return STATUS_OK;
	}
}
