/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What smaps says, kept small: every record is a schema (which fields, in which order) and one
 * LEB128 number a field, so that the usual zero costs a byte. Also the tables of field names and
 * of VmFlags letters.
 */
#include "space.h"

#include <string.h>

/* fs/proc/task_mmu.c, __show_smap() and show_smap(), 2.6.14 to 6.18; the first printed is first. */
static const char *const field_names[SMAPS_NKNOWN] = {
	[SMAPS_SIZE] = "Size",
	[SMAPS_KERNEL_PAGE_SIZE] = "KernelPageSize",
	[SMAPS_MMU_PAGE_SIZE] = "MMUPageSize",
	[SMAPS_RSS] = "Rss",
	[SMAPS_PSS] = "Pss",
	[SMAPS_PSS_DIRTY] = "Pss_Dirty",
	[SMAPS_SHARED_CLEAN] = "Shared_Clean",
	[SMAPS_SHARED_DIRTY] = "Shared_Dirty",
	[SMAPS_PRIVATE_CLEAN] = "Private_Clean",
	[SMAPS_PRIVATE_DIRTY] = "Private_Dirty",
	[SMAPS_REFERENCED] = "Referenced",
	[SMAPS_ANONYMOUS] = "Anonymous",
	[SMAPS_KSM] = "KSM",
	[SMAPS_LAZYFREE] = "LazyFree",
	[SMAPS_ANON_HUGE] = "AnonHugePages",
	[SMAPS_SHMEM_PMD] = "ShmemPmdMapped",
	[SMAPS_FILE_PMD] = "FilePmdMapped",
	[SMAPS_SHARED_HUGETLB] = "Shared_Hugetlb",
	[SMAPS_PRIVATE_HUGETLB] = "Private_Hugetlb",
	[SMAPS_SWAP] = "Swap",
	[SMAPS_SWAP_PSS] = "SwapPss",
	[SMAPS_LOCKED] = "Locked",
	[SMAPS_THP_ELIGIBLE] = "THPeligible",
	[SMAPS_PKEY] = "ProtectionKey",
};

/*
 * fs/proc/task_mmu.c, show_smap_vma_flags(), 3.8 to 6.19, in its order, then those that are gone
 * (nl 3.19, mp 5.7, dw 5.14). "??" is what it prints for a bit without letters.
 */
static const struct flag_name {
	char letters[3];
	const char *words;
} flag_names[] = {
	{ "rd", "readable" },
	{ "wr", "writable" },
	{ "ex", "executable" },
	{ "sh", "shared" },
	{ "mr", "may read" },
	{ "mw", "may write" },
	{ "me", "may execute" },
	{ "ms", "may share" },
	{ "gd", "grows down" },
	{ "pf", "raw frames (PFN map)" },
	{ "lo", "locked in memory" },
	{ "io", "device memory" },
	{ "sr", "read in sequence" },
	{ "rr", "read at random" },
	{ "dc", "not copied by fork" },
	{ "de", "cannot be enlarged" },
	{ "ac", "accountable" },
	{ "nr", "no swap reserved" },
	{ "ht", "hugetlb pages" },
	{ "sf", "synchronous page faults" },
	{ "ar", "architecture's own flag" },
	{ "wf", "wiped on fork" },
	{ "dd", "not in core dumps" },
	{ "sd", "soft-dirty" },
	{ "mm", "mixed map" },
	{ "hg", "huge pages advised" },
	{ "nh", "no huge pages" },
	{ "mg", "mergeable (KSM)" },
	{ "um", "userfaultfd: missing" },
	{ "uw", "userfaultfd: write-protect" },
	{ "ui", "userfaultfd: minor" },
	{ "ur", "userfaultfd: read or write" },
	{ "bt", "BTI-guarded code" },
	{ "mt", "memory tagging (MTE)" },
	{ "lf", "locked on fault" },
	{ "ss", "shadow stack" },
	{ "sl", "sealed" },
	{ "dp", "droppable" },
	{ "gu", "may have guard pages" },
	{ "dw", "writes to the file denied" },
	{ "mp", "MPX bounds table" },
	{ "nl", "non-linear" },
};

_Static_assert(ARRAY_SIZE(flag_names) < VMFLAGS_MAX, "room for letters of later kernels");

void space_init_smaps(struct space *s)
{
	for (u32 i = 0; i < SMAPS_NKNOWN; i++)
		s->field_name[i] = strtab_add(&s->names, field_names[i], strlen(field_names[i]));
	s->nfields = SMAPS_NKNOWN;
	s->field_plain = UINT64_C(1) << SMAPS_THP_ELIGIBLE | UINT64_C(1) << SMAPS_PKEY;
	for (u32 i = 0; i < ARRAY_SIZE(flag_names); i++)
		memcpy(s->vmflag_names[i], flag_names[i].letters, 3);
	s->nvmflags = ARRAY_SIZE(flag_names);
}

/* ------------------------------------------------------------------ fields and schemas */

int space_field(struct space *s, const char *name, size_t len)
{
	for (u32 i = 0; i < s->nfields; i++) {
		const char *known = strtab_get(&s->names, s->field_name[i]);

		if (strlen(known) == len && !memcmp(known, name, len))
			return (int)i;
	}
	if (s->nfields == SMAPS_MAX)
		return -1;
	s->field_name[s->nfields] = strtab_add(&s->names, name, len);
	return (int)s->nfields++;
}

int space_schema(struct space *s, const u8 *fields, size_t n)
{
	struct smaps_schema *sc;

	if (n > SMAPS_MAX)
		return -1;
	for (size_t i = 0; i < s->nschemas; i++) {
		sc = &s->schemas[i];
		if (sc->n == n && !memcmp(sc->field, fields, n))
			return (int)i;
	}
	if (s->nschemas == SCHEMAS_MAX)
		return -1;
	GROW(s->schemas, s->nschemas, s->cap_schemas);
	sc = &s->schemas[s->nschemas];
	memset(sc, 0, sizeof(*sc));
	sc->n = (u8)n;
	memcpy(sc->field, fields, n);
	return (int)s->nschemas++;
}

/* ------------------------------------------------------------------ values */

void space_add_smaps_value(struct space *s, u64 v)
{
	char bytes[10];
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		bytes[n++] = (char)(v | 0x80);
	bytes[n++] = (char)v;
	buf_add(&s->smaps_bytes, bytes, n);
}

/* One value at *p; false at the end of the bytes or past 64 bits. */
static bool leb128(const u8 **p, const u8 *end, u64 *ret)
{
	u64 v = 0;

	for (unsigned shift = 0; *p < end && shift < 64; shift += 7) {
		u8 byte = *(*p)++;

		v |= (u64)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = v;
			return true;
		}
	}
	return false;
}

void space_smaps(const struct space *s, const struct vma *v, struct smaps_values *ret)
{
	const struct smaps_schema *sc;
	const u8 *p, *end;

	memset(ret, 0, sizeof(*ret));
	if (!(v->have & VMA_HAVE_SMAPS) || v->schema >= s->nschemas ||
	    v->smaps > s->smaps_bytes.len)
		return;
	sc = &s->schemas[v->schema];
	p = (const u8 *)s->smaps_bytes.p + v->smaps;
	end = (const u8 *)s->smaps_bytes.p + s->smaps_bytes.len;
	for (unsigned i = 0; i < sc->n; i++) {
		unsigned field = sc->field[i];

		if (field >= SMAPS_MAX)
			return;
		/* Most values are below 128. */
		if (p < end && *p < 0x80)
			ret->v[field] = *p++;
		else if (!leb128(&p, end, &ret->v[field]))
			return;
		ret->have |= UINT64_C(1) << field;
	}
}

struct fig smaps_fig(const struct smaps_values *values, enum smaps_field field)
{
	bool have = values->have >> field & 1;

	return (struct fig){ have ? values->v[field] : 0, have };
}

/* ------------------------------------------------------------------ VmFlags */

static int find_vmflag(const struct space *s, const char letters[static 2])
{
	for (u32 i = 0; i < s->nvmflags; i++)
		if (s->vmflag_names[i][0] == letters[0] && s->vmflag_names[i][1] == letters[1])
			return (int)i;
	return -1;
}

int space_vmflag(struct space *s, const char letters[static 2])
{
	int bit = find_vmflag(s, letters);

	if (bit >= 0)
		return bit;
	if (s->nvmflags == VMFLAGS_MAX)
		return -1;
	memcpy(s->vmflag_names[s->nvmflags], letters, 2);
	s->vmflag_names[s->nvmflags][2] = '\0';
	return (int)s->nvmflags++;
}

u64 space_vmflag_mask(const struct space *s, const char letters[static 2])
{
	int bit = find_vmflag(s, letters);

	return bit < 0 ? 0 : UINT64_C(1) << bit;
}

bool space_vma_flag(const struct space *s, const struct vma *v, const char letters[static 2])
{
	return (v->have & VMA_HAVE_SMAPS) && (v->vmflags & space_vmflag_mask(s, letters));
}

const char *vmflag_words(const char letters[static 2])
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flag_names[i].letters[0] == letters[0] &&
		    flag_names[i].letters[1] == letters[1])
			return flag_names[i].words;
	return NULL;
}
