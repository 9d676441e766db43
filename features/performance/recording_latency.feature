@NFR-PERF-001 @source-4.1
Feature: Recording a cost is quick
  Recording a cost takes less than 50 ms, so that agents are not kept waiting.
  Reading: 99 of 100 recordings count, each a request of one caller at the platform's own boundary, on a database whose
  commits last and whose table holds 10,000 costs.

  @NFR-PERF-001.1 @lane-quiet
  Rule: Of 100 costs 99 are recorded in less than 50 ms

    @core
    Scenario: one caller records costs in a table of 10,000
      Given 10,000 stored costs in a database whose commits last
      When costs are recorded one after another in batches of 1,000, until 99 % are clear of 50 ms, with calls of our own server between them
      Then 99 % of them are recorded in less than 50 ms
      And every one of them is stored

  @NFR-PERF-001.2 @lane-quiet @hardened
  Rule: Of 100 costs 99 are recorded in less than 50 ms when 8 callers report theirs on a schedule of their own
