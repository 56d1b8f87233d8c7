/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Above the map: what was read, where and when, and who the process is. */
#include "view.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Bits of personality(2): include/uapi/linux/personality.h, Linux 6.18. */
static const struct {
	u32 bit;
	const char *words;
} personalities[] = {
	{ PERS_ADDR_NO_RANDOMIZE, "ADDR_NO_RANDOMIZE" },
	{ 0x0080000, "FDPIC_FUNCPTRS" },
	{ PERS_MMAP_PAGE_ZERO, "MMAP_PAGE_ZERO (page zero is mapped)" },
	{ PERS_COMPAT_LAYOUT, "ADDR_COMPAT_LAYOUT" },
	{ PERS_READ_IMPLIES_EXEC, "READ_IMPLIES_EXEC" },
	{ PERS_LIMIT_32BIT, "ADDR_LIMIT_32BIT" },
	{ 0x1000000, "SHORT_INODE" },
	{ 0x2000000, "WHOLE_SECONDS" },
	{ 0x4000000, "STICKY_TIMEOUTS" },
	{ PERS_LIMIT_3GB, "ADDR_LIMIT_3GB" },
};

static const char *name_of(const struct space *s, u32 id)
{
	return strtab_get(&s->names, id);
}

/** Appends text from outside, escaped. */
static void add_name(struct view *v, struct buf *b, u32 id)
{
	const char *s = name_of(v->s, id);

	buf_addescaped(b, s, strlen(s), v->row.ascii);
}

void title_draw(struct view *v)
{
	const struct space *s = v->s;
	const struct host *h = &s->host;
	struct flow f;
	struct buf b;
	char size[SIZE_TEXT_MAX];

	buf_init(&b);
	flow_begin(&f, v, "");
	/* The title starts at the very left; only its further lines are indented. */
	v->row.want = 0;
	buf_addf(&b, "procmap %s", v->o->version ? v->o->version : "?");
	flow_item(&f, b.p, b.len, STYLE_BOLD);
	if (s->proc.pid) {
		buf_clear(&b);
		buf_addf(&b, "pid %d ", (int)s->proc.pid);
		add_name(v, &b, s->proc.comm);
		if (!s->proc.comm)
			buf_addch(&b, '?');
		if (s->proc.tid && s->proc.tid != s->proc.pid)
			buf_addf(&b, " (of thread %d)", (int)s->proc.tid);
		flow_item(&f, b.p, b.len, STYLE_BOLD);
	}
	buf_clear(&b);
	buf_addstr(&b, "Linux ");
	if (h->release)
		buf_addescaped(&b, h->release, strlen(h->release), v->row.ascii);
	else
		buf_addch(&b, '?');
	if (h->machine) {
		buf_addch(&b, ' ');
		buf_addescaped(&b, h->machine, strlen(h->machine), v->row.ascii);
	}
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	buf_clear(&b);
	if (h->levels)
		buf_addf(&b, "%u-level paging, ", h->levels);
	if (h->page_size) {
		size_text(size, h->page_size);
		buf_addf(&b, "%s pages", size);
	}
	if (h->nnodes > 1)
		buf_addf(&b, ", %u NUMA nodes", h->nnodes);
	flow_item(&f, b.p ? b.p : "", b.len, STYLE_PLAIN);
	if (h->recorded)
		flow_str(&f, "recorded tree", STYLE_NOTE);
	if (h->documented)
		flow_str(&f, "documented layout, not this machine", STYLE_NOTE);
	else
		flow_str(&f, h->time ? h->time : "time ?", STYLE_DIM);
	flow_end(&f);
	buf_release(&b);
}

/** fs/proc/array.c, task_state_array; S of stat, 6.18. */
static const char *state_words(char state)
{
	switch (state) {
	case 'R':
		return "running";
	case 'S':
		return "sleeping";
	case 'D':
		return "uninterruptible sleep";
	case 'T':
		return "stopped";
	case 't':
		return "stopped by a tracer";
	case 'X':
	case 'x':
		return "dead";
	case 'Z':
		return "zombie";
	case 'P':
		return "parked";
	case 'I':
		return "idle";
	default:
		return "state ?";
	}
}

/** An ISO 8601 time; gmtime_r knows no time zone, so this stays pure. */
static void add_time(struct buf *b, u64 unix_seconds)
{
	time_t t = (time_t)unix_seconds;
	struct tm tm;
	char text[32];

	if (gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf_addstr(b, text);
	else
		buf_addch(b, '?');
}

/** One line of text from outside under a label, cut at the right. */
static void outside_line(struct view *v, const char *label, u32 id, const char *after,
			 enum style st, enum elide e)
{
	const char *s = name_of(v->s, id);
	unsigned extra = after ? (unsigned)strlen(after) + 2 : 0;
	struct flow f;

	flow_begin(&f, v, label);
	if (!id)
		row_str(&v->row, "?");
	else
		row_text(&v->row, s, strlen(s),
			 MAX(v->o->width, row_at(&v->row) + extra + 8) - row_at(&v->row) - extra,
			 e);
	if (after) {
		row_skip(&v->row, 2);
		row_style(&v->row, st);
		row_str(&v->row, after);
	}
	flow_end(&f);
}

static const struct image *exe_image(const struct space *s)
{
	for (size_t i = 0; i < s->nobjects; i++)
		if (s->objects[i].kind == OBJ_EXE && s->objects[i].image != NO_INDEX)
			return &s->images[s->objects[i].image];
	return NULL;
}

/** State, user, parent, threads, start. */
static void process_line(struct view *v)
{
	const struct process *p = &v->s->proc;
	struct flow f;
	struct buf b;

	buf_init(&b);
	flow_begin(&f, v, "process");
	flow_str(&f, state_words(p->state), p->state == 'Z' ? STYLE_WARN : STYLE_PLAIN);
	if (p->kthread)
		flow_str(&f, "kernel thread", STYLE_NOTE);
	buf_addstr(&b, "user ");
	if (p->user)
		add_name(v, &b, p->user);
	else if (!p->uid.have)
		buf_addch(&b, '?');
	if (p->uid.have)
		buf_addf(&b, p->user ? " (uid %llu)" : "uid %llu", (unsigned long long)p->uid.v);
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	flow_number(&f, "parent", p->ppid);
	flow_number(&f, "threads", p->nthreads);
	if (p->via_tid) {
		buf_clear(&b);
		buf_addf(&b, "leader exited, read through thread %d", (int)p->via_tid);
		flow_item(&f, b.p, b.len, STYLE_NOTE);
	}
	buf_clear(&b);
	buf_addstr(&b, "started ");
	if (p->start_unix.have)
		add_time(&b, p->start_unix.v);
	else
		buf_addch(&b, '?');
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	flow_end(&f);
	buf_release(&b);
}

/** Word size, link kind, layout policy, mmap base, randomisation, personality. */
static void layout_line(struct view *v)
{
	static const char *const aslr[] = { [ASLR_UNKNOWN] = "ASLR ?",
					    [ASLR_OFF] = "ASLR off",
					    [ASLR_NO_BRK] = "ASLR without brk",
					    [ASLR_FULL] = "ASLR full" };
	const struct space *s = v->s;
	const struct process *p = &s->proc;
	enum aslr random = space_aslr(s);
	struct flow f;
	struct buf b;

	buf_init(&b);
	flow_begin(&f, v, "layout");
	if (p->bits) {
		buf_addf(&b, "%u-bit", p->bits);
		flow_item(&f, b.p, b.len, STYLE_PLAIN);
	}
	flow_str(&f,
		 s->layout == LAYOUT_TOP_DOWN	 ? "mmap area top-down"
		 : s->layout == LAYOUT_BOTTOM_UP ? "mmap area bottom-up"
						 : "mmap area ?",
		 STYLE_PLAIN);
	buf_clear(&b);
	if (s->mmap_base.have) {
		buf_addstr(&b, "mmap base ");
		buf_addhex(&b, s->mmap_base.v, v->c.user_addr);
		buf_addf(&b, " %s", conf_name(s->mmap_base_conf));
		if (s->mmap_base_source)
			buf_addf(&b, " (%s)", s->mmap_base_source);
	} else {
		buf_addstr(&b, "mmap base ?");
	}
	flow_item(&f, b.p, b.len, STYLE_PLAIN);
	flow_str(&f, aslr[random], random == ASLR_FULL ? STYLE_PLAIN : STYLE_NOTE);
	for (size_t i = 0; p->personality.have && i < ARRAY_SIZE(personalities); i++)
		if (p->personality.v & personalities[i].bit)
			flow_str(&f, personalities[i].words, STYLE_NOTE);
	if (!p->personality.have && v->o->verbose)
		flow_str(&f, "personality ?", STYLE_PLAIN);
	if (s->user_conf != CONF_EXACT) {
		buf_clear(&b);
		buf_addf(&b, "end of the user half: %s", conf_name(s->user_conf));
		if (s->user_source)
			buf_addf(&b, " (%s)", s->user_source);
		flow_item(&f, b.p, b.len, STYLE_PLAIN);
	}
	flow_end(&f);
	buf_release(&b);
}

static void image_words(struct view *v, struct buf *b)
{
	static const char *const links[] = {
		[IMAGE_STATIC] = "static",	  [IMAGE_STATIC_PIE] = "static PIE",
		[IMAGE_NON_PIE] = "non-PIE",	  [IMAGE_PIE] = "PIE",
		[IMAGE_SHARED] = "shared object",
	};
	const struct image *img = exe_image(v->s);

	if (v->s->proc.exe_deleted)
		buf_addstr(b, "(deleted)");
	if (!img || img->err)
		return;
	if (img->link < ARRAY_SIZE(links) && links[img->link])
		buf_addf(b, "%s%s", b->len ? " " : "", links[img->link]);
	if (img->stripped)
		buf_addf(b, "%sstripped", b->len ? ", " : "");
}

static void namespaces_line(struct view *v)
{
	const struct process *p = &v->s->proc;
	struct flow f;

	flow_begin(&f, v, "namespaces");
	for (size_t i = 0; i < p->nns; i++)
		flow_number(&f, p->ns[i].name, FIG(p->ns[i].inode));
	flow_end(&f);
}

void header_draw(struct view *v)
{
	const struct process *p = &v->s->proc;
	struct buf b;

	title_draw(v);
	if (p->pid) {
		buf_init(&b);
		if (!p->kthread) {
			outside_line(v, "command", p->cmdline, NULL, STYLE_PLAIN, ELIDE_END);
			image_words(v, &b);
			outside_line(v, "exe", p->exe, b.len ? b.p : NULL,
				     p->exe_deleted ? STYLE_WARN : STYLE_DIM, ELIDE_START);
		}
		process_line(v);
		if (p->cgroup)
			outside_line(v, "cgroup", p->cgroup, NULL, STYLE_PLAIN, ELIDE_START);
		if (v->s->no_user == USER_HERE && v->o->user)
			layout_line(v);
		if (v->o->verbose && p->nns)
			namespaces_line(v);
		buf_release(&b);
	}
	row_end(&v->row);
}
