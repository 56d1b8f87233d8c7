#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
# What --tui makes of a terminal, and leaves of it: on five types of it, at every way out.
. "${0%/*}/../lib.sh"
. "${0%/*}/../tmux.sh"

sleep 1000 &
target=$!

# ---------------------------------------------------------------- without one
run "$PROCMAP" --tui --pid "$target"
is "$status:$(cat "$TMP/err")" "1:procmap: --tui needs a terminal" "no terminal on stdout: refused"

for name in '' dumb no-such-terminal; do
	terminal 80 24
	# shellcheck disable=SC2016 # for the inner shell
	type_line "TERM=$name $PROCMAP --tui --pid $target"' 2>err; echo "status=$?"'
	shows '^(\$ )?status=1$' "TERM='$name': refused"
	like "$(cat "$TMP/err")" "^procmap: --tui: .*(not set|unknown)" "TERM='$name': says why"
done

# ---------------------------------------------------------------- five of them
for name in xterm-256color screen tmux linux vt100; do
	if ! infocmp $name >/dev/null 2>&1; then
		skip "terminfo does not know it" "$name"
		continue
	fi
	terminal 100 30 $name
	browse --pid $target
	shows "$target sleep" "$name: the title names the process"
	shows 'Enter' "$name: the menu line is there"
	is "$(screen | wc -l)" 30 "$name: no line too many"
	[ $name = vt100 ] || is "$(t display-message -p '#{alternate_on}')" \
		"$([ $name = linux ] && echo 0 || echo 1)" "$name: on the alternate screen, if there is one"
	press '?'
	shows 'the row above' "$name: ? helps"
	press Escape q
	left 0 "$name, q"
done

# ---------------------------------------------------------------- every way out
# ends_with SIGNAL STATUS...
ends_with() {
	terminal 80 24
	browse --pid $target
	wait_for Enter
	kill -"$1" "$browser"
	left "$2" "SIG$1"
}
ends_with TERM 143
ends_with HUP 129
ends_with INT 130
if "$PROCMAP" --version | grep -q . && ! ldd "$PROCMAP" 2>/dev/null | grep -q asan; then
	ends_with SEGV 139
	ends_with ABRT 134
else
	skip "ASan takes crashes" "SIGSEGV"
fi

terminal 80 24
browse --pid $target
wait_for Enter
press C-c
left 130 "Ctrl-C"

terminal 80 24
browse --pid $target '</dev/null'
shows "$target sleep" "stdin is no terminal: drawn"
press q
left 0 "stdin is no terminal: keys come from the terminal"

terminal 80 24
browse --pid $target
wait_for Enter
t kill-server
# shellcheck disable=SC2317 # patiently runs it
gone() {
	! kill -0 "$browser" 2>/dev/null
}
ok "the terminal goes away: it ends" patiently gone

# ---------------------------------------------------------------- Ctrl-Z
fg="fg; echo \$? >$TMP/status"
terminal 80 24
browse --pid $target
wait_for Enter
press C-z
shows 'Stopped' "Ctrl-Z: stopped"
is "$(t display-message -p '#{alternate_on}#{cursor_flag}')" 01 "Ctrl-Z: the shell's screen is back"
t resize-window -x 120 -y 40
type_line "$fg"
shows "$target sleep" "fg: drawn again"
patiently sh -c "[ \"\$(tmux -S $TMP/tmux capture-pane -p | wc -l)\" = 40 ]"
like "$(screen | tail -n 1)" Enter "fg: as large as the terminal has become"
kill -STOP "$browser"
shows 'Stopped' "SIGSTOP"
# Nobody has told the terminal to make line ends of Enter again.
t send-keys -l "$fg"
t send-keys C-j
shows "$target sleep" "SIGSTOP, fg: drawn again"
kill -TSTP "$browser"
shows 'Stopped' "SIGTSTP from elsewhere"
type_line "$fg"
shows "$target sleep" "SIGTSTP, fg: drawn again"
rm -f "$TMP/status"
press q
left 0 "q after that"

# ---------------------------------------------------------------- pasted text
# pastes TEXT: as a terminal does that marks it, if it was asked to
pastes() {
	t set-buffer -- "$1"
	t paste-buffer -p
}
lines='rss > 1K
q
'
terminal 80 24
browse --pid $target
wait_for Enter
pastes "$lines"
shows 'pasted text is ignored' "a paste is no keys"
press f
pastes "$lines"
shows '^filter: rss > 1K q *$' "a paste into a question: one line, and no Enter"
press Escape q
left 0 "q after a paste"
# shellcheck disable=SC2016 # for the inner shell
pastes 'echo pasted$((1 + 1))
'
shows '^pasted2$' "q: the shell's pastes are not marked"
if ! ldd "$PROCMAP" 2>/dev/null | grep -q asan; then
	terminal 80 24
	browse --pid $target
	wait_for Enter
	kill -SEGV "$browser"
	left 139 "SIGSEGV, pasting"
	# shellcheck disable=SC2016 # for the inner shell
	pastes 'echo pasted$((1 + 1))
'
	shows '^pasted2$' "SIGSEGV: the shell's pastes are not marked"
fi

# ---------------------------------------------------------------- size
terminal 80 24
browse --pid $target
wait_for Enter
for size in 30x8 120x40 40x10 200x60 1x1 80x24; do
	t resize-window -x ${size%x*} -y ${size#*x}
	case $size in
	30x8) shows 'too small' "$size: says that this is too small" ;;
	1x1) pass "$size: nothing to see" ;;
	*) shows Enter "$size: drawn" ;;
	esac
done
press q
left 0 "after many sizes"

# ---------------------------------------------------------------- character sets, colours
terminal 80 24
browse --ascii --color=never --pid $target
wait_for Enter
empty "$(screen | LC_ALL=C grep '[^ -~]')" "--ascii: nothing else"
empty "$(t capture-pane -pe | LC_ALL=C grep '\[[34][0-8]')" "--color=never: no colour"
press q
left 0 "--ascii"
terminal 80 24
# shellcheck disable=SC2016 # for the inner shell
type_line 'export LC_ALL=C'
browse --pid $target
wait_for Enter
empty "$(screen | LC_ALL=C grep '[^ -~]')" "LC_ALL=C: ASCII only"
press q
left 0 "LC_ALL=C"
terminal 80 24
type_line 'export NO_COLOR=1'
browse --pid $target
wait_for Enter
empty "$(t capture-pane -pe | LC_ALL=C grep '\[[34][0-8]')" "NO_COLOR: no colour"
press q
left 0 "NO_COLOR"

# ---------------------------------------------------------------- errors
terminal 80 24
# shellcheck disable=SC2016 # for the inner shell
type_line "$PROCMAP --tui --pid 2147483647"' 2>err; echo "status=$?"'
shows '^(\$ )?status=3$' "no such process: said before the screen is taken"
like "$(cat "$TMP/err")" 'no process 2147483647' "no such process: named"
tap_done
