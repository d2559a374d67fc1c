"""A real PostgreSQL for rehearsals that ask for one."""
