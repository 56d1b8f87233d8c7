/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything about one page, of a process or of the kernel half: its entry, what the files about
 * frames say, the addresses of its frame, the symbol it lies in and, if asked for, its bytes.
 */
#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../elf/elf.h"
#include "../kernel/kernel.h"
#include "../kernel/ptwalk.h"
#include "../proc/explain.h"
#include "page.h"

#define WALK_ALL (WALK_FLAGS | WALK_COUNT | WALK_CGROUP | WALK_EXACT)

/* --- the entry and its frame ------------------------------------------------------------------ */

struct one_page {
	struct page_detail *d;
	u64 addr; /**< of the page */
	u32 page_size;
};

static int take_run(void *ctx, const struct page_run *run)
{
	struct one_page *one = ctx;
	struct page_detail *d = one->d;

	if (run->absent ||
	    !range_has(range_of(run->addr, run->addr + run->n * one->page_size), one->addr))
		return 0;
	d->pm = pm_after(run->pm, (one->addr - run->addr) / one->page_size);
	d->have_flags = run->have_flags;
	d->flags = run->flags;
	d->count = run->count;
	d->cgroup = run->cgroup;
	return 0;
}

static int take_batch(void *ctx, const struct page_batch *b)
{
	return run_merger_feed(ctx, b);
}

static int read_entry(struct source *src, struct snapshot *s, u64 addr)
{
	struct one_page one = { &s->page, addr, s->space.host.page_size };
	struct run_merger m = { .space = &s->space, .emit = take_run, .ctx = &one };
	struct range r = { addr, addr + (one.page_size - 1) };
	int err = source_walk_pages(src, &s->space, r, WALK_ALL, take_batch, &m);

	return err ? err : run_merger_end(&m);
}

/** What is known of a kernel address, or of the frame of a page: the addresses it has. */
static void translate(struct source *src, struct snapshot *s, struct explain *e,
		      struct explain_place *p)
{
	struct page_detail *d = &s->page;

	explain_init(e, s->space.host.page_size);
	kernel_translations(source_facts(src), &s->space, e);
	explain_translate(e, &s->space, p);
	if (!p->direct.have || p->direct.conf > CONF_DEFAULT)
		return;
	d->direct = FIG(p->direct.v);
	d->direct_conf = p->direct.conf;
	d->direct_source = p->direct.source;
}

/** The readers of many pages take none and unknown for the same. */
static void find_cgroup(struct source *src, struct page_detail *d)
{
	d->have_cgroup = d->cgroup || (d->pm & PM_PRESENT && PM_PFN(d->pm) &&
				       explain_frame_cgroup(source_root(src), PM_PFN(d->pm)).have);
}

static void find_direct(struct source *src, struct snapshot *s)
{
	struct explain_place p = { 0 };
	struct explain e;

	if (!(s->page.pm & PM_PRESENT) || !PM_PFN(s->page.pm))
		return;
	p.pa = (struct known){ PM_PFN(s->page.pm) * s->space.host.page_size, true, CONF_EXACT,
			       "pagemap" };
	translate(src, s, &e, &p);
	explain_release(&e);
}

/* --- page tables ------------------------------------------------------------------------------ */

static int keep_entry(void *ctx, const struct pt_entry *e)
{
	*(struct pt_entry *)ctx = *e;
	return 1;
}

/** The entry of an address; false where it cannot be told. Nothing mapped: e->size is 0. */
static bool walk_to(struct source *src, struct snapshot *s, u64 addr, bool kernel,
		    struct pt_entry *e, struct pt_format *format)
{
	struct pt_walk w = {
		.format = format, .range = { addr, addr }, .fn = keep_entry, .ctx = e
	};
	int found;

	*e = (struct pt_entry){ 0 };
	if (!source_kmem(src) || !pt_format_for(source_facts(src), &s->space, format))
		return false;
	if (kernel ? source_prepare_kernel_ptes(src, &w) : source_prepare_ptes(src, &s->space, &w))
		return false;
	found = pt_walk(&w);
	return found >= 0 && !w.tables.unreadable && !w.tables.changed && !w.tables.loops;
}

static void put_words(struct page_detail *d, const struct pt_entry *e,
		      const struct pt_format *format)
{
	struct buf b;

	buf_init(&b);
	if (e->size)
		pt_entry_words(&b, e, format->level_names[e->level]);
	else
		buf_addstr(&b, "no entry");
	d->pte = xmemdupz(b.p, b.len);
	buf_release(&b);
}

static void read_user_tables(struct source *src, struct snapshot *s, u64 addr)
{
	struct pt_format format;
	struct pt_entry e;

	if (walk_to(src, s, addr, false, &e, &format))
		put_words(&s->page, &e, &format);
}

/* --- symbols ---------------------------------------------------------------------------------- */

static char *symbol_text(const char *name, size_t len, u64 offset, const char *module)
{
	struct buf b;
	char *text;

	buf_init(&b);
	buf_add(&b, name, len);
	if (offset)
		buf_addf(&b, "+0x%llx", (unsigned long long)offset);
	if (module)
		buf_addf(&b, " [%s]", module);
	text = xmemdupz(b.p, b.len);
	buf_release(&b);
	return text;
}

/** The symbols that begin in a page, which is at `addr` in the file's own addresses. */
static void find_beginning(int fd, struct snapshot *s, const struct image *img, u64 addr)
{
	struct range in = { addr, addr + (s->space.host.page_size - 1) };
	char *name = NULL;
	u64 at, n;

	if (in.last > in.first && !image_symbols_in(fd, img, in, &name, &at, &n))
		s->page.begins = xasprintf("%llu begin%s in this page, %s%s at +0x%llx",
					   (unsigned long long)n, n == 1 ? "s" : "",
					   n == 1 ? "" : "the first ", name,
					   (unsigned long long)(at - addr));
	free(name);
}

/** Of the ELF file behind the object that has the address, where its load bias is known. */
static void find_symbol(struct source *src, struct snapshot *s, const struct vma *v, u64 addr)
{
	const struct space *sp = &s->space;
	const struct object *o = v->object < sp->nobjects ? &sp->objects[v->object] : NULL;
	const struct image *img = o && o->image < sp->nimages ? &sp->images[o->image] : NULL;
	enum file_state state;
	char *name = NULL;
	u64 offset;
	int fd;

	if (!img || o->bias_state != BIAS_KNOWN)
		return;
	v = &sp->vmas[o->vma];
	if (mapped_file_open(source_dir(src), v, strtab_get(&sp->names, v->name), FILE_POLICY_LOCAL,
			     &state, &fd))
		return;
	if (!image_symbol(fd, img, addr - o->bias, &name, &offset))
		s->page.symbol = symbol_text(name, strlen(name), offset, NULL);
	else
		find_beginning(fd, s, img, addr - addr % sp->host.page_size - o->bias);
	free(name);
	close(fd);
}

/* --- bytes ------------------------------------------------------------------------------------ */

#define FRAME(bit) (UINT64_C(1) << (bit))

/** Why a frame with these flags is not read; NULL: it is. */
static const char *frame_refused(const struct page_detail *d)
{
	if (!d->have_flags)
		return NULL;
	if (d->flags & FRAME(KPF_HWPOISON))
		return "poisoned by a memory failure";
	if (d->flags & FRAME(KPF_NOPAGE))
		return "no RAM: a device may act on being read";
	return d->flags & FRAME(KPF_OFFLINE) ? "offline" : NULL;
}

const char *page_bytes_refused(const struct space *s, const struct vma *v,
			       const struct page_detail *d)
{
	static const struct {
		char flag[3];
		const char *why;
	} flags[] = {
		{ "io", "device memory (VM_IO): reading may act on the device" },
		{ "pf", "raw frames (VM_PFNMAP): no ordinary memory" },
		{ "um", "userfaultfd: reading may call on the program that serves it" },
		{ "uw", "userfaultfd: reading may call on the program that serves it" },
		{ "ui", "userfaultfd: reading may call on the program that serves it" },
	};

	if (!v)
		return "no mapping has it";
	if (d->pm & PM_GUARD)
		return "a guard page: reading it would be a fault";
	if (!(d->pm & PM_PRESENT))
		return d->pm & PM_SWAPPED ? "swapped out; reading would bring it in"
					  : "not resident; reading would fault it in";
	if (!(v->have & VMA_HAVE_SMAPS) || !v->vmflags)
		return "smaps of its mapping was not read: whether it is device memory is unknown";
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (space_vma_flag(s, v, flags[i].flag))
			return flags[i].why;
	return frame_refused(d);
}

static const char *bytes_error(int err)
{
	switch (err) {
	case -ENODATA:
		return "contents are not recorded in a tree";
	case -EAGAIN:
		return "it went while it was looked at; reading would fault it in";
	case -ESRCH:
		return "the process has ended";
	case -EACCES:
	case -EPERM:
		return root_has_cap(ROOT_CAP_PTRACE)
			       ? "closed to us although CAP_SYS_PTRACE is held"
			       : "closed to us: CAP_SYS_PTRACE would open it";
	default:
		return "the kernel refuses to read it";
	}
}

/** Keeps the bytes, or says why there are none. */
static void keep_bytes(struct page_detail *d, u8 *bytes, u32 n, int err)
{
	if (err) {
		free(bytes);
		d->bytes_refused = bytes_error(err);
		return;
	}
	d->bytes = bytes;
	d->nbytes = n;
}

static void read_bytes(struct source *src, struct snapshot *s, const struct vma *v, u64 addr)
{
	struct page_detail *d = &s->page;
	u32 n = s->space.host.page_size;
	u8 *bytes;

	d->bytes_refused = page_bytes_refused(&s->space, v, d);
	if (d->bytes_refused)
		return;
	bytes = xmalloc(n);
	keep_bytes(d, bytes, n, page_bytes_read(source_dir(src), &s->space, addr, d->pm, bytes));
}

/* --- a page of the process -------------------------------------------------------------------- */

const char *page_entry_refused(int err)
{
	if (err == -ENOENT)
		return "its pages were not recorded";
	if (err == -ESRCH)
		return "the process has ended";
	if (err != -EACCES && err != -EPERM)
		return "its pagemap cannot be read";
	return root_has_cap(ROOT_CAP_PTRACE)
		       ? "its pagemap is closed to us although CAP_SYS_PTRACE is held"
		       : "its pagemap is closed to us: CAP_SYS_PTRACE would open it";
}

/** Looking for a symbol reads all of a file's table: one that was found is not looked for again. */
static bool symbol_holds(struct page_detail *d, const struct vma *v, struct page_detail *old)
{
	if (!old->symbol_known || old->in_kernel || old->addr != d->addr ||
	    old->symbol_inode != v->inode)
		return false;
	d->symbol = old->symbol;
	d->begins = old->begins;
	old->symbol = old->begins = NULL;
	return true;
}

static void user_page(struct source *src, struct snapshot *s, const struct want *w,
		      struct page_detail *old)
{
	u32 page_size = s->space.host.page_size, i = space_find_vma(&s->space, w->page);
	const struct vma *v = i == NO_INDEX ? NULL : &s->space.vmas[i];
	u64 addr = w->page - w->page % page_size;
	struct page_detail *d = &s->page;
	int err;

	if (!source_dir(src)) {
		d->refused = "its mappings are closed to us";
		return;
	}
	err = read_entry(src, s, addr);
	if (err) {
		d->refused = page_entry_refused(err);
		return;
	}
	d->have = true;
	find_cgroup(src, d);
	find_direct(src, s);
	read_user_tables(src, s, addr);
	if (v && !symbol_holds(d, v, old))
		find_symbol(src, s, v, w->page);
	if (v) {
		d->symbol_known = true;
		d->symbol_inode = v->inode;
	}
	if (w->page_bytes)
		read_bytes(src, s, v, addr);
}

/* --- a page of the kernel half ---------------------------------------------------------------- */

static void ask_frame(struct source *src, struct snapshot *s, u64 pfn)
{
	struct page_rec rec = { .pm = PM_PRESENT | pfn };
	struct page_detail *d = &s->page;
	struct flag_sets sets;
	u64 cgroup = 0;

	flag_sets_init(&sets);
	frames_ask(source_root(src), &s->space, &rec, &cgroup, 1, WALK_ALL, &sets);
	d->have_flags = rec.flags != FLAGS_UNKNOWN;
	d->flags = d->have_flags ? sets.words[rec.flags] : 0;
	d->count = rec.count;
	d->cgroup = cgroup;
	flag_sets_release(&sets);
}

/**
 * Kernel memory that is surely RAM. kcore leaves out by itself what must not be touched
 * (fs/proc/kcore.c); a BPF program reads whatever is mapped, registers of devices, too.
 */
static const char *kernel_refused(struct source *src, const struct page_detail *d,
				  const struct pt_entry *e)
{
	if (!source_kmem(src))
		return "kernel memory cannot be read: /proc/kcore or --bpf would open it";
	if (!(d->pm & PM_PRESENT))
		return d->pte ? "nothing is mapped there" : "what is mapped there is unknown";
	if (frame_refused(d))
		return frame_refused(d);
	if (!strcmp(kmem_source(source_kmem(src)), "kcore"))
		return NULL;
	if (!d->have_flags || !e->size || (e->mem != PT_MEM_WB && e->mem != PT_MEM_TAGGED))
		return "it cannot be told from a device's memory";
	return NULL;
}

static void read_kernel_bytes(struct source *src, struct snapshot *s, u64 addr)
{
	struct page_detail *d = &s->page;
	u32 n = s->space.host.page_size;
	u8 *bytes = xmalloc(n);

	keep_bytes(d, bytes, n, kmem_read(source_kmem(src), addr, bytes, n));
}

/** Is it memory of all kinds, mapped one to one, that has no symbols? */
static bool is_direct_map(const struct explain *e, u64 addr)
{
	for (size_t i = 0; i < e->nmaps; i++)
		if (range_has(e->maps[i].va, addr))
			return !e->maps[i].image;
	return false;
}

/**
 * kallsyms is read to its end, 0.7 us a symbol: never where there can be none. False: it was broken
 * off.
 */
static bool kernel_symbol(struct source *src, struct snapshot *s, struct explain *e)
{
	const struct explain_symbol *sym = &e->places[0].symbol;

	if (is_direct_map(e, e->places[0].va.v))
		return true;
	if (explain_read_symbols(source_root(src), &s->space, e) == -ECANCELED)
		return false;
	if (sym->nnames)
		s->page.symbol = symbol_text(sym->names[0], strlen(sym->names[0]),
					     e->places[0].va.v - sym->addr, sym->module);
	return true;
}

static void kernel_page(struct source *src, struct snapshot *s, const struct want *w,
			struct page_detail *old)
{
	u32 page_size = s->space.host.page_size;
	u64 addr = w->page - w->page % page_size;
	struct page_detail *d = &s->page;
	struct explain_place *p;
	struct pt_format format;
	struct pt_entry entry;
	struct explain e;

	explain_init(&e, page_size);
	p = explain_add_place(&e);
	p->va = FIG(w->page);
	d->have = d->in_kernel = true;
	if (walk_to(src, s, addr, true, &entry, &format)) {
		put_words(d, &entry, &format);
		if (entry.flags & PT_PRESENT)
			p->pa = (struct known){ entry.pa + (w->page - entry.va), true, CONF_EXACT,
						PT_SOURCE };
	}
	kernel_translations(source_facts(src), &s->space, &e);
	/* Where the tables say that nothing is mapped, no formula knows better. */
	if (!d->pte || p->pa.have)
		explain_translate(&e, &s->space, p);
	if (p->pa.have && p->pa.conf <= CONF_DEFAULT) {
		ask_frame(src, s, p->pa.v / page_size);
		if (d->pte || (d->have_flags && !(d->flags & FRAME(KPF_NOPAGE))))
			d->pm = PM_PRESENT | p->pa.v / page_size;
	}
	find_cgroup(src, d);
	if (p->direct.have && p->direct.conf <= CONF_DEFAULT) {
		d->direct = FIG(p->direct.v - p->direct.v % page_size);
		d->direct_conf = p->direct.conf;
		d->direct_source = p->direct.source;
	}
	if (p->image.have && p->image.conf <= CONF_DEFAULT) {
		d->image = FIG(p->image.v - p->image.v % page_size);
		d->image_conf = p->image.conf;
		d->image_source = p->image.source;
	}
	/* The kernel's symbols keep their places: what was found of the same address holds. */
	if (old->symbol_known && old->in_kernel && old->addr == d->addr) {
		d->symbol = old->symbol;
		old->symbol = NULL;
		d->symbol_known = true;
	} else {
		d->symbol_known = kernel_symbol(src, s, &e);
	}
	/* It takes no reading to say why not. */
	d->bytes_refused = kernel_refused(src, d, &entry);
	if (w->page_bytes && !d->bytes_refused)
		read_kernel_bytes(src, s, addr);
	explain_release(&e);
}

int watch_page(struct source *src, struct snapshot *s, const struct want *w)
{
	struct page_detail old = s->page;

	s->page = (struct page_detail){ .addr = w->page, .count = COUNT_UNKNOWN };
	if (w->have_page && s->space.host.page_size) {
		if (s->space.kernel.last && range_has(s->space.kernel, w->page))
			kernel_page(src, s, w, &old);
		else
			user_page(src, s, w, &old);
	}
	page_detail_release(&old);
	return 0;
}
