/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The layout that old 32-bit kernels print into their log. */
#include <string.h>

#include "proc/ksrc.h"
#include "tap.h"

#define TEXT(s) (s), sizeof(s) - 1

static u64 first_of(const struct kbootmsg *b, const char *name)
{
	struct range r = { 1, 1 };

	return bootmsg_range(b, name, &r) ? r.first : 0;
}

static u64 last_of(const struct kbootmsg *b, const char *name)
{
	struct range r = { 1, 1 };

	return bootmsg_range(b, name, &r) ? r.last : 0;
}

/** As klogctl(2) gives it. */
static void test_arm(void)
{
	static const char log[] =
		"<6>[    0.000000] Booting Linux on physical CPU 0x0\n"
		"<5>[    0.000000] Virtual kernel memory layout:\n"
		"<5>[    0.000000]     vector  : 0xffff0000 - 0xffff1000   (   4 kB)\n"
		"<5>[    0.000000]     fixmap  : 0xffc00000 - 0xfff00000   (3072 kB)\n"
		"<5>[    0.000000]     vmalloc : 0xf0800000 - 0xff800000   ( 240 MB)\n"
		"<5>[    0.000000]     lowmem  : 0xc0000000 - 0xf0000000   ( 768 MB)\n"
		"<5>[    0.000000]     pkmap   : 0xbfe00000 - 0xc0000000   (   2 MB)\n"
		"<5>[    0.000000]     modules : 0xbf000000 - 0xbfe00000   (  14 MB)\n"
		"<5>[    0.000000]       .text : 0x(ptrval) - 0x(ptrval)   (14304 kB)\n"
		"<5>[    0.000000]        .bss : 0xc1434000 - 0xc1484a40   ( 323 kB)\n"
		"<6>[    0.000000] SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=4, Nodes=1\n"
		"<6>[    0.000000]     late : 0x00000001 - 0x00000002   (   1 kB)\n";
	struct kbootmsg b;

	IS(bootmsg_parse(TEXT(log), &b), KSRC_READ);
	IS(b.n, 7);
	IS(first_of(&b, "lowmem"), 0xc0000000);
	IS(last_of(&b, "lowmem"), 0xefffffff);
	IS(last_of(&b, "vmalloc"), 0xff7fffff);
	IS(first_of(&b, "modules"), 0xbf000000);
	IS(last_of(&b, ".bss"), 0xc1484a3f);
	/* a hashed address is none */
	IS(first_of(&b, ".text"), 0);
	/* what stands behind the message is no part of it */
	IS(first_of(&b, "late"), 0);
}

/** As dmesg(1) prints it. */
static void test_i386(void)
{
	static const char log[] =
		"[    0.000000] virtual kernel memory layout:\n"
		"    fixmap  : 0xfff14000 - 0xfffff000   ( 940 kB)\n"
		"  cpu_entry : 0xffa00000 - 0xffb39000   (1252 kB)\n"
		"    pkmap   : 0xff600000 - 0xff800000   (2048 kB)\n"
		"[    0.000000][    T0]     vmalloc : 0xf7dfe000 - 0xff5fe000   ( 120 MB)\n";
	struct kbootmsg b;

	IS(bootmsg_parse(TEXT(log), &b), KSRC_READ);
	IS(first_of(&b, "cpu_entry"), 0xffa00000);
	IS(last_of(&b, "cpu_entry"), 0xffb38fff);
	IS(last_of(&b, "fixmap"), 0xffffefff);
}

static void test_hostile(void)
{
	struct kbootmsg b;
	struct buf t = { 0 };

	IS(bootmsg_parse(TEXT(""), &b), KSRC_ABSENT);
	IS(bootmsg_parse(TEXT("virtual kernel memory layout:\n"), &b), KSRC_ABSENT);
	/* the message itself was overwritten */
	IS(bootmsg_parse(TEXT("    lowmem  : 0xc0000000 - 0xf0000000   ( 768 MB)\n"), &b),
	   KSRC_ABSENT);
	/* a process may write to the log, but not in the kernel's name */
	IS(bootmsg_parse(TEXT("<12>virtual kernel memory layout:\n"
			      "<12>    lowmem  : 0xc0000000 - 0xf0000000\n"),
			 &b),
	   KSRC_ABSENT);
	/* wrapped, empty, too long, cut */
	IS(bootmsg_parse(TEXT("virtual kernel memory layout:\n"
			      " a : 0xc0000000 - 0xb0000000\n b : 0x1000 - 0x1000\n"
			      " c : 0x10000000000000000 - 0x20000000000000000\n"
			      " seventeen letters : 0x1000 - 0x2000\n : 0x1000 - 0x2000\n"
			      " \033[m : 0x1000 - 0x2000\n \302\205 : 0x1000 - 0x2000\n"
			      " d : 0x1000 0x2000\n e : 0x1000 - 0x\n f : 0x1000 - 0x2000"),
			 &b),
	   KSRC_ABSENT);
	buf_addstr(&t, "Virtual kernel memory layout:\n");
	for (unsigned i = 1; i <= 100; i++)
		buf_addf(&t, " r%u : 0x%x - 0x%x\n", i, i, i + 1);
	IS(bootmsg_parse(t.p, t.len, &b), KSRC_READ);
	IS(b.n, KBOOT_MAX);
	IS(first_of(&b, "r16"), 16);
	IS(first_of(&b, "r17"), 0);
	buf_release(&t);
}

static void test_printed(void)
{
	OK(bootmsg_printed("i686", "5.6.19"));
	OK(!bootmsg_printed("i686", "5.7.0"));
	OK(bootmsg_printed("armv7l", "4.19.0-6-armmp"));
	OK(bootmsg_printed("armv6l", "5.1"));
	OK(!bootmsg_printed("armv7l", "5.2.0"));
	OK(!bootmsg_printed("armv7l", "6.1.0"));
	OK(!bootmsg_printed("x86_64", "4.9.0"));
	OK(!bootmsg_printed("ia64", "3.2.0"));
	/* nobody knows: then the log itself is asked */
	OK(bootmsg_printed("i586", ""));
	OK(bootmsg_printed("i586", NULL));
}

int main(void)
{
	test_arm();
	test_i386();
	test_hostile();
	test_printed();
	return tap_done();
}
