@CON-COMPAT-001 @source-7.3
Feature: Existing cost records stay queryable
  Cost records that exist remain readable, with the amounts they had.
  Reading: a deletion is asked of the platform by its own operation, or, where it offers none, made in the database;
  it may be refused, or may leave the record behind, but it may not take costs with it.

  @CON-COMPAT-001.1 @lane-fresh
  Rule: Rows stored under every earlier schema are returned with unchanged amounts

    @core
    Scenario: the rows are in the newest schema
      Given an empty database upgraded to the newest revision
      When a cost record is stored under every revision that has the table, up to the newest one
      Then the database still holds each record with the amounts it had

    @core
    Scenario: the platform returns the rows
      Given a database with a cost record stored under every revision that has the table
      When the platform is asked for the costs of their tasks
      Then it returns each record with the amounts it had

  @CON-COMPAT-001.2 @lane-fresh
  Rule: Deleting a task or an agent does not silently remove its costs

    @core
    Scenario Outline: the costs of a deleted owner
      Given recorded costs of a task and its agent with noise around them
      When the <owner> is to be deleted
      Then the database still holds the costs with the amounts they had

      Examples:
        | owner |
        | task  |
        | agent |
