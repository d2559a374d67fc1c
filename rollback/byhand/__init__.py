"""What was done, written as a person would type it: an API call, and a program that was run."""

from __future__ import annotations

from rollback.byhand.aws_cli import UnknownCall, aws_argv, aws_command, aws_line
from rollback.byhand.programs import command_line

__all__ = ["UnknownCall", "aws_argv", "aws_command", "aws_line", "command_line"]
