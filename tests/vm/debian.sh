# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh disable=SC2034
#
# What the tests in virtual machines take from Debian 12: kernels, their headers, a static busybox
# and the libraries to build against. Packages are fetched by an apt configuration of our own and
# unpacked into a cache folder; nothing of the machine is installed or changed. What is in the
# cache is used again: remove the folder to get a newer kernel. Source it first.
#
#   PROCMAP_VM_CACHE   the folder, 1.5 GiB with everything in it

set -u
CACHE=${PROCMAP_VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/procmap-vm}
# The status of a script that cannot do its work on this machine; the tests then skip.
CANNOT=77

cannot() {
	echo "$*" >&2
	exit $CANNOT
}

# needs COMMAND...: which the machine must have
needs() {
	for tool in "$@"; do
		command -v "$tool" >/dev/null 2>&1 || cannot "no $tool (make deps-vm)"
	done
}

# ---------------------------------------------------------------- variants
VARIANTS="x86_64 x86_64-la57 x86_64-nokaslr x86_64-pti i386 i386-nopae
	arm64 arm64-a57 arm64-nokaslr armhf armhf-nolpae"

# variant NAME: an architecture and any of its suffixes; sets
#   V_ARCH     Debian's name of the architecture    V_FLAVOUR   of the kernel
#   V_QEMU     the emulator                         V_MACHINE V_CPU V_MEM   what it is told
#   V_CONSOLE  the serial line                      V_APPEND    for the kernel's command line
#   V_COMPAT   the architecture of its 32-bit processes, empty for none
variant() {
	V_MACHINE=pc V_CONSOLE=ttyS0 V_MEM=512 V_APPEND='' V_COMPAT=''
	case $1 in
	x86_64*) V_ARCH=amd64 V_FLAVOUR=amd64 V_QEMU=x86_64 V_CPU=max,la57=off V_COMPAT=i386 ;;
	# More RAM than the direct map holds, so that there is high memory.
	i386*) V_ARCH=i386 V_FLAVOUR=686-pae V_QEMU=i386 V_CPU=max V_MEM=2048 ;;
	# The architected pointer authentication takes most of the emulator's time.
	arm64*) V_ARCH=arm64 V_FLAVOUR=arm64 V_QEMU=aarch64 V_CPU=max,pauth-impdef=on
		V_MACHINE=virt V_CONSOLE=ttyAMA0 V_COMPAT=armhf ;;
	armhf*) V_ARCH=armhf V_FLAVOUR=armmp-lpae V_QEMU=arm V_CPU=cortex-a15 V_MEM=1536
		V_MACHINE=virt V_CONSOLE=ttyAMA0 ;;
	*) return 1 ;;
	esac
	suffixes=${1#"${1%%-*}"}
	while [ -n "$suffixes" ]; do
		suffixes=${suffixes#-}
		case $V_ARCH-${suffixes%%-*} in
		amd64-la57) V_CPU=max,la57=on ;;
		amd64-pti) V_APPEND="$V_APPEND pti=on" ;;
		*-nokaslr) V_APPEND="$V_APPEND nokaslr" ;;
		i386-nopae) V_FLAVOUR=686 ;;
		arm64-a57) V_CPU=cortex-a57 ;;
		armhf-nolpae) V_FLAVOUR=armmp ;;
		*) return 1 ;;
		esac
		case $suffixes in *-*) suffixes=-${suffixes#*-} ;; *) suffixes= ;; esac
	done
	V_QEMU=qemu-system-$V_QEMU
}

# toolchain ARCH: sets T_TRIPLET, the prefix of its compiler and the name of its library folder
toolchain() {
	case $1 in
	amd64) T_TRIPLET=x86_64-linux-gnu T_PREFIX=$T_TRIPLET T_LOADER=/lib64/ld-linux-x86-64.so.2 ;;
	i386) T_TRIPLET=i386-linux-gnu T_PREFIX=i686-linux-gnu T_LOADER=/lib/ld-linux.so.2 ;;
	arm64) T_TRIPLET=aarch64-linux-gnu T_PREFIX=$T_TRIPLET T_LOADER=/lib/ld-linux-aarch64.so.1 ;;
	armhf) T_TRIPLET=arm-linux-gnueabihf T_PREFIX=$T_TRIPLET T_LOADER=/lib/ld-linux-armhf.so.3 ;;
	*) return 1 ;;
	esac
}

# ---------------------------------------------------------------- packages
# alone COMMAND...: one at a time may change the cache
alone() {
	mkdir -p "$CACHE" || cannot "no folder $CACHE"
	(
		flock 9 || exit
		"$@"
	) 9>"$CACHE/lock"
}

# Lists of all four architectures. The machine's own sources where it is a Debian 12: they are
# known to be within reach.
apt_setup() {
	needs apt-get apt-cache dpkg-deb flock
	a=$CACHE/apt
	APT_CONFIG=$a/conf
	export APT_CONFIG
	if ! [ -s "$a/conf" ]; then
		mkdir -p "$a/lists/partial" "$a/archives/partial" "$a/parts"
		: >"$a/status"
		{
			echo 'APT::Architectures { "amd64"; "i386"; "arm64"; "armhf"; };'
			echo "Dir::State::lists \"$a/lists\"; Dir::State::status \"$a/status\";"
			echo "Dir::Cache \"$a\"; Dir::Cache::archives \"$a/archives\";"
			echo "APT::Sandbox::User \"$(id -un)\"; Acquire::Languages \"none\";"
			echo 'Acquire::Retries "2"; Acquire::http::Timeout "30";'
		} >"$a/conf.new"
		if ! grep -qx 'VERSION_CODENAME=bookworm' /etc/os-release; then
			for suite in debian:bookworm debian-security:bookworm-security; do
				echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
					"http://deb.debian.org/${suite%:*} ${suite#*:} main"
			done >"$a/sources.list"
			{
				echo "Dir::Etc::sourcelist \"$a/sources.list\";"
				echo "Dir::Etc::sourceparts \"$a/parts\";"
			} >>"$a/conf.new"
		fi
		mv "$a/conf.new" "$a/conf"
	fi
	# A package that the lists name may be gone from the mirror a week later.
	if [ -z "$(find "$a/updated" -mtime -7 2>/dev/null)" ]; then
		timeout 300 apt-get -q update >"$a/update.log" 2>&1
		apt-cache policy busybox-static:arm64 busybox-static:armhf 2>/dev/null |
			grep -c 'Candidate: [0-9]' | grep -qx 2 ||
			cannot "apt-get update brought no lists (no network?): see $a/update.log"
		touch "$a/updated"
	fi
}

# debs ARCH PACKAGE...: downloads those that are not there yet, all at once
debs() {
	arch=$1 missing=
	shift
	mkdir -p "$CACHE/debs"
	for p in "$@"; do
		[ -n "$(deb "$arch" "$p")" ] || missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	apt_setup
	names=
	for p in $missing; do
		# One that is for all architectures goes by its bare name.
		if apt-cache show --no-all-versions "$p:$arch" >/dev/null 2>&1; then
			names="$names $p:$arch"
		else
			names="$names $p"
		fi
	done
	# shellcheck disable=SC2086 # words
	(cd "$CACHE/debs" && timeout 900 apt-get -q download $names) >"$CACHE/apt/download.log" 2>&1 ||
		cannot "cannot download$names: see $CACHE/apt/download.log"
}

# deb ARCH PACKAGE: the file, if it is there
deb() {
	for f in "$CACHE/debs/$2"_*_"$1".deb "$CACHE/debs/$2"_*_all.deb; do
		[ ! -s "$f" ] || found=$f
	done
	printf '%s' "${found:-}"
	found=
}

# unpack ARCH PACKAGE DIR [TAR OPTION...]
unpack() {
	from=$(deb "$1" "$2") to=$3
	shift 3
	mkdir -p "$to"
	dpkg-deb --fsys-tarfile "$from" |
		tar -x -C "$to" --exclude='./usr/share/doc*' --exclude='./usr/share/man*' "$@" ||
		cannot "cannot unpack $from"
}

# ---------------------------------------------------------------- kernels and what runs on them
# kernel: of the variant; K_DIR with vmlinuz, config and the release's name in K_RELEASE
kernel() {
	K_DIR=$CACHE/kernel/$V_FLAVOUR
	[ -s "$K_DIR/release" ] || alone kernel_unpack || exit
	K_RELEASE=$(cat "$K_DIR/release")
}

kernel_unpack() {
	[ ! -s "$K_DIR/release" ] || return 0
	apt_setup
	image=$(apt-cache depends "linux-image-$V_FLAVOUR:$V_ARCH" 2>/dev/null |
		sed -n 's/^ *Depends: \(linux-image-[0-9][^:]*\).*/\1/p')
	[ -n "$image" ] || cannot "the lists have no linux-image-$V_FLAVOUR:$V_ARCH"
	debs "$V_ARCH" "$image"
	rm -rf "$K_DIR"
	unpack "$V_ARCH" "$image" "$K_DIR" --wildcards './boot/*'
	release=${image#linux-image-}
	mv "$K_DIR/boot/vmlinuz-$release" "$K_DIR/vmlinuz"
	mv "$K_DIR/boot/config-$release" "$K_DIR/config"
	rm -rf "${K_DIR:?}/boot"
	echo "$release" >"$K_DIR/release"
}

# busybox ARCH: sets BUSYBOX
busybox() {
	BUSYBOX=$CACHE/busybox/$1/bin/busybox
	[ -x "$BUSYBOX" ] || alone busybox_unpack "$1" || exit
}

busybox_unpack() {
	debs "$1" busybox-static
	unpack "$1" busybox-static "$CACHE/busybox/$1"
}

# headers: to build modules for the variant's kernel; sets H_DIR
headers() {
	kernel
	H_DIR=$CACHE/headers/usr/src/linux-headers-$K_RELEASE
	[ -e "$CACHE/headers/$K_RELEASE" ] || alone headers_unpack || exit
}

headers_unpack() {
	common=linux-headers-${K_RELEASE%-"$V_FLAVOUR"}-common
	kbuild=${K_RELEASE%.*}
	kbuild=linux-kbuild-${kbuild%%-*}
	debs "$V_ARCH" "linux-headers-$K_RELEASE"
	host=$(dpkg --print-architecture)
	debs "$host" "$common" "$kbuild" # kbuild's programs run here
	unpack "$V_ARCH" "linux-headers-$K_RELEASE" "$CACHE/headers"
	unpack "$host" "$common" "$CACHE/headers"
	unpack "$host" "$kbuild" "$CACHE/headers"
	# It names the common headers by the path they are installed at.
	echo "include $CACHE/headers/usr/src/$common/Makefile" >"$H_DIR/Makefile"
	touch "$CACHE/headers/$K_RELEASE"
}

# sysroot ARCH: sets S_DIR, headers and libraries to build programs against
sysroot() {
	S_DIR=$CACHE/sysroot/$1
	[ -e "$S_DIR/complete" ] || alone sysroot_unpack "$1" || exit
}

sysroot_unpack() {
	set -- "$1" libc6 libc6-dev linux-libc-dev libelf1 libelf-dev zlib1g zlib1g-dev libcap2 \
		libcap-dev libsmartcols1 libsmartcols-dev
	debs "$@"
	arch=$1
	shift
	rm -rf "$S_DIR"
	mkdir -p "$S_DIR/usr/lib" "$S_DIR/usr/bin" "$S_DIR/usr/sbin" "$S_DIR/usr/lib64"
	for d in lib bin sbin lib64; do
		ln -s "usr/$d" "$S_DIR/$d"
	done
	for p in "$@"; do
		unpack "$arch" "$p" "$S_DIR" --keep-directory-symlink
	done
	touch "$S_DIR/complete"
}
