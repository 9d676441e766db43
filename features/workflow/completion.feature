@REQ-E2E-005 @source-3.2
Feature: A completed specification has a final cost summary
  When a specification reaches completed, a final summary of its costs is made, with a breakdown by phase.
  Reading: the summary is there as soon as the platform shows the spec as completed. A call belongs to the agent who
  made it, not to one who asked for the task or who failed at it before; a reported cost of no agent is nobody's, and is
  shown as such. A phase that cost nothing may be left out or shown with zero. What was called for a task that failed
  is part of the costs, whether the spec is completed beside it or only once it was taken up again. Agents are told
  apart by their ids, whatever their names.

  @REQ-E2E-005.1 @lane-service
  Rule: The final total is what the spec's calls cost

    @core
    Scenario Outline: the total
      Given a spec that was completed <how>, with noise around it
      When its final summary is asked for
      Then its total is what its calls cost, and the sum of its records

      Examples:
        | how                                                     |
        | by two agents at work in every phase                    |
        | after an agent failed and another one took over         |
        | by two agents of one name, one of whom failed at a task |

  @REQ-E2E-005.2 @lane-service
  Rule: The final summary shows every phase that cost something

    @core
    Scenario Outline: the phases
      Given a spec that was completed <how>, with noise around it
      When its final summary is asked for
      Then each of its phases costs what its calls cost
      And its phases sum to its total

      Examples:
        | how                                                     |
        | by two agents at work in every phase                    |
        | after an agent failed and another one took over         |
        | by two agents of one name, one of whom failed at a task |

  @REQ-E2E-005.3 @lane-service
  Rule: The final summary shows every agent who cost something

    @core
    Scenario Outline: the agents
      Given a spec that was completed <how>, with noise around it
      When its final summary is asked for
      Then each of its agents costs what its calls cost
      And its agents sum to its total

      Examples:
        | how                                                     |
        | by two agents at work in every phase                    |
        | after an agent failed and another one took over         |
        | by two agents of one name, one of whom failed at a task |

    @core
    Scenario: costs of nobody
      Given a spec that was completed by two agents at work in every phase, with noise around it
      When its final summary is asked for
      Then what was reported for nobody is shown without an agent
