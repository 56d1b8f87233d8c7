/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Private to the files of arm64: the layouts that were ever used, as formulas (arm64_places.c), and
 * what the sources together say of this kernel (arm64_bases.c), for those that draw up the regions
 * (arm64.c) and for the user half.
 */
#ifndef PROCMAP_KERNEL_ARM64_H
#define PROCMAP_KERNEL_ARM64_H

#include "arch.h"

/** The layouts one after the other, by the version that brought them. */
enum arm64_epoch {
	ARM64_4_6,  /**< linear map in the upper half, modules first */
	ARM64_5_0,  /**< 128 MiB for code of BPF below the modules */
	ARM64_5_4,  /**< linear map in the lower half: the ends have changed places */
	ARM64_5_11, /**< vmemmap a projection of the linear map, more room at the top */
	ARM64_5_17, /**< no area for code of BPF any more */
	ARM64_6_5,  /**< 2 GiB of modules */
	ARM64_6_9,  /**< PCI I/O and fixmap above vmemmap; 52 bits with all page sizes */
	ARM64_NEPOCHS
};

/** What the places follow from. */
struct arm64_mode {
	enum arm64_epoch epoch;
	u8 page_shift;	 /**< 12, 14, 16 */
	u8 va_bits;	 /**< CONFIG_ARM64_VA_BITS: 36, 39, 42, 47, 48, 52 */
	u8 va_actual;	 /**< vabits_actual: less where the CPU cannot do 52 */
	u8 kasan;	 /**< KASAN_SHADOW_SCALE_SHIFT: 3, 4; 0: no shadow */
	u32 page_struct; /**< sizeof(struct page) */
};

/** Where things are. A range with last == 0 does not exist. */
struct arm64_places {
	struct range half, linear, kasan, bpf, modules, vmalloc, vmemmap, pci;
	struct range fixmap; /**< where the fixmap can be: it ends at FIXADDR_TOP */
	u64 page_offset;     /**< PAGE_OFFSET, which a 52-bit kernel may have below the half */
};

/** Is there a kernel with this page size, width and layout? va_actual is judged, too. */
bool arm64_mode_valid(const struct arm64_mode *m);
void arm64_places(const struct arm64_mode *m, struct arm64_places *ret);
/** Levels of page tables that so many bits need with pages of 2^page_shift bytes. */
u8 arm64_levels(unsigned bits, unsigned page_shift);
/** The epoch of a release; the last one when it cannot be read. */
enum arm64_epoch arm64_epoch_of(const struct space *s);
const char *arm64_epoch_name(enum arm64_epoch e);

/** What is known of the mode. */
struct arm64_known {
	struct arm64_mode m;
	struct base va_bits, va_actual; /**< their values are in m, too */
	const char *source;		/**< what told the epoch; NULL: the layout is not known */
	enum conf conf;			/**< of places by the formula */
	bool page_struct_exact;
};

/**
 * VMCOREINFO and kernel memory, then the fingerprint that VmallocTotal is, the configuration and
 * the release. False when not even the width of the addresses in use is known. Notes contradictions
 * if `s` is to be told of them.
 */
bool arm64_find_mode(const struct kfacts *k, const struct space *s, struct space *notes,
		     struct arm64_known *ret);

/** All of it, for arm64.c. */
struct arm64 {
	const struct kfacts *k;
	struct space *s;
	struct arm64_known known;
	struct arm64_places p; /**< by the formula; only with known.source */
	struct base modules, modules_end, vmalloc, vmalloc_end, vmemmap, vmemmap_end;
	struct base phys_offset; /**< PHYS_OFFSET: may be negative */
	struct base text;	 /**< _text, or _stext where that is all that is exported */
	struct base image_end;	 /**< exclusive */
	struct base voffset;	 /**< address less physical address of the image */
	struct linear ram;
};

/** Works out all of the above; false when nothing can be drawn. */
bool arm64_bases(struct arm64 *a, const struct kfacts *k, struct space *s);
void arm64_release(struct arm64 *a);

#endif
