#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
#
# procmap against live processes of which we know what they mapped (mapper.c says it), and against
# those that are hard to look at: dead, dying, changing, foreign, 32-bit, huge.
. "${0%/*}/../lib.sh"

MAPPER=$B/tests/live/mapper
MAPPER32=$B/tests/live/mapper-32
[ -x "$MAPPER" ] || skip_all "no $MAPPER"
page=$(getconf PAGESIZE)
target=
swapfile=

# Wide enough that nothing is shortened; every figure in bytes.
see() {
	run "$PROCMAP" -u --bytes --width=250 --no-pager --color=never --charset=utf8 "$@"
}

# shellcheck disable=SC2317 # lib.sh's trap runs it
tap_cleanup() {
	[ -z "$target" ] || kill -9 "$target" 2>/dev/null
	[ -z "$swapfile" ] || { swapoff "$swapfile" && rm -f "$swapfile"; } 2>/dev/null
}

said() {
	sed -n "s/^value $1 //p" "$TMP/said"
}

# rows: "START SIZE PERMS" of every mapping drawn in $TMP/out, lowest first
rows() {
	awk '$1 ~ /^[0-9a-f]+$/ && (length($1) == 16 || length($1) == 8) {
		for (i = 3; i <= NF; i++)
			if ($i ~ /^[r-][w-][x-][ps]$/ && $(i - 1) ~ /^[0-9]+$/) {
				print $1, $(i - 1), $i
				break
			}
	}' "$TMP/out" | sort
}

# maps_rows PID DIGITS: the same from the kernel's own file
maps_rows() {
	awk -v digits="$2" '
	function hex(s,   i, v) {
		for (i = 1; i <= length(s); i++)
			v = v * 16 + index("123456789abcdef", substr(s, i, 1))
		return v
	}
	{
		split($1, at, "-")
		# Beyond the exact numbers of awk; user addresses are not.
		size = at[1] == "ffffffffff600000" ? 4096 : hex(at[2]) - hex(at[1])
		first = sprintf("%" digits "s", at[1])
		gsub(" ", "0", first)
		printf "%s %.0f %s\n", first, size, $2
	}' "/proc/$1/maps" | sort
}

# all_rows PID DIGITS DESCRIPTION: every mapping once, none invented
all_rows() {
	maps_rows "$1" "$2" >"$TMP/want"
	rows >"$TMP/got"
	same "$TMP/got" "$TMP/want" "$3"
}

# figure WORDS: the number that follows them in the totals of $TMP/out; 0 where they do not stand
figure() {
	sed -n '/^totals/,/^by kind/p' "$TMP/out" | tr -s ' \n' '  ' |
		sed -n "s/.* $1 \([0-9][0-9]*\).*/\1/p" | grep . || echo 0
}

# kind: the kinds of the mappings in $TMP/out
kind() {
	sed -n '/^by kind/,/^[^ ]/{/^ /p;}' "$TMP/out" | sed 's/^ *//; s/  *[0-9].*//'
}

# check_words LABEL SIZE WORD...: each KEY=VALUE of a "map" line against the view of that mapping
check_words() {
	label=$1 size=$2
	shift 2
	for word; do
		value=${word#*=}
		case $value in
		*[!0-9]*) bytes= ;;
		*) bytes=$((page * value)) ;;
		esac
		case $word in
		present=* | swapped=* | guard=* | zero=* | huge=*)
			is "$(figure "${word%%=*}")" "$bytes" "$label: $word" ;;
		copied=0)
			empty "$(grep -o 'copied [0-9][0-9]*' "$TMP/out")" "$label: nothing copied" ;;
		copied=*)
			like "$(cat "$TMP/out")" "copied $bytes( |$)" "$label: $word" ;;
		bar=*) # of a small mapping: a letter a page
			like "$(cat "$TMP/out")" " $value( |$)" "$label: $word" ;;
		locked=*)
			is "$(figure locked)" $((value * 1024)) "$label: $word KiB" ;;
		shared=*) # with one child: half of each of these pages is ours
			is "$(figure pss)" $((size - bytes / 2)) "$label: $word, in pss" ;;
		offset=*)
			like "$(cat "$TMP/out")" " $size [r-][w-][x-][ps] +$value " "$label: $word" ;;
		inode=*)
			like "$(cat "$TMP/out")" "inode $value( |$)" "$label: $word" ;;
		file=same)
			empty "$(grep -Ei ' (replaced|out of sight|deleted)($| )' "$TMP/out" |
				grep -Fv '(deleted)')" "$label: $word" ;;
		file=deleted)
			like "$(cat "$TMP/out")" ' deleted( |$)' "$label: $word" ;;
		file=replaced)
			like "$(cat "$TMP/out")" ' replaced on disk( |$)' "$label: $word" ;;
		esac
	done
}

# check_map LABEL START END PERMS KIND WORDS NAME DIGITS
check_map() {
	label=$1 size=$((0x$3 - 0x$2))
	see -v -A "$2,$3" "$target"
	is "$status" 0 "$label: shown"
	is "$(rows)" "$(printf '%*s' "$8" "$2" | tr ' ' 0) $size $4" "$label: its row"
	case $5 in
	io_uring) is "$(kind)" io_uring "$label: kind" ;;
	*) is "$(kind)" "$(echo "$5" | tr _ ' ')" "$label: kind" ;;
	esac
	# The kernel does not escape a backslash, so this name cannot be told from a newline.
	if [ "$label" != name_backslash ] && [ -n "$7" ]; then
		if grep -Fq -- "$7" "$TMP/out"; then
			pass "$label: name"
		else
			fail "$label: name"
			{ echo "no \"$7\" in:"; cat "$TMP/out"; } | diag
		fi
	fi
	# shellcheck disable=SC2086 # words
	check_words "$label" "$size" $6
}

# check_everything DIGITS: all that the mapper said, line by line
check_everything() {
	see "$target"
	is "$status" 0 "everything: shown"
	all_rows "$target" "$1" "everything: the rows are those of maps"
	empty "$(grep '^bad' "$TMP/said")" "the mapper got what it asked for"
	while IFS= read -r line; do
		name=${line#* name=}
		# shellcheck disable=SC2086 # words
		set -- "$1" ${line%% name=*}
		case ${2:-} in
		map)
			digits=$1 label=$3 first=$4 end=$5 perms=$6 kind=$7
			shift 7
			check_map "$label" "$first" "$end" "$perms" "$kind" "$*" "$name" "$digits"
			set -- "$digits"
			;;
		thread)
			see -A "$4,$5" "$target"
			is "$(rows)" "$(printf '%*s' "$1" "$4" | tr ' ' 0) $((0x$5 - 0x$4)) rw-p" \
				"thread: the row of its stack"
			is "$(kind)" "thread stack" "thread: kind"
			like "$(cat "$TMP/out")" "stack.* $3 " "thread: its number"
			ok "thread: its name" grep -Fq "$3 ${line#"thread $3 $4 $5 "}" "$TMP/out"
			see "$3"
			is "$status" 0 "a thread's number is taken"
			like "$(head -1 "$TMP/out")" "pid $target " "and its process named"
			;;
		value)
			check_value "$3" "$4" "$1"
			;;
		skip)
			skip "${line#skip }"
			;;
		esac
		set -- "$1"
	done <"$TMP/said"
}

# check_value KEY VALUE DIGITS
check_value() {
	case $1 in
	heap_end)
		see -A "$(printf %x $((0x$2 - 1))),$2" "$target"
		is "$(kind)" heap "heap: kind"
		last=$(rows | tail -1)
		size=${last#* }
		is "$(printf %x $((0x${last%% *} + ${size% *})))" "$2" "heap: ends where sbrk(0) says"
		;;
	stack_address)
		see -A "$2,$(printf %x $((0x$2 + 1)))" "$target"
		is "$(kind)" stack "stack: kind"
		;;
	esac
}

# ---------------------------------------------------------------- one of everything
start_target "$MAPPER"
check_everything 16

# Pages of the mappings that a filter lets through: the same as of their range, and no others.
for label in every_second thp; do
	first=$(sed -n "s/^map $label \([0-9a-f]*\) .*/\1/p" "$TMP/said")
	end=$(sed -n "s/^map $label [0-9a-f]* \([0-9a-f]*\) .*/\1/p" "$TMP/said")
	[ -n "$first" ] || continue
	pages() {
		run "$PROCMAP" --pages "$@" --width=250 --no-pager --color=never "$target"
		grep -E '^[0-9a-f]{8,16}[- ]' "$TMP/out"
	}
	pages -A "$first,$end" >"$TMP/want"
	pages "--filter=address = 0x$first" >"$TMP/got"
	like "$(wc -l <"$TMP/want")" '[1-9]' "$label: it has pages"
	same "$TMP/got" "$TMP/want" "$label: --pages of the mapping that a filter lets through"
done
stop_target

if [ -x "$MAPPER32" ] && "$MAPPER32" wait </dev/null >/dev/null 2>&1; then
	start_target "$MAPPER32"
	check_everything 8
	like "$(see "$target"; cat "$TMP/out")" '32-bit' "32-bit: said to be"
	stop_target
else
	skip "no compiler for 32-bit programs, or they do not run here" "32-bit program"
fi

# ---------------------------------------------------------------- swap
swap_on() {
	[ "$(id -u)" = 0 ] || return 1
	[ "$(wc -l </proc/swaps)" -gt 1 ] && return 0
	for swap_dir in "$TMP" "$B"; do
		swapfile=$swap_dir/mapper-swap
		dd if=/dev/zero of="$swapfile" bs=1M count=16 2>/dev/null && chmod 600 "$swapfile" &&
			mkswap "$swapfile" >/dev/null 2>&1 && swapon "$swapfile" 2>/dev/null && return 0
		rm -f "$swapfile"
		swapfile=
	done
	return 1
}

if swap_on; then
	start_target "$MAPPER" swap
	line=$(grep '^map swapped' "$TMP/said")
	if [ -n "$line" ]; then
		# shellcheck disable=SC2086 # words
		set -- ${line%% name=*}
		label=$2 first=$3 end=$4 perms=$5 kind=$6
		shift 6
		check_map "$label" "$first" "$end" "$perms" "$kind" "$*" "" 16
	else
		skip "nothing went to swap" swapped
	fi
	stop_target
	[ -z "$swapfile" ] || { swapoff "$swapfile" && rm -f "$swapfile" && swapfile=; }
else
	skip "no swap, and none can be turned on" swapped
fi

# ---------------------------------------------------------------- those that are hard to look at
"$MAPPER" wait </dev/null >/dev/null &
gone=$!
wait "$gone"
see "$gone"
is "$status" 3 "dead: exit status"
like "$(cat "$TMP/err")" "no process $gone" "dead: said so"
empty "$(cat "$TMP/out")" "dead: nothing drawn"

start_target "$MAPPER" zombie
see "$(said zombie)"
is "$status" 3 "zombie: exit status"
like "$(cat "$TMP/err")" zombie "zombie: said so"
stop_target

start_target "$MAPPER" leader
see "$target"
is "$status" 0 "leader gone: exit status"
for thread in "/proc/$target/task"/*; do
	thread=${thread##*/}
	[ "$thread" = "$target" ] || break
done
like "$(cat "$TMP/out")" "read through thread $thread" "leader gone: the thread it was read through"
maps_rows "$target/task/$thread" 16 >"$TMP/want"
rows >"$TMP/got"
same "$TMP/got" "$TMP/want" "leader gone: the rows are those of the thread's maps"
stop_target

if [ "$(cat /proc/2/comm 2>/dev/null)" = kthreadd ]; then
	see 2
	is "$status" 0 "kernel thread: exit status"
	like "$(cat "$TMP/out")" 'kernel thread' "kernel thread: why there is no user half"
	empty "$(rows)" "kernel thread: no row"
else
	skip "no kernel threads in sight" "kernel thread"
fi

if [ "$(id -u)" = 0 ]; then
	start_target "$MAPPER" wait
	run as_nobody "$PROCMAP" -u --width=100 --no-pager --color=never "$target"
	is "$status" 4 "another user's: exit status"
	like "$(cat "$TMP/out" "$TMP/err")" CAP_SYS_PTRACE "another user's: what would open it"
	empty "$(rows)" "another user's: no row"
	stop_target
	chmod 711 "$TMP"
	start_target as_nobody "$MAPPER" wait
	target=$(said pid)
	see "$target"
	is "$status" 0 "nobody's process for root: exit status"
	all_rows "$target" 16 "nobody's process for root: the rows are those of maps"
	run as_nobody "$PROCMAP" -u --width=250 --bytes --no-pager --color=never "$target"
	is "$status" 0 "nobody's own process: exit status"
	all_rows "$target" 16 "nobody's own process: the rows are those of maps"
	stop_target
else
	see 1
	is "$status" 4 "another user's: exit status"
fi

# ---------------------------------------------------------------- large, and changing
if [ "$(cat /proc/sys/vm/max_map_count)" -ge 65530 ]; then
	start_target "$MAPPER" many 65000
	see "$target"
	is "$status" 0 "65000 mappings: exit status"
	all_rows "$target" 16 "65000 mappings: every one, once"
	stop_target
else
	skip "vm.max_map_count is below 65530" "65000 mappings"
fi

# while_reading COMMAND...: draws the target, and runs the command as soon as its smaps is open
while_reading() {
	"$PROCMAP" -u --bytes --width=250 --no-pager --color=never "$target" \
		>"$TMP/out" 2>"$TMP/err" </dev/null &
	drawing=$!
	hit=
	while kill -0 "$drawing" 2>/dev/null; do
		case $(ls -l "/proc/$drawing/fd" 2>/dev/null) in
		*/smaps*)
			hit=1
			"$@"
			break
			;;
		esac
	done
	status=0
	wait "$drawing" || status=$?
}

# shellcheck disable=SC2317 # while_reading runs it
die_now() {
	kill -9 "$target"
}

# shellcheck disable=SC2317 # while_reading runs it
exec_now() {
	echo go >&8
}

start_target "$MAPPER" many 60000
while_reading die_now
if [ -n "$hit" ]; then
	like "$status" '^[03]$' "ends while read: exit status"
	like "$(cat "$TMP/out" "$TMP/err")" 'ended while|no process' "ends while read: said so"
else
	skip "procmap was done before it could be seen reading" "ends while read"
fi
stop_target

start_target "$MAPPER" exec 60000
first=$(said many_start)
maps_rows "$target" 16 | wc -l >"$TMP/before"
while_reading exec_now
if [ -n "$hit" ]; then
	is "$status" 0 "executes another program while read: exit status"
	while IFS= read -r line <&9 && [ "$line" != ready ]; do :; done
	rows >"$TMP/got"
	if grep -q "^0*$first " "$TMP/got"; then
		# All of the old one, or as much as there was, but then with the note.
		if [ "$(wc -l <"$TMP/got")" = "$(cat "$TMP/before")" ]; then
			pass "executes another program while read: all of the old one"
		else
			like "$(cat "$TMP/out")" 'changed while|another program' \
				"executes another program while read: a part, and said so"
		fi
	else
		# The new mm fills step by step, its stack first, then what execve and ld.so map: a
		# picture taken in between is a true one, and holds no more than there is in the end.
		now=$(maps_rows "$target" 16 | wc -l)
		ok "executes another program while read: the new one, as far as it was" \
			[ "$(wc -l <"$TMP/got")" -le "$now" ]
	fi
else
	skip "procmap was done before it could be seen reading" "executes another program"
fi
stop_target

tap_done
