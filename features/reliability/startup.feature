@NFR-REL-002 @source-4.2
Feature: A missing import stops the start, and is named
  Import failures are caught at application start-up with clear error messages indicating the missing module.
  Reading: a start is caught when the process ends by itself with a non-zero exit code, and no port answers before. It
  has three times as long for that as an untouched copy needs to answer, and no less than 30 seconds. This holds for
  each module of section 5.1 that another module imports, be it in a function, and for every package that those
  modules cannot do without and that is not imported when the application is loaded, else for one of those that are.
  What other modules import in a function, such as a package that only the tokens of a request need, is not held
  against the start. A module is named by its dotted name or its file, a package also by the name under which it is
  installed, an import of what is not there also by the name of that. A line that every start writes names nothing.

  @NFR-REL-002.1 @lane-fresh
  Rule: A start that lacks a module stops

    @core
    Scenario Outline: a start that lacks something ends with an error
      Given an untouched copy of the platform that starts and answers
      When copies of it are started <how>
      Then each of them ends by itself with a non-zero code in time, and no port answers

      Examples:
        | how                                                  |
        | without each billing module in turn                  |
        | with a billing module that Python cannot read        |
        | with a billing module that imports what is not there |
        | without a package that billing needs                 |

  @NFR-REL-002.2 @lane-fresh
  Rule: The output of such a start names what is missing

    @core
    Scenario Outline: a start that lacks something says what
      Given an untouched copy of the platform that starts and answers
      When copies of it are started <how>
      Then each of them names in its output what it lacks

      Examples:
        | how                                                  |
        | without each billing module in turn                  |
        | with a billing module that Python cannot read        |
        | with a billing module that imports what is not there |
        | without a package that billing needs                 |
