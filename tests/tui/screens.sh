#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Screens of the browser, without a terminal: tests/tui/cases/NAME.keys is what screens.c is given
# (its first comment explains the words), tests/tui/expected/NAME.out what it must print.
# UPDATE=1 writes those files anew instead of comparing: look at the screens before you commit
# them. Names given as arguments run only those cases. "# needs: elf zlib" in a case: what the
# program must be built with, for what a tree has; else the case is skipped.
. "${0%/*}/../lib.sh"
tui=$srcdir/tests/tui
screens=$B/tests/tui/screens
[ -x "$screens" ] || skip_all "tests/tui/screens is not built"
[ -d "$srcdir/tests/trees" ] || skip_all "no recorded trees"

# one_case FILE
one_case() {
	name=${1##*/}
	name=${name%.keys}
	want=$tui/expected/$name.out
	needs=$(sed -n 's/^# needs: //p' "$1")
	for feature in $needs; do
		has_feature "$feature" || { skip "built without $feature" "$name"; return; }
	done
	run "$screens" "$srcdir/tests/trees" "$1"
	if [ "$status" != 0 ] && ! grep -q '^WRONG: ' "$TMP/out"; then
		fail "$name: status $status"
		diag <"$TMP/err"
	elif grep -n '^WRONG: ' "$TMP/out" >"$TMP/wrong"; then
		fail "$name: what it expects"
		diag <"$TMP/wrong"
	elif [ -s "$TMP/err" ]; then
		fail "$name: says nothing on standard error"
		diag <"$TMP/err"
	elif [ -n "${UPDATE:-}" ]; then
		if cmp -s "$TMP/out" "$want"; then
			pass "$name: unchanged"
		else
			ok "$name: written" cp "$TMP/out" "$want"
		fi
	else
		[ -e "$want" ] || want=/dev/null
		same "$TMP/out" "$want" "$name: $(grep -c '^\(show\|styles\)' "$1") screens"
	fi
}

if [ $# = 0 ]; then
	set -- "$tui"/cases/*.keys
	[ -e "$1" ] || skip_all "no cases"
fi
for each in "$@"; do
	case $each in */*) ;; *) each=$tui/cases/$each.keys ;; esac
	one_case "$each"
done

# What nothing compares is no test.
for out in "$tui"/expected/*.out; do
	name=${out##*/}
	[ ! -e "$out" ] || [ -e "$tui/cases/${name%.out}.keys" ] ||
		fail "expected/$name belongs to a case"
done
tap_done
