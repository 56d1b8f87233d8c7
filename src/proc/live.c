/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the running machine tells without a file: uname, page size, clock, the size of our own
 * address space. A recorded tree has none of it and gets "unknown".
 */
#include "root.h"

#include <errno.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

/** uname of the kernel itself: linux32 and setarch make it claim to be a 32-bit one. */
static int uname_of_kernel(struct utsname *u)
{
	int old = personality(0xffffffff);
	bool masked = old != -1 && (old & PER_MASK) == PER_LINUX32;
	int ret;

	if (masked)
		personality((unsigned long)(old & ~PER_MASK) | PER_LINUX);
	ret = uname(u);
	if (masked)
		personality((unsigned long)old);
	return ret;
}

u8 machine_bits(const char *machine)
{
	/* UTS_MACHINE of the 64-bit ports, arch/<port>/Makefile in 6.18. */
	static const char *const wide[] = {
		"x86_64",  "aarch64", "aarch64_be", "riscv64",	   "ppc64",    "ppc64le", "s390x",
		"sparc64", "mips64",  "alpha",	    "loongarch64", "parisc64", "ia64",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wide); i++)
		if (!strcmp(machine, wide[i]))
			return 64;
	return 32;
}

bool machine_big_endian(const char *machine)
{
	/* Ports that have only this byte order, or say so in their name. mips may be either. */
	static const char *const big[] = {
		"s390x", "s390",     "ppc64",  "ppc",  "sparc64",
		"sparc", "parisc64", "parisc", "m68k", "aarch64_be",
	};

	for (size_t i = 0; i < ARRAY_SIZE(big); i++)
		if (!strcmp(machine, big[i]))
			return true;
	return false;
}

/** Now, as "2026-11-21T22:30:12Z"; NULL when the clock cannot be read. Owned by the caller. */
static char *live_time(void)
{
	struct timespec now;
	struct tm tm;
	char text[40];

	if (clock_gettime(CLOCK_REALTIME, &now) || !gmtime_r(&now.tv_sec, &tm) ||
	    !strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		return NULL;
	return xstrdup(text);
}

void live_host(struct host *host)
{
	struct utsname u;
	bool known = !uname_of_kernel(&u);

	host->release = xstrdup(known ? u.release : "");
	host->machine = xstrdup(known ? u.machine : "");
	host->time = live_time();
	host->page_size = (u32)sysconf(_SC_PAGESIZE);
	host->bits = sizeof(void *) == 8 ? 64 : machine_bits(host->machine);
	host->big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
	host->recorded = false;
}

/* --- the size of our own address space ------------------------------------------------------ */

enum probe {
	PROBE_INSIDE,
	PROBE_OUTSIDE,
	PROBE_UNKNOWN,
};

/** Could a mapping stand at `addr`? The kernel answers without disturbing what is there. */
static enum probe probe_page(u64 addr, size_t page)
{
	void *want = (void *)(uintptr_t)addr;
	void *got = mmap(want, page, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got != MAP_FAILED) {
		munmap(got, page);
		/* Before 4.17 the flag is unknown and the address only a hint. */
		return got == want ? PROBE_INSIDE : PROBE_UNKNOWN;
	}
	if (errno == EEXIST)
		return PROBE_INSIDE;
	return errno == ENOMEM ? PROBE_OUTSIDE : PROBE_UNKNOWN;
}

struct fig live_task_end(struct root *r)
{
	struct fig unknown = { 0 };
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	/* Page numbers; the lowest is above any vm.mmap_min_addr in use. */
	u64 low = (16 * MIB) / page, high = (u64)UINTPTR_MAX / page;

	if (!root_is_live(r) || probe_page(low * page, page) != PROBE_INSIDE)
		return unknown;
	/* low is inside, high + 1 is outside: the highest page that is inside lies between. */
	while (low < high) {
		u64 mid = low + (high - low + 1) / 2;

		switch (probe_page(mid * page, page)) {
		case PROBE_INSIDE:
			low = mid;
			break;
		case PROBE_OUTSIDE:
			high = mid - 1;
			break;
		default:
			return unknown;
		}
	}
	return FIG((low + 1) * page);
}

int live_kernel_log(struct root *r, struct buf *out)
{
	/* include/linux/syslog.h; glibc has no names for them */
	enum { SYSLOG_ACTION_READ_ALL = 3, SYSLOG_ACTION_SIZE_BUFFER = 10 };
	unsigned raised;
	int n, ret = 0;

	buf_clear(out);
	if (!root_is_live(r))
		return -ENODATA;
	raised = caps_raise(CAP_BIT(ROOT_CAP_SYSLOG));
	n = klogctl(SYSLOG_ACTION_SIZE_BUFFER, NULL, 0);
	if (n > 0)
		n = klogctl(SYSLOG_ACTION_READ_ALL, buf_reserve(out, (size_t)n), n);
	if (n < 0)
		ret = -errno;
	caps_lower(raised);
	if (n > 0)
		out->len = (size_t)n;
	buf_reserve(out, 0)[0] = '\0';
	return ret;
}

u64 live_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (u64)t.tv_sec * 1000000 + (u64)t.tv_nsec / 1000;
}

u64 live_cpu_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (u64)t.tv_sec * 1000000 + (u64)t.tv_nsec / 1000;
}
