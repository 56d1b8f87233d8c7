/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "show.h"

#include <errno.h>
#include <stdio.h>

#include "proc/slab.h"
#include "render/slab.h"

/** Says why there are no caches to show. */
static enum exit_status no_slab(const struct app *app, int err)
{
	if (err == -ENXIO)
		fprintf(stderr, "procmap: there is no slab cache of that name: %s\n", app->o->what);
	else if (err == -EBADMSG)
		fputs("procmap: slabinfo: not understood: it is not version 2\n", stderr);
	else
		return show_closed(app, "proc/slabinfo", err);
	return STATUS_FAILED;
}

enum exit_status show_slab(struct app *app, struct space *s)
{
	struct slab_info info;
	int err;

	slab_init(&info);
	err = slab_read(source_root(app->src), s, app->o->what, &info);
	app_read_all(app);
	if (!err && app->o->what)
		render_slab_cache(s, &info, &app->v, app_sink(app));
	else if (!err)
		render_slab(s, &info, &app->v, app_sink(app));
	slab_release(&info);
	return err ? no_slab(app, err) : STATUS_OK;
}
