@REQ-BILL-003 @source-3.1
Feature: Prices come from the pricing file
  When CostTrackingService starts, it loads its prices from omoi_os/config/cost_models.yaml.
  Reading: prices are USD per token; a cost is the prompt tokens times their price plus the completion tokens times
  theirs, exactly, and two amounts are equal within 1e-9 + 1e-12 of the amount.

  @REQ-BILL-003.1 @lane-fresh
  Rule: The pricing file exists and is valid

    @core
    Scenario: the file is YAML that says each thing once
      When the pricing file is read with a safe loader
      Then no key is given twice

    @core
    Scenario: every price is a finite number that is not negative
      When the pricing file is read with a safe loader
      Then every price in it is finite and not negative

    @core
    Scenario: the required prices are there
      When the pricing file is read with a safe loader
      Then it prices models of openai, models of anthropic, and the defaults, for prompt and completion

  @REQ-BILL-003.2 @lane-fresh
  Rule: The prices of OpenAI, Anthropic and the defaults are loaded and used

    @core
    Scenario Outline: every model of a provider costs what the file says
      Given a task with noise around it
      When a call to every model of <provider> is recorded
      Then each record costs what the pricing file says, in the answer and in the database

      Examples:
        | provider  |
        | openai    |
        | anthropic |

    @core
    Scenario Outline: calls of any size cost what the file says
      Given a task with noise around it
      When a call with <prompt> prompt tokens and <completion> completion tokens is recorded
      Then each record costs what the pricing file says, in the answer and in the database

      Examples:
        | prompt   | completion |
        | a few    | a few      |
        | a few    | no         |
        | many     | no         |
        | millions | millions   |

    @core
    Scenario: in whichever way a call is recorded, it costs what the file says
      Given a task with noise around it
      When a call is recorded in every way that the platform offers, each for a task of its own
      Then by each way one row is stored, which costs what the pricing file says

    @core
    Scenario: the default price is the file's
      Given a task with noise around it
      When a call to a model that the file does not list is recorded
      Then each record costs what the pricing file says, in the answer and in the database

    @core
    Scenario: a changed price changes the cost by the same factor
      Given the platform started from a copy whose prices were changed
      When a call to every model of the changed file is recorded
      Then each record costs what the pricing file says, in the answer and in the database
      And each cost differs from the unchanged one by the factor of its price

    @core
    Scenario: a price of zero is a price
      Given the platform started from a copy whose prices were changed
      When a call to the model whose price was set to zero is recorded
      Then each record costs what the pricing file says, in the answer and in the database
      And nothing was charged

  @REQ-BILL-003.3 @lane-fresh
  Rule: What the file does not list is charged at the default price

    @core
    Scenario Outline: an unlisted name falls back to the default price
      Given a task with noise around it
      When a call to <provider> with <model> is recorded
      Then each record costs what the pricing file says, in the answer and in the database
      And the record keeps the provider and the model as they were given

      Examples:
        | provider            | model                       |
        | an unknown provider | an unknown model            |
        | a known provider    | an unknown model            |
        | an unknown provider | a known model               |
        | a known provider    | a known model with a suffix |
        | a known provider    | a model of another provider |
