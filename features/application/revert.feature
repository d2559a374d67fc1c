@application
Feature: Revert the change
  Use it when a change of the application hurts and the service can bear it for the minutes that a new
  build takes. Find the commit or the pull request, revert it on the branch that is deployed, and let the
  pipeline deploy the result. It takes five to ten minutes, and git tells afterwards what was done and why.

  Symptoms: a change that was merged and deployed does harm, and it can wait for a build; the application
  answers with errors since a pull request was merged; git revert says that the commit is a merge, but no -m
  option was given.

  Background:
    Given the service runs the newest commit of its branch

  @gameday
  Scenario Outline: A bad deployment, from broken to healthy, in <environment>
    Symptom: users report errors since "Faster checkout" was merged; it has to go from the branch, too.

    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    And the application answers with errors
    When we revert "Faster checkout"
    Then the branch <branch> holds what it held before "Faster checkout"
    And the service runs the revert on every task
    And the application answers only as the revert
    And a second look confirms that the revert is in force
    And the revert kept to its 5 to 10 minutes

    Examples:
      | environment | branch      |
      | development | development |
      | staging     | staging     |
      | production  | main        |

  Scenario Outline: A single commit, in <environment>
    Given the commit "Round the totals" was pushed and deployed, and answers with errors
    When we revert "Round the totals"
    Then the branch <branch> holds what it held before "Round the totals"
    And the application answers only as the revert
    And the revert kept to its 5 to 10 minutes

    Examples:
      | environment | branch      |
      | development | development |
      | staging     | staging     |
      | production  | main        |

  Scenario: A pull request that was squashed
    Given the pull request "Faster checkout" was squashed and deployed, and answers with errors
    When we revert "Faster checkout"
    Then the branch holds what it held before "Faster checkout"
    And the application answers only as the revert

  Scenario: Several commits at once
    Given the commit "Round the totals" was pushed and deployed, and is healthy
    And the commit "Show the discount" was pushed and deployed, and answers with errors
    When we revert everything from "Round the totals" to "Show the discount"
    Then the branch holds what it held before "Round the totals"
    And the application answers only as the revert

  @gameday
  Scenario: Others have gone on working since
    Symptom: the pull request "Faster checkout" has corrupted orders: it has to go, and what came after it has to stay.

    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    And the pull request "Show the discount" was merged and deployed, and is healthy
    When we revert "Faster checkout"
    Then "Faster checkout" is gone from the branch, and "Show the discount" is still there
    And the application answers only as the revert

  @gameday
  Scenario: The bad version never came up, so only git is wrong
    Symptom: nothing is deployed any more since "Faster checkout" was merged: it has to go from the branch.

    Given the pull request "Faster checkout" was merged and deployed, and crashes at start
    And the application answers as the version before "Faster checkout"
    When we revert "Faster checkout"
    Then the branch holds what it held before "Faster checkout"
    And the application answers only as the revert

  Scenario: The subject of what we revert would have told the pipeline to skip it
    Given the commit "Round the totals [skip ci]" was pushed without being deployed, and is healthy
    When we revert "Round the totals [skip ci]"
    Then the branch holds what it held before "Round the totals [skip ci]"
    And the application answers only as the revert

  Scenario: What the plan says before anything is touched
    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    When we plan to revert "Faster checkout"
    Then the plan says that it is a merge, reverted against its first parent
    And the plan says that exactly the files of the commit before come back
    And neither the branch nor the service has changed

  Scenario Outline: The same by hand, for <what>
    Given <what> was merged and deployed, and answers with errors
    When we plan to revert "Faster checkout"
    And somebody types the plan's commands in a checkout of their own
    And the pipeline has done its work
    Then the branch holds what it held before "Faster checkout"
    And the application answers without errors

    Examples:
      | what                                                               |
      | the pull request "Faster checkout"                                 |
      | the pull request "Faster checkout" with another commit on top of it |

  Scenario: The runbook's short form is refused by git itself for a merge
    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    When somebody types "git revert" for "Faster checkout" without naming a parent
    Then git refuses, since it is a merge
    When we revert "Faster checkout"
    Then the branch holds what it held before "Faster checkout"

  Scenario: Users notice nothing of the revert itself
    Given the pull request "Faster checkout" was merged and deployed, and is healthy
    And users keep asking all the while
    When we revert "Faster checkout"
    Then nobody was left without an answer
    And the application answers only as the revert

  Scenario Outline: It was the wrong remedy, so the revert is reverted, in <environment>
    Given the pull request "Faster checkout" was merged and deployed, and is healthy
    And we have reverted "Faster checkout"
    When we undo the revert
    Then the branch <branch> holds what it held with "Faster checkout"
    And the application answers only as the newest commit
    And the revert kept to its 5 to 10 minutes

    Examples:
      | environment | branch      |
      | development | development |
      | staging     | staging     |
      | production  | main        |

  Scenario Outline: Our own checkout is <state>, and stays so
    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    And we sit in a checkout that is <state>
    When we revert "Faster checkout"
    Then the branch holds what it held before "Faster checkout"
    And our checkout is as it was

    Examples:
      | state             |
      | dirty             |
      | shallow           |
      | on no branch      |
      | amidst a conflict |
