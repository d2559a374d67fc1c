@database
Feature: Going back across a database migration
  Use it when a database migration lies between the version that runs and the one to go back to. An earlier
  version runs on the schema as the newest migration has left it. What lies between the two is read from git,
  and nothing of it is run. Where the old code would not find what it needs, or that can't be told, the rollback
  is refused, and there are two ways out: fix forward, or restore from a backup.

  Symptoms: the rollback is refused because of a database migration; the application says that a column or a
  table doesn't exist, after a rollback.

  Background:
    Given the service runs the newest commit of its branch

  Scenario Outline: Rolling back across a migration that <does> is refused, in <environment>
    Given the pull request "Tidy the orders" was merged with a database migration that <does>, and deployed
    When we try to roll back
    Then it is refused, since <why>
    And we are advised to fix forward with a new migration, or restore the database from a backup
    And the commands for both ways out are there
    And nothing has changed

    Examples:
      | environment | does                | why                                                        |
      | production  | drops a column      | the old code would meet a schema that it doesn't know      |
      | staging     | drops a column      | the old code would meet a schema that it doesn't know      |
      | development | drops a column      | the old code would meet a schema that it doesn't know      |
      | production  | narrows a column    | the old code would meet a schema that it doesn't know      |
      | production  | calls foreign code  | the old code would perhaps meet a schema                   |
      | production  | can't be read       | can't be read                                              |

  Scenario: The old code runs on a schema that only has more
    Given the pull request "Tidy the orders" was merged with a database migration that adds a column, and deployed
    When we roll back
    Then a second look confirms that it has landed
    And the application answers as the version before "Tidy the orders"

  Scenario: A revert takes the code back and leaves the file of a migration that only adds something
    Given the pull request "Add the gift note" was merged with a database migration that adds a column, and deployed
    When we revert "Add the gift note"
    Then the branch holds what it held before "Add the gift note", and the migration
    And the application answers only as the revert
    And the database still has what "adds a column" has brought

  Scenario: Rows stay as the migration has left them
    Given the pull request "Tidy the orders" was merged with a database migration that changes rows, and deployed
    When we roll back
    Then a second look confirms that it has landed
    And we are warned that going back doesn't take that back

  Scenario: The repository can't be reached in an emergency
    Given the pull request "Faster checkout" was merged and deployed, and answers with errors
    And the remote doesn't answer
    When we roll back
    Then a second look confirms that it has landed
    And we are warned that whether a database migration lies between

  Scenario: What the refusal spares: the old code asks for a column that is gone
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    Then the application answers without errors
    When somebody rolls the service back by hand to the revision before
    Then the application answers with errors

  Scenario: The wider schema bears the old code, also when somebody rolls back by hand
    Given the pull request "Tidy the orders" was merged with a database migration that adds a column, and deployed
    When somebody rolls the service back by hand to the revision before
    Then the application answers without errors

  Scenario: A migration that fails keeps the new version from being deployed
    When the pull request "Weigh the parcels" is merged with a database migration that fails
    Then the application answers as the version before "Weigh the parcels"
    And the database is as it was
