/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is present where, from PAGEMAP_SCAN: the kernel walks the page tables and returns ranges.
 * One call after the other from the lowest mapping to the highest; gaps cost nothing, a mapping
 * 0.3 us, a present page 11 ns, an empty table nothing. Each call is bounded, so that none holds
 * the target's lock for long. Categories that need a look at the page itself (FILE) are not asked.
 *
 * Without the ioctl (before 6.7) the same counters come from reading pagemap, but for reservations
 * that smaps says are empty.
 *
 * pagemap knows page tables only: a page of shared memory that is in swap has no entry, and counts
 * as absent here; smaps' Swap has it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "pageio.h"
#include "states.h"

/* include/uapi/linux/fs.h, 6.7; older headers lack it. */
struct scan_arg {
	u64 size, flags, start, end, walk_end, vec, vec_len, max_pages;
	u64 category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define SCAN_IOCTL _IOWR('f', 16, struct scan_arg)

/* A call that finds this many pages ends: 0.1 ms with the lock held. */
#define SCAN_PAGES 8192

/*
 * A mapping without PAGEMAP_SCAN is read entry by entry, 4 ns each, up to so many pages (64 ms):
 * a reservation of terabytes would take minutes.
 */
#define READ_PAGES_MAX (UINT64_C(1) << 24)

static int scan_call(const struct scanner *sc, u64 start, u64 end, u64 want, struct scan_arg *arg)
{
	int n;

	*arg = (struct scan_arg){
		.size = sizeof(*arg),
		.start = start,
		.end = end,
		.vec = (u64)(uintptr_t)sc->vec,
		.vec_len = SCAN_VEC,
		.max_pages = SCAN_PAGES,
		.category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
		.return_mask = want,
	};
	do {
		n = ioctl(sc->fd, SCAN_IOCTL, arg);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int scanner_init(struct scanner *sc, int fd)
{
	static const u64 extra[] = { SCAN_PFNZERO, SCAN_HUGE, SCAN_GUARD };
	struct scan_arg arg;
	int err;

	*sc = (struct scanner){ .fd = fd, .want = SCAN_PRESENT | SCAN_SWAPPED };
	/* An empty range: what is asked is only whether the call is understood. */
	err = scan_call(sc, 0, 0, sc->want, &arg);
	if (err < 0)
		return err;
	for (size_t i = 0; i < ARRAY_SIZE(extra); i++)
		if (scan_call(sc, 0, 0, sc->want | extra[i], &arg) >= 0)
			sc->want |= extra[i];
	return 0;
}

void scanner_range(struct scanner *sc, u64 start, u64 end)
{
	sc->next = start;
	sc->end = end;
	sc->n = sc->i = 0;
}

static int scanner_fill(struct scanner *sc)
{
	struct scan_arg arg;
	int n = scan_call(sc, sc->next, sc->end, sc->want, &arg);

	if (n < 0)
		return n;
	/* Going back or standing still would never end; the kernel does neither. */
	if (n > SCAN_VEC || arg.walk_end <= sc->next || arg.walk_end > sc->end)
		return -EIO;
	sc->n = (size_t)n;
	sc->i = 0;
	sc->next = arg.walk_end;
	for (size_t i = 0; i < sc->n; i++)
		if (sc->vec[i].start >= sc->vec[i].end ||
		    (i && sc->vec[i].start < sc->vec[i - 1].end))
			return -EIO;
	return 0;
}

int scanner_next(struct scanner *sc, struct scan_region *ret)
{
	while (sc->i == sc->n) {
		int err;

		if (sc->next >= sc->end)
			return 0;
		err = scanner_fill(sc);
		if (err)
			return err;
	}
	*ret = sc->vec[sc->i++];
	return 1;
}

ssize_t pagemap_pread(int fd, u64 page, size_t n, u64 *entries)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = pread(fd, (char *)entries + have * 8, (n - have) * 8,
				    (off_t)((page + have) * 8));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got < 8)
			break;
		have += (size_t)got / 8;
	}
	return (ssize_t)have;
}

int pagemap_open(struct piddir *d, struct space *s, int *ret)
{
	/* Whoever opens it with CAP_SYS_ADMIN sees PFNs; without it the rest. */
	int err = piddir_openat(d, "pagemap", ROOT_CAP_ADMIN, ret);

	if (err == -ENOENT)
		space_note(s, NOTE_ABSENT, "pagemap", ENOENT, NULL, "pages");
	else if (err)
		space_note(s, NOTE_CLOSED, "pagemap", -err,
			   err == -EACCES || err == -EPERM ? piddir_cap(d, "pagemap") : NULL,
			   "pages");
	return err;
}

bool pagemap_alive(int fd, const struct space *s)
{
	u64 entry;

	return !s->nvmas || vma_beyond_user(s, &s->vmas[0]) ||
	       pagemap_pread(fd, s->vmas[0].first / s->host.page_size, 1, &entry) == 1;
}

bool vma_beyond_user(const struct space *s, const struct vma *v)
{
	if (v->last >> 63)
		return true;
	return s->host.bits == 32 && !strcmp(strtab_get(&s->names, v->name), "[vectors]");
}

/* ------------------------------------------------------------------ by the ioctl */

static enum page_state state_of_categories(u64 categories, u64 asked)
{
	if (!(categories & SCAN_PRESENT))
		return categories & SCAN_GUARD ? PS_GUARD : PS_SWAPPED;
	if (categories & SCAN_PFNZERO)
		return PS_ZERO;
	if (!(asked & SCAN_FILE))
		return PS_PRESENT;
	return categories & SCAN_FILE ? PS_FILE : PS_ANON;
}

/* Entries in address order, equal neighbours at once. */
static void tally_entries(struct tally *t, u64 addr, const u64 *entries, size_t n)
{
	size_t first = 0;
	enum page_state st = PS_ABSENT;

	for (size_t i = 0; i <= n; i++) {
		enum page_state now = PS_ABSENT;

		if (i < n && entries[i] & PM_PRESENT)
			now = entries[i] & PM_FILE ? PS_FILE : PS_ANON;
		else if (i < n)
			now = page_state_of(t->s, NULL, entries[i], false, 0);
		if (i < n && now == st)
			continue;
		if (st != PS_ABSENT)
			tally_add(t, addr + (u64)first * t->s->host.page_size, i - first, st,
				  false);
		first = i;
		st = now;
	}
}

/* A kernel without the GUARD category (before 6.16) calls guards swapped; pagemap knows more. */
static int tally_swapped(struct tally *t, int fd, const struct scan_region *reg)
{
	u32 page_size = t->s->host.page_size;
	u64 entries[512];
	u64 page = reg->start / page_size, end = reg->end / page_size;

	while (page < end) {
		ssize_t n = pagemap_pread(fd, page, MIN(end - page, ARRAY_SIZE(entries)), entries);

		if (n <= 0)
			return (int)n;
		tally_entries(t, page * page_size, entries, (size_t)n);
		page += (u64)n;
	}
	return 0;
}

int scan_tally(struct tally *t, const struct scanner *sc, const struct scan_region *reg)
{
	enum page_state st = state_of_categories(reg->categories, sc->want);

	if (st == PS_SWAPPED && t->no_guard)
		return tally_swapped(t, sc->fd, reg);
	tally_add(t, reg->start, (reg->end - reg->start) / t->s->host.page_size, st,
		  reg->categories & SCAN_HUGE && reg->categories & SCAN_PRESENT);
	return 0;
}

/* [start, end), asking for FILE or not; *found are the pages of it and of what came before. */
static int scan_part(struct tally *t, struct scanner *sc, const struct root *root, u64 start,
		     u64 end, bool file, u64 *found)
{
	u64 plain = sc->want;
	struct scan_region reg;
	int more;

	sc->want |= file ? SCAN_FILE : 0;
	scanner_range(sc, start, end);
	while ((more = scanner_next(sc, &reg)) > 0) {
		/* Once a call of the ioctl. */
		if (sc->i == 1 && root_step(root, *found)) {
			more = -ECANCELED;
			break;
		}
		*found += (reg.end - reg.start) / t->s->host.page_size;
		more = scan_tally(t, sc, &reg);
		if (more)
			break;
	}
	sc->want = plain;
	return more;
}

/* FILE makes the kernel look at every page: it is asked where nothing else tells. */
static int scan_all(struct tally *t, struct scanner *sc, const struct root *root, u64 start,
		    u64 end)
{
	const struct space *s = t->s;
	u64 found = 0;
	int err = 0;

	for (size_t i = 0; i < s->nvmas && s->vmas[i].last < end && !err; i++) {
		const struct vma *v = &s->vmas[i];

		if (!vma_is_mixed(s, v))
			continue;
		if (start < v->first)
			err = scan_part(t, sc, root, start, v->first, false, &found);
		if (!err)
			err = scan_part(t, sc, root, v->first, v->last + 1, true, &found);
		start = v->last + 1;
	}
	return err || start >= end ? err : scan_part(t, sc, root, start, end, false, &found);
}

/* From the first mapping of the user half to the last. False: there is none. */
static bool user_span(const struct space *s, u64 *start, u64 *end)
{
	size_t n = s->nvmas;

	while (n && vma_beyond_user(s, &s->vmas[n - 1]))
		n--;
	if (!n)
		return false;
	*start = s->vmas[0].first;
	*end = s->vmas[n - 1].last + 1;
	return true;
}

/* ------------------------------------------------------------------ by reading pagemap */

/* KiB of what smaps says is in the mapping: true when it says, and then in *kib. */
static bool smaps_says(const struct space *s, const struct vma *v, u64 *kib)
{
	static const u8 fields[] = { SMAPS_RSS, SMAPS_SWAP, SMAPS_SHARED_HUGETLB,
				     SMAPS_PRIVATE_HUGETLB };
	struct smaps_values m;

	*kib = 0;
	if (!(v->have & VMA_HAVE_SMAPS))
		return false;
	space_smaps(s, v, &m);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (m.have & UINT64_C(1) << fields[i])
			*kib += m.v[fields[i]];
	return m.have & UINT64_C(1) << SMAPS_RSS;
}

enum read_plan { READ_ALL, READ_NOTHING, READ_TOO_LARGE };

static enum read_plan plan_read(const struct space *s, const struct vma *v)
{
	u64 pages = range_size(vma_range(v)) / s->host.page_size;
	u64 kib;

	/* Not worth thinking about. */
	if (pages <= 1024)
		return READ_ALL;
	/* Rss knows nothing of zero pages, but a reservation has none of those either. */
	if (!(v->perms & (PERM_R | PERM_W | PERM_X)) && smaps_says(s, v, &kib) && !kib)
		return READ_NOTHING;
	return pages > READ_PAGES_MAX ? READ_TOO_LARGE : READ_ALL;
}

/* Pages mapped by large entries: pagemap cannot tell, smaps can. */
static void huge_from_smaps(const struct space *s, struct vma *v)
{
	static const u8 fields[] = { SMAPS_ANON_HUGE, SMAPS_SHMEM_PMD, SMAPS_FILE_PMD,
				     SMAPS_SHARED_HUGETLB, SMAPS_PRIVATE_HUGETLB };
	struct smaps_values m;
	u64 kib = 0;

	if (!(v->have & VMA_HAVE_SMAPS))
		return;
	space_smaps(s, v, &m);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (m.have & UINT64_C(1) << fields[i])
			kib += m.v[fields[i]];
	v->pages.huge = MIN(kib * 1024 / s->host.page_size, v->pages.present);
}

/* Pages [page, end), which may cover several mappings and the holes between them. */
static int read_pages(struct tally *t, int fd, u64 *buf, u64 page, u64 end, const struct root *root)
{
	while (page < end) {
		ssize_t n = pagemap_pread(fd, page, MIN(end - page, IO_ENTRIES), buf);

		/* How many of them are there is not counted. */
		if (n > 0 && root_step(root, 0))
			return -ECANCELED;
		if (n <= 0)
			return (int)n;
		tally_entries(t, page * t->s->host.page_size, buf, (size_t)n);
		page += (u64)n;
	}
	return 0;
}

/* Joins mappings that are worth one read; returns the index after the last of them. */
static size_t join_reads(const struct space *s, size_t i, u64 *end)
{
	u64 hole = (u64)HOLE_MAX * s->host.page_size;

	*end = s->vmas[i].last + 1;
	for (i++; i < s->nvmas; i++) {
		const struct vma *v = &s->vmas[i];

		if (vma_beyond_user(s, v) || v->first - *end > hole || plan_read(s, v) != READ_ALL)
			break;
		*end = v->last + 1;
	}
	return i;
}

static int scan_by_reading(struct tally *t, int fd, const struct root *root)
{
	struct space *s = t->s;
	u64 *buf = xmalloc(IO_ENTRIES * sizeof(*buf));
	size_t next, nlarge = 0;
	int err = 0;
	u64 end;

	for (size_t i = 0; i < s->nvmas && !err; i = next) {
		next = i + 1;
		if (vma_beyond_user(s, &s->vmas[i]) || plan_read(s, &s->vmas[i]) != READ_ALL)
			continue;
		next = join_reads(s, i, &end);
		err = read_pages(t, fd, buf, s->vmas[i].first / s->host.page_size,
				 end / s->host.page_size, root);
	}
	free(buf);
	tally_end(t);
	for (size_t i = 0; i < s->nvmas; i++) {
		struct vma *v = &s->vmas[i];

		if (!(v->have & VMA_HAVE_PAGES))
			continue;
		huge_from_smaps(s, v);
		if (plan_read(s, v) == READ_TOO_LARGE) {
			v->have &= (u8)~VMA_HAVE_PAGES;
			v->slices = NO_INDEX;
			v->nslices = 0;
			nlarge++;
		}
	}
	space_note(s, NOTE_ABSENT, "PAGEMAP_SCAN", ENOTTY, NULL,
		   "needs Linux 6.7: zero pages and huge mappings are not told apart");
	if (nlarge)
		space_note(s, NOTE_LIMIT, "pagemap", 0, NULL,
			   "%zu mappings too large to read without PAGEMAP_SCAN", nlarge);
	return err;
}

/* ------------------------------------------------------------------ */

static void forget_pages(struct space *s)
{
	buf_clear(&s->slices);
	for (size_t i = 0; i < s->nvmas; i++) {
		s->vmas[i].have &= (u8)~VMA_HAVE_PAGES;
		s->vmas[i].slices = NO_INDEX;
		s->vmas[i].nslices = 0;
	}
}

/* With `states` (which may be NULL) those, too: *told when they came of the same scan. */
static int scan_live(struct space *s, int fd, const struct root *root, struct page_states *states,
		     bool *told)
{
	struct scanner *sc = xmalloc(sizeof(*sc));
	struct tally t;
	u64 start, end;
	int err;

	err = scanner_init(sc, fd);
	tally_begin(&t, s, err || !(sc->want & SCAN_GUARD));
	if (!user_span(s, &start, &end)) {
		err = 0;
		tally_end(&t);
	} else if (err == -ENOTTY || err == -EINVAL) {
		err = scan_by_reading(&t, fd, root);
	} else if (!err && states) {
		err = states_scan(sc, &t, root, states);
		*told = !err;
		tally_end(&t);
	} else if (!err) {
		err = scan_all(&t, sc, root, start, end);
		tally_end(&t);
	}
	free(sc);
	return !err && !pagemap_alive(fd, s) ? -ESRCH : err;
}

/* Of states that the scan did not tell; cancelled, there are none. */
static bool step(void *root)
{
	return root_step(root, 0);
}

int scan_read_states(struct piddir *d, struct space *s, struct page_states *states)
{
	u64 begun = live_usec();
	bool told = false;
	int fd, err;

	s->have_scan = false;
	if (!root_is_live(piddir_root(d))) {
		err = pagetxt_scan(d, s);
	} else {
		err = pagemap_open(d, s, &fd);
		if (err)
			return err;
		err = scan_live(s, fd, piddir_root(d), states, &told);
		close(fd);
		if (err == -ESRCH)
			space_note(s, NOTE_EXITED, "pagemap", ESRCH, NULL, NULL);
		else if (err && err != -ECANCELED)
			space_note(s, NOTE_CLOSED, "pagemap", -err, NULL, "pages");
	}
	if (err) {
		forget_pages(s);
		return err;
	}
	s->have_scan = true;
	s->scan_usec = live_usec() - begun;
	if (!states)
		return 0;
	states->have = told || !states_read(d, s, RANGE_ALL, states, step, piddir_root(d));
	return 0;
}

int scan_read(struct piddir *d, struct space *s)
{
	return scan_read_states(d, s, NULL);
}
