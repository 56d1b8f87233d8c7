/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from the terminal: keys, the mouse, pasted text. */
#ifdef HAVE_NCURSES

#include "screen_parts.h"

#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

/** How long a lone Esc waits for the rest of a key's sequence. */
#define ESC_MS 25
/** Two presses on one cell within this are a double click. */
#define DOUBLE_MS 400
/** A paste that says nothing for so long has lost its end. */
#define PASTE_MS 5000
/** What curses calls the marks around a pasted text. */
#define KEY_PASTE     (KEY_MAX + 1)
#define KEY_PASTE_END (KEY_MAX + 2)

/* --- what is asked of it ---------------------------------------------------------------------- */

void screen_start_keys(void)
{
	set_escdelay(ESC_MS);
	tty.keys = newpad(1, 1);
	keypad(tty.keys, TRUE);
	nodelay(tty.keys, TRUE);
	define_key("\033[200~", KEY_PASTE);
	define_key("\033[201~", KEY_PASTE_END);
	/* Presses and releases as they come: double clicks are told here. */
	mouseinterval(0);
	tty.mouse = screen_capable("kmous") &&
		    mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED |
				      BUTTON5_PRESSED | REPORT_MOUSE_POSITION,
			      NULL);
}

/**
 * Drags, where curses itself asks for clicks only; and marks around pasted text (xterm's bracketed
 * paste mode, 2004): a terminal that does not know it takes no notice.
 */
void screen_reports(bool on)
{
	if (tty.mouse)
		screen_send(on ? "\033[?1002h" : "\033[?1002l", 8);
	screen_send(on ? "\033[?2004h" : "\033[?2004l", 8);
}

/* --- keys and mouse --------------------------------------------------------------------------- */

/** Keys that curses names. */
static const struct {
	int curses;
	enum key key;
} named_keys[] = {
	{ KEY_UP, KEYS_UP },	    { KEY_DOWN, KEYS_DOWN },	 { KEY_LEFT, KEYS_LEFT },
	{ KEY_RIGHT, KEYS_RIGHT },  { KEY_PPAGE, KEYS_PAGE_UP }, { KEY_NPAGE, KEYS_PAGE_DOWN },
	{ KEY_HOME, KEYS_HOME },    { KEY_END, KEYS_END },	 { KEY_ENTER, KEYS_ENTER },
	{ KEY_DC, KEYS_DELETE },    { KEY_BTAB, KEYS_BACKTAB },	 { KEY_BACKSPACE, KEYS_BACKSPACE },
	{ KEY_A1, KEYS_HOME },	    { KEY_A3, KEYS_PAGE_UP },	 { KEY_C1, KEYS_END },
	{ KEY_C3, KEYS_PAGE_DOWN }, { KEY_FIND, KEYS_HOME },	 { KEY_SELECT, KEYS_END },
	{ KEY_CANCEL, KEYS_ESC },
};

static int key_of(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(named_keys); i++)
		if (named_keys[i].curses == code)
			return named_keys[i].key;
	return 0;
}

/** The control characters that are keys of their own. */
static int key_of_char(wint_t c)
{
	switch (c) {
	case '\r':
	case '\n':
		return KEYS_ENTER;
	case 27:
		return KEYS_ESC;
	case 8:
	case 127:
		return KEYS_BACKSPACE;
	case '\t':
		return KEYS_TAB;
	default:
		return (int)c;
	}
}

static u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000;
}

static void press(struct mouse *m)
{
	u64 now = now_ms();

	m->what = MOUSE_PRESS;
	if (tty.press.ms && now - tty.press.ms <= DOUBLE_MS && tty.press.x == m->x &&
	    tty.press.y == m->y) {
		m->what = MOUSE_DOUBLE;
		now = 0; /* a third press begins anew */
	}
	tty.press.ms = now;
	tty.press.x = m->x;
	tty.press.y = m->y;
}

static bool mouse_of(const MEVENT *e, struct mouse *m)
{
	if (e->x < 0 || e->y < 0)
		return false;
	*m = (struct mouse){ .x = (unsigned)e->x, .y = (unsigned)e->y };
	if (e->bstate & BUTTON4_PRESSED)
		m->what = MOUSE_WHEEL_UP;
	else if (e->bstate & BUTTON5_PRESSED)
		m->what = MOUSE_WHEEL_DOWN;
	else if (e->bstate & REPORT_MOUSE_POSITION)
		m->what = MOUSE_DRAG;
	else if (e->bstate & BUTTON1_RELEASED)
		m->what = MOUSE_RELEASE;
	else if (e->bstate & BUTTON1_PRESSED)
		press(m);
	else
		return false;
	return true;
}

/** What came at once is one KEY_MOUSE, and curses hands out the latest of it first. */
static void take_events(void)
{
	tty.nevents = 0;
	while (tty.nevents < MOUSE_EVENTS && getmouse(&tty.events[tty.nevents]) == OK)
		tty.nevents++;
}

static bool next_event(struct mouse *m)
{
	while (tty.nevents)
		if (mouse_of(&tty.events[--tty.nevents], m))
			return true;
	return false;
}

/** Nothing to read although poll() says there is: the other side of the terminal has gone. */
static bool hung_up(void)
{
	struct pollfd p = { .fd = fileno(tty.in), .events = POLLIN };
	int n = 0;

	if (poll(&p, 1, 0) != 1)
		return false;
	return p.revents & (POLLHUP | POLLERR | POLLNVAL) || ioctl(p.fd, FIONREAD, &n) || !n;
}

size_t screen_pasted(const int **ret)
{
	*ret = tty.paste;
	return tty.npaste;
}

static void paste_begin(void)
{
	tty.pasting = true;
	tty.npaste = 0;
	tty.paste_ms = now_ms();
}

/** Adds to the pasted text; true when that has come to its end. */
static bool paste_add(wint_t c)
{
	static const char mark[] = "\033[201~";
	const size_t len = sizeof(mark) - 1;
	size_t i = 0;

	tty.paste_ms = now_ms();
	/* The end must be seen in a text that is cut, too. */
	if (tty.npaste == PASTE_MAX) {
		memmove(&tty.paste[PASTE_MAX - len], &tty.paste[PASTE_MAX - len + 1],
			(len - 1) * sizeof(tty.paste[0]));
		tty.npaste--;
	}
	tty.paste[tty.npaste++] = (int)c;
	/* Its bytes may come so slowly that curses takes them for keys. */
	if (tty.npaste < len)
		return false;
	while (i < len && tty.paste[tty.npaste - len + i] == mark[i])
		i++;
	if (i < len)
		return false;
	tty.npaste -= len;
	tty.pasting = false;
	return true;
}

/** A key's sequence inside a pasted text is no key: only the end counts. */
static bool paste_code(wint_t c)
{
	tty.paste_ms = now_ms();
	if (c == KEY_MOUSE) {
		take_events();
		tty.nevents = 0;
	}
	tty.pasting = c != KEY_PASTE_END;
	return !tty.pasting;
}

static bool paste_is_over(void)
{
	if (!tty.pasting || now_ms() - tty.paste_ms < PASTE_MS)
		return false;
	tty.pasting = false;
	return true;
}

enum screen_event screen_next(int *key, struct mouse *mouse)
{
	wint_t c = 0;

	if (next_event(mouse))
		return SCREEN_MOUSE;
	if (paste_is_over())
		return SCREEN_PASTE;
	for (;;) {
		int what = wget_wch(tty.keys, &c);

		if (tty.pasting && what != ERR) {
			if (what == OK ? paste_add(c) : paste_code(c))
				return SCREEN_PASTE;
			continue;
		}
		switch (what) {
		case OK:
			*key = key_of_char(c);
			return SCREEN_KEY;
		case KEY_CODE_YES:
			if (c == KEY_MOUSE)
				take_events();
			if (next_event(mouse))
				return SCREEN_MOUSE;
			if (c == KEY_PASTE)
				paste_begin();
			*key = key_of((int)c);
			if (*key)
				return SCREEN_KEY;
			break;
		default:
			return hung_up() ? SCREEN_EOF : SCREEN_NONE;
		}
	}
}

#endif
