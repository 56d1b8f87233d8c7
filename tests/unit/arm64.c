/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * arm64 from made-up facts: the formulas against the places that were worked out by hand from the
 * headers of each version, the fingerprint that tells which one a kernel has, and the half drawn
 * from kcore, from VMCOREINFO, from neither.
 */
#include <stdlib.h>

#include "kernel/arm64.h"
#include "kernel_sound.h"
#include "tap.h"

/** What one kernel has: sizeof(struct page) is 64, no KASAN. */
static const struct expected {
	enum arm64_epoch epoch;
	u8 page_shift, va_bits, va_actual;
	u64 total_kib;
	/* linear map, first of BPF's area, modules, vmalloc, FIXADDR_TOP, PCI I/O, vmemmap */
	u64 v[12];
} expected[] = {
	/* clang-format off */
	/* 4.6-5.3 */
	{ ARM64_4_6, 12, 39, 39, 263061440,
	  { 0xffffffc000000000, 0xffffffffffffffff, 0, 0xffffff8000000000, 0xffffff8007ffffff, 0xffffff8008000000, 0xffffffbebffeffff, 0xffffffbefec00000, 0xffffffbefee00000, 0xffffffbeffdfffff, 0xffffffbf00000000, 0xffffffbfffffffff } },
	{ ARM64_4_6, 12, 48, 48, 135290290112,
	  { 0xffff800000000000, 0xffffffffffffffff, 0, 0xffff000000000000, 0xffff000007ffffff, 0xffff000008000000, 0xffff7dffbffeffff, 0xffff7dfffec00000, 0xffff7dfffee00000, 0xffff7dffffdfffff, 0xffff7e0000000000, 0xffff7fffffffffff } },
	{ ARM64_4_6, 14, 36, 36, 33259456,
	  { 0xfffffff800000000, 0xffffffffffffffff, 0, 0xfffffff000000000, 0xfffffff007ffffff, 0xfffffff008000000, 0xfffffff7f5feffff, 0xfffffff7f6c00000, 0xfffffff7f6e00000, 0xfffffff7f7dfffff, 0xfffffff7f8000000, 0xfffffff7ffffffff } },
	{ ARM64_4_6, 14, 47, 47, 68383801280,
	  { 0xffffc00000000000, 0xffffffffffffffff, 0, 0xffff800000000000, 0xffff800007ffffff, 0xffff800008000000, 0xffffbfaffffeffff, 0xffffbfbffec00000, 0xffffbfbffee00000, 0xffffbfbfffdfffff, 0xffffbfc000000000, 0xffffbfffffffffff } },
	{ ARM64_4_6, 14, 48, 48, 136834842560,
	  { 0xffff800000000000, 0xffffffffffffffff, 0, 0xffff000000000000, 0xffff000007ffffff, 0xffff000008000000, 0xffff7f6ffffeffff, 0xffff7f7ffec00000, 0xffff7f7ffee00000, 0xffff7f7fffdfffff, 0xffff7f8000000000, 0xffff7fffffffffff } },
	{ ARM64_4_6, 16, 42, 42, 2144731072,
	  { 0xfffffe0000000000, 0xffffffffffffffff, 0, 0xfffffc0000000000, 0xfffffc0007ffffff, 0xfffffc0008000000, 0xfffffdff5ffeffff, 0xfffffdff7ec00000, 0xfffffdff7ee00000, 0xfffffdff7fdfffff, 0xfffffdff80000000, 0xfffffdffffffffff } },
	{ ARM64_4_6, 16, 48, 48, 133009637312,
	  { 0xffff800000000000, 0xffffffffffffffff, 0, 0xffff000000000000, 0xffff000007ffffff, 0xffff000008000000, 0xffff7bdffffeffff, 0xffff7fdffec00000, 0xffff7fdffee00000, 0xffff7fdfffdfffff, 0xffff7fe000000000, 0xffff7fffffffffff } },
	/* 5.4-5.10 */
	{ ARM64_5_4, 12, 39, 39, 262930368,
	  { 0xffffff8000000000, 0xffffffbfffffffff, 0xffffffc000000000, 0xffffffc008000000, 0xffffffc00fffffff, 0xffffffc010000000, 0xfffffffebffeffff, 0xfffffffefea00000, 0xfffffffefec00000, 0xfffffffeffbfffff, 0xfffffffeffe00000, 0xffffffffffdfffff } },
	{ ARM64_5_4, 12, 48, 48, 135290159040,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xfffffdffbffeffff, 0xfffffdfffea00000, 0xfffffdfffec00000, 0xfffffdffffbfffff, 0xfffffdffffe00000, 0xffffffffffdfffff } },
	{ ARM64_5_4, 14, 36, 36, 33128384,
	  { 0xfffffff000000000, 0xfffffff7ffffffff, 0xfffffff800000000, 0xfffffff808000000, 0xfffffff80fffffff, 0xfffffff810000000, 0xfffffffff5feffff, 0xfffffffff6a00000, 0xfffffffff6c00000, 0xfffffffff7bfffff, 0xfffffffff7e00000, 0xffffffffffdfffff } },
	{ ARM64_5_4, 14, 47, 47, 68383670208,
	  { 0xffff800000000000, 0xffffbfffffffffff, 0xffffc00000000000, 0xffffc00008000000, 0xffffc0000fffffff, 0xffffc00010000000, 0xffffffaffffeffff, 0xffffffbffea00000, 0xffffffbffec00000, 0xffffffbfffbfffff, 0xffffffbfffe00000, 0xffffffffffdfffff } },
	{ ARM64_5_4, 14, 48, 48, 136834711488,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xffffff6ffffeffff, 0xffffff7ffea00000, 0xffffff7ffec00000, 0xffffff7fffbfffff, 0xffffff7fffe00000, 0xffffffffffdfffff } },
	{ ARM64_5_4, 16, 42, 42, 2144600000,
	  { 0xfffffc0000000000, 0xfffffdffffffffff, 0xfffffe0000000000, 0xfffffe0008000000, 0xfffffe000fffffff, 0xfffffe0010000000, 0xffffffff5ffeffff, 0xffffffff7ea00000, 0xffffffff7ec00000, 0xffffffff7fbfffff, 0xffffffff7fe00000, 0xffffffffffdfffff } },
	{ ARM64_5_4, 16, 48, 48, 133009506240,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xfffffbdffffeffff, 0xffffffdffea00000, 0xffffffdffec00000, 0xffffffdfffbfffff, 0xffffffdfffe00000, 0xffffffffffdfffff } },
	{ ARM64_5_4, 16, 52, 52, 128982974400,
	  { 0xfff0000000000000, 0xfff7ffffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xfffff81ffffeffff, 0xfffffc1ffea00000, 0xfffffc1ffec00000, 0xfffffc1fffbfffff, 0xfffffc1fffe00000, 0xffffffffffdfffff } },
	/* 5.11-5.16 */
	{ ARM64_5_11, 12, 39, 39, 259522560,
	  { 0xffffff8000000000, 0xffffffbfffffffff, 0xffffffc000000000, 0xffffffc008000000, 0xffffffc00fffffff, 0xffffffc010000000, 0xfffffffdefffffff, 0xfffffffdfe000000, 0xfffffffdfe800000, 0xfffffffdff7fffff, 0xfffffffe00000000, 0xfffffffeffffffff } },
	{ ARM64_5_11, 12, 48, 48, 133143461888,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xfffffbffefffffff, 0xfffffbfffe000000, 0xfffffbfffe800000, 0xfffffbffff7fffff, 0xfffffc0000000000, 0xfffffdffffffffff } },
	{ ARM64_5_11, 14, 36, 36, 32768000,
	  { 0xfffffff000000000, 0xfffffff7ffffffff, 0xfffffff800000000, 0xfffffff808000000, 0xfffffff80fffffff, 0xfffffff810000000, 0xffffffffdfffffff, 0xffffffffee000000, 0xffffffffee800000, 0xffffffffef7fffff, 0xfffffffff0000000, 0xfffffffff7ffffff } },
	{ ARM64_5_11, 14, 47, 47, 68182081536,
	  { 0xffff800000000000, 0xffffbfffffffffff, 0xffffc00000000000, 0xffffc00008000000, 0xffffc0000fffffff, 0xffffc00010000000, 0xffffff7fefffffff, 0xffffff7ffe000000, 0xffffff7ffe800000, 0xffffff7fff7fffff, 0xffffff8000000000, 0xffffffbfffffffff } },
	{ ARM64_5_11, 14, 48, 48, 136364687360,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xfffffeffefffffff, 0xfffffefffe000000, 0xfffffefffe800000, 0xfffffeffff7fffff, 0xffffff0000000000, 0xffffff7fffffffff } },
	{ ARM64_5_11, 16, 42, 42, 2142765056,
	  { 0xfffffc0000000000, 0xfffffdffffffffff, 0xfffffe0000000000, 0xfffffe0008000000, 0xfffffe000fffffff, 0xfffffe0010000000, 0xfffffffeefffffff, 0xfffffffefe000000, 0xfffffffefe800000, 0xfffffffeff7fffff, 0xffffffff00000000, 0xffffffff7fffffff } },
	{ ARM64_5_11, 16, 48, 48, 137169993728,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xffffffbfefffffff, 0xffffffbffe000000, 0xffffffbffe800000, 0xffffffbfff7fffff, 0xffffffc000000000, 0xffffffdfffffffff } },
	{ ARM64_5_11, 16, 52, 52, 133143461888,
	  { 0xfff0000000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffff800008000000, 0xffff80000fffffff, 0xffff800010000000, 0xfffffbffefffffff, 0xfffffbfffe000000, 0xfffffbfffe800000, 0xfffffbffff7fffff, 0xfffffc0000000000, 0xffffffdfffffffff } },
	/* 5.17-6.4 */
	{ ARM64_5_17, 12, 39, 39, 259653632,
	  { 0xffffff8000000000, 0xffffffbfffffffff, 0, 0xffffffc000000000, 0xffffffc007ffffff, 0xffffffc008000000, 0xfffffffdefffffff, 0xfffffffdfe000000, 0xfffffffdfe800000, 0xfffffffdff7fffff, 0xfffffffe00000000, 0xfffffffeffffffff } },
	{ ARM64_5_17, 12, 48, 48, 133143592960,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff800007ffffff, 0xffff800008000000, 0xfffffbffefffffff, 0xfffffbfffe000000, 0xfffffbfffe800000, 0xfffffbffff7fffff, 0xfffffc0000000000, 0xfffffdffffffffff } },
	{ ARM64_5_17, 14, 36, 36, 32899072,
	  { 0xfffffff000000000, 0xfffffff7ffffffff, 0, 0xfffffff800000000, 0xfffffff807ffffff, 0xfffffff808000000, 0xffffffffdfffffff, 0xffffffffee000000, 0xffffffffee800000, 0xffffffffef7fffff, 0xfffffffff0000000, 0xfffffffff7ffffff } },
	{ ARM64_5_17, 14, 47, 47, 68182212608,
	  { 0xffff800000000000, 0xffffbfffffffffff, 0, 0xffffc00000000000, 0xffffc00007ffffff, 0xffffc00008000000, 0xffffff7fefffffff, 0xffffff7ffe000000, 0xffffff7ffe800000, 0xffffff7fff7fffff, 0xffffff8000000000, 0xffffffbfffffffff } },
	{ ARM64_5_17, 14, 48, 48, 136364818432,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff800007ffffff, 0xffff800008000000, 0xfffffeffefffffff, 0xfffffefffe000000, 0xfffffefffe800000, 0xfffffeffff7fffff, 0xffffff0000000000, 0xffffff7fffffffff } },
	{ ARM64_5_17, 16, 42, 42, 2142896128,
	  { 0xfffffc0000000000, 0xfffffdffffffffff, 0, 0xfffffe0000000000, 0xfffffe0007ffffff, 0xfffffe0008000000, 0xfffffffeefffffff, 0xfffffffefe000000, 0xfffffffefe800000, 0xfffffffeff7fffff, 0xffffffff00000000, 0xffffffff7fffffff } },
	{ ARM64_5_17, 16, 48, 48, 137170124800,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff800007ffffff, 0xffff800008000000, 0xffffffbfefffffff, 0xffffffbffe000000, 0xffffffbffe800000, 0xffffffbfff7fffff, 0xffffffc000000000, 0xffffffdfffffffff } },
	{ ARM64_5_17, 16, 52, 52, 133143592960,
	  { 0xfff0000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff800007ffffff, 0xffff800008000000, 0xfffffbffefffffff, 0xfffffbfffe000000, 0xfffffbfffe800000, 0xfffffbffff7fffff, 0xfffffc0000000000, 0xffffffdfffffffff } },
	/* 6.5-6.8 */
	{ ARM64_6_5, 12, 39, 39, 257687552,
	  { 0xffffff8000000000, 0xffffffbfffffffff, 0, 0xffffffc000000000, 0xffffffc07fffffff, 0xffffffc080000000, 0xfffffffdefffffff, 0xfffffffdfe000000, 0xfffffffdfe800000, 0xfffffffdff7fffff, 0xfffffffe00000000, 0xfffffffeffffffff } },
	{ ARM64_6_5, 12, 48, 48, 133141626880,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xfffffbffefffffff, 0xfffffbfffe000000, 0xfffffbfffe800000, 0xfffffbffff7fffff, 0xfffffc0000000000, 0xfffffdffffffffff } },
	{ ARM64_6_5, 14, 36, 36, 30932992,
	  { 0xfffffff000000000, 0xfffffff7ffffffff, 0, 0xfffffff800000000, 0xfffffff87fffffff, 0xfffffff880000000, 0xffffffffdfffffff, 0xffffffffee000000, 0xffffffffee800000, 0xffffffffef7fffff, 0xfffffffff0000000, 0xfffffffff7ffffff } },
	{ ARM64_6_5, 14, 47, 47, 68180246528,
	  { 0xffff800000000000, 0xffffbfffffffffff, 0, 0xffffc00000000000, 0xffffc0007fffffff, 0xffffc00080000000, 0xffffff7fefffffff, 0xffffff7ffe000000, 0xffffff7ffe800000, 0xffffff7fff7fffff, 0xffffff8000000000, 0xffffffbfffffffff } },
	{ ARM64_6_5, 14, 48, 48, 136362852352,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xfffffeffefffffff, 0xfffffefffe000000, 0xfffffefffe800000, 0xfffffeffff7fffff, 0xffffff0000000000, 0xffffff7fffffffff } },
	{ ARM64_6_5, 16, 42, 42, 2140930048,
	  { 0xfffffc0000000000, 0xfffffdffffffffff, 0, 0xfffffe0000000000, 0xfffffe007fffffff, 0xfffffe0080000000, 0xfffffffeefffffff, 0xfffffffefe000000, 0xfffffffefe800000, 0xfffffffeff7fffff, 0xffffffff00000000, 0xffffffff7fffffff } },
	{ ARM64_6_5, 16, 48, 48, 137168158720,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xffffffbfefffffff, 0xffffffbffe000000, 0xffffffbffe800000, 0xffffffbfff7fffff, 0xffffffc000000000, 0xffffffdfffffffff } },
	{ ARM64_6_5, 16, 52, 52, 133141626880,
	  { 0xfff0000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xfffffbffefffffff, 0xfffffbfffe000000, 0xfffffbfffe800000, 0xfffffbffff7fffff, 0xfffffc0000000000, 0xffffffdfffffffff } },
	/* 6.9+ */
	{ ARM64_6_9, 12, 39, 39, 261087232,
	  { 0xffffff8000000000, 0xffffffbfffffffff, 0, 0xffffffc000000000, 0xffffffc07fffffff, 0xffffffc080000000, 0xfffffffebf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xfffffffec0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 12, 48, 48, 135288315904,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xfffffdffbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xfffffdffc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 12, 52, 52, 70863806464,
	  { 0xfff0000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xffffc1ffbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffc1ffc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 14, 36, 36, 30269440,
	  { 0xfffffff000000000, 0xfffffff7ffffffff, 0, 0xfffffff800000000, 0xfffffff87fffffff, 0xfffffff880000000, 0xffffffffb77fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffffffb8000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 14, 47, 47, 68447887360,
	  { 0xffff800000000000, 0xffffbfffffffffff, 0, 0xffffc00000000000, 0xffffc0007fffffff, 0xffffc00080000000, 0xffffffbfbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffffbfc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 14, 48, 48, 136898928640,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xffffff7fbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffff7fc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 14, 52, 52, 51804889088,
	  { 0xfff0000000000000, 0xffffbfffffffffff, 0, 0xffffc00000000000, 0xffffc0007fffffff, 0xffffc00080000000, 0xfffff03fbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xfffff03fc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 16, 42, 42, 2142232576,
	  { 0xfffffc0000000000, 0xfffffdffffffffff, 0, 0xfffffe0000000000, 0xfffffe007fffffff, 0xfffffe0080000000, 0xffffffff3f7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffffff40000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 16, 48, 48, 137301581824,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xffffffdfbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffffdfc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 16, 52, 52, 133275049984,
	  { 0xfff0000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xfffffc1fbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xfffffc1fc0000000, 0xffffffffbfffffff } },
	/* 52 bits on a CPU that cannot */
	{ ARM64_6_9, 12, 52, 48, 135288315904,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xfffffdffbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xfffffdffc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 14, 52, 47, 68447887360,
	  { 0xffff800000000000, 0xffffbfffffffffff, 0, 0xffffc00000000000, 0xffffc0007fffffff, 0xffffc00080000000, 0xffffffbfbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffffbfc0000000, 0xffffffffbfffffff } },
	{ ARM64_6_9, 16, 52, 48, 137301581824,
	  { 0xffff000000000000, 0xffff7fffffffffff, 0, 0xffff800000000000, 0xffff80007fffffff, 0xffff800080000000, 0xffffffdfbf7fffff, 0xffffffffff800000, 0xffffffffc0800000, 0xffffffffc17fffff, 0xffffffdfc0000000, 0xffffffffbfffffff } },
	/* clang-format on */
};

static void test_formulas(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct expected *e = &expected[i];
		const struct arm64_mode m = { e->epoch, e->page_shift, e->va_bits, e->va_actual, 0,
					      64 };
		struct arm64_places p;
		u64 got[12];

		arm64_places(&m, &p);
		OK(arm64_mode_valid(&m));
		IS(range_size(p.vmalloc) / KIB, e->total_kib);
		memcpy(got,
		       (u64[]){ p.linear.first, p.linear.last, p.bpf.first, p.modules.first,
				p.modules.last, p.vmalloc.first, p.vmalloc.last, p.fixmap.last + 1,
				p.pci.first, p.pci.last, p.vmemmap.first, p.vmemmap.last },
		       sizeof(got));
		for (size_t j = 0; j < ARRAY_SIZE(got); j++)
			if (got[j] != e->v[j])
				IS(got[j], e->v[j]);
		OK(!memcmp(got, e->v, sizeof(got)));
		IS(p.half.first, -(UINT64_C(1) << e->va_actual));
	}
}

/* --- the fingerprint ----------------------------------------------------------------------------
 */

static void init(struct space *s, const char *release, u32 page_size)
{
	space_init(s);
	s->host.machine = xstrdup("aarch64");
	s->host.release = xstrdup(release);
	s->host.page_size = page_size;
	s->host.bits = 64;
}

/** The release that brought each layout. */
static const char *const releases[ARM64_NEPOCHS] = { "4.9.0",  "5.0.0", "5.4.0", "5.11.0",
						     "5.17.0", "6.5.0", "6.9.0" };

/** VmallocTotal, page size and release, which may be a little off, give the mode back. */
static void test_fingerprints(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		const struct expected *e = &expected[i];
		struct kfacts k = { .mem.vmalloc_total_kib = FIG(e->total_kib) };
		struct arm64_known n;
		struct space s;

		init(&s, releases[e->epoch], UINT32_C(1) << e->page_shift);
		OK(arm64_find_mode(&k, &s, &s, &n));
		IS(n.va_actual.v, e->va_actual);
		IS(n.m.epoch, e->epoch);
		/* A 52-bit kernel that runs with less is told from one of that width by VA_BITS. */
		if (e->va_bits == e->va_actual)
			IS(n.m.va_bits, e->va_bits);
		IS(n.conf, CONF_DERIVED);
		IS_STR(n.source, "meminfo");
		IS(s.nnotes, 0);
		space_release(&s);
	}
}

/** One VmallocTotal with this release; the epoch that is found. */
static enum arm64_epoch epoch_with(const char *release, u64 kib, u64 stext)
{
	struct kfacts k = { .mem.vmalloc_total_kib = FIG(kib) };
	struct arm64_known n = { .m.epoch = ARM64_NEPOCHS };
	struct space s;

	if (stext)
		k.syms.stext = FIG(stext);
	init(&s, release, 4096);
	arm64_find_mode(&k, &s, &s, &n);
	space_release(&s);
	return n.m.epoch;
}

static void test_release_is_no_proof(void)
{
	/* A stable 5.15 took over that BPF has no area of its own; uname says 5.15. */
	IS(epoch_with("5.15.160", UINT64_C(133143592960), 0), ARM64_5_17);
	IS(epoch_with("5.15.1", UINT64_C(133143461888), 0), ARM64_5_11);
	/* 5.0 to 5.3 and 5.4 to 5.10 share their totals: the image says which, against uname. */
	IS(epoch_with("5.2.0", UINT64_C(135290159040), 0), ARM64_5_0);
	IS(epoch_with("5.4.0", UINT64_C(135290159040), 0), ARM64_5_4);
	IS(epoch_with("5.2.0", UINT64_C(135290159040), UINT64_C(0xffff800010081000)), ARM64_5_4);
	IS(epoch_with("5.4.0", UINT64_C(135290159040), UINT64_C(0xffff000010081000)), ARM64_5_0);
}

static void test_configuration(void)
{
	struct kfacts k = { .mem.vmalloc_total_kib = FIG(UINT64_C(135288315904)),
			    .config = { .source = "config.gz", .arm64_va_bits = FIG(52) } };
	struct arm64_known n;
	struct space s;

	/* 48 bits in use: by a kernel that was built for 52, its configuration says. */
	init(&s, "6.12.0", 4096);
	OK(arm64_find_mode(&k, &s, &s, &n));
	IS(n.m.va_bits, 52);
	IS(n.m.va_actual, 48);
	/* It is of another kernel when it contradicts what this one prints. */
	k.config.arm64_va_bits = FIG(39);
	OK(arm64_find_mode(&k, &s, &s, &n));
	IS(n.m.va_bits, 48);
	/* KASAN with one byte for 8, 5.4: 0x1000... more before BPF's area */
	k.config = (struct kconfig){ .kasan = FIG(1), .kasan_generic = FIG(1) };
	k.mem.vmalloc_total_kib = FIG(UINT64_C(135290159040) - ((UINT64_C(1) << 45) / KIB));
	space_release(&s);
	init(&s, "5.10.0", 4096);
	OK(arm64_find_mode(&k, &s, &s, &n));
	IS(n.m.epoch, ARM64_5_4);
	IS(n.m.kasan, 3);
	/* struct page of 80 bytes moves the end of vmalloc (6.9). */
	k = (struct kfacts){ .btf.page_size = FIG(80) };
	k.mem.vmalloc_total_kib = FIG(UINT64_C(135288315904) - (UINT64_C(1) << 35) * 16 / KIB);
	space_release(&s);
	init(&s, "6.12.0", 4096);
	OK(arm64_find_mode(&k, &s, &s, &n));
	IS(n.m.page_struct, 80);
	OK(n.page_struct_exact);
	IS(n.m.epoch, ARM64_6_9);
	/* Nothing fits. */
	k.mem.vmalloc_total_kib = FIG(123456);
	k.task_end = FIG(UINT64_C(1) << 48);
	OK(arm64_find_mode(&k, &s, &s, &n));
	OK(!n.source);
	IS(n.va_actual.v, 48);
	IS_STR(n.va_actual.source, "mmap probe");
	IS(s.nnotes, 1);
	IS(s.notes[0].kind, NOTE_CONFLICT);
	k.task_end.have = false;
	OK(!arm64_find_mode(&k, &s, NULL, &n));
	space_release(&s);
}

static void test_kasan(void)
{
	struct arm64_mode m = { ARM64_5_4, 12, 48, 48, 3, 64 };
	struct arm64_places p;

	/* KASAN_SHADOW_OFFSET 0xdfffa00000000000 (arch/arm64/Kconfig, 5.4) */
	arm64_places(&m, &p);
	IS(p.kasan.first, UINT64_C(0xffff800000000000));
	IS(p.kasan.last, UINT64_C(0xffff9fffffffffff));
	IS(p.bpf.first, UINT64_C(0xffffa00000000000));
	IS(p.vmalloc.first, UINT64_C(0xffffa00010000000));
	/* 0xdfff800000000000 (5.11): in the upper end of the linear map */
	m.epoch = ARM64_6_5;
	arm64_places(&m, &p);
	IS(p.kasan.first, UINT64_C(0xffff600000000000));
	IS(p.kasan.last, UINT64_C(0xffff7fffffffffff));
	IS(p.linear.last, UINT64_C(0xffff5fffffffffff));
	IS(p.modules.first, UINT64_C(0xffff800000000000));
	/* software tags, a byte for 16: 0xefff800000000000 */
	m.kasan = 4;
	arm64_places(&m, &p);
	IS(p.kasan.first, UINT64_C(0xffff700000000000));
	/* 4.9: below the modules */
	m = (struct arm64_mode){ ARM64_4_6, 12, 48, 48, 3, 64 };
	arm64_places(&m, &p);
	IS(p.kasan.first, UINT64_C(0xffff000000000000));
	IS(p.modules.first, UINT64_C(0xffff200000000000));
}

/* --- the half -----------------------------------------------------------------------------------
 */

static void segment(struct kfacts *k, u64 vaddr, u64 memsz, u64 paddr)
{
	size_t n = k->kcore.nsegments;

	k->kcore.segments = xreallocarray(k->kcore.segments, n + 1, sizeof(*k->kcore.segments));
	k->kcore.segments[k->kcore.nsegments++] = (struct kcore_segment){ vaddr, memsz, paddr, 0 };
	k->status[KSRC_KCORE].state = KSRC_READ;
}

/** A machine under 6.1 with 512 MiB, KASLR on: what root reads there. */
static void machine(struct kfacts *k, bool kcore)
{
	*k = (struct kfacts){ .mem.vmalloc_total_kib = FIG(UINT64_C(133143592960)) };
	k->syms.stext = FIG(UINT64_C(0xffffc1ea49210000));
	k->iomem.code = (struct range){ 0x40210000, 0x4185ffff };
	k->iomem.data = (struct range){ 0x41eb0000, 0x4220ffff };
	k->iomem.have_code = k->iomem.have_data = true;
	GROW(k->iomem.ram, k->iomem.nram, k->iomem.cap_ram);
	k->iomem.ram[k->iomem.nram++] = (struct range){ 0x40000000, 0x5fffffff };
	k->btf.page_size = FIG(64);
	k->btf.fix_permanent_end = FIG(1035);
	k->btf.fix_end = FIG(1499);
	if (!kcore)
		return;
	segment(k, UINT64_C(0xffffc1ea49200000), 0x2010000, 0x40200000);
	segment(k, UINT64_C(0xffff800008000000), UINT64_C(0x7bffe8000000), UINT64_MAX);
	segment(k, UINT64_C(0xffff800000000000), 0x8000000, UINT64_MAX);
	segment(k, UINT64_C(0xffff000000000000), 0x20000000, 0x40000000);
	segment(k, UINT64_C(0xfffffc0000000000), 0x800000, UINT64_MAX);
}

static const struct region *find(const struct space *s, const char *name)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (!strcmp(s->regions[i].name, name))
			return &s->regions[i];
	return NULL;
}

static const struct note *find_note(const struct space *s, enum note_kind kind, const char *source)
{
	for (size_t i = 0; i < s->nnotes; i++)
		if (s->notes[i].kind == kind && !strcmp(s->notes[i].source, source))
			return &s->notes[i];
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

static void test_kcore(void)
{
	struct kfacts k;
	struct space s;

	init(&s, "6.1.0-50-arm64", 4096);
	machine(&k, true);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS(s.host.levels, 4);
	IS(s.kernel.first, UINT64_C(0xffff000000000000));
	IS(s.user.last, UINT64_C(0xffffffffffff));
	IS_REGION(&s, "linear map of RAM", 0xffff000000000000, 0xffff7fffffffffff, CONF_DERIVED,
		  "meminfo");
	IS_REGION(&s, "RAM", 0xffff000000000000, 0xffff00001fffffff, CONF_EXACT, "kcore");
	IS_REGION(&s, "modules", 0xffff800000000000, 0xffff800007ffffff, CONF_EXACT, "kcore");
	IS_REGION(&s, "vmalloc", 0xffff800008000000, 0xfffffbffefffffff, CONF_EXACT, "kcore");
	IS_REGION(&s, "vmemmap", 0xfffffc0000000000, 0xfffffdffffffffff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "PCI I/O", 0xfffffbfffe800000, 0xfffffbffff7fffff, CONF_DERIVED, "meminfo");
	/* FIXADDR_START and _TOP as such a kernel has them */
	IS_REGION(&s, "fixmap", 0xfffffbfffdbf5000, 0xfffffbfffdffffff, CONF_DERIVED, "btf");
	IS_REGION(&s, "fixmap, boot part", 0xfffffbfffda25000, 0xfffffbfffdbf4fff, CONF_DERIVED,
		  "btf");
	/* What is below _stext is vmalloc's by then. */
	OK(!find(&s, "kernel head"));
	IS_REGION(&s, "kernel text, rodata", 0xffffc1ea49210000, 0xffffc1ea4a85ffff, CONF_EXACT,
		  "iomem");
	IS_REGION(&s, "kernel init, freed", 0xffffc1ea4a860000, 0xffffc1ea4aeaffff, CONF_EXACT,
		  "iomem");
	IS_REGION(&s, "kernel data, bss", 0xffffc1ea4aeb0000, 0xffffc1ea4b20ffff, CONF_EXACT,
		  "iomem");
	IS(find(&s, "kernel data, bss")->depth, 1);
	IS(find(&s, "kernel data, bss")->perms, PERM_R | PERM_W);
	IS(find(&s, "linear map of RAM")->used.v, 512 * MIB);
	IS(space_problems(&s), 0);
	space_release(&s);
	kfacts_release(&k);
}

/** Without kcore nothing but the image's start is exact, and RAM is not placed. */
static void test_no_kcore(void)
{
	struct kfacts k;
	struct space s;
	unsigned exact = 0;

	init(&s, "6.1.0-50-arm64", 4096);
	machine(&k, false);
	kernel_layout(&k, &s);
	OK(sound(&s));
	IS_REGION(&s, "vmalloc", 0xffff800008000000, 0xfffffbffefffffff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "modules", 0xffff800000000000, 0xffff800007ffffff, CONF_DERIVED, "meminfo");
	IS_REGION(&s, "kernel text, rodata", 0xffffc1ea49210000, 0xffffc1ea4a85ffff, CONF_DERIVED,
		  "iomem");
	OK(!find(&s, "RAM"));
	OK(strstr(find(&s, "linear map of RAM")->note, "PHYS_OFFSET is not known"));
	for (size_t i = 0; i < s.nregions; i++)
		exact += s.regions[i].conf == CONF_EXACT;
	IS(exact, 0);
	IS(space_problems(&s), 0);
	space_release(&s);
	kfacts_release(&k);
}

/* KASLR of a CPU with a small physical range moves RAM up in the linear map: PHYS_OFFSET < 0. */
static void test_negative_phys_offset(void)
{
	static const char note[] = "NUMBER(VA_BITS)=48\n"
				   "NUMBER(VMALLOC_START)=0xffff800008000000\n"
				   "NUMBER(VMALLOC_END)=0xfffffbfff0000000\n"
				   "NUMBER(VMEMMAP_START)=0xfffffc0000000000\n"
				   "NUMBER(VMEMMAP_END)=0xfffffe0000000000\n"
				   "NUMBER(PHYS_OFFSET)=0xffffb2b1c0000000\n"
				   "NUMBER(TCR_EL1_T1SZ)=0x10\n";
	struct kfacts k;
	struct space s;

	init(&s, "6.1.0-50-arm64", 4096);
	machine(&k, false);
	k.kcore.vmcoreinfo = xstrdup(note);
	kernel_layout(&k, &s);
	OK(sound(&s));
	/* (0x40000000 - PHYS_OFFSET) | PAGE_OFFSET; the formula's use of it is derived */
	IS_REGION(&s, "RAM", 0xffff4d4e80000000, 0xffff4d4e9fffffff, CONF_DERIVED, "iomem");
	IS_REGION(&s, "vmalloc", 0xffff800008000000, 0xfffffbffefffffff, CONF_EXACT, "vmcoreinfo");
	IS_REGION(&s, "vmemmap", 0xfffffc0000000000, 0xfffffdffffffffff, CONF_EXACT, "vmcoreinfo");
	space_release(&s);
	kfacts_release(&k);
}

/** A kernel that says something else than every formula: only what it says is drawn. */
static void test_contradiction(void)
{
	struct kfacts k;
	struct space s;

	init(&s, "6.1.0-50-arm64", 4096);
	machine(&k, false);
	k.kcore.vmcoreinfo = xstrdup("NUMBER(VMALLOC_START)=0xffff800010000000\n"
				     "NUMBER(VMALLOC_END)=0xfffffbfff0000000\n");
	kernel_layout(&k, &s);
	OK(sound(&s));
	OK(find_note(&s, NOTE_CONFLICT, "meminfo"));
	IS_REGION(&s, "vmalloc", 0xffff800010000000, 0xfffffbffefffffff, CONF_EXACT, "vmcoreinfo");
	OK(!find(&s, "PCI I/O") && !find(&s, "fixmap"));
	IS(find(&s, "linear map of RAM")->conf, CONF_BOUNDS);
	IS(find(&s, "vmemmap")->conf, CONF_BOUNDS);
	space_release(&s);
	kfacts_release(&k);
}

/** What says nothing, wraps or is absurd invents nothing. */
static void test_hostile(void)
{
	static const u64 odd[] = {
		0, 1, 0xffff000000000000, 0xffff800008000000, 0xfffffffffffff000, UINT64_MAX
	};
	struct kfacts k;
	struct space s;
	unsigned unsound = 0;

	for (size_t i = 0; i < ARRAY_SIZE(odd) * ARRAY_SIZE(odd) * ARRAY_SIZE(odd); i++) {
		u64 a = odd[i % 6], b = odd[i / 6 % 6], c = odd[i / 36];

		init(&s, "6.1.0", 4096);
		machine(&k, i % 5 == 0);
		if (a && a - 1 <= UINT64_MAX - b)
			segment(&k, b, a, c);
		k.iomem.data.last = c;
		k.syms.stext = FIG(b);
		k.memory = (struct kmemory){
			.source = "kcore", .memstart = FIG(a), .vmalloc = FIG(c), .vabits = FIG(b)
		};
		kernel_layout(&k, &s);
		unsound += s.nregions && !sound(&s);
		space_release(&s);
		kfacts_release(&k);
	}
	IS(unsound, 0);
	init(&s, "6.1.0", 12345);
	k = (struct kfacts){ .mem.vmalloc_total_kib = FIG(1) };
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	OK(find_note(&s, NOTE_LIMIT, "kernel half"));
	space_release(&s);
}

int main(void)
{
	test_formulas();
	test_fingerprints();
	test_release_is_no_proof();
	test_configuration();
	test_kasan();
	test_kcore();
	test_no_kcore();
	test_negative_phys_offset();
	test_contradiction();
	test_hostile();
	return tap_done();
}
