#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Pictures of recorded processes, compared as text. A case is golden/cases/NAME.case:
#
#   # anything after a number sign at the start of a line
#   tree: NAME          the recorded tree below tests/trees
#   needs: elf zlib     what the program must be built with; else the case is skipped
#   args: --width 60    one run each; quoted as for the shell
#
# Each run leaves "$ procmap ARGS", what it printed, "stderr: " lines if any, and "exit STATUS".
# All runs of a case together are golden/expected/NAME.out. UPDATE=1 writes those files anew
# instead of comparing: read the difference before you commit it. Names given as arguments run
# only those cases.
. "${0%/*}/../lib.sh"
golden=$srcdir/tests/golden
case $PROCMAP in /*) ;; *) PROCMAP=$PWD/$PROCMAP ;; esac
# Messages name the tree: by a path that is the same wherever this is built.
cd "$srcdir/tests/trees" 2>/dev/null || skip_all "no recorded trees"

# one_run TREE ARGS: appends the block of one run to $TMP/got
one_run() {
	tree=$1
	printf '$ procmap %s\n' "$2"
	eval "set -- $2"
	run "$PROCMAP" --root="$tree" "$@"
	cat "$TMP/out"
	# A last line without its end would swallow the next of this file.
	[ -z "$(tail -c 1 "$TMP/out")" ] || printf '\n(no newline at the end)\n'
	sed 's/^/stderr: /' "$TMP/err"
	printf 'exit %d\n\n' "$status"
} >>"$TMP/got"

# one_case FILE
one_case() {
	name=${1##*/}
	name=${name%.case}
	want=$golden/expected/$name.out
	tree=$(sed -n 's/^tree:[[:blank:]]*//p' "$1")
	sed -n 's/^args:[[:blank:]]*//p' "$1" >"$TMP/args"
	if ! [ -e "$tree/procmap-tree" ] || ! [ -s "$TMP/args" ]; then
		fail "$name: needs one tree: of tests/trees and an args: line"
		return
	fi
	if grep -Evn '^(#|tree:|needs:|args:|$)' "$1" >"$TMP/odd"; then
		fail "$name: lines of no known kind"
		diag <"$TMP/odd"
		return
	fi
	needs=$(sed -n 's/^needs:[[:blank:]]*//p' "$1")
	for feature in $needs; do
		has_feature "$feature" || { skip "built without $feature" "$name"; return; }
	done
	: >"$TMP/got"
	while IFS= read -r args; do
		one_run "$tree" "$args"
	done <"$TMP/args"
	if [ -n "${UPDATE:-}" ]; then
		mkdir -p "$golden/expected"
		if cmp -s "$TMP/got" "$want"; then
			pass "$name: unchanged"
		else
			ok "$name: written" cp "$TMP/got" "$want"
		fi
	else
		[ -e "$want" ] || want=/dev/null
		same "$TMP/got" "$want" "$name: $(wc -l <"$TMP/args") runs"
	fi
}

if [ $# = 0 ]; then
	set -- "$golden"/cases/*.case
	[ -e "$1" ] || skip_all "no cases"
fi
for each in "$@"; do
	case $each in */*) ;; *) each=$golden/cases/$each.case ;; esac
	one_case "$each"
done

# What nothing compares is no test.
for out in "$golden"/expected/*.out; do
	name=${out##*/}
	[ ! -e "$out" ] || [ -e "$golden/cases/${name%.out}.case" ] ||
		fail "expected/$name belongs to a case"
done
tap_done
