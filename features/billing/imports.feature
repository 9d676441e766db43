@REQ-BILL-001 @source-3.1
Feature: The cost-tracking service can be imported wherever it is needed
  Any module that needs cost tracking imports CostTrackingService from omoi_os.services.cost_tracking without an error.
  Reading: the modules concerned are the billing modules of section 5.1 that exist, whatever they reach by imports and
  whatever reaches them; names imported inside functions count, since nobody meets them before the call.

  @REQ-BILL-001.1 @lane-source
  Rule: Every import around billing resolves at run time

    @core
    Scenario: every module imports first in a process of its own
      When every module around billing is imported first in a process of its own
      Then none of these imports fails

    @core
    Scenario: names imported later exist
      When the names that modules around billing import inside functions are looked up
      Then every one of these names exists

    @core
    Scenario: the service comes from one place
      When every use of CostTrackingService is followed to its definition
      Then all of them are the class in omoi_os.services.cost_tracking

  @REQ-BILL-001.2 @lane-source
  Rule: No circular import exists among the imports that run when a module is imported

    @core
    Scenario: the import graph around billing has no cycle
      When the import graph of the package is drawn
      Then no cycle runs through the modules around billing

  @REQ-BILL-001.3 @lane-source
  Rule: Static type checking passes on the billing modules

    @core
    Scenario: pyright finds no error in the files of section 5.1
      When pyright checks the files of section 5.1 with at least its basic rules
      Then it reports no error in them
