/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small files of a process, as hostile as they come: every parser gets every input. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "proc/pid_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Stops the fuzzer where a parser has invented something. */
static void must(bool ok)
{
	if (!ok)
		abort();
}

static void feed_stat(const char *text, size_t len)
{
	struct pid_stat st;

	if (!pid_stat_parse(text, len, &st))
		return;
	must(st.comm.p >= text && st.comm.p + st.comm.len < text + len);
	must(st.state != 0);
	must(!st.mm.start_code.have || st.mm.start_code.v > 1);
	must(!st.mm.env_end.have || st.mm.env_end.v);
	pid_stat_kthread(&st);
}

static void feed_space(const char *text, size_t len)
{
	struct space s;

	space_init(&s);
	status_parse(text, len, &s);
	limits_parse(text, len, &s.proc);
	environ_split(text, len, &s.proc);
	for (size_t i = 0; i < s.proc.nstatus; i++)
		must(*strtab_get(&s.names, s.proc.status[i].name));
	space_release(&s);
}

static void feed_auxv(const char *text, size_t len)
{
	struct auxv a;

	for (unsigned i = 0; i < 6; i++) {
		if (!auxv_parse(text, len, (u8)(i / 2 * 32), i & 1, &a))
			continue;
		must(a.bits == 32 || a.bits == 64);
		must(a.bytes <= len && a.bytes % (a.bits / 4) == 0);
	}
}

/** Input "MOUNTINFO\0PATH": where would this cgroup be? */
static void feed_cgroup(const char *text, size_t len)
{
	const char *nul = len ? memchr(text, '\0', len) : NULL;
	struct cgroup_path cg = { { text, len }, false };
	struct buf dir = { 0 };
	size_t top = 0;

	cgroup_parse(text, len, &cg);
	if (nul)
		cg.path = (struct slice){ nul + 1, (size_t)(text + len - nul - 1) };
	for (unsigned v2 = 0; v2 < 2; v2++) {
		cg.v2 = v2;
		if (cgroup_dir(text, nul ? (size_t)(nul - text) : len, &cg, &dir, &top) !=
		    MOUNT_FOUND)
			continue;
		must(top <= dir.len && dir.len && *dir.p != '/');
		must(!memmem(cg.path.p, cg.path.len, "/../", 4));
	}
	buf_release(&dir);
}

static void feed_strings(const char *text, size_t len)
{
	struct buf b = { 0 };

	buf_add(&b, text, len);
	exe_cut_deleted(&b);
	cmdline_join(&b);
	must(b.len <= len && !(b.len && memchr(b.p, '\0', b.len)));
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct syscall_text sc;
	u16 machine;
	u8 bits;

	feed_stat(text, size);
	feed_space(text, size);
	feed_auxv(text, size);
	feed_cgroup(text, size);
	feed_strings(text, size);
	if (elf_head_parse(data, size, &bits, &machine))
		must(bits == 32 || bits == 64);
	if (syscall_parse(text, size, &sc))
		must(sc.sp.have == sc.pc.have && !(sc.running && sc.sp.have));
	keyed_number(text, size, "kernel");
	meminfo_bytes(text, size, "CommitLimit");
	must(guard_gap_of(text, size, 4096) <= UINT64_C(4096) * UINT32_MAX);
	return 0;
}
