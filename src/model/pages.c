/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a page is, and runs of equal pages. Counting is in pages_summary.c. */
#include <stdlib.h>
#include <string.h>
#include "pages.h"

/* include/uapi/linux/kernel-page-flags.h and include/linux/kernel-page-flags.h, 6.18. */
static const char *const kpf_names[64] = {
	[KPF_LOCKED] = "LOCKED",
	[KPF_ERROR] = "ERROR",
	[KPF_REFERENCED] = "REFERENCED",
	[KPF_UPTODATE] = "UPTODATE",
	[KPF_DIRTY] = "DIRTY",
	[KPF_LRU] = "LRU",
	[KPF_ACTIVE] = "ACTIVE",
	[KPF_SLAB] = "SLAB",
	[KPF_WRITEBACK] = "WRITEBACK",
	[KPF_RECLAIM] = "RECLAIM",
	[KPF_BUDDY] = "BUDDY",
	[KPF_MMAP] = "MMAP",
	[KPF_ANON] = "ANON",
	[KPF_SWAPCACHE] = "SWAPCACHE",
	[KPF_SWAPBACKED] = "SWAPBACKED",
	[KPF_COMPOUND_HEAD] = "COMPOUND_HEAD",
	[KPF_COMPOUND_TAIL] = "COMPOUND_TAIL",
	[KPF_HUGE] = "HUGE",
	[KPF_UNEVICTABLE] = "UNEVICTABLE",
	[KPF_HWPOISON] = "HWPOISON",
	[KPF_NOPAGE] = "NOPAGE",
	[KPF_KSM] = "KSM",
	[KPF_THP] = "THP",
	[KPF_OFFLINE] = "OFFLINE",
	[KPF_ZERO_PAGE] = "ZERO_PAGE",
	[KPF_IDLE] = "IDLE",
	[KPF_PGTABLE] = "PGTABLE",
	[KPF_RESERVED] = "RESERVED",
	[KPF_MLOCKED] = "MLOCKED",
	[KPF_OWNER_2] = "OWNER_2",
	[KPF_PRIVATE] = "PRIVATE",
	[KPF_PRIVATE_2] = "PRIVATE_2",
	[KPF_OWNER_PRIVATE] = "OWNER_PRIVATE",
	[KPF_ARCH] = "ARCH",
	[KPF_UNCACHED] = "UNCACHED",
	[KPF_SOFTDIRTY] = "SOFTDIRTY",
	[KPF_ARCH_2] = "ARCH_2",
	[KPF_ARCH_3] = "ARCH_3",
};

/* The last swap type: a PTE marker (include/linux/swap.h since 5.19). */
#define SWAP_TYPE_MARKER 31
/* PTE_MARKER_GUARD of include/linux/swapops.h (6.13), in the marker's offset. */
#define MARKER_GUARD 4
/*
 * Types from here on are never a swap area but migration, poison or device entries where the
 * kernel has all of those: MAX_SWAPFILES of include/linux/swap.h at its smallest (7.0).
 */
#define SWAP_TYPE_SPECIAL 21

const char *kpf_name(unsigned bit)
{
	return bit < ARRAY_SIZE(kpf_names) ? kpf_names[bit] : NULL;
}

const char *kpf_words(unsigned bit)
{
	/*
	 * Documentation/admin-guide/mm/pagemap.rst, and fs/proc/page.c for what it leaves out.
	 * OWNER_2 is PG_anon_exclusive or PG_mappedtodisk (include/linux/page-flags.h, 6.13).
	 */
	static const char *const words[64] = {
		[KPF_LOCKED] = "locked, for I/O say",
		[KPF_ERROR] = "an I/O error happened",
		[KPF_REFERENCED] = "used since the LRU lists were last scanned",
		[KPF_UPTODATE] = "its contents are valid",
		[KPF_DIRTY] = "newer than what is on the disk",
		[KPF_LRU] = "on an LRU list",
		[KPF_ACTIVE] = "on the active one",
		[KPF_SLAB] = "of the slab allocator",
		[KPF_WRITEBACK] = "being written to the disk",
		[KPF_RECLAIM] = "to be reclaimed as soon as it is written",
		[KPF_BUDDY] = "free, in the buddy allocator",
		[KPF_MMAP] = "mapped by a process",
		[KPF_ANON] = "anonymous, mapped",
		[KPF_SWAPCACHE] = "it has an entry in swap",
		[KPF_SWAPBACKED] = "goes to swap, not to a file",
		[KPF_COMPOUND_HEAD] = "first of a block of pages",
		[KPF_COMPOUND_TAIL] = "inside a block of pages",
		[KPF_HUGE] = "of a hugetlb page",
		[KPF_UNEVICTABLE] = "may not be reclaimed",
		[KPF_HWPOISON] = "hardware error: never used again",
		[KPF_NOPAGE] = "no page frame is there",
		[KPF_KSM] = "merged with equal pages",
		[KPF_THP] = "of a transparent huge page",
		[KPF_OFFLINE] = "offline, given away by a balloon say",
		[KPF_ZERO_PAGE] = "the shared page of zeros",
		[KPF_IDLE] = "not used since it was marked idle",
		[KPF_PGTABLE] = "a page table",
		[KPF_RESERVED] = "kept from the allocator",
		[KPF_MLOCKED] = "locked in memory by mlock()",
		[KPF_OWNER_2] = "anonymous: of one process alone; file: has its place on the disk",
		[KPF_PRIVATE] = "it carries data of a file system",
		[KPF_PRIVATE_2] = "likewise, a second bit",
		[KPF_OWNER_PRIVATE] = "its owner's bit",
		[KPF_ARCH] = "a bit of the architecture",
		[KPF_UNCACHED] = "mapped uncached",
		[KPF_SOFTDIRTY] = "soft-dirty",
		[KPF_ARCH_2] = "a bit of the architecture",
		[KPF_ARCH_3] = "a bit of the architecture",
	};

	return bit < ARRAY_SIZE(words) ? words[bit] : NULL;
}

/* ------------------------------------------------------------------ flag sets */

void flag_sets_init(struct flag_sets *f)
{
	*f = (struct flag_sets){ 0 };
}

void flag_sets_release(struct flag_sets *f)
{
	free(f->words);
	free(f->slots);
	flag_sets_init(f);
}

static size_t flag_sets_slot(const struct flag_sets *f, u64 word)
{
	size_t i = (size_t)((word * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (f->nslots - 1);

	while (f->slots[i] && f->words[f->slots[i] - 1] != word)
		i = (i + 1) & (f->nslots - 1);
	return i;
}

static void flag_sets_grow(struct flag_sets *f)
{
	free(f->slots);
	f->nslots = f->nslots ? f->nslots * 2 : 64;
	f->slots = xcalloc(f->nslots, sizeof(*f->slots));
	for (size_t id = 0; id < f->n; id++)
		f->slots[flag_sets_slot(f, f->words[id])] = (u32)id + 1;
}

u32 flag_sets_add(struct flag_sets *f, u64 word)
{
	size_t i;

	if ((f->n + 1) * 2 > f->nslots)
		flag_sets_grow(f);
	i = flag_sets_slot(f, word);
	if (!f->slots[i]) {
		GROW(f->words, f->n, f->cap);
		f->words[f->n++] = word;
		f->slots[i] = (u32)f->n;
	}
	return f->slots[i] - 1;
}

/* ------------------------------------------------------------------ states */

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

/* Shared memory by the names mm/shmem.c, mm/memfd.c, ipc/shm.c and hugetlbfs give it. */
static bool vma_is_shm(const struct space *s, const struct vma *v)
{
	static const char *const names[] = {
		"/memfd:", "/dev/shm/", "/SYSV", "/dev/zero", "[anon_shmem:", "/anon_hugepage",
	};
	const char *name = strtab_get(&s->names, v->name);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (begins(name, names[i]))
			return true;
	return false;
}

/* Mapped by the kernel into every process ([vdso], [vvar], [uprobes]): neither file nor anonymous.
 */
static bool vma_is_kernels(const struct space *s, const struct vma *v)
{
	const char *name = strtab_get(&s->names, v->name);

	return name[0] == '[' && !begins(name, "[heap]") && !begins(name, "[stack") &&
	       !begins(name, "[anon");
}

/* Which side a page with PM_FILE is on. */
enum page_state vma_file_state(const struct space *s, const struct vma *v)
{
	if (vma_is_shm(s, v))
		return PS_SHARED;
	if (v->perms & PERM_SHARED && !v->inode)
		return PS_SHARED;
	return v->inode ? PS_FILE : PS_PRESENT;
}

/* How much of a mapping is there, and how much of that is anonymous. False: smaps does not say. */
static bool rss_and_anonymous(const struct space *s, const struct vma *v, u64 *rss, u64 *anon)
{
	const u64 both = UINT64_C(1) << SMAPS_RSS | UINT64_C(1) << SMAPS_ANONYMOUS;
	struct smaps_values m;

	if (!(v->have & VMA_HAVE_SMAPS))
		return false;
	space_smaps(s, v, &m);
	*rss = m.v[SMAPS_RSS];
	*anon = m.v[SMAPS_ANONYMOUS];
	return (m.have & both) == both;
}

bool vma_is_mixed(const struct space *s, const struct vma *v)
{
	u64 rss, anon;

	return v->inode && !(v->perms & PERM_SHARED) && rss_and_anonymous(s, v, &rss, &anon) &&
	       anon && anon < rss;
}

/* A private file mapping holds pages of the file and copies of them; smaps may say only one kind.
 */
static enum page_state private_file_state(const struct space *s, const struct vma *v)
{
	u64 rss, anon;

	if (!rss_and_anonymous(s, v, &rss, &anon) || !rss)
		return PS_PRESENT;
	if (!anon)
		return vma_file_state(s, v);
	return anon == rss ? PS_ANON : PS_PRESENT;
}

enum page_state vma_present_state(const struct space *s, const struct vma *v)
{
	const char *name = strtab_get(&s->names, v->name);

	if (!(v->perms & PERM_SHARED)) {
		if (v->inode)
			return private_file_state(s, v);
		return vma_is_kernels(s, v) ? PS_PRESENT : PS_ANON;
	}
	if (vma_is_shm(s, v))
		return PS_SHARED;
	/* Memory of a driver, not of a file. */
	if (!v->inode || begins(name, "/dev/") || begins(name, "anon_inode:"))
		return PS_PRESENT;
	return PS_FILE;
}

static enum page_state absent_state(u64 pm)
{
	if (pm & PM_GUARD)
		return PS_GUARD;
	/* Before 6.15 there is no bit for guards; their marker shows where PFNs do. */
	if (PM_SWAP_TYPE(pm) == SWAP_TYPE_MARKER && PM_SWAP_OFF(pm) & MARKER_GUARD)
		return PS_GUARD;
	/* Only an entry that stands for a frame (migration, poison, device) has these. */
	if (pm & (PM_FILE | PM_EXCLUSIVE) || PM_SWAP_TYPE(pm) >= SWAP_TYPE_SPECIAL)
		return PS_OTHER;
	return PS_SWAPPED;
}

/*
 * Without PM_FILE a page is anonymous, or the zero page, or a frame without a struct page that
 * a driver or the vdso maps. Only the flags, or being exclusive, tell.
 */
static enum page_state anon_state(u64 pm, bool have_flags, u64 flags)
{
	if (have_flags)
		return flags & UINT64_C(1) << KPF_ANON ? PS_ANON : PS_PRESENT;
	return pm & PM_EXCLUSIVE ? PS_ANON : PS_PRESENT;
}

enum page_state page_state_of(const struct space *s, const struct vma *v, u64 pm, bool have_flags,
			      u64 flags)
{
	const u64 dirty = UINT64_C(1) << KPF_DIRTY | UINT64_C(1) << KPF_WRITEBACK;
	enum page_state side;

	if (!PM_HERE(pm))
		return PS_ABSENT;
	if (!(pm & PM_PRESENT))
		return absent_state(pm);
	if (!have_flags)
		flags = 0;
	if (flags & UINT64_C(1) << KPF_ZERO_PAGE)
		return PS_ZERO;
	if (flags & UINT64_C(1) << KPF_HUGE)
		return PS_HUGE;
	if (!(pm & PM_FILE))
		return anon_state(pm, have_flags, flags);
	side = vma_file_state(s, v);
	return side == PS_FILE && flags & dirty ? PS_FILE_DIRTY : side;
}

enum page_state page_state_plain(const struct space *s, const struct vma *v, u64 pm)
{
	enum page_state st = page_state_of(s, v, pm, false, 0);

	if (st != PS_PRESENT)
		return st;
	if (page_copied(v, pm))
		return PS_ANON;
	return vma_present_state(s, v);
}

enum page_state page_run_state(const struct space *s, const struct page_run *run)
{
	enum page_state st;

	if (run->absent || run->vma >= s->nvmas)
		return PS_ABSENT;
	st = page_state_of(s, &s->vmas[run->vma], run->pm, run->have_flags, run->flags);
	return run->huge && run->pm & PM_PRESENT && st != PS_ZERO ? PS_HUGE : st;
}

bool page_copied(const struct vma *v, u64 pm)
{
	return pm & PM_PRESENT && !(pm & PM_FILE) && v->inode && !(v->perms & PERM_SHARED);
}

bool count_is_average(const struct space *s, u64 flags)
{
	u64 large = UINT64_C(1) << KPF_COMPOUND_HEAD | UINT64_C(1) << KPF_COMPOUND_TAIL;

	return s->host.average_counts && flags & large && !(flags >> KPF_HUGE & 1);
}

/* ------------------------------------------------------------------ runs */

u64 pm_after(u64 pm, u64 n)
{
	if (!PM_PFN(pm))
		return pm;
	if (pm & PM_PRESENT)
		return pm + n;
	return pm & PM_GUARD || PM_SWAP_TYPE(pm) == SWAP_TYPE_MARKER ? pm : pm + (n << 5);
}

static bool run_follows(const struct page_run *run, const struct page_run *next, u64 step)
{
	if (run->vma != next->vma || run->absent != next->absent ||
	    run->addr + run->n * step != next->addr)
		return false;
	if (run->absent)
		return true;
	return run->huge == next->huge && run->have_flags == next->have_flags &&
	       run->flags == next->flags && run->count == next->count &&
	       run->cgroup == next->cgroup &&
	       /* The address of a frame is its PFN. */
	       (run->vma == NO_INDEX || next->pm == pm_after(run->pm, run->n));
}

static int merger_add(struct run_merger *m, const struct page_run *next, u64 step)
{
	int err = 0;

	if (m->run.n && run_follows(&m->run, next, step)) {
		m->run.n += next->n;
		return 0;
	}
	if (m->run.n)
		err = m->emit(m->ctx, &m->run);
	m->run = *next;
	return err;
}

/* One record of a batch as a run of n pages. */
static struct page_run run_of(const struct page_batch *b, size_t i, u64 addr, u64 n)
{
	const struct page_rec *rec = &b->rec[i];
	struct page_run run = { .addr = addr, .n = n, .vma = b->vma, .count = COUNT_UNKNOWN };

	if (b->vma != NO_INDEX && !PM_HERE(rec->pm)) {
		run.absent = true;
		return run;
	}
	run.huge = b->huge;
	run.pm = rec->pm;
	run.have_flags = rec->flags != FLAGS_UNKNOWN;
	run.flags = run.have_flags ? b->sets->words[rec->flags] : 0;
	run.count = rec->count;
	run.cgroup = b->cgroup ? b->cgroup[i] : 0;
	return run;
}

int run_merger_feed(struct run_merger *m, const struct page_batch *b)
{
	u64 step = b->vma == NO_INDEX ? 1 : m->space->host.page_size;
	struct page_run next;
	int err = 0;

	if (!b->n)
		return 0;
	if (b->absent) {
		next = (struct page_run){ .addr = b->addr,
					  .n = b->n,
					  .vma = b->vma,
					  .absent = true,
					  .count = COUNT_UNKNOWN };
		return merger_add(m, &next, step);
	}
	if (b->unit) {
		next = run_of(b, 0, b->addr, 1);
		err = merger_add(m, &next, step);
		if (err || b->n == 1)
			return err;
		next = run_of(b, 1, b->addr + step, b->n - 1);
		return merger_add(m, &next, step);
	}
	for (size_t i = 0; i < b->n && !err; i++) {
		next = run_of(b, i, b->addr + i * step, 1);
		err = merger_add(m, &next, step);
	}
	return err;
}

int run_merger_end(struct run_merger *m)
{
	int err = m->run.n ? m->emit(m->ctx, &m->run) : 0;

	m->run.n = 0;
	return err;
}

/* ------------------------------------------------------------------ places */

void places_release(struct places *p)
{
	for (size_t i = 0; i < p->nswaps; i++)
		free(p->swaps[i].path);
	for (size_t i = 0; i < p->nmemcgs; i++)
		free(p->memcgs[i].path);
	free(p->zones);
	free(p->swaps);
	free(p->memcgs);
	*p = (struct places){ 0 };
}

const struct zone *places_zone(const struct places *p, u64 pfn)
{
	const struct zone *found = NULL;

	for (size_t i = 0; i < p->nzones; i++) {
		if (pfn < p->zones[i].first_pfn || pfn > p->zones[i].last_pfn)
			continue;
		/* Zones of interleaved nodes span one another. */
		if (found)
			return NULL;
		found = &p->zones[i];
	}
	return found;
}

const struct swap_area *places_swap(const struct places *p, u64 pm, u32 page_size)
{
	const struct swap_area *a;

	if (pm & PM_PRESENT || !(pm & PM_SWAPPED) || !PM_PFN(pm) || !p->nswaps ||
	    absent_state(pm) != PS_SWAPPED)
		return NULL;
	if (p->nswaps > 1 && PM_SWAP_TYPE(pm) >= p->nswaps)
		return NULL;
	a = &p->swaps[p->nswaps == 1 ? 0 : PM_SWAP_TYPE(pm)];
	/* Its first page is the header, which the size leaves out: the last offset is the size. */
	return PM_SWAP_OFF(pm) <= a->size_kib / MAX(page_size / 1024, 1) ? a : NULL;
}

const char *places_memcg(const struct places *p, u64 inode)
{
	size_t low = 0, high = p->nmemcgs;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (p->memcgs[mid].inode == inode)
			return p->memcgs[mid].path;
		if (p->memcgs[mid].inode < inode)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}
