#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# The first process of a guest: sets up what run.sh promises its command, runs it, and sends what
# it left in /out through the console.
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin HOME=/root TERM=dumb LC_ALL=C
mount -t devtmpfs dev /dev || mount -t tmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t debugfs debug /sys/kernel/debug
mount -t tracefs trace /sys/kernel/tracing
mount -t securityfs security /sys/kernel/security
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
hostname guest
cd /root || exit
sh /command >/out/stdout 2>/out/stderr </dev/null
echo $? >/out/status
# Neither messages of the kernel nor carriage returns among what follows.
echo 1 >/proc/sys/kernel/printk
stty -opost </dev/console
echo RESULT-BEGIN
tar -c -C /out . | gzip | base64
echo RESULT-END
poweroff -f
