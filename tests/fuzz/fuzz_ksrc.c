/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel says of itself, as hostile as it comes. The input is texts with a byte 1 between
 * them, one for each parser in turn; the layout made of what they found must be sound.
 */
#include <stdlib.h>
#include <string.h>

#include "kernel/arch.h"
#include "kernel_sound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void feed_meminfo(const char *text, size_t len, struct kfacts *k)
{
	meminfo_parse(text, len, &k->mem);
	must(!k->mem.total.have || !(k->mem.total.v & 1023));
}

static void feed_cpuinfo(const char *text, size_t len, struct kfacts *k)
{
	struct kcpu other;

	cpuinfo_parse(text, len, false, &other);
	cpuinfo_parse(text, len, true, &k->cpu);
	must(k->cpu.la57.have == k->cpu.nx.have);
}

static void feed_cmdline(const char *text, size_t len, struct kfacts *k)
{
	cmdline_parse(text, len, &k->cmdline);
	k->status[KSRC_CMDLINE].state = KSRC_READ;
	k->lockdown = lockdown_parse(text, len);
	k->mem.cpus = cpulist_parse(text, len);
}

static void feed_iomem(const char *text, size_t len, struct kfacts *k)
{
	struct kiomem *m = &k->iomem;

	k->status[KSRC_IOMEM].state = iomem_parse(text, len, m);
	must(k->status[KSRC_IOMEM].state == KSRC_READ || (!m->nram && !m->have_code));
	for (size_t i = 0; i < m->nram; i++) {
		must(m->ram[i].first <= m->ram[i].last);
		must(!i || m->ram[i - 1].last < m->ram[i].first);
	}
}

static void feed_vmallocinfo(const char *text, size_t len, struct kfacts *k)
{
	enum ksrc_state st = vmallocinfo_parse(text, len, &k->vmalloc);

	k->status[KSRC_VMALLOCINFO].state = st;
	must(st == KSRC_READ ? k->vmalloc.nareas > 0 : k->vmalloc.nareas == 0);
	for (size_t i = 0; i < k->vmalloc.nareas; i++)
		must(k->vmalloc.areas[i].first <= k->vmalloc.areas[i].last);
}

static void feed_modules(const char *text, size_t len, struct kfacts *k)
{
	k->status[KSRC_MODULES].state = modules_parse(text, len, &k->modules);
}

/** Whatever the cuts: the same result. */
static void feed_kallsyms(const char *text, size_t len, struct kfacts *k)
{
	struct kallsyms *p = xmalloc(sizeof(*p));
	struct ksyms whole;
	enum ksrc_state st;

	kallsyms_init(p, len & 1, &whole);
	kallsyms_feed(p, text, len);
	st = kallsyms_end(p);
	kallsyms_init(p, len & 1, &k->syms);
	for (size_t i = 0; i < len; i += 13)
		kallsyms_feed(p, text + i, MIN(13, len - i));
	k->status[KSRC_KALLSYMS].state = kallsyms_end(p);
	/* A line too long for the carry is dropped only when it was cut. */
	for (size_t i = 0, n = 0; i < len; i++) {
		n = text[i] == '\n' ? 0 : n + 1;
		if (n > sizeof(p->carry))
			st = k->status[KSRC_KALLSYMS].state;
	}
	must(st == k->status[KSRC_KALLSYMS].state);
	must(st == KSRC_READ || (!k->syms.text.have && !k->syms.stext.have) || st == KSRC_DAMAGED);
	free(p);
}

static void feed_config(const char *text, size_t len, struct kfacts *k)
{
	struct buf out = { 0 };

	config_parse(text, len, &k->config);
	config_gunzip(text, len, &out);
	must(out.len < 16 * MIB);
	buf_release(&out);
}

static void feed_zoneinfo(const char *text, size_t len, struct kfacts *k)
{
	zoneinfo_parse(text, len, 4096, &k->mem);
	must(!k->mem.low_end.have || k->mem.low_end.v <= k->mem.zone_end.v);
	must(!k->mem.zone_end.have || k->mem.zone_start.v < k->mem.zone_end.v);
}

/** Lines of "vaddr size paddr" stand for the segments of kcore. */
static void feed_segments(const char *text, size_t len, struct kfacts *k)
{
	const char *p = text, *end = text + len;
	u64 v[3];

	while (p < end) {
		int n = 0;

		while (n < 3 && parse_hex(&p, end, &v[n])) {
			skip_blanks(&p, end);
			n++;
		}
		if (n == 3 && v[1] && v[0] + (v[1] - 1) >= v[0]) {
			struct kcore *c = &k->kcore;

			c->segments =
				xreallocarray(c->segments, c->nsegments + 1, sizeof(*c->segments));
			c->segments[c->nsegments++] = (struct kcore_segment){ v[0], v[1], v[2], 0 };
		}
		while (p < end && *p++ != '\n')
			;
	}
}

static void feed_vmcoreinfo(const char *text, size_t len, struct kfacts *k)
{
	u64 pa, size;
	char *note = vmcoreinfo_note((const u8 *)text, len, len & 1);

	must(!note || strlen(note) < len);
	free(note);
	must(!vmcoreinfo_place(text, len, &pa, &size) || size);
	k->kcore.vmcoreinfo = xmemdupz(text, strnlen(text, len));
}

/** "loadflags=83 page=40 cea=3b000 vsyscall=1ff permanent=284 end=600 release=6.18 machine=x86_64"
 */
static void feed_numbers(const char *text, size_t len, struct kfacts *k)
{
	struct fig *to[] = { &k->loadflags,
			     &k->btf.page_size,
			     &k->btf.cpu_entry_area_size,
			     &k->btf.fix_vsyscall,
			     &k->btf.fix_permanent_end,
			     &k->btf.fix_end,
			     &k->kptr_restrict,
			     &k->efi,
			     &k->memory.direct,
			     &k->memory.vmalloc,
			     &k->memory.vmemmap,
			     &k->memory.phys_base,
			     &k->memory.memstart,
			     &k->memory.vabits,
			     &k->memory.high_memory };
	const char *p = text, *end = text + len;

	for (size_t i = 0; i < ARRAY_SIZE(to) && p < end; i++) {
		if (parse_hex(&p, end, &to[i]->v))
			to[i]->have = true;
		p++;
		/* All that stands behind the eighth was read from memory. */
		if (i == 8)
			k->memory.source = "bpf";
	}
}

static void (*const feeds[])(const char *text, size_t len, struct kfacts *k) = {
	feed_meminfo,  feed_cpuinfo, feed_cmdline,  feed_iomem,	   feed_vmallocinfo, feed_modules,
	feed_kallsyms, feed_config,  feed_zoneinfo, feed_segments, feed_vmcoreinfo,  feed_numbers,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const machines[] = { "x86_64", "aarch64", "i686", "armv7l", "riscv64" };
	static const char *const releases[] = { "6.18.44", "6.1.0", "4.18.0", "6.19.0" };
	const char *p, *end;
	struct kfacts k = { 0 };
	struct space s;
	char *text;

	if (!size)
		return 0;
	text = xmemdupz((const char *)data + 1, size - 1);
	space_init(&s);
	s.host.machine = xstrdup(machines[data[0] % ARRAY_SIZE(machines)]);
	s.host.release = xstrdup(releases[data[0] / 8 % ARRAY_SIZE(releases)]);
	s.host.page_size = data[0] & 128 ? 65536 : 4096;
	s.proc.bits = data[0] & 64 ? 32 : 64;
	p = text;
	end = text + size - 1;
	for (size_t i = 0; i < ARRAY_SIZE(feeds) && p < end; i++) {
		const char *stop = memchr(p, 1, (size_t)(end - p));

		/* In memory of its own, so that a read past its end is caught. */
		char *piece = xmemdupz(p, (size_t)((stop ? stop : end) - p));

		feeds[i](piece, (size_t)((stop ? stop : end) - p), &k);
		free(piece);
		p = stop ? stop + 1 : end;
	}
	kernel_layout(&k, &s);
	if (s.nregions)
		must(sound(&s));
	must(s.user.first == 0);
	kfacts_release(&k);
	space_release(&s);
	free(text);
	return 0;
}
