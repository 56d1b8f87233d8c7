/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the user half ends, by machine, process and facts; and numbers of VMCOREINFO. */
#include <stdlib.h>

#include "kernel/arch.h"
#include "tap.h"

/** VmallocTotal of x86_64 with 4 and 5 levels. */
#define FOUR_KIB UINT64_C(34359738367)
#define FIVE_KIB UINT64_C(13743895347199)

static void add_mapping(struct space *s, u64 first, u64 last, u8 perms, const char *name)
{
	struct vma *v = space_add_vma(s);

	v->first = first;
	v->last = last;
	v->perms = perms;
	v->name = strtab_add(&s->names, name, strlen(name));
}

static u64 user_end(const char *machine, u8 bits, struct kfacts *k, struct space *s)
{
	space_init(s);
	s->host.machine = xstrdup(machine);
	s->host.page_size = 4096;
	s->proc.bits = bits;
	user_half(k, s);
	return s->user.last;
}

static void test_user_half(void)
{
	struct kfacts k = { 0 };
	struct space s;

	k.mem.vmalloc_total_kib = FIG(FOUR_KIB);
	IS(user_end("x86_64", 64, &k, &s), UINT64_C(0x7fffffffefff));
	IS(s.user_conf, CONF_DERIVED);
	space_release(&s);
	k.mem.vmalloc_total_kib = FIG(FIVE_KIB);
	IS(user_end("x86_64", 64, &k, &s), UINT64_C(0xffffffffffefff));
	space_release(&s);
	IS(user_end("x86_64", 32, &k, &s), 0xffffdfff);
	IS(s.user_conf, CONF_DEFAULT);
	/* the personality can be read: now it is certain */
	s.proc.personality = FIG(0);
	user_half(&k, &s);
	IS(s.user.last, 0xffffdfff);
	IS(s.user_conf, CONF_DERIVED);
	s.proc.personality = FIG(0x8000000);
	user_half(&k, &s);
	IS(s.user.last, 0xbfffffff);
	space_release(&s);
	/* the probe of our own kind of process is exact, and says nothing of another kind */
	k.task_end = FIG(UINT64_C(0x7ffffffff000));
	IS(user_end("x86_64", 8 * sizeof(void *), &k, &s), UINT64_C(0x7fffffffefff));
	IS(s.user_conf, CONF_EXACT);
	space_release(&s);
	IS(user_end("x86_64", sizeof(void *) == 8 ? 32 : 64, &k, &s),
	   sizeof(void *) == 8 ? 0xffffdfff : UINT64_C(0xffffffffffefff));
	OK(s.user_conf != CONF_EXACT);
	space_release(&s);
	k.task_end.have = false;
	IS(user_end("x86_64", 64, &k, &s), UINT64_C(0xffffffffffefff));
	/* no facts: what is mapped is the least there is; vsyscall does not count */
	space_release(&s);
	k.mem.vmalloc_total_kib.have = false;
	IS(user_end("x86_64", 64, &k, &s), 0);
	IS(s.user_conf, CONF_UNKNOWN);
	add_mapping(&s, 0x400000, 0x400fff, PERM_R, "");
	add_mapping(&s, UINT64_C(0xffffffffff600000), UINT64_C(0xffffffffff600fff), PERM_X,
		    "[vsyscall]");
	user_half(&k, &s);
	IS(s.user.last, 0x400fff);
	IS(s.user_conf, CONF_BOUNDS);
	space_release(&s);

	k.mem.vmalloc_total_kib = FIG(UINT64_C(133143592960));
	IS(user_end("aarch64", 64, &k, &s), UINT64_C(0xffffffffffff));
	space_release(&s);
	IS(user_end("aarch64", 32, &k, &s), 0xffffefff);
	space_release(&s);
	k.mem.vmalloc_total_kib = FIG(UINT64_C(70863806464));
	IS(user_end("aarch64", 64, &k, &s), UINT64_C(0xfffffffffffff));
	space_release(&s);
	k.mem.vmalloc_total_kib = FIG(UINT64_C(67108863));
	IS(user_end("riscv64", 64, &k, &s), UINT64_C(0x3fffffffff));
	space_release(&s);
	k.cpu.riscv_va_bits = FIG(48);
	IS(user_end("riscv64", 64, &k, &s), UINT64_C(0x7fffffffffff));
	space_release(&s);
	k.syms.text = FIG(0xc1000000);
	IS(user_end("i686", 32, &k, &s), 0xbfffffff);
	space_release(&s);
	k.syms.text.have = false;
	k.syms.stext = FIG(0x80300000);
	IS(user_end("armv7l", 32, &k, &s), 0x7effffff);
	space_release(&s);
	k.config.page_offset = FIG(0xc0000000);
	IS(user_end("armv7l", 32, &k, &s), 0xbeffffff);
	space_release(&s);
}

static void test_vmcoreinfo(void)
{
	struct kfacts k = { 0 };
	u64 v = 7;

	OK(!vmcoreinfo_number(&k, "NUMBER(x)", &v));
	k.kcore.vmcoreinfo =
		xstrdup("SYMBOL(a)=fff\nNUMBER(x)=-16\nNUMBER(xy)=0x2f\nKERNELOFFSET=1e\n"
			"NUMBER(big)=99999999999999999999\nNUMBER(t)=1z\nlast=5");
	OK(vmcoreinfo_number(&k, "NUMBER(x)", &v));
	IS(v, (u64)-16);
	OK(vmcoreinfo_number(&k, "NUMBER(xy)", &v));
	IS(v, 0x2f);
	OK(vmcoreinfo_hex(&k, "SYMBOL(a)", &v));
	IS(v, 0xfff);
	OK(vmcoreinfo_hex(&k, "KERNELOFFSET", &v));
	IS(v, 0x1e);
	OK(vmcoreinfo_number(&k, "last", &v));
	IS(v, 5);
	OK(!vmcoreinfo_number(&k, "NUMBER(big)", &v));
	OK(!vmcoreinfo_number(&k, "NUMBER(t)", &v));
	OK(!vmcoreinfo_number(&k, "NUMBER(y)", &v));
	IS(v, 5);
	kcore_release(&k.kcore);
}

static void test_release(void)
{
	struct space s;

	space_init(&s);
	OK(release_at_least(&s, 9, 9));
	s.host.release = xstrdup("6.18.44-x");
	OK(release_at_least(&s, 6, 18) && release_at_least(&s, 5, 99));
	OK(!release_at_least(&s, 6, 19) && !release_at_least(&s, 7, 0));
	free(s.host.release);
	s.host.release = xstrdup("weird");
	OK(release_at_least(&s, 9, 9));
	space_release(&s);
}

int main(void)
{
	test_user_half();
	test_vmcoreinfo();
	test_release();
	return tap_done();
}
