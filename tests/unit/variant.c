/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Documented layouts: the words of --layout, what is complained of, and that every layout of the
 * list is drawn, sound, and in no region surer than its document.
 */
#include <stdlib.h>

#include "kernel/kernel.h"
#include "kernel_sound.h"
#include "tap.h"

/** What is wrong with it; "" when it parses. Into one static place. */
static const char *why_not(const char *text)
{
	static char kept[256];
	struct kvariant v;
	char *why = NULL;

	kept[0] = '\0';
	if (!variant_parse(text, &v, &why))
		snprintf(kept, sizeof(kept), "%s", why);
	free(why);
	return kept;
}

/** Its full name, which has everything that was left to default. Into one static place. */
static const char *name_of(const char *text)
{
	static char kept[128];
	struct kvariant v;
	char *why, *name;

	if (!variant_parse(text, &v, &why)) {
		free(why);
		return "";
	}
	name = variant_name(&v, true);
	snprintf(kept, sizeof(kept), "%s", name);
	free(name);
	return kept;
}

static void test_words(void)
{
	IS_STR(name_of("x86_64"), "x86_64,4,v6.18");
	IS_STR(name_of("amd64,5,v4.17"), "x86_64,5,v4.17");
	IS_STR(name_of("i386"), "i386,3g,pae,v6.18");
	IS_STR(name_of("I686,2G,nopae,nohighmem"), "i386,2g,nopae,nohighmem,v6.18");
	IS_STR(name_of("i386,2g_opt"), "i386,2g_opt,nopae,v6.18");
	IS_STR(name_of("arm64"), "arm64,48,4k,v6.18");
	IS_STR(name_of("aarch64,64k,52,v5.4"), "arm64,52,64k,v5.4");
	/* the one page size that goes with a width */
	IS_STR(name_of("arm64,36"), "arm64,36,16k,v6.18");
	IS_STR(name_of("arm64,42"), "arm64,42,64k,v6.18");
	IS_STR(name_of("arm64,52,v5.10"), "arm64,52,64k,v5.10");
	IS_STR(name_of("arm,1g,lpae"), "arm,1g,lpae,v6.18");
	IS_STR(name_of("riscv64"), "riscv64,sv39,v6.18");
	IS_STR(name_of("riscv,sv57,v5.18"), "riscv64,sv57,v5.18");
}

static void test_complaints(void)
{
	IS_STR(why_not("alpha"), "'alpha' is no architecture whose layout is known: x86_64, i386,"
				 " arm64, arm, riscv64, or list");
	IS_STR(why_not(""), "'' is no architecture whose layout is known: x86_64, i386, arm64, arm,"
			    " riscv64, or list");
	IS_STR(why_not("x86_64,6"), "'6' is no word for x86_64: 4 or 5, or a version (v5.10)");
	IS_STR(why_not("x86_64,4,5"), "two different paging levels");
	IS_STR(why_not("i386,3g,1g"), "two different splits");
	IS_STR(why_not("i386,3g_opt,pae"), "there is no such split with PAE");
	IS_STR(why_not("arm,3g_opt,lpae"), "there is no such split with LPAE");
	IS_STR(why_not("arm64,36,4k"),
	       "no 36-bit addresses with pages of 4 KiB in v6.18: 39, 48, 52");
	IS_STR(why_not("arm64,52,4k,v6.8"),
	       "no 52-bit addresses with pages of 4 KiB in v6.8: 39, 48");
	IS_STR(why_not("arm64,v4.5"), "arm64 before v4.6 is not known");
	IS_STR(why_not("riscv64,v5"), "'v5' is not a version: v5.10");
	IS_STR(why_not("riscv64,v5.13x"), "'v5.13x' is not a version: v5.10");
	IS_STR(why_not("riscv64,v99999999999999999999.1"),
	       "'v99999999999999999999.1' is not a version: v5.10");
	/* the same twice is no contradiction, nor are empty words */
	IS_STR(why_not("x86_64,4,,4,"), "");
}

/** A region of the kernel half by its name; NULL if there is none. */
static const struct region *find(const struct space *s, const char *name)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (!strcmp(s->regions[i].name, name))
			return &s->regions[i];
	return NULL;
}

static void draw(const char *text, struct space *s)
{
	struct kvariant v;
	char *why = NULL;

	OK(variant_parse(text, &v, &why));
	free(why);
	space_init(s);
	variant_layout(&v, s);
}

static void test_all(void)
{
	struct kvariant v;
	struct space s;
	size_t n;

	for (n = 0; variant_nth(n, &v); n++) {
		unsigned surer = 0;
		char *name = variant_name(&v, false);

		space_init(&s);
		variant_layout(&v, &s);
		OK(s.nregions > 5);
		OK(sound(&s));
		for (size_t i = 0; i < s.nregions; i++)
			surer += s.regions[i].conf < CONF_DEFAULT;
		IS(surer, 0);
		IS(s.nnotes, 0);
		IS(s.user_conf, CONF_DEFAULT);
		OK(s.host.documented);
		OK(s.user.last < s.kernel.first);
		IS_STR(name_of(name) + strlen(name), ",v6.18");
		free(name);
		space_release(&s);
	}
	IS(n, 30);
}

#define IS_AT(s, name, f, l)                                                                       \
	do {                                                                                       \
		const struct region *r_ = find(s, name);                                           \
		if (OK(r_)) {                                                                      \
			IS(r_->first, UINT64_C(f));                                                \
			IS(r_->last, UINT64_C(l));                                                 \
			IS(r_->conf, CONF_DEFAULT);                                                \
		}                                                                                  \
	} while (0)

/* Documentation/arch/x86/x86_64/mm.rst, both tables. */
static void test_x86_64(void)
{
	struct space s;

	draw("x86_64", &s);
	IS(s.user.last, UINT64_C(0x7fffffffefff));
	IS(s.kernel.first, UINT64_C(0xffff800000000000));
	IS_AT(&s, "LDT remap", 0xffff880000000000, 0xffff887fffffffff);
	IS_AT(&s, "direct map of RAM", 0xffff888000000000, 0xffffc87fffffffff);
	IS_AT(&s, "vmalloc", 0xffffc90000000000, 0xffffe8ffffffffff);
	IS_AT(&s, "vmemmap", 0xffffea0000000000, 0xffffeaffffffffff);
	IS_AT(&s, "KASAN shadow", 0xffffec0000000000, 0xfffffbffffffffff);
	IS_AT(&s, "kernel image", 0xffffffff80000000, 0xffffffff9fffffff);
	IS_AT(&s, "modules", 0xffffffffa0000000, 0xfffffffffeffffff);
	space_release(&s);
	draw("x86_64,5", &s);
	IS(s.user.last, UINT64_C(0xffffffffffefff));
	IS_AT(&s, "direct map of RAM", 0xff11000000000000, 0xff90ffffffffffff);
	IS_AT(&s, "vmalloc", 0xffa0000000000000, 0xffd1ffffffffffff);
	IS_AT(&s, "vmemmap", 0xffd4000000000000, 0xffd5ffffffffffff);
	space_release(&s);
	/* before the LDT remap moved below it */
	draw("x86_64,v4.15", &s);
	IS_AT(&s, "direct map of RAM", 0xffff880000000000, 0xffffc7ffffffffff);
	space_release(&s);
}

static void test_versions(void)
{
	struct space s;

	draw("arm64,39,v4.19", &s);
	IS_AT(&s, "linear map of RAM", 0xffffffc000000000, 0xffffffffffffffff);
	IS_AT(&s, "modules", 0xffffff8000000000, 0xffffff8007ffffff);
	space_release(&s);
	draw("arm64,39,v5.4", &s);
	IS_AT(&s, "linear map of RAM", 0xffffff8000000000, 0xffffffbfffffffff);
	IS_AT(&s, "BPF JIT code", 0xffffffc000000000, 0xffffffc007ffffff);
	space_release(&s);
	/* Documentation/arch/riscv/vm-layout.rst */
	draw("riscv64,sv39", &s);
	IS(s.user.last, UINT64_C(0x3fffffffff));
	IS_AT(&s, "fixmap", 0xffffffc4fea00000, 0xffffffc4feffffff);
	IS_AT(&s, "PCI I/O", 0xffffffc4ff000000, 0xffffffc4ffffffff);
	IS_AT(&s, "vmemmap", 0xffffffc500000000, 0xffffffc5ffffffff);
	IS_AT(&s, "vmalloc", 0xffffffc600000000, 0xffffffd5ffffffff);
	IS_AT(&s, "linear map of RAM", 0xffffffd600000000, 0xfffffff5ffffffff);
	IS_AT(&s, "KASAN shadow", 0xfffffff700000000, 0xfffffffeffffffff);
	IS_AT(&s, "modules", 0xffffffff00000000, 0xffffffff7fffffff);
	space_release(&s);
	draw("riscv64,sv39,v6.1", &s);
	IS_AT(&s, "vmalloc", 0xffffffc800000000, 0xffffffd7ffffffff);
	space_release(&s);
	draw("riscv64,sv57", &s);
	IS_AT(&s, "vmemmap", 0xff1c000000000000, 0xff1fffffffffffff);
	IS_AT(&s, "linear map of RAM", 0xff60000000000000, 0xffdeffffffffffff);
	IS_AT(&s, "KASAN shadow", 0xffdf000000000000, 0xfffffffeffffffff);
	space_release(&s);
}

int main(void)
{
	char *words = variant_words(3);

	test_words();
	test_complaints();
	test_all();
	test_x86_64();
	test_versions();
	IS_STR(words, "arm: 3g, 3g_opt, 2g or 1g; lpae or nolpae; highmem or nohighmem; v4.9 or"
		      " later");
	free(words);
	OK(!variant_words(5));
	return tap_done();
}
