/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files behind source.h share: source.c reads a target once, source_refresh.c again and
 * again. Nobody else includes it.
 */
#ifndef PROCMAP_SOURCE_PARTS_H
#define PROCMAP_SOURCE_PARTS_H

#include "proc/ksrc.h"
#include "source.h"

struct source {
	const struct options *o;
	struct root *root;
	struct piddir *dir; /**< the process held, NULL for none */
	struct kfacts facts;
	struct kmem *kmem; /**< NULL: none */
	u32 page_size;	   /**< source_hold(): of the machine read */
};

/** How often a process that changes under our hands is read again. */
#define SOURCE_TRIES 3

/** How much is read of the kernel. */
enum kernel_depth {
	KERNEL_NOTHING,
	KERNEL_LIMITS, /**< what ends the user half */
	KERNEL_HALF,   /**< its regions */
	KERNEL_INSIDE, /**< and what lies in them */
};

/** Lets go of the process and of what was read of the kernel. */
void source_let_go(struct source *src);
/**
 * maps, or with `smaps` smaps unless the options forbid it. A kernel without smaps still has maps,
 * a tree may have either.
 */
int source_read_mappings(struct source *src, struct space *s, bool smaps);
/** The process ended while it was read; the same words wherever it is noticed. */
void source_note_exit(struct space *s);
/** A process that is there but does not let us see its mappings. */
enum exit_status source_no_maps(const struct source *src, struct space *s, int err);
/** Looks into the files of the objects; those that have an image already are left alone. */
void source_read_images(struct source *src, struct space *s);
/** Lets go of what was read of the kernel, and reads it: 0, or -ECANCELED amid it. */
int source_read_kernel(struct source *src, struct space *s, enum kernel_depth depth);
void source_let_go_kernel(struct source *src);
/** The frames of a kmap: a sample. */
void source_read_frames_of(struct source *src, struct space *s);

#endif
