#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every fuzz target over its corpus: what a fuzzer once found must not come back.
. "${0%/*}/../lib.sh"

for source in "$srcdir"/tests/fuzz/fuzz_*.c; do
	[ -e "$source" ] || skip_all "no fuzz targets"
	name=${source##*/fuzz_}
	name=${name%.c}
	set -- "$srcdir/tests/fuzz/corpus/$name"/*
	if [ ! -e "$1" ]; then
		fail "$name has a corpus"
		continue
	fi
	ok "$name: $# files" "$B/tests/fuzz/fuzz_$name" "$@"
done

for corpus in "$srcdir"/tests/fuzz/corpus/*/; do
	name=${corpus%/}
	name=${name##*/}
	[ -e "$srcdir/tests/fuzz/fuzz_$name.c" ] || fail "corpus/$name belongs to a target"
done
tap_done
