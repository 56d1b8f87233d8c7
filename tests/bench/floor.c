/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The floor: reads what a view of procmap reads, by the cheapest plan known, looks at every figure
 * and prints nothing. What procmap takes above it is what it spends on being a program.
 *
 *	floor WHAT PID
 *
 *	maps	each mapping's range, parsed
 *	smaps	every field of every mapping, parsed
 *	default	smaps and one scan of the page tables
 *	scan	maps and the scan
 *	pages	maps, entries of all pages, their flags and counts
 *	dump	the same, and a line a page to standard output
 *	dump3	the same, with the cgroup of each page
 *
 * maps and smaps come in pieces of at most 4 KiB whatever the buffer. Frames are asked by PFN in
 * windows of 128 Ki pages: runs of PFNs, sorted if they are shorter than 32 on average, read over
 * gaps of three; no count where pagemap says "exclusive"; a PMD-mapped folio is asked twice.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

typedef uint64_t u64;

#define PAGE	((u64)4096)
#define UNIT	((u64)512) /* pages of a PMD */
#define WINDOW	(1u << 17)
#define IO	8192
#define PRESENT (UINT64_C(1) << 63)
#define PFN(e)	((e) & ((UINT64_C(1) << 55) - 1))

struct range {
	u64 start, end;
};

static struct range *maps;
static size_t nmaps, cap_maps;
static volatile u64 sink; /* so that nothing parsed is optimised away */

static int open_of(const char *pid, const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%.20s/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0) {
		perror(path);
		exit(1);
	}
	return fd;
}

static u64 parse_hex(const char **p)
{
	u64 v = 0;

	for (;; ++*p) {
		unsigned c = (unsigned char)**p;

		if (c - '0' < 10)
			v = v << 4 | (c - '0');
		else if (c - 'a' < 6)
			v = v << 4 | (c - 'a' + 10);
		else
			return v;
	}
}

static void add_mapping(const char *line)
{
	struct range r;

	r.start = parse_hex(&line);
	line++;
	r.end = parse_hex(&line);
	line += 6;
	sink += parse_hex(&line);
	if (r.start >> 63)
		return;
	if (nmaps == cap_maps) {
		cap_maps = cap_maps ? cap_maps * 2 : 64;
		maps = realloc(maps, cap_maps * sizeof(*maps));
		if (!maps)
			exit(1);
	}
	maps[nmaps++] = r;
}

static void smaps_line(const char *p)
{
	u64 v = 0;

	if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'f')) {
		add_mapping(p);
		return;
	}
	while (*p != ':')
		p++;
	for (p++; *p == ' ';)
		p++;
	for (; *p >= '0' && *p <= '9'; p++)
		v = v * 10 + (u64)(*p - '0');
	sink += v;
}

static void read_lines(const char *pid, const char *name, void (*line)(const char *))
{
	static char buf[(64 << 10) + (128 << 10)];
	size_t have = 0;
	int fd = open_of(pid, name);
	ssize_t n;

	while ((n = read(fd, buf + have, 64 << 10)) > 0) {
		char *p = buf, *end = buf + have + n, *nl;

		while ((nl = memchr(p, '\n', (size_t)(end - p)))) {
			line(p);
			p = nl + 1;
		}
		have = (size_t)(end - p);
		if (have > 128 << 10)
			exit(1);
		memmove(buf, p, have);
	}
	close(fd);
}

/* ---------------------------------------------------------------- scan */

struct region {
	u64 start, end, categories;
};

/* struct pm_scan_arg, PAGEMAP_SCAN and PAGE_IS_* of include/uapi/linux/fs.h, 6.7 */
struct scan_arg {
	u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	u64 inverted, mask, anyof, ret;
};

static int scan(int fd, u64 start, u64 end, void (*take)(const struct region *))
{
	static struct region vec[512];

	while (start < end) {
		struct scan_arg arg = { sizeof(arg), 0,	       start,
					end,	     0,	       (uintptr_t)vec,
					512,	     8192,     0,
					0,	     8 | 0x10, 8 | 0x10 | 0x20 | 0x40 };
		int n = ioctl(fd, _IOWR('f', 16, struct scan_arg), &arg);

		if (n < 0)
			return -1;
		for (int i = 0; i < n; i++)
			take(&vec[i]);
		start = arg.walk_end;
	}
	return 0;
}

static void sum_region(const struct region *r)
{
	sink += (r->end - r->start) * r->categories;
}

static void scan_all(const char *pid)
{
	int fd = open_of(pid, "pagemap");

	if (nmaps && scan(fd, maps[0].start, maps[nmaps - 1].end, sum_region))
		perror("PAGEMAP_SCAN");
	close(fd);
}

/* ---------------------------------------------------------------- pages */

static int pagemap, kpageflags, kpagecount, kpagecgroup = -1;
static bool dump;
static u64 addrs[WINDOW], entries[WINDOW], flags[WINDOW], counts[WINDOW], groups[WINDOW];
static u64 keys[2][WINDOW]; /* PFN << 24 | length - 1 << 18 | ask the count << 17 | index */
static size_t npages;
static char out[1 << 16];
static size_t nout;

static u64 *sort_keys(size_t n)
{
	static size_t at[2048];
	u64 *from = keys[0], *to = keys[1];

	for (unsigned shift = 24; shift < 24 + 33; shift += 11) {
		size_t sum = 0;
		u64 *t;

		memset(at, 0, sizeof(at));
		for (size_t i = 0; i < n; i++)
			at[from[i] >> shift & 2047]++;
		for (size_t i = 0; i < 2048; i++) {
			size_t c = at[i];

			at[i] = sum;
			sum += c;
		}
		for (size_t i = 0; i < n; i++)
			to[at[from[i] >> shift & 2047]++] = from[i];
		t = from;
		from = to;
		to = t;
	}
	return from;
}

static void ask(const u64 *k, size_t n, int fd, bool only_shared, u64 *to)
{
	static u64 buf[IO];

	for (size_t i = 0, j; i < n; i = j) {
		u64 low = k[i] >> 24, high = low + (k[i] >> 18 & 63) + 1;

		j = i + 1;
		if (only_shared && !(k[i] >> 17 & 1))
			continue;
		for (; j < n; j++) {
			u64 pfn = k[j] >> 24, end = pfn + (k[j] >> 18 & 63) + 1;

			if (only_shared && !(k[j] >> 17 & 1))
				continue;
			if (pfn < low || pfn > high + 3 || end - low > IO)
				break;
			high = high > end ? high : end;
		}
		if (pread(fd, buf, (high - low) * 8, (off_t)(low * 8)) < 0)
			exit(1);
		for (size_t m = i; m < j; m++)
			if (!only_shared || k[m] >> 17 & 1)
				memcpy(to + (k[m] & (WINDOW - 1)), buf + ((k[m] >> 24) - low),
				       ((k[m] >> 18 & 63) + 1) * 8);
	}
}

static char *put_hex(char *p, u64 v)
{
	unsigned digits = v ? (67 - (unsigned)__builtin_clzll(v)) / 4 : 1;

	for (unsigned i = digits; i--; v >>= 4)
		p[i] = "0123456789abcdef"[v & 15];
	p[digits] = ' ';
	return p + digits + 1;
}

static void put_page(size_t i)
{
	char *p = out + nout;

	p = put_hex(p, addrs[i]);
	p = put_hex(p, entries[i]);
	p = put_hex(p, flags[i]);
	p = put_hex(p, counts[i]);
	if (kpagecgroup >= 0)
		p = put_hex(p, groups[i]);
	p[-1] = '\n';
	nout = (size_t)(p - out);
	if (nout > sizeof(out) - 128) {
		if (write(1, out, nout) < 0)
			exit(1);
		nout = 0;
	}
}

static void flush(void)
{
	size_t n = 0, runs = 0, len;
	u64 *k = keys[0];

	for (size_t i = 0; i < npages; i += len) {
		u64 pfn = PFN(entries[i]), bit = entries[i] & UINT64_C(1) << 56;

		for (len = 1; i + len < npages && len < 64; len++)
			if (PFN(entries[i + len]) != pfn + len ||
			    (entries[i + len] & UINT64_C(1) << 56) != bit)
				break;
		counts[i] = 1;
		if (!(entries[i] & PRESENT) || !pfn)
			continue;
		for (size_t j = 1; j < len; j++)
			counts[i + j] = 1;
		runs += len < 64;
		k[n++] = pfn << 24 | (u64)(len - 1) << 18 | (bit ? 0 : 1u << 17) | i;
	}
	if (runs > npages / 32)
		k = sort_keys(n);
	ask(k, n, kpageflags, false, flags);
	ask(k, n, kpagecount, true, counts);
	if (kpagecgroup >= 0)
		ask(k, n, kpagecgroup, false, groups);
	for (size_t i = 0; i < npages; i++) {
		sink += flags[i] + counts[i];
		if (dump)
			put_page(i);
	}
	npages = 0;
}

/* Ranges to be read, in order, joined over holes of up to 160 pages. */
static struct region joined;

static void read_joined(void)
{
	static u64 buf[IO];
	u64 page = joined.start / PAGE, end = joined.end / PAGE;

	while (page < end) {
		size_t want = end - page < IO ? end - page : IO;
		ssize_t n = pread(pagemap, buf, want * 8, (off_t)(page * 8));

		if (n <= 0)
			break;
		for (size_t i = 0; i < (size_t)n / 8; i++) {
			if (!(buf[i] >> 62))
				continue;
			addrs[npages] = (page + i) * PAGE;
			entries[npages++] = buf[i];
			if (npages == WINDOW)
				flush();
		}
		page += (size_t)n / 8;
	}
	joined = (struct region){ 0, 0, 0 };
}

static void read_unit(u64 addr)
{
	u64 e;

	read_joined();
	if (pread(pagemap, &e, 8, (off_t)(addr / PAGE * 8)) != 8)
		return;
	if (npages + 2 > WINDOW)
		flush();
	for (u64 i = 0; i < 2; i++) {
		addrs[npages] = addr + i * PAGE;
		entries[npages++] = e + i;
	}
}

static void take_region(const struct region *r)
{
	u64 start = r->start;

	while (r->categories & 0x40 && start < r->end && !(start % (UNIT * PAGE)) &&
	       r->end - start >= UNIT * PAGE) {
		read_unit(start);
		start += UNIT * PAGE;
	}
	if (start >= r->end)
		return;
	if (joined.end && start - joined.end <= 160 * PAGE) {
		joined.end = r->end;
		return;
	}
	read_joined();
	joined = (struct region){ start, r->end, 0 };
}

static void read_pages(const char *pid)
{
	pagemap = open_of(pid, "pagemap");
	kpageflags = open("/proc/kpageflags", O_RDONLY);
	kpagecount = open("/proc/kpagecount", O_RDONLY);
	for (size_t i = 0; i < nmaps; i++) {
		const struct region all = { maps[i].start, maps[i].end, 0 };

		if ((all.end - all.start) / PAGE <= 1024 ||
		    scan(pagemap, all.start, all.end, take_region))
			take_region(&all);
	}
	read_joined();
	flush();
	if (nout && write(1, out, nout) < 0)
		exit(1);
}

int main(int argc, char **argv)
{
	const char *what = argc == 3 ? argv[1] : "";

	if (!strcmp(what, "maps") || !strcmp(what, "scan")) {
		read_lines(argv[2], "maps", add_mapping);
	} else if (!strcmp(what, "smaps") || !strcmp(what, "default")) {
		read_lines(argv[2], "smaps", smaps_line);
	} else if (!strcmp(what, "pages") || !strcmp(what, "dump") || !strcmp(what, "dump3")) {
		dump = *what == 'd';
		if (!strcmp(what, "dump3"))
			kpagecgroup = open("/proc/kpagecgroup", O_RDONLY);
		read_lines(argv[2], "maps", add_mapping);
		read_pages(argv[2]);
	} else {
		fputs("usage: floor maps|smaps|default|scan|pages|dump|dump3 PID\n", stderr);
		return 2;
	}
	if (!strcmp(what, "scan") || !strcmp(what, "default"))
		scan_all(argv[2]);
	return 0;
}
