/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * riscv64 from made-up facts: sv39, sv48, sv57 without VMCOREINFO, the three places that sv39 has
 * had, and figures that contradict. What VMCOREINFO and kcore give is in the tree riscv64-made.
 */
#include <stdlib.h>

#include "kernel/kernel.h"
#include "kernel_sound.h"
#include "tap.h"

static void init(struct space *s, const char *release)
{
	space_init(s);
	s->host.machine = xstrdup("riscv64");
	s->host.release = xstrdup(release);
	s->host.page_size = 4096;
	s->host.bits = 64;
}

static void segment(struct kfacts *k, u64 vaddr, u64 memsz, u64 paddr)
{
	size_t n = k->kcore.nsegments;

	k->kcore.segments = xreallocarray(k->kcore.segments, n + 1, sizeof(*k->kcore.segments));
	k->kcore.segments[k->kcore.nsegments++] = (struct kcore_segment){ vaddr, memsz, paddr, 0 };
	k->status[KSRC_KCORE].state = KSRC_READ;
}

static const struct region *find(const struct space *s, const char *name)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (!strcmp(s->regions[i].name, name))
			return &s->regions[i];
	return NULL;
}

#define IS_REGION(s, name, f, l, c, src)                                                           \
	do {                                                                                       \
		const struct region *r_ = find(s, name);                                           \
		if (OK(r_)) {                                                                      \
			IS(r_->first, UINT64_C(f));                                                \
			IS(r_->last, UINT64_C(l));                                                 \
			IS(r_->conf, c);                                                           \
			IS_STR(r_->source, src);                                                   \
		}                                                                                  \
	} while (0)

/** Where vmalloc starts, with nothing but cpuinfo's mode and the release. */
static void is_default(const char *release, unsigned bits, u64 vmalloc, enum conf conf)
{
	struct kfacts k = { .cpu.riscv_va_bits = FIG(bits) };
	const struct region *r;
	struct space s;

	init(&s, release);
	kernel_layout(&k, &s);
	OK(sound(&s));
	r = find(&s, "vmalloc");
	if (OK(r)) {
		IS(r->first, vmalloc);
		IS(r->last, vmalloc + (UINT64_C(1) << (bits - 3)) - 1);
		IS(r->conf, conf);
	}
	IS(s.host.levels, bits == 39 ? 3 : bits == 48 ? 4 : 5);
	IS(s.kernel.first, -(UINT64_C(1) << (bits - 1)));
	IS(space_problems(&s), 0);
	space_release(&s);
}

static void test_modes(void)
{
	is_default("6.12.0", 39, UINT64_C(0xffffffc600000000), CONF_DEFAULT);
	is_default("6.10.0", 39, UINT64_C(0xffffffc800000000), CONF_DEFAULT);
	is_default("5.16.0", 39, UINT64_C(0xffffffd000000000), CONF_DEFAULT);
	is_default("6.12.0", 48, UINT64_C(0xffff8f8000000000), CONF_DERIVED);
	is_default("6.12.0", 57, UINT64_C(0xff20000000000000), CONF_DERIVED);
}

/** kcore knows better than the release where sv39 has its linear map. */
static void test_kcore_over_release(void)
{
	struct kfacts k = { .mem.vmalloc_total_kib = FIG(67108864) };
	struct space s;

	init(&s, "6.10.9");
	segment(&k, UINT64_C(0xffffffc600000000), UINT64_C(0x1000000000), UINT64_MAX);
	segment(&k, UINT64_C(0xffffffd600200000), 0x3fe00000, 0x80200000);
	segment(&k, UINT64_C(0xffffffff80002000), 0x1800000, 0x80202000);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(&s, "vmalloc", 0xffffffc600000000, 0xffffffd5ffffffff, CONF_EXACT, "kcore");
	IS_REGION(&s, "linear map of RAM", 0xffffffd600000000, 0xfffffff5ffffffff, CONF_DERIVED,
		  "kcore");
	IS_REGION(&s, "RAM", 0xffffffd600200000, 0xffffffd63fffffff, CONF_EXACT, "kcore");
	IS_REGION(&s, "vmemmap", 0xffffffc500000000, 0xffffffc5ffffffff, CONF_DERIVED, "kcore");
	IS_REGION(&s, "PCI I/O", 0xffffffc4ff000000, 0xffffffc4ffffffff, CONF_DERIVED, "kcore");
	IS_REGION(&s, "kernel image", 0xffffffff80002000, 0xffffffff81801fff, CONF_EXACT, "kcore");
	/* 2 GiB below the image's end */
	IS_REGION(&s, "modules", 0xffffffff01802000, 0xffffffff7fffffff, CONF_DERIVED, "kcore");
	space_release(&s);
	kfacts_release(&k);
}

static void test_contradictions(void)
{
	struct kfacts k = { .cpu.riscv_va_bits = FIG(48), .mem.vmalloc_total_kib = FIG(67108864) };
	struct space s;
	unsigned unsound = 0;

	init(&s, "6.12.0");
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(s.host.levels, 4);
	IS(s.nnotes, 1);
	IS(s.notes[0].kind, NOTE_CONFLICT);
	IS_STR(s.notes[0].source, "meminfo");
	space_release(&s);
	/* No mode at all. */
	k = (struct kfacts){ .mem.vmalloc_total_kib = FIG(1) };
	init(&s, "6.12.0");
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	IS(s.notes[0].kind, NOTE_LIMIT);
	space_release(&s);
	for (u64 i = 0; i < 64; i++) {
		static const u64 odd[] = { 0x1000, UINT64_C(0xff60000000000000),
					   UINT64_C(0xffffffff80000000),
					   UINT64_C(0xfffffffffffff000) };
		u64 a = odd[i % 4], b = odd[i / 4 % 4], c = odd[i / 16];

		k = (struct kfacts){ .cpu.riscv_va_bits = FIG(57) };
		if (a - 1 <= UINT64_MAX - b)
			segment(&k, b, a, c);
		k.syms.text = FIG(c);
		k.iomem.bss = (struct range){ a, b };
		k.iomem.code = (struct range){ b, a };
		k.iomem.have_code = k.iomem.have_bss = true;
		k.memory = (struct kmemory){ .source = "bpf", .direct = FIG(a), .vmalloc = FIG(b) };
		init(&s, "6.12.0");
		kernel_layout(&k, &s);
		unsound += !sound(&s);
		space_release(&s);
		kfacts_release(&k);
	}
	IS(unsound, 0);
}

int main(void)
{
	test_modes();
	test_kcore_over_release();
	test_contradictions();
	return tap_done();
}
