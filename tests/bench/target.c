/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes an address space to be measured, prints "PID" and waits until its standard input ends.
 *
 *	target WHAT [N] [MIB]
 *
 *	vmas N		N mappings of one page, each touched, at alternating permissions
 *	vmas4 N		N mappings of four pages with holes of twelve between them, touched
 *	dense 0 MIB	one mapping, every page touched in order
 *	random 0 MIB	the same, touched in random order: PFNs in disorder
 *	sparse N MIB	one mapping, every Nth page touched, MIB in all
 *	tables 0 MIB	one page of each page table (2 MiB) touched
 *	thp 0 MIB	transparent huge pages
 *	mixed 0 MIB	dense, then every other 2 MiB of it split by MADV_DONTNEED of a page
 *	file 0 MIB	a private mapping of a file, read; every 16th page written (copied)
 *	shm N MIB	shared memory, touched, mapped by N more processes
 *	zero 0 MIB	anonymous memory, only read: the zero page
 *	none N MIB	a PROT_NONE reservation of N TiB, and MIB dense
 *	guard 0 MIB	dense with every 8th page a lightweight guard
 *	swap 0 MIB	dense, the upper half paged out (needs a swap area)
 *	exit		nothing but the program itself
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102 /* include/uapi/asm-generic/mman-common.h, 6.13 */
#endif

#define HUGE ((size_t)2 << 20)

static size_t page;

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(1);
}

static char *map(size_t size, int prot, int flags, int fd)
{
	char *p = mmap(NULL, size, prot, flags, fd, 0);

	if (p == MAP_FAILED)
		fail("mmap");
	return p;
}

/* Small pages only, unless the caller changes it. */
static char *map_anon(size_t size, int flags)
{
	char *p = map(size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1);

	madvise(p, size, MADV_NOHUGEPAGE);
	return p;
}

static void touch(char *p, size_t size, size_t step)
{
	for (size_t i = 0; i < size; i += step)
		p[i] = 1;
}

static void touch_random(char *p, size_t size)
{
	size_t n = size / page;
	uint32_t *order = malloc(n * sizeof(*order));
	uint64_t seed = 88172645463325252u;

	if (!order)
		fail("malloc");
	for (size_t i = 0; i < n; i++)
		order[i] = (uint32_t)i;
	for (size_t i = n; i > 1; i--) {
		uint32_t t = order[i - 1];
		size_t j;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		j = seed % i;
		order[i - 1] = order[j];
		order[j] = t;
	}
	for (size_t i = 0; i < n; i++)
		p[(size_t)order[i] * page] = 1;
	free(order);
}

/* n mappings of `pages`, `every` apart: alternating protections keep neighbours from merging. */
static void make_vmas(size_t n, size_t pages, size_t every)
{
	char *p = map_anon(n * every * page, MAP_PRIVATE);

	for (size_t i = 0; i < n; i++) {
		char *v = p + i * every * page;

		touch(v, pages * page, page);
		if (every > pages)
			munmap(v + pages * page, (every - pages) * page);
		else if (i & 1 && mprotect(v, pages * page, PROT_READ))
			fail("mprotect");
	}
}

static void make_file(size_t size)
{
	const char *dir = getenv("TMPDIR");
	char path[4096], block[65536];
	volatile char *p;
	int fd;

	snprintf(path, sizeof(path), "%s/procmap-bench-XXXXXX", dir ? dir : "/tmp");
	fd = mkstemp(path);
	if (fd < 0)
		fail(path);
	unlink(path);
	memset(block, 'x', sizeof(block));
	for (size_t done = 0; done < size; done += sizeof(block))
		if (write(fd, block, sizeof(block)) != (ssize_t)sizeof(block))
			fail("write");
	p = map(size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	for (size_t i = 0; i < size; i += page)
		(void)p[i];
	for (size_t i = 0; i < size; i += 16 * page)
		p[i] = 1;
	close(fd);
}

static void make_shm(size_t n, size_t size)
{
	char *p = map_anon(size, MAP_SHARED);

	touch(p, size, page);
	for (size_t i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		touch(p, size, page);
		for (;;)
			pause();
	}
}

static char *make_thp(size_t size)
{
	char *p = map(size + HUGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);

	p = (char *)(((uintptr_t)p + HUGE - 1) & ~(uintptr_t)(HUGE - 1));
	madvise(p, size, MADV_HUGEPAGE);
	touch(p, size, page);
	return p;
}

static void make_zero(size_t size)
{
	volatile char *p = map_anon(size, MAP_PRIVATE);

	for (size_t i = 0; i < size; i += page)
		(void)p[i];
}

static void make(const char *what, size_t n, size_t size)
{
	char *p;

	if (!strcmp(what, "vmas")) {
		make_vmas(n, 1, 1);
	} else if (!strcmp(what, "vmas4")) {
		make_vmas(n, 4, 16);
	} else if (!strcmp(what, "dense")) {
		touch(map_anon(size, MAP_PRIVATE), size, page);
	} else if (!strcmp(what, "random")) {
		touch_random(map_anon(size, MAP_PRIVATE), size);
	} else if (!strcmp(what, "sparse")) {
		touch(map_anon(size * n, MAP_PRIVATE), size * n, page * n);
	} else if (!strcmp(what, "tables")) {
		touch(map_anon(size / page * HUGE, MAP_PRIVATE), size / page * HUGE, HUGE);
	} else if (!strcmp(what, "thp")) {
		make_thp(size);
	} else if (!strcmp(what, "mixed")) {
		p = make_thp(size);
		for (size_t i = 0; i < size; i += 2 * HUGE)
			madvise(p + i, page, MADV_DONTNEED);
	} else if (!strcmp(what, "file")) {
		make_file(size);
	} else if (!strcmp(what, "shm")) {
		make_shm(n, size);
	} else if (!strcmp(what, "zero")) {
		make_zero(size);
	} else if (!strcmp(what, "none")) {
		map(n << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
		touch(map_anon(size, MAP_PRIVATE), size, page);
	} else if (!strcmp(what, "guard")) {
		p = map_anon(size, MAP_PRIVATE);
		touch(p, size, page);
		for (size_t i = 0; i < size; i += 8 * page)
			if (madvise(p + i, page, MADV_GUARD_INSTALL))
				fail("MADV_GUARD_INSTALL");
	} else if (!strcmp(what, "swap")) {
		p = map_anon(size, MAP_PRIVATE);
		touch(p, size, page);
		if (madvise(p + size / 2, size / 2, MADV_PAGEOUT))
			fail("MADV_PAGEOUT");
	} else if (strcmp(what, "exit")) {
		fprintf(stderr, "target: what is %s?\n", what);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	char c;

	if (argc < 2) {
		fputs("usage: target WHAT [N] [MIB]\n", stderr);
		return 2;
	}
	page = (size_t)sysconf(_SC_PAGESIZE);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	make(argv[1], argc > 2 ? strtoul(argv[2], NULL, 10) : 0,
	     argc > 3 ? strtoul(argv[3], NULL, 10) << 20 : 0);
	printf("%d\n", (int)getpid());
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
