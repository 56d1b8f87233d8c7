/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "columns.h"

#include <string.h>

#include "../model/kmap.h"
#include "../model/sums.h"
#include "../render/words.h"
#include "tui.h"

#define AT(level) (u8)(1u << (level))
#define LISTS	  (u8)(AT(LEVEL_SPACE) | AT(LEVEL_HALF) | AT(LEVEL_OBJECT) | AT(LEVEL_PART))
#define ROWS	  (u8)(LISTS & ~AT(LEVEL_SPACE))
#define PICKER	  AT(LEVEL_PICKER)

bool column_here(const struct column_def *c, const struct place *p)
{
	u8 half = p->level == LEVEL_PICKER || p->level == LEVEL_SPACE ? COLUMN_ANY
		  : p->kernel					      ? COLUMN_KERNEL
								      : COLUMN_USER;

	return c->levels >> p->level & 1 && c->halves & half;
}

/* --- figures of rows -------------------------------------------------------------------------- */

struct totals item_totals(const struct snapshot *s, const struct item *it)
{
	struct totals t;

	if (it->kind == ITEM_OBJECT)
		return sums_totals(s->sums, &s->space, it->index);
	totals_init(&t);
	if (it->kind == ITEM_MAPPING)
		totals_add(&t, &s->space, &s->space.vmas[it->index]);
	if (it->kind == ITEM_HALF && !it->index)
		return sums_user(s->sums, &s->space, NULL);
	return t;
}

/** A user half that was not read has none, not totals of 0. */
static bool has_totals(const struct snapshot *s, const struct item *it)
{
	return it->kind == ITEM_OBJECT || it->kind == ITEM_MAPPING ||
	       (it->kind == ITEM_HALF && !it->index && s->space.no_user == USER_HERE);
}

/** A figure that comes from one field of struct totals. */
#define TOTAL(field)                                                                               \
	static struct fig figure_##field(const struct snapshot *s, const struct item *it)          \
	{                                                                                          \
		struct fig none = { 0 };                                                           \
                                                                                                   \
		return has_totals(s, it) ? item_totals(s, it).field : none;                        \
	}

TOTAL(rss)
TOTAL(pss)
TOTAL(swap)
TOTAL(private_dirty)
TOTAL(private_clean)
TOTAL(shared_clean)
TOTAL(shared_dirty)
TOTAL(anon)
TOTAL(referenced)
TOTAL(locked)
TOTAL(huge)
TOTAL(present)

struct fig item_size(const struct snapshot *s, const struct item *it)
{
	const struct kmap *m = s->space.kmap;
	const struct region *r;
	struct range range;

	switch (it->kind) {
	case ITEM_TASK:
	case ITEM_KERNEL:
		return (struct fig){ 0 };
	case ITEM_AREA:
		return FIG(kernel_item_is_unpurged(m, it) ? m->kind[KAREA_UNPURGED].bytes
							  : m->areas[it->index].size);
	case ITEM_MODULE:
		return FIG(m->modules[it->index].size);
	case ITEM_SECTION:
		return kernel_section_range(s, it->parent, it->index, &range)
			       ? FIG(range_size(range))
			       : (struct fig){ 0 };
	case ITEM_REGION:
		r = &s->space.regions[it->index];
		return r->conf >= CONF_BOUNDS ? r->size : FIG(range_size(it->r));
	default:
		return FIG(range_size(it->r));
	}
}

static struct fig pages_in_bytes(const struct snapshot *s, u64 pages)
{
	return FIG(pages * s->space.host.page_size);
}

/** Frames of a stretch of RAM that are not free, in bytes; estimated where frames were sampled. */
static struct fig ram_used(const struct snapshot *s, const struct kframes *f)
{
	u64 frames = f->tally.last - f->tally.first + 1, unused;

	if (!f->tally.seen)
		return (struct fig){ 0 };
	unused =
		frame_tally_estimate(&f->tally, FS_FREE) + frame_tally_estimate(&f->tally, FS_NONE);
	return pages_in_bytes(s, frames - MIN(unused, frames));
}

static struct fig figure_used(const struct snapshot *s, const struct item *it)
{
	const struct kmap *m = s->space.kmap;

	if (it->kind == ITEM_REGION)
		return s->space.regions[it->index].used;
	if (it->kind == ITEM_AREA && m->areas[it->index].have & KAREA_PAGES)
		return pages_in_bytes(s, m->areas[it->index].pages);
	return (struct fig){ 0 };
}

/** Of RAM alone: "used" of the direct map is what has RAM behind it, free or not. */
static struct fig figure_not_free(const struct snapshot *s, const struct item *it)
{
	return it->kind == ITEM_RAM ? ram_used(s, &s->space.kmap->frames[it->index])
				    : (struct fig){ 0 };
}

bool figure_is_estimate(const struct column_def *c, const struct snapshot *s, const struct item *it)
{
	const struct frame_tally *tally;

	if (c->figure != figure_not_free || it->kind != ITEM_RAM)
		return false;
	tally = &s->space.kmap->frames[it->index].tally;
	return tally->seen < tally->last - tally->first + 1;
}

static struct fig figure_phys(const struct snapshot *s, const struct item *it)
{
	const struct kmap *m = s->space.kmap;

	if (it->kind == ITEM_REGION)
		return s->space.regions[it->index].phys;
	if (it->kind == ITEM_AREA && m->areas[it->index].have & KAREA_PHYS)
		return FIG(m->areas[it->index].phys);
	if (it->kind == ITEM_RAM)
		return FIG(m->frames[it->index].phys.first);
	return (struct fig){ 0 };
}

static struct fig figure_refs(const struct snapshot *s, const struct item *it)
{
	return it->kind == ITEM_MODULE ? s->space.kmap->modules[it->index].refs : (struct fig){ 0 };
}

static struct fig figure_mappings(const struct snapshot *s, const struct item *it)
{
	if (it->kind == ITEM_OBJECT)
		return FIG(s->space.objects[it->index].nvmas);
	if (it->kind == ITEM_HALF && has_totals(s, it))
		return FIG(space_user_vmas(&s->space));
	return (struct fig){ 0 };
}

static struct fig figure_offset(const struct snapshot *s, const struct item *it)
{
	if (it->kind == ITEM_MAPPING && s->space.vmas[it->index].inode)
		return FIG(s->space.vmas[it->index].offset);
	return (struct fig){ 0 };
}

static const struct task *task_of(const struct snapshot *s, const struct item *it)
{
	return it->kind == ITEM_TASK ? &s->tasks.v[it->index] : NULL;
}

#define TASK(field)                                                                                \
	static struct fig task_##field(const struct snapshot *s, const struct item *it)            \
	{                                                                                          \
		const struct task *task = task_of(s, it);                                          \
                                                                                                   \
		return task ? task->field : (struct fig){ 0 };                                     \
	}

TASK(rss)
TASK(pss)
TASK(mappings)
TASK(threads)

static struct fig task_pid(const struct snapshot *s, const struct item *it)
{
	const struct task *task = task_of(s, it);

	return task ? FIG((u64)task->pid) : (struct fig){ 0 };
}

/* --- texts ------------------------------------------------------------------------------------ */

static void region_perms(const struct region *r, struct buf *out)
{
	char letters[4];

	if (r->perms_conf == CONF_UNKNOWN) {
		buf_addch(out, '?');
		return;
	}
	perms_letters(letters, r->perms);
	buf_add(out, letters, 3);
	if (r->perms_conf != CONF_EXACT)
		buf_addch(out, '~');
}

/** Of an object those all its mappings have in common; '*' where they differ. */
static void object_perms(const struct snapshot *s, u32 object, struct buf *out)
{
	struct object_sum sum;
	char all[4], any[4];

	sums_object(s->sums, &s->space, object, &sum);
	perms_letters(all, sum.all);
	perms_letters(any, sum.any);
	for (unsigned i = 0; i < 4; i++)
		buf_addch(out, all[i] == any[i] ? all[i] : '*');
}

static void text_perms(const struct snapshot *s, const struct item *it, struct buf *out)
{
	char letters[4];

	if (it->kind == ITEM_REGION)
		region_perms(&s->space.regions[it->index], out);
	if (it->kind == ITEM_OBJECT)
		object_perms(s, it->index, out);
	if (it->kind != ITEM_MAPPING)
		return;
	perms_letters(letters, s->space.vmas[it->index].perms);
	buf_add(out, letters, sizeof(letters));
}

static void text_kind(const struct snapshot *s, const struct item *it, struct buf *out)
{
	const struct space *space = &s->space;

	if (it->kind == ITEM_OBJECT)
		buf_addstr(out, object_kind_name(space->objects[it->index].kind));
	else if (it->kind == ITEM_MAPPING && space->vmas[it->index].role != ROLE_NONE)
		buf_addstr(out, vma_role_name(space->vmas[it->index].role));
	else if (it->kind == ITEM_MAPPING && space->vmas[it->index].object != NO_INDEX)
		buf_addstr(out,
			   object_kind_name(space->objects[space->vmas[it->index].object].kind));
	else if (it->kind == ITEM_AREA)
		buf_addstr(out, karea_kind_name(space->kmap->areas[it->index].kind));
	else if (it->kind == ITEM_MODULE)
		buf_addstr(out, "module");
	else if (it->kind == ITEM_SECTION)
		buf_addstr(out, "section");
	else if (it->kind == ITEM_RAM)
		buf_addstr(out, "RAM");
}

/** A mapping that no name fits is called by its kind. */
static void mapping_name(const struct space *s, u32 v, struct buf *out)
{
	const char *name = vma_name(s, &s->vmas[v]);
	u32 o = s->vmas[v].object;

	buf_addstr(out, *name || o == NO_INDEX ? name : object_kind_name(s->objects[o].kind));
}

static void kernel_name(const struct space *s, const struct item *it, struct buf *out)
{
	const struct kmap *m = s->kmap;
	const char *caller;

	switch (it->kind) {
	case ITEM_AREA:
		if (kernel_item_is_unpurged(m, it)) {
			buf_addstr(out, "freed, not purged");
			break;
		}
		caller = strtab_get(&s->names, m->areas[it->index].caller);
		buf_addstr(out, *caller ? caller : karea_kind_name(m->areas[it->index].kind));
		break;
	case ITEM_MODULE:
		buf_addstr(out, m->modules[it->index].name);
		break;
	case ITEM_SECTION:
		buf_addstr(out,
			   strtab_get(&s->names, m->modules[it->parent].sections[it->index].name));
		break;
	case ITEM_RAM:
		buf_addf(out, "RAM %llx-%llx", (unsigned long long)m->frames[it->index].phys.first,
			 (unsigned long long)m->frames[it->index].phys.last + 1);
		break;
	default:
		buf_addstr(out, s->regions[it->index].name);
		break;
	}
}

void item_name(const struct snapshot *s, const struct item *it, struct buf *out)
{
	switch (it->kind) {
	case ITEM_HALF:
		buf_addstr(out, it->index ? "kernel half" : "user half");
		break;
	case ITEM_HOLE:
		buf_addstr(out, "hole");
		break;
	case ITEM_GAP:
		buf_addstr(out, "gap");
		break;
	case ITEM_OBJECT:
		mapping_name(&s->space, s->space.objects[it->index].vma, out);
		break;
	case ITEM_MAPPING:
		mapping_name(&s->space, it->index, out);
		break;
	case ITEM_TASK:
		buf_addstr(out, strtab_get(&s->tasks.names, s->tasks.v[it->index].name));
		break;
	case ITEM_KERNEL:
		buf_addstr(out, "the kernel alone");
		break;
	default:
		kernel_name(&s->space, it, out);
		break;
	}
}

static void text_known_by(const struct snapshot *s, const struct item *it, struct buf *out)
{
	if (it->kind == ITEM_REGION)
		region_known_by(out, &s->space.regions[it->index]);
}

static void text_user(const struct snapshot *s, const struct item *it, struct buf *out)
{
	const struct task *task = task_of(s, it);

	if (task)
		buf_addstr(out, strtab_get(&s->tasks.names, task->user));
}

static void text_access(const struct snapshot *s, const struct item *it, struct buf *out)
{
	const struct task *task = task_of(s, it);

	if (!task)
		return;
	if (task->kthread)
		buf_addstr(out, "kernel thread");
	else if (task->err)
		access_words(out, task->err, task->held);
}

/* --- the table -------------------------------------------------------------------------------- */

const struct column_def columns[] = {
	{ "name", "its name", COLUMN_TEXT, 0, false, PICKER | LISTS, COLUMN_ANY, NULL, item_name },
	{ "pid", "process ID", COLUMN_NUMBER, 8, true, PICKER, COLUMN_ANY, task_pid, NULL },
	{ "user", "its user", COLUMN_TEXT, 10, true, PICKER, COLUMN_ANY, NULL, text_user },
	{ "rss", "resident, from statm", COLUMN_BYTES, 8, true, PICKER, COLUMN_ANY, task_rss,
	  NULL },
	{ "pss", "its share of what is resident", COLUMN_BYTES, 8, true, PICKER, COLUMN_ANY,
	  task_pss, NULL },
	{ "maps", "mappings", COLUMN_NUMBER, 6, true, PICKER, COLUMN_ANY, task_mappings, NULL },
	{ "thr", "threads", COLUMN_NUMBER, 5, true, PICKER, COLUMN_ANY, task_threads, NULL },
	{ "access", "why its mappings cannot be read", COLUMN_TEXT, 20, true, PICKER, COLUMN_ANY,
	  NULL, text_access },
	{ "size", "addresses it takes", COLUMN_BYTES, 8, true, LISTS, COLUMN_ANY, item_size, NULL },
	{ "perm", "permissions; * where an object's mappings differ, ~ not read", COLUMN_TEXT, 4,
	  true, ROWS, COLUMN_ANY, NULL, text_perms },
	{ "rss", "resident", COLUMN_BYTES, 7, true, LISTS, COLUMN_USER, figure_rss, NULL },
	{ "pss", "its share of what is resident", COLUMN_BYTES, 7, true, LISTS, COLUMN_USER,
	  figure_pss, NULL },
	{ "priv.dirty", "private and written to: freed if the process ends", COLUMN_BYTES, 10, true,
	  LISTS, COLUMN_USER, figure_private_dirty, NULL },
	{ "swap", "swapped out", COLUMN_BYTES, 7, true, LISTS, COLUMN_USER, figure_swap, NULL },
	{ "priv.clean", "private, as on disk", COLUMN_BYTES, 10, false, LISTS, COLUMN_USER,
	  figure_private_clean, NULL },
	{ "shr.clean", "shared, as on disk", COLUMN_BYTES, 9, false, LISTS, COLUMN_USER,
	  figure_shared_clean, NULL },
	{ "shr.dirty", "shared and written to", COLUMN_BYTES, 9, false, LISTS, COLUMN_USER,
	  figure_shared_dirty, NULL },
	{ "anon", "anonymous: of no file, or copied from one", COLUMN_BYTES, 7, false, LISTS,
	  COLUMN_USER, figure_anon, NULL },
	{ "ref", "referenced of late", COLUMN_BYTES, 7, false, LISTS, COLUMN_USER,
	  figure_referenced, NULL },
	{ "locked", "locked in RAM", COLUMN_BYTES, 7, false, LISTS, COLUMN_USER, figure_locked,
	  NULL },
	{ "huge", "in huge pages", COLUMN_BYTES, 7, false, LISTS, COLUMN_USER, figure_huge, NULL },
	{ "present", "present, from the page scan", COLUMN_BYTES, 7, false, LISTS, COLUMN_USER,
	  figure_present, NULL },
	{ "maps", "mappings", COLUMN_NUMBER, 6, false, LISTS, COLUMN_USER, figure_mappings, NULL },
	{ "offset", "in the file", COLUMN_HEX, 8, true, AT(LEVEL_OBJECT), COLUMN_USER,
	  figure_offset, NULL },
	{ "used", "allocated in it; of the direct map the RAM behind it", COLUMN_BYTES, 7, true,
	  ROWS, COLUMN_KERNEL, figure_used, NULL },
	{ "not free", "frames of RAM that are not free", COLUMN_BYTES, 8, true, AT(LEVEL_OBJECT),
	  COLUMN_KERNEL, figure_not_free, NULL },
	{ "refs", "how often a module is used", COLUMN_NUMBER, 5, false, AT(LEVEL_OBJECT),
	  COLUMN_KERNEL, figure_refs, NULL },
	{ "phys", "physical address of its first byte", COLUMN_HEX, 12, false, ROWS, COLUMN_KERNEL,
	  figure_phys, NULL },
	{ "kind", "what it is", COLUMN_TEXT, 14, false, ROWS, COLUMN_ANY, NULL, text_kind },
	{ "known by", "how sure a region is, and its source", COLUMN_TEXT, 22, true, ROWS,
	  COLUMN_KERNEL, NULL, text_known_by },
};
const size_t ncolumns = ARRAY_SIZE(columns);

/** The names of columns that rows of a kind have, NULL behind the last. */
static const char *const bare_half_has[] = { "size", NULL };
static const char *const kthread_has[] = { "pid", "thr", NULL };
static const char *const region_has[] = { "size", "used", "phys", NULL };
static const char *const area_has[] = { "size", "used", "phys", NULL };
static const char *const module_has[] = { "size", "refs", NULL };
static const char *const section_has[] = { "size", NULL };
static const char *const ram_has[] = { "size", "not free", "phys", NULL };

static bool is_one_of(const char *name, const char *const *names)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/** One that could not be read has figures that are not known; one that is not there has none. */
static bool has_user_half(const struct snapshot *s)
{
	return s->space.no_user == USER_HERE || s->space.no_user == USER_DENIED ||
	       s->space.no_user == USER_GONE;
}

bool column_is_lazy(const struct column_def *c)
{
	return c->figure == task_pss || c->figure == task_mappings;
}

bool column_applies(const struct column_def *c, const struct snapshot *s, const struct item *it)
{
	switch (it->kind) {
	case ITEM_GAP:
	case ITEM_HOLE:
	case ITEM_FREE:
		return !strcmp(c->name, "size");
	case ITEM_KERNEL:
		return false;
	case ITEM_HALF:
		return (!it->index && has_user_half(s)) || is_one_of(c->name, bare_half_has);
	case ITEM_OBJECT:
		return strcmp(c->name, "offset") != 0;
	case ITEM_MAPPING:
		if (!strcmp(c->name, "offset"))
			return s->space.vmas[it->index].inode != 0;
		return strcmp(c->name, "maps") != 0;
	case ITEM_REGION:
		return is_one_of(c->name, region_has);
	case ITEM_AREA:
		return is_one_of(c->name, area_has);
	case ITEM_MODULE:
		return is_one_of(c->name, module_has);
	case ITEM_SECTION:
		return is_one_of(c->name, section_has);
	case ITEM_RAM:
		return is_one_of(c->name, ram_has);
	case ITEM_TASK:
		return !s->tasks.v[it->index].kthread || is_one_of(c->name, kthread_has);
	}
	return true;
}
