@CON-API-001 @source-7.3
Feature: The cost routes keep their contract
  Existing endpoints of the cost API maintain their contracts.
  Reading: the contract is the committed baseline of the cost routes; what is added, authentication included, breaks
  nobody, and what is taken away or newly demanded does.

  @CON-API-001.1 @lane-service
  Rule: The published description keeps what the baseline of the cost routes promises

    @core
    Scenario: operations, parameters, fields, types and success codes are kept
      When the platform's published API description is compared with the baseline of the cost routes
      Then nothing that the baseline promises is broken
