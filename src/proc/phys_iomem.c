/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /proc/iomem whole: every resource with its place in the tree, as the indentation tells it. */
#include "phys.h"

#include "ksrc.h"

/** Two blanks a level (kernel/resource.c, r_show()). */
#define INDENT 2

static bool resource_line(struct slice line, unsigned *depth, struct resource *r,
			  struct slice *name)
{
	const char *p = line.p, *end = line.p + line.len, *text;
	struct range range;

	skip_blanks(&p, end);
	*depth = (unsigned)MIN((p - line.p) / INDENT, RESOURCE_DEPTH_MAX);
	if (!iomem_line(p, end, &range, &text))
		return false;
	r->first = range.first;
	r->last = range.last;
	*name = (struct slice){ text, (size_t)(end - text) };
	return true;
}

/** The resources on the way from the top to the last line, and the last of each level. */
struct nest {
	u32 open[RESOURCE_DEPTH_MAX];
	unsigned depth; /**< entries of `open` in use */
};

/**
 * Is it where it claims to be: in its parent, above its elder brother? Resources of the kernel
 * are; of what is not, nothing can be drawn. A child of a dropped line goes up a level.
 */
static bool fits(const struct phys *p, struct nest *n, unsigned depth, struct resource *r)
{
	depth = MIN(depth, n->depth);
	if (depth == RESOURCE_DEPTH_MAX)
		return false;
	r->depth = (u8)depth;
	r->parent = depth ? n->open[depth - 1] : NO_INDEX;
	if (depth &&
	    (r->first < p->resources[r->parent].first || r->last > p->resources[r->parent].last))
		return false;
	return depth >= n->depth || r->first > p->resources[n->open[depth]].last;
}

bool phys_parse_iomem(struct phys *p, const char *text, size_t len)
{
	const char *at = text, *end = text + len;
	struct nest n = { .depth = 0 };
	struct slice line, name;
	bool zeros = false;

	while (next_line(&at, end, &line)) {
		struct resource r = { 0 };
		unsigned depth;

		if (!resource_line(line, &depth, &r, &name)) {
			p->dropped += line.len != 0;
			continue;
		}
		/* Without CAP_SYS_ADMIN at open both ends read as zero. */
		if (!r.last) {
			zeros = true;
			continue;
		}
		if (p->nresources == RESOURCES_MAX || !fits(p, &n, depth, &r)) {
			p->dropped++;
			continue;
		}
		r.name = phys_name(p, name.p, name.len);
		r.kind = (u8)resource_kind_of(name.p, name.len);
		GROW(p->resources, p->nresources, p->cap_resources);
		p->resources[p->nresources] = r;
		n.open[r.depth] = (u32)p->nresources++;
		n.depth = r.depth + 1u;
	}
	if (p->nresources)
		p->iomem = IOMEM_READ;
	else if (zeros)
		p->iomem = IOMEM_ZEROS;
	return p->iomem != IOMEM_UNREAD;
}
