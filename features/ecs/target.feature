@ecs
Feature: Which revision to go back to
  The revision before the current one is not always a good one. The target is the newest earlier
  revision that has completed a deployment, and everything that it needs must still be there: ask
  before, since a rollback that can't start its tasks costs the minutes that you don't have.

  Background:
    Given the service has worked with revision 40 and then with revision 41

  Scenario: The revision before was bad too
    Given revision 42 was deployed and crashes at start
    And revision 43 was deployed and answers with errors
    When we roll back
    Then the service runs revision 41 on every task
    And the application answers only as version v41

  Scenario: Somebody has already rolled back from the revision before
    Given revision 42 was deployed and answers with errors
    And somebody rolled back to revision 41
    And revision 43 was deployed and answers with errors
    When we roll back
    Then the service runs revision 41 on every task

  Scenario: No earlier revision has ever completed a deployment
    Given ECS has forgotten all earlier deployments
    And revision 42 was deployed and answers with errors
    When we plan a rollback
    Then the plan goes from revision 42 to revision 41
    And we are warned that nothing shows that revision 41 works

  Scenario: There is nothing to go back to
    Given revisions 40 and 41 were deregistered
    And ECS has forgotten all earlier deployments
    And revision 42 was deployed and answers with errors
    When we try to roll back
    Then it is refused, since there is no earlier revision
    And we are advised to fix forward
    And nothing has changed

  Scenario: The target was deregistered
    Given revision 42 was deployed and answers with errors
    And revision 41 was deregistered
    When we try to roll back
    Then it is refused, since revision 41 is INACTIVE
    And we are advised to have a copy of it registered
    And nothing has changed

  Scenario: The target was deregistered, and a copy of it is good enough
    Given revision 42 was deployed and answers with errors
    And revision 41 was deregistered
    When we roll back to a copy of revision 41
    Then the service runs revision 43 on every task
    And the application answers only as version v41
    And the rollback took 2 to 5 minutes

  Scenario Outline: Something that the target needs is gone
    Given revision 42 was deployed and answers with errors
    And <what> of revision 41 is gone
    When we try to roll back
    Then it is refused, since <what> is gone
    And we are advised to <remedy>
    And nothing has changed

    Examples:
      | what               | remedy              |
      | the image          | push it again       |
      | the secret         | restore it          |
      | the parameter      | create it again     |
      | the log group      | create it again     |
      | the execution role | create it again     |

  Scenario: The tag of the target's image has moved
    Given revision 42 was deployed and answers with errors
    And the image of revision 41 was overwritten with a version that is healthy
    When we plan a rollback
    Then the plan goes from revision 42 to revision 41
    And we are warned that the tag of the image has moved

  Scenario: The load balancer asks for a port that the target doesn't have
    Given revision 42 was deployed on another port
    When we try to roll back
    Then it is refused, since the load balancer needs another port
    And we are advised to go back to a revision that fits
    And nothing has changed
