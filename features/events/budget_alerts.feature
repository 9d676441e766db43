@REQ-EVT-002 @source-3.3
Feature: Budgets tell when they run low and when they are spent
  When costs approach or exceed the thresholds of a budget, alert events are published.
  Reading: a budget runs low when exactly 80 % of its limit or more is spent, and is exceeded when its whole limit or
  more is; each is told once, by the cost that gets there, and a cost that passes both marks tells both. Only what is
  spent after a budget was set counts. It is told once in all, however many instances of the platform are at work and
  however many costs are recorded at a time. The event names the kind of the budget's scope and its id.

  @REQ-EVT-002.1 @lane-service
  Rule: The event budget.warning is published when 80 % is reached

    @core
    Scenario Outline: costs that take a budget to <marks> % tell once that it runs low
      Given a <scope> with a watched budget, with noise around it
      When costs take the budget to <marks> %
      Then budget.warning tells it exactly once

      Examples:
        | scope   | marks          |
        | project | 79, 80         |
        | project | 80             |
        | ticket  | 80             |
        | project | 80, 85, 90, 99 |

    @core
    Scenario Outline: costs by turns at two instances that take a budget to <marks> % tell once that it runs low
      Given a project with a watched budget, with noise around it
      And a second instance of the platform
      When costs take the budget to <marks> %, by turns at the two instances
      Then budget.warning tells it exactly once

      Examples:
        | marks              |
        | 40, 79, 85         |
        | 79, 80, 85, 90, 99 |

    @core
    Scenario Outline: two costs of <each> % at once beyond <before> % tell once that a budget runs low
      Given 4 projects with a watched budget each, of which <before> % is spent, with noise around
      When two costs of <each> % each meet on their way into one budget after another, each at its own instance
      Then budget.warning tells each of the budgets exactly once

      Examples: together they cross the mark, or each of them would alone
        | before | each |
        | 60     | 12   |
        | 70     | 14   |

    @core
    Scenario: costs of a task that is of no spec take the budget of its project to 80 %
      Given a project with a watched budget and a task that is of none of its specs, with noise around it
      When costs take the budget to 79, 80 %
      Then budget.warning tells it exactly once

    @core
    Scenario: a budget that stays below 80 % is not told
      Given a project with a watched budget, with noise around it
      When costs take the budget to 40, 79 %
      Then budget.warning does not tell it

  @REQ-EVT-002.2 @lane-service
  Rule: The event budget.exceeded is published when the limit is reached

    @core
    Scenario Outline: costs that take a budget to <marks> % tell once that it is exceeded
      Given a <scope> with a watched budget, with noise around it
      When costs take the budget to <marks> %
      Then budget.exceeded tells it exactly once

      Examples:
        | scope   | marks             |
        | project | 79, 99, 100       |
        | project | 100               |
        | ticket  | 100               |
        | project | 90, 100, 101, 115 |

    @core
    Scenario Outline: costs by turns at two instances that take a budget to <marks> % tell once that it is exceeded
      Given a project with a watched budget, with noise around it
      And a second instance of the platform
      When costs take the budget to <marks> %, by turns at the two instances
      Then budget.exceeded tells it exactly once

      Examples:
        | marks                  |
        | 50, 99, 104            |
        | 99, 100, 105, 110, 115 |

    @core
    Scenario Outline: two costs of <each> % at once beyond <before> % tell once that a budget is exceeded
      Given 4 projects with a watched budget each, of which <before> % is spent, with noise around
      When two costs of <each> % each meet on their way into one budget after another, each at its own instance
      Then budget.exceeded tells each of the budgets exactly once

      Examples: together they cross the mark, or each of them would alone
        | before | each |
        | 88     | 7    |
        | 95     | 10   |

    @core
    Scenario: a jump from below both marks to above both tells both
      Given a project with a watched budget, with noise around it
      When costs take the budget to 79, 105 %
      Then budget.warning tells it exactly once
      And budget.exceeded tells it exactly once

    @core
    Scenario: a budget that stays below its limit is not told
      Given a project with a watched budget, with noise around it
      When costs take the budget to 79, 99 %
      Then budget.exceeded does not tell it

  @REQ-EVT-002.3 @lane-service
  Rule: The events name the project, ticket or spec whose budget it is

    @core
    Scenario Outline: the events of a <scope> budget name that <scope>
      Given a <scope> with a watched budget, with noise around it
      When costs take the budget to 79, 85, 100 %
      Then budget.warning and budget.exceeded each name the <scope> once

      Examples:
        | scope   |
        | project |
        | ticket  |
        | spec    |

    @core
    Scenario Outline: a cost that crosses the budgets of a <one> and its <other> tells each
      Given a <one> and its <other> with a watched budget each, with noise around them
      When costs take both budgets to 79, 100 %
      Then budget.warning and budget.exceeded each name the <one> once
      And budget.warning and budget.exceeded each name the <other> once

      Examples:
        | one     | other  |
        | project | ticket |
        | project | spec   |
        | ticket  | spec   |

    @core
    Scenario: the budgets of others are not told
      Given a spec with a watched budget, and budgets of others beside it
      When costs take the budget to 79, 100 %
      Then no event tells of the budget of another spec in the project, or of another project
