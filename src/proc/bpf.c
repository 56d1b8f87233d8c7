/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads kernel memory without /proc/kcore and without a module: a program of a dozen instructions
 * that copies bytes from a kernel address into a map of ours, and is run by BPF_PROG_TEST_RUN. It
 * is attached to nothing and pinned nowhere, so program and map go with their descriptors.
 *
 * Kernels: bpf_probe_read_kernel() came with 5.5, running raw tracepoint programs this way with
 * 5.10 (kernel/bpf/syscall.c, net/bpf/test_run.c), so nothing older is worth a different program.
 * bpf_probe_read_kernel() copies all bytes or none, and fails where memory is not mapped.
 */
#include "kmem_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "root.h"

/* include/uapi/linux/bpf.h; numbers, for the header may be older than the kernel. */
#define MAP_MMAPABLE	       (1u << 10) /**< BPF_F_MMAPABLE, 5.5 */
#define PSEUDO_MAP_VALUE       2	  /**< BPF_PSEUDO_MAP_VALUE, 5.2 */
#define CALL_CURRENT_TASK      35	  /**< bpf_get_current_task() */
#define CALL_PROBE_READ_KERNEL 113

/** The smallest page of any architecture: no read crosses a border of it. */
#define CHUNK 4096

/** The one value of the map, which both sides see. */
struct window {
	u64 addr; /**< in: where to read */
	u64 len;  /**< in: how much, at most CHUNK */
	u64 err;  /**< out: 0, or -errno */
	u64 task; /**< out: the address of our task_struct */
	u8 data[CHUNK];
};

struct bpf {
	int map, prog;
	struct window *window;
	size_t mapped;
	/** Up to 5.19 every command asked for the capability where unprivileged BPF is disabled. */
	bool raise_to_run;
};

static int bpf_call(int cmd, union bpf_attr *attr)
{
	long ret = syscall(SYS_bpf, cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : (int)ret;
}

/* --- the program ------------------------------------------------------------------------------ */

#define OFF(field)	    ((int16_t)offsetof(struct window, field))
#define INSN(c, d, s, o, i) ((struct bpf_insn){ (c), (d), (s), (o), (i) })
#define MOV_REG(d, s)	    INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define MOV_IMM(d, i)	    INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define ADD_IMM(d, i)	    INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define LOAD(d, s, o)	    INSN(BPF_LDX | BPF_MEM | BPF_DW, d, s, o, 0)
#define STORE(d, o, s)	    INSN(BPF_STX | BPF_MEM | BPF_DW, d, s, o, 0)
#define JUMP_ABOVE(d, i, o) INSN(BPF_JMP | BPF_JGT | BPF_K, d, 0, o, i)
#define CALL(f)		    INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define EXIT		    INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

/** window->task = current; if (window->len <= CHUNK) window->err = read(data, len, addr). */
static int load_program(int map)
{
	const struct bpf_insn insns[] = {
		/* r6 = window: an instruction of two slots, the second is the offset */
		INSN(BPF_LD | BPF_DW | BPF_IMM, BPF_REG_6, PSEUDO_MAP_VALUE, 0, map),
		INSN(0, 0, 0, 0, 0),
		CALL(CALL_CURRENT_TASK),
		STORE(BPF_REG_6, OFF(task), BPF_REG_0),
		LOAD(BPF_REG_2, BPF_REG_6, OFF(len)),
		JUMP_ABOVE(BPF_REG_2, CHUNK, 5),
		MOV_REG(BPF_REG_1, BPF_REG_6),
		ADD_IMM(BPF_REG_1, OFF(data)),
		LOAD(BPF_REG_3, BPF_REG_6, OFF(addr)),
		CALL(CALL_PROBE_READ_KERNEL),
		STORE(BPF_REG_6, OFF(err), BPF_REG_0),
		MOV_IMM(BPF_REG_0, 0),
		EXIT,
	};
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
	attr.insn_cnt = ARRAY_SIZE(insns);
	attr.insns = (uintptr_t)insns;
	/* The helper is for programs under the GPL, which this is. */
	attr.license = (uintptr_t) "GPL";
	memcpy(attr.prog_name, "procmap", sizeof("procmap"));
	return bpf_call(BPF_PROG_LOAD, &attr);
}

static int create_map(void)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(u32);
	attr.value_size = sizeof(struct window);
	attr.max_entries = 1;
	attr.map_flags = MAP_MMAPABLE;
	memcpy(attr.map_name, "procmap", sizeof("procmap"));
	return bpf_call(BPF_MAP_CREATE, &attr);
}

/* --- running it ------------------------------------------------------------------------------- */

static int run(struct bpf *b)
{
	unsigned raised = b->raise_to_run ? caps_raise(CAP_BIT(ROOT_CAP_BPF)) : 0;
	union bpf_attr attr;
	int err;

	memset(&attr, 0, sizeof(attr));
	attr.test.prog_fd = (u32)b->prog;
	b->window->err = (u64)-EFAULT;
	err = bpf_call(BPF_PROG_TEST_RUN, &attr);
	caps_lower(raised);
	return err < 0 ? err : 0;
}

/** Once without a read: does this kernel run it, and what does it ask for? */
static int first_run(struct bpf *b)
{
	int err;

	b->window->len = CHUNK + 1;
	err = run(b);
	if (err == -EPERM) {
		b->raise_to_run = true;
		err = run(b);
	}
	/* ENOTSUPP, which is no errno of user space: a kernel before 5.10 */
	if (err == -524)
		err = -EOPNOTSUPP;
	return err;
}

int bpf_read(struct bpf *b, u64 addr, void *to, size_t len)
{
	u8 *out = to;

	while (len) {
		size_t n = MIN(len, CHUNK - (size_t)(addr % CHUNK));
		int err;

		b->window->addr = addr;
		b->window->len = n;
		err = run(b);
		if (err)
			return err;
		if (b->window->err)
			return -EFAULT;
		memcpy(out, b->window->data, n);
		out += n;
		addr += n;
		len -= n;
	}
	return 0;
}

u64 bpf_current_task(struct bpf *b)
{
	b->window->len = CHUNK + 1;
	return run(b) ? 0 : b->window->task;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int set_up(struct bpf *b)
{
	unsigned raised = caps_raise(CAP_BIT(ROOT_CAP_BPF) | CAP_BIT(ROOT_CAP_PERFMON));
	void *window;

	b->map = create_map();
	b->prog = b->map < 0 ? b->map : load_program(b->map);
	caps_lower(raised);
	if (b->prog < 0)
		return b->prog;
	window = mmap(NULL, b->mapped, PROT_READ | PROT_WRITE, MAP_SHARED, b->map, 0);
	if (window == MAP_FAILED)
		return -errno;
	b->window = window;
	return first_run(b);
}

int bpf_open(struct root *r, struct bpf **ret)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpf *b;
	int err;

	if (!root_is_live(r))
		return -ENODATA;
	b = xcalloc(1, sizeof(*b));
	b->map = b->prog = -1;
	b->mapped = (sizeof(*b->window) + page - 1) / page * page;
	err = set_up(b);
	if (err)
		bpf_close(b);
	else
		*ret = b;
	return err;
}

void bpf_close(struct bpf *b)
{
	if (!b)
		return;
	if (b->window)
		munmap(b->window, b->mapped);
	if (b->prog >= 0)
		close(b->prog);
	if (b->map >= 0)
		close(b->map);
	free(b);
}
