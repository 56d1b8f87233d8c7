/* SPDX-License-Identifier: GPL-2.0-or-later */
/* zoneinfo, swaps and the cgroup tree. */
#include "proc/places.h"
#include "made_tree.h"
#include "tap.h"

static const char zoneinfo[] = "Node 0, zone      DMA\n"
			       "  per-node stats\n"
			       "      nr_inactive_anon 4329\n"
			       "  pages free     2816\n"
			       "        spanned  4095\n"
			       "        present  3998\n"
			       "  pagesets\n"
			       "  start_pfn:           1\n"
			       "Node 0, zone    DMA32\n"
			       "        spanned  1044480\n"
			       "  start_pfn:           4096\n"
			       "Node 0, zone  Movable\n"
			       "  pages free     0\n"
			       "        spanned  0\n"
			       "  start_pfn:           0\n"
			       "Node 1, zone   Normal\n"
			       "        spanned  5505024\n"
			       "  start_pfn:           1048576\n";

static void test_zones(void)
{
	struct places p = { 0 };

	places_parse_zoneinfo(&p, zoneinfo, strlen(zoneinfo));
	if (!IS(p.nzones, 3))
		return;
	IS_STR(p.zones[0].name, "DMA");
	IS(p.zones[0].first_pfn, 1);
	IS(p.zones[0].last_pfn, 4095);
	IS(p.zones[0].node, 0);
	IS_STR(p.zones[1].name, "DMA32");
	IS(p.zones[1].last_pfn, 1048575);
	IS_STR(p.zones[2].name, "Normal");
	IS(p.zones[2].node, 1);
	IS(p.zones[2].last_pfn, 6553599);
	IS_STR(places_zone(&p, 1048576)->name, "Normal");
	places_release(&p);
}

/* Cut short, without newline, with numbers and names too large: what is whole is kept. */
static void test_hostile_zones(void)
{
	static const char text[] = "Node 0, zone DMA\nspanned 10\nstart_pfn: 18446744073709551615\n"
				   "Node 99999999999, zone X\nspanned 5\nstart_pfn: 5\n"
				   "Node 0, zone AVeryLongNameOfAZone\n"
				   "Node 0 zone B\nNode 0,\nNode\n\n"
				   "Node 2, zone C\nspanned 99999999999999999999999\nstart_pfn: 4\n"
				   "Node 3, zone D\nspanned 2\nstart_pfn: 8";
	struct places p = { 0 };

	places_parse_zoneinfo(&p, text, strlen(text));
	if (IS(p.nzones, 1)) {
		IS_STR(p.zones[0].name, "D");
		IS(p.zones[0].first_pfn, 8);
		IS(p.zones[0].last_pfn, 9);
		IS(p.zones[0].node, 3);
	}
	places_release(&p);
	for (size_t len = 0; len < strlen(zoneinfo); len++) {
		struct places q = { 0 };

		places_parse_zoneinfo(&q, zoneinfo, len);
		if (q.nzones > 3)
			OK(q.nzones <= 3);
		places_release(&q);
	}
	places_parse_zoneinfo(&p, "", 0);
	IS(p.nzones, 0);
}

static void test_swaps(void)
{
	static const char text[] =
		"Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		"/dev/dm-1                               partition\t999420\t\t0\t\t-2\n"
		"/tmp/a\\040file\\134\\012x\\040(deleted)\tfile\t\t262140\t\t12\t\t5\n"
		"/no/type   12\n"
		"/dev/zram0 partition\t77";
	struct places p = { 0 };

	places_parse_swaps(&p, text, strlen(text));
	if (!IS(p.nswaps, 3))
		return;
	IS_STR(p.swaps[0].path, "/dev/dm-1");
	IS(p.swaps[0].size_kib, 999420);
	IS_STR(p.swaps[1].path, "/tmp/a file\\\nx (deleted)");
	IS(p.swaps[1].size_kib, 262140);
	IS_STR(p.swaps[2].path, "/dev/zram0");
	IS(p.swaps[2].size_kib, 77);
	places_release(&p);
	places_parse_swaps(&p, "", 0);
	places_parse_swaps(&p, "Filename", 8);
	places_parse_swaps(&p, "Filename\n", 9);
	places_parse_swaps(&p, "Filename\n\n\\777 file 4\n", 22);
	if (IS(p.nswaps, 1))
		IS_STR(p.swaps[0].path, "\\777");
	places_release(&p);
}

static void test_tree(void)
{
	struct places p;
	struct space s;
	struct root *r;

	made_tree_new("x86_64");
	made_tree_text("proc/zoneinfo", zoneinfo);
	made_tree_text("proc/swaps", "Filename Type Size\n/dev/sda2 partition 100 0 -2\n");
	/* Of a copy the inodes mean nothing. */
	made_tree_text("sys/fs/cgroup/cgroup.controllers", "memory\n");
	space_init(&s);
	if (IS(-root_tree(made_tree, &r), 0)) {
		IS(-places_read(r, &s, &p), 0);
		IS(p.nzones, 3);
		IS(p.nswaps, 1);
		IS(p.nmemcgs, 0);
		IS(s.host.nnodes, 2);
		IS(s.nnotes, 0);
		places_release(&p);
		unlink(made_tree_path("proc/zoneinfo"));
		IS(-places_read(r, &s, &p), ENOENT);
		IS(p.nswaps, 1);
		if (IS(s.nnotes, 1)) {
			IS_STR(s.notes[0].source, "zoneinfo");
			IS(s.notes[0].kind, NOTE_ABSENT);
		}
		places_release(&p);
		root_free(r);
	}
	space_release(&s);
	made_tree_remove();
}

/* Here: the top of the memory hierarchy is named by its own inode. */
static void test_live_cgroups(void)
{
	static const char *const tops[] = { "/sys/fs/cgroup/memory", "/sys/fs/cgroup" };
	struct root *r = root_live();
	struct stat st = { 0 };
	struct places p;
	struct space s;
	bool rising = true;

	space_init(&s);
	IS(-places_read(r, &s, &p), 0);
	OK(p.nzones > 0);
	OK(s.host.nnodes > 0);
	for (size_t i = 0; i < ARRAY_SIZE(tops) && p.nmemcgs; i++) {
		if (stat(tops[i], &st) || !places_memcg(&p, (u64)st.st_ino))
			continue;
		IS_STR(places_memcg(&p, (u64)st.st_ino), "/");
		break;
	}
	if (!p.nmemcgs)
		SKIP("no memory cgroups here");
	for (size_t i = 1; i < p.nmemcgs; i++)
		rising &= p.memcgs[i - 1].inode <= p.memcgs[i].inode && *p.memcgs[i].path == '/';
	OK(rising);
	places_release(&p);
	space_release(&s);
	root_free(r);
}

int main(void)
{
	test_zones();
	test_hostile_zones();
	test_swaps();
	test_tree();
	test_live_cgroups();
	return tap_done();
}
