/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the watch reads of a process that made known pages: their states, a grid of them, one of
 * them in full with its bytes; with all privileges that the test has, and without any.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/phys.h"
#include "tap.h"
#include "watch/parts.h"

#define GUARD_INSTALL 102 /* MADV_GUARD_INSTALL, asm-generic/mman-common.h, 6.13 */
#define NOBODY	      65534
#define PAGES	      16u

/* Pages of anonymous memory, of a private mapping of a file, of shared memory. */
static u8 *anon, *file, *shared;
static size_t page;
static bool guards;

static u8 pattern(size_t i)
{
	return (u8)(i * 7 + i / 251 + 1);
}

static void *map(int flags, int fd)
{
	void *p = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED) {
		puts("Bail out! mmap");
		exit(1);
	}
	madvise(p, PAGES * page, MADV_NOHUGEPAGE);
	return p;
}

static int make_file(void)
{
	char name[] = "/tmp/procmap-watch-XXXXXX";
	int fd = mkstemp(name);
	u8 *bytes = malloc(PAGES * page);

	memset(bytes, 'f', PAGES * page);
	if (fd < 0 || write(fd, bytes, PAGES * page) != (ssize_t)(PAGES * page) || fsync(fd)) {
		puts("Bail out! temporary file");
		exit(1);
	}
	unlink(name);
	free(bytes);
	return fd;
}

/* The pages, made by the target itself. */
static void make_pages(void)
{
	volatile u8 sink = 0;

	for (size_t i = 0; i < 2 * page; i++)
		anon[i] = pattern(i);
	sink += anon[2 * page]; /* never written: the zero page */
	/* 3 stays as it is */
	if (guards && madvise(anon + 4 * page, page, GUARD_INSTALL))
		_exit(1);
	anon[PAGES * page - 1] = 1;
	for (size_t i = 0; i < 4; i++)
		sink += file[i * page];
	file[page + 5] = 'c';
	shared[3 * page] = 1;
	(void)sink;
}

/* A process with the pages, waiting until it is killed. */
static pid_t target_new(void)
{
	int ready[2];
	char c = 0;
	pid_t pid;

	if (pipe(ready))
		exit(1);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		make_pages();
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		c = 0;
	close(ready[0]);
	return c ? pid : 0;
}

static void target_end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* --- one reading ------------------------------------------------------------------------------ */

struct reading {
	struct options o;
	struct source *src;
	struct snapshot *s;
	enum exit_status status;
};

static void reading_begin(struct reading *r, pid_t pid)
{
	*r = (struct reading){ .o = { .elf_none = true } };
	r->s = snapshot_new();
	if (source_open(&r->o, &r->src))
		exit(1);
	r->status = source_fill(r->src, pid, &r->s->space);
}

static void reading_end(struct reading *r)
{
	snapshot_free(r->s);
	source_close(r->src);
}

static u64 at(const u8 *base, size_t i)
{
	return (uintptr_t)base + i * page;
}

static struct range pages_of(const u8 *base)
{
	return range_of(at(base, 0), at(base, PAGES));
}

static const struct state_run *run_at(const struct page_states *p, u64 addr)
{
	for (size_t i = 0; i < p->nruns; i++)
		if (addr >= p->runs[i].addr && addr - p->runs[i].addr < p->runs[i].n * page)
			return &p->runs[i];
	return NULL;
}

/* --- what must be found ----------------------------------------------------------------------- */

static const struct known_page {
	u8 **base;
	size_t i;
	enum page_state state, without; /**< with the flags of frames; without them */
	bool copied;
} known[] = {
	{ &anon, 0, PS_ANON, PS_ANON, false },	     { &anon, 1, PS_ANON, PS_ANON, false },
	{ &anon, 2, PS_ZERO, PS_ZERO, false },	     { &anon, 3, PS_ABSENT, PS_ABSENT, false },
	{ &anon, 4, PS_GUARD, PS_GUARD, false },     { &anon, 5, PS_ABSENT, PS_ABSENT, false },
	{ &anon, 15, PS_ANON, PS_ANON, false },	     { &file, 0, PS_FILE_DIRTY, PS_FILE, false },
	{ &file, 1, PS_ANON, PS_ANON, true },	     { &file, 2, PS_FILE_DIRTY, PS_FILE, false },
	{ &file, 3, PS_FILE_DIRTY, PS_FILE, false }, { &shared, 3, PS_SHARED, PS_SHARED, false },
	{ &shared, 0, PS_ABSENT, PS_ABSENT, false },
};

/* The kernel maps pages of the file around one that is touched, and writes them back when it will:
 * a page of the file is FILE or FILE_DIRTY. */
static bool as_known(const struct known_page *k, unsigned state, bool flags)
{
	unsigned want = flags ? k->state : k->without;

	if (k->state == PS_GUARD && !guards)
		return true;
	return state == want || (flags && want == PS_FILE_DIRTY && state == PS_FILE);
}

static bool check_states(struct reading *r)
{
	bool ok = true;

	if (watch_states(r->src, r->s, NULL) || !r->s->pages.have)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const struct state_run *run = run_at(&r->s->pages, at(*known[i].base, known[i].i));
		unsigned state = run ? run->state : PS_ABSENT;

		if (as_known(&known[i], state, false) && (run && run->copied) == known[i].copied)
			continue;
		printf("# states: page %zu of row %zu is %s\n", known[i].i, i,
		       page_state_name((enum page_state)state));
		ok = false;
	}
	for (size_t i = 1; i < r->s->pages.nruns; i++)
		ok &= r->s->pages.runs[i - 1].addr + r->s->pages.runs[i - 1].n * page <=
		      r->s->pages.runs[i].addr;
	return ok;
}

static bool same_runs(const struct page_states *a, const struct page_states *b)
{
	bool same = a->have && b->have && a->nruns == b->nruns;

	for (size_t i = 0; same && i < a->nruns; i++)
		same = a->runs[i].addr == b->runs[i].addr && a->runs[i].n == b->runs[i].n &&
		       a->runs[i].state == b->runs[i].state &&
		       a->runs[i].copied == b->runs[i].copied;
	return same;
}

/* Counters, bars and states out of one scan are those of two. */
static bool check_one_scan(struct reading *r)
{
	struct space *s = &r->s->space;
	struct page_counts *counts = xcalloc(s->nvmas, sizeof(*counts));
	struct page_states states = { 0 };
	struct buf slices = { 0 };
	bool same;

	watch_states(r->src, r->s, NULL);
	same = !source_refresh_pages(r->src, s, NULL);
	for (size_t i = 0; i < s->nvmas; i++)
		counts[i] = s->vmas[i].pages;
	buf_add(&slices, s->slices.p, s->slices.len);
	same = same && !source_refresh_pages(r->src, s, &states) &&
	       same_runs(&states, &r->s->pages) && slices.len == s->slices.len &&
	       !memcmp(slices.p, s->slices.p, slices.len);
	for (size_t i = 0; i < s->nvmas; i++)
		same &= !memcmp(&counts[i], &s->vmas[i].pages, sizeof(*counts));
	buf_release(&slices);
	free(states.runs);
	free(counts);
	return same;
}

static bool read_grid(struct reading *r, const u8 *base, bool flags)
{
	struct want w = { .grid = pages_of(base), .grid_cells = PAGES, .grid_flags = flags };

	return !watch_grid(r->src, r->s, &w, NULL) && r->s->grid.ncells == PAGES &&
	       r->s->grid.pages_per_cell == 1 && !r->s->grid.refused && !r->s->grid.large;
}

/* The grid of all three; `flags` are asked for, `have` says whether they can be had. */
static bool check_grid(struct reading *r, bool flags, bool have)
{
	const u8 *last = NULL;
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const u8 *base = *known[i].base;
		const struct grid_cell *c;
		bool present, good;

		if (base != last && !read_grid(r, base, flags))
			return false;
		last = base;
		c = &r->s->grid.cells[known[i].i];
		present = c->pm & PM_PRESENT;
		good = as_known(&known[i], c->state, have) && c->copied == known[i].copied &&
		       c->fill == (c->state == PS_ABSENT ? 0 : 15) &&
		       present == (c->state != PS_ABSENT && c->state != PS_GUARD) &&
		       c->have_flags == (present && have);
		if (known[i].state == PS_ANON)
			good &= c->exclusive && (!have || c->count == 1);
		if (known[i].state == PS_ZERO)
			good &= !c->exclusive;
		if (!good)
			printf("# grid: row %zu: %s fill %u copied %u pm %llx flags %d count %u\n",
			       i, page_state_name((enum page_state)c->state), c->fill, c->copied,
			       (unsigned long long)c->pm, c->have_flags, c->count);
		ok &= good;
	}
	return ok;
}

static const struct page_detail *read_page(struct reading *r, u64 addr)
{
	struct want w = { .have_page = true, .page = addr, .page_bytes = true };

	watch_page(r->src, r->s, &w);
	return &r->s->page;
}

static bool check_bytes(struct reading *r)
{
	const struct page_detail *d = read_page(r, at(anon, 1));
	bool ok = d->have && d->nbytes == page && d->bytes && !d->bytes_refused;

	for (size_t i = 0; ok && i < page; i++)
		ok = d->bytes[i] == pattern(page + i);
	d = read_page(r, at(file, 1));
	ok = ok && d->bytes && d->bytes[0] == 'f' && d->bytes[5] == 'c' && d->bytes[6] == 'f';
	d = read_page(r, at(anon, 2));
	return ok && d->bytes && !d->bytes[0] && !d->bytes[page - 1];
}

static u64 entry_of(pid_t pid, u64 addr)
{
	char name[40];
	u64 e = 1;
	int fd;

	snprintf(name, sizeof(name), "/proc/%d/pagemap", (int)pid);
	fd = open(name, O_RDONLY);
	if (fd < 0 || pread(fd, &e, 8, (off_t)(addr / page * 8)) != 8)
		e = 1;
	close(fd);
	return e;
}

/* A page that is not there is not made by looking at it. */
static bool check_absent(struct reading *r, pid_t pid)
{
	static const char *const refused[] = { "not resident; reading would fault it in",
					       "a guard page: reading it would be a fault" };
	const size_t absent[] = { 3, 4, 5, 9 };
	bool ok = true;

	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		u64 before = entry_of(pid, at(anon, absent[i]));
		const struct page_detail *d = read_page(r, at(anon, absent[i]));

		ok &= d->have && !d->bytes && !d->nbytes && d->bytes_refused &&
		      !strcmp(d->bytes_refused, refused[(before & PM_GUARD) != 0]) &&
		      !(d->pm & PM_PRESENT) && !(before & PM_PRESENT) &&
		      entry_of(pid, at(anon, absent[i])) == before;
	}
	return ok;
}

/* What was there when it was looked at, and went before it was read; or is another page by now. */
static bool check_gone(struct reading *r, pid_t pid)
{
	struct piddir *d = source_dir(r->src);
	const struct space *s = &r->s->space;
	u8 *bytes = xmalloc(page);
	u64 here = entry_of(pid, at(anon, 0));
	bool ok = page_bytes_read(d, s, at(anon, 9), PM_PRESENT | 5, bytes) == -EAGAIN &&
		  !(entry_of(pid, at(anon, 9)) & PM_PRESENT) &&
		  page_bytes_read(d, s, at(anon, 0), 0, bytes) == -EAGAIN &&
		  !page_bytes_read(d, s, at(anon, 0), here, bytes) && bytes[1] == pattern(1);

	if (PM_PFN(here))
		ok &= page_bytes_read(d, s, at(anon, 0), here + 1, bytes) == -EAGAIN;
	free(bytes);
	return ok;
}

/* --- compared with --pages -------------------------------------------------------------------- */

/* A line "ADDRESS PAGES STATE fxcdw ..." of --pages and the cells of its pages: how many; 0: it is
 * none, or they differ. */
static u64 same_line(const struct grid *g, const char *line)
{
	unsigned long long addr, n;
	int after = 0;
	char bits[8];

	/* The line of the mapping itself begins like "ADDRESS-". */
	if (strlen(line) < 17 || line[16] != ' ' ||
	    sscanf(line, "%16llx %llu %n", &addr, &n, &after) != 2 || addr < g->r.first ||
	    addr > g->r.last || n > PAGES || addr + n * page - 1 > g->r.last)
		return 0;
	for (u64 i = 0; i < n; i++) {
		const struct grid_cell *c = &g->cells[(addr - g->r.first) / page + i];
		const char *name = page_state_name((enum page_state)c->state);
		const char *rest = line + after + strlen(name);

		if (strncmp(line + after, name, strlen(name)) ||
		    (c->state != PS_ABSENT &&
		     (sscanf(rest, " %7s", bits) != 1 || c->copied != (bits[2] == 'c')))) {
			printf("# %s %u is not: %s", name, c->copied, line);
			return 0;
		}
	}
	return n;
}

static bool same_as_view(struct reading *r, pid_t pid, const u8 *base)
{
	u64 seen = 0;
	char line[1024];
	FILE *f;

	if (!read_grid(r, base, true))
		return false;
	snprintf(line, sizeof(line), "'%s' --pages --pid=%d -A %llx,%llx --color=never --width=200",
		 getenv("PROCMAP"), (int)pid, (unsigned long long)at(base, 0),
		 (unsigned long long)at(base, PAGES) - 1);
	f = popen(line, "r");
	while (f && fgets(line, sizeof(line), f))
		seen += same_line(&r->s->grid, line);
	if (f)
		pclose(f);
	return seen == PAGES;
}

/* --- with what the test has ------------------------------------------------------------------- */

static bool stop_now(void *ctx)
{
	(void)ctx;
	return true;
}

static void cancelled(struct reading *r)
{
	const struct stopper stop = { stop_now, NULL };
	struct want w = { .grid = pages_of(anon), .grid_cells = 4 };

	IS(watch_states(r->src, r->s, &stop), (u64)-ECANCELED);
	OK(!r->s->pages.have);
	for (int flags = 0; flags < 2; flags++) {
		w.grid_flags = flags;
		IS(watch_grid(r->src, r->s, &w, &stop), (u64)-ECANCELED);
		OK(!r->s->grid.ncells && !r->s->grid.cells);
	}
}

/* Several pages a cell: what most of them are, and how much of it is there. */
static void coarse(struct reading *r)
{
	struct want w = { .grid = pages_of(anon), .grid_cells = 4 };
	const struct grid *g = &r->s->grid;

	IS(watch_grid(r->src, r->s, &w, NULL), 0);
	IS(g->pages_per_cell, 4);
	IS(g->ncells, 4);
	IS(g->cells[0].state, PS_ANON);
	IS(g->cells[0].fill, 12);
	IS(g->cells[2].state, PS_ABSENT);
	IS(g->cells[3].fill, 4);
	w.grid_unit = 8;
	IS(watch_grid(r->src, r->s, &w, NULL), 0);
	IS(g->pages_per_cell, 8);
	IS(g->ncells, 2);
	/* Nothing is wanted. */
	w = (struct want){ 0 };
	IS(watch_grid(r->src, r->s, &w, NULL), 0);
	OK(!g->ncells && !g->refused);
}

static bool have_flags(void)
{
	int fd = open("/proc/kpageflags", O_RDONLY);

	if (fd >= 0)
		close(fd);
	return fd >= 0 && geteuid() == 0;
}

/* A page of the target's once more, as what it is in the kernel's direct map. */
static void by_kernel(pid_t pid)
{
	struct reading r = { .o = { .elf_none = true, .bpf = true } };
	struct want w = { .grid_cells = 16, .grid_flags = true };
	const struct page_detail *d;
	u64 direct, pfn;
	char physical[32];
	bool same = true;

	r.s = snapshot_new();
	if (source_open(&r.o, &r.src))
		exit(1);
	source_fill(r.src, pid, &r.s->space);
	if (!source_kmem(r.src)) {
		printf("ok %d - by kernel memory # SKIP neither kcore nor BPF here\n", ++tap_run);
		reading_end(&r);
		return;
	}
	d = read_page(&r, at(anon, 1));
	pfn = PM_PFN(d->pm);
	direct = d->direct.v;
	OK(pfn && d->direct.have && d->direct_conf == CONF_EXACT);
	snprintf(physical, sizeof(physical), "physical %llx", (unsigned long long)(pfn * page));
	/* Without BTF there is no way to a process's tables. */
	OK(!d->pte || (strstr(d->pte, physical) && strstr(d->pte, "rw-, user")));
	d = read_page(&r, direct);
	OK(d->in_kernel && d->pm == (PM_PRESENT | pfn) && d->direct.v == direct);
	OK(d->have_flags && d->flags >> KPF_ANON & 1 && d->count == 1);
	OK(d->pte && d->nbytes == page);
	for (size_t i = 0; d->bytes && i < page; i++)
		same &= d->bytes[i] == pattern(page + i);
	OK(same);
	/* Page 9 is not there, and has no entry. */
	d = read_page(&r, at(anon, 9));
	OK(!d->pte || !strcmp(d->pte, "no entry"));
	w.grid = range_of(direct, direct + page);
	IS(watch_grid(r.src, r.s, &w, NULL), 0);
	OK(r.s->grid.frames && r.s->grid.ncells == 1);
	IS(r.s->grid.cells[0].state, FS_ANON);
	IS(r.s->grid.cells[0].count, 1);
	reading_end(&r);
}

static void privileged(void)
{
	pid_t pid = target_new();
	struct reading r;
	bool flags = have_flags();

	OK(pid > 0);
	reading_begin(&r, pid);
	IS(r.status, STATUS_OK);
	OK(check_states(&r));
	OK(check_one_scan(&r));
	OK(check_grid(&r, false, false));
	OK(check_grid(&r, true, flags));
	OK(check_bytes(&r));
	OK(check_absent(&r, pid));
	OK(check_gone(&r, pid));
	if (getenv("PROCMAP") && flags) {
		OK(same_as_view(&r, pid, anon));
		OK(same_as_view(&r, pid, file));
		OK(same_as_view(&r, pid, shared));
	}
	cancelled(&r);
	coarse(&r);
	by_kernel(pid);
	target_end(pid);
	/* It has ended: that is said, and nothing is made up. */
	OK(watch_states(r.src, r.s, NULL) < 0);
	OK(!read_grid(&r, anon, false) && r.s->grid.refused && !r.s->grid.ncells);
	OK(!read_page(&r, at(anon, 0))->have && r.s->page.refused);
	reading_end(&r);
}

/* --- without privileges ----------------------------------------------------------------------- */

enum {
	OWN_STATES = 1,
	OWN_GRID = 2,
	OWN_BYTES = 4,
	OWN_ABSENT = 8,
	OTHER_REFUSED = 16,
	OTHER_TASK = 32,
	ALL = 63,
};

static int other_refused(pid_t pid)
{
	struct reading r;
	int ok = 0;

	reading_begin(&r, pid);
	if (r.status == STATUS_NO_MAPS && watch_states(r.src, r.s, NULL) < 0 && !r.s->pages.have &&
	    !read_grid(&r, anon, false) && r.s->grid.refused && !r.s->grid.ncells &&
	    !read_page(&r, at(anon, 0))->have && r.s->page.refused && !r.s->page.bytes)
		ok = OTHER_REFUSED;
	reading_end(&r);
	return ok;
}

static int other_task(pid_t pid)
{
	struct want w = { .pss = { pid } };
	struct reading r;
	int ok = 0;

	reading_begin(&r, 0);
	if (!watch_tasks(r.src, r.s, NULL, &w, NULL))
		for (size_t i = 0; i < r.s->tasks.n; i++) {
			const struct task *t = &r.s->tasks.v[i];

			if (t->pid == pid && t->err == EACCES && t->rss.have && !t->pss.have &&
			    !t->mappings.have && t->uid.have && t->uid.v == 0)
				ok = OTHER_TASK;
		}
	reading_end(&r);
	return ok;
}

/* What nobody finds out of a process of its own and of one of root's. */
static int as_nobody(pid_t other)
{
	pid_t own;
	struct reading r;
	int ok = 0;

	if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
		return 0;
	/* Changing the user made us undumpable, which a child would be as well. */
	prctl(PR_SET_DUMPABLE, 1);
	own = target_new();
	reading_begin(&r, own);
	ok |= check_states(&r) && check_one_scan(&r) ? OWN_STATES : 0;
	ok |= check_grid(&r, false, false) && check_grid(&r, true, false) ? OWN_GRID : 0;
	ok |= check_bytes(&r) ? OWN_BYTES : 0;
	ok |= check_absent(&r, own) ? OWN_ABSENT : 0;
	reading_end(&r);
	target_end(own);
	return ok | other_refused(other) | other_task(other);
}

static void unprivileged(void)
{
	pid_t other, child;
	int status = 0;

	if (geteuid()) {
		printf("ok %d - as nobody # SKIP needs root to become nobody\n", ++tap_run);
		return;
	}
	other = target_new();
	fflush(stdout);
	child = fork();
	if (!child) {
		int ok = as_nobody(other);

		fflush(stdout);
		_exit(ok);
	}
	waitpid(child, &status, 0);
	IS(WIFEXITED(status) ? WEXITSTATUS(status) : 1000, ALL);
	target_end(other);
}

int main(void)
{
	int fd;

	page = (size_t)sysconf(_SC_PAGESIZE);
	anon = map(MAP_PRIVATE | MAP_ANONYMOUS, -1);
	shared = map(MAP_SHARED | MAP_ANONYMOUS, -1);
	fd = make_file();
	file = map(MAP_PRIVATE, fd);
	/* Probed on a mapping of its own. */
	guards = !madvise(map(MAP_PRIVATE | MAP_ANONYMOUS, -1), page, GUARD_INSTALL);
	privileged();
	unprivileged();
	return tap_done();
}
