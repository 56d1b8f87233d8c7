/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel memory: which way to it there is, and what it says of the layout: VMCOREINFO, the
 * variables that hold the bases, the kernel's own page tables.
 */
#include "kmem_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- reading ---------------------------------------------------------------------------------- */

int kmem_read(struct kmem *m, u64 addr, void *to, size_t len)
{
	if (len && addr > UINT64_MAX - (len - 1))
		return -EFAULT;
	return m->bpf ? bpf_read(m->bpf, addr, to, len)
		      : kcore_read_at(&m->k->kcore, m->fd, addr, to, len);
}

/** Are these bytes RAM? Where iomem hides its ranges the fault of the read is the answer. */
static bool in_ram(const struct kmem *m, u64 pa, size_t len)
{
	const struct kiomem *io = &m->k->iomem;
	size_t low = 0, high = io->nram;

	if (!len || pa > UINT64_MAX - (len - 1))
		return false;
	if (!io->nram)
		return !m->k->mem.zone_end.have || pa + (len - 1) < m->k->mem.zone_end.v;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (io->ram[mid].last < pa)
			low = mid + 1;
		else
			high = mid;
	}
	return low < io->nram && pa >= io->ram[low].first && pa + (len - 1) <= io->ram[low].last;
}

static u64 wrap(const struct kmem *m, u64 addr)
{
	return m->word == 4 ? (u32)addr : addr;
}

int kmem_read_phys(struct kmem *m, u64 pa, void *to, size_t len)
{
	if (!m->bpf)
		return kcore_read_phys_at(&m->k->kcore, m->fd, pa, to, len);
	/* Devices are no business of ours, should the direct map have one. */
	if (!m->direct.have || !in_ram(m, pa, len))
		return -EFAULT;
	return kmem_read(m, wrap(m, m->direct.v + pa), to, len);
}

u64 kmem_number(const struct kmem *m, const u8 *bytes, unsigned size)
{
	bool big = (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) != m->swap;
	u64 v = 0;

	for (unsigned i = 0; i < size; i++)
		v |= (u64)bytes[i] << 8 * (big ? size - 1 - i : i);
	return v;
}

int kmem_read_number(struct kmem *m, u64 addr, unsigned size, u64 *ret)
{
	u8 bytes[8];
	int err = kmem_read(m, addr, bytes, size);

	if (!err)
		*ret = kmem_number(m, bytes, size);
	return err;
}

int kmem_read_word(struct kmem *m, u64 addr, u64 *ret)
{
	return kmem_read_number(m, addr, m->word, ret);
}

const char *kmem_source(const struct kmem *m)
{
	return m->bpf ? "bpf" : "kcore";
}

/* --- addresses of the image ------------------------------------------------------------------- */

static const char *note_text(const struct kmem *m)
{
	return m->k->kcore.vmcoreinfo ? m->k->kcore.vmcoreinfo : m->k->memory.vmcoreinfo;
}

static bool is_machine(const struct kmem *m, const char *name)
{
	return m->space->host.machine && !strcmp(m->space->host.machine, name);
}

/** Virtual less physical address of the kernel's image, where that is the same for all of it. */
static struct fig image_offset(const struct kmem *m)
{
	/* __START_KERNEL_map (arch/x86/include/asm/page_64_types.h) */
	const u64 x86_image = UINT64_C(0xffffffff80000000);
	u64 v;

	if (is_machine(m, "x86_64"))
		return m->k->memory.phys_base.have ? FIG(x86_image - m->k->memory.phys_base.v)
						   : (struct fig){ 0 };
	if (vmcoreinfo_text_number(note_text(m), "NUMBER(kimage_voffset)", &v) || /* arm64 4.14 */
	    vmcoreinfo_text_number(note_text(m), "NUMBER(va_kernel_pa_offset)", &v)) /* riscv 6.6 */
		return FIG(v);
	return (struct fig){ 0 };
}

struct fig kmem_phys(const struct kmem *m, u64 addr)
{
	struct fig off;
	u64 pa;

	if (!m->bpf)
		return kcore_phys(&m->k->kcore, addr, &pa) ? FIG(pa) : (struct fig){ 0 };
	if (m->direct.have && in_ram(m, wrap(m, addr - m->direct.v), 1))
		return FIG(wrap(m, addr - m->direct.v));
	off = image_offset(m);
	if (off.have && in_ram(m, addr - off.v, 1))
		return FIG(addr - off.v);
	return (struct fig){ 0 };
}

/* --- what it says of the layout --------------------------------------------------------------- */

/** The copy of VMCOREINFO that crash kernels get: its place is told to everyone. */
static void read_vmcoreinfo_copy(struct kmem *m, struct kmemory *ret)
{
	struct buf text = { 0 };
	u64 pa = 0, size = 0;
	u8 *bytes;

	if (!root_slurp(m->root, "sys/kernel/vmcoreinfo", ROOT_CAP_NONE, &text) &&
	    vmcoreinfo_place(text.p, text.len, &pa, &size) && size <= 64 * KIB) {
		bytes = xmalloc(size);
		if (!kmem_read_phys(m, pa, bytes, size))
			ret->vmcoreinfo = vmcoreinfo_note(bytes, size, m->swap);
		free(bytes);
	}
	buf_release(&text);
}

/** Of two that differ the first stays, and both are told. */
static void take(struct kmem *m, struct fig *to, const char *what, u64 v, const char *by)
{
	if (!to->have)
		*to = FIG(v);
	else if (to->v != v)
		space_note(m->space, NOTE_CONFLICT, kmem_source(m), 0, NULL,
			   "%s %016llx, but %s says %016llx", what, (unsigned long long)to->v, by,
			   (unsigned long long)v);
}

static void take_note(struct kmem *m, struct kmemory *ret)
{
	const char *text = note_text(m);
	u64 v;

	if (vmcoreinfo_text_number(text, "NUMBER(VMALLOC_START)", &v))
		take(m, &ret->vmalloc, "vmalloc", v, "VMCOREINFO");
	if (vmcoreinfo_text_hex(text, "SYMBOL(vmemmap)", &v))
		take(m, &ret->vmemmap, "vmemmap", v, "VMCOREINFO");
	if (vmcoreinfo_text_number(text, "NUMBER(phys_base)", &v))
		take(m, &ret->phys_base, "phys_base", v, "VMCOREINFO");
}

/** Values of variables whose addresses kallsyms tells; a zero is none (kcore may not read them). */
static void take_variables(struct kmem *m, struct kmemory *ret)
{
	const struct ksyms *y = &m->k->syms;
	const struct {
		const char *name;
		const struct fig *addr;
		struct fig *to;
	} vars[] = {
		{ "page_offset_base", &y->page_offset_base, &ret->direct },
		{ "vmalloc_base", &y->vmalloc_base, &ret->vmalloc },
		{ "vmemmap_base", &y->vmemmap_base, &ret->vmemmap },
		{ "phys_base", &y->phys_base, &ret->phys_base },
		{ "memstart_addr", &y->memstart_addr, &ret->memstart },
		{ "vabits_actual", &y->vabits_actual, &ret->vabits },
		{ "high_memory", &y->high_memory, &ret->high_memory },
	};
	u64 v;

	for (size_t i = 0; i < ARRAY_SIZE(vars); i++) {
		const struct fig *addr = vars[i].addr;
		/* Where the image may lie at its physical address these two are often 0. */
		bool zero = vars[i].to == &ret->phys_base || vars[i].to == &ret->memstart;

		if (addr->have && !kmem_read_word(m, addr->v, &v) && (v || (zero && m->bpf)))
			take(m, vars[i].to, vars[i].name, v, "its variable");
	}
}

/** A table that reads as zeros only is one that kcore must not read, or none. */
static bool is_table(struct kmem *m, u64 pa)
{
	u8 bytes[4096];

	if (kmem_read_phys(m, pa, bytes, sizeof(bytes)))
		return false;
	for (size_t i = 0; i < sizeof(bytes); i++)
		if (bytes[i])
			return true;
	return false;
}

static void take_table(struct kmem *m, struct kmemory *ret, u64 addr, const char *by)
{
	struct fig pa = kmem_phys(m, addr);

	if (pa.have && !(ret->pgd.have && ret->pgd.v == pa.v) && is_table(m, pa.v))
		take(m, &ret->pgd, "the top page table at", pa.v, by);
}

/** The kernel's top page table, whatever its name was in the course of time. */
static void take_pgd(struct kmem *m, struct kmemory *ret)
{
	static const char *const keys[] = {
		"SYMBOL(init_top_pgt)",	   /* x86_64 since 4.13 */
		"SYMBOL(init_level4_pgt)", /* x86_64 before */
		"SYMBOL(swapper_pg_dir)",
	};
	const struct ksyms *y = &m->k->syms;
	const struct fig *sym = y->init_top_pgt.have ? &y->init_top_pgt : &y->swapper_pg_dir;
	u64 v;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (vmcoreinfo_text_hex(note_text(m), keys[i], &v))
			take_table(m, ret, v, keys[i]);
	if (sym->have)
		take_table(m, ret, sym->v, "kallsyms");
}

static void take_all(struct kmem *m, struct kmemory *ret)
{
	ret->source = kmem_source(m);
	if (m->bpf)
		ret->direct = m->direct;
	if (!m->k->kcore.vmcoreinfo)
		read_vmcoreinfo_copy(m, ret);
	take_note(m, ret);
	take_variables(m, ret);
	take_pgd(m, ret);
}

/* --- opening ---------------------------------------------------------------------------------- */

#define BPF_GIVES "exact bases, the kernel's page tables with their permissions, mmap_base"

/** What is missing for --bpf; NULL: nothing, or it cannot be told. */
static const char *missing_caps(struct root *r)
{
	if (!root_is_live(r) || root_has_cap(ROOT_CAP_ADMIN))
		return NULL;
	if (root_has_cap(ROOT_CAP_BPF) && root_has_cap(ROOT_CAP_PERFMON))
		return NULL;
	return "CAP_BPF with CAP_PERFMON";
}

/** Said by securityfs, if that is mounted; nothing else closes kcore to who has its capability. */
static bool is_locked_down(const struct kfacts *k)
{
	const struct ksrc_status *st = &k->status[KSRC_KCORE];

	return k->lockdown == LOCKDOWN_CONFIDENTIALITY ||
	       (st->state == KSRC_CLOSED && st->err == EPERM && root_has_cap(ROOT_CAP_RAWIO));
}

/** Not asked for: says what it would bring, where it could be had. */
static void note_could(struct root *r, struct space *s, const struct kfacts *k)
{
	if (root_is_live(r) && !is_locked_down(k))
		space_note(s, NOTE_LIMIT, "bpf", 0, missing_caps(r),
			   "--bpf would read the kernel's memory: " BPF_GIVES);
}

static void note_refused(struct root *r, struct space *s, const struct kfacts *k, int err)
{
	const char *cap = err == -EPERM || err == -EACCES ? missing_caps(r) : NULL;

	if (err == -ENODATA)
		return;
	if (err == -ENOSYS)
		space_note(s, NOTE_ABSENT, "bpf", 0, NULL, "this kernel has no bpf(2): " BPF_GIVES);
	else if (err == -EOPNOTSUPP)
		space_note(s, NOTE_ABSENT, "bpf", 0, NULL,
			   "running a program once needs Linux 5.10: " BPF_GIVES);
	else if (is_locked_down(k))
		space_note(s, NOTE_CLOSED, "bpf", -err, cap,
			   "lockdown=confidentiality closes it: " BPF_GIVES);
	else if (err == -EINVAL)
		/* The verifier answers so where the helper is not there or locked down. */
		space_note(s, NOTE_CLOSED, "bpf", EINVAL, NULL,
			   "a program may not read kernel memory here (before Linux 5.10, without"
			   " BPF_EVENTS, or locked down): " BPF_GIVES);
	else
		space_note(s, NOTE_CLOSED, "bpf", -err, cap, "%s", BPF_GIVES);
}

/** What kcore would have given has been had in another way. */
static void forget_kcore(struct space *s)
{
	for (size_t i = s->nnotes; i-- > 0;) {
		struct note *n = &s->notes[i];

		if (strcmp(n->source, "kcore") ||
		    (n->kind != NOTE_ABSENT && n->kind != NOTE_CLOSED))
			continue;
		free(n->text);
		memmove(n, n + 1, (--s->nnotes - i) * sizeof(*n));
	}
}

static int open_bpf(struct kmem *m, struct kfacts *k)
{
	int err = bpf_open(m->root, &m->bpf);

	if (err) {
		note_refused(m->root, m->space, k, err);
		return err;
	}
	err = kmem_find(m, &k->memory);
	if (err == -ENOTSUP)
		space_note(m->space, NOTE_LIMIT, "bpf", 0, NULL,
			   "the direct map of this machine is not looked for: no physical address"
			   " can be read");
	else if (err)
		space_note(m->space, NOTE_CLOSED, "bpf", -err,
			   err == -EPERM ? root_cap_name(ROOT_CAP_ADMIN) : NULL,
			   "the direct map was not found: no physical address can be read");
	else
		forget_kcore(m->space);
	return 0;
}

static int open_any(struct kmem *m, struct kfacts *k, unsigned flags)
{
	int err = -ENODATA;

	if (k->status[KSRC_KCORE].state == KSRC_READ)
		err = root_open(m->root, "proc/kcore", ROOT_CAP_RAWIO, &m->fd);
	if (!err)
		return 0;
	m->fd = -1;
	if (flags & KMEM_BPF)
		return open_bpf(m, k);
	note_could(m->root, m->space, k);
	return -ENODATA;
}

int kmem_open(struct root *r, struct space *s, struct kfacts *k, unsigned flags, struct kmem **ret)
{
	struct kmem *m = xcalloc(1, sizeof(*m));
	int err;

	*ret = NULL;
	*m = (struct kmem){ .root = r, .space = s, .k = k, .fd = -1, .btf_err = 1, .self_err = 1 };
	m->page_size = s->host.page_size;
	m->word = s->host.bits == 32 ? 4 : 8;
	m->swap = s->host.big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	kcore_old_paddr(k, s->host.page_size, s->host.bits);
	err = open_any(m, k, flags);
	if (err) {
		kmem_close(m);
		return err;
	}
	take_all(m, &k->memory);
	*ret = m;
	return 0;
}

void kmem_close(struct kmem *m)
{
	if (!m)
		return;
	if (m->fd >= 0)
		close(m->fd);
	bpf_close(m->bpf);
	free(m);
}
