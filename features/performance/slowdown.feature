@ACC-SLOWDOWN-001 @source-10
Feature: Cost tracking does not slow the execution of specs down
  No performance regression in spec execution (< 5% slowdown).
  Reading: the baseline is the version that `--baseline` names, else a copy of the platform in which recording a call
  does nothing. A spec run is the work on the one task of a spec in executing: from the request that has its agent
  begin to the answer after the last of its three calls, each of which the provider answers after 300 ms. The time in
  which the busiest threads of the platform and of its database stood in line for a processor is taken off, as far as
  others had it. Slowdown is the median ratio of two runs that follow each other, one with cost tracking and one
  without. It is told as soon as its interval, which misses it in 5 of 100 series at most, lies on one side of 5 %,
  after at most 30 pairs.

  @ACC-SLOWDOWN-001.1 @lane-quiet
  Rule: A spec run takes less than 5 % longer with cost tracking than without

    @core
    Scenario: spec runs with cost tracking beside runs of a baseline
      Given the platform and a baseline of it without cost tracking, both of which have run a spec
      When both run specs by turns until it is clear on which side of 5 % the platform's slowdown lies
      Then a run with cost tracking takes less than 5 % longer
