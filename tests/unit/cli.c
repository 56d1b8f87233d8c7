/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: what is taken, what it means, what is refused. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "tap.h"

/** Parses the words; stderr goes nowhere, since refusals are wanted here. */
static int parse(struct options *o, const char *line)
{
	static char copy[512];
	char *argv[32] = { (char[]){ "procmap" } };
	int argc = 1, status, saved = dup(2), null = open("/dev/null", O_WRONLY);

	snprintf(copy, sizeof(copy), "%s", line);
	for (char *w = strtok(copy, " "); w; w = strtok(NULL, " "))
		argv[argc++] = w;
	options_init(o);
	fflush(stderr);
	dup2(null, 2);
	status = options_parse(o, argc, argv);
	dup2(saved, 2);
	close(saved);
	close(null);
	return status;
}

static int status_of(const char *line)
{
	struct options o;
	int status = parse(&o, line);

	options_release(&o);
	return status;
}

static void test_targets(void)
{
	struct options o;

	IS(parse(&o, "--pid=1 -p 22 -p333 44 /proc/5 /proc/6/ self"), 0);
	IS(o.npids, 7);
	IS(o.pids[0], 1);
	IS(o.pids[1], 22);
	IS(o.pids[2], 333);
	IS(o.pids[3], 44);
	IS(o.pids[4], 5);
	IS(o.pids[5], 6);
	IS(o.pids[6], getpid());
	options_release(&o);
	IS(parse(&o, "--kernel"), 0);
	IS(o.npids, 1);
	IS(o.pids[0], 0);
	options_release(&o);
	IS(parse(&o, "7 --pid=0"), 0);
	IS(o.npids, 2);
	IS(o.pids[0], 0);
	options_release(&o);
	IS(status_of("--kernel --pages"), 2);
	IS(status_of("--kernel --slab"), 2);
	IS(status_of("--ptes"), 2);
	IS(status_of("--phys"), 0);
	IS(status_of("--phys 1"), 0);
	IS(status_of("--slab --phys"), 2);
	IS(status_of("--slab=dentry -A 0,1000"), 2);
	IS(status_of("--kernel -u"), 2);
	IS(status_of("--pid=-3"), 2);
	IS(status_of("--pid=12x"), 2);
	IS(status_of("99999999999"), 2);
	IS(status_of("/proc/"), 2);
	IS(status_of(""), 2);
	IS(status_of("-k"), 0);
	IS(status_of("--frames"), 0);
}

static void test_tui(void)
{
	struct options o;

	IS(parse(&o, "--tui --interval=0.25 --theme=light 7"), 0);
	OK(o.tui && o.light);
	IS(o.interval_ms, 250);
	options_release(&o);
	IS(parse(&o, "--tui --theme=dark --interval .5"), 0);
	OK(!o.light);
	IS(o.interval_ms, 500);
	IS(o.npids, 0);
	options_release(&o);
	IS(parse(&o, "--tui --interval=3600"), 0);
	IS(o.interval_ms, 3600000);
	options_release(&o);
	IS(status_of("--tui"), 0);
	IS(status_of("--tui -k"), 0);
	IS(status_of("--tui --kernel"), 0);
	IS(status_of("--tui --interval=0.1"), 2);
	IS(status_of("--tui --interval=3600.001"), 2);
	IS(status_of("--tui --interval=18446744073709551615"), 2);
	IS(status_of("--tui --interval=0x1"), 2);
	IS(status_of("--tui --interval=1e1"), 2);
	IS(status_of("--tui --interval="), 2);
	IS(status_of("--tui --interval=."), 2);
	IS(status_of("--tui --theme=grey"), 2);
	IS(status_of("--theme=dark 7"), 2);
	IS(status_of("--interval=1 7"), 2);
	IS(status_of("--tui 7 8"), 2);
	IS(status_of("--tui --pages 7"), 2);
	IS(status_of("--slab --tui"), 2);
	IS(status_of("--tui -A 0,1000 7"), 2);
	IS(status_of("--tui --width=80 7"), 2);
	IS(status_of("--tui --strict 7"), 2);
}

static void test_ranges(void)
{
	struct options o;

	IS(parse(&o, "1 -A 7f00,0x8000"), 0);
	OK(o.have_limit);
	IS(o.limit.first, 0x7f00);
	IS(o.limit.last, 0x7fff);
	options_release(&o);
	IS(parse(&o, "1 -A ,8000"), 0);
	IS(o.limit.first, 0);
	options_release(&o);
	IS(parse(&o, "1 --range=ffffffffff600000,"), 0);
	IS(o.limit.first, UINT64_C(0xffffffffff600000));
	IS(o.limit.last, UINT64_MAX);
	options_release(&o);
	IS(parse(&o, "1 --pages=55d0c000-55d0d000"), 0);
	IS(o.view, VIEW_PAGES);
	IS(o.limit.last, 0x55d0cfff);
	options_release(&o);
	IS(parse(&o, "1 --filter=rw-p"), 0);
	OK(o.expr && !strcmp(o.filter, "rw-p"));
	options_release(&o);
	IS(parse(&o, "1 --filter=rw-p --filter="), 0);
	OK(!o.expr && !o.filter);
	options_release(&o);
	IS(status_of("1 --filter=bogus>1"), 2);
	/* With every view of a process's mappings, and with no other. */
	IS(status_of("1 --filter=lib --pages"), 0);
	IS(status_of("1 --filter=lib --page-summary"), 0);
	IS(status_of("1 --filter=lib --ptes"), 0);
	IS(status_of("1 --filter=lib --phys"), 0);
	IS(status_of("--filter=lib --phys"), 2);
	IS(status_of("--filter=lib --frames"), 2);
	IS(status_of("--filter=lib --kernel-ptes"), 2);
	IS(status_of("--filter=lib --vmalloc"), 2);
	IS(status_of("--filter=lib --slab"), 2);
	IS(status_of("--filter=lib --layout=list"), 2);
	IS(status_of("--filter=lib --explain=1000"), 2);
	IS(status_of("--filter=lib --kernel"), 2);
	IS(status_of("--filter=lib --kernel 1"), 0);
	IS(status_of("--filter=lib --tui"), 0);
	IS(status_of("1 --filter=lib -k"), 2);
	/* What asks something is never dropped in favour of what comes after it. */
	IS(status_of("1 --filter=lib --filter=heap -u"), 2);
	IS(status_of("1 --filter= --filter=heap -u"), 0);
	IS(status_of("1 --locate=1000 --locate=2000"), 2);
	IS(status_of("1 -A 1000,2000 -A 3000,4000"), 2);
	IS(status_of("1 --pages=1000,2000 -A 3000,4000"), 2);
	IS(status_of("1 -A 3000,4000 --pages=1000,2000"), 2);
	IS(status_of("1 --pages --pages"), 0);
	IS(status_of("--explain=pa:0x1000000 --explain=schedule"), 2);
	IS(status_of("--slab=dentry --slab=inode_cache"), 2);
	IS(status_of("--layout=x86_64 --layout=list"), 2);
	IS(parse(&o, "1 --locate=0x1000,4"), 0);
	IS(o.locate.first, 0x1000);
	IS(o.locate.last, 0x1fff);
	options_release(&o);
	IS(status_of("1 -A 8000,7f00"), 2);
	IS(status_of("1 -A zz"), 2);
	IS(status_of("1 -A 10000000000000000"), 2);
	IS(status_of("1 --locate=ffffffffffffffff,4"), 2);
	IS(status_of("1 --locate=1000,0"), 2);
}

static void test_conflicts(void)
{
	IS(status_of("-u -k 1"), 2);
	IS(status_of("--only-user --only-kernel 1"), 2);
	IS(status_of("--pages --page-summary 1"), 2);
	IS(status_of("--pages --only-kernel 1"), 2);
	IS(status_of("--frames 1"), 2);
	IS(status_of("--frames -A 1000"), 2);
	IS(status_of("--pages"), 2);
	IS(status_of("--nonsense 1"), 2);
	IS(status_of("-Z 1"), 2);
	IS(status_of("--bytes=3 1"), 2);
	IS(status_of("--pid"), 2);
	IS(status_of("--width=19 1"), 2);
	IS(status_of("--color=red 1"), 2);
	IS(status_of("--charset=latin1 1"), 2);
	IS(status_of("--elf=some 1"), 2);
	IS(status_of("-j 3 1"), 2);
	IS(status_of("--help --nonsense"), 2);
	IS(status_of("--help"), 0);
}

static void test_values(void)
{
	struct options o;

	IS(parse(&o, "-vud --bytes --ascii --color=16 --width=160 --elf=all -j2 --ver 1"), 0);
	OK(o.verbose && o.only_user && o.debug && o.bytes && o.version);
	IS(o.charset, CHARSET_ASCII);
	IS(o.colors, 16);
	IS(o.width, 160);
	IS(o.elf_policy, FILE_POLICY_ALL);
	IS(o.jobs, 2);
	options_release(&o);
	IS(parse(&o, "1"), 0);
	IS(o.colors, COLOR_AUTO);
	IS(o.view, VIEW_MAP);
	OK(!o.have_limit && !o.root && !o.strict);
	options_release(&o);
}

int main(void)
{
	test_targets();
	test_tui();
	test_ranges();
	test_conflicts();
	test_values();
	return tap_done();
}
