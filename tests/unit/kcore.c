/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Headers of /proc/kcore from ELF bytes made here, in both classes and byte orders. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/elf.h"
#include "tap.h"

/** Bytes of a file in the making. */
struct maker {
	u8 bytes[8192];
	size_t len;
	bool big;
	bool narrow; /**< 32-bit */
};

static void put(struct maker *m, u64 v, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		m->bytes[m->len++] = (u8)(v >> 8 * (m->big ? size - 1 - i : i));
}

static void word(struct maker *m, u64 v)
{
	put(m, v, m->narrow ? 4 : 8);
}

static void ehdr(struct maker *m, unsigned type, unsigned phnum)
{
	static const u8 magic[] = { 0x7f, 'E', 'L', 'F' };

	memcpy(m->bytes, magic, 4);
	m->len = 4;
	put(m, m->narrow ? ELFCLASS32 : ELFCLASS64, 1);
	put(m, m->big ? ELFDATA2MSB : ELFDATA2LSB, 1);
	put(m, EV_CURRENT, 1);
	m->len = EI_NIDENT;
	put(m, type, 2);
	put(m, m->narrow ? EM_386 : EM_X86_64, 2);
	put(m, EV_CURRENT, 4);
	word(m, 0);
	word(m, m->narrow ? 52 : 64); /* e_phoff */
	word(m, 0);
	put(m, 0, 4);
	put(m, m->narrow ? 52 : 64, 2);
	put(m, m->narrow ? 32 : 56, 2);
	put(m, phnum, 2);
	put(m, 0, 2);
	put(m, 0, 2);
	put(m, 0, 2);
}

static void phdr(struct maker *m, u32 type, u64 offset, u64 vaddr, u64 paddr, u64 size)
{
	put(m, type, 4);
	if (!m->narrow)
		put(m, PF_R | PF_W | PF_X, 4);
	word(m, offset);
	word(m, vaddr);
	word(m, paddr);
	word(m, size);
	word(m, size);
	if (m->narrow)
		put(m, PF_R | PF_W | PF_X, 4);
	word(m, 4096);
}

static void note(struct maker *m, const char *name, const char *desc)
{
	size_t n = strlen(name) + 1, d = strlen(desc);

	put(m, n, 4);
	put(m, d, 4);
	put(m, 0, 4);
	memcpy(m->bytes + m->len, name, n);
	m->len += (n + 3) & ~(size_t)3;
	memcpy(m->bytes + m->len, desc, d);
	m->len += (d + 3) & ~(size_t)3;
}

static int parse(const struct maker *m, size_t len, struct kcore *k)
{
	int fd = memfd_create("kcore", MFD_CLOEXEC), err;

	if (write(fd, m->bytes, len) != (ssize_t)len)
		return -EIO;
	err = kcore_read(fd, k);
	close(fd);
	return err;
}

#define INFO "OSRELEASE=6.1.0\nNUMBER(VMALLOC_START)=0xffffcc5d00000000\n"

static void make(struct maker *m, bool big, bool narrow)
{
	u64 high = narrow ? 0 : UINT64_C(0xffff8b2a00000000);
	size_t notes;

	*m = (struct maker){ .big = big, .narrow = narrow };
	ehdr(m, ET_CORE, 5);
	notes = m->len + 5 * (narrow ? 32 : 56);
	phdr(m, PT_NOTE, notes, 0, 0, 512);
	phdr(m, PT_LOAD, 0x1000, high | 0xc0000000, 0, 0x38000000);
	phdr(m, PT_LOAD, 0x2000, high | 0xf8800000, UINT64_MAX, 0x7600000);
	phdr(m, PT_LOAD, 0x3000, high | 0xf8800000, UINT64_MAX, 0);
	/* wraps: the last byte would be below the first */
	phdr(m, PT_LOAD, 0x3000, UINT64_MAX - 0xfff, 0, narrow ? 0x1000 : 0x1001);
	note(m, "CORE", "abcdef");
	note(m, "VMCOREINFO", INFO);
	m->len = notes + 512;
}

static void test_good(bool big, bool narrow)
{
	u64 high = narrow ? 0 : UINT64_C(0xffff8b2a00000000);
	struct maker m;
	struct kcore k;

	make(&m, big, narrow);
	IS(parse(&m, m.len, &k), 0);
	/* in a 32-bit file the last segment does not wrap 64 bits: it ends at 2^32 */
	IS(k.nsegments, narrow ? 3 : 2);
	IS(k.nbad, narrow ? 1 : 2);
	if (OK(k.nsegments >= 2)) {
		IS(k.segments[0].vaddr, high | 0xc0000000);
		IS(k.segments[0].memsz, 0x38000000);
		IS(k.segments[0].paddr, 0);
		IS(k.segments[0].offset, 0x1000);
		IS(k.segments[1].vaddr, high | 0xf8800000);
		IS(k.segments[1].paddr, UINT64_MAX);
	}
	IS_STR(k.vmcoreinfo, INFO);
	kcore_release(&k);
	IS(k.nsegments, 0);
}

static void test_bad(void)
{
	struct maker m;
	struct kcore k;

	/* cut anywhere: no crash, nothing kept on an error */
	make(&m, false, false);
	for (size_t len = 0; len < m.len; len++) {
		int err = parse(&m, len, &k);

		if (err && (k.nsegments || k.segments || k.vmcoreinfo))
			OK(!"leftovers");
		if (len < 64 && err != -ENOEXEC && err != -EBADMSG)
			IS(err, -ENOEXEC);
		kcore_release(&k);
	}
	/* headers whole, the notes cut away */
	IS(parse(&m, 64 + 5 * 56, &k), 0);
	IS(k.nsegments, 2);
	OK(!k.vmcoreinfo);
	kcore_release(&k);

	m.bytes[16] = ET_DYN;
	IS(parse(&m, m.len, &k), -ENOEXEC);
	kcore_release(&k);
	make(&m, false, false);
	m.bytes[0] = 'x';
	IS(parse(&m, m.len, &k), -ENOEXEC);
	kcore_release(&k);

	/* more program headers than there are bytes */
	make(&m, false, false);
	m.bytes[56] = m.bytes[57] = 0xfe;
	OK(parse(&m, m.len, &k) != 0);
	kcore_release(&k);

	/* a note that claims 4 GiB */
	make(&m, false, false);
	memset(m.bytes + 64 + 5 * 56, 0xff, 8);
	IS(parse(&m, m.len, &k), 0);
	OK(!k.vmcoreinfo);
	kcore_release(&k);
}

int main(void)
{
	if (!elf_available()) {
		struct kcore k;

		IS(kcore_read(0, &k), -ENOTSUP);
		SKIP("built without libelf");
		return tap_done();
	}
	for (int i = 0; i < 4; i++)
		test_good(i & 1, i & 2);
	test_bad();
	return tap_done();
}
