"""The Terraform state of an environment: its versions, its locks, and putting an earlier one back."""
