/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the direct map and vmemmap are, found with nothing but reads that fail where nothing is
 * mapped: a page of our own, whose contents nobody else has and whose frame number pagemap tells,
 * must appear at base + physical address. Our task_struct lies in the direct map, so the base is
 * at most all of RAM below it: a probe for each step that bases are aligned to.
 */
#include "kmem_parts.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/** Most probes, some 0.3 s: 128 TiB of RAM in steps of 1 GiB. */
#define PROBES_MAX (1u << 17)

/** What the bases are multiples of. */
static const struct machine {
	const char *name;
	u64 direct, vmemmap; /**< 0: not looked for */
} machines[] = {
	/* kernel_randomize_memory(): PUD_SIZE (arch/x86/mm/kaslr.c, 4.8 to 6.18) */
	{ "x86_64", GIB, GIB },
	/* ARM64_MEMSTART_ALIGN is no less (arch/arm64/include/asm/kernel-pgtable.h, 6.18) */
	{ "aarch64", 512 * MIB, 0 },
	/* The linear map begins at a multiple of PMD_SIZE (arch/riscv/mm/init.c, 6.18). */
	{ "riscv64", 2 * MIB, 0 },
	/* CONFIG_PAGE_OFFSET (arch/x86/Kconfig) */
	{ "i386", 128 * MIB, 0 },
	{ "i686", 128 * MIB, 0 },
	/* The physical offset is a multiple of 2 MiB (arch/arm/Kconfig, ARM_PATCH_PHYS_VIRT). */
	{ "armv7l", 2 * MIB, 0 },
};

/** A page of ours that can be told from all others. */
struct beacon {
	u8 *page;
	size_t size;
	int pagemap;
	u64 pa;
};

static void beacon_release(struct beacon *b)
{
	if (b->page)
		munmap(b->page, b->size);
	if (b->pagemap >= 0)
		close(b->pagemap);
}

/** Its frame now: even a locked page may be moved. */
static int beacon_locate(struct beacon *b)
{
	u64 entry = 0, pfn;

	if (pread(b->pagemap, &entry, sizeof(entry),
		  (off_t)((uintptr_t)b->page / b->size * sizeof(entry))) != sizeof(entry))
		return -EIO;
	/* Documentation/admin-guide/mm/pagemap.rst; 0 for who lacks CAP_SYS_ADMIN */
	pfn = entry & ((UINT64_C(1) << 55) - 1);
	if (!(entry >> 63) || !pfn)
		return -EPERM;
	b->pa = pfn * b->size;
	return 0;
}

static int beacon_set_up(struct root *r, struct beacon *b)
{
	int err = root_open(r, "proc/self/pagemap", ROOT_CAP_ADMIN, &b->pagemap);

	if (err) {
		b->pagemap = -1;
		return err;
	}
	b->page = mmap(NULL, b->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (b->page == MAP_FAILED) {
		b->page = NULL;
		return -errno;
	}
	/* Refused where nothing may be locked: then it is only less likely to stay. */
	mlock(b->page, b->size);
	for (size_t i = 0; i < b->size; i += 256)
		if (getrandom(b->page + i, 256, 0) != 256)
			return -EIO;
	return beacon_locate(b);
}

/* --- the direct map --------------------------------------------------------------------------- */

/** Is this what stands at `addr`? `len` is at most 4096; the first bytes rule out most. */
static bool reads_as(struct kmem *m, u64 addr, const u8 *want, size_t len)
{
	size_t first = MIN(len, 16);
	u8 bytes[4096];

	return !kmem_read(m, addr, bytes, first) && !memcmp(bytes, want, first) &&
	       !kmem_read(m, addr, bytes, len) && !memcmp(bytes, want, len);
}

static u64 address(const struct kmem *m, u64 base, u64 pa)
{
	return m->word == 4 ? (u32)(base + pa) : base + pa;
}

/** Lowest and last physical address that may be RAM. */
static bool ram_span(const struct kfacts *k, struct range *ret)
{
	const struct kiomem *io = &k->iomem;

	if (io->nram)
		*ret = (struct range){ io->ram[0].first, io->ram[io->nram - 1].last };
	else if (k->mem.zone_end.have && k->mem.zone_end.v)
		*ret = (struct range){ 0, k->mem.zone_end.v - 1 };
	else
		return false;
	return ret->first <= ret->last;
}

/** All bases that would put our task_struct into RAM, from the highest down. */
static bool search(struct kmem *m, u64 step, struct range ram, u64 pa, const u8 *want, size_t len)
{
	u64 task = bpf_current_task(m->bpf), base, n;

	/* A tag in the top byte (KASAN on arm64) is no part of the address. */
	if (m->word == 8 && task >> 55 & 1 && task >> 56)
		task |= UINT64_C(0xff) << 56;
	if (!task)
		return false;
	base = (task - ram.first) / step * step;
	n = (ram.last - ram.first) / step + 2;
	for (u64 i = 0; i < n && i < PROBES_MAX; i++, base -= step) {
		if (reads_as(m, address(m, base, pa), want, len)) {
			m->direct = FIG(address(m, base, 0));
			return true;
		}
	}
	return false;
}

/** By our own page; once more if it was moved meanwhile. */
static int find_by_beacon(struct kmem *m, u64 step, struct range ram, struct beacon *b)
{
	u64 before;
	int err;

	for (int try = 0; try < 3; try++) {
		before = b->pa;
		if (search(m, step, ram, b->pa, b->page, MIN(b->size, 4096)))
			return 0;
		err = beacon_locate(b);
		if (err)
			return err;
		if (b->pa == before)
			break;
	}
	return -ENOENT;
}

/** By the VMCOREINFO note: its physical address is told to everyone, its first bytes are known. */
static int find_by_note(struct kmem *m, u64 step, struct range ram)
{
	static const u8 name[12] = "VMCOREINFO";
	struct buf text = { 0 };
	u64 pa, size;
	int err = root_slurp(m->root, "sys/kernel/vmcoreinfo", ROOT_CAP_NONE, &text);

	if (!err && !vmcoreinfo_place(text.p, text.len, &pa, &size))
		err = -EBADMSG;
	buf_release(&text);
	if (err)
		return err;
	/* Behind the three words of the note's header. */
	return search(m, step, ram, pa + 12, name, sizeof(name)) ? 0 : -ENOENT;
}

/* --- vmemmap ---------------------------------------------------------------------------------- */

/** Is `addr` the struct page of our page? Anonymous (bit 0 of mapping), index its page number. */
static bool is_beacon_page(struct kmem *m, u64 addr, const struct beacon *b)
{
	struct fig mapping = kmem_offset(m, OFF_PAGE_MAPPING);
	struct fig index = kmem_offset(m, OFF_PAGE_INDEX);
	u64 v;

	if (!index.have)
		index = kmem_offset(m, OFF_PAGE_FOLIO_INDEX);
	if (!mapping.have || !index.have)
		return false;
	return !kmem_read_word(m, addr + mapping.v, &v) && (v & 1) &&
	       !kmem_read_word(m, addr + index.v, &v) && v == (uintptr_t)b->page / b->size;
}

/** Some struct page: the first of our own kernel stack. */
static bool some_page(struct kmem *m, u64 *ret)
{
	struct fig area = kmem_offset(m, OFF_TASK_STACK_AREA);
	struct fig pages = kmem_offset(m, OFF_AREA_PAGES);
	u64 task = bpf_current_task(m->bpf), v;

	return task && area.have && pages.have && !kmem_read_word(m, task + area.v, &v) && v &&
	       !kmem_read_word(m, v + pages.v, &v) && v && !kmem_read_word(m, v, ret) && *ret;
}

static void find_vmemmap(struct kmem *m, u64 step, struct range ram, const struct beacon *b,
			 struct kmemory *ret)
{
	u64 size = m->k->btf.page_size.v, first, base, n;

	if (!step || !m->k->btf.page_size.have || !size || size > 4096 || !some_page(m, &first))
		return;
	base = first / step * step;
	n = ram.last / b->size * size / step + 2;
	for (u64 i = 0; i < n && i < PROBES_MAX; i++, base -= step) {
		if (is_beacon_page(m, base + b->pa / b->size * size, b)) {
			ret->vmemmap = FIG(base);
			return;
		}
	}
}

/* --- both ------------------------------------------------------------------------------------- */

static const struct machine *find_machine(const char *name)
{
	for (size_t i = 0; name && i < ARRAY_SIZE(machines); i++)
		if (!strcmp(machines[i].name, name))
			return &machines[i];
	return NULL;
}

int kmem_find(struct kmem *m, struct kmemory *ret)
{
	const struct machine *machine = find_machine(m->space->host.machine);
	struct beacon b = { .size = m->page_size, .pagemap = -1 };
	struct range ram;
	int err;

	if (!machine)
		return -ENOTSUP;
	if (!ram_span(m->k, &ram))
		return -EPERM;
	err = beacon_set_up(m->root, &b);
	if (!err)
		err = find_by_beacon(m, machine->direct, ram, &b);
	if (!err)
		find_vmemmap(m, machine->vmemmap, ram, &b, ret);
	else if (!find_by_note(m, machine->direct, ram))
		err = 0;
	beacon_release(&b);
	return err;
}
