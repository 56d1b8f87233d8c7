/* SPDX-License-Identifier: GPL-2.0-or-later */
/** Shared by the unit tests of x86_64: made-up facts, and looking at what came of them. */
#ifndef PROCMAP_UNIT_HALF64_H
#define PROCMAP_UNIT_HALF64_H

#include <stdlib.h>

#include "kernel/arch.h"
#include "kernel_sound.h"
#include "tap.h"

/* What x86_64 calls the same in all of these. */
#define FOUR_KIB   UINT64_C(34359738367)
#define FIVE_KIB   UINT64_C(13743895347199)
#define RAM_25_GIB UINT64_C(0x640000000)

static inline void init(struct space *s, const char *release)
{
	space_init(s);
	s->host.machine = xstrdup("x86_64");
	s->host.release = xstrdup(release);
	s->host.page_size = 4096;
	s->host.bits = 64;
}

static inline void ram(struct kfacts *k, u64 first, u64 last)
{
	GROW(k->iomem.ram, k->iomem.nram, k->iomem.cap_ram);
	k->iomem.ram[k->iomem.nram++] = (struct range){ first, last };
}

static inline void segment(struct kfacts *k, u64 vaddr, u64 memsz, u64 paddr)
{
	size_t n = k->kcore.nsegments;

	k->kcore.segments = xreallocarray(k->kcore.segments, n + 1, sizeof(*k->kcore.segments));
	k->kcore.segments[k->kcore.nsegments++] = (struct kcore_segment){ vaddr, memsz, paddr, 0 };
	k->status[KSRC_KCORE].state = KSRC_READ;
}

static inline void area(struct kfacts *k, u64 first, u64 end, bool percpu)
{
	struct kvmalloc *v = &k->vmalloc;

	GROW(v->areas, v->nareas, v->cap_areas);
	v->areas[v->nareas++] = (struct kvmalloc_area){ first, end - 1, percpu, false };
	v->count++;
	v->bytes += end - first;
	k->status[KSRC_VMALLOCINFO].state = KSRC_READ;
}

/** The machine of the documented example: 6.18, 4 levels, KASLR flag clear, no kcore. */
static inline void plain(struct kfacts *k)
{
	*k = (struct kfacts){ .lockdown = LOCKDOWN_NONE };
	k->status[KSRC_KCORE] = (struct ksrc_status){ KSRC_ABSENT, 2 };
	k->mem.vmalloc_total_kib = FIG(FOUR_KIB);
	k->cpu.la57 = k->cpu.pti = FIG(0);
	k->cpu.nx = FIG(1);
	k->loadflags = FIG(0);
	k->syms.text = k->syms.stext = FIG(UINT64_C(0xffffffff81000000));
	ram(k, 0x1000, 0x9fbff);
	ram(k, 0x100000, 0xbfffffff);
	ram(k, UINT64_C(0x100000000), UINT64_C(0x63fffffff));
	k->iomem.code = (struct range){ 0x1000000, 0x22090c7 };
	k->iomem.rodata = (struct range){ 0x2400000, 0x2e08fff };
	k->iomem.data = (struct range){ 0x3000000, 0x327c03f };
	k->iomem.bss = (struct range){ 0x3b34000, 0x3c57fff };
	k->iomem.have_code = k->iomem.have_rodata = k->iomem.have_data = k->iomem.have_bss = true;
	k->btf.page_size = FIG(64);
	k->btf.cpu_entry_area_size = FIG(241664);
	k->btf.fix_vsyscall = FIG(511);
	k->btf.fix_permanent_end = FIG(644);
	k->btf.fix_end = FIG(1536);
	k->mem.cpus = FIG(2);
	k->config.source = "config.gz";
	k->config.randomize_base = k->config.randomize_memory = FIG(1);
	k->config.kasan = k->config.modules = FIG(0);
	k->config.zone_device = k->config.vsyscall_emulation = k->config.vmemmap = FIG(1);
	k->config.memory_padding = FIG(10);
	k->config.physical_start = k->config.physical_align = FIG(16 * MIB);
}

/** The first region of that kind, top or part as asked; NULL if there is none. */
static inline const struct region *find(const struct space *s, enum region_kind kind,
					const char *name)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (s->regions[i].kind == kind && (!name || !strcmp(s->regions[i].name, name)))
			return &s->regions[i];
	return NULL;
}

static inline const struct note *find_note(const struct space *s, enum note_kind kind,
					   const char *source)
{
	for (size_t i = 0; i < s->nnotes; i++)
		if (s->notes[i].kind == kind && !strcmp(s->notes[i].source, source))
			return &s->notes[i];
	return NULL;
}

static inline bool has_fact(const struct space *s, const char *words)
{
	for (size_t i = 0; i < s->nfacts; i++)
		if (strstr(s->facts[i].text, words))
			return true;
	return false;
}

#define IS_REGION(r, f, l, c, src)                                                                 \
	do {                                                                                       \
		const struct region *r_ = (r);                                                     \
		if (OK(r_)) {                                                                      \
			IS(r_->first, UINT64_C(f));                                                \
			IS(r_->last, UINT64_C(l));                                                 \
			IS(r_->conf, c);                                                           \
			IS_STR(r_->source, src);                                                   \
		}                                                                                  \
	} while (0)

/* --- 4 levels, KASLR off ------------------------------------------------------------------------
 */

#endif
