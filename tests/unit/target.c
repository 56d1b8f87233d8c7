/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is read when, without the thread: readings that are broken off at each of their steps, what
 * is kept then, and what is said.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "made_tree.h"
#include "model/kmap.h"
#include "tap.h"
#include "watch/target.h"

static struct snapshot *snap; /**< the newest */
static unsigned published;
/** How often it may be asked whether to stop before the answer is yes; -1: always no. */
static long steps = -1;
static long asked;

static void publish(void *ctx, struct snapshot *s)
{
	(void)ctx;
	snapshot_free(snap);
	snap = s;
	published++;
}

static void progress(void *ctx, const char *text)
{
	(void)ctx;
	(void)text;
}

static bool stop(void *ctx)
{
	(void)ctx;
	return steps >= 0 && asked++ >= steps;
}

static bool newer(void *ctx, struct want *ret)
{
	(void)ctx;
	(void)ret;
	return false;
}

static struct source *src;
static struct target *target;
static struct want want;

static void begin(const char *root)
{
	static const struct target_ops ops = {
		.publish = publish, .progress = progress, .stop = stop, .newer = newer
	};
	static struct options o;

	options_init(&o);
	o.view = VIEW_MAP;
	o.root = root;
	want = (struct want){ 0 };
	IS(source_open(&o, &src), 0);
	target = target_new(src, &ops);
}

static void end(void)
{
	target_free(target);
	source_close(src);
	snapshot_free(snap);
	snap = NULL;
}

/** A round that is stopped after so many steps; something new is there. */
static bool round_to(long n)
{
	unsigned before = published;

	steps = n;
	asked = 0;
	target_round(target, &want);
	steps = -1;
	return published > before;
}

/* --- the kernel's inside ---------------------------------------------------------------------- */

static void test_first_inside(void)
{
	size_t wrong = 0;

	/* At each step: the regions are there, and that no more was read is told. */
	for (long n = 0; n < 40; n++) {
		begin(NULL);
		want.kernel = want.kernel_inside = true;
		wrong += !round_to(n) || !snap->space.nregions ||
			 snap->kernel_cut == snap->kernel_inside ||
			 snap->kernel_cut == (snap->space.kmap != NULL);
		if (n == 0) {
			OK(snap->kernel_cut && !snap->kernel_inside);
			/* It is not begun again by itself, but when it is asked for. */
			OK(!round_to(-1));
			want.serial++;
			OK(round_to(-1));
			OK(!snap->kernel_cut && snap->kernel_inside && snap->space.kmap);
		}
		end();
	}
	IS(wrong, 0);
}

/** What was read before stays, and what hangs on it can still be asked. */
static void test_again(void)
{
	size_t regions, areas, notes, wrong = 0;
	bool direct;

	begin(NULL);
	want.kernel = want.kernel_inside = true;
	OK(round_to(-1) && snap->kernel_inside && !snap->kernel_cut);
	regions = snap->space.nregions;
	areas = snap->space.kmap->nareas;
	want.have_page = true;
	want.page = snap->space.regions[0].first;
	snprintf(want.symbol, sizeof(want.symbol), "pa:0x100000");
	want.symbol_serial++;
	OK(round_to(-1) && snap->symbol.serial == want.symbol_serial);
	/* By what was read of the kernel. */
	direct = snap->symbol.addr.have;
	/* Who asks for a page without privilege is told what is closed. */
	notes = snap->space.nnotes;
	for (long n = 0; n < 12; n++) {
		want.serial++;
		wrong += !round_to(n) || !snap->kernel_inside || !snap->kernel_cut ||
			 snap->space.nregions != regions || !snap->space.kmap ||
			 snap->space.kmap->nareas != areas || snap->space.nnotes != notes;
		want.page += 0x1000;
		want.symbol_serial++;
		wrong += !round_to(-1) || snap->page.addr != want.page || !snap->page.have ||
			 snap->symbol.serial != want.symbol_serial ||
			 snap->symbol.addr.have != direct;
	}
	IS(wrong, 0);
	want.serial++;
	OK(round_to(-1) && snap->kernel_inside && !snap->kernel_cut);
	end();
}

static void test_beside_process(void)
{
	size_t nvmas;

	begin(NULL);
	want.pid = getpid();
	OK(round_to(-1) && snap->space.nvmas && !snap->kernel_inside && !snap->kernel_cut);
	nvmas = snap->space.nvmas;
	want.kernel_inside = true;
	OK(round_to(2));
	OK(snap->kernel_cut && !snap->kernel_inside && !snap->space.kmap);
	OK(snap->space.nregions && snap->space.nvmas == nvmas);
	OK(!round_to(-1));
	/* Whoever leaves the half and comes back asks anew. */
	want.kernel_inside = false;
	round_to(-1);
	want.kernel_inside = true;
	OK(round_to(-1));
	OK(!snap->kernel_cut && snap->kernel_inside && snap->space.kmap);
	IS(snap->space.nvmas, nvmas);
	end();
}

/* --- pages ------------------------------------------------------------------------------------ */

static void test_grid(void)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n = 2048;
	u8 *p = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(p, 1, n * page);
	begin(NULL);
	want.pid = getpid();
	OK(round_to(-1));
	want.grid = range_of((uintptr_t)p, (uintptr_t)p + n * page);
	want.grid_cells = 64;
	OK(round_to(0));
	IS(snap->grid.ncells, 0);
	IS_STR(snap->grid.refused ? snap->grid.refused : "", "broken off: r reads it");
	IS(snap->grid.r.first, want.grid.first);
	/* Not again by itself. */
	OK(!round_to(-1));
	want.serial++;
	OK(round_to(-1));
	IS(snap->grid.ncells, 64);
	OK(!snap->grid.refused);
	/* The same once more, broken off: the older one stays. */
	want.grid_flags = true;
	round_to(-1); /* new only to whoever may read them */
	IS(snap->grid.ncells, 64);
	want.serial++;
	round_to(0);
	IS(snap->grid.ncells, 64);
	OK(!snap->grid.refused);
	end();
	munmap(p, n * page);
}

/** States for a mark come with the reading, and go with it. */
static void test_states(void)
{
	u64 usec;

	begin(NULL);
	want.pid = getpid();
	want.page_states = true;
	OK(round_to(-1) && snap->pages.have && snap->pages.nruns);
	usec = snap->usec;
	want.serial++;
	OK(round_to(-1) && snap->pages.have && snap->usec > usec);
	want.page_states = false;
	want.serial++;
	OK(round_to(-1) && !snap->pages.have && !snap->pages.nruns);
	/* Asked for beside a reading that had none. */
	want.page_states = true;
	usec = snap->usec;
	OK(round_to(-1) && snap->pages.have);
	IS(snap->usec, usec);
	end();
}

/* --- symbols ---------------------------------------------------------------------------------- */

static const struct symbol_answer *ask(const char *name, bool kernel)
{
	snprintf(want.symbol, sizeof(want.symbol), "%s", name);
	want.symbol_kernel = kernel;
	want.symbol_serial++;
	OK(round_to(-1));
	IS(snap->symbol.serial, want.symbol_serial);
	return &snap->symbol;
}

/** The address of a function in kallsyms as we see it; 0 hidden, or none. */
static u64 in_kallsyms(const char *name)
{
	char line[512], found[256];
	unsigned long long addr = 0;
	FILE *f = fopen("/proc/kallsyms", "r");

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %*c %255s", &addr, found) == 2 && !strcmp(found, name))
			break;
		else
			addr = 0;
	if (f)
		fclose(f);
	return addr;
}

static void test_symbols(void)
{
	const struct symbol_answer *a;
	u64 addr = in_kallsyms("vfs_read");

	begin(NULL);
	want.pid = getpid();
	OK(round_to(-1));
	a = ask("vfs_read", false);
	if (addr) {
		OK(a->kernel && a->addr.have && !a->kernel_refused);
		IS(a->addr.v, addr);
		IS(ask("vfs_read+0x10", true)->addr.v, addr + 16);
	} else {
		SKIP("kallsyms hides its addresses");
		OK(!a->addr.have && a->kernel_refused);
	}
	a = ask("there_is_no_such_symbol", true);
	OK(!a->kernel && !a->addr.have && !a->more);
	/* Our own come first, but in the kernel half. */
	a = ask("main", false);
	if (a->addr.have)
		OK(!a->kernel && a->addr.v < snap->space.user.last);
	else
		SKIP("no libelf");
	/* Broken off: it is not found, and not looked for again. */
	want.symbol_serial++;
	snprintf(want.symbol, sizeof(want.symbol), "vfs_write");
	want.symbol_kernel = true;
	OK(round_to(0));
	OK(!snap->symbol.addr.have && snap->symbol.kernel_refused);
	OK(!round_to(-1));
	end();
}

/* --- recorded trees --------------------------------------------------------------------------- */

/** RAM, and a machine whose direct map lies where it always does without KASLR. */
static void make_tree(void)
{
	made_tree_new("x86_64");
	made_tree_text("proc/cmdline", "nokaslr\n");
	made_tree_text("proc/cpuinfo", "processor : 0\nflags : lm nx pat\n\n");
	made_tree_text("proc/meminfo", "MemTotal: 1000 kB\n");
	made_tree_text("proc/iomem",
		       "00001000-0009ffff : System RAM\n00100000-3fffffff : System RAM\n");
	made_tree_text("proc/kallsyms",
		       "0000000000000000 T _stext\n0000000000000000 t hidden_one\n");
}

static void test_physical(void)
{
	const struct symbol_answer *a;

	make_tree();
	begin(made_tree);
	want.kernel = true;
	OK(round_to(-1));
	a = ask("pa:0x100000", false);
	IS(a->addr.have ? a->addr.v : 0, 0xffff888000100000);
	IS(a->conf, CONF_DEFAULT);
	IS(a->ram.have && a->ram.v, true);
	OK(a->kernel && a->source && *a->source);
	a = ask("pfn:0xa0", false);
	IS(a->addr.v, 0xffff8880000a0000);
	IS(a->ram.have && !a->ram.v, true);
	a = ask("pfn:0xfffffffffffffff", false);
	OK(!a->addr.have);
	IS_STR(a->kernel_refused, "no machine has such a frame");
	a = ask("pa:0xffffffffffff", false);
	OK(!a->addr.have);
	IS_STR(a->kernel_refused, "the direct map does not reach so far");
	a = ask("hidden_one", true);
	OK(a->kernel && !a->addr.have);
	IS_STR(a->kernel_refused, "kallsyms shows zeros: needs CAP_SYSLOG");
	end();
	made_tree_remove();
}

/** No /proc: the picker's list is empty, and why. */
static void test_no_list(void)
{
	made_tree_new("x86_64");
	begin(made_tree);
	OK(round_to(-1));
	IS(snap->state, SNAP_TASKS);
	IS(snap->tasks.n, 0);
	IS(snap->tasks_err, ENOENT);
	end();
	begin(NULL);
	OK(round_to(-1));
	OK(snap->tasks.n && !snap->tasks_err);
	end();
	made_tree_remove();
}

int main(void)
{
	test_first_inside();
	test_again();
	test_beside_process();
	test_grid();
	test_states();
	test_symbols();
	test_physical();
	test_no_list();
	return tap_done();
}
