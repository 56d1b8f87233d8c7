/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What lies inside the kernel half: kinds of areas, groups, sums, look-up by address. */
#include "kmap.h"

#include <stdlib.h>
#include <string.h>

struct kmap *kmap_new(void)
{
	return xcalloc(1, sizeof(struct kmap));
}

struct kmap *kmap_share(struct kmap *m)
{
	atomic_fetch_add(&m->shares, 1);
	return m;
}

void kmap_free(struct kmap *m)
{
	/* The last owner finds no share left. */
	if (!m || atomic_fetch_sub(&m->shares, 1))
		return;
	for (size_t i = 0; i < m->nmodules; i++) {
		free(m->modules[i].name);
		free(m->modules[i].sections);
	}
	for (size_t i = 0; i < m->nframes; i++)
		frame_tally_release(&m->frames[i].tally);
	free(m->areas);
	free(m->nodes);
	free(m->groups);
	free(m->by_group);
	free(m->modules);
	free(m->frames);
	free(m);
}

/* ------------------------------------------------------------------ appending */

struct karea *kmap_add_area(struct kmap *m)
{
	struct karea *a;

	if (m->nareas == KAREAS_MAX)
		return NULL;
	GROW(m->areas, m->nareas, m->cap_areas);
	a = &m->areas[m->nareas++];
	*a = (struct karea){ 0 };
	return a;
}

void kmap_add_node(struct kmap *m, struct karea *a, u32 node, u64 pages)
{
	if (a->nnodes == UINT16_MAX || m->nnodes == NO_INDEX)
		return;
	if (!a->nnodes)
		a->nodes = (u32)m->nnodes;
	GROW(m->nodes, m->nnodes, m->cap_nodes);
	m->nodes[m->nnodes++] = (struct knode_pages){ node, pages };
	a->nnodes++;
}

struct kmodule *kmap_add_module(struct kmap *m)
{
	struct kmodule *mod;

	if (m->nmodules == KMODULES_MAX)
		return NULL;
	GROW(m->modules, m->nmodules, m->cap_modules);
	mod = &m->modules[m->nmodules++];
	*mod = (struct kmodule){ 0 };
	return mod;
}

void kmodule_add_section(struct kmodule *mod, u32 name, u64 addr)
{
	GROW(mod->sections, mod->nsections, mod->cap_sections);
	mod->sections[mod->nsections++] = (struct ksection){ name, addr };
}

/* ------------------------------------------------------------------ kinds */

const char *karea_kind_name(enum karea_kind k)
{
	static const char *const names[KAREA_NKINDS] = {
		[KAREA_VMALLOC] = "vmalloc",
		[KAREA_STACK] = "kernel stacks",
		[KAREA_IRQ_STACK] = "IRQ stacks",
		[KAREA_MODULE] = "modules",
		[KAREA_BPF_TEXT] = "BPF code",
		[KAREA_BPF] = "BPF",
		[KAREA_CODE] = "patched code",
		[KAREA_PERCPU] = "per-CPU",
		[KAREA_IOREMAP] = "ioremap",
		[KAREA_VMAP] = "vmap",
		[KAREA_DMA] = "DMA",
		[KAREA_USER] = "vmalloc_user",
		[KAREA_MAP_RAM] = "vm_map_ram",
		[KAREA_UNPURGED] = "unpurged",
	};

	return (size_t)k < KAREA_NKINDS ? names[k] : "?";
}

const char *kmodule_state_name(enum kmodule_state st)
{
	static const char *const names[] = {
		[KMODULE_UNKNOWN] = "?",
		[KMODULE_LIVE] = "live",
		[KMODULE_LOADING] = "loading",
		[KMODULE_UNLOADING] = "unloading",
	};

	return (size_t)st < ARRAY_SIZE(names) ? names[st] : "?";
}

/*
 * Who makes what. The caller printed is the first function that the compiler did not inline, so
 * each kind has the names of several kernels (4.9 to 6.18: kernel/fork.c, kernel/module,
 * mm/execmem.c, kernel/bpf, mm/percpu-vm.c, arch/x86/kernel/irq_64.c and ftrace.c,
 * kernel/kprobes.c).
 */
static const struct {
	const char *name;
	enum { EXACT, PREFIX, SUFFIX } how;
	u8 kind;
	bool vmalloc; /* only memory that vmalloc() allocated */
} makers[] = {
	{ "alloc_thread_stack_node", PREFIX, KAREA_STACK, true },
	{ "dup_task_struct", PREFIX, KAREA_STACK, true },
	{ "copy_process", PREFIX, KAREA_STACK, true },
	{ "_do_fork", EXACT, KAREA_STACK, true },
	{ "kernel_clone", EXACT, KAREA_STACK, true },
	{ "fork_idle", EXACT, KAREA_STACK, true },
	{ "create_io_thread", EXACT, KAREA_STACK, true },
	{ "vhost_task_create", EXACT, KAREA_STACK, true },
	{ "irq_init_percpu_irqstack", EXACT, KAREA_IRQ_STACK, false },
	{ "init_irq_stacks", EXACT, KAREA_IRQ_STACK, false },
	{ "init_IRQ", EXACT, KAREA_IRQ_STACK, true },
	{ "module_alloc", EXACT, KAREA_MODULE, true },
	{ "load_module", EXACT, KAREA_MODULE, true },
	{ "move_module", EXACT, KAREA_MODULE, true },
	{ "layout_and_allocate", PREFIX, KAREA_MODULE, true },
	{ "module_memory_alloc", EXACT, KAREA_MODULE, true },
	{ "execmem_", PREFIX, KAREA_MODULE, true },
	{ "bpf_jit_", PREFIX, KAREA_BPF_TEXT, false },
	{ "bpf_prog_pack_alloc", EXACT, KAREA_BPF_TEXT, false },
	{ "bpf_", PREFIX, KAREA_BPF, false },
	{ "__bpf_", PREFIX, KAREA_BPF, false },
	{ "_map_alloc", SUFFIX, KAREA_BPF, false },
	{ "arch_ftrace_update_trampoline", EXACT, KAREA_CODE, true },
	{ "create_trampoline", EXACT, KAREA_CODE, true },
	{ "alloc_insn_page", EXACT, KAREA_CODE, true },
	{ "__get_insn_slot", EXACT, KAREA_CODE, true },
	{ "pcpu_", PREFIX, KAREA_PERCPU, false },
};

static bool made_by(size_t i, const char *function, size_t len)
{
	size_t n = strlen(makers[i].name);

	switch (makers[i].how) {
	case EXACT:
		return len == n && !memcmp(function, makers[i].name, n);
	case PREFIX:
		return len >= n && !memcmp(function, makers[i].name, n);
	default:
		return len >= n && !memcmp(function + len - n, makers[i].name, n);
	}
}

enum karea_kind karea_kind_of(enum karea_kind by_flags, const char *function)
{
	/* "htab_map_alloc [mod]", "copy_process.isra.0" */
	size_t len = strcspn(function, " .");

	if (by_flags == KAREA_IOREMAP || by_flags == KAREA_DMA || by_flags == KAREA_MAP_RAM ||
	    by_flags == KAREA_UNPURGED)
		return by_flags;
	for (size_t i = 0; i < ARRAY_SIZE(makers); i++)
		if (made_by(i, function, len) && (!makers[i].vmalloc || by_flags == KAREA_VMALLOC))
			return makers[i].kind;
	return by_flags;
}

/* ------------------------------------------------------------------ sums and groups */

static void sum_add(struct karea_sum *sum, const struct karea *a)
{
	sum->count++;
	sum->bytes += a->size;
	if (a->have & KAREA_PAGES) {
		sum->pages += a->pages;
		sum->backed += a->size;
	}
}

/** What areas are sorted by to become groups. */
struct group_key {
	u32 function, area;
	u8 kind;
};

static int compare_keys(const void *va, const void *vb)
{
	const struct group_key *a = va, *b = vb;

	if (a->function != b->function)
		return a->function < b->function ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->area > b->area) - (a->area < b->area);
}

/** Most bytes first, what is no longer in use last; of equal ones as the file had them. */
static int compare_groups(const void *va, const void *vb)
{
	const struct kgroup *a = va, *b = vb;
	bool old = a->kind == KAREA_UNPURGED;

	if (old != (b->kind == KAREA_UNPURGED))
		return old ? 1 : -1;
	if (a->sum.bytes != b->sum.bytes)
		return a->sum.bytes > b->sum.bytes ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return (a->function > b->function) - (a->function < b->function);
}

static void make_groups(struct kmap *m)
{
	struct group_key *keys = xcalloc(m->nareas, sizeof(*keys));
	struct kgroup *g = NULL;

	for (u32 i = 0; i < m->nareas; i++)
		keys[i] = (struct group_key){ m->areas[i].function, i, m->areas[i].kind };
	qsort(keys, m->nareas, sizeof(*keys), compare_keys);
	m->by_group = xcalloc(m->nareas, sizeof(*m->by_group));
	for (u32 i = 0; i < m->nareas; i++) {
		if (!g || g->function != keys[i].function || g->kind != keys[i].kind) {
			GROW(m->groups, m->ngroups, m->cap_groups);
			g = &m->groups[m->ngroups++];
			*g = (struct kgroup){ .function = keys[i].function,
					      .kind = keys[i].kind,
					      .first = i };
		}
		g->n++;
		m->by_group[i] = keys[i].area;
		sum_add(&g->sum, &m->areas[keys[i].area]);
	}
	free(keys);
	qsort(m->groups, m->ngroups, sizeof(*m->groups), compare_groups);
	for (u32 i = 0; i < m->ngroups; i++)
		for (u32 k = 0; k < m->groups[i].n; k++)
			m->areas[m->by_group[m->groups[i].first + k]].group = i;
}

static int compare_areas(const void *va, const void *vb)
{
	const struct karea *a = va, *b = vb;

	if (a->first != b->first)
		return a->first < b->first ? -1 : 1;
	return (a->last > b->last) - (a->last < b->last);
}

static int compare_modules(const void *va, const void *vb)
{
	const struct kmodule *a = va, *b = vb;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int compare_sections(const void *va, const void *vb)
{
	const struct ksection *a = va, *b = vb;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	return (a->name > b->name) - (a->name < b->name);
}

void kmap_finish(struct kmap *m)
{
	if (m->area_addr == KADDR_REAL && m->nareas)
		qsort(m->areas, m->nareas, sizeof(*m->areas), compare_areas);
	for (size_t i = 0; i < m->nareas; i++) {
		const struct karea *a = &m->areas[i];

		sum_add(&m->kind[a->kind], a);
		if (a->kind != KAREA_UNPURGED)
			sum_add(&m->all, a);
	}
	if (m->nareas)
		make_groups(m);
	if (m->module_addr == KADDR_REAL && m->nmodules)
		qsort(m->modules, m->nmodules, sizeof(*m->modules), compare_modules);
	for (size_t i = 0; i < m->nmodules; i++) {
		struct kmodule *mod = &m->modules[i];

		if (mod->nsections)
			qsort(mod->sections, mod->nsections, sizeof(*mod->sections),
			      compare_sections);
	}
}

/* ------------------------------------------------------------------ by address */

const struct karea *kmap_area_at(const struct kmap *m, u64 addr)
{
	size_t low = 0, high = m->nareas;

	if (m->area_addr != KADDR_REAL)
		return NULL;
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->areas[mid].first <= addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low && addr <= m->areas[low - 1].last ? &m->areas[low - 1] : NULL;
}

const struct kmodule *kmap_module_at(const struct kmap *m, u64 addr)
{
	const struct kmodule *at = NULL;

	if (m->module_addr != KADDR_REAL)
		return NULL;
	for (size_t i = 0; i < m->nmodules; i++) {
		const struct kmodule *mod = &m->modules[i];

		if (mod->addr > addr)
			break;
		if (mod->last_source && addr <= mod->last)
			at = mod;
	}
	return at;
}

const struct kmodule *kmap_module_in(const struct kmap *m, const struct karea *a)
{
	size_t n = m->module_addr == KADDR_REAL ? m->nmodules : 0, low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (m->modules[mid].addr < a->first)
			low = mid + 1;
		else
			high = mid;
	}
	return low < n && m->modules[low].addr <= a->last ? &m->modules[low] : NULL;
}

const struct ksection *kmodule_section_at(const struct kmodule *mod, u64 addr)
{
	const struct ksection *at = NULL;

	for (size_t i = 0; i < mod->nsections && mod->sections[i].addr <= addr; i++)
		at = &mod->sections[i];
	return at;
}

struct karea_sum kmap_group_sum(const struct kmap *m, const struct kgroup *g, struct range r)
{
	struct karea_sum sum = { 0 };

	if (m->area_addr != KADDR_REAL)
		return g->sum;
	for (u32 i = 0; i < g->n; i++) {
		const struct karea *a = &m->areas[m->by_group[g->first + i]];

		if (range_inside((struct range){ a->first, a->last }, r))
			sum_add(&sum, a);
	}
	return sum;
}

static void merge_node(struct knode_pages *ret, size_t *n, size_t max, struct knode_pages add)
{
	size_t i = 0;

	while (i < *n && ret[i].node < add.node)
		i++;
	if (i < *n && ret[i].node == add.node) {
		ret[i].pages += add.pages;
		return;
	}
	if (*n == max)
		return;
	memmove(&ret[i + 1], &ret[i], (*n - i) * sizeof(*ret));
	ret[i] = add;
	++*n;
}

size_t kmap_group_nodes(const struct kmap *m, const struct kgroup *g, struct knode_pages *ret,
			size_t max)
{
	size_t n = 0;

	for (u32 i = 0; i < g->n; i++) {
		const struct karea *a = &m->areas[m->by_group[g->first + i]];

		for (u32 k = 0; k < a->nnodes; k++)
			merge_node(ret, &n, max, m->nodes[a->nodes + k]);
	}
	return n;
}

bool kmap_spread(const struct kmap *m, struct range r, struct kspread *ret)
{
	bool any = false;

	*ret = (struct kspread){ 0 };
	for (size_t i = 0; m->area_addr == KADDR_REAL && i < m->nareas; i++) {
		const struct karea *a = &m->areas[i];
		struct range hole;

		if (!range_inside((struct range){ a->first, a->last }, r))
			continue;
		if (a->kind == KAREA_UNPURGED)
			ret->unpurged += a->size;
		else
			sum_add(&ret->sum, a);
		if (!any) {
			any = true;
			ret->lowest = a->first;
			ret->highest = a->last;
			continue;
		}
		ret->overlaps += a->first <= ret->highest;
		if (range_between((struct range){ ret->lowest, ret->highest },
				  (struct range){ a->first, a->last }, &hole)) {
			ret->gaps++;
			ret->gap_bytes += range_size(hole);
			ret->largest = MAX(ret->largest, range_size(hole));
		}
		ret->highest = MAX(ret->highest, a->last);
	}
	return any;
}
