/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The list of processes: what is typed filters it at once, Left and Right choose what sorts it. */
#include <stdio.h>
#include <string.h>

#include "state.h"

/** Longer texts no process has. */
#define TYPED_MAX 200

/** The process that is called exactly so, or has exactly that PID. */
static bool is_exactly(const struct tui *t, const struct item *it)
{
	const struct tasks *tasks = &t->snap->tasks;
	const struct task *task;
	char pid[16];

	if (it->kind != ITEM_TASK || !t->typed.len)
		return false;
	task = &tasks->v[it->index];
	snprintf(pid, sizeof(pid), "%d", (int)task->pid);
	return !strcmp(pid, t->typed.p) ||
	       !strcmp(strtab_get(&tasks->names, task->name), t->typed.p);
}

/** The rows follow each character; what was most likely meant is selected. */
static enum tui_result retyped(struct tui *t)
{
	size_t row;

	/* Where details stand in place of the list, what is found must be seen. */
	t->show_detail = false;
	state_rebuild(t);
	if (!t->nitems)
		return TUI_WANT;
	here(t)->top = 0;
	row = state_top(t);
	for (size_t i = 0; i < t->nitems; i++)
		if (is_exactly(t, &t->items[i])) {
			row = i;
			break;
		}
	state_select(t, row);
	return TUI_WANT;
}

static void add(struct tui *t, int key)
{
	char text[4];
	size_t n;

	if (t->typed.len > TYPED_MAX || !key_is_text(key))
		return;
	n = prompt_utf8(text, key);
	buf_add(&t->typed, text, n);
}

static void cut(struct tui *t, size_t len)
{
	t->typed.len = len;
	if (t->typed.p)
		t->typed.p[len] = '\0';
}

static size_t without_last(const struct tui *t)
{
	size_t n = t->typed.len;

	n -= n != 0;
	while (n && ((u8)t->typed.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static size_t without_word(const struct tui *t)
{
	size_t n = t->typed.len;

	while (n && t->typed.p[n - 1] == ' ')
		n--;
	while (n && t->typed.p[n - 1] != ' ')
		n--;
	return n;
}

enum tui_result picker_type(struct tui *t, enum action a, int key)
{
	size_t was = t->typed.len;

	if (a == ACT_TYPE)
		add(t, key);
	else if (a == ACT_ERASE)
		cut(t, without_last(t));
	else if (a == ACT_ERASE_WORD)
		cut(t, without_word(t));
	else
		cut(t, 0);
	return t->typed.len == was ? TUI_DRAW : retyped(t);
}

enum tui_result picker_paste(struct tui *t, const int *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(t, text[i] == '\n' || text[i] == '\r' || text[i] == '\t' ? ' ' : text[i]);
	return retyped(t);
}

enum tui_result picker_out(struct tui *t)
{
	if (!t->typed.len)
		return t->picking ? live_back(t) : TUI_QUIT;
	cut(t, 0);
	/* Whoever was found stays selected among all. */
	state_rebuild(t);
	return TUI_WANT;
}

enum tui_result picker_sort(struct tui *t, int by)
{
	u8 list[CHOOSER_MAX];
	size_t n = list_sorts(t, list), i = 0;

	if (!n)
		return TUI_DRAW;
	while (i + 1 < n && list[i] + 1u != t->sort)
		i++;
	if (by < 0 ? i == 0 : i + 1 == n)
		return TUI_DRAW;
	chooser_sort(t, list[by < 0 ? i - 1 : i + 1]);
	return TUI_WANT;
}
