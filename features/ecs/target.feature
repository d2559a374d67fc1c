@ecs
Feature: Which revision an emergency rollback goes back to
  Use it when it isn't plain which revision has worked, or the one before the bad one is bad as well. The
  revision before the current one is not always a good one. The target is the newest earlier revision that has
  completed a deployment, and everything that it needs must still be there. Ask before, since a rollback that
  can't start its tasks costs minutes that you don't have.

  Symptoms: nobody knows which revision was the last good one; the revision before is bad, too; new tasks can't
  pull their image, or can't read a secret.

  Background:
    Given the service has worked with revision 40 and then with revision 41

  @gameday
  Scenario: The revision before was bad too
    Symptom: users report errors; it is the second deployment today.

    Given revision 42 was deployed and crashes at start
    And revision 43 was deployed and answers with errors
    When we roll back
    Then the service runs revision 41 on every task
    And the application answers only as version v41

  @gameday
  Scenario: Somebody has rolled back from the revision before
    Symptom: users report errors, again.

    Given revision 42 was deployed and answers with errors
    And somebody rolled back to revision 41
    And revision 43 was deployed and answers with errors
    When we roll back
    Then the service runs revision 41 on every task

  Scenario: Nothing shows that any earlier revision works
    Given ECS has forgotten all earlier deployments
    And revision 42 was deployed and answers with errors
    When we plan a rollback
    Then the plan goes from revision 42 to revision 41
    And we are warned that nothing shows that it works

  Scenario: There is nothing to go back to
    Given revision 40 was deregistered
    And ECS has forgotten all earlier deployments
    When we try to roll back
    Then it is refused, since there is no earlier ACTIVE revision
    And we are advised to fix forward
    And nothing has changed

  Scenario: The target was deregistered
    Given revision 42 was deployed and answers with errors
    And revision 41 was deregistered
    When we try to roll back
    Then it is refused, since revision 41 is INACTIVE
    And we are advised to have a copy of it registered
    And nothing has changed

  @gameday
  Scenario: The target was deregistered, and we have it copied
    Symptom: users report errors since the last deployment.

    Given revision 42 was deployed and answers with errors
    And revision 41 was deregistered
    When we roll back to a copy of revision 41
    Then the service runs revision 43 on every task
    And the application answers only as version v41
    And the rollback kept to its 2 to 5 minutes

  Scenario: The target's image is gone
    Given revision 42 was deployed and answers with errors
    And the image of revision 41 was deleted
    When we try to roll back
    Then it is refused, since the image is gone
    And we are advised to push it again
    And nothing has changed

  Scenario Outline: Something else that the target needs is gone
    Given revision 42 was deployed and answers with errors
    And <what> that the revisions need was deleted
    When we try to roll back
    Then it is refused, since <what> is gone
    And we are advised to <remedy>
    And nothing has changed

    Examples:
      | what               | remedy          |
      | the secret         | restore it      |
      | the log group      | create it again |
      | the execution role | create it again |

  Scenario: A parameter that the target reads is gone
    Given the service has worked with revision 42, which reads a parameter
    And revision 43 was deployed and answers with errors
    And the parameter that the revisions need was deleted
    When we try to roll back
    Then it is refused, since the parameter is gone
    And we are advised to create it again
    And nothing has changed

  Scenario: The tag of the target's image has moved
    Given revision 42 was deployed and answers with errors
    And the image of revision 41 was overwritten by one that fails its health check
    When we plan a rollback
    Then the plan goes from revision 42 to revision 41
    And we are warned that what would start is not what this revision ran

  Scenario: The load balancer asks at a port that the target doesn't have
    Given revision 42 was deployed on another port
    When we try to roll back
    Then it is refused, since it listens on another port
    And we are advised to go back to a revision that fits
    And nothing has changed
