/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compares what "procmap --ptes" lists (standard input) with the pagemap of the process, entry by
 * entry: PFNs, swap places, guards, uffd-wp, and that nothing which pagemap knows is missing.
 *
 *	procmap --ptes --bpf --bytes PID | ptecheck PID
 *
 * Prints "checked present=N swapped=N guard=N uffd_wp=N huge=N special=N", then a line for each
 * difference, at most twenty; exits with 1 if there is any. The process must not run meanwhile.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PM_PFN(e)     ((e) & ((UINT64_C(1) << 55) - 1))
#define PM_SOFT_DIRTY (UINT64_C(1) << 55)
#define PM_UFFD_WP    (UINT64_C(1) << 57)
#define PM_GUARD      (UINT64_C(1) << 58)
#define PM_SWAPPED    (UINT64_C(1) << 62)
#define PM_PRESENT    (UINT64_C(1) << 63)

/** A line of the list. */
struct run {
	uint64_t addr, n, size, pfn, offset;
	unsigned type;
	char state[16], bits[16];
	bool guard;
};

static int pagemap;
static uint64_t page;
static unsigned bad;
static uint64_t present, swapped, guards, uffd_wp, huge, special;

static void differs(uint64_t addr, const char *what, uint64_t got, uint64_t want)
{
	if (bad++ < 20)
		printf("%012" PRIx64 ": %s: procmap %" PRIx64 ", pagemap %" PRIx64 "\n", addr, what,
		       got, want);
}

static uint64_t pagemap_at(uint64_t addr)
{
	uint64_t e = 0;

	if (pread(pagemap, &e, sizeof(e), (off_t)(addr / page * sizeof(e))) != sizeof(e))
		return 0;
	return e;
}

/** False for headings and what stands below the list. */
static bool parse(const char *line, struct run *r)
{
	char access[8], place[64], rest[64];
	int n, fields;

	*r = (struct run){ 0 };
	fields = sscanf(line, "%" SCNx64 " %" SCNu64 " %" SCNu64 " %15s %7s %15s %n", &r->addr,
			&r->n, &r->size, r->state, access, r->bits, &n);
	if (fields != 6 || line[16] != ' ' || strlen(r->bits) != 9)
		return false;
	/* Memory type and key stand only with pages that are present. */
	if (!strcmp(r->state, "present"))
		fields = sscanf(line + n, "%*s %*s %63s", place);
	else
		fields = sscanf(line + n, "%63s %63s", place, rest);
	if (fields < 1)
		return false;
	if (!strncmp(place, "swap", 4))
		sscanf(place, "swap%u:%" SCNx64, &r->type, &r->offset);
	else if (!strncmp(place, "guard", 5))
		r->guard = true;
	else
		r->pfn = strtoull(place, NULL, 16);
	return true;
}

static void check_page(const struct run *r, uint64_t i)
{
	uint64_t addr = r->addr + i * page, e = pagemap_at(addr);
	bool here = !strcmp(r->state, "present") || !strcmp(r->state, "protnone");
	bool wp = r->bits[5] == 'w';

	/* pagemap has nothing for mappings of bare PFNs (VM_PFNMAP: [vvar], devices). */
	if (here && r->bits[6] == 'p' && !e)
		return;
	if (here != !!(e & PM_PRESENT))
		differs(addr, r->state, here, e);
	else if (here && PM_PFN(e) != r->pfn + i)
		differs(addr, "PFN", r->pfn + i, PM_PFN(e));
	if (!strcmp(r->state, "swapped")) {
		if (!(e & PM_SWAPPED) || (PM_PFN(e) & 31) != r->type)
			differs(addr, "swap type", r->type, e);
		else if (PM_PFN(e) >> 5 != r->offset + i)
			differs(addr, "swap offset", r->offset + i, PM_PFN(e) >> 5);
		swapped++;
	}
	if (r->guard && !(e & PM_SWAPPED && (e & PM_GUARD || PM_PFN(e) >> 5 == 4)))
		differs(addr, "guard", 1, e);
	if (wp != !!(e & PM_UFFD_WP))
		differs(addr, "uffd-wp", wp, e);
	if ((r->bits[4] == 's') != !!(e & PM_SOFT_DIRTY) && r->bits[4] == 's')
		differs(addr, "soft-dirty", 1, e);
	present += here;
	guards += r->guard;
	uffd_wp += wp;
	huge += r->size > page && here;
	special += r->bits[6] == 'p';
}

/** Pages of [from, to) that pagemap knows and the list does not. */
static void check_gap(uint64_t from, uint64_t to)
{
	static uint64_t e[512];

	while (from < to) {
		uint64_t want = (to - from) / page < 512 ? (to - from) / page : 512;
		ssize_t got =
			pread(pagemap, e, want * sizeof(*e), (off_t)(from / page * sizeof(*e)));

		if (got <= 0)
			return;
		for (uint64_t i = 0; i < (uint64_t)got / sizeof(*e); i++)
			if (e[i] & (PM_PRESENT | PM_SWAPPED))
				differs(from + i * page, "missing", 0, e[i]);
		from += (uint64_t)got / sizeof(*e) * page;
	}
}

/** All gaps between two addresses, as far as mappings reach into them. */
static void check_gaps(const char *pid, uint64_t from, uint64_t to)
{
	char path[64], *line = NULL;
	size_t cap = 0;
	uint64_t first, end;
	FILE *f;

	if (from >= to)
		return;
	snprintf(path, sizeof(path), "/proc/%s/maps", pid);
	f = fopen(path, "re");
	while (f && getline(&line, &cap, f) > 0) {
		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &first, &end) != 2 || first >= to)
			break;
		if (end > from)
			check_gap(first > from ? first : from, end < to ? end : to);
	}
	free(line);
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	char path[64], *line = NULL;
	uint64_t done = 0;
	size_t cap = 0;
	struct run r;

	if (argc != 2)
		return 2;
	page = (uint64_t)sysconf(_SC_PAGESIZE);
	snprintf(path, sizeof(path), "/proc/%s/pagemap", argv[1]);
	pagemap = open(path, O_RDONLY | O_CLOEXEC);
	if (pagemap < 0) {
		perror(path);
		return 2;
	}
	while (getline(&line, &cap, stdin) > 0) {
		if (!parse(line, &r))
			continue;
		check_gaps(argv[1], done, r.addr);
		for (uint64_t i = 0; i < r.n * (r.size / page); i++)
			check_page(&r, i);
		done = r.addr + r.n * r.size;
	}
	check_gaps(argv[1], done, UINT64_C(1) << 47);
	free(line);
	printf("checked present=%" PRIu64 " swapped=%" PRIu64 " guard=%" PRIu64 " uffd_wp=%" PRIu64
	       " huge=%" PRIu64 " special=%" PRIu64 "\n",
	       present, swapped, guards, uffd_wp, huge, special);
	return bad || !present;
}
