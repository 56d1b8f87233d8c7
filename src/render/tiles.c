/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tiles.h"

#include <string.h>

enum stage {
	AT_KERNEL_TOP,
	AT_KERNEL_ABOVE,
	AT_REGION,
	AT_KERNEL_BELOW,
	AT_FACT,
	AT_KERNEL_END,
	AT_BEYOND,
	AT_HOLE,
	AT_HIGH,
	AT_USER_TOP,
	AT_USER_SKIPPED,
	AT_GAP,
	AT_OBJECT,
	AT_MAPPING,
	AT_BOTTOM,
	AT_USER_END,
	AT_END,
};

/** How many objects or gaps --locate shows on each side. */
#define SURROUNDINGS 3

#define NO_PARENT SIZE_MAX

unsigned tile_lines(u64 bytes)
{
	if (bytes && bytes < 64 * MIB)
		return 1;
	if (bytes && bytes < GIB)
		return 2;
	return bytes && bytes < 64 * GIB ? 3 : 4;
}

static bool has_kernel(const struct space *s)
{
	return s->kernel.last > s->kernel.first;
}

/* --- what --locate shows ---------------------------------------------------------------------- */

/** The object, or the gap, of the user half that has `addr`. */
static struct range user_unit(const struct space *s, size_t nuser, u64 addr)
{
	size_t i = space_lower_vma(s, addr);
	struct range r = s->user;

	if (i < nuser && s->vmas[i].first <= addr) {
		const struct vma *v = &s->vmas[i];
		const struct object *o;

		if (v->object == NO_INDEX)
			return vma_range(v);
		o = &s->objects[v->object];
		return (struct range){ s->vmas[o->vma].first, s->vmas[o->vma + o->nvmas - 1].last };
	}
	if (i < nuser)
		r.last = s->vmas[i].first - 1;
	if (i > 0 && i <= nuser)
		r.first = s->vmas[i - 1].last + 1;
	return r;
}

/** The region of the kernel half that has `addr`, or what lies between its neighbours. */
static struct range kernel_unit(const struct space *s, u64 addr)
{
	struct range r = s->kernel;

	for (size_t i = s->nregions; i-- > 0;) {
		const struct region *g = &s->regions[i];

		if (g->depth || g->kind == KR_HALF)
			continue;
		if (g->first <= addr && addr <= g->last)
			return (struct range){ g->first, g->last };
		if (g->last < addr && g->last >= r.first)
			r.first = g->last + 1;
		if (g->first > addr && g->first <= r.last)
			r.last = g->first - 1;
	}
	return r;
}

/** The range that three objects, gaps or regions on each side of `at` take. */
static struct range surroundings(const struct space *s, struct range at, size_t nuser)
{
	bool user = range_overlaps(at, s->user);
	struct range half = user ? s->user : s->kernel, r = at, unit;

	if (!user && (!has_kernel(s) || !range_overlaps(at, s->kernel)))
		return at;
#define UNIT(addr) (user ? user_unit(s, nuser, (addr)) : kernel_unit(s, (addr)))
	unit = UNIT(MAX(at.first, half.first));
	r.first = MIN(r.first, unit.first);
	unit = UNIT(MIN(at.last, half.last));
	r.last = MAX(r.last, unit.last);
	for (unsigned i = 0; i < SURROUNDINGS; i++) {
		if (r.last < half.last)
			r.last = MAX(UNIT(r.last + 1).last, r.last + 1);
		if (r.first > half.first)
			r.first = MIN(UNIT(r.first - 1).first, r.first - 1);
	}
#undef UNIT
	return r;
}

/* --- the walk -----------------------------------------------------------------------------------
 */

void tiles_init(struct tiles *t, const struct space *s, const struct tile_opts *o)
{
	*t = (struct tiles){ .s = s, .o = *o, .parent = NO_PARENT, .object = NO_INDEX };
	t->nuser = space_user_vmas(s);
	if (o->have_locate) {
		struct range r = surroundings(s, o->locate, t->nuser);

		if (!range_intersect(r, o->limit, &t->o.limit))
			t->o.limit = r;
	}
	t->o.kernel = o->kernel && has_kernel(s);
	t->located_done = !o->have_locate;
	t->high = s->nvmas;
	t->mark = s->nmarks;
	t->i = s->nregions;
	t->floor = s->kernel.last;
	t->parts_vma = NO_INDEX;
	t->stage = AT_KERNEL_TOP;
}

/** Fills a tile; false when the limit leaves it out. */
static bool emit(const struct tiles *t, struct tile *ret, enum tile_kind kind, struct range r)
{
	if (!range_overlaps(r, t->o.limit))
		return false;
	/* What only some tiles have is set by those: this runs for every one of 130,000. */
	ret->kind = kind;
	ret->box = TILE_BOX_NONE;
	ret->r = r;
	ret->index = NO_INDEX;
	ret->count = 0;
	ret->lines = 1;
	ret->located = t->o.have_locate && range_overlaps(r, t->o.locate);
	return true;
}

/** What the limit leaves out at one end of a half, the one kind of tile that lies outside it. */
static bool emit_skipped(struct tile *ret, struct range r)
{
	*ret = (struct tile){ .kind = TILE_SKIPPED, .r = r, .index = NO_INDEX, .lines = 1 };
	return true;
}

/** The line that points to the address asked for, once, ahead of the tile that has it. */
static bool step_located(struct tiles *t, struct range r, enum tile_box box, struct tile *ret)
{
	u64 at = t->o.locate.first;

	if (t->located_done || !range_has(r, at))
		return false;
	t->located_done = true;
	if (!emit(t, ret, TILE_LOCATED, (struct range){ at, t->o.locate.last }))
		return false;
	ret->box = box;
	return true;
}

/** Does the filter leave out a mapping? */
static bool is_hidden(const struct tiles *t, size_t i)
{
	return t->o.filter && !expr_match(t->o.filter, t->s, &t->s->vmas[i]);
}

/** A mapping above the user half (vsyscall, vectors) that no region stands for. */
static bool step_high(struct tiles *t, u64 above, struct tile *ret)
{
	while (t->high > t->nuser && t->s->vmas[t->high - 1].first >= above) {
		const struct vma *v = &t->s->vmas[--t->high];
		bool told = false;

		for (size_t i = 0; t->o.kernel && i < t->s->nregions; i++)
			told |= t->s->regions[i].kind == KR_VSYSCALL ||
				t->s->regions[i].kind == KR_VECTORS;
		if (told || is_hidden(t, t->high) || !emit(t, ret, TILE_MAPPING, vma_range(v)))
			continue;
		ret->index = (u32)t->high;
		t->floor = MIN(t->floor, v->first - 1);
		return true;
	}
	return false;
}

/** Does an interval that some region of unknown place lies in overlap `r`? */
static bool may_be_used(const struct space *s, struct range r)
{
	for (size_t i = 0; i < s->nregions; i++) {
		const struct region *g = &s->regions[i];

		if (g->conf == CONF_BOUNDS &&
		    range_overlaps(r, (struct range){ g->first, g->last }))
			return true;
	}
	return false;
}

/** Between modules and areas small gaps are guard pages; what is left below them is always told. */
static bool is_small_gap(const struct tiles *t, struct range r)
{
	const struct region *top = t->parent == NO_PARENT ? NULL : &t->s->regions[t->parent];
	bool small = range_size(r) < MIB && top && r.first > top->first;

	return small && (top[1].kind == KR_MODULE || top[1].kind == KR_AREAS);
}

/** What lies between the regions told so far and the next one, `r`; false when nothing is. */
static bool step_unused(struct tiles *t, u64 next_last, struct tile *ret)
{
	struct range r = { next_last + 1, t->floor };

	if (next_last >= t->floor)
		return false;
	if (step_located(t, r, t->parent == NO_PARENT ? TILE_BOX_NONE : TILE_BOX_IN, ret))
		return true;
	t->floor = next_last;
	if (is_small_gap(t, r))
		return false;
	if (may_be_used(t->s, r) || !emit(t, ret, TILE_UNUSED, r))
		return false;
	if (t->parent != NO_PARENT) {
		ret->box = r.first <= t->o.limit.first ? TILE_BOX_LAST : TILE_BOX_IN;
		ret->index = (u32)t->parent;
	}
	return true;
}

/** The lowest depth-0 region at or before index i. */
static size_t parent_of(const struct space *s, size_t i)
{
	while (i > 0 && s->regions[i].depth)
		i--;
	return i;
}

/** A region of depth 0: its own line, or the head of the box that its parts fill. */
static bool step_region_top(struct tiles *t, size_t at, bool parts, struct tile *ret)
{
	const struct region *g = &t->s->regions[at];
	struct range r = { g->first, g->last };

	if (g->conf != CONF_BOUNDS && step_unused(t, g->last, ret))
		return true;
	/* Nothing is known to be at an address of an interval; parts come with their own lines. */
	if (g->conf != CONF_BOUNDS && !parts && step_located(t, r, TILE_BOX_NONE, ret))
		return true;
	if (parts)
		t->parent = at;
	else
		t->i = at;
	/* A region that is only somewhere in its interval takes no address away from others. */
	if (g->conf != CONF_BOUNDS && !parts && g->first)
		t->floor = MIN(t->floor, g->first - 1);
	if (!emit(t, ret, TILE_REGION, r))
		return false;
	ret->index = (u32)at;
	ret->box = parts ? TILE_BOX_TOP : TILE_BOX_NONE;
	ret->lines = (u8)tile_lines(range_size(r));
	return true;
}

/** The next part of the region whose box is open. */
static bool step_region_part(struct tiles *t, struct tile *ret)
{
	const struct region *p = &t->s->regions[t->parent], *g = &t->s->regions[t->i - 1];
	struct range r = { g->first, g->last };

	if (t->i - 1 == t->parent) {
		/* All parts are told; what the lowest leaves below it still belongs to the box. */
		if (p->conf != CONF_BOUNDS && p->first && step_unused(t, p->first - 1, ret)) {
			ret->box = TILE_BOX_LAST;
			return true;
		}
		t->parent = NO_PARENT;
		t->i--;
		return false;
	}
	if (p->conf != CONF_BOUNDS && step_unused(t, g->last, ret))
		return true;
	if (step_located(t, r, TILE_BOX_IN, ret))
		return true;
	t->i--;
	if (p->conf != CONF_BOUNDS && g->first)
		t->floor = MIN(t->floor, g->first - 1);
	if (!emit(t, ret, TILE_REGION, r))
		return false;
	ret->index = (u32)t->i;
	ret->box = (t->i - 1 == t->parent && g->first <= p->first) || g->first <= t->o.limit.first
			   ? TILE_BOX_LAST
			   : TILE_BOX_IN;
	return true;
}

/** False when nothing came of this step; t->stage says whether to go on. */
static bool step_region(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	size_t at;

	if (t->parent != NO_PARENT)
		return step_region_part(t, ret);
	while (t->i && s->regions[t->i - 1].kind == KR_HALF)
		t->i--;
	if (!t->i) {
		if (step_high(t, s->kernel.first, ret))
			return true;
		if (t->floor >= s->kernel.first && t->floor <= s->kernel.last && s->nregions &&
		    step_unused(t, s->kernel.first - 1, ret))
			return true;
		t->stage = AT_KERNEL_BELOW;
		return false;
	}
	at = parent_of(s, t->i - 1);
	if (s->regions[at].last < UINT64_MAX && step_high(t, s->regions[at].last + 1, ret))
		return true;
	return step_region_top(t, at, at != t->i - 1, ret);
}

/** What the limit leaves out at the ends of the kernel half. */
static bool step_kernel_skipped(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	bool above = t->stage == AT_KERNEL_ABOVE;
	u64 at = above ? t->o.limit.last : t->o.limit.first;
	struct range r = s->kernel, unit;

	t->stage = above ? AT_REGION : AT_FACT;
	if (!range_has(s->kernel, at) || at == (above ? r.last : r.first))
		return false;
	unit = kernel_unit(s, at);
	if (above ? unit.last >= r.last : unit.first <= r.first)
		return false;
	if (above)
		r.first = unit.last + 1;
	else
		r.last = unit.first - 1;
	return emit_skipped(ret, r);
}

u64 canonical_last(const struct space *s)
{
	if (!s->host.machine || strcmp(s->host.machine, "x86_64") || !has_kernel(s))
		return 0;
	/* Both halves are as large as the bits of an address allow: 2^47 or 2^56 bytes. */
	return ~s->kernel.first;
}

/** The addresses between the end of this process's half and the hole, and the hole itself. */
static bool step_hole(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	u64 edge = canonical_last(s);
	bool beyond = t->stage == AT_BEYOND;
	bool user = s->no_user == USER_HERE || s->no_user == USER_DOCUMENTED;
	u64 user_end = user ? s->user.last : edge;
	struct range r;

	/* From high to low: the hole first, then what the process cannot reach below it. */
	t->stage = beyond ? AT_HIGH : AT_BEYOND;
	if (!has_kernel(s) || !t->o.kernel || s->kernel.first <= user_end)
		return false;
	if (beyond) {
		if (!edge || !t->o.user || edge <= user_end)
			return false;
		r = (struct range){ user_end + 1, edge };
	} else {
		r = (struct range){ (edge ? edge : user_end) + 1, s->kernel.first - 1 };
		if ((!edge && !t->o.user) || r.first > r.last)
			return false;
	}
	if (step_located(t, r, TILE_BOX_NONE, ret)) {
		t->stage = beyond ? AT_BEYOND : AT_HOLE;
		return true;
	}
	if (!emit(t, ret, TILE_HOLE, r))
		return false;
	ret->hole = beyond ? HOLE_BEYOND_TASK : edge ? HOLE_NONCANONICAL : HOLE_BETWEEN;
	return true;
}

/**
 * Goes to the highest mapping of the user half that the limit lets through; true when that
 * leaves out rows above.
 */
static bool enter_user(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	u64 top = s->user.last;
	size_t i = t->nuser;

	if (t->o.limit.last < t->s->user.last) {
		i = space_lower_vma(t->s, t->o.limit.last);
		if (i < t->nuser && t->s->vmas[i].first <= t->o.limit.last)
			i++;
		i = MIN(i, t->nuser);
	}
	t->i = i;
	t->stage = AT_GAP;
	if (i && s->vmas[i - 1].last >= t->o.limit.last)
		top = s->vmas[i - 1].last;
	else if (i < t->nuser)
		top = s->vmas[i].first - 1;
	t->told = top + 1;
	return top < s->user.last && emit_skipped(ret, (struct range){ top + 1, s->user.last });
}

/** The same at the lower end, before the half is closed. */
static bool step_user_end(struct tiles *t, struct tile *ret)
{
	if (!t->skipped && t->told > t->s->user.first) {
		t->skipped = true;
		return emit_skipped(ret, (struct range){ t->s->user.first, t->told - 1 });
	}
	t->stage = AT_END;
	return emit(t, ret, TILE_USER_END, t->s->user);
}

/** Is this mark to have a line of its own? */
static bool mark_wanted(const struct tiles *t, const struct mark *m, bool in_stack)
{
	static const char *const repeated[] = { "arg_start", "arg_end",	    "env_start",
						"env_end",   "start_stack", "AT_EXECFN" };

	if (t->o.all_marks)
		return true;
	if (m->thread != NO_INDEX)
		return false;
	for (size_t i = 0; in_stack && i < ARRAY_SIZE(repeated); i++)
		if (!strcmp(m->name, repeated[i]))
			return false;
	return true;
}

/**
 * The marks above `first` (or at it, with `at_first`) that come before address `above`, highest
 * first; those at one address are one tile.
 */
static bool step_mark(struct tiles *t, u64 first, bool at_first, bool in_stack, u64 above,
		      enum tile_box box, struct tile *ret)
{
	const struct mark *marks = t->s->marks;

	while (t->mark) {
		u64 at = marks[t->mark - 1].addr;
		u32 n = 0, wanted = 0;

		if (at < above || at < first || (at == first && !at_first))
			return false;
		while (t->mark && marks[t->mark - 1].addr == at) {
			wanted += mark_wanted(t, &marks[--t->mark], in_stack);
			n++;
		}
		if (!wanted || !emit(t, ret, TILE_MARK, (struct range){ at, at }))
			continue;
		ret->index = (u32)t->mark;
		ret->count = n;
		ret->box = box;
		return true;
	}
	return false;
}

/** Passes over marks above `last` that lie in nothing drawn here. */
static void drop_marks(struct tiles *t, u64 last)
{
	while (t->mark && t->s->marks[t->mark - 1].addr > last)
		t->mark--;
}

static const struct object *object_of(const struct space *s, const struct vma *v)
{
	return v->object == NO_INDEX ? NULL : &s->objects[v->object];
}

/** Asks only where something can grow: that keeps 65,000 gaps cheap. */
static void find_rooms(const struct space *s, struct tile *t)
{
	const struct gap *g = &t->gap;
	const struct object *above = g->above == NO_INDEX ? NULL : object_of(s, &s->vmas[g->above]);
	const struct object *below = g->below == NO_INDEX ? NULL : object_of(s, &s->vmas[g->below]);

	t->stack.limit = t->heap.limit = ROOM_NONE;
	if (above && above->kind == OBJ_STACK)
		t->stack = space_stack_room(s, g);
	if (below && below->kind == OBJ_HEAP)
		t->heap = space_heap_room(s, g);
}

/** The hole below mapping t->i; its lowest end, where the NULL trap is, comes with AT_BOTTOM. */
static bool step_gap(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	u64 trap = s->proc.mmap_min_addr.have ? s->proc.mmap_min_addr.v : 0;
	struct range r = { 0, t->i < t->nuser ? s->vmas[t->i].first - 1 : s->user.last };
	struct gap g = { .above = t->i < t->nuser ? (u32)t->i : NO_INDEX, .below = NO_INDEX };
	enum tile_box box = TILE_BOX_NONE;

	if (t->i < t->nuser && !s->vmas[t->i].first)
		goto none;
	if (t->i) {
		const struct vma *v = &s->vmas[t->i - 1];

		if (v->last >= r.last)
			goto none;
		r.first = v->last + 1;
		g.below = (u32)t->i - 1;
		if (t->i < t->nuser && v->object != NO_INDEX && v->object == s->vmas[t->i].object &&
		    v->object == t->object)
			box = TILE_BOX_IN;
	} else if (trap > r.last) {
		goto none;
	} else {
		r.first = trap;
	}
	drop_marks(t, r.last);
	if (step_mark(t, r.first, true, false, 0, box, ret) || step_located(t, r, box, ret))
		return true;
	t->stage = AT_OBJECT;
	if (!emit(t, ret, TILE_GAP, r))
		return false;
	g.r = r;
	t->told = r.first;
	ret->gap = g;
	find_rooms(s, ret);
	ret->box = box == TILE_BOX_IN && r.first <= t->o.limit.first ? TILE_BOX_LAST : box;
	return true;
none:
	t->stage = AT_OBJECT;
	return false;
}

/**
 * With a filter: to the next mapping that meets it. What lies between is not told, least of all
 * as a gap.
 */
static bool step_filter(struct tiles *t)
{
	while (t->i && is_hidden(t, t->i - 1))
		t->i--;
	t->stage = AT_OBJECT;
	return false;
}

/** The lowest mapping of the object that is drawn. */
static u32 lowest_shown(const struct tiles *t, const struct object *o)
{
	u32 i = o->vma;

	while (i + 1 < t->i && is_hidden(t, i))
		i++;
	return i;
}

/** The parts of the main stack, for the mapping they are in. */
static void find_parts(struct tiles *t, u32 index)
{
	const struct vma *v = &t->s->vmas[index];
	const struct object *o = object_of(t->s, v);

	if (t->parts_vma == index)
		return;
	t->parts_vma = index;
	t->npart = t->nparts = 0;
	if (o && o->kind == OBJ_STACK && (v->perms & PERM_R))
		t->nparts = space_stack_parts(t->s, v, t->parts);
}

/** The head of the next object's box, if it is drawn as one. */
static bool step_object(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	const struct vma *v;
	const struct object *o;

	if (!t->i || s->vmas[t->i - 1].last < t->o.limit.first) {
		t->stage = t->i ? AT_USER_END : AT_BOTTOM;
		return false;
	}
	t->stage = AT_MAPPING;
	v = &s->vmas[t->i - 1];
	find_parts(t, (u32)t->i - 1);
	if (v->object == NO_INDEX || v->object == t->object)
		return false;
	o = &s->objects[v->object];
	t->object = v->object;
	t->lowest = lowest_shown(t, o);
	if ((o->nvmas < 2 && !t->nparts) ||
	    !emit(t, ret, TILE_OBJECT,
		  (struct range){ s->vmas[o->vma].first, s->vmas[o->vma + o->nvmas - 1].last }))
		return false;
	ret->index = v->object;
	ret->box = TILE_BOX_TOP;
	return true;
}

/** What is inside the next mapping, then the mapping itself. */
static bool step_mapping(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	u32 index = (u32)t->i - 1;
	const struct vma *v = &s->vmas[index];
	const struct object *o = object_of(s, v);
	bool boxed = o && (o->nvmas > 1 || t->nparts);
	enum tile_box in = boxed ? TILE_BOX_IN : TILE_BOX_NONE;

	drop_marks(t, v->last);
	while (t->npart < t->nparts) {
		const struct stack_part *p = &t->parts[t->npart];

		if (step_mark(t, v->first, false, true, p->r.first, in, ret))
			return true;
		t->npart++;
		if (emit(t, ret, TILE_STACK_PART, p->r)) {
			ret->part = *p;
			ret->box = in;
			return true;
		}
	}
	if (step_mark(t, v->first, false, t->nparts > 0, 0, in, ret) ||
	    step_located(t, vma_range(v), in, ret))
		return true;
	t->i--;
	t->stage = AT_GAP;
	if (!emit(t, ret, TILE_MAPPING, vma_range(v)))
		return false;
	ret->index = index;
	t->told = v->first;
	ret->lines = (u8)tile_lines(range_size(vma_range(v)));
	/* The last row that the limit lets through closes the box, too. */
	ret->box = !boxed						? TILE_BOX_NONE
		   : t->lowest == index || v->first <= t->o.limit.first ? TILE_BOX_LAST
									: TILE_BOX_IN;
	return true;
}

/** The addresses below vm.mmap_min_addr that nothing is mapped at. */
static bool step_bottom(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;
	struct fig min = s->proc.mmap_min_addr;
	u64 end = t->nuser ? s->vmas[0].first : s->user.last + 1;
	struct range r = { 0, MIN(min.v, end) - 1 };

	if (t->o.filter)
		t->told = s->user.first;
	if (!min.have || !min.v || !end || t->o.filter) {
		t->stage = AT_USER_END;
		return false;
	}
	if (step_located(t, r, TILE_BOX_NONE, ret))
		return true;
	t->stage = AT_USER_END;
	if (!emit(t, ret, TILE_NULL_TRAP, r))
		return false;
	t->told = r.first;
	return true;
}

/** Whether there is a user half to walk, and its upper edge. */
static bool step_user_top(struct tiles *t, struct tile *ret)
{
	t->stage = AT_END;
	if (!t->o.user || t->s->no_user == USER_NOT_ASKED)
		return false;
	if (t->s->no_user != USER_HERE && t->s->no_user != USER_DOCUMENTED)
		return emit(t, ret, TILE_NO_USER, t->o.limit);
	if (!range_overlaps(t->s->user, t->o.limit))
		return false;
	t->stage = t->s->no_user == USER_HERE ? AT_USER_SKIPPED : AT_USER_END;
	return emit(t, ret, TILE_USER_TOP, t->s->user);
}

/** Takes one step of the stage it is in; true when that gave a tile. */
static bool step(struct tiles *t, struct tile *ret)
{
	const struct space *s = t->s;

	switch ((enum stage)t->stage) {
	case AT_KERNEL_TOP:
		if (!t->o.kernel || !range_overlaps(s->kernel, t->o.limit)) {
			t->stage = AT_HOLE;
			return false;
		}
		t->stage = AT_KERNEL_ABOVE;
		return emit(t, ret, TILE_KERNEL_TOP, s->kernel);
	case AT_KERNEL_ABOVE:
	case AT_KERNEL_BELOW:
		return step_kernel_skipped(t, ret);
	case AT_REGION:
		return step_region(t, ret);
	case AT_FACT:
		if (t->fact == s->nfacts || t->o.have_locate) {
			t->stage = AT_KERNEL_END;
			return false;
		}
		if (!emit(t, ret, TILE_FACT, s->kernel))
			return false;
		ret->index = (u32)t->fact++;
		return true;
	case AT_KERNEL_END:
		t->stage = AT_HOLE;
		return emit(t, ret, TILE_KERNEL_END, s->kernel);
	case AT_HOLE:
	case AT_BEYOND:
		return step_hole(t, ret);
	case AT_HIGH:
		if (!t->o.user || t->o.kernel || !step_high(t, s->user.last, ret)) {
			t->stage = AT_USER_TOP;
			return false;
		}
		return true;
	case AT_USER_TOP:
		return step_user_top(t, ret);
	case AT_USER_SKIPPED:
		return enter_user(t, ret);
	case AT_GAP:
		return t->o.filter ? step_filter(t) : step_gap(t, ret);
	case AT_OBJECT:
		return step_object(t, ret);
	case AT_MAPPING:
		return step_mapping(t, ret);
	case AT_BOTTOM:
		return step_bottom(t, ret);
	case AT_USER_END:
		return step_user_end(t, ret);
	case AT_END:
		break;
	}
	return false;
}

bool tiles_next(struct tiles *t, struct tile *ret)
{
	while (t->stage != AT_END)
		if (step(t, ret))
			return true;
	return false;
}
