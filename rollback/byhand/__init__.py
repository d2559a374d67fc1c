"""An API call as the line that a person would type: what was done, written so that it can be done by hand."""

from __future__ import annotations

from rollback.byhand.aws_cli import UnknownCall, aws_argv, aws_line

__all__ = ["UnknownCall", "aws_argv", "aws_line"]
