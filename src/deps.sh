#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# make deps: installs what building and testing need and this machine lacks, as root or through
# sudo; else prints the command that would. Says nothing, and touches no network, when nothing is
# missing. Fails only when procmap could then not be built or tested at all.
#
# make deps-vm calls it with the argument vm: what make check-vm needs beside that.
set -u
list=${1:-}

# The one list: a row per need, a column per package manager; "-" where another row's package
# already brings it, or the distribution has none (what needs it is then skipped, and says so).
packages() {
	if [ "$list" = vm ]; then
		vm_packages
		return
	fi
	cat <<-'END'
	# apt                   dnf                     zypper              pacman
	gcc                     gcc                     gcc                 gcc
	libc6-dev               glibc-devel             glibc-devel         glibc
	make                    make                    make                make
	pkg-config              pkgconf-pkg-config      pkg-config          pkgconf
	libelf-dev              elfutils-libelf-devel   libelf-devel        libelf
	libcap-dev              libcap-devel            libcap-devel        libcap
	zlib1g-dev              zlib-devel              zlib-devel          zlib
	libsmartcols-dev        libsmartcols-devel      libsmartcols-devel  util-linux-libs
	libncurses-dev          ncurses-devel           ncurses-devel       ncurses
	perl                    perl-Test-Harness       perl                perl
	autoconf                autoconf                autoconf            autoconf
	clang                   clang                   clang               clang
	clang-format            clang-tools-extra       clang-tools         -
	libclang-rt-dev         compiler-rt             -                   compiler-rt
	-                       libasan                 -                   -
	-                       libubsan                -                   -
	valgrind                valgrind                valgrind            valgrind
	shellcheck              ShellCheck              ShellCheck          shellcheck
	mandoc                  mandoc                  mandoc              mandoc
	tmux                    tmux                    tmux                tmux
	gcc-i686-linux-gnu      -                       -                   -
	libc6-dev-i386-cross    -                       -                   -
	END
}

# Kernels of Debian 12 are built with gcc 12, and so must be their modules. Where there is no apt
# to download them with, the tests are skipped.
vm_packages() {
	cat <<-'END'
	qemu-system-x86             -                       -                   -
	qemu-system-arm             -                       -                   -
	cpio                        -                       -                   -
	gcc-12                      -                       -                   -
	gcc-i686-linux-gnu          -                       -                   -
	gcc-aarch64-linux-gnu       -                       -                   -
	gcc-12-aarch64-linux-gnu    -                       -                   -
	gcc-arm-linux-gnueabihf     -                       -                   -
	gcc-12-arm-linux-gnueabihf  -                       -                   -
	debian-archive-keyring      -                       -                   -
	END
}

have() {
	command -v "$1" >/dev/null 2>&1
}

manager=
for m in apt-get dnf zypper pacman; do
	if have "$m"; then
		manager=$m
		break
	fi
done

is_installed() {
	case $manager in
	apt-get) dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed ;;
	pacman) pacman -Q "$1" >/dev/null 2>&1 ;;
	*) rpm -q --whatprovides "$1" >/dev/null 2>&1 ;;
	esac
}

# The cross compiler exists for these machines only.
is_offered() {
	case $1 in
	gcc-i686-linux-gnu | libc6-dev-i386-cross)
		case $(uname -m) in x86_64 | aarch64) ;; *) return 1 ;; esac ;;
	esac
}

missing_packages() {
	case $manager in
	apt-get) column=1 ;;
	dnf) column=2 ;;
	zypper) column=3 ;;
	pacman) column=4 ;;
	esac
	packages | while read -r apt dnf zypper pacman; do
		[ "$apt" != "#" ] || continue
		case $column in
		1) p=$apt ;; 2) p=$dnf ;; 3) p=$zypper ;; 4) p=$pacman ;;
		esac
		[ "$p" = - ] || ! is_offered "$p" || is_installed "$p" || printf '%s ' "$p"
	done
}

refresh_command=
case $manager in
apt-get)
	refresh_command="apt-get update -q"
	install_command="env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends"
	;;
dnf) install_command="dnf install -y --setopt=install_weak_deps=False" ;;
zypper) install_command="zypper --non-interactive install --no-recommends" ;;
pacman)
	refresh_command="pacman -Sy --noconfirm"
	install_command="pacman -S --needed --noconfirm"
	;;
esac

# Without these, going on makes no sense.
check_needs() {
	for need in make prove; do
		have "$need" || { echo "make deps: $need is still missing" >&2; return 1; }
	done
	have cc || have gcc || have clang || { echo "make deps: no C compiler" >&2; return 1; }
}

if [ -z "$manager" ]; then
	check_needs && exit 0
	echo "make deps: knows apt, dnf, zypper and pacman, and finds none; what is needed:" >&2
	packages >&2
	exit 1
fi

missing=$(missing_packages)
missing=${missing% }
[ -n "$missing" ] || exit 0

sudo=
if [ "$(id -u)" != 0 ]; then
	if ! have sudo; then
		echo "make deps: not root, and no sudo; to install what is missing, run as root:"
		echo "  ${refresh_command:+$refresh_command && }$install_command $missing"
		check_needs
		exit
	fi
	sudo=sudo
fi

# The lists of a new machine are empty or old. A failure here may still leave usable ones.
if [ -n "$refresh_command" ]; then
	# shellcheck disable=SC2086 # words
	$sudo $refresh_command || echo "make deps: could not refresh the package lists" >&2
fi

# All at once; where that fails (one is unknown here), each for itself, so that the others come.
failed=
# shellcheck disable=SC2086 # words
if ! $sudo $install_command $missing; then
	for p in $missing; do
		$sudo $install_command "$p" || failed="$failed $p"
	done
	if [ -n "$failed" ]; then
		echo "make deps: could not install:$failed" >&2
		echo "  tried: $sudo${sudo:+ }$install_command$failed" >&2
	fi
fi
check_needs
