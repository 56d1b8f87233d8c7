/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an address is: the question, one side from the other, symbols around it. */
#include "kernel/kernel.h"
#include "model/explain.h"
#include "proc/explain.h"
#include "proc/phys.h"
#include "tap.h"

static void test_parse(void)
{
	static const struct {
		const char *text;
		u8 bits;
		bool ok;
		enum explain_form form;
		u64 v, plus;
	} cases[] = {
		{ "pa:0x1000", 64, true, EXPLAIN_PHYS, 0x1000, 0 },
		{ "pa:1000", 64, false, 0, 0, 0 },
		{ "pa:0x", 64, false, 0, 0, 0 },
		{ "pa:0x10000000000000000", 64, false, 0, 0, 0 },
		{ "pfn:16", 64, true, EXPLAIN_PFN, 16, 0 },
		{ "pfn:0x16", 64, true, EXPLAIN_PFN, 0x16, 0 },
		{ "pfn:16x", 64, false, 0, 0, 0 },
		{ "0xffffffff81000000", 64, true, EXPLAIN_ADDR, 0xffffffff81000000, 0 },
		{ "ffffffff81000000", 64, true, EXPLAIN_ADDR, 0xffffffff81000000, 0 },
		{ "c0100000", 32, true, EXPLAIN_ADDR, 0xc0100000, 0 },
		{ "deadbeef", 64, true, EXPLAIN_SYMBOL, 0, 0 },
		{ "0xzz", 64, false, 0, 0, 0 },
		{ "12", 64, false, 0, 0, 0 },
		{ "schedule", 64, true, EXPLAIN_SYMBOL, 0, 0 },
		{ "schedule+0x10", 64, true, EXPLAIN_SYMBOL, 0, 0x10 },
		{ "schedule+16", 64, true, EXPLAIN_SYMBOL, 0, 16 },
		{ "schedule+", 64, false, 0, 0, 0 },
		{ "two words", 64, false, 0, 0, 0 },
		{ "", 64, false, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct explain_ask a;

		printf("# %s\n", cases[i].text);
		IS(explain_parse(cases[i].text, cases[i].bits, &a), cases[i].ok);
		if (!cases[i].ok)
			continue;
		IS(a.form, cases[i].form);
		IS(a.v, cases[i].v);
		IS(a.plus, cases[i].plus);
	}
}

static void test_ksymbol(void)
{
	static const char plain[] = "ffffffff81000000 T _text", mod[] = "ffffffffc0000000 t f\t[m]";
	struct ksymbol s;

	OK(ksymbol_parse(plain, strlen(plain), &s));
	IS(s.addr, 0xffffffff81000000);
	IS(s.type, 'T');
	IS(s.len, 5);
	IS(s.module_len, 0);
	OK(ksymbol_parse(mod, strlen(mod), &s));
	IS(s.len, 1);
	IS(s.module_len, 1);
	OK(!ksymbol_parse("zz T a", 6, &s));
	OK(!ksymbol_parse("0 T ", 4, &s));
	OK(!ksymbol_parse("0 TT a", 6, &s));
	OK(!ksymbol_parse("0 T a\0b", 7, &s));
}

static void add_region(struct space *s, enum region_kind kind, u64 first, u64 last, u8 depth,
		       enum conf conf)
{
	struct region *r = space_add_region(s);

	r->first = first;
	r->last = last;
	r->kind = kind;
	r->depth = depth;
	r->conf = conf;
	r->name = "region";
	r->source = "made";
}

/** An x86_64 kernel: direct map of 4 GiB at its default place, image at physical 16 MiB. */
static void make(struct space *s, enum conf direct)
{
	space_init(s);
	s->host.machine = xstrdup("x86_64");
	s->host.page_size = 4096;
	s->host.bits = 64;
	s->user = (struct range){ 0, 0x7fffffffefff };
	s->kernel = (struct range){ 0xffff800000000000, UINT64_MAX };
	add_region(s, KR_DIRECT_MAP, 0xffff888000000000, 0xffff8880ffffffff, 0, direct);
	add_region(s, KR_VMEMMAP, 0xffffea0000000000, 0xffffea0003ffffff, 0, CONF_DEFAULT);
	add_region(s, KR_IMAGE, 0xffffffff81000000, 0xffffffff82ffffff, 0, CONF_DERIVED);
	add_region(s, KR_IMAGE_PART, 0xffffffff81000000, 0xffffffff81ffffff, 1, CONF_EXACT);
}

static void facts(struct kfacts *k)
{
	*k = (struct kfacts){ 0 };
	k->syms.text = FIG(0xffffffff81000000);
	k->iomem.code = (struct range){ 0x1000000, 0x1ffffff };
	k->iomem.have_code = true;
	k->btf.page_size = FIG(64);
}

static void test_virtual(void)
{
	struct explain_place *p;
	struct explain e;
	struct kfacts k;
	struct space s;

	make(&s, CONF_DEFAULT);
	facts(&k);
	explain_init(&e, 4096);
	kernel_translations(&k, &s, &e);
	p = explain_add_place(&e);
	p->va = FIG(0xffffffff81234567);
	explain_translate(&e, &s, p);
	IS(p->pa.v, 0x1234567);
	IS(p->pa.conf, CONF_DERIVED);
	IS(p->direct.v, 0xffff888001234567);
	IS(p->direct.conf, CONF_DEFAULT); /* no better than the base */
	IS(p->image.v, 0xffffffff81234567);
	IS(p->page.v, 0xffffea0000000000 + 0x1234 * 64);
	IS(p->page.conf, CONF_DEFAULT);
	OK(!p->describes.have);

	p = explain_add_place(&e);
	p->va = FIG(0xffff888000001000);
	explain_translate(&e, &s, p);
	IS(p->pa.v, 0x1000);
	OK(!p->image.have && p->no_image);

	p = explain_add_place(&e);
	p->va = FIG(0xffffea0000000000 + 0x1234 * 64 + 8);
	explain_translate(&e, &s, p);
	OK(!p->pa.have && !p->direct.have);
	OK(p->describes.have);
	IS(p->describes.v, 0x1234);

	p = explain_add_place(&e);
	p->va = FIG(0xffffc90000000000);
	explain_translate(&e, &s, p);
	OK(!p->pa.have);
	explain_release(&e);
	space_release(&s);
}

static void test_physical(void)
{
	static const char iomem[] = "00001000-0009ffff : System RAM\n"
				    "00100000-bfffffff : System RAM\n"
				    "  01000000-01ffffff : Kernel code\n"
				    "fec00000-fec003ff : IOAPIC 0\n";
	struct explain_place *p;
	struct explain e;
	struct kfacts k;
	struct space s;

	make(&s, CONF_BOUNDS);
	facts(&k);
	explain_init(&e, 4096);
	OK(phys_parse_iomem(&e.phys, iomem, strlen(iomem)));
	kernel_translations(&k, &s, &e);
	p = explain_add_place(&e);
	p->pa = (struct known){ .v = 0x1000010, .have = true };
	explain_translate(&e, &s, p);
	/* A base that only has bounds gives no address. */
	OK(!p->direct.have && !p->no_direct);
	IS(p->image.v, 0xffffffff81000010);
	if (OK(p->resource != NO_INDEX))
		IS(e.phys.resources[p->resource].first, 0x1000000);
	p = explain_add_place(&e);
	p->pa = (struct known){ .v = UINT64_MAX, .have = true };
	explain_translate(&e, &s, p);
	IS(p->resource, NO_INDEX);
	OK(!p->image.have && p->no_image);
	/* The array of struct page ends before it. */
	OK(!p->page.have);
	p = explain_add_place(&e);
	p->pa = (struct known){ .v = 0xfffff000, .have = true };
	explain_translate(&e, &s, p);
	IS(p->page.v, 0xffffea0003ffffc0);
	p = explain_add_place(&e);
	p->pa = (struct known){ .v = 0x100000000, .have = true };
	explain_translate(&e, &s, p);
	OK(!p->page.have);
	explain_release(&e);
	space_release(&s);
}

/** kcore's segments are exact, and go before what is derived. */
static void test_segments(void)
{
	struct kcore_segment seg[] = {
		{ 0xffffffff81000000, 0x2000000, 0x5000000, 0 },
		{ 0xffff888000000000, 0x80000000, 0, 0 },
		{ 0xffffc90000000000, 0x1000, UINT64_MAX, 0 },
		{ UINT64_MAX - 10, 100, 7, 0 },
	};
	struct explain_place *p;
	struct explain e;
	struct kfacts k;
	struct space s;

	make(&s, CONF_DEFAULT);
	facts(&k);
	k.kcore.segments = seg;
	k.kcore.nsegments = ARRAY_SIZE(seg);
	explain_init(&e, 4096);
	kernel_translations(&k, &s, &e);
	p = explain_add_place(&e);
	p->va = FIG(0xffffffff81000010);
	explain_translate(&e, &s, p);
	IS(p->pa.v, 0x5000010);
	IS(p->pa.conf, CONF_EXACT);
	IS_STR(p->pa.source, "kcore");
	IS(p->direct.v, 0xffff888005000010);
	IS(p->direct.conf, CONF_EXACT);
	explain_release(&e);
	space_release(&s);
}

static void see(struct explain_place *p, u64 addr, const char *name)
{
	explain_symbol_seen(p, addr, 't', name, strlen(name), NULL, 0);
}

static void test_symbols(void)
{
	struct explain_place *p;
	struct explain e;
	struct space s;

	make(&s, CONF_DEFAULT);
	explain_init(&e, 4096);
	p = explain_add_place(&e);
	p->va = FIG(0xffffffff81000810);
	see(p, 0xffffffff81000900, "later");
	see(p, 0xffffffff81000100, "early");
	see(p, 0xffffffff81000880, "next");
	see(p, 0xffffffff81000800, "here");
	see(p, 0xffffffff81000800, "alias");
	see(p, 0xffffffff81000200, "early2");
	see(p, 0xffffffff81000880, "next2");
	explain_symbol_check(&s, p);
	IS(p->symbol.nnames, 2);
	IS_STR(p->symbol.names[0], "here");
	IS_STR(p->symbol.names[1], "alias");
	IS(p->symbol.addr, 0xffffffff81000800);
	IS(p->symbol.next.v, 0xffffffff81000880);
	IS_STR(p->symbol.next_name, "next");

	/* The nearest one below is in another region: none of its business. */
	p = explain_add_place(&e);
	p->va = FIG(0xffffea0000000100);
	see(p, 0xffff8880fffffff0, "other");
	see(p, 0xffffffff81000880, "next");
	explain_symbol_check(&s, p);
	IS(p->symbol.nnames, 0);
	OK(!p->symbol.next.have);
	explain_release(&e);
	space_release(&s);
}

static void test_regions(void)
{
	struct space s;
	u32 region = 9, part = 9;

	make(&s, CONF_BOUNDS);
	IS(explain_half(&s, 0x400000), HALF_USER);
	IS(explain_half(&s, 0x800000000000), HALF_HOLE);
	IS(explain_half(&s, 0xffff888000000000), HALF_KERNEL);
	OK(!explain_region(&s, 0xffff888000000000, &region, &part));
	OK(explain_may_lie(&s.regions[0], 0xffff888000000000));
	OK(explain_region(&s, 0xffffffff81000000, &region, &part));
	IS(region, 2);
	IS(part, 3);
	OK(explain_region(&s, 0xffffffff82000000, &region, &part));
	IS(part, NO_INDEX);
	s.kernel = (struct range){ 0, 0 };
	IS(explain_half(&s, 0xffff888000000000), HALF_UNKNOWN);
	space_release(&s);
}

/** More addresses of a symbol than are shown are counted. */
static void test_many(void)
{
	struct explain e;

	explain_init(&e, 4096);
	for (unsigned i = 0; i < EXPLAIN_PLACES; i++)
		OK(explain_add_place(&e) != NULL);
	OK(!explain_add_place(&e));
	IS(e.nplaces, EXPLAIN_PLACES);
	IS(e.more, 1);
	explain_release(&e);
}

/** Sources that would tell nothing of the place are not complained of; conflicts always are. */
static void test_notes(void)
{
	struct explain e;
	struct space s;
	struct explain_place *p;

	make(&s, CONF_EXACT);
	explain_init(&e, 4096);
	p = explain_add_place(&e);
	p->va = FIG(0xffffffff81000000);
	space_note(&s, NOTE_LIMIT, "vmallocinfo", 0, NULL, "hashed");
	space_note(&s, NOTE_ABSENT, "kcore", 0, NULL, "none");
	space_note(&s, NOTE_CONFLICT, "kcore", 0, NULL, "two answers");
	space_note(&s, NOTE_CLOSED, "kallsyms", 0, NULL, "zeros");
	explain_keep_notes(&e, &s);
	IS(s.nnotes, 3);
	IS_STR(s.notes[0].source, "kcore");
	p->va = FIG(0x400000);
	explain_keep_notes(&e, &s);
	IS(s.nnotes, 2);
	IS(s.notes[0].kind, NOTE_CONFLICT);
	IS_STR(s.notes[1].source, "kallsyms");
	explain_release(&e);
	space_release(&s);
}

int main(void)
{
	test_parse();
	test_ksymbol();
	test_virtual();
	test_physical();
	test_segments();
	test_symbols();
	test_regions();
	test_many();
	test_notes();
	return tap_done();
}
