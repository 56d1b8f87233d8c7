/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capabilities: the effective set stays empty from start to end, root.c and files.c raise the one
 * they need around one open. The only file that knows libcap. Without it nothing is ever raised or
 * lowered: what is effective stays so until all of it is dropped.
 */
#include "root.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#ifdef HAVE_CAP
#include <sys/capability.h>
#endif

/* include/uapi/linux/capability.h: the first two came with 5.8, the last with 5.9. */
#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40
#endif

/** `instead`: another capability that opens the same things, or some of them; -1 none. */
static const struct cap_row {
	const char *name;
	int value, instead;
} cap_rows[] = {
	[ROOT_CAP_NONE] = { NULL, -1, -1 },
	/* maps and smaps of others, fs/proc/task_mmu.c 6.15 */
	[ROOT_CAP_PTRACE] = { "CAP_SYS_PTRACE", CAP_SYS_PTRACE, CAP_PERFMON },
	/* map_files, fs/proc/base.c 5.9 */
	[ROOT_CAP_ADMIN] = { "CAP_SYS_ADMIN", CAP_SYS_ADMIN, CAP_CHECKPOINT_RESTORE },
	[ROOT_CAP_SYSLOG] = { "CAP_SYSLOG", CAP_SYSLOG, -1 },
	[ROOT_CAP_RAWIO] = { "CAP_SYS_RAWIO", CAP_SYS_RAWIO, -1 },
	[ROOT_CAP_DAC] = { "CAP_DAC_READ_SEARCH", CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE },
	/* bpf_capable(), perfmon_capable() (include/linux/capability.h, 5.8) */
	[ROOT_CAP_BPF] = { "CAP_BPF", CAP_BPF, CAP_SYS_ADMIN },
	[ROOT_CAP_PERFMON] = { "CAP_PERFMON", CAP_PERFMON, CAP_SYS_ADMIN },
};

const char *root_cap_name(enum root_cap cap)
{
	return (size_t)cap < ARRAY_SIZE(cap_rows) ? cap_rows[cap].name : NULL;
}

#ifdef HAVE_CAP

static bool has_flag(cap_t set, int value, cap_flag_t flag)
{
	cap_flag_value_t v = CAP_CLEAR;

	/* A value this kernel does not know is an error, and not held. */
	return value >= 0 && !cap_get_flag(set, value, flag, &v) && v == CAP_SET;
}

/** The value to raise for `cap`: its own, else the other one; -1 when neither is permitted. */
static int permitted_value(cap_t set, enum root_cap cap)
{
	const struct cap_row *row = &cap_rows[cap];

	if (has_flag(set, row->value, CAP_PERMITTED))
		return row->value;
	return has_flag(set, row->instead, CAP_PERMITTED) ? row->instead : -1;
}

/** Sets or clears `which` in the effective set; returns those that had to be changed. */
static unsigned caps_change(unsigned which, cap_flag_value_t to)
{
	unsigned changed = 0;
	cap_t set;

	which &= ~CAP_BIT(ROOT_CAP_NONE);
	set = which ? cap_get_proc() : NULL;
	if (!set)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(cap_rows); i++) {
		cap_value_t value;

		if (!(which & CAP_BIT(i)))
			continue;
		value = permitted_value(set, (enum root_cap)i);
		if (value < 0 || has_flag(set, value, CAP_EFFECTIVE) == (to == CAP_SET))
			continue;
		if (!cap_set_flag(set, CAP_EFFECTIVE, 1, &value, to))
			changed |= CAP_BIT(i);
	}
	if (changed && cap_set_proc(set))
		changed = 0;
	cap_free(set);
	return changed;
}

unsigned caps_raise(unsigned want)
{
	return caps_change(want, CAP_SET);
}

void caps_lower(unsigned raised)
{
	caps_change(raised, CAP_CLEAR);
}

bool root_has_cap(enum root_cap cap)
{
	bool has = false;
	cap_t set;

	if ((size_t)cap >= ARRAY_SIZE(cap_rows) || !cap_rows[cap].name)
		return false;
	set = cap_get_proc();
	if (set) {
		has = has_flag(set, cap_rows[cap].value, CAP_PERMITTED);
		cap_free(set);
	}
	return has;
}

bool root_drop_effective(void)
{
	cap_t set = cap_get_proc();
	bool ok = set && !cap_clear_flag(set, CAP_EFFECTIVE) && !cap_set_proc(set);

	if (set)
		cap_free(set);
	/* Nothing we start (a pager) inherits; a kernel before 4.3 has no ambient set to empty. */
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && ok;
}

#else

unsigned caps_raise(unsigned want)
{
	(void)want;
	return 0;
}

void caps_lower(unsigned raised)
{
	(void)raised;
}

bool root_has_cap(enum root_cap cap)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };
	int value;

	if ((size_t)cap >= ARRAY_SIZE(cap_rows) || !cap_rows[cap].name)
		return false;
	value = cap_rows[cap].value;
	if (syscall(SYS_capget, &head, data))
		return false;
	/* What is not effective cannot be raised here, so it does not help to be permitted. */
	return data[CAP_TO_INDEX(value)].effective & CAP_TO_MASK(value);
}

bool root_drop_effective(void)
{
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return false;
}

#endif

/** By the bare system call: what a file capability lends has to go with and without libcap. */
bool root_drop_all(void)
{
	struct __user_cap_header_struct head = { _LINUX_CAPABILITY_VERSION_3, 0 };
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return !syscall(SYS_capset, &head, none);
}
