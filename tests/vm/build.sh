#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What runs in a guest, built here for its architecture:
#
#   tests/vm/build.sh DIR programs ARCH     DIR/on-ARCH/: procmap and the helpers of the tests
#   tests/vm/build.sh DIR process ARCH      DIR/on-ARCH/: mapper, and the libraries of all of them
#   tests/vm/build.sh DIR module VARIANT    DIR/truth-FLAVOUR.ko
#
# ARCH is Debian's name. Status 77: this machine lacks what it takes.
here=$(cd "${0%/*}" && pwd)
# shellcheck source=tests/vm/debian.sh
. "$here/debian.sh"
srcdir=$(cd "$here/../.." && pwd)
[ $# = 3 ] || { sed -n '4,/^here=/{/^here=/d;s/^# \{0,1\}//;p;}' "$0" >&2; exit 2; }
mkdir -p "$1" || exit
dir=$(cd "$1" && pwd)

# built COMMAND...: quiet unless it fails
built() {
	"$@" >"$dir/log" 2>&1 && return
	tail -n 40 "$dir/log" >&2
	echo "failed: $*" >&2
	exit 1
}

compiler() {
	to=$dir/on-$1
	toolchain "$1"
	needs make pkg-config "$T_PREFIX-gcc"
	sysroot "$1"
	mkdir -p "$to"
	# Nothing of the make that may have called this one.
	unset MAKEFLAGS MAKELEVEL CC CFLAGS CPPFLAGS LDFLAGS LIBS B SAN
}

programs() {
	compiler "$1"
	export PKG_CONFIG_LIBDIR="$S_DIR/usr/lib/$T_TRIPLET/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$S_DIR"
	built make -f "$srcdir/Makefile" B="$to" CC="$T_PREFIX-gcc --sysroot=$S_DIR" \
		AR="$T_PREFIX-ar" CC32=none "-j$(nproc)" \
		"$to/procmap" "$to/tests/bench/naive" "$to/tests/bench/kcorehead"
}

process() {
	compiler "$1"
	built "$T_PREFIX-gcc" "--sysroot=$S_DIR" -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -std=gnu17 \
		-O2 -pthread -iquote "$srcdir/tests" -o "$to/mapper" "$srcdir/tests/live/mapper.c"
	mkdir -p "$to/lib${T_LOADER%/*}" "$to/lib/usr/lib/$T_TRIPLET"
	cp -L "$S_DIR/usr$T_LOADER" "$to/lib$T_LOADER"
	for lib in libc.so.6 libelf.so.1 libz.so.1 libcap.so.2 libsmartcols.so.1; do
		cp -L "$S_DIR/usr/lib/$T_TRIPLET/$lib" "$to/lib/usr/lib/$T_TRIPLET/"
	done
}

module() {
	variant "$1" || { echo "no variant $1" >&2; exit 2; }
	case $V_ARCH in
	amd64 | i386) karch=x86 prefix=x86_64-linux-gnu ;;
	arm64) karch=arm64 prefix=aarch64-linux-gnu ;;
	armhf) karch=arm prefix=arm-linux-gnueabihf ;;
	esac
	# The compiler that built the kernel: others know other flags.
	needs make "$prefix-gcc-12"
	headers
	to=$dir/module-$V_FLAVOUR
	ko=$dir/truth-$V_FLAVOUR.ko
	[ ! -s "$ko" ] || [ -n "$(find "$here/truth.c" -newer "$ko")" ] || return 0
	rm -rf "$to"
	mkdir -p "$to"
	cp "$here/truth.c" "$to/"
	echo 'obj-m := truth.o' >"$to/Kbuild"
	unset MAKEFLAGS MAKELEVEL CC CFLAGS CPPFLAGS LDFLAGS LIBS B SAN
	built make -C "$H_DIR" M="$to" ARCH="$karch" CROSS_COMPILE="$prefix-" modules
	built "$prefix-strip" --strip-debug -o "$ko" "$to/truth.ko"
}

case $2 in
programs | process | module) "$2" "$3" ;;
*) exit 2 ;;
esac
