@CON-MIG-001 @source-7.3
Feature: Database migrations are reversible
  Migrations can be taken back: every revision goes up, down and up again.
  Reading: after going down the schema is what it was before going up, object by object; what data does on the way
  is another matter.

  @CON-MIG-001.1 @lane-fresh
  Rule: Every revision goes up, down and up, and leaves the schema as it was

    @core
    Scenario: each revision in turn
      Given migrations that can be started
      When every revision is taken up, down and up on an empty database
      Then each of them leaves the schema as it found it

    @core
    Scenario: the revisions that concern billing
      Given migrations that can be started
      When every revision is taken up, down and up on an empty database
      Then at least one of them concerns billing, and each of those leaves the schema as it found it

  @CON-MIG-001.2 @lane-fresh
  Rule: The history has one head

    @core
    Scenario: no two revisions are the newest
      When the newest revisions of the history are listed
      Then there is exactly one
