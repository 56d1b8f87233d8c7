#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Records a process, and what the kernel says of itself, as a tree that `procmap --root=DIR` reads:
#
#   tests/record.sh DIR PID       PID 0: the kernel alone
#
# With PHYS=1 also what --phys draws, frame by frame on a machine of up to 2 GiB.
#
# Needs the bench programs naive and kcorehead (make test-programs; B says where, or NAIVE and
# KCOREHEAD), and no more than a POSIX shell and busybox beside them. What is recorded is what the
# caller may read: as root with frames, else without. The process should be idle while it is read.
#
# Never recorded: environ, command lines, memory (of kcore only the headers and VMCOREINFO). The
# names of this host and of home directories are replaced, cgroups are renamed, kallsyms, iomem,
# vmallocinfo, zoneinfo, cpuinfo, config and the kernel's command line are cut down to what procmap
# looks at. Look at the tree before you give it away all the same.
set -eu
export LC_ALL=C

[ $# = 2 ] || { echo 'usage: record.sh DIR PID' >&2; exit 2; }
dir=$1 pid=$2
here=$(cd "${0%/*}" && pwd)
naive=${NAIVE:-${B:-$here/../build}/tests/bench/naive}
kcorehead=${KCOREHEAD:-${B:-$here/../build}/tests/bench/kcorehead}
proc=/proc/$pid

for tool in "$naive" "$kcorehead"; do
	[ -x "$tool" ] || { echo "record.sh: $tool is missing: make test-programs" >&2; exit 1; }
done
[ "$pid" = 0 ] || [ -d "$proc" ] || { echo "record.sh: no process $pid" >&2; exit 1; }
[ ! -e "$dir" ] || { echo "record.sh: $dir is there already" >&2; exit 1; }

host=$(uname -n)
release=$(uname -r | sed 's/[^0-9.].*//')
home=${HOME:-}
home=${home%/}

# What identifies the place this was recorded at. A host name shorter than four letters is a word.
scrub() {
	sed -e "s|${home:-/nonexistent}/|/home/user/|g" -e 's|/home/[^/ ]*/|/home/user/|g' \
		-e "$([ ${#host} -lt 4 ] || echo "s|$host|host|g")"
}

# copy PATH [FILTER...]: a file of this machine, through a filter, if it may be read
copy() {
	from=$1
	shift
	[ -e "/$from" ] || return 0
	mkdir -p "$dir/${from%/*}"
	if ! cat "/$from" >"$dir/.raw" 2>/dev/null; then
		echo "record.sh: /$from cannot be read" >&2
		return 0
	fi
	if [ $# = 0 ]; then
		cat "$dir/.raw" >"$dir/$from"
	else
		"$@" <"$dir/.raw" >"$dir/$from" || :
	fi
}

# Files of the process that hold names.
text() {
	for f in "$@"; do
		copy "proc/$pid/$f" scrub
	done
}

link() {
	to=$(readlink "$proc/$1" 2>/dev/null) || return 0
	mkdir -p "$dir/proc/$pid/$(dirname "$1")"
	ln -s "$(printf '%s\n' "$to" | scrub)" "$dir/proc/$pid/$1"
}

# The path of every hierarchy becomes /recorded.
rename_cgroups() {
	sed 's|^\([0-9]*:[^:]*\):/..*|\1:/recorded|'
}

# The figures of the process's memory cgroup, below its new name.
memory_cgroup() {
	v1=$(sed -n 's/^[0-9]*:\([^:]*,\)*memory\(,[^:]*\)*:\(.*\)/\3/p' "$proc/cgroup")
	v2=$(sed -n 's/^0:://p' "$proc/cgroup")
	if [ -n "$v1" ]; then
		from=/sys/fs/cgroup/memory$v1 to=sys/fs/cgroup/memory
		[ "$v1" = / ] || to=$to/recorded
	else
		from=/sys/fs/cgroup$v2 to=sys/fs/cgroup
		[ "$v2" = / ] || to=$to/recorded
	fi
	mkdir -p "$dir/$to" "$dir/proc/self"
	for f in memory.stat memory.current memory.kmem.usage_in_bytes memory.kmem.tcp.usage_in_bytes; do
		[ ! -r "$from/$f" ] || cat "$from/$f" >"$dir/$to/$f" 2>/dev/null || :
	done
	grep -E ' - cgroup2? ' /proc/self/mountinfo >"$dir/proc/self/mountinfo" || :
}

of_the_process() {
	text maps smaps smaps_rollup status stat comm limits oom_score oom_score_adj personality \
		statm
	copy "proc/$pid/auxv"
	copy "proc/$pid/cgroup" rename_cgroups
	link exe
	for f in "$proc"/ns/*; do
		link "ns/${f##*/}"
	done
	for f in "$proc"/task/*; do
		tid=${f##*/}
		text "task/$tid/status" "task/$tid/stat" "task/$tid/comm" "task/$tid/syscall"
	done
	echo '# address pages pagemap kpageflags kpagecount' >"$dir/proc/$pid/pages.txt"
	"$naive" -d "$pid" >>"$dir/proc/$pid/pages.txt"
	memory_cgroup
}

known_options() {
	tr ' ' '\n' | grep -E '^(no)?kaslr$|^(no)?pti|^(no5lvl|la57|nopae)$|^(vsyscall|mem|memmap|vmalloc|highmem|reserve_top|stack_guard_gap|norandmaps)(=|$)' |
		tr '\n' ' '
	echo
}

# The setup header alone (Documentation/arch/x86/boot.rst: 0x1f1 to 0x268), the rest zero.
setup_header() {
	{
		head -c $((0x1f1)) /dev/zero
		tail -c +$((0x1f2)) | head -c $((0x268 - 0x1f1))
		head -c $((4096 - 0x268)) /dev/zero
	}
}

# Every option of src/proc/config.c must be here: there, one that is missing is off.
known_config() {
	grep -E -e '^CONFIG_(RANDOMIZE_BASE|RANDOMIZE_MEMORY|RANDOMIZE_MEMORY_PHYSICAL_PADDING|KASAN)=' \
		-e '^CONFIG_(MODULES|X86_VSYSCALL_EMULATION|DEBUG_KMAP_LOCAL_FORCE_MAP)=' \
		-e '^CONFIG_(ZONE_DEVICE|PCI_P2PDMA|X86_ESPFIX64|SPARSEMEM_VMEMMAP)=' \
		-e '^CONFIG_(DEVICE_PRIVATE|MIGRATION|MEMORY_FAILURE|PTE_MARKER)=' \
		-e '^CONFIG_(PHYSICAL_START|PHYSICAL_ALIGN|PAGE_OFFSET|X86_PAE|HIGHMEM)=' \
		-e '^CONFIG_(KASAN_SW_TAGS|KASAN_HW_TAGS|ARM64_VA_BITS)=' \
		-e '^CONFIG_(ARM_LPAE|THUMB2_KERNEL|KASAN_SHADOW_OFFSET)=' \
		-e '^CONFIG_(64BIT|X86|X86_64|X86_5LEVEL|KASAN_GENERIC|MODIFY_LDT_SYSCALL|EFI)=' \
		-e '^CONFIG_(LEGACY_VSYSCALL_[A-Z]*|NR_CPUS|PAGE_MAPCOUNT|NO_PAGE_MAPCOUNT)=' \
		-e '^CONFIG_(MEM_SOFT_DIRTY|KALLSYMS_ALL|ARM64_.*VA_BITS.*|VMSPLIT_.*)='
}

# Where /proc/config.gz is not built in: the plain file, named after the release as recorded.
kernel_config() {
	if [ -r /proc/config.gz ]; then
		mkdir -p "$dir/proc"
		gzip -dc /proc/config.gz | known_config | gzip -9n >"$dir/proc/config.gz"
	elif [ -r "/boot/config-$(uname -r)" ]; then
		mkdir -p "$dir/boot"
		known_config <"/boot/config-$(uname -r)" >"$dir/boot/config-$release"
	fi
}

kcore_headers() {
	[ -r /proc/kcore ] || return 0
	"$kcorehead" /proc/kcore >"$dir/proc/kcore" || rm -f "$dir/proc/kcore"
}

first_processor() {
	sed '/^$/q' | grep -E '^(processor|vendor_id|flags|address sizes|Features|CPU architecture)'
}

modules_sections() {
	[ -r /proc/modules ] || return 0
	while read -r module _; do
		copy "sys/module/$module/coresize"
		copy "sys/module/$module/initsize"
		for f in "/sys/module/$module/sections"/* "/sys/module/$module/sections"/.[!.]*; do
			copy "${f#/}"
		done
	done </proc/modules
}

of_the_kernel() {
	copy proc/cmdline known_options
	kernel_config
	kcore_headers
	copy proc/cpuinfo first_processor
	copy proc/meminfo
	copy proc/modules
	modules_sections
	copy proc/swaps scrub
	copy proc/stat grep -E '^btime'
	copy proc/iomem grep -E 'System RAM|Kernel '
	copy proc/kallsyms grep -E ' (_text|_stext|_etext|__start_rodata|__end_rodata|_sdata|_edata|__bss_start|__bss_stop|__init_begin|__init_end|_end|__per_cpu_start|page_offset_base|vmalloc_base|vmemmap_base|swapper_pg_dir|init_top_pgt|__(start|stop)_[A-Za-z0-9_]+|__[a-z]+_text_(start|end))$'
	# Old kernels of 32 bits print their layout at boot.
	if dmesg 2>/dev/null | grep -A16 -i 'virtual kernel memory layout:' >"$dir/.raw"; then
		cat "$dir/.raw" >"$dir/dmesg"
	fi
	# Whole on a small machine; cut, the totals drawn from it are those of its first lines.
	copy proc/vmallocinfo head -400
	copy proc/zoneinfo grep -E '^Node|^ *(spanned|present|managed) |start_pfn'
	for f in kernel/kptr_restrict kernel/randomize_va_space vm/legacy_va_layout \
		vm/max_map_count vm/mmap_min_addr vm/overcommit_memory vm/overcommit_ratio; do
		copy "proc/sys/$f"
	done
	copy sys/kernel/boot_params/data setup_header
	copy sys/kernel/notes
	copy sys/kernel/security/lockdown
	copy sys/devices/system/cpu/possible
}

# Runs of frames with equal flags: "PFN COUNT FLAGS". Of a large machine they would be megabytes.
frames() {
	[ -r /proc/kpageflags ] || return 0
	[ "$(sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo)" -le 2097152 ] || return 0
	echo '# PFN count kpageflags' >"$dir/proc/frames.txt"
	od -An -v -t x8 /proc/kpageflags | awk '
		function run() { if (n) printf "%x %x %s\n", pfn, n, was }
		{
			for (i = 1; i <= NF; i++) {
				if ($i != was) { run(); pfn += n; n = 0; was = $i }
				n++
			}
		}
		END { run() }' | sed 's/ 0*\([0-9a-f]\)/ \1/g' >>"$dir/proc/frames.txt"
}

# What --phys shows beside that.
of_physical_memory() {
	copy proc/iomem
	copy proc/zoneinfo
	for f in proc/buddyinfo proc/pagetypeinfo proc/vmstat sys/kernel/mm/lru_gen/enabled \
		sys/kernel/mm/lru_gen/min_ttl_ms sys/kernel/debug/lru_gen \
		sys/module/zswap/parameters/enabled sys/module/zswap/parameters/compressor \
		sys/module/zswap/parameters/max_pool_percent; do
		copy "$f"
	done
	for from in /sys/devices/system/node/node[0-9]*/meminfo \
		/sys/devices/system/node/node[0-9]*/cpulist \
		/sys/devices/system/node/node[0-9]*/distance \
		/sys/devices/system/node/node[0-9]*/hugepages/*/*_hugepages \
		/sys/kernel/mm/hugepages/*/*_hugepages /sys/block/zram*/disksize \
		/sys/block/zram*/mm_stat /sys/block/zram*/comp_algorithm; do
		copy "${from#/}"
	done
	frames
}

# Of the kernel: uname -m is its machine unless personality(2) says otherwise.
word_bits() {
	case $(uname -m) in
	*64* | s390x | alpha) echo 64 ;;
	*) echo 32 ;;
	esac
}

# busybox has no getconf.
page_size() {
	getconf PAGESIZE 2>/dev/null ||
		awk '/^KernelPageSize:/ { print $2 * 1024; exit }' /proc/self/smaps
}

mkdir -p "$dir"
[ "$pid" = 0 ] || of_the_process
of_the_kernel
[ -z "${PHYS:-}" ] || of_physical_memory
rm -f "$dir/.raw"
case $(printf '\1\0' | od -An -tu2 | tr -d ' ') in
1) order=little ;;
*) order=big ;;
esac
cat >"$dir/procmap-tree" <<EOF
format 1
machine $(uname -m)
release $release
page_size $(page_size)
byte_order $order
bits $(word_bits)
time $(date -u +%Y-%m-%dT%H:%M:%SZ)
EOF
chmod -R u+rwX,go+rX,go-w "$dir"
