@principle
Feature: Infrastructure and application change separately
  Use it when a pull request is about to change both, or one that did has to go back. The key principle of this
  runbook: what can be rolled back alone must be changed alone. A pull request that changes both can only be
  taken back as a whole.

  Symptoms: a pull request changes the infrastructure and the application; the revert would take back more than
  it should.

  Background:
    Given the service runs the newest commit of its branch

  Scenario: A change of both sides can't be reverted by mistake
    Given the pull request "Checkout on its own database" changed both sides, and was merged and deployed
    When we try to revert "Checkout on its own database"
    Then it is refused, since one revert takes back both or neither
    And we are advised to ask by name for both sides to be reverted together
    And neither the branch nor the service has changed

  Scenario: Both sides are taken back together where that is asked for by name
    Given the pull request "Checkout on its own database" changed both sides, and was merged and deployed
    When we revert both sides of "Checkout on its own database"
    Then the branch holds what it held before "Checkout on its own database"
    And the workflows of both sides have run for the revert
    And the application answers only as the revert

  Scenario: Changed separately, one goes back and the other stays
    Given the pull request "Move the database" was merged and applied
    And the pull request "Faster checkout" was merged and deployed, and answers with errors
    When we revert "Faster checkout"
    Then "Faster checkout" is gone from the branch, and "Move the database" is still there
    And only the application's workflow has run for the revert

  Scenario Outline: A pull request is checked before it is merged: <what>
    When a pull request changes <what>
    Then the check of the principle says that it <verdict>

    Examples:
      | what                                    | verdict                                      |
      | the application                         | keeps to the principle                       |
      | the infrastructure                      | keeps to the principle                       |
      | the application and its documentation   | keeps to the principle                       |
      | the infrastructure and its documentation | keeps to the principle                       |
      | the application and the infrastructure  | mixes infrastructure and application         |
      | a migration and the infrastructure      | mixes infrastructure and application         |
