/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All that is known of the selection, with its sources. */
#include <stdio.h>
#include <string.h>

#include "../render/tiles.h"
#include "../render/words.h"
#include "columns.h"
#include "facts.h"
#include "list.h"
#include "where.h"

void facts_range(struct facts *f, struct range r)
{
	char size[SIZE_TEXT_MAX];
	struct buf b = { 0 };

	size_text(size, range_size(r));
	where_range(&b, r);
	buf_addf(&b, "  %s", size);
	facts_buf(f, "address", &b);
	buf_release(&b);
}

void facts_notes(struct facts *f, const struct space *s, bool kernel)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < s->nnotes; i++) {
		const struct note *n = &s->notes[i];

		if (note_is_kernel(n) != kernel)
			continue;
		buf_addf(&b, "%s ", note_kind_words(n->kind));
		note_words(&b, n);
		facts_add(f, "note", n->kind == NOTE_INFO ? STYLE_DIM : STYLE_NOTE, b.p, b.len);
		buf_clear(&b);
	}
	buf_release(&b);
}

static void say_hole(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct space *s = &t->snap->space;
	struct buf b = { 0 };

	facts_add(f, "kind", STYLE_BOLD, hole_words(s, it->r), strlen(hole_words(s, it->r)));
	facts_range(f, it->r);
	hole_size(&b, range_size(it->r));
	facts_buf(f, "exactly", &b);
	if (canonical_last(s))
		facts_str(f, "why",
			  "an address must repeat its highest translated bit up to bit 63; the "
			  "processor faults on all others");
	else
		facts_str(f, "why", "neither half reaches there");
	buf_release(&b);
}

static void say_fig(struct facts *f, const char *label, struct fig fig, bool bytes)
{
	char text[SIZE_TEXT_MAX];

	text[format_size(text, fig.v, bytes ? SIZE_LONG : SIZE_BYTES)] = '\0';
	facts_str(f, label, fig.have ? text : "?");
}

static void say_task(struct facts *f, const struct tui *t, const struct item *it)
{
	const struct tasks *tasks = &t->snap->tasks;
	const struct task *task = &tasks->v[it->index];
	const char *name = strtab_get(&tasks->names, task->name);
	struct buf b = { 0 };

	facts_add(f, "name", STYLE_BOLD, name, strlen(name));
	facts_say(f, "pid", "%d", (int)task->pid);
	facts_str(f, "user", strtab_get(&tasks->names, task->user));
	if (task->kthread) {
		facts_str(f, "kind", "a kernel thread: it has no user half, only the kernel's");
		return;
	}
	if (task->err) {
		access_words(&b, task->err, task->held);
		buf_addstr(&b, ": who it is can be seen, its mappings cannot");
		facts_add(f, "access", STYLE_WARN, b.p, b.len);
		buf_release(&b);
	}
	say_fig(f, "rss", task->rss, true);
	say_fig(f, "pss", task->pss, true);
	say_fig(f, "mappings", task->mappings, false);
	say_fig(f, "threads", task->threads, false);
}

/** What a page grid, or a page of it, is part of. */
static void say_around(struct facts *f, const struct tui *t)
{
	const struct place *at = tui_place(t);
	const struct space *s = &t->snap->space;
	u32 v;

	if (at->kernel) {
		for (size_t i = s->nregions; i-- > 0;)
			if (range_has((struct range){ s->regions[i].first, s->regions[i].last },
				      at->at)) {
				facts_region(f, t, (u32)i);
				return;
			}
		return;
	}
	v = space_find_vma(s, at->at);
	if (v != NO_INDEX)
		facts_mapping(f, t, &s->vmas[v]);
}

/** Of a half that could not be read, and so has no rows, why. */
static void say_missing(struct facts *f, const struct tui *t)
{
	const struct place *at = tui_place(t);

	if (at->level == LEVEL_HALF && !at->kernel && tui_ready(t) &&
	    t->snap->space.no_user != USER_HERE)
		facts_user_half(f, t,
				&(struct item){ .kind = ITEM_HALF, .r = t->snap->space.user });
}

static void collect(struct facts *f, const struct tui *t)
{
	const struct item *it;

	f->more = key_for(ACT_DETAIL_DOWN, tui_key_place(t));
	if (tui_place(t)->level >= LEVEL_GRID) {
		say_around(f, t);
		return;
	}
	if (!t->nitems) {
		say_missing(f, t);
		return;
	}
	it = &t->items[t->cur];
	switch (it->kind) {
	case ITEM_HALF:
		if (it->index)
			facts_kernel_half(f, t, it);
		else
			facts_user_half(f, t, it);
		break;
	case ITEM_HOLE:
		say_hole(f, t, it);
		break;
	case ITEM_OBJECT:
		facts_object(f, t, it);
		break;
	case ITEM_MAPPING:
		facts_mapping(f, t, &t->snap->space.vmas[it->index]);
		break;
	case ITEM_GAP:
		facts_gap(f, t, it);
		break;
	case ITEM_REGION:
	case ITEM_FREE:
		facts_region(f, t, it->index);
		break;
	case ITEM_AREA:
	case ITEM_MODULE:
	case ITEM_SECTION:
	case ITEM_RAM:
		facts_inside(f, t, it);
		break;
	case ITEM_TASK:
		say_task(f, t, it);
		break;
	case ITEM_KERNEL:
		facts_add(f, "name", STYLE_BOLD, "the kernel alone", 16);
		facts_str(f, "shows",
			  "its half without a process: modules, vmalloc areas, sections of the "
			  "image, frames of the direct map");
		break;
	}
}

/** Where details go: their pane, or where there is none the main one. */
static struct rect detail_rect(const struct tui *t)
{
	struct tui_layout l = tui_panes(t);

	return l.detail.w ? l.detail : l.main;
}

size_t detail_page(const struct tui *t, size_t top, int by)
{
	struct rect r = detail_rect(t);
	struct facts f = { 0 };
	size_t lines, shown;

	collect(&f, t);
	lines = facts_lines(&f, r.w, r.h, &shown);
	facts_release(&f);
	if (by < 0)
		return top - MIN(top, shown);
	return top + shown < lines ? top + shown : 0;
}

void draw_detail(const struct tui *t, const struct pane *p)
{
	struct pane rest = *p;
	struct facts f = { 0 };
	unsigned used = 0;

	if (tui_place(t)->level == LEVEL_GRID) {
		used = draw_grid_legend(t, p);
		rest = pane_part(p, 0, used, p->w, p->h);
		used = draw_cell_detail(t, &rest);
		rest = pane_part(&rest, 0, used, p->w, p->h);
	}
	if (!rest.h)
		return;
	collect(&f, t);
	facts_draw(&f, &rest, t->detail_top);
	facts_release(&f);
}
