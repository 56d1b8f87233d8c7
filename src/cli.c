/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/** Bounds of --interval. */
#define INTERVAL_MIN_MS 200
#define INTERVAL_MAX_S	3600

/** Ids of options that have no letter; letters stand for themselves. */
enum {
	OPT_PAGES = 256,
	OPT_PAGE_SUMMARY,
	OPT_FRAMES,
	OPT_PTES,
	OPT_KERNEL,
	OPT_KERNEL_PTES,
	OPT_VMALLOC,
	OPT_PHYS,
	OPT_SLAB,
	OPT_LAYOUT,
	OPT_EXPLAIN,
	OPT_BPF,
	OPT_LOCATE,
	OPT_BYTES,
	OPT_WIDTH,
	OPT_ASCII,
	OPT_CHARSET,
	OPT_COLOR,
	OPT_NO_PAGER,
	OPT_NO_SMAPS,
	OPT_NO_PAGES,
	OPT_STRICT,
	OPT_ENVIRON,
	OPT_ELF,
	OPT_ROOT,
	OPT_TUI,
	OPT_THEME,
	OPT_INTERVAL,
	OPT_FILTER,
};

/** A row of the table: what --help prints is what is parsed. */
struct option_row {
	int id;		  /**< letter, or OPT_* */
	const char *name; /**< long name */
	const char *arg;  /**< name of its argument, "[X]" for optional, NULL for none */
	const char *help; /**< one line; NULL: an alias that --help joins to the row before it */
};

static const struct option_row rows[] = {
	{ 'p', "pid", "PID", "a process, or a thread of it; may be given more than once" },
	{ 'u', "only-user", NULL, "draw the user half only" },
	{ 'k', "only-kernel", NULL, "draw the kernel half only" },
	{ OPT_PAGES, "pages", "[RANGE]", "list every page as runs of equal state, with frames" },
	{ OPT_PAGE_SUMMARY, "page-summary", "[RANGE]", "count the frames by their flags" },
	{ OPT_FRAMES, "frames", NULL, "count all frames of RAM by their flags; needs no PID" },
	{ OPT_PTES, "ptes", "[RANGE]", "list the entries of a process's page tables" },
	{ OPT_KERNEL, "kernel", NULL, "draw the kernel alone, and what lies inside; as --pid=0" },
	{ OPT_KERNEL_PTES, "kernel-ptes", "[RANGE]", "list what the kernel's page tables map" },
	{ OPT_VMALLOC, "vmalloc", NULL, "list the areas of vmalloc by who made them" },
	{ OPT_PHYS, "phys", NULL, "draw physical memory: ranges, nodes, zones, frames" },
	{ OPT_SLAB, "slab", "[CACHE]", "list the slab caches, or draw a slab of one" },
	{ OPT_LAYOUT, "layout", "WHICH", "draw a documented layout: ARCH[,MODE]..., or list" },
	{ OPT_EXPLAIN, "explain", "WHAT", "say what an address, pa:0xADDR, pfn:N or symbol is" },
	{ OPT_TUI, "tui", NULL, "browse: zoom from the whole space to one page, live" },
	{ OPT_BPF, "bpf", NULL, "read kernel memory by a BPF program where kcore is not there" },
	{ 'A', "range", "LOW[,HIGH]", "limit every view to these addresses (hex)" },
	{ OPT_FILTER, "filter", "EXPR", "only mappings that meet a test: rw-p, lib, 'pss > 10M'" },
	{ OPT_LOCATE, "locate", "ADDR[,KB]", "mark an address (hex) and show what surrounds it" },
	{ 'v', "verbose", NULL, "every field, flag, mark and source" },
	{ 'd', "debug", NULL, "say on stderr what is read and what it costs" },
	{ OPT_ENVIRON, "environ", NULL, "print the values of the environment, too" },
	{ OPT_ELF, "elf", "WHICH", "ELF files to look into: auto (local ones), all, none" },
	{ OPT_NO_SMAPS, "no-smaps", NULL, "do not read smaps: faster, no rss and pss" },
	{ OPT_NO_PAGES, "no-pages", NULL, "do not scan the pages: faster, no bars" },
	{ 'j', "jobs", "N", "threads that read frames: 1 or 2" },
	{ OPT_STRICT, "strict", NULL, "exit with 1 if anything could not be read" },
	{ OPT_ROOT, "root", "DIR", "read a recorded tree instead of this machine" },
	{ OPT_BYTES, "bytes", NULL, "sizes in bytes, exactly" },
	{ OPT_WIDTH, "width", "N", "columns to use" },
	{ OPT_ASCII, "ascii", NULL, "draw with ASCII only, the same as --charset=ascii" },
	{ OPT_CHARSET, "charset", "SET", "auto, utf8 or ascii" },
	{ OPT_COLOR, "color", "WHEN", "auto, always, never, or 8, 16, 256 colours" },
	{ OPT_THEME, "theme", "WHICH", "dark or light: the background that --tui is for" },
	{ OPT_INTERVAL, "interval", "SECONDS", "how often --tui refreshes: 0.2 to 3600" },
	{ OPT_NO_PAGER, "no-pager", NULL, "never start a pager" },
	{ 'h', "help", NULL, "print this and exit" },
	{ 'V', "version", NULL, "print the version and exit" },
	{ 'V', "ver", NULL, NULL },
};

void options_init(struct options *o)
{
	*o = (struct options){ .colors = COLOR_AUTO, .limit = RANGE_ALL };
}

void options_release(struct options *o)
{
	expr_free(o->expr);
	free(o->pids);
}

static int usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static int usage(const char *fmt, ...)
{
	struct buf b = { 0 };
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	/* What was typed may come out of a script that knows no better than we do. */
	for (const char *p = text, *end = p; *end; p = end + 1) {
		end = strchrnul(p, '\n');
		buf_addescaped(&b, p, (size_t)(end - p), false);
		buf_addch(&b, '\n');
	}
	fprintf(stderr, "procmap: %sTry 'procmap --help'.\n", b.p ? b.p : "");
	buf_release(&b);
	free(text);
	return 2;
}

/** A hex address, with or without 0x. */
static bool parse_address(const char **p, const char *end, u64 *ret)
{
	const char *s = *p;

	if (end - s > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	if (!parse_hex(&s, end, ret))
		return false;
	*p = s;
	return true;
}

/**
 * "LOW", "LOW,", "LOW,HIGH", ",HIGH" and, as maps prints it, "LOW-HIGH"; hex, HIGH exclusive (0
 * stands for 2^64). A lone LOW means the page, or the mapping, that has it: one byte.
 */
static bool parse_range(const char *s, struct range *ret)
{
	const char *end = s + strlen(s);
	u64 low = 0, high = 0;
	bool have_low = parse_address(&s, end, &low);

	if (s == end) {
		*ret = (struct range){ low, low };
		return have_low;
	}
	if (*s != ',' && *s != '-')
		return false;
	s++;
	if (s < end && (!parse_address(&s, end, &high) || s != end))
		return false;
	if (high && high <= low)
		return false;
	*ret = (struct range){ low, high - 1 };
	return true;
}

/** "0xADDR" or "0xADDR,KB", KB in decimal; one byte without it. */
static bool parse_locate(const char *s, struct range *ret)
{
	const char *end = s + strlen(s);
	u64 addr, kib = 0;

	if (!parse_address(&s, end, &addr))
		return false;
	*ret = (struct range){ addr, addr };
	if (s == end)
		return true;
	if (*s++ != ',' || !parse_dec(&s, end, &kib) || s != end || !kib ||
	    kib > (UINT64_MAX - addr) >> 10)
		return false;
	ret->last = addr + (kib << 10) - 1;
	return true;
}

/** A whole number from low to high. */
static bool parse_number(const char *s, u64 low, u64 high, u64 *ret)
{
	const char *end = s + strlen(s);

	return parse_dec(&s, end, ret) && s == end && *ret >= low && *ret <= high;
}

static void add_pid(struct options *o, pid_t pid)
{
	GROW(o->pids, o->npids, o->cap_pids);
	o->pids[o->npids++] = pid;
}

/** "4711", "/proc/4711", "/proc/4711/" or "self"; 0 is the kernel. */
static int add_target(struct options *o, const char *s)
{
	const char *digits = !strncmp(s, "/proc/", 6) ? s + 6 : s;
	char *copy = xstrdup(digits);
	size_t len = strlen(copy);
	u64 pid = 0;
	bool ok;

	if (digits != s && len && copy[len - 1] == '/')
		copy[len - 1] = '\0';
	ok = !strcmp(copy, "self") || parse_number(copy, 0, INT32_MAX, &pid);
	if (!strcmp(copy, "self"))
		pid = (u64)getpid();
	free(copy);
	if (!ok)
		return usage("'%s' is not a process: a PID, /proc/PID or self is wanted", s);
	add_pid(o, (pid_t)pid);
	return 0;
}

/** What the views are called, whom they show, and what an argument of theirs is. */
static const struct {
	int id;
	const char *name;
	enum view_target target;
	bool range; /**< the argument is a range of addresses, else a text */
	bool limit; /**< -A limits it */
} views[VIEW_N] = {
	[VIEW_MAP] = { 0, "the map", TARGET_NEEDED, false, true },
	[VIEW_PAGES] = { OPT_PAGES, "--pages", TARGET_NEEDED, true, true },
	[VIEW_PAGE_SUMMARY] = { OPT_PAGE_SUMMARY, "--page-summary", TARGET_NEEDED, true, true },
	[VIEW_FRAMES] = { OPT_FRAMES, "--frames", TARGET_NONE, false, false },
	[VIEW_PTES] = { OPT_PTES, "--ptes", TARGET_NEEDED, true, true },
	[VIEW_KERNEL_PTES] = { OPT_KERNEL_PTES, "--kernel-ptes", TARGET_NONE, true, true },
	[VIEW_VMALLOC] = { OPT_VMALLOC, "--vmalloc", TARGET_NONE, false, true },
	[VIEW_PHYS] = { OPT_PHYS, "--phys", TARGET_OPTIONAL, false, true },
	[VIEW_SLAB] = { OPT_SLAB, "--slab", TARGET_NONE, false, false },
	[VIEW_LAYOUT] = { OPT_LAYOUT, "--layout", TARGET_NONE, false, false },
	[VIEW_EXPLAIN] = { OPT_EXPLAIN, "--explain", TARGET_NONE, false, false },
};

enum view_target view_target(enum view v)
{
	return views[v].target;
}

static int set_limit(struct options *o, const char *arg)
{
	if (o->have_limit)
		return usage("a range is given twice: one at a time");
	if (!parse_range(arg, &o->limit))
		return usage("'%s' is not a range of addresses: LOW[,HIGH] in hex", arg);
	o->have_limit = true;
	return 0;
}

static int set_view(struct options *o, enum view view, const char *arg)
{
	if (o->have_view && o->view != view)
		return usage("one view at a time: %s or %s", views[o->view].name, views[view].name);
	/* The answer to the first of two questions would be missing without a word. */
	if (o->have_view && arg)
		return usage("%s is given twice: one at a time", views[view].name);
	o->have_view = true;
	o->view = view;
	if (!arg)
		return 0;
	if (!views[view].range) {
		o->what = arg;
		return 0;
	}
	return set_limit(o, arg);
}

/** Says where a filter goes wrong: under the text as usage() shows it. */
static int set_filter(struct options *o, const char *text)
{
	struct buf before = { 0 };
	char *error;
	size_t at;
	int ret = 0;

	/* All mappings meet it: none, as in the browser. */
	if (!text[strspn(text, " \t")]) {
		expr_free(o->expr);
		o->expr = NULL;
		o->filter = NULL;
		return 0;
	}
	if (o->expr)
		return usage("--filter is given twice: join the two with 'and' or 'or'");
	o->expr = expr_new(text, &error, &at);
	if (!o->expr) {
		buf_addescaped(&before, text, at, false);
		ret = usage("--filter: %s\n  %s\n  %*s^", error, text,
			    (int)MIN(text_width(before.p, before.len), (size_t)4096), "");
	}
	buf_release(&before);
	free(error);
	o->filter = text;
	return ret;
}

static int set_charset(struct options *o, const char *s)
{
	if (!strcmp(s, "auto"))
		o->charset = CHARSET_AUTO;
	else if (!strcmp(s, "utf8") || !strcmp(s, "utf-8"))
		o->charset = CHARSET_UTF8;
	else if (!strcmp(s, "ascii"))
		o->charset = CHARSET_ASCII;
	else
		return usage("'%s' is not a character set: auto, utf8 or ascii", s);
	return 0;
}

static int set_color(struct options *o, const char *s)
{
	if (!strcmp(s, "auto"))
		o->colors = COLOR_AUTO;
	else if (!strcmp(s, "always"))
		o->colors = COLOR_ALWAYS;
	else if (!strcmp(s, "never"))
		o->colors = 0;
	else if (!strcmp(s, "8"))
		o->colors = 8;
	else if (!strcmp(s, "16"))
		o->colors = 16;
	else if (!strcmp(s, "256"))
		o->colors = 256;
	else
		return usage("'%s' is no colour setting: auto, always, never, 8, 16 or 256", s);
	return 0;
}

static int set_elf(struct options *o, const char *s)
{
	o->elf_none = !strcmp(s, "none");
	o->elf_policy = !strcmp(s, "all") ? FILE_POLICY_ALL : FILE_POLICY_LOCAL;
	if (!o->elf_none && strcmp(s, "all") && strcmp(s, "auto"))
		return usage("'%s' is not a choice of ELF files: auto, all or none", s);
	return 0;
}

static int set_theme(struct options *o, const char *s)
{
	o->have_theme = true;
	o->light = !strcmp(s, "light");
	if (!o->light && strcmp(s, "dark"))
		return usage("'%s' is not a theme: dark or light", s);
	return 0;
}

/** "2", "0.5": at most three digits behind the point are looked at. */
static int set_interval(struct options *o, const char *s)
{
	const char *p = s, *end = s + strlen(s);
	u64 seconds = 0, ms = 0;
	bool ok = parse_dec(&p, end, &seconds) || *p == '.';

	if (ok && *p == '.') {
		p++;
		for (u64 unit = 100; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
			ms += unit * (u64)(*p - '0');
	}
	if (ok && p == end && seconds <= INTERVAL_MAX_S)
		ms += seconds * 1000;
	else
		ms = 0;
	if (ms < INTERVAL_MIN_MS || ms > INTERVAL_MAX_S * 1000)
		return usage("'%s' is not an interval: 0.2 to 3600 seconds", s);
	o->interval_ms = (unsigned)ms;
	return 0;
}

/** Options whose argument is a number or a range. */
static int set_value(struct options *o, int id, const char *arg)
{
	u64 n;

	switch (id) {
	case 'A':
		return set_limit(o, arg);
	case OPT_LOCATE:
		if (o->have_locate)
			return usage("--locate is given twice: one at a time");
		if (!parse_locate(arg, &o->locate))
			return usage("'%s' is not a place: ADDR[,KB], ADDR in hex", arg);
		o->have_locate = true;
		return 0;
	case OPT_FILTER:
		return set_filter(o, arg);
	case OPT_WIDTH:
		if (!parse_number(arg, 20, 10000, &n))
			return usage("'%s' is not a width: 20 to 10000 columns", arg);
		o->width = (unsigned)n;
		return 0;
	default:
		if (!parse_number(arg, 1, 2, &n))
			return usage("'%s' is not a number of threads: 1 or 2", arg);
		o->jobs = (unsigned)n;
		return 0;
	}
}

/** Options without argument: a flag each. */
static bool *flag_of(struct options *o, int id)
{
	switch (id) {
	case 'u':
		return &o->only_user;
	case 'k':
		return &o->only_kernel;
	case 'v':
		return &o->verbose;
	case 'd':
		return &o->debug;
	case 'h':
		return &o->help;
	case 'V':
		return &o->version;
	case OPT_BYTES:
		return &o->bytes;
	case OPT_NO_PAGER:
		return &o->no_pager;
	case OPT_NO_SMAPS:
		return &o->no_smaps;
	case OPT_NO_PAGES:
		return &o->no_pages;
	case OPT_STRICT:
		return &o->strict;
	case OPT_ENVIRON:
		return &o->environ_values;
	case OPT_BPF:
		return &o->bpf;
	case OPT_TUI:
		return &o->tui;
	}
	return NULL;
}

static int apply(struct options *o, int id, const char *arg)
{
	bool *flag = flag_of(o, id);

	if (flag) {
		*flag = true;
		return 0;
	}
	for (enum view v = VIEW_PAGES; v < VIEW_N; v++)
		if (views[v].id == id)
			return set_view(o, v, arg);
	switch (id) {
	case 'p':
		return add_target(o, arg);
	case OPT_KERNEL:
		add_pid(o, 0);
		return 0;
	case OPT_ASCII:
		o->charset = CHARSET_ASCII;
		return 0;
	case OPT_CHARSET:
		return set_charset(o, arg);
	case OPT_COLOR:
		return set_color(o, arg);
	case OPT_ELF:
		return set_elf(o, arg);
	case OPT_THEME:
		return set_theme(o, arg);
	case OPT_INTERVAL:
		return set_interval(o, arg);
	case OPT_ROOT:
		o->root = arg;
		return 0;
	default:
		return set_value(o, id, arg);
	}
}

/** Do the view and the targets go together? */
static int check_targets(const struct options *o)
{
	enum view_target want = view_target(o->view);
	const char *view = views[o->view].name;

	if (o->npids && want == TARGET_NONE)
		return usage("%s takes no process", view);
	for (size_t i = 0; i < o->npids; i++)
		if (o->have_view && !o->pids[i])
			return usage("%s does not go with the kernel as a target", view);
	for (size_t i = 0; i < o->npids; i++)
		if (o->only_user && !o->pids[i])
			return usage("the kernel has no user half");
	if (!o->npids && want == TARGET_NEEDED && !o->only_kernel && !o->tui)
		return usage("no process given");
	return 0;
}

/** The browser is a format of the map, and shows one target or lets one choose it. */
static int check_tui(const struct options *o)
{
	if (!o->tui)
		return o->have_theme || o->interval_ms
			       ? usage("--theme and --interval go with --tui only")
			       : 0;
	if (o->have_view)
		return usage("--tui does not go with %s", views[o->view].name);
	if (o->npids > 1)
		return usage("--tui shows one process");
	if (o->have_limit || o->have_locate || o->width || o->bytes || o->strict)
		return usage("--range, --locate, --width, --bytes and --strict do not go with "
			     "--tui");
	return 0;
}

/** A filter is for the mappings of a process: the view must show some. */
static int check_filter(const struct options *o)
{
	bool process = o->tui;

	if (!o->filter)
		return 0;
	for (size_t i = 0; i < o->npids; i++)
		process |= o->pids[i] != 0;
	if (view_target(o->view) == TARGET_NONE)
		return usage("--filter is for mappings of a process: %s shows none",
			     views[o->view].name);
	if (o->only_kernel || (o->npids && !process))
		return usage("--filter is for mappings of a process: the kernel half has none");
	if (view_target(o->view) == TARGET_OPTIONAL && !process)
		return usage("--filter is for mappings of a process: %s wants a PID for it",
			     views[o->view].name);
	return 0;
}

/** What only makes sense together, or not together. */
static int check(const struct options *o)
{
	if (o->help || o->version)
		return 0;
	if (check_tui(o))
		return 2;
	if (o->only_user && o->only_kernel)
		return usage("--only-user and --only-kernel leave nothing to draw");
	if (o->have_view && (o->only_user || o->only_kernel || o->have_locate))
		return usage("--only-user, --only-kernel and --locate go with the map, not with %s",
			     views[o->view].name);
	if (check_filter(o))
		return 2;
	if (o->have_limit && !views[o->view].limit)
		return usage("%s has no addresses to limit", views[o->view].name);
	return check_targets(o);
}

/** The tables getopt_long() wants, made from `rows`. */
static void make_getopt(struct option *longs, char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *r = &rows[i];

		longs[i] = (struct option){ .name = r->name, .val = r->id };
		if (r->arg)
			longs[i].has_arg = r->arg[0] == '[' ? optional_argument : required_argument;
		if (r->id >= OPT_PAGES || !r->help)
			continue;
		*letters++ = (char)r->id;
		if (r->arg)
			*letters++ = ':';
	}
	longs[ARRAY_SIZE(rows)] = (struct option){ 0 };
	*letters = '\0';
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(rows) + 1];
	char letters[2 * ARRAY_SIZE(rows) + 2];
	int id, err;

	make_getopt(longs, letters);
	opterr = 0;
	optind = 0; /* glibc and musl: start afresh */
	while ((id = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		if (id == ':')
			return usage("%s wants a value", argv[optind - 1]);
		if (id == '?' && optopt && optopt < OPT_PAGES && !strchr(letters, optopt))
			return usage("there is no option -%c", optopt);
		if (id == '?')
			return usage("%s is not an option, or not used that way", argv[optind - 1]);
		err = apply(o, id, optarg);
		if (err)
			return err;
	}
	for (; optind < argc; optind++) {
		err = add_target(o, argv[optind]);
		if (err)
			return err;
	}
	return check(o);
}

void options_help(FILE *to)
{
	fputs("Usage: procmap [OPTION]... PID...\n"
	      "Draws the whole virtual address space of a process, user half and kernel half.\n\n",
	      to);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_row *r = &rows[i];
		struct buf b = { 0 };

		if (!r->help)
			continue;
		if (r->id < OPT_PAGES)
			buf_addf(&b, "  -%c, --%s", r->id, r->name);
		else
			buf_addf(&b, "      --%s", r->name);
		if (i + 1 < ARRAY_SIZE(rows) && !rows[i + 1].help)
			buf_addf(&b, ", --%s", rows[i + 1].name);
		if (r->arg && r->arg[0] == '[')
			buf_addf(&b, "[=%s", r->arg + 1);
		else if (r->arg)
			buf_addf(&b, "=%s", r->arg);
		fprintf(to, "%-29s %s\n", b.p, r->help);
		buf_release(&b);
	}
	fputs("\nA PID may be that of a thread, /proc/PID, or self. RANGE, LOW, HIGH are hex, HIGH "
	      "is\n"
	      "the first address not meant. Without smaps or pages the figures they give are left "
	      "out.\n"
	      "Exit status: 0 shown, 1 failed, 2 usage, 3 no such process or a zombie, 4 the "
	      "mappings\n"
	      "could not be read.\n",
	      to);
}
