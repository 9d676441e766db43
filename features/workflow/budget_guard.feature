@REQ-E2E-004 @source-3.2
Feature: Budget limits guard the executing phase
  When a spec is in executing, budget limits are enforced before tasks are given to agents.
  Reading: the estimate of a task is the platform's own forecast for one task of its agent's provider and model; an
  amount that its refusal names as needed takes precedence. A task may start while every budget of its project,
  ticket and spec has the estimate left, to the last digit. What a started task was promised is not left while it is
  open; what it costs comes out of that, and once it is completed or failed no more is gone than it cost. A task whose
  run breaks off may be failed or kept open by the platform. Where a platform holds a single budget of a scope, because
  it refuses a second or lets it replace the first, that one decides. A refusal counts only when the budget is its
  ground. A platform may refuse executing itself to a spec whose budget is spent.

  @REQ-E2E-004.1 @lane-service
  Rule: The budget is checked before a task is assigned

    @core
    Scenario: with room in the budget, a task starts in every way and its agent calls the provider
      Given a spec in executing whose project has room in its budget, with noise around it
      When a task is started in every way that the platform offers
      Then each of them is started, and its agent's calls are served when it is run

    @core
    Scenario Outline: with the budget of its <scope> spent, a task starts in no way
      Given a spec in executing whose <scope> has spent its budget, with noise around it
      When a task is started in every way that the platform offers
      Then each start is refused for the budget
      And none of them is started, and no call of theirs reached the provider

      Examples:
        | scope   |
        | project |
        | ticket  |

    @core
    Scenario: entering executing with a spent budget assigns nothing
      Given a spec before executing whose project has spent its budget, with noise around it
      When the spec is to go on to executing
      Then nothing of it can be started there, and no call of it reached the provider

  @REQ-E2E-004.2 @lane-service
  Rule: A task is blocked if the budget would be exceeded

    @core
    Scenario: an estimate equal to what is left is assigned
      Given a spec in executing whose budget has exactly one estimate left, with noise around it
      When a task of it is to be started
      Then it is started

    @core
    Scenario: an estimate above what is left is refused
      Given a spec in executing whose budget has hardly less than one estimate left, with noise around it
      When a task of it is to be started
      Then its start is refused for the budget, and nothing came of it

    @core
    Scenario: a second task is refused when the first was promised what is left
      Given a spec in executing whose budget has exactly one estimate left, with noise around it
      And a task of it that was started
      When a task of it is to be started
      Then its start is refused for the budget, and nothing came of it

    @core
    Scenario: what a failed task was promised is left again
      Given a spec in executing whose budget has exactly one estimate left, with noise around it
      And a task of it that was started and failed
      When a task of it is to be started
      Then it is started

    @core
    Scenario Outline: a second task is refused when the first was promised what its project or ticket has left
      Given a spec in executing whose <scope> has exactly one estimate left, with noise around it
      And a task of it that was started
      When a task of it is to be started
      Then its start is refused for the budget, and nothing came of it

      Examples:
        | scope   |
        | project |
        | ticket  |

    @core
    Scenario: a second task is refused while the first is at work with what is left
      Given a spec in executing whose budget has exactly one estimate left, with noise around it
      And a task of it that was started
      When a task of it is to be started while that one is at work
      Then its start is refused for the budget, and nothing came of it

    @core
    Scenario Outline: what a task was promised and does not cost is left for others
      Given a spec in executing with noise around it
      And a task of it that cost <share> than it was promised and is <end>, with exactly one estimate left
      When a task of it is to be started
      Then it is started

      Examples:
        | share | end        |
        | less  | completed  |
        | more  | completed  |
        | less  | failed     |
        | less  | broken off |
        | less  | still open |
        | more  | still open |

    @core
    Scenario Outline: what a task cost is left for nobody
      Given a spec in executing with noise around it
      And a task of it that cost <share> than it was promised and is <end>, with hardly less than one estimate left
      When a task of it is to be started
      Then its start is refused for the budget, and nothing came of it

      Examples:
        | share | end        |
        | less  | completed  |
        | more  | completed  |
        | less  | failed     |
        | less  | broken off |
        | more  | still open |

    @core
    Scenario: of tasks that one request may start together no more pass than the budget bears
      Given for every way to start tasks a spec in executing whose budget bears 1 of its 3 tasks, with noise around it
      When each way is tried at its spec
      Then no more than 1 task of each spec is started, and each refusal is for the budget

    @core
    Scenario: a limit of 0 allows nothing that costs
      Given a spec in executing with a budget of 0, with noise around it
      When a task of it is to be started
      Then its start is refused for the budget, and nothing came of it

    @core
    Scenario: the budgets of project, ticket and spec together allow what each of them allows
      Given a spec in executing with budgets of project, ticket and spec that have room, with noise around it
      When a task of it is to be started
      Then it is started

    @core
    Scenario Outline: the tightest of three budgets decides, be it that of the <tightest>
      Given a spec in executing with budgets of project, ticket and spec, the <tightest> one spent, with noise around it
      When a task of it is to be started
      Then its start is refused for the budget, and nothing came of it

      Examples:
        | tightest |
        | project  |
        | ticket   |
        | spec     |

    @core
    Scenario Outline: two budgets of one scope allow what both of them allow
      Given a spec in executing with noise around it
      And two budgets of its <scope>, the <tight> with enough left for a task, and the other with more
      When a task of it is to be started
      Then it is started

      Examples:
        | scope   | tight  |
        | project | first  |
        | spec    | second |

    @core
    Scenario Outline: the tighter of two budgets of one scope decides
      Given a spec in executing with noise around it
      And two budgets of its <scope>, the <tight> with too little left for a task, and the other with more
      When a task of it is to be started
      Then its start is refused for the budget if the platform holds both budgets or the tighter one

      Examples:
        | scope   | tight  |
        | project | first  |
        | project | second |
        | ticket  | first  |
        | spec    | second |

    @core
    Scenario Outline: a budget that is <become> at one instance leaves too little at another
      Given a spec in executing <room>, a task of which was to be started at each of two instances, with noise around it
      When its budget is <become> at the one, and a task of it is to be started at the other
      Then that one is refused for the budget

      Examples:
        | room                    | become  |
        | without a budget        | set     |
        | with room in its budget | spent   |
        | with room in its budget | lowered |

    @core
    Scenario: a budget that is raised at one instance leaves enough at another
      Given a spec in executing with too little room in its budget, a task of which was to be started at each of two instances, with noise around it
      When its budget is raised at the one, and a task of it is to be started at the other
      Then that one is started

    @core
    Scenario Outline: of tasks started at once at two instances exactly <some> of <all> pass
      Given a spec in executing whose budget has <some> estimates left, and <all> tasks, with noise around it
      When all of them are started at once, by turns at two instances of the platform
      Then exactly <some> of them are started, and the others are refused for the budget

      Examples:
        | some | all |
        | 1    | 6   |
        | 3    | 8   |

    @core
    Scenario: of tasks whose transactions meet at their first write no more pass than the budget bears
      Given a spec in executing whose budget has 2 estimates left, and 6 tasks, with noise around it
      When all of them are started by turns at two instances, held up at their first write until all are there
      Then exactly 2 of them are started, and the others are refused for the budget

  @REQ-E2E-004.3 @lane-service
  Rule: The event budget.warning is published at 80 % of the budget

    @core
    Scenario Outline: costs in executing that take a budget to exactly 80 % warn once
      Given a watched <scope> budget of a spec in executing, with noise around it
      When costs take the budget to 79, 80 %
      Then budget.warning tells it exactly once

      Examples:
        | scope  |
        | spec   |
        | ticket |

    @core
    Scenario: a call of a task in executing that takes a budget over 80 % warns once
      Given a spec in executing whose budget runs low with the next call, with noise around it
      When its agent works on a task of one call
      Then budget.warning tells it exactly once

    @core
    Scenario: costs in executing that stay below 80 % do not warn
      Given a watched spec budget of a spec in executing, with noise around it
      When costs take the budget to 40, 79 %
      Then budget.warning does not tell it
