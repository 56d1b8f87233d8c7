#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Makes the recorded trees of the kernels anew, from what make check-vm left:
#
#   B=DIR tests/vm/trees.sh [VARIANT...]
#
# tests/trees/vm-VARIANT is the kernel alone, with what the module said of it at the same time in
# truth/. Look at the difference before you commit it; then UPDATE=1 tests/golden/run.sh.
set -eu
here=$(cd "${0%/*}" && pwd)
trees=$(cd "$here/../trees" && pwd)
: "${B:=$here/../../build}"
# shellcheck disable=SC2046 # words
[ $# != 0 ] || set -- $("$here/run.sh" -l)
for variant in "$@"; do
	from=$B/vm/$variant to=$trees/vm-$variant
	[ -s "$from/tree/procmap-tree" ] || { echo "trees.sh: no $from/tree" >&2; exit 1; }
	rm -rf "$to"
	cp -R "$from/tree" "$to"
	mkdir "$to/truth"
	cp "$from/truth/layout" "$from/truth/kernel.1" "$to/truth/"
done
