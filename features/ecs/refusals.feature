@ecs
Feature: When an emergency rollback is refused
  A refusal says what was seen, why going on would be unsafe, and what to do instead. Nothing is
  changed before every check has passed.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And revision 42 was deployed and answers with errors

  Scenario: A forced redeployment is no rollback
    When we try to roll back to revision 42
    Then it is refused, since the service runs revision 42 already
    And we are advised to name an earlier revision
    And nothing has changed

  Scenario: Redeploying by force, as people do, mends nothing
    When somebody redeploys the service by force
    Then the service runs revision 42 on every task
    And the application answers with errors

  Scenario: There is no such revision
    When we try to roll back to revision 77
    Then it is refused, since there is no revision 77
    And nothing has changed

  Scenario: Nothing runs that could be rolled back
    Given the service was scaled down to nothing
    When we try to roll back
    Then it is refused, since the desired count is 0
    And we are advised to scale it up
    And nothing has changed

  Scenario: The credentials are of another account
    Given our credentials are of another account
    When we try to roll back
    Then it is refused, since the account is another one
    And we are advised to use credentials of the right account
    And nothing has changed

  Scenario: The session is in another region
    Given our session is in another region
    When we try to roll back
    Then it is refused, since the region is another one
    And nothing has changed

  Scenario Outline: Somebody else deploys this service
    Given the service is deployed by <controller>
    When we try to roll back
    Then it is refused, since <controller> deploys the service
    And we are advised to <remedy>

    Examples:
      | controller            | remedy                                |
      | CodeDeploy            | roll back the CodeDeploy deployment   |
      | an external tool      | use the tool that owns its task sets  |

  Scenario: The service is being deleted
    Given the service was deleted
    When we try to roll back
    Then it is refused, since the service is not ACTIVE

  Scenario: The world has moved since the plan was made
    Given we have planned a rollback
    And another operator deploys revision 41
    When we try to apply the plan
    Then it is refused, since the service has changed since the plan was made
    And we are advised to make a new plan
