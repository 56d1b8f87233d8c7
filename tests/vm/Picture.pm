# SPDX-License-Identifier: GPL-2.0-or-later
# Reads what procmap prints with --ascii --bytes and a width at which nothing is cut.
package Picture;
use strict;
use warnings;
no warnings 'portable';

# The rows of the kernel half, highest first: first, last, name, size (undef: unknown), perms
# (undef: unknown), conf, source, depth (0: of the half itself), unused. Of a region of unknown
# place first and last are its interval.
sub rows {
	my ($text) = @_;
	my (@rows, @open, $bounds, $in);

	for (split /\n/, $text) {
		$in = 1, next if /^[0-9a-f]+ \+= KERNEL/;
		last if $in && /^[0-9a-f]+ \+=/;
		next unless $in && s/^(?:([0-9a-f]+)|\s+)([~> ])\| //;
		my ($first, $tilde) = ($1, $2);

		s/\s*\|$//;
		if ($bounds && /^\s*somewhere in ([0-9a-f]+)-([0-9a-f]+)/) {
			@$bounds{qw(first last)} = (hex $1, hex $2);
			undef $bounds;
			next;
		}
		my $depth = 0;
		my $shape = '';
		while (s/^([,|`]) (?! )//) {
			$shape = $1;
			$depth++;
		}
		next if !defined $first && $shape ne ',';
		my ($conf, $source) = s/\s(exact|derived|default|bounds|unknown) \(([^()]*)\)$// ?
			($1, $2) : ('', '');
		my $unused = s/^: //;

		next unless /^(\S.*?)\s{2,}(\d+|\?)(?:\s+(\?|[r-][w-][x-]~?))?(?:\s|$)/;
		my $row = {
			name => $1, conf => $conf, source => $source, depth => $depth,
			size => $2 eq '?' ? undef : $2,
			perms => defined $3 && $3 ne '?' ? $3 : undef,
			unused => $unused,
		};
		push @rows, $row;
		if ($shape eq ',') {
			$row->{depth}--;
			push @open, $row;
			next;
		}
		$row->{first} = hex $first;
		$row->{last} = $row->{first} + ($row->{size} // 1) - 1;
		$bounds = $row if $tilde eq '~';
		# The lowest row of a box is where the box starts.
		if ($shape eq '`' && @open) {
			my $top = pop @open;

			$top->{first} = $row->{first};
			$top->{last} = $top->{first} + $top->{size} - 1;
		}
	}
	return grep { defined $_->{last} } @rows;
}

# --kernel-ptes: [first, last, page size, perms with g and u as the module writes them, memory]
sub kernel_ptes {
	my ($text) = @_;
	my @out;

	for (split /\n/, $text) {
		my ($first, $end, $page, $perms, $bits, $memory) =
			/^([0-9a-f]+)-([0-9a-f]+)\s+\d+\s+(\d+)\s+([r-][w-][x-])\S*\s+([g-][u-][c-])\s+(\S+)/ or next;

		# "again 65535 times, every 65536": the module enters a table once, so what is meant
		# here is the rest of one table (ESPfix).
		my ($again, $stride) = /again (\d+) times, every (\d+)/;
		my $table = hex($first) | 0x1fffff;

		$perms .= ($bits =~ /u/ ? 'u' : '-') . ($bits =~ /g/ ? 'g' : '-');
		for (my $at = 0; $at <= ($again // 0) * ($stride // 0); $at += $stride // 1) {
			last if hex($end) - 1 + $at > $table && $at;
			push @out, [ hex($first) + $at, hex($end) - 1 + $at, $page, $perms, $memory ];
		}
	}
	return @out;
}

# --ptes, a run of entries taken apart: [va, size of one, perms or absent, memory, physical]
sub ptes {
	my ($text) = @_;
	my @out;

	for (split /\n/, $text) {
		my ($va, $n, $size, $state, $rest) = /^([0-9a-f]+) +(\d+) +(\d+) +([a-z]+)\s+(.*)/ or next;

		$va = hex $va;
		for my $i (0 .. $n - 1) {
			if ($state ne 'present') {
				push @out, [ $va + $i * $size, $size, 'absent', '-', 0 ];
				next;
			}
			my ($perms, $bits, $memory, $key, $pfn) =
				$rest =~ /^([r-][w-][x-])<?\s+(\S+)\s+(\S+)\s+(\d+)\s+([0-9a-f]+)/ or next;
			push @out, [ $va + $i * $size, $size, $perms, $memory,
				(hex($pfn) + $i * $size / 4096) * 4096 ];
		}
	}
	return @out;
}

1;
