/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hostile ELF file: its headers, then what the model makes of mappings that claim to hold it. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf/elf.h"
#include "model/roles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Stops the fuzzer where something was invented or a limit does not hold. */
static void must(bool ok)
{
	if (!ok)
		abort();
}

/** The input as a file; one file serves all inputs. */
static int file_of(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz-elf", MFD_CLOEXEC);
	must(fd >= 0 && !ftruncate(fd, 0) && pwrite(fd, data, size, 0) == (ssize_t)size);
	return fd;
}

static void check_image(const struct image *img, int err)
{
	size_t names = 0;

	must(img->err == err && err <= 0);
	must(img->nsections <= 4096 && img->nsegments <= 512);
	for (size_t i = 0; i < img->nsections; i++) {
		must(strlen(img->sections[i].name) <= 4096);
		names += strlen(img->sections[i].name);
	}
	must(names <= 256 * KIB);
	must(!img->interp || strlen(img->interp) < 4096);
	must(!img->soname || strlen(img->soname) < 4096);
	must(!img->build_id ||
	     (*img->build_id && strlen(img->build_id) <= 512 &&
	      strspn(img->build_id, "0123456789abcdef") == strlen(img->build_id)));
	must(!img->elf_class || img->elf_class == 32 || img->elf_class == 64);
}

/** Maps the segments as a loader would, as far as they rise; the last input byte spoils some. */
static void map_segments(struct space *s, const struct image *img, u8 spoil)
{
	u64 bias = 0x555555554000, next = 0;

	for (size_t i = 0; i < img->nsegments && s->nvmas < 12; i++) {
		const struct image_segment *g = &img->segments[i];
		u64 first = (bias + g->vaddr) & ~UINT64_C(4095);
		u64 last = (bias + g->vaddr + g->filesz) | 4095;
		struct vma *v;

		if (g->type != PT_LOAD || first < next || last <= first || last > UINT64_MAX / 2)
			continue;
		v = space_add_vma(s);
		v->first = first;
		v->last = last;
		v->offset = (g->offset & ~UINT64_C(4095)) + (i == (spoil & 7u) ? 4096 : 0);
		v->inode = i == (spoil >> 3 & 7u) ? 0 : 1;
		v->perms = (u8)((g->flags & PF_R ? PERM_R : 0) | (g->flags & PF_W ? PERM_W : 0) |
				(g->flags & PF_X ? PERM_X : 0));
		v->object = 0;
		next = last + 1;
	}
}

static void check_mapping(const struct space *s, const struct vma *v)
{
	const struct image_section *list[6], *sec;
	size_t n = vma_sections(s, v, list, ARRAY_SIZE(list)), index = 0;
	u64 offset = 0;

	must(n <= ARRAY_SIZE(list) && v->role < ROLE_NROLES);
	for (size_t i = 1; i < n; i++)
		must(list[i - 1]->addr <= list[i]->addr);
	if (vma_segment(s, v, &index))
		must(index < s->images[0].nsegments);
	sec = addr_section(s, v->last, &offset);
	must(!sec || offset < sec->size);
}

/** The symbol in the middle of each segment lies in it, and has a name. */
static void check_symbols(int fd, const struct image *img)
{
	for (size_t i = 0; i < img->nsegments && i < 8; i++) {
		const struct image_segment *g = &img->segments[i];
		struct range page = { g->vaddr, g->vaddr + 0xfff };
		u64 offset = 0, addr = 0, n = 0;
		char *name;

		if (page.last > page.first && !image_symbols_in(fd, img, page, &name, &addr, &n)) {
			must(name && *name && range_has(page, addr) && n && n <= 0x1000);
			free(name);
		}
		if (image_symbol(fd, img, g->vaddr + g->memsz / 2, &name, &offset))
			must(!name);
		else
			must(name && *name && strlen(name) <= 1024);
		free(name);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct space s;
	struct image *img;
	struct object *o;
	int fd = file_of(data, size);

	space_init(&s);
	s.host.page_size = 4096;
	img = space_add_image(&s);
	check_image(img, image_read(fd, img));
	check_symbols(fd, img);
	map_segments(&s, img, size ? data[size - 1] : 0);
	o = space_add_object(&s);
	o->nvmas = (u32)s.nvmas;
	o->image = 0;
	o->kind = OBJ_LIB;
	for (int pass = 0; pass < 2; pass++) { /* the bias computed anew, then kept */
		for (size_t i = 0; i < s.nvmas; i++)
			check_mapping(&s, &s.vmas[i]);
		roles_assign(&s, o);
	}
	object_missing_relro(&s, o);
	object_relro_writable(&s, o, NULL);
	space_release(&s);
	return 0;
}
