/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slab caches: the parsers, where the bytes go, how a slot and a slab are cut. */
#include <stdlib.h>

#include "proc/slab.h"
#include "tap.h"

#define HEAD                                                                                       \
	"slabinfo - version: 2.1\n"                                                                \
	"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>\n"

static bool parse(struct slab_info *i, const char *text)
{
	slab_init(i);
	return slabinfo_parse(text, strlen(text), i);
}

static const char *name_of(const struct slab_info *i, size_t n)
{
	return strtab_get(&i->names, i->caches[n].name);
}

static void test_slabinfo(void)
{
	static const char text[] =
		HEAD "dentry  40 42 192 21 1 : tunables 0 0 0 : slabdata 2 2 0\n"
		     "a b : tunables 9  3 4 1024 4 1 : tunables 120 60 8 : slabdata 1 1 0"
		     " : globalstat 1 2 3 : cpustat 4\n"
		     "short 1 2 3 : tunables 0 0 0 : slabdata 1 1 0\n"
		     "word 1 2 x 4 5 : tunables 0 0 0 : slabdata 1 1 0\n"
		     "big 1 99999999999999999999 3 4 5 : tunables 0 0 0 : slabdata 1 1 0\n"
		     "1 2 3 4 5 : tunables 0 0 0 : slabdata 1 1 0\n"
		     "no-data 1 2 3 4 5 : tunables 0 0 0\n"
		     "cut 1 2 3 4 5 : tunables 0 0 0 : slabdata 7 8 0";
	struct slab_info i;

	OK(parse(&i, text));
	IS(i.ncaches, 2);
	IS_STR(name_of(&i, 0), "dentry");
	IS(i.caches[0].used, 40);
	IS(i.caches[0].objects, 42);
	IS(i.caches[0].slot, 192);
	IS(i.caches[0].per_slab, 21);
	IS(i.caches[0].pages, 1);
	IS(i.caches[0].slabs, 2);
	OK(!i.caches[0].object_size.have && !i.caches[0].reclaimable.have);
	IS_STR(name_of(&i, 1), "a b : tunables 9");
	IS(i.caches[1].slot, 1024);
	IS(i.caches[1].slabs, 1);
	slab_release(&i);

	OK(!parse(&i, "slabinfo - version: 3.0\n"));
	slab_release(&i);
	OK(!parse(&i, "slabinfo - version: 2.1")); /* cut */
	slab_release(&i);
	OK(!parse(&i, ""));
	slab_release(&i);
}

/** A space's worth of one cache, with the files of its directory. */
static void one_cache(struct slab_info *i, u64 object, const char *const *attrs)
{
	struct slab_cache *c;

	slab_init(i);
	c = slab_add_cache(i);
	*c = (struct slab_cache){ .name = strtab_add(&i->names, "one", 3),
				  .used = 100,
				  .objects = 112,
				  .slot = 1128,
				  .per_slab = 14,
				  .pages = 4,
				  .slabs = 8,
				  .object_size = { object, object != 0 } };
	i->chosen = 0;
	for (; attrs && attrs[0]; attrs += 2)
		slab_add_attr(i, strtab_add(&i->names, attrs[0], strlen(attrs[0])),
			      strtab_add(&i->names, attrs[1], strlen(attrs[1])));
}

static void test_use(void)
{
	struct slab_info i;
	struct slab_use u;

	one_cache(&i, 1120, NULL);
	u = slab_use(&i, &i.caches[0]);
	IS(u.bytes, 8 * 4 * 4096);
	IS(u.free, 12 * 1128);
	IS(u.tail, 131072 - 112 * 1128);
	IS(u.slack.v, 800);
	OK(u.slack.have && u.waste.have);
	IS(u.waste.v, 12 * 1128 + 131072 - 112 * 1128 + 800);
	/* Every byte is in one of them. */
	IS(u.bytes, 100 * 1120 + u.waste.v);
	IS(u.mixed, 0);
	i.caches[0].objects = 111;
	IS(slab_use(&i, &i.caches[0]).mixed, 1);
	i.caches[0].object_size.have = false;
	u = slab_use(&i, &i.caches[0]);
	OK(!u.slack.have && !u.waste.have);
	i.caches[0].used = 0;
	OK(slab_use(&i, &i.caches[0]).waste.have); /* nothing used, no slack */
	/* More used than there are, and numbers without sense. */
	i.caches[0].used = 200;
	IS(slab_use(&i, &i.caches[0]).free, 0);
	i.caches[0].slabs = UINT64_MAX;
	IS(slab_use(&i, &i.caches[0]).bytes, UINT64_MAX);
	u = slab_use(&i, &i.caches[0]);
	slab_use_add(&u, &u);
	IS(u.bytes, UINT64_MAX);
	slab_release(&i);
}

static void test_sums_and_names(void)
{
	static const char text[] = HEAD "small 1 1 8 512 1 : tunables 0 0 0 : slabdata 1 1 0\n"
					"large 1 1 8 512 1 : tunables 0 0 0 : slabdata 9 9 0\n"
					"other 1 1 8 512 1 : tunables 0 0 0 : slabdata 1 1 0\n";
	struct slab_info i;
	size_t first;
	u32 dir, id;

	OK(parse(&i, text));
	dir = strtab_add(&i.names, ":A-8", 4);
	slab_add_link(&i, dir, dir);
	slab_add_link(&i, strtab_add(&i.names, "small", 5), dir);
	slab_add_link(&i, strtab_add(&i.names, "alias", 5), dir);
	id = strtab_add(&i.names, "large", 5);
	slab_add_link(&i, id, id);
	slab_link(&i);
	IS(i.caches[0].dir, dir);
	IS(i.caches[1].dir, id);
	IS(i.caches[2].dir, 0);
	IS(slab_find(&i, "alias"), 0);
	IS(slab_find(&i, "other"), 2);
	IS(slab_find(&i, "none"), NO_INDEX);
	i.caches[0].reclaimable = FIG(1);
	i.caches[1].reclaimable = FIG(0);
	i.chosen = 0;
	slab_finish(&i);
	IS_STR(name_of(&i, 0), "large");
	IS_STR(name_of(&i, 1), "other");
	IS(i.chosen, 2);
	IS(slab_names(&i, dir, &first), 3);
	IS_STR(strtab_get(&i.names, i.links[first].name), ":A-8");
	IS_STR(strtab_get(&i.names, i.links[first + 1].name), "alias");
	IS(slab_names(&i, 0, &first), 0);
	IS(slab_sum(&i, FIG(1)).bytes, 4096);
	IS(slab_sum(&i, FIG(0)).bytes, 9 * 4096);
	IS(slab_sum(&i, (struct fig){ 0 }).caches, 1);
	slab_release(&i);
}

static void part_is(const struct slot_part *p, u64 offset, u64 size, enum slot_kind kind)
{
	IS(p->offset, offset);
	IS(p->size, size);
	IS(p->kind, kind);
}

/** Offsets as calculate_sizes() of mm/slub.c has them. */
static void test_slot(void)
{
	static const char *const ctor[] = { "ctor", "init_once+0x0/0x80", "align", "8", NULL };
	static const char *const debug[] = { "red_zone", "1",	       "poison", "1", "align",
					     "64",	 "store_user", "1",	 NULL };
	struct slot_part p[SLOT_PARTS];
	struct slab_info i;

	one_cache(&i, 1120, ctor);
	IS(slab_slot_parts(&i, p), 2);
	part_is(&p[0], 0, 1120, SLOT_OBJECT);
	IS(p[0].conf, CONF_EXACT);
	part_is(&p[1], 1120, 8, SLOT_META);
	IS(p[1].conf, CONF_DERIVED);
	slab_release(&i);

	one_cache(&i, 1000, NULL);
	IS(slab_slot_parts(&i, p), 2);
	part_is(&p[1], 1000, 128, SLOT_PAD);
	slab_release(&i);

	one_cache(&i, 61, debug);
	IS(slab_slot_parts(&i, p), 5);
	part_is(&p[0], 0, 64, SLOT_RED); /* a word, aligned */
	part_is(&p[1], 64, 61, SLOT_OBJECT);
	IS(p[1].conf, CONF_DERIVED);
	part_is(&p[2], 125, 3, SLOT_RED);
	part_is(&p[3], 128, 8, SLOT_META);
	part_is(&p[4], 136, 1128 - 136, SLOT_META);
	slab_release(&i);

	/* What the formula needs does not fit: only the object is known. */
	one_cache(&i, 1124, ctor);
	IS(slab_slot_parts(&i, p), 2);
	part_is(&p[1], 1124, 4, SLOT_META);
	i.caches[0].object_size.v = 1129;
	IS(slab_slot_parts(&i, p), 0);
	i.caches[0].object_size.have = false;
	IS(slab_slot_parts(&i, p), 1);
	part_is(&p[0], 0, 1128, SLOT_UNKNOWN);
	slab_release(&i);
}

static void test_picture(void)
{
	struct slot_part p[SLOT_PARTS];
	struct slab_picture pic;
	struct slab_info i;
	size_t n;
	u64 slot;

	one_cache(&i, 1120, NULL);
	n = slab_slot_parts(&i, p);
	OK(slab_picture(&i, 64, &pic));
	IS(pic.bytes, 16384);
	IS(pic.scale, 64);
	IS(pic.lines, 4);
	OK(slab_cell_begins(&i, 0, 64, &slot));
	IS(slot, 0);
	OK(!slab_cell_begins(&i, 64, 64, &slot));
	OK(slab_cell_begins(&i, 1088, 64, &slot)); /* 1128 lies in it */
	IS(slot, 1);
	OK(slab_cell_begins(&i, 14656, 64, &slot));
	IS(slot, 13);
	OK(!slab_cell_begins(&i, 15744, 64, &slot)); /* there is no slot 14 */
	IS(slab_cell(&i, p, n, 64, 64), SLOT_OBJECT);
	IS(slab_cell(&i, p, n, 15808, 64), SLOT_TAIL);
	IS(slab_cell(&i, p, n, 1120, 8), SLOT_PAD);
	/* Slots too small to be seen take more lines, but no more than a screen. */
	i.caches[0].slot = 8;
	i.caches[0].per_slab = 512;
	i.caches[0].pages = 1;
	OK(slab_picture(&i, 64, &pic));
	IS(pic.scale, 2);
	IS(pic.lines, 32);
	i.caches[0].pages = 1024;
	OK(slab_picture(&i, 64, &pic));
	IS(pic.lines, 32);
	i.caches[0].pages = UINT64_MAX;
	OK(!slab_picture(&i, 64, &pic));
	i.caches[0].pages = 1;
	i.caches[0].per_slab = 513;
	OK(!slab_picture(&i, 64, &pic));
	i.caches[0].slot = 0;
	OK(!slab_picture(&i, 64, &pic));
	slab_release(&i);
}

static void test_allocinfo(void)
{
	static const char text[] = "allocinfo - version: 2.0\n"
				   "#     <size>  <calls> <tag info>\n"
				   "        4096        1 mm/a.c:1 func:f \n"
				   "         100        2 m/b.c:2 [mod] func:g accurate:no\n"
				   "          50        2 m/b.c:9 [mod] func:h\n"
				   "  x  1 mm/bad.c:1 func:f\n"
				   "  1\n"
				   "18446744073709551615 1 mm/c.c:3 func:i\n";
	struct alloc_sum *sum;
	struct slab_info i;

	slab_init(&i);
	OK(allocinfo_parse(text, strlen(text), &i));
	IS(i.nsites, 4);
	IS(i.sites[1].bytes, 100);
	IS(i.sites[1].calls, 2);
	IS_STR(strtab_get(&i.names, i.sites[1].place), "m/b.c:2");
	IS_STR(strtab_get(&i.names, i.sites[1].module), "mod");
	IS_STR(strtab_get(&i.names, i.sites[1].function), "g");
	IS(i.sites[0].module, 0);
	slab_finish(&i);
	IS_STR(strtab_get(&i.names, i.sites[0].function), "i");
	if (IS(slab_by_module(&i, &sum), 2)) {
		IS(sum[0].module, 0);
		IS(sum[0].bytes, UINT64_MAX); /* never wraps */
		IS(sum[1].bytes, 150);
		IS(sum[1].calls, 4);
		IS(sum[1].sites, 2);
	}
	free(sum);
	slab_release(&i);
	slab_init(&i);
	OK(!allocinfo_parse("size calls\n", 11, &i));
	OK(!i.have_sites);
	IS(slab_by_module(&i, &sum), 0);
	free(sum);
	slab_release(&i);
}

static void test_most_waste(void)
{
	/* slots of 512, 8 to a page: 7, 0, 3 and 6 of them are free */
	static const char text[] = HEAD "a 1 8 512 8 1 : tunables 0 0 0 : slabdata 1 1 0\n"
					"b 8 8 512 8 1 : tunables 0 0 0 : slabdata 1 1 0\n"
					"c 5 8 512 8 1 : tunables 0 0 0 : slabdata 1 1 0\n"
					"d 2 8 512 8 1 : tunables 0 0 0 : slabdata 1 1 0\n";
	struct slab_info i;
	u32 top[5];

	OK(parse(&i, text));
	for (size_t n = 0; n < i.ncaches; n++)
		i.caches[n].object_size = FIG(512);
	IS(slab_most_waste(&i, top, 5), 3); /* b wastes nothing */
	IS(top[0], 0);
	IS(top[1], 3);
	IS(top[2], 2);
	top[2] = 99;
	IS(slab_most_waste(&i, top, 2), 2);
	IS(top[1], 3);
	IS(top[2], 99);
	i.caches[0].object_size.have = false;
	IS(slab_most_waste(&i, top, 2), 2); /* unknown is not the worst */
	IS(top[0], 3);
	IS(top[1], 2);
	slab_release(&i);
}

int main(void)
{
	test_slabinfo();
	test_use();
	test_sums_and_names();
	test_most_waste();
	test_slot();
	test_picture();
	test_allocinfo();
	return tap_done();
}
