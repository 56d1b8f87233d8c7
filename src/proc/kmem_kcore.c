/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads kernel memory through /proc/kcore. A read of what is not mapped gives zeros there, or (of
 * addresses that no segment has) fails.
 */
#include "kmem_parts.h"

#include <errno.h>
#include <unistd.h>

static int read_all(int fd, u64 offset, u8 *to, size_t len)
{
	while (len) {
		ssize_t n = pread(fd, to, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return -EFAULT;
		to += n;
		offset += (u64)n;
		len -= (size_t)n;
	}
	return 0;
}

typedef bool find_fn(const struct kcore *k, u64 addr, u64 *offset, size_t *len);

static int read_found(const struct kcore *k, int fd, find_fn *find, u64 addr, u8 *to, size_t len)
{
	if (len && addr > UINT64_MAX - (len - 1))
		return -EFAULT;
	while (len) {
		size_t n = len;
		u64 offset;
		int err;

		if (!find(k, addr, &offset, &n))
			return -EFAULT;
		err = read_all(fd, offset, to, n);
		if (err)
			return err;
		to += n;
		addr += n;
		len -= n;
	}
	return 0;
}

int kcore_read_at(const struct kcore *k, int fd, u64 addr, void *to, size_t len)
{
	return read_found(k, fd, kcore_find, addr, to, len);
}

int kcore_read_phys_at(const struct kcore *k, int fd, u64 pa, void *to, size_t len)
{
	return read_found(k, fd, kcore_find_phys, pa, to, len);
}

/* --- before 4.11 ------------------------------------------------------------------------------ */

/** Does the segment map a range of RAM, whole pages of it, at this distance? */
static bool maps_ram(const struct kfacts *k, const struct kcore_segment *g, u64 base, u32 page,
		     u64 *pa)
{
	for (size_t i = 0; i < k->iomem.nram; i++) {
		u64 first = (k->iomem.ram[i].first + page - 1) / page * page;
		u64 end = (k->iomem.ram[i].last + 1) / page * page;

		if (first < end && g->memsz == end - first && g->vaddr - base == first) {
			*pa = first;
			return true;
		}
	}
	return false;
}

static size_t count_matches(const struct kfacts *k, u64 base, u32 page)
{
	size_t n = 0;
	u64 pa;

	for (size_t i = 0; i < k->kcore.nsegments; i++)
		n += maps_ram(k, &k->kcore.segments[i], base, page, &pa);
	return n;
}

/** The one distance at which most segments are RAM; false when two do equally well. */
static bool common_base(const struct kfacts *k, u32 page, u64 *ret)
{
	size_t best = 0, n;
	bool one = false;

	for (size_t i = 0; i < k->kcore.nsegments; i++) {
		for (size_t j = 0; j < k->iomem.nram; j++) {
			u64 first = (k->iomem.ram[j].first + page - 1) / page * page;
			u64 base = k->kcore.segments[i].vaddr - first;

			if (best && base == *ret)
				continue;
			n = count_matches(k, base, page);
			if (n > best) {
				best = n;
				*ret = base;
				one = true;
			} else if (n && n == best) {
				one = false;
			}
		}
	}
	return one;
}

/** The image starts its segment; on arm64 that of vmalloc may hold it, too, and is far larger. */
static bool is_text(const struct kfacts *k, const struct kcore_segment *g)
{
	const struct fig *text = k->syms.text.have ? &k->syms.text : &k->syms.stext;

	return text->have && text->v - g->vaddr < MIN(g->memsz, MIB) && g->memsz <= GIB &&
	       k->iomem.have_code;
}

/** More segments or RAM ranges than such kernels have are not compared, each with each. */
#define OLD_MAX 48

static bool all_zero(const struct kcore *k)
{
	for (size_t i = 0; i < k->nsegments; i++)
		if (k->segments[i].paddr)
			return false;
	return k->nsegments > 1;
}

void kcore_old_paddr(struct kfacts *k, u32 page_size, u8 bits)
{
	struct kcore *core = &k->kcore;
	size_t lowest = 0;
	u64 base = 0, pa;
	bool known;

	if (!all_zero(core))
		return;
	known = bits == 64 && page_size && core->nsegments <= OLD_MAX && k->iomem.nram <= OLD_MAX &&
		common_base(k, page_size, &base);
	for (size_t i = 0; i < core->nsegments; i++) {
		struct kcore_segment *g = &core->segments[i];

		if (g->vaddr < core->segments[lowest].vaddr)
			lowest = i;
		if (known && maps_ram(k, g, base, page_size, &pa))
			g->paddr = pa;
		else if (bits == 64 && is_text(k, g))
			g->paddr = k->iomem.code.first;
		else
			g->paddr = UINT64_MAX;
	}
	/* 32 bits: lowmem is one segment, from physical 0 on, below all others. */
	if (bits == 32)
		core->segments[lowest].paddr = 0;
}
