/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Details of the user half: objects, mappings, gaps. */
#include <stdio.h>
#include <string.h>

#include "../model/roles.h"
#include "../render/bar.h"
#include "../render/words.h"
#include "columns.h"
#include "facts.h"
#include "list.h"
#include "minimap.h"

/** Most sections, marks and warnings that are told one by one. */
#define SECTIONS_MAX 64
#define MARKS_MAX    32
#define WARNINGS_MAX 16
#define MEMBERS_MAX  32

/* --- figures ---------------------------------------------------------------------------------- */

static void add_fig(struct buf *b, const char *name, struct fig f)
{
	char size[SIZE_TEXT_MAX];

	size_text(size, f.v);
	buf_addf(b, "%s%s%s%s", b->len ? "  " : "", name, *name ? " " : "", f.have ? size : "?");
}

static void add_nonzero(struct buf *b, const char *name, struct fig f)
{
	if (!f.have || f.v)
		add_fig(b, name, f);
}

static void facts_totals(struct facts *f, const struct space *s, const struct totals *t)
{
	struct buf b = { 0 };

	add_fig(&b, "", t->rss);
	add_fig(&b, "pss", t->pss);
	add_fig(&b, "swap", t->swap);
	facts_buf(f, "rss", &b);
	add_fig(&b, "dirty", t->private_dirty);
	add_fig(&b, "clean", t->private_clean);
	facts_buf(f, "private", &b);
	add_fig(&b, "dirty", t->shared_dirty);
	add_fig(&b, "clean", t->shared_clean);
	facts_buf(f, "shared", &b);
	if (s->host.average_counts && t->pss.have)
		facts_say(f, "approximate",
			  "pss, private, shared: the kernel counts large folios as a "
			  "whole");
	add_nonzero(&b, "anonymous", t->anon);
	add_nonzero(&b, "referenced", t->referenced);
	add_nonzero(&b, "locked", t->locked);
	add_nonzero(&b, "huge", t->huge);
	facts_buf(f, "of it", &b);
	add_fig(&b, "present", t->present);
	add_nonzero(&b, "swapped", t->swapped);
	add_nonzero(&b, "guard", t->guard);
	add_nonzero(&b, "zero page", t->zero);
	add_nonzero(&b, "other", t->other);
	add_nonzero(&b, page_state_name(PS_ABSENT), t->untouched);
	facts_buf(f, "pages", &b);
	buf_release(&b);
}

/** What the bar's cells stand for: those it has. */
static void say_legend(struct facts *f, const struct tui *t, const u8 *bar, unsigned n)
{
	u32 states = 0;
	struct buf b = { 0 };

	for (unsigned i = 0; i < n; i++)
		states |= 1u << SLICE_STATE(bar[i]);
	for (unsigned st = 0; st < 16; st++) {
		const struct bar_look *look = bar_state_look(st);

		if (!(states >> st & 1))
			continue;
		buf_addstr(&b, b.len ? "  " : "");
		if (t->ascii || t->mono)
			buf_addch(&b, look->ascii);
		else
			buf_addf(&b, "%s%s", strcmp(look->half, look->full) ? look->half : "",
				 look->full);
		buf_addf(&b, " %s", bar_state_words(st));
	}
	facts_buf(f, "bar", &b);
	buf_release(&b);
}

/** Every field of smaps by the kernel's own name; those that are zero behind the others. */
static void say_smaps(struct facts *f, const struct space *s, const struct vma *v)
{
	struct buf some = { 0 }, zero = { 0 };
	struct smaps_values sv;
	char size[SIZE_TEXT_MAX];

	if (!(v->have & VMA_HAVE_SMAPS)) {
		facts_str(f, "smaps", "? (not read, or not yet)");
		return;
	}
	space_smaps(s, v, &sv);
	for (u32 i = 0; i < s->nfields && i < SMAPS_MAX; i++) {
		const char *name = strtab_get(&s->names, s->field_name[i]);
		bool plain = s->field_plain >> i & 1;

		if (!(sv.have >> i & 1))
			continue;
		if (!sv.v[i]) {
			buf_addf(&zero, "%s%s", zero.len ? " " : "", name);
			continue;
		}
		size[format_size(size, plain ? sv.v[i] : sv.v[i] * KIB,
				 plain ? SIZE_BYTES : SIZE_LONG)] = '\0';
		buf_addf(&some, "%s%s %s", some.len ? "  " : "", name, size);
	}
	facts_buf(f, "smaps", &some);
	facts_buf(f, "zero", &zero);
	buf_release(&some);
	buf_release(&zero);
}

static void say_flags(struct facts *f, const struct space *s, const struct vma *v)
{
	struct buf b = { 0 };

	for (u32 i = 0; i < s->nvmflags; i++) {
		const char *words = vmflag_words(s->vmflag_names[i]);

		if (!(v->vmflags >> i & 1))
			continue;
		buf_addf(&b, "%s%s", b.len ? ", " : "", words ? words : s->vmflag_names[i]);
	}
	facts_buf(f, "VmFlags", &b);
	buf_release(&b);
}

/* --- what changed, what is to be watched ------------------------------------------------------ */

static void add_pages(struct buf *b, const char *what, struct fig pages)
{
	if (pages.have && pages.v)
		buf_addf(b, "%s%llu page%s %s", b->len ? ", " : "", (unsigned long long)pages.v,
			 pages.v == 1 ? "" : "s", what);
}

/** All changes of its mappings; the first few one by one. */
static void say_changes(struct facts *f, const struct tui *t, struct range r)
{
	static const char *const words[] = {
		[CHANGE_NONE] = "",	  [CHANGE_NEW] = "new",	      [CHANGE_GONE] = "gone",
		[CHANGE_GROWN] = "grown", [CHANGE_SHRUNK] = "shrunk", [CHANGE_PERMS] = "remapped",
		[CHANGE_PAGES] = "",
	};
	const struct changes *c = &t->changes;
	unsigned told = 0;
	struct buf b = { 0 };

	for (size_t i = changes_lower(c, r.first);
	     i < c->n && c->v[i].r.first <= r.last && told < MARKS_MAX; i++) {
		const struct change *ch = &c->v[i];
		size_t start;

		/* The page has a line of its own that says the same of it alone. */
		if (tui_place(t)->level == LEVEL_PAGE)
			buf_addstr(&b, "in the mapping: ");
		start = b.len;
		buf_addstr(&b, words[ch->kind]);
		add_pages(&b, "came", ch->came);
		add_pages(&b, "went", ch->went);
		add_pages(&b, "became private", ch->copied);
		add_pages(&b, "swapped out", ch->swapped);
		add_pages(&b, "swapped in", ch->swapped_in);
		if (b.len == start) {
			buf_clear(&b);
			continue;
		}
		buf_addf(&b, " (%llx)", (unsigned long long)ch->r.first);
		facts_add(f,
			  told++    ? ""
			  : t->mark ? "since mark"
				    : "just now",
			  TSTYLE_NEW, b.p, b.len);
		buf_clear(&b);
	}
	buf_release(&b);
}

static void say_warnings(struct facts *f, const struct space *s, u32 first, u32 n)
{
	unsigned told = 0;
	char size[SIZE_TEXT_MAX];
	struct buf b = { 0 };

	for (size_t i = 0; i < s->nwarnings && told < WARNINGS_MAX; i++) {
		const struct warning *w = &s->warnings[i];

		if (w->vma == NO_INDEX || w->vma < first || w->vma - first >= n)
			continue;
		buf_addstr(&b, warning_words(w->kind));
		size_text(size, w->bytes);
		if (w->bytes)
			buf_addf(&b, " (%s)", size);
		if (n > 1)
			buf_addf(&b, " at %llx", (unsigned long long)s->vmas[w->vma].first);
		facts_add(f, told++ ? "" : "WARNING", STYLE_WARN, b.p, b.len);
		buf_clear(&b);
	}
	buf_release(&b);
}

static void say_marks(struct facts *f, const struct space *s, struct range r)
{
	size_t low = 0, high = s->nmarks;
	unsigned told = 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->marks[mid].addr < r.first)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < s->nmarks && s->marks[low].addr <= r.last && told < MARKS_MAX; low++) {
		const struct mark *m = &s->marks[low];
		char of[32] = "";

		if (m->thread != NO_INDEX && m->thread < s->nthreads)
			snprintf(of, sizeof(of), " of %d", (int)s->threads[m->thread].tid);
		facts_say(f, told++ ? "" : "marks", "%llx  %s%s (%s)", (unsigned long long)m->addr,
			  m->name, of, m->source);
	}
}

/* --- files ------------------------------------------------------------------------------------ */

static void say_file(struct facts *f, const struct space *s, const struct vma *v)
{
	const struct object *o = v->object == NO_INDEX ? NULL : &s->objects[v->object];
	const char *state = o ? object_file_words(s, o) : NULL;

	if (v->inode || v->major || v->minor)
		facts_say(f, "file", "device %02x:%02x inode %llu%s", v->major, v->minor,
			  (unsigned long long)v->inode,
			  o && o->file_state == FILE_SAME ? ", still the one at its name" : "");
	if (state)
		facts_add(f, "", STYLE_WARN, state, strlen(state));
}

static void say_image(struct facts *f, const struct space *s, const struct object *o)
{
	const struct image *img = o->image == NO_INDEX ? NULL : &s->images[o->image];
	const char *link;
	struct buf b = { 0 };

	if (!img)
		return;
	if (img->err) {
		facts_say(f, "ELF", "? (%s)", image_err_words(img->err));
		return;
	}
	link = image_link_words(img->link);
	buf_addf(&b, "%u-bit%s%s, %zu sections", img->elf_class, link ? " " : "", link ? link : "",
		 img->nsections);
	if (img->bind_now)
		buf_addstr(&b, ", bound at start");
	if (img->stripped)
		buf_addstr(&b, ", stripped");
	facts_buf(f, "ELF", &b);
	buf_release(&b);
	if (img->build_id)
		facts_str(f, "build-id", img->build_id);
	if (img->soname)
		facts_str(f, "soname", img->soname);
	if (img->interp)
		facts_str(f, "interpreter", img->interp);
	if (o->bias_state == BIAS_KNOWN)
		facts_say(f, "load bias", "%llx", (unsigned long long)o->bias);
}

/** The sections of the image that lie in the mapping, and where in it. */
static void say_sections(struct facts *f, const struct space *s, const struct vma *v)
{
	const struct image_section *sec[SECTIONS_MAX];
	size_t n = vma_sections(s, v, sec, SECTIONS_MAX), index;
	const struct image_segment *g = vma_segment(s, v, &index);
	const struct object *o;
	char size[SIZE_TEXT_MAX];

	if (g)
		facts_say(f, "segment", "%zu LOAD, 0x%llx bytes of the file, 0x%llx in memory",
			  index, (unsigned long long)g->filesz, (unsigned long long)g->memsz);
	if (!n)
		return;
	o = &s->objects[v->object];
	for (size_t i = 0; i < n; i++) {
		u64 first = sec[i]->addr + o->bias;

		size[format_size(size, sec[i]->size, SIZE_SHORT)] = '\0';
		facts_say(f, i ? "" : "sections", "%-16s %llx  %s",
			  sec[i]->name ? sec[i]->name : "?", (unsigned long long)first, size);
	}
}

/* --- threads and heaps ------------------------------------------------------------------------ */

static void say_thread(struct facts *f, const struct space *s, const struct object *o)
{
	const struct thread *th;
	const struct vma *v = &s->vmas[o->vma];
	struct fig used, touched;
	char text[SIZE_TEXT_MAX];

	for (u32 i = o->nvmas; i-- > 0;)
		if (s->vmas[o->vma + i].perms & PERM_R) {
			v = &s->vmas[o->vma + i];
			break;
		}
	touched = stack_touched(s, v);
	size_text(text, touched.v);
	if (o->thread == NO_INDEX) {
		facts_say(f, "stack", "touched %s down", touched.have ? text : "?");
		return;
	}
	th = &s->threads[o->thread];
	used = stack_used(s, v, th);
	facts_say(f, "thread", "%d %s, state %c", (int)th->tid, strtab_get(&s->names, th->name),
		  th->state ? th->state : '?');
	if (th->sp.have)
		facts_say(f, "sp", "%llx", (unsigned long long)th->sp.v);
	else
		facts_str(f, "sp", th->running ? "? (it runs)" : "?");
	facts_say(f, "stack", "touched %s down", touched.have ? text : "?");
	size_text(text, used.v);
	facts_say(f, "", "in use %s", used.have ? text : "?");
}

/** The parts of the main stack, highest first. */
static void say_stack_parts(struct facts *f, const struct space *s, const struct vma *v)
{
	struct stack_part parts[8];
	size_t n = space_stack_parts(s, v, parts);
	char size[SIZE_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		size[format_size(size, range_size(parts[i].r), SIZE_SHORT)] = '\0';
		facts_say(f, i ? "" : "holds", "%llx  %s  %s", (unsigned long long)parts[i].r.first,
			  parts[i].name, size);
	}
}

static void say_room(struct facts *f, const struct room *room)
{
	char size[SIZE_TEXT_MAX];

	if (room->limit == ROOM_NONE)
		return;
	size_text(size, room->bytes);
	facts_say(f, room->up ? "heap" : "stack", "can grow %s %s, then %s%s", size,
		  room->up ? "up" : "down", room->limit == ROOM_RLIMIT ? "" : "the ", room->what);
}

/** What a heap or a stack can still grow by. */
static void say_growth(struct facts *f, const struct space *s, const struct object *o)
{
	struct room room;
	struct gap g;

	if (o->kind == OBJ_STACK && space_gap_below(s, o->vma, &g)) {
		room = space_stack_room(s, &g);
		say_room(f, &room);
	}
	if (o->kind == OBJ_HEAP && space_gap_below(s, o->vma + o->nvmas, &g)) {
		room = space_heap_room(s, &g);
		say_room(f, &room);
	}
}

/* --- mappings and objects --------------------------------------------------------------------- */

static void say_perms(struct facts *f, const struct space *s, const struct vma *v)
{
	u8 real = space_effective_perms(s, v) & 7, rwx = v->perms & 7;
	char t[4], e[4];
	bool wx = (rwx & (PERM_W | PERM_X)) == (PERM_W | PERM_X);

	perms_letters(t, v->perms);
	perms_letters(e, real);
	facts_say(f, "perms", "%.4s%s%s%.3s", t, wx ? "  writable and executable" : "",
		  real != rwx ? "  the hardware allows " : "", real != rwx ? e : "");
}

static void say_kind(struct facts *f, const struct space *s, const struct vma *v)
{
	unsigned kind = v->object == NO_INDEX ? OBJ_ANON : s->objects[v->object].kind;
	struct buf b = { 0 };

	buf_addstr(&b, object_kind_name((enum object_kind)MIN(kind, OBJ_NKINDS - 1u)));
	if (v->role != ROLE_NONE)
		buf_addf(&b, ", %s", vma_role_name((enum vma_role)v->role));
	facts_buf(f, "kind", &b);
	buf_release(&b);
}

static void say_name(struct facts *f, const struct space *s, const struct vma *v)
{
	unsigned kind = v->object == NO_INDEX ? OBJ_ANON : s->objects[v->object].kind;
	unsigned style = STYLE_KIND + MIN(kind, OBJ_NKINDS - 1u);
	const char *name;
	size_t len;

	name = mapping_title(s, v, &len);
	if (!len) {
		name = object_kind_name((enum object_kind)MIN(kind, OBJ_NKINDS - 1u));
		len = strlen(name);
	}
	facts_add(f, "name", style, name, len);
}

/** Without what belongs to the whole object. */
static void say_mapping(struct facts *f, const struct tui *t, const struct vma *v)
{
	const struct space *s = &t->snap->space;
	struct totals sum;

	facts_range(f, vma_range(v));
	say_perms(f, s, v);
	totals_init(&sum);
	totals_add(&sum, s, v);
	facts_totals(f, s, &sum);
	if (v->have & VMA_HAVE_PAGES && v->slices != NO_INDEX)
		say_legend(f, t, (const u8 *)s->slices.p + v->slices, v->nslices);
	say_changes(f, t, vma_range(v));
	if (v->inode)
		facts_say(f, "offset", "0x%llx in the file", (unsigned long long)v->offset);
	say_sections(f, s, v);
	say_stack_parts(f, s, v);
	say_marks(f, s, vma_range(v));
	say_flags(f, s, v);
	say_smaps(f, s, v);
}

void facts_mapping(struct facts *f, const struct tui *t, const struct vma *v)
{
	const struct space *s = &t->snap->space;
	const struct object *o = v->object == NO_INDEX ? NULL : &s->objects[v->object];

	say_name(f, s, v);
	say_warnings(f, s, (u32)(v - s->vmas), 1);
	say_kind(f, s, v);
	if (o && (o->kind == OBJ_STACK || o->kind == OBJ_THREAD_STACK) && v->perms & PERM_R)
		say_thread(f, s, o);
	if (o)
		say_growth(f, s, o);
	say_mapping(f, t, v);
	say_file(f, s, v);
	if (o)
		say_image(f, s, o);
}

/** Its mappings, a line each, highest first. */
static void say_members(struct facts *f, const struct space *s, const struct object *o)
{
	char size[SIZE_TEXT_MAX], rss[SIZE_TEXT_MAX], perms[4];
	unsigned told = 0;
	struct buf b = { 0 };

	for (u32 i = o->nvmas; i-- > 0; told++) {
		const struct vma *v = &s->vmas[o->vma + i];
		struct totals sum;

		if (told == MEMBERS_MAX) {
			facts_say(f, "", "and %u more: Enter lists them", i + 1);
			break;
		}
		totals_init(&sum);
		totals_add(&sum, s, v);
		size[format_size(size, sum.size, SIZE_SHORT)] = '\0';
		rss[format_size(rss, sum.rss.v, SIZE_SHORT)] = '\0';
		perms_letters(perms, v->perms);
		buf_addf(&b, "%llx %.4s %6s rss %6s ", (unsigned long long)v->first, perms, size,
			 sum.rss.have ? rss : "?");
		mapping_words(&b, s, v);
		facts_buf(f, told ? "" : "mappings", &b);
	}
	buf_release(&b);
}

/** With a filter a row stands for mappings that meet it, its figures for all the object has. */
static void say_filter(struct facts *f, const struct tui *t, const struct item *it)
{
	struct buf b = { 0 };

	if (!t->filter)
		return;
	expr_count_words(&b, &it->filtered);
	facts_say(f, "filter", "%s; figures are of the whole object", b.p);
	buf_release(&b);
}

void facts_object(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	const struct object *o = &s->objects[it->index];
	const struct vma *low = &s->vmas[o->vma];
	struct object_sum sum;
	char size[SIZE_TEXT_MAX];
	const char *name;
	size_t len;

	if (o->nvmas == 1) {
		facts_mapping(f, t, low);
		return;
	}
	sums_object(t->snap->sums, s, it->index, &sum);
	name = object_title(s, o, &len);
	facts_add(f, "name", STYLE_KIND + MIN(o->kind, OBJ_NKINDS - 1u), name, len);
	say_warnings(f, s, o->vma, o->nvmas);
	size_text(size, sum.totals.size);
	facts_say(f, "kind", "%s, %u mappings of %s in all",
		  object_kind_name((enum object_kind)MIN(o->kind, OBJ_NKINDS - 1u)), o->nvmas,
		  size);
	say_filter(f, t, it);
	facts_range(f, it->r);
	if (o->kind == OBJ_STACK || o->kind == OBJ_THREAD_STACK || o->kind == OBJ_SHADOW_STACK)
		say_thread(f, s, o);
	say_growth(f, s, o);
	facts_totals(f, s, &sum.totals);
	say_legend(f, t, sum.bar, sum.nbar);
	say_changes(f, t, it->r);
	say_file(f, s, low);
	say_image(f, s, o);
	say_marks(f, s, it->r);
	say_members(f, s, o);
}

/* --- gaps ------------------------------------------------------------------------------------- */

static void say_neighbour(struct facts *f, const struct space *s, const char *label, u32 v)
{
	const char *name;
	struct buf b = { 0 };
	size_t len;

	if (v == NO_INDEX) {
		facts_str(f, label, "the end of the half");
		return;
	}
	name = mapping_title(s, &s->vmas[v], &len);
	if (!len && s->vmas[v].object != NO_INDEX)
		name = object_kind_name((enum object_kind)s->objects[s->vmas[v].object].kind);
	buf_addhex(&b, s->vmas[v].first, 0);
	buf_addf(&b, "  %.*s", (int)(len ? len : strlen(name)), name);
	facts_buf(f, label, &b);
	buf_release(&b);
}

void facts_gap(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	size_t i = it->index == NO_INDEX ? s->nvmas : it->index;
	struct fig trap = s->proc.mmap_min_addr;
	char size[SIZE_TEXT_MAX];
	struct room room;
	struct gap g, largest;

	facts_add(f, "kind", STYLE_BOLD, "gap: nothing is mapped", 22);
	facts_range(f, it->r);
	if (!space_gap_below(s, i, &g))
		return;
	say_neighbour(f, s, "above", g.above);
	say_neighbour(f, s, "below", g.below);
	room = space_stack_room(s, &g);
	say_room(f, &room);
	room = space_heap_room(s, &g);
	say_room(f, &room);
	if (!it->r.first && trap.have && trap.v) {
		size_text(size, trap.v);
		facts_say(f, "NULL trap", "the lowest %s stay unmapped (vm.mmap_min_addr)", size);
	}
	if (sums_largest_gap(t->snap->sums, s, &largest) && largest.r.last == g.r.last)
		facts_str(f, "", "the largest gap of this half");
	say_changes(f, t, it->r);
}

/* --- the half --------------------------------------------------------------------------------- */

static void say_kinds(struct facts *f, const struct totals kind[static OBJ_NKINDS])
{
	bool told[OBJ_NKINDS] = { false }, first = true;
	char size[SIZE_TEXT_MAX], rss[SIZE_TEXT_MAX];

	for (;;) {
		int best = -1;

		for (int k = 0; k < OBJ_NKINDS; k++)
			if (!told[k] && kind[k].nvmas &&
			    (best < 0 || kind[k].rss.v > kind[best].rss.v ||
			     (kind[k].rss.v == kind[best].rss.v && kind[k].size > kind[best].size)))
				best = k;
		if (best < 0)
			return;
		told[best] = true;
		size[format_size(size, kind[best].size, SIZE_SHORT)] = '\0';
		rss[format_size(rss, kind[best].rss.v, SIZE_SHORT)] = '\0';
		facts_say(f, first ? "by kind" : "", "%-14s %6s of %6s",
			  object_kind_name((enum object_kind)best), kind[best].rss.have ? rss : "?",
			  size);
		first = false;
	}
}

/** "42 of 65530 mappings". */
static void say_headroom(struct facts *f, const struct snapshot *snap)
{
	struct headroom h[HEADROOM_N];
	char used[SIZE_TEXT_MAX], limit[SIZE_TEXT_MAX];

	sums_headroom(snap->sums, &snap->space, h);
	for (size_t i = 0; i < HEADROOM_N; i++) {
		bool near = h[i].used.have && h[i].limit.have && h[i].limit.v != UNLIMITED &&
			    h[i].limit.v && h[i].used.v >= h[i].limit.v / 10 * 9;
		enum size_form form = h[i].bytes ? SIZE_LONG : SIZE_BYTES;
		struct buf b = { 0 };

		used[format_size(used, h[i].used.v, form)] = '\0';
		limit[format_size(limit, h[i].limit.v, form)] = '\0';
		buf_addf(&b, "%s %s of %s", h[i].name, h[i].used.have ? used : "?",
			 !h[i].limit.have	     ? "?"
			 : h[i].limit.v == UNLIMITED ? "unlimited"
						     : limit);
		facts_add(f, i ? "" : "headroom", near ? STYLE_WARN : STYLE_PLAIN, b.p, b.len);
		buf_release(&b);
	}
}

void facts_user_half(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	struct totals kind[OBJ_NKINDS], all;
	char size[SIZE_TEXT_MAX];
	struct buf b = { 0 };

	facts_add(f, "name", STYLE_BOLD, "the user half", 13);
	facts_range(f, it->r);
	if (s->no_user != USER_HERE) {
		no_user_words(&b, s);
		if (b.len)
			facts_add(f, "", STYLE_WARN, b.p, b.len);
		buf_release(&b);
		facts_notes(f, s, false);
		return;
	}
	all = sums_user(t->snap->sums, s, kind);
	if (s->user_source) {
		known_by_words(&b, s->user_conf, s->user_source);
		facts_buf(f, "known by", &b);
	}
	size_text(size, all.size);
	facts_say(f, "mapped", "%s in %llu mappings, %zu objects", size,
		  (unsigned long long)sums_map_count(t->snap->sums, s), s->nobjects);
	facts_totals(f, s, &all);
	say_kinds(f, kind);
	if (s->mmap_base.have)
		facts_say(f, "mmap base", "%llx (%s)", (unsigned long long)s->mmap_base.v,
			  s->mmap_base_source ? s->mmap_base_source : "worked out from the rows");
	say_headroom(f, t->snap);
	for (size_t i = 0; i < s->nwarnings && i < WARNINGS_MAX; i++) {
		const struct warning *w = &s->warnings[i];

		buf_addstr(&b, warning_words(w->kind));
		if (w->vma != NO_INDEX)
			buf_addf(&b, " at %llx", (unsigned long long)s->vmas[w->vma].first);
		facts_add(f, i ? "" : "WARNING", STYLE_WARN, b.p, b.len);
		buf_clear(&b);
	}
	if (s->nwarnings > WARNINGS_MAX)
		facts_say(f, "", "and %zu more", s->nwarnings - WARNINGS_MAX);
	minimap_legend(&b, t->ascii);
	facts_buf(f, "map", &b);
	buf_release(&b);
	facts_notes(f, s, false);
}
