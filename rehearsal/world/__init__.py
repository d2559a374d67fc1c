"""What stands behind the AWS of the stage: the application and what its versions do."""
