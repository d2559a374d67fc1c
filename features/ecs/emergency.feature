@ecs
Feature: Emergency rollback to an earlier revision
  Use it when the version in front of your users hurts and there is no time for a new build: the
  service is put back on a task definition revision that has worked before. It takes two to five
  minutes, and it changes neither git nor Terraform. The revert must still follow, or the next
  deployment brings the bad version back.

  Symptoms: the application answers with errors since the last deployment; users see something wrong since the
  last deployment, and it can't wait for a build; tasks keep restarting since the last deployment.

  Background:
    Given the service has worked with revision 40 and then with revision 41

  @gameday
  Scenario Outline: The new version answers with errors, in <environment>
    Symptom: users report errors since the last deployment.

    Given revision 42 was deployed and answers with errors
    And the application answers with errors
    When we roll back
    Then <service> of <cluster> runs revision 41 on every task
    And the application answers only as version v41
    And a second look confirms that it has landed
    And the rollback kept to its 2 to 5 minutes

    Examples:
      | environment | cluster                      | service                      |
      | development | connect2-app-cluster-dev     | connect2-app-service-dev     |
      | staging     | connect2-app-cluster-staging | connect2-app-service-staging |
      | production  | connect2-app-cluster-prod    | connect2-app-service-prod    |

  Scenario Outline: Back to a revision that we name, in <environment>
    Given revision 42 was deployed and answers with errors
    When we roll back to revision 40
    Then <service> of <cluster> runs revision 40 on every task
    And the application answers only as version v40
    And a second look confirms that it has landed
    And the rollback kept to its 2 to 5 minutes

    Examples:
      | environment | cluster                      | service                      |
      | development | connect2-app-cluster-dev     | connect2-app-service-dev     |
      | staging     | connect2-app-cluster-staging | connect2-app-service-staging |
      | production  | connect2-app-cluster-prod    | connect2-app-service-prod    |

  Scenario: What the plan says before anything is touched
    Given revision 42 was deployed and answers with errors
    When we plan a rollback
    Then the plan goes from revision 42 to revision 41
    And the plan names the commands to do the same by hand
    And nothing has changed

  Scenario: Users notice nothing of the rollback itself
    Given revision 42 was deployed and is healthy
    And users keep asking all the while
    When we roll back
    Then on the way both v42 and v41 have answered, and nobody was left without an answer
    And the application answers only as version v41

  Scenario Outline: It was the wrong remedy, so the rollback is undone, in <environment>
    Given revision 42 was deployed and is healthy
    And we have rolled back
    When we undo the rollback
    Then <service> of <cluster> runs revision 42 on every task
    And the application answers only as version v42
    And the rollback kept to its 2 to 5 minutes

    Examples:
      | environment | cluster                      | service                      |
      | development | connect2-app-cluster-dev     | connect2-app-service-dev     |
      | staging     | connect2-app-cluster-staging | connect2-app-service-staging |
      | production  | connect2-app-cluster-prod    | connect2-app-service-prod    |
