/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the sources one after the other and says of each one that gave nothing why, what it
 * would have given and which capability opens it. The parsers are in files of their own.
 */
#include "ksrc.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../model/kmap.h"
#include "pid_parse.h"

#define BIT(src) (1u << (src))

/** What each source is called and what it is good for. */
static const struct {
	const char *name;
	enum root_cap cap;
	const char *gives;
} about[KSRC_NSOURCES] = {
	[KSRC_CMDLINE] = { "cmdline", ROOT_CAP_NONE, "nokaslr, vsyscall= and pti=" },
	[KSRC_CPUINFO] = { "cpuinfo", ROOT_CAP_NONE, "paging levels, no-execute, KPTI" },
	[KSRC_MEMINFO] = { "meminfo", ROOT_CAP_NONE, "size of vmalloc, shares of the direct map" },
	[KSRC_ZONEINFO] = { "zoneinfo", ROOT_CAP_NONE, "end of RAM and of lowmem" },
	[KSRC_BOOT_PARAMS] = { "boot_params", ROOT_CAP_NONE, "whether KASLR was on at boot" },
	[KSRC_CONFIG] = { "config", ROOT_CAP_NONE, "whether KASLR and KASAN are built in" },
	[KSRC_KALLSYMS] = { "kallsyms", ROOT_CAP_SYSLOG, "address of the kernel image" },
	[KSRC_IOMEM] = { "iomem", ROOT_CAP_ADMIN, "RAM ranges, size of the kernel image" },
	[KSRC_VMALLOCINFO] = { "vmallocinfo", ROOT_CAP_SYSLOG, "areas in vmalloc" },
	[KSRC_MODULES] = { "modules", ROOT_CAP_SYSLOG, "loaded modules" },
	[KSRC_BTF] = { "btf", ROOT_CAP_NONE, "extent of fixmap, vmemmap and cpu entry area" },
	[KSRC_LOCKDOWN] = { "lockdown", ROOT_CAP_NONE, "what lockdown closes" },
	[KSRC_KCORE] = { "kcore", ROOT_CAP_RAWIO,
			 "exact bases of direct map, vmalloc, vmemmap, modules" },
	[KSRC_BOOTMSG] = { "kernel log", ROOT_CAP_SYSLOG, "the layout as printed at boot" },
};

/**
 * The sources worth reading for the kernel half of a machine: it has them and its layout uses
 * them. For a machine that is not named only the user half's limits are wanted.
 */
static const struct {
	const char *machine; /**< a pattern */
	unsigned sources;
} wanted[] = {
	{ "x86_64", BIT(KSRC_NSOURCES) - 1 },
	{ "aarch64*", (BIT(KSRC_NSOURCES) - 1) & ~BIT(KSRC_BOOT_PARAMS) },
	{ "riscv64", (BIT(KSRC_NSOURCES) - 1) & ~BIT(KSRC_BOOT_PARAMS) },
	{ "i?86", BIT(KSRC_NSOURCES) - 1 },
	/* The option to build kcore is not offered there (fs/proc/Kconfig). */
	{ "arm*",
	  (BIT(KSRC_NSOURCES) - 1) & ~(BIT(KSRC_BOOT_PARAMS) | BIT(KSRC_BTF) | BIT(KSRC_KCORE)) },
};

struct reader {
	struct root *root;
	struct space *space;
	struct kfacts *k;
	struct buf text; /**< scratch */
	unsigned flags;
};

static unsigned wanted_sources(const struct host *h, unsigned flags)
{
	unsigned limits = BIT(KSRC_CPUINFO) | BIT(KSRC_MEMINFO);

	/* Where user and kernel share 32 bits, PAGE_OFFSET is what ends the user half. */
	if (h->bits == 32)
		limits |= BIT(KSRC_CONFIG) | BIT(KSRC_KALLSYMS);
	if (flags & KSRC_MEMORY)
		limits |=
			BIT(KSRC_IOMEM) | BIT(KSRC_ZONEINFO) | BIT(KSRC_LOCKDOWN) | BIT(KSRC_KCORE);
	if (flags & KSRC_COUNTS)
		limits |= BIT(KSRC_CONFIG);
	if (flags & KSRC_USER_ONLY)
		return limits;
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (h->machine && !fnmatch(wanted[i].machine, h->machine, 0))
			return wanted[i].sources;
	return limits;
}

/* --- opening --------------------------------------------------------------------------------- */

static void set_status(struct reader *rd, enum ksrc src, int err)
{
	struct ksrc_status *st = &rd->k->status[src];

	st->err = -err;
	if (!err)
		st->state = KSRC_READ;
	else if (err == -ENOENT || err == -ENOTDIR || err == -ENXIO)
		st->state = KSRC_ABSENT;
	else if (err == -EBADMSG || err == -ENOEXEC)
		st->state = KSRC_DAMAGED;
	else
		st->state = KSRC_CLOSED;
}

/** Slurps the source's file into rd->text; true when it could be read. */
static bool slurp(struct reader *rd, enum ksrc src, const char *path)
{
	set_status(rd, src, root_slurp(rd->root, path, about[src].cap, &rd->text));
	return rd->k->status[src].state == KSRC_READ;
}

static bool open_source(struct reader *rd, enum ksrc src, const char *path, int *fd)
{
	set_status(rd, src, root_open(rd->root, path, about[src].cap, fd));
	return rd->k->status[src].state == KSRC_READ;
}

static ssize_t read_some(int fd, void *to, size_t len)
{
	ssize_t n;

	do
		n = read(fd, to, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

/* --- one function a source ------------------------------------------------------------------- */

static void read_cmdline(struct reader *rd)
{
	if (slurp(rd, KSRC_CMDLINE, "proc/cmdline"))
		cmdline_parse(rd->text.p, rd->text.len, &rd->k->cmdline);
}

static void read_cpuinfo(struct reader *rd)
{
	const char *m = rd->space->host.machine;
	bool x86 = m && (!strcmp(m, "x86_64") || (m[0] == 'i' && m[1] && !strcmp(m + 2, "86")));
	char *first;
	int fd;
	ssize_t n;

	/* The first bytes have the first processor; the file grows with their number. */
	if (!open_source(rd, KSRC_CPUINFO, "proc/cpuinfo", &fd))
		return;
	buf_clear(&rd->text);
	do {
		n = read_some(fd, buf_reserve(&rd->text, 16 * KIB), 16 * KIB);
		rd->text.len += n > 0 ? (size_t)n : 0;
		first = memmem(rd->text.p, rd->text.len, "\n\n", 2);
	} while (n > 0 && !first && rd->text.len < 64 * KIB);
	close(fd);
	if (n < 0)
		set_status(rd, KSRC_CPUINFO, (int)n);
	cpuinfo_parse(rd->text.p, rd->text.len, x86, &rd->k->cpu);
}

static void read_meminfo(struct reader *rd)
{
	if (slurp(rd, KSRC_MEMINFO, "proc/meminfo"))
		meminfo_parse(rd->text.p, rd->text.len, &rd->k->mem);
}

static void read_boot_params(struct reader *rd)
{
	/* struct setup_header.loadflags (Documentation/arch/x86/boot.rst) */
	const size_t loadflags = 0x211;

	if (!slurp(rd, KSRC_BOOT_PARAMS, "sys/kernel/boot_params/data"))
		return;
	if (rd->text.len > loadflags)
		rd->k->loadflags = FIG((u8)rd->text.p[loadflags]);
	else
		set_status(rd, KSRC_BOOT_PARAMS, -EBADMSG);
}

static void read_config(struct reader *rd)
{
	struct kconfig *c = &rd->k->config;
	const char *release = rd->space->host.release;
	struct buf plain = { 0 };
	char *path;
	int err = 0;

	if (slurp(rd, KSRC_CONFIG, "proc/config.gz")) {
		err = config_gunzip(rd->text.p, rd->text.len, &plain);
		set_status(rd, KSRC_CONFIG, err);
		if (!err) {
			config_parse(plain.p, plain.len, c);
			c->source = "config.gz";
		}
	}
	buf_release(&plain);
	if (c->source || !release || strchr(release, '/'))
		return;
	path = xasprintf("boot/config-%s", release);
	if (!root_slurp(rd->root, path, ROOT_CAP_NONE, &rd->text)) {
		set_status(rd, KSRC_CONFIG, 0);
		config_parse(rd->text.p, rd->text.len, c);
		c->source = "/boot/config";
	}
	free(path);
}

static void read_kallsyms(struct reader *rd)
{
	bool all = rd->flags & KSRC_ALL_SYMBOLS;
	struct kallsyms *p;
	char *bytes;
	ssize_t n;
	int fd;

	if (!open_source(rd, KSRC_KALLSYMS, "proc/kallsyms", &fd))
		return;
	p = xmalloc(sizeof(*p));
	bytes = xmalloc(64 * KIB);
	kallsyms_init(p, all, &rd->k->syms);
	while (!p->done && !root_step(rd->root, 0) && (n = read_some(fd, bytes, 64 * KIB)) > 0)
		kallsyms_feed(p, bytes, (size_t)n);
	close(fd);
	free(bytes);
	rd->k->status[KSRC_KALLSYMS].state = kallsyms_end(p);
	free(p);
}

static void read_iomem(struct reader *rd)
{
	if (slurp(rd, KSRC_IOMEM, "proc/iomem"))
		rd->k->status[KSRC_IOMEM].state =
			iomem_parse(rd->text.p, rd->text.len, &rd->k->iomem);
}

static void read_zoneinfo(struct reader *rd)
{
	const struct host *h = &rd->space->host;

	/* The end of lowmem is nowhere else to be had. */
	if ((!rd->k->iomem.nram || h->bits == 32) && slurp(rd, KSRC_ZONEINFO, "proc/zoneinfo"))
		zoneinfo_parse(rd->text.p, rd->text.len, h->page_size, &rd->k->mem);
}

/**
 * The kernel needs 2 us for a line, and there can be tens of thousands. Where addresses are not
 * shown anyway the first 256 KiB must do; where they are, root_slurp() keeps the capability up,
 * which vmallocinfo checks at each read.
 */
static void read_vmallocinfo(struct reader *rd)
{
	struct kvmalloc *v = &rd->k->vmalloc;
	bool all = rd->flags & KSRC_ALL_SYMBOLS;
	ssize_t n = 0;
	int fd;

	if (all || (rd->k->kptr_restrict.have && rd->k->kptr_restrict.v == 1)) {
		if (!slurp(rd, KSRC_VMALLOCINFO, "proc/vmallocinfo"))
			return;
	} else {
		if (!open_source(rd, KSRC_VMALLOCINFO, "proc/vmallocinfo", &fd))
			return;
		buf_clear(&rd->text);
		while (rd->text.len < KVMALLOC_BYTES &&
		       (n = read_some(fd, buf_reserve(&rd->text, 64 * KIB), 64 * KIB)) > 0)
			rd->text.len += (size_t)n;
		close(fd);
		v->cut = n > 0;
	}
	/* No areas at all is no kernel, so an empty file is damage as well. */
	rd->k->status[KSRC_VMALLOCINFO].state = vmallocinfo_parse(rd->text.p, rd->text.len, v);
	if (!rd->space->kmap)
		return;
	vmallocinfo_list(rd->text.p, rd->text.len, rd->k->status[KSRC_VMALLOCINFO].state,
			 rd->space);
	/* Once more, for its figures are compared with the areas: kallsyms took long to read. */
	read_meminfo(rd);
}

static void read_modules(struct reader *rd)
{
	struct ksrc_status *st = &rd->k->status[KSRC_MODULES];
	struct kmap *m = rd->space->kmap;

	if (!slurp(rd, KSRC_MODULES, "proc/modules"))
		return;
	st->state = modules_parse(rd->text.p, rd->text.len, &rd->k->modules);
	if (!m)
		return;
	modules_list(rd->text.p, rd->text.len, st->state, rd->space);
	for (size_t i = 0; i < m->nmodules && rd->flags & KSRC_SECTIONS; i++)
		module_read_details(rd->root, rd->space, &m->modules[i]);
}

static void read_btf(struct reader *rd)
{
	int fd;

	if (!open_source(rd, KSRC_BTF, "sys/kernel/btf/vmlinux", &fd))
		return;
	set_status(rd, KSRC_BTF, btf_read(fd, &rd->k->btf));
	close(fd);
}

static void read_lockdown(struct reader *rd)
{
	if (slurp(rd, KSRC_LOCKDOWN, "sys/kernel/security/lockdown"))
		rd->k->lockdown = lockdown_parse(rd->text.p, rd->text.len);
}

/** Newer kernels print no layout, and reading the log would say nothing. */
static void read_bootmsg(struct reader *rd)
{
	const struct host *h = &rd->space->host;
	int err;

	if (!h->machine || !bootmsg_printed(h->machine, h->release))
		return;
	err = live_kernel_log(rd->root, &rd->text);
	if (err == -ENODATA)
		err = root_slurp(rd->root, "dmesg", ROOT_CAP_NONE, &rd->text);
	set_status(rd, KSRC_BOOTMSG, err);
	if (!err)
		rd->k->status[KSRC_BOOTMSG].state =
			bootmsg_parse(rd->text.p, rd->text.len, &rd->k->boot);
}

static void read_kcore(struct reader *rd)
{
	int fd;

	if (!open_source(rd, KSRC_KCORE, "proc/kcore", &fd))
		return;
	set_status(rd, KSRC_KCORE, kcore_read(fd, &rd->k->kcore));
	close(fd);
}

/** What is in no list of sources: never worth a note of its own. */
static void read_rest(struct reader *rd)
{
	char **names = NULL;
	size_t n = 0;

	if (!root_slurp(rd->root, "sys/devices/system/cpu/possible", ROOT_CAP_NONE, &rd->text))
		rd->k->mem.cpus = cpulist_parse(rd->text.p, rd->text.len);
	if (rd->space->kmap && !root_slurp(rd->root, "proc/zoneinfo", ROOT_CAP_NONE, &rd->text))
		rd->k->mem.managed_pages = zoneinfo_managed(rd->text.p, rd->text.len);
	if (rd->space->kmap && !root_slurp(rd->root, "proc/vmstat", ROOT_CAP_NONE, &rd->text)) {
		rd->k->mem.memmap_pages = keyed_number(rd->text.p, rd->text.len, "nr_memmap_pages");
		rd->k->mem.memmap_boot_pages =
			keyed_number(rd->text.p, rd->text.len, "nr_memmap_boot_pages");
	}
	if (root_list(rd->root, "sys/firmware", ROOT_CAP_NONE, &names, &n))
		return;
	/* A recorded tree may have left it out, so there only its presence says something. */
	if (root_is_live(rd->root))
		rd->k->efi = FIG(0);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], "efi"))
			rd->k->efi = FIG(1);
	names_free(names, n);
}

/* --- what was not to be had --------------------------------------------------------------------
 */

static void note_kcore(struct reader *rd)
{
	const struct ksrc_status *st = &rd->k->status[KSRC_KCORE];
	const char *gives = about[KSRC_KCORE].gives;

	if (st->err == ENOTSUP)
		space_note(rd->space, NOTE_LIMIT, "kcore", ENOTSUP, NULL,
			   "built without libelf: %s", gives);
	else if (st->err == EPERM && root_has_cap(ROOT_CAP_RAWIO))
		/* Open checks the capability and LOCKDOWN_KCORE, nothing else (fs/proc/kcore.c). */
		space_note(rd->space, NOTE_CLOSED, "kcore", EPERM, NULL,
			   "lockdown=confidentiality closes it: %s", gives);
	else
		space_note(rd->space, NOTE_CLOSED, "kcore", st->err, root_cap_name(ROOT_CAP_RAWIO),
			   "%s", gives);
}

static void note_zeros(struct reader *rd, enum ksrc src)
{
	const struct fig *kptr = &rd->k->kptr_restrict;

	/* iomem knows no kptr_restrict (kernel/resource.c, r_show()). */
	if (src != KSRC_IOMEM && kptr->have && kptr->v >= 2)
		space_note(rd->space, NOTE_CLOSED, about[src].name, 0, NULL,
			   "kptr_restrict %u hides its addresses from everyone: %s",
			   (unsigned)MIN(kptr->v, 9), about[src].gives);
	else
		space_note(rd->space, NOTE_CLOSED, about[src].name, 0,
			   root_cap_name(about[src].cap), "its addresses read as zeros: %s",
			   about[src].gives);
}

/** /proc/modules is not there when modules are not built in: that is an answer, no lack. */
static bool needs_no_note(enum ksrc src, const struct ksrc_status *st)
{
	return st->state == KSRC_UNREAD || st->state == KSRC_READ ||
	       (st->state == KSRC_ABSENT &&
		(src == KSRC_LOCKDOWN || src == KSRC_MODULES || src == KSRC_ZONEINFO));
}

static void note_source(struct reader *rd, enum ksrc src)
{
	const struct ksrc_status *st = &rd->k->status[src];
	const char *name = about[src].name, *gives = about[src].gives;

	if (needs_no_note(src, st))
		return;
	if (st->state == KSRC_ABSENT)
		space_note(rd->space, NOTE_ABSENT, name, st->err, NULL, "%s", gives);
	else if (st->state == KSRC_ZEROS)
		note_zeros(rd, src);
	else if (st->state == KSRC_HASHED)
		space_note(rd->space, NOTE_LIMIT, name, 0, NULL,
			   "addresses are hashed: areas are counted, not placed"
			   " (kptr_restrict 1 would show them)");
	else if (st->state == KSRC_DAMAGED)
		space_note(rd->space, NOTE_CLOSED, name, st->err, NULL, "not understood: %s",
			   gives);
	else if (src == KSRC_KCORE)
		note_kcore(rd);
	else if (src == KSRC_CONFIG && st->err == ENOTSUP)
		space_note(rd->space, NOTE_LIMIT, name, 0, NULL,
			   "built without zlib, so /proc/config.gz is not read: %s", gives);
	else
		/* EACCES is the file's mode: its own capability then is not enough. */
		space_note(rd->space, NOTE_CLOSED, name, st->err,
			   root_cap_name(st->err == EACCES ? ROOT_CAP_DAC : about[src].cap), "%s",
			   gives);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void (*const readers[KSRC_NSOURCES])(struct reader *) = {
	[KSRC_CMDLINE] = read_cmdline,	 [KSRC_CPUINFO] = read_cpuinfo,
	[KSRC_MEMINFO] = read_meminfo,	 [KSRC_BOOT_PARAMS] = read_boot_params,
	[KSRC_CONFIG] = read_config,	 [KSRC_KALLSYMS] = read_kallsyms,
	[KSRC_IOMEM] = read_iomem,	 [KSRC_VMALLOCINFO] = read_vmallocinfo,
	[KSRC_MODULES] = read_modules,	 [KSRC_BTF] = read_btf,
	[KSRC_LOCKDOWN] = read_lockdown, [KSRC_KCORE] = read_kcore,
	[KSRC_ZONEINFO] = read_zoneinfo, [KSRC_BOOTMSG] = read_bootmsg,
};

int ksrc_read(struct root *r, struct space *s, unsigned flags, struct kfacts *ret)
{
	struct reader rd = { .root = r, .space = s, .k = ret, .flags = flags };
	unsigned sources = wanted_sources(&s->host, flags);
	bool half = sources & BIT(KSRC_IOMEM);

	*ret = (struct kfacts){ .user_only = flags & KSRC_USER_ONLY, .task_end = live_task_end(r) };
	if (half)
		ret->kptr_restrict = root_number(r, "proc/sys/kernel/kptr_restrict");
	if (half && flags & KSRC_INSIDE && !s->kmap)
		s->kmap = kmap_new();
	for (unsigned i = 0; i < KSRC_NSOURCES; i++) {
		if (sources & BIT(i))
			readers[i](&rd);
		if (root_step(r, 0)) {
			buf_release(&rd.text);
			return -ECANCELED;
		}
	}
	s->host.average_counts = ret->config.no_page_mapcount.v != 0;
	if (half) {
		read_rest(&rd);
		for (unsigned i = 0; i < KSRC_NSOURCES; i++)
			note_source(&rd, i);
	}
	buf_release(&rd.text);
	if (ret->status[KSRC_MEMINFO].state == KSRC_READ ||
	    ret->status[KSRC_CPUINFO].state == KSRC_READ)
		return 0;
	return -ret->status[KSRC_MEMINFO].err;
}

void kfacts_release(struct kfacts *k)
{
	free(k->iomem.ram);
	free(k->vmalloc.areas);
	kcore_release(&k->kcore);
	free(k->memory.vmcoreinfo);
	*k = (struct kfacts){ 0 };
}
