#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
#
# Page tables of this kernel and of a process of ours, read through kcore or a BPF program, against
# pagemap, VmPTE and what else the kernel says.
. "${0%/*}/../lib.sh"

MAPPER=$B/tests/live/mapper
CHECK=$B/tests/live/ptecheck
for program in "$MAPPER" "$CHECK"; do
	[ -x "$program" ] || skip_all "no $program"
done
target=
swapfile=

# shellcheck disable=SC2317 # lib.sh's trap runs it
tap_cleanup() {
	[ -z "$target" ] || kill -9 "$target" 2>/dev/null
	[ -z "$swapfile" ] || { swapoff "$swapfile" && rm -f "$swapfile"; } 2>/dev/null
}

see() {
	run "$PROCMAP" --no-pager --color=never --ascii --width=200 "$@"
}

# Without kernel memory: an error that says what would open it.
if ! [ -e /proc/kcore ]; then
	see --kernel-ptes
	is "$status" 1 "--kernel-ptes without kernel memory fails"
	like "$(cat "$TMP/err")" '/proc/kcore: .*--bpf' "and says what would open it"
	is "$(wc -c <"$TMP/out")" 0 "and prints nothing else"
	see --ptes $$
	is "$status" 1 "--ptes likewise"
	like "$(cat "$TMP/err")" '/proc/kcore: .*--bpf' "with the same words"
fi
run as_nobody "$PROCMAP" --kernel-ptes --bpf --no-pager
is "$status" 1 "nobody may look into the kernel"
is "$(wc -c <"$TMP/out")" 0 "and is told nothing"

see --kernel-ptes --bpf
[ "$status" = 0 ] || {
	skip "kernel memory cannot be read here: $(head -n 1 "$TMP/err")" "the rest"
	tap_done
}

# ---------------------------------------------------------------- the kernel
cp "$TMP/out" "$TMP/kernel"
grep -E '^[0-9a-f]{8,16}-[0-9a-f]{8,16} ' "$TMP/kernel" >"$TMP/rows"
like "$(wc -l <"$TMP/rows")" '^ *[0-9]{2,}$' "the kernel's page tables have ranges"
empty "$(awk '{ split($1, r, "-"); if (r[1] <= last && last != "") print; last = r[1]
		if (NF < 9) print "short:", $0 }' "$TMP/rows")" \
	"which rise, in eight columns and a region"
is "$(grep -c '^W+X  *nothing\|^W+X  *[0-9]' "$TMP/kernel")" 1 "writable and executable pages are counted"
like "$(cat "$TMP/kernel")" '^OUT  *nothing is mapped outside' \
	"nothing is mapped outside the regions drawn"
text=$(awk '$3 == "_text" || $3 == "_stext" { print $1; exit }' /proc/kallsyms)
case $text in
'' | 0000*) skip "kallsyms hides its addresses" "the kernel's text" ;;
*)
	run awk -v t="$text" '{ split($1, r, "-"); if (r[1] <= t && t < r[2]) print $4 }' "$TMP/rows"
	is "$(cat "$TMP/out")" r-x "the kernel's text can be run and not be written"
	;;
esac
see --kernel-ptes="$(awk 'NR == 2 { split($1, r, "-"); print r[1] "," r[2] }' "$TMP/rows")" --bpf
is "$(grep -cE '^[0-9a-f]{8,16}-' "$TMP/out")" 1 "a range limits them"

see --kernel --bpf
is "$status" 0 "--kernel --bpf"
like "$(cat "$TMP/out")" 'page is writable and executable|WRITABLE AND EXEC' "the map knows the permissions"
like "$(grep -E ' text ' "$TMP/out")" 'r-x +[0-9]' "of the text"
see --kernel --bpf -d
empty "$(awk '/kernel half/ && $(NF - 1) > 1500' "$TMP/err")" "within 1.5 s"

# ---------------------------------------------------------------- a process
# start_of LABEL: where the mapping begins, in 16 digits
start_of() {
	printf '%016x' "0x$(awk -v l="$1" '$1 == "map" && $2 == l { print $3 }' "$TMP/said")"
}

# runs_of LABEL: the lines of its entries
runs_of() {
	awk -v s="$(start_of "$1")" '$1 ~ "-" { on = index($1, s) == 1; next } on && NF > 5' "$TMP/list"
}

start_target "$MAPPER"
see --ptes --bpf --bytes "$target"
is "$status" 0 "--ptes of a process"
cp "$TMP/out" "$TMP/list"
run "$CHECK" "$target" <"$TMP/list"
run_check() {
	"$CHECK" "$target" <"$TMP/list"
}
ok "every entry is as pagemap has it, and none is missing" run_check
run_check >"$TMP/checked"
like "$(cat "$TMP/checked")" 'present=[0-9]{3,}' "hundreds of pages"

is "$(runs_of forked | awk '{ n[$5] += $2 } END { print n["r--<"], n["rw-"] }')" "3 1" \
	"pages shared by copy-on-write are narrower than their mapping"
see --ptes --bpf --bytes "--filter=address = 0x$(start_of forked)" "$target"
grep -E '^[0-9a-f]{16} ' "$TMP/out" >"$TMP/got"
runs_of forked >"$TMP/want"
same "$TMP/got" "$TMP/want" "--filter: the entries of one mapping, and no others"
like "$(cat "$TMP/out")" '^filtered .*: 1 of [0-9]+ mappings meets it' "and how many met it"
like "$(runs_of zero_page)" ' r--< +u.....p-- ' "the zero page is special"
like "$(runs_of wx)" ' rwx +ua?d' "what may be written and run"
if grep -q '^map light_guard' "$TMP/said"; then
	is "$(runs_of light_guard | awk '$4 == "marker" && $NF == "guard" { n += $2 } END { print n }')" \
		2 "guards are markers"
else
	skip "no MADV_GUARD_INSTALL" "guards are markers"
fi
if grep -q '^map thp' "$TMP/said"; then
	is "$(runs_of thp | awk '{ print $2, $3, $4 }')" "1 2097152 present" "a huge page is one entry"
else
	skip "no huge page" "a huge page is one entry"
fi
if grep -q '^map uffd_wp' "$TMP/said"; then
	is "$(runs_of uffd_wp | awk '$6 ~ /^.....w/ { n += $2 } END { print n }')" 2 \
		"pages that userfaultfd protects"
else
	skip "no userfaultfd" "pages that userfaultfd protects"
fi
# In bytes: what VmPTE says is what was found, and what is laid by for huge pages.
run awk '$1 == "VmPTE" { for (i = 2; i <= NF; i++) if ($i ~ /^[0-9]+$/) v[++n] = $i
	print v[1] == v[2] + v[3] ? "equal" : $0 }' "$TMP/list"
is "$(cat "$TMP/out")" equal "VmPTE is the sum of the tables"
is "$(awk '/^tables by object/ { on = 1; next } on && !/^ / { on = 0 } on { n += $1 } END { print n }' "$TMP/list")" \
	"$(awk '/^tables  *PGD/ { for (i = 1; i < NF; i++) { if ($i == "together") t = $(i + 1)
		if ($i == "PGD") t0 = 4096 } print t - t0 }' "$TMP/list")" \
	"and what the objects have is all but the top table"
see --ptes="$(start_of every_second),+" --bpf "$target"
is "$status" 2 "a malformed range is a usage error"
see --ptes="$(start_of every_second)" --bpf "$target"
is "$(grep -cE '^[0-9a-f]{16} ' "$TMP/out")" 1 "a range limits the list"
stop_target

# ---------------------------------------------------------------- swap
swap_on() {
	[ "$(id -u)" = 0 ] || return 1
	[ "$(wc -l </proc/swaps)" -gt 1 ] && return 0
	for swap_dir in "$TMP" "$B"; do
		swapfile=$swap_dir/ptes-swap
		dd if=/dev/zero of="$swapfile" bs=1M count=16 2>/dev/null && chmod 600 "$swapfile" &&
			mkswap "$swapfile" >/dev/null 2>&1 && swapon "$swapfile" 2>/dev/null && return 0
		rm -f "$swapfile"
		swapfile=
	done
	return 1
}
if swap_on; then
	start_target "$MAPPER" swap
	if grep -q '^map swapped' "$TMP/said"; then
		see --ptes --bpf --bytes "$target"
		cp "$TMP/out" "$TMP/list"
		ok "swap entries have pagemap's types and offsets" run_check
		run_check >"$TMP/checked"
		like "$(cat "$TMP/checked")" 'swapped=[1-9]' "and there are some"
		like "$(cat "$TMP/list")" '^swap areas +[0-9]+ /' "the area is named"
	else
		skip "nothing went to swap" "swap entries"
	fi
	stop_target
	[ -z "$swapfile" ] || { swapoff "$swapfile" && rm -f "$swapfile" && swapfile=; }
else
	skip "no swap, and none can be turned on" "swap entries"
fi
tap_done
