/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/vmallocinfo kept area by area: callers, kinds, pages, nodes; hashed, real, hidden, broken.
 */
#include "model/kmap.h"
#include "proc/ksrc.h"
#include "tap.h"

#define TEXT(s) (s), sizeof(s) - 1

static void list(struct space *s, enum ksrc_state st, const char *text, size_t len)
{
	space_init(s);
	s->host.page_size = 4096;
	s->kmap = kmap_new();
	vmallocinfo_list(text, len, st, s);
	kmap_finish(s->kmap);
}

static const char *text_of(const struct space *s, u32 id)
{
	return strtab_get(&s->names, id);
}

static void test_fields(void)
{
	static const char text[] =
		"0x1000-0x6000   20480 kernel_clone+0x94/0x3e0 pages=4 vmalloc N0=3 N1=1\n"
		"0x6000-0x8000    8192 foo_probe+0x1/0x20 [foo mod] phys=0x00000000000a0000 "
		"ioremap\n"
		"0x8000-0x9000    4096 unpurged vm_area\n"
		"0x9000-0xb000    8192 vm_map_ram\n"
		"0xb000-0xd000    8192 pages=1 vmalloc vpages\n"
		"0xd000-0xf000    8192 x+0x1/0x2 pages=1 vmalloc user N0=1\n";
	const struct kmap *m;
	struct space s;

	list(&s, KSRC_READ, text, sizeof(text) - 1);
	m = s.kmap;
	IS(m->area_addr, KADDR_REAL);
	IS(m->nareas, 6);
	IS(m->areas[0].first, 0x1000);
	IS(m->areas[0].last, 0x5fff);
	IS(m->areas[0].kind, KAREA_STACK);
	IS(m->areas[0].pages, 4);
	IS_STR(text_of(&s, m->areas[0].caller), "kernel_clone+0x94/0x3e0");
	IS_STR(text_of(&s, m->areas[0].function), "kernel_clone");
	IS(m->areas[0].nnodes, 2);
	IS(m->nodes[m->areas[0].nodes + 1].node, 1);
	IS(m->nodes[m->areas[0].nodes + 1].pages, 1);
	/* a module's function, its physical address; the area has no pages */
	IS(m->areas[1].kind, KAREA_IOREMAP);
	IS(m->areas[1].have, KAREA_PHYS);
	IS(m->areas[1].phys, 0xa0000);
	IS_STR(text_of(&s, m->areas[1].function), "foo_probe [foo mod]");
	IS(m->areas[2].kind, KAREA_UNPURGED);
	IS_STR(text_of(&s, m->areas[2].caller), "");
	IS(m->areas[3].kind, KAREA_MAP_RAM);
	/* no caller: the figures are none */
	IS(m->areas[4].kind, KAREA_VMALLOC);
	IS(m->areas[4].caller, 0);
	IS(m->areas[4].have, KAREA_PAGES | KAREA_VPAGES);
	IS(m->areas[5].kind, KAREA_USER);
	/* unpurged is in no sum of what is in use */
	IS(m->all.count, 5);
	IS(m->all.bytes, 20480 + 4 * 8192);
	IS(m->all.pages, 6);
	IS(m->all.backed, 20480 + 2 * 8192);
	IS(m->kind[KAREA_UNPURGED].bytes, 4096);
	space_release(&s);
}

static void test_states(void)
{
	static const char text[] = "0x6b279455-0x6d81f096   20480 a+0x1/0x2 pages=4 vmalloc\n"
				   "0x12-0x7   8192 a+0x5/0x6 pages=1 vmalloc\n";
	struct space s;

	list(&s, KSRC_HASHED, text, sizeof(text) - 1);
	IS(s.kmap->area_addr, KADDR_HASHED);
	IS(s.kmap->nareas, 2);
	/* a hash is never taken for an address */
	OK(!s.kmap->areas[0].first && !s.kmap->areas[0].last);
	OK(!kmap_area_at(s.kmap, 0x6b279455));
	/* two places in one function are one group */
	IS(s.kmap->ngroups, 1);
	IS(s.kmap->groups[0].sum.count, 2);
	IS(s.kmap->groups[0].sum.bytes, 28672);
	space_release(&s);

	list(&s, KSRC_ZEROS, TEXT("0x0-0x0   20480 a+0x1/0x2 pages=4 vmalloc\n"));
	IS(s.kmap->area_addr, KADDR_ZEROS);
	IS(s.kmap->areas[0].size, 20480);
	space_release(&s);
}

static void test_hostile(void)
{
	/* more pages than bytes, a node of no number, words of nothing, a last line that was cut */
	static const char text[] =
		"0x1000-0x2000 4096 a pages=99999999999999999999 vmalloc\n"
		"0x2000-0x3000 4096 b pages=5000 phys=0x vmalloc N=1 Nx=2 N0= N9999999=1\n"
		"0x3000-0x4000 4096 c [unclosed pages=1 vmalloc\n"
		"0x4000-0x5000 4096 \n"
		"0x5000-0x6000 4096\n"
		"0x6000-0x7000 0 zero vmalloc\n"
		"\n0x\nnonsense\n0x7000-0x8000 4096 cut vmal";
	const struct kmap *m;
	struct space s;

	list(&s, KSRC_READ, text, sizeof(text) - 1);
	m = s.kmap;
	IS(m->nareas, 5);
	OK(!(m->areas[0].have & KAREA_PAGES));
	OK(!(m->areas[1].have & (KAREA_PHYS)));
	IS(m->areas[1].nnodes, 0);
	IS(m->areas[2].kind, KAREA_VMALLOC);
	IS(m->areas[3].caller, 0);
	IS(m->areas[3].kind, KAREA_VMAP);
	IS(m->areas[4].size, 4096);
	space_release(&s);
}

int main(void)
{
	test_fields();
	test_states();
	test_hostile();
	return tap_done();
}
