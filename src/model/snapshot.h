/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * SNAPSHOTS: one finished reading of a target, as the reading side hands it over, and what a viewer
 * wants read next. A snapshot never changes once it was handed over.
 */
#ifndef PROCMAP_SNAPSHOT_H
#define PROCMAP_SNAPSHOT_H

#include "pages.h"
#include "space.h"
#include "sums.h"

/** Cheap counters read at every refresh; a figure without have was not readable. */
struct vitals {
	struct fig rss, size;	   /**< statm, bytes */
	struct fig minflt, majflt; /**< stat */
	u64 usec;		   /**< live_usec() when they were read */
};

/** A cell of a page grid: equally many pages, but for the last. */
struct grid_cell {
	u8 state;      /**< enum page_state most of its pages have; see grid.frames */
	u8 fill;       /**< 0..15 sixteenths of its pages that are not absent, rounded up */
	u8 copied;     /**< some page is a private copy of a file's page */
	u8 exclusive;  /**< all present pages are mapped once */
	u32 node;      /**< NUMA node of the first present page; NO_INDEX unknown */
	u32 count;     /**< highest map count; COUNT_UNKNOWN */
	u32 same;      /**< pages that have that state, of those looked at */
	u64 flags;     /**< kpageflags words or-ed, with have_flags */
	u64 flags_all; /**< and-ed */
	bool have_flags;
	u64 cgroup; /**< of the first present page; 0 unknown or root */
	/** pagemap entry of its first present page, else of the first that has one, 0 none; of the
	 * kernel half PM_PRESENT and the PFN that its page tables, or the direct map, lead to. */
	u64 pm;
};

/** The pages of a range, as cells. In the kernel half it may be the frames of the direct map. */
struct grid {
	struct range r; /**< what it covers; first == last == 0: none */
	u64 pages_per_cell;
	u64 every;  /**< one page in about so many was looked at; 1: all of them */
	bool large; /**< too many pages for pm and exclusive of the cells: 0 and false */
	/** The cells' state is an enum frame_state (phys.h), what kpageflags say: kernel half. */
	bool frames;
	struct grid_cell *cells;
	size_t ncells;
	const char *refused; /**< static: why there are no cells; NULL there are */
};

/** States of all pages of a target, run by run: what marks are compared by. 16 bytes a run. */
struct page_states {
	struct state_run {
		u64 addr;
		u32 n;	   /**< pages */
		u8 state;  /**< enum page_state */
		u8 copied; /**< private copies of a file's pages */
	} * runs;	   /**< rising; absent pages have no run */
	size_t nruns, cap_runs;
	bool have;
};

/** Adds pages that follow those before; joins equal neighbours, leaves absent ones out. */
void page_states_add(struct page_states *p, u32 page_size, u64 addr, u64 n, enum page_state state,
		     bool copied);

/** One page in full, for the page view. */
struct page_detail {
	u64 addr;
	bool have;	     /**< the rest was read */
	const char *refused; /**< static: why it could not be; NULL: it was, or nobody asked yet */
	u64 pm;
	bool have_flags;
	u64 flags;
	u32 count;	   /**< COUNT_UNKNOWN */
	u64 cgroup;	   /**< 0 none, or unknown */
	bool have_cgroup;  /**< it is known */
	struct fig direct; /**< direct-map address of its frame */
	enum conf direct_conf;
	const char *direct_source; /**< static */
	struct fig
		image; /**< address of its frame in the kernel image; unknown: it is none of it */
	enum conf image_conf;
	const char *image_source; /**< static */
	/** An address of the kernel half: pm is PM_PRESENT and the PFN that its page tables, or the
	 * direct map, lead to; 0 with a pte: nothing is mapped, 0 without: it is not known. */
	bool in_kernel;
	char *pte;    /**< its page-table entry in words, NULL unknown; owned */
	char *symbol; /**< nearest symbol at or below, "name+0x12", NULL; owned */
	/** Of a file's page whose address no symbol has: those that begin in it, NULL; owned. */
	char *begins;
	/** Of a kernel address: kallsyms was read, `symbol` holds for good. Of a process's: it
	 * holds as long as the file of this inode is mapped there. */
	bool symbol_known;
	u64 symbol_inode;
	u8 *bytes; /**< its contents, NULL unless asked for and allowed; owned */
	size_t nbytes;
	/** Static: why there are none; of a kernel page told before they are asked for. */
	const char *bytes_refused;
};

/** Frees what it owns; all zero then. */
void page_detail_release(struct page_detail *p);

/** Longest name of a symbol that can be asked for, its NUL included. */
#define SYMBOL_MAX 128

/** Where a symbol is that was asked for by name, or the direct map's address of a physical one. */
struct symbol_answer {
	u64 serial;	     /**< of the want that asked; 0: none has */
	struct fig addr;     /**< unknown: no mapped file has it, nor the kernel */
	bool kernel;	     /**< it is the kernel's, whether its address is known or not */
	u64 more;	     /**< so many other symbols of the kernel have the name */
	enum conf conf;	     /**< of a physical address: how the other one is known */
	const char *source;  /**< and by what; static */
	struct fig ram;	     /**< 1: its frame is RAM, 0: it is none */
	const char *refused; /**< static: why no file was looked into; NULL: they were */
	/** Static: why kallsyms did not tell, or why the frame has no known address; NULL: it did,
	 * or was not asked. */
	const char *kernel_refused;
};

/** A process in the picker. */
struct task {
	pid_t pid;
	u32 user, name;	     /**< ids in tasks.names */
	struct fig rss, pss; /**< bytes; pss is read lazily */
	struct fig mappings, threads;
	bool kthread;
	int err;		/**< positive errno: why its mappings cannot be read; 0 they can */
	bool held;		/**< and they are refused although CAP_SYS_PTRACE is held */
	struct fig uid;		/**< effective */
	struct fig start_ticks; /**< tells it from another process with its number */
	/** What is read of those that are asked for (pss, mappings): when, 0 never, and its cost.
	 */
	u64 lazy_usec, lazy_cost;
	struct fig lazy_rss; /**< rss when they were read */
};

struct tasks {
	struct strtab names;
	struct task *v;
	size_t n, cap;
};

enum snapshot_state {
	SNAP_LIVE,
	SNAP_ENDED,  /**< the process has ended; the space is that of its last reading */
	SNAP_DENIED, /**< its user half may not be read */
	SNAP_TASKS,  /**< no target: only tasks */
};

struct snapshot {
	enum snapshot_state state;
	u64 seq; /**< rises */
	/** live_usec() when the mappings were read: the same as of the snapshot before where only
	 * rates, a grid, a page, states or the kernel half are newer. */
	u64 usec;
	struct space space;
	struct sums *sums;	      /**< of the space, made when it is complete; NULL: not */
	bool have_smaps;	      /**< smaps figures of this or an older reading are there */
	bool smaps_partial;	      /**< mappings that are newer than smaps_usec have none */
	u64 smaps_usec;		      /**< when they were read: older than usec on a big process */
	struct vitals vitals, before; /**< of this reading and of the one before it */
	struct places places;
	bool kernel_inside;	  /**< space.kmap is there, or was tried for in vain */
	bool kernel_cut;	  /**< the last reading of it was broken off: watch_cancel() */
	struct page_states pages; /**< have only when marks or changes are wanted */
	struct grid grid;
	struct page_detail page;
	struct symbol_answer symbol;
	struct tasks tasks;
	int tasks_err; /**< positive errno: why the processes could not be listed; 0 they were */
};

struct snapshot *snapshot_new(void);
/** NULL is nothing to free. */
void snapshot_free(struct snapshot *s);

/** Most processes whose pss one want may ask for. */
#define WANT_PSS_MAX 8
/** More rows than these no screen has. */
#define WANT_ROWS_MAX 256

/** What a viewer wants read. */
struct want {
	pid_t pid;	      /**< 0: the list of processes */
	bool kernel;	      /**< pid 0 means the kernel alone */
	unsigned interval_ms; /**< 0: paused, nothing is read but what is asked for */
	bool smaps_now;	      /**< read smaps at once, whatever it costs */
	bool page_states;     /**< keep the states of all pages */
	bool kernel_inside;   /**< what lies inside the kernel's regions, and its page tables */
	struct range grid;    /**< of either half; first == last == 0: none */
	unsigned grid_cells;  /**< at most so many */
	u64 grid_unit;	      /**< pages a cell; 0: as few as grid_cells allow */
	bool grid_flags;      /**< with kpageflags, counts, cgroups */
	bool have_page;
	u64 page; /**< address of the page to read in full */
	bool page_bytes;
	/** A function or object of the mapped files or the kernel, "+0x10" may follow; "pa:0xADDR",
	 * "pfn:N"; "" none. */
	char symbol[SYMBOL_MAX];
	bool symbol_kernel; /**< the kernel is asked before the files */
	u64 symbol_serial;  /**< another one asks again */
	/** Processes of the picker whose pss is on the screen, or sorts them; 0 ends. */
	pid_t pss[WANT_PSS_MAX];
	/** Those of them that were read, to be read again as they age; 0 ends. */
	pid_t pss_again[WANT_ROWS_MAX];
	u64 serial; /**< changes when something must be read again though nothing else did */
};

#endif
