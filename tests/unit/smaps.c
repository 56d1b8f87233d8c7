/* SPDX-License-Identifier: GPL-2.0-or-later */
/* smaps: fields known and unknown, records that differ, VmFlags, and what is no field at all. */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "feed_maps.h"

/** One value of mapping `i`; UINT64_MAX - 1 where it is not there. */
static u64 value(size_t i, const char *field)
{
	struct smaps_values all;

	space_smaps(&sp, &sp.vmas[i], &all);
	for (u32 f = 0; f < sp.nfields; f++)
		if (!strcmp(strtab_get(&sp.names, sp.field_name[f]), field))
			return all.have >> f & 1 ? all.v[f] : UINT64_MAX - 1;
	return UINT64_MAX - 1;
}

#define ABSENT (UINT64_MAX - 1)

#define A "1000-3000 rw-p 00000000 00:00 0 \n"
#define B "3000-4000 r--p 00000000 00:00 0 \n"
#define C "4000-5000 r--p 00000000 00:00 0 \n"

static void usual(void)
{
	feed("55d5f455d000-55d5f457e000 rw-p 00000000 00:00 0        [heap]\n"
	     "Size:                132 kB\n"
	     "KernelPageSize:        4 kB\n"
	     "MMUPageSize:           4 kB\n"
	     "Rss:                  96 kB\n"
	     "Pss:                  48 kB\n"
	     "Pss_Dirty:            47 kB\n"
	     "Shared_Clean:          1 kB\n"
	     "Shared_Dirty:          2 kB\n"
	     "Private_Clean:         3 kB\n"
	     "Private_Dirty:         5 kB\n"
	     "Referenced:            6 kB\n"
	     "Anonymous:             7 kB\n"
	     "KSM:                   8 kB\n"
	     "LazyFree:              9 kB\n"
	     "AnonHugePages:        10 kB\n"
	     "ShmemPmdMapped:       11 kB\n"
	     "FilePmdMapped:        12 kB\n"
	     "Shared_Hugetlb:       13 kB\n"
	     "Private_Hugetlb:      14 kB\n"
	     "Swap:                 15 kB\n"
	     "SwapPss:              16 kB\n"
	     "Locked:               17 kB\n"
	     "THPeligible:           1\n"
	     "ProtectionKey:         3\n"
	     "VmFlags: rd wr mr mw me ac sd \n");
	IS(sp.nvmas, 1);
	IS(pb.bad_lines, 0);
	IS(sp.vmas[0].have, VMA_HAVE_SMAPS);
	IS(value(0, "Size"), 132);
	IS(value(0, "Rss"), 96);
	IS(value(0, "Pss_Dirty"), 47);
	IS(value(0, "Shared_Clean"), 1);
	IS(value(0, "Private_Dirty"), 5);
	IS(value(0, "KSM"), 8);
	IS(value(0, "Private_Hugetlb"), 14);
	IS(value(0, "Locked"), 17);
	IS(value(0, "THPeligible"), 1);
	IS(value(0, "ProtectionKey"), 3);
	IS(sp.nfields, SMAPS_NKNOWN);
	IS(sp.schemas[sp.vmas[0].schema].n, SMAPS_NKNOWN);
	OK(space_vma_flag(&sp, &sp.vmas[0], "rd"));
	OK(space_vma_flag(&sp, &sp.vmas[0], "sd"));
	OK(!space_vma_flag(&sp, &sp.vmas[0], "ex"));
	IS(__builtin_popcountll(sp.vmas[0].vmflags), 7);
}

/** The same fields again, in columns and not, small and large: the guess must never be wrong. */
static void second_record(void)
{
	feed(A "Rss:                   4 kB\nPss:                   0 kB\nLocked:                0 "
	       "kB\n" B
	       "Rss:            99999999 kB\nPss:            100000000 kB\nLocked: 7 kB\n" C
	       "Rss:            18446744073709551615 kB\nPss:\t\t12 kB \n"
	       "Locked:               12 kB\n");
	IS(sp.nvmas, 3);
	IS(pb.bad_lines, 0);
	IS(value(1, "Rss"), 99999999);
	IS(value(1, "Pss"), 100000000);
	IS(value(1, "Locked"), 7);
	IS(value(2, "Rss"), UINT64_MAX);
	IS(value(2, "Pss"), 12);
	IS(value(2, "Locked"), 12);
	IS(sp.nschemas, 1);
}

/** What looks like a number in its columns and is none. */
static void not_in_columns(void)
{
	static const char *const bad[] = {
		"       x",
		"        ",
		"     1 2",
		"    -123",
		"  0x1234",
		"1234567g",
		"      1 ",
		"\t     :1",
		"     %10",
		"    \x10"
		"121",
		"       /",
		"       :",
		"  1    0",
		"\x90\x90\x90\x90\x90\x90\x90"
		"0",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[256];

		snprintf(text, sizeof(text),
			 A "Rss:                   4 kB\n" B "Rss:            %s kB\n", bad[i]);
		feed(text);
		IS(sp.nvmas, 2);
		if (!strcmp(bad[i], "      1 ")) { /* only blanks: fine */
			IS(value(1, "Rss"), 1);
			IS(pb.bad_lines, 0);
			continue;
		}
		if (pb.bad_lines != 1)
			printf("# \"%s\"\n", bad[i]);
		IS(pb.bad_lines, 1);
		IS(value(1, "Rss"), ABSENT);
		IS(value(0, "Rss"), 4);
	}
}

/** Every number of 1 to 9 digits that has a digit in each column, by both ways of reading. */
static void all_widths(void)
{
	bool ok = true;

	for (u64 n = 1; n < 10000000000; n = n * 10 + n % 9 + 1) {
		char text[256];

		snprintf(text, sizeof(text),
			 A "Rss:                   4 kB\n" B "Rss:            %8llu kB\n" C
			   "Rss: %llu kB\n",
			 (unsigned long long)n, (unsigned long long)n);
		feed(text);
		ok &= value(1, "Rss") == n && value(2, "Rss") == n && !pb.bad_lines;
	}
	OK(ok);
}

static void unknown_fields(void)
{
	feed(A "Rss:                   4 kB\nFutureThing:           9 kB\nFlagCount:             "
	       "3\n" B "Rss:                   8 kB\nFutureThing:          10 kB\nFlagCount:       "
	       "      4\n" C "Rss:                   0 kB\n");
	IS(sp.nfields, SMAPS_NKNOWN + 2);
	IS_STR(strtab_get(&sp.names, sp.field_name[SMAPS_NKNOWN]), "FutureThing");
	IS(value(0, "FutureThing"), 9);
	IS(value(1, "FutureThing"), 10);
	IS(value(1, "FlagCount"), 4);
	IS(value(2, "FutureThing"), ABSENT);
	IS(sp.field_plain >> SMAPS_NKNOWN & 3, 2);
	IS(sp.field_plain >> SMAPS_THP_ELIGIBLE & 1, 1);
	IS(sp.field_plain >> SMAPS_RSS & 1, 0);
	IS(sp.nschemas, 2);
	IS(pb.bad_lines, 0);
}

/** Records with more, fewer, other and reordered fields, one after the other. */
static void records_differ(void)
{
	feed(A "Rss:                   1 kB\nPss:                   2 kB\nSwap:                  3 "
	       "kB\n" B "Rss:                   4 kB\nSwap:                  6 kB\n" C
	       "Swap:                  7 kB\nRss:                   8 kB\nPss:                   9 "
	       "kB\n"
	       "5000-6000 r--p 00000000 00:00 0 \n"
	       "6000-7000 r--p 00000000 00:00 0 \n"
	       "Rss:                  10 kB\nPss:                  11 kB\nSwap:                 12 "
	       "kB\n");
	IS(sp.nvmas, 5);
	IS(pb.bad_lines, 0);
	IS(value(0, "Pss"), 2);
	IS(value(1, "Rss"), 4);
	IS(value(1, "Pss"), ABSENT);
	IS(value(1, "Swap"), 6);
	IS(value(2, "Swap"), 7);
	IS(value(2, "Rss"), 8);
	IS(value(2, "Pss"), 9);
	IS(sp.vmas[3].have, 0);
	IS(value(4, "Rss"), 10);
	IS(value(4, "Swap"), 12);
	IS(sp.nschemas, 3);
	IS(sp.vmas[4].schema, sp.vmas[0].schema);
}

static void twice_in_a_record(void)
{
	feed(A "Rss:                   1 kB\nRss:                   2 kB\nVmFlags: rd \nVmFlags: "
	       "wr \n");
	IS(value(0, "Rss"), 1);
	OK(space_vma_flag(&sp, &sp.vmas[0], "rd"));
	OK(!space_vma_flag(&sp, &sp.vmas[0], "wr"));
	IS(pb.bad_lines, 2);
}

static void bad_fields(void)
{
	static const char *const bad[] = {
		"Rss",
		"Rss:",
		"Rss:                   4",
		"Rss:                   4 MB",
		"Rss:                   4 kB x",
		"Rss:                   4kBB",
		"Rss:                  -4 kB",
		"Rss:                   x kB",
		"Rss:            18446744073709551616 kB",
		":                      4 kB",
		"R ss:                  4 kB",
		"R\033ss:                  4 kB",
		"R\xc3\xa4:                    4 kB",
		"THPeligible:           1 kB",
		"VmFlags: r",
		"VmFlags: rdx",
		"VmFlags: rd\033[ wr",
		"VmFlags:rd\twr",
		"NameOfMoreThanFortyEightBytesWhichNoKernelWouldUse: 4 kB",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[256];

		snprintf(text, sizeof(text), A "Size: 8 kB\n%s\nPss: 1 kB\n", bad[i]);
		feed(text);
		if (pb.bad_lines != 1)
			printf("# \"%s\"\n", bad[i]);
		IS(pb.bad_lines, 1);
		IS(sp.nvmas, 1);
		IS(value(0, "Size"), 8);
		IS(value(0, "Rss"), ABSENT);
		IS(value(0, "Pss"), 1);
		IS(sp.vmas[0].vmflags, 0);
		IS(sp.nfields, SMAPS_NKNOWN);
	}
}

/** A broken or misplaced mapping takes its fields with it; they are nobody else's. */
static void fields_of_nobody(void)
{
	feed(A "Rss:                   1 kB\n3000-zzzz r--p 00000000 00:00 0 \n"
	       "Rss:                   2 kB\nPss:                   2 kB\nVmFlags: wr \n" C
	       "Pss:                   3 kB\n" B "Swap:                  4 kB\nVmFlags: ex \n");
	IS(sp.nvmas, 2);
	IS(value(0, "Rss"), 1);
	IS(value(0, "Pss"), ABSENT);
	IS(sp.vmas[0].vmflags, 0);
	IS(sp.vmas[1].first, 0x4000);
	IS(value(1, "Pss"), 3);
	IS(value(1, "Swap"), ABSENT);
	IS(sp.vmas[1].vmflags, 0);
	IS(pb.bad_lines, 1);
	IS(pb.disorder, 1);
	feed("Rss:                   1 kB\n" A);
	IS(pb.bad_lines, 1);
	IS(sp.vmas[0].have, 0);
}

static void flags(void)
{
	feed(A "VmFlags: rd wr zz ?? \n" B "VmFlags: rd wr zz ?? \n" C "VmFlags: \n");
	OK(space_vma_flag(&sp, &sp.vmas[0], "zz"));
	OK(space_vma_flag(&sp, &sp.vmas[0], "??"));
	IS(sp.vmas[1].vmflags, sp.vmas[0].vmflags);
	IS(__builtin_popcountll(sp.vmas[0].vmflags), 4);
	IS(sp.vmas[2].vmflags, 0);
	IS(sp.vmas[2].have, VMA_HAVE_SMAPS);
	IS(pb.bad_lines, 0);
}

static void too_many(void)
{
	struct buf text = { 0 };
	u32 room = SMAPS_MAX - SMAPS_NKNOWN;

	buf_addstr(&text, A);
	for (u32 i = 0; i < 100; i++)
		buf_addf(&text, "New%u: %u kB\n", i, i);
	buf_addstr(&text, "Rss:                   5 kB\nVmFlags:");
	for (u32 i = 0; i < 100; i++)
		buf_addf(&text, " %c%c", 'A' + i / 10, 'A' + i % 10);
	buf_addstr(&text, " \n" B "Rss:                   6 kB\nNew0: 9 kB\n");
	feed(text.p);
	buf_release(&text);
	IS(sp.nfields, SMAPS_MAX);
	IS(sp.nvmflags, VMFLAGS_MAX);
	IS(value(0, "New0"), 0);
	IS(value(0, "New39"), room > 39 ? 39 : ABSENT);
	IS(value(0, "New40"), room > 40 ? 40 : ABSENT);
	IS(value(0, "Rss"), 5);
	IS(value(1, "Rss"), 6);
	IS(value(1, "New0"), 9);
	OK(pb.dropped > 100 - room);
	IS(pb.bad_lines, 0);
}

/** Cut off in the middle: what is there counts, a number that may lack digits does not. */
static void truncated(void)
{
	feed(A "Rss:                   4 kB\nPss:                  12");
	IS(value(0, "Rss"), 4);
	IS(value(0, "Pss"), ABSENT);
	IS(pb.bad_lines, 1);
	feed(A "Rss:                   4 kB\nPss:                  12 kB");
	IS(value(0, "Pss"), 12);
	IS(pb.bad_lines, 0);
	feed(A "Rss:                   4 kB\nTHPeligible:           1");
	IS(value(0, "THPeligible"), ABSENT);
	feed(A "Rss:                   4 kB\nVmFlags: rd wr");
	IS(sp.vmas[0].vmflags, 0);
	IS(pb.bad_lines, 1);
}

static void any_cut(void)
{
	static const char text[] =
		A "Size:                  8 kB\nRss:                   4 kB\nNew:                  "
		  " 4\n"
		  "VmFlags: rd wr \n" B "Size:                  4 kB\nRss:            12345678 kB\n"
		  "New:                   5\nVmFlags: rd wr \n"
		  "\n4000-zzzz\nRss:            00000001 kB\n" C
		  "Size:                  4 kB\nRss:                   0 kB\nVmFlags: rd wr";
	struct space whole;

	feed(text);
	IS(sp.nvmas, 3);
	IS(pb.bad_lines, 3);
	whole = sp;
	space_init(&sp);
	for (size_t step = 1; step < sizeof(text); step++) {
		feed_bytes(text, sizeof(text) - 1, step, 4096, 64);
		if (!same_space(&whole, &sp) || pb.bad_lines != 3) {
			printf("# step %zu\n", step);
			OK(same_space(&whole, &sp));
			IS(pb.bad_lines, 3);
		}
	}
	space_release(&whole);
}

/** This process: a mapping we made, half of it touched. */
static void live(void)
{
	struct root *r = root_live();
	struct piddir *d = NULL;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t tgid;
	u32 i;

	/* Kept apart from its neighbours, and from huge pages. */
	mprotect(p, page, PROT_NONE);
	mprotect(p + 15 * page, page, PROT_NONE);
	madvise(p, 16 * page, MADV_NOHUGEPAGE);
	for (size_t k = 1; k <= 7; k++)
		p[k * page] = 1;
	space_release(&sp);
	space_init(&sp);
	root_host(r, &sp);
	IS(-piddir_open(r, getpid(), &d, &tgid), 0);
	IS(-smaps_read(d, &sp), 0);
	OK(sp.smaps_usec > 0);
	i = space_find_vma(&sp, (u64)(uintptr_t)p + page);
	if (OK(i != NO_INDEX)) {
		IS(sp.vmas[i].first, (uintptr_t)p + page);
		IS(range_size(vma_range(&sp.vmas[i])), 14 * page);
		IS(value(i, "Size"), 14 * page / 1024);
		IS(value(i, "Rss"), 7 * page / 1024);
		IS(value(i, "Private_Dirty"), 7 * page / 1024);
		IS(value(i, "Swap"), 0);
		OK(space_vma_flag(&sp, &sp.vmas[i], "wr"));
		OK(space_vma_flag(&sp, &sp.vmas[i], "nh"));
	}
	munmap(p, 16 * page);
	piddir_close(d);
	root_free(r);
}

int main(void)
{
	usual();
	second_record();
	not_in_columns();
	all_widths();
	unknown_fields();
	records_differ();
	twice_in_a_record();
	bad_fields();
	fields_of_nobody();
	flags();
	too_many();
	truncated();
	any_cut();
	live();
	space_release(&sp);
	return tap_done();
}
