@application
Feature: When the pipeline doesn't deliver the revert
  Use it when the revert is on the branch, and the service doesn't run it. A push is not a deployment. The run
  for exactly our commit must appear, come to its end and succeed, the rollout must land, and the application
  must say so itself. Everything else is an end of its own.

  Symptoms: the revert is pushed, and the application still answers with errors; no workflow run appears for the
  revert; the workflow run of the revert fails, or waits for an approval; GitHub answers with errors, or not at
  all.

  Background:
    Given the service runs the newest commit of its branch
    And the pull request "Faster checkout" was merged and deployed, and answers with errors

  Scenario: No workflow run is started
    Given our pushes are made with a workflow's own token
    When we revert "Faster checkout"
    Then the revert has started no workflow run
    And we have waited for 3 minutes
    And we are told "GITHUB_TOKEN"
    And the application answers with errors

  Scenario: The workflow was disabled
    Given the deployment workflow was disabled
    When we try to revert "Faster checkout"
    Then it is refused, since the workflow is disabled
    And we are advised to enable it first
    And neither the branch nor the service has changed

  Scenario: A newer push takes our place in the queue
    Given a deployment of the commit "Show the discount" is in progress
    And somebody pushes the commit "Bigger buttons" half a minute into the revert
    When we revert "Faster checkout"
    Then the revert has been cancelled before it was deployed
    And in the end the application answers without errors

  Scenario: A job of the revert fails
    Given the commit "Test the faster checkout" was pushed since, with a test that needs "Faster checkout"
    When we revert "Faster checkout"
    Then the revert has failed in its workflow run
    And we are told which job and step failed, with the last lines of its log
    And the application answers with errors

  Scenario: The run waits for an approval, and gets it
    Given deployments must be approved
    And a reviewer approves ours two minutes after it asks
    When we revert "Faster checkout"
    Then the application answers only as the revert
    And the revert kept to its 5 to 10 minutes

  Scenario: The run waits for an approval that nobody gives
    Given deployments must be approved
    When we revert "Faster checkout"
    Then the revert has been left waiting for an approval
    And we have waited for 20 minutes
    And the application answers with errors

  Scenario Outline: Every now and then GitHub <trouble>
    Given every now and then GitHub <trouble>
    When we revert "Faster checkout"
    Then the application answers only as the revert
    And the revert kept to its 5 to 10 minutes

    Examples:
      | trouble                        |
      | answers with 502               |
      | cuts the connection            |
      | asks us to come back later     |

  Scenario Outline: GitHub <trouble> before anything was pushed
    Given GitHub <trouble>
    When we try to revert "Faster checkout"
    Then it is refused, since <why>
    And we are advised to <advice>
    And neither the branch nor the service has changed

    Examples:
      | trouble                        | why                                   | advice                               |
      | doesn't accept our token       | GitHub does not accept the token      | set the variable to a valid one      |
      | forbids what we ask            | GitHub refuses                        | give the token                       |
      | finds nothing there            | GitHub shows no                       | look at the name                     |
      | has had enough of us           | rate limit                            | try again then                       |
      | is down                        | GitHub fails                          | look at www.githubstatus.com         |
      | answers with a page for people | is not what GitHub's API gives        | look at what stands in between       |

  Scenario Outline: The remote <trouble>
    Given the remote <trouble>
    When we try to revert "Faster checkout"
    Then it is refused, since <why>
    And we are advised to <advice>
    And neither the branch nor the service has changed

    Examples:
      | trouble                   | why              | advice            |
      | doesn't answer            | can't be reached | check the network |
      | breaks off while we fetch | can't be reached | check the network |
      | doesn't know us           | doesn't let      | check             |

  Scenario: Our token is revoked while we wait
    Given our token is revoked two minutes into the revert
    When we revert "Faster checkout"
    Then the revert has been lost sight of
    And we are told "GitHub does not accept the token"
    And in the end the application answers without errors

  Scenario: We break off while we wait, and look again later
    Given we press Ctrl-C two minutes into the revert
    When we revert "Faster checkout"
    Then the journal says that we broke off, and how to look for the run
    When we follow the revert once more
    Then the application answers only as the revert
    When we undo the revert
    Then the branch holds what it held with "Faster checkout"

  Scenario: The circuit breaker reverses the revert's own deployment
    Given the commit "New base image [skip ci]" was pushed without being deployed, and crashes at start
    When we revert "Faster checkout"
    Then the revert has been deployed, and reversed by ECS itself
    And we are told "Essential container in task exited"
    And in the end the application answers with errors

  Scenario: Another operator deploys in between
    Given another operator deploys the version before "Faster checkout" as soon as ours is being rolled out
    When we revert "Faster checkout"
    Then the revert has been superseded by another deployment
    And in the end the application answers as the version before "Faster checkout"

  Scenario: A later deployment takes the revert back
    Given we have reverted "Faster checkout"
    When somebody deploys "Faster checkout" by hand
    Then a second look says that the service runs a commit that doesn't hold the revert

  Scenario: Somebody takes the revert back on the branch
    Given we have reverted "Faster checkout"
    When somebody reverts our revert
    Then a second look says that the revert was reverted on the branch
