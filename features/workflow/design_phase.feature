@REQ-E2E-003 @source-3.2
Feature: The design phase records its costs and keeps the spec's running total
  When an agent generates design artifacts, its costs are recorded and the running totals of the spec follow.
  Reading: a record belongs to the phase of its task, also when it was reported by an agent or for nobody. A phase
  that cost nothing may be left out or shown with zero. A total is right as soon as the call is over, at whichever
  instance of the platform it is asked for, whether the task is completed, fails or is still open.

  @REQ-E2E-003.1 @lane-service
  Rule: Each design task that called an LLM has records, in the design phase and in no other

    @core
    Scenario: agents work on design tasks
      When agents work on the design tasks of a spec, with noise around them
      Then each call has exactly one record, which names its task

    @core
    Scenario: the spec shows the costs in their phase
      Given agents that worked on the design tasks of a spec, with noise around them
      When the spec is asked what it cost
      Then its design phase costs what its design calls cost, and no other phase holds any of it

    @core
    Scenario: the summary of all phases shows the costs in their phase
      Given a spec in design with noise around it
      When the phases are summed before and after an agent works on a design task
      Then design has grown by what the task's calls cost, and no other phase has grown

  @REQ-E2E-003.2 @lane-service
  Rule: The running total of a spec over the interface equals the sum of its records after every call

    @core
    Scenario: call by call
      Given a spec in design with noise around it
      When its agents make one call after another, and its running total is asked for after each
      Then each total is the sum of the spec's records by then, and what its calls cost by then

    @core
    Scenario: call by call, seen at another instance
      Given a spec in design with noise around it
      When its agents make one call after another, and its running total is asked for at another instance after each
      Then each total is the sum of the spec's records by then, and what its calls cost by then

    @core
    Scenario: between two calls of a task
      Given a spec in design with noise around it
      When its running total is asked for while an agent waits for the second call of its task
      Then it has grown by what the first call cost

    @core
    Scenario: after runs that the provider broke off
      Given a spec in design with noise around it
      When runs of its agents are broken off by the provider, and its running total is asked for after each
      Then each total is the sum of the spec's records by then, and what its calls cost by then

  @REQ-E2E-003.3 @lane-service
  Rule: The costs of a spec can be asked for by phase, and the phases sum to the total

    @core
    Scenario Outline: each phase costs what its calls cost
      Given <a spec> that cost something in several phases, with noise around it
      When the spec is asked what it cost
      Then each of its phases costs what its calls cost
      And its phases sum to its total

      Examples:
        | a spec           |
        | a spec in design |
        | a completed spec |
