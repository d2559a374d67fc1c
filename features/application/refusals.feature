@application
Feature: When a revert is refused, or goes another way
  Use it when the revert is refused, or a plain one would not do. Everything that can stand against a revert is
  found before anything is pushed: it is tried apart from everybody's checkout, and GitHub and ECS are asked. A
  refusal says what was seen and what to do instead.

  Symptoms: the revert is refused; the revert meets conflicts; the push is rejected, since the branch is
  protected; a branch that was reverted is merged again, and its files are missing.

  Background:
    Given the service runs the newest commit of its branch
    And the pull request "Faster checkout" was merged and deployed, and answers with errors

  Scenario: It has been reverted already
    Given we have reverted "Faster checkout"
    When we revert "Faster checkout"
    Then there was nothing to do
    And we are told "has already been reverted"

  Scenario: Later commits have changed the same lines
    Given the commit "Faster still" was pushed since, and changes the same lines
    When we try to revert "Faster checkout"
    Then it is refused, since later commits have changed the same lines
    And the files that stand in the way are named
    And we are advised to revert the later commits too
    And neither the branch nor the service has changed

  Scenario: Later commits have changed the same files elsewhere
    Given the commit "Faster still" was pushed since, and changes the same file elsewhere
    When we revert "Faster checkout"
    Then we are warned that a later commit touches the same files
    And "Faster checkout" is gone from the branch, and "Faster still" is still there

  Scenario: It holds a database migration that drops what the old code needs
    Given the pull request "Drop the notes" was merged with a database migration that drops a column, and deployed
    When we try to revert "Drop the notes"
    Then it is refused, since the old code would meet a schema that it doesn't know
    And we are advised to fix forward with a new migration, or restore the database from a backup
    And the commands for both ways out are there
    And neither the branch nor the service has changed

  Scenario: The branch is protected
    Given the branch takes changes by pull request only
    When we revert "Faster checkout"
    Then the revert has been proposed as a pull request
    And the pull request says why, and what was found
    And neither the branch nor the service has changed
    When a reviewer merges it within five minutes, while we wait
    Then the branch holds what it held before "Faster checkout"
    And the application answers only as the newest commit

  Scenario: The proposal is turned down
    Given the branch takes changes by pull request only
    And we have reverted "Faster checkout"
    When a reviewer closes it within five minutes, while we wait
    Then it is refused, since the pull request was closed without being merged

  Scenario: The branch is protected in a way that we may not see
    Given the branch takes changes by pull request only, which only administrators may see
    When we try to revert "Faster checkout"
    Then it is refused, since "Changes must be made through a pull request"
    And we are advised to go through a pull request
    And neither the branch nor the service has changed
    When we propose the revert of "Faster checkout" instead
    Then the revert has been proposed as a pull request

  Scenario: A rule that nobody could see refuses the push
    Given the organisation refuses every push, with "Change freeze until Monday"
    When we try to revert "Faster checkout"
    Then it is refused, since "Change freeze until Monday"
    And neither the branch nor the service has changed

  Scenario: Somebody pushes between our plan and our push
    Given we have planned to revert "Faster checkout"
    And somebody has pushed the commit "Show the discount"
    When we go on with the revert
    Then "Faster checkout" is gone from the branch, and "Show the discount" is still there
    And the application answers only as the revert

  Scenario: What somebody pushes in between makes the revert another one
    Given we have planned to revert "Faster checkout"
    And somebody has pushed the commit "Faster still", which changes the same lines
    When we try to go on with the revert
    Then it is refused, since the branch has moved since the plan was made
    And we are advised to make a new plan

  Scenario: Somebody reverts it between our plan and our push
    Given we have planned to revert "Faster checkout"
    And somebody else has reverted "Faster checkout"
    When we go on with the revert
    Then there was nothing to do

  Scenario: Git doesn't know who we are
    Given git doesn't know who we are
    When we try to revert "Faster checkout"
    Then it is refused, since git doesn't know who you are
    And we are advised to set your name and address
    And neither the branch nor the service has changed

  Scenario: Merging a reverted branch again silently leaves its files out
    Given we have reverted "Faster checkout"
    When the branch of "Faster checkout" is merged once more, with a mend
    Then "Faster checkout" is gone from the branch
    When we try to revert the revert of "Faster checkout"
    Then we are warned that reverting it brings that change back
    And "Faster checkout" is on the branch again

  Scenario: The pull request is still open
    Given the pull request "Show the discount" is open
    When we try to revert "Show the discount"
    Then it is refused, since the pull request is still open
    And neither the branch nor the service has changed

  Scenario: The pull request was merged into another branch
    Given the pull request "Show the discount" was merged into a branch that isn't deployed here
    When we try to revert "Show the discount"
    Then it is refused, since the branch doesn't hold it
    And neither the branch nor the service has changed

  Scenario Outline: What we name is <what>
    When we try to revert <named>
    Then it is refused, since <why>
    And neither the branch nor the service has changed

    Examples:
      | what                               | named                                            | why                                     |
      | no commit that anybody has         | the commit deadbeefdeadbeef                      | holds a commit                          |
      | too short to be only one commit    | a commit by too few digits                       | fits 2 commits                          |
      | a tag                              | the newest tag                                   | names no commit that can be reverted    |
      | a branch                           | the branch itself                                | names no commit that can be reverted    |
      | an option                          | "--exec=reboot"                                  | names no commit that can be reverted    |
      | a pull request of another project  | a pull request of somebody else's repository     | this environment is deployed from       |
      | a pull request that doesn't exist  | pull request 4711                                | GitHub shows no pull request 4711       |
      | a commit of a branch not deployed  | a commit that is only on another branch          | is not on the branch                    |
