@checklist
Feature: What the lists prove by looking
  An item that a check can prove needs nobody's word: the errors began with the deployment that is taken back, GitHub
  knows the pull request, AWS says who we are, the team's webhook has answered.

  Background:
    Given the service runs the newest commit of its branch
    And users keep asking all the while

  Scenario: Everything before a rollback is proven
    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    And "Faster checkout" is named as the change
    And somebody has told the team
    When we begin the rollback
    Then the list lacks nothing
    And "confirmed" is proven, since the answer could not be put together
    And "notified" is proven, since told by the webhook
    And "change" is proven, since merged as
    And "access" is proven, since user/operator
    And the record says what has proven each item
    And the application answers without errors

  Scenario: Nothing shows that the last deployment is to blame
    Given the pull request "Faster checkout" was merged and deployed, and is healthy
    When we look at the list before the rollback
    Then "confirmed" is missing, since Nothing shows that the last deployment is to blame

  Scenario: The pull request that is named is none
    Given a pull request that nobody has made is named as the change
    When we look at the list before the rollback
    Then "change" is missing, since 4711

  Scenario: GitHub is down, so somebody answers for the change
    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    And "Faster checkout" is named as the change
    And GitHub is down
    When we look at the list before the rollback
    Then "change" is missing, since It could not be checked
    When somebody attests "change"
    And we look at the list before the rollback
    Then "change" is attested, with a name and a time
