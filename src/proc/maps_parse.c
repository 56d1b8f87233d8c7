/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * maps and smaps: one streaming parser for both, because a record of smaps starts with its line of
 * maps. What the kernel prints (fs/proc/task_mmu.c, 6.18):
 *
 *	7f0d5a1c2000-7f0d5a1c4000 r-xp 00001000 fe:00 247134      /usr/bin/cat
 *	Size:                  8 kB			(smaps only, some 25 such lines)
 *	THPeligible:           0
 *	VmFlags: rd ex mr mw me sd
 *
 * Speed comes from what repeats: all records of a kernel have nearly the same fields, so the key
 * expected at a place is compared as two words of 8 bytes; neighbours share names and flags. What
 * does not fit that is parsed step by step, with the same result.
 */
#include "proc.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

/** Most bytes of a line: 64 times what the longest path (4 KiB, all of it escaped) can take. */
#define LINE_MAX_BYTES (1 * MIB)
/** Every key of smaps, its colon and the blanks up to the number take this many bytes. */
#define KEY_BYTES 16
/** The number is printed with a width of 8. */
#define NUMBER_BYTES 8
/** Longest name of a field that is believed; the longest known has 15. */
#define FIELD_NAME_MAX 48
/** Longest VmFlags line that is remembered: every flag there is; and how many of them. */
#define FLAGS_TEXT_MAX 256
#define FLAGS_LINES    4

/** Most bytes of a number in LEB128. */
#define LEB128_MAX 10

/** How the line of a field starts that was met at this place in the record before. */
struct guess {
	char key[KEY_BYTES];
	bool usable; /**< key is filled */
	bool plain;  /**< no kB follows the number */
};

/** A VmFlags line as it was printed, newline included, and its bits. */
struct flags_line {
	char text[FLAGS_TEXT_MAX];
	size_t len;
	u64 bits;
};

struct maps_parser {
	struct space *s;
	struct maps_problems problems;
	struct buf carry; /**< the start of a line whose end was not fed yet */
	bool overlong;	  /**< such a line, too long to be kept: waiting for its end */

	bool in_record; /**< fields belong to the mapping added last */
	bool skipping;	/**< fields belong to a mapping that was left out */
	bool any;	/**< a mapping was added; `floor` is its last address */
	u64 floor;
	u64 align; /**< page size less one */

	/*
	 * The record. Its first `nfields` fields are read; from there on `fields` and `guesses` say
	 * what the record before had, up to `nguesses`.
	 */
	bool started; /**< it has a field or flags */
	bool flags_seen;
	bool as_guessed; /**< it has the fields of the record before, so far */
	u8 fields[SMAPS_MAX];
	struct guess guesses[SMAPS_MAX];
	unsigned nfields, nguesses;
	int schema;			     /**< of the record before, -1 none */
	char values[SMAPS_MAX * LEB128_MAX]; /**< as they go into space.smaps_bytes */
	size_t values_len;

	struct buf name_text; /**< the name as printed last, and its id */
	u32 name_id;
	struct flags_line flags[FLAGS_LINES];
	unsigned flags_next; /**< the one that is forgotten next */
};

static struct vma *current(const struct maps_parser *p)
{
	return &p->s->vmas[p->s->nvmas - 1];
}

/* --- the line of a mapping ------------------------------------------------------------------ */

/*
 * The functions below read up to the newline that ends every line they are given and need no other
 * bound: it is neither a digit nor a blank.
 */

/** One more than the value of a hex digit, 0 for what is none; the kernel prints lower case. */
static const u8 hex_digit[256] = {
	['0'] = 1,  ['1'] = 2,	['2'] = 3,  ['3'] = 4,	['4'] = 5,  ['5'] = 6,
	['6'] = 7,  ['7'] = 8,	['8'] = 9,  ['9'] = 10, ['a'] = 11, ['b'] = 12,
	['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
};

/** A byte in each place of a word. */
#define BYTES(b) (UINT64_C(0x0101010101010101) * (b))

/** Eight hex digits at once, as a number; false when one of them is none. */
static inline bool take_8_hex(const char *at, u64 *ret)
{
	u64 w, v, above_9;

	memcpy(&w, at, 8);
	w = be64toh(w);
	/* Bit 6 tells the letters; their low bits count from 1. */
	v = (w & BYTES(0x0f)) + (w >> 6 & BYTES(1)) * 9;
	/* Only what prints as the same bytes was hex. */
	above_9 = (v + BYTES(6)) >> 4 & BYTES(1);
	if (v & BYTES(0xf0) || v + BYTES('0') + above_9 * ('a' - 10 - '0') != w)
		return false;
	v = (v | v >> 4) & UINT64_C(0x00ff00ff00ff00ff);
	v = (v | v >> 8) & UINT64_C(0x0000ffff0000ffff);
	*ret = (v | v >> 16) & UINT32_MAX;
	return true;
}

/** A hex number of at most `digits` digits that is followed by `stop`; advances *at past both. */
static inline bool take_hex(const char **at, const char *end, unsigned digits, char stop, u64 *ret)
{
	const char *p = *at;
	u64 v = 0;
	u8 d;

	if (end - p >= 8 && take_8_hex(p, &v))
		p += 8;
	while ((d = hex_digit[(u8)*p]) != 0) {
		v = v << 4 | (d - 1u);
		p++;
	}
	if (p == *at || (size_t)(p - *at) > digits || *p != stop)
		return false;
	*at = p + 1;
	*ret = v;
	return true;
}

static inline bool take_dec(const char **at, u64 *ret)
{
	const char *p = *at;
	u64 v = 0;
	u8 d;

	while ((d = (u8)(*p - '0')) < 10) {
		if (v > (UINT64_MAX - d) / 10)
			return false;
		v = v * 10 + d;
		p++;
	}
	if (p == *at)
		return false;
	*at = p;
	*ret = v;
	return true;
}

static inline bool take_perms(const char **at, u8 *ret)
{
	const char *p = *at;

	if ((p[0] != 'r' && p[0] != '-') || (p[1] != 'w' && p[1] != '-') ||
	    (p[2] != 'x' && p[2] != '-') || (p[3] != 's' && p[3] != 'p') || p[4] != ' ')
		return false;
	*ret = (u8)((p[0] == 'r' ? PERM_R : 0) | (p[1] == 'w' ? PERM_W : 0) |
		    (p[2] == 'x' ? PERM_X : 0) | (p[3] == 's' ? PERM_SHARED : 0));
	*at = p + 5;
	return true;
}

static inline void take_blanks(const char **at)
{
	while (**at == ' ')
		(*at)++;
}

/**
 * The id of a name as printed. The kernel escapes the newline alone, so "\012" is one (a file whose
 * name has those four characters looks the same) and every other backslash is itself. False for
 * a name that no kernel prints.
 */
static bool take_name(struct maps_parser *p, const char *text, size_t len, u32 *ret)
{
	struct buf plain = { 0 };
	const char *from = text, *end = text + len, *esc;

	*ret = 0;
	if (!len)
		return true;
	if (len != p->name_text.len || memcmp(text, p->name_text.p, len)) {
		if (memchr(text, '\0', len))
			return false;
		while ((esc = memmem(from, (size_t)(end - from), "\\012", 4)) != NULL) {
			buf_add(&plain, from, (size_t)(esc - from));
			buf_addch(&plain, '\n');
			from = esc + 4;
		}
		buf_add(&plain, from, (size_t)(end - from));
		p->name_id = strtab_add(&p->s->names, plain.p, plain.len);
		buf_release(&plain);
		buf_clear(&p->name_text);
		buf_add(&p->name_text, text, len);
	}
	*ret = p->name_id;
	return true;
}

/** The line up to the name; *at is then where the name starts. */
static bool take_mapping(const char **at, const char *text_end, struct vma *v)
{
	u64 start, end, major, minor;

	if (!take_hex(at, text_end, 16, '-', &start) || !take_hex(at, text_end, 16, ' ', &end) ||
	    !take_perms(at, &v->perms) || !take_hex(at, text_end, 16, ' ', &v->offset) ||
	    !take_hex(at, text_end, 8, ':', &major) || !take_hex(at, text_end, 8, ' ', &minor) ||
	    !take_dec(at, &v->inode) || (**at != ' ' && **at != '\n'))
		return false;
	take_blanks(at);
	v->first = start;
	v->last = end - 1; /* an end of 0 is 2^64 */
	v->major = (u32)major;
	v->minor = (u32)minor;
	return true;
}

/** Is it a mapping that a kernel can have: not empty, of whole pages? */
static bool is_sound(const struct maps_parser *p, struct vma *v)
{
	/* On a 32-bit kernel an end of 0 would be 2^32. */
	if (v->last == UINT64_MAX && p->s->host.bits == 32 && v->first <= UINT32_MAX)
		v->last = UINT32_MAX;
	return v->first <= v->last && !((v->first | (v->last + 1)) & p->align) &&
	       (v->first || v->last != UINT64_MAX);
}

/** The gate page comes twice from some kernels; that is no sign of change. */
static bool is_gate_again(const struct maps_parser *p, const struct vma *v, const char *name,
			  size_t len)
{
	return len == 10 && !memcmp(name, "[vsyscall]", 10) && v->first == current(p)->first &&
	       v->last == current(p)->last;
}

/** With all its fields known the record gets its schema. */
static void end_record(struct maps_parser *p)
{
	struct vma *v;

	if (!p->in_record || !p->started)
		return;
	v = current(p);
	if (p->schema < 0 || !p->as_guessed || p->nfields != p->nguesses)
		p->schema = space_schema(p->s, p->fields, p->nfields);
	p->nguesses = p->nfields;
	/* Where values start is kept in 32 bits; and no kernel has so many kinds of records. */
	if (p->schema < 0 || p->s->smaps_bytes.len > UINT32_MAX) {
		p->problems.dropped += p->nfields;
		v->vmflags = 0;
		return;
	}
	v->have |= VMA_HAVE_SMAPS;
	v->schema = (u16)p->schema;
	v->smaps = (u32)p->s->smaps_bytes.len;
	buf_add(&p->s->smaps_bytes, p->values, p->values_len);
}

/** What follows belongs to a mapping that is not kept, until the next that is. */
static void leave_record(struct maps_parser *p)
{
	end_record(p);
	p->in_record = false;
	p->skipping = true;
}

static void add_mapping(struct maps_parser *p, const struct vma *v)
{
	struct vma *to = space_add_vma(p->s);

	to->first = v->first;
	to->last = v->last;
	to->offset = v->offset;
	to->inode = v->inode;
	to->major = v->major;
	to->minor = v->minor;
	to->perms = v->perms;
	to->name = v->name;
	p->any = true;
	p->floor = v->last;
	p->in_record = true;
	p->skipping = false;
	p->started = false;
	p->nfields = 0;
	p->values_len = 0;
	p->flags_seen = false;
	p->as_guessed = true;
}

/**
 * A line of a mapping, in text that ends with a newline before `end`: returns the start of the next
 * line, or `line` when it is none and nothing has happened. Whether the mapping is kept or left out
 * because it contradicts those before it, the fields that follow are its own.
 */
static const char *mapping_line(struct maps_parser *p, const char *line, const char *end)
{
	const char *name = line, *nl;
	struct vma v = { 0 };
	size_t len;

	if (!take_mapping(&name, end, &v) || !is_sound(p, &v))
		return line;
	nl = *name == '\n' ? name : memchr(name, '\n', (size_t)(end - name));
	len = (size_t)(nl - name);
	if (nl - line >= (ptrdiff_t)LINE_MAX_BYTES || !take_name(p, name, len, &v.name))
		return line;
	leave_record(p);
	if (p->any && v.first <= p->floor)
		p->problems.disorder += !is_gate_again(p, &v, name, len);
	else if (p->s->nvmas >= NO_INDEX - 1) /* the index is 32 bits wide */
		p->problems.dropped++;
	else
		add_mapping(p, &v);
	return nl + 1;
}

/* --- the fields of smaps -------------------------------------------------------------------- */

/** Appends to the values as space_add_smaps_value() does, but for a record at a time: it is hot. */
static inline size_t put_value(char *to, u64 v)
{
	size_t n = 0;

	for (; v >= 0x80; v >>= 7)
		to[n++] = (char)(v | 0x80);
	to[n++] = (char)v;
	return n;
}

/**
 * The number in 8 columns, blanks before its digits, all eight at once: without a branch that
 * depends on how many digits there are. False when it is anything else.
 */
static inline bool take_columns(const char *at, u64 *ret)
{
	u64 w, blank, digits;

	memcpy(&w, at, NUMBER_BYTES);
	/* The first column in the lowest byte; a digit becomes its value, a blank 0x10. */
	w = le64toh(w) ^ BYTES('0');
	/* One digit behind seven blanks: most of all numbers. */
	if (w << 8 == BYTES(0x10) << 8 && w >> 56 <= 9) {
		*ret = w >> 56;
		return true;
	}
	blank = (w & BYTES(0x10)) >> 4;
	digits = w & ~BYTES(0x10);
	/* Above 9; or no blank although its bit says so; or a blank that is last or after a digit.
	 */
	if (((digits | (digits + BYTES(6))) & BYTES(0xf0)) || (digits & blank * 0x0f) ||
	    blank >> 56 || (blank * 0xff & (blank * 0xff + 1)))
		return false;
	/* Neighbours to pairs, pairs to fours, fours to eight: times 10, 100, 10000 and add. */
	digits = digits * (10 << 8 | 1) >> 8 & UINT64_C(0x00ff00ff00ff00ff);
	digits = digits * (100 << 16 | 1) >> 16 & UINT64_C(0x0000ffff0000ffff);
	*ret = digits * (UINT64_C(10000) << 32 | 1) >> 32;
	return true;
}

/**
 * The fields from `line` on that are those of the record before, in the kernel's own columns.
 * Returns the start of the first line that is not.
 */
static const char *expected_fields(struct maps_parser *p, const char *line, const char *end)
{
	char *values = p->values + p->values_len;
	unsigned at = p->nfields, most = p->as_guessed ? p->nguesses : 0;

	while (at < most && end - line >= KEY_BYTES + NUMBER_BYTES + 4) {
		const struct guess *g = &p->guesses[at];
		const char *unit = line + KEY_BYTES + NUMBER_BYTES;
		u64 v;

		if (!g->usable || memcmp(line, g->key, KEY_BYTES) ||
		    !take_columns(line + KEY_BYTES, &v) ||
		    (g->plain ? *unit != '\n' : memcmp(unit, " kB\n", 4)))
			break;
		values += put_value(values, v);
		line = unit + (g->plain ? 1 : 4);
		at++;
	}
	p->started |= at > p->nfields;
	p->nfields = at;
	p->values_len = (size_t)(values - p->values);
	return line;
}

/** A name that a kernel would give a field. */
static bool is_field_name(const char *name, size_t len)
{
	if (!len || len > FIELD_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '(' || c == ')'))
			return false;
	}
	return true;
}

/** "   132 kB" or, with *plain, "   1"; nothing else may follow. */
static bool take_value(const char *at, const char *end, u64 *ret, bool *plain)
{
	skip_blanks(&at, end);
	if (!parse_dec(&at, end, ret))
		return false;
	skip_blanks(&at, end);
	*plain = at == end;
	if (!*plain) {
		if (end - at < 2 || memcmp(at, "kB", 2))
			return false;
		at += 2;
		skip_blanks(&at, end);
	}
	return at == end;
}

/** Has the record this field already? */
static bool has_field(const struct maps_parser *p, u8 field)
{
	return memchr(p->fields, field, p->nfields) != NULL;
}

/** Takes the field of a line into the record, and learns it for the next one. */
static void add_field(struct maps_parser *p, u8 field, u64 v, bool plain, const char *line,
		      size_t len, size_t key_len)
{
	unsigned at = p->nfields++;
	struct guess *g = &p->guesses[at];

	p->started = true;
	p->values_len += put_value(p->values + p->values_len, v);
	if (p->as_guessed && at < p->nguesses && p->fields[at] == field)
		return;
	p->as_guessed = false;
	p->fields[at] = field;
	g->plain = plain;
	g->usable = len > KEY_BYTES && key_len < KEY_BYTES;
	if (g->usable)
		memcpy(g->key, line, KEY_BYTES);
	for (size_t i = key_len + 1; g->usable && i < KEY_BYTES; i++)
		g->usable = line[i] == ' ';
}

/** A line of smaps with a key; `cut`: it has no newline, its end may be missing. */
static bool field_line(struct maps_parser *p, const char *line, const char *end, bool cut)
{
	const char *colon = memchr(line, ':', (size_t)(end - line));
	size_t key_len = colon ? (size_t)(colon - line) : 0;
	u32 known = p->s->nfields;
	bool plain;
	int field;
	u64 v;

	if (!is_field_name(line, key_len) || !take_value(colon + 1, end, &v, &plain) ||
	    (cut && plain))
		return false;
	if (p->skipping)
		return true;
	if (!p->in_record)
		return false;
	field = space_field(p->s, line, key_len);
	if (field < 0) {
		p->problems.dropped++;
		return true;
	}
	if ((u32)field >= known && plain)
		p->s->field_plain |= UINT64_C(1) << field;
	if (plain != (p->s->field_plain >> field & 1) || has_field(p, (u8)field))
		return false;
	add_field(p, (u8)field, v, plain, line, (size_t)(end - line), key_len);
	return true;
}

/* --- VmFlags -------------------------------------------------------------------------------- */

/** The bits of "rd wr mr"; false when it is anything but pairs of visible characters. */
static bool take_flags(struct maps_parser *p, const char *at, const char *end, u64 *ret)
{
	u64 bits = 0;

	for (;;) {
		int bit;

		skip_blanks(&at, end);
		if (at == end)
			break;
		if (end - at < 2 || at[0] <= ' ' || at[0] >= 0x7f || at[1] <= ' ' ||
		    at[1] >= 0x7f || (end - at > 2 && at[2] != ' '))
			return false;
		bit = space_vmflag(p->s, at);
		if (bit < 0)
			p->problems.dropped++;
		else
			bits |= UINT64_C(1) << bit;
		at += 2;
	}
	*ret = bits;
	return true;
}

/** A line that starts with "VmFlags:", `len` bytes up to and with its newline. */
static bool flags_line(struct maps_parser *p, const char *line, size_t len)
{
	size_t dropped = p->problems.dropped;
	u64 bits;

	if (p->skipping)
		return true;
	if (!p->in_record || !take_flags(p, line + 8, line + len - 1, &bits))
		return false;
	if (p->flags_seen)
		return false;
	p->started = p->flags_seen = true;
	current(p)->vmflags = bits;
	if (len <= FLAGS_TEXT_MAX && p->problems.dropped == dropped) {
		struct flags_line *f = &p->flags[p->flags_next++ % FLAGS_LINES];

		memcpy(f->text, line, len);
		f->len = len;
		f->bits = bits;
	}
	return true;
}

/** The same flags as one of the last mappings; returns the next line, or `line` if they are not. */
static const char *expected_flags(struct maps_parser *p, const char *line, const char *end)
{
	for (unsigned i = 0; i < FLAGS_LINES; i++) {
		const struct flags_line *f = &p->flags[i];

		if (!f->len || (size_t)(end - line) < f->len || memcmp(line, f->text, f->len))
			continue;
		if (p->flags_seen)
			return line;
		p->started = p->flags_seen = true;
		current(p)->vmflags = f->bits;
		return line + f->len;
	}
	return line;
}

/* --- lines ---------------------------------------------------------------------------------- */

static void bad_line(struct maps_parser *p, bool starts_record)
{
	p->problems.bad_lines++;
	/* The fields that follow are not those of the mapping before. */
	if (starts_record)
		leave_record(p);
}

/** Any line, its newline at `nl`; `cut`: that newline was not in the text. */
static void any_line(struct maps_parser *p, const char *line, const char *nl, bool cut)
{
	static const char flags_key[] = "VmFlags:";
	bool like_mapping = hex_digit[(u8)*line] != 0;
	bool ok;

	if (nl - line >= (ptrdiff_t)LINE_MAX_BYTES) {
		bad_line(p, true);
		return;
	}
	if (like_mapping && mapping_line(p, line, nl + 1) != line)
		return;
	if ((size_t)(nl - line) >= sizeof(flags_key) - 1 &&
	    !memcmp(line, flags_key, sizeof(flags_key) - 1))
		ok = !cut && flags_line(p, line, (size_t)(nl + 1 - line));
	else
		ok = field_line(p, line, nl, cut);
	if (!ok)
		bad_line(p, like_mapping);
}

/** Whole lines: the byte before `end` is a newline. */
static void all_lines(struct maps_parser *p, const char *text, const char *end)
{
	while (text < end) {
		const char *next = text, *nl;

		if (hex_digit[(u8)*text])
			next = mapping_line(p, text, end);
		else if (p->in_record)
			next = *text == 'V' ? expected_flags(p, text, end)
					    : expected_fields(p, text, end);
		if (next == text) {
			nl = memchr(text, '\n', (size_t)(end - text));
			any_line(p, text, nl, false);
			next = nl + 1;
		}
		text = next;
	}
}

/** Keeps the start of a line until its end comes. */
static void keep(struct maps_parser *p, const char *text, size_t len)
{
	if (p->overlong)
		return;
	if (p->carry.len + len > LINE_MAX_BYTES) {
		p->overlong = true;
		buf_clear(&p->carry);
		return;
	}
	buf_add(&p->carry, text, len);
}

/** The end of the line whose start was kept. */
static void finish_kept(struct maps_parser *p)
{
	if (p->overlong)
		bad_line(p, true);
	else
		all_lines(p, p->carry.p, p->carry.p + p->carry.len);
	p->overlong = false;
	buf_clear(&p->carry);
}

void maps_parser_feed(struct maps_parser *p, const char *text, size_t len)
{
	const char *end = text + len, *nl;

	if (len && (p->carry.len || p->overlong)) {
		nl = memchr(text, '\n', len);
		keep(p, text, nl ? (size_t)(nl + 1 - text) : len);
		if (!nl)
			return;
		finish_kept(p);
		text = nl + 1;
	}
	nl = text < end ? memrchr(text, '\n', (size_t)(end - text)) : NULL;
	if (nl) {
		all_lines(p, text, nl + 1);
		text = nl + 1;
	}
	if (text < end)
		keep(p, text, (size_t)(end - text));
}

struct maps_parser *maps_parser_new(struct space *s)
{
	struct maps_parser *p = xcalloc(1, sizeof(*p));
	u32 page = s->host.page_size;

	p->s = s;
	p->schema = -1;
	/* Where the page size is not known: the smallest there is. */
	p->align = page && !(page & (page - 1)) ? page - 1 : 4095;
	return p;
}

struct maps_problems maps_parser_end(struct maps_parser *p)
{
	struct maps_problems ret;

	if (p->overlong) {
		bad_line(p, true);
	} else if (p->carry.len) {
		size_t len = p->carry.len;

		buf_addch(&p->carry, '\n');
		any_line(p, p->carry.p, p->carry.p + len, true);
	}
	end_record(p);
	ret = p->problems;
	buf_release(&p->carry);
	buf_release(&p->name_text);
	free(p);
	return ret;
}
