/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * READERS of what the kernel says of itself: bytes -> struct kfacts. A reader says what a file
 * holds and no more; what it means for the layout is src/kernel/'s business. Each has a parser of
 * plain bytes beside the function that opens the file, so all of them can be tested and fuzzed.
 *
 * A figure without `have` was not read. A source's status says why.
 */
#ifndef PROCMAP_KSRC_H
#define PROCMAP_KSRC_H

#include "proc.h"
#include "../elf/elf.h"

/** The sources, each with its own status, in the order they are read. */
enum ksrc {
	KSRC_CMDLINE,	  /**< /proc/cmdline */
	KSRC_CPUINFO,	  /**< /proc/cpuinfo, its first processor */
	KSRC_MEMINFO,	  /**< /proc/meminfo */
	KSRC_BOOT_PARAMS, /**< /sys/kernel/boot_params/data (x86) */
	KSRC_CONFIG,	  /**< /proc/config.gz or /boot/config-RELEASE */
	KSRC_KALLSYMS,
	KSRC_IOMEM,
	KSRC_ZONEINFO, /**< /proc/zoneinfo, only where iomem gave no RAM */
	KSRC_VMALLOCINFO,
	KSRC_MODULES,
	KSRC_BTF,      /**< /sys/kernel/btf/vmlinux */
	KSRC_LOCKDOWN, /**< /sys/kernel/security/lockdown */
	KSRC_KCORE,    /**< /proc/kcore, headers and the VMCOREINFO note */
	KSRC_NSOURCES
};

enum ksrc_state {
	KSRC_UNREAD,  /**< not asked for */
	KSRC_READ,    /**< its figures are there */
	KSRC_ZEROS,   /**< readable, but the kernel printed zeros for all addresses */
	KSRC_HASHED,  /**< readable, but the addresses are hashes */
	KSRC_CLOSED,  /**< refused: err */
	KSRC_ABSENT,  /**< this kernel does not have it */
	KSRC_DAMAGED, /**< its bytes make no sense: err */
};

struct ksrc_status {
	enum ksrc_state state;
	int err; /**< positive errno, 0 none */
};

/** The boot command line; a bool is "this word stands there". */
struct kcmdline {
	bool nokaslr, nopti, no5lvl, rodata_off;
	char vsyscall; /**< 'e'mulate, 'x'only, 'n'one, 0 not given */
};

/** The first processor of cpuinfo. */
struct kcpu {
	struct fig la57, pti, nx; /**< x86 flags, 0 or 1 */
	struct fig virt_bits;	  /**< "address sizes": what it can do, not what is in use */
	struct fig riscv_va_bits; /**< "mmu : sv48" */
};

/** Lines of meminfo and the like, in bytes but for vmalloc_total_kib. */
struct kmem {
	struct fig vmalloc_total_kib; /**< as printed: a fingerprint of the layout */
	struct fig vmalloc_used, total, slab, page_tables, kernel_stack, percpu;
	struct fig direct_4k, direct_2m, direct_1g;
	struct fig zone_end; /**< first address above the highest zone of zoneinfo */
	struct fig cpus;     /**< possible processors */
};

/** Symbols of vmlinux itself. Only text and stext without KSRC_ALL_SYMBOLS. */
struct ksyms {
	struct fig text, stext, etext, start_rodata, end_rodata, sdata, edata;
	struct fig init_begin, init_end, bss_start, bss_stop, end;
	bool all; /**< the whole file was read: what is missing is not exported */
};

/** Most RAM ranges that are kept; more are counted in kiomem.dropped. */
#define KIOMEM_MAX 4096

/** Physical addresses, from iomem. */
struct kiomem {
	struct range *ram; /**< "System RAM", rising, apart; owned */
	size_t nram, cap_ram;
	size_t dropped; /**< RAM lines that did not rise or were too many */
	struct range code, rodata, data, bss;
	bool have_code, have_rodata, have_data, have_bss;
};

/** Most areas whose addresses are kept, and most bytes read without KSRC_ALL_SYMBOLS. */
#define KVMALLOC_MAX   (1u << 16)
#define KVMALLOC_BYTES (256u << 10)

/** What vmallocinfo lists, all of it and by addresses where they are real. */
struct kvmalloc {
	struct kvmalloc_area {
		u64 first, last;
		bool percpu; /**< a chunk of the per-CPU allocator */
	} * areas;	     /**< only with state KSRC_READ; owned, in the file's order */
	size_t nareas, cap_areas;
	u64 count, bytes; /**< areas in use and their sizes (guard pages included) */
	u64 pages;	  /**< pages behind them */
	u64 unpurged;	  /**< bytes of areas freed but not yet flushed; in no other figure */
	bool cut;	  /**< only the first KVMALLOC_BYTES were read */
};

struct kmodules {
	u64 count, bytes;
	u64 lowest; /**< address of the lowest; only with state KSRC_READ and a count */
};

/** Sizes and numbers of this very kernel, from BTF. */
struct kbtf {
	struct fig page_size;		/**< sizeof(struct page) */
	struct fig cpu_entry_area_size; /**< sizeof(struct cpu_entry_area) */
	/** enum fixed_addresses */
	struct fig fix_vsyscall, fix_permanent_end, fix_end;
};

/** Options of the kernel's configuration: 0 off, 1 on (y or m), else their number. */
struct kconfig {
	const char *source; /**< static: "config.gz", "/boot/config" */
	struct fig randomize_base, randomize_memory, kasan, modules, vsyscall_emulation,
		kmap_force_map, zone_device, pci_p2pdma, espfix, vmemmap;
	struct fig memory_padding, physical_start, physical_align, page_offset;
};

enum klockdown {
	LOCKDOWN_UNKNOWN,
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY,
	LOCKDOWN_CONFIDENTIALITY,
};

/** All that was found out. */
struct kfacts {
	struct ksrc_status status[KSRC_NSOURCES];
	bool user_only;	      /**< only the user half was asked for */
	struct fig loadflags; /**< boot_params hdr.loadflags */
	struct fig efi;	      /**< 1: booted through EFI, 0: not */
	struct fig kptr_restrict;
	struct fig task_end; /**< live_task_end(): the end of a user half like our own */
	enum klockdown lockdown;
	struct kcmdline cmdline;
	struct kcpu cpu;
	struct kmem mem;
	struct ksyms syms;
	struct kiomem iomem;
	struct kvmalloc vmalloc;
	struct kmodules modules;
	struct kbtf btf;
	struct kconfig config;
	struct kcore kcore;
};

/** loadflags of the x86 boot protocol: set when the decompressor randomised (boot.rst). */
#define KASLR_FLAG 0x02

enum ksrc_flags {
	KSRC_USER_ONLY = 1,   /**< only what the user half's limits need */
	KSRC_ALL_SYMBOLS = 2, /**< all of kallsyms and vmallocinfo, however long (--verbose) */
};

/**
 * Reads every source into *ret (initialised here; free with kfacts_release() whatever is returned)
 * and adds a note for each one that is closed, absent or damaged. Needs s->host. 0, or -errno when
 * nothing at all could be read.
 */
int ksrc_read(struct root *r, struct space *s, unsigned flags, struct kfacts *ret);
void kfacts_release(struct kfacts *k);

/* --- the parsers: pure, any bytes, never fail but by finding nothing ----------------------- */

void cmdline_parse(const char *text, size_t len, struct kcmdline *ret);
/** Stops at the end of the first processor. `x86`: a missing flag is a 0, not unknown. */
void cpuinfo_parse(const char *text, size_t len, bool x86, struct kcpu *ret);
void meminfo_parse(const char *text, size_t len, struct kmem *ret);
/** End of the highest zone, in bytes. */
struct fig zoneinfo_parse(const char *text, size_t len, u32 page_size);
void config_parse(const char *text, size_t len, struct kconfig *ret);
enum klockdown lockdown_parse(const char *text, size_t len);
/** "0-3,8" -> 5; unknown when malformed. */
struct fig cpulist_parse(const char *text, size_t len);
/** READ, ZEROS, or DAMAGED when no line parses. */
enum ksrc_state iomem_parse(const char *text, size_t len, struct kiomem *ret);
/** READ, ZEROS, HASHED, or DAMAGED. Areas are appended. */
enum ksrc_state vmallocinfo_parse(const char *text, size_t len, struct kvmalloc *ret);
enum ksrc_state modules_parse(const char *text, size_t len, struct kmodules *ret);

/** A streaming parser of kallsyms: feed any cut of the bytes. */
struct kallsyms {
	struct ksyms *syms;
	bool want_all;
	bool done;	  /**< all that is wanted was found */
	bool skipping;	  /**< inside a line too long to be one */
	u64 lines, zeros; /**< symbols seen, and those printed as zero */
	unsigned stext_lines;
	size_t ncarry;
	char carry[1024];
};
void kallsyms_init(struct kallsyms *p, bool want_all, struct ksyms *ret);
void kallsyms_feed(struct kallsyms *p, const char *text, size_t len);
enum ksrc_state kallsyms_end(struct kallsyms *p);

/**
 * Reads what struct kbtf holds from BTF in the byte order its magic tells. 0, or -errno: -EBADMSG
 * when it is not BTF or is cut (what was found till then stays).
 */
int btf_read(int fd, struct kbtf *ret);

/** config.c. Uncompresses the gzip file in `gz` and appends it to `out`; -ENOTSUP without zlib. */
int config_gunzip(const char *gz, size_t len, struct buf *out);

#endif
