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

/** Headers may claim the same megabyte of notes over and over: only so much is read. */
static void test_many_notes(void)
{
	struct maker m = { 0 };
	struct kcore k;
	size_t notes;

	ehdr(&m, ET_CORE, 3);
	notes = m.len + 3 * 56;
	phdr(&m, PT_NOTE, notes, 0, 0, 1 << 20);
	phdr(&m, PT_NOTE, notes, 0, 0, 512);
	phdr(&m, PT_LOAD, 0x1000, 0x1000, 0, 0x1000);
	note(&m, "VMCOREINFO", "OSRELEASE=6.1.0\n");
	m.len = notes + 512;
	IS(parse(&m, m.len, &k), 0);
	IS(k.nsegments, 1);
	OK(!k.vmcoreinfo);
	kcore_release(&k);
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

/* --- looking up ------------------------------------------------------------------------------- */

static void found(const struct kcore *k, u64 addr, size_t len, u64 want_offset, size_t want_len)
{
	u64 offset = 0;

	if (OK(kcore_find(k, addr, &offset, &len))) {
		IS(offset, want_offset);
		IS(len, want_len);
	}
}

static bool nothing(const struct kcore *k, u64 addr)
{
	size_t len = 1;
	u64 offset;

	return !kcore_find(k, addr, &offset, &len);
}

/** As arm64 has them: the image inside vmalloc, RAM with a hole, and what damage may bring. */
static void test_find(void)
{
	struct kcore_segment seg[] = {
		{ 0xffff800010000000, 0x2000, 0x40200000, 0x1000 },	  /* text */
		{ 0xffff800008000000, 0x10000000, UINT64_MAX, 0x100000 }, /* vmalloc around it */
		{ 0xffff000000000000, 0x8000, 0x40000000, 0x20000 },	  /* RAM */
		{ 0xffff000000010000, 0x8000, 0x40010000, 0x30000 },	  /* RAM behind a hole */
		{ UINT64_MAX - 0xfff, 0x1000, UINT64_MAX, 0x40000 },	  /* to the very end */
		{ 0xfffe000000000000, 0x1000, 0, INT64_MAX - 10 },	  /* beyond any file */
		{ 0xfffd000000000000, 0x1000, UINT64_MAX - 5, 0 },	  /* its RAM wraps */
		{ 0xffff000000300000, 0x9000, 0x401ff000, 0x50000 },	  /* RAM the text is in */
	};
	struct kcore k = { .segments = seg, .nsegments = sizeof(seg) / sizeof(*seg) };
	size_t len;
	u64 v = 0;

	/* the first match in the order of the file */
	found(&k, 0xffff800010000000, 8, 0x1000, 8);
	found(&k, 0xffff800010001ff8, 64, 0x2ff8, 8);
	/* and a read that starts before it ends where it takes over */
	found(&k, 0xffff80000ffffff0, 64, 0x100000 + 0x7fffff0, 16);
	found(&k, 0xffff800010002000, 64, 0x100000 + 0x8002000, 64);
	found(&k, 0xffff000000007fff, 4096, 0x27fff, 1);
	OK(nothing(&k, 0xffff000000008000));
	OK(nothing(&k, 0xfffeffffffffffff));
	found(&k, UINT64_MAX, 1, 0x40fff, 1);
	OK(nothing(&k, 0xfffe00000000000b));
	OK(nothing(&k, 0));

	len = 4096;
	OK(kcore_find_phys(&k, 0x40010004, &v, &len));
	IS(v, 0x30004);
	IS(len, 4096);
	len = 4096;
	OK(kcore_find_phys(&k, 0x402000ff, &v, &len));
	IS(v, 0x510ff);
	IS(len, 4096);
	len = 1;
	OK(!kcore_find_phys(&k, 0x40008000, &v, &len));
	OK(!kcore_find_phys(&k, UINT64_MAX - 5, &v, &len));
	OK(!kcore_find_phys(&k, UINT64_MAX, &v, &len));

	OK(kcore_phys(&k, 0xffff800010001000, &v));
	IS(v, 0x40201000);
	OK(!kcore_phys(&k, 0xffff800008000000, &v));
	OK(!kcore_phys(&k, 0xffff000000008000, &v));
}

static void test_task(void)
{
	struct maker m;
	struct kcore k;

	/* make() but for a note of its own: type 4 of "CORE" */
	m = (struct maker){ 0 };
	ehdr(&m, ET_CORE, 2);
	phdr(&m, PT_NOTE, m.len + 2 * 56, 0, 0, 256);
	phdr(&m, PT_LOAD, 0x1000, UINT64_C(0xffff888000000000), 0, 0x1000);
	note(&m, "CORE", "no task, type 0");
	note(&m, "CORE", "task-bytes");
	m.bytes[64 + 2 * 56 + 12 + 8 + 16 + 8] = NT_TASKSTRUCT;
	m.len = 64 + 2 * 56 + 256;
	IS(parse(&m, m.len, &k), 0);
	if (OK(k.task && k.task_len == 10))
		OK(!memcmp(k.task, "task-bytes", 10));
	kcore_release(&k);
	OK(!k.task && !k.task_len);
}

int main(void)
{
	test_find();
	if (!elf_available()) {
		struct kcore k;

		IS(kcore_read(0, &k), -ENOTSUP);
		SKIP("built without libelf");
		return tap_done();
	}
	for (int i = 0; i < 4; i++)
		test_good(i & 1, i & 2);
	test_bad();
	test_task();
	test_many_notes();
	return tap_done();
}
