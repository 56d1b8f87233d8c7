/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel's log, and the layout of i386 and arm made of what it says. */
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

static void draw(const char *machine, const char *release, const struct kbootmsg *b)
{
	struct kfacts k = { .boot = *b };
	struct space s;

	space_init(&s);
	s.host.machine = xstrdup(machine);
	s.host.release = xstrdup(release);
	s.host.page_size = 4096;
	s.host.bits = 32;
	k.mem.vmalloc_total_kib = FIG(245760);
	k.mem.high_total = k.mem.total = FIG(0);
	k.config.page_offset = FIG(0xc0000000);
	kernel_layout(&k, &s);
	if (s.nregions)
		must(sound(&s));
	space_release(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* In memory of its own, so that a read past its end is caught. */
	char *text = xmemdupz((const char *)data, size);
	struct kbootmsg b;
	enum ksrc_state st = bootmsg_parse(text, size, &b);

	must((st == KSRC_READ) == (b.n > 0));
	for (size_t i = 0; i < b.n; i++) {
		struct range r;

		must(b.ranges[i].r.first <= b.ranges[i].r.last && *b.ranges[i].name);
		must(bootmsg_range(&b, b.ranges[i].name, &r));
	}
	draw("i686", "4.19.0", &b);
	draw("i686", "4.9.0", &b);
	draw("armv7l", "4.19.0", &b);
	draw("armv5tel", "3.16.0", &b);
	free(text);
	return 0;
}
