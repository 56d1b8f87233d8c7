#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --explain on this machine: there and back again, and against the kernel's own files.
. "${0%/*}/../lib.sh"

explain() {
	run "$PROCMAP" --width=200 --explain="$1"
}

# field LABEL: the first word of that line
field() {
	sed -n "s/^$1  *\\([^ ]*\\).*/\\1/p" "$TMP/out" | head -n 1
}

explain 0x10000
is "$status" 0 "a user address"
like "$(cat "$TMP/out")" '^region +user half: in no region of the kernel' "is in no region"
for bad in pa:10 pfn:x 0xzz 12 'two words' ''; do
	explain "$bad"
	is "$status:$(cat "$TMP/out")" "2:" "'$bad' is a usage error"
done
explain 1000000
is "$status" 2 "hex digits without 0x are a usage error"
like "$(cat "$TMP/err")" 'for the address write 0x1000000$' "which says what to write"
explain no_such_symbol_at_all
if [ -r /proc/kallsyms ]; then
	is "$status" 1 "no such symbol: exit status 1"
	like "$(cat "$TMP/err")" 'no symbol of that name: no_such_symbol_at_all' "no such symbol: says so"
fi

symbol=$(awk '$3 == "schedule" { print $1; exit }' /proc/kallsyms 2>/dev/null)
if [ -n "$symbol" ]; then
	run as_nobody "$PROCMAP" --explain=schedule
	is "$status" 0 "a symbol, without privileges"
	# shellcheck disable=SC2016 # for awk
	if as_nobody awk '$3 == "schedule" && $1 ~ /^0+$/ { found = 1 } END { exit !found }' \
		/proc/kallsyms; then
		like "$(cat "$TMP/out")" '^address +hidden' "its address is hidden, not zero"
	fi
fi
case $symbol in
'' | *[!0]*) ;;
*) symbol= ;;
esac
if [ -z "$symbol" ]; then
	skip "kallsyms shows no addresses" "symbols"
	tap_done
fi

explain schedule
is "$(field address)" "$symbol" "the address of a symbol is that of kallsyms"
like "$(cat "$TMP/out")" '^symbol .*schedule\+0x0' "and it is the symbol there"
next=$(cut -d' ' -f1 /proc/kallsyms | sort -u | grep -x -A1 "$symbol" | tail -n 1)
# Seven digits, for the shell counts with signs.
far=$(printf '%x' $((0x$(printf '%s' "$next" | tail -c 7) - 0x$(printf '%s' "$symbol" | tail -c 7) & 0xfffffff)))
like "$(cat "$TMP/out")" "^symbol .*0x$far to " \
	"and as long as to the next one"
explain schedule+0x5
like "$(cat "$TMP/out")" '^symbol +schedule\+0x5 ' "an offset is added"
like "$(cat "$TMP/out")" "^symbol .*0x$(printf '%x' $((0x$far - 5))) to " \
	"and the next one is so much nearer"

# The image, by iomem.
text=$(awk '$3 == "_text" { print $1; exit }' /proc/kallsyms)
code=$(sed -n 's/^ *\([0-9a-f]*\)-[0-9a-f]* : Kernel code$/\1/p' /proc/iomem)
case $(uname -m):$code in
x86_64:*[1-9a-f]*)
	explain _text
	is "$(field physical)" "0x$(printf '%x' "0x$code")" "_text is where iomem has the code"
	like "$(cat "$TMP/out")" '^iomem +System RAM / Kernel code ' "iomem's path to it"
	pa=$(field physical)
	direct=$(field 'direct map')
	explain "pa:$pa"
	is "$(field image)" "$text" "back from the physical address to the image"
	is "$(field 'direct map')" "$direct" "and to the direct map"
	if [ "$direct" != '?' ]; then
		explain "0x$direct"
		is "$(field physical)" "$pa" "and from the direct map"
	fi
	explain "pfn:$((pa / $(getconf PAGESIZE)))"
	is "$(field image)" "$text" "by frame number"
	;;
*) skip "iomem shows no addresses" "the image's physical address" ;;
esac

# A frame's word, by hand.
if [ -r /proc/kpageflags ] && [ -n "$code" ] && [ "$(getconf PAGESIZE)" = 4096 ]; then
	pfn=$((0x$code / 4096))
	word=$(dd if=/proc/kpageflags bs=8 skip=$pfn count=1 2>/dev/null | od -An -tx8 | tr -d ' ')
	explain "pfn:$pfn"
	# KPF_RESERVED is bit 32: the image was never given to the allocator.
	if [ $((0x$word >> 32 & 1)) = 1 ]; then
		like "$(cat "$TMP/out")" '^frame +flags [a-z_,]*reserved' "the flags of a frame"
	else
		skip "the image's frames are not reserved here" "the flags of a frame"
	fi
else
	skip "kpageflags cannot be read" "the flags of a frame"
fi

# Page tables and formula agree, where the tables can be read.
run "$PROCMAP" --bpf --width=200 --explain=schedule
if grep -q '^page table' "$TMP/out"; then
	tables=$(field physical)
	like "$(cat "$TMP/out")" '^page table .* r-x ' "text can be executed and not written"
	empty "$(grep -i 'conflict\|disagree' "$TMP/out")" "no two sources disagree"
	explain schedule
	is "$(field physical)" "$tables" "the physical address is that of the page tables"
else
	skip "no kernel memory to read" "page tables"
fi
tap_done
