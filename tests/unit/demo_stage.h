/* SPDX-License-Identifier: GPL-2.0-or-later */
/** One browser on the demo, and keys for it: what tests of the browser start from. */
#ifndef PROCMAP_TESTS_DEMO_STAGE_H
#define PROCMAP_TESTS_DEMO_STAGE_H

#include "tap.h"
#include "tui/stage.h"

static struct world w;
static struct stage s;

/** The browser on the demo, at its user half. */
static void start(unsigned width, unsigned height)
{
	stage_init(&s, width, height, false, false);
	world_demo(&w, false);
	s.w = &w;
	tui_target(&s.t, w.pid, false);
	stage_do(&s, TUI_WANT);
}

static void end(void)
{
	IS_STR(stage_draw(&s), NULL);
	stage_release(&s);
	world_release(&w);
}

static void key(int k)
{
	stage_do(&s, tui_key(&s.t, k));
}

static void keys(const char *text)
{
	for (; *text; text++)
		key(*text);
}

#endif
