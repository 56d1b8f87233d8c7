#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# --slab on this machine against what the kernel's own files say.
. "${0%/*}/../lib.sh"

[ -e /proc/slabinfo ] || skip_all "this kernel has no slabinfo"

run as_nobody "$PROCMAP" --slab
if [ "$status" = 0 ]; then
	skip "slabinfo is open to everyone here"
else
	is "$status" 1 "without privileges: exit status 1"
	like "$(cat "$TMP/err")" 'slabinfo: Permission denied \(CAP_DAC_READ_SEARCH opens it\)' \
		"without privileges: says why, and what opens it"
	is "$(cat "$TMP/out")" "" "without privileges: nothing is drawn"
fi
if ! head -n 1 /proc/slabinfo >/dev/null 2>&1; then
	skip "slabinfo cannot be read" "figures"
	tap_done
fi

page=$(getconf PAGESIZE)
sums() {
	awk -v page="$page" 'NR > 2 {
		# from the right, for a name may hold blanks
		bytes += $(NF - 1) * $(NF - 10) * page; caches++; empty += $(NF - 1) == 0
	}
	END { printf "%d %d %d\n", bytes, caches, empty }' /proc/slabinfo
}

# The caches change all the time: in one of many tries nothing does.
tries=0
while :; do
	before=$(sums)
	run "$PROCMAP" --slab --bytes --width=160
	got=$(sed -n 's/^caches *all \([0-9]*\) .*caches \([0-9]*\)  empty \([0-9]*\).*/\1 \2 \3/p' \
		"$TMP/out")
	tries=$((tries + 1))
	if [ "$before" = "$got" ] || [ $tries = 100 ]; then break; fi
done
is "$status" 0 "--slab"
cp "$TMP/out" "$TMP/slab"
is "$got" "$before" "the sum of all caches, their number, the empty ones"

# Of meminfo only what was read at another moment differs: within a quarter.
slab=$(awk '/^Slab:/ { print $2 * 1024 }' /proc/meminfo)
sum=$(sed -n 's/^caches *all \([0-9]*\) .*/\1/p' "$TMP/slab")
ok "meminfo's Slab is near the sum" [ "$((slab * 3 / 4))" -lt "$sum" -a "$sum" -lt "$((slab * 5 / 4))" ]
like "$(cat "$TMP/slab")" '^meminfo +slab [0-9]+  reclaimable [0-9]+  unreclaimable [0-9]+$' \
	"what meminfo says"

# Sizes fall.
if has_feature smartcols; then
	is "$(sed -n '/^cache /,/^$/p' "$TMP/slab" | awk 'NR > 1 && NF { print $2 }')" \
		"$(sed -n '/^cache /,/^$/p' "$TMP/slab" | awk 'NR > 1 && NF { print $2 }' | sort -rn)" \
		"most bytes first"
else
	skip "built without smartcols" "most bytes first"
fi

dir=/sys/kernel/slab
[ -r $dir/dentry/object_size ] || {
	skip "$dir cannot be read" "one cache"
	tap_done
}
run "$PROCMAP" --slab=dentry
is "$status" 0 "--slab=dentry"
like "$(cat "$TMP/out")" "bytes a slot $(cat $dir/dentry/slab_size)  bytes an object $(cat $dir/dentry/object_size)" \
	"the sizes are those of sysfs"
like "$(cat "$TMP/out")" "objs_per_slab=$(cat $dir/dentry/objs_per_slab)( |\$)" "its files are shown"
is "$(cat $dir/dentry/reclaim_account):$(grep -c '^cache  *dentry  reclaimable$' "$TMP/out")" 1:1 \
	"it can be reclaimed"

# A merged cache is found by each of its names.
alias=
for link in "$dir"/*; do
	if [ -L "$link" ] && ! grep -q "^${link##*/} " /proc/slabinfo; then
		alias=${link##*/}
		break
	fi
done
if [ -n "$alias" ]; then
	run "$PROCMAP" --slab="$alias" --width=10000
	is "$status" 0 "--slab=$alias, merged into another"
	like "$(sed -n 's/^merged */ /p' "$TMP/out") " " $alias " "it is named among those merged"
else
	skip "no merged caches here" "a merged cache"
fi

run "$PROCMAP" --slab=no-such-cache
is "$status:$(cat "$TMP/out")" "1:" "no such cache: exit status 1"
like "$(cat "$TMP/err")" 'no slab cache of that name: no-such-cache' "no such cache: says so"
tap_done
