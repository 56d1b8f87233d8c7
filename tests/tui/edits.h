/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Edits: how a made target (world.h) differs from what it was made of. Each is a line of text:
 *
 *   map START-END PERMS [NAME]            another mapping; \xHH in names is a byte
 *   file START-END PERMS OFFSET INODE NAME
 *   unmap ADDR | move ADDR START-END | perms ADDR PERMS
 *   smaps ADDR rss=N pss=N anon=N dirty=N swap=N ...   KiB
 *   pages ADDR N STATE [pfn=HEX] [flags=HEX] [count=N] [cgroup=N]     of the demo alone: the
 *                                         pages of a tree are those that were recorded
 *                                         STATE: absent anon copied file dirty shared zero huge
 *                                         swapped guard other
 *   frames ADDR N STATE [pfn=HEX] [flags=HEX]
 *                                         behind the kernel half: none free anon file shmem hugetlb
 *                                         slab pgtable kernel reserved offline poison
 *   zone FIRST LAST NODE NAME             PFNs, hex
 *   cgroup INODE PATH | swaparea PATH KIB
 *   refuse WORDS                          why no page's bytes are shown
 *   pte WORDS | symbol NAME               of whatever page is looked at
 *   comm NAME
 *   vitals rss=N size=N minflt=N majflt=N bytes and numbers, from the next reading on
 *   state ended|denied|kthread
 *   no-smaps | no-scan | smaps-age SECONDS
 *   kernel-cut                            reading the kernel's inside was broken off
 *   no-list ERRNO                         why the processes could not be listed
 *   task PID USER [rss=N] [pss=N] [maps=N] [threads=N] [err=N] [kthread=1] : NAME
 */
#ifndef TEST_EDITS_H
#define TEST_EDITS_H

#include <errno.h>
#include <stdio.h>

#include "made_pages.h"
#include "proc/pages.h"
#include "source.h"
#include "unit/demo_space.h"

struct world {
	struct options o;
	struct source *src; /**< NULL: not a tree */
	pid_t pid;
	bool demo, kaslr;
	char **edits;
	size_t nedits, cap_edits;
	u64 seq;
	struct vitals vitals; /**< of the last reading */
};

/** One reading in the making. */
struct reading {
	struct world *w;
	struct snapshot *s;
	struct made_pages pages;
	bool regroup;
	const char *error;   /**< static: what is wrong with the edit */
	const char *refused; /**< why no bytes */
	u64 smaps_age;
};

/* --- words of an edit ------------------------------------------------------------------------- */

static inline void skip(const char **p)
{
	skip_blanks(p, *p + strlen(*p));
}

static inline u64 take_hex(struct reading *r, const char **p)
{
	u64 v = 0;

	skip(p);
	if (!parse_hex(p, *p + strlen(*p), &v))
		r->error = "a hex number is missing";
	return v;
}

static inline u64 take_dec(struct reading *r, const char **p)
{
	u64 v = 0;

	skip(p);
	if (!parse_dec(p, *p + strlen(*p), &v))
		r->error = "a number is missing";
	return v;
}

static inline struct range take_range(struct reading *r, const char **p)
{
	u64 start = take_hex(r, p), end = 1;

	if (**p == '-') {
		++*p;
		end = take_hex(r, p);
	}
	if (end <= start)
		r->error = "a range is missing";
	return range_of(start, end);
}

/** The next word, in a buffer that the next call overwrites; "" at the end. */
static inline const char *take_word(const char **p)
{
	static char word[64];
	size_t n;

	skip(p);
	n = strcspn(*p, " \t");
	snprintf(word, sizeof(word), "%.*s", (int)MIN(n, sizeof(word) - 1), *p);
	*p += n;
	return word;
}

/** The rest of the line with \xHH undone, as an id in a table. */
static inline u32 take_name(struct strtab *names, const char **p)
{
	struct buf b = { 0 };
	u32 id;

	skip(p);
	while (**p) {
		if (!strncmp(*p, "\\x", 2) && strlen(*p) >= 4) {
			char hex[3] = { (*p)[2], (*p)[3], 0 };

			buf_addch(&b, (char)strtoul(hex, NULL, 16));
			*p += 4;
		} else {
			buf_addch(&b, *(*p)++);
		}
	}
	id = b.len ? strtab_add(names, b.p, b.len) : 0;
	buf_release(&b);
	return id;
}

/** "key=N": the number, if the next word has that key. */
static inline bool take_key(const char **p, const char *key, int base, u64 *ret)
{
	size_t n = strlen(key);
	char *end;

	skip(p);
	if (strncmp(*p, key, n) || (*p)[n] != '=')
		return false;
	*ret = strtoull(*p + n + 1, &end, base);
	*p = end;
	return true;
}

/* --- edits of mappings ------------------------------------------------------------------------ */

static inline struct vma *vma_at(struct reading *r, const char **p)
{
	u32 i = space_find_vma(&r->s->space, take_hex(r, p));

	if (i == NO_INDEX)
		r->error = "no mapping has that address";
	r->regroup = true;
	return i == NO_INDEX ? NULL : &r->s->space.vmas[i];
}

static inline struct vma *new_vma(struct reading *r, const char **p)
{
	struct range range = take_range(r, p);
	struct space *s = &r->s->space;
	size_t at = space_lower_vma(s, range.first);
	struct vma v;

	if (r->error || (at < s->nvmas && s->vmas[at].first <= range.last)) {
		r->error = r->error ? r->error : "something is mapped there";
		return NULL;
	}
	space_add_vma(s);
	v = s->vmas[s->nvmas - 1];
	memmove(&s->vmas[at + 1], &s->vmas[at], (s->nvmas - 1 - at) * sizeof(v));
	v.first = range.first;
	v.last = range.last;
	v.perms = perms_of(take_word(p));
	s->vmas[at] = v;
	r->regroup = true;
	return &s->vmas[at];
}

static inline void edit_map(struct reading *r, const char *p)
{
	struct vma *v = new_vma(r, &p);

	if (v)
		v->name = take_name(&r->s->space.names, &p);
}

static inline void edit_file(struct reading *r, const char *p)
{
	struct vma *v = new_vma(r, &p);

	if (!v)
		return;
	v->offset = take_hex(r, &p);
	v->inode = take_dec(r, &p);
	v->major = 8;
	v->minor = 1;
	v->name = take_name(&r->s->space.names, &p);
}

static inline void edit_unmap(struct reading *r, const char *p)
{
	struct vma *v = vma_at(r, &p);
	struct space *s = &r->s->space;
	size_t i;

	if (!v)
		return;
	i = (size_t)(v - s->vmas);
	made_drop(&r->pages, v->first, range_size(vma_range(v)) / s->host.page_size);
	memmove(v, v + 1, (s->nvmas - i - 1) * sizeof(*v));
	s->nvmas--;
}

static inline void edit_move(struct reading *r, const char *p)
{
	struct vma *v = vma_at(r, &p);
	struct range range = take_range(r, &p);

	if (v && !r->error) {
		v->first = range.first;
		v->last = range.last;
	}
}

static inline void edit_perms(struct reading *r, const char *p)
{
	struct vma *v = vma_at(r, &p);

	if (v)
		v->perms = perms_of(take_word(&p));
}

static inline void edit_smaps(struct reading *r, const char *p)
{
	struct vma *v = vma_at(r, &p);
	u64 rss = 0, pss = 0, anon = 0, dirty = 0, swap = 0, shared = 0, ref = 0;
	u64 values[ARRAY_SIZE(demo_fields)];

	while (take_key(&p, "rss", 10, &rss) || take_key(&p, "pss", 10, &pss) ||
	       take_key(&p, "anon", 10, &anon) || take_key(&p, "dirty", 10, &dirty) ||
	       take_key(&p, "swap", 10, &swap) || take_key(&p, "shared", 10, &shared) ||
	       take_key(&p, "ref", 10, &ref))
		;
	if (*p)
		r->error = "no figure of that name";
	if (!v)
		return;
	/* In the order of demo_fields. */
	memcpy(values,
	       (u64[]){ rss, pss, shared, 0, rss - MIN(rss, dirty + shared), dirty, ref, anon, 0,
			swap, 0 },
	       sizeof(values));
	set_smaps(&r->s->space, v, demo_fields, values, ARRAY_SIZE(values));
}

/* --- edits of pages --------------------------------------------------------------------------- */

#define F(bit) (UINT64_C(1) << (bit))

/** What a page of each state looks like when nothing else is said. */
static inline struct made_run run_of_state(u64 addr, u64 n, enum page_state st, u32 page_size)
{
	u64 pfn = 0x100000 + (addr / page_size & 0xfffff);
	u64 lru = F(KPF_UPTODATE) | F(KPF_LRU) | F(KPF_MMAP);
	struct made_run r = { .addr = addr, .n = n, .state = (u8)st, .count = 1 };

	switch (st) {
	case PS_ANON:
		r.pm = PM_PRESENT | PM_EXCLUSIVE | pfn;
		r.flags = lru | F(KPF_ANON) | F(KPF_SWAPBACKED) | F(KPF_ACTIVE);
		break;
	case PS_HUGE:
		r.pm = PM_PRESENT | PM_EXCLUSIVE | pfn;
		r.flags = lru | F(KPF_ANON) | F(KPF_SWAPBACKED) | F(KPF_THP) | F(KPF_COMPOUND_TAIL);
		break;
	case PS_FILE:
	case PS_FILE_DIRTY:
		r.pm = PM_PRESENT | PM_FILE | pfn;
		r.flags = lru | F(KPF_REFERENCED) | (st == PS_FILE_DIRTY ? F(KPF_DIRTY) : 0);
		r.count = 3;
		break;
	case PS_SHARED:
		r.pm = PM_PRESENT | PM_FILE | pfn;
		r.flags = lru | F(KPF_SWAPBACKED);
		r.count = 2;
		break;
	case PS_ZERO:
		r.pm = PM_PRESENT | 0x1234;
		r.flags = F(KPF_ZERO_PAGE);
		break;
	case PS_PRESENT:
		r.pm = PM_PRESENT | pfn;
		r.flags = lru;
		break;
	case PS_SWAPPED:
		r.pm = PM_SWAPPED | (pfn & 0xffff) << 5;
		break;
	case PS_GUARD:
		r.pm = PM_SWAPPED | PM_GUARD;
		break;
	default:
		r.pm = PM_SWAPPED;
		break;
	}
	return r;
}

static inline void edit_pages(struct reading *r, const char *p)
{
	static const char *const states[] = { "absent",	 "anon",  "file", "dirty",
					      "shared",	 "zero",  "huge", "present",
					      "swapped", "guard", "other" };
	u64 addr = take_hex(r, &p), n = take_dec(r, &p), v = 0;
	const char *word = take_word(&p);
	enum page_state st = PS_ABSENT;
	struct made_run run;
	bool copied = !strcmp(word, "copied");
	size_t i = 0;

	while (i < ARRAY_SIZE(states) && strcmp(states[i], word))
		i++;
	if (!copied && i == ARRAY_SIZE(states))
		r->error = "no state of a page";
	if (r->error || addr % r->pages.page_size || !n)
		return;
	st = copied ? PS_ANON : (enum page_state)i;
	run = run_of_state(addr, n, st, r->pages.page_size);
	run.copied = copied;
	for (;;) {
		if (take_key(&p, "pfn", 16, &v))
			run.pm = (run.pm & ~(F(55) - 1)) | v;
		else if (take_key(&p, "flags", 16, &v))
			run.flags = v;
		else if (take_key(&p, "count", 10, &v))
			run.count = (u32)v;
		else if (take_key(&p, "cgroup", 10, &v))
			run.cgroup = v;
		else
			break;
	}
	if (*p)
		r->error = "no such word of a page";
	made_set(&r->pages, run);
	for (size_t k = space_lower_vma(&r->s->space, addr);
	     k < r->s->space.nvmas && r->s->space.vmas[k].first < addr + n * r->pages.page_size;
	     k++)
		made_count(&r->pages, &r->s->space.vmas[k]);
}

/** Frames behind a range of the kernel half: as run_of_state(), but for their states. */
static inline void edit_frames(struct reading *r, const char *p)
{
	static const char *const states[] = { "none",	"free",	    "anon",    "file",
					      "shmem",	"hugetlb",  "slab",    "pgtable",
					      "kernel", "reserved", "offline", "poison" };
	u64 addr = take_hex(r, &p), n = take_dec(r, &p), v = 0;
	const char *word = take_word(&p);
	struct made_run run;
	size_t i = 0;

	while (i < ARRAY_SIZE(states) && strcmp(states[i], word))
		i++;
	if (i == ARRAY_SIZE(states))
		r->error = "no state of a frame";
	if (r->error || addr % r->pages.page_size || !n)
		return;
	run = run_of_state(addr, n, PS_PRESENT, r->pages.page_size);
	run.state = (u8)i;
	run.count = 0;
	run.flags = 0;
	while (take_key(&p, "pfn", 16, &v) || take_key(&p, "flags", 16, &run.flags))
		run.pm = v ? PM_PRESENT | v : run.pm;
	if (*p)
		r->error = "no such word of a frame";
	made_set(&r->pages, run);
}

static inline void edit_zone(struct reading *r, const char *p)
{
	struct places *pl = &r->s->places;
	struct zone z = { 0 };

	z.first_pfn = take_hex(r, &p);
	z.last_pfn = take_hex(r, &p);
	z.node = (u32)take_dec(r, &p);
	snprintf(z.name, sizeof(z.name), "%.11s", take_word(&p));
	pl->zones = xreallocarray(pl->zones, pl->nzones + 1, sizeof(z));
	pl->zones[pl->nzones++] = z;
}

static inline void edit_cgroup(struct reading *r, const char *p)
{
	struct places *pl = &r->s->places;
	struct memcg m = { .inode = take_dec(r, &p) };

	m.path = xstrdup(take_word(&p));
	pl->memcgs = xreallocarray(pl->memcgs, pl->nmemcgs + 1, sizeof(m));
	pl->memcgs[pl->nmemcgs++] = m;
}

static inline void edit_swaparea(struct reading *r, const char *p)
{
	struct places *pl = &r->s->places;
	struct swap_area a = { .path = xstrdup(take_word(&p)) };

	a.size_kib = take_dec(r, &p);
	pl->swaps = xreallocarray(pl->swaps, pl->nswaps + 1, sizeof(a));
	pl->swaps[pl->nswaps++] = a;
}

/* --- edits of the rest ------------------------------------------------------------------------ */

static inline void edit_refuse(struct reading *r, const char *p)
{
	skip(&p);
	r->refused = p; /* The text of the edit lives as long as the world. */
}

static inline void edit_pte(struct reading *r, const char *p)
{
	skip(&p);
	free(r->s->page.pte);
	r->s->page.pte = xstrdup(p);
}

static inline void edit_symbol(struct reading *r, const char *p)
{
	skip(&p);
	free(r->s->page.symbol);
	r->s->page.symbol = xstrdup(p);
}

static inline void edit_comm(struct reading *r, const char *p)
{
	r->s->space.proc.comm = take_name(&r->s->space.names, &p);
}

static inline void edit_vitals(struct reading *r, const char *p)
{
	struct vitals *v = &r->s->vitals;
	u64 n;

	for (;;) {
		if (take_key(&p, "rss", 10, &n))
			v->rss = FIG(n);
		else if (take_key(&p, "size", 10, &n))
			v->size = FIG(n);
		else if (take_key(&p, "minflt", 10, &n))
			v->minflt = FIG(n);
		else if (take_key(&p, "majflt", 10, &n))
			v->majflt = FIG(n);
		else
			break;
	}
	if (*p)
		r->error = "no such counter";
}

static inline void edit_state(struct reading *r, const char *p)
{
	struct space *s = &r->s->space;
	const char *word = take_word(&p);

	if (!strcmp(word, "ended")) {
		r->s->state = SNAP_ENDED;
		return;
	}
	space_clear_vmas(s);
	r->pages.n = 0;
	r->s->have_smaps = false;
	r->s->vitals = (struct vitals){ .usec = r->s->vitals.usec };
	if (!strcmp(word, "kthread")) {
		s->no_user = USER_KTHREAD;
	} else if (!strcmp(word, "denied")) {
		r->s->state = SNAP_DENIED;
		s->no_user = USER_DENIED;
		s->user_err = EACCES;
		space_note(s, NOTE_CLOSED, "maps", EACCES, "CAP_SYS_PTRACE",
			   "the user half of this process");
	} else {
		r->error = "no such state";
	}
}

static inline void edit_no_smaps(struct reading *r, const char *p)
{
	(void)p;
	r->s->have_smaps = false;
	for (size_t i = 0; i < r->s->space.nvmas; i++)
		r->s->space.vmas[i].have &= (u8)~VMA_HAVE_SMAPS;
}

static inline void edit_no_scan(struct reading *r, const char *p)
{
	(void)p;
	r->s->space.have_scan = false;
	for (size_t i = 0; i < r->s->space.nvmas; i++)
		r->s->space.vmas[i].have &= (u8)~VMA_HAVE_PAGES;
}

static inline void edit_smaps_age(struct reading *r, const char *p)
{
	r->smaps_age = take_dec(r, &p) * 1000000;
}

static inline void edit_task(struct reading *r, const char *p)
{
	struct tasks *t = &r->s->tasks;
	struct task task = { 0 };
	const char *user;
	u64 n;

	task.pid = (pid_t)take_dec(r, &p);
	user = take_word(&p);
	task.user = strtab_add(&t->names, user, strlen(user));
	for (;;) {
		if (take_key(&p, "rss", 10, &n))
			task.rss = FIG(n);
		else if (take_key(&p, "pss", 10, &n))
			task.pss = FIG(n);
		else if (take_key(&p, "maps", 10, &n))
			task.mappings = FIG(n);
		else if (take_key(&p, "threads", 10, &n))
			task.threads = FIG(n);
		else if (take_key(&p, "err", 10, &n))
			task.err = (int)n;
		else if (take_key(&p, "kthread", 10, &n))
			task.kthread = n != 0;
		else
			break;
	}
	if (*p++ != ':') {
		r->error = "a colon and the name are missing";
		return;
	}
	task.name = take_name(&t->names, &p);
	GROW(t->v, t->n, t->cap);
	t->v[t->n++] = task;
}

static inline void edit_kernel_cut(struct reading *r, const char *p)
{
	(void)p;
	r->s->kernel_cut = true;
}

static inline void edit_no_list(struct reading *r, const char *p)
{
	u64 err = 0;

	skip(&p);
	if (!parse_dec(&p, p + strlen(p), &err))
		r->error = "an errno is missing";
	r->s->tasks.n = 0;
	r->s->tasks_err = (int)err;
}

static const struct world_edit {
	const char *word;
	void (*apply)(struct reading *r, const char *p);
} world_edits[] = {
	{ "map", edit_map },
	{ "file", edit_file },
	{ "unmap", edit_unmap },
	{ "move", edit_move },
	{ "perms", edit_perms },
	{ "smaps", edit_smaps },
	{ "pages", edit_pages },
	{ "zone", edit_zone },
	{ "cgroup", edit_cgroup },
	{ "swaparea", edit_swaparea },
	{ "refuse", edit_refuse },
	{ "pte", edit_pte },
	{ "symbol", edit_symbol },
	{ "comm", edit_comm },
	{ "vitals", edit_vitals },
	{ "state", edit_state },
	{ "no-smaps", edit_no_smaps },
	{ "no-scan", edit_no_scan },
	{ "task", edit_task },
	{ "smaps-age", edit_smaps_age },
	{ "frames", edit_frames },
	{ "no-list", edit_no_list },
	{ "kernel-cut", edit_kernel_cut },
};

static inline const struct world_edit *edit_of(const char *line, const char **rest)
{
	size_t n = strcspn(line, " \t");

	for (size_t i = 0; i < ARRAY_SIZE(world_edits); i++)
		if (strlen(world_edits[i].word) == n && !strncmp(line, world_edits[i].word, n)) {
			*rest = line + n;
			return &world_edits[i];
		}
	return NULL;
}

#endif
