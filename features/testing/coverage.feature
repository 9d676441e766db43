@NFR-MAIN-001 @source-4.3
Feature: The cost-tracking module is covered by unit tests
  The platform's own unit tests execute more than 90 % of the lines of omoi_os/services/cost_tracking.py.
  Reading: unit tests are those in a folder named unit or marked unit; where there are none, all but those in folders,
  in files or with marks of integration or end-to-end tests. They are run by the platform's own pytest in its own
  Python. Every line that can be executed counts, in whichever thread and also at import, whatever a comment or a
  configuration would leave out; what only a type checker reads cannot be executed. Exactly 90 % is not more.

  @NFR-MAIN-001.1 @lane-source
  Rule: The platform's own unit tests execute more than 90 % of the lines of its cost-tracking module

    @core
    Scenario: the lines of the module
      When the platform's own unit tests are run and the lines of its cost-tracking module counted
      Then there are unit tests, and some of them pass
      And they execute more than 90 percent of the lines
