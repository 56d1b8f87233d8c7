/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's configuration: /proc/config.gz is that of the running kernel, /boot/config-* plain.
 */
#include "ksrc.h"

#include <errno.h>
#include <string.h>

#include "pid_parse.h"

#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

/** An uncompressed configuration has about 300 KiB; a crafted one must not fill memory. */
#define CONFIG_MAX (8 * MIB)

struct option {
	const char *name; /**< without CONFIG_ */
	size_t at;	  /**< of its struct fig in struct kconfig */
	bool number;
};

#define SWITCH(name, field)                                                                        \
	{                                                                                          \
		name, offsetof(struct kconfig, field), false                                       \
	}
#define NUMBER(name, field)                                                                        \
	{                                                                                          \
		name, offsetof(struct kconfig, field), true                                        \
	}

static const struct option options[] = {
	SWITCH("RANDOMIZE_BASE", randomize_base),
	SWITCH("RANDOMIZE_MEMORY", randomize_memory),
	SWITCH("KASAN", kasan),
	SWITCH("KASAN_GENERIC", kasan_generic),
	SWITCH("KASAN_SW_TAGS", kasan_sw_tags),
	SWITCH("KASAN_HW_TAGS", kasan_hw_tags),
	SWITCH("MODULES", modules),
	SWITCH("X86_VSYSCALL_EMULATION", vsyscall_emulation),
	SWITCH("DEBUG_KMAP_LOCAL_FORCE_MAP", kmap_force_map),
	SWITCH("ZONE_DEVICE", zone_device),
	SWITCH("PCI_P2PDMA", pci_p2pdma),
	SWITCH("X86_ESPFIX64", espfix),
	SWITCH("SPARSEMEM_VMEMMAP", vmemmap),
	SWITCH("DEVICE_PRIVATE", device_private),
	SWITCH("MIGRATION", migration),
	SWITCH("MEMORY_FAILURE", memory_failure),
	SWITCH("PTE_MARKER", pte_marker),
	SWITCH("NO_PAGE_MAPCOUNT", no_page_mapcount),
	NUMBER("RANDOMIZE_MEMORY_PHYSICAL_PADDING", memory_padding),
	NUMBER("PHYSICAL_START", physical_start),
	NUMBER("PHYSICAL_ALIGN", physical_align),
	SWITCH("X86_PAE", x86_pae),
	SWITCH("ARM_LPAE", arm_lpae),
	SWITCH("HIGHMEM", highmem),
	SWITCH("THUMB2_KERNEL", thumb2),
	NUMBER("PAGE_OFFSET", page_offset),
	NUMBER("NR_CPUS", nr_cpus),
	NUMBER("KASAN_SHADOW_OFFSET", kasan_offset),
	NUMBER("ARM64_VA_BITS", arm64_va_bits),
};

static const struct option *option_of(struct slice name)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (slice_is(name, options[i].name))
			return &options[i];
	return NULL;
}

static void set(struct kconfig *c, const struct option *o, u64 v)
{
	*(struct fig *)(void *)((char *)c + o->at) = FIG(v);
}

static bool config_number(struct slice v, u64 *ret)
{
	const char *p = v.p, *end = p + v.len;

	if (v.len > 2 && !memcmp(p, "0x", 2)) {
		p += 2;
		return parse_hex(&p, end, ret) && p == end;
	}
	return parse_dec(&p, end, ret) && p == end;
}

void config_parse(const char *text, size_t len, struct kconfig *ret)
{
	const char *p = text, *end = text + len, *eq;
	struct slice line, rest;
	bool any = false;

	while (next_line(&p, end, &line)) {
		const struct option *o;
		u64 v;

		if (!slice_after(line, "CONFIG_", &rest))
			continue;
		any = true;
		eq = memchr(rest.p, '=', rest.len);
		if (!eq)
			continue;
		o = option_of((struct slice){ rest.p, (size_t)(eq - rest.p) });
		rest.len -= (size_t)(eq + 1 - rest.p);
		rest.p = eq + 1;
		if (!o)
			continue;
		if (o->number) {
			if (config_number(rest, &v))
				set(ret, o, v);
		} else if (slice_is(rest, "y") || slice_is(rest, "m")) {
			set(ret, o, 1);
		}
	}
	if (!any)
		return;
	/* "is not set", or not even offered because what it depends on is off. */
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		struct fig *f = (struct fig *)(void *)((char *)ret + options[i].at);

		if (!options[i].number && !f->have)
			*f = FIG(0);
	}
}

int config_gunzip(const char *gz, size_t len, struct buf *out)
{
#ifdef HAVE_ZLIB
	/* 16: a gzip header is expected. next_in lacks a const unless ZLIB_CONST is defined. */
	z_stream z = { .avail_in = (uInt)MIN(len, CONFIG_MAX) };
	size_t before = out->len;
	int err;

	memcpy(&z.next_in, &gz, sizeof(gz));
	if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
		return -ENOMEM;
	do {
		char *to = buf_reserve(out, 64 * KIB);

		z.next_out = (Bytef *)to;
		z.avail_out = 64 * KIB;
		err = inflate(&z, Z_NO_FLUSH);
		out->len += 64 * KIB - z.avail_out;
	} while (err == Z_OK && out->len - before < CONFIG_MAX);
	inflateEnd(&z);
	buf_reserve(out, 0)[0] = '\0';
	return err == Z_STREAM_END ? 0 : -EBADMSG;
#else
	(void)gz;
	(void)len;
	(void)out;
	return -ENOTSUP;
#endif
}
