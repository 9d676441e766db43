@REQ-EVT-001 @source-3.3
Feature: Every recorded cost is announced
  When a cost record is created, the event cost.recorded is published on the event bus.
  Reading: the bus is Redis publish and subscribe; an event of a type is a JSON message on the channel events.<type>.
  The fields that the document names stand in its payload or beside it, further ones are free. A cost that was refused
  is no record, so nothing is announced for it. Where there are several ways to have one recorded, each counts. Each row
  is announced once, however many instances are at work, and with all the decimals that it holds. A call without a token
  may be refused; recorded, it is announced like any other.

  @REQ-EVT-001.1 @lane-service
  Rule: The event tells the task, agent, provider, model and cost of every row once

    @core
    Scenario Outline: a reported cost is announced with what its row holds
      Given a task and an agent whose costs are watched on the bus, with noise around them
      When a call of <spender> is reported for the task
      Then exactly one cost.recorded event tells each row of the task as it is stored

      Examples:
        | spender   |
        | the agent |
        | nobody    |

    @core
    Scenario Outline: every call of an agent's run is announced with what its row holds
      Given an agent that calls its provider <manner>, whose costs are watched on the bus, with noise around them
      And a task of three calls that it worked on
      When the rows of the task are read
      Then exactly one cost.recorded event tells each row of the task as it is stored

      Examples:
        | manner        |
        | in one piece  |
        | with a stream |

    @core
    Scenario: a cost of nobody is announced as such for a task that an agent works on
      Given an agent that calls its provider in one piece, whose costs are watched on the bus, with noise around them
      And a task of three calls that it worked on
      When a call of nobody is reported for the task
      Then exactly one cost.recorded event tells each row of the task as it is stored

    @core
    Scenario: costs at no listed price and of no token are announced with what their rows hold
      Given a task and an agent whose costs are watched on the bus, with noise around them
      When a call of a model that the file does not list is reported for the task, and one without a token
      Then exactly one cost.recorded event tells each row of the task as it is stored

    @core
    Scenario: in whichever way a cost is recorded, it is announced with what its row holds
      Given a task and an agent whose costs are watched on the bus, with noise around them
      When a call of an agent is recorded in every way that the platform offers, each for a task of its own
      Then by each way a row is stored, and exactly one cost.recorded event tells it as it is stored

    @core
    Scenario: costs reported at two instances are announced with what their rows hold
      Given a task and an agent whose costs are watched on the bus, with noise around them
      And a second instance of the platform where they are reported too
      When 12 calls of the agent are reported for the task, by turns at the two instances
      Then exactly one cost.recorded event tells each row of the task as it is stored

    @core
    Scenario: a cost that the database refuses at its commit is not announced
      Given a task and an agent whose costs are watched on the bus, with noise around them
      And a database that will refuse the next cost of the task at its commit
      When that cost is reported for the task
      Then neither a row nor an event tells of that cost

  @REQ-EVT-001.2 @lane-service
  Rule: The event is received by those who subscribed to it

    @core
    Scenario: two subscribers receive it, and one of another type does not
      Given a task and an agent whose costs are watched on the bus, with noise around them
      And two subscribers of cost.recorded and one of another type
      When a call of the agent is reported for the task
      Then each of the two receives exactly one event for it
      And the one of another type receives none

  @REQ-EVT-001.3 @lane-service
  Rule: No event is lost when many costs are recorded at once

    @core
    Scenario: 500 costs reported by 8 callers at once, and costs of unknown tasks among them
      Given 8 callers with a task each, whose costs are watched on the bus, with noise around them
      When they report 500 costs at once, and 24 for tasks that do not exist
      Then exactly one cost.recorded event tells each row of the 500
      And neither a row nor an event tells of a cost for a task that does not exist

    @core
    Scenario: a cost for a task that does not exist is refused and not announced
      Given a task and an agent whose costs are watched on the bus, with noise around them
      When a call is reported for a task that does not exist
      Then it is refused
      And neither a row nor an event tells of it
