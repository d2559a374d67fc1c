@record
Feature: The report that a rollback leaves
  Use it when it is over, and somebody asks what happened. Whoever was not there reads what happened, who did
  what and when, and what users saw, from the journal alone. Where nothing was measured the report says so.
  Whether a post-mortem is due is decided by the environment's criteria.

  Symptoms: somebody asks for an incident report or a post-mortem.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And revision 42 was deployed and answers with errors

  Scenario: A manager reads what, who, when, and what users saw
    When we keep the record and roll back
    And we write the incident report
    Then the report says who went from revision 42 to revision 41, and when it landed
    And the report says that users saw nothing but errors before, and none after
    And the report shows what was run, and how to do the same by hand
    And it is left to do to revert the change on the branch

  Scenario: A short hiccup needs no post-mortem
    When we keep the record and roll back
    And we write the incident report
    Then no post-mortem is due

  Scenario Outline: An outage of users that lasted longer than the criterion needs one, in <environment>
    Given 20 minutes have passed since
    When we keep the record and roll back
    And we write the incident report
    Then a post-mortem is due, since Users saw errors for

    Examples:
      | environment |
      | production  |

  Scenario: A rollback that failed says so, and needs one
    Given the image of revision 41 was overwritten by one that crashes at start
    When we keep the record and roll back
    And we write the incident report
    Then a post-mortem is due, since A rollback has not landed
    And it is left to do to see why it has not landed

  Scenario Outline: The report and the criteria complete the list after, in <environment>
    When we keep the record and roll back
    And we write the incident report
    And we look at the list after the rollback
    Then the list lacks nothing
    And "report" is proven, since is the report of this journal
    And "post-mortem" is proven, since none of the environment's criteria holds

    Examples:
      | environment |
      | production  |
