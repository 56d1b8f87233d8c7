#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
#
# procmap --phys against the files it reads, taken apart here by other means; and what it says to
# those who may read less.
. "${0%/*}/../lib.sh"

[ -r /proc/zoneinfo ] || skip_all "no zoneinfo"
page=$(getconf PAGESIZE)
target=

# shellcheck disable=SC2317 # lib.sh's trap runs it
tap_cleanup() {
	[ -z "$target" ] || kill -9 "$target" 2>/dev/null
}

see() {
	run "$PROCMAP" --phys --bytes --width=250 --no-pager --color=never --charset=utf8 "$@"
}

# table HEADING COLUMN: rows of a table as "name of the row<tab>column"
table() {
	awk -v heading="$1" -v column="$2" '
		on && NF == 0 { exit }
		on == 2 { print $1 " " $2 "\t" $at }
		on == 1 {
			for (i = 1; i <= NF; i++) if ($i == column) at = i + shift
			on = 2
		}
		$0 == heading { on = 1; shift = heading ~ /zones/ ? 1 : 0 }' "$TMP/out"
}

# figures KEY: "N0 DMA<tab>bytes" of every zone that spans anything, from zoneinfo
figures() {
	awk -v key="$1" -v page="$page" '
		$1 == "Node" { zone = "N" ($2 + 0) " " $4 }
		$1 == "spanned" { spanned = $2 }
		$1 == key { was = $2 }
		$1 == "managed" && (spanned || $2) { printf "%s\t%.0f\n", zone, was * page }' /proc/zoneinfo
}

see
is "$status" 0 "--phys"
if command -v setpriv >/dev/null && "$PROCMAP" --version | grep -Fq +smartcols; then
	for key in present spanned min low high; do
		is "$(table zones $key)" "$(figures $key)" "zones: $key of zoneinfo"
	done
else
	skip "built without smartcols" "zones"
fi
like "$(cat "$TMP/out")" 'MemTotal of the nodes [0-9]+ = managed by the zones|MemTotal' \
	"totals are compared"

# ---------------------------------------------------------------- ranges
ram=$(grep -c '^[0-9a-f-]* : System RAM' /proc/iomem)
if [ "$(sed -n '2s/-.*//p' /proc/iomem | tr -d 0)" ]; then
	grep '^[0-9a-f]' /proc/iomem | sed 's/-/ /; s/ : / /' |
		while read -r first last name; do
			size=$((0x$last - 0x$first + 1))
			[ "$name" != "System RAM" ] || continue
			grep -Eq "(║|┌) $(printf '%s' "$name" | sed 's/[][().*+?]/\\&/g') +$size " \
				"$TMP/out" || echo "$first $last $name"
		done >"$TMP/missing"
	empty "$(cat "$TMP/missing")" "every range of iomem is drawn with its size"
	is "$(awk '/ System RAM / { for (i = 1; i <= NF; i++) if ($i == "RAM") sum += $(i + 1) }
		END { printf "%.0f", sum }' "$TMP/out")" \
		"$(grep ' : System RAM' /proc/iomem | sed 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\).*/\1 \2/' |
			while read -r first last; do echo $((0x$last - 0x$first + 1)); done |
			awk '{ sum += $1 } END { printf "%.0f", sum }')" \
		"the $ram ranges of RAM, cut at zones, add up"
else
	skip "iomem has zeros for us" "every range of iomem is drawn"
	like "$(cat "$TMP/out")" 'closed.*iomem: zeros' "zeros of iomem are recognised"
fi

# ---------------------------------------------------------------- frames
# Frames that are reserved stay so: count them in 16 MiB of the kernel image by other means.
at=$(sed -n 's/^ *\([0-9a-f]*\)-.*: Kernel code/\1/p' /proc/iomem | head -n 1)
at=$((0x${at:-0} / 4096 * 4096))
if [ "$at" != 0 ] && [ -r /proc/kpageflags ] && [ "$page" = 4096 ]; then
	see -A "$(printf '%x,%x' "$at" $((at + 16777216)))"
	is "$(awk '$1 == "reserved" && NF >= 4 { print $2; exit }' "$TMP/out")" \
		"$(dd if=/proc/kpageflags bs=32768 skip=$((at / 512)) iflag=skip_bytes count=1 \
			2>/dev/null | od -An -v -t x8 -w8 |
			awk 'substr($1, 8, 1) ~ /[13579bdf]/ { n++ } END { print n + 0 }')" "reserved frames of the kernel image"
	is "$(awk '$1 == "all" { print $2; exit }' "$TMP/out")" 4096 "and 16 MiB have 4096 frames"
	see
	like "$(cat "$TMP/out")" "^frames +in the ranges $(grep ' : System RAM' /proc/iomem |
		sed 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\).*/\1 \2/' | while read -r first last; do
		echo $(((0x$last + 1) / 4096 - (0x$first + 4095) / 4096)); done |
		awk '{ n += $1 } END { print n }') " "every whole frame of RAM is counted"
else
	skip "no frames to be read" "reserved frames of the kernel image"
fi

# ---------------------------------------------------------------- a process
if [ -r /proc/kpageflags ] && [ -x "$B/tests/bench/naive" ]; then
	sleep 1000 &
	target=$!
	until [ "$(cat /proc/$target/comm)" = sleep ]; do :; done
	kill -STOP $target
	see -j1 "$target"
	want=$("$B/tests/bench/naive" -d $target | awk '
		# pagemap bit 63 present; the zero page is bit 24 of kpageflags
		length($3) == 16 && $3 ~ /^[89a-f]/ && substr($4, length($4) - 6, 1) !~ /[13579bdf]/ {
			n += $2 }
		END { print n + 0 }')
	like "$(cat "$TMP/out")" "with a frame $want " "as many pages with a frame as naive finds"
	is "$(awk -v page="$page" '
		$1 == "pages" && $2 == "with" { print on == 1 && sum == $5 ? "equal" : sum " " $5 }
		/^pages of the process/ { on = 1 }
		on && $1 ~ /^N[0-9]+$/ { sum += $3 }
		/^pages of the process/ { sum = 0 }' "$TMP/out")" equal "and each is in a zone"
	kill -9 $target
	wait "$target" 2>/dev/null
	target=
else
	skip "no frames to be read" "pages of a process"
fi

# ---------------------------------------------------------------- those who may read less
run as_nobody "$PROCMAP" --phys --no-pager --width=100
is "$status" 0 "--phys without privileges"
if [ "$(id -u)" = 0 ] || ! [ -r /proc/kpageflags ]; then
	like "$(cat "$TMP/out")" 'kpageflags: what the frames are used for: Permission denied' \
		"it says that frames are closed"
	empty "$(grep -F 'frames by state' "$TMP/out")" "and counts none"
	like "$(cat "$TMP/out")" '^zones$' "zones are there all the same"
fi
see -A 0
is "$status" 0 "a lone address"
run "$PROCMAP" --phys --frames
is "$status" 2 "one view at a time"
run "$PROCMAP" --phys 2147483647
is "$status" 3 "no such process"
tap_done
