/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Range arithmetic at both ends of the 64-bit space. */
#include "model/range.h"
#include "tap.h"

static void test_ends(void)
{
	struct range top = range_of(UINT64_MAX - 0xfff, 0), low = range_of(0, 0x1000), between;

	IS(top.last, UINT64_MAX);
	IS(range_size(top), 0x1000);
	IS(range_size(RANGE_ALL), 0);
	OK(range_has(top, UINT64_MAX) && !range_has(top, UINT64_MAX - 0x1000));
	OK(range_between(low, top, &between));
	IS(between.first, 0x1000);
	IS(between.last, UINT64_MAX - 0x1000);
	OK(!range_between(top, low, &between));
	OK(!range_between(top, top, &between));
}

static void test_overlap(void)
{
	struct range a = { 0x1000, 0x1fff }, b = { 0x2000, 0x2fff }, c = { 0x1800, 0x27ff }, r;

	OK(!range_overlaps(a, b) && !range_intersect(a, b, &r) && !range_between(a, b, &r));
	OK(range_overlaps(a, c) && range_intersect(a, c, &r));
	IS(r.first, 0x1800);
	IS(r.last, 0x1fff);
	OK(range_inside(r, a) && range_inside(r, c) && !range_inside(c, a));
	OK(range_inside(a, RANGE_ALL) && range_inside(RANGE_ALL, RANGE_ALL));
}

int main(void)
{
	test_ends();
	test_overlap();
	return tap_done();
}
