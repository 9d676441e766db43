@TST-UNIT-001 @source-6.1
Feature: What cost tracking computes and keeps is tested
  The unit tests that section 6.1 names stand in the platform and pass.
  Reading: a test counts when it is found by its name, is executed, and meets an assertion while it runs; where it
  lies is the platform's choice, and shown if it is not where the document says. That the unit test suite passes, as
  section 10 says, is that no unit test fails, be it named or not; one that is skipped is shown. One that fails is run
  once more, with its file and then amid all the others, and fails if it does so again. Nothing follows from a test that
  lacks a declared dependency or something to connect to.

  @TST-UNIT-001.1 @lane-source
  Rule: The unit tests that the document names exist, pass, and execute an assertion, and no other one fails

    @core
    Scenario Outline: a test that section 6.1 names
      When the platform's own test <name> is run
      And its place is compared with <location>
      Then it is there and passes
      And it executes an assertion

      Examples:
        | name                          | location                                  |
        | test_cost_calculation         | tests/unit/services/test_cost_tracking.py |
        | test_cost_record_creation     | tests/unit/services/test_cost_tracking.py |
        | test_cost_summary_aggregation | tests/unit/services/test_cost_tracking.py |
        | test_import_resolution        | tests/unit/test_imports.py                |

    @core
    Scenario: the unit tests as a whole
      When the platform's own unit tests are run
      Then none of them fails
