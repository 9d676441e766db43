@TST-E2E-001 @source-6.3
Feature: The flows from end to end are tested, and people see on the page what is
  The end-to-end tests that section 6.3 names stand in the platform and pass, and in a real browser its page shows the
  costs that its API answers and the budget alerts as they happen.
  Reading: a test counts when it is found by its name, is executed, and meets an assertion while it runs; nothing
  follows from one that lacks a declared dependency or something to connect to; the page tells a total when it shows it
  to the cent at least, rounded to the digits shown; an alert that only comes when the page is loaded anew, by whomever,
  has not reached the person who looks at it.

  @TST-E2E-001.1 @lane-source
  Rule: The end-to-end tests that the document names exist, pass, and execute an assertion

    @core
    Scenario Outline: a test that section 6.3 names
      Given a browser that opens pages
      When the platform's own test <name> is run
      Then it is there and passes
      And it executes an assertion

      Examples:
        | name                                 |
        | test_e2e_spec_creation_to_completion |
        | test_e2e_cost_api_queries            |
        | test_e2e_budget_alerts               |

  @TST-E2E-001.2 @lane-service
  Rule: The page shows the total that the API answers

    @core
    Scenario: the running total of each spec
      Given two specs of a project with different costs and another project's costs beside them
      When somebody opens the page about the project at each of the specs
      Then the page shows the total that the API answers for each of the specs

    @core
    Scenario: the running total after further costs
      Given two specs of a project with different costs and another project's costs beside them
      And somebody looks at the page and sees what each of the specs cost
      When both specs cost more and the page is loaded again
      Then the page shows the total that the API answers for each of the specs

  @TST-E2E-001.3 @lane-service
  Rule: A budget alert reaches the person who looks at the page without a reload

    @core
    Scenario Outline: a budget that crosses its threshold
      Given somebody looks at the page while the budget of a <kind> is spent to 50 percent
      When a cost takes the budget that they look at to 85 percent
      Then an alert that was not there before appears on the page
      And the page is still the one that was loaded

      Examples:
        | kind    |
        | project |
        | spec    |

    @core
    Scenario: a budget that reaches its limit
      Given somebody looks at the page while the budget of a spec is spent to 50 percent
      And the page told them of a cost that took it to 85 percent
      When a cost takes the budget that they look at to 100 percent
      Then an alert that was not there before appears on the page
      And the page is still the one that was loaded
