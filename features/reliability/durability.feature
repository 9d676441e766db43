@NFR-REL-001 @source-4.2
Feature: A recorded cost is kept
  All cost records are persisted to the database before success is returned to the caller.
  Reading: the caller is whoever reports a cost, or has an agent work on a task. A record is persisted when another
  connection reads its row as soon as the answer is there, and when the row outlives the platform, or the database
  server, being killed at that moment; so no session that records costs may turn waiting for the disk off. A cost that
  the database refuses is told to its caller as an error, and has neither a row nor an event, also later.

  @NFR-REL-001.1
  Rule: When success is returned the row is there, and a crash does not take it away

    @core @lane-service
    Scenario Outline: reported costs are read on another connection at once
      Given a task and an agent that report costs, with noise around them
      And a database whose commits take a moment
      When calls of <spender> are reported, and each is looked for as soon as its answer is there
      Then each of them had its row by then

      Examples:
        | spender   |
        | the agent |
        | nobody    |

    @core @lane-service
    Scenario: in whichever way a cost is recorded, it is read on another connection at once
      Given a task and an agent that report costs, with noise around them
      And a database whose commits take a moment
      When a call is recorded in every way that the platform offers, and looked for as soon as the answer is there
      Then each of them had its row by then

    @core @lane-fresh
    Scenario Outline: the calls of an agent's run are read on another connection at once
      Given an agent that calls its provider <manner> for a task of several calls, with noise around it
      And a database whose commits take a moment
      When the task is run, and its calls are looked for as soon as the answer is there
      Then each of them had its row by then

      Examples:
        | manner        |
        | in one piece  |
        | with a stream |

    @core @lane-fresh
    Scenario Outline: costs outlive what is killed right after the answer
      Given a platform of its own on a server that keeps what is committed, with noise in it
      When a task is run and costs are reported, and <victim> is killed right after the last answer
      Then each of them has its row
      And none was committed by a session that does not wait for the disk

      Examples:
        | victim              |
        | the platform        |
        | the database server |

  @NFR-REL-001.2 @lane-service
  Rule: When the database refuses a cost, the caller gets an error, and there is neither a row nor an event

    @core
    Scenario Outline: a reported cost that the database refuses
      Given a task and an agent whose costs are watched on the bus, with noise around them
      And a database that will refuse the next cost of the task <moment>
      When that cost is reported for the task, and another one as soon as nothing is refused any more
      Then the caller of the refused cost was told of an error
      And neither a row nor an event tells of that cost
      And exactly one cost.recorded event tells each row of the task as it is stored

      Examples:
        | moment        |
        | at once       |
        | at its commit |

    @core
    Scenario: a cost that the database refuses, in whichever way it is recorded
      Given a task and an agent whose costs are watched on the bus, with noise around them
      When a cost that the database refuses is recorded in every way that the platform offers
      Then by each way its caller was told of an error
      And by no way a row or an event tells of it

    @core
    Scenario Outline: calls of an agent's run that the database refuses
      Given an agent that calls its provider <manner>, whose costs are watched on the bus, with noise around them
      And a task of three calls whose costs the database will refuse <moment>
      When it is run
      And another one is run as soon as nothing is refused any more
      Then whoever had the first one run was told of an error
      And neither a row nor an event tells of its calls
      And exactly one cost.recorded event tells each row of the task as it is stored

      Examples:
        | manner        | moment        |
        | in one piece  | at once       |
        | with a stream | at its commit |
