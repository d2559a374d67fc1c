@ecs
Feature: A drill of the emergency rollback, there and back
  Use it when nothing is wrong, so that it isn't walked for the first time when something is. The way back is
  only open if it was walked. A drill puts a healthy service on the revision before, proves that it got there
  within the budget, and takes it forward again. Users notice nothing. Whatever happens on the way, the drill
  puts everything back.

  @live
  Scenario: Back to the revision before, and forward again
    Given a service that has worked with an earlier revision
    And no deployment is in progress, every target is healthy, and no alarm rings
    When the drill rolls back
    Then an earlier revision runs on every task, and the application answers as that
    And the way there kept to its 2 to 5 minutes
    When the drill puts everything back
    Then every field of the world is as it was at the beginning
    And the way back kept to its 2 to 5 minutes

  Scenario Outline: A drill only begins where all is well
    Given a service that has worked with an earlier revision
    And <something is wrong>
    When a drill is tried
    Then the drill is refused: "<sentence>"
    And the drill has changed nothing

    Examples:
      | something is wrong                     | sentence                                  |
      | revision 42 is being deployed          | a deployment of connect2-app-prod:42 to   |
      | an alarm of the service rings          | the alarm too-busy rings           |
      | somebody has scaled it down to nothing | 0 of 0 tasks of connect2-app-service-prod |

  Scenario Outline: Whatever happens on the way, everything is put back
    Given a service that has worked with an earlier revision
    And no deployment is in progress, every target is healthy, and no alarm rings
    And <something happens>
    When the drill rolls back, and ends as it may
    Then the drill has put everything back
    And every field of the world is as it was at the beginning

    Examples:
      | something happens                                      |
      | the image of the earlier revision crashes at start     |
      | we press Ctrl-C one minute into the drill              |
      | AWS can't be reached for two minutes, after one minute |

  Scenario: What somebody else has deployed meanwhile is left alone
    Given a service that has worked with an earlier revision
    And no deployment is in progress, every target is healthy, and no alarm rings
    And another operator deploys revision 42 one minute into the drill
    When the drill rolls back, and ends as it may
    Then the drill says that somebody has deployed connect2-app-prod:42, and which command would put it back
    And in the end the service runs revision 42 on every task

  Scenario: An incident takes the environment from a drill
    Given a service that has worked with an earlier revision
    And no deployment is in progress, every target is healthy, and no alarm rings
    And the drill holds the environment
    And an incident takes the environment, and deploys revision 42, one minute into the drill
    When the drill rolls back, and ends as it may
    Then the drill says that an incident has taken the environment, and nothing of putting it back
    And in the end the service runs revision 42 on every task
