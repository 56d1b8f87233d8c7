/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A symbol by its name: each mapped file that is known to be ELF is asked for it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../elf/elf.h"
#include "parts.h"

/** The address of the symbol in one object. */
static bool find_in_object(struct source *src, const struct space *s, const struct object *o,
			   const char *name, u64 *addr, bool *global)
{
	const struct vma *v = &s->vmas[o->vma];
	enum file_state state;
	int fd, err;

	if (o->image >= s->nimages || o->bias_state != BIAS_KNOWN ||
	    mapped_file_open(source_dir(src), v, strtab_get(&s->names, v->name), FILE_POLICY_LOCAL,
			     &state, &fd))
		return false;
	err = image_symbol_named(fd, &s->images[o->image], name, addr, global);
	close(fd);
	if (err)
		return false;
	*addr += o->bias;
	return space_find_vma(s, *addr) != NO_INDEX;
}

void watch_symbol(struct source *src, struct snapshot *snap, const struct want *w,
		  const struct stopper *stop)
{
	const struct space *s = &snap->space;
	struct symbol_answer *ret = &snap->symbol;

	*ret = (struct symbol_answer){ .serial = w->symbol_serial };
	if (!elf_available())
		ret->refused = "built without libelf";
	else if (snap->state != SNAP_LIVE || !source_dir(src))
		ret->refused = "its files cannot be read any more";
	/* The lowest object is the executable, as a rule: its symbols come before all others. */
	for (size_t i = 0; i < s->nobjects && !ret->refused && !stop->stop(stop->ctx); i++) {
		bool global;
		u64 addr;

		if (!find_in_object(src, s, &s->objects[i], w->symbol, &addr, &global))
			continue;
		if (!ret->addr.have || global)
			ret->addr = FIG(addr);
		if (global)
			break;
	}
}
