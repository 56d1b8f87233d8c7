/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <stdio.h>
#include <string.h>

#include "kernel/kernel.h"
#include "kernel/ptwalk.h"
#include "proc/explain.h"
#include "render/explain.h"

static int read_table(void *ctx, u64 pa, void *to, size_t len)
{
	return kmem_read_phys(ctx, pa, to, len);
}

static int keep_entry(void *ctx, const struct pt_entry *e)
{
	*(struct pt_entry *)ctx = *e;
	return 1;
}

/** The kernel's own page-table entry of an address, where kernel memory can be read. */
static void read_entry(const struct app *app, const struct pt_format *f, struct space *s,
		       struct explain_place *p)
{
	struct kmem *m = source_kmem(app->src);
	struct pt_walk w = { .format = f,
			     .read = read_table,
			     .read_ctx = m,
			     .root = source_facts(app->src)->memory.pgd.v,
			     .range = { p->va.v, p->va.v },
			     .verify = true,
			     .fn = keep_entry,
			     .ctx = &p->entry };
	int found = pt_walk(&w);
	u64 pa;

	if (found < 0 || w.tables.unreadable || w.tables.changed || w.tables.loops)
		return;
	p->entry_source = kmem_source(m);
	if (!found)
		return;
	p->entry_level = f->level_names[p->entry.level];
	if (!(p->entry.flags & PT_PRESENT))
		return;
	pa = p->entry.pa + (p->va.v - p->entry.va);
	if (p->pa.have && p->pa.v != pa)
		space_note(s, NOTE_CONFLICT, "page tables", 0, NULL,
			   "they map %llx to 0x%llx, %s says 0x%llx", (unsigned long long)p->va.v,
			   (unsigned long long)pa, p->pa.source, (unsigned long long)p->pa.v);
	p->pa = (struct known){ pa, true, CONF_EXACT, "page tables" };
}

static void read_entries(const struct app *app, struct space *s, struct explain *e)
{
	const struct kfacts *k = source_facts(app->src);
	struct pt_format f;

	if (!source_kmem(app->src) || !k->memory.pgd.have || !pt_format_for(k, s, &f))
		return;
	for (size_t i = 0; i < e->nplaces; i++)
		if (e->places[i].va.have && explain_half(s, e->places[i].va.v) == HALF_KERNEL)
			read_entry(app, &f, s, &e->places[i]);
}

static enum exit_status find_places(const struct app *app, struct explain *e)
{
	struct explain_place *p;
	int err;

	if (e->ask.form == EXPLAIN_SYMBOL) {
		err = explain_find_symbol(source_root(app->src), e);
		if (err)
			return show_failed("kallsyms", err);
		if (e->nplaces)
			return STATUS_OK;
		fprintf(stderr, "procmap: kallsyms has no symbol of that name: %.*s\n",
			(int)e->ask.len, e->ask.name);
		return STATUS_FAILED;
	}
	p = explain_add_place(e);
	if (e->ask.form == EXPLAIN_ADDR) {
		p->va = FIG(e->ask.v);
	} else {
		u64 unit = e->ask.form == EXPLAIN_PFN ? e->phys.page_size : 1;

		if (e->ask.v > UINT64_MAX / unit) {
			fputs("procmap: no machine has such a frame\n", stderr);
			return STATUS_USAGE;
		}
		p->pa = (struct known){ .v = e->ask.v * unit, .have = true };
	}
	return STATUS_OK;
}

static enum exit_status not_understood(const char *what)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	bool hex = *what && what[strspn(what, digits)] == '\0';

	fprintf(stderr,
		"procmap: '%s' is nothing to explain: 0xADDR, pa:0xADDR, pfn:N, SYMBOL or "
		"SYMBOL+0xOFFSET%s%s\n",
		what, hex ? "; for the address write 0x" : "", hex ? what : "");
	return STATUS_USAGE;
}

enum exit_status show_explain(struct app *app, struct space *s)
{
	struct root *r = source_root(app->src);
	enum exit_status status;
	struct explain e;

	explain_init(&e, s->host.page_size);
	if (!explain_parse(app->o->what, s->host.bits, &e.ask)) {
		explain_release(&e);
		return not_understood(app->o->what);
	}
	status = find_places(app, &e);
	if (status == STATUS_OK) {
		kernel_translations(source_facts(app->src), s, &e);
		explain_read_iomem(r, &e);
		for (size_t i = 0; i < e.nplaces; i++)
			explain_translate(&e, s, &e.places[i]);
		read_entries(app, s, &e);
		/* What the page tables told has another side, too. */
		for (size_t i = 0; i < e.nplaces; i++)
			explain_translate(&e, s, &e.places[i]);
		/* A physical address in the image has a symbol. */
		for (size_t i = 0; i < e.nplaces; i++)
			if (!e.places[i].va.have && e.places[i].image.have)
				e.places[i].va = FIG(e.places[i].image.v);
		explain_read_symbols(r, s, &e);
		explain_read_frames(r, s, &e);
		explain_keep_notes(&e, s);
		app_read_all(app);
		render_explain(s, &e, &app->v, app_sink(app));
	}
	explain_release(&e);
	return status;
}
