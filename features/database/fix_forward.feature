@database
Feature: Fixing the database forward after a migration that failed or was wrong
  Use it when the schema lacks what the running version needs, and adding it is enough. A new migration on top
  brings the schema to what the running version needs. Where the database really is, its schema itself tells.
  The migration is drafted or brought along, only ever adds, and is tried on a copy with all rows first. Then it
  goes the way of every change: onto the branch, through the pipeline, and looked at.

  Symptoms: a database migration failed half way; the application says that a column or a table doesn't exist;
  alembic says that there are multiple heads, or can't locate a revision.

  Background:
    Given the service runs the newest commit of its branch

  Scenario: A version that was rolled back by hand finds its column again
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And somebody has rolled the service back to the revision before
    And the application answers with errors
    When we fix the database forward
    Then the database is fixed forward
    And we are warned that It brings back the column orders.note, and not what was in there
    And we are warned that the pipeline deploys that code together with the migration
    And the database has the column "note" again, and all its rows
    And the application answers only as the newest commit
    And a second look at the database confirms it
    And it can't be undone, but by another way out

  Scenario: Nothing is missing
    When we fix the database forward
    Then there is nothing to fix in the database
    And neither the branch nor the service has changed

  Scenario Outline: Nothing can be put on top of migrations that <trouble>
    Given a migration was pushed that <trouble>
    When we try to fix the database forward
    Then it is refused, since <why>
    And we are advised to put the files in order first
    And neither the branch nor the service has changed

    Examples:
      | trouble             | why               |
      | makes a second head | There are 2 heads |
      | leaves a gap        | there is a gap    |
      | makes a circle      | is a circle       |

  Scenario: A migration that stopped half way is found by the schema itself
    Given the pull request "Weigh the parcels" was merged with a database migration that stops half way, and deployed
    When we try to fix the database forward
    Then it is refused, since the migration 0003 is half applied
    And the refusal says that it has brought the column orders.weight
    And the commands for both ways out of a migration that is half applied are there

  Scenario: A migration that fails in the pipeline is not mended by one on top of it
    Given the pull request "Weigh the parcels" was merged with a database migration that fails, and deployed
    When we try to fix the database forward
    Then it is refused, since On a copy the migration 0003 fails, which
    And we are advised to revert the commit that brought it
    And the database is as it was

  Scenario: A version table that lies is found by the schema itself
    Given the pull request "Add the gift note" was merged with a database migration that adds a column, and deployed
    And somebody has the version table name 0002 by hand
    When we try to fix the database forward
    Then it is refused, since it says 0002, and the schema is that of 0003
    And the command that puts the version table right is there

  Scenario Outline: A migration of one's own that <does> is refused
    Given we have written a migration that <does>
    When we try to fix the database forward with it
    Then it is refused, since <why>
    And neither the branch nor the service has changed
    And the database is as it was

    Examples:
      | does                             | why                                |
      | drops another column             | a fix only ever adds               |
      | fails on the rows that there are | On a copy the migration 0003 fails |

  Scenario: Somebody pushes to the branch after the plan was made
    Given we have written a migration that brings another column
    And we have planned to fix the database forward with it
    And somebody has pushed the commit "Faster checkout"
    When we try to go on with the fix
    Then it is refused, since the branch has moved since the plan was made
    And the database is as it was

  Scenario: Somebody changes the database by hand while the pipeline is under way
    Given we have written a migration that brings another column
    And somebody adds that column to the database by hand while the pipeline is under way
    When we fix the database forward with it
    Then the fix has not been delivered
    And we are told "the database says that it is where it was, at 0002"
    And the application answers without errors
