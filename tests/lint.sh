#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The rules of the house, held by grep: which room may do what, one option table, one version,
# size, form. An exception stands here with its reason, or it is none.
. "${0%/*}/lib.sh"
cd "$srcdir" || exit 1

c_files=$(find src tests -name '*.[ch]' | LC_ALL=C sort)
program_files=$(printf '%s\n' "$c_files" | grep -v '^tests/unit/') # a unit test is a list
scripts=$(find src tests -name '*.sh' | LC_ALL=C sort)
text_files="Makefile configure.ac README.md .ci/run man/procmap.1 $(find src/config.mk.in \
	completions tests/*.pm -type f) $c_files $scripts"

# Comments blanked, so that they may name what the code must not use; "file:line:code".
# shellcheck disable=SC2086 # a list of files without blanks
awk '
FNR == 1 { in_comment = 0 }
{
	line = $0; out = ""
	while (line != "") {
		if (in_comment) {
			end = index(line, "*/")
			if (!end) break
			in_comment = 0; line = substr(line, end + 2)
		} else if (match(line, /^[^"\047\/]+/)) {
			out = out substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1)
		} else if (match(line, /^"([^"\\]|\\.)*"/) || match(line, /^\047([^\047\\]|\\.)+\047/)) {
			out = out substr(line, 1, RLENGTH); line = substr(line, RLENGTH + 1)
		} else if (substr(line, 1, 2) == "/*") {
			in_comment = 1; line = substr(line, 3)
		} else if (substr(line, 1, 2) == "//") {
			break
		} else {
			out = out substr(line, 1, 1); line = substr(line, 2)
		}
	}
	print FILENAME ":" FNR ":" out
}' $c_files >"$TMP/code"
# The same with the contents of strings gone, for names of functions.
sed 's/"\([^"\\]\|\\.\)*"/""/g' "$TMP/code" >"$TMP/bare"

# code PLACES REGEX / bare PLACES REGEX: lines in files whose path matches PLACES
code() {
	grep -E "^src/($1)" "$TMP/code" | grep -E ":[0-9]+:.*($2)"
}
bare() {
	grep -E "^src/($1)" "$TMP/bare" | grep -E ":[0-9]+:(.*[^a-zA-Z0-9_.>])?($2)"
}

# ---------------------------------------------------------------- rooms
# src/render/out.c is the sink: the one file of render that calls write(2). Of the browser, loop.c and
# screen*.c alone know of a terminal, of signals and of time.
# What a room may include besides itself and util. main, source, cli and terminal wire the rooms.
empty "$(grep -E '^src/[a-z]+/.*:#include "' "$TMP/code" | awk -F'[:"]' '
BEGIN {
	may["model"] = "model"
	may["proc"] = "proc model"
	may["elf"] = "elf model"
	may["kernel"] = "kernel model proc"
	may["render"] = "render model"
	may["tui"] = "tui render model"
	may["watch"] = "watch model proc elf kernel"
	# The kernel half reads headers of /proc/kcore, an ELF file that proc opens.
	may["src/proc/ksrc.h elf/elf.h"] = "elf"
}
{
	split($1, path, "/"); room = path[2]; to = $4
	sub(/^\.\.\//, "", to)
	if (to !~ /\//) to = (to == "util.h" ? "" : room "/" to)
	if (to == "") next
	split(to, target, "/")
	if (index(" " may[room] " ", " " target[1] " ") || may[$1 " " to] == target[1]) next
	print $1 ":" $2 ": includes " to
}')" "includes point one way: tui -> render -> model <- proc, elf, kernel"

empty "$(bare 'model|kernel|proc|elf|watch' '(v?f?printf|puts|fputs|fputc|putc|putchar|fwrite|perror|v?warnx?|v?errx?|exit|_exit|abort|die) *\(')" \
	"readers, the kernel half and the model neither print nor exit"
# render/table.c: libsmartcols reports that memory is short, where ours would have ended the program.
empty "$(bare '[a-z/_]*\.c' 'die *\(' | grep -vE '^src/(util|main|source|terminal|render/table)\.c')" \
	"only util, main and what main wires give up"

io='openat2?|open|fopen|opendir|creat|read|pread|write|pwrite|f?stat|lstat|statx|readlink(at)?|access'
io="$io|ioctl|mmap|munmap|syscall|getenv|secure_getenv|isatty|time|clock_gettime|gettimeofday|localtime"
io="$io|gmtime|sysconf|getpid|fork|pthread_[a-z]+"
empty "$(bare 'model|kernel|render|tui' "($io) *\\(" | grep -v '^src/render/out\.c:.*[^a-z_]write *(' |
	grep -vE '^src/tui/(loop|screen(_[a-z]+)?)\.c:')" \
	"model, kernel, render and tui do no I/O, read no clock and no environment"
empty "$(code 'model|kernel|render|tui' '#include <(fcntl|unistd|dirent|pthread|sys/(stat|mman|ioctl|time|syscall))\.h>' | grep -v '^src/render/out\.c:' |
	grep -vE '^src/tui/(loop|screen(_[a-z]+)?)\.c:')" \
	"model, kernel, render and tui include no header of the system's I/O"

# root.c and files.c (a target's files) open; terminal.c has the tty, main.c /dev/null.
empty "$(bare '[a-z/_]*' '(openat2?|open|fopen|opendir|creat) *\(|SYS_open(at2?)?[^a-z]' |
	grep -vE '^src/(proc/(root|files)|terminal|main)\.c:')" \
	"only root.c and files.c open files of the kernel and of a target"
# A text that names such a file has blanks; cli takes /proc/PID, main names the root it cannot open.
empty "$(code '[a-z/_]*' '"/(proc|sys)(/[^ "]*)?"' | grep -vE '^src/(proc/[a-z_]*|main|cli)\.[ch]:')" \
	"paths in /proc and /sys stand in the readers only"
empty "$(code '[a-z/_]*' '#include <(libelf|gelf|elfutils/.*)\.h>' | grep -v '^src/elf/')" \
	"libelf stays in src/elf"
empty "$(code '[a-z/_]*' '#include <sys/capability\.h>' | grep -v '^src/proc/caps\.c:')" \
	"libcap stays in src/proc/caps.c"
empty "$(code '[a-z/_]*' '#include <libsmartcols\.h>' | grep -v '^src/render/table\.c:')" \
	"libsmartcols stays in src/render/table.c"
empty "$(code '[a-z/_]*' '#include <(curses|ncurses.*|term)\.h>' |
	grep -vE '^src/tui/screen(\.c|_[a-z]+\.[ch]):')" \
	"curses stays in src/tui/screen*.c, and out of screen.h"
empty "$(bare '[a-z/_]*' '(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf) *\(' |
	grep -v '^src/util\.c:')" "memory comes from util, which never fails quietly"
empty "$(bare '[a-z/_]*' '(gets|strcpy|strcat|sprintf|vsprintf|atoi|atol|strtok|alloca|system|popen) *\(')" \
	"no function that cannot be used safely"

# ---------------------------------------------------------------- form
empty "$(for f in $text_files; do
	case $f in *.md) continue ;; esac
	head -n 2 "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$f"
done)" "every source says its licence first"
# shellcheck disable=SC2086
empty "$(wc -l $c_files $scripts Makefile | awk '$2 != "total" && $1 > 800')" "no file over 800 lines"
# shellcheck disable=SC2086
empty "$(awk '
FNR == 1 { comment = ""; start = 0 }
/^\/\*/ { comment = "" ; in_comment = 1 }
in_comment { comment = comment $0; if (/\*\//) in_comment = 0; next }
/^[a-zA-Z_].*\(/ && !/;$/ { head = $0 }
/^{/ { start = FNR; next }
/^}/ && start {
	if (FNR - start - 1 > 60 && comment !~ /[Ll]ong/)
		print FILENAME ":" start ": " FNR - start - 1 " lines: " head
	start = 0; comment = ""
}
/^$/ && !start { comment = "" }
' $program_files)" "no function over 60 lines unless its comment says why it is long"
mark='\<(TO''DO|FIX''ME|XX''X)\>'
# shellcheck disable=SC2086
empty "$(grep -nE "$mark" $text_files)" "nothing is left to do in a comment"
here=$(printf '%s\n' "$srcdir" | sed 's/[][\.*^$+?(){}|]/\\&/g')
# shellcheck disable=SC2086
empty "$(grep -nE '(^|[^a-zA-Z.$}])/(work|Users)/|/home/[a-z]' $text_files |
		grep -v -e /home/user -e '^tests/lint.sh:'
	grep -nE "(^|[^[:alnum:]/_.}-])$here/" $text_files)" "no path of the machine it was written on"
# shellcheck disable=SC2086
empty "$(grep -nE '[[:blank:]]+$' $text_files)" "no blanks at the end of a line"

# An option that a recorded configuration lacks is drawn as switched off.
empty "$(sed -n 's/^\t\(SWITCH\|NUMBER\)("\([A-Z0-9_]*\)".*/\2/p' src/proc/config.c |
	while read -r option; do
		grep -qw "$option" tests/record.sh || echo "$option"
	done)" "record.sh keeps every option that config.c looks at"

version=$(sed -n 's/^AC_INIT.*\[\([0-9.]*\)\].*/\1/p' configure.ac)
like "$version" '^[0-9]+\.[0-9]+\.[0-9]+$' "configure.ac has the version"
empty "$(grep -F "$version" "$TMP/code"
	grep -nF "$version" Makefile man/procmap.1 completions/* src/*.sh src/config.mk.in)" \
	"the version stands in configure.ac only"

is "$(submake -s B="$B" sources | tr ' ' '\n' | LC_ALL=C sort)" \
	"$(find src -name '*.c' | sed 's,^src/,,' | LC_ALL=C sort)" \
	"the Makefile lists every source, and none that is not there"

# ---------------------------------------------------------------- tools
if ! command -v clang-format >/dev/null; then
	skip "no clang-format" "clang-format"
elif ! clang-format --version | grep -q 'version 14\.'; then
	skip "clang-format is not version 14: others lay out differently" "clang-format"
else
	empty "$(printf '%s\n' "$c_files" | xargs -P "$(nproc)" -n 16 \
		clang-format --dry-run -Werror 2>&1 | grep 'error:')" \
		"clang-format has nothing to change"
fi
if command -v shellcheck >/dev/null; then
	empty "$(printf '%s\n' "$scripts" .ci/run | xargs -P "$(nproc)" -n 4 \
		shellcheck -x -P SCRIPTDIR 2>&1)" "shellcheck"
	ok "shellcheck of the bash completion" shellcheck -s bash completions/procmap.bash
else
	skip "no shellcheck" "shellcheck"
fi
if command -v mandoc >/dev/null; then
	ok "mandoc -Tlint" mandoc -Tlint -W warning man/procmap.1
else
	skip "no mandoc" "mandoc -Tlint"
fi
for shell in bash zsh fish; do
	file=completions/procmap.$shell
	[ $shell != zsh ] || file=completions/_procmap
	if command -v $shell >/dev/null; then
		ok "$shell reads its completion" $shell -n $file
	else
		skip "no $shell" "$shell reads its completion"
	fi
done

# ---------------------------------------------------------------- the one option table
# An option line of --help starts with blanks and a dash; its description follows two blanks.
run "$PROCMAP" --help
is "$status" 0 "--help"
grep -E '^ {2,6}-' "$TMP/out" | sed 's/\([^ ]\)  .*/\1/' | grep -oE '(^ {2,6}|, )--?[a-zA-Z][a-z-]*' |
	tr -d ' ,' | LC_ALL=C sort >"$TMP/help"
options() {
	sed 's/\\-/-/g' | LC_ALL=C sort -u
}
like "$(wc -l <"$TMP/help")" '^ *[3-9][0-9]$' "--help lists them"

sed -n '/^\.Sh OPTIONS/,/^\.Sh DESC\|^\.Sh READ/p' man/procmap.1 | grep '^\.It' |
	grep -oE 'Fl (\\-|-)?[a-zA-Z]([a-z]|\\-|-)*' | sed 's/^Fl /-/' | options >"$TMP/man"
same "$TMP/man" "$TMP/help" "the man page describes every option of --help, and no other"

# Asked as the shell would: what does it offer after "procmap -"?
if command -v bash >/dev/null; then
	# shellcheck disable=SC2016 # for bash
	bash -c '. completions/procmap.bash
		COMP_WORDS=(procmap -) COMP_CWORD=1
		_procmap
		printf "%s\n" "${COMPREPLY[@]}"' | options >"$TMP/bash"
	same "$TMP/bash" "$TMP/help" "the bash completion offers every option of --help, and no other"
else
	skip "no bash" "the bash completion offers every option of --help"
fi

# Without the lists of what excludes what, an option stands after a quote, a brace or a comma.
sed "s/^\(.*\)'([^)]*)/\1'/" completions/_procmap | grep -oE -- "[{,']--?[a-zA-Z][a-z-]*" |
	sed 's/^.//; s/-$//' | options >"$TMP/zsh"
same "$TMP/zsh" "$TMP/help" "the zsh completion has every option of --help, and no other"

grep '^complete' completions/procmap.fish | grep -oE -- ' -[sl] [a-zA-Z-]+' |
	sed 's/ -l /--/; s/ -s /-/' | options >"$TMP/fish"
same "$TMP/fish" "$TMP/help" "the fish completion has every option of --help, and no other"
tap_done
