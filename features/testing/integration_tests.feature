@TST-INT-001 @source-6.2
Feature: What cost tracking does together with specs, budgets and the bus is tested
  The integration tests that section 6.2 names stand in the platform and pass.
  Reading: a test counts when it is found by its name, is executed, and meets an assertion while it runs. Nothing
  follows from one that lacks a declared dependency or something to connect to.

  @TST-INT-001.1 @lane-source
  Rule: The integration tests that the document names exist, pass, and execute an assertion

    @core
    Scenario Outline: a test that section 6.2 names
      When the platform's own test <name> is run
      Then it is there and passes
      And it executes an assertion

      Examples:
        | name                          |
        | test_spec_workflow_with_costs |
        | test_budget_enforcement       |
        | test_cost_event_publishing    |
