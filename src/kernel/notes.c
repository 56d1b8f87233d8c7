/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of the regions and of the kernel in the same words on every architecture. */
#include "arch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What the piece of a note begins with that tells page sizes. */
#define PAGES_OF "pages of "

struct size_words size_words(u64 bytes)
{
	struct size_words ret;

	size_text(ret.t, bytes);
	return ret;
}

struct size_words size_told(const struct space *s, u64 bytes)
{
	struct size_words ret = size_words(bytes);

	if (s->exact_sizes)
		snprintf(ret.t, sizeof(ret.t), "%llu", (unsigned long long)bytes);
	return ret;
}

bool config_is(struct fig option, bool on)
{
	return option.have && !option.v == !on;
}

/** The areas of vmallocinfo that lie inside; false when their addresses are not known. */
static bool areas_in(const struct kfacts *k, struct range in, u64 *count, u64 *bytes)
{
	const struct kvmalloc *v = &k->vmalloc;

	*count = *bytes = 0;
	if (k->status[KSRC_VMALLOCINFO].state != KSRC_READ)
		return false;
	for (size_t i = 0; i < v->nareas; i++) {
		if (v->areas[i].unpurged ||
		    !range_inside((struct range){ v->areas[i].first, v->areas[i].last }, in))
			continue;
		++*count;
		*bytes += v->areas[i].last - v->areas[i].first + 1;
	}
	return true;
}

/** The pages that vmalloc() allocated, those of modules among them. */
static struct fig vmalloc_pages(const struct kfacts *k, const struct space *s)
{
	const struct kvmalloc *v = &k->vmalloc;
	u64 page = s->host.page_size;

	/* VmallocUsed says 0 up to 5.2; the areas' own numbers then do. */
	if (k->mem.vmalloc_used.have)
		return k->mem.vmalloc_used;
	if (v->pages && !v->cut && page && v->pages < UINT64_MAX / page)
		return FIG(v->pages * page);
	return (struct fig){ 0 };
}

void note_vmalloc(const struct kfacts *k, const struct space *s, struct region *r)
{
	struct fig pages = vmalloc_pages(k, s);
	struct buf b = { 0 };
	u64 count, bytes;
	bool real;

	if (!r)
		return;
	real = areas_in(k, (struct range){ r->first, r->last }, &count, &bytes);
	if (!real) {
		count = k->vmalloc.count;
		bytes = k->vmalloc.bytes;
	}
	if (count && k->vmalloc.cut)
		buf_addf(&b, "more than %llu areas", (unsigned long long)count);
	else if (count)
		buf_addf(&b, "areas %s with guard pages (%llu)", size_told(s, bytes).t,
			 (unsigned long long)count);
	if (pages.have)
		buf_addf(&b, "%spages %s", b.len ? ", " : "", size_told(s, pages.v).t);
	if (b.len)
		region_note(r, "%s", b.p);
	buf_release(&b);
	if (real ? !pages.have : !count)
		return;
	/* Elsewhere code of BPF, and modules for which there is no room, may be in vmalloc. */
	if (machine_is("x86_64", s->host.machine))
		region_note(r,
			    "%s modules and BPF code counted too, which lie in the modules' region",
			    real ? "pages of" : "areas of");
	else
		region_note(r, "%s modules and BPF counted too", real ? "pages of" : "areas of");
}

void note_direct_pages(const struct kfacts *k, const struct space *s, struct region *r, u64 most)
{
	const struct kmeminfo *m = &k->mem;
	const struct {
		const char *name;
		const struct fig *fig;
	} sizes[] = { { "4K", &m->direct_4k },
		      { "2M", &m->direct_2m },
		      { "4M", &m->direct_4m },
		      { "1G", &m->direct_1g } };
	struct buf b = { 0 };
	bool fits = true;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!sizes[i].fig->have)
			continue;
		buf_addf(&b, "%s%s %s", b.len ? ", " : "", sizes[i].name,
			 size_told(s, sizes[i].fig->v).t);
		fits = fits && sizes[i].fig->v <= most;
		most -= MIN(most, sizes[i].fig->v);
	}
	if (b.len)
		region_note(r, PAGES_OF "%s (meminfo%s)", b.p,
			    fits ? "" : ", whose counters do not fit");
	buf_release(&b);
}

void drop_direct_pages(struct region *r)
{
	size_t len = strlen(PAGES_OF);

	for (char *p = r->note, *end; p && *p; p = end) {
		end = strstr(p, "; ");
		end = end ? end + 2 : p + strlen(p);
		if (strncmp(p, PAGES_OF, len))
			continue;
		memmove(p, end, strlen(end) + 1);
		/* The last piece leaves the separator of the one before. */
		if (!*p && p > r->note)
			p[-2] = '\0';
		if (!*r->note) {
			free(r->note);
			r->note = NULL;
		}
		return;
	}
}

void note_modules(const struct kfacts *k, struct region *r)
{
	const struct kmodules *m = &k->modules;
	const struct ksrc_status *st = &k->status[KSRC_MODULES];
	u64 count, bytes;

	if (!r)
		return;
	if (config_is(k->config.modules, false))
		region_note(r, "CONFIG_MODULES off: code of BPF and ftrace only");
	else if (st->state == KSRC_ABSENT)
		region_note(r, "no /proc/modules: code of BPF and ftrace only");
	else if ((st->state == KSRC_READ || st->state == KSRC_ZEROS) && m->count)
		region_note(r, "%llu module%s", (unsigned long long)m->count,
			    m->count == 1 ? "" : "s");
	else if (st->state == KSRC_READ)
		region_note(r, "no modules loaded");
	if (m->count)
		r->used = FIG(m->bytes);
	if (areas_in(k, (struct range){ r->first, r->last }, &count, &bytes) && count) {
		r->used = FIG(bytes);
		region_note(r, "%llu area%s", (unsigned long long)count, count == 1 ? "" : "s");
	}
}

static void fact_closed(const struct kfacts *k, struct space *s)
{
	static const char *const lockdown[] = {
		[LOCKDOWN_NONE] = "lockdown: none",
		[LOCKDOWN_INTEGRITY] = "lockdown: integrity (kcore and BPF still read)",
		[LOCKDOWN_CONFIDENTIALITY] = "lockdown: confidentiality (closes kcore, BPF reads"
					     " and tracing)",
	};
	static const char *const kptr[] = {
		("kptr_restrict 0: kallsyms needs CAP_SYSLOG or perf_event_paranoid below 2;"
		 " vmallocinfo is hashed"),
		"kptr_restrict 1: addresses are shown to CAP_SYSLOG",
		"kptr_restrict 2: addresses are shown to nobody",
	};

	if (k->lockdown != LOCKDOWN_UNKNOWN)
		space_add_fact(s, "lockdown", "%s", lockdown[k->lockdown]);
	if (k->kptr_restrict.have)
		space_add_fact(s, "kptr_restrict", "%s", kptr[MIN(k->kptr_restrict.v, 2)]);
}

static void fact_memory(const struct kfacts *k, struct space *s)
{
	const struct kmeminfo *m = &k->mem;
	const struct {
		const char *name;
		const struct fig *fig;
	} items[] = { { "slab", &m->slab },
		      { "page tables", &m->page_tables },
		      { "kernel stacks", &m->kernel_stack },
		      { "per-CPU data", &m->percpu } };
	struct buf b = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		if (items[i].fig->have)
			buf_addf(&b, "%s%s %s", b.len ? ", " : "", items[i].name,
				 size_told(s, items[i].fig->v).t);
	if (b.len)
		space_add_fact(s, "meminfo", "kernel memory: %s", b.p);
	buf_release(&b);
}

void facts_common(const struct kfacts *k, struct space *s)
{
	fact_closed(k, s);
	fact_memory(k, s);
}
