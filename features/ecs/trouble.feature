@ecs
Feature: When an emergency rollback meets trouble
  Use it when an emergency rollback is under way and doesn't come to the end that you wanted. A rollback has
  ended when its own deployment has: landed, given up, or replaced by another. A service that is stable again is
  no proof, for it may be stable on the bad revision.

  Symptoms: ECS says that the service is stable, and the bad version is still there; the rollback's own tasks
  never get healthy; a deployment hangs in progress; AWS says that the rate is exceeded; the credentials have
  expired in the middle of it.

  Background:
    Given the service has worked with revision 40 and then with revision 41

  Scenario: The bad deployment is still in progress
    Given the circuit breaker is off
    And revision 42 is being deployed and crashes at start
    When we roll back
    Then the service runs revision 41 on every task
    And the application answers only as version v41
    And ECS itself has rolled the deployment of revision 42 back

  Scenario: The bad deployment is still in progress, and we go further back
    Given the circuit breaker is off
    And revision 42 is being deployed and crashes at start
    When we roll back to revision 40
    Then the service runs revision 40 on every task
    And the application answers only as version v40
    And the rollback kept to its 2 to 5 minutes

  Scenario: The circuit breaker undoes our rollback
    Given revision 42 was deployed and is healthy
    And the image of revision 41 was overwritten by one that crashes at start
    When we roll back
    Then the rollback has failed, reversed by the circuit breaker
    And we are told "Essential container in task exited"
    And in the end the service runs revision 42 on every task

  Scenario: The AWS waiter calls the reversal a success, and we don't
    Given revision 42 was deployed and is healthy
    And the image of revision 41 was overwritten by one that crashes at start
    When somebody rolls back to revision 41 by hand and waits with "aws ecs wait services-stable"
    Then the waiter reports success
    But the service runs revision 42 on every task
    When we roll back
    Then the rollback has failed, reversed by the circuit breaker

  Scenario: The circuit breaker gives our rollback up and puts nothing back
    Given the circuit breaker stops failing deployments and puts nothing back
    And revision 42 was deployed and is healthy
    And the image of revision 41 was overwritten by one that crashes at start
    When we roll back
    Then the rollback has failed
    And we are told "Essential container in task exited"
    And the application answers only as version v42

  Scenario: Another operator deploys in between
    Given revision 42 was deployed and answers with errors
    And another operator deploys revision 40 one minute into the rollback
    When we roll back
    Then the rollback has been superseded by another deployment
    And we are told "somebody else's deployment of revision 40"
    And in the end the service runs revision 40 on every task

  Scenario: The tasks never get healthy, and the deadline passes
    Given the circuit breaker is off
    And revision 42 was deployed and is healthy
    And the image of revision 41 was overwritten by one that fails its health check
    When we roll back
    Then the rollback has not been done by its deadline
    And we have waited for 10 minutes
    And we are advised to read the events
    And the application answers only as version v42

  Scenario: AWS throttles our calls
    Given revision 42 was deployed and answers with errors
    And AWS throttles our calls every now and then
    When we roll back
    Then the service runs revision 41 on every task
    And the application answers only as version v41
    And the rollback kept to its 2 to 5 minutes

  Scenario: The credentials expire while we wait
    Given revision 42 was deployed and answers with errors
    And our credentials expire one minute into the rollback
    When we roll back
    Then the rollback has been lost sight of
    And we are advised to sign in again
    And in the end the service runs revision 41 on every task

  Scenario: We break off while we wait
    Given revision 42 was deployed and answers with errors
    And we press Ctrl-C one minute into the rollback
    When we roll back
    Then the journal says that we broke off, and how to look at the service
    And in the end the service runs revision 41 on every task
    When we undo the rollback
    Then the service runs revision 42 on every task

  @gameday
  Scenario: The version to go back to starts slowly
    Symptom: users report errors since the last deployment.

    Given revision 42 was deployed and starts slowly
    And revision 43 was deployed and answers with errors
    When we roll back
    Then the service runs revision 42 on every task
    And the rollback kept to its 2 to 5 minutes
