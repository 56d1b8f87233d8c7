#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What procmap printed in a guest against what the kernel's own module said there:
#
#	compare.pl DIR VARIANT            DIR as guest.sh left it; prints TAP
#	compare.pl DIR VARIANT PICTURE    one picture, drawn of the tree DIR recorded there
#
# A picture's row must be true by what it calls itself: exact to the byte, where the module knows
# the region; anything else never beside the truth. Nothing the page tables map may lie in a row
# that says unused. Lists of page-table entries must be the module's, entry by entry.
use strict;
use warnings;
no warnings 'portable'; # addresses of 64 bits
use File::Basename;
use lib dirname(__FILE__);
use Picture;

my ($dir, $variant, $picture) = @ARGV;
die "usage: compare.pl DIR VARIANT [PICTURE]\n" unless defined $variant;
my ($run, $bad) = (0, 0);

sub ok {
	my ($good, $what, @why) = @_;

	$run++;
	$bad++ unless $good;
	print $good ? 'ok' : 'not ok', " $run - $what\n";
	if (!$good) {
		splice @why, 20, @why - 20, '... ' . (@why - 20) . ' more' if @why > 21;
		print "#   $_\n" for @why;
	}
	return $good;
}

sub skip {
	my ($what, $why) = @_;

	$run++;
	print "ok $run - $what # SKIP $why\n";
}

sub slurp {
	my ($name) = @_;

	open my $f, '<', $name =~ m{^/} ? $name : "$dir/$name" or return;
	local $/;
	my $text = <$f>;
	close $f;
	return $text;
}

sub lines {
	my ($name) = @_;

	return split /\n/, slurp($name) // '';
}

sub hx { return sprintf '%0*x', $_[1] // 1, $_[0] }

# ---------------------------------------------------------------- the truth
my %truth = map { my ($k, $v) = /^(.*) (\S+)$/; ($k => hex $v) } lines('truth/layout');
my $wide = $truth{PAGE_OFFSET} > 0xffffffff;
my $digits = $wide ? 16 : 8;
my ($arch) = $variant =~ /^([a-z0-9_]+)/;

# [first, last, page size, perms, memory, physical or -], rising
# Names of the kernel's memory types, which an architecture has for what others call else.
my %memory = (tagged => 'WB', NC => 'WC', device => 'DEV');
$memory{UC} = 'DEV' if $arch =~ /^arm/; # strongly ordered: MT_UNCACHED of arm

sub kernel_dump {
	my ($n) = @_;

	return map {
		my @f = split;
		@f == 6 ? [ hex $f[0], hex $f[1], hex $f[2], @f[ 3 .. 5 ] ] : ();
	} lines("truth/kernel.$n");
}

# The mappings of both dumps taken around a reading: what changed in between proves nothing.
sub steady {
	my ($before, $after) = @_;
	my %later = map { ("@$_[0 .. 4]" => 1) } @$after;

	return grep { $later{"@$_[0 .. 4]"} } @$before;
}

# First and last byte of what a row's name stands for; either may be unknown.
sub last_of { my ($v) = @_; return ($v & 0xfff) == 0xfff ? $v : $v - 1 }

sub region_truth {
	my ($name) = @_;
	my %t = %truth;
	my $text = $t{_text} // $t{kimage_vaddr} // $t{'init_mm.start_code'};
	my $image_end = $t{_end};
	my %by_name = (
		# x86_64's is below the direct map, that of 32 bits behind lowmem.
		'guard hole' => [ $t{GUARD_HOLE_BASE_ADDR} // $t{high_memory},
			$t{GUARD_HOLE_END_ADDR} // $t{VMALLOC_START} ],
		'LDT remap' => [ $t{LDT_BASE_ADDR},
			$t{LDT_END_ADDR} // ($t{LDT_BASE_ADDR} // 0) + pmd_size() ],
		'direct map of RAM' => [ $t{PAGE_OFFSET}, $t{high_memory} ],
		'lowmem' => [ $t{PAGE_OFFSET}, $t{high_memory} ],
		'linear map of RAM' => [ $t{PAGE_OFFSET}, $t{PAGE_END} ],
		'vmalloc' => [ $t{VMALLOC_START}, last_of($t{VMALLOC_END}) + 1 ],
		'vmemmap' => [ $t{VMEMMAP_START}, $t{VMEMMAP_END} ],
		'cpu entry area' => [ $t{CPU_ENTRY_AREA_BASE},
			($t{CPU_ENTRY_AREA_BASE} // 0) + ($t{CPU_ENTRY_AREA_MAP_SIZE} // 0) ],
		'ESPfix stacks' => [ $t{ESPFIX_BASE_ADDR}, ($t{ESPFIX_BASE_ADDR} // 0) + (1 << 39) ],
		'EFI runtime services' => [ $t{EFI_VA_END}, $t{EFI_VA_START} ],
		'modules' => [ $t{MODULES_VADDR}, $t{MODULES_END} ],
		# x86_64 has a slot for vsyscall and none above it (enum fixed_addresses).
		'fixmap' => [ $t{FIXADDR_START}, $t{FIXADDR_END} // $t{VSYSCALL_ADDR} // $t{FIXADDR_TOP} ],
		'fixmap, boot part' => [ $t{FIXADDR_TOT_START}, $t{FIXADDR_START} ],
		'vsyscall' => [ $t{VSYSCALL_ADDR}, ($t{VSYSCALL_ADDR} // 0) + 4096 ],
		'pkmap' => [ $t{PKMAP_BASE}, ($t{PKMAP_BASE} // 0) + ($t{LAST_PKMAP} // 0) * 4096 ],
		'PCI I/O' => [ $t{PCI_IO_START}, $t{PCI_IO_END} ],
		'device tree' => [ $t{FDT_FIXED_BASE},
			($t{FDT_FIXED_BASE} // 0) + ($t{FDT_FIXED_SIZE} // 0) ],
		'vectors' => [ $t{VECTORS_BASE}, ($t{VECTORS_BASE} // 0) + 4096 ],
		'vector stubs' => [ ($t{VECTORS_BASE} // 0) + 4096, ($t{VECTORS_BASE} // 0) + 8192 ],
		'kernel image' => [ $text, $image_end ],
		'kernel image up to bss' => [ $text, $t{__bss_stop} ],
		'tail of the image' =>
			[ $image_end, (($image_end // 0) | pmd_size() - 1) + 1 ],
		'text' => [ $t{_text} // $t{_stext}, $t{_etext} ],
		'rodata' => [ $t{__start_rodata}, $t{__end_rodata} ],
		'data' => [ $t{_sdata}, $t{_edata} // $t{'init_mm.end_data'} ],
		'bss' => [ $t{__bss_start}, $t{__bss_stop} ],
		'brk' => [ $t{__brk_base}, $t{__brk_limit} ],
		'freed init' => [ $t{__init_begin}, $t{__init_end} ],
	);
	my $r = $by_name{$name} or return;

	return (defined $r->[0] ? $r->[0] : undef, defined $r->[1] ? $r->[1] - 1 : undef);
}

sub pmd_size {
	return $variant =~ /nopae/ ? 4 << 20 : 2 << 20;
}

# ---------------------------------------------------------------- a picture
# Names whose extent only the page tables know: compared with what they map.
sub row_is_true {
	my ($row, $who) = @_;
	my ($first, $last) = region_truth($row->{name});
	my $drawn = hx($row->{first}, $digits) . '-' . hx($row->{last}, $digits);
	my $said = "$who: $row->{name} $drawn $row->{conf} ($row->{source})";
	my $want = (defined $first ? hx($first, $digits) : '?') . '-' .
		(defined $last ? hx($last, $digits) : '?');

	# Inside a region the same word may be the kind of one area.
	return () if $row->{depth} && $row->{name} =~ m{^(?:vmalloc|modules|PCI I/O)$};
	return () if !defined $first && !defined $last;
	# The image may be drawn to the end of the last large page that maps it.
	$last = $row->{last} if $row->{name} eq 'kernel image' && defined $last &&
		$row->{last} == ($last | pmd_size() - 1);
	if ($row->{conf} eq 'exact' || $row->{conf} eq 'derived') {
		return "$said: starts at $want" if defined $first && $row->{first} != $first;
		return "$said: ends at $want" if defined $last && $row->{last} != $last;
	} else {
		return "$said: the truth is $want"
			if (defined $first && $row->{first} > $first) ||
			(defined $last && $row->{last} < $last);
		return "$said: size $row->{size}, the truth is $want"
			if $row->{conf} eq 'bounds' && defined $row->{size} && defined $first &&
			defined $last && $last - $first + 1 != $row->{size};
	}
	return ();
}

# Rows of the half follow each other without a gap; those of unknown place stand between.
sub rows_meet {
	my ($who, @rows) = @_;
	my @wrong;
	my $above;

	for my $row (grep { !$_->{depth} && $_->{conf} ne 'bounds' } @rows) {
		push @wrong, "$who: " . hx($row->{last}) . " of $row->{name} meets " . hx($above)
			if defined $above && $row->{last} + 1 > $above;
		$above = $row->{first};
	}
	return @wrong;
}

sub inside {
	my ($m, $row) = @_;

	return $m->[0] >= $row->{first} && $m->[1] <= $row->{last};
}

sub meets {
	my ($m, $row) = @_;

	return $m->[0] <= $row->{last} && $m->[1] >= $row->{first};
}

# Nothing mapped lies outside of what is drawn; a region of unknown place may be anywhere in its
# interval.
sub all_is_drawn {
	my ($who, $rows, @mapped) = @_;
	my @tops = grep { !$_->{depth} } @$rows;
	my @places = grep { !$_->{unused} && $_->{conf} eq 'bounds' } @tops;
	my @used = sort { $a->{first} <=> $b->{first} } grep { !$_->{unused} } @tops;
	my @wrong;

	for my $m (@mapped) {
		next if grep { inside($m, $_) } @used;
		# Over two regions that meet.
		my $at = $m->[0];
		for my $r (@used) {
			$at = $r->{last} + 1 if $r->{first} <= $at && $r->{last} >= $at;
			last if $at == 0 || $at > $m->[1];
		}
		next if $at == 0 || $at > $m->[1];
		push @wrong, "$who: mapped and not drawn: " . hx($m->[0], $digits) . '-' .
			hx($m->[1], $digits) . " @$m[3, 4]";
	}
	# Parts that are said to be unused, and are inside of a region.
	for my $row (grep { $_->{depth} && $_->{name} eq 'hole' } @$rows) {
		push @wrong, "$who: mapped in a hole at " . hx($row->{first})
			if grep { meets($_, $row) } @mapped;
	}
	return @wrong;
}

# Permissions read from page tables are those of every mapping there.
sub perms_are_true {
	my ($who, $rows, @mapped) = @_;
	my @wrong;

	for my $row (grep { defined $_->{perms} } @$rows) {
		my @here = grep { inside($_, $row) } @mapped or next;
		my %seen = map { (substr($_->[3], 0, 3) => 1) } @here;
		my $perms = $row->{perms};

		next if $perms =~ s/~$//; # what the kernel is known to do, not what it did
		push @wrong, "$who: $row->{name} is $perms, the page tables say " . join ' or ', sort keys %seen
			if join(' ', keys %seen) ne $perms;
	}
	return @wrong;
}

# The picture in FILE, its complaints in FILE.err, its status in FILE.status.
sub check_picture {
	my ($file, $state, $what, $mapped) = @_;
	my $status = slurp("$file.status") // '?';
	my @rows = Picture::rows(slurp($file) // '');
	my %count;

	chomp $status;
	$count{ $_->{conf} }++ for grep { !$_->{depth} && !$_->{unused} } @rows;
	ok($status eq '0' && (slurp("$file.err") // '') eq '' && scalar(@rows),
		"$what: drawn, " . join(', ', map { "$count{$_} $_" } sort keys %count),
		"status $status", lines("$file.err"));
	return unless @rows;
	my @unknown = map { "$_->{name} exact ($_->{source})" }
		grep { $_->{conf} eq 'exact' && !defined((region_truth($_->{name}))[0]) &&
			$_->{depth} == 0 } @rows;
	ok(!@unknown, "$what: the truth of every exact region is known", @unknown);
	my @wrong = map { row_is_true($_, $state) } @rows;
	ok(!@wrong, "$what: no row contradicts the kernel", @wrong);
	@wrong = rows_meet($state, @rows);
	ok(!@wrong, "$what: rows do not overlap", @wrong);
	@wrong = all_is_drawn($state, \@rows, @$mapped);
	ok(!@wrong, "$what: all that is mapped is drawn", @wrong);
	@wrong = perms_are_true($state, \@rows, @$mapped);
	ok(!@wrong, "$what: permissions", @wrong);
	return \%count;
}

# ---------------------------------------------------------------- lists of entries
# Address of each entry => "size perms memory".
sub entries {
	my %out;

	for my $m (@_) {
		my $what = sprintf '%x %s %s', @$m[2 .. 4];

		for (my $at = $m->[0]; ; $at += $m->[2]) {
			$out{$at} = $what;
			last if $m->[1] - $at < $m->[2];
		}
	}
	return \%out;
}

# Entries that differ from what was there before and after. While a list was made some may have
# changed: what the two do not agree on proves nothing.
sub differences {
	my ($got, $before, $after) = @_;
	my %wrong;

	for my $at (keys %$got) {
		my ($g, $b, $a) = ($got->{$at}, $before->{$at} // 'none', $after->{$at} // 'none');
		$wrong{$at} = "listed: $g, there: $b" if $b eq $a && $g ne $b;
	}
	for my $at (keys %$before) {
		next if exists $got->{$at};
		$wrong{$at} = "not listed: $before->{$at}" if $before->{$at} eq ($after->{$at} // '');
	}
	return \%wrong;
}

sub check_kernel_ptes {
	my ($state, $what, $n) = @_;
	my ($before, $after) = ([ kernel_dump($n) ], [ kernel_dump($n + 1) ]);
	my @got = Picture::kernel_ptes(slurp("$state/kernel-ptes") // '');

	# ARM's short format has a memory type no one table tells.
	for (@got, @$before, @$after) {
		$_->[4] = $memory{ $_->[4] } // $_->[4];
		$_->[4] = '?' if $variant =~ /nolpae/;
	}
	my $wrong = differences(entries(@got), entries(@$before), entries(@$after));
	my @wrong = map { hx($_, $digits) . " $wrong->{$_}" } sort { $a <=> $b } keys %$wrong;
	# The program that reads, its map, and what is read-only for it to be run, are there meanwhile.
	@wrong = () if $state eq 'bpf' && @wrong <= 8;
	ok(scalar(@got) && !@wrong, "$what: the kernel's page tables, " . @got . ' ranges', @wrong);
	my ($aliases) = map { /^aliases (\S+)/ ? hex $1 : () } lines("truth/kernel.$n");
	my ($said) = (slurp("$state/kernel-ptes") // '') =~ /(\d+) entries lead to tables already listed/;
	ok(($said // 0) == ($aliases // 0), "$what: tables met more than once",
		'listed ' . ($said // 0) . ', there ' . ($aliases // 0));
}

# [va, size, perms or absent, memory, physical]
sub task_entries {
	my ($name) = @_;

	return map {
		my @f = split;
		@f == 6 ? [ hex $f[0], hex $f[1], @f[ 2 .. 5 ] ] : ();
	} lines("truth/task.$name");
}

# Why a list could not be made: it failed and said so. One that is empty and good is wrong.
sub why_not {
	my ($file) = @_;
	my ($said) = lines("$file.err");

	return (slurp("$file.status") // '') ne "0\n" ? $said : undef;
}

sub check_ptes {
	my ($state, $what, $name) = @_;
	my %got = map { (hx($_->[0]) => $_) } Picture::ptes(slurp("$state/ptes-$name") // '');
	my @wrong;
	my $n = 0;
	my $closed = why_not("$state/ptes-$name");

	return skip("$what: the page tables of $name", $closed) if !%got && defined $closed;
	for my $e (task_entries($name)) {
		my $va = hx($e->[0]);
		my $g = delete $got{$va};
		my $want = $e->[2] eq 'absent' ? 'absent' :
			sprintf '%x %s %s %s', $e->[1], substr($e->[2], 0, 3), $e->[3], $e->[4];

		$n++;
		if (!$g) {
			push @wrong, "$va: not listed: $want";
			next;
		}
		$g->[3] = $memory{ $g->[3] } // $g->[3];
		my $text = $g->[2] eq 'absent' ? 'absent' :
			sprintf '%x %s %s %x', $g->[1], $g->[2], $g->[3], $g->[4];
		push @wrong, "$va: $text, the truth: $want" if $text ne $want;
	}
	push @wrong, map { "$_: listed, not there" } sort keys %got;
	ok($n && !@wrong, "$what: the page tables of $name, $n entries", @wrong);
}

# x86 keeps a second base for 32-bit calls; elsewhere a process has the one.
sub check_mmap_base {
	my ($state, $what, $name) = @_;
	my %mm = map { /^(\S+) (\S+)$/ ? ($1 => hex $2) : () } lines("truth/task.$name");
	my $want = $name eq 'compat' ? $mm{mmap_compat_base} // $mm{mmap_base} : $mm{mmap_base};
	my ($said, $conf) = (slurp("$state/map-$name") // '') =~ /mmap base ([0-9a-f]+) (\w+)/;

	return ok(0, "$what: mmap_base of $name is drawn") if !defined $said;
	ok($conf eq 'exact' || $conf eq 'derived' ? hex($said) == $want : hex($said) <= $want,
		"$what: mmap_base of $name, $conf", "$said, the truth: " . hx($want));
}

# ---------------------------------------------------------------- all of it
sub finish {
	print "1..$run\n";
	exit($bad != 0);
}

if (defined $picture) {
	check_picture($picture, 'recorded', $variant, [ kernel_dump(1) ]);
	finish();
}
ok((slurp('status') // '') eq "0\n", 'the guest did all of it', lines('stderr'));
my @before = kernel_dump(1);
my @mapped = steady(\@before, [ kernel_dump(2) ]);
ok(scalar(%truth) && scalar(@mapped), 'the module knows the truth: ' . @mapped . ' ranges mapped');

my %state = (
	root => 'root',
	kptr1 => 'kptr_restrict 1',
	kptr2 => 'kptr_restrict 2',
	nobody => 'without privileges',
	nokcore => 'without kcore',
	bpf => 'without kcore, --bpf',
	integrity => 'lockdown integrity',
	confidentiality => 'lockdown confidentiality',
	closed => 'all closed',
);
my %exact;
for my $s (qw(root kptr1 kptr2 nobody nokcore bpf integrity confidentiality closed)) {
	if (!defined slurp("$s/kernel")) {
		skip($state{$s}, "no $s on this kernel");
		next;
	}
	my $count = check_picture("$s/kernel", $s, $state{$s}, \@mapped);
	$exact{$s} = $count->{exact} // 0 if $count;
}
for my $s (qw(nobody confidentiality closed)) {
	ok($exact{$s} <= $exact{root}, "$state{$s}: not more is exact than for root",
		"$exact{$s} of $exact{root}") if defined $exact{$s} && defined $exact{root};
}
my $names = join ' ', map { basename($_) =~ /^pid\.(.*)/ } glob "$dir/truth/pid.*";
for my $s (qw(root bpf)) {
	for my $name (split ' ', $names) {
		check_mmap_base($s, $state{$s}, $name) if defined slurp("$s/map-$name");
	}
	my $listed = slurp("$s/kernel-ptes") // '';

	if ($listed !~ /^[0-9a-f]+-[0-9a-f]+ /m) {
		my $why = why_not("$s/kernel-ptes");

		defined $why ? skip("$state{$s}: the kernel's page tables", $why) :
			ok(0, "$state{$s}: the kernel's page tables, or why not");
		next;
	}
	check_kernel_ptes($s, $state{$s}, $s eq 'root' ? 1 : 3);
	for my $name (split ' ', $names) {
		check_ptes($s, $state{$s}, $name) if defined slurp("$s/ptes-$name");
	}
}
finish();
