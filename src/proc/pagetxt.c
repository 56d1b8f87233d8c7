/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc/PID/pages.txt of a recorded tree, in place of pagemap and the kpage files: text, one line a
 * run of equal pages, fields parted by blanks:
 *
 *	7f4b207d0000 4 a10000000012f6a0 400000010086c 1 0 huge
 *	|            | |                |             | | `- optional: mapped by a PMD or PUD entry
 *	|            | |                |             | `--- optional: memcg inode, decimal, or -
 *	|            | |                |             `----- kpagecount, decimal, or -
 *	|            | |                `------------------- kpageflags word, hex, or -
 *	|            | `------------------------------------ pagemap entry of the first page, hex
 *	|            `-------------------------------------- pages, decimal
 *	`--------------------------------------------------- address of the first page, hex
 *
 * All pages of a run have the same flags, count, inode and pagemap bits; the PFN of a present
 * page, and the swap offset of a swapped one, is one more than that of the page before it, except
 * that 0 (masked) stays 0 and a guard or another marker stays as it is. Addresses rise, runs do not
 * overlap, pages that are in no run have no entry. "-" is unknown. Empty lines and lines that start
 * with # are ignored. Lines that break these rules are left out and counted in a note.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pageio.h"

/* No line of ours is a third as long. */
#define LINE_MAX_BYTES 512

/* ------------------------------------------------------------------ a line */

/* Steps over the blanks before the next field; false at the end of the line. */
static bool next_field(const char **p, const char *end)
{
	skip_blanks(p, end);
	return *p < end;
}

static bool ends_field(const char *p, const char *end)
{
	return p == end || *p == ' ' || *p == '\t';
}

/* A number or "-". */
static bool parse_maybe(const char **p, const char *end, bool hex, struct fig *ret)
{
	*ret = (struct fig){ 0 };
	if (!next_field(p, end))
		return false;
	if (**p == '-') {
		++*p;
		return ends_field(*p, end);
	}
	ret->have = hex ? parse_hex(p, end, &ret->v) : parse_dec(p, end, &ret->v);
	return ret->have && ends_field(*p, end);
}

static bool parse_must(const char **p, const char *end, bool hex, u64 *ret)
{
	struct fig f;

	if (!parse_maybe(p, end, hex, &f) || !f.have)
		return false;
	*ret = f.v;
	return true;
}

/* Does the place of the last page still fit where the place of the first one is? */
static bool places_fit(u64 pm, u64 n)
{
	if (pm & PM_PRESENT)
		return n - 1 <= PM_PFN(~UINT64_C(0)) - PM_PFN(pm);
	return n - 1 <= PM_SWAP_OFF(~UINT64_C(0)) - PM_SWAP_OFF(pm);
}

static bool run_is_sound(const struct page_run *run, u32 page_size)
{
	if (!run->n || run->addr % page_size || !PM_HERE(run->pm))
		return false;
	/* Up to the end of 2^64 and no further. */
	if (run->n - 1 > (UINT64_MAX - run->addr) / page_size)
		return false;
	return places_fit(run->pm, run->n);
}

bool pagetxt_parse(const char *line, size_t len, u32 page_size, struct page_run *ret)
{
	const char *p = line, *end = line + len;
	struct fig flags, count, cgroup = { 0 };

	*ret = (struct page_run){ .vma = NO_INDEX };
	if (!parse_must(&p, end, true, &ret->addr) || !parse_must(&p, end, false, &ret->n) ||
	    !parse_must(&p, end, true, &ret->pm) || !parse_maybe(&p, end, true, &flags) ||
	    !parse_maybe(&p, end, false, &count))
		return false;
	if (next_field(&p, end) && *p != 'h' && !parse_maybe(&p, end, false, &cgroup))
		return false;
	if (next_field(&p, end)) {
		if (end - p < 4 || memcmp(p, "huge", 4) ||
		    next_field(&(const char *){ p + 4 }, end))
			return false;
		ret->huge = true;
	}
	ret->have_flags = flags.have;
	ret->flags = flags.v;
	ret->count = count.have ? (u32)MIN(count.v, COUNT_UNKNOWN - 1) : COUNT_UNKNOWN;
	ret->cgroup = cgroup.v;
	return run_is_sound(ret, page_size);
}

/* ------------------------------------------------------------------ the file */

/* Each sound line; non-zero stops. */
typedef int pagetxt_fn(void *ctx, const struct page_run *run);

struct pagetxt {
	struct space *s;
	pagetxt_fn *fn;
	void *ctx;
	char carry[LINE_MAX_BYTES]; /* a line whose end has not been read yet */
	size_t ncarry;
	bool too_long;
	bool begun; /* `last` is of use */
	u64 last;   /* last address of the run before */
	size_t nbad;
};

static int take_line(struct pagetxt *t, const char *line, size_t len)
{
	u32 page_size = t->s->host.page_size;
	const char *p = line;
	struct page_run run;

	if (!next_field(&p, line + len) || *p == '#')
		return 0;
	if (!pagetxt_parse(line, len, page_size, &run) || (t->begun && run.addr <= t->last)) {
		t->nbad++;
		return 0;
	}
	t->begun = true;
	t->last = run.addr + (run.n - 1) * page_size + (page_size - 1);
	return t->fn(t->ctx, &run);
}

static int end_line(struct pagetxt *t)
{
	int ret = 0;

	if (t->too_long)
		t->nbad++;
	else
		ret = take_line(t, t->carry, t->ncarry);
	t->ncarry = 0;
	t->too_long = false;
	return ret;
}

static int take_bytes(struct pagetxt *t, const char *p, const char *end)
{
	int ret = 0;

	while (p < end && !ret) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((nl ? nl : end) - p);

		if (len > sizeof(t->carry) - t->ncarry) {
			t->too_long = true;
		} else {
			memcpy(t->carry + t->ncarry, p, len);
			t->ncarry += len;
		}
		if (!nl)
			break;
		ret = end_line(t);
		p = nl + 1;
	}
	return ret;
}

static int take_file(struct pagetxt *t, int fd)
{
	char *bytes = xmalloc(64 * KIB);
	int ret = 0;

	while (!ret) {
		ssize_t n = read(fd, bytes, 64 * KIB);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = -errno;
		if (n <= 0)
			break;
		ret = take_bytes(t, bytes, bytes + n);
	}
	free(bytes);
	return ret;
}

/* All of the file, or of the text, through `fn`. */
static int pagetxt_read(const struct pagetxt_source *src, struct space *s, pagetxt_fn *fn,
			void *ctx)
{
	struct pagetxt *t = xcalloc(1, sizeof(*t));
	int ret;

	t->s = s;
	t->fn = fn;
	t->ctx = ctx;
	if (src->text)
		ret = take_bytes(t, src->text, src->text + src->len);
	else
		ret = take_file(t, src->fd);
	if (!ret)
		ret = end_line(t);
	if (t->nbad)
		space_note(s, NOTE_CONFLICT, "pages.txt", 0, NULL, "%zu malformed lines left out",
			   t->nbad);
	free(t);
	return ret;
}

static int pagetxt_open(struct piddir *d, struct space *s, struct pagetxt_source *ret)
{
	int err;

	*ret = (struct pagetxt_source){ .fd = -1 };
	err = piddir_openat(d, "pages.txt", ROOT_CAP_NONE, &ret->fd);
	if (err)
		space_note(s, err == -ENOENT ? NOTE_ABSENT : NOTE_CLOSED, "pages.txt", -err, NULL,
			   "pages");
	return err;
}

/* ------------------------------------------------------------------ scan */

static int tally_run(void *ctx, const struct page_run *run)
{
	struct tally *t = ctx;
	enum page_state st = run->pm & PM_FILE ? PS_FILE : PS_ANON;

	if (!(run->pm & PM_PRESENT))
		st = page_state_of(t->s, NULL, run->pm, false, 0);
	else if (run->have_flags && run->flags >> KPF_ZERO_PAGE & 1)
		st = PS_ZERO;
	tally_add(t, run->addr, run->n, st, run->huge && run->pm & PM_PRESENT);
	return 0;
}

int pagetxt_scan_source(const struct pagetxt_source *src, struct space *s)
{
	struct tally t;
	int err;

	tally_begin(&t, s, false);
	err = pagetxt_read(src, s, tally_run, &t);
	tally_end(&t);
	return err;
}

int pagetxt_scan(struct piddir *d, struct space *s)
{
	struct pagetxt_source src;
	int err = pagetxt_open(d, s, &src);

	if (err)
		return err;
	err = pagetxt_scan_source(&src, s);
	close(src.fd);
	return err;
}

/* ------------------------------------------------------------------ walk */

struct txt_walk {
	struct space *s;
	struct range range;
	const struct walk_opts *o;
	size_t vma;
	struct absent_fill absent;
	struct flag_sets sets;
	size_t nstray; /* runs, or parts of them, that no mapping has */
	bool pfn, masked;
};

/* The pages of a run that are in one mapping, as one batch that two records stand for. */
static int deliver_part(struct txt_walk *w, const struct page_run *run, u32 vma, struct range r)
{
	u32 page_size = w->s->host.page_size;
	u64 pm = pm_after(run->pm, (r.first - run->addr) / page_size);
	u64 cgroup[2] = { run->cgroup, run->cgroup };
	struct page_rec rec[2];
	struct page_batch b = {
		.addr = r.first,
		.vma = vma,
		.unit = true,
		.huge = run->huge,
		.rec = rec,
		.cgroup = w->o->want & WALK_CGROUP ? cgroup : NULL,
		.sets = &w->sets,
	};
	u64 n = range_size(r) / page_size;
	int ret = absent_upto(&w->absent, r.first, r.last + 1);

	rec[0] = (struct page_rec){ pm, FLAGS_UNKNOWN, COUNT_UNKNOWN };
	if (w->o->want & WALK_FLAGS && run->have_flags)
		rec[0].flags = flag_sets_add(&w->sets, run->flags);
	if (w->o->want & WALK_COUNT)
		rec[0].count = run->count;
	/* size_t may have 32 bits, a made-up mapping more pages. */
	while (n && !ret) {
		b.n = (size_t)MIN(n, UINT64_C(1) << 30);
		rec[1] = rec[0];
		rec[1].pm = pm_after(rec[0].pm, 1);
		ret = w->absent.fn(w->absent.ctx, &b);
		b.addr += (u64)b.n * page_size;
		rec[0].pm = pm_after(rec[0].pm, b.n);
		n -= b.n;
	}
	return ret;
}

static int walk_run(void *ctx, const struct page_run *run)
{
	struct txt_walk *w = ctx;
	struct space *s = w->s;
	struct range all = { run->addr, run->addr + (run->n - 1) * s->host.page_size +
						(s->host.page_size - 1) };
	u64 found = 0;
	int ret = 0;

	if (run->pm & PM_PRESENT) {
		w->pfn |= PM_PFN(run->pm) != 0;
		w->masked |= PM_PFN(run->pm) == 0;
	}
	while (w->vma < s->nvmas && s->vmas[w->vma].last < all.first)
		w->vma++;
	for (size_t i = w->vma; i < s->nvmas && s->vmas[i].first <= all.last && !ret; i++) {
		struct range part;

		if (vma_beyond_user(s, &s->vmas[i]) ||
		    !range_intersect(vma_range(&s->vmas[i]), all, &part))
			continue;
		found += range_size(part) / s->host.page_size;
		if (w->o->filter && !expr_match(w->o->filter, s, &s->vmas[i]))
			continue;
		if (range_intersect(part, w->range, &part))
			ret = deliver_part(w, run, (u32)i, part);
	}
	w->nstray += found < run->n;
	return ret;
}

int pagetxt_walk_source(const struct pagetxt_source *src, struct space *s,
			const struct walk_opts *o, page_walk_fn *fn, void *ctx)
{
	u64 mask = (u64)s->host.page_size - 1;
	struct txt_walk w = { .s = s, .o = o };
	int ret;

	w.range = (struct range){ o->range.first & ~mask, o->range.last | mask };
	w.absent = (struct absent_fill){
		.s = s,
		.next = w.range.first,
		.last = w.range.last,
		.asked = o->want & WALK_ABSENT,
		.skip = vma_beyond_user,
		.filter = o->filter,
		.fn = fn,
		.ctx = ctx,
	};
	flag_sets_init(&w.sets);
	ret = pagetxt_read(src, s, walk_run, &w);
	if (!ret)
		ret = absent_rest(&w.absent);
	if (w.nstray)
		space_note(s, NOTE_CONFLICT, "pages.txt", 0, NULL,
			   "%zu runs reach outside all mappings", w.nstray);
	if (w.masked && !w.pfn)
		space_note(s, NOTE_CLOSED, "pagemap", EPERM, "CAP_SYS_ADMIN",
			   "frame numbers and swap places (when it was recorded)");
	flag_sets_release(&w.sets);
	return ret;
}

int pagetxt_walk(struct piddir *d, struct space *s, const struct walk_opts *o, page_walk_fn *fn,
		 void *ctx)
{
	struct pagetxt_source src;
	int ret = pagetxt_open(d, s, &src);

	if (ret)
		return ret;
	ret = pagetxt_walk_source(&src, s, o, fn, ctx);
	close(src.fd);
	return ret;
}
