/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `:` of the browser: addresses, ranges, names, threads, symbols; and `/` through all levels. */
#include <locale.h>
#include <stdlib.h>

#include "tap.h"
#include "tui/stage.h"

#define LIBC_R 0x7f4b20400000
#define TEXT_R 0x7f4b20426000
#define HEAP   0x55d0e4f10000

static struct world w;
static struct stage s;

static void key(int k)
{
	stage_do(&s, tui_key(&s.t, k));
}

static void type(const char *text)
{
	for (; *text; text++)
		key((u8)*text);
	key(KEYS_ENTER);
}

/** Answers `:`; where that leads, "LEVEL ADDR", or "? message". */
static const char *go(const char *text)
{
	static const char *const levels[] = { "picker", "space", "half", "object",
					      "part",	"grid",	 "page" };
	static struct buf b;
	const struct place *p;

	key(':');
	type(text);
	p = tui_place(&s.t);
	buf_clear(&b);
	buf_addf(&b, "%s %llx", levels[p->level],
		 (unsigned long long)(p->level >= LEVEL_GRID ? p->at
				      : s.t.nitems	     ? s.t.items[s.t.cur].r.first
							     : 0));
	return b.p;
}

static const char *message(void)
{
	return s.t.message.len ? s.t.message.p : "";
}

static void test_addresses(void)
{
	IS_STR(go("7f4b20440123"), "object 7f4b20426000");
	IS(s.t.depth, 3);
	IS_STR(message(), "7f4b20440123 in libc.so.6+40123: Enter shows its page");
	/* Enter goes on to the page that was meant. */
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	IS(tui_place(&s.t)->r.first, TEXT_R);
	IS(tui_place(&s.t)->at, 0x7f4b20440000);
	IS_STR(go("0x7F4B20440123"), "object 7f4b20426000");
	/* An object of one mapping has no list of its own. */
	IS_STR(go("55d0e4f20000"), "half 55d0e4f10000");
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->at, 0x55d0e4f20000);
	/* Gaps are rows; the hole is none of them. */
	IS_STR(go("7f4b1ca01000"), "half 7f4b1ca00000");
	IS(s.t.items[s.t.cur].kind, ITEM_GAP);
	IS_STR(message(), "nothing is mapped at 7f4b1ca01000");
	IS_STR(go("900000000000"), "half 7f4b1ca00000");
	IS_STR(message(), "900000000000 lies in the hole: no such address can be used");
	IS_STR(go("0"), "half 0");
	IS_STR(go("ffffffffffffffff"), "half ffffffffff57b000");
	IS_STR(message(), "nothing is known of ffffffffffffffff: the nearest is shown");
	OK(tui_place(&s.t)->kernel);
}

static void test_ranges(void)
{
	IS_STR(go("7f4b20430000-7f4b20440000"), "grid 7f4b20430000");
	IS(tui_place(&s.t)->r.first, 0x7f4b20430000);
	IS(tui_place(&s.t)->r.last, 0x7f4b2043ffff);
	OK(tui_place(&s.t)->part);
	/* It stays that range when a new reading comes. */
	stage_do(&s, stage_read(&s));
	IS(tui_place(&s.t)->r.last, 0x7f4b2043ffff);
	/* What reaches further than the mapping is cut, and that is said. */
	IS_STR(go("7f4b205d2000-7f4b20600000"), "grid 7f4b205d2000");
	IS(tui_place(&s.t)->r.last, 0x7f4b205d3fff);
	IS_STR(message(), "cut at 7f4b205d4000: something else begins there");
	IS_STR(go("7f4b1ca01000-7f4b1ca02000"), "half 7f4b1ca00000");
	IS_STR(message(), "nothing is mapped at 7f4b1ca01000");
}

static void test_names(void)
{
	IS_STR(go("heap"), "half 55d0e4f10000");
	IS_STR(go("stack"), "half 7ffcfb41b000");
	IS_STR(go("libc"), "object 7f4b20400000");
	IS_STR(go("redis-server"), "object 55d0c4a00000");
	IS_STR(go("vmalloc"), "half ffffc90000000000");
	OK(tui_place(&s.t)->kernel);
	/* A symbol goes before what merely has the text somewhere in its name. */
	IS_STR(go("made_symbol"), "object 7f4b20426000");
	IS_STR(message(),
	       "made_symbol is at 7f4b20440123 in libc.so.6+40123: Enter shows its page");
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->at, 0x7f4b20440000);
	IS_STR(go("ring"), "half 7f4b1c900000");
	IS_STR(go("nothing_has_this"), "half 7f4b1c900000");
	IS_STR(message(), "'nothing_has_this' is no address, no name, and no symbol of its files "
			  "or the kernel");
}

static void test_kernel_symbols(void)
{
	struct want want;

	go("heap");
	go("made_function");
	OK(tui_place(&s.t)->kernel);
	IS(s.t.found, 0xffffffff82000010);
	IS_STR(message(), "made_function of the kernel is at ffffffff82000010 in "
			  "text+1000010, exact (kallsyms): Enter shows its page; "
			  "2 more of that name");
	/* From here the kernel is asked first. */
	tui_want(&s.t, &want);
	OK(!want.symbol_kernel);
	s.silent = true;
	go("made_function");
	tui_want(&s.t, &want);
	OK(want.symbol_kernel);
	IS_STR(want.symbol, "made_function");
	s.silent = false;
	stage_do(&s, stage_read(&s));
	/* That it is there and hidden is more than a name that has the text inside. */
	go("heap");
	IS_STR(go("made_hidden"), "half 55d0e4f10000");
	IS_STR(message(), "'made_hidden' is a symbol of the kernel: kallsyms shows zeros");
	IS_STR(go("made_ring"), "half 55d0e4f10000");
	IS_STR(message(), "'made_ring' is no address and no name; symbols: none of its files; "
			  "of the kernel: kallsyms is closed to us");
}

static void test_physical(void)
{
	go("heap");
	go("pa:0x100000");
	IS(s.t.found, 0xffff888000100000);
	IS_STR(message(), "pa:0x100000 is at ffff888000100000 in the direct map, "
			  "default (boot_params): Enter shows its page");
	IS(s.t.message_kind, MESSAGE_NEWS);
	go("pfn:0xa0");
	IS(s.t.found, 0xffff8880000a0000);
	IS_STR(message(), "pfn:0xa0 is no RAM; the direct map would have it at ffff8880000a0000, "
			  "exact (kcore)");
	IS(s.t.message_kind, MESSAGE_TROUBLE);
	go("heap");
	IS_STR(go("pfn:999999999"), "half 55d0e4f10000");
	IS_STR(message(), "pfn:999999999: the direct map does not reach so far");
	IS_STR(go("pa:1000"), "half 55d0e4f10000");
	IS_STR(message(),
	       "'pa:1000' is no physical address: pa:0xADDR, pfn:N (decimal) or pfn:0xN");
	go("pfn:99999999999999999999999");
	IS(s.t.message_kind, MESSAGE_TROUBLE);
}

/** While it is told that something is read, Esc ends that and nothing else. */
static void test_cancel(void)
{
	go("7f4b20440123");
	IS(s.t.depth, 3);
	buf_addstr(&s.t.progress, "smaps 40%");
	OK(tui_can_cancel(&s.t));
	IS(tui_key(&s.t, KEYS_ESC), TUI_CANCEL);
	IS(s.t.depth, 3);
	IS(s.t.progress.len, 0);
	IS_STR(message(), "smaps: broken off; what is shown was read before");
	/* Then it goes out again; and what is open is closed first. */
	key(KEYS_ESC);
	IS(s.t.depth, 2);
	buf_addstr(&s.t.progress, "kernel");
	key(':');
	OK(!tui_can_cancel(&s.t));
	OK(tui_key(&s.t, KEYS_ESC) != TUI_CANCEL);
	IS(s.t.prompt, PROMPT_NONE);
	key('?');
	OK(tui_key(&s.t, KEYS_ESC) != TUI_CANCEL);
	OK(!s.t.show_help);
	IS(tui_key(&s.t, KEYS_ESC), TUI_CANCEL);
	IS(s.t.depth, 2);
	IS_STR(message(), "kernel: broken off; what is shown was read before");
}

static void test_threads(void)
{
	IS_STR(go("sp"), "half 7ffcfb41b000");
	IS_STR(message(),
	       "sp of thread 4711 is 7ffcfb43a510 in [stack]+1f510: Enter shows its page");
	IS(s.t.message_kind, MESSAGE_NEWS);
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_GRID);
	IS(tui_place(&s.t)->at, 0x7ffcfb43a000);
	IS(tui_place(&s.t)->unit, 1);
	go("sp:99999");
	IS_STR(message(), "there is no thread 99999, or it cannot be read");
	IS(s.t.message_kind, MESSAGE_TROUBLE);
	go("pc:x");
	IS_STR(message(), "'x' is no thread ID");
}

static void test_filtered(void)
{
	size_t at;

	OK(tui_set_filter(&s.t, "stack", &at));
	go("heap");
	IS_STR(message(), "the filter hides it: F removes the filter");
	key('F');
	IS(s.t.items[s.t.cur].r.first, HEAP);
	OK(!s.t.filter);
}

static void find(const char *text)
{
	key('/');
	type(text);
}

static void test_search(void)
{
	/* From the top level down into the half that has it. */
	go("heap");
	key(KEYS_ESC);
	IS(tui_place(&s.t)->level, LEVEL_SPACE);
	find("LIBC");
	IS(tui_place(&s.t)->level, LEVEL_HALF);
	IS(s.t.items[s.t.cur].r.first, LIBC_R);
	/* Into the other half where this one has it not, and back. */
	find("vmalloc");
	OK(tui_place(&s.t)->kernel);
	IS(s.t.items[s.t.cur].r.first, 0xffffc90000000000);
	IS_STR(message(), "match 1 of 1 in the kernel half: vmalloc");
	find("memfd");
	OK(!tui_place(&s.t)->kernel);
	IS(s.t.items[s.t.cur].r.first, 0x7f4b1c900000);
	/* A section inside a mapping of an object leads to the object, Enter to the mapping. */
	find(".dynamic");
	OK(s.t.items[s.t.cur].kind == ITEM_OBJECT && s.t.have_found);
	IS_STR(message(), "match 1 of 1, from the other end: .dynamic of ld-linux-x86-64.so.2");
	key(KEYS_ENTER);
	IS(tui_place(&s.t)->level, LEVEL_OBJECT);
	IS(s.t.items[s.t.cur].r.first, 0x7f4b20626000);
	/* What is nowhere moves nothing. */
	go("heap");
	find("nothing_has_this");
	IS(s.t.items[s.t.cur].r.first, HEAP);
	IS_STR(message(), "'nothing_has_this' is not found");
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	stage_init(&s, 120, 40, false, false);
	world_demo(&w, false);
	s.w = &w;
	tui_target(&s.t, w.pid, false);
	stage_do(&s, TUI_WANT);
	test_addresses();
	test_ranges();
	test_names();
	test_kernel_symbols();
	test_physical();
	test_cancel();
	test_threads();
	test_filtered();
	test_search();
	stage_release(&s);
	world_release(&w);
	return tap_done();
}
