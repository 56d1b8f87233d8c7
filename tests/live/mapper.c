/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process to look at. It maps one of everything, prints a line for each mapping with what must be
 * found there, then "ready", and waits until its standard input ends.
 *
 *	mapper                one of everything
 *	mapper many N         N mappings of one page each
 *	mapper exec N         the same, and runs itself anew ("mapper wait") when a line comes in
 *	mapper wait           nothing
 *	mapper threads N      N threads that wait
 *	mapper zombie         a child that nobody has waited for
 *	mapper leader         the first thread ends, another one waits
 *	mapper swap           one mapping, pushed out to swap where there is some
 *	mapper high           a thread, and a mapping that only 5-level page tables reach
 *
 * Lines: "map LABEL START END PERMS KIND KEY=VALUE... name=REST", "thread TID START END NAME",
 * "value KEY NUMBER", "skip LABEL WHY", "bad LABEL WHY". Addresses are hex, ends exclusive. Pages
 * are counted as they were made or, where the kernel decides, in our own pagemap, entry by entry.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/userfaultfd.h>

/* Numbers that the C library's headers may be too old for (kernel uapi headers, 6.18). */
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#define GUARD_INSTALL	  102 /* MADV_GUARD_INSTALL, asm-generic/mman-common.h, 6.13 */
#define NR_IO_URING_SETUP 425
#define NR_MEMFD_SECRET	  447
#define IO_URING_OFF_SQES 0x10000000 /* IORING_OFF_SQES, linux/io_uring.h */
#define SET_VMA		  0x53564d61 /* PR_SET_VMA, linux/prctl.h, 5.17 */
#define SET_VMA_ANON_NAME 0

/** Far from everything that the loader, malloc and the kernel place by themselves. */
#define ARENA (sizeof(void *) == 8 ? UINT64_C(0x1000000000) : UINT64_C(0x20000000))

static size_t page;
static uint64_t arena = ARENA;
static char dir[256];
static int pagemap = -1;

/* --- saying --------------------------------------------------------------------------------- */

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "mapper: %s: %s\n", what, strerror(errno));
	exit(1);
}

/** As procmap's views print it: control bytes and backslashes escaped, UTF-8 as it is. */
static void put_escaped(const char *s)
{
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\\')
			fputs("\\\\", stdout);
		else if (c < 0x20 || c == 0x7f)
			printf("\\x%02x", c);
		else
			putchar(c);
	}
}

/** Prints the line of a mapping; `fmt` gives its KEY=VALUE words. */
static void say(const char *label, const void *p, size_t len, const char *perms, const char *kind,
		const char *name, const char *fmt, ...) __attribute__((format(printf, 7, 8)));

static void say(const char *label, const void *p, size_t len, const char *perms, const char *kind,
		const char *name, const char *fmt, ...)
{
	va_list ap;

	printf("map %s %" PRIxPTR " %" PRIxPTR " %s %s ", label, (uintptr_t)p, (uintptr_t)p + len,
	       perms, kind);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" name=");
	put_escaped(name);
	putchar('\n');
}

static void skip(const char *label, const char *what)
{
	printf("skip %s %s: %s\n", label, what, strerror(errno));
}

/* --- pages ---------------------------------------------------------------------------------- */

/** Pages of a mapping whose pagemap entry has all of `bits` set and none of `not`. */
static size_t count_entries(const char *p, size_t len, uint64_t bits, uint64_t not )
{
	size_t n = 0;
	uint64_t e;

	for (size_t i = 0; i < len / page; i++) {
		off_t at = (off_t)(((uintptr_t)p / page + i) * 8);

		if (pread(pagemap, &e, 8, at) == 8 && (e & bits) == bits && !(e & not ))
			n++;
	}
	return n;
}

#define PM_PRESENT (UINT64_C(1) << 63)
#define PM_SWAPPED (UINT64_C(1) << 62)
#define PM_FILE	   (UINT64_C(1) << 61)
#define PM_GUARD   (UINT64_C(1) << 58)

static size_t present(const void *p, size_t len)
{
	return count_entries(p, len, PM_PRESENT, 0);
}

/** Says "bad" when the pages are not as they were meant to be: then no view can be right. */
static void expect_present(const char *label, const void *p, size_t len, size_t want)
{
	size_t got = present(p, len);

	if (got != want)
		printf("bad %s %zu pages present, %zu made\n", label, got, want);
}

static void touch(char *p, size_t from, size_t to, size_t step)
{
	for (size_t i = from; i < to; i += step)
		*(volatile char *)(p + i * page) = 'm';
}

static void look(const char *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		(void)*(const volatile char *)(p + i * page);
}

/** A mapping of its own, with free space on both sides so that no neighbour merges with it. */
static char *map(size_t len, size_t align, int prot, int flags, int fd, off_t off)
{
	char *p;

	arena = (arena + align - 1) & ~(uint64_t)(align - 1);
	p = mmap((void *)(uintptr_t)arena, len, prot, flags | MAP_FIXED_NOREPLACE, fd, off);
	if (p != MAP_FAILED && (uintptr_t)p != (uintptr_t)arena)
		die("the kernel placed a fixed mapping elsewhere");
	arena += (len + 0xffff) / 0x10000 * 0x10000 + 0x100000;
	return p == MAP_FAILED ? NULL : p;
}

static char *map_anon(size_t pages, int prot, int flags)
{
	char *p = map(pages * page, page, prot, MAP_ANONYMOUS | flags, -1, 0);

	if (!p)
		die("anonymous mapping");
	return p;
}

/* --- files ---------------------------------------------------------------------------------- */

/** A new file of so many pages, open for reading and writing; its path in `path`. */
static int make_file(char path[static PATH_MAX], const char *name, size_t pages)
{
	char *block = malloc(page);
	int fd;

	snprintf(path, PATH_MAX, "%s/%s", dir, name);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	if (fd < 0 || !block)
		die(path);
	for (size_t i = 0; i < pages; i++) {
		memset(block, 'a' + (int)(i % 26), page);
		if (write(fd, block, page) != (ssize_t)page)
			die(path);
	}
	free(block);
	return fd;
}

static void map_files(void)
{
	char path[PATH_MAX];
	size_t len = 8 * page;
	int fd = make_file(path, "plain", 8);
	char *p = map(len, page, PROT_READ, MAP_PRIVATE, fd, 0);

	look(p, 0, 8);
	say("file_ro", p, len, "r--p", "file", path, "present=8 copied=0");
	expect_present("file_ro", p, len, 8);

	p = map(3 * page, page, PROT_READ, MAP_PRIVATE, fd, (off_t)(2 * page));
	say("file_offset", p, 3 * page, "r--p", "file", path, "offset=%zx present=0", 2 * page);
	expect_present("file_offset", p, 3 * page, 0);
	close(fd);

	fd = make_file(path, "cow", 8);
	p = map(len, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	look(p, 0, 8);
	touch(p, 1, 4, 1);
	say("file_cow", p, len, "rw-p", "file", path, "present=8 copied=3 bar=▒███▒▒▒▒");
	expect_present("file_cow", p, len, 8);
	if (count_entries(p, len, PM_PRESENT, PM_FILE) != 3)
		puts("bad file_cow 3 pages copied");
	close(fd);

	fd = make_file(path, "shared", 4);
	p = map(4 * page, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	touch(p, 0, 2, 1);
	say("file_shared", p, 4 * page, "rw-s", "file", path, "present=%zu copied=0",
	    present(p, 4 * page));
	close(fd);
}

/** Names that break readers of maps. */
static void map_odd_names(void)
{
	static const struct {
		const char *label, *name;
	} odd[] = {
		{ "name_esc", "esc\033[31mred\007" },
		{ "name_newline", "new\nline" },
		{ "name_comma", "a,b c\td" },
		{ "name_cjk", "\346\274\242\345\255\227" },
		{ "name_deleted", "not gone (deleted)" },
		{ "name_backslash", "back\\012slash" },
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		int fd = make_file(path, odd[i].name, 1);
		char *p = map(page, page, PROT_READ, MAP_PRIVATE, fd, 0);

		say(odd[i].label, p, page, "r--p", "file", path, "file=same");
		close(fd);
	}
}

static void map_gone_files(void)
{
	char path[PATH_MAX], other[PATH_MAX];
	int fd = make_file(path, "unlinked", 2);
	char *p = map(2 * page, page, PROT_READ, MAP_PRIVATE, fd, 0);

	unlink(path);
	say("file_deleted", p, 2 * page, "r--p", "file", path, "file=deleted");
	close(fd);

	fd = make_file(path, "replaced", 2);
	p = map(2 * page, page, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	close(make_file(other, "replacement", 2));
	if (rename(other, path))
		die(path);
	say("file_replaced", p, 2 * page, "r--p", "file", path, "file=replaced");
}

/** Code whose second page was overwritten, as a debugger or a hot patch does. */
static void map_patched_text(void)
{
	char path[PATH_MAX];
	int fd = make_file(path, "text", 4);
	char *p = map(4 * page, page, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	look(p, 0, 4);
	if (mprotect(p, 4 * page, PROT_READ | PROT_WRITE))
		die("mprotect");
	touch(p, 1, 2, 1);
	if (mprotect(p, 4 * page, PROT_READ | PROT_EXEC))
		die("mprotect");
	say("text_patched", p, 4 * page, "r-xp", "library", path, "present=4 copied=1");
	close(fd);
}

/* --- shared memory -------------------------------------------------------------------------- */

static void map_shared_memory(void)
{
	char name[64], seen[96];
	int fd = memfd_create("mapper-memfd", MFD_CLOEXEC);
	char *p;
	int id;

	if (fd < 0 || ftruncate(fd, (off_t)(4 * page)))
		die("memfd_create");
	p = map(4 * page, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	touch(p, 0, 3, 1);
	say("memfd", p, 4 * page, "rw-s", "memfd", "/memfd:mapper-memfd", "present=3");
	expect_present("memfd", p, 4 * page, 3);
	close(fd);

	id = shmget(IPC_PRIVATE, 4 * page, IPC_CREAT | 0600);
	if (id < 0) {
		skip("sysv", "shmget");
	} else {
		arena = (arena + 0xfffff) & ~UINT64_C(0xfffff);
		p = shmat(id, (void *)(uintptr_t)arena, 0);
		shmctl(id, IPC_RMID, NULL);
		if (p == (void *)-1)
			die("shmat");
		arena += 0x100000;
		touch(p, 0, 2, 1);
		say("sysv", p, 4 * page, "rw-s", "SysV_shm", "/SYSV00000000", "present=2 inode=%d",
		    id);
		expect_present("sysv", p, 4 * page, 2);
	}

	snprintf(name, sizeof(name), "/mapper-%d", (int)getpid());
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0) {
		skip("posix_shm", "shm_open");
	} else {
		if (ftruncate(fd, (off_t)(4 * page)))
			die("ftruncate");
		p = map(4 * page, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		shm_unlink(name);
		touch(p, 3, 4, 1);
		snprintf(seen, sizeof(seen), "/dev/shm%s", name);
		say("posix_shm", p, 4 * page, "rw-s", "shared_memory", seen, "present=1");
		close(fd);
	}

	p = map_anon(4, PROT_READ | PROT_WRITE, MAP_SHARED);
	touch(p, 1, 3, 1);
	say("shared_anon", p, 4 * page, "rw-s", "shared_memory", "/dev/zero", "present=2");
	expect_present("shared_anon", p, 4 * page, 2);
}

/* --- anonymous memory ----------------------------------------------------------------------- */

static void map_anonymous(void)
{
	char *p = map_anon(16, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	touch(p, 0, 16, 2);
	say("every_second", p, 16 * page, "rw-p", "anonymous", "", "present=8 zero=0");
	expect_present("every_second", p, 16 * page, 8);

	p = map_anon(8, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	look(p, 2, 7);
	say("zero_page", p, 8 * page, "rw-p", "anonymous", "", "present=5 zero=5");
	expect_present("zero_page", p, 8 * page, 5);

	p = map_anon(1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
	touch(p, 0, 1, 1);
	say("wx", p, page, "rwxp", "anonymous", "", "present=1");

	p = map_anon(5, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	touch(p, 1, 5, 1);
	if (mprotect(p, page, PROT_NONE))
		die("mprotect");
	say("guard", p, page, "---p", "guard", "", "present=0");
	say("guarded", p + page, 4 * page, "rw-p", "anonymous", "", "present=4");

	p = map(sizeof(void *) == 8 ? (size_t)(UINT64_C(1) << 40) : 64 << 20, page, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (p)
		say("reserved", p, sizeof(void *) == 8 ? (size_t)(UINT64_C(1) << 40) : 64 << 20,
		    "---p", "reserved", "", "present=0");
	else
		skip("reserved", "mmap");

	p = map_anon(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	if (prctl(SET_VMA, SET_VMA_ANON_NAME, p, 4 * page, "mapper name"))
		skip("named_anon", "PR_SET_VMA");
	else
		say("named_anon", p, 4 * page, "rw-p", "named_anonymous", "[anon:mapper name]",
		    "present=0");
}

static void map_special_pages(void)
{
	char *p = map_anon(8, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	size_t huge = 2 << 20;

	if (madvise(p, 2 * page, GUARD_INSTALL)) {
		skip("light_guard", "MADV_GUARD_INSTALL");
	} else {
		touch(p, 3, 6, 1);
		say("light_guard", p, 8 * page, "rw-p", "anonymous", "",
		    "present=3 guard=2 swapped=0");
		expect_present("light_guard", p, 8 * page, 3);
	}

	p = map_anon(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	if (mlock(p, 4 * page))
		skip("locked", "mlock");
	else
		say("locked", p, 4 * page, "rw-p", "anonymous", "", "present=4 locked=%zu",
		    4 * page / 1024);

	p = map(2 * huge, huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!p || madvise(p, 2 * huge, MADV_HUGEPAGE)) {
		skip("thp", "MADV_HUGEPAGE");
	} else {
		touch(p, 0, 1, 1);
		/* Whole or one page, as the kernel had a huge page to give or not. */
		say("thp", p, 2 * huge, "rw-p", "anonymous", "", "present=%zu huge=%zu",
		    present(p, 2 * huge), present(p, 2 * huge) > 1 ? huge / page : 0);
	}

	p = map(huge, huge, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1,
		0);
	if (!p) {
		skip("hugetlb", "MAP_HUGETLB");
	} else {
		touch(p, 0, 1, 1);
		say("hugetlb", p, huge, "rw-p", "hugetlb", "/anon_hugepage", "present=%zu huge=%zu",
		    huge / page, huge / page);
	}
}

static void map_swapped(void)
{
	char *p = map_anon(64, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	size_t n;

	touch(p, 0, 64, 1);
	if (madvise(p, 64 * page, MADV_PAGEOUT)) {
		skip("swapped", "MADV_PAGEOUT");
		return;
	}
	n = count_entries(p, 64 * page, PM_SWAPPED, 0);
	if (!n)
		printf("skip swapped nothing went to swap\n");
	else
		say("swapped", p, 64 * page, "rw-p", "anonymous", "", "present=%zu swapped=%zu",
		    present(p, 64 * page), n);
}

/* --- kernel objects ------------------------------------------------------------------------- */

static void map_io_uring(void)
{
	uint32_t params[30] = { 0 }; /* struct io_uring_params: 120 bytes */
	int fd = (int)syscall(NR_IO_URING_SETUP, 4, params);
	char *p;

	if (fd < 0) {
		skip("io_uring", "io_uring_setup");
		return;
	}
	/* The kernel insists on choosing the address. */
	p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		say("io_uring", p, page, "rw-s", "io_uring", "anon_inode:[io_uring]", "offset=0");
	else
		skip("io_uring", "mmap");
	p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IO_URING_OFF_SQES);
	if (p != MAP_FAILED)
		say("io_uring_sqes", p, page, "rw-s", "io_uring", "anon_inode:[io_uring]",
		    "offset=%x", IO_URING_OFF_SQES);
}

static void map_secret(void)
{
	int fd = (int)syscall(NR_MEMFD_SECRET, 0);
	char *p;

	if (fd < 0) {
		skip("secret", "memfd_secret");
		return;
	}
	if (ftruncate(fd, (off_t)(2 * page)))
		die("ftruncate");
	p = map(2 * page, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!p) {
		skip("secret", "mmap");
		return;
	}
	touch(p, 0, 1, 1);
	say("secret", p, 2 * page, "rw-s", "secretmem", "/secretmem", "present=1");
}

static void map_uffd(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_PAGEFAULT_FLAG_WP };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_WP };
	struct uffdio_writeprotect wp = { .mode = UFFDIO_WRITEPROTECT_MODE_WP };
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	char *p = map_anon(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	touch(p, 0, 4, 1);
	reg.range.start = (uintptr_t)p;
	reg.range.len = 4 * page;
	wp.range.start = (uintptr_t)p;
	wp.range.len = 2 * page;
	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &reg) ||
	    ioctl(fd, UFFDIO_WRITEPROTECT, &wp))
		skip("uffd_wp", "userfaultfd");
	else
		say("uffd_wp", p, 4 * page, "rw-p", "anonymous", "", "present=4 uffd_wp=2");
}

static void map_device(void)
{
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	char *p;

	if (fd < 0) {
		skip("dev_zero", "open");
		return;
	}
	p = map(2 * page, page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	touch(p, 0, 1, 1);
	say("dev_zero", p, 2 * page, "rw-p", "anonymous", "/dev/zero", "present=1");
	close(fd);
}

/* --- threads, heap, child ------------------------------------------------------------------- */

static pthread_barrier_t started;

static void *thread_body(void *name)
{
	pthread_attr_t attr;
	void *stack;
	size_t len;

	prctl(PR_SET_NAME, name);
	if (pthread_getattr_np(pthread_self(), &attr) || pthread_attr_getstack(&attr, &stack, &len))
		die("pthread_getattr_np");
	flockfile(stdout);
	printf("thread %d %" PRIxPTR " %" PRIxPTR " ", (int)syscall(SYS_gettid), (uintptr_t)stack,
	       (uintptr_t)stack + len);
	put_escaped(name);
	putchar('\n');
	funlockfile(stdout);
	pthread_barrier_wait(&started);
	for (;;)
		pause();
}

static void start_threads(const char *const *names, size_t n)
{
	pthread_attr_t attr;
	pthread_t t;

	pthread_barrier_init(&started, NULL, (unsigned)n + 1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 256 << 10);
	for (size_t i = 0; i < n; i++) {
		char *name = strdup(names ? names[i] : "waiter");

		if (!name || pthread_create(&t, &attr, thread_body, name))
			die("pthread_create");
	}
	pthread_barrier_wait(&started);
}

static void grow_heap(void)
{
	char *p = sbrk((intptr_t)(64 * page));

	if (p == (void *)-1)
		die("sbrk");
	touch(p, 0, 2, 1);
	printf("value heap_end %" PRIxPTR "\n", (uintptr_t)sbrk(0));
	printf("value stack_address %" PRIxPTR "\n", (uintptr_t)&p);
}

/** Before anything else is mapped: only this mapping's pages are to be shared by the fork. */
static void share_with_child(void)
{
	char *p = map_anon(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	pid_t child;

	touch(p, 0, 4, 1);
	fflush(stdout);
	child = fork();
	if (child < 0)
		die("fork");
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	touch(p, 3, 4, 1); /* this one is ours alone again */
	say("forked", p, 4 * page, "rw-p", "anonymous", "", "present=4 shared=3 child=%d",
	    (int)child);
	printf("value child %d\n", (int)child);
}

/* --- modes ---------------------------------------------------------------------------------- */

static void ready(void)
{
	puts("ready");
	if (fflush(stdout))
		exit(1);
}

/** Until standard input ends, or a line comes in. */
static bool wait_line(void)
{
	char c;
	ssize_t n;

	while ((n = read(0, &c, 1)) > 0 && c != '\n')
		;
	return n > 0;
}

static void remove_files(void)
{
	static const char *const left[] = { "plain",
					    "cow",
					    "shared",
					    "esc\033[31mred\007",
					    "new\nline",
					    "a,b c\td",
					    "\346\274\242\345\255\227",
					    "not gone (deleted)",
					    "back\\012slash",
					    "replaced",
					    "text" };
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(left) / sizeof(*left); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, left[i]);
		unlink(path);
	}
	rmdir(dir);
}

static void everything(void)
{
	static const char *const names[] = { "worker-a", "odd) R 1 (x" };
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, sizeof(dir), "%.200s/mapper-XXXXXX", tmp && *tmp ? tmp : "/tmp");
	if (!mkdtemp(dir))
		die(dir);
	share_with_child();
	map_files();
	map_odd_names();
	map_gone_files();
	map_patched_text();
	map_shared_memory();
	map_anonymous();
	map_special_pages();
	map_swapped();
	map_io_uring();
	map_secret();
	map_uffd();
	map_device();
	start_threads(names, 2);
	grow_heap();
	ready();
	while (wait_line())
		;
	remove_files();
}

static void many(size_t n)
{
	char *p = map(n * page, page, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (!p)
		die("mmap");
	for (size_t i = 1; i < n; i += 2)
		if (mprotect(p + i * page, page, PROT_READ))
			die("mprotect");
	printf("value many_start %" PRIxPTR "\nvalue many_end %" PRIxPTR "\n", (uintptr_t)p,
	       (uintptr_t)p + n * page);
	ready();
}

/** The kernel gives nothing above 47 bits unless it is asked for that very place. */
static void high(void)
{
	char *p = NULL;

	if (sizeof(void *) == 8) {
		arena = UINT64_C(1) << 55;
		p = map(4 * page, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	if (!p) {
		skip("high", "mmap");
		return;
	}
	touch(p, 1, 3, 1);
	say("high", p, 4 * page, "rw-p", "anonymous", "", "present=2");
	expect_present("high", p, 4 * page, 2);
}

/* Has the leader of this process ended? */
static bool leader_gone(void)
{
	char text[512];
	FILE *f = fopen("/proc/self/stat", "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;

	if (f)
		fclose(f);
	text[n] = '\0';
	return strstr(text, ") Z ") != NULL;
}

static void *outlive(void *unused)
{
	while (!leader_gone())
		sched_yield();
	ready();
	while (wait_line())
		;
	exit(0);
	return unused;
}

static void leader(void)
{
	pthread_t t;

	if (pthread_create(&t, NULL, outlive, NULL))
		die("pthread_create");
	pthread_exit(NULL);
}

static void zombie(void)
{
	siginfo_t info;
	pid_t child = fork();

	if (!child)
		_exit(0);
	/* WNOWAIT: it has ended for sure, and stays. */
	if (child < 0 || waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT))
		die("fork");
	printf("value zombie %d\n", (int)child);
	ready();
	wait_line();
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	size_t n = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;

	page = (size_t)sysconf(_SC_PAGESIZE);
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		die("pagemap");
	printf("value pid %d\n", (int)getpid());
	if (!*mode) {
		everything();
	} else if (!strcmp(mode, "many")) {
		many(n);
		wait_line();
	} else if (!strcmp(mode, "exec")) {
		many(n);
		if (wait_line())
			execl("/proc/self/exe", "mapper", "wait", (char *)NULL);
	} else if (!strcmp(mode, "wait")) {
		ready();
		wait_line();
	} else if (!strcmp(mode, "threads")) {
		start_threads(NULL, n);
		ready();
		wait_line();
	} else if (!strcmp(mode, "zombie")) {
		zombie();
	} else if (!strcmp(mode, "leader")) {
		leader();
	} else if (!strcmp(mode, "high")) {
		high();
		start_threads(NULL, 1);
		ready();
		wait_line();
	} else if (!strcmp(mode, "swap")) {
		map_swapped();
		ready();
		wait_line();
	} else {
		fprintf(stderr, "mapper: what is \"%s\"?\n", mode);
		return 2;
	}
	return 0;
}
