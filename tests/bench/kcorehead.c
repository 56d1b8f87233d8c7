/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a recorded tree keeps of /proc/kcore: its headers and, of its notes, the text VMCOREINFO.
 *
 *	kcorehead [FILE] >TREE/proc/kcore
 *
 * Bytes stay at their offsets. The other notes (registers, command line, a task_struct) are memory:
 * their headers stay, so that a reader finds its way, and what they hold becomes zeros. The kernel
 * writes header, program headers and notes one after the other, the segment of the notes first
 * (fs/proc/kcore.c, 2.6 to 6.18); anything else is refused.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Real ones have 10 to 20 KiB. */
#define HEAD_MAX (1 << 20)

static char head[HEAD_MAX];
static size_t nhead;

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "kcorehead: %s\n", what);
	exit(1);
}

static void read_head(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		die(strerror(errno));
	while (nhead < HEAD_MAX && (n = read(fd, head + nhead, HEAD_MAX - nhead)) > 0)
		nhead += (size_t)n;
	close(fd);
}

/** Where the notes lie, and where the program headers before them end. */
static void find_notes(uint64_t *at, uint64_t *len, uint64_t *headers_end)
{
	Elf64_Ehdr e64;
	Elf32_Ehdr e32;
	Elf64_Phdr p64;
	Elf32_Phdr p32;

	if (nhead < sizeof(e64) + sizeof(p64) || memcmp(head, ELFMAG, SELFMAG) != 0)
		die("no ELF file");
	if (head[EI_CLASS] == ELFCLASS64) {
		memcpy(&e64, head, sizeof(e64));
		memcpy(&p64, head + sizeof(e64), sizeof(p64));
		if (e64.e_phoff != sizeof(e64) || p64.p_type != PT_NOTE)
			die("not laid out as the kernel does");
		*headers_end = sizeof(e64) + (uint64_t)e64.e_phnum * sizeof(p64);
		*at = p64.p_offset;
		*len = p64.p_filesz;
	} else {
		memcpy(&e32, head, sizeof(e32));
		memcpy(&p32, head + sizeof(e32), sizeof(p32));
		if (e32.e_phoff != sizeof(e32) || p32.p_type != PT_NOTE)
			die("not laid out as the kernel does");
		*headers_end = sizeof(e32) + (uint64_t)e32.e_phnum * sizeof(p32);
		*at = p32.p_offset;
		*len = p32.p_filesz;
	}
	if (*at < *headers_end || *at > nhead || *len > nhead - *at)
		die("its notes are elsewhere");
}

static size_t padded(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/** Empties every note but VMCOREINFO. */
static void empty_notes(char *p, size_t len)
{
	Elf32_Nhdr nh; /* the same in both classes */

	while (len >= sizeof(nh)) {
		size_t skip, desc;

		memcpy(&nh, p, sizeof(nh));
		if (nh.n_namesz > len || nh.n_descsz > len)
			die("a note is damaged");
		skip = sizeof(nh) + padded(nh.n_namesz);
		desc = padded(nh.n_descsz);
		if (skip + desc > len)
			die("a note is damaged");
		if (nh.n_namesz != sizeof("VMCOREINFO") ||
		    memcmp(p + sizeof(nh), "VMCOREINFO", sizeof("VMCOREINFO")) != 0)
			memset(p + skip, 0, desc);
		p += skip + desc;
		len -= skip + desc;
	}
}

int main(int argc, char **argv)
{
	uint64_t at, len, headers_end;

	read_head(argc > 1 ? argv[1] : "/proc/kcore");
	find_notes(&at, &len, &headers_end);
	memset(head + headers_end, 0, (size_t)(at - headers_end));
	empty_notes(head + at, (size_t)len);
	if (fwrite(head, 1, (size_t)(at + len), stdout) != at + len || fflush(stdout))
		die("cannot write");
	return 0;
}
