#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `make deps` with each package manager, played by stubs: PATH holds nothing else, so nothing here
# reaches a real manager or a network.
. "${0%/*}/lib.sh"

bin=$TMP/bin
state=$TMP/installed
log=$TMP/log
mkdir "$bin"
for tool in sh cat grep env tr xargs rm mkdir sed touch make prove cc; do
	ln -s "$(command -v "$tool")" "$bin/$tool" 2>/dev/null ||
		ln -s "$(command -v true)" "$bin/$tool"
done

# stub NAME BODY
stub() {
	printf '#!/bin/sh\n%s\n' "$2" >"$bin/$1"
	chmod +x "$bin/$1"
}

# A manager writes down how it was called; what it installs is then installed, but for "broken".
# shellcheck disable=SC2016 # the stub expands it
install_stub='echo "'"\${SUDO:-}"'${0##*/} $*" >>'"$log"'
case " $* " in *" $(cat '"$TMP"'/broken) "*) exit 1 ;; esac
case "$*" in *install*|-S\ *) for p; do echo "$p" >>'"$state"'; done ;; esac'
# shellcheck disable=SC2016
stub_sudo='echo "sudo" >>'"$log"'; SUDO="as root: " exec "$@"'

# machine MANAGER UID: only this manager, and this user
machine() {
	rm -f "$bin/apt-get" "$bin/dpkg-query" "$bin/dnf" "$bin/zypper" "$bin/rpm" "$bin/pacman" \
		"$bin/sudo"
	: >"$state"
	: >"$log"
	echo none >"$TMP/broken"
	stub id "echo $2"
	stub uname 'echo x86_64'
	case $1 in
	apt-get)
		stub apt-get "$install_stub"
		# shellcheck disable=SC2016
		stub dpkg-query 'for p; do :; done
			grep -qx "$p" '"$state"' && echo installed || { echo not-installed; exit 1; }'
		;;
	pacman)
		# shellcheck disable=SC2016
		stub pacman 'if [ "$1" = -Q ]; then grep -qx "$2" '"$state"'; exit; fi
			'"$install_stub"
		;;
	*)
		stub "$1" "$install_stub"
		# shellcheck disable=SC2016
		stub rpm 'for p; do :; done; grep -qx "$p" '"$state"
		;;
	esac
}

deps() {
	run env PATH="$bin" "$srcdir/src/deps.sh"
}

# all MANAGER: every package of its column, in order
all() {
	case $1 in
	apt-get) echo gcc libc6-dev make pkg-config libelf-dev libcap-dev zlib1g-dev libsmartcols-dev libncurses-dev perl autoconf clang \
		clang-format libclang-rt-dev valgrind shellcheck mandoc tmux gcc-i686-linux-gnu \
		libc6-dev-i386-cross ;;
	dnf) echo gcc glibc-devel make pkgconf-pkg-config elfutils-libelf-devel libcap-devel \
		zlib-devel libsmartcols-devel ncurses-devel perl-Test-Harness autoconf clang clang-tools-extra \
		compiler-rt libasan libubsan valgrind ShellCheck mandoc tmux ;;
	zypper) echo gcc glibc-devel make pkg-config libelf-devel libcap-devel zlib-devel \
		libsmartcols-devel ncurses-devel perl autoconf clang clang-tools valgrind ShellCheck \
		mandoc tmux ;;
	pacman) echo gcc glibc make pkgconf libelf libcap zlib util-linux-libs ncurses perl autoconf clang \
		compiler-rt valgrind shellcheck mandoc tmux ;;
	esac
}

# calls MANAGER PREFIX PACKAGES: the log that is wanted
calls() {
	case $1 in
	apt-get) echo "$2apt-get update -q" ;;
	pacman) echo "$2pacman -Sy --noconfirm" ;;
	esac | sed "s/^as root/sudo\\n&/"
	[ -z "$2" ] || echo sudo
	case $1 in
	apt-get) echo "$2apt-get install -qy --no-install-recommends $3" ;;
	dnf) echo "$2dnf install -y --setopt=install_weak_deps=False $3" ;;
	zypper) echo "$2zypper --non-interactive install --no-recommends $3" ;;
	pacman) echo "$2pacman -S --needed --noconfirm $3" ;;
	esac
}

for m in apt-get dnf zypper pacman; do
	machine $m 0
	deps
	is "$status" 0 "$m, root: succeeds"
	is "$(cat "$log")" "$(calls $m "" "$(all $m)")" "$m, root: installs everything"

	: >"$log"
	deps
	is "$status:$(cat "$TMP/out" "$TMP/err" "$log")" "0:" \
		"$m, nothing missing: silent, and the manager is not called"

	grep -vx make "$state" | grep -vx perl >"$state.new"
	mv "$state.new" "$state"
	lost="make"
	[ $m = dnf ] || lost="make perl"
	deps
	is "$(cat "$log")" "$(calls $m "" "$lost")" "$m, root: installs only what is missing"

	machine $m 1000
	stub sudo "$stub_sudo"
	deps
	is "$status" 0 "$m, sudo: succeeds"
	is "$(cat "$log")" "$(calls $m "as root: " "$(all $m)")" "$m, sudo: everything through it"

	machine $m 1000
	deps
	is "$status:$(cat "$log")" "0:" "$m, neither: calls nothing, and a build is still possible"
	env_for_apt=
	[ $m != apt-get ] || env_for_apt="env DEBIAN_FRONTEND=noninteractive "
	is "$(tail -n 1 "$TMP/out")" "  $(calls $m "" "$(all $m)" |
		sed "s/^apt-get install/$env_for_apt&/" | tr '\n' '&' |
		sed 's/&$//; s/&/ \&\& /')" "$m, neither: prints the exact command"

	machine $m 0
	echo mandoc >"$TMP/broken"
	deps
	is "$status" 0 "$m, one package fails: still a success, the build does not need it"
	is "$(grep -cx autoconf "$state")" 1 "$m, one package fails: the others are installed"
	like "$(cat "$TMP/err")" "could not install: mandoc$" "$m, one package fails: it is named"
done

machine apt-get 0
stub uname 'echo riscv64'
deps
is "$(grep -c i686 "$log")" 0 "no 32-bit x86 compiler is asked for on riscv64"

machine apt-get 1000
mv "$bin/prove" "$bin/cc" "$TMP"
deps
is "$status" 1 "no prove, no compiler and no way to get them: a failure"
mv "$TMP/prove" "$TMP/cc" "$bin"

machine none 0
rm -f "$bin/none"
deps
is "$status" 0 "no manager that it knows: fine as long as there are a compiler and prove"

# The target: what was probed before is probed again, what ./configure wrote stays.
machine apt-get 0
mkdir -p "$TMP/probed/build/san" "$TMP/configured/build"
echo '# probed by make; ...' | tee "$TMP/probed/build/config.mk" >"$TMP/probed/build/san/config.mk"
echo '# written by ./configure; ...' >"$TMP/configured/build/config.mk"
for dir in probed configured; do
	ok "make deps in $dir" env -C "$TMP/$dir" -u MAKEFLAGS PATH="$bin:$PATH" \
		make -f "$srcdir/Makefile" deps
done
is "$(find "$TMP/probed" "$TMP/configured" -name config.mk)" "$TMP/configured/build/config.mk" \
	"make deps forgets probed settings, and only those"
tap_done
