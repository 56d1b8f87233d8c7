#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What a guest does for check.sh: loads the module that knows the truth, looks at the kernel with
# procmap in every state a machine may be in, and leaves all of it in /out:
#
#   truth/layout truth/kernel.N truth/task.NAME   what the module says (truth.c)
#   STATE/VIEW, .err, .status                     what procmap printed in that state
#   tree/                                         the kernel as tests/record.sh records it
#   said.NAME                                     what the process NAME said of itself (mapper.c)
truth=/proc/procmap_truth
mkdir -p /out/truth
insmod /vm/truth.ko || exit

# see STATE VIEW COMMAND...: with what it printed and how it ended
see() {
	to=/out/$1/$2
	mkdir -p "/out/$1"
	shift 2
	"$@" >"$to" 2>"$to.err" </dev/null
	echo $? >"$to.status"
}

plain="--ascii --bytes --width=250 --no-pager --color=never"
# shellcheck disable=SC2086 # words
look() {
	see "$1" kernel procmap -k --verbose $plain
}

# start NAME PROGRAM ARGUMENTS...: a process that says "ready" and waits; its PID in /run/NAME.pid
start() {
	name=$1
	shift
	mkfifo "/run/$name.in"
	TMPDIR=/tmp "$@" <"/run/$name.in" >"/out/said.$name" 2>&1 &
	echo $! >"/run/$name.pid"
	eval "exec $fd<>/run/$name.in"
	tries=0
	until grep -q '^ready' "/out/said.$name"; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || { echo "$name did not get ready" >&2; exit 1; }
		usleep 50000
	done
}

fd=7
start native mapper
names=native
if [ -x /usr/bin/mapper-compat ]; then
	fd=8
	start compat mapper-compat
	names="native compat"
fi

# ---------------------------------------------------------------- as root, everything open
cat $truth/layout >/out/truth/layout
look root
# shellcheck disable=SC2086
see root contents procmap --kernel --verbose $plain
# The kernel's own mappings change all the time; what both dumps have was there between them.
cat $truth/kernel >/out/truth/kernel.1
# shellcheck disable=SC2086
see root kernel-ptes procmap --kernel-ptes --verbose $plain
cat $truth/kernel >/out/truth/kernel.2
cat /proc/vmallocinfo >/out/truth/vmallocinfo
for f in meminfo zoneinfo buddyinfo slabinfo iomem modules; do
	cat /proc/$f >/out/truth/$f
done
for view in vmalloc phys slab; do
	# shellcheck disable=SC2086
	see root $view procmap --$view $plain
done
for name in $names; do
	pid=$(cat "/run/$name.pid")
	echo "$pid" >"/out/truth/pid.$name"
	# shellcheck disable=SC2086
	see root "map-$name" procmap --verbose $plain -p "$pid"
	cat "/proc/$pid/maps" >"/out/truth/maps.$name"
	# shellcheck disable=SC2086
	see root "ptes-$name" procmap --ptes $plain -p "$pid"
	echo "$pid 0 ffffffffffffffff" >$truth/task
	cat $truth/task >"/out/truth/task.$name"
done
NAIVE=/vm/naive KCOREHEAD=/vm/kcorehead sh /vm/record.sh /out/tree 0 2>/out/record.err
NAIVE=/vm/naive KCOREHEAD=/vm/kcorehead sh /vm/record.sh /out/tree-native "$(cat /run/native.pid)" \
	2>>/out/record.err

# ---------------------------------------------------------------- sources closed, one by one
for n in 1 2; do
	echo $n >/proc/sys/kernel/kptr_restrict
	look "kptr$n"
done
echo 0 >/proc/sys/kernel/kptr_restrict

# shellcheck disable=SC2016 # for the other shell
see nobody kernel su nobody -s /bin/sh -c "procmap -k --verbose $plain"
see nobody map su nobody -s /bin/sh -c "procmap --verbose $plain -p self"

if [ -e /proc/kcore ]; then
	mount --bind /dev/null /proc/kcore
	look nokcore
	umount /proc/kcore
fi
# With nothing but BPF to read memory by. Also where there is no kcore at all (arm).
[ ! -e /proc/kcore ] || mount --bind /dev/null /proc/kcore
# shellcheck disable=SC2086
see bpf kernel procmap -k --bpf --verbose $plain
cat $truth/kernel >/out/truth/kernel.3
# shellcheck disable=SC2086
see bpf kernel-ptes procmap --kernel-ptes --bpf --verbose $plain
cat $truth/kernel >/out/truth/kernel.4
# shellcheck disable=SC2086
see bpf map-native procmap --bpf --verbose $plain -p "$(cat /run/native.pid)"
# shellcheck disable=SC2086
see bpf ptes-native procmap --ptes --bpf $plain -p "$(cat /run/native.pid)"
[ ! -e /proc/kcore ] || umount /proc/kcore

# Last, for there is no way back.
for mode in integrity confidentiality; do
	echo $mode >/sys/kernel/security/lockdown || continue
	look $mode
done
echo 2 >/proc/sys/kernel/kptr_restrict
look closed
exit 0
