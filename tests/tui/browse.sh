#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck disable=SC2154,SC2034 # lib.sh's run sets status, tmux.sh reads as
# The browser end to end: from the list of processes to one page, searching, filtering, a process
# that changes while it is looked at and then ends, files written, other users, recorded trees.
. "${0%/*}/../lib.sh"
. "${0%/*}/../tmux.sh"

# A name that no other process here has.
name=chg$$
cp "$B/tests/live/changer" "$TMP/$name"

# begin [PREFIX...]: starts the helper; its input is descriptor 8, what it says descriptor 9
begin() {
	mkfifo "$TMP/in" "$TMP/told"
	(cd "$TMP" && exec "$@" "./$name" <in >told) &
	target=$!
	exec 8>"$TMP/in" 9<"$TMP/told"
	rm -f "$TMP/in" "$TMP/told"
	heard ready
}

# heard WORD: reads up to that line; keeps the addresses it was told
heard() {
	while read -r word value <&9; do
		case $word in
		file) file=$value ;;
		new) new=$value ;;
		"$1") return 0 ;;
		esac
	done
	fail "$name said nothing of $1"
}

# tell WORD: and waits until it is done
tell() {
	echo "$1" >&8
	heard "done"
}

go_to() {
	press :
	t send-keys -l -- "$1"
	press Enter
}

# ---------------------------------------------------------------- the list of processes
terminal 120 40
browse
shows "choose a process" "no PID: the list of processes"
shows 'Esc:quit' "no PID: how to leave it"
press q
shows '^filter: q ' "q is a letter there"
shows 'Esc:clear.*Ctrl-C:quit' "q is a letter there: how to leave it"
press Right
shows 'by pss' "Right sorts by another column"
press Escape
shows 'Esc:quit' "Esc empties the filter"
press Escape
left 0 "Esc, Esc"

begin
# ---------------------------------------------------------------- from there to a page
terminal 120 40
browse
shows "choose a process" "no PID: the list of processes"
t send-keys -l "$name"
shows "^[^0-9]*$target .*$name" "typing filters it"
patiently sh -c "! tmux -S $TMP/tmux capture-pane -p | grep -Eq '^[^0-9]* 1 root'"
empty "$(screen | grep -E '^[^0-9]* 1 root')" "typing filters it: others are gone"
press Enter
shows "^.?$target $name" "Enter opens it"
go_to "$file"
shows "$file" "an address: its mapping is selected"
press Enter
shows "$file.*cell: 1 page" "Enter zooms into its pages"
press Enter
shows 'address +'"0*$file" "Enter zooms into one page"
press Escape Escape
shows '\[stack\]' "Esc goes back to the list"

# ---------------------------------------------------------------- find, filter, sort, help
press Home /
t send-keys -l 'libc.so'
press Enter
shows 'name .*libc.so' "/ finds a library"
press f
t send-keys -l 'stack'
press Enter
patiently sh -c "! tmux -S $TMP/tmux capture-pane -p | grep -q 'libc.so.*r\*\*p'"
shows '\[stack\]' "f filters"
shows 'filter' "f: it says so"
press f C-u Enter
shows 'libc.so' "an empty filter shows all again"

# ---------------------------------------------------------------- mouse, clipboard
# click COLUMN ROW [COLUMN ROW]...: as the terminal reports them, all at once (X10: ESC [ M and three
# bytes, each + 32): a press and a release each
click() {
	bytes=
	while [ $# -gt 0 ]; do
		at=$(printf '%x %x' $(($1 + 32)) $(($2 + 32)))
		bytes="$bytes 1b 5b 4d 20 $at 1b 5b 4d 23 $at"
		shift 2
	done
	# shellcheck disable=SC2086 # bytes
	t send-keys -H $bytes
}
# unseen REGEX: is it not on the screen?
# shellcheck disable=SC2317 # patiently runs it
unseen() {
	! seen "$1"
}
# The row of the stack in the list, once the picture stands still.
# shellcheck disable=SC2317 # patiently runs it
find_stack() {
	was=${row:-}
	row=$(screen | grep -n '^[^0-9]*[0-9a-f]* .*\[stack\] ' | head -n 1 | cut -d: -f1)
	[ -n "$row" ] && [ "$row" = "$was" ]
}
row=
press End
patiently unseen 'name +\[stack\]'
patiently find_stack
click 60 "$row"
shows 'name +\[stack\]' "a click selects a row"
click 60 $((row + 1))
patiently unseen 'name +\[stack\]'
click 60 "$row" 60 "$row"
shows 'cell: 1 page' "a double click zooms in"
press Escape
shows 'address.*name' "Esc goes back"
t set-option -s set-clipboard on
press y
shows 'copied' "y copies"
# shellcheck disable=SC2317 # patiently runs it
copied() {
	t show-buffer 2>/dev/null | grep -Eq '^[0-9a-f]+-[0-9a-f]+ .*\[stack\]'
}
ok "y: the terminal has the row in its clipboard" patiently copied

# ---------------------------------------------------------------- live
press m
shows 'marked' "m marks"
tell map
shows "${new}[+] anonymous" "a mapping comes: its row says that it is new"
tell copy
press d
shows "2 became private" "d: two pages of a file were copied"
shows "$new.* 3M" "d: the new mapping is listed"
press Escape
tell unmap

# ---------------------------------------------------------------- out
press e C-u
t send-keys -l out.txt
press Enter
shows 'written to out.txt' "e writes the map"
is "$(stat -c %a "$TMP/out.txt")" 600 "e: for the user alone"
like "$(cat "$TMP/out.txt")" "^procmap .* pid $target $name" "e: as the map is printed"
like "$(cat "$TMP/out.txt")" "╔═ USER" "e: with its user half"
press e C-u
t send-keys -l out.txt
press Enter
shows 'out.txt: File exists' "e never takes the place of a file"
press E C-u
t send-keys -l screen.txt
press Enter
shows 'written to screen.txt' "E writes the screen"
is "$(wc -l <"$TMP/screen.txt")" "$(t capture-pane -p | wc -l)" "E: all lines of it"
like "$(tail -n 1 "$TMP/screen.txt")" "Enter:in" "E: as it stands"
ln -s elsewhere "$TMP/link"
press e C-u
t send-keys -l link
press Enter
shows 'link: File exists' "e follows no link"
is "$(ls "$TMP/elsewhere" 2>/dev/null)" "" "e follows no link: nothing there"

# ---------------------------------------------------------------- it ends
exec 8>&-
wait "$target"
target=
shows 'ended' "the process ends: it says so"
shows '\[stack\]' "the process ends: the last picture stays"
press q
left 0 "q"
exec 9<&-

# ---------------------------------------------------------------- the kernel, recorded trees
for option in --kernel -k; do
	terminal 120 40
	browse $option
	shows 'direct map' "$option: the kernel alone"
	press q
	left 0 "$option, q"
done
tree=$(find "$srcdir/tests/trees" -name procmap-tree | sort | head -n 1)
tree=${tree%/procmap-tree}
pid=$(find "$tree/proc" -maxdepth 1 -name '[1-9]*' | sed 's,.*/,,' | sort | head -n 1)
terminal 120 40
browse "--root=$tree" "--pid=$pid"
shows "^.?$pid " "--root: a recorded process"
press q
left 0 "--root, q"

# ---------------------------------------------------------------- without any privilege
if [ "$(id -u)" = 0 ]; then
	chmod 777 "$TMP"
	sleep 1000 &
	foreign=$!
	as="setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all \
		--inh-caps=-all"
	# shellcheck disable=SC2086 # words
	begin $as
	terminal 120 40
	browse --pid "$target"
	shows "^.?$target $name" "as nobody: an own process"
	shows '\[stack\]' "as nobody: its mappings"
	press q
	left 0 "as nobody, q"
	terminal 120 40
	browse --pid "$foreign"
	shows 'denied|not permitted|may not' "as nobody: another's process: says that it may not"
	press q
	left 0 "as nobody, another's process, q"
	kill "$foreign"
else
	skip "not root: all of this ran without privilege" "as nobody"
fi
tap_done
