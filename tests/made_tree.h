/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A recorded tree for one test: made file by file in a folder of its own, removed at the end.
 */
#ifndef PROCMAP_MADE_TREE_H
#define PROCMAP_MADE_TREE_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char made_tree[64];

static inline void made_tree_fail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

/** Makes the folders that lead to made_tree/path, and returns the whole path (one at a time). */
static inline const char *made_tree_path(const char *path)
{
	static char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s/%s", made_tree, path);
	for (char *p = full + strlen(made_tree) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(full, 0700) && errno != EEXIST)
			made_tree_fail(full);
		*p = '/';
	}
	return full;
}

static inline void made_tree_bytes(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(made_tree_path(path), "wb");

	if (!f || fwrite(bytes, 1, len, f) != len || fclose(f))
		made_tree_fail(path);
}

static inline void made_tree_text(const char *path, const char *text)
{
	made_tree_bytes(path, text, strlen(text));
}

static inline void made_tree_link(const char *path, const char *target)
{
	if (symlink(target, made_tree_path(path)))
		made_tree_fail(path);
}

/** A new empty tree of a machine. */
static inline void made_tree_new(const char *machine)
{
	char text[128];

	snprintf(made_tree, sizeof(made_tree), "/tmp/procmap-tree-XXXXXX");
	if (!mkdtemp(made_tree))
		made_tree_fail(made_tree);
	snprintf(text, sizeof(text), "format 1\nmachine %s\npage_size 4096\n", machine);
	made_tree_text("procmap-tree", text);
}

static inline void made_tree_remove(void)
{
	char cmd[96];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", made_tree);
	if (system(cmd))
		printf("# %s is left\n", made_tree);
}

#endif
