/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is not present: swap, migration, poison, devices, markers. The type tells them apart, and
 * which type means what depends on the version and on the configuration.
 */
#include "arch.h"
#include "ptwalk.h"

/** 1 << MAX_SWAPFILES_SHIFT (include/linux/swap.h, 4.19 to 6.18). */
#define SWAP_TYPES 32

/** Takes `n` of the types below *top. */
static u8 take(u8 *top, u8 n)
{
	*top = (u8)(*top - n);
	return *top;
}

/**
 * include/linux/swap.h of 4.19, 5.14, 5.19, 6.1, 6.2, 6.15, 6.18: above the swap areas come poison,
 * migration, devices, markers; the swapin error of 5.19 became a marker with 6.2. A configuration
 * without migration is taken for one that was not recorded in full: everyone has it.
 */
struct pt_special pt_special_for(const struct space *s, const struct kconfig *c)
{
	struct pt_special ret = { .lowest = SWAP_TYPES - 10 };
	bool v519 = release_at_least(s, 5, 19), v62 = release_at_least(s, 6, 2);
	u8 top = SWAP_TYPES;

	ret.n_marker = v62;
	ret.n_swapin_error = v519 && !v62;
	ret.swapin_error = take(&top, ret.n_swapin_error);
	if (v62)
		ret.marker = take(&top, 1);
	if (!c->migration.have || !c->migration.v || !s->host.release)
		return ret;
	ret.known = true;
	if (v519 && !v62 && c->pte_marker.have && c->pte_marker.v) {
		ret.n_marker = 1;
		ret.marker = take(&top, 1);
	}
	if (c->device_private.v) {
		ret.n_device = release_at_least(s, 6, 15) ? 3 : release_at_least(s, 5, 14) ? 4 : 2;
		ret.device = take(&top, ret.n_device);
	}
	ret.n_migration = v519 ? 3 : 2;
	ret.migration = take(&top, ret.n_migration);
	if (c->memory_failure.v) {
		ret.n_hwpoison = 1;
		ret.hwpoison = take(&top, 1);
	}
	ret.lowest = top;
	return ret;
}

static bool type_is(u8 type, u8 first, u8 n)
{
	return type >= first && type < first + n;
}

/** The bit that names the kind of entry a type makes; 0 when it may be one or the other. */
static u32 kind_of(const struct pt_special *sp, u8 type)
{
	if (type_is(type, sp->marker, sp->n_marker))
		return PT_MARKER;
	if (type_is(type, sp->swapin_error, sp->n_swapin_error))
		return PT_HWPOISON;
	if (type_is(type, sp->device, sp->n_device))
		return PT_DEVICE;
	if (type_is(type, sp->migration, sp->n_migration))
		return PT_MIGRATION | (type == sp->migration + sp->n_migration - 1 ? PT_WRITE : 0u);
	if (type_is(type, sp->hwpoison, sp->n_hwpoison))
		return PT_HWPOISON;
	return type < sp->lowest ? PT_SWAP : 0;
}

/** Sets what a PFN in the place of the offset says, and what migration keeps above it. */
static void pfn_entry(const struct pt_format *f, struct pt_entry *e)
{
	unsigned bits = f->swap.pfn_bits;
	u64 offset = e->swap_offset;

	if (bits) {
		e->swap_offset &= (UINT64_C(1) << bits) - 1;
		if (e->flags & PT_MIGRATION && offset >> bits & 1)
			e->flags |= PT_ACCESSED;
		if (e->flags & PT_MIGRATION && offset >> bits & 2)
			e->flags |= PT_DIRTY;
	}
	e->pa = e->swap_offset << f->shift[0];
}

void pt_swap_decode(const struct pt_format *f, u64 raw, struct pt_entry *e)
{
	const struct pt_swap *sw = &f->swap;
	u64 v = sw->inverted ? ~raw : raw;

	if (!sw->known)
		return;
	e->swap_type = (u8)(raw >> sw->type_shift & ((1u << sw->type_bits) - 1));
	e->swap_offset = v >> sw->offset_shift & ((UINT64_C(1) << sw->offset_bits) - 1);
	e->flags = kind_of(&sw->special, e->swap_type);
	if (raw & sw->soft_dirty)
		e->flags |= PT_SOFT_DIRTY;
	if (raw & sw->uffd_wp)
		e->flags |= PT_UFFD_WP;
	if (raw & sw->exclusive)
		e->flags |= PT_EXCLUSIVE;
	if (e->flags & PT_PFN_ENTRY &&
	    !type_is(e->swap_type, sw->special.swapin_error, sw->special.n_swapin_error))
		pfn_entry(f, e);
}
