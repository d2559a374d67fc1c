@record
Feature: Go on from the journal, or take it back
  Use it when a rollback was begun and whoever has begun it is gone. A laptop's battery is empty, a terminal is
  closed, a disk is full. What was done until then is in the journal, and whoever has the journal goes on with
  it or takes it back, whatever the moment was.

  Symptoms: a rollback was broken off in the middle; the laptop or the terminal of whoever rolled back is gone;
  the disk is full.

  Background:
    Given the service has worked with revision 40 and then with revision 41
    And revision 42 was deployed and answers with errors

  Scenario Outline: We are killed <moment>, and another engineer goes on
    When we roll back and are killed <moment>
    Then the journal says where it stands: <stands>
    When another engineer goes on from the journal
    Then in the end the service runs revision 41 on every task
    And the application answers only as version v41
    And nothing was deployed twice

    Examples:
      | moment                                         | stands              |
      | before ECS was asked                           | nothing was changed |
      | right after ECS was asked                      | in doubt            |
      | in the middle of a line, after ECS has answered | underway            |

  Scenario: We are killed right after ECS was asked, and another engineer takes it back
    When we roll back and are killed right after ECS was asked
    And another engineer takes it back from the journal
    Then in the end the service runs revision 42 on every task

  Scenario: The disk gets full before the first change
    Given the disk under the journal gets full before the first change
    When we try to roll back
    Then it is refused, since No space left on device
    And nothing has changed

  Scenario: Two engineers can't go on with the same journal
    Given we press Ctrl-C one minute into the rollback
    When we roll back
    And another engineer tries to go on from the journal that we still write
    Then it is refused, since Another process is writing the journal
    And in the end the service runs revision 41 on every task

  Scenario: We break off, and the team is told
    Given we press Ctrl-C one minute into the rollback
    And the team is told what the journal tells
    When we roll back
    Then the team was told once that it begins, and once that it was broken off
