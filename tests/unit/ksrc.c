/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The texts of the kernel about itself, well-formed and hostile; then the files of this machine. */
#include <stdlib.h>
#include <unistd.h>

#include "proc/ksrc.h"
#include "kernel/kernel.h"
#include "tap.h"

#define TEXT(s) (s), sizeof(s) - 1

static void test_cmdline(void)
{
	struct kcmdline c;

	cmdline_parse(TEXT("root=/dev/sda1 nokaslr vsyscall=xonly pti=off rodata=off\n"), &c);
	OK(c.nokaslr && c.nopti && c.rodata_off && !c.no5lvl);
	IS(c.vsyscall, 'x');
	cmdline_parse(TEXT("xnokaslr nokaslr2 nokaslr=1 -- nokaslr"), &c);
	OK(!c.nokaslr);
	cmdline_parse(TEXT(""), &c);
	IS(c.vsyscall, 0);
}

static void test_cpuinfo(void)
{
	static const char one[] = "processor\t: 0\nflags\t\t: fpu nx xla57 la57x\n"
				  "address sizes\t: 48 bits physical, 57 bits virtual\n\n"
				  "processor\t: 1\nflags\t\t: fpu la57 pti\n\n";
	struct kcpu c;

	cpuinfo_parse(one, sizeof(one) - 1, true, &c);
	OK(c.la57.have && c.pti.have && c.nx.have);
	IS(c.la57.v, 0);
	IS(c.pti.v, 0);
	IS(c.nx.v, 1);
	IS(c.virt_bits.v, 57);
	cpuinfo_parse(TEXT("flags\t\t: la57 pti\n"), true, &c);
	IS(c.la57.v, 1);
	IS(c.pti.v, 1);
	IS(c.nx.v, 0);
	/* a line that was cut says nothing */
	cpuinfo_parse(TEXT("flags\t\t: la57 pti"), true, &c);
	OK(!c.la57.have);
	cpuinfo_parse(TEXT("address sizes\t: 99999 bits physical, 1 bits virtual\n"), true, &c);
	OK(!c.virt_bits.have);
	cpuinfo_parse(TEXT("hart\t: 0\nmmu\t\t: sv48\n"), false, &c);
	IS(c.riscv_va_bits.v, 48);
	OK(!c.la57.have);
	cpuinfo_parse(TEXT("mmu\t\t: sv99999999999999999999\n"), false, &c);
	OK(!c.riscv_va_bits.have);
	OK(!c.lpae.have);
	cpuinfo_parse(TEXT("processor\t: 0\nFeatures\t: half thumb lpae evtstrm \n"), false, &c);
	IS(c.lpae.v, 1);
	cpuinfo_parse(TEXT("processor\t: 0\nFeatures\t: half thumb xlpae\n"), false, &c);
	OK(c.lpae.have && !c.lpae.v);
}

static void test_meminfo(void)
{
	struct kmeminfo m = { 0 };

	meminfo_parse(TEXT("MemTotal:       24684096 kB\nVmallocTotal:   34359738367 kB\n"
			   "VmallocUsed:           0 kB\nDirectMap1G:    25165824 kB\n"
			   "XSlab: 3 kB\nSlabX: 4 kB\nSlab: 18014398509481984 kB\n"
			   "Percpu: x kB\nKernelStack: 1520 kB"),
		      &m);
	IS(m.total.v, UINT64_C(24684096) * 1024);
	IS(m.vmalloc_total_kib.v, UINT64_C(34359738367));
	OK(!m.vmalloc_used.have);
	IS(m.direct_1g.v, 24 * GIB);
	/* 2^64 bytes is no amount; a letter is no number; a line without newline is no line */
	OK(!m.slab.have && !m.percpu.have && !m.kernel_stack.have);
	OK(!m.direct_4k.have);
}

static void test_zoneinfo(void)
{
	struct kmeminfo m = { 0 };

	zoneinfo_parse(TEXT("Node 0, zone      DMA\n        spanned  4095\n"
			    "  start_pfn:           1\n"
			    "Node 0, zone   Normal\n        spanned  5505024\n"
			    "  start_pfn:           1048576\n"
			    "Node 0, zone  Movable\n        spanned  0\n"
			    "  start_pfn:           99999999\n"),
		       4096, &m);
	OK(m.zone_end.have);
	IS(m.zone_end.v, UINT64_C(0x640000000));
	IS(m.zone_start.v, 0x1000);
	IS(m.low_end.v, UINT64_C(0x640000000));
	zoneinfo_parse(TEXT("start_pfn: 5\n"), 4096, &m);
	OK(!m.zone_end.have && !m.zone_start.have && !m.low_end.have);
	zoneinfo_parse(TEXT("Node 0\nspanned 18446744073709551615\nstart_pfn: 5\n"), 4096, &m);
	OK(!m.zone_end.have);
	zoneinfo_parse(TEXT("Node 0\nspanned 1844674407370955161\nstart_pfn: 5\n"), 4096, &m);
	OK(!m.zone_end.have);
	zoneinfo_parse(TEXT("Node 0\nspanned 1\nstart_pfn: 5\n"), 0, &m);
	OK(!m.zone_end.have);
}

/** Where lowmem ends; 0 unknown. */
static u64 low_end(const char *text)
{
	struct kmeminfo m = { 0 };

	zoneinfo_parse(text, strlen(text), 4096, &m);
	return m.low_end.have ? m.low_end.v : 0;
}

#define ZONE(name, start, spanned)                                                                 \
	"Node 0, zone  " name "\n  pages free 9\n        spanned  " spanned                        \
	"\n  start_pfn:  " start "\n"

static void test_lowmem(void)
{
	IS(low_end(ZONE("DMA", "1", "4095") ZONE("Normal", "4096", "221182")
			   ZONE("HighMem", "225278", "298978") ZONE("Movable", "0", "0")),
	   0x36ffe000);
	/* all of it is low */
	IS(low_end(ZONE("Normal", "0", "4096") ZONE("HighMem", "4096", "0")), 0x1000000);
	/* Movable is the upper part of HighMem, which still shows where it starts */
	IS(low_end(ZONE("Normal", "0", "4096") ZONE("HighMem", "4096", "10")
			   ZONE("Movable", "4106", "10")),
	   0x1000000);
	/* of what Movable is the upper part here cannot be told */
	IS(low_end(ZONE("Normal", "0", "4096") ZONE("Movable", "4096", "10")), 0);
	IS(low_end(ZONE("HighMem", "4096", "10")), 0);
}

static void test_small(void)
{
	IS(cpulist_parse(TEXT("0-3,8\n")).v, 5);
	IS(cpulist_parse(TEXT("0\n")).v, 1);
	OK(!cpulist_parse(TEXT("")).have);
	OK(!cpulist_parse(TEXT("3-1")).have);
	OK(!cpulist_parse(TEXT("0-18446744073709551615")).have);
	OK(!cpulist_parse(TEXT("0-,")).have);
	IS(lockdown_parse(TEXT("none [integrity] confidentiality\n")), LOCKDOWN_INTEGRITY);
	IS(lockdown_parse(TEXT("[none] integrity confidentiality\n")), LOCKDOWN_NONE);
	IS(lockdown_parse(TEXT("none integrity [confidentiality]")), LOCKDOWN_CONFIDENTIALITY);
	IS(lockdown_parse(TEXT("none integrity")), LOCKDOWN_UNKNOWN);
}

static void test_modules(void)
{
	struct kmodules m;

	IS(modules_parse(TEXT("xfs 2023424 1 - Live 0xffffffffc0a00000\n"
			      "crc 16384 2 xfs,ext4, Live 0xffffffffc09f0000 (OE)\n"),
			 &m),
	   KSRC_READ);
	IS(m.count, 2);
	IS(m.bytes, 2023424 + 16384);
	IS(m.lowest, UINT64_C(0xffffffffc09f0000));
	IS(modules_parse(TEXT("xfs 2023424 1 - Live 0x0000000000000000\n"), &m), KSRC_ZEROS);
	IS(m.count, 1);
	IS(modules_parse(TEXT("xfs 2023424 1 - Live 0x\nxfs\n\nxfs 1 2 3 4 5\n"), &m),
	   KSRC_DAMAGED);
	IS(m.count, 0);
	/* none loaded */
	IS(modules_parse(TEXT(""), &m), KSRC_READ);
	IS(m.count, 0);
}

static void test_iomem(void)
{
	struct kiomem m = { 0 };

	IS(iomem_parse(TEXT("00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n"
			    "00100000-bfffffff : System RAM\n  01000000-022090c7 : Kernel code\n"
			    "  02400000-02e08fff : Kernel rodata\n"
			    "  03000000-0327c03f : Kernel data\n  03b34000-03c57fff : Kernel bss\n"
			    "  05000000-05ffffff : Kernel code\n"
			    "100000000-63fffffff : System RAM\n"
			    "700000000-73fffffff : CXL Window 0\n"
			    "  700000000-73fffffff : System RAM (kmem)\n"),
		       &m),
	   KSRC_READ);
	IS(m.nram, 4);
	IS(m.ram[2].first, UINT64_C(0x100000000));
	IS(m.ram[2].last, UINT64_C(0x63fffffff));
	IS(m.ram[3].first, UINT64_C(0x700000000));
	IS(m.code.first, 0x1000000);
	IS(m.code.last, 0x22090c7);
	IS(m.rodata.last, 0x2e08fff);
	IS(m.data.last, 0x327c03f);
	IS(m.bss.last, 0x3c57fff);
	IS(m.dropped, 0);
	free(m.ram);

	m = (struct kiomem){ 0 };
	IS(iomem_parse(TEXT("00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n"),
		       &m),
	   KSRC_ZEROS);
	OK(!m.nram && !m.have_code);

	/* backwards, falling, overlapping, endless, no range, no newline: only the first counts */
	IS(iomem_parse(TEXT("2000-3000 : System RAM\n5000-4000 : System RAM\n1-2 : System RAM\n"
			    "3000-ffffffffffffffff : System RAM\n"
			    "10000000000000000-10000000000000001 : System RAM\n"
			    "x-y : System RAM\n-\n\n8000-9000 System RAM\n9000-a000 : System RAM"),
		       &m),
	   KSRC_READ);
	IS(m.nram, 1);
	IS(m.ram[0].last, 0x3000);
	IS(m.dropped, 2);
	free(m.ram);
	m = (struct kiomem){ 0 };
	IS(iomem_parse(TEXT("nonsense\n"), &m), KSRC_DAMAGED);
}

/** What the linker put together: both borders, by either way to name them. */
static void test_sections(void)
{
	static const char text[] = "ffffffff81000000 T _text\n"
				   "ffffffff81a00000 T __sched_text_start\n"
				   "ffffffff81a20000 T __sched_text_end\n"
				   "ffffffff82100000 R __start_BTF\n"
				   "ffffffff82500000 R __stop_BTF\n"
				   "ffffffff82600000 t __start_half\n"
				   "ffffffff82700000 t __stop_\n"
				   "ffffffffc0000000 t __stop_half\t[mod]\n"
				   "ffffffff83000000 t plain_text_end\n";
	struct kallsyms *p = xmalloc(sizeof(*p));
	struct ksyms y;

	kallsyms_init(p, true, &y);
	kallsyms_feed(p, text, sizeof(text) - 1);
	IS(kallsyms_end(p), KSRC_READ);
	IS(p->lines, 9);
	IS_STR(y.sections[0].name, "sched_text");
	IS(y.sections[0].first.v, UINT64_C(0xffffffff81a00000));
	IS(y.sections[0].end.v, UINT64_C(0xffffffff81a20000));
	IS_STR(y.sections[1].name, "BTF");
	IS(y.sections[1].end.v - y.sections[1].first.v, 4 * MIB);
	/* a module's symbol is not its partner */
	OK(y.sections[2].first.have && !y.sections[2].end.have);
	/* only the start of the image is looked for: none of it */
	kallsyms_init(p, false, &y);
	kallsyms_feed(p, text, sizeof(text) - 1);
	kallsyms_end(p);
	IS(y.nsections, 0);
	free(p);
}

static void test_vmallocinfo(void)
{
	struct kvmalloc v = { 0 };

	IS(vmallocinfo_parse(
		   TEXT("0xffffc90000000000-0xffffc90000005000   20480 irq_init+0x1/0x2 pages=4 "
			"vmalloc N0=4\n"
			"0xffffc90000006000-0xffffc90000008000    8192 x+0x1/0x2 "
			"phys=0x00000000000a0000 ioremap\n"
			"0xffffc90000010000-0xffffc90000012000    8192 unpurged vm_area\n"
			"0xffffe8ffffc00000-0xffffe8ffffe00000 2097152 pcpu_get_vm_areas+0x0/0x1 "
			"vmalloc\n"),
		   &v),
	   KSRC_READ);
	IS(v.count, 3);
	IS(v.bytes, 20480 + 8192 + 2097152);
	IS(v.pages, 4);
	IS(v.unpurged, 8192);
	IS(v.nareas, 4);
	IS(v.areas[0].first, UINT64_C(0xffffc90000000000));
	IS(v.areas[0].last, UINT64_C(0xffffc90000004fff));
	OK(!v.areas[0].percpu && v.areas[3].percpu);
	free(v.areas);

	v = (struct kvmalloc){ 0 };
	IS(vmallocinfo_parse(TEXT("0x000000006b279455-0x000000006d81f096   20480 a+0x1/0x2 vmap\n"
				  "0x00000000f1cad829-0x00000000fba14f3a    8192 b+0x1/0x2 vmap\n"),
			     &v),
	   KSRC_HASHED);
	IS(v.count, 2);
	IS(v.bytes, 28672);
	IS(v.nareas, 0);
	free(v.areas);

	v = (struct kvmalloc){ 0 };
	IS(vmallocinfo_parse(TEXT("0x0000000000000000-0x0000000000000000   20480 a vmap\n"), &v),
	   KSRC_ZEROS);
	IS(v.bytes, 20480);

	/* one line with a real difference among hashes proves nothing */
	v = (struct kvmalloc){ 0 };
	IS(vmallocinfo_parse(TEXT("0x1000-0x2000 4096 a\n0x5-0x3 8192 b\n0x-0x 1\n0x1 \n\n"), &v),
	   KSRC_HASHED);
	IS(v.nareas, 0);
	free(v.areas);
	v = (struct kvmalloc){ 0 };
	IS(vmallocinfo_parse(TEXT(""), &v), KSRC_DAMAGED);
}

static void test_config(void)
{
	struct kconfig c = { 0 };

	config_parse(TEXT("# x\nCONFIG_RANDOMIZE_BASE=y\nCONFIG_MODULES=m\n"
			  "# CONFIG_KASAN is not set\nCONFIG_PHYSICAL_START=0x1000000\n"
			  "CONFIG_RANDOMIZE_MEMORY_PHYSICAL_PADDING=0xa\n"
			  "CONFIG_PHYSICAL_ALIGN=0xzz\nCONFIG_ZONE_DEVICEX=y\n"
			  "CONFIG_NO_PAGE_MAPCOUNT=y\n"),
		     &c);
	IS(c.randomize_base.v, 1);
	IS(c.modules.v, 1);
	IS(c.kasan.v, 0);
	OK(c.kasan.have && c.zone_device.have);
	IS(c.zone_device.v, 0);
	IS(c.physical_start.v, 0x1000000);
	IS(c.memory_padding.v, 10);
	IS(c.no_page_mapcount.v, 1);
	OK(!c.physical_align.have && !c.page_offset.have);
	c = (struct kconfig){ 0 };
	config_parse(TEXT("garbage\n"), &c);
	OK(!c.kasan.have);
}

/* --- kallsyms ------------------------------------------------------------------------------------
 */

/** Feeds a text in pieces of `step` bytes. */
static enum ksrc_state feed(const char *text, size_t len, size_t step, bool all, struct ksyms *ret,
			    u64 *lines)
{
	struct kallsyms p;

	kallsyms_init(&p, all, ret);
	for (size_t i = 0; i < len; i += step)
		kallsyms_feed(&p, text + i, MIN(step, len - i));
	*lines = p.lines;
	return kallsyms_end(&p);
}

static void test_kallsyms(void)
{
	static const char debian[] = "0000000000000000 A fixed_percpu_data\n"
				     "0000000000002000 A cpu_debug_store\n"
				     "ffffffff94400000 T startup_64\n"
				     "ffffffff94400000 T _stext\n"
				     "ffffffff94400000 T _text\n"
				     "ffffffff95400ae1 T _etext\n"
				     "ffffffff95600000 D __start_rodata\n"
				     "ffffffff9782c000 B _end\n"
				     "ffffffffc0001000 t _text\t[evil]\n"
				     "ffffffffc0002000 t __bss_start\t[evil]\n";
	struct ksyms y;
	u64 lines;

	for (size_t step = 1; step < sizeof(debian); step = step < 8 ? step + 1 : step * 3) {
		IS(feed(debian, sizeof(debian) - 1, step, false, &y, &lines), KSRC_READ);
		IS(y.text.v, UINT64_C(0xffffffff94400000));
		OK(!y.etext.have && !y.all);
		/* stops where it has what it wants */
		IS(lines, 5);
	}
	IS(feed(debian, sizeof(debian) - 1, 7, true, &y, &lines), KSRC_READ);
	IS(lines, 10);
	OK(y.all);
	IS(y.etext.v, UINT64_C(0xffffffff95400ae1));
	IS(y.start_rodata.v, UINT64_C(0xffffffff95600000));
	IS(y.end.v, UINT64_C(0xffffffff9782c000));
	OK(!y.bss_start.have);

	/* only _stext, as arm64 has it */
	IS(feed(TEXT("ffff800008010000 T _stext\nffff800008010000 t a\nffff800008010008 t b\n"
		     "ffff800008010010 t c\n"),
		5, false, &y, &lines),
	   KSRC_READ);
	IS(y.stext.v, UINT64_C(0xffff800008010000));
	OK(!y.text.have);
	IS(lines, 3);

	IS(feed(TEXT("0000000000000000 A fixed_percpu_data\n0000000000000000 T _text\n"
		     "0000000000000000 T b\n"),
		100, false, &y, &lines),
	   KSRC_ZEROS);
	OK(!y.text.have);
	IS(feed(TEXT("0000000000000000 T b\n0000000000000000 T c\n"), 100, true, &y, &lines),
	   KSRC_ZEROS);
}

static void test_kallsyms_hostile(void)
{
	struct ksyms y;
	struct buf b = { 0 };
	u64 lines;

	IS(feed(TEXT(""), 1, false, &y, &lines), KSRC_DAMAGED);
	IS(feed(TEXT("ffffffff81000000 T _text"), 3, false, &y, &lines), KSRC_DAMAGED);
	IS(feed(TEXT("1ffffffff81000000 T _text\n\n T _text\nffffffff81000000T _text\n"), 3, false,
		&y, &lines),
	   KSRC_DAMAGED);
	OK(!y.text.have);
	/* a line of 16 kB is no symbol, and its end is not taken for one */
	buf_addstr(&b, "ffffffff81000000 T ");
	buf_fill(&b, 'x', 16 * 1024);
	buf_addstr(&b, "ffffffff82000000 T _text\nffffffff83000000 T _text\n");
	IS(feed(b.p, b.len, 100, false, &y, &lines), KSRC_READ);
	IS(y.text.v, UINT64_C(0xffffffff83000000));
	buf_release(&b);
}

/* --- this machine
 * --------------------------------------------------------------------------------- */

/** The address of a symbol by the naive way, 0 if it is not there. */
static u64 naive_symbol(const char *want)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[1024], name[512];
	unsigned long long addr, ret = 0;
	char type;

	while (f && !ret && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %c %511s", &addr, &type, name) == 3 && !strcmp(name, want))
			ret = addr;
	if (f)
		fclose(f);
	return ret;
}

static u64 naive_ram_end(void)
{
	FILE *f = fopen("/proc/iomem", "re");
	char line[512];
	unsigned long long first, last, ret = 0;

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, ": System RAM\n") && sscanf(line, "%llx-%llx", &first, &last) == 2)
			ret = last;
	if (f)
		fclose(f);
	return ret;
}

static const struct region *image_of(const struct space *s)
{
	for (size_t i = 0; i < s->nregions; i++)
		if (s->regions[i].kind == KR_IMAGE)
			return &s->regions[i];
	return NULL;
}

static void test_live(void)
{
	struct root *r = root_live();
	struct kfacts k;
	struct space s;
	const struct region *image;

	space_init(&s);
	root_host(r, &s);
	IS(ksrc_read(r, &s, 0, &k), 0);
	if (strcmp(s.host.machine, "x86_64")) {
		SKIP("the files of x86_64");
	} else {
		OK(k.mem.vmalloc_total_kib.have && k.mem.total.have && k.cpu.la57.have);
		if (k.status[KSRC_KALLSYMS].state == KSRC_READ)
			IS(k.syms.text.v, naive_symbol("_text"));
		else
			OK(!naive_symbol("_text") && !k.syms.text.have);
		if (k.status[KSRC_IOMEM].state == KSRC_READ)
			IS(k.iomem.ram[k.iomem.nram - 1].last, naive_ram_end());
		else
			SKIP("no RAM in iomem");
		kernel_layout(&k, &s);
		OK(s.nregions > 12);
		image = image_of(&s);
		if (OK(image) && k.syms.text.have)
			IS(image->first, k.syms.text.v);
		/* the rodata that kallsyms knows begins where iomem's does, moved with the text */
		if (k.syms.text.have && k.iomem.have_rodata && naive_symbol("__start_rodata"))
			IS(k.syms.text.v + k.iomem.rodata.first - k.iomem.code.first,
			   naive_symbol("__start_rodata"));
		else
			SKIP("no __start_rodata");
	}
	kfacts_release(&k);
	space_release(&s);

	/* -u: nothing but what the limits of the user half need, and no note */
	space_init(&s);
	root_host(r, &s);
	IS(ksrc_read(r, &s, KSRC_USER_ONLY, &k), 0);
	OK(k.user_only);
	IS(k.status[KSRC_KCORE].state, KSRC_UNREAD);
	IS(k.status[KSRC_VMALLOCINFO].state, KSRC_UNREAD);
	IS(s.nnotes, 0);
	kernel_layout(&k, &s);
	IS(s.nregions, 0);
	kfacts_release(&k);
	space_release(&s);
	root_free(r);
}

int main(void)
{
	test_cmdline();
	test_cpuinfo();
	test_meminfo();
	test_zoneinfo();
	test_lowmem();
	test_small();
	test_modules();
	test_iomem();
	test_sections();
	test_vmallocinfo();
	test_config();
	test_kallsyms();
	test_kallsyms_hostile();
	test_live();
	return tap_done();
}
