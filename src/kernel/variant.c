/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documented layouts: the words that choose one (--layout=ARCH[,WORD]...), and a space that holds
 * nothing else. The words are one table, which the parser, its complaints and the list share.
 */
#include "arm64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/** The layout meant when no version is told: what the documents and headers of it say. */
#define LATEST_MAJOR 6
#define LATEST_MINOR 18

enum choice_of {
	CHOICE_LEVELS,
	CHOICE_BITS,
	CHOICE_PAGE,
	CHOICE_SPLIT,
	CHOICE_PAE,
	CHOICE_HIGHMEM,
	NCHOICES,
};

static const char *const choice_names[NCHOICES] = {
	[CHOICE_LEVELS] = "paging levels", [CHOICE_BITS] = "widths",
	[CHOICE_PAGE] = "page sizes",	   [CHOICE_SPLIT] = "splits",
	[CHOICE_PAE] = "kinds of paging",  [CHOICE_HIGHMEM] = "answers on HIGHMEM",
};

struct word {
	const char *arch, *text;
	enum choice_of what;
	u64 value;
};

/* VMSPLIT_*: arch/x86/Kconfig, arch/arm/Kconfig; widths: arch/arm64/Kconfig, vm-layout.rst. The
 * first word of a choice is what holds when none is given. */
static const struct word words[] = {
	{ "x86_64", "4", CHOICE_LEVELS, 4 },
	{ "x86_64", "5", CHOICE_LEVELS, 5 },
	{ "i386", "3g", CHOICE_SPLIT, 0xc0000000 },
	{ "i386", "3g_opt", CHOICE_SPLIT, 0xb0000000 },
	{ "i386", "2g", CHOICE_SPLIT, 0x80000000 },
	{ "i386", "2g_opt", CHOICE_SPLIT, 0x78000000 },
	{ "i386", "1g", CHOICE_SPLIT, 0x40000000 },
	{ "i386", "pae", CHOICE_PAE, true },
	{ "i386", "nopae", CHOICE_PAE, false },
	{ "i386", "highmem", CHOICE_HIGHMEM, true },
	{ "i386", "nohighmem", CHOICE_HIGHMEM, false },
	{ "arm64", "48", CHOICE_BITS, 48 },
	{ "arm64", "36", CHOICE_BITS, 36 },
	{ "arm64", "39", CHOICE_BITS, 39 },
	{ "arm64", "42", CHOICE_BITS, 42 },
	{ "arm64", "47", CHOICE_BITS, 47 },
	{ "arm64", "52", CHOICE_BITS, 52 },
	{ "arm64", "4k", CHOICE_PAGE, 4 * KIB },
	{ "arm64", "16k", CHOICE_PAGE, 16 * KIB },
	{ "arm64", "64k", CHOICE_PAGE, 64 * KIB },
	{ "arm", "3g", CHOICE_SPLIT, 0xc0000000 },
	{ "arm", "3g_opt", CHOICE_SPLIT, 0xb0000000 },
	{ "arm", "2g", CHOICE_SPLIT, 0x80000000 },
	{ "arm", "1g", CHOICE_SPLIT, 0x40000000 },
	{ "arm", "lpae", CHOICE_PAE, true },
	{ "arm", "nolpae", CHOICE_PAE, false },
	{ "arm", "highmem", CHOICE_HIGHMEM, true },
	{ "arm", "nohighmem", CHOICE_HIGHMEM, false },
	{ "riscv64", "sv39", CHOICE_BITS, 39 },
	{ "riscv64", "sv48", CHOICE_BITS, 48 },
	{ "riscv64", "sv57", CHOICE_BITS, 57 },
};

static const struct family {
	const char *arch, *machine;
	u8 major, minor; /**< the oldest version whose layout is known */
} families[] = {
	{ "x86_64", "x86_64", 4, 15 },	 { "i386", "i686", 4, 9 },
	{ "arm64", "aarch64", 4, 6 },	 { "arm", "armv7l", 4, 9 },
	{ "riscv64", "riscv64", 5, 13 },
};

/** All modes there are, for the list. */
static const char *const modes[] = {
	"x86_64,4",	"x86_64,5",	 "i386,3g,pae",	      "i386,3g,nopae", "i386,3g_opt,nopae",
	"i386,2g,pae",	"i386,2g,nopae", "i386,2g_opt,nopae", "i386,1g,pae",   "i386,1g,nopae",
	"arm64,39,4k",	"arm64,48,4k",	 "arm64,52,4k",	      "arm64,36,16k",  "arm64,47,16k",
	"arm64,48,16k", "arm64,52,16k",	 "arm64,42,64k",      "arm64,48,64k",  "arm64,52,64k",
	"arm,3g,lpae",	"arm,3g,nolpae", "arm,3g_opt,nolpae", "arm,2g,lpae",   "arm,2g,nolpae",
	"arm,1g,lpae",	"arm,1g,nolpae", "riscv64,sv39",      "riscv64,sv48",  "riscv64,sv57",
};

/* --- words --------------------------------------------------------------------------------------
 */

static u64 get(const struct kvariant *v, enum choice_of what)
{
	switch (what) {
	case CHOICE_LEVELS:
		return v->levels;
	case CHOICE_BITS:
		return v->va_bits;
	case CHOICE_PAGE:
		return v->page_size;
	case CHOICE_SPLIT:
		return v->page_offset;
	case CHOICE_PAE:
		return v->pae;
	default:
		return v->highmem;
	}
}

static void set(struct kvariant *v, enum choice_of what, u64 value)
{
	switch (what) {
	case CHOICE_LEVELS:
		v->levels = (u8)value;
		break;
	case CHOICE_BITS:
		v->va_bits = (u8)value;
		break;
	case CHOICE_PAGE:
		v->page_size = (u32)value;
		break;
	case CHOICE_SPLIT:
		v->page_offset = value;
		break;
	case CHOICE_PAE:
		v->pae = value;
		break;
	default:
		v->highmem = value;
	}
}

/** "3g, 3g_opt, 2g or 1g", "", of one choice or, with NCHOICES, of all. */
static void list_words(struct buf *b, const char *arch, unsigned what)
{
	size_t left = 0;

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		left += !strcmp(words[i].arch, arch) && (what == NCHOICES || words[i].what == what);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].arch, arch) || (what != NCHOICES && words[i].what != what))
			continue;
		buf_addstr(b, words[i].text);
		left--;
		buf_addstr(b, left > 1 ? ", " : left ? " or " : "");
	}
}

char *variant_words(size_t i)
{
	struct buf b = { 0 };

	if (i >= ARRAY_SIZE(families))
		return NULL;
	buf_addf(&b, "%s: ", families[i].arch);
	for (unsigned what = 0; what < NCHOICES; what++) {
		struct buf one = { 0 };

		list_words(&one, families[i].arch, what);
		if (one.len)
			buf_addf(&b, "%s; ", one.p);
		buf_release(&one);
	}
	buf_addf(&b, "v%u.%u or later", families[i].major, families[i].minor);
	return b.p;
}

char *variant_name(const struct kvariant *v, bool version)
{
	struct buf b = { 0 };

	buf_addstr(&b, v->arch);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		/* HIGHMEM is worth a word only where it is not as usual. */
		if (!strcmp(words[i].arch, v->arch) && get(v, words[i].what) == words[i].value &&
		    (words[i].what != CHOICE_HIGHMEM || !words[i].value))
			buf_addf(&b, ",%s", words[i].text);
	if (version)
		buf_addf(&b, ",v%u.%u", v->major, v->minor);
	return b.p;
}

/* --- parsing ------------------------------------------------------------------------------------
 */

struct parser {
	struct kvariant *v;
	bool given[NCHOICES], version;
	char *why; /**< what is wrong; owned */
};

static bool wrong(struct parser *p, char *why)
{
	free(p->why);
	p->why = why;
	return false;
}

static bool version_word(struct parser *p, const char *w, const struct family *f)
{
	const char *q = w + 1, *end = w + strlen(w);
	u64 major, minor;

	if (!parse_dec(&q, end, &major) || q == end || *q++ != '.' || !parse_dec(&q, end, &minor) ||
	    q != end || major > 99 || minor > 999)
		return wrong(p, xasprintf("'%s' is not a version: v5.10", w));
	if (major < f->major || (major == f->major && minor < f->minor))
		return wrong(
			p, xasprintf("%s before v%u.%u is not known", f->arch, f->major, f->minor));
	p->v->major = (unsigned)major;
	p->v->minor = (unsigned)minor;
	p->version = true;
	return true;
}

static bool one_word(struct parser *p, const char *w, const struct family *f)
{
	struct buf b = { 0 };

	if ((*w == 'v' || *w == 'V') && w[1] >= '0' && w[1] <= '9')
		return version_word(p, w, f);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (strcmp(words[i].arch, f->arch) || strcasecmp(words[i].text, w))
			continue;
		if (p->given[words[i].what] && get(p->v, words[i].what) != words[i].value)
			return wrong(p, xasprintf("two different %s", choice_names[words[i].what]));
		p->given[words[i].what] = true;
		set(p->v, words[i].what, words[i].value);
		return true;
	}
	list_words(&b, f->arch, NCHOICES);
	wrong(p, xasprintf("'%s' is no word for %s: %s, or a version (v5.10)", w, f->arch, b.p));
	buf_release(&b);
	return false;
}

static const struct family *family_of(const char *arch)
{
	/* What others call them. */
	static const char *const also[][2] = {
		{ "amd64", "x86_64" },	{ "x86", "i386" },  { "i686", "i386" },
		{ "aarch64", "arm64" }, { "armhf", "arm" }, { "riscv", "riscv64" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(also); i++)
		if (!strcasecmp(arch, also[i][0]))
			arch = also[i][1];
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		if (!strcasecmp(arch, families[i].arch))
			return &families[i];
	return NULL;
}

static struct arm64_mode arm64_mode_of(const struct kvariant *v)
{
	struct space s = { .host.release = NULL };
	char release[32];
	struct arm64_mode m = { .va_bits = v->va_bits, .va_actual = v->va_bits, .page_struct = 64 };

	snprintf(release, sizeof(release), "%u.%u", v->major, v->minor);
	s.host.release = release;
	m.epoch = arm64_epoch_of(&s);
	while (UINT32_C(1) << m.page_shift < v->page_size)
		m.page_shift++;
	return m;
}

/** Not every width goes with every page size; the one that was not given follows the other. */
static bool complete_arm64(struct parser *p)
{
	static const u32 sizes[] = { 4096, 16384, 65536 };
	struct kvariant *v = p->v;
	struct buf b = { 0 };
	struct arm64_mode m;

	for (size_t i = 0; !p->given[CHOICE_PAGE] && i < ARRAY_SIZE(sizes); i++) {
		v->page_size = sizes[i];
		m = arm64_mode_of(v);
		if (arm64_mode_valid(&m))
			break;
	}
	m = arm64_mode_of(v);
	if (arm64_mode_valid(&m)) {
		v->levels = arm64_levels(v->va_bits, m.page_shift);
		return true;
	}
	buf_addf(&b, "no %u-bit addresses with pages of %u KiB in v%u.%u:", v->va_bits,
		 v->page_size / 1024, v->major, v->minor);
	for (m.va_bits = 36; m.va_bits <= 52; m.va_bits++) {
		m.va_actual = m.va_bits;
		if (arm64_mode_valid(&m))
			buf_addf(&b, "%s %u", b.p[b.len - 1] == ':' ? "" : ",", m.va_bits);
	}
	return wrong(p, b.p);
}

/** What follows from the words that were given. */
static bool complete(struct parser *p, const struct family *f)
{
	struct kvariant *v = p->v;

	if (!strcmp(f->arch, "arm64"))
		return complete_arm64(p);
	v->page_size = 4 * KIB;
	if (!strcmp(f->arch, "riscv64"))
		v->levels = v->va_bits == 39 ? 3 : v->va_bits == 48 ? 4 : 5;
	if (!v->page_offset)
		return true;
	/* The _OPT splits are no whole number of the tables' largest entries there. */
	if (v->pae && (v->page_offset == 0xb0000000 || v->page_offset == 0x78000000)) {
		if (p->given[CHOICE_PAE])
			return wrong(p, xasprintf("there is no such split with %s",
						  v->machine[0] == 'i' ? "PAE" : "LPAE"));
		v->pae = false;
	}
	v->levels = v->pae ? 3 : 2;
	return true;
}

static bool parse_words(struct parser *p, const struct family *f, char *text)
{
	char *save, *w;

	for (size_t i = ARRAY_SIZE(words); i-- > 0;)
		if (!strcmp(words[i].arch, f->arch))
			set(p->v, words[i].what, words[i].value);
	for (w = strtok_r(text, ",", &save); w; w = strtok_r(NULL, ",", &save))
		if (!one_word(p, w, f))
			return false;
	return complete(p, f);
}

bool variant_parse(const char *text, struct kvariant *ret, char **why)
{
	struct parser p = { .v = ret };
	size_t n = strcspn(text, ",");
	char *arch = xmemdupz(text, n), *rest = xstrdup(text[n] ? text + n + 1 : "");
	const struct family *f = family_of(arch);
	struct buf b = { 0 };

	*ret = (struct kvariant){ .major = LATEST_MAJOR, .minor = LATEST_MINOR };
	if (f) {
		ret->arch = f->arch;
		ret->machine = f->machine;
		parse_words(&p, f, rest);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(families); i++)
			buf_addf(&b, "%s, ", families[i].arch);
		wrong(&p, xasprintf("'%s' is no architecture whose layout is known: %sor list",
				    arch, b.p));
		buf_release(&b);
	}
	free(arch);
	free(rest);
	*why = p.why;
	return !p.why;
}

bool variant_nth(size_t i, struct kvariant *ret)
{
	char *why;

	/* These are ours, and a test parses them all. */
	return i < ARRAY_SIZE(modes) && variant_parse(modes[i], ret, &why);
}

/* --- the space ----------------------------------------------------------------------------------
 */

void variant_user_half(const struct kvariant *v, struct space *s)
{
	u64 end = v->page_offset;

	s->user_source = "memory.h";
	if (!strcmp(v->arch, "x86_64")) {
		/* TASK_SIZE_MAX: a page less (page_64_types.h). */
		end = (UINT64_C(1) << (v->levels == 5 ? 56 : 47)) - 4 * KIB;
		s->user_source = "mm.rst";
	} else if (!strcmp(v->arch, "arm64")) {
		end = UINT64_C(1) << v->va_bits;
	} else if (!strcmp(v->arch, "riscv64")) {
		end = UINT64_C(1) << (v->va_bits - 1);
		s->user_source = "vm-layout.rst";
	} else if (!strcmp(v->arch, "arm")) {
		/* The modules' 16 MiB below PAGE_OFFSET are the kernel's. */
		end -= 16 * MIB;
		s->user_source = "memory.rst";
	} else {
		s->user_source = "page_32_types.h";
	}
	s->user = range_of(0, end);
	s->user_conf = CONF_DEFAULT;
}

void variant_layout(const struct kvariant *v, struct space *s)
{
	struct kfacts k = { .variant = v };

	free(s->host.machine);
	free(s->host.release);
	s->host.machine = xstrdup(v->machine);
	s->host.release = xasprintf("%u.%u", v->major, v->minor);
	s->host.page_size = v->page_size;
	s->host.bits = v->page_offset ? 32 : 64;
	s->host.levels = v->levels;
	s->host.documented = true;
	s->no_user = USER_DOCUMENTED;
	s->proc.bits = s->host.bits;
	kernel_layout(&k, s);
}
