#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Boots one of Debian's kernels in an emulator and runs a shell command there as root:
#
#   tests/vm/run.sh [OPTION]... VARIANT COMMAND
#   tests/vm/run.sh -l                 lists the variants
#
#   -a FILE:PATH   puts a file or folder of this machine into the guest; may be repeated
#   -o DIR         takes what the command left in /out, with its stdout, stderr and status there
#   -m MIB         memory
#   -c ARGS        more of the kernel's command line
#   -t SECONDS     ends the guest after that time (default 240)
#
# Without -o the command's output is shown. The status is the command's, 77 when this machine
# lacks what it takes, 125 when the guest brought no result; its console is then in $CACHE/console.
here=$(cd "${0%/*}" && pwd)
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"

usage() {
	sed -n '4,/^here=/{/^here=/d;s/^# \{0,1\}//;p;}' "$0"
}

work=$(mktemp -d "${TMPDIR:-/tmp}/procmap-vm.XXXXXX") || exit 125
trap 'rm -rf "$work"' EXIT
trap 'exit 125' HUP INT TERM
root=$work/root
mkdir "$root" "$work/result"

# put FILE:PATH: into what will be the guest's root
put() {
	mkdir -p "$root/$(dirname "${1##*:}")" && cp -RL "${1%:*}" "$root/${1##*:}" || exit 125
}

out='' mem='' append='' limit=240
while getopts a:o:m:c:t:lh option; do
	case $option in
	a) put "$OPTARG" ;;
	o) out=$OPTARG ;;
	m) mem=$OPTARG ;;
	c) append=$OPTARG ;;
	t) limit=$OPTARG ;;
	l) echo "$VARIANTS" | tr -s '[:blank:]' '\n'; exit 0 ;;
	h) usage; exit 0 ;;
	*) usage >&2; exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# = 2 ] || { usage >&2; exit 2; }
variant "$1" || { echo "no variant $1" >&2; exit 2; }
needs "$V_QEMU" cpio gzip base64 timeout
kernel
busybox "$V_ARCH"

# ---------------------------------------------------------------- what it boots into
for d in bin dev proc sys tmp run out boot root usr/bin; do
	mkdir -p "$root/$d"
done
cp "$BUSYBOX" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
cp "$here/init.sh" "$root/init"
chmod 755 "$root/init"
cp "$K_DIR/config" "$root/boot/config-$K_RELEASE"
mkdir -p "$root/etc"
printf '%s\n' root:x:0:0::/:/bin/sh nobody:x:65534:65534::/:/bin/sh >"$root/etc/passwd"
printf '%s\n' root:x:0: nogroup:x:65534: >"$root/etc/group"
printf '%s\n' "$2" >"$root/command"
(cd "$root" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >"$work/initrd" || exit 125

# ---------------------------------------------------------------- the run
# It ends by itself, a panic included; the time limit is for what hangs.
timeout -k 5 "$limit" "$V_QEMU" -M "$V_MACHINE" -accel "${PROCMAP_VM_ACCEL:-tcg}" -cpu "$V_CPU" \
	-m "${mem:-$V_MEM}" -nodefaults -no-user-config -display none -monitor none -no-reboot \
	-serial "file:$work/console" -kernel "$K_DIR/vmlinuz" -initrd "$work/initrd" \
	-append "console=$V_CONSOLE panic=-1 loglevel=6$V_APPEND $append" \
	</dev/null 2>"$work/qemu"
status=$?
tr -d '\r' <"$work/console" | sed -n '/^RESULT-BEGIN$/,/^RESULT-END$/p' | sed '1d;$d' |
	base64 -d 2>/dev/null | gzip -dc 2>/dev/null | tar -x -C "$work/result" 2>/dev/null
if ! [ -s "$work/result/status" ]; then
	mkdir -p "$CACHE/console" && cp "$work/console" "$CACHE/console/$1"
	[ $status != 124 ] || echo "$1: no end after $limit s" >&2
	cat "$work/qemu" >&2
	tail -n 8 "$work/console" | cut -c1-160 >&2
	echo "$1: no result; its console: $CACHE/console/$1" >&2
	exit 125
fi
if [ -n "$out" ]; then
	mkdir -p "$out" && cp -R "$work/result/." "$out/" && cp "$work/console" "$out/console" ||
		exit 125
else
	cat "$work/result/stdout"
	cat "$work/result/stderr" >&2
fi
exit "$(cat "$work/result/status")"
