/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The readers of the physical side, and the pieces that are made of what they read. */
#include <stdlib.h>
#include "proc/phys.h"
#include "tap.h"

#define K(bit) (UINT64_C(1) << (bit))

static void iomem(struct phys *p, const char *text)
{
	phys_init(p, 4096);
	phys_parse_iomem(p, text, strlen(text));
}

static const char machine[] = "00000000-00000fff : Reserved\n"
			      "00001000-0009ffff : System RAM\n"
			      "000a0000-000fffff : PCI Bus 0000:00\n"
			      "  000c0000-000c7fff : Video ROM\n"
			      "00100000-3fffffff : System RAM\n"
			      "  01000000-01ffffff : Kernel code\n"
			      "  02000000-02ffffff : Kernel data\n"
			      "40000000-47ffffff : ACPI Tables\n"
			      "c0000000-cfffffff : PCI Bus 0000:00\n"
			      "  c0000000-c0ffffff : 0000:00:01.0\n"
			      "    c0000000-c0ffffff : nvme\n"
			      "100000000-17fffffff : CXL Window 0\n"
			      "  100000000-13fffffff : region0\n"
			      "    100000000-13fffffff : dax0.0\n"
			      "      100000000-13fffffff : System RAM (kmem)\n";

/* Node 0 has DMA to 16 MiB and DMA32 to 512 MiB, node 1 the rest of DMA32 and Normal. */
static const char zones[] = "Node 0, zone      DMA\n"
			    "  per-node stats\n"
			    "      nr_active_anon 7\n"
			    "      nr_inactive_anon 8\n"
			    "  pages free     3000\n"
			    "        boost    0\n"
			    "        min      16\n"
			    "        low      20\n"
			    "        high     24\n"
			    "        spanned  4095\n"
			    "        present  3999\n"
			    "        managed  3840\n"
			    "        protection: (0, 3019, 15179)\n"
			    "      nr_free_pages 3000\n"
			    "  pagesets\n"
			    "    cpu: 0\n"
			    "              count: 5\n"
			    "              high:  10\n"
			    "              batch: 1\n"
			    "  vm stats threshold: 4\n"
			    "    cpu: 1\n"
			    "              count: 6\n"
			    "              high:  11\n"
			    "              batch: 63\n"
			    "              high_max: 240\n"
			    "  vm stats threshold: 4\n"
			    "  node_unreclaimable:  0\n"
			    "  start_pfn:           1\n"
			    "Node 0, zone    DMA32\n"
			    "  pages free     100\n"
			    "        min      200\n"
			    "        low      250\n"
			    "        high     300\n"
			    "        spanned  126976\n"
			    "        present  126976\n"
			    "        managed  120000\n"
			    "  start_pfn:           4096\n"
			    "Node 1, zone    DMA32\n"
			    "  per-node stats\n"
			    "      nr_active_anon 9\n"
			    "  pages free     1000\n"
			    "        spanned  131072\n"
			    "        present  131072\n"
			    "        managed  130000\n"
			    "  start_pfn:           131072\n"
			    "Node 1, zone   Normal\n"
			    "  pages free     50\n"
			    "        spanned  262144\n"
			    "        present  262144\n"
			    "        managed  262000\n"
			    "  start_pfn:           1048576\n"
			    "Node 1, zone  Movable\n"
			    "  pages free     0\n"
			    "        spanned  0\n"
			    "        present  0\n"
			    "        managed  0\n";

static void test_iomem(void)
{
	struct phys p;

	iomem(&p, machine);
	IS(p.iomem, IOMEM_READ);
	IS(p.nresources, 15);
	IS(p.dropped, 0);
	IS(p.resources[3].parent, 2);
	IS(p.resources[3].depth, 1);
	IS(p.resources[3].kind, RES_FIRMWARE);
	IS_STR(phys_text(&p, p.resources[5].name), "Kernel code");
	IS(p.resources[5].kind, RES_KERNEL);
	IS(p.resources[5].parent, 4);
	IS(p.resources[10].depth, 2);
	IS(p.resources[10].parent, 9);
	IS(p.resources[14].depth, 3);
	IS(p.resources[14].kind, RES_RAM);
	phys_release(&p);
	/* Without CAP_SYS_ADMIN. */
	iomem(&p, "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n");
	IS(p.iomem, IOMEM_ZEROS);
	IS(p.nresources, 0);
	phys_release(&p);
	iomem(&p, "no such line\n\n");
	IS(p.iomem, IOMEM_UNREAD);
	IS(p.dropped, 1);
	phys_release(&p);
}

/* Contradictions: none of them is drawn, what is right beside them is. */
static void test_bad_iomem(void)
{
	struct phys p;

	iomem(&p, "1000-1fff : a\n"
		  "1800-2fff : overlaps its brother\n"
		  "3000-4fff : b\n"
		  "  2000-3fff : leaves its parent\n"
		  "  3000-3fff : c\n"
		  "  3800-4000 : overlaps c\n"
		  "      3100-31ff : skips levels\n"
		  "0-fff : falls\n"
		  "9000-8000 : ends before it begins\n"
		  "ffffffffffffffff0-1 : too long\n"
		  "f000-ffffffffffffffff : to the top\n"
		  "cut-off");
	IS(p.nresources, 5);
	IS(p.dropped, 6);
	IS_STR(phys_text(&p, p.resources[3].name), "skips levels");
	IS(p.resources[3].depth, 2);
	phys_release(&p);
}

static void test_zoneinfo(void)
{
	struct phys p;
	u64 first, last;

	phys_init(&p, 4096);
	phys_parse_zoneinfo(&p, zones, strlen(zones));
	IS(p.nzones, 5);
	IS(p.nnodes, 2);
	IS(p.zones[0].free.v, 3000);
	IS(p.zones[0].high.v, 24);
	IS(p.zones[0].managed.v, 3840);
	OK(!p.zones[0].promo.have);
	IS(p.zones[0].nreserve, 3);
	IS(p.zones[0].reserve[2], 15179);
	IS(p.zones[0].cpus, 2);
	IS(p.zones[0].pcp, 11);
	IS(p.zones[0].pcp_high, 21);
	IS(p.zones[0].pcp_batch, 63);
	IS(p.zones[0].lag, 8);
	IS(counters_get(&p, &p.zones[0].counters, "nr_free_pages").v, 3000);
	IS(counters_get(&p, &p.nodes[0].stats, "nr_inactive_anon").v, 8);
	OK(!counters_get(&p, &p.nodes[1].stats, "nr_inactive_anon").have);
	OK(zone_span(&p.zones[0], &first, &last));
	IS(first, 1);
	IS(last, 4095);
	OK(!zone_span(&p.zones[4], &first, &last));
	/* Read once more: nothing is there twice. */
	phys_forget_zones(&p);
	phys_parse_zoneinfo(&p, zones, strlen(zones));
	IS(p.nzones, 5);
	IS(p.nodes[0].stats.n, 2);
	/* The same zone twice counts once; a span beyond all memory is none. */
	phys_parse_zoneinfo(&p, "Node 0, zone DMA\n  pages free 9\n", 32);
	IS(p.nzones, 5);
	IS(p.zones[0].free.v, 3000);
	/* More pages than any machine has, and a name no zone has. */
	phys_parse_zoneinfo(&p, "Node 7, zone DMA\n  pages free 17592186044416\n        min 9\n",
			    59);
	IS(p.nzones, 6);
	OK(!p.zones[5].free.have);
	IS(p.zones[5].min.v, 9);
	phys_parse_zoneinfo(&p, "Node 8, zone ABCDEFGHIJKLMNOPQRSTUVWXY\n", 39);
	IS(p.nzones, 6);
	p.zones[0].spanned = FIG(UINT64_MAX);
	OK(!zone_span(&p.zones[0], &first, &last));
	phys_release(&p);
}

static void test_orders(void)
{
	static const char buddy[] = "Node 0, zone      DMA      1      0      2 \n"
				    "Node 1, zone   Normal      4      5\n"
				    "Node 7, zone   Normal      4      5\n"
				    "Node 1, zone    DMA32      4      x      5\n";
	static const char types[] =
		"Page block order: 9\nPages per block:  512\n\n"
		"Free pages count per migrate type at order 0 1 2\n"
		"Node    0, zone      DMA, type    Unmovable      1      0      2\n"
		"Node    0, zone      DMA, type      Movable >100000      0      0\n\n"
		"Number of blocks type     Unmovable      Movable\n"
		"Node 0, zone      DMA            1            7\n"
		"Page block order: 9\n"
		"Free pages count per migrate type at order 0 1 2\n"
		"Node    1, zone   Normal, type      Movable      3      0      0\n\n"
		"Number of blocks type       Movable    Unmovable\n"
		"Node 1, zone   Normal            8            9\n";
	struct phys p;

	phys_init(&p, 4096);
	phys_parse_zoneinfo(&p, zones, strlen(zones));
	phys_parse_buddyinfo(&p, buddy, strlen(buddy));
	IS(p.zones[0].norders, 3);
	IS(zone_buddy_free(&p.zones[0]).v, 9);
	IS(zone_buddy_free(&p.zones[3]).v, 14);
	for (unsigned from = 0, n = p.zones[3].norders; from <= n; from++) {
		u64 below = 0;

		for (unsigned i = 0; i < from; i++)
			below += p.zones[3].order[i] << i;
		IS(zone_buddy_from(&p.zones[3], from).v, 14 - below);
	}
	OK(!zone_buddy_from(&p.zones[1], 0).have);
	IS(p.zones[2].norders, 1);
	OK(!zone_buddy_free(&p.zones[1]).have);
	phys_parse_pagetypeinfo(&p, types, strlen(types));
	IS(p.pageblock.v, 512);
	IS(p.nmigrate, 2);
	IS_STR(phys_text(&p, p.migrate[1]), "Movable");
	OK(p.zones[0].have_types);
	IS(p.zones[0].type_free[0][2], 2);
	IS(p.zones[0].type_free[1][0], 100000);
	IS(p.zones[0].type_more[1], 1);
	IS(p.zones[0].type_blocks[1].v, 7);
	/* The second node has tables of its own, in an order of their own. */
	IS(p.zones[3].type_free[1][0], 3);
	IS(p.zones[3].type_blocks[0].v, 9);
	IS(p.zones[3].type_blocks[1].v, 8);
	phys_release(&p);
}

static void test_others(void)
{
	static const char swaps[] =
		"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		"/dev/zram0                              partition\t1024\t\t512\t\t100\n"
		"/swap\\040file                            file\t\t2048\t\t0\t\t-2\n"
		"/cut                                    file\n";
	static const char gens[] = "memcg     1 /\n node     0\n"
				   "          4      19712       1          2 \n"
				   "          5        712       3          4 \n"
				   "memcg     9 /a b\n node     1\n"
				   "          0      1 0 77 \n"
				   "          x      1 0 77 \n";
	static const char meminfo[] = "Node 0 MemTotal:  123 kB\nNode 0 HugePages_Free:  7\nbad\n";
	struct zram_device z = { .disk = FIG(1) };
	struct phys p;

	phys_init(&p, 4096);
	phys_parse_swaps(&p, swaps, strlen(swaps));
	IS(p.nswaps, 2);
	IS(p.swaps[0].used.v, 512 * 1024);
	IS(p.swaps[0].priority.v, 100);
	IS_STR(phys_text(&p, p.swaps[1].path), "/swap file");
	IS(p.swaps[1].priority.v, (u64)-2);
	phys_parse_zram(&z, "  10 20 30 0 40 5 6 7 8\n", 23);
	IS(z.stored.v, 10);
	IS(z.used.v, 30);
	IS(z.used_max.v, 40);
	phys_parse_lru_gen(&p, gens, strlen(gens));
	IS(p.ngens, 3);
	IS(p.gens[1].seq, 5);
	IS(p.gens[1].file, 4);
	IS(p.gens[2].node, 1);
	IS_STR(phys_text(&p, p.gens[2].memcg), "/a b");
	phys_parse_meminfo(&p, &p.meminfo, meminfo, strlen(meminfo));
	IS(counters_get(&p, &p.meminfo, "MemTotal").v, 123 * 1024);
	IS(counters_get(&p, &p.meminfo, "HugePages_Free").v, 7);
	phys_parse_vmstat(&p, &p.vmstat, "pgscan_kswapd 12\nodd\n", 21);
	IS(p.vmstat.n, 1);
	IS(counters_get(&p, &p.vmstat, "pgscan_kswapd").v, 12);
	phys_release(&p);
}

/* --- pieces ------------------------------------------------------------------------------------
 */

static void whole(struct phys *p, struct range limit)
{
	iomem(p, machine);
	phys_parse_zoneinfo(p, zones, strlen(zones));
	p->phys_bits = FIG(36);
	phys_layout(p, limit);
}

static void test_layout(void)
{
	static const struct {
		u64 first, last;
		enum piece_kind kind;
		u32 zone;
	} want[] = {
		{ 0, 0xfff, PIECE_OTHER, NO_INDEX },
		{ 0x1000, 0x9ffff, PIECE_RAM, 0 },
		{ 0xa0000, 0xfffff, PIECE_OTHER, NO_INDEX },
		{ 0x100000, 0xffffff, PIECE_RAM, 0 },
		{ 0x1000000, 0x1fffffff, PIECE_RAM, 1 },
		{ 0x20000000, 0x3fffffff, PIECE_RAM, 2 },
		{ 0x40000000, 0x47ffffff, PIECE_OTHER, NO_INDEX },
		{ 0x48000000, 0xbfffffff, PIECE_HOLE, NO_INDEX },
		{ 0xc0000000, 0xcfffffff, PIECE_OTHER, NO_INDEX },
		{ 0xd0000000, 0xffffffff, PIECE_HOLE, NO_INDEX },
		{ 0x100000000, 0x13fffffff, PIECE_RAM, 3 },
		{ 0x140000000, 0x17fffffff, PIECE_OTHER, NO_INDEX },
		{ 0x180000000, 0xfffffffff, PIECE_HOLE, NO_INDEX },
	};
	struct phys p;

	whole(&p, RANGE_ALL);
	IS(p.npieces, ARRAY_SIZE(want));
	for (size_t i = 0; i < p.npieces && i < ARRAY_SIZE(want); i++) {
		IS(p.pieces[i].first, want[i].first);
		IS(p.pieces[i].last, want[i].last);
		IS(p.pieces[i].kind, want[i].kind);
		IS(p.pieces[i].zone, want[i].zone);
	}
	IS(p.pieces[4].frames.first, 4096);
	IS(p.pieces[4].frames.last, 131071);
	IS(p.pieces[10].res, 14);
	IS(phys_find(&p, 0x1000), 4);
	IS(phys_find(&p, 0xfffffff), SIZE_MAX);
	phys_release(&p);

	/* A range limits the frames; a lone address asks for all of what is there. */
	whole(&p, (struct range){ 0x1800800, 0x1ffffff });
	IS(p.npieces, 1);
	IS(p.pieces[0].first, 0x1800000);
	IS(p.pieces[0].last, 0x1ffffff);
	OK(p.pieces[0].cut);
	IS(phys_frames(&p), 0x800);
	phys_release(&p);
	whole(&p, (struct range){ 0x1800800, 0x1800800 });
	IS(p.npieces, 1);
	IS(p.pieces[0].first, 0x1000000);
	phys_release(&p);
}

/* Without iomem the zones tell what there is; zones of two nodes may interleave. */
static void test_spans(void)
{
	struct phys p;

	phys_init(&p, 4096);
	phys_parse_zoneinfo(&p, zones, strlen(zones));
	phys_layout(&p, RANGE_ALL);
	IS(p.npieces, 6);
	IS(p.pieces[0].kind, PIECE_HOLE);
	IS(p.pieces[1].kind, PIECE_SPAN);
	IS(p.pieces[1].first, 0x1000);
	IS(p.pieces[1].zone, 0);
	IS(p.pieces[4].kind, PIECE_HOLE);
	IS(p.pieces[5].last, 0x13fffffff);
	phys_release(&p);

	phys_init(&p, 4096);
	phys_parse_zoneinfo(&p, zones, strlen(zones));
	p.zones[2].start_pfn = FIG(65536);
	phys_layout(&p, RANGE_ALL);
	IS(p.pieces[3].first, 0x10000000);
	IS(p.pieces[3].last, 0x1fffffff);
	OK(p.pieces[3].overlap);
	IS(p.pieces[3].zone, NO_INDEX);
	OK(!p.pieces[4].overlap);
	IS(p.pieces[4].zone, 2);
	phys_release(&p);
}

/* 6 TiB: what is read, and what is kept, stays the same. */
static void test_plan(void)
{
	struct phys p;

	iomem(&p, "00001000-0009ffff : System RAM\n100000000-600ffffffff : System RAM\n");
	phys_layout(&p, RANGE_ALL);
	IS(phys_frames(&p), 159 + (UINT64_C(6) << 28));
	OK(phys_plan(&p, false) <= FRAMES_WHOLE + 159);
	IS(p.every, 97);
	IS(p.pieces[1].every, 1);
	IS(p.pieces[3].every, 97);
	IS(p.pieces[3].frames.nslices, PIECE_SLICES);
	IS(phys_plan(&p, true), phys_frames(&p));
	IS(p.every, 1);
	phys_release(&p);
}

static void test_sweep(void)
{
	struct phys_sweep w;
	struct phys p;

	whole(&p, RANGE_ALL);
	phys_plan(&p, false);
	OK(!p.swept);
	phys_sweep_begin(&w, &p);
	/* A run over three pieces and what is between them, then one in the last. */
	phys_sweep_run(&w, 0, 4196, K(KPF_BUDDY));
	phys_sweep_run(&w, 0x100000, 10, K(KPF_SLAB));
	phys_sweep_end(&w);
	OK(p.swept);
	/* The last piece has more frames than came: what it holds is an estimate. */
	OK(phys_partial(&p));
	IS(p.pieces[1].frames.state[FS_FREE], 159);
	IS(p.pieces[3].frames.state[FS_FREE], 3840);
	IS(p.pieces[4].frames.state[FS_FREE], 100);
	IS(p.pieces[10].frames.state[FS_SLAB], 10);
	IS(p.by_set[flag_sets_add(&p.sets, K(KPF_SLAB))], 10);
	phys_release(&p);
}

static void test_process(void)
{
	struct flag_sets sets;
	struct page_rec rec[] = {
		{ PM_PRESENT | 4096, 0, 1 }, { PM_PRESENT | 4097, 1, 1 },
		{ PM_PRESENT | 200, 1, 1 },  { PM_PRESENT, 1, 1 },
		{ PM_SWAPPED | 77, 1, 1 },   { PM_PRESENT | 0xffff, FLAGS_UNKNOWN, 1 },
	};
	struct page_batch b = { .n = ARRAY_SIZE(rec), .rec = rec, .sets = &sets };
	struct page_rec unit[] = { { PM_PRESENT | 131072, 1, 1 }, { PM_PRESENT | 131073, 1, 1 } };
	struct page_batch huge = { .n = 512, .rec = unit, .unit = true, .sets = &sets };
	struct phys p;

	flag_sets_init(&sets);
	flag_sets_add(&sets, K(KPF_ZERO_PAGE));
	flag_sets_add(&sets, K(KPF_ANON));
	whole(&p, RANGE_ALL);
	phys_mark_begin(&p);
	phys_mark_pages(&p, &b);
	phys_mark_pages(&p, &huge);
	IS(p.process.zero, 1);
	IS(p.process.masked, 1);
	IS(p.process.pages, 3 + 512);
	IS(p.process.elsewhere, 1); /* frame 200 is the hole of the PCI bus */
	IS(p.process.zone[1], 2);
	IS(p.process.zone[2], 512);
	IS(p.process.state[FS_ANON], 2 + 512);
	IS(p.pieces[5].nmine, 512);
	/* 131072 frames in 1024 slices: four of them. */
	IS(p.pieces[5].mine[0], 128);
	IS(p.pieces[5].mine[3], 128);
	IS(p.pieces[5].mine[4], 0);
	flag_sets_release(&sets);
	phys_release(&p);
}

static void test_checks(void)
{
	struct phys_check c[PHYS_CHECKS];
	struct phys p;

	whole(&p, RANGE_ALL);
	phys_parse_meminfo(&p, &p.meminfo, "MemTotal: 2063360 kB\nMemFree: 16632 kB\n", 40);
	IS(phys_checks(&p, c), 3);
	IS_STR(c[0].a, "MemTotal");
	IS(c[0].va.v, c[0].vb.v);
	/* 4150 pages are free, 4158 says meminfo: within the lag of 8 pages. */
	IS(c[1].va.v - c[1].vb.v, 8 * 4096);
	OK(strstr(c[1].why, "lag"));
	IS_STR(c[2].a, "System RAM in iomem");
	OK(!strstr(c[2].why, "lag"));
	phys_release(&p);
}

static u64 zones_bytes(const struct phys *p)
{
	u64 sum = 0;

	for (size_t i = 0; i < p->nzones; i++)
		sum += p->zones[i].managed.v * p->page_size;
	return sum;
}

static void test_unmanaged(void)
{
	struct phys p;
	u64 managed;

	whole(&p, RANGE_ALL);
	managed = zones_bytes(&p);
	p.swept = false;
	OK(!phys_unmanaged(&p).have); /* no MemTotal, no frames: unknown */
	counters_add(&p, &p.meminfo, "MemTotal", 8, managed + GIB);
	IS(phys_unmanaged(&p).v, GIB);
	/* Frames were read: what is neither managed nor reserved counts, whatever meminfo says. */
	p.swept = true;
	for (size_t i = 0; i < p.nzones; i++)
		p.zones[i].present = p.zones[i].managed;
	OK(!phys_unmanaged(&p).have);
	p.zones[2].present.v += GIB / p.page_size;
	IS(phys_unmanaged(&p).v, GIB);
	p.limit.last = 0; /* a part of RAM tells nothing of what is reserved */
	IS(phys_unmanaged(&p).v, GIB);
	phys_release(&p);
}

int main(void)
{
	test_iomem();
	test_bad_iomem();
	test_zoneinfo();
	test_orders();
	test_others();
	test_layout();
	test_spans();
	test_plan();
	test_sweep();
	test_process();
	test_checks();
	test_unmanaged();
	return tap_done();
}
