@infrastructure
Feature: Revert an infrastructure change
  Use it when a change of the infrastructure broke the application: it can't reach what it needs, or
  nothing can reach it. The revert is pushed, the pipeline plans and applies it, and the application is
  asked whether it has recovered. Tasks that read a bad setting when they started are started anew. It
  takes five to fifteen minutes.

  Symptoms: the load balancer finds no healthy target since a change of the infrastructure; the application
  can't reach its database since a change of the infrastructure; users get 502 or 503 since a change of the
  infrastructure.

  Background:
    Given the service runs the newest commit of its branch

  @gameday
  Scenario Outline: The load balancer no longer finds the application healthy, in <environment>
    Symptom: tasks keep being replaced, since the load balancer finds none of them healthy; nobody has deployed the application today; the branch has to be right again, too.

    Given the pull request "Move the health check" was merged and applied
    And the load balancer finds no task healthy
    When we revert "Move the health check"
    Then the branch <branch> holds what it held before "Move the health check"
    And the load balancer finds every task healthy
    And the application answers without errors
    And a second look confirms that the revert is in force
    And the revert kept to its 5 to 15 minutes

    Examples:
      | environment | branch      |
      | development | development |
      | staging     | staging     |
      | production  | main        |

  @gameday
  Scenario Outline: The application can't reach its database, and must be restarted afterwards, in <environment>
    Symptom: the application answers with errors; nobody has deployed it today; the branch has to be right again, too.

    Given the pull request "Move the database" was merged and applied, and the tasks were started anew since
    And the application answers with errors
    When we revert "Move the database"
    Then the branch <branch> holds what it held before "Move the database"
    And the tasks were restarted after the revert was applied
    And the application answers without errors
    And the revert kept to its 5 to 15 minutes

    Examples:
      | environment | branch      |
      | development | development |
      | staging     | staging     |
      | production  | main        |

  Scenario: The application's own version stays what it was
    Given the pull request "Move the database" was merged and applied, and the tasks were started anew since
    When we revert "Move the database"
    Then the service runs the same revision as before
    And only the infrastructure's workflow has run for the revert

  Scenario: Nothing needs a restart where the tasks never read the bad setting
    Given the pull request "Move the database" was merged and applied
    When we revert "Move the database"
    Then the tasks were not restarted
    And the application answers without errors

  Scenario: It was the wrong remedy, so the revert is reverted
    Given the pull request "Move the database" was merged and applied
    And we have reverted "Move the database"
    When we undo the revert
    Then the branch holds what it held with "Move the database"

  Scenario: The apply fails
    Given the pull request "Move the database" was merged and applied, and the tasks were started anew since
    And the secret that the apply writes was deleted
    When we revert "Move the database"
    Then the revert has failed in its workflow run
    And we are told which job and step failed, with the last lines of its log
    And the application answers with errors
