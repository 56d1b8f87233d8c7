/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process that changes when it is told to. It maps a private file of 16 pages and reads them all,
 * prints "file ADDRESS" and "ready", then answers each line on its standard input with "done":
 *
 *	map	maps 3 MiB of anonymous memory; "new ADDRESS" is printed first
 *	copy	writes to pages 3 and 5 of the file, which gives it copies of them
 *	unmap	gives the anonymous memory back
 *
 * It ends with its standard input.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGES 16
#define NEW   ((size_t)3 << 20)

static char *file, *area;
static size_t page;

_Noreturn static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void map_file(void)
{
	char name[] = "changer.XXXXXX";
	int fd = mkstemp(name);
	volatile char sink;

	if (fd < 0 || ftruncate(fd, (off_t)(PAGES * page)))
		die(name);
	file = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (file == MAP_FAILED)
		die("mmap");
	unlink(name);
	close(fd);
	for (size_t i = 0; i < PAGES; i++)
		sink = file[i * page];
	(void)sink;
	printf("file %lx\n", (unsigned long)file);
}

static void obey(const char *what)
{
	if (!strcmp(what, "map\n")) {
		area = mmap(NULL, NEW, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (area == MAP_FAILED)
			die("mmap");
		memset(area, 1, NEW);
		printf("new %lx\n", (unsigned long)area);
	} else if (!strcmp(what, "copy\n")) {
		file[3 * page] = 1;
		file[5 * page] = 1;
	} else if (!strcmp(what, "unmap\n")) {
		munmap(area, NEW);
	}
}

int main(void)
{
	char line[64];

	page = (size_t)sysconf(_SC_PAGESIZE);
	map_file();
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		obey(line);
		puts("done");
		fflush(stdout);
	}
	return 0;
}
