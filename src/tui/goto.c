/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `:`: going to a place by its address, virtual or physical, or by its name. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../model/explain.h"
#include "../model/kmap.h"
#include "../render/words.h"
#include "state.h"
#include "where.h"

/* --- addresses -------------------------------------------------------------------------------- */

/** Pushes a list, selecting what has the address. */
static void push(struct tui *t, enum level level, struct range r, bool kernel, u64 addr)
{
	state_push(t, (struct place){ .level = level, .r = r, .kernel = kernel, .at = addr });
}

/** The top-level region whose place is known to have the address; NO_INDEX none. */
static u32 region_at(const struct space *s, u64 addr)
{
	for (size_t i = s->nregions; i-- > 0;) {
		const struct region *r = &s->regions[i];

		if (!r->depth && r->conf < CONF_BOUNDS && r->kind != KR_UNUSED &&
		    range_has((struct range){ r->first, r->last }, addr))
			return (u32)i;
	}
	return NO_INDEX;
}

/** Into the region's list, and further into the module whose section it is. */
static void into_region(struct tui *t, u64 addr)
{
	const struct space *s = &t->snap->space;
	u32 i = region_at(s, addr);
	struct item it;

	if (i == NO_INDEX || !kernel_has_inside(t, i))
		return;
	push(t, LEVEL_OBJECT, (struct range){ s->regions[i].first, s->regions[i].last }, true,
	     addr);
	if (!t->nitems || !item_placed(&t->items[t->cur]) || !range_has(t->items[t->cur].r, addr)) {
		/* What is free inside is not listed: the region says more. */
		t->depth--;
		state_show(t);
		return;
	}
	it = t->items[t->cur];
	if (it.kind != ITEM_MODULE || !s->kmap->modules[it.index].nsections || addr == it.r.first)
		return;
	state_push(t, (struct place){ .level = LEVEL_PART,
				      .r = it.r,
				      .kernel = true,
				      .at = addr,
				      .index = it.index });
}

static void into_object(struct tui *t, u64 addr)
{
	const struct space *s = &t->snap->space;
	u32 v = space_find_vma(s, addr);
	const struct object *o;

	if (v == NO_INDEX || s->vmas[v].object == NO_INDEX)
		return;
	o = &s->objects[s->vmas[v].object];
	if (o->nvmas > 1)
		push(t, LEVEL_OBJECT,
		     (struct range){ s->vmas[o->vma].first, s->vmas[o->vma + o->nvmas - 1].last },
		     false, addr);
}

bool tui_goto(struct tui *t, u64 addr)
{
	const struct space *s = &t->snap->space;
	bool kernel = s->kernel.last && range_has(s->kernel, addr);

	if (!kernel && !(s->user.last && range_has(s->user, addr)) &&
	    space_find_vma(s, addr) == NO_INDEX)
		return false;
	/* The address stays meant while we go in: Enter leads to its page. */
	t->found = addr;
	t->have_found = true;
	t->show_phys = t->show_bytes = t->show_changes = false;
	t->depth = 0;
	t->cur = 0;
	push(t, LEVEL_SPACE, RANGE_ALL, false, addr);
	push(t, LEVEL_HALF, kernel ? s->kernel : s->user, kernel, addr);
	if (kernel)
		into_region(t, addr);
	else
		into_object(t, addr);
	t->found = addr;
	t->have_found = true;
	if (t->filter && !kernel && (!t->nitems || !range_has(t->items[t->cur].r, addr)))
		tui_message(t, "the filter hides it: F removes the filter");
	return true;
}

/** The range a page of which is shown: that of the mapping, area or region; false: a gap. */
static bool pages_around(const struct tui *t, u64 addr, struct range *ret)
{
	const struct space *s = &t->snap->space;
	u32 v = space_find_vma(s, addr), i;

	if (v != NO_INDEX) {
		*ret = vma_range(&s->vmas[v]);
		return true;
	}
	if (t->nitems && tui_place(t)->kernel && item_placed(&t->items[t->cur]) &&
	    range_has(t->items[t->cur].r, addr) && t->items[t->cur].kind != ITEM_FREE) {
		*ret = t->items[t->cur].r;
		return true;
	}
	i = region_at(s, addr);
	if (i == NO_INDEX)
		return false;
	*ret = (struct range){ s->regions[i].first, s->regions[i].last };
	return true;
}

/** Says what is at the address that was gone to, unless there is worse to say. */
static void say_where(struct tui *t, const char *what, u64 addr)
{
	const struct item *it = t->nitems ? &t->items[t->cur] : NULL;
	struct range around;
	struct buf b = { 0 };

	if (t->message.len)
		return;
	if (!pages_around(t, addr, &around) || (it && it->kind == ITEM_GAP)) {
		if (*what)
			tui_news(t, "%s%llx: nothing is mapped there", what,
				 (unsigned long long)addr);
		return;
	}
	where_short(&b, t->snap, addr);
	tui_news(t, "%s%llx%s%s: Enter shows its page", what, (unsigned long long)addr,
		 b.len ? " in " : "", b.len ? b.p : "");
	buf_release(&b);
}

static bool goto_range(struct tui *t, struct range r)
{
	struct range around;

	if (!tui_goto(t, r.first))
		return false;
	if (!pages_around(t, r.first, &around)) {
		tui_message(t, "nothing is mapped at %llx", (unsigned long long)r.first);
		return true;
	}
	if (r.last > around.last)
		tui_message(t, "cut at %llx: something else begins there",
			    (unsigned long long)around.last + 1);
	r.last = MIN(r.last, around.last);
	if (state_push_grid(t, r, r.first, here(t)->kernel))
		here(t)->part = true;
	return true;
}

/* --- names ------------------------------------------------------------------------------------ */

static bool goto_kind(struct tui *t, enum object_kind kind)
{
	const struct space *s = &t->snap->space;

	for (size_t i = s->nobjects; i-- > 0;)
		if (s->objects[i].kind == kind)
			return tui_goto(t, s->vmas[s->objects[i].vma].first);
	return false;
}

static const struct thread *find_thread(const struct space *s, u64 tid)
{
	for (size_t i = 0; i < s->nthreads; i++)
		if ((u64)s->threads[i].tid == tid)
			return &s->threads[i];
	return NULL;
}

/** "sp", "pc", "sp:TID", "tid:TID": where a thread is. */
static bool goto_thread(struct tui *t, const char *text)
{
	const struct space *s = &t->snap->space;
	const char *p = strchr(text, ':');
	u64 tid = (u64)s->proc.tid;
	bool pc = text[0] == 'p';
	const struct thread *th;
	struct fig where;
	char what[48];

	if (p) {
		p++;
		if (!parse_dec(&p, p + strlen(p), &tid) || *p) {
			tui_message(t, "'%s' is no thread ID", strchr(text, ':') + 1);
			return false;
		}
	}
	th = find_thread(s, tid);
	if (!th) {
		tui_message(t, "there is no thread %llu, or it cannot be read",
			    (unsigned long long)tid);
		return false;
	}
	where = pc ? th->pc : th->sp;
	if (!where.have) {
		tui_message(t, "%s of thread %llu is not known: %s", pc ? "pc" : "sp",
			    (unsigned long long)tid,
			    th->running
				    ? "it is running"
				    : "task/TID/syscall may not be read, or it is no system call");
		return false;
	}
	if (tui_goto(t, where.v)) {
		snprintf(what, sizeof(what), "%s of thread %llu is ", pc ? "pc" : "sp",
			 (unsigned long long)tid);
		say_where(t, what, where.v);
		return true;
	}
	tui_message(t, "%llx lies in no half", (unsigned long long)where.v);
	return false;
}

/** How well a text is a name: all of it, a word at its start, anywhere inside, not at all. */
enum fit { FIT_NONE, FIT_INSIDE, FIT_WORD, FIT_ALL };

static enum fit name_fits(const char *name, const char *text)
{
	size_t len = strlen(text);

	if (!strcasecmp(name, text))
		return FIT_ALL;
	if (!strncasecmp(name, text, len) && !isalnum((unsigned char)name[len]))
		return FIT_WORD;
	return strcasestr(name, text) ? FIT_INSIDE : FIT_NONE;
}

/** The best so far. */
struct best {
	enum fit fit;
	u64 addr;
};

static void consider(struct best *best, const char *name, const char *text, u64 addr)
{
	enum fit fit = name_fits(name, text);

	if (fit > best->fit)
		*best = (struct best){ fit, addr };
}

/** From the highest address down: of names that fit as well the first one counts. */
static struct best best_name(const struct space *s, const char *text)
{
	const struct kmap *m = s->kmap;
	struct best best = { FIT_NONE, 0 };

	for (size_t i = s->nobjects; i-- > 0;) {
		const struct vma *v = &s->vmas[s->objects[i].vma];
		const char *name = vma_name(s, v), *slash = strrchr(name, '/');

		consider(&best, slash && slash[1] ? slash + 1 : name, text, v->first);
	}
	for (size_t i = 0; m && i < m->nmodules; i++)
		if (m->module_addr == KADDR_REAL && m->modules[i].addr)
			consider(&best, m->modules[i].name, text, m->modules[i].addr);
	/* "direct map" means the part that maps RAM rather than what has none. */
	for (unsigned hole = 0; hole < 2; hole++)
		for (size_t i = s->nregions; i-- > 0;)
			if ((s->regions[i].kind == KR_UNUSED) == (hole != 0))
				consider(&best, s->regions[i].name, text, s->regions[i].first);
	return best;
}

static bool goto_name(struct tui *t, const char *text, enum fit least)
{
	struct best best;

	if (!strcmp(text, "heap") && goto_kind(t, OBJ_HEAP))
		return true;
	if (!strcmp(text, "stack") && goto_kind(t, OBJ_STACK))
		return true;
	best = best_name(&t->snap->space, text);
	return best.fit >= least && tui_goto(t, best.addr);
}

/* --- what the reading side has to be asked ---------------------------------------------------- */

static bool is_physical(const char *text)
{
	return !strncmp(text, "pa:", 3) || !strncmp(text, "pfn:", 4);
}

/** Asks for a symbol of the files or of the kernel, or a physical address. */
static void ask(struct tui *t, const char *text)
{
	memcpy(t->symbol, text, strlen(text) + 1);
	t->symbol_kernel = tui_place(t)->kernel;
	t->symbol_serial++;
}

/** What is no name may be a symbol. False: it cannot be one. */
static bool ask_symbol(struct tui *t, const char *text)
{
	if (!*text || strlen(text) >= sizeof(t->symbol) || strpbrk(text, " \t/"))
		return false;
	ask(t, text);
	tui_news(t, "looking for '%s' among the symbols of %sthe kernel", text,
		 t->snap->space.nimages ? "its files and of " : "");
	return true;
}

static bool ask_physical(struct tui *t, const char *text)
{
	struct explain_ask what;

	if (strlen(text) < sizeof(t->symbol) &&
	    explain_parse(text, t->snap->space.host.bits, &what)) {
		ask(t, text);
		return true;
	}
	tui_message(t,
		    "'%s' is no physical address: pa:0xADDR, pfn:N (decimal) or "
		    "pfn:0xN",
		    text);
	return false;
}

/** Where the direct map has it, how that is known, and whether there is anything. */
static void say_physical(struct tui *t, const char *text, const struct symbol_answer *a)
{
	unsigned long long addr = a->addr.v;
	struct buf known = { 0 };

	known_by_words(&known, a->conf, a->source);
	if (a->ram.have && !a->ram.v)
		tui_message(t, "%s is no RAM; the direct map would have it at %llx, %s", text, addr,
			    known.p);
	else
		tui_news(t, "%s is at %llx in the direct map, %s%s: Enter shows its page", text,
			 addr, known.p, a->ram.have ? "" : "; RAM or not is unknown");
	buf_release(&known);
}

static void say_symbol(struct tui *t, const char *name, const struct symbol_answer *a)
{
	char *what = xasprintf("%s%s is at ", name, a->kernel ? " of the kernel" : "");

	say_where(t, what, a->addr.v);
	if (a->more && t->message_kind == MESSAGE_NEWS)
		buf_addf(&t->message, "; %llu more of that name", (unsigned long long)a->more);
	free(what);
}

/** It was found nowhere, or its address is hidden. */
static void say_nowhere(struct tui *t, const char *name, const struct symbol_answer *a)
{
	bool files = t->snap->space.nimages;

	if (a->addr.have)
		tui_message(t, "%s is at %llx, which is not shown", name,
			    (unsigned long long)a->addr.v);
	else if (is_physical(name))
		tui_message(t, "%s: %s", name, a->kernel_refused);
	else if (a->kernel)
		tui_message(t, "'%s' is a symbol of the kernel: %s", name, a->kernel_refused);
	else if (a->refused || a->kernel_refused)
		tui_message(t, "'%s' is no address and no name; symbols%s%s%s%s%s", name,
			    a->refused ? " of its files: "
			    : files    ? ": none of its files"
				       : "",
			    a->refused ? a->refused : "", a->refused || files ? "; " : " ",
			    a->kernel_refused ? "of the kernel: " : "none of the kernel",
			    a->kernel_refused ? a->kernel_refused : "");
	else
		tui_message(t, "'%s' is no address, no name, and no symbol of %sthe kernel", name,
			    files ? "its files or " : "");
}

void tui_goto_symbol(struct tui *t, const struct symbol_answer *a)
{
	char name[SYMBOL_MAX];

	memcpy(name, t->symbol, sizeof(name));
	t->symbol[0] = '\0';
	buf_clear(&t->message);
	if (a->addr.have && tui_goto(t, a->addr.v)) {
		if (is_physical(name))
			say_physical(t, name, a);
		else
			say_symbol(t, name, a);
		return;
	}
	if (is_physical(name) || a->addr.have || a->kernel || !goto_name(t, name, FIT_INSIDE))
		say_nowhere(t, name, a);
}

/* --- what `:` understands --------------------------------------------------------------------- */

/** "7f00", "0x7f00", "7f00-7fff"; *marked: it can be nothing but an address. */
static bool parse_range(const char *text, struct range *r, bool *is_range, bool *marked)
{
	const char *p = text, *end = text + strlen(text);
	u64 last;

	*marked = !strncasecmp(p, "0x", 2);
	p += *marked ? 2 : 0;
	if (!parse_hex(&p, end, &r->first))
		return false;
	r->last = r->first;
	*is_range = *p == '-' || *p == ',';
	if (*is_range) {
		p++;
		p += !strncasecmp(p, "0x", 2) ? 2 : 0;
		/* Ends are exclusive, as maps prints them. */
		if (!parse_hex(&p, end, &last) || last <= r->first)
			return false;
		r->last = last - 1;
		*marked = true;
	}
	return !*p;
}

static bool goto_parsed(struct tui *t, struct range r, bool is_range)
{
	if (is_range ? goto_range(t, r) : tui_goto(t, r.first)) {
		const struct item *it = t->nitems ? &t->items[t->cur] : NULL;

		if (!is_range && it && it->kind == ITEM_GAP)
			tui_message(t, "nothing is mapped at %llx", (unsigned long long)r.first);
		else if (!is_range && !t->message.len && (!it || !range_has(it->r, r.first)))
			tui_message(t, "nothing is known of %llx: the nearest is shown",
				    (unsigned long long)r.first);
		else if (!is_range)
			say_where(t, "", r.first);
		return true;
	}
	tui_message(t, "%llx lies in the hole: no such address can be used",
		    (unsigned long long)r.first);
	return false;
}

bool tui_goto_text(struct tui *t, const char *text)
{
	const struct space *s = &t->snap->space;
	bool is_range = false, marked = false;
	struct range r = { 0, 0 };

	text += strspn(text, " \t:");
	if (parse_range(text, &r, &is_range, &marked)) {
		/* "face" and "add" are numbers as well as names. */
		if (marked || space_find_vma(s, r.first) != NO_INDEX ||
		    text[strspn(text, "abcdefABCDEF")] || !goto_name(t, text, FIT_WORD))
			return goto_parsed(t, r, is_range);
		return true;
	}
	if (!strcmp(text, "sp") || !strcmp(text, "pc") || !strncmp(text, "sp:", 3) ||
	    !strncmp(text, "pc:", 3) || !strncmp(text, "tid:", 4))
		return goto_thread(t, text);
	if (is_physical(text))
		return ask_physical(t, text);
	if (goto_name(t, text, FIT_WORD) || ask_symbol(t, text) || goto_name(t, text, FIT_INSIDE))
		return true;
	tui_message(t, "'%s' is no address, and nothing that is mapped is called so", text);
	return false;
}
