#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
#
# What surrounds a picture: output that fails, processes and recorded files that are closed to us,
# privileges that must not be handed on.
. "${0%/*}/../lib.sh"

target=$$
TREE=$srcdir/tests/trees/x86_64-shell-user

see() {
	run "$PROCMAP" -u --width=100 --no-pager --color=never "$@"
}

# --- output that fails -----------------------------------------------------------------------

for view in "-u $target" "--pages $target" "--page-summary $target" --help --version; do
	status=0
	# shellcheck disable=SC2086 # several words
	"$PROCMAP" $view >/dev/full 2>"$TMP/err" || status=$?
	is "$status" 1 "$view on a full device: exit status"
	is "$(grep -c . "$TMP/err")" 1 "$view on a full device: said once"
	like "$(cat "$TMP/err")" 'write error: No space left' "$view on a full device: said"
	# shellcheck disable=SC2086
	{ "$PROCMAP" $view 2>"$TMP/err" || echo "$?" >"$TMP/failed"; } | :
	empty "$(cat "$TMP/err" "$TMP/failed" 2>&- || :)" "$view for a reader that has gone: quiet"
done
status=0
"$PROCMAP" -u "$target" >&- 2>"$TMP/err" || status=$?
is "$status" 1 "standard output closed: exit status"

# --- recorded files that are not what they should be ---------------------------------------------

pid=$(basename "$(echo "$TREE"/proc/[0-9]*)")
cp -R "$TREE" "$TMP/tree"
rm "$TMP/tree/proc/$pid/smaps"
mkfifo "$TMP/tree/proc/$pid/smaps"
see --root="$TMP/tree" "$pid"
is "$status" 0 "smaps is a FIFO: drawn from maps"
like "$(cat "$TMP/out")" 'closed +smaps: rss, pss and all it gives: Invalid' "smaps is a FIFO: said"
rm "$TMP/tree/proc/$pid/maps"
ln -s /proc/self/maps "$TMP/tree/proc/$pid/maps"
see --root="$TMP/tree" "$pid"
is "$status" 4 "maps leads out of the tree: exit status"
empty "$(grep CAP_ "$TMP/out" "$TMP/err")" "maps leads out of the tree: no capability would help"
rm -r "$TMP/tree"
cp -R "$TREE" "$TMP/tree"
rm "$TMP/tree/proc/$pid/stat"
see --root="$TMP/tree" "$pid"
is "$status" 0 "no stat: drawn all the same"
like "$(cat "$TMP/out")" 'absent +stat: ' "no stat: said"
rm "$TMP/tree/procmap-tree"
see --root="$TMP/tree" "$pid"
is "$status" 1 "no procmap-tree: exit status"
like "$(cat "$TMP/err")" 'no recorded tree' "no procmap-tree: said"

# --- what is closed, and what would open it -------------------------------------------------------

# hidden LEVEL: the process seen by nobody through a /proc that hides those of others
hidden() {
	# shellcheck disable=SC2016 # for the inner shell
	run unshare -m --propagation private sh -c 'mount -t proc -o hidepid="$1" proc /proc || exit 77
		exec setpriv --reuid=65534 --regid=65534 --clear-groups "$2" -u --width=250 --no-pager "$3"' \
		sh "$1" "$PROCMAP" "$target"
}

# with CAPABILITY: nobody but for this one
with() {
	cap=$1
	shift
	run setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="+$cap" \
		--ambient-caps="+$cap" "$PROCMAP" -u --width=250 --no-pager "$@"
}

if [ "$(id -u)" != 0 ]; then
	skip "not root" "hidepid and single capabilities"
else
	hidden 1
	# unshare itself fails where / is no mount point, as in a chroot.
	if [ "$status" = 77 ] || grep -q '^unshare:' "$TMP/err"; then
		skip "cannot mount /proc" "hidepid"
	else
		is "$status" 4 "hidepid=1: it is there, and closed"
		like "$(cat "$TMP/out")" 'maps: .*CAP_SYS_PTRACE opens it' "hidepid=1: what opens it"
		hidden 2
		is "$status" 3 "hidepid=2: it is not there"
	fi
	if ! has_feature cap; then
		skip "built without libcap" "single capabilities"
	elif with sys_ptrace "$target" && [ "$status" = 0 ]; then
		like "$(cat "$TMP/out")" 'pagemap: .*\(CAP_DAC_READ_SEARCH opens it' \
			"CAP_SYS_PTRACE alone: the one that is missing is named"
		empty "$(grep -F CAP_SYS_PTRACE "$TMP/out")" "CAP_SYS_PTRACE alone: it is not asked for"
	else
		skip "CAP_SYS_PTRACE does not open maps here" "CAP_SYS_PTRACE alone"
	fi
fi

# --- the pager ---------------------------------------------------------------------------------

if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	for views in "$target" "--pages $target" "$target $target"; do
		PROCMAP_PAGER='grep CapPrm /proc/self/status #' script -qec "$PROCMAP $views" /dev/null \
			</dev/null >"$TMP/out" 2>&1
		like "$(tr -d '\r' <"$TMP/out")" '^CapPrm:.0000000000000000$' \
			"$views: the pager has no capability"
	done
else
	skip "no script(1)" "the pager"
fi

tap_done
