/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kallsyms is streamed, once to find a symbol and once to find what is around addresses: it is
 * megabytes, and nothing of it need be kept. Modules and BPF come behind vmlinux in it and are in
 * no order, so it is always read to its end.
 */
#include "explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "phys.h"

/* --- kallsyms --------------------------------------------------------------------------------- */

bool ksymbol_parse(const char *line, size_t len, struct ksymbol *ret)
{
	const char *p = line, *end = line + len, *tab;

	*ret = (struct ksymbol){ 0 };
	if (!parse_hex(&p, end, &ret->addr) || end - p < 4 || p[0] != ' ' || p[2] != ' ')
		return false;
	ret->type = p[1];
	ret->name = p + 3;
	tab = memchr(ret->name, '\t', (size_t)(end - ret->name));
	ret->len = (size_t)((tab ? tab : end) - ret->name);
	/* "\t[name]" */
	if (tab && end - tab > 3 && tab[1] == '[' && end[-1] == ']') {
		ret->module = tab + 2;
		ret->module_len = (size_t)(end - 1 - ret->module);
	}
	return ret->len && !memchr(ret->name, '\0', (size_t)(end - ret->name));
}

typedef void ksymbol_fn(void *ctx, const struct ksymbol *sym);

/** Calls fn for every symbol; 0 or -errno, -ECANCELED when a step says so. */
static int scan_symbols(struct root *r, ksymbol_fn *fn, void *ctx)
{
	struct buf b = { 0 };
	ssize_t n;
	int fd, err = root_open(r, "proc/kallsyms", ROOT_CAP_SYSLOG, &fd);

	if (err)
		return err;
	do {
		const char *p, *end, *nl;
		struct ksymbol sym;

		bool stop = root_step(r, 0);

		if (stop)
			errno = ECANCELED;
		n = stop ? -1 : read(fd, buf_reserve(&b, 64 * KIB), 64 * KIB);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		b.len += (size_t)n;
		p = b.p;
		end = b.p + b.len;
		for (; (nl = memchr(p, '\n', (size_t)(end - p))); p = nl + 1)
			if (ksymbol_parse(p, (size_t)(nl - p), &sym))
				fn(ctx, &sym);
		/* A line longer than this is no symbol. */
		b.len = end - p > (ptrdiff_t)(64 * KIB) ? 0 : (size_t)(end - p);
		memmove(b.p, p, b.len);
	} while (true);
	err = n < 0 ? -errno : 0;
	close(fd);
	buf_release(&b);
	return err;
}

struct finder {
	struct explain *e;
	bool real; /**< some address is not zero: zeros are no hidden ones */
};

static void match_name(void *ctx, const struct ksymbol *sym)
{
	struct finder *f = ctx;
	struct explain *e = f->e;
	struct explain_place *p;

	f->real |= sym->addr != 0;
	if (sym->len != e->ask.len || memcmp(sym->name, e->ask.name, sym->len))
		return;
	p = explain_add_place(e);
	if (!p)
		return;
	p->hidden = !sym->addr;
	if (!p->hidden)
		p->va = FIG(sym->addr + e->ask.plus);
}

int explain_find_symbol(struct root *r, struct explain *e)
{
	struct finder f = { .e = e };
	int err = scan_symbols(r, match_name, &f);

	for (size_t i = 0; f.real && i < e->nplaces; i++) {
		struct explain_place *p = &e->places[i];

		if (p->hidden)
			p->va = FIG(e->ask.plus);
		p->hidden = false;
	}
	return err;
}

struct neighbours {
	const struct space *s;
	struct explain *e;
};

static void match_neighbours(void *ctx, const struct ksymbol *sym)
{
	struct neighbours *n = ctx;

	/* Zeros are hidden addresses; what is below the half is a per-CPU offset or a constant. */
	if (!sym->addr || (n->s->kernel.last && sym->addr < n->s->kernel.first))
		return;
	for (size_t i = 0; i < n->e->nplaces; i++)
		if (n->e->places[i].va.have)
			explain_symbol_seen(&n->e->places[i], sym->addr, sym->type, sym->name,
					    sym->len, sym->module, sym->module_len);
}

int explain_read_symbols(struct root *r, const struct space *s, struct explain *e)
{
	struct neighbours n = { s, e };
	bool any = false;
	int err = 0;

	for (size_t i = 0; i < e->nplaces; i++)
		any |= e->places[i].va.have && explain_half(s, e->places[i].va.v) != HALF_USER;
	/* ksrc_read() has said what is wrong with kallsyms if something is. */
	if (any)
		err = scan_symbols(r, match_neighbours, &n);
	for (size_t i = 0; i < e->nplaces; i++)
		explain_symbol_check(s, &e->places[i]);
	return err;
}

/* --- iomem ------------------------------------------------------------------------------------ */

void explain_read_iomem(struct root *r, struct explain *e)
{
	struct buf b = { 0 };

	if (!root_slurp(r, "proc/iomem", ROOT_CAP_ADMIN, &b) && b.len)
		phys_parse_iomem(&e->phys, b.p, b.len);
	buf_release(&b);
}

/* --- frames ----------------------------------------------------------------------------------- */

static int keep_word(void *ctx, u64 pfn, u64 n, u64 word)
{
	struct fig *flags = ctx;

	(void)pfn;
	(void)n;
	*flags = FIG(word);
	return 0;
}

/** Entry `pfn` of 8 bytes; closes the file. */
static struct fig frame_entry(int fd, u64 pfn)
{
	u64 v = 0;
	ssize_t n;

	do
		n = pfn <= INT64_MAX / 8 ? pread(fd, &v, sizeof(v), (off_t)(pfn * 8)) : 0;
	while (n < 0 && errno == EINTR);
	close(fd);
	return n == sizeof(v) ? FIG(v) : (struct fig){ 0 };
}

/** The entry of a frame in a file of 8 bytes a frame. */
static struct fig frame_number(struct root *r, struct space *s, const char *path, const char *name,
			       u64 pfn)
{
	int fd, err = root_open(r, path, ROOT_CAP_DAC, &fd);

	if (err) {
		/* A recorded tree has no such file. */
		if (root_is_live(r))
			space_note(s, err == -ENOENT ? NOTE_ABSENT : NOTE_CLOSED, name, -err,
				   err == -ENOENT ? NULL : root_cap_name(ROOT_CAP_DAC), NULL);
		return (struct fig){ 0 };
	}
	return frame_entry(fd, pfn);
}

struct fig explain_frame_cgroup(struct root *r, u64 pfn)
{
	int fd;

	if (root_open(r, "proc/kpagecgroup", ROOT_CAP_DAC, &fd))
		return (struct fig){ 0 };
	return frame_entry(fd, pfn);
}

static void read_frame(struct root *r, struct space *s, const struct places *places, u64 pfn,
		       struct explain_frame *f)
{
	struct frame_part part = { .first = pfn, .last = pfn };
	const struct zone *z = places_zone(places, pfn);

	f->asked = true;
	frame_read(r, s, &part, 1, 1, keep_word, &f->flags);
	f->count = frame_number(r, s, "proc/kpagecount", "kpagecount", pfn);
	f->cgroup = frame_number(r, s, "proc/kpagecgroup", "kpagecgroup", pfn);
	if (f->cgroup.have && f->cgroup.v) {
		const char *path = places_memcg(places, f->cgroup.v);

		f->cgroup_path = path ? xstrdup(path) : NULL;
	}
	if (z) {
		f->zone = xstrdup(z->name);
		f->node = z->node;
	}
}

void explain_read_frames(struct root *r, struct space *s, struct explain *e)
{
	struct places places = { 0 };
	bool any = false;

	for (size_t i = 0; i < e->nplaces; i++)
		any |= e->places[i].pa.have;
	if (!any)
		return;
	places_read(r, s, &places);
	for (size_t i = 0; i < e->nplaces; i++)
		if (e->places[i].pa.have)
			read_frame(r, s, &places, e->places[i].pa.v / e->phys.page_size,
				   &e->places[i].frame);
	places_release(&places);
}
