/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * One function a view: reads what the view needs beside the space, and has it drawn.
 */
#ifndef PROCMAP_SHOW_H
#define PROCMAP_SHOW_H

#include "render/render.h"
#include "source.h"

/** All a view needs beside the space. */
struct app {
	const struct options *o;
	struct source *src;
	struct view_opts v;
	struct out out;
	pid_t pager;
	bool last;    /**< no target follows the one being shown */
	bool started; /**< the pager, if any, runs and `out` is open */
};

/** The sink is opened when there is something to show, so errors before it need no pager. */
struct out *app_sink(struct app *app);

/** All is read that this view needs: lets go of every privilege unless a target follows. */
void app_read_all(const struct app *app);

/** Views in files of their own. */
enum exit_status show_slab(struct app *app, struct space *s);
enum exit_status show_explain(struct app *app, struct space *s);
enum exit_status show_phys(struct app *app, struct space *s);
enum exit_status show_ptes(struct app *app, struct space *s);
enum exit_status show_kernel_ptes(struct app *app, struct space *s);

/** Browses: --tui. */
enum exit_status show_tui(struct app *app);

/** Shows the view that the options ask for. Faults of the sink are the caller's to report. */
enum exit_status show(struct app *app, struct space *s);

/** Says "what: error" on stderr. */
enum exit_status show_failed(const char *what, int err);
/** The same of a file that could not be opened: "proc/slabinfo"; says which capability opens it.
 */
enum exit_status show_closed(const struct app *app, const char *path, int err);

#endif
