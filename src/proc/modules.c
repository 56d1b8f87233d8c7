/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Modules: /proc/modules, a line each; and what /sys/module says of one: its sizes and where each
 * of its sections lies.
 */
#include "ksrc.h"

#include <stdlib.h>
#include <string.h>

#include "../model/kmap.h"
#include "pid_parse.h"

/** Most sections of a module that are looked at; a kernel makes about 40. */
#define SECTIONS_MAX 1024

/** "name size refs deps state 0xaddress [taints]" (kernel/module/procfs.c, m_show()). */
struct module_line {
	struct slice name, refs, users, state, taints;
	u64 size, addr;
};

/** The next word of a line, which the end of the line may end. */
static bool line_word(const char **p, const char *end, struct slice *ret)
{
	skip_blanks(p, end);
	ret->p = *p;
	while (*p < end && **p != ' ' && **p != '\t')
		(*p)++;
	ret->len = (size_t)(*p - ret->p);
	return ret->len > 0;
}

static bool whole_dec(struct slice w, u64 *ret)
{
	const char *p = w.p;

	return parse_dec(&p, w.p + w.len, ret) && p == w.p + w.len;
}

static bool module_line_parse(struct slice line, struct module_line *ret)
{
	const char *p = line.p, *end = line.p + line.len;
	struct slice size, addr;

	if (!line_word(&p, end, &ret->name) || !line_word(&p, end, &size) ||
	    !line_word(&p, end, &ret->refs) || !line_word(&p, end, &ret->users) ||
	    !line_word(&p, end, &ret->state) || !line_word(&p, end, &addr) ||
	    !whole_dec(size, &ret->size) || addr.len < 3 || memcmp(addr.p, "0x", 2))
		return false;
	if (!line_word(&p, end, &ret->taints))
		ret->taints = (struct slice){ p, 0 };
	p = addr.p + 2;
	return parse_hex(&p, addr.p + addr.len, &ret->addr) && p == addr.p + addr.len;
}

enum ksrc_state modules_parse(const char *text, size_t len, struct kmodules *ret)
{
	const char *p = text, *end = text + len;
	bool zeros = false, bad = false;
	struct slice line;

	*ret = (struct kmodules){ .lowest = UINT64_MAX };
	while (next_line(&p, end, &line)) {
		struct module_line l;

		if (!module_line_parse(line, &l)) {
			bad = true;
			continue;
		}
		ret->count++;
		ret->bytes += l.size;
		zeros |= !l.addr;
		ret->lowest = MIN(ret->lowest, l.addr);
	}
	if (!ret->count && bad)
		return KSRC_DAMAGED;
	return zeros ? KSRC_ZEROS : KSRC_READ;
}

/* --- every module ------------------------------------------------------------------------------
 */

static enum kmodule_state state_of(struct slice w)
{
	if (slice_is(w, "Live"))
		return KMODULE_LIVE;
	if (slice_is(w, "Loading"))
		return KMODULE_LOADING;
	if (slice_is(w, "Unloading"))
		return KMODULE_UNLOADING;
	return KMODULE_UNKNOWN;
}

/** "jbd2,mbcache," less the comma at its end; "-" is none. */
static u32 users_of(struct slice w, struct space *s)
{
	if (slice_is(w, "-"))
		return 0;
	if (w.p[w.len - 1] == ',')
		w.len--;
	return strtab_add(&s->names, w.p, w.len);
}

/** "(OE)" without its parentheses; the + and - of one that comes or goes are its state. */
static u32 taints_of(struct slice w, struct space *s)
{
	if (w.len < 3 || w.p[0] != '(' || w.p[w.len - 1] != ')')
		return 0;
	w = (struct slice){ w.p + 1, w.len - 2 };
	while (w.len && (w.p[w.len - 1] == '+' || w.p[w.len - 1] == '-'))
		w.len--;
	return strtab_add(&s->names, w.p, w.len);
}

void modules_list(const char *text, size_t len, enum ksrc_state st, struct space *s)
{
	const char *p = text, *end = text + len;
	struct kmap *m = s->kmap;
	struct slice line;

	m->module_addr = st == KSRC_READ ? KADDR_REAL : st == KSRC_ZEROS ? KADDR_ZEROS : KADDR_NONE;
	while (next_line(&p, end, &line)) {
		struct module_line l;
		struct kmodule *mod;
		u64 refs;

		if (!module_line_parse(line, &l))
			continue;
		m->module_bytes += l.size;
		mod = kmap_add_module(m);
		if (!mod)
			continue;
		mod->name = xmemdupz(l.name.p, l.name.len);
		mod->size = l.size;
		if (whole_dec(l.refs, &refs))
			mod->refs = FIG(refs);
		mod->users = users_of(l.users, s);
		mod->taints = taints_of(l.taints, s);
		mod->state = (u8)state_of(l.state);
		mod->addr = st == KSRC_READ ? l.addr : 0;
	}
}

/* --- /sys/module ------------------------------------------------------------------------------ */

/** A file of one number: "0xffffffffc0a3b000\n" or "12288\n". */
static struct fig sys_number(struct root *r, const char *path, struct buf *b)
{
	const char *p, *end;
	u64 v;
	bool ok;

	if (root_slurp(r, path, ROOT_CAP_SYSLOG, b))
		return (struct fig){ 0 };
	p = b->p;
	end = p + b->len;
	if (b->len > 2 && !memcmp(p, "0x", 2)) {
		p += 2;
		ok = parse_hex(&p, end, &v);
	} else {
		ok = parse_dec(&p, end, &v);
	}
	return ok && (p == end || *p == '\n') ? FIG(v) : (struct fig){ 0 };
}

static void read_sections(struct root *r, struct space *s, struct kmodule *mod, struct buf *b)
{
	char *dir = xasprintf("sys/module/%s/sections", mod->name);
	char **names = NULL;
	size_t n = 0;

	if (root_list(r, dir, ROOT_CAP_DAC, &names, &n))
		n = 0;
	for (size_t i = 0; i < n && i < SECTIONS_MAX; i++) {
		char *path = xasprintf("%s/%s", dir, names[i]);
		struct fig addr = sys_number(r, path, b);

		/* Hidden as the module's own address is; the init part is 0 once it is freed. */
		if (addr.have && addr.v)
			kmodule_add_section(mod, strtab_add(&s->names, names[i], strlen(names[i])),
					    addr.v);
		free(path);
	}
	names_free(names, n);
	free(dir);
}

void module_read_details(struct root *r, struct space *s, struct kmodule *mod)
{
	const struct {
		const char *file;
		struct fig *fig;
	} sizes[] = { { "coresize", &mod->coresize }, { "initsize", &mod->initsize } };
	struct buf b = { 0 };

	/* The name of a file in sysfs; a made-up one leads nowhere else. */
	if (strchr(mod->name, '/') || mod->name[0] == '.')
		return;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *path = xasprintf("sys/module/%s/%s", mod->name, sizes[i].file);

		*sizes[i].fig = sys_number(r, path, &b);
		free(path);
	}
	read_sections(r, s, mod, &b);
	buf_release(&b);
}
