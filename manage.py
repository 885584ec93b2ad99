#!/usr/bin/env python
"""The command line's entry point."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
    from django.core.management import execute_from_command_line

    import marketplace.celery  # noqa: F401  (the doorbell must be wired before the first command)

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
