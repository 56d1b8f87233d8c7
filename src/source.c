/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "source_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "elf/elf.h"
#include "kernel/kernel.h"
#include "proc/ksrc.h"
#include "proc/pages.h"
#include "proc/proc.h"

/** Most files whose ELF headers are looked into for one process. */
#define IMAGES_MAX 1024

/** Which of it the views read of a process and of the kernel; the map is told by its target. */
static const struct {
	bool pages_only; /**< maps will do: the view walks the pages itself; not with --filter */
	enum kernel_depth kernel;
} needs[VIEW_N] = {
	[VIEW_MAP] = { false, KERNEL_HALF },	       [VIEW_PAGES] = { true, KERNEL_LIMITS },
	[VIEW_PAGE_SUMMARY] = { true, KERNEL_LIMITS }, [VIEW_FRAMES] = { true, KERNEL_LIMITS },
	[VIEW_PTES] = { true, KERNEL_HALF },	       [VIEW_KERNEL_PTES] = { true, KERNEL_INSIDE },
	[VIEW_VMALLOC] = { true, KERNEL_INSIDE },      [VIEW_PHYS] = { true, KERNEL_LIMITS },
	[VIEW_SLAB] = { true, KERNEL_NOTHING },	       [VIEW_LAYOUT] = { true, KERNEL_NOTHING },
	[VIEW_EXPLAIN] = { true, KERNEL_INSIDE },
};

static bool pages_only(const struct source *src)
{
	return needs[src->o->view].pages_only && !src->o->filter;
}

static enum kernel_depth kernel_depth(const struct source *src)
{
	if (src->o->only_user)
		return KERNEL_LIMITS;
	if (src->o->view == VIEW_MAP && !src->dir)
		return KERNEL_INSIDE;
	return needs[src->o->view].kernel;
}

int source_open(const struct options *o, struct source **ret)
{
	struct source *src = xcalloc(1, sizeof(*src));
	int err = 0;

	src->o = o;
	if (o->root)
		err = root_tree(o->root, &src->root);
	else
		src->root = root_live();
	if (err) {
		free(src);
		return err;
	}
	*ret = src;
	return 0;
}

void source_let_go_kernel(struct source *src)
{
	kmem_close(src->kmem);
	src->kmem = NULL;
	kfacts_release(&src->facts);
}

void source_let_go(struct source *src)
{
	if (src->dir)
		piddir_close(src->dir);
	src->dir = NULL;
	source_let_go_kernel(src);
}

struct root *source_root(const struct source *src)
{
	return src->root;
}

struct piddir *source_dir(const struct source *src)
{
	return src->dir;
}

const struct kfacts *source_facts(const struct source *src)
{
	return &src->facts;
}

struct kmem *source_kmem(const struct source *src)
{
	return src->kmem;
}

void source_close(struct source *src)
{
	source_let_go(src);
	root_free(src->root);
	free(src);
}

/** --debug: one line a step, with what it cost. */
static void debug_step(const struct source *src, const char *what, u64 *since)
{
	u64 now = live_usec();

	if (src->o->debug)
		fprintf(stderr, "procmap: %-22s %8.3f ms\n", what, (double)(now - *since) / 1000);
	*since = now;
}

/* --- the user half --- */

int source_read_mappings(struct source *src, struct space *s, bool smaps)
{
	int err, no_smaps;

	if (!smaps || src->o->no_smaps || src->o->only_kernel)
		return maps_read(src->dir, s);
	no_smaps = smaps_read(src->dir, s);
	if (!no_smaps || no_smaps == -ESRCH || no_smaps == -ECANCELED)
		return no_smaps;
	err = maps_read(src->dir, s);
	if (!err)
		space_note(s, no_smaps == -ENOENT ? NOTE_ABSENT : NOTE_CLOSED, "smaps", -no_smaps,
			   NULL, "rss, pss and all it gives");
	return err;
}

void source_note_exit(struct space *s)
{
	space_note(s, NOTE_EXITED, "process", 0, NULL, "the process ended while it was read");
}

enum exit_status source_no_maps(const struct source *src, struct space *s, int err)
{
	bool refused = (err == -EACCES || err == -EPERM) && root_is_live(src->root);
	const char *cap = NULL;

	if (refused)
		cap = src->dir			      ? piddir_cap(src->dir, "maps")
		      : root_has_cap(ROOT_CAP_PTRACE) ? NULL
						      : root_cap_name(ROOT_CAP_PTRACE);
	s->no_user = USER_DENIED;
	s->user_err = -err;
	s->user_held = refused && !cap;
	space_note(s, err == -ENOENT ? NOTE_ABSENT : NOTE_CLOSED, "maps", -err, cap,
		   "the user half of this process");
	return STATUS_NO_MAPS;
}

/** What reading the mappings came to. What was read before an exit is still shown. */
static enum exit_status mappings_status(const struct source *src, struct space *s, int err)
{
	if (err == -ESRCH || !err) {
		if (err || !s->nvmas)
			source_note_exit(s);
		if (s->nvmas)
			return STATUS_OK;
		s->no_user = USER_GONE;
		return STATUS_NO_PROCESS;
	}
	return source_no_maps(src, s, err);
}

static enum exit_status read_user_half(struct source *src, struct space *s)
{
	enum exit_status status;
	u64 t = live_usec();
	int err;

	if (s->no_user == USER_ZOMBIE)
		return STATUS_NO_PROCESS;
	if (s->no_user != USER_HERE)
		return STATUS_OK;
	err = source_read_mappings(src, s, !pages_only(src));
	debug_step(src, "mappings", &t);
	if (src->o->only_kernel) {
		s->no_user = USER_NOT_ASKED;
		return STATUS_OK;
	}
	status = mappings_status(src, s, err);
	/* A page view walks the pages itself. */
	if (status != STATUS_OK || pages_only(src))
		return status;
	threads_read(src->dir, s, src->o->verbose);
	debug_step(src, "threads", &t);
	if (!src->o->no_pages)
		scan_read(src->dir, s);
	debug_step(src, "page scan", &t);
	if (src->o->verbose && !src->o->no_smaps)
		rollup_read(src->dir, s);
	return STATUS_OK;
}

/* --- ELF images --- */

static u32 find_image(const struct space *s, const struct vma *v)
{
	for (size_t i = 0; i < s->nimages; i++) {
		const struct image *img = &s->images[i];

		if (img->inode == v->inode && img->major == v->major && img->minor == v->minor)
			return (u32)i;
	}
	return NO_INDEX;
}

static bool says_deleted(const char *name)
{
	static const char suffix[] = " (deleted)";
	size_t len = strlen(name);

	return len >= sizeof(suffix) && !strcmp(name + len - (sizeof(suffix) - 1), suffix);
}

/** Looks at the file behind an object: what stands at its name now, and its ELF headers. */
static void read_image(struct source *src, struct space *s, struct object *obj, bool want_elf)
{
	const struct vma *v = &s->vmas[obj->vma];
	enum file_state state = FILE_UNCHECKED;
	struct image *img;
	int fd = -1, err;

	err = mapped_file_open(src->dir, v, strtab_get(&s->names, v->name), src->o->elf_policy,
			       &state, &fd);
	obj->file_state = (u8)state;
	if (want_elf) {
		img = space_add_image(s);
		img->inode = v->inode;
		img->major = v->major;
		img->minor = v->minor;
		img->err = err;
		obj->image = (u32)(s->nimages - 1);
		if (!err)
			image_read(fd, img);
	}
	if (fd >= 0)
		close(fd);
}

void source_read_images(struct source *src, struct space *s)
{
	bool limit = false;

	for (size_t i = 0; i < s->nobjects; i++) {
		struct object *obj = &s->objects[i];
		const struct vma *v = &s->vmas[obj->vma];
		bool elf = obj->kind == OBJ_EXE || obj->kind == OBJ_INTERP || obj->kind == OBJ_LIB;
		bool file = elf || obj->kind == OBJ_FILE;

		if (!v->inode || !file)
			continue;
		elf = elf && !src->o->elf_none;
		obj->image = elf ? find_image(s, v) : NO_INDEX;
		elf = elf && obj->image == NO_INDEX;
		limit |= elf && s->nimages == IMAGES_MAX;
		elf = elf && s->nimages < IMAGES_MAX;
		if (elf || says_deleted(strtab_get(&s->names, v->name)))
			read_image(src, s, obj, elf);
	}
	if (limit)
		space_note(s, NOTE_LIMIT, "ELF files", 0, NULL, "only the first %d looked into",
			   IMAGES_MAX);
}

/* --- the kernel half --- */

/** A second thread helps only where a second core is there. */
static unsigned jobs(const struct source *src)
{
	if (src->o->jobs)
		return src->o->jobs;
	return sysconf(_SC_NPROCESSORS_ONLN) > 1 ? 2 : 1;
}

int source_read_kernel(struct source *src, struct space *s, enum kernel_depth depth)
{
	unsigned flags = 0;
	int err = 0;

	source_let_go_kernel(src);
	if (depth == KERNEL_NOTHING)
		return 0;
	if (depth == KERNEL_LIMITS)
		flags |= KSRC_USER_ONLY;
	if (depth == KERNEL_INSIDE || src->o->verbose)
		flags |= KSRC_ALL_SYMBOLS;
	if (depth == KERNEL_INSIDE)
		flags |= KSRC_INSIDE | (src->o->verbose ? KSRC_SECTIONS : 0);
	/* Only where a figure is shown that is made of map counts: it takes 1 ms. */
	if (!src->o->no_smaps || src->o->tui || src->o->view != VIEW_MAP)
		flags |= KSRC_COUNTS;
	/* -u --bpf: the user half alone, and what its mm says. */
	if (src->o->bpf)
		flags |= KSRC_MEMORY;
	if (ksrc_read(src->root, s, flags, &src->facts) == -ECANCELED)
		return -ECANCELED;
	if (depth >= KERNEL_HALF || src->o->bpf)
		kmem_open(src->root, s, &src->facts, src->o->bpf ? KMEM_BPF : 0, &src->kmem);
	s->exact_sizes = src->o->bytes;
	kernel_layout(&src->facts, s);
	kernel_inside(&src->facts, s, src->o->verbose);
	if (src->o->view == VIEW_MAP && depth >= KERNEL_HALF &&
	    (depth == KERNEL_INSIDE || (src->kmem && (src->o->verbose || src->o->bpf))))
		err = source_apply_ptes(src, s);
	/* Takes a look at all of BTF, some 10 ms: only for who asked for more. */
	if (!err && src->kmem && src->dir &&
	    (src->o->bpf || src->o->verbose || src->o->view == VIEW_PTES))
		kmem_process(src->kmem, s);
	return err;
}

/* --- all of it --- */

bool source_same_identity(const struct identity *a, const struct identity *b)
{
	return a->start_ticks.have == b->start_ticks.have && a->start_ticks.v == b->start_ticks.v &&
	       a->exe_hash == b->exe_hash;
}

/** What only the map shows of a user half. */
static void read_details(struct source *src, struct space *s, u64 *t)
{
	source_read_images(src, s);
	debug_step(src, "ELF files", t);
	surroundings_read(src->dir, s);
	debug_step(src, "limits and cgroup", t);
}

/**
 * A process that looks as if it had ended has executed a program from a thread of its own if its
 * leader is alive: the mm that was held has gone, another has come.
 */
static bool still_lives(const struct source *src)
{
	struct identity now;

	return root_is_live(src->root) && !identity_read(src->dir, &now) && now.state != 'Z' &&
	       now.state != 'X';
}

void source_read_frames_of(struct source *src, struct space *s)
{
	if (s->kmap)
		kframes_read(src->root, s, src->o->verbose, jobs(src));
}

/** What only the picture of the kernel alone shows. */
static void read_frames(struct source *src, struct space *s, u64 *t)
{
	if (src->o->view != VIEW_MAP || !s->kmap)
		return;
	source_read_frames_of(src, s);
	debug_step(src, "frames", t);
}

/** One reading of everything; *changed if the process became another one meanwhile. */
static enum exit_status fill_once(struct source *src, struct space *s, bool *changed)
{
	struct identity before = { 0 }, after = { 0 };
	enum exit_status status = STATUS_OK;
	bool live = root_is_live(src->root);
	u64 t = live_usec();
	int err = 0;

	*changed = false;
	if (src->dir) {
		if (live)
			err = identity_read(src->dir, &before);
		if (!err)
			err = process_read(src->dir, s, src->o->environ_values);
		debug_step(src, "process", &t);
		if (err == -ESRCH)
			return STATUS_NO_PROCESS;
		status = err ? source_no_maps(src, s, err) : read_user_half(src, s);
		if (s->no_user == USER_GONE && still_lives(src)) {
			*changed = true;
			return status;
		}
		t = live_usec();
	} else {
		s->no_user = USER_NOT_ASKED;
	}
	source_read_kernel(src, s, kernel_depth(src));
	debug_step(src, "kernel half", &t);
	read_frames(src, s, &t);
	if (s->no_user == USER_HERE) {
		space_group(s);
		debug_step(src, "grouping", &t);
		if (!pages_only(src))
			read_details(src, s, &t);
		space_classify(s);
		debug_step(src, "classification", &t);
		if (live && identity_read(src->dir, &after))
			source_note_exit(s);
		else
			*changed = !source_same_identity(&before, &after);
	}
	return status;
}

enum exit_status source_fill(struct source *src, pid_t pid, struct space *s)
{
	enum exit_status status = STATUS_OK;
	bool changed = true;
	pid_t tgid = 0;
	int err;

	source_let_go(src);
	err = pid ? piddir_open(src->root, pid, &src->dir, &tgid) : 0;
	if (err == -ESRCH)
		return STATUS_NO_PROCESS;
	if (err) {
		/* Its directory is there and closed to us, as with hidepid=1. */
		root_host(src->root, s);
		s->proc.pid = s->proc.tid = pid;
		status = source_no_maps(src, s, err);
		source_read_kernel(src, s, kernel_depth(src));
		return status;
	}
	for (int i = 0; i < SOURCE_TRIES && changed; i++) {
		space_release(s);
		space_init(s);
		root_host(src->root, s);
		s->proc.pid = tgid;
		s->proc.tid = pid;
		status = fill_once(src, s, &changed);
	}
	if (changed)
		space_note(s, NOTE_CHANGED, "process", 0, NULL,
			   "it executed another program in each of %d readings", SOURCE_TRIES);
	return status;
}

/* --- pages --- */

int source_walk_pages(struct source *src, struct space *s, struct range r, unsigned want,
		      page_walk_fn *fn, void *ctx)
{
	struct walk_opts o = { .range = r, .want = want, .threads = jobs(src) };

	return page_walk(src->dir, s, &o, fn, ctx);
}

int source_walk_filtered(struct source *src, struct space *s, struct range r, unsigned want,
			 page_walk_fn *fn, void *ctx)
{
	struct walk_opts o = {
		.range = r, .filter = src->o->expr, .want = want, .threads = jobs(src)
	};

	return page_walk(src->dir, s, &o, fn, ctx);
}

int source_walk_frames(struct source *src, struct space *s, unsigned want, page_walk_fn *fn,
		       void *ctx)
{
	return frame_walk(src->root, s, want, jobs(src), fn, ctx);
}

int source_read_frames(struct source *src, struct space *s, const struct frame_part *parts,
		       size_t nparts, frame_run_fn *fn, void *ctx)
{
	return frame_read(src->root, s, parts, nparts, jobs(src), fn, ctx);
}

int source_places(struct source *src, struct space *s, struct places *ret)
{
	return places_read(src->root, s, ret);
}
