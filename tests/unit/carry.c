/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one reading takes over from the one before: smaps values, images, the kernel half; copies.
 */
#include <stdlib.h>

#include "feed_maps.h"
#include "model/carry.h"
#include "model/kmap.h"
#include "tap.h"

static const char smaps_before[] = "1000-2000 rw-p 00000000 00:00 0 \n"
				   "Rss: 4 kB\nPss: 2 kB\nNovelty: 7 kB\nVmFlags: rd wr zz \n"
				   "2000-3000 rw-p 00000000 00:00 0 \n"
				   "Rss: 300 kB\nPss: 1 kB\nVmFlags: rd \n"
				   "3000-4000 r--p 00001000 08:01 77 /lib/a.so\n"
				   "Rss: 12 kB\nPss: 3 kB\n"
				   "4000-5000 r--p 00002000 08:01 77 /lib/a.so\n"
				   "Rss: 16 kB\nPss: 4 kB\n"
				   "5000-6000 rw-p 00000000 00:00 0 [heap]\n"
				   "Rss: 20 kB\nPss: 5 kB\n"
				   "6000-7000 rw-p 00000000 08:01 78 /tmp/gone\n"
				   "Rss: 24 kB\nPss: 6 kB\n";

static u64 value(const struct space *s, size_t i, enum smaps_field f)
{
	struct smaps_values v;

	space_smaps(s, &s->vmas[i], &v);
	return smaps_fig(&v, f).have ? smaps_fig(&v, f).v : 9999;
}

/** A reading of `text`; `sp` of feed_maps.h is the caller's to take. */
static struct space reading(const char *text)
{
	struct space s;

	feed(text);
	s = sp;
	space_init(&sp);
	return s;
}

static void smaps_are_carried(void)
{
	struct space old = reading(smaps_before);
	/* The same; shared now, mprotected, at another offset, renamed; the same; new. */
	struct space now = reading("1000-2000 rw-p 00000000 00:00 0 \n"
				   "2000-3000 rw-s 00000000 00:00 0 \n"
				   "3000-4000 rw-p 00001000 08:01 77 /lib/a.so\n"
				   "4000-5000 r--p 00003000 08:01 77 /lib/a.so\n"
				   "5000-6000 rw-p 00000000 00:00 0 [anon:heap]\n"
				   "6000-7000 rw-p 00000000 08:01 78 /tmp/gone\n"
				   "7000-8000 rw-p 00000000 00:00 0 \n");

	IS(old.nvmas, 6);
	IS(space_carry_smaps(&now, &old), 5);
	IS(value(&now, 0, SMAPS_RSS), 4);
	IS(value(&now, 0, SMAPS_PSS), 2);
	/* A field and a flag that only this kernel has keep their names. */
	IS(now.nfields, SMAPS_NKNOWN + 1);
	IS(value(&now, 0, SMAPS_NKNOWN), 7);
	IS_STR(strtab_get(&now.names, now.field_name[SMAPS_NKNOWN]), "Novelty");
	OK(space_vma_flag(&now, &now.vmas[0], "zz"));
	OK(space_vma_flag(&now, &now.vmas[0], "wr"));
	for (size_t i = 1; i < 5; i++)
		IS(now.vmas[i].have, 0);
	IS(value(&now, 5, SMAPS_RSS), 24);
	IS(now.vmas[6].have, 0);
	/* And once more, from one that was itself carried. */
	space_release(&old);
	old = now;
	now = reading(
		"1000-2000 rw-p 00000000 00:00 0 \n6000-7000 rw-p 00000000 08:01 78 /tmp/gone\n");
	IS(space_carry_smaps(&now, &old), 0);
	IS(value(&now, 0, SMAPS_NKNOWN), 7);
	IS(value(&now, 1, SMAPS_PSS), 6);
	space_release(&old);
	space_release(&now);
}

static void deleted_names(void)
{
	struct space old =
		reading("1000-2000 r--p 00000000 08:01 5 /lib/b.so (deleted)\nRss: 8 kB\n");
	struct space now = reading("1000-2000 r--p 00000000 08:01 5 /lib/b.so (deleted)\n");

	/* As space_classify() leaves the name of a file that is known to be gone. */
	old.vmas[0].name = strtab_add(&old.names, "/lib/b.so", 9);
	old.vmas[0].have |= VMA_DELETED;
	OK(space_same_mappings(&now, &old));
	IS(space_carry_smaps(&now, &old), 0);
	IS(value(&now, 0, SMAPS_RSS), 8);
	space_release(&now);
	now = reading("1000-2000 r--p 00000000 08:01 5 /lib/b.so\n");
	OK(!space_same_mappings(&now, &old));
	IS(space_carry_smaps(&now, &old), 1);
	space_release(&now);
	/* One whose own name ends so is another file. */
	now = reading("1000-2000 r--p 00000000 08:01 5 /lib/b.so (deleted) (deleted)\n");
	OK(!space_same_mappings(&now, &old));
	space_release(&now);
	space_release(&old);
}

static void same_mappings(void)
{
	struct space a = reading("1000-2000 rw-p 00000000 00:00 0 \n"), b;
	static const char *const others[] = {
		"",
		"1000-2000 r--p 00000000 00:00 0 \n",
		"1000-3000 rw-p 00000000 00:00 0 \n",
		"1000-2000 rw-p 00000000 00:00 0 [heap]\n",
		"1000-2000 rw-p 00000000 00:01 0 \n",
		"1000-2000 rw-p 00000000 00:00 0 \n2000-3000 rw-p 00000000 00:00 0 \n",
	};

	b = reading("1000-2000 rw-p 00000000 00:00 0 \n");
	OK(space_same_mappings(&a, &b));
	space_release(&b);
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		b = reading(others[i]);
		OK(!space_same_mappings(&a, &b));
		space_release(&b);
	}
	space_release(&a);
}

/** A library of two mappings with the image of its file. */
static struct space with_image(bool image)
{
	struct space s = reading("1000-2000 r--p 00000000 08:01 5 /lib/b.so\n"
				 "2000-3000 r-xp 00001000 08:01 5 /lib/b.so\n"
				 "8000-9000 r-xp 00000000 08:01 6 /lib/c.so\n");
	struct image *img;

	space_group(&s);
	if (!image)
		return s;
	img = space_add_image(&s);
	img->inode = 5;
	img->major = 8;
	img->minor = 1;
	img->build_id = xstrdup("beef");
	img->nsections = 1;
	img->sections = xcalloc(1, sizeof(*img->sections));
	img->sections[0].name = xstrdup(".text");
	s.objects[0].image = 0;
	s.objects[0].file_state = FILE_SAME;
	return s;
}

static void images_are_carried(void)
{
	struct space old = with_image(true), now = with_image(false);

	IS(now.nobjects, 2);
	space_carry_images(&now, &old);
	space_release(&old);
	IS(now.nimages, 1);
	IS(now.objects[0].image, 0);
	IS(now.objects[0].file_state, FILE_SAME);
	IS_STR(now.images[0].build_id, "beef");
	IS_STR(now.images[0].sections[0].name, ".text");
	/* Nobody has looked into this one: it is still to be read. */
	IS(now.objects[1].image, NO_INDEX);
	space_release(&now);
}

static void add_kernel(struct space *s)
{
	struct region *r = space_add_region(s);

	space_note(s, NOTE_CLOSED, "kallsyms", 1, NULL, "addresses");
	space_note(s, NOTE_CLOSED, "iomem", 1, NULL, NULL);
	s->kmap = kmap_new();
	kmap_add_module(s->kmap)->name = xstrdup("ext4");
	r->first = 0xffffffff80000000;
	r->last = 0xffffffff80ffffff;
	r->name = s->kmap->modules[0].name;
	r->note = xstrdup("a note");
	s->kernel = (struct range){ 0xffff800000000000, UINT64_MAX };
	s->user = (struct range){ 0, 0x7fffffffffff };
	s->user_source = "maps";
	space_add_fact(s, "cmdline", "KASLR is %s", "off");
}

static void kernel_is_carried(void)
{
	struct space kern = reading("1000-2000 rw-p 00000000 00:00 0 \n"), s, now;
	struct note_span notes;

	space_note(&kern, NOTE_CLOSED, "smaps", 13, NULL, "pss");
	notes.first = kern.nnotes;
	add_kernel(&kern);
	notes.end = kern.nnotes;
	kern.kmap->areas = NULL;
	IS(strtab_add(&kern.names, "a caller", 8), strtab_add(&kern.names, "a caller", 8));
	space_split(&s, &kern);
	IS(s.nvmas, 1);
	IS(kern.nvmas, 0);
	IS(s.nregions, 1);
	IS(kern.nregions, 1);
	OK(s.kmap == kern.kmap);

	space_init(&now);
	space_carry_kernel(&now, &kern, notes);
	/* The first reading goes; what it shared stays. */
	space_release(&s);
	IS(now.nregions, 1);
	IS_STR(now.regions[0].name, "ext4");
	IS_STR(now.regions[0].note, "a note");
	IS(now.kernel.first, 0xffff800000000000);
	IS(now.user.last, 0x7fffffffffff);
	IS(now.nfacts, 1);
	IS_STR(now.facts[0].text, "KASLR is off");
	/* Not the note on smaps: that is the other reading's. */
	IS(now.nnotes, 2);
	IS_STR(now.notes[0].source, "kallsyms");
	OK(!now.notes[1].text);
	IS(strtab_add(&now.names, "a caller", 8), strtab_add(&kern.names, "a caller", 8));

	space_note(&now, NOTE_CLOSED, "smaps", 13, NULL, "pss");
	space_drop_kernel(&now, &kern, notes);
	IS(now.nregions, 0);
	IS(now.nfacts, 0);
	OK(!now.kmap);
	IS(now.nnotes, 1);
	IS_STR(now.notes[0].source, "smaps");
	space_release(&now);
	IS_STR(kern.regions[0].name, "ext4");
	space_release(&kern);
}

static void copies_are_whole(void)
{
	struct snapshot *from = snapshot_new(), *to;

	space_release(&from->space);
	from->space = reading(smaps_before);
	space_group(&from->space);
	space_classify(&from->space);
	add_kernel(&from->space);
	space_add_unmapped(&from->space, "page tables", "status", 4096, false);
	from->seq = 7;
	from->grid.cells = xcalloc(2, sizeof(*from->grid.cells));
	from->grid.ncells = 2;
	from->grid.cells[1].count = 5;
	from->page.symbol = xstrdup("main+0x4");
	from->page.bytes = xcalloc(16, 1);
	from->page.nbytes = 16;
	from->pages.runs = xcalloc(1, sizeof(*from->pages.runs));
	from->pages.nruns = from->pages.cap_runs = 1;
	from->pages.have = true;
	from->tasks.v = xcalloc(1, sizeof(*from->tasks.v));
	from->tasks.n = from->tasks.cap = 1;
	from->tasks.v[0].name = strtab_add(&from->tasks.names, "init", 4);
	from->places.memcgs = xcalloc(1, sizeof(*from->places.memcgs));
	from->places.memcgs[0].path = xstrdup("/a");
	from->places.nmemcgs = 1;
	to = snapshot_copy(from);
	OK(same_space(&from->space, &to->space));
	/* A sanitizer sees what still belongs to the other. */
	snapshot_free(from);
	IS(to->seq, 7);
	IS(to->space.nobjects > 0, true);
	IS(value(&to->space, 1, SMAPS_RSS), 300);
	IS_STR(to->space.regions[0].name, "ext4");
	IS(to->space.proc.unmapped[0].bytes, 4096);
	IS(to->grid.cells[1].count, 5);
	IS_STR(to->page.symbol, "main+0x4");
	IS(to->pages.nruns, 1);
	IS_STR(strtab_get(&to->tasks.names, to->tasks.v[0].name), "init");
	IS_STR(to->places.memcgs[0].path, "/a");
	/* It can grow on. */
	space_add_vma(&to->space);
	space_add_object(&to->space);
	space_note(&to->space, NOTE_INFO, "x", 0, NULL, "y");
	IS(strtab_add(&to->space.names, "another", 7), strtab_add(&to->space.names, "another", 7));
	IS(to->space.nvmas, 7);
	snapshot_free(to);
}

static void surroundings_are_carried(void)
{
	struct space old = reading("1000-2000 rw-p 00000000 00:00 0 \n"), now;

	old.proc.max_map_count = FIG(65530);
	old.proc.stack_guard_gap = FIG(1048576);
	space_add_unmapped(&old, "page tables", "status VmPTE", 8192, false);
	space_note(&old, NOTE_INFO, "cgroup memory", 0, NULL, "the root group");
	space_note(&old, NOTE_CLOSED, "smaps", 13, NULL, "pss");
	now = reading("1000-2000 rw-p 00000000 00:00 0 \n");
	space_carry_surroundings(&now, &old);
	space_release(&old);
	IS(now.proc.max_map_count.v, 65530);
	IS(now.proc.stack_guard_gap.v, 1048576);
	IS(now.proc.nunmapped, 1);
	IS(now.proc.unmapped[0].bytes, 8192);
	IS(now.nnotes, 1);
	IS_STR(now.notes[0].text, "the root group");
	space_release(&now);
}

int main(void)
{
	space_init(&sp);
	smaps_are_carried();
	deleted_names();
	same_mappings();
	images_are_carried();
	kernel_is_carried();
	surroundings_are_carried();
	copies_are_whole();
	space_release(&sp);
	return tap_done();
}
