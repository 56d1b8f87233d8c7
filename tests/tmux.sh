# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
#
# The browser on a terminal that tmux plays, for tests/tui. Source it after lib.sh. Each test has a
# server of its own, whose socket is in $TMP; a shell with job control runs in its one window.
# Nothing here waits for a time to pass: it looks until what it waits for is there, or gives up.

command -v tmux >/dev/null || skip_all "no tmux"
has_feature tui || skip_all "built without ncursesw"

# Seconds after which something will not come any more; machines may be slow and busy.
PATIENCE=${PATIENCE:-20}
[ -z "${target:-}" ] || target=
unset TMUX TMUX_PANE

# The server keeps what it is started with: it must not hold the ends of a helper's pipes. Without
# SHELL it runs commands through the user's login shell, and for nobody that is nologin.
t() {
	SHELL=/bin/sh tmux -u -S "$TMP/tmux" -f /dev/null "$@" 8>&- 9<&-
}

# shellcheck disable=SC2317 # lib.sh's trap runs it
tap_cleanup() {
	t kill-server 2>/dev/null
	[ -z "$target" ] || kill -9 "$target" 2>/dev/null
}

# terminal COLUMNS ROWS [TERM]: a new terminal with a shell; what was there before is closed. The
# test ends here if there is none: nothing after it could come true.
terminal() {
	if ! new_terminal "$@"; then
		fail "tmux has a terminal with a shell in it"
		tap_done
	fi
}

new_terminal() {
	t kill-server 2>/dev/null
	# As long as a socket is there its server may still be ending.
	rm -f "$TMP/tmux"
	rm -f "$TMP/stty.before"
	# There curses loads libgpm, which leaks a name.
	asan=$ASAN_OPTIONS
	[ "${3:-}" != linux ] || asan=$asan:detect_leaks=0
	# shellcheck disable=SC2016 # for the inner shell
	t new-session -d -x "$1" -y "$2" "env -u TMUX -u COLUMNS -u LINES TERM=${3:-tmux-256color} ASAN_OPTIONS=$asan \
		PS1='\$ ' ENV= ${as:-} sh -i" \; set-option -g history-limit 0 >/dev/null || return 1
	wait_for '^\$' || return 1
	type_line "cd $TMP; ulimit -c 0; stty -g >$TMP/stty.before; clear"
	patiently test -s "$TMP/stty.before"
}

# type_line TEXT: and Enter
type_line() {
	t send-keys -l -- "$1"
	t send-keys Enter
}

# press KEY...: as tmux names them; letters are themselves
press() {
	t send-keys -- "$@"
}

screen() {
	t capture-pane -p
}

# seen REGEX: is it on the screen?
seen() {
	screen | grep -Eq -- "$1"
}

# patiently COMMAND...: until it succeeds
patiently() {
	tries=$((PATIENCE * 25))
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.04
	done
}

wait_for() {
	patiently seen "$1"
}

# shows REGEX DESCRIPTION: it comes to be on the screen
shows() {
	if wait_for "$1"; then
		pass "$2"
	else
		fail "$2"
		{ echo "does not come: $1"; echo "on the screen:"; screen; } | diag
		return 1
	fi
}

# browse ARGUMENTS...: starts the browser in the shell; its PID is in $browser
browse() {
	rm -f "$TMP/pid" "$TMP/status"
	type_line "sh -c 'echo \$\$ >$TMP/pid; exec $PROCMAP --tui $*'; echo \$? >$TMP/status"
	patiently test -s "$TMP/pid"
	browser=$(cat "$TMP/pid")
}

# left STATUS DESCRIPTION: the browser ends so, and the terminal is as it was
left() {
	patiently test -s "$TMP/status"
	is "$(cat "$TMP/status" 2>/dev/null)" "$1" "$2: exit status $1"
	rm -f "$TMP/stty.after"
	type_line "stty -g >$TMP/stty.after; echo pro''mpt"
	wait_for '^prompt$'
	is "$(cat "$TMP/stty.after")" "$(cat "$TMP/stty.before")" "$2: terminal modes are back"
	is "$(t display-message -p '#{alternate_on}#{cursor_flag}#{mouse_any_flag}#{keypad_cursor_flag}')" \
		0100 "$2: the screen, the cursor, mouse and keypad are back"
}
