@readiness
Feature: Could we roll back right now?
  Use it when nothing is wrong, and each time before something may be. Every way back is planned, and none is
  begun: what would stop one tonight is found this morning. Nothing is changed by looking, on a stage and on the
  real environment; each thing that is missing comes with what to do about it.

  Symptoms: nobody knows whether a rollback would work tonight; AWS says that access is denied.

  @live
  Scenario: Everything that a rollback needs is there
    Given an environment that has what a rollback needs
    When we look whether it could be rolled back right now
    Then it could be
    And nothing has been changed by looking

  Scenario Outline: Something that a rollback needs is missing: <what has happened>
    Given an environment that has what a rollback needs
    And meanwhile <what has happened>
    When we look whether it could be rolled back right now
    Then it could not be, since of "<thing>" it is told that <sentence>
    And there is something to do about "<thing>"
    And nothing has been changed by looking

    Examples:
      | what has happened                         | thing                                    | sentence                      |
      | the earlier revisions were deregistered   | A revision that worked, and all it needs | is INACTIVE                   |
      | the image of the earlier revision is gone | A revision that worked, and all it needs | is gone from ECR              |
      | we may no longer look at images           | A revision that worked, and all it needs | DescribeImages                |
      | a deployed migration has dropped a column | No migration in the way                  | a schema that it doesn't know |
      | the deployment workflow was turned off    | A way to the branch                      | disabled                      |
      | the state is locked                       | Terraform's state could be restored      | lock                          |
      | the newest state broke off in the middle  | Terraform's state could be restored      | can't be read                 |
      | the certificate is about to end           | The certificate stays valid              | days are left                 |
      | the backups were turned off               | A recent backup of the database          | no automated backups          |
      | the newest backup is two days old         | A recent backup of the database          | That is more than             |
      | the webhook was mistyped                  | The team would be told                   | address                       |

  Scenario Outline: Something is good to know before: <what has happened>
    Given an environment that has what a rollback needs
    And meanwhile <what has happened>
    When we look whether it could be rolled back right now
    Then it could be, and of "<thing>" it is told that <sentence>
    And nothing has been changed by looking

    Examples:
      | what has happened                              | thing                                     | sentence             |
      | the branch was protected                       | A way to the branch                       | takes no direct push |
      | there is no webhook any more                   | The team would be told                    | would not be told    |
      | nobody can say what we are permitted to change | Permission to change what must be changed | isn't known          |

  Scenario: With credentials of another account nothing else is looked at
    Given an environment that has what a rollback needs
    And meanwhile our credentials are of another account
    When we look whether it could be rolled back right now
    Then nobody can say, since "These credentials are of the account 123456789012"
    And nothing has been changed by looking
