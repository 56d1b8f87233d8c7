/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/iomem: where RAM and the kernel's own parts lie in physical memory. */
#include "ksrc.h"

#include <stdlib.h>
#include <string.h>

#include "pid_parse.h"

bool iomem_line(const char *p, const char *end, struct range *r, const char **name)
{
	skip_blanks(&p, end);
	if (!parse_hex(&p, end, &r->first) || p == end || *p++ != '-' ||
	    !parse_hex(&p, end, &r->last) || end - p < 3 || memcmp(p, " : ", 3))
		return false;
	*name = p + 3;
	return r->first <= r->last;
}

static void add_ram(struct kiomem *m, struct range r)
{
	if (m->nram == KIOMEM_MAX || (m->nram && r.first <= m->ram[m->nram - 1].last)) {
		m->dropped++;
		return;
	}
	GROW(m->ram, m->nram, m->cap_ram);
	m->ram[m->nram++] = r;
}

/** The first line of each name counts: a kexec'ed crash kernel lists its own, too, but later. */
static void add_part(struct kiomem *m, struct range r, struct slice name)
{
	const struct {
		const char *name;
		struct range *r;
		bool *have;
	} parts[] = {
		{ "Kernel code", &m->code, &m->have_code },
		{ "Kernel rodata", &m->rodata, &m->have_rodata },
		{ "Kernel data", &m->data, &m->have_data },
		{ "Kernel bss", &m->bss, &m->have_bss },
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (slice_is(name, parts[i].name) && !*parts[i].have) {
			*parts[i].r = r;
			*parts[i].have = true;
		}
	}
}

enum ksrc_state iomem_parse(const char *text, size_t len, struct kiomem *ret)
{
	static const char ram[] = "System RAM";
	const char *p = text, *end = text + len;
	struct slice line, name = { 0 };
	bool real = false, zeros = false;

	while (next_line(&p, end, &line)) {
		struct range r;

		if (!iomem_line(line.p, line.p + line.len, &r, &name.p))
			continue;
		name.len = (size_t)(line.p + line.len - name.p);
		/* Without CAP_SYS_ADMIN at open both ends read as zero (kernel/resource.c). */
		if (!r.last) {
			zeros = true;
			continue;
		}
		real = true;
		/* Hot-added memory of a driver is named "System RAM (kmem)" and lies deeper. */
		if (name.len >= sizeof(ram) - 1 && !memcmp(name.p, ram, sizeof(ram) - 1))
			add_ram(ret, r);
		else
			add_part(ret, r, name);
	}
	if (real)
		return KSRC_READ;
	return zeros ? KSRC_ZEROS : KSRC_DAMAGED;
}
