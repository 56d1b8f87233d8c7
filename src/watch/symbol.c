/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A place by its name: a symbol of the mapped files, each of which that is known to be ELF is asked
 * for it; a symbol of the kernel; a physical address, which the direct map has.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../elf/elf.h"
#include "../kernel/kernel.h"
#include "../proc/explain.h"
#include "parts.h"

/* --- symbols of files ------------------------------------------------------------------------- */

/** The address of the symbol in one object. */
static bool find_in_object(struct source *src, const struct space *s, const struct object *o,
			   const char *name, u64 *addr, bool *global)
{
	const struct vma *v = &s->vmas[o->vma];
	enum file_state state;
	int fd, err;

	if (o->image >= s->nimages || o->bias_state != BIAS_KNOWN ||
	    mapped_file_open(source_dir(src), v, strtab_get(&s->names, v->name), FILE_POLICY_LOCAL,
			     &state, &fd))
		return false;
	err = image_symbol_named(fd, &s->images[o->image], name, addr, global);
	close(fd);
	if (err)
		return false;
	*addr += o->bias;
	return space_find_vma(s, *addr) != NO_INDEX;
}

static void find_in_files(struct source *src, const struct snapshot *snap, const char *name,
			  const struct stopper *stop, struct symbol_answer *ret)
{
	const struct space *s = &snap->space;

	if (!s->nimages)
		return;
	if (!elf_available())
		ret->refused = "built without libelf";
	else if (snap->state != SNAP_LIVE || !source_dir(src))
		ret->refused = "its files cannot be read any more";
	/* The lowest object is the executable, as a rule: its symbols come before all others. */
	for (size_t i = 0; i < s->nobjects && !ret->refused && !stopped(stop); i++) {
		bool global;
		u64 addr;

		if (!find_in_object(src, s, &s->objects[i], name, &addr, &global))
			continue;
		if (!ret->addr.have || global)
			ret->addr = FIG(addr);
		ret->kernel = false;
		if (global)
			break;
	}
}

/* --- symbols of the kernel -------------------------------------------------------------------- */

/** Why kallsyms was not read, by the errno (negative) of it. */
static const char *kallsyms_refused(const struct source *src, int err)
{
	if (err == -ENOENT)
		return root_is_live(source_root(src)) ? "this kernel has no kallsyms"
						      : "kallsyms was not recorded";
	if (err == -ECANCELED)
		return "kallsyms was not read to its end";
	return err == -EACCES || err == -EPERM ? "kallsyms is closed to us"
					       : "kallsyms cannot be read";
}

/** Who the addresses are hidden from (kernel/ksyms_common.c, kallsyms_show_value(), 6.18). */
static const char *why_zeros(const struct source *src)
{
	const struct fig *kptr = &source_facts(src)->kptr_restrict;

	return kptr->have && kptr->v >= 2 ? "kptr_restrict hides its address from everyone"
					  : "kallsyms shows zeros: needs CAP_SYSLOG";
}

/** Those below the half are per-CPU offsets (x86_64 up to 6.14) and constants. */
static void take_places(const struct source *src, const struct space *s, const struct explain *e,
			struct symbol_answer *ret)
{
	for (size_t i = 0; i < e->nplaces; i++) {
		const struct explain_place *p = &e->places[i];

		if (!p->va.have)
			ret->kernel_refused = why_zeros(src);
		else if (s->kernel.last && !range_has(s->kernel, p->va.v))
			ret->kernel_refused = "it is a per-CPU offset or a constant, no address";
		else if (ret->addr.have)
			ret->more++;
		else
			ret->addr = FIG(p->va.v);
	}
	ret->kernel = e->nplaces;
	ret->more += ret->addr.have ? e->more : 0;
}

static void find_in_kernel(struct source *src, const struct snapshot *snap,
			   const struct explain_ask *ask, struct symbol_answer *ret)
{
	struct explain e;
	int err;

	explain_init(&e, snap->space.host.page_size);
	e.ask = *ask;
	e.ask.plus = 0;
	err = explain_find_symbol(source_root(src), &e);
	if (err)
		ret->kernel_refused = kallsyms_refused(src, err);
	else
		take_places(src, &snap->space, &e, ret);
	explain_release(&e);
}

/* --- physical addresses ----------------------------------------------------------------------- */

/** Is the frame RAM, as iomem says, else its flags? */
static struct fig is_ram(struct source *src, struct space *s, u64 pa)
{
	const struct kfacts *k = source_facts(src);
	struct page_rec rec = { .pm = PM_PRESENT | pa / s->host.page_size };
	struct fig ram = { 0 };
	struct flag_sets sets;

	if (k->status[KSRC_IOMEM].state == KSRC_READ && k->iomem.nram && !k->iomem.dropped) {
		for (size_t i = 0; i < k->iomem.nram; i++)
			if (range_has(k->iomem.ram[i], pa))
				return FIG(1);
		return FIG(0);
	}
	flag_sets_init(&sets);
	if (!frames_ask(source_root(src), s, &rec, NULL, 1, WALK_FLAGS, &sets) &&
	    rec.flags != FLAGS_UNKNOWN)
		ram = FIG(!(sets.words[rec.flags] >> KPF_NOPAGE & 1));
	flag_sets_release(&sets);
	return ram;
}

static void find_physical(struct source *src, struct snapshot *snap, const struct explain_ask *ask,
			  struct symbol_answer *ret)
{
	struct space *s = &snap->space;
	u64 unit = ask->form == EXPLAIN_PFN ? s->host.page_size : 1;
	struct explain_place p = { 0 };
	struct explain e;

	/* A pagemap entry has 55 bits for a frame; no machine has as many. */
	if (!unit || ask->v > UINT64_MAX / unit ||
	    PM_PFN(ask->v * unit / s->host.page_size) != ask->v * unit / s->host.page_size) {
		ret->kernel_refused = "no machine has such a frame";
		return;
	}
	p.pa = (struct known){ ask->v * unit, true, CONF_EXACT, "asked for" };
	explain_init(&e, s->host.page_size);
	kernel_translations(source_facts(src), s, &e);
	explain_translate(&e, s, &p);
	if (p.direct.have && p.direct.conf <= CONF_DEFAULT) {
		ret->addr = FIG(p.direct.v);
		ret->conf = p.direct.conf;
		ret->source = p.direct.source;
		ret->kernel = true;
		ret->ram = is_ram(src, s, p.pa.v);
	} else if (p.no_direct) {
		ret->kernel_refused = "the direct map does not reach so far";
	} else {
		ret->kernel_refused = s->kernel.last
					      ? "where the direct map begins is not known exactly"
					      : "the kernel half was not read";
	}
	explain_release(&e);
}

/* ---------------------------------------------------------------------------------------------- */

static void find(struct source *src, struct snapshot *snap, const struct want *w,
		 const struct stopper *stop, struct symbol_answer *ret)
{
	struct explain_ask ask;
	char name[SYMBOL_MAX];

	/* What it takes for an address, or cannot read, may be a name all the same. */
	if (!explain_parse(w->symbol, snap->space.host.bits, &ask) || ask.form == EXPLAIN_ADDR)
		ask = (struct explain_ask){ .form = EXPLAIN_SYMBOL,
					    .name = w->symbol,
					    .len = strlen(w->symbol) };
	if (ask.form != EXPLAIN_SYMBOL) {
		find_physical(src, snap, &ask, ret);
		return;
	}
	memcpy(name, ask.name, ask.len);
	name[ask.len] = '\0';
	if (w->symbol_kernel)
		find_in_kernel(src, snap, &ask, ret);
	if (!ret->addr.have)
		find_in_files(src, snap, name, stop, ret);
	if (!ret->addr.have && !w->symbol_kernel && !stopped(stop))
		find_in_kernel(src, snap, &ask, ret);
	if (ret->addr.have)
		ret->addr.v += ask.plus;
}

void watch_symbol(struct source *src, struct snapshot *snap, const struct want *w,
		  const struct stopper *stop)
{
	struct symbol_answer a = { .serial = w->symbol_serial };

	find(src, snap, w, stop, &a);
	snap->symbol = a;
}
