/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/modules kept line by line, and what /sys/module has of one. */
#include "made_tree.h"
#include "model/kmap.h"
#include "proc/ksrc.h"
#include "tap.h"

static void list(struct space *s, enum ksrc_state st, const char *text)
{
	space_init(s);
	s->kmap = kmap_new();
	modules_list(text, strlen(text), st, s);
	kmap_finish(s->kmap);
}

static void test_fields(void)
{
	struct space s;
	const struct kmodule *m;

	list(&s, KSRC_READ,
	     "ext4 987136 1 - Live 0xffffffffc0a3b000\n"
	     "jbd2 184320 2 ext4,ocfs2, Live 0xffffffffc09f0000 (OE)\n"
	     "gone 4096 0 - Unloading 0xffffffffc0b00000 (-)\n"
	     "coming 8192 1 [permanent], Loading 0xffffffffc0c00000 (E+)\n"
	     "old 4096 - - Live 0xffffffffc0d00000\n");
	m = s.kmap->modules;
	IS(s.kmap->module_addr, KADDR_REAL);
	IS(s.kmap->nmodules, 5);
	IS(s.kmap->module_bytes, 987136 + 184320 + 4096 + 8192 + 4096);
	/* by rising address, whatever the order of the file */
	IS_STR(m[0].name, "jbd2");
	IS(m[0].addr, UINT64_C(0xffffffffc09f0000));
	IS(m[0].refs.v, 2);
	IS_STR(strtab_get(&s.names, m[0].users), "ext4,ocfs2");
	IS_STR(strtab_get(&s.names, m[0].taints), "OE");
	IS_STR(m[1].name, "ext4");
	IS(m[1].size, 987136);
	IS(m[1].users, 0);
	IS(m[1].taints, 0);
	IS(m[1].state, KMODULE_LIVE);
	IS(m[2].state, KMODULE_UNLOADING);
	IS(m[2].taints, 0);
	IS(m[3].state, KMODULE_LOADING);
	IS_STR(strtab_get(&s.names, m[3].users), "[permanent]");
	IS_STR(strtab_get(&s.names, m[3].taints), "E");
	/* modules that cannot be unloaded are not counted */
	OK(!m[4].refs.have);
	space_release(&s);
}

static void test_hidden(void)
{
	struct space s;

	list(&s, KSRC_ZEROS,
	     "b 8192 0 - Live 0x0000000000000000\n"
	     "a 4096 0 - Live 0x0000000000000000\n"
	     "broken 4096 0 - Live 0xzz\nbroken\n\nbroken x 0 - Live 0x1000\n");
	IS(s.kmap->module_addr, KADDR_ZEROS);
	IS(s.kmap->nmodules, 2);
	IS_STR(s.kmap->modules[0].name, "b");
	IS(s.kmap->modules[0].addr, 0);
	OK(!kmap_module_at(s.kmap, 0));
	space_release(&s);
}

static void test_details(void)
{
	struct root *r;
	struct space s;
	struct kmodule *m;

	made_tree_new("x86_64");
	made_tree_text("sys/module/ext4/coresize", "983040\n");
	made_tree_text("sys/module/ext4/initsize", "0\n");
	made_tree_text("sys/module/ext4/sections/.text", "0xffffffffc0a3b000\n");
	made_tree_text("sys/module/ext4/sections/.data", "0xffffffffc0b20000\n");
	made_tree_text("sys/module/ext4/sections/.init.text", "0x0000000000000000\n");
	made_tree_text("sys/module/ext4/sections/.bad", "0xffffx\n");
	list(&s, KSRC_READ,
	     "ext4 987136 1 - Live 0xffffffffc0a3b000\n"
	     "none 4096 0 - Live 0xffffffffc0f00000\n"
	     "../../x 4096 0 - Live 0xffffffffc0f10000\n");
	if (root_tree(made_tree, &r)) {
		OK(!"the tree opens");
		return;
	}
	for (size_t i = 0; i < s.kmap->nmodules; i++)
		module_read_details(r, &s, &s.kmap->modules[i]);
	m = &s.kmap->modules[0];
	IS(m->coresize.v, 983040);
	OK(m->initsize.have);
	IS(m->initsize.v, 0);
	/* what reads as zero is freed or hidden, what is no number is nothing */
	IS(m->nsections, 2);
	kmap_finish(s.kmap);
	IS_STR(strtab_get(&s.names, m->sections[0].name), ".text");
	IS(m->sections[1].addr, UINT64_C(0xffffffffc0b20000));
	IS_STR(strtab_get(&s.names, kmodule_section_at(m, UINT64_C(0xffffffffc0b20010))->name),
	       ".data");
	OK(!kmodule_section_at(m, UINT64_C(0xffffffffc0a3afff)));
	OK(!s.kmap->modules[1].coresize.have);
	IS(s.kmap->modules[1].nsections, 0);
	OK(!s.kmap->modules[2].coresize.have);
	root_free(r);
	space_release(&s);
}

int main(void)
{
	test_fields();
	test_hidden();
	test_details();
	return tap_done();
}
