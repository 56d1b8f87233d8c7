/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The headers of /proc/kcore (fs/proc/kcore.c): one PT_LOAD for each range the kernel maps, one
 * PT_NOTE with the VMCOREINFO text. Nothing behind the headers is read.
 */
#include "elf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_ELF

#include <gelf.h>
#include <libelf.h>

/** Real notes have 5 to 10 KiB; a crafted header may claim anything. */
#define NOTES_MAX (1u << 20)

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
static void read_notes(Elf *elf, const GElf_Phdr *ph, struct kcore *k)
{
	size_t size = MIN(ph->p_filesz, NOTES_MAX), at = 0, next, name_at, desc_at;
	Elf_Data *d;
	GElf_Nhdr nh;

	if (k->vmcoreinfo || !size || ph->p_offset > INT64_MAX)
		return;
	d = elf_getdata_rawchunk(elf, (int64_t)ph->p_offset, size, ELF_T_NHDR);
	if (!d)
		return;
	while ((next = gelf_getnote(d, at, &nh, &name_at, &desc_at)) > 0) {
		const char *name = (const char *)d->d_buf + name_at;
		const char *desc = (const char *)d->d_buf + desc_at;

		if (nh.n_namesz == sizeof("VMCOREINFO") &&
		    !memcmp(name, "VMCOREINFO", sizeof("VMCOREINFO"))) {
			k->vmcoreinfo = xmemdupz(desc, strnlen(desc, nh.n_descsz));
			return;
		}
		at = next;
	}
}

/**
 * A core of the kernel has the class of the kernel. 32-bit -1 in p_paddr is "none", too: it is
 * widened here so that callers know one value only.
 */
static int read_headers(Elf *elf, struct kcore *k)
{
	GElf_Ehdr eh;
	GElf_Phdr ph;
	size_t n, cap = 0;

	if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh) || eh.e_type != ET_CORE)
		return -ENOEXEC;
	if (elf_getphdrnum(elf, &n))
		return -EBADMSG;
	for (size_t i = 0; i < n && i <= INT32_MAX; i++) {
		if (!gelf_getphdr(elf, (int)i, &ph))
			return -EBADMSG;
		if (ph.p_type == PT_NOTE) {
			read_notes(elf, &ph, k);
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
	*k = (struct kcore){ 0 };
}
