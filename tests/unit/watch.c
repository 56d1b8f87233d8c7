/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The reading beside a viewer, of processes made for it: what they map, unmap, touch and protect is
 * seen, what did not change costs nothing, and each end is told.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"
#include "watch/watch.h"

#define INTERVAL 20
/** Longest that anything here is waited for. */
#define PATIENCE 20000

/* --- a process that does as it is told ------------------------------------------------------- */

struct child {
	pid_t pid;
	int to, from;
};

static size_t page;

static char *map_pages(size_t n)
{
	char *p = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(2);
	madvise(p, n * page, MADV_NOHUGEPAGE);
	return p;
}

static const char *self; /**< what was executed */

/** Obeys letters on `from`, answers each with an address on `to`. */
static _Noreturn void obey(int from, int to)
{
	char *p = NULL, *many;
	char letter;

	while (read(from, &letter, 1) == 1) {
		switch (letter) {
		case 'm': /* map three pages, touch two */
			p = map_pages(3);
			p[0] = p[page] = 1;
			break;
		case 't': /* touch the third */
			p[2 * page] = 1;
			break;
		case 'p':
			mprotect(p, 3 * page, PROT_READ);
			break;
		case 'u':
			munmap(p, 3 * page);
			break;
		case 'b': /* so many mappings that smaps takes long */
			many = map_pages(16000);
			for (size_t i = 0; i < 16000; i++) {
				many[i * page] = 1;
				if (i & 1)
					mprotect(many + i * page, page, PROT_READ);
			}
			break;
		case 'e':
			execl(self, self, "again", NULL);
			_exit(3);
		}
		if (write(to, &p, sizeof(p)) != (ssize_t)sizeof(p))
			break;
	}
	_exit(0);
}

static struct child start_child(void)
{
	struct child c;
	int in[2], out[2];

	if (pipe(in) || pipe(out))
		exit(1);
	fflush(stdout);
	c.pid = fork();
	if (!c.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(in[0]);
		close(in[1]);
		close(out[0]);
		close(out[1]);
		obey(0, 1);
	}
	close(in[0]);
	close(out[1]);
	c.to = in[1];
	c.from = out[0];
	return c;
}

static u64 tell(struct child *c, char letter)
{
	char *p = NULL;

	if (write(c->to, &letter, 1) != 1 || read(c->from, &p, sizeof(p)) != (ssize_t)sizeof(p))
		printf("# the child did not obey %c\n", letter);
	return (u64)(uintptr_t)p;
}

static void end_child(struct child *c)
{
	kill(c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	close(c->to);
	close(c->from);
}

/* --- waiting --------------------------------------------------------------------------------- */

static struct watch *w;
static struct want want;
static struct snapshot *snap; /**< the newest */

static void start(const char *root)
{
	static struct options o;

	options_init(&o);
	o.root = root;
	want = (struct want){ .interval_ms = INTERVAL };
	IS(watch_start(&o, &w), 0);
}

static void stop(void)
{
	watch_stop(w);
	snapshot_free(snap);
	snap = NULL;
}

/** The next snapshot within `ms`; false: none came. */
static bool next(int ms)
{
	u64 end = live_usec() + (u64)ms * 1000;
	struct snapshot *s;

	for (;;) {
		u64 now = live_usec();
		struct pollfd p = { .fd = watch_fd(w), .events = POLLIN };

		if (now >= end || poll(&p, 1, (int)((end - now) / 1000) + 1) <= 0)
			return false;
		s = watch_take(w);
		if (!s)
			continue; /* progress */
		if (snap && s->seq <= snap->seq)
			printf("# seq fell from %d to %d\n", (int)snap->seq, (int)s->seq);
		snapshot_free(snap);
		snap = s;
		return true;
	}
}

static u64 the_addr;

static const struct vma *vma_at(u64 addr)
{
	u32 i = snap ? space_find_vma(&snap->space, addr) : NO_INDEX;

	return i == NO_INDEX ? NULL : &snap->space.vmas[i];
}

static bool complete(void)
{
	return snap->state == SNAP_LIVE && snap->have_smaps && snap->space.have_scan &&
	       snap->space.nregions;
}

static bool has_two_pages(void)
{
	const struct vma *v = vma_at(the_addr);

	return v && v->pages.present == 2;
}

static bool has_three_pages(void)
{
	const struct vma *v = vma_at(the_addr);

	return v && v->pages.present == 3;
}

static bool is_read_only(void)
{
	const struct vma *v = vma_at(the_addr);

	return v && v->perms == PERM_R;
}

static bool is_gone(void)
{
	return !vma_at(the_addr);
}

static bool rates_are_zero(void)
{
	return snap->vitals.minflt.have && snap->vitals.minflt.v == snap->before.minflt.v &&
	       snap->vitals.rss.v == snap->before.rss.v;
}

static bool has_ended(void)
{
	return snap->state == SNAP_ENDED;
}

static bool all_smaps(void)
{
	return snap->have_smaps && !snap->smaps_partial;
}

/** Until a snapshot satisfies; the one at hand does not count. */
static bool await(bool (*cond)(void))
{
	u64 end = live_usec() + PATIENCE * UINT64_C(1000);

	while (live_usec() < end && next(PATIENCE))
		if (cond())
			return true;
	return false;
}

static void want_now(void)
{
	watch_want(w, &want);
}

/* --- tests ----------------------------------------------------------------------------------- */

static void first_picture(struct child *c)
{
	size_t loose = 0;

	want.pid = c->pid;
	want_now();
	OK(await(complete));
	IS(snap->space.proc.pid, c->pid);
	OK(snap->space.nvmas > 5);
	OK(snap->space.nobjects > 0);
	for (size_t i = 0; i < snap->space.nvmas; i++)
		loose += snap->space.vmas[i].object == NO_INDEX;
	IS(loose, 0);
	OK(!snap->smaps_partial);
	OK(snap->vitals.rss.have && snap->vitals.rss.v);
	OK(snap->vitals.size.have && snap->vitals.minflt.have);
	/* Nothing was read before it: no rates. */
	OK(!snap->before.minflt.have);
	OK(snap->space.proc.max_map_count.have);
}

static void changes_are_seen(struct child *c)
{
	u64 usec, flt, begun;

	the_addr = tell(c, 'm');
	OK(await(has_two_pages));
	IS(vma_at(the_addr)->last + 1 - vma_at(the_addr)->first >= 3 * page, true);
	OK(snap->before.minflt.have);
	OK(snap->vitals.usec > snap->before.usec);
	OK(!(vma_at(the_addr)->have & VMA_HAVE_SMAPS) == snap->smaps_partial);
	usec = snap->usec;
	flt = snap->vitals.minflt.v;
	/* A page more: the same mappings, another count; the rate of one interval. */
	tell(c, 't');
	OK(await(has_three_pages));
	OK(snap->usec > usec);
	OK(snap->vitals.minflt.v > flt);
	begun = live_usec();
	OK(rates_are_zero() || await(rates_are_zero));
	/* For their own sake: the next reading of smaps is 5 s away, and would show it, too. */
	OK(live_usec() - begun < 4500000);
	/* It rests: nothing is handed over. */
	OK(!next(10 * INTERVAL));
	/* No counter moves, and still it is seen. */
	tell(c, 'p');
	begun = live_usec();
	OK(await(is_read_only));
	OK(live_usec() - begun < 9000000);
	tell(c, 'u');
	OK(await(is_gone));
}

static u64 cells_filled(void)
{
	u64 n = 0;

	for (size_t i = 0; i < snap->grid.ncells; i++)
		n += snap->grid.cells[i].fill != 0;
	return n;
}

static bool grid_has_three(void)
{
	return cells_filled() == 3;
}

static u64 states_in(u64 addr, u64 n)
{
	u64 have = 0;

	for (size_t i = 0; i < snap->pages.nruns; i++) {
		const struct state_run *r = &snap->pages.runs[i];
		u64 first = MAX(r->addr, addr), end = MIN(r->addr + r->n * page, addr + n * page);

		have += first < end ? (end - first) / page : 0;
	}
	return have;
}

/** What a cursor asks for is there at once, paused or not, and follows the target. */
static void answers(struct child *c)
{
	u64 usec;

	the_addr = tell(c, 'm');
	OK(await(has_two_pages));
	usec = snap->usec;
	want.interval_ms = 0;
	want.grid = (struct range){ the_addr, the_addr + 3 * page - 1 };
	want.grid_cells = 16;
	want_now();
	while (next(PATIENCE) && !snap->grid.ncells && !snap->grid.refused)
		;
	IS(snap->grid.r.first, the_addr);
	IS(snap->grid.ncells, 3);
	IS(cells_filled(), 2);
	want.have_page = true;
	want.page = the_addr + page;
	want_now();
	OK(next(PATIENCE));
	IS(snap->page.addr, the_addr + page);
	OK(snap->page.have);
	/* The grid came along, and nothing was read for it. */
	IS(snap->grid.ncells, 3);
	IS(snap->usec, usec);
	want.page_states = true;
	want_now();
	while (next(PATIENCE) && !snap->pages.have)
		;
	OK(snap->pages.have);
	IS(states_in(the_addr, 3), 2);
	want.interval_ms = INTERVAL;
	want_now();
	tell(c, 't');
	OK(await(grid_has_three));
	OK(snap->pages.have);
	IS(states_in(the_addr, 3), 3);
	want.grid = (struct range){ 0 };
	want.have_page = want.page_states = false;
	want_now();
	tell(c, 'u');
	OK(await(is_gone));
	IS(snap->grid.ncells, 0);
	OK(!snap->pages.have);
}

/** Makes a memory cgroup, called `dir`, and puts the process into it; false: that cannot be. */
static bool make_cgroup(pid_t pid, char *dir, size_t size)
{
	static const char *const tops[] = { "/sys/fs/cgroup/memory", "/sys/fs/cgroup" };
	char path[128];
	FILE *f;

	for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
		snprintf(path, sizeof(path), "%s/%s", tops[i], i ? "cgroup.controllers" : "tasks");
		if (access(path, R_OK))
			continue;
		snprintf(dir, size, "%s/procmap-test-%d", tops[i], (int)getpid());
		if (mkdir(dir, 0755))
			return false;
		snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
		f = fopen(path, "w");
		if (f && fprintf(f, "%d\n", (int)pid) > 0 && !fclose(f))
			return true;
	}
	return false;
}

static bool has_cgroup_name(void)
{
	return snap->grid.ncells == 3 && snap->grid.cells[2].cgroup &&
	       places_memcg(&snap->places, snap->grid.cells[2].cgroup);
}

/** A cgroup that is made after the names of all were read has its name all the same. */
static void new_cgroup(void)
{
	struct child c = start_child();
	char dir[96] = "";
	const char *name;
	size_t before;

	start(NULL);
	want.pid = c.pid;
	the_addr = tell(&c, 'm');
	want.grid = (struct range){ the_addr, the_addr + 3 * page - 1 };
	want.grid_cells = 16;
	want.grid_flags = true;
	want_now();
	while (next(PATIENCE) && snap->grid.ncells != 3)
		;
	before = snap->places.nmemcgs;
	if (access("/proc/kpagecgroup", R_OK) || !before || !make_cgroup(c.pid, dir, sizeof(dir))) {
		SKIP("no cgroup can be made here, or those of frames cannot be read");
	} else {
		tell(&c, 't');
		OK(await(has_cgroup_name));
		name = places_memcg(&snap->places, snap->grid.cells[2].cgroup);
		IS_STR(name ? name : "", strrchr(dir, '/'));
		OK(snap->places.nmemcgs > before);
		/* Nothing more is found out, and nothing handed over, while it rests. */
		while (next(5 * INTERVAL) && snap->seq < 1000)
			;
		OK(snap->seq < 1000);
	}
	stop();
	end_child(&c);
	/* It can go when its last process has gone, which takes a moment. */
	for (u64 until = live_usec() + PATIENCE * 1000; rmdir(dir) && errno == EBUSY;)
		if (live_usec() > until)
			break;
}

static void paused(struct child *c)
{
	want.interval_ms = 0;
	want_now();
	/* What was begun before it may still come. */
	while (next(5 * INTERVAL))
		;
	the_addr = tell(c, 'm');
	OK(!next(10 * INTERVAL));
	want.serial++;
	want_now();
	OK(await(has_two_pages));
	want.kernel_inside = true;
	want_now();
	OK(next(PATIENCE));
	OK(snap->kernel_inside);
	OK(has_two_pages());
	want.kernel_inside = false;
	want.interval_ms = INTERVAL;
	want_now();
	tell(c, 'u');
	OK(await(is_gone));
	/* It stays, though nobody asks for it any more. */
	OK(snap->kernel_inside);
}

/** smaps of many mappings is read seldom: what it said is kept. */
static void smaps_are_kept(struct child *c)
{
	u64 before, usec, regions;
	size_t without = 0;

	tell(c, 'b');
	while (next(PATIENCE) && (snap->space.nvmas < 16000 || !all_smaps()))
		;
	OK(snap->space.nvmas >= 16000 && all_smaps());
	before = snap->smaps_usec;
	regions = snap->space.nregions;
	the_addr = tell(c, 'm');
	OK(await(has_two_pages));
	OK(snap->have_smaps);
	if (snap->smaps_usec != before) {
		SKIP("so slow here that smaps was due again");
	} else {
		OK(snap->smaps_partial);
		OK(snap->usec > snap->smaps_usec);
		for (size_t i = 0; i < snap->space.nvmas; i++)
			without += !(snap->space.vmas[i].have & VMA_HAVE_SMAPS);
		/* The new one, or the one it became part of. */
		IS(without, 1);
		OK(!(vma_at(the_addr)->have & VMA_HAVE_SMAPS));
	}
	IS(snap->space.nregions, regions);
	usec = snap->usec;
	want.smaps_now = true;
	want_now();
	while (next(PATIENCE) && (!all_smaps() || snap->smaps_usec <= usec))
		;
	OK(all_smaps() && snap->smaps_usec > usec);
	OK(vma_at(the_addr)->have & VMA_HAVE_SMAPS);
	want.smaps_now = false;
	want_now();
}

static void another_program(struct child *c)
{
	size_t many = snap->space.nvmas;
	u64 old = the_addr;

	OK(vma_at(old));
	tell(c, 'e');
	do {
		if (!next(PATIENCE))
			break;
	} while (snap->space.nvmas >= many / 2 || !complete());
	OK(complete());
	OK(snap->space.nvmas < many / 2);
	OK(!snap->smaps_partial);
	OK(snap->space.nobjects > 0);
	the_addr = tell(c, 'm');
	OK(await(has_two_pages));
}

static void end_of_it(struct child *c)
{
	size_t n = snap->space.nvmas;

	kill(c->pid, SIGKILL);
	OK(await(has_ended));
	/* A zombie now; then nobody: the picture stays. */
	waitpid(c->pid, NULL, 0);
	OK(n > 0 && snap->space.nvmas > 0);
	OK(vma_at(the_addr));
	IS(snap->space.no_user, USER_HERE);
	OK(!next(10 * INTERVAL));
	want.serial++;
	want_now();
	next(5 * INTERVAL);
	IS(snap->state, SNAP_ENDED);
	OK(vma_at(the_addr));
}

static void no_such_process(struct child *c)
{
	want.pid = c->pid;
	want_now();
	OK(await(has_ended));
	IS(snap->space.nvmas, 0);
	IS(snap->space.no_user, USER_GONE);
	IS(snap->space.proc.pid, c->pid);
}

static bool is_kernel(void)
{
	return snap->state == SNAP_LIVE && !snap->space.proc.pid;
}

static void no_process(void)
{
	want.pid = 0;
	want.kernel = true;
	want_now();
	OK(await(is_kernel));
	OK(snap->space.nregions > 0);
	OK(snap->kernel_inside);
	IS(snap->space.nvmas, 0);
	IS(snap->space.no_user, USER_NOT_ASKED);
	OK(!snap->vitals.rss.have);
	OK(!next(10 * INTERVAL));
}

static bool is_kthread(void)
{
	return snap->space.no_user == USER_KTHREAD;
}

static void kernel_thread(void)
{
	/* kthreadd, unless we are in a PID namespace of our own. */
	want.pid = 2;
	want.kernel = false;
	want_now();
	if (!next(PATIENCE) || !is_kthread()) {
		SKIP("no kernel thread in sight");
		return;
	}
	IS(snap->state, SNAP_LIVE);
	IS(snap->space.nvmas, 0);
	OK(snap->space.nregions > 0);
	OK(!snap->vitals.rss.have);
}

static void tasks(void)
{
	bool found = false;

	want.pid = 0;
	want.kernel = false;
	want_now();
	OK(next(PATIENCE));
	IS(snap->state, SNAP_TASKS);
	for (size_t i = 0; i < snap->tasks.n; i++)
		found |= snap->tasks.v[i].pid == getpid();
	OK(found);
}

/** Nothing of a target that is no longer wanted arrives after the first of the new one. */
static void targets_change(void)
{
	struct child a = start_child(), b = start_child();
	size_t mixed = 0;

	tell(&a, 'b');
	start(NULL);
	for (int i = 0; i < 30; i++) {
		bool first = i & 1;

		want.pid = first ? a.pid : b.pid;
		want_now();
		/* Sometimes amid its reading, sometimes after it. */
		if (i % 3)
			next(i);
	}
	want.pid = b.pid;
	want_now();
	do {
		if (!next(PATIENCE))
			break;
	} while (snap->space.proc.pid != b.pid || !complete());
	OK(snap->space.proc.pid == b.pid && complete());
	while (next(5 * INTERVAL))
		mixed += snap->space.proc.pid != b.pid;
	IS(mixed, 0);
	/* Cancelled, and read again. */
	want.pid = a.pid;
	want_now();
	watch_cancel(w);
	do {
		if (!next(PATIENCE))
			break;
		watch_cancel(w);
	} while (snap->space.proc.pid != a.pid || snap->space.nvmas < 10000);
	OK(snap->space.nvmas >= 10000);
	OK(strlen(watch_progress(w)) < 64);
	stop();
	end_child(&a);
	end_child(&b);
}

/** In a child, which is nobody then. 0: as it should be, 77: cannot be tried. */
static int denied(void)
{
	bool good;

	if (!geteuid() && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
		return 77;
	if (!access("/proc/1/map_files", X_OK | R_OK))
		return 77;
	start(NULL);
	want.pid = 1;
	want_now();
	good = next(PATIENCE) && snap->state == SNAP_DENIED && snap->space.user_err == EACCES &&
	       snap->space.no_user == USER_DENIED && snap->space.nregions > 0 &&
	       !snap->space.nvmas && snap->vitals.rss.have;
	if (!good && snap)
		printf("# state %d, no_user %d, errno %d, %zu regions\n", snap->state,
		       snap->space.no_user, snap->space.user_err, snap->space.nregions);
	stop();
	return !good;
}

static void refused(void)
{
	int status = -1;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (!pid) {
		/* Its test points are not ours. */
		dup2(2, 1);
		status = denied();
		fflush(stdout);
		_exit(status);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		SKIP("process 1 is open to everybody");
	else
		IS(status, 0);
}

static void recorded(void)
{
	const char *srcdir = getenv("srcdir");
	char root[4096];

	snprintf(root, sizeof(root), "%s/tests/trees/x86_64-threads", srcdir ? srcdir : ".");
	if (access(root, R_OK)) {
		SKIP("no recorded trees");
		return;
	}
	start(root);
	want_now();
	OK(next(PATIENCE));
	IS(snap->state, SNAP_TASKS);
	IS(snap->tasks.n > 0, true);
	want.pid = snap->tasks.n ? snap->tasks.v[0].pid : 1;
	want_now();
	OK(await(complete));
	OK(snap->space.nvmas > 0);
	OK(snap->space.host.recorded);
	OK(!next(10 * INTERVAL));
	want.serial++;
	want_now();
	OK(next(PATIENCE));
	IS(snap->state, SNAP_LIVE);
	stop();
}

int main(int argc, char **argv)
{
	struct child c;

	self = argv[0];
	page = (size_t)sysconf(_SC_PAGESIZE);
	if (argc > 1) {
		/* The program that the child becomes: what it was told is done. */
		char *none = NULL;

		if (write(1, &none, sizeof(none)) < 0)
			return 1;
		obey(0, 1);
	}
	c = start_child();
	start(NULL);
	first_picture(&c);
	changes_are_seen(&c);
	answers(&c);
	paused(&c);
	smaps_are_kept(&c);
	another_program(&c);
	end_of_it(&c);
	tasks();
	no_such_process(&c);
	no_process();
	kernel_thread();
	stop();
	end_child(&c);
	new_cgroup();
	targets_change();
	refused();
	recorded();
	return tap_done();
}
