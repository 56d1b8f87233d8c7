/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader of pages that shares nothing with procmap and does everything the plain way: one pread
 * of pagemap, kpageflags and kpagecount for every page. What it prints is what procmap must agree
 * with, and what its speed is measured against.
 *
 *	naive [-l | -d] [-m PAGES] PID
 *
 * Without an option: totals by state and by set of flags. -l: a line for each page that has an
 * entry. -d: the pages.txt of a recorded tree (src/proc/pagetxt.c says what is in it). Mappings
 * of more than PAGES pages (default 16 Mi) are left out, and stderr says so.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BIT(n) (UINT64_C(1) << (n))
#define PFN    (BIT(55) - 1)

enum state {
	ANON,
	FILE_CLEAN,
	FILE_DIRTY,
	SHARED,
	ZERO,
	HUGE,
	PRESENT,
	SWAPPED,
	GUARD,
	OTHER,
	NSTATES
};

static const char *const state_names[NSTATES] = {
	"anon", "file",	   "file-dirty", "shared", "zero",
	"huge", "present", "swapped",	 "guard",  "other",
};

struct mapping {
	uint64_t start, end, inode;
	bool shared;
	char name[4096];
};

struct page {
	uint64_t addr, pm, flags, count;
	bool have_flags, have_count, huge;
};

static uint64_t page_size;
static int pagemap, kpageflags, kpagecount;
static uint64_t states[NSTATES], copied, unknown, hist[4], count_unknown;
static struct {
	uint64_t word, n;
} sets[4096];
static size_t nsets;

static bool read_u64(int fd, uint64_t index, uint64_t *ret)
{
	return fd >= 0 && pread(fd, ret, 8, (off_t)(index * 8)) == 8;
}

/* Does PAGEMAP_SCAN (include/uapi/linux/fs.h) call the page huge? */
static bool is_huge(uint64_t addr)
{
	uint64_t region[3];
	uint64_t arg[12] = { sizeof(arg), 0, addr, addr + page_size, 0, (uintptr_t)region,
			     1,		  0, 0,	   8 /* PRESENT */,  0, 8 | 0x40 /* HUGE */ };

	return ioctl(pagemap, _IOWR('f', 16, uint64_t[12]), arg) == 1 && region[2] & 0x40;
}

static bool is_shared_memory(const struct mapping *m)
{
	static const char *const names[] = { "/memfd:",	  "/dev/shm/",	  "/SYSV",
					     "/dev/zero", "[anon_shmem:", "/anon_hugepage" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strncmp(m->name, names[i], strlen(names[i])))
			return true;
	return m->shared && !m->inode;
}

static enum state state_of(const struct mapping *m, const struct page *p)
{
	if (!(p->pm & BIT(63))) {
		if (p->pm & BIT(58))
			return GUARD;
		return p->pm & (BIT(61) | BIT(56)) || (p->pm & 31) >= 21 ? OTHER : SWAPPED;
	}
	if (p->have_flags && p->flags & BIT(24))
		return ZERO;
	if (p->huge || (p->have_flags && p->flags & BIT(17)))
		return HUGE;
	if (!(p->pm & BIT(61))) {
		bool anon = p->have_flags ? p->flags & BIT(12) : p->pm & BIT(56);

		return anon ? ANON : PRESENT;
	}
	if (is_shared_memory(m))
		return SHARED;
	if (!m->inode)
		return PRESENT;
	return p->have_flags && p->flags & (BIT(4) | BIT(8)) ? FILE_DIRTY : FILE_CLEAN;
}

static void count_flags(uint64_t word)
{
	size_t i = 0;

	while (i < nsets && sets[i].word != word)
		i++;
	if (i == nsets) {
		if (nsets == sizeof(sets) / sizeof(sets[0])) {
			fputs("naive: too many sets of flags\n", stderr);
			exit(1);
		}
		sets[nsets++].word = word;
	}
	sets[i].n++;
}

static void count_page(const struct mapping *m, const struct page *p)
{
	states[state_of(m, p)]++;
	if (!(p->pm & BIT(63)))
		return;
	copied += m->inode && !m->shared && !(p->pm & BIT(61));
	if (p->have_flags)
		count_flags(p->flags);
	else
		unknown++;
	if (p->have_count)
		hist[p->count < 2 ? p->count : p->count < 8 ? 2 : 3]++;
	else
		count_unknown++;
}

static void print_rest(const struct page *p)
{
	if (p->have_flags)
		printf(" %" PRIx64, p->flags);
	else
		fputs(" -", stdout);
	if (p->have_count)
		printf(" %" PRIu64, p->count);
	else
		fputs(" -", stdout);
}

/* ---------------------------------------------------------------- runs for pages.txt */

static struct page run;
static uint64_t run_pages;

static uint64_t follower(uint64_t pm, uint64_t n)
{
	if (!(pm & PFN))
		return pm;
	if (pm & BIT(63))
		return pm + n;
	return pm & BIT(58) || (pm & 31) == 31 ? pm : pm + (n << 5);
}

static void run_end(void)
{
	if (!run_pages)
		return;
	printf("%" PRIx64 " %" PRIu64 " %" PRIx64, run.addr, run_pages, run.pm);
	print_rest(&run);
	puts(run.huge ? " huge" : "");
	run_pages = 0;
}

static void run_add(const struct page *p)
{
	if (run_pages && run.addr + run_pages * page_size == p->addr &&
	    follower(run.pm, run_pages) == p->pm && run.have_flags == p->have_flags &&
	    run.flags == p->flags && run.have_count == p->have_count && run.count == p->count &&
	    run.huge == p->huge) {
		run_pages++;
		return;
	}
	run_end();
	run = *p;
	run_pages = 1;
}

/* ---------------------------------------------------------------- the process */

/* False when there is no entry. */
static bool read_page(uint64_t addr, struct page *p)
{
	*p = (struct page){ .addr = addr };
	if (!read_u64(pagemap, addr / page_size, &p->pm) || !(p->pm & (BIT(63) | BIT(62))))
		return false;
	if (!(p->pm & BIT(63)))
		return true;
	p->huge = is_huge(addr);
	if (p->pm & PFN) {
		p->have_flags = read_u64(kpageflags, p->pm & PFN, &p->flags);
		p->have_count = read_u64(kpagecount, p->pm & PFN, &p->count);
	}
	/* pagemap's own word for it; checked against the file where that is open. */
	if (p->pm & BIT(56) && !p->have_count) {
		p->have_count = true;
		p->count = 1;
	}
	return true;
}

static void read_mapping(const struct mapping *m, char mode)
{
	struct page p;

	for (uint64_t addr = m->start; addr < m->end; addr += page_size) {
		if (!read_page(addr, &p))
			continue;
		if (mode == 'd') {
			run_add(&p);
		} else if (mode == 'l') {
			printf("%" PRIx64 " %" PRIx64, p.addr, p.pm);
			print_rest(&p);
			printf(" %s\n", state_names[state_of(m, &p)]);
		} else {
			count_page(m, &p);
		}
	}
}

static int compare_sets(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print_totals(void)
{
	for (int i = 0; i < NSTATES; i++)
		printf("state %s %" PRIu64 "\n", state_names[i], states[i]);
	printf("copied %" PRIu64 "\nunknown %" PRIu64 "\n", copied, unknown);
	printf("counts 0:%" PRIu64 " 1:%" PRIu64 " 2-7:%" PRIu64 " 8+:%" PRIu64 " ?:%" PRIu64 "\n",
	       hist[0], hist[1], hist[2], hist[3], count_unknown);
	qsort(sets, nsets, sizeof(sets[0]), compare_sets);
	for (size_t i = 0; i < nsets; i++)
		printf("flags %016" PRIx64 " %" PRIu64 "\n", sets[i].word, sets[i].n);
}

static bool parse_line(const char *line, struct mapping *m)
{
	char perms[5];
	int at = 0;

	memset(m, 0, sizeof(*m));
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %*s %*s %" SCNu64 "%n", &m->start, &m->end,
		   perms, &m->inode, &at) < 4)
		return false;
	m->shared = perms[3] == 's';
	while (line[at] == ' ')
		at++;
	snprintf(m->name, sizeof(m->name), "%s", line + at);
	m->name[strcspn(m->name, "\n")] = '\0';
	return true;
}

static int open_of(const char *pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, name);
	return open(path, O_RDONLY);
}

int main(int argc, char **argv)
{
	uint64_t most = UINT64_C(1) << 24;
	static struct mapping m;
	static char line[1 << 17];
	char mode = 't';
	FILE *maps;
	int c, fd;

	while ((c = getopt(argc, argv, "ldm:")) != -1) {
		if (c == 'm')
			most = strtoull(optarg, NULL, 10);
		else
			mode = (char)c;
	}
	if (optind + 1 != argc || mode == '?') {
		fputs("usage: naive [-l | -d] [-m PAGES] PID\n", stderr);
		return 2;
	}
	page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	pagemap = open_of(argv[optind], "pagemap");
	fd = open_of(argv[optind], "maps");
	maps = fd < 0 ? NULL : fdopen(fd, "r");
	kpageflags = open("/proc/kpageflags", O_RDONLY);
	kpagecount = open("/proc/kpagecount", O_RDONLY);
	if (!maps || pagemap < 0) {
		perror("naive");
		return 1;
	}
	while (fgets(line, sizeof(line), maps)) {
		if (!parse_line(line, &m) || m.start >> 63)
			continue;
		if ((m.end - m.start) / page_size > most)
			fprintf(stderr, "naive: left out: %s", line);
		else
			read_mapping(&m, mode);
	}
	run_end();
	if (mode == 't')
		print_totals();
	return fflush(stdout) ? 1 : 0;
}
