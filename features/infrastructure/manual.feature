@infrastructure
Feature: Roll the infrastructure back with Terraform itself
  Use it when a change of the infrastructure broke the application and the pipeline can't be used. The
  infrastructure of a commit that worked is planned, read, and applied from a place of its own, never from
  somebody's checkout. Exactly what was planned is applied, and git has to follow afterwards.

  Symptoms: the infrastructure has to go back, and GitHub is down; terraform apply destroys what it should not;
  terraform apply stopped half way; terraform says that the saved plan is stale; the next terraform apply would
  bring the bad revision back.

  Background:
    Given the service runs the newest commit of its branch
    And its infrastructure is what Terraform has applied

  Scenario Outline: The service is cut off and GitHub is down, in <environment>
    Given the pull request "Close the service's port" was merged and applied
    And the load balancer finds no task healthy
    And GitHub is down
    When we roll the infrastructure back to before "Close the service's port"
    Then the infrastructure has been rolled back
    And the load balancer finds every task healthy
    And the application answers without errors
    And a second look confirms that Terraform has nothing left to change
    And the rollback took at most its 15 minutes

    Examples:
      | environment |
      | development |
      | staging     |
      | production  |

  Scenario: Git has to follow, or the next apply takes the rollback back
    Given the pull request "Close the service's port" was merged and applied
    When we roll the infrastructure back to before "Close the service's port"
    Then a second look warns that the next apply brings "Close the service's port" back
    When we revert "Close the service's port"
    Then the application answers without errors
    And a second look finds that git has followed

  Scenario: The application can't reach its database, and must be restarted afterwards
    Given the pull request "Move the database" was merged and applied, and the tasks were started anew since
    And the application answers with errors
    When we roll the infrastructure back to before "Move the database"
    Then the infrastructure has been rolled back
    And the tasks were restarted after it was applied
    And the application answers without errors

  Scenario: What the plan says before anything is touched
    Given the pull request "Close the service's port" was merged and applied
    When we plan to roll the infrastructure back to before "Close the service's port"
    Then the plan says that it would replace the service's security group
    And neither the branch nor the service has changed
    And the state is as it was, and nobody holds its lock

  Scenario: The same by hand
    Given the pull request "Close the service's port" was merged and applied
    When we plan to roll the infrastructure back to before "Close the service's port"
    And somebody types the plan's commands of Terraform in a checkout of their own
    Then the load balancer finds every task healthy
    And a second look confirms that Terraform has nothing left to change

  Scenario: It was the wrong remedy, so we go back to the commit of before
    Given the pull request "Move the health check" was merged and applied
    And we have rolled the infrastructure back to before "Move the health check"
    When we undo the rollback of the infrastructure
    Then the infrastructure has been rolled back
    And the infrastructure is that of the branch again

  Scenario: There is nothing to do
    Given the pull request "Explain the network" changed a comment of the infrastructure, and was merged and applied
    When we roll the infrastructure back to before "Explain the network"
    Then there was nothing for Terraform to do

  Scenario Outline: Our own checkout is <state>, and stays so
    Given the pull request "Close the service's port" was merged and applied
    And we sit in a checkout that is <state>
    When we roll the infrastructure back to before "Close the service's port"
    Then the application answers without errors
    And our checkout is as it was
    And no plan and no state is left on our disk

    Examples:
      | state             |
      | dirty             |
      | amidst a conflict |

  Rule: What holds data is not destroyed by a rollback

    Scenario: The rollback would destroy a database
      Given the pull request "A database for the orders" was merged and applied
      When we try to roll the infrastructure back to before "A database for the orders"
      Then it is refused, since what it would destroy holds data
      And the database that would be lost is named
      And we are advised to allow each of these addresses by name
      And the state is as it was, and nobody holds its lock

    Scenario: The database may be lost, and is asked for by name
      Given the pull request "A database for the orders" was merged and applied
      When we roll the infrastructure back to before "A database for the orders", and allow the database to be lost
      Then we are warned that its data will be lost
      And the infrastructure has been rolled back
      And the database is no longer in the state

    Scenario: The protection goes with the change that brought it
      Given the pull request "Protect the record" was merged and applied
      When we plan to roll the infrastructure back to before "Protect the record"
      Then we are warned that from then on Terraform would destroy it when asked

    Scenario: Terraform itself protects what the change we leave had protected
      Given the pull request "Another name for the database" was merged, and its apply was refused
      When we roll the infrastructure back to before "Another name for the database"
      Then there was nothing for Terraform to do

  Rule: Nobody else works on it meanwhile

    Scenario: Somebody applies between our plan and our apply
      Given the pull request "Move the health check" was merged and applied
      And we have planned to roll the infrastructure back to before "Move the health check"
      And the pull request "Keep the logs for longer" was merged and applied
      When we try to go on with the rollback of the infrastructure
      Then it is refused, since the state has moved since the plan was made
      And we are advised to make a new plan

    Scenario: The state is restored between our plan and our apply
      Given the pull request "Move the health check" was merged and applied
      And we have planned to roll the infrastructure back to before "Move the health check"
      And somebody has restored the state of the day before
      When we try to go on with the rollback of the infrastructure
      Then it is refused, since the state has moved since the plan was made

    Scenario: A saved plan from before a restore is refused by Terraform itself
      Given the pull request "Move the health check" was merged and applied
      And somebody has saved a plan of Terraform
      And somebody has restored the state of the day before
      When somebody types "terraform apply" for the saved plan
      Then Terraform refuses, since "Saved plan is stale"

    Scenario: The pipeline is just applying
      Given the pull request "Move the health check" was merged and applied
      And the pipeline has held the lock of the state for 40 seconds
      When we try to roll the infrastructure back to before "Move the health check"
      Then it is refused, since the state is locked
      And we are told who holds it, since when and what for
      And the lock is still theirs

    Scenario: The lock is taken between our plan and our apply
      Given the pull request "Move the health check" was merged and applied
      And we have planned to roll the infrastructure back to before "Move the health check"
      And the pipeline has held the lock of the state for 40 seconds
      When we try to go on with the rollback of the infrastructure
      Then it is refused, since the state is locked
      And the lock is still theirs

  Rule: What can't work is known before

    Scenario Outline: <what>
      Given the pull request "Move the health check" was merged and applied
      And <trouble>
      When we try to roll the infrastructure back to before "Move the health check"
      Then it is refused, since <why>
      And we are advised to <advice>

      Examples:
        | what                                | trouble                                                                   | why                                      | advice                                           |
        | There is no Terraform               | no Terraform is installed here                                            | there is no Terraform here               | install one                                      |
        | Terraform is older than the state   | the state was written by a newer Terraform                                | newer than the                           | use Terraform 99.0.0                             |
        | The state is damaged                | the state broke off in the middle                                         | can't be used: it breaks off             | restore the state first                          |
        | The state is gone                   | the state was deleted                                                     | there is no state at                     | restore the state first                          |
        | The bucket is gone                  | the bucket of the state was deleted                                       | there is no bucket                       | compare state_bucket                             |
        | The bucket doesn't let us in        | AWS doesn't let us read the state                                         | can't be read                            | use a role of that account                       |
        | The bucket is somebody else's       | the bucket of the state belongs to another account, and lets everybody in | isn't one of the account                 | use a role of that account                       |
        | We are signed in to another account | our credentials are of another account                                    | these credentials are of another account | use credentials of the environment's own account |

    Scenario: The commit is not of this branch
      When we try to roll the infrastructure back to a commit that is only on another branch
      Then it is refused, since it was never applied
      And we are advised to choose a commit of that branch

    Scenario: The state belongs to another workspace
      Given the pull request "Move the state" was merged, and its apply was refused
      When we try to roll the infrastructure back to the newest commit
      Then it is refused, since the state has moved since

  Rule: After a failure everything is known

    Scenario: AWS refuses half way
      Given the pull request "Move the database" was merged and applied
      And the secret that the apply writes was deleted
      When we roll the infrastructure back to before "Move the database"
      Then the rollback of the infrastructure has failed half way
      And we are told which resource failed
      And nobody holds the lock of the state

    Scenario: Terraform is killed in the middle of its apply
      Given the pull request "Close the service's port" was merged and applied
      And our Terraform is killed before it can store the state
      When we roll the infrastructure back to before "Close the service's port"
      Then the journal says that part of it may be applied, and that a lock may be left
      When we try to roll the infrastructure back to before "Close the service's port"
      Then it is refused, since the state is locked
      And we are told the id of the lock that our Terraform has left
      When we unlock the state by its id, knowingly
      And we roll the infrastructure back to before "Close the service's port"
      Then the infrastructure has been rolled back
      And the load balancer finds every task healthy
      And nobody holds the lock of the state

  Rule: After an emergency rollback of the service, Terraform must not bring the bad revision back

    Scenario: The infrastructure names the bad revision
      Given the pull request "Pin the revision" names the revision that runs, and was merged and applied
      And somebody has rolled the service back to the revision before
      Then we are told that the next apply would bring the revision back that was rolled back
      When the pull request "Keep the logs for longer" is merged and applied
      Then the next apply still names the revision that was rolled back

    Scenario: The infrastructure leaves the revision to the deployments
      Given somebody has rolled the service back to the revision before
      Then we are told that the next apply leaves the revision alone
