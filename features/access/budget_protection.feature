@NFR-SEC-002 @source-4.4
Feature: Budget limits are changed by their owners alone
  Budget limits are only modifiable by project owners or organization admins.
  Reading: owners are the owner of the project and the owners and admins of its organisation. A limit is changed by
  whatever makes the stored budgets others than they were: set, raised, lowered, put off, removed, or freed of what was
  spent. Every operation of the published API description that writes is tried, but for those about signing in, as it
  is described and with fields beside it that sound like a limit. A refusal is a client error; what the database holds
  decides. Limits of global, agent and phase scope are for the admins and owners of an organisation. Who administers
  another one is a stranger, but for limits of global and phase scope, which may be those of the whole installation.

  @NFR-SEC-002.1 @lane-service
  Rule: Project owners and organisation admins may use the operations that change a budget

    @core
    Scenario Outline: an owner changes limits
      Given a project with costs and limits that somebody wants to change
      When every operation that changes a budget is asked as <who>
      Then the database holds what was asked for

      Examples:
        | who                |
        | project owner      |
        | organisation admin |
        | organisation owner |

  @NFR-SEC-002.2 @lane-service
  Rule: Nobody else changes a limit, and no limit is other than a number from zero up

    @core
    Scenario Outline: nobody else changes a limit by any operation
      Given a project with costs and limits that somebody wants to change
      When every operation that writes is asked as <who>, also with fields beside it
      Then the stored limits are what they were, and an owner's change is stored

      Examples:
        | who                     |
        | anonymous               |
        | expired                 |
        | forged                  |
        | truncated               |
        | unsigned                |
        | stranger                |
        | removed                 |
        | viewer                  |
        | member                  |
        | administrator elsewhere |

    @core
    Scenario: who owns a project changes no limit of another by way of it
      Given a project with costs and limits that somebody wants to change
      When every operation that writes is asked by owners elsewhere who name their own project
      Then the stored limits are what they were, and an owner's change is stored

    @core
    Scenario Outline: limits beyond one project are for administrators
      Given a project with costs and limits that somebody wants to change
      When every operation that changes limits beyond one project is asked as <who>
      Then the stored limits are what they were, and an owner's change is stored

      Examples:
        | who           |
        | project owner |

    @core
    Scenario Outline: a limit that is no number from zero up is refused
      Given a project with costs and limits that somebody wants to change
      When a limit of <limit> is asked for by an owner
      Then it is refused, the stored limits are what they were, and a sound one is stored

      Examples:
        | limit       |
        | NaN         |
        | Infinity    |
        | -Infinity   |
        | 1e999       |
        | "NaN"       |
        | "Infinity"  |
        | "-Infinity" |
        | -1          |
        | -0.000001   |
