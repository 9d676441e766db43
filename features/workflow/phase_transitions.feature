@OBJ-BUDGET-001 @source-2.1
Feature: Budget limits are enforced at each phase transition
  Budget enforcement is integrated with the lifecycle of a spec, from draft to executing.
  Reading: a limit is enforced at a transition when a spec whose budget is spent either does not make the transition,
  refused for its budget, or makes it and cannot have any task of the new phase started. The budget may be that of the
  project, of the spec's ticket, or of the spec.

  @OBJ-BUDGET-001.1 @lane-service
  Rule: A spec with a spent budget spends nothing in its next phase

    @core
    Scenario Outline: with room in the budget, a spec goes on to <phase> and works there
      Given a spec before <phase> whose <scope> has room in its budget, with noise around it
      When the spec is to go on to <phase>
      Then it is in <phase>, and a task of it is started and its agent's calls are served

      Examples:
        | phase        | scope   |
        | requirements | project |
        | design       | spec    |
        | executing    | ticket  |

    @core
    Scenario Outline: with the budget of its <scope> spent, a spec does nothing in <phase>
      Given a spec before <phase> whose <scope> has spent its budget, with noise around it
      When the spec is to go on to <phase>
      Then nothing of it can be started there, and no call of it reached the provider

      Examples:
        | phase        | scope   |
        | requirements | project |
        | design       | project |
        | design       | spec    |
        | executing    | project |
        | executing    | spec    |
        | executing    | ticket  |
