/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal of a program that was built without ncursesw: there is none. */
#include "screen.h"

#include <errno.h>

#ifndef HAVE_NCURSES

bool screen_available(void)
{
	return false;
}

int screen_start(int in, int out, unsigned colors, bool light)
{
	(void)in, (void)out, (void)colors, (void)light;
	return -ENOTSUP;
}

void screen_stop(void)
{
}

void screen_rescue(void)
{
}

void screen_pause(void)
{
}

void screen_resume(void)
{
}

unsigned screen_width(void)
{
	return 80;
}

unsigned screen_height(void)
{
	return 24;
}

bool screen_fit(void)
{
	return false;
}

unsigned screen_colors(void)
{
	return 0;
}

void screen_theme(bool light)
{
	(void)light;
}

void screen_show(const struct canvas *c)
{
	(void)c;
}

enum screen_event screen_next(int *key, struct mouse *mouse)
{
	(void)key, (void)mouse;
	return SCREEN_EOF;
}

size_t screen_pasted(const int **ret)
{
	*ret = NULL;
	return 0;
}

bool screen_clipboard(const char *bytes, size_t len)
{
	(void)bytes, (void)len;
	return false;
}

#endif
