@ecs
Feature: When an emergency rollback is refused
  Use it when the emergency rollback says no, to see what it has seen and what to do instead. A refusal says
  what was seen, why going on would be unsafe, and what to do instead. Nothing is changed before every check has
  passed.

  Symptoms: the emergency rollback is refused; no task of the service is running at all; AWS says that the
  cluster or the service doesn't exist.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And revision 42 was deployed and answers with errors

  Scenario: A forced redeployment is no rollback
    When somebody redeploys the service by force
    Then the service runs revision 42 on every task
    And the application answers with errors
    When we try to roll back to revision 42
    Then it is refused, since the service runs revision 42 already
    And we are advised to name an earlier revision

  Scenario: There is no such revision
    When we try to roll back to revision 77
    Then it is refused, since there is no revision 77
    And we are advised to choose one of the family's revisions
    And nothing has changed

  Scenario: Nothing runs that could be rolled back
    Given the service was scaled down to nothing
    When we try to roll back
    Then it is refused, since the service has a desired count of 0
    And we are advised to scale it up
    And nothing has changed

  Scenario: The credentials are of another account
    Given our credentials are of another account
    When we try to roll back
    Then it is refused, since these credentials are of another account
    And we are advised to use credentials of the environment's own account
    And nothing has changed

  Scenario: The session is in another region
    Given our session is in another region
    When we try to roll back
    Then it is refused, since this session is in another region
    And we are advised to set the region of the environment
    And nothing has changed

  Scenario Outline: ECS doesn't deploy this service, <controller> does
    Given the service belongs to <controller>
    When we try to roll back
    Then it is refused, since the service <why>
    And we are advised to <remedy>
    And nothing has changed

    Examples:
      | controller       | why                                    | remedy                                       |
      | CodeDeploy       | is deployed by CodeDeploy              | stop and roll back the CodeDeploy deployment |
      | an external tool | has the deployment controller EXTERNAL | roll back with the tool that owns its tasks  |

  Scenario: The service was deleted
    Given the service was deleted
    When we try to roll back
    Then it is refused, since the service is INACTIVE
    And we are advised to create the service again
    And nothing has changed

  Scenario: Somebody deploys between our plan and our go
    Given we have planned a rollback
    And another operator deploys revision 40
    When we try to apply the plan
    Then it is refused, since the service has changed since the plan was made
    And we are advised to make a new plan
