@REQ-E2E-002 @source-3.2
Feature: The requirements phase records what its tasks cost
  When an agent works in the requirements phase, every cost of its LLM calls is recorded for the right task.
  Reading: a call is a response that the provider served whole, as a stream or not; its record is found by its token
  counts, which no other call of the run has unless that is what the check is about. A task may take several calls, and
  those that were served count although a later one failed and the task came to nothing; the failed one may be written
  down as nothing. Provider and model are written as in the pricing file. Where a task has fewer records than calls,
  which is the first criterion's matter, their tokens are right when they hold together what its calls took.

  @REQ-E2E-002.1 @lane-service
  Rule: Each call of a task has exactly one record, which names that task

    @core
    Scenario Outline: an agent takes turns at the tasks of two specs
      When an agent works on requirements tasks with <way> calls to <provider>, with noise around it
      Then each call has exactly one record, which names its task
      And each record costs what the pricing file says for its call

      Examples:
        | provider  | way      |
        | openai    | plain    |
        | openai    | streamed |
        | anthropic | plain    |
        | anthropic | streamed |

    @core
    Scenario Outline: the provider fails in the middle of a task
      When the provider breaks off requirements tasks after some <way> calls to <provider>
      Then each call has exactly one record, which names its task
      And each record costs what the pricing file says for its call

      Examples:
        | provider  | way      |
        | openai    | plain    |
        | openai    | streamed |
        | anthropic | plain    |
        | anthropic | streamed |

    @core
    Scenario Outline: two calls of a task take the same tokens
      When two <way> calls to <provider> for a requirements task take the same tokens, with noise around it
      Then each call has exactly one record, which names its task

      Examples:
        | provider  | way      |
        | openai    | plain    |
        | anthropic | streamed |

    @core
    Scenario: agents at work at the same time
      When agents work on requirements tasks of three specs at the same time
      Then each call has exactly one record, which names its task

    @core
    Scenario: the interface lists the records with their tasks
      Given an agent that worked on requirements tasks of two specs, with noise around it
      When the costs of each task are asked for
      Then each task is shown with exactly its own calls

    @core
    Scenario: the records count for the spec of their task
      Given an agent that worked on requirements tasks of two specs, with noise around it
      When each of the specs is asked what it cost
      Then each spec costs what its own calls cost

  @REQ-E2E-002.2 @lane-service
  Rule: Provider and model of a record are those of the call

    @core
    Scenario Outline: agents of every model
      Given agents of every model of <provider> that worked on requirements tasks, with noise around them
      When the records of their calls are read
      Then each record names the provider and the model of its call, in the database and over the interface

      Examples:
        | provider  |
        | openai    |
        | anthropic |

  @REQ-E2E-002.3 @lane-service
  Rule: The tokens of a record are those that the provider counted

    @core
    Scenario Outline: prompt, completion and total
      Given an agent that worked on requirements tasks with <way> calls to <provider>, with noise around it
      When the records of its tasks are read
      Then each record holds the prompt, completion and total tokens of a call of its task

      Examples:
        | provider  | way      |
        | openai    | plain    |
        | openai    | streamed |
        | anthropic | plain    |
        | anthropic | streamed |
