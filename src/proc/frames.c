/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kpageflags of ranges of frames, in order: all of them, or a block in so many. Two threads read
 * neighbouring pieces of the work at a time; then their words are delivered as runs.
 *
 * The kernel takes 65 to 75 ns to answer for a frame and nothing makes it faster, so 6 TiB of
 * 4 KiB frames cost 105 s. A sample reads blocks whose places within their stride are random but
 * the same every time, so that no pattern of the memory falls in step with it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "frames.h"
#include "pageio.h"

/* Frames a thread reads before they are delivered: 512 KiB of words. */
#define JOB_FRAMES 65536
/* Spans of a job: a sampled one has a span a block. */
#define JOB_SPANS (JOB_FRAMES / FRAME_BLOCK)
/* No line of frames.txt is longer. */
#define LINE_MAX_BYTES 256

struct job {
	int fd;
	size_t nspans;
	struct span {
		u64 pfn;
		size_t n, got; /* frames wanted, and read */
	} spans[JOB_SPANS];
	u64 *words; /* JOB_FRAMES of them, span after span */
	bool eof;   /* the file ended inside of it */
	int err;
};

/* Cuts parts into jobs. */
struct cutter {
	const struct frame_part *parts;
	size_t nparts, i;
	u64 next;   /* first frame of part `i` not handed out yet */
	bool begun; /* `next` is valid */
};

/* A number below `below` that depends on `block` alone (the finaliser of splitmix64). */
static u64 jitter(u64 block, u64 below)
{
	block ^= block >> 30;
	block *= UINT64_C(0xbf58476d1ce4e5b9);
	block ^= block >> 27;
	block *= UINT64_C(0x94d049bb133111eb);
	block ^= block >> 31;
	return block % below;
}

/*
 * The next frames of the part to read, at most `most`; moves c->next beyond them. False at the end
 * of the part.
 */
static bool next_span(struct cutter *c, size_t most, struct span *ret)
{
	const struct frame_part *p = &c->parts[c->i];
	u64 every = MAX(p->every, (u64)1), size = p->block ? p->block : FRAME_BLOCK;
	u64 stride, block, first, last;

	if (c->next > p->last || c->next < p->first)
		return false;
	if (every == 1) {
		ret->pfn = c->next;
		ret->n = (size_t)MIN(p->last - c->next, (u64)most - 1) + 1;
		c->next += ret->n;
		return true;
	}
	stride = c->next / size / every;
	block = stride * every + jitter(stride, every);
	first = MAX(block * size, p->first);
	last = MIN(block * size + (size - 1), p->last);
	c->next = (stride + 1) * every * size;
	ret->pfn = first;
	/* The first and the last stride may have their block outside of the part. */
	ret->n = first <= last ? (size_t)(last - first) + 1 : 0;
	return true;
}

/* Fills a job; false when nothing is left. */
static bool cut_job(struct cutter *c, struct job *j)
{
	size_t room = JOB_FRAMES;

	j->nspans = 0;
	while (c->i < c->nparts && j->nspans < JOB_SPANS && room >= FRAME_BLOCK) {
		struct span *sp = &j->spans[j->nspans];

		if (!c->begun)
			c->next = c->parts[c->i].first;
		c->begun = true;
		if (!next_span(c, room, sp)) {
			c->i++;
			c->begun = false;
			continue;
		}
		sp->got = 0;
		room -= sp->n;
		j->nspans += sp->n != 0;
	}
	return j->nspans;
}

/* ------------------------------------------------------------------ reading */

/* Reads `n` words from frame `pfn` on; fewer at the end of the file, or with j->err set. */
static size_t read_words(struct job *j, u64 pfn, u64 *words, size_t n)
{
	size_t have = 0;

	while (have < n) {
		size_t ask = MIN(n - have, (size_t)IO_ENTRIES);
		ssize_t got =
			pread(j->fd, words + have, ask * 8, (off_t)((pfn + have) * sizeof(*words)));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			j->err = -errno;
		if (got < 8)
			break;
		have += (size_t)got / 8;
	}
	return have;
}

static void *read_job(void *ctx)
{
	struct job *j = ctx;
	u64 *words = j->words;

	j->eof = false;
	for (size_t i = 0; i < j->nspans && !j->eof; i++) {
		struct span *sp = &j->spans[i];

		/* An offset that off_t cannot hold is beyond any file. */
		if (sp->pfn < (u64)INT64_MAX / 8 - JOB_FRAMES)
			sp->got = read_words(j, sp->pfn, words, sp->n);
		j->eof = sp->got < sp->n;
		words += sp->n;
	}
	return NULL;
}

/* ------------------------------------------------------------------ delivery */

static int deliver_words(u64 pfn, const u64 *words, size_t n, frame_run_fn *fn, void *ctx)
{
	size_t from = 0;
	int ret;

	for (size_t i = 1; i < n; i++) {
		if (words[i] == words[from])
			continue;
		ret = fn(ctx, pfn + from, i - from, words[from]);
		if (ret)
			return ret;
		from = i;
	}
	return n ? fn(ctx, pfn + from, n - from, words[from]) : 0;
}

static int deliver_job(const struct job *j, frame_run_fn *fn, void *ctx)
{
	const u64 *words = j->words;
	int ret = 0;

	for (size_t i = 0; i < j->nspans && !ret; i++) {
		ret = deliver_words(j->spans[i].pfn, words, j->spans[i].got, fn, ctx);
		words += j->spans[i].n;
	}
	return ret;
}

/* Each turn the threads read a job each, then both are delivered in order. */
static int run_jobs(struct cutter *c, struct job *j, unsigned threads, frame_run_fn *fn, void *ctx)
{
	bool eof = false;
	int ret = 0;

	while (!eof && !ret && cut_job(c, &j[0])) {
		bool two = threads > 1 && cut_job(c, &j[1]);
		pthread_t id;
		bool beside = two && !pthread_create(&id, NULL, read_job, &j[1]);

		read_job(&j[0]);
		if (beside)
			pthread_join(id, NULL);
		else if (two)
			read_job(&j[1]);
		for (unsigned i = 0; i < 1 + (unsigned)two && !eof && !ret; i++) {
			ret = deliver_job(&j[i], fn, ctx);
			eof = j[i].eof;
		}
	}
	return ret;
}

static int open_flags(struct root *r, struct space *s, int *fd)
{
	int err = root_open(r, "proc/kpageflags", ROOT_CAP_DAC, fd);

	if (err == -ENOENT)
		space_note(s, NOTE_ABSENT, "kpageflags", ENOENT, NULL,
			   "what the frames are used for (CONFIG_PROC_PAGE_MONITOR)");
	else if (err)
		space_note(s, NOTE_CLOSED, "kpageflags", -err, root_cap_name(ROOT_CAP_DAC),
			   "what the frames are used for");
	return err;
}

static int read_live(struct root *r, struct space *s, const struct frame_part *parts, size_t nparts,
		     unsigned threads, frame_run_fn *fn, void *ctx)
{
	struct cutter c = { .parts = parts, .nparts = nparts };
	struct job *j;
	int fd, ret = open_flags(r, s, &fd);

	if (ret)
		return ret;
	threads = MIN(MAX(threads, 1u), 2u);
	j = xcalloc(threads, sizeof(*j));
	for (unsigned i = 0; i < threads; i++) {
		j[i].fd = fd;
		j[i].words = xmalloc(JOB_FRAMES * sizeof(*j[i].words));
	}
	ret = run_jobs(&c, j, threads, fn, ctx);
	for (unsigned i = 0; i < threads; i++) {
		if (j[i].err)
			space_note(s, NOTE_CLOSED, "kpageflags", -j[i].err, NULL, "a read failed");
		free(j[i].words);
	}
	free(j);
	close(fd);
	return ret;
}

/* ------------------------------------------------------------------ a recorded tree */

/* The part that has a frame at or above `pfn`, from `i` on. */
static size_t skip_parts(const struct frame_part *parts, size_t nparts, size_t i, u64 pfn)
{
	while (i < nparts && parts[i].last < pfn)
		i++;
	return i;
}

/* "PFN COUNT FLAGS", all hex. */
static bool frames_line(const char *p, const char *end, u64 *pfn, u64 *n, u64 *word)
{
	if (!parse_hex(&p, end, pfn))
		return false;
	skip_blanks(&p, end);
	if (!parse_hex(&p, end, n))
		return false;
	skip_blanks(&p, end);
	return parse_hex(&p, end, word) && p == end && *n && !(*n >> 52) && !(*pfn >> 52);
}

int frames_txt_read(const char *text, size_t len, const struct frame_part *parts, size_t nparts,
		    frame_run_fn *fn, void *ctx, size_t *bad)
{
	const char *p = text, *end = text + len;
	u64 next = 0;
	size_t i = 0;
	int ret = 0;

	*bad = 0;
	while (p < end && !ret) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));
		const char *stop = nl ? nl : end;
		u64 pfn, n, word;

		if (*p != '#' && stop != p) {
			if (!nl || stop - p > LINE_MAX_BYTES ||
			    !frames_line(p, stop, &pfn, &n, &word) || pfn < next) {
				++*bad;
			} else {
				next = pfn + n;
				i = skip_parts(parts, nparts, i, pfn);
				for (size_t k = i; k < nparts && parts[k].first < next && !ret;
				     k++) {
					u64 from = MAX(pfn, parts[k].first);

					ret = fn(ctx, from, MIN(next - 1, parts[k].last) - from + 1,
						 word);
				}
			}
		}
		p = nl ? nl + 1 : end;
	}
	return ret;
}

static int read_tree(struct root *r, struct space *s, const struct frame_part *parts, size_t nparts,
		     frame_run_fn *fn, void *ctx)
{
	struct buf b;
	size_t bad = 0;
	int ret;

	buf_init(&b);
	ret = root_slurp(r, "proc/frames.txt", ROOT_CAP_NONE, &b);
	if (ret)
		space_note(s, NOTE_ABSENT, "frames.txt", -ret, NULL, "this tree has no frames");
	else
		ret = frames_txt_read(b.p, b.len, parts, nparts, fn, ctx, &bad);
	if (bad)
		space_note(s, NOTE_CONFLICT, "frames.txt", 0, NULL, "%zu lines make no sense", bad);
	buf_release(&b);
	return ret;
}

int frame_read(struct root *r, struct space *s, const struct frame_part *parts, size_t nparts,
	       unsigned threads, frame_run_fn *fn, void *ctx)
{
	if (root_is_live(r))
		return read_live(r, s, parts, nparts, threads, fn, ctx);
	return read_tree(r, s, parts, nparts, fn, ctx);
}
