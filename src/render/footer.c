/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Below the map: legend, totals, limits, warnings, and what was not to be had and why. */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bar.h"

/** Most warnings shown without --verbose: a JIT may have thousands of W+X mappings. */
#define WARNINGS_SHOWN 20

static const char *name_of(const struct space *s, u32 id)
{
	return strtab_get(&s->names, id);
}

/* --- legend -------------------------------------------------------------------------------------
 */

static void legend(struct view *v)
{
	struct flow f;

	if (!v->c.bar.w || !v->states)
		return;
	flow_begin(&f, v, "pages");
	for (unsigned st = 0; st < PS_NSTATES; st++) {
		if (st != PS_ABSENT && !(v->states >> st & 1))
			continue;
		if (!f.first && row_at(&v->row) + 2 + 3 + strlen(bar_state_words(st)) > v->o->width)
			flow_newline(&f);
		if (!f.first)
			row_skip(&v->row, 2);
		bar_sample(v, (enum page_state)st);
		row_skip(&v->row, 1);
		row_str(&v->row, bar_state_words(st));
		f.first = false;
	}
	flow_newline(&f);
	flow_str(&f,
		 "A cell is a page, or an equal share of a larger mapping and what most of it "
		 "holds; lowest address left.",
		 STYLE_DIM);
	flow_end(&f);
}

void root_draw(struct view *v, const char *what)
{
	struct flow f;

	if (!v->o->running_as_root)
		return;
	buf_clear(&v->text);
	buf_addf(&v->text, "made as root: this text holds %s", what);
	flow_begin(&f, v, "sources");
	flow_item(&f, v->text.p, v->text.len, STYLE_NOTE);
	flow_end(&f);
}

void approximate_draw(struct view *v, const char *what)
{
	static const char why[] =
		" approximate: the kernel counts the mappings of a large folio for "
		"all of its pages together (CONFIG_NO_PAGE_MAPCOUNT)";
	struct flow f;

	if (!v->s->host.average_counts)
		return;
	buf_clear(&v->text);
	buf_addstr(&v->text, what);
	buf_addstr(&v->text, why);
	flow_begin(&f, v, "counts");
	flow_words(&f, v->text.p, v->text.len, STYLE_NOTE);
	flow_end(&f);
}

/* --- totals -------------------------------------------------------------------------------------
 */

static void totals_lines(struct view *v)
{
	const struct fig unknown = { 0 };
	const struct totals *t = &v->all;
	struct flow f;

	flow_begin(&f, v, "totals");
	flow_number(&f, "mappings", t->maybe ? unknown : FIG(t->nvmas));
	flow_size(&f, "promised", t->maybe ? unknown : FIG(t->size));
	if (v->s->have_scan) {
		flow_size(&f, "present", t->present);
		flow_size(&f, "swapped", t->swapped);
		flow_size(&f, "untouched", t->untouched);
		if (!t->other.have || t->other.v)
			flow_size(&f, "other non-present", t->other);
		if (t->guard.v)
			flow_size(&f, "guard", t->guard);
		if (t->zero.v)
			flow_size(&f, "zero", t->zero);
	}
	flow_newline(&f);
	flow_size(&f, "rss", t->rss);
	flow_size(&f, "pss", t->pss);
	flow_size(&f, "swap", t->swap);
	flow_size(&f, "anonymous", t->anon);
	flow_newline(&f);
	flow_size(&f, "private dirty", t->private_dirty);
	flow_size(&f, "private clean", t->private_clean);
	flow_size(&f, "shared dirty", t->shared_dirty);
	flow_size(&f, "shared clean", t->shared_clean);
	flow_newline(&f);
	flow_size(&f, "referenced", t->referenced);
	flow_size(&f, "locked", t->locked);
	flow_size(&f, "huge", t->huge);
	if (v->o->limit.first || v->o->limit.last != UINT64_MAX)
		flow_str(&f, "(only mappings that overlap the range asked for)", STYLE_DIM);
	if (v->o->filter)
		flow_str(&f, "(only mappings that meet the filter)", STYLE_DIM);
	flow_end(&f);
}

/** A figure of the table, right-aligned. */
static void cell(struct view *v, struct fig x, unsigned end)
{
	char t[SIZE_TEXT_MAX];

	if (!x.have)
		row_right(&v->row, "?", 1, end);
	else
		row_right(&v->row, t, format_size(t, x.v, v->o->bytes ? SIZE_BYTES : SIZE_LONG),
			  end);
}

static struct fig dirty_of(const struct totals *t)
{
	if (!t->private_dirty.have || !t->shared_dirty.have)
		return (struct fig){ 0 };
	return FIG(t->private_dirty.v + t->shared_dirty.v);
}

/** The kinds there are, those that hold most memory first. */
static size_t sort_kinds(const struct view *v, u8 order[OBJ_NKINDS])
{
	size_t n = 0;

	for (unsigned k = 0; k < OBJ_NKINDS; k++) {
		const struct totals *t = &v->kind[k];
		u64 weight = t->rss.have ? t->rss.v : t->present.v;
		size_t at = n;

		if (!t->nvmas)
			continue;
		for (; at > 0; at--) {
			const struct totals *o = &v->kind[order[at - 1]];
			u64 other = o->rss.have ? o->rss.v : o->present.v;

			if (other > weight || (other == weight && o->size >= t->size))
				break;
			order[at] = order[at - 1];
		}
		order[at] = (u8)k;
		n++;
	}
	return n;
}

static void kinds_table(struct view *v)
{
	static const char *const captions[] = { "maps", "size", "rss", "pss", "swap", "dirty" };
	unsigned w = v->o->bytes ? 16 : 10, name = v->o->width < 60 ? 2 : 11, first;
	unsigned shown = v->have_smaps ? 6 : 2, x;
	u8 order[OBJ_NKINDS];
	size_t n = sort_kinds(v, order);
	struct row *r = &v->row;
	struct flow f;

	if (!n)
		return;
	first = name + 16 + 6;
	while (shown > 1 && first + (shown - 1) * w > v->o->width)
		shown--;
	flow_begin(&f, v, "by kind");
	row_style(r, STYLE_DIM);
	for (unsigned i = 0; i < shown; i++)
		row_right(r, captions[i], strlen(captions[i]), first + i * w);
	flow_end(&f);
	for (size_t i = 0; i < n; i++) {
		const struct totals *t = &v->kind[order[i]];
		const char *kind = object_kind_name((enum object_kind)order[i]);
		struct fig size = t->maybe ? (struct fig){ 0 } : FIG(t->size);
		struct fig figures[] = { size, t->rss, t->pss, t->swap, dirty_of(t) };
		char count[24];

		row_to(r, name);
		row_style(r, STYLE_KIND + order[i]);
		row_text(r, kind, strlen(kind), 16, ELIDE_END);
		row_style(r, STYLE_PLAIN);
		x = (unsigned)(t->maybe ? snprintf(count, sizeof(count), "?")
					: snprintf(count, sizeof(count), "%llu",
						   (unsigned long long)t->nvmas));
		row_right(r, count, x, first);
		for (unsigned k = 1; k < shown; k++)
			cell(v, figures[k - 1], first + k * w);
		row_end(r);
	}
	out_check(v->out);
}

/* --- the process's figures ----------------------------------------------------------------------
 */

/** Lines of status worth showing without --verbose, unless zero. */
static bool status_wanted(const char *name)
{
	static const char *const wanted[] = { "VmPeak",	 "VmSize",  "VmHWM",	"VmRSS",
					      "RssAnon", "RssFile", "RssShmem", "VmSwap",
					      "VmLck",	 "VmPin",   "VmPTE",	"HugetlbPages" };

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strcmp(wanted[i], name))
			return true;
	return false;
}

static void status_lines(struct view *v)
{
	const struct process *p = &v->s->proc;
	struct flow f;
	struct buf b;

	buf_init(&b);
	if (p->nstatus) {
		flow_begin(&f, v, "status");
		for (size_t i = 0; i < p->nstatus; i++) {
			const char *name = name_of(v->s, p->status[i].name);

			if (!v->o->verbose && (!p->status[i].kib || !status_wanted(name)))
				continue;
			buf_clear(&b);
			buf_addescaped(&b, name, strlen(name), v->row.ascii);
			flow_size(&f, b.p, FIG(p->status[i].kib * KIB));
		}
		flow_end(&f);
	}
	flow_begin(&f, v, "faults");
	flow_number(&f, "minor", p->minflt);
	flow_number(&f, "major", p->majflt);
	flow_number(&f, "oom score", p->oom_score);
	/* The adjustment is signed: -1000 to 1000. */
	buf_clear(&b);
	if (p->oom_score_adj.have)
		buf_addf(&b, "adjusted by %lld", (long long)p->oom_score_adj.v);
	else
		buf_addstr(&b, "adjusted by ?");
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	flow_end(&f);
	buf_release(&b);
}

static void unmapped_lines(struct view *v)
{
	const struct process *p = &v->s->proc;
	struct flow f;
	bool cgroup = false;

	if (!p->nunmapped)
		return;
	flow_begin(&f, v, "unmapped");
	for (size_t i = 0; i < p->nunmapped; i++) {
		const struct unmapped *u = &p->unmapped[i];

		if (u->whole_cgroup && !cgroup) {
			flow_newline(&f);
			flow_str(&f, "whole cgroup:", STYLE_DIM);
			cgroup = true;
		}
		/* "cgroup file": the label has said the first word. */
		flow_size(&f,
			  u->whole_cgroup && !strncmp(u->name, "cgroup ", 7) ? u->name + 7
									     : u->name,
			  FIG(u->bytes));
	}
	flow_end(&f);
}

static void add_figure(struct view *v, struct buf *b, u64 n, bool bytes)
{
	char t[SIZE_TEXT_MAX];

	buf_add(b, t, format_size(t, n, v->o->bytes || !bytes ? SIZE_BYTES : SIZE_LONG));
}

/** "RLIMIT_STACK 132 KiB of 8 MiB", "42 of 65530 mappings"; a warning from nine tenths on. */
static void headroom_item(struct view *v, struct flow *f, const struct headroom *h)
{
	bool near = h->used.have && h->limit.have && h->limit.v != UNLIMITED && h->limit.v &&
		    h->used.v >= h->limit.v / 10 * 9;
	struct buf b;

	buf_init(&b);
	buf_addf(&b, "%s ", h->name);
	if (!h->used.have)
		buf_addch(&b, '?');
	else
		add_figure(v, &b, h->used.v, h->bytes);
	buf_addstr(&b, " of ");
	if (!h->limit.have)
		buf_addch(&b, '?');
	else if (h->limit.v == UNLIMITED)
		buf_addstr(&b, "unlimited");
	else
		add_figure(v, &b, h->limit.v, h->bytes);
	flow_item(f, b.p, b.len, near ? STYLE_WARN : STYLE_PLAIN);
	buf_release(&b);
}

static void headroom_lines(struct view *v)
{
	/* Documentation/mm/overcommit-accounting.rst */
	static const char *const modes[] = { "heuristic", "always", "never beyond the limit" };
	const struct process *p = &v->s->proc;
	struct headroom h[HEADROOM_N];
	struct gap gap;
	struct flow f;
	struct buf b;

	buf_init(&b);
	space_headroom(v->s, h);
	flow_begin(&f, v, "headroom");
	for (size_t i = 0; i < HEADROOM_N; i++)
		headroom_item(v, &f, &h[i]);
	buf_addf(&b, "overcommit %s",
		 p->overcommit.have && p->overcommit.v < ARRAY_SIZE(modes) ? modes[p->overcommit.v]
									   : "?");
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	if (space_largest_gap(v->s, &gap)) {
		buf_clear(&b);
		buf_addstr(&b, "largest gap ");
		add_figure(v, &b, range_size(gap.r), true);
		buf_addstr(&b, " at ");
		buf_addhex(&b, gap.r.first, v->c.user_addr);
		flow_item(&f, b.p, b.len, STYLE_PLAIN);
	}
	flow_end(&f);
	buf_release(&b);
}

/** Threads with their state, stack pointer and faults, with --verbose. */
static void threads_lines(struct view *v)
{
	const struct space *s = v->s;
	struct flow f;
	struct buf b;

	if (!v->o->verbose || !s->nthreads)
		return;
	buf_init(&b);
	flow_begin(&f, v, "threads");
	for (size_t i = 0; i < s->nthreads; i++) {
		const struct thread *t = &s->threads[i];
		const char *name = name_of(s, t->name);

		flow_newline(&f);
		buf_clear(&b);
		buf_addf(&b, "%d ", (int)t->tid);
		buf_addescaped(&b, name, strlen(name), v->row.ascii);
		flow_item(&f, b.p, b.len, STYLE_PLAIN);
		buf_clear(&b);
		buf_addch(&b, t->state ? t->state : '?');
		flow_item(&f, b.p, b.len, STYLE_PLAIN);
		buf_clear(&b);
		buf_addstr(&b, "sp ");
		if (t->sp.have)
			buf_addhex(&b, t->sp.v, v->c.user_addr);
		else
			buf_addstr(&b, t->running ? "? (running)" : "?");
		buf_addstr(&b, "  pc ");
		if (t->pc.have)
			buf_addhex(&b, t->pc.v, v->c.user_addr);
		else
			buf_addch(&b, '?');
		flow_item(&f, b.p, b.len, STYLE_PLAIN);
		if (t->minflt.have || t->majflt.have) {
			flow_number(&f, "minor", t->minflt);
			flow_number(&f, "major", t->majflt);
		}
	}
	flow_end(&f);
	buf_release(&b);
}

static void environ_lines(struct view *v)
{
	const struct process *p = &v->s->proc;
	struct flow f;
	struct buf b;

	if (!p->nenviron)
		return;
	buf_init(&b);
	flow_begin(&f, v, "environ");
	for (size_t i = 0; i < p->nenviron; i++) {
		flow_newline(&f);
		buf_clear(&b);
		buf_addescaped(&b, p->environ_text[i], strlen(p->environ_text[i]), v->row.ascii);
		flow_words(&f, b.p ? b.p : "", b.len, STYLE_PLAIN);
	}
	flow_end(&f);
	buf_release(&b);
}

/* --- warnings and notes -------------------------------------------------------------------------
 */

/** Is it said by the line before it: executable anonymous memory that can be written, too? */
static bool is_merged(const struct space *s, size_t i)
{
	const struct warning *w = &s->warnings[i];

	return i && w->kind == WARN_EXEC_ANON && w[-1].kind == WARN_WX && w[-1].vma == w->vma;
}

static void warning_line(struct view *v, struct flow *f, size_t index)
{
	const struct space *s = v->s;
	const struct warning *w = &s->warnings[index];
	const char *what = warning_words(w->kind);
	struct buf b, said;
	char t[SIZE_TEXT_MAX], perms[4];

	buf_init(&b);
	buf_init(&said);
	buf_addstr(&said, index + 1 < s->nwarnings && is_merged(s, index + 1)
				  ? "writable and executable anonymous memory"
				  : what);
	if (w->bytes) {
		unsigned n = format_size(t, w->bytes, v->o->bytes ? SIZE_BYTES : SIZE_LONG);

		buf_addstr(&said, " (");
		buf_add(&said, t, n);
		buf_addch(&said, ')');
	}
	flow_newline(f);
	if (w->vma != NO_INDEX && w->vma < s->nvmas) {
		const struct vma *m = &s->vmas[w->vma];
		const char *name = vma_name(s, m);
		size_t taken = f->indent + v->c.user_addr + 6 + 2 + said.len;

		buf_addhex(&b, m->first, v->c.user_addr);
		perms_letters(perms, m->perms);
		buf_addf(&b, " %.4s ", perms);
		name = *name ? name : "[anon]";
		text_elide(&b, name, strlen(name),
			   v->o->width > taken + 16 ? v->o->width - (unsigned)taken : 40,
			   ELIDE_START, v->row.ascii);
		flow_item(f, b.p, b.len, STYLE_PLAIN);
	}
	flow_item(f, said.p, said.len, STYLE_WARN);
	buf_release(&said);
	buf_release(&b);
}

/** mmap() fails with ENOMEM when vm.max_map_count is reached. */
static void map_count_line(struct view *v, struct flow *f)
{
	char text[96];

	flow_newline(f);
	snprintf(text, sizeof(text), "%llu mappings of the %llu that vm.max_map_count allows",
		 (unsigned long long)space_map_count(v->s),
		 (unsigned long long)v->s->proc.max_map_count.v);
	flow_str(f, text, STYLE_WARN);
}

static void warnings_lines(struct view *v)
{
	const struct space *s = v->s;
	size_t most = v->o->verbose ? SIZE_MAX : WARNINGS_SHOWN, lines = 0;
	bool full =
		s->proc.max_map_count.have && space_map_count(s) > s->proc.max_map_count.v / 10 * 9;
	struct flow f;

	if ((!s->nwarnings && !full) || s->no_user != USER_HERE)
		return;
	flow_begin(&f, v, "WARNINGS");
	if (full)
		map_count_line(v, &f);
	for (size_t i = 0; i < s->nwarnings; i++) {
		if (is_merged(s, i))
			continue;
		if (lines++ < most)
			warning_line(v, &f, i);
	}
	if (lines > most) {
		char text[64];

		flow_newline(&f);
		snprintf(text, sizeof(text), "and %zu more (--verbose shows all)", lines - most);
		flow_str(&f, text, STYLE_WARN);
	}
	flow_end(&f);
}

static void note_line(struct view *v, struct flow *f, const struct note *n)
{
	static const enum style styles[] = {
		[NOTE_CLOSED] = STYLE_WARN,   [NOTE_ABSENT] = STYLE_NOTE,
		[NOTE_CHANGED] = STYLE_WARN,  [NOTE_EXITED] = STYLE_WARN,
		[NOTE_CONFLICT] = STYLE_WARN, [NOTE_LIMIT] = STYLE_NOTE,
		[NOTE_INFO] = STYLE_DIM,
	};
	struct buf b, escaped;

	buf_init(&b);
	buf_init(&escaped);
	flow_newline(f);
	flow_str(f, note_kind_words(n->kind), styles[n->kind]);
	note_words(&b, n);
	buf_addescaped(&escaped, b.p ? b.p : "", b.len, v->row.ascii);
	row_skip(&v->row, 1);
	flow_words(f, escaped.p ? escaped.p : "", escaped.len, STYLE_PLAIN);
	buf_release(&escaped);
	buf_release(&b);
}

/** What the tildes of the kernel half mean, where there are any. */
static void kernel_legend(struct view *v)
{
	const struct space *s = v->s;
	bool bounds = false, perms = false;
	struct flow f;

	for (size_t i = 0; i < s->nregions; i++) {
		bounds |= s->regions[i].conf == CONF_BOUNDS && s->regions[i].kind != KR_MODULE;
		perms |= s->regions[i].perms_conf != CONF_EXACT &&
			 s->regions[i].perms_conf != CONF_UNKNOWN;
	}
	if (!bounds && !perms)
		return;
	flow_begin(&f, v, "kernel");
	if (bounds)
		flow_str(&f, "~ after an address: it lies somewhere in that interval", STYLE_DIM);
	if (perms)
		flow_str(&f, "r-x~: as the kernel sets it up, not read from page tables",
			 STYLE_DIM);
	flow_end(&f);
}

/** What was read, and with --verbose at what cost. */
static void sources_line(struct view *v)
{
	const struct space *s = v->s;
	struct flow f;
	struct buf b;

	bool user = s->no_user == USER_HERE && v->o->user;
	bool root = v->o->running_as_root && v->drew_kernel;

	if (!user && !root)
		return;
	buf_init(&b);
	flow_begin(&f, v, "sources");
	if (user) {
		buf_addstr(&b, v->have_smaps ? "smaps" : "maps");
		if (v->o->verbose && v->have_smaps && !s->host.recorded)
			buf_addf(&b, " (%llu us)", (unsigned long long)s->smaps_usec);
		buf_addstr(&b, s->have_scan ? ", pages scanned" : ", pages not scanned");
		if (v->o->verbose && s->have_scan && !s->host.recorded)
			buf_addf(&b, " (%llu us)", (unsigned long long)s->scan_usec);
		flow_item(&f, b.p, b.len, STYLE_PLAIN);
	}
	if (s->proc.rollup_rss.have && v->o->verbose) {
		flow_str(&f, "smaps_rollup:", STYLE_PLAIN);
		flow_size(&f, "rss", FIG(s->proc.rollup_rss.v * KIB));
		if (s->proc.rollup_pss.have)
			flow_size(&f, "pss", FIG(s->proc.rollup_pss.v * KIB));
		if (s->proc.rollup_swap.have)
			flow_size(&f, "swap", FIG(s->proc.rollup_swap.v * KIB));
	}
	if (!v->o->bytes && user)
		flow_str(&f, "K M G T stand for KiB MiB GiB TiB", STYLE_DIM);
	if (root)
		flow_str(&f, "made as root: this text holds kernel addresses", STYLE_NOTE);
	flow_end(&f);
	buf_release(&b);
}

void notes_draw(struct view *v)
{
	const struct space *s = v->s;
	bool first = true;
	struct flow f;

	for (size_t i = 0; i < s->nnotes; i++) {
		if (v->hide_kernel_notes && note_is_kernel(&s->notes[i]))
			continue;
		if (first)
			flow_begin(&f, v, "notes");
		first = false;
		note_line(v, &f, &s->notes[i]);
	}
	if (!first)
		flow_end(&f);
}

void filter_draw(struct view *v, const char *rest)
{
	struct buf b = { 0 };
	struct flow f;

	if (!v->o->filter || !v->o->user || v->s->no_user == USER_NOT_ASKED ||
	    v->s->no_user == USER_DOCUMENTED)
		return;
	buf_addescaped(&b, v->o->filter_text, strlen(v->o->filter_text), v->o->ascii);
	buf_addstr(&b, ": ");
	if (v->s->no_user == USER_HERE) {
		expr_count_words(&b, &v->filtered);
		buf_addstr(&b, rest);
	} else {
		buf_addstr(&b, v->s->no_user == USER_DENIED
				       ? "not applied, as no mapping could be read"
				       : "not applied, as there is no mapping");
	}
	flow_begin(&f, v, "filtered");
	flow_words(&f, b.p, b.len, STYLE_WARN);
	flow_end(&f);
	buf_release(&b);
}

void footer_draw(struct view *v)
{
	const struct space *s = v->s;

	if (v->o->have_locate && !v->located) {
		struct flow f;
		char text[64];

		flow_begin(&f, v, "located");
		snprintf(text, sizeof(text), "%llx is in nothing that is drawn here",
			 (unsigned long long)v->o->locate.first);
		flow_str(&f, text, STYLE_WARN);
		flow_end(&f);
	}
	row_end(&v->row);
	filter_draw(v, "; gaps are left out");
	if (v->drew_kernel) {
		kernel_legend(v);
		frames_legend_draw(v);
	}
	if (v->drew_kernel && !s->proc.pid && range_inside(s->kernel, v->limit))
		kernel_memory_draw(v);
	if (s->no_user == USER_HERE && v->o->user) {
		legend(v);
		if (!v->o->have_locate) {
			totals_lines(v);
			if (v->have_smaps)
				approximate_draw(v, "pss, private and shared are");
			kinds_table(v);
		}
	}
	if (s->proc.pid && v->o->user && !v->o->have_locate) {
		status_lines(v);
		unmapped_lines(v);
		if (s->no_user == USER_HERE)
			headroom_lines(v);
		threads_lines(v);
		environ_lines(v);
	}
	if (v->o->user && !v->o->have_locate)
		warnings_lines(v);
	sources_line(v);
	/* Where it was not asked for; not where nothing is known of it. */
	v->hide_kernel_notes =
		!v->drew_kernel && (!v->o->kernel || !range_overlaps(v->limit, s->kernel));
	notes_draw(v);
}
