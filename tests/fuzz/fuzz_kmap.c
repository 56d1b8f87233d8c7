/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What lies inside the kernel half, as hostile as it comes: vmallocinfo, a byte 1, /proc/modules.
 * All of it is grouped, put into the regions of a layout without KASLR, and drawn.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "kernel_sound.h"
#include "model/kmap.h"
#include "render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void host(struct space *s, bool old)
{
	space_init(s);
	s->host.machine = xstrdup("x86_64");
	s->host.release = xstrdup(old ? "6.1.0" : "6.18.0");
	s->host.page_size = 4096;
	s->host.bits = 64;
	s->kmap = kmap_new();
}

static void sums_agree(const struct kmap *m)
{
	struct karea_sum all = { 0 };
	u64 n = 0;

	for (size_t i = 0; i < m->ngroups; i++) {
		must(!i || m->groups[i].first != m->groups[i - 1].first);
		must(m->groups[i].n == m->groups[i].sum.count);
		n += m->groups[i].n;
		if (m->groups[i].kind == KAREA_UNPURGED)
			continue;
		all.count += m->groups[i].sum.count;
		all.bytes += m->groups[i].sum.bytes;
		all.pages += m->groups[i].sum.pages;
	}
	must(n == m->nareas && all.count == m->all.count && all.bytes == m->all.bytes &&
	     all.pages == m->all.pages);
	for (size_t i = 0; i < m->nareas; i++)
		must(m->area_addr == KADDR_REAL || !m->areas[i].first);
}

static void draw(const struct space *s, unsigned width, bool ascii)
{
	struct view_opts v = { .width = width, .ascii = ascii, .bytes = ascii, .verbose = ascii };
	static int fd = -1;
	struct out o;

	if (fd < 0)
		fd = open("/dev/null", O_WRONLY);
	v.kernel = true;
	v.limit = RANGE_ALL;
	v.version = "0";
	out_init(&o, fd);
	render_map(s, &v, &o);
	render_vmalloc(s, &v, &o);
	out_end(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *cut = size ? memchr(data, 1, size) : NULL;
	size_t first = cut ? (size_t)(cut - text) : size, second = cut ? size - first - 1 : 0;
	struct kfacts k = { .user_only = false };
	struct space s;

	host(&s, size & 1);
	k.mem.vmalloc_total_kib = FIG(UINT64_C(34359738367));
	k.cpu.la57 = k.cpu.pti = k.cpu.nx = FIG(0);
	k.loadflags = FIG(0);
	k.status[KSRC_VMALLOCINFO].state = vmallocinfo_parse(text, first, &k.vmalloc);
	vmallocinfo_list(text, first, k.status[KSRC_VMALLOCINFO].state, &s);
	if (cut) {
		k.status[KSRC_MODULES].state = modules_parse(cut + 1, second, &k.modules);
		modules_list(cut + 1, second, k.status[KSRC_MODULES].state, &s);
	}
	kernel_layout(&k, &s);
	must(sound(&s));
	kernel_inside(&k, &s, size & 2);
	must(sound(&s));
	sums_agree(s.kmap);
	draw(&s, 40, false);
	draw(&s, 100, true);
	kfacts_release(&k);
	space_release(&s);
	return 0;
}
