@NFR-SEC-001 @source-4.4
Feature: Costs are shown to those who belong to them
  Cost records are only accessible to users with project membership or admin roles.
  Reading: every operation of the published API description is asked that speaks of costs, budgets or forecasts, in
  its path, its tags or the fields of its answers, and every stream of events; by id, by filter and by scope. Members
  of a project, viewers too, its owner, and the admins and owners of its organisation read its costs; members and
  owners record them. Limits count as costs: a cost route that answers every one of them with a server error is
  readable by nobody. Refused is whatever is answered with a client error or sent elsewhere; an answer that shows
  nothing of the project is no breach either, except to somebody without a sound token who is told what members are
  told. What the asker named is not counted as shown. Global, agent and phase scopes, their limits too, are for admins
  and owners of an organisation. Those of another organisation are strangers: what they are shown of such scopes holds
  nothing of this one, but for limits of global and phase scope, which may be those of the whole installation. Who is
  removed is shown nothing from then on, be it asked for anew or told on a stream of events that they opened before; a
  stream that refuses members, or tells them of other things and of no cost, need not be followed.

  @NFR-SEC-001.1 @lane-service
  Rule: Members of a project, viewers too, and administrators read its costs

    @core
    Scenario Outline: everybody of a project is shown its costs
      Given a project with costs and limits and people around it
      When every operation about its money is asked as <who>
      Then each answer shows the amounts that it shows to anybody of the project

      Examples:
        | who                |
        | viewer             |
        | member             |
        | project owner      |
        | organisation admin |
        | organisation owner |

    @core
    Scenario: no cost route fails on everybody of a project
      Given a project with costs and limits and people around it
      When every cost route is asked by everybody of it
      Then each question is answered or refused to somebody

    @core
    Scenario Outline: administrators are shown scopes beyond one project
      Given a project with costs and limits and people around it
      When scopes beyond one project are asked for as <who>
      Then each of them that anybody is shown is shown

      Examples:
        | who                |
        | organisation admin |
        | organisation owner |

  @NFR-SEC-001.2 @lane-service
  Rule: Nobody else reads or records its costs

    @core
    Scenario Outline: whoever cannot prove who they are is shown nothing
      Given a project with costs and limits and people around it
      When every operation about its money is asked from outside: <who>
      Then no answer shows anything of the project
      And none tells what members are told
      And whatever members are told is either answered or refused

      Examples:
        | who       |
        | anonymous |
        | expired   |
        | forged    |
        | truncated |
        | unsigned  |

    @core
    Scenario Outline: whoever belongs elsewhere is shown nothing of a project
      Given a project with costs and limits and people around it
      When every operation about its money is asked from outside: <who>
      Then no answer shows anything of the project
      And whatever members are told is either answered or refused

      Examples:
        | who                     |
        | stranger                |
        | removed                 |
        | administrator elsewhere |

    @core
    Scenario: who owns a project is shown nothing of another by way of it
      Given a project with costs and limits and people around it
      When every operation about its money is asked by owners elsewhere who name their own project
      Then no answer shows anything of the project

    @core
    Scenario Outline: scopes beyond one project are for administrators
      Given a project with costs and limits and people around it
      When scopes beyond one project are asked for as <who>
      Then none of them is shown
      And no limit of such a scope is among whatever they are shown

      Examples:
        | who           |
        | viewer        |
        | member        |
        | project owner |

    @core
    Scenario: administrators of another organisation are shown nothing of scopes beyond one project
      Given a project with costs and limits and people around it
      When scopes beyond one project are asked for by administrators of another organisation
      Then nothing of what the project's own administrators are told is among what they are shown

    @core
    Scenario Outline: without a filter only own projects are listed
      Given a project with costs and limits and people around it
      When every operation about money is asked without naming anything as <who>
      Then nothing of another organisation is among what is shown

      Examples:
        | who                |
        | viewer             |
        | member             |
        | project owner      |
        | organisation admin |
        | organisation owner |

    @core
    Scenario: whoever is removed is shown nothing more, also where they went on listening
      Given a project with costs and limits that somebody wants to change
      When a member who follows the project is removed, and costs are recorded after that
      Then they are shown nothing of it any more, neither where they look nor where they went on listening

    @core
    Scenario Outline: nobody else records a cost
      Given a project with costs and limits that somebody wants to change
      When every operation that records costs is asked as <who>
      Then no cost is stored, and one by somebody of the project is

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
        | administrator elsewhere |
