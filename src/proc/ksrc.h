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
	KSRC_ZONEINFO, /**< /proc/zoneinfo; 64 bits: only where iomem gave no RAM */
	KSRC_VMALLOCINFO,
	KSRC_MODULES,
	KSRC_BTF,      /**< /sys/kernel/btf/vmlinux */
	KSRC_LOCKDOWN, /**< /sys/kernel/security/lockdown */
	KSRC_KCORE,    /**< /proc/kcore, headers and the VMCOREINFO note */
	KSRC_BOOTMSG,  /**< the kernel's log, where old 32-bit kernels print their layout */
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
	bool nokaslr, nopti, no5lvl, rodata_off, nopat;
	bool reserve_top; /**< i386: the fixmap begins lower */
	char vsyscall;	  /**< 'e'mulate, 'x'only, 'n'one, 0 not given */
};

/** The first processor of cpuinfo. */
struct kcpu {
	struct fig la57, pti, nx, pat; /**< x86 flags, 0 or 1 */
	struct fig virt_bits;	       /**< "address sizes": what it can do, not what is in use */
	struct fig phys_bits;	       /**< the same of physical addresses */
	struct fig riscv_va_bits;      /**< "mmu : sv48" */
	struct fig lpae;	       /**< 32-bit arm, Features: the CPU could; 0 or 1 */
};

/** Lines of meminfo and the like, in bytes but for vmalloc_total_kib. */
struct kmeminfo {
	struct fig vmalloc_total_kib; /**< as printed: a fingerprint of the layout */
	struct fig vmalloc_used, total, slab, page_tables, kernel_stack, percpu;
	struct fig free, slab_reclaimable, slab_unreclaimable, sec_page_tables;
	/** Of vmstat (6.11), only with KSRC_INSIDE: pages of struct page, made later and at boot.
	 */
	struct fig memmap_pages, memmap_boot_pages;
	struct fig managed_pages; /**< of zoneinfo, likewise: what the allocator was given */
	struct fig direct_4k, direct_2m, direct_4m, direct_1g;
	struct fig high_total; /**< 32 bits with CONFIG_HIGHMEM, 0 bytes included */
	struct fig huge_page;  /**< Hugepagesize */
	struct fig zone_end;   /**< first address above the highest zone of zoneinfo */
	struct fig zone_start; /**< where the lowest zone starts */
	struct fig low_end;    /**< first address above the zones that are no HighMem */
	struct fig cpus;       /**< possible processors */
};

#define KSYMS_SECTIONS_MAX 128
/** Longer names are nothing that is looked for. */
#define KSYMS_NAME_MAX 40

/** Symbols of vmlinux itself. Only text and stext without KSRC_ALL_SYMBOLS. */
struct ksyms {
	struct fig text, stext, etext, start_rodata, end_rodata, sdata, edata;
	struct fig init_begin, init_end, bss_start, bss_stop, end;
	/** Variables, for reading them (kmem.h); with KALLSYMS_ALL and KSRC_ALL_SYMBOLS only. */
	struct fig page_offset_base, vmalloc_base, vmemmap_base, phys_base, memstart_addr,
		vabits_actual, high_memory, init_top_pgt, swapper_pg_dir;
	bool all; /**< the whole file was read: what is missing is not exported */
	/** What the linker put together, by __start_X and __stop_X, likewise; in no order. */
	struct ksyms_section {
		char name[32];
		struct fig first, end;
	} sections[KSYMS_SECTIONS_MAX];
	size_t nsections;
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
		bool percpu;   /**< a chunk of the per-CPU allocator */
		bool unpurged; /**< freed, not flushed yet */
	} * areas;	       /**< only with state KSRC_READ; owned, in the file's order */
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
	struct fig kasan_generic, kasan_sw_tags, kasan_hw_tags;
	struct fig x86_pae, arm_lpae, highmem, thumb2;
	struct fig memory_padding, physical_start, physical_align, page_offset, arm64_va_bits;
	struct fig nr_cpus, kasan_offset;
	struct fig device_private, migration, memory_failure, pte_marker; /**< swap types */
	struct fig no_page_mapcount; /**< see struct host, average_counts */
};

/** Most ranges of the layout message that are kept; kernels print 12 at most. */
#define KBOOT_MAX 16

/** "Virtual kernel memory layout:" in the log: arm up to 5.0, i386 up to 5.6, arm64 up to 4.14. */
struct kbootmsg {
	struct kboot_range {
		char name[16]; /**< "lowmem", ".text", as printed */
		struct range r;
	} ranges[KBOOT_MAX];
	size_t n;
};

enum klockdown {
	LOCKDOWN_UNKNOWN,
	LOCKDOWN_NONE,
	LOCKDOWN_INTEGRITY,
	LOCKDOWN_CONFIDENTIALITY,
};

/**
 * What the kernel's own memory says (kmem.h). Values, not addresses of variables: vmemmap is the
 * struct page of PFN 0, direct the address of physical 0 (arm64, riscv: may lie below the region).
 */
struct kmemory {
	const char *source; /**< static: "kcore", "bpf"; NULL: it was not read */
	struct fig direct, vmalloc, vmemmap;
	struct fig phys_base;	/**< x86_64: PA(_text) - (VA(_text) - __START_KERNEL_map) */
	struct fig memstart;	/**< arm64: memstart_addr */
	struct fig vabits;	/**< arm64: vabits_actual */
	struct fig high_memory; /**< 32-bit: end of lowmem */
	struct fig pgd;		/**< physical address of the kernel's top page table */
	char *vmcoreinfo;	/**< text of the note read through memory, NULL; owned */
};

struct kvariant;

/** All that was found out. */
struct kfacts {
	/** --layout: draw this documented layout, all of it CONF_DEFAULT; NULL: the kernel read. */
	const struct kvariant *variant;
	struct ksrc_status status[KSRC_NSOURCES];
	bool user_only;	      /**< only the user half was asked for */
	struct fig loadflags; /**< boot_params hdr.loadflags */
	struct fig efi;	      /**< 1: booted through EFI, 0: not */
	struct fig kptr_restrict;
	struct fig task_end; /**< live_task_end(): the end of a user half like our own */
	enum klockdown lockdown;
	struct kcmdline cmdline;
	struct kcpu cpu;
	struct kmeminfo mem;
	struct ksyms syms;
	struct kiomem iomem;
	struct kvmalloc vmalloc;
	struct kmodules modules;
	struct kbtf btf;
	struct kconfig config;
	struct kcore kcore;
	struct kmemory memory;
	struct kbootmsg boot;
};

/** loadflags of the x86 boot protocol: set when the decompressor randomised (boot.rst). */
#define KASLR_FLAG 0x02

enum ksrc_flags {
	KSRC_USER_ONLY = 1,   /**< only what the user half's limits need */
	KSRC_ALL_SYMBOLS = 2, /**< all of kallsyms and vmallocinfo, however long (--verbose) */
	KSRC_INSIDE = 4,      /**< every area and every module, into s->kmap */
	KSRC_SECTIONS = 8,    /**< and where the sections of each module are */
	KSRC_MEMORY = 16,     /**< what kmem_open() needs, also with KSRC_USER_ONLY */
	KSRC_COUNTS = 32,     /**< host.average_counts, also with KSRC_USER_ONLY */
};

/**
 * Reads every source into *ret (initialised here; free with kfacts_release() whatever is returned)
 * and adds a note for each one that is closed, absent or damaged. Needs s->host. 0, or -errno when
 * nothing at all could be read; -ECANCELED when a step said so: what is there is then not all.
 */
int ksrc_read(struct root *r, struct space *s, unsigned flags, struct kfacts *ret);
void kfacts_release(struct kfacts *k);

/* --- the parsers: pure, any bytes, never fail but by finding nothing ----------------------- */

void cmdline_parse(const char *text, size_t len, struct kcmdline *ret);
/** Stops at the end of the first processor. `x86`: a missing flag is a 0, not unknown. */
void cpuinfo_parse(const char *text, size_t len, bool x86, struct kcpu *ret);
void meminfo_parse(const char *text, size_t len, struct kmeminfo *ret);
/** Sets zone_start, zone_end and low_end. */
void zoneinfo_parse(const char *text, size_t len, u32 page_size, struct kmeminfo *ret);
/** Sum of the zones' managed pages; unknown when there is none. */
struct fig zoneinfo_managed(const char *text, size_t len);
void config_parse(const char *text, size_t len, struct kconfig *ret);
enum klockdown lockdown_parse(const char *text, size_t len);
/** "0-3,8" -> 5; unknown when malformed. */
struct fig cpulist_parse(const char *text, size_t len);
/** "  01000000-022090c7 : Kernel code": both ends inclusive, and where the name begins. */
bool iomem_line(const char *p, const char *end, struct range *r, const char **name);
/** READ, ZEROS, or DAMAGED when no line parses. */
enum ksrc_state iomem_parse(const char *text, size_t len, struct kiomem *ret);
/** READ, ZEROS, HASHED, or DAMAGED. Areas are appended. */
enum ksrc_state vmallocinfo_parse(const char *text, size_t len, struct kvmalloc *ret);
enum ksrc_state modules_parse(const char *text, size_t len, struct kmodules *ret);
/** bootmsg.c. READ, or ABSENT where the log has no layout (any more). */
enum ksrc_state bootmsg_parse(const char *text, size_t len, struct kbootmsg *ret);
/** Does a kernel of this machine and release print one? */
bool bootmsg_printed(const char *machine, const char *release);
/** The range that the message gives by this name; false if it does not. */
bool bootmsg_range(const struct kbootmsg *b, const char *name, struct range *ret);
/** The same lines one by one into s->kmap; `st` is what the parser said of the text. */
void vmallocinfo_list(const char *text, size_t len, enum ksrc_state st, struct space *s);
void modules_list(const char *text, size_t len, enum ksrc_state st, struct space *s);

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

/** A member of a struct of the kernel's, also one in anonymous structs and unions inside it. */
struct btf_member {
	const char *type, *member; /**< "task_struct", "mm" */
	struct fig offset;	   /**< out: bytes; unknown if there is none */
};
/** btf_members.c. Looks all of them up; 0, or -errno as btf_read(). */
int btf_members(int fd, struct btf_member *want, size_t n);

/** vmcoreinfo.c. A number of a VMCOREINFO text (NULL: none): "NUMBER(x)", signed decimal or 0x. */
bool vmcoreinfo_text_number(const char *text, const char *key, u64 *ret);
/** The same for values that are hex without 0x: "SYMBOL(x)", "KERNELOFFSET". */
bool vmcoreinfo_text_hex(const char *text, const char *key, u64 *ret);
/** The text of a whole ELF note VMCOREINFO, to be freed; NULL if the bytes are none. */
char *vmcoreinfo_note(const u8 *bytes, size_t len, bool swap);
/** /sys/kernel/vmcoreinfo: where in physical memory the note is, and its size (hex both). */
bool vmcoreinfo_place(const char *text, size_t len, u64 *pa, u64 *size);

struct kmodule;
/** modules.c. Sizes and sections of a module of s->kmap from /sys/module; what is closed stays
 * unknown. */
void module_read_details(struct root *r, struct space *s, struct kmodule *mod);

/** config.c. Uncompresses the gzip file in `gz` and appends it to `out`; -ENOTSUP without zlib. */
int config_gunzip(const char *gz, size_t len, struct buf *out);

#endif
