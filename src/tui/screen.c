/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The terminal, taken and given back. This file and its neighbours screen_*.c are the only ones
 * that know curses: screen_cells.c brings cells there, screen_keys.c keys from it.
 */
#ifdef HAVE_NCURSES

#include "screen_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <unistd.h>

/** Most that is sent to a clipboard, before base64: xterm and tmux take no more. */
#define CLIPBOARD_MAX 65536
/** A device control string of screen holds no more. */
#define SCREEN_CHUNK 240

struct tty tty = { .real_stderr = -1, .hidden_stderr = -1 };

bool screen_available(void)
{
	return true;
}

unsigned screen_width(void)
{
	return tty.w;
}

unsigned screen_height(void)
{
	return tty.h;
}

unsigned screen_colors(void)
{
	return tty.colors;
}

/* --- taking and giving ------------------------------------------------------------------------ */

bool screen_capable(const char *name)
{
	const char *s = tigetstr(name);

	return s && s != (char *)-1 && *s;
}

/** Can TERM place the cursor and clear? Asked before curses is let at the terminal. */
static bool terminal_known(int out)
{
	TERMINAL *t;
	const char *name = getenv("TERM");
	int err = 0;
	bool ok;

	if (!name || !*name || setupterm(name, out, &err) != OK)
		return false;
	ok = screen_capable("cup") && (screen_capable("clear") || screen_capable("ed"));
	t = set_curterm(NULL);
	del_curterm(t);
	return ok;
}

/** Appends a capability without its padding, which is for terminals of the 1970s. */
static void add_reset(const char *s)
{
	if (!s || s == (const char *)-1)
		return;
	for (; *s && tty.nreset < sizeof(tty.reset); s++) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>'))
			s = strchr(s, '>');
		else
			tty.reset[tty.nreset++] = *s;
	}
}

static void prepare_reset(void)
{
	static const char *const names[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };

	tty.nreset = 0;
	add_reset("\033[?2004l");
	if (tty.mouse)
		add_reset("\033[?1006l\033[?1002l\033[?1000l");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add_reset(tigetstr(names[i]));
	if (!screen_capable("rmcup"))
		add_reset("\r\n");
}

void screen_send(const char *bytes, size_t len)
{
	fwrite(bytes, 1, len, tty.out);
	fflush(tty.out);
}

/** Something may be written to stderr that is no business of the screen: it comes out at the end.
 */
static void hide_stderr(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	tty.hidden_stderr = memfd_create("procmap stderr", MFD_CLOEXEC);
	if (tty.hidden_stderr < 0)
		return;
	tty.real_stderr = dup(STDERR_FILENO);
	if (tty.real_stderr < 0 || dup2(tty.hidden_stderr, STDERR_FILENO) < 0) {
		close(tty.hidden_stderr);
		tty.hidden_stderr = -1;
	}
}

/** Async-signal-safe. */
static void show_stderr(void)
{
	char block[4096];
	ssize_t n;

	if (tty.hidden_stderr < 0)
		return;
	dup2(tty.real_stderr, STDERR_FILENO);
	lseek(tty.hidden_stderr, 0, SEEK_SET);
	while ((n = read(tty.hidden_stderr, block, sizeof(block))) > 0)
		if (write(STDERR_FILENO, block, (size_t)n) < 0)
			break;
	close(tty.hidden_stderr);
	close(tty.real_stderr);
	tty.hidden_stderr = tty.real_stderr = -1;
}

/** Every key at once and as it is; the signals of the keyboard stay. */
static void set_modes(void)
{
	struct termios t;

	cbreak();
	noecho();
	nonl();
	if (tcgetattr(fileno(tty.in), &t))
		return;
	t.c_iflag &= ~(tcflag_t)IXON;
	t.c_lflag &= ~(tcflag_t)IEXTEN;
	t.c_lflag |= NOFLSH;
	tcsetattr(fileno(tty.in), TCSANOW, &t);
	def_prog_mode();
}

static void start_colors(unsigned colors)
{
	tty.colors = 0;
	if (colors && has_colors() && start_color() == OK) {
		use_default_colors();
		colors = MIN(colors, (unsigned)COLORS);
		tty.colors = colors >= 256 ? 256 : colors >= 16 ? 16 : colors >= 8 ? 8 : 0;
	}
}

int screen_start(int in, int out, unsigned colors, bool light)
{
	if (!isatty(in) || !isatty(out) || tcgetattr(in, &tty.shell))
		return -ENOTTY;
	if (!terminal_known(out))
		return -ENOTSUP;
	tty.in = fdopen(dup(in), "r");
	tty.out = fdopen(dup(out), "w");
	if (!tty.in || !tty.out)
		return -errno;
	/* The size is asked of the terminal: COLUMNS may be older than it. */
	use_env(TRUE);
	use_tioctl(TRUE);
	/* Before curses: its mouse library complains there. */
	hide_stderr();
	tty.screen = newterm(NULL, tty.out, tty.in);
	if (!tty.screen) {
		show_stderr();
		return -ENOTSUP;
	}
	screen_start_keys();
	prepare_reset();
	tty.on = true;
	die_hook = screen_rescue;
	set_modes();
	leaveok(stdscr, FALSE);
	start_colors(colors);
	screen_theme(light);
	tty.cursor = curs_set(0) == ERR ? -1 : 0;
	screen_fit();
	screen_reports(true);
	return 0;
}

void screen_stop(void)
{
	if (!tty.on)
		return;
	screen_reports(false);
	mousemask(0, NULL);
	endwin();
	tty.on = false;
	die_hook = NULL;
	tcsetattr(fileno(tty.in), TCSANOW, &tty.shell);
	delwin(tty.keys);
	delscreen(tty.screen);
	fclose(tty.in);
	fclose(tty.out);
	free(tty.shown);
	tty.shown = NULL;
	show_stderr();
}

void screen_rescue(void)
{
	int saved = errno;

	if (!tty.on)
		return;
	tty.on = false;
	if (write(fileno(tty.out), tty.reset, tty.nreset) >= 0)
		tcsetattr(fileno(tty.in), TCSANOW, &tty.shell);
	show_stderr();
	errno = saved;
}

void screen_pause(void)
{
	screen_reports(false);
	endwin();
}

void screen_resume(void)
{
	/* Continued without a pause, curses believes that all is as it was. */
	if (!isendwin())
		endwin();
	clearok(curscr, TRUE);
	refresh();
	tty.cursor = -1;
	tty.pasting = false;
	screen_reports(true);
}

bool screen_fit(void)
{
	struct winsize ws = { 0 };
	unsigned w, h;

	if (ioctl(fileno(tty.out), TIOCGWINSZ, &ws) || !ws.ws_col || !ws.ws_row) {
		ws.ws_col = (unsigned short)MAX(COLS, 1);
		ws.ws_row = (unsigned short)MAX(LINES, 1);
	}
	w = ws.ws_col;
	h = ws.ws_row;
	if (tty.shown && w == tty.w && h == tty.h)
		return false;
	resize_term((int)h, (int)w);
	clearok(curscr, TRUE);
	werase(stdscr);
	free(tty.shown);
	tty.w = w;
	tty.h = h;
	tty.shown = xcalloc((size_t)w * h, sizeof(*tty.shown));
	screen_forget();
	return true;
}

/* --- clipboard -------------------------------------------------------------------------------- */

static void base64(struct buf *out, const u8 *p, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		u32 v = (u32)p[i] << 16 | (u32)(i + 1 < len ? p[i + 1] : 0) << 8 |
			(i + 2 < len ? p[i + 2] : 0);

		buf_addch(out, digits[v >> 18]);
		buf_addch(out, digits[v >> 12 & 63]);
		buf_addch(out, i + 1 < len ? digits[v >> 6 & 63] : '=');
		buf_addch(out, i + 2 < len ? digits[v & 63] : '=');
	}
}

/** screen hands on what comes in device control strings; tmux understands OSC 52 itself. */
static bool below_screen(void)
{
	const char *name = getenv("TERM"), *sty = getenv("STY");

	return name && !strncmp(name, "screen", 6) && sty && *sty && !getenv("TMUX");
}

bool screen_clipboard(const char *bytes, size_t len)
{
	struct buf osc = { 0 }, wrapped = { 0 };

	if (len > CLIPBOARD_MAX)
		return false;
	buf_addstr(&osc, "\033]52;c;");
	base64(&osc, (const u8 *)bytes, len);
	buf_addch(&osc, '\a');
	if (!below_screen()) {
		screen_send(osc.p, osc.len);
	} else {
		for (size_t i = 0; i < osc.len; i += SCREEN_CHUNK) {
			buf_addstr(&wrapped, "\033P");
			buf_add(&wrapped, osc.p + i, MIN(osc.len - i, SCREEN_CHUNK));
			buf_addstr(&wrapped, "\033\\");
		}
		screen_send(wrapped.p, wrapped.len);
	}
	buf_release(&osc);
	buf_release(&wrapped);
	return true;
}

#endif
