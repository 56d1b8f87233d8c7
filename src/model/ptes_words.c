/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One page-table entry in words. */
#include "ptes.h"

struct bit_word {
	u32 flag;
	const char *word;
};

/** What an entry that is not in use by the hardware is. */
static const struct bit_word absent_words[] = {
	{ PT_PROTNONE, "access withheld (PROT_NONE or NUMA hinting)" },
	{ PT_SPLITTING, "being split or moved" },
	{ PT_SWAP, "swapped out" },
	{ PT_MIGRATION, "migrating" },
	{ PT_MARKER, "marker" },
	{ PT_HWPOISON, "poisoned" },
	{ PT_DEVICE, "in a device's memory" },
};

static const struct bit_word bit_words[] = {
	{ PT_USER, "user" },
	{ PT_ACCESSED, "accessed" },
	{ PT_DIRTY, "dirty" },
	{ PT_GLOBAL, "global" },
	{ PT_SOFT_DIRTY, "soft-dirty" },
	{ PT_UFFD_WP, "uffd write-protected" },
	{ PT_SPECIAL, "special" },
	{ PT_CONT, "contiguous" },
	{ PT_EXCLUSIVE, "exclusive" },
	{ PT_SAVED_DIRTY, "saved dirty" },
};

static const struct bit_word marker_words[] = {
	{ PT_MARKER_GUARD, "guard" },
	{ PT_MARKER_UFFD_WP, "uffd write-protected" },
	{ PT_MARKER_POISON, "poison" },
};

static void words(struct buf *b, const struct bit_word *w, size_t n, u32 bits)
{
	for (size_t i = 0; i < n; i++)
		if (bits & w[i].flag)
			buf_addf(b, ", %s", w[i].word);
}

static void place(struct buf *b, const struct pt_entry *e)
{
	unsigned long long off = e->swap_offset;

	if (e->flags & PT_PAGE)
		buf_addf(b, ", physical %llx", (unsigned long long)e->pa);
	else if (e->flags & PT_SWAP)
		buf_addf(b, ", type %u, slot %llu", e->swap_type, off);
	else if (e->flags & PT_MARKER)
		words(b, marker_words, ARRAY_SIZE(marker_words), (u32)e->swap_offset);
	else if (e->flags & PT_PFN_ENTRY)
		buf_addf(b, ", PFN %llx%s", off,
			 !(e->flags & PT_MIGRATION) ? ""
			 : e->flags & PT_WRITE	    ? ", was writable"
						    : ", was read-only");
}

void pt_entry_words(struct buf *b, const struct pt_entry *e, const char *level)
{
	char size[SIZE_TEXT_MAX], access[3];

	size_text(size, e->size);
	buf_addf(b, "%s %llx, %s", level, (unsigned long long)e->raw, size);
	if (e->flags & PT_PAGE) {
		pt_access_letters(access, e->flags);
		buf_addf(b, ", %.3s", access);
	}
	if (!(e->flags & PT_PRESENT)) {
		buf_addstr(b, ", not present");
		words(b, absent_words, ARRAY_SIZE(absent_words), e->flags);
	}
	words(b, bit_words, ARRAY_SIZE(bit_words), e->flags);
	place(b, e);
	if (e->flags & PT_PRESENT) {
		buf_addf(b, ", memory type %s", pt_mem_name((enum pt_mem)e->mem));
		if (e->pkey)
			buf_addf(b, ", protection key %u", e->pkey);
	}
}
