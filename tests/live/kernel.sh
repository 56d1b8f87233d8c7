#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
#
# What lies inside the kernel half of this machine, held against the kernel's own files: the areas
# of vmalloc and their sums, VmallocUsed, the frames of RAM, and what an unprivileged user sees.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

[ -r /proc/self/maps ] || skip_all "no /proc"

# Without libsmartcols the cells of a table have tabs between them.
draw() {
	run "$PROCMAP" --bytes --width=250 --ascii --color=never --no-pager "$@"
	tr '\t' ' ' <"$TMP/out" >"$TMP/blanks"
	mv "$TMP/blanks" "$TMP/out"
}

# Areas in use of a vmallocinfo, their bytes, their pages: what procmap sums up, by awk.
sums_of() {
	awk '!/ unpurged vm_area/ {
		n++; bytes += $2
		if (match($0, / pages=[0-9]+/)) pages += substr($0, RSTART + 7, RLENGTH - 7)
	} END { print n + 0, bytes + 0, pages * '"$page"' }' "$1"
}

# One table of --vmalloc: the sums of its rows. $1 is the heading's last word.
table_sums() {
	awk -v last="$1" '
	/^ *AREAS +TOTAL +OF PAGES/ { on = $NF == last; next }
	/^$/ { on = 0 }
	on && !/ in use$/ && !/ unpurged/ { n += $1; bytes += $2; pages += $3 }
	END { print n + 0, bytes + 0, pages + 0 }' "$TMP/out"
}

page=$(getconf PAGESIZE)

if cat /proc/vmallocinfo >"$TMP/before" 2>/dev/null; then
	# Areas come and go, some between two equal readings: one of many must be the same as they are.
	tries=0
	while [ $tries -lt 40 ]; do
		tries=$((tries + 1))
		cat /proc/vmallocinfo >"$TMP/before"
		draw --vmalloc
		cat /proc/vmallocinfo >"$TMP/after"
		[ "$(sums_of "$TMP/before")" != "$(sums_of "$TMP/after")" ] ||
			[ "$(table_sums CALLER)" != "$(sums_of "$TMP/before")" ] || break
	done
	is "$status" 0 "--vmalloc"
	if [ "$(sums_of "$TMP/before")" = "$(sums_of "$TMP/after")" ]; then
		is "$(table_sums CALLER)" "$(sums_of "$TMP/before")" "callers add up to vmallocinfo"
		is "$(table_sums KIND)" "$(sums_of "$TMP/before")" "kinds add up to vmallocinfo"
		is "$(awk '/ in use$/ { print $1, $2, $3 }' "$TMP/out")" \
			"$(sums_of "$TMP/before")" "the total is that of vmallocinfo"
	else
		skip "vmalloc never stood still" "sums equal those of vmallocinfo"
	fi
	case $(cat /proc/sys/kernel/kptr_restrict 2>/dev/null) in
	1)
		skip "addresses are real here" "hashes are not taken for addresses"
		;;
	*)
		awk '{ sub(/^0x0*/, ""); sub(/-.*/, ""); if (length($0) > 5) print }' \
			"$TMP/before" | head -n 200 >"$TMP/hashes"
		empty "$(grep -Fwf "$TMP/hashes" "$TMP/out")" "hashes are not taken for addresses"
		;;
	esac
else
	skip "vmallocinfo cannot be read" "--vmalloc"
fi

# ---------------------------------------------------------------- the picture of the kernel
draw --kernel
is "$status" 0 "--kernel"
cp "$TMP/out" "$TMP/kernel"
# Addresses and names of the regions, without the areas, which come and go.
regions() {
	grep -v vmallocinfo "$1" | grep -oE '^[0-9a-f]{8,16}.{30}'
}
draw --pid=0
is "$(regions "$TMP/out")" "$(regions "$TMP/kernel")" "--pid=0 is the same picture"
if grep -q '^memory' "$TMP/kernel"; then
	percpu=$(awk '/^Percpu:/ { print $2 * 1024 }' /proc/meminfo)
	like "$(sed -n 's/.* per-CPU  *\([0-9]*\)  in the .*/\1/p' "$TMP/kernel")" \
		"^${percpu:-}$" "per-CPU data as meminfo has it"
	slab=$(awk '/^Slab:/ { print $2 * 1024 }' /proc/meminfo)
	got=$(sed -n 's/.*slab  *\([0-9]*\)  in the .*/\1/p' "$TMP/kernel")
	ok "slab within a quarter of meminfo now" \
		test "$((got * 4))" -ge "$((slab * 3))" -a "$((got * 3))" -le "$((slab * 4))"
else
	skip "nothing is known of this machine's inside" "figures of meminfo"
fi

# Every frame of RAM is in one state: all together are RAM, to the byte.
if head -c 8 /proc/kpageflags >"$TMP/word" 2>/dev/null && [ -s "$TMP/word" ] &&
	grep -q ': System RAM' /proc/iomem && ! grep -q '^00000000-00000000 : System RAM' /proc/iomem &&
	grep -q 'frames' "$TMP/kernel"; then
	ram=$(perl -e '
		while (<>) {
			next unless /^ *([0-9a-f]+)-([0-9a-f]+) : System RAM/;
			my ($first, $end) = (int((hex($1) + '"$page"' - 1) / '"$page"'),
				int((hex($2) + 1) / '"$page"'));
			$sum += ($end - $first) * '"$page"' if $end > $first;
		}
		print $sum' /proc/iomem)
	for how in '' -v; do
		# shellcheck disable=SC2086 # none, or one
		draw --kernel $how
		got=$(tr -d '|\n' <"$TMP/out" | sed 's/  */ /g' | perl -ne '
			/ frames(?:, about \(.*?\))?: ((?:[a-z -]+? \d+(?:, )?)+)/i or exit;
			$sum += $_ for $1 =~ /(\d+)/g;
			print $sum')
		if [ -n "$how" ]; then
			is "$got" "$ram" "all frames together are the RAM of iomem"
		else
			# each state of each range is rounded to a frame
			# shellcheck disable=SC2016 # for perl
			ok "so are the sampled ones" perl -e \
				'exit(abs($ARGV[0] - $ARGV[1]) > 64 * $ARGV[2])' "$got" "$ram" "$page"
		fi
	done
else
	skip "kpageflags or iomem cannot be read" "all frames together are the RAM of iomem"
fi

# ---------------------------------------------------------------- without privileges
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && [ -x "$PROCMAP" ] &&
	as_nobody test -x "$PROCMAP"; then
	run as_nobody "$PROCMAP" --kernel --no-pager --width=250
	is "$status" 0 "--kernel without privileges"
	empty "$(grep -E '^0{16} ' "$TMP/out")" "zeros are not taken for addresses"
	run as_nobody "$PROCMAP" --vmalloc
	is "$status" 1 "--vmalloc without privileges"
	like "$(cat "$TMP/err")" '^procmap: /proc/vmallocinfo: ' "it says why"
else
	skip "cannot give up privileges here" "without privileges"
fi
tap_done
