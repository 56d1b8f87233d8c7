#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What procmap costs, beside the floor (floor.c) and its peers, on the same live process at the same
# time: cpu time, user and system, medians of paired runs. `make bench`; as root, on a quiet machine.
#
#   ROUNDS=7       paired runs            MIB=8192   resident memory of the large targets
#   VMAS=65000     mappings of the largest one       ONLY=REGEX  only these targets
set -eu
. "${0%/*}/../lib.sh"

: "${ROUNDS:=7}" "${MIB:=8192}" "${VMAS:=65000}" "${ONLY:=.}"
bench=$B/tests/bench
target=
tap_cleanup() {
	[ -z "$target" ] || kill "$target" 2>/dev/null || :
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# begin NAME WHAT [N] [MIB]: makes the target and waits until it is there; sets pid and name
begin() {
	name=$1
	shift
	mkfifo "$TMP/in" "$TMP/out"
	"$bench/target" "$@" <"$TMP/in" >"$TMP/out" &
	target=$!
	exec 8>"$TMP/in" 9<"$TMP/out"
	read -r pid <&9 || { echo "bench: $name could not be made" >&2; end; return 1; }
	: >"$TMP/commands"
	: >"$TMP/labels"
	printf '\n%s\n' "$name"
}

end() {
	exec 8>&- 9<&-
	wait "$target" 2>/dev/null || :
	target=
	rm -f "$TMP/in" "$TMP/out"
}

# cmd LABEL BOUND COMMAND: BOUND is what the ratio to the first command should not exceed, or -
cmd() {
	printf '%s\t%s\n' "$1" "$2" >>"$TMP/labels"
	printf '%s\n' "$3" >>"$TMP/commands"
}

# Runs the commands and prints their table.
measure() {
	set --
	while IFS= read -r line; do
		set -- "$@" "$line"
	done <"$TMP/commands"
	"$bench/paired" "$ROUNDS" "$@" >"$TMP/costs"
	printf '  %-34s %9s %9s %9s %8s  %s\n' '' 'cpu ms' 'least' 'wall ms' 'peak MiB' 'ratio (bound)'
	paste "$TMP/labels" "$TMP/costs" | awk -F '\t' '{
		split($3, c, " ")
		bound = $2 == "-" ? "" : sprintf(" (%s)%s", $2, c[5] + 0 > $2 + 0 ? "  MISSED" : "")
		if (c[6] != 0)
			bound = bound "  exit status " c[6]
		printf "  %-34s %9.2f %9.2f %9.2f %8.1f  %.2f%s\n",
			$1, c[1], c[2], c[3], c[4] / 1024, c[5], bound
	}'
}

selected() {
	printf '%s\n' "$1" | grep -Eq "$ONLY"
}

maps_views() {
	selected "$1" && begin "$@" || return 0
	cmd 'floor maps' - "$bench/floor maps $pid"
	cmd 'procmap -u --no-smaps --no-pages' 1.6 \
		"$PROCMAP -u --no-smaps --no-pages --no-pager --pid=$pid"
	have pmap && cmd 'pmap' - "pmap $pid"
	measure
	: >"$TMP/commands"
	: >"$TMP/labels"
	cmd 'floor smaps, scan' - "$bench/floor default $pid"
	cmd 'procmap' 1.3 "$PROCMAP --no-pager --pid=$pid"
	cmd 'procmap -u' 1.3 "$PROCMAP -u --no-pager --pid=$pid"
	cmd 'procmap -u --no-pages' - "$PROCMAP -u --no-pages --no-pager --pid=$pid"
	cmd 'floor maps, scan' - "$bench/floor scan $pid"
	if have pmap; then
		cmd 'pmap -x' - "pmap -x $pid"
		cmd 'pmap -X' - "pmap -X $pid"
	fi
	measure
	end
}

page_views() {
	selected "$1" && begin "$@" || return 0
	cmd 'floor pages' - "$bench/floor pages $pid"
	cmd 'procmap --page-summary' 1.3 "$PROCMAP --page-summary --no-pager --pid=$pid"
	cmd 'procmap --page-summary -j2' - "$PROCMAP --page-summary -j2 --no-pager --pid=$pid"
	cmd 'naive, a pread a page' - "$bench/naive $pid"
	have page-types && cmd 'page-types -p' - "page-types -p $pid"
	measure
	: >"$TMP/commands"
	: >"$TMP/labels"
	cmd 'floor dump, a line a page' - "$bench/floor dump $pid"
	cmd 'procmap --pages' 1.3 "$PROCMAP --pages --no-pager --pid=$pid"
	cmd 'floor dump and cgroups' - "$bench/floor dump3 $pid"
	have page-types && cmd 'page-types -p -N -L -M' - "page-types -p $pid -N -L -M"
	measure
	end
}

# Only the process's own work: what the program costs at all.
small_views() {
	selected "$1" && begin "$@" || return 0
	cmd 'floor smaps, scan' - "$bench/floor default $pid"
	cmd 'procmap' - "$PROCMAP --no-pager --pid=$pid"
	cmd 'procmap -u --no-pages' - "$PROCMAP -u --no-pages --no-pager --pid=$pid"
	have pmap && cmd 'pmap -x' - "pmap -x $pid"
	measure
	end
}

# summaries NAME WHAT...: the page summary alone, where listing every page says nothing more
summaries() {
	selected "$1" && begin "$@" || return 0
	cmd 'floor pages' - "$bench/floor pages $pid"
	cmd 'procmap --page-summary' - "$PROCMAP --page-summary --no-pager --pid=$pid"
	cmd 'procmap (default)' - "$PROCMAP --no-pager --pid=$pid"
	measure
	end
}

# keys NAME WHAT...: how long the browser takes to answer while it reads such a process
keys() {
	selected "$1" && begin "$@" || return 0
	has_feature tui || { echo '  built without the browser'; end; return 0; }
	"$bench/latency" 200 "$PROCMAP" --tui --interval=0.2 "--pid=$pid" |
		awk '{ printf "  %-34s p50 %.1f  p99 %.1f  worst %.1f ms\n",
			"procmap --tui, a key until it shows", $1, $2, $3 }' || :
	end
}

# refreshes NAME VMAS MIB: what the browser reads each second; the bounds are 2 and 100 ms of cpu
refreshes() {
	selected "$1" || return 0
	printf '\n%s\n' "$1"
	# shellcheck disable=SC2046,SC2183 # five figures
	printf '  %-34s first picture %.1f ms; cpu at rest %.2f (2), moving %.1f (100), with smaps %.1f, marked %.1f (100)\n' \
		'procmap --tui, a refresh' $("$bench/refresh" "$2" "$3" 15) || :
}

printf 'procmap bench: %s, %s processors, %s rounds; ratios are to the first line of a block\n' \
	"$(uname -sr)" "$(nproc)" "$ROUNDS"
[ "$(id -u)" = 0 ] || echo 'not root: frames stay unknown, so the page views do less than their floor'

small_views 'small process' exit
small_views '40 mappings' vmas 20 0
maps_views "$VMAS mappings of one page" vmas "$VMAS"
maps_views "20000 mappings of four pages, holes between" vmas4 20000
page_views "$MIB MiB dense" dense 0 "$MIB"
page_views "$((MIB / 8)) MiB in random order" random 0 "$((MIB / 8))"
page_views "$((MIB / 16)) MiB, every second page" sparse 2 "$((MIB / 16))"
page_views "$((MIB / 8)) MiB of a file" file 0 "$((MIB / 8))"
page_views "$((MIB / 8)) MiB shared by 4 processes" shm 3 "$((MIB / 8))"
summaries "$((MIB / 2)) MiB of transparent huge pages" thp 0 "$((MIB / 2))"
summaries "64 MiB dense" dense 0 64
summaries "64 MiB dense and 64 TiB reserved" none 64 64
keys "keys, $VMAS mappings" vmas "$VMAS"
keys "keys, $MIB MiB dense" dense 0 "$MIB"
refreshes "tui refresh, 40 mappings" 20 0
refreshes "tui refresh, $VMAS mappings" "$VMAS" 0
refreshes "tui refresh, $MIB MiB dense" 0 "$MIB"
