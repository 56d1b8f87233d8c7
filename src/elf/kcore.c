/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of /proc/kcore (fs/proc/kcore.c): one PT_LOAD for each range the kernel maps, one
 * PT_NOTE with the VMCOREINFO text and the reader's own task_struct. Nothing behind the headers is
 * read; where it stands there is told by kcore_find().
 */
#include "elf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ELF

#include <gelf.h>
#include <libelf.h>

/** Real notes have 5 to 10 KiB; a crafted header may claim anything, and there may be many. */
#define NOTES_MAX (1u << 20)
/** e_phnum has 16 bits, and the kernel makes no use of the way around that. */
#define HEADERS_MAX UINT16_MAX

static void add_segment(struct kcore *k, const GElf_Phdr *ph, size_t *cap)
{
	/* The highest range ends at 2^64 - 1 at most; one that wraps is damage, never a range. */
	if (!ph->p_memsz || ph->p_vaddr + (ph->p_memsz - 1) < ph->p_vaddr) {
		k->nbad++;
		return;
	}
	GROW(k->segments, k->nsegments, *cap);
	k->segments[k->nsegments++] = (struct kcore_segment){
		ph->p_vaddr,
		ph->p_memsz,
		ph->p_paddr,
		ph->p_offset,
	};
}

/** Keeps the text of the first VMCOREINFO note. Text only: up to the first NUL. */
static void keep_note(struct kcore *k, const GElf_Nhdr *nh, const char *name, const char *desc)
{
	if (!k->vmcoreinfo && nh->n_namesz == sizeof("VMCOREINFO") &&
	    !memcmp(name, "VMCOREINFO", sizeof("VMCOREINFO"))) {
		k->vmcoreinfo = xmemdupz(desc, strnlen(desc, nh->n_descsz));
	} else if (!k->task && nh->n_type == NT_TASKSTRUCT && nh->n_descsz &&
		   nh->n_namesz == sizeof("CORE") && !memcmp(name, "CORE", sizeof("CORE"))) {
		k->task = (u8 *)xmemdupz(desc, nh->n_descsz);
		k->task_len = nh->n_descsz;
	}
}

/** `left`: how much may still be read, of all notes together. */
static void read_notes(Elf *elf, const GElf_Phdr *ph, struct kcore *k, size_t *left)
{
	size_t size = (size_t)MIN(ph->p_filesz, *left), at = 0, next, name_at, desc_at;
	Elf_Data *d;
	GElf_Nhdr nh;

	if (!size || ph->p_offset > INT64_MAX)
		return;
	*left -= size;
	d = elf_getdata_rawchunk(elf, (int64_t)ph->p_offset, size, ELF_T_NHDR);
	if (!d)
		return;
	for (; (next = gelf_getnote(d, at, &nh, &name_at, &desc_at)) > 0; at = next)
		keep_note(k, &nh, (const char *)d->d_buf + name_at,
			  (const char *)d->d_buf + desc_at);
}

/**
 * A core of the kernel has the class of the kernel. 32-bit -1 in p_paddr is "none", too: it is
 * widened here so that callers know one value only.
 */
static int read_headers(Elf *elf, struct kcore *k)
{
	GElf_Ehdr eh;
	GElf_Phdr ph;
	size_t n, cap = 0, notes_left = NOTES_MAX;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh) || eh.e_type != ET_CORE)
		return -ENOEXEC;
	if (elf_getphdrnum(elf, &n) || n > HEADERS_MAX)
		return -EBADMSG;
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph))
			return -EBADMSG;
		if (ph.p_type == PT_NOTE) {
			read_notes(elf, &ph, k, &notes_left);
		} else if (ph.p_type == PT_LOAD) {
			if (eh.e_ident[EI_CLASS] == ELFCLASS32 && ph.p_paddr == UINT32_MAX)
				ph.p_paddr = UINT64_MAX;
			add_segment(k, &ph, &cap);
		}
	}
	return k->nsegments ? 0 : -EBADMSG;
}

int kcore_read(int fd, struct kcore *ret)
{
	Elf *elf;
	int err;

	*ret = (struct kcore){ 0 };
	if (elf_version(EV_CURRENT) == EV_NONE)
		return -ENOTSUP;
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return -ENOEXEC;
	err = read_headers(elf, ret);
	elf_end(elf);
	if (err)
		kcore_release(ret);
	return err;
}

#else

int kcore_read(int fd, struct kcore *ret)
{
	(void)fd;
	*ret = (struct kcore){ 0 };
	return -ENOTSUP;
}

#endif

void kcore_release(struct kcore *k)
{
	free(k->segments);
	free(k->vmcoreinfo);
	free(k->task);
	*k = (struct kcore){ 0 };
}

/* --- lookups --------------------------------------------------------------------------------- */

/** A physical range that would wrap is damage. */
static bool has_physical(const struct kcore_segment *g)
{
	return g->paddr != UINT64_MAX && g->memsz - 1 <= UINT64_MAX - 1 - g->paddr;
}

static const struct kcore_segment *find(const struct kcore *k, u64 addr, size_t *len)
{
	for (size_t i = 0; i < k->nsegments; i++) {
		const struct kcore_segment *g = &k->segments[i];

		if (addr < g->vaddr) {
			/* An earlier segment that starts further on takes over there. */
			*len = MIN(*len, g->vaddr - addr);
		} else if (addr - g->vaddr < g->memsz) {
			*len = MIN(*len, g->memsz - (addr - g->vaddr));
			return g;
		}
	}
	return NULL;
}

static bool offset_in(const struct kcore_segment *g, u64 delta, size_t len, u64 *offset)
{
	if (!g || g->offset > INT64_MAX - delta || len > INT64_MAX - delta - g->offset)
		return false;
	*offset = g->offset + delta;
	return true;
}

bool kcore_find(const struct kcore *k, u64 addr, u64 *offset, size_t *len)
{
	const struct kcore_segment *g = find(k, addr, len);

	return g && addr - g->vaddr <= INT64_MAX && offset_in(g, addr - g->vaddr, *len, offset);
}

/*
 * The image's segment and one of RAM may hold it. What was freed of the image and is used for
 * something else is still RAM, but no longer mapped in the image (with PTI:
 * free_kernel_image_pages(), arch/x86/mm/init.c, 4.19): there it reads as zeros. The image lies in
 * one range of RAM, so the larger segment is the right one.
 */
bool kcore_find_phys(const struct kcore *k, u64 pa, u64 *offset, size_t *len)
{
	const struct kcore_segment *best = NULL;

	for (size_t i = 0; i < k->nsegments; i++) {
		const struct kcore_segment *g = &k->segments[i];

		if (has_physical(g) && pa >= g->paddr && pa - g->paddr < g->memsz &&
		    (!best || g->memsz > best->memsz))
			best = g;
	}
	if (!best)
		return false;
	*len = MIN(*len, best->memsz - (pa - best->paddr));
	return pa - best->paddr <= INT64_MAX && offset_in(best, pa - best->paddr, *len, offset);
}

bool kcore_phys(const struct kcore *k, u64 addr, u64 *ret)
{
	size_t len = 1;
	const struct kcore_segment *g = find(k, addr, &len);

	if (!g || !has_physical(g))
		return false;
	*ret = g->paddr + (addr - g->vaddr);
	return true;
}
