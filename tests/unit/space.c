/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The container: search, names, schemas, values, notes. */
#include "tap.h"
#include "make_space.h"

#include <errno.h>

static void test_empty(void)
{
	struct space s;
	struct smaps_values m;
	struct vma none = { 0 };

	space_init(&s);
	IS(s.nvmas, 0);
	IS(space_find_vma(&s, 0), NO_INDEX);
	IS(space_lower_vma(&s, UINT64_MAX), 0);
	IS(s.nfields, SMAPS_NKNOWN);
	IS_STR(strtab_get(&s.names, s.field_name[SMAPS_SIZE]), "Size");
	IS_STR(strtab_get(&s.names, s.field_name[SMAPS_PKEY]), "ProtectionKey");
	space_smaps(&s, &none, &m);
	IS(m.have, 0);
	IS(space_problems(&s), 0);
	space_release(&s);
	IS(s.nvmas, 0);
}

static void test_find(void)
{
	static const struct line lines[] = {
		{ 0x1000, 0x2000, "r--p", 0, 0, 0, 0, "" },
		{ 0x2000, 0x3000, "rw-p", 0, 0, 0, 0, "" },
		{ 0x8000, 0x9000, "r--p", 0, 0, 0, 0, "" },
		{ 0xfffffffffffff000, 0, "--xp", 0, 0, 0, 0, "[vsyscall]" },
	};
	struct space s;

	make_space(&s, lines, ARRAY_SIZE(lines));
	IS(space_find_vma(&s, 0), NO_INDEX);
	IS(space_find_vma(&s, 0xfff), NO_INDEX);
	IS(space_find_vma(&s, 0x1000), 0);
	IS(space_find_vma(&s, 0x1fff), 0);
	IS(space_find_vma(&s, 0x2000), 1);
	IS(space_find_vma(&s, 0x3000), NO_INDEX);
	IS(space_find_vma(&s, 0x8fff), 2);
	IS(space_find_vma(&s, UINT64_MAX), 3);
	IS(space_lower_vma(&s, 0), 0);
	IS(space_lower_vma(&s, 0x3000), 2);
	IS(space_lower_vma(&s, 0x9000), 3);
	IS(space_lower_vma(&s, UINT64_MAX), 3);
	IS(s.vmas[0].object, NO_INDEX);
	IS(s.vmas[0].slices, NO_INDEX);

	add_thread(&s, 7, 0x1800)->vma = 0;
	space_clear_vmas(&s);
	IS(s.nvmas, 0);
	IS(s.threads[0].vma, NO_INDEX);
	space_release(&s);
}

static void test_fields(void)
{
	struct space s;
	char name[8] = "New0";
	int id = -1;

	space_init(&s);
	IS(space_field(&s, "Rss", 3), SMAPS_RSS);
	IS(space_field(&s, "Pss_Dirty", 9), SMAPS_PSS_DIRTY);
	IS(space_field(&s, "Pss", 3), SMAPS_PSS);
	IS(space_field(&s, "SwapPss:  12 kB", 7), SMAPS_SWAP_PSS);
	IS(space_field(&s, "Rs", 2), SMAPS_NKNOWN);
	IS(space_field(&s, "Rs", 2), SMAPS_NKNOWN);
	IS(space_field(&s, "Rss\0x\0\0\0", 8), SMAPS_NKNOWN + 1);
	for (int i = SMAPS_NKNOWN + 2; i < SMAPS_MAX; i++) {
		name[3] = (char)('0' + i);
		id = space_field(&s, name, 4);
	}
	IS(id, SMAPS_MAX - 1);
	IS(space_field(&s, "OneMore", 7), -1);
	IS(space_field(&s, "Locked", 6), SMAPS_LOCKED);
	space_release(&s);
}

static void test_schemas(void)
{
	const u8 a[] = { SMAPS_SIZE, SMAPS_RSS }, b[] = { SMAPS_RSS, SMAPS_SIZE };
	struct space s;
	int last = 0;

	space_init(&s);
	IS(space_schema(&s, a, 2), 0);
	IS(space_schema(&s, b, 2), 1);
	IS(space_schema(&s, a, 2), 0);
	IS(space_schema(&s, a, 1), 2);
	IS(space_schema(&s, a, SMAPS_MAX + 1), -1);
	for (unsigned i = 3; i < SCHEMAS_MAX; i++) {
		u8 f[3] = { (u8)(i & 15), (u8)(i >> 4 & 15), (u8)(i >> 8 & 15) };

		last = space_schema(&s, f, 3);
	}
	IS(last, SCHEMAS_MAX - 1);
	IS(space_schema(&s, (const u8[]){ 1, 2, 3, 4 }, 4), -1);
	IS(space_schema(&s, b, 2), 1);
	space_release(&s);
}

static void test_values(void)
{
	static const u64 values[] = { 0, 127, 128, 16383, 16384, UINT64_C(1) << 32, UINT64_MAX };
	const u8 fields[] = { 0, 1, 2, 3, 4, 5, 40 };
	struct smaps_values m;
	struct space s;
	struct vma *v;

	space_init(&s);
	v = space_add_vma(&s);
	space_add_smaps_value(&s, 99);
	set_smaps(&s, v, fields, values, ARRAY_SIZE(values));
	IS(s.smaps_bytes.len, 1 + 1 + 1 + 2 + 2 + 3 + 5 + 10);
	space_smaps(&s, v, &m);
	IS(m.have, 0x3f | UINT64_C(1) << 40);
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		IS(m.v[fields[i]], values[i]);
	IS(m.v[6], 0);
	OK(smaps_fig(&m, SMAPS_SIZE).have);
	OK(!smaps_fig(&m, SMAPS_LOCKED).have);

	/* Bytes that end too early answer what there was, and never read on. */
	s.smaps_bytes.len -= 1;
	space_smaps(&s, v, &m);
	IS(m.have, 0x3f);
	v->smaps = 1000;
	space_smaps(&s, v, &m);
	IS(m.have, 0);
	v->schema = 7;
	v->smaps = 0;
	space_smaps(&s, v, &m);
	IS(m.have, 0);
	space_release(&s);
}

static void test_overlong_leb128(void)
{
	const u8 fields[] = { SMAPS_SIZE, SMAPS_RSS };
	struct smaps_values m;
	struct space s;
	struct vma *v;

	space_init(&s);
	v = space_add_vma(&s);
	set_smaps(&s, v, fields, NULL, 0);
	v->schema = (u16)space_schema(&s, fields, 2);
	buf_fill(&s.smaps_bytes, (char)0x80, 100);
	space_smaps(&s, v, &m);
	IS(m.have, 0);
	space_release(&s);
}

static void test_vmflags(void)
{
	struct space s;
	struct vma *v;
	char letters[3] = "0A";
	u32 known;

	space_init(&s);
	known = s.nvmflags;
	v = space_add_vma(&s);
	IS_STR(vmflag_words("rd"), "readable");
	IS_STR(vmflag_words("gu"), "may have guard pages");
	OK(!vmflag_words("zz"));
	IS(space_vmflag(&s, "rd"), 0);
	IS(space_vmflag(&s, "zz"), known);
	IS(space_vmflag(&s, "zz"), known);
	IS_STR(s.vmflag_names[known], "zz");
	OK(!space_vma_flag(&s, v, "rd"));
	v->vmflags = 1;
	OK(!space_vma_flag(&s, v, "rd"));
	v->have = VMA_HAVE_SMAPS;
	OK(space_vma_flag(&s, v, "rd"));
	OK(!space_vma_flag(&s, v, "wr"));
	OK(!space_vma_flag(&s, v, "qq"));
	IS(space_vmflag_mask(&s, "wr"), 2);
	IS(space_vmflag_mask(&s, "qq"), 0);
	while (s.nvmflags < VMFLAGS_MAX) {
		letters[0]++;
		space_vmflag(&s, letters);
	}
	IS(space_vmflag(&s, "qq"), -1);
	IS(space_vmflag(&s, letters), 63);
	space_release(&s);
}

static void test_notes(void)
{
	struct space s;

	space_init(&s);
	space_note(&s, NOTE_CLOSED, "smaps", EACCES, "CAP_SYS_PTRACE", NULL);
	space_note(&s, NOTE_CLOSED, "smaps", EACCES, "CAP_SYS_PTRACE", NULL);
	IS(s.nnotes, 1);
	space_note(&s, NOTE_CLOSED, "smaps", 0, NULL, "%d lines", 3);
	space_note(&s, NOTE_CLOSED, "smaps", 0, NULL, "%d lines", 3);
	IS(s.nnotes, 2);
	IS_STR(s.notes[1].text, "3 lines");
	IS(s.notes[0].err, EACCES);
	IS_STR(s.notes[0].cap, "CAP_SYS_PTRACE");
	OK(!s.notes[0].text);
	space_note(&s, NOTE_INFO, "smaps", 0, NULL, "%d lines", 3);
	IS(s.nnotes, 3);
	IS(space_problems(&s), 2);
	space_add_fact(&s, "boot_params", "KASLR flag %s", "clear");
	IS_STR(s.facts[0].text, "KASLR flag clear");
	space_add_unmapped(&s, "page tables", "status", 4096, false);
	space_add_unmapped(&s, "cgroup kernel", "cgroup", 8192, true);
	IS(s.proc.nunmapped, 2);
	IS(s.proc.unmapped[1].bytes, 8192);
	OK(s.proc.unmapped[1].whole_cgroup);
	/* Contradictions without end are cut off, and that is said. */
	for (int i = 0; i < 1000; i++)
		space_note(&s, NOTE_CONFLICT, "kcore", 0, NULL, "vmalloc at %d", i);
	IS(s.nnotes, 257);
	IS_STR(s.notes[255].text, "vmalloc at 252");
	IS(s.notes[256].kind, NOTE_LIMIT);
	IS_STR(s.notes[256].text, "there are more than are told here");
	space_release(&s);
}

static void test_names(void)
{
	bool all = true;

	IS_STR(conf_name(CONF_BOUNDS), "bounds");
	IS_STR(conf_name((enum conf)77), "?");
	IS_STR(object_kind_name(OBJ_SECRETMEM), "secretmem");
	IS_STR(object_kind_name((enum object_kind)200), "?");
	IS_STR(vma_role_name(ROLE_RELRO), "RELRO");
	IS_STR(page_state_name(PS_FILE_DIRTY), "file dirty");
	for (int i = 0; i < OBJ_NKINDS; i++)
		all = all && object_kind_name((enum object_kind)i);
	for (int i = 0; i < ROLE_NROLES; i++)
		all = all && vma_role_name((enum vma_role)i);
	for (int i = 0; i < PS_NSTATES; i++)
		all = all && page_state_name((enum page_state)i);
	OK(all);
}

int main(void)
{
	test_empty();
	test_find();
	test_fields();
	test_schemas();
	test_values();
	test_overlong_leb128();
	test_vmflags();
	test_notes();
	test_names();
	return tap_done();
}
