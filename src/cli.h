/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The command line: ONE table of options, from which parsing and --help are made and which the
 * man page and the completions are tested against.
 */
#ifndef PROCMAP_CLI_H
#define PROCMAP_CLI_H

#include <stdio.h>
#include <sys/types.h>
#include "model/expr.h"
#include "model/range.h"
#include "proc/proc.h"

/** What is shown. */
enum view {
	VIEW_MAP,
	VIEW_PAGES,
	VIEW_PAGE_SUMMARY,
	VIEW_FRAMES,
	VIEW_PTES,	  /**< a process's page-table entries */
	VIEW_KERNEL_PTES, /**< what the kernel's page tables map */
	VIEW_VMALLOC,
	VIEW_PHYS,
	VIEW_SLAB,
	VIEW_LAYOUT, /**< a documented layout; what: which, or "list" */
	VIEW_EXPLAIN,
	VIEW_N
};

/** Does a view show processes? */
enum view_target {
	TARGET_NEEDED,
	TARGET_OPTIONAL,
	TARGET_NONE,
};

enum view_target view_target(enum view v);

enum charset { CHARSET_AUTO, CHARSET_UTF8, CHARSET_ASCII };

/** -1: as the terminal can; else the number of colours. */
#define COLOR_AUTO   (-1)
#define COLOR_ALWAYS (-2)

struct options {
	pid_t *pids; /**< targets in the order given, 0 the kernel alone; owned */
	size_t npids, cap_pids;
	enum view view;
	bool have_view; /**< a view option was given */
	bool only_user, only_kernel;
	const char *what; /**< argument of --slab, --layout, --explain; NULL none */
	bool bpf;	  /**< may run a BPF program to read kernel memory */
	bool have_limit;  /**< -A */
	struct range limit;
	bool have_locate;
	struct range locate;
	bool verbose, debug, bytes, no_pager, no_smaps, no_pages, strict, environ_values;
	enum charset charset;
	int colors;	/**< COLOR_AUTO, COLOR_ALWAYS or a number */
	unsigned width; /**< 0: COLUMNS, the terminal, else 100 */
	unsigned jobs;	/**< 0: as many as help, else 1 or 2 */
	bool elf_none;
	enum file_policy elf_policy;
	bool tui;
	unsigned interval_ms;	/**< --interval, 0 not given */
	bool light, have_theme; /**< --theme */
	const char *filter;	/**< --filter, NULL none */
	struct expr *expr;	/**< the same, compiled; owned */
	const char *root;	/**< --root, NULL for the live system */
	bool help, version;
};

void options_init(struct options *o);
void options_release(struct options *o);

/**
 * Parses the command line into *o. 0, or 2 (the exit status of a usage error) after saying on
 * stderr what is wrong. The strings of argv must outlive *o.
 */
int options_parse(struct options *o, int argc, char **argv);

/** The text of --help. */
void options_help(FILE *to);

#endif
