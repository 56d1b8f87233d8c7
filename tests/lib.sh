# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
#
# What every shell test needs; source it first:  . "${0%/*}/lib.sh"  or  "${0%/*}/../lib.sh".
# Each check prints one line of TAP. A test ends with tap_done, or it has failed.
#
#   srcdir   the source tree (read only)       PROCMAP  the program under test
#   B        where it was built, absolute      TMP      an empty folder, removed at the end

set -u
export LC_ALL=C.UTF-8 TZ=UTC0 TERM=dumb COLUMNS=80 LINES=24
unset NO_COLOR PAGER PROCMAP_PAGER LESS CDPATH GREP_OPTIONS
: "${ASAN_OPTIONS=abort_on_error=1}" "${UBSAN_OPTIONS=print_stacktrace=1}"
export ASAN_OPTIONS UBSAN_OPTIONS

if [ -z "${srcdir:-}" ]; then
	srcdir=$(cd "${0%/*}" && pwd)
	while [ ! -e "$srcdir/configure.ac" ]; do
		srcdir=${srcdir%/*}
		[ -n "$srcdir" ] || { echo "1..0 # SKIP not in the source tree"; exit 0; }
	done
fi
: "${B:=$srcdir/build}" "${PROCMAP:=$B/procmap}"
export srcdir B PROCMAP

TMP=$(mktemp -d "${TMPDIR:-/tmp}/procmap-test.XXXXXX") || exit 1
tap_cleanup() { :; } # a test that starts something redefines this
trap 'tap_cleanup; chmod -R u+w "$TMP" 2>/dev/null; rm -rf "$TMP"' EXIT
trap 'exit 1' HUP INT TERM

tap_run=0
tap_bad=0

# pass DESCRIPTION / fail DESCRIPTION
pass() {
	tap_run=$((tap_run + 1))
	printf 'ok %d - %s\n' "$tap_run" "$1"
}
fail() {
	tap_run=$((tap_run + 1))
	tap_bad=$((tap_bad + 1))
	printf 'not ok %d - %s\n' "$tap_run" "$1"
	return 1
}

# diag: standard input as comments of the last test point
diag() {
	sed 's/^/# /'
}

# ok DESCRIPTION COMMAND...: passes when the command does; shows what it printed when not
ok() {
	tap_what=$1
	shift
	if "$@" >"$TMP/.ok" 2>&1; then
		pass "$tap_what"
	else
		tap_status=$?
		fail "$tap_what"
		{ cat "$TMP/.ok"; echo "status $tap_status of: $*"; } | diag
		return 1
	fi
}

# is GOT WANT DESCRIPTION: the two strings are equal
is() {
	if [ "$1" = "$2" ]; then
		pass "$3"
	else
		fail "$3"
		{ echo "got:"; printf '%s\n' "$1"; echo "want:"; printf '%s\n' "$2"; } | diag
		return 1
	fi
}

# empty TEXT DESCRIPTION: nothing was found; what was is shown
empty() {
	[ -z "$1" ] && { pass "$2"; return 0; }
	fail "$2"
	printf '%s\n' "$1" | diag
	return 1
}

# same GOT WANT DESCRIPTION: the two files are equal
same() {
	if diff -u "$2" "$1" >"$TMP/.diff" 2>&1; then
		pass "$3"
	else
		fail "$3"
		diag <"$TMP/.diff"
		return 1
	fi
}

# like TEXT REGEX DESCRIPTION: grep -E finds it
like() {
	if printf '%s\n' "$1" | grep -Eq -- "$2"; then
		pass "$3"
	else
		fail "$3"
		{ echo "no match for: $2"; echo "in:"; printf '%s\n' "$1"; } | diag
		return 1
	fi
}

# skip REASON [DESCRIPTION]: one test point that cannot be made here
skip() {
	tap_run=$((tap_run + 1))
	printf 'ok %d - %s # SKIP %s\n' "$tap_run" "${2:-}" "$1"
}

# skip_all REASON: the whole file cannot run here
skip_all() {
	printf '1..0 # SKIP %s\n' "$1"
	exit 0
}

tap_done() {
	printf '1..%d\n' "$tap_run"
	[ "$tap_bad" = 0 ]
	exit
}

# run COMMAND...: leaves $TMP/out, $TMP/err and $status
run() {
	status=0
	"$@" >"$TMP/out" 2>"$TMP/err" </dev/null || status=$?
}

# start_target PROGRAM ARGUMENTS...: runs it in the background until it says "ready"; what it said is
# in $TMP/said, its PID in $target, its standard input is descriptor 8.
target=
start_target() {
	mkfifo "$TMP/in" "$TMP/told"
	TMPDIR=$TMP "$@" <"$TMP/in" >"$TMP/told" &
	target=$!
	exec 8>"$TMP/in" 9<"$TMP/told"
	rm -f "$TMP/in" "$TMP/told"
	: >"$TMP/said"
	while IFS= read -r line <&9; do
		printf '%s\n' "$line" >>"$TMP/said"
		[ "$line" != ready ] || return 0
	done
	fail "$1 did not get ready"
}

# stop_target: ends its standard input, and waits for it
stop_target() {
	exec 8>&- 9<&-
	wait "$target" 2>/dev/null
	target=
}

# has_feature elf|cap|zlib|smartcols|tui: the program was built with it
has_feature() {
	"$PROCMAP" --version | grep -Fq "+$1"
}

# as_nobody COMMAND...: without any privilege, whoever runs the tests
as_nobody() {
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs \
			--bounding-set=-all --inh-caps=-all "$@"
	else
		"$@"
	fi
}

# submake ARGUMENTS...: make on this source tree with the settings of the make that runs the tests
submake() {
	case ${MAKEFLAGS:-} in
	*'-- '*) MAKEFLAGS="-- ${MAKEFLAGS#*-- }" ;;
	*) MAKEFLAGS= ;;
	esac
	MAKELEVEL=0 MAKEFLAGS=$MAKEFLAGS "${MAKE:-make}" -f "$srcdir/Makefile" "$@"
}
