/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WIDTH_DEFAULT 100
#define WIDTH_MIN     20
#define WIDTH_MAX     10000

unsigned terminal_width(const struct options *o)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	long n = 0;

	if (o->width)
		return o->width;
	if (columns)
		n = strtol(columns, NULL, 10);
	if (n <= 0 && !ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws))
		n = ws.ws_col;
	if (n <= 0)
		n = WIDTH_DEFAULT;
	return (unsigned)MIN(MAX(n, WIDTH_MIN), WIDTH_MAX);
}

/** What a terminal that is one can show, by its name. */
static unsigned colors_of_term(void)
{
	const char *term = getenv("TERM"), *colorterm = getenv("COLORTERM");

	if (!term || !*term || !strcmp(term, "dumb") || !strncmp(term, "vt1", 3) ||
	    !strncmp(term, "vt2", 3))
		return 0;
	if ((colorterm && *colorterm) || strstr(term, "256") || strstr(term, "direct"))
		return 256;
	return !strcmp(term, "linux") ? 8 : 16;
}

unsigned terminal_colors(const struct options *o)
{
	const char *no_color = getenv("NO_COLOR");
	unsigned able = colors_of_term();

	if (o->colors >= 0)
		return (unsigned)o->colors;
	if (o->colors == COLOR_ALWAYS)
		return able ? able : 16;
	if ((no_color && *no_color) || !isatty(STDOUT_FILENO))
		return 0;
	return able;
}

bool terminal_ascii(const struct options *o)
{
	if (o->charset != CHARSET_AUTO)
		return o->charset == CHARSET_ASCII;
	return strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

static const char *pager_command(void)
{
	const char *cmd = getenv("PROCMAP_PAGER");

	if (!cmd)
		cmd = getenv("PAGER");
	return cmd ? cmd : "less";
}

/** In the child: the pager reads our output on its stdin. */
static _Noreturn void run_pager(const char *script, const int pipe_fd[2])
{
	signal(SIGPIPE, SIG_DFL);
	root_drop_all();
	dup2(pipe_fd[0], STDIN_FILENO);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	setenv("LESS", "FRX", 0);
	/* A pager of root must not become a shell of root. */
	if (!geteuid())
		setenv("LESSSECURE", "1", 1);
	execl("/bin/sh", "sh", "-c", script, (char *)NULL);
	_exit(127);
}

pid_t terminal_pager(const struct options *o, int *fd)
{
	const char *cmd = pager_command();
	char *script;
	int pipe_fd[2];
	pid_t pid;

	*fd = STDOUT_FILENO;
	if (o->no_pager || !isatty(STDOUT_FILENO) || !*cmd || !strcmp(cmd, "cat") ||
	    pipe2(pipe_fd, 0))
		return 0;
	/* A pager that is not installed has read nothing yet: nothing is lost. */
	script = xasprintf("%s\nif [ $? = 127 ]; then exec cat; fi", cmd);
	pid = fork();
	if (!pid)
		run_pager(script, pipe_fd);
	free(script);
	close(pipe_fd[0]);
	if (pid < 0) {
		close(pipe_fd[1]);
		return 0;
	}
	/* An interrupt is for the pager, which goes on; when it is left, writing to it ends us. */
	signal(SIGINT, SIG_IGN);
	*fd = pipe_fd[1];
	return pid;
}

void terminal_pager_end(pid_t pager, int fd)
{
	if (!pager)
		return;
	close(fd);
	while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
		;
}

int terminal_keyboard(void)
{
	int fd;

	if (isatty(STDIN_FILENO))
		return STDIN_FILENO;
	fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int terminal_new_file(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : fd;
}
