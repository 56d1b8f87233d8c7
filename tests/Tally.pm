# SPDX-License-Identifier: GPL-2.0-or-later
# prove's own display, and below it what was skipped, why, and the counts .ci/run adds up:
#	PERL5LIB=tests prove --formatter Tally ...
package Tally;
use strict;
use warnings;
use parent 'TAP::Formatter::Console';

my %reasons;

sub open_test {
	my ($self, $test, $parser) = @_;
	$parser->callback(test => sub {
		my ($result) = @_;
		$reasons{ $result->explanation || 'no reason given' }++ if $result->has_skip;
	});
	$parser->callback(plan => sub {
		my ($result) = @_;
		$reasons{ ($result->explanation || 'no reason given') . " ($test)" }++
			if $result->has_skip;
	});
	return $self->SUPER::open_test($test, $parser);
}

sub summary {
	my ($self, $aggregate, @rest) = @_;
	my ($skipped, $failed) = (0, 0);

	$self->SUPER::summary($aggregate, @rest);
	for my $parser ($aggregate->parsers) {
		my $bad = $parser->failed;

		# A crash, or a wrong plan, is a failure even if each line printed was "ok".
		$bad ||= 1 if $parser->has_problems;
		$failed += $bad;
		$skipped += $parser->skip_all ? 1 : $parser->skipped;
	}
	my $passed = 0;
	$passed += $_->passed - $_->skipped for $aggregate->parsers;
	print "Skipped: $reasons{$_} x $_\n" for sort keys %reasons;
	print "$passed passed, $failed failed, $skipped skipped\n";
}

1;
