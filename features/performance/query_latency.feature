@NFR-PERF-002 @source-4.1
Feature: Summaries are quick
  A summary of costs takes less than 200 ms in scopes of the usual size, below 10,000 records.
  Reading: 95 of 100 answers count, each a request of one caller at the platform's own boundary, for every summary that
  the platform offers: of each scope, of what a spec has cost so far, and of a completed spec. The scope holds 9,999
  records, and the table 100,000 others where the scope is not the whole of it. A wrong answer is no quick answer, and
  that a final summary is offered at all is asked by REQ-E2E-005.

  @NFR-PERF-002.1 @lane-quiet
  Rule: Of 100 answers with a summary of 9,999 records 95 take less than 200 ms

    @core
    Scenario: the summary of everything
      Given 9,999 stored costs of a spec in requirements and no others
      When the global summary is asked for in batches of 150, until 95 % are clear of 200 ms, with calls of our own server between them
      Then 95 % of the answers take less than 200 ms
      And every answer tells the number and the sum of those costs

    @core
    Scenario: summaries of a scope among others
      Given 9,999 stored costs of a spec in requirements among 100,000 of other scopes
      When every summary of its scopes is asked for in batches of 150, until 95 % are clear of 200 ms, with calls of our own server between them
      Then 95 % of the answers take less than 200 ms
      And every answer tells the number and the sum of those costs

    @core
    Scenario: the final summary of a completed spec
      Given a spec that was completed with 9,999 stored costs, among 100,000 of other scopes
      When its final summary is asked for in batches of 150, until 95 % are clear of 200 ms, with calls of our own server between them
      Then 95 % of the answers take less than 200 ms
      And every answer tells the number and the sum of those costs

  @NFR-PERF-002.2 @lane-quiet @hardened
  Rule: From 1,000 to 100,000 records a summary takes longer in proportion to them at most
