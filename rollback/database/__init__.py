"""The database of the application: what its migrations do, and what a rollback across them would meet."""
