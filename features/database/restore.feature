@database
Feature: Restoring the database from a backup
  Use it when a migration has destroyed what nothing but a backup brings back. Where a migration has taken what
  the code needs and can't be fixed forward, the database is restored to just before it, as an instance of its
  own. What was written since is lost to the application, so the time and the number of rows have to be
  confirmed. Only when the restored instance is like the old one, and lacks no more than that, is the
  application led there. The old instance stays as it is, with all that was written to it.

  Symptoms: rows or columns are gone since a database migration; the database is damaged, and can't be fixed
  forward.

  Background:
    Given the service runs the newest commit of its branch
    And its database is kept in RDS, with backups

  Scenario: A destructive migration is taken back with the database
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And customers have ordered something every minute for twenty minutes, and go on
    When we restore the database to just before the migration, and confirm that 60 rows may be lost
    Then every task uses the restored database
    And it is as it was before the migration
    And the restored database has the groups and the protection of the old one
    And every order is still in the old database
    And the application answers without errors
    And we are warned that the next deployment would run it again
    And a second look confirms the restore, and warns that the next deployment would run it again
    And no password is in the journal
    When the migration of "Tidy the orders" is taken from the branch, and that is deployed
    Then a second look confirms the restore, and says that the branch and the database are both at 0002
    And it is as it was before the migration

  Scenario: What is lost has to be confirmed
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And customers have ordered something every minute for twenty minutes, and go on
    When we try to restore the database to just before the migration, and confirm nothing
    Then it is refused, since what was written since
    And we are advised to confirm that all writes since
    When we try to restore the database to just before the migration, and confirm only the last ten minutes
    Then it is refused, since what was written since
    And nothing of the database has changed

  Scenario: More is missing than was confirmed, until more is confirmed
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And customers have ordered something every minute for twenty minutes, and go on
    When we restore the database to just before the migration, and confirm the time alone
    Then it has ended as more lost than was confirmed
    And we are told "rows that"
    And we are advised to confirm that
    And the old database still serves
    When we restore the database to just before the migration, and confirm that 60 rows may be lost
    Then every task uses the restored database
    And it was restored once

  Scenario: From a snapshot
    Given the snapshot "before-tidying" of the database was taken
    And the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    When we restore the database from the snapshot "before-tidying", and confirm that 0 rows may be lost
    Then every task uses the restored database
    And it is as it was before the migration
    And every order is still in the old database
    When we try to restore the database from the snapshot "before-tidying"
    Then it is refused, since what was written since

  Scenario: The snapshot is still being created
    Given the snapshot "nightly" of the database is being taken
    When we try to restore the database from the snapshot "nightly"
    Then it is refused, since the snapshot nightly is still being created
    And we are advised to look again in
    And nothing of the database has changed

  Scenario: The restore fails half way
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And the backups have caught up
    And RDS can't come to an end with the next restore
    When we restore the database to just before the migration, and confirm that 0 rows may be lost
    Then it has ended as restore failed
    And we are told "RDS says that it is incompatible-restore"
    And we are advised to delete it
    And the old database still serves
    And the application answers without errors
    When we try to restore the database to just before the migration, and confirm nothing
    Then it is refused, since which doesn't end by itself

  Scenario: Somebody changes the restored database before it is used
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And the backups have caught up
    And somebody gives the restored database another security group in the meantime
    When we restore the database to just before the migration, and confirm that 0 rows may be lost
    Then it has ended as other settings
    And we are told "security groups"
    And the old database still serves

  Scenario: Killed in the middle, and gone on with
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And customers have ordered something every minute for twenty minutes, and go on
    And we press Ctrl-C as soon as the application is led elsewhere
    When we restore the database to just before the migration, and confirm that 60 rows may be lost
    Then we were broken off
    And a second look does not confirm the restore
    When we go on with the restore of the database
    Then every task uses the restored database
    And a second look confirms the restore, and warns that the next deployment would run it again

  Scenario: The application is led back to the old database
    Given the pull request "Tidy the orders" was merged with a database migration that drops a column, and deployed
    And customers have ordered something every minute for twenty minutes, and go on
    When we restore the database to just before the migration, and confirm that 60 rows may be lost
    And we undo the restore of the database
    Then every task uses the old database again
    And the restored database is still there
    And the application answers without errors

  Scenario: The code needs what the migration has brought
    Given the pull request "Add the gift note" was merged with a database migration that adds a column, and deployed
    And the backups have caught up
    When we restore the database to just before the migration, and confirm that 0 rows may be lost
    Then it has ended as not proven
    And we are advised to read its logs: code that needs the newer schema has to be rolled back
    When we undo the restore of the database
    Then every task uses the old database again
