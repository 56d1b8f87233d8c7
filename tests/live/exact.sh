#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
#
# A stopped process drawn, held against the kernel's own files: every mapping once and in order,
# no byte of the half left out or drawn twice, totals as smaps_rollup has them, pages as a reader
# that shares nothing with procmap finds them.
#
# EXACT_PIDS="PID ..." compares these processes (they are stopped meanwhile) instead of one of ours.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

NAIVE=$B/tests/bench/naive
started=

# shellcheck disable=SC2317 # lib.sh's trap runs it
tap_cleanup() {
	for pid in $stopped; do kill -CONT "$pid" 2>/dev/null; done
	[ -z "$started" ] || { kill -9 "$started" && wait "$started"; } 2>/dev/null
}
stopped=

draw() {
	run "$PROCMAP" -u --bytes --width=250 --ascii --color=never --no-pager "$@"
}

# Checks the rows of $TMP/out against maps; prints what differs.
check_rows() {
	perl -e '
		use strict;
		use bigint;
		my ($pid, $out) = @ARGV;
		my (@want, @rows, $below, $vsyscall);
		open(my $m, "<", "/proc/$pid/maps") or die;
		while (<$m>) {
			next unless /^([0-9a-f]+)-([0-9a-f]+) (\S+)/;
			next if $1 eq "ffffffffff600000";
			unshift @want, sprintf("%s %s %s", hex($1), hex($2) - hex($1), $3);
		}
		open(my $o, "<", $out) or die;
		while (<$o>) {
			next unless /^([0-9a-f]{8,16}) (.*)/;
			my ($at, $rest) = (hex($1), $2);
			next if $1 eq "ffffffffff600000";
			if ($rest =~ / (\d+) ([r-][w-][x-][ps])([ \/|]|$)/) {
				push @rows, [ $at, $1 + 0, "$2" ];
			} elsif ($rest =~ /[:] (gap|NULL trap)\s+(\d+)/) {
				push @rows, [ $at, $2 + 0, "" ];
			}
		}
		my @got = map { "$_->[0] $_->[1] $_->[2]" } grep { $_->[2] } @rows;
		print "mappings drawn ", scalar(@got), ", in maps ", scalar(@want), "\n"
			if @got != @want;
		for my $i (0 .. $#want) {
			next if ($got[$i] // "") eq $want[$i];
			print "row $i: got ", $got[$i] // "none", ", want $want[$i]\n";
			last;
		}
		for my $r (@rows) {
			print "hole or overlap at $r->[0] + $r->[1]\n"
				if defined $below && $r->[0] + $r->[1] != $below;
			$below = $r->[0];
		}
		print "the lowest row starts at $below\n" if $below != 0;
		print "the highest row ends at ", $rows[0][0] + $rows[0][1], "\n"
			unless grep { $rows[0][0] + $rows[0][1] == $_ }
			0x7ffffffff000, 0xfffffffffff000, 0xffffe000, 0xc0000000, 0xfffff000;
	' "$1" "$TMP/out" 2>&1
}

# total WORD: the figure behind a word of the footer, in bytes
total() {
	sed -n "/^totals/,/^by kind/p" "$TMP/out" | sed -n "s/.* $1 \([0-9?]*\).*/\1/p" | head -1
}

# rollup FIELD: KiB
rollup() {
	sed -n "s/^$2: *\([0-9]*\) kB/\1/p" "/proc/$1/smaps_rollup"
}

check_totals() {
	is "$(total rss)" "$(($(rollup "$1" Rss) * 1024))" "$2: rss is smaps_rollup's"
	is "$(total swap)" "$(($(rollup "$1" Swap) * 1024))" "$2: swap is smaps_rollup's"
	check_pss "$1" "$2"
}

# Pss falls while procmap itself maps the same libraries, so the kernel's sum must be the one that
# procmap read (-v); other processes come and go, so the two must fit in one of some readings.
check_pss() {
	n=$(wc -l <"/proc/$1/maps")
	for _ in 1 2 3 4 5 6 7 8; do
		draw "$1" -v
		kernel=$(sed -n '/^sources/,$p' "$TMP/out" | tr '\n' ' ' |
			sed -n 's/.*smaps_rollup: .* pss \([0-9]*\) .*/\1/p')
		drift=$(((${kernel:-0} - $(total pss)) / 1024))
		if [ -n "$kernel" ] && [ "$drift" -ge 0 ] && [ "$drift" -le "$n" ]; then
			pass "$2: pss within 1 KiB a mapping"
			return
		fi
	done
	fail "$2: pss within 1 KiB a mapping (kernel ${kernel:-?}, off by $drift KiB, $n mappings)"
}

# Sums pages by flag set without KPF_IDLE (bit 25), which the kernel sets and clears behind everyone's
# back, and without reserved frames (bit 32: the vdso's), whose "referenced" each process that ends flips.
settle() {
	awk '
		length($1) != 16 { print; next }
		substr($1, 8, 1) == "1" { next }
		{
			idle = substr($1, 10, 1)
			without = substr("010145458989cdcd", index("0123456789abcdef", idle), 1)
			pages[substr($1, 1, 9) without substr($1, 11)] += $2
		}
		END { for (set in pages) print set, pages[set] }' | sort
}

# What both readers find, one line a figure: states, then pages by flag set.
naive_figures() {
	"$NAIVE" "$1" 2>/dev/null | awk '
		$1 == "flags" { print $2, $3 }
		$1 == "state" && $2 ~ /swapped|guard|other/ { print $2, $3 }' | settle
}

procmap_figures() {
	"$PROCMAP" --page-summary --bytes --ascii --no-pager --width=200 "$1" 2>/dev/null | awk '
		/^[0-9a-f]+ +[0-9]+ / && length($1) == 16 && !summed { print $1, $2 }
		/^total/ { summed = 1 }
		$1 == "pages" { for (i = 2; i < NF; i++)
			if ($i ~ /^(swapped|guard|other)$/) print $i, $(i + 1) }' | settle
}

# Flags of frames change under a stopped process, too: the two must agree once in some readings.
check_pages() {
	for _ in 1 2 3 4 5 6 7 8; do
		naive_figures "$1" >"$TMP/naive"
		procmap_figures "$1" >"$TMP/mine"
		cmp -s "$TMP/naive" "$TMP/mine" && break
	done
	same "$TMP/mine" "$TMP/naive" "$2: pages and flag sets are those of the naive reader"
}

check_process() {
	[ -e "/proc/$1/maps" ] || { fail "there is no process $1"; return; }
	what="$1 ($(tr -cd '[:alnum:]' <"/proc/$1/comm"))"
	kill -STOP "$1"
	stopped="$stopped $1"
	until grep -q '^State:.[TZX]' "/proc/$1/status" || [ ! -e "/proc/$1" ]; do :; done
	draw "$1"
	is "$status" 0 "$what: drawn"
	empty "$(check_rows "$1")" "$what: rows, gaps and borders are the kernel's"
	check_totals "$1" "$what"
	if [ "$(id -u)" != 0 ]; then
		skip "kpageflags needs root" "$what: pages"
	elif [ ! -x "$NAIVE" ]; then
		skip "no $NAIVE (make bench builds it)" "$what: pages"
	else
		check_pages "$1" "$what"
	fi
	kill -CONT "$1"
}

if [ -z "${EXACT_PIDS:-}" ]; then
	sleep 300 &
	started=$!
	until [ "$(cat "/proc/$started/comm")" = sleep ]; do :; done
	EXACT_PIDS=$started
fi
for pid in $EXACT_PIDS; do
	check_process "$pid"
done
tap_done
