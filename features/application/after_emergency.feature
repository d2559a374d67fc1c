@application
Feature: After an emergency rollback, git must follow
  Use it when an emergency rollback has landed, before anybody deploys again. An emergency rollback puts an
  earlier revision back on the service and leaves the bad change on the branch. The next deployment, whosever it
  is, brings it back. So the revert still has to be made.

  Symptoms: the bad version is back after the next deployment; git and the service disagree on what is deployed.

  Background:
    Given the service runs the newest commit of its branch
    And the pull request "Faster checkout" was merged and deployed, and answers with errors
    And somebody has rolled the service back to the revision before

  Scenario: Without the revert, the next deployment brings the bad version back
    Given the application answers as the version before "Faster checkout"
    When the pull request "Show the discount" is merged and deployed
    Then the application answers with errors

  Scenario: With the revert, the next deployment brings only itself
    When we revert "Faster checkout"
    And the pull request "Show the discount" is merged and deployed
    Then the application answers without errors
    And "Faster checkout" is gone from the branch, and "Show the discount" is still there

  Scenario: Git and the service are known to disagree until then
    Then we are told beforehand that the next deployment would change more than its own commit
    When we revert "Faster checkout"
    Then git and the service agree
