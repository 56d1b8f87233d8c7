/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The browser without a terminal: keys go in, a made world answers what is wanted, the canvas is
 * what the screen would show. It does what loop.c does, in the same order.
 */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include "sound.h"
#include "world.h"

struct stage {
	struct tui t;
	struct canvas c;
	struct world *w;	/**< NULL: nothing is read */
	struct snapshot *held;	/**< what t.snap points to */
	struct snapshot *mark;	/**< what t.mark points to; may be `held` */
	bool silent;		/**< wants are not answered */
	const char *edit_error; /**< static: of a wrong edit of the world */
	enum tui_result last;	/**< of the last event, but for TUI_NONE to TUI_MARK */
	bool quit;
};

static inline void stage_init(struct stage *s, unsigned w, unsigned h, bool ascii, bool mono)
{
	*s = (struct stage){ 0 };
	tui_init(&s->t, w, h, ascii, mono);
	canvas_init(&s->c, w, h, ascii, mono);
}

static inline void stage_release(struct stage *s)
{
	tui_release(&s->t);
	canvas_release(&s->c);
	if (s->mark != s->held)
		snapshot_free(s->mark);
	snapshot_free(s->held);
	*s = (struct stage){ 0 };
}

/** A mark that the browser has forgotten is nobody's. */
static inline void stage_forget(struct stage *s)
{
	if (s->t.mark || !s->mark)
		return;
	if (s->mark != s->held)
		snapshot_free(s->mark);
	s->mark = NULL;
}

static inline enum tui_result stage_give(struct stage *s, struct snapshot *now)
{
	struct snapshot *old = s->held;
	enum tui_result r = tui_snapshot(&s->t, now);

	s->held = now;
	if (old != s->mark)
		snapshot_free(old);
	return r;
}

/** A new reading of the world, as it is wanted now. */
static inline enum tui_result stage_read(struct stage *s)
{
	struct want want;
	const char *error;
	struct snapshot *now;

	tui_want(&s->t, &want);
	now = world_read(s->w, &want, &error);
	if (error && !s->edit_error)
		s->edit_error = error;
	return stage_give(s, now);
}

static inline void stage_mark(struct stage *s)
{
	struct snapshot *old = s->mark;

	s->mark = s->held;
	tui_set_mark(&s->t, s->mark);
	if (old != s->mark)
		snapshot_free(old);
}

/** Does what an event asks for; a want may be followed by others, but not for ever. */
static inline void stage_do(struct stage *s, enum tui_result r)
{
	for (int rounds = 0; rounds < 8; rounds++) {
		stage_forget(s);
		if (r == TUI_MARK && s->held)
			stage_mark(s);
		if (r > TUI_MARK)
			s->last = r;
		s->quit |= r == TUI_QUIT;
		if ((r != TUI_WANT && r != TUI_MARK) || s->silent || !s->w)
			return;
		r = stage_read(s);
	}
}

static inline void stage_resize(struct stage *s, unsigned w, unsigned h)
{
	canvas_resize(&s->c, w, h);
	stage_do(s, tui_resize(&s->t, w, h));
}

/** Draws, and says what is wrong with the state or the screen; NULL nothing. */
static inline const char *stage_draw(struct stage *s)
{
	const char *fault = tui_fault(&s->t);

	if (fault)
		return fault;
	tui_draw(&s->t, &s->c);
	return canvas_fault(&s->c);
}

#endif
