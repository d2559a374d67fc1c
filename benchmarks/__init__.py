"""What a rehearsal costs and how soon a rollback knows, against what a person would use instead."""
