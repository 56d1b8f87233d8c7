/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Private to btf.c and btf_members.c: the format (Documentation/bpf/btf.rst,
 * include/uapi/linux/btf.h).
 */
#ifndef PROCMAP_BTF_PARTS_H
#define PROCMAP_BTF_PARTS_H

#include <sys/types.h>
#include "../util.h"

#define BTF_MAGIC	0xeb9f
#define BTF_MAGIC_SWAP	0x9feb
#define BTF_HEADER_SIZE 24
#define BTF_TYPE_SIZE	12 /**< struct btf_type; what its kind adds follows */
/** A kernel's BTF has 5 MiB; nothing sensible has more than this. */
#define BTF_FILE_MAX (256u << 20)

enum btf_kind {
	BTF_INT = 1,
	BTF_PTR,
	BTF_ARRAY,
	BTF_STRUCT,
	BTF_UNION,
	BTF_ENUM,
	BTF_FWD,
	BTF_TYPEDEF,
	BTF_VOLATILE,
	BTF_CONST,
	BTF_RESTRICT,
	BTF_FUNC,
	BTF_FUNC_PROTO,
	BTF_VAR,
	BTF_DATASEC,
	BTF_FLOAT,
	BTF_DECL_TAG,
	BTF_TYPE_TAG,
	BTF_ENUM64,
};

/** Bytes behind the struct btf_type of this kind with `vlen` members; UINT64_MAX: no such kind. */
u64 btf_type_extra(unsigned kind, u32 vlen);
/** Reads `len` bytes or up to the end of the file; kernfs gives one page a call. Bytes, -errno. */
ssize_t btf_read_at(int fd, u64 pos, u8 *to, size_t len);

#endif
