/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whole recorded trees, written as text: "@PATH" and the lines of the file up to the next "@", or
 * "@PATH>TARGET" for a symbolic link. Everything that reads a tree reads it; a file beside the tree
 * must never be seen by any of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/kernel.h"
#include "proc/ksrc.h"
#include "proc/pages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Most files of one tree. */
#define FILES_MAX 64

static const char secret[] = "the secret beside the tree";

static char base[64];
static int base_fd;

static void must(bool ok)
{
	if (!ok)
		abort();
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/** After each input: a fuzzer leaves without saying so. */
static void clean_up(void)
{
	nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	close(base_fd);
}

static void set_up(void)
{
	const char *tmp = getenv("TMPDIR");
	int fd;

	snprintf(base, sizeof(base), "%.40s/procmap-fuzz-XXXXXX", tmp ? tmp : "/tmp");
	must(mkdtemp(base) != NULL);
	base_fd = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(base_fd, "secret", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, secret, sizeof(secret)) == sizeof(secret));
	close(fd);
	must(!mkdirat(base_fd, "tree", 0700));
}

/** Letters of names that lead nowhere by themselves: this program must not leave the tree either.
 */
static bool is_plain_path(const char *path, size_t len)
{
	if (!len || len > 120 || path[0] == '/' || path[len - 1] == '/')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = path[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-' || c == '/' || c == '.'))
			return false;
		if (c == '.' && (!i || path[i - 1] == '/' || path[i - 1] == '.'))
			return false;
		if (c == '/' && path[i - 1] == '/')
			return false;
	}
	return true;
}

/**
 * The folder below the tree where `path` goes, made on the way; its last component in *name. Each
 * step refuses links: those made before must not lead this program out of the tree.
 */
static int folder_of(const char *path, const char **name)
{
	int dir = openat(base_fd, "tree", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	const char *slash;

	for (; dir >= 0 && (slash = strchr(path, '/')); path = slash + 1) {
		char step[128];
		int next;

		snprintf(step, sizeof(step), "%.*s", (int)(slash - path), path);
		mkdirat(dir, step, 0700);
		next = openat(dir, step, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(dir);
		dir = next;
	}
	*name = path;
	return dir;
}

struct entry {
	char path[128];
	const char *text;
	size_t len;
	bool link;
};

static void make(const struct entry *e)
{
	const char *name;
	int fd, dir = folder_of(e->path, &name);
	char target[256];

	if (dir < 0)
		return;
	if (e->link) {
		snprintf(target, sizeof(target), "%.*s", (int)MIN(e->len, (size_t)255), e->text);
		if (symlinkat(target, dir, name))
			errno = 0;
	} else {
		fd = openat(dir, name, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (fd >= 0) {
			must(write(fd, e->text, e->len) == (ssize_t)e->len);
			close(fd);
		}
	}
	close(dir);
}

/** Splits the input; returns how many files and links it names. */
static size_t split(const char *text, size_t len, struct entry entries[FILES_MAX])
{
	const char *p = text, *end = text + len;
	size_t n = 0;

	while (p < end && n < FILES_MAX) {
		const char *nl = memchr(p, '\n', (size_t)(end - p)), *stop, *arrow;
		struct entry *e = &entries[n];
		size_t plen;

		if (*p != '@' || !nl)
			break;
		p++;
		arrow = memchr(p, '>', (size_t)(nl - p));
		plen = (size_t)((arrow ? arrow : nl) - p);
		stop = memmem(nl, (size_t)(end - nl), "\n@", 2);
		if (is_plain_path(p, plen)) {
			memcpy(e->path, p, plen);
			e->path[plen] = '\0';
			e->link = arrow != NULL;
			e->text = arrow ? arrow + 1 : nl + 1;
			e->len = arrow	? (size_t)(nl - arrow - 1)
				 : stop ? (size_t)(stop + 1 - e->text)
					: (size_t)(end - e->text);
			if (!arrow && stop == nl)
				e->len = 0;
			n++;
		}
		p = stop ? stop + 1 : end;
	}
	return n;
}

/** A process of the tree, all of it. */
static void read_process(struct root *r, pid_t pid)
{
	struct piddir *d;
	struct space s;
	pid_t tgid;

	if (piddir_open(r, pid, &d, &tgid))
		return;
	space_init(&s);
	root_host(r, &s);
	s.proc.pid = tgid;
	process_read(d, &s, true);
	if (smaps_read(d, &s))
		maps_read(d, &s);
	threads_read(d, &s, true);
	scan_read(d, &s);
	space_group(&s);
	surroundings_read(d, &s);
	space_classify(&s);
	for (size_t i = 1; i < s.nvmas; i++)
		must(s.vmas[i - 1].last < s.vmas[i].first);
	/* Every string that was read passes through here. */
	must(!memmem(s.names.bytes, s.names.len, secret, sizeof(secret) - 1));
	space_release(&s);
	piddir_close(d);
}

static void read_kernel(struct root *r)
{
	struct kfacts facts;
	struct space s;

	space_init(&s);
	root_host(r, &s);
	ksrc_read(r, &s, KSRC_ALL_SYMBOLS, &facts);
	kernel_layout(&facts, &s);
	kfacts_release(&facts);
	must(!memmem(s.names.bytes, s.names.len, secret, sizeof(secret) - 1));
	space_release(&s);
}

static void read_paths(struct root *r, const struct entry *entries, size_t n)
{
	struct buf text = { 0 };
	char **names;
	size_t count;

	for (size_t i = 0; i < n; i++) {
		if (!root_slurp(r, entries[i].path, ROOT_CAP_NONE, &text))
			must(!memmem(text.p, text.len, secret, sizeof(secret) - 1));
		root_readlink(r, entries[i].path, &text);
		root_number(r, entries[i].path);
		if (!root_list(r, entries[i].path, ROOT_CAP_NONE, &names, &count)) {
			for (size_t k = 0; k < count; k++)
				must(strcmp(names[k], "secret"));
			names_free(names, count);
		}
	}
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct entry entries[FILES_MAX];
	struct root *r;
	char path[80];
	size_t n;

	/* An input that holds the secret itself (fuzzers learn from comparisons) proves nothing. */
	if (memmem(data, size, secret, sizeof(secret) - 1))
		return 0;
	set_up();
	n = split((const char *)data, size, entries);
	for (unsigned links = 0; links < 2; links++)
		for (size_t i = 0; i < n; i++)
			if (entries[i].link == (links == 1))
				make(&entries[i]);
	snprintf(path, sizeof(path), "%s/tree", base);
	if (!root_tree(path, &r)) {
		read_paths(r, entries, n);
		read_process(r, 42);
		read_process(r, 43);
		read_kernel(r);
		root_free(r);
	}
	clean_up();
	return 0;
}
