@checklist
Feature: The list after a rollback
  Use it when the rollback has landed, before you leave. A rollback is over when the application works and its
  logs have been watched for a while, not when the command has returned. Where users were affected an incident
  report is owed, and the environment's criteria say whether a post-mortem is.

  Symptoms: the rollback has landed, and the logs still show errors.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And users keep asking all the while
    And revision 42 was deployed and answers with errors

  Scenario Outline: The application works and its logs are calm, in <environment>
    Given we have rolled back
    When we look at the list after the rollback
    Then the list lacks <missing>
    And "works" is proven, since answers
    And "logs" is proven, since a minute

    Examples:
      | environment | missing             |
      | development | nothing             |
      | production  | report, post-mortem |

  Scenario Outline: Everything is done when somebody answers for the report and the post-mortem, in <environment>
    Given we have rolled back
    And somebody has attested "report"
    And somebody has attested "post-mortem"
    When we look at the list after the rollback
    Then the list lacks nothing
    And "report" is attested, with a name and a time

    Examples:
      | environment |
      | production  |

  Scenario: The errors go on, whatever anybody says
    Given we have rolled back
    And somebody has attested "works"
    And revision 43 was deployed and answers with errors
    When we look at the list after the rollback
    Then "works" is missing, since HTTP 500
    And "logs" is missing, since the answer could not be put together

  Scenario Outline: The clock of CloudWatch is <minutes> minutes <way> ours
    Given the clock of CloudWatch is <minutes> minutes <way> ours
    And we have rolled back
    When we look at the list after the rollback
    Then "logs" is <how>, since <minutes> min <way> ours

    Examples: The window is moved by as much, so that no error of before is taken for one of now
      | minutes | way      | how    |
      | 4       | ahead of | proven |
      | 4       | behind   | proven |

    Examples: Too far to be trusted
      | minutes | way      | how     |
      | 20      | ahead of | missing |
