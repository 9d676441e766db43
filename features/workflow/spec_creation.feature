@REQ-E2E-001 @source-3.2
Feature: A new specification knows what its project costs
  When a user creates a specification, the costs of its project are at hand, and so is a forecast.
  Reading: a pending task is one that was made and that no agent was given yet, and a completed one is pending no more;
  whether a task under way still counts is the platform's choice. A forecast is asked for at the price of one model and
  speaks of a project or of one of its specs. Where the pricing file publishes how to forecast, a task takes its average
  number of tokens, half of them prompt and half completion, and the sum is multiplied by its buffer. A project costs
  what all of its tasks cost, each call once: those of its specs, on whatever ticket, and those of a ticket alone where
  the platform knows such tasks, which are of no spec.

  @REQ-E2E-001.1 @lane-service
  Rule: New specs have access to the costs of their project

    @core
    Scenario: a project that spent nothing
      Given costs of another project
      When a spec is created in a project of its own
      Then the project's summary is zero

    @core
    Scenario: a project that spent something
      Given costs of another project
      And costs of two specs of a project, called for and reported
      When a spec is created in that project
      Then the project's summary is the sum of what its tasks cost
      And the summaries of its specs are what their own tasks cost, with nothing for the new one

    @core
    Scenario: a project whose costs hang on several tickets
      Given costs of another project
      And costs of two specs of a project on tickets of its own, and of tasks of no spec
      When a spec is created in that project
      Then the project's summary is the sum of what its tasks cost
      And the summaries of its specs are what their own tasks cost, with nothing for the new one

    @core
    Scenario: a project with a completed spec
      Given costs of another project
      And costs of a completed spec of a project, and of another one in requirements
      When a spec is created in that project
      Then the project's summary is the sum of what its tasks cost
      And the summaries of its specs are what their own tasks cost, with nothing for the new one

  @REQ-E2E-001.2 @lane-service
  Rule: Costs are forecast from the pending tasks

    @core
    Scenario Outline: nothing is pending
      Given pending tasks of another project
      And a <scope> without a task
      When its forecast is asked for
      Then the forecast is zero

      Examples:
        | scope   |
        | project |
        | spec    |

    @core
    Scenario Outline: each pending task adds to the forecast
      Given pending tasks of another project
      And a <scope> without a task
      When tasks are made one by one and its forecast is asked for after each
      Then the forecast grows with each of them

      Examples:
        | scope   |
        | project |
        | spec    |

    @core
    Scenario Outline: each completed task takes from the forecast
      Given pending tasks of another project
      And a <scope> whose tasks were completed one by one, its forecast asked for before and after each
      When its forecast is asked for
      Then the forecast fell with each completed task
      And the forecast is zero

      Examples:
        | scope   |
        | project |
        | spec    |

    @core
    Scenario Outline: the forecast follows from the pricing file
      Given pending tasks of another project
      And a <scope> without a task
      When tasks are made one by one and its forecast is asked for after each
      Then each forecast is the number of pending tasks times what the pricing file expects of one

      Examples:
        | scope   |
        | project |
        | spec    |
