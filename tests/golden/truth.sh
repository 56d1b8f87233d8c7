#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The recorded kernels of tests/vm against what a module in them said at the same time: what run.sh
# compares is what procmap once printed, this is whether it is true.
. "${0%/*}/../lib.sh"
command -v perl >/dev/null || skip_all "no perl"

# status_of FILE COMMAND...: leaves FILE, FILE.err and FILE.status
status_of() {
	file=$1
	shift
	run "$@"
	cp "$TMP/out" "$file"
	cp "$TMP/err" "$file.err"
	echo "$status" >"$file.status"
}

any=
for tree in "$srcdir"/tests/trees/vm-*; do
	[ -e "$tree/truth/layout" ] || continue
	any=1
	variant=${tree##*/vm-}
	for option in -k --kernel; do
		status_of "$TMP/picture" "$PROCMAP" --root="$tree" $option --verbose --ascii --bytes \
			--width=250 --no-pager --color=never
		ok "$variant: procmap $option says what the kernel does" \
			perl "$srcdir/tests/vm/compare.pl" "$tree" "$variant" "$TMP/picture"
	done
done
[ -n "$any" ] || skip_all "no recorded kernels"
tap_done
