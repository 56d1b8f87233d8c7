/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A kernel module that says what the kernel itself knows, for check.sh to compare with what procmap
 * drew from outside. Three files, for root alone, in /proc/procmap_truth:
 *
 *	layout   NAME VALUE: the macros and variables that delimit the kernel's regions, hex
 *	kernel   FIRST LAST SIZE PERMS MEMORY PHYSICAL: what the kernel's page tables map, entries
 *of SIZE bytes alike in all of this put together; PHYSICAL is - if not in one piece task     write
 *"PID FIRST LAST" to it, then read: NAME VALUE of its mm, then its page tables entry by entry,
 *ADDRESS SIZE PERMS MEMORY PHYSICAL RAW; PERMS is absent and PHYSICAL is - for an entry that is not
 *present
 *
 * PERMS is r, w, x, u (user may), g (global), what the tables above an entry take away applied.
 * The walk is over the tables in memory, entry by entry; what is said here of the formats comes
 * from the manuals of the processors, not from procmap.
 */
#include <linux/highmem.h>
#include <linux/init_task.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/proc_fs.h>
#include <linux/sched/mm.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include <asm/fixmap.h>
#ifdef CONFIG_X86
#include <asm/cpu_entry_area.h>
#include <asm/msr.h>
#include <asm/pgtable_areas.h>
#include <asm/vsyscall.h>
#endif

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Says where the kernel's regions lie and what its page tables map");

/* ------------------------------------------------------------------ text */

/** A page of text. Pages of the direct map: a buffer in vmalloc would show in the walk. */
struct chunk {
	struct chunk *next;
	unsigned int len;
	char text[PAGE_SIZE - 2 * sizeof(long)];
};

struct text {
	struct chunk *first, *last;
};

static void __printf(2, 3) say(struct text *t, const char *fmt, ...)
{
	char line[160];
	unsigned int len;
	va_list ap;

	va_start(ap, fmt);
	len = vscnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (!t->last || t->last->len + len > sizeof(t->last->text)) {
		struct chunk *c = (struct chunk *)get_zeroed_page(GFP_KERNEL);

		if (!c)
			return;
		if (t->last)
			t->last->next = c;
		else
			t->first = c;
		t->last = c;
	}
	memcpy(t->last->text + t->last->len, line, len);
	t->last->len += len;
}

/* ------------------------------------------------------------------ symbols */

static unsigned long (*lookup)(const char *name);

/** A function that is not exported, found as a kprobe finds it. */
static void *function(const char *name)
{
	struct kprobe p = { .symbol_name = name };
	void *at;

	if (register_kprobe(&p))
		return NULL;
	at = p.addr;
	unregister_kprobe(&p);
	return at;
}

/** Does the kernel's mm start here? Its bounds hold the kernel's code. */
static bool is_init_mm(unsigned long at)
{
	struct mm_struct *mm = (struct mm_struct *)at;
	unsigned long code[4], brk, pgd, here = (unsigned long)lookup;

	if (copy_from_kernel_nofault(code, &mm->start_code, sizeof(code)) ||
	    copy_from_kernel_nofault(&brk, &mm->brk, sizeof(brk)) ||
	    copy_from_kernel_nofault(&pgd, &mm->pgd, sizeof(pgd)))
		return false;
	return !(code[0] & ~PAGE_MASK) && code[0] >= PAGE_OFFSET && code[0] <= here &&
	       here < code[1] && !code[2] && code[1] <= code[3] && code[3] <= brk &&
	       pgd >= PAGE_OFFSET && !(pgd & 31);
}

/** Not exported, and kallsyms has no data without KALLSYMS_ALL: near the first task, then. */
static struct mm_struct *find_init_mm(void)
{
	unsigned long at = lookup ? lookup("init_mm") : 0, near = (unsigned long)&init_task;

	if (at)
		return (struct mm_struct *)at;
	for (unsigned long away = 0; lookup && away < 8 << 20; away += sizeof(long)) {
		if (is_init_mm(near + away))
			return (struct mm_struct *)(near + away);
		if (is_init_mm(near - away))
			return (struct mm_struct *)(near - away);
	}
	return NULL;
}

/* ------------------------------------------------------------------ layout */

#define SAY(name) say(t, #name " %llx\n", (u64)(name))

static void say_common(struct text *t, struct mm_struct *mm)
{
	static const char *const names[] = {
		"_text",      "_stext",		"_etext",	"__start_rodata", "__end_rodata",
		"_sdata",     "_edata",		"__bss_start",	"__bss_stop",	  "__init_begin",
		"__init_end", "__brk_base",	"__brk_limit",	"_end",		  "_sinittext",
		"_einittext", "swapper_pg_dir", "init_top_pgt", "idmap_pg_dir",
	};

	SAY(PAGE_SIZE);
	SAY(PAGE_OFFSET);
	SAY(VMALLOC_START);
	SAY(VMALLOC_END);
	SAY(MODULES_VADDR);
	SAY(MODULES_END);
	SAY(FIXADDR_START);
	SAY(FIXADDR_TOP);
	SAY(TASK_SIZE);
	SAY(sizeof(struct page));
	say(t, "high_memory %llx\n", (u64)(unsigned long)high_memory);
	say(t, "pa(PAGE_OFFSET) %llx\n", (u64)__pa(PAGE_OFFSET));
	for (size_t i = 0; lookup && i < ARRAY_SIZE(names); i++)
		if (lookup(names[i]))
			say(t, "%s %llx\n", names[i], (u64)lookup(names[i]));
	if (mm) {
		say(t, "init_mm.start_code %llx\n", (u64)mm->start_code);
		say(t, "init_mm.end_code %llx\n", (u64)mm->end_code);
		say(t, "init_mm.end_data %llx\n", (u64)mm->end_data);
		say(t, "init_mm.brk %llx\n", (u64)mm->brk);
		say(t, "init_mm.pgd %llx\n", (u64)(unsigned long)mm->pgd);
	}
#ifdef VMEMMAP_START
	SAY(VMEMMAP_START);
	say(t, "vmemmap %llx\n", (u64)(unsigned long)vmemmap);
#endif
#ifdef FIXADDR_TOT_START
	SAY(FIXADDR_TOT_START);
#endif
#ifdef PKMAP_BASE
	SAY(PKMAP_BASE);
	SAY(LAST_PKMAP);
#endif
#ifdef KASAN_SHADOW_START
	SAY(KASAN_SHADOW_START);
	SAY(KASAN_SHADOW_END);
#endif
}

#ifdef CONFIG_X86
static void say_arch(struct text *t)
{
	SAY(LDT_BASE_ADDR);
	SAY(CPU_ENTRY_AREA_BASE);
	SAY(CPU_ENTRY_AREA_MAP_SIZE);
	SAY(sizeof(struct cpu_entry_area));
#ifdef CONFIG_X86_64
	SAY(LDT_END_ADDR);
	SAY(ESPFIX_BASE_ADDR);
	SAY(EFI_VA_START);
	SAY(EFI_VA_END);
	SAY(GUARD_HOLE_BASE_ADDR);
	SAY(GUARD_HOLE_END_ADDR);
	SAY(__START_KERNEL_map);
	SAY(KERNEL_IMAGE_SIZE);
	SAY(VSYSCALL_ADDR);
	SAY(TASK_SIZE_MAX);
	SAY(phys_base);
	SAY(pgtable_l5_enabled());
#endif
}
#endif

#ifdef CONFIG_ARM64
static void say_arch(struct text *t)
{
	SAY(VA_BITS);
	SAY(vabits_actual);
	SAY(PAGE_END);
	SAY(PHYS_OFFSET);
	SAY(KIMAGE_VADDR);
	SAY(kimage_vaddr);
	SAY(kimage_voffset);
	SAY(VMEMMAP_END);
	SAY(PCI_IO_START);
	SAY(PCI_IO_END);
	SAY(TASK_SIZE_64);
#ifdef CONFIG_COMPAT
	SAY(TASK_SIZE_32);
#endif
}
#endif

#ifdef CONFIG_ARM
static void say_arch(struct text *t)
{
	SAY(PHYS_OFFSET);
	SAY(FIXADDR_END);
	SAY(FDT_FIXED_BASE);
	SAY(FDT_FIXED_SIZE);
	SAY(VECTORS_BASE);
	SAY(PCI_IO_VIRT_BASE);
}
#endif

/* ------------------------------------------------------------------ formats */

enum { R = 1, W = 2, X = 4, U = 8, G = 16 };

struct entry {
	u64 va, size, raw, pa;
	unsigned int perms;
	const char *mem;
	bool present;
};

#ifdef CONFIG_X86
/* Intel SDM volume 3A, chapter 4: bit 0 P, 1 R/W, 2 U/S, 8 G, 63 XD; PAT by bits 3, 4 and 7 (12 in
 * a large page), whose types MSR 0x277 has. */
static bool is_present(u64 raw, unsigned int level)
{
	return raw & 1;
}

/** What a table entry leaves of the permissions of what is below it. */
static unsigned int below(u64 raw)
{
	unsigned int keep = R | W | X | U | G;

	if (!(raw & 2))
		keep &= ~W;
	if (!(raw & 4))
		keep &= ~U;
	if (sizeof(pteval_t) == 8 && raw >> 63)
		keep &= ~X;
	return keep;
}

static void decode(struct entry *e, unsigned int level)
{
	static const char *const types[8] = { "UC", "WC", "?", "?", "WT", "WP", "WB", "UC-" };
	unsigned int large = level ? 12 : 7, i = (e->raw >> 3 & 3) | (e->raw >> large & 1) << 2;
	u64 pat;

	rdmsrl(0x277, pat);
	e->mem = types[pat >> (8 * i) & 7];
	e->perms = below(e->raw);
	if (!(e->raw & 0x100))
		e->perms &= ~G;
}
#elif defined(CONFIG_ARM64) || defined(CONFIG_ARM_LPAE)
/* Arm ARM, VMSAv8-64 and the long format of VMSAv7: bits 1:0 say what it is (01 a block, 11 a table
 * or a page), 4:2 AttrIndx, 6 AP[1] for EL0, 7 AP[2] read-only, 11 nG, 51 DBM (AP[2] is then
 * cleared by the first write: permitted), 53 PXN, 54 UXN (XN); in tables 59 PXNTable, 60 XNTable,
 * 61 not for EL0, 62 read-only. */
static bool is_present(u64 raw, unsigned int level)
{
	return raw & 1;
}

static bool for_user; /* whose execute permission is asked: the user's has a bit of its own */

static unsigned int below(u64 raw)
{
	unsigned int keep = R | W | X | U | G;
	bool xn = IS_ENABLED(CONFIG_ARM64) ? raw >> (for_user ? 60 : 59) & 1 : raw >> 60 & 1;

	if (xn || (!for_user && raw >> 59 & 1))
		keep &= ~X;
	if (raw >> 61 & 1)
		keep &= ~U;
	if (raw >> 62 & 1)
		keep &= ~W;
	return keep;
}

static u64 memory_attributes(void)
{
#ifdef CONFIG_ARM64
	return read_sysreg(mair_el1);
#else
	u32 lo, hi;

	asm("mrc p15, 0, %0, c10, c2, 0" : "=r"(lo));
	asm("mrc p15, 0, %0, c10, c2, 1" : "=r"(hi));
	return (u64)hi << 32 | lo;
#endif
}

static void decode(struct entry *e, unsigned int level)
{
	unsigned int type = memory_attributes() >> (8 * (e->raw >> 2 & 7)) & 0xff;
	bool xn = IS_ENABLED(CONFIG_ARM64) ? for_user && e->raw >> 54 & 1 : e->raw >> 54 & 1;

	e->mem = type < 0x10			? "DEV"
		 : type == 0x44			? "WC"
		 : type == 0xbb || type == 0xaa ? "WT"
						: "WB";
	e->perms = R | W | X | U | G;
	if (xn || (!for_user && e->raw >> 53 & 1))
		e->perms &= ~X;
	if (!(e->raw >> 6 & 1))
		e->perms &= ~U;
	if (e->raw >> 7 & 1 && !(IS_ENABLED(CONFIG_ARM64) && e->raw >> 51 & 1))
		e->perms &= ~W;
	if (e->raw >> 11 & 1)
		e->perms &= ~G;
}
#else
/* Arm ARM, short format of VMSAv7. Section: 1:0 = 10, 4 XN, 11 AP[1] for PL0, 15 APX read-only,
 * 17 nG. Small page: bit 1, 0 XN, 5 AP[1], 9 APX, 11 nG. Linux keeps entries of its own beside
 * those of the hardware; the raw ones here are the hardware's. */
static bool for_user;

static bool is_present(u64 raw, unsigned int level)
{
	return level ? raw & 3 : raw & 2;
}

static unsigned int below(u64 raw)
{
	return R | W | X | U | G;
}

static void decode(struct entry *e, unsigned int level)
{
	bool section = level > 0;

	e->mem = "?";
	e->perms = R | W | X | U | G;
	if (e->raw >> (section ? 4 : 0) & 1)
		e->perms &= ~X;
	if (!(e->raw >> (section ? 11 : 5) & 1))
		e->perms &= ~U;
	if (e->raw >> (section ? 15 : 9) & 1)
		e->perms &= ~W;
	if (e->raw >> (section ? 17 : 11) & 1)
		e->perms &= ~G;
}
#endif

/* ------------------------------------------------------------------ the walk */

struct walk {
	u64 first, last;
	void (*fn)(struct walk *w, const struct entry *e);
	struct text *text;
	struct entry run; /* put together so far; run.size is the size of one entry */
	u64 run_last;
	bool run_linear;
	bool user;   /* what a process may do, not the kernel */
	u64 aliases; /* tables that their neighbour leads to, too: walked once (x86's ESPfix) */
};

/** Is none of the entry at `at` asked for? */
static bool outside(const struct walk *w, u64 at, u64 size)
{
	return at > w->last || at + (size - 1) < w->first;
}

static void leaf(struct walk *w, u64 va, u64 size, u64 raw, u64 pa, unsigned int level,
		 unsigned int keep)
{
	struct entry e = { .va = va, .size = size, .raw = raw, .pa = pa };

	if (outside(w, va, size))
		return;
	e.present = is_present(raw, level);
	if (e.present) {
		decode(&e, level);
		e.perms &= keep;
	}
	w->fn(w, &e);
}

static void walk_pte(struct walk *w, pmd_t *pmd, u64 va, unsigned int keep)
{
	u64 at = va;

	for (u64 n = (u64)PMD_SIZE / PAGE_SIZE; n; n--, at += PAGE_SIZE) {
		pte_t *pte = pte_offset_map(pmd, (unsigned long)at);
#if defined(CONFIG_ARM) && !defined(CONFIG_ARM_LPAE)
		u64 linux_raw = pte_val(*pte), raw = pte_val(pte[PTE_HWTABLE_PTRS]);
#else
		u64 linux_raw = pte_val(*pte), raw = linux_raw;
#endif
		u64 pa = (u64)pte_pfn(*pte) << PAGE_SHIFT;

		pte_unmap(pte);
		if (linux_raw && !outside(w, at, PAGE_SIZE))
			leaf(w, at, PAGE_SIZE, raw ?: linux_raw & ~2, pa, 0, keep);
	}
}

static void walk_pmd(struct walk *w, pud_t *pud, u64 va, unsigned int keep)
{
	u64 at = va, before = 0;

	for (u64 n = (u64)PUD_SIZE / PMD_SIZE; n; n--, at += PMD_SIZE) {
		pmd_t *pmd = pmd_offset(pud, (unsigned long)at);
		u64 raw = pmd_val(*pmd);

#if defined(CONFIG_ARM) && !defined(CONFIG_ARM_LPAE)
		/* Two entries of the hardware; both are sections, or both lead to one page. */
		u64 sections[2] = { pmd_val(pmd[0]), pmd_val(pmd[1]) };

		if ((sections[0] & 3) != 1 && (sections[1] & 3) != 1) {
			for (int i = 0; i < 2; i++)
				if (sections[i])
					leaf(w, at + i * (u64)SECTION_SIZE, SECTION_SIZE,
					     sections[i], sections[i] & 0xfff00000, 1, keep);
			continue;
		}
#endif
		if (!raw || outside(w, at, PMD_SIZE))
			continue;
		if (pmd_leaf(*pmd) || !is_present(raw, 1)) {
			u64 pa = (u64)pmd_pfn(*pmd) << PAGE_SHIFT;

			leaf(w, at, PMD_SIZE, raw, pa & ~((u64)PMD_SIZE - 1), 1, keep);
		} else if (raw == before) {
			w->aliases++;
		} else {
			walk_pte(w, pmd, at, keep & below(raw));
			before = raw;
		}
	}
}

static void walk_pud(struct walk *w, p4d_t *p4d, u64 va, unsigned int keep)
{
	u64 at = va, before = 0;

	for (u64 n = (u64)P4D_SIZE / PUD_SIZE; n; n--, at += PUD_SIZE) {
		pud_t *pud = pud_offset(p4d, (unsigned long)at);
		u64 raw = pud_val(*pud);

		if (pud_none(*pud) || outside(w, at, PUD_SIZE))
			continue;
#if CONFIG_PGTABLE_LEVELS > 3
		if (pud_leaf(*pud)) {
			u64 pa = (u64)pud_pfn(*pud) << PAGE_SHIFT;

			leaf(w, at, PUD_SIZE, raw, pa & ~((u64)PUD_SIZE - 1), 2, keep);
			continue;
		}
#endif
		if (raw && raw == before) {
			w->aliases++;
			continue;
		}
		before = raw;
		/* The third level of PAE has no permissions; its bits are reserved. */
		if (CONFIG_PGTABLE_LEVELS > 2 && !IS_ENABLED(CONFIG_X86_PAE))
			walk_pmd(w, pud, at, keep & below(raw));
		else
			walk_pmd(w, pud, at, keep);
	}
}

/** As below(), of the top table. With PTI the kernel's copy of it forbids to execute; the process
 * runs on another one. */
static unsigned int below_top(const struct walk *w, u64 raw)
{
	unsigned int keep = below(raw);

#ifdef CONFIG_X86
	if (w->user && boot_cpu_has(X86_FEATURE_PTI))
		keep |= X;
#endif
	return keep;
}

static bool five_levels(void)
{
#ifdef CONFIG_X86_64
	return pgtable_l5_enabled();
#else
	return false;
#endif
}

static void walk_p4d(struct walk *w, pgd_t *pgd, u64 va, unsigned int keep)
{
	u64 at = va;

	for (u64 n = (u64)PGDIR_SIZE / P4D_SIZE; n; n--, at += P4D_SIZE) {
		p4d_t *p4d = p4d_offset(pgd, (unsigned long)at);

		if (p4d_none(*p4d) || outside(w, at, P4D_SIZE))
			continue;
		if (CONFIG_PGTABLE_LEVELS <= 3)
			walk_pud(w, p4d, at, keep);
		else if (five_levels())
			walk_pud(w, p4d, at, keep & below(p4d_val(*p4d)));
		else
			walk_pud(w, p4d, at, keep & below_top(w, p4d_val(*p4d)));
	}
}

static void walk_pgd(struct walk *w, pgd_t *top)
{
	u64 va = w->first & ~((u64)PGDIR_SIZE - 1), end = w->last & ~((u64)PGDIR_SIZE - 1);

	for (;; va += PGDIR_SIZE) {
		pgd_t *pgd = pgd_offset_pgd(top, (unsigned long)va);
		unsigned int keep = R | W | X | U | G;

		if (!pgd_none(*pgd)) {
			if (five_levels())
				keep = below_top(w, pgd_val(*pgd));
			walk_p4d(w, pgd, va, keep);
		}
		if (va == end)
			break;
		cond_resched();
	}
}

/* ------------------------------------------------------------------ what is said of it */

static const char *perms_text(unsigned int perms, char t[6])
{
	for (int i = 0; i < 5; i++)
		t[i] = perms & 1 << i ? "rwxug"[i] : '-';
	t[5] = 0;
	return t;
}

static void end_run(struct walk *w)
{
	char t[6];

	if (!w->run.present)
		return;
	say(w->text, "%llx %llx %llx %s %s ", w->run.va, w->run_last, w->run.size,
	    perms_text(w->run.perms, t), w->run.mem);
	if (w->run_linear)
		say(w->text, "%llx\n", w->run.pa);
	else
		say(w->text, "-\n");
	w->run.present = false;
}

static void put_together(struct walk *w, const struct entry *e)
{
	struct entry *run = &w->run;

	if (!e->present)
		return;
	if (run->present && w->run_last + 1 == e->va && run->size == e->size &&
	    run->perms == e->perms && !strcmp(run->mem, e->mem)) {
		if (run->pa + (e->va - run->va) != e->pa)
			w->run_linear = false;
	} else {
		end_run(w);
		*run = *e;
		w->run_linear = true;
	}
	w->run_last = e->va + (e->size - 1);
}

static void each_one(struct walk *w, const struct entry *e)
{
	char t[6];

	if (e->present)
		say(w->text, "%llx %llx %s %s %llx %llx\n", e->va, e->size, perms_text(e->perms, t),
		    e->mem, e->pa, e->raw);
	else
		say(w->text, "%llx %llx absent - - %llx\n", e->va, e->size, e->raw);
}

/* ------------------------------------------------------------------ files */

static struct mm_struct *kernel_mm;
static pid_t asked_pid;
static u64 asked_first, asked_last;

static void say_layout(struct text *t)
{
	say_common(t, kernel_mm);
	say_arch(t);
}

static void say_kernel(struct text *t)
{
	struct walk w = { .fn = put_together, .text = t, .last = ULONG_MAX };

	w.first = IS_ENABLED(CONFIG_64BIT) ? 1ULL << 63 : TASK_SIZE;
#if defined(CONFIG_X86_64)
	w.first = -(1ULL << (pgtable_l5_enabled() ? 56 : 47));
#elif defined(CONFIG_ARM64)
	w.first = -(1ULL << vabits_actual);
#endif
#ifndef CONFIG_X86
	for_user = false;
#endif
	walk_pgd(&w, kernel_mm->pgd);
	end_run(&w);
	say(t, "aliases %llx\n", w.aliases);
}

static void say_task(struct text *t)
{
	struct task_struct *task = get_pid_task(find_vpid(asked_pid), PIDTYPE_PID);
	struct mm_struct *mm = task ? get_task_mm(task) : NULL;
	struct walk w = {
		.fn = each_one, .text = t, .user = true, .first = asked_first, .last = asked_last
	};

	if (task)
		put_task_struct(task);
	if (!mm)
		return;
	say(t, "mmap_base %llx\n", (u64)mm->mmap_base);
#ifdef CONFIG_HAVE_ARCH_COMPAT_MMAP_BASES
	say(t, "mmap_compat_base %llx\n", (u64)mm->mmap_compat_base);
#endif
	say(t, "task_size %llx\n", (u64)mm->task_size);
	say(t, "pgd %llx\n", (u64)__pa(mm->pgd));
	say(t, "start_brk %llx\n", (u64)mm->start_brk);
	say(t, "brk %llx\n", (u64)mm->brk);
	say(t, "pgtables_bytes %llx\n", (u64)mm_pgtables_bytes(mm));
#ifndef CONFIG_X86
	for_user = true;
#endif
	w.last = min_t(u64, w.last, (u64)mm->task_size - 1);
	mmap_read_lock(mm);
	walk_pgd(&w, mm->pgd);
	mmap_read_unlock(mm);
	mmput(mm);
}

static int truth_open(struct inode *inode, struct file *file)
{
	void (*fn)(struct text *) = pde_data(inode);
	struct text *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return -ENOMEM;
	fn(t);
	file->private_data = t;
	return 0;
}

static int truth_release(struct inode *inode, struct file *file)
{
	struct text *t = file->private_data;

	while (t->first) {
		struct chunk *next = t->first->next;

		free_page((unsigned long)t->first);
		t->first = next;
	}
	kfree(t);
	return 0;
}

static ssize_t truth_read(struct file *file, char __user *to, size_t len, loff_t *pos)
{
	struct text *t = file->private_data;
	loff_t at = 0;

	for (struct chunk *c = t->first; c; at += c->len, c = c->next)
		if (*pos < at + c->len)
			return simple_read_from_buffer(to, min_t(size_t, len, at + c->len - *pos),
						       pos, c->text - at, at + c->len);
	return 0;
}

static ssize_t truth_write(struct file *file, const char __user *from, size_t len, loff_t *pos)
{
	char line[64] = "";

	if (len >= sizeof(line) || copy_from_user(line, from, len))
		return -EINVAL;
	if (sscanf(line, "%d %llx %llx", &asked_pid, &asked_first, &asked_last) != 3)
		return -EINVAL;
	return len;
}

static const struct proc_ops truth_ops = {
	.proc_open = truth_open,
	.proc_read = truth_read,
	.proc_write = truth_write,
	.proc_lseek = default_llseek,
	.proc_release = truth_release,
};

static struct proc_dir_entry *folder;

static int __init truth_init(void)
{
	lookup = function("kallsyms_lookup_name");
	kernel_mm = find_init_mm();
	if (!kernel_mm)
		return -ENOENT;
	folder = proc_mkdir("procmap_truth", NULL);
	if (!folder || !proc_create_data("layout", 0400, folder, &truth_ops, say_layout) ||
	    !proc_create_data("kernel", 0400, folder, &truth_ops, say_kernel) ||
	    !proc_create_data("task", 0600, folder, &truth_ops, say_task)) {
		proc_remove(folder);
		return -ENOMEM;
	}
	return 0;
}

static void __exit truth_exit(void)
{
	proc_remove(folder);
}

module_init(truth_init);
module_exit(truth_exit);
