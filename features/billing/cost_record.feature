@REQ-BILL-002 @source-3.1
Feature: Costs of LLM calls can be stored as cost records
  When the cost of an LLM call is recorded, a CostRecord of omoi_os.models.cost_record is created.
  Reading: the type of the keys and further columns are the platform's choice; a differing name, a lost time zone or
  a column that may be empty against section 5.2 is not.

  @REQ-BILL-002.1 @lane-fresh
  Rule: The CostRecord model imports without an error

    @core
    Scenario: the model is the first thing a fresh interpreter imports
      When CostRecord is imported first in a fresh interpreter
      Then its mappers are configured and it is mapped to cost_records

  @REQ-BILL-002.2 @lane-fresh
  Rule: The migrations create the table cost_records that the model uses

    @core
    Scenario: an empty database gets the columns of section 5.2
      When an empty database is upgraded to the newest revision
      Then cost_records has each column of section 5.2 with a compatible type and nullability

    @core
    Scenario: the model writes to and reads from the migrated table
      Given an empty database upgraded to the newest revision
      When a CostRecord is stored and read back through the platform's own model
      Then the row in cost_records and the record read back equal what was stored

    @core
    Scenario: the model and the migrated table are the same
      Given an empty database upgraded to the newest revision
      When the schema that the models declare is compared with the migrated one
      Then cost_records does not differ between them

    @core
    Scenario: a recorded call is a row of this table
      Given a task and an agent with noise around them
      When a call of theirs is recorded
      Then its row holds the provider, the model and the tokens of the call, and their sum

  @REQ-BILL-002.3 @lane-fresh
  Rule: A cost record refers to an existing task and agent

    @core
    Scenario Outline: the foreign keys stand in the catalogue
      Given an empty database upgraded to the newest revision
      When the foreign key of <owner>_id is read from the catalogue
      Then it refers to the id of <owner>s

      Examples:
        | owner |
        | task  |
        | agent |

    @core
    Scenario Outline: the database itself refuses an unknown owner
      Given an empty database upgraded to the newest revision
      When a cost record of an unknown <owner> is inserted beside one of a known one
      Then the foreign key refuses the unknown one and nothing of it is stored

      Examples:
        | owner |
        | task  |
        | agent |

    @core
    Scenario: a recorded call belongs to its task and agent
      Given a task and an agent with noise around them
      When a call of theirs is recorded
      Then its row refers to that task and that agent

    @core
    Scenario: declared relationships load
      Given an empty database upgraded to the newest revision
      And a CostRecord stored through the platform's own model
      When the relationships that CostRecord declares are loaded for it
      Then each of them gives the row that the record refers to
