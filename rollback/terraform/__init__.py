"""The rollback of the infrastructure by Terraform itself, where the pipeline can't be used."""

from rollback.terraform.program import Program, TerraformError, TerraformMissing, Version, find

__all__ = ["Program", "TerraformError", "TerraformMissing", "Version", "find"]
