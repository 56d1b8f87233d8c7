/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --ptes and --kernel-ptes. */
#include "show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "kernel/ptwalk.h"
#include "proc/pages.h"
#include "render/ptes.h"

/** What reading the kernel's memory by BPF came to, as it was noted. */
static const struct note *bpf_note(const struct space *s)
{
	for (size_t i = 0; i < s->nnotes; i++)
		if (s->notes[i].source && !strcmp(s->notes[i].source, "bpf"))
			return &s->notes[i];
	return NULL;
}

static void say_no_bpf(const struct app *app, const struct space *s)
{
	const struct note *n = bpf_note(s);

	if (!app->o->bpf)
		fputs("--bpf reads it by a BPF program (CAP_BPF with CAP_PERFMON, or "
		      "CAP_SYS_ADMIN, opens it)\n",
		      stderr);
	else if (n && n->err)
		fprintf(stderr, "--bpf: %s%s\n", strerror(n->err),
			n->cap ? " (CAP_BPF with CAP_PERFMON, or CAP_SYS_ADMIN, opens it)" : "");
	else
		fprintf(stderr, "--bpf: %s\n", n && n->text ? n->text : "of no use");
}

/** What opens kernel memory, where nothing did. */
static enum exit_status no_memory(const struct app *app, const struct space *s, const char *what)
{
	const struct ksrc_status *kcore = &source_facts(app->src)->status[KSRC_KCORE];

	fprintf(stderr, "procmap: %s: ", what);
	if (app->o->root) {
		fputs("a recorded tree has no kernel memory\n", stderr);
		return STATUS_FAILED;
	}
	fprintf(stderr, "kernel memory cannot be read: /proc/kcore: %s; ",
		kcore->state == KSRC_ABSENT ? "not built into this kernel"
		: kcore->err		    ? strerror(kcore->err)
					    : "of no use");
	say_no_bpf(app, s);
	return STATUS_FAILED;
}

/** Why there are no page tables of the kernel to show. */
static enum exit_status no_tables(const struct app *app, const struct space *s, int err)
{
	static const char what[] = "the kernel's page tables";

	if (app->o->root) {
		fprintf(stderr,
			"procmap: %s: a recorded tree has no kernel memory, and this one no dump "
			"of them: %s/sys/kernel/debug/page_tables/kernel: %s\n",
			what, app->o->root, strerror(-err));
		return STATUS_FAILED;
	}
	if (!source_kmem(app->src))
		return no_memory(app, s, what);
	if (source_facts(app->src)->memory.pgd.have)
		return show_failed(what, err);
	fprintf(stderr,
		"procmap: %s: where they begin is not known: neither VMCOREINFO nor kallsyms has "
		"swapper_pg_dir\n",
		what);
	return STATUS_FAILED;
}

enum exit_status show_kernel_ptes(struct app *app, struct space *s)
{
	struct pt_ranges ranges;
	int err = source_kernel_ptes(app->src, s, &ranges);

	app_read_all(app);
	if (!err) {
		kernel_apply_ptes(source_facts(app->src), s, &ranges);
		render_kernel_ptes(s, &ranges, &app->v, app_sink(app));
	}
	pt_ranges_release(&ranges);
	if (!err)
		return STATUS_OK;
	return no_tables(app, s, err);
}

/** What is walked: what was asked for, else the user half. */
static struct range wanted(const struct app *app, const struct space *s,
			   const struct pt_format *format)
{
	struct range r = { 0, format->low_last };

	if (app->o->have_limit)
		return app->v.limit;
	if (s->user.last && s->user.last < r.last)
		r.last = s->user.last;
	return r;
}

/** What went wrong with some tables, for the footer and for --strict. */
static void note_tables(struct app *app, struct space *s, const struct pt_walk *w)
{
	struct pt_walk again = { 0 };

	if (w->tables.unreadable)
		space_note(s, NOTE_CLOSED, PT_SOURCE, 0, NULL, "%llu could not be read",
			   (unsigned long long)w->tables.unreadable);
	if (w->tables.changed)
		space_note(s, NOTE_CHANGED, PT_SOURCE, 0, NULL, "%llu were given up meanwhile",
			   (unsigned long long)w->tables.changed);
	/* The top table is freed with the mm: what was read after that is of someone else. */
	if (source_prepare_ptes(app->src, s, &again) || again.root != w->root)
		space_note(s, NOTE_CHANGED, PT_SOURCE, 0, NULL,
			   "the process ended, or executed another program");
}

static enum exit_status walk(struct app *app, struct space *s, struct pt_walk *w,
			     const struct places *places)
{
	const struct pt_format *format = w->format;
	struct ptes_view *view = ptes_view_new(s, places, &app->v, app_sink(app));
	struct pt_merger merger = {
		.space = s, .filter = app->v.filter, .emit = ptes_view_run, .ctx = view
	};
	u64 start = live_usec();
	int err, last;

	w->range = wanted(app, s, format);
	w->fn = pt_merger_entry;
	w->table = pt_merger_table;
	w->ctx = &merger;
	err = pt_walk(w);
	last = pt_merger_end(&merger);
	err = err ? err : last;
	note_tables(app, s, w);
	app_read_all(app);
	ptes_view_end(view,
		      &(struct ptes_walked){ .merger = &merger,
					     .tables = &w->tables,
					     .level_names = format->level_names,
					     .levels = format->levels,
					     .source = kmem_source(source_kmem(app->src)),
					     .usec = live_usec() - start,
					     .whole = !app->o->have_limit && !app->v.filter });
	pt_merger_release(&merger);
	/* run() answers for the sink. */
	return err < 0 && !app->out.err ? show_failed("page tables", err) : STATUS_OK;
}

/** Why there is no way to the tables of the process. */
static enum exit_status no_mm(int err)
{
	if (err != -ENOTSUP && err != -ESRCH)
		return show_failed("page tables", err);
	fprintf(stderr, "procmap: page tables: %s\n",
		err == -ESRCH ? "the process has no memory (any more)"
			      : "no BTF of this kernel, so no way to a process's mm");
	return STATUS_FAILED;
}

enum exit_status show_ptes(struct app *app, struct space *s)
{
	struct pt_format format;
	struct pt_walk w = { .format = &format };
	struct places places;
	enum exit_status status;
	int err;

	if (!source_kmem(app->src))
		return no_memory(app, s, "page tables");
	if (!pt_format_for(source_facts(app->src), s, &format))
		return show_failed("page tables", -ENOTSUP);
	err = source_prepare_ptes(app->src, s, &w);
	if (err)
		return no_mm(err);
	source_places(app->src, s, &places);
	status = walk(app, s, &w, &places);
	places_release(&places);
	return status;
}
