/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files about frames say of any frames: of those that a screen shows, or of one page. */
#include <errno.h>
#include <stdlib.h>
#include "pageio.h"

static int ask_live(struct root *r, struct space *s, struct page_rec *rec, u64 *cgroup, size_t n,
		    unsigned want, struct flag_sets *sets)
{
	struct kpage_files files;
	struct kpage k;
	int err;

	kpage_open(&files, r, s, want);
	err = want & WALK_FLAGS && files.fd[KPAGE_FLAGS] < 0 ? files.err : 0;
	kpage_init(&k, &files, MIN(n, (size_t)KPAGE_WINDOW));
	for (size_t i = 0; i < n; i += KPAGE_WINDOW)
		kpage_ask(&k, rec + i, cgroup ? cgroup + i : NULL, MIN(n - i, (size_t)KPAGE_WINDOW),
			  want);
	if (k.err)
		space_note(s, NOTE_CLOSED, "kpageflags", -k.err, NULL, "a read failed");
	flag_sets_release(sets);
	*sets = k.sets;
	flag_sets_init(&k.sets);
	kpage_release(&k);
	kpage_close(&files);
	return err;
}

/* A recorded tree has the flags alone, by rising PFN. */
struct tree_ask {
	struct page_rec **by_pfn;
	size_t n, i;
	struct flag_sets *sets;
};

static int compare_pfn(const void *a, const void *b)
{
	const struct page_rec *const *x = a, *const *y = b;
	u64 p = PM_PFN((*x)->pm), q = PM_PFN((*y)->pm);

	return (p > q) - (p < q);
}

static int take_run(void *ctx, u64 pfn, u64 n, u64 word)
{
	struct tree_ask *t = ctx;
	u32 id = flag_sets_add(t->sets, word);

	while (t->i < t->n && PM_PFN(t->by_pfn[t->i]->pm) < pfn)
		t->i++;
	for (; t->i < t->n && PM_PFN(t->by_pfn[t->i]->pm) - pfn < n; t->i++)
		t->by_pfn[t->i]->flags = id;
	return t->i == t->n;
}

static int ask_tree(struct root *r, struct space *s, struct page_rec *rec, size_t n,
		    struct flag_sets *sets)
{
	struct tree_ask t = { .sets = sets };
	struct frame_part all = { 0 };
	int err = 0;

	t.by_pfn = xmalloc(n * sizeof(*t.by_pfn));
	for (size_t i = 0; i < n; i++)
		if (rec[i].pm & PM_PRESENT && PM_PFN(rec[i].pm))
			t.by_pfn[t.n++] = &rec[i];
	if (t.n) {
		qsort(t.by_pfn, t.n, sizeof(struct page_rec *), compare_pfn);
		all.first = PM_PFN(t.by_pfn[0]->pm);
		all.last = PM_PFN(t.by_pfn[t.n - 1]->pm);
		err = frame_read(r, s, &all, 1, 1, take_run, &t);
	}
	free(t.by_pfn);
	return err < 0 ? err : 0;
}

int frames_ask(struct root *r, struct space *s, struct page_rec *rec, u64 *cgroup, size_t n,
	       unsigned want, struct flag_sets *sets)
{
	for (size_t i = 0; i < n; i++) {
		rec[i].flags = FLAGS_UNKNOWN;
		rec[i].count = COUNT_UNKNOWN;
		if (cgroup)
			cgroup[i] = 0;
	}
	if (!n)
		return 0;
	if (root_is_live(r))
		return ask_live(r, s, rec, cgroup, n, want, sets);
	return want & WALK_FLAGS ? ask_tree(r, s, rec, n, sets) : 0;
}
