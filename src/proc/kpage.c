/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kpageflags, kpagecount, kpagecgroup: 8 bytes a frame, by PFN. A pread costs as much as four
 * frames (255 to 290 ns against 64 to 75 ns), so the PFNs of a whole window of pages are asked
 * together: cut into runs of consecutive PFNs, a run is a key of 64 bits, keys are sorted by PFN
 * where that joins enough of them, and keys are read in one go over gaps of up to three frames
 * that nobody asked for. A page that pagemap calls exclusive has count 1 and is not asked.
 *
 * A frame may be freed and used anew between pagemap and here. Views see flags that contradict
 * the entry then; nothing here hides that.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pageio.h"

/* Unwanted frames cheaper to read than a second call: (255..290 ns) / (64..90 ns). */
#define BRIDGE 3
/* Sorting costs 9 to 17 ns a page, a run saved one or two calls: it pays from so few pages a run.
 */
#define SORT_RUN 32
/* Bits of PFN a key has room for: 52 bits of physical address in 4 KiB pages. */
#define KEY_PFN_BITS 40
#define KEY_LEN_MAX  64
#define RADIX_BITS   11

static const struct kpage_source {
	const char *path, *name;
	unsigned want;
} sources[KPAGE_NFILES] = {
	[KPAGE_FLAGS] = { "proc/kpageflags", "kpageflags", WALK_FLAGS },
	[KPAGE_COUNT] = { "proc/kpagecount", "kpagecount", WALK_COUNT },
	[KPAGE_CGROUP] = { "proc/kpagecgroup", "kpagecgroup", WALK_CGROUP },
};

void kpage_open(struct kpage_files *f, struct root *r, struct space *s, unsigned want)
{
	f->err = 0;
	for (size_t i = 0; i < KPAGE_NFILES; i++) {
		int err;

		f->fd[i] = -1;
		if (!(want & sources[i].want))
			continue;
		err = root_open(r, sources[i].path, ROOT_CAP_DAC, &f->fd[i]);
		if (!err)
			continue;
		f->fd[i] = -1;
		f->err = err;
		if (err == -ENOENT)
			space_note(s, NOTE_ABSENT, sources[i].name, ENOENT, NULL, NULL);
		else
			space_note(s, NOTE_CLOSED, sources[i].name, -err, "CAP_DAC_READ_SEARCH",
				   NULL);
	}
}

void kpage_close(struct kpage_files *f)
{
	for (size_t i = 0; i < KPAGE_NFILES; i++)
		if (f->fd[i] >= 0)
			close(f->fd[i]);
}

void kpage_init(struct kpage *k, const struct kpage_files *files, size_t window)
{
	*k = (struct kpage){ .files = files, .cap = window };
	k->keys = xmalloc(window * sizeof(*k->keys));
	k->spare = xmalloc(window * sizeof(*k->spare));
	k->buf = xmalloc(IO_ENTRIES * sizeof(*k->buf));
	flag_sets_init(&k->sets);
}

void kpage_release(struct kpage *k)
{
	free(k->keys);
	free(k->spare);
	free(k->buf);
	flag_sets_release(&k->sets);
}

/* Reads entries of a kpage file from `pfn` on; short at the end of RAM. */
static size_t kpage_pread(struct kpage *k, int fd, u64 pfn, size_t n, u64 *buf)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = pread(fd, (char *)buf + have * 8, (n - have) * 8,
				    (off_t)((pfn + have) * 8));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && !k->err)
			k->err = -errno;
		if (got < 8)
			break;
		have += (size_t)got / 8;
	}
	return have;
}

/* ------------------------------------------------------------------ keys */

static bool is_zero_page(const struct kpage *k, u64 pm)
{
	return k->zero_pfn && PM_PFN(pm) == k->zero_pfn;
}

/* Sets what is known of a record before any question; false when there is none to ask. */
static bool rec_begin(const struct kpage *k, struct page_rec *rec, u64 *cgroup, unsigned want)
{
	rec->flags = FLAGS_UNKNOWN;
	rec->count = COUNT_UNKNOWN;
	if (cgroup)
		*cgroup = 0;
	if (!(rec->pm & PM_PRESENT))
		return false;
	if (rec->pm & PM_EXCLUSIVE)
		rec->count = 1;
	if (is_zero_page(k, rec->pm)) {
		rec->flags = k->zero.flags;
		rec->count = want & WALK_COUNT ? k->zero.count : COUNT_UNKNOWN;
		if (cgroup)
			*cgroup = k->zero_cgroup;
		return false;
	}
	return PM_PFN(rec->pm) && !(PM_PFN(rec->pm) >> KEY_PFN_BITS);
}

size_t kpage_keys(struct kpage *k, struct page_rec *rec, u64 *cgroup, size_t n, unsigned want)
{
	u64 breaks = want & WALK_COUNT ? PM_EXCLUSIVE : 0;
	size_t start = 0, nruns = 0;
	u64 expect = 0, kind = 0;
	bool open = false;

	k->nkeys = 0;
	for (size_t i = 0; i <= n; i++) {
		bool ask = i < n && rec_begin(k, &rec[i], cgroup ? &cgroup[i] : NULL, want);
		bool follows =
			open && ask && PM_PFN(rec[i].pm) == expect && (rec[i].pm & breaks) == kind;

		if (open && (!follows || i - start == KEY_LEN_MAX)) {
			k->keys[k->nkeys++] = PM_PFN(rec[start].pm) << 24 |
					      (u64)(i - start - 1) << 18 |
					      (kind || !breaks ? 0 : UINT64_C(1) << 17) | start;
			open = false;
		}
		if (ask && !open) {
			nruns += !follows;
			start = i;
			kind = rec[i].pm & breaks;
			open = true;
		}
		if (ask)
			expect = PM_PFN(rec[i].pm) + 1;
	}
	return nruns;
}

/* One pass of a least-significant-digit radix sort over `bits` bits from `shift` on. */
static void radix_pass(const u64 *from, u64 *to, size_t n, unsigned shift, unsigned bits)
{
	size_t at[1 << RADIX_BITS] = { 0 }, sum = 0;
	u64 mask = (UINT64_C(1) << bits) - 1;

	for (size_t i = 0; i < n; i++)
		at[from[i] >> shift & mask]++;
	for (size_t d = 0; d <= mask; d++) {
		size_t count = at[d];

		at[d] = sum;
		sum += count;
	}
	for (size_t i = 0; i < n; i++)
		to[at[from[i] >> shift & mask]++] = from[i];
}

void kpage_sort(struct kpage *k)
{
	u64 differ = 0;
	unsigned top, passes, bits;

	for (size_t i = 1; i < k->nkeys; i++)
		differ |= k->keys[i] ^ k->keys[0];
	differ >>= 24;
	top = differ ? 64 - (unsigned)__builtin_clzll(differ) : 0;
	passes = (top + RADIX_BITS - 1) / RADIX_BITS;
	bits = passes ? (top + passes - 1) / passes : 0;
	for (unsigned i = 0; i < passes; i++) {
		u64 *sorted = k->spare;

		radix_pass(k->keys, k->spare, k->nkeys, 24 + i * bits, bits);
		k->spare = k->keys;
		k->keys = sorted;
	}
}

/* ------------------------------------------------------------------ asking */

/* Where the answers of one file go. */
struct answers {
	enum kpage_file file;
	struct page_rec *rec;
	u64 *cgroup;
};

static void take_flags(struct kpage *k, struct page_rec *rec, const u64 *words, size_t n)
{
	u64 last = words[0];
	u32 id = flag_sets_add(&k->sets, last);

	for (size_t i = 0; i < n; i++) {
		if (words[i] != last) {
			last = words[i];
			id = flag_sets_add(&k->sets, last);
		}
		rec[i].flags = id;
	}
}

static void take_counts(struct page_rec *rec, const u64 *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		rec[i].count = (u32)MIN(words[i], COUNT_UNKNOWN - 1);
}

static void take(struct kpage *k, const struct answers *a, u32 index, const u64 *words, size_t n)
{
	switch (a->file) {
	case KPAGE_FLAGS:
		take_flags(k, a->rec + index, words, n);
		break;
	case KPAGE_COUNT:
		take_counts(a->rec + index, words, n);
		break;
	default:
		memcpy(a->cgroup + index, words, n * sizeof(*words));
	}
}

static bool key_wanted(u64 key, enum kpage_file file)
{
	return file != KPAGE_COUNT || KEY_SHARED(key);
}

/* One read for keys[i] and those after it that lie within reach; returns where to go on. */
static size_t ask_some(struct kpage *k, const struct answers *a, size_t i)
{
	u64 low = KEY_PFN(k->keys[i]), high = low + KEY_LEN(k->keys[i]);
	size_t j, got;

	for (j = i + 1; j < k->nkeys; j++) {
		u64 pfn = KEY_PFN(k->keys[j]), end = pfn + KEY_LEN(k->keys[j]);

		if (!key_wanted(k->keys[j], a->file))
			continue;
		if (pfn < low || pfn > high + BRIDGE || end - low > IO_ENTRIES)
			break;
		high = MAX(high, end);
	}
	got = kpage_pread(k, k->files->fd[a->file], low, high - low, k->buf);
	for (; i < j; i++) {
		u64 off = KEY_PFN(k->keys[i]) - low;

		if (key_wanted(k->keys[i], a->file) && off < got)
			take(k, a, KEY_INDEX(k->keys[i]), k->buf + off,
			     MIN(KEY_LEN(k->keys[i]), got - off));
	}
	return j;
}

static void ask_file(struct kpage *k, const struct answers *a)
{
	size_t i = 0;

	if (k->files->fd[a->file] < 0)
		return;
	while (i < k->nkeys) {
		if (key_wanted(k->keys[i], a->file))
			i = ask_some(k, a, i);
		else
			i++;
	}
}

/* The flags of the 4 KiB zero page (not the huge one), if they were met. */
static u32 zero_page_set(const struct flag_sets *sets)
{
	const u64 bits = UINT64_C(1) << KPF_ZERO_PAGE | UINT64_C(1) << KPF_THP |
			 UINT64_C(1) << KPF_COMPOUND_HEAD | UINT64_C(1) << KPF_COMPOUND_TAIL;

	for (size_t id = 0; id < sets->n; id++)
		if ((sets->words[id] & bits) == UINT64_C(1) << KPF_ZERO_PAGE)
			return (u32)id;
	return FLAGS_UNKNOWN;
}

/* There is one zero page, mapped any number of times; its answers are asked for once. */
static void learn_zero_page(struct kpage *k, const struct page_rec *rec, const u64 *cgroup)
{
	u32 set = zero_page_set(&k->sets);

	for (size_t i = 0; set != FLAGS_UNKNOWN && i < k->nkeys; i++) {
		u32 index = KEY_INDEX(k->keys[i]);

		if (rec[index].flags != set)
			continue;
		k->zero_pfn = PM_PFN(rec[index].pm);
		k->zero = rec[index];
		k->zero_cgroup = cgroup ? cgroup[index] : 0;
		return;
	}
}

void kpage_ask(struct kpage *k, struct page_rec *rec, u64 *cgroup, size_t n, unsigned want)
{
	size_t nruns = kpage_keys(k, rec, cgroup, n, want);
	const int *fd = k->files->fd;

	if (fd[KPAGE_FLAGS] < 0 && fd[KPAGE_COUNT] < 0 && fd[KPAGE_CGROUP] < 0)
		return;
	if (nruns > n / SORT_RUN)
		kpage_sort(k);
	if (want & WALK_FLAGS)
		ask_file(k, &(struct answers){ KPAGE_FLAGS, rec, NULL });
	if (want & WALK_COUNT)
		ask_file(k, &(struct answers){ KPAGE_COUNT, rec, NULL });
	if (cgroup && want & WALK_CGROUP)
		ask_file(k, &(struct answers){ KPAGE_CGROUP, NULL, cgroup });
	if (want & WALK_FLAGS && !k->zero_pfn)
		learn_zero_page(k, rec, cgroup);
}

/* ------------------------------------------------------------------ all frames */

/* Frames one thread reads before they are delivered. */
#define FRAMES 65536

struct frames {
	struct kpage k;
	unsigned want;
	u64 first;
	size_t n;
	struct page_rec *rec;
	u64 *cgroup;
};

/* Reads one of the files over the frames; returns how many it has. */
static size_t read_file(struct frames *f, enum kpage_file file)
{
	const struct answers a = { file, f->rec, f->cgroup };
	size_t n = 0;

	while (n < FRAMES) {
		size_t got = kpage_pread(&f->k, f->k.files->fd[file], f->first + n, IO_ENTRIES,
					 f->k.buf);

		if (!got)
			break;
		take(&f->k, &a, (u32)n, f->k.buf, got);
		n += got;
		if (got < IO_ENTRIES)
			break;
	}
	return n;
}

static void *read_frames(void *ctx)
{
	struct frames *f = ctx;

	for (size_t i = 0; i < FRAMES; i++) {
		f->rec[i] = (struct page_rec){ f->first + i, FLAGS_UNKNOWN, COUNT_UNKNOWN };
		if (f->cgroup)
			f->cgroup[i] = 0;
	}
	f->n = 0;
	for (enum kpage_file file = 0; file < KPAGE_NFILES; file++) {
		if (f->want & sources[file].want && f->k.files->fd[file] >= 0) {
			size_t n = read_file(f, file);

			f->n = MAX(f->n, n);
		}
	}
	return NULL;
}

static int deliver_frames(const struct frames *f, page_walk_fn *fn, void *ctx)
{
	const struct page_batch b = {
		.addr = f->first,
		.n = f->n,
		.vma = NO_INDEX,
		.rec = f->rec,
		.cgroup = f->cgroup,
		.sets = &f->k.sets,
	};

	return f->n ? fn(ctx, &b) : 0;
}

static void frames_init(struct frames *f, const struct kpage_files *files, unsigned want)
{
	*f = (struct frames){ .want = want };
	kpage_init(&f->k, files, 1);
	f->rec = xmalloc(FRAMES * sizeof(*f->rec));
	if (want & WALK_CGROUP)
		f->cgroup = xmalloc(FRAMES * sizeof(*f->cgroup));
}

/* Each turn the threads read neighbouring stretches, then both are delivered in order. */
static int walk_frames(struct frames *f, unsigned threads, page_walk_fn *fn, void *ctx)
{
	bool full = true;
	int ret = 0;

	for (u64 first = 0; full && !ret; first += (u64)threads * FRAMES) {
		pthread_t id;
		bool split;

		f[0].first = first;
		f[1].first = first + FRAMES;
		split = threads > 1 && !pthread_create(&id, NULL, read_frames, &f[1]);
		read_frames(&f[0]);
		if (split)
			pthread_join(id, NULL);
		else if (threads > 1)
			read_frames(&f[1]);
		for (unsigned i = 0; i < threads && full && !ret; i++) {
			ret = deliver_frames(&f[i], fn, ctx);
			full = f[i].n == FRAMES;
		}
	}
	return ret;
}

/* The frames of a recorded tree: runs of equal flags, no more. */
struct tree_frames {
	struct flag_sets sets;
	page_walk_fn *fn;
	void *ctx;
};

static int deliver_run(void *ctx, u64 pfn, u64 n, u64 word)
{
	struct tree_frames *t = ctx;
	u32 flags = flag_sets_add(&t->sets, word);
	int ret = 0;

	/* A size_t has room for so many on any machine. */
	for (u64 now; n && !ret; n -= now, pfn += now) {
		const struct page_rec rec[2] = { { pfn, flags, COUNT_UNKNOWN },
						 { pfn + 1, flags, COUNT_UNKNOWN } };
		struct page_batch b = { .addr = pfn, .vma = NO_INDEX, .unit = true };

		now = MIN(n, (u64)UINT32_MAX);
		b.n = (size_t)now;
		b.rec = rec;
		b.sets = &t->sets;
		ret = t->fn(t->ctx, &b);
	}
	return ret;
}

static int walk_tree(struct root *r, struct space *s, page_walk_fn *fn, void *ctx)
{
	const struct frame_part all = { .last = UINT64_MAX };
	struct tree_frames t = { .fn = fn, .ctx = ctx };
	int ret;

	flag_sets_init(&t.sets);
	ret = frame_read(r, s, &all, 1, 1, deliver_run, &t);
	flag_sets_release(&t.sets);
	return ret;
}

int frame_walk(struct root *r, struct space *s, unsigned want, unsigned threads, page_walk_fn *fn,
	       void *ctx)
{
	struct kpage_files files;
	struct frames f[2];
	int ret;

	if (!root_is_live(r))
		return walk_tree(r, s, fn, ctx);
	want &= WALK_FLAGS | WALK_COUNT | WALK_CGROUP;
	kpage_open(&files, r, s, want);
	if (files.fd[0] < 0 && files.fd[1] < 0 && files.fd[2] < 0) {
		kpage_close(&files);
		return files.err ? files.err : -EINVAL;
	}
	threads = MIN(MAX(threads, 1u), 2u);
	for (unsigned i = 0; i < threads; i++)
		frames_init(&f[i], &files, want);
	ret = walk_frames(f, threads, fn, ctx);
	for (unsigned i = 0; i < threads; i++) {
		if (f[i].k.err)
			space_note(s, NOTE_CLOSED, "kpageflags", -f[i].k.err, NULL,
				   "a read failed");
		kpage_release(&f[i].k);
		free(f[i].rec);
		free(f[i].cgroup);
	}
	kpage_close(&files);
	return ret;
}
