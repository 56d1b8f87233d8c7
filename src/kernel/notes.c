/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of the regions and of the kernel in the same words on every architecture. */
#include "arch.h"

struct size_words size_words(u64 bytes)
{
	struct size_words ret;

	size_text(ret.t, bytes);
	return ret;
}

bool config_is(struct fig option, bool on)
{
	return option.have && !option.v == !on;
}

bool areas_in(const struct kfacts *k, struct range in, u64 *count, u64 *bytes)
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

void note_vmalloc(const struct kfacts *k, const struct space *s, struct region *r)
{
	const struct kvmalloc *v = &k->vmalloc;
	u64 count, bytes, page = s->host.page_size;
	bool real;

	if (!r)
		return;
	real = areas_in(k, (struct range){ r->first, r->last }, &count, &bytes);
	if (!real) {
		count = v->count;
		bytes = v->bytes;
	}
	if (count && v->cut) {
		region_note(r, "more than %llu areas", (unsigned long long)count);
	} else if (count) {
		r->used = FIG(bytes);
		region_note(r, "%llu area%s with guard pages%s", (unsigned long long)count,
			    count == 1 ? "" : "s",
			    real ? "" : ", those of modules and BPF included");
	}
	/* VmallocUsed says 0 up to 5.2; the areas' own numbers then do. */
	if (k->mem.vmalloc_used.have)
		region_note(r, "%s of pages%s", size_words(k->mem.vmalloc_used.v).t,
			    real ? " with those of modules" : "");
	else if (v->pages && !v->cut && page && v->pages < UINT64_MAX / page)
		region_note(r, "%s of pages%s", size_words(v->pages * page).t,
			    real ? " with those of modules" : "");
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
				 size_words(items[i].fig->v).t);
	if (b.len)
		space_add_fact(s, "meminfo", "kernel memory: %s", b.p);
	buf_release(&b);
}

void facts_common(const struct kfacts *k, struct space *s)
{
	fact_closed(k, s);
	fact_memory(k, s);
}
