"""``python -m rollback`` is ``rollback``."""

from rollback.cli import main

if __name__ == "__main__":
    main()
