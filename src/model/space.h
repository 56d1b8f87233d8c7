/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * THE MODEL: one `struct space` holds all that is known of one address space. Readers (proc, elf,
 * kernel) fill it, this folder groups and classifies what they filled in, views see it as const.
 * Pure: nothing here does I/O.
 *
 * Unknown is never 0: a figure that may be unknown is a `struct fig` or has a bit beside it.
 * Text from outside is bytes, in `names`; only views escape it.
 */
#ifndef PROCMAP_SPACE_H
#define PROCMAP_SPACE_H

#include <stdint.h>
#include <sys/types.h>
#include "range.h"

/** A number that may be unknown. */
struct fig {
	u64 v;
	bool have;
};

#define FIG(value) ((struct fig){ (value), true })

/** How sure a statement about the kernel is, best first. */
enum conf {
	CONF_EXACT,   /**< read from the running kernel */
	CONF_DERIVED, /**< computed from exact inputs by this version's formula */
	CONF_DEFAULT, /**< documented default, nothing contradicts it */
	CONF_BOUNDS,  /**< only the interval is known */
	CONF_UNKNOWN, /**< nothing is known */
};

/** Permission letters of a mapping, as maps prints them. */
enum perm {
	PERM_R = 1,
	PERM_W = 2,
	PERM_X = 4,
	PERM_SHARED = 8, /**< 's'; else 'p' */
};

/* ------------------------------------------------------------------ pages */

/** What one page of a mapping is. The order is the order of the legend. */
enum page_state {
	PS_ABSENT, /**< no page, never touched (or dropped) */
	PS_ANON,   /**< present, anonymous or copied on write: private to the mm or its family */
	PS_FILE,   /**< present, page of a file */
	PS_FILE_DIRTY, /**< present, page of a file whose frame is dirty or in writeback (KPF) */
	PS_SHARED,     /**< present, shared memory (shmem, SysV, memfd) */
	PS_ZERO,       /**< present, the shared zero page */
	PS_HUGE,       /**< present, mapped by a PMD or PUD entry (THP, hugetlb) */
	PS_PRESENT,    /**< present; which of the above was not asked for */
	PS_SWAPPED,    /**< in a swap area */
	PS_GUARD,      /**< guard page made by MADV_GUARD_INSTALL */
	PS_OTHER,      /**< other non-present: migrating, poisoned, device-private, marker */
	PS_NSTATES
};

/** Most slices a mapping's bar has; a smaller mapping has one slice a page. */
#define SLICES_MAX 64

/** A slice of a bar packed in a byte: the state most of it holds, and how much of it does. */
#define SLICE(state, fill) ((u8)((state) | (fill) << 4))
#define SLICE_STATE(slice) ((enum page_state)((slice)&15))
/** 0..15: sixteenths, rounded up, of the slice's pages that are not absent (0: all are). */
#define SLICE_FILL(slice) ((slice) >> 4)

/** Counters of pages (of the size `space.host.page_size`) from PAGEMAP_SCAN or pagemap. */
struct page_counts {
	u64 present; /**< all present pages, zero and huge ones included */
	u64 swapped; /**< non-present entries that are no guard: swap, migration, poison, … */
	u64 guard, zero;
	u64 huge;   /**< present pages mapped by a PMD or larger entry */
	u64 lowest; /**< address of the lowest present or swapped page; of use if there is one */
};

/* ------------------------------------------------------------------ mappings */

/** What an object is. Totals by kind, colours and the filter go by it. */
enum object_kind {
	OBJ_EXE,    /**< the executable */
	OBJ_INTERP, /**< its ELF interpreter (ld.so) */
	OBJ_LIB,    /**< shared library: a file with an executable or ELF mapping */
	OBJ_FILE,   /**< other file mapping */
	OBJ_MEMFD,
	OBJ_SYSV, /**< SysV shared memory */
	OBJ_SHM,  /**< POSIX shared memory (/dev/shm), or shared anonymous (/dev/zero) */
	OBJ_HUGETLB,
	OBJ_DEVICE,
	OBJ_HEAP,
	OBJ_STACK, /**< the main thread's stack */
	OBJ_THREAD_STACK,
	OBJ_SHADOW_STACK,
	OBJ_ANON,	/**< anonymous, unnamed */
	OBJ_NAMED_ANON, /**< [anon:x], [anon_shmem:x] */
	OBJ_VDSO,	/**< [vdso], [vvar], [vvar_vclock], [vectors], [sigpage] */
	OBJ_VSYSCALL,
	OBJ_GUARD,    /**< PROT_NONE beside something it protects */
	OBJ_RESERVED, /**< PROT_NONE reservation standing alone */
	OBJ_IO_URING,
	OBJ_UPROBES,
	OBJ_SECRETMEM,
	OBJ_NKINDS
};

/** What a mapping is inside its object. */
enum vma_role {
	ROLE_NONE,   /**< the object's kind says it all */
	ROLE_HEADER, /**< ELF header and read-only tables before the text */
	ROLE_TEXT,
	ROLE_RODATA,
	ROLE_RELRO,
	ROLE_DATA,
	ROLE_BSS,
	ROLE_GUARD,
	ROLE_STACK, /**< the stack itself, in an object that has a guard too */
	ROLE_NROLES
};

enum vma_have {
	VMA_HAVE_SMAPS = 1,
	VMA_HAVE_PAGES = 2, /**< `pages` is filled */
	VMA_DELETED = 4,    /**< the file is gone: the name's " (deleted)" was checked and cut */
};

#define NO_INDEX UINT32_MAX

/** One mapping, a line of /proc/PID/maps. About 120 bytes, kept small: a process has up to 65,000.
 */
struct vma {
	u64 first, last;
	u64 offset;	  /**< in the file, bytes; as printed by maps */
	u64 inode;	  /**< 0 for none */
	u64 vmflags;	  /**< bit i: vmflag_names[i]; 0 without VMA_HAVE_SMAPS */
	u32 major, minor; /**< of the device */
	u32 name;	  /**< id in space.names: the raw bytes of maps, newline unescaped */
	u32 object;	  /**< index in space.objects, NO_INDEX before space_group() */
	u32 smaps;	  /**< where its smaps values start in space.smaps_bytes */
	u32 slices;	  /**< where its bar starts in space.slices; NO_INDEX: none */
	u16 schema;	  /**< index in space.schemas: which smaps fields it has */
	u8 perms;	  /**< enum perm */
	u8 have;	  /**< enum vma_have */
	u8 role;	  /**< enum vma_role */
	u8 nslices;
	struct page_counts pages;
};

static inline struct range vma_range(const struct vma *v)
{
	return (struct range){ v->first, v->last };
}

/** The fields of smaps that procmap knows; others get ids from SMAPS_NKNOWN on, by name. */
enum smaps_field {
	SMAPS_SIZE,
	SMAPS_KERNEL_PAGE_SIZE,
	SMAPS_MMU_PAGE_SIZE,
	SMAPS_RSS,
	SMAPS_PSS,
	SMAPS_PSS_DIRTY,
	SMAPS_SHARED_CLEAN,
	SMAPS_SHARED_DIRTY,
	SMAPS_PRIVATE_CLEAN,
	SMAPS_PRIVATE_DIRTY,
	SMAPS_REFERENCED,
	SMAPS_ANONYMOUS,
	SMAPS_KSM,
	SMAPS_LAZYFREE,
	SMAPS_ANON_HUGE,
	SMAPS_SHMEM_PMD,
	SMAPS_FILE_PMD,
	SMAPS_SHARED_HUGETLB,
	SMAPS_PRIVATE_HUGETLB,
	SMAPS_SWAP,
	SMAPS_SWAP_PSS,
	SMAPS_LOCKED,
	SMAPS_THP_ELIGIBLE, /**< a number, not KiB */
	SMAPS_PKEY,	    /**< ProtectionKey: a number, not KiB */
	SMAPS_NKNOWN
};

/** Most distinct field names one kernel's smaps may have here; more are dropped with a note. */
#define SMAPS_MAX 64

/** The ordered list of fields one kind of record has (it differs by kernel and by mapping). */
struct smaps_schema {
	u8 n;
	u8 field[SMAPS_MAX]; /**< ids, in the order of the file */
};

/** Values of all fields of one record: KiB unless the field says else. */
struct smaps_values {
	u64 have; /**< bit per field id */
	u64 v[SMAPS_MAX];
};

/** Most names VmFlags bits can have. */
#define VMFLAGS_MAX 64

/* ------------------------------------------------------------------ objects */

enum file_state {
	FILE_UNCHECKED, /**< not looked at, or no permission */
	FILE_SAME,	/**< the name still leads to the mapped file (dev and inode equal) */
	FILE_DELETED,	/**< unlinked, nothing stands at the name */
	FILE_REPLACED,	/**< another file stands at the name */
	FILE_MISSING, /**< cannot be told: the name is out of sight (other mount namespace, …) */
};

/** What is known of the load bias of an object; see roles.h. */
enum bias_state {
	BIAS_UNASKED,
	BIAS_NONE, /**< no image, or it does not explain the mappings */
	BIAS_KNOWN,
};

/** Consecutive mappings that belong together: one box in the views. */
struct object {
	u32 vma, nvmas; /**< first (lowest) index in space.vmas and how many follow it */
	u32 image;	/**< index in space.images, NO_INDEX for none */
	u32 thread;	/**< index in space.threads whose stack it is, NO_INDEX */
	u8 kind;	/**< enum object_kind */
	u8 file_state;	/**< enum file_state */
	u8 bias_state;	/**< enum bias_state, set by roles_assign() */
	u64 bias;	/**< address less link-time address, modulo 2^64 */
};

/* ------------------------------------------------------------------ ELF images */

struct image_section {
	char *name;
	u64 addr, offset, size; /**< link-time address; file offset; bytes */
	u64 flags;		/**< SHF_* */
	u32 type;		/**< SHT_*; SHT_NOBITS takes no file bytes */
};

struct image_segment {
	u64 vaddr, offset, filesz, memsz;
	u64 align;	 /**< p_align */
	u32 type, flags; /**< PT_* and PF_* */
};

enum image_link {
	IMAGE_LINK_UNKNOWN,
	IMAGE_STATIC, /**< ET_EXEC without interpreter */
	IMAGE_STATIC_PIE,
	IMAGE_NON_PIE, /**< ET_EXEC with interpreter */
	IMAGE_PIE,
	IMAGE_SHARED, /**< ET_DYN library */
};

/** What the ELF headers of one mapped file say. All strings owned by the image. */
struct image {
	u64 inode;
	u32 major, minor;
	int err;      /**< 0, or why something below is missing; see image_read() */
	u8 elf_class; /**< 32 or 64 */
	u16 machine;  /**< EM_* */
	enum image_link link;
	bool stripped; /**< known to have no .symtab */
	bool bind_now;
	char *build_id; /**< hex text, or NULL */
	char *interp;	/**< bytes, or NULL */
	char *soname;	/**< bytes, or NULL */
	struct image_section *sections;
	size_t nsections;
	struct image_segment *segments;
	size_t nsegments;
	u64 entry;
};

/* ------------------------------------------------------------------ the process */

struct thread {
	pid_t tid;
	u32 name;	   /**< comm, id in names */
	char state;	   /**< letter of stat, 0 unknown */
	struct fig sp, pc; /**< unknown while it runs or without permission */
	bool running;	   /**< task/TID/syscall said "running" */
	u32 vma;	   /**< the mapping sp points into, NO_INDEX */
	struct fig minflt, majflt;
};

/** A line of /proc/PID/status whose value is in kB, in the file's order, unknown names kept. */
struct status_line {
	u32 name; /**< "VmRSS", id in names */
	u64 kib;
};

/** An address that something declares, drawn in the region it points to. */
struct mark {
	u64 addr;
	const char *name;   /**< static: "AT_ENTRY", "start_brk", "sp of 4711" is made by views */
	const char *source; /**< static: "auxv", "stat", "syscall" */
	u32 thread;	    /**< for sp and pc: index in threads, else NO_INDEX */
};

/** A number of bytes a rlimit, a cgroup or a sysctl gives. Unlimited is have + UINT64_MAX. */
#define UNLIMITED UINT64_MAX

/** One figure of memory that belongs to the process but is not mapped by it. */
struct unmapped {
	const char *name; /**< static: "page tables", "kernel stacks", "cgroup kernel", … */
	const char *source;
	u64 bytes;
	bool whole_cgroup; /**< covers every process of the cgroup, not this one alone */
};

enum layout_policy {
	LAYOUT_UNKNOWN,
	LAYOUT_TOP_DOWN,
	LAYOUT_BOTTOM_UP,
};

/** Address space randomisation of a process (randomize_va_space, personality). */
enum aslr {
	ASLR_UNKNOWN,
	ASLR_OFF,
	ASLR_NO_BRK, /**< 1: all but the heap */
	ASLR_FULL,   /**< 2 */
};

/** Bits of /proc/PID/personality (include/uapi/linux/personality.h). */
#define PERS_ADDR_NO_RANDOMIZE 0x0040000
#define PERS_MMAP_PAGE_ZERO    0x0100000
#define PERS_COMPAT_LAYOUT     0x0200000
#define PERS_READ_IMPLIES_EXEC 0x0400000
#define PERS_LIMIT_32BIT       0x0800000
#define PERS_LIMIT_3GB	       0x8000000

/** Why there is no user half. */
enum no_user {
	USER_HERE,
	USER_KTHREAD, /**< a kernel thread has none */
	USER_ZOMBIE,
	USER_DENIED,	 /**< maps could not be opened; space.user_err */
	USER_NOT_ASKED,	 /**< --only-kernel */
	USER_GONE,	 /**< the process ended before its maps were read */
	USER_DOCUMENTED, /**< no process: only its extent is drawn (--layout) */
};

/** stat fields 26, 27, 28, 45 to 51 (kernel fs/proc/array.c); self-declared: prctl can set them. */
struct mm_bounds {
	struct fig start_code, end_code, start_data, end_data, start_brk, start_stack;
	struct fig arg_start, arg_end, env_start, env_end;
};

struct process {
	pid_t pid;     /**< thread group leader; 0: none, the kernel alone */
	pid_t tid;     /**< the thread that was asked for, or pid */
	pid_t via_tid; /**< maps were read through task/TID because the leader is gone; or 0 */
	u32 comm, exe, cmdline, user,
		cgroup; /**< ids in names; 0 unknown. cmdline: blanks between */
	bool exe_deleted;
	char state;						 /**< letter of stat, 0 unknown */
	struct fig uid, ppid, nthreads, start_ticks, start_unix; /**< start_unix: seconds */
	struct fig minflt, majflt, oom_score;
	struct fig oom_score_adj; /**< negative as two's complement: cast to int64_t */
	bool kthread;
	u8 bits;     /**< 32 or 64: address width of the process; 0 unknown */
	u16 machine; /**< EM_* of the executable, 0 unknown */
	struct fig personality;
	struct {
		const char *name;
		u64 inode;
	} ns[10]; /**< namespaces: "mnt", … */
	size_t nns;
	struct status_line *status;
	size_t nstatus;
	struct mm_bounds mm;
	struct fig auxv_entry, auxv_base, auxv_phdr, auxv_vdso, auxv_execfn;
	struct fig auxv_random; /**< AT_RANDOM: its 16 bytes lie just above auxv */
	u32 auxv_bytes;		/**< its length in the process's memory, 0 unknown */
	struct fig rlimit_as, rlimit_data, rlimit_stack, rlimit_memlock; /**< soft, bytes */
	struct fig max_map_count, overcommit, legacy_layout, aslr;
	struct fig commit_limit, committed;		/**< system wide, bytes */
	struct fig mmap_min_addr, stack_guard_gap;	/**< bytes */
	struct fig rollup_rss, rollup_pss, rollup_swap; /**< smaps_rollup, KiB: a check, --debug */
	char **environ_text; /**< environment strings (only with --environ), raw */
	size_t nenviron;
	struct unmapped *unmapped;
	size_t nunmapped;
};

/* ------------------------------------------------------------------ the kernel half */

enum region_kind {
	KR_HALF,  /**< the whole half, parent of all */
	KR_GUARD, /**< guard hole, reserved for hypervisors */
	KR_LDT,
	KR_DIRECT_MAP,
	KR_VMALLOC,
	KR_VMEMMAP,
	KR_KASAN,
	KR_CPU_ENTRY,
	KR_ESPFIX,
	KR_EFI,
	KR_IMAGE,
	KR_IMAGE_PART, /**< text, rodata, data, bss, init: child of KR_IMAGE */
	KR_MODULES,
	KR_MODULE, /**< one of them: a part of the region it is in */
	KR_AREAS,  /**< neighbouring areas of vmallocinfo: likewise */
	KR_FIXMAP,
	KR_VSYSCALL,
	KR_PKMAP,   /**< 32 bits: kmap() of high memory */
	KR_VECTORS, /**< 32-bit arm */
	KR_UNUSED,
	KR_OTHER,
};

/**
 * A region of the kernel half. Sorted by `first`, highest last; a child lies inside its parent and
 * follows it in the array. A region whose conf is CONF_BOUNDS lies somewhere in [first, last] and
 * is `size` bytes long if that is known; such intervals may overlap, `order` then ranks them.
 */
struct region {
	u64 first, last;
	struct fig size; /**< only with CONF_BOUNDS: its true size */
	enum region_kind kind;
	enum conf conf;
	enum conf perms_conf; /**< CONF_EXACT only from page tables; CONF_UNKNOWN: print ? */
	u8 perms;	      /**< enum perm, R W X only */
	u8 depth;	      /**< 0, or 1 for a part of the region before it */
	u8 order;	      /**< with CONF_BOUNDS: rank from low to high among the intervals */
	const char *name;     /**< static, or that of a module in the kmap (bytes) */
	const char *between;  /**< static: what its parts leave is called; NULL: unused */
	const char *source;   /**< static: "kcore", "kallsyms", "iomem", "btf", "mm.rst", … */
	char *note;	      /**< owned: "37 modules, 6.2 MiB"; NULL none */
	struct fig used;      /**< bytes in use or mapped inside it */
	struct fig phys;      /**< physical address of its first byte, where it is one piece */
};

/** A plain statement about the kernel half, printed under it ("KASLR flag clear: …"). Owned. */
struct kernel_fact {
	char *text;
	const char *source; /**< static */
};

/* ------------------------------------------------------------------ notes and warnings */

enum note_kind {
	NOTE_CLOSED,   /**< a source could not be read: err, cap say why and what opens it */
	NOTE_ABSENT,   /**< this kernel does not have the source */
	NOTE_CHANGED,  /**< changed while it was read */
	NOTE_EXITED,   /**< the process ended while it was read */
	NOTE_CONFLICT, /**< two sources disagree */
	NOTE_LIMIT,    /**< something was left out on purpose, and how to get it */
	NOTE_INFO,     /**< good to know; does not count as a note for --strict */
};

struct note {
	enum note_kind kind;
	const char *source; /**< static: the file or source concerned, "smaps", "kallsyms" */
	int err;	    /**< errno (positive), 0 none */
	const char *cap;    /**< static: "CAP_SYS_ADMIN", or NULL */
	char *text;	    /**< owned: what is missing or what happened, a short phrase, or NULL */
};

/** Something a security-minded reader wants to see. */
enum warning_kind {
	WARN_WX,	/**< writable and executable */
	WARN_EXEC_ANON, /**< executable anonymous memory */
	WARN_EXEC_STACK,
	WARN_DELETED_EXE,
	WARN_MEMFD_EXEC,
	WARN_NO_RELRO,
	WARN_RELRO_WRITABLE, /**< a part of PT_GNU_RELRO can be written */
	WARN_PATCHED_TEXT,   /**< copied pages in a private r-x file mapping */
	WARN_NKINDS
};

struct warning {
	enum warning_kind kind;
	u32 vma;   /**< index, or NO_INDEX */
	u64 bytes; /**< concerned, 0 if that says nothing */
};

/* ------------------------------------------------------------------ totals */

/** Sums over mappings, bytes. A figure without `have` could not be known for all of them. */
struct totals {
	u64 nvmas;
	u64 size;  /**< promised */
	u64 maybe; /**< mappings not counted of which it is not known whether they belong to it */
	struct fig rss, pss, swap, anon, private_dirty, private_clean, shared_clean, shared_dirty,
		referenced, locked, huge;
	/**
	 * From page counters, bytes. What is not present is told apart: in swap (where smaps says
	 * how much), guard pages, other entries (migrating, poisoned, markers), the rest never
	 * touched (or dropped). present + swapped + guard + other + untouched is size, but for
	 * races.
	 */
	struct fig present, swapped, guard, zero, other, untouched;
};

/** A limit and how much of it is used up; either may be unknown. */
struct headroom {
	const char *name;	/**< static: "mappings", "RLIMIT_AS", "RLIMIT_STACK", … */
	bool bytes;		/**< both figures are bytes, else plain numbers */
	struct fig used, limit; /**< limit UNLIMITED: none */
};
#define HEADROOM_N 6

/** A hole between mappings, or between a mapping and the border of the half. */
struct gap {
	struct range r;
	u32 above; /**< vma above it, NO_INDEX at the top of the half */
	u32 below; /**< vma below it, NO_INDEX at the bottom */
};

enum room_limit {
	ROOM_NONE,
	ROOM_NEXT_MAPPING, /**< the next mapping, less the guard gap for a stack */
	ROOM_RLIMIT,
	ROOM_SPACE_END, /**< the end of the half */
};

/** How far a heap or a stack can grow into the gap beside it. */
struct room {
	u64 bytes;
	enum room_limit limit;
	bool up;	  /**< towards higher addresses (heap) */
	const char *what; /**< static: "next mapping", "RLIMIT_DATA", …; "" with ROOM_NONE */
};

/* ------------------------------------------------------------------ the space */

struct host {
	char *release, *machine; /**< uname -r and -m of the kernel that was read; owned */
	char *time;		 /**< ISO 8601 UTC of the reading, owned; NULL unknown */
	u32 page_size;		 /**< bytes */
	u8 levels;		 /**< page-table levels in use: 4 or 5 on x86_64; 0 unknown */
	u8 bits;		 /**< 32 or 64 */
	bool big_endian;
	bool recorded;	 /**< from a --root tree, not from this machine */
	bool documented; /**< of no machine: a documented layout (--layout) */
	bool nx;	 /**< the CPU enforces no-execute; see nx_known */
	bool nx_known;
	u32 nnodes; /**< NUMA nodes, 0 unknown */
	/**
	 * It is known that mappings of large folios are counted for all of their pages together
	 * (CONFIG_NO_PAGE_MAPCOUNT, mm/Kconfig, 6.15): pss is then made of averages, private pages
	 * may be told as shared, kpagecount and bit 56 of pagemap are those of the folio
	 * (fs/proc/task_mmu.c, fs/proc/page.c). False also where nothing tells.
	 */
	bool average_counts;
};

struct space {
	struct host host;
	struct process proc;
	enum no_user no_user;
	int user_err;	  /**< with USER_DENIED: errno */
	bool user_held;	  /**< and it is refused although CAP_SYS_PTRACE is held */
	bool exact_sizes; /**< notes of regions and facts tell sizes in bytes */

	struct strtab names;

	struct vma *vmas; /**< rising addresses, no overlap */
	size_t nvmas, cap_vmas;
	struct smaps_schema *schemas;
	size_t nschemas, cap_schemas;
	u32 field_name[SMAPS_MAX]; /**< name of each field id, in names; known ones set by init */
	u32 nfields;		   /**< ids in use, at least SMAPS_NKNOWN */
	u64 field_plain;	   /**< bit per field id: its values are plain numbers, not KiB */
	struct buf smaps_bytes;	   /**< LEB128 values, in schema order, of every record */
	char vmflag_names[VMFLAGS_MAX][3]; /**< two letters each; known ones set by init */
	u32 nvmflags;
	struct buf slices; /**< the bars' bytes */

	struct object *objects;
	size_t nobjects, cap_objects;
	struct image *images;
	size_t nimages, cap_images;
	struct thread *threads;
	size_t nthreads, cap_threads;
	struct mark *marks; /**< sorted by address after space_classify() */
	size_t nmarks, cap_marks;

	struct range user; /**< the user half: 0 .. end, as it is for this process */
	enum conf user_conf;
	const char *user_source; /**< static */
	struct fig mmap_base;
	enum conf mmap_base_conf;
	const char *mmap_base_source; /**< static: "bpf", "kcore"; NULL: worked out from the rows */
	enum layout_policy layout;

	struct region *regions; /**< the kernel half */
	size_t nregions, cap_regions;
	struct range kernel; /**< the kernel half; first == last == 0: unknown */
	struct kernel_fact *facts;
	size_t nfacts, cap_facts;
	struct kmap *kmap; /**< what lies inside the regions, see kmap.h; NULL: not read; owned */

	struct note *notes;
	size_t nnotes, cap_notes;
	struct warning *warnings;
	size_t nwarnings, cap_warnings;

	bool have_scan;		   /**< the page counters were read */
	u64 smaps_usec, scan_usec; /**< what the two reads cost, wall time; for --verbose */
};

/* --- space.c: the container; smaps.c: smaps fields, values and VmFlags -------------------- */

/** The tables of known smaps fields and VmFlags; space_init() calls it. */
void space_init_smaps(struct space *s);

void space_init(struct space *s);
void space_release(struct space *s);

/** Appends a mapping (zeroed, object and slices NO_INDEX); valid until the next call. */
struct vma *space_add_vma(struct space *s);
/** Forgets all mappings and what hangs on them (objects, slices, smaps), for a second read. */
void space_clear_vmas(struct space *s);
/** The index of the mapping that has `addr`, by bisection; NO_INDEX for none. */
u32 space_find_vma(const struct space *s, u64 addr);
/** The index of the first mapping that ends at or above `addr`; nvmas if none does. */
size_t space_lower_vma(const struct space *s, u64 addr);

/** A kernel writes a handful; a made-up tree may not make the search for one quadratic. */
#define SCHEMAS_MAX 1024

/** The schema with exactly these fields, added if new; -1 when SCHEMAS_MAX are in use. */
int space_schema(struct space *s, const u8 *fields, size_t n);
/** The id of a smaps field name, new names added; -1 when SMAPS_MAX names are in use. */
int space_field(struct space *s, const char *name, size_t len);
/** The bit number of a two-letter VmFlag, new ones added; -1 when all 64 are in use. */
int space_vmflag(struct space *s, const char letters[static 2]);
/** All smaps values of a mapping; have == 0 without VMA_HAVE_SMAPS, v[] 0 where it is not had. */
void space_smaps(const struct space *s, const struct vma *v, struct smaps_values *ret);
/** One of the values, unknown where the record lacks it. */
struct fig smaps_fig(const struct smaps_values *values, enum smaps_field field);
/** Appends one value to smaps_bytes as LEB128. */
void space_add_smaps_value(struct space *s, u64 v);
/** Is this VmFlag set ("gu", "sd", …)? False when unknown, too. */
bool space_vma_flag(const struct space *s, const struct vma *v, const char letters[static 2]);
/** The bit of vma.vmflags for these letters, to test many mappings; 0 if no mapping has it. */
u64 space_vmflag_mask(const struct space *s, const char letters[static 2]);
/** What a VmFlag means, in a few words, or NULL ("rd" -> "readable"). Static. */
const char *vmflag_words(const char letters[static 2]);

struct mark *space_add_mark(struct space *s, u64 addr, const char *name, const char *source);
struct object *space_add_object(struct space *s);
struct thread *space_add_thread(struct space *s);
struct image *space_add_image(struct space *s);
void image_release(struct image *img);
/** Appends a region (zeroed). The caller keeps them sorted, parents before children. */
struct region *space_add_region(struct space *s);
void space_add_fact(struct space *s, const char *source, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void space_add_warning(struct space *s, enum warning_kind kind, u32 vma, u64 bytes);
/** err is a positive errno or 0; `fmt` may be NULL. The same note (kind, source, text) is kept
 * once; of hundreds the first, and that there are more. */
void space_note(struct space *s, enum note_kind kind, const char *source, int err, const char *cap,
		const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/** Notes that mean something was missing or changed: what --strict turns into a failure. */
size_t space_problems(const struct space *s);
/** Appends a figure of memory the process has beside its mappings. Names are static. */
void space_add_unmapped(struct space *s, const char *name, const char *source, u64 bytes,
			bool whole_cgroup);

const char *conf_name(enum conf c);
const char *object_kind_name(enum object_kind k);
const char *vma_role_name(enum vma_role r);
const char *page_state_name(enum page_state st);

/* --- classify.c: grouping and roles --------------------------------------------------------- */

/**
 * Groups the mappings into objects (consecutive mappings of one file and the anonymous .bss that
 * follows it, a stack and its guard, the rows of the heap) and gives each its kind as far as
 * names, flags, auxv and threads tell. Sorts the threads by tid and sets thread.vma. Needs: vmas,
 * proc, threads. Call once, before images; again after space_clear_vmas().
 *
 * The first mapping of a file's object maps that file. PROT_NONE memory that nobody named is
 * OBJ_GUARD where it touches accessible memory and takes at most 64 KiB or 16 pages, else
 * OBJ_RESERVED; below a stack, up to 1 MiB of it is the stack's guard and in its object.
 */
void space_group(struct space *s);

/**
 * With images read: roles (text, rodata, RELRO, data, bss), the " (deleted)" of files known to be
 * gone cut off, layout policy and mmap_base, all marks, sorted, and warnings. An anonymous mapping
 * that an image shows to be no .bss becomes an object of its own.
 */
void space_classify(struct space *s);

/**
 * The name a view prints: the mapping's own, else (.bss, guard of a stack) that of its object.
 * Bytes, "" if there is none.
 */
const char *vma_name(const struct space *s, const struct vma *v);

/** A part of the main stack: "executable name", "environment strings", "in use", … */
struct stack_part {
	struct range r;
	const char *name; /**< static */
};
/**
 * The parts of the main stack `v` from the mm's own account (self-declared) and the leader's sp,
 * highest first, without overlap; what contradicts those above it is left out. There may be
 * padding between them. None for a mapping that does not hold start_stack.
 */
size_t space_stack_parts(const struct space *s, const struct vma *v, struct stack_part parts[8]);

/** Randomised? As the process was started, as far as it can be told now. */
enum aslr space_aslr(const struct space *s);

/** The letters the hardware enforces where they differ from the VMA's own; else v->perms. */
u8 space_effective_perms(const struct space *s, const struct vma *v);

/* --- account.c: totals, gaps, room -------------------------------------------------------- */

/** Adds one mapping to a sum that started as totals_init(). */
void totals_init(struct totals *t);
void totals_add(struct totals *t, const struct space *s, const struct vma *v);
void totals_merge(struct totals *t, const struct totals *more);
/** How many mappings, from the lowest, lie in the user half; above them is vsyscall. */
size_t space_user_vmas(const struct space *s);
/** The mappings of the user half that overlap `limit`, all together and by kind of object. */
struct totals space_totals(const struct space *s, struct range limit,
			   struct totals kind[static OBJ_NKINDS]);
/** Rising, so that the lower of two is their "and", the higher their "or". */
enum truth { TRUTH_FALSE, TRUTH_UNKNOWN, TRUTH_TRUE };
/**
 * The same of those that meet a test; NULL: all. Where it is not known whether a mapping meets it,
 * a figure that the mapping could add to is not known either.
 */
typedef enum truth vma_test_fn(const void *ctx, const struct space *s, const struct vma *v);
struct totals space_totals_if(const struct space *s, struct range limit, vma_test_fn *test,
			      const void *ctx, struct totals kind[static OBJ_NKINDS]);
struct totals object_totals(const struct space *s, const struct object *o);
/** Mappings that count towards vm.max_map_count: [vsyscall] and arm's [vectors] are in no mm. */
u64 space_map_count(const struct space *s);
/** A line of status ("VmData") in bytes; unknown if it is not there. */
struct fig space_status(const struct space *s, const char *name);
/** The limits of the process, and the system's, with what is used of them. */
void space_headroom(const struct space *s, struct headroom ret[static HEADROOM_N]);

/** The gap below mapping `i` (i == nvmas: below the end of the half); false when there is none. */
bool space_gap_below(const struct space *s, size_t i, struct gap *ret);
/** The largest gap of the user half that a mapping could use (the NULL trap left out). */
bool space_largest_gap(const struct space *s, struct gap *ret);
/** How far the heap below this gap could grow up into it; limit ROOM_NONE: no heap there. */
struct room space_heap_room(const struct space *s, const struct gap *g);
/** How far the stack above this gap could grow down into it; limit ROOM_NONE: none that grows. */
struct room space_stack_room(const struct space *s, const struct gap *g);
/** How deep a stack mapping is in use (top - sp) and touched (top - lowest present page). */
struct fig stack_used(const struct space *s, const struct vma *v, const struct thread *t);
struct fig stack_touched(const struct space *s, const struct vma *v);

#endif
