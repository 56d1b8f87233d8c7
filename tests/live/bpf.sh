#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154 # lib.sh's run sets status
#
# --bpf on this machine: what it reads of a process's mm against what the kernel computes it from,
# what it finds of the kernel half, and what is said where it is not allowed.
# shellcheck source=tests/lib.sh
. "${0%/*}/../lib.sh"

started=
# shellcheck disable=SC2317 # lib.sh's trap runs it
tap_cleanup() {
	for pid in $started; do kill -9 "$pid" && wait "$pid"; done 2>/dev/null
}

draw() {
	run "$PROCMAP" --width=200 --ascii --color=never --no-pager "$@"
}

# start COMMAND...: runs it in the background until it has executed its program; sets $target
start() {
	"$@" &
	target=$!
	started="$started $target"
	for last; do :; done
	tries=0
	while [ "$(tr '\0' ' ' <"/proc/$target/cmdline" 2>/dev/null)" != "sleep $last " ]; do
		tries=$((tries + 1))
		[ $tries -lt 5000 ] || { echo "Bail out! $* does not start"; exit 1; }
	done
}

# as_nobody CAPABILITIES COMMAND...: without privileges but for these ("" for none)
as_nobody() {
	caps=$1
	shift
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps="-all${caps:+,$caps}" \
		--ambient-caps="-all${caps:+,$caps}" "$@"
}

# base: the address of mmap_base and what is said of it
base() {
	sed -n 's/.* mmap base \([0-9a-f]* [a-z]*\( ([a-z]*)\)\{0,1\}\).*/\1/p' "$TMP/out"
}

# ---------------------------------------------------------------- where it is not allowed
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && as_nobody "" "$PROCMAP" --version >/dev/null; then
	run as_nobody "" "$PROCMAP" --bpf --width=200 --no-pager --color=never --kernel
	is "$status" 0 "without privileges: exit status"
	if [ -e /proc/kcore ] || [ -e /sys/kernel/boot_params/data ]; then
		like "$(cat "$TMP/out")" 'bpf: .*[(]CAP_BPF with CAP_PERFMON opens it[)]' \
			"without privileges: names the capabilities"
	fi
	is "$(grep -c '(bpf)' "$TMP/out")" 0 "without privileges: nothing is known by bpf"
	run as_nobody "" "$PROCMAP" --width=200 --no-pager --color=never --kernel
	like "$(cat "$TMP/out")" 'bpf: --bpf would read .*[(]CAP_BPF with CAP_PERFMON opens it[)]' \
		"not asked for: says what it would give, and what it needs"
else
	skip "not root, or no setpriv" "without privileges"
fi

draw --kernel --bpf
if ! grep -q ' exact (bpf) ' "$TMP/out"; then
	skip "no BPF program may read kernel memory here, or there is a /proc/kcore" "--bpf"
	tap_done
fi

# ---------------------------------------------------------------- the kernel half
is "$status" 0 "--kernel --bpf: exit status"
for region in 'direct map of RAM' vmalloc vmemmap; do
	# Before 6.9 VMCOREINFO does not tell where vmalloc begins.
	[ "$region" != vmalloc ] || case $(uname -r) in [1-5].* | 6.[0-8].*) continue ;; esac
	is "$(grep -c "[ |]$region .* exact (bpf) " "$TMP/out")" 1 "$region is known exactly"
done
is "$(grep -c 'contradict\|--bpf would' "$TMP/out")" 0 "nothing contradicts, nothing is left to offer"
if [ -r /sys/kernel/boot_params/data ] && [ "$(uname -m)" = x86_64 ] &&
	[ $((0x$(od -An -tx1 -j529 -N1 /sys/kernel/boot_params/data | tr -d ' ') & 2)) = 0 ] &&
	! grep -qw la57 /proc/cpuinfo; then
	like "$(cat "$TMP/out")" 'ffffea0000000000 | *vmemmap ' "KASLR off: vmemmap is at its default"
	like "$(cat "$TMP/out")" 'ffffc90000000000 | *vmalloc ' "KASLR off: vmalloc is at its default"
	like "$(cat "$TMP/out")" 'ffff888000000000 | ' "KASLR off: the direct map is at its default"
else
	skip "KASLR is on, or no 4-level x86_64" "the defaults"
fi
ok "no BPF program or map outlives it" sh -c '! ls -l /proc/*/fd 2>/dev/null | grep -q bpf.*procmap'

# The two capabilities are enough: where RAM ends zoneinfo tells, where VMCOREINFO is everyone knows.
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null &&
	as_nobody +bpf,+perfmon "$PROCMAP" --version >/dev/null 2>&1 && [ -e /sys/kernel/vmcoreinfo ]; then
	run as_nobody +bpf,+perfmon "$PROCMAP" --bpf --ascii --width=200 --no-pager --color=never --kernel
	is "$(grep -c '[ |]direct map of RAM .* exact (bpf) ' "$TMP/out")" 1 \
		"CAP_BPF and CAP_PERFMON alone: the direct map is known exactly"
else
	skip "not root, or no setpriv that knows these capabilities" "CAP_BPF and CAP_PERFMON alone"
fi

# ---------------------------------------------------------------- a process's mm
# mmap_base() of arch/x86/mm/mmap.c without randomisation: TASK_SIZE less the stack's limit and
# guard gap, at least 128 MiB.
if [ "$(uname -m)" = x86_64 ] && prlimit --stack=$((8 << 20)): setarch -R true 2>/dev/null; then
	start prlimit --stack=$((8 << 20)): setarch -R sleep 1000
	draw -u --bpf "$target"
	is "$status" 0 "a process: exit status"
	is "$(base)" "00007ffff7fff000 exact (bpf)" "mmap_base with a small stack"
	like "$(cat "$TMP/out")" 'mmap area top-down' "top-down"
	start prlimit --stack=$((1 << 30)): setarch -R sleep 1001
	draw -u --bpf "$target"
	is "$(base)" "00007fffbfeff000 exact (bpf)" "mmap_base with a stack of 1 GiB"
	start prlimit --stack=$((8 << 20)): setarch -R -L sleep 1002
	draw -u --bpf "$target"
	is "$(base)" "00002aaaaaaab000 exact (bpf)" "mmap_base of the old layout"
	like "$(cat "$TMP/out")" 'mmap area bottom-up' "bottom-up"
else
	skip "no x86_64, prlimit or setarch" "mmap_base without randomisation"
fi

# ld.so is mapped first (since 6.9), so what is derived from the rows must be what the mm says.
start sleep 1003
draw -u "$target"
derived=$(base)
draw -u --bpf "$target"
case $derived in
*' derived') is "$(base)" "${derived% derived} exact (bpf)" "the mm says what the rows say" ;;
*) skip "mmap_base is not derived here" "the mm says what the rows say" ;;
esac
is "$(grep -c contradict "$TMP/out")" 0 "a process: nothing contradicts"

# helper ARGUMENTS...: the helper that maps things, or its 32-bit twin; sets $target
helper() {
	rm -f "$TMP/hold"
	mkfifo "$TMP/hold"
	"$@" <"$TMP/hold" >"$TMP/mapper" 2>&1 &
	target=$!
	started="$started $target"
	exec 9>"$TMP/hold"
	tries=0
	while ! grep -q '^ready' "$TMP/mapper"; do
		tries=$((tries + 1))
		[ $tries -lt 5000 ] && kill -0 "$target" 2>/dev/null || return 1
	done
}

# A leader that has exited: its mm is found through another thread.
if [ -x "$B/tests/live/mapper" ] && helper "$B/tests/live/mapper" leader; then
	draw -u --bpf "$target"
	is "$status" 0 "a leader that has exited: exit status"
	like "$(base)" ' exact [(]bpf[)]$' "a leader that has exited: the mm of another thread"
else
	skip "the helper was not built" "a leader that has exited"
fi
exec 9>&-

# TASK_SIZE of ia32 less 128 MiB; x86_64 keeps that base apart from the one of 64-bit processes.
if [ -x "$B/tests/live/mapper-32" ] && [ "$(uname -m)" = x86_64 ] &&
	helper setarch -R "$B/tests/live/mapper-32" wait; then
	draw -u --bpf "$target"
	is "$(base)" "f7ffe000 exact (bpf)" "mmap_base of a 32-bit process"
	is "$(grep -c 'end of the user half' "$TMP/out")" 0 "the end of a 32-bit process's half is exact"
else
	skip "no 32-bit helper, or no x86_64" "mmap_base of a 32-bit process"
fi
exec 9>&-
tap_done
