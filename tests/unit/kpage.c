/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asking the kpage files: keys, their order, and answers that land where they belong. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include "proc/pageio.h"
#include "tap.h"

#define PRES   PM_PRESENT
#define EXCL   PM_EXCLUSIVE
#define K(bit) (UINT64_C(1) << (bit))

/* Frames of the made-up machine. */
#define FRAMES 5000

static const struct kpage_files closed = { .fd = { -1, -1, -1 } };

static u64 flags_of(u64 pfn)
{
	return pfn == 77 ? K(KPF_ZERO_PAGE) : pfn % 7 << 4;
}

static u64 count_of(u64 pfn)
{
	return pfn * 3;
}

static u64 cgroup_of(u64 pfn)
{
	return pfn / 100;
}

static int make_file(u64 (*value)(u64))
{
	char path[] = "/tmp/procmap-kpage-XXXXXX";
	int fd = mkstemp(path);

	unlink(path);
	for (u64 pfn = 0; pfn < FRAMES; pfn++) {
		u64 v = value(pfn);

		if (fd < 0 || write(fd, &v, 8) != 8) {
			puts("Bail out! no temporary file");
			exit(1);
		}
	}
	return fd;
}

static void test_keys(void)
{
	struct page_rec rec[] = {
		{ PRES | 10, 0, 0 },
		{ PRES | 11, 0, 0 },
		{ PRES | EXCL | 12, 0, 0 },
		{ PRES | EXCL | 13, 0, 0 },
		{ 0, 0, 0 },
		{ PRES, 0, 0 },
		{ PM_SWAPPED | 14, 0, 0 },
		{ PRES | EXCL | 14, 0, 0 },
		{ PRES | K(41), 0, 0 },
		{ PRES | 3, 0, 0 },
	};
	struct kpage k;

	kpage_init(&k, &closed, 16);
	/* Without counts it does not matter who is exclusive. */
	IS(kpage_keys(&k, rec, NULL, 10, WALK_FLAGS), 3);
	IS(k.nkeys, 3);
	IS(KEY_PFN(k.keys[0]), 10);
	IS(KEY_LEN(k.keys[0]), 4);
	IS(KEY_INDEX(k.keys[0]), 0);
	IS(KEY_PFN(k.keys[1]), 14);
	IS(KEY_LEN(k.keys[1]), 1);
	IS(KEY_INDEX(k.keys[1]), 7);
	IS(KEY_PFN(k.keys[2]), 3);
	IS(KEY_INDEX(k.keys[2]), 9);
	IS(rec[0].flags, FLAGS_UNKNOWN);
	IS(rec[0].count, COUNT_UNKNOWN);
	IS(rec[2].count, 1);
	IS(rec[5].count, COUNT_UNKNOWN);
	IS(kpage_keys(&k, rec, NULL, 10, WALK_COUNT), 4);
	IS(KEY_LEN(k.keys[0]), 2);
	IS(KEY_SHARED(k.keys[0]), 1);
	IS(KEY_LEN(k.keys[1]), 2);
	IS(KEY_SHARED(k.keys[1]), 0);
	IS(KEY_PFN(k.keys[1]), 12);
	IS(KEY_SHARED(k.keys[2]), 0);
	IS(KEY_SHARED(k.keys[3]), 1);
	IS(kpage_keys(&k, rec, NULL, 0, WALK_COUNT), 0);
	IS(k.nkeys, 0);
	kpage_release(&k);
}

/* A run is cut into keys of 64, but counts as one. */
static void test_long_run(void)
{
	struct page_rec rec[200];
	struct kpage k;

	for (u64 i = 0; i < 200; i++)
		rec[i].pm = PRES | (1000 + i);
	kpage_init(&k, &closed, 200);
	IS(kpage_keys(&k, rec, NULL, 200, WALK_FLAGS), 1);
	IS(k.nkeys, 4);
	IS(KEY_LEN(k.keys[0]), 64);
	IS(KEY_PFN(k.keys[3]), 1192);
	IS(KEY_LEN(k.keys[3]), 8);
	IS(KEY_INDEX(k.keys[3]), 192);
	kpage_release(&k);
}

static u64 random_u64(void)
{
	static u64 x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x;
}

static void test_sort(u64 mask)
{
	enum { N = 3000 };
	struct page_rec *rec = xcalloc(N, sizeof(*rec));
	bool rising = true, whole = true;
	struct kpage k;

	for (size_t i = 0; i < N; i++)
		rec[i].pm = PRES | ((random_u64() & mask) + 1);
	kpage_init(&k, &closed, N);
	kpage_keys(&k, rec, NULL, N, WALK_FLAGS);
	kpage_sort(&k);
	for (size_t i = 0; i < k.nkeys; i++) {
		whole &= PM_PFN(rec[KEY_INDEX(k.keys[i])].pm) == KEY_PFN(k.keys[i]);
		if (!i)
			continue;
		rising &= KEY_PFN(k.keys[i - 1]) <= KEY_PFN(k.keys[i]);
		/* Equal ones keep their order. */
		if (KEY_PFN(k.keys[i - 1]) == KEY_PFN(k.keys[i]))
			rising &= KEY_INDEX(k.keys[i - 1]) < KEY_INDEX(k.keys[i]);
	}
	OK(rising);
	OK(whole);
	kpage_release(&k);
	free(rec);
}

static size_t wrong_answers(const struct kpage *k, const struct page_rec *rec, const u64 *cgroup,
			    size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++) {
		u64 pfn = PM_PFN(rec[i].pm);

		if (!(rec[i].pm & PRES) || !pfn || pfn >= FRAMES) {
			wrong += rec[i].flags != FLAGS_UNKNOWN;
			wrong += cgroup[i] != 0;
			continue;
		}
		wrong += rec[i].flags == FLAGS_UNKNOWN ||
			 k->sets.words[rec[i].flags] != flags_of(pfn);
		wrong += rec[i].count != (rec[i].pm & EXCL ? 1 : count_of(pfn));
		wrong += cgroup[i] != cgroup_of(pfn);
	}
	return wrong;
}

/* Every order and density; the file ends before the last frames that are asked for. */
static void test_answers(const struct kpage_files *files, u64 step, u64 shuffle)
{
	enum { N = 9000 };
	struct page_rec *rec = xcalloc(N, sizeof(*rec));
	u64 *cgroup = xcalloc(N, sizeof(*cgroup));
	struct kpage k;

	for (u64 i = 0; i < N; i++) {
		u64 pfn = shuffle ? random_u64() % shuffle : i * step;

		/* The zero page is never exclusive. */
		rec[i].pm = PRES | pfn | (random_u64() % 5 || pfn == 77 ? 0 : EXCL);
		if (random_u64() % 50 == 0)
			rec[i].pm = PM_SWAPPED | pfn;
		else if (random_u64() % 50 == 0)
			rec[i].pm = 0;
	}
	kpage_init(&k, files, N);
	/* The second time the zero page is known and no longer asked about. */
	for (int i = 0; i < 2; i++) {
		kpage_ask(&k, rec, cgroup, N, WALK_FLAGS | WALK_COUNT | WALK_CGROUP);
		IS(wrong_answers(&k, rec, cgroup, N), 0);
	}
	OK(k.sets.n == 7 || k.sets.n == 8);
	IS(k.err, 0);
	kpage_release(&k);
	free(rec);
	free(cgroup);
}

static void test_zero_page(const struct kpage_files *files)
{
	struct page_rec rec[] = { { PRES | 77, 0, 0 }, { PRES | 78, 0, 0 }, { PRES | 77, 0, 0 } };
	struct kpage_files only_flags = { .fd = { files->fd[0], -1, -1 } };
	struct kpage k;

	kpage_init(&k, files, 3);
	kpage_ask(&k, rec, NULL, 3, WALK_FLAGS | WALK_COUNT);
	IS(k.zero_pfn, 77);
	IS(rec[2].flags, rec[0].flags);
	IS(rec[0].count, 231);
	rec[2].count = 0;
	kpage_ask(&k, rec, NULL, 3, WALK_FLAGS | WALK_COUNT);
	IS(k.nkeys, 1);
	IS(rec[2].count, 231);
	IS(k.sets.words[rec[2].flags], K(KPF_ZERO_PAGE));
	kpage_ask(&k, rec, NULL, 3, WALK_FLAGS);
	IS(rec[2].count, COUNT_UNKNOWN);
	kpage_release(&k);
	/* A file that is closed leaves its figure unknown. */
	kpage_init(&k, &only_flags, 3);
	kpage_ask(&k, rec, NULL, 3, WALK_FLAGS | WALK_COUNT);
	IS(rec[1].count, COUNT_UNKNOWN);
	IS(k.sets.words[rec[1].flags], flags_of(78));
	kpage_release(&k);
}

/* Too few runs to be worth sorting, in falling order, and one reaches past the last frame. */
static void test_falling_runs(const struct kpage_files *files)
{
	enum { N = 600 };
	struct page_rec rec[N];
	u64 cgroup[N];
	struct kpage k;

	for (u64 i = 0; i < N; i++)
		rec[i].pm = PRES | (i < 200 ? FRAMES - 100 + i : i < 400 ? 3000 + i : 1000 + i);
	kpage_init(&k, files, N);
	kpage_ask(&k, rec, cgroup, N, WALK_FLAGS | WALK_COUNT | WALK_CGROUP);
	IS(KEY_PFN(k.keys[0]), FRAMES - 100);
	IS(wrong_answers(&k, rec, cgroup, N), 0);
	kpage_release(&k);
}

static void test_bad_file(void)
{
	struct page_rec rec[] = { { PRES | 1, 0, 0 } };
	struct kpage_files dir = { .fd = { open("/", O_RDONLY | O_DIRECTORY), -1, -1 } };
	struct kpage k;

	kpage_init(&k, &dir, 1);
	kpage_ask(&k, rec, NULL, 1, WALK_FLAGS);
	IS(-k.err, EISDIR);
	IS(rec[0].flags, FLAGS_UNKNOWN);
	kpage_release(&k);
	kpage_close(&dir);
}

int main(void)
{
	struct kpage_files files = { .fd = { make_file(flags_of), make_file(count_of),
					     make_file(cgroup_of) } };

	test_keys();
	test_long_run();
	test_sort(0);
	test_sort(0xff);
	test_sort(0xfffff);
	test_sort(K(39) - 1);
	test_answers(&files, 1, 0);
	test_answers(&files, 2, 0);
	test_answers(&files, 4, 0);
	test_answers(&files, 5, 0);
	test_answers(&files, 0, 6000);
	test_answers(&files, 0, 300);
	test_answers(&files, 0, 1000000);
	test_zero_page(&files);
	test_falling_runs(&files);
	test_bad_file();
	kpage_close(&files);
	return tap_done();
}
