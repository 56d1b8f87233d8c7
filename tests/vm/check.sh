#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One kernel, seen by procmap and by the kernel itself (make check-vm):
#
#   tests/vm/check.sh VARIANT     run.sh -l lists them
#
# Boots it once, with all that guest.sh looks at, and compares the two: compare.pl prints the test
# points. $B/vm/VARIANT keeps what the guest left. Skipped where a tool or the network is missing.
. "${0%/*}/../lib.sh"
here=$srcdir/tests/vm
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"
if ! variant "${1:-}"; then
	echo "Bail out! no variant ${1:-}"
	exit 2
fi
out=$B/vm
mkdir -p "$out"

# done_or_skip COMMAND...: a status of 77 skips all, any other but 0 fails
done_or_skip() {
	"$@" >"$TMP/said" 2>&1 </dev/null && return
	tap_status=$?
	[ $tap_status != "$CANNOT" ] || skip_all "$(tail -n 1 "$TMP/said")"
	fail "$1" || diag <"$TMP/said"
	tap_done
}

done_or_skip "$here/build.sh" "$out" programs "$V_ARCH"
done_or_skip "$here/build.sh" "$out" process "$V_ARCH"
done_or_skip "$here/build.sh" "$out" module "$1"
p=$out/on-$V_ARCH
set -- "$1" -a "$p/procmap:usr/bin/procmap" -a "$p/mapper:usr/bin/mapper" -a "$p/lib/.:." \
	-a "$p/tests/bench/naive:vm/naive" -a "$p/tests/bench/kcorehead:vm/kcorehead" \
	-a "$out/truth-$V_FLAVOUR.ko:vm/truth.ko" -a "$srcdir/tests/record.sh:vm/record.sh" \
	-a "$here/guest.sh:vm/guest.sh"
if [ -n "$V_COMPAT" ]; then
	done_or_skip "$here/build.sh" "$out" process "$V_COMPAT"
	c=$out/on-$V_COMPAT
	set -- "$@" -a "$c/mapper:usr/bin/mapper-compat" -a "$c/lib/.:."
fi
name=$1
shift
rm -rf "${out:?}/$name"
done_or_skip "$here/run.sh" "$@" -t 900 -o "$out/$name" "$name" 'sh /vm/guest.sh'
exec perl "$here/compare.pl" "$out/$name" "$name"
