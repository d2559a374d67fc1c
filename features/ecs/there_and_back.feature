@ecs @live
Feature: A drill of the emergency rollback, there and back
  The way back is only open if it was walked. A drill puts a healthy service on the revision before,
  proves that it got there within the budget, and takes it forward again. Users notice nothing.

  Background:
    Given the service has worked with revision 40 and then with revision 41

  Scenario: Back to the revision before, and forward again
    Given the service is steady
    When we roll back
    Then the service runs an earlier revision on every task, and the application answers as that
    And the rollback kept to its 2 to 5 minutes
    When we undo the rollback
    Then the service is as it was at the beginning
    And the rollback kept to its 2 to 5 minutes
