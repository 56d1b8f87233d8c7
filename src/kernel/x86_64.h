/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Private to the files of x86_64: what the sources together say of where things begin
 * (x86_64_bases.c, x86_64_image.c), for those that draw up the regions (x86_64.c, x86_64_image.c).
 */
#ifndef PROCMAP_KERNEL_X86_64_H
#define PROCMAP_KERNEL_X86_64_H

#include "arch.h"

/* Fixed places, the same with 4 and 5 levels (Documentation/arch/x86/x86_64/mm.rst, 6.18). */
#define X86_CPU_ENTRY	UINT64_C(0xfffffe0000000000) /**< and where region KASLR ends */
#define X86_ESPFIX	UINT64_C(0xffffff0000000000)
#define X86_EFI		UINT64_C(0xffffffef00000000)
#define X86_EFI_END	UINT64_C(0xffffffff00000000)
#define X86_IMAGE	UINT64_C(0xffffffff80000000) /**< __START_KERNEL_map */
#define X86_MODULES_END UINT64_C(0xffffffffff000000)
#define X86_VSYSCALL	UINT64_C(0xffffffffff600000)
#define X86_FIXADDR_TOP UINT64_C(0xffffffffff7ff000)
#define X86_LAST_HOLE	UINT64_C(0xffffffffffe00000)
#define X86_PAGE	UINT64_C(0x1000)

/** What differs with the levels: starts and sizes where region KASLR is off. */
struct x86_defaults {
	u64 half, ldt, ldt_size, direct, direct_size, vmalloc, vmalloc_size, vmemmap, vmemmap_size;
	u64 kasan, kasan_end;
	u64 max_ram; /**< 2^MAX_PHYSMEM_BITS: what region KASLR reserves at most */
};

enum x86_kaslr {
	X86_KASLR_UNKNOWN, /**< may be on */
	X86_KASLR_OFF,
	X86_KASLR_ON,
};

/** The parts of the image that have names of their own, rising. */
enum x86_part { X86_TEXT, X86_RODATA, X86_DATA, X86_BSS, X86_NPARTS };

struct x86 {
	const struct kfacts *k;
	struct space *s;
	unsigned levels;
	const char *levels_source;
	struct x86_defaults def;
	enum x86_kaslr image_kaslr, region_kaslr;
	const char *image_kaslr_source, *region_kaslr_source;
	struct base direct, vmalloc, vmemmap, text;
	u64 link;	     /**< _text without KASLR */
	u64 image_window;    /**< KERNEL_IMAGE_SIZE */
	struct base modules; /**< start of the modules' area */
	u64 modules_end;     /**< exclusive */
	u64 image_end;	     /**< last byte + 1; 0 unknown */
	enum conf image_end_conf;
	const char *image_end_source;
	struct range part[X86_NPARTS]; /**< where they run; first 0: unknown */
	const char *part_source;
	u64 vmalloc_size; /**< of the part that vmalloc() itself uses */
	u64 page_struct;  /**< sizeof(struct page) */
	enum conf page_struct_conf;
	struct range *ram; /**< whole pages of RAM, rising; owned */
	size_t nram;
	const char *ram_source;
	u64 ram_bytes; /**< sum of ram */
	u64 ram_end;   /**< max_pfn in bytes; 0 unknown */
	const char *ram_end_source;
	struct range kcore_modules; /**< last 0: not in kcore */
};

/** Works out all of the above; false when the paging levels are unknown. */
bool x86_bases(struct x86 *x, const struct kfacts *k, struct space *s);
void x86_release(struct x86 *x);

/** The image, its parts, its window and the modules' area behind it (x86_64_image.c). */
void x86_find_image(struct x86 *x);
void x86_add_image(const struct x86 *x);

/** Could the kernel image begin here? */
static inline bool x86_in_image_window(u64 v)
{
	return v >= X86_IMAGE && v < X86_IMAGE + GIB;
}

/** The interval each of the three regions lies in when its base is not known. */
struct x86_intervals {
	struct range direct, vmalloc, vmemmap;
};
struct x86_intervals x86_intervals(const struct x86 *x);

static inline u64 round_up(u64 v, u64 to)
{
	return (v + to - 1) / to * to;
}

static inline u64 round_down(u64 v, u64 to)
{
	return v / to * to;
}

#endif
