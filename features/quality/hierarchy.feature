@NFR-MAIN-002 @source-4.3
Feature: Imports follow a hierarchy that is written down
  Import dependencies are documented and follow a clear hierarchy to prevent circular imports.
  Reading: documented is what contracts of import-linter say, or a list, a tree or arrows in a document or docstring
  that speaks of imports, layers or dependencies and puts models, services and api in an order. Modules that the
  hierarchy does not name stand beside it, but lead nobody upwards. Imports in functions count; imports for the type
  checker alone never run and do not, nor do exceptions that a contract names: both are shown.

  @NFR-MAIN-002.1 @lane-source
  Rule: The hierarchy of imports is documented

    @core
    Scenario: models, services and api are put in an order
      When a hierarchy of imports is looked for in contracts and documents of the platform
      Then one of them puts models, services and api in an order

  @NFR-MAIN-002.2 @lane-source
  Rule: The imports obey the documented hierarchy, or that of section 5.3 where none is documented

    @core
    Scenario: no import leads upwards
      When the imports are held against the hierarchy
      Then none of them goes against it
