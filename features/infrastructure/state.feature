@infrastructure
Feature: Restore Terraform's state
  Use it when the state is damaged, deleted or wrong, and nothing but an earlier version of it will do. The last
  resort, for a state that is damaged, deleted or wrong. An earlier version is chosen from the bucket's history
  and put in force again, under the lock, with a new serial. Resources are never touched by it; what the state
  then doesn't know is listed.

  Symptoms: state data in S3 does not have the expected content; terraform says that the state is locked, and
  nobody is working; terraform plan wants to create what is there already; terraform can't read the state, or
  finds none; terraform state push says that the serial is older or the lineage differs.

  Background:
    Given the service runs the newest commit of its branch
    And its infrastructure is what Terraform has applied

  Scenario Outline: The newest state <damage>, in <environment>
    Given the newest state <damage>
    When we restore the newest state that is whole
    Then the state has been restored
    And it has the lineage and the resources of the version that we chose, and a newer serial
    And a second look confirms that the restore is in force
    And Terraform finds nothing to destroy
    And nobody holds the lock of the state

    Examples:
      | environment | damage                          |
      | development | broke off in the middle         |
      | staging     | broke off in the middle         |
      | production  | broke off in the middle         |
      | production  | is empty                        |
      | production  | is a page of a proxy            |
      | production  | was deleted                     |

  @gameday
  Scenario: A state that is whole, and wrong
    Symptom: Terraform's next plan would build the database anew.

    Given somebody has removed the database from the state
    When we restore the state before the last
    Then the state has been restored
    And the database is in the state again
    And Terraform finds nothing to destroy

  Scenario: A state that is somebody else's
    Given the newest state is of another lineage
    When we try to restore the newest state that is ours
    Then it is refused, since it has another lineage
    And we are advised to ask by name for the other lineage
    When we restore the newest state that is ours, and mean it
    Then the state has been restored
    And it has the lineage and the resources of the version that we chose, and a newer serial
    And Terraform finds nothing to destroy

  Rule: The runbook's own commands, and where they end

    Scenario: An older state can't be pushed, since its serial is older
      When somebody fetches the state before the last, and types "terraform state push" for it
      Then Terraform refuses, since "cannot import state with serial"
      When we restore the state before the last
      Then the state has been restored

    Scenario Outline: On a damaged state, <command> fails
      Given somebody has initialised Terraform in a checkout of their own
      And the newest state broke off in the middle
      When somebody types "<command>"
      Then Terraform refuses, since "<why>"
      When we restore the newest state that is whole
      Then the state has been restored

      Examples:
        | command                     | why                                 |
        | terraform state pull        | Failed to refresh state             |
        | terraform state push        | Failed to refresh destination state |
        | terraform state push -force | Failed to refresh destination state |

  Rule: Choosing the version

    Scenario: The versions, as a table to choose from
      Given the newest state broke off in the middle
      Then the table shows each version of the state with its serial, its resources and its time, the newest first
      And the damaged one is marked
      And it shows which resources came and went
      And it shows nothing of the lock files beside the state
      And it shows no secret

    Scenario Outline: By <how>
      When we restore the state <which>
      Then the state has been restored
      And it is the version that was meant

      Examples:
        | how       | which                       |
        | version   | by its version id           |
        | serial    | by its serial               |
        | time      | of a moment                 |

    Scenario Outline: <what> is no choice
      When we try to restore <choice>
      Then it is refused, since <why>
      And the state is as it was, and nobody holds its lock

      Examples:
        | what                       | choice                       | why                            |
        | A version that isn't there | "NoSuchVersion"              | the state has no version       |
        | A serial that isn't there  | "serial 4711"                | no version has the serial 4711 |
        | A time before all versions | "before 2020-01-01 00:00"    | no version is older than       |
        | An option                  | "--exec=reboot"              | the state has no version       |

    Scenario Outline: A version that <flaw> is refused
      Given an older version of the state <flaw>
      When we try to restore that version
      Then it is refused, since <why>
      And we are advised to choose <instead>

      Examples:
        | flaw                               | why                        | instead                        |
        | is of another lineage              | another lineage            | a version of the same lineage  |
        | broke off in the middle            | can't be restored          | another version                |
        | is empty                           | can't be restored          | another version                |
        | has hardly any resources           | it has 1 resource          | another version                |

    Scenario: A version that was written by a newer Terraform
      Given an older version of the state was written by a newer Terraform
      When we try to restore that version
      Then it is refused, since it was written by Terraform
      And we are advised to use Terraform

    Scenario: Few resources, asked for by name
      Given an older version of the state has hardly any resources
      When we restore that version, and mean it
      Then the state has been restored
      And the resources that Terraform no longer knows are listed

    Scenario: It is in force already
      When we restore the newest state that is whole
      Then there was nothing to restore

  Rule: The lock

    Scenario: The pipeline is just applying
      Given the pipeline has held the lock of the state for 40 seconds
      When we try to restore the state before the last
      Then it is refused, since the state is locked
      And we are told who holds it, since when and what for
      And the lock is still theirs

    Scenario: Its holder has died, so we unlock it knowingly
      Given somebody's Terraform died with the lock of the state, five hours ago
      When we try to restore the state before the last
      Then it is refused, since the state is locked
      When we try to unlock the state without having looked
      Then it is refused, since unlocking ends nothing that is at work
      When we unlock the state by its id, knowingly
      And we restore the state before the last
      Then the state has been restored

    Scenario: Another lock's id unlocks nothing
      Given somebody's Terraform died with the lock of the state, five hours ago
      When we try to unlock the state by another id
      Then it is refused, since no lock of the state has the id
      And the lock is still theirs

    Scenario: Nobody gets in while we restore
      Given the newest state broke off in the middle
      And somebody applies in the middle of our restore
      When we restore the newest state that is whole
      Then they were refused, since the state was locked
      And the state has been restored

  Rule: With a lock table, its digest counts

    Scenario Outline: The newest state <damage>, and the lock table has its digest, in <environment>
      Given a table locks the state, too
      And the newest state <damage>
      When we restore the newest state that is whole
      Then the state has been restored
      And the table has the digest of what is stored
      And nobody holds the lock of the state
      And Terraform finds nothing to destroy

      Examples:
        | environment | damage                  |
        | staging     | broke off in the middle |
        | staging     | was deleted             |

    Scenario Outline: The digest is of another state, in <environment>
      Given a table locks the state, too
      And somebody has initialised Terraform in a checkout of their own
      And the digest in the table is of another state
      When somebody types "terraform plan"
      Then Terraform refuses, since "does not have the expected content"
      When we restore the newest state that is whole
      Then the state has been restored
      And the table has the digest of what is stored

      Examples:
        | environment |
        | staging     |

  Rule: What is left afterwards

    Scenario: The version is older than some resources
      When we restore the state of a week ago
      Then the state has been restored
      And we are warned that they exist in AWS
      And the resources that Terraform no longer knows are listed

    Scenario: The version is so old that it would cost the database
      Given once there was another database, as an older version of the state says
      When we restore that version
      Then the state has been restored
      And a second look warns that an apply would destroy the database
      When we undo the restore
      Then the state has been restored
      And Terraform finds nothing to destroy

    Scenario: We take the restore back
      Given the newest state broke off in the middle
      And we have restored the newest state that is whole
      When we undo the restore
      Then the state is what it was before the restore

    Scenario: Somebody writes between our plan and our restore
      Given we have planned to restore the state before the last
      And the pull request "Keep the logs for longer" was merged and applied
      When we try to go on with the restore
      Then it is refused, since somebody has written the state

    Scenario: We break off in the middle, and go on
      Given the newest state broke off in the middle
      And we press Ctrl-C in the middle of the restore
      When we restore the newest state that is whole
      Then the journal says which lock may be held
      When we go on with what was begun
      Then the state has been restored
      And nobody holds the lock of the state

    Scenario: The bucket keeps no versions
      Given versioning of the bucket was turned off
      When we try to restore the state before the last
      Then it is refused, since a restore would overwrite the state for good

    Scenario: The bucket is somebody else's
      Given the bucket of the state belongs to another account, and lets everybody in
      When we try to restore the state before the last
      Then it is refused, since the bucket isn't one of the account
      And we are advised to use a role of that account
      And the state is as it was, and nobody holds its lock
