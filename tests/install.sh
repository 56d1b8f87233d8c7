#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs into an empty folder and takes it away again: what is there then, and what is left.
. "${0%/*}/lib.sh"

# files DIR: every file below it, with its mode
files() {
	(cd "$1" && find . -type f -printf '%m %P\n' | LC_ALL=C sort)
}

wanted="644 usr/share/bash-completion/completions/procmap
644 usr/share/fish/vendor_completions.d/procmap.fish
644 usr/share/man/man1/procmap.1
644 usr/share/zsh/site-functions/_procmap
755 usr/bin/procmap"

dest="$TMP/a place"
(umask 077 && mkdir "$dest" && submake -s B="$B" DESTDIR="$dest" prefix=/usr install) \
	>"$TMP/log" 2>&1
is "$?" 0 "make install" || diag <"$TMP/log"
is "$(files "$dest")" "$wanted" "just these files, whatever the umask"
ok "the installed program is the one built" cmp "$dest/usr/bin/procmap" "$B/procmap"
ok "the man page" cmp "$dest/usr/share/man/man1/procmap.1" "$srcdir/man/procmap.1"

version=$(sed -n 's/^AC_INIT.*\[\([0-9.]*\)\].*/\1/p' "$srcdir/configure.ac")
like "$("$dest/usr/bin/procmap" --version)" "^procmap $version( |\$)" \
	"--version of the installed program is configure.ac's"

mkdir -p "$dest/usr/share/man/man1" && : >"$dest/usr/share/man/man1/other.1"
ok "make uninstall" submake -s B="$B" DESTDIR="$dest" prefix=/usr uninstall
is "$(files "$dest")" "$(stat -c %a "$dest/usr/share/man/man1/other.1") usr/share/man/man1/other.1" \
	"uninstall leaves nothing of ours and takes nothing else"

ok "make install with folders of one's own" submake -s B="$B" DESTDIR="$TMP/b" \
	prefix=/opt/procmap bindir=/opt/bin mandir=/opt/man install
is "$(files "$TMP/b" | head -n 2)" "644 opt/man/man1/procmap.1
644 opt/procmap/share/bash-completion/completions/procmap" "bindir and mandir are respected"
ok "uninstall from there" submake -s B="$B" DESTDIR="$TMP/b" \
	prefix=/opt/procmap bindir=/opt/bin mandir=/opt/man uninstall
is "$(files "$TMP/b")" "" "nothing is left there either"
tap_done
