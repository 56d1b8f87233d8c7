/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one file that knows curses: cells to the terminal, keys from it. */
#include "screen.h"

#include <errno.h>

#include "palette.h"

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

#else

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/** How long a lone Esc waits for the rest of a key's sequence. */
#define ESC_MS	      25
/** Two presses on one cell within this are a double click. */
#define DOUBLE_MS     400
/** Of a pasted text no more is kept: answers are shorter. */
#define PASTE_MAX     4096
/** A paste that says nothing for so long has lost its end. */
#define PASTE_MS      5000
/** What curses calls the marks around a pasted text. */
#define KEY_PASTE     (KEY_MAX + 1)
#define KEY_PASTE_END (KEY_MAX + 2)
/** Most that is sent to a clipboard, before base64: xterm and tmux take no more. */
#define CLIPBOARD_MAX 65536
/** A device control string of screen holds no more. */
#define SCREEN_CHUNK  240

/** Combinations of enum cell_attr. */
#define CELL_ATTRS    (2 * CELL_MATCH)

/** What curses is told of a style. */
struct look {
	attr_t attrs;
	short pair;
};

static struct {
	volatile bool on; /**< the terminal is ours */
	SCREEN *screen;
	FILE *in, *out;
	WINDOW *keys; /**< a pad: reading a key from it draws nothing */
	struct termios shell;
	char reset[256]; /**< what gives the terminal back when curses cannot be asked */
	size_t nreset;
	int real_stderr, hidden_stderr; /**< -1: stderr is not the terminal */
	bool mouse;
	unsigned colors;
	unsigned w, h;
	struct cell *shown; /**< what curses was told last: h rows of w */
	struct look looks[TSTYLE_N][CELL_ATTRS];
	struct {
		short fg, bg;
	} pairs[64]; /**< as curses knows them; 0 is the terminal's own */
	short npairs;
	int cursor; /**< what curs_set() was told last */
	bool pasting;
	int paste[PASTE_MAX];
	size_t npaste;
	u64 paste_ms; /**< when the last of it came */
	struct {
		unsigned x, y;
		u64 ms;
	} press; /**< the last one */
} term = { .real_stderr = -1, .hidden_stderr = -1 };

bool screen_available(void)
{
	return true;
}

unsigned screen_width(void)
{
	return term.w;
}

unsigned screen_height(void)
{
	return term.h;
}

unsigned screen_colors(void)
{
	return term.colors;
}

/* --- colours ---------------------------------------------------------------------------------- */

/** The number of a pair of colours; 0, the terminal's own, when there are no more. */
static short pair_of(short fg, short bg)
{
	short n = 1;

	if (fg == PAINT_OWN && bg == PAINT_OWN)
		return 0;
	for (; n <= term.npairs; n++)
		if (term.pairs[n].fg == fg && term.pairs[n].bg == bg)
			return n;
	if (n >= (short)ARRAY_SIZE(term.pairs) || n >= COLOR_PAIRS || init_pair(n, fg, bg) == ERR)
		return 0;
	term.pairs[n].fg = fg;
	term.pairs[n].bg = bg;
	return term.npairs = n;
}

/** What curses calls a paint. */
static void look_of(struct paint p, struct look *ret)
{
	static const attr_t attrs[] = { A_BOLD, A_DIM, A_UNDERLINE, A_REVERSE };

	*ret = (struct look){ .pair = term.colors ? pair_of(p.fg, p.bg) : 0 };
	for (size_t i = 0; i < ARRAY_SIZE(attrs); i++)
		if (p.attr >> i & 1)
			ret->attrs |= attrs[i];
}

/** Nothing that is on the screen counts as shown. */
static void forget_shown(void)
{
	memset(term.shown, 0xff, (size_t)term.w * term.h * sizeof(*term.shown));
}

void screen_theme(bool light)
{
	term.npairs = 0;
	for (unsigned style = 0; style < TSTYLE_N; style++)
		for (unsigned attr = 0; attr < CELL_ATTRS; attr++)
			look_of(palette_paint(style, attr, term.colors, light),
				&term.looks[style][attr]);
	if (term.shown)
		forget_shown();
}

/* --- taking and giving ------------------------------------------------------------------------ */

static bool capable(const char *name)
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
	ok = capable("cup") && (capable("clear") || capable("ed"));
	t = set_curterm(NULL);
	del_curterm(t);
	return ok;
}

/** Appends a capability without its padding, which is for terminals of the 1970s. */
static void add_reset(const char *s)
{
	if (!s || s == (const char *)-1)
		return;
	for (; *s && term.nreset < sizeof(term.reset); s++) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>'))
			s = strchr(s, '>');
		else
			term.reset[term.nreset++] = *s;
	}
}

static void prepare_reset(void)
{
	static const char *const names[] = { "sgr0", "op", "rmkx", "cnorm", "rmcup" };

	term.nreset = 0;
	add_reset("\033[?2004l");
	if (term.mouse)
		add_reset("\033[?1006l\033[?1002l\033[?1000l");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add_reset(tigetstr(names[i]));
	if (!capable("rmcup"))
		add_reset("\r\n");
}

/** Bytes that are none of curses's business, behind all that it has written. */
static void send(const char *bytes, size_t len)
{
	fwrite(bytes, 1, len, term.out);
	fflush(term.out);
}

/**
 * Drags, where curses itself asks for clicks only; and marks around pasted text (xterm's bracketed
 * paste mode, 2004): a terminal that does not know it takes no notice.
 */
static void reports(bool on)
{
	if (term.mouse)
		send(on ? "\033[?1002h" : "\033[?1002l", 8);
	send(on ? "\033[?2004h" : "\033[?2004l", 8);
}

/** Something may be written to stderr that is no business of the screen: it comes out at the end.
 */
static void hide_stderr(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	term.hidden_stderr = memfd_create("procmap stderr", MFD_CLOEXEC);
	if (term.hidden_stderr < 0)
		return;
	term.real_stderr = dup(STDERR_FILENO);
	if (term.real_stderr < 0 || dup2(term.hidden_stderr, STDERR_FILENO) < 0) {
		close(term.hidden_stderr);
		term.hidden_stderr = -1;
	}
}

/** Async-signal-safe. */
static void show_stderr(void)
{
	char block[4096];
	ssize_t n;

	if (term.hidden_stderr < 0)
		return;
	dup2(term.real_stderr, STDERR_FILENO);
	lseek(term.hidden_stderr, 0, SEEK_SET);
	while ((n = read(term.hidden_stderr, block, sizeof(block))) > 0)
		if (write(STDERR_FILENO, block, (size_t)n) < 0)
			break;
	close(term.hidden_stderr);
	close(term.real_stderr);
	term.hidden_stderr = term.real_stderr = -1;
}

/** Every key at once and as it is; the signals of the keyboard stay. */
static void set_modes(void)
{
	struct termios t;

	cbreak();
	noecho();
	nonl();
	if (tcgetattr(fileno(term.in), &t))
		return;
	t.c_iflag &= ~(tcflag_t)IXON;
	t.c_lflag &= ~(tcflag_t)IEXTEN;
	t.c_lflag |= NOFLSH;
	tcsetattr(fileno(term.in), TCSANOW, &t);
	def_prog_mode();
}

static void start_colors(unsigned colors)
{
	term.colors = 0;
	if (colors && has_colors() && start_color() == OK) {
		use_default_colors();
		colors = MIN(colors, (unsigned)COLORS);
		term.colors = colors >= 256 ? 256 : colors >= 16 ? 16 : colors >= 8 ? 8 : 0;
	}
}

static void start_keys(void)
{
	set_escdelay(ESC_MS);
	term.keys = newpad(1, 1);
	keypad(term.keys, TRUE);
	nodelay(term.keys, TRUE);
	define_key("\033[200~", KEY_PASTE);
	define_key("\033[201~", KEY_PASTE_END);
	/* Presses and releases as they come: double clicks are told here. */
	mouseinterval(0);
	term.mouse =
		capable("kmous") && mousemask(BUTTON1_PRESSED | BUTTON1_RELEASED | BUTTON4_PRESSED |
						      BUTTON5_PRESSED | REPORT_MOUSE_POSITION,
					      NULL);
}

int screen_start(int in, int out, unsigned colors, bool light)
{
	if (!isatty(in) || !isatty(out) || tcgetattr(in, &term.shell))
		return -ENOTTY;
	if (!terminal_known(out))
		return -ENOTSUP;
	term.in = fdopen(dup(in), "r");
	term.out = fdopen(dup(out), "w");
	if (!term.in || !term.out)
		return -errno;
	/* The size is asked of the terminal: COLUMNS may be older than it. */
	use_env(TRUE);
	use_tioctl(TRUE);
	/* Before curses: its mouse library complains there. */
	hide_stderr();
	term.screen = newterm(NULL, term.out, term.in);
	if (!term.screen) {
		show_stderr();
		return -ENOTSUP;
	}
	start_keys();
	prepare_reset();
	term.on = true;
	die_hook = screen_rescue;
	set_modes();
	leaveok(stdscr, FALSE);
	start_colors(colors);
	screen_theme(light);
	term.cursor = curs_set(0) == ERR ? -1 : 0;
	screen_fit();
	reports(true);
	return 0;
}

void screen_stop(void)
{
	if (!term.on)
		return;
	reports(false);
	mousemask(0, NULL);
	endwin();
	term.on = false;
	die_hook = NULL;
	tcsetattr(fileno(term.in), TCSANOW, &term.shell);
	delwin(term.keys);
	delscreen(term.screen);
	fclose(term.in);
	fclose(term.out);
	free(term.shown);
	term.shown = NULL;
	show_stderr();
}

void screen_rescue(void)
{
	int saved = errno;

	if (!term.on)
		return;
	term.on = false;
	if (write(fileno(term.out), term.reset, term.nreset) >= 0)
		tcsetattr(fileno(term.in), TCSANOW, &term.shell);
	show_stderr();
	errno = saved;
}

void screen_pause(void)
{
	reports(false);
	endwin();
}

void screen_resume(void)
{
	/* Continued without a pause, curses believes that all is as it was. */
	if (!isendwin())
		endwin();
	clearok(curscr, TRUE);
	refresh();
	term.cursor = -1;
	term.pasting = false;
	reports(true);
}

bool screen_fit(void)
{
	struct winsize ws = { 0 };
	unsigned w, h;

	if (ioctl(fileno(term.out), TIOCGWINSZ, &ws) || !ws.ws_col || !ws.ws_row) {
		ws.ws_col = (unsigned short)MAX(COLS, 1);
		ws.ws_row = (unsigned short)MAX(LINES, 1);
	}
	w = ws.ws_col;
	h = ws.ws_row;
	if (term.shown && w == term.w && h == term.h)
		return false;
	resize_term((int)h, (int)w);
	clearok(curscr, TRUE);
	werase(stdscr);
	free(term.shown);
	term.w = w;
	term.h = h;
	term.shown = xcalloc((size_t)w * h, sizeof(*term.shown));
	forget_shown();
	return true;
}

/* --- cells ------------------------------------------------------------------------------------ */

/** One character of valid UTF-8 and the combining ones behind it; the count of wide ones. */
static unsigned widen(const char *text, wchar_t out[static CCHARW_MAX])
{
	const u8 *s = (const u8 *)text;
	unsigned n = 0, more;
	u32 c;

	while (*s && n < CCHARW_MAX) {
		more = *s < 0x80 ? 0 : *s < 0xe0 ? 1 : *s < 0xf0 ? 2 : 3;
		c = more ? *s & (0x3fu >> more) : *s;
		for (s++; more && (*s & 0xc0) == 0x80; more--)
			c = c << 6 | (*s++ & 0x3f);
		out[n++] = (wchar_t)c;
	}
	return n;
}

/** What curses is to put there; a question mark for what the C library thinks of otherwise. */
static void make_cell(const struct cell *cell, cchar_t *ret)
{
	wchar_t text[CCHARW_MAX + 1] = { L' ' };
	unsigned style = cell->style < TSTYLE_N ? cell->style : STYLE_PLAIN, n;
	const struct look *look = &term.looks[style][cell->attr % CELL_ATTRS];

	if (cell->text[0]) {
		n = widen(cell->text, text);
		text[n] = L'\0';
		if (!iswprint((wint_t)text[0]) || wcwidth(text[0]) != cell->width)
			wcscpy(text, L"?");
	}
	if (setcchar(ret, text, look->attrs, look->pair, NULL) != OK) {
		text[1] = L'\0';
		setcchar(ret, text, look->attrs, look->pair, NULL);
	}
}

static void show_row(const struct canvas *c, unsigned y)
{
	const struct cell *row = c->cells + (size_t)y * c->w;
	cchar_t cc;

	for (unsigned x = 0; x < c->w; x++) {
		if (!row[x].width && x)
			continue;
		make_cell(&row[x], &cc);
		/* The last cell of the last row: put there, though ERR comes back. */
		mvadd_wch((int)y, (int)x, &cc);
	}
}

void screen_show(const struct canvas *c)
{
	size_t bytes = c->w * sizeof(*c->cells);

	if (c->w != term.w || c->h != term.h)
		return;
	for (unsigned y = 0; y < c->h; y++) {
		struct cell *old = term.shown + (size_t)y * c->w;

		if (!memcmp(old, c->cells + (size_t)y * c->w, bytes))
			continue;
		memcpy(old, c->cells + (size_t)y * c->w, bytes);
		show_row(c, y);
	}
	if (term.cursor != c->cursor) {
		term.cursor = c->cursor;
		curs_set(c->cursor);
	}
	move(c->cursor ? (int)c->y : (int)c->h - 1, c->cursor ? (int)c->x : (int)c->w - 1);
	refresh();
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
	if (term.press.ms && now - term.press.ms <= DOUBLE_MS && term.press.x == m->x &&
	    term.press.y == m->y) {
		m->what = MOUSE_DOUBLE;
		now = 0; /* a third press begins anew */
	}
	term.press.ms = now;
	term.press.x = m->x;
	term.press.y = m->y;
}

static bool mouse_of(struct mouse *m)
{
	MEVENT e;

	if (getmouse(&e) != OK || e.x < 0 || e.y < 0)
		return false;
	*m = (struct mouse){ .x = (unsigned)e.x, .y = (unsigned)e.y };
	if (e.bstate & BUTTON4_PRESSED)
		m->what = MOUSE_WHEEL_UP;
	else if (e.bstate & BUTTON5_PRESSED)
		m->what = MOUSE_WHEEL_DOWN;
	else if (e.bstate & REPORT_MOUSE_POSITION)
		m->what = MOUSE_DRAG;
	else if (e.bstate & BUTTON1_RELEASED)
		m->what = MOUSE_RELEASE;
	else if (e.bstate & BUTTON1_PRESSED)
		press(m);
	else
		return false;
	return true;
}

/** Nothing to read although poll() says there is: the other side of the terminal has gone. */
static bool hung_up(void)
{
	struct pollfd p = { .fd = fileno(term.in), .events = POLLIN };
	int n = 0;

	if (poll(&p, 1, 0) != 1)
		return false;
	return p.revents & (POLLHUP | POLLERR | POLLNVAL) || ioctl(p.fd, FIONREAD, &n) || !n;
}

size_t screen_pasted(const int **ret)
{
	*ret = term.paste;
	return term.npaste;
}

static void paste_begin(void)
{
	term.pasting = true;
	term.npaste = 0;
	term.paste_ms = now_ms();
}

/** Adds to the pasted text; true when that has come to its end. */
static bool paste_add(wint_t c)
{
	static const char mark[] = "\033[201~";
	const size_t len = sizeof(mark) - 1;
	size_t i = 0;

	term.paste_ms = now_ms();
	/* The end must be seen in a text that is cut, too. */
	if (term.npaste == PASTE_MAX) {
		memmove(&term.paste[PASTE_MAX - len], &term.paste[PASTE_MAX - len + 1],
			(len - 1) * sizeof(term.paste[0]));
		term.npaste--;
	}
	term.paste[term.npaste++] = (int)c;
	/* Its bytes may come so slowly that curses takes them for keys. */
	if (term.npaste < len)
		return false;
	while (i < len && term.paste[term.npaste - len + i] == mark[i])
		i++;
	if (i < len)
		return false;
	term.npaste -= len;
	term.pasting = false;
	return true;
}

/** A key's sequence inside a pasted text is no key: only the end counts. */
static bool paste_code(wint_t c)
{
	struct mouse m;

	term.paste_ms = now_ms();
	if (c == KEY_MOUSE)
		mouse_of(&m);
	term.pasting = c != KEY_PASTE_END;
	return !term.pasting;
}

static bool paste_is_over(void)
{
	if (!term.pasting || now_ms() - term.paste_ms < PASTE_MS)
		return false;
	term.pasting = false;
	return true;
}

enum screen_event screen_next(int *key, struct mouse *mouse)
{
	wint_t c = 0;

	if (paste_is_over())
		return SCREEN_PASTE;
	for (;;) {
		int what = wget_wch(term.keys, &c);

		if (term.pasting && what != ERR) {
			if (what == OK ? paste_add(c) : paste_code(c))
				return SCREEN_PASTE;
			continue;
		}
		switch (what) {
		case OK:
			*key = key_of_char(c);
			return SCREEN_KEY;
		case KEY_CODE_YES:
			if (c == KEY_MOUSE && mouse_of(mouse))
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
		send(osc.p, osc.len);
	} else {
		for (size_t i = 0; i < osc.len; i += SCREEN_CHUNK) {
			buf_addstr(&wrapped, "\033P");
			buf_add(&wrapped, osc.p + i, MIN(osc.len - i, SCREEN_CHUNK));
			buf_addstr(&wrapped, "\033\\");
		}
		send(wrapped.p, wrapped.len);
	}
	buf_release(&osc);
	buf_release(&wrapped);
	return true;
}

#endif
