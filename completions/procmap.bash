# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for procmap. Needs no helper of the bash-completion package.

_procmap() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} option value
	local prefix='' reply
	local options='-p --pid -u --only-user -k --only-kernel --pages --page-summary --frames
		--ptes --kernel --kernel-ptes --vmalloc --phys --slab --layout --explain --tui
		--bpf -A --range --filter --locate -v --verbose -d --debug --environ --elf --no-smaps --no-pages
		-j --jobs --strict --root --bytes --width --ascii --charset --color --theme
		--interval --no-pager -h --help -V --version --ver'

	# readline breaks words at "=": "--elf", "=", "au" are three of them.
	option=$prev value=$cur
	if [[ $cur == '=' ]]; then
		value=''
	elif [[ $prev == '=' ]]; then
		option=${COMP_WORDS[COMP_CWORD - 2]}
	elif [[ $cur == --*=* ]]; then
		option=${cur%%=*} value=${cur#*=} prefix=$option=
	fi

	case $option in
	-p | --pid) reply=$(_procmap_pids) ;;
	--slab) reply=$(_procmap_caches) ;;
	--layout) reply='list x86_64 i386 arm64 arm riscv64' ;;
	--elf) reply='auto all none' ;;
	--charset) reply='auto utf8 ascii' ;;
	--color) reply='auto always never 8 16 256' ;;
	--theme) reply='dark light' ;;
	-j | --jobs) reply='1 2' ;;
	--root)
		mapfile -t COMPREPLY < <(compgen -P "$prefix" -d -- "$value")
		compopt -o filenames
		return
		;;
	-A | --range | --filter | --locate | --explain | --width | --interval) return ;;
	*)
		if [[ $cur == -* ]]; then
			reply=$options
		else
			reply="self $(_procmap_pids)"
		fi
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$reply" -- "$value")
}

_procmap_pids() {
	local dir

	for dir in /proc/[0-9]*; do
		echo "${dir##*/}"
	done
}

_procmap_caches() {
	local dir

	for dir in /sys/kernel/slab/[a-zA-Z]*; do
		[[ -e $dir ]] && echo "${dir##*/}"
	done
}

complete -F _procmap procmap
