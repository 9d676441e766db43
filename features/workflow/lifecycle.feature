@OBJ-LIFECYCLE-001 @source-2.1
Feature: A specification goes from draft to completed with all its costs
  The complete lifecycle of a specification (draft, requirements, design, executing, completed) works with cost tracking.
  Reading: a spec is approved from phase to phase and completes with its last task; agents call their provider in each
  of the three phases. A call is recorded when it has a record of its own.

  @OBJ-LIFECYCLE-001.1 @lane-service
  Rule: One spec is driven from draft to completed, with calls in every phase, all of them recorded

    @core
    Scenario: the statuses in their order
      When a spec is driven from draft to completed, with noise around it
      Then the platform showed draft, requirements, design, executing and completed, in this order

    @core
    Scenario: the calls on the way
      When a spec is driven from draft to completed, with noise around it
      Then calls were made in every phase
      And each call has exactly one record, which names its task
