/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The map view: whole lines of the demo at several widths, and what holds at any width. */
#include <errno.h>
#include <stdio.h>

#include "view_lines.h"
#include "tap.h"

#define LINE(start)   line_at(text, (start), 0)
#define NTH(start, n) line_at(text, (start), (n))
#define AFTER(start)  line_after(text, (start))

static void test_header(void)
{
	struct view_opts v = view_defaults(80);
	struct space s;
	char *text;

	demo_space(&s, false);
	text = map_text(&s, &v);
	IS_STR(LINE("procmap"), "procmap 9.8.7  pid 4711 redis-server  Linux 6.18.44 x86_64");
	IS_STR(AFTER("procmap"), "           4-level paging, 4 KiB pages  2026-11-21T22:30:12Z");
	IS_STR(LINE("command"),
	       "command    /usr/bin/redis-server 127.0.0.1:6379 --maxmemory 256mb");
	IS_STR(LINE("exe"), "exe        /usr/bin/redis-server  PIE, stripped");
	IS_STR(LINE("process"), "process    sleeping  user redis (uid 112)  parent 1  threads 2");
	IS_STR(AFTER("process"), "           started 2026-11-21T19:00:00Z");
	IS_STR(LINE("cgroup"), "cgroup     /system.slice/redis-server.service");
	IS_STR(LINE("layout"),
	       "layout     64-bit  mmap area top-down  mmap base 00007f4b2062a000 derived");
	free(text);

	/* The sysctl says 2, but this process was started without: setarch -R. */
	s.proc.personality = FIG(PERS_ADDR_NO_RANDOMIZE);
	text = map_text(&s, &v);
	OK(strstr(text, "ASLR off  ADDR_NO_RANDOMIZE") && !strstr(text, "ASLR full"));
	free(text);

	/* Unknown is a question mark, never 0. */
	s.proc.ppid.have = s.proc.nthreads.have = s.proc.start_unix.have = s.proc.uid.have = false;
	s.proc.user = s.proc.cmdline = 0;
	s.proc.state = 0;
	s.proc.aslr = FIG(0);
	s.proc.personality = FIG(0x40000 | 0x400000);
	s.proc.exe_deleted = true;
	v.width = 160;
	text = map_text(&s, &v);
	IS_STR(LINE("process"), "process    state ?  user ?  parent ?  threads ?  started ?");
	IS_STR(LINE("command"), "command    ?");
	IS_STR(LINE("exe"), "exe        /usr/bin/redis-server  (deleted) PIE, stripped");
	IS_STR(LINE("layout"), "layout     64-bit  mmap area top-down  mmap base 00007f4b2062a000 "
			       "derived  ASLR off  ADDR_NO_RANDOMIZE  READ_IMPLIES_EXEC");
	free(text);
	space_release(&s);
}

static void test_rows_80(void)
{
	struct view_opts v = view_defaults(80);
	struct space s;
	char *text;

	demo_space(&s, false);
	text = map_text(&s, &v);
	IS_STR(LINE("00007fffffffefff"),
	       "00007fffffffefff ╔═ USER  128 TiB  27 mappings  mapped 525.9M  rss 184.6M ══════");
	IS_STR(AFTER("00007fffffffefff"),
	       "                 ║ mapping                  size perm   rss pages");
	IS_STR(LINE("00007ffcfb43c000"), "00007ffcfb43c000 ║ ┊ gap                12.1 GiB");
	IS_STR(AFTER("00007ffcfb43c000"),
	       "                 ║ ┌ [stack] 4711 redis-server    132K  in use 6.7K  touched 20K");
	IS_STR(LINE("00007ffcfb41b000"),
	       "00007ffcfb41b000 ║ └ [stack]             132 KiB rw-p   20K ·······▄█");
	IS_STR(NTH("00007f4b2062a000", 0), "00007f4b2062a000 ║ ◂ mmap_base");
	IS_STR(NTH("00007f4b2062a000", 1), "00007f4b2062a000 ║ ┊ gap               711.4 GiB");
	OK(strstr(text, "\n                 ║   ↓ stack can grow 7.9M, then RLIMIT_STACK\n"));
	IS_STR(LINE("00007f4b205f7000"),
	       "00007f4b205f7000 ║ │ .text .plt          148 KiB r-xp  148K ▒▒▒▒▒▒▒▒▒ pss 2K");
	IS_STR(LINE("00007f4b20626000"),
	       "00007f4b20626000 ║ │ RELRO .data.rel.r…    8 KiB r--p    8K ██        copied 8K");
	IS_STR(LINE("00007f4b1c800000"),
	       "00007f4b1c800000 ║ anonymous               8 KiB rwxp    8K ██        W+X");
	IS_STR(LINE("00007f4a10000000"),
	       "00007f4a10000000 ║ reserved              256 MiB ---p     0 ·········");
	IS_STR(AFTER("00007f4a10000000"), "                 ║     nothing touched");
	IS_STR(LINE("00007f4a00000000"),
	       "00007f4a00000000 ║ anonymous             256 MiB rw-p  180M HHHHHHH·· huge 180M");
	IS_STR(LINE("000055d0e4f10000"),
	       "000055d0e4f10000 ║ [heap]                648 KiB rw-p  612K █████████ swap 12K");
	IS_STR(AFTER("000055d0e4f10000"), "                 ║     start_brk  dirty 600K");
	IS_STR(LINE("000055d0c4a3f560"), "000055d0c4a3f560 ║ │ ◂ AT_ENTRY");
	IS_STR(LINE("0000000000000000"),
	       "0000000000000000 ║ ┊ NULL trap            64 KiB vm.mmap_min_addr");
	IS_STR(LINE("0000800000000000"), "0000800000000000   ┊ non-canonical hole  16776960 TiB");
	IS_STR(LINE("00007ffffffff000"), "00007ffffffff000   ┊ guard page, never mapped  4 KiB");
	free(text);
	space_release(&s);
}

static void test_rows_other(void)
{
	struct view_opts v = view_defaults(100);
	struct space s;
	char *text;

	demo_space(&s, false);
	text = map_text(&s, &v);
	IS_STR(LINE("00007f4b20426000"), "00007f4b20426000 ║ │ text                  1.3 MiB r-xp  "
					 "26000  1.1M   22K ▒▒▒▒▒▒▒▒▒░▒▒            ║");
	IS_STR(LINE("000055d0e4fb2000"),
	       "000055d0e4fb2000 ║ ┊ gap                  41.5 TiB ↑ heap "
	       "can grow 41.5T, then the next mapping    ║");
	free(text);
	v.width = 40;
	text = map_text(&s, &v);
	IS_STR(LINE("00007f4b20426000"), "00007f4b20426000 │ text        1.3M r-xp");
	IS_STR(LINE("000055d0e4f10000"), "000055d0e4f10000 [heap]        648K rw-p");
	IS_STR(AFTER("000055d0e4f10000"), "                   swap 12K  start_brk");
	free(text);
	v.width = 80;
	v.bytes = true;
	text = map_text(&s, &v);
	IS_STR(LINE("000055d0e4f10000"),
	       "000055d0e4f10000 ║ [heap]                      663552 rw-p       626688 ████████");
	IS_STR(LINE("0000800000000000"),
	       "0000800000000000   ┊ non-canonical hole  18446462598732840960");
	free(text);
	v.bytes = false;
	v.ascii = true;
	text = map_text(&s, &v);
	IS_STR(LINE("00007f4b1c900000"),
	       "00007f4b1c900000 | memfd:ring buffer       1 MiB rw-s  512K sssss.... deleted");
	IS_STR(LINE("00007f4a00000000"),
	       "00007f4a00000000 | anonymous             256 MiB rw-p  180M HHHHHHH.. huge 180M");
	free(text);
	space_release(&s);
}

static void test_kernel(void)
{
	struct view_opts v = view_defaults(80);
	struct space s;
	char *text;

	demo_space(&s, false);
	text = map_text(&s, &v);
	IS_STR(LINE("ffffffffffffffff"),
	       "ffffffffffffffff ╔═ KERNEL  128 TiB ═════════════════════════════════ known by ═");
	IS_STR(LINE("ffffffff81000000"),
	       "ffffffff81000000 ║ └ text                 18 MiB r-x~           exact (kallsyms)");
	IS_STR(LINE("ffff888000000000"),
	       "ffff888000000000 ║ direct map of RAM      64 TiB ?         default (boot_params)");
	IS_STR(AFTER("ffff888000000000"),
	       "                 ║     24 GiB of RAM: 4K 1 %, 2M 12 %, 1G 87 %");
	IS_STR(LINE("ffffff8000000000"), "ffffff8000000000 ║ ┊ unused              444 GiB");
	IS_STR(LINE("kernel"),
	       "kernel     r-x~: as the kernel sets it up, not read from page tables");
	free(text);
	space_release(&s);

	demo_space(&s, true);
	v.width = 100;
	text = map_text(&s, &v);
	IS_STR(LINE("ffffc88040000000"),
	       "ffffc88040000000~║ vmalloc                  32 TiB ?                              "
	       "bounds (formula) ║");
	IS_STR(AFTER("ffffc88040000000"), "                 ║   somewhere in "
					  "ffffc88040000000-fffffd557fffffff, 2 of 2 from below"
					  "             ║");
	/* Exact permissions carry no tilde, unknown sizes a question mark. */
	free(text);
	for (size_t i = 0; i < s.nregions; i++) {
		if (s.regions[i].kind == KR_IMAGE_PART)
			s.regions[i].perms_conf = CONF_EXACT;
		s.regions[i].size.have = false;
	}
	v.width = 80;
	text = map_text(&s, &v);
	IS_STR(LINE("ffffffff83000000"),
	       "ffffffff83000000 ║ │ data                2.5 MiB rw-             derived (iomem)");
	IS_STR(LINE("ffffc88040000000"),
	       "ffffc88040000000~║ vmalloc                     ? ?              bounds (formula)");
	free(text);
	space_release(&s);
}

static void test_footer(void)
{
	struct view_opts v = view_defaults(100);
	struct space s;
	char *text;

	demo_space(&s, false);
	text = map_text(&s, &v);
	IS_STR(LINE("pages"),
	       "pages      · never touched or dropped  ▄█ anonymous or copied  ░▒ file  ▚ shared "
	       "memory  H huge");
	IS_STR(LINE("totals"), "totals     mappings 27  promised 525.9 MiB  present 184.6 MiB  "
			       "swapped 12 KiB  untouched 341.4 MiB");
	IS_STR(LINE("           rss"),
	       "           rss 184.6 MiB  pss 182.7 MiB  swap 12 KiB  anonymous 180.8 MiB");
	IS_STR(AFTER("by kind"), "           anonymous            2   256 MiB   180 MiB   180 MiB "
				 "      0 B   180 MiB");
	IS_STR(LINE("           heap"), "           heap                 1   648 KiB   612 KiB   "
					"612 KiB    12 KiB   600 KiB");
	IS_STR(LINE("faults"), "faults     minor 48211  major 12  oom score 674  adjusted by 0");
	IS_STR(LINE("unmapped"), "unmapped   page tables 512 KiB  kernel stacks 32 KiB");
	IS_STR(AFTER("unmapped"),
	       "           whole cgroup:  file 33.4 MiB  slab 1.2 MiB  sock 0 B");
	IS_STR(LINE("headroom"),
	       "headroom   mappings 27 of 65530  RLIMIT_AS 519.5 MiB of unlimited  "
	       "RLIMIT_DATA ? of unlimited");
	IS_STR(AFTER("headroom"),
	       "           RLIMIT_STACK 132 KiB of 8 MiB  RLIMIT_MEMLOCK 0 B of 64 KiB");
	IS_STR(LINE("WARNINGS"), "WARNINGS   000055d0c4a2c000 r-xp …sr/bin/redis-server  copied "
				 "text: patched, or a breakpoint (4 KiB)");
	IS_STR(AFTER("WARNINGS"), "           00007f4b1c800000 rwxp [anon]  writable and "
				  "executable anonymous memory (8 KiB)");
	OK(!strstr(text, "executable anonymous memory (8 KiB)\n           00007f4b1c800000"));
	OK(!strstr(text, "vm.max_map_count"));
	IS_STR(LINE("notes"), "notes      closed  iomem: where RAM lies: Permission denied "
			      "(CAP_SYS_ADMIN opens it)");
	IS_STR(AFTER("notes"), "           absent  kcore: this kernel has no /proc/kcore");
	OK(!strstr(text, "kernel addresses"));
	IS_STR(LINE("counts"), "");
	free(text);
	s.host.average_counts = true;
	text = map_text(&s, &v);
	IS_STR(LINE("counts"), "counts     pss, private and shared are approximate: the kernel "
			       "counts the mappings of a large folio");
	s.host.average_counts = false;
	free(text);
	v.running_as_root = true;
	text = map_text(&s, &v);
	OK(strstr(text, "made as root: this text holds kernel addresses"));
	free(text);

	/* Without a row of the kernel nothing is said of it; a full table of mappings is. */
	v.kernel = false;
	s.proc.max_map_count = FIG(29);
	text = map_text(&s, &v);
	OK(!strstr(text, "kernel addresses") && !strstr(text, "r-x~"));
	OK(!strstr(text, "kcore") && !strstr(text, "iomem"));
	IS_STR(LINE("WARNINGS"), "WARNINGS   27 mappings of the 29 that vm.max_map_count allows");
	free(text);
	v.kernel = true;
	s.proc.max_map_count = FIG(31);
	text = map_text(&s, &v);
	OK(!strstr(text, "vm.max_map_count"));
	free(text);

	/* What is unknown stays unknown. */
	s.proc.minflt.have = s.proc.oom_score_adj.have = s.proc.max_map_count.have = false;
	s.proc.rlimit_as.have = false;
	for (size_t i = 0; i < s.nvmas; i++)
		s.vmas[i].have = 0;
	s.have_scan = false;
	text = map_text(&s, &v);
	IS_STR(LINE("faults"), "faults     minor ?  major 12  oom score 674  adjusted by ?");
	IS_STR(LINE("           rss"), "           rss ?  pss ?  swap ?  anonymous ?");
	OK(strstr(text, "mappings 27 of ?  RLIMIT_AS 519.5 MiB of ?"));
	OK(strstr(text, "maps, pages not scanned"));
	IS_STR(LINE("pages "), "");
	free(text);
	space_release(&s);
}

static void test_no_user(void)
{
	struct view_opts v = view_defaults(80);
	struct space s;
	char *text;

	space_init(&s);
	demo_process(&s);
	s.no_user = USER_KTHREAD;
	text = map_text(&s, &v);
	OK(strstr(text, "no user half: a kernel thread has none\n"));
	free(text);
	s.no_user = USER_ZOMBIE;
	text = map_text(&s, &v);
	OK(strstr(text, "no user half: a zombie, its address space is gone already\n"));
	free(text);
	s.no_user = USER_DENIED;
	s.user_err = EACCES;
	text = map_text(&s, &v);
	IS_STR(LINE("                   user half"), "                   user half not shown: "
						     "Permission denied (needs CAP_SYS_PTRACE)");
	OK(!strstr(text, "totals"));
	free(text);
	s.user_held = true;
	text = map_text(&s, &v);
	IS_STR(LINE("                   user half"), "                   user half not shown: "
						     "Permission denied (refused although");
	OK(strstr(text, "CAP_SYS_PTRACE is held)\n"));
	free(text);
	space_release(&s);
}

static void test_locate(void)
{
	struct view_opts v = view_defaults(100);
	struct space s;
	char *text;

	demo_space(&s, false);
	v.have_locate = true;
	v.locate = (struct range){ 0x7f4b205f7040, 0x7f4b205f707f };
	text = map_text(&s, &v);
	IS_STR(LINE("00007f4b205f7040"),
	       "00007f4b205f7040>║ │ ◂ located 64B: .text+0x0, file offset 0x1040, +0x40 in the "
	       "mapping below      ║");
	IS_STR(LINE("00007f4b205f7000"),
	       "00007f4b205f7000>║ │ .text .plt            148 KiB r-xp   1000  148K    2K "
	       "▒▒▒▒▒▒▒▒▒▒▒▒            ║");
	OK(!strstr(text, "[heap]"));
	free(text);
	v.locate = (struct range){ 0x55d0e5000000, 0x55d0e5000000 };
	v.width = 120;
	text = map_text(&s, &v);
	OK(strstr(text, "located: unmapped, 0x4e000 above what is mapped below, 0x29791b000000 "
			"below what is above"));
	free(text);
	/* One row of a box: its bracket closes, its head says that it is of all rows. */
	v.have_locate = false;
	v.limit = (struct range){ 0x7f4b205f7000, 0x7f4b205f7fff };
	text = map_text(&s, &v);
	OK(!strncmp(AFTER("                 ║ mapping "), "                 ║ ┊ … not shown ", 39));
	OK(strstr(text, "  whole object "));
	OK(!strncmp(AFTER("00007f4b205f7000"), "                 ║ ┊ … not shown ", 39));
	OK(strstr(text, "\n00007f4b205f7000 ║ └ .text .plt "));
	free(text);
	v.limit = (struct range){ 0, UINT64_MAX };
	v.have_locate = true;
	/* In the hole there is no wall. */
	v.locate = (struct range){ 0x800000000000, 0x800000000000 };
	text = map_text(&s, &v);
	IS_STR(LINE("0000800000000000"), "0000800000000000>  ◂ located");
	free(text);
	v.locate = (struct range){ 0xffffffff82400010, 0xffffffff82400010 };
	text = map_text(&s, &v);
	OK(strstr(text, "located: +0x10 in rodata"));
	free(text);
	v.kernel = false;
	text = map_text(&s, &v);
	OK(strstr(text, "located    ffffffff82400010 is in nothing that is drawn here\n"));
	free(text);
	space_release(&s);
}

static void test_verbose(void)
{
	struct view_opts v = view_defaults(100);
	struct space s;
	char *text;
	int id;

	demo_space(&s, false);
	/* A field and a flag of a kernel to come are shown by name. */
	id = space_field(&s, "Frobbed", 7);
	OK(id >= SMAPS_NKNOWN);
	set_smaps(&s, &s.vmas[6], (const u8[]){ SMAPS_RSS, (u8)id, SMAPS_PKEY },
		  (const u64[]){ 612, 44, 3 }, 3);
	set_flag(&s, &s.vmas[6], "zq");
	v.verbose = true;
	text = map_text(&s, &v);
	/* Its swap is not known now, so nor is what else is not present. */
	IS_STR(AFTER("000055d0e4f10000"),
	       "                 ║     present 612K  swapped 12K  untouched 24K  "
	       "other non-present ?  Rss 612K     ║");
	OK(strstr(text, "║     Frobbed 44K  ProtectionKey 3  zq"));
	OK(strstr(text, "║     /usr/sbin/redis-server") || strstr(text, "/usr/bin/redis-server"));
	OK(strstr(text, "build-id 51657f818beb1ae70372216a99b7412b8a100a20"));
	OK(strstr(text, "device 08:01 inode 1399"));
	OK(strstr(text, "◂ sp of 4711"));
	OK(strstr(text, "huge pages advised"));
	OK(strstr(text, "4713 bio_close_file  S  sp 00007f4b1c7fdb10  pc 00007f4b20488117"));
	free(text);
	space_release(&s);
}

/** One gap that the stack above and the heap below both grow into, as with ADDR_COMPAT_LAYOUT. */
static void test_both_arrows(void)
{
	static const struct line two[] = {
		{ 0x500000, 0x510000, "rw-p", 0, 0, 0, 0, "[heap]" },
		{ 0x7ffffffde000, 0x7ffffffff000, "rw-p", 0, 0, 0, 0, "[stack]" },
	};
	struct view_opts v = view_defaults(100);
	struct space s;
	char *text;

	make_space(&s, two, 2);
	s.proc.rlimit_stack = FIG(8 * MIB);
	space_group(&s);
	text = map_text(&s, &v);
	IS_STR(AFTER("0000000000510000"), "                 ║   ↓ stack can grow 7.9M, then "
					  "RLIMIT_STACK                                      ║");
	OK(strstr(text, "║   ↑ heap can grow 128T, then the stack guard gap"));
	free(text);
	space_release(&s);
}

/** A kernel of 32 bits whose half is not drawn: eight digits everywhere, [vectors] as well. */
static void test_32_bit(void)
{
	static const struct line arm[] = {
		{ 0xbedef000, 0xbee10000, "rw-p", 0, 0, 0, 0, "[stack]" },
		{ 0xffff0000, 0xffff1000, "r-xp", 0, 0, 0, 0, "[vectors]" },
	};
	struct view_opts v = view_defaults(60);
	struct space s;
	char *text;

	make_space(&s, arm, 2);
	s.host.bits = s.proc.bits = 32;
	s.user.last = 0xbeffffff;
	space_group(&s);
	text = map_text(&s, &v);
	OK(strstr(text, "\nffff0000 ║ [vectors]"));
	OK(strstr(text, "\nbeffffff ╔═ USER"));
	OK(strstr(text, "\nbedef000 ║ [stack]"));
	OK(strstr(text, "\n00000000 ╚═"));
	free(text);
	space_release(&s);
}

/** What no name, however made, may do to the terminal or to the columns. */
static void test_hostile(void)
{
	static char longname[16384];
	struct line bad[] = {
		{ 0x10000, 0x11000, "r--p", 0, 8, 1, 5, "/tmp/\033[31mred\007\xff" },
		{ 0x20000, 0x21000, "r--p", 0, 8, 1, 6, longname },
		{ 0x30000, 0x31000, "r--p", 0, 8, 1, 7,
		  "/tmp/\xe2\x80\xae"
		  "evil\\x" },
		{ 0x40000, 0x41000, "r--p", 0, 8, 1, 8, "/" },
		{ 0x50000, 0x51000, "r--p", 0, 8, 1, 9, "/a/b/" },
	};
	struct view_opts v = view_defaults(80);
	struct space s;
	size_t raw = 0;
	char *text;

	longname[0] = '/';
	for (size_t i = 1; i + 2 < sizeof(longname); i += 2) /* U+0301: takes no column */
		memcpy(longname + i, "\xcc\x81", 2);
	space_init(&s);
	demo_process(&s);
	s.proc.cmdline = name_id(&s, "sh -c \033]0;title\a");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		add_line(&s, &bad[i]);
	space_group(&s);
	space_classify(&s);
	text = map_text(&s, &v);
	for (const char *p = text; *p; p++)
		raw += (*p < ' ' && *p > 0 && *p != '\n') || *p == 0x7f;
	IS(raw, 0);
	OK(!strstr(text, "\xe2\x80\xae"));
	OK(strlen(text) < 16000);
	IS_STR(LINE("command"), "command    sh -c \\x1b]0;title\\x07");
	OK(strstr(LINE("0000000000010000"), "\\x1b[31mred\\x07\\xff") ||
	   strstr(LINE("0000000000010000"), "\\x1b"));
	OK(widest(text) <= 80);
	free(text);
	space_release(&s);
}

/** What holds at any width: no line too long, colours change no text, ASCII is ASCII. */
static void test_invariants(void)
{
	static const unsigned colors[] = { 8, 16, 256 };
	struct view_opts v;
	size_t wide = 0, high = 0, differ = 0;
	struct space s;

	for (unsigned kaslr = 0; kaslr < 2; kaslr++) {
		demo_space(&s, kaslr);
		for (unsigned w = 40; w <= 200; w += 7) {
			char *plain, *text;

			v = view_defaults(w);
			v.verbose = w & 1;
			plain = map_text(&s, &v);
			wide += widest(plain) > w;
			v.colors = colors[w % 3];
			text = map_text(&s, &v);
			OK(strstr(text, "\033["));
			strip_sgr(text);
			differ += strcmp(plain, text) != 0;
			free(text);
			v.colors = 0;
			v.ascii = true;
			v.bytes = w > 48;
			text = map_text(&s, &v);
			wide += widest(text) > w;
			for (const char *p = text; *p; p++)
				high += (u8)*p > 0x7e;
			free(text);
			free(plain);
		}
		space_release(&s);
	}
	IS(wide, 0);
	IS(differ, 0);
	IS(high, 0);
	/* Below that it is not pretty, but it does not fail. */
	demo_space(&s, false);
	for (unsigned w = 0; w < 40; w += 3) {
		v = view_defaults(w);
		free(map_text(&s, &v));
	}
	space_release(&s);
}

/** A sink that fails ends the view; nothing loops. */
static void test_full(void)
{
	struct view_opts v = view_defaults(80);
	struct space s;
	struct out o;
	FILE *f = fopen("/dev/full", "w");

	demo_space(&s, false);
	out_init(&o, f ? fileno(f) : -1);
	render_map(&s, &v, &o);
	OK(out_end(&o) < 0);
	if (f)
		fclose(f);
	space_release(&s);
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	test_header();
	test_rows_80();
	test_rows_other();
	test_kernel();
	test_footer();
	test_no_user();
	test_locate();
	test_verbose();
	test_both_arrows();
	test_32_bit();
	test_hostile();
	test_invariants();
	test_full();
	return tap_done();
}
